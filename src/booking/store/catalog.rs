//! Services and providers.

use crate::{
    booking::model::{Provider, Service, ServiceKind},
    platform::{
        db::Tx,
        http::{Order, Page, SortKey, SortKind},
        ids::{ProviderId, ServiceId},
        listing::List,
    },
};

// ---- services

/// What of a service can be written.
pub struct ServiceFields {
    pub name: String,
    pub description: Option<String>,
    pub duration_minutes: i32,
    pub buffer_minutes: i32,
    pub capacity: i32,
    pub kind: ServiceKind,
    pub hold_minutes: Option<i32>,
    pub position: i32,
    pub active: bool,
}

/// The orders of the list of services.
pub const SERVICE_ORDERS: &[SortKey] = &[
    SortKey { name: "position", sql: "position::bigint", kind: SortKind::Number, descending: false },
    SortKey { name: "name", sql: "lower(name)", kind: SortKind::Text, descending: false },
    SortKey { name: "created_at", sql: "created_at", kind: SortKind::Time, descending: true },
];

#[derive(Default)]
pub struct ServiceFilter<'a> {
    pub text: Option<&'a str>,
    pub active: Option<bool>,
    pub kind: Option<ServiceKind>,
}

pub async fn list_services(tx: &mut Tx, f: &ServiceFilter<'_>, order: &Order) -> Result<Page<Service>, sqlx::Error> {
    let columns = "id, name, description, duration_minutes, buffer_minutes, capacity, kind, hold_minutes, position, active, version, created_at";
    let mut list = List::new(tx, order, "id", columns, "services", "organization_id");
    list.search(&["name", "COALESCE(description, '')"], f.text);
    list.filter("active = ", f.active);
    list.filter("kind = ", f.kind.map(ServiceKind::as_str));
    list.page(tx).await
}

/// All services in their order; the first active one is the default.
pub async fn services(tx: &mut Tx) -> Result<Vec<Service>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        Service,
        r#"SELECT id AS "id: _", name, description, duration_minutes, buffer_minutes, capacity, kind AS "kind: _", hold_minutes, position,
                  active, version, created_at
           FROM services WHERE organization_id = $1 ORDER BY position, id LIMIT 500"#,
        organization.0,
    )
    .fetch_all(&mut **tx)
    .await
}

/// The service; `lock` keeps it as it is for the rest of the transaction.
pub async fn service(tx: &mut Tx, id: ServiceId, lock: bool) -> Result<Option<Service>, sqlx::Error> {
    let organization = tx.organization_id();
    if lock {
        lock_service(tx, id).await?;
    }
    sqlx::query_as!(
        Service,
        r#"SELECT id AS "id: _", name, description, duration_minutes, buffer_minutes, capacity, kind AS "kind: _", hold_minutes, position,
                  active, version, created_at
           FROM services WHERE organization_id = $1 AND id = $2"#,
        organization.0,
        id.0,
    )
    .fetch_optional(&mut **tx)
    .await
}

async fn lock_service(tx: &mut Tx, id: ServiceId) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query!(
        "SELECT id FROM services WHERE organization_id = $1 AND id = $2 FOR NO KEY UPDATE",
        organization.0,
        id.0
    )
    .fetch_optional(&mut **tx)
    .await
    .map(drop)
}

