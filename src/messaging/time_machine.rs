//! Simulation mode: an organization that owns no sender but the simulator, whose clock may be set. Times worth a visit are worked out
//! here; what a simulated carrier does with texts is in `channels/simulator.rs`.

use chrono::{DateTime, Datelike, Days, NaiveTime, TimeDelta, Utc, Weekday};
use chrono_tz::{America, Tz};
use serde::Serialize;

use super::store;
use crate::{
    accounts,
    platform::{
        clock::resolve_local,
        db::{Db, Tx},
        ids::OrganizationId,
        simulation,
    },
};

/// What time it is in the organization.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub(super) struct SimulatedClock {
    /// The organization is in simulation mode: its clock may be set, and no real sender added.
    pub simulation: bool,
    /// Senders that reach people, archived ones too, because texts to them are still answered. With any, simulation mode cannot be started.
    pub real_senders: i64,
    /// The organization's time.
    pub now: DateTime<Utc>,
    /// The machine's.
    pub machine_now: DateTime<Utc>,
    /// How far the organization's clock is ahead, in whole seconds; negative: behind. 0: it is right.
    #[schema(minimum = -34560000, maximum = 34560000)]
    pub ahead_seconds: i64,
    /// The organization's zone.
    #[schema(example = "America/New_York")]
    pub time_zone: String,
    /// When the clock was last set, by the machine's; null: never.
    pub moved_at: Option<DateTime<Utc>>,
    /// Times worth a visit. Empty outside simulation mode.
    pub presets: Vec<Preset>,
}

/// A time worth a visit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub(super) struct Preset {
    #[schema(inline)]
    pub name: PresetName,
    pub at: DateTime<Utc>,
    /// The zone in which it is that time.
    #[schema(example = "America/Chicago")]
    pub time_zone: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum PresetName {
    /// Half an hour before clocks are put forward, in the organization's zone; in New York's where it has no daylight saving.
    SpringForward,
    /// Half an hour before they are put back.
    FallBack,
    /// Ten on a Sunday morning in Texas, two hours before sellers may text there.
    SundayInTexas,
    /// Half past ten this evening.
    TonightQuiet,
    /// Nine tomorrow morning.
    TomorrowMorning,
}

/// How the clock is to be set.
#[derive(Clone, Copy, Debug)]
pub(super) enum Setting {
    At(DateTime<Utc>),
    Advance(TimeDelta),
    Right,
}

