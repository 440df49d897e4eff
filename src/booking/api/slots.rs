//! Slots.

use axum::extract::State;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Faults, too_far};
use crate::{
    accounts::{Change, Staff},
    booking::{
        availability::{self, MOST_DAYS, MOST_SLOTS, Plan, SlotDay, SlotsMade},
        model::{Provider, Service, ServiceKind, Slot},
        rules::{ClockTime, Weekday, WeeklyHours},
        store::{
            bookings, calendar, catalog,
            slots::{self as store, NewSlots, Removal, Removed, SlotFields, SlotFilter},
        },
    },
    platform::{
        db::Tx,
        http::{Core, IfMatch, Json, Page, Paging, Path, Query, Versioned},
        ids::{ProviderId, ServiceId, SlotId},
        problem::{Code, Problem, ProblemDocument, StatusCode},
    },
};

pub fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new()
        .routes(routes!(list_slots, create_slot))
        .routes(routes!(generate_slots))
        .routes(routes!(clear_slots))
        .routes(routes!(get_slot, update_slot, delete_slot))
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
}

/// Slots by start. Orders: start_time.
#[utoipa::path(get, path = "/slots", tag = "booking", params(SlotParams, Paging), responses(
    (status = 200, description = "One page", body = Page<Slot>),
))]
async fn list_slots(
    State(core): State<Core>,
    staff: Staff,
    Query(p): Query<SlotParams>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<Slot>>, Problem> {
    let order = paging.order(store::ORDERS)?;
    let filter = SlotFilter { service: p.service_id, provider: p.provider_id, from: p.from, to: p.to, open: p.open };
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    Ok(Json(store::list(&mut tx, &filter, &order).await?))
}

/// The service and provider that a body names.
pub(super) async fn named(
    tx: &mut Tx,
    service: ServiceId,
    provider: ProviderId,
) -> Result<(Service, Provider), Problem> {
    let service = catalog::service(tx, service, false).await?.ok_or_else(|| Problem::not_found("service"))?;
    let provider = catalog::provider(tx, provider, false).await?.ok_or_else(|| Problem::not_found("provider"))?;
    Ok((service, provider))
}

fn check_times(start: DateTime<Utc>, end: DateTime<Utc>, now: DateTime<Utc>, faults: &mut Faults) {
    if start <= now || too_far(start, now) {
        faults.add("start_time", "out_of_range", "must be in the future, and within three years");
    } else if end <= start || end - start > TimeDelta::hours(24) {
        faults.add("end_time", "out_of_range", "must be after the start, by 24 hours at most");
    }
}

fn check_capacity(kind: ServiceKind, capacity: i32, faults: &mut Faults) {
    faults.range("capacity", capacity, 1, 10_000);
    if kind == ServiceKind::Appointment && capacity > 1 {
        faults.add("capacity", "not_an_activity", "an appointment has one place; make the service an activity");
    }
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct NewSlot {
    service_id: ServiceId,
    provider_id: ProviderId,
    /// In the future, within three years.
    start_time: DateTime<Utc>,
    /// The service's duration later if left out; 24 hours at most.
    end_time: Option<DateTime<Utc>>,
    /// The service's if left out.
    #[schema(minimum = 1, maximum = 10000)]
    capacity: Option<i32>,
}

/// Add one slot. It may overlap others of its provider: only one of them can be taken.
#[utoipa::path(post, path = "/slots", tag = "booking", request_body = NewSlot, responses(
    (status = 201, description = "The slot", body = Slot),
    (status = 404, description = "No such service or provider", body = ProblemDocument),
    (status = 409, description = "slot_exists", body = ProblemDocument),
))]
async fn create_slot(
    State(core): State<Core>,
    staff: Staff,
    Json(new): Json<NewSlot>,
) -> Result<(StatusCode, Json<Slot>), Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    calendar::lock_calendar(&mut tx).await?;
    let (service, provider) = named(&mut tx, new.service_id, new.provider_id).await?;
    let now = tx.clock().now();
    let mut faults = Faults::default();
    let length = TimeDelta::minutes(i64::from(service.duration_minutes));
    // Far away starts are refused below; adding to them must not overflow before.
    let end = new.end_time.unwrap_or_else(|| new.start_time.checked_add_signed(length).unwrap_or(new.start_time));
    check_times(new.start_time, end, now, &mut faults);
    if let Some(capacity) = new.capacity {
        check_capacity(service.kind, capacity, &mut faults);
    }
    faults.end()?;
    let closed = availability::is_closed(&mut tx, &provider, new.start_time).await?;
    let whole = [(new.start_time, end)];
    let slots = NewSlots {
        service: service.id,
        provider: provider.id,
        times: &whole,
        closed: if closed { &whole } else { &[] },
        rule: None,
        capacity: new.capacity,
    };
    let made = store::insert(&mut tx, &slots).await?;
    let [id] = made[..] else {
        return Err(Problem::new(Code::SlotExists, "This provider has a slot of this service at that time."));
    };
    let slot = store::get(&mut tx, id).await?.ok_or_else(|| Problem::not_found("slot"))?;
    staff.audit(&mut tx, Change::created("slot", id.0, &slot)).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(slot)))
}

