//! Frontdesk: a text-message front desk. The rooms, and which may know which, are in docs/ARCHITECTURE.md.

pub mod accounts;
pub mod analytics;
pub mod app;
pub mod assistant;
pub mod booking;
pub mod campaigns;
pub mod compliance;
pub mod contacts;
pub mod integrations;
pub mod links;
pub mod messaging;
pub mod platform;
pub mod privacy;
pub mod reports;
pub mod team;
