//! Making slots: from weekly hours once, from weekly hours for good, and the days on which nothing is open.
//!
//! Who makes slots takes the organization's calendar lock first; see `store/calendar.rs`.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::Serialize;

use super::{
    model::{AvailabilityRule, ClosedDays, Provider, Service, Weekdays},
    rules::{Times, Weekday, WeeklyHours, overlap},
    store::{
        calendar::{self, RuleFields, Stretch},
        catalog,
        slots::{self, NewSlots, Removal, Removed},
    },
};
use crate::platform::{
    clock::resolve_local,
    db::Tx,
    ids::{AvailabilityRuleId, ProviderId, ServiceId},
};

/// Most slots made at once.
pub const MOST_SLOTS: usize = 20_000;
/// Longest span of days to make slots for at once.
pub const MOST_DAYS: i64 = 366;

/// What came of making slots.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct SlotsMade {
    /// New ones, or those that would be.
    pub made: i64,
    /// Those that were there.
    pub existing: i64,
    /// Those whose begin is past; they are not made.
    pub past: i64,
    /// Of the new ones, those on closed days.
    pub closed: i64,
}

/// The slots of one day.
#[derive(Clone, Copy, Debug, Serialize, utoipa::ToSchema)]
pub struct SlotDay {
    /// In the provider's zone.
    pub date: NaiveDate,
    pub slots: i64,
    pub first_start: DateTime<Utc>,
    pub last_end: DateTime<Utc>,
}

/// A provider's zone. The API lets no other in.
pub fn zone(provider: &Provider) -> Tz {
    provider.timezone.parse().unwrap_or(Tz::UTC)
}

fn today(tx: &Tx, tz: Tz) -> NaiveDate {
    tx.clock().now().with_timezone(&tz).date_naive()
}

/// From midnight of the first day to midnight after the last, in the zone.
fn span(tz: Tz, from: NaiveDate, through: NaiveDate) -> Times {
    let midnight = |date: NaiveDate| resolve_local(tz, date.and_time(NaiveTime::MIN));
    (midnight(from), midnight(through.checked_add_days(Days::new(1)).unwrap_or(through)))
}

/// The provider's closed days between two dates, as instants.
async fn closed_spans(
    tx: &mut Tx,
    provider: &Provider,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Vec<Times>, sqlx::Error> {
    let dates = calendar::closed_dates(tx, provider.id, from, to).await?;
    // Clipped to what is asked: dates of closing may lie anywhere.
    Ok(dates.into_iter().map(|(first, last)| span(zone(provider), first.max(from), last.min(to))).collect())
}

/// Whether the instant lies on one of the provider's closed days.
pub async fn is_closed(tx: &mut Tx, provider: &Provider, at: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    let date = at.with_timezone(&zone(provider)).date_naive();
    Ok(!calendar::closed_dates(tx, provider.id, date, date).await?.is_empty())
}

/// Where slots are to be made.
pub struct Plan<'a> {
    pub service: &'a Service,
    pub provider: &'a Provider,
    pub from: NaiveDate,
    pub through: NaiveDate,
    pub rule: Option<AvailabilityRuleId>,
}

/// Makes the slots that are not there yet; only counts them in a dry run.
pub async fn make(
    tx: &mut Tx,
    plan: &Plan<'_>,
    times: Vec<Times>,
    dry_run: bool,
) -> Result<(SlotsMade, Vec<SlotDay>), sqlx::Error> {
    let (now, tz) = (tx.clock().now(), zone(plan.provider));
    let all = times.len();
    let times: Vec<Times> = times.into_iter().filter(|(start, _)| *start > now).collect();
    let closed = closed_spans(tx, plan.provider, plan.from, plan.through).await?;
    let on_closed_days =
        times.iter().filter(|(start, _)| closed.iter().any(|(from, to)| from <= start && start < to)).count();
    let new = NewSlots {
        service: plan.service.id,
        provider: plan.provider.id,
        times: &times,
        closed: &closed,
        rule: plan.rule,
        capacity: None,
    };
    let made = if dry_run {
        times.len() as i64 - slots::count_existing(tx, plan.service.id, plan.provider.id, &times).await?
    } else {
        slots::insert(tx, &new).await?.len() as i64
    };
    let mut days: BTreeMap<NaiveDate, SlotDay> = BTreeMap::new();
    for (start, end) in &times {
        let date = start.with_timezone(&tz).date_naive();
        let day = days.entry(date).or_insert(SlotDay { date, slots: 0, first_start: *start, last_end: *end });
        (day.slots, day.last_end) = (day.slots + 1, *end);
    }
    let counts = SlotsMade {
        made,
        existing: times.len() as i64 - made,
        past: (all - times.len()) as i64,
        closed: on_closed_days as i64,
    };
    Ok((counts, days.into_values().collect()))
}

