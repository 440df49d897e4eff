//! The time machine: simulation mode, the clock of an organization in it, and what its carrier is to do wrong.

use axum::{extract::State, http::StatusCode};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    accounts::{Change, Staff},
    contacts,
    messaging::{
        faults::{Fault, FaultKind, NewFault, SimulatedEvent},
        store::simulator,
        time_machine::{self, Setting, SimulatedClock, SimulationError},
    },
    platform::{
        db::is_lock_timeout,
        http::{Core, Json, Page, Paging, Path, Query},
        ids::{ContactId, MessageId, RowId},
        problem::{Code, Problem, ProblemDocument},
    },
};

pub(super) fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new()
        .routes(routes!(get_simulated_clock, set_simulated_clock))
        .routes(routes!(set_simulation_mode))
        .routes(routes!(list_simulator_faults, add_simulator_fault))
        .routes(routes!(remove_simulator_fault))
        .routes(routes!(list_simulated_events))
}

impl From<SimulationError> for Problem {
    fn from(error: SimulationError) -> Self {
        match error {
            SimulationError::NotSimulated => Self::new(
                Code::NotSimulated,
                "Start simulation mode first. It is for organizations without real senders.",
            ),
            SimulationError::RealSenders => Self::new(
                Code::RealSenders,
                "In simulation mode nothing may reach a person. Use an organization that never had a sender but the simulator.",
            ),
            SimulationError::TooFar => {
                Self::invalid_field("at", "out_of_range", "must be within 400 days of the machine's time")
            }
            SimulationError::Database(error) if is_lock_timeout(&error) => {
                Self::new(Code::InUse, "Work of the organization goes on. Try again in a moment.").retry_after(2)
            }
            SimulationError::Database(error) => error.into(),
        }
    }
}

/// What time it is in the organization, and whether somebody set its clock.
#[utoipa::path(get, path = "/simulator/clock", tag = "simulator", responses(
    (status = 200, description = "The clock", body = SimulatedClock),
))]
async fn get_simulated_clock(State(core): State<Core>, staff: Staff) -> Result<Json<SimulatedClock>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    Ok(Json(time_machine::clock(&mut tx).await?))
}

/// How to set the clock: exactly one of the three.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct ClockSetting {
    /// To this time, at most 400 days from the machine's.
    at: Option<DateTime<Utc>>,
    /// So many seconds ahead of what it shows; back, if negative.
    #[schema(minimum = -69120000, maximum = 69120000, example = 7200)]
    advance_seconds: Option<i64>,
    /// true: to the machine's time.
    reset: Option<bool>,
}

impl ClockSetting {
    fn setting(&self) -> Result<Setting, Problem> {
        match (self.at, self.advance_seconds, self.reset.unwrap_or(false)) {
            (Some(at), None, false) => Ok(Setting::At(at)),
            (None, Some(seconds), false) => {
                Ok(Setting::Advance(TimeDelta::try_seconds(seconds).ok_or(SimulationError::TooFar)?))
            }
            (None, None, true) => Ok(Setting::Right),
            _ => Err(Problem::invalid_field("at", "exactly_one", "give one of at, advance_seconds and reset")),
        }
    }
}

/// Set the organization's clock. What waits for a time goes with it: a jump ahead lets happen what falls due, in order; a jump back makes it
/// wait again. Sessions, keys, budgets, the audit log and webhooks stay on the machine's time.
#[utoipa::path(put, path = "/simulator/clock", tag = "simulator", request_body = ClockSetting, responses(
    (status = 200, description = "The clock, going on from there", body = SimulatedClock),
    (status = 409, description = "not_simulated, or in_use where work of the organization would not end", body = ProblemDocument),
))]
async fn set_simulated_clock(
    State(core): State<Core>,
    staff: Staff,
    Json(wanted): Json<ClockSetting>,
) -> Result<Json<SimulatedClock>, Problem> {
    let setting = wanted.setting()?;
    let (mut tx, moved) = time_machine::set_clock(&core.db, staff.organization_id(), setting).await?;
    let clock = time_machine::clock(&mut tx).await?;
    let after = serde_json::json!({ "now": clock.now, "ahead_seconds": clock.ahead_seconds, "jobs_moved": moved });
    staff.audit(&mut tx, Change::of("simulation", "clock_set", None).after(&after)).await?;
    tx.commit().await?;
    Ok(Json(clock))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct SimulationMode {
    simulation: bool,
}

/// Begin or end simulation mode. It is for an organization that has no sender but the simulator, and while it lasts none can be added. At
/// its end the clock is put right and the carrier's faults are taken away.
#[utoipa::path(put, path = "/simulator/mode", tag = "simulator", request_body = SimulationMode, responses(
    (status = 200, description = "The clock", body = SimulatedClock),
    (status = 409, description = "real_senders, or in_use where work of the organization would not end", body = ProblemDocument),
))]
async fn set_simulation_mode(
    State(core): State<Core>,
    staff: Staff,
    Json(wanted): Json<SimulationMode>,
) -> Result<Json<SimulatedClock>, Problem> {
    let mut tx = time_machine::set_mode(&core.db, staff.organization_id(), wanted.simulation).await?;
    let clock = time_machine::clock(&mut tx).await?;
    let verb = if wanted.simulation { "started" } else { "ended" };
    staff.audit(&mut tx, Change::of("simulation", verb, None)).await?;
    tx.commit().await?;
    Ok(Json(clock))
}

/// Faults of an organization at once.
const MOST_FAULTS: i64 = 50;

