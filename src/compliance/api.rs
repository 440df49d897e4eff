//! Deciding on doubtful opt-outs; the consent ledger, disclosures, the lists of numbers, quiet hours and caps have a
//! file each.

mod consent;
mod disclosures;
mod frequency_cap;
mod imports;
mod installation;
mod quiet_hours;
mod suppressions;

use axum::extract::State;
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    model::{Decider, OptOutReview, Verdict},
    service,
    store::reviews,
};
use crate::{
    accounts::{Change, Staff},
    platform::{
        http::{Core, Json, Page, Paging, Path, Query},
        ids::OptOutReviewId,
        problem::{Code, Problem, ProblemDocument},
    },
};

pub fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new()
        .routes(routes!(list_opt_out_reviews))
        .routes(routes!(decide_opt_out_review))
        .merge(consent::router())
        .merge(disclosures::router())
        .merge(frequency_cap::router())
        .merge(imports::router())
        .merge(installation::router())
        .merge(quiet_hours::router())
        .merge(suppressions::router())
}

/// Which reviews to list.
#[derive(Clone, Copy, Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum ReviewFilter {
    #[default]
    Open,
    Decided,
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct ReviewParams {
    /// open, soonest due first, if left out; decided: newest first.
    #[serde(default)]
    #[param(inline)]
    status: ReviewFilter,
}

/// Texts that may have revoked consent. While one is open its contact is not texted. Orders: due_at, opened_at.
#[utoipa::path(get, path = "/opt-out-reviews", tag = "compliance", params(ReviewParams, Paging), responses(
    (status = 200, description = "One page", body = Page<OptOutReview>),
))]
async fn list_opt_out_reviews(
    State(core): State<Core>,
    staff: Staff,
    Query(p): Query<ReviewParams>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<OptOutReview>>, Problem> {
    let open = matches!(p.status, ReviewFilter::Open);
    let order = paging.order(if open { reviews::ORDERS_OPEN } else { reviews::ORDERS_DECIDED })?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    Ok(Json(reviews::list(&mut tx, open, &order).await?))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct ReviewDecision {
    decision: Verdict,
    /// Why, for the record. Up to 500 characters.
    #[schema(max_length = 500)]
    note: Option<String>,
}

/// Decide whether a text was an opt-out. `keep` lets texts go out again.
#[utoipa::path(post, path = "/opt-out-reviews/{id}/decision", tag = "compliance", params(("id" = OptOutReviewId, Path)),
    request_body = ReviewDecision, responses(
    (status = 200, description = "The review, decided", body = OptOutReview),
    (status = 404, description = "No such review", body = ProblemDocument),
    (status = 409, description = "It was decided before", body = ProblemDocument),
))]
async fn decide_opt_out_review(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<OptOutReviewId>,
    Json(body): Json<ReviewDecision>,
) -> Result<Json<OptOutReview>, Problem> {
    let note = body.note.as_deref().map(str::trim).filter(|n| !n.is_empty());
    if note.is_some_and(|n| n.chars().count() > 500 || n.contains('\0')) {
        return Err(Problem::invalid_field("note", "invalid_length", "must have at most 500 characters"));
    }
    let by = Decider::Staff(staff.user_id());
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let Some(review) = service::decide_review(&mut tx, id, body.decision, by, note).await? else {
        return Err(match reviews::get(&mut tx, id).await? {
            None => Problem::not_found("review"),
            Some(_) => {
                Problem::new(Code::AlreadyDecided, "Somebody else, the contact or the deadline decided this review.")
            }
        });
    };
    // The contact's words stay out of the log.
    let decided = serde_json::json!({ "contact_id": review.contact_id, "status": review.status, "note": review.note });
    staff.audit(&mut tx, Change::of("opt_out_review", "decided", id.0).after(&decided)).await?;
    tx.commit().await?;
    Ok(Json(review))
}
