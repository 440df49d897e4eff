//! When a text may arrive: hours of law and of the house on the recipient's wall clock. Pure; an organization's [`Policy`] is read by
//! `store::quiet_hours::for_organization`.
//!
//! [`packs`] reads the rules (dated data with their sources), [`window`] turns hours into stretches of time across daylight saving,
//! [`decide`] intersects them over every place a number may be in, [`sentence`] says it to people. Which text is bound by what:
//!
//! - marketing: by every rule;
//! - transactional (reminders) and conversations that we begin: by the federal hours and the house's own;
//! - an answer to somebody who has just texted: by none. The laws are about solicitation, and they are awake.

mod decide;
mod holidays;
mod model;
mod packs;
mod policy;
mod sentence;
#[cfg(test)]
mod table_tests;
mod window;

pub use decide::{Decision, Outcome, Question, caps, decide};
pub use model::{Cap, HouseHours, Window, check_windows};
pub use packs::{HolidayList, PACK, Rule};
pub use policy::{InForce, Policy, is_rule};
pub use sentence::{in_words, sentence};
