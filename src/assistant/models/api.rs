//! Settings of the assistant: whether and which language models are asked, with which keys, for how much a day.

use axum::{Extension, extract::State};
use chrono::{DateTime, Days, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Models, account, allowance};
use crate::{
    accounts::{self, Change, Staff},
    assistant::{
        llm::{EndpointProblem, Prices, ProviderKind, Request},
        store::models::{self as store, NewProvider, ProviderRow, SettingsRow, UsageDay},
    },
    platform::{
        db::Tx,
        http::{Core, Json, Page, Path, Query},
        ids::AiProviderId,
        problem::{Code, Problem, ProblemDocument, StatusCode},
    },
};

/// Links in an organization's chain.
const MOST_PROVIDERS: usize = 5;

pub fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new()
        .routes(routes!(get_assistant_settings, put_assistant_settings))
        .routes(routes!(list_ai_providers, add_ai_provider))
        .routes(routes!(order_ai_providers))
        .routes(routes!(delete_ai_provider))
        .routes(routes!(test_ai_provider))
        .routes(routes!(get_ai_usage))
}

fn dollars(micros: i64) -> f64 {
    micros as f64 / 1e6
}

#[expect(clippy::cast_possible_truncation, reason = "the callers check the range")]
fn micros(dollars: f64) -> i64 {
    (dollars * 1e6).round() as i64
}

/// Whose models are asked.
#[derive(Clone, Copy, Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum ChainOwner {
    Own,
    Installation,
    None,
}

#[derive(Serialize, utoipa::ToSchema)]
struct InstallationModel {
    provider: ProviderKind,
    model: String,
}

#[derive(Serialize, utoipa::ToSchema)]
struct AssistantSettings {
    ai_enabled: bool,
    /// US dollars per UTC day.
    daily_budget_usd: f64,
    /// Most messages of a conversation that a model is shown.
    history_messages: usize,
    /// Silence of staff after which the assistant answers in a conversation again.
    human_quiet_minutes: i32,
    /// Whether this installation has an ENCRYPTION_KEY.
    keys_can_be_stored: bool,
    /// Whose models are asked.
    chain: ChainOwner,
    /// The models that come with the installation.
    installation_chain: Vec<InstallationModel>,
}

async fn settings(core: &Core, models: &Models, tx: &mut Tx) -> Result<AssistantSettings, sqlx::Error> {
    let allowance = allowance(tx, &core.config).await?;
    let organization = accounts::organization(tx).await?;
    let installation = models.llm.installation_chain();
    let own = !store::providers(tx).await?.is_empty();
    let minutes = i32::try_from(core.config.human_quiet.as_secs() / 60).unwrap_or(i32::MAX);
    Ok(AssistantSettings {
        ai_enabled: allowance.ai_enabled,
        daily_budget_usd: dollars(allowance.daily_budget_micros),
        history_messages: allowance.history_messages,
        human_quiet_minutes: organization.human_quiet_minutes.unwrap_or(minutes),
        keys_can_be_stored: models.vault.is_some(),
        chain: match (own, installation) {
            (true, _) => ChainOwner::Own,
            (false, []) => ChainOwner::None,
            (false, _) => ChainOwner::Installation,
        },
        installation_chain: installation
            .iter()
            .map(|e| InstallationModel { provider: e.provider, model: e.model.clone() })
            .collect(),
    })
}

/// How the assistant is set up.
#[utoipa::path(get, path = "/assistant/settings", tag = "assistant", responses(
    (status = 200, description = "The settings", body = AssistantSettings),
    (status = 401, description = "Not signed in", body = ProblemDocument),
))]
async fn get_assistant_settings(
    State(core): State<Core>,
    Extension(models): Extension<Models>,
    staff: Staff,
) -> Result<Json<AssistantSettings>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    Ok(Json(settings(&core, &models, &mut tx).await?))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct AssistantChanges {
    ai_enabled: bool,
    /// 0 to 1000. 0 asks no model.
    #[schema(minimum = 0, maximum = 1000)]
    daily_budget_usd: f64,
    /// 0 to 50.
    #[schema(minimum = 0, maximum = 50)]
    history_messages: i32,
    /// 5 to 10080.
    #[schema(minimum = 5, maximum = 10080)]
    human_quiet_minutes: i32,
}