#[derive(Debug, thiserror::Error)]
pub(super) enum SimulationError {
    #[error("not in simulation mode")]
    NotSimulated,
    #[error("the organization has real senders")]
    RealSenders,
    /// Farther than [`simulation::FARTHEST`] from the machine's time.
    #[error("too far away")]
    TooFar,
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// The next time after `from` at which the clocks of `zone` are put forward (or back), to the minute; none within 400 days.
fn next_change(zone: Tz, from: DateTime<Utc>, forward: bool) -> Option<DateTime<Utc>> {
    use chrono::Offset;
    let offset = |at: DateTime<Utc>| at.with_timezone(&zone).offset().fix().local_minus_utc();
    let mut day = from;
    for _ in 0..400 {
        let next = day + TimeDelta::days(1);
        let (before, after) = (offset(day), offset(next));
        if before != after && (after > before) == forward {
            let (mut early, mut late) = (day, next);
            while late - early > TimeDelta::seconds(1) {
                let middle = early + (late - early) / 2;
                if offset(middle) == before { early = middle } else { late = middle }
            }
            // Clocks change at whole minutes; the search ended within a second after it.
            let seconds = late.timestamp();
            return DateTime::from_timestamp(seconds - seconds.rem_euclid(60), 0);
        }
        day = next;
    }
    None
}

/// The next time after `from` that the wall clock of `zone` shows `time`, on a Sunday if so wanted.
fn next_reading(zone: Tz, from: DateTime<Utc>, time: NaiveTime, weekday: Option<Weekday>) -> Option<DateTime<Utc>> {
    let today = from.with_timezone(&zone).date_naive();
    (0..=8)
        .filter_map(|ahead| today.checked_add_days(Days::new(ahead)))
        .filter(|day| weekday.is_none_or(|wanted| day.weekday() == wanted))
        .map(|day| resolve_local(zone, day.and_time(time)))
        .find(|at| *at > from)
}

/// Times worth a visit, all to come.
fn presets(zone: Tz, from: DateTime<Utc>) -> Vec<Preset> {
    let time = |hour, minute| NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default();
    let half_an_hour = TimeDelta::minutes(30);
    let change = |forward| {
        [zone, America::New_York]
            .into_iter()
            .find_map(|zone| Some((zone, next_change(zone, from, forward)? - half_an_hour)))
    };
    let mornings = next_reading(zone, from + TimeDelta::hours(12), time(9, 0), None);
    [
        (PresetName::TonightQuiet, next_reading(zone, from, time(22, 30), None).map(|at| (zone, at))),
        (PresetName::TomorrowMorning, mornings.map(|at| (zone, at))),
        (
            PresetName::SundayInTexas,
            next_reading(America::Chicago, from, time(10, 0), Some(Weekday::Sun)).map(|at| (America::Chicago, at)),
        ),
        (PresetName::FallBack, change(false)),
        (PresetName::SpringForward, change(true)),
    ]
    .into_iter()
    .filter_map(|(name, found)| found.map(|(zone, at)| Preset { name, at, time_zone: zone.name().to_owned() }))
    .collect()
}

pub(super) async fn clock(tx: &mut Tx) -> Result<SimulatedClock, sqlx::Error> {
    let zone = accounts::organization(tx).await?.timezone;
    let simulation = simulation::get(tx).await?;
    let (now, machine_now) = (tx.clock().now(), tx.real_clock().now());
    Ok(SimulatedClock {
        simulation: simulation.is_some(),
        real_senders: store::senders::count_real(tx).await?,
        now,
        machine_now,
        ahead_seconds: simulation.as_ref().map_or(0, |s| s.ahead.num_seconds()),
        time_zone: zone.name().to_owned(),
        moved_at: simulation.as_ref().and_then(|s| s.moved_at),
        presets: if simulation.is_some() { presets(zone, machine_now) } else { Vec::new() },
    })
}

/// Begins or ends simulation mode. At its end the clock is right again, with what waits for a time, and the carrier works.
pub(super) async fn set_mode(db: &Db, organization: OrganizationId, on: bool) -> Result<Tx, SimulationError> {
    if !on {
        let tx = db.tenant_alone(organization).await?;
        if !tx.is_simulated() {
            return Ok(tx);
        }
        let (mut tx, _) = simulation::set_clock(tx, TimeDelta::zero()).await?;
        store::simulator::forget_faults(&mut tx).await?;
        simulation::end(&mut tx).await?;
        return Ok(tx);
    }
    // Alone: who began before goes by the machine's clock, and what they write must be there when the clock is moved.
    let mut tx = db.tenant_alone(organization).await?;
    simulation::lock_out_senders(&mut tx).await?;
    if store::senders::count_real(&mut tx).await? > 0 {
        return Err(SimulationError::RealSenders);
    }
    simulation::start(&mut tx).await?;
    Ok(tx)
}

/// Sets the clock, and with it what waits for a time. Returns the transaction, going by the new clock, and how many jobs moved.
pub(super) async fn set_clock(
    db: &Db,
    organization: OrganizationId,
    setting: Setting,
) -> Result<(Tx, u64), SimulationError> {
    let tx = db.tenant_alone(organization).await?;
    if !tx.is_simulated() {
        return Err(SimulationError::NotSimulated);
    }
    let (now, machine_now) = (tx.clock().now(), tx.real_clock().now());
    let ahead = match setting {
        Setting::At(at) => at - machine_now,
        Setting::Advance(by) => (now - machine_now).checked_add(&by).ok_or(SimulationError::TooFar)?,
        Setting::Right => TimeDelta::zero(),
    };
    if ahead.abs() > simulation::FARTHEST {
        return Err(SimulationError::TooFar);
    }
    Ok(simulation::set_clock(tx, ahead).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("time")
    }

    #[test]
    fn the_times_worth_a_visit_are_those_of_the_calendar() {
        // 2027: clocks forward on 14 March, back on 7 November, both at 2:00; 21 November 2026 is a Saturday.
        let found = presets(America::New_York, at("2026-11-21T15:00:00Z"));
        let expected = [
            (PresetName::TonightQuiet, "2026-11-22T03:30:00Z", "America/New_York"),
            (PresetName::TomorrowMorning, "2026-11-22T14:00:00Z", "America/New_York"),
            (PresetName::SundayInTexas, "2026-11-22T16:00:00Z", "America/Chicago"),
            (PresetName::FallBack, "2027-11-07T05:30:00Z", "America/New_York"),
            (PresetName::SpringForward, "2027-03-14T06:30:00Z", "America/New_York"),
        ];
        let found: Vec<_> = found.iter().map(|p| (p.name, p.at, p.time_zone.as_str())).collect();
        assert_eq!(found, expected.map(|(name, time, zone)| (name, at(time), zone)));
    }

    #[test]
    fn where_the_hour_never_changes_new_york_stands_in() {
        let found = presets(chrono_tz::Asia::Kolkata, at("2026-02-01T00:00:00Z"));
        let zones: Vec<_> = found.iter().map(|p| p.time_zone.as_str()).collect();
        assert_eq!(zones, ["Asia/Kolkata", "Asia/Kolkata", "America/Chicago", "America/New_York", "America/New_York"]);
        assert_eq!(found[4].at, at("2026-03-08T06:30:00Z"));
    }

    #[test]
    fn all_are_to_come_and_near_enough_to_be_set() {
        for zone in [America::New_York, America::Sao_Paulo, chrono_tz::Australia::Lord_Howe, chrono_tz::Europe::Dublin]
        {
            for hours in 0..(366 * 4) {
                let from = at("2026-01-01T00:00:00Z") + TimeDelta::hours(6 * hours);
                for preset in presets(zone, from) {
                    let way = preset.at - from;
                    assert!(way > -TimeDelta::hours(1) && way < simulation::FARTHEST, "{zone} {from} {preset:?}");
                }
            }
        }
    }
}
