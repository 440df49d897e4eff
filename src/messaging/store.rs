//! All SQL on senders, conversations, messages, receipts and delivery events.

pub(super) mod attempts;
pub(super) mod batch;
pub(super) mod credentials;
pub(super) mod health;
pub(super) mod personal;
pub(super) mod prices;
pub(super) mod reading;
pub(super) mod reconcile;
pub(super) mod senders;
pub(super) mod simulator;
pub(super) mod takeover;
pub(super) mod whatsapp;
pub(super) mod withdrawal;

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, types::Json};

use super::{
    media::MediaItem,
    model::{ChannelKind, MessageStatus, Mode, Sender, WaitingReason},
    service::Writer,
    whatsapp::Content,
};
use crate::{
    compliance::{CAPS_LOOK_BACK, Purpose, Receipt},
    platform::{
        db::Tx,
        ids::{ContactId, ConversationId, MessageId, OrganizationId, SenderId},
    },
};

// ---- senders

/// System scope: which organization owns the address a text was sent to.
pub(super) async fn sender_by_address(
    c: &mut PgConnection,
    channel: ChannelKind,
    address: &str,
) -> Result<Option<(OrganizationId, Sender)>, sqlx::Error> {
    let row = sqlx::query!(
        r#"SELECT organization_id AS "organization_id: OrganizationId", id AS "id: SenderId", channel AS "channel: ChannelKind"
           FROM senders WHERE channel = $1 AND address = $2 AND channel <> 'simulator'"#,
        channel.as_str(),
        address,
    )
    .fetch_optional(c)
    .await?;
    Ok(row.map(|r| (r.organization_id, Sender { id: r.id, channel: r.channel })))
}

pub(super) async fn simulator_sender(tx: &mut Tx) -> Result<Option<Sender>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        Sender,
        r#"SELECT id AS "id: _", channel AS "channel: _"
           FROM senders WHERE organization_id = $1 AND channel = 'simulator'"#,
        organization.0,
    )
    .fetch_optional(&mut **tx)
    .await
}

