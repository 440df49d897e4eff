//! SQL on the block list as staff sees and keeps it.

use chrono::{DateTime, Utc};

use super::super::model::{Suppression, SuppressionBatch, SuppressionReason};
use crate::platform::{
    db::Tx,
    http::{Order, Page, SortKey, SortKind},
    ids::{SuppressionBatchId, SuppressionId, UserId},
    listing::List,
    phone::PhoneNumber,
};

/// What a list of the block list is narrowed to.
pub(in crate::compliance) struct Filter<'a> {
    pub id: Option<SuppressionId>,
    /// Part of a number or name.
    pub text: Option<&'a str>,
    pub phone_number: Option<&'a str>,
    pub reason: Option<SuppressionReason>,
    /// true: ended ones only, also by their time; false: those that hold; none: both.
    pub lifted: Option<bool>,
    /// Of this list.
    pub batch: Option<SuppressionBatchId>,
}

/// The orders of the block list.
pub(in crate::compliance) const ORDERS: &[SortKey] =
    &[SortKey { name: "created_at", sql: "b.created_at", kind: SortKind::Time, descending: true }];

pub(in crate::compliance) async fn list(
    tx: &mut Tx,
    filter: &Filter<'_>,
    order: &Order,
) -> Result<Page<Suppression>, sqlx::Error> {
    let now = tx.clock().now();
    let columns = "b.id, b.phone_number, b.sender_id, b.channel, b.reason, b.note, b.error_code, b.batch_id, \
                   u.display_name AS created_by, c.id AS contact_id, \
                   NULLIF(concat_ws(' ', c.first_name, c.last_name), '') AS contact_name, b.created_at, b.expires_at, b.lifted_at";
    let from = "suppressions b LEFT JOIN users u ON u.id = b.user_id \
                LEFT JOIN contacts c ON c.organization_id = b.organization_id AND c.phone_number = b.phone_number";
    let mut list = List::new(tx, order, "b.id", columns, from, "b.organization_id");
    list.search(&["b.phone_number", "concat_ws(' ', c.first_name, c.last_name)"], filter.text);
    // Of an erased number there is nothing left to show.
    list.condition(true, "b.phone_number IS NOT NULL");
    list.filter("b.id = ", filter.id.map(|id| id.0));
    list.filter("b.phone_number = ", filter.phone_number.map(str::to_owned));
    list.filter("b.reason = ", filter.reason.map(SuppressionReason::as_str));
    list.filter("b.batch_id = ", filter.batch.map(|id| id.0));
    list.filter("LEAST(b.lifted_at, b.expires_at) <= ", (filter.lifted == Some(true)).then_some(now));
    list.condition(filter.lifted == Some(false), "b.lifted_at IS NULL");
    list.filter("COALESCE(b.expires_at, 'infinity') > ", (filter.lifted == Some(false)).then_some(now));
    list.page(tx).await
}

