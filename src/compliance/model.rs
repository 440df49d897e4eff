//! The words of consent, of the block list, of an organization's own cap, and of reviews: texts that may revoke consent and that a person must
//! read.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::quiet_hours::Cap;
use crate::{
    contacts::ContactName,
    platform::ids::{
        ConsentEventId, ContactId, ConversationId, DisclosureId, MessageId, OptOutReviewId, SenderId,
        SuppressionBatchId, SuppressionId, UserId,
    },
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

/// How far back caps on texts look: the longest that an organization may set.
pub const CAPS_LOOK_BACK: TimeDelta = TimeDelta::days(90);

/// How many marketing texts an organization itself sends one contact at most, beside the caps of law.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct OrganizationCap {
    /// 0: no cap.
    #[schema(minimum = 0, maximum = 100)]
    pub texts: i32,
    /// Counted back from the moment of sending.
    #[schema(minimum = 1, maximum = 90)]
    pub days: i32,
    /// 0 where nothing was ever set.
    pub version: i64,
}

impl Default for OrganizationCap {
    fn default() -> Self {
        Self { texts: 0, days: 7, version: 0 }
    }
}

impl OrganizationCap {
    /// As the rules of law have theirs.
    pub const RULE: &'static str = "organization";

    /// None where it is off.
    pub(super) fn cap(&self) -> Option<Cap> {
        let texts = u32::try_from(self.texts).ok().filter(|texts| *texts > 0)?;
        Some(Cap { texts, hours: u32::try_from(self.days).ok()? * 24 })
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

macro_rules! text_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, sqlx::Type, utoipa::ToSchema)]
        #[serde(rename_all = "snake_case")]
        #[sqlx(type_name = "text", rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }
    };
}

text_enum! {
    ConsentAction { Granted = "granted", Revoked = "revoked" }
}

text_enum! {
    /// How far consent goes, least first.
    ConsentTier {
        /// They texted us: they want an answer.
        Implied = "implied",
        /// They agreed to be texted.
        Express = "express",
        /// They agreed in writing (47 CFR 64.1200(f)(9)).
        ExpressWritten = "express_written",
    }
}

text_enum! {
    /// The way the texts travel that consent is about.
    ConsentChannel { Sms = "sms", Whatsapp = "whatsapp", Web = "web", Simulator = "simulator" }
}

text_enum! {
    /// What the texts are about.
    ConsentPurpose { Conversational = "conversational", Transactional = "transactional", Marketing = "marketing" }
}

text_enum! {
    /// How consent was given or taken back.
    ConsentMethod {
        InboundMessage = "inbound_message",
        Keyword = "keyword",
        FreeText = "free_text",
        /// Staff read a doubtful text as an opt-out.
        StaffReview = "staff_review",
        /// Nobody read a doubtful text in time.
        ReviewExpired = "review_expired",
        /// Recorded by staff, who know how.
        StaffRecorded = "staff_recorded",
        WebForm = "web_form",
        Paper = "paper",
        /// By phone or in person.
        Verbal = "verbal",
        /// Handed over by another program.
        Api = "api",
        /// It came with a list from elsewhere.
        Import = "import",
    }
}

impl ConsentMethod {
    /// Given or taken back outside of a text, and recorded by staff.
    pub const fn recorded_by_staff(self) -> bool {
        matches!(self, Self::StaffRecorded | Self::WebForm | Self::Paper | Self::Verbal | Self::Api | Self::Import)
    }
}

/// One line of the consent ledger. Lines are never changed.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct ConsentEvent {
    pub id: ConsentEventId,
    pub action: ConsentAction,
    pub tier: ConsentTier,
    pub channel: ConsentChannel,
    pub method: ConsentMethod,
    /// Null: texts as such.
    pub purpose: Option<ConsentPurpose>,
    /// The words of the contact, or what staff recorded: what was disclosed and where the proof is.
    pub evidence: Option<String>,
    /// The text that made the event.
    pub message_id: Option<MessageId>,
    /// The text by which they confirmed it.
    pub double_opt_in_message_id: Option<MessageId>,
    /// What they were told, word for word: see the disclosures.
    pub disclosure_id: Option<DisclosureId>,
    /// Of its text, in hexadecimal.
    pub disclosure_sha256: Option<String>,
    /// Its program and version.
    pub disclosure_program: Option<String>,
    pub disclosure_version: Option<i32>,
    /// Where it came from: a form, a folder, a list.
    pub source: Option<String>,
    /// The page of a web form.
    pub page_url: Option<String>,
    /// From where the form was sent.
    pub ip: Option<String>,
    pub user_agent: Option<String>,
    /// Display name of who recorded it; null for the contact's own texts and for programs.
    pub recorded_by: Option<String>,
    /// When it was given or taken back.
    pub given_at: DateTime<Utc>,
    /// The contact's zone then, IANA; null where nobody knows it.
    pub zone: Option<String>,
    /// When this line was written.
    pub at: DateTime<Utc>,
    /// The contact's lines are counted from 1.
    pub seq: i32,
    /// SHA-256 over this line and the hash before, in hexadecimal.
    pub hash: String,
}

