//! SQL on the block list as staff sees and keeps it.

use super::super::model::{Suppression, SuppressionReason};
use crate::platform::{
    db::Tx,
    http::{Order, Page, SortKey, SortKind},
    ids::{SuppressionId, UserId},
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
    /// true: ended ones only; false: those that hold; none: both.
    pub lifted: Option<bool>,
}

/// The orders of the block list.
pub(in crate::compliance) const ORDERS: &[SortKey] =
    &[SortKey { name: "created_at", sql: "b.created_at", kind: SortKind::Time, descending: true }];

pub(in crate::compliance) async fn list(
    tx: &mut Tx,
    filter: &Filter<'_>,
    order: &Order,
) -> Result<Page<Suppression>, sqlx::Error> {
    let columns = "b.id, b.phone_number, b.sender_id, b.reason, b.note, u.display_name AS created_by, c.id AS contact_id, \
                   NULLIF(concat_ws(' ', c.first_name, c.last_name), '') AS contact_name, b.created_at, b.lifted_at";
    let from = "suppressions b LEFT JOIN users u ON u.id = b.user_id \
                LEFT JOIN contacts c ON c.organization_id = b.organization_id AND c.phone_number = b.phone_number";
    let mut list = List::new(tx, order, "b.id", columns, from, "b.organization_id");
    list.search(&["b.phone_number", "concat_ws(' ', c.first_name, c.last_name)"], filter.text);
    // Of an erased number there is nothing left to show.
    list.condition(true, "b.phone_number IS NOT NULL");
    list.filter("b.id = ", filter.id.map(|id| id.0));
    list.filter("b.phone_number = ", filter.phone_number.map(str::to_owned));
    list.filter("b.reason = ", filter.reason.map(SuppressionReason::as_str));
    list.condition(filter.lifted == Some(true), "b.lifted_at IS NOT NULL");
    list.condition(filter.lifted == Some(false), "b.lifted_at IS NULL");
    list.page(tx).await
}

/// Puts the number on the block list by staff. None: it is there by staff already.
pub(in crate::compliance) async fn block(
    tx: &mut Tx,
    number: &PhoneNumber,
    note: Option<&str>,
    user: Option<UserId>,
) -> Result<Option<SuppressionId>, sqlx::Error> {
    let (organization, id, now) = (tx.organization_id(), SuppressionId::new(tx.clock()), tx.clock().now());
    sqlx::query_scalar!(
        r#"INSERT INTO suppressions (organization_id, id, phone_number, reason, note, user_id, created_at)
           VALUES ($1, $2, $3, 'blocked', $4, $5, $6) ON CONFLICT DO NOTHING RETURNING id AS "id: SuppressionId""#,
        organization.0,
        id.0,
        number.as_str(),
        note,
        user.map(|u| u.0),
        now,
    )
    .fetch_optional(&mut **tx)
    .await
}

/// Locks an entry: its reason, and whether it still holds.
pub(in crate::compliance) async fn lock(
    tx: &mut Tx,
    id: SuppressionId,
) -> Result<Option<(SuppressionReason, bool)>, sqlx::Error> {
    let organization = tx.organization_id();
    let row = sqlx::query!(
        r#"SELECT reason AS "reason: SuppressionReason", lifted_at FROM suppressions WHERE organization_id = $1 AND id = $2
           FOR NO KEY UPDATE"#,
        organization.0,
        id.0,
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|r| (r.reason, r.lifted_at.is_none())))
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
