//! What people are told when they agree to texts: read, and a new version added. Nothing is ever changed.

use axum::extract::State;
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    accounts::{Change, Staff},
    compliance::{
        model::{ConsentPurpose, Disclosure},
        store::disclosures::{self, Filter, NewDisclosure},
    },
    platform::{
        http::{Core, Json, Page, Paging, Query},
        problem::{Code, Problem, ProblemDocument, StatusCode},
    },
};

pub(super) fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new().routes(routes!(list_disclosures, create_disclosure))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct DisclosureParams {
    /// Part of the program, the seller or the text.
    q: Option<String>,
    /// Exact.
    program: Option<String>,
    /// true: only the newest version of each program.
    #[serde(default)]
    newest: bool,
}

/// What people are or were told when they agree to texts, latest first. Orders: created_at.
#[utoipa::path(get, path = "/compliance/disclosures", tag = "compliance", params(DisclosureParams, Paging), responses(
    (status = 200, description = "One page", body = Page<Disclosure>),
))]
async fn list_disclosures(
    State(core): State<Core>,
    staff: Staff,
    Query(params): Query<DisclosureParams>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<Disclosure>>, Problem> {
    let order = paging.order(disclosures::ORDERS)?;
    let filter =
        Filter { id: None, text: params.q.as_deref(), program: params.program.as_deref(), newest: params.newest };
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    Ok(Json(disclosures::list(&mut tx, &filter, &order).await?))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct CreateDisclosure {
    /// The programme that the texts are of. 1 to 120 characters. Another text for the same program is its next version.
    #[schema(min_length = 1, max_length = 120, example = "Appointment reminders")]
    program: String,
    /// In whose name the texts are sent. 1 to 120 characters.
    #[schema(min_length = 1, max_length = 120, example = "Maple Street Studio")]
    seller: String,
    purpose: ConsentPurpose,
    /// The exact text, kept to the last space. 1 to 10000 characters.
    #[schema(
        min_length = 1,
        max_length = 10000,
        example = "By ticking this box I agree to get promotional texts from Maple Street Studio at this number. Consent is not a condition of purchase. Message and data rates may apply. Reply STOP to end, HELP for help."
    )]
    text: String,
}

fn name<'a>(field: &'static str, text: &'a str) -> Result<&'a str, Problem> {
    let name = text.trim();
    if (1..=120).contains(&name.chars().count()) && !name.contains('\0') {
        Ok(name)
    } else {
        Err(Problem::invalid_field(field, "invalid_length", "must have 1 to 120 characters"))
    }
}

/// Add a disclosure, or the next version of one. It cannot be changed or taken out: consent rests on it.
#[utoipa::path(post, path = "/compliance/disclosures", tag = "compliance", request_body = CreateDisclosure, responses(
    (status = 201, description = "The disclosure", body = Disclosure),
    (status = 409, description = "The program's newest version says exactly this", body = ProblemDocument),
))]
async fn create_disclosure(
    State(core): State<Core>,
    staff: Staff,
    Json(new): Json<CreateDisclosure>,
) -> Result<(StatusCode, Json<Disclosure>), Problem> {
    let blank = new.text.trim().is_empty();
    if blank || new.text.chars().count() > 10_000 || new.text.contains('\0') {
        return Err(Problem::invalid_field("text", "invalid_length", "must have 1 to 10000 characters"));
    }
    let disclosure = NewDisclosure {
        program: name("program", &new.program)?,
        seller: name("seller", &new.seller)?,
        purpose: new.purpose,
        text: &new.text,
        user: staff.user_id(),
    };
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let Some(id) = disclosures::insert(&mut tx, &disclosure).await? else {
        return Err(Problem::new(Code::AlreadyExists, "The newest version of this program says exactly this."));
    };
    let row = disclosures::one(&mut tx, id).await?.ok_or_else(Problem::internal)?;
    staff.audit(&mut tx, Change::created("disclosure", id.0, &row)).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(row)))
}
