//! What a campaign is: whom it is for, what they are sent and when, and how far it is.

use chrono::{DateTime, NaiveTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use uuid::Uuid;

use super::model::Template;
use crate::{
    contacts::Filter,
    messaging::ChannelKind,
    platform::ids::{CampaignId, CampaignStepId, ContactId, MessageId, SegmentId, SenderId, TemplateId, UserId},
};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type, utoipa::ToSchema)]
        #[serde(rename_all = "snake_case")]
        #[sqlx(type_name = "text", rename_all = "snake_case")]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
        }

        impl $name {
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }
    };
}

words! {
    /// How far a campaign is.
    CampaignState {
        /// Being written.
        Draft = "draft",
        /// Waits for its time.
        Scheduled = "scheduled",
        Running = "running",
        /// By staff, or by itself: nothing leaves.
        Paused = "paused",
        Completed = "completed",
        /// Ended by staff: whoever waited is not texted.
        Cancelled = "cancelled",
    }
}

words! {
    /// What makes one variant better than another.
    WinnerBy {
        Replies = "replies",
        Clicks = "clicks",
        Bookings = "bookings",
    }
}

words! {
    /// Whom a step goes to, by what they did since the campaign's first text.
    StepCondition {
        Always = "always",
        NotReplied = "not_replied",
        Replied = "replied",
        NotClicked = "not_clicked",
        Clicked = "clicked",
        NotBooked = "not_booked",
        Booked = "booked",
    }
}

words! {
    /// Where a recipient stands.
    TargetState {
        /// For their time.
        Waiting = "waiting",
        /// Their last text was handed over; what became of it stands with the message.
        Sent = "sent",
        /// Never texted.
        Skipped = "skipped",
        /// Texted once or more, and not to be texted again.
        Stopped = "stopped",
    }
}

/// Whom a campaign is for. With a segment and a filter: whom both hold.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Audience {
    pub segment_id: Option<SegmentId>,
    /// Conditions on contacts: tags, an import, a list of ids or numbers, what they did.
    pub filter: Option<Filter>,
}

/// A step of a campaign.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Step {
    pub id: CampaignStepId,
    /// From 0.
    pub position: i16,
    pub template_id: Option<TemplateId>,
    /// As it was when the campaign began.
    pub template: Option<Template>,
    pub wait_minutes: i32,
    pub condition: StepCondition,
    /// The variant that was better.
    pub winner: Option<String>,
}

/// A campaign as it is stored.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Campaign {
    pub id: CampaignId,
    pub name: String,
    pub state: CampaignState,
    pub audience: Option<Json<Audience>>,
    pub channel: Option<ChannelKind>,
    pub sender_ids: Vec<Uuid>,
    pub starts_at: Option<DateTime<Utc>>,
    pub local_time: Option<NaiveTime>,
    pub quiet_from: Option<NaiveTime>,
    pub quiet_until: Option<NaiveTime>,
    pub max_per_minute: Option<i32>,
    pub ends_at: Option<DateTime<Utc>>,
    pub stop_on_reply: bool,
    pub pause_above: Option<f32>,
    pub winner_by: Option<WinnerBy>,
    pub winner_share: Option<i16>,
    pub winner_after: Option<i32>,
    pub winner_at: Option<DateTime<Utc>>,
    pub pause_reason: Option<String>,
    pub launched_at: Option<DateTime<Utc>>,
    pub frozen_after: Option<Uuid>,
    pub frozen_at: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
    pub free_at: Option<DateTime<Utc>>,
    pub run: i32,
    pub known_before: i64,
    pub failed_before: i64,
    pub created_by: Option<UserId>,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl Campaign {
    /// The pool it is sent from; empty: any.
    pub fn senders(&self) -> Vec<SenderId> {
        self.sender_ids.iter().copied().map(SenderId).collect()
    }
}

/// A recipient of a campaign.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct CampaignTarget {
    pub contact_id: ContactId,
    pub phone_number: String,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub sender_id: Option<SenderId>,
    /// The step that is next, or was the last; from 0.
    pub step: i16,
    /// Of the first step's template; null where they were not texted.
    pub variant: Option<String>,
    pub state: TargetState,
    /// While they wait: for this moment.
    pub due_at: DateTime<Utc>,
    /// Why they wait, were skipped or stopped.
    pub reason: Option<String>,
    /// Their last text.
    pub message_id: Option<MessageId>,
    /// Its status.
    pub message_status: Option<String>,
    /// Why it did not arrive.
    pub message_error: Option<String>,
    pub first_sent_at: Option<DateTime<Utc>>,
    pub last_sent_at: Option<DateTime<Utc>>,
    pub replied_at: Option<DateTime<Utc>>,
    pub clicked_at: Option<DateTime<Utc>>,
    pub booked_at: Option<DateTime<Utc>>,
    pub opted_out_at: Option<DateTime<Utc>>,
}
