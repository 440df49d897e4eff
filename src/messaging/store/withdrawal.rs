//! SQL on texts that wait, or are just leaving, when consent ends.

use chrono::TimeDelta;

use super::super::model::ChannelKind;
use crate::{
    compliance::Purpose,
    platform::{
        db::Tx,
        ids::{ContactId, MessageId, SenderId},
    },
};

/// A text that waits, with what decides on it.
pub(in crate::messaging) struct Waiting {
    pub id: MessageId,
    pub sender_id: SenderId,
    pub channel: ChannelKind,
    pub purpose: Purpose,
    pub phone_number: String,
}

/// Locks texts to the contact that wait to be handed over, in the order of their ids, those after `after`. One that is being decided on at
/// this moment is waited for, and left out if it leaves.
pub(in crate::messaging) async fn lock_waiting(
    tx: &mut Tx,
    contact: ContactId,
    after: Option<MessageId>,
    limit: i64,
) -> Result<Vec<Waiting>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        Waiting,
        r#"SELECT m.id AS "id: _", m.sender_id AS "sender_id: _", m.channel AS "channel: _", m.purpose AS "purpose: _", c.phone_number
           FROM messages m JOIN contacts c ON c.organization_id = m.organization_id AND c.id = m.contact_id
           WHERE m.organization_id = $1 AND m.contact_id = $2 AND m.direction = 'outbound' AND m.status = 'queued'
             AND ($3::uuid IS NULL OR m.id > $3)
           ORDER BY m.id LIMIT $4 FOR NO KEY UPDATE OF m"#,
        organization.0,
        contact.0,
        after.map(|id| id.0),
        limit,
    )
    .fetch_all(&mut **tx)
    .await
}

/// How many texts to the contact are being handed over at this moment. One whose call ended without a result is not any more: it is looked up
/// before anything else. Waits for transactions that are deciding about one: whichever decides
/// after this one began sees what was committed before.
pub(in crate::messaging) async fn leaving(tx: &mut Tx, contact: ContactId) -> Result<i64, sqlx::Error> {
    let organization = tx.organization_id();
    let since = tx.clock().now() - TimeDelta::seconds(30);
    // In the order in which they are locked elsewhere.
    sqlx::query_scalar!(
        r#"SELECT count(*) FILTER (WHERE status = 'sending' AND provider_sid IS NULL AND unknown_since IS NULL AND handed_at > $3) AS "leaving!"
           FROM (SELECT status, provider_sid, unknown_since, handed_at FROM messages
                 WHERE organization_id = $1 AND contact_id = $2 AND direction = 'outbound' AND status IN ('queued', 'sending')
                 ORDER BY id FOR SHARE) AS waiting"#,
        organization.0,
        contact.0,
        since,
    )
    .fetch_one(&mut **tx)
    .await
}
