//! The words of contacts.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::platform::ids::ContactId;

/// What the consent ledger comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum OptInStatus {
    /// Never agreed to more than an answer to their own text.
    Pending,
    OptedIn,
    OptedOut,
}

impl OptInStatus {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::OptedIn => "opted_in",
            Self::OptedOut => "opted_out",
        }
    }
}

/// A person who can be texted.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct Contact {
    pub id: ContactId,
    /// E.164.
    #[schema(example = "+14155550101")]
    pub phone_number: String,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    /// IANA zone; null where only the organization's is known.
    pub timezone: Option<String>,
    /// The language they last wrote in: en or es; null until a text showed one.
    pub language: Option<String>,
    pub opt_in_status: OptInStatus,
    /// A doubtful opt-out of theirs waits for a person; they are not texted meanwhile.
    pub under_review: bool,
    pub last_message_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
}

/// How a contact is shown beside a row of another slice.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct ContactName {
    pub phone_number: String,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
}
