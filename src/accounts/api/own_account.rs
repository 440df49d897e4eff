//! One's own account: name, address, phone, password and devices.

use axum::{extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Staff, auth::WorkplacePaging};
use crate::{
    accounts::fields,
    accounts::{audit::Change, identity, model::Me, own_account, passwords, sign_in::Origin, store::sessions},
    platform::{
        db::Tx,
        http::{Core, IfMatch, Json, Page, Paging, Path, Query, Versioned},
        ids::SessionId,
        phone::PhoneNumber,
        problem::{Problem, ProblemDocument},
    },
};

pub(super) fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new()
        .routes(routes!(my_account, update_my_account))
        .routes(routes!(change_my_password))
        .routes(routes!(set_my_phone_number))
        .routes(routes!(my_sessions))
        .routes(routes!(end_my_session))
}

/// Who asks, and what they may do.
#[utoipa::path(get, path = "/auth/me", tag = "auth",
    responses((status = 200, description = "The user or key, and the organization", body = Me)))]
async fn my_account(staff: Staff) -> Versioned<Me> {
    Versioned { version: staff.user.as_ref().map_or(0, |u| u.version), row: staff.me() }
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Profile {
    #[schema(min_length = 1, max_length = 100)]
    display_name: String,
    /// Null or left out: none.
    #[schema(max_length = 254)]
    email: Option<String>,
}

/// Change one's name and e-mail address.
#[utoipa::path(put, path = "/auth/me", tag = "auth", request_body = Profile,
    params(("If-Match" = Option<String>, Header, description = "The ETag it was read with")), responses(
    (status = 200, description = "As changed", body = Me),
    (status = 409, description = "Somebody else has that address", body = ProblemDocument),
    (status = 412, description = "It was changed meanwhile", body = ProblemDocument),
))]
async fn update_my_account(
    State(core): State<Core>,
    staff: Staff,
    if_match: IfMatch,
    Json(body): Json<Profile>,
) -> Result<Versioned<Me>, Problem> {
    let user = staff.require_user()?;
    let display_name = fields::line("display_name", &body.display_name, 100)?;
    let email = body.email.as_deref().map(|e| fields::email("email", e)).transpose()?;
    let mut tx = own_account::begin(&core).await?;
    let change = own_account::set_profile(&mut tx, user, if_match, &display_name, email.as_deref()).await?;
    finish(tx, &staff, change).await
}

/// Commits, and shows the account as it is now.
async fn finish(mut tx: Tx, staff: &Staff, change: Change) -> Result<Versioned<Me>, Problem> {
    let user = staff.require_user()?.id;
    let organization = staff.organization_id();
    let now = identity::user(&mut tx, organization, user, staff.session_id, staff.via).await?;
    let caller = now.ok_or_else(Problem::unauthenticated)?;
    own_account::commit(tx, staff, change).await?;
    Ok(Versioned { version: caller.user.as_ref().map_or(0, |u| u.version), row: caller.me() })
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct NewPhoneNumber {
    /// As people type it; null takes it away.
    #[schema(max_length = 40, example = "+14155550101")]
    phone_number: Option<String>,
}

/// Change one's phone number.
#[utoipa::path(put, path = "/auth/me/phone", tag = "auth", request_body = NewPhoneNumber,
    responses((status = 200, description = "As changed", body = Me)))]
async fn set_my_phone_number(
    State(core): State<Core>,
    staff: Staff,
    Json(body): Json<NewPhoneNumber>,
) -> Result<Versioned<Me>, Problem> {
    let user = staff.require_user()?;
    let number = body.phone_number.as_deref().map(|typed| {
        let typed = fields::line("phone_number", typed, 40)?;
        PhoneNumber::parse_typed(&typed, &core.config.default_region)
            .map_err(|e| Problem::invalid_field("phone_number", "invalid", format!("is {e}")))
    });
    let number = number.transpose()?;
    let mut tx = own_account::begin(&core).await?;
    let change = own_account::set_phone_number(&mut tx, user, number.as_ref()).await?;
    finish(tx, &staff, change).await
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct NewPassword {
    #[schema(value_type = String, format = Password)]
    current_password: SecretString,
    /// Neither common nor one's own name.
    #[schema(value_type = String, format = Password, min_length = 10, max_length = 200)]
    new_password: SecretString,
}

/// Change one's password.
///
/// Signs every other device out.
#[utoipa::path(put, path = "/auth/me/password", tag = "auth", request_body = NewPassword,
    responses((status = 204, description = "Changed")))]
