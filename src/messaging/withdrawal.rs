//! Texts that wait when consent ends: they are taken back in the transaction that ends it, so that everybody sees at once what will not be
//! sent. It rests on nothing here: each would be refused by its permit, too.

use std::collections::HashMap;

use super::store::{self, withdrawal};
use crate::{
    compliance::{self, Purpose},
    platform::{
        db::Tx,
        events::{self, Event},
        ids::{ContactId, MessageId},
        phone::PhoneNumber,
    },
};

/// Texts that are looked at in one go.
const BATCH: i64 = 500;

/// Cancels what waits for the contact, queued or held, and may not be sent any more; each says why, as it would have if its turn had come.
/// What was handed over stays as it is, and so does what they still want. Gives how many were cancelled.
///
/// The jobs of those texts find nothing to do when they come.
pub(super) async fn withdraw(tx: &mut Tx, contact: ContactId) -> Result<usize, sqlx::Error> {
    let (mut after, mut withdrawn) = (None, 0);
    loop {
        let waiting = withdrawal::lock_waiting(tx, contact, after, BATCH).await?;
        let Some(last) = waiting.last() else { return Ok(withdrawn) };
        after = Some(last.id);
        let whole = i64::try_from(waiting.len()).is_ok_and(|n| n == BATCH);
        let mut alike: HashMap<_, Vec<MessageId>> = HashMap::new();
        for text in waiting {
            alike.entry((text.sender_id, text.channel, text.purpose, text.phone_number)).or_default().push(text.id);
        }
        for ((sender, channel, purpose, number), ids) in alike {
            // What an opt-out is confirmed with is decided on when its turn comes.
            if purpose == Purpose::OptOutConfirmation {
                continue;
            }
            let to = PhoneNumber::parse_e164(&number).map_err(|e| sqlx::Error::Decode(Box::new(e)))?;
            let refused = compliance::refused(tx, contact, &to, sender, channel.consent(), purpose).await?;
            let Some((refusal, receipt)) = refused else { continue };
            store::refuse(tx, &ids, &receipt).await?;
            withdrawn += ids.len();
            metrics::counter!("frontdesk_messages_refused", "reason" => refusal.code()).increment(ids.len() as u64);
            events::emit_all(tx, ids.into_iter().map(|message_id| Event::DeliveryChanged { message_id })).await?;
        }
        if !whole {
            return Ok(withdrawn);
        }
    }
}
