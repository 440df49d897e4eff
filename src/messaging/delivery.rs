//! From a queued text to a known outcome. A text whose outcome is unknown is looked up at the provider before it is tried again.

use std::time::Duration;

use chrono::TimeDelta;
use url::Url;

use super::{
    channels::{Accepted, Channel, Channels, Outgoing, SendError},
    jobs::PollDelivery,
    model::MessageStatus,
    rules::{advance, status_from_twilio},
    store::{self, OutboundRow, Progress, personal},
};
use crate::{
    compliance::{self, PermitRequest, Purpose, SendPermit},
    platform::{
        config::Config,
        db::{Db, Tx},
        events::{self, Event},
        http::Core,
        ids::{MessageId, OrganizationId},
        jobs::{self, Claimed, JobError, NewJob, Settled},
        phone::PhoneNumber,
    },
};

/// Waits before each look-up of a text of unknown outcome; providers list a text a moment after taking it.
const LOOKUP_WAITS: [Duration; 3] = [Duration::from_secs(2), Duration::from_secs(5), Duration::from_secs(15)];

/// What the first transaction decided.
enum Next {
    /// Nothing to do any more.
    Settled(Settled),
    /// Leave was given and the text is marked as leaving.
    HandOver(SendPermit),
    /// It may have left before: find out.
    LookUp(SendPermit),
}

pub(super) async fn send(core: &Core, channels: &Channels, job: &Claimed, id: MessageId) -> Result<Settled, JobError> {
    let result = attempt(core, channels, job, id).await;
    if let Err(JobError::Retry { reason, .. }) = &result
        && job.attempt >= job.max_attempts
    {
        let mut tx = core.db.tenant(job.organization_id).await?;
        store::mark_gave_up(&mut tx, id, reason).await?;
        events::emit(&mut tx, Event::DeliveryChanged { message_id: id }).await?;
        tx.commit().await?;
    }
    result
}

async fn attempt(core: &Core, channels: &Channels, job: &Claimed, id: MessageId) -> Result<Settled, JobError> {
    let mut tx = core.db.tenant(job.organization_id).await?;
    let Some(row) = store::lock_outbound(&mut tx, id).await? else {
        // Erased since: nothing leaves any more.
        let settled = job.settle(&mut tx).await?;
        return finish(tx, settled).await;
    };
    let Some(channel) = channels.of(row.channel).cloned() else {
        return Err(JobError::retry_after("this channel is not configured", Duration::from_secs(60)));
    };
    let text = outgoing(&core.config, job.organization_id, &row);
    match decide(&mut tx, job, &row).await? {
        Next::Settled(settled) => {
            tx.commit().await?;
            Ok(settled)
        }
        Next::HandOver(permit) => {
            // Committed before the call: if this process dies in it, the next try sees that the text may have left.
            tx.commit().await?;
            hand_over(&core.db, channel.as_ref(), job, &permit, &text).await
        }
        Next::LookUp(permit) => {
            drop(tx);
            look_up(&core.db, channel.as_ref(), job, &permit, &text, &row).await
        }
    }
}

async fn decide(tx: &mut Tx, job: &Claimed, row: &OutboundRow) -> Result<Next, JobError> {
    let may_have_left =
        row.provider_sid.is_none() && row.handed_at.is_some() && row.standing() == MessageStatus::Sending;
    // One that was given up is tried again when somebody retries its job.
    if row.status != MessageStatus::Queued && !may_have_left && !row.given_up() {
        return Ok(Next::Settled(job.settle(tx).await?));
    }
    let request = PermitRequest {
        message_id: row.id,
        contact_id: row.contact_id,
        sender_id: row.sender_id,
        to: PhoneNumber::parse_e164(&row.phone_number).map_err(JobError::fail)?,
        purpose: Purpose::from_name(&row.purpose),
    };
    match compliance::permit(tx, request).await? {
        Ok(permit) if may_have_left => Ok(Next::LookUp(permit)),
        Ok(permit) => {
            store::mark_handing(tx, row.id).await?;
            Ok(Next::HandOver(permit))
        }
        // An opt-out that comes while the outcome is unknown ends the matter: it must not be tried again.
        Err(refusal) => {
            let progress = Progress {
                status: MessageStatus::Canceled,
                provider_sid: None,
                error_code: Some(refusal.code()),
                error_message: Some(refusal.sentence()),
            };
            store::record_progress(tx, row.id, &progress).await?;
            events::emit(tx, Event::DeliveryChanged { message_id: row.id }).await?;
            metrics::counter!("frontdesk_messages_refused", "reason" => refusal.code()).increment(1);
            Ok(Next::Settled(job.settle(tx).await?))
        }
    }
}

