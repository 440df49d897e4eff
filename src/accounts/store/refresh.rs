//! Refresh tokens of bearer sessions. System scope: the token alone says whose it is.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::platform::ids::{OrganizationId, SessionId, UserId};

/// A refresh token and its session, both locked.
pub(in crate::accounts) struct RefreshRow {
    pub session_id: SessionId,
    pub organization_id: OrganizationId,
    pub user_id: UserId,
    pub expires_at: DateTime<Utc>,
    pub used_at: Option<DateTime<Utc>>,
}

pub(in crate::accounts) async fn lock(
    c: &mut PgConnection,
    token_hash: &[u8],
) -> Result<Option<RefreshRow>, sqlx::Error> {
    sqlx::query_as!(
        RefreshRow,
        r#"SELECT r.session_id AS "session_id: _", s.organization_id AS "organization_id: _", s.user_id AS "user_id: _",
                  r.expires_at, r.used_at
           FROM refresh_tokens r JOIN sessions s ON s.id = r.session_id
           WHERE r.token_hash = $1 FOR UPDATE OF r, s"#,
        token_hash
    )
    .fetch_optional(c)
    .await
}

pub(in crate::accounts) async fn insert(
    c: &mut PgConnection,
    token_hash: &[u8],
    session: SessionId,
    now: DateTime<Utc>,
    expires_at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO refresh_tokens (token_hash, session_id, created_at, expires_at) VALUES ($1, $2, $3, $4)",
        token_hash,
        session.0,
        now,
        expires_at
    )
    .execute(c)
    .await
    .map(drop)
}

/// Marks a token as used, and forgets the session's that are too old to be of use even to a thief.
pub(in crate::accounts) async fn use_up(
    c: &mut PgConnection,
    token_hash: &[u8],
    session: SessionId,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!("UPDATE refresh_tokens SET used_at = $2 WHERE token_hash = $1", token_hash, now)
        .execute(&mut *c)
        .await?;
    sqlx::query!("DELETE FROM refresh_tokens WHERE session_id = $1 AND expires_at < $2", session.0, now)
        .execute(c)
        .await
        .map(drop)
}

/// What a session goes on with after a refresh.
pub(in crate::accounts) struct Renewed<'a> {
    pub token_hash: &'a [u8],
    pub token_expires_at: DateTime<Utc>,
    pub now: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub ip: &'a str,
}

/// The access token before stops working.
pub(in crate::accounts) async fn renew(
    c: &mut PgConnection,
    session: SessionId,
    r: &Renewed<'_>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE sessions SET token_hash = $2, token_expires_at = $3, last_seen_at = $4, expires_at = $5, ip = $6 WHERE id = $1",
        session.0,
        r.token_hash,
        r.token_expires_at,
        r.now,
        r.expires_at,
        r.ip
    )
    .execute(c)
    .await
    .map(drop)
}
