//! Puts the slices together: state, routes, the tables of jobs and subscriptions, the command line, the embedded dashboard.

mod aliases;
mod bootstrap;
pub mod cli;
mod description;
mod health;
mod jobs;
mod jobs_api;
mod live;
mod routes;
mod sealed;
mod seed;
mod serve;
mod spa;
mod subscriptions;

pub use bootstrap::bootstrap;
pub use description::open_api;
pub use jobs::registry;
pub use routes::router;
pub use sealed::{SEALED, rotate_keys};
pub use seed::seed_demo;
pub use subscriptions::route;
