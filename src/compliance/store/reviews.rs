//! SQL on doubtful opt-outs.

use chrono::{DateTime, Utc};

use super::super::model::{OptOutReview, ReviewStatus};
use crate::{
    contacts::ContactName,
    platform::{
        db::Tx,
        ids::{ContactId, ConversationId, MessageId, OptOutReviewId, UserId},
    },
};

pub(in crate::compliance) struct NewReview<'a> {
    pub contact_id: ContactId,
    pub conversation_id: ConversationId,
    pub message_id: MessageId,
    pub channel: &'a str,
    pub words: &'a str,
    pub evidence: &'a str,
    pub due_at: DateTime<Utc>,
}

/// Opens a review. None: one is open for the contact already.
pub(in crate::compliance) async fn open(tx: &mut Tx, r: &NewReview<'_>) -> Result<Option<OptOutReviewId>, sqlx::Error> {
    let (organization, id, now) = (tx.organization_id(), OptOutReviewId::new(tx.clock()), tx.clock().now());
    sqlx::query_scalar!(
        r#"INSERT INTO opt_out_reviews (organization_id, id, contact_id, conversation_id, message_id, channel, words, evidence, opened_at,
                                        due_at)
           VALUES ($1, $2, $3, $4, $5, $6, left($7, 1600), left($8, 500), $9, $10)
           ON CONFLICT (organization_id, contact_id) WHERE status = 'open' DO NOTHING
           RETURNING id AS "id: OptOutReviewId""#,
        organization.0,
        id.0,
        r.contact_id.0,
        r.conversation_id.0,
        r.message_id.0,
        r.channel,
        r.words,
        r.evidence,
        now,
        r.due_at,
    )
    .fetch_optional(&mut **tx)
    .await
}

/// Closes the review if it is open, and says on which channel its text came.
pub(in crate::compliance) async fn close(
    tx: &mut Tx,
    id: OptOutReviewId,
    status: ReviewStatus,
    user: Option<UserId>,
    note: Option<&str>,
) -> Result<Option<String>, sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query_scalar!(
        "UPDATE opt_out_reviews SET status = $3, decided_at = $4, decided_by = $5, note = left($6, 500)
         WHERE organization_id = $1 AND id = $2 AND status = 'open' RETURNING channel",
        organization.0,
        id.0,
        status.as_str(),
        now,
        user.map(|u| u.0),
        note,
    )
    .fetch_optional(&mut **tx)
    .await
}

/// Closes whatever is open for the contact, who has spoken clearly meanwhile.
pub(in crate::compliance) async fn close_for_contact(
    tx: &mut Tx,
    contact: ContactId,
    status: ReviewStatus,
) -> Result<(), sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query!(
        "UPDATE opt_out_reviews SET status = $3, decided_at = $4, note = 'The contact made it clear.'
         WHERE organization_id = $1 AND contact_id = $2 AND status = 'open'",
        organization.0,
        contact.0,
        status.as_str(),
        now,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Which reviews a list shows, and in which order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::compliance) enum Listed {
    One(OptOutReviewId),
    /// Soonest due first.
    Open {
        after: Option<(DateTime<Utc>, OptOutReviewId)>,
    },
    /// Newest first.
    Decided {
        after: Option<(DateTime<Utc>, OptOutReviewId)>,
    },
}

pub(in crate::compliance) async fn list(
    tx: &mut Tx,
    listed: Listed,
    limit: i64,
) -> Result<Vec<OptOutReview>, sqlx::Error> {
    let organization = tx.organization_id();
    let (id, open, after) = match listed {
        Listed::One(id) => (Some(id.0), None, None),
        Listed::Open { after } => (None, Some(true), after),
        Listed::Decided { after } => (None, Some(false), after),
    };
    let (after_at, after_id) = (after.map(|a| a.0), after.map(|a| a.1.0));
    let rows = sqlx::query!(
        r#"SELECT r.id AS "id: OptOutReviewId", r.contact_id AS "contact_id: ContactId", c.phone_number, c.first_name, c.last_name,
                  r.conversation_id AS "conversation_id: ConversationId", r.message_id AS "message_id: MessageId", r.words, r.evidence,
                  r.status AS "status: ReviewStatus", r.opened_at, r.due_at, r.decided_at, u.display_name AS "decided_by?", r.note
           FROM opt_out_reviews r
           JOIN contacts c ON c.organization_id = r.organization_id AND c.id = r.contact_id
           LEFT JOIN users u ON u.id = r.decided_by
           WHERE r.organization_id = $1 AND ($2::uuid IS NULL OR r.id = $2)
             AND ($3::boolean IS NULL OR (r.status = 'open') = $3)
             AND ($4::timestamptz IS NULL
                  OR ($3 AND (r.due_at, r.id) > ($4, $5))
                  OR (NOT $3 AND (r.opened_at, r.id) < ($4, $5)))
           ORDER BY CASE WHEN $3 THEN r.due_at END, CASE WHEN $3 THEN r.id END, r.opened_at DESC, r.id DESC LIMIT $6"#,
        organization.0,
        id,
        open,
        after_at,
        after_id,
        limit,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| OptOutReview {
            id: r.id,
            contact_id: r.contact_id,
            contact: ContactName { phone_number: r.phone_number, first_name: r.first_name, last_name: r.last_name },
            conversation_id: r.conversation_id,
            message_id: r.message_id,
            words: r.words,
            evidence: r.evidence,
            status: r.status,
            opened_at: r.opened_at,
            due_at: r.due_at,
            decided_at: r.decided_at,
            decided_by: r.decided_by,
            note: r.note,
        })
        .collect())
}

/// How many are open, and when the first of them is due.
pub(in crate::compliance) async fn open_count(tx: &mut Tx) -> Result<(i64, Option<DateTime<Utc>>), sqlx::Error> {
    let organization = tx.organization_id();
    let row = sqlx::query!(
        r#"SELECT count(*) AS "count!", min(due_at) AS due FROM opt_out_reviews WHERE organization_id = $1 AND status = 'open'"#,
        organization.0,
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok((row.count, row.due))
}
