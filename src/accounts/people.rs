//! The staff of an organization: changing what they are in it, taking them out, making and inviting new ones.

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::{
    api::Staff,
    audit::Change,
    fields,
    model::RoleRef,
    passwords::{self, check_password},
    permission::{BuiltInRole, PermissionSet},
    roles::{self, HeldRole},
    store::{invitations, members, users},
};
use crate::platform::{
    crypto,
    db::Tx,
    http::{Core, IfMatch, Page, Paging},
    ids::{InvitationId, UserId},
    problem::{Code, Problem},
};

/// Under which invitations' tokens are hashed.
pub(super) const INVITATION: &str = "frontdesk invitation";

/// Somebody of the organization's staff.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct Member {
    pub id: UserId,
    pub username: String,
    pub display_name: String,
    pub email: Option<String>,
    /// E.164.
    pub phone_number: Option<String>,
    #[serde(flatten)]
    #[sqlx(flatten)]
    pub role: HeldRole,
    /// May do everything in every organization.
    pub superuser: bool,
    /// Whether signing in asks for a second factor.
    pub second_factor: bool,
    /// Shut out of this organization.
    pub disabled: bool,
    /// Shut out of the whole installation by a superuser.
    pub disabled_everywhere: bool,
    /// When they joined.
    pub created_at: DateTime<Utc>,
    /// Last sign of them in this organization, to the minute; null: they never were here.
    pub last_seen_at: Option<DateTime<Utc>>,
    pub version: i64,
}

impl Member {
    const fn active(&self) -> bool {
        !self.disabled && !self.disabled_everywhere
    }

    fn is_admin(&self) -> bool {
        self.role.role == RoleRef::BuiltIn(BuiltInRole::Admin)
    }
}

/// Whether members can sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MemberStatus {
    Active,
    Disabled,
}

pub(super) async fn member(tx: &mut Tx, id: UserId) -> Result<Member, Problem> {
    let order = Paging::default().order(members::ORDERS)?;
    let filter = members::Filter { id: Some(id), ..members::Filter::default() };
    members::list(tx, &filter, &order).await?.items.pop().ok_or_else(|| Problem::not_found("user"))
}

/// The member, whom whoever asks may touch: not themselves, and nobody who may do more than they.
async fn others_member(tx: &mut Tx, staff: &Staff, id: UserId) -> Result<Member, Problem> {
    members::lock_staff(tx).await?;
    let member = member(tx, id).await?;
    if staff.user.as_ref().is_some_and(|u| u.id == id) {
        return Err(Problem::new(Code::OwnAccount, "Nobody changes their own role, nor shuts themselves out."));
    }
    let held = match (&member.role.role, members::custom_permissions(tx, id).await?) {
        (RoleRef::BuiltIn(role), _) => role.permissions(),
        (RoleRef::Custom(_), names) => PermissionSet::from_names(&names.unwrap_or_default()),
    };
    roles::within_own(staff, held)?;
    Ok(member)
}

/// Call it under the lock of the staff, before an active admin stops being one.
async fn not_the_last_admin(tx: &mut Tx, member: &Member) -> Result<(), Problem> {
    if member.is_admin() && member.active() && members::other_active_admins(tx, member.id).await? == 0 {
        return Err(Problem::new(Code::LastAdmin, "Make somebody else an admin first."));
    }
    Ok(())
}

/// What is to change of a member.
#[derive(Clone, Copy, Debug)]
pub(super) struct MemberChange {
    pub role: Option<RoleRef>,
    pub disabled: Option<bool>,
}

pub(super) async fn change_member(
    tx: &mut Tx,
    staff: &Staff,
    id: UserId,
    if_match: IfMatch,
    change: MemberChange,
) -> Result<Member, Problem> {
    let before = others_member(tx, staff, id).await?;
    if_match.check(before.version)?;
    let role = change.role.unwrap_or(before.role.role);
    let disabled = change.disabled.unwrap_or(before.disabled);
    let columns = if role == before.role.role { role.into() } else { roles::grantable(tx, staff, role).await? };
    if role == before.role.role && disabled == before.disabled {
        return Ok(before);
    }
    if role != RoleRef::BuiltIn(BuiltInRole::Admin) || disabled {
        not_the_last_admin(tx, &before).await?;
    }
    members::update(tx, id, columns.role, columns.role_id, disabled).await?;
    if disabled && !before.disabled {
        members::end_sessions(tx, id).await?;
    }
    let after = member(tx, id).await?;
    let mut verbs = Vec::new();
    if role != before.role.role {
        verbs.push("role_changed");
    }
    if disabled != before.disabled {
        verbs.push(if disabled { "disabled" } else { "enabled" });
    }
    for verb in verbs {
        staff.audit(tx, Change::of("user", verb, id.0).before(&before).after(&after)).await?;
    }
    Ok(after)
}

/// Takes somebody out of the organization. They stay a person of the installation, and a member elsewhere.
pub(super) async fn remove_member(tx: &mut Tx, staff: &Staff, id: UserId) -> Result<(), Problem> {
    let member = others_member(tx, staff, id).await?;
    not_the_last_admin(tx, &member).await?;
    members::remove(tx, id).await?;
    members::end_sessions(tx, id).await?;
    staff.audit(tx, Change::deleted("user", id.0, &member)).await?;
    Ok(())
}

