//! The jobs of messaging: hand a text to its channel, follow it where the channel does not report by itself, and give a new
//! organization its simulator.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{channels::Channels, delivery, model::ChannelKind, store};
use crate::platform::{
    db::Db,
    http::Core,
    ids::MessageId,
    jobs::{Claimed, JobError, JobKind, Queue, Settled},
};

/// Hand one outbound text to its channel.
#[derive(Debug, Serialize, Deserialize)]
pub struct SendMessage {
    pub message_id: MessageId,
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
