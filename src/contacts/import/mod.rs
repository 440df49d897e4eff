//! Contacts from files of any length: taken in by pieces, shown before anything is done, worked on by a job that can be killed at any
//! moment, and undone.
//!
//! A file is kept in the database as it came (UTF-16 as UTF-8) while it is worked on. A batch of rows, what it comes to and the place where
//! the next begins commit together: whatever happens, no row is taken in twice and none is left out.

mod consent;
pub(super) mod judge;
mod mapping;
pub(super) mod model;
mod reader;
pub(super) mod receive;
pub(super) mod rows;
mod run;
mod sniff;
mod undo;
pub(super) mod use_cases;

pub use consent::{
    Book, BroughtBy, ConsentBook, Given, ImportChannel, ImportConsent, ImportMethod, ImportPurpose, ImportTier, TakenIn,
};
pub(super) use run::{Ended, left_out, step};
pub(super) use undo::undo_step;
