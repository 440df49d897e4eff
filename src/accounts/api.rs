//! Signing in and out, and the extractor that every staff endpoint has in its signature.

use axum::{
    extract::{FromRequestParts, State},
    http::{HeaderMap, Method, StatusCode, header, request::Parts},
};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{model::Me, service};
use crate::platform::{
    http::{ClientAddress, Core, Json},
    ids::{OrganizationId, UserId},
    problem::{Problem, ProblemDocument},
};

pub const SESSION_COOKIE: &str = "frontdesk_session";

pub fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new().routes(routes!(login)).routes(routes!(logout)).routes(routes!(me))
}

/// Somebody of the organization's staff, or a program with its key. In a handler's signature it means: sign in first.
pub struct Staff(pub Me);

impl Staff {
    pub fn organization_id(&self) -> OrganizationId {
        self.0.organization.id
    }

    /// None for a program with a key.
    pub fn user_id(&self) -> Option<UserId> {
        self.0.user.as_ref().map(|u| u.id)
    }

    /// Refuses whoever is not an administrator. A program's key is the organization's own and may do everything.
    pub fn require_admin(&self) -> Result<(), Problem> {
        match &self.0.user {
            Some(user) if user.role != "admin" => Err(Problem::new(
                StatusCode::FORBIDDEN,
                "forbidden",
                "Not with your role",
                "Only an administrator may do this.",
            )),
            _ => Ok(()),
        }
    }
}

impl FromRequestParts<Core> for Staff {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, core: &Core) -> Result<Self, Problem> {
        if let Some(key) = parts.headers.get("x-api-key").and_then(|v| v.to_str().ok()) {
            return service::by_api_key(core, key).await?.map(Self).ok_or_else(Problem::unauthenticated);
        }
        let jar = CookieJar::from_headers(&parts.headers);
        let cookie = jar.get(SESSION_COOKIE).ok_or_else(Problem::unauthenticated)?;
        let me = service::by_session(core, cookie.value()).await?.ok_or_else(Problem::unauthenticated)?;
        if !matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS) {
            same_origin(core, &parts.headers)?;
            if me.user.as_ref().is_some_and(|u| u.role == "viewer") {
                return Err(Problem::new(
                    StatusCode::FORBIDDEN,
                    "forbidden",
                    "Not with your role",
                    "A viewer may look at everything and change nothing.",
                ));
            }
        }
        Ok(Self(me))
    }
}

/// Refuses what another site's page sends with our cookie. Browsers put `Origin` on every unsafe request.
fn same_origin(core: &Core, headers: &HeaderMap) -> Result<(), Problem> {
    let Some(origin) = headers.get(header::ORIGIN).and_then(|v| v.to_str().ok()) else {
        return Ok(());
    };
    let origin_host = origin.split_once("://").map_or(origin, |(_, host)| host);
    let host = headers.get(header::HOST).and_then(|v| v.to_str().ok());
    let public = core.config.public_url.as_ref().map(|u| u.origin().ascii_serialization());
    if host == Some(origin_host) || public.as_deref() == Some(origin) {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::FORBIDDEN,
        "bad_origin",
        "This request came from another site",
        "Use the dashboard, or an API key.",
    ))
}

#[derive(Deserialize, utoipa::ToSchema)]
struct Login {
    username: String,
    #[schema(value_type = String, format = Password)]
    password: SecretString,
}

/// Sign in to the dashboard.
#[utoipa::path(post, path = "/admin/auth/login", tag = "auth", request_body = Login, responses(
    (status = 200, description = "Signed in; the session cookie is set", body = Me),
    (status = 401, description = "Wrong user name or password", body = ProblemDocument),
    (status = 422, description = "The body is not valid", body = ProblemDocument),
    (status = 429, description = "Too many failed sign-ins", body = ProblemDocument),
))]
async fn login(
    State(core): State<Core>,
    ClientAddress(ip): ClientAddress,
    headers: HeaderMap,
    jar: CookieJar,
    Json(body): Json<Login>,
) -> Result<(CookieJar, Json<Me>), Problem> {
    same_origin(&core, &headers)?;
    if body.username.chars().count() > 100 || body.username.contains('\0') {
        return Err(Problem::invalid_field("username", "invalid", "is not a user name"));
    }
    let user_agent = headers.get(header::USER_AGENT).and_then(|v| v.to_str().ok());
    let origin = service::Origin { ip: &ip.to_string(), user_agent };
    // A fresh token at every sign-in; the one before ends with it.
    if let Some(old) = jar.get(SESSION_COOKIE) {
        service::sign_out(&core, old.value()).await?;
    }
    let (token, me) = service::sign_in(&core, &body.username, body.password, &origin).await?;
    let secure = core.config.public_url.as_ref().is_some_and(|u| u.scheme() == "https");
    let cookie = Cookie::build((SESSION_COOKIE, token))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(secure)
        .max_age(time::Duration::seconds(service::ABSOLUTE.num_seconds()))
        .build();
    Ok((jar.add(cookie), Json(me)))
}

/// Sign out of the dashboard.
#[utoipa::path(post, path = "/admin/auth/logout", tag = "auth", responses((status = 204, description = "Signed out")))]
async fn logout(
    State(core): State<Core>,
    headers: HeaderMap,
    jar: CookieJar,
) -> Result<(CookieJar, StatusCode), Problem> {
    same_origin(&core, &headers)?;
    if let Some(cookie) = jar.get(SESSION_COOKIE) {
        service::sign_out(&core, cookie.value()).await?;
    }
    Ok((jar.remove(Cookie::build(SESSION_COOKIE).path("/").build()), StatusCode::NO_CONTENT))
}

/// Who is signed in.
#[utoipa::path(get, path = "/admin/auth/me", tag = "auth", responses(
    (status = 200, description = "The user and the organization", body = Me),
    (status = 401, description = "Not signed in", body = ProblemDocument),
))]
async fn me(staff: Staff) -> Json<Me> {
    Json(staff.0)
}
