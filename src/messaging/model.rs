//! The words of messaging.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::media::MediaView;
use crate::{
    compliance::{ConsentChannel, Purpose},
    contacts::ContactName,
    platform::ids::{ContactId, ConversationId, MessageId, SenderId, UserId, WhatsappTemplateId},
};

macro_rules! text_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type, utoipa::ToSchema)]
        #[serde(rename_all = "snake_case")]
        #[sqlx(type_name = "text", rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }
    };
}

text_enum! {
    /// The way a text travels.
    ChannelKind { Sms = "sms", Whatsapp = "whatsapp", Web = "web", Simulator = "simulator" }
}

impl ChannelKind {
    /// The channel as consent names it.
    pub const fn consent(self) -> ConsentChannel {
        match self {
            Self::Sms => ConsentChannel::Sms,
            Self::Whatsapp => ConsentChannel::Whatsapp,
            Self::Web => ConsentChannel::Web,
            Self::Simulator => ConsentChannel::Simulator,
        }
    }
}

text_enum! {
    Direction { Inbound = "inbound", Outbound = "outbound" }
}

text_enum! {
    /// Who answers in a conversation.
    Mode { Bot = "bot", Human = "human" }
}

text_enum! {
    /// Who wrote a text.
    Author {
        Contact = "contact",
        Assistant = "assistant",
        /// A person, or a program that took the conversation over as one does.
        Staff = "staff",
        /// A program with a key that leaves the conversation to the assistant.
        Program = "program",
    }
}

text_enum! {
    /// Why a contact waits for staff.
    WaitingReason {
        /// They asked for a person.
        AskedForPerson = "asked_for_person",
        /// They asked what nobody told the assistant.
        Question = "question",
        /// They said something staff should know ("running late").
        Notice = "notice",
        /// They wrote while a person answers here.
        Wrote = "wrote",
    }
}

text_enum! {
    /// Whether staff may text the contact now.
    ContactStatus {
        Ok = "ok",
        OptedOut = "opted_out",
        UnderReview = "under_review",
        /// Staff put the number on the block list.
        Blocked = "blocked",
    }
}

text_enum! {
    /// How far a text has come. Outbound ones only move forward (`rules::advance`).
    MessageStatus {
        /// Inbound, stored.
        Received = "received",
        /// Waits to be handed to the channel.
        Queued = "queued",
        /// Handed over; not confirmed as sent. Without a provider id the outcome is not known yet.
        Sending = "sending",
        Sent = "sent",
        Delivered = "delivered",
        Read = "read",
        /// Refused for good by the provider.
        Failed = "failed",
        Undelivered = "undelivered",
        /// Never handed over; `error_code` says which rule refused it.
        Canceled = "canceled",
    }
}

/// What carriers take a sender for, which decides how fast it may send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SenderKind {
    /// A local number in North America, of a registered campaign.
    TenDlc,
    /// Any other ordinary number.
    LongCode,
    TollFree,
    ShortCode,
    Whatsapp,
    Simulator,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, sqlx::Type, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum PausedBy {
    Staff,
    /// The provider refuses the account or the registration.
    System,
}

text_enum! {
    /// What a WhatsApp template is about, as WhatsApp sorts them.
    TemplateCategory { Utility = "utility", Marketing = "marketing", Authentication = "authentication" }
}

text_enum! {
    /// WhatsApp's decision on a template, as staff noted it.
    TemplateApproval {
        Unsubmitted = "unsubmitted",
        Pending = "pending",
        Approved = "approved",
        Rejected = "rejected",
        Paused = "paused",
        Disabled = "disabled",
    }
}

#[expect(clippy::derivable_impls, reason = "the macro makes the enum")]
impl Default for TemplateApproval {
    fn default() -> Self {
        Self::Unsubmitted
    }
}

/// A text that WhatsApp approved, or may.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct WhatsappTemplate {
    pub id: WhatsappTemplateId,
    /// Twilio's id of it.
    #[schema(example = "HX0123456789abcdef0123456789abcdef")]
    pub content_sid: String,
    pub name: String,
    #[schema(example = "en_US")]
    pub language: String,
    /// With {{1}}, {{2}}, … where variables go.
    pub body: String,
    pub category: TemplateCategory,
    pub approval: TemplateApproval,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// A sender as receiving and writing need it.
#[derive(Clone, Copy, Debug)]
pub struct Sender {
    pub id: SenderId,
    pub channel: ChannelKind,
}

