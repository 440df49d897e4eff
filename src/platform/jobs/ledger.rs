//! All SQL on the `jobs` table.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use sqlx::{PgPool, types::Json};
use uuid::Uuid;

use super::{
    dispatch::Wake,
    model::{Claimed, Condition, Job, JobCounts, JobError, JobState, NewJob, Queue, Settled},
};
use crate::platform::{
    db::{Db, Tx},
    http::{Order, Page, SortKey, SortKind},
    ids::{ContactId, JobId},
    listing::List,
};

fn later(now: DateTime<Utc>, by: Duration) -> DateTime<Utc> {
    TimeDelta::from_std(by).ok().and_then(|d| now.checked_add_signed(d)).unwrap_or(now)
}

/// Its id, and whom to wake; none: it waits for its turn.
pub(super) async fn insert(tx: &mut Tx, job: NewJob) -> Result<(JobId, Option<Wake>), sqlx::Error> {
    let (id, now, organization_id) = (JobId::new(tx.real_clock()), tx.real_clock().now(), tx.organization_id());
    let run_at = later(now, job.delay);
    sqlx::query!(
        "INSERT INTO jobs (organization_id, id, kind, queue, payload, run_at, max_attempts, lease_seconds, created_at,
                           pace_id, weight, line_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        organization_id.0,
        id.0,
        job.kind,
        job.queue.name(),
        job.payload,
        run_at,
        job.max_attempts,
        i32::try_from(job.lease.as_secs()).unwrap_or(i32::MAX),
        now,
        job.pace,
        job.weight,
        job.line,
    )
    .execute(&mut **tx)
    .await?;
    Ok((id, job.line.is_none().then_some(Wake { queue: job.queue, id, delay: job.delay })))
}

/// A job as [`insert_all`] hands it over, with what its condition asks for.
#[derive(Serialize)]
struct NewRow {
    id: JobId,
    kind: &'static str,
    queue: &'static str,
    payload: serde_json::Value,
    run_at: DateTime<Utc>,
    max_attempts: i32,
    lease_seconds: i32,
    wanted: Option<&'static str>,
    erased: bool,
    texts: Option<ContactId>,
    campaigned: Option<Uuid>,
}

impl NewRow {
    fn of(job: NewJob, id: JobId, now: DateTime<Utc>) -> Self {
        let mut row = Self {
            id,
            kind: job.kind,
            queue: job.queue.name(),
            payload: job.payload,
            run_at: later(now, job.delay),
            max_attempts: job.max_attempts,
            lease_seconds: i32::try_from(job.lease.as_secs()).unwrap_or(i32::MAX),
            wanted: None,
            erased: false,
            texts: None,
            campaigned: None,
        };
        match job.condition {
            Some(Condition::WebhookWanted(event)) => row.wanted = Some(event),
            Some(Condition::SomebodyErased) => row.erased = true,
            Some(Condition::TextsWait(contact)) => row.texts = Some(contact),
            Some(Condition::Campaigned(whom)) => row.campaigned = Some(whom),
            None => {}
        }
        row
    }
}

