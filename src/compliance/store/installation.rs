//! SQL on the installation's own list of numbers that nobody texts. In a system transaction: the tenants' role may only ask for one hash.

use chrono::{DateTime, Utc};

use super::super::model::InstallationSuppression;
use super::number_sha256;
use crate::platform::{
    db::Tx,
    http::{Order, Page, SortKey, SortKind},
    ids::SuppressionId,
    listing::List,
    phone::PhoneNumber,
};

/// The orders of the list.
pub(in crate::compliance) const ORDERS: &[SortKey] =
    &[SortKey { name: "created_at", sql: "b.created_at", kind: SortKind::Time, descending: true }];

const COLUMNS: &str =
    "b.id, b.phone_number, b.note, b.created_by, b.created_at, b.expires_at, b.lifted_at, b.lifted_by";

/// What the list is narrowed to.
#[derive(Default)]
pub(in crate::compliance) struct Filter<'a> {
    pub id: Option<SuppressionId>,
    /// Part of a number or note.
    pub text: Option<&'a str>,
    /// true: ended ones only; false: those that hold; none: both.
    pub ended: Option<bool>,
}

pub(in crate::compliance) async fn list(
    tx: &mut Tx,
    filter: &Filter<'_>,
    order: &Order,
) -> Result<Page<InstallationSuppression>, sqlx::Error> {
    let now = tx.clock().now();
    let mut list = List::of_installation(order, "b.id", COLUMNS, "installation_suppressions b");
    list.search(&["b.phone_number", "b.note"], filter.text);
    list.filter("b.id = ", filter.id.map(|id| id.0));
    list.filter("LEAST(b.lifted_at, b.expires_at) <= ", (filter.ended == Some(true)).then_some(now));
    list.filter(
        "COALESCE(LEAST(b.lifted_at, b.expires_at), 'infinity') > ",
        (filter.ended == Some(false)).then_some(now),
    );
    list.page(tx).await
}

/// Puts the number on the list. None: it is there.
pub(in crate::compliance) async fn insert(
    tx: &mut Tx,
    number: &PhoneNumber,
    note: &str,
    expires_at: Option<DateTime<Utc>>,
    by: &str,
) -> Result<Option<SuppressionId>, sqlx::Error> {
    let (id, now) = (SuppressionId::new(tx.clock()), tx.clock().now());
    let sha256 = number_sha256(number);
    // What has expired makes room.
    sqlx::query!(
        "UPDATE installation_suppressions SET lifted_at = expires_at WHERE number_sha256 = $1 AND lifted_at IS NULL AND expires_at <= $2",
        sha256,
        now
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query_scalar!(
        r#"INSERT INTO installation_suppressions (id, phone_number, number_sha256, note, created_by, created_at, expires_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING id AS "id: SuppressionId""#,
        id.0,
        number.as_str(),
        sha256,
        note,
        by,
        now,
        expires_at,
    )
    .fetch_optional(&mut **tx)
    .await
}

/// Ends an entry. False: there is none that holds.
pub(in crate::compliance) async fn lift(tx: &mut Tx, id: SuppressionId, by: &str) -> Result<bool, sqlx::Error> {
    let now = tx.clock().now();
    let done = sqlx::query!(
        "UPDATE installation_suppressions SET lifted_at = $2, lifted_by = $3
         WHERE id = $1 AND lifted_at IS NULL AND (expires_at IS NULL OR expires_at > $2)",
        id.0,
        now,
        by
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}
