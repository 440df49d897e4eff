//! Weekly hours that keep making slots, and the days on which nothing is open.

use axum::extract::State;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Faults, filled,
    slots::{HoursBody, named},
};
use crate::{
    accounts::{Change, Staff},
    booking::{
        availability::{self as calendar_rules, AvailabilityChange},
        model::{AvailabilityRule, ClosedDays, Weekdays},
        rules::{ClockTime, Weekday},
        store::{
            calendar::{self as store, RuleFields},
            catalog,
            slots::Removed,
        },
    },
    platform::{
        http::{Core, IfMatch, Json, Page, Paging, Patch, Path, Query, Versioned},
        ids::{AvailabilityRuleId, ClosedDaysId, ProviderId, ServiceId},
        problem::{Problem, ProblemDocument, StatusCode},
    },
};

pub fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new()
        .routes(routes!(list_availability, create_availability))
        .routes(routes!(get_availability, update_availability, delete_availability))
        .routes(routes!(list_closed_days, create_closed_days))
        .routes(routes!(delete_closed_days))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct RuleParams {
    service_id: Option<ServiceId>,
    provider_id: Option<ProviderId>,
    active: Option<bool>,
}

/// Weekly hours. Orders: created_at, provider.
#[utoipa::path(get, path = "/availability", tag = "booking", params(RuleParams, Paging), responses(
    (status = 200, description = "One page", body = Page<AvailabilityRule>),
))]
async fn list_availability(
    State(core): State<Core>,
    staff: Staff,
    Query(p): Query<RuleParams>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<AvailabilityRule>>, Problem> {
    let order = paging.order(store::RULE_ORDERS)?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    Ok(Json(store::list_rules(&mut tx, p.service_id, p.provider_id, p.active, &order).await?))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct NewAvailability {
    service_id: ServiceId,
    provider_id: ProviderId,
    #[schema(min_items = 1, max_items = 7)]
    weekdays: Vec<Weekday>,
    /// On the wall clock of the provider's zone.
    #[schema(value_type = String, example = "09:00", pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    from: ClockTime,
    /// The last slot ends at or before this; 24:00 is midnight.
    #[schema(value_type = String, example = "17:00", pattern = "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")]
    to: ClockTime,
    /// First day. Today if left out.
    valid_from: Option<NaiveDate>,
    /// Last day. Until further notice if left out.
    valid_to: Option<NaiveDate>,
    /// So many days ahead have slots. 60 if left out.
    #[serde(default = "sixty")]
    #[schema(minimum = 1, maximum = 366)]
    horizon_days: i32,
    #[serde(default = "yes")]
    active: bool,
}

const fn sixty() -> i32 {
    60
}

const fn yes() -> bool {
    true
}

fn checked(fields: RuleFields, today: NaiveDate) -> Result<RuleFields, Problem> {
    let mut faults = Faults::default();
    HoursBody { weekdays: fields.weekdays.0.clone(), from: fields.from, to: fields.to }.check(&mut faults);
    faults.range("horizon_days", fields.horizon_days, 1, 366);
    let near = |date: NaiveDate| (date - today).num_days().abs() <= 10 * 366;
    if !near(fields.valid_from) {
        faults.add("valid_from", "out_of_range", "must be within ten years");
    }
    if fields.valid_to.is_some_and(|to| to < fields.valid_from || !near(to)) {
        faults.add("valid_to", "out_of_range", "must not be before valid_from, and within ten years");
    }
    faults.end()?;
    let mut weekdays = fields.weekdays.0;
    weekdays.sort_unstable();
    Ok(RuleFields { weekdays: Weekdays(weekdays), ..fields })
}

/// Add weekly hours. Their slots are made at once, and from then on every day, so that they never run out.
#[utoipa::path(post, path = "/availability", tag = "booking", request_body = NewAvailability, responses(
    (status = 201, description = "The weekly hours, and what slots they made", body = AvailabilityChange),
    (status = 404, description = "No such service or provider", body = ProblemDocument),
))]
async fn create_availability(
    State(core): State<Core>,
    staff: Staff,
    Json(new): Json<NewAvailability>,
) -> Result<(StatusCode, Json<AvailabilityChange>), Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let (service, provider) = named(&mut tx, new.service_id, new.provider_id).await?;
    let today = tx.clock().now().with_timezone(&calendar_rules::zone(&provider)).date_naive();
    let fields = RuleFields {
        service: service.id,
        provider: provider.id,
        weekdays: Weekdays(new.weekdays),
        from: new.from,
        to: new.to,
        valid_from: new.valid_from.unwrap_or(today),
        valid_to: new.valid_to,
        horizon_days: new.horizon_days,
        active: new.active,
    };
    let fields = checked(fields, today)?;
    let added = calendar_rules::add_rule(&mut tx, &fields, &service, &provider, None).await?;
    staff.audit(&mut tx, Change::created("availability", added.rule.id.0, &added.rule)).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(added)))
}

