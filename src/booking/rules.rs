//! Pure rules: when a provider's weekly hours begin slots, on a wall clock that daylight saving moves.

use chrono::{DateTime, Datelike, Days, LocalResult, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc, Weekday};
use chrono_tz::Tz;

use crate::platform::clock::resolve_local;

/// Hours in which slots begin, on some days of the week.
#[derive(Clone, Debug)]
pub struct WeeklyHours {
    pub days: Vec<Weekday>,
    pub opens: NaiveTime,
    /// The last slot ends at or before this.
    pub closes: NaiveTime,
    pub slot_minutes: i64,
}

impl WeeklyHours {
    /// Starts and ends of all slots of the `days` days from `from`, in `tz`. A time that daylight saving skips has no slot.
    pub fn slots(&self, tz: Tz, from: NaiveDate, days: u64) -> Vec<(DateTime<Utc>, DateTime<Utc>)> {
        let length = TimeDelta::minutes(self.slot_minutes.max(1));
        let dates = (0..days).filter_map(|n| from.checked_add_days(Days::new(n)));
        dates
            .filter(|date| self.days.contains(&date.weekday()))
            .flat_map(|date| {
                let (opens, closes) = (date.and_time(self.opens), date.and_time(self.closes));
                (0..).map(move |n| opens + length * n).take_while(move |start| *start + length <= closes)
            })
            .filter(|local| !matches!(tz.from_local_datetime(local), LocalResult::None))
            .map(|local| resolve_local(tz, local))
            .map(|start| (start, start + length))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::America::New_York;

    use super::*;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().expect("time")
    }

    fn hours(opens: &str, closes: &str) -> WeeklyHours {
        WeeklyHours {
            days: vec![Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri],
            opens: opens.parse().expect("time"),
            closes: closes.parse().expect("time"),
            slot_minutes: 30,
        }
    }

    #[test]
    fn nine_to_five_is_sixteen_half_hours_on_working_days() {
        let monday = NaiveDate::from_ymd_opt(2026, 11, 23).expect("date");
        let week = hours("09:00:00", "17:00:00").slots(New_York, monday, 7);
        assert_eq!(week.len(), 16 * 5);
        assert_eq!(week[0].0, utc("2026-11-23T14:00:00Z"));
        assert_eq!(week[15].1, utc("2026-11-23T22:00:00Z"));
    }

    #[test]
    fn nine_in_the_morning_stays_nine_when_the_clocks_change() {
        let friday = NaiveDate::from_ymd_opt(2026, 10, 30).expect("date");
        let slots = hours("09:00:00", "09:30:00").slots(New_York, friday, 4);
        assert_eq!(
            slots.iter().map(|s| s.0).collect::<Vec<_>>(),
            [utc("2026-10-30T13:00:00Z"), utc("2026-11-02T14:00:00Z")]
        );
    }

    #[test]
    fn a_skipped_hour_has_no_slots_and_none_is_made_twice() {
        let mut nights = hours("01:00:00", "04:00:00");
        nights.days = vec![Weekday::Sun];
        let spring = nights.slots(New_York, NaiveDate::from_ymd_opt(2026, 3, 8).expect("date"), 1);
        assert_eq!(spring.len(), 4);
        let autumn = nights.slots(New_York, NaiveDate::from_ymd_opt(2026, 11, 1).expect("date"), 1);
        assert_eq!(autumn.len(), 6);
        assert!(spring.windows(2).chain(autumn.windows(2)).all(|w| w[0].0 < w[1].0));
    }

    #[test]
    fn hours_that_close_before_they_open_have_no_slots() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 23).expect("date");
        assert!(hours("17:00:00", "09:00:00").slots(New_York, day, 7).is_empty());
    }
}
