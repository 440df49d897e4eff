//! The assistant's jobs: answer a conversation, by itself or with the help of a language model.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{models::Models, service};
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

pub async fn answer_conversation(
    core: Core,
    models: Models,
    job: Claimed,
    args: AnswerConversation,
) -> Result<Settled, JobError> {
    service::answer(&core, &models, &job, args.conversation_id).await
}

/// The same, asking a language model where the built-in understanding is not sure.
#[derive(Debug, Serialize, Deserialize)]
pub struct AnswerWithModel {
    pub conversation_id: ConversationId,
}

impl JobKind for AnswerWithModel {
    const KIND: &'static str = "answer_with_model";
    const QUEUE: Queue = Queue::Models;
    /// Longer than a turn's questions to models may take.
    const LEASE: Duration = Duration::from_secs(90);
}

pub async fn answer_with_model(
    core: Core,
    models: Models,
    job: Claimed,
    args: AnswerWithModel,
) -> Result<Settled, JobError> {
    service::answer_with_model(&core, &models, &job, args.conversation_id).await
}
