//! Use cases of the start: the organization, its first administrator, its bootstrap key; and making users.

use chrono::TimeDelta;
use secrecy::{ExposeSecret, SecretString};

use super::{
    identity,
    model::Organization,
    passwords::{self, check_password},
    permission::BuiltInRole,
    store::{self, keys, users},
};
use crate::platform::{
    config::Config,
    db::{Db, Tx},
    ids::{ApiKeyId, OrganizationId, UserId},
    problem::{Code, Problem},
};

#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    #[error("wrong user name or password")]
    InvalidCredentials,
    /// With how long to wait.
    #[error("too many failed sign-ins")]
    TooManyAttempts(TimeDelta),
    #[error("a code of the second factor is needed")]
    SecondFactorRequired,
    #[error("the code of the second factor is wrong")]
    SecondFactorInvalid,
    #[error("the refresh token does not work")]
    InvalidRefreshToken,
    #[error("the password {0}")]
    WeakPassword(&'static str),
    #[error("a user with that e-mail address exists")]
    EmailTaken,
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
            AccountError::TooManyAttempts(wait) => too_many_attempts(wait),
            AccountError::SecondFactorRequired => {
                Self::new(Code::SecondFactorRequired, "Send the code of your authenticator app, or a recovery code.")
            }
            AccountError::SecondFactorInvalid => Self::new(
                Code::SecondFactorInvalid,
                "Each code works once. Wait for the next one, or use a recovery code.",
            ),
            AccountError::InvalidRefreshToken => {
                Self::new(Code::InvalidRefreshToken, "It is unknown, over, or was used before.")
            }
            AccountError::WeakPassword(why) => Self::invalid_field("password", "weak_password", why),
            AccountError::EmailTaken => {
                Self::new(Code::EmailTaken, "If it is yours, sign in; an invitation can be accepted then.")
            }
            AccountError::UsernameTaken => Self::new(Code::UsernameTaken, "Choose another name."),
            AccountError::Database(error) => error.into(),
            AccountError::Hashing => Self::internal(),
        }
    }
}

fn too_many_attempts(wait: TimeDelta) -> Problem {
    let seconds = wait.num_seconds().max(0).cast_unsigned() + 1;
    let detail = match seconds.div_ceil(60) {
        1 => "Wait a minute and try again.".to_owned(),
        minutes => format!("Wait {minutes} minutes and try again."),
    };
    Problem::new(Code::TooManyAttempts, detail).retry_after(seconds)
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
        // What the operator configured is not judged here: an installation must start again after an update.
        return match insert_user(db, organization, &new).await {
            // Another process was a moment faster.
            Err(AccountError::UsernameTaken) => Ok(()),
            other => other.map(drop),
        };
    };
    if !passwords::verify(existing.password_hash, password.clone()).await {
        let hash = passwords::hash(password).await?;
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
    check_password(new.password.expose_secret(), &[new.username]).map_err(AccountError::WeakPassword)?;
    insert_user(db, organization, new).await
}

async fn insert_user(db: &Db, organization: OrganizationId, new: &NewStaff<'_>) -> Result<UserId, AccountError> {
    let hash = passwords::hash(new.password).await?;
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

pub(super) fn on_constraint(error: sqlx::Error) -> AccountError {
    match error.as_database_error().and_then(|e| e.constraint()) {
        Some("users_username_key") => AccountError::UsernameTaken,
        Some("users_email_key") => AccountError::EmailTaken,
        _ => AccountError::Database(error),
    }
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
