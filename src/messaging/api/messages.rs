//! Messages by themselves: found, read, written to a contact, taken back.

use axum::{extract::State, http::StatusCode};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{TemplateToSend, checked_words, human_until};
use crate::{
    accounts::{Change, Staff},
    compliance::{Purpose, Receipt},
    messaging::{
        model::{ChannelKind, Direction, Message, MessageStatus},
        rules::receipt_sentence,
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
        .routes(routes!(get_message_receipt))
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

/// How long a text may wait at most.
const LATEST: TimeDelta = TimeDelta::days(30);

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
    /// What the text is for: conversational, unless it reminds of or confirms something (transactional), or advertises (marketing).
    #[serde(default)]
    purpose: BegunPurpose,
    /// Not sent after this moment, for example where quiet hours hold it. Left out: a day, for marketing three.
    expires_at: Option<DateTime<Utc>>,
}

/// What a text is for that staff or a program begins.
#[derive(Clone, Copy, Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum BegunPurpose {
    #[default]
    Conversational,
    Transactional,
    Marketing,
}

impl From<BegunPurpose> for Purpose {
    fn from(begun: BegunPurpose) -> Self {
        match begun {
            BegunPurpose::Conversational => Self::Conversational,
            BegunPurpose::Transactional => Self::Transactional,
            BegunPurpose::Marketing => Self::Marketing,
        }
    }
}

/// Why a text was sent, is held or was not sent.
#[derive(Serialize, utoipa::ToSchema)]
struct MessageReceipt {
    message_id: MessageId,
    status: MessageStatus,
    /// What became of it, in one sentence.
    #[schema(example = "Held: 8:47 pm in Florida, window 8 am to 8 pm; will go at 8:04 am.")]
    sentence: String,
    /// Waits for this moment, because a rule says so.
    held_until: Option<DateTime<Utc>>,
    /// Not sent after this moment.
    deadline_at: Option<DateTime<Utc>>,
    /// Every decision, the latest first: the last eight at most.
    decisions: Vec<Receipt>,
}

/// Why an outbound message was sent, is held or was not sent: each rule that had a say, its version, and the place and consent used.
#[utoipa::path(get, path = "/messages/{id}/receipt", tag = "messages", params(("id" = MessageId, Path)), responses(
    (status = 200, description = "The decisions", body = MessageReceipt),
    (status = 404, description = "No such outbound message", body = ProblemDocument),
))]
async fn get_message_receipt(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<MessageId>,
) -> Result<Json<MessageReceipt>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let row = reading::receipt(&mut tx, id).await?.ok_or_else(|| Problem::not_found("message"))?;
    let sentence = receipt_sentence(row.status, row.unknown, row.receipt.last(), row.error_message.as_deref());
    let decisions = row.receipt.0.into_iter().rev().collect();
    let (held_until, deadline_at) = (row.held_until, row.deadline_at);
    Ok(Json(MessageReceipt { message_id: id, status: row.status, sentence, held_until, deadline_at, decisions }))
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
    let now = tx.clock().now();
    if new.expires_at.is_some_and(|at| at <= now || at > now + LATEST) {
        return Err(Problem::invalid_field("expires_at", "out_of_range", "must lie in the next 30 days"));
    }
    let text = TextTo {
        contact_id: new.contact_id,
        sender_id: new.sender_id,
        channel: new.channel,
        words: &words,
        purpose: new.purpose.into(),
        deadline: new.expires_at,
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
