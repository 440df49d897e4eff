//! All SQL on organizations, users, sessions, API keys and failed sign-ins.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::model::{Credentials, LiveSession, User};
use crate::platform::{
    db::Tx,
    ids::{ApiKeyId, OrganizationId, RowId, SessionId, UserId},
};

pub(super) struct OrganizationRow {
    pub id: OrganizationId,
    pub name: String,
    pub timezone: String,
    pub support_phone_number: Option<String>,
    pub human_quiet_minutes: Option<i32>,
}

/// System scope: the first organization of the installation.
pub(super) async fn first_organization(c: &mut PgConnection) -> Result<Option<OrganizationRow>, sqlx::Error> {
    sqlx::query_as!(
        OrganizationRow,
        r#"SELECT id AS "id: _", name, timezone, support_phone_number, human_quiet_minutes FROM organizations ORDER BY created_at, id LIMIT 1"#
    )
    .fetch_optional(c)
    .await
}

pub(super) async fn organization(c: &mut PgConnection, id: OrganizationId) -> Result<OrganizationRow, sqlx::Error> {
    sqlx::query_as!(
        OrganizationRow,
        r#"SELECT id AS "id: _", name, timezone, support_phone_number, human_quiet_minutes FROM organizations WHERE id = $1"#,
        id.0
    )
    .fetch_one(c)
    .await
}

/// System scope. Serializes first starts of several processes.
pub(super) async fn lock_bootstrap(c: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtextextended('frontdesk_bootstrap', 0))")
        .fetch_one(c)
        .await
        .map(drop)
}

pub(super) async fn set_human_quiet(tx: &mut Tx, minutes: i32) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query!("UPDATE organizations SET human_quiet_minutes = $2 WHERE id = $1", organization.0, minutes)
        .execute(&mut **tx)
        .await
        .map(drop)
}

pub(super) async fn insert_organization(
    c: &mut PgConnection,
    organization: &OrganizationRow,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO organizations (id, name, timezone, support_phone_number, created_at) VALUES ($1, $2, $3, $4, $5)",
        organization.id.0,
        organization.name,
        organization.timezone,
        organization.support_phone_number,
        now
    )
    .execute(c)
    .await
    .map(drop)
}

/// System scope: user names are unique in the installation, so that signing in needs no organization.
pub(super) async fn credentials(c: &mut PgConnection, username: &str) -> Result<Option<Credentials>, sqlx::Error> {
    sqlx::query_as!(
        Credentials,
        r#"SELECT organization_id AS "organization_id: _", id AS "id: _", password_hash
           FROM users WHERE lower(username) = lower($1) AND disabled_at IS NULL"#,
        username
    )
    .fetch_optional(c)
    .await
}

pub(super) async fn user(
    c: &mut PgConnection,
    organization: OrganizationId,
    id: UserId,
) -> Result<Option<User>, sqlx::Error> {
    sqlx::query_as!(
        User,
        r#"SELECT id AS "id: _", username, display_name, role FROM users
           WHERE organization_id = $1 AND id = $2 AND disabled_at IS NULL"#,
        organization.0,
        id.0
    )
    .fetch_optional(c)
    .await
}

pub(super) async fn insert_user(
    c: &mut PgConnection,
    organization: OrganizationId,
    user: &User,
    password_hash: &str,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO users (organization_id, id, username, display_name, password_hash, role, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        organization.0,
        user.id.0,
        user.username,
        user.display_name,
        password_hash,
        user.role,
        now
    )
    .execute(c)
    .await
    .map(drop)
}

pub(super) async fn set_password(
    c: &mut PgConnection,
    organization: OrganizationId,
    id: UserId,
    password_hash: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE users SET password_hash = $3 WHERE organization_id = $1 AND id = $2",
        organization.0,
        id.0,
        password_hash
    )
    .execute(c)
    .await
    .map(drop)
}

pub(super) struct NewSession<'a> {
    pub id: SessionId,
    pub organization_id: OrganizationId,
    pub user_id: UserId,
    pub token_hash: &'a [u8],
    pub now: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub ip: &'a str,
    pub user_agent: Option<&'a str>,
}

pub(super) async fn insert_session(c: &mut PgConnection, s: &NewSession<'_>) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO sessions (organization_id, id, user_id, token_hash, created_at, last_seen_at, expires_at, ip, user_agent)
         VALUES ($1, $2, $3, $4, $5, $5, $6, $7, left($8, 300))",
        s.organization_id.0,
        s.id.0,
        s.user_id.0,
        s.token_hash,
        s.now,
        s.expires_at,
        s.ip,
        s.user_agent
    )
    .execute(c)
    .await
    .map(drop)
}