// ---- weekly hours

fn hours_of(rule: &AvailabilityRule, minutes: i32) -> WeeklyHours {
    WeeklyHours { days: rule.weekdays.0.clone(), opens: rule.from, closes: rule.to, slot_minutes: minutes }
}

/// Whether two windows of one request share a minute of some day.
pub fn any_overlap(hours: &[WeeklyHours]) -> bool {
    hours.iter().enumerate().any(|(n, a)| hours[n + 1..].iter().any(|b| overlap(a, b)))
}

/// Makes the rule's slots from after those that were made through its horizon (or through `through`).
async fn extend(
    tx: &mut Tx,
    rule: &AvailabilityRule,
    service: &Service,
    provider: &Provider,
    through: Option<NaiveDate>,
) -> Result<SlotsMade, sqlx::Error> {
    let today = today(tx, zone(provider));
    let horizon = through.unwrap_or(today + TimeDelta::days(i64::from(rule.horizon_days)));
    let next = rule.made_through.and_then(|made| made.checked_add_days(Days::new(1)));
    let from = rule.valid_from.max(today).max(next.unwrap_or(today));
    let last = rule.valid_to.map_or(horizon, |end| end.min(horizon));
    let mut counts = SlotsMade::default();
    if rule.active && from <= last {
        let times = hours_of(rule, service.duration_minutes).slots(zone(provider), from, last);
        let plan = Plan { service, provider, from, through: last, rule: Some(rule.id) };
        (counts, _) = make(tx, &plan, times, false).await?;
    }
    let made_through = if rule.active { Some(rule.made_through.map_or(horizon, |m| m.max(horizon))) } else { None };
    calendar::set_made_through(tx, rule.id, made_through).await?;
    Ok(counts)
}

/// Makes what all weekly hours of the organization want by today. Returns the number of new slots.
pub(super) async fn extend_all(tx: &mut Tx) -> Result<i64, sqlx::Error> {
    calendar::lock_calendar(tx).await?;
    // A day early, so that no zone is behind; each rule counts its own days.
    let from = tx.clock().now().date_naive() + TimeDelta::days(1);
    let mut made = 0;
    for rule in calendar::due_rules(tx, from).await? {
        let service = catalog::service(tx, rule.service_id, false).await?;
        let provider = catalog::provider(tx, rule.provider_id, false).await?;
        if let (Some(service), Some(provider)) = (service, provider) {
            made += extend(tx, &rule, &service, &provider, None).await?.made;
        }
    }
    Ok(made)
}

/// Weekly hours with what became of their slots.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct AvailabilityChange {
    pub rule: AvailabilityRule,
    pub slots: SlotsMade,
    /// Of the slots that the hours made before.
    pub before: Removed,
}

/// Adds weekly hours and makes their slots.
pub async fn add_rule(
    tx: &mut Tx,
    fields: &RuleFields,
    service: &Service,
    provider: &Provider,
    through: Option<NaiveDate>,
) -> Result<AvailabilityChange, sqlx::Error> {
    calendar::lock_calendar(tx).await?;
    let id = calendar::insert_rule(tx, fields).await?;
    let rule = calendar::rule(tx, id, false).await?.ok_or(sqlx::Error::RowNotFound)?;
    let slots = extend(tx, &rule, service, provider, through).await?;
    let rule = calendar::rule(tx, id, false).await?.ok_or(sqlx::Error::RowNotFound)?;
    Ok(AvailabilityChange { rule, slots, before: Removed { removed: 0, taken: 0 } })
}

