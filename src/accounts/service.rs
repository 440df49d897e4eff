//! Use cases of the start: the organization, its first administrator, its bootstrap key; and making users.

use secrecy::{ExposeSecret, SecretString};

use super::{
    identity,
    model::Organization,
    permission::BuiltInRole,
    sign_in,
    store::{self, keys, users},
};
use crate::platform::{
    config::Config,
    crypto,
    db::{Db, Tx},
    ids::{ApiKeyId, OrganizationId, UserId},
    problem::{Code, Problem},
};

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
            AccountError::InvalidCredentials => Self::new(Code::InvalidCredentials, "Check both and try again."),
            AccountError::TooManyAttempts => Self::new(Code::TooManyAttempts, "Wait fifteen minutes and try again.")
                .retry_after(sign_in::FAILURE_WINDOW.num_seconds().cast_unsigned()),
            AccountError::UsernameTaken => Self::new(Code::UsernameTaken, "Choose another name."),
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

/// Makes the first administrator, who is a superuser of the installation, or gives the existing one the configured password.
pub async fn ensure_admin(
    db: &Db,
    organization: OrganizationId,
    username: &str,
    password: &SecretString,
) -> Result<(), AccountError> {
    let mut system = db.system_lookup().await?;
    let existing = users::credentials(&mut system, username).await?;
    drop(system);
    let Some(existing) = existing else {
        let new = NewStaff { username, password, role: BuiltInRole::Admin, superuser: true };
        return match create_user(db, organization, &new).await {
            // Another process was a moment faster.
            Err(AccountError::UsernameTaken) => Ok(()),
            other => other.map(drop),
        };
    };
    let (given, stored) = (password.clone(), existing.password_hash.unwrap_or_default());
    let same = tokio::task::spawn_blocking(move || crypto::verify_password(given.expose_secret(), &stored))
        .await
        .unwrap_or(false);
    if !same {
        let hash = hash(password).await?;
        let mut tx = db.system().await?;
        users::set_password(&mut tx, existing.id, &hash, db.clock().now()).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Somebody to make.
#[derive(Clone, Copy)]
pub struct NewStaff<'a> {
    pub username: &'a str,
    pub password: &'a SecretString,
    pub role: BuiltInRole,
    pub superuser: bool,
}

/// Makes a user who belongs to the organization.
pub async fn create_user(db: &Db, organization: OrganizationId, new: &NewStaff<'_>) -> Result<UserId, AccountError> {
    let hash = hash(new.password).await?;
    let (id, now) = (UserId::new(db.clock()), db.clock().now());
    let user = users::NewUser {
        id,
        username: new.username,
        display_name: new.username,
        email: None,
        password_hash: Some(&hash),
        superuser: new.superuser,
        now,
    };
    let mut tx = db.system().await?;
    users::insert(&mut tx, &user).await.map_err(on_constraint)?;
    users::join(&mut tx, organization, id, Some(new.role.as_str()), None, now).await?;
    tx.commit().await?;
    Ok(id)
}

fn on_constraint(error: sqlx::Error) -> AccountError {
    match error.as_database_error().and_then(|e| e.constraint()) {
        Some("users_username_key") => AccountError::UsernameTaken,
        _ => AccountError::Database(error),
    }
}

pub(super) async fn hash(password: &SecretString) -> Result<String, AccountError> {
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
        Some(key) => {
            let hash = identity::key_hash(key.expose_secret());
            keys::replace(&mut tx, organization, id, NAME, &hash, now).await?;
        }
        None => keys::delete_named(&mut tx, organization, NAME).await?,
    }
    tx.commit().await
}
