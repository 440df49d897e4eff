//! Slots: finding open ones, making, changing and removing them.
//!
//! Whether a provider is busy is asked slot by slot (`provider_conflicts`), on the plain ends of the busy ranges: row-level security
//! lets no range operator near an index.

use chrono::{DateTime, Utc};

use crate::{
    booking::{
        model::{OpenSlot, Slot},
        rules::Times,
        search::SlotSearch,
    },
    platform::{
        db::Tx,
        http::{Order, Page, SortKey, SortKind},
        ids::{AvailabilityRuleId, ProviderId, ServiceId, SlotId},
        listing::List,
    },
};

/// What a list of slots is narrowed to.
#[derive(Default)]
pub struct SlotFilter {
    pub service: Option<ServiceId>,
    pub provider: Option<ProviderId>,
    pub from: Option<DateTime<Utc>>,
    pub to: Option<DateTime<Utc>>,
    pub open: Option<bool>,
}

/// The orders of the list of slots.
pub const ORDERS: &[SortKey] =
    &[SortKey { name: "start_time", sql: "s.start_time", kind: SortKind::Time, descending: false }];

/// Whether a slot could be booked if it is still to come.
macro_rules! open {
    () => {
        "s.taken < s.capacity AND NOT s.closed AND v.active AND p.active AND NOT EXISTS (
           SELECT FROM provider_conflicts(s.organization_id, s.provider_id, s.id, s.start_time, s.end_time, s.buffer_minutes))"
    };
}

pub async fn list(tx: &mut Tx, f: &SlotFilter, order: &Order) -> Result<Page<Slot>, sqlx::Error> {
    let now = tx.clock().now();
    let columns = concat!(
        "s.id, s.service_id, v.name AS service_name, s.provider_id, p.name AS provider_name, s.start_time, s.end_time,
         s.buffer_minutes, s.capacity, s.taken, s.closed, s.rule_id, s.version, (",
        open!(),
        ") AS available"
    );
    let from = "slots s JOIN services v ON v.organization_id = s.organization_id AND v.id = s.service_id
        JOIN providers p ON p.organization_id = s.organization_id AND p.id = s.provider_id";
    let mut list = List::new(tx, order, "s.id", columns, from, "s.organization_id");
    list.condition(true, "s.withdrawn_at IS NULL");
    list.filter("s.service_id = ", f.service.map(|s| s.0));
    list.filter("s.provider_id = ", f.provider.map(|p| p.0));
    list.filter("s.start_time >= ", f.from);
    list.filter("s.start_time < ", f.to);
    // One comparison that says both: open, and still to come.
    match f.open {
        Some(true) => {
            list.filter("s.start_time > ", Some(now));
            list.condition(true, open!());
        }
        Some(false) => list.filter(
            concat!("(CASE WHEN ", open!(), " THEN s.start_time ELSE '-infinity'::timestamptz END) <= "),
            Some(now),
        ),
        None => {}
    }
    let page = list.page::<Slot>(tx).await?;
    Ok(page.map(|slot| Slot { available: slot.available && slot.start_time > now, ..slot }))
}

/// The slot, unless it was withdrawn.
pub async fn get(tx: &mut Tx, id: SlotId) -> Result<Option<Slot>, sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query_as!(
        Slot,
        r#"SELECT s.id AS "id: _", s.service_id AS "service_id: _", v.name AS service_name, s.provider_id AS "provider_id: _",
                  p.name AS provider_name, s.start_time, s.end_time, s.buffer_minutes, s.capacity, s.taken, s.closed,
                  s.rule_id AS "rule_id: _", s.version,
                  (s.start_time > $3 AND s.taken < s.capacity AND NOT s.closed AND v.active AND p.active AND NOT EXISTS (
                     SELECT FROM provider_conflicts(s.organization_id, s.provider_id, s.id, s.start_time, s.end_time, s.buffer_minutes)
                   )) AS "available!"
           FROM slots s
           JOIN services v ON v.organization_id = s.organization_id AND v.id = s.service_id
           JOIN providers p ON p.organization_id = s.organization_id AND p.id = s.provider_id
           WHERE s.organization_id = $1 AND s.id = $2 AND s.withdrawn_at IS NULL"#,
        organization.0,
        id.0,
        now,
    )
    .fetch_optional(&mut **tx)
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
             AND s.taken < s.capacity AND NOT s.closed AND s.withdrawn_at IS NULL
             AND NOT EXISTS (
               SELECT FROM provider_conflicts(s.organization_id, s.provider_id, s.id, s.start_time, s.end_time, s.buffer_minutes) c
               WHERE c.slot_id IS DISTINCT FROM $9)
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
             AND NOT s.closed AND s.withdrawn_at IS NULL
             AND NOT EXISTS (
               SELECT FROM provider_conflicts(s.organization_id, s.provider_id, s.id, s.start_time, s.end_time, s.buffer_minutes) c
               WHERE c.slot_id IS DISTINCT FROM $3)"#,
        organization.0,
        id.0,
        except.map(|s| s.0),
        now,
    )
    .fetch_optional(&mut **tx)
    .await
}

