//! How often somebody may ask: buckets in Redis, shared by all processes, one round trip per request. While Redis is away or slow each
//! process keeps buckets of the same size by itself.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use redis::{Script, aio::ConnectionManager};
use tokio::time::{Instant, timeout};

/// A request does not wait longer than this for Redis.
const PATIENCE: Duration = Duration::from_millis(50);
/// After Redis failed it is not asked for so long.
const PAUSE: Duration = Duration::from_secs(3);
/// Entries that one process remembers at most.
const MOST: usize = 50_000;

/// What is taken from, and how much.
#[derive(Clone, Debug)]
pub struct Bucket {
    /// As told to the client.
    pub name: &'static str,
    /// Whose it is; unique among all that use the same Redis.
    pub key: String,
    pub per_minute: u32,
    pub cost: u32,
}

impl Bucket {
    /// Units it holds: what may be asked for at once.
    fn size(&self) -> u32 {
        (self.per_minute / 6).max(1)
    }

    /// µs in which one unit comes back.
    fn unit(&self) -> u64 {
        60_000_000 / u64::from(self.per_minute.max(1))
    }

    /// Never more than it holds, or nobody could ever ask.
    fn wanted(&self) -> u32 {
        self.cost.min(self.size())
    }

    fn standing(&self, wait_us: u64, until_full_us: u64) -> Standing {
        let left = (u64::from(self.size()) * self.unit()).saturating_sub(until_full_us) / self.unit();
        Standing {
            name: self.name,
            per_minute: self.per_minute,
            remaining: u32::try_from(left).unwrap_or(0),
            full_in: Duration::from_micros(until_full_us),
            wait: Duration::from_micros(wait_us),
        }
    }
}

/// How a bucket stands after it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    pub name: &'static str,
    pub per_minute: u32,
    /// Requests that may be made now.
    pub remaining: u32,
    pub full_in: Duration,
    /// Zero: the request may be made.
    pub wait: Duration,
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Limiter(Arc<Inner>);

struct Inner {
    connection: ConnectionManager,
    take: Script,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Until when Redis is not asked.
    away_until: Option<Instant>,
    /// Buckets of this process alone: when each is full again.
    own: HashMap<String, Instant>,
    /// Who was refused, and until when nobody needs to be asked about them.
    refused: HashMap<String, Instant>,
}

