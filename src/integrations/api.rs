//! Where an organization wants to be told, and what came of telling it.

use axum::extract::State;
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    model::{DeliveryStatus, EventType, WebhookAttempt, WebhookDelivery, WebhookEndpoint},
    rules, service,
    store::{self, NewEndpoint},
};
use crate::{
    accounts::{Change, Staff},
    platform::{
        db::Tx,
        http::{Core, IfMatch, Json, Page, Paging, Patch, Path, Query, SecretAnswer, Versioned},
        ids::{WebhookDeliveryId, WebhookEndpointId},
        problem::{Code, Problem, ProblemDocument, StatusCode},
    },
};

pub fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new()
        .routes(routes!(list_webhook_endpoints, create_webhook_endpoint))
        .routes(routes!(get_webhook_endpoint, update_webhook_endpoint, delete_webhook_endpoint))
        .routes(routes!(rotate_webhook_secret))
        .routes(routes!(test_webhook_endpoint))
        .routes(routes!(replay_failed_webhook_deliveries))
        .routes(routes!(list_webhook_deliveries))
        .routes(routes!(get_webhook_delivery))
        .routes(routes!(replay_webhook_delivery))
}

const KIND: &str = "webhook_endpoint";

fn no_endpoint() -> Problem {
    Problem::not_found("webhook endpoint")
}

/// An endpoint and its secret, which is shown now and never again.
#[derive(Serialize, utoipa::ToSchema)]
struct WebhookEndpointWithSecret {
    #[serde(flatten)]
    endpoint: WebhookEndpoint,
    /// Verifies `webhook-signature`. Keep it.
    #[schema(example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    secret: String,
}

fn with_secret(endpoint: WebhookEndpoint, secret: &SecretString) -> Json<WebhookEndpointWithSecret> {
    Json(WebhookEndpointWithSecret { endpoint, secret: secret.expose_secret().to_owned() })
}

fn checked_url(core: &Core, url: &str) -> Result<String, Problem> {
    rules::endpoint_url(url, core.config.webhooks_allow_private)
        .map(String::from)
        .map_err(|p| Problem::invalid_field("url", p.code(), p.message()))
}

