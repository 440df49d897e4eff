//! What the staff write to one another, and to the assistant. Who is not one of the two ends of a message does not see it.

mod api;
mod model;
mod service;
mod store;

pub use api::router;
pub use model::Question;
pub use service::{answer, question};
pub use store::{personal::redact, unread};
