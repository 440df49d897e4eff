//! Invitations to join an organization.

use chrono::{DateTime, Utc};

use crate::{
    accounts::people::Invitation,
    platform::{
        db::Tx,
        http::{Order, Page, SortKey, SortKind},
        ids::{InvitationId, RoleId, UserId},
        listing::List,
    },
};

pub(in crate::accounts) const ORDERS: &[SortKey] = &[
    SortKey { name: "created_at", sql: "i.created_at", kind: SortKind::Time, descending: true },
    SortKey { name: "expires_at", sql: "i.expires_at", kind: SortKind::Time, descending: false },
    SortKey { name: "email", sql: "lower(i.email)", kind: SortKind::Text, descending: false },
];

/// Those that can still be accepted.
pub(in crate::accounts) async fn open(
    tx: &mut Tx,
    text: Option<&str>,
    id: Option<InvitationId>,
    order: &Order,
) -> Result<Page<Invitation>, sqlx::Error> {
    let columns = "i.id, i.email, i.role, i.role_id, r.name AS custom_name, u.display_name AS invited_by, i.created_at, i.expires_at";
    let from = "invitations i LEFT JOIN roles r ON r.organization_id = i.organization_id AND r.id = i.role_id
        LEFT JOIN users u ON u.id = i.invited_by";
    let now = tx.real_clock().now();
    let mut list = List::new(tx, order, "i.id", columns, from, "i.organization_id");
    list.condition(true, "i.accepted_at IS NULL AND i.revoked_at IS NULL");
    list.filter("i.expires_at > ", Some(now));
    list.filter("i.id = ", id.map(|id| id.0));
    list.search(&["i.email"], text);
    list.page(tx).await
}

pub(in crate::accounts) struct NewInvitation<'a> {
    pub id: InvitationId,
    pub email: &'a str,
    pub role: Option<&'a str>,
    pub role_id: Option<RoleId>,
    pub token_hash: &'a [u8],
    pub invited_by: Option<UserId>,
    pub expires_at: DateTime<Utc>,
}

/// Adds the invitation in the place of an open one for the same address.
pub(in crate::accounts) async fn replace(tx: &mut Tx, i: &NewInvitation<'_>) -> Result<(), sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.real_clock().now());
    sqlx::query!(
        "UPDATE invitations SET revoked_at = $3
         WHERE organization_id = $1 AND lower(email) = lower($2) AND accepted_at IS NULL AND revoked_at IS NULL",
        organization.0,
        i.email,
        now,
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "INSERT INTO invitations (organization_id, id, email, role, role_id, token_hash, invited_by, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        organization.0,
        i.id.0,
        i.email,
        i.role,
        i.role_id.map(|r| r.0),
        i.token_hash,
        i.invited_by.map(|u| u.0),
        now,
        i.expires_at,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// The address it was for. None: there is no such open invitation.
pub(in crate::accounts) async fn revoke(tx: &mut Tx, id: InvitationId) -> Result<Option<String>, sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.real_clock().now());
    sqlx::query_scalar!(
        "UPDATE invitations SET revoked_at = $3
         WHERE organization_id = $1 AND id = $2 AND accepted_at IS NULL AND revoked_at IS NULL RETURNING email",
        organization.0,
        id.0,
        now,
    )
    .fetch_optional(&mut **tx)
    .await
}