/// System scope: the token alone says which organization.
pub(super) async fn live_session(
    c: &mut PgConnection,
    token_hash: &[u8],
    now: DateTime<Utc>,
    seen_since: DateTime<Utc>,
) -> Result<Option<LiveSession>, sqlx::Error> {
    sqlx::query_as!(
        LiveSession,
        r#"SELECT organization_id AS "organization_id: _", user_id AS "user_id: _", last_seen_at
           FROM sessions WHERE token_hash = $1 AND expires_at > $2 AND last_seen_at > $3"#,
        token_hash,
        now,
        seen_since
    )
    .fetch_optional(c)
    .await
}

pub(super) async fn touch_session(
    c: &mut PgConnection,
    token_hash: &[u8],
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!("UPDATE sessions SET last_seen_at = $2 WHERE token_hash = $1", token_hash, now)
        .execute(c)
        .await
        .map(drop)
}

pub(super) async fn delete_session(c: &mut PgConnection, token_hash: &[u8]) -> Result<(), sqlx::Error> {
    sqlx::query!("DELETE FROM sessions WHERE token_hash = $1", token_hash).execute(c).await.map(drop)
}

/// System scope: the key alone says which organization.
pub(super) async fn organization_of_key(
    c: &mut PgConnection,
    key_hash: &[u8],
    now: DateTime<Utc>,
) -> Result<Option<OrganizationId>, sqlx::Error> {
    // last_used_at is kept to the minute: a busy program must not write a row with each request.
    sqlx::query_scalar!(
        r#"WITH key AS (SELECT organization_id, id, last_used_at FROM api_keys WHERE key_hash = $1 AND revoked_at IS NULL),
                used AS (UPDATE api_keys k SET last_used_at = $2::timestamptz FROM key
                         WHERE k.organization_id = key.organization_id AND k.id = key.id
                           AND (key.last_used_at IS NULL OR key.last_used_at < $2::timestamptz - interval '1 minute'))
           SELECT organization_id AS "organization_id: OrganizationId" FROM key"#,
        key_hash,
        now
    )
    .fetch_optional(c)
    .await
}

/// Makes `key_hash` the only live key called `name`.
pub(super) async fn replace_key(
    c: &mut PgConnection,
    organization: OrganizationId,
    id: ApiKeyId,
    name: &str,
    key_hash: &[u8],
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!("DELETE FROM api_keys WHERE name = $1 AND key_hash <> $2", name, key_hash).execute(&mut *c).await?;
    sqlx::query!(
        "INSERT INTO api_keys (organization_id, id, name, key_hash, created_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (key_hash) DO NOTHING",
        organization.0,
        id.0,
        name,
        key_hash,
        now
    )
    .execute(c)
    .await
    .map(drop)
}

/// Failed sign-ins of each subject since `since`, in the order asked.
pub(super) async fn failures(
    c: &mut PgConnection,
    subjects: &[String],
    since: DateTime<Utc>,
) -> Result<Vec<i64>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT (SELECT count(*) FROM login_failures f WHERE f.subject = s.subject AND f.at > $2) AS "n!"
           FROM unnest($1::text[]) WITH ORDINALITY AS s(subject, n) ORDER BY s.n"#,
        subjects,
        since
    )
    .fetch_all(c)
    .await
}

/// Lets the tries of one subject through one at a time, until the end of the transaction.
pub(super) async fn lock_subject(c: &mut PgConnection, subject: &str) -> Result<(), sqlx::Error> {
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtextextended($1, 1))", subject).fetch_one(c).await.map(drop)
}

pub(super) async fn record_failure(
    c: &mut PgConnection,
    ids: &[RowId],
    subjects: &[String],
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let ids: Vec<uuid::Uuid> = ids.iter().map(|id| id.0).collect();
    sqlx::query!(
        "INSERT INTO login_failures (id, subject, at) SELECT id, subject, $3 FROM unnest($1::uuid[], $2::text[]) AS f(id, subject)",
        &ids,
        subjects,
        now
    )
    .execute(&mut *c)
    .await?;
    sqlx::query!("DELETE FROM login_failures WHERE at < $1::timestamptz - interval '1 hour'", now)
        .execute(c)
        .await
        .map(drop)
}

/// Forgets the failures of a subject that turned out right, and the tries `ids`.
pub(super) async fn forget_failures(c: &mut PgConnection, subject: &str, ids: &[RowId]) -> Result<(), sqlx::Error> {
    let ids: Vec<uuid::Uuid> = ids.iter().map(|id| id.0).collect();
    sqlx::query!("DELETE FROM login_failures WHERE subject = $1 OR id = ANY($2)", subject, &ids)
        .execute(c)
        .await
        .map(drop)
}

pub(super) async fn delete_expired_sessions(c: &mut PgConnection, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    sqlx::query!("DELETE FROM sessions WHERE expires_at < $1", now).execute(c).await.map(drop)
}

pub(super) async fn delete_keys(
    c: &mut PgConnection,
    organization: OrganizationId,
    name: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!("DELETE FROM api_keys WHERE organization_id = $1 AND name = $2", organization.0, name)
        .execute(c)
        .await
        .map(drop)
}
