//! The SQL behind lists of messages and conversations.

use chrono::{DateTime, Utc};

use super::super::model::{ChannelKind, Conversation, Direction, LastMessage, Message, Mode};
use crate::{
    contacts::ContactName,
    platform::{
        db::Tx,
        ids::{ContactId, ConversationId, MessageId},
    },
};

/// Messages, newest first, after the id `after`.
pub(in crate::messaging) async fn messages(
    tx: &mut Tx,
    contact: Option<ContactId>,
    conversation: Option<ConversationId>,
    after: Option<MessageId>,
    limit: i64,
) -> Result<Vec<Message>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        Message,
        r#"SELECT id AS "id: _", contact_id AS "contact_id: _", conversation_id AS "conversation_id: _", direction AS "direction: _",
                  channel AS "channel: _", body, status AS "status: _", provider_sid, error_code, error_message, segments, created_at,
                  sent_at, delivered_at
           FROM messages
           WHERE organization_id = $1 AND ($2::uuid IS NULL OR contact_id = $2) AND ($3::uuid IS NULL OR conversation_id = $3)
             AND ($4::uuid IS NULL OR id < $4)
           ORDER BY id DESC LIMIT $5"#,
        organization.0,
        contact.map(|c| c.0),
        conversation.map(|c| c.0),
        after.map(|m| m.0),
        limit,
    )
    .fetch_all(&mut **tx)
    .await
}

/// What a list of conversations is narrowed to.
#[derive(Default)]
pub(in crate::messaging) struct ConversationFilter {
    pub id: Option<ConversationId>,
    pub contact: Option<ContactId>,
}

/// Conversations by latest activity, after the key of the page before.
pub(in crate::messaging) async fn conversations(
    tx: &mut Tx,
    filter: &ConversationFilter,
    after: Option<(DateTime<Utc>, ConversationId)>,
    limit: i64,
) -> Result<Vec<Conversation>, sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    let rows = sqlx::query!(
        r#"SELECT v.id AS "id: ConversationId", v.contact_id AS "contact_id: ContactId", c.phone_number, c.first_name, c.last_name,
                  s.channel AS "channel: ChannelKind", s.address AS sender_address, v.dialogue, v.mode AS "mode: Mode",
                  v.state_expires_at, v.updated_at, v.created_at,
                  m.body AS "last_body?", m.direction AS "last_direction?: Direction", m.created_at AS "last_at?"
           FROM conversations v
           JOIN contacts c ON c.organization_id = v.organization_id AND c.id = v.contact_id
           JOIN senders s ON s.organization_id = v.organization_id AND s.id = v.sender_id
           LEFT JOIN LATERAL (SELECT body, direction, created_at FROM messages
                              WHERE organization_id = v.organization_id AND conversation_id = v.id ORDER BY id DESC LIMIT 1) m ON true
           WHERE v.organization_id = $1 AND ($2::uuid IS NULL OR v.id = $2) AND ($3::uuid IS NULL OR v.contact_id = $3)
             AND ($4::timestamptz IS NULL OR (v.updated_at, v.id) < ($4, $5))
           ORDER BY v.updated_at DESC, v.id DESC LIMIT $6"#,
        organization.0,
        filter.id.map(|c| c.0),
        filter.contact.map(|c| c.0),
        after.map(|(at, _)| at),
        after.map(|(_, id)| id.0),
        limit,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| {
            // A state that silence has ended is shown as what the next text will meet.
            let expired = r.state_expires_at.is_some_and(|at| at <= now);
            let dialogue = if expired { serde_json::json!({ "state": "idle" }) } else { r.dialogue };
            let last_message = match (r.last_body, r.last_direction, r.last_at) {
                (Some(body), Some(direction), Some(created_at)) => Some(LastMessage { body, direction, created_at }),
                _ => None,
            };
            Conversation {
                id: r.id,
                contact_id: r.contact_id,
                contact: ContactName { phone_number: r.phone_number, first_name: r.first_name, last_name: r.last_name },
                channel: r.channel,
                sender_address: r.sender_address,
                state: dialogue.get("state").and_then(|s| s.as_str()).unwrap_or("idle").to_owned(),
                dialogue,
                mode: r.mode,
                last_message,
                state_expires_at: r.state_expires_at.filter(|_| !expired),
                updated_at: r.updated_at,
                created_at: r.created_at,
            }
        })
        .collect())
}
