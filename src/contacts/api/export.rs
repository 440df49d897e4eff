//! Contacts as a file, of any number.

use axum::{
    body::{Body, Bytes},
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, SecondsFormat, Utc};
use futures::{Stream, StreamExt, stream};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::ListParams;
use crate::{
    accounts::{Change, Staff},
    contacts::{model::Contact, segments::Filter, store},
    platform::{
        cells::harmless,
        http::{Core, Paging, Query},
        ids::OrganizationId,
        problem::{Problem, ProblemDocument},
    },
};

pub(super) fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new().routes(routes!(export_contacts))
}

/// Every contact that matches, as a CSV file with a header, latest first. Cells that a spreadsheet would take for a formula have a ' in front.
/// It can be brought in again as it is. The download is noted in the audit log.
#[utoipa::path(get, path = "/contacts/export", tag = "contacts", params(ListParams), responses(
    (status = 200, description = "The file", body = String, content_type = "text/csv"),
    (status = 404, description = "No such segment", body = ProblemDocument),
))]
async fn export_contacts(
    State(core): State<Core>,
    staff: Staff,
    Query(params): Query<ListParams>,
) -> Result<Response, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    // As the segment is now: a file is of one filter.
    let segment = params.segment(&mut tx).await?;
    // Noted before anything is read: no list leaves without its entry.
    staff.audit(&mut tx, Change::of("contact", "list_exported", None).after(&params)).await?;
    tx.commit().await?;
    let export = Export { core, organization: staff.organization_id(), params, segment };
    // The first piece is read before anything is sent, so that what is wrong can still be said.
    let (first, cursor) = export.piece(None).await?;
    let rest = stream::unfold((export, cursor), |(export, cursor)| async move {
        let (piece, next) = match export.piece(Some(cursor?)).await {
            Ok((piece, next)) => (Ok(piece), next),
            // The client sees a file that breaks off, not one that looks whole.
            Err(problem) => (Err(std::io::Error::other(problem.detail)), None),
        };
        Some((piece, (export, next)))
    });
    Ok(csv_file(stream::once(async move { Ok(first) }).chain(rest), "contacts.csv"))
}

/// A file that is sent as it is made.
pub(super) fn csv_file(
    pieces: impl Stream<Item = Result<Bytes, std::io::Error>> + Send + 'static,
    name: &str,
) -> Response {
    // What compresses an answer asks again after the end.
    let mut response = Body::from_stream(pieces.fuse()).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

const COLUMNS: [&str; 17] = [
    "phone_number",
    "first_name",
    "last_name",
    "email",
    "lifecycle_stage",
    "opt_in_status",
    "under_review",
    "tags",
    "timezone",
    "postal_code",
    "language",
    "notes",
    "custom",
    "created_at",
    "last_message_at",
    "archived_at",
    "id",
];

/// A file in the making: pieces of some rows, each read in a transaction of its own, so that a slow client holds none open.
struct Export {
    core: Core,
    organization: OrganizationId,
    params: ListParams,
    segment: Option<Filter>,
}

impl Export {
    async fn piece(&self, cursor: Option<String>) -> Result<(Bytes, Option<String>), Problem> {
        let first = cursor.is_none();
        let paging = Paging { limit: Some(200), cursor, sort: Some("-created_at".to_owned()) };
        let order = paging.order(store::ORDERS)?;
        let mut tx = self.core.db.tenant(self.organization).await?;
        let page = store::list(&mut tx, &self.params.narrowed(self.segment.as_ref()), &order).await?;
        drop(tx);
        let mut csv = csv::Writer::from_writer(Vec::new());
        let mut written = if first { csv.write_record(COLUMNS) } else { Ok(()) };
        for contact in &page.items {
            written = written.and_then(|()| csv.write_record(cells(contact)));
        }
        let bytes = written.ok().and_then(|()| csv.into_inner().ok()).ok_or_else(Problem::internal)?;
        Ok((bytes.into(), page.next_cursor))
    }
}

fn cells(c: &Contact) -> [String; 17] {
    let text = |text: &Option<String>| harmless(text.as_deref().unwrap_or_default());
    let time =
        |at: Option<DateTime<Utc>>| at.map_or_else(String::new, |at| at.to_rfc3339_opts(SecondsFormat::Secs, true));
    let custom = if c.custom.0.is_empty() { String::new() } else { serde_json::json!(c.custom.0).to_string() };
    [
        c.phone_number.clone(),
        text(&c.first_name),
        text(&c.last_name),
        text(&c.email),
        c.lifecycle_stage.as_str().to_owned(),
        c.opt_in_status.as_str().to_owned(),
        c.under_review.to_string(),
        harmless(&c.tags.join(", ")),
        text(&c.timezone),
        text(&c.postal_code),
        text(&c.language),
        text(&c.notes),
        custom,
        time(Some(c.created_at)),
        time(c.last_message_at),
        time(c.archived_at),
        c.id.to_string(),
    ]
}
