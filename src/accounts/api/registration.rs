//! Becoming a user, and joining organizations by invitation.

use axum::{extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Staff;
use crate::{
    accounts::{
        fields,
        model::OrganizationView,
        permission::BuiltInRole,
        registration::{self, Door, Newcomer},
        sign_in::Origin,
    },
    platform::{
        http::{Core, Json, Path},
        ids::UserId,
        problem::{Problem, ProblemDocument},
    },
};

pub(super) fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new()
        .routes(routes!(register))
        .routes(routes!(invitation_by_token))
        .routes(routes!(accept_invitation))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Registration {
    /// Letters, digits, dots, dashes, underscores.
    #[schema(min_length = 3, max_length = 60)]
    username: String,
    /// Left aside with an invitation, which says whose it is.
    #[schema(max_length = 254)]
    email: Option<String>,
    /// Neither common nor one's own name.
    #[schema(value_type = String, format = Password, min_length = 10, max_length = 200)]
    password: SecretString,
    #[schema(min_length = 1, max_length = 100)]
    display_name: String,
    /// Of the organization to join.
    #[schema(max_length = 200)]
    invitation_token: Option<String>,
    /// Of the new organization, where there is no invitation.
    #[schema(max_length = 100)]
    organization_name: Option<String>,
}

/// A new user. Sign in next.
#[derive(Serialize, utoipa::ToSchema)]
struct Registered {
    user_id: UserId,
    username: String,
    organization: OrganizationView,
}

/// Become a user.
///
/// By invitation into the organization that invites; without one into a new organization, where the installation allows it.
#[utoipa::path(post, path = "/auth/register", tag = "auth", request_body = Registration, responses(
    (status = 201, description = "Registered", body = Registered),
    (status = 403, description = "By invitation only", body = ProblemDocument),
    (status = 404, description = "There is no such invitation, or no longer", body = ProblemDocument),
    (status = 409, description = "Somebody has that name or address", body = ProblemDocument),
))]
async fn register(
    State(core): State<Core>,
    origin: Origin,
    Json(body): Json<Registration>,
) -> Result<(StatusCode, Json<Registered>), Problem> {
    let username = fields::username("username", &body.username)?;
    let display_name = fields::line("display_name", &body.display_name, 100)?;
    let email = body.email.as_deref().map(|e| fields::email("email", e)).transpose()?;
    let founded;
    let door = match (&body.invitation_token, &body.organization_name) {
        (Some(token), _) => Door::Invitation(token),
        // Refused below where registration is closed, which is said before what else may be missing.
        (None, name) if !core.config.allow_registration => Door::OwnOrganization(name.as_deref().unwrap_or_default()),
        (None, name) => {
            if email.is_none() {
                return Err(Problem::invalid_field("email", "required", "must not be empty"));
            }
            founded = fields::line("organization_name", name.as_deref().unwrap_or_default(), 100)?;
            Door::OwnOrganization(&founded)
        }
    };
    let newcomer =
        Newcomer { username: &username, display_name: &display_name, email: email.as_deref(), password: body.password };
    let (user_id, organization) = registration::register(&core, newcomer, door, &origin).await?;
    let registered = Registered { user_id, username, organization: OrganizationView::from(&organization) };
    Ok((StatusCode::CREATED, Json(registered)))
}

/// What a token invites to.
#[derive(Serialize, utoipa::ToSchema)]
struct InvitationPreview {
    organization: String,
    /// What people call the role.
    role_name: String,
    email: String,
    expires_at: DateTime<Utc>,
}

/// See what a token invites to.
#[utoipa::path(get, path = "/auth/invitations/{token}", tag = "auth", params(("token" = String, Path)), responses(
    (status = 200, description = "The invitation", body = InvitationPreview),
    (status = 404, description = "There is no such invitation, or no longer", body = ProblemDocument),
))]
async fn invitation_by_token(
    State(core): State<Core>,
    Path(token): Path<String>,
) -> Result<Json<InvitationPreview>, Problem> {
    let mut system = core.db.system_lookup().await?;
    let invitation = registration::open_invitation(&core, &mut system, &token).await?;
    let built_in = invitation.role.as_deref().and_then(BuiltInRole::from_name);
    Ok(Json(InvitationPreview {
        organization: invitation.organization_name,
        role_name: built_in.map(|r| r.title().to_owned()).or(invitation.role_name).unwrap_or_default(),
        email: invitation.email,
        expires_at: invitation.expires_at,
    }))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Acceptance {
    #[schema(max_length = 200)]
    token: String,
}

/// Join an organization that invites.
///
/// For whoever has an account already. The session stays where it is: change over with `PUT /auth/organization`.
#[utoipa::path(post, path = "/auth/invitations/accept", tag = "auth", request_body = Acceptance, responses(
    (status = 200, description = "The organization", body = OrganizationView),
    (status = 404, description = "There is no such invitation, or no longer", body = ProblemDocument),
    (status = 409, description = "One belongs to it already", body = ProblemDocument),
))]
async fn accept_invitation(
    State(core): State<Core>,
    staff: Staff,
    origin: Origin,
    Json(body): Json<Acceptance>,
) -> Result<Json<OrganizationView>, Problem> {
    let user = staff.require_user()?;
    let organization = registration::accept(&core, user, &body.token, &origin).await?;
    Ok(Json(OrganizationView::from(&organization)))
}
