//! What the audit log and kept answers forget: values about an erased contact, and old entries. The log is append-only for the app's role,
//! so this steps out of it and back.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::platform::{db::Tx, ids::first_id_of, personal::Erased};

/// Takes the values out of every entry about one of these rows, or that names one of these words (ids and numbers, not names: those are
/// words of the language). Who did what and when stays.
pub async fn redact(tx: &mut Tx, ids: &[Uuid], words: &[String]) -> Result<Erased, sqlx::Error> {
    let organization = tx.organization_id();
    tx.step_out().await?;
    let changed = sqlx::query!(
        r#"UPDATE audit_log SET
             before = (SELECT jsonb_object_agg(key, '(erased)') FROM jsonb_object_keys(CASE jsonb_typeof(before) WHEN 'object' THEN before END) AS key),
             after = (SELECT jsonb_object_agg(key, '(erased)') FROM jsonb_object_keys(CASE jsonb_typeof(after) WHEN 'object' THEN after END) AS key)
           WHERE organization_id = $1 AND (before IS NOT NULL OR after IS NOT NULL)
             AND (target_id = ANY($2)
                  OR EXISTS (SELECT FROM unnest($3::text[]) AS word
                             WHERE position(word IN before::text) > 0 OR position(word IN after::text) > 0))"#,
        organization.0,
        ids,
        words,
    )
    .execute(&mut **tx)
    .await?;
    tx.step_back().await?;
    Ok(("audit_entries", changed.rows_affected()))
}

/// Empties kept answers to requests with an Idempotency-Key that hold one of the words. The key stays used for its day: the request is not
/// carried out again.
pub async fn forget_answers(tx: &mut Tx, words: &[String]) -> Result<Erased, sqlx::Error> {
    let organization = tx.organization_id();
    let emptied = sqlx::query!(
        "UPDATE idempotency_keys SET body = NULL, headers = NULL
         WHERE organization_id = $1 AND state = 'done'
           AND EXISTS (SELECT FROM unnest($2::text[]) AS word
                       WHERE position(convert_to(word, 'UTF8') IN body) > 0 OR position(word IN headers::text) > 0)",
        organization.0,
        words,
    )
    .execute(&mut **tx)
    .await?;
    Ok(("kept_answers", emptied.rows_affected()))
}

/// Deletes up to `limit` entries from before `before`.
pub async fn sweep(tx: &mut Tx, before: DateTime<Utc>, limit: i64) -> Result<u64, sqlx::Error> {
    let organization = tx.organization_id();
    tx.step_out().await?;
    let gone = sqlx::query!(
        "DELETE FROM audit_log WHERE organization_id = $1 AND id IN (
           SELECT id FROM audit_log WHERE organization_id = $1 AND id < $2 AND at < $3 ORDER BY id LIMIT $4)",
        organization.0,
        first_id_of(before),
        before,
        limit,
    )
    .execute(&mut **tx)
    .await?;
    tx.step_back().await?;
    Ok(gone.rows_affected())
}
