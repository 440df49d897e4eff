//! SQL that takes rows of a file in, many at once, and back out.

use sqlx::types::Json;
use uuid::Uuid;

use crate::{
    contacts::{
        import::rows::Details,
        model::{Attributes, LifecycleStage, OptInStatus},
    },
    platform::{
        db::Tx,
        ids::{ConsentEventId, ContactId, ContactImportId},
        personal::Erased,
        phone::PhoneNumber,
    },
};

/// A contact that a row is about.
#[derive(Clone, Debug)]
pub(in crate::contacts) struct Known {
    pub id: ContactId,
    pub phone_number: String,
    pub details: Details,
    pub version: i64,
    pub opted_out: bool,
    /// It is another contact's number.
    pub merged: bool,
    /// A row of this import was about it before.
    pub seen: bool,
    /// Never heard from, and nothing else was noted of them.
    pub untouched: bool,
}

/// Locks those of these numbers' contacts that there are, always in one order.
pub(in crate::contacts) async fn lock_numbers(tx: &mut Tx, numbers: &[String]) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query!(
        "SELECT id FROM contacts WHERE organization_id = $1 AND phone_number = ANY($2) ORDER BY id FOR NO KEY UPDATE",
        organization.0,
        numbers,
    )
    .fetch_all(&mut **tx)
    .await
    .map(drop)
}

/// The contacts with these numbers.
pub(in crate::contacts) async fn known(
    tx: &mut Tx,
    import: ContactImportId,
    numbers: &[String],
) -> Result<Vec<Known>, sqlx::Error> {
    let organization = tx.organization_id();
    let rows = sqlx::query!(
        r#"SELECT id AS "id: ContactId", phone_number, first_name, last_name, email, timezone, postal_code, language, notes,
                  lifecycle_stage AS "lifecycle_stage: LifecycleStage", tags, custom AS "custom: Json<Attributes>", version,
                  opt_in_status AS "opt_in_status: OptInStatus", merged_into IS NOT NULL AS "merged!",
                  last_message_at IS NULL AND profile_name IS NULL AND NOT under_review AS "untouched!",
                  EXISTS (SELECT FROM contact_import_rows r WHERE r.organization_id = $1 AND r.import_id = $3
                            AND r.contact_id = contacts.id) AS "seen!"
           FROM contacts WHERE organization_id = $1 AND phone_number = ANY($2)"#,
        organization.0,
        numbers,
        import.0,
    )
    .fetch_all(&mut **tx)
    .await?;
    let known = rows.into_iter().map(|r| Known {
        id: r.id,
        phone_number: r.phone_number,
        details: Details {
            first_name: r.first_name,
            last_name: r.last_name,
            email: r.email,
            timezone: r.timezone,
            postal_code: r.postal_code,
            language: r.language,
            notes: r.notes,
            lifecycle_stage: Some(r.lifecycle_stage),
            tags: r.tags,
            custom: r.custom.0,
        },
        version: r.version,
        opted_out: r.opt_in_status == OptInStatus::OptedOut,
        merged: r.merged,
        seen: r.seen,
        untouched: r.untouched,
    });
    Ok(known.collect())
}

/// Details of many contacts, column by column.
#[derive(Default)]
struct Columns {
    first_names: Vec<Option<String>>,
    last_names: Vec<Option<String>>,
    emails: Vec<Option<String>>,
    timezones: Vec<Option<String>>,
    postal_codes: Vec<Option<String>>,
    languages: Vec<Option<String>>,
    notes: Vec<Option<String>>,
    stages: Vec<String>,
    tags: Vec<serde_json::Value>,
    custom: Vec<serde_json::Value>,
}

impl Columns {
    fn of<'a>(all: impl Iterator<Item = &'a Details>) -> Self {
        let mut columns = Self::default();
        for details in all {
            columns.first_names.push(details.first_name.clone());
            columns.last_names.push(details.last_name.clone());
            columns.emails.push(details.email.clone());
            columns.timezones.push(details.timezone.clone());
            columns.postal_codes.push(details.postal_code.clone());
            columns.languages.push(details.language.clone());
            columns.notes.push(details.notes.clone());
            columns.stages.push(details.lifecycle_stage.unwrap_or_default().as_str().to_owned());
            columns.tags.push(serde_json::json!(details.tags));
            columns.custom.push(serde_json::json!(details.custom));
        }
        columns
    }
}

