//! What a contact agreed to, and whether a text may go to them now. Only this slice can make a [`SendPermit`].

mod permit;
mod rules;
mod service;
mod store;

pub use permit::{PermitRequest, Purpose, Refusal, SendPermit, permit};
pub use rules::{Keyword, carrier_keyword, keyword};
pub use service::{ConsentSource, Evidence, carrier_opted_out, note_implied_consent, opt_in, opt_out};
