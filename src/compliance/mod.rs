//! What a contact agreed to, and whether a text may go to them now. Only this slice can make a [`SendPermit`].

mod api;
mod deadline;
pub mod guard;
mod hearing;
mod imported;
mod imports;
mod jobs;
mod ledger;
mod model;
mod permit;
mod places;
mod quiet_hours;
mod receipt;
mod rules;
mod service;
mod store;

pub use api::router;
pub use hearing::{TextIn, hear, is_opt_out, revoked_on_arrival};
pub use imported::consent_book;
pub use jobs::{CloseOverdueReview, HeedErasedOptOut, close_overdue_review, heed_erased_opt_out};
pub use model::{CAPS_LOOK_BACK, ConsentChannel, ConsentPurpose};
pub use permit::{
    Decided, PermitRequest, Purpose, Refusal, SendPermit, Verdict, may_begin, permit, permit_all, refused,
};
pub use places::{PlaceSource, Places, of_contact as places_of_contact, same_clock};
pub use receipt::{Outcome, Receipt};
pub use rules::{Keyword, carrier_keyword, keyword};
pub use service::{
    ConsentSource, DoubtfulText, ErasedConsent, Evidence, bad_number, carrier_blocks, carrier_opted_out, erase,
    open_review, open_reviews, opt_in, opt_out, opt_out_of, would_be_texted_again,
};
pub use store::{
    numbers::seal_plain_number_keys,
    personal::{LEDGER, PERSONAL},
};
