//! The work on files of contacts.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::{
    import::{Book, BroughtBy, Ended, model::ImportStatus, step, undo_step, use_cases::kept_until},
    store::imports,
};
use crate::platform::{
    db::Db,
    http::Core,
    ids::{ApiKeyId, ContactImportId, UserId},
    jobs::{Claimed, JobError, JobKind, Queue, Settled},
};

/// One claim works for so long; the rest follows after others had their turn.
const AT_ONCE: Duration = Duration::from_secs(20);

/// Take the rows of a file in.
#[derive(Debug, Serialize, Deserialize)]
pub struct RunContactImport {
    pub import_id: ContactImportId,
}

impl JobKind for RunContactImport {
    const KIND: &'static str = "run_contact_import";
    const QUEUE: Queue = Queue::Default;
    const LEASE: Duration = Duration::from_secs(90);
}

pub async fn run_contact_import(
    core: Core,
    book: Book,
    job: Claimed,
    args: RunContactImport,
) -> Result<Settled, JobError> {
    let (started, mut state) = (Instant::now(), None);
    let worked = loop {
        let region = &core.config.default_region;
        match step(&core.db, &book, job.organization_id, args.import_id, region, &mut state).await {
            Ok(Ended::No) if started.elapsed() < AT_ONCE => {}
            other => break other,
        }
    };
    let ended = worked_or_noted(&core.db, &job, args.import_id, worked).await?;
    go_on_or_settle(&core.db, &job, ended).await
}

/// Notes in the import what goes wrong for good, so that staff sees it there and can start it again.
async fn worked_or_noted(
    db: &Db,
    job: &Claimed,
    import: ContactImportId,
    worked: Result<Ended, JobError>,
) -> Result<Ended, JobError> {
    let reason = match &worked {
        Err(JobError::Fail { reason }) => reason.clone(),
        Err(JobError::Retry { reason, .. }) if job.attempt >= job.max_attempts => reason.clone(),
        _ => return worked,
    };
    tracing::error!(import.id = %import, error = %reason, "import.failed");
    let mut tx = db.tenant(job.organization_id).await?;
    if imports::lock(&mut tx, import).await?.is_some_and(|s| s.status == ImportStatus::Running) {
        let told: String = reason.chars().take(500).collect();
        imports::set_status(&mut tx, import, ImportStatus::Failed, Some(&told)).await?;
    }
    tx.commit().await?;
    Ok(Ended::Yes)
}

async fn go_on_or_settle(db: &Db, job: &Claimed, ended: Ended) -> Result<Settled, JobError> {
    let mut tx = db.tenant(job.organization_id).await?;
    let settled = match ended {
        Ended::Yes => job.settle(&mut tx).await?,
        Ended::No => job.snooze(&mut tx, Duration::ZERO).await?,
    };
    tx.commit().await?;
    Ok(settled)
}

/// The work on a file killed its process as often as it may.
pub async fn run_contact_import_died(db: Db, job: Claimed, args: RunContactImport) -> Result<(), JobError> {
    let died = Err(JobError::fail("The program ended while it worked on the file, again and again."));
    worked_or_noted(&db, &job, args.import_id, died).await.map(drop)
}

/// Put contacts back as they were before a file.
#[derive(Debug, Serialize, Deserialize)]
pub struct UndoContactImport {
    pub import_id: ContactImportId,
    /// Who wants it so.
    pub user_id: Option<UserId>,
    pub api_key_id: Option<ApiKeyId>,
}

impl JobKind for UndoContactImport {
    const KIND: &'static str = "undo_contact_import";
    const QUEUE: Queue = Queue::Default;
    const LEASE: Duration = Duration::from_secs(90);
}

pub async fn undo_contact_import(
    db: Db,
    book: Book,
    job: Claimed,
    args: UndoContactImport,
) -> Result<Settled, JobError> {
    let started = Instant::now();
    let by = BroughtBy { user_id: args.user_id, api_key_id: args.api_key_id };
    let ended = loop {
        match undo_step(&db, &book, job.organization_id, args.import_id, by).await? {
            Ended::No if started.elapsed() < AT_ONCE => {}
            ended => break ended,
        }
    };
    go_on_or_settle(&db, &job, ended).await
}

/// Take away what is no longer kept of a file: the file itself after a day, what undoes it after a month.
#[derive(Debug, Serialize, Deserialize)]
pub struct SweepContactImport {
    pub import_id: ContactImportId,
}

impl JobKind for SweepContactImport {
    const KIND: &'static str = "sweep_contact_import";
    const QUEUE: Queue = Queue::Default;
    const LEASE: Duration = Duration::from_secs(120);
}

impl SweepContactImport {
    /// When it is looked at first.
    pub const FIRST: Duration = Duration::from_secs(24 * 3600);
}

/// Rows per transaction.
const BITE: i64 = 2000;

pub async fn sweep_contact_import(db: Db, job: Claimed, args: SweepContactImport) -> Result<Settled, JobError> {
    let (id, started) = (args.import_id, Instant::now());
    loop {
        let mut tx = db.tenant(job.organization_id).await?;
        let now = tx.real_clock().now();
        let Some(standing) = imports::lock(&mut tx, id).await? else {
            let settled = job.settle(&mut tx).await?;
            tx.commit().await?;
            return Ok(settled);
        };
        let wait = match (standing.status, standing.finished_at) {
            (ImportStatus::Running | ImportStatus::Undoing, _) => TimeDelta::hours(1),
            // Nobody waited for it to come in.
            (ImportStatus::Receiving, _) => {
                imports::delete(&mut tx, id).await?;
                TimeDelta::zero()
            }
            (ImportStatus::Ready | ImportStatus::Failed, _) => {
                let left =
                    standing.created_at + TimeDelta::from_std(SweepContactImport::FIRST).unwrap_or_default() - now;
                if left <= TimeDelta::zero() {
                    imports::drop_file(&mut tx, id).await?;
                    let over = if standing.position > 0 { ImportStatus::Cancelled } else { ImportStatus::Expired };
                    imports::set_status(&mut tx, id, over, None).await?;
                }
                left
            }
            (_, ended) => kept_until(ended.unwrap_or(standing.created_at)) - now,
        };
        if wait > TimeDelta::zero() {
            let settled = job.snooze(&mut tx, wait.to_std().unwrap_or_default()).await?;
            tx.commit().await?;
            return Ok(settled);
        }
        let done = matches!(
            standing.status,
            ImportStatus::Done | ImportStatus::Cancelled | ImportStatus::Expired | ImportStatus::Undone
        ) && imports::sweep(&mut tx, id, BITE).await? == 0;
        if done || started.elapsed() > AT_ONCE {
            let settled =
                if done { job.settle(&mut tx).await? } else { job.snooze(&mut tx, Duration::from_secs(1)).await? };
            tx.commit().await?;
            return Ok(settled);
        }
        tx.commit().await?;
    }
}
