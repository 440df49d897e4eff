//! The block list: numbers that are not texted, and why.

use axum::extract::State;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    accounts::{Change, Staff},
    compliance::{
        model::{Suppression, SuppressionReason},
        store::suppressions::{self, Filter},
    },
    platform::{
        db::Tx,
        http::{Core, Json, Page, Paging, Path, Query},
        ids::{SuppressionBatchId, SuppressionId},
        phone::PhoneNumber,
        problem::{Code, Problem, ProblemDocument, StatusCode},
    },
};

pub(super) fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new().routes(routes!(list_suppressions, create_suppression)).routes(routes!(delete_suppression))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct SuppressionParams {
    /// Part of a number or name.
    q: Option<String>,
    /// E.164, exact.
    phone_number: Option<String>,
    #[param(inline)]
    reason: Option<SuppressionReason>,
    /// true: entries that have ended, lifted or expired, and only those.
    #[serde(default)]
    lifted: bool,
    /// Of this list only.
    batch_id: Option<SuppressionBatchId>,
}

/// Numbers that are not texted, latest first. Orders: created_at.
#[utoipa::path(get, path = "/suppressions", tag = "compliance", params(SuppressionParams, Paging), responses(
    (status = 200, description = "One page", body = Page<Suppression>),
))]
async fn list_suppressions(
    State(core): State<Core>,
    staff: Staff,
    Query(params): Query<SuppressionParams>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<Suppression>>, Problem> {
    let order = paging.order(suppressions::ORDERS)?;
    let filter = Filter {
        id: None,
        text: params.q.as_deref(),
        phone_number: params.phone_number.as_deref(),
        reason: params.reason,
        lifted: Some(params.lifted),
        batch: params.batch_id,
    };
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    Ok(Json(suppressions::list(&mut tx, &filter, &order).await?))
}

/// A number that staff does not want to be texted.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct NewSuppression {
    /// In any usual spelling.
    #[schema(example = "(415) 555-0101", max_length = 40)]
    phone_number: String,
    /// Why, for the record. 1 to 500 characters.
    #[schema(min_length = 1, max_length = 500, example = "Asked by phone not to be contacted")]
    reason: String,
    /// From then on it blocks nothing; left out: never.
    expires_at: Option<DateTime<Utc>>,
}

/// Why a number is on a list: for the record.
pub(super) fn note<'a>(field: &'static str, text: &'a str) -> Result<&'a str, Problem> {
    let note = text.trim();
    if (1..=500).contains(&note.chars().count()) && !note.contains('\0') {
        Ok(note)
    } else {
        Err(Problem::invalid_field(field, "invalid_length", "must have 1 to 500 characters"))
    }
}

/// An end that is still to come, and within a hundred years.
pub(super) fn end(at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, Problem> {
    if at.is_some_and(|at| at <= now || at > now + TimeDelta::days(36_500)) {
        return Err(Problem::invalid_field("expires_at", "out_of_range", "must be in the future, within 100 years"));
    }
    Ok(at)
}

async fn one(tx: &mut Tx, id: SuppressionId) -> Result<Suppression, Problem> {
    let filter = Filter { id: Some(id), text: None, phone_number: None, reason: None, lifted: None, batch: None };
    let order = Paging::default().order(suppressions::ORDERS)?;
    let found = suppressions::list(tx, &filter, &order).await?.items.pop();
    found.ok_or_else(|| Problem::not_found("suppression"))
}

/// Put a number on the block list. Nothing is sent to it from now on, also what waits already.
#[utoipa::path(post, path = "/suppressions", tag = "compliance", request_body = NewSuppression, responses(
    (status = 201, description = "The entry", body = Suppression),
    (status = 409, description = "Staff put it there before", body = ProblemDocument),
))]
async fn create_suppression(
    State(core): State<Core>,
    staff: Staff,
    Json(new): Json<NewSuppression>,
) -> Result<(StatusCode, Json<Suppression>), Problem> {
    let number = PhoneNumber::parse_typed(&new.phone_number, &core.config.default_region)
        .map_err(|e| Problem::invalid_field("phone_number", "invalid_phone_number", e.to_string()))?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let (note, expires_at) = (note("reason", &new.reason)?, end(new.expires_at, tx.clock().now())?);
    let Some(id) = suppressions::block(&mut tx, &number, Some(note), expires_at, staff.user_id()).await? else {
        return Err(Problem::new(Code::AlreadyExists, "Staff put this number on the block list before."));
    };
    let row = one(&mut tx, id).await?;
    staff.audit(&mut tx, Change::created("suppression", id.0, &row)).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(row)))
}

/// Take a number off the block list: what staff or a list put there, and numbers that the carrier called bad. An opt-out is the contact's to
/// take back.
#[utoipa::path(delete, path = "/suppressions/{id}", tag = "compliance", params(("id" = SuppressionId, Path)), responses(
    (status = 204, description = "The number may be texted again, as far as this entry goes"),
    (status = 404, description = "No such entry", body = ProblemDocument),
    (status = 409, description = "It is an opt-out, or has ended", body = ProblemDocument),
))]
async fn delete_suppression(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<SuppressionId>,
) -> Result<StatusCode, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    match suppressions::lock(&mut tx, id).await? {
        None => return Err(Problem::not_found("suppression")),
        Some((reason, true)) if reason.is_staffs() => {}
        Some((reason, false)) if reason.is_staffs() => {
            return Err(Problem::new(Code::NotActive, "It has ended before."));
        }
        Some((SuppressionReason::UnderReview, _)) => {
            return Err(Problem::new(Code::ContactUnderReview, "Decide the review instead."));
        }
        Some(_) => {
            return Err(Problem::new(
                Code::ContactOptedOut,
                "They asked for no more texts. They can take that back with START; what staff recorded ends with new consent.",
            ));
        }
    }
    let before = one(&mut tx, id).await?;
    suppressions::lift(&mut tx, id).await?;
    staff.audit(&mut tx, Change::deleted("suppression", id.0, &before)).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
