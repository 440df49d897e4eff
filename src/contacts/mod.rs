//! People with an address. Knows nothing of what they wrote or booked.

mod api;
mod model;
mod rules;
mod store;

pub use api::router;
pub use model::{Attributes, Contact, ContactLanguage, ContactName, LifecycleStage, OptInStatus};
pub use store::{
    Seen, find, get,
    known::{CustomName, Lacking, custom_names, lacking},
    lock, lock_any, note_profile_name,
    personal::{PERSONAL, Traits, erase, lock_to_erase},
    see, set_language, set_opt_in_status, set_under_review,
};
