//! What a contact agreed to, and whether a text may go to them now. Only this slice can make a [`SendPermit`].

mod api;
mod deadline;
pub mod guard;
mod jobs;
mod ledger;
mod model;
mod permit;
mod rules;
mod service;
mod store;

pub use api::router;
pub use jobs::{CloseOverdueReview, HeedErasedOptOut, close_overdue_review, heed_erased_opt_out};
pub use model::ConsentChannel;
pub use permit::{PermitRequest, Purpose, Refusal, SendPermit, may_begin, permit};
pub use rules::{Keyword, carrier_keyword, keyword};
pub use service::{
    ConsentSource, DoubtfulText, ErasedConsent, Evidence, carrier_opted_out, erase, note_implied_consent, open_review,
    open_reviews, opt_in, opt_out,
};
pub use store::{numbers::seal_plain_number_keys, personal::PERSONAL};
