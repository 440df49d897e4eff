//! From a queued text to a known outcome. A text whose outcome is unknown is looked up at the provider before it is tried again.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::types::Json;
use url::Url;

use super::{
    channels::{Accepted, Channel, Channels, Outgoing, OutgoingContent, SendError, pick},
    credentials, health,
    jobs::PollDelivery,
    lessons,
    model::{ChannelKind, MessageStatus},
    outcomes::{self, ErrorClass, Said},
    rates::Turn,
    reports::{self, News},
    rules::{advance, status_from_twilio},
    store::{self, OutboundRow, Progress, attempts, personal},
    whatsapp::{self, Handing, When},
};
use crate::{
    compliance::{self, Decided, PermitRequest, Purpose, SendPermit, Verdict},
    platform::{
        config::{Config, QuietHours},
        crypto,
        db::{Db, Tx},
        events::{self, Event},
        http::Core,
        ids::{MessageId, OrganizationId, SenderId},
        jobs::{self, Claimed, JobError, NewJob, Settled},
        phone::PhoneNumber,
    },
};

/// A process that was held up for so long after it had marked a text must not hand it over any more: another may have taken it up.
/// With the time to connect it is shorter than a webhook waits for what is leaving (`in_flight.rs`).
pub(super) const HELD_UP: Duration = Duration::from_secs(2);
/// A text that was put off waits for a quarter of its age, but not longer than this.
const LONGEST_WAIT: Duration = Duration::from_secs(1800);

/// What the first transaction decided.
enum Next {
    /// Nothing to do any more.
    Settled(Settled),
    /// Leave was given and the text is marked as leaving.
    HandOver(SendPermit),
    /// It may have left before: find out. That asks for no leave, and opting out does not make it unsent.
    LookUp,
}

pub(super) async fn send(core: &Core, channels: &Channels, job: &Claimed, id: MessageId) -> Result<Settled, JobError> {
    let result = attempt(core, channels, job, id).await;
    if let Err(JobError::Retry { reason, .. }) = &result
        && job.attempt >= job.max_attempts
    {
        give_up(&core.db, job.organization_id, id, reason).await?;
    }
    result
}

/// Nobody tries it again by itself. A try that may have left is looked for by the reconciliation.
pub(super) async fn give_up(
    db: &Db,
    organization: OrganizationId,
    id: MessageId,
    reason: &str,
) -> Result<(), JobError> {
    let mut tx = db.tenant(organization).await?;
    note_unknown(&mut tx, id).await?;
    if store::mark_gave_up(&mut tx, id, reason).await? {
        events::emit(&mut tx, Event::DeliveryChanged { message_id: id }).await?;
    }
    tx.commit().await?;
    Ok(())
}

async fn attempt(core: &Core, channels: &Channels, job: &Claimed, id: MessageId) -> Result<Settled, JobError> {
    let grant = match channels.rates.turn(&core.db, job).await? {
        Turn::Now(grant) => grant,
        Turn::Waits(settled) => return Ok(settled),
    };
    let mut tx = core.db.tenant(job.organization_id).await?;
    let Some(mut row) = store::lock_outbound(&mut tx, id).await? else {
        // Erased since: nothing leaves any more.
        let settled = job.settle(&mut tx).await?;
        return finish(tx, settled).await;
    };
    template_for_closed_window(&mut tx, &mut row).await?;
    let channel = channel_of(&mut tx, core, channels, &row).await?;
    if let Some(settled) = health::wait_while_paused(&mut tx, job, &row).await? {
        channels.rates.give_back(grant);
        return finish(tx, settled).await;
    }
    let text = outgoing(&core.config, job.organization_id, &row);
    match decide(&mut tx, job, &row, core.config.quiet_hours).await? {
        Next::Settled(settled) => {
            channels.rates.give_back(grant);
            tx.commit().await?;
            Ok(settled)
        }
        Next::HandOver(permit) => {
            // Committed before the call: if this process dies in it, the next try sees that the text may have left.
            let marked = Instant::now();
            tx.commit().await?;
            if marked.elapsed() > HELD_UP {
                return Err(JobError::Superseded);
            }
            hand_over(&core.db, channels, channel.as_ref(), job, &permit, &text, row).await
        }
        Next::LookUp => {
            channels.rates.give_back(grant);
            // The process that handed it over died in it: that outcome counts as unknown too.
            note_unknown(&mut tx, row.id).await?;
            tx.commit().await?;
            look_up(&core.db, channel.as_ref(), job, &text, row).await
        }
    }
}

