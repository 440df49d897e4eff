//! The installation's own list of numbers that no organization may text. For superusers.

use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::suppressions::{end, note};
use crate::{
    accounts::{Change, Staff},
    compliance::{
        model::InstallationSuppression,
        store::installation::{self as store, Filter},
    },
    platform::{
        db::Tx,
        http::{Core, Json, Page, Paging, Path, Query},
        ids::SuppressionId,
        phone::PhoneNumber,
        problem::{Code, Problem, ProblemDocument, StatusCode},
    },
};

pub(super) fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new()
        .routes(routes!(list_installation_suppressions, create_installation_suppression))
        .routes(routes!(delete_installation_suppression))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct InstallationSuppressionParams {
    /// Part of a number or note.
    q: Option<String>,
    /// true: entries that have ended, lifted or expired, and only those.
    #[serde(default)]
    lifted: bool,
}

/// Numbers that no organization of the installation may text, latest first. Orders: created_at. For superusers.
#[utoipa::path(get, path = "/installation/suppressions", tag = "installation", params(InstallationSuppressionParams, Paging), responses(
    (status = 200, description = "One page", body = Page<InstallationSuppression>),
))]
async fn list_installation_suppressions(
    State(core): State<Core>,
    _staff: Staff,
    Query(params): Query<InstallationSuppressionParams>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<InstallationSuppression>>, Problem> {
    let order = paging.order(store::ORDERS)?;
    let filter = Filter { id: None, text: params.q.as_deref(), ended: Some(params.lifted) };
    let mut tx = core.db.system().await?;
    Ok(Json(store::list(&mut tx, &filter, &order).await?))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct NewInstallationSuppression {
    /// In any usual spelling.
    #[schema(example = "(415) 555-0101", max_length = 40)]
    phone_number: String,
    /// Why, for the record. 1 to 500 characters.
    #[schema(min_length = 1, max_length = 500, example = "Sues over every text")]
    note: String,
    /// From then on it blocks nothing; left out: never.
    expires_at: Option<DateTime<Utc>>,
}

async fn one(tx: &mut Tx, id: SuppressionId) -> Result<InstallationSuppression, Problem> {
    let order = Paging::default().order(store::ORDERS)?;
    let filter = Filter { id: Some(id), ..Filter::default() };
    store::list(tx, &filter, &order).await?.items.pop().ok_or_else(|| Problem::not_found("entry"))
}

/// Keep every organization from texting a number, also what waits already. Nothing that the person texts ends it. For superusers.
#[utoipa::path(post, path = "/installation/suppressions", tag = "installation", request_body = NewInstallationSuppression, responses(
    (status = 201, description = "The entry", body = InstallationSuppression),
    (status = 409, description = "It is on the list", body = ProblemDocument),
))]
async fn create_installation_suppression(
    State(core): State<Core>,
    staff: Staff,
    Json(new): Json<NewInstallationSuppression>,
) -> Result<(StatusCode, Json<InstallationSuppression>), Problem> {
    let number = PhoneNumber::parse_typed(&new.phone_number, &core.config.default_region)
        .map_err(|e| Problem::invalid_field("phone_number", "invalid_phone_number", e.to_string()))?;
    let (note, expires_at) = (note("note", &new.note)?, end(new.expires_at, core.clock.now())?);
    let by = &staff.require_user()?.display_name;
    let mut tx = core.db.system().await?;
    let Some(id) = store::insert(&mut tx, &number, note, expires_at, by).await? else {
        return Err(Problem::new(Code::AlreadyExists, "This number is on the list."));
    };
    let row = one(&mut tx, id).await?;
    let mut tx = tx.into_tenant(staff.organization_id()).await?;
    staff.audit(&mut tx, Change::created("installation_suppression", id.0, &row)).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(row)))
}

/// Take a number off the installation's list. For superusers.
#[utoipa::path(delete, path = "/installation/suppressions/{id}", tag = "installation", params(("id" = SuppressionId, Path)), responses(
    (status = 204, description = "As far as this list goes, it may be texted again"),
    (status = 404, description = "No such entry", body = ProblemDocument),
    (status = 409, description = "It has ended", body = ProblemDocument),
))]
async fn delete_installation_suppression(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<SuppressionId>,
) -> Result<StatusCode, Problem> {
    let by = &staff.require_user()?.display_name;
    let mut tx = core.db.system().await?;
    let before = one(&mut tx, id).await?;
    if !store::lift(&mut tx, id, by).await? {
        return Err(Problem::new(Code::NotActive, "It has ended before."));
    }
    let mut tx = tx.into_tenant(staff.organization_id()).await?;
    staff.audit(&mut tx, Change::deleted("installation_suppression", id.0, &before)).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