fn checked_description(text: &str) -> Result<Option<String>, Problem> {
    let text = text.trim();
    if text.chars().count() > 200 {
        return Err(Problem::invalid_field("description", "too_long", "must have at most 200 characters"));
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// In the closed list's own order, each once. A ping is sent on demand, and is nothing to ask for.
fn checked_events(events: &[EventType]) -> Result<Vec<String>, Problem> {
    let wanted = EventType::ALL.iter().filter(|e| events.contains(e) && **e != EventType::Ping);
    let names: Vec<String> = wanted.map(|e| e.as_str().to_owned()).collect();
    if names.is_empty() {
        let message = "must name at least one event besides ping; leave it out for all";
        return Err(Problem::invalid_field("events", "empty", message));
    }
    Ok(names)
}

fn sealed_secret(core: &Core, staff: &Staff, id: WebhookEndpointId) -> Result<(SecretString, Vec<u8>), Problem> {
    let Some(vault) = &core.vault else {
        let detail = "Whoever runs this installation must set ENCRYPTION_KEY first.";
        return Err(Problem::new(Code::NoEncryptionKey, detail));
    };
    let secret = rules::new_secret();
    let sealed = vault.seal(&secret, &store::seal_context(staff.organization_id(), id));
    Ok((secret, sealed))
}

async fn found(tx: &mut Tx, id: WebhookEndpointId) -> Result<WebhookEndpoint, Problem> {
    store::endpoint(tx, id).await?.ok_or_else(no_endpoint)
}

/// Where the organization's own systems are told what happens. Orders: created_at.
#[utoipa::path(get, path = "/webhook-endpoints", tag = "webhooks", params(Paging), responses(
    (status = 200, description = "One page", body = Page<WebhookEndpoint>),
))]
async fn list_webhook_endpoints(
    State(core): State<Core>,
    staff: Staff,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<WebhookEndpoint>>, Problem> {
    let order = paging.order(store::ENDPOINT_ORDERS)?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    Ok(Json(store::endpoints(&mut tx, &order).await?))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct NewWebhookEndpoint {
    /// An https address that leads to the open internet.
    #[schema(example = "https://example.com/hooks/frontdesk", max_length = 2000)]
    url: String,
    #[schema(max_length = 200)]
    description: Option<String>,
    /// Left out or null: all, also those of later versions.
    #[schema(min_items = 1)]
    events: Option<Vec<EventType>>,
    #[serde(default = "yes")]
    enabled: bool,
}

const fn yes() -> bool {
    true
}

/// Add an endpoint. The answer holds the secret that signs its deliveries; it is not shown again.
#[utoipa::path(post, path = "/webhook-endpoints", tag = "webhooks", request_body = NewWebhookEndpoint, responses(
    (status = 201, description = "The endpoint and its secret", body = WebhookEndpointWithSecret),
    (status = 409, description = "There are as many as there may be, or the installation cannot keep secrets", body = ProblemDocument),
))]
async fn create_webhook_endpoint(
    State(core): State<Core>,
    staff: Staff,
    Json(new): Json<NewWebhookEndpoint>,
) -> Result<(StatusCode, SecretAnswer, Json<WebhookEndpointWithSecret>), Problem> {
    let url = checked_url(&core, &new.url)?;
    let description = new.description.as_deref().map(checked_description).transpose()?.flatten();
    let events = new.events.as_deref().map(checked_events).transpose()?;
    let id = WebhookEndpointId::new(&core.clock);
    let (secret, sealed_secret) = sealed_secret(&core, &staff, id)?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let row = NewEndpoint {
        id,
        url: &url,
        description: description.as_deref(),
        events: events.as_deref(),
        enabled: new.enabled,
        sealed_secret,
    };
    let Some(endpoint) = store::insert_endpoint(&mut tx, &row).await? else {
        let detail = format!("{} endpoints are the most; delete one first.", store::MOST_ENDPOINTS);
        return Err(Problem::new(Code::TooManyEndpoints, detail));
    };
    staff.audit(&mut tx, Change::created(KIND, id.0, &endpoint)).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, SecretAnswer, with_secret(endpoint, &secret)))
}

/// One endpoint.
#[utoipa::path(get, path = "/webhook-endpoints/{id}", tag = "webhooks", params(("id" = WebhookEndpointId, Path)), responses(
    (status = 200, description = "The endpoint; its version is the ETag", body = WebhookEndpoint),
    (status = 404, description = "No such endpoint", body = ProblemDocument),
))]
async fn get_webhook_endpoint(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<WebhookEndpointId>,
) -> Result<Versioned<WebhookEndpoint>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let row = found(&mut tx, id).await?;
    Ok(Versioned { version: row.version, row })
}

/// What is left out stays as it is.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct WebhookEndpointChanges {
    #[schema(max_length = 2000)]
    url: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 200)]
    description: Patch<String>,
    /// Null: all.
    #[serde(default)]
    #[schema(value_type = Option<Vec<EventType>>, min_items = 1)]
    events: Patch<Vec<EventType>>,
    /// Switching on forgets why it was off.
    enabled: Option<bool>,
}

/// Change an endpoint. What waits to be delivered goes to the new address.
#[utoipa::path(patch, path = "/webhook-endpoints/{id}", tag = "webhooks", params(("id" = WebhookEndpointId, Path),
    ("If-Match" = Option<String>, Header, description = "The version the change was made on")),
    request_body = WebhookEndpointChanges, responses(
    (status = 200, description = "The endpoint; its version is the ETag", body = WebhookEndpoint),
    (status = 404, description = "No such endpoint", body = ProblemDocument),
    (status = 412, description = "Somebody else changed it meanwhile", body = ProblemDocument),
))]
async fn update_webhook_endpoint(
    State(core): State<Core>,
    staff: Staff,
    if_match: IfMatch,
    Path(id): Path<WebhookEndpointId>,
    Json(changes): Json<WebhookEndpointChanges>,
) -> Result<Versioned<WebhookEndpoint>, Problem> {
    let url = changes.url.as_deref().map(|url| checked_url(&core, url)).transpose()?;
    let description = changes.description.try_map(|text| checked_description(&text))?;
    let events = changes.events.try_map(|events| checked_events(&events))?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let before = store::lock_endpoint(&mut tx, id).await?.ok_or_else(no_endpoint)?;
    if_match.check(before.version)?;
    let mut wanted = before.clone();
    wanted.url = url.unwrap_or(wanted.url);
    wanted.description = description.apply(wanted.description.map(Some)).flatten();
    wanted.events = events.apply(wanted.events);
    wanted.enabled = changes.enabled.unwrap_or(wanted.enabled);
    let row = store::update_endpoint(&mut tx, &wanted).await?;
    staff.audit(&mut tx, Change::updated(KIND, id.0, &before, &row)).await?;
    tx.commit().await?;
    Ok(Versioned { version: row.version, row })
}

