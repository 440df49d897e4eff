//! The engine: book, confirm, move, end. Each locks what it counts, in one order everywhere: booking, slots by id, providers by id.

use std::time::Duration;

use chrono::TimeDelta;
use uuid::Uuid;

use super::{
    jobs::ExpireHold,
    model::{Appointment, BookingEventKind, BookingStatus},
    store::{
        bookings::{self as store, LockedBooking, LockedSlot, NewEvent},
        personal, slots,
    },
};
use crate::platform::{
    db::Tx,
    events::{self, BookingChange, Event},
    ids::{BookingId, ContactId, ProviderId, SlotId},
    jobs::{self, NewJob},
    personal::Erased,
    problem::{Code, Problem},
};

/// How long after its end what was marked can be taken back.
const REOPEN_WITHIN: TimeDelta = TimeDelta::days(7);

/// Who changes a booking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor<'a> {
    Contact,
    /// By name.
    Staff(&'a str),
    System,
}

impl<'a> Actor<'a> {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Contact => "contact",
            Self::Staff(_) => "staff",
            Self::System => "system",
        }
    }

    const fn name(self) -> Option<&'a str> {
        match self {
            Self::Staff(name) => Some(name),
            Self::Contact | Self::System => None,
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
    #[error("that time is not offered")]
    SlotClosed,
    #[error("the contact has this time already")]
    AlreadyBooked,
    #[error("the appointment is not active any more")]
    NotActive,
    #[error("the place was held too long")]
    HoldExpired,
    #[error("the appointment has not begun")]
    NotStarted,
    #[error("the appointment is too long ago")]
    ReopenTooLate,
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
            BookingError::SlotClosed => Self::new(
                Code::SlotClosed,
                "It lies on a closed day, or its service or provider is archived. Choose another slot.",
            ),
            BookingError::AlreadyBooked => Self::new(Code::AlreadyBooked, "The contact has this time already."),
            BookingError::NotActive => {
                Self::new(Code::NotActive, "It is cancelled, over, or not in the state this needs.")
            }
            BookingError::HoldExpired => {
                Self::new(Code::HoldExpired, "The place was not confirmed in time. Book it again.")
            }
            BookingError::NotStarted => Self::new(Code::NotStarted, "Wait until it has begun, or cancel it."),
            BookingError::ReopenTooLate => {
                Self::new(Code::ReopenTooLate, "What was marked can be taken back for seven days after the end.")
            }
            BookingError::Database(error) => error.into(),
        }
    }
}

/// Books a place for the contact, confirmed at once: their own yes is the confirmation.
pub async fn book(
    tx: &mut Tx,
    contact: ContactId,
    slot: SlotId,
    actor: Actor<'_>,
) -> Result<Appointment, BookingError> {
    claim(tx, contact, slot, actor, false).await
}

/// Books a place for the contact. Where the service has a hold time the place is held that long (but not past its begin) and waits for
/// [`confirm`].
pub(super) async fn book_or_hold(
    tx: &mut Tx,
    contact: ContactId,
    slot: SlotId,
    actor: Actor<'_>,
) -> Result<Appointment, BookingError> {
    claim(tx, contact, slot, actor, true).await
}

async fn claim(
    tx: &mut Tx,
    contact: ContactId,
    slot: SlotId,
    actor: Actor<'_>,
    may_hold: bool,
) -> Result<Appointment, BookingError> {
    let (locked, _) = lock_for(tx, slot, None).await?;
    if store::active_booking(tx, contact, slot).await?.is_some() {
        return Err(BookingError::AlreadyBooked);
    }
    check_free(tx, &locked, None).await?;
    store::take_place(tx, slot).await.map_err(on_constraint)?;
    let now = tx.clock().now();
    let hold = locked.hold_minutes.filter(|_| may_hold).map(|minutes| TimeDelta::minutes(i64::from(minutes)));
    let until = hold.map(|hold| (now + hold).min(locked.start_time));
    let id = store::insert_booking(tx, contact, slot, until).await.map_err(on_constraint)?;
    if let Some(until) = until {
        let delay = (until - now).to_std().unwrap_or(Duration::ZERO);
        jobs::enqueue(tx, NewJob::after(&ExpireHold { booking_id: id }, delay)).await?;
    }
    let kind = if until.is_some() { BookingEventKind::Held } else { BookingEventKind::Booked };
    note(tx, id, kind, None, Some(slot), actor).await?;
    changed(tx, id, BookingChange::Created).await
}

