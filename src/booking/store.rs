//! All SQL on services, providers, slots and bookings.
//!
//! Whether a provider is busy is asked slot by slot, on the plain ends of the busy ranges: row-level security lets no range operator
//! near an index. `OFFSET 0` keeps the question a look-up in that index; two days bound it, since no slot with its buffer is longer.

use chrono::{DateTime, Utc};

use super::{
    model::{Appointment, BookingStatus, OpenSlot, Provider, Service, Slot},
    search::SlotSearch,
};
use crate::{
    contacts::ContactName,
    platform::{
        db::Tx,
        ids::{BookingEventId, BookingId, ContactId, ProviderId, ServiceId, SlotId},
    },
};

// ---- services and providers

/// All services in their order; the first active one is the default.
pub async fn services(tx: &mut Tx) -> Result<Vec<Service>, sqlx::Error> {
    list_services(tx, None, 500).await
}

/// Services in their order, after the one called `after`.
pub(super) async fn list_services(
    tx: &mut Tx,
    after: Option<ServiceId>,
    limit: i64,
) -> Result<Vec<Service>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        Service,
        r#"SELECT id AS "id: _", name, description, duration_minutes, buffer_minutes, capacity, kind, active
           FROM services
           WHERE organization_id = $1
             AND ($2::uuid IS NULL
                  OR (position, id) > (SELECT position, id FROM services WHERE organization_id = $1 AND id = $2))
           ORDER BY position, id LIMIT $3"#,
        organization.0,
        after.map(|id| id.0),
        limit
    )
    .fetch_all(&mut **tx)
    .await
}

/// Providers by name, after the one called `after`.
pub async fn providers(tx: &mut Tx, after: Option<ProviderId>, limit: i64) -> Result<Vec<Provider>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        Provider,
        r#"SELECT id AS "id: _", name, timezone, active FROM providers
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

/// Makes the service unless one of that name is there. Returns its id.
pub(super) async fn ensure_service(
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

/// Makes the provider unless one of that name is there. Returns its id.
pub(super) async fn ensure_provider(tx: &mut Tx, name: &str, timezone: &str) -> Result<ProviderId, sqlx::Error> {
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

// ---- slots

/// Writes the slots that are not there yet. Returns how many were new.
pub(super) async fn insert_slots(
    tx: &mut Tx,
    service: ServiceId,
    provider: ProviderId,
    times: &[(DateTime<Utc>, DateTime<Utc>)],
) -> Result<u64, sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    let ids: Vec<uuid::Uuid> = times.iter().map(|_| SlotId::new(tx.clock()).0).collect();
    let (starts, ends): (Vec<_>, Vec<_>) = times.iter().copied().unzip();
    let inserted = sqlx::query!(
        "INSERT INTO slots (organization_id, id, service_id, provider_id, start_time, end_time, buffer_minutes, capacity, created_at)
         SELECT $1, t.id, $2, $3, t.s, t.e, v.buffer_minutes, v.capacity, $7
         FROM unnest($4::uuid[], $5::timestamptz[], $6::timestamptz[]) AS t(id, s, e)
         JOIN services v ON v.organization_id = $1 AND v.id = $2
         ON CONFLICT ON CONSTRAINT slots_once DO NOTHING",
        organization.0,
        service.0,
        provider.0,
        &ids,
        &starts,
        &ends,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(inserted.rows_affected())
}

/// What a list of slots is narrowed to.
#[derive(Default)]
pub(super) struct SlotFilter {
    pub service: Option<ServiceId>,
    pub provider: Option<ProviderId>,
    pub from: Option<DateTime<Utc>>,
    pub to: Option<DateTime<Utc>>,
    pub open: Option<bool>,
}

/// Slots by start, after the key of the page before.
pub(super) async fn slots(
    tx: &mut Tx,
    f: &SlotFilter,
    after: Option<(DateTime<Utc>, SlotId)>,
    limit: i64,
) -> Result<Vec<Slot>, sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query_as!(
        Slot,
        r#"SELECT * FROM (
             SELECT s.id AS "id: _", s.service_id AS "service_id: _", v.name AS service_name, s.provider_id AS "provider_id: _",
                    p.name AS provider_name, s.start_time, s.end_time, s.buffer_minutes, s.capacity, s.taken,
                    (s.start_time > $8 AND s.taken < s.capacity AND v.active AND p.active AND NOT EXISTS (
                       SELECT FROM provider_busy b WHERE b.organization_id = s.organization_id AND b.provider_id = s.provider_id
                         AND b.slot_id <> s.id
                         AND b.busy_from < s.end_time + make_interval(mins => s.buffer_minutes) AND b.busy_until > s.start_time
                       AND b.busy_from > s.start_time - interval '2 days' OFFSET 0)) AS "available!"
             FROM slots s
             JOIN services v ON v.organization_id = s.organization_id AND v.id = s.service_id
             JOIN providers p ON p.organization_id = s.organization_id AND p.id = s.provider_id
             WHERE s.organization_id = $1 AND ($2::uuid IS NULL OR s.service_id = $2) AND ($3::uuid IS NULL OR s.provider_id = $3)
               AND ($4::timestamptz IS NULL OR s.start_time >= $4) AND ($5::timestamptz IS NULL OR s.start_time < $5)
               AND ($6::timestamptz IS NULL OR (s.start_time, s.id) > ($6, $7))
           ) found
           WHERE $9::boolean IS NULL OR "available!" = $9
           ORDER BY start_time, "id: _" LIMIT $10"#,
        organization.0,
        f.service.map(|s| s.0),
        f.provider.map(|p| p.0),
        f.from,
        f.to,
        after.map(|(at, _)| at),
        after.map(|(_, id)| id.0),
        now,
        f.open,
        limit,
    )
    .fetch_all(&mut **tx)
    .await
}

