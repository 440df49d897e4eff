//! Everybody who signs in to the installation, for superusers. System scope.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::{
    accounts::installation::InstallationUser,
    platform::{
        db::Tx,
        http::{Order, Page, SortKey, SortKind},
        ids::UserId,
        listing::List,
    },
};

pub(in crate::accounts) const ORDERS: &[SortKey] = &[
    SortKey { name: "name", sql: "lower(u.display_name)", kind: SortKind::Text, descending: false },
    SortKey { name: "created_at", sql: "u.created_at", kind: SortKind::Time, descending: true },
];

/// What the list is narrowed to.
#[derive(Default)]
pub(in crate::accounts) struct Filter<'a> {
    pub text: Option<&'a str>,
    pub superuser: Option<bool>,
    pub disabled: Option<bool>,
    pub id: Option<UserId>,
}

pub(in crate::accounts) async fn list(
    tx: &mut Tx,
    filter: &Filter<'_>,
    order: &Order,
) -> Result<Page<InstallationUser>, sqlx::Error> {
    let columns = "u.id, u.username, u.display_name, u.email, u.superuser, (u.disabled_at IS NOT NULL) AS disabled,
        (u.totp_confirmed_at IS NOT NULL) AS second_factor, u.created_at, u.version,
        ARRAY(SELECT o.name FROM memberships m JOIN organizations o ON o.id = m.organization_id
              WHERE m.user_id = u.id AND m.removed_at IS NULL ORDER BY o.name LIMIT 50) AS organizations";
    let mut list = List::of_installation(order, "u.id", columns, "users u");
    list.search(&["u.display_name", "u.username", "COALESCE(u.email, '')"], filter.text);
    list.filter("u.superuser = ", filter.superuser);
    list.condition(filter.disabled == Some(true), "u.disabled_at IS NOT NULL");
    list.condition(filter.disabled == Some(false), "u.disabled_at IS NULL");
    list.filter("u.id = ", filter.id.map(|id| id.0));
    list.page(tx).await
}

/// Locks every superuser who can act, so that two changes cannot together leave none, and counts those besides one.
pub(in crate::accounts) async fn other_superusers(c: &mut PgConnection, besides: UserId) -> Result<usize, sqlx::Error> {
    let ids =
        sqlx::query_scalar!("SELECT id FROM users WHERE superuser AND disabled_at IS NULL ORDER BY id FOR UPDATE")
            .fetch_all(c)
            .await?;
    Ok(ids.iter().filter(|id| **id != besides.0).count())
}

/// Keeps others from changing the user until the end of the transaction.
pub(in crate::accounts) async fn lock(c: &mut PgConnection, id: UserId) -> Result<(), sqlx::Error> {
    sqlx::query!("SELECT id FROM users WHERE id = $1 FOR UPDATE", id.0).fetch_optional(c).await.map(drop)
}

pub(in crate::accounts) async fn update(
    c: &mut PgConnection,
    id: UserId,
    superuser: bool,
    disabled: bool,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE users SET superuser = $2, disabled_at = CASE WHEN $3 THEN COALESCE(disabled_at, $4::timestamptz) END,
             updated_at = $4, version = version + 1
         WHERE id = $1",
        id.0,
        superuser,
        disabled,
        now,
    )
    .execute(c)
    .await
    .map(drop)
}

/// Signs the user out of everything.
pub(in crate::accounts) async fn end_sessions(c: &mut PgConnection, id: UserId) -> Result<(), sqlx::Error> {
    sqlx::query!("DELETE FROM sessions WHERE user_id = $1", id.0).execute(c).await.map(drop)
}
