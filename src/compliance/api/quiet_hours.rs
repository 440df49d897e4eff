//! Quiet hours: the rules with their sources, what the organization put in their place, and what would be decided for a number.

use std::collections::BTreeMap;

use axum::extract::State;
use chrono::{DateTime, Days, Duration, NaiveDate, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    accounts::{Change, Staff},
    compliance::{
        model::{ConsentPurpose, OrganizationCap},
        places::{self, Places},
        quiet_hours::{
            Cap, Decision, HolidayList, HouseHours, PACK, Question, Rule, Window, caps, check_windows, decide, is_rule,
            sentence,
        },
        store::{
            self as tables,
            quiet_hours::{self as store, Filter, Override},
        },
    },
    platform::{
        db::Tx,
        http::{Core, Json, Page, Paging, Path, Query},
        ids::QuietHoursOverrideId,
        phone::PhoneNumber,
        problem::{Code, Problem, ProblemDocument, StatusCode},
    },
};

pub(super) fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new()
        .routes(routes!(list_quiet_hours_rules))
        .routes(routes!(list_quiet_hours_overrides, create_quiet_hours_override))
        .routes(routes!(end_quiet_hours_override))
        .routes(routes!(check_quiet_hours))
}

fn house(core: &Core) -> Option<HouseHours> {
    core.config.quiet_hours.map(HouseHours::from)
}

/// A rule as it ships and as the organization keeps it.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = QuietHoursRuleInForce)]
struct RuleInForce {
    #[serde(flatten)]
    rule: Rule,
    /// The hours that count here; null where the organization turned the rule off.
    hours_in_force: Option<Vec<Window>>,
    /// The organization's override, while one holds.
    overridden: Option<Override>,
}

/// A day on which a list closes the rules that name it.
#[derive(Serialize, utoipa::ToSchema)]
struct HolidayDate {
    date: NaiveDate,
    name: String,
}

#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = HolidayCalendar)]
struct Holidays {
    #[schema(example = "us-federal")]
    id: String,
    jurisdiction: String,
    source: String,
    /// Within the year to come.
    next: Vec<HolidayDate>,
}

impl Holidays {
    fn of(list: &HolidayList, today: NaiveDate) -> Self {
        let days = (0..366).filter_map(|after| today.checked_add_days(Days::new(after)));
        let next = days.filter_map(|date| Some(HolidayDate { date, name: list.name_of(date)?.to_owned() })).collect();
        Self { id: list.id.clone(), jurisdiction: list.jurisdiction.clone(), source: list.source.clone(), next }
    }
}

/// Every rule of quiet hours.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = QuietHoursRules)]
struct Rules {
    /// Stored with every decision; another word in the data is another version.
    version: String,
    as_of: NaiveDate,
    rules: Vec<RuleInForce>,
    holidays: Vec<Holidays>,
}

/// When texts may arrive, by jurisdiction: dated data with its sources, and what this organization overrode. Where sources disagree the
/// stricter reading ships. It is no legal advice.
#[utoipa::path(get, path = "/compliance/rules", tag = "compliance", responses(
    (status = 200, description = "The rules, the house's own first", body = Rules),
))]
async fn list_quiet_hours_rules(State(core): State<Core>, staff: Staff) -> Result<Json<Rules>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let policy = store::for_organization(&mut tx, house(&core)).await?;
    let overrides = store::in_force(&mut tx).await?;
    let mut overrides: BTreeMap<String, Override> = overrides.into_iter().map(|o| (o.rule_id.clone(), o)).collect();
    let rules = PACK.rules.iter().map(|rule| RuleInForce {
        hours_in_force: policy.windows(rule),
        overridden: overrides.remove(&rule.id),
        rule: rule.clone(),
    });
    let rules = rules.collect();
    let today = tx.clock().now().date_naive();
    let holidays = PACK.holidays.iter().map(|list| Holidays::of(list, today)).collect();
    Ok(Json(Rules { version: PACK.version.clone(), as_of: PACK.as_of, rules, holidays }))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct OverrideParams {
    /// Of one rule.
    rule_id: Option<String>,
    /// true: those that have ended; false: those that hold; left out: both.
    ended: Option<bool>,
}

