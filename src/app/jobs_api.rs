//! Seeing jobs, and giving dead ones another try.

use axum::extract::State;
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    accounts::{Change, Staff},
    platform::{
        http::{Core, Json, Page, Paging, Path, Query},
        ids::JobId,
        jobs::{self, Job, JobState},
        problem::{Problem, ProblemDocument},
    },
};

pub fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new().routes(routes!(list_jobs)).routes(routes!(retry_job))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct ListParams {
    /// dead if left out.
    state: Option<JobState>,
    /// As in the rows.
    kind: Option<String>,
}

/// Jobs in one state, newest first. Orders: created_at, run_at.
#[utoipa::path(get, path = "/jobs", tag = "jobs", params(ListParams, Paging), responses(
    (status = 200, description = "One page", body = Page<Job>),
    (status = 401, description = "Not signed in", body = ProblemDocument),
    (status = 422, description = "A parameter is not valid", body = ProblemDocument),
))]
async fn list_jobs(
    State(core): State<Core>,
    staff: Staff,
    Query(p): Query<ListParams>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<Job>>, Problem> {
    let order = paging.order(jobs::ORDERS)?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    Ok(Json(jobs::list(&mut tx, p.state.unwrap_or(JobState::Dead), p.kind, &order).await?))
}

/// Run a dead job again.
#[utoipa::path(post, path = "/jobs/{id}/retry", tag = "jobs", params(("id" = JobId, Path)), responses(
    (status = 200, description = "Queued again", body = Job),
    (status = 401, description = "Not signed in", body = ProblemDocument),
    (status = 404, description = "No such dead job", body = ProblemDocument),
))]
async fn retry_job(State(core): State<Core>, staff: Staff, Path(id): Path<JobId>) -> Result<Json<Job>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let job = jobs::retry_dead(&mut tx, id).await?.ok_or_else(|| Problem::not_found("dead job"))?;
    staff.audit(&mut tx, Change::of("job", "retried", id.0).after(&serde_json::json!({ "kind": job.kind }))).await?;
    tx.commit().await?;
    Ok(Json(job))
}
