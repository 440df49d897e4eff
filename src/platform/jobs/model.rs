//! The words of the ledger: queues, kinds, jobs, and how a handler ends.

use std::{fmt, time::Duration};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use uuid::Uuid;

use crate::platform::{
    db::{Db, Tx},
    ids::{ContactId, JobId, OrganizationId},
    problem::is_unavailable,
};

/// Where a job waits. Each queue has its own workers, so that slow sends never hold up answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Queue {
    /// Turns of the assistant.
    Turns,
    /// Turns that ask a language model, which may take seconds.
    Models,
    /// Hand-over of texts to channels.
    Send,
    /// What many are sent at once: it waits in lines, which are served in turn, and never before what goes at once.
    Bulk,
    /// Calls to organizations' own systems, which may be slow or away.
    Webhooks,
    /// Everything else.
    Default,
}

impl Queue {
    pub const ALL: [Self; 6] = [Self::Turns, Self::Models, Self::Send, Self::Bulk, Self::Webhooks, Self::Default];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Turns => "turns",
            Self::Models => "models",
            Self::Send => "send",
            Self::Bulk => "bulk",
            Self::Webhooks => "webhooks",
            Self::Default => "default",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|q| q.name() == name)
    }

    /// Jobs one process runs at once.
    pub const fn concurrency(self) -> usize {
        match self {
            Self::Turns | Self::Default => 8,
            Self::Webhooks => 16,
            Self::Send | Self::Bulk | Self::Models => 32,
        }
    }
}

/// A kind of job: a struct of ids with its queue and limits.
pub trait JobKind: Serialize + DeserializeOwned + Send + 'static {
    /// Unique and stable: it is stored.
    const KIND: &'static str;
    const QUEUE: Queue;
    /// Claims before the job is given up as dead. A crash counts.
    const MAX_ATTEMPTS: i32 = 12;
    /// How long one claim may take before the relay offers the job to another worker.
    const LEASE: Duration = Duration::from_secs(20);
}

/// A job to be written.
#[derive(Clone, Debug)]
pub struct NewJob {
    pub(super) kind: &'static str,
    pub(super) queue: Queue,
    pub(super) payload: serde_json::Value,
    pub(super) delay: Duration,
    pub(super) max_attempts: i32,
    pub(super) lease: Duration,
    pub(super) condition: Option<Condition>,
    pub(super) pace: Option<Uuid>,
    pub(super) weight: i16,
    pub(super) line: Option<Uuid>,
}

/// When a job is to be written at all. It is checked by the statement that writes it, so that what nobody wants costs no round trip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// The organization has an enabled webhook endpoint that is told of events of this type.
    WebhookWanted(&'static str),
    /// The organization has erased somebody.
    SomebodyErased,
    /// A text to this contact waits to be handed over.
    TextsWait(ContactId),
    /// A campaign texted this contact, or the contact of this conversation; or the one they were merged into.
    Campaigned(Uuid),
}

impl NewJob {
    /// A job to run as soon as its transaction commits.
    pub fn now<J: JobKind>(job: &J) -> Self {
        Self::after(job, Duration::ZERO)
    }

    /// A job to run `delay` after its transaction.
    pub fn after<J: JobKind>(job: &J, delay: Duration) -> Self {
        Self {
            kind: J::KIND,
            queue: J::QUEUE,
            payload: serde_json::to_value(job).expect("a job is a struct of ids"),
            delay,
            max_attempts: J::MAX_ATTEMPTS,
            lease: J::LEASE,
            condition: None,
            pace: None,
            weight: 1,
            line: None,
        }
    }

    /// The job, to run `delay` after its transaction.
    pub fn delayed(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// The job, which takes `weight` of the pace it shares with others of `pace`.
    pub fn at_pace(mut self, pace: Uuid, weight: i16) -> Self {
        self.pace = Some(pace);
        self.weight = weight;
        self
    }

    /// The job, as one of many: it waits in the line, behind everything that goes at once, and lines are served in turn.
    pub fn in_line(mut self, line: Uuid) -> Self {
        self.queue = Queue::Bulk;
        self.line = Some(line);
        self
    }

    /// The job, written only where the condition holds then.
    pub fn only_if(mut self, condition: Condition) -> Self {
        self.condition = Some(condition);
        self
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    Queued,
    Running,
    Done,
    Dead,
}

impl JobState {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Done => "done",
            Self::Dead => "dead",
        }
    }
}