/// Hours on some days of the week, on the wall clock of the provider's zone.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct HoursBody {
    /// 1 to 7 different ones.
    #[schema(min_items = 1, max_items = 7)]
    pub weekdays: Vec<Weekday>,
    #[schema(value_type = String, example = "09:00", pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    pub from: ClockTime,
    /// The last slot ends at or before this; 24:00 is midnight.
    #[schema(value_type = String, example = "17:00", pattern = "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")]
    pub to: ClockTime,
}

impl HoursBody {
    pub fn check(&self, faults: &mut Faults) {
        let mut days = self.weekdays.clone();
        days.sort_unstable();
        days.dedup();
        if days.is_empty() || days.len() != self.weekdays.len() {
            faults.add("weekdays", "invalid", "must name one to seven different days");
        }
        if self.to <= self.from {
            faults.add("to", "out_of_range", "must be after from");
        }
    }

    pub fn hours(&self, slot_minutes: i32) -> WeeklyHours {
        WeeklyHours { days: self.weekdays.clone(), opens: self.from, closes: self.to, slot_minutes }
    }
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Generation {
    service_id: ServiceId,
    provider_id: ProviderId,
    /// 1 to 50 windows that do not overlap.
    #[schema(min_items = 1, max_items = 50)]
    hours: Vec<HoursBody>,
    /// First day, in the provider's zone.
    from: NaiveDate,
    /// Last day; 366 days at most.
    to: NaiveDate,
    /// Only count.
    #[serde(default)]
    dry_run: bool,
}

#[derive(Serialize, utoipa::ToSchema)]
struct Generated {
    #[serde(flatten)]
    counts: SlotsMade,
    /// The days that have slots of these hours, new or there already.
    days: Vec<SlotDay>,
}

/// Make slots from weekly hours once. What is there already stays as it is, so doing it twice does no harm. Begins that daylight saving
/// skips are left out; of an hour that comes twice the first is meant.
#[utoipa::path(post, path = "/slots/generate", tag = "booking", request_body = Generation, responses(
    (status = 200, description = "What was made, or would be", body = Generated),
    (status = 404, description = "No such service or provider", body = ProblemDocument),
))]
async fn generate_slots(
    State(core): State<Core>,
    staff: Staff,
    Json(wanted): Json<Generation>,
) -> Result<Json<Generated>, Problem> {
    let mut faults = Faults::default();
    if !(1..=50).contains(&wanted.hours.len()) {
        faults.add("hours", "invalid_length", "must be 1 to 50 windows");
    }
    wanted.hours.iter().for_each(|hours| hours.check(&mut faults));
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    check_days(wanted.from, wanted.to, tx.clock().now(), &mut faults);
    faults.end()?;
    calendar::lock_calendar(&mut tx).await?;
    let (service, provider) = named(&mut tx, wanted.service_id, wanted.provider_id).await?;
    let hours: Vec<WeeklyHours> = wanted.hours.iter().map(|h| h.hours(service.duration_minutes)).collect();
    if availability::any_overlap(&hours) {
        return Err(Problem::invalid_field("hours", "overlap", "windows of one day must not overlap"));
    }
    let zone = availability::zone(&provider);
    let mut times: Vec<_> = hours.iter().flat_map(|h| h.slots(zone, wanted.from, wanted.to)).collect();
    times.sort_unstable();
    times.dedup_by_key(|(start, _)| *start);
    if times.len() > MOST_SLOTS {
        let message = format!("makes {} slots; {MOST_SLOTS} at once are the most", times.len());
        return Err(Problem::invalid_field("to", "too_many", message));
    }
    let plan = Plan { service: &service, provider: &provider, from: wanted.from, through: wanted.to, rule: None };
    let (counts, days) = availability::make(&mut tx, &plan, times, wanted.dry_run).await?;
    if !wanted.dry_run {
        let change = Change::of("slot", "generated", None).after(&serde_json::json!({
            "service_id": service.id, "provider_id": provider.id, "from": wanted.from, "to": wanted.to, "made": counts.made,
        }));
        staff.audit(&mut tx, change).await?;
        tx.commit().await?;
    }
    Ok(Json(Generated { counts, days }))
}

