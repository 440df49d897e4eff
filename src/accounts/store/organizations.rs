//! Settings of organizations, and the list of them that superusers see.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::{
    accounts::organizations::OrganizationSettings,
    platform::{
        db::Tx,
        http::{Order, Page, SortKey, SortKind},
        ids::OrganizationId,
        listing::List,
    },
};

pub(in crate::accounts) const ORDERS: &[SortKey] = &[
    SortKey { name: "name", sql: "lower(name)", kind: SortKind::Text, descending: false },
    SortKey { name: "created_at", sql: "created_at", kind: SortKind::Time, descending: true },
];

/// System scope.
pub(in crate::accounts) async fn list(
    tx: &mut Tx,
    text: Option<&str>,
    disabled: Option<bool>,
    order: &Order,
) -> Result<Page<OrganizationSettings>, sqlx::Error> {
    let columns = "id, name, timezone, support_phone_number, human_quiet_minutes, (disabled_at IS NOT NULL) AS disabled, created_at, version";
    let mut list = List::of_installation(order, "id", columns, "organizations");
    list.search(&["name"], text);
    list.condition(disabled == Some(true), "disabled_at IS NOT NULL");
    list.condition(disabled == Some(false), "disabled_at IS NULL");
    list.page(tx).await
}

pub(in crate::accounts) async fn settings(
    c: &mut PgConnection,
    id: OrganizationId,
) -> Result<Option<OrganizationSettings>, sqlx::Error> {
    sqlx::query_as!(
        OrganizationSettings,
        r#"SELECT id AS "id: _", name, timezone, support_phone_number, human_quiet_minutes, (disabled_at IS NOT NULL) AS "disabled!",
                  created_at, version FROM organizations WHERE id = $1"#,
        id.0,
    )
    .fetch_optional(c)
    .await
}

/// Reads the organization and keeps others from changing it until the end of the transaction.
pub(in crate::accounts) async fn lock(
    c: &mut PgConnection,
    id: OrganizationId,
) -> Result<Option<OrganizationSettings>, sqlx::Error> {
    sqlx::query_as!(
        OrganizationSettings,
        r#"SELECT id AS "id: _", name, timezone, support_phone_number, human_quiet_minutes, (disabled_at IS NOT NULL) AS "disabled!",
                  created_at, version FROM organizations WHERE id = $1 FOR NO KEY UPDATE"#,
        id.0,
    )
    .fetch_optional(c)
    .await
}

/// Writes what a person may change of a locked organization, and counts its version up.
pub(in crate::accounts) async fn save(
    c: &mut PgConnection,
    o: &mut OrganizationSettings,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    o.version = sqlx::query_scalar!(
        "UPDATE organizations SET name = $2, timezone = $3, support_phone_number = $4, human_quiet_minutes = $5,
             disabled_at = CASE WHEN $6 THEN COALESCE(disabled_at, $7::timestamptz) END, version = version + 1
         WHERE id = $1 RETURNING version",
        o.id.0,
        o.name,
        o.timezone,
        o.support_phone_number,
        o.human_quiet_minutes,
        o.disabled,
        now,
    )
    .fetch_one(c)
    .await?;
    Ok(())
}
