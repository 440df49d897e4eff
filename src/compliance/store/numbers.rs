//! The key of an organization's erased numbers, and their hashes.

use secrecy::{ExposeSecret, SecretString};

use crate::platform::{
    crypto::{self, Vault},
    db::{Db, Tx},
    ids::OrganizationId,
    phone::PhoneNumber,
};

/// What the key is bound to in the vault; `app/sealed.rs` says the same in SQL.
fn context(organization: OrganizationId) -> Vec<u8> {
    [b"number hash key".as_slice(), organization.0.as_bytes()].concat()
}

/// The key as its row holds it.
pub(in crate::compliance) struct StoredKey {
    pub sealed_key: Option<Vec<u8>>,
    pub plain_key: Option<String>,
}

/// The key cannot be opened: nobody can tell whether a number was erased after an opt-out, so nothing may be sent.
#[derive(Debug, thiserror::Error)]
#[error(
    "the key of erased numbers cannot be opened: ENCRYPTION_KEY is not the one it was sealed with, nor is any in ENCRYPTION_KEYS_PREVIOUS"
)]
struct KeyLost;

/// Whether the key of erased numbers could not be opened.
pub(in crate::compliance) fn is_key_lost(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Decode(cause) if cause.is::<KeyLost>())
}

impl StoredKey {
    pub fn open(&self, tx: &Tx) -> Result<SecretString, sqlx::Error> {
        let lost = || sqlx::Error::Decode(Box::new(KeyLost));
        match (&self.sealed_key, &self.plain_key) {
            (Some(sealed), _) => {
                tx.vault().ok_or_else(lost)?.open(sealed, &context(tx.organization_id())).map_err(|_| lost())
            }
            (None, Some(plain)) => Ok(SecretString::from(plain.as_str())),
            (None, None) => Err(lost()),
        }
    }
}

pub(in crate::compliance) fn hash_under(key: &SecretString, number: &PhoneNumber) -> Vec<u8> {
    crypto::token_hash(key.expose_secret(), number.as_str())
}

async fn stored(tx: &mut Tx) -> Result<Option<StoredKey>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        StoredKey,
        "SELECT sealed_key, plain_key FROM number_hash_keys WHERE organization_id = $1",
        organization.0
    )
    .fetch_optional(&mut **tx)
    .await
}

/// The number's hash; none while nobody of the organization was erased. Reads the key once per process.
pub(in crate::compliance) async fn hash(tx: &mut Tx, number: &PhoneNumber) -> Result<Option<Vec<u8>>, sqlx::Error> {
    if let Some(key) = tx.number_key() {
        return Ok(Some(hash_under(&key, number)));
    }
    let Some(stored) = stored(tx).await? else { return Ok(None) };
    let key = stored.open(tx)?;
    let hash = hash_under(&key, number);
    tx.remember_number_key(key);
    Ok(Some(hash))
}

/// The hashes of many numbers, in their order; none while nobody of the organization was erased.
pub(in crate::compliance) async fn hashes(
    tx: &mut Tx,
    all: impl Iterator<Item = &PhoneNumber>,
) -> Result<Option<Vec<Vec<u8>>>, sqlx::Error> {
    let key = match tx.number_key() {
        Some(key) => key,
        None => {
            let Some(stored) = stored(tx).await? else { return Ok(None) };
            let key = stored.open(tx)?;
            tx.remember_number_key(key.clone());
            key
        }
    };
    Ok(Some(all.map(|number| hash_under(&key, number)).collect()))
}

/// The number's hash, with a key made where there is none. The key is not remembered: this transaction may roll back.
pub(in crate::compliance) async fn hash_to_keep(tx: &mut Tx, number: &PhoneNumber) -> Result<Vec<u8>, sqlx::Error> {
    if let Some(key) = tx.number_key() {
        return Ok(hash_under(&key, number));
    }
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    let key = crypto::random_token(32);
    let sealed = tx.vault().map(|vault| vault.seal(&SecretString::from(key.as_str()), &context(organization)));
    sqlx::query!(
        "INSERT INTO number_hash_keys (organization_id, sealed_key, plain_key, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        organization.0,
        sealed,
        if sealed.is_some() { None } else { Some(key) },
        now,
    )
    .execute(&mut **tx)
    .await?;
    // Somebody else's may have been first.
    let stored = stored(tx).await?.ok_or(sqlx::Error::RowNotFound)?;
    Ok(hash_under(&stored.open(tx)?, number))
}

/// Seals keys that lie open because the installation had no ENCRYPTION_KEY when they were made. Returns how many.
pub async fn seal_plain_number_keys(db: &Db, vault: &Vault) -> Result<u64, sqlx::Error> {
    let mut tx = db.system().await?;
    let rows = sqlx::query!(
        r#"SELECT organization_id AS "organization_id: OrganizationId", plain_key AS "plain_key!" FROM number_hash_keys
           WHERE plain_key IS NOT NULL FOR UPDATE"#
    )
    .fetch_all(&mut *tx)
    .await?;
    for row in &rows {
        let sealed = vault.seal(&SecretString::from(row.plain_key.as_str()), &context(row.organization_id));
        sqlx::query!(
            "UPDATE number_hash_keys SET sealed_key = $2, plain_key = NULL WHERE organization_id = $1",
            row.organization_id.0,
            sealed
        )
        .execute(&mut *tx)
        .await?;
    }
    tx.commit().await?;
    Ok(rows.len() as u64)
}
