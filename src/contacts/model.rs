//! The words of contacts.

use std::collections::BTreeMap;

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

/// Where somebody stands with the business.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum LifecycleStage {
    #[default]
    Lead,
    Prospect,
    Customer,
    Former,
}

impl LifecycleStage {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Lead => "lead",
            Self::Prospect => "prospect",
            Self::Customer => "customer",
            Self::Former => "former",
        }
    }
}

/// A language that contacts are answered in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ContactLanguage {
    En,
    Es,
}

impl ContactLanguage {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Es => "es",
        }
    }
}

/// What an organization keeps about a contact besides: short texts by name.
pub type Attributes = BTreeMap<String, String>;

/// A person who can be texted.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct Contact {
    pub id: ContactId,
    /// E.164.
    #[schema(example = "+14155550101")]
    pub phone_number: String,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub email: Option<String>,
    /// IANA zone; null where only the organization's is known.
    pub timezone: Option<String>,
    /// Of the United States and Canada it says the state and zone whose quiet hours hold.
    pub postal_code: Option<String>,
    /// The language they last wrote in, or staff set: en or es; null until a text showed one.
    pub language: Option<String>,
    /// By staff, for staff.
    pub notes: Option<String>,
    pub lifecycle_stage: LifecycleStage,
    /// Lower case, each once.
    pub tags: Vec<String>,
    /// Short texts by name.
    #[schema(value_type = std::collections::HashMap<String, String>)]
    pub custom: sqlx::types::Json<Attributes>,
    pub opt_in_status: OptInStatus,
    /// A doubtful opt-out of theirs waits for a person; they are not texted meanwhile.
    pub under_review: bool,
    /// Their last text to us.
    pub last_message_at: Option<DateTime<Utc>>,
    /// What they call themselves on WhatsApp; staff may take it as their name.
    pub profile_name: Option<String>,
    /// Put away by staff; their next text brings them back.
    pub archived_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    /// Grows with each edit by staff.
    pub version: i64,
    /// This is another number of that contact, and out of every list: what was said with it, and agreed for it, stays here.
    pub merged_into: Option<ContactId>,
}

impl Contact {
    /// Whose appointments and reports theirs are.
    pub fn person(&self) -> ContactId {
        self.merged_into.unwrap_or(self.id)
    }

    /// Whether they texted, or consent was recorded: that belongs to this very number.
    pub fn number_is_settled(&self) -> bool {
        self.last_message_at.is_some() || self.opt_in_status != OptInStatus::Pending || self.under_review
    }
}

/// How a contact is shown beside a row of another slice.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct ContactName {
    pub phone_number: String,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
}
