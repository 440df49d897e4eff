//! What every slice stands on: configuration, database, jobs, clock, ids, problems, HTTP conduct. Knows no slice.

pub mod clock;
pub mod config;
pub mod crypto;
pub mod db;
pub mod embedded;
pub mod events;
pub mod http;
pub mod ids;
pub mod jobs;
pub mod phone;
pub mod problem;
pub mod telemetry;
