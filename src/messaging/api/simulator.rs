//! The time machine: simulation mode, and the clock of an organization in it.

use axum::extract::State;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    accounts::{Change, Staff},
    messaging::time_machine::{self, Setting, SimulatedClock, SimulationError},
    platform::{
        db::is_lock_timeout,
        http::{Core, Json},
        problem::{Code, Problem, ProblemDocument},
    },
};

pub(super) fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new().routes(routes!(get_simulated_clock, set_simulated_clock)).routes(routes!(set_simulation_mode))
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