/// What the organization put in the place of rules, with reasons, latest first. Nothing is ever taken out. Orders: created_at.
#[utoipa::path(get, path = "/compliance/overrides", tag = "compliance", params(OverrideParams, Paging), responses(
    (status = 200, description = "One page", body = Page<Override>),
))]
async fn list_quiet_hours_overrides(
    State(core): State<Core>,
    staff: Staff,
    Query(params): Query<OverrideParams>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<Override>>, Problem> {
    let order = paging.order(store::ORDERS)?;
    let filter = Filter { id: None, rule_id: params.rule_id.as_deref(), ended: params.ended };
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    Ok(Json(store::list(&mut tx, &filter, &order).await?))
}

async fn one(tx: &mut Tx, id: QuietHoursOverrideId) -> Result<Override, Problem> {
    let order = Paging::default().order(store::ORDERS)?;
    let found = store::list(tx, &Filter { id: Some(id), ..Filter::default() }, &order).await?.items.pop();
    found.ok_or_else(|| Problem::not_found("override"))
}

fn yes() -> bool {
    true
}

/// Hours in the place of a rule's.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct NewQuietHoursOverride {
    #[schema(example = "default-marketing", max_length = 60)]
    rule_id: String,
    /// true: the rule does not speak at all. `windows` is then left out.
    #[serde(default)]
    off: bool,
    /// The hours instead. A weekday without one is closed; an empty list is closed always.
    #[schema(max_items = 21)]
    windows: Option<Vec<Window>>,
    /// false: the rule's holidays are days like others. true if left out.
    #[serde(default = "yes")]
    keep_holidays: bool,
    /// Why, for the record and for whoever asks later. 1 to 1000 characters.
    #[schema(min_length = 1, max_length = 1000, example = "Counsel's letter of 3 March: our programme is consented")]
    reason: String,
}

impl NewQuietHoursOverride {
    fn check(&self) -> Result<&str, Problem> {
        if !is_rule(&self.rule_id) {
            return Err(Problem::invalid_field("rule_id", "invalid_value", "is no rule of quiet hours"));
        }
        match &self.windows {
            None if !self.off => return Err(Problem::invalid_field("windows", "required", "is required, or `off`")),
            Some(_) if self.off => {
                return Err(Problem::invalid_field("windows", "invalid_value", "says nothing for a rule that is off"));
            }
            Some(windows) if windows.len() > 21 => {
                return Err(Problem::invalid_field("windows", "too_many", "must be at most 21"));
            }
            Some(windows) => {
                check_windows(windows).map_err(|why| Problem::invalid_field("windows", "invalid_value", why))?;
            }
            None => {}
        }
        let reason = self.reason.trim();
        if !(1..=1000).contains(&reason.chars().count()) || reason.contains('\0') {
            return Err(Problem::invalid_field("reason", "invalid_length", "must have 1 to 1000 characters"));
        }
        Ok(reason)
    }
}

/// Put hours in the place of a rule's, from now on, also for what is held already. What was in its place before ends. Caps stay.
#[utoipa::path(post, path = "/compliance/overrides", tag = "compliance", request_body = NewQuietHoursOverride, responses(
    (status = 201, description = "The override", body = Override),
    (status = 409, description = "Somebody else has just overridden the same rule", body = ProblemDocument),
))]
async fn create_quiet_hours_override(
    State(core): State<Core>,
    staff: Staff,
    Json(new): Json<NewQuietHoursOverride>,
) -> Result<(StatusCode, Json<Override>), Problem> {
    let reason = new.check()?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    if let Some(former) = store::lock_in_force(&mut tx, &new.rule_id).await? {
        end(&mut tx, &staff, former).await?;
    }
    let row = store::NewOverride {
        rule_id: &new.rule_id,
        windows: new.windows.as_deref(),
        keep_holidays: new.keep_holidays,
        reason,
        pack_version: &PACK.version,
        user: staff.user_id(),
    };
    let Some(id) = store::insert(&mut tx, &row).await? else {
        return Err(Problem::new(Code::AlreadyExists, "Somebody else has just overridden this rule."));
    };
    let row = one(&mut tx, id).await?;
    staff.audit(&mut tx, Change::created("quiet_hours_override", id.0, &row)).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(row)))
}

/// False: it has ended before.
async fn end(tx: &mut Tx, staff: &Staff, id: QuietHoursOverrideId) -> Result<bool, Problem> {
    if !store::end(tx, id, staff.user_id()).await? {
        return Ok(false);
    }
    let ended = one(tx, id).await?;
    staff.audit(tx, Change::of("quiet_hours_override", "ended", id.0).after(&ended)).await?;
    Ok(true)
}