/// The provider, through the account that the sender belongs to.
pub(super) async fn channel_of(
    tx: &mut Tx,
    core: &Core,
    channels: &Channels,
    row: &OutboundRow,
) -> Result<Arc<dyn Channel>, JobError> {
    channel_through(tx, core, channels, row.channel, row.sender_id, row.own_account).await
}

pub(super) async fn channel_through(
    tx: &mut Tx,
    core: &Core,
    channels: &Channels,
    kind: ChannelKind,
    sender: SenderId,
    own_account: bool,
) -> Result<Arc<dyn Channel>, JobError> {
    let missing = |why| JobError::retry_after(why, Duration::from_secs(60));
    let channel = channels.of(kind).ok_or_else(|| missing("this channel is not configured"))?;
    if !own_account {
        return Ok(Arc::clone(channel));
    }
    let account = credentials::of_sender(tx, core.vault.as_ref(), sender).await?;
    let account = account.ok_or_else(|| missing("the sender's credentials cannot be opened with ENCRYPTION_KEY"))?;
    Ok(channel.through(&account).unwrap_or_else(|| Arc::clone(channel)))
}

pub(super) async fn note_unknown(tx: &mut Tx, id: MessageId) -> Result<(), sqlx::Error> {
    if attempts::mark_unknown(tx, id).await? {
        metrics::counter!("frontdesk_messages_outcome_unknown").increment(1);
    }
    Ok(())
}

/// What of the text WhatsApp would take now.
fn handing(row: &OutboundRow, now: DateTime<Utc>) -> Handing {
    whatsapp::handing(row.channel, row.content.as_deref(), row.last_inbound_at, now)
}

/// Puts the template of a text in the place of its words where WhatsApp would refuse those by now.
async fn template_for_closed_window(tx: &mut Tx, row: &mut OutboundRow) -> Result<(), sqlx::Error> {
    let fresh = row.provider_sid.is_none()
        && row.handed_at.is_none()
        && (row.status == MessageStatus::Queued || row.given_up());
    if fresh
        && handing(row, tx.clock().now()) == Handing::Template
        && let Some(Json(content)) = &mut row.content
        && content.when == When::OutsideWindow
    {
        content.when = When::Always;
        row.body.clone_from(&content.text);
        store::whatsapp::become_template(tx, row.id).await?;
    }
    Ok(())
}

async fn decide(tx: &mut Tx, job: &Claimed, row: &OutboundRow, house: Option<QuietHours>) -> Result<Next, JobError> {
    let may_have_left =
        row.provider_sid.is_none() && row.handed_at.is_some() && row.standing() == MessageStatus::Sending;
    // One that was given up is tried again when somebody retries its job.
    if row.status != MessageStatus::Queued && !may_have_left && !row.given_up() {
        return Ok(Next::Settled(job.settle(tx).await?));
    }
    if may_have_left {
        return Ok(Next::LookUp);
    }
    let request = PermitRequest {
        message_id: row.id,
        contact_id: row.contact_id,
        sender_id: row.sender_id,
        to: PhoneNumber::parse_e164(&row.phone_number).map_err(JobError::fail)?,
        channel: row.channel.consent(),
        purpose: row.purpose,
        deadline: row.deadline(),
        last_heard: row.last_heard,
        unread_since: row.unread_since,
        timezone: row.timezone.clone(),
        postal_code: row.postal_code.clone(),
        words_until: whatsapp::words_until(row.channel, row.content.as_deref(), row.last_inbound_at),
        marketed: if row.purpose == Purpose::Marketing {
            store::marketed(tx, row.contact_id).await?
        } else {
            Vec::new()
        },
        house,
    };
    let Decided { verdict, receipt } = compliance::permit(tx, request).await?;
    match verdict {
        Verdict::Leave(permit) => {
            store::mark_handing(tx, row.id, &receipt).await?;
            Ok(Next::HandOver(permit))
        }
        Verdict::Hold(until) => {
            store::hold(tx, row.id, until, &receipt).await?;
            events::emit(tx, Event::DeliveryChanged { message_id: row.id }).await?;
            let wait = (until - tx.clock().now()).to_std().unwrap_or_default();
            Ok(Next::Settled(job.snooze(tx, wait).await?))
        }
        Verdict::Refuse(refusal) => {
            store::refuse(tx, &[row.id], &receipt).await?;
            events::emit(tx, Event::DeliveryChanged { message_id: row.id }).await?;
            metrics::counter!("frontdesk_messages_refused", "reason" => refusal.code()).increment(1);
            Ok(Next::Settled(job.settle(tx).await?))
        }
    }
}

