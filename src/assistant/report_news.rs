//! Tells contacts what became of a report of theirs, where they raised it and only if they may be texted.

use super::{dialogue::report_news, understanding::Language};
use crate::{
    compliance::{self, Purpose},
    messaging,
    platform::{
        db::Tx,
        ids::{ReportCommentId, ReportId},
        jobs::JobError,
    },
    reports,
};

/// Queues the text, and notes in the report that it was, or why not. Sending asks for its permit once more.
pub(super) async fn tell(tx: &mut Tx, id: ReportId, comment: Option<ReportCommentId>) -> Result<(), JobError> {
    // Reopened meanwhile, or never the contact's own: nothing to tell.
    let Some(news) = reports::news(tx, id, comment).await? else { return Ok(()) };
    let Some(thread) = messaging::lock_thread(tx, news.conversation_id).await? else {
        return Err(JobError::fail("there is no such conversation"));
    };
    let refusal = compliance::may_begin(
        tx,
        thread.contact.id,
        &thread.contact_phone,
        thread.sender_id,
        thread.channel.consent(),
        Purpose::Conversational,
    )
    .await?;
    if refusal.is_none() {
        let language = thread.contact.language.as_deref().and_then(Language::from_code).unwrap_or(Language::En);
        let text = report_news(language, news.number, news.words.as_deref(), news.resolved);
        messaging::queue_reply(tx, &thread, &text, Purpose::Conversational).await?;
    }
    reports::note_telling(tx, id, refusal.map(compliance::Refusal::code)).await?;
    Ok(())
}
