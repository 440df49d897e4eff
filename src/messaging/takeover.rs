//! Use cases of people who answer themselves: write, take over, release, assign, put away; and of programs that text a contact.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{
    health,
    media::MediaItem,
    model::{ChannelKind, Conversation, Message, MessageStatus, Mode, Sender, TemplateApproval},
    service::{self, Outgoing, Writer},
    store::{
        self, Progress, reading, senders,
        takeover::{self, Handling},
    },
    whatsapp::{Content, FillFault, Handing, When, fill, handing},
};
use crate::{
    accounts,
    compliance::{self, Purpose, Refusal},
    contacts::{self, Contact},
    platform::{
        db::Tx,
        events::{self, Event},
        http::Patch,
        ids::{ContactId, ConversationId, MessageId, SenderId, UserId, WhatsappTemplateId},
        phone::PhoneNumber,
    },
};

/// Why what staff asks for is not done.
#[derive(Debug, thiserror::Error)]
pub(super) enum TakeoverError {
    #[error("there is no such conversation")]
    NoSuchConversation,
    #[error("there is no such contact")]
    NoSuchContact,
    #[error("there is no such sender")]
    NoSuchSender,
    #[error("there is no such message")]
    NoSuchMessage,
    #[error("the contact is archived")]
    ArchivedContact,
    #[error("the sender is archived")]
    ArchivedSender,
    #[error("the sender is of another channel")]
    OtherChannel,
    #[error("there is no such template")]
    NoSuchTemplate,
    #[error("the template is not approved")]
    TemplateNotApproved,
    #[error("the template {0}")]
    TemplateFault(FillFault),
    #[error("templates go by WhatsApp only")]
    TemplateElsewhere,
    #[error("there is no sender to text from")]
    NoSender,
    #[error("the assignee is nobody of the organization")]
    NoSuchMember,
    /// It has left, or may have.
    #[error("the message cannot be cancelled any more")]
    NotCancelable,
    #[error("the contact did not agree to promotions")]
    NoMarketingConsent,
    #[error("the contact may not be texted: {}", .0.code())]
    Refused(Refusal),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

async fn may_begin(tx: &mut Tx, contact: &Contact, sender: Sender, purpose: Purpose) -> Result<(), TakeoverError> {
    let number = PhoneNumber::parse_e164(&contact.phone_number).map_err(|e| sqlx::Error::Decode(Box::new(e)))?;
    let channel = sender.channel.consent();
    match compliance::may_begin(tx, contact.id, &number, sender.id, channel, purpose).await? {
        Some(Refusal::NoConsent) if purpose == Purpose::Marketing => Err(TakeoverError::NoMarketingConsent),
        Some(refusal) => Err(TakeoverError::Refused(refusal)),
        None => Ok(()),
    }
}

/// What a text of staff says: words, files, a template, or words and the template for when WhatsApp takes no words.
#[derive(Debug)]
pub(super) struct Words {
    /// Empty: only files, or only the template.
    pub body: String,
    pub media: Vec<MediaItem>,
    pub template: Option<TemplateUse>,
}

/// A template with its variables.
#[derive(Debug)]
pub(super) struct TemplateUse {
    pub id: WhatsappTemplateId,
    pub variables: BTreeMap<String, String>,
}

/// What is to be said, as it goes out by this sender.
struct Saying<'a> {
    words: &'a Words,
    content: Option<Content>,
    purpose: Purpose,
}

/// Fills in the template, where it may go by this sender. A text that is one that advertises is advertising, whatever else it is said to be;
/// one in reserve makes it so only when it takes the place of the words.
async fn saying<'a>(
    tx: &mut Tx,
    words: &'a Words,
    channel: ChannelKind,
    purpose: Purpose,
) -> Result<Saying<'a>, TakeoverError> {
    let Some(used) = &words.template else { return Ok(Saying { words, content: None, purpose }) };
    let template = store::whatsapp::get(tx, used.id, false).await?.ok_or(TakeoverError::NoSuchTemplate)?;
    if channel != ChannelKind::Whatsapp {
        return Err(TakeoverError::TemplateElsewhere);
    }
    if template.approval != TemplateApproval::Approved {
        return Err(TakeoverError::TemplateNotApproved);
    }
    let text = fill(&template.body, &used.variables).map_err(TakeoverError::TemplateFault)?;
    let when = if words.body.is_empty() { When::Always } else { When::OutsideWindow };
    let category = Some(template.category);
    let content = Content { sid: template.content_sid, variables: used.variables.clone(), text, when, category };
    let purpose = if content.advertises() && when == When::Always { Purpose::Marketing } else { purpose };
    Ok(Saying { words, content: Some(content), purpose })
}

