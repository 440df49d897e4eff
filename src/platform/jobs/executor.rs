//! Runs one job: claim, handler, and what follows when the handler does not settle it.

use std::{collections::HashMap, future::Future, panic::AssertUnwindSafe, sync::Arc};

use chrono::TimeDelta;
use futures::{FutureExt, future::BoxFuture};
use tracing::Instrument;

use super::{
    ledger,
    model::{Claimed, JobError, JobKind, Settled, backoff},
};
use crate::platform::{crypto, db::Db, ids::JobId};

type Handler = Arc<dyn Fn(Claimed) -> BoxFuture<'static, Result<Settled, JobError>> + Send + Sync>;

type Mourner = Arc<dyn Fn(Claimed) -> BoxFuture<'static, Result<(), JobError>> + Send + Sync>;

/// The table from kind to handler, filled in `app/jobs.rs`.
#[derive(Clone, Default)]
pub struct Registry(HashMap<&'static str, Handler>, HashMap<&'static str, Mourner>);

impl Registry {
    /// Adds the handler of jobs of kind `J`.
    ///
    /// # Panics
    /// When the kind has a handler already.
    pub fn on<J, F, Fut>(mut self, handler: F) -> Self
    where
        J: JobKind,
        F: Fn(Claimed, J) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Settled, JobError>> + Send + 'static,
    {
        let wrapped: Handler =
            Arc::new(move |claimed: Claimed| match serde_json::from_value::<J>(claimed.payload.clone()) {
                Ok(job) => handler(claimed, job).boxed(),
                Err(e) => futures::future::ready(Err(JobError::fail(format!("payload: {e}")))).boxed(),
            });
        assert!(self.0.insert(J::KIND, wrapped).is_none(), "two handlers for {}", J::KIND);
        self
    }

    /// Adds what is done about a job of kind `J` whose last allowed claim ended with its process, before it is buried: its handler could
    /// not say any more that it gave up. It may be called twice.
    pub fn on_death<J, F, Fut>(mut self, mourner: F) -> Self
    where
        J: JobKind,
        F: Fn(Claimed, J) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), JobError>> + Send + 'static,
    {
        let wrapped: Mourner = Arc::new(move |dead: Claimed| match serde_json::from_value::<J>(dead.payload.clone()) {
            Ok(job) => mourner(dead, job).boxed(),
            Err(_) => futures::future::ready(Ok(())).boxed(),
        });
        self.1.insert(J::KIND, wrapped);
        self
    }
}

/// Runs jobs by id. Safe to call any number of times, from anywhere, for the same id.
#[derive(Clone)]
pub struct Executor {
    db: Db,
    registry: Registry,
}

impl Executor {
    pub fn new(db: Db, registry: Registry) -> Self {
        Self { db, registry }
    }

    pub(super) fn db(&self) -> &Db {
        &self.db
    }

    /// Claims and runs the job. Returns whether there was anything to run.
    pub async fn run(&self, id: JobId) -> bool {
        let claimed = match ledger::claim(self.db.pool(), id, self.db.clock().now()).await {
            Ok(Some(claimed)) => claimed,
            Ok(None) => return false,
            Err(error) => {
                tracing::warn!(job.id = %id, %error, "job.claim_failed");
                return false;
            }
        };
        let span = tracing::info_span!("job", job.id = %id, job.kind = %claimed.kind, job.attempt = claimed.attempt);
        self.run_claimed(claimed).instrument(span).await;
        true
    }

    async fn run_claimed(&self, claimed: Claimed) {
        let started = std::time::Instant::now();
        let kind = claimed.kind.clone();
        let result = match self.registry.0.get(claimed.kind.as_str()) {
            Some(handler) => AssertUnwindSafe(handler(claimed.clone()))
                .catch_unwind()
                .await
                .unwrap_or_else(|_| Err(JobError::retry("the handler panicked"))),
            None => Err(JobError::fail("no handler for this kind in this version")),
        };
        metrics::histogram!("frontdesk_job_seconds", "kind" => kind.clone()).record(started.elapsed().as_secs_f64());
        let outcome = match &result {
            Ok(Settled(())) => "settled",
            Err(JobError::Superseded) => "superseded",
            Err(JobError::DatabaseAway) => "database_away",
            Err(JobError::Retry { .. }) => "retry",
            Err(JobError::Fail { .. }) => "fail",
        };
        metrics::counter!("frontdesk_jobs_total", "kind" => kind, "outcome" => outcome).increment(1);
        if let Err(error) = result {
            self.after_failure(&claimed, error).await;
        }
    }

    async fn after_failure(&self, claimed: &Claimed, error: JobError) {
        let now = self.db.clock().now();
        let (reason, run_at) = match error {
            JobError::Superseded => return tracing::debug!("job.superseded"),
            JobError::DatabaseAway => return tracing::warn!("job.database_away"),
            JobError::Fail { reason } => (reason, None),
            JobError::Retry { reason, .. } if claimed.attempt >= claimed.max_attempts => (reason, None),
            JobError::Retry { reason, after } => {
                let wait = after.unwrap_or_else(|| backoff(claimed.attempt, crypto::jitter()));
                (reason, Some(now + TimeDelta::from_std(wait).unwrap_or_default()))
            }
        };
        match run_at {
            Some(at) => tracing::warn!(job.error = %reason, job.run_at = %at, "job.retry"),
            None => tracing::error!(job.error = %reason, "job.dead"),
        }
        if let Err(error) = ledger::give_back(self.db.pool(), claimed, &reason, run_at, now).await {
            tracing::warn!(%error, "job.give_back_failed");
        }
    }

    /// Buries jobs whose last allowed claim ran out without an end. Returns how many.
    pub async fn bury_crashed(&self) -> Result<u64, sqlx::Error> {
        let now = self.db.clock().now();
        let mut buried = 0;
        for dead in ledger::crashed(self.db.pool(), now).await? {
            if let Some(mourner) = self.registry.1.get(dead.kind.as_str())
                && let Err(error) = mourner(dead.clone()).await
            {
                // Next time: what is not said now would never be.
                tracing::warn!(job.id = %dead.id, ?error, "job.not_buried");
                continue;
            }
            buried += ledger::bury(self.db.pool(), &dead, now).await?;
        }
        Ok(buried)
    }

    /// Runs everything that is due, until nothing is: how tests drive the system. Returns how many runs that took.
    ///
    /// # Panics
    /// When the database cannot be read.
    pub async fn run_due(&self) -> usize {
        let mut runs = 0;
        loop {
            let ids = ledger::runnable(self.db.pool(), self.db.clock().now()).await.expect("read the ledger");
            let mut progressed = false;
            for id in ids {
                progressed |= self.run(id).await;
                runs += 1;
            }
            if !progressed {
                return runs;
            }
        }
    }
}
