//! The staff of an organization, and invitations to join it.

use axum::extract::State;
use secrecy::SecretString;
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Staff;
use crate::{
    accounts::{
        model::RoleRef,
        people::{self, Invitation, Member, MemberChange, MemberStatus, NewInvitation, NewMember},
        roles,
        store::{invitations, members},
    },
    platform::{
        http::{Core, IfMatch, Json, Page, Paging, Path, Query, SecretAnswer, Versioned},
        ids::{InvitationId, UserId},
        problem::{Problem, ProblemDocument, StatusCode},
    },
};

pub fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new()
        .routes(routes!(list_users, create_user))
        .routes(routes!(get_user, update_user, delete_user))
        .routes(routes!(list_invitations, create_invitation))
        .routes(routes!(revoke_invitation))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct ListParams {
    /// Part of a name, user name or e-mail address.
    q: Option<String>,
    /// Name of a built-in role, or the id of one of the organization's own.
    role: Option<String>,
    #[param(inline)]
    status: Option<MemberStatus>,
}

/// The staff of the organization. Orders: name, created_at (when they joined), last_seen.
#[utoipa::path(get, path = "/users", tag = "staff", params(ListParams, Paging), responses(
    (status = 200, description = "One page", body = Page<Member>),
))]
async fn list_users(
    State(core): State<Core>,
    staff: Staff,
    Query(params): Query<ListParams>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<Member>>, Problem> {
    let order = paging.order(members::ORDERS)?;
    let role = match params.role.as_deref() {
        Some(text) => Some(
            roles::parse(text)
                .ok_or_else(|| Problem::invalid_field("role", "unknown", "is neither a role nor an id"))?,
        ),
        None => None,
    };
    let columns = role.map(roles::Columns::from);
    let filter = members::Filter {
        text: params.q.as_deref(),
        role: columns.and_then(|c| c.role),
        role_id: columns.and_then(|c| c.role_id),
        status: params.status,
        id: None,
    };
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    Ok(Json(members::list(&mut tx, &filter, &order).await?))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct NewUserFields {
    /// 1 to 60 letters, digits, dots, dashes and underscores. Nobody else in the installation has it.
    #[schema(max_length = 60, example = "ann")]
    username: String,
    #[schema(max_length = 100, example = "Ann Lee")]
    display_name: String,
    #[schema(max_length = 254)]
    email: Option<String>,
    #[schema(value_type = String, format = Password)]
    password: SecretString,
    /// Name of a built-in role, or the id of one of the organization's own. It may grant no more than you have.
    role: RoleRef,
}

/// Make a user with a password. Somebody who belongs to another organization of the installation is invited instead.
#[utoipa::path(post, path = "/users", tag = "staff", request_body = NewUserFields, responses(
    (status = 201, description = "The user", body = Member),
    (status = 409, description = "The user name or the e-mail address is taken", body = ProblemDocument),
))]
async fn create_user(
    State(core): State<Core>,
    staff: Staff,
    Json(body): Json<NewUserFields>,
) -> Result<(StatusCode, Json<Member>), Problem> {
    let NewUserFields { username, display_name, email, password, role } = body;
    let new = NewMember { username, display_name, email, password, role };
    Ok((StatusCode::CREATED, Json(people::create_member(&core, &staff, new).await?)))
}

/// One of the staff.
#[utoipa::path(get, path = "/users/{id}", tag = "staff", params(("id" = UserId, Path)), responses(
    (status = 200, description = "The user", body = Member),
    (status = 404, description = "No such user in the organization", body = ProblemDocument),
))]
async fn get_user(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<UserId>,
) -> Result<Versioned<Member>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let row = people::member(&mut tx, id).await?;
    Ok(Versioned { version: row.version, row })
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct UserChanges {
    /// Name of a built-in role, or the id of one of the organization's own. It may grant no more than you have.
    role: Option<RoleRef>,
    /// true shuts them out of the organization at once, false lets them in again.
    disabled: Option<bool>,
}

