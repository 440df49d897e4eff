//! Finding out who asks: by cookie, bearer token or API key.

use chrono::TimeDelta;
use secrecy::ExposeSecret;
use sqlx::PgConnection;

use super::{
    external,
    model::{Caller, RoleRef, User, Via},
    permission::{BuiltInRole, PermissionSet},
    store::{self, keys, sessions, users},
};
use crate::platform::{
    crypto,
    http::Core,
    ids::{OrganizationId, SessionId, UserId},
    problem::Problem,
};

/// A cookie's session ends this long after it was last used …
pub(super) const IDLE: TimeDelta = TimeDelta::hours(12);
/// … and this long after signing in, whatever happens.
pub(super) const ABSOLUTE: TimeDelta = TimeDelta::days(7);

/// What a request brings to prove who it is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Credential<'a> {
    Cookie(&'a str),
    Bearer(&'a str),
    ApiKey(&'a str),
}

/// Why it is not known who asks.
#[derive(Debug)]
pub(super) enum Unidentified {
    /// The credential is unknown, expired, idle for too long, or its holder is disabled.
    Nobody,
    /// The credential is good, but not in the organization they want to work in. Whether there is one of that id is not told.
    NotThere,
    Database(sqlx::Error),
}

impl From<sqlx::Error> for Unidentified {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

impl From<Unidentified> for Problem {
    fn from(why: Unidentified) -> Self {
        match why {
            Unidentified::Nobody => Self::unauthenticated(),
            Unidentified::NotThere => Self::not_found("organization"),
            Unidentified::Database(error) => error.into(),
        }
    }
}

/// Why somebody is identified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Occasion {
    /// They ask for something: their session is used.
    Request,
    /// Whether they are still who they were: nobody is at the keyboard for that.
    Check,
}

/// Who holds the credential. `wanted` is the organization they ask to work in for this request; they must belong to it.
pub(super) async fn identify(
    core: &Core,
    credential: Credential<'_>,
    wanted: Option<OrganizationId>,
    occasion: Occasion,
) -> Result<Caller, Unidentified> {
    let mut system = core.db.system_lookup().await?;
    let caller = match credential {
        Credential::ApiKey(key) => by_api_key(core, &mut system, key).await?,
        Credential::Cookie(token) => by_session(core, &mut system, ("cookie", token), wanted, occasion).await?,
        Credential::Bearer(token) if external::looks_like_one(token) => {
            // The issuer may have to be asked for its keys: not while a connection waits.
            drop(system);
            by_external_token(core, token, wanted).await?
        }
        Credential::Bearer(token) => by_session(core, &mut system, ("bearer", token), wanted, occasion).await?,
    };
    match wanted {
        // A key works in its own organization only.
        Some(wanted) if caller.organization.id != wanted => Err(Unidentified::NotThere),
        _ => Ok(caller),
    }
}

async fn by_session(
    core: &Core,
    system: &mut PgConnection,
    (kind, token): (&str, &str),
    wanted: Option<OrganizationId>,
    occasion: Occasion,
) -> Result<Caller, Unidentified> {
    let (now, hash) = (core.clock.now(), token_hash(core, token));
    let session = sessions::live(system, kind, &hash, now, now - IDLE).await?.ok_or(Unidentified::Nobody)?;
    if occasion == Occasion::Request && now - session.last_seen_at > TimeDelta::minutes(1) {
        sessions::touch(system, session.id, now).await?;
    }
    let via = if kind == "cookie" { Via::Session } else { Via::Bearer };
    let organization = wanted.unwrap_or(session.organization_id);
    let caller = user(system, organization, session.user_id, Some(session.id), via).await?;
    caller.ok_or(if wanted.is_some() { Unidentified::NotThere } else { Unidentified::Nobody })
}

async fn by_external_token(core: &Core, token: &str, wanted: Option<OrganizationId>) -> Result<Caller, Unidentified> {
    let holder = external::holder(core, token).await?.ok_or(Unidentified::Nobody)?;
    let mut system = core.db.system_lookup().await?;
    let organization = match wanted {
        Some(wanted) => wanted,
        None => users::home(&mut system, holder).await?.ok_or(Unidentified::Nobody)?,
    };
    let caller = user(&mut system, organization, holder, None, Via::ExternalToken).await?;
    caller.ok_or(if wanted.is_some() { Unidentified::NotThere } else { Unidentified::Nobody })
}

async fn by_api_key(core: &Core, system: &mut PgConnection, key: &str) -> Result<Caller, Unidentified> {
    let key = keys::live(system, &key_hash(key), core.clock.now()).await?.ok_or(Unidentified::Nobody)?;
    let organization = store::organization(system, key.organization_id).await?.into();
    let permissions = key.scopes.map_or(PermissionSet::ALL, |names| PermissionSet::from_names(&names));
    let api_key = Some((key.id, key.name));
    Ok(Caller { organization, user: None, api_key, session_id: None, permissions, via: Via::ApiKey })
}

/// The user as they stand in the organization. None: they have no business in it, or are disabled.
pub(super) async fn user(
    system: &mut PgConnection,
    organization: OrganizationId,
    id: UserId,
    session_id: Option<SessionId>,
    via: Via,
) -> Result<Option<Caller>, sqlx::Error> {
    let Some(row) = users::member(system, organization, id).await? else { return Ok(None) };
    let Some(organization) = store::enabled_organization(system, organization).await? else { return Ok(None) };
    let built_in = row.role.as_deref().and_then(BuiltInRole::from_name);
    let permissions = match (row.superuser, built_in, &row.custom_permissions) {
        (true, ..) => PermissionSet::ALL,
        (false, Some(role), _) => role.permissions(),
        (false, None, names) => PermissionSet::from_names(names.as_deref().unwrap_or_default()),
    };
    let role_name = match (built_in, row.custom_name) {
        (Some(role), _) => role.title().to_owned(),
        (None, Some(name)) => name,
        (None, None) => "Superuser".to_owned(),
    };
    let user = User {
        id: row.id,
        username: row.username,
        display_name: row.display_name,
        email: row.email,
        phone_number: row.phone_number,
        role: built_in.map(RoleRef::BuiltIn).or(row.role_id.map(RoleRef::Custom)),
        role_name,
        superuser: row.superuser,
        second_factor: row.second_factor,
        version: row.version,
    };
    let organization = organization.into();
    Ok(Some(Caller { organization, user: Some(user), api_key: None, session_id, permissions, via }))
}

/// Keys are random, or chosen by the operator once per installation; they are compared by hash, so the stored form tells nothing.
pub(super) fn key_hash(key: &str) -> Vec<u8> {
    crypto::token_hash("frontdesk api key", key)
}

/// What the database keeps of a cookie or token.
pub(super) fn token_hash(core: &Core, token: &str) -> Vec<u8> {
    crypto::token_hash(core.config.admin.session_secret.expose_secret(), token)
}
