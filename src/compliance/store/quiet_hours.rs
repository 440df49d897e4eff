//! SQL on what organizations put in the place of the hours that ship.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::types::Json;

use crate::{
    compliance::quiet_hours::{HouseHours, InForce, Policy, Window},
    platform::{
        db::Tx,
        http::{Order, Page, SortKey, SortKind},
        ids::{QuietHoursOverrideId, UserId},
        listing::List,
    },
};

/// The rules as the organization keeps them. `house`: the operator's quiet hours (`Config::quiet_hours`).
pub async fn for_organization(tx: &mut Tx, house: Option<HouseHours>) -> Result<Policy, sqlx::Error> {
    let organization = tx.organization_id();
    let rows = sqlx::query!(
        r#"SELECT rule_id, id AS "id: QuietHoursOverrideId", windows AS "windows: Json<Vec<Window>>", keep_holidays
           FROM quiet_hours_overrides WHERE organization_id = $1 AND ended_at IS NULL"#,
        organization.0,
    )
    .fetch_all(&mut **tx)
    .await?;
    let overrides = rows.into_iter().map(|row| {
        (row.rule_id, InForce { id: row.id, windows: row.windows.map(|w| w.0), keep_holidays: row.keep_holidays })
    });
    Ok(Policy::new(overrides, house))
}

/// One override, also one that has ended.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
#[schema(as = QuietHoursOverride)]
pub struct Override {
    pub id: QuietHoursOverrideId,
    #[schema(example = "us-fl")]
    pub rule_id: String,
    /// The hours in the rule's place. Null: the rule does not speak at all. Empty: closed always.
    #[schema(value_type = Option<Vec<Window>>)]
    pub windows: Option<Json<Vec<Window>>>,
    /// Whether the rule's holidays stay closed.
    pub keep_holidays: bool,
    pub reason: String,
    /// Version of the rules when it was decided.
    pub pack_version: String,
    pub created_at: DateTime<Utc>,
    /// Display name; null for programs.
    pub created_by: Option<String>,
    /// Null while it holds.
    pub ended_at: Option<DateTime<Utc>>,
    /// Display name; null for programs.
    pub ended_by: Option<String>,
}

/// What a list of overrides is narrowed to.
#[derive(Default)]
pub(in crate::compliance) struct Filter<'a> {
    pub id: Option<QuietHoursOverrideId>,
    pub rule_id: Option<&'a str>,
    /// true: ended ones only; false: those that hold; none: both.
    pub ended: Option<bool>,
}

/// The orders of the history.
pub(in crate::compliance) const ORDERS: &[SortKey] =
    &[SortKey { name: "created_at", sql: "o.created_at", kind: SortKind::Time, descending: true }];

pub(in crate::compliance) async fn list(
    tx: &mut Tx,
    filter: &Filter<'_>,
    order: &Order,
) -> Result<Page<Override>, sqlx::Error> {
    let columns = "o.id, o.rule_id, o.windows, o.keep_holidays, o.reason, o.pack_version, o.created_at, \
                   c.display_name AS created_by, o.ended_at, e.display_name AS ended_by";
    let from =
        "quiet_hours_overrides o LEFT JOIN users c ON c.id = o.created_by LEFT JOIN users e ON e.id = o.ended_by";
    let mut list = List::new(tx, order, "o.id", columns, from, "o.organization_id");
    list.filter("o.id = ", filter.id.map(|id| id.0));
    list.filter("o.rule_id = ", filter.rule_id.map(str::to_owned));
    list.condition(filter.ended == Some(true), "o.ended_at IS NOT NULL");
    list.condition(filter.ended == Some(false), "o.ended_at IS NULL");
    list.page(tx).await
}

/// Every override in force; at most one of each rule.
pub(in crate::compliance) async fn in_force(tx: &mut Tx) -> Result<Vec<Override>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        Override,
        r#"SELECT o.id AS "id: _", o.rule_id, o.windows AS "windows: _", o.keep_holidays, o.reason, o.pack_version, o.created_at,
                  c.display_name AS "created_by?", o.ended_at, NULL AS "ended_by?: String"
           FROM quiet_hours_overrides o LEFT JOIN users c ON c.id = o.created_by
           WHERE o.organization_id = $1 AND o.ended_at IS NULL"#,
        organization.0,
    )
    .fetch_all(&mut **tx)
    .await
}

pub(in crate::compliance) struct NewOverride<'a> {
    pub rule_id: &'a str,
    pub windows: Option<&'a [Window]>,
    pub keep_holidays: bool,
    pub reason: &'a str,
    pub pack_version: &'a str,
    pub user: Option<UserId>,
}

/// Puts hours in a rule's place. None: somebody else did at the same time.
pub(in crate::compliance) async fn insert(
    tx: &mut Tx,
    new: &NewOverride<'_>,
) -> Result<Option<QuietHoursOverrideId>, sqlx::Error> {
    let (organization, id, now) = (tx.organization_id(), QuietHoursOverrideId::new(tx.clock()), tx.clock().now());
    sqlx::query_scalar!(
        r#"INSERT INTO quiet_hours_overrides (organization_id, id, rule_id, windows, keep_holidays, reason, pack_version,
                                              created_at, created_by)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING RETURNING id AS "id: QuietHoursOverrideId""#,
        organization.0,
        id.0,
        new.rule_id,
        new.windows.map(|windows| serde_json::json!(windows)),
        new.keep_holidays,
        new.reason,
        new.pack_version,
        now,
        new.user.map(|u| u.0),
    )
    .fetch_optional(&mut **tx)
    .await
}

/// Ends an override. False: it has ended, or there is none.
pub(in crate::compliance) async fn end(
    tx: &mut Tx,
    id: QuietHoursOverrideId,
    user: Option<UserId>,
) -> Result<bool, sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    let done = sqlx::query!(
        "UPDATE quiet_hours_overrides SET ended_at = greatest($3, created_at), ended_by = $4
         WHERE organization_id = $1 AND id = $2 AND ended_at IS NULL",
        organization.0,
        id.0,
        now,
        user.map(|u| u.0),
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The override of the rule that is in force, locked.
pub(in crate::compliance) async fn lock_in_force(
    tx: &mut Tx,
    rule_id: &str,
) -> Result<Option<QuietHoursOverrideId>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_scalar!(
        r#"SELECT id AS "id: QuietHoursOverrideId" FROM quiet_hours_overrides
           WHERE organization_id = $1 AND rule_id = $2 AND ended_at IS NULL FOR NO KEY UPDATE"#,
        organization.0,
        rule_id,
    )
    .fetch_optional(&mut **tx)
    .await
}
