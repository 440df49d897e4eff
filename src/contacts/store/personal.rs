//! What is exported of a contact's own row, and its end.

use crate::platform::{db::Tx, ids::ContactId, personal::PersonalRows};

/// One row: the contact.
pub const PERSONAL: &[PersonalRows] = &[PersonalRows {
    name: "contact",
    meaning: "name, number, time zone, language and whether texts are welcome",
    sql: "SELECT c.id::text AS key, to_jsonb(c) AS row FROM contacts c
          WHERE c.organization_id = $1 AND c.id = $2 AND $3::text IS NULL LIMIT $4",
}];

/// Locks the contact against everything, also against rows that would point at it, and gives its number. None: there is no such contact.
pub async fn lock_to_erase(tx: &mut Tx, id: ContactId) -> Result<Option<String>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_scalar!(
        "SELECT phone_number FROM contacts WHERE organization_id = $1 AND id = $2 FOR UPDATE",
        organization.0,
        id.0,
    )
    .fetch_optional(&mut **tx)
    .await
}

/// Deletes the contact. Whatever points at it must be gone.
pub async fn erase(tx: &mut Tx, id: ContactId) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query!("DELETE FROM contacts WHERE organization_id = $1 AND id = $2", organization.0, id.0)
        .execute(&mut **tx)
        .await
        .map(drop)
}
