//! What is exported of a contact's own row, and its end.

use crate::platform::{db::Tx, ids::ContactId, personal::PersonalRows};

/// One row: the contact.
pub const PERSONAL: &[PersonalRows] = &[PersonalRows {
    name: "contact",
    meaning: "name, number, e-mail address, language, tags, notes and whether texts are welcome",
    sql: "SELECT c.id::text AS key, to_jsonb(c) AS row FROM contacts c
          WHERE c.organization_id = $1 AND c.id = $2 AND $3::text IS NULL LIMIT $4",
}];

/// What a contact goes by.
#[derive(Debug)]
pub struct Traits {
    pub phone_number: String,
    pub email: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
}

/// Locks the contact against everything, also against rows that would point at it. None: there is no such contact.
pub async fn lock_to_erase(tx: &mut Tx, id: ContactId) -> Result<Option<Traits>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        Traits,
        "SELECT phone_number, email, first_name, last_name FROM contacts WHERE organization_id = $1 AND id = $2 FOR UPDATE",
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
