//! The rights of people over what is kept of them: taking it with them, having it erased, and how long it is kept at all. Each slice says
//! in its store what it keeps and how that is erased; here it is put together, and `tables.rs` accounts for every table.

mod api;
mod archive;
mod erasure;
mod evidence;
mod export;
mod jobs;
mod merging;
mod retention;
mod store;
mod tables;
mod traces;

pub use api::router;
pub use jobs::{SweepOldRows, sweep_old_rows};
pub use retention::{order_due_sweeps, order_sweeps};
pub use tables::{Holds, TABLES};
