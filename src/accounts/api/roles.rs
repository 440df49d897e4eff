//! Roles and permissions.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Staff;
use crate::{
    accounts::{
        model::RoleRef,
        permission::Permission,
        roles::{self, Role, Wanted},
    },
    platform::{
        http::{Core, IfMatch, Json, Page, Patch, Path, Versioned},
        problem::{Problem, ProblemDocument, StatusCode},
    },
};

pub fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new()
        .routes(routes!(list_roles, create_role))
        .routes(routes!(get_role, update_role, delete_role))
        .routes(routes!(list_permissions))
}

/// The role a path names; what cannot be one does not exist.
fn named(text: &str) -> Result<RoleRef, Problem> {
    roles::parse(text).ok_or_else(|| Problem::not_found("role"))
}

/// Built-in roles have no version, and so no ETag.
fn answer(role: Role) -> Response {
    match role.version {
        Some(version) => Versioned { version, row: role }.into_response(),
        None => Json(role).into_response(),
    }
}

/// All roles: the built-in ones, then the organization's own by name. There are never many: one page.
#[utoipa::path(get, path = "/roles", tag = "staff", responses(
    (status = 200, description = "The whole list", body = Page<Role>),
))]
async fn list_roles(State(core): State<Core>, staff: Staff) -> Result<Json<Page<Role>>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    Ok(Json(Page { items: roles::all(&mut tx).await?, next_cursor: None }))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct NewRole {
    /// 1 to 60 characters; no other role has it.
    #[schema(max_length = 60, example = "Evening desk")]
    name: String,
    #[schema(max_length = 300)]
    description: Option<String>,
    /// None that you do not have yourself.
    permissions: Vec<Permission>,
}

/// Make a role.
#[utoipa::path(post, path = "/roles", tag = "staff", request_body = NewRole, responses(
    (status = 201, description = "The role", body = Role),
    (status = 409, description = "A role of that name exists, or there are as many as there may be", body = ProblemDocument),
))]
async fn create_role(
    State(core): State<Core>,
    staff: Staff,
    Json(body): Json<NewRole>,
) -> Result<(StatusCode, Json<Role>), Problem> {
    let wanted = Wanted {
        name: Some(body.name),
        description: body.description.map_or(Patch::Clear, Patch::Set),
        permissions: Some(body.permissions),
    };
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let role = roles::create(&mut tx, &staff, wanted).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(role)))
}

/// One role.
#[utoipa::path(get, path = "/roles/{id}", tag = "staff",
    params(("id" = String, Path, description = "Name of a built-in role, or an id")), responses(
    (status = 200, description = "The role", body = Role),
    (status = 404, description = "No such role", body = ProblemDocument),
))]
async fn get_role(State(core): State<Core>, staff: Staff, Path(id): Path<String>) -> Result<Response, Problem> {
    let role = named(&id)?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    Ok(answer(roles::get(&mut tx, role).await?))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct RoleChanges {
    /// 1 to 60 characters; no other role has it.
    #[schema(max_length = 60)]
    name: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 300)]
    description: Patch<String>,
    /// All it is to have; none that you do not have yourself.
    permissions: Option<Vec<Permission>>,
}

/// Change one of the organization's own roles. It counts at once for everybody who has it.
#[utoipa::path(patch, path = "/roles/{id}", tag = "staff",
    params(("id" = String, Path, description = "An id; built-in roles cannot be changed"), ("If-Match" = Option<String>, Header)),
    request_body = RoleChanges, responses(
    (status = 200, description = "The role", body = Role),
    (status = 404, description = "No such role", body = ProblemDocument),
    (status = 409, description = "It is built in, or a role of that name exists", body = ProblemDocument),
    (status = 412, description = "Somebody else changed it meanwhile", body = ProblemDocument),
))]
async fn update_role(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<String>,
    if_match: IfMatch,
    Json(body): Json<RoleChanges>,
) -> Result<Response, Problem> {
    let role = named(&id)?;
    let wanted = Wanted { name: body.name, description: body.description, permissions: body.permissions };
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let role = roles::change(&mut tx, &staff, role, if_match, wanted).await?;
    tx.commit().await?;
    Ok(answer(role))
}

/// Delete one of the organization's own roles.
#[utoipa::path(delete, path = "/roles/{id}", tag = "staff",
    params(("id" = String, Path, description = "An id; built-in roles cannot be deleted")), responses(
    (status = 204, description = "Deleted"),
    (status = 404, description = "No such role", body = ProblemDocument),
    (status = 409, description = "It is built in, or members or open invitations have it", body = ProblemDocument),
))]
async fn delete_role(State(core): State<Core>, staff: Staff, Path(id): Path<String>) -> Result<StatusCode, Problem> {
    let role = named(&id)?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    roles::delete(&mut tx, &staff, role).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Serialize, utoipa::ToSchema)]
struct PermissionMeaning {
    permission: Permission,
    /// What it lets somebody do.
    meaning: &'static str,
}

/// Everything that can be allowed, and what it means: the closed list that roles and keys are made of.
#[utoipa::path(get, path = "/permissions", tag = "staff", responses(
    (status = 200, description = "The whole list", body = Page<PermissionMeaning>),
))]
async fn list_permissions(_staff: Staff) -> Json<Page<PermissionMeaning>> {
    let items = Permission::ALL.iter().map(|p| PermissionMeaning { permission: *p, meaning: p.meaning() }).collect();
    Json(Page { items, next_cursor: None })
}
