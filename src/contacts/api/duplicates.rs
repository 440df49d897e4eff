//! Contacts who may be one person. Merging them is told in `src/privacy/merging.rs`, which knows of all that is kept of people.

use axum::extract::State;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    accounts::Staff,
    contacts::{
        duplicates::{self, Duplicate},
        store::duplicates::ORDERS,
    },
    platform::{
        http::{Core, Json, Page, Paging, Query},
        problem::Problem,
    },
};

pub(super) fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new().routes(routes!(list_duplicates))
}

/// Contacts who may be one person, each pair once, with the reasons: one e-mail address; one name and one postal code; one name and numbers
/// that are all but the same. Each page looks at 2,000 contacts at most, and holds each against 20 older ones of its address and of its name: a
/// page may be empty and have a next one. Orders: created_at (of the newer one).
#[utoipa::path(get, path = "/contacts/duplicates", tag = "contacts", params(Paging), responses(
    (status = 200, description = "One page", body = Page<Duplicate>),
))]
async fn list_duplicates(
    State(core): State<Core>,
    staff: Staff,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<Duplicate>>, Problem> {
    let order = paging.order(ORDERS)?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    Ok(Json(duplicates::page(&mut tx, &order).await?))
}
