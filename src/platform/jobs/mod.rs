//! Durable work. The truth is the `jobs` table: a job is written by [`enqueue`] in the transaction that needs it, and settled by
//! its handler in the transaction that does it. Redis (through apalis, known only to `transport.rs`) carries ids to wake workers;
//! the relay offers again whatever was lost on the way.

mod dispatch;
mod executor;
mod ledger;
mod model;
mod relay;
mod transport;
mod worker;

pub use dispatch::{Dispatcher, Wake, dispatcher};
pub use executor::{Executor, Registry};
pub(super) use ledger::follow_clock;
pub use ledger::{ORDERS, counts, forget, hasten, list, retry_dead, revoke, waiting};
pub use model::{Claimed, Condition, Job, JobCounts, JobError, JobKind, JobState, NewJob, Queue, Settled};
pub use transport::{Transport, redis_ping};
pub use worker::{Worker, spawn_dispatch};

use super::{db::Tx, ids::JobId};

/// Writes the jobs into the ledger as part of `tx`, in one statement; those whose condition does not hold are left out.
pub async fn enqueue_all(tx: &mut Tx, mut jobs: Vec<NewJob>) -> Result<(), sqlx::Error> {
    let paced: Vec<NewJob> = jobs.extract_if(.., |job| job.pace.is_some() || job.line.is_some()).collect();
    for paced in paced {
        enqueue(tx, paced).await?;
    }
    match jobs.len() {
        0 => Ok(()),
        1 if jobs[0].condition.is_none() => enqueue(tx, jobs.remove(0)).await,
        _ => {
            for wake in ledger::insert_all(tx, jobs).await? {
                tx.push_wake(wake);
            }
            Ok(())
        }
    }
}

/// Writes `job` into the ledger as part of `tx`. The workers are woken when the transaction commits.
pub async fn enqueue(tx: &mut Tx, job: NewJob) -> Result<(), sqlx::Error> {
    enqueue_revocable(tx, job).await.map(drop)
}

/// The same for a job that somebody may find needless before its time: see [`revoke`].
pub async fn enqueue_revocable(tx: &mut Tx, job: NewJob) -> Result<JobId, sqlx::Error> {
    let (id, wake) = ledger::insert(tx, job).await?;
    wake.into_iter().for_each(|wake| tx.push_wake(wake));
    Ok(id)
}
