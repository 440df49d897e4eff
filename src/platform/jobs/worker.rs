//! The processes' loops: push what commits woke, run what Redis carries, and stop without dropping work.

use std::{sync::Arc, time::Duration};

use apalis::prelude::*;
use apalis_core::backend::ext::BackendExt;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    dispatch::{Wake, Wakes},
    executor::Executor,
    model::Queue,
    relay::Relay,
    transport::Transport,
};
use crate::platform::{crypto, ids::JobId};

/// Runs jobs in this process.
pub struct Worker {
    pub executor: Executor,
    pub transport: Transport,
}

impl Worker {
    /// Runs until `stop` is cancelled, then finishes what is running, for at most 30 seconds.
    pub async fn run(self, stop: CancellationToken) {
        let relay = Relay::new(self.executor.clone(), self.transport.clone(), stop.clone());
        let tracker = TaskTracker::new();
        tracker.spawn(relay.run());
        tracker.spawn(listen_for_nudges(self.transport.clone(), stop.clone()));
        tracker.spawn(run_queues(self.executor, self.transport, stop));
        tracker.close();
        tracker.wait().await;
    }
}

/// apalis ends all its workers on some Redis errors; they are started anew until told to stop.
async fn run_queues(executor: Executor, transport: Transport, stop: CancellationToken) {
    while !stop.is_cancelled() {
        if transport.ping().await.is_err() {
            // The relay runs due jobs directly while Redis is away.
            tokio::select! { () = stop.cancelled() => return, () = tokio::time::sleep(Duration::from_millis(500)) => continue }
        }
        let mut monitor = Monitor::new();
        for queue in Queue::ALL {
            monitor = register(monitor, queue, &executor, &transport);
        }
        let signal = stop.clone();
        let result = monitor
            .should_restart(|_, _| true)
            .shutdown_timeout(Duration::from_secs(30))
            .run_with_signal(async move {
                signal.cancelled().await;
                Ok(())
            })
            .await;
        if let Err(error) = result {
            tracing::warn!(%error, "worker.ended");
        }
    }
}

fn register(monitor: Monitor, queue: Queue, executor: &Executor, transport: &Transport) -> Monitor {
    let (executor, transport) = (executor.clone(), transport.clone());
    monitor.register(move |_| {
        let executor = executor.clone();
        let backend = transport.storage(queue).poll_with_strategy(transport.strategy(queue));
        // A name is refused when it was used before: every start is a new worker.
        WorkerBuilder::new(format!("{}-{}", queue.name(), crypto::random_token(9)))
            .backend(backend)
            .concurrency(queue.concurrency())
            .parallelize(tokio::spawn)
            .build(move |id: String| {
                let executor = executor.clone();
                async move {
                    if let Ok(id) = id.parse::<JobId>() {
                        executor.run(id).await;
                    }
                    Ok::<(), BoxDynError>(())
                }
            })
    })
}

async fn listen_for_nudges(transport: Transport, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            result = transport.listen() => if let Err(error) = result {
                tracing::debug!(%error, "worker.nudges_lost");
            },
        }
        tokio::select! { () = stop.cancelled() => return, () = tokio::time::sleep(Duration::from_secs(1)) => {} }
    }
}

/// Starts the task that pushes woken job ids to Redis, many at a time; delayed ones when their time comes.
pub fn spawn_dispatch(mut wakes: Wakes, transport: Transport, stop: CancellationToken) {
    let transport = Arc::new(transport);
    tokio::spawn(async move {
        let mut batch = Vec::with_capacity(256);
        loop {
            batch.clear();
            let received = tokio::select! {
                n = wakes.recv_many(&mut batch, 256) => n,
                () = stop.cancelled() => return,
            };
            if received == 0 {
                return;
            }
            let (now, later): (Vec<Wake>, Vec<Wake>) = batch.drain(..).partition(|w| w.delay.is_zero());
            for wake in later.into_iter().filter(|w| w.delay < Duration::from_secs(30)) {
                let transport = Arc::clone(&transport);
                tokio::spawn(async move {
                    tokio::time::sleep(wake.delay).await;
                    push(&transport, wake.queue, vec![wake.id]).await;
                });
            }
            for queue in Queue::ALL {
                let ids: Vec<JobId> = now.iter().filter(|w| w.queue == queue).map(|w| w.id).collect();
                push(&transport, queue, ids).await;
            }
        }
    });
}

/// Pushes as many as the queue has room for; whatever fails or does not fit is the relay's.
async fn push(transport: &Transport, queue: Queue, mut ids: Vec<JobId>) {
    if ids.is_empty() {
        return;
    }
    let pushed = async {
        ids.truncate(transport.room(queue).await?);
        if ids.is_empty() { Ok(()) } else { transport.push(queue, &ids).await }
    };
    if let Err(error) = pushed.await {
        tracing::debug!(%error, "jobs.push_failed");
        transport.notify(queue);
    }
}
