//! SQL of the simulated carrier: what it is to do wrong, and what it did.

use chrono::{DateTime, Utc};

use crate::{
    messaging::faults::{Fault, FaultKind, NewFault, SimulatedEvent},
    platform::{
        db::Tx,
        http::{Order, Page, SortKey, SortKind},
        ids::{ContactId, MessageId, RowId},
        listing::List,
    },
};

pub(in crate::messaging) const ORDERS: &[SortKey] =
    &[SortKey { name: "created_at", sql: "f.id", kind: SortKind::Id, descending: false }];

const FAULT_COLUMNS: &str =
    "f.id, f.kind, f.error_code, f.after_seconds, f.contact_id, f.times_left, f.chance_percent, f.created_at";

pub(in crate::messaging) async fn faults(tx: &mut Tx, order: &Order) -> Result<Page<Fault>, sqlx::Error> {
    List::new(tx, order, "f.id", FAULT_COLUMNS, "simulator_faults f", "f.organization_id").page(tx).await
}

pub(in crate::messaging) async fn count(tx: &mut Tx) -> Result<i64, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM simulator_faults WHERE organization_id = $1"#,
        organization.0
    )
    .fetch_one(&mut **tx)
    .await
}

pub(in crate::messaging) async fn insert_fault(tx: &mut Tx, f: &NewFault) -> Result<Fault, sqlx::Error> {
    let (organization, id, now) = (tx.organization_id(), RowId::new(tx.clock()), tx.real_clock().now());
    sqlx::query_as!(
        Fault,
        r#"INSERT INTO simulator_faults (organization_id, id, kind, error_code, after_seconds, contact_id, times_left, chance_percent,
                                         created_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
           RETURNING id AS "id: _", kind AS "kind: _", error_code, after_seconds, contact_id AS "contact_id: _", times_left,
                     chance_percent, created_at"#,
        organization.0,
        id.0,
        f.kind.as_str(),
        f.error_code,
        f.after_seconds,
        f.contact_id.map(|c| c.0),
        f.times,
        f.chance_percent,
        now,
    )
    .fetch_one(&mut **tx)
    .await
}

/// None: there is no such fault.
pub(in crate::messaging) async fn delete_fault(tx: &mut Tx, id: RowId) -> Result<Option<Fault>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        Fault,
        r#"DELETE FROM simulator_faults WHERE organization_id = $1 AND id = $2
           RETURNING id AS "id: _", kind AS "kind: _", error_code, after_seconds, contact_id AS "contact_id: _", times_left,
                     chance_percent, created_at"#,
        organization.0,
        id.0
    )
    .fetch_optional(&mut **tx)
    .await
}

/// The carrier works again.
pub(in crate::messaging) async fn forget_faults(tx: &mut Tx) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query!("DELETE FROM simulator_faults WHERE organization_id = $1", organization.0)
        .execute(&mut **tx)
        .await
        .map(drop)
}

/// Erasure: those that were for this contact alone.
pub(in crate::messaging) async fn forget_faults_of(tx: &mut Tx, contact: ContactId) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query!(
        "DELETE FROM simulator_faults WHERE organization_id = $1 AND contact_id = $2",
        organization.0,
        contact.0
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// The faults that may happen to this text, in the order they were made, locked.
pub(in crate::messaging) async fn fitting(tx: &mut Tx, message: MessageId) -> Result<Vec<Fault>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        Fault,
        r#"SELECT f.id AS "id: _", f.kind AS "kind: _", f.error_code, f.after_seconds, f.contact_id AS "contact_id: _", f.times_left,
                  f.chance_percent, f.created_at
           FROM simulator_faults f
           WHERE f.organization_id = $1 AND (f.times_left IS NULL OR f.times_left > 0)
             AND (f.contact_id IS NULL
                  OR f.contact_id = (SELECT m.contact_id FROM messages m WHERE m.organization_id = $1 AND m.id = $2))
           ORDER BY f.id FOR UPDATE OF f"#,
        organization.0,
        message.0
    )
    .fetch_all(&mut **tx)
    .await
}

