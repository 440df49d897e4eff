//! The SQL behind the figures.

pub(super) mod figures;
pub(super) mod fold;
pub(super) mod timeline;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::platform::{db::Tx, ids::SenderId};

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
