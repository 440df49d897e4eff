//! SQL on doubtful opt-outs.

use chrono::{DateTime, Utc};

use super::super::model::{OptOutReview, ReviewStatus};
use crate::platform::{
    db::Tx,
    http::{Order, Page, SortKey, SortKind},
    ids::{ContactId, ConversationId, MessageId, OptOutReviewId, UserId},
    listing::List,
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

const COLUMNS: &str = "r.id, r.contact_id, c.phone_number, c.first_name, c.last_name, r.conversation_id, r.message_id, r.words, r.evidence, \
    r.status, r.opened_at, r.due_at, r.decided_at, u.display_name AS decided_by, r.note";
const FROM: &str = "opt_out_reviews r JOIN contacts c ON c.organization_id = r.organization_id AND c.id = r.contact_id \
    LEFT JOIN users u ON u.id = r.decided_by";

const DUE_AT: SortKey = SortKey { name: "due_at", sql: "r.due_at", kind: SortKind::Time, descending: false };
const OPENED_AT: SortKey = SortKey { name: "opened_at", sql: "r.opened_at", kind: SortKind::Time, descending: true };
/// What waits is shown soonest due first, what is over newest first.
pub(in crate::compliance) const ORDERS_OPEN: &[SortKey] = &[DUE_AT, OPENED_AT];
pub(in crate::compliance) const ORDERS_DECIDED: &[SortKey] = &[OPENED_AT, DUE_AT];

pub(in crate::compliance) async fn list(
    tx: &mut Tx,
    open: bool,
    order: &Order,
) -> Result<Page<OptOutReview>, sqlx::Error> {
    let mut list = List::new(tx, order, "r.id", COLUMNS, FROM, "r.organization_id");
    list.condition(open, "r.status = 'open'");
    list.condition(!open, "r.status <> 'open'");
    list.page(tx).await
}

pub(in crate::compliance) async fn get(tx: &mut Tx, id: OptOutReviewId) -> Result<Option<OptOutReview>, sqlx::Error> {
    let one = Order::first(ORDERS_OPEN);
    let mut list = List::new(tx, &one, "r.id", COLUMNS, FROM, "r.organization_id");
    list.filter("r.id = ", Some(id));
    Ok(list.page(tx).await?.items.pop())
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
