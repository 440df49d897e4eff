//! Conversations, answering in person, and texting from the simulator. Messages by themselves and senders have a file each.

mod credentials;
mod media;
mod messages;
mod preview;
mod senders;
mod simulator;
mod templates;

use std::collections::BTreeMap;

use axum::{extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    media::{MOST, MediaItem, checked_url},
    model::{Conversation, Message, Mode},
    segments::LONGEST,
    service,
    store::reading::{self, ConversationFilter, MessageFilter},
    takeover::{self, TakeoverError, TemplateUse, Words},
};
use crate::{
    accounts::{self, Change, Staff},
    compliance::Refusal,
    platform::{
        db::Tx,
        http::{Core, IfMatch, Json, Page, Paging, Patch, Path, Query, Versioned},
        ids::{ContactId, ConversationId, UserId, WhatsappTemplateId},
        phone::PhoneNumber,
        problem::{Code, Problem, ProblemDocument},
    },
};

pub fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new()
        .merge(messages::router())
        .merge(preview::router())
        .merge(media::router())
        .merge(templates::router())
        .merge(senders::router())
        .merge(credentials::router())
        .merge(simulator::router())
        .routes(routes!(list_conversations))
        .routes(routes!(get_conversation, update_conversation))
        .routes(routes!(list_conversation_messages, write_message))
        .routes(routes!(set_mode))
        .routes(routes!(attend))
        .routes(routes!(simulate))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct ConversationParams {
    /// Part of the contact's name or number.
    q: Option<String>,
    contact_id: Option<ContactId>,
    /// Who answers in it now.
    #[param(inline)]
    mode: Option<Mode>,
    /// true: only those whose contact waits for staff.
    #[serde(default)]
    waiting: bool,
    /// Who it was given to.
    assignee_id: Option<UserId>,
    /// true: only those that nobody has.
    #[serde(default)]
    unassigned: bool,
    /// true: those that were put away, and only those.
    #[serde(default)]
    archived: bool,
}

/// Conversations, latest activity first. Orders: last_activity, created_at.
#[utoipa::path(get, path = "/conversations", tag = "conversations", params(ConversationParams, Paging), responses(
    (status = 200, description = "One page", body = Page<Conversation>),
))]
async fn list_conversations(
    State(core): State<Core>,
    staff: Staff,
    Query(p): Query<ConversationParams>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<Conversation>>, Problem> {
    let order = paging.order(reading::CONVERSATION_ORDERS)?;
    let filter = ConversationFilter {
        id: None,
        contact: p.contact_id,
        mode: p.mode,
        waiting: p.waiting,
        assignee: p.assignee_id,
        unassigned: p.unassigned,
        archived: Some(p.archived),
        text: p.q.as_deref(),
    };
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    Ok(Json(reading::conversations(&mut tx, &filter, &order).await?))
}

/// One conversation with its dialogue state.
#[utoipa::path(get, path = "/conversations/{id}", tag = "conversations", params(("id" = ConversationId, Path)), responses(
    (status = 200, description = "The conversation", body = Conversation),
    (status = 404, description = "No such conversation", body = ProblemDocument),
))]
async fn get_conversation(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<ConversationId>,
) -> Result<Versioned<Conversation>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let found = reading::conversation(&mut tx, id).await?.ok_or_else(|| Problem::not_found("conversation"))?;
    Ok(Versioned { version: found.version, row: found })
}

/// How staff handles a conversation. What is left out stays.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct ConversationChange {
    /// A member of the organization, who keeps it until somebody changes that; null: nobody.
    #[serde(default)]
    #[schema(value_type = Option<UserId>)]
    assignee_id: Patch<UserId>,
    /// Put away, nobody waiting in it; the next text brings it back.
    archived: Option<bool>,
}

/// Give a conversation to somebody, put it away, take it out. Who answers in it is not changed by that: see its mode.
#[utoipa::path(patch, path = "/conversations/{id}", tag = "conversations", params(("id" = ConversationId, Path)),
    request_body = ConversationChange, responses(
    (status = 200, description = "The conversation", body = Conversation),
    (status = 404, description = "No such conversation", body = ProblemDocument),
    (status = 412, description = "Somebody else changed it meanwhile", body = ProblemDocument),
))]
async fn update_conversation(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<ConversationId>,
    if_match: IfMatch,
    Json(change): Json<ConversationChange>,
) -> Result<Versioned<Conversation>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let before = takeover::lock_handling(&mut tx, id).await?;
    if_match.check(before.version)?;
    let handled = takeover::handle(&mut tx, id, before, change.assignee_id, change.archived).await?;
    staff.audit(&mut tx, Change::updated("conversation", id.0, &handled.before, &handled.after)).await?;
    tx.commit().await?;
    Ok(Versioned { version: handled.after.version, row: handled.conversation })
}

