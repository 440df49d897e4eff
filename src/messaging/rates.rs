//! How fast texts leave: a bucket per sender and one per account in Redis, taken from by one script, so that all processes together keep
//! to both. Units are segments, as carriers and Twilio count them.
//!
//! A process takes a few units more than it needs while the bucket is rich, and lives on those first. While Redis is away or slow it goes on
//! with what it has of them, and then at its share of the pace: the number of processes that were last seen, at least two. It is never
//! unlimited and never stopped.
//!
//! Where Twilio refuses a text for haste all the same, its sender goes at half the pace, and at half of that if it is refused again; each
//! minute without a refusal takes one halving back.
//!
//! Twilio takes more than a number can send and queues it for up to ten hours, in which nothing can be taken back, no opt-out is heeded and a
//! reply waits behind what many are sent. That is why texts wait here.

mod several;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::America::Los_Angeles;
use redis::{Script, aio::ConnectionManager};
use tokio::time::{Instant, timeout};

use super::{
    model::{ChannelKind, SenderKind},
    store::health,
};
use crate::platform::{
    clock::{Clock, resolve_local},
    config::Config,
    crypto,
    db::Db,
    ids::{OrganizationId, SenderId},
    jobs::{Claimed, JobError, Settled},
};

/// A text does not wait longer than this for Redis.
const PATIENCE: Duration = Duration::from_millis(50);
/// After Redis failed it is not asked for so long.
const PAUSE: Duration = Duration::from_secs(3);
/// How old what is known of a sender may be.
const FRESH: Duration = Duration::from_secs(5);
/// Units kept for later are good for so long.
const LEASE: Duration = Duration::from_secs(60);
/// How often a process says that it is there.
const CENSUS: Duration = Duration::from_secs(10);
/// Processes that are assumed to be there as long as Redis was never asked.
const ASSUMED: u32 = 4;
/// Bulk is looked at again no sooner than this, and what waits for the next day no later than that.
const SHORTEST_HOLD: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(900);
/// After so long without a refusal one halving of a sender's pace is taken back.
const RECOVERY: Duration = Duration::from_secs(60);
/// Refusals within this are of texts that left together, and one lesson.
const ONE_REFUSAL: Duration = Duration::from_secs(5);
/// An eighth of its pace is what a sender is left with at least.
const MOST_HALVINGS: u32 = 3;
/// Senders one process remembers at most.
const MOST: usize = 20_000;

pub use several::Several;

/// What an account with its subaccounts may send in a second unless Twilio agreed to more (Twilio, error 63017).
pub const ACCOUNT_PER_SECOND: u32 = 2_000;

/// The kind of a sender, by which carriers limit it.
pub fn kind_of(channel: ChannelKind, address: &str) -> SenderKind {
    match channel {
        ChannelKind::Simulator | ChannelKind::Web => SenderKind::Simulator,
        ChannelKind::Whatsapp => SenderKind::Whatsapp,
        ChannelKind::Sms => {
            let digits = address.trim_start_matches('+');
            match digits.strip_prefix('1').filter(|rest| rest.len() == 10) {
                _ if digits.len() <= 6 => SenderKind::ShortCode,
                Some(nanp) if ["800", "833", "844", "855", "866", "877", "888"].contains(&&nanp[..3]) => {
                    SenderKind::TollFree
                }
                Some(_) => SenderKind::TenDlc,
                None => SenderKind::LongCode,
            }
        }
    }
}

/// Segments a second that a sender of this kind may send where nothing else is agreed; none: no limit (nothing leaves the house). Twilio's
/// figures, read in November 2026. A registered 10DLC campaign of higher trust, or a messaging service, may do far more: staff says so.
pub const fn usual_per_second(kind: SenderKind) -> Option<f64> {
    match kind {
        SenderKind::Simulator => None,
        // Low-volume standard, all carriers together; from 12 to 225 with a trust score.
        SenderKind::TenDlc => Some(3.75),
        SenderKind::LongCode => Some(1.0),
        SenderKind::TollFree => Some(3.0),
        SenderKind::ShortCode => Some(100.0),
        SenderKind::Whatsapp => Some(80.0),
    }
}