/// What the simulated carrier is to do wrong, in the order in which it is looked through: the first that fits a text happens to it.
#[utoipa::path(get, path = "/simulator/faults", tag = "simulator", params(Paging), responses(
    (status = 200, description = "One page", body = Page<Fault>),
))]
async fn list_simulator_faults(
    State(core): State<Core>,
    staff: Staff,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<Fault>>, Problem> {
    let order = paging.order(simulator::ORDERS)?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    Ok(Json(simulator::faults(&mut tx, &order).await?))
}

/// What is to go wrong, with which texts.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewSimulatorFault)]
struct FaultRequest {
    kind: FaultKind,
    /// Of the two kinds that tell of an error, and only of them: Twilio's code, three to six digits.
    #[schema(pattern = "^[0-9]{3,6}$", example = "30003")]
    error_code: Option<String>,
    /// Of `late` (left out: an hour) and `error_by_report` (a second), and only of them.
    #[schema(minimum = 1, maximum = 604800)]
    after_seconds: Option<i32>,
    /// Only to texts for this contact; left out: for everybody.
    contact_id: Option<ContactId>,
    /// To so many texts; left out: until it is removed.
    #[schema(minimum = 1, maximum = 1000)]
    times: Option<i32>,
    /// To how many of a hundred texts it happens; left out: all.
    #[schema(minimum = 1, maximum = 100)]
    chance_percent: Option<i16>,
}

impl FaultRequest {
    fn checked(self) -> Result<NewFault, Problem> {
        let kind = self.kind;
        let refuse = |field: &str, message: &str| Err(Problem::invalid_field(field, "invalid", message));
        match &self.error_code {
            Some(_) if !kind.has_code() => return refuse("error_code", "this kind has none"),
            None if kind.has_code() => return refuse("error_code", "this kind needs one, such as 30003"),
            Some(code) if !(3..=6).contains(&code.len()) || !code.bytes().all(|b| b.is_ascii_digit()) => {
                return refuse("error_code", "must be three to six digits");
            }
            _ => {}
        }
        if self.after_seconds.is_some() && !kind.has_wait() {
            return refuse("after_seconds", "this kind does not wait");
        }
        if self.after_seconds.is_some_and(|seconds| !(1..=604_800).contains(&seconds)) {
            return refuse("after_seconds", "must be from a second to a week");
        }
        if self.times.is_some_and(|times| !(1..=1000).contains(&times)) {
            return refuse("times", "must be from 1 to 1000");
        }
        let chance_percent = self.chance_percent.unwrap_or(100);
        if !(1..=100).contains(&chance_percent) {
            return refuse("chance_percent", "must be from 1 to 100");
        }
        let usual_wait = (kind == FaultKind::Late).then_some(3600);
        Ok(NewFault {
            kind,
            error_code: self.error_code,
            after_seconds: self.after_seconds.or(usual_wait),
            contact_id: self.contact_id,
            times: self.times,
            chance_percent,
        })
    }
}

/// Let the simulated carrier do something wrong. A code has the consequences that it has when Twilio gives it.
#[utoipa::path(post, path = "/simulator/faults", tag = "simulator", request_body = FaultRequest, responses(
    (status = 201, description = "The fault", body = Fault),
    (status = 404, description = "No such contact", body = ProblemDocument),
    (status = 409, description = "not_simulated, or too_many_entries: 50 at once are the most", body = ProblemDocument),
))]
async fn add_simulator_fault(
    State(core): State<Core>,
    staff: Staff,
    Json(wanted): Json<FaultRequest>,
) -> Result<(StatusCode, Json<Fault>), Problem> {
    let new = wanted.checked()?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    if let Some(id) = new.contact_id {
        contacts::get(&mut tx, id).await?.ok_or_else(|| Problem::not_found("contact"))?;
    }
    if !tx.is_simulated() {
        return Err(SimulationError::NotSimulated.into());
    }
    if simulator::count(&mut tx).await? >= MOST_FAULTS {
        return Err(Problem::new(Code::TooManyEntries, "Remove some of the faults first."));
    }
    let fault = simulator::insert_fault(&mut tx, &new).await?;
    staff.audit(&mut tx, Change::created("simulator_fault", fault.id.0, &fault)).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(fault)))
}

/// Remove a fault. What it did to texts goes on.
#[utoipa::path(delete, path = "/simulator/faults/{id}", tag = "simulator", params(("id" = RowId, Path)), responses(
    (status = 204, description = "Removed"),
    (status = 404, description = "No such fault", body = ProblemDocument),
))]
async fn remove_simulator_fault(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<RowId>,
) -> Result<StatusCode, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let before = simulator::delete_fault(&mut tx, id).await?.ok_or_else(|| Problem::not_found("fault"))?;
    staff.audit(&mut tx, Change::deleted("simulator_fault", id.0, &before)).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct EventParams {
    message_id: Option<MessageId>,
    contact_id: Option<ContactId>,
}

/// What the simulated carrier did with texts, and what is still to come, latest first.
#[utoipa::path(get, path = "/simulator/log", tag = "simulator", params(EventParams, Paging), responses(
    (status = 200, description = "One page", body = Page<SimulatedEvent>),
))]
async fn list_simulated_events(
    State(core): State<Core>,
    staff: Staff,
    Query(params): Query<EventParams>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<SimulatedEvent>>, Problem> {
    let order = paging.order(simulator::LOG_ORDERS)?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    Ok(Json(simulator::log(&mut tx, params.message_id, params.contact_id, &order).await?))
}