/// Several jobs at once, none of which keeps a pace; one whose condition does not hold is not written.
pub(super) async fn insert_all(tx: &mut Tx, jobs: Vec<NewJob>) -> Result<Vec<Wake>, sqlx::Error> {
    let (now, organization_id) = (tx.real_clock().now(), tx.organization_id());
    let (mut rows, mut wakes) = (Vec::with_capacity(jobs.len()), Vec::with_capacity(jobs.len()));
    for job in jobs {
        let id = JobId::new(tx.real_clock());
        wakes.push(Wake { queue: job.queue, id, delay: job.delay });
        rows.push(NewRow::of(job, id, now));
    }
    // One document, not an array for each column: by the length of arrays Postgres finds each plan a new one, and making it costs more than
    // what it does. ANY, not COALESCE: beneath row-level security no index is looked up by the latter. A value, not EXISTS: it is never
    // answered by reading everybody's texts.
    let written: Vec<JobId> = sqlx::query_scalar!(
        r#"INSERT INTO jobs (organization_id, id, kind, queue, payload, run_at, max_attempts, lease_seconds, created_at)
           SELECT $1, j.id, j.kind, j.queue, j.payload, j.run_at, j.max_attempts, j.lease_seconds, $3
           FROM jsonb_to_recordset($2) AS j (id uuid, kind text, queue text, payload jsonb, run_at timestamptz, max_attempts int,
                                             lease_seconds int, wanted text, erased bool, texts uuid, campaigned uuid)
           WHERE (j.wanted IS NULL OR EXISTS (
               SELECT FROM webhook_endpoints e WHERE e.organization_id = $1 AND e.enabled AND (e.events IS NULL OR j.wanted = ANY (e.events))))
             AND (NOT j.erased OR EXISTS (SELECT FROM number_hash_keys k WHERE k.organization_id = $1))
             AND (j.texts IS NULL OR (SELECT true FROM messages m WHERE m.organization_id = $1 AND m.contact_id = j.texts
                                        AND m.direction = 'outbound' AND m.status IN ('queued', 'sending') LIMIT 1))
             AND (j.campaigned IS NULL OR EXISTS (
               SELECT FROM contacts k
               JOIN campaign_targets t ON t.organization_id = $1 AND t.contact_id = ANY (ARRAY[k.id, k.merged_into]) AND t.last_sent_at IS NOT NULL
               WHERE k.organization_id = $1 AND k.id = ANY (ARRAY[
                 j.campaigned, (SELECT c.contact_id FROM conversations c WHERE c.organization_id = $1 AND c.id = j.campaigned)])))
           RETURNING id AS "id: _""#,
        organization_id.0,
        Json(rows) as _,
        now,
    )
    .fetch_all(&mut **tx)
    .await?;
    wakes.retain(|wake| written.contains(&wake.id));
    Ok(wakes)
}

/// Takes the job if it is due and free (or its last claim ran out). None: somebody else has it, or it is done.
///
/// The claim itself may be lost in a crash of Postgres (it is then simply claimed again), so it does not wait for the disk.
pub(super) async fn claim(pool: &PgPool, id: JobId, now: DateTime<Utc>) -> Result<Option<Claimed>, sqlx::Error> {
    sqlx::query_as!(
        Claimed,
        r#"UPDATE jobs SET state = 'running', attempts = attempts + 1, locked_until = $2 + make_interval(secs => lease_seconds)
           FROM (SELECT set_config('synchronous_commit', 'off', true)) AS relaxed
           WHERE id = $1
             AND ((state = 'queued' AND run_at <= $2) OR (state = 'running' AND locked_until < $2))
             AND attempts < max_attempts
           RETURNING id AS "id: _", organization_id AS "organization_id: _", kind, payload, attempts AS attempt, max_attempts,
                     pace_id AS pace, weight, line_id AS line"#,
        id.0,
        now,
    )
    .fetch_optional(pool)
    .await
}

pub(super) async fn settle(tx: &mut Tx, job: &Claimed) -> Result<Settled, JobError> {
    let now = tx.real_clock().now();
    let changed = sqlx::query!(
        "UPDATE jobs SET state = 'done', finished_at = $4, locked_until = NULL, last_error = NULL
         WHERE organization_id = $1 AND id = $2 AND state = 'running' AND attempts = $3",
        job.organization_id.0,
        job.id.0,
        job.attempt,
        now,
    )
    .execute(&mut **tx)
    .await?;
    if changed.rows_affected() == 1 { Ok(Settled(())) } else { Err(JobError::Superseded) }
}

pub(super) async fn snooze(tx: &mut Tx, job: &Claimed, delay: Duration) -> Result<Settled, JobError> {
    let run_at = later(tx.real_clock().now(), delay);
    // attempts stays: it is the fence. The limit moves instead, so that waiting does not count as failing.
    let row = sqlx::query!(
        "UPDATE jobs SET state = 'queued', run_at = $4, max_attempts = max_attempts + 1, locked_until = NULL, pushed_at = NULL,
                         last_error = NULL
         WHERE organization_id = $1 AND id = $2 AND state = 'running' AND attempts = $3
         RETURNING queue",
        job.organization_id.0,
        job.id.0,
        job.attempt,
        run_at,
    )
    .fetch_optional(&mut **tx)
    .await?;
    let Some(row) = row else {
        return Err(JobError::Superseded);
    };
    if let Some(queue) = Queue::from_name(&row.queue).filter(|_| job.line.is_none()) {
        tx.push_wake(Wake { queue, id: job.id, delay });
    }
    Ok(Settled(()))
}