/// The fault happens once more.
pub(in crate::messaging) async fn use_up(tx: &mut Tx, id: RowId) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query!(
        "UPDATE simulator_faults SET times_left = times_left - 1 WHERE organization_id = $1 AND id = $2",
        organization.0,
        id.0
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

// ---- what happened

pub(in crate::messaging) struct NewEvent<'a> {
    pub message_id: MessageId,
    pub what: &'static str,
    pub fault: Option<FaultKind>,
    pub provider_sid: Option<&'a str>,
    pub status: Option<&'static str>,
    pub error_code: Option<&'a str>,
    pub due_at: DateTime<Utc>,
    /// It happens now; a report does not.
    pub happened: bool,
    pub withheld: bool,
}

pub(in crate::messaging) async fn insert_event(tx: &mut Tx, e: &NewEvent<'_>) -> Result<RowId, sqlx::Error> {
    let (organization, id) = (tx.organization_id(), RowId::new(tx.clock()));
    sqlx::query!(
        "INSERT INTO simulated_events (organization_id, id, message_id, what, fault, provider_sid, status, error_code, due_at, happened_at,
                                       effect)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::timestamptz, CASE WHEN $10 THEN $9::timestamptz END, CASE WHEN $11 THEN 'withheld' END)",
        organization.0,
        id.0,
        e.message_id.0,
        e.what,
        e.fault.map(FaultKind::as_str),
        e.provider_sid,
        e.status,
        e.error_code,
        e.due_at,
        e.happened,
        e.withheld,
    )
    .execute(&mut **tx)
    .await?;
    Ok(id)
}

/// A report that is to be played.
pub(in crate::messaging) struct DueReport {
    pub message_id: MessageId,
    pub provider_sid: String,
    pub status: String,
    pub error_code: Option<String>,
}

/// The report, locked. None: it was played, or its text is gone.
pub(in crate::messaging) async fn due_report(tx: &mut Tx, id: RowId) -> Result<Option<DueReport>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        DueReport,
        r#"SELECT message_id AS "message_id: _", provider_sid AS "provider_sid!", status AS "status!", error_code
           FROM simulated_events
           WHERE organization_id = $1 AND id = $2 AND what = 'report' AND happened_at IS NULL FOR UPDATE"#,
        organization.0,
        id.0
    )
    .fetch_optional(&mut **tx)
    .await
}

pub(in crate::messaging) async fn played(tx: &mut Tx, id: RowId, applied: bool) -> Result<(), sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query!(
        "UPDATE simulated_events SET happened_at = $3, effect = CASE WHEN $4 THEN 'applied' ELSE 'nothing_new' END
         WHERE organization_id = $1 AND id = $2",
        organization.0,
        id.0,
        now,
        applied
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// The provider ids under which the carrier took the text, oldest first.
pub(in crate::messaging) async fn takings(tx: &mut Tx, message: MessageId) -> Result<Vec<String>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_scalar!(
        r#"SELECT provider_sid AS "sid!" FROM simulated_events
           WHERE organization_id = $1 AND message_id = $2 AND what = 'taken' ORDER BY id"#,
        organization.0,
        message.0
    )
    .fetch_all(&mut **tx)
    .await
}

pub(in crate::messaging) const LOG_ORDERS: &[SortKey] =
    &[SortKey { name: "created_at", sql: "e.id", kind: SortKind::Id, descending: true }];

pub(in crate::messaging) async fn log(
    tx: &mut Tx,
    message: Option<MessageId>,
    contact: Option<ContactId>,
    order: &Order,
) -> Result<Page<SimulatedEvent>, sqlx::Error> {
    let columns = "e.id, e.message_id, m.contact_id, m.conversation_id, m.status AS message_status, e.what, e.fault, e.provider_sid, \
        e.status, e.error_code, e.due_at, e.happened_at, e.effect";
    let tables = "simulated_events e JOIN messages m ON m.organization_id = e.organization_id AND m.id = e.message_id";
    let mut list = List::new(tx, order, "e.id", columns, tables, "e.organization_id");
    list.filter("e.message_id = ", message.map(|m| m.0));
    list.filter("m.contact_id = ", contact.map(|c| c.0));
    list.page(tx).await
}
