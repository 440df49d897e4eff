//! SQL on idempotency keys. The mark of a transaction is in `platform/idempotency.rs`.

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use crate::platform::{db::Tx, idempotency::Claim};

/// Old rows that one request clears away; more than the one it adds.
const CLEARED: i64 = 20;

/// What a key stands for already.
pub(in crate::accounts) struct Seen {
    pub request_hash: Vec<u8>,
    pub committed: bool,
    pub locked_until: DateTime<Utc>,
    pub status: Option<i16>,
    pub headers: Option<Value>,
    pub body: Option<Vec<u8>>,
}

/// Takes the key where nobody has it, where who had it did nothing within its lease, and where it is from before `old`. False: somebody
/// has it.
pub(in crate::accounts) async fn claim(
    tx: &mut Tx,
    claim: &Claim,
    request_hash: &[u8],
    now: DateTime<Utc>,
    locked_until: DateTime<Utc>,
    old: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "INSERT INTO idempotency_keys AS k (organization_id, subject, key, request_hash, claim, state, locked_until, created_at)
         VALUES ($1, $2, $3, $4, $5, 'running', $7, $6)
         ON CONFLICT (organization_id, subject, key) DO UPDATE
         SET claim = $5, request_hash = $4, state = 'running', locked_until = $7, created_at = $6,
             status = NULL, headers = NULL, body = NULL
         WHERE (k.state = 'running' AND k.locked_until <= $6 AND k.request_hash = $4) OR k.created_at < $8",
        claim.organization_id.0,
        claim.subject,
        claim.key,
        request_hash,
        claim.id,
        now,
        locked_until,
        old,
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(in crate::accounts) async fn seen(tx: &mut Tx, subject: Uuid, key: &str) -> Result<Option<Seen>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        Seen,
        r#"SELECT request_hash, (state = 'committed') AS "committed!", locked_until, status, headers, body
           FROM idempotency_keys WHERE organization_id = $1 AND subject = $2 AND key = $3"#,
        organization.0,
        subject,
        key,
    )
    .fetch_optional(&mut **tx)
    .await
}

/// Keeps the answer; without a body it is known only that there was one.
pub(in crate::accounts) async fn answered(
    tx: &mut Tx,
    claim: &Claim,
    status: u16,
    headers: Option<Value>,
    body: Option<&[u8]>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE idempotency_keys SET state = 'done', status = $5, headers = $6, body = $7
         WHERE organization_id = $1 AND subject = $2 AND key = $3 AND claim = $4",
        claim.organization_id.0,
        claim.subject,
        claim.key,
        claim.id,
        i16::try_from(status).unwrap_or(500),
        headers,
        body,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Frees the key where nothing was committed under it. False: something was.
pub(in crate::accounts) async fn release(tx: &mut Tx, claim: &Claim) -> Result<bool, sqlx::Error> {
    let gone = sqlx::query!(
        "DELETE FROM idempotency_keys
         WHERE organization_id = $1 AND subject = $2 AND key = $3 AND claim = $4 AND state = 'running'",
        claim.organization_id.0,
        claim.subject,
        claim.key,
        claim.id,
    )
    .execute(&mut **tx)
    .await?;
    Ok(gone.rows_affected() == 1)
}

/// Nobody is at work under the claim any more.
pub(in crate::accounts) async fn end_lease(tx: &mut Tx, claim: &Claim, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE idempotency_keys SET locked_until = $5
         WHERE organization_id = $1 AND subject = $2 AND key = $3 AND claim = $4",
        claim.organization_id.0,
        claim.subject,
        claim.key,
        claim.id,
        now,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Clears away some of the organization's rows from before `then`.
pub(in crate::accounts) async fn forget(tx: &mut Tx, then: DateTime<Utc>) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query!(
        "DELETE FROM idempotency_keys k USING (
             SELECT subject, key FROM idempotency_keys WHERE organization_id = $1 AND created_at < $2
             ORDER BY created_at LIMIT $3 FOR UPDATE SKIP LOCKED) old
         WHERE k.organization_id = $1 AND k.subject = old.subject AND k.key = old.key",
        organization.0,
        then,
        CLEARED,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}