/// Somebody whom an admin makes with a password.
pub(super) struct NewMember {
    pub username: String,
    pub display_name: String,
    pub email: Option<String>,
    pub password: SecretString,
    pub role: RoleRef,
}

pub(super) async fn create_member(core: &Core, staff: &Staff, new: NewMember) -> Result<Member, Problem> {
    let username = fields::username("username", &new.username)?;
    let display_name = fields::line("display_name", &new.display_name, 100)?;
    let email = new.email.filter(|e| !e.trim().is_empty()).map(|e| fields::email("email", &e)).transpose()?;
    let about: Vec<&str> = std::iter::once(username.as_str()).chain(email.as_deref()).collect();
    check_password(new.password.expose_secret(), &about)
        .map_err(|why| Problem::invalid_field("password", "refused", why))?;
    // Refused before a slow hash is made for it; decided below, in the transaction.
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    roles::grantable(&mut tx, staff, new.role).await?;
    drop(tx);
    let hash = passwords::hash(&new.password).await?;
    let (id, now) = (UserId::new(&core.clock), core.clock.now());
    let user = users::NewUser {
        id,
        username: &username,
        display_name: &display_name,
        email: email.as_deref(),
        password_hash: Some(&hash),
        superuser: false,
        now,
    };
    let mut tx = core.db.system().await?;
    users::insert(&mut tx, &user).await.map_err(on_constraint)?;
    let mut tx = tx.into_tenant(staff.organization_id()).await?;
    members::lock_staff(&mut tx).await?;
    let role = roles::grantable(&mut tx, staff, new.role).await?;
    users::join(&mut tx, staff.organization_id(), id, role.role, role.role_id, now).await?;
    let member = member(&mut tx, id).await?;
    staff.audit(&mut tx, Change::created("user", id.0, &member)).await?;
    tx.commit().await?;
    Ok(member)
}

fn on_constraint(error: sqlx::Error) -> Problem {
    match error.as_database_error().and_then(|e| e.constraint()) {
        Some("users_username_key") => Problem::new(Code::UsernameTaken, "Choose another name."),
        Some("users_email_key") => {
            Problem::new(Code::AlreadyExists, "Somebody has that e-mail address. If they are to join, invite them.")
        }
        _ => error.into(),
    }
}

/// An invitation that can still be accepted.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct Invitation {
    pub id: InvitationId,
    pub email: String,
    #[serde(flatten)]
    #[sqlx(flatten)]
    pub role: HeldRole,
    /// Display name; null where a program did.
    pub invited_by: Option<String>,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

/// An invitation with what is shown once.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct NewInvitation {
    #[serde(flatten)]
    pub invitation: Invitation,
    /// Whoever holds it may join. It is not shown again.
    pub token: String,
    /// The page to join on. Without an address where PUBLIC_URL is not set: put the dashboard's in front.
    pub url: String,
}

/// Invites somebody in the place of an earlier, open invitation to the same address.
pub(super) async fn invite(
    core: &Core,
    staff: &Staff,
    email: &str,
    role: RoleRef,
    days: i64,
) -> Result<NewInvitation, Problem> {
    let email = fields::email("email", email)?;
    if !(1..=30).contains(&days) {
        return Err(Problem::invalid_field("expires_in_days", "out_of_range", "must be from 1 to 30"));
    }
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    members::lock_staff(&mut tx).await?;
    let role = roles::grantable(&mut tx, staff, role).await?;
    if members::has_email(&mut tx, &email).await? {
        return Err(Problem::new(Code::AlreadyExists, "Somebody with that address belongs to the organization."));
    }
    let (id, token) = (InvitationId::new(&core.clock), crypto::random_token(32));
    let new = invitations::NewInvitation {
        id,
        email: &email,
        role: role.role,
        role_id: role.role_id,
        token_hash: &crypto::token_hash(INVITATION, &token),
        invited_by: staff.user_id(),
        expires_at: core.clock.now() + TimeDelta::days(days),
    };
    invitations::replace(&mut tx, &new).await?;
    let order = Paging::default().order(invitations::ORDERS)?;
    let page: Page<Invitation> = invitations::open(&mut tx, None, Some(id), &order).await?;
    let invitation = page.items.into_iter().next().ok_or_else(Problem::internal)?;
    staff.audit(&mut tx, Change::created("invitation", id.0, &invitation)).await?;
    tx.commit().await?;
    let path = format!("/admin/join/{token}");
    let url = core.config.public_url.as_ref().and_then(|base| base.join(&path).ok());
    Ok(NewInvitation { invitation, token, url: url.map_or(path, String::from) })
}

pub(super) async fn revoke_invitation(tx: &mut Tx, staff: &Staff, id: InvitationId) -> Result<(), Problem> {
    let Some(email) = invitations::revoke(tx, id).await? else { return Err(Problem::not_found("invitation")) };
    let was = serde_json::json!({ "email": email });
    staff.audit(tx, Change::of("invitation", "revoked", id.0).before(&was)).await?;
    Ok(())
}
