//! What a lower slice tells a higher one, in its own transaction: typed events, routed to jobs by the one table in `app/subscriptions.rs`.

use uuid::Uuid;

use super::{
    db::Tx,
    ids::{BookingId, ContactId, ConversationId, MessageId, ReportCommentId, ReportId, SenderId, TeamMessageId},
    jobs::NewJob,
    live,
};

/// Something that happened, committed together with the rows that say so.
#[derive(Clone, Debug)]
pub enum Event {
    /// A text came in and is stored.
    MessageReceived {
        conversation_id: ConversationId,
        message_id: MessageId,
    },
    /// A reply or notice was written and waits to be sent.
    MessageQueued {
        message_id: MessageId,
        /// Whose pace it keeps.
        sender_id: SenderId,
        /// How much of it it takes.
        segments: i16,
        /// The line it waits in, where it is one of many: of its sender, or of its campaign.
        line: Option<Uuid>,
    },
    /// The provider told us something new about an outbound text.
    DeliveryChanged {
        message_id: MessageId,
    },
    BookingChanged {
        booking_id: BookingId,
        contact_id: ContactId,
        change: BookingChange,
    },
    ContactOptedOut {
        contact_id: ContactId,
    },
    /// Consent to one kind of texts was taken back; others are still welcome.
    ConsentNarrowed {
        contact_id: ContactId,
    },
    /// A person followed a link that was made for this contact.
    LinkFollowed {
        contact_id: ContactId,
    },
    ContactOptedIn {
        contact_id: ContactId,
    },
    /// Staff made a contact, or gave one another number.
    ContactKept {
        contact_id: ContactId,
    },
    /// The organization of the transaction is new.
    OrganizationCreated,
    /// Simulation mode set the organization's clock.
    ClockMoved,
    /// Somebody of the staff wrote to a colleague, or to the assistant.
    TeamMessageSent {
        message_id: TeamMessageId,
        to_assistant: bool,
    },
    /// Staff commented on a contact's own report, for the contact to read.
    ReportAnswered {
        report_id: ReportId,
        comment_id: ReportCommentId,
    },
    /// A contact's own report is resolved.
    ReportResolved {
        report_id: ReportId,
    },
}

/// What happened to a booking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BookingChange {
    /// Booked, confirmed at once or held.
    Created,
    /// A held one was confirmed, or one that was marked by mistake is confirmed again.
    Confirmed,
    Rescheduled,
    Cancelled,
    Completed,
    NoShow,
    /// Held, and not confirmed in time.
    Expired,
}

/// The table from event to jobs. One function, so that all consequences can be read in one place.
pub type Router = fn(&Event) -> Vec<NewJob>;

/// Writes the jobs that follow from `event` into the transaction, and has browsers told of it when that is committed.
pub async fn emit(tx: &mut Tx, event: Event) -> Result<(), sqlx::Error> {
    for (kind, id) in live::of_event(&event) {
        tx.tell(kind, id);
    }
    super::jobs::enqueue_all(tx, tx.route(&event)).await
}

/// The same for many events, in as few statements.
pub async fn emit_all(tx: &mut Tx, events: impl IntoIterator<Item = Event>) -> Result<(), sqlx::Error> {
    let jobs = events.into_iter().flat_map(|event| tx.route(&event)).collect();
    super::jobs::enqueue_all(tx, jobs).await
}