/// Writes a text of a person to the contact; from here on the assistant is silent until `human_until`.
pub(super) async fn write(
    tx: &mut Tx,
    id: ConversationId,
    user: Option<UserId>,
    words: &Words,
    human_until: DateTime<Utc>,
) -> Result<Message, TakeoverError> {
    let to = takeover::recipient(tx, id).await?.ok_or(TakeoverError::NoSuchConversation)?;
    // The contact first, as a turn does: the text comes wholly before or wholly after it.
    let contact = lock(tx, to.contact_id).await?;
    let sender = Sender { id: to.sender_id, channel: to.channel };
    let saying = saying(tx, words, sender.channel, Purpose::Conversational).await?;
    may_begin(tx, &contact, sender, saying.purpose).await?;
    takeover::take_over(tx, id, user, human_until).await?;
    queue(tx, id, &contact, sender, &saying, None, Writer::Staff(user)).await
}

async fn queue(
    tx: &mut Tx,
    conversation_id: ConversationId,
    contact: &Contact,
    sender: Sender,
    saying: &Saying<'_>,
    deadline: Option<DateTime<Utc>>,
    writer: Writer,
) -> Result<Message, TakeoverError> {
    let content = saying.content.as_ref();
    let last_inbound_at = match sender.channel {
        ChannelKind::Whatsapp => store::whatsapp::last_inbound_at(tx, conversation_id).await?,
        _ => None,
    };
    match handing(sender.channel, content, last_inbound_at, tx.clock().now()) {
        Handing::OutsideWindow => return Err(TakeoverError::Refused(Refusal::OutsideWindow)),
        // It would go as its template at once.
        Handing::Template if content.is_some_and(Content::advertises) => {
            may_begin(tx, contact, sender, Purpose::Marketing).await?;
        }
        _ => {}
    }
    let text = Outgoing {
        conversation_id,
        contact_id: contact.id,
        sender_id: sender.id,
        channel: sender.channel,
        body: content.filter(|c| c.when == When::Always).map_or(&saying.words.body, |c| &c.text),
        media: &saying.words.media,
        content,
        purpose: saying.purpose,
        deadline,
        writer,
    };
    let message = service::queue(tx, &text).await?;
    Ok(reading::message(tx, message).await?.ok_or(sqlx::Error::RowNotFound)?)
}

/// A text to a contact, whose conversation is found or made.
#[derive(Debug)]
pub(super) struct TextTo<'a> {
    pub contact_id: ContactId,
    pub sender_id: Option<SenderId>,
    pub channel: Option<ChannelKind>,
    pub words: &'a Words,
    pub purpose: Purpose,
    /// Not sent after this moment; none: as long as such texts are worth sending.
    pub deadline: Option<DateTime<Utc>>,
    pub writer: Writer,
    /// How long a person who writes holds the conversation.
    pub human_until: DateTime<Utc>,
}

/// Texts a contact. A person takes the conversation over by it, as by writing in it; a program leaves it to the assistant.
pub(super) async fn text(tx: &mut Tx, text: &TextTo<'_>) -> Result<Message, TakeoverError> {
    let contact = contacts::lock_person(tx, text.contact_id).await?.ok_or(TakeoverError::NoSuchContact)?;
    if contact.archived_at.is_some() {
        return Err(TakeoverError::ArchivedContact);
    }
    let sender = sender(tx, text, &contact).await?;
    let saying = saying(tx, text.words, sender.channel, text.purpose).await?;
    may_begin(tx, &contact, sender, saying.purpose).await?;
    let conversation = store::write_in_conversation(tx, contact.id, sender.id).await?;
    if let Writer::Staff(user) = text.writer {
        takeover::take_over(tx, conversation, user, text.human_until).await?;
    }
    queue(tx, conversation, &contact, sender, &saying, text.deadline, text.writer).await
}

async fn sender(tx: &mut Tx, text: &TextTo<'_>, contact: &Contact) -> Result<Sender, TakeoverError> {
    let Some(id) = text.sender_id else {
        return health::sender_for(tx, contact, text.channel).await?.ok_or(TakeoverError::NoSender);
    };
    let (sender, archived) = senders::given(tx, id).await?.ok_or(TakeoverError::NoSuchSender)?;
    if archived {
        return Err(TakeoverError::ArchivedSender);
    }
    if text.channel.is_some_and(|channel| channel != sender.channel) {
        return Err(TakeoverError::OtherChannel);
    }
    Ok(sender)
}

