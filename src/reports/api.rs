//! Endpoints of reports. Whoever may not read everybody's sees those they opened or were given; any other is 404 to them.

use axum::extract::State;
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    model::{
        LONGEST_BODY, LONGEST_COMMENT, LONGEST_SUBJECT, Priority, Report, ReportComment, ReportEvent, ReportStatus,
    },
    rules::Step,
    service::{self, Opening},
    store::{self, Filter},
};
use crate::{
    accounts::{Change, Permission, Staff},
    platform::{
        db::Tx,
        http::{Core, IfMatch, Json, Page, Paging, Patch, Path, Query, Versioned},
        ids::{ContactId, ReportId, UserId},
        problem::{Problem, ProblemDocument, StatusCode},
        wording,
    },
};

pub fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new()
        .routes(routes!(list_reports, open_report))
        .routes(routes!(list_my_reports))
        .routes(routes!(get_report, update_report))
        .routes(routes!(list_report_comments, comment_on_report))
        .routes(routes!(list_report_history))
        .routes(routes!(start_report))
        .routes(routes!(resolve_report))
        .routes(routes!(reopen_report))
}

/// The report, if the caller may see it.
async fn visible(tx: &mut Tx, staff: &Staff, id: ReportId) -> Result<Report, Problem> {
    let report = service::get(tx, id).await?;
    if report.is_of(staff.user_id()) || staff.allows(Permission::ReportsRead) {
        Ok(report)
    } else {
        Err(Problem::not_found("report"))
    }
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct ReportParams {
    /// Part of the subject or the text, or its number as in #12.
    q: Option<String>,
    status: Option<ReportStatus>,
    priority: Option<Priority>,
    assignee_id: Option<UserId>,
    contact_id: Option<ContactId>,
    /// The user who opened it.
    opened_by: Option<UserId>,
    /// true: only those not resolved.
    unresolved: Option<bool>,
}

impl ReportParams {
    fn filter(&self) -> Filter<'_> {
        Filter {
            id: None,
            status: self.status,
            priority: self.priority,
            assignee: self.assignee_id,
            contact: self.contact_id,
            opened_by: self.opened_by,
            of: None,
            unresolved: self.unresolved == Some(true),
            text: self.q.as_deref(),
        }
    }
}

/// Everybody's reports, newest first. Orders: created_at, updated_at, number, priority.
#[utoipa::path(get, path = "/reports", tag = "reports", params(ReportParams, Paging), responses(
    (status = 200, description = "One page", body = Page<Report>),
))]
async fn list_reports(
    State(core): State<Core>,
    staff: Staff,
    Query(params): Query<ReportParams>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<Report>>, Problem> {
    let order = paging.order(store::ORDERS)?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    Ok(Json(store::list(&mut tx, &params.filter(), &order).await?))
}

/// Reports one opened or was given, newest first. Orders: created_at, updated_at, number, priority.
#[utoipa::path(get, path = "/reports/mine", tag = "reports", params(ReportParams, Paging), responses(
    (status = 200, description = "One page", body = Page<Report>),
))]
async fn list_my_reports(
    State(core): State<Core>,
    staff: Staff,
    Query(params): Query<ReportParams>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<Report>>, Problem> {
    let me = staff.require_user()?.id;
    let order = paging.order(store::ORDERS)?;
    let filter = Filter { of: Some(me), ..params.filter() };
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    Ok(Json(store::list(&mut tx, &filter, &order).await?))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct NewReport {
    /// 1 to 200 characters.
    #[schema(max_length = 200, example = "The door of room 2 is stuck")]
    subject: String,
    /// 1 to 8,000 characters.
    #[schema(max_length = 8000, example = "It opens from the inside only.")]
    body: String,
    #[serde(default)]
    priority: Priority,
    /// Whom it is about. They are not told of it: only those who raise a report themselves, by text, are.
    contact_id: Option<ContactId>,
}

/// Open a report.
#[utoipa::path(post, path = "/reports", tag = "reports", request_body = NewReport, responses(
    (status = 201, description = "The report", body = Report),
    (status = 404, description = "No such contact", body = ProblemDocument),
))]
async fn open_report(
    State(core): State<Core>,
    staff: Staff,
    Json(new): Json<NewReport>,
) -> Result<(StatusCode, Json<Report>), Problem> {
    let subject = wording::checked("subject", &new.subject, LONGEST_SUBJECT)?;
    let body = wording::checked("body", &new.body, LONGEST_BODY)?;
    if new.contact_id.is_some() {
        // The report shows whom it is about.
        staff.require(Permission::ContactsRead)?;
    }
    let opening = Opening {
        subject: &subject,
        body: &body,
        priority: new.priority,
        contact_id: new.contact_id,
        opened_by: staff.user_id(),
    };
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let report = service::open(&mut tx, &opening).await?;
    staff.audit(&mut tx, Change::created("report", report.id.0, &report)).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(report)))
}

