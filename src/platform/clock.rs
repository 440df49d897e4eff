//! The only source of time, and the step from a wall clock to an instant. Everything that asks "when" takes a [`Clock`], so that
//! tests and the simulator can set it.

use std::sync::{Arc, Mutex};

use chrono::{DateTime, Duration, NaiveDateTime, SubsecRound, TimeZone, Utc};
use chrono_tz::Tz;
use uuid::{ContextV7, Timestamp, Uuid};

/// A cheap handle on a source of time. Instants are cut to microseconds, as Postgres keeps them.
#[derive(Clone, Debug)]
pub struct Clock {
    inner: Arc<Inner>,
    /// How far this clock is ahead of its source.
    ahead: Duration,
}

#[derive(Debug)]
struct Inner {
    source: Source,
    /// Keeps ids of this clock in order, also within one millisecond and when the time goes back.
    stamps: Mutex<ContextV7>,
}

#[derive(Debug)]
enum Source {
    System,
    Manual(Mutex<DateTime<Utc>>),
}

impl Clock {
    /// The time of this machine.
    pub fn system() -> Self {
        Self::of(Source::System)
    }

    /// A clock that stands at `at` until moved.
    pub fn manual(at: DateTime<Utc>) -> Self {
        Self::of(Source::Manual(Mutex::new(at.trunc_subsecs(6))))
    }

    fn of(source: Source) -> Self {
        Self { inner: Arc::new(Inner { source, stamps: Mutex::new(ContextV7::new()) }), ahead: Duration::zero() }
    }

    /// The same source, shown `by` later (or earlier).
    pub fn shifted(&self, by: Duration) -> Self {
        Self { inner: Arc::clone(&self.inner), ahead: by }
    }

    /// A UUIDv7 of now, above all that this clock gave before. Of a shifted clock too it has the time of the source: ids say in which order
    /// rows were made, also where the time they tell of went back meanwhile. So texts are answered in the order they came in (by id), and
    /// listed in the order of the time they tell of (by created_at).
    pub(super) fn stamp(&self) -> Uuid {
        let now = self.source_now();
        let seconds = now.timestamp().max(0).cast_unsigned();
        let stamps = self.inner.stamps.lock().expect("stamps of a clock");
        Uuid::new_v7(Timestamp::from_unix(&*stamps, seconds, now.timestamp_subsec_nanos()))
    }

    pub fn now(&self) -> DateTime<Utc> {
        let now = self.source_now();
        now.checked_add_signed(self.ahead).unwrap_or(now)
    }

    fn source_now(&self) -> DateTime<Utc> {
        match &self.inner.source {
            #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's time")]
            Source::System => Utc::now().trunc_subsecs(6),
            Source::Manual(at) => *at.lock().expect("clock lock"),
        }
    }

    /// Whether somebody sets this clock by hand.
    pub fn is_manual(&self) -> bool {
        matches!(self.inner.source, Source::Manual(_))
    }

    /// Moves a manual clock forward (or back, for a negative duration). A system clock does not move.
    pub fn advance(&self, by: Duration) {
        if let Source::Manual(at) = &self.inner.source {
            *at.lock().expect("clock lock") += by;
        }
    }
}

/// The instant at which the wall clock in `tz` shows `local`. A reading that daylight saving skips is moved forward by the length of
/// the gap (02:30 becomes 03:30); of a reading that occurs twice the first is taken.
pub fn resolve_local(tz: Tz, local: NaiveDateTime) -> DateTime<Utc> {
    if let Some(instant) = tz.from_local_datetime(&local).earliest() {
        return instant.to_utc();
    }
    // In a gap: count on from the last reading before it, which lands the same distance after it.
    let before = (1..=48)
        .filter_map(|half_hours| local.checked_sub_signed(Duration::minutes(30 * half_hours)))
        .find_map(|earlier| Some((earlier, tz.from_local_datetime(&earlier).latest()?)));
    match before {
        Some((earlier, instant)) => instant.to_utc() + (local - earlier),
        None => local.and_utc(),
    }
}

#[cfg(test)]
mod tests {
    use chrono::{Datelike, Days, NaiveDate, NaiveTime};
    use chrono_tz::America::New_York;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn wall_clock_times_across_daylight_saving() {
        // 2026-03-08: 02:00 becomes 03:00. 2026-11-01: 02:00 becomes 01:00.
        for (local, utc) in [
            ("2026-03-08T01:30:00", "2026-03-08T06:30:00Z"),
            ("2026-03-08T02:30:00", "2026-03-08T07:30:00Z"),
            ("2026-03-08T03:30:00", "2026-03-08T07:30:00Z"),
            ("2026-11-01T01:30:00", "2026-11-01T05:30:00Z"),
            ("2026-11-01T02:30:00", "2026-11-01T07:30:00Z"),
        ] {
            let instant: DateTime<Utc> = utc.parse().expect("instant");
            assert_eq!(resolve_local(New_York, local.parse().expect("local time")), instant, "{local}");
        }
    }

    proptest! {
        #[test]
        fn every_wall_clock_reading_has_an_instant(day in 0u64..730, minute in 0u32..1440) {
            let date = NaiveDate::from_ymd_opt(2026, 1, 1).expect("a date") + Days::new(day);
            let local = date.and_time(NaiveTime::from_num_seconds_from_midnight_opt(minute * 60, 0).expect("a time"));
            let shown = resolve_local(New_York, local).with_timezone(&New_York).naive_local();
            prop_assert!(shown == local || shown - local == Duration::hours(1) && date.month() == 3);
        }
    }

    #[test]
    fn a_manual_clock_stands_still_until_moved() {
        let start = "2026-03-08T09:59:59Z".parse().expect("time");
        let clock = Clock::manual(start);
        assert_eq!(clock.now(), start);
        clock.advance(Duration::seconds(2));
        assert_eq!(clock.now() - start, Duration::seconds(2));
    }

    #[test]
    fn a_shifted_clock_goes_with_its_source_and_gives_ids_in_its_order() {
        let start: DateTime<Utc> = "2026-11-21T12:00:00Z".parse().expect("time");
        let clock = Clock::manual(start);
        let (ahead, back) = (clock.shifted(Duration::days(30)), clock.shifted(-Duration::days(30)));
        let ids = [ahead.stamp(), clock.stamp(), back.stamp(), ahead.stamp()];
        assert!(ids.is_sorted() && ids.windows(2).all(|two| two[0] < two[1]), "{ids:?}");
        clock.advance(Duration::seconds(1));
        assert_eq!(ahead.now() - start, Duration::days(30) + Duration::seconds(1));
        assert_eq!(back.now() - start, Duration::seconds(1) - Duration::days(30));
        assert_eq!(clock.shifted(Duration::MAX).now(), clock.now(), "what no date can say is no shift");
    }
}
