//! Failed sign-ins, counted per subject. System scope.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::platform::ids::RowId;

/// What a subject failed at lately.
pub(in crate::accounts) struct Failures {
    pub count: i64,
    pub last_at: Option<DateTime<Utc>>,
}

/// Failed sign-ins of each subject, each since its own `since`, in the order asked.
pub(in crate::accounts) async fn lately(
    c: &mut PgConnection,
    subjects: &[String],
    since: &[DateTime<Utc>],
) -> Result<Vec<Failures>, sqlx::Error> {
    sqlx::query_as!(
        Failures,
        r#"SELECT f.count AS "count!", f.last_at
           FROM unnest($1::text[], $2::timestamptz[]) WITH ORDINALITY AS s(subject, since, n)
           CROSS JOIN LATERAL (SELECT count(*), max(at) AS last_at FROM login_failures
                               WHERE subject = s.subject AND at > s.since) f
           ORDER BY s.n"#,
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
    sqlx::query!("DELETE FROM login_failures WHERE at < $1::timestamptz - interval '1 day'", now)
        .execute(c)
        .await
        .map(drop)
}

/// Takes back the tries `ids`, which were none that failed.
pub(in crate::accounts) async fn withdraw(c: &mut PgConnection, ids: &[RowId]) -> Result<(), sqlx::Error> {
    let ids: Vec<uuid::Uuid> = ids.iter().map(|id| id.0).collect();
    sqlx::query!("DELETE FROM login_failures WHERE id = ANY($1)", &ids).execute(c).await.map(drop)
}

/// Forgets all failures of a subject that turned out right.
pub(in crate::accounts) async fn forget(c: &mut PgConnection, subject: &str) -> Result<(), sqlx::Error> {
    sqlx::query!("DELETE FROM login_failures WHERE subject = $1", subject).execute(c).await.map(drop)
}
