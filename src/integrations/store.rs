//! All SQL on webhook endpoints, deliveries and attempts. What events are about is read in `store/facts.rs`.

pub(super) mod facts;
pub(super) mod personal;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::model::{DeliveryStatus, DisabledReason, EventType, WebhookAttempt, WebhookDelivery, WebhookEndpoint};
use crate::platform::{
    db::Tx,
    http::{Order, Page, SortKey, SortKind},
    ids::{OrganizationId, WebhookAttemptId, WebhookDeliveryId, WebhookEndpointId},
    listing::List,
};

/// Endpoints one organization may have; each event is written once per endpoint.
pub(super) const MOST_ENDPOINTS: i64 = 20;
/// Deliveries that one replay puts back at most.
pub(super) const MOST_REPLAYED: i64 = 1_000;

/// What an endpoint's secret is sealed for.
pub(super) fn seal_context(organization: OrganizationId, id: WebhookEndpointId) -> Vec<u8> {
    [b"webhook".as_slice(), organization.0.as_bytes(), id.0.as_bytes()].concat()
}

/// Orders of the list of endpoints.
pub(super) const ENDPOINT_ORDERS: &[SortKey] =
    &[SortKey { name: "created_at", sql: "w.created_at", kind: SortKind::Time, descending: false }];

pub(super) async fn endpoints(tx: &mut Tx, order: &Order) -> Result<Page<WebhookEndpoint>, sqlx::Error> {
    let columns = "w.id, w.url, w.description, w.events, w.enabled, w.disabled_at, w.disabled_reason, w.failing_since, \
                   w.previous_secret_until, w.version, w.created_at, w.updated_at";
    List::new(tx, order, "w.id", columns, "webhook_endpoints w", "w.organization_id").page(tx).await
}

pub(super) async fn endpoint(tx: &mut Tx, id: WebhookEndpointId) -> Result<Option<WebhookEndpoint>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        WebhookEndpoint,
        r#"SELECT id AS "id: _", url, description, events, enabled, disabled_at, disabled_reason, failing_since, previous_secret_until,
                  version, created_at, updated_at
           FROM webhook_endpoints WHERE organization_id = $1 AND id = $2"#,
        organization.0,
        id.0,
    )
    .fetch_optional(&mut **tx)
    .await
}

/// As [`endpoint`], locked for the rest of the transaction.
pub(super) async fn lock_endpoint(tx: &mut Tx, id: WebhookEndpointId) -> Result<Option<WebhookEndpoint>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        WebhookEndpoint,
        r#"SELECT id AS "id: _", url, description, events, enabled, disabled_at, disabled_reason, failing_since, previous_secret_until,
                  version, created_at, updated_at
           FROM webhook_endpoints WHERE organization_id = $1 AND id = $2 FOR UPDATE"#,
        organization.0,
        id.0,
    )
    .fetch_optional(&mut **tx)
    .await
}

pub(super) struct NewEndpoint<'a> {
    pub id: WebhookEndpointId,
    pub url: &'a str,
    pub description: Option<&'a str>,
    pub events: Option<&'a [String]>,
    pub enabled: bool,
    pub sealed_secret: Vec<u8>,
}

/// Adds an endpoint. None: there are [`MOST_ENDPOINTS`] already.
pub(super) async fn insert_endpoint(tx: &mut Tx, e: &NewEndpoint<'_>) -> Result<Option<WebhookEndpoint>, sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.real_clock().now());
    sqlx::query_as!(
        WebhookEndpoint,
        r#"INSERT INTO webhook_endpoints (organization_id, id, url, description, events, enabled, sealed_secret, created_at, updated_at)
           SELECT $1, $2, $3, $4, $5, $6, $7, $8, $8
           WHERE (SELECT count(*) FROM webhook_endpoints WHERE organization_id = $1) < $9
           RETURNING id AS "id: _", url, description, events, enabled, disabled_at, disabled_reason, failing_since,
                     previous_secret_until, version, created_at, updated_at"#,
        organization.0,
        e.id.0,
        e.url,
        e.description,
        e.events,
        e.enabled,
        e.sealed_secret,
        now,
        MOST_ENDPOINTS,
    )
    .fetch_optional(&mut **tx)
    .await
}

