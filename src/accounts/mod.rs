//! Organizations, the staff who sign in, their sessions, and API keys. Knows nothing of contacts or messages.

mod api;
mod model;
mod service;
mod store;

pub use api::{SESSION_COOKIE, Staff, router};
pub use model::Organization;
pub use service::{
    AccountError, create_user, ensure_admin, ensure_api_key, ensure_organization, organization, set_human_quiet,
};
