//! SQL on imports themselves: the row, the file in pieces, the errors.

use chrono::{DateTime, Utc};
use sqlx::types::Json;

use crate::{
    contacts::import::{
        BroughtBy,
        model::{ContactImport, Delimiter, Encoding, ImportOptions, ImportStatus},
    },
    platform::{
        db::Tx,
        http::{Order, Page, SortKey, SortKind},
        ids::{ApiKeyId, ContactImportId, UserId},
        listing::List,
        live::Kind,
    },
};

/// For how many days an import can be undone and its errors be had.
pub(in crate::contacts) const KEPT_DAYS: i32 = 30;

const COLUMNS: &str = "i.id, i.file_name, i.status, i.bytes, i.encoding, i.delimiter, i.options, i.rows, i.rows_done, i.created, i.updated, \
    i.unchanged, i.skipped, i.duplicate, i.invalid, i.consent_given, i.consent_refused, i.undone_deleted, i.undone_restored, i.undone_kept, \
    i.problem, u.display_name AS created_by, i.created_at, i.started_at, i.finished_at, i.undone_at, \
    i.finished_at + interval '30 days' AS undoable_until";
const FROM: &str = "contact_imports i LEFT JOIN users u ON u.id = i.user_id";

/// The orders of the list of imports.
pub(in crate::contacts) const ORDERS: &[SortKey] =
    &[SortKey { name: "created_at", sql: "i.created_at", kind: SortKind::Time, descending: true }];

/// Those whose file came in whole.
pub(in crate::contacts) async fn list(tx: &mut Tx, order: &Order) -> Result<Page<ContactImport>, sqlx::Error> {
    let mut list = List::new(tx, order, "i.id", COLUMNS, FROM, "i.organization_id");
    list.condition(true, "i.status <> 'receiving'");
    list.page(tx).await
}

pub(in crate::contacts) async fn get(tx: &mut Tx, id: ContactImportId) -> Result<Option<ContactImport>, sqlx::Error> {
    let first = Order::first(ORDERS);
    let mut list = List::new(tx, &first, "i.id", COLUMNS, FROM, "i.organization_id");
    list.filter("i.id = ", Some(id.0));
    list.condition(true, "i.status <> 'receiving'");
    Ok(list.page(tx).await?.items.pop())
}

