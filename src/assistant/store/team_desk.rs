//! What the staff asks the assistant for, read from the other slices' tables; nothing is written here.

use chrono::{DateTime, Utc};

use crate::platform::db::Tx;

/// An appointment as it is told of.
pub(in crate::assistant) struct Coming {
    pub start_time: DateTime<Utc>,
    pub service: String,
    pub provider: String,
    pub phone_number: String,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
}

/// Appointments that begin in `[from, to)`, soonest first.
pub(in crate::assistant) async fn appointments(
    tx: &mut Tx,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Coming>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        Coming,
        r#"SELECT s.start_time, v.name AS service, p.name AS provider, c.phone_number, c.first_name, c.last_name
           FROM slots s
           JOIN bookings b ON b.organization_id = s.organization_id AND b.slot_id = s.id AND b.status IN ('held', 'confirmed')
           JOIN services v ON v.organization_id = s.organization_id AND v.id = s.service_id
           JOIN providers p ON p.organization_id = s.organization_id AND p.id = s.provider_id
           JOIN contacts c ON c.organization_id = b.organization_id AND c.id = b.contact_id
           WHERE s.organization_id = $1 AND s.start_time >= $2 AND s.start_time < $3 AND s.taken > 0
           ORDER BY s.start_time, b.id LIMIT $4"#,
        organization.0,
        from,
        to,
        limit,
    )
    .fetch_all(&mut **tx)
    .await
}

/// A contact as they are told of.
pub(in crate::assistant) struct Known {
    pub phone_number: String,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub opt_in_status: String,
    pub last_message_at: Option<DateTime<Utc>>,
    pub next_appointment: Option<DateTime<Utc>>,
}

/// Contacts whose name holds the text, or whose number holds the digits; latest activity first.
pub(in crate::assistant) async fn contacts(
    tx: &mut Tx,
    name: Option<&str>,
    digits: Option<&str>,
    limit: i64,
) -> Result<Vec<Known>, sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query_as!(
        Known,
        r#"SELECT c.phone_number, c.first_name, c.last_name, c.opt_in_status, c.last_message_at,
                  (SELECT min(s.start_time) FROM bookings b
                   JOIN slots s ON s.organization_id = b.organization_id AND s.id = b.slot_id
                   WHERE b.organization_id = c.organization_id AND b.contact_id = c.id AND b.status IN ('held', 'confirmed')
                     AND s.start_time > $4) AS next_appointment
           FROM contacts c
           WHERE c.organization_id = $1 AND c.merged_into IS NULL
             AND ($2::text IS NULL OR strpos(lower(concat_ws(' ', c.first_name, c.last_name)), lower($2)) > 0)
             AND ($3::text IS NULL OR strpos(c.phone_number, $3) > 0)
             AND num_nonnulls($2::text, $3::text) > 0
           ORDER BY COALESCE(c.last_message_at, c.created_at) DESC, c.id LIMIT $5"#,
        organization.0,
        name,
        digits,
        now,
        limit,
    )
    .fetch_all(&mut **tx)
    .await
}