/// Slots that can be booked now, by start; one for each start (the first provider by name), unless a provider is asked for.
pub async fn open_slots(tx: &mut Tx, search: &SlotSearch) -> Result<Vec<OpenSlot>, sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query_as!(
        OpenSlot,
        r#"SELECT DISTINCT ON (s.start_time)
                  s.id AS "id: _", s.service_id AS "service_id: _", v.name AS service_name, s.provider_id AS "provider_id: _",
                  p.name AS provider_name, s.start_time
           FROM slots s
           JOIN services v ON v.organization_id = s.organization_id AND v.id = s.service_id AND v.active
           JOIN providers p ON p.organization_id = s.organization_id AND p.id = s.provider_id AND p.active
           WHERE s.organization_id = $1 AND s.service_id = $2 AND ($3::uuid IS NULL OR s.provider_id = $3)
             AND s.start_time >= GREATEST($4, $10::timestamptz) AND s.start_time < $5 AND s.start_time > $10
             AND ($6::time IS NULL OR (s.start_time AT TIME ZONE $8::text)::time >= $6)
             AND ($7::time IS NULL OR (s.start_time AT TIME ZONE $8::text)::time < $7)
             AND ($9::uuid IS NULL OR s.id <> $9)
             AND s.taken < s.capacity
             AND NOT EXISTS (SELECT FROM provider_busy b WHERE b.organization_id = s.organization_id AND b.provider_id = s.provider_id
                               AND b.slot_id <> s.id AND b.slot_id IS DISTINCT FROM $9
                               AND b.busy_from < s.end_time + make_interval(mins => s.buffer_minutes) AND b.busy_until > s.start_time
                       AND b.busy_from > s.start_time - interval '2 days' OFFSET 0)
           ORDER BY s.start_time, p.name, s.id LIMIT $11"#,
        organization.0,
        search.service_id.0,
        search.provider_id.map(|p| p.0),
        search.from,
        search.to,
        search.window.from,
        search.window.to,
        search.tz.name(),
        search.except.map(|s| s.0),
        now,
        search.limit,
    )
    .fetch_all(&mut **tx)
    .await
}

/// The slot, if it could be booked now (or moved to from `except`).
pub async fn open_slot(tx: &mut Tx, id: SlotId, except: Option<SlotId>) -> Result<Option<OpenSlot>, sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query_as!(
        OpenSlot,
        r#"SELECT s.id AS "id: _", s.service_id AS "service_id: _", v.name AS service_name, s.provider_id AS "provider_id: _",
                  p.name AS provider_name, s.start_time
           FROM slots s
           JOIN services v ON v.organization_id = s.organization_id AND v.id = s.service_id AND v.active
           JOIN providers p ON p.organization_id = s.organization_id AND p.id = s.provider_id AND p.active
           WHERE s.organization_id = $1 AND s.id = $2 AND s.taken < s.capacity AND s.start_time > $4
             AND NOT EXISTS (SELECT FROM provider_busy b WHERE b.organization_id = s.organization_id AND b.provider_id = s.provider_id
                               AND b.slot_id <> s.id AND b.slot_id IS DISTINCT FROM $3
                               AND b.busy_from < s.end_time + make_interval(mins => s.buffer_minutes) AND b.busy_until > s.start_time
                       AND b.busy_from > s.start_time - interval '2 days' OFFSET 0)"#,
        organization.0,
        id.0,
        except.map(|s| s.0),
        now,
    )
    .fetch_optional(&mut **tx)
    .await
}

