//! The engine: book, cancel, move. Each locks what it counts, in one order everywhere: booking, slots by id, providers by id.

use chrono::{NaiveDate, Utc};
use chrono_tz::Tz;

use super::{
    model::Appointment,
    rules::WeeklyHours,
    store::{self, LockedSlot},
};
use crate::platform::{
    db::Tx,
    events::{self, Event},
    ids::{BookingId, ContactId, ProviderId, ServiceId, SlotId},
    problem::{Code, Problem},
};

/// Who changes a booking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    Contact,
    Staff,
}

impl Actor {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Contact => "contact",
            Self::Staff => "staff",
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum BookingError {
    #[error("there is no such slot")]
    NoSuchSlot,
    #[error("there is no such appointment")]
    NoSuchBooking,
    #[error("there is no such contact")]
    NoSuchContact,
    #[error("that time is taken")]
    SlotTaken,
    #[error("that time is past")]
    SlotPast,
    #[error("the contact has this time already")]
    AlreadyBooked,
    #[error("the appointment is not active any more")]
    NotActive,
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl From<BookingError> for Problem {
    fn from(error: BookingError) -> Self {
        match error {
            BookingError::NoSuchSlot => Self::not_found("slot"),
            BookingError::NoSuchBooking => Self::not_found("appointment"),
            BookingError::NoSuchContact => Self::not_found("contact"),
            BookingError::SlotTaken => Self::new(Code::SlotTaken, "Choose another slot."),
            BookingError::SlotPast => Self::new(Code::SlotPast, "Choose a slot in the future."),
            BookingError::AlreadyBooked => Self::new(Code::AlreadyBooked, "The contact has this time already."),
            BookingError::NotActive => Self::new(Code::NotActive, "The appointment was cancelled or is over."),
            BookingError::Database(error) => error.into(),
        }
    }
}

/// Books a place for the contact, confirmed at once.
pub async fn book(tx: &mut Tx, contact: ContactId, slot: SlotId, actor: Actor) -> Result<Appointment, BookingError> {
    let (locked, _) = lock_for(tx, slot, None).await?;
    if store::active_booking(tx, contact, slot).await?.is_some() {
        return Err(BookingError::AlreadyBooked);
    }
    check_free(tx, &locked, None).await?;
    store::take_place(tx, slot).await.map_err(on_constraint)?;
    let id = store::insert_booking(tx, contact, slot).await.map_err(on_constraint)?;
    store::append_event(tx, id, "booked", None, Some(slot), actor.as_str()).await?;
    changed(tx, id).await
}

/// Ends the booking and frees its place. Cancelling what is cancelled is [`BookingError::NotActive`].
pub async fn cancel(tx: &mut Tx, id: BookingId, actor: Actor) -> Result<Appointment, BookingError> {
    let booking = store::lock_booking(tx, id).await?.ok_or(BookingError::NoSuchBooking)?;
    if !booking.status.is_active() {
        return Err(BookingError::NotActive);
    }
    lock_for(tx, booking.slot_id, None).await?;
    store::free_place(tx, booking.slot_id).await?;
    store::mark_cancelled(tx, id).await?;
    store::append_event(tx, id, "cancelled", Some(booking.slot_id), None, actor.as_str()).await?;
    changed(tx, id).await
}

/// Moves the booking to another slot: both change, or neither.
pub async fn reschedule(tx: &mut Tx, id: BookingId, to: SlotId, actor: Actor) -> Result<Appointment, BookingError> {
    let booking = store::lock_booking(tx, id).await?.ok_or(BookingError::NoSuchBooking)?;
    if !booking.status.is_active() {
        return Err(BookingError::NotActive);
    }
    let from = booking.slot_id;
    if from == to {
        return Err(BookingError::AlreadyBooked);
    }
    let (target, left) = lock_for(tx, to, Some(from)).await?;
    if store::active_booking(tx, booking.contact_id, to).await?.is_some() {
        return Err(BookingError::AlreadyBooked);
    }
    // The slot moved from keeps its provider busy if other people stay in it.
    let freed = left.is_some_and(|s| s.taken == 1).then_some(from);
    check_free(tx, &target, freed).await?;
    store::free_place(tx, from).await?;
    store::take_place(tx, to).await.map_err(on_constraint)?;
    store::move_booking(tx, id, to).await.map_err(on_constraint)?;
    store::append_event(tx, id, "rescheduled", Some(from), Some(to), actor.as_str()).await?;
    changed(tx, id).await
}

/// Locks the slot (and the one moved from) and their providers.
async fn lock_for(
    tx: &mut Tx,
    slot: SlotId,
    from: Option<SlotId>,
) -> Result<(LockedSlot, Option<LockedSlot>), BookingError> {
    let ids: Vec<SlotId> = std::iter::once(slot).chain(from).collect();
    let locked = store::lock_slots(tx, &ids).await?;
    let providers: Vec<ProviderId> = locked.iter().map(|s| s.provider_id).collect();
    store::lock_providers(tx, &providers).await?;
    let (mut target, left): (Vec<_>, Vec<_>) = locked.into_iter().partition(|s| s.id == slot);
    Ok((target.pop().ok_or(BookingError::NoSuchSlot)?, left.into_iter().next()))
}

async fn check_free(tx: &mut Tx, slot: &LockedSlot, except: Option<SlotId>) -> Result<(), BookingError> {
    if slot.start_time <= tx.clock().now() {
        return Err(BookingError::SlotPast);
    }
    if slot.taken >= slot.capacity || store::provider_is_busy(tx, slot.id, except).await? {
        return Err(BookingError::SlotTaken);
    }
    Ok(())
}

/// The floor under the checks: what the database refuses, by the constraint's name.
fn on_constraint(error: sqlx::Error) -> BookingError {
    match error.as_database_error().and_then(|e| e.constraint()) {
        Some("bookings_one_seat") => BookingError::AlreadyBooked,
        Some("slots_capacity" | "provider_busy_once") => BookingError::SlotTaken,
        Some("bookings_organization_id_contact_id_fkey") => BookingError::NoSuchContact,
        _ => BookingError::Database(error),
    }
}

async fn changed(tx: &mut Tx, id: BookingId) -> Result<Appointment, BookingError> {
    events::emit(tx, Event::BookingChanged { booking_id: id }).await?;
    store::appointment(tx, id).await?.ok_or(BookingError::NoSuchBooking)
}

/// A service to make sure of.
pub struct NewService<'a> {
    pub name: &'a str,
    pub description: Option<&'a str>,
    pub duration_minutes: i32,
    pub buffer_minutes: i32,
    pub position: i32,
}

/// Makes the service unless one of that name is there.
pub async fn ensure_service(tx: &mut Tx, s: &NewService<'_>) -> Result<ServiceId, sqlx::Error> {
    store::ensure_service(tx, s.name, s.description, s.duration_minutes, s.buffer_minutes, s.position).await
}

/// A provider to make sure of.
pub struct NewProvider<'a> {
    pub name: &'a str,
    pub timezone: Tz,
}

/// Makes the provider unless one of that name is there.
pub async fn ensure_provider(tx: &mut Tx, p: &NewProvider<'_>) -> Result<ProviderId, sqlx::Error> {
    store::ensure_provider(tx, p.name, p.timezone.name()).await
}

/// Writes the slots that the hours make over `days` days from `from`, except those that are there. Returns how many are new.
pub async fn ensure_slots(
    tx: &mut Tx,
    service: ServiceId,
    provider: ProviderId,
    hours: &WeeklyHours,
    tz: Tz,
    from: NaiveDate,
    days: u64,
) -> Result<u64, sqlx::Error> {
    let now: chrono::DateTime<Utc> = tx.clock().now();
    let times: Vec<_> = hours.slots(tz, from, days).into_iter().filter(|(start, _)| *start > now).collect();
    store::insert_slots(tx, service, provider, &times).await
}
