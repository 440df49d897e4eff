//! Redis by way of apalis: pushes job ids, wakes workers, and keeps apalis' own bookkeeping small. Nothing here is the truth.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use apalis_core::{
    backend::ext::poll_strategy::{PollSnapshot, PollStrategy},
    task::builder::TaskBuilder,
};
use apalis_redis::{Config as QueueConfig, RedisStorage};
use redis::{
    Client,
    aio::{ConnectionManager, ConnectionManagerConfig},
};
use tokio::{
    sync::{Notify, futures::OwnedNotified},
    time::{Instant, Sleep, sleep},
};

use super::model::Queue;
use crate::platform::{crypto, ids::JobId};

/// apalis unpacks a whole queue in one script and fails for good near 8,000 ids; the relay feeds the rest as it drains.
const MAX_OUTSTANDING: usize = 2_000;

/// The channel on which processes tell each other that a queue has work.
const NUDGE_CHANNEL: &str = "frontdesk_nudge";

/// One connection to Redis, and the local wake-ups per queue.
#[derive(Clone)]
pub struct Transport {
    client: Client,
    connection: ConnectionManager,
    notify: Arc<[Arc<Notify>; Queue::ALL.len()]>,
    /// Tells this process's own nudges from others'.
    process: Arc<str>,
}

pub(super) type Storage = RedisStorage<String, ConnectionManager>;

