//! The mark that a transaction leaves where its request carries an Idempotency-Key. Effect and mark commit together, so whoever asks
//! again later finds out whether it was done, also after a crash. Who claims a key, and what is answered, is in `accounts/idempotency.rs`.

use std::sync::Arc;

use sqlx::PgConnection;
use uuid::Uuid;

use super::ids::OrganizationId;

/// The right to carry out the request with this key. Whoever takes it over gets another id, and the one before commits nothing more.
#[derive(Clone, Debug)]
pub struct Claim {
    pub organization_id: OrganizationId,
    pub subject: Uuid,
    pub key: String,
    pub id: Uuid,
}

tokio::task_local! {
    static CLAIM: Arc<Claim>;
}

/// Carries out a request: every transaction that commits in `work` marks the claim first. What is spawned from it does not.
pub async fn under<F: Future>(claim: Arc<Claim>, work: F) -> F::Output {
    CLAIM.scope(claim, work).await
}

/// Another request with the same key has taken over, because this one took too long.
#[derive(Debug, thiserror::Error)]
#[error("another request holds the idempotency key now")]
pub struct ClaimLost;

impl ClaimLost {
    pub(super) fn is(error: &sqlx::Error) -> bool {
        matches!(error, sqlx::Error::AnyDriverError(e) if e.is::<Self>())
    }
}

/// Marks the claim as carried out, if the request has one. `tenant` is whose transaction it is. On an error nothing may be committed.
pub(super) async fn mark(connection: &mut PgConnection, tenant: Option<OrganizationId>) -> Result<(), sqlx::Error> {
    let Ok(claim) = CLAIM.try_with(Arc::clone) else { return Ok(()) };
    if tenant.is_some_and(|tenant| tenant != claim.organization_id) {
        // The work for another organization is done; the mark is the caller's, and behind their policy.
        sqlx::query("RESET ROLE").execute(&mut *connection).await?;
    }
    let marked = sqlx::query!(
        "UPDATE idempotency_keys SET state = 'committed' WHERE organization_id = $1 AND subject = $2 AND key = $3 AND claim = $4",
        claim.organization_id.0,
        claim.subject,
        claim.key,
        claim.id,
    )
    .execute(connection)
    .await?;
    if marked.rows_affected() == 0 {
        return Err(sqlx::Error::AnyDriverError(Box::new(ClaimLost)));
    }
    Ok(())
}