impl Limiter {
    pub fn new(connection: ConnectionManager) -> Self {
        let take = Script::new(include_str!("limits/take.lua"));
        Self(Arc::new(Inner { connection, take, state: Mutex::default() }))
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The bucket, if it is known without asking that it is empty still. Costs nothing, so that a flood costs nothing.
    pub fn refused(&self, bucket: &Bucket) -> Option<Standing> {
        let until = *self.state().refused.get(&bucket.key)?;
        let wait = until.checked_duration_since(Instant::now()).filter(|w| !w.is_zero())?;
        let full = u64::from(bucket.size()) * bucket.unit();
        Some(bucket.standing(u64::try_from(wait.as_micros()).unwrap_or(0), full))
    }

    /// Takes from all of them, or from none if one is empty.
    pub async fn take(&self, buckets: &[Bucket]) -> Vec<Standing> {
        if buckets.is_empty() {
            return Vec::new();
        }
        let standings = match self.shared(buckets).await {
            Some(standings) => standings,
            None => self.own(buckets),
        };
        let mut state = self.state();
        for (bucket, standing) in buckets.iter().zip(&standings) {
            if !standing.wait.is_zero() {
                make_room(&mut state.refused);
                state.refused.insert(bucket.key.clone(), Instant::now() + standing.wait);
            }
        }
        standings
    }

    async fn shared(&self, buckets: &[Bucket]) -> Option<Vec<Standing>> {
        if self.state().away_until.is_some_and(|until| until > Instant::now()) {
            return None;
        }
        let mut call = self.0.take.prepare_invoke();
        for bucket in buckets {
            call.key(format!("frontdesk_limit:{}", bucket.key));
            call.arg(bucket.unit()).arg(bucket.size()).arg(bucket.wanted());
        }
        let mut connection = self.0.connection.clone();
        let answer: Result<Result<Vec<u64>, _>, _> = timeout(PATIENCE, call.invoke_async(&mut connection)).await;
        match answer {
            Ok(Ok(numbers)) if numbers.len() == 2 * buckets.len() => {
                let pairs = numbers.chunks_exact(2);
                return Some(buckets.iter().zip(pairs).map(|(b, n)| b.standing(n[0], n[1])).collect());
            }
            Ok(Ok(_)) => tracing::warn!("limits.odd_answer"),
            Ok(Err(error)) => tracing::warn!(%error, "limits.redis_away"),
            Err(_) => tracing::warn!("limits.redis_slow"),
        }
        self.state().away_until = Some(Instant::now() + PAUSE);
        None
    }

    fn own(&self, buckets: &[Bucket]) -> Vec<Standing> {
        let mut state = self.state();
        let now = Instant::now();
        let micros = |d: Duration| u64::try_from(d.as_micros()).unwrap_or(u64::MAX);
        let full_in = |own: &HashMap<String, Instant>, b: &Bucket| {
            micros(own.get(&b.key).map_or(Duration::ZERO, |at| at.saturating_duration_since(now)))
        };
        let mut standings: Vec<Standing> = buckets
            .iter()
            .map(|b| {
                let before = full_in(&state.own, b);
                let after = before + b.unit() * u64::from(b.wanted());
                b.standing(after.saturating_sub(b.unit() * u64::from(b.size())), before)
            })
            .collect();
        if standings.iter().all(|s| s.wait.is_zero()) {
            for (bucket, standing) in buckets.iter().zip(&mut standings) {
                let after = full_in(&state.own, bucket) + bucket.unit() * u64::from(bucket.wanted());
                make_room(&mut state.own);
                state.own.insert(bucket.key.clone(), now + Duration::from_micros(after));
                *standing = bucket.standing(0, after);
            }
        }
        standings
    }
}

/// Forgets what is over; if that is not enough, everything.
fn make_room(map: &mut HashMap<String, Instant>) {
    if map.len() >= MOST {
        let now = Instant::now();
        map.retain(|_, until| *until > now);
        if map.len() >= MOST {
            map.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A Redis that is not there.
    fn alone() -> Limiter {
        let client = redis::Client::open("redis://127.0.0.1:1/").expect("URL");
        let config = redis::aio::ConnectionManagerConfig::new().set_number_of_retries(0);
        Limiter::new(ConnectionManager::new_lazy_with_config(client, config).expect("lazy"))
    }

    fn bucket(key: &str, per_minute: u32, cost: u32) -> Bucket {
        Bucket { name: "default", key: key.to_owned(), per_minute, cost }
    }

    #[tokio::test(start_paused = true)]
    async fn without_redis_each_process_limits_by_itself() {
        let limiter = alone();
        limiter.state().away_until = Some(Instant::now() + Duration::from_secs(3600));
        let six = [bucket("a", 36, 1)];
        for left in (0..6).rev() {
            let standing = limiter.take(&six).await[0];
            assert_eq!((standing.remaining, standing.wait), (left, Duration::ZERO));
        }
        let refused = limiter.take(&six).await[0];
        assert_eq!((refused.remaining, refused.wait.as_millis()), (0, 1666));
        assert!(limiter.refused(&six[0]).is_some(), "known without asking");
        tokio::time::advance(Duration::from_secs(2)).await;
        assert!(limiter.refused(&six[0]).is_none());
        assert!(limiter.take(&six).await[0].wait.is_zero(), "a unit came back");
        tokio::time::advance(Duration::from_secs(60)).await;
        assert_eq!(limiter.take(&six).await[0].remaining, 5, "it does not hold more than it holds");
    }

    #[tokio::test(start_paused = true)]
    async fn an_empty_bucket_takes_nothing_from_the_other() {
        let limiter = alone();
        limiter.state().away_until = Some(Instant::now() + Duration::from_secs(3600));
        let both = [bucket("caller", 6, 1), bucket("address", 60, 10)];
        assert!(limiter.take(&both).await.iter().all(|s| s.wait.is_zero()));
        let again = limiter.take(&both).await;
        assert!(!again[0].wait.is_zero() && !again[1].wait.is_zero());
        tokio::time::advance(Duration::from_secs(10)).await;
        assert!(limiter.take(&both).await.iter().all(|s| s.wait.is_zero()));
    }
}
