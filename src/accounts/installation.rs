//! Everybody who signs in to the installation, as superusers see and change them.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{api::Staff, audit::Change, store::installation as store};
use crate::platform::{
    db::Tx,
    http::{Core, IfMatch, Paging},
    ids::UserId,
    problem::{Code, Problem},
};

/// Somebody who may sign in to the installation.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct InstallationUser {
    pub id: UserId,
    pub username: String,
    pub display_name: String,
    pub email: Option<String>,
    pub superuser: bool,
    /// Shut out of the whole installation.
    pub disabled: bool,
    /// Whether signing in asks for a second factor.
    pub second_factor: bool,
    /// Names of up to fifty organizations they belong to.
    pub organizations: Vec<String>,
    pub created_at: DateTime<Utc>,
    pub version: i64,
}

async fn get(tx: &mut Tx, id: UserId) -> Result<InstallationUser, Problem> {
    let order = Paging::default().order(store::ORDERS)?;
    let filter = store::Filter { id: Some(id), ..store::Filter::default() };
    store::list(tx, &filter, &order).await?.items.pop().ok_or_else(|| Problem::not_found("user"))
}

/// Shuts somebody out of the installation, lets them in again, or makes them a superuser or not.
pub(super) async fn change(
    core: &Core,
    staff: &Staff,
    id: UserId,
    if_match: IfMatch,
    superuser: Option<bool>,
    disabled: Option<bool>,
) -> Result<InstallationUser, Problem> {
    let mut tx = core.db.system().await?;
    // Superusers first, always in one order: two who take it from each other wait here.
    let others = store::other_superusers(&mut tx, id).await?;
    store::lock(&mut tx, id).await?;
    let before = get(&mut tx, id).await?;
    if_match.check(before.version)?;
    let (superuser, disabled) = (superuser.unwrap_or(before.superuser), disabled.unwrap_or(before.disabled));
    if (superuser, disabled) == (before.superuser, before.disabled) {
        return Ok(before);
    }
    let (was, stays) = (before.superuser && !before.disabled, superuser && !disabled);
    if was && !stays && others == 0 {
        return Err(Problem::new(Code::LastSuperuser, "Make somebody else a superuser first."));
    }
    if disabled && staff.user.as_ref().is_some_and(|u| u.id == id) {
        return Err(Problem::new(Code::OwnAccount, "Nobody shuts themselves out."));
    }
    store::update(&mut tx, id, superuser, disabled, core.clock.now()).await?;
    if disabled {
        store::end_sessions(&mut tx, id).await?;
    }
    let after = get(&mut tx, id).await?;
    let mut tx = tx.into_tenant(staff.organization_id()).await?;
    let change = Change::of("installation_user", "updated", id.0).before(&before).after(&after);
    staff.audit(&mut tx, change).await?;
    tx.commit().await?;
    Ok(after)
}
