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
        r#"SELECT id AS "id: _", display_name, password_hash,
                  (totp_confirmed_at IS NOT NULL) AS "second_factor!" FROM users
           WHERE (lower(username) = lower($1) OR lower(email) = lower($1)) AND disabled_at IS NULL
           ORDER BY lower(username) = lower($1) DESC LIMIT 1"#,
        login
    )
    .fetch_optional(c)
    .await
}

/// System scope: the same by id.
pub(in crate::accounts) async fn credentials_of(
    c: &mut PgConnection,
    id: UserId,
) -> Result<Option<Credentials>, sqlx::Error> {
    sqlx::query_as!(
        Credentials,
        r#"SELECT id AS "id: _", display_name, password_hash,
                  (totp_confirmed_at IS NOT NULL) AS "second_factor!" FROM users
           WHERE id = $1 AND disabled_at IS NULL"#,
        id.0
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
    pub version: i64,
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
                  (u.totp_confirmed_at IS NOT NULL) AS "second_factor!", u.version,
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

/// System scope: locks the user; their version now.
pub(in crate::accounts) async fn lock_version(c: &mut PgConnection, id: UserId) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!("SELECT version FROM users WHERE id = $1 FOR UPDATE", id.0).fetch_one(c).await
}

/// System scope.
pub(in crate::accounts) async fn set_profile(
    c: &mut PgConnection,
    id: UserId,
    display_name: &str,
    email: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE users SET display_name = $2, email = $3, updated_at = $4, version = version + 1 WHERE id = $1",
        id.0,
        display_name,
        email,
        now
    )
    .execute(c)
    .await
    .map(drop)
}

/// System scope.
pub(in crate::accounts) async fn set_phone_number(
    c: &mut PgConnection,
    id: UserId,
    phone_number: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE users SET phone_number = $2, updated_at = $3, version = version + 1 WHERE id = $1",
        id.0,
        phone_number,
        now
    )
    .execute(c)
    .await
    .map(drop)
}

/// Where somebody may work.
pub(in crate::accounts) struct WorkplaceRow {
    pub id: OrganizationId,
    pub name: String,
    pub sort_name: String,
    pub timezone: String,
    pub support_phone_number: Option<String>,
    /// None like the next two: a superuser who is no member.
    pub role: Option<String>,
    pub role_id: Option<RoleId>,
    pub custom_name: Option<String>,
}

/// System scope: enabled organizations the user belongs to, and for a superuser all others after them; by name, after `after`.
pub(in crate::accounts) async fn workplaces(
    c: &mut PgConnection,
    id: UserId,
    after: Option<(String, OrganizationId)>,
    limit: i64,
) -> Result<Vec<WorkplaceRow>, sqlx::Error> {
    let (name, after) = after.unzip();
    sqlx::query_as!(
        WorkplaceRow,
        r#"SELECT o.id AS "id: _", o.name, lower(o.name) AS "sort_name!", o.timezone, o.support_phone_number,
                  m.role AS "role?", m.role_id AS "role_id: _", r.name AS "custom_name?"
           FROM organizations o
           JOIN users u ON u.id = $1
           LEFT JOIN memberships m ON m.organization_id = o.id AND m.user_id = $1 AND m.disabled_at IS NULL AND m.removed_at IS NULL
           LEFT JOIN roles r ON r.organization_id = m.organization_id AND r.id = m.role_id
           WHERE o.disabled_at IS NULL AND (m.user_id IS NOT NULL OR u.superuser)
             AND ($2::text IS NULL OR (lower(o.name), o.id) > ($2, $3::uuid))
           ORDER BY lower(o.name), o.id LIMIT $4"#,
        id.0,
        name,
        after.map(|o: OrganizationId| o.0),
        limit
    )
    .fetch_all(c)
    .await
}

/// System scope: whether somebody is a member now.
pub(in crate::accounts) async fn is_member(
    c: &mut PgConnection,
    organization: OrganizationId,
    id: UserId,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM memberships WHERE organization_id = $1 AND user_id = $2
                          AND disabled_at IS NULL AND removed_at IS NULL) AS "is!""#,
        organization.0,
        id.0
    )
    .fetch_one(c)
    .await
}

/// Somebody an outside issuer's token may belong to.
pub(in crate::accounts) struct ExternalRow {
    pub id: UserId,
    pub external_subject: Option<String>,
    pub display_name: String,
    pub disabled: bool,
}

/// System scope: the user of this subject; else, where an e-mail is given, the one with that address. Disabled ones too, so that a
/// disabled user's token cannot be taken for somebody else's.
pub(in crate::accounts) async fn by_external(
    c: &mut PgConnection,
    subject: &str,
    email: Option<&str>,
) -> Result<Option<ExternalRow>, sqlx::Error> {
    sqlx::query_as!(
        ExternalRow,
        r#"SELECT id AS "id: _", external_subject, display_name, (disabled_at IS NOT NULL) AS "disabled!" FROM users
           WHERE external_subject = $1 OR lower(email) = lower($2)
           ORDER BY external_subject = $1 DESC NULLS LAST LIMIT 1"#,
        subject,
        email
    )
    .fetch_optional(c)
    .await
}

/// System scope: remembers the subject of whoever has none yet; false: somebody was faster, or it is another user's.
pub(in crate::accounts) async fn remember_external(
    c: &mut PgConnection,
    id: UserId,
    subject: &str,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "UPDATE users SET external_subject = $2, updated_at = $3 WHERE id = $1 AND external_subject IS NULL
           AND NOT EXISTS (SELECT FROM users WHERE external_subject = $2)",
        id.0,
        subject,
        now
    )
    .execute(c)
    .await?;
    Ok(done.rows_affected() > 0)
}
