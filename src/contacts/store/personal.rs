//! What is exported of a contact's own row, and its end.

use super::{import_rows::erase_from_imports, segments::forget};
use crate::{
    contacts::import::left_out,
    platform::{
        db::Tx,
        ids::ContactId,
        personal::{Erased, PersonalRows},
        phone::PhoneNumber,
    },
};

/// One row: the contact. And the lists they came with.
pub const PERSONAL: &[PersonalRows] = &[
    PersonalRows {
        name: "contact",
        meaning: "name, number, e-mail address, language, tags, notes and whether texts are welcome",
        sql: "SELECT c.id::text AS key, to_jsonb(c) - 'name_key' - 'email_key' AS row FROM contacts c
              WHERE c.organization_id = $1 AND c.id = $2 AND $3::text IS NULL LIMIT $4",
    },
    PersonalRows {
        name: "activity",
        meaning: "when we last texted you, when you last booked, came, did not come, cancelled or followed a link, and how often",
        sql: "SELECT a.contact_id::text AS key, to_jsonb(a) AS row FROM contact_activity a
              WHERE a.organization_id = $1 AND a.contact_id = $2 AND $3::text IS NULL LIMIT $4",
    },
    PersonalRows {
        name: "imports",
        meaning: "lists that you were on, and what was taken over from them, for a month",
        sql: "SELECT r.import_id::text AS key, to_jsonb(r) || jsonb_build_object('file_name', i.file_name, 'at', i.created_at) AS row
              FROM contact_import_rows r
              JOIN contact_imports i ON i.organization_id = r.organization_id AND i.id = r.import_id
              WHERE r.organization_id = $1 AND r.contact_id = $2 AND ($3::uuid IS NULL OR r.import_id > $3::uuid)
              ORDER BY r.import_id LIMIT $4",
    },
];

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

/// Deletes the contact, and what is kept of them in lists that were brought in. Whatever points at it must be gone.
pub async fn erase(
    tx: &mut Tx,
    id: ContactId,
    number: &PhoneNumber,
    traits: &Traits,
) -> Result<Vec<Erased>, sqlx::Error> {
    let organization = tx.organization_id();
    let counts = erase_from_imports(tx, id, number, &left_out(number), traits.email.as_deref()).await?;
    forget(tx, id, &traits.phone_number).await?;
    sqlx::query!("DELETE FROM contacts WHERE organization_id = $1 AND id = $2", organization.0, id.0)
        .execute(&mut **tx)
        .await?;
    Ok(counts)
}
