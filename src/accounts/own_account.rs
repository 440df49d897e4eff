//! What people do with their own account: who they are, their password, their devices, where they work.

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};

use super::{
    Staff, attempts,
    audit::Change,
    identity::{self, IDLE},
    model::{Caller, User},
    passwords::{self, check_password},
    service::{AccountError, on_constraint},
    store::{sessions, users},
};
use crate::platform::{
    db::Tx,
    http::{Core, IfMatch},
    ids::{OrganizationId, SessionId, UserId},
    phone::PhoneNumber,
    problem::Problem,
};

/// People belong to the installation, so that their accounts are changed outside every tenant …
pub(super) async fn begin(core: &Core) -> Result<Tx, sqlx::Error> {
    core.db.system().await
}

/// … and what they did is noted where they work.
pub(super) async fn commit(tx: Tx, staff: &Staff, change: Change) -> Result<(), sqlx::Error> {
    let mut tx = tx.into_tenant(staff.organization_id()).await?;
    staff.audit(&mut tx, change).await?;
    tx.commit().await
}

/// Makes sure that it is the person themselves and not just somebody at their screen. Counted like a sign-in, so that a stolen session is
/// no way to guess on. `field` is the one the password came in.
pub(super) async fn confirm_password(
    core: &Core,
    user: &User,
    ip: &str,
    password: SecretString,
    field: &str,
) -> Result<(), Problem> {
    let attempt = attempts::begin(core, &user.username, ip).await?;
    let mut system = core.db.system_lookup().await?;
    let stored = users::credentials_of(&mut system, user.id).await?.and_then(|c| c.password_hash);
    if !passwords::verify(stored, password).await {
        return Err(Problem::invalid_field(field, "wrong", "is not your password"));
    }
    attempt.succeeded(&mut system).await?;
    Ok(())
}

/// Fails where the password is no good for this user.
pub(super) fn good_password(field: &str, password: &SecretString, about: &[&str]) -> Result<(), Problem> {
    check_password(password.expose_secret(), about).map_err(|why| Problem::invalid_field(field, "weak_password", why))
}

/// Name and address. Returns what changed, for the audit log.
pub(super) async fn set_profile(
    tx: &mut Tx,
    user: &User,
    if_match: IfMatch,
    display_name: &str,
    email: Option<&str>,
) -> Result<Change, Problem> {
    #[derive(serde::Serialize)]
    struct Profile<'a> {
        display_name: &'a str,
        email: Option<&'a str>,
    }
    if_match.check(users::lock_version(tx, user.id).await?)?;
    let now = tx.real_clock().now();
    users::set_profile(tx, user.id, display_name, email, now).await.map_err(on_constraint)?;
    let before = Profile { display_name: &user.display_name, email: user.email.as_deref() };
    Ok(Change::updated("user", user.id.0, &before, &Profile { display_name, email }))
}

pub(super) async fn set_phone_number(
    tx: &mut Tx,
    user: &User,
    phone_number: Option<&PhoneNumber>,
) -> Result<Change, sqlx::Error> {
    let now = tx.real_clock().now();
    let number = phone_number.map(PhoneNumber::as_str);
    users::set_phone_number(tx, user.id, number, now).await?;
    let (before, after) =
        (serde_json::json!({ "phone_number": user.phone_number }), serde_json::json!({ "phone_number": number }));
    Ok(Change::updated("user", user.id.0, &before, &after))
}

/// Every other device is signed out: whoever knew the old password may sit at one.
pub(super) async fn set_password(
    tx: &mut Tx,
    user: UserId,
    hash: &str,
    this: Option<SessionId>,
) -> Result<u64, sqlx::Error> {
    let now = tx.real_clock().now();
    users::set_password(tx, user, hash, now).await?;
    sessions::delete_all(tx, user, this).await
}

/// The caller's devices, the one seen last first, one more than `limit`.
pub(super) async fn devices(
    core: &Core,
    user: UserId,
    after: Option<(DateTime<Utc>, SessionId)>,
    limit: usize,
) -> Result<Vec<sessions::DeviceRow>, sqlx::Error> {
    let mut system = core.db.system_lookup().await?;
    let now = core.clock.now();
    sessions::devices(&mut system, user, now, now - IDLE, after, limit as i64 + 1).await
}

/// Where the user may work, by name, one more than `limit`.
pub(super) async fn workplaces(
    core: &Core,
    user: UserId,
    after: Option<(String, OrganizationId)>,
    limit: usize,
) -> Result<Vec<users::WorkplaceRow>, sqlx::Error> {
    let mut system = core.db.system_lookup().await?;
    users::workplaces(&mut system, user, after, limit as i64 + 1).await
}

/// Goes over to another organization. None: they have no business there.
pub(super) async fn change_organization(
    core: &Core,
    caller: &Caller,
    user: UserId,
    session: SessionId,
    to: OrganizationId,
) -> Result<Option<(Tx, Caller)>, AccountError> {
    let mut tx = core.db.system().await?;
    let Some(there) = identity::user(&mut tx, to, user, Some(session), caller.via).await? else { return Ok(None) };
    sessions::set_organization(&mut tx, session, to).await?;
    Ok(Some((tx.into_tenant(to).await?, there)))
}