/// An address an organization owns on a channel.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
#[schema(as = SenderRow)]
pub struct SenderView {
    pub id: SenderId,
    pub channel: ChannelKind,
    /// E.164; the word simulator for the simulator.
    #[schema(example = "+14155550100")]
    pub address: String,
    /// Texts go through this Twilio messaging service instead of from the address.
    pub messaging_service_sid: Option<String>,
    pub display_name: String,
    /// Removed, but conversations name it: texts to it are still taken in, and none begins from it.
    pub archived_at: Option<DateTime<Utc>>,
    /// Nothing leaves from it: what is queued waits until it is resumed.
    pub paused_at: Option<DateTime<Utc>>,
    pub paused_by: Option<PausedBy>,
    pub pause_reason: Option<String>,
    /// Segments it may send in a second; null: what is usual for its kind.
    #[schema(minimum = 0.01, maximum = 2000)]
    pub max_per_second: Option<f64>,
    /// Segments from midnight to midnight Pacific time; null: no cap.
    #[schema(minimum = 1)]
    pub max_per_day: Option<i32>,
    pub created_at: DateTime<Utc>,
    pub version: i64,
}

/// The Twilio account that a sender belongs to, where it is not the installation's. Its secrets are never shown.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct SenderCredentials {
    #[schema(example = "AC0123456789abcdef0123456789abcdef")]
    pub account_sid: String,
    /// Two auth tokens are right, as while they are exchanged.
    pub has_second_auth_token: bool,
    /// The API key that requests are made with in place of the token.
    #[schema(example = "SK0123456789abcdef0123456789abcdef")]
    pub api_key_sid: Option<String>,
    pub updated_at: DateTime<Utc>,
}

/// One text.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct Message {
    pub id: MessageId,
    pub contact_id: ContactId,
    pub conversation_id: ConversationId,
    pub direction: Direction,
    pub author: Author,
    /// Display name of the staff member who wrote it; null where a program with a key did.
    pub author_name: Option<String>,
    pub channel: ChannelKind,
    pub body: String,
    /// Pictures and other files.
    #[sqlx(json)]
    pub media: Vec<MediaView>,
    pub status: MessageStatus,
    /// The provider's id (Twilio's MessageSid).
    pub provider_sid: Option<String>,
    /// The provider's code, or why the text was never handed over (`opted_out`, …).
    pub error_code: Option<String>,
    /// What happened and what can be done about it, in plain words.
    pub error_message: Option<String>,
    /// The WhatsApp template it goes out as, by Twilio's id; null: as its own words.
    pub content_sid: Option<String>,
    /// How often it was handed over anew because the provider had not delivered it.
    pub resent: i16,
    /// How often it was not known whether the provider had taken it; each time it was looked up there before anything else.
    pub unknown_outcomes: i16,
    /// Parts the text is charged as.
    pub segments: i16,
    /// What the provider charged for all of it, positive; null until it says.
    pub price: Option<f64>,
    /// ISO 4217.
    pub price_unit: Option<String>,
    /// What an outbound text is for.
    pub purpose: Purpose,
    /// Waits for this moment, because a rule says so.
    pub held_until: Option<DateTime<Utc>>,
    /// The last decision on an outbound text in one sentence; `GET /messages/{id}/receipt` tells all of it.
    pub decision: Option<String>,
    pub created_at: DateTime<Utc>,
    /// When the provider took it.
    pub sent_at: Option<DateTime<Utc>>,
    pub delivered_at: Option<DateTime<Utc>>,
}

#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct LastMessage {
    pub body: String,
    pub direction: Direction,
    pub author: Author,
    pub created_at: DateTime<Utc>,
}

#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Assignee {
    pub id: UserId,
    pub display_name: String,
}

/// The thread between one contact and one sender.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Conversation {
    pub id: ConversationId,
    pub contact_id: ContactId,
    pub contact: ContactName,
    pub sender_id: SenderId,
    pub channel: ChannelKind,
    pub sender_address: String,
    /// The dialogue's state by name: idle, awaiting_info, showing_slots, confirming_booking, confirming_cancel,
    /// confirming_cancel_all, reschedule_show_slots or confirming_reschedule.
    pub state: String,
    /// The state with its data.
    #[schema(value_type = std::collections::HashMap<String, serde_json::Value>)]
    pub dialogue: serde_json::Value,
    pub mode: Mode,
    /// When human mode ends by itself; null in bot mode.
    pub human_until: Option<DateTime<Utc>>,
    /// Since when the contact waits for staff; null when nobody is asked for.
    pub waiting_since: Option<DateTime<Utc>>,
    pub waiting_reason: Option<WaitingReason>,
    /// Who of the staff has taken the conversation over, or was given it.
    pub assignee: Option<Assignee>,
    pub contact_status: ContactStatus,
    /// By WhatsApp: until when free text may be sent, 24 hours after the contact last wrote; null where they never did, and on other
    /// channels. Once it is past, only approved templates may be.
    pub window_until: Option<DateTime<Utc>>,
    pub last_message: Option<LastMessage>,
    /// When silence ends the state.
    pub state_expires_at: Option<DateTime<Utc>>,
    /// Put away by staff; the next text brings it back.
    pub archived_at: Option<DateTime<Utc>>,
    /// Grows with each change by staff, not with texts.
    pub version: i64,
    pub updated_at: DateTime<Utc>,
    pub created_at: DateTime<Utc>,
}