/// Whether the slot's provider is busy with another slot (other than `except`) during it or its buffer.
pub async fn provider_is_busy(tx: &mut Tx, slot: SlotId, except: Option<SlotId>) -> Result<bool, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_scalar!(
        r#"SELECT EXISTS (
             SELECT FROM slots s,
               provider_conflicts(s.organization_id, s.provider_id, s.id, s.start_time, s.end_time, s.buffer_minutes) c
             WHERE s.organization_id = $1 AND s.id = $2 AND c.slot_id IS DISTINCT FROM $3) AS "busy!""#,
        organization.0,
        slot.0,
        except.map(|s| s.0)
    )
    .fetch_one(&mut **tx)
    .await
}

// ---- making

/// Slots to be made, of one service and provider.
pub struct NewSlots<'a> {
    pub service: ServiceId,
    pub provider: ProviderId,
    pub times: &'a [Times],
    /// Of the days on which there are none, by their instants.
    pub closed: &'a [Times],
    pub rule: Option<AvailabilityRuleId>,
    /// The service's where it is left out.
    pub capacity: Option<i32>,
}

/// Writes the slots that are not there yet, and brings back those that were withdrawn. Returns those that are new.
pub async fn insert(tx: &mut Tx, new: &NewSlots<'_>) -> Result<Vec<SlotId>, sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    let ids: Vec<uuid::Uuid> = new.times.iter().map(|_| SlotId::new(tx.clock()).0).collect();
    let (starts, ends): (Vec<_>, Vec<_>) = new.times.iter().copied().unzip();
    let is_closed = |start: &DateTime<Utc>| new.closed.iter().any(|(from, to)| from <= start && start < to);
    let closed: Vec<bool> = starts.iter().map(is_closed).collect();
    let mut made = sqlx::query_scalar!(
        r#"UPDATE slots s SET withdrawn_at = NULL, end_time = t.e, closed = t.closed, buffer_minutes = v.buffer_minutes,
                capacity = COALESCE($7, v.capacity), rule_id = $6, version = s.version + 1
           FROM unnest($4::timestamptz[], $5::timestamptz[], $8::bool[]) AS t(s, e, closed), services v
           WHERE s.organization_id = $1 AND s.service_id = $2 AND s.provider_id = $3 AND s.start_time = t.s AND s.withdrawn_at IS NOT NULL
             AND v.organization_id = $1 AND v.id = $2
           RETURNING s.id AS "id: SlotId""#,
        organization.0,
        new.service.0,
        new.provider.0,
        &starts,
        &ends,
        new.rule.map(|r| r.0),
        new.capacity,
        &closed,
    )
    .fetch_all(&mut **tx)
    .await?;
    made.extend(
        sqlx::query_scalar!(
            r#"INSERT INTO slots (organization_id, id, service_id, provider_id, start_time, end_time, buffer_minutes, capacity, created_at,
                                  rule_id, closed)
               SELECT $1, t.id, $2, $3, t.s, t.e, v.buffer_minutes, COALESCE($9, v.capacity), $7, $8, t.closed
               FROM unnest($4::uuid[], $5::timestamptz[], $6::timestamptz[], $10::bool[]) AS t(id, s, e, closed)
               JOIN services v ON v.organization_id = $1 AND v.id = $2
               ON CONFLICT ON CONSTRAINT slots_once DO NOTHING
               RETURNING id AS "id: SlotId""#,
            organization.0,
            new.service.0,
            new.provider.0,
            &ids,
            &starts,
            &ends,
            now,
            new.rule.map(|r| r.0),
            new.capacity,
            &closed,
        )
        .fetch_all(&mut **tx)
        .await?,
    );
    Ok(made)
}

