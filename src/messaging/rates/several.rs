//! Leave for several texts at once, for whoever sends many.

use std::time::Duration;

use tokio::time::Instant;

use super::{Answer, Asked, Bucket, Grant, Rates};
use crate::platform::{
    db::Db,
    ids::{OrganizationId, SenderId},
};

/// Leave for one of many, or for some of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Several {
    /// So many units may leave now; what is not used is given back.
    Now(u32),
    /// None: ask again then.
    Later(Duration),
}

impl Rates {
    /// Takes leave for up to `most` units of this sender, as one of many: what somebody waits for finds the lower half of the bucket.
    pub async fn take_up_to(
        &self,
        db: &Db,
        organization: OrganizationId,
        sender: SenderId,
        most: u32,
    ) -> Result<Several, sqlx::Error> {
        let Some((account, account_rate)) = self.0.account.as_ref() else { return Ok(Several::Now(most)) };
        let pace = self.pace(db, organization, sender).await?;
        let Some(per_second) = pace.per_second else { return Ok(Several::Now(most)) };
        let buckets = [Bucket::of(per_second), Bucket::of(*account_rate)];
        let saved = self.drain_lease(sender, most);
        if saved > 0 {
            return Ok(Several::Now(saved));
        }
        // Of more than half a bucket nothing would ever be given.
        let held = buckets.iter().map(|bucket| (bucket.size / 2.0).max(1.0) as u32).min().unwrap_or(1);
        let mut units = most.min(held).max(1);
        loop {
            let asked = Asked {
                sender,
                pace,
                buckets,
                keys: [format!("sender:{}", sender.0), format!("account:{account}")],
                units,
                bulk: true,
                back: false,
            };
            let answer = match self.shared(&asked).await {
                Some(answer) => answer,
                None => self.own(&asked),
            };
            match answer {
                Answer::Now(Grant { units, .. }) => return Ok(Several::Now(units)),
                Answer::Later { wait, .. } if units == 1 => {
                    metrics::counter!("frontdesk_sends_held_back", "bulk" => "true").increment(1);
                    return Ok(Several::Later(wait));
                }
                Answer::Later { .. } => units = (units / 4).max(1),
            }
        }
    }

    /// Gives back units that were taken and not used.
    pub fn give_back_units(&self, sender: SenderId, units: u32) {
        if self.0.account.is_some() {
            self.give_back(Grant { sender: Some(sender), units });
        }
    }

    /// What is kept for later of this sender's, up to `most`.
    fn drain_lease(&self, sender: SenderId, most: u32) -> u32 {
        let mut state = self.state();
        let Some(lease) = state.leases.get_mut(&sender).filter(|lease| lease.until > Instant::now()) else { return 0 };
        let taken = lease.units.min(most);
        lease.units -= taken;
        taken
    }
}