/// What was said in one conversation, newest first. Orders: created_at.
#[utoipa::path(get, path = "/conversations/{id}/messages", tag = "conversations", params(("id" = ConversationId, Path), Paging), responses(
    (status = 200, description = "One page", body = Page<Message>),
    (status = 404, description = "No such conversation", body = ProblemDocument),
))]
async fn list_conversation_messages(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<ConversationId>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<Message>>, Problem> {
    let order = paging.order(reading::MESSAGE_ORDERS)?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    reading::conversation(&mut tx, id).await?.ok_or_else(|| Problem::not_found("conversation"))?;
    let filter = MessageFilter { conversation: Some(id), ..Default::default() };
    Ok(Json(reading::messages(&mut tx, &filter, &order).await?))
}

impl From<TakeoverError> for Problem {
    fn from(error: TakeoverError) -> Self {
        match error {
            TakeoverError::NoSuchConversation => Self::not_found("conversation"),
            TakeoverError::NoSuchContact => Self::not_found("contact"),
            TakeoverError::NoSuchSender => Self::not_found("sender"),
            TakeoverError::NoSuchMessage => Self::not_found("message"),
            TakeoverError::NoSuchMember => {
                Self::invalid_field("assignee_id", "unknown", "must be an active member of the organization")
            }
            TakeoverError::OtherChannel => Self::invalid_field("channel", "mismatch", "is not the sender's channel"),
            TakeoverError::ArchivedContact => {
                Self::new(Code::NotActive, "The contact is archived. Take them out of the archive first.")
            }
            TakeoverError::ArchivedSender => Self::new(Code::NotActive, "The sender is archived."),
            TakeoverError::NoSender => Self::new(
                Code::NoSender,
                "No sender for this channel is in use: add one, or resume one that is paused.",
            ),
            TakeoverError::NoSuchTemplate => Self::not_found("template"),
            TakeoverError::TemplateNotApproved => {
                Self::new(Code::NotApproved, "Only a template that WhatsApp approved can be sent.")
            }
            TakeoverError::TemplateFault(fault) => {
                Self::invalid_field("template", "invalid", format!("the template {fault}"))
            }
            TakeoverError::TemplateElsewhere => {
                Self::invalid_field("template", "mismatch", "templates are sent by WhatsApp only")
            }
            TakeoverError::Refused(Refusal::OutsideWindow) => Self::new(
                Code::OutsideWindow,
                "More than 24 hours have passed since they last wrote by WhatsApp. Send an approved template.",
            ),
            TakeoverError::NotCancelable => {
                Self::new(Code::NotCancelable, "Only a text that waits to be handed over can be taken back.")
            }
            TakeoverError::NoMarketingConsent => Self::new(
                Code::NoConsent,
                "They have not agreed to promotions on this channel. Record their consent to marketing first.",
            ),
            TakeoverError::Refused(Refusal::NoConsent) => Self::new(
                Code::NoConsent,
                "They neither wrote on this channel nor agreed to be texted. Record their consent first.",
            ),
            TakeoverError::Refused(Refusal::Blocked) => {
                Self::new(Code::ContactBlocked, "Staff put this number on the block list.")
            }
            TakeoverError::Refused(Refusal::DoNotCall) => {
                Self::new(Code::ContactBlocked, "This number is on a do-not-call list.")
            }
            TakeoverError::Refused(Refusal::BadNumber) => Self::new(
                Code::ContactBlocked,
                "The carrier says that no text arrives at this number. The block list shows why, and lets you try again.",
            ),
            TakeoverError::Refused(Refusal::UnderReview) => {
                Self::new(Code::ContactUnderReview, "Decide first whether their last text was an opt-out.")
            }
            TakeoverError::Refused(Refusal::OptedOut | Refusal::CarrierOptedOut) => Self::new(
                Code::ContactOptedOut,
                "They asked for no more texts. Only they can take that back, with START.",
            ),
            TakeoverError::Refused(refusal @ (Refusal::Expired | Refusal::NoLegalWindow | Refusal::FrequencyCap)) => {
                Self::new(Code::SendRefused, refusal.sentence())
            }
            TakeoverError::Database(error) => error.into(),
        }
    }
}

/// Until when a person who acts now holds a conversation.
async fn human_until(core: &Core, tx: &mut Tx) -> Result<DateTime<Utc>, sqlx::Error> {
    let organization = accounts::organization(tx).await?;
    Ok(organization.human_until(tx.clock().now(), core.config.human_quiet))
}

/// The text without NUL, which Postgres cannot hold.
fn checked_body(text: &str) -> Result<String, Problem> {
    let body = text.replace('\0', "");
    if !(1..=LONGEST).contains(&body.chars().count()) || body.trim().is_empty() {
        return Err(Problem::invalid_field("body", "invalid_length", "must have 1 to 1600 characters"));
    }
    Ok(body)
}

/// A WhatsApp template, filled in.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct TemplateToSend {
    id: WhatsappTemplateId,
    /// A value for each variable of the template, by name: one line of at most 500 characters.
    #[serde(default)]
    #[schema(example = json!({ "1": "Ana", "2": "Friday at 3 PM" }))]
    variables: BTreeMap<String, String>,
}

