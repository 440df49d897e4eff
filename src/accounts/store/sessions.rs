//! Sessions of signed-in devices. System scope: the token alone says whose it is.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::{
    accounts::model::LiveSession,
    platform::ids::{OrganizationId, SessionId, UserId},
};

pub(in crate::accounts) struct NewSession<'a> {
    pub id: SessionId,
    pub organization_id: OrganizationId,
    pub user_id: UserId,
    /// cookie or bearer.
    pub kind: &'a str,
    pub token_hash: &'a [u8],
    /// End of the access token of a bearer session.
    pub token_expires_at: Option<DateTime<Utc>>,
    pub now: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub ip: &'a str,
    pub user_agent: Option<&'a str>,
}

pub(in crate::accounts) async fn insert(c: &mut PgConnection, s: &NewSession<'_>) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO sessions (id, organization_id, user_id, kind, token_hash, token_expires_at, created_at, last_seen_at, expires_at, ip, user_agent)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8, $9, left($10, 300))",
        s.id.0,
        s.organization_id.0,
        s.user_id.0,
        s.kind,
        s.token_hash,
        s.token_expires_at,
        s.now,
        s.expires_at,
        s.ip,
        s.user_agent
    )
    .execute(c)
    .await
    .map(drop)
}

/// The session of a cookie or of a current access token. Cookies also end by idleness, at `seen_since`.
pub(in crate::accounts) async fn live(
    c: &mut PgConnection,
    kind: &str,
    token_hash: &[u8],
    now: DateTime<Utc>,
    seen_since: DateTime<Utc>,
) -> Result<Option<LiveSession>, sqlx::Error> {
    sqlx::query_as!(
        LiveSession,
        r#"SELECT id AS "id: _", organization_id AS "organization_id: _", user_id AS "user_id: _", last_seen_at
           FROM sessions
           WHERE token_hash = $1 AND kind = $2 AND expires_at > $3
             AND CASE kind WHEN 'cookie' THEN last_seen_at > $4 ELSE token_expires_at > $3 END"#,
        token_hash,
        kind,
        now,
        seen_since
    )
    .fetch_optional(c)
    .await
}

pub(in crate::accounts) async fn touch(
    c: &mut PgConnection,
    id: SessionId,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!("UPDATE sessions SET last_seen_at = $2 WHERE id = $1", id.0, now).execute(c).await.map(drop)
}

pub(in crate::accounts) async fn delete_expired(c: &mut PgConnection, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    sqlx::query!("DELETE FROM sessions WHERE expires_at < $1", now).execute(c).await.map(drop)
}

/// Keeps the devices of a user few: the ones unused for longest beyond `most` go.
pub(in crate::accounts) async fn keep_latest(c: &mut PgConnection, user: UserId, most: i64) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "DELETE FROM sessions WHERE id IN
           (SELECT id FROM sessions WHERE user_id = $1 ORDER BY last_seen_at DESC, id DESC OFFSET $2)",
        user.0,
        most
    )
    .execute(c)
    .await
    .map(drop)
}

/// Whose session a cookie is, expired or not.
pub(in crate::accounts) struct Owner {
    pub id: SessionId,
    pub organization_id: OrganizationId,
    pub user_id: UserId,
    pub display_name: String,
}

pub(in crate::accounts) async fn owner(c: &mut PgConnection, token_hash: &[u8]) -> Result<Option<Owner>, sqlx::Error> {
    sqlx::query_as!(
        Owner,
        r#"SELECT s.id AS "id: _", s.organization_id AS "organization_id: _", s.user_id AS "user_id: _", u.display_name
           FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.token_hash = $1"#,
        token_hash
    )
    .fetch_optional(c)
    .await
}

/// Ends one session of the user; false: they have no such session.
pub(in crate::accounts) async fn delete(
    c: &mut PgConnection,
    user: UserId,
    id: SessionId,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!("DELETE FROM sessions WHERE user_id = $1 AND id = $2", user.0, id.0).execute(c).await?;
    Ok(done.rows_affected() > 0)
}

/// Ends the user's sessions but `except`; returns how many.
pub(in crate::accounts) async fn delete_all(
    c: &mut PgConnection,
    user: UserId,
    except: Option<SessionId>,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query!(
        "DELETE FROM sessions WHERE user_id = $1 AND ($2::uuid IS NULL OR id <> $2)",
        user.0,
        except.map(|id| id.0)
    )
    .execute(c)
    .await?;
    Ok(done.rows_affected())
}

/// A signed-in device.
pub(in crate::accounts) struct DeviceRow {
    pub id: SessionId,
    pub kind: String,
    pub ip: Option<String>,
    pub user_agent: Option<String>,
    pub created_at: DateTime<Utc>,
    pub last_seen_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub organization_name: String,
}

/// The user's sessions that still work, the one seen last first.
pub(in crate::accounts) async fn devices(
    c: &mut PgConnection,
    user: UserId,
    now: DateTime<Utc>,
    seen_since: DateTime<Utc>,
    after: Option<(DateTime<Utc>, SessionId)>,
    limit: i64,
) -> Result<Vec<DeviceRow>, sqlx::Error> {
    sqlx::query_as!(
        DeviceRow,
        r#"SELECT s.id AS "id: _", s.kind, s.ip, s.user_agent, s.created_at, s.last_seen_at, s.expires_at,
                  o.name AS organization_name
           FROM sessions s JOIN organizations o ON o.id = s.organization_id
           WHERE s.user_id = $1 AND s.expires_at > $2 AND (s.kind = 'bearer' OR s.last_seen_at > $3)
             AND ($4::timestamptz IS NULL OR (s.last_seen_at, s.id) < ($4, $5::uuid))
           ORDER BY s.last_seen_at DESC, s.id DESC LIMIT $6"#,
        user.0,
        now,
        seen_since,
        after.map(|a| a.0),
        after.map(|a| a.1.0),
        limit
    )
    .fetch_all(c)
    .await
}

pub(in crate::accounts) async fn set_organization(
    c: &mut PgConnection,
    id: SessionId,
    organization: OrganizationId,
) -> Result<(), sqlx::Error> {
    sqlx::query!("UPDATE sessions SET organization_id = $2 WHERE id = $1", id.0, organization.0)
        .execute(c)
        .await
        .map(drop)
}
