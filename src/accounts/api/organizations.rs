//! Settings of the organization; and, for superusers, all organizations and users of the installation.

use axum::extract::State;
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Staff;
use crate::{
    accounts::{
        installation::{self, InstallationUser},
        organizations::{self, OrganizationChange, OrganizationSettings},
        store::{installation as users, organizations as store},
    },
    platform::{
        http::{Core, IfMatch, Json, Page, Paging, Patch, Path, Query, Versioned},
        ids::{OrganizationId, UserId},
        problem::{Problem, ProblemDocument, StatusCode},
    },
};

pub fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new()
        .routes(routes!(get_organization, update_organization))
        .routes(routes!(list_organizations, create_organization))
        .routes(routes!(update_any_organization))
        .routes(routes!(list_installation_users))
        .routes(routes!(update_installation_user))
}

/// The organization one works in.
#[utoipa::path(get, path = "/organization", tag = "organization", responses(
    (status = 200, description = "Its settings", body = OrganizationSettings),
))]
async fn get_organization(State(core): State<Core>, staff: Staff) -> Result<Versioned<OrganizationSettings>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let row = store::settings(&mut tx, staff.organization_id()).await?;
    let row = row.ok_or_else(|| Problem::not_found("organization"))?;
    Ok(Versioned { version: row.version, row })
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct SettingsChanges {
    /// 1 to 120 characters. Contacts are told it.
    #[schema(max_length = 120)]
    name: Option<String>,
    /// IANA zone.
    #[schema(max_length = 60)]
    timezone: Option<String>,
    /// E.164, or as typed in the United States; null: none.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 40)]
    support_phone_number: Patch<String>,
    /// 5 to 10080; null: as the installation has it.
    #[serde(default)]
    #[schema(value_type = Option<i32>, minimum = 5, maximum = 10080)]
    human_quiet_minutes: Patch<i32>,
}

