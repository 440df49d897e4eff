//! Appointments: every booking, of activities too.

use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Faults;
use crate::{
    accounts::{Change, Staff},
    booking::{
        model::{Appointment, AppointmentDetail, BookingStatus},
        service::{self, Actor, BookingError, Ending},
        store::bookings::{self as store, AppointmentFilter},
    },
    contacts,
    platform::{
        http::{Core, IfMatch, Json, Page, Paging, Patch, Path, Query, Versioned},
        ids::{BookingId, ContactId, ProviderId, ServiceId, SlotId},
        problem::{Problem, ProblemDocument, StatusCode},
    },
};

pub fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new()
        .routes(routes!(list_appointments, create_appointment))
        .routes(routes!(get_appointment, update_appointment))
        .routes(routes!(confirm_appointment))
        .routes(routes!(cancel_appointment))
        .routes(routes!(reschedule_appointment))
        .routes(routes!(complete_appointment))
        .routes(routes!(no_show_appointment))
        .routes(routes!(reopen_appointment))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct AppointmentParams {
    contact_id: Option<ContactId>,
    service_id: Option<ServiceId>,
    provider_id: Option<ProviderId>,
    slot_id: Option<SlotId>,
    status: Option<BookingStatus>,
    /// First start, inclusive.
    from: Option<DateTime<Utc>>,
    /// Last start, exclusive.
    to: Option<DateTime<Utc>>,
    /// Part of the contact's name or number.
    q: Option<String>,
}

/// Appointments, newest first. Orders: created_at, start_time. The same operations are under /bookings.
#[utoipa::path(get, path = "/appointments", tag = "booking", params(AppointmentParams, Paging), responses(
    (status = 200, description = "One page", body = Page<Appointment>),
))]
async fn list_appointments(
    State(core): State<Core>,
    staff: Staff,
    Query(p): Query<AppointmentParams>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<Appointment>>, Problem> {
    let order = paging.order(store::ORDERS)?;
    let filter = AppointmentFilter {
        contact: p.contact_id,
        service: p.service_id,
        provider: p.provider_id,
        slot: p.slot_id,
        status: p.status,
        from: p.from,
        to: p.to,
        text: p.q.as_deref(),
    };
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    Ok(Json(store::list(&mut tx, &filter, &order).await?))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct NewAppointment {
    contact_id: ContactId,
    slot_id: SlotId,
    /// Confirm at once also where the service has places held first.
    #[serde(default)]
    confirmed: bool,
}

/// Book a slot for a contact. An appointment is confirmed at once; a place of an activity with a hold time is held until it is
/// confirmed, and free again if it is not.
#[utoipa::path(post, path = "/appointments", tag = "booking", request_body = NewAppointment, responses(
    (status = 201, description = "Booked: confirmed, or held until `held_until`", body = Appointment),
    (status = 404, description = "No such contact or slot", body = ProblemDocument),
    (status = 409, description = "slot_taken, slot_past, slot_closed or already_booked", body = ProblemDocument),
))]
async fn create_appointment(
    State(core): State<Core>,
    staff: Staff,
    Json(new): Json<NewAppointment>,
) -> Result<(StatusCode, Json<Appointment>), Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let contact = contacts::lock_person(&mut tx, new.contact_id).await?.ok_or(BookingError::NoSuchContact)?.id;
    let actor = Actor::Staff(&staff.actor().name);
    let booked = if new.confirmed {
        service::book(&mut tx, contact, new.slot_id, actor).await?
    } else {
        service::book_or_hold(&mut tx, contact, new.slot_id, actor).await?
    };
    staff.audit(&mut tx, Change::created("appointment", booked.id.0, &booked)).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(booked)))
}

/// One appointment with its history.
#[utoipa::path(get, path = "/appointments/{id}", tag = "booking", params(("id" = BookingId, Path)), responses(
    (status = 200, description = "The appointment, with its version as ETag", body = AppointmentDetail),
    (status = 404, description = "No such appointment", body = ProblemDocument),
))]
async fn get_appointment(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<BookingId>,
) -> Result<Versioned<AppointmentDetail>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let appointment = store::appointment(&mut tx, id).await?.ok_or(BookingError::NoSuchBooking)?;
    let history = store::history(&mut tx, id).await?;
    Ok(Versioned { version: appointment.version, row: AppointmentDetail { appointment, history } })
}

/// What is left out stays.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct AppointmentChange {
    /// Of staff, for staff; never sent. Null or empty removes it.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 2000)]
    note: Patch<String>,
}

/// Write the staff's note on an appointment.
#[utoipa::path(patch, path = "/appointments/{id}", tag = "booking", request_body = AppointmentChange,
    params(("id" = BookingId, Path), ("If-Match" = Option<String>, Header, description = "The version that is changed, such as \"3\"")),
    responses(
    (status = 200, description = "The appointment, with its version as ETag", body = Appointment),
    (status = 404, description = "No such appointment", body = ProblemDocument),
    (status = 412, description = "version_conflict", body = ProblemDocument),
))]
async fn update_appointment(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<BookingId>,
    if_match: IfMatch,
    Json(change): Json<AppointmentChange>,
) -> Result<Versioned<Appointment>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let locked = store::lock_booking(&mut tx, id).await?.ok_or(BookingError::NoSuchBooking)?;
    if_match.check(locked.version)?;
    let before = store::appointment(&mut tx, id).await?.ok_or(BookingError::NoSuchBooking)?;
    let note = super::filled(change.note.apply(before.note.clone()));
    let mut faults = Faults::default();
    if let Some(note) = &note {
        faults.length("note", note, 2000);
    }
    faults.end()?;
    store::set_note(&mut tx, id, note.as_deref()).await?;
    let row = store::appointment(&mut tx, id).await?.ok_or(BookingError::NoSuchBooking)?;
    staff.audit(&mut tx, Change::updated("appointment", id.0, &before, &row)).await?;
    tx.commit().await?;
    Ok(Versioned { version: row.version, row })
}