/// What staff sends, checked: words, files, a template.
fn checked_words(body: Option<&str>, media: &[String], template: Option<TemplateToSend>) -> Result<Words, Problem> {
    let body = match body {
        Some(body) if !body.is_empty() || media.is_empty() && template.is_none() => checked_body(body)?,
        None if media.is_empty() && template.is_none() => {
            return Err(Problem::invalid_field(
                "body",
                "missing",
                "is needed where neither media nor a template is sent",
            ));
        }
        _ => String::new(),
    };
    if media.len() > MOST {
        return Err(Problem::invalid_field("media", "too_many", "must be at most 10"));
    }
    if !media.is_empty() && template.is_some() {
        return Err(Problem::invalid_field("media", "mismatch", "a template brings its own media"));
    }
    let media = media.iter().map(|url| {
        let url = checked_url(url).map_err(|fault| Problem::invalid_field("media", "invalid", fault.to_string()))?;
        Ok(MediaItem { url, content_type: String::new() })
    });
    let template = template.map(|t| TemplateUse { id: t.id, variables: t.variables });
    Ok(Words { body, media: media.collect::<Result<_, Problem>>()?, template })
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct StaffText {
    /// 1 to 1600 characters. May be left out where media or a template is sent.
    #[schema(example = "Sure, bring it along!", min_length = 1, max_length = 1600)]
    body: Option<String>,
    /// Up to 10 pictures or other files: https addresses that the provider fetches them from, 5 MB together.
    #[serde(default)]
    #[schema(max_items = 10)]
    media: Vec<String>,
    /// By WhatsApp: the template to send; with a body, only where WhatsApp's window is closed by the time it leaves.
    template: Option<TemplateToSend>,
}

/// Answer in person. From here on the assistant is silent in the conversation, until it is released or staff has been quiet long enough.
#[utoipa::path(post, path = "/conversations/{id}/messages", tag = "conversations", params(("id" = ConversationId, Path)),
    request_body = StaffText, responses(
    (status = 201, description = "The text, queued to be sent", body = Message),
    (status = 404, description = "No such conversation or template", body = ProblemDocument),
    (status = 409, description = "The contact may not be texted, or not with this", body = ProblemDocument),
))]
async fn write_message(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<ConversationId>,
    Json(text): Json<StaffText>,
) -> Result<(StatusCode, Json<Message>), Problem> {
    let words = checked_words(text.body.as_deref(), &text.media, text.template)?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let until = human_until(&core, &mut tx).await?;
    let message = takeover::write(&mut tx, id, staff.user_id(), &words, until).await?;
    staff.audit(&mut tx, Change::created("message", message.id.0, &message)).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(message)))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct ModeChange {
    mode: Mode,
}

/// Take a conversation over without writing (`human`), or give it back to the assistant (`bot`).
#[utoipa::path(put, path = "/conversations/{id}/mode", tag = "conversations", params(("id" = ConversationId, Path)),
    request_body = ModeChange, responses(
    (status = 200, description = "The conversation", body = Conversation),
    (status = 404, description = "No such conversation", body = ProblemDocument),
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
    let verb = if change.mode == Mode::Human { "taken_over" } else { "released" };
    staff.audit(&mut tx, Change::of("conversation", verb, id.0)).await?;
    tx.commit().await?;
    Ok(Json(conversation))
}

/// Note that somebody has seen to the contact, who waits no longer.
#[utoipa::path(post, path = "/conversations/{id}/attended", tag = "conversations", params(("id" = ConversationId, Path)), responses(
    (status = 200, description = "The conversation", body = Conversation),
    (status = 404, description = "No such conversation", body = ProblemDocument),
))]
async fn attend(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<ConversationId>,
) -> Result<Json<Conversation>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let conversation = takeover::attend(&mut tx, id).await?;
    staff.audit(&mut tx, Change::of("conversation", "attended", id.0)).await?;
    tx.commit().await?;
    Ok(Json(conversation))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct SimulatedText {
    /// The number to text from, in any usual spelling.
    #[schema(example = "+14155550101")]
    from: String,
    #[schema(example = "can I come in tomorrow afternoon?")]
    body: String,
}

/// Text the front desk as if from a phone. Not in the audit log: it changes nothing of the organization's that a phone could not.
#[utoipa::path(post, path = "/simulator/messages", tag = "simulator", request_body = SimulatedText, responses(
    (status = 201, description = "The text, as taken in", body = Message),
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
