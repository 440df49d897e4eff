//! Signing in for programs and phones: an access token for half an hour, and a refresh token to get the next one with. Also signing out,
//! by whatever one came with.

use axum::{
    extract::{FromRequestParts, State},
    http::{StatusCode, header, request::Parts},
};
use axum_extra::extract::cookie::CookieJar;
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Staff, without_cookie};
use crate::{
    accounts::{
        audit::Change,
        fields,
        model::{Caller, Me, OrganizationView, RoleRef},
        own_account,
        permission::BuiltInRole,
        sign_in::{self, ACCESS, Origin, Proof, Tokens},
        store::sessions,
    },
    platform::{
        http::{ClientAddress, Core, Json, Page, Paging, Query},
        ids::OrganizationId,
        problem::{Code, Problem, ProblemDocument},
    },
};

pub(super) fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new()
        .routes(routes!(sign_in_for_tokens))
        .routes(routes!(refresh_tokens))
        .routes(routes!(sign_out))
        .routes(routes!(sign_out_everywhere))
        .routes(routes!(my_organizations))
        .routes(routes!(change_organization))
}

impl<S: Send + Sync> FromRequestParts<S> for Origin {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let ClientAddress(ip) = ClientAddress::from_request_parts(parts, state).await?;
        let user_agent = parts.headers.get(header::USER_AGENT).and_then(|v| v.to_str().ok()).map(str::to_owned);
        Ok(Self { ip: ip.to_string(), user_agent })
    }
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct SignIn {
    /// User name or e-mail address.
    #[schema(max_length = 254)]
    login: String,
    #[schema(value_type = String, format = Password)]
    password: SecretString,
    /// Of the second factor, or a recovery code; where it is on.
    #[schema(max_length = 100)]
    code: Option<String>,
}

/// Tokens, told this once.
#[derive(Serialize, utoipa::ToSchema)]
struct SignedIn {
    /// Send it as `Authorization: Bearer …`.
    access_token: String,
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// Seconds.
    #[schema(example = 1800)]
    expires_in: i64,
    /// Works once, to get the next pair.
    refresh_token: String,
    refresh_expires_at: DateTime<Utc>,
    me: Me,
}

fn signed_in((tokens, caller): (Tokens, Caller)) -> Json<SignedIn> {
    Json(SignedIn {
        access_token: tokens.access,
        token_type: "Bearer",
        expires_in: ACCESS.num_seconds(),
        refresh_token: tokens.refresh,
        refresh_expires_at: tokens.refresh_expires_at,
        me: caller.me(),
    })
}

/// Sign in for tokens.
///
/// Answers 401 with `second_factor_required` where a code is needed too: send the same again with `code`. Whoever fails too often waits,
/// as `Retry-After` says.
#[utoipa::path(post, path = "/auth/login", tag = "auth", request_body = SignIn, responses(
    (status = 200, description = "Signed in", body = SignedIn),
    (status = 401, description = "Wrong user name or password, or a code of the second factor is needed", body = ProblemDocument),
    (status = 429, description = "Too many failed sign-ins", body = ProblemDocument),
))]
async fn sign_in_for_tokens(
    State(core): State<Core>,
    origin: Origin,
    Json(body): Json<SignIn>,
) -> Result<Json<SignedIn>, Problem> {
    fields::login("login", &body.login)?;
    let code = fields::code(body.code.as_deref())?;
    let proof = Proof { login: &body.login, password: body.password, code };
    Ok(signed_in(sign_in::with_tokens(&core, proof, &origin).await?))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Refresh {
    #[schema(value_type = String)]
    refresh_token: SecretString,
}

/// Get the next pair of tokens.
///
/// The pair before stops working. A refresh token that comes a second time ends the session: somebody has a copy.
#[utoipa::path(post, path = "/auth/refresh", tag = "auth", request_body = Refresh, responses(
    (status = 200, description = "The next pair", body = SignedIn),
    (status = 401, description = "The refresh token is unknown, over, or was used before", body = ProblemDocument),
))]
async fn refresh_tokens(
    State(core): State<Core>,
    origin: Origin,
    Json(body): Json<Refresh>,
) -> Result<Json<SignedIn>, Problem> {
    Ok(signed_in(sign_in::renew(&core, body.refresh_token.expose_secret(), &origin).await?))
}

