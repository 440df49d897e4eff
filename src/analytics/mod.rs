//! Figures over the other slices, read only.

mod api;
mod store;

pub use api::router;
