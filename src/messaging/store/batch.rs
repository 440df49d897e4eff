//! SQL on many outbound texts at once, in as many statements as for one.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::types::Json;
use uuid::Uuid;

use super::super::model::{ChannelKind, MessageStatus};
use crate::{
    compliance::{Purpose, Receipt},
    platform::{
        db::Tx,
        ids::{ContactId, ConversationId, MessageId, SenderId},
    },
};

/// What is known of somebody at the moment of sending.
pub(in crate::messaging) struct Recipient {
    pub id: ContactId,
    pub phone_number: String,
    pub timezone: Option<String>,
    pub postal_code: Option<String>,
    pub archived: bool,
    /// When they last texted, on any channel.
    pub last_heard: Option<DateTime<Utc>>,
    /// The oldest text of theirs that no turn has read.
    pub unread_since: Option<DateTime<Utc>>,
    /// When they last wrote to this sender.
    pub last_inbound_at: Option<DateTime<Utc>>,
}

/// Reads the contacts and locks them until the transaction ends, in the order of their ids. A text of theirs that comes meanwhile waits: their
/// opt-out is heard wholly before what is decided here, or finds it on its way.
pub(in crate::messaging) async fn lock_recipients(
    tx: &mut Tx,
    contacts: &[ContactId],
    sender: SenderId,
) -> Result<HashMap<ContactId, Recipient>, sqlx::Error> {
    let organization = tx.organization_id();
    let contacts: Vec<Uuid> = contacts.iter().map(|contact| contact.0).collect();
    let rows = sqlx::query_as!(
        Recipient,
        r#"SELECT c.id AS "id: _", c.phone_number, c.timezone, c.postal_code, c.archived_at IS NOT NULL AS "archived!",
                  c.last_message_at AS last_heard,
                  (SELECT min(u.created_at) FROM conversations t
                   JOIN messages u ON u.organization_id = t.organization_id AND u.conversation_id = t.id
                   WHERE t.organization_id = c.organization_id AND t.contact_id = c.id
                     AND u.direction = 'inbound' AND u.handled_at IS NULL) AS unread_since,
                  (SELECT max(i.created_at) FROM conversations t
                   JOIN messages i ON i.organization_id = t.organization_id AND i.conversation_id = t.id
                   WHERE t.organization_id = c.organization_id AND t.contact_id = c.id AND t.sender_id = $3
                     AND i.direction = 'inbound') AS last_inbound_at
           FROM contacts c WHERE c.organization_id = $1 AND c.id = ANY ($2) ORDER BY c.id FOR NO KEY UPDATE OF c"#,
        organization.0,
        &contacts,
        sender.0,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// When each of them was handed the last marketing texts, latest first, counted by one transaction at a time.
pub(in crate::messaging) async fn marketed(
    tx: &mut Tx,
    contacts: &[ContactId],
) -> Result<HashMap<ContactId, Vec<DateTime<Utc>>>, sqlx::Error> {
    let (organization, since) = (tx.organization_id(), tx.clock().now() - TimeDelta::days(7));
    let contacts: Vec<Uuid> = contacts.iter().map(|contact| contact.0).collect();
    sqlx::query!(
        "SELECT pg_advisory_xact_lock(hashtextextended(c.id::text, 18))
         FROM (SELECT id FROM unnest($1::uuid[]) AS of (id) ORDER BY id) AS c",
        &contacts,
    )
    .execute(&mut **tx)
    .await?;
    let rows = sqlx::query!(
        r#"SELECT contact_id AS "contact_id: ContactId", handed_at AS "at!" FROM messages
           WHERE organization_id = $1 AND contact_id = ANY ($2) AND purpose = 'marketing' AND handed_at > $3
           ORDER BY contact_id, handed_at DESC"#,
        organization.0,
        &contacts,
        since,
    )
    .fetch_all(&mut **tx)
    .await?;
    let mut marketed: HashMap<ContactId, Vec<DateTime<Utc>>> = HashMap::new();
    for row in rows {
        marketed.entry(row.contact_id).or_default().push(row.at);
    }
    Ok(marketed)
}

/// The threads in which the sender writes to these contacts, made where there are none; they do not stay put away.
pub(in crate::messaging) async fn write_in_conversations(
    tx: &mut Tx,
    contacts: &[ContactId],
    sender: SenderId,
) -> Result<HashMap<ContactId, ConversationId>, sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    let contacts: Vec<Uuid> = contacts.iter().map(|contact| contact.0).collect();
    let ids: Vec<Uuid> = contacts.iter().map(|_| ConversationId::new(tx.clock()).0).collect();
    let rows = sqlx::query!(
        r#"INSERT INTO conversations (organization_id, id, contact_id, sender_id, created_at, updated_at)
           SELECT $1, of.id, of.contact_id, $4, $5, $5
           FROM unnest($2::uuid[], $3::uuid[]) AS of (id, contact_id) ORDER BY of.contact_id
           ON CONFLICT ON CONSTRAINT conversations_contact_sender_key DO UPDATE SET updated_at = $5, archived_at = NULL
           RETURNING id AS "id: ConversationId", contact_id AS "contact_id: ContactId""#,
        organization.0,
        &ids,
        &contacts,
        sender.0,
        now,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.contact_id, row.id)).collect())
}

