//! The daily sweep of an organization's old rows.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::retention;
use crate::platform::{
    db::Db,
    jobs::{Claimed, JobError, JobKind, Queue, Settled},
};

/// Delete what the organization does not keep any longer.
#[derive(Debug, Serialize, Deserialize)]
pub struct SweepOldRows {}

impl JobKind for SweepOldRows {
    const KIND: &'static str = "sweep_old_rows";
    const QUEUE: Queue = Queue::Default;
    const LEASE: Duration = Duration::from_secs(120);
}

/// One claim sweeps for so long; the rest follows after others had their turn.
const AT_ONCE: Duration = Duration::from_secs(20);

pub async fn sweep_old_rows(db: Db, job: Claimed, _: SweepOldRows) -> Result<Settled, JobError> {
    let started = Instant::now();
    let mut rows = 0;
    let done = loop {
        let gone = retention::sweep(&db, job.organization_id).await?;
        rows += gone;
        if gone == 0 || started.elapsed() > AT_ONCE {
            break gone == 0;
        }
    };
    if rows > 0 {
        tracing::info!(retention.rows = rows, "retention.swept");
    }
    let mut tx = db.tenant(job.organization_id).await?;
    let settled = if done { job.settle(&mut tx).await? } else { job.snooze(&mut tx, Duration::from_secs(1)).await? };
    tx.commit().await?;
    Ok(settled)
}
