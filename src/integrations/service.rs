//! Use cases of out-going webhooks: publish an event, record a try, send a ping, replay.

use std::time::Duration;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use secrecy::SecretString;
use serde::Serialize;

use super::{
    delivery::Outcome,
    jobs::{DeliverWebhook, PublishEvent},
    model::{DeliveryStatus, DisabledReason, EventType, WebhookDelivery},
    rules,
    store::{self, NewAttempt, NewDelivery, Outgoing, Standing, facts},
};
use crate::{
    accounts::{self, Actor, Change},
    platform::{
        crypto,
        db::Tx,
        http::Core,
        ids::{JobId, OrganizationId, WebhookDeliveryId, WebhookEndpointId},
        jobs::{self, NewJob},
    },
};

/// Deliveries are kept for so long: their payloads hold texts and numbers.
const KEPT_FOR: TimeDelta = TimeDelta::days(30);
/// Longest error that is kept, in characters.
const MOST_ERROR: usize = 500;

/// The document that is posted, as standardwebhooks.com has it.
#[derive(Serialize)]
struct Document<'a, T> {
    r#type: EventType,
    timestamp: &'a str,
    data: T,
}

fn document(event: EventType, at: DateTime<Utc>, data: impl Serialize) -> String {
    let timestamp = at.to_rfc3339_opts(SecondsFormat::Millis, true);
    serde_json::to_string(&Document { r#type: event, timestamp: &timestamp, data }).expect("facts are plain data")
}

/// Writes a delivery and its job for each endpoint that is told of the event. Facts are those of now; the time is that of the event.
pub(super) async fn publish(tx: &mut Tx, job: JobId, event: &PublishEvent) -> Result<(), sqlx::Error> {
    let endpoints = store::subscribed(tx, event.event).await?;
    if endpoints.is_empty() {
        return Ok(());
    }
    // A job is written with what it is about, and its id knows when.
    let at = job.0.get_timestamp().and_then(|t| {
        let (seconds, nanoseconds) = t.to_unix();
        DateTime::from_timestamp(seconds.try_into().ok()?, nanoseconds)
    });
    let at = at.unwrap_or_else(|| tx.real_clock().now());
    let mut key = format!("{}/{job}", event.event.as_str());
    let payload = match event.event {
        EventType::MessageReceived => facts::message(tx, event.subject).await?.map(|m| document(event.event, at, m)),
        EventType::MessageStatus => facts::message(tx, event.subject).await?.map(|m| {
            // Reports come close together: each state that was reached is told once, whichever report led here.
            let handed = m.handed_at.map_or(0, |at| at.timestamp_micros());
            key = format!("message.status/{}/{}/{handed}", m.message_id, m.status);
            document(event.event, at, m)
        }),
        EventType::BookingCreated
        | EventType::BookingRescheduled
        | EventType::BookingCancelled
        | EventType::BookingConfirmed
        | EventType::BookingCompleted
        | EventType::BookingNoShow
        | EventType::BookingExpired => facts::booking(tx, event.subject).await?.map(|b| document(event.event, at, b)),
        EventType::ContactOptedOut | EventType::ContactOptedIn => {
            facts::contact(tx, event.subject).await?.map(|c| document(event.event, at, c))
        }
        EventType::CampaignStarted | EventType::CampaignFinished | EventType::Ping => None,
    };
    // What it was about is gone (erased, say): there is nothing to tell.
    let Some(payload) = payload else { return Ok(()) };
    let webhook_id = format!("msg_{}", job.0.simple());
    let new = NewDelivery { webhook_id: &webhook_id, event: event.event, key: &key, payload: &payload };
    let deliveries = store::insert_deliveries(tx, &endpoints, &new).await?;
    deliver(tx, &deliveries).await?;
    let before = tx.real_clock().now() - KEPT_FOR;
    store::prune(tx, before).await
}

async fn deliver(tx: &mut Tx, deliveries: &[WebhookDeliveryId]) -> Result<(), sqlx::Error> {
    let calls = deliveries.iter().map(|id| NewJob::now(&DeliverWebhook { delivery_id: *id })).collect();
    jobs::enqueue_all(tx, calls).await
}

/// Sends a ping to the endpoint, wanted or not, switched on or not. It is tried once.
pub(super) async fn ping(tx: &mut Tx, endpoint: WebhookEndpointId) -> Result<WebhookDelivery, sqlx::Error> {
    #[derive(Serialize)]
    struct PingFacts {
        endpoint_id: WebhookEndpointId,
    }
    let (id, now) = (WebhookDeliveryId::new(tx.real_clock()), tx.real_clock().now());
    let payload = document(EventType::Ping, now, PingFacts { endpoint_id: endpoint });
    let (webhook_id, key) = (format!("msg_{}", id.0.simple()), format!("ping/{id}"));
    let new = NewDelivery { webhook_id: &webhook_id, event: EventType::Ping, key: &key, payload: &payload };
    let made = store::insert_deliveries(tx, &[endpoint], &new).await?;
    deliver(tx, &made).await?;
    let made = made.first().copied().ok_or(sqlx::Error::RowNotFound)?;
    store::delivery(tx, made).await?.ok_or(sqlx::Error::RowNotFound)
}

/// Tries a finished delivery again, from the foot of the ladder. False: it is still being tried.
pub(super) async fn replay(tx: &mut Tx, id: WebhookDeliveryId) -> Result<bool, sqlx::Error> {
    let put_back = store::put_back(tx, id).await?;
    if put_back {
        deliver(tx, &[id]).await?;
    }
    Ok(put_back)
}

/// The same for everything that failed at the endpoint since `since`. Returns how many.
pub(super) async fn replay_failed(
    tx: &mut Tx,
    endpoint: WebhookEndpointId,
    since: DateTime<Utc>,
) -> Result<usize, sqlx::Error> {
    let put_back = store::put_back_failed(tx, endpoint, since).await?;
    deliver(tx, &put_back).await?;
    Ok(put_back.len())
}

/// The secrets that sign now, the newest first. None: they cannot be opened.
pub(super) fn secrets(core: &Core, organization: OrganizationId, d: &Outgoing) -> Option<Vec<SecretString>> {
    let (vault, context) = (core.vault.as_ref()?, store::seal_context(organization, d.endpoint_id));
    let mut secrets = vec![vault.open(&d.sealed_secret, &context).ok()?];
    if let (Some(previous), Some(until)) = (&d.previous_sealed_secret, d.previous_secret_until)
        && core.clock.now() < until
    {
        secrets.extend(vault.open(previous, &context).ok());
    }
    Some(secrets)
}

/// What follows from a try.
pub(super) enum After {
    Done,
    Again(Duration),
}

/// Writes down a try and what it says about the endpoint.
pub(super) async fn record_try(
    tx: &mut Tx,
    d: &Outgoing,
    started_at: DateTime<Utc>,
    outcome: &Outcome,
) -> Result<After, sqlx::Error> {
    let is_ping = d.event_type == EventType::Ping.as_str();
    let (status, retry_after, error) = match &outcome.answer {
        Ok(answer) if (200..300).contains(&answer.status) => (Some(answer.status), None, None),
        Ok(answer) => {
            let listens = matches!(answer.status, 429 | 503);
            let retry_after = answer.retry_after.filter(|_| listens);
            (Some(answer.status), retry_after, Some(format!("answered {}", answer.status)))
        }
        Err(reason) => (None, None, Some(reason.chars().take(MOST_ERROR).collect::<String>())),
    };
    let disabled = match (&error, status) {
        (None, _) => {
            store::note_working(tx, d.endpoint_id).await?;
            None
        }
        (Some(_), Some(410)) => Some(DisabledReason::Gone),
        (Some(_), _) if is_ping => None,
        (Some(_), _) => {
            let since = store::note_failing(tx, d.endpoint_id).await?;
            (tx.real_clock().now() - since >= rules::GIVE_UP_AFTER).then_some(DisabledReason::Failing)
        }
    };
    if let Some(reason) = disabled {
        switch_off(tx, d.endpoint_id, reason).await?;
    }
    let wait = match &error {
        Some(_) if disabled.is_none() && !is_ping => {
            rules::next_try(d.round_attempts + 1, retry_after, crypto::jitter())
        }
        _ => None,
    };
    let status_code = status.map(i32::from);
    let standing = Standing {
        status: match (&error, wait) {
            (None, _) => DeliveryStatus::Delivered,
            (Some(_), Some(_)) => DeliveryStatus::Pending,
            (Some(_), None) => DeliveryStatus::Failed,
        },
        tried: true,
        last_status_code: status_code,
        last_error: error.as_deref(),
        next_attempt_at: wait.and_then(|w| tx.real_clock().now().checked_add_signed(TimeDelta::from_std(w).ok()?)),
    };
    // Deleted meanwhile, with its endpoint: nothing to write down.
    if store::update_delivery(tx, d.id, &standing).await? {
        let attempt = NewAttempt {
            delivery_id: d.id,
            number: d.attempts + 1,
            started_at,
            duration_ms: i32::try_from(outcome.duration.as_millis()).unwrap_or(i32::MAX),
            status_code,
            error: outcome.answer.is_err().then_some(error.as_deref()).flatten(),
            answer: outcome.answer.as_ref().ok().map(|a| a.body.as_str()),
        };
        store::append_attempt(tx, &attempt).await?;
        metrics::counter!("frontdesk_webhook_tries_total", "status" => standing.status.as_str()).increment(1);
    }
    Ok(wait.map_or(After::Done, After::Again))
}

async fn switch_off(tx: &mut Tx, id: WebhookEndpointId, reason: DisabledReason) -> Result<(), sqlx::Error> {
    if let Some(endpoint) = store::disable(tx, id, reason).await? {
        tracing::warn!(webhook.endpoint = %id, webhook.reason = reason.as_str(), "webhook.endpoint_disabled");
        let change = Change::of("webhook_endpoint", "disabled", id.0).after(&endpoint);
        accounts::record(tx, &Actor::system("Webhooks"), change).await?;
    }
    Ok(())
}