/// Rewrites weekly hours: the free coming slots they made go, and are made anew. Call it on the locked rule.
pub async fn change_rule(
    tx: &mut Tx,
    before: &AvailabilityRule,
    fields: &RuleFields,
    service: &Service,
    provider: &Provider,
) -> Result<AvailabilityChange, sqlx::Error> {
    let removed = slots::remove(tx, &Removal { rule: Some(before.id), ..Removal::default() }).await?;
    calendar::update_rule(tx, before.id, fields).await?;
    calendar::set_made_through(tx, before.id, None).await?;
    let rule = calendar::rule(tx, before.id, false).await?.ok_or(sqlx::Error::RowNotFound)?;
    let slots = extend(tx, &rule, service, provider, None).await?;
    let rule = calendar::rule(tx, before.id, false).await?.ok_or(sqlx::Error::RowNotFound)?;
    Ok(AvailabilityChange { rule, slots, before: removed })
}

/// Deletes weekly hours with the free coming slots they made.
pub async fn remove_rule(tx: &mut Tx, id: AvailabilityRuleId) -> Result<Removed, sqlx::Error> {
    let removed = slots::remove(tx, &Removal { rule: Some(id), ..Removal::default() }).await?;
    calendar::delete_rule(tx, id).await?;
    Ok(removed)
}

// ---- closed days

/// Marks the slots of the days anew, by all closed days there are. Returns how many lie there, free and taken.
pub async fn refresh_closed(tx: &mut Tx, days: &ClosedDays) -> Result<(i64, i64), sqlx::Error> {
    let providers = match days.provider_id {
        Some(id) => catalog::provider(tx, id, false).await?.into_iter().collect(),
        None => catalog::providers(tx, None, 100_000).await?,
    };
    let mut stretches = Vec::new();
    for provider in &providers {
        let whole = span(zone(provider), days.from_date, days.to_date);
        stretches.push(Stretch { provider: provider.id, span: whole, closed: false });
        for closed in closed_spans(tx, provider, days.from_date, days.to_date).await? {
            stretches.push(Stretch { provider: provider.id, span: closed, closed: true });
        }
    }
    calendar::mark_closed(tx, &stretches).await
}

// ---- the demo's start

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
    catalog::ensure_service(tx, s.name, s.description, s.duration_minutes, s.buffer_minutes, s.position).await
}

/// A provider to make sure of.
pub struct NewProvider<'a> {
    pub name: &'a str,
    pub timezone: Tz,
}

/// Makes the provider unless one of that name is there.
pub async fn ensure_provider(tx: &mut Tx, p: &NewProvider<'_>) -> Result<ProviderId, sqlx::Error> {
    catalog::ensure_provider(tx, p.name, p.timezone.name()).await
}

/// Weekly hours to begin with.
pub struct FirstHours {
    pub days: Vec<Weekday>,
    pub opens: super::rules::ClockTime,
    pub closes: super::rules::ClockTime,
    pub horizon_days: i32,
    /// So many days, today included, have slots at once; the job makes the rest.
    pub days_at_once: u64,
}

/// Adds weekly hours and makes the slots of the first days. Returns how many.
pub async fn open_hours(
    tx: &mut Tx,
    service: ServiceId,
    provider: ProviderId,
    hours: &FirstHours,
) -> Result<i64, sqlx::Error> {
    let service = catalog::service(tx, service, false).await?.ok_or(sqlx::Error::RowNotFound)?;
    let provider = catalog::provider(tx, provider, false).await?.ok_or(sqlx::Error::RowNotFound)?;
    let today = today(tx, zone(&provider));
    let fields = RuleFields {
        service: service.id,
        provider: provider.id,
        weekdays: Weekdays(hours.days.clone()),
        from: hours.opens,
        to: hours.closes,
        valid_from: today,
        valid_to: None,
        horizon_days: hours.horizon_days,
        active: true,
    };
    let through = today + Days::new(hours.days_at_once.saturating_sub(1));
    Ok(add_rule(tx, &fields, &service, &provider, Some(through)).await?.slots.made)
}
