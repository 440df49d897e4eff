//! The dialogue machine. Pure: `decide` turns a state and what was understood into an action, `respond` turns the action's outcome
//! into the next state and a reply. What happens between them is `assistant/service.rs`, with the booking engine.

mod action;
mod appointments;
mod cue_words;
mod cues;
mod decide;
mod people;
mod replies;
mod reporting;
mod search;
mod second;
mod state;
mod voice;
mod wanted;
mod wording;

pub use action::{Action, Facts, Goal};
pub use cues::{Cues, Key, own_words};
pub use decide::{decide, follow_up};
pub use people::People;
pub use replies::{LONGEST, Outcome, Reply, ReplyKind, respond};
pub use reporting::report_news;
pub use second::Second;
pub use state::{BookingRef, Need, Offer, State};
pub use voice::Voice;
pub use wanted::{Wanted, choose_offers, instants, nearest};

#[cfg(test)]
mod tests;
