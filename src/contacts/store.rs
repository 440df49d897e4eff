//! All SQL on contacts.

pub(super) mod duplicates;
pub(super) mod import_rows;
pub(super) mod imports;
pub(super) mod known;
pub(super) mod personal;
pub(super) mod segments;

use chrono::{DateTime, Utc};

use super::{
    model::{Attributes, Contact, LifecycleStage, OptInStatus},
    segments::Filter,
};
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

/// Finds the contact with this number, or makes it, and notes that it was heard from; nobody who writes stays put away. Locks the row, and
/// that of the contact whose other number it is.
pub async fn see(tx: &mut Tx, phone: &PhoneNumber, at: DateTime<Utc>) -> Result<Seen, sqlx::Error> {
    let (organization, id) = (tx.organization_id(), ContactId::new(tx.clock()));
    // Of a contact who was merged, both at once and first, in the order in which many are locked.
    let row = sqlx::query!(
        r#"WITH merged AS (
             SELECT k.id FROM contacts c JOIN contacts k ON k.organization_id = $1 AND k.id = ANY (ARRAY[c.id, c.merged_into])
             WHERE c.organization_id = $1 AND c.phone_number = $3 AND c.merged_into IS NOT NULL
             ORDER BY k.id FOR NO KEY UPDATE OF k),
           seen AS (
             INSERT INTO contacts (organization_id, id, phone_number, last_message_at, created_at, updated_at)
             SELECT $1, $2, $3, $4, $4, $4 FROM (SELECT count(*) FROM merged) AS locked
             ON CONFLICT ON CONSTRAINT contacts_phone_number_key DO UPDATE
               SET last_message_at = GREATEST(contacts.last_message_at, $4),
                   archived_at = CASE WHEN contacts.merged_into IS NOT NULL THEN contacts.archived_at END
             RETURNING id)
           SELECT id AS "id: ContactId", (SELECT m.id FROM merged m WHERE m.id <> seen.id) AS "kept: ContactId" FROM seen"#,
        organization.0,
        id.0,
        phone.as_str(),
        at,
    )
    .fetch_one(&mut **tx)
    .await?;
    if let Some(kept) = row.kept {
        duplicates::heard_by_other_number(tx, kept, at).await?;
    }
    Ok(Seen { id: row.id, is_new: row.id == id })
}

/// Notes what a contact calls themselves on WhatsApp.
pub async fn note_profile_name(tx: &mut Tx, id: ContactId, name: &str) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query!(
        "UPDATE contacts SET profile_name = $3 WHERE organization_id = $1 AND id = $2 AND profile_name IS DISTINCT FROM $3",
        organization.0,
        id.0,
        name,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Locks the contact for the rest of the transaction and reads it. Taken before the conversation's lock, as receiving a text does.
pub async fn lock(tx: &mut Tx, id: ContactId) -> Result<Contact, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        Contact,
        r#"SELECT id AS "id: _", phone_number, first_name, last_name, email, timezone, postal_code, language, notes,
                  lifecycle_stage AS "lifecycle_stage: _", tags, custom AS "custom: _", under_review,
                  opt_in_status AS "opt_in_status: _", last_message_at, profile_name, archived_at, created_at, version,
                  merged_into AS "merged_into: _"
           FROM contacts WHERE organization_id = $1 AND id = $2 FOR NO KEY UPDATE"#,
        organization.0,
        id.0,
    )
    .fetch_one(&mut **tx)
    .await
}