pub(super) fn check_days(from: NaiveDate, to: NaiveDate, now: DateTime<Utc>, faults: &mut Faults) {
    if to < from || (to - from).num_days() >= MOST_DAYS {
        faults.add("to", "out_of_range", format!("must be from on, {MOST_DAYS} days at most"));
    }
    let near = |date: NaiveDate| (date - now.date_naive()).num_days().abs() <= 3 * 366;
    if !near(from) || !near(to) {
        faults.add("from", "out_of_range", "must be within three years");
    }
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Clearing {
    /// Every service's if left out.
    service_id: Option<ServiceId>,
    /// Every provider's if left out.
    provider_id: Option<ProviderId>,
    /// First start, inclusive.
    from: DateTime<Utc>,
    /// Last start, exclusive.
    to: DateTime<Utc>,
}

/// Remove the free slots of a span that are still to come. Taken ones stay. Weekly hours do not make them again.
#[utoipa::path(post, path = "/slots/clear", tag = "booking", request_body = Clearing, responses(
    (status = 200, description = "How many went, and how many stay because somebody has them", body = Removed),
    (status = 404, description = "No such service or provider", body = ProblemDocument),
))]
async fn clear_slots(
    State(core): State<Core>,
    staff: Staff,
    Json(wanted): Json<Clearing>,
) -> Result<Json<Removed>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let now = tx.clock().now();
    if wanted.to <= wanted.from || too_far(wanted.from, now) || too_far(wanted.to, now) {
        return Err(Problem::invalid_field("to", "out_of_range", "must be after from, both within three years"));
    }
    calendar::lock_calendar(&mut tx).await?;
    if let Some(id) = wanted.service_id {
        catalog::service(&mut tx, id, false).await?.ok_or_else(|| Problem::not_found("service"))?;
    }
    if let Some(id) = wanted.provider_id {
        catalog::provider(&mut tx, id, false).await?.ok_or_else(|| Problem::not_found("provider"))?;
    }
    let removal = Removal {
        service: wanted.service_id,
        provider: wanted.provider_id,
        from: Some(wanted.from),
        to: Some(wanted.to),
        ..Removal::default()
    };
    let removed = store::remove(&mut tx, &removal).await?;
    let change = Change::of("slot", "cleared", None).after(&serde_json::json!({
        "service_id": wanted.service_id, "provider_id": wanted.provider_id, "from": wanted.from, "to": wanted.to,
        "removed": removed.removed,
    }));
    staff.audit(&mut tx, change).await?;
    tx.commit().await?;
    Ok(Json(removed))
}

/// One slot.
#[utoipa::path(get, path = "/slots/{id}", tag = "booking", params(("id" = SlotId, Path)), responses(
    (status = 200, description = "The slot, with its version as ETag", body = Slot),
    (status = 404, description = "No such slot", body = ProblemDocument),
))]
async fn get_slot(State(core): State<Core>, staff: Staff, Path(id): Path<SlotId>) -> Result<Versioned<Slot>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let row = store::get(&mut tx, id).await?.ok_or_else(|| Problem::not_found("slot"))?;
    Ok(Versioned { version: row.version, row })
}

