//! From a committed transaction to Redis. Whoever commits leaves a note under a lock and goes on; one task per process takes the notes to
//! Redis, an organization's first one at once, what follows gathered for a moment, so that a campaign costs twenty entries a second and
//! not thousands.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures::StreamExt;
use redis::aio::ConnectionManager;
use tokio::{sync::Notify, time::Instant};
use tokio_util::sync::CancellationToken;

use super::{
    note::{Notes, Told},
    stream::Stream,
};
use crate::platform::{crypto, ids::OrganizationId};

/// An organization is told of at most once in this time, by each process.
const PACE: Duration = Duration::from_millis(50);
/// Rows remembered at most while Redis is away; beyond, organizations are told that something was left out.
const MOST: usize = 20_000;
/// Organizations told of at once.
const AT_ONCE: usize = 32;
/// Between tries while Redis is away.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Takes notes of what was committed. Cheap to clone.
#[derive(Clone)]
pub struct Publisher(Option<Arc<Shared>>);

struct Shared {
    pending: Mutex<Pending>,
    /// Something waits where nothing did.
    wake: Notify,
}

#[derive(Default)]
struct Pending {
    waiting: HashMap<OrganizationId, Waiting>,
    /// Of all that waits.
    size: usize,
}

/// What is to be told of one organization. Empty: it was told of a moment ago.
struct Waiting {
    notes: Notes,
    /// Not before.
    due: Instant,
}

/// A publisher; [`spawn_publisher`] takes its notes to Redis.
pub fn publisher() -> Publisher {
    Publisher(Some(Arc::new(Shared { pending: Mutex::default(), wake: Notify::new() })))
}

impl Publisher {
    /// For processes that tell nobody (commands).
    pub const fn silent() -> Self {
        Self(None)
    }

    pub(in crate::platform) fn tell(&self, told: Told) {
        let Some(shared) = &self.0 else { return };
        if told.0.is_empty() {
            return;
        }
        let mut wake = false;
        let mut pending = shared.pending();
        for (organization, kind, to, id) in told.0 {
            let mut one = Notes::default();
            one.add(kind, to, id);
            wake |= pending.add(organization, one);
        }
        drop(pending);
        if wake {
            shared.wake.notify_one();
        }
    }
}

impl Shared {
    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pending {
    /// True where nothing waited for the organization before.
    fn add(&mut self, organization: OrganizationId, notes: Notes) -> bool {
        let full = self.size >= MOST;
        let waiting = self
            .waiting
            .entry(organization)
            .or_insert_with(|| Waiting { notes: Notes::default(), due: Instant::now() });
        let (was_empty, before) = (waiting.notes.is_empty(), waiting.notes.size());
        if full && !waiting.notes.is_gap() {
            metrics::counter!("frontdesk_live_dropped", "where" => "publisher").increment(1);
            waiting.notes = Notes::gap();
        } else {
            waiting.notes.merge(notes);
        }
        self.size = self.size + waiting.notes.size() - before;
        was_empty
    }

    /// What is to be told now. Those told of stay for a moment, so that the next note of theirs waits.
    fn take_due(&mut self, now: Instant) -> Vec<(OrganizationId, Notes)> {
        self.waiting.retain(|_, waiting| waiting.due > now || !waiting.notes.is_empty());
        let mut due = Vec::new();
        for (organization, waiting) in &mut self.waiting {
            if waiting.due <= now && !waiting.notes.is_empty() {
                waiting.due = now + PACE;
                self.size -= waiting.notes.size();
                due.push((*organization, std::mem::take(&mut waiting.notes)));
            }
        }
        due
    }

    fn next_due(&self) -> Option<Instant> {
        self.waiting.values().filter(|w| !w.notes.is_empty()).map(|w| w.due).min()
    }
}

/// Starts the task that takes notes to Redis, until `stop`; then what waits still is told, if Redis is there.
pub fn spawn_publisher(publisher: &Publisher, connection: ConnectionManager, stop: CancellationToken) {
    let Some(shared) = publisher.0.clone() else { return };
    let stream = Stream::new(connection);
    tokio::spawn(async move {
        let mut failed = 0;
        loop {
            let next = shared.pending().next_due();
            tokio::select! {
                () = stop.cancelled() => break,
                () = shared.wake.notified() => {}
                () = sleep_until(next) => {}
            }
            let due = shared.pending().take_due(Instant::now());
            if publish(&shared, &stream, due).await {
                failed = 0;
                continue;
            }
            failed = (failed + 1).min(6);
            let pause = (Duration::from_millis(100) * 2_u32.pow(failed)).min(LONGEST_PAUSE);
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(pause.mul_f64(0.5 + crypto::jitter() / 2.0)) => {}
            }
        }
        let rest = shared.pending().take_due(Instant::now() + PACE);
        publish(&shared, &stream, rest).await;
    });
}

