//! Use cases: take a text in, give a turn its thread, write a reply.

use chrono::{DateTime, Utc};

use super::{
    model::{ChannelKind, Message, MessageStatus, Mode, Sender},
    rules::segments,
    store,
};
use crate::{
    compliance::{self, Purpose},
    contacts::{self, Contact},
    platform::{
        db::{Db, Tx},
        events::{self, Event},
        ids::{ConversationId, MessageId, OrganizationId, SenderId},
        phone::PhoneNumber,
    },
};

/// Makes sure the organization owns this address.
pub async fn ensure_sender(
    db: &Db,
    organization: OrganizationId,
    channel: ChannelKind,
    address: &str,
    messaging_service_sid: Option<&str>,
    display_name: &str,
) -> Result<(), sqlx::Error> {
    let mut tx = db.tenant(organization).await?;
    store::upsert_sender(&mut tx, channel, address, messaging_service_sid, display_name).await?;
    tx.commit().await
}

/// A text that came in, parsed.
#[derive(Debug)]
pub struct InboundText {
    pub provider_sid: String,
    pub from: PhoneNumber,
    pub body: String,
    pub media: Vec<String>,
    /// Twilio's Advanced Opt-Out already answered: STOP, START or HELP.
    pub opt_out_type: Option<String>,
    /// All fields as they came.
    pub raw: serde_json::Value,
}

/// Stores a text with its receipt, contact, conversation and the job that answers it: all or nothing. None: it was taken in before.
pub(super) async fn receive(
    tx: &mut Tx,
    sender: &Sender,
    text: &InboundText,
) -> Result<Option<MessageId>, sqlx::Error> {
    let (id, now) = (MessageId::new(tx.clock()), tx.clock().now());
    // The receipt comes first: a duplicate waits here for its twin, and nothing else is touched.
    if !store::insert_receipt(tx, &text.provider_sid, id, &text.raw).await? {
        return Ok(None);
    }
    let contact = contacts::see(tx, &text.from, now).await?;
    let conversation = store::touch_conversation(tx, contact.id, sender.id).await?;
    store::insert_message(
        tx,
        &store::NewMessage {
            id,
            conversation_id: conversation,
            contact_id: contact.id,
            sender_id: sender.id,
            direction: "inbound",
            channel: sender.channel,
            body: &text.body,
            media: serde_json::json!(text.media),
            segments: i16::try_from(segments(&text.body)).unwrap_or(i16::MAX),
            purpose: Purpose::Conversational.as_str(),
            status: MessageStatus::Received,
            provider_sid: Some(&text.provider_sid),
            opt_out_type: text.opt_out_type.as_deref(),
        },
    )
    .await?;
    if contact.is_new {
        compliance::note_implied_consent(tx, contact.id, sender.channel.as_str(), id).await?;
    }
    events::emit(tx, Event::MessageReceived { conversation_id: conversation, message_id: id }).await?;
    Ok(Some(id))
}

/// Takes in a text typed into the simulator, by the same path as one from a carrier.
pub(super) async fn receive_simulated(
    tx: &mut Tx,
    from: PhoneNumber,
    body: String,
) -> Result<Option<Message>, sqlx::Error> {
    let Some(sender) = store::simulator_sender(tx).await? else {
        return Ok(None);
    };
    let provider_sid = format!("SIM{}", MessageId::new(tx.clock()).0.simple());
    let raw = serde_json::json!({ "From": from.as_str(), "Body": body });
    let text = InboundText { provider_sid, from, body, media: Vec::new(), opt_out_type: None, raw };
    match receive(tx, &sender, &text).await? {
        Some(id) => store::get_message(tx, id).await,
        None => Ok(None),
    }
}

/// A conversation in the hands of one turn, with every text that waits for an answer.
pub struct LockedThread {
    pub id: ConversationId,
    pub contact: Contact,
    pub contact_phone: PhoneNumber,
    pub sender_id: SenderId,
    pub channel: ChannelKind,
    pub mode: Mode,
    /// The stored dialogue; idle when silence has ended it.
    pub dialogue: serde_json::Value,
    pub unhandled: Vec<UnhandledText>,
}

pub struct UnhandledText {
    pub id: MessageId,
    pub body: String,
    pub has_media: bool,
    pub opt_out_type: Option<String>,
    pub created_at: DateTime<Utc>,
}

/// Locks contact and conversation, in that order, as receiving does. None: there is no such conversation.
pub async fn lock_thread(tx: &mut Tx, id: ConversationId) -> Result<Option<LockedThread>, sqlx::Error> {
    let Some(contact_id) = store::contact_of(tx, id).await? else {
        return Ok(None);
    };
    let contact = contacts::lock(tx, contact_id).await?;
    let row = store::lock_conversation(tx, id).await?;
    let unhandled = store::unhandled(tx, id).await?;
    let now = tx.clock().now();
    // Silence is counted to the text that breaks it, not to the moment a busy worker reads it.
    let heard_at = unhandled.first().map_or(now, |m| m.created_at);
    let expired = row.state_expires_at.is_some_and(|at| at <= heard_at);
    let contact_phone = PhoneNumber::parse_e164(&contact.phone_number).map_err(|e| sqlx::Error::Decode(Box::new(e)))?;
    Ok(Some(LockedThread {
        id,
        contact,
        contact_phone,
        sender_id: row.sender_id,
        channel: row.channel,
        mode: row.mode,
        dialogue: if expired { serde_json::json!({ "state": "idle" }) } else { row.dialogue },
        unhandled: unhandled
            .into_iter()
            .map(|m| UnhandledText {
                id: m.id,
                body: m.body,
                has_media: m.media.as_array().is_some_and(|a| !a.is_empty()),
                opt_out_type: m.opt_out_type,
                created_at: m.created_at,
            })
            .collect(),
    }))
}

/// Stores the dialogue after a turn and marks its texts answered.
pub async fn save_thread(
    tx: &mut Tx,
    thread: &LockedThread,
    dialogue: &serde_json::Value,
    expires_at: Option<DateTime<Utc>>,
) -> Result<(), sqlx::Error> {
    let ids: Vec<MessageId> = thread.unhandled.iter().map(|m| m.id).collect();
    store::mark_handled(tx, &ids).await?;
    store::save_dialogue(tx, thread.id, dialogue, expires_at).await
}

/// Writes an outbound text and the job that sends it.
pub async fn queue_reply(
    tx: &mut Tx,
    thread: &LockedThread,
    body: &str,
    purpose: Purpose,
) -> Result<MessageId, sqlx::Error> {
    let id = MessageId::new(tx.clock());
    store::insert_message(
        tx,
        &store::NewMessage {
            id,
            conversation_id: thread.id,
            contact_id: thread.contact.id,
            sender_id: thread.sender_id,
            direction: "outbound",
            channel: thread.channel,
            body,
            media: serde_json::json!([]),
            segments: i16::try_from(segments(body)).unwrap_or(i16::MAX),
            purpose: purpose.as_str(),
            status: MessageStatus::Queued,
            provider_sid: None,
            opt_out_type: None,
        },
    )
    .await?;
    events::emit(tx, Event::MessageQueued { message_id: id }).await?;
    Ok(id)
}
