//! Invitations as whoever accepts them finds them: by their token, before the organization is known. System scope.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::platform::ids::{InvitationId, OrganizationId, RoleId, UserId};

/// An invitation that may still be accepted.
pub(in crate::accounts) struct OpenInvitation {
    pub id: InvitationId,
    pub organization_id: OrganizationId,
    pub organization_name: String,
    pub email: String,
    pub role: Option<String>,
    pub role_id: Option<RoleId>,
    /// Of the organization's own role.
    pub role_name: Option<String>,
    pub expires_at: DateTime<Utc>,
}

/// The invitation, locked; none: unknown, used, revoked, expired, or of an organization that is disabled.
pub(in crate::accounts) async fn open_invitation(
    c: &mut PgConnection,
    token_hash: &[u8],
    now: DateTime<Utc>,
) -> Result<Option<OpenInvitation>, sqlx::Error> {
    sqlx::query_as!(
        OpenInvitation,
        r#"SELECT i.id AS "id: _", i.organization_id AS "organization_id: _", o.name AS organization_name, i.email,
                  i.role, i.role_id AS "role_id: _", r.name AS "role_name?", i.expires_at
           FROM invitations i
           JOIN organizations o ON o.id = i.organization_id AND o.disabled_at IS NULL
           LEFT JOIN roles r ON r.organization_id = i.organization_id AND r.id = i.role_id
           WHERE i.token_hash = $1 AND i.accepted_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > $2
           FOR UPDATE OF i"#,
        token_hash,
        now
    )
    .fetch_optional(c)
    .await
}

pub(in crate::accounts) async fn accept(
    c: &mut PgConnection,
    organization: OrganizationId,
    id: InvitationId,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE invitations SET accepted_at = $3, accepted_by = $4 WHERE organization_id = $1 AND id = $2",
        organization.0,
        id.0,
        now,
        user.0
    )
    .execute(c)
    .await
    .map(drop)
}
