//! Turning one's second factor on and off, and new recovery codes.

use axum::{extract::State, http::StatusCode};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Staff;
use crate::{
    accounts::fields,
    accounts::{audit::Change, own_account, second_factor, sign_in::Origin, store::factor},
    platform::{
        http::{Core, Json, SecretAnswer},
        problem::{Problem, ProblemDocument},
    },
};

pub(super) fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new()
        .routes(routes!(begin_second_factor, remove_second_factor))
        .routes(routes!(confirm_second_factor))
        .routes(routes!(new_recovery_codes))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct WithPassword {
    #[schema(value_type = String, format = Password)]
    password: SecretString,
}

/// A second factor being set up; it counts once a first code has confirmed it.
#[derive(Serialize, utoipa::ToSchema)]
struct Enrolment {
    /// Base 32, for whoever cannot scan.
    secret: String,
    /// For authenticator apps.
    #[schema(example = "otpauth://totp/Frontdesk:vera?secret=…&issuer=Frontdesk")]
    otpauth_uri: String,
    /// The same as a QR code, an SVG element.
    qr_svg: String,
}

#[derive(Serialize, utoipa::ToSchema)]
struct RecoveryCodes {
    /// Each stands in for the second factor once. Told this once.
    recovery_codes: Vec<String>,
}

/// Begin to set a second factor up.
#[utoipa::path(post, path = "/auth/me/totp", tag = "auth", request_body = WithPassword, responses(
    (status = 201, description = "What the authenticator app needs", body = Enrolment),
    (status = 409, description = "It is on already, or this installation has no key to seal the secret with", body = ProblemDocument),
))]
async fn begin_second_factor(
    State(core): State<Core>,
    staff: Staff,
    origin: Origin,
    Json(body): Json<WithPassword>,
) -> Result<(StatusCode, SecretAnswer, Json<Enrolment>), Problem> {
    let user = staff.require_user()?;
    own_account::confirm_password(&core, user, &origin.ip, body.password, "password").await?;
    let mut tx = own_account::begin(&core).await?;
    let begun = second_factor::begin(&core, &mut tx, user.id, &user.username).await?;
    own_account::commit(tx, &staff, Change::of("user", "second_factor_begun", user.id.0)).await?;
    let enrolment = Enrolment { secret: begun.secret, otpauth_uri: begun.uri, qr_svg: begun.svg };
    Ok((StatusCode::CREATED, SecretAnswer, Json(enrolment)))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct FirstCode {
    #[schema(max_length = 100, example = "123456")]
    code: String,
}

/// Turn the second factor on, with a first code.
#[utoipa::path(post, path = "/auth/me/totp/confirm", tag = "auth", request_body = FirstCode, responses(
    (status = 200, description = "It is on; the recovery codes, told this once", body = RecoveryCodes),
    (status = 404, description = "None is being set up", body = ProblemDocument),
    (status = 409, description = "It is on already", body = ProblemDocument),
))]
async fn confirm_second_factor(
    State(core): State<Core>,
    staff: Staff,
    Json(body): Json<FirstCode>,
) -> Result<(SecretAnswer, Json<RecoveryCodes>), Problem> {
    let user = staff.require_user()?.id;
    fields::code(Some(&body.code))?;
    let mut tx = own_account::begin(&core).await?;
    let recovery_codes = second_factor::confirm(&core, &mut tx, user, &body.code).await?;
    own_account::commit(tx, &staff, Change::of("user", "second_factor_on", user.0)).await?;
    Ok((SecretAnswer, Json(RecoveryCodes { recovery_codes })))
}

/// Turn the second factor off.
#[utoipa::path(delete, path = "/auth/me/totp", tag = "auth", request_body = WithPassword,
    responses((status = 204, description = "It is off, and the recovery codes are gone")))]
async fn remove_second_factor(
    State(core): State<Core>,
    staff: Staff,
    origin: Origin,
    Json(body): Json<WithPassword>,
) -> Result<StatusCode, Problem> {
    let user = staff.require_user()?;
    own_account::confirm_password(&core, user, &origin.ip, body.password, "password").await?;
    let mut tx = own_account::begin(&core).await?;
    factor::remove(&mut tx, user.id, core.clock.now()).await?;
    own_account::commit(tx, &staff, Change::of("user", "second_factor_off", user.id.0)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Make a new set of recovery codes.
///
/// The set before stops working.
#[utoipa::path(post, path = "/auth/me/recovery-codes", tag = "auth", request_body = WithPassword, responses(
    (status = 201, description = "The codes, told this once", body = RecoveryCodes),
    (status = 404, description = "There is no second factor that they could stand in for", body = ProblemDocument),
))]
async fn new_recovery_codes(
    State(core): State<Core>,
    staff: Staff,
    origin: Origin,
    Json(body): Json<WithPassword>,
) -> Result<(StatusCode, SecretAnswer, Json<RecoveryCodes>), Problem> {
    let user = staff.require_user()?;
    own_account::confirm_password(&core, user, &origin.ip, body.password, "password").await?;
    let mut tx = own_account::begin(&core).await?;
    if !second_factor::is_on(&mut tx, user.id).await? {
        return Err(Problem::not_found("second factor"));
    }
    let recovery_codes = second_factor::new_recovery_codes(&mut tx, user.id).await?;
    own_account::commit(tx, &staff, Change::of("user", "recovery_codes_made", user.id.0)).await?;
    Ok((StatusCode::CREATED, SecretAnswer, Json(RecoveryCodes { recovery_codes })))
}