/// As [`lock`], for an id that somebody gave. None: there is no such contact.
pub async fn lock_any(tx: &mut Tx, id: ContactId) -> Result<Option<Contact>, sqlx::Error> {
    match lock(tx, id).await {
        Ok(contact) => Ok(Some(contact)),
        Err(sqlx::Error::RowNotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The contact with this number.
pub async fn find(tx: &mut Tx, phone: &PhoneNumber) -> Result<Option<ContactId>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_scalar!(
        r#"SELECT id AS "id: ContactId" FROM contacts WHERE organization_id = $1 AND phone_number = $2"#,
        organization.0,
        phone.as_str(),
    )
    .fetch_optional(&mut **tx)
    .await
}

/// What staff writes about a contact.
#[derive(Clone, Debug)]
pub(super) struct Fields {
    pub phone_number: PhoneNumber,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub email: Option<String>,
    pub timezone: Option<String>,
    pub postal_code: Option<String>,
    pub language: Option<String>,
    pub notes: Option<String>,
    pub lifecycle_stage: LifecycleStage,
    pub tags: Vec<String>,
    pub custom: Attributes,
}

/// Adds a contact. None: the number is there already.
pub(super) async fn insert(tx: &mut Tx, f: &Fields) -> Result<Option<ContactId>, sqlx::Error> {
    let (organization, id, now) = (tx.organization_id(), ContactId::new(tx.clock()), tx.clock().now());
    sqlx::query_scalar!(
        r#"INSERT INTO contacts (organization_id, id, phone_number, first_name, last_name, email, timezone, language, notes,
                                 lifecycle_stage, tags, custom, created_at, updated_at, postal_code)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13, $14)
           ON CONFLICT ON CONSTRAINT contacts_phone_number_key DO NOTHING RETURNING id AS "id: ContactId""#,
        organization.0,
        id.0,
        f.phone_number.as_str(),
        f.first_name,
        f.last_name,
        f.email,
        f.timezone,
        f.language,
        f.notes,
        f.lifecycle_stage.as_str(),
        &f.tags,
        serde_json::json!(f.custom),
        now,
        f.postal_code,
    )
    .fetch_optional(&mut **tx)
    .await
}

/// Writes an edit by staff. False: another contact has the number.
pub(super) async fn update(tx: &mut Tx, id: ContactId, f: &Fields) -> Result<bool, sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    let done = sqlx::query!(
        "UPDATE contacts SET phone_number = $3, first_name = $4, last_name = $5, email = $6, timezone = $7, language = $8, notes = $9,
                lifecycle_stage = $10, tags = $11, custom = $12, updated_at = $13, postal_code = $14, version = version + 1
         WHERE organization_id = $1 AND id = $2",
        organization.0,
        id.0,
        f.phone_number.as_str(),
        f.first_name,
        f.last_name,
        f.email,
        f.timezone,
        f.language,
        f.notes,
        f.lifecycle_stage.as_str(),
        &f.tags,
        serde_json::json!(f.custom),
        now,
        f.postal_code,
    )
    .execute(&mut **tx)
    .await;
    match done {
        Ok(_) => Ok(true),
        Err(sqlx::Error::Database(e)) if e.constraint() == Some("contacts_phone_number_key") => Ok(false),
        Err(error) => Err(error),
    }
}

/// Puts the contact away, or takes them out again.
pub(super) async fn set_archived(tx: &mut Tx, id: ContactId, archived: bool) -> Result<(), sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query!(
        "UPDATE contacts SET archived_at = CASE WHEN $3 THEN $4::timestamptz END, updated_at = $4, version = version + 1
         WHERE organization_id = $1 AND id = $2 AND (archived_at IS NOT NULL) <> $3",
        organization.0,
        id.0,
        archived,
        now,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

pub async fn get(tx: &mut Tx, id: ContactId) -> Result<Option<Contact>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        Contact,
        r#"SELECT id AS "id: _", phone_number, first_name, last_name, email, timezone, postal_code, language, notes,
                  lifecycle_stage AS "lifecycle_stage: _", tags, custom AS "custom: _", under_review,
                  opt_in_status AS "opt_in_status: _", last_message_at, profile_name, archived_at, created_at, version,
                  merged_into AS "merged_into: _"
           FROM contacts WHERE organization_id = $1 AND id = $2"#,
        organization.0,
        id.0,
    )
    .fetch_optional(&mut **tx)
    .await
}