/// Makes the sender, or gives the existing one of this organization the messaging service. False: another organization owns it.
pub(super) async fn upsert_sender(
    tx: &mut Tx,
    channel: ChannelKind,
    address: &str,
    messaging_service_sid: Option<&str>,
    display_name: &str,
) -> Result<(), sqlx::Error> {
    let (organization, id, now) = (tx.organization_id(), SenderId::new(tx.clock()), tx.clock().now());
    sqlx::query!(
        "INSERT INTO senders (organization_id, id, channel, address, messaging_service_sid, display_name, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
        organization.0,
        id.0,
        channel.as_str(),
        address,
        messaging_service_sid,
        display_name,
        now,
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "UPDATE senders SET messaging_service_sid = $4
         WHERE organization_id = $1 AND channel = $2 AND address = $3 AND messaging_service_sid IS DISTINCT FROM $4",
        organization.0,
        channel.as_str(),
        address,
        messaging_service_sid,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

// ---- receiving

/// Notes the webhook. False: it was here before.
pub(super) async fn insert_receipt(
    tx: &mut Tx,
    provider_sid: &str,
    message: MessageId,
    params: &serde_json::Value,
) -> Result<bool, sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    let inserted = sqlx::query!(
        "INSERT INTO webhook_receipts (organization_id, provider_sid, message_id, params, received_at)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
        organization.0,
        provider_sid,
        message.0,
        params,
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// A thread in which a text has just come in.
pub(super) struct Heard {
    pub id: ConversationId,
    /// The contact had not written in it before.
    pub first: bool,
}

/// The thread of contact and sender, made on the first text; its version grows, and it does not stay put away.
pub(super) async fn hear_in_conversation(
    tx: &mut Tx,
    contact: ContactId,
    sender: SenderId,
) -> Result<Heard, sqlx::Error> {
    let (organization, id, now) = (tx.organization_id(), ConversationId::new(tx.clock()), tx.clock().now());
    sqlx::query_as!(
        Heard,
        r#"INSERT INTO conversations (organization_id, id, contact_id, sender_id, heard_at, created_at, updated_at)
           VALUES ($1, $2, $3, $4, $5, $5, $5)
           ON CONFLICT ON CONSTRAINT conversations_contact_sender_key
             DO UPDATE SET version = conversations.version + 1, updated_at = $5, archived_at = NULL,
                           heard_at = COALESCE(conversations.heard_at, $5)
           RETURNING id AS "id: _", (heard_at = $5) AS "first!""#,
        organization.0,
        id.0,
        contact.0,
        sender.0,
        now,
    )
    .fetch_one(&mut **tx)
    .await
}

/// The thread in which we write to the contact, made where there is none; it does not stay put away.
pub(super) async fn write_in_conversation(
    tx: &mut Tx,
    contact: ContactId,
    sender: SenderId,
) -> Result<ConversationId, sqlx::Error> {
    let (organization, id, now) = (tx.organization_id(), ConversationId::new(tx.clock()), tx.clock().now());
    sqlx::query_scalar!(
        r#"INSERT INTO conversations (organization_id, id, contact_id, sender_id, created_at, updated_at)
           VALUES ($1, $2, $3, $4, $5, $5)
           ON CONFLICT ON CONSTRAINT conversations_contact_sender_key DO UPDATE SET updated_at = $5, archived_at = NULL
           RETURNING id AS "id: ConversationId""#,
        organization.0,
        id.0,
        contact.0,
        sender.0,
        now,
    )
    .fetch_one(&mut **tx)
    .await
}

pub(super) struct NewMessage<'a> {
    pub id: MessageId,
    pub conversation_id: ConversationId,
    pub contact_id: ContactId,
    pub sender_id: SenderId,
    pub direction: &'static str,
    pub channel: ChannelKind,
    pub body: &'a str,
    pub media: serde_json::Value,
    pub segments: i16,
    pub purpose: Purpose,
    /// Of an outbound text.
    pub deadline: Option<DateTime<Utc>>,
    pub status: MessageStatus,
    pub provider_sid: Option<&'a str>,
    pub opt_out_type: Option<&'a str>,
    /// Of an outbound text.
    pub writer: Writer,
    /// When it was written.
    pub at: DateTime<Utc>,
}

pub(super) async fn insert_message(tx: &mut Tx, m: &NewMessage<'_>) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query!(
        "INSERT INTO messages (organization_id, id, conversation_id, contact_id, sender_id, direction, channel, body, media, segments,
                               purpose, status, provider_sid, opt_out_type, created_at, by_staff, user_id,
                               by_program, deadline_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)",
        organization.0,
        m.id.0,
        m.conversation_id.0,
        m.contact_id.0,
        m.sender_id.0,
        m.direction,
        m.channel.as_str(),
        m.body,
        m.media,
        m.segments,
        m.purpose.as_str(),
        m.status.as_str(),
        m.provider_sid,
        m.opt_out_type,
        m.at,
        matches!(m.writer, Writer::Staff(_)),
        m.writer.user().map(|u| u.0),
        m.writer == Writer::Program,
        m.deadline,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

// ---- turns

pub(super) struct ThreadRow {
    pub sender_id: SenderId,
    pub channel: ChannelKind,
    pub mode: Mode,
    pub human_until: Option<DateTime<Utc>>,
    pub dialogue: serde_json::Value,
    pub state_expires_at: Option<DateTime<Utc>>,
    pub misses: i16,
    pub version: i64,
}

/// The conversation's contact, without locking anything.
pub(super) async fn contact_of(tx: &mut Tx, id: ConversationId) -> Result<Option<ContactId>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_scalar!(
        r#"SELECT contact_id AS "contact_id: ContactId" FROM conversations WHERE organization_id = $1 AND id = $2"#,
        organization.0,
        id.0
    )
    .fetch_optional(&mut **tx)
    .await
}

pub(super) async fn lock_conversation(tx: &mut Tx, id: ConversationId) -> Result<ThreadRow, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        ThreadRow,
        r#"SELECT c.sender_id AS "sender_id: _", s.channel AS "channel: _", c.mode AS "mode: _", c.human_until,
                  c.dialogue, c.state_expires_at, c.misses, c.version
           FROM conversations c JOIN senders s ON s.organization_id = c.organization_id AND s.id = c.sender_id
           WHERE c.organization_id = $1 AND c.id = $2 FOR NO KEY UPDATE OF c"#,
        organization.0,
        id.0,
    )
    .fetch_one(&mut **tx)
    .await
}