/// What staff does to an appointment: the verb for the audit log.
async fn acted(
    core: Core,
    staff: Staff,
    id: BookingId,
    verb: &str,
    act: impl AsyncFnOnce(&mut crate::platform::db::Tx, Actor<'_>) -> Result<Appointment, BookingError>,
) -> Result<Json<Appointment>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let before = store::appointment(&mut tx, id).await?.ok_or(BookingError::NoSuchBooking)?;
    let after = act(&mut tx, Actor::Staff(&staff.actor().name)).await?;
    staff.audit(&mut tx, Change::of("appointment", verb, id.0).before(&before).after(&after)).await?;
    tx.commit().await?;
    Ok(Json(after))
}

/// Confirm a held place.
#[utoipa::path(post, path = "/appointments/{id}/confirm", tag = "booking", params(("id" = BookingId, Path)), responses(
    (status = 200, description = "Confirmed", body = Appointment),
    (status = 404, description = "No such appointment", body = ProblemDocument),
    (status = 409, description = "hold_expired, or not_active where it is not held", body = ProblemDocument),
))]
async fn confirm_appointment(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<BookingId>,
) -> Result<Json<Appointment>, Problem> {
    acted(core, staff, id, "confirmed", async |tx, actor| service::confirm(tx, id, actor).await).await
}

/// Cancel an appointment; its time becomes bookable again.
#[utoipa::path(post, path = "/appointments/{id}/cancel", tag = "booking", params(("id" = BookingId, Path)), responses(
    (status = 200, description = "Cancelled", body = Appointment),
    (status = 404, description = "No such appointment", body = ProblemDocument),
    (status = 409, description = "not_active", body = ProblemDocument),
))]
async fn cancel_appointment(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<BookingId>,
) -> Result<Json<Appointment>, Problem> {
    acted(core, staff, id, "cancelled", async |tx, actor| service::cancel(tx, id, actor).await).await
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct NewTime {
    slot_id: SlotId,
}

/// Move an appointment to another slot; the old time becomes bookable again.
#[utoipa::path(post, path = "/appointments/{id}/reschedule", tag = "booking", params(("id" = BookingId, Path)), request_body = NewTime,
    responses(
    (status = 200, description = "Moved", body = Appointment),
    (status = 404, description = "No such appointment or slot", body = ProblemDocument),
    (status = 409, description = "slot_taken, slot_past, slot_closed, already_booked or not_active", body = ProblemDocument),
))]
async fn reschedule_appointment(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<BookingId>,
    Json(new): Json<NewTime>,
) -> Result<Json<Appointment>, Problem> {
    acted(core, staff, id, "rescheduled", async |tx, actor| service::reschedule(tx, id, new.slot_id, actor).await).await
}

/// Say that the contact came. Once it has begun.
#[utoipa::path(post, path = "/appointments/{id}/complete", tag = "booking", params(("id" = BookingId, Path)), responses(
    (status = 200, description = "Completed", body = Appointment),
    (status = 404, description = "No such appointment", body = ProblemDocument),
    (status = 409, description = "not_started, or not_active where it is not confirmed", body = ProblemDocument),
))]
async fn complete_appointment(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<BookingId>,
) -> Result<Json<Appointment>, Problem> {
    acted(core, staff, id, "completed", async |tx, actor| service::conclude(tx, id, Ending::Completed, actor).await)
        .await
}

/// Say that the contact did not come. Once it has begun.
#[utoipa::path(post, path = "/appointments/{id}/no-show", tag = "booking", params(("id" = BookingId, Path)), responses(
    (status = 200, description = "Marked", body = Appointment),
    (status = 404, description = "No such appointment", body = ProblemDocument),
    (status = 409, description = "not_started, or not_active where it is not confirmed", body = ProblemDocument),
))]
async fn no_show_appointment(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<BookingId>,
) -> Result<Json<Appointment>, Problem> {
    acted(core, staff, id, "no_show", async |tx, actor| service::conclude(tx, id, Ending::NoShow, actor).await).await
}

/// Take back that the contact came, or did not, within seven days of its end.
#[utoipa::path(post, path = "/appointments/{id}/reopen", tag = "booking", params(("id" = BookingId, Path)), responses(
    (status = 200, description = "Confirmed again", body = Appointment),
    (status = 404, description = "No such appointment", body = ProblemDocument),
    (status = 409, description = "reopen_too_late, or not_active where it was not marked", body = ProblemDocument),
))]
async fn reopen_appointment(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<BookingId>,
) -> Result<Json<Appointment>, Problem> {
    acted(core, staff, id, "reopened", async |tx, actor| service::reopen(tx, id, actor).await).await
}
