//! Keeping the sums: what was noted is folded now and then, and can be compared with the rows.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio_util::sync::CancellationToken;

use super::store::fold as store;
pub use super::store::fold::fold;
use crate::platform::{db::Db, ids::OrganizationId};

/// Notes are read with the sums, so that folding may be late; it only keeps reading quick.
const EVERY: Duration = Duration::from_secs(20);

/// Folds until told to stop.
pub async fn keep_folded(db: Db, stop: CancellationToken) {
    loop {
        if let Err(error) = fold(&db).await {
            tracing::error!(%error, "analytics.not_folded");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// Corrects an organization's sums by the rows they count; returns how many were wrong. Not over a time of which rows were erased or swept:
/// they would not be counted any more.
pub async fn recount(
    db: &Db,
    organization: OrganizationId,
    since: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<u64, sqlx::Error> {
    let mut tx = db.tenant(organization).await?;
    let wrong = store::recount(&mut tx, organization, since, until).await?;
    tx.commit().await?;
    Ok(wrong)
}
