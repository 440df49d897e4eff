//! People with an address. Knows nothing of what they wrote or booked.

mod api;
mod duplicates;
mod import;
mod jobs;
mod merging;
mod model;
mod rules;
mod segments;
mod store;

pub use api::router;
pub use import::{
    Book, BroughtBy, ConsentBook, Given, ImportChannel, ImportConsent, ImportMethod, ImportPurpose, ImportTier, TakenIn,
};
pub use jobs::{
    RunContactImport, SweepContactImport, UndoContactImport, run_contact_import, run_contact_import_died,
    sweep_contact_import, undo_contact_import,
};
pub use merging::{lock_both, merge};
pub use model::{Attributes, Contact, ContactLanguage, ContactName, LifecycleStage, OptInStatus};
pub use segments::{Counted, Filter, FilterOp, Segment};
pub use store::{
    Seen, closed_to_consent,
    duplicates::{lock_person, merged_into, numbers_of},
    find, get, get_all,
    known::{CustomName, Lacking, custom_names, lacking},
    lock, lock_any, note_profile_name,
    personal::{PERSONAL, Traits, erase, lock_to_erase},
    see,
    segments::{count, estimate, segment, select},
    set_language, set_opt_in_status, set_opt_in_statuses, set_under_review,
};
