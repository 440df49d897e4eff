//! Figures over the other slices, read only. What is counted over time is counted by triggers when it happens.

mod api;
mod figures;
mod keeping;
mod span;
mod store;

pub use api::router;
pub use keeping::{fold, keep_folded, recount};
