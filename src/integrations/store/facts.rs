//! What payloads say, read from the tables when an event is published. Reads other slices' tables, by their ids and within the tenant;
//! writes none. Each holds on to the contact (FOR KEY SHARE), so that nothing is written of somebody who is erased at that moment.

use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

use crate::platform::{
    db::Tx,
    ids::{BookingId, ContactId, ConversationId, MessageId, ProviderId, SenderId, ServiceId, SlotId},
};

/// A text, as `message.received` and `message.status` tell of it.
#[derive(Serialize)]
pub(in crate::integrations) struct MessageFacts {
    pub message_id: MessageId,
    pub conversation_id: ConversationId,
    pub contact_id: ContactId,
    pub sender_id: SenderId,
    pub direction: String,
    pub channel: String,
    /// The contact's number, E.164.
    pub phone_number: String,
    /// The organization's own number or name on the channel.
    pub sender_address: String,
    /// Of texts that came in; ours are known to whoever sent them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media: Option<serde_json::Value>,
    pub status: String,
    pub provider_sid: Option<String>,
    pub error_code: Option<String>,
    pub error_message: Option<String>,
    pub segments: i16,
    pub created_at: DateTime<Utc>,
    pub sent_at: Option<DateTime<Utc>>,
    pub delivered_at: Option<DateTime<Utc>>,
    /// Tells a second hand-over from the first; not part of the payload.
    #[serde(skip)]
    pub handed_at: Option<DateTime<Utc>>,
}

pub(in crate::integrations) async fn message(tx: &mut Tx, id: Uuid) -> Result<Option<MessageFacts>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        MessageFacts,
        r#"SELECT m.id AS "message_id: _", m.conversation_id AS "conversation_id: _", m.contact_id AS "contact_id: _",
                  m.sender_id AS "sender_id: _", m.direction, m.channel, c.phone_number, s.address AS sender_address,
                  CASE WHEN m.direction = 'inbound' THEN m.body END AS body,
                  CASE WHEN m.direction = 'inbound' THEN
                    COALESCE((SELECT jsonb_agg(f.item -> 'url' ORDER BY f.n) FROM jsonb_array_elements(m.media) WITH ORDINALITY AS f (item, n)),
                             '[]') END AS media,
                  m.status, m.provider_sid, m.error_code, m.error_message, m.segments, m.created_at, m.sent_at, m.delivered_at, m.handed_at
           FROM messages m
           JOIN contacts c ON c.organization_id = m.organization_id AND c.id = m.contact_id
           JOIN senders s ON s.organization_id = m.organization_id AND s.id = m.sender_id
           WHERE m.organization_id = $1 AND m.id = $2 FOR KEY SHARE OF c"#,
        organization.0,
        id,
    )
    .fetch_optional(&mut **tx)
    .await
}

/// A booking, as all `booking.*` events tell of it.
#[derive(Serialize)]
pub(in crate::integrations) struct BookingFacts {
    pub booking_id: BookingId,
    pub contact_id: ContactId,
    pub phone_number: String,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub status: String,
    pub slot_id: SlotId,
    pub service_id: ServiceId,
    pub service_name: String,
    pub provider_id: ProviderId,
    pub provider_name: String,
    /// IANA zone of the provider.
    pub timezone: String,
    pub start_time: DateTime<Utc>,
    pub end_time: DateTime<Utc>,
    pub created_at: DateTime<Utc>,
    pub cancelled_at: Option<DateTime<Utc>>,
}

pub(in crate::integrations) async fn booking(tx: &mut Tx, id: Uuid) -> Result<Option<BookingFacts>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        BookingFacts,
        r#"SELECT b.id AS "booking_id: _", b.contact_id AS "contact_id: _", c.phone_number, c.first_name, c.last_name, b.status,
                  b.slot_id AS "slot_id: _", s.service_id AS "service_id: _", v.name AS service_name, s.provider_id AS "provider_id: _",
                  p.name AS provider_name, p.timezone, s.start_time, s.end_time, b.created_at, b.cancelled_at
           FROM bookings b
           JOIN contacts c ON c.organization_id = b.organization_id AND c.id = b.contact_id
           JOIN slots s ON s.organization_id = b.organization_id AND s.id = b.slot_id
           JOIN services v ON v.organization_id = s.organization_id AND v.id = s.service_id
           JOIN providers p ON p.organization_id = s.organization_id AND p.id = s.provider_id
           WHERE b.organization_id = $1 AND b.id = $2 FOR KEY SHARE OF c"#,
        organization.0,
        id,
    )
    .fetch_optional(&mut **tx)
    .await
}

/// A contact, as `contact.opted_out` and `contact.opted_in` tell of it.
#[derive(Serialize)]
pub(in crate::integrations) struct ContactFacts {
    pub contact_id: ContactId,
    pub phone_number: String,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub opt_in_status: String,
}

pub(in crate::integrations) async fn contact(tx: &mut Tx, id: Uuid) -> Result<Option<ContactFacts>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        ContactFacts,
        r#"SELECT id AS "contact_id: _", phone_number, first_name, last_name, opt_in_status
           FROM contacts WHERE organization_id = $1 AND id = $2 FOR KEY SHARE"#,
        organization.0,
        id,
    )
    .fetch_optional(&mut **tx)
    .await
}
