//! The clock of a doubtful opt-out: ten business days (47 CFR 64.1200(a)(10)). Pure. Business days are Monday to Friday without the
//! federal holidays of 5 U.S.C. 6103, on the day they are observed.

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc, Weekday};
use chrono_tz::Tz;

use crate::platform::clock::resolve_local;

const BUSINESS_DAYS: u32 = 10;

/// The moment by which a revocation received at `received` must be honoured: the same time of day, ten business days later.
pub fn review_due(received: DateTime<Utc>, tz: Tz) -> DateTime<Utc> {
    let local = received.with_timezone(&tz).naive_local();
    resolve_local(tz, business_days_after(local.date(), BUSINESS_DAYS).and_time(local.time()))
}

fn business_days_after(from: NaiveDate, count: u32) -> NaiveDate {
    let days = from.iter_days().skip(1).filter(|day| is_business_day(*day));
    days.take(count as usize).last().unwrap_or(from)
}

fn is_business_day(day: NaiveDate) -> bool {
    !is_weekend(day) && !is_federal_holiday(day)
}

fn is_weekend(day: NaiveDate) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

/// Whether the day is one on which a federal holiday is observed.
fn is_federal_holiday(day: NaiveDate) -> bool {
    let nth = |month, weekday, n| NaiveDate::from_weekday_of_month_opt(day.year(), month, weekday, n) == Some(day);
    let fixed = |month, date| {
        // New Year's Day may be observed on the last day of the year before.
        [day.year(), day.year() + 1]
            .into_iter()
            .filter_map(|year| NaiveDate::from_ymd_opt(year, month, date))
            .any(|holiday| observed(holiday) == day)
    };
    let last_monday_of_may = day.month() == 5 && day.weekday() == Weekday::Mon && day.day() > 24;
    fixed(1, 1)
        || nth(1, Weekday::Mon, 3)
        || nth(2, Weekday::Mon, 3)
        || last_monday_of_may
        || fixed(6, 19)
        || fixed(7, 4)
        || nth(9, Weekday::Mon, 1)
        || nth(10, Weekday::Mon, 2)
        || fixed(11, 11)
        || nth(11, Weekday::Thu, 4)
        || fixed(12, 25)
}

/// A holiday on a Saturday is observed on the Friday before, one on a Sunday on the Monday after.
fn observed(holiday: NaiveDate) -> NaiveDate {
    let moved = match holiday.weekday() {
        Weekday::Sat => holiday.checked_sub_days(Days::new(1)),
        Weekday::Sun => holiday.checked_add_days(Days::new(1)),
        _ => None,
    };
    moved.unwrap_or(holiday)
}

#[cfg(test)]
mod tests {
    use chrono_tz::America::New_York;
    use proptest::prelude::*;

    use super::*;

    fn due(received: &str) -> String {
        let received: DateTime<Utc> = received.parse().expect("time");
        review_due(received, New_York).with_timezone(&New_York).format("%a %F %H:%M").to_string()
    }

    #[test]
    fn weekends_and_holidays_do_not_count() {
        // A plain stretch: two weeks.
        assert_eq!(due("2026-03-16T15:00:00Z"), "Mon 2026-03-30 11:00");
        // Thanksgiving 2026 is on 26 November.
        assert_eq!(due("2026-11-21T15:00:00Z"), "Mon 2026-12-07 10:00");
        // Christmas, and New Year's Day.
        assert_eq!(due("2026-12-21T15:00:00Z"), "Wed 2027-01-06 10:00");
        // Juneteenth 2027 is a Saturday, observed on the Friday.
        assert_eq!(due("2027-06-14T14:00:00Z"), "Tue 2027-06-29 10:00");
    }

    #[test]
    fn the_wall_clock_stays_over_a_change_of_daylight_saving() {
        // Clocks go forward on 14 March 2027.
        assert_eq!(due("2027-03-08T15:00:00Z"), "Mon 2027-03-22 10:00");
    }

    #[test]
    fn holidays_are_on_their_observed_days() {
        let day = |text: &str| is_federal_holiday(text.parse().expect("date"));
        for holiday in [
            "2021-12-31",
            "2026-01-01",
            "2026-01-19",
            "2026-02-16",
            "2026-05-25",
            "2026-07-03",
            "2026-09-07",
            "2026-10-12",
        ] {
            assert!(day(holiday), "{holiday}");
        }
        for working in ["2026-07-06", "2026-12-24", "2027-06-21", "2026-11-27"] {
            assert!(!day(working), "{working}");
        }
    }

    proptest! {
        /// Never a weekend, never sooner than two weeks less the slack of none, never later than the longest run of holidays allows.
        #[test]
        fn a_due_day_is_a_business_day(seconds in 1_600_000_000i64..2_600_000_000) {
            let received = DateTime::from_timestamp(seconds, 0).expect("time");
            let due = review_due(received, New_York);
            prop_assert!(is_business_day(due.with_timezone(&New_York).date_naive()));
            let days = (due - received).num_days();
            prop_assert!((11..=19).contains(&days), "{} days", days);
        }
    }
}
