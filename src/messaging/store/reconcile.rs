//! SQL on what is compared with the provider, and on reports about nothing of ours.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::super::model::ChannelKind;
use crate::platform::{
    db::Tx,
    ids::{MessageId, OrganizationId, SenderId},
};

/// System scope: organizations of which a sender was last compared before `before`, or of which the simulated carrier has to be asked after a
/// text by then (by their clocks), and for which no such job waits.
pub(in crate::messaging) async fn due(
    c: &mut PgConnection,
    before: DateTime<Utc>,
    kind: &str,
) -> Result<Vec<OrganizationId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"WITH due AS (
             SELECT s.organization_id AS o FROM senders s
             LEFT JOIN sender_reconciliations r ON r.organization_id = s.organization_id AND r.sender_id = s.id
             WHERE s.channel IN ('sms', 'whatsapp') AND (r.checked_at IS NULL OR r.checked_at <= $1)
             UNION
             SELECT i.organization_id
             FROM simulations i, LATERAL (SELECT $1::timestamptz + i.clock_offset_us * interval '1 microsecond' AS at) t
             WHERE EXISTS (SELECT FROM messages m
                           WHERE m.organization_id = i.organization_id AND m.direction = 'outbound' AND m.status IN ('sending', 'sent')
                             AND m.provider_sid IS NOT NULL AND m.sent_at > t.at - interval '29 hours' AND m.sent_at <= t.at
                             AND m.asked_at IS NULL)
                OR EXISTS (SELECT FROM messages m
                           WHERE m.organization_id = i.organization_id AND m.unknown_since IS NOT NULL AND m.unknown_since <= t.at
                             AND m.provider_sid IS NULL AND m.status IN ('failed', 'canceled')))
           SELECT o AS "o!: OrganizationId" FROM due
           WHERE NOT EXISTS (SELECT FROM jobs j WHERE j.organization_id = o AND j.kind = $2 AND j.state IN ('queued', 'running'))"#,
        before,
        kind,
    )
    .fetch_all(c)
    .await
}

pub(in crate::messaging) struct SenderRow {
    pub id: SenderId,
    pub channel: ChannelKind,
    pub address: String,
    pub created_at: DateTime<Utc>,
    /// Texts up to then are taken in.
    pub listed_until: Option<DateTime<Utc>>,
    pub own_account: bool,
}

/// The senders that texts come to by a provider, archived ones too.
pub(in crate::messaging) async fn senders(tx: &mut Tx) -> Result<Vec<SenderRow>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        SenderRow,
        r#"SELECT s.id AS "id: _", s.channel AS "channel: _", s.address, s.created_at, r.listed_until AS "listed_until?",
                  EXISTS (SELECT FROM sender_credentials k WHERE k.organization_id = s.organization_id AND k.sender_id = s.id)
                    AS "own_account!"
           FROM senders s LEFT JOIN sender_reconciliations r ON r.organization_id = s.organization_id AND r.sender_id = s.id
           WHERE s.organization_id = $1 AND s.channel IN ('sms', 'whatsapp') ORDER BY r.checked_at NULLS FIRST, s.id"#,
        organization.0,
    )
    .fetch_all(&mut **tx)
    .await
}

/// Notes how far a sender's texts are compared. `until` none: it could not be done, because of `error`.
pub(in crate::messaging) async fn note(
    tx: &mut Tx,
    sender: SenderId,
    until: Option<DateTime<Utc>>,
    from: DateTime<Utc>,
    taken_in: i64,
    error: Option<&str>,
) -> Result<(), sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query!(
        "INSERT INTO sender_reconciliations (organization_id, sender_id, listed_until, checked_at, taken_in, last_error)
         SELECT $1, s.id, COALESCE($3::timestamptz, $4::timestamptz), $5, $6, left($7, 500)
         FROM senders s WHERE s.organization_id = $1 AND s.id = $2
         ON CONFLICT (organization_id, sender_id) DO UPDATE
           SET listed_until = GREATEST(sender_reconciliations.listed_until, $3), checked_at = $5,
               taken_in = sender_reconciliations.taken_in + $6, last_error = left($7, 500)",
        organization.0,
        sender.0,
        until,
        from,
        now,
        taken_in,
        error,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Of these provider ids, the ones no text was taken in by.
pub(in crate::messaging) async fn missed(tx: &mut Tx, sids: &[String]) -> Result<Vec<String>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_scalar!(
        r#"SELECT sid AS "sid!" FROM unnest($2::text[]) AS sid
           WHERE NOT EXISTS (SELECT FROM webhook_receipts w WHERE w.organization_id = $1 AND w.provider_sid = sid)"#,
        organization.0,
        sids,
    )
    .fetch_all(&mut **tx)
    .await
}

/// Texts that left before `before` and `after`, and of whose end nothing was heard. A text that stays without news is asked about ever
/// more seldom: again when it is half as old again.
pub(in crate::messaging) async fn stuck(
    tx: &mut Tx,
    after: DateTime<Utc>,
    before: DateTime<Utc>,
    every: TimeDelta,
    limit: i64,
) -> Result<Vec<MessageId>, sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query_scalar!(
        r#"SELECT id AS "id: MessageId" FROM messages
           WHERE organization_id = $1 AND direction = 'outbound' AND status IN ('sending', 'sent') AND provider_sid IS NOT NULL
             AND sent_at > $2 AND sent_at <= $3
             AND (asked_at IS NULL OR asked_at <= $4::timestamptz - GREATEST(make_interval(secs => $5), ($4::timestamptz - sent_at) / 3))
           ORDER BY sent_at LIMIT $6"#,
        organization.0,
        after,
        before,
        now,
        every.num_milliseconds() as f64 / 1e3,
        limit,
    )
    .fetch_all(&mut **tx)
    .await
}

pub(in crate::messaging) async fn mark_asked(tx: &mut Tx, id: MessageId) -> Result<(), sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query!("UPDATE messages SET asked_at = $3 WHERE organization_id = $1 AND id = $2", organization.0, id.0, now)
        .execute(&mut **tx)
        .await
        .map(drop)
}

/// Texts that were given up or taken back while nobody knew whether they had left.
pub(in crate::messaging) async fn left_unknown(
    tx: &mut Tx,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<MessageId>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_scalar!(
        r#"SELECT id AS "id: MessageId" FROM messages
           WHERE organization_id = $1 AND unknown_since <= $2 AND provider_sid IS NULL AND status IN ('failed', 'canceled')
           ORDER BY unknown_since LIMIT $3"#,
        organization.0,
        before,
        limit,
    )
    .fetch_all(&mut **tx)
    .await
}

/// System scope: keeps a signed report about no message and no sender of this installation, and forgets those of a month ago.
pub(in crate::messaging) async fn keep_stray(
    c: &mut PgConnection,
    provider_sid: &str,
    status: &str,
    message: Option<Uuid>,
    params: &serde_json::Value,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "WITH old AS (DELETE FROM stray_reports WHERE received_at < $5::timestamptz - interval '30 days')
         INSERT INTO stray_reports (provider_sid, status, in_path, params, received_at)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
        provider_sid,
        status,
        message,
        params,
        now,
    )
    .execute(c)
    .await
    .map(drop)
}
