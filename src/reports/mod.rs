//! Reports: matters that staff, a program or a contact raised, and staff settle. Knows nothing of how a contact words one.

mod api;
mod model;
mod rules;
mod service;
mod store;

pub use api::router;
pub use model::{ContactReport, LONGEST_BODY, NewContactReport, News, Priority, ReportStatus};
pub use service::{news, note_telling, of_contact, open_for_contact};
pub use store::{
    open_urgent,
    personal::{PERSONAL, erase, hand_over, redact},
};