/// Sign out here.
///
/// Ends the session of the cookie or token this comes with. Keys and tokens of an outside issuer have none.
#[utoipa::path(post, path = "/auth/logout", tag = "auth", responses((status = 204, description = "Signed out")))]
async fn sign_out(State(core): State<Core>, staff: Staff, jar: CookieJar) -> Result<(CookieJar, StatusCode), Problem> {
    if let (Some(user), Some(session)) = (&staff.user, staff.session_id) {
        let mut tx = own_account::begin(&core).await?;
        sessions::delete(&mut tx, user.id, session).await?;
        own_account::commit(tx, &staff, Change::of("user", "signed_out", user.id.0)).await?;
    }
    Ok((without_cookie(jar), StatusCode::NO_CONTENT))
}

/// Sign out everywhere, here too.
#[utoipa::path(post, path = "/auth/logout-all", tag = "auth", responses((status = 204, description = "Signed out")))]
async fn sign_out_everywhere(
    State(core): State<Core>,
    staff: Staff,
    jar: CookieJar,
) -> Result<(CookieJar, StatusCode), Problem> {
    let user = staff.require_user()?.id;
    let mut tx = own_account::begin(&core).await?;
    let ended = sessions::delete_all(&mut tx, user, None).await?;
    let change = Change::of("user", "signed_out_everywhere", user.0).after(&serde_json::json!({ "sessions": ended }));
    own_account::commit(tx, &staff, change).await?;
    Ok((without_cookie(jar), StatusCode::NO_CONTENT))
}

/// An organization one may work in.
#[derive(Serialize, utoipa::ToSchema)]
struct Workplace {
    organization: OrganizationView,
    /// Null for a superuser who does not belong to it.
    role: Option<RoleRef>,
    role_name: String,
    /// Whether this request works in it.
    current: bool,
}

/// List the organizations one may work in, by name.
#[utoipa::path(get, path = "/auth/organizations", tag = "auth", params(WorkplacePaging),
    responses((status = 200, description = "A page of organizations", body = Page<Workplace>)))]
async fn my_organizations(
    State(core): State<Core>,
    staff: Staff,
    Query(paging): Query<WorkplacePaging>,
) -> Result<Json<Page<Workplace>>, Problem> {
    let user = staff.require_user()?.id;
    let paging = Paging { limit: paging.limit, cursor: paging.cursor, sort: None };
    let limit = paging.limit()?;
    let rows = own_account::workplaces(&core, user, paging.after()?, limit).await?;
    let page = Page::cut(rows, limit, |row| (row.sort_name.clone(), row.id)).map(|row| {
        let built_in = row.role.as_deref().and_then(BuiltInRole::from_name);
        let role_name = built_in.map(|r| r.title().to_owned()).or(row.custom_name);
        Workplace {
            current: row.id == staff.organization_id(),
            role: built_in.map(RoleRef::BuiltIn).or(row.role_id.map(RoleRef::Custom)),
            role_name: role_name.unwrap_or_else(|| "Superuser".to_owned()),
            organization: OrganizationView {
                id: row.id,
                name: row.name,
                timezone: row.timezone,
                support_phone_number: row.support_phone_number,
            },
        }
    });
    Ok(Json(page))
}

/// These lists have one order.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct WorkplacePaging {
    /// 1 to 200; 50 if left out.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangeOver {
    organization_id: OrganizationId,
}

/// Work in another organization.
///
/// From the next request on, what this session sees is of that one. Keys belong to one organization; tokens of an outside issuer choose
/// by `X-Organization-ID` with each request.
#[utoipa::path(put, path = "/auth/organization", tag = "auth", request_body = ChangeOver, responses(
    (status = 200, description = "As what one works there", body = Me),
    (status = 404, description = "One may work in no such organization", body = ProblemDocument),
))]
async fn change_organization(
    State(core): State<Core>,
    staff: Staff,
    Json(body): Json<ChangeOver>,
) -> Result<Json<Me>, Problem> {
    let user = staff.require_user()?.id;
    let session = staff.session_id.ok_or_else(|| {
        Problem::new(Code::Forbidden, "There is no session to change. Say X-Organization-ID with each request.")
    })?;
    let changed = own_account::change_organization(&core, &staff, user, session, body.organization_id).await?;
    let (mut tx, there) = changed.ok_or_else(|| Problem::not_found("organization"))?;
    staff.audit(&mut tx, Change::of("user", "came_over", user.0)).await?;
    tx.commit().await?;
    Ok(Json(there.me()))
}
