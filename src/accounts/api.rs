//! Signing in and out of the dashboard; the rest of signing in is in `api/`.

mod audit;
mod auth;
mod idempotency;
mod keys;
mod limits;
mod organizations;
mod own_account;
mod people;
mod registration;
mod roles;
mod second_factor;
mod staff;

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use idempotency::idempotent;
pub use limits::{Limits, limit};
use staff::same_origin;
pub use staff::{Badge, Staff, connecting_origin};

use super::{
    fields,
    identity::ABSOLUTE,
    model::Me,
    sign_in::{self, Origin, Proof},
};
use crate::platform::{
    http::{Core, Json},
    problem::{Problem, ProblemDocument},
};

pub const SESSION_COOKIE: &str = "frontdesk_session";

pub fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new()
        .routes(routes!(login))
        .routes(routes!(logout))
        .routes(routes!(me))
        .merge(auth::router())
        .merge(own_account::router())
        .merge(second_factor::router())
        .merge(registration::router())
        .merge(people::router())
        .merge(roles::router())
        .merge(keys::router())
        .merge(organizations::router())
        .merge(audit::router())
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Login {
    /// User name or e-mail address.
    #[schema(max_length = 254)]
    username: String,
    #[schema(value_type = String, format = Password)]
    password: SecretString,
    /// Of the second factor, or a recovery code; where it is on.
    #[schema(max_length = 100)]
    code: Option<String>,
}

/// Sign in to the dashboard.
#[utoipa::path(post, path = "/admin/auth/login", tag = "auth", request_body = Login, responses(
    (status = 200, description = "Signed in; the session cookie is set", body = Me),
    (status = 401, description = "Wrong user name or password, or a code of the second factor is needed", body = ProblemDocument),
    (status = 422, description = "The body is not valid", body = ProblemDocument),
    (status = 429, description = "Too many failed sign-ins", body = ProblemDocument),
))]
async fn login(
    State(core): State<Core>,
    origin: Origin,
    headers: HeaderMap,
    jar: CookieJar,
    Json(body): Json<Login>,
) -> Result<(CookieJar, Json<Me>), Problem> {
    same_origin(&core, &headers)?;
    fields::login("username", &body.username)?;
    let code = fields::code(body.code.as_deref())?;
    // A fresh token at every sign-in; the one before ends with it.
    if let Some(old) = jar.get(SESSION_COOKIE) {
        sign_in::sign_out(&core, old.value(), &origin).await?;
    }
    let proof = Proof { login: &body.username, password: body.password, code };
    let (token, caller) = sign_in::with_cookie(&core, proof, &origin).await?;
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
    origin: Origin,
    headers: HeaderMap,
    jar: CookieJar,
) -> Result<(CookieJar, StatusCode), Problem> {
    same_origin(&core, &headers)?;
    if let Some(cookie) = jar.get(SESSION_COOKIE) {
        sign_in::sign_out(&core, cookie.value(), &origin).await?;
    }
    Ok((without_cookie(jar), StatusCode::NO_CONTENT))
}

fn without_cookie(jar: CookieJar) -> CookieJar {
    jar.remove(Cookie::build(SESSION_COOKIE).path("/").build())
}

/// Who is signed in.
#[utoipa::path(get, path = "/admin/auth/me", tag = "auth", responses(
    (status = 200, description = "The user and the organization", body = Me),
    (status = 401, description = "Not signed in", body = ProblemDocument),
))]
async fn me(staff: Staff) -> Json<Me> {
    Json(staff.me())
}
