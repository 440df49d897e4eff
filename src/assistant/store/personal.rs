//! What is exported of the assistant's turns with a contact, how they are erased, and how old ones are.

use chrono::{DateTime, Utc};

use crate::platform::{
    db::Tx,
    ids::{ContactId, first_id_of},
    personal::{Erased, PersonalRows},
};

pub const PERSONAL: &[PersonalRows] = &[PersonalRows {
    name: "turns",
    meaning: "how the assistant read your texts and why it answered as it did",
    sql: "SELECT t.id::text AS key, to_jsonb(t) AS row FROM turns t
          JOIN conversations v ON v.organization_id = t.organization_id AND v.id = t.conversation_id
          WHERE t.organization_id = $1 AND v.contact_id = $2 AND ($3::uuid IS NULL OR t.id > $3::uuid) ORDER BY t.id LIMIT $4",
}];

/// Deletes the turns with the contact. Their conversations must still be there.
pub async fn erase(tx: &mut Tx, contact: ContactId) -> Result<Erased, sqlx::Error> {
    let organization = tx.organization_id();
    let gone = sqlx::query!(
        "DELETE FROM turns WHERE organization_id = $1
           AND conversation_id IN (SELECT id FROM conversations WHERE organization_id = $1 AND contact_id = $2)",
        organization.0,
        contact.0
    )
    .execute(&mut **tx)
    .await?;
    Ok(("turns", gone.rows_affected()))
}

/// Deletes up to `limit` turns from before `before`.
pub async fn sweep(tx: &mut Tx, before: DateTime<Utc>, limit: i64) -> Result<u64, sqlx::Error> {
    let organization = tx.organization_id();
    let gone = sqlx::query!(
        "DELETE FROM turns WHERE organization_id = $1 AND id IN (
           SELECT id FROM turns WHERE organization_id = $1 AND id < $2 AND created_at < $3 ORDER BY id LIMIT $4)",
        organization.0,
        first_id_of(before),
        before,
        limit,
    )
    .execute(&mut **tx)
    .await?;
    Ok(gone.rows_affected())
}
