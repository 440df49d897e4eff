//! The words of reports.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::platform::ids::{ContactId, ConversationId, ReportCommentId, ReportEventId, ReportId, UserId};

/// Characters of a subject.
pub(super) const LONGEST_SUBJECT: usize = 200;
/// Characters of what a report says.
pub const LONGEST_BODY: usize = 8_000;
/// Characters of a comment, and of a note on how it was resolved.
pub(super) const LONGEST_COMMENT: usize = 4_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum ReportStatus {
    /// Nobody works on it yet.
    Open,
    InProgress,
    Resolved,
}

impl ReportStatus {
    pub const ALL: [Self; 3] = [Self::Open, Self::InProgress, Self::Resolved];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::InProgress => "in_progress",
            Self::Resolved => "resolved",
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Priority {
    Low,
    #[default]
    Normal,
    High,
    Urgent,
}

impl Priority {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Normal => "normal",
            Self::High => "high",
            Self::Urgent => "urgent",
        }
    }
}

/// Who raised it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub(super) enum ReportSource {
    Staff,
    /// A program with a key.
    Api,
    /// The contact, by text: they are told what becomes of it.
    Contact,
}

impl ReportSource {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Staff => "staff",
            Self::Api => "api",
            Self::Contact => "contact",
        }
    }
}

/// Somebody of the staff.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub(super) struct ReportPerson {
    pub id: UserId,
    pub display_name: String,
}

/// Whom a report is about, or whose it is.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub(super) struct ReportContact {
    pub id: ContactId,
    /// E.164.
    pub phone_number: String,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
}

/// A matter that somebody raised.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub(super) struct Report {
    pub id: ReportId,
    /// What people call it: #12.
    #[schema(example = 12)]
    pub number: i64,
    pub source: ReportSource,
    pub subject: String,
    pub body: String,
    pub priority: Priority,
    pub status: ReportStatus,
    pub contact: Option<ReportContact>,
    /// Null: a contact or a program.
    pub opened_by: Option<ReportPerson>,
    pub assignee: Option<ReportPerson>,
    /// What staff wrote when it was resolved.
    pub resolution: Option<String>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub started_at: Option<DateTime<Utc>>,
    pub resolved_at: Option<DateTime<Utc>>,
    /// Send it as `If-Match` with a change.
    pub version: i64,
}

impl Report {
    /// Whether it is this member's own matter: opened by them, or given to them.
    pub fn is_of(&self, user: Option<UserId>) -> bool {
        let is = |person: &Option<ReportPerson>| person.as_ref().is_some_and(|p| Some(p.id) == user);
        is(&self.opened_by) || is(&self.assignee)
    }
}

/// Something said about a report.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub(super) struct ReportComment {
    pub id: ReportCommentId,
    /// Null: a program with a key.
    pub author: Option<ReportPerson>,
    pub body: String,
    /// Only for those who see everybody's reports.
    pub internal: bool,
    pub created_at: DateTime<Utc>,
}

/// What can happen to a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, sqlx::Type, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub(super) enum ReportEventKind {
    Opened,
    Changed,
    Commented,
    Started,
    Resolved,
    Reopened,
    /// The contact was sent a text about it.
    Told,
    /// The contact was not: they may not be texted.
    NotTold,
}

impl ReportEventKind {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Changed => "changed",
            Self::Commented => "commented",
            Self::Started => "started",
            Self::Resolved => "resolved",
            Self::Reopened => "reopened",
            Self::Told => "told",
            Self::NotTold => "not_told",
        }
    }
}

/// One line of a report's history.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub(super) struct ReportEvent {
    pub id: ReportEventId,
    pub at: DateTime<Utc>,
    pub kind: ReportEventKind,
    /// Null: the contact, a program with a key, or this program itself.
    pub actor: Option<ReportPerson>,
    pub by_contact: bool,
    /// What changed, in few words.
    pub detail: Option<String>,
}

/// A report that a contact raises by text.
#[derive(Clone, Debug)]
pub struct NewContactReport<'a> {
    pub contact_id: ContactId,
    pub conversation_id: ConversationId,
    pub subject: &'a str,
    pub body: &'a str,
}

/// A contact's own report, as the desk speaks of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactReport {
    pub id: ReportId,
    pub number: i64,
    pub status: ReportStatus,
    pub created_at: DateTime<Utc>,
    pub resolved_at: Option<DateTime<Utc>>,
}

/// What the contact is to be told of their report.
#[derive(Clone, Debug)]
pub struct News {
    pub number: i64,
    pub contact_id: ContactId,
    /// Where they raised it.
    pub conversation_id: ConversationId,
    /// What staff wrote; none: it was resolved without a word.
    pub words: Option<String>,
    pub resolved: bool,
}