/// What is left out stays.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct SlotChange {
    /// In the future, within three years. Only while nobody has it.
    start_time: Option<DateTime<Utc>>,
    /// Only while nobody has it. With a new start alone, the length stays.
    end_time: Option<DateTime<Utc>>,
    /// Not below what is taken.
    #[schema(minimum = 1, maximum = 10000)]
    capacity: Option<i32>,
}

/// Change a slot.
#[utoipa::path(patch, path = "/slots/{id}", tag = "booking", request_body = SlotChange,
    params(("id" = SlotId, Path), ("If-Match" = Option<String>, Header, description = "The version that is changed, such as \"3\"")),
    responses(
    (status = 200, description = "The slot, with its version as ETag", body = Slot),
    (status = 404, description = "No such slot", body = ProblemDocument),
    (status = 409, description = "in_use (its times, while somebody has it), capacity_below_taken or slot_exists", body = ProblemDocument),
    (status = 412, description = "version_conflict", body = ProblemDocument),
))]
async fn update_slot(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<SlotId>,
    if_match: IfMatch,
    Json(change): Json<SlotChange>,
) -> Result<Versioned<Slot>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    calendar::lock_calendar(&mut tx).await?;
    // Locked first: what is taken must not move any more.
    bookings::lock_slots(&mut tx, &[id]).await?;
    let before = store::get(&mut tx, id).await?.ok_or_else(|| Problem::not_found("slot"))?;
    if_match.check(before.version)?;
    let (service, provider) = named(&mut tx, before.service_id, before.provider_id).await?;
    let start = change.start_time.unwrap_or(before.start_time);
    let length = before.end_time - before.start_time;
    let end = change.end_time.unwrap_or_else(|| start.checked_add_signed(length).unwrap_or(start));
    let capacity = change.capacity.unwrap_or(before.capacity);
    let moved = (start, end) != (before.start_time, before.end_time);
    let mut faults = Faults::default();
    if moved {
        check_times(start, end, tx.clock().now(), &mut faults);
    }
    if change.capacity.is_some() {
        check_capacity(service.kind, capacity, &mut faults);
    }
    faults.end()?;
    if moved && before.taken > 0 {
        return Err(Problem::new(Code::InUse, "Somebody has this time. Move the appointment instead."));
    }
    if capacity < before.taken {
        let detail = format!("{} places are taken; cancel or move some first.", before.taken);
        return Err(Problem::new(Code::CapacityBelowTaken, detail));
    }
    let closed = availability::is_closed(&mut tx, &provider, start).await?;
    let fields = SlotFields { start_time: start, end_time: end, capacity, closed, keeps_rule: !moved };
    store::update(&mut tx, id, &fields).await.map_err(|e| {
        match e.as_database_error().and_then(|d| d.constraint()) {
            Some("slots_once") => {
                Problem::new(Code::SlotExists, "This provider has, or had, another slot of this service at that time.")
            }
            _ => e.into(),
        }
    })?;
    let row = store::get(&mut tx, id).await?.ok_or_else(|| Problem::not_found("slot"))?;
    staff.audit(&mut tx, Change::updated("slot", id.0, &before, &row)).await?;
    tx.commit().await?;
    Ok(Versioned { version: row.version, row })
}

/// Remove a slot that nobody has.
#[utoipa::path(delete, path = "/slots/{id}", tag = "booking", params(("id" = SlotId, Path)), responses(
    (status = 204, description = "Removed"),
    (status = 404, description = "No such slot", body = ProblemDocument),
    (status = 409, description = "in_use", body = ProblemDocument),
))]
async fn delete_slot(State(core): State<Core>, staff: Staff, Path(id): Path<SlotId>) -> Result<StatusCode, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let before = store::get(&mut tx, id).await?.ok_or_else(|| Problem::not_found("slot"))?;
    let removed = store::remove(&mut tx, &Removal { id: Some(id), past: true, ..Removal::default() }).await?;
    match removed {
        Removed { removed: 1, .. } => {}
        Removed { taken: 0, .. } => return Err(Problem::not_found("slot")),
        Removed { .. } => {
            return Err(Problem::new(Code::InUse, "Somebody has it. Cancel or move the appointment first."));
        }
    }
    staff.audit(&mut tx, Change::deleted("slot", id.0, &before)).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
