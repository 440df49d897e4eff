//! Use cases on consent: each appends to the ledger and keeps the block list and the contact's summary true, in the caller's transaction.

use super::store::{self, NewConsentEvent};
use crate::{
    contacts::{self, OptInStatus},
    platform::{
        db::Tx,
        events::{self, Event},
        ids::{ContactId, MessageId, SenderId},
        phone::PhoneNumber,
    },
};

/// How a person told us.
#[derive(Clone, Copy, Debug)]
pub enum ConsentSource {
    Keyword,
    FreeText,
}

/// The words and where they came from.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    pub channel: &'a str,
    pub words: &'a str,
    pub message_id: MessageId,
    pub source: ConsentSource,
}

impl Evidence<'_> {
    const fn method(&self) -> &'static str {
        match self.source {
            ConsentSource::Keyword => "keyword",
            ConsentSource::FreeText => "free_text",
        }
    }
}

/// A first text: it asks for an answer, and for nothing else.
pub async fn note_implied_consent(
    tx: &mut Tx,
    contact: ContactId,
    channel: &str,
    message: MessageId,
) -> Result<(), sqlx::Error> {
    let event = NewConsentEvent {
        contact_id: contact,
        channel,
        action: "granted",
        tier: "implied",
        method: "inbound_message",
        evidence: None,
        message_id: Some(message),
    };
    store::append(tx, &event).await
}

/// The contact wants no more texts: blocked in the whole organization from this transaction on.
pub async fn opt_out(
    tx: &mut Tx,
    contact: ContactId,
    number: &PhoneNumber,
    evidence: Evidence<'_>,
) -> Result<(), sqlx::Error> {
    let event = NewConsentEvent {
        contact_id: contact,
        channel: evidence.channel,
        action: "revoked",
        tier: "express",
        method: evidence.method(),
        evidence: Some(evidence.words),
        message_id: Some(evidence.message_id),
    };
    store::append(tx, &event).await?;
    store::suppress(tx, number, None, "opted_out").await?;
    contacts::set_opt_in_status(tx, contact, OptInStatus::OptedOut).await?;
    events::emit(tx, Event::ContactOptedOut { contact_id: contact }).await
}

/// The contact asks to be texted again.
pub async fn opt_in(
    tx: &mut Tx,
    contact: ContactId,
    number: &PhoneNumber,
    evidence: Evidence<'_>,
) -> Result<(), sqlx::Error> {
    let event = NewConsentEvent {
        contact_id: contact,
        channel: evidence.channel,
        action: "granted",
        tier: "express",
        method: evidence.method(),
        evidence: Some(evidence.words),
        message_id: Some(evidence.message_id),
    };
    store::append(tx, &event).await?;
    store::lift(tx, number).await?;
    contacts::set_opt_in_status(tx, contact, OptInStatus::OptedIn).await
}

/// The carrier refused with 21610: that sender is blocked for the number. Says nothing of the organization's other senders.
pub async fn carrier_opted_out(tx: &mut Tx, number: &PhoneNumber, sender: SenderId) -> Result<(), sqlx::Error> {
    store::suppress(tx, number, Some(sender), "carrier_opted_out").await
}
