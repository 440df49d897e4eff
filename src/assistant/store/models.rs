//! SQL on settings of the assistant, an organization's own chain of models, and what models cost.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use crate::{
    assistant::llm::{Attempt, ProviderKind},
    platform::{
        db::Tx,
        ids::{AiProviderId, OrganizationId},
    },
};

/// What an organization changed of the installation's settings.
pub(in crate::assistant) struct SettingsRow {
    pub ai_enabled: bool,
    pub daily_budget_micros: i64,
    pub history_messages: i32,
}

pub(in crate::assistant) async fn settings(tx: &mut Tx) -> Result<Option<SettingsRow>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        SettingsRow,
        "SELECT ai_enabled, daily_budget_micros, history_messages FROM assistant_settings WHERE organization_id = $1",
        organization.0,
    )
    .fetch_optional(&mut **tx)
    .await
}

pub(in crate::assistant) async fn save_settings(tx: &mut Tx, s: &SettingsRow) -> Result<(), sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.real_clock().now());
    sqlx::query!(
        "INSERT INTO assistant_settings (organization_id, ai_enabled, daily_budget_micros, history_messages, updated_at)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (organization_id)
           DO UPDATE SET ai_enabled = $2, daily_budget_micros = $3, history_messages = $4, updated_at = $5",
        organization.0,
        s.ai_enabled,
        s.daily_budget_micros,
        s.history_messages,
        now,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// One link of an organization's own chain.
#[derive(Clone, Debug)]
pub(in crate::assistant) struct ProviderRow {
    pub id: AiProviderId,
    pub position: i32,
    pub provider: ProviderKind,
    pub model: String,
    pub sealed_key: Option<Vec<u8>>,
    pub key_hint: Option<String>,
    pub input_price_micros: Option<i64>,
    pub output_price_micros: Option<i64>,
    pub created_at: DateTime<Utc>,
}

/// What the key of a provider's row is sealed for, so that rows cannot be swapped.
pub(in crate::assistant) fn seal_context(organization: OrganizationId, id: AiProviderId) -> Vec<u8> {
    [organization.0.as_bytes().as_slice(), id.0.as_bytes().as_slice()].concat()
}

/// The organization's chain, in the order in which it is tried.
pub(in crate::assistant) async fn providers(tx: &mut Tx) -> Result<Vec<ProviderRow>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        ProviderRow,
        r#"SELECT id AS "id: _", position, provider AS "provider: _", model, sealed_key, key_hint, input_price_micros, output_price_micros,
                  created_at
           FROM ai_providers WHERE organization_id = $1 ORDER BY position, id LIMIT 20"#,
        organization.0,
    )
    .fetch_all(&mut **tx)
    .await
}

pub(in crate::assistant) struct NewProvider<'a> {
    pub id: AiProviderId,
    pub provider: ProviderKind,
    pub model: &'a str,
    pub sealed_key: Option<Vec<u8>>,
    pub key_hint: Option<&'a str>,
    pub input_price_micros: Option<i64>,
    pub output_price_micros: Option<i64>,
}

/// Adds a link at the end of the chain.
pub(in crate::assistant) async fn insert_provider(
    tx: &mut Tx,
    p: &NewProvider<'_>,
) -> Result<ProviderRow, sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.real_clock().now());
    sqlx::query_as!(
        ProviderRow,
        r#"INSERT INTO ai_providers (organization_id, id, position, provider, model, sealed_key, key_hint, input_price_micros,
                                     output_price_micros, created_at)
           VALUES ($1, $2, (SELECT COALESCE(max(position), 0) + 1 FROM ai_providers WHERE organization_id = $1), $3, $4, $5, $6, $7, $8, $9)
           RETURNING id AS "id: _", position, provider AS "provider: _", model, sealed_key, key_hint, input_price_micros,
                     output_price_micros, created_at"#,
        organization.0,
        p.id.0,
        p.provider.as_str(),
        p.model,
        p.sealed_key,
        p.key_hint,
        p.input_price_micros,
        p.output_price_micros,
        now,
    )
    .fetch_one(&mut **tx)
    .await
}

/// False: there is no such link.
pub(in crate::assistant) async fn delete_provider(tx: &mut Tx, id: AiProviderId) -> Result<bool, sqlx::Error> {
    let organization = tx.organization_id();
    let gone = sqlx::query!("DELETE FROM ai_providers WHERE organization_id = $1 AND id = $2", organization.0, id.0)
        .execute(&mut **tx)
        .await?;
    Ok(gone.rows_affected() == 1)
}

/// Puts the chain in the order of `ids`.
pub(in crate::assistant) async fn order_providers(tx: &mut Tx, ids: &[AiProviderId]) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    let ids: Vec<uuid::Uuid> = ids.iter().map(|id| id.0).collect();
    sqlx::query!(
        "UPDATE ai_providers p SET position = o.position
         FROM unnest($2::uuid[]) WITH ORDINALITY AS o (id, position) WHERE p.organization_id = $1 AND p.id = o.id",
        organization.0,
        &ids,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Notes what a try cost, failed ones included, on the UTC day of the transaction: the machine's, because the money is real.
pub(in crate::assistant) async fn add_usage(tx: &mut Tx, attempt: &Attempt) -> Result<(), sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.real_clock().now());
    sqlx::query!(
        "INSERT INTO ai_usage (organization_id, day, provider, model, calls, failures, input_tokens, output_tokens, cost_micros, last_at)
         VALUES ($1, $2, $3, $4, 1, $5, $6, $7, $8, $9)
         ON CONFLICT (organization_id, day, provider, model)
           DO UPDATE SET calls = ai_usage.calls + 1, failures = ai_usage.failures + $5, input_tokens = ai_usage.input_tokens + $6,
                         output_tokens = ai_usage.output_tokens + $7, cost_micros = ai_usage.cost_micros + $8, last_at = $9",
        organization.0,
        now.date_naive(),
        attempt.provider.as_str(),
        attempt.model,
        i32::from(attempt.outcome.is_err()),
        i64::from(attempt.usage.input_tokens),
        i64::from(attempt.usage.output_tokens),
        attempt.usage.cost_micros,
        now,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Millionths of a US dollar spent on the UTC day of the transaction.
pub(in crate::assistant) async fn spent_today(tx: &mut Tx) -> Result<i64, sqlx::Error> {
    let (organization, today) = (tx.organization_id(), tx.real_clock().now().date_naive());
    sqlx::query_scalar!(
        r#"SELECT COALESCE(sum(cost_micros), 0)::bigint AS "spent!" FROM ai_usage WHERE organization_id = $1 AND day = $2"#,
        organization.0,
        today,
    )
    .fetch_one(&mut **tx)
    .await
}

/// What one model did on one UTC day.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub(in crate::assistant) struct UsageDay {
    pub day: NaiveDate,
    pub provider: ProviderKind,
    pub model: String,
    pub calls: i32,
    pub failures: i32,
    pub input_tokens: i64,
    pub output_tokens: i64,
    pub cost_usd: f64,
}

/// Use since `from`, newest day first.
pub(in crate::assistant) async fn usage(tx: &mut Tx, from: NaiveDate) -> Result<Vec<UsageDay>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        UsageDay,
        r#"SELECT day, provider AS "provider: _", model, calls, failures, input_tokens, output_tokens,
                  (cost_micros / 1000000.0)::double precision AS "cost_usd!"
           FROM ai_usage WHERE organization_id = $1 AND day >= $2 ORDER BY day DESC, provider, model LIMIT 1000"#,
        organization.0,
        from,
    )
    .fetch_all(&mut **tx)
    .await
}
