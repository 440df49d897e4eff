//! Becoming a user: by an invitation, or, where the installation allows it, with an organization of one's own.

use secrecy::SecretString;

use super::{
    audit::{self, Actor, Change},
    model::{Organization, User},
    own_account::good_password,
    passwords,
    permission::BuiltInRole,
    service::on_constraint,
    sign_in::Origin,
    store::{
        self,
        joining::{self, OpenInvitation},
        users,
    },
};
use crate::platform::{
    crypto,
    db::Tx,
    events::{self, Event},
    http::Core,
    ids::{OrganizationId, UserId},
    problem::{Code, Problem},
};

/// Somebody who wants in; the fields are checked.
pub(super) struct Newcomer<'a> {
    pub username: &'a str,
    pub display_name: &'a str,
    /// Left aside where an invitation says whose it is.
    pub email: Option<&'a str>,
    pub password: SecretString,
}

pub(super) enum Door<'a> {
    Invitation(&'a str),
    /// A new organization of that name.
    OwnOrganization(&'a str),
}

/// Makes the user and their membership.
pub(super) async fn register(
    core: &Core,
    new: Newcomer<'_>,
    door: Door<'_>,
    origin: &Origin,
) -> Result<(UserId, Organization), Problem> {
    // Looked at before the password is hashed, which costs.
    let email = match door {
        Door::Invitation(token) => {
            let mut system = core.db.system_lookup().await?;
            Some(open_invitation(core, &mut system, token).await?.email)
        }
        Door::OwnOrganization(_) if !core.config.allow_registration => {
            return Err(Problem::new(Code::RegistrationClosed, "Ask somebody who works here to invite you."));
        }
        Door::OwnOrganization(_) => new.email.map(str::to_owned),
    };
    good_password("password", &new.password, &[new.username, email.as_deref().unwrap_or_default()])?;
    let hash = passwords::hash(&new.password).await?;
    let (id, now) = (UserId::new(&core.clock), core.clock.now());
    let user = users::NewUser {
        id,
        username: new.username,
        display_name: new.display_name,
        email: email.as_deref(),
        password_hash: Some(&hash),
        superuser: false,
        now,
    };
    let mut tx = core.db.system().await?;
    users::insert(&mut tx, &user).await.map_err(on_constraint)?;
    let actor = origin.actor(id, new.display_name);
    let mut tx = match door {
        Door::Invitation(token) => {
            let invitation = open_invitation(core, &mut tx, token).await?;
            join(tx, &invitation, id, &actor).await?
        }
        Door::OwnOrganization(name) => {
            let mut tx = found(core, tx, name).await?;
            let organization = tx.organization_id();
            users::join(&mut tx, organization, id, Some(BuiltInRole::Admin.as_str()), None, now).await?;
            audit::record(&mut tx, &actor, Change::of("organization", "created", organization.0)).await?;
            tx
        }
    };
    let organization = tx.organization_id();
    let organization = store::organization(&mut tx, organization).await?.into();
    tx.commit().await?;
    Ok((id, organization))
}

/// Somebody who has an account joins another organization.
pub(super) async fn accept(core: &Core, user: &User, token: &str, origin: &Origin) -> Result<Organization, Problem> {
    let mut tx = core.db.system().await?;
    let invitation = open_invitation(core, &mut tx, token).await?;
    if users::is_member(&mut tx, invitation.organization_id, user.id).await? {
        return Err(Problem::new(Code::AlreadyExists, "You belong to it already."));
    }
    let actor = origin.actor(user.id, &user.display_name);
    let mut tx = join(tx, &invitation, user.id, &actor).await?;
    let organization = store::organization(&mut tx, invitation.organization_id).await?.into();
    tx.commit().await?;
    Ok(organization)
}

/// What a token invites to; locked where `c` is in a transaction.
pub(super) async fn open_invitation(
    core: &Core,
    c: &mut sqlx::PgConnection,
    token: &str,
) -> Result<OpenInvitation, Problem> {
    let hash = crypto::token_hash("frontdesk invitation", token);
    joining::open_invitation(c, &hash, core.clock.now()).await?.ok_or_else(|| Problem::not_found("invitation"))
}

/// Goes on in the organization that invites.
async fn join(tx: Tx, invitation: &OpenInvitation, user: UserId, actor: &Actor) -> Result<Tx, sqlx::Error> {
    let organization = invitation.organization_id;
    let mut tx = tx.into_tenant(organization).await?;
    let now = tx.real_clock().now();
    users::join(&mut tx, organization, user, invitation.role.as_deref(), invitation.role_id, now).await?;
    joining::accept(&mut tx, organization, invitation.id, user, now).await?;
    let after = serde_json::json!({
        "invitation_id": invitation.id, "role": invitation.role, "role_id": invitation.role_id,
    });
    audit::record(&mut tx, actor, Change::of("user", "joined", user.0).after(&after)).await?;
    Ok(tx)
}

/// A new organization, in which it goes on; the slices above give it what it needs.
async fn found(core: &Core, mut tx: Tx, name: &str) -> Result<Tx, sqlx::Error> {
    let row = store::OrganizationRow {
        id: OrganizationId::new(&core.clock),
        name: name.to_owned(),
        timezone: core.config.default_timezone.name().to_owned(),
        support_phone_number: None,
        human_quiet_minutes: None,
    };
    store::insert_organization(&mut tx, &row, core.clock.now()).await?;
    let mut tx = tx.into_tenant(row.id).await?;
    events::emit(&mut tx, Event::OrganizationCreated).await?;
    tracing::info!(organization.id = %row.id, "organization.created");
    Ok(tx)
}
