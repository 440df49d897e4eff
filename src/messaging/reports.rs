//! What the provider says about a text it took: by callback, when asked, in a list. Whoever hears it, it is applied here, once and in
//! the same way.

use super::{
    channels::Accepted,
    jobs::SendMessage,
    lessons,
    model::MessageStatus,
    outcomes::{self, Then},
    rules::{advance, status_from_twilio},
    service::{self, Queued},
    store::{self, OutboundRow, Progress, attempts},
    whatsapp,
};
use crate::platform::{
    crypto,
    db::Tx,
    events::{self, Event},
    ids::MessageId,
    jobs,
};

/// What is said about one try of a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct News<'a> {
    pub sid: &'a str,
    pub status: MessageStatus,
    pub code: Option<&'a str>,
    /// The provider's own words on the code.
    pub words: Option<&'a str>,
}

/// A callback: kept as it came, and applied where it moves the text forward.
pub(super) async fn report(
    tx: &mut Tx,
    message: Option<MessageId>,
    provider_sid: &str,
    status_word: &str,
    error_code: Option<&str>,
    params: &serde_json::Value,
) -> Result<(), sqlx::Error> {
    if !store::insert_delivery_event(tx, provider_sid, status_word, error_code, params).await? {
        return Ok(());
    }
    let Some(status) = status_from_twilio(status_word) else {
        return Ok(());
    };
    let Some(id) = message else { return Ok(()) };
    let Some(row) = store::lock_outbound(tx, id).await? else {
        return Ok(());
    };
    let said = |name: &str| params.get(name).and_then(|v| v.as_str());
    store::prices::record_charge(tx, id, provider_sid, said("Price"), said("PriceUnit")).await?;
    let words = said("ErrorMessage");
    apply(tx, &row, &News { sid: provider_sid, status, code: error_code, words }).await
}

/// The provider's answer on a text that is locked: what it costs, and how far it has come.
pub(super) async fn hear(tx: &mut Tx, row: &OutboundRow, heard: &Accepted) -> Result<(), sqlx::Error> {
    let sid = heard.provider_sid.as_str();
    if let Some(charge) = &heard.charge {
        store::prices::record_charge(tx, row.id, sid, Some(&charge.price), Some(&charge.unit)).await?;
    }
    apply(tx, row, &News { sid, status: heard.status, code: heard.error_code.as_deref(), words: None }).await
}

/// Applies what is said to the text, which is locked.
pub(super) async fn apply(tx: &mut Tx, row: &OutboundRow, news: &News<'_>) -> Result<(), sqlx::Error> {
    let present = match row.provider_sid.as_deref() {
        Some(sid) => sid == news.sid,
        // Not known yet: this is how it becomes known, unless it is of a try that is over.
        None => !attempts::is_over(tx, news.sid).await?,
    };
    if !present {
        return apply_to_another_try(tx, row, news).await;
    }
    let standing = standing(row);
    let status = advance(standing, news.status);
    if status == row.status && row.provider_sid.is_some() {
        return Ok(());
    }
    if matches!(status, MessageStatus::Failed | MessageStatus::Undelivered) {
        let consequence = outcomes::afterwards(news.code);
        lessons::learn(tx, row, consequence.lesson, news.code.unwrap_or_default()).await?;
        if let Then::Again { after, most } = consequence.then
            && row.resent < most
            && tx.clock().now() + after < row.deadline()
        {
            // Spread, so that a full queue is not met by all of them at once again.
            return try_again(tx, row, news, status, after.mul_f64(1.0 + crypto::jitter() / 4.0)).await;
        }
    }
    let explained = news.code.and_then(|code| outcomes::explained(code, news.words));
    let progress =
        Progress { status, provider_sid: Some(news.sid), error_code: news.code, error_message: explained.as_deref() };
    store::record_progress(tx, row.id, &progress).await?;
    heed_closed_window(tx, row.id, news.code).await?;
    events::emit(tx, Event::DeliveryChanged { message_id: row.id }).await
}

/// WhatsApp found the window closed after all (63016): the text stays failed, and its template, where it has one, goes as a text of its
/// own.
pub(super) async fn heed_closed_window(tx: &mut Tx, id: MessageId, code: Option<&str>) -> Result<(), sqlx::Error> {
    if code == Some(whatsapp::OUTSIDE_WINDOW)
        && let Some(repeated) = store::whatsapp::repeat_as_template(tx, id).await?
    {
        service::announce(tx, &repeated).await?;
    }
    Ok(())
}

/// What news is measured against: a text given up, or taken back while nobody knew whether it had left, may have left all the same.
fn standing(row: &OutboundRow) -> MessageStatus {
    let left_after_all = row.status == MessageStatus::Canceled && row.handed_at.is_some() && row.provider_sid.is_none();
    if left_after_all { MessageStatus::Sending } else { row.standing() }
}

/// The provider has certainly not delivered it: this try is over, and the same text is handed over once more after `wait`.
async fn try_again(
    tx: &mut Tx,
    row: &OutboundRow,
    news: &News<'_>,
    status: MessageStatus,
    wait: std::time::Duration,
) -> Result<(), sqlx::Error> {
    let code = news.code.unwrap_or_default();
    let reason = outcomes::explained(code, news.words);
    attempts::put_back(tx, row, news.sid, status, code, reason.as_deref()).await?;
    let again = Queued { id: row.id, sender_id: row.sender_id, segments: row.segments, purpose: row.purpose };
    jobs::enqueue(tx, SendMessage::of(again.id, again.sender_id, again.segments, again.line()).delayed(wait)).await?;
    metrics::counter!("frontdesk_messages_resent", "code" => code.to_owned()).increment(1);
    tracing::info!(message.id = %row.id, provider.code = code, "delivery.again");
    events::emit(tx, Event::DeliveryChanged { message_id: row.id }).await
}

/// News of an earlier try, or of a second one that left although the first had too. Only that it was delivered counts: then the text is,
/// whatever became of the other.
async fn apply_to_another_try(tx: &mut Tx, row: &OutboundRow, news: &News<'_>) -> Result<(), sqlx::Error> {
    use MessageStatus as S;
    if !matches!(news.status, S::Delivered | S::Read) || matches!(row.status, S::Delivered | S::Read) {
        return attempts::note(tx, row.id, news.sid, news.status, news.code).await;
    }
    attempts::exchange(tx, row, news.sid).await?;
    let progress =
        Progress { status: news.status, provider_sid: Some(news.sid), error_code: None, error_message: None };
    store::record_progress(tx, row.id, &progress).await?;
    tracing::warn!(message.id = %row.id, "delivery.another_try_arrived");
    events::emit(tx, Event::DeliveryChanged { message_id: row.id }).await
}