/// One report.
#[utoipa::path(get, path = "/reports/{id}", tag = "reports", params(("id" = ReportId, Path)), responses(
    (status = 200, description = "The report", body = Report),
    (status = 404, description = "No such report, or not for the caller to see", body = ProblemDocument),
))]
async fn get_report(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<ReportId>,
) -> Result<Versioned<Report>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let report = visible(&mut tx, &staff, id).await?;
    Ok(Versioned { version: report.version, row: report })
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct ReportChange {
    /// 1 to 200 characters.
    #[schema(max_length = 200)]
    subject: Option<String>,
    priority: Option<Priority>,
    /// Who is to see to it; null: nobody yet.
    #[serde(default)]
    #[schema(value_type = Option<UserId>)]
    assignee_id: Patch<UserId>,
}

/// Change a report's subject, priority, or who has it.
#[utoipa::path(patch, path = "/reports/{id}", tag = "reports", params(("id" = ReportId, Path)), request_body = ReportChange,
    responses(
    (status = 200, description = "The report", body = Report),
    (status = 404, description = "No such report or colleague", body = ProblemDocument),
    (status = 412, description = "It was changed meanwhile", body = ProblemDocument),
))]
async fn update_report(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<ReportId>,
    if_match: IfMatch,
    Json(change): Json<ReportChange>,
) -> Result<Versioned<Report>, Problem> {
    let subject = change.subject.map(|s| wording::checked("subject", &s, LONGEST_SUBJECT)).transpose()?;
    let change = service::Change { subject, priority: change.priority, assignee: change.assignee_id };
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    visible(&mut tx, &staff, id).await?;
    let (before, after) = service::change(&mut tx, id, if_match, change, staff.user_id()).await?;
    if before.version != after.version {
        staff.audit(&mut tx, Change::updated("report", id.0, &before, &after)).await?;
    }
    tx.commit().await?;
    Ok(Versioned { version: after.version, row: after })
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct CommentParams {
    /// Part of the text.
    q: Option<String>,
}

/// What was said about a report, oldest first. Orders: created_at.
#[utoipa::path(get, path = "/reports/{id}/comments", tag = "reports", params(("id" = ReportId, Path), CommentParams, Paging),
    responses(
    (status = 200, description = "One page", body = Page<ReportComment>),
    (status = 404, description = "No such report, or not for the caller to see", body = ProblemDocument),
))]
async fn list_report_comments(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<ReportId>,
    Query(params): Query<CommentParams>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<ReportComment>>, Problem> {
    let order = paging.order(store::COMMENT_ORDERS)?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    visible(&mut tx, &staff, id).await?;
    let with_internal = staff.allows(Permission::ReportsRead);
    Ok(Json(store::comments(&mut tx, id, with_internal, params.q.as_deref(), &order).await?))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct NewReportComment {
    /// 1 to 4,000 characters.
    #[schema(max_length = 4000)]
    body: String,
    /// Only for those who see everybody's reports. What is not internal goes to the contact as a text, where the report is theirs.
    #[serde(default)]
    internal: bool,
}

/// Comment on a report: one's own, or, with reports.write, anybody's.
#[utoipa::path(post, path = "/reports/{id}/comments", tag = "reports", params(("id" = ReportId, Path)),
    request_body = NewReportComment, responses(
    (status = 201, description = "The comment", body = ReportComment),
    (status = 404, description = "No such report, or not for the caller to see", body = ProblemDocument),
))]
async fn comment_on_report(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<ReportId>,
    Json(new): Json<NewReportComment>,
) -> Result<(StatusCode, Json<ReportComment>), Problem> {
    let body = wording::checked("body", &new.body, LONGEST_COMMENT)?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let report = visible(&mut tx, &staff, id).await?;
    if !report.is_of(staff.user_id()) {
        staff.require(Permission::ReportsWrite)?;
    }
    if new.internal {
        staff.require(Permission::ReportsRead)?;
    }
    let comment = service::comment(&mut tx, &report, staff.user_id(), &body, new.internal).await?;
    staff.audit(&mut tx, Change::of("report", "commented", id.0).after(&comment)).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(comment)))
}

