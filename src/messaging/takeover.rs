//! Use cases of people who answer themselves: write, take over, release.

use chrono::{DateTime, Utc};

use super::{
    model::{Conversation, Message, Mode},
    service::{self, Outgoing},
    store::{
        reading::{self, ConversationFilter},
        takeover,
    },
};
use crate::{
    compliance::{self, Purpose, Refusal},
    contacts,
    platform::{
        db::Tx,
        ids::{ConversationId, UserId},
        phone::PhoneNumber,
    },
};

/// Why a text by staff is not taken.
#[derive(Debug, thiserror::Error)]
pub(super) enum TakeoverError {
    #[error("there is no such conversation")]
    NoSuchConversation,
    #[error("the contact may not be texted: {}", .0.code())]
    Refused(Refusal),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Writes a text of a person to the contact; from here on the assistant is silent until `human_until`.
pub(super) async fn write(
    tx: &mut Tx,
    id: ConversationId,
    user: Option<UserId>,
    body: &str,
    human_until: DateTime<Utc>,
) -> Result<Message, TakeoverError> {
    let to = takeover::recipient(tx, id).await?.ok_or(TakeoverError::NoSuchConversation)?;
    // The contact first, as a turn does: the text comes wholly before or wholly after it.
    contacts::lock(tx, to.contact_id).await?;
    let number = PhoneNumber::parse_e164(&to.phone_number).map_err(|e| sqlx::Error::Decode(Box::new(e)))?;
    if let Some(refusal) = compliance::refusal(tx, &number, to.sender_id, Purpose::Conversational).await? {
        return Err(TakeoverError::Refused(refusal));
    }
    takeover::take_over(tx, id, user, human_until).await?;
    let text = Outgoing {
        conversation_id: id,
        contact_id: to.contact_id,
        sender_id: to.sender_id,
        channel: to.channel,
        body,
        purpose: Purpose::Conversational,
        staff: Some(user),
    };
    let message = service::queue(tx, &text).await?;
    Ok(reading::message(tx, message).await?.ok_or(sqlx::Error::RowNotFound)?)
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
    contacts::lock(tx, to.contact_id).await?;
    Ok(())
}

async fn one(tx: &mut Tx, id: ConversationId) -> Result<Conversation, TakeoverError> {
    let filter = ConversationFilter { id: Some(id), ..Default::default() };
    reading::conversations(tx, &filter, None, 1).await?.pop().ok_or(TakeoverError::NoSuchConversation)
}

/// Conversations that want staff.
#[derive(Clone, Copy, Debug)]
pub struct Attention {
    /// Whose contact waits for staff.
    pub waiting: i64,
    /// In which a person answers now.
    pub human: i64,
}

pub async fn attention(tx: &mut Tx) -> Result<Attention, sqlx::Error> {
    let (waiting, human) = takeover::counts(tx).await?;
    Ok(Attention { waiting, human })
}
