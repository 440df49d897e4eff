//! SQL on the tries of a text that are over, and on outcomes nobody knows yet.

use super::{super::model::MessageStatus, OutboundRow};
use crate::platform::{db::Tx, ids::MessageId};

/// Whether this provider id is of a try that is over.
pub(in crate::messaging) async fn is_over(tx: &mut Tx, provider_sid: &str) -> Result<bool, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM delivery_attempts WHERE organization_id = $1 AND provider_sid = $2) AS "over!""#,
        organization.0,
        provider_sid
    )
    .fetch_one(&mut **tx)
    .await
}

/// Ends the present try: the text waits again, with the reason, and its provider id is free.
pub(in crate::messaging) async fn put_back(
    tx: &mut Tx,
    row: &OutboundRow,
    provider_sid: &str,
    status: MessageStatus,
    error_code: &str,
    reason: Option<&str>,
) -> Result<(), sqlx::Error> {
    note(tx, row.id, provider_sid, status, Some(error_code)).await?;
    let organization = tx.organization_id();
    sqlx::query!(
        "UPDATE messages SET status = 'queued', provider_sid = NULL, handed_at = NULL, unknown_since = NULL, resent = resent + 1,
                sent_at = NULL, error_code = $3, error_message = left($4, 500)
         WHERE organization_id = $1 AND id = $2",
        organization.0,
        row.id.0,
        error_code,
        reason,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Keeps what became of another try than the one that counts.
pub(in crate::messaging) async fn note(
    tx: &mut Tx,
    message: MessageId,
    provider_sid: &str,
    status: MessageStatus,
    error_code: Option<&str>,
) -> Result<(), sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query!(
        "INSERT INTO delivery_attempts (organization_id, provider_sid, message_id, status, error_code, handed_at, ended_at)
         SELECT $1, $2, m.id, $4, $5, m.handed_at, $6 FROM messages m WHERE m.organization_id = $1 AND m.id = $3
         ON CONFLICT (organization_id, provider_sid)
           DO UPDATE SET status = $4, error_code = COALESCE($5, delivery_attempts.error_code), ended_at = $6
           WHERE delivery_attempts.status IN ('sending', 'sent') AND delivery_attempts.status <> $4",
        organization.0,
        provider_sid,
        message.0,
        status.as_str(),
        error_code,
        now,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Lets the try with this provider id be the one that counts; what counted until now is kept as another.
pub(in crate::messaging) async fn exchange(
    tx: &mut Tx,
    row: &OutboundRow,
    provider_sid: &str,
) -> Result<(), sqlx::Error> {
    if let Some(present) = &row.provider_sid {
        note(tx, row.id, present, row.status, row.error_code.as_deref()).await?;
    }
    let organization = tx.organization_id();
    sqlx::query!(
        "DELETE FROM delivery_attempts WHERE organization_id = $1 AND provider_sid = $2",
        organization.0,
        provider_sid
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "UPDATE messages SET provider_sid = NULL, error_code = NULL, error_message = NULL WHERE organization_id = $1 AND id = $2",
        organization.0,
        row.id.0
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Nobody knows whether the provider took the present try. Counted once per try.
pub(in crate::messaging) async fn mark_unknown(tx: &mut Tx, id: MessageId) -> Result<bool, sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    let marked = sqlx::query!(
        "UPDATE messages SET unknown_since = $3, unknown_outcomes = unknown_outcomes + 1
         WHERE organization_id = $1 AND id = $2 AND unknown_since IS NULL AND provider_sid IS NULL AND handed_at IS NOT NULL",
        organization.0,
        id.0,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(marked.rows_affected() == 1)
}

/// A text that was given up while its outcome was unknown certainly never arrived: it is known now.
pub(in crate::messaging) async fn mark_known(tx: &mut Tx, id: MessageId) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query!(
        "UPDATE messages SET unknown_since = NULL WHERE organization_id = $1 AND id = $2",
        organization.0,
        id.0
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}