pub(super) struct UnhandledRow {
    pub id: MessageId,
    pub body: String,
    pub media: serde_json::Value,
    pub opt_out_type: Option<String>,
    pub created_at: DateTime<Utc>,
}

/// Texts nobody has answered yet, oldest first.
pub(super) async fn unhandled(tx: &mut Tx, id: ConversationId) -> Result<Vec<UnhandledRow>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        UnhandledRow,
        r#"SELECT id AS "id: _", body, media, opt_out_type, created_at FROM messages
           WHERE organization_id = $1 AND conversation_id = $2 AND direction = 'inbound' AND handled_at IS NULL
           ORDER BY id LIMIT 50"#,
        organization.0,
        id.0,
    )
    .fetch_all(&mut **tx)
    .await
}

pub(super) async fn mark_handled(tx: &mut Tx, ids: &[MessageId]) -> Result<(), sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    let ids: Vec<uuid::Uuid> = ids.iter().map(|id| id.0).collect();
    sqlx::query!(
        "UPDATE messages SET handled_at = $3 WHERE organization_id = $1 AND id = ANY($2)",
        organization.0,
        &ids,
        now
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// What a turn leaves behind in the conversation's row. Who only waited for the next word of a person waits no longer once the assistant
/// answers again.
pub(super) struct ThreadRowUpdate<'a> {
    pub dialogue: &'a serde_json::Value,
    pub state_expires_at: Option<DateTime<Utc>>,
    pub misses: i16,
    /// Human mode until then; none: the assistant answers.
    pub human_until: Option<DateTime<Utc>>,
    /// Asks for staff; the first reason stays, unless they ask for a person now.
    pub waiting: Option<WaitingReason>,
    /// Nobody may write to the contact any more: nobody waits.
    pub opted_out: bool,
}

