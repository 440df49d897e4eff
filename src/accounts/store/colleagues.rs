//! Members of an organization as its other slices ask for them.

use crate::{
    accounts::permission::{BuiltInRole, PermissionSet},
    platform::{db::Tx, ids::UserId},
};

/// Whether the user is a member who has not been shut out.
pub async fn is_colleague(tx: &mut Tx, id: UserId) -> Result<bool, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM memberships m JOIN users u ON u.id = m.user_id
                          WHERE m.organization_id = $1 AND m.user_id = $2 AND m.disabled_at IS NULL AND m.removed_at IS NULL
                            AND u.disabled_at IS NULL) AS "found!""#,
        organization.0,
        id.0,
    )
    .fetch_one(&mut **tx)
    .await
}

/// What the user may do in the organization now; nothing, where they are no member (any more).
pub async fn permissions_of(tx: &mut Tx, id: UserId) -> Result<PermissionSet, sqlx::Error> {
    let organization = tx.organization_id();
    let row = sqlx::query!(
        r#"SELECT u.superuser, m.role, r.permissions AS "permissions?"
           FROM memberships m JOIN users u ON u.id = m.user_id
           LEFT JOIN roles r ON r.organization_id = m.organization_id AND r.id = m.role_id
           WHERE m.organization_id = $1 AND m.user_id = $2 AND m.disabled_at IS NULL AND m.removed_at IS NULL
             AND u.disabled_at IS NULL"#,
        organization.0,
        id.0,
    )
    .fetch_optional(&mut **tx)
    .await?;
    let Some(row) = row else { return Ok(PermissionSet::default()) };
    if row.superuser {
        return Ok(PermissionSet::ALL);
    }
    let built_in = row.role.as_deref().and_then(BuiltInRole::from_name).map(BuiltInRole::permissions);
    Ok(built_in.unwrap_or_else(|| PermissionSet::from_names(&row.permissions.unwrap_or_default())))
}
