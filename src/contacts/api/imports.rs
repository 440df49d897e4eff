//! Files of contacts: brought, looked at, started, watched, stopped, undone.

use axum::{
    Extension,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, header},
    response::Response,
};
use futures::{StreamExt, stream};
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::export::csv_file;
use crate::{
    accounts::{Change, Staff},
    contacts::{
        import::{
            Book, BroughtBy, judge,
            model::{ContactImport, ImportField, ImportOptions, ImportPreview, ImportStatus},
            receive, use_cases,
        },
        store::imports::{self as store, RowError},
    },
    platform::{
        cells::harmless,
        http::{Core, Json, Page, Paging, Path, Query},
        ids::{ContactImportId, OrganizationId},
        problem::{Code, Problem, ProblemDocument, StatusCode},
    },
};

pub(super) fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new()
        .routes(routes!(preview_contact_import))
        .routes(routes!(execute_contact_import))
        .routes(routes!(list_contact_imports))
        .routes(routes!(get_contact_import))
        .routes(routes!(preview_contact_import_again))
        .routes(routes!(cancel_contact_import))
        .routes(routes!(undo_contact_import))
        .routes(routes!(get_contact_import_errors))
}

fn brought_by(staff: &Staff) -> BroughtBy {
    BroughtBy { user_id: staff.user_id(), api_key_id: staff.api_key.as_ref().map(|(id, _)| *id) }
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct FileParams {
    /// What the file is called, for the record. Up to 200 characters.
    #[param(max_length = 200, example = "spring-fair.csv")]
    file_name: Option<String>,
}

/// Bodies of JSON and forms are no files.
fn is_file(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind.starts_with("text/")
        || matches!(kind.as_str(), "" | "application/csv" | "application/vnd.ms-excel" | "application/octet-stream")
}

/// Bring a file of contacts: the body is the file itself, of up to 1 GB, with commas, semicolons, tabs or pipes, in UTF-8, UTF-16 or
/// Windows-1252; all that is found out. The answer says what each column seems to be and what would become of each row. Nothing is done yet:
/// see `POST /contacts/import/execute`. The file is kept for a day. Also as `/leads/import/preview`.
#[utoipa::path(post, path = "/contacts/import/preview", tag = "contacts", params(FileParams),
    request_body(content((String = "text/csv"), (String = "text/tab-separated-values"), (String = "text/plain"),
                         (String = "application/octet-stream"))),
    responses(
    (status = 201, description = "What would become of it", body = ImportPreview),
    (status = 413, description = "The file is larger than 1 GB", body = ProblemDocument),
    (status = 415, description = "The body is JSON or a form, and not a file", body = ProblemDocument),
))]
async fn preview_contact_import(
    State(core): State<Core>,
    staff: Staff,
    Query(params): Query<FileParams>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<ImportPreview>), Problem> {
    if !is_file(&headers) {
        let problem = Problem::malformed("Send the file itself as the body, as text/csv.");
        return Err(Problem { status: StatusCode::UNSUPPORTED_MEDIA_TYPE, ..problem });
    }
    let name = params.file_name.unwrap_or_default().trim().to_owned();
    let name = if name.is_empty() { "contacts.csv".to_owned() } else { name };
    if name.chars().count() > 200 || name.chars().any(char::is_control) {
        return Err(Problem::invalid_field("file_name", "invalid_length", "must have at most 200 characters"));
    }
    let (organization, by) = (staff.organization_id(), brought_by(&staff));
    let (id, received) = receive::receive(&core.db, organization, &name, by, body.into_data_stream()).await?;
    let mut tx = core.db.tenant(organization).await?;
    store::received(&mut tx, id, &received).await?;
    let import = store::get(&mut tx, id).await?.ok_or_else(Problem::internal)?;
    staff.audit(&mut tx, Change::created("contact_import", id.0, &import)).await?;
    tx.commit().await?;
    let mut tx = core.db.tenant(organization).await?;
    let preview = judge::preview(&mut tx, import, ImportOptions::default(), &core.config.default_region).await?;
    Ok((StatusCode::CREATED, Json(preview)))
}

