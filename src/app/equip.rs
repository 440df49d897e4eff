//! What an organization that somebody made needs from the slices above accounts.

use serde::{Deserialize, Serialize};

use crate::{
    messaging::{self, ChannelKind},
    platform::{
        db::Db,
        jobs::{Claimed, JobError, JobKind, Queue, Settled},
    },
};

/// Give a new organization its simulator, so that it can be texted before it has a number.
#[derive(Debug, Serialize, Deserialize)]
pub struct EquipOrganization {}

impl JobKind for EquipOrganization {
    const KIND: &'static str = "equip_organization";
    const QUEUE: Queue = Queue::Default;
}

pub async fn equip_organization(db: Db, job: Claimed, _: EquipOrganization) -> Result<Settled, JobError> {
    messaging::ensure_sender(&db, job.organization_id, ChannelKind::Simulator, "simulator", None, "Simulator").await?;
    let mut tx = db.tenant(job.organization_id).await?;
    let settled = job.settle(&mut tx).await?;
    tx.commit().await?;
    Ok(settled)
}
