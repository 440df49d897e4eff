//! Offers again what was due and not settled: pushes lost between commit and Redis, flushed queues, claims that ran out. While Redis
//! is away it runs due jobs itself.

use std::time::Duration;

use chrono::TimeDelta;
use tokio::{task::JoinSet, time::Instant};
use tokio_util::sync::CancellationToken;

use super::{executor::Executor, ledger, model::Queue, transport::Transport};
use crate::platform::ids::JobId;

const TICK: Duration = Duration::from_millis(500);
/// Jobs younger than this are on their way by the fast path.
const GRACE: TimeDelta = TimeDelta::seconds(1);
/// A pushed id is pushed again after this long; at once when Redis holds nothing for the queue.
const AGAIN: TimeDelta = TimeDelta::seconds(10);
const KEEP_DONE: TimeDelta = TimeDelta::hours(24);
/// While lines are long and fast, they are looked at this often.
const EAGER_TICK: Duration = Duration::from_millis(100);
/// Ids in Redis per queue; of bulk fewer, since each was chosen by turns as they stood when it was pushed.
const MOST: usize = 1_000;
const MOST_BULK: usize = 250;
const HOUSEKEEPING: Duration = Duration::from_secs(10);

pub(super) struct Relay {
    executor: Executor,
    transport: Transport,
    stop: CancellationToken,
}

impl Relay {
    pub(super) fn new(executor: Executor, transport: Transport, stop: CancellationToken) -> Self {
        Self { executor, transport, stop }
    }

    pub(super) async fn run(self) {
        let mut ticks = tokio::time::interval(TICK);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut direct = JoinSet::new();
        let mut kept_house = Instant::now();
        let mut more_in_lines = false;
        loop {
            let queues: &[Queue] = tokio::select! {
                () = self.stop.cancelled() => break,
                _ = ticks.tick() => &Queue::ALL[..],
                () = tokio::time::sleep(EAGER_TICK), if more_in_lines => &[Queue::Bulk][..],
            };
            while direct.try_join_next().is_some() {}
            more_in_lines = self.offer(queues, &mut direct).await.unwrap_or_else(|error| {
                tracing::warn!(%error, "relay.database_away");
                false
            });
            if kept_house.elapsed() >= HOUSEKEEPING {
                kept_house = Instant::now();
                self.keep_house().await;
            }
        }
        while direct.join_next().await.is_some() {}
    }

    /// Whether lines have more to offer than was taken.
    async fn offer(&self, queues: &[Queue], direct: &mut JoinSet<bool>) -> Result<bool, sqlx::Error> {
        let mut more_in_lines = false;
        for &queue in queues {
            let taken = match self.transport.outstanding(queue).await {
                Ok(outstanding) => self.feed(queue, outstanding).await?,
                Err(_) => self.run_directly(queue, direct).await?,
            };
            more_in_lines |= queue == Queue::Bulk && taken as i64 >= ledger::BATCH / 2;
        }
        Ok(more_in_lines)
    }

    async fn feed(&self, queue: Queue, outstanding: usize) -> Result<usize, sqlx::Error> {
        let most = if queue == Queue::Bulk { MOST_BULK } else { MOST };
        let room = most.saturating_sub(outstanding);
        if room == 0 {
            return Ok(0);
        }
        // An empty queue in Redis means that whatever was pushed is in a worker's hands or gone.
        let again = if outstanding == 0 { GRACE } else { AGAIN };
        let ids = self.take(queue, GRACE, again, room).await?;
        if ids.is_empty() {
            return Ok(0);
        }
        metrics::counter!("frontdesk_jobs_relayed", "queue" => queue.name()).increment(ids.len() as u64);
        if let Err(error) = self.transport.push(queue, &ids).await {
            tracing::debug!(%error, "relay.push_failed");
        }
        Ok(ids.len())
    }

    async fn run_directly(&self, queue: Queue, direct: &mut JoinSet<bool>) -> Result<usize, sqlx::Error> {
        // What is in lines leaves room for the rest.
        let most = if queue == Queue::Bulk { queue.concurrency() / 2 } else { queue.concurrency() * 2 };
        let room = most.saturating_sub(direct.len());
        if room == 0 {
            return Ok(0);
        }
        let ids = self.take(queue, TimeDelta::zero(), GRACE, room).await?;
        let taken = ids.len();
        for id in ids {
            let executor = self.executor.clone();
            direct.spawn(async move { executor.run(id).await });
        }
        Ok(taken)
    }

    async fn take(
        &self,
        queue: Queue,
        grace: TimeDelta,
        again: TimeDelta,
        limit: usize,
    ) -> Result<Vec<JobId>, sqlx::Error> {
        let db = self.executor.db();
        let now = db.clock().now();
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        if queue != Queue::Bulk {
            return ledger::take_due(db.pool(), queue, now - grace, now - again, now, limit).await;
        }
        // Of what was left behind by a worker that died, too.
        let mut ids = ledger::take_due(db.pool(), queue, now, now - again, now, limit).await?;
        let rest = limit - i64::try_from(ids.len()).unwrap_or(limit);
        ids.extend(ledger::take_in_turn(db.pool(), queue, now - again, now, rest).await?);
        Ok(ids)
    }

    async fn keep_house(&self) {
        let db = self.executor.db();
        let now = db.clock().now();
        let done = async {
            let buried = self.executor.bury_crashed().await?;
            if buried > 0 {
                tracing::error!(jobs = buried, "jobs.buried");
            }
            ledger::prune_lines(db.pool(), now - KEEP_DONE).await?;
            ledger::prune_done(db.pool(), now - KEEP_DONE).await
        };
        if let Err(error) = done.await {
            tracing::warn!(%error, "relay.keep_house");
        }
        for queue in Queue::ALL {
            if let Err(error) = self.transport.trim_finished(queue).await {
                tracing::debug!(%error, "relay.trim");
            }
        }
    }
}