/// What would become of a file that was brought, with these columns and decisions. Changes nothing.
#[utoipa::path(post, path = "/contacts/imports/{id}/preview", tag = "contacts", params(("id" = ContactImportId, Path)),
    request_body = ImportOptions, responses(
    (status = 200, description = "What would become of it", body = ImportPreview),
    (status = 404, description = "No such import", body = ProblemDocument),
    (status = 409, description = "It was started before, or the file is no longer kept", body = ProblemDocument),
))]
async fn preview_contact_import_again(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<ContactImportId>,
    Json(options): Json<ImportOptions>,
) -> Result<Json<ImportPreview>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let import = store::get(&mut tx, id).await?.ok_or_else(|| Problem::not_found("import"))?;
    if import.status != ImportStatus::Ready {
        return Err(Problem::new(Code::WrongState, "It was started before, or the file is no longer kept."));
    }
    Ok(Json(judge::preview(&mut tx, import, options, &core.config.default_region).await?))
}

/// Which file to take in, and how.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct ExecuteImport {
    import_id: ContactImportId,
    /// What is left out is guessed, as the preview showed.
    options: Option<ImportOptions>,
}

/// Take a file in that was brought. The work goes on in the background and survives a crash; `GET /contacts/imports/{id}` shows how far it is.
/// One that failed goes on where it was. Nobody's opt-out, block or do-not-call entry is lifted by it. Also as `/leads/import/execute`.
#[utoipa::path(post, path = "/contacts/import/execute", tag = "contacts", request_body = ExecuteImport, responses(
    (status = 202, description = "It is at work", body = ContactImport),
    (status = 404, description = "No such import", body = ProblemDocument),
    (status = 409, description = "It was started before, or the file is no longer kept", body = ProblemDocument),
))]
async fn execute_contact_import(
    State(core): State<Core>,
    Extension(book): Extension<Book>,
    staff: Staff,
    Json(body): Json<ExecuteImport>,
) -> Result<(StatusCode, Json<ContactImport>), Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let (id, options) = (body.import_id, body.options.unwrap_or_default());
    let import = use_cases::execute(&mut tx, &book, id, options, &core.config.default_region).await?;
    staff.audit(&mut tx, Change::of("contact_import", "started", id.0).after(&import)).await?;
    tx.commit().await?;
    Ok((StatusCode::ACCEPTED, Json(import)))
}

/// Files of contacts that were brought, latest first. Orders: created_at.
#[utoipa::path(get, path = "/contacts/imports", tag = "contacts", params(Paging), responses(
    (status = 200, description = "One page", body = Page<ContactImport>),
))]
async fn list_contact_imports(
    State(core): State<Core>,
    staff: Staff,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<ContactImport>>, Problem> {
    let order = paging.order(store::ORDERS)?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    Ok(Json(store::list(&mut tx, &order).await?))
}

/// How far a file is.
#[utoipa::path(get, path = "/contacts/imports/{id}", tag = "contacts", params(("id" = ContactImportId, Path)), responses(
    (status = 200, description = "The import", body = ContactImport),
    (status = 404, description = "No such import", body = ProblemDocument),
))]
async fn get_contact_import(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<ContactImportId>,
) -> Result<Json<ContactImport>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    store::get(&mut tx, id).await?.map(Json).ok_or_else(|| Problem::not_found("import"))
}

/// Stop the work on a file, or throw one away that was not started. What was taken in until then stays, and can be undone.
#[utoipa::path(post, path = "/contacts/imports/{id}/cancel", tag = "contacts", params(("id" = ContactImportId, Path)), responses(
    (status = 200, description = "The import", body = ContactImport),
    (status = 404, description = "No such import", body = ProblemDocument),
    (status = 409, description = "It is over", body = ProblemDocument),
))]
async fn cancel_contact_import(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<ContactImportId>,
) -> Result<Json<ContactImport>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let import = use_cases::cancel(&mut tx, id).await?;
    staff.audit(&mut tx, Change::of("contact_import", "cancelled", id.0)).await?;
    tx.commit().await?;
    Ok(Json(import))
}

