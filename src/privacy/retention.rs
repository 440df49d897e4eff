//! Deleting what an organization keeps only for a time, once a day, in small bites. Never touched: consent and opt-outs, which prove that
//! texts were welcome, and texts that wait to be sent or answered.

use std::time::Duration;

use chrono::TimeDelta;
use tokio_util::sync::CancellationToken;

use super::{jobs::SweepOldRows, store};
use crate::{
    accounts, assistant, messaging,
    platform::{
        db::Db,
        ids::OrganizationId,
        jobs::{self, NewJob},
    },
};

const EVERY: TimeDelta = TimeDelta::hours(24);
/// How often a worker looks whether a sweep is due.
const LOOK: Duration = Duration::from_secs(600);
/// Rows of one kind per transaction: no lock is held long.
const BITE: i64 = 500;

/// Orders due sweeps until told to stop. Any number of processes may do so.
pub async fn order_sweeps(db: Db, stop: CancellationToken) {
    let mut ticks = tokio::time::interval(LOOK);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        if let Err(error) = order_due_sweeps(&db).await {
            tracing::warn!(%error, "retention.not_ordered");
        }
    }
}

/// Writes the job of every organization whose last sweep is a day ago. Returns how many were written.
pub async fn order_due_sweeps(db: &Db) -> Result<usize, sqlx::Error> {
    let before = db.clock().now() - EVERY;
    let mut ordered = 0;
    for organization in store::due(db, before).await? {
        let mut tx = db.tenant(organization).await?;
        if store::mark_swept(&mut tx, before).await? {
            jobs::enqueue(&mut tx, NewJob::now(&SweepOldRows {})).await?;
            tx.commit().await?;
            ordered += 1;
        }
    }
    Ok(ordered)
}

/// Takes one bite of each kind. Returns how many rows went: zero when nothing old is left.
pub(super) async fn sweep(db: &Db, organization: OrganizationId) -> Result<u64, sqlx::Error> {
    let mut tx = db.tenant(organization).await?;
    let settings = store::settings(&mut tx).await?;
    let now = tx.real_clock().now();
    let before = |days: Option<i32>| days.map(|days| now - TimeDelta::days(days.into()));
    let mut gone = 0;
    if let Some(before) = before(settings.messages_days) {
        gone += messaging::sweep_messages(&mut tx, before, BITE).await?;
    }
    if let Some(before) = before(settings.turns_days) {
        gone += assistant::sweep(&mut tx, before, BITE).await?;
    }
    if let Some(before) = before(settings.receipts_days) {
        gone += messaging::sweep_receipts(&mut tx, before, BITE).await?;
        gone += messaging::sweep_reports(&mut tx, before, BITE).await?;
    }
    if let Some(before) = before(settings.audit_days) {
        gone += accounts::sweep_audit(&mut tx, before, BITE).await?;
    }
    tx.commit().await?;
    Ok(gone)
}
