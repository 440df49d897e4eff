//! The two jobs: an event becomes deliveries, a delivery becomes a call.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    delivery::{Call, Deliverer},
    model::{DeliveryStatus, EventType},
    rules,
    service::{self, After},
    store::{self, Standing},
};
use crate::platform::{
    crypto,
    http::Core,
    ids::WebhookDeliveryId,
    jobs::{Claimed, Condition, JobError, JobKind, NewJob, Queue, Settled},
};

/// Tell the endpoints that want to know.
#[derive(Debug, Serialize, Deserialize)]
pub struct PublishEvent {
    pub event: EventType,
    /// Of the message, booking or contact.
    pub subject: Uuid,
}

impl JobKind for PublishEvent {
    const KIND: &'static str = "publish_event";
    const QUEUE: Queue = Queue::Default;
}

impl PublishEvent {
    /// The job that follows from an event; it is not written where no endpoint wants to know.
    pub fn wanted(event: EventType, subject: Uuid) -> NewJob {
        NewJob::now(&Self { event, subject }).only_if(Condition::WebhookWanted(event.as_str()))
    }
}

pub async fn publish_event(core: Core, job: Claimed, args: PublishEvent) -> Result<Settled, JobError> {
    let mut tx = core.db.tenant(job.organization_id).await?;
    let settled = job.settle(&mut tx).await?;
    service::publish(&mut tx, job.id, &args).await?;
    tx.commit().await?;
    Ok(settled)
}

/// Call an endpoint.
#[derive(Debug, Serialize, Deserialize)]
pub struct DeliverWebhook {
    pub delivery_id: WebhookDeliveryId,
}

impl JobKind for DeliverWebhook {
    const KIND: &'static str = "deliver_webhook";
    const QUEUE: Queue = Queue::Webhooks;
    /// The call's 15 seconds, and what the database takes before and after.
    const LEASE: Duration = Duration::from_secs(30);
}

/// One try. A process that dies between the call and its record leaves the job to its lease, and the endpoint is called again: at least
/// once, with the same `webhook-id`.
pub async fn deliver_webhook(
    core: Core,
    deliverer: Deliverer,
    job: Claimed,
    args: DeliverWebhook,
) -> Result<Settled, JobError> {
    let mut tx = core.db.tenant(job.organization_id).await?;
    let delivery = store::outgoing(&mut tx, args.delivery_id).await?;
    // Deleted with its endpoint, or done.
    let Some(delivery) = delivery.filter(|d| d.status == DeliveryStatus::Pending) else {
        let settled = job.settle(&mut tx).await?;
        tx.commit().await?;
        return Ok(settled);
    };
    if !delivery.enabled && delivery.event_type != EventType::Ping.as_str() {
        return give_up(tx, &job, delivery.id, "the endpoint is switched off").await;
    }
    let Some(place) = deliverer.place(delivery.endpoint_id) else {
        let settled = job.snooze(&mut tx, Duration::from_secs_f64(1.0 + 2.0 * crypto::jitter())).await?;
        tx.commit().await?;
        return Ok(settled);
    };
    let Some(secrets) = service::secrets(&core, job.organization_id, &delivery) else {
        return give_up(tx, &job, delivery.id, "the signing secret cannot be opened: rotate it").await;
    };
    drop(tx);

    let started_at = core.clock.now();
    let timestamp = started_at.timestamp();
    let call = Call {
        url: &delivery.url,
        id: &delivery.webhook_id,
        timestamp,
        signatures: rules::signatures(&secrets, &delivery.webhook_id, timestamp, &delivery.payload),
        body: delivery.payload.clone(),
    };
    let outcome = deliverer.call(call, started_at).await;
    drop(place);

    let mut tx = core.db.tenant(job.organization_id).await?;
    let settled = match service::record_try(&mut tx, &delivery, started_at, &outcome).await? {
        After::Done => job.settle(&mut tx).await?,
        After::Again(wait) => job.snooze(&mut tx, wait).await?,
    };
    tx.commit().await?;
    Ok(settled)
}

async fn give_up(
    mut tx: crate::platform::db::Tx,
    job: &Claimed,
    delivery: WebhookDeliveryId,
    why: &str,
) -> Result<Settled, JobError> {
    let settled = job.settle(&mut tx).await?;
    let standing = Standing {
        status: DeliveryStatus::Failed,
        tried: false,
        last_status_code: None,
        last_error: Some(why),
        next_attempt_at: None,
    };
    store::update_delivery(&mut tx, delivery, &standing).await?;
    tx.commit().await?;
    Ok(settled)
}