/// Change how the assistant is set up. For administrators.
#[utoipa::path(put, path = "/assistant/settings", tag = "assistant", request_body = AssistantChanges, responses(
    (status = 200, description = "The settings", body = AssistantSettings),
    (status = 401, description = "Not signed in", body = ProblemDocument),
    (status = 403, description = "Not an administrator", body = ProblemDocument),
    (status = 422, description = "A field is not valid", body = ProblemDocument),
))]
async fn put_assistant_settings(
    State(core): State<Core>,
    Extension(models): Extension<Models>,
    staff: Staff,
    Json(changes): Json<AssistantChanges>,
) -> Result<Json<AssistantSettings>, Problem> {
    let out_of_range = |field, range| Problem::invalid_field(field, "out_of_range", format!("must be from {range}"));
    if !(0.0..=1000.0).contains(&changes.daily_budget_usd) {
        return Err(out_of_range("daily_budget_usd", "0 to 1000"));
    }
    if !(0..=50).contains(&changes.history_messages) {
        return Err(out_of_range("history_messages", "0 to 50"));
    }
    if !(5..=10_080).contains(&changes.human_quiet_minutes) {
        return Err(out_of_range("human_quiet_minutes", "5 to 10080"));
    }
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let row = SettingsRow {
        ai_enabled: changes.ai_enabled,
        daily_budget_micros: micros(changes.daily_budget_usd),
        history_messages: changes.history_messages,
    };
    let before = settings(&core, &models, &mut tx).await?;
    store::save_settings(&mut tx, &row).await?;
    accounts::set_human_quiet(&mut tx, changes.human_quiet_minutes).await?;
    let settings = settings(&core, &models, &mut tx).await?;
    let change = Change::of("assistant_settings", "updated", None).before(&before).after(&settings);
    staff.audit(&mut tx, change).await?;
    tx.commit().await?;
    Ok(Json(settings))
}

/// A link of the organization's own chain. The key itself is never shown again.
#[derive(Serialize, utoipa::ToSchema)]
struct AiProvider {
    id: AiProviderId,
    position: i32,
    provider: ProviderKind,
    model: String,
    /// The key's last four characters.
    key_hint: Option<String>,
    input_price_usd_per_mtok: Option<f64>,
    output_price_usd_per_mtok: Option<f64>,
    created_at: DateTime<Utc>,
}

impl From<ProviderRow> for AiProvider {
    fn from(row: ProviderRow) -> Self {
        Self {
            id: row.id,
            position: row.position,
            provider: row.provider,
            model: row.model,
            key_hint: row.key_hint,
            input_price_usd_per_mtok: row.input_price_micros.map(dollars),
            output_price_usd_per_mtok: row.output_price_micros.map(dollars),
            created_at: row.created_at,
        }
    }
}

/// The organization's own models, in the order in which they are asked. Empty: the installation's are.
#[utoipa::path(get, path = "/assistant/providers", tag = "assistant", responses(
    (status = 200, description = "The whole chain", body = Page<AiProvider>),
    (status = 401, description = "Not signed in", body = ProblemDocument),
))]
async fn list_ai_providers(State(core): State<Core>, staff: Staff) -> Result<Json<Page<AiProvider>>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let items = store::providers(&mut tx).await?.into_iter().map(AiProvider::from).collect();
    Ok(Json(Page { items, next_cursor: None }))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct NewAiProvider {
    provider: ProviderKind,
    #[schema(example = "openai/gpt-5-mini")]
    model: String,
    /// Kept encrypted. Without one only servers that ask for none can be reached.
    #[schema(value_type = Option<String>, format = Password)]
    key: Option<SecretString>,
    /// US dollars per million tokens, both or neither; for providers that do not report what a call cost.
    input_price_usd_per_mtok: Option<f64>,
    output_price_usd_per_mtok: Option<f64>,
}

impl NewAiProvider {
    fn prices(&self) -> Result<Option<Prices>, Problem> {
        match (self.input_price_usd_per_mtok, self.output_price_usd_per_mtok) {
            (None, None) => Ok(None),
            (Some(input), Some(output)) if (0.0..=10_000.0).contains(&input) && (0.0..=10_000.0).contains(&output) => {
                Ok(Some(Prices { input: micros(input), output: micros(output) }))
            }
            _ => Err(Problem::invalid_field(
                "input_price_usd_per_mtok",
                "invalid",
                "give both prices, from 0 to 10000, or neither",
            )),
        }
    }
}

const fn field_of(problem: &EndpointProblem) -> &'static str {
    match problem {
        EndpointProblem::NoAddress(_) => "provider",
        EndpointProblem::NoKey(_) | EndpointProblem::BadKey => "key",
        EndpointProblem::BadModel => "model",
    }
}

