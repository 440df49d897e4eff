//! Reading why the assistant answered as it did.

use axum::extract::State;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    knowledge, models,
    store::{self, Turn},
};
use crate::{
    accounts::Staff,
    platform::{
        http::{Core, Json, Page, Paging, Path, Query},
        ids::ConversationId,
        problem::{Problem, ProblemDocument},
    },
};

pub fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new().routes(routes!(list_turns)).merge(knowledge::api::router()).merge(models::api::router())
}

/// Turns of a conversation, newest first.
#[utoipa::path(get, path = "/conversations/{id}/turns", tag = "conversations", params(("id" = ConversationId, Path), Paging),
    responses(
    (status = 200, description = "One page", body = Page<Turn>),
    (status = 401, description = "Not signed in", body = ProblemDocument),
    (status = 404, description = "No such conversation", body = ProblemDocument),
    (status = 422, description = "A parameter is not valid", body = ProblemDocument),
))]
async fn list_turns(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<ConversationId>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<Turn>>, Problem> {
    let order = paging.order(store::TURN_ORDERS)?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    if !store::conversation_exists(&mut tx, id).await? {
        return Err(Problem::not_found("conversation"));
    }
    Ok(Json(store::turns(&mut tx, id, &order).await?))
}
