//! Signing in and out.

mod idempotency;
mod limits;
mod staff;

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header},
};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use idempotency::idempotent;
pub use limits::{Limits, limit};
pub use staff::Staff;
use staff::same_origin;

use super::{
    identity::ABSOLUTE,
    model::Me,
    sign_in::{self, Origin},
};
use crate::platform::{
    http::{ClientAddress, Core, Json},
    problem::{Problem, ProblemDocument},
};

pub const SESSION_COOKIE: &str = "frontdesk_session";

pub fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new().routes(routes!(login)).routes(routes!(logout)).routes(routes!(me))
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
    let origin = Origin { ip: &ip.to_string(), user_agent };
    // A fresh token at every sign-in; the one before ends with it.
    if let Some(old) = jar.get(SESSION_COOKIE) {
        sign_in::sign_out(&core, old.value()).await?;
    }
    let (token, caller) = sign_in::sign_in(&core, &body.username, body.password, &origin).await?;
    let secure = core.config.public_url.as_ref().is_some_and(|u| u.scheme() == "https");
    let cookie = Cookie::build((SESSION_COOKIE, token))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(secure)
        .max_age(time::Duration::seconds(ABSOLUTE.num_seconds()))
        .build();
    Ok((jar.add(cookie), Json(caller.me())))
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
        sign_in::sign_out(&core, cookie.value()).await?;
    }
    Ok((jar.remove(Cookie::build(SESSION_COOKIE).path("/").build()), StatusCode::NO_CONTENT))
}

/// Who is signed in.
#[utoipa::path(get, path = "/admin/auth/me", tag = "auth", responses(
    (status = 200, description = "The user and the organization", body = Me),
    (status = 401, description = "Not signed in", body = ProblemDocument),
))]
async fn me(staff: Staff) -> Json<Me> {
    Json(staff.me())
}