/// Add a model at the end of the organization's chain. For administrators.
#[utoipa::path(post, path = "/assistant/providers", tag = "assistant", request_body = NewAiProvider, responses(
    (status = 201, description = "The link", body = AiProvider),
    (status = 401, description = "Not signed in", body = ProblemDocument),
    (status = 403, description = "Not an administrator", body = ProblemDocument),
    (status = 409, description = "The installation cannot keep keys, or the chain is full", body = ProblemDocument),
    (status = 422, description = "A field is not valid", body = ProblemDocument),
))]
async fn add_ai_provider(
    State(core): State<Core>,
    Extension(models): Extension<Models>,
    staff: Staff,
    Json(new): Json<NewAiProvider>,
) -> Result<(StatusCode, Json<AiProvider>), Problem> {
    let prices = new.prices()?;
    let key = new.key.clone().filter(|k| !k.expose_secret().trim().is_empty());
    models
        .llm
        .endpoint(new.provider, &new.model, key.clone(), prices)
        .map_err(|e| Problem::invalid_field(field_of(&e), e.code(), e.to_string()))?;
    let id = AiProviderId::new(&core.clock);
    let sealed_key = match (&key, &models.vault) {
        (None, _) => None,
        (Some(key), Some(vault)) => Some(vault.seal(key, &store::seal_context(staff.organization_id(), id))),
        (Some(_), None) => {
            return Err(Problem::new(
                Code::NoEncryptionKey,
                "Whoever runs this installation must set ENCRYPTION_KEY first.",
            ));
        }
    };
    let key_hint = key.as_ref().map(|k| {
        let tail: Vec<char> = k.expose_secret().chars().rev().take(4).collect();
        tail.into_iter().rev().collect::<String>()
    });
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    if store::providers(&mut tx).await?.len() >= MOST_PROVIDERS {
        let detail = format!("{MOST_PROVIDERS} are the most.");
        return Err(Problem::new(Code::TooManyProviders, detail));
    }
    let row = store::insert_provider(
        &mut tx,
        &NewProvider {
            id,
            provider: new.provider,
            model: &new.model,
            sealed_key,
            key_hint: key_hint.as_deref(),
            input_price_micros: prices.map(|p| p.input),
            output_price_micros: prices.map(|p| p.output),
        },
    )
    .await?;
    let provider = AiProvider::from(row);
    staff.audit(&mut tx, Change::created("ai_provider", id.0, &provider)).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(provider)))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct AiProviderOrder {
    /// Every link, in the order in which they are to be asked.
    ids: Vec<AiProviderId>,
}

/// Put the organization's chain in order. For administrators.
#[utoipa::path(put, path = "/assistant/providers/order", tag = "assistant", request_body = AiProviderOrder, responses(
    (status = 204, description = "In this order now"),
    (status = 401, description = "Not signed in", body = ProblemDocument),
    (status = 403, description = "Not an administrator", body = ProblemDocument),
    (status = 422, description = "Not every link is named once", body = ProblemDocument),
))]
async fn order_ai_providers(
    State(core): State<Core>,
    staff: Staff,
    Json(order): Json<AiProviderOrder>,
) -> Result<StatusCode, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let before: Vec<AiProviderId> = store::providers(&mut tx).await?.iter().map(|p| p.id).collect();
    let (mut known, mut given) = (before.clone(), order.ids.clone());
    known.sort();
    given.sort();
    if known != given {
        return Err(Problem::invalid_field("ids", "incomplete", "must name every link once"));
    }
    store::order_providers(&mut tx, &order.ids).await?;
    let ids = |ids| serde_json::json!({ "ids": ids });
    let change = Change::of("ai_provider", "reordered", None).before(&ids(&before)).after(&ids(&order.ids));
    staff.audit(&mut tx, change).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take a model out of the organization's chain, and forget its key. For administrators.
#[utoipa::path(delete, path = "/assistant/providers/{id}", tag = "assistant", params(("id" = AiProviderId, Path)), responses(
    (status = 204, description = "Gone"),
    (status = 401, description = "Not signed in", body = ProblemDocument),
    (status = 403, description = "Not an administrator", body = ProblemDocument),
    (status = 404, description = "No such link", body = ProblemDocument),
))]
async fn delete_ai_provider(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<AiProviderId>,
) -> Result<StatusCode, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let row = store::providers(&mut tx).await?.into_iter().find(|p| p.id == id);
    if !store::delete_provider(&mut tx, id).await? {
        return Err(Problem::not_found("model"));
    }
    if let Some(row) = row {
        staff.audit(&mut tx, Change::deleted("ai_provider", id.0, &AiProvider::from(row))).await?;
    }
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Serialize, utoipa::ToSchema)]
struct AiTest {
    ok: bool,
    model: String,
    latency_ms: u64,
    cost_usd: f64,
    /// Closed code of what went wrong.
    error: Option<&'static str>,
    /// The same as a sentence.
    detail: Option<String>,
}

