//! Answering a conversation: one turn in one transaction, and, where nobody is sure what a text means, a model asked between two
//! tries of the turn, outside every transaction.

use std::time::{Duration, Instant};

use super::{
    jobs::AnswerWithModel,
    models::{self, Models},
    turn::{Advice, Advised, Means, Question, Turn, rest_of_settling},
};
use crate::{
    messaging,
    platform::{
        http::Core,
        ids::ConversationId,
        jobs::{self, Claimed, JobError, NewJob, Settled},
    },
};

/// Questions to models in one turn, restarts because of new texts included. What is unclear after that is answered without.
const MOST_QUESTIONS: usize = 3;

/// How one try of a turn ended.
enum Try {
    Settled(Settled),
    /// A model should be asked; nothing was written. With the time the contact may still be typing.
    Ask(Box<Question>, Option<Duration>),
}

/// Answers what is unanswered in the conversation. Where a model should be asked, another queue takes over: its slow answers must not
/// hold up those who are understood.
pub(super) async fn answer(
    core: &Core,
    models: &Models,
    job: &Claimed,
    id: ConversationId,
) -> Result<Settled, JobError> {
    let advice = Advice::default();
    let means = Means { config: &core.config, models, advice: &advice, may_ask: true };
    match attempt(core, job, id, means).await? {
        Try::Settled(settled) => Ok(settled),
        Try::Ask(_, wait) => {
            let mut tx = core.db.tenant(job.organization_id).await?;
            let settled = job.settle(&mut tx).await?;
            let next = NewJob::after(&AnswerWithModel { conversation_id: id }, wait.unwrap_or(Duration::ZERO));
            jobs::enqueue(&mut tx, next).await?;
            tx.commit().await?;
            Ok(settled)
        }
    }
}

/// The same with the help of a model.
pub(super) async fn answer_with_model(
    core: &Core,
    models: &Models,
    job: &Claimed,
    id: ConversationId,
) -> Result<Settled, JobError> {
    let mut advice = Advice::default();
    for asked in 0..=MOST_QUESTIONS {
        let means = Means { config: &core.config, models, advice: &advice, may_ask: asked < MOST_QUESTIONS };
        match attempt(core, job, id, means).await? {
            Try::Settled(settled) => return Ok(settled),
            Try::Ask(question, _) => ask(core, models, job, &mut advice, *question).await?,
        }
    }
    Err(JobError::retry("a turn that may not ask has asked"))
}

/// Puts a question to the models and its cost into the books, whatever becomes of the turn.
async fn ask(
    core: &Core,
    models: &Models,
    job: &Claimed,
    advice: &mut Advice,
    question: Question,
) -> Result<(), JobError> {
    let outcome = models.llm.ask(&question.chain, &question.request).await;
    for attempt in &outcome.attempts {
        let outcome = attempt.outcome.err().unwrap_or("answered");
        metrics::counter!("frontdesk_model_calls", "provider" => attempt.provider.as_str(), "outcome" => outcome)
            .increment(1);
    }
    let mut tx = core.db.tenant(job.organization_id).await?;
    models::account(&mut tx, &outcome.attempts).await?;
    tx.commit().await?;
    if advice.version != question.version {
        // The conversation went on meanwhile: what was said about it before is stale.
        *advice = Advice { version: question.version, ..Advice::default() };
    }
    advice.by_text.insert(question.text, Advised::from_outcome(outcome));
    Ok(())
}

async fn attempt(core: &Core, job: &Claimed, id: ConversationId, means: Means<'_>) -> Result<Try, JobError> {
    let started = Instant::now();
    let mut tx = core.db.tenant(job.organization_id).await?;
    // Taken before the thread's lock, so that a job settled elsewhere ends here at once.
    let settled = job.settle(&mut tx).await?;
    let Some(thread) = messaging::lock_thread(&mut tx, id).await? else {
        // Erased since: nobody waits for an answer.
        tx.commit().await?;
        return Ok(Try::Settled(settled));
    };
    if thread.unhandled.is_empty() {
        tx.commit().await?;
        return Ok(Try::Settled(settled));
    }
    let settle = core.config.reply_settle;
    let mut turn = Turn::begin(&mut tx, &thread, means).await?;
    if let Some(question) = turn.hear_all(&mut tx).await? {
        let wait = rest_of_settling(tx.clock().now(), settle, &thread);
        return Ok(Try::Ask(question, wait));
    }
    if let Some(wait) = turn.wait_for_more(settle) {
        drop(tx);
        let mut tx = core.db.tenant(job.organization_id).await?;
        let snoozed = job.snooze(&mut tx, wait).await?;
        tx.commit().await?;
        return Ok(Try::Settled(snoozed));
    }
    turn.end(&mut tx, started.elapsed()).await?;
    tx.commit().await?;
    Ok(Try::Settled(settled))
}