/// Takes a queued text back. The worker that would send it locks the same row: it has left, or it never will.
pub(super) async fn cancel(tx: &mut Tx, id: MessageId) -> Result<Message, TakeoverError> {
    let Some(row) = store::lock_outbound(tx, id).await? else {
        return Err(match reading::message(tx, id).await? {
            Some(_) => TakeoverError::NotCancelable,
            None => TakeoverError::NoSuchMessage,
        });
    };
    if row.status != MessageStatus::Queued || row.provider_sid.is_some() {
        return Err(TakeoverError::NotCancelable);
    }
    let progress = Progress {
        status: MessageStatus::Canceled,
        provider_sid: None,
        error_code: Some("canceled_by_staff"),
        error_message: Some("Not sent: staff took it back."),
    };
    store::record_progress(tx, id, &progress).await?;
    events::emit(tx, Event::DeliveryChanged { message_id: id }).await?;
    Ok(reading::message(tx, id).await?.ok_or(sqlx::Error::RowNotFound)?)
}

/// Who handles a conversation, and whether it is put away, before and after a change.
#[derive(Debug)]
pub(super) struct Handled {
    pub before: Handling,
    pub after: Handling,
    pub conversation: Conversation,
}

/// Reads how the conversation is handled, for the rest of the transaction.
pub(super) async fn lock_handling(tx: &mut Tx, id: ConversationId) -> Result<Handling, TakeoverError> {
    takeover::lock_handling(tx, id).await?.ok_or(TakeoverError::NoSuchConversation)
}

/// Gives a locked conversation to a member of the organization or to nobody, puts it away or takes it out.
pub(super) async fn handle(
    tx: &mut Tx,
    id: ConversationId,
    before: Handling,
    assignee: Patch<UserId>,
    archived: Option<bool>,
) -> Result<Handled, TakeoverError> {
    if let Patch::Set(user) = assignee
        && !accounts::is_colleague(tx, user).await?
    {
        return Err(TakeoverError::NoSuchMember);
    }
    let assigned = match assignee {
        Patch::Keep => None,
        Patch::Clear => Some(false),
        Patch::Set(_) => Some(true),
    };
    let assignee = assignee.apply(before.assignee_id);
    takeover::set_handling(tx, id, assignee, assigned, archived.unwrap_or(before.archived)).await?;
    let after = lock_handling(tx, id).await?;
    Ok(Handled { before, after, conversation: one(tx, id).await? })
}

/// Gives the conversation to a person until `human_until`, or back to the assistant.
pub(super) async fn set_mode(
    tx: &mut Tx,
    id: ConversationId,
    user: Option<UserId>,
    mode: Mode,
    human_until: DateTime<Utc>,
) -> Result<Conversation, TakeoverError> {
    lock_contact(tx, id).await?;
    match mode {
        Mode::Human => takeover::take_over(tx, id, user, human_until).await?,
        Mode::Bot => takeover::release(tx, id).await?,
    };
    one(tx, id).await
}

/// Notes that staff has seen to the contact.
pub(super) async fn attend(tx: &mut Tx, id: ConversationId) -> Result<Conversation, TakeoverError> {
    takeover::attend(tx, id).await?;
    one(tx, id).await
}

async fn lock_contact(tx: &mut Tx, id: ConversationId) -> Result<(), TakeoverError> {
    let to = takeover::recipient(tx, id).await?.ok_or(TakeoverError::NoSuchConversation)?;
    lock(tx, to.contact_id).await.map(drop)
}

/// A contact that is gone was erased while this waited, and the conversation with it.
async fn lock(tx: &mut Tx, id: ContactId) -> Result<Contact, TakeoverError> {
    match contacts::lock(tx, id).await {
        Err(sqlx::Error::RowNotFound) => Err(TakeoverError::NoSuchConversation),
        locked => Ok(locked?),
    }
}

async fn one(tx: &mut Tx, id: ConversationId) -> Result<Conversation, TakeoverError> {
    reading::conversation(tx, id).await?.ok_or(TakeoverError::NoSuchConversation)
}

/// What wants staff.
#[derive(Clone, Copy, Debug)]
pub struct Attention {
    /// Conversations whose contact waits for staff.
    pub waiting: i64,
    /// Conversations in which a person answers now.
    pub human: i64,
    /// Senders in use from which nothing leaves.
    pub paused_senders: i64,
}

pub async fn attention(tx: &mut Tx) -> Result<Attention, sqlx::Error> {
    let (waiting, human, paused_senders) = takeover::counts(tx).await?;
    Ok(Attention { waiting, human, paused_senders })
}