/// Ask one model of the organization's chain a small question. Costs what the question costs. For administrators.
#[utoipa::path(post, path = "/assistant/providers/{id}/test", tag = "assistant", params(("id" = AiProviderId, Path)), responses(
    (status = 200, description = "What came of it", body = AiTest),
    (status = 401, description = "Not signed in", body = ProblemDocument),
    (status = 403, description = "Not an administrator", body = ProblemDocument),
    (status = 404, description = "No such link", body = ProblemDocument),
))]
async fn test_ai_provider(
    State(core): State<Core>,
    Extension(models): Extension<Models>,
    staff: Staff,
    Path(id): Path<AiProviderId>,
) -> Result<Json<AiTest>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let row = store::providers(&mut tx).await?.into_iter().find(|p| p.id == id);
    let row = row.ok_or_else(|| Problem::not_found("model"))?;
    let endpoint = models.endpoint(&tx, &row);
    // No transaction is open while the model thinks.
    drop(tx);
    let Some(endpoint) = endpoint else {
        return Ok(Json(AiTest {
            ok: false,
            model: row.model,
            latency_ms: 0,
            cost_usd: 0.0,
            error: Some("key_lost"),
            detail: Some("The stored key cannot be opened, or the server is no longer configured.".to_owned()),
        }));
    };
    let started = std::time::Instant::now();
    let outcome = models.llm.ask(&[endpoint], &Request::small_question(&core.config.ai)).await;
    let latency_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    account(&mut tx, &outcome.attempts).await?;
    tx.commit().await?;
    let cost_usd = dollars(outcome.usage().cost_micros);
    Ok(Json(match outcome.answer {
        Ok(_) => AiTest { ok: true, model: row.model, latency_ms, cost_usd, error: None, detail: None },
        Err(error) => AiTest {
            ok: false,
            model: row.model,
            latency_ms,
            cost_usd,
            error: Some(error.code()),
            detail: Some(error.to_string()),
        },
    }))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct UsageParams {
    /// 1 to 90; 30 if left out.
    #[param(minimum = 1, maximum = 90)]
    days: Option<u64>,
}

#[derive(Default, Serialize, utoipa::ToSchema)]
struct UsageTotal {
    calls: i64,
    failures: i64,
    input_tokens: i64,
    output_tokens: i64,
    cost_usd: f64,
}

#[derive(Serialize, utoipa::ToSchema)]
struct AiUsage {
    /// Of the present UTC day.
    today: UsageTotal,
    /// Per UTC day.
    budget_usd: f64,
    /// Newest first, a row per model.
    days: Vec<UsageDay>,
}

/// What language models did and cost, per UTC day.
#[utoipa::path(get, path = "/assistant/usage", tag = "assistant", params(UsageParams), responses(
    (status = 200, description = "Use and cost", body = AiUsage),
    (status = 401, description = "Not signed in", body = ProblemDocument),
    (status = 422, description = "A parameter is not valid", body = ProblemDocument),
))]
async fn get_ai_usage(
    State(core): State<Core>,
    staff: Staff,
    Query(p): Query<UsageParams>,
) -> Result<Json<AiUsage>, Problem> {
    let days = p.days.unwrap_or(30);
    if !(1..=90).contains(&days) {
        return Err(Problem::invalid_field("days", "out_of_range", "must be from 1 to 90"));
    }
    let today = core.clock.now().date_naive();
    let from = today.checked_sub_days(Days::new(days - 1)).unwrap_or(today);
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let days = store::usage(&mut tx, from).await?;
    let total = days.iter().filter(|d| d.day == today).fold(UsageTotal::default(), |sum, d| UsageTotal {
        calls: sum.calls + i64::from(d.calls),
        failures: sum.failures + i64::from(d.failures),
        input_tokens: sum.input_tokens + d.input_tokens,
        output_tokens: sum.output_tokens + d.output_tokens,
        cost_usd: sum.cost_usd + d.cost_usd,
    });
    let budget_usd = dollars(allowance(&mut tx, &core.config).await?.daily_budget_micros);
    Ok(Json(AiUsage { today: total, budget_usd, days }))
}