/// See [`Claimed::wait_for_pace`]. One statement, which like a claim does not wait for the disk: lost, the lease ends and it is tried again.
pub(super) async fn wait_for_pace(db: &Db, job: &Claimed, wait: Duration, batch: i32) -> Result<Settled, JobError> {
    let run_at = later(db.clock().now(), wait);
    let row = sqlx::query!(
        "WITH relaxed AS (SELECT set_config('synchronous_commit', 'off', true)),
         back AS (
           UPDATE jobs SET state = 'queued', run_at = CASE WHEN line_id IS NULL THEN $4 ELSE run_at END,
                           max_attempts = max_attempts + 1, locked_until = NULL, pushed_at = NULL
           FROM relaxed
           WHERE organization_id = $1 AND id = $2 AND state = 'running' AND attempts = $3
           RETURNING queue, line_id),
         held AS (
           INSERT INTO job_lines AS l (organization_id, line_id, open_at, batch)
           SELECT $1, line_id, $4, $5 FROM back WHERE line_id IS NOT NULL
           ON CONFLICT (organization_id, line_id) DO UPDATE SET open_at = GREATEST(l.open_at, EXCLUDED.open_at), batch = EXCLUDED.batch)
         SELECT queue FROM back",
        job.organization_id.0,
        job.id.0,
        job.attempt,
        run_at,
        batch,
    )
    .fetch_optional(db.pool())
    .await?;
    let Some(row) = row else {
        return Err(JobError::Superseded);
    };
    if let Some(queue) = Queue::from_name(&row.queue).filter(|_| job.line.is_none()) {
        db.wake(Wake { queue, id: job.id, delay: wait });
    }
    Ok(Settled(()))
}

/// How many jobs wait at each of these paces, counted up to a thousand.
pub async fn waiting(tx: &mut Tx, paces: &[Uuid]) -> Result<Vec<(Uuid, i64)>, sqlx::Error> {
    let organization = tx.organization_id();
    let rows = sqlx::query!(
        r#"SELECT p.id AS "id!", w.n AS "n!" FROM unnest($2::uuid[]) AS p (id)
           CROSS JOIN LATERAL (
             SELECT count(*) AS n FROM (
               SELECT FROM jobs WHERE organization_id = $1 AND pace_id = p.id AND state = 'queued' LIMIT 1000) first) w"#,
        organization.0,
        paces,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|r| (r.id, r.n)).collect())
}

/// Lets everything that waits at this pace run now: what held it is over.
pub async fn hasten(tx: &mut Tx, pace: Uuid) -> Result<(), sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.real_clock().now());
    sqlx::query!("DELETE FROM job_lines WHERE organization_id = $1", organization.0).execute(&mut **tx).await?;
    let hastened = sqlx::query!(
        r#"UPDATE jobs SET run_at = $3, pushed_at = NULL
           WHERE organization_id = $1 AND pace_id = $2 AND state = 'queued' AND run_at > $3
           RETURNING id AS "id: JobId", queue, line_id"#,
        organization.0,
        pace,
        now,
    )
    .fetch_all(&mut **tx)
    .await?;
    // What is more than Redis takes at once is the relay's.
    for row in hastened.into_iter().filter(|r| r.line_id.is_none()).take(1000) {
        if let Some(queue) = Queue::from_name(&row.queue) {
            tx.push_wake(Wake { queue, id: row.id, delay: Duration::ZERO });
        }
    }
    Ok(())
}

/// Takes a job back that nobody has begun.
pub async fn revoke(tx: &mut Tx, id: JobId) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query!("DELETE FROM jobs WHERE organization_id = $1 AND id = $2 AND state = 'queued'", organization.0, id.0)
        .execute(&mut **tx)
        .await
        .map(drop)
}