/// A job as staff see it.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct Job {
    pub id: JobId,
    pub kind: String,
    pub queue: String,
    #[schema(value_type = JobState)]
    pub state: String,
    pub attempts: i32,
    pub max_attempts: i32,
    pub run_at: DateTime<Utc>,
    pub last_error: Option<String>,
    #[schema(value_type = std::collections::HashMap<String, serde_json::Value>)]
    pub payload: serde_json::Value,
    pub created_at: DateTime<Utc>,
}

/// How many jobs are in each unfinished state.
#[derive(Clone, Copy, Debug, Default, Serialize, utoipa::ToSchema)]
pub struct JobCounts {
    pub queued: i64,
    pub running: i64,
    pub dead: i64,
}

/// A job in the hands of a handler.
#[derive(Clone, Debug)]
pub struct Claimed {
    pub id: JobId,
    pub organization_id: OrganizationId,
    pub kind: String,
    pub payload: serde_json::Value,
    /// 1 for the first try. Also the fencing token of this claim.
    pub attempt: i32,
    pub max_attempts: i32,
    /// What it shares a pace with others by, and how much of it it takes.
    pub pace: Option<Uuid>,
    pub weight: i16,
    /// The line it waits in, if it is one of many.
    pub line: Option<Uuid>,
}

/// Proof that the handler's transaction settled the job row. Only the ledger makes it.
#[derive(Debug)]
#[must_use = "return it from the handler, after committing"]
pub struct Settled(pub(super) ());

impl Claimed {
    /// Marks the job done as part of `tx`. [`JobError::Superseded`] when another claim holds the job by now: roll back.
    pub async fn settle(&self, tx: &mut Tx) -> Result<Settled, JobError> {
        super::ledger::settle(tx, self).await
    }

    /// Puts the job back as part of `tx`, to run again after `delay`, without counting this claim as a failed try.
    pub async fn snooze(&self, tx: &mut Tx, delay: Duration) -> Result<Settled, JobError> {
        super::ledger::snooze(tx, self, delay).await
    }

    /// Puts the job back because its pace is used up for `wait`, without counting this claim as a failed try. One in a line keeps its
    /// place: nothing is offered from the line before, and then `batch` jobs.
    pub async fn wait_for_pace(&self, db: &Db, wait: Duration, batch: i32) -> Result<Settled, JobError> {
        super::ledger::wait_for_pace(db, self, wait, batch).await
    }
}

/// Why a handler did not settle its job.
#[derive(Debug)]
pub enum JobError {
    /// Try again, after the usual backoff or the given time.
    Retry { reason: String, after: Option<Duration> },
    /// Trying again cannot help.
    Fail { reason: String },
    /// Another worker has the job, or it is done: nothing of this try may stay.
    Superseded,
    /// The database is away: the job stays as it is until its lease ends.
    DatabaseAway,
}

impl JobError {
    pub fn retry(reason: impl fmt::Display) -> Self {
        Self::Retry { reason: reason.to_string(), after: None }
    }

    pub fn retry_after(reason: impl fmt::Display, after: Duration) -> Self {
        Self::Retry { reason: reason.to_string(), after: Some(after) }
    }

    pub fn fail(reason: impl fmt::Display) -> Self {
        Self::Fail { reason: reason.to_string() }
    }
}

impl From<sqlx::Error> for JobError {
    fn from(error: sqlx::Error) -> Self {
        if is_unavailable(&error) { Self::DatabaseAway } else { Self::retry(error) }
    }
}

/// Backoff before try number `attempt + 1`: doubling from half a second to five minutes, spread by up to half of itself.
pub(super) fn backoff(attempt: i32, jitter: f64) -> Duration {
    let doublings = attempt.clamp(1, 12) - 1;
    let seconds = (0.5 * 2f64.powi(doublings)).min(300.0);
    Duration::from_secs_f64(seconds * (1.0 + jitter / 2.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backoff_doubles_and_is_bounded() {
        assert_eq!(backoff(1, 0.0), Duration::from_millis(500));
        assert_eq!(backoff(2, 0.0), Duration::from_secs(1));
        assert_eq!(backoff(4, 0.0), Duration::from_secs(4));
        assert_eq!(backoff(1000, 0.0), Duration::from_secs(300));
        assert!(backoff(1000, 0.999) < Duration::from_secs(451));
        assert_eq!(backoff(-5, 0.0), Duration::from_millis(500));
    }

    #[test]
    fn queue_names_read_back() {
        for queue in Queue::ALL {
            assert_eq!(Queue::from_name(queue.name()), Some(queue));
        }
    }
}
