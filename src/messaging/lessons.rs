//! What an error teaches beyond the one text it was about: a number that is no good, a stop, a sender that somebody should look at.

use super::{
    model::ChannelKind,
    outcomes::{self, Lesson},
    store::OutboundRow,
};
use crate::{
    compliance,
    platform::{db::Tx, ids::SenderId, phone::PhoneNumber},
};

/// Why a sender wants attention.
#[derive(Clone, Debug)]
pub(super) struct Trouble<'a> {
    pub code: &'a str,
    pub sentence: String,
    /// Nothing leaves from it until somebody acts.
    pub halt: bool,
}

/// Draws the lesson, in the transaction that records what became of the text.
pub(super) async fn learn(tx: &mut Tx, row: &OutboundRow, lesson: Lesson, code: &str) -> Result<(), sqlx::Error> {
    let number = PhoneNumber::parse_e164(&row.phone_number).map_err(|e| sqlx::Error::Decode(Box::new(e)))?;
    match lesson {
        Lesson::Nothing => Ok(()),
        Lesson::BadNumber => bad_number(tx, &number, row.channel, code).await,
        // Says nothing of the organization's other senders.
        Lesson::Stop => compliance::carrier_opted_out(tx, &number, row.sender_id).await,
        Lesson::SenderTrouble { halt } => {
            let sentence = outcomes::explained(code, None).unwrap_or_else(|| format!("Twilio answered {code}."));
            pause_sender(tx, row.sender_id, &Trouble { code, sentence, halt }).await
        }
    }
}

/// Where `compliance::bad_number(tx, number, channel, code)` is called: suppresses nothing yet.
async fn bad_number(_: &mut Tx, number: &PhoneNumber, channel: ChannelKind, code: &str) -> Result<(), sqlx::Error> {
    tracing::warn!(contact.number = %number.masked(), channel = channel.as_str(), provider.code = code, "number.bad");
    metrics::counter!("frontdesk_numbers_bad").increment(1);
    Ok(())
}

/// Where `messaging::pause_sender(tx, sender, why)` is called: only says so yet.
async fn pause_sender(_: &mut Tx, sender: SenderId, why: &Trouble<'_>) -> Result<(), sqlx::Error> {
    tracing::error!(sender.id = %sender, provider.code = why.code, halt = why.halt, why = why.sentence, "sender.trouble");
    metrics::counter!("frontdesk_sender_trouble", "code" => why.code.to_owned()).increment(1);
    Ok(())
}
