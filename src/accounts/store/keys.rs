//! API keys.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::{
    accounts::keys::{KeyRow, KeyStatus},
    platform::{
        db::Tx,
        http::{Order, Page, SortKey, SortKind},
        ids::{ApiKeyId, OrganizationId, UserId},
        listing::List,
    },
};

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

pub(in crate::accounts) const ORDERS: &[SortKey] = &[
    SortKey { name: "created_at", sql: "k.created_at", kind: SortKind::Time, descending: true },
    SortKey { name: "name", sql: "lower(k.name)", kind: SortKind::Text, descending: false },
    SortKey {
        name: "last_used",
        sql: "COALESCE(k.last_used_at, 'epoch'::timestamptz)",
        kind: SortKind::Time,
        descending: true,
    },
];

pub(in crate::accounts) async fn list(
    tx: &mut Tx,
    text: Option<&str>,
    status: Option<KeyStatus>,
    id: Option<ApiKeyId>,
    order: &Order,
) -> Result<Page<KeyRow>, sqlx::Error> {
    let columns = "k.id, k.name, k.prefix, k.scopes, u.display_name AS created_by, k.created_at, k.last_used_at, k.expires_at, k.revoked_at";
    let now = tx.real_clock().now();
    let from = "api_keys k LEFT JOIN users u ON u.id = k.created_by";
    let mut list = List::new(tx, order, "k.id", columns, from, "k.organization_id");
    list.search(&["k.name", "k.prefix"], text);
    list.filter("k.id = ", id.map(|id| id.0));
    match status {
        Some(KeyStatus::Revoked) => list.condition(true, "k.revoked_at IS NOT NULL"),
        Some(KeyStatus::Expired) => {
            list.condition(true, "k.revoked_at IS NULL");
            list.filter("k.expires_at <= ", Some(now));
        }
        Some(KeyStatus::Active) => {
            list.condition(true, "k.revoked_at IS NULL");
            list.filter("COALESCE(k.expires_at, 'infinity'::timestamptz) > ", Some(now));
        }
        None => {}
    }
    list.page(tx).await
}

/// Keeps others from changing the key until the end of the transaction. False: there is none.
pub(in crate::accounts) async fn lock(tx: &mut Tx, id: ApiKeyId) -> Result<bool, sqlx::Error> {
    let organization = tx.organization_id();
    let row = sqlx::query!(
        "SELECT id FROM api_keys WHERE organization_id = $1 AND id = $2 FOR NO KEY UPDATE",
        organization.0,
        id.0
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.is_some())
}

pub(in crate::accounts) struct NewKey<'a> {
    pub id: ApiKeyId,
    pub name: &'a str,
    pub key_hash: &'a [u8],
    pub prefix: &'a str,
    pub scopes: &'a [String],
    pub expires_at: Option<DateTime<Utc>>,
    pub created_by: Option<UserId>,
}

pub(in crate::accounts) async fn insert(tx: &mut Tx, k: &NewKey<'_>) -> Result<(), sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.real_clock().now());
    sqlx::query!(
        "INSERT INTO api_keys (organization_id, id, name, key_hash, prefix, scopes, expires_at, created_by, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        organization.0,
        k.id.0,
        k.name,
        k.key_hash,
        k.prefix,
        k.scopes,
        k.expires_at,
        k.created_by.map(|u| u.0),
        now,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

pub(in crate::accounts) async fn rename(tx: &mut Tx, id: ApiKeyId, name: &str) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query!("UPDATE api_keys SET name = $3 WHERE organization_id = $1 AND id = $2", organization.0, id.0, name)
        .execute(&mut **tx)
        .await
        .map(drop)
}

pub(in crate::accounts) async fn revoke(tx: &mut Tx, id: ApiKeyId) -> Result<(), sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.real_clock().now());
    sqlx::query!(
        "UPDATE api_keys SET revoked_at = COALESCE(revoked_at, $3) WHERE organization_id = $1 AND id = $2",
        organization.0,
        id.0,
        now,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}