/// Puts a failed try back for later, or gives the job up. Returns false when another claim holds it.
pub(super) async fn give_back(
    pool: &PgPool,
    job: &Claimed,
    error: &str,
    run_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let state = if run_at.is_some() { JobState::Queued } else { JobState::Dead };
    let changed = sqlx::query!(
        "UPDATE jobs SET state = $4, run_at = COALESCE($5, run_at), last_error = left($6, 2000), locked_until = NULL, pushed_at = NULL,
                         finished_at = CASE WHEN $4 = 'dead' THEN $7::timestamptz END
         WHERE organization_id = $1 AND id = $2 AND state = 'running' AND attempts = $3",
        job.organization_id.0,
        job.id.0,
        job.attempt,
        state.as_str(),
        run_at,
        error,
        now,
    )
    .execute(pool)
    .await?;
    Ok(changed.rows_affected() == 1)
}

/// Jobs whose last allowed claim ran out without an end: a handler that kills its process is not tried for ever.
pub(super) async fn crashed(pool: &PgPool, now: DateTime<Utc>) -> Result<Vec<Claimed>, sqlx::Error> {
    sqlx::query_as!(
        Claimed,
        r#"SELECT id AS "id: _", organization_id AS "organization_id: _", kind, payload, attempts AS attempt, max_attempts,
                  pace_id AS pace, weight, line_id AS line
           FROM jobs WHERE state = 'running' AND locked_until < $1 AND attempts >= max_attempts LIMIT 100"#,
        now,
    )
    .fetch_all(pool)
    .await
}

pub(super) async fn bury(pool: &PgPool, dead: &Claimed, now: DateTime<Utc>) -> Result<u64, sqlx::Error> {
    let changed = sqlx::query!(
        "UPDATE jobs SET state = 'dead', finished_at = $4, locked_until = NULL,
                         last_error = COALESCE(last_error || '; ', '') || 'the last claim ended without a result'
         WHERE organization_id = $1 AND id = $2 AND state = 'running' AND attempts = $3 AND locked_until < $4",
        dead.organization_id.0,
        dead.id.0,
        dead.attempt,
        now,
    )
    .execute(pool)
    .await?;
    Ok(changed.rows_affected())
}

/// Takes up to `limit` jobs of `queue`, in the order in which they fell due, that are due since `due_before`, and that the relay has not pushed since `pushed_before`.
pub(super) async fn take_due(
    pool: &PgPool,
    queue: Queue,
    due_before: DateTime<Utc>,
    pushed_before: DateTime<Utc>,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<JobId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"WITH queued AS (
             SELECT id FROM jobs
             WHERE state = 'queued' AND queue = $1 AND line_id IS NULL AND run_at <= $2 AND (pushed_at IS NULL OR pushed_at < $3)
             ORDER BY run_at LIMIT $5 FOR UPDATE SKIP LOCKED),
           left_behind AS (
             SELECT id FROM jobs
             WHERE state = 'running' AND queue = $1 AND locked_until < $4 AND attempts < max_attempts
               AND (pushed_at IS NULL OR pushed_at < $3)
             ORDER BY locked_until LIMIT $5 FOR UPDATE SKIP LOCKED),
           taken AS (
             UPDATE jobs SET pushed_at = $4
             WHERE id IN (SELECT id FROM queued UNION ALL SELECT id FROM left_behind)
             RETURNING id, run_at)
           SELECT id AS "id: JobId" FROM taken ORDER BY run_at, id"#,
        queue.name(),
        due_before,
        pushed_before,
        now,
        limit,
    )
    .fetch_all(pool)
    .await
}

/// Jobs that one line is offered at a time, while nothing is known of its pace.
pub(super) const BATCH: i64 = 100;
/// What was learned of a line's pace is forgotten so long after it was last used up.
const REMEMBERED: TimeDelta = TimeDelta::seconds(10);

