//! Bookings, and the locks and places they take.

use chrono::{DateTime, Utc};

use crate::{
    booking::model::{Appointment, BookingEvent, BookingEventKind, BookingStatus, EventSlot},
    contacts::ContactName,
    platform::{
        db::Tx,
        http::{Order, Page, SortKey, SortKind},
        ids::{BookingEventId, BookingId, ContactId, ProviderId, ServiceId, SlotId},
        listing::List,
    },
};

// ---- locks and places

/// A slot that stays as it is for the rest of the transaction.
pub struct LockedSlot {
    pub id: SlotId,
    pub provider_id: ProviderId,
    pub start_time: DateTime<Utc>,
    pub end_time: DateTime<Utc>,
    pub capacity: i32,
    pub taken: i32,
    /// Closed, or its service or provider is not active.
    pub closed: bool,
    /// Of its service.
    pub hold_minutes: Option<i32>,
}

/// Locks slots in the order of their ids, whatever the order asked, so that two movers never wait for each other.
pub async fn lock_slots(tx: &mut Tx, ids: &[SlotId]) -> Result<Vec<LockedSlot>, sqlx::Error> {
    let organization = tx.organization_id();
    let ids: Vec<uuid::Uuid> = ids.iter().map(|id| id.0).collect();
    sqlx::query_as!(
        LockedSlot,
        r#"SELECT s.id AS "id: _", s.provider_id AS "provider_id: _", s.start_time, s.end_time, s.capacity, s.taken,
                  (s.closed OR NOT v.active OR NOT p.active) AS "closed!", v.hold_minutes
           FROM slots s
           JOIN services v ON v.organization_id = s.organization_id AND v.id = s.service_id
           JOIN providers p ON p.organization_id = s.organization_id AND p.id = s.provider_id
           WHERE s.organization_id = $1 AND s.id = ANY($2) AND s.withdrawn_at IS NULL ORDER BY s.id FOR UPDATE OF s"#,
        organization.0,
        &ids
    )
    .fetch_all(&mut **tx)
    .await
}

/// Locks providers in the order of their ids: one booking at a time looks at a provider's day.
pub async fn lock_providers(tx: &mut Tx, ids: &[ProviderId]) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    let ids: Vec<uuid::Uuid> = ids.iter().map(|id| id.0).collect();
    sqlx::query!(
        "SELECT id FROM providers WHERE organization_id = $1 AND id = ANY($2) ORDER BY id FOR NO KEY UPDATE",
        organization.0,
        &ids
    )
    .fetch_all(&mut **tx)
    .await
    .map(drop)
}

/// Takes a place in a locked slot.
pub async fn take_place(tx: &mut Tx, slot: SlotId) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query!(
        "UPDATE slots SET taken = taken + 1, ever_taken = true WHERE organization_id = $1 AND id = $2",
        organization.0,
        slot.0
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "INSERT INTO provider_busy (organization_id, provider_id, slot_id, during)
         SELECT organization_id, provider_id, id, tstzrange(start_time, end_time + make_interval(mins => buffer_minutes))
         FROM slots WHERE organization_id = $1 AND id = $2
         ON CONFLICT (organization_id, slot_id) DO NOTHING",
        organization.0,
        slot.0
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Gives a place in a locked slot back.
pub async fn free_place(tx: &mut Tx, slot: SlotId) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query!("UPDATE slots SET taken = taken - 1 WHERE organization_id = $1 AND id = $2", organization.0, slot.0)
        .execute(&mut **tx)
        .await?;
    sqlx::query!(
        "DELETE FROM provider_busy b USING slots s
         WHERE s.organization_id = $1 AND s.id = $2 AND s.taken = 0 AND b.organization_id = s.organization_id AND b.slot_id = s.id",
        organization.0,
        slot.0
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

// ---- bookings

/// A booking to write: held until then, or confirmed.
pub async fn insert_booking(
    tx: &mut Tx,
    contact: ContactId,
    slot: SlotId,
    held_until: Option<DateTime<Utc>>,
) -> Result<BookingId, sqlx::Error> {
    let (organization, id, now) = (tx.organization_id(), BookingId::new(tx.clock()), tx.clock().now());
    let status = if held_until.is_some() { BookingStatus::Held } else { BookingStatus::Confirmed };
    sqlx::query!(
        "INSERT INTO bookings (organization_id, id, contact_id, slot_id, status, held_until, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7)",
        organization.0,
        id.0,
        contact.0,
        slot.0,
        status.as_str(),
        held_until,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(id)
}

/// The contact's active booking of this slot, if any.
pub async fn active_booking(tx: &mut Tx, contact: ContactId, slot: SlotId) -> Result<Option<BookingId>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_scalar!(
        r#"SELECT id AS "id: BookingId" FROM bookings
           WHERE organization_id = $1 AND slot_id = $2 AND contact_id = $3 AND status IN ('held', 'confirmed')"#,
        organization.0,
        slot.0,
        contact.0
    )
    .fetch_optional(&mut **tx)
    .await
}

pub struct LockedBooking {
    pub contact_id: ContactId,
    pub slot_id: SlotId,
    pub status: BookingStatus,
    pub held_until: Option<DateTime<Utc>>,
    pub version: i64,
}

pub async fn lock_booking(tx: &mut Tx, id: BookingId) -> Result<Option<LockedBooking>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        LockedBooking,
        r#"SELECT contact_id AS "contact_id: _", slot_id AS "slot_id: _", status AS "status: _", held_until, version
           FROM bookings WHERE organization_id = $1 AND id = $2 FOR UPDATE"#,
        organization.0,
        id.0
    )
    .fetch_optional(&mut **tx)
    .await
}

