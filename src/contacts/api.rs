//! Reading contacts.

use axum::extract::State;
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    model::Contact,
    store::{self, Filter},
};
use crate::{
    accounts::Staff,
    platform::{
        http::{Core, Json, Page, Paging, Path, Query},
        ids::ContactId,
        problem::{Problem, ProblemDocument},
    },
};

pub fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new().routes(routes!(list_contacts)).routes(routes!(get_contact))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct ListParams {
    /// Part of a name or number.
    q: Option<String>,
    /// E.164, exact.
    phone_number: Option<String>,
}

/// Contacts, latest activity first. Orders: last_activity, created_at, name.
#[utoipa::path(get, path = "/contacts", tag = "contacts", params(ListParams, Paging), responses(
    (status = 200, description = "One page", body = Page<Contact>),
    (status = 401, description = "Not signed in", body = ProblemDocument),
    (status = 422, description = "A parameter is not valid", body = ProblemDocument),
))]
async fn list_contacts(
    State(core): State<Core>,
    staff: Staff,
    Query(params): Query<ListParams>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<Contact>>, Problem> {
    let order = paging.order(store::ORDERS)?;
    let filter = Filter { text: params.q.as_deref(), phone_number: params.phone_number.as_deref() };
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    Ok(Json(store::list(&mut tx, &filter, &order).await?))
}

/// One contact.
#[utoipa::path(get, path = "/contacts/{id}", tag = "contacts", params(("id" = ContactId, Path)), responses(
    (status = 200, description = "The contact", body = Contact),
    (status = 401, description = "Not signed in", body = ProblemDocument),
    (status = 404, description = "No such contact", body = ProblemDocument),
))]
async fn get_contact(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<ContactId>,
) -> Result<Json<Contact>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    store::get(&mut tx, id).await?.map(Json).ok_or_else(|| Problem::not_found("contact"))
}
