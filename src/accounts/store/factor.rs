//! The second factor of a user: its sealed secret and the recovery codes. System scope.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::platform::ids::UserId;

/// What checking a code needs; the user is locked, so that one code is looked at once.
pub(in crate::accounts) struct FactorRow {
    pub totp_secret: Option<Vec<u8>>,
    pub totp_confirmed_at: Option<DateTime<Utc>>,
    pub totp_last_step: Option<i64>,
}

pub(in crate::accounts) async fn lock(c: &mut PgConnection, id: UserId) -> Result<FactorRow, sqlx::Error> {
    sqlx::query_as!(
        FactorRow,
        "SELECT totp_secret, totp_confirmed_at, totp_last_step FROM users WHERE id = $1 FOR UPDATE",
        id.0
    )
    .fetch_one(c)
    .await
}

/// A secret that waits to be confirmed by a first code.
pub(in crate::accounts) async fn begin(
    c: &mut PgConnection,
    id: UserId,
    sealed: &[u8],
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE users SET totp_secret = $2, totp_confirmed_at = NULL, totp_last_step = NULL, updated_at = $3 WHERE id = $1",
        id.0,
        sealed,
        now
    )
    .execute(c)
    .await
    .map(drop)
}

pub(in crate::accounts) async fn confirm(
    c: &mut PgConnection,
    id: UserId,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE users SET totp_confirmed_at = $2, updated_at = $2, version = version + 1 WHERE id = $1",
        id.0,
        now
    )
    .execute(c)
    .await
    .map(drop)
}

/// Codes of this time step and earlier ones no longer work.
pub(in crate::accounts) async fn use_step(c: &mut PgConnection, id: UserId, step: i64) -> Result<(), sqlx::Error> {
    sqlx::query!("UPDATE users SET totp_last_step = $2 WHERE id = $1", id.0, step).execute(c).await.map(drop)
}

pub(in crate::accounts) async fn remove(
    c: &mut PgConnection,
    id: UserId,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE users SET totp_secret = NULL, totp_confirmed_at = NULL, totp_last_step = NULL, updated_at = $2,
                          version = version + 1 WHERE id = $1",
        id.0,
        now
    )
    .execute(&mut *c)
    .await?;
    sqlx::query!("DELETE FROM recovery_codes WHERE user_id = $1", id.0).execute(c).await.map(drop)
}

/// The old set ends with the new one.
pub(in crate::accounts) async fn replace_recovery_codes(
    c: &mut PgConnection,
    id: UserId,
    hashes: &[Vec<u8>],
) -> Result<(), sqlx::Error> {
    sqlx::query!("DELETE FROM recovery_codes WHERE user_id = $1", id.0).execute(&mut *c).await?;
    sqlx::query!(
        "INSERT INTO recovery_codes (user_id, code_hash) SELECT $1, hash FROM unnest($2::bytea[]) AS h(hash)",
        id.0,
        hashes
    )
    .execute(c)
    .await
    .map(drop)
}

/// Uses a recovery code up; false: it is none, or was used before.
pub(in crate::accounts) async fn use_recovery_code(
    c: &mut PgConnection,
    id: UserId,
    hash: &[u8],
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let used = sqlx::query!(
        "UPDATE recovery_codes SET used_at = $3 WHERE user_id = $1 AND code_hash = $2 AND used_at IS NULL",
        id.0,
        hash,
        now
    )
    .execute(c)
    .await?;
    Ok(used.rows_affected() > 0)
}