/// Takes up to `limit` jobs that wait in lines of `queue`: one organization after the other, and within one, one line after the other. A
/// line whose pace is used up is passed over. The cost is that of the lines, however long they are.
pub(super) async fn take_in_turn(
    pool: &PgPool,
    queue: Queue,
    pushed_before: DateTime<Utc>,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<JobId>, sqlx::Error> {
    let mut rows = sqlx::query!(
        r#"WITH RECURSIVE lines AS (
             (SELECT organization_id, line_id FROM jobs WHERE state = 'queued' AND queue = $1 AND line_id IS NOT NULL
              ORDER BY organization_id, line_id LIMIT 1)
             UNION ALL
             SELECT next.organization_id, next.line_id FROM lines CROSS JOIN LATERAL (
               SELECT organization_id, line_id FROM jobs
               WHERE state = 'queued' AND queue = $1 AND line_id IS NOT NULL
                 AND (organization_id, line_id) > (lines.organization_id, lines.line_id)
               ORDER BY organization_id, line_id LIMIT 1) next),
           offered AS (
             SELECT due.id, lines.organization_id, lines.line_id, due.place
             FROM lines LEFT JOIN job_lines h ON h.organization_id = lines.organization_id AND h.line_id = lines.line_id
             CROSS JOIN LATERAL (
               SELECT id, row_number() OVER (ORDER BY run_at) AS place FROM (
                 SELECT id, run_at FROM jobs
                 WHERE state = 'queued' AND queue = $1 AND organization_id = lines.organization_id AND line_id = lines.line_id
                   AND run_at <= $2 AND (pushed_at IS NULL OR pushed_at < $3)
                 ORDER BY run_at LIMIT LEAST($4::bigint, CASE WHEN h.open_at > $6 THEN h.batch::bigint ELSE $5::bigint END)) first) due
             WHERE h.open_at IS NULL OR h.open_at <= $2),
           chosen AS (
             SELECT id, row_number() OVER (PARTITION BY organization_id ORDER BY place, line_id) AS turn FROM offered
             ORDER BY turn, organization_id LIMIT $4::bigint),
           locked AS (
             SELECT id FROM jobs WHERE id IN (SELECT id FROM chosen) AND state = 'queued' FOR UPDATE SKIP LOCKED)
           UPDATE jobs SET pushed_at = $2 FROM locked JOIN chosen ON chosen.id = locked.id WHERE jobs.id = locked.id
           RETURNING jobs.id AS "id: JobId", chosen.turn AS "turn!""#,
        queue.name(),
        now,
        pushed_before,
        limit,
        BATCH,
        now - REMEMBERED,
    )
    .fetch_all(pool)
    .await?;
    rows.sort_by_key(|row| row.turn);
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Forgets lines whose pace was last used up before `before`.
pub(super) async fn prune_lines(pool: &PgPool, before: DateTime<Utc>) -> Result<(), sqlx::Error> {
    sqlx::query!("DELETE FROM job_lines WHERE open_at < $1", before).execute(pool).await.map(drop)
}

/// Forgets jobs done before `before`, a bounded number at a time.
pub(super) async fn prune_done(pool: &PgPool, before: DateTime<Utc>) -> Result<u64, sqlx::Error> {
    let gone = sqlx::query!(
        "DELETE FROM jobs WHERE id IN (SELECT id FROM jobs WHERE state = 'done' AND finished_at < $1 LIMIT 5000)",
        before,
    )
    .execute(pool)
    .await?;
    Ok(gone.rows_affected())
}

/// Ids of all jobs that could run now, those in lines last and oldest first: what a test runs by hand.
pub(super) async fn runnable(pool: &PgPool, now: DateTime<Utc>) -> Result<Vec<JobId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT id AS "id: JobId" FROM jobs
           WHERE ((state = 'queued' AND run_at <= $1) OR (state = 'running' AND locked_until < $1))
             AND NOT EXISTS (SELECT FROM job_lines l
                             WHERE l.organization_id = jobs.organization_id AND l.line_id = jobs.line_id AND l.open_at > $1)
           ORDER BY line_id IS NOT NULL, run_at, id LIMIT 1000"#,
        now,
    )
    .fetch_all(pool)
    .await
}

