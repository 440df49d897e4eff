//! Users of the installation, and their memberships. Users are written in system scope: no organization owns a person.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::{
    accounts::model::Credentials,
    platform::ids::{OrganizationId, RoleId, UserId},
};

/// System scope: user names and e-mail addresses are unique in the installation, so that signing in needs no organization.
pub(in crate::accounts) async fn credentials(
    c: &mut PgConnection,
    login: &str,
) -> Result<Option<Credentials>, sqlx::Error> {
    sqlx::query_as!(
        Credentials,
        r#"SELECT id AS "id: _", password_hash FROM users
           WHERE (lower(username) = lower($1) OR lower(email) = lower($1)) AND disabled_at IS NULL
           ORDER BY lower(username) = lower($1) DESC LIMIT 1"#,
        login
    )
    .fetch_optional(c)
    .await
}

/// A user as they stand in one organization.
pub(in crate::accounts) struct MemberRow {
    pub id: UserId,
    pub username: String,
    pub display_name: String,
    pub email: Option<String>,
    pub phone_number: Option<String>,
    pub superuser: bool,
    pub second_factor: bool,
    /// None like role_id: a superuser who is no member.
    pub role: Option<String>,
    pub role_id: Option<RoleId>,
    pub custom_name: Option<String>,
    pub custom_permissions: Option<Vec<String>>,
}

/// System scope: a user and what they are in the organization. None: disabled or gone, here or in the whole installation; a superuser
/// need not be a member.
pub(in crate::accounts) async fn member(
    c: &mut PgConnection,
    organization: OrganizationId,
    id: UserId,
) -> Result<Option<MemberRow>, sqlx::Error> {
    sqlx::query_as!(
        MemberRow,
        r#"SELECT u.id AS "id: _", u.username, u.display_name, u.email, u.phone_number, u.superuser,
                  (u.totp_confirmed_at IS NOT NULL) AS "second_factor!",
                  m.role, m.role_id AS "role_id: _", r.name AS "custom_name?", r.permissions AS "custom_permissions?"
           FROM users u
           LEFT JOIN memberships m ON m.user_id = u.id AND m.organization_id = $1 AND m.disabled_at IS NULL AND m.removed_at IS NULL
           LEFT JOIN roles r ON r.organization_id = m.organization_id AND r.id = m.role_id
           WHERE u.id = $2 AND u.disabled_at IS NULL AND (u.superuser OR m.user_id IS NOT NULL)"#,
        organization.0,
        id.0
    )
    .fetch_optional(c)
    .await
}

/// System scope: where the user may work, in the order they joined; for a superuser also the first organization of all.
pub(in crate::accounts) async fn home(c: &mut PgConnection, id: UserId) -> Result<Option<OrganizationId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT o.id AS "id: OrganizationId" FROM organizations o
           LEFT JOIN memberships m ON m.organization_id = o.id AND m.user_id = $1 AND m.disabled_at IS NULL AND m.removed_at IS NULL
           JOIN users u ON u.id = $1
           WHERE o.disabled_at IS NULL AND (m.user_id IS NOT NULL OR u.superuser)
           ORDER BY (m.user_id IS NULL), m.created_at, o.created_at, o.id LIMIT 1"#,
        id.0
    )
    .fetch_optional(c)
    .await
}

pub(in crate::accounts) struct NewUser<'a> {
    pub id: UserId,
    pub username: &'a str,
    pub display_name: &'a str,
    pub email: Option<&'a str>,
    pub password_hash: Option<&'a str>,
    pub superuser: bool,
    pub now: DateTime<Utc>,
}

/// System scope.
pub(in crate::accounts) async fn insert(c: &mut PgConnection, u: &NewUser<'_>) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO users (id, username, display_name, email, password_hash, superuser, created_at, updated_at, password_changed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $7)",
        u.id.0,
        u.username,
        u.display_name,
        u.email,
        u.password_hash,
        u.superuser,
        u.now
    )
    .execute(c)
    .await
    .map(drop)
}

/// Makes the user a member, again if they were one before.
pub(in crate::accounts) async fn join(
    c: &mut PgConnection,
    organization: OrganizationId,
    user: UserId,
    role: Option<&str>,
    role_id: Option<RoleId>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO memberships (organization_id, user_id, role, role_id, created_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (organization_id, user_id)
           DO UPDATE SET role = $3, role_id = $4, disabled_at = NULL, removed_at = NULL, version = memberships.version + 1",
        organization.0,
        user.0,
        role,
        role_id.map(|r| r.0),
        now
    )
    .execute(c)
    .await
    .map(drop)
}

/// System scope.
pub(in crate::accounts) async fn set_password(
    c: &mut PgConnection,
    id: UserId,
    password_hash: &str,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE users SET password_hash = $2, password_changed_at = $3, updated_at = $3, version = version + 1 WHERE id = $1",
        id.0,
        password_hash,
        now
    )
    .execute(c)
    .await
    .map(drop)
}