async fn sleep_until(next: Option<Instant>) {
    match next {
        Some(next) => tokio::time::sleep_until(next).await,
        None => std::future::pending().await,
    }
}

/// False: some could not be told, and wait on. Twice told does no harm.
async fn publish(shared: &Shared, stream: &Stream, due: Vec<(OrganizationId, Notes)>) -> bool {
    let told =
        futures::stream::iter(due).map(async |(organization, notes)| match stream.tell(organization, &notes).await {
            Ok(()) => {
                metrics::counter!("frontdesk_live_told").increment(1);
                true
            }
            Err(error) => {
                tracing::debug!(%error, "live.not_told");
                shared.pending().add(organization, notes);
                false
            }
        });
    told.buffer_unordered(AT_ONCE).fold(true, async |all, one| all && one).await
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{super::note::Kind, *};

    fn told(organization: u128, id: u128) -> Told {
        let mut told = Told::default();
        told.add(OrganizationId(Uuid::from_u128(organization)), Kind::Contact, None, Some(Uuid::from_u128(id)));
        told
    }

    fn shared(publisher: &Publisher) -> &Shared {
        publisher.0.as_ref().expect("not silent")
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_is_told_at_once_and_what_follows_together() {
        let publisher = publisher();
        let shared = shared(&publisher);
        publisher.tell(told(1, 1));
        assert_eq!(shared.pending().take_due(Instant::now()).len(), 1);
        for id in 2..6 {
            publisher.tell(told(1, id));
        }
        publisher.tell(told(2, 1));
        let other = shared.pending().take_due(Instant::now());
        assert_eq!(other.iter().map(|(o, _)| o.0.as_u128()).collect::<Vec<_>>(), [2], "nobody waits for another");
        assert_eq!(shared.pending().next_due(), Some(Instant::now() + PACE));
        tokio::time::advance(PACE).await;
        let due = shared.pending().take_due(Instant::now());
        assert_eq!((due.len(), due[0].1.size()), (1, 5));
        tokio::time::advance(PACE).await;
        shared.pending().take_due(Instant::now());
        assert!(shared.pending().waiting.is_empty() && shared.pending().size == 0, "nothing is left behind");
    }

    #[tokio::test(start_paused = true)]
    async fn what_cannot_be_told_is_bounded_and_marked() {
        let publisher = publisher();
        // Two rows of each of many organizations: three units each.
        for organization in 0..10_000 {
            publisher.tell(told(organization, 1));
            publisher.tell(told(organization, 2));
        }
        {
            let mut pending = shared(&publisher).pending();
            assert!(pending.size <= MOST + 3, "{}", pending.size);
            let gaps = pending.waiting.values().filter(|w| w.notes.is_gap()).count();
            assert!(gaps > 2_000, "{gaps}");
            let due = pending.take_due(Instant::now());
            assert_eq!((due.len(), pending.size), (10_000, 0), "each is told, if only that something was left out");
        }
        publisher.tell(told(3, 3));
        tokio::time::advance(PACE).await;
        let after = shared(&publisher).pending().take_due(Instant::now());
        assert!(after.len() == 1 && !after[0].1.is_gap(), "what is told later is told as it is");
    }

    #[test]
    fn a_silent_one_keeps_nothing() {
        Publisher::silent().tell(told(1, 1));
    }
}