pub(super) async fn save_thread(tx: &mut Tx, id: ConversationId, u: &ThreadRowUpdate<'_>) -> Result<(), sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query!(
        "UPDATE conversations SET dialogue = $3, state_expires_at = $4, version = version + 1, updated_at = $5, misses = $6,
                mode = CASE WHEN $7::timestamptz IS NULL THEN 'bot' ELSE 'human' END, human_until = $7,
                assignee_id = CASE WHEN $7 IS NULL AND NOT assigned THEN NULL ELSE assignee_id END,
                waiting_since = CASE WHEN $9 THEN NULL
                                     WHEN $8::text IS NOT NULL THEN COALESCE(waiting_since, $5)
                                     WHEN $7 IS NULL AND waiting_reason = 'wrote' THEN NULL ELSE waiting_since END,
                waiting_reason = CASE WHEN $9 THEN NULL
                                      WHEN $8 = 'asked_for_person' THEN $8
                                      WHEN $8 IS NULL AND $7 IS NULL AND waiting_reason = 'wrote' THEN NULL
                                      ELSE COALESCE(waiting_reason, $8) END
         WHERE organization_id = $1 AND id = $2",
        organization.0,
        id.0,
        u.dialogue,
        u.state_expires_at,
        now,
        u.misses,
        u.human_until,
        u.waiting.map(WaitingReason::as_str),
        u.opted_out,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

// ---- delivery

pub(super) struct OutboundRow {
    pub id: MessageId,
    pub contact_id: ContactId,
    pub sender_id: SenderId,
    pub channel: ChannelKind,
    pub phone_number: String,
    pub sender_address: String,
    pub messaging_service_sid: Option<String>,
    /// Why the sender is paused, if it is.
    pub pause_reason: Option<String>,
    /// It is one of a batch that somebody paused.
    pub batch_held: bool,
    pub body: String,
    pub purpose: Purpose,
    pub status: MessageStatus,
    pub provider_sid: Option<String>,
    pub error_code: Option<String>,
    pub created_at: DateTime<Utc>,
    pub deadline_at: Option<DateTime<Utc>>,
    /// When the contact last texted, on any channel.
    pub last_heard: Option<DateTime<Utc>>,
    pub timezone: Option<String>,
    pub postal_code: Option<String>,
    /// The oldest text of theirs that no turn has read.
    pub unread_since: Option<DateTime<Utc>>,
    pub handed_at: Option<DateTime<Utc>>,
    pub sent_at: Option<DateTime<Utc>>,
    /// How often it was handed over anew after the provider had not delivered it.
    pub resent: i16,
    /// Parts it is charged as.
    pub segments: i16,
    /// The sender belongs to an account of its own.
    pub own_account: bool,
    pub media: Json<Vec<MediaItem>>,
    pub content: Option<Json<Content>>,
    /// By WhatsApp: when the contact last wrote in the conversation.
    pub last_inbound_at: Option<DateTime<Utc>>,
}

impl OutboundRow {
    /// After this it is not tried again.
    pub(super) fn deadline(&self) -> DateTime<Utc> {
        self.deadline_at.unwrap_or(self.created_at + self.purpose.lifetime())
    }

    /// Its job ran out of tries; what came of the text may still turn up.
    pub(super) fn given_up(&self) -> bool {
        self.status == MessageStatus::Failed && self.error_code.as_deref() == Some("gave_up")
    }

    /// The status that news is measured against.
    pub(super) fn standing(&self) -> MessageStatus {
        if self.given_up() { MessageStatus::Sending } else { self.status }
    }
}

/// Locks an outbound message and reads what sending it needs.
pub(super) async fn lock_outbound(tx: &mut Tx, id: MessageId) -> Result<Option<OutboundRow>, sqlx::Error> {
    let organization = tx.organization_id();
    let mut row = sqlx::query_as!(
        OutboundRow,
        r#"SELECT m.id AS "id: _", m.contact_id AS "contact_id: _", m.sender_id AS "sender_id: _", m.channel AS "channel: _",
                  c.phone_number, s.address AS sender_address, s.messaging_service_sid, s.pause_reason, m.body,
                  m.purpose AS "purpose: _", m.status AS "status: _", m.provider_sid, m.error_code, m.created_at, m.deadline_at,
                  c.last_message_at AS last_heard, c.timezone, c.postal_code, m.handed_at, m.sent_at, m.resent, m.segments,
                  m.media AS "media: _", m.content AS "content: _",
                  EXISTS (SELECT FROM message_batches b WHERE b.organization_id = m.organization_id AND b.id = m.batch_id AND b.held)
                    AS "batch_held!",
                  EXISTS (SELECT FROM sender_credentials k WHERE k.organization_id = s.organization_id AND k.sender_id = s.id)
                    AS "own_account!",
                  (SELECT min(u.created_at) FROM conversations t
                   JOIN messages u ON u.organization_id = t.organization_id AND u.conversation_id = t.id
                   WHERE t.organization_id = m.organization_id AND t.contact_id = m.contact_id
                     AND u.direction = 'inbound' AND u.handled_at IS NULL) AS unread_since,
                  CASE WHEN m.channel = 'whatsapp' THEN
                    (SELECT max(i.created_at) FROM messages i WHERE i.organization_id = m.organization_id
                       AND i.conversation_id = m.conversation_id AND i.direction = 'inbound') END AS last_inbound_at
           FROM messages m
           JOIN contacts c ON c.organization_id = m.organization_id AND c.id = m.contact_id
           JOIN senders s ON s.organization_id = m.organization_id AND s.id = m.sender_id
           WHERE m.organization_id = $1 AND m.id = $2 AND m.direction = 'outbound' FOR NO KEY UPDATE OF m"#,
        organization.0,
        id.0,
    )
    .fetch_optional(&mut **tx)
    .await?;
    if let Some(row) = &mut row {
        whatsapp::judge_as_template(row, tx.clock().now());
    }
    Ok(row)
}

/// Locks a text that was read when it was handed over, and reads what may have changed since. None: it was erased.
pub(super) async fn lock_again(tx: &mut Tx, row: OutboundRow) -> Result<Option<OutboundRow>, sqlx::Error> {
    let organization = tx.organization_id();
    let now = sqlx::query!(
        r#"SELECT contact_id AS "contact_id: ContactId", status AS "status: MessageStatus", provider_sid, error_code, handed_at, sent_at, resent
           FROM messages WHERE organization_id = $1 AND id = $2 FOR NO KEY UPDATE"#,
        organization.0,
        row.id.0,
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(now.map(|now| OutboundRow {
        contact_id: now.contact_id,
        status: now.status,
        provider_sid: now.provider_sid,
        error_code: now.error_code,
        handed_at: now.handed_at,
        sent_at: now.sent_at,
        resent: now.resent,
        ..row
    }))
}

/// When the contact was handed marketing, latest first, as far back as caps look. No other text to them is decided on by the same answer: whoever asks
/// waits until this transaction ends.
pub(super) async fn marketed(tx: &mut Tx, contact: ContactId) -> Result<Vec<DateTime<Utc>>, sqlx::Error> {
    let (organization, since) = (tx.organization_id(), tx.clock().now() - CAPS_LOOK_BACK);
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtextextended($1, 18))", contact.0.to_string())
        .execute(&mut **tx)
        .await?;
    sqlx::query_scalar!(
        r#"SELECT handed_at AS "at!" FROM messages
           WHERE organization_id = $1 AND contact_id = $2 AND purpose = 'marketing' AND handed_at > $3
           ORDER BY handed_at DESC LIMIT 100"#,
        organization.0,
        contact.0,
        since,
    )
    .fetch_all(&mut **tx)
    .await
}

/// The text is about to leave: from here on its outcome is unknown until recorded.
pub(super) async fn mark_handing(tx: &mut Tx, id: MessageId, receipt: &Receipt) -> Result<(), sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query!(
        "UPDATE messages SET status = 'sending', handed_at = $3, held_until = NULL, lookups = 0, unknown_since = NULL, error_code = NULL,
                receipt = with_decision(receipt, $4)
         WHERE organization_id = $1 AND id = $2",
        organization.0,
        id.0,
        now,
        Json(receipt) as _,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// A rule says to wait.
pub(super) async fn hold(
    tx: &mut Tx,
    id: MessageId,
    until: DateTime<Utc>,
    receipt: &Receipt,
) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query!(
        "UPDATE messages SET held_until = $3, receipt = with_decision(receipt, $4) WHERE organization_id = $1 AND id = $2",
        organization.0,
        id.0,
        until,
        Json(receipt) as _,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// A rule says no, for good. The texts are alike: one receipt tells of all of them.
pub(super) async fn refuse(tx: &mut Tx, ids: &[MessageId], receipt: &Receipt) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    let ids: Vec<uuid::Uuid> = ids.iter().map(|id| id.0).collect();
    sqlx::query!(
        "UPDATE messages SET status = 'canceled', held_until = NULL, error_code = $3, error_message = left($4, 500),
                receipt = with_decision(receipt, $5)
         WHERE organization_id = $1 AND id = ANY($2)",
        organization.0,
        &ids,
        receipt.code,
        receipt.sentence,
        Json(receipt) as _,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// The text certainly did not leave: it waits again, with the reason.
pub(super) async fn mark_not_handed(tx: &mut Tx, id: MessageId, reason: &str) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query!(
        "UPDATE messages SET status = 'queued', handed_at = NULL, unknown_since = NULL, error_code = NULL, error_message = left($3, 500)
         WHERE organization_id = $1 AND id = $2 AND status IN ('sending', 'failed') AND provider_sid IS NULL",
        organization.0,
        id.0,
        reason
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Nobody will try this text again by itself: shown as failed, to be sent again when somebody retries its job.
pub(super) async fn mark_gave_up(tx: &mut Tx, id: MessageId, reason: &str) -> Result<bool, sqlx::Error> {
    let organization = tx.organization_id();
    let marked = sqlx::query!(
        "UPDATE messages SET status = 'failed', error_code = 'gave_up', error_message = left($3, 500)
         WHERE organization_id = $1 AND id = $2 AND status IN ('queued', 'sending') AND provider_sid IS NULL",
        organization.0,
        id.0,
        reason
    )
    .execute(&mut **tx)
    .await?;
    Ok(marked.rows_affected() == 1)
}

pub(super) async fn count_lookup(tx: &mut Tx, id: MessageId) -> Result<i16, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_scalar!(
        "UPDATE messages SET lookups = lookups + 1 WHERE organization_id = $1 AND id = $2 RETURNING lookups",
        organization.0,
        id.0
    )
    .fetch_one(&mut **tx)
    .await
}

/// What is new about an outbound text.
pub(super) struct Progress<'a> {
    pub status: MessageStatus,
    pub provider_sid: Option<&'a str>,
    pub error_code: Option<&'a str>,
    pub error_message: Option<&'a str>,
}

pub(super) async fn record_progress(tx: &mut Tx, id: MessageId, p: &Progress<'_>) -> Result<(), sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query!(
        "UPDATE messages SET status = $3, provider_sid = COALESCE(provider_sid, $4),
                unknown_since = CASE WHEN COALESCE(provider_sid, $4) IS NULL THEN unknown_since END,
                error_code = COALESCE($5, CASE WHEN $3 IN ('failed', 'undelivered', 'canceled') THEN NULLIF(error_code, 'gave_up') END),
                error_message = CASE WHEN $5::text IS NULL AND $3 NOT IN ('failed', 'undelivered', 'canceled') THEN NULL
                                     ELSE COALESCE(left($6, 500), error_message) END,
                sent_at = CASE WHEN sent_at IS NULL AND COALESCE(provider_sid, $4) IS NOT NULL THEN $7 ELSE sent_at END,
                delivered_at = CASE WHEN delivered_at IS NULL AND $3 IN ('delivered', 'read') THEN $7 ELSE delivered_at END
         WHERE organization_id = $1 AND id = $2",
        organization.0,
        id.0,
        p.status.as_str(),
        p.provider_sid,
        p.error_code,
        p.error_message,
        now,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Of these provider ids, the ones that belong to another of our messages, or to a try that is over.
pub(super) async fn taken_sids(tx: &mut Tx, sids: &[String]) -> Result<Vec<String>, sqlx::Error> {
    let organization = tx.organization_id();
    let rows = sqlx::query_scalar!(
        r#"SELECT provider_sid AS "sid!" FROM messages WHERE organization_id = $1 AND provider_sid = ANY($2)
           UNION ALL SELECT provider_sid FROM delivery_attempts WHERE organization_id = $1 AND provider_sid = ANY($2)"#,
        organization.0,
        sids
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows)
}

/// Keeps a status callback as it came. False: this one was here before, or is about a text that was erased.
pub(super) async fn insert_delivery_event(
    tx: &mut Tx,
    provider_sid: &str,
    status: &str,
    error_code: Option<&str>,
    params: &serde_json::Value,
) -> Result<bool, sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    let inserted = sqlx::query!(
        "INSERT INTO delivery_events (organization_id, provider_sid, status, error_code, params, received_at)
         SELECT $1, $2, $3, $4, $5, $6
         WHERE NOT EXISTS (SELECT FROM delivery_events WHERE organization_id = $1 AND provider_sid = $2 AND status = 'erased')
         ON CONFLICT DO NOTHING",
        organization.0,
        provider_sid,
        status,
        error_code,
        params,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// Callbacks kept for a provider id: status and error code.
pub(super) async fn delivery_events(
    tx: &mut Tx,
    provider_sid: &str,
) -> Result<Vec<(String, Option<String>)>, sqlx::Error> {
    let organization = tx.organization_id();
    let rows = sqlx::query!(
        "SELECT status, error_code FROM delivery_events WHERE organization_id = $1 AND provider_sid = $2 ORDER BY received_at",
        organization.0,
        provider_sid
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|r| (r.status, r.error_code)).collect())
}

/// System scope: whose text this is, by our own id in the callback's path.
pub(super) async fn organization_of_message(
    c: &mut PgConnection,
    id: MessageId,
) -> Result<Option<OrganizationId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT organization_id AS "o: OrganizationId" FROM messages WHERE id = $1 AND direction = 'outbound'"#,
        id.0
    )
    .fetch_optional(c)
    .await
}

/// System scope: whose text this is, by the provider's id.
pub(super) async fn by_provider_sid(
    c: &mut PgConnection,
    sid: &str,
) -> Result<Option<(OrganizationId, MessageId)>, sqlx::Error> {
    let row = sqlx::query!(
        r#"SELECT organization_id AS "o!: OrganizationId", id AS "id!: MessageId" FROM messages
           WHERE provider_sid = $1 AND direction = 'outbound'
           UNION ALL SELECT organization_id, message_id FROM delivery_attempts WHERE provider_sid = $1 LIMIT 1"#,
        sid
    )
    .fetch_optional(c)
    .await?;
    Ok(row.map(|r| (r.o, r.id)))
}
