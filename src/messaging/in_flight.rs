//! Texts that were leaving when an opt-out came in. The opt-out is committed: no further text gets its permit. One that has its permit may be
//! on the wire, and the webhook's 200 waits for it, so that nothing leaves after that.

use std::time::Duration;

use super::store;
use crate::platform::{
    db::Db,
    ids::{ContactId, OrganizationId},
};

/// Longer than a text with its permit may take to be written: held up for two seconds, three to connect (`delivery.rs`). Well within the
/// fifteen seconds that Twilio waits for an answer.
const LONGEST: Duration = Duration::from_secs(6);
const LOOK: Duration = Duration::from_millis(20);

/// Waits until no text to the contact is being handed over.
pub(super) async fn let_land(db: &Db, organization: OrganizationId, contact: ContactId) -> Result<(), sqlx::Error> {
    let landed = tokio::time::timeout(LONGEST, async {
        loop {
            let mut tx = db.tenant(organization).await?;
            let leaving = store::leaving(&mut tx, contact).await?;
            // It locked rows: they are let go of at once.
            tx.commit().await?;
            if leaving == 0 {
                return Ok(());
            }
            tokio::time::sleep(LOOK).await;
        }
    });
    landed.await.unwrap_or_else(|_| {
        tracing::warn!(contact.id = %contact, "opt_out.texts_in_flight");
        Ok(())
    })
}
