//! Offers again what was due and not settled: pushes lost between commit and Redis, flushed queues, claims that ran out. While Redis
//! is away it runs due jobs itself.

use std::time::Duration;

use chrono::TimeDelta;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{executor::Executor, ledger, model::Queue, transport::Transport};
use crate::platform::ids::JobId;

const TICK: Duration = Duration::from_millis(500);
/// Jobs younger than this are on their way by the fast path.
const GRACE: TimeDelta = TimeDelta::seconds(1);
/// A pushed id is pushed again after this long; at once when Redis holds nothing for the queue.
const AGAIN: TimeDelta = TimeDelta::seconds(10);
const KEEP_DONE: TimeDelta = TimeDelta::hours(24);

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
        let mut tick: u64 = 0;
        loop {
            tokio::select! {
                () = self.stop.cancelled() => break,
                _ = ticks.tick() => {}
            }
            tick += 1;
            while direct.try_join_next().is_some() {}
            if let Err(error) = self.offer(&mut direct).await {
                tracing::warn!(%error, "relay.database_away");
            }
            if tick.is_multiple_of(20) {
                self.keep_house().await;
            }
        }
        while direct.join_next().await.is_some() {}
    }

    async fn offer(&self, direct: &mut JoinSet<bool>) -> Result<(), sqlx::Error> {
        for queue in Queue::ALL {
            match self.transport.outstanding(queue).await {
                Ok(outstanding) => self.feed(queue, outstanding).await?,
                Err(_) => self.run_directly(queue, direct).await?,
            }
        }
        Ok(())
    }

    async fn feed(&self, queue: Queue, outstanding: usize) -> Result<(), sqlx::Error> {
        let room = 1_000usize.saturating_sub(outstanding);
        if room == 0 {
            return Ok(());
        }
        // An empty queue in Redis means that whatever was pushed is in a worker's hands or gone.
        let again = if outstanding == 0 { GRACE } else { AGAIN };
        let ids = self.take(queue, GRACE, again, room).await?;
        if ids.is_empty() {
            return Ok(());
        }
        metrics::counter!("frontdesk_jobs_relayed", "queue" => queue.name()).increment(ids.len() as u64);
        if let Err(error) = self.transport.push(queue, &ids).await {
            tracing::debug!(%error, "relay.push_failed");
        }
        Ok(())
    }

    async fn run_directly(&self, queue: Queue, direct: &mut JoinSet<bool>) -> Result<(), sqlx::Error> {
        let room = (queue.concurrency() * 2).saturating_sub(direct.len());
        if room == 0 {
            return Ok(());
        }
        for id in self.take(queue, TimeDelta::zero(), GRACE, room).await? {
            let executor = self.executor.clone();
            direct.spawn(async move { executor.run(id).await });
        }
        Ok(())
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
        ledger::take_due(db.pool(), queue, now - grace, now - again, now, limit).await
    }

    async fn keep_house(&self) {
        let db = self.executor.db();
        let now = db.clock().now();
        let done = async {
            let buried = self.executor.bury_crashed().await?;
            if buried > 0 {
                tracing::error!(jobs = buried, "jobs.buried");
            }
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