async fn change_my_password(
    State(core): State<Core>,
    staff: Staff,
    origin: Origin,
    Json(body): Json<NewPassword>,
) -> Result<StatusCode, Problem> {
    let user = staff.require_user()?;
    let about = [user.username.as_str(), user.email.as_deref().unwrap_or_default()];
    own_account::good_password("new_password", &body.new_password, &about)?;
    own_account::confirm_password(&core, user, &origin.ip, body.current_password, "current_password").await?;
    let hash = passwords::hash(&body.new_password).await?;
    let mut tx = own_account::begin(&core).await?;
    let ended = own_account::set_password(&mut tx, user.id, &hash, staff.session_id).await?;
    let change =
        Change::of("user", "password_changed", user.id.0).after(&serde_json::json!({ "sessions_ended": ended }));
    own_account::commit(tx, &staff, change).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Clone, Copy, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum DeviceKind {
    /// A browser with the dashboard.
    Cookie,
    /// A program or phone with tokens.
    Bearer,
}

/// A device one is signed in on.
#[derive(Serialize, utoipa::ToSchema)]
struct Device {
    id: SessionId,
    kind: DeviceKind,
    /// Where it signed in from, or got its last tokens.
    ip: Option<String>,
    user_agent: Option<String>,
    created_at: DateTime<Utc>,
    last_seen_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    /// Name of the organization it works in.
    organization: String,
    /// Whether it is this one.
    current: bool,
}

/// List the devices one is signed in on, the one seen last first.
#[utoipa::path(get, path = "/auth/sessions", tag = "auth", params(WorkplacePaging),
    responses((status = 200, description = "A page of devices", body = Page<Device>)))]
async fn my_sessions(
    State(core): State<Core>,
    staff: Staff,
    Query(paging): Query<WorkplacePaging>,
) -> Result<Json<Page<Device>>, Problem> {
    let user = staff.require_user()?.id;
    let paging = Paging { limit: paging.limit, cursor: paging.cursor, sort: None };
    let limit = paging.limit()?;
    let rows = own_account::devices(&core, user, paging.after()?, limit).await?;
    let page = Page::cut(rows, limit, |row| (row.last_seen_at, row.id)).map(|row| Device {
        id: row.id,
        kind: if row.kind == "cookie" { DeviceKind::Cookie } else { DeviceKind::Bearer },
        ip: row.ip,
        user_agent: row.user_agent,
        created_at: row.created_at,
        last_seen_at: row.last_seen_at,
        expires_at: row.expires_at,
        organization: row.organization_name,
        current: Some(row.id) == staff.session_id,
    });
    Ok(Json(page))
}

/// Sign one of one's devices out.
#[utoipa::path(delete, path = "/auth/sessions/{id}", tag = "auth", params(("id" = SessionId, Path)), responses(
    (status = 204, description = "Signed out"),
    (status = 404, description = "One has no such device", body = ProblemDocument),
))]
async fn end_my_session(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<SessionId>,
) -> Result<StatusCode, Problem> {
    let user = staff.require_user()?.id;
    let mut tx = own_account::begin(&core).await?;
    if !sessions::delete(&mut tx, user, id).await? {
        return Err(Problem::not_found("session"));
    }
    own_account::commit(tx, &staff, Change::of("user", "device_signed_out", user.0)).await?;
    Ok(StatusCode::NO_CONTENT)
}
