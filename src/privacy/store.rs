//! All SQL of privacy: the settings of retention. What is kept of people is read and erased by the slices that keep it.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::platform::{
    db::{Db, Tx},
    ids::OrganizationId,
};

/// After how many days rows are deleted; null: never.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub(super) struct PrivacySettings {
    /// Texts, with what the provider handed over and reported about them.
    #[schema(minimum = 30, maximum = 3650)]
    pub messages_days: Option<i32>,
    /// Why the assistant answered as it did.
    #[schema(minimum = 30, maximum = 3650)]
    pub turns_days: Option<i32>,
    /// What the provider handed over and reported, whatever becomes of the texts.
    #[schema(minimum = 30, maximum = 3650)]
    pub receipts_days: Option<i32>,
    /// Who of the staff did what.
    #[schema(minimum = 30, maximum = 3650)]
    pub audit_days: Option<i32>,
    /// When old rows were last looked for.
    pub swept_at: Option<DateTime<Utc>>,
    /// 0 where nothing was ever set.
    pub version: i64,
}

/// The settings, locked; the default where nothing was ever set.
pub(super) async fn settings(tx: &mut Tx) -> Result<PrivacySettings, sqlx::Error> {
    let organization = tx.organization_id();
    let row = sqlx::query_as!(
        PrivacySettings,
        "SELECT messages_days, turns_days, receipts_days, audit_days, swept_at, version FROM privacy_settings
         WHERE organization_id = $1 FOR UPDATE",
        organization.0
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.unwrap_or_default())
}

/// Saves what is set if nobody else saved meanwhile. None: somebody did.
pub(super) async fn save(tx: &mut Tx, s: &PrivacySettings) -> Result<Option<PrivacySettings>, sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.real_clock().now());
    sqlx::query_as!(
        PrivacySettings,
        "INSERT INTO privacy_settings AS p (organization_id, messages_days, turns_days, receipts_days, audit_days, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (organization_id) DO UPDATE
           SET messages_days = $2, turns_days = $3, receipts_days = $4, audit_days = $5, updated_at = $6, version = p.version + 1
           WHERE p.version = $7
         RETURNING messages_days, turns_days, receipts_days, audit_days, swept_at, version",
        organization.0,
        s.messages_days,
        s.turns_days,
        s.receipts_days,
        s.audit_days,
        now,
        s.version,
    )
    .fetch_optional(&mut **tx)
    .await
}

/// System scope: organizations that keep something only for a time and were last swept before `before`.
pub(super) async fn due(db: &Db, before: DateTime<Utc>) -> Result<Vec<OrganizationId>, sqlx::Error> {
    let mut connection = db.system_lookup().await?;
    sqlx::query_scalar!(
        r#"SELECT organization_id AS "o: OrganizationId" FROM privacy_settings
           WHERE num_nonnulls(messages_days, turns_days, receipts_days, audit_days) > 0 AND (swept_at IS NULL OR swept_at <= $1)"#,
        before
    )
    .fetch_all(&mut *connection)
    .await
}

/// Notes that a sweep is ordered. False: another process was first.
pub(super) async fn mark_swept(tx: &mut Tx, before: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.real_clock().now());
    let changed = sqlx::query!(
        "UPDATE privacy_settings SET swept_at = $3 WHERE organization_id = $1 AND (swept_at IS NULL OR swept_at <= $2)",
        organization.0,
        before,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(changed.rows_affected() == 1)
}