/// One set of weekly hours.
#[utoipa::path(get, path = "/availability/{id}", tag = "booking", params(("id" = AvailabilityRuleId, Path)), responses(
    (status = 200, description = "The weekly hours, with their version as ETag", body = AvailabilityRule),
    (status = 404, description = "No such weekly hours", body = ProblemDocument),
))]
async fn get_availability(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<AvailabilityRuleId>,
) -> Result<Versioned<AvailabilityRule>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let row = store::rule(&mut tx, id, false).await?.ok_or_else(|| Problem::not_found("weekly hours"))?;
    Ok(Versioned { version: row.version, row })
}

/// What is left out stays.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct AvailabilityPatch {
    #[schema(min_items = 1, max_items = 7)]
    weekdays: Option<Vec<Weekday>>,
    #[schema(value_type = Option<String>, pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    from: Option<ClockTime>,
    #[schema(value_type = Option<String>, pattern = "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")]
    to: Option<ClockTime>,
    valid_from: Option<NaiveDate>,
    #[serde(default)]
    #[schema(value_type = Option<NaiveDate>)]
    valid_to: Patch<NaiveDate>,
    #[schema(minimum = 1, maximum = 366)]
    horizon_days: Option<i32>,
    active: Option<bool>,
}

/// Change weekly hours. The free slots they made that are still to come go and are made anew; taken ones stay.
#[utoipa::path(patch, path = "/availability/{id}", tag = "booking", request_body = AvailabilityPatch,
    params(("id" = AvailabilityRuleId, Path),
           ("If-Match" = Option<String>, Header, description = "The version that is changed, such as \"3\"")),
    responses(
    (status = 200, description = "The weekly hours, with their version as ETag, and what became of their slots", body = AvailabilityChange),
    (status = 404, description = "No such weekly hours", body = ProblemDocument),
    (status = 412, description = "version_conflict", body = ProblemDocument),
))]
async fn update_availability(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<AvailabilityRuleId>,
    if_match: IfMatch,
    Json(change): Json<AvailabilityPatch>,
) -> Result<Versioned<AvailabilityChange>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    store::lock_calendar(&mut tx).await?;
    let before = store::rule(&mut tx, id, true).await?.ok_or_else(|| Problem::not_found("weekly hours"))?;
    if_match.check(before.version)?;
    let (service, provider) = named(&mut tx, before.service_id, before.provider_id).await?;
    let old = before.clone();
    let fields = RuleFields {
        service: old.service_id,
        provider: old.provider_id,
        weekdays: change.weekdays.map_or(old.weekdays, Weekdays),
        from: change.from.unwrap_or(old.from),
        to: change.to.unwrap_or(old.to),
        valid_from: change.valid_from.unwrap_or(old.valid_from),
        valid_to: change.valid_to.apply(old.valid_to),
        horizon_days: change.horizon_days.unwrap_or(old.horizon_days),
        active: change.active.unwrap_or(old.active),
    };
    let fields = checked(fields, tx.clock().now().date_naive())?;
    let row = calendar_rules::change_rule(&mut tx, &before, &fields, &service, &provider).await?;
    staff.audit(&mut tx, Change::updated("availability", id.0, &before, &row.rule)).await?;
    tx.commit().await?;
    Ok(Versioned { version: row.rule.version, row })
}

