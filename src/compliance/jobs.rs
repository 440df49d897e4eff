//! The deadline of a doubtful opt-out.

use serde::{Deserialize, Serialize};

use super::{
    model::{Decider, Verdict},
    service,
};
use crate::platform::{
    db::Db,
    ids::OptOutReviewId,
    jobs::{Claimed, JobError, JobKind, Queue, Settled},
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
    let settled = job.settle(&mut tx).await?;
    let note = Some("Nobody decided within ten business days.");
    service::decide_review(&mut tx, args.review_id, Verdict::OptOut, Decider::Deadline, note).await?;
    tx.commit().await?;
    Ok(settled)
}
