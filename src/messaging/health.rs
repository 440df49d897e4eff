//! Senders at work: which one a text begins from, how each one fares, and pausing one.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

use super::{
    model::{ChannelKind, MessageStatus, PausedBy, Sender, SenderKind, SenderView},
    rates::{kind_of, usual_per_second},
    routing::{self, Candidate, Place},
    store::{
        OutboundRow, health,
        senders::{self, CandidateRow},
    },
};
use crate::{
    accounts::{Actor, Change, record},
    contacts::Contact,
    platform::{
        db::Tx,
        ids::SenderId,
        jobs::{self, Claimed, JobError, Settled},
        phone::PhoneNumber,
    },
};

/// How often a text of a paused sender is looked at: it may have become too late for it. Resuming wakes it at once.
const PAUSED_LOOK: Duration = Duration::from_secs(3600);
/// The same of a batch: few texts of one wait by themselves, and nothing wakes them.
const HELD_LOOK: Duration = Duration::from_secs(30);

/// How a sender has fared: over the last 24 hours, or where fewer than 200 texts were sent in them, over the last 200 of up to a week.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = SenderHealth)]
pub struct Health {
    /// Texts that the provider took or refused.
    pub tried: i64,
    pub delivered: i64,
    /// Refused, failed or undelivered.
    pub failed: i64,
    /// Delivered, of those whose end is known; null where none is.
    #[schema(minimum = 0, maximum = 1)]
    pub delivery_rate: Option<f64>,
    /// Failed, of those tried; null where none was.
    #[schema(minimum = 0, maximum = 1)]
    pub error_rate: Option<f64>,
    /// The first hour that is counted.
    pub since: Option<DateTime<Utc>>,
}

impl Health {
    pub(super) fn of(tried: i64, delivered: i64, failed: i64, since: Option<DateTime<Utc>>) -> Self {
        let rate = |part: i64, whole: i64| (whole > 0).then(|| (part as f64 / whole as f64).clamp(0.0, 1.0));
        Self {
            tried,
            delivered,
            failed,
            delivery_rate: rate(delivered, delivered + failed),
            error_rate: rate(failed, tried),
            since,
        }
    }
}

/// What failed texts failed with.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct SenderError {
    /// The provider's code.
    #[schema(example = "30003")]
    pub code: String,
    pub count: i64,
}

/// An hour of a sender's.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct SenderHour {
    pub hour: DateTime<Utc>,
    pub tried: i64,
    pub delivered: i64,
    pub failed: i64,
}

/// A sender, and how it is doing.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Sender)]
pub struct SenderInUse {
    #[serde(flatten)]
    pub sender: SenderView,
    pub kind: SenderKind,
    /// Segments it sends in a second at most; null: no limit.
    pub per_second: Option<f64>,
    /// Country (ISO 3166) of the number.
    pub country: Option<String>,
    /// Area code of a number in North America.
    pub area_code: Option<String>,
    /// Texts that wait to leave, counted up to 1000.
    pub waiting: i64,
    pub health: Health,
}

/// The same, with what is worth knowing of one alone.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct SenderDetail {
    #[serde(flatten)]
    pub sender: SenderInUse,
    /// The last 24 hours, oldest first; hours without texts are left out.
    pub hours: Vec<SenderHour>,
    /// The most frequent ones of the last week.
    pub errors: Vec<SenderError>,
}

/// The texts of a sender keep its pace.
fn paces(senders: &[SenderId]) -> Vec<Uuid> {
    senders.iter().map(|id| id.0).collect()
}

fn place(address: &str) -> Place {
    PhoneNumber::parse_e164(address).map_or_else(|_| Place::default(), |number| Place::of(&number))
}

/// Where the contact lives, as far as it is known.
fn home(contact: &Contact) -> Place {
    let of = |number| Place::of_contact(&number, contact.timezone.as_deref(), contact.postal_code.as_deref());
    PhoneNumber::parse_e164(&contact.phone_number).map_or_else(|_| Place::default(), of)
}