/// A text that has its permit.
pub(in crate::messaging) struct Leaving<'a> {
    pub id: MessageId,
    pub conversation_id: ConversationId,
    pub contact_id: ContactId,
    pub body: &'a str,
    pub media: serde_json::Value,
    pub content: Option<serde_json::Value>,
    pub segments: i16,
    pub deadline: DateTime<Utc>,
    pub receipt: &'a Receipt,
}

/// Writes texts as leaving now: from here on their outcome is unknown until recorded.
pub(in crate::messaging) async fn insert_leaving(
    tx: &mut Tx,
    batch: Uuid,
    sender: SenderId,
    channel: ChannelKind,
    purpose: Purpose,
    texts: &[Leaving<'_>],
) -> Result<(), sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    let ids: Vec<Uuid> = texts.iter().map(|t| t.id.0).collect();
    let conversations: Vec<Uuid> = texts.iter().map(|t| t.conversation_id.0).collect();
    let contacts: Vec<Uuid> = texts.iter().map(|t| t.contact_id.0).collect();
    let bodies: Vec<&str> = texts.iter().map(|t| t.body).collect();
    let media: Vec<&serde_json::Value> = texts.iter().map(|t| &t.media).collect();
    let contents: Vec<Option<&serde_json::Value>> = texts.iter().map(|t| t.content.as_ref()).collect();
    let segments: Vec<i16> = texts.iter().map(|t| t.segments).collect();
    let deadlines: Vec<DateTime<Utc>> = texts.iter().map(|t| t.deadline).collect();
    let receipts: Vec<Json<&Receipt>> = texts.iter().map(|t| Json(t.receipt)).collect();
    sqlx::query(
        "INSERT INTO messages (organization_id, id, conversation_id, contact_id, sender_id, direction, channel, body, media, content, segments,
                               purpose, status, created_at, handed_at, by_program, deadline_at, receipt, batch_id)
         SELECT $1, of.id, of.conversation_id, of.contact_id, $2, 'outbound', $3, of.body, of.media, of.content, of.segments,
                $4, 'sending', $5, $5, true, of.deadline_at, with_decision(NULL, of.receipt), $6
         FROM unnest($7::uuid[], $8::uuid[], $9::uuid[], $10::text[], $11::jsonb[], $12::jsonb[], $13::int2[], $14::timestamptz[], $15::jsonb[])
              AS of (id, conversation_id, contact_id, body, media, content, segments, deadline_at, receipt)",
    )
    .bind(organization.0)
    .bind(sender.0)
    .bind(channel.as_str())
    .bind(purpose.as_str())
    .bind(now)
    .bind(batch)
    .bind(&ids)
    .bind(&conversations)
    .bind(&contacts)
    .bind(&bodies)
    .bind(&media)
    .bind(&contents)
    .bind(&segments)
    .bind(&deadlines)
    .bind(&receipts)
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// What the provider took, with its ids. A report that overtook the answer has said more already: states only move forward.
pub(in crate::messaging) async fn record_accepted(
    tx: &mut Tx,
    taken: &[(MessageId, String, MessageStatus)],
) -> Result<(), sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    let ids: Vec<Uuid> = taken.iter().map(|(id, ..)| id.0).collect();
    let sids: Vec<&str> = taken.iter().map(|(_, sid, _)| sid.as_str()).collect();
    let statuses: Vec<&str> = taken.iter().map(|(.., status)| status.as_str()).collect();
    sqlx::query(
        "UPDATE messages m SET provider_sid = COALESCE(m.provider_sid, of.sid), sent_at = COALESCE(m.sent_at, $5),
                status = CASE WHEN m.status = 'sending' THEN of.status ELSE m.status END
         FROM unnest($2::uuid[], $3::text[], $4::text[]) AS of (id, sid, status)
         WHERE m.organization_id = $1 AND m.id = of.id AND (m.provider_sid IS NULL OR m.provider_sid = of.sid)",
    )
    .bind(organization.0)
    .bind(&ids)
    .bind(&sids)
    .bind(&statuses)
    .bind(now)
    .execute(&mut **tx)
    .await
    .map(drop)
}
