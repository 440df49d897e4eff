//! What is exported of a contact's appointments, and how they are erased.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{
    booking::model::BookingStatus,
    platform::{
        db::Tx,
        ids::{BookingId, ContactId, SlotId},
        live::Kind,
        personal::{Erased, PersonalRows},
    },
};

pub const PERSONAL: &[PersonalRows] = &[
    PersonalRows {
        name: "appointments",
        meaning: "your appointments, past and coming, with service, provider and time",
        sql: "SELECT b.id::text AS key,
                     to_jsonb(b) || jsonb_build_object('service', v.name, 'provider', p.name, 'start_time', s.start_time,
                                                       'end_time', s.end_time) AS row
              FROM bookings b
              JOIN slots s ON s.organization_id = b.organization_id AND s.id = b.slot_id
              JOIN services v ON v.organization_id = s.organization_id AND v.id = s.service_id
              JOIN providers p ON p.organization_id = s.organization_id AND p.id = s.provider_id
              WHERE b.organization_id = $1 AND b.contact_id = $2 AND ($3::uuid IS NULL OR b.id > $3::uuid) ORDER BY b.id LIMIT $4",
    },
    PersonalRows {
        name: "appointment_events",
        meaning: "when an appointment of yours was booked, moved or cancelled, and by whom",
        sql: "SELECT e.id::text AS key, to_jsonb(e) AS row FROM booking_events e
              JOIN bookings b ON b.organization_id = e.organization_id AND b.id = e.booking_id
              WHERE e.organization_id = $1 AND b.contact_id = $2 AND ($3::uuid IS NULL OR e.id > $3::uuid) ORDER BY e.id LIMIT $4",
    },
];

/// A booking that has its place.
pub(in crate::booking) struct Standing {
    pub id: BookingId,
    pub slot_id: SlotId,
    pub start_time: DateTime<Utc>,
    pub status: BookingStatus,
}

/// The contact's bookings that have their places, also those that were used or lost, in the order in which slots are locked.
pub(in crate::booking) async fn standing(tx: &mut Tx, contact: ContactId) -> Result<Vec<Standing>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        Standing,
        r#"SELECT b.id AS "id: _", b.slot_id AS "slot_id: _", s.start_time, b.status AS "status: _" FROM bookings b
           JOIN slots s ON s.organization_id = b.organization_id AND s.id = b.slot_id
           WHERE b.organization_id = $1 AND b.contact_id = $2 AND b.status NOT IN ('cancelled', 'expired') ORDER BY b.slot_id"#,
        organization.0,
        contact.0,
    )
    .fetch_all(&mut **tx)
    .await
}

/// Makes the contact's bookings another's.
pub(in crate::booking) async fn hand_over(tx: &mut Tx, from: ContactId, to: ContactId) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    let gone_over = sqlx::query!(
        "UPDATE bookings SET contact_id = $3 WHERE organization_id = $1 AND contact_id = $2",
        organization.0,
        from.0,
        to.0,
    )
    .execute(&mut **tx)
    .await?;
    if gone_over.rows_affected() > 0 {
        tx.tell(Kind::Appointment, None);
    }
    Ok(())
}

/// Deletes the contact's bookings, none of which may have a place any more, and what happened to them.
pub(in crate::booking) async fn delete(
    tx: &mut Tx,
    contact: ContactId,
) -> Result<(Vec<Erased>, Vec<Uuid>), sqlx::Error> {
    let organization = tx.organization_id();
    let events = sqlx::query!(
        "DELETE FROM booking_events WHERE organization_id = $1
           AND booking_id IN (SELECT id FROM bookings WHERE organization_id = $1 AND contact_id = $2)",
        organization.0,
        contact.0
    )
    .execute(&mut **tx)
    .await?;
    let bookings = sqlx::query_scalar!(
        "DELETE FROM bookings WHERE organization_id = $1 AND contact_id = $2 RETURNING id",
        organization.0,
        contact.0
    )
    .fetch_all(&mut **tx)
    .await?;
    let counts = vec![("appointments", bookings.len() as u64), ("appointment_events", events.rows_affected())];
    Ok((counts, bookings))
}
