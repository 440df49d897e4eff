//! Segments: saved filters over contacts, in a small closed language.

mod draft;
mod filter;
mod model;
mod parse;
#[cfg(test)]
mod parse_tests;

pub(super) use draft::{Fields, NewSegment, SegmentChange};
pub use filter::{Filter, FilterOp};
pub use model::{Counted, Segment};
pub(super) use parse::{Activity, Condition, Moment, Node, TextField, parse};
