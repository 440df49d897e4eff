//! The jobs of messaging: hand a text to its channel, follow it where the channel does not report by itself, take back what nobody agrees to
//! any more, and give a new organization its simulator.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{channels::Channels, delivery, model::ChannelKind, store, withdrawal};
use crate::platform::{
    db::Db,
    http::Core,
    ids::{ContactId, MessageId, SenderId},
    jobs::{Claimed, Condition, JobError, JobKind, NewJob, Queue, Settled},
};

/// Hand one outbound text to its channel.
#[derive(Debug, Serialize, Deserialize)]
pub struct SendMessage {
    pub message_id: MessageId,
}

impl SendMessage {
    /// The job that sends it, at the pace of its sender and in its line, where it is one of many.
    pub fn of(message_id: MessageId, sender: SenderId, segments: i16, line: Option<Uuid>) -> NewJob {
        let job = NewJob::now(&Self { message_id }).at_pace(sender.0, segments);
        line.into_iter().fold(job, NewJob::in_line)
    }
}

impl JobKind for SendMessage {
    const KIND: &'static str = "send_message";
    const QUEUE: Queue = Queue::Send;
    /// With doubling waits this is about an hour of trying.
    const MAX_ATTEMPTS: i32 = 18;
    /// Longer than any call to a provider may take.
    const LEASE: Duration = Duration::from_secs(30);
}

pub async fn send_message(
    core: Core,
    channels: Channels,
    job: Claimed,
    args: SendMessage,
) -> Result<Settled, JobError> {
    delivery::send(&core, &channels, &job, args.message_id).await
}

/// The last allowed try ended with its process: the text is shown as given up, and may still turn out to have left.
pub async fn send_message_died(core: Core, job: Claimed, args: SendMessage) -> Result<(), JobError> {
    delivery::give_up(&core.db, job.organization_id, args.message_id, "the last try ended without a result").await
}

/// Ask the channel how far a text has come.
#[derive(Debug, Serialize, Deserialize)]
pub struct PollDelivery {
    pub message_id: MessageId,
}

impl JobKind for PollDelivery {
    const KIND: &'static str = "poll_delivery";
    const QUEUE: Queue = Queue::Default;
}

pub async fn poll_delivery(
    core: Core,
    channels: Channels,
    job: Claimed,
    args: PollDelivery,
) -> Result<Settled, JobError> {
    delivery::poll(&core, &channels, &job, args.message_id).await
}

/// Take back what waits for a contact and may not be sent any more.
#[derive(Debug, Serialize, Deserialize)]
pub struct WithdrawTexts {
    pub contact_id: ContactId,
}

impl JobKind for WithdrawTexts {
    const KIND: &'static str = "withdraw_texts";
    const QUEUE: Queue = Queue::Default;
}

impl WithdrawTexts {
    /// The job that follows from consent that ended; it is not written where nothing waits.
    pub fn wanted(contact_id: ContactId) -> NewJob {
        NewJob::now(&Self { contact_id }).only_if(Condition::TextsWait(contact_id))
    }
}

pub async fn withdraw_texts(db: Db, job: Claimed, args: WithdrawTexts) -> Result<Settled, JobError> {
    let mut tx = db.tenant(job.organization_id).await?;
    let settled = job.settle(&mut tx).await?;
    withdrawal::withdraw(&mut tx, args.contact_id).await?;
    tx.commit().await?;
    Ok(settled)
}

/// Give a new organization the simulator, so that somebody can text it at once.
#[derive(Debug, Serialize, Deserialize)]
pub struct EnsureSimulatorSender {}

impl JobKind for EnsureSimulatorSender {
    const KIND: &'static str = "ensure_simulator_sender";
    const QUEUE: Queue = Queue::Default;
}

pub async fn ensure_simulator_sender(db: Db, job: Claimed, _: EnsureSimulatorSender) -> Result<Settled, JobError> {
    let mut tx = db.tenant(job.organization_id).await?;
    let settled = job.settle(&mut tx).await?;
    store::upsert_sender(&mut tx, ChannelKind::Simulator, "simulator", None, "Simulator").await?;
    tx.commit().await?;
    Ok(settled)
}
