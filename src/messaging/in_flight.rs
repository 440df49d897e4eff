//! Texts that were leaving when an opt-out came in. The opt-out is committed: no further text gets its permit. One that has its permit may be
//! on the wire, and the webhook's 200 waits for it, so that nothing leaves after that.

use std::time::Duration;

use super::{delivery::HELD_UP, store::withdrawal::leaving, withdrawal::withdraw};
use crate::platform::{
    db::Db,
    ids::{ContactId, OrganizationId},
};

/// After this long nothing is written any more that got its permit before: held up, and three seconds to connect. Well within the fifteen
/// seconds that Twilio waits for an answer.
const LONGEST: Duration = HELD_UP.saturating_add(Duration::from_secs(4));
const LOOK: Duration = Duration::from_millis(20);

/// Waits until no text to the contact is being handed over. One that came back, because the provider did not take it, is cancelled like the
/// rest.
pub(super) async fn let_land(db: &Db, organization: OrganizationId, contact: ContactId) -> Result<(), sqlx::Error> {
    let landed = tokio::time::timeout(LONGEST, async {
        loop {
            let mut tx = db.tenant(organization).await?;
            let leaving = leaving(&mut tx, contact).await?;
            // It locked rows: they are let go of at once.
            tx.commit().await?;
            if leaving == 0 {
                return Ok::<_, sqlx::Error>(());
            }
            tokio::time::sleep(LOOK).await;
        }
    });
    landed.await.unwrap_or_else(|_| {
        tracing::warn!(contact.id = %contact, "opt_out.texts_in_flight");
        Ok(())
    })?;
    let mut tx = db.tenant(organization).await?;
    withdraw(&mut tx, contact).await?;
    tx.commit().await
}
