//! What a text does to consent in the very transaction that takes it in, before anybody answers it: once the webhook has its 200, an opt-out
//! holds for all that waits to be sent.

use chrono::{DateTime, Utc};

use super::{
    model::ConsentPurpose,
    rules::{Keyword, carrier_opt_in, keyword},
    service::{self, ConsentSource, Evidence},
    store,
};
use crate::{
    contacts::{self, OptInStatus},
    platform::{
        db::Tx,
        ids::{ContactId, MessageId},
        phone::PhoneNumber,
    },
};

/// A text that came in. The caller holds the contact's lock.
#[derive(Debug)]
pub struct TextIn<'a> {
    pub contact_id: ContactId,
    pub from: &'a PhoneNumber,
    pub channel: &'a str,
    pub message_id: MessageId,
    pub words: &'a str,
    /// Twilio's Advanced Opt-Out already answered: STOP, START or HELP.
    pub opt_out_type: Option<&'a str>,
    /// They had not written in this conversation before.
    pub first: bool,
    /// When they wrote it; one that was fetched later is older than what is known already.
    pub at: DateTime<Utc>,
}

/// The keyword a text is. What Twilio made of it counts.
fn said(words: &str, opt_out_type: Option<&str>) -> Option<Keyword> {
    match opt_out_type {
        Some("STOP") => Some(Keyword::Stop),
        Some("START") => Some(Keyword::Start),
        Some("HELP") => None,
        _ => keyword(words),
    }
}

/// Whether a text ends consent in the transaction that takes it in.
pub fn is_opt_out(words: &str, opt_out_type: Option<&str>) -> bool {
    matches!(said(words, opt_out_type), Some(Keyword::Stop | Keyword::StopMarketing))
}

/// Notes what a text says of consent beyond doubt, whatever the conversation is about. The turn reads the same text again, for what it may
/// mean and for what is answered. True: from this transaction on fewer texts may go to the contact than before.
pub async fn hear(tx: &mut Tx, text: &TextIn<'_>) -> Result<bool, sqlx::Error> {
    if text.first {
        service::note_implied_consent(tx, text.contact_id, text.from, text.channel, text.message_id).await?;
    }
    store::lift_bad_number(tx, text.from, text.channel).await?;
    let said = said(text.words, text.opt_out_type);
    // Twilio ends its block of a sender on these words and no others; on WhatsApp, who blocks somebody cannot write to them.
    let unblocks = text.opt_out_type == Some("START") || carrier_opt_in(text.words) || text.channel == "whatsapp";
    if unblocks && said != Some(Keyword::Stop) {
        store::lift_carrier(tx, text.from, text.channel, text.at).await?;
    }
    if !matches!(said, Some(Keyword::Stop | Keyword::StopMarketing)) {
        return Ok(false);
    }
    if contacts::lock(tx, text.contact_id).await?.opt_in_status == OptInStatus::OptedOut {
        return Ok(false);
    }
    let evidence = Evidence {
        channel: text.channel,
        words: text.words,
        message_id: text.message_id,
        said_at: text.at,
        source: ConsentSource::Keyword,
    };
    if said == Some(Keyword::StopMarketing) {
        return service::opt_out_of(tx, text.contact_id, ConsentPurpose::Marketing, evidence).await;
    }
    service::opt_out(tx, text.contact_id, text.from, evidence).await?;
    Ok(true)
}

/// Of these texts, the ones that revoked consent when they came in: everything, or only one purpose.
pub async fn revoked_on_arrival(
    tx: &mut Tx,
    contact: ContactId,
    texts: &[MessageId],
) -> Result<Vec<(MessageId, Option<ConsentPurpose>)>, sqlx::Error> {
    store::consent::revoked_by(tx, contact, texts).await
}
