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
    let limit = paging.limit()?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    if !store::conversation_exists(&mut tx, id).await? {
        return Err(Problem::not_found("conversation"));
    }
    let rows = store::turns(&mut tx, id, paging.after()?, limit as i64 + 1).await?;
    Ok(Json(Page::cut(rows, limit, |t| t.id)))
}
