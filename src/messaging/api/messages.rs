//! Messages by themselves: found, read, written to a contact, taken back.

use axum::{extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{TemplateToSend, checked_words, human_until};
use crate::{
    accounts::{Change, Staff},
    messaging::{
        model::{ChannelKind, Direction, Message, MessageStatus},
        service::Writer,
        store::reading::{self, MessageFilter},
        takeover::{self, TextTo},
    },
    platform::{
        http::{Core, Json, Page, Paging, Path, Query},
        ids::{ContactId, ConversationId, MessageId, SenderId},
        problem::{Problem, ProblemDocument},
    },
};

pub(super) fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new()
        .routes(routes!(list_messages, send_message))
        .routes(routes!(get_message))
        .routes(routes!(cancel_message))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct MessageParams {
    /// Part of what was written.
    q: Option<String>,
    contact_id: Option<ContactId>,
    conversation_id: Option<ConversationId>,
    #[param(inline)]
    direction: Option<Direction>,
    #[param(inline)]
    status: Option<MessageStatus>,
    #[param(inline)]
    channel: Option<ChannelKind>,
    /// Written at or after this moment.
    from: Option<DateTime<Utc>>,
    /// Written before this moment.
    to: Option<DateTime<Utc>>,
}

/// Messages, newest first. Orders: created_at.
#[utoipa::path(get, path = "/messages", tag = "messages", params(MessageParams, Paging), responses(
    (status = 200, description = "One page", body = Page<Message>),
))]
async fn list_messages(
    State(core): State<Core>,
    staff: Staff,
    Query(p): Query<MessageParams>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<Message>>, Problem> {
    let order = paging.order(reading::MESSAGE_ORDERS)?;
    let filter = MessageFilter {
        contact: p.contact_id,
        conversation: p.conversation_id,
        direction: p.direction,
        status: p.status,
        channel: p.channel,
        text: p.q.as_deref(),
        from: p.from,
        to: p.to,
    };
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    Ok(Json(reading::messages(&mut tx, &filter, &order).await?))
}

/// One message.
#[utoipa::path(get, path = "/messages/{id}", tag = "messages", params(("id" = MessageId, Path)), responses(
    (status = 200, description = "The message", body = Message),
    (status = 404, description = "No such message", body = ProblemDocument),
))]
async fn get_message(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<MessageId>,
) -> Result<Json<Message>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    reading::message(&mut tx, id).await?.map(Json).ok_or_else(|| Problem::not_found("message"))
}

/// A text to a contact.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct NewText {
    contact_id: ContactId,
    /// 1 to 1600 characters. May be left out where media or a template is sent.
    #[schema(min_length = 1, max_length = 1600, example = "Your glasses are ready.")]
    body: Option<String>,
    /// Up to 10 pictures or other files: https addresses that the provider fetches them from, 5 MB together.
    #[serde(default)]
    #[schema(max_items = 10)]
    media: Vec<String>,
    /// By WhatsApp: the template to send; with a body, only where WhatsApp's window is closed by the time it leaves.
    template: Option<TemplateToSend>,
    /// Left out: the sender of their latest conversation, else the organization's first by SMS, WhatsApp, the simulator.
    sender_id: Option<SenderId>,
    /// Narrows which sender is taken.
    channel: Option<ChannelKind>,
}

/// Text a contact, whose conversation is found or made. A person takes it over by that: the assistant is silent there, as after
/// answering in it. A program with a key does not: what the contact answers, the assistant reads. Nobody can be texted who neither wrote
/// on this channel nor agreed to be texted (`no_consent`), who opted out, or who is on the block list.
#[utoipa::path(post, path = "/messages", tag = "messages", request_body = NewText, responses(
    (status = 201, description = "The text, queued to be sent", body = Message),
    (status = 404, description = "No such contact, sender or template", body = ProblemDocument),
    (status = 409, description = "The contact may not be texted, or there is nothing to text from", body = ProblemDocument),
))]
async fn send_message(
    State(core): State<Core>,
    staff: Staff,
    Json(new): Json<NewText>,
) -> Result<(StatusCode, Json<Message>), Problem> {
    let words = checked_words(new.body.as_deref(), &new.media, new.template)?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let text = TextTo {
        contact_id: new.contact_id,
        sender_id: new.sender_id,
        channel: new.channel,
        words: &words,
        writer: if staff.user.is_some() { Writer::Staff(staff.user_id()) } else { Writer::Program },
        human_until: human_until(&core, &mut tx).await?,
    };
    let message = takeover::text(&mut tx, &text).await?;
    staff.audit(&mut tx, Change::created("message", message.id.0, &message)).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(message)))
}

/// Take a text back that waits to be handed over. One that has left, or may have, stays.
#[utoipa::path(post, path = "/messages/{id}/cancel", tag = "messages", params(("id" = MessageId, Path)), responses(
    (status = 200, description = "The message, cancelled", body = Message),
    (status = 404, description = "No such message", body = ProblemDocument),
    (status = 409, description = "It is not waiting any more", body = ProblemDocument),
))]
async fn cancel_message(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<MessageId>,
) -> Result<Json<Message>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let message = takeover::cancel(&mut tx, id).await?;
    staff.audit(&mut tx, Change::of("message", "canceled", id.0)).await?;
    tx.commit().await?;
    Ok(Json(message))
}