impl Transport {
    /// Does not need Redis to be there yet: the connection is made when first used and again whenever it is lost.
    pub fn lazy(url: &str) -> Result<Self, redis::RedisError> {
        let client = Client::open(url)?;
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(Duration::from_secs(2)))
            .set_response_timeout(Some(Duration::from_secs(5)))
            .set_number_of_retries(1);
        let connection = ConnectionManager::new_lazy_with_config(client.clone(), config)?;
        let notify = Arc::new(std::array::from_fn(|_| Arc::new(Notify::new())));
        Ok(Self { client, connection, notify, process: crypto::random_token(9).into() })
    }

    /// For a subscription of one's own.
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// The connection, for other uses of Redis that may be lost at any time.
    pub fn connection(&self) -> ConnectionManager {
        self.connection.clone()
    }

    pub(super) fn config(queue: Queue) -> QueueConfig {
        QueueConfig::default()
            .queue(format!("frontdesk_{}", queue.name()))
            .lock_tasks(false)
            .batch_size(queue.concurrency().min(10))
            .heartbeat_interval(Duration::from_secs(5))
            .missed_heartbeats(6)
            .emit_events(false)
    }

    pub(super) fn storage(&self, queue: Queue) -> Storage {
        RedisStorage::new(self.connection.clone()).with_config(Self::config(queue))
    }

    fn notifier(&self, queue: Queue) -> &Arc<Notify> {
        &self.notify[queue as usize]
    }

    /// Wakes this process's workers of `queue`.
    pub(super) fn notify(&self, queue: Queue) {
        self.notifier(queue).notify_one();
    }

    pub(super) fn strategy(&self, queue: Queue) -> WakeOrTick {
        WakeOrTick::new(Arc::clone(self.notifier(queue)), Duration::from_millis(250))
    }

    /// How many ids Redis holds for `queue` that no worker has taken.
    pub(super) async fn outstanding(&self, queue: Queue) -> Result<usize, redis::RedisError> {
        let config = Self::config(queue);
        let mut connection = self.connection.clone();
        let (list, set): (usize, usize) = redis::pipe()
            .llen(config.active_jobs_list())
            .zcard(config.scheduled_jobs_set())
            .query_async(&mut connection)
            .await?;
        Ok(list + set)
    }

    /// How many more ids may be pushed to `queue` now.
    pub(super) async fn room(&self, queue: Queue) -> Result<usize, redis::RedisError> {
        Ok(MAX_OUTSTANDING.saturating_sub(self.outstanding(queue).await?))
    }

    /// Pushes ids and wakes workers here and in other processes.
    pub(super) async fn push(&self, queue: Queue, ids: &[JobId]) -> anyhow::Result<()> {
        let mut storage = self.storage(queue);
        let tasks: Vec<_> = ids
            .iter()
            .map(|id| serde_json::to_vec(&id.0).map(|payload| TaskBuilder::new(payload).build()))
            .collect::<Result<_, _>>()?;
        apalis_redis::queries::push_tasks(storage.get_connection(), &Self::config(queue), &tasks).await?;
        self.notify(queue);
        let mut connection = self.connection.clone();
        redis::cmd("PUBLISH")
            .arg(NUDGE_CHANNEL)
            .arg(format!("{} {}", self.process, queue.name()))
            .exec_async(&mut connection)
            .await?;
        Ok(())
    }

    /// Listens for other processes' nudges until the connection breaks.
    pub(super) async fn listen(&self) -> Result<(), redis::RedisError> {
        use futures::StreamExt;
        let mut pubsub = self.client.get_async_pubsub().await?;
        pubsub.subscribe(NUDGE_CHANNEL).await?;
        let mut nudges = pubsub.on_message();
        while let Some(nudge) = nudges.next().await {
            let Ok(text) = nudge.get_payload::<String>() else { continue };
            match text.split_once(' ') {
                Some((process, name)) if process != &*self.process => {
                    Queue::from_name(name).into_iter().for_each(|q| self.notify(q))
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Drops what apalis keeps of finished tasks: their done sets grow without bound otherwise.
    pub(super) async fn trim_finished(&self, queue: Queue) -> Result<(), redis::RedisError> {
        let config = Self::config(queue);
        let script = redis::Script::new(
            r"local n = 0
              for _, set in ipairs({KEYS[1], KEYS[2]}) do
                local ids = redis.call('SPOP', set, 1000)
                for _, id in ipairs(ids) do
                  redis.call('HDEL', KEYS[3], id)
                  redis.call('DEL', KEYS[4] .. ':' .. id)
                end
                n = n + #ids
              end
              return n",
        );
        let mut connection = self.connection.clone();
        loop {
            let trimmed: usize = script
                .key(config.done_jobs_set())
                .key(config.dead_jobs_set())
                .key(config.job_data_hash())
                .key(config.job_meta_hash())
                .invoke_async(&mut connection)
                .await?;
            if trimmed < 1000 {
                return Ok(());
            }
        }
    }

    pub async fn ping(&self) -> Result<(), redis::RedisError> {
        let mut connection = self.connection.clone();
        redis::cmd("PING").exec_async(&mut connection).await
    }
}

/// "ok", or what is wrong with Redis, within two seconds.
pub async fn redis_ping(transport: &Transport) -> Result<(), String> {
    match tokio::time::timeout(Duration::from_secs(2), transport.ping()).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("no answer within 2 seconds".to_owned()),
    }
}

/// Polls when notified, or after an interval at the latest. Unlike the crate's own strategies it always leaves a waker behind.
pub(super) struct WakeOrTick {
    notify: Arc<Notify>,
    interval: Duration,
    notified: Pin<Box<OwnedNotified>>,
    tick: Pin<Box<Sleep>>,
}

impl WakeOrTick {
    fn new(notify: Arc<Notify>, interval: Duration) -> Self {
        let notified = Box::pin(Arc::clone(&notify).notified_owned());
        Self { notify, interval, notified, tick: Box::pin(sleep(interval)) }
    }
}

impl PollStrategy for WakeOrTick {
    fn poll_drive(&mut self, cx: &mut Context<'_>, _: &PollSnapshot) -> Poll<Option<()>> {
        let mut fired = false;
        while self.notified.as_mut().poll(cx).is_ready() {
            self.notified = Box::pin(Arc::clone(&self.notify).notified_owned());
            fired = true;
        }
        while self.tick.as_mut().poll(cx).is_ready() {
            self.tick.as_mut().reset(Instant::now() + self.interval);
            fired = true;
        }
        if fired { Poll::Ready(Some(())) } else { Poll::Pending }
    }
}
