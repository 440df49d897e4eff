//! The SQL behind the figures.

pub(super) mod timeline;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use crate::platform::{db::Tx, ids::SenderId, jobs::JobCounts};

/// The first page of the dashboard.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct Dashboard {
    pub contacts: i64,
    /// Conversations in the middle of something.
    pub open_conversations: i64,
    pub upcoming_appointments: i64,
    pub messages_today: MessagesToday,
    /// Outbound texts of the period by status.
    pub delivery: Vec<StatusCount>,
    /// Oldest first, days of the organization's zone.
    pub days: Vec<Day>,
    pub senders: Vec<SenderLine>,
    pub jobs: JobCounts,
    pub services: Vec<ServiceLine>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct MessagesToday {
    pub inbound: i64,
    pub outbound: i64,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct StatusCount {
    pub status: String,
    pub count: i64,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct Day {
    pub date: NaiveDate,
    pub inbound: i64,
    pub outbound: i64,
    pub booked: i64,
    pub cancelled: i64,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct SenderLine {
    pub id: SenderId,
    pub channel: String,
    pub address: String,
    pub display_name: String,
    /// Nothing leaves from it: what is queued waits.
    pub paused_at: Option<DateTime<Utc>>,
    pub pause_reason: Option<String>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct ServiceLine {
    pub name: String,
    pub upcoming: i64,
}

pub(super) struct Totals {
    pub contacts: i64,
    pub open_conversations: i64,
    pub upcoming_appointments: i64,
}

pub(super) async fn totals(tx: &mut Tx) -> Result<Totals, sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query_as!(
        Totals,
        r#"SELECT (SELECT count(*) FROM contacts WHERE organization_id = $1 AND merged_into IS NULL) AS "contacts!",
                  (SELECT count(*) FROM conversations WHERE organization_id = $1 AND state_expires_at > $2) AS "open_conversations!",
                  (SELECT count(*) FROM bookings b JOIN slots s ON s.organization_id = b.organization_id AND s.id = b.slot_id
                   WHERE b.organization_id = $1 AND b.status IN ('held', 'confirmed') AND s.start_time > $2) AS "upcoming_appointments!""#,
        organization.0,
        now
    )
    .fetch_one(&mut **tx)
    .await
}

pub(super) async fn delivery(tx: &mut Tx, since: DateTime<Utc>) -> Result<Vec<StatusCount>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        StatusCount,
        r#"SELECT status, count(*) AS "count!" FROM messages
           WHERE organization_id = $1 AND direction = 'outbound' AND created_at >= $2 GROUP BY status ORDER BY 2 DESC"#,
        organization.0,
        since
    )
    .fetch_all(&mut **tx)
    .await
}

/// Each of the last `days` days up to `today`, on the wall clock of `timezone`.
pub(super) async fn days(tx: &mut Tx, today: NaiveDate, days: i32, timezone: &str) -> Result<Vec<Day>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        Day,
        r#"WITH span AS (SELECT ($2::date - ($3::int - 1 - n))::date AS date FROM generate_series(0, $3::int - 1) AS n),
                bounds AS (SELECT (min(date)::timestamp AT TIME ZONE $4::text) AS since FROM span),
                m AS (SELECT (created_at AT TIME ZONE $4::text)::date AS date, count(*) FILTER (WHERE direction = 'inbound') AS inbound,
                             count(*) FILTER (WHERE direction = 'outbound') AS outbound
                      FROM messages, bounds WHERE organization_id = $1 AND created_at >= since GROUP BY 1),
                b AS (SELECT (at AT TIME ZONE $4::text)::date AS date, count(*) FILTER (WHERE kind IN ('booked', 'held')) AS booked,
                             count(*) FILTER (WHERE kind = 'cancelled') AS cancelled
                      FROM booking_events, bounds WHERE organization_id = $1 AND at >= since GROUP BY 1)
           SELECT span.date AS "date!", COALESCE(m.inbound, 0) AS "inbound!", COALESCE(m.outbound, 0) AS "outbound!",
                  COALESCE(b.booked, 0) AS "booked!", COALESCE(b.cancelled, 0) AS "cancelled!"
           FROM span LEFT JOIN m USING (date) LEFT JOIN b USING (date) ORDER BY span.date"#,
        organization.0,
        today,
        days,
        timezone
    )
    .fetch_all(&mut **tx)
    .await
}

pub(super) async fn senders(tx: &mut Tx) -> Result<Vec<SenderLine>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        SenderLine,
        r#"SELECT id AS "id: _", channel, address, display_name, paused_at, pause_reason FROM senders
         WHERE organization_id = $1 AND archived_at IS NULL ORDER BY channel, address LIMIT 100"#,
        organization.0
    )
    .fetch_all(&mut **tx)
    .await
}

pub(super) async fn services(tx: &mut Tx) -> Result<Vec<ServiceLine>, sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query_as!(
        ServiceLine,
        r#"SELECT v.name, count(b.id) AS "upcoming!" FROM services v
           LEFT JOIN slots s ON s.organization_id = v.organization_id AND s.service_id = v.id AND s.start_time > $2 AND s.taken > 0
           LEFT JOIN bookings b ON b.organization_id = s.organization_id AND b.slot_id = s.id AND b.status IN ('held', 'confirmed')
           WHERE v.organization_id = $1 AND v.active GROUP BY v.id, v.name, v.position ORDER BY v.position LIMIT 100"#,
        organization.0,
        now
    )
    .fetch_all(&mut **tx)
    .await
}
