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

pub(in crate::accounts) async fn delete_by_token(c: &mut PgConnection, token_hash: &[u8]) -> Result<(), sqlx::Error> {
    sqlx::query!("DELETE FROM sessions WHERE token_hash = $1", token_hash).execute(c).await.map(drop)
}

pub(in crate::accounts) async fn delete_expired(c: &mut PgConnection, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    sqlx::query!("DELETE FROM sessions WHERE expires_at < $1", now).execute(c).await.map(drop)
}
