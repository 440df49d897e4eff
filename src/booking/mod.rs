//! What can be booked and who has it. One engine for appointments and activities; every change happens under row locks, with the
//! database's constraints beneath. Knows nothing of conversations.

mod api;
mod availability;
mod jobs;
mod model;
mod rules;
mod search;
mod service;
mod store;

pub use api::router;
pub use availability::{FirstHours, NewProvider, NewService, ensure_provider, ensure_service, open_hours};
pub use jobs::{ExpireHold, KeepSlotsAhead, enqueue_due_slots, expire_hold, keep_slots_ahead};
pub use model::{Appointment, BookingStatus, OpenSlot, Provider, Service, ServiceKind};
pub use rules::{ClockTime, Weekday};
pub use search::{SlotSearch, TimeWindow};
pub use service::{Actor, BookingError, ErasedBookings, book, cancel, erase, hand_over, reschedule};
pub use store::{
    bookings::{appointment, upcoming},
    catalog::{providers, services},
    personal::PERSONAL,
    slots::{open_slot, open_slots},
};
