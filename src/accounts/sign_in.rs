//! Signing in and out of the dashboard.

use std::sync::LazyLock;

use chrono::TimeDelta;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

use super::{
    identity::{self, ABSOLUTE},
    model::{Caller, Via},
    service::AccountError,
    store::{failures, sessions, users},
};
use crate::platform::{
    crypto,
    http::Core,
    ids::{RowId, SessionId},
};

pub(super) const FAILURE_WINDOW: TimeDelta = TimeDelta::minutes(15);
/// Failed sign-ins per user name and address, per address, and per user name, within the window.
const FAILURE_LIMITS: [i64; 3] = [5, 25, 50];

/// Where a sign-in comes from.
pub(super) struct Origin<'a> {
    pub ip: &'a str,
    pub user_agent: Option<&'a str>,
}

/// Checks the password and opens a session. Returns the token for the cookie.
pub(super) async fn sign_in(
    core: &Core,
    username: &str,
    password: SecretString,
    origin: &Origin<'_>,
) -> Result<(String, Caller), AccountError> {
    // Passwords are hashed slowly and in much memory: a few at a time, whoever asks.
    static VERIFYING: Semaphore = Semaphore::const_new(4);
    let now = core.clock.now();
    let name = username.to_lowercase();
    let subjects = [format!("{name}@{}", origin.ip), format!("address {}", origin.ip), format!("user {name}")];
    // Counted before the password is looked at, so that many tries at once are no way around the limit.
    let ids: Vec<RowId> = subjects.iter().map(|_| RowId::new(&core.clock)).collect();
    let mut tx = core.db.system().await?;
    failures::lock_subject(&mut tx, &subjects[2]).await?;
    failures::record(&mut tx, &ids, &subjects, now).await?;
    let failed = failures::count(&mut tx, &subjects, now - FAILURE_WINDOW).await?;
    tx.commit().await?;
    if failed.iter().zip(FAILURE_LIMITS).any(|(n, limit)| *n > limit) {
        return Err(AccountError::TooManyAttempts);
    }
    let mut system = core.db.system_lookup().await?;
    let credentials = users::credentials(&mut system, username).await?;
    drop(system);
    let verified = match VERIFYING.acquire().await {
        Ok(_turn) => verify(credentials.as_ref().and_then(|c| c.password_hash.clone()), password).await,
        Err(_) => false,
    };
    let Some(credentials) = credentials.filter(|_| verified) else { return Err(AccountError::InvalidCredentials) };
    let token = crypto::random_token(32);
    let mut tx = core.db.system().await?;
    failures::forget(&mut tx, &subjects[0], &ids).await?;
    sessions::delete_expired(&mut tx, now).await?;
    let home = users::home(&mut tx, credentials.id).await?.ok_or(AccountError::InvalidCredentials)?;
    let id = SessionId::new(&core.clock);
    let session = sessions::NewSession {
        id,
        organization_id: home,
        user_id: credentials.id,
        kind: "cookie",
        token_hash: &identity::token_hash(core, &token),
        token_expires_at: None,
        now,
        expires_at: now + ABSOLUTE,
        ip: origin.ip,
        user_agent: origin.user_agent,
    };
    sessions::insert(&mut tx, &session).await?;
    let caller = identity::user(&mut tx, home, credentials.id, Some(id), Via::Session).await?;
    tx.commit().await?;
    Ok((token, caller.ok_or(AccountError::InvalidCredentials)?))
}

/// Takes as long for an unknown user as for a wrong password.
async fn verify(stored: Option<String>, password: SecretString) -> bool {
    static NOBODY: LazyLock<String> = LazyLock::new(|| crypto::hash_password("nobody").unwrap_or_default());
    tokio::task::spawn_blocking(move || {
        let known = stored.is_some();
        crypto::verify_password(password.expose_secret(), stored.as_deref().unwrap_or(&NOBODY)) && known
    })
    .await
    .unwrap_or(false)
}

pub(super) async fn sign_out(core: &Core, token: &str) -> Result<(), sqlx::Error> {
    let mut tx = core.db.system().await?;
    sessions::delete_by_token(&mut tx, &identity::token_hash(core, token)).await?;
    tx.commit().await
}