pub async fn insert_service(tx: &mut Tx, f: &ServiceFields) -> Result<ServiceId, sqlx::Error> {
    let (organization, id, now) = (tx.organization_id(), ServiceId::new(tx.clock()), tx.clock().now());
    sqlx::query!(
        "INSERT INTO services (organization_id, id, name, description, duration_minutes, buffer_minutes, capacity, kind, hold_minutes,
                               position, active, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        organization.0,
        id.0,
        f.name,
        f.description,
        f.duration_minutes,
        f.buffer_minutes,
        f.capacity,
        f.kind.as_str(),
        f.hold_minutes,
        f.position,
        f.active,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(id)
}

pub async fn update_service(tx: &mut Tx, id: ServiceId, f: &ServiceFields) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query!(
        "UPDATE services SET name = $3, description = $4, duration_minutes = $5, buffer_minutes = $6, capacity = $7, kind = $8,
                hold_minutes = $9, position = $10, active = $11, version = version + 1
         WHERE organization_id = $1 AND id = $2",
        organization.0,
        id.0,
        f.name,
        f.description,
        f.duration_minutes,
        f.buffer_minutes,
        f.capacity,
        f.kind.as_str(),
        f.hold_minutes,
        f.position,
        f.active,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Fails by a foreign key where anything refers to it.
pub async fn delete_service(tx: &mut Tx, id: ServiceId) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query!("DELETE FROM services WHERE organization_id = $1 AND id = $2", organization.0, id.0)
        .execute(&mut **tx)
        .await
        .map(drop)
}

/// Makes the service unless one of that name is there. Returns its id.
pub async fn ensure_service(
    tx: &mut Tx,
    name: &str,
    description: Option<&str>,
    minutes: i32,
    buffer: i32,
    position: i32,
) -> Result<ServiceId, sqlx::Error> {
    let (organization, id, now) = (tx.organization_id(), ServiceId::new(tx.clock()), tx.clock().now());
    sqlx::query_scalar!(
        r#"WITH made AS (
             INSERT INTO services (organization_id, id, name, description, duration_minutes, buffer_minutes, position, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING RETURNING id)
           SELECT id AS "id!: ServiceId" FROM made
           UNION ALL SELECT id FROM services WHERE organization_id = $1 AND lower(name) = lower($3) LIMIT 1"#,
        organization.0,
        id.0,
        name,
        description,
        minutes,
        buffer,
        position,
        now
    )
    .fetch_one(&mut **tx)
    .await
}

// ---- providers

/// What of a provider can be written.
pub struct ProviderFields {
    pub name: String,
    pub timezone: String,
    pub active: bool,
}

/// The orders of the list of providers.
pub const PROVIDER_ORDERS: &[SortKey] = &[
    SortKey { name: "name", sql: "lower(name)", kind: SortKind::Text, descending: false },
    SortKey { name: "created_at", sql: "created_at", kind: SortKind::Time, descending: true },
];

pub async fn list_providers(
    tx: &mut Tx,
    text: Option<&str>,
    active: Option<bool>,
    order: &Order,
) -> Result<Page<Provider>, sqlx::Error> {
    let columns = "id, name, timezone, active, version, created_at";
    let mut list = List::new(tx, order, "id", columns, "providers", "organization_id");
    list.search(&["name"], text);
    list.filter("active = ", active);
    list.page(tx).await
}

/// Providers by name, after the one called `after`.
pub async fn providers(tx: &mut Tx, after: Option<ProviderId>, limit: i64) -> Result<Vec<Provider>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        Provider,
        r#"SELECT id AS "id: _", name, timezone, active, version, created_at FROM providers
           WHERE organization_id = $1
             AND ($2::uuid IS NULL OR (name, id) > (SELECT name, id FROM providers WHERE organization_id = $1 AND id = $2))
           ORDER BY name, id LIMIT $3"#,
        organization.0,
        after.map(|id| id.0),
        limit
    )
    .fetch_all(&mut **tx)
    .await
}

/// The provider; `lock` keeps it as it is for the rest of the transaction.
pub async fn provider(tx: &mut Tx, id: ProviderId, lock: bool) -> Result<Option<Provider>, sqlx::Error> {
    let organization = tx.organization_id();
    if lock {
        super::bookings::lock_providers(tx, &[id]).await?;
    }
    sqlx::query_as!(
        Provider,
        r#"SELECT id AS "id: _", name, timezone, active, version, created_at FROM providers WHERE organization_id = $1 AND id = $2"#,
        organization.0,
        id.0
    )
    .fetch_optional(&mut **tx)
    .await
}

pub async fn insert_provider(tx: &mut Tx, f: &ProviderFields) -> Result<ProviderId, sqlx::Error> {
    let (organization, id, now) = (tx.organization_id(), ProviderId::new(tx.clock()), tx.clock().now());
    sqlx::query!(
        "INSERT INTO providers (organization_id, id, name, timezone, active, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
        organization.0,
        id.0,
        f.name,
        f.timezone,
        f.active,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(id)
}

pub async fn update_provider(tx: &mut Tx, id: ProviderId, f: &ProviderFields) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query!(
        "UPDATE providers SET name = $3, timezone = $4, active = $5, version = version + 1 WHERE organization_id = $1 AND id = $2",
        organization.0,
        id.0,
        f.name,
        f.timezone,
        f.active,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Fails by a foreign key where anything refers to it.
pub async fn delete_provider(tx: &mut Tx, id: ProviderId) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query!("DELETE FROM providers WHERE organization_id = $1 AND id = $2", organization.0, id.0)
        .execute(&mut **tx)
        .await
        .map(drop)
}

/// Makes the provider unless one of that name is there. Returns its id.
pub async fn ensure_provider(tx: &mut Tx, name: &str, timezone: &str) -> Result<ProviderId, sqlx::Error> {
    let (organization, id, now) = (tx.organization_id(), ProviderId::new(tx.clock()), tx.clock().now());
    sqlx::query_scalar!(
        r#"WITH made AS (
             INSERT INTO providers (organization_id, id, name, timezone, created_at)
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING RETURNING id)
           SELECT id AS "id!: ProviderId" FROM made
           UNION ALL SELECT id FROM providers WHERE organization_id = $1 AND lower(name) = lower($3) LIMIT 1"#,
        organization.0,
        id.0,
        name,
        timezone,
        now
    )
    .fetch_one(&mut **tx)
    .await
}