/// Makes a held place a firm one, unless its time is over.
pub(super) async fn confirm(tx: &mut Tx, id: BookingId, actor: Actor<'_>) -> Result<Appointment, BookingError> {
    let booking = lock_booking(tx, id).await?;
    if booking.status != BookingStatus::Held {
        return Err(BookingError::NotActive);
    }
    if booking.held_until.is_some_and(|until| until <= tx.clock().now()) {
        return Err(BookingError::HoldExpired);
    }
    store::set_status(tx, id, BookingStatus::Confirmed).await?;
    note(tx, id, BookingEventKind::Confirmed, None, Some(booking.slot_id), actor).await?;
    changed(tx, id, BookingChange::Confirmed).await
}

/// Frees the place of a booking that is still held after its time. Does nothing where it was confirmed, cancelled or expired before. Returns
/// how long a hold still has that is not over.
pub(super) async fn expire(tx: &mut Tx, id: BookingId) -> Result<Option<TimeDelta>, BookingError> {
    let Some(booking) = store::lock_booking(tx, id).await? else { return Ok(None) };
    let Some(until) = booking.held_until.filter(|_| booking.status == BookingStatus::Held) else { return Ok(None) };
    let left = until - tx.clock().now();
    if left > TimeDelta::zero() {
        return Ok(Some(left));
    }
    end(tx, id, &booking, BookingStatus::Expired).await?;
    note(tx, id, BookingEventKind::Expired, Some(booking.slot_id), None, Actor::System).await?;
    changed(tx, id, BookingChange::Expired).await?;
    Ok(None)
}

/// Ends the booking and frees its place. Cancelling what is cancelled is [`BookingError::NotActive`].
pub async fn cancel(tx: &mut Tx, id: BookingId, actor: Actor<'_>) -> Result<Appointment, BookingError> {
    let booking = lock_booking(tx, id).await?;
    if !booking.status.is_active() {
        return Err(BookingError::NotActive);
    }
    end(tx, id, &booking, BookingStatus::Cancelled).await?;
    note(tx, id, BookingEventKind::Cancelled, Some(booking.slot_id), None, actor).await?;
    changed(tx, id, BookingChange::Cancelled).await
}

/// Moves the booking to another slot: both change, or neither. A held one stays held until the same time, unless the other service has
/// no hold.
pub async fn reschedule(tx: &mut Tx, id: BookingId, to: SlotId, actor: Actor<'_>) -> Result<Appointment, BookingError> {
    let booking = lock_booking(tx, id).await?;
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
    if booking.status == BookingStatus::Held && target.hold_minutes.is_none() {
        store::set_status(tx, id, BookingStatus::Confirmed).await?;
    }
    note(tx, id, BookingEventKind::Rescheduled, Some(from), Some(to), actor).await?;
    changed(tx, id, BookingChange::Rescheduled).await
}

/// How an appointment went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    Completed,
    NoShow,
}

/// Says how a confirmed appointment went, once it has begun. Its place stays taken: it was used, or lost.
pub(super) async fn conclude(
    tx: &mut Tx,
    id: BookingId,
    ending: Ending,
    actor: Actor<'_>,
) -> Result<Appointment, BookingError> {
    let booking = lock_booking(tx, id).await?;
    if booking.status != BookingStatus::Confirmed {
        return Err(BookingError::NotActive);
    }
    let slot = lock_one(tx, booking.slot_id).await?;
    if slot.start_time > tx.clock().now() {
        return Err(BookingError::NotStarted);
    }
    let (status, kind, change) = match ending {
        Ending::Completed => (BookingStatus::Completed, BookingEventKind::Completed, BookingChange::Completed),
        Ending::NoShow => (BookingStatus::NoShow, BookingEventKind::NoShow, BookingChange::NoShow),
    };
    store::set_status(tx, id, status).await?;
    note(tx, id, kind, None, None, actor).await?;
    changed(tx, id, change).await
}

