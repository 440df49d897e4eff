//! The words of segments.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::types::Json;

use super::Filter;
use crate::platform::ids::SegmentId;

/// A saved filter over contacts.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct Segment {
    pub id: SegmentId,
    pub name: String,
    #[schema(value_type = Filter)]
    pub filter: Json<Filter>,
    /// Put away by staff; what was made of it keeps it.
    pub archived_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Grows with each edit.
    pub version: i64,
}

/// How many contacts a filter lets through, as far as that can be said in a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Counted {
    pub contacts: i64,
    /// Counted one by one: up to 10,000, where that takes less than a second. False: reckoned from a sample of all contacts.
    pub exact: bool,
    /// Of them, those that agreed to texts of some kind and took nothing back.
    pub opted_in: i64,
    /// Of them, those that never agreed to more than an answer to their own text.
    pub pending: i64,
    /// Of them, those that opted out: they are sent nothing.
    pub opted_out: i64,
}
