//! Use cases: first start, signing in and out, and finding out who asks.

use std::sync::LazyLock;

use chrono::TimeDelta;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

use super::{
    model::{Me, Organization, User, Via},
    store,
};
use crate::platform::{
    config::Config,
    crypto,
    db::{Db, Tx},
    http::Core,
    ids::{ApiKeyId, OrganizationId, RowId, SessionId, UserId},
    problem::{Problem, StatusCode},
};

/// A session ends this long after it was last used …
const IDLE: TimeDelta = TimeDelta::hours(12);
/// … and this long after signing in, whatever happens.
pub(super) const ABSOLUTE: TimeDelta = TimeDelta::days(7);
const FAILURE_WINDOW: TimeDelta = TimeDelta::minutes(15);
/// Failed sign-ins per user name and address, per address, and per user name, within the window.
const FAILURE_LIMITS: [i64; 3] = [5, 25, 50];

#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    #[error("wrong user name or password")]
    InvalidCredentials,
    #[error("too many failed sign-ins")]
    TooManyAttempts,
    #[error("a user of that name exists")]
    UsernameTaken,
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error("password hashing failed")]
    Hashing,
}

impl From<AccountError> for Problem {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::InvalidCredentials => Self::new(
                StatusCode::UNAUTHORIZED,
                "invalid_credentials",
                "Wrong user name or password",
                "Check both and try again.",
            ),
            AccountError::TooManyAttempts => Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                "too_many_attempts",
                "Too many failed sign-ins",
                "Wait fifteen minutes and try again.",
            )
            .retry_after(FAILURE_WINDOW.num_seconds().cast_unsigned()),
            AccountError::UsernameTaken => {
                Self::new(StatusCode::CONFLICT, "username_taken", "A user of that name exists", "Choose another name.")
            }
            AccountError::Database(error) => error.into(),
            AccountError::Hashing => Self::internal(),
        }
    }
}

impl From<store::OrganizationRow> for Organization {
    fn from(row: store::OrganizationRow) -> Self {
        Self {
            id: row.id,
            name: row.name,
            // Checked when written; a zone that a later tz release drops must not take the front desk down.
            timezone: row.timezone.parse().unwrap_or(chrono_tz::UTC),
            support_phone_number: row.support_phone_number,
            human_quiet_minutes: row.human_quiet_minutes,
        }
    }
}

/// The organization of this installation, made on the first start.
pub async fn ensure_organization(db: &Db, config: &Config) -> Result<Organization, sqlx::Error> {
    let mut tx = db.system().await?;
    store::lock_bootstrap(&mut tx).await?;
    let row = match store::first_organization(&mut tx).await? {
        Some(row) => row,
        None => {
            let row = store::OrganizationRow {
                id: OrganizationId::new(db.clock()),
                name: config.business_name.clone(),
                timezone: config.default_timezone.name().to_owned(),
                support_phone_number: config.support_phone_number.as_ref().map(|n| n.as_str().to_owned()),
                human_quiet_minutes: None,
            };
            store::insert_organization(&mut tx, &row, db.clock().now()).await?;
            tracing::info!(organization.id = %row.id, "organization.created");
            row
        }
    };
    tx.commit().await?;
    Ok(row.into())
}

/// The organization of `tx`.
pub async fn organization(tx: &mut Tx) -> Result<Organization, sqlx::Error> {
    let id = tx.organization_id();
    store::organization(tx, id).await.map(Into::into)
}

/// How long staff must have been silent before the assistant answers again, in minutes.
pub async fn set_human_quiet(tx: &mut Tx, minutes: i32) -> Result<(), sqlx::Error> {
    store::set_human_quiet(tx, minutes).await
}

/// Makes the first administrator, or gives the existing one the configured password.
pub async fn ensure_admin(
    db: &Db,
    organization: OrganizationId,
    username: &str,
    password: &SecretString,
) -> Result<(), AccountError> {
    let mut tx = db.system().await?;
    let existing = store::credentials(&mut tx, username).await?;
    drop(tx);
    let Some(existing) = existing else {
        return match create_user(db, organization, username, password, "admin").await {
            // Another process was a moment faster.
            Err(AccountError::UsernameTaken) => Ok(()),
            other => other,
        };
    };
    let (given, stored) = (password.clone(), existing.password_hash);
    let same = tokio::task::spawn_blocking(move || crypto::verify_password(given.expose_secret(), &stored))
        .await
        .unwrap_or(false);
    if !same {
        let hash = hash(password).await?;
        let mut tx = db.tenant(existing.organization_id).await?;
        store::set_password(&mut tx, existing.organization_id, existing.id, &hash).await?;
        tx.commit().await?;
    }
    Ok(())
}

pub async fn create_user(
    db: &Db,
    organization: OrganizationId,
    username: &str,
    password: &SecretString,
    role: &str,
) -> Result<(), AccountError> {
    let hash = hash(password).await?;
    let user = User {
        id: UserId::new(db.clock()),
        username: username.to_owned(),
        display_name: username.to_owned(),
        role: role.to_owned(),
    };
    let mut tx = db.tenant(organization).await?;
    match store::insert_user(&mut tx, organization, &user, &hash, db.clock().now()).await {
        Err(sqlx::Error::Database(e)) if e.constraint() == Some("users_username_key") => {
            return Err(AccountError::UsernameTaken);
        }
        other => other?,
    }
    tx.commit().await?;
    Ok(())
}