/// Delete an endpoint, with all that is known of its deliveries.
#[utoipa::path(delete, path = "/webhook-endpoints/{id}", tag = "webhooks", params(("id" = WebhookEndpointId, Path)), responses(
    (status = 204, description = "Deleted"),
    (status = 404, description = "No such endpoint", body = ProblemDocument),
))]
async fn delete_webhook_endpoint(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<WebhookEndpointId>,
) -> Result<StatusCode, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let before = store::lock_endpoint(&mut tx, id).await?.ok_or_else(no_endpoint)?;
    store::delete_endpoint(&mut tx, id).await?;
    staff.audit(&mut tx, Change::deleted(KIND, id.0, &before)).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Make a new secret. The one before signs beside it for 24 hours, so that no delivery is lost on the way.
#[utoipa::path(post, path = "/webhook-endpoints/{id}/rotate-secret", tag = "webhooks", params(("id" = WebhookEndpointId, Path)), responses(
    (status = 200, description = "The endpoint and its new secret", body = WebhookEndpointWithSecret),
    (status = 404, description = "No such endpoint", body = ProblemDocument),
    (status = 409, description = "The installation cannot keep secrets", body = ProblemDocument),
))]
async fn rotate_webhook_secret(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<WebhookEndpointId>,
) -> Result<(SecretAnswer, Json<WebhookEndpointWithSecret>), Problem> {
    let (secret, sealed) = sealed_secret(&core, &staff, id)?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let until = core.clock.now() + rules::OLD_SECRET_FOR;
    let endpoint = store::rotate_secret(&mut tx, id, &sealed, until).await?.ok_or_else(no_endpoint)?;
    staff.audit(&mut tx, Change::of(KIND, "secret_rotated", id.0)).await?;
    tx.commit().await?;
    Ok((SecretAnswer, with_secret(endpoint, &secret)))
}

/// Send a ping. It is tried once, also where the endpoint is switched off; look at the delivery for what came of it.
#[utoipa::path(post, path = "/webhook-endpoints/{id}/test", tag = "webhooks", params(("id" = WebhookEndpointId, Path)), responses(
    (status = 201, description = "The delivery, on its way", body = WebhookDelivery),
    (status = 404, description = "No such endpoint", body = ProblemDocument),
))]
async fn test_webhook_endpoint(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<WebhookEndpointId>,
) -> Result<(StatusCode, Json<WebhookDelivery>), Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    found(&mut tx, id).await?;
    let delivery = service::ping(&mut tx, id).await?;
    staff.audit(&mut tx, Change::of(KIND, "tested", id.0)).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(delivery)))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct WebhookReplay {
    /// Failed deliveries of events since then are tried again.
    since: DateTime<Utc>,
}

#[derive(Serialize, utoipa::ToSchema)]
struct WebhookReplayed {
    /// How many are on their way again. With 1000, ask once more for the rest.
    replayed: usize,
}