/// What happened to a report, oldest first. Orders: at.
#[utoipa::path(get, path = "/reports/{id}/history", tag = "reports", params(("id" = ReportId, Path), Paging), responses(
    (status = 200, description = "One page", body = Page<ReportEvent>),
    (status = 404, description = "No such report, or not for the caller to see", body = ProblemDocument),
))]
async fn list_report_history(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<ReportId>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<ReportEvent>>, Problem> {
    let order = paging.order(store::EVENT_ORDERS)?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    visible(&mut tx, &staff, id).await?;
    Ok(Json(store::history(&mut tx, id, staff.allows(Permission::ReportsRead), &order).await?))
}

/// Begin to work on an open report. Who does takes it over, if nobody has it.
#[utoipa::path(post, path = "/reports/{id}/start", tag = "reports", params(("id" = ReportId, Path)), responses(
    (status = 200, description = "The report", body = Report),
    (status = 404, description = "No such report", body = ProblemDocument),
    (status = 409, description = "It is not open", body = ProblemDocument),
))]
async fn start_report(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<ReportId>,
) -> Result<Versioned<Report>, Problem> {
    step(&core, &staff, id, Step::Start, None, "started").await
}

#[derive(Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct ReportResolution {
    /// How it was resolved; up to 4,000 characters. Goes to the contact as a text, where the report is theirs.
    #[schema(max_length = 4000)]
    note: Option<String>,
}

/// Resolve a report. A contact whose report it is gets a text.
#[utoipa::path(post, path = "/reports/{id}/resolve", tag = "reports", params(("id" = ReportId, Path)),
    request_body = ReportResolution, responses(
    (status = 200, description = "The report", body = Report),
    (status = 404, description = "No such report", body = ProblemDocument),
    (status = 409, description = "It is resolved already", body = ProblemDocument),
))]
async fn resolve_report(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<ReportId>,
    Json(resolution): Json<ReportResolution>,
) -> Result<Versioned<Report>, Problem> {
    let note = resolution.note.filter(|n| !n.trim().is_empty());
    let note = note.map(|n| wording::checked("note", &n, LONGEST_COMMENT)).transpose()?;
    step(&core, &staff, id, Step::Resolve, note.as_deref(), "resolved").await
}

/// Open a resolved report again.
#[utoipa::path(post, path = "/reports/{id}/reopen", tag = "reports", params(("id" = ReportId, Path)), responses(
    (status = 200, description = "The report", body = Report),
    (status = 404, description = "No such report", body = ProblemDocument),
    (status = 409, description = "It is not resolved", body = ProblemDocument),
))]
async fn reopen_report(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<ReportId>,
) -> Result<Versioned<Report>, Problem> {
    step(&core, &staff, id, Step::Reopen, None, "reopened").await
}

async fn step(
    core: &Core,
    staff: &Staff,
    id: ReportId,
    step: Step,
    note: Option<&str>,
    verb: &str,
) -> Result<Versioned<Report>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    // Held by reports.write; seeing them all is another permission.
    visible(&mut tx, staff, id).await?;
    let (before, after) = service::step(&mut tx, id, step, note, staff.user_id()).await?;
    staff.audit(&mut tx, Change::of("report", verb, id.0).before(&before).after(&after)).await?;
    tx.commit().await?;
    Ok(Versioned { version: after.version, row: after })
}
