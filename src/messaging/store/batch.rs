//! SQL on many outbound texts at once, in as many statements as for one.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::super::{batches::BatchSender, model::ChannelKind};
use crate::{
    compliance::CAPS_LOOK_BACK,
    platform::{
        db::Tx,
        ids::{ContactId, ConversationId, MessageId, SenderId},
    },
};

/// What sending from it needs. None: there is no such sender.
pub(in crate::messaging) async fn sender(tx: &mut Tx, id: SenderId) -> Result<Option<BatchSender>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        BatchSender,
        r#"SELECT s.id AS "id: _", s.channel AS "channel: _", s.address, s.messaging_service_sid, s.pause_reason,
                  s.archived_at IS NOT NULL AS "archived!",
                  EXISTS (SELECT FROM sender_credentials k WHERE k.organization_id = s.organization_id AND k.sender_id = s.id)
                    AS "own_account!"
           FROM senders s WHERE s.organization_id = $1 AND s.id = $2"#,
        organization.0,
        id.0,
    )
    .fetch_optional(&mut **tx)
    .await
}

/// When a contact wrote, as far as it decides on a text to them.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::messaging) struct Wrote {
    /// The oldest text of theirs that no turn has read.
    pub unread_since: Option<DateTime<Utc>>,
    /// By WhatsApp: when they last wrote to the sender.
    pub last_inbound_at: Option<DateTime<Utc>>,
}

/// The same for each of these; who has not written is not in it.
pub(in crate::messaging) async fn wrote(
    tx: &mut Tx,
    contacts: &[Uuid],
    sender: &BatchSender,
) -> Result<HashMap<ContactId, Wrote>, sqlx::Error> {
    let organization = tx.organization_id();
    let rows = sqlx::query!(
        r#"SELECT t.contact_id AS "contact_id: ContactId", min(u.created_at) AS unread_since, max(i.last) AS last_inbound_at
           FROM conversations t
           LEFT JOIN LATERAL (SELECT created_at FROM messages m
                              WHERE m.organization_id = t.organization_id AND m.conversation_id = t.id
                                AND m.direction = 'inbound' AND m.handled_at IS NULL ORDER BY m.id LIMIT 1) u ON true
           LEFT JOIN LATERAL (SELECT created_at AS last FROM messages m
                              WHERE $4 AND t.sender_id = $3 AND m.organization_id = t.organization_id AND m.conversation_id = t.id
                                AND m.direction = 'inbound' ORDER BY m.created_at DESC LIMIT 1) i ON true
           WHERE t.organization_id = $1 AND t.contact_id = ANY ($2) AND t.heard_at IS NOT NULL
           GROUP BY t.contact_id"#,
        organization.0,
        contacts,
        sender.id.0,
        sender.channel == ChannelKind::Whatsapp,
    )
    .fetch_all(&mut **tx)
    .await?;
    let of = |unread_since, last_inbound_at| Wrote { unread_since, last_inbound_at };
    Ok(rows.into_iter().map(|row| (row.contact_id, of(row.unread_since, row.last_inbound_at))).collect())
}