/// What people are told when they agree to texts. Never changed: another wording is another version.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct Disclosure {
    pub id: DisclosureId,
    /// The programme that the texts are of.
    pub program: String,
    /// Counted per program.
    pub version: i32,
    /// In whose name the texts are sent.
    pub seller: String,
    pub purpose: ConsentPurpose,
    /// The exact text.
    pub text: String,
    /// Of the text in UTF-8, in hexadecimal.
    pub sha256: String,
    /// Display name.
    pub created_by: Option<String>,
    pub created_at: DateTime<Utc>,
    /// How many lines of consent name it.
    pub used: i64,
}

text_enum! {
    /// Why a number is not texted.
    SuppressionReason {
        /// The contact asked for no more texts.
        OptedOut = "opted_out",
        /// The carrier blocks one sender for the number: they replied STOP to it.
        CarrierOptedOut = "carrier_opted_out",
        /// A doubtful opt-out waits for a person.
        UnderReview = "under_review",
        /// Staff put the number on the block list.
        Blocked = "blocked",
        /// It is on a list that staff brought in, or on the installation's own.
        DoNotCall = "do_not_call",
        /// The carrier says that no text arrives there.
        BadNumber = "bad_number",
    }
}

impl SuppressionReason {
    /// Whether staff may end it.
    pub const fn is_staffs(self) -> bool {
        matches!(self, Self::Blocked | Self::DoNotCall | Self::BadNumber)
    }
}

/// One entry of the block list.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct Suppression {
    pub id: SuppressionId,
    /// E.164; null once its owner was erased.
    pub phone_number: Option<String>,
    /// The only sender that is blocked; null: all of the organization's.
    pub sender_id: Option<SenderId>,
    /// The only channel that is blocked; null: all.
    pub channel: Option<ConsentChannel>,
    pub reason: SuppressionReason,
    /// Why staff blocked it.
    pub note: Option<String>,
    /// The provider's code that it was learned from.
    pub error_code: Option<String>,
    /// The list it came with.
    pub batch_id: Option<SuppressionBatchId>,
    /// Display name of who blocked it.
    pub created_by: Option<String>,
    /// The contact with this number.
    pub contact_id: Option<ContactId>,
    /// Their name, where it is known.
    pub contact_name: Option<String>,
    pub created_at: DateTime<Utc>,
    /// From then on it blocks nothing; null: never.
    pub expires_at: Option<DateTime<Utc>>,
    /// When somebody ended it; null while it holds, and where it has only expired.
    pub lifted_at: Option<DateTime<Utc>>,
}

/// A number that no organization of the installation may text.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct InstallationSuppression {
    pub id: SuppressionId,
    /// E.164.
    pub phone_number: String,
    /// Why.
    pub note: String,
    /// Display name at that time.
    pub created_by: String,
    pub created_at: DateTime<Utc>,
    /// From then on it blocks nothing; null: never.
    pub expires_at: Option<DateTime<Utc>>,
    pub lifted_at: Option<DateTime<Utc>>,
    /// Display name of who ended it.
    pub lifted_by: Option<String>,
}

/// A list of numbers that was brought in.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct SuppressionBatch {
    pub id: SuppressionBatchId,
    /// What list it is.
    pub note: String,
    /// How many numbers it put on the block list.
    pub added: i32,
    /// How many of them hold now.
    pub active: i64,
    pub expires_at: Option<DateTime<Utc>>,
    /// Display name.
    pub created_by: Option<String>,
    pub created_at: DateTime<Utc>,
    pub undone_at: Option<DateTime<Utc>>,
    /// Display name.
    pub undone_by: Option<String>,
}
