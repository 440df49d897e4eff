//! Organizations, the staff who sign in and what they may do, their sessions, API keys, and the audit log. Knows nothing of contacts or
//! messages.

mod api;
mod attempts;
mod audit;
mod authorization;
mod external;
mod fields;
mod idempotency;
mod identity;
mod installation;
mod jwks;
mod keys;
mod model;
mod organizations;
mod own_account;
mod passwords;
mod people;
mod permission;
mod registration;
mod roles;
mod second_factor;
mod service;
mod sign_in;
mod store;

pub use api::{Badge, Limits, SESSION_COOKIE, Staff, connecting_origin, idempotent, limit, router};
pub use audit::{Actor, ActorKind, Change, record};
pub use authorization::{Access, TABLE as AUTHORIZATION, access};
pub use model::{Caller, Organization, Via};
pub use passwords::check_password;
pub use permission::{BuiltInRole, Permission, PermissionSet};
pub use service::{
    AccountError, NewStaff, create_user, ensure_admin, ensure_api_key, ensure_organization, organization,
    set_human_quiet,
};
pub use store::{
    colleagues::{is_colleague, permissions_of},
    personal::{forget_answers, redact as redact_audit, sweep as sweep_audit},
};