/// Delete weekly hours, with the free slots they made that are still to come. Taken ones stay.
#[utoipa::path(delete, path = "/availability/{id}", tag = "booking", params(("id" = AvailabilityRuleId, Path)), responses(
    (status = 200, description = "What became of their slots", body = Removed),
    (status = 404, description = "No such weekly hours", body = ProblemDocument),
))]
async fn delete_availability(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<AvailabilityRuleId>,
) -> Result<Json<Removed>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    store::lock_calendar(&mut tx).await?;
    let before = store::rule(&mut tx, id, true).await?.ok_or_else(|| Problem::not_found("weekly hours"))?;
    let removed = calendar_rules::remove_rule(&mut tx, id).await?;
    staff.audit(&mut tx, Change::deleted("availability", id.0, &before)).await?;
    tx.commit().await?;
    Ok(Json(removed))
}

// ---- closed days

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct ClosedParams {
    /// Only this provider's own.
    provider_id: Option<ProviderId>,
    /// Only those that end on this day or later.
    from: Option<NaiveDate>,
}

/// Closed days, of providers and of everybody. Orders: from_date.
#[utoipa::path(get, path = "/availability/exceptions", tag = "booking", params(ClosedParams, Paging), responses(
    (status = 200, description = "One page", body = Page<ClosedDays>),
))]
async fn list_closed_days(
    State(core): State<Core>,
    staff: Staff,
    Query(p): Query<ClosedParams>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<ClosedDays>>, Problem> {
    let order = paging.order(store::CLOSED_ORDERS)?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    Ok(Json(store::list_closed(&mut tx, p.provider_id, p.from, &order).await?))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct NewClosedDays {
    /// The whole organization if left out.
    provider_id: Option<ProviderId>,
    /// First day, in the provider's zone.
    from_date: NaiveDate,
    /// Last day; the first if left out.
    to_date: Option<NaiveDate>,
    #[schema(max_length = 200, example = "Thanksgiving")]
    reason: Option<String>,
}

#[derive(Serialize, utoipa::ToSchema)]
struct ClosedDaysChange {
    #[serde(flatten)]
    days: ClosedDays,
    /// Free slots on these days; they are not offered.
    closed_slots: i64,
    /// Slots on these days that somebody has: move or cancel the appointments.
    taken_slots: i64,
}

/// Close days. Their slots are not offered; appointments that are there stay until somebody moves them.
#[utoipa::path(post, path = "/availability/exceptions", tag = "booking", request_body = NewClosedDays, responses(
    (status = 201, description = "The closed days, and how many slots lie there", body = ClosedDaysChange),
    (status = 404, description = "No such provider", body = ProblemDocument),
))]
async fn create_closed_days(
    State(core): State<Core>,
    staff: Staff,
    Json(new): Json<NewClosedDays>,
) -> Result<(StatusCode, Json<ClosedDaysChange>), Problem> {
    let (to, reason) = (new.to_date.unwrap_or(new.from_date), filled(new.reason));
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let mut faults = Faults::default();
    super::slots::check_days(new.from_date, to, tx.clock().now(), &mut faults);
    if let Some(reason) = &reason {
        faults.length("reason", reason, 200);
    }
    faults.end()?;
    store::lock_calendar(&mut tx).await?;
    if let Some(id) = new.provider_id {
        catalog::provider(&mut tx, id, false).await?.ok_or_else(|| Problem::not_found("provider"))?;
    }
    let id = store::insert_closed(&mut tx, new.provider_id, new.from_date, to, reason.as_deref()).await?;
    let days = store::closed(&mut tx, id).await?.ok_or_else(|| Problem::not_found("closed days"))?;
    let (closed_slots, taken_slots) = calendar_rules::refresh_closed(&mut tx, &days).await?;
    staff.audit(&mut tx, Change::created("closed_days", id.0, &days)).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(ClosedDaysChange { days, closed_slots, taken_slots })))
}

/// Open closed days again: their slots are offered as before.
#[utoipa::path(delete, path = "/availability/exceptions/{id}", tag = "booking", params(("id" = ClosedDaysId, Path)), responses(
    (status = 204, description = "Open again"),
    (status = 404, description = "No such closed days", body = ProblemDocument),
))]
async fn delete_closed_days(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<ClosedDaysId>,
) -> Result<StatusCode, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    store::lock_calendar(&mut tx).await?;
    let before = store::closed(&mut tx, id).await?.ok_or_else(|| Problem::not_found("closed days"))?;
    store::delete_closed(&mut tx, id).await?;
    calendar_rules::refresh_closed(&mut tx, &before).await?;
    staff.audit(&mut tx, Change::deleted("closed_days", id.0, &before)).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