pub async fn set_status(tx: &mut Tx, id: BookingId, status: BookingStatus) -> Result<(), sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query!(
        "UPDATE bookings SET status = $3, cancelled_at = CASE WHEN $3 = 'cancelled' THEN $4::timestamptz END, updated_at = $4, version = version + 1
         WHERE organization_id = $1 AND id = $2",
        organization.0,
        id.0,
        status.as_str(),
        now
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

pub async fn set_note(tx: &mut Tx, id: BookingId, note: Option<&str>) -> Result<(), sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query!(
        "UPDATE bookings SET note = $3, updated_at = $4, version = version + 1 WHERE organization_id = $1 AND id = $2",
        organization.0,
        id.0,
        note,
        now
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

pub async fn move_booking(tx: &mut Tx, id: BookingId, to: SlotId) -> Result<(), sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query!(
        "UPDATE bookings SET slot_id = $3, updated_at = $4, version = version + 1 WHERE organization_id = $1 AND id = $2",
        organization.0,
        id.0,
        to.0,
        now
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

// ---- history

/// What happened, for the history.
pub struct NewEvent<'a> {
    pub kind: BookingEventKind,
    pub from: Option<SlotId>,
    pub to: Option<SlotId>,
    pub actor: &'a str,
    pub actor_name: Option<&'a str>,
}

pub async fn append_event(tx: &mut Tx, booking: BookingId, event: &NewEvent<'_>) -> Result<(), sqlx::Error> {
    let (organization, id, now) = (tx.organization_id(), BookingEventId::new(tx.clock()), tx.clock().now());
    sqlx::query!(
        "INSERT INTO booking_events (organization_id, id, booking_id, kind, from_slot_id, to_slot_id, actor, actor_name, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        organization.0,
        id.0,
        booking.0,
        event.kind.as_str(),
        event.from.map(|s| s.0),
        event.to.map(|s| s.0),
        event.actor,
        event.actor_name,
        now
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Everything that happened to the booking, oldest first; the last 500.
pub async fn history(tx: &mut Tx, booking: BookingId) -> Result<Vec<BookingEvent>, sqlx::Error> {
    let organization = tx.organization_id();
    let rows = sqlx::query!(
        r#"SELECT e.id AS "id: BookingEventId", e.kind AS "kind: BookingEventKind", e.actor, e.actor_name, e.at,
                  f.id AS "from_id?: SlotId", f.start_time AS "from_start?", fv.name AS "from_service?", fp.name AS "from_provider?",
                  t.id AS "to_id?: SlotId", t.start_time AS "to_start?", tv.name AS "to_service?", tp.name AS "to_provider?"
           FROM booking_events e
           LEFT JOIN slots f ON f.organization_id = e.organization_id AND f.id = e.from_slot_id
           LEFT JOIN services fv ON fv.organization_id = f.organization_id AND fv.id = f.service_id
           LEFT JOIN providers fp ON fp.organization_id = f.organization_id AND fp.id = f.provider_id
           LEFT JOIN slots t ON t.organization_id = e.organization_id AND t.id = e.to_slot_id
           LEFT JOIN services tv ON tv.organization_id = t.organization_id AND tv.id = t.service_id
           LEFT JOIN providers tp ON tp.organization_id = t.organization_id AND tp.id = t.provider_id
           WHERE e.organization_id = $1 AND e.booking_id = $2 ORDER BY e.id DESC LIMIT 500"#,
        organization.0,
        booking.0
    )
    .fetch_all(&mut **tx)
    .await?;
    let side = |slot_id, start_time, service_name, provider_name| {
        Some(EventSlot {
            slot_id: slot_id?,
            start_time: start_time?,
            service_name: service_name?,
            provider_name: provider_name?,
        })
    };
    Ok(rows
        .into_iter()
        .rev()
        .map(|r| BookingEvent {
            id: r.id,
            kind: r.kind,
            actor: r.actor,
            actor_name: r.actor_name,
            at: r.at,
            from: side(r.from_id, r.from_start, r.from_service, r.from_provider),
            to: side(r.to_id, r.to_start, r.to_service, r.to_provider),
        })
        .collect())
}

// ---- appointments

/// What a list of appointments is narrowed to.
#[derive(Default)]
pub struct AppointmentFilter<'a> {
    pub contact: Option<ContactId>,
    pub service: Option<ServiceId>,
    pub provider: Option<ProviderId>,
    pub slot: Option<SlotId>,
    pub status: Option<BookingStatus>,
    pub from: Option<DateTime<Utc>>,
    pub to: Option<DateTime<Utc>>,
    /// Part of the contact's name or number.
    pub text: Option<&'a str>,
}

/// The orders of the list of appointments.
pub const ORDERS: &[SortKey] = &[
    SortKey { name: "created_at", sql: "b.created_at", kind: SortKind::Time, descending: true },
    SortKey { name: "start_time", sql: "s.start_time", kind: SortKind::Time, descending: false },
];

pub async fn list(tx: &mut Tx, f: &AppointmentFilter<'_>, order: &Order) -> Result<Page<Appointment>, sqlx::Error> {
    let columns = "b.id, b.contact_id, c.phone_number, c.first_name, c.last_name, b.slot_id, s.service_id, v.name AS service_name,
        s.provider_id, p.name AS provider_name, b.status, s.start_time, s.end_time, b.held_until, b.note, b.created_at, b.updated_at, b.version";
    let from = "bookings b JOIN slots s ON s.organization_id = b.organization_id AND s.id = b.slot_id
        JOIN services v ON v.organization_id = s.organization_id AND v.id = s.service_id
        JOIN providers p ON p.organization_id = s.organization_id AND p.id = s.provider_id
        JOIN contacts c ON c.organization_id = b.organization_id AND c.id = b.contact_id";
    let mut list = List::new(tx, order, "b.id", columns, from, "b.organization_id");
    list.filter("b.contact_id = ", f.contact.map(|c| c.0));
    list.filter("s.service_id = ", f.service.map(|s| s.0));
    list.filter("s.provider_id = ", f.provider.map(|p| p.0));
    list.filter("b.slot_id = ", f.slot.map(|s| s.0));
    list.filter("b.status = ", f.status.map(BookingStatus::as_str));
    list.filter("s.start_time >= ", f.from);
    list.filter("s.start_time < ", f.to);
    list.search(&["c.phone_number", "concat_ws(' ', c.first_name, c.last_name)"], f.text);
    list.page(tx).await
}

/// One, or the contact's that are still to come.
async fn appointments(
    tx: &mut Tx,
    id: Option<BookingId>,
    coming: Option<(ContactId, DateTime<Utc>)>,
    limit: i64,
) -> Result<Vec<Appointment>, sqlx::Error> {
    let organization = tx.organization_id();
    let rows = sqlx::query!(
        r#"SELECT b.id AS "id: BookingId", b.contact_id AS "contact_id: ContactId", c.phone_number, c.first_name, c.last_name,
                  b.slot_id AS "slot_id: SlotId", s.service_id AS "service_id: ServiceId", v.name AS service_name,
                  s.provider_id AS "provider_id: ProviderId", p.name AS provider_name, b.status AS "status: BookingStatus",
                  s.start_time, s.end_time, b.held_until, b.note, b.created_at, b.updated_at, b.version
           FROM bookings b
           JOIN slots s ON s.organization_id = b.organization_id AND s.id = b.slot_id
           JOIN services v ON v.organization_id = s.organization_id AND v.id = s.service_id
           JOIN providers p ON p.organization_id = s.organization_id AND p.id = s.provider_id
           JOIN contacts c ON c.organization_id = b.organization_id AND c.id = b.contact_id
           WHERE b.organization_id = $1 AND ($2::uuid IS NULL OR b.id = $2)
             AND ($3::uuid IS NULL OR (b.contact_id = $3 AND b.status IN ('held', 'confirmed') AND s.start_time >= $4))
           ORDER BY b.id DESC LIMIT $5"#,
        organization.0,
        id.map(|id| id.0),
        coming.map(|(contact, _)| contact.0),
        coming.map(|(_, now)| now),
        limit,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| Appointment {
            id: r.id,
            contact_id: r.contact_id,
            contact: ContactName { phone_number: r.phone_number, first_name: r.first_name, last_name: r.last_name },
            slot_id: r.slot_id,
            service_id: r.service_id,
            service_name: r.service_name,
            provider_id: r.provider_id,
            provider_name: r.provider_name,
            status: r.status,
            start_time: r.start_time,
            end_time: r.end_time,
            held_until: r.held_until,
            note: r.note,
            created_at: r.created_at,
            updated_at: r.updated_at,
            version: r.version,
        })
        .collect())
}

pub async fn appointment(tx: &mut Tx, id: BookingId) -> Result<Option<Appointment>, sqlx::Error> {
    Ok(appointments(tx, Some(id), None, 1).await?.pop())
}

/// The contact's coming appointments, soonest first.
pub async fn upcoming(tx: &mut Tx, contact: ContactId) -> Result<Vec<Appointment>, sqlx::Error> {
    let now = tx.clock().now();
    let mut found = appointments(tx, None, Some((contact, now)), 200).await?;
    found.sort_by_key(|a| a.start_time);
    found.truncate(20);
    Ok(found)
}
