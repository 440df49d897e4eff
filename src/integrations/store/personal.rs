//! What an erasure takes away of what was told to the organization's own systems.

use uuid::Uuid;

use crate::platform::{db::Tx, personal::Erased};

/// Deletes deliveries whose payload holds one of the words, their tries with them. Returns the count and the ids of the deliveries. What
/// was delivered is with the receiver, out of reach.
pub async fn erase(tx: &mut Tx, words: &[String]) -> Result<(Erased, Vec<Uuid>), sqlx::Error> {
    let organization = tx.organization_id();
    let gone = sqlx::query_scalar!(
        "DELETE FROM webhook_deliveries
         WHERE organization_id = $1 AND EXISTS (SELECT FROM unnest($2::text[]) AS word WHERE position(word IN payload) > 0)
         RETURNING id",
        organization.0,
        words
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok((("webhook_deliveries", gone.len() as u64), gone))
}