/// Adds contacts in the order of their numbers. Gives the numbers that were added; somebody else's may have been first.
pub(in crate::contacts) async fn insert(
    tx: &mut Tx,
    new: &[(ContactId, PhoneNumber, Details)],
) -> Result<Vec<ContactId>, sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    let ids: Vec<Uuid> = new.iter().map(|(id, ..)| id.0).collect();
    let numbers: Vec<String> = new.iter().map(|(_, number, _)| number.as_str().to_owned()).collect();
    let c = Columns::of(new.iter().map(|(.., details)| details));
    sqlx::query_scalar!(
        r#"INSERT INTO contacts (organization_id, id, phone_number, first_name, last_name, email, timezone, postal_code, language, notes,
                                 lifecycle_stage, tags, custom, created_at, updated_at)
           SELECT $1, n.id, n.phone_number, n.first_name, n.last_name, n.email, n.timezone, n.postal_code, n.language, n.notes,
                  n.lifecycle_stage, ARRAY(SELECT jsonb_array_elements_text(n.tags)), n.custom, $2, $2
           FROM unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[],
                       $12::text[], $13::jsonb[], $14::jsonb[])
             AS n (id, phone_number, first_name, last_name, email, timezone, postal_code, language, notes, lifecycle_stage, tags, custom)
           ORDER BY n.phone_number
           ON CONFLICT ON CONSTRAINT contacts_phone_number_key DO NOTHING
           RETURNING id AS "id: ContactId""#,
        organization.0,
        now,
        &ids,
        &numbers,
        &c.first_names as &[Option<String>],
        &c.last_names as &[Option<String>],
        &c.emails as &[Option<String>],
        &c.timezones as &[Option<String>],
        &c.postal_codes as &[Option<String>],
        &c.languages as &[Option<String>],
        &c.notes as &[Option<String>],
        &c.stages,
        &c.tags,
        &c.custom,
    )
    .fetch_all(&mut **tx)
    .await
}

/// Writes what contacts are known by. Their versions grow, as with an edit.
pub(in crate::contacts) async fn update(tx: &mut Tx, changed: &[(ContactId, Details)]) -> Result<(), sqlx::Error> {
    if changed.is_empty() {
        return Ok(());
    }
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    let ids: Vec<Uuid> = changed.iter().map(|(id, _)| id.0).collect();
    let c = Columns::of(changed.iter().map(|(_, details)| details));
    sqlx::query!(
        "UPDATE contacts SET first_name = n.first_name, last_name = n.last_name, email = n.email, timezone = n.timezone,
                postal_code = n.postal_code, language = n.language, notes = n.notes, lifecycle_stage = n.lifecycle_stage,
                tags = ARRAY(SELECT jsonb_array_elements_text(n.tags)), custom = n.custom, updated_at = $2, version = version + 1
         FROM unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[],
                     $12::jsonb[], $13::jsonb[])
           AS n (id, first_name, last_name, email, timezone, postal_code, language, notes, lifecycle_stage, tags, custom)
         WHERE contacts.organization_id = $1 AND contacts.id = n.id",
        organization.0,
        now,
        &ids,
        &c.first_names as &[Option<String>],
        &c.last_names as &[Option<String>],
        &c.emails as &[Option<String>],
        &c.timezones as &[Option<String>],
        &c.postal_codes as &[Option<String>],
        &c.languages as &[Option<String>],
        &c.notes as &[Option<String>],
        &c.stages,
        &c.tags,
        &c.custom,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// What became of a contact by a row.
#[derive(Clone, Debug)]
pub(in crate::contacts) struct Trace {
    pub contact_id: ContactId,
    pub line: i64,
    pub outcome: &'static str,
    /// After it.
    pub version: i64,
    pub changed: Option<serde_json::Value>,
    pub consent_event_id: Option<ConsentEventId>,
}

pub(in crate::contacts) async fn note(
    tx: &mut Tx,
    import: ContactImportId,
    traces: &[Trace],
) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    let ids: Vec<Uuid> = traces.iter().map(|t| t.contact_id.0).collect();
    let lines: Vec<i64> = traces.iter().map(|t| t.line).collect();
    let outcomes: Vec<String> = traces.iter().map(|t| t.outcome.to_owned()).collect();
    let versions: Vec<i64> = traces.iter().map(|t| t.version).collect();
    let changed: Vec<Option<serde_json::Value>> = traces.iter().map(|t| t.changed.clone()).collect();
    let events: Vec<Option<Uuid>> = traces.iter().map(|t| t.consent_event_id.map(|e| e.0)).collect();
    sqlx::query!(
        "INSERT INTO contact_import_rows (organization_id, import_id, contact_id, line, outcome, version, changed, consent_event_id)
         SELECT $1, $2, t.contact_id, t.line, t.outcome, t.version, t.changed, t.consent_event_id
         FROM unnest($3::uuid[], $4::bigint[], $5::text[], $6::bigint[], $7::jsonb[], $8::uuid[])
           AS t (contact_id, line, outcome, version, changed, consent_event_id)",
        organization.0,
        import.0,
        &ids,
        &lines,
        &outcomes,
        &versions,
        &changed as &[Option<serde_json::Value>],
        &events as &[Option<Uuid>],
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// A contact that is to be put back.
#[derive(Clone, Debug)]
pub(in crate::contacts) struct ToUndo {
    pub contact_id: ContactId,
    pub phone_number: String,
    pub line: i64,
    pub outcome: String,
    pub version: i64,
    pub changed: Option<serde_json::Value>,
    pub consent_event_id: Option<ConsentEventId>,
}

/// Some of the contacts that this import was about, locked.
pub(in crate::contacts) async fn to_undo(
    tx: &mut Tx,
    import: ContactImportId,
    limit: i64,
) -> Result<Vec<ToUndo>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        ToUndo,
        r#"SELECT r.contact_id AS "contact_id: _", c.phone_number, r.line, r.outcome, r.version, r.changed,
                  r.consent_event_id AS "consent_event_id: _"
           FROM contact_import_rows r JOIN contacts c ON c.organization_id = r.organization_id AND c.id = r.contact_id
           WHERE r.organization_id = $1 AND r.import_id = $2 ORDER BY r.contact_id LIMIT $3 FOR NO KEY UPDATE OF c"#,
        organization.0,
        import.0,
        limit,
    )
    .fetch_all(&mut **tx)
    .await
}