/// Of these, when each was handed marketing, latest first, as far back as caps look; see [`super::marketed`].
pub(in crate::messaging) async fn marketed(
    tx: &mut Tx,
    contacts: &[Uuid],
) -> Result<HashMap<ContactId, Vec<DateTime<Utc>>>, sqlx::Error> {
    let (organization, since) = (tx.organization_id(), tx.clock().now() - CAPS_LOOK_BACK);
    sqlx::query!(
        "SELECT pg_advisory_xact_lock(hashtextextended(c.id::text, 18)) AS locked
         FROM (SELECT id FROM unnest($1::uuid[]) AS u (id) ORDER BY id) AS c",
        contacts,
    )
    .fetch_all(&mut **tx)
    .await?;
    let rows = sqlx::query!(
        r#"SELECT contact_id AS "contact_id: ContactId", handed_at AS "at!" FROM messages
           WHERE organization_id = $1 AND contact_id = ANY ($2) AND purpose = 'marketing' AND handed_at > $3
           ORDER BY contact_id, handed_at DESC"#,
        organization.0,
        contacts,
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
    contacts: &[Uuid],
    sender: SenderId,
) -> Result<HashMap<ContactId, ConversationId>, sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    let ids: Vec<Uuid> = contacts.iter().map(|_| ConversationId::new(tx.clock()).0).collect();
    let rows = sqlx::query!(
        r#"INSERT INTO conversations (organization_id, id, contact_id, sender_id, created_at, updated_at)
           SELECT $1, n.id, n.contact_id, $4, $5, $5
           FROM unnest($2::uuid[], $3::uuid[]) AS n (id, contact_id) ORDER BY n.contact_id
           ON CONFLICT ON CONSTRAINT conversations_contact_sender_key DO UPDATE SET updated_at = $5, archived_at = NULL
           RETURNING id AS "id: ConversationId", contact_id AS "contact_id: ContactId""#,
        organization.0,
        &ids,
        contacts,
        sender.0,
        now,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.contact_id, row.id)).collect())
}

/// Texts that have their permits, field by field.
#[derive(Default)]
pub(in crate::messaging) struct Leaving {
    pub ids: Vec<Uuid>,
    pub conversations: Vec<Uuid>,
    pub contacts: Vec<Uuid>,
    pub bodies: Vec<String>,
    pub contents: Vec<Option<serde_json::Value>>,
    pub segments: Vec<i16>,
    pub purposes: Vec<String>,
    pub receipts: Vec<serde_json::Value>,
}

/// What is the same for all texts of a batch.
pub(in crate::messaging) struct Common {
    pub batch: Uuid,
    pub sender: SenderId,
    pub channel: ChannelKind,
    pub media: serde_json::Value,
    pub deadline: DateTime<Utc>,
}

/// Writes texts as leaving now: from here on their outcome is unknown until recorded.
pub(in crate::messaging) async fn insert_leaving(
    tx: &mut Tx,
    common: &Common,
    texts: &Leaving,
) -> Result<(), sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query!(
        "INSERT INTO messages (organization_id, id, conversation_id, contact_id, sender_id, direction, channel, body, media, content, segments,
                               purpose, status, created_at, handed_at, by_program, deadline_at, receipt, batch_id)
         SELECT $1, n.id, n.conversation_id, n.contact_id, $2, 'outbound', $3, n.body, $4, n.content, n.segments,
                n.purpose, 'sending', $5, $5, true, $6, jsonb_build_array(n.receipt), $7
         FROM unnest($8::uuid[], $9::uuid[], $10::uuid[], $11::text[], $12::jsonb[], $13::int2[], $14::text[], $15::jsonb[])
              AS n (id, conversation_id, contact_id, body, content, segments, purpose, receipt)",
        organization.0,
        common.sender.0,
        common.channel.as_str(),
        common.media,
        now,
        common.deadline,
        common.batch,
        &texts.ids,
        &texts.conversations,
        &texts.contacts,
        &texts.bodies,
        &texts.contents as &[Option<serde_json::Value>],
        &texts.segments,
        &texts.purposes,
        &texts.receipts,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Of these provider ids, the ones that reports are kept of already.
pub(in crate::messaging) async fn reported(tx: &mut Tx, sids: &[String]) -> Result<Vec<String>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_scalar!(
        "SELECT DISTINCT provider_sid FROM delivery_events WHERE organization_id = $1 AND provider_sid = ANY ($2)",
        organization.0,
        sids,
    )
    .fetch_all(&mut **tx)
    .await
}

