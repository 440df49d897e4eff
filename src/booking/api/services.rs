//! Services.

use axum::extract::State;
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Faults, filled, on_name, on_reference, trimmed};
use crate::{
    accounts::{Change, Staff},
    booking::{
        model::{Service, ServiceKind},
        store::catalog::{self as store, ServiceFields, ServiceFilter},
    },
    compliance::guard,
    platform::{
        http::{Core, IfMatch, Json, Page, Paging, Patch, Path, Query, Versioned},
        ids::ServiceId,
        problem::{Problem, ProblemDocument, StatusCode},
    },
};

pub fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new().routes(routes!(list_services, create_service)).routes(routes!(
        get_service,
        update_service,
        delete_service
    ))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct ServiceParams {
    /// Part of the name or description.
    q: Option<String>,
    active: Option<bool>,
    kind: Option<ServiceKind>,
}

/// What can be booked. Orders: position, name, created_at.
#[utoipa::path(get, path = "/services", tag = "booking", params(ServiceParams, Paging), responses(
    (status = 200, description = "One page, in the order of the business", body = Page<Service>),
))]
async fn list_services(
    State(core): State<Core>,
    staff: Staff,
    Query(params): Query<ServiceParams>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<Service>>, Problem> {
    let order = paging.order(store::SERVICE_ORDERS)?;
    let filter = ServiceFilter { text: params.q.as_deref(), active: params.active, kind: params.kind };
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    Ok(Json(store::list_services(&mut tx, &filter, &order).await?))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct NewService {
    #[schema(min_length = 1, max_length = 120, example = "Consultation")]
    name: String,
    #[schema(max_length = 500)]
    description: Option<String>,
    #[schema(minimum = 5, maximum = 1440, example = 30)]
    duration_minutes: i32,
    /// Minutes the provider stays busy afterwards. 0 if left out.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 480)]
    buffer_minutes: i32,
    /// Places in a slot. 1 if left out; an appointment has no other.
    #[serde(default = "one")]
    #[schema(minimum = 1, maximum = 10000)]
    capacity: i32,
    /// appointment if left out.
    #[serde(default = "appointment")]
    kind: ServiceKind,
    /// Of an activity only: how long a place booked by staff waits for its confirmation. Left out: confirmed at once.
    #[schema(minimum = 1, maximum = 43200)]
    hold_minutes: Option<i32>,
    /// Order. 0 if left out.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1000000)]
    position: i32,
    #[serde(default = "yes")]
    active: bool,
}

const fn one() -> i32 {
    1
}

const fn appointment() -> ServiceKind {
    ServiceKind::Appointment
}

const fn yes() -> bool {
    true
}

fn checked(f: ServiceFields) -> Result<ServiceFields, Problem> {
    let fields = ServiceFields { name: trimmed(&f.name), description: filled(f.description), ..f };
    let mut faults = Faults::default();
    faults.length("name", &fields.name, 120);
    if let Some(description) = &fields.description {
        faults.length("description", description, 500);
    }
    faults.range("duration_minutes", fields.duration_minutes, 5, 1440);
    faults.range("buffer_minutes", fields.buffer_minutes, 0, 480);
    faults.range("capacity", fields.capacity, 1, 10_000);
    faults.range("position", fields.position, 0, 1_000_000);
    if let Some(minutes) = fields.hold_minutes {
        faults.range("hold_minutes", minutes, 1, 43_200);
    }
    if fields.kind == ServiceKind::Appointment {
        if fields.capacity != 1 {
            faults.add("capacity", "not_an_activity", "an appointment has one place; make it an activity");
        }
        if fields.hold_minutes.is_some() {
            faults.add("hold_minutes", "not_an_activity", "an appointment is confirmed at once; make it an activity");
        }
    }
    faults.end()?;
    Ok(fields)
}

/// Refuses words that would make a customer answer with one the carrier swallows. What stood there before stays editable.
fn guarded(fields: ServiceFields, before: Option<&Service>) -> Result<ServiceFields, Problem> {
    let name = Some(fields.name.as_str()).filter(|name| before.is_none_or(|b| b.name != *name));
    let description = fields.description.as_deref();
    let description = description.filter(|d| before.is_none_or(|b| b.description.as_deref() != Some(*d)));
    let (name, description) = (name.unwrap_or_default(), description.unwrap_or_default());
    guard::check(&[("name", name), ("description", description)], &[("name", name)])?;
    Ok(fields)
}

/// Add a service.
#[utoipa::path(post, path = "/services", tag = "booking", request_body = NewService, responses(
    (status = 201, description = "The service", body = Service),
    (status = 409, description = "already_exists", body = ProblemDocument),
))]
async fn create_service(
    State(core): State<Core>,
    staff: Staff,
    Json(new): Json<NewService>,
) -> Result<(StatusCode, Json<Service>), Problem> {
    let fields = checked(ServiceFields {
        name: new.name,
        description: new.description,
        duration_minutes: new.duration_minutes,
        buffer_minutes: new.buffer_minutes,
        capacity: new.capacity,
        kind: new.kind,
        hold_minutes: new.hold_minutes,
        position: new.position,
        active: new.active,
    })?;
    let fields = guarded(fields, None)?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let id = store::insert_service(&mut tx, &fields).await.map_err(on_name)?;
    let service = store::service(&mut tx, id, false).await?.ok_or_else(|| Problem::not_found("service"))?;
    staff.audit(&mut tx, Change::created("service", id.0, &service)).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(service)))
}

