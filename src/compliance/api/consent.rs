//! The consent ledger of a contact: read, and added to by staff.

use axum::extract::State;
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    accounts::{Change, Staff},
    compliance::{
        model::{ConsentAction, ConsentChannel, ConsentEvent, ConsentMethod, ConsentPurpose, ConsentTier},
        service::{self, ConsentError, Recorded},
        store::consent,
    },
    contacts,
    platform::{
        http::{Core, Json, Page, Paging, Path, Query},
        ids::ContactId,
        problem::{Code, Problem, ProblemDocument, StatusCode},
    },
};

pub(super) fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new().routes(routes!(list_consent, record_consent))
}

/// What a contact agreed to and took back, latest first. Orders: at.
#[utoipa::path(get, path = "/contacts/{id}/consent", tag = "contacts", params(("id" = ContactId, Path), Paging), responses(
    (status = 200, description = "One page", body = Page<ConsentEvent>),
    (status = 404, description = "No such contact", body = ProblemDocument),
))]
async fn list_consent(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<ContactId>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<ConsentEvent>>, Problem> {
    let order = paging.order(consent::ORDERS)?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    contacts::get(&mut tx, id).await?.ok_or_else(|| Problem::not_found("contact"))?;
    Ok(Json(consent::list(&mut tx, id, &order).await?))
}

/// How far recorded consent goes. That somebody texted is noted when they do, and not recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum RecordedTier {
    Express,
    ExpressWritten,
}

/// How consent reached staff.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum RecordedMethod {
    StaffRecorded,
    WebForm,
    Paper,
    Verbal,
    Api,
}

impl From<RecordedMethod> for ConsentMethod {
    fn from(method: RecordedMethod) -> Self {
        match method {
            RecordedMethod::StaffRecorded => Self::StaffRecorded,
            RecordedMethod::WebForm => Self::WebForm,
            RecordedMethod::Paper => Self::Paper,
            RecordedMethod::Verbal => Self::Verbal,
            RecordedMethod::Api => Self::Api,
        }
    }
}

/// Consent that was given or taken back outside of a text.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct NewConsent {
    action: ConsentAction,
    /// Of a grant; a revocation takes everything back.
    #[schema(inline)]
    tier: Option<RecordedTier>,
    /// What they may be texted by. Consent to one channel is none to another; a revocation is for all.
    channel: ConsentChannel,
    #[schema(inline)]
    method: RecordedMethod,
    /// What they were told, what they said or signed, and where the proof is. 1 to 2000 characters.
    #[schema(min_length = 1, max_length = 2000, example = "Signed form of 3 March, folder 12")]
    evidence: String,
    /// Left out: texts as such.
    purpose: Option<ConsentPurpose>,
}

impl From<ConsentError> for Problem {
    fn from(error: ConsentError) -> Self {
        match error {
            ConsentError::NoSuchContact => Self::not_found("contact"),
            ConsentError::OptedOutThemselves => Self::new(
                Code::ContactOptedOut,
                "They asked for no more texts themselves. Only they can take that back, with START.",
            ),
            ConsentError::UnderReview => {
                Self::new(Code::ContactUnderReview, "Decide first whether their last text was an opt-out.")
            }
            ConsentError::Database(error) => error.into(),
        }
    }
}

/// Record consent that was given or taken back on paper, by phone, by web form. A revocation holds at once and for every channel. A grant
/// ends an opt-out that staff recorded, but never one that the contact made.
#[utoipa::path(post, path = "/contacts/{id}/consent", tag = "contacts", params(("id" = ContactId, Path)), request_body = NewConsent,
    responses(
    (status = 201, description = "The line of the ledger", body = ConsentEvent),
    (status = 404, description = "No such contact", body = ProblemDocument),
    (status = 409, description = "The contact opted out themselves, or may have", body = ProblemDocument),
))]
async fn record_consent(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<ContactId>,
    Json(new): Json<NewConsent>,
) -> Result<(StatusCode, Json<ConsentEvent>), Problem> {
    let evidence = new.evidence.trim();
    if !(1..=2000).contains(&evidence.chars().count()) || evidence.contains('\0') {
        return Err(Problem::invalid_field("evidence", "invalid_length", "must have 1 to 2000 characters"));
    }
    let tier = match (new.action, new.tier) {
        (ConsentAction::Granted, None) => {
            return Err(Problem::invalid_field("tier", "required", "is required for a grant"));
        }
        (_, Some(RecordedTier::ExpressWritten)) => ConsentTier::ExpressWritten,
        _ => ConsentTier::Express,
    };
    let recorded = Recorded {
        action: new.action,
        tier,
        channel: new.channel,
        method: new.method.into(),
        purpose: new.purpose,
        evidence,
        by: staff.user_id(),
    };
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let event = service::record_consent(&mut tx, id, &recorded).await?;
    let verb = match event.action {
        ConsentAction::Granted => "consent_granted",
        ConsentAction::Revoked => "consent_revoked",
    };
    staff.audit(&mut tx, Change::of("contact", verb, id.0).after(&event)).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(event)))
}
