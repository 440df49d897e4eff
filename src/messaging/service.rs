//! Use cases: take a text in, give a turn its thread, write a reply.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{
    media::MediaItem,
    model::{ChannelKind, Message, MessageStatus, Mode, Sender, WaitingReason, WhatsappTemplate},
    rules::effective_mode,
    segments::parts,
    store::{self, reading},
    whatsapp::Content,
    withdrawal,
};
use crate::{
    compliance::{self, Purpose},
    contacts::{self, Contact},
    platform::{
        db::{Db, Tx},
        events::{self, Event},
        ids::{ContactId, ConversationId, MessageId, OrganizationId, SenderId, UserId, WhatsappTemplateId},
        live::Kind,
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
    if tx.is_simulated() && channel != ChannelKind::Simulator {
        tracing::error!(sender.channel = channel.as_str(), "senders.left_out_in_simulation_mode");
        return Ok(());
    }
    store::upsert_sender(&mut tx, channel, address, messaging_service_sid, display_name).await?;
    tx.commit().await
}

/// A text that came in, parsed.
#[derive(Debug)]
pub struct InboundText {
    pub provider_sid: String,
    pub from: PhoneNumber,
    pub body: String,
    pub media: Vec<MediaItem>,
    /// Twilio's Advanced Opt-Out already answered: STOP, START or HELP.
    pub opt_out_type: Option<String>,
    /// What the contact calls themselves on WhatsApp.
    pub profile_name: Option<String>,
    /// When the provider took it, where that is not now: it was fetched later.
    pub at: Option<DateTime<Utc>>,
    /// All fields as they came.
    pub raw: serde_json::Value,
}

/// A text that is stored.
pub(super) struct Received {
    pub id: MessageId,
    /// From whom, if it says that fewer texts are welcome from now on.
    pub opted_out: Option<ContactId>,
}

/// Stores a text with its receipt, contact, conversation and the job that answers it, and heeds an opt-out, also for what waits to be sent: all
/// or nothing. None: it was taken in before.
pub(super) async fn receive(tx: &mut Tx, sender: &Sender, text: &InboundText) -> Result<Option<Received>, sqlx::Error> {
    let (id, now) = (MessageId::new(tx.clock()), tx.clock().now());
    let at = text.at.map_or(now, |at| at.min(now));
    // The receipt comes first: a duplicate waits here for its twin, and nothing else is touched.
    if !store::insert_receipt(tx, &text.provider_sid, id, &text.raw).await? {
        return Ok(None);
    }
    let contact = contacts::see(tx, &text.from, at).await?;
    if let Some(name) = &text.profile_name {
        contacts::note_profile_name(tx, contact.id, name).await?;
    }
    let thread = store::hear_in_conversation(tx, contact.id, sender.id).await?;
    let conversation = thread.id;
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
            segments: charged_parts(sender.channel, &text.body, &text.media),
            purpose: Purpose::Conversational,
            deadline: None,
            status: MessageStatus::Received,
            provider_sid: Some(&text.provider_sid),
            opt_out_type: text.opt_out_type.as_deref(),
            writer: Writer::Assistant,
            at,
        },
    )
    .await?;
    if sender.channel == ChannelKind::Whatsapp {
        store::whatsapp::return_to_words(tx, conversation).await?;
    }
    let heard = compliance::TextIn {
        contact_id: contact.id,
        from: &text.from,
        channel: sender.channel.as_str(),
        message_id: id,
        words: &text.body,
        opt_out_type: text.opt_out_type.as_deref(),
        first: thread.first,
        at,
    };
    let opted_out = compliance::hear(tx, &heard).await?.then_some(contact.id);
    if opted_out.is_some() {
        withdrawal::withdraw(tx, contact.id).await?;
    }
    events::emit(tx, Event::MessageReceived { conversation_id: conversation, message_id: id }).await?;
    Ok(Some(Received { id, opted_out }))
}

/// Who opted out by this text, which was taken in before; None where it was no opt-out.
pub(super) async fn out_since(tx: &mut Tx, text: &InboundText) -> Result<Option<ContactId>, sqlx::Error> {
    if !compliance::is_opt_out(&text.body, text.opt_out_type.as_deref()) {
        return Ok(None);
    }
    contacts::find(tx, &text.from).await
}