/// A file that begins to come in.
pub(in crate::contacts) async fn begin(
    tx: &mut Tx,
    file_name: &str,
    by: BroughtBy,
) -> Result<ContactImportId, sqlx::Error> {
    let (organization, id, now) = (tx.organization_id(), ContactImportId::new(tx.real_clock()), tx.real_clock().now());
    sqlx::query!(
        "INSERT INTO contact_imports (organization_id, id, file_name, status, user_id, api_key_id, created_at)
         VALUES ($1, $2, $3, 'receiving', $4, $5, $6)",
        organization.0,
        id.0,
        file_name,
        by.user_id.map(|u| u.0),
        by.api_key_id.map(|k| k.0),
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(id)
}

/// Adds a piece of the file, which begins at the byte `start`.
pub(in crate::contacts) async fn add_chunk(
    tx: &mut Tx,
    id: ContactImportId,
    n: i32,
    start: u64,
    data: &[u8],
) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query!(
        "INSERT INTO contact_import_chunks (organization_id, import_id, n, start, data) VALUES ($1, $2, $3, $4, $5)",
        organization.0,
        id.0,
        n,
        start.cast_signed(),
        data,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// What was found out about a file while it came in.
pub(in crate::contacts) struct Received {
    pub bytes: u64,
    pub chunks: i32,
    pub encoding: Encoding,
    pub delimiter: Delimiter,
    pub rows: u64,
}

pub(in crate::contacts) async fn received(
    tx: &mut Tx,
    id: ContactImportId,
    file: &Received,
) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query!(
        "UPDATE contact_imports SET status = 'ready', bytes = $3, chunks = $4, encoding = $5, delimiter = $6, rows = $7
         WHERE organization_id = $1 AND id = $2",
        organization.0,
        id.0,
        file.bytes.cast_signed(),
        file.chunks,
        file.encoding.as_str(),
        file.delimiter.as_str(),
        file.rows.cast_signed(),
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Forgets a file that is none, with its pieces.
pub(in crate::contacts) async fn delete(tx: &mut Tx, id: ContactImportId) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query!("DELETE FROM contact_imports WHERE organization_id = $1 AND id = $2", organization.0, id.0)
        .execute(&mut **tx)
        .await
        .map(drop)
}

/// The piece of the file that holds the byte, and which byte it begins with. None: the file ends before it, or is gone.
pub(in crate::contacts) async fn chunk_at(
    tx: &mut Tx,
    id: ContactImportId,
    position: u64,
) -> Result<Option<(u64, Vec<u8>)>, sqlx::Error> {
    let organization = tx.organization_id();
    let row = sqlx::query!(
        "SELECT start, data FROM contact_import_chunks
         WHERE organization_id = $1 AND import_id = $2 AND start <= $3 ORDER BY n DESC LIMIT 1",
        organization.0,
        id.0,
        position.cast_signed(),
    )
    .fetch_optional(&mut **tx)
    .await?;
    let piece = row.map(|row| (row.start.cast_unsigned(), row.data));
    Ok(piece.filter(|(start, data)| start + data.len() as u64 > position))
}

/// Takes the file away; what was made of it stays.
pub(in crate::contacts) async fn drop_file(tx: &mut Tx, id: ContactImportId) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query!(
        "DELETE FROM contact_import_chunks WHERE organization_id = $1 AND import_id = $2",
        organization.0,
        id.0
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// How things stand with the work on a file.
#[derive(Clone, Debug)]
pub(in crate::contacts) struct Standing {
    pub status: ImportStatus,
    pub delimiter: Delimiter,
    pub options: Option<Json<ImportOptions>>,
    pub bytes: i64,
    pub position: i64,
    pub line: i64,
    pub left_out: Vec<String>,
    /// Rows that were not taken in so far.
    pub errors: i64,
    pub user_id: Option<UserId>,
    pub api_key_id: Option<ApiKeyId>,
    pub created_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
}

/// Reads how things stand and locks it: whoever holds it is the only one at work on the file. None: there is no such import.
pub(in crate::contacts) async fn lock(tx: &mut Tx, id: ContactImportId) -> Result<Option<Standing>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        Standing,
        r#"SELECT status AS "status: _", delimiter AS "delimiter: _", options AS "options: _", bytes, position, line,
                  left_out, invalid + duplicate AS "errors!", user_id AS "user_id: _", api_key_id AS "api_key_id: _", created_at, finished_at
           FROM contact_imports WHERE organization_id = $1 AND id = $2 FOR NO KEY UPDATE"#,
        organization.0,
        id.0,
    )
    .fetch_optional(&mut **tx)
    .await
}

/// Begins the work, with what staff decided.
pub(in crate::contacts) async fn start(
    tx: &mut Tx,
    id: ContactImportId,
    options: &ImportOptions,
    delimiter: Delimiter,
) -> Result<(), sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.real_clock().now());
    sqlx::query!(
        "UPDATE contact_imports SET status = 'running', options = $3, delimiter = $4, started_at = COALESCE(started_at, $5), problem = NULL
         WHERE organization_id = $1 AND id = $2",
        organization.0,
        id.0,
        serde_json::json!(options),
        delimiter.as_str(),
        now,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// What a batch of rows came to.
#[derive(Clone, Debug, Default)]
pub(in crate::contacts) struct Progress {
    pub position: u64,
    pub line: u64,
    pub rows: usize,
    pub created: usize,
    pub updated: usize,
    pub unchanged: usize,
    pub skipped: usize,
    pub duplicate: usize,
    pub invalid: usize,
    pub consent_given: usize,
    pub consent_refused: usize,
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

pub(in crate::contacts) async fn advance(tx: &mut Tx, id: ContactImportId, by: &Progress) -> Result<(), sqlx::Error> {
    tx.tell(Kind::ContactImport, id.0);
    let organization = tx.organization_id();
    sqlx::query!(
        "UPDATE contact_imports SET position = $3, line = $4, rows_done = rows_done + $5, created = created + $6, updated = updated + $7,
                unchanged = unchanged + $8, skipped = skipped + $9, duplicate = duplicate + $10, invalid = invalid + $11,
                consent_given = consent_given + $12, consent_refused = consent_refused + $13
         WHERE organization_id = $1 AND id = $2",
        organization.0,
        id.0,
        by.position.cast_signed(),
        by.line.cast_signed(),
        count(by.rows),
        count(by.created),
        count(by.updated),
        count(by.unchanged),
        count(by.skipped),
        count(by.duplicate),
        count(by.invalid),
        count(by.consent_given),
        count(by.consent_refused),
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Sets the status. An end is dated the first time. Lists of contacts are told of a file once, not with each batch.
pub(in crate::contacts) async fn set_status(
    tx: &mut Tx,
    id: ContactImportId,
    status: ImportStatus,
    problem: Option<&str>,
) -> Result<(), sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.real_clock().now());
    let ended = matches!(status, ImportStatus::Done | ImportStatus::Cancelled | ImportStatus::Expired);
    tx.tell(Kind::ContactImport, id.0);
    if matches!(status, ImportStatus::Done | ImportStatus::Cancelled | ImportStatus::Failed | ImportStatus::Undone) {
        tx.tell(Kind::Contact, None);
    }
    sqlx::query!(
        "UPDATE contact_imports SET status = $3, problem = $4, finished_at = CASE WHEN $5 THEN COALESCE(finished_at, $6) ELSE finished_at END,
                undone_at = CASE WHEN $3 = 'undone' THEN $6 ELSE undone_at END
         WHERE organization_id = $1 AND id = $2",
        organization.0,
        id.0,
        status.as_str(),
        problem,
        ended,
        now,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// What undoing a batch of contacts came to.
pub(in crate::contacts) async fn note_undone(
    tx: &mut Tx,
    id: ContactImportId,
    [deleted, restored, kept]: [usize; 3],
) -> Result<(), sqlx::Error> {
    tx.tell(Kind::ContactImport, id.0);
    let organization = tx.organization_id();
    sqlx::query!(
        "UPDATE contact_imports SET undone_deleted = undone_deleted + $3, undone_restored = undone_restored + $4,
                undone_kept = undone_kept + $5
         WHERE organization_id = $1 AND id = $2",
        organization.0,
        id.0,
        count(deleted),
        count(restored),
        count(kept),
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// A row that was not taken in, or a contact that could not be put back.
#[derive(Clone, Debug)]
pub(in crate::contacts) struct RowError {
    pub line: i64,
    pub code: String,
    pub message: String,
    pub cells: String,
}

pub(in crate::contacts) async fn add_errors(
    tx: &mut Tx,
    id: ContactImportId,
    errors: Vec<RowError>,
) -> Result<(), sqlx::Error> {
    if errors.is_empty() {
        return Ok(());
    }
    let organization = tx.organization_id();
    let (mut lines, mut codes, mut messages, mut cells) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for error in errors {
        lines.push(error.line);
        codes.push(error.code);
        messages.push(error.message);
        // Postgres text cannot hold NUL.
        cells.push(error.cells.replace('\0', ""));
    }
    sqlx::query!(
        "INSERT INTO contact_import_errors (organization_id, import_id, line, code, message, cells)
         SELECT $1, $2, e.line, e.code, left(e.message, 1000), left(e.cells, 2000)
         FROM unnest($3::bigint[], $4::text[], $5::text[], $6::text[]) AS e (line, code, message, cells)
         ON CONFLICT DO NOTHING",
        organization.0,
        id.0,
        &lines,
        &codes,
        &messages,
        &cells,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// The errors after this line and code, in the order of the file.
pub(in crate::contacts) async fn errors(
    tx: &mut Tx,
    id: ContactImportId,
    (line, code): (i64, &str),
    limit: i64,
) -> Result<Vec<RowError>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        RowError,
        "SELECT line, code, message, cells FROM contact_import_errors
         WHERE organization_id = $1 AND import_id = $2 AND (line, code) > ($3, $4) ORDER BY line, code LIMIT $5",
        organization.0,
        id.0,
        line,
        code,
        limit,
    )
    .fetch_all(&mut **tx)
    .await
}

/// Takes a bite of what is kept for a month. Returns how many rows went.
pub(in crate::contacts) async fn sweep(tx: &mut Tx, id: ContactImportId, bite: i64) -> Result<u64, sqlx::Error> {
    let organization = tx.organization_id();
    let rows = sqlx::query!(
        "DELETE FROM contact_import_rows WHERE organization_id = $1 AND import_id = $2 AND contact_id IN (
             SELECT contact_id FROM contact_import_rows WHERE organization_id = $1 AND import_id = $2 LIMIT $3)",
        organization.0,
        id.0,
        bite,
    )
    .execute(&mut **tx)
    .await?;
    let errors = sqlx::query!(
        "DELETE FROM contact_import_errors WHERE organization_id = $1 AND import_id = $2 AND line IN (
             SELECT line FROM contact_import_errors WHERE organization_id = $1 AND import_id = $2 LIMIT $3)",
        organization.0,
        id.0,
        bite,
    )
    .execute(&mut **tx)
    .await?;
    Ok(rows.rows_affected() + errors.rows_affected())
}