/// Writes what staff may change. Switching on forgets why it was off, and that it failed.
pub(super) async fn update_endpoint(tx: &mut Tx, e: &WebhookEndpoint) -> Result<WebhookEndpoint, sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.real_clock().now());
    sqlx::query_as!(
        WebhookEndpoint,
        r#"UPDATE webhook_endpoints
           SET url = $3, description = $4, events = $5, enabled = $6, version = version + 1, updated_at = $7,
               disabled_at = CASE WHEN $6 THEN NULL ELSE COALESCE(disabled_at, $7) END,
               disabled_reason = CASE WHEN $6 THEN NULL ELSE disabled_reason END,
               failing_since = CASE WHEN $6 AND NOT enabled THEN NULL ELSE failing_since END
           WHERE organization_id = $1 AND id = $2
           RETURNING id AS "id: _", url, description, events, enabled, disabled_at, disabled_reason, failing_since,
                     previous_secret_until, version, created_at, updated_at"#,
        organization.0,
        e.id.0,
        e.url,
        e.description,
        e.events.as_deref(),
        e.enabled,
        now,
    )
    .fetch_one(&mut **tx)
    .await
}

/// Puts a new secret in; the one before goes on signing until `until`.
pub(super) async fn rotate_secret(
    tx: &mut Tx,
    id: WebhookEndpointId,
    sealed: &[u8],
    until: DateTime<Utc>,
) -> Result<Option<WebhookEndpoint>, sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.real_clock().now());
    sqlx::query_as!(
        WebhookEndpoint,
        r#"UPDATE webhook_endpoints
           SET previous_sealed_secret = sealed_secret, previous_secret_until = $4, sealed_secret = $3, version = version + 1, updated_at = $5
           WHERE organization_id = $1 AND id = $2
           RETURNING id AS "id: _", url, description, events, enabled, disabled_at, disabled_reason, failing_since,
                     previous_secret_until, version, created_at, updated_at"#,
        organization.0,
        id.0,
        sealed,
        until,
        now,
    )
    .fetch_optional(&mut **tx)
    .await
}

/// Its deliveries go with it.
pub(super) async fn delete_endpoint(tx: &mut Tx, id: WebhookEndpointId) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query!("DELETE FROM webhook_endpoints WHERE organization_id = $1 AND id = $2", organization.0, id.0)
        .execute(&mut **tx)
        .await
        .map(drop)
}

/// It took a delivery.
pub(super) async fn note_working(tx: &mut Tx, id: WebhookEndpointId) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query!(
        "UPDATE webhook_endpoints SET failing_since = NULL WHERE organization_id = $1 AND id = $2 AND failing_since IS NOT NULL",
        organization.0,
        id.0,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// A try failed. Returns since when all have.
pub(super) async fn note_failing(tx: &mut Tx, id: WebhookEndpointId) -> Result<DateTime<Utc>, sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.real_clock().now());
    sqlx::query_scalar!(
        r#"UPDATE webhook_endpoints SET failing_since = COALESCE(failing_since, $3) WHERE organization_id = $1 AND id = $2
           RETURNING failing_since AS "failing_since!""#,
        organization.0,
        id.0,
        now,
    )
    .fetch_one(&mut **tx)
    .await
}

/// Switches the endpoint off. None: it is off already.
pub(super) async fn disable(
    tx: &mut Tx,
    id: WebhookEndpointId,
    reason: DisabledReason,
) -> Result<Option<WebhookEndpoint>, sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.real_clock().now());
    sqlx::query_as!(
        WebhookEndpoint,
        r#"UPDATE webhook_endpoints SET enabled = false, disabled_at = $4, disabled_reason = $3, version = version + 1, updated_at = $4
           WHERE organization_id = $1 AND id = $2 AND enabled
           RETURNING id AS "id: _", url, description, events, enabled, disabled_at, disabled_reason, failing_since,
                     previous_secret_until, version, created_at, updated_at"#,
        organization.0,
        id.0,
        reason.as_str(),
        now,
    )
    .fetch_optional(&mut **tx)
    .await
}

/// Enabled endpoints that are told of events of this type.
pub(super) async fn subscribed(tx: &mut Tx, event: EventType) -> Result<Vec<WebhookEndpointId>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_scalar!(
        r#"SELECT id AS "id: WebhookEndpointId" FROM webhook_endpoints
           WHERE organization_id = $1 AND enabled AND (events IS NULL OR $2 = ANY (events)) ORDER BY id"#,
        organization.0,
        event.as_str(),
    )
    .fetch_all(&mut **tx)
    .await
}

pub(super) struct NewDelivery<'a> {
    pub webhook_id: &'a str,
    pub event: EventType,
    pub key: &'a str,
    pub payload: &'a str,
}

