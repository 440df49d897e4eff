//! Pure rules: when a provider's weekly hours begin slots, on a wall clock that daylight saving moves.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Datelike, Days, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::platform::clock::resolve_local;

/// Day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Weekday {
    Monday = 1,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl Weekday {
    pub const ALL: [Self; 7] =
        [Self::Monday, Self::Tuesday, Self::Wednesday, Self::Thursday, Self::Friday, Self::Saturday, Self::Sunday];
    pub const WORKING: [Self; 5] = [Self::Monday, Self::Tuesday, Self::Wednesday, Self::Thursday, Self::Friday];

    /// 1 is Monday.
    pub const fn iso(self) -> i16 {
        self as i16
    }

    pub fn from_iso(n: i16) -> Option<Self> {
        Self::ALL.into_iter().find(|day| day.iso() == n)
    }

    fn of(date: NaiveDate) -> Self {
        Self::ALL[date.weekday().num_days_from_monday() as usize]
    }
}

/// A reading of a wall clock in whole minutes, from 00:00 to 24:00.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClockTime(i32);

impl ClockTime {
    pub const fn hour(hour: i32) -> Self {
        Self(hour * 60)
    }

    /// After midnight.
    pub const fn minutes(self) -> i32 {
        self.0
    }

    /// On this day; 24:00 is the next one's midnight.
    fn on(self, date: NaiveDate) -> Option<NaiveDateTime> {
        date.and_time(NaiveTime::MIN).checked_add_signed(TimeDelta::minutes(i64::from(self.0)))
    }
}

impl TryFrom<i32> for ClockTime {
    type Error = String;

    fn try_from(minutes: i32) -> Result<Self, String> {
        if (0..=1440).contains(&minutes) { Ok(Self(minutes)) } else { Err(format!("no time of day: {minutes}")) }
    }
}

impl FromStr for ClockTime {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let two = |part: &str| (part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse().ok());
        let read = text.split_once(':').and_then(|(hour, minute)| Some((two(hour)??, two(minute)??)));
        match read {
            Some((hour @ 0..=23, minute @ 0..=59)) => Ok(Self(hour * 60 + minute)),
            Some((24, 0)) => Ok(Self(1440)),
            _ => Err("must be a time such as 09:30, up to 24:00".to_owned()),
        }
    }
}

impl fmt::Display for ClockTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl Serialize for ClockTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ClockTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Hours in which slots begin, on some days of the week.
#[derive(Clone, Debug)]
pub struct WeeklyHours {
    pub days: Vec<Weekday>,
    pub opens: ClockTime,
    /// The last slot ends at or before this.
    pub closes: ClockTime,
    pub slot_minutes: i32,
}

/// Start and end.
pub type Times = (DateTime<Utc>, DateTime<Utc>);

impl WeeklyHours {
    /// All slots of the days from `from` through `through`, in `tz`, by start. They begin on the wall clock's grid from `opens` on; one
    /// whose beginning daylight saving skips is left out, as is one that would run into the next, or past `closes`, because the night
    /// is an hour shorter. Of an hour that comes twice, the first has slots.
    pub fn slots(&self, tz: Tz, from: NaiveDate, through: NaiveDate) -> Vec<Times> {
        let mut found: Vec<Times> = Vec::new();
        let days = (0..).map_while(|n| from.checked_add_days(Days::new(n))).take_while(|date| *date <= through);
        for date in days.filter(|date| self.days.contains(&Weekday::of(*date))) {
            self.add_day(tz, date, &mut found);
        }
        found
    }

    fn add_day(&self, tz: Tz, date: NaiveDate, found: &mut Vec<Times>) {
        let length = TimeDelta::minutes(i64::from(self.slot_minutes.max(1)));
        let (Some(opens), Some(closes)) = (self.opens.on(date), self.closes.on(date)) else { return };
        let end_of_hours = resolve_local(tz, closes);
        let mut local = opens;
        while local + length <= closes {
            let real = !matches!(tz.from_local_datetime(&local), LocalResult::None);
            let start = resolve_local(tz, local);
            let after_the_last = found.last().is_none_or(|(_, end)| *end <= start);
            if real && after_the_last && start + length <= end_of_hours {
                found.push((start, start + length));
            }
            local += length;
        }
    }
}

/// Whether two windows share a minute of some day.
pub fn overlap(a: &WeeklyHours, b: &WeeklyHours) -> bool {
    a.days.iter().any(|day| b.days.contains(day)) && a.opens < b.closes && b.opens < a.closes
}

#[cfg(test)]
mod tests {
    use chrono_tz::{
        America::{New_York, Sao_Paulo},
        Australia::Lord_Howe,
        Europe::Berlin,
    };
    use proptest::prelude::*;