/// Whose text this is, when it came, and whether it says that fewer texts are welcome. None: there is no such text any more.
pub async fn heard(tx: &mut Tx, id: MessageId) -> Result<Option<(ContactId, DateTime<Utc>, bool)>, sqlx::Error> {
    let Some(text) = store::batch::inbound(tx, id).await? else { return Ok(None) };
    let opt_out = compliance::is_opt_out(&text.body, text.opt_out_type.as_deref());
    Ok(Some((text.contact_id, text.created_at, opt_out)))
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
    let text = InboundText {
        provider_sid,
        from,
        body,
        media: Vec::new(),
        opt_out_type: None,
        profile_name: None,
        at: None,
        raw,
    };
    match receive(tx, &sender, &text).await? {
        Some(received) => reading::message(tx, received.id).await,
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
    /// Who answers now.
    pub mode: Mode,
    pub human_until: Option<DateTime<Utc>>,
    /// Grows with every change of the thread.
    pub version: i64,
    /// Turns in a row, up to the last one, that were not understood.
    pub misses: i16,
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
    let contact = match contacts::lock(tx, contact_id).await {
        // Erased while this waited for the lock.
        Err(sqlx::Error::RowNotFound) => return Ok(None),
        contact => contact?,
    };
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
        mode: effective_mode(row.mode, row.human_until, now),
        human_until: row.human_until.filter(|until| *until > now),
        version: row.version,
        misses: row.misses,
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

/// What a turn leaves behind in its thread.
pub struct ThreadUpdate {
    pub dialogue: serde_json::Value,
    pub state_expires_at: Option<DateTime<Utc>>,
    pub misses: i16,
    /// A person answers until then; none: the assistant does.
    pub human_until: Option<DateTime<Utc>>,
    /// Asks for staff.
    pub waiting: Option<WaitingReason>,
    /// Nobody may write to the contact any more: nobody waits.
    pub opted_out: bool,
}

/// Stores what a turn leaves behind and marks its texts answered.
pub async fn save_thread(tx: &mut Tx, thread: &LockedThread, update: &ThreadUpdate) -> Result<(), sqlx::Error> {
    let ids: Vec<MessageId> = thread.unhandled.iter().map(|m| m.id).collect();
    store::mark_handled(tx, &ids).await?;
    let row = store::ThreadRowUpdate {
        dialogue: &update.dialogue,
        state_expires_at: update.state_expires_at,
        misses: update.misses,
        human_until: update.human_until,
        waiting: update.waiting,
        opted_out: update.opted_out,
    };
    store::save_thread(tx, thread.id, &row).await
}

/// The last texts of a conversation, oldest first, up to `limit`.
pub async fn history(tx: &mut Tx, id: ConversationId, limit: i64) -> Result<Vec<Message>, sqlx::Error> {
    let mut messages = reading::latest(tx, id, limit).await?;
    messages.reverse();
    Ok(messages)
}

/// Writes a reply of the assistant and the job that sends it.
pub async fn queue_reply(
    tx: &mut Tx,
    thread: &LockedThread,
    body: &str,
    purpose: Purpose,
) -> Result<MessageId, sqlx::Error> {
    let outgoing = Outgoing {
        conversation_id: thread.id,
        contact_id: thread.contact.id,
        sender_id: thread.sender_id,
        channel: thread.channel,
        body,
        media: &[],
        content: None,
        purpose,
        deadline: None,
        writer: Writer::Assistant,
    };
    queue(tx, &outgoing).await
}

/// Who writes an outbound text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Writer {
    Assistant,
    /// A staff member who takes the conversation over; none for a program that does, or for a superuser from elsewhere.
    Staff(Option<UserId>),
    /// A program that leaves the conversation to the assistant.
    Program,
}

impl Writer {
    pub(super) const fn user(self) -> Option<UserId> {
        match self {
            Self::Staff(user) => user,
            Self::Assistant | Self::Program => None,
        }
    }
}

/// An outbound text before it is written.
pub(super) struct Outgoing<'a> {
    pub conversation_id: ConversationId,
    pub contact_id: ContactId,
    pub sender_id: SenderId,
    pub channel: ChannelKind,
    pub body: &'a str,
    pub media: &'a [MediaItem],
    /// WhatsApp's template, for now or for a closed window.
    pub content: Option<&'a Content>,
    pub purpose: Purpose,
    /// Not sent after this moment; none: as long as such texts are worth sending.
    pub deadline: Option<DateTime<Utc>>,
    pub writer: Writer,
}

/// Parts a text is charged as: one with media goes as one, and so does one by WhatsApp.
pub(super) fn charged_parts(channel: ChannelKind, body: &str, media: &[MediaItem]) -> i16 {
    let whole = channel == ChannelKind::Whatsapp || !media.is_empty();
    if whole { 1 } else { i16::try_from(parts(body)).unwrap_or(i16::MAX) }
}

pub(super) async fn queue(tx: &mut Tx, text: &Outgoing<'_>) -> Result<MessageId, sqlx::Error> {
    let id = MessageId::new(tx.clock());
    let deadline = text.deadline.unwrap_or(tx.clock().now() + text.purpose.lifetime());
    let segments = charged_parts(text.channel, text.body, text.media);
    store::insert_message(
        tx,
        &store::NewMessage {
            id,
            conversation_id: text.conversation_id,
            contact_id: text.contact_id,
            sender_id: text.sender_id,
            direction: "outbound",
            channel: text.channel,
            body: text.body,
            media: serde_json::json!(text.media),
            segments,
            purpose: text.purpose,
            deadline: Some(deadline),
            status: MessageStatus::Queued,
            provider_sid: None,
            opt_out_type: None,
            writer: text.writer,
            at: tx.clock().now(),
        },
    )
    .await?;
    if let Some(content) = text.content {
        store::whatsapp::set_content(tx, id, content).await?;
    }
    tx.tell(Kind::Conversation, text.conversation_id.0);
    announce(tx, &Queued { id, sender_id: text.sender_id, segments, purpose: text.purpose }).await?;
    Ok(id)
}

/// A text that waits to be handed over.
#[derive(Debug)]
pub(super) struct Queued {
    pub id: MessageId,
    pub sender_id: SenderId,
    pub segments: i16,
    pub purpose: Purpose,
}

impl Queued {
    /// Advertising waits in its sender's line; what somebody waits for does not stand behind it.
    pub fn line(&self) -> Option<Uuid> {
        (self.purpose == Purpose::Marketing).then_some(self.sender_id.0)
    }
}

/// Says that it waits.
pub(super) async fn announce(tx: &mut Tx, text: &Queued) -> Result<(), sqlx::Error> {
    let (message_id, sender_id, segments) = (text.id, text.sender_id, text.segments);
    events::emit(tx, Event::MessageQueued { message_id, sender_id, segments, line: text.line() }).await
}

/// One of WhatsApp's templates as staff noted it.
pub async fn whatsapp_template(tx: &mut Tx, id: WhatsappTemplateId) -> Result<Option<WhatsappTemplate>, sqlx::Error> {
    store::whatsapp::get(tx, id, false).await
}