fn outgoing(config: &Config, organization_id: OrganizationId, row: &OutboundRow) -> Outgoing {
    Outgoing {
        organization_id,
        message_id: row.id,
        channel: row.channel,
        from: row.sender_address.clone(),
        messaging_service_sid: row.messaging_service_sid.clone(),
        body: row.body.clone(),
        status_callback: status_callback(config, row.id),
    }
}

/// Where the provider reports on this message: our own id is in the path, so that a report is understood even before the answer
/// to the send has come.
fn status_callback(config: &Config, id: MessageId) -> Option<Url> {
    let base = config.twilio.as_ref().and_then(|t| t.status_callback_url.clone()).or_else(|| {
        let mut url = config.public_url.clone()?;
        url.path_segments_mut().ok()?.pop_if_empty().extend(["webhooks", "sms", "status"]);
        Some(url)
    });
    let mut url = base?;
    url.path_segments_mut().ok()?.pop_if_empty().push(&id.0.to_string());
    Some(url)
}

async fn hand_over(
    db: &Db,
    channel: &dyn Channel,
    job: &Claimed,
    permit: &SendPermit,
    text: &Outgoing,
) -> Result<Settled, JobError> {
    let outcome = channel.send(permit, text).await;
    let mut tx = db.tenant(job.organization_id).await?;
    let id = permit.message_id();
    let settled = match outcome {
        Ok(accepted) => record_accepted(&mut tx, channel, job, id, &accepted).await?,
        Err(SendError::Refused { code, message }) => record_refused(&mut tx, job, permit, &code, &message).await?,
        Err(SendError::NotTaken { reason, retry_after }) => {
            store::mark_not_handed(&mut tx, id, &reason).await?;
            tx.commit().await?;
            return Err(JobError::Retry { reason, after: retry_after });
        }
        Err(SendError::Unknown { reason }) => {
            metrics::counter!("frontdesk_messages_outcome_unknown").increment(1);
            return Err(JobError::retry_after(format!("outcome unknown: {reason}"), LOOKUP_WAITS[0]));
        }
    };
    finish(tx, settled).await
}

async fn finish(tx: Tx, settled: Settled) -> Result<Settled, JobError> {
    tx.commit().await?;
    Ok(settled)
}

async fn look_up(
    db: &Db,
    channel: &dyn Channel,
    job: &Claimed,
    permit: &SendPermit,
    text: &Outgoing,
    row: &OutboundRow,
) -> Result<Settled, JobError> {
    let since = row.handed_at.unwrap_or(db.clock().now() - TimeDelta::hours(1));
    let found = match channel.find(permit, text, since).await {
        Ok(found) => found,
        Err(error) => return Err(JobError::retry(format!("cannot be looked up: {error:?}"))),
    };
    let mut tx = db.tenant(job.organization_id).await?;
    let sids: Vec<String> = found.iter().map(|a| a.provider_sid.clone()).collect();
    let taken = store::taken_sids(&mut tx, &sids).await?;
    if let Some(accepted) = found.into_iter().find(|a| !taken.contains(&a.provider_sid)) {
        tracing::info!(message.id = %row.id, "delivery.found_at_provider");
        let settled = record_accepted(&mut tx, channel, job, row.id, &accepted).await?;
        return finish(tx, settled).await;
    }
    let lookups = usize::try_from(store::count_lookup(&mut tx, row.id).await?).unwrap_or(0);
    if channel.poll_after().is_none()
        && let Some(wait) = LOOKUP_WAITS.get(lookups)
    {
        tx.commit().await?;
        return Err(JobError::retry_after("outcome unknown: not (yet) listed at the provider", *wait));
    }
    // Looked for long enough: it never arrived. The next try hands it over afresh.
    store::mark_not_handed(&mut tx, row.id, "not found at the provider").await?;
    tx.commit().await?;
    Err(JobError::retry_after("not found at the provider: trying again", Duration::ZERO))
}