/// These contacts have been dealt with.
pub(in crate::contacts) async fn forget(
    tx: &mut Tx,
    import: ContactImportId,
    contacts: &[ContactId],
) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    let contacts: Vec<Uuid> = contacts.iter().map(|c| c.0).collect();
    sqlx::query!(
        "DELETE FROM contact_import_rows WHERE organization_id = $1 AND import_id = $2 AND contact_id = ANY($3)",
        organization.0,
        import.0,
        &contacts,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Deletes contacts. The keys of whatever points at one refuse it.
pub(in crate::contacts) async fn delete(tx: &mut Tx, contacts: &[ContactId]) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    let contacts: Vec<Uuid> = contacts.iter().map(|c| c.0).collect();
    sqlx::query!("DELETE FROM contacts WHERE organization_id = $1 AND id = ANY($2)", organization.0, &contacts)
        .execute(&mut **tx)
        .await
        .map(drop)
}

/// Begins a part of the transaction that can be given up alone.
pub(in crate::contacts) async fn savepoint(tx: &mut Tx) -> Result<(), sqlx::Error> {
    sqlx::query("SAVEPOINT attempt").execute(&mut **tx).await.map(drop)
}

pub(in crate::contacts) async fn keep_attempt(tx: &mut Tx) -> Result<(), sqlx::Error> {
    sqlx::query("RELEASE SAVEPOINT attempt").execute(&mut **tx).await.map(drop)
}

pub(in crate::contacts) async fn give_attempt_up(tx: &mut Tx) -> Result<(), sqlx::Error> {
    sqlx::query("ROLLBACK TO SAVEPOINT attempt").execute(&mut **tx).await.map(drop)
}

/// Something points at the row that was to be deleted.
pub(in crate::contacts) fn is_pointed_at(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(|e| e.code()).is_some_and(|code| code == "23503")
}

/// Takes a contact out of what is kept of files: what became of their rows, rows that were not taken in, and the files that wait to be
/// started, in which nobody can find somebody in every spelling. A file that is at work passes their rows over from now on.
pub(in crate::contacts) async fn erase_from_imports(
    tx: &mut Tx,
    contact: ContactId,
    number: &PhoneNumber,
    number_sha256: &str,
    email: Option<&str>,
) -> Result<Vec<Erased>, sqlx::Error> {
    let organization = tx.organization_id();
    let rows = sqlx::query!(
        "DELETE FROM contact_import_rows WHERE organization_id = $1 AND contact_id = $2",
        organization.0,
        contact.0
    )
    .execute(&mut **tx)
    .await?;
    // The last seven digits stand in every spelling of the number.
    let digits = number.as_str().trim_start_matches('+');
    let digits = &digits[digits.len().saturating_sub(7)..];
    let errors = sqlx::query!(
        "DELETE FROM contact_import_errors
         WHERE organization_id = $1 AND (regexp_replace(cells, '[^0-9]', '', 'g') LIKE '%' || $2 || '%'
               OR position(lower($3) IN lower(cells)) > 0)",
        organization.0,
        digits,
        email,
    )
    .execute(&mut **tx)
    .await?;
    let waiting = sqlx::query!(
        "DELETE FROM contact_import_chunks WHERE organization_id = $1 AND import_id IN (
             SELECT id FROM contact_imports WHERE organization_id = $1 AND status IN ('ready', 'failed'))",
        organization.0,
    )
    .execute(&mut **tx)
    .await?;
    let now = tx.real_clock().now();
    sqlx::query!(
        "UPDATE contact_imports SET status = CASE WHEN rows_done > 0 THEN 'cancelled' ELSE 'expired' END, finished_at = $2
         WHERE organization_id = $1 AND status IN ('ready', 'failed')",
        organization.0,
        now,
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "UPDATE contact_imports SET left_out = array_append(left_out, $2) WHERE organization_id = $1 AND status IN ('running', 'receiving')",
        organization.0,
        number_sha256,
    )
    .execute(&mut **tx)
    .await?;
    Ok(vec![
        ("import_rows", rows.rows_affected()),
        ("import_errors", errors.rows_affected()),
        ("import_files", waiting.rows_affected()),
    ])
}