pub(super) fn outgoing(config: &Config, organization_id: OrganizationId, row: &OutboundRow) -> Outgoing {
    Outgoing {
        organization_id,
        message_id: row.id,
        channel: row.channel,
        from: row.sender_address.clone(),
        messaging_service_sid: row.messaging_service_sid.clone(),
        body: row.body.clone(),
        media: row.media.iter().map(|item| item.url.clone()).collect(),
        content: row
            .content
            .as_ref()
            .filter(|c| c.when == When::Always)
            .map(|content| OutgoingContent { sid: content.sid.clone(), variables: content.variables.clone() }),
        status_callback: status_callback(config, row.id),
    }
}

/// Where the provider reports on this message: our own id is in the path, so that a report is understood even before the answer
/// to the send has come.
pub(super) fn status_callback(config: &Config, id: MessageId) -> Option<Url> {
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
    channels: &Channels,
    channel: &dyn Channel,
    job: &Claimed,
    permit: &SendPermit,
    text: &Outgoing,
    row: OutboundRow,
) -> Result<Settled, JobError> {
    let outcome = channel.send(permit, text).await;
    if let Err(SendError::NotTaken { retry_after: Some(_), .. }) = &outcome {
        channels.rates.slow_down(row.sender_id).await;
    }
    let mut tx = db.tenant(job.organization_id).await?;
    let id = permit.message_id();
    let settled = match outcome {
        Ok(accepted) => record_accepted(&mut tx, channel, job, row, &accepted, text.status_callback.is_some()).await?,
        Err(SendError::Refused { code, message }) => record_refused(&mut tx, job, permit, &code, &message).await?,
        Err(SendError::NotTaken { reason, retry_after: Some(told) }) => {
            come_back(&mut tx, job, &row, told, &reason).await?
        }
        Err(SendError::NotTaken { reason, retry_after: None }) => {
            store::mark_not_handed(&mut tx, id, &reason).await?;
            tx.commit().await?;
            return Err(JobError::retry(reason));
        }
        Err(SendError::PutOff { class, code, message, after }) => {
            put_off(&mut tx, job, &row, class, &code, &message, after).await?
        }
        Err(SendError::Unknown { reason }) => {
            note_unknown(&mut tx, id).await?;
            tx.commit().await?;
            return Err(JobError::retry_after(format!("outcome unknown: {reason}"), channel.lookup_waits()[0]));
        }
    };
    finish(tx, settled).await
}

/// Refused for haste: it keeps its place and comes back as told, but not all at the same moment; where nothing was told, after an eighth of
/// its age. No try is spent on it: its deadline ends it.
async fn come_back(
    tx: &mut Tx,
    job: &Claimed,
    row: &OutboundRow,
    told: Duration,
    reason: &str,
) -> Result<Settled, JobError> {
    let age = (tx.clock().now() - row.created_at).to_std().unwrap_or_default();
    let wait = if told.is_zero() {
        (age / 8).clamp(Duration::from_secs(1), Duration::from_secs(60)).mul_f64(1.0 + crypto::jitter() / 2.0)
    } else {
        told + (told / 8).min(Duration::from_secs(30)).mul_f64(crypto::jitter())
    };
    let settled = job.snooze(tx, wait).await?;
    store::mark_not_handed(tx, row.id, reason).await?;
    Ok(settled)
}