/// What is known of a sender's pace.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// None: no limit.
    pub per_second: Option<f64>,
    pub per_day: Option<i32>,
    /// Segments handed over since midnight, Pacific time.
    pub today: i64,
}

/// A bucket of tokens as the script has it.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Bucket {
    /// µs in which one unit comes back.
    unit: f64,
    /// Units it holds. Carriers average over seconds, and the longest texts have ten segments and more: two seconds' worth, at least ten.
    size: f64,
}

impl Bucket {
    fn of(per_second: f64) -> Self {
        let per_second = per_second.clamp(0.001, 100_000.0);
        Self { unit: 1_000_000.0 / per_second, size: (2.0 * per_second).ceil().max(10.0) }
    }

    /// The part of it that one of so many processes may use by itself.
    fn share(self, processes: u32) -> Self {
        let n = f64::from(processes.max(1));
        Self { unit: self.unit * n, size: (self.size / n).max(1.0) }
    }

    /// Its pace halved so many times.
    fn halved(self, times: u32) -> Self {
        Self { unit: self.unit * f64::from(1_u32 << times.min(MOST_HALVINGS)), ..self }
    }

    /// Units taken in advance at most.
    fn advance(self) -> u32 {
        (self.size / 8.0).clamp(0.0, 25.0) as u32
    }
}

/// Leave to hand over now.
#[derive(Debug)]
#[must_use = "give it back when nothing was handed over"]
pub(super) struct Grant {
    sender: Option<SenderId>,
    units: u32,
}

#[derive(Debug)]
enum Answer {
    Now(Grant),
    /// After this long. `batch`: about how many units there will be then.
    Later {
        wait: Duration,
        batch: i32,
    },
}

/// Whether a text may leave now.
pub(super) enum Turn {
    Now(Grant),
    /// The job was put back; nothing else is to be done.
    Waits(Settled),
}

struct Lease {
    units: u32,
    until: Instant,
}

#[derive(Default)]
struct State {
    /// Until when Redis is not asked.
    away_until: Option<Instant>,
    /// With when it was read, and when the day began that it is about.
    paces: HashMap<SenderId, (Pace, Instant, DateTime<Utc>)>,
    leases: HashMap<SenderId, Lease>,
    /// Senders that were refused for haste: how many times their pace was halved, and when last. For while Redis is away.
    slowed: HashMap<SenderId, (u32, Instant)>,
    /// Buckets of this process alone, while Redis is away: when each is full again.
    own: HashMap<String, Instant>,
    /// Processes that were last seen, this one among them.
    processes: Option<u32>,
    counted_at: Option<Instant>,
}

impl State {
    /// How many times the sender's pace is halved now, and when it last was.
    fn halvings(&self, sender: SenderId) -> Option<(u32, Instant)> {
        let (times, at) = *self.slowed.get(&sender)?;
        let taken_back = u32::try_from(at.elapsed().as_secs() / RECOVERY.as_secs()).unwrap_or(u32::MAX);
        Some((times.saturating_sub(taken_back), at)).filter(|(left, _)| *left > 0)
    }
}