/// Adds the figures to rows of senders.
pub(super) async fn in_use(tx: &mut Tx, rows: Vec<SenderView>) -> Result<Vec<SenderInUse>, sqlx::Error> {
    let ids: Vec<SenderId> = rows.iter().map(|row| row.id).collect();
    let figures = health::figures(tx, &ids).await?;
    let waiting = jobs::waiting(tx, &paces(&ids)).await?;
    let of = |id| figures.iter().find(|(one, _)| *one == id).map_or_else(Health::default, |(_, health)| *health);
    let shown = rows.into_iter().map(|sender| {
        let kind = kind_of(sender.channel, &sender.address);
        let Place { country, area_code, .. } = place(&sender.address);
        let waiting = waiting.iter().find(|(pace, _)| *pace == sender.id.0).map_or(0, |(_, n)| *n);
        let per_second = usual_per_second(kind).map(|usual| sender.max_per_second.unwrap_or(usual));
        SenderInUse { kind, per_second, country, area_code, waiting, health: of(sender.id), sender }
    });
    Ok(shown.collect())
}

/// Where a text to the contact begins: see [`routing::choose`]. None: no sender (of the channel) is in use.
pub async fn sender_for(
    tx: &mut Tx,
    contact: &Contact,
    channel: Option<ChannelKind>,
) -> Result<Option<Sender>, sqlx::Error> {
    let rows = senders::candidates(tx, channel).await?;
    let history = senders::history(tx, contact.id).await?;
    let mut candidates: Vec<Candidate> = rows.iter().map(candidate).collect();
    // Most texts go on with a sender that is known, which needs no figures.
    let known = routing::sticky(&candidates, &history);
    if known.is_none() {
        add_figures(tx, &rows, &mut candidates).await?;
    }
    let chosen = known.or_else(|| routing::choose(&candidates, &home(contact), &history));
    Ok(rows.iter().find(|row| Some(row.id) == chosen).map(|row| Sender { id: row.id, channel: row.channel }))
}

/// A sender of the pool (empty: any of the channel) that is in use: the one that was added first. None: there is none.
pub async fn first_sender(
    tx: &mut Tx,
    pool: &[SenderId],
    channel: Option<ChannelKind>,
) -> Result<Option<SenderId>, sqlx::Error> {
    let rows = senders::candidates(tx, channel).await?;
    Ok(rows.iter().find(|row| row.in_use && (pool.is_empty() || pool.contains(&row.id))).map(|row| row.id))
}

/// [`sender_for`] for many at once, each out of the pool (empty: any sender of the channel): where it makes no difference they are spread over
/// the senders by what these can do.
pub async fn senders_for(
    tx: &mut Tx,
    people: &[Contact],
    pool: &[SenderId],
    channel: Option<ChannelKind>,
) -> Result<Vec<Option<SenderId>>, sqlx::Error> {
    let mut rows = senders::candidates(tx, channel).await?;
    rows.retain(|row| pool.is_empty() || pool.contains(&row.id));
    let mut candidates: Vec<Candidate> = rows.iter().map(candidate).collect();
    if candidates.iter().filter(|c| c.in_use).count() < 2 {
        let only = candidates.iter().find(|c| c.in_use).map(|c| c.id);
        return Ok(people.iter().map(|_| only).collect());
    }
    add_figures(tx, &rows, &mut candidates).await?;
    let histories = senders::histories(tx, people.iter().map(|person| person.id.0).collect()).await?;
    let chosen = people.iter().map(|person| {
        let history = histories.get(&person.id).map_or(&[][..], Vec::as_slice);
        let chosen = routing::choose(&candidates, &home(person), history)?;
        let row = rows.iter().find(|row| row.id == chosen)?;
        let per_second = row.max_per_second.or_else(|| usual_per_second(kind_of(row.channel, &row.address)));
        if let Some(one) = candidates.iter_mut().find(|c| c.id == chosen) {
            one.backlog += 1.0 / per_second.unwrap_or(1000.0);
        }
        Some(chosen)
    });
    Ok(chosen.collect())
}

