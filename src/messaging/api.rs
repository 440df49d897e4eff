//! Reading messages and conversations, answering in person, and texting from the simulator.

use axum::{extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    model::{Conversation, Message, Mode},
    service,
    store::reading::{self, ConversationFilter, MessageFilter},
    takeover::{self, TakeoverError},
};
use crate::{
    accounts::{self, Staff},
    compliance::Refusal,
    platform::{
        db::Tx,
        http::{Core, Json, Page, Paging, Path, Query},
        ids::{ContactId, ConversationId},
        phone::PhoneNumber,
        problem::{Code, Problem, ProblemDocument},
    },
};

pub fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new()
        .routes(routes!(list_messages))
        .routes(routes!(list_conversations))
        .routes(routes!(get_conversation))
        .routes(routes!(write_message))
        .routes(routes!(set_mode))
        .routes(routes!(attend))
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
    let paging = Paging { limit: p.limit, cursor: p.cursor, sort: None };
    let limit = paging.limit()?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let filter = MessageFilter { contact: p.contact_id, conversation: p.conversation_id, id: None };
    let rows = reading::messages(&mut tx, filter, paging.after()?, limit as i64 + 1).await?;
    Ok(Json(Page::cut(rows, limit, |m| m.id)))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct ConversationParams {
    contact_id: Option<ContactId>,
    /// Who answers in it now.
    #[param(inline)]
    mode: Option<Mode>,
    /// true: only those whose contact waits for staff.
    #[serde(default)]
    waiting: bool,
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
    let paging = Paging { limit: p.limit, cursor: p.cursor, sort: None };
    let limit = paging.limit()?;
    let filter = ConversationFilter { contact: p.contact_id, mode: p.mode, waiting: p.waiting, id: None };
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
    let filter = ConversationFilter { id: Some(id), ..Default::default() };
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let found = reading::conversations(&mut tx, &filter, None, 1).await?.pop();
    found.map(Json).ok_or_else(|| Problem::not_found("conversation"))
}

impl From<TakeoverError> for Problem {
    fn from(error: TakeoverError) -> Self {
        match error {
            TakeoverError::NoSuchConversation => Self::not_found("conversation"),
            TakeoverError::Refused(Refusal::UnderReview) => {
                Self::new(Code::ContactUnderReview, "Decide first whether their last text was an opt-out.")
            }
            TakeoverError::Refused(Refusal::OptedOut | Refusal::CarrierOptedOut) => Self::new(
                Code::ContactOptedOut,
                "They asked for no more texts. Only they can take that back, with START.",
            ),
            TakeoverError::Database(error) => error.into(),
        }
    }
}

/// Until when a person who acts now holds a conversation.
async fn human_until(core: &Core, tx: &mut Tx) -> Result<DateTime<Utc>, sqlx::Error> {
    let organization = accounts::organization(tx).await?;
    Ok(organization.human_until(core.clock.now(), core.config.human_quiet))
}

/// The text without NUL, which Postgres cannot hold.
fn checked_body(text: &str) -> Result<String, Problem> {
    let body = text.replace('\0', "");
    if !(1..=1600).contains(&body.chars().count()) || body.trim().is_empty() {
        return Err(Problem::invalid_field("body", "invalid_length", "must have 1 to 1600 characters"));
    }
    Ok(body)
}

#[derive(Deserialize, utoipa::ToSchema)]
struct StaffText {
    /// 1 to 1600 characters.
    #[schema(example = "Sure, bring it along!")]
    body: String,
}

/// Answer in person. From here on the assistant is silent in the conversation, until it is released or staff has been quiet long enough.
#[utoipa::path(post, path = "/conversations/{id}/messages", tag = "conversations", params(("id" = ConversationId, Path)),
    request_body = StaffText, responses(
    (status = 201, description = "The text, queued to be sent", body = Message),
    (status = 401, description = "Not signed in", body = ProblemDocument),
    (status = 404, description = "No such conversation", body = ProblemDocument),
    (status = 409, description = "The contact may not be texted", body = ProblemDocument),
    (status = 422, description = "The body is not valid", body = ProblemDocument),
))]
async fn write_message(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<ConversationId>,
    Json(text): Json<StaffText>,
) -> Result<(StatusCode, Json<Message>), Problem> {
    let body = checked_body(&text.body)?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let until = human_until(&core, &mut tx).await?;
    let message = takeover::write(&mut tx, id, staff.user_id(), &body, until).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(message)))
}

#[derive(Deserialize, utoipa::ToSchema)]
struct ModeChange {
    mode: Mode,
}

/// Take a conversation over without writing (`human`), or give it back to the assistant (`bot`).
#[utoipa::path(put, path = "/conversations/{id}/mode", tag = "conversations", params(("id" = ConversationId, Path)),
    request_body = ModeChange, responses(
    (status = 200, description = "The conversation", body = Conversation),
    (status = 401, description = "Not signed in", body = ProblemDocument),
    (status = 404, description = "No such conversation", body = ProblemDocument),
    (status = 422, description = "The body is not valid", body = ProblemDocument),
))]
async fn set_mode(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<ConversationId>,
    Json(change): Json<ModeChange>,
) -> Result<Json<Conversation>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let until = human_until(&core, &mut tx).await?;
    let conversation = takeover::set_mode(&mut tx, id, staff.user_id(), change.mode, until).await?;
    tx.commit().await?;
    Ok(Json(conversation))
}

/// Note that somebody has seen to the contact, who waits no longer.
#[utoipa::path(post, path = "/conversations/{id}/attended", tag = "conversations", params(("id" = ConversationId, Path)), responses(
    (status = 200, description = "The conversation", body = Conversation),
    (status = 401, description = "Not signed in", body = ProblemDocument),
    (status = 404, description = "No such conversation", body = ProblemDocument),
))]
async fn attend(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<ConversationId>,
) -> Result<Json<Conversation>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let conversation = takeover::attend(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Json(conversation))
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
    let body = checked_body(&text.body)?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let message =
        service::receive_simulated(&mut tx, from, body).await?.ok_or_else(|| Problem::not_found("simulator sender"))?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(message)))
}
