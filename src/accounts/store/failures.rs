//! Failed sign-ins, counted per subject. System scope.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::platform::ids::RowId;

/// Failed sign-ins of each subject since `since`, in the order asked.
pub(in crate::accounts) async fn count(
    c: &mut PgConnection,
    subjects: &[String],
    since: DateTime<Utc>,
) -> Result<Vec<i64>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT (SELECT count(*) FROM login_failures f WHERE f.subject = s.subject AND f.at > $2) AS "n!"
           FROM unnest($1::text[]) WITH ORDINALITY AS s(subject, n) ORDER BY s.n"#,
        subjects,
        since
    )
    .fetch_all(c)
    .await
}

/// Lets the tries of one subject through one at a time, until the end of the transaction.
pub(in crate::accounts) async fn lock_subject(c: &mut PgConnection, subject: &str) -> Result<(), sqlx::Error> {
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtextextended($1, 1))", subject).fetch_one(c).await.map(drop)
}

pub(in crate::accounts) async fn record(
    c: &mut PgConnection,
    ids: &[RowId],
    subjects: &[String],
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let ids: Vec<uuid::Uuid> = ids.iter().map(|id| id.0).collect();
    sqlx::query!(
        "INSERT INTO login_failures (id, subject, at) SELECT id, subject, $3 FROM unnest($1::uuid[], $2::text[]) AS f(id, subject)",
        &ids,
        subjects,
        now
    )
    .execute(&mut *c)
    .await?;
    sqlx::query!("DELETE FROM login_failures WHERE at < $1::timestamptz - interval '1 hour'", now)
        .execute(c)
        .await
        .map(drop)
}

/// Forgets the failures of a subject that turned out right, and the tries `ids`.
pub(in crate::accounts) async fn forget(c: &mut PgConnection, subject: &str, ids: &[RowId]) -> Result<(), sqlx::Error> {
    let ids: Vec<uuid::Uuid> = ids.iter().map(|id| id.0).collect();
    sqlx::query!("DELETE FROM login_failures WHERE subject = $1 OR id = ANY($2)", subject, &ids)
        .execute(c)
        .await
        .map(drop)
}