/// These contacts in the order of their ids; who was erased is left out. `lock`: they are locked in that order until the transaction ends.
pub async fn get_all(tx: &mut Tx, ids: &[ContactId], lock: bool) -> Result<Vec<Contact>, sqlx::Error> {
    let organization = tx.organization_id();
    let ids: Vec<uuid::Uuid> = ids.iter().map(|id| id.0).collect();
    if lock {
        sqlx::query!(
            "SELECT FROM contacts WHERE organization_id = $1 AND id = ANY ($2) ORDER BY id FOR NO KEY UPDATE",
            organization.0,
            &ids
        )
        .execute(&mut **tx)
        .await?;
    }
    sqlx::query_as!(
        Contact,
        r#"SELECT id AS "id: _", phone_number, first_name, last_name, email, timezone, postal_code, language, notes,
                  lifecycle_stage AS "lifecycle_stage: _", tags, custom AS "custom: _", under_review,
                  opt_in_status AS "opt_in_status: _", last_message_at, profile_name, archived_at, created_at, version, merged_into AS "merged_into: _"
           FROM contacts WHERE organization_id = $1 AND id = ANY ($2) ORDER BY id"#,
        organization.0,
        &ids,
    )
    .fetch_all(&mut **tx)
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

/// Sets the summary of many contacts' ledgers.
pub async fn set_opt_in_statuses(tx: &mut Tx, ids: &[ContactId], status: OptInStatus) -> Result<(), sqlx::Error> {
    if ids.is_empty() {
        return Ok(());
    }
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    let ids: Vec<uuid::Uuid> = ids.iter().map(|id| id.0).collect();
    sqlx::query!(
        "UPDATE contacts SET opt_in_status = $3, updated_at = $4
         WHERE organization_id = $1 AND id = ANY($2) AND opt_in_status <> $3",
        organization.0,
        &ids,
        status.as_str(),
        now,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Of these contacts, those that opted out or may have: consent from elsewhere is not recorded of them.
pub async fn closed_to_consent(tx: &mut Tx, ids: &[ContactId]) -> Result<Vec<ContactId>, sqlx::Error> {
    let organization = tx.organization_id();
    let ids: Vec<uuid::Uuid> = ids.iter().map(|id| id.0).collect();
    sqlx::query_scalar!(
        r#"SELECT id AS "id: ContactId" FROM contacts
           WHERE organization_id = $1 AND id = ANY($2) AND (opt_in_status = 'opted_out' OR under_review)"#,
        organization.0,
        &ids,
    )
    .fetch_all(&mut **tx)
    .await
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
pub(super) struct Narrowed<'a> {
    /// Part of a name, number or e-mail address.
    pub text: Option<&'a str>,
    pub phone_number: Option<&'a str>,
    pub opt_in_status: Option<OptInStatus>,
    pub lifecycle_stage: Option<LifecycleStage>,
    pub tag: Option<&'a str>,
    /// Of a segment.
    pub segment: Option<&'a Filter>,
    pub archived: bool,
    /// Whose other numbers.
    pub merged_into: Option<ContactId>,
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
        sql: "lower(btrim(COALESCE(first_name, '') || ' ' || COALESCE(last_name, '')))",
        kind: SortKind::Text,
        descending: false,
    },
];

/// As they are listed.
const COLUMNS: &str = "id, phone_number, first_name, last_name, email, timezone, postal_code, language, notes, lifecycle_stage, tags, custom, \
    under_review, opt_in_status, last_message_at, profile_name, archived_at, created_at, version, merged_into";

/// Whether somebody looks for a number, and not for a name.
fn is_part_of_number(text: &str) -> bool {
    text.chars().filter(char::is_ascii_digit).count() > 3
        && text.chars().all(|c| c.is_ascii_digit() || " +()-.".contains(c))
}

pub(super) async fn list(tx: &mut Tx, filter: &Narrowed<'_>, order: &Order) -> Result<Page<Contact>, sqlx::Error> {
    let mut list = List::new(tx, order, "id", COLUMNS, "contacts", "organization_id");
    list.search(&["phone_number", "concat_ws(' ', first_name, last_name)", "email"], filter.text);
    list.filter("phone_number = ", filter.phone_number.map(str::to_owned));
    list.filter("opt_in_status = ", filter.opt_in_status.map(OptInStatus::as_str));
    list.filter("lifecycle_stage = ", filter.lifecycle_stage.map(LifecycleStage::as_str));
    // By the table: arrays are not compared by an index under row-level security.
    list.lookup(
        tx,
        "EXISTS (SELECT FROM contact_tags t WHERE t.contact_id = contacts.id AND t.organization_id = ",
        " AND t.tag = ",
        filter.tag.map(str::to_lowercase),
    );
    if let Some(segment) = filter.segment {
        segments::narrow(list.query(), tx, segment)?;
    }
    list.filter("merged_into = ", filter.merged_into.map(|id| id.0));
    let by_number = filter.phone_number.is_some() || filter.text.is_some_and(is_part_of_number);
    match (filter.merged_into.is_some(), by_number, filter.archived) {
        // Other numbers are put away for good.
        (true, ..) => {}
        // Who looks for a number finds it, whosever it is.
        (false, true, false) => list.condition(true, "(archived_at IS NULL OR merged_into IS NOT NULL)"),
        (false, _, true) => list.condition(true, "archived_at IS NOT NULL AND merged_into IS NULL"),
        (false, false, false) => list.condition(true, "archived_at IS NULL"),
    }
    list.page(tx).await
}