pub(super) struct LockedSlot {
    pub id: SlotId,
    pub provider_id: ProviderId,
    pub start_time: DateTime<Utc>,
    pub capacity: i32,
    pub taken: i32,
}

/// Locks slots in the order of their ids, whatever the order asked, so that two movers never wait for each other.
pub(super) async fn lock_slots(tx: &mut Tx, ids: &[SlotId]) -> Result<Vec<LockedSlot>, sqlx::Error> {
    let organization = tx.organization_id();
    let ids: Vec<uuid::Uuid> = ids.iter().map(|id| id.0).collect();
    sqlx::query_as!(
        LockedSlot,
        r#"SELECT id AS "id: _", provider_id AS "provider_id: _", start_time, capacity, taken
           FROM slots WHERE organization_id = $1 AND id = ANY($2) ORDER BY id FOR UPDATE"#,
        organization.0,
        &ids
    )
    .fetch_all(&mut **tx)
    .await
}

/// Locks providers in the order of their ids: one booking at a time looks at a provider's day.
pub(super) async fn lock_providers(tx: &mut Tx, ids: &[ProviderId]) -> Result<(), sqlx::Error> {
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

/// Whether the slot's provider is busy with another slot (other than `except`) during it or its buffer.
pub(super) async fn provider_is_busy(tx: &mut Tx, slot: SlotId, except: Option<SlotId>) -> Result<bool, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_scalar!(
        r#"SELECT EXISTS (
             SELECT FROM slots s JOIN provider_busy b ON b.organization_id = s.organization_id AND b.provider_id = s.provider_id
             WHERE s.organization_id = $1 AND s.id = $2 AND b.slot_id <> s.id AND b.slot_id IS DISTINCT FROM $3
               AND b.busy_from < s.end_time + make_interval(mins => s.buffer_minutes) AND b.busy_until > s.start_time
                       AND b.busy_from > s.start_time - interval '2 days' OFFSET 0) AS "busy!""#,
        organization.0,
        slot.0,
        except.map(|s| s.0)
    )
    .fetch_one(&mut **tx)
    .await
}

