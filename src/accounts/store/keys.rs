//! API keys.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::platform::ids::{ApiKeyId, OrganizationId};

/// A key that works now.
pub(in crate::accounts) struct LiveKey {
    pub id: ApiKeyId,
    pub organization_id: OrganizationId,
    pub name: String,
    /// Names of permissions; none: all.
    pub scopes: Option<Vec<String>>,
}

/// System scope: the key alone says which organization.
pub(in crate::accounts) async fn live(
    c: &mut PgConnection,
    key_hash: &[u8],
    now: DateTime<Utc>,
) -> Result<Option<LiveKey>, sqlx::Error> {
    // last_used_at is kept to the minute: a busy program must not write a row with each request.
    sqlx::query_as!(
        LiveKey,
        r#"WITH key AS (SELECT k.organization_id, k.id, k.name, k.scopes, k.last_used_at FROM api_keys k
                        JOIN organizations o ON o.id = k.organization_id AND o.disabled_at IS NULL
                        WHERE k.key_hash = $1 AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > $2)),
                used AS (UPDATE api_keys k SET last_used_at = $2::timestamptz FROM key
                         WHERE k.organization_id = key.organization_id AND k.id = key.id
                           AND (key.last_used_at IS NULL OR key.last_used_at < $2::timestamptz - interval '1 minute'))
           SELECT id AS "id: _", organization_id AS "organization_id: _", name, scopes FROM key"#,
        key_hash,
        now
    )
    .fetch_optional(c)
    .await
}

/// Makes `key_hash` the only bootstrap key called `name`; keys that people made have scopes and are left alone.
pub(in crate::accounts) async fn replace(
    c: &mut PgConnection,
    organization: OrganizationId,
    id: ApiKeyId,
    name: &str,
    key_hash: &[u8],
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!("DELETE FROM api_keys WHERE name = $1 AND scopes IS NULL AND key_hash <> $2", name, key_hash)
        .execute(&mut *c)
        .await?;
    sqlx::query!(
        "INSERT INTO api_keys (organization_id, id, name, key_hash, created_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (key_hash) DO NOTHING",
        organization.0,
        id.0,
        name,
        key_hash,
        now
    )
    .execute(c)
    .await
    .map(drop)
}

pub(in crate::accounts) async fn delete_named(
    c: &mut PgConnection,
    organization: OrganizationId,
    name: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "DELETE FROM api_keys WHERE organization_id = $1 AND name = $2 AND scopes IS NULL",
        organization.0,
        name
    )
    .execute(c)
    .await
    .map(drop)
}
