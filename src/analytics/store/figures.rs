//! Reading sums: what was folded and what is not yet, in one statement, so that nothing is missed or counted twice.

use chrono::{DateTime, Utc};

use crate::{
    analytics::span::Span,
    platform::{db::Tx, ids::SenderId},
};

/// A sum of one piece of a series; piece 0 is the whole time before.
pub(in crate::analytics) struct PieceSum {
    pub piece: i32,
    pub measure: String,
    pub status: String,
    /// Only where the measure's figures need it.
    pub detail: String,
    pub n: i64,
    pub amount: i64,
}

pub(in crate::analytics) async fn series(tx: &mut Tx, span: &Span) -> Result<Vec<PieceSum>, sqlx::Error> {
    let organization = tx.organization_id();
    let starts: Vec<DateTime<Utc>> = span.pieces.iter().map(|p| p.starts_at).collect();
    sqlx::query_as!(
        PieceSum,
        r#"SELECT width_bucket(f.at, $6::timestamptz[]) AS "piece!", f.measure AS "measure!", f.status AS "status!",
                  CASE WHEN f.measure IN ('response', 'text_cost') THEN f.detail ELSE '' END AS "detail!",
                  sum(f.n)::bigint AS "n!", sum(f.amount)::bigint AS "amount!"
           FROM (SELECT at, measure, status, detail, n, amount FROM analytics_quarters
                 WHERE organization_id = $1 AND ((at >= $2 AND at < $3) OR (at >= $4 AND at < $5))
                 UNION ALL
                 SELECT at, measure, status, detail, n, amount FROM analytics_notes
                 WHERE organization_id = $1 AND ((at >= $2 AND at < $3) OR (at >= $4 AND at < $5))) f
           GROUP BY 1, 2, 3, 4"#,
        organization.0,
        span.before_starts_at,
        span.before_ends_at,
        span.starts_at,
        span.ends_at,
        &starts,
    )
    .fetch_all(&mut **tx)
    .await
}

/// A sum of the whole time, by what it is of.
pub(in crate::analytics) struct Sum {
    pub measure: String,
    pub sender_id: SenderId,
    pub purpose: String,
    pub status: String,
    pub detail: String,
    pub n: i64,
    pub amount: i64,
}

pub(in crate::analytics) async fn sums(tx: &mut Tx, span: &Span) -> Result<Vec<Sum>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        Sum,
        r#"SELECT f.measure AS "measure!", f.sender_id AS "sender_id!: SenderId", f.purpose AS "purpose!", f.status AS "status!",
                  f.detail AS "detail!", sum(f.n)::bigint AS "n!", sum(f.amount)::bigint AS "amount!"
           FROM (SELECT measure, sender_id, purpose, status, detail, n, amount FROM analytics_quarters
                 WHERE organization_id = $1 AND at >= $2 AND at < $3
                 UNION ALL
                 SELECT measure, sender_id, purpose, status, detail, n, amount FROM analytics_notes
                 WHERE organization_id = $1 AND at >= $2 AND at < $3) f
           GROUP BY 1, 2, 3, 4, 5 HAVING sum(f.n) <> 0 OR sum(f.amount) <> 0"#,
        organization.0,
        span.starts_at,
        span.ends_at,
    )
    .fetch_all(&mut **tx)
    .await
}

/// How senders are called, archived ones included.
pub(in crate::analytics) struct SenderName {
    pub id: SenderId,
    pub channel: String,
    pub address: String,
    pub display_name: String,
}

pub(in crate::analytics) async fn sender_names(tx: &mut Tx) -> Result<Vec<SenderName>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        SenderName,
        r#"SELECT id AS "id: _", channel, address, display_name FROM senders WHERE organization_id = $1 ORDER BY channel, address"#,
        organization.0,
    )
    .fetch_all(&mut **tx)
    .await
}