/// End an override: the rule's own hours hold again, at once.
#[utoipa::path(delete, path = "/compliance/overrides/{id}", tag = "compliance", params(("id" = QuietHoursOverrideId, Path)), responses(
    (status = 204, description = "It has ended; it stays in the history"),
    (status = 404, description = "No such override", body = ProblemDocument),
    (status = 409, description = "It has ended before", body = ProblemDocument),
))]
async fn end_quiet_hours_override(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<QuietHoursOverrideId>,
) -> Result<StatusCode, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    one(&mut tx, id).await?;
    if !end(&mut tx, &staff, id).await? {
        return Err(Problem::new(Code::NotActive, "It has ended before."));
    }
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct CheckParams {
    /// In any usual spelling.
    #[param(max_length = 40)]
    phone_number: String,
    /// Of its owner.
    #[param(max_length = 20)]
    postal_code: Option<String>,
    /// IANA zone of its owner.
    #[param(max_length = 60)]
    timezone: Option<String>,
    /// marketing if left out.
    #[param(inline)]
    purpose: Option<ConsentPurpose>,
    /// true: it answers somebody who has just texted.
    #[serde(default)]
    answers_recent_text: bool,
    /// When it would be sent; now if left out. From the year 2000 to 2100.
    at: Option<DateTime<Utc>>,
    /// For how many hours from then it is worth sending, 1 to 840; 72 if left out.
    #[param(minimum = 1, maximum = 840)]
    within_hours: Option<u16>,
}

impl CheckParams {
    fn zone(&self) -> Result<Option<Tz>, Problem> {
        let name = self.timezone.as_deref().map(str::trim).filter(|name| !name.is_empty());
        let zone = name.map(str::parse).transpose();
        zone.map_err(|_| {
            Problem::invalid_field("timezone", "invalid_timezone", "must be an IANA zone, such as America/New_York")
        })
    }

    fn at(&self, now: DateTime<Utc>) -> Result<DateTime<Utc>, Problem> {
        let at = self.at.unwrap_or(now);
        // 2000-01-01 to 2100-01-01.
        if !(946_684_800..=4_102_444_800).contains(&at.timestamp()) {
            return Err(Problem::invalid_field("at", "out_of_range", "must be from the year 2000 to 2100"));
        }
        Ok(at)
    }

    fn within(&self) -> Result<Duration, Problem> {
        let hours = self.within_hours.unwrap_or(72);
        if !(1..=840).contains(&hours) {
            return Err(Problem::invalid_field("within_hours", "out_of_range", "must be from 1 to 840"));
        }
        Ok(Duration::hours(hours.into()))
    }
}

/// A cap and the rule it is of.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = FrequencyCapOf)]
struct CapOf {
    /// Of a rule, or `organization`.
    rule: String,
    #[serde(flatten)]
    cap: Cap,
}

/// What would be decided.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = QuietHoursCheck)]
struct Check {
    /// E.164.
    phone_number: PhoneNumber,
    at: DateTime<Utc>,
    purpose: ConsentPurpose,
    places: Places,
    decision: Decision,
    /// Of all places, and the organization's own; whether they are reached is not looked at here.
    caps: Vec<CapOf>,
    #[schema(example = "Held: 8:47 pm EST in Florida, window 9 am–8 pm; will go at 9 am.")]
    sentence: String,
}

/// What quiet hours would decide about a text to a number: where it may be, which rules speak, when it could go. Asks nothing else
/// (consent, block list, caps).
#[utoipa::path(get, path = "/compliance/check", tag = "compliance", params(CheckParams), responses(
    (status = 200, description = "The decision", body = Check),
))]
async fn check_quiet_hours(
    State(core): State<Core>,
    staff: Staff,
    Query(params): Query<CheckParams>,
) -> Result<Json<Check>, Problem> {
    let number = PhoneNumber::parse_typed(&params.phone_number, &core.config.default_region)
        .map_err(|e| Problem::invalid_field("phone_number", "invalid_phone_number", e.to_string()))?;
    let places = places::of(&number, params.zone()?, params.postal_code.as_deref());
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let (now, within) = (params.at(tx.clock().now())?, params.within()?);
    let purpose = params.purpose.unwrap_or(ConsentPurpose::Marketing);
    let policy = store::for_organization(&mut tx, house(&core)).await?;
    let decision = decide(&Question {
        places: &places,
        purpose,
        now,
        deadline: now + within,
        answers_recent_text: params.answers_recent_text,
        policy: &policy,
    });
    let said = sentence(&decision, now, None);
    let mut caps: Vec<CapOf> =
        caps(&places, purpose, now.date_naive()).into_iter().map(|(rule, cap)| CapOf { rule, cap }).collect();
    if purpose == ConsentPurpose::Marketing {
        let own = tables::caps::get(&mut tx).await?.cap();
        caps.extend(own.map(|cap| CapOf { rule: OrganizationCap::RULE.to_owned(), cap }));
    }
    Ok(Json(Check { phone_number: number, at: now, purpose, places, decision, caps, sentence: said }))
}
