//! SQL on how often an organization itself wants to advertise to one person.

use crate::{compliance::model::OrganizationCap, platform::db::Tx};

/// The organization's cap; off where it was never set.
pub(in crate::compliance) async fn get(tx: &mut Tx) -> Result<OrganizationCap, sqlx::Error> {
    let organization = tx.organization_id();
    let row = sqlx::query_as!(
        OrganizationCap,
        "SELECT texts, days, version FROM frequency_caps WHERE organization_id = $1",
        organization.0
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.unwrap_or_default())
}

/// Saves the cap if nobody else saved one since the version in it. None: somebody did.
pub(in crate::compliance) async fn save(
    tx: &mut Tx,
    cap: &OrganizationCap,
) -> Result<Option<OrganizationCap>, sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.real_clock().now());
    sqlx::query_as!(
        OrganizationCap,
        "INSERT INTO frequency_caps AS c (organization_id, texts, days, updated_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (organization_id) DO UPDATE SET texts = $2, days = $3, updated_at = $4, version = c.version + 1
           WHERE c.version = $5
         RETURNING texts, days, version",
        organization.0,
        cap.texts,
        cap.days,
        now,
        cap.version,
    )
    .fetch_optional(&mut **tx)
    .await
}
