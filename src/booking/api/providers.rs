//! Providers.

use axum::extract::State;
use chrono_tz::Tz;
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Faults, NamedParams, on_name, on_reference, trimmed};
use crate::{
    accounts::{Change, Staff},
    booking::{
        model::Provider,
        store::catalog::{self as store, ProviderFields},
    },
    platform::{
        http::{Core, IfMatch, Json, Page, Paging, Path, Query, Versioned},
        ids::ProviderId,
        problem::{Problem, ProblemDocument, StatusCode},
    },
};

pub fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new().routes(routes!(list_providers, create_provider)).routes(routes!(
        get_provider,
        update_provider,
        delete_provider
    ))
}

/// Who offers services. Orders: name, created_at.
#[utoipa::path(get, path = "/providers", tag = "booking", params(NamedParams, Paging), responses(
    (status = 200, description = "One page, by name", body = Page<Provider>),
))]
async fn list_providers(
    State(core): State<Core>,
    staff: Staff,
    Query(params): Query<NamedParams>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<Provider>>, Problem> {
    let order = paging.order(store::PROVIDER_ORDERS)?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    Ok(Json(store::list_providers(&mut tx, params.q.as_deref(), params.active, &order).await?))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct NewProvider {
    #[schema(min_length = 1, max_length = 120, example = "Alex Rivera")]
    name: String,
    /// IANA zone in which its hours are meant. The organization's if left out.
    #[schema(max_length = 64, example = "America/New_York")]
    timezone: Option<String>,
    #[serde(default = "yes")]
    active: bool,
}

const fn yes() -> bool {
    true
}

fn checked(f: ProviderFields) -> Result<ProviderFields, Problem> {
    let fields = ProviderFields { name: trimmed(&f.name), ..f };
    let mut faults = Faults::default();
    faults.length("name", &fields.name, 120);
    if fields.timezone.parse::<Tz>().is_err() {
        faults.add("timezone", "unknown_timezone", "must be an IANA zone such as America/New_York");
    }
    faults.end()?;
    Ok(fields)
}

/// Add a provider.
#[utoipa::path(post, path = "/providers", tag = "booking", request_body = NewProvider, responses(
    (status = 201, description = "The provider", body = Provider),
    (status = 409, description = "already_exists", body = ProblemDocument),
))]
async fn create_provider(
    State(core): State<Core>,
    staff: Staff,
    Json(new): Json<NewProvider>,
) -> Result<(StatusCode, Json<Provider>), Problem> {
    let timezone = new.timezone.unwrap_or_else(|| staff.organization.timezone.name().to_owned());
    let fields = checked(ProviderFields { name: new.name, timezone, active: new.active })?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let id = store::insert_provider(&mut tx, &fields).await.map_err(on_name)?;
    let provider = store::provider(&mut tx, id, false).await?.ok_or_else(|| Problem::not_found("provider"))?;
    staff.audit(&mut tx, Change::created("provider", id.0, &provider)).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(provider)))
}

/// One provider.
#[utoipa::path(get, path = "/providers/{id}", tag = "booking", params(("id" = ProviderId, Path)), responses(
    (status = 200, description = "The provider, with its version as ETag", body = Provider),
    (status = 404, description = "No such provider", body = ProblemDocument),
))]
async fn get_provider(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<ProviderId>,
) -> Result<Versioned<Provider>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let row = store::provider(&mut tx, id, false).await?.ok_or_else(|| Problem::not_found("provider"))?;
    Ok(Versioned { version: row.version, row })
}

/// What is left out stays.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct ProviderChange {
    #[schema(min_length = 1, max_length = 120)]
    name: Option<String>,
    #[schema(max_length = 64)]
    timezone: Option<String>,
    /// False archives it.
    active: Option<bool>,
}

/// Change a provider. A new zone is that of slots made from now on; slots that are there keep their instants.
#[utoipa::path(patch, path = "/providers/{id}", tag = "booking", request_body = ProviderChange,
    params(("id" = ProviderId, Path), ("If-Match" = Option<String>, Header, description = "The version that is changed, such as \"3\"")),
    responses(
    (status = 200, description = "The provider, with its version as ETag", body = Provider),
    (status = 404, description = "No such provider", body = ProblemDocument),
    (status = 409, description = "already_exists", body = ProblemDocument),
    (status = 412, description = "version_conflict", body = ProblemDocument),
))]
async fn update_provider(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<ProviderId>,
    if_match: IfMatch,
    Json(change): Json<ProviderChange>,
) -> Result<Versioned<Provider>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let before = store::provider(&mut tx, id, true).await?.ok_or_else(|| Problem::not_found("provider"))?;
    if_match.check(before.version)?;
    let old = before.clone();
    let fields = checked(ProviderFields {
        name: change.name.unwrap_or(old.name),
        timezone: change.timezone.unwrap_or(old.timezone),
        active: change.active.unwrap_or(old.active),
    })?;
    store::update_provider(&mut tx, id, &fields).await.map_err(on_name)?;
    let row = store::provider(&mut tx, id, false).await?.ok_or_else(|| Problem::not_found("provider"))?;
    staff.audit(&mut tx, Change::updated("provider", id.0, &before, &row)).await?;
    tx.commit().await?;
    Ok(Versioned { version: row.version, row })
}

/// Delete a provider that was never used. One with slots or weekly hours can be archived instead.
#[utoipa::path(delete, path = "/providers/{id}", tag = "booking", params(("id" = ProviderId, Path)), responses(
    (status = 204, description = "Deleted"),
    (status = 404, description = "No such provider", body = ProblemDocument),
    (status = 409, description = "in_use", body = ProblemDocument),
))]
async fn delete_provider(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<ProviderId>,
) -> Result<StatusCode, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let before = store::provider(&mut tx, id, true).await?.ok_or_else(|| Problem::not_found("provider"))?;
    let used = "It has slots, weekly hours or closed days. Remove them first, or archive it (active: false).";
    store::delete_provider(&mut tx, id).await.map_err(|e| on_reference(e, used))?;
    staff.audit(&mut tx, Change::deleted("provider", id.0, &before)).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
