//! The extractor that every staff endpoint has in its signature: who asks, and whether they may.

use std::{ops::Deref, sync::Arc};

use axum::{
    extract::{FromRequestParts, MatchedPath},
    http::{HeaderMap, Method, header, request::Parts},
};
use axum_extra::extract::cookie::CookieJar;

use super::SESSION_COOKIE;
use crate::{
    accounts::{
        audit::{self, Actor, ActorKind, Change},
        authorization::{Access, access},
        identity::{self, Credential},
        model::{Caller, User, Via},
        permission::Permission,
    },
    platform::{
        db::Tx,
        http::{ClientAddress, Core, current_request_id},
        ids::{OrganizationId, UserId},
        problem::{Code, Problem},
    },
};

/// Somebody of the organization's staff, or a program with its key, who may call this operation by the table in `authorization.rs`.
pub struct Staff {
    caller: Arc<Caller>,
    actor: Actor,
}

impl Deref for Staff {
    type Target = Caller;
    fn deref(&self) -> &Caller {
        &self.caller
    }
}

impl Staff {
    pub fn organization_id(&self) -> OrganizationId {
        self.caller.organization.id
    }

    /// The member of the organization who asks, as rows of it may name them. None for a program with a key, and for a superuser who does
    /// not belong to it.
    pub fn user_id(&self) -> Option<UserId> {
        self.caller.user.as_ref().filter(|u| u.role.is_some()).map(|u| u.id)
    }

    /// Whoever asks must be a person: a key has no password, no phone and no colleagues.
    pub fn require_user(&self) -> Result<&User, Problem> {
        self.caller.user.as_ref().ok_or_else(|| Problem::new(Code::Forbidden, "This is for people, not for API keys."))
    }

    pub fn allows(&self, permission: Permission) -> bool {
        self.caller.permissions.contains(permission)
    }

    pub fn require(&self, permission: Permission) -> Result<(), Problem> {
        if self.allows(permission) { Ok(()) } else { Err(lacking(permission)) }
    }

    /// Who acts, for the audit log.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Notes the change in the audit log, in its transaction.
    pub async fn audit(&self, tx: &mut Tx, change: Change) -> Result<(), sqlx::Error> {
        audit::record(tx, &self.actor, change).await
    }
}

fn lacking(permission: Permission) -> Problem {
    Problem::new(Code::Forbidden, format!("This needs the permission {}.", permission.as_str()))
}

impl FromRequestParts<Core> for Staff {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, core: &Core) -> Result<Self, Problem> {
        let caller = caller(parts, core).await?;
        let path = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
        authorize(&caller, &parts.method, path)?;
        let Ok(ClientAddress(ip)) = ClientAddress::from_request_parts(parts, core).await;
        let (kind, id, name) = match (&caller.user, &caller.api_key) {
            (Some(user), _) => (ActorKind::User, Some(user.id.0), user.display_name.clone()),
            (None, Some((id, name))) => (ActorKind::ApiKey, Some(id.0), name.clone()),
            (None, None) => (ActorKind::System, None, String::new()),
        };
        let actor = Actor {
            kind,
            id,
            name,
            ip: Some(ip.to_string()),
            user_agent: text(&parts.headers, header::USER_AGENT.as_str()).map(str::to_owned),
            request_id: current_request_id(),
        };
        Ok(Self { caller, actor })
    }
}

/// Whether they may, by the table. `path` is the template of the operation.
pub(super) fn authorize(caller: &Caller, method: &Method, path: &str) -> Result<(), Problem> {
    match access(method.as_str(), path) {
        Some(Access::Anyone | Access::SignedIn) => Ok(()),
        Some(Access::Needs(permission)) if caller.permissions.contains(permission) => Ok(()),
        Some(Access::Superuser) if caller.user.as_ref().is_some_and(|u| u.superuser) => Ok(()),
        Some(Access::Needs(permission)) => Err(lacking(permission)),
        Some(Access::Superuser) => Err(Problem::new(Code::Forbidden, "This is for superusers of the installation.")),
        None => {
            tracing::error!(http.method = %method, http.path = path, "authorization.no_row");
            Err(Problem::new(Code::Forbidden, "Nobody may do this."))
        }
    }
}

/// Who asks; looked up once per request, whoever wants to know first.
pub async fn caller(parts: &mut Parts, core: &Core) -> Result<Arc<Caller>, Problem> {
    if let Some(known) = parts.extensions.get::<Arc<Caller>>() {
        return Ok(known.clone());
    }
    let jar = CookieJar::from_headers(&parts.headers);
    let bearer = text(&parts.headers, "authorization").and_then(|v| v.split_once(' '));
    let credential = if let Some(key) = text(&parts.headers, "x-api-key") {
        Credential::ApiKey(key)
    } else if let Some((_, token)) = bearer.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")) {
        Credential::Bearer(token.trim())
    } else if let Some(cookie) = jar.get(SESSION_COOKIE) {
        Credential::Cookie(cookie.value())
    } else {
        return Err(Problem::unauthenticated());
    };
    // What is no id is no organization's: nobody has the nil UUID.
    let wanted = parts.headers.get("x-organization-id").map(|id| {
        let id = id.to_str().ok().and_then(|id| id.parse().ok());
        id.unwrap_or(OrganizationId(uuid::Uuid::nil()))
    });
    let caller = identity::identify(core, credential, wanted).await?;
    if caller.via == Via::Session && !matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS) {
        same_origin(core, &parts.headers)?;
    }
    let caller = Arc::new(caller);
    parts.extensions.insert(caller.clone());
    Ok(caller)
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|v| v.to_str().ok())
}

/// Refuses what another site's page sends with our cookie. Browsers put `Origin` on every unsafe request.
pub(super) fn same_origin(core: &Core, headers: &HeaderMap) -> Result<(), Problem> {
    let Some(origin) = headers.get(header::ORIGIN).and_then(|v| v.to_str().ok()) else {
        return Ok(());
    };
    let origin_host = origin.split_once("://").map_or(origin, |(_, host)| host);
    let host = headers.get(header::HOST).and_then(|v| v.to_str().ok());
    let public = core.config.public_url.as_ref().map(|u| u.origin().ascii_serialization());
    if host == Some(origin_host) || public.as_deref() == Some(origin) {
        return Ok(());
    }
    Err(Problem::new(Code::BadOrigin, "Use the dashboard, or an API key."))
}
