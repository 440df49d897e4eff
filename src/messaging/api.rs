//! Reading messages and conversations, and texting from the simulator.

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    model::{Conversation, Message},
    service,
    store::reading::{self, ConversationFilter},
};
use crate::{
    accounts::Staff,
    platform::{
        http::{Core, Json, Page, Paging, Path, Query},
        ids::{ContactId, ConversationId},
        phone::PhoneNumber,
        problem::{Problem, ProblemDocument},
    },
};

pub fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new()
        .routes(routes!(list_messages))
        .routes(routes!(list_conversations))
        .routes(routes!(get_conversation))
        .routes(routes!(simulate))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct MessageParams {
    contact_id: Option<ContactId>,
    conversation_id: Option<ConversationId>,
    limit: Option<u32>,
    cursor: Option<String>,
}

/// Messages, newest first.
#[utoipa::path(get, path = "/messages", tag = "messages", params(MessageParams), responses(
    (status = 200, description = "One page", body = Page<Message>),
    (status = 401, description = "Not signed in", body = ProblemDocument),
    (status = 422, description = "A parameter is not valid", body = ProblemDocument),
))]
async fn list_messages(
    State(core): State<Core>,
    staff: Staff,
    Query(p): Query<MessageParams>,
) -> Result<Json<Page<Message>>, Problem> {
    let paging = Paging { limit: p.limit, cursor: p.cursor };
    let limit = paging.limit()?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let rows = reading::messages(&mut tx, p.contact_id, p.conversation_id, paging.after()?, limit as i64 + 1).await?;
    Ok(Json(Page::cut(rows, limit, |m| m.id)))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct ConversationParams {
    contact_id: Option<ContactId>,
    limit: Option<u32>,
    cursor: Option<String>,
}

/// Conversations, latest activity first.
#[utoipa::path(get, path = "/conversations", tag = "conversations", params(ConversationParams), responses(
    (status = 200, description = "One page", body = Page<Conversation>),
    (status = 401, description = "Not signed in", body = ProblemDocument),
    (status = 422, description = "A parameter is not valid", body = ProblemDocument),
))]
async fn list_conversations(
    State(core): State<Core>,
    staff: Staff,
    Query(p): Query<ConversationParams>,
) -> Result<Json<Page<Conversation>>, Problem> {
    let paging = Paging { limit: p.limit, cursor: p.cursor };
    let limit = paging.limit()?;
    let filter = ConversationFilter { contact: p.contact_id, id: None };
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let rows = reading::conversations(&mut tx, &filter, paging.after()?, limit as i64 + 1).await?;
    Ok(Json(Page::cut(rows, limit, |c| (c.updated_at, c.id))))
}

/// One conversation with its dialogue state.
#[utoipa::path(get, path = "/conversations/{id}", tag = "conversations", params(("id" = ConversationId, Path)), responses(
    (status = 200, description = "The conversation", body = Conversation),
    (status = 401, description = "Not signed in", body = ProblemDocument),
    (status = 404, description = "No such conversation", body = ProblemDocument),
))]
async fn get_conversation(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<ConversationId>,
) -> Result<Json<Conversation>, Problem> {
    let filter = ConversationFilter { id: Some(id), contact: None };
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let found = reading::conversations(&mut tx, &filter, None, 1).await?.pop();
    found.map(Json).ok_or_else(|| Problem::not_found("conversation"))
}

#[derive(Deserialize, utoipa::ToSchema)]
struct SimulatedText {
    /// The number to text from, in any usual spelling.
    #[schema(example = "+14155550101")]
    from: String,
    #[schema(example = "can I come in tomorrow afternoon?")]
    body: String,
}

/// Text the front desk as if from a phone.
#[utoipa::path(post, path = "/simulator/messages", tag = "simulator", request_body = SimulatedText, responses(
    (status = 201, description = "The text, as taken in", body = Message),
    (status = 401, description = "Not signed in", body = ProblemDocument),
    (status = 422, description = "A field is not valid", body = ProblemDocument),
))]
async fn simulate(
    State(core): State<Core>,
    staff: Staff,
    Json(text): Json<SimulatedText>,
) -> Result<(StatusCode, Json<Message>), Problem> {
    let from = PhoneNumber::parse_typed(&text.from, &core.config.default_region)
        .map_err(|e| Problem::invalid_field("from", "invalid_phone_number", e.to_string()))?;
    let body = text.body.replace('\0', "");
    if !(1..=1600).contains(&body.chars().count()) {
        return Err(Problem::invalid_field("body", "invalid_length", "must have 1 to 1600 characters"));
    }
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let message =
        service::receive_simulated(&mut tx, from, body).await?.ok_or_else(|| Problem::not_found("simulator sender"))?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(message)))
}