/// It was not processed, and others would not be either: it keeps its place and waits, as long as it is worth sending.
async fn put_off(
    tx: &mut Tx,
    job: &Claimed,
    row: &OutboundRow,
    class: ErrorClass,
    code: &str,
    message: &str,
    after: Duration,
) -> Result<Settled, JobError> {
    let now = tx.clock().now();
    let explained = outcomes::explained(code, Some(message)).unwrap_or_default();
    let age = (now - row.created_at).to_std().unwrap_or_default();
    let wait = after.max((age / 4).min(LONGEST_WAIT)).mul_f64(1.0 + crypto::jitter() / 8.0);
    let settled = if now + wait < row.deadline() {
        let settled = job.snooze(tx, wait).await?;
        store::mark_not_handed(tx, row.id, &format!("{code}: {explained}")).await?;
        settled
    } else {
        let settled = job.settle(tx).await?;
        let progress = Progress {
            status: advance(MessageStatus::Sending, MessageStatus::Failed),
            provider_sid: None,
            error_code: Some(code),
            error_message: Some(&explained),
        };
        store::record_progress(tx, row.id, &progress).await?;
        attempts::mark_known(tx, row.id).await?;
        events::emit(tx, Event::DeliveryChanged { message_id: row.id }).await?;
        settled
    };
    lessons::learn(tx, row, outcomes::consequence(class, Said::Instead).lesson, code).await?;
    Ok(settled)
}

async fn finish(tx: Tx, settled: Settled) -> Result<Settled, JobError> {
    tx.commit().await?;
    Ok(settled)
}

async fn look_up(
    db: &Db,
    channel: &dyn Channel,
    job: &Claimed,
    text: &Outgoing,
    row: OutboundRow,
) -> Result<Settled, JobError> {
    let since = row.handed_at.unwrap_or(db.clock().now() - TimeDelta::hours(1));
    let to = PhoneNumber::parse_e164(&row.phone_number).map_err(JobError::fail)?;
    let found = match channel.find(&to, text, since).await {
        Ok(found) => found,
        Err(error) => return Err(JobError::retry(format!("cannot be looked up: {error:?}"))),
    };
    let mut tx = db.tenant(job.organization_id).await?;
    let sids: Vec<String> = found.iter().map(|f| f.accepted.provider_sid.clone()).collect();
    let taken = store::taken_sids(&mut tx, &sids).await?;
    let Ok(picked) = pick(found, &taken) else {
        // Neither of them is taken for it, nor is it sent once more: a report on it, or a person, must say.
        return Err(JobError::retry("several texts at the provider may be this one"));
    };
    if let Some(accepted) = picked {
        tracing::info!(message.id = %row.id, "delivery.found_at_provider");
        metrics::counter!("frontdesk_messages_outcome_settled", "how" => "found").increment(1);
        let reports = text.status_callback.is_some();
        let settled = record_accepted(&mut tx, channel, job, row, &accepted, reports).await?;
        return finish(tx, settled).await;
    }
    let lookups = usize::try_from(store::count_lookup(&mut tx, row.id).await?).unwrap_or(0);
    if channel.poll_after().is_none()
        && let Some(wait) = channel.lookup_waits().get(lookups).copied()
    {
        tx.commit().await?;
        return Err(JobError::retry_after("outcome unknown: not (yet) listed at the provider", wait));
    }
    // Looked for long enough: it never arrived. The next try hands it over afresh.
    metrics::counter!("frontdesk_messages_outcome_settled", "how" => "absent").increment(1);
    store::mark_not_handed(&mut tx, row.id, "not found at the provider").await?;
    tx.commit().await?;
    Err(JobError::retry_after("not found at the provider: trying again", Duration::ZERO))
}

async fn record_accepted(
    tx: &mut Tx,
    channel: &dyn Channel,
    job: &Claimed,
    row: OutboundRow,
    accepted: &Accepted,
    reports: bool,
) -> Result<Settled, JobError> {
    // The job first: if another claim holds it by now, nothing of this one may be written.
    let settled = job.settle(tx).await?;
    let row = store::lock_again(tx, row).await?;
    accept(tx, channel, row, accepted, reports).await?;
    Ok(settled)
}

/// Notes that the provider took a text, and follows it where nobody will report on it.
pub(super) async fn take_accepted(
    tx: &mut Tx,
    channel: &dyn Channel,
    id: MessageId,
    accepted: &Accepted,
    reports: bool,
) -> Result<(), sqlx::Error> {
    let row = store::lock_outbound(tx, id).await?;
    accept(tx, channel, row, accepted, reports).await
}