/// Takes a place in a locked slot.
pub(super) async fn take_place(tx: &mut Tx, slot: SlotId) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query!("UPDATE slots SET taken = taken + 1 WHERE organization_id = $1 AND id = $2", organization.0, slot.0)
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
pub(super) async fn free_place(tx: &mut Tx, slot: SlotId) -> Result<(), sqlx::Error> {
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

pub(super) async fn insert_booking(tx: &mut Tx, contact: ContactId, slot: SlotId) -> Result<BookingId, sqlx::Error> {
    let (organization, id, now) = (tx.organization_id(), BookingId::new(tx.clock()), tx.clock().now());
    sqlx::query!(
        "INSERT INTO bookings (organization_id, id, contact_id, slot_id, status, created_at, updated_at)
         VALUES ($1, $2, $3, $4, 'confirmed', $5, $5)",
        organization.0,
        id.0,
        contact.0,
        slot.0,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(id)
}

/// The contact's active booking of this slot, if any.
pub(super) async fn active_booking(
    tx: &mut Tx,
    contact: ContactId,
    slot: SlotId,
) -> Result<Option<BookingId>, sqlx::Error> {
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

pub(super) struct LockedBooking {
    pub contact_id: ContactId,
    pub slot_id: SlotId,
    pub status: BookingStatus,
}

pub(super) async fn lock_booking(tx: &mut Tx, id: BookingId) -> Result<Option<LockedBooking>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        LockedBooking,
        r#"SELECT contact_id AS "contact_id: _", slot_id AS "slot_id: _", status AS "status: _"
           FROM bookings WHERE organization_id = $1 AND id = $2 FOR UPDATE"#,
        organization.0,
        id.0
    )
    .fetch_optional(&mut **tx)
    .await
}

pub(super) async fn mark_cancelled(tx: &mut Tx, id: BookingId) -> Result<(), sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query!(
        "UPDATE bookings SET status = 'cancelled', cancelled_at = $3, updated_at = $3 WHERE organization_id = $1 AND id = $2",
        organization.0,
        id.0,
        now
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

pub(super) async fn move_booking(tx: &mut Tx, id: BookingId, to: SlotId) -> Result<(), sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query!(
        "UPDATE bookings SET slot_id = $3, updated_at = $4 WHERE organization_id = $1 AND id = $2",
        organization.0,
        id.0,
        to.0,
        now
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

pub(super) async fn append_event(
    tx: &mut Tx,
    booking: BookingId,
    kind: &str,
    from: Option<SlotId>,
    to: Option<SlotId>,
    actor: &str,
) -> Result<(), sqlx::Error> {
    let (organization, id, now) = (tx.organization_id(), BookingEventId::new(tx.clock()), tx.clock().now());
    sqlx::query!(
        "INSERT INTO booking_events (organization_id, id, booking_id, kind, from_slot_id, to_slot_id, actor, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        organization.0,
        id.0,
        booking.0,
        kind,
        from.map(|s| s.0),
        to.map(|s| s.0),
        actor,
        now
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// What a list of appointments is narrowed to.
#[derive(Clone, Default)]
pub(super) struct AppointmentFilter {
    pub id: Option<BookingId>,
    pub contact: Option<ContactId>,
    pub status: Option<&'static str>,
    /// Only held and confirmed ones.
    pub active: bool,
    pub from: Option<DateTime<Utc>>,
    pub to: Option<DateTime<Utc>>,
}

/// Appointments, newest first, after the id `after`.
pub(super) async fn appointments(
    tx: &mut Tx,
    f: &AppointmentFilter,
    after: Option<BookingId>,
    limit: i64,
) -> Result<Vec<Appointment>, sqlx::Error> {
    let organization = tx.organization_id();
    let rows = sqlx::query!(
        r#"SELECT b.id AS "id: BookingId", b.contact_id AS "contact_id: ContactId", c.phone_number, c.first_name, c.last_name,
                  b.slot_id AS "slot_id: SlotId", s.service_id AS "service_id: ServiceId", v.name AS service_name,
                  s.provider_id AS "provider_id: ProviderId", p.name AS provider_name, b.status AS "status: BookingStatus",
                  s.start_time, s.end_time, b.created_at
           FROM bookings b
           JOIN slots s ON s.organization_id = b.organization_id AND s.id = b.slot_id
           JOIN services v ON v.organization_id = s.organization_id AND v.id = s.service_id
           JOIN providers p ON p.organization_id = s.organization_id AND p.id = s.provider_id
           JOIN contacts c ON c.organization_id = b.organization_id AND c.id = b.contact_id
           WHERE b.organization_id = $1 AND ($2::uuid IS NULL OR b.id = $2) AND ($3::uuid IS NULL OR b.contact_id = $3)
             AND ($4::text IS NULL OR b.status = $4) AND (NOT $5 OR b.status IN ('held', 'confirmed'))
             AND ($6::timestamptz IS NULL OR s.start_time >= $6) AND ($7::timestamptz IS NULL OR s.start_time < $7)
             AND ($8::uuid IS NULL OR b.id < $8)
           ORDER BY b.id DESC LIMIT $9"#,
        organization.0,
        f.id.map(|id| id.0),
        f.contact.map(|c| c.0),
        f.status,
        f.active,
        f.from,
        f.to,
        after.map(|id| id.0),
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
            created_at: r.created_at,
        })
        .collect())
}

pub async fn appointment(tx: &mut Tx, id: BookingId) -> Result<Option<Appointment>, sqlx::Error> {
    let filter = AppointmentFilter { id: Some(id), ..AppointmentFilter::default() };
    Ok(appointments(tx, &filter, None, 1).await?.pop())
}

/// The contact's coming appointments, soonest first.
pub async fn upcoming(tx: &mut Tx, contact: ContactId) -> Result<Vec<Appointment>, sqlx::Error> {
    let now = tx.clock().now();
    let filter =
        AppointmentFilter { contact: Some(contact), active: true, from: Some(now), ..AppointmentFilter::default() };
    let mut found = appointments(tx, &filter, None, 200).await?;
    found.sort_by_key(|a| a.start_time);
    found.truncate(20);
    Ok(found)
}
