//! API keys: made for programs, shown once, told apart by their first characters, revoked for good.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{
    api::Staff,
    audit::Change,
    fields, identity,
    permission::{Permission, PermissionSet},
    roles::within_own,
    store::keys as store,
};
use crate::platform::{
    crypto,
    db::Tx,
    http::Paging,
    ids::ApiKeyId,
    problem::{Code, Problem},
};

/// How many characters of a key are kept to tell it apart: `fdk_` and eight random ones of 43.
const PREFIX: usize = 12;

/// Whether a key works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyStatus {
    Active,
    Expired,
    Revoked,
}

/// A key as stored.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct KeyRow {
    pub id: ApiKeyId,
    pub name: String,
    pub prefix: String,
    pub scopes: Option<Vec<String>>,
    pub created_by: Option<String>,
    pub created_at: DateTime<Utc>,
    pub last_used_at: Option<DateTime<Utc>>,
    pub expires_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
}

/// A key for a program. The key itself is never shown again.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ApiKey)]
pub struct KeyView {
    pub id: ApiKeyId,
    pub name: String,
    /// Its first characters; empty for the bootstrap key.
    pub prefix: String,
    /// What it may do.
    pub scopes: Vec<Permission>,
    /// Set by ADMIN_API_KEY in the configuration; may do everything and cannot be changed here.
    pub bootstrap: bool,
    pub status: KeyStatus,
    /// Display name; null where a program or the start did.
    pub created_by: Option<String>,
    pub created_at: DateTime<Utc>,
    /// To the minute; null: never.
    pub last_used_at: Option<DateTime<Utc>>,
    /// Null: it works until it is revoked.
    pub expires_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
}

impl KeyView {
    pub(super) fn of(row: KeyRow, now: DateTime<Utc>) -> Self {
        let status = match (row.revoked_at, row.expires_at) {
            (Some(_), _) => KeyStatus::Revoked,
            (None, Some(end)) if end <= now => KeyStatus::Expired,
            _ => KeyStatus::Active,
        };
        let bootstrap = row.scopes.is_none();
        let scopes = row.scopes.map_or(PermissionSet::ALL, |names| PermissionSet::from_names(&names));
        Self {
            id: row.id,
            name: row.name,
            prefix: row.prefix,
            scopes: scopes.iter().collect(),
            bootstrap,
            status,
            created_by: row.created_by,
            created_at: row.created_at,
            last_used_at: row.last_used_at,
            expires_at: row.expires_at,
            revoked_at: row.revoked_at,
        }
    }
}

/// A key with what is shown once.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct NewApiKey {
    #[serde(flatten)]
    pub api_key: KeyView,
    /// To be sent as `X-API-Key`. It is not shown again.
    #[schema(example = "fdk_…")]
    pub key: String,
}

pub(super) async fn get(tx: &mut Tx, id: ApiKeyId) -> Result<KeyView, Problem> {
    let order = Paging::default().order(store::ORDERS)?;
    let row = store::list(tx, None, None, Some(id), &order).await?.items.pop();
    let now = tx.real_clock().now();
    row.map(|row| KeyView::of(row, now)).ok_or_else(|| Problem::not_found("key"))
}

pub(super) async fn create(
    tx: &mut Tx,
    staff: &Staff,
    name: &str,
    scopes: Vec<Permission>,
    expires_at: Option<DateTime<Utc>>,
) -> Result<NewApiKey, Problem> {
    let name = fields::line("name", name, 100)?;
    let scopes: PermissionSet = scopes.into_iter().collect();
    if scopes == PermissionSet::default() {
        return Err(Problem::invalid_field("scopes", "invalid_length", "must name at least one permission"));
    }
    within_own(staff, scopes)?;
    let now = tx.real_clock().now();
    if expires_at.is_some_and(|end| end <= now || end - now > chrono::TimeDelta::days(36_500)) {
        return Err(Problem::invalid_field("expires_at", "out_of_range", "must be in the next hundred years"));
    }
    let (id, key) = (ApiKeyId::new(tx.real_clock()), format!("fdk_{}", crypto::random_token(32)));
    let names: Vec<String> = scopes.iter().map(|p| p.as_str().to_owned()).collect();
    let new = store::NewKey {
        id,
        name: &name,
        key_hash: &identity::key_hash(&key),
        prefix: &key[..PREFIX],
        scopes: &names,
        expires_at,
        created_by: staff.user_id(),
    };
    store::insert(tx, &new).await?;
    let api_key = get(tx, id).await?;
    staff.audit(tx, Change::created("api_key", id.0, &api_key)).await?;
    Ok(NewApiKey { api_key, key })
}

/// A key that people made, locked.
async fn made_by_people(tx: &mut Tx, id: ApiKeyId) -> Result<KeyView, Problem> {
    store::lock(tx, id).await?;
    let key = get(tx, id).await?;
    if key.bootstrap {
        return Err(Problem::new(Code::NotEditable, "This key is set by ADMIN_API_KEY in the configuration."));
    }
    Ok(key)
}

pub(super) async fn rename(tx: &mut Tx, staff: &Staff, id: ApiKeyId, name: &str) -> Result<KeyView, Problem> {
    let name = fields::line("name", name, 100)?;
    let before = made_by_people(tx, id).await?;
    store::rename(tx, id, &name).await?;
    let after = get(tx, id).await?;
    staff.audit(tx, Change::updated("api_key", id.0, &before, &after)).await?;
    Ok(after)
}

/// Nothing happens to a key that was revoked before.
pub(super) async fn revoke(tx: &mut Tx, staff: &Staff, id: ApiKeyId) -> Result<(), Problem> {
    let before = made_by_people(tx, id).await?;
    if before.status != KeyStatus::Revoked {
        store::revoke(tx, id).await?;
        let after = get(tx, id).await?;
        staff.audit(tx, Change::of("api_key", "revoked", id.0).before(&before).after(&after)).await?;
    }
    Ok(())
}