async fn hash(password: &SecretString) -> Result<String, AccountError> {
    let password = password.clone();
    tokio::task::spawn_blocking(move || crypto::hash_password(password.expose_secret()))
        .await
        .ok()
        .and_then(Result::ok)
        .ok_or(AccountError::Hashing)
}

/// Makes `ADMIN_API_KEY` work, and any earlier one stop working; without one, none works.
pub async fn ensure_api_key(
    db: &Db,
    organization: OrganizationId,
    key: Option<&SecretString>,
) -> Result<(), sqlx::Error> {
    const NAME: &str = "ADMIN_API_KEY";
    let mut tx = db.tenant(organization).await?;
    let (id, now) = (ApiKeyId::new(db.clock()), db.clock().now());
    match key {
        Some(key) => store::replace_key(&mut tx, organization, id, NAME, &key_hash(key.expose_secret()), now).await?,
        None => store::delete_keys(&mut tx, organization, NAME).await?,
    }
    tx.commit().await
}

/// Keys are chosen by the operator, once per installation; they are compared by hash, so the stored form tells nothing.
fn key_hash(key: &str) -> Vec<u8> {
    crypto::token_hash("frontdesk api key", key)
}

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
) -> Result<(String, Me), AccountError> {
    // Passwords are hashed slowly and in much memory: a few at a time, whoever asks.
    static VERIFYING: Semaphore = Semaphore::const_new(4);
    let now = core.clock.now();
    let name = username.to_lowercase();
    let subjects = [format!("{name}@{}", origin.ip), format!("address {}", origin.ip), format!("user {name}")];
    // Counted before the password is looked at, so that many tries at once are no way around the limit.
    let ids: Vec<RowId> = subjects.iter().map(|_| RowId::new(&core.clock)).collect();
    let mut tx = core.db.system().await?;
    store::lock_subject(&mut tx, &subjects[2]).await?;
    store::record_failure(&mut tx, &ids, &subjects, now).await?;
    let failures = store::failures(&mut tx, &subjects, now - FAILURE_WINDOW).await?;
    tx.commit().await?;
    if failures.iter().zip(FAILURE_LIMITS).any(|(n, limit)| *n > limit) {
        return Err(AccountError::TooManyAttempts);
    }
    let mut system = core.db.system_lookup().await?;
    let credentials = store::credentials(&mut system, username).await?;
    drop(system);
    let verified = match VERIFYING.acquire().await {
        Ok(_turn) => verify(credentials.as_ref().map(|c| c.password_hash.clone()), password).await,
        Err(_) => false,
    };
    let Some(credentials) = credentials.filter(|_| verified) else { return Err(AccountError::InvalidCredentials) };
    let token = crypto::random_token(32);
    let mut tx = core.db.system().await?;
    store::forget_failures(&mut tx, &subjects[0], &ids).await?;
    store::delete_expired_sessions(&mut tx, now).await?;
    let session = store::NewSession {
        id: SessionId::new(&core.clock),
        organization_id: credentials.organization_id,
        user_id: credentials.id,
        token_hash: &session_hash(core, &token),
        now,
        expires_at: now + ABSOLUTE,
        ip: origin.ip,
        user_agent: origin.user_agent,
    };
    store::insert_session(&mut tx, &session).await?;
    tx.commit().await?;
    let me = me(core, credentials.organization_id, Some(credentials.id), Via::Session).await?;
    Ok((token, me.ok_or(AccountError::InvalidCredentials)?))
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

fn session_hash(core: &Core, token: &str) -> Vec<u8> {
    crypto::token_hash(core.config.admin.session_secret.expose_secret(), token)
}

pub(super) async fn sign_out(core: &Core, token: &str) -> Result<(), sqlx::Error> {
    let mut tx = core.db.system().await?;
    store::delete_session(&mut tx, &session_hash(core, token)).await?;
    tx.commit().await
}

/// Who holds this session token. None: unknown, expired, idle for too long, or the user is disabled.
pub(super) async fn by_session(core: &Core, token: &str) -> Result<Option<Me>, sqlx::Error> {
    let (now, hash) = (core.clock.now(), session_hash(core, token));
    let mut system = core.db.system_lookup().await?;
    let Some(session) = store::live_session(&mut system, &hash, now, now - IDLE).await? else {
        return Ok(None);
    };
    if now - session.last_seen_at > TimeDelta::minutes(1) {
        store::touch_session(&mut system, &hash, now).await?;
    }
    drop(system);
    me(core, session.organization_id, Some(session.user_id), Via::Session).await
}

pub(super) async fn by_api_key(core: &Core, key: &str) -> Result<Option<Me>, sqlx::Error> {
    let mut system = core.db.system_lookup().await?;
    let organization = store::organization_of_key(&mut system, &key_hash(key), core.clock.now()).await?;
    drop(system);
    match organization {
        Some(organization) => me(core, organization, None, Via::ApiKey).await,
        None => Ok(None),
    }
}

async fn me(
    core: &Core,
    organization: OrganizationId,
    user: Option<UserId>,
    via: Via,
) -> Result<Option<Me>, sqlx::Error> {
    let mut tx = core.db.tenant(organization).await?;
    let user = match user {
        Some(id) => match store::user(&mut tx, organization, id).await? {
            Some(user) => Some(user),
            None => return Ok(None),
        },
        None => None,
    };
    let organization: Organization = store::organization(&mut tx, organization).await?.into();
    Ok(Some(Me { user, organization: organization.into(), via }))
}
