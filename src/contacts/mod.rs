//! People with an address. Knows nothing of what they wrote or booked.

mod api;
mod model;
mod store;

pub use api::router;
pub use model::{Contact, ContactName, OptInStatus};
pub use store::{Seen, get, lock, see, set_language, set_opt_in_status, set_under_review};
