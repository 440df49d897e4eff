//! All SQL on the calendar, a file for each part of it.

pub(super) mod bookings;
pub(super) mod calendar;
pub(super) mod catalog;
pub(super) mod personal;
pub(super) mod slots;
