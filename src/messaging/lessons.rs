//! What an error teaches beyond the one text it was about: a number that is no good, a stop, a sender that somebody should look at.

use super::{
    health::pause_sender,
    outcomes::{self, Lesson},
    store::OutboundRow,
};
use crate::{
    compliance,
    platform::{db::Tx, phone::PhoneNumber},
};

/// Draws the lesson, in the transaction that records what became of the text.
pub(super) async fn learn(tx: &mut Tx, row: &OutboundRow, lesson: Lesson, code: &str) -> Result<(), sqlx::Error> {
    let number = PhoneNumber::parse_e164(&row.phone_number).map_err(|e| sqlx::Error::Decode(Box::new(e)))?;
    match lesson {
        Lesson::Nothing => Ok(()),
        Lesson::BadNumber => compliance::bad_number(tx, &number, row.channel.consent(), code).await,
        // Says nothing of the organization's other senders.
        Lesson::Stop => compliance::carrier_opted_out(tx, &number, row.sender_id).await,
        Lesson::SenderTrouble { halt } => {
            let why = outcomes::explained(code, None).unwrap_or_else(|| format!("Twilio answered {code}."));
            tracing::error!(sender.id = %row.sender_id, provider.code = code, halt, why, "sender.trouble");
            metrics::counter!("frontdesk_sender_trouble", "code" => code.to_owned()).increment(1);
            if halt {
                pause_sender(tx, row.sender_id, &format!("{why} (Twilio's code {code})")).await?;
            }
            Ok(())
        }
    }
}
