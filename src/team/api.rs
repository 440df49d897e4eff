//! Endpoints of messages among the team. All are about one's own: another's message is 404, of the same organization too.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    model::{Colleague, LONGEST, Party, TeamMessage, TeamThread, UnreadFrom},
    service,
    store::{self, Side},
};
use crate::{
    accounts::{Change, Staff},
    platform::{
        http::{Core, IfMatch, Json, Page, Paging, Path, Query, Versioned},
        ids::{TeamMessageId, UserId},
        live::Kind,
        problem::{Code, Problem, ProblemDocument, StatusCode},
        wording,
    },
};

pub fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new()
        .routes(routes!(list_team_people))
        .routes(routes!(send_team_message))
        .routes(routes!(list_received_team_messages))
        .routes(routes!(list_sent_team_messages))
        .routes(routes!(list_team_history))
        .routes(routes!(count_unread_team_messages))
        .routes(routes!(read_all_team_messages))
        .routes(routes!(get_team_message, edit_team_message, delete_team_message))
        .routes(routes!(read_team_message))
        .routes(routes!(reply_to_team_message))
}

/// Who writes and reads: a member of the organization.
fn member(staff: &Staff) -> Result<UserId, Problem> {
    staff.require_user()?;
    staff.user_id().ok_or_else(|| Problem::new(Code::Forbidden, "This is for members of the organization."))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct PeopleParams {
    /// Part of a name or user name.
    q: Option<String>,
}

/// Colleagues one can write to. Orders: name.
#[utoipa::path(get, path = "/team/people", tag = "team", params(PeopleParams, Paging), responses(
    (status = 200, description = "One page", body = Page<Colleague>),
))]
async fn list_team_people(
    State(core): State<Core>,
    staff: Staff,
    Query(params): Query<PeopleParams>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<Colleague>>, Problem> {
    let me = member(&staff)?;
    let order = paging.order(store::PEOPLE_ORDERS)?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    Ok(Json(store::people(&mut tx, me, params.q.as_deref(), &order).await?))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct NewTeamMessage {
    recipient: Party,
    /// 1 to 4,000 characters.
    #[schema(max_length = 4000, example = "Can you take the 3 pm tomorrow?")]
    body: String,
    /// A message from or to the same person, which this one answers.
    parent_id: Option<TeamMessageId>,
}

/// Write to a colleague, or ask the assistant, which answers by a message of its own.
#[utoipa::path(post, path = "/team/messages", tag = "team", request_body = NewTeamMessage, responses(
    (status = 201, description = "The message", body = TeamMessage),
    (status = 404, description = "No such colleague, or no such message to answer", body = ProblemDocument),
))]
async fn send_team_message(
    State(core): State<Core>,
    staff: Staff,
    Json(new): Json<NewTeamMessage>,
) -> Result<(StatusCode, Json<TeamMessage>), Problem> {
    let me = member(&staff)?;
    let body = wording::checked("body", &new.body, LONGEST)?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let message = service::send(&mut tx, me, new.recipient, new.parent_id, &body).await?;
    staff.audit(&mut tx, Change::created("team_message", message.id.0, &message)).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(message)))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct ReceivedParams {
    /// Part of the text.
    q: Option<String>,
    /// true: only those not read yet.
    unread: Option<bool>,
    /// Only those of one sender.
    from: Option<Party>,
}

/// Messages one got, newest first. Orders: created_at.
#[utoipa::path(get, path = "/team/messages/received", tag = "team", params(ReceivedParams, Paging), responses(
    (status = 200, description = "One page", body = Page<TeamMessage>),
))]
async fn list_received_team_messages(
    State(core): State<Core>,
    staff: Staff,
    Query(params): Query<ReceivedParams>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<TeamMessage>>, Problem> {
    let side = Side::Received { unread: params.unread == Some(true), from: params.from };
    page(&core, &staff, &side, params.q.as_deref(), &paging).await
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct SentParams {
    /// Part of the text.
    q: Option<String>,
    /// Only those to one recipient.
    to: Option<Party>,
}

/// Messages one sent, newest first. Orders: created_at.
#[utoipa::path(get, path = "/team/messages/sent", tag = "team", params(SentParams, Paging), responses(
    (status = 200, description = "One page", body = Page<TeamMessage>),
))]
async fn list_sent_team_messages(
    State(core): State<Core>,
    staff: Staff,
    Query(params): Query<SentParams>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<TeamMessage>>, Problem> {
    page(&core, &staff, &Side::Sent { to: params.to }, params.q.as_deref(), &paging).await
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct HistoryParams {
    /// Whom with: the id of a user, or "assistant".
    with: Party,
    /// Part of the text.
    q: Option<String>,
}

/// What one and somebody else wrote to each other, newest first. Orders: created_at.
#[utoipa::path(get, path = "/team/messages/history", tag = "team", params(HistoryParams, Paging), responses(
    (status = 200, description = "One page", body = Page<TeamMessage>),
))]
async fn list_team_history(
    State(core): State<Core>,
    staff: Staff,
    Query(params): Query<HistoryParams>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<TeamMessage>>, Problem> {
    page(&core, &staff, &Side::Both { with: params.with }, params.q.as_deref(), &paging).await
}

async fn page(
    core: &Core,
    staff: &Staff,
    side: &Side,
    text: Option<&str>,
    paging: &Paging,
) -> Result<Json<Page<TeamMessage>>, Problem> {
    let me = member(staff)?;
    let order = paging.order(store::ORDERS)?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    Ok(Json(store::list(&mut tx, me, side, text, &order).await?))
}

#[derive(Serialize, utoipa::ToSchema)]
struct UnreadTeamMessages {
    unread: i64,
    /// Most first.
    senders: Vec<UnreadFrom>,
}

/// How many messages one has not read, and whose.
#[utoipa::path(get, path = "/team/messages/unread-count", tag = "team", responses(
    (status = 200, description = "The counts", body = UnreadTeamMessages),
))]
async fn count_unread_team_messages(
    State(core): State<Core>,
    staff: Staff,
) -> Result<Json<UnreadTeamMessages>, Problem> {
    let me = member(&staff)?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let senders = store::unread_by_sender(&mut tx, me).await?;
    Ok(Json(UnreadTeamMessages { unread: senders.iter().map(|s| s.unread).sum(), senders }))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct ReadAllParams {
    /// Only those of one sender.
    from: Option<Party>,
}

#[derive(Serialize, utoipa::ToSchema)]
struct TeamMessagesRead {
    /// How many were not read before.
    read: u64,
}

/// Mark everything one got as read, or everything of one sender.
#[utoipa::path(post, path = "/team/messages/read-all", tag = "team", params(ReadAllParams), responses(
    (status = 200, description = "How many", body = TeamMessagesRead),
))]
async fn read_all_team_messages(
    State(core): State<Core>,
    staff: Staff,
    Query(params): Query<ReadAllParams>,
) -> Result<Json<TeamMessagesRead>, Problem> {
    let me = member(&staff)?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let read = store::mark_read(&mut tx, me, None, params.from).await?;
    for end in [Some(me), params.from.and_then(Party::user)].into_iter().flatten() {
        tx.tell_only(end, Kind::TeamMessage, None);
    }
    tx.commit().await?;
    Ok(Json(TeamMessagesRead { read }))
}