/// One service.
#[utoipa::path(get, path = "/services/{id}", tag = "booking", params(("id" = ServiceId, Path)), responses(
    (status = 200, description = "The service, with its version as ETag", body = Service),
    (status = 404, description = "No such service", body = ProblemDocument),
))]
async fn get_service(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<ServiceId>,
) -> Result<Versioned<Service>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let row = store::service(&mut tx, id, false).await?.ok_or_else(|| Problem::not_found("service"))?;
    Ok(Versioned { version: row.version, row })
}

/// What is left out stays.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct ServiceChange {
    #[schema(min_length = 1, max_length = 120)]
    name: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 500)]
    description: Patch<String>,
    #[schema(minimum = 5, maximum = 1440)]
    duration_minutes: Option<i32>,
    #[schema(minimum = 0, maximum = 480)]
    buffer_minutes: Option<i32>,
    #[schema(minimum = 1, maximum = 10000)]
    capacity: Option<i32>,
    kind: Option<ServiceKind>,
    #[serde(default)]
    #[schema(value_type = Option<i32>, minimum = 1, maximum = 43200)]
    hold_minutes: Patch<i32>,
    #[schema(minimum = 0, maximum = 1000000)]
    position: Option<i32>,
    /// False archives it.
    active: Option<bool>,
}

/// Change a service. Duration, buffer and capacity are those of slots made from now on; slots that are there keep theirs.
#[utoipa::path(patch, path = "/services/{id}", tag = "booking", request_body = ServiceChange,
    params(("id" = ServiceId, Path), ("If-Match" = Option<String>, Header, description = "The version that is changed, such as \"3\"")),
    responses(
    (status = 200, description = "The service, with its version as ETag", body = Service),
    (status = 404, description = "No such service", body = ProblemDocument),
    (status = 409, description = "already_exists", body = ProblemDocument),
    (status = 412, description = "version_conflict", body = ProblemDocument),
))]
async fn update_service(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<ServiceId>,
    if_match: IfMatch,
    Json(change): Json<ServiceChange>,
) -> Result<Versioned<Service>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let before = store::service(&mut tx, id, true).await?.ok_or_else(|| Problem::not_found("service"))?;
    if_match.check(before.version)?;
    let old = before.clone();
    let fields = checked(ServiceFields {
        name: change.name.unwrap_or(old.name),
        description: change.description.apply(old.description),
        duration_minutes: change.duration_minutes.unwrap_or(old.duration_minutes),
        buffer_minutes: change.buffer_minutes.unwrap_or(old.buffer_minutes),
        capacity: change.capacity.unwrap_or(old.capacity),
        kind: change.kind.unwrap_or(old.kind),
        hold_minutes: change.hold_minutes.apply(old.hold_minutes),
        position: change.position.unwrap_or(old.position),
        active: change.active.unwrap_or(old.active),
    })?;
    let fields = guarded(fields, Some(&before))?;
    store::update_service(&mut tx, id, &fields).await.map_err(on_name)?;
    let row = store::service(&mut tx, id, false).await?.ok_or_else(|| Problem::not_found("service"))?;
    staff.audit(&mut tx, Change::updated("service", id.0, &before, &row)).await?;
    tx.commit().await?;
    Ok(Versioned { version: row.version, row })
}

/// Delete a service that was never used. One with slots or weekly hours can be archived instead.
#[utoipa::path(delete, path = "/services/{id}", tag = "booking", params(("id" = ServiceId, Path)), responses(
    (status = 204, description = "Deleted"),
    (status = 404, description = "No such service", body = ProblemDocument),
    (status = 409, description = "in_use", body = ProblemDocument),
))]
async fn delete_service(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<ServiceId>,
) -> Result<StatusCode, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let before = store::service(&mut tx, id, true).await?.ok_or_else(|| Problem::not_found("service"))?;
    let used = "It has slots or weekly hours. Remove them first, or archive it (active: false).";
    store::delete_service(&mut tx, id).await.map_err(|e| on_reference(e, used))?;
    staff.audit(&mut tx, Change::deleted("service", id.0, &before)).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
