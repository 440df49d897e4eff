//! All SQL of accounts; organizations here, the rest in a file each.

pub(super) mod audit;
pub(super) mod colleagues;
pub(super) mod factor;
pub(super) mod failures;
pub(super) mod idempotency;
pub(super) mod installation;
pub(super) mod invitations;
pub(super) mod joining;
pub(super) mod keys;
pub(super) mod members;
pub(super) mod organizations;
pub(super) mod personal;
pub(super) mod refresh;
pub(super) mod roles;
pub(super) mod sessions;
pub(super) mod users;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::platform::{db::Tx, ids::OrganizationId};

pub(super) struct OrganizationRow {
    pub id: OrganizationId,
    pub name: String,
    pub timezone: String,
    pub support_phone_number: Option<String>,
    pub human_quiet_minutes: Option<i32>,
}

/// System scope: the first organization of the installation.
pub(super) async fn first_organization(c: &mut PgConnection) -> Result<Option<OrganizationRow>, sqlx::Error> {
    sqlx::query_as!(
        OrganizationRow,
        r#"SELECT id AS "id: _", name, timezone, support_phone_number, human_quiet_minutes FROM organizations ORDER BY created_at, id LIMIT 1"#
    )
    .fetch_optional(c)
    .await
}

/// System scope: an organization that is not disabled.
pub(super) async fn enabled_organization(
    c: &mut PgConnection,
    id: OrganizationId,
) -> Result<Option<OrganizationRow>, sqlx::Error> {
    sqlx::query_as!(
        OrganizationRow,
        r#"SELECT id AS "id: _", name, timezone, support_phone_number, human_quiet_minutes
           FROM organizations WHERE id = $1 AND disabled_at IS NULL"#,
        id.0
    )
    .fetch_optional(c)
    .await
}

pub(super) async fn organization(c: &mut PgConnection, id: OrganizationId) -> Result<OrganizationRow, sqlx::Error> {
    sqlx::query_as!(
        OrganizationRow,
        r#"SELECT id AS "id: _", name, timezone, support_phone_number, human_quiet_minutes FROM organizations WHERE id = $1"#,
        id.0
    )
    .fetch_one(c)
    .await
}

/// System scope. Serializes first starts of several processes.
pub(super) async fn lock_bootstrap(c: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtextextended('frontdesk_bootstrap', 0))")
        .fetch_one(c)
        .await
        .map(drop)
}

pub(super) async fn set_human_quiet(tx: &mut Tx, minutes: i32) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query!(
        "UPDATE organizations SET human_quiet_minutes = $2, version = version + 1 WHERE id = $1",
        organization.0,
        minutes
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

pub(super) async fn insert_organization(
    c: &mut PgConnection,
    organization: &OrganizationRow,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO organizations (id, name, timezone, support_phone_number, created_at) VALUES ($1, $2, $3, $4, $5)",
        organization.id.0,
        organization.name,
        organization.timezone,
        organization.support_phone_number,
        now
    )
    .execute(c)
    .await
    .map(drop)
}