/// The organization's clock went ahead by so many microseconds (back, if negative): what waits for a time waits for that time, by the
/// moved clock. Left alone are calls to other people's systems, and, where the clock went back, what is as good as on its way or waits to
/// be tried again: neither waits for a time of the organization's.
pub(in crate::platform) async fn follow_clock(tx: &mut Tx, by: i64) -> Result<u64, sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.real_clock().now());
    let moved = sqlx::query!(
        "UPDATE jobs SET run_at = run_at - $2::bigint * interval '1 microsecond', pushed_at = NULL
         WHERE organization_id = $1 AND state = 'queued' AND queue <> $4
           AND CASE WHEN $2::bigint > 0 THEN run_at > $3 ELSE run_at > $3 + interval '5 seconds' AND last_error IS NULL END",
        organization.0,
        by,
        now,
        Queue::Webhooks.name(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(moved.rows_affected())
}

/// Jobs in `state`.
pub async fn list(tx: &mut Tx, state: JobState, kind: Option<String>, order: &Order) -> Result<Page<Job>, sqlx::Error> {
    let columns = "id, kind, queue, state, attempts, max_attempts, run_at, last_error, payload, created_at";
    let mut list = List::new(tx, order, "id", columns, "jobs", "organization_id");
    list.filter("state = ", Some(state.as_str()));
    list.filter("kind = ", kind);
    list.page(tx).await
}

/// The orders of the list of jobs.
pub const ORDERS: &[SortKey] = &[
    SortKey { name: "created_at", sql: "id", kind: SortKind::Id, descending: true },
    SortKey { name: "run_at", sql: "run_at", kind: SortKind::Time, descending: false },
];

/// Puts a dead job back to run now, with a fresh set of tries. None when there is no such dead job.
pub async fn retry_dead(tx: &mut Tx, id: JobId) -> Result<Option<Job>, sqlx::Error> {
    let now = tx.real_clock().now();
    let job = sqlx::query_as!(
        Job,
        r#"UPDATE jobs SET state = 'queued', run_at = $3, max_attempts = attempts + 12, pushed_at = NULL, finished_at = NULL
           WHERE organization_id = $1 AND id = $2 AND state = 'dead'
           RETURNING id AS "id: _", kind, queue, state, attempts, max_attempts, run_at, last_error, payload, created_at"#,
        tx.organization_id().0,
        id.0,
        now,
    )
    .fetch_optional(&mut **tx)
    .await?;
    if let Some(queue) = job.as_ref().and_then(|j| Queue::from_name(&j.queue)) {
        tx.push_wake(Wake { queue, id, delay: Duration::ZERO });
    }
    Ok(job)
}

/// Deletes jobs about rows that are gone. One that runs now stays: it finds nothing to do. Returns how many went.
pub async fn forget(tx: &mut Tx, rows: &[uuid::Uuid]) -> Result<u64, sqlx::Error> {
    let organization = tx.organization_id();
    let ids: Vec<String> = rows.iter().map(ToString::to_string).collect();
    let gone = sqlx::query!(
        "DELETE FROM jobs WHERE organization_id = $1 AND id IN (
           SELECT id FROM jobs
           WHERE organization_id = $1 AND state <> 'running'
             AND EXISTS (SELECT FROM jsonb_each_text(payload) AS field WHERE field.value = ANY($2))
           FOR UPDATE SKIP LOCKED)",
        organization.0,
        &ids,
    )
    .execute(&mut **tx)
    .await?;
    Ok(gone.rows_affected())
}

pub async fn counts(tx: &mut Tx) -> Result<JobCounts, sqlx::Error> {
    sqlx::query_as!(
        JobCounts,
        r#"SELECT count(*) FILTER (WHERE state = 'queued') AS "queued!",
                  count(*) FILTER (WHERE state = 'running') AS "running!",
                  count(*) FILTER (WHERE state = 'dead') AS "dead!"
           FROM jobs WHERE organization_id = $1 AND state <> 'done'"#,
        tx.organization_id().0,
    )
    .fetch_one(&mut **tx)
    .await
}