/// Notes what the provider took of what nobody has heard of since it left. Gives what was noted; what became of the others stands with them.
pub(in crate::messaging) async fn record_taken(
    tx: &mut Tx,
    ids: &[Uuid],
    sids: &[String],
    statuses: &[String],
) -> Result<Vec<MessageId>, sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query_scalar!(
        r#"UPDATE messages m SET provider_sid = n.sid, sent_at = $5, status = n.status, unknown_since = NULL
           FROM unnest($2::uuid[], $3::text[], $4::text[]) AS n (id, sid, status)
           WHERE m.organization_id = $1 AND m.id = n.id AND m.status = 'sending' AND m.provider_sid IS NULL
           RETURNING m.id AS "id: MessageId""#,
        organization.0,
        ids,
        sids,
        statuses,
        now,
    )
    .fetch_all(&mut **tx)
    .await
}

/// Of these texts, the ones whose outcome nobody has noted: the process that handed them over died. What sending each again needs.
pub(in crate::messaging) async fn orphans(
    tx: &mut Tx,
    ids: &[Uuid],
) -> Result<Vec<(MessageId, SenderId, i16)>, sqlx::Error> {
    let organization = tx.organization_id();
    let rows = sqlx::query!(
        r#"SELECT id AS "id: MessageId", sender_id AS "sender_id: SenderId", segments FROM messages
           WHERE organization_id = $1 AND id = ANY ($2) AND status = 'sending' AND provider_sid IS NULL AND unknown_since IS NULL"#,
        organization.0,
        ids,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.sender_id, row.segments)).collect())
}

/// A text that came in.
pub(in crate::messaging) struct Inbound {
    pub contact_id: ContactId,
    pub body: String,
    pub opt_out_type: Option<String>,
    pub created_at: DateTime<Utc>,
}

pub(in crate::messaging) async fn inbound(tx: &mut Tx, id: MessageId) -> Result<Option<Inbound>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        Inbound,
        r#"SELECT contact_id AS "contact_id: _", body, opt_out_type, created_at FROM messages
           WHERE organization_id = $1 AND id = $2 AND direction = 'inbound'"#,
        organization.0,
        id.0,
    )
    .fetch_optional(&mut **tx)
    .await
}

// ---- batches

/// Holds the batch back, or lets it go on; it is noted with the first call.
pub(in crate::messaging) async fn set_held(tx: &mut Tx, batch: Uuid, held: bool) -> Result<(), sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query!(
        "INSERT INTO message_batches (organization_id, id, held, created_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (organization_id, id) DO UPDATE SET held = EXCLUDED.held",
        organization.0,
        batch,
        held,
        now,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Takes back what waits of the batch. Gives the texts.
pub(in crate::messaging) async fn cancel_queued(
    tx: &mut Tx,
    batch: Uuid,
    code: &str,
    words: &str,
    limit: i64,
) -> Result<Vec<MessageId>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_scalar!(
        r#"UPDATE messages SET status = 'canceled', held_until = NULL, error_code = $3, error_message = $4
           WHERE organization_id = $1 AND id IN (
               SELECT id FROM messages WHERE organization_id = $1 AND batch_id = $2 AND status = 'queued'
               ORDER BY id LIMIT $5 FOR NO KEY UPDATE)
           RETURNING id AS "id: MessageId""#,
        organization.0,
        batch,
        code,
        words,
        limit,
    )
    .fetch_all(&mut **tx)
    .await
}

/// How many texts of a batch stand where.
#[derive(Clone, Debug)]
pub struct BatchCount {
    pub batch_id: Uuid,
    /// As a message's status, or "unknown": it may have left, and nobody knows yet.
    pub status: String,
    /// Empty where there is none.
    pub error_code: String,
    pub texts: i64,
    pub segments: i64,
}

pub(in crate::messaging) async fn counts(tx: &mut Tx, batches: &[Uuid]) -> Result<Vec<BatchCount>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        BatchCount,
        r#"SELECT batch_id, status, error_code, sum(texts)::bigint AS "texts!", sum(segments)::bigint AS "segments!"
           FROM message_batch_counts WHERE organization_id = $1 AND batch_id = ANY ($2)
           GROUP BY batch_id, status, error_code HAVING sum(texts) <> 0 ORDER BY batch_id, status, error_code"#,
        organization.0,
        batches,
    )
    .fetch_all(&mut **tx)
    .await
}