async fn record_accepted(
    tx: &mut Tx,
    channel: &dyn Channel,
    job: &Claimed,
    id: MessageId,
    accepted: &Accepted,
) -> Result<Settled, JobError> {
    // The job first: if another claim holds it by now, nothing of this one may be written.
    let settled = job.settle(tx).await?;
    let Some(row) = store::lock_outbound(tx, id).await? else {
        // Erased while it left: what will be reported on it is nobody's business any more.
        personal::forget_reports(tx, std::slice::from_ref(&accepted.provider_sid)).await?;
        return Ok(settled);
    };
    let mut status = advance(row.standing(), accepted.status);
    let mut error_code = accepted.error_code.clone();
    // Reports that overtook the answer.
    for (heard, code) in store::delivery_events(tx, &accepted.provider_sid).await? {
        if let Some(heard) = status_from_twilio(&heard) {
            status = advance(status, heard);
            error_code = code.or(error_code);
        }
    }
    let progress = Progress {
        status,
        provider_sid: Some(&accepted.provider_sid),
        error_code: error_code.as_deref(),
        error_message: None,
    };
    store::record_progress(tx, id, &progress).await?;
    events::emit(tx, Event::DeliveryChanged { message_id: id }).await?;
    if let Some(wait) = channel.poll_after() {
        jobs::enqueue(tx, NewJob::after(&PollDelivery { message_id: id }, wait)).await?;
    }
    Ok(settled)
}

async fn record_refused(
    tx: &mut Tx,
    job: &Claimed,
    permit: &SendPermit,
    code: &str,
    message: &str,
) -> Result<Settled, JobError> {
    let settled = job.settle(tx).await?;
    let id = permit.message_id();
    let Some(row) = store::lock_outbound(tx, id).await? else {
        return Ok(settled);
    };
    let progress = Progress {
        status: advance(row.status, MessageStatus::Failed),
        provider_sid: None,
        error_code: Some(code),
        error_message: Some(message),
    };
    store::record_progress(tx, id, &progress).await?;
    // 21610: the person replied STOP to this sender, and the carrier keeps it.
    if code == "21610" {
        compliance::carrier_opted_out(tx, permit.to(), row.sender_id).await?;
    }
    tracing::warn!(message.id = %id, provider.code = code, "delivery.refused");
    events::emit(tx, Event::DeliveryChanged { message_id: id }).await?;
    Ok(settled)
}

/// A report from the provider: kept as it came, and applied where it moves the text forward.
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
    let Some(heard) = status_from_twilio(status_word) else {
        return Ok(());
    };
    let Some(id) = message else { return Ok(()) };
    let Some(row) = store::lock_outbound(tx, id).await? else {
        return Ok(());
    };
    // A report on a provider id that is not this message's (a second try of it) is kept, not applied.
    if row.provider_sid.as_deref().is_some_and(|known| known != provider_sid) {
        return Ok(());
    }
    let status = advance(row.standing(), heard);
    if status == row.status && row.provider_sid.is_some() {
        return Ok(());
    }
    let progress = Progress { status, provider_sid: Some(provider_sid), error_code, error_message: None };
    store::record_progress(tx, id, &progress).await?;
    events::emit(tx, Event::DeliveryChanged { message_id: id }).await
}

/// Asks a channel that does not report by itself, until the text is at its end.
pub(super) async fn poll(db: &Db, channels: &Channels, job: &Claimed, id: MessageId) -> Result<Settled, JobError> {
    let mut tx = db.tenant(job.organization_id).await?;
    let Some(row) = store::lock_outbound(&mut tx, id).await? else {
        let settled = job.settle(&mut tx).await?;
        return finish(tx, settled).await;
    };
    let now = tx.clock().now();
    drop(tx);
    let known = Some(row).and_then(|row| {
        let channel = channels.of(row.channel)?.clone();
        Some((row.provider_sid.clone()?, channel, row))
    });
    let Some((sid, channel, row)) = known else {
        return Err(JobError::fail("there is no such sent message"));
    };
    // Sent later than now: the clock was set back since, and the text is as old as can be.
    let age = (now - row.sent_at.unwrap_or(now)).to_std().unwrap_or(Duration::MAX);
    let heard = channel.status(&sid, age).await.map_err(|e| JobError::retry(format!("{e:?}")))?;
    let mut tx = db.tenant(job.organization_id).await?;
    let Some(row) = store::lock_outbound(&mut tx, id).await? else {
        let settled = job.settle(&mut tx).await?;
        return finish(tx, settled).await;
    };
    let status = advance(row.status, heard.status);
    if status != row.status {
        let progress =
            Progress { status, provider_sid: None, error_code: heard.error_code.as_deref(), error_message: None };
        store::record_progress(&mut tx, id, &progress).await?;
        events::emit(&mut tx, Event::DeliveryChanged { message_id: id }).await?;
    }
    let settled = match channel.poll_after() {
        Some(wait) if matches!(status, MessageStatus::Sending | MessageStatus::Sent) => {
            job.snooze(&mut tx, wait).await?
        }
        _ => job.settle(&mut tx).await?,
    };
    finish(tx, settled).await
}
