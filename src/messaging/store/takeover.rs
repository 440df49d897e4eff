//! SQL on who answers in a conversation: the assistant or a person.

use chrono::{DateTime, Utc};

use super::super::model::{ChannelKind, Mode};
use crate::platform::{
    db::Tx,
    ids::{ContactId, ConversationId, SenderId, UserId},
};

/// What a text by staff needs to know of its conversation.
pub(in crate::messaging) struct Recipient {
    pub contact_id: ContactId,
    pub sender_id: SenderId,
    pub channel: ChannelKind,
    pub phone_number: String,
}

pub(in crate::messaging) async fn recipient(tx: &mut Tx, id: ConversationId) -> Result<Option<Recipient>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        Recipient,
        r#"SELECT v.contact_id AS "contact_id: _", v.sender_id AS "sender_id: _", s.channel AS "channel: _", c.phone_number
           FROM conversations v
           JOIN contacts c ON c.organization_id = v.organization_id AND c.id = v.contact_id
           JOIN senders s ON s.organization_id = v.organization_id AND s.id = v.sender_id
           WHERE v.organization_id = $1 AND v.id = $2"#,
        organization.0,
        id.0,
    )
    .fetch_optional(&mut **tx)
    .await
}

/// Gives the conversation to a person until `human_until`. What the assistant had asked is off the table, and nobody waits any more.
pub(in crate::messaging) async fn take_over(
    tx: &mut Tx,
    id: ConversationId,
    user: Option<UserId>,
    human_until: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    let changed = sqlx::query!(
        r#"UPDATE conversations SET mode = 'human', human_until = $3, assignee_id = COALESCE($4, assignee_id), waiting_since = NULL,
                  waiting_reason = NULL, dialogue = '{"state":"idle"}', state_expires_at = NULL, misses = 0, version = version + 1,
                  updated_at = $5
           WHERE organization_id = $1 AND id = $2"#,
        organization.0,
        id.0,
        human_until,
        user.map(|u| u.0),
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(changed.rows_affected() == 1)
}

/// Gives the conversation back to the assistant.
pub(in crate::messaging) async fn release(tx: &mut Tx, id: ConversationId) -> Result<bool, sqlx::Error> {
    let organization = tx.organization_id();
    let changed = sqlx::query!(
        "UPDATE conversations SET mode = 'bot', human_until = NULL, assignee_id = NULL, waiting_since = NULL, waiting_reason = NULL,
                misses = 0, version = version + 1
         WHERE organization_id = $1 AND id = $2",
        organization.0,
        id.0,
    )
    .execute(&mut **tx)
    .await?;
    Ok(changed.rows_affected() == 1)
}

/// Staff has seen to the contact without writing.
pub(in crate::messaging) async fn attend(tx: &mut Tx, id: ConversationId) -> Result<bool, sqlx::Error> {
    let organization = tx.organization_id();
    let changed = sqlx::query!(
        "UPDATE conversations SET waiting_since = NULL, waiting_reason = NULL WHERE organization_id = $1 AND id = $2",
        organization.0,
        id.0,
    )
    .execute(&mut **tx)
    .await?;
    Ok(changed.rows_affected() == 1)
}

/// Conversations whose contact waits for staff, and those that a person answers in now.
pub(in crate::messaging) async fn counts(tx: &mut Tx) -> Result<(i64, i64), sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    let row = sqlx::query!(
        r#"SELECT (SELECT count(*) FROM conversations WHERE organization_id = $1 AND waiting_since IS NOT NULL) AS "waiting!",
                  (SELECT count(*) FROM conversations WHERE organization_id = $1 AND mode = $2 AND human_until > $3) AS "human!""#,
        organization.0,
        Mode::Human.as_str(),
        now,
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok((row.waiting, row.human))
}