/// Takes back what [`conclude`] said.
pub(super) async fn reopen(tx: &mut Tx, id: BookingId, actor: Actor<'_>) -> Result<Appointment, BookingError> {
    let booking = lock_booking(tx, id).await?;
    if !matches!(booking.status, BookingStatus::Completed | BookingStatus::NoShow) {
        return Err(BookingError::NotActive);
    }
    let slot = lock_one(tx, booking.slot_id).await?;
    if tx.clock().now() - slot.end_time > REOPEN_WITHIN {
        return Err(BookingError::ReopenTooLate);
    }
    store::set_status(tx, id, BookingStatus::Confirmed).await.map_err(on_constraint)?;
    note(tx, id, BookingEventKind::Reopened, None, None, actor).await?;
    changed(tx, id, BookingChange::Confirmed).await
}

async fn lock_booking(tx: &mut Tx, id: BookingId) -> Result<LockedBooking, BookingError> {
    store::lock_booking(tx, id).await?.ok_or(BookingError::NoSuchBooking)
}

async fn lock_one(tx: &mut Tx, slot: SlotId) -> Result<LockedSlot, BookingError> {
    store::lock_slots(tx, &[slot]).await?.pop().ok_or(BookingError::NoSuchSlot)
}

/// Gives the place back and says how the booking ended.
async fn end(tx: &mut Tx, id: BookingId, booking: &LockedBooking, status: BookingStatus) -> Result<(), BookingError> {
    lock_for(tx, booking.slot_id, None).await?;
    store::free_place(tx, booking.slot_id).await?;
    Ok(store::set_status(tx, id, status).await?)
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
    if slot.closed {
        return Err(BookingError::SlotClosed);
    }
    if slot.taken >= slot.capacity || slots::provider_is_busy(tx, slot.id, except).await? {
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

async fn note(
    tx: &mut Tx,
    id: BookingId,
    kind: BookingEventKind,
    from: Option<SlotId>,
    to: Option<SlotId>,
    actor: Actor<'_>,
) -> Result<(), sqlx::Error> {
    let event = NewEvent { kind, from, to, actor: actor.as_str(), actor_name: actor.name() };
    store::append_event(tx, id, &event).await
}

async fn changed(tx: &mut Tx, id: BookingId, change: BookingChange) -> Result<Appointment, BookingError> {
    let appointment = store::appointment(tx, id).await?.ok_or(BookingError::NoSuchBooking)?;
    let contact_id = appointment.contact_id;
    events::emit(tx, Event::BookingChanged { booking_id: id, contact_id, change }).await?;
    Ok(appointment)
}

/// Gives the appointments of one contact, and what happened to them, to another who is the same person. Not where both have a place in one slot.
pub async fn hand_over(tx: &mut Tx, from: ContactId, to: ContactId) -> Result<(), BookingError> {
    personal::hand_over(tx, from, to).await.map_err(on_constraint)
}

/// What an erasure took away of a contact's bookings.
#[derive(Debug)]
pub struct ErasedBookings {
    pub counts: Vec<Erased>,
    pub bookings: Vec<Uuid>,
    /// Coming ones, whose places are free again.
    pub cancelled: u64,
}

/// Cancels what the contact still has before them, gives every place back, and deletes the bookings. Who counts the past counts one less.
pub async fn erase(tx: &mut Tx, contact: ContactId) -> Result<ErasedBookings, BookingError> {
    let (now, mut cancelled) = (tx.clock().now(), 0);
    for booking in personal::standing(tx, contact).await? {
        if booking.status.is_active() && booking.start_time > now {
            cancel(tx, booking.id, Actor::System).await?;
            cancelled += 1;
        } else {
            store::lock_booking(tx, booking.id).await?;
            lock_for(tx, booking.slot_id, None).await?;
            store::free_place(tx, booking.slot_id).await?;
        }
    }
    let (counts, bookings) = personal::delete(tx, contact).await?;
    Ok(ErasedBookings { counts, bookings, cancelled })
}
