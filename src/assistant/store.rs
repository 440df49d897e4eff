//! All SQL on turns; that on knowledge, models and their cost, and what staff asks for, is in the files below.

pub(super) mod knowledge;
pub(super) mod models;
pub(super) mod personal;
pub(super) mod team_desk;

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::platform::{
    db::Tx,
    http::{Order, Page, SortKey, SortKind},
    ids::{ConversationId, MessageId, TurnId},
    listing::List,
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
    /// Whose reading was followed: local or model.
    pub source: &'a str,
    pub model: Option<ModelNote<'a>>,
    /// Why a model's answer is missing or was not followed.
    pub model_error: Option<&'a str>,
}

/// What a model had to do with a turn.
pub(super) struct ModelNote<'a> {
    /// provider:model.
    pub model: &'a str,
    pub latency: Duration,
    pub input_tokens: u32,
    pub output_tokens: u32,
    pub cost_micros: i64,
    pub cost_estimated: bool,
}

/// Milliseconds with one decimal.
fn millis(duration: Duration) -> f32 {
    (duration.as_secs_f32() * 10_000.0).round() / 10.0
}

fn tokens(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

pub(super) async fn insert_turn(tx: &mut Tx, t: &NewTurn<'_>) -> Result<(), sqlx::Error> {
    let (organization, id, now) = (tx.organization_id(), TurnId::new(tx.clock()), tx.clock().now());
    let messages: Vec<uuid::Uuid> = t.message_ids.iter().map(|m| m.0).collect();
    sqlx::query!(
        "INSERT INTO turns (organization_id, id, conversation_id, message_ids, reply_id, intent, confidence, agent, state_before,
                            state_after, action, explanation, duration_ms, created_at, source, model, model_ms, input_tokens,
                            output_tokens, cost_micros, cost_estimated, model_error)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)",
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
        millis(t.duration),
        now,
        t.source,
        t.model.as_ref().map(|m| m.model),
        t.model.as_ref().map(|m| millis(m.latency)),
        t.model.as_ref().map(|m| tokens(m.input_tokens)),
        t.model.as_ref().map(|m| tokens(m.output_tokens)),
        t.model.as_ref().map(|m| m.cost_micros),
        t.model.as_ref().is_some_and(|m| m.cost_estimated),
        t.model_error,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Why the assistant answered as it did.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub(super) struct Turn {
    pub id: TurnId,
    /// The texts taken together.
    pub message_ids: Vec<MessageId>,
    pub reply_id: Option<MessageId>,
    pub intent: String,
    /// 0 to 1.
    pub confidence: f32,
    /// handoff, general or scheduling; consent where no agent saw the text.
    pub agent: String,
    /// Whose reading of the text was followed: local or model.
    pub source: String,
    /// provider:model that was asked, also where its answer was not followed.
    pub model: Option<String>,
    /// Milliseconds that the model took, all tries together.
    pub model_ms: Option<f32>,
    pub input_tokens: Option<i32>,
    pub output_tokens: Option<i32>,
    /// US dollars.
    pub cost_usd: Option<f64>,
    /// The provider did not say what it cost.
    pub cost_estimated: bool,
    /// Closed code of why a model's answer is missing or was not followed.
    pub model_error: Option<String>,
    pub state_before: String,
    pub state_after: String,
    pub action: String,
    pub explanation: String,
    /// Milliseconds from the job's start to the written reply.
    pub duration_ms: f32,
    pub created_at: DateTime<Utc>,
}

pub(super) async fn conversation_exists(tx: &mut Tx, id: ConversationId) -> Result<bool, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM conversations WHERE organization_id = $1 AND id = $2) AS "exists!""#,
        organization.0,
        id.0,
    )
    .fetch_one(&mut **tx)
    .await
}

/// The orders of the list of turns.
pub(super) const TURN_ORDERS: &[SortKey] =
    &[SortKey { name: "created_at", sql: "id", kind: SortKind::Id, descending: true }];

/// Turns of a conversation.
pub(super) async fn turns(tx: &mut Tx, conversation: ConversationId, order: &Order) -> Result<Page<Turn>, sqlx::Error> {
    let columns = "id, message_ids, reply_id, intent, confidence, agent, source, model, model_ms, input_tokens, output_tokens, \
        (cost_micros / 1000000.0)::double precision AS cost_usd, cost_estimated, model_error, state_before, state_after, action, \
        explanation, duration_ms, created_at";
    let mut list = List::new(tx, order, "id", columns, "turns", "organization_id");
    list.filter("conversation_id = ", Some(conversation));
    list.page(tx).await
}
