//! The deadline of a doubtful opt-out, and the opt-outs of erased people.

use serde::{Deserialize, Serialize};

use super::{
    model::{Decider, Verdict},
    service,
};
use crate::platform::{
    db::Db,
    ids::{ContactId, OptOutReviewId},
    jobs::{Claimed, Condition, JobError, JobKind, NewJob, Queue, Settled},
};

/// Take a doubtful text that nobody decided on in time as what it may have been: an opt-out.
#[derive(Debug, Serialize, Deserialize)]
pub struct CloseOverdueReview {
    pub review_id: OptOutReviewId,
}

impl JobKind for CloseOverdueReview {
    const KIND: &'static str = "close_overdue_review";
    const QUEUE: Queue = Queue::Default;
}

pub async fn close_overdue_review(db: Db, job: Claimed, args: CloseOverdueReview) -> Result<Settled, JobError> {
    let mut tx = db.tenant(job.organization_id).await?;
    // Too early where the organization's clock went back meanwhile.
    if let Some(left) = service::time_left(&mut tx, args.review_id).await? {
        let snoozed = job.snooze(&mut tx, left).await?;
        tx.commit().await?;
        return Ok(snoozed);
    }
    let settled = job.settle(&mut tx).await?;
    let note = Some("Nobody decided within ten business days.");
    service::decide_review(&mut tx, args.review_id, Verdict::OptOut, Decider::Deadline, note).await?;
    tx.commit().await?;
    Ok(settled)
}

/// See whether a contact that staff made has the number of somebody who opted out and was erased. Sending asks for itself; this is so that
/// staff sees it.
#[derive(Debug, Serialize, Deserialize)]
pub struct HeedErasedOptOut {
    pub contact_id: ContactId,
}

impl JobKind for HeedErasedOptOut {
    const KIND: &'static str = "heed_erased_opt_out";
    const QUEUE: Queue = Queue::Default;
}

impl HeedErasedOptOut {
    /// The job that follows from a contact that staff made; it is not written where nobody was ever erased.
    pub fn wanted(contact_id: ContactId) -> NewJob {
        NewJob::now(&Self { contact_id }).only_if(Condition::SomebodyErased)
    }
}

pub async fn heed_erased_opt_out(db: Db, job: Claimed, args: HeedErasedOptOut) -> Result<Settled, JobError> {
    let mut tx = db.tenant(job.organization_id).await?;
    let settled = job.settle(&mut tx).await?;
    service::heed_erased_opt_out(&mut tx, args.contact_id).await?;
    tx.commit().await?;
    Ok(settled)
}
