//! Segments: found, written, put away, counted, and who is in them.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    accounts::{Change, Staff},
    contacts::{
        model::Contact,
        segments::{Counted, Filter, NewSegment, Segment, SegmentChange},
        store::{self, Narrowed, segments as rows},
    },
    platform::{
        db::Tx,
        http::{Core, IfMatch, Json, Page, Paging, Path, Query, Versioned},
        ids::{ContactId, SegmentId},
        problem::{Code, Problem, ProblemDocument, StatusCode},
    },
};

pub(super) fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new()
        .routes(routes!(list_segments, create_segment))
        .routes(routes!(count_segment))
        .routes(routes!(get_segment, update_segment, delete_segment))
        .routes(routes!(archive_segment))
        .routes(routes!(restore_segment))
        .routes(routes!(list_segment_contacts))
}

pub(super) async fn found(tx: &mut Tx, id: SegmentId) -> Result<Segment, Problem> {
    rows::segment(tx, id).await?.ok_or_else(no_such)
}

fn no_such() -> Problem {
    Problem::not_found("segment")
}

fn versioned(segment: Segment) -> Versioned<Segment> {
    Versioned { version: segment.version, row: segment }
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct SegmentParams {
    /// Part of the name.
    q: Option<String>,
    /// true: those that were put away, and only those.
    #[serde(default)]
    archived: bool,
}

/// Segments, the latest change first. Orders: updated_at, name, created_at.
#[utoipa::path(get, path = "/segments", tag = "segments", params(SegmentParams, Paging), responses(
    (status = 200, description = "One page", body = Page<Segment>),
))]
async fn list_segments(
    State(core): State<Core>,
    staff: Staff,
    Query(params): Query<SegmentParams>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<Segment>>, Problem> {
    let order = paging.order(rows::ORDERS)?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    Ok(Json(rows::list(&mut tx, params.q.as_deref(), params.archived, &order).await?))
}

/// One segment.
#[utoipa::path(get, path = "/segments/{id}", tag = "segments", params(("id" = SegmentId, Path)), responses(
    (status = 200, description = "The segment", body = Segment),
    (status = 404, description = "No such segment", body = ProblemDocument),
))]
async fn get_segment(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<SegmentId>,
) -> Result<Versioned<Segment>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    found(&mut tx, id).await.map(versioned)
}

/// Add a segment. Who is in it is found out each time it is asked for.
#[utoipa::path(post, path = "/segments", tag = "segments", request_body = NewSegment, responses(
    (status = 201, description = "The segment", body = Segment),
))]
async fn create_segment(
    State(core): State<Core>,
    staff: Staff,
    Json(new): Json<NewSegment>,
) -> Result<(StatusCode, Versioned<Segment>), Problem> {
    let fields = new.checked()?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let id = rows::insert(&mut tx, &fields).await?;
    let segment = found(&mut tx, id).await?;
    staff.audit(&mut tx, Change::created("segment", id.0, &segment)).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, versioned(segment)))
}

/// Change a segment. Campaigns that have begun keep whom they found.
#[utoipa::path(patch, path = "/segments/{id}", tag = "segments", params(("id" = SegmentId, Path)), request_body = SegmentChange, responses(
    (status = 200, description = "The segment", body = Segment),
    (status = 404, description = "No such segment", body = ProblemDocument),
    (status = 412, description = "Somebody else changed it meanwhile", body = ProblemDocument),
))]
async fn update_segment(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<SegmentId>,
    if_match: IfMatch,
    Json(change): Json<SegmentChange>,
) -> Result<Versioned<Segment>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let before = rows::lock(&mut tx, id).await?.ok_or_else(no_such)?;
    if_match.check(before.version)?;
    let fields = change.applied(&before)?;
    rows::update(&mut tx, id, &fields).await?;
    let after = found(&mut tx, id).await?;
    staff.audit(&mut tx, Change::updated("segment", id.0, &before, &after)).await?;
    tx.commit().await?;
    Ok(versioned(after))
}

