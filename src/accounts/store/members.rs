//! Members of an organization. Who they are is read from users, which only system scope writes.

use crate::{
    accounts::people::{Member, MemberStatus},
    platform::{
        db::Tx,
        http::{Order, Page, SortKey, SortKind},
        ids::{RoleId, UserId},
        listing::List,
    },
};

pub(in crate::accounts) const ORDERS: &[SortKey] = &[
    SortKey { name: "name", sql: "lower(u.display_name)", kind: SortKind::Text, descending: false },
    SortKey { name: "created_at", sql: "m.created_at", kind: SortKind::Time, descending: true },
    SortKey {
        name: "last_seen",
        sql: "COALESCE(m.last_seen_at, 'epoch'::timestamptz)",
        kind: SortKind::Time,
        descending: true,
    },
];

/// What a list of members is narrowed to.
#[derive(Default)]
pub(in crate::accounts) struct Filter<'a> {
    /// Part of a name, user name or e-mail address.
    pub text: Option<&'a str>,
    pub role: Option<&'static str>,
    pub role_id: Option<RoleId>,
    pub status: Option<MemberStatus>,
    pub id: Option<UserId>,
}

const DISABLED: &str = "(m.disabled_at IS NOT NULL OR u.disabled_at IS NOT NULL)";
const ACTIVE: &str = "(m.disabled_at IS NULL AND u.disabled_at IS NULL)";

pub(in crate::accounts) async fn list(
    tx: &mut Tx,
    filter: &Filter<'_>,
    order: &Order,
) -> Result<Page<Member>, sqlx::Error> {
    let columns = "u.id, u.username, u.display_name, u.email, u.phone_number, m.role, m.role_id, r.name AS custom_name, u.superuser,
        (u.totp_confirmed_at IS NOT NULL) AS second_factor, (m.disabled_at IS NOT NULL) AS disabled,
        (u.disabled_at IS NOT NULL) AS disabled_everywhere, m.created_at, m.last_seen_at, m.version";
    let from = "memberships m JOIN users u ON u.id = m.user_id
        LEFT JOIN roles r ON r.organization_id = m.organization_id AND r.id = m.role_id";
    let mut list = List::new(tx, order, "m.user_id", columns, from, "m.organization_id");
    list.condition(true, "m.removed_at IS NULL");
    list.search(&["u.display_name", "u.username", "COALESCE(u.email, '')"], filter.text);
    list.filter("m.role = ", filter.role.map(str::to_owned));
    list.filter("m.role_id = ", filter.role_id.map(|r| r.0));
    list.condition(filter.status == Some(MemberStatus::Active), ACTIVE);
    list.condition(filter.status == Some(MemberStatus::Disabled), DISABLED);
    list.filter("m.user_id = ", filter.id.map(|id| id.0));
    list.page(tx).await
}

/// Makes changes to the staff of the organization wait for each other, so that two of them cannot together leave it without an admin.
pub(in crate::accounts) async fn lock_staff(tx: &mut Tx) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query!("SELECT id FROM organizations WHERE id = $1 FOR NO KEY UPDATE", organization.0)
        .fetch_one(&mut **tx)
        .await
        .map(drop)
}

/// Admins who can act, besides one. Superusers who are no members do not count.
pub(in crate::accounts) async fn other_active_admins(tx: &mut Tx, besides: UserId) -> Result<i64, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_scalar!(
        r#"SELECT count(*) AS "n!" FROM memberships m JOIN users u ON u.id = m.user_id
           WHERE m.organization_id = $1 AND m.user_id <> $2 AND m.role = 'admin'
             AND m.disabled_at IS NULL AND m.removed_at IS NULL AND u.disabled_at IS NULL"#,
        organization.0,
        besides.0,
    )
    .fetch_one(&mut **tx)
    .await
}

/// Names of the permissions of a member's own role; none: a built-in one.
pub(in crate::accounts) async fn custom_permissions(
    tx: &mut Tx,
    id: UserId,
) -> Result<Option<Vec<String>>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_scalar!(
        "SELECT r.permissions FROM memberships m JOIN roles r ON r.organization_id = m.organization_id AND r.id = m.role_id
         WHERE m.organization_id = $1 AND m.user_id = $2",
        organization.0,
        id.0,
    )
    .fetch_optional(&mut **tx)
    .await
}

pub(in crate::accounts) async fn update(
    tx: &mut Tx,
    id: UserId,
    role: Option<&str>,
    role_id: Option<RoleId>,
    disabled: bool,
) -> Result<(), sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.real_clock().now());
    sqlx::query!(
        "UPDATE memberships SET role = $3, role_id = $4,
             disabled_at = CASE WHEN $5 THEN COALESCE(disabled_at, $6::timestamptz) END, version = version + 1
         WHERE organization_id = $1 AND user_id = $2",
        organization.0,
        id.0,
        role,
        role_id.map(|r| r.0),
        disabled,
        now,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

pub(in crate::accounts) async fn remove(tx: &mut Tx, id: UserId) -> Result<(), sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.real_clock().now());
    sqlx::query!(
        "UPDATE memberships SET removed_at = $3, version = version + 1 WHERE organization_id = $1 AND user_id = $2",
        organization.0,
        id.0,
        now,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Signs the member out of this organization everywhere.
pub(in crate::accounts) async fn end_sessions(tx: &mut Tx, id: UserId) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query!("DELETE FROM sessions WHERE organization_id = $1 AND user_id = $2", organization.0, id.0)
        .execute(&mut **tx)
        .await
        .map(drop)
}

/// Whether a member, disabled or not, has the address.
pub(in crate::accounts) async fn has_email(tx: &mut Tx, email: &str) -> Result<bool, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM memberships m JOIN users u ON u.id = m.user_id
                          WHERE m.organization_id = $1 AND m.removed_at IS NULL AND lower(u.email) = lower($2)) AS "has!""#,
        organization.0,
        email,
    )
    .fetch_one(&mut **tx)
    .await
}