/// Change somebody's role, disable or enable them. Nobody does it to themselves, nor to somebody who may do more than they; and the last
/// active admin stays one.
#[utoipa::path(patch, path = "/users/{id}", tag = "staff", params(("id" = UserId, Path), ("If-Match" = Option<String>, Header)),
    request_body = UserChanges, responses(
    (status = 200, description = "The user", body = Member),
    (status = 404, description = "No such user in the organization", body = ProblemDocument),
    (status = 409, description = "It is your own account, or the last active admin's", body = ProblemDocument),
    (status = 412, description = "Somebody else changed them meanwhile", body = ProblemDocument),
))]
async fn update_user(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<UserId>,
    if_match: IfMatch,
    Json(body): Json<UserChanges>,
) -> Result<Versioned<Member>, Problem> {
    let change = MemberChange { role: body.role, disabled: body.disabled };
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let row = people::change_member(&mut tx, &staff, id, if_match, change).await?;
    tx.commit().await?;
    Ok(Versioned { version: row.version, row })
}

/// Take somebody out of the organization. What they wrote keeps their name; elsewhere they stay what they are.
#[utoipa::path(delete, path = "/users/{id}", tag = "staff", params(("id" = UserId, Path)), responses(
    (status = 204, description = "Gone, and signed out"),
    (status = 404, description = "No such user in the organization", body = ProblemDocument),
    (status = 409, description = "It is your own account, or the last active admin's", body = ProblemDocument),
))]
async fn delete_user(State(core): State<Core>, staff: Staff, Path(id): Path<UserId>) -> Result<StatusCode, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    people::remove_member(&mut tx, &staff, id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct InvitationParams {
    /// Part of an address.
    q: Option<String>,
}

/// Invitations that can still be accepted. Orders: created_at, expires_at, email.
#[utoipa::path(get, path = "/invitations", tag = "staff", params(InvitationParams, Paging), responses(
    (status = 200, description = "One page", body = Page<Invitation>),
))]
async fn list_invitations(
    State(core): State<Core>,
    staff: Staff,
    Query(params): Query<InvitationParams>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<Invitation>>, Problem> {
    let order = paging.order(invitations::ORDERS)?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    Ok(Json(invitations::open(&mut tx, params.q.as_deref(), None, &order).await?))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct InvitationFields {
    #[schema(max_length = 254, example = "ann@example.com")]
    email: String,
    /// Name of a built-in role, or the id of one of the organization's own. It may grant no more than you have.
    role: RoleRef,
    /// 1 to 30; 7 if left out.
    #[schema(minimum = 1, maximum = 30)]
    expires_in_days: Option<i64>,
}

/// Invite somebody. An open invitation to the same address ends. Hand them the link: it is shown once.
#[utoipa::path(post, path = "/invitations", tag = "staff", request_body = InvitationFields, responses(
    (status = 201, description = "The invitation with its token and link", body = NewInvitation),
    (status = 409, description = "Somebody with that address belongs to the organization", body = ProblemDocument),
))]
async fn create_invitation(
    State(core): State<Core>,
    staff: Staff,
    Json(body): Json<InvitationFields>,
) -> Result<(StatusCode, SecretAnswer, Json<NewInvitation>), Problem> {
    let days = body.expires_in_days.unwrap_or(7);
    let invitation = people::invite(&core, &staff, &body.email, body.role, days).await?;
    Ok((StatusCode::CREATED, SecretAnswer, Json(invitation)))
}

/// Take an invitation back. Its link no longer works.
#[utoipa::path(delete, path = "/invitations/{id}", tag = "staff", params(("id" = InvitationId, Path)), responses(
    (status = 204, description = "Taken back"),
    (status = 404, description = "No such open invitation", body = ProblemDocument),
))]
async fn revoke_invitation(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<InvitationId>,
) -> Result<StatusCode, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    people::revoke_invitation(&mut tx, &staff, id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