/// Take a file back, within 30 days: contacts that it made are deleted, and fields that it changed are as before, where nothing happened to
/// them since; consent that it recorded ends. What could not be undone is in the file of errors. The work goes on in the background.
#[utoipa::path(post, path = "/contacts/imports/{id}/undo", tag = "contacts", params(("id" = ContactImportId, Path)), responses(
    (status = 202, description = "It is at work", body = ContactImport),
    (status = 404, description = "No such import", body = ProblemDocument),
    (status = 409, description = "It is not finished, was undone before, or is too long ago", body = ProblemDocument),
))]
async fn undo_contact_import(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<ContactImportId>,
) -> Result<(StatusCode, Json<ContactImport>), Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let import = use_cases::undo(&mut tx, id, brought_by(&staff)).await?;
    staff.audit(&mut tx, Change::of("contact_import", "undone", id.0)).await?;
    tx.commit().await?;
    Ok((StatusCode::ACCEPTED, Json(import)))
}

/// The rows that were not taken in, or could not be undone, and why, as a CSV file: line, code, message, and the cells as they were. Mended,
/// it can be brought again. Cells that a spreadsheet would take for a formula have a ' in front. Up to 100000 rows, for 30 days.
#[utoipa::path(get, path = "/contacts/imports/{id}/errors.csv", tag = "contacts", params(("id" = ContactImportId, Path)), responses(
    (status = 200, description = "The file", body = String, content_type = "text/csv"),
    (status = 404, description = "No such import", body = ProblemDocument),
))]
async fn get_contact_import_errors(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<ContactImportId>,
) -> Result<Response, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let import = store::get(&mut tx, id).await?.ok_or_else(|| Problem::not_found("import"))?;
    drop(tx);
    let errors = Errors { core, organization: staff.organization_id(), id };
    let header = csv_piece([header_of(&import)])?;
    let (first, after) = errors.piece((0, String::new())).await?;
    let rest = stream::unfold((errors, after), |(errors, after)| async move {
        let (piece, next) = match errors.piece(after?).await {
            Ok((piece, next)) => (Ok(piece), next),
            // The client sees a file that breaks off, not one that looks whole.
            Err(problem) => (Err(std::io::Error::other(problem.detail)), None),
        };
        Some((piece, (errors, next)))
    });
    let pieces = stream::iter([Ok(header), Ok(first)]).chain(rest);
    Ok(csv_file(pieces, &format!("import-{id}-errors.csv")))
}

/// As the columns were decided, so that they are known again.
fn header_of(import: &ContactImport) -> Vec<String> {
    let columns = import.options.as_ref().and_then(|o| o.columns.as_deref()).unwrap_or_default();
    let named = columns.iter().enumerate().map(|(n, column)| match (column.field, &column.name) {
        (ImportField::Ignore, _) => format!("column {}", n + 1),
        (ImportField::Custom, Some(name)) => harmless(name),
        (field, _) => field.as_str().to_owned(),
    });
    ["line", "code", "message"].map(str::to_owned).into_iter().chain(named).collect()
}

fn csv_piece(rows: impl IntoIterator<Item = Vec<String>>) -> Result<Bytes, Problem> {
    let mut csv = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    let mut written = Ok(());
    for row in rows {
        written = written.and_then(|()| csv.write_record(row));
    }
    written.ok().and_then(|()| csv.into_inner().ok()).map(Bytes::from).ok_or_else(Problem::internal)
}

fn record(error: &RowError) -> Vec<String> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(error.cells.as_bytes());
    let cells = reader.records().next().and_then(Result::ok).unwrap_or_default();
    let told = [error.line.to_string(), error.code.clone(), harmless(&error.message)];
    told.into_iter().chain(cells.iter().map(harmless)).collect()
}

/// A file of errors in the making.
struct Errors {
    core: Core,
    organization: OrganizationId,
    id: ContactImportId,
}

impl Errors {
    async fn piece(&self, (line, code): (i64, String)) -> Result<(Bytes, Option<(i64, String)>), Problem> {
        const MOST: usize = 1000;
        let mut tx = self.core.db.tenant(self.organization).await?;
        let errors = store::errors(&mut tx, self.id, (line, &code), MOST as i64).await?;
        drop(tx);
        let after = errors.last().filter(|_| errors.len() == MOST).map(|e| (e.line, e.code.clone()));
        Ok((csv_piece(errors.iter().map(record))?, after))
    }
}
