//! The dialogue machine. Pure: `decide` turns a state and what was understood into an action, `respond` turns the action's outcome
//! into the next state and a reply. What happens between them is `assistant/service.rs`, with the booking engine.

mod cues;
mod decide;
mod replies;
mod state;
mod wanted;

pub use cues::{Cues, named};
pub use decide::{Action, Facts, Goal, decide};
pub use replies::{LONGEST, Outcome, Reply, ReplyKind, Voice, respond};
pub use state::{BookingRef, Need, Offer, State};
pub use wanted::{Wanted, choose_offers, instants};

#[cfg(test)]
mod tests;