fn candidate(row: &CandidateRow) -> Candidate {
    let place = place(&row.address);
    Candidate { id: row.id, channel: row.channel, place, in_use: row.in_use, backlog: 0.0, tried: 0, failed: 0 }
}

async fn add_figures(tx: &mut Tx, rows: &[CandidateRow], candidates: &mut [Candidate]) -> Result<(), sqlx::Error> {
    let ids: Vec<SenderId> = rows.iter().filter(|row| row.in_use).map(|row| row.id).collect();
    if ids.len() < 2 {
        return Ok(());
    }
    for (id, health) in health::figures(tx, &ids).await? {
        if let Some(one) = candidates.iter_mut().find(|c| c.id == id) {
            (one.tried, one.failed) = (health.tried, health.failed);
        }
    }
    for (pace, waiting) in jobs::waiting(tx, &paces(&ids)).await? {
        let id = SenderId(pace);
        let row = rows.iter().find(|row| row.id == id);
        let usual = row.and_then(|row| usual_per_second(kind_of(row.channel, &row.address)));
        let per_second = row.and_then(|row| row.max_per_second).or(usual).unwrap_or(f64::INFINITY);
        if let Some(one) = candidates.iter_mut().find(|c| c.id == id) {
            one.backlog = waiting as f64 / per_second;
        }
    }
    Ok(())
}

/// Pauses a sender because the provider refuses what leaves from it (the account is suspended, the number not registered, …): every further
/// try would be refused too. What is queued waits until staff resumes it. False: it was paused already.
pub async fn pause_sender(tx: &mut Tx, id: SenderId, why: &str) -> Result<bool, sqlx::Error> {
    let Some(before) = senders::lock(tx, id).await? else { return Ok(false) };
    if before.paused_at.is_some() {
        return Ok(false);
    }
    senders::pause(tx, id, Some((PausedBy::System, why))).await?;
    let after = senders::lock(tx, id).await?;
    let change = Change::of("sender", "paused", id.0).before(&before).after(&after);
    record(tx, &Actor::system("delivery"), change).await?;
    metrics::counter!("frontdesk_senders_paused").increment(1);
    tracing::error!(sender.id = %id, sender.why = %why, "sender.paused");
    Ok(true)
}

/// Pauses a sender for staff, or lets it send again; then what waited leaves at its pace.
pub(super) async fn set_paused(tx: &mut Tx, id: SenderId, why: Option<&str>) -> Result<bool, sqlx::Error> {
    let changed = senders::pause(tx, id, why.map(|why| (PausedBy::Staff, why))).await?;
    if changed && why.is_none() {
        jobs::hasten(tx, id.0).await?;
    }
    Ok(changed)
}

/// Puts the text back while its sender or its batch is paused, and notes on it what it waits for. One that may have left already is looked up all the same.
pub(super) async fn wait_while_paused(
    tx: &mut Tx,
    job: &Claimed,
    row: &OutboundRow,
) -> Result<Option<Settled>, JobError> {
    let (why, look) = match (&row.pause_reason, row.batch_held) {
        _ if row.status != MessageStatus::Queued => return Ok(None),
        (Some(why), _) => (format!("Waits: the sender is paused ({why})"), PAUSED_LOOK),
        (None, true) => ("Waits: its campaign is paused".to_owned(), HELD_LOOK),
        (None, false) => return Ok(None),
    };
    // Past its deadline it is not put off any more, but refused.
    let Ok(left) = (row.deadline() - tx.clock().now()).to_std() else { return Ok(None) };
    health::note_waiting(tx, row.id, &why).await?;
    Ok(Some(job.snooze(tx, look.min(left + Duration::from_secs(1))).await?))
}
