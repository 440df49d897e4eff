//! The assistant's jobs: answer a conversation, by itself or with the help of a language model; answer the staff; tell contacts what
//! became of their reports.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{models::Models, report_news, service, team_desk};
use crate::platform::{
    db::Db,
    http::Core,
    ids::{ConversationId, ReportCommentId, ReportId, TeamMessageId},
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

/// Answer what a member of the staff asked the assistant.
#[derive(Debug, Serialize, Deserialize)]
pub struct AnswerTeamMessage {
    pub message_id: TeamMessageId,
}

impl JobKind for AnswerTeamMessage {
    const KIND: &'static str = "answer_team_message";
    const QUEUE: Queue = Queue::Default;
}

pub async fn answer_team_message(db: Db, job: Claimed, args: AnswerTeamMessage) -> Result<Settled, JobError> {
    let mut tx = db.tenant(job.organization_id).await?;
    let settled = job.settle(&mut tx).await?;
    team_desk::answer(&mut tx, args.message_id).await?;
    tx.commit().await?;
    Ok(settled)
}

/// Tell a contact what staff wrote about their report, or that it is resolved.
#[derive(Debug, Serialize, Deserialize)]
pub struct TellOfReport {
    pub report_id: ReportId,
    /// None: it is resolved.
    pub comment_id: Option<ReportCommentId>,
}

impl JobKind for TellOfReport {
    const KIND: &'static str = "tell_of_report";
    const QUEUE: Queue = Queue::Default;
}

pub async fn tell_of_report(db: Db, job: Claimed, args: TellOfReport) -> Result<Settled, JobError> {
    let mut tx = db.tenant(job.organization_id).await?;
    let settled = job.settle(&mut tx).await?;
    report_news::tell(&mut tx, args.report_id, args.comment_id).await?;
    tx.commit().await?;
    Ok(settled)
}