/// One message, with everything said in its thread.
#[utoipa::path(get, path = "/team/messages/{id}", tag = "team", params(("id" = TeamMessageId, Path)), responses(
    (status = 200, description = "The message and its thread", body = TeamThread),
    (status = 404, description = "No such message of one's own", body = ProblemDocument),
))]
async fn get_team_message(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<TeamMessageId>,
) -> Result<Versioned<TeamThread>, Problem> {
    let me = member(&staff)?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let message = service::get(&mut tx, me, id).await?;
    let thread = store::thread(&mut tx, me, message.thread_id).await?;
    Ok(Versioned { version: message.version, row: TeamThread { message, thread } })
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct TeamMessageText {
    /// 1 to 4,000 characters.
    #[schema(max_length = 4000)]
    body: String,
}

/// Rewrite a message one sent. What the assistant was asked is not answered again.
#[utoipa::path(patch, path = "/team/messages/{id}", tag = "team", params(("id" = TeamMessageId, Path)),
    request_body = TeamMessageText, responses(
    (status = 200, description = "The message", body = TeamMessage),
    (status = 404, description = "No such message that one sent", body = ProblemDocument),
    (status = 409, description = "It was taken back", body = ProblemDocument),
    (status = 412, description = "It was changed meanwhile", body = ProblemDocument),
))]
async fn edit_team_message(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<TeamMessageId>,
    if_match: IfMatch,
    Json(text): Json<TeamMessageText>,
) -> Result<Versioned<TeamMessage>, Problem> {
    let me = member(&staff)?;
    let body = wording::checked("body", &text.body, LONGEST)?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let (before, after) = service::edit(&mut tx, me, id, if_match, &body).await?;
    staff.audit(&mut tx, Change::updated("team_message", id.0, &before, &after)).await?;
    tx.commit().await?;
    Ok(Versioned { version: after.version, row: after })
}

/// Take a message back that one sent. The row stays without its words.
#[utoipa::path(delete, path = "/team/messages/{id}", tag = "team", params(("id" = TeamMessageId, Path)), responses(
    (status = 204, description = "Taken back, now or before"),
    (status = 404, description = "No such message that one sent", body = ProblemDocument),
))]
async fn delete_team_message(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<TeamMessageId>,
) -> Result<StatusCode, Problem> {
    let me = member(&staff)?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    if let Some(before) = service::delete(&mut tx, me, id).await? {
        staff.audit(&mut tx, Change::deleted("team_message", id.0, &before)).await?;
    }
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Mark a message one got as read.
#[utoipa::path(post, path = "/team/messages/{id}/read", tag = "team", params(("id" = TeamMessageId, Path)), responses(
    (status = 200, description = "The message", body = TeamMessage),
    (status = 404, description = "No such message that one got", body = ProblemDocument),
))]
async fn read_team_message(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<TeamMessageId>,
) -> Result<Json<TeamMessage>, Problem> {
    let me = member(&staff)?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let message = service::read(&mut tx, me, id).await?;
    tx.commit().await?;
    Ok(Json(message))
}

/// Answer a message, whichever of the two wrote it.
#[utoipa::path(post, path = "/team/messages/{id}/reply", tag = "team", params(("id" = TeamMessageId, Path)),
    request_body = TeamMessageText, responses(
    (status = 201, description = "The answer", body = TeamMessage),
    (status = 404, description = "No such message of one's own, or its other end left", body = ProblemDocument),
))]
async fn reply_to_team_message(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<TeamMessageId>,
    Json(text): Json<TeamMessageText>,
) -> Result<(StatusCode, Json<TeamMessage>), Problem> {
    let me = member(&staff)?;
    let body = wording::checked("body", &text.body, LONGEST)?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let message = service::reply(&mut tx, me, id, &body).await?;
    staff.audit(&mut tx, Change::created("team_message", message.id.0, &message)).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(message)))
}
