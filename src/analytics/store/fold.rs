//! Folding what triggers noted into sums, and comparing sums with the rows they count.

use chrono::{DateTime, Utc};

use crate::platform::{
    db::{Db, Tx},
    ids::OrganizationId,
};

/// So many notes at once.
const BATCH: i64 = 20_000;

/// Folds notes of every organization until few are left; returns how many. Two processes share the work: each takes notes that the other has
/// not locked, and both add to sums in the order of their key.
pub async fn fold(db: &Db) -> Result<u64, sqlx::Error> {
    let mut folded = 0;
    loop {
        let mut tx = db.system().await?;
        let gone = sqlx::query_scalar!(
            r#"WITH taken AS (
                 SELECT organization_id, seq FROM analytics_notes ORDER BY organization_id, seq LIMIT $1 FOR UPDATE SKIP LOCKED),
               gone AS (
                 DELETE FROM analytics_notes t USING taken WHERE t.organization_id = taken.organization_id AND t.seq = taken.seq
                 RETURNING t.*),
               added AS (
                 INSERT INTO analytics_quarters AS q (organization_id, at, measure, sender_id, channel, purpose, status, detail, n, amount)
                 SELECT organization_id, at, measure, sender_id, channel, purpose, status, detail, sum(n), sum(amount) FROM gone
                 GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 ORDER BY 1, 2, 3, 4, 5, 6, 7, 8
                 ON CONFLICT (organization_id, at, measure, sender_id, channel, purpose, status, detail)
                   DO UPDATE SET n = q.n + EXCLUDED.n, amount = q.amount + EXCLUDED.amount)
               SELECT count(*) AS "gone!" FROM gone"#,
            BATCH
        )
        .fetch_one(&mut *tx)
        .await?;
        tx.commit().await?;
        folded += gone.unsigned_abs();
        if gone < BATCH {
            return Ok(folded);
        }
    }
}

/// Looks at every row from `since` to `until` and notes what the sums lack, or have too much; returns how many sums were wrong. What is noted
/// meanwhile is not in its way: all of it is one look. Only where nothing was erased or swept: what is gone would not be counted any more.
pub(in crate::analytics) async fn recount(
    tx: &mut Tx,
    organization: OrganizationId,
    since: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<u64, sqlx::Error> {
    let noted = sqlx::query!(
        "INSERT INTO analytics_notes (organization_id, at, measure, sender_id, channel, purpose, status, detail, n, amount)
         SELECT $1, f.at, f.measure, f.sender_id, f.channel, f.purpose, f.status, f.detail, sum(f.n), sum(f.amount)
         FROM (SELECT at, measure, sender_id, channel, purpose, status, detail, n, amount
               FROM analytics_scan($1, quarter_of($2), quarter_of($3))
               UNION ALL
               SELECT at, measure, sender_id, channel, purpose, status, detail, -n, -amount FROM analytics_quarters
               WHERE organization_id = $1 AND at >= quarter_of($2) AND at < quarter_of($3) AND measure NOT LIKE 'ai\\_%'
               UNION ALL
               SELECT at, measure, sender_id, channel, purpose, status, detail, -n, -amount FROM analytics_notes
               WHERE organization_id = $1 AND at >= quarter_of($2) AND at < quarter_of($3) AND measure NOT LIKE 'ai\\_%') f
         GROUP BY 2, 3, 4, 5, 6, 7, 8 HAVING sum(f.n) <> 0 OR sum(f.amount) <> 0",
        organization.0,
        since,
        until,
    )
    .execute(&mut **tx)
    .await?;
    Ok(noted.rows_affected())
}
