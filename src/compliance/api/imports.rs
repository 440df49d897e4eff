//! Lists of numbers that are brought in: tried, taken in, and taken back.

use std::collections::HashSet;

use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::suppressions::{end, note};
use crate::{
    accounts::{Change, Staff},
    compliance::{
        imports::{self, ReadRow, RowVerdict},
        model::SuppressionBatch,
        store::suppressions::{self as store, NewBatch},
    },
    platform::{
        db::Tx,
        http::{Core, Json, Page, Paging, Path, Query},
        ids::SuppressionBatchId,
        problem::{Code, Problem, ProblemDocument, StatusCode},
    },
};

pub(super) fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new()
        .routes(routes!(import_suppressions))
        .routes(routes!(list_suppression_batches))
        .routes(routes!(undo_suppression_batch))
}

/// A list of numbers that are not to be texted.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct ImportSuppressions {
    /// CSV: one number per row, with or without a header; a column reason or note is kept with its number. Up to 10000 rows, in the
    /// 256 KiB of a request.
    #[schema(min_length = 1, example = "phone,reason\n(415) 555-0101,Asked by letter")]
    csv: String,
    /// What list it is, for the record. 1 to 500 characters.
    #[schema(min_length = 1, max_length = 500, example = "National registry, area code 415, October")]
    note: String,
    /// From then on it blocks nothing; left out: never.
    expires_at: Option<DateTime<Utc>>,
    /// true: only say what would become of each row.
    #[serde(default)]
    preview: bool,
}

/// What became, or would become, of one row.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct ImportedRow {
    /// Counted from 1, header and blank lines included.
    line: u64,
    /// What stands where the number should.
    text: String,
    /// E.164; null where none is to be seen.
    phone_number: Option<String>,
    verdict: RowVerdict,
}

/// What became, or would become, of a list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct SuppressionImport {
    /// Null for a preview, and where there was nothing to add.
    batch: Option<SuppressionBatch>,
    added: usize,
    already_there: usize,
    repeated: usize,
    invalid: usize,
    rows: Vec<ImportedRow>,
}

/// Each row with its verdict.
async fn judged(tx: &mut Tx, rows: &[ReadRow]) -> Result<Vec<ImportedRow>, sqlx::Error> {
    let numbers: Vec<String> = rows.iter().filter_map(|r| r.number.as_ref()).map(|n| n.as_str().to_owned()).collect();
    let there: HashSet<String> = store::listed(tx, &numbers).await?.into_iter().collect();
    let mut seen: HashSet<&str> = HashSet::new();
    let judged = rows.iter().map(|row| {
        let number = row.number.as_ref().map(|n| n.as_str());
        let verdict = match number {
            None => RowVerdict::Invalid,
            Some(number) if !seen.insert(number) => RowVerdict::Repeated,
            Some(number) if there.contains(number) => RowVerdict::AlreadyThere,
            Some(_) => RowVerdict::Added,
        };
        ImportedRow { line: row.line, text: row.text.clone(), phone_number: number.map(str::to_owned), verdict }
    });
    Ok(judged.collect())
}

/// Put a list of numbers on the block list, or try what would become of it. Each row gets a verdict; rows without a number are left out and
/// stop nothing. The whole list can be taken back.
#[utoipa::path(post, path = "/suppressions/import", tag = "compliance", request_body = ImportSuppressions, responses(
    (status = 200, description = "A preview, or there was nothing to add", body = SuppressionImport),
    (status = 201, description = "Taken in", body = SuppressionImport),
))]
async fn import_suppressions(
    State(core): State<Core>,
    staff: Staff,
    Json(body): Json<ImportSuppressions>,
) -> Result<(StatusCode, Json<SuppressionImport>), Problem> {
    let rows = imports::read(&body.csv, &core.config.default_region)
        .map_err(|e| Problem::invalid_field("csv", "unreadable", e.to_string()))?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let (note, expires_at) = (note("note", &body.note)?, end(body.expires_at, tx.clock().now())?);
    let judged = judged(&mut tx, &rows).await?;
    let count = |wanted: RowVerdict| judged.iter().filter(|r| r.verdict == wanted).count();
    let mut import = SuppressionImport {
        batch: None,
        added: count(RowVerdict::Added),
        already_there: count(RowVerdict::AlreadyThere),
        repeated: count(RowVerdict::Repeated),
        invalid: count(RowVerdict::Invalid),
        rows: Vec::new(),
    };
    let mut status = StatusCode::OK;
    if !body.preview && import.added > 0 {
        let (mut numbers, mut notes) = (Vec::with_capacity(import.added), Vec::with_capacity(import.added));
        for (row, read) in judged.iter().zip(&rows).filter(|(row, _)| row.verdict == RowVerdict::Added) {
            numbers.extend(row.phone_number.clone());
            notes.push(read.note.clone().unwrap_or_else(|| note.to_owned()));
        }
        let new = NewBatch { note, expires_at, user: staff.user_id(), numbers, notes };
        let id = store::import(&mut tx, &new).await?;
        let batch = store::batch(&mut tx, id).await?.ok_or_else(Problem::internal)?;
        staff.audit(&mut tx, Change::of("suppression_batch", "imported", id.0).after(&batch)).await?;
        tx.commit().await?;
        (import.batch, status) = (Some(batch), StatusCode::CREATED);
    }
    import.rows = judged;
    Ok((status, Json(import)))
}

/// Lists that were brought in, latest first. Orders: created_at.
#[utoipa::path(get, path = "/suppressions/batches", tag = "compliance", params(Paging), responses(
    (status = 200, description = "One page", body = Page<SuppressionBatch>),
))]
async fn list_suppression_batches(
    State(core): State<Core>,
    staff: Staff,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<SuppressionBatch>>, Problem> {
    let order = paging.order(store::BATCH_ORDERS)?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    Ok(Json(store::batches(&mut tx, None, &order).await?))
}

/// Take a list back: the numbers that it put on the block list, and no others, may be texted again.
#[utoipa::path(post, path = "/suppressions/batches/{id}/undo", tag = "compliance", params(("id" = SuppressionBatchId, Path)), responses(
    (status = 200, description = "The list, taken back", body = SuppressionBatch),
    (status = 404, description = "No such list", body = ProblemDocument),
    (status = 409, description = "It was taken back before", body = ProblemDocument),
))]
async fn undo_suppression_batch(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<SuppressionBatchId>,
) -> Result<Json<SuppressionBatch>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let before = store::batch(&mut tx, id).await?.ok_or_else(|| Problem::not_found("list"))?;
    if !store::undo(&mut tx, id, staff.user_id()).await? {
        return Err(Problem::new(Code::NotActive, "It was taken back before."));
    }
    let after = store::batch(&mut tx, id).await?.ok_or_else(Problem::internal)?;
    staff.audit(&mut tx, Change::of("suppression_batch", "undone", id.0).before(&before).after(&after)).await?;
    tx.commit().await?;
    Ok(Json(after))
}
