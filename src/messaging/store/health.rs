//! SQL on how senders fare: from sums by the hour, never from the texts themselves.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::super::{
    health::{Health, SenderError, SenderHour},
    model::ChannelKind,
    rates::{Pace, kind_of, usual_per_second},
};
use crate::platform::{
    db::Tx,
    ids::{MessageId, SenderId},
};

/// A day's figures, or where few texts were sent in it, those of the last so many, up to a week back.
const DAY: TimeDelta = TimeDelta::hours(24);
const WEEK: TimeDelta = TimeDelta::days(7);
const ENOUGH: i64 = 200;

/// The figures of these senders; one without any is left out.
pub(in crate::messaging) async fn figures(
    tx: &mut Tx,
    ids: &[SenderId],
) -> Result<Vec<(SenderId, Health)>, sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"WITH hours AS (
             SELECT sender_id, hour, sum(tried) AS tried, sum(delivered) AS delivered, sum(failed) AS failed FROM sender_hours
             WHERE organization_id = $1 AND sender_id = ANY($2) AND hour > $3 GROUP BY sender_id, hour),
           counted AS (
             SELECT *, sum(tried) OVER (PARTITION BY sender_id ORDER BY hour DESC) - tried AS newer FROM hours)
           SELECT sender_id AS "id!: SenderId", sum(tried)::bigint AS "tried!", sum(delivered)::bigint AS "delivered!",
                  sum(failed)::bigint AS "failed!", min(hour) AS "since!"
           FROM counted WHERE hour > $4 OR newer < $5::bigint GROUP BY sender_id"#,
        organization.0,
        &ids,
        now - WEEK,
        now - DAY,
        ENOUGH,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|r| (r.id, Health::of(r.tried, r.delivered, r.failed, Some(r.since)))).collect())
}

/// The last day by the hour, oldest first; hours without texts are left out.
pub(in crate::messaging) async fn hours(tx: &mut Tx, id: SenderId) -> Result<Vec<SenderHour>, sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query_as!(
        SenderHour,
        r#"SELECT hour, sum(tried)::bigint AS "tried!", sum(delivered)::bigint AS "delivered!", sum(failed)::bigint AS "failed!"
           FROM sender_hours WHERE organization_id = $1 AND sender_id = $2 AND hour > $3 GROUP BY hour ORDER BY hour"#,
        organization.0,
        id.0,
        now - DAY,
    )
    .fetch_all(&mut **tx)
    .await
}

/// What failed texts of the last week failed with, the most frequent first.
pub(in crate::messaging) async fn errors(tx: &mut Tx, id: SenderId) -> Result<Vec<SenderError>, sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query_as!(
        SenderError,
        r#"SELECT e.key AS "code!", sum(e.value::bigint)::bigint AS "count!"
           FROM sender_hours h CROSS JOIN LATERAL jsonb_each_text(h.errors) e
           WHERE h.organization_id = $1 AND h.sender_id = $2 AND h.hour > $3
           GROUP BY e.key ORDER BY 2 DESC, 1 LIMIT 10"#,
        organization.0,
        id.0,
        now - WEEK,
    )
    .fetch_all(&mut **tx)
    .await
}

/// How fast the sender may send. One that is not here any more has no limit: its texts are gone too.
pub(in crate::messaging) async fn pace(
    tx: &mut Tx,
    id: SenderId,
    midnight: DateTime<Utc>,
) -> Result<Pace, sqlx::Error> {
    let organization = tx.organization_id();
    let row = sqlx::query!(
        r#"SELECT channel AS "channel: ChannelKind", address, max_per_second, max_per_day,
                  CASE WHEN max_per_day IS NULL THEN 0 ELSE
                    (SELECT COALESCE(sum(segments), 0) FROM sender_hours
                     WHERE organization_id = $1 AND sender_id = $2 AND hour >= $3) END AS "today!"
           FROM senders WHERE organization_id = $1 AND id = $2"#,
        organization.0,
        id.0,
        midnight,
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map_or(Pace { per_second: None, per_day: None, today: 0 }, |r| Pace {
        per_second: r.max_per_second.or_else(|| usual_per_second(kind_of(r.channel, &r.address))),
        per_day: r.max_per_day,
        today: r.today,
    }))
}

/// The queued text says what it waits for.
pub(in crate::messaging) async fn note_waiting(tx: &mut Tx, id: MessageId, why: &str) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query!(
        "UPDATE messages SET error_message = left($3, 500)
         WHERE organization_id = $1 AND id = $2 AND status = 'queued' AND error_message IS DISTINCT FROM left($3, 500)",
        organization.0,
        id.0,
        why,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}
