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
}

pub(in crate::messaging) async fn recipient(tx: &mut Tx, id: ConversationId) -> Result<Option<Recipient>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        Recipient,
        r#"SELECT v.contact_id AS "contact_id: _", v.sender_id AS "sender_id: _", s.channel AS "channel: _"
           FROM conversations v
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
                  assigned = assigned AND ($4 IS NULL OR assignee_id = $4), waiting_reason = NULL, archived_at = NULL, dialogue = '{"state":"idle"}', state_expires_at = NULL, misses = 0, version = version + 1,
                  edit_version = edit_version + 1, updated_at = $5
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
        "UPDATE conversations SET mode = 'bot', human_until = NULL, assignee_id = CASE WHEN assigned THEN assignee_id END,
                waiting_since = NULL, waiting_reason = NULL, misses = 0, version = version + 1, edit_version = edit_version + 1
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

/// What staff changes of a conversation besides who answers in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub(in crate::messaging) struct Handling {
    pub assignee_id: Option<UserId>,
    pub archived: bool,
    pub version: i64,
}

pub(in crate::messaging) async fn lock_handling(
    tx: &mut Tx,
    id: ConversationId,
) -> Result<Option<Handling>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        Handling,
        r#"SELECT assignee_id AS "assignee_id: _", (archived_at IS NOT NULL) AS "archived!", edit_version AS version
           FROM conversations WHERE organization_id = $1 AND id = $2 FOR NO KEY UPDATE"#,
        organization.0,
        id.0,
    )
    .fetch_optional(&mut **tx)
    .await
}

/// Writes it; `assigned` where the assignee was set or taken away by hand just now. Nobody waits in what is put away.
pub(in crate::messaging) async fn set_handling(
    tx: &mut Tx,
    id: ConversationId,
    assignee: Option<UserId>,
    assigned: Option<bool>,
    archived: bool,
) -> Result<(), sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query!(
        "UPDATE conversations SET assignee_id = $3, assigned = COALESCE($6, assigned),
                archived_at = CASE WHEN $4 THEN COALESCE(archived_at, $5) END, waiting_since = CASE WHEN $4 THEN NULL ELSE waiting_since END,
                waiting_reason = CASE WHEN $4 THEN NULL ELSE waiting_reason END, edit_version = edit_version + 1
         WHERE organization_id = $1 AND id = $2",
        organization.0,
        id.0,
        assignee.map(|u| u.0),
        archived,
        now,
        assigned,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Conversations whose contact waits for staff, those that a person answers in now, and senders that are paused.
pub(in crate::messaging) async fn counts(tx: &mut Tx) -> Result<(i64, i64, i64), sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    let row = sqlx::query!(
        r#"SELECT (SELECT count(*) FROM conversations WHERE organization_id = $1 AND waiting_since IS NOT NULL) AS "waiting!",
                  (SELECT count(*) FROM conversations WHERE organization_id = $1 AND mode = $2 AND human_until > $3) AS "human!",
                  (SELECT count(*) FROM senders WHERE organization_id = $1 AND paused_at IS NOT NULL AND archived_at IS NULL) AS "paused!""#,
        organization.0,
        Mode::Human.as_str(),
        now,
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok((row.waiting, row.human, row.paused))
}
