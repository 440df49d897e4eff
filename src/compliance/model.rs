//! The words of reviews: texts that may revoke consent and that a person must read.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    contacts::ContactName,
    platform::ids::{ContactId, ConversationId, MessageId, OptOutReviewId, UserId},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum ReviewStatus {
    /// Waits for a person; the contact is not texted.
    Open,
    /// It was an opt-out.
    OptedOut,
    /// It was not.
    Kept,
    /// Nobody decided in time: taken as an opt-out.
    Expired,
}

impl ReviewStatus {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::OptedOut => "opted_out",
            Self::Kept => "kept",
            Self::Expired => "expired",
        }
    }
}

/// A text that may revoke consent (47 CFR 64.1200(a)(10)).
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct OptOutReview {
    pub id: OptOutReviewId,
    pub contact_id: ContactId,
    #[sqlx(flatten)]
    pub contact: ContactName,
    pub conversation_id: ConversationId,
    pub message_id: MessageId,
    /// The whole text.
    pub words: String,
    /// The words in it that may revoke consent.
    pub evidence: String,
    pub status: ReviewStatus,
    pub opened_at: DateTime<Utc>,
    /// Undecided at this moment, it counts as an opt-out.
    pub due_at: DateTime<Utc>,
    pub decided_at: Option<DateTime<Utc>>,
    /// Display name; null where a program or the deadline decided.
    pub decided_by: Option<String>,
    pub note: Option<String>,
}

/// What a person makes of a doubtful text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    OptOut,
    Keep,
}

/// Who decided a review.
#[derive(Clone, Copy, Debug)]
pub enum Decider {
    /// Staff; none for a program with a key.
    Staff(Option<UserId>),
    Deadline,
}
