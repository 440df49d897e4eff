//! Times of day on recipients' clocks. Pure.

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::platform::clock::resolve_local;

/// The first moment from `from` on at which it is `time` on the clock of `zone`.
pub fn next_at(zone: Tz, from: DateTime<Utc>, time: NaiveTime) -> DateTime<Utc> {
    let day = from.with_timezone(&zone).date_naive();
    // An hour that is left out or comes twice: resolve_local says which moment it is.
    let moment = resolve_local(zone, day.and_time(time));
    if moment >= from { moment } else { resolve_local(zone, (day + TimeDelta::days(1)).and_time(time)) }
}

/// A stretch of each day in which nothing is to be sent; it may go past midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quiet {
    pub from: NaiveTime,
    pub until: NaiveTime,
}

impl Quiet {
    fn holds(self, time: NaiveTime) -> bool {
        if self.from <= self.until {
            (self.from..self.until).contains(&time)
        } else {
            time >= self.from || time < self.until
        }
    }

    /// The first moment from `at` on that is outside it on each of these clocks. None: there is none within a week.
    pub fn opens(self, zones: &[Tz], at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let mut moment = at;
        while moment < at + TimeDelta::days(7) {
            let closed = zones.iter().find(|zone| self.holds(moment.with_timezone(*zone).time()));
            let Some(zone) = closed else { return Some(moment) };
            let next = next_at(*zone, moment + TimeDelta::milliseconds(1), self.until);
            // A clock that is put back lands in the quiet hours once more.
            moment = next.max(moment + TimeDelta::minutes(1));
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::America::{Denver, Los_Angeles, New_York};
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect(text)
    }

    fn time(text: &str) -> NaiveTime {
        text.parse().expect(text)
    }

    #[test]
    fn noon_is_noon_where_they_are() {
        let from = at("2026-11-21T15:00:00Z");
        assert_eq!(next_at(New_York, from, time("12:00:00")), at("2026-11-21T17:00:00Z"));
        assert_eq!(next_at(Denver, from, time("12:00:00")), at("2026-11-21T19:00:00Z"));
        assert_eq!(next_at(New_York, at("2026-11-21T17:00:01Z"), time("12:00:00")), at("2026-11-22T17:00:00Z"));
        // 2:30 is left out on 14 March 2027 in New York.
        let spring = next_at(New_York, at("2027-03-14T05:30:00Z"), time("02:30:00"));
        assert!(spring >= at("2027-03-14T07:00:00Z") && spring <= at("2027-03-14T07:30:00Z"), "{spring}");
    }

    #[test]
    fn quiet_on_one_clock_is_quiet() {
        let quiet = Quiet { from: time("18:00:00"), until: time("10:00:00") };
        let afternoon = at("2026-11-21T22:00:00Z");
        assert_eq!(quiet.opens(&[New_York], afternoon), Some(afternoon), "5 pm");
        assert_eq!(quiet.opens(&[New_York], at("2026-11-21T23:30:00Z")), Some(at("2026-11-22T15:00:00Z")));
        // 10 am in New York is 7 am in Los Angeles.
        assert_eq!(quiet.opens(&[New_York, Los_Angeles], at("2026-11-21T15:00:00Z")), Some(at("2026-11-21T18:00:00Z")));
        let never = Quiet { from: time("12:00:00"), until: time("11:59:59") };
        assert!(never.opens(&[New_York, Los_Angeles], afternoon).is_none_or(|open| open > afternoon));
        let always = Quiet { from: time("09:00:00"), until: time("09:00:00") };
        assert_eq!(always.opens(&[New_York], afternoon), Some(afternoon), "an empty stretch holds nothing");
    }

    proptest! {
        #[test]
        fn what_opens_is_open_and_not_before(minutes in 0_i64..600_000, from in 0_u32..1440, until in 0_u32..1440) {
            let of = |m: u32| NaiveTime::from_hms_opt(m / 60, m % 60, 0).expect("time");
            let (quiet, zones) = (Quiet { from: of(from), until: of(until) }, [New_York, Los_Angeles]);
            let start = at("2026-01-01T00:00:00Z") + TimeDelta::minutes(minutes);
            if let Some(open) = quiet.opens(&zones, start) {
                prop_assert!(open >= start);
                prop_assert!(zones.iter().all(|zone| !quiet.holds(open.with_timezone(zone).time())));
            }
        }
    }
}
