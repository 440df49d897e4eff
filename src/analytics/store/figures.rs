//! Reading sums: what was folded and what is not yet, in one statement, so that nothing is missed or counted twice.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::{
    analytics::span::Span,
    platform::{
        db::Tx,
        ids::{CampaignId, SenderId},
    },
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

/// What a campaign brought in the period, by when it happened. What somebody does within seven days of a text counts for the campaign that
/// texted them last.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(in crate::analytics) struct CampaignFigures {
    pub id: CampaignId,
    pub name: String,
    /// Recipients whose latest text was handed over then.
    pub texted: i64,
    pub replied: i64,
    pub clicked: i64,
    /// Recipients who made an appointment.
    pub booked: i64,
    pub opted_out: i64,
}

/// At most 50.
pub(in crate::analytics) async fn campaigns(tx: &mut Tx, span: &Span) -> Result<Vec<CampaignFigures>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        CampaignFigures,
        r#"SELECT c.id AS "id: _", c.name, q.texted AS "texted!", q.replied AS "replied!", q.clicked AS "clicked!",
                  q.booked AS "booked!", q.opted_out AS "opted_out!"
           FROM (SELECT campaign_id, sum(texted)::bigint AS texted, sum(replied)::bigint AS replied, sum(clicked)::bigint AS clicked,
                        sum(booked)::bigint AS booked, sum(opted_out)::bigint AS opted_out
                 FROM campaign_quarters WHERE organization_id = $1 AND quarter >= $2 AND quarter < $3 GROUP BY campaign_id) q
           JOIN campaigns c ON c.organization_id = $1 AND c.id = q.campaign_id
           ORDER BY q.booked DESC, q.texted DESC, c.id DESC LIMIT 50"#,
        organization.0,
        span.starts_at,
        span.ends_at,
    )
    .fetch_all(&mut **tx)
    .await
}