/// Change the organization's settings.
#[utoipa::path(patch, path = "/organization", tag = "organization", params(("If-Match" = Option<String>, Header)),
    request_body = SettingsChanges, responses(
    (status = 200, description = "Its settings", body = OrganizationSettings),
    (status = 412, description = "Somebody else changed them meanwhile", body = ProblemDocument),
))]
async fn update_organization(
    State(core): State<Core>,
    staff: Staff,
    if_match: IfMatch,
    Json(body): Json<SettingsChanges>,
) -> Result<Versioned<OrganizationSettings>, Problem> {
    let change = OrganizationChange {
        name: body.name,
        timezone: body.timezone,
        support_phone_number: body.support_phone_number,
        human_quiet_minutes: body.human_quiet_minutes,
        disabled: None,
    };
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let row = organizations::change(&mut tx, &staff, if_match, change).await?;
    tx.commit().await?;
    Ok(Versioned { version: row.version, row })
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct OrganizationParams {
    /// Part of a name.
    q: Option<String>,
    /// Only those that are disabled, or that are not.
    disabled: Option<bool>,
}

/// All organizations of the installation. Orders: name, created_at. For superusers.
#[utoipa::path(get, path = "/organizations", tag = "installation", params(OrganizationParams, Paging), responses(
    (status = 200, description = "One page", body = Page<OrganizationSettings>),
))]
async fn list_organizations(
    State(core): State<Core>,
    _staff: Staff,
    Query(params): Query<OrganizationParams>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<OrganizationSettings>>, Problem> {
    let order = paging.order(store::ORDERS)?;
    let mut tx = core.db.system().await?;
    Ok(Json(store::list(&mut tx, params.q.as_deref(), params.disabled, &order).await?))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct NewOrganization {
    /// 1 to 120 characters. Contacts are told it.
    #[schema(max_length = 120, example = "Maple Street Studio")]
    name: String,
    /// IANA zone.
    #[schema(max_length = 60, example = "America/New_York")]
    timezone: String,
    /// E.164, or as typed in the United States.
    #[schema(max_length = 40)]
    support_phone_number: Option<String>,
}

/// Make an organization, with a simulator to text. Work in it by `X-Organization-Id`, and invite its first admin. For superusers.
#[utoipa::path(post, path = "/organizations", tag = "installation", request_body = NewOrganization, responses(
    (status = 201, description = "The organization", body = OrganizationSettings),
))]
async fn create_organization(
    State(core): State<Core>,
    staff: Staff,
    Json(body): Json<NewOrganization>,
) -> Result<(StatusCode, Json<OrganizationSettings>), Problem> {
    let number = body.support_phone_number.as_deref();
    let organization = organizations::create(&core, &staff, &body.name, &body.timezone, number).await?;
    Ok((StatusCode::CREATED, Json(organization)))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct OrganizationChanges {
    /// 1 to 120 characters.
    #[schema(max_length = 120)]
    name: Option<String>,
    /// true shuts out all its staff and programs at once; texts are still taken in.
    disabled: Option<bool>,
}

/// Rename, disable or enable an organization. For superusers.
#[utoipa::path(patch, path = "/organizations/{id}", tag = "installation",
    params(("id" = OrganizationId, Path), ("If-Match" = Option<String>, Header)),
    request_body = OrganizationChanges, responses(
    (status = 200, description = "The organization", body = OrganizationSettings),
    (status = 404, description = "No such organization", body = ProblemDocument),
    (status = 409, description = "It is the one you work in", body = ProblemDocument),
    (status = 412, description = "Somebody else changed it meanwhile", body = ProblemDocument),
))]
async fn update_any_organization(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<OrganizationId>,
    if_match: IfMatch,
    Json(body): Json<OrganizationChanges>,
) -> Result<Versioned<OrganizationSettings>, Problem> {
    let change = OrganizationChange { name: body.name, disabled: body.disabled, ..OrganizationChange::default() };
    let row = organizations::change_any(&core, &staff, id, if_match, change).await?;
    Ok(Versioned { version: row.version, row })
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct UserParams {
    /// Part of a name, user name or e-mail address.
    q: Option<String>,
    /// Only superusers, or only others.
    superuser: Option<bool>,
    /// Only those who are shut out, or who are not.
    disabled: Option<bool>,
}

/// Everybody who signs in to the installation. Orders: name, created_at. For superusers.
#[utoipa::path(get, path = "/installation/users", tag = "installation", params(UserParams, Paging), responses(
    (status = 200, description = "One page", body = Page<InstallationUser>),
))]
async fn list_installation_users(
    State(core): State<Core>,
    _staff: Staff,
    Query(params): Query<UserParams>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<InstallationUser>>, Problem> {
    let order = paging.order(users::ORDERS)?;
    let filter =
        users::Filter { text: params.q.as_deref(), superuser: params.superuser, disabled: params.disabled, id: None };
    let mut tx = core.db.system().await?;
    Ok(Json(users::list(&mut tx, &filter, &order).await?))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct InstallationUserChanges {
    /// true shuts them out of every organization at once.
    disabled: Option<bool>,
    /// true lets them do everything everywhere.
    superuser: Option<bool>,
}

/// Shut somebody out of the installation, let them in again, make them a superuser or not. For superusers.
#[utoipa::path(patch, path = "/installation/users/{id}", tag = "installation",
    params(("id" = UserId, Path), ("If-Match" = Option<String>, Header)),
    request_body = InstallationUserChanges, responses(
    (status = 200, description = "The user", body = InstallationUser),
    (status = 404, description = "No such user", body = ProblemDocument),
    (status = 409, description = "It is yourself, or the last superuser", body = ProblemDocument),
    (status = 412, description = "Somebody else changed them meanwhile", body = ProblemDocument),
))]
async fn update_installation_user(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<UserId>,
    if_match: IfMatch,
    Json(body): Json<InstallationUserChanges>,
) -> Result<Versioned<InstallationUser>, Problem> {
    let row = installation::change(&core, &staff, id, if_match, body.superuser, body.disabled).await?;
    Ok(Versioned { version: row.version, row })
}
