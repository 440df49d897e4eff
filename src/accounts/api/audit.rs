//! Reading the audit log, on a page or as a file.

use axum::{
    body::{Body, Bytes},
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, SecondsFormat, Utc};
use futures::stream::{self, StreamExt};
use serde::Deserialize;
use serde_json::Value;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::Staff;
use crate::{
    accounts::{
        audit::ActorKind,
        store::audit::{self as store, AuditEntry, Filter},
    },
    platform::{
        http::{Core, Json, Page, Paging, Query},
        ids::OrganizationId,
        problem::Problem,
    },
};

pub fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new().routes(routes!(list_audit_entries)).routes(routes!(export_audit_entries))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct AuditParams {
    /// Of the user or key that acted.
    actor_id: Option<Uuid>,
    #[param(inline)]
    actor_kind: Option<ActorKind>,
    /// Exact, such as contact.updated.
    action: Option<String>,
    /// Kind of row, such as contact.
    target_kind: Option<String>,
    target_id: Option<Uuid>,
    /// Not before this moment.
    from: Option<DateTime<Utc>>,
    /// Before this moment.
    to: Option<DateTime<Utc>>,
    /// Part of an action or of the actor's name.
    q: Option<String>,
}

impl From<AuditParams> for Filter {
    fn from(p: AuditParams) -> Self {
        Self {
            actor_id: p.actor_id,
            actor_kind: p.actor_kind,
            action: p.action,
            target_kind: p.target_kind,
            target_id: p.target_id,
            from: p.from,
            to: p.to,
            text: p.q,
        }
    }
}

/// Who did what to which row, newest first. Order: at.
#[utoipa::path(get, path = "/audit", tag = "audit", params(AuditParams, Paging), responses(
    (status = 200, description = "One page", body = Page<AuditEntry>),
))]
async fn list_audit_entries(
    State(core): State<Core>,
    staff: Staff,
    Query(params): Query<AuditParams>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<AuditEntry>>, Problem> {
    let order = paging.order(store::ORDERS)?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    Ok(Json(store::list(&mut tx, &params.into(), &order).await?))
}

/// Every entry that matches, as a CSV file with a header, newest first. Cells that a spreadsheet would take for a formula have a ' in front.
#[utoipa::path(get, path = "/audit/export", tag = "audit", params(AuditParams), responses(
    (status = 200, description = "The file", body = String, content_type = "text/csv"),
))]
async fn export_audit_entries(
    State(core): State<Core>,
    staff: Staff,
    Query(params): Query<AuditParams>,
) -> Result<Response, Problem> {
    let export = Export { core, organization: staff.organization_id(), filter: params.into() };
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
    // What compresses an answer asks again after the end.
    let body = Body::from_stream(stream::once(async move { Ok(first) }).chain(rest).fuse());
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"audit.csv\""));
    Ok(response)
}

const COLUMNS: [&str; 13] = [
    "at",
    "actor_kind",
    "actor_id",
    "actor_name",
    "action",
    "target_kind",
    "target_id",
    "ip",
    "user_agent",
    "request_id",
    "before",
    "after",
    "id",
];

/// A file in the making: pieces of some rows, each read in a transaction of its own, so that a slow client holds none open.
struct Export {
    core: Core,
    organization: OrganizationId,
    filter: Filter,
}

impl Export {
    async fn piece(&self, cursor: Option<String>) -> Result<(Bytes, Option<String>), Problem> {
        let first = cursor.is_none();
        let order = Paging { limit: Some(200), cursor, sort: None }.order(store::ORDERS)?;
        let mut tx = self.core.db.tenant(self.organization).await?;
        let page = store::list(&mut tx, &self.filter, &order).await?;
        let mut csv = csv::Writer::from_writer(Vec::new());
        let mut written = if first { csv.write_record(COLUMNS) } else { Ok(()) };
        for entry in &page.items {
            written = written.and_then(|()| csv.write_record(cells(entry)));
        }
        let bytes = written.ok().and_then(|()| csv.into_inner().ok()).ok_or_else(Problem::internal)?;
        Ok((bytes.into(), page.next_cursor))
    }
}

fn cells(e: &AuditEntry) -> [String; 13] {
    let id = |id: Option<Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
    let json = |value: &Option<Value>| value.as_ref().map(Value::to_string).unwrap_or_default();
    [
        e.at.to_rfc3339_opts(SecondsFormat::Millis, true),
        e.actor_kind.clone(),
        id(e.actor_id),
        e.actor_name.clone(),
        e.action.clone(),
        e.target_kind.clone(),
        id(e.target_id),
        e.ip.clone().unwrap_or_default(),
        e.user_agent.clone().unwrap_or_default(),
        e.request_id.clone().unwrap_or_default(),
        json(&e.before),
        json(&e.after),
        e.id.to_string(),
    ]
    .map(harmless)
}

/// A spreadsheet runs a cell that begins like a formula, whoever wrote it.
fn harmless(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_never_formulas() {
        for bad in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
            assert_eq!(harmless(bad.to_owned()), format!("'{bad}"));
        }
        for good in ["", "Ann", "{\"a\":1}", "a=1"] {
            assert_eq!(harmless(good.to_owned()), good);
        }
    }
}
