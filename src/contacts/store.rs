//! All SQL on contacts.

use chrono::{DateTime, Utc};

use super::model::{Contact, OptInStatus};
use crate::platform::{
    db::Tx,
    http::{Order, Page, SortKey, SortKind},
    ids::ContactId,
    listing::List,
    phone::PhoneNumber,
};

/// A contact whose text just came in.
pub struct Seen {
    pub id: ContactId,
    /// Their first text ever.
    pub is_new: bool,
}

/// Finds the contact with this number, or makes it, and notes that it was heard from. Locks the row.
pub async fn see(tx: &mut Tx, phone: &PhoneNumber, now: DateTime<Utc>) -> Result<Seen, sqlx::Error> {
    let (organization, id) = (tx.organization_id(), ContactId::new(tx.clock()));
    sqlx::query_as!(
        Seen,
        r#"INSERT INTO contacts (organization_id, id, phone_number, last_message_at, created_at, updated_at)
           VALUES ($1, $2, $3, $4, $4, $4)
           ON CONFLICT ON CONSTRAINT contacts_phone_number_key DO UPDATE SET last_message_at = $4
           RETURNING id AS "id: _", (id = $2) AS "is_new!""#,
        organization.0,
        id.0,
        phone.as_str(),
        now,
    )
    .fetch_one(&mut **tx)
    .await
}

/// Locks the contact for the rest of the transaction and reads it. Taken before the conversation's lock, as receiving a text does.
pub async fn lock(tx: &mut Tx, id: ContactId) -> Result<Contact, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        Contact,
        r#"SELECT id AS "id: _", phone_number, first_name, last_name, timezone, language, under_review, opt_in_status AS "opt_in_status: _",
                  last_message_at, created_at
           FROM contacts WHERE organization_id = $1 AND id = $2 FOR NO KEY UPDATE"#,
        organization.0,
        id.0,
    )
    .fetch_one(&mut **tx)
    .await
}

pub async fn get(tx: &mut Tx, id: ContactId) -> Result<Option<Contact>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        Contact,
        r#"SELECT id AS "id: _", phone_number, first_name, last_name, timezone, language, under_review, opt_in_status AS "opt_in_status: _",
                  last_message_at, created_at
           FROM contacts WHERE organization_id = $1 AND id = $2"#,
        organization.0,
        id.0,
    )
    .fetch_optional(&mut **tx)
    .await
}

pub async fn set_opt_in_status(tx: &mut Tx, id: ContactId, status: OptInStatus) -> Result<(), sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query!(
        "UPDATE contacts SET opt_in_status = $3, updated_at = $4 WHERE organization_id = $1 AND id = $2",
        organization.0,
        id.0,
        status.as_str(),
        now,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

pub async fn set_under_review(tx: &mut Tx, id: ContactId, under_review: bool) -> Result<(), sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query!(
        "UPDATE contacts SET under_review = $3, updated_at = $4
         WHERE organization_id = $1 AND id = $2 AND under_review IS DISTINCT FROM $3",
        organization.0,
        id.0,
        under_review,
        now,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

pub async fn set_language(tx: &mut Tx, id: ContactId, language: &str) -> Result<(), sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query!(
        "UPDATE contacts SET language = $3, updated_at = $4 WHERE organization_id = $1 AND id = $2",
        organization.0,
        id.0,
        language,
        now,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// What a list of contacts is narrowed to.
#[derive(Default)]
pub(super) struct Filter<'a> {
    /// Part of a name or number.
    pub text: Option<&'a str>,
    pub phone_number: Option<&'a str>,
}

/// The orders of the list of contacts.
pub(super) const ORDERS: &[SortKey] = &[
    SortKey {
        name: "last_activity",
        sql: "COALESCE(last_message_at, created_at)",
        kind: SortKind::Time,
        descending: true,
    },
    SortKey { name: "created_at", sql: "created_at", kind: SortKind::Time, descending: true },
    SortKey {
        name: "name",
        sql: "lower(concat_ws(' ', first_name, last_name))",
        kind: SortKind::Text,
        descending: false,
    },
];

pub(super) async fn list(tx: &mut Tx, filter: &Filter<'_>, order: &Order) -> Result<Page<Contact>, sqlx::Error> {
    let columns = "id, phone_number, first_name, last_name, timezone, language, under_review, opt_in_status, last_message_at, created_at";
    let mut list = List::new(tx, order, "id", columns, "contacts", "organization_id");
    list.search(&["phone_number", "concat_ws(' ', first_name, last_name)"], filter.text);
    list.filter("phone_number = ", filter.phone_number.map(str::to_owned));
    list.page(tx).await
}
