//! The words of messages among the team.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::platform::ids::{TeamMessageId, UserId};

/// The longest message, in characters.
pub const LONGEST: usize = 4_000;

/// One end of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Party {
    Assistant,
    User(UserId),
}

impl Party {
    /// As stored: null is the assistant.
    pub const fn user(self) -> Option<UserId> {
        match self {
            Self::Assistant => None,
            Self::User(id) => Some(id),
        }
    }
}

impl From<Option<UserId>> for Party {
    fn from(id: Option<UserId>) -> Self {
        id.map_or(Self::Assistant, Self::User)
    }
}

impl fmt::Display for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Assistant => f.write_str("assistant"),
            Self::User(id) => id.fmt(f),
        }
    }
}

impl Serialize for Party {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Party {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text == "assistant" {
            return Ok(Self::Assistant);
        }
        text.parse().map(Self::User).map_err(|_| de::Error::custom("must be the id of a user, or \"assistant\""))
    }
}

impl utoipa::PartialSchema for Party {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .description(Some("The id of a user, or \"assistant\"."))
            .examples(["assistant"])
            .into()
    }
}

impl utoipa::ToSchema for Party {
    fn name() -> std::borrow::Cow<'static, str> {
        "TeamParty".into()
    }
}

/// One end of a message, with what it is called.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub(super) struct TeamEnd {
    pub id: Party,
    /// Null for the assistant.
    pub display_name: Option<String>,
}

/// A message as its sender and its recipient see it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub(super) struct TeamMessage {
    pub id: TeamMessageId,
    /// The message that began the thread; its own id if it did.
    pub thread_id: TeamMessageId,
    /// What it answers.
    pub parent_id: Option<TeamMessageId>,
    pub sender: TeamEnd,
    pub recipient: TeamEnd,
    /// Null where its sender took it back.
    pub body: Option<String>,
    pub created_at: DateTime<Utc>,
    /// When the recipient read it.
    pub read_at: Option<DateTime<Utc>>,
    pub edited_at: Option<DateTime<Utc>>,
    pub deleted_at: Option<DateTime<Utc>>,
    /// Send it as `If-Match` with a change.
    pub version: i64,
}

impl TeamMessage {
    /// The end that is not this one.
    pub fn other_end(&self, me: UserId) -> Party {
        if self.sender.id == Party::User(me) { self.recipient.id } else { self.sender.id }
    }
}

/// A message with everything said in its thread.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub(super) struct TeamThread {
    pub message: TeamMessage,
    /// Oldest first, the message itself among them; of a long thread the last 200.
    pub thread: Vec<TeamMessage>,
}

/// Somebody one can write to.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub(super) struct Colleague {
    pub id: UserId,
    pub username: String,
    pub display_name: String,
}

/// Unread messages of one sender.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub(super) struct UnreadFrom {
    pub sender: TeamEnd,
    pub unread: i64,
}

/// What a member of the staff asks the assistant.
#[derive(Clone, Debug)]
pub struct Question {
    pub id: TeamMessageId,
    pub thread_id: TeamMessageId,
    pub asked_by: UserId,
    pub body: String,
    pub asked_at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_a_user_or_the_assistant_and_reads_back() {
        let user = Party::User(UserId(uuid::Uuid::from_u128(7)));
        for party in [Party::Assistant, user] {
            let text = serde_json::to_string(&party).expect("text");
            assert_eq!(serde_json::from_str::<Party>(&text).expect("party"), party);
            assert_eq!(Party::from(party.user()), party);
        }
        for bad in ["\"\"", "\"Assistant\"", "\"somebody\"", "7", "null"] {
            assert!(serde_json::from_str::<Party>(bad).is_err(), "{bad}");
        }
    }
}
