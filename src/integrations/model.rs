//! The words of out-going webhooks.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::platform::{
    events::BookingChange,
    ids::{WebhookAttemptId, WebhookDeliveryId, WebhookEndpointId},
};

macro_rules! event_types {
    ($($(#[$doc:meta])* $name:ident = $text:literal),+ $(,)?) => {
        /// What an endpoint can be told of. The names are stored and part of the API: they are never changed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum EventType { $($(#[$doc])* #[serde(rename = $text)] $name),+ }

        impl EventType {
            pub const ALL: &[Self] = &[$(Self::$name),+];

            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }
        }
    };
}

event_types! {
    /// A text came in.
    MessageReceived = "message.received",
    /// A text of ours got further, or failed.
    MessageStatus = "message.status",
    BookingCreated = "booking.created",
    BookingRescheduled = "booking.rescheduled",
    BookingCancelled = "booking.cancelled",
    BookingConfirmed = "booking.confirmed",
    BookingCompleted = "booking.completed",
    BookingNoShow = "booking.no_show",
    BookingExpired = "booking.expired",
    ContactOptedOut = "contact.opted_out",
    ContactOptedIn = "contact.opted_in",
    /// Reserved: nothing sends it yet.
    CampaignStarted = "campaign.started",
    /// Reserved: nothing sends it yet.
    CampaignFinished = "campaign.finished",
    /// A test, sent on demand only, whatever the endpoint is told of.
    Ping = "ping",
}

// By hand: the derive does not see names that a macro passes on.
impl utoipa::PartialSchema for EventType {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        let names = Self::ALL.iter().map(|one| one.as_str());
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .description(Some("What an endpoint can be told of; ping on demand only. Nothing sends campaign.* yet."))
            .enum_values(Some(names))
            .into()
    }
}

impl utoipa::ToSchema for EventType {
    fn name() -> std::borrow::Cow<'static, str> {
        "WebhookEventType".into()
    }
}

impl EventType {
    pub const fn of_booking(change: BookingChange) -> Self {
        match change {
            BookingChange::Created => Self::BookingCreated,
            BookingChange::Rescheduled => Self::BookingRescheduled,
            BookingChange::Cancelled => Self::BookingCancelled,
            BookingChange::Confirmed => Self::BookingConfirmed,
            BookingChange::Completed => Self::BookingCompleted,
            BookingChange::NoShow => Self::BookingNoShow,
            BookingChange::Expired => Self::BookingExpired,
        }
    }
}

/// Why the program switched an endpoint off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = WebhookDisabledReason)]
pub(super) enum DisabledReason {
    /// It answered 410.
    Gone,
    /// Every try of five days failed.
    Failing,
}

impl DisabledReason {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::Failing => "failing",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[schema(as = WebhookDeliveryStatus)]
pub(super) enum DeliveryStatus {
    /// On its way, or waiting for its next try.
    Pending,
    /// Answered with 2xx.
    Delivered,
    /// Given up.
    Failed,
}

impl DeliveryStatus {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }
}

/// An address that is told what happens. Its secret is shown only when it is made.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub(super) struct WebhookEndpoint {
    pub id: WebhookEndpointId,
    #[schema(example = "https://example.com/hooks/frontdesk")]
    pub url: String,
    pub description: Option<String>,
    /// Null: all, also those of later versions.
    #[schema(value_type = Option<Vec<EventType>>)]
    pub events: Option<Vec<String>>,
    pub enabled: bool,
    pub disabled_at: Option<DateTime<Utc>>,
    /// Null where a person switched it off.
    #[schema(value_type = Option<DisabledReason>)]
    pub disabled_reason: Option<String>,
    /// First failed try since the last one that was taken; null while it works.
    pub failing_since: Option<DateTime<Utc>>,
    /// Until then the secret before the last rotation signs too.
    pub previous_secret_until: Option<DateTime<Utc>>,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// One event on its way to one endpoint.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub(super) struct WebhookDelivery {
    pub id: WebhookDeliveryId,
    pub endpoint_id: WebhookEndpointId,
    /// Sent as `webhook-id`, the same in every try.
    #[schema(example = "msg_019a96c1b2c87f1e9d3b5a0c2e4f6a8b")]
    pub webhook_id: String,
    #[schema(value_type = EventType)]
    pub event_type: String,
    pub status: DeliveryStatus,
    /// Tries so far.
    pub attempts: i32,
    /// HTTP status of the last answer; null where the last try had none.
    pub last_status_code: Option<i32>,
    /// What was wrong with the last try.
    pub last_error: Option<String>,
    pub next_attempt_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
}

/// One try of a delivery.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub(super) struct WebhookAttempt {
    pub id: WebhookAttemptId,
    /// 1 for the first.
    pub number: i32,
    pub started_at: DateTime<Utc>,
    pub duration_ms: i32,
    pub status_code: Option<i32>,
    /// Why there was no answer.
    pub error: Option<String>,
    /// The first kilobyte of the answer's body.
    pub answer: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_wires_and_stand_once() {
        let mut names: Vec<&str> = EventType::ALL.iter().map(|e| e.as_str()).collect();
        for event in EventType::ALL {
            assert_eq!(serde_json::to_value(event).expect("name"), event.as_str());
        }
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), EventType::ALL.len());
    }
}