struct Inner {
    connection: ConnectionManager,
    take: Script,
    slow: Script,
    clock: Clock,
    /// The account's name and what it may send in a second. None: nothing is held back here.
    account: Option<(String, f64)>,
    process: String,
    state: Mutex<State>,
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Rates(Arc<Inner>);

impl Rates {
    pub fn new(connection: ConnectionManager, clock: Clock, config: &Config) -> Self {
        let name = config.twilio.as_ref().map_or("none", |twilio| twilio.account_sid.as_str());
        let account = match config.max_sends_per_second {
            0 => None,
            most => Some((name.to_owned(), f64::from(most))),
        };
        let take = Script::new(include_str!("rates/take.lua"));
        let slow = Script::new(include_str!("rates/slow.lua"));
        let process = crypto::random_token(9);
        Self(Arc::new(Inner { connection, take, slow, clock, account, process, state: Mutex::default() }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks for leave for one text, and puts its job back where there is none now.
    pub(super) async fn turn(&self, db: &Db, job: &Claimed) -> Result<Turn, JobError> {
        match self.ask(db, job).await? {
            Answer::Now(grant) => Ok(Turn::Now(grant)),
            Answer::Later { wait, batch } => Ok(Turn::Waits(job.wait_for_pace(db, wait, batch).await?)),
        }
    }

    async fn ask(&self, db: &Db, job: &Claimed) -> Result<Answer, sqlx::Error> {
        let free = Answer::Now(Grant { sender: None, units: 0 });
        let (Some(sender), Some((account, account_rate))) = (job.pace.map(SenderId), self.0.account.as_ref()) else {
            return Ok(free);
        };
        let pace = self.pace(db, job.organization_id, sender).await?;
        let Some(per_second) = pace.per_second else { return Ok(free) };
        let asked = Asked {
            sender,
            pace,
            buckets: [Bucket::of(per_second), Bucket::of(*account_rate)],
            keys: [format!("sender:{}", sender.0), format!("account:{account}")],
            units: u32::from(job.weight.max(1).unsigned_abs()),
            bulk: job.line.is_some(),
            back: job.attempt > 1,
        };
        if let Some(grant) = self.take_from_lease(&asked) {
            return Ok(Answer::Now(grant));
        }
        let answer = match self.shared(&asked).await {
            Some(answer) => answer,
            None => self.own(&asked),
        };
        if let Answer::Later { .. } = answer {
            metrics::counter!("frontdesk_sends_held_back", "bulk" => if asked.bulk { "true" } else { "false" })
                .increment(1);
        }
        Ok(answer)
    }

    /// What is known of the sender, read anew every few seconds.
    async fn pace(&self, db: &Db, organization: OrganizationId, sender: SenderId) -> Result<Pace, sqlx::Error> {
        let (_, midnight) = pacific_day(self.0.clock.now());
        if let Some((pace, read, day)) = self.state().paces.get(&sender)
            && read.elapsed() < FRESH
            && *day == midnight
        {
            return Ok(*pace);
        }
        let mut tx = db.tenant(organization).await?;
        let pace = health::pace(&mut tx, sender, midnight).await?;
        drop(tx);
        let mut state = self.state();
        if state.paces.len() >= MOST {
            state.paces.clear();
        }
        state.paces.insert(sender, (pace, Instant::now(), midnight));
        Ok(pace)
    }

    fn take_from_lease(&self, asked: &Asked) -> Option<Grant> {
        let mut state = self.state();
        let lease =
            state.leases.get_mut(&asked.sender).filter(|l| l.units >= asked.units && l.until > Instant::now())?;
        lease.units -= asked.units;
        Some(Grant { sender: Some(asked.sender), units: asked.units })
    }

    fn put_in_lease(&self, sender: SenderId, units: u32) {
        if units == 0 {
            return;
        }
        let mut state = self.state();
        if state.leases.len() >= MOST {
            state.leases.clear();
        }
        let now = Instant::now();
        let lease = state.leases.entry(sender).or_insert(Lease { units: 0, until: now });
        lease.units = units + if lease.until > now { lease.units } else { 0 };
        lease.until = now + LEASE;
    }

    /// Nothing was handed over after all: the next text of this process has the units.
    pub(super) fn give_back(&self, grant: Grant) {
        if let Some(sender) = grant.sender {
            self.put_in_lease(sender, grant.units);
        }
    }

    /// The provider refused a text of this sender for haste.
    pub(super) async fn slow_down(&self, sender: SenderId) {
        let Some(pace) = self.state().paces.get(&sender).and_then(|(pace, ..)| pace.per_second) else { return };
        let bucket = Bucket::of(pace);
        if self.slow_down_here(sender, bucket) {
            metrics::counter!("frontdesk_senders_slowed_down").increment(1);
        }
        let name = format!("frontdesk_rate:sender:{}", sender.0);
        let mut call = self.0.slow.prepare_invoke();
        call.key(&name).key(format!("{name}:slow")).arg(self.given_now());
        call.arg(bucket.unit.round() as u64).arg(bucket.size as u64);
        call.arg(RECOVERY.as_micros() as u64).arg(ONE_REFUSAL.as_micros() as u64).arg(MOST_HALVINGS);
        let mut connection = self.0.connection.clone();
        let halved: Result<Result<u32, _>, _> = timeout(PATIENCE, call.invoke_async(&mut connection)).await;
        match halved {
            Ok(Ok(halved)) => tracing::warn!(sender.id = %sender, rates.halved = halved, "rates.slowed_down"),
            Ok(Err(error)) => tracing::warn!(%error, sender.id = %sender, "rates.slowed_down_here_only"),
            Err(_) => tracing::warn!(sender.id = %sender, "rates.slowed_down_here_only"),
        }
    }

    /// The same for this process alone. False: it was refused just before, which counts once.
    fn slow_down_here(&self, sender: SenderId, bucket: Bucket) -> bool {
        let mut state = self.state();
        state.leases.remove(&sender);
        let (before, at) = state.halvings(sender).unzip();
        if at.is_some_and(|at| at.elapsed() < ONE_REFUSAL) {
            return false;
        }
        let (now, times) = (Instant::now(), (before.unwrap_or(0) + 1).min(MOST_HALVINGS));
        if state.slowed.len() >= MOST {
            state.slowed.clear();
        }
        state.slowed.insert(sender, (times, now));
        // What it had saved up is gone.
        let slower = bucket.halved(times);
        let full = now + Duration::from_micros((slower.unit * slower.size) as u64);
        let own = state.own.entry(format!("sender:{}", sender.0)).or_insert(full);
        *own = full.max(*own);
        true
    }

    /// A clock under somebody's hand rules in Redis too (µs); otherwise the server's, which is the same for all processes (0).
    fn given_now(&self) -> i64 {
        if self.0.clock.is_manual() { self.0.clock.now().timestamp_micros() } else { 0 }
    }

    async fn shared(&self, asked: &Asked) -> Option<Answer> {
        let now = Instant::now();
        let count_me = {
            let mut state = self.state();
            if state.away_until.is_some_and(|until| until > now) {
                return None;
            }
            let due = state.counted_at.is_none_or(|at| now.duration_since(at) >= CENSUS);
            if due {
                state.counted_at = Some(now);
            }
            due
        };
        let mut connection = self.0.connection.clone();
        let call = self.call(asked, count_me);
        let answer: Result<Result<Vec<u64>, _>, _> = timeout(PATIENCE, call.invoke_async(&mut connection)).await;
        match answer {
            Ok(Ok(numbers)) if numbers.len() == 5 => return Some(self.heard(asked, &numbers)),
            Ok(Ok(_)) => tracing::warn!("rates.odd_answer"),
            Ok(Err(error)) => tracing::warn!(%error, "rates.redis_away"),
            Err(_) => tracing::warn!("rates.redis_slow"),
        }
        metrics::counter!("frontdesk_rates_redis_away").increment(1);
        self.state().away_until = Some(Instant::now() + PAUSE);
        None
    }

    fn call(&self, asked: &Asked, count_me: bool) -> redis::ScriptInvocation<'_> {
        let now = self.0.clock.now();
        let (day, midnight) = pacific_day(now);
        // Noon of the next day is in it, whatever daylight saving does.
        let (_, next) = pacific_day(midnight + TimeDelta::hours(36));
        let day_left = micros(next - now);
        let name = |key: &str| format!("frontdesk_rate:{key}");
        let [sender, account] = &asked.keys;
        let mut call = self.0.take.prepare_invoke();
        call.key(name(sender)).key(name(account)).key(name(&format!("{sender}:line")));
        call.key(name(&format!("{sender}:{day}"))).key(name("processes")).key(name(&format!("{sender}:slow")));
        call.arg(self.given_now());
        for bucket in asked.buckets {
            call.arg(bucket.unit.round() as u64).arg(bucket.size as u64);
        }
        call.arg(asked.units).arg(asked.buckets[0].advance());
        call.arg(u8::from(asked.bulk)).arg(u8::from(asked.back));
        call.arg(asked.pace.per_day.unwrap_or(0)).arg(asked.pace.today).arg(day_left);
        call.arg(if count_me { self.0.process.as_str() } else { "" });
        call.arg(RECOVERY.as_micros() as u64);
        call
    }

    fn heard(&self, asked: &Asked, numbers: &[u64]) -> Answer {
        let (given, wait, empty, processes) = (numbers[0], numbers[1], numbers[2], numbers[3]);
        if processes > 0 {
            self.state().processes = u32::try_from(processes).ok();
        }
        if given > 0 {
            let given = u32::try_from(given).unwrap_or(asked.units);
            self.put_in_lease(asked.sender, given.saturating_sub(asked.units));
            return Answer::Now(Grant { sender: Some(asked.sender), units: asked.units });
        }
        let halved = u32::try_from(numbers[4]).unwrap_or(0);
        let bucket = if empty == 2 { asked.buckets[1] } else { asked.buckets[0].halved(halved) };
        asked.later(Duration::from_micros(wait), if empty == 3 { 0.0 } else { 1_000_000.0 / bucket.unit })
    }

    /// The share of this process, while Redis is away.
    fn own(&self, asked: &Asked) -> Answer {
        if asked.pace.per_day.is_some_and(|cap| asked.pace.today + i64::from(asked.units) > i64::from(cap)) {
            return asked.later(LONGEST_WAIT, 0.0);
        }
        let mut state = self.state();
        let now = Instant::now();
        let processes = state.processes.map_or(ASSUMED, |seen| seen.max(2));
        let halved = state.halvings(asked.sender).map_or(0, |(times, _)| times);
        let [sender, account] = asked.buckets;
        let shares = [sender.halved(halved), account].map(|bucket| bucket.share(processes));
        let full_in: Vec<f64> = asked
            .keys
            .iter()
            .map(|key| state.own.get(key).map_or(0.0, |at| at.saturating_duration_since(now).as_secs_f64() * 1e6))
            .collect();
        let units = f64::from(asked.units);
        let wait = shares
            .iter()
            .zip(&full_in)
            .map(|(share, before)| {
                let held = if asked.bulk { (share.size / 2.0).max(1.0) } else { share.size };
                before + share.unit * units.min(held) - share.unit * held
            })
            .fold(0.0, f64::max);
        if wait > 0.0 {
            // They do not all come back at once.
            let spread = 1.0 + 8.0 * crypto::jitter();
            return asked.later(Duration::from_micros((wait * spread) as u64), 1_000_000.0 / shares[0].unit);
        }
        if state.own.len() >= MOST {
            state.own.retain(|_, full| *full > now);
        }
        for (key, (share, before)) in asked.keys.iter().zip(shares.iter().zip(full_in)) {
            let full = now + Duration::from_micros((before + share.unit * units) as u64);
            state.own.insert(key.clone(), full);
        }
        Answer::Now(Grant { sender: Some(asked.sender), units: asked.units })
    }
}

struct Asked {
    sender: SenderId,
    pace: Pace,
    /// The sender's and the account's.
    buckets: [Bucket; 2],
    keys: [String; 2],
    units: u32,
    bulk: bool,
    back: bool,
}

impl Asked {
    fn later(&self, wait: Duration, per_second: f64) -> Answer {
        let wait = wait.clamp(Duration::from_millis(1), LONGEST_WAIT);
        if !self.bulk {
            return Answer::Later { wait, batch: 1 };
        }
        // A line is opened for several at once, and for one more than there is leave for, who closes it again.
        let wait = wait.max(SHORTEST_HOLD);
        let units = (per_second * wait.as_secs_f64() / f64::from(self.units)).floor().clamp(0.0, 500.0);
        Answer::Later { wait, batch: units as i32 + 1 }
    }
}

fn micros(duration: TimeDelta) -> i64 {
    duration.num_microseconds().unwrap_or(i64::MAX).max(0)
}

/// The day of carriers' daily caps, which end at midnight Pacific time: its name, and when it began.
fn pacific_day(now: DateTime<Utc>) -> (String, DateTime<Utc>) {
    let date = now.with_timezone(&Los_Angeles).date_naive();
    let midnight = resolve_local(Los_Angeles, date.and_time(chrono::NaiveTime::MIN));
    (date.to_string(), midnight)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A Redis that is not there.
    fn alone(account: u32) -> Rates {
        let client = redis::Client::open("redis://127.0.0.1:1/").expect("URL");
        let options = redis::aio::ConnectionManagerConfig::new().set_number_of_retries(0);
        let connection = ConnectionManager::new_lazy_with_config(client, options).expect("lazy");
        let mut config = Config::read(&|_| None).expect("defaults");
        config.max_sends_per_second = account;
        let rates = Rates::new(connection, Clock::system(), &config);
        rates.state().away_until = Some(Instant::now() + Duration::from_secs(36_000));
        rates
    }

    fn asked(n: u128, per_second: f64, units: u32, bulk: bool) -> Asked {
        let sender = SenderId(uuid::Uuid::from_u128(n));
        Asked {
            sender,
            pace: Pace { per_second: Some(per_second), per_day: None, today: 0 },
            buckets: [Bucket::of(per_second), Bucket::of(100.0)],
            keys: [format!("sender:{}", sender.0), "account".to_owned()],
            units,
            bulk,
            back: false,
        }
    }

    async fn goes(rates: &Rates, asked: &Asked) -> bool {
        assert!(rates.shared(asked).await.is_none(), "Redis is not there");
        matches!(rates.own(asked), Answer::Now(_))
    }

    #[test]
    fn kinds_by_channel_and_number() {
        use SenderKind as K;
        for (channel, address, kind) in [
            (ChannelKind::Sms, "+14155550100", K::TenDlc),
            (ChannelKind::Sms, "+18885550100", K::TollFree),
            (ChannelKind::Sms, "+18335550100", K::TollFree),
            (ChannelKind::Sms, "+442071838750", K::LongCode),
            (ChannelKind::Sms, "72345", K::ShortCode),
            (ChannelKind::Sms, "723456", K::ShortCode),
            (ChannelKind::Whatsapp, "+18885550100", K::Whatsapp),
            (ChannelKind::Simulator, "simulator", K::Simulator),
        ] {
            assert_eq!(kind_of(channel, address), kind, "{address}");
        }
    }

    #[test]
    fn a_day_of_caps_ends_at_midnight_pacific() {
        let day = |at: &str| pacific_day(at.parse().expect("time"));
        assert_eq!(day("2026-11-21T07:59:59Z").0, "2026-11-20");
        let (name, midnight) = day("2026-11-21T08:00:00Z");
        assert_eq!((name.as_str(), midnight.to_rfc3339().as_str()), ("2026-11-21", "2026-11-21T08:00:00+00:00"));
        // Daylight saving begins: the day has 23 hours.
        let (_, begins) = day("2026-03-08T20:00:00Z");
        let (_, next) = pacific_day(begins + TimeDelta::hours(36));
        assert_eq!(next - begins, TimeDelta::hours(23));
    }

    #[tokio::test(start_paused = true)]
    async fn without_redis_a_process_keeps_to_its_share_and_goes_on() {
        let rates = alone(100);
        rates.state().processes = Some(4);
        // 8 a second hold 16, of which a fourth is ours.
        let one = asked(1, 8.0, 1, false);
        let mut at_once = 0;
        while goes(&rates, &one).await {
            at_once += 1;
        }
        assert_eq!(at_once, 4);
        let mut later = 0;
        for _ in 0..600 {
            tokio::time::advance(Duration::from_millis(100)).await;
            later += u32::from(goes(&rates, &one).await);
        }
        assert!((115..=121).contains(&later), "a fourth of eight a second for a minute: {later}");
    }

    #[tokio::test(start_paused = true)]
    async fn without_redis_one_process_is_never_taken_for_the_only_one() {
        let rates = alone(100);
        rates.state().processes = Some(1);
        let one = asked(1, 8.0, 1, false);
        let mut sent = 0;
        for _ in 0..600 {
            sent += u32::from(goes(&rates, &one).await);
            tokio::time::advance(Duration::from_millis(100)).await;
        }
        assert!((240..=250).contains(&sent), "half of it: {sent}");
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_paid_in_advance_goes_first_and_ends() {
        let rates = alone(100);
        let one = asked(1, 8.0, 2, false);
        rates.put_in_lease(one.sender, 3);
        assert!(rates.take_from_lease(&one).is_some());
        assert!(rates.take_from_lease(&one).is_none(), "one is left, two are asked for");
        let grant = Grant { sender: Some(one.sender), units: 2 };
        rates.give_back(grant);
        assert!(rates.take_from_lease(&one).is_some(), "what was given back");
        rates.put_in_lease(one.sender, 2);
        tokio::time::advance(LEASE + Duration::from_secs(1)).await;
        assert!(rates.take_from_lease(&one).is_none(), "too old");
    }

    #[tokio::test(start_paused = true)]
    async fn the_account_holds_all_its_senders_and_bulk_leaves_room() {
        let rates = alone(100);
        rates.state().processes = Some(2);
        let mut sent = 0;
        // Each sender could do far more; the account's share holds 100 at once.
        for n in 0..200 {
            sent += u32::from(goes(&rates, &asked(n, 1000.0, 1, false)).await);
        }
        assert_eq!(sent, 100);
        let rates = alone(100);
        rates.state().processes = Some(2);
        let bulk = asked(1, 16.0, 1, true);
        let mut many = 0;
        while goes(&rates, &bulk).await {
            many += 1;
        }
        assert_eq!(many, 8, "the upper half of its 16");
        assert!(goes(&rates, &asked(1, 16.0, 1, false)).await, "an answer finds the lower one");
    }

    #[tokio::test(start_paused = true)]
    async fn a_long_text_leaves_and_is_paid_for_afterwards() {
        let rates = alone(100);
        rates.state().processes = Some(2);
        let long = asked(1, 1.0, 24, false);
        assert!(goes(&rates, &long).await, "though only five are held");
        assert!(!goes(&rates, &asked(1, 1.0, 1, false)).await);
        tokio::time::advance(Duration::from_secs(37)).await;
        assert!(!goes(&rates, &asked(1, 1.0, 1, false)).await);
        tokio::time::advance(Duration::from_secs(4)).await;
        assert!(goes(&rates, &asked(1, 1.0, 1, false)).await);
    }

    #[tokio::test(start_paused = true)]
    async fn without_redis_too_a_refusal_halves_the_pace_and_it_recovers_step_by_step() {
        let rates = alone(100);
        rates.state().processes = Some(2);
        let one = asked(1, 8.0, 1, false);
        let sent_in = async |seconds: u32| {
            let mut sent = 0;
            for _ in 0..seconds * 10 {
                tokio::time::advance(Duration::from_millis(100)).await;
                sent += u32::from(goes(&rates, &one).await);
            }
            sent
        };
        // Half of eight a second is this process's.
        sent_in(10).await;
        assert!((38..=42).contains(&sent_in(10).await));
        rates.put_in_lease(one.sender, 5);
        assert!(rates.slow_down_here(one.sender, one.buckets[0]));
        assert!(rates.take_from_lease(&one).is_none(), "what was paid in advance is no more");
        // Others of the same moment say nothing new.
        assert!(!rates.slow_down_here(one.sender, one.buckets[0]));
        let slow = sent_in(50).await;
        assert!((85..=105).contains(&slow), "half of that: {slow}");
        assert!(rates.slow_down_here(one.sender, one.buckets[0]));
        let slower = sent_in(50).await;
        assert!((35..=52).contains(&slower), "and half again: {slower}");
        for _ in 0..9 {
            tokio::time::advance(ONE_REFUSAL).await;
            rates.slow_down_here(one.sender, one.buckets[0]);
        }
        let slowest = sent_in(50).await;
        assert!((15..=26).contains(&slowest), "an eighth is the least: {slowest}");
        sent_in(10).await;
        for (least, most) in [(35, 52), (80, 104), (170, 204)] {
            let step = sent_in(50).await;
            assert!((least..=most).contains(&step), "{step}, of {most} at most");
            sent_in(10).await;
        }
    }
}