/// One delivery per endpoint, except where that endpoint has one of the same key.
pub(super) async fn insert_deliveries(
    tx: &mut Tx,
    endpoints: &[WebhookEndpointId],
    d: &NewDelivery<'_>,
) -> Result<Vec<WebhookDeliveryId>, sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.real_clock().now());
    let ids: Vec<Uuid> = endpoints.iter().map(|_| WebhookDeliveryId::new(tx.real_clock()).0).collect();
    let endpoints: Vec<Uuid> = endpoints.iter().map(|e| e.0).collect();
    sqlx::query_scalar!(
        r#"INSERT INTO webhook_deliveries
             (organization_id, id, endpoint_id, webhook_id, event_type, event_key, payload, next_attempt_at, created_at)
           SELECT $1, d.id, d.endpoint_id, $4, $5, $6, $7, $8, $8
           FROM unnest($2::uuid[], $3::uuid[]) AS d (id, endpoint_id)
           ON CONFLICT ON CONSTRAINT webhook_deliveries_once DO NOTHING
           RETURNING id AS "id: WebhookDeliveryId""#,
        organization.0,
        &ids,
        &endpoints,
        d.webhook_id,
        d.event.as_str(),
        d.key,
        d.payload,
        now,
    )
    .fetch_all(&mut **tx)
    .await
}

/// Forgets a bounded number of deliveries made before `before`: they hold texts.
pub(super) async fn prune(tx: &mut Tx, before: DateTime<Utc>) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query!(
        "DELETE FROM webhook_deliveries WHERE organization_id = $1 AND id IN (
           SELECT id FROM webhook_deliveries WHERE organization_id = $1 AND created_at < $2 AND status <> 'pending' LIMIT 100)",
        organization.0,
        before,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Orders of the list of deliveries.
pub(super) const DELIVERY_ORDERS: &[SortKey] =
    &[SortKey { name: "created_at", sql: "d.created_at", kind: SortKind::Time, descending: true }];

pub(super) async fn deliveries(
    tx: &mut Tx,
    endpoint: WebhookEndpointId,
    status: Option<DeliveryStatus>,
    event: Option<EventType>,
    order: &Order,
) -> Result<Page<WebhookDelivery>, sqlx::Error> {
    let columns = "d.id, d.endpoint_id, d.webhook_id, d.event_type, d.status, d.attempts, d.last_status_code, d.last_error, \
                   d.next_attempt_at, d.finished_at, d.created_at";
    let mut list = List::new(tx, order, "d.id", columns, "webhook_deliveries d", "d.organization_id");
    list.filter("d.endpoint_id = ", Some(endpoint.0));
    list.filter("d.status = ", status.map(DeliveryStatus::as_str));
    list.filter("d.event_type = ", event.map(EventType::as_str));
    list.page(tx).await
}

pub(super) async fn delivery(tx: &mut Tx, id: WebhookDeliveryId) -> Result<Option<WebhookDelivery>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        WebhookDelivery,
        r#"SELECT id AS "id: _", endpoint_id AS "endpoint_id: _", webhook_id, event_type, status AS "status: _", attempts,
                  last_status_code, last_error, next_attempt_at, finished_at, created_at
           FROM webhook_deliveries WHERE organization_id = $1 AND id = $2"#,
        organization.0,
        id.0,
    )
    .fetch_optional(&mut **tx)
    .await
}

pub(super) async fn payload(tx: &mut Tx, id: WebhookDeliveryId) -> Result<Option<String>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_scalar!(
        "SELECT payload FROM webhook_deliveries WHERE organization_id = $1 AND id = $2",
        organization.0,
        id.0
    )
    .fetch_optional(&mut **tx)
    .await
}

/// The latest two hundred tries, oldest first.
pub(super) async fn attempts(tx: &mut Tx, delivery: WebhookDeliveryId) -> Result<Vec<WebhookAttempt>, sqlx::Error> {
    let organization = tx.organization_id();
    let mut rows = sqlx::query_as!(
        WebhookAttempt,
        r#"SELECT id AS "id: _", number, started_at, duration_ms, status_code, error, answer
           FROM webhook_attempts WHERE organization_id = $1 AND delivery_id = $2 ORDER BY number DESC, id DESC LIMIT 200"#,
        organization.0,
        delivery.0,
    )
    .fetch_all(&mut **tx)
    .await?;
    rows.reverse();
    Ok(rows)
}

/// A delivery and what its call needs.
pub(super) struct Outgoing {
    pub id: WebhookDeliveryId,
    pub endpoint_id: WebhookEndpointId,
    pub webhook_id: String,
    pub event_type: String,
    pub payload: String,
    pub status: DeliveryStatus,
    pub attempts: i32,
    pub round_attempts: i32,
    pub url: String,
    pub enabled: bool,
    pub sealed_secret: Vec<u8>,
    pub previous_sealed_secret: Option<Vec<u8>>,
    pub previous_secret_until: Option<DateTime<Utc>>,
}