/// Puts the number on the block list by staff. None: it is there by staff already.
pub(in crate::compliance) async fn block(
    tx: &mut Tx,
    number: &PhoneNumber,
    note: Option<&str>,
    expires_at: Option<DateTime<Utc>>,
    user: Option<UserId>,
) -> Result<Option<SuppressionId>, sqlx::Error> {
    make_room(tx, SuppressionReason::Blocked, &[number.as_str().to_owned()]).await?;
    let (organization, id, now) = (tx.organization_id(), SuppressionId::new(tx.clock()), tx.clock().now());
    sqlx::query_scalar!(
        r#"INSERT INTO suppressions (organization_id, id, phone_number, reason, note, user_id, created_at, expires_at)
           VALUES ($1, $2, $3, 'blocked', $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING id AS "id: SuppressionId""#,
        organization.0,
        id.0,
        number.as_str(),
        note,
        user.map(|u| u.0),
        now,
        expires_at,
    )
    .fetch_optional(&mut **tx)
    .await
}

/// What has expired is marked as ended, so that an entry of the same reason can follow it.
async fn make_room(tx: &mut Tx, reason: SuppressionReason, numbers: &[String]) -> Result<(), sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query!(
        "UPDATE suppressions SET lifted_at = expires_at
         WHERE organization_id = $1 AND phone_number = ANY($2) AND reason = $3 AND lifted_at IS NULL AND expires_at <= $4",
        organization.0,
        numbers,
        reason.as_str(),
        now,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Locks an entry: its reason, and whether it still holds.
pub(in crate::compliance) async fn lock(
    tx: &mut Tx,
    id: SuppressionId,
) -> Result<Option<(SuppressionReason, bool)>, sqlx::Error> {
    let organization = tx.organization_id();
    let row = sqlx::query!(
        r#"SELECT reason AS "reason: SuppressionReason", lifted_at, expires_at FROM suppressions
           WHERE organization_id = $1 AND id = $2 FOR NO KEY UPDATE"#,
        organization.0,
        id.0,
    )
    .fetch_optional(&mut **tx)
    .await?;
    let now = tx.clock().now();
    Ok(row.map(|r| (r.reason, r.lifted_at.is_none() && r.expires_at.is_none_or(|at| at > now))))
}

pub(in crate::compliance) async fn lift(tx: &mut Tx, id: SuppressionId) -> Result<(), sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query!(
        "UPDATE suppressions SET lifted_at = $3 WHERE organization_id = $1 AND id = $2",
        organization.0,
        id.0,
        now
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

// ---- lists that are brought in

/// A list before it is written.
pub(in crate::compliance) struct NewBatch<'a> {
    pub note: &'a str,
    pub expires_at: Option<DateTime<Utc>>,
    pub user: Option<UserId>,
    /// E.164, each once, with a note of its own or the list's.
    pub numbers: Vec<String>,
    pub notes: Vec<String>,
}

/// Of these numbers, the ones that staff or a list put on the block list already.
pub(in crate::compliance) async fn listed(tx: &mut Tx, numbers: &[String]) -> Result<Vec<String>, sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query_scalar!(
        r#"SELECT DISTINCT phone_number AS "number!" FROM suppressions
           WHERE organization_id = $1 AND phone_number = ANY($2) AND reason IN ('blocked', 'do_not_call') AND lifted_at IS NULL
             AND (expires_at IS NULL OR expires_at > $3)"#,
        organization.0,
        numbers,
        now,
    )
    .fetch_all(&mut **tx)
    .await
}

/// Writes the list; a number that somebody else puts there at this moment is left out of it.
pub(in crate::compliance) async fn import(tx: &mut Tx, b: &NewBatch<'_>) -> Result<SuppressionBatchId, sqlx::Error> {
    make_room(tx, SuppressionReason::DoNotCall, &b.numbers).await?;
    let (organization, id, now) = (tx.organization_id(), SuppressionBatchId::new(tx.clock()), tx.clock().now());
    sqlx::query!(
        "INSERT INTO suppression_batches (organization_id, id, note, added, expires_at, user_id, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        organization.0,
        id.0,
        b.note,
        i32::try_from(b.numbers.len()).unwrap_or(i32::MAX),
        b.expires_at,
        b.user.map(|u| u.0),
        now,
    )
    .execute(&mut **tx)
    .await?;
    let ids: Vec<uuid::Uuid> = b.numbers.iter().map(|_| SuppressionId::new(tx.clock()).0).collect();
    sqlx::query!(
        "INSERT INTO suppressions (organization_id, id, phone_number, reason, note, user_id, created_at, expires_at, batch_id)
         SELECT $1, one.id, one.number, 'do_not_call', one.note, $5, $6, $7, $8
         FROM unnest($2::uuid[], $3::text[], $4::text[]) AS one (id, number, note)
         ON CONFLICT DO NOTHING",
        organization.0,
        &ids,
        &b.numbers,
        &b.notes,
        b.user.map(|u| u.0),
        now,
        b.expires_at,
        id.0,
    )
    .execute(&mut **tx)
    .await?;
    Ok(id)
}

/// The orders of the lists that were brought in.
pub(in crate::compliance) const BATCH_ORDERS: &[SortKey] =
    &[SortKey { name: "created_at", sql: "b.created_at", kind: SortKind::Time, descending: true }];

const BATCH_COLUMNS: &str = "b.id, b.note, b.added, b.expires_at, u.display_name AS created_by, b.created_at, b.undone_at, \
    v.display_name AS undone_by, \
    (SELECT count(*) FROM suppressions s WHERE s.organization_id = b.organization_id AND s.batch_id = b.id AND s.lifted_at IS NULL) AS active";
const BATCHES: &str =
    "suppression_batches b LEFT JOIN users u ON u.id = b.user_id LEFT JOIN users v ON v.id = b.undone_by";

pub(in crate::compliance) async fn batches(
    tx: &mut Tx,
    id: Option<SuppressionBatchId>,
    order: &Order,
) -> Result<Page<SuppressionBatch>, sqlx::Error> {
    let now = tx.clock().now();
    let mut list = List::new(tx, order, "b.id", BATCH_COLUMNS, BATCHES, "b.organization_id");
    list.filter("b.id = ", id.map(|id| id.0));
    let mut page = list.page::<SuppressionBatch>(tx).await?;
    for batch in &mut page.items {
        // All of a list end at one time.
        batch.active = if batch.expires_at.is_some_and(|at| at <= now) { 0 } else { batch.active };
    }
    Ok(page)
}

pub(in crate::compliance) async fn batch(
    tx: &mut Tx,
    id: SuppressionBatchId,
) -> Result<Option<SuppressionBatch>, sqlx::Error> {
    let first = Order::first(BATCH_ORDERS);
    Ok(batches(tx, Some(id), &first).await?.items.pop())
}

/// Takes a list back: what it put on the block list and still holds ends. False: that was done before.
pub(in crate::compliance) async fn undo(
    tx: &mut Tx,
    id: SuppressionBatchId,
    user: Option<UserId>,
) -> Result<bool, sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    let done = sqlx::query!(
        "UPDATE suppression_batches SET undone_at = $3, undone_by = $4 WHERE organization_id = $1 AND id = $2 AND undone_at IS NULL",
        organization.0,
        id.0,
        now,
        user.map(|u| u.0),
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "UPDATE suppressions SET lifted_at = LEAST($3, expires_at) WHERE organization_id = $1 AND batch_id = $2 AND lifted_at IS NULL",
        organization.0,
        id.0,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}