/// How many slots of these begins are there.
pub async fn count_existing(
    tx: &mut Tx,
    service: ServiceId,
    provider: ProviderId,
    times: &[Times],
) -> Result<i64, sqlx::Error> {
    let organization = tx.organization_id();
    let starts: Vec<_> = times.iter().map(|(start, _)| *start).collect();
    sqlx::query_scalar!(
        r#"SELECT count(*) AS "n!" FROM slots
           WHERE organization_id = $1 AND service_id = $2 AND provider_id = $3 AND start_time = ANY($4) AND withdrawn_at IS NULL"#,
        organization.0,
        service.0,
        provider.0,
        &starts
    )
    .fetch_one(&mut **tx)
    .await
}

// ---- changing and removing

/// A slot's own numbers.
pub struct SlotFields {
    pub start_time: DateTime<Utc>,
    pub end_time: DateTime<Utc>,
    pub capacity: i32,
    pub closed: bool,
    /// Whether it stays with the weekly hours that made it.
    pub keeps_rule: bool,
}

pub async fn update(tx: &mut Tx, id: SlotId, f: &SlotFields) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query!(
        "UPDATE slots SET start_time = $3, end_time = $4, capacity = $5, closed = $6, rule_id = CASE WHEN $7 THEN rule_id END,
                version = version + 1
         WHERE organization_id = $1 AND id = $2",
        organization.0,
        id.0,
        f.start_time,
        f.end_time,
        f.capacity,
        f.closed,
        f.keeps_rule
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Which free slots to remove.
#[derive(Clone, Copy, Default)]
pub struct Removal {
    pub id: Option<SlotId>,
    pub rule: Option<AvailabilityRuleId>,
    pub service: Option<ServiceId>,
    pub provider: Option<ProviderId>,
    pub from: Option<DateTime<Utc>>,
    pub to: Option<DateTime<Utc>>,
    /// Past ones too.
    pub past: bool,
}

/// How many went, and how many stay because somebody has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Removed {
    pub removed: i64,
    /// Somebody has them; they stay.
    pub taken: i64,
}

/// Removes free slots. Locks them in the order of their ids, as bookers do, and looks again at what is taken.
pub async fn remove(tx: &mut Tx, r: &Removal) -> Result<Removed, sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    let found = sqlx::query!(
        "SELECT id, taken, ever_taken FROM slots
         WHERE organization_id = $1 AND ($2::uuid IS NULL OR id = $2) AND ($3::uuid IS NULL OR rule_id = $3)
           AND ($4::uuid IS NULL OR service_id = $4) AND ($5::uuid IS NULL OR provider_id = $5)
           AND ($6::timestamptz IS NULL OR start_time >= $6) AND ($7::timestamptz IS NULL OR start_time < $7)
           AND ($8 OR start_time > $9) AND withdrawn_at IS NULL
         ORDER BY id FOR UPDATE",
        organization.0,
        r.id.map(|x| x.0),
        r.rule.map(|x| x.0),
        r.service.map(|x| x.0),
        r.provider.map(|x| x.0),
        r.from,
        r.to,
        r.past,
        now,
    )
    .fetch_all(&mut **tx)
    .await?;
    let free = |ever: bool| -> Vec<uuid::Uuid> {
        found.iter().filter(|s| s.taken == 0 && s.ever_taken == ever).map(|s| s.id).collect()
    };
    let (never, once) = (free(false), free(true));
    sqlx::query!("DELETE FROM slots WHERE organization_id = $1 AND id = ANY($2)", organization.0, &never)
        .execute(&mut **tx)
        .await?;
    sqlx::query!(
        "UPDATE slots SET withdrawn_at = $3, version = version + 1 WHERE organization_id = $1 AND id = ANY($2)",
        organization.0,
        &once,
        now
    )
    .execute(&mut **tx)
    .await?;
    let removed = never.len() + once.len();
    Ok(Removed { removed: removed as i64, taken: (found.len() - removed) as i64 })
}
