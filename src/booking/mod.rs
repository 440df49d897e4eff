//! What can be booked and who has it. One engine for appointments and activities; every change happens under row locks, with the
//! database's constraints beneath. Knows nothing of conversations.

mod api;
mod model;
mod rules;
mod search;
mod service;
mod store;

pub use api::router;
pub use model::{Appointment, BookingStatus, OpenSlot, Provider, Service};
pub use rules::WeeklyHours;
pub use search::{SlotSearch, TimeWindow};
pub use service::{
    Actor, BookingError, NewProvider, NewService, book, cancel, ensure_provider, ensure_service, ensure_slots,
    reschedule,
};
pub use store::{appointment, open_slot, open_slots, providers, services, upcoming};
