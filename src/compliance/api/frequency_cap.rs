//! How often the organization itself wants to advertise to one person, beside the caps of law.

use axum::extract::State;
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    accounts::{Change, Staff},
    compliance::{model::OrganizationCap, store::caps},
    platform::{
        http::{Core, IfMatch, Json, Versioned},
        problem::{Code, Problem, ProblemDocument},
    },
};

pub(super) fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new().routes(routes!(get_frequency_cap, put_frequency_cap))
}

/// The organization's own cap on marketing texts to one contact. Those of law are shown with the rules.
#[utoipa::path(get, path = "/compliance/frequency-cap", tag = "compliance", responses(
    (status = 200, description = "The cap; `texts` is 0 where there is none", body = OrganizationCap),
))]
async fn get_frequency_cap(State(core): State<Core>, staff: Staff) -> Result<Versioned<OrganizationCap>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let row = caps::get(&mut tx).await?;
    Ok(Versioned { version: row.version, row })
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct PutFrequencyCap {
    /// Marketing texts to one contact; 0: no cap of the organization's own.
    #[schema(minimum = 0, maximum = 100, example = 4)]
    texts: i32,
    /// In so many days, counted back from the moment of sending.
    #[schema(minimum = 1, maximum = 90, example = 30)]
    days: i32,
}

/// Set how many marketing texts one contact gets at most. It holds for each text that is decided on from now on; one that would come too early
/// is held until it may go, or not sent where its deadline comes first. What a cap holds already is asked about again when its time comes.
#[utoipa::path(put, path = "/compliance/frequency-cap", tag = "compliance",
    params(("If-Match" = Option<String>, Header, description = "The ETag of the cap this is a change of")),
    request_body = PutFrequencyCap, responses(
    (status = 200, description = "The cap as saved", body = OrganizationCap),
    (status = 412, description = "Somebody else changed it meanwhile", body = ProblemDocument),
))]
async fn put_frequency_cap(
    State(core): State<Core>,
    staff: Staff,
    if_match: IfMatch,
    Json(body): Json<PutFrequencyCap>,
) -> Result<Versioned<OrganizationCap>, Problem> {
    if !(0..=100).contains(&body.texts) {
        return Err(Problem::invalid_field("texts", "out_of_range", "must be from 0 to 100"));
    }
    if !(1..=90).contains(&body.days) {
        return Err(Problem::invalid_field("days", "out_of_range", "must be from 1 to 90"));
    }
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let before = caps::get(&mut tx).await?;
    if_match.check(before.version)?;
    let wanted = OrganizationCap { texts: body.texts, days: body.days, version: before.version };
    let Some(after) = caps::save(&mut tx, &wanted).await? else {
        return Err(Problem::new(Code::VersionConflict, "Somebody else saved it first. Load it again."));
    };
    staff.audit(&mut tx, Change::of("frequency_cap", "updated", None).before(&before).after(&after)).await?;
    tx.commit().await?;
    Ok(Versioned { version: after.version, row: after })
}
