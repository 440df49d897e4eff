//! What the calendar does by itself: ending holds, and keeping slots made ahead.

use serde::{Deserialize, Serialize};

use super::{
    availability,
    service::{self, BookingError},
    store,
};
use crate::platform::{
    db::Db,
    ids::BookingId,
    jobs::{self, Claimed, JobError, JobKind, NewJob, Queue, Settled},
    live::Kind,
};

/// Free a held place that nobody confirmed in time.
#[derive(Debug, Serialize, Deserialize)]
pub struct ExpireHold {
    pub booking_id: BookingId,
}

impl JobKind for ExpireHold {
    const KIND: &'static str = "expire_hold";
    const QUEUE: Queue = Queue::Default;
}

pub async fn expire_hold(db: Db, job: Claimed, args: ExpireHold) -> Result<Settled, JobError> {
    let mut tx = db.tenant(job.organization_id).await?;
    let left = service::expire(&mut tx, args.booking_id).await.map_err(|error| match error {
        BookingError::Database(error) => error.into(),
        other => JobError::retry(other),
    })?;
    // Too early where the organization's clock went back meanwhile.
    let settled = match left.and_then(|left| left.to_std().ok()) {
        Some(left) => job.snooze(&mut tx, left).await?,
        None => job.settle(&mut tx).await?,
    };
    tx.commit().await?;
    Ok(settled)
}

/// Make the slots that the organization's weekly hours want by today.
#[derive(Debug, Serialize, Deserialize)]
pub struct KeepSlotsAhead {}

impl JobKind for KeepSlotsAhead {
    const KIND: &'static str = "keep_slots_ahead";
    const QUEUE: Queue = Queue::Default;
}

pub async fn keep_slots_ahead(db: Db, job: Claimed, _: KeepSlotsAhead) -> Result<Settled, JobError> {
    let mut tx = db.tenant(job.organization_id).await?;
    let settled = job.settle(&mut tx).await?;
    let made = availability::extend_all(&mut tx).await?;
    if made > 0 {
        tx.tell(Kind::Slot, None);
    }
    tx.commit().await?;
    tracing::info!(made, organization.id = %job.organization_id, "booking.slots_made");
    Ok(settled)
}

/// Enqueues that work for every organization that is due and has none waiting. The running process asks now and then, so the work needs
/// no job that begets itself. Returns how many organizations were due.
pub async fn enqueue_due_slots(db: &Db) -> Result<usize, sqlx::Error> {
    let due = store::calendar::organizations_due(db, db.clock().now(), KeepSlotsAhead::KIND).await?;
    for organization in &due {
        let mut tx = db.tenant(*organization).await?;
        jobs::enqueue(&mut tx, NewJob::now(&KeepSlotsAhead {})).await?;
        tx.commit().await?;
    }
    Ok(due.len())
}
