//! Reading services, providers, slots and appointments; booking, cancelling and moving them as staff.

use axum::{extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    model::{Appointment, BookingStatus, Provider, Service, Slot},
    service::{self, Actor, BookingError},
    store::{self, AppointmentFilter, SlotFilter},
};
use crate::{
    accounts::Staff,
    contacts,
    platform::{
        http::{Core, Json, Page, Paging, Path, Query},
        ids::{BookingId, ContactId, ProviderId, ServiceId, SlotId},
        problem::{Problem, ProblemDocument},
    },
};

pub fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new()
        .routes(routes!(list_services))
        .routes(routes!(list_providers))
        .routes(routes!(list_slots))
        .routes(routes!(list_appointments, create_appointment))
        .routes(routes!(cancel_appointment))
        .routes(routes!(reschedule_appointment))
}

/// What can be booked.
#[utoipa::path(get, path = "/services", tag = "booking", params(Paging), responses(
    (status = 200, description = "One page, in the order of the business", body = Page<Service>),
    (status = 401, description = "Not signed in", body = ProblemDocument),
    (status = 422, description = "A parameter is not valid", body = ProblemDocument),
))]
async fn list_services(
    State(core): State<Core>,
    staff: Staff,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<Service>>, Problem> {
    let limit = paging.limit()?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let rows = store::list_services(&mut tx, paging.after()?, limit as i64 + 1).await?;
    Ok(Json(Page::cut(rows, limit, |s| s.id)))
}

/// Who offers services.
#[utoipa::path(get, path = "/providers", tag = "booking", params(Paging), responses(
    (status = 200, description = "One page, by name", body = Page<Provider>),
    (status = 401, description = "Not signed in", body = ProblemDocument),
    (status = 422, description = "A parameter is not valid", body = ProblemDocument),
))]
async fn list_providers(
    State(core): State<Core>,
    staff: Staff,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<Provider>>, Problem> {
    let limit = paging.limit()?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let rows = store::providers(&mut tx, paging.after()?, limit as i64 + 1).await?;
    Ok(Json(Page::cut(rows, limit, |p| p.id)))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct SlotParams {
    service_id: Option<ServiceId>,
    provider_id: Option<ProviderId>,
    /// First start, inclusive.
    from: Option<DateTime<Utc>>,
    /// Last start, exclusive.
    to: Option<DateTime<Utc>>,
    /// Only those that could be booked now (true), or could not (false).
    open: Option<bool>,
    limit: Option<u32>,
    cursor: Option<String>,
}

/// Slots by start.
#[utoipa::path(get, path = "/slots", tag = "booking", params(SlotParams), responses(
    (status = 200, description = "One page", body = Page<Slot>),
    (status = 401, description = "Not signed in", body = ProblemDocument),
    (status = 422, description = "A parameter is not valid", body = ProblemDocument),
))]
async fn list_slots(
    State(core): State<Core>,
    staff: Staff,
    Query(p): Query<SlotParams>,
) -> Result<Json<Page<Slot>>, Problem> {
    let paging = Paging { limit: p.limit, cursor: p.cursor, sort: None };
    let limit = paging.limit()?;
    let filter = SlotFilter { service: p.service_id, provider: p.provider_id, from: p.from, to: p.to, open: p.open };
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let rows = store::slots(&mut tx, &filter, paging.after()?, limit as i64 + 1).await?;
    Ok(Json(Page::cut(rows, limit, |s| (s.start_time, s.id))))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct AppointmentParams {
    contact_id: Option<ContactId>,
    status: Option<BookingStatus>,
    /// First start, inclusive.
    from: Option<DateTime<Utc>>,
    /// Last start, exclusive.
    to: Option<DateTime<Utc>>,
    limit: Option<u32>,
    cursor: Option<String>,
}

/// Appointments, newest first.
#[utoipa::path(get, path = "/appointments", tag = "booking", params(AppointmentParams), responses(
    (status = 200, description = "One page", body = Page<Appointment>),
    (status = 401, description = "Not signed in", body = ProblemDocument),
    (status = 422, description = "A parameter is not valid", body = ProblemDocument),
))]
async fn list_appointments(
    State(core): State<Core>,
    staff: Staff,
    Query(p): Query<AppointmentParams>,
) -> Result<Json<Page<Appointment>>, Problem> {
    let paging = Paging { limit: p.limit, cursor: p.cursor, sort: None };
    let limit = paging.limit()?;
    let filter = AppointmentFilter {
        contact: p.contact_id,
        status: p.status.map(BookingStatus::as_str),
        from: p.from,
        to: p.to,
        ..AppointmentFilter::default()
    };
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let rows = store::appointments(&mut tx, &filter, paging.after()?, limit as i64 + 1).await?;
    Ok(Json(Page::cut(rows, limit, |a| a.id)))
}

#[derive(Deserialize, utoipa::ToSchema)]
struct NewAppointment {
    contact_id: ContactId,
    slot_id: SlotId,
}

/// Book a slot for a contact.
#[utoipa::path(post, path = "/appointments", tag = "booking", request_body = NewAppointment, responses(
    (status = 201, description = "Booked and confirmed", body = Appointment),
    (status = 401, description = "Not signed in", body = ProblemDocument),
    (status = 404, description = "No such contact or slot", body = ProblemDocument),
    (status = 409, description = "slot_taken, slot_past or already_booked", body = ProblemDocument),
    (status = 422, description = "The body is not valid", body = ProblemDocument),
))]
async fn create_appointment(
    State(core): State<Core>,
    staff: Staff,
    Json(new): Json<NewAppointment>,
) -> Result<(StatusCode, Json<Appointment>), Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    contacts::get(&mut tx, new.contact_id).await?.ok_or(BookingError::NoSuchContact)?;
    let booked = service::book(&mut tx, new.contact_id, new.slot_id, Actor::Staff).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(booked)))
}

/// Cancel an appointment; its time becomes bookable again.
#[utoipa::path(post, path = "/appointments/{id}/cancel", tag = "booking", params(("id" = BookingId, Path)), responses(
    (status = 200, description = "Cancelled", body = Appointment),
    (status = 401, description = "Not signed in", body = ProblemDocument),
    (status = 404, description = "No such appointment", body = ProblemDocument),
    (status = 409, description = "not_active", body = ProblemDocument),
))]
async fn cancel_appointment(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<BookingId>,
) -> Result<Json<Appointment>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let cancelled = service::cancel(&mut tx, id, Actor::Staff).await?;
    tx.commit().await?;
    Ok(Json(cancelled))
}

#[derive(Deserialize, utoipa::ToSchema)]
struct NewTime {
    slot_id: SlotId,
}

/// Move an appointment to another slot; the old time becomes bookable again.
#[utoipa::path(post, path = "/appointments/{id}/reschedule", tag = "booking", params(("id" = BookingId, Path)), request_body = NewTime,
    responses(
    (status = 200, description = "Moved", body = Appointment),
    (status = 401, description = "Not signed in", body = ProblemDocument),
    (status = 404, description = "No such appointment or slot", body = ProblemDocument),
    (status = 409, description = "slot_taken, slot_past, already_booked or not_active", body = ProblemDocument),
    (status = 422, description = "The body is not valid", body = ProblemDocument),
))]
async fn reschedule_appointment(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<BookingId>,
    Json(new): Json<NewTime>,
) -> Result<Json<Appointment>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let moved = service::reschedule(&mut tx, id, new.slot_id, Actor::Staff).await?;
    tx.commit().await?;
    Ok(Json(moved))
}
