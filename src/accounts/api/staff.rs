//! The extractor that every staff endpoint has in its signature: who asks, and whether they may.

use std::{ops::Deref, sync::Arc};

use axum::{
    extract::{FromRequestParts, MatchedPath},
    http::{HeaderMap, Method, header, request::Parts},
};
use axum_extra::extract::cookie::CookieJar;
use secrecy::{ExposeSecret, SecretString};

use super::SESSION_COOKIE;
use crate::{
    accounts::{
        audit::{self, Actor, ActorKind, Change},
        authorization::{Access, access},
        identity::{self, Credential, Occasion},
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
    /// Who asks, to be compared with who they are later.
    pub fn caller(&self) -> Arc<Caller> {
        self.caller.clone()
    }

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
    let badge = Badge::of(&parts.headers).ok_or_else(Problem::unauthenticated)?;
    let caller = badge.holder(core, Occasion::Request).await?;
    if caller.via == Via::Session && !matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS) {
        same_origin(core, &parts.headers)?;
    }
    let caller = Arc::new(caller);
    parts.extensions.insert(caller.clone());
    Ok(caller)
}

/// What somebody came with to prove who they are, to ask again while they stay connected.
pub struct Badge {
    shown: Shown,
    wanted: Option<OrganizationId>,
}

enum Shown {
    Cookie(SecretString),
    Bearer(SecretString),
    ApiKey(SecretString),
}

impl Badge {
    /// None: the headers hold nothing of the sort.
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let bearer = text(headers, "authorization").and_then(|v| v.split_once(' '));
        let shown = if let Some(key) = text(headers, "x-api-key") {
            Shown::ApiKey(key.into())
        } else if let Some((_, token)) = bearer.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")) {
            Shown::Bearer(token.trim().into())
        } else {
            Shown::Cookie(CookieJar::from_headers(headers).get(SESSION_COOKIE)?.value().into())
        };
        // What is no id is no organization's: nobody has the nil UUID.
        let wanted = headers.get("x-organization-id").map(|id| {
            let id = id.to_str().ok().and_then(|id| id.parse().ok());
            id.unwrap_or(OrganizationId(uuid::Uuid::nil()))
        });
        Some(Self { shown, wanted })
    }

    async fn holder(&self, core: &Core, occasion: Occasion) -> Result<Caller, Problem> {
        let credential = match &self.shown {
            Shown::Cookie(token) => Credential::Cookie(token.expose_secret()),
            Shown::Bearer(token) => Credential::Bearer(token.expose_secret()),
            Shown::ApiKey(key) => Credential::ApiKey(key.expose_secret()),
        };
        Ok(identity::identify(core, credential, self.wanted, occasion).await?)
    }

    /// Who holds it by now, and what they may do. Does not count as using the session.
    pub async fn look(&self, core: &Core) -> Result<Caller, Problem> {
        self.holder(core, Occasion::Check).await
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|v| v.to_str().ok())
}

/// Refuses what another site's page opens a connection with. A browser asks nobody before it does (there is no preflight), so it is told by
/// `Origin`: our own pages may come with anything, those of listed origins with a token or key, others not at all.
pub fn connecting_origin(core: &Core, headers: &HeaderMap, via: Via) -> Result<(), Problem> {
    let listed = |origin: &str| core.config.conduct.cors_origins.iter().any(|one| one == origin);
    match text(headers, header::ORIGIN.as_str()) {
        Some(origin) if via != Via::Session && listed(origin) => Ok(()),
        _ => same_origin(core, headers),
    }
}

/// Refuses what another site's page sends with our cookie. Browsers put `Origin` on every unsafe request.
pub(super) fn same_origin(core: &Core, headers: &HeaderMap) -> Result<(), Problem> {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return Ok(());
    };
    let origin = origin.to_str().unwrap_or_default();
    let origin_host = origin.split_once("://").map_or(origin, |(_, host)| host);
    let host = headers.get(header::HOST).and_then(|v| v.to_str().ok());
    let public = core.config.public_url.as_ref().map(|u| u.origin().ascii_serialization());
    if host == Some(origin_host) || public.as_deref() == Some(origin) {
        return Ok(());
    }
    Err(Problem::new(Code::BadOrigin, "Use the dashboard, or an API key."))
}
