//! Roles that organizations made themselves.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use crate::platform::{db::Tx, ids::RoleId};

pub(in crate::accounts) struct RoleRow {
    pub id: RoleId,
    pub name: String,
    pub description: Option<String>,
    pub permissions: Vec<String>,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// All of them, by name; there are never many.
pub(in crate::accounts) async fn all(tx: &mut Tx) -> Result<Vec<RoleRow>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        RoleRow,
        r#"SELECT id AS "id: _", name, description, permissions, version, created_at, updated_at
           FROM roles WHERE organization_id = $1 ORDER BY lower(name), id"#,
        organization.0,
    )
    .fetch_all(&mut **tx)
    .await
}

/// Reads the role and keeps others from changing it until the end of the transaction.
pub(in crate::accounts) async fn lock(tx: &mut Tx, id: RoleId) -> Result<Option<RoleRow>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        RoleRow,
        r#"SELECT id AS "id: _", name, description, permissions, version, created_at, updated_at
           FROM roles WHERE organization_id = $1 AND id = $2 FOR UPDATE"#,
        organization.0,
        id.0,
    )
    .fetch_optional(&mut **tx)
    .await
}

/// How many members have each role, by its built-in name or id.
pub(in crate::accounts) async fn members(tx: &mut Tx) -> Result<HashMap<String, i64>, sqlx::Error> {
    let organization = tx.organization_id();
    let rows = sqlx::query!(
        r#"SELECT COALESCE(role, role_id::text) AS "role!", count(*) AS "n!" FROM memberships
           WHERE organization_id = $1 AND removed_at IS NULL GROUP BY 1"#,
        organization.0,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|r| (r.role, r.n)).collect())
}

pub(in crate::accounts) struct RoleFields<'a> {
    pub name: &'a str,
    pub description: Option<&'a str>,
    pub permissions: &'a [String],
}

pub(in crate::accounts) async fn insert(tx: &mut Tx, id: RoleId, r: &RoleFields<'_>) -> Result<RoleRow, sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.real_clock().now());
    sqlx::query_as!(
        RoleRow,
        r#"INSERT INTO roles (organization_id, id, name, description, permissions, created_at, updated_at)
           VALUES ($1, $2, $3, $4, $5, $6, $6)
           RETURNING id AS "id: _", name, description, permissions, version, created_at, updated_at"#,
        organization.0,
        id.0,
        r.name,
        r.description,
        r.permissions,
        now,
    )
    .fetch_one(&mut **tx)
    .await
}

pub(in crate::accounts) async fn update(tx: &mut Tx, id: RoleId, r: &RoleFields<'_>) -> Result<RoleRow, sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.real_clock().now());
    sqlx::query_as!(
        RoleRow,
        r#"UPDATE roles SET name = $3, description = $4, permissions = $5, updated_at = $6, version = version + 1
           WHERE organization_id = $1 AND id = $2
           RETURNING id AS "id: _", name, description, permissions, version, created_at, updated_at"#,
        organization.0,
        id.0,
        r.name,
        r.description,
        r.permissions,
        now,
    )
    .fetch_one(&mut **tx)
    .await
}

/// Members and open invitations with the role.
pub(in crate::accounts) async fn uses(tx: &mut Tx, id: RoleId) -> Result<i64, sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.real_clock().now());
    sqlx::query_scalar!(
        r#"SELECT (SELECT count(*) FROM memberships WHERE organization_id = $1 AND role_id = $2 AND removed_at IS NULL)
                + (SELECT count(*) FROM invitations WHERE organization_id = $1 AND role_id = $2 AND accepted_at IS NULL
                     AND revoked_at IS NULL AND expires_at > $3) AS "n!""#,
        organization.0,
        id.0,
        now,
    )
    .fetch_one(&mut **tx)
    .await
}

/// Deletes a role that nobody uses. What is left of it are people who were removed, and invitations that are over.
pub(in crate::accounts) async fn delete(tx: &mut Tx, id: RoleId) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query!(
        "UPDATE memberships SET role = 'viewer', role_id = NULL
         WHERE organization_id = $1 AND role_id = $2 AND removed_at IS NOT NULL",
        organization.0,
        id.0,
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!("DELETE FROM invitations WHERE organization_id = $1 AND role_id = $2", organization.0, id.0)
        .execute(&mut **tx)
        .await?;
    sqlx::query!("DELETE FROM roles WHERE organization_id = $1 AND id = $2", organization.0, id.0)
        .execute(&mut **tx)
        .await
        .map(drop)
}