    use super::*;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().expect("time")
    }

    fn date(text: &str) -> NaiveDate {
        text.parse().expect("date")
    }

    fn hours(opens: &str, closes: &str) -> WeeklyHours {
        WeeklyHours {
            days: Weekday::WORKING.to_vec(),
            opens: opens.parse().expect("time"),
            closes: closes.parse().expect("time"),
            slot_minutes: 30,
        }
    }

    #[test]
    fn nine_to_five_is_sixteen_half_hours_on_working_days() {
        let week = hours("09:00", "17:00").slots(New_York, date("2026-11-23"), date("2026-11-29"));
        assert_eq!(week.len(), 16 * 5);
        assert_eq!(week[0].0, utc("2026-11-23T14:00:00Z"));
        assert_eq!(week[15].1, utc("2026-11-23T22:00:00Z"));
    }

    #[test]
    fn nine_in_the_morning_stays_nine_when_the_clocks_change() {
        let slots = hours("09:00", "09:30").slots(New_York, date("2026-10-30"), date("2026-11-02"));
        assert_eq!(
            slots.iter().map(|s| s.0).collect::<Vec<_>>(),
            [utc("2026-10-30T13:00:00Z"), utc("2026-11-02T14:00:00Z")]
        );
    }

    #[test]
    fn a_skipped_hour_has_no_slots_and_none_is_made_twice() {
        let mut nights = hours("01:00", "04:00");
        nights.days = vec![Weekday::Sunday];
        let spring = nights.slots(New_York, date("2026-03-08"), date("2026-03-08"));
        assert_eq!(spring.len(), 4);
        let autumn = nights.slots(New_York, date("2026-11-01"), date("2026-11-01"));
        assert_eq!(autumn.len(), 6);
        assert!(spring.windows(2).chain(autumn.windows(2)).all(|w| w[0].0 < w[1].0));
    }

    #[test]
    fn a_slot_across_the_skipped_hour_pushes_none_aside() {
        let mut nights = hours("01:00", "05:00");
        (nights.days, nights.slot_minutes) = (vec![Weekday::Sunday], 45);
        // 01:45 lasts until 03:30 by the clock: the one of 03:15 would begin before that, and is left out.
        let spring = nights.slots(New_York, date("2026-03-08"), date("2026-03-08"));
        let starts: Vec<_> = spring.iter().map(|s| s.0.with_timezone(&New_York).time().to_string()).collect();
        assert_eq!(starts, ["01:00:00", "01:45:00", "04:00:00"]);
    }

    #[test]
    fn hours_that_close_before_they_open_have_no_slots() {
        assert!(hours("17:00", "09:00").slots(New_York, date("2026-11-23"), date("2026-11-29")).is_empty());
        assert!(hours("09:00", "17:00").slots(New_York, date("2026-11-29"), date("2026-11-23")).is_empty());
    }

    #[test]
    fn midnight_closes_the_day() {
        let late = hours("23:00", "24:00").slots(Berlin, date("2026-11-23"), date("2026-11-23"));
        assert_eq!(late.last().expect("slots").1, utc("2026-11-23T23:00:00Z"));
    }

    #[test]
    fn times_of_day_are_read_and_written_alike() {
        for text in ["00:00", "09:05", "23:59", "24:00"] {
            assert_eq!(text.parse::<ClockTime>().expect(text).to_string(), text);
        }
        for text in ["9:00", "24:01", "12:60", "noon", "", "12:3", "+1:00", "12:00:00", "１２:00"] {
            assert!(text.parse::<ClockTime>().is_err(), "{text}");
        }
    }

    proptest! {
        /// Whatever the zone and the night: every slot has its whole length, begins where the clock says, lies within the hours, and
        /// none touches another.
        #[test]
        fn slots_are_whole_apart_and_within_hours(
            zone in prop::sample::select(vec![New_York, Berlin, Lord_Howe, Sao_Paulo, chrono_tz::UTC]),
            day in 0u64..800, days in 0u64..4, opens in 0i32..1440, open_minutes in 1i32..1440, slot_minutes in 5i32..600,
        ) {
            let from = date("2025-01-01") + Days::new(day);
            let hours = WeeklyHours {
                days: Weekday::ALL.to_vec(),
                opens: ClockTime(opens),
                closes: ClockTime((opens + open_minutes).min(1440)),
                slot_minutes,
            };
            let slots = hours.slots(zone, from, from + Days::new(days));
            let length = TimeDelta::minutes(i64::from(slot_minutes));
            for (start, end) in &slots {
                prop_assert_eq!(*end - *start, length);
                let local = start.with_timezone(&zone).naive_local();
                let minute = (local - hours.opens.on(local.date()).expect("time")).num_minutes();
                prop_assert!(minute >= 0 && minute % i64::from(slot_minutes) == 0, "{} is off the grid", local);
                prop_assert!(*end <= resolve_local(zone, hours.closes.on(local.date()).expect("time")));
            }
            prop_assert!(slots.windows(2).all(|w| w[0].1 <= w[1].0));
            // Days without a change of clocks have as many slots as fit.
            let offset = |date: NaiveDate| {
                (zone.offset_from_utc_datetime(&date.and_time(NaiveTime::MIN)), zone.offset_from_utc_datetime(&(date + Days::new(2)).and_time(NaiveTime::MIN)))
            };
            let fit = (hours.closes.minutes() - opens) / slot_minutes;
            let mut date = from;
            while date <= from + Days::new(days) {
                let (before, after) = offset(date - Days::new(1));
                if before == after {
                    let of_day = slots.iter().filter(|(s, _)| s.with_timezone(&zone).date_naive() == date).count();
                    prop_assert_eq!(of_day, usize::try_from(fit).expect("count"));
                }
                date = date + Days::new(1);
            }
        }
    }
}
