//! The assistant's job: answer a conversation.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::service;
use crate::platform::{
    http::Core,
    ids::ConversationId,
    jobs::{Claimed, JobError, JobKind, Queue, Settled},
};

/// Answer every text of a conversation that waits for an answer.
#[derive(Debug, Serialize, Deserialize)]
pub struct AnswerConversation {
    pub conversation_id: ConversationId,
}

impl JobKind for AnswerConversation {
    const KIND: &'static str = "answer_conversation";
    const QUEUE: Queue = Queue::Turns;
    const LEASE: Duration = Duration::from_secs(15);
}

pub async fn answer_conversation(core: Core, job: Claimed, args: AnswerConversation) -> Result<Settled, JobError> {
    service::answer(&core.db, core.config.reply_settle, &job, args.conversation_id).await
}
