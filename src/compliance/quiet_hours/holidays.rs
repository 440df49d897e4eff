//! Days on which nothing is open, by the rule that names them: dates, "the third Monday of January", days counted from Easter.

use chrono::{Datelike, Days, NaiveDate};
use serde::Deserialize;

use super::model::Weekday;

/// One holiday of a list.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Holiday {
    /// The same date each year.
    Date {
        name: String,
        month: u32,
        day: u32,
        /// On a Saturday the Friday before is free too, on a Sunday the Monday after.
        observed: bool,
    },
    /// The `nth` weekday of a month, -1 being the last.
    Nth {
        name: String,
        month: u32,
        weekday: Weekday,
        nth: i8,
        /// So many days after it: Election Day is the day after a Monday.
        #[serde(default)]
        plus_days: u64,
        /// In even years only.
        #[serde(default)]
        even_years: bool,
    },
    /// So many days after Easter Sunday.
    Easter { name: String, easter: i64 },
}

impl Holiday {
    pub fn name(&self) -> &str {
        match self {
            Self::Date { name, .. } | Self::Nth { name, .. } | Self::Easter { name, .. } => name,
        }
    }

    /// Whether `date` is this holiday, or the day it is observed on.
    pub fn falls_on(&self, date: NaiveDate) -> bool {
        match self {
            Self::Date { month, day, observed, .. } => {
                let is = |date: Option<NaiveDate>| date.is_some_and(|d| d.month() == *month && d.day() == *day);
                let neighbour = match Weekday::of(date) {
                    Weekday::Friday => date.checked_add_days(Days::new(1)),
                    Weekday::Monday => date.checked_sub_days(Days::new(1)),
                    _ => None,
                };
                is(Some(date)) || *observed && is(neighbour)
            }
            Self::Nth { month, weekday, nth, plus_days, even_years, .. } => {
                let Some(day) = date.checked_sub_days(Days::new(*plus_days)) else { return false };
                day.month() == *month
                    && Weekday::of(day) == *weekday
                    && (!even_years || day.year() % 2 == 0)
                    && if *nth < 0 { is_last(day) } else { (day.day() - 1) / 7 + 1 == u32::from(nth.unsigned_abs()) }
            }
            Self::Easter { easter: after, .. } => {
                easter(date.year()).is_some_and(|sunday| (date - sunday).num_days() == *after)
            }
        }
    }
}

/// The last such weekday of its month.
fn is_last(day: NaiveDate) -> bool {
    day.checked_add_days(Days::new(7)).is_none_or(|next| next.month() != day.month())
}

/// Easter Sunday of the Gregorian calendar (Meeus, Jones, Butcher).
fn easter(year: i32) -> Option<NaiveDate> {
    let a = year % 19;
    let (b, c) = (year / 100, year % 100);
    let (d, e) = (b / 4, b % 4);
    let g = (8 * b + 13) / 25;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let sum = h + l - 7 * m + 114;
    NaiveDate::from_ymd_opt(year, u32::try_from(sum / 31).ok()?, u32::try_from(sum % 31 + 1).ok()?)
}

#[cfg(test)]
mod tests {
    use super::{super::packs::PACK, *};

    /// Dates of 2026 and 2027 as calendars print them.
    #[test]
    fn holidays_fall_where_calendars_say() {
        for (list, date, name) in [
            ("us-federal", "2026-01-01", "New Year's Day"),
            ("us-federal", "2026-01-19", "Martin Luther King Jr. Day"),
            ("us-federal", "2026-02-16", "Washington's Birthday"),
            ("us-federal", "2026-05-25", "Memorial Day"),
            ("us-federal", "2026-06-19", "Juneteenth"),
            // A Saturday: the Friday before as well.
            ("us-federal", "2026-07-03", "Independence Day"),
            ("us-federal", "2026-07-04", "Independence Day"),
            ("us-federal", "2026-09-07", "Labor Day"),
            ("us-federal", "2026-10-12", "Columbus Day"),
            ("us-federal", "2026-11-11", "Veterans Day"),
            ("us-federal", "2026-11-26", "Thanksgiving Day"),
            ("us-federal", "2026-12-25", "Christmas Day"),
            // A Sunday: the Monday after as well.
            ("us-federal", "2027-07-05", "Independence Day"),
            // The first of January 2028 is a Saturday.
            ("us-federal", "2027-12-31", "New Year's Day"),
            ("us-la", "2026-02-17", "Mardi Gras"),
            ("us-la", "2026-04-03", "Good Friday"),
            ("us-la", "2027-03-26", "Good Friday"),
            ("us-la", "2026-11-03", "Election Day"),
            ("us-la", "2026-11-27", "Acadian Day"),
            ("us-al", "2026-04-27", "Confederate Memorial Day"),
            ("us-al", "2026-06-01", "Jefferson Davis' Birthday"),
            ("us-pa", "2027-11-02", "Election Day"),
            ("us-pa", "2026-06-14", "Flag Day"),
            ("us-ri", "2026-08-10", "Victory Day"),
            ("us-ut", "2026-07-24", "Pioneer Day"),
        ] {
            let date: NaiveDate = date.parse().expect(date);
            assert_eq!(PACK.holiday_list(list).expect(list).name_of(date), Some(name), "{date}");
        }
        for (list, date) in [
            ("us-federal", "2026-04-03"),
            ("us-federal", "2026-11-03"),
            ("us-federal", "2026-11-27"),
            ("us-federal", "2026-01-12"),
            ("us-federal", "2026-05-18"),
            ("us-la", "2027-11-02"),
            ("us-la", "2026-08-31"),
            ("us-ri", "2026-08-03"),
        ] {
            let date: NaiveDate = date.parse().expect(date);
            assert_eq!(PACK.holiday_list(list).expect(list).name_of(date), None, "{list} {date}");
        }
    }

    #[test]
    fn easter_falls_where_calendars_say() {
        for date in ["2024-03-31", "2025-04-20", "2026-04-05", "2027-03-28", "2028-04-16", "2030-04-21", "2038-04-25"] {
            let date: NaiveDate = date.parse().expect(date);
            assert_eq!(easter(date.year()), Some(date));
        }
    }
}
