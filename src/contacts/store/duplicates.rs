//! SQL that finds contacts who may be one person, and that makes one of them the other's number.

use chrono::{DateTime, Utc};

use crate::{
    contacts::model::Contact,
    platform::{
        db::Tx,
        http::{Order, Page, SortKey, SortKind},
        ids::ContactId,
        listing::List,
    },
};

/// How many contacts one page looks at: what a request costs does not depend on how many there are.
const LOOKED_AT: usize = 2000;
/// Older contacts of one name, or of one address, that each is held against.
const HELD_AGAINST: i64 = 20;

/// By id, which is by age.
pub(in crate::contacts) const ORDERS: &[SortKey] =
    &[SortKey { name: "created_at", sql: "id", kind: SortKind::Id, descending: true }];

/// The contacts that a page of likely duplicates looks at.
pub(in crate::contacts) async fn to_look_at(tx: &mut Tx, order: &Order) -> Result<Page<Contact>, sqlx::Error> {
    let order = order.wider(LOOKED_AT);
    let mut list = List::new(tx, &order, "id", super::COLUMNS, "contacts", "organization_id");
    list.condition(true, "archived_at IS NULL");
    list.page(tx).await
}

/// Older contacts with the e-mail address or the whole name of one of these, and whose they are. Each contact comes once for each.
pub(in crate::contacts) async fn alike(
    tx: &mut Tx,
    of: &[ContactId],
) -> Result<Vec<(ContactId, ContactId)>, sqlx::Error> {
    let organization = tx.organization_id();
    let of: Vec<uuid::Uuid> = of.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"SELECT c.id AS "id: ContactId", o.id AS "other!: ContactId"
           FROM contacts c CROSS JOIN LATERAL (
             (SELECT e.id FROM contacts e
              WHERE e.organization_id = $1 AND e.archived_at IS NULL AND e.email_key = c.email_key
                AND e.id < c.id ORDER BY e.id DESC LIMIT $3)
             UNION
             (SELECT n.id FROM contacts n
              WHERE n.organization_id = $1 AND n.archived_at IS NULL AND n.name_key = c.name_key
                AND n.id < c.id ORDER BY n.id DESC LIMIT $3)) AS o
           WHERE c.organization_id = $1 AND c.id = ANY($2) ORDER BY c.id DESC, o.id DESC"#,
        organization.0,
        &of,
        HELD_AGAINST,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.other)).collect())
}

/// These contacts, in no order.
pub(in crate::contacts) async fn all_of(tx: &mut Tx, ids: &[ContactId]) -> Result<Vec<Contact>, sqlx::Error> {
    let organization = tx.organization_id();
    let ids: Vec<uuid::Uuid> = ids.iter().map(|id| id.0).collect();
    sqlx::query_as!(
        Contact,
        r#"SELECT id AS "id: _", phone_number, first_name, last_name, email, timezone, postal_code, language, notes,
                  lifecycle_stage AS "lifecycle_stage: _", tags, custom AS "custom: _", under_review,
                  opt_in_status AS "opt_in_status: _", last_message_at, profile_name, archived_at, created_at, version,
                  merged_into AS "merged_into: _"
           FROM contacts WHERE organization_id = $1 AND id = ANY($2)"#,
        organization.0,
        &ids,
    )
    .fetch_all(&mut **tx)
    .await
}

/// Locks both, in the order in which many are locked.
pub(in crate::contacts) async fn lock_both(tx: &mut Tx, one: ContactId, other: ContactId) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query!(
        "SELECT id FROM contacts WHERE organization_id = $1 AND id = ANY($2) ORDER BY id FOR NO KEY UPDATE",
        organization.0,
        &[one.0, other.0],
    )
    .fetch_all(&mut **tx)
    .await
    .map(drop)
}

/// Makes the contact, and those that were merged into it before, other numbers of the one that is kept.
pub(in crate::contacts) async fn merge_into(tx: &mut Tx, kept: ContactId, other: ContactId) -> Result<(), sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query!(
        "UPDATE contacts SET merged_into = $2, merged_at = COALESCE(merged_at, $4), archived_at = COALESCE(archived_at, $4), updated_at = $4,
                version = version + 1
         WHERE organization_id = $1 AND (id = $3 OR merged_into = $3)",
        organization.0,
        kept.0,
        other.0,
        now,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Notes when somebody was heard from by a number that is now their other one.
pub(in crate::contacts) async fn note_heard(
    tx: &mut Tx,
    kept: ContactId,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query!(
        "UPDATE contacts SET last_message_at = GREATEST(last_message_at, $3) WHERE organization_id = $1 AND id = $2",
        organization.0,
        kept.0,
        at,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Notes that somebody was heard from by their other number; nobody who writes stays put away.
pub(in crate::contacts) async fn heard_by_other_number(
    tx: &mut Tx,
    kept: ContactId,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query!(
        "UPDATE contacts SET last_message_at = GREATEST(last_message_at, $3), archived_at = NULL WHERE organization_id = $1 AND id = $2",
        organization.0,
        kept.0,
        at,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Whose other number this contact is; none: their own, or nobody's.
pub async fn merged_into(tx: &mut Tx, id: ContactId) -> Result<Option<ContactId>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_scalar!(
        r#"SELECT merged_into AS "kept!: ContactId" FROM contacts WHERE organization_id = $1 AND id = $2 AND merged_into IS NOT NULL"#,
        organization.0,
        id.0,
    )
    .fetch_optional(&mut **tx)
    .await
}

/// The contact and their other numbers, whose texts and consent are theirs too; the contact first.
pub async fn numbers_of(tx: &mut Tx, id: ContactId) -> Result<Vec<ContactId>, sqlx::Error> {
    let organization = tx.organization_id();
    let others = sqlx::query_scalar!(
        r#"SELECT id AS "id: ContactId" FROM contacts WHERE organization_id = $1 AND merged_into = $2 ORDER BY id"#,
        organization.0,
        id.0,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(std::iter::once(id).chain(others).collect())
}

/// Locks the contact; of one that was merged the one that was kept. None: there is no such contact.
pub async fn lock_person(tx: &mut Tx, id: ContactId) -> Result<Option<Contact>, sqlx::Error> {
    let mut id = merged_into(tx, id).await?.unwrap_or(id);
    loop {
        match super::lock_any(tx, id).await? {
            // Merged while this waited for the lock.
            Some(Contact { merged_into: Some(kept), .. }) => id = kept,
            contact => return Ok(contact),
        }
    }
}