pub(super) async fn outgoing(tx: &mut Tx, id: WebhookDeliveryId) -> Result<Option<Outgoing>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        Outgoing,
        r#"SELECT d.id AS "id: _", d.endpoint_id AS "endpoint_id: _", d.webhook_id, d.event_type, d.payload, d.status AS "status: _",
                  d.attempts, d.round_attempts, e.url, e.enabled, e.sealed_secret, e.previous_sealed_secret, e.previous_secret_until
           FROM webhook_deliveries d
           JOIN webhook_endpoints e ON e.organization_id = d.organization_id AND e.id = d.endpoint_id
           WHERE d.organization_id = $1 AND d.id = $2"#,
        organization.0,
        id.0,
    )
    .fetch_optional(&mut **tx)
    .await
}

pub(super) struct NewAttempt<'a> {
    pub delivery_id: WebhookDeliveryId,
    pub number: i32,
    pub started_at: DateTime<Utc>,
    pub duration_ms: i32,
    pub status_code: Option<i32>,
    pub error: Option<&'a str>,
    pub answer: Option<&'a str>,
}

pub(super) async fn append_attempt(tx: &mut Tx, a: &NewAttempt<'_>) -> Result<(), sqlx::Error> {
    let (organization, id) = (tx.organization_id(), WebhookAttemptId::new(tx.real_clock()));
    sqlx::query!(
        "INSERT INTO webhook_attempts (organization_id, id, delivery_id, number, started_at, duration_ms, status_code, error, answer)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        organization.0,
        id.0,
        a.delivery_id.0,
        a.number,
        a.started_at,
        a.duration_ms,
        a.status_code,
        a.error,
        a.answer,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Where a delivery stands after a try, or without one.
pub(super) struct Standing<'a> {
    pub status: DeliveryStatus,
    pub tried: bool,
    pub last_status_code: Option<i32>,
    pub last_error: Option<&'a str>,
    /// Set while pending only.
    pub next_attempt_at: Option<DateTime<Utc>>,
}

/// False: the delivery is gone.
pub(super) async fn update_delivery(tx: &mut Tx, id: WebhookDeliveryId, s: &Standing<'_>) -> Result<bool, sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.real_clock().now());
    let changed = sqlx::query!(
        "UPDATE webhook_deliveries
         SET status = $3, attempts = attempts + $4, round_attempts = round_attempts + $4, last_status_code = $5, last_error = $6,
             next_attempt_at = $7, finished_at = CASE WHEN $3 <> 'pending' THEN $8::timestamptz END
         WHERE organization_id = $1 AND id = $2",
        organization.0,
        id.0,
        s.status.as_str(),
        i32::from(s.tried),
        s.last_status_code,
        s.last_error,
        s.next_attempt_at,
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(changed.rows_affected() == 1)
}

/// Puts a finished delivery back to the foot of the ladder. False: it is still being tried.
pub(super) async fn put_back(tx: &mut Tx, id: WebhookDeliveryId) -> Result<bool, sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.real_clock().now());
    let changed = sqlx::query!(
        "UPDATE webhook_deliveries SET status = 'pending', round_attempts = 0, next_attempt_at = $3, finished_at = NULL
         WHERE organization_id = $1 AND id = $2 AND status <> 'pending'",
        organization.0,
        id.0,
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(changed.rows_affected() == 1)
}

/// The same for the endpoint's failed deliveries of events since `since`, oldest first, at most [`MOST_REPLAYED`].
pub(super) async fn put_back_failed(
    tx: &mut Tx,
    endpoint: WebhookEndpointId,
    since: DateTime<Utc>,
) -> Result<Vec<WebhookDeliveryId>, sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.real_clock().now());
    sqlx::query_scalar!(
        r#"UPDATE webhook_deliveries SET status = 'pending', round_attempts = 0, next_attempt_at = $4, finished_at = NULL
           WHERE organization_id = $1 AND status = 'failed' AND id IN (
             SELECT id FROM webhook_deliveries
             WHERE organization_id = $1 AND endpoint_id = $2 AND status = 'failed' AND created_at >= $3
             ORDER BY created_at, id LIMIT $5)
           RETURNING id AS "id: WebhookDeliveryId""#,
        organization.0,
        endpoint.0,
        since,
        now,
        MOST_REPLAYED,
    )
    .fetch_all(&mut **tx)
    .await
}
