//! The SQL behind lists of messages and conversations.

use chrono::{DateTime, Utc};

use super::super::{
    model::{
        Assignee, Author, ChannelKind, ContactStatus, Conversation, Direction, LastMessage, Message, MessageStatus,
        Mode, WaitingReason,
    },
    rules::effective_mode,
};
use crate::{
    contacts::ContactName,
    platform::{
        db::Tx,
        ids::{ContactId, ConversationId, MessageId, UserId},
    },
};

/// What a list of messages is narrowed to.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::messaging) struct MessageFilter {
    pub id: Option<MessageId>,
    pub contact: Option<ContactId>,
    pub conversation: Option<ConversationId>,
}

/// Messages, newest first, after the id `after`.
pub(in crate::messaging) async fn messages(
    tx: &mut Tx,
    filter: MessageFilter,
    after: Option<MessageId>,
    limit: i64,
) -> Result<Vec<Message>, sqlx::Error> {
    let organization = tx.organization_id();
    let rows = sqlx::query!(
        r#"SELECT m.id AS "id: MessageId", m.contact_id AS "contact_id: ContactId", m.conversation_id AS "conversation_id: ConversationId",
                  m.direction AS "direction: Direction", m.by_staff, u.display_name AS "author_name?", m.channel AS "channel: ChannelKind",
                  m.body, m.status AS "status: MessageStatus", m.provider_sid, m.error_code, m.error_message, m.segments, m.created_at,
                  m.sent_at, m.delivered_at
           FROM messages m LEFT JOIN users u ON u.id = m.user_id
           WHERE m.organization_id = $1 AND ($2::uuid IS NULL OR m.contact_id = $2) AND ($3::uuid IS NULL OR m.conversation_id = $3)
             AND ($4::uuid IS NULL OR m.id = $4) AND ($5::uuid IS NULL OR m.id < $5)
           ORDER BY m.id DESC LIMIT $6"#,
        organization.0,
        filter.contact.map(|c| c.0),
        filter.conversation.map(|c| c.0),
        filter.id.map(|m| m.0),
        after.map(|m| m.0),
        limit,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| Message {
            id: r.id,
            contact_id: r.contact_id,
            conversation_id: r.conversation_id,
            direction: r.direction,
            author: author(r.direction, r.by_staff),
            author_name: r.author_name,
            channel: r.channel,
            body: r.body,
            status: r.status,
            provider_sid: r.provider_sid,
            error_code: r.error_code,
            error_message: r.error_message,
            segments: r.segments,
            created_at: r.created_at,
            sent_at: r.sent_at,
            delivered_at: r.delivered_at,
        })
        .collect())
}

pub(in crate::messaging) async fn message(tx: &mut Tx, id: MessageId) -> Result<Option<Message>, sqlx::Error> {
    Ok(messages(tx, MessageFilter { id: Some(id), ..Default::default() }, None, 1).await?.pop())
}

/// What a list of conversations is narrowed to.
#[derive(Default)]
pub(in crate::messaging) struct ConversationFilter {
    pub id: Option<ConversationId>,
    pub contact: Option<ContactId>,
    pub mode: Option<Mode>,
    /// Only those whose contact waits for staff.
    pub waiting: bool,
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
                  v.human_until, v.waiting_since, v.waiting_reason AS "waiting_reason: WaitingReason", v.assignee_id AS "assignee_id: UserId",
                  u.display_name AS "assignee_name?", b.reasons AS "blocked?", v.state_expires_at, v.updated_at, v.created_at,
                  m.body AS "last_body?", m.direction AS "last_direction?: Direction", m.by_staff AS "last_by_staff?", m.created_at AS "last_at?"
           FROM conversations v
           JOIN contacts c ON c.organization_id = v.organization_id AND c.id = v.contact_id
           JOIN senders s ON s.organization_id = v.organization_id AND s.id = v.sender_id
           LEFT JOIN users u ON u.id = v.assignee_id
           LEFT JOIN LATERAL (SELECT array_agg(reason) AS reasons FROM suppressions
                              WHERE organization_id = v.organization_id AND phone_number = c.phone_number AND lifted_at IS NULL
                                AND (sender_id IS NULL OR sender_id = v.sender_id)) b ON true
           LEFT JOIN LATERAL (SELECT body, direction, by_staff, created_at FROM messages
                              WHERE organization_id = v.organization_id AND conversation_id = v.id ORDER BY id DESC LIMIT 1) m ON true
           WHERE v.organization_id = $1 AND ($2::uuid IS NULL OR v.id = $2) AND ($3::uuid IS NULL OR v.contact_id = $3)
             AND ($4::timestamptz IS NULL OR (v.updated_at, v.id) < ($4, $5))
             AND ($7::text IS NULL OR ($7 = 'human') = (v.mode = 'human' AND v.human_until > $8))
             AND (NOT $9 OR v.waiting_since IS NOT NULL)
           ORDER BY v.updated_at DESC, v.id DESC LIMIT $6"#,
        organization.0,
        filter.id.map(|c| c.0),
        filter.contact.map(|c| c.0),
        after.map(|(at, _)| at),
        after.map(|(_, id)| id.0),
        limit,
        filter.mode.map(Mode::as_str),
        now,
        filter.waiting,
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
                (Some(body), Some(direction), Some(created_at)) => {
                    let author = author(direction, r.last_by_staff.unwrap_or_default());
                    Some(LastMessage { body, direction, author, created_at })
                }
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
                mode: effective_mode(r.mode, r.human_until, now),
                human_until: r.human_until.filter(|until| *until > now),
                waiting_since: r.waiting_since,
                waiting_reason: r.waiting_reason,
                assignee: match (r.assignee_id, r.assignee_name) {
                    (Some(id), Some(display_name)) => Some(Assignee { id, display_name }),
                    _ => None,
                },
                contact_status: contact_status(r.blocked.as_deref().unwrap_or_default()),
                last_message,
                state_expires_at: r.state_expires_at.filter(|_| !expired),
                updated_at: r.updated_at,
                created_at: r.created_at,
            }
        })
        .collect())
}

const fn author(direction: Direction, by_staff: bool) -> Author {
    match (direction, by_staff) {
        (Direction::Inbound, _) => Author::Contact,
        (Direction::Outbound, true) => Author::Staff,
        (Direction::Outbound, false) => Author::Assistant,
    }
}

fn contact_status(blocks: &[String]) -> ContactStatus {
    match blocks {
        [] => ContactStatus::Ok,
        only if only.iter().all(|reason| reason == "under_review") => ContactStatus::UnderReview,
        _ => ContactStatus::OptedOut,
    }
}