/// Delete a segment of which nothing was made. Put others away instead.
#[utoipa::path(delete, path = "/segments/{id}", tag = "segments", params(("id" = SegmentId, Path)), responses(
    (status = 204, description = "Deleted"),
    (status = 404, description = "No such segment", body = ProblemDocument),
    (status = 409, description = "Something was made of it: put it away", body = ProblemDocument),
))]
async fn delete_segment(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<SegmentId>,
) -> Result<StatusCode, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let before = rows::lock(&mut tx, id).await?.ok_or_else(no_such)?;
    if !rows::delete(&mut tx, id).await? {
        return Err(Problem::new(Code::InUse, "Something was made of this segment. Put it away instead."));
    }
    staff.audit(&mut tx, Change::deleted("segment", id.0, &before)).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Put a segment away: it is not offered any more.
#[utoipa::path(post, path = "/segments/{id}/archive", tag = "segments", params(("id" = SegmentId, Path)), responses(
    (status = 200, description = "The segment", body = Segment),
    (status = 404, description = "No such segment", body = ProblemDocument),
))]
async fn archive_segment(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<SegmentId>,
) -> Result<Versioned<Segment>, Problem> {
    set_archived(&core, &staff, id, true).await
}

/// Take a segment out of the archive.
#[utoipa::path(post, path = "/segments/{id}/restore", tag = "segments", params(("id" = SegmentId, Path)), responses(
    (status = 200, description = "The segment", body = Segment),
    (status = 404, description = "No such segment", body = ProblemDocument),
))]
async fn restore_segment(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<SegmentId>,
) -> Result<Versioned<Segment>, Problem> {
    set_archived(&core, &staff, id, false).await
}

async fn set_archived(
    core: &Core,
    staff: &Staff,
    id: SegmentId,
    archived: bool,
) -> Result<Versioned<Segment>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let before = rows::lock(&mut tx, id).await?.ok_or_else(no_such)?;
    if before.archived_at.is_some() == archived {
        return Ok(versioned(before));
    }
    rows::set_archived(&mut tx, id, archived).await?;
    let after = found(&mut tx, id).await?;
    let verb = if archived { "archived" } else { "restored" };
    staff.audit(&mut tx, Change::of("segment", verb, id.0)).await?;
    tx.commit().await?;
    Ok(versioned(after))
}

/// A filter that is being written.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct FilterToCount {
    filter: Filter,
}

/// How many contacts a filter means, and some of them.
#[derive(Serialize, utoipa::ToSchema)]
struct SegmentCount {
    #[serde(flatten)]
    counted: Counted,
    /// Up to five of them, whichever were found first.
    sample: Vec<Contact>,
}

/// How many contacts a filter means, in about a second however many there are: up to 10,000 are counted, more are reckoned from a sample
/// (`exact` says which). Nothing is kept.
#[utoipa::path(post, path = "/segments/count", tag = "segments", request_body = FilterToCount, responses(
    (status = 200, description = "The count", body = SegmentCount),
))]
async fn count_segment(
    State(core): State<Core>,
    staff: Staff,
    Json(asked): Json<FilterToCount>,
) -> Result<Json<SegmentCount>, Problem> {
    asked.filter.check()?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let (counted, ids): (Counted, Vec<ContactId>) = rows::estimate(&mut tx, &asked.filter).await?;
    let mut sample = Vec::with_capacity(ids.len());
    for id in ids {
        sample.extend(store::get(&mut tx, id).await?);
    }
    Ok(Json(SegmentCount { counted, sample }))
}

/// Who is in a segment now, latest activity first. Orders: last_activity, created_at, name.
#[utoipa::path(get, path = "/segments/{id}/contacts", tag = "segments", params(("id" = SegmentId, Path), Paging), responses(
    (status = 200, description = "One page", body = Page<Contact>),
    (status = 404, description = "No such segment", body = ProblemDocument),
))]
async fn list_segment_contacts(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<SegmentId>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<Contact>>, Problem> {
    let order = paging.order(store::ORDERS)?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let segment = found(&mut tx, id).await?;
    let narrowed = Narrowed { segment: Some(&segment.filter.0), ..Narrowed::default() };
    Ok(Json(store::list(&mut tx, &narrowed, &order).await?))
}