/// The text is locked. None: it was erased while it left.
async fn accept(
    tx: &mut Tx,
    channel: &dyn Channel,
    row: Option<OutboundRow>,
    accepted: &Accepted,
    reports: bool,
) -> Result<(), sqlx::Error> {
    let Some(row) = row else {
        // What will be reported on it is nobody's business any more.
        return personal::forget_reports(tx, std::slice::from_ref(&accepted.provider_sid)).await.map(drop);
    };
    let mut status = advance(MessageStatus::Queued, accepted.status);
    let mut error_code = accepted.error_code.clone();
    // Reports that overtook the answer.
    for (heard, code) in store::delivery_events(tx, &accepted.provider_sid).await? {
        if let Some(heard) = status_from_twilio(&heard) {
            status = advance(status, heard);
            error_code = code.or(error_code);
        }
    }
    let news = News { sid: &accepted.provider_sid, status, code: error_code.as_deref(), words: None };
    reports::apply(tx, &row, &news).await?;
    let poll = if reports { channel.poll_after() } else { channel.poll_unreported(Duration::ZERO) };
    if let Some(wait) = poll {
        jobs::enqueue(tx, NewJob::after(&PollDelivery { message_id: row.id }, wait)).await?;
    }
    Ok(())
}

async fn record_refused(
    tx: &mut Tx,
    job: &Claimed,
    permit: &SendPermit,
    code: &str,
    message: &str,
) -> Result<Settled, JobError> {
    let settled = job.settle(tx).await?;
    take_refused(tx, permit.message_id(), code, message).await?;
    Ok(settled)
}

/// Notes that the provider refused a text for good, and what that teaches.
pub(super) async fn take_refused(tx: &mut Tx, id: MessageId, code: &str, message: &str) -> Result<(), sqlx::Error> {
    let Some(row) = store::lock_outbound(tx, id).await? else {
        return Ok(());
    };
    let explained = outcomes::explained(code, Some(message));
    let progress = Progress {
        status: advance(row.status, MessageStatus::Failed),
        provider_sid: None,
        error_code: Some(code),
        error_message: explained.as_deref(),
    };
    store::record_progress(tx, id, &progress).await?;
    if let Some(meaning) = outcomes::meaning(code) {
        lessons::learn(tx, &row, outcomes::consequence(meaning.class, Said::Instead).lesson, code).await?;
    }
    reports::heed_closed_window(tx, id, Some(code)).await?;
    tracing::warn!(message.id = %id, provider.code = code, "delivery.refused");
    events::emit(tx, Event::DeliveryChanged { message_id: id }).await
}

/// Asks a channel that does not report by itself, until the text is at its end.
pub(super) async fn poll(core: &Core, channels: &Channels, job: &Claimed, id: MessageId) -> Result<Settled, JobError> {
    let db = &core.db;
    let mut tx = db.tenant(job.organization_id).await?;
    // Erased, or put back to be sent again, which brings a poll of its own.
    let known = store::lock_outbound(&mut tx, id).await?.and_then(|row| Some((row.provider_sid.clone()?, row)));
    let Some((sid, row)) = known else {
        let settled = job.settle(&mut tx).await?;
        return finish(tx, settled).await;
    };
    let channel = channel_of(&mut tx, core, channels, &row).await?;
    let now = tx.clock().now();
    drop(tx);
    // Sent later than now: the clock was set back since, and the text is as old as can be.
    let age = (now - row.sent_at.unwrap_or(now)).to_std().unwrap_or(Duration::MAX);
    let heard = channel.status(&sid, age).await.map_err(|e| JobError::retry(format!("{e:?}")))?;
    let mut tx = db.tenant(job.organization_id).await?;
    let Some(row) = store::lock_outbound(&mut tx, id).await? else {
        let settled = job.settle(&mut tx).await?;
        return finish(tx, settled).await;
    };
    let news = News { sid: &sid, status: heard.status, code: heard.error_code.as_deref(), words: None };
    reports::apply(&mut tx, &row, &news).await?;
    let status = advance(row.status, heard.status);
    let reports = status_callback(&core.config, id).is_some();
    let wait = if reports { channel.poll_after() } else { channel.poll_unreported(age) };
    let settled = match wait {
        Some(wait) if matches!(status, MessageStatus::Sending | MessageStatus::Sent) => {
            job.snooze(&mut tx, wait).await?
        }
        _ => job.settle(&mut tx).await?,
    };
    finish(tx, settled).await
}
