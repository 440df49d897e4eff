//! All SQL on turns.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::platform::{
    db::Tx,
    ids::{ConversationId, MessageId, TurnId},
};

pub(super) struct NewTurn<'a> {
    pub conversation_id: ConversationId,
    pub message_ids: &'a [MessageId],
    pub reply_id: Option<MessageId>,
    pub intent: &'a str,
    pub confidence: f32,
    pub agent: &'a str,
    pub state_before: &'a str,
    pub state_after: &'a str,
    pub action: &'a str,
    pub explanation: &'a str,
    pub duration: Duration,
}

pub(super) async fn insert_turn(tx: &mut Tx, t: &NewTurn<'_>) -> Result<(), sqlx::Error> {
    let (organization, id, now) = (tx.organization_id(), TurnId::new(tx.clock()), tx.clock().now());
    let messages: Vec<uuid::Uuid> = t.message_ids.iter().map(|m| m.0).collect();
    sqlx::query!(
        "INSERT INTO turns (organization_id, id, conversation_id, message_ids, reply_id, intent, confidence, agent, state_before,
                            state_after, action, explanation, duration_ms, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        organization.0,
        id.0,
        t.conversation_id.0,
        &messages,
        t.reply_id.map(|m| m.0),
        t.intent,
        t.confidence,
        t.agent,
        t.state_before,
        t.state_after,
        t.action,
        t.explanation,
        (t.duration.as_secs_f32() * 10_000.0).round() / 10.0,
        now,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Why the assistant answered as it did.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub(super) struct Turn {
    pub id: TurnId,
    /// The texts taken together.
    pub message_ids: Vec<MessageId>,
    pub reply_id: Option<MessageId>,
    pub intent: String,
    /// 0 to 1.
    pub confidence: f32,
    pub agent: String,
    pub state_before: String,
    pub state_after: String,
    pub action: String,
    pub explanation: String,
    /// Milliseconds from the job's start to the written reply.
    pub duration_ms: f32,
    pub created_at: DateTime<Utc>,
}

/// Turns of a conversation, newest first, after the id `after`.
pub(super) async fn turns(
    tx: &mut Tx,
    conversation: ConversationId,
    after: Option<TurnId>,
    limit: i64,
) -> Result<Vec<Turn>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        Turn,
        r#"SELECT id AS "id: _", message_ids AS "message_ids: _", reply_id AS "reply_id: _", intent, confidence, agent, state_before,
                  state_after, action, explanation, duration_ms, created_at
           FROM turns WHERE organization_id = $1 AND conversation_id = $2 AND ($3::uuid IS NULL OR id < $3)
           ORDER BY id DESC LIMIT $4"#,
        organization.0,
        conversation.0,
        after.map(|t| t.0),
        limit,
    )
    .fetch_all(&mut **tx)
    .await
}