/// Try everything again that failed since a time, oldest first, up to 1000.
#[utoipa::path(post, path = "/webhook-endpoints/{id}/replay", tag = "webhooks", params(("id" = WebhookEndpointId, Path)),
    request_body = WebhookReplay, responses(
    (status = 200, description = "They are on their way", body = WebhookReplayed),
    (status = 404, description = "No such endpoint", body = ProblemDocument),
    (status = 409, description = "The endpoint is switched off", body = ProblemDocument),
))]
async fn replay_failed_webhook_deliveries(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<WebhookEndpointId>,
    Json(replay): Json<WebhookReplay>,
) -> Result<Json<WebhookReplayed>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    switched_on(&found(&mut tx, id).await?)?;
    let replayed = service::replay_failed(&mut tx, id, replay.since).await?;
    staff.audit(&mut tx, Change::of(KIND, "replayed", id.0)).await?;
    tx.commit().await?;
    Ok(Json(WebhookReplayed { replayed }))
}

fn switched_on(endpoint: &WebhookEndpoint) -> Result<(), Problem> {
    if endpoint.enabled { Ok(()) } else { Err(Problem::new(Code::EndpointDisabled, "Switch the endpoint on first.")) }
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct DeliveryParams {
    status: Option<DeliveryStatus>,
    event: Option<EventType>,
}

/// What an endpoint was told in the last 30 days, latest first. Orders: created_at.
#[utoipa::path(get, path = "/webhook-endpoints/{id}/deliveries", tag = "webhooks",
    params(("id" = WebhookEndpointId, Path), DeliveryParams, Paging), responses(
    (status = 200, description = "One page", body = Page<WebhookDelivery>),
    (status = 404, description = "No such endpoint", body = ProblemDocument),
))]
async fn list_webhook_deliveries(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<WebhookEndpointId>,
    Query(params): Query<DeliveryParams>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<WebhookDelivery>>, Problem> {
    let order = paging.order(store::DELIVERY_ORDERS)?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    found(&mut tx, id).await?;
    Ok(Json(store::deliveries(&mut tx, id, params.status, params.event, &order).await?))
}

/// A delivery, what is sent, and each try.
#[derive(Serialize, utoipa::ToSchema)]
struct WebhookDeliveryDetail {
    #[serde(flatten)]
    delivery: WebhookDelivery,
    /// The body, as it is signed and sent.
    payload: String,
    /// Oldest first; the latest two hundred.
    tries: Vec<WebhookAttempt>,
}

/// One delivery with its tries.
#[utoipa::path(get, path = "/webhook-deliveries/{id}", tag = "webhooks", params(("id" = WebhookDeliveryId, Path)), responses(
    (status = 200, description = "The delivery", body = WebhookDeliveryDetail),
    (status = 404, description = "No such delivery", body = ProblemDocument),
))]
async fn get_webhook_delivery(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<WebhookDeliveryId>,
) -> Result<Json<WebhookDeliveryDetail>, Problem> {
    let no_delivery = || Problem::not_found("delivery");
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let delivery = store::delivery(&mut tx, id).await?.ok_or_else(no_delivery)?;
    let payload = store::payload(&mut tx, id).await?.ok_or_else(no_delivery)?;
    let tries = store::attempts(&mut tx, id).await?;
    Ok(Json(WebhookDeliveryDetail { delivery, payload, tries }))
}

/// Try a finished delivery again, with the same `webhook-id`.
#[utoipa::path(post, path = "/webhook-deliveries/{id}/replay", tag = "webhooks", params(("id" = WebhookDeliveryId, Path)), responses(
    (status = 200, description = "The delivery, on its way again", body = WebhookDelivery),
    (status = 404, description = "No such delivery", body = ProblemDocument),
    (status = 409, description = "It is still being tried, or the endpoint is switched off", body = ProblemDocument),
))]
async fn replay_webhook_delivery(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<WebhookDeliveryId>,
) -> Result<Json<WebhookDelivery>, Problem> {
    let no_delivery = || Problem::not_found("delivery");
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let delivery = store::delivery(&mut tx, id).await?.ok_or_else(no_delivery)?;
    switched_on(&found(&mut tx, delivery.endpoint_id).await?)?;
    if !service::replay(&mut tx, id).await? {
        return Err(Problem::new(Code::DeliveryPending, "Wait until it is delivered or given up."));
    }
    staff.audit(&mut tx, Change::of("webhook_delivery", "replayed", id.0)).await?;
    let delivery = store::delivery(&mut tx, id).await?.ok_or_else(no_delivery)?;
    tx.commit().await?;
    Ok(Json(delivery))
}
