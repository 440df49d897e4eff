//! What every slice stands on: configuration, database, jobs, clock, ids, problems, HTTP conduct. Knows no slice.

pub mod cells;
pub mod clock;
pub mod config;
pub mod crypto;
pub mod db;
pub mod embedded;
pub mod events;
pub mod http;
pub mod idempotency;
pub mod ids;
pub mod jobs;
pub mod limits;
pub mod listen;
pub mod listing;
pub mod live;
pub mod personal;
pub mod phone;
pub mod problem;
mod problem_code;
pub mod sealed;
pub mod simulation;
pub mod telemetry;
pub mod wording;
