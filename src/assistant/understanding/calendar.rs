//! Calendar arithmetic on the local wall clock: periods and nth weekdays.  `holidays` has the days with a name.
//! No text is read here.

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};

/// The date `days` after `date` (before it when negative); `date` itself where the calendar ends.
pub(super) fn plus_days(date: NaiveDate, days: i64) -> NaiveDate {
    let steps = Days::new(days.unsigned_abs());
    if days >= 0 { date.checked_add_days(steps) } else { date.checked_sub_days(steps) }.unwrap_or(date)
}

/// The same day `months` later (earlier when negative), clamped to the end of a shorter month.
pub(super) fn plus_months(date: NaiveDate, months: i64) -> NaiveDate {
    let steps = Months::new(u32::try_from(months.unsigned_abs()).unwrap_or(0));
    if months >= 0 { date.checked_add_months(steps) } else { date.checked_sub_months(steps) }.unwrap_or(date)
}

/// The date `days` working days (Monday to Friday) after `date`, or before it when negative.
pub(super) fn plus_workdays(date: NaiveDate, days: i64) -> NaiveDate {
    let step = days.signum();
    (0..days.abs()).fold(date, |date, _| {
        let next = plus_days(date, step);
        (0..2).fold(next, |next, _| {
            let weekend = matches!(next.weekday(), Weekday::Sat | Weekday::Sun);
            if weekend { plus_days(next, step) } else { next }
        })
    })
}

/// Monday of the week that holds `date`.
pub(super) fn week_start(date: NaiveDate) -> NaiveDate {
    plus_days(date, -i64::from(date.weekday().num_days_from_monday()))
}

pub(super) fn month_start(date: NaiveDate) -> NaiveDate {
    date.with_day(1).unwrap_or(date)
}

pub(super) fn next_month_start(date: NaiveDate) -> NaiveDate {
    plus_months(month_start(date), 1)
}

/// The first `weekday` on or after `date`.
pub(super) fn on_or_after(date: NaiveDate, weekday: Weekday) -> NaiveDate {
    let ahead = (7 + weekday.num_days_from_monday() - date.weekday().num_days_from_monday()) % 7;
    plus_days(date, i64::from(ahead))
}

/// The `n`th `weekday` (1 is the first, 0 the last) of the month that starts on `first`.
pub(super) fn nth_weekday(first: NaiveDate, n: u32, weekday: Weekday) -> Option<NaiveDate> {
    if n == 0 {
        let last = plus_days(next_month_start(first), -7);
        return Some(on_or_after(last, weekday));
    }
    let date = plus_days(on_or_after(month_start(first), weekday), 7 * i64::from(n - 1));
    (date.month() == first.month()).then_some(date)
}

/// The next `month`/`day` on or after `from`; looks far enough ahead for 29 February.
pub(super) fn next_month_day(from: NaiveDate, month: u32, day: u32) -> Option<NaiveDate> {
    (from.year()..=from.year() + 8)
        .filter_map(|year| NaiveDate::from_ymd_opt(year, month, day))
        .find(|date| *date >= from)
}

/// The next date on or after `from` whose day of the month is `day` and, where given, whose weekday is `weekday`.
pub(super) fn next_day_of_month(from: NaiveDate, day: u32, weekday: Option<Weekday>) -> Option<NaiveDate> {
    (0..=36)
        .filter_map(|ahead| plus_months(month_start(from), ahead).with_day(day))
        .find(|date| *date >= from && weekday.is_none_or(|wanted| date.weekday() == wanted))
}

/// A kind of stretch the calendar divides into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Grain {
    Weekend,
    Week,
    Month,
    Quarter,
    /// Meteorological: whole months, spring from 1 March.
    Season,
    Year,
}

/// One such stretch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Period {
    pub(super) grain: Grain,
    pub(super) from: NaiveDate,
    /// The day after the last.
    pub(super) until: NaiveDate,
}

impl Period {
    /// The stretch that holds `date`; of weekends, the one of its week.
    pub(super) fn around(grain: Grain, date: NaiveDate) -> Self {
        let months_in = |start_month: u32| i64::from((date.month() + 12 - start_month) % 3);
        let from = match grain {
            Grain::Weekend => plus_days(week_start(date), 5),
            Grain::Week => week_start(date),
            Grain::Month => month_start(date),
            Grain::Quarter => plus_months(month_start(date), -months_in(1)),
            Grain::Season => plus_months(month_start(date), -months_in(3)),
            Grain::Year => plus_months(month_start(date), -i64::from(date.month0())),
        };
        Self::starting(grain, from)
    }

    /// The stretch whose first day is `from`.
    pub(super) fn starting(grain: Grain, from: NaiveDate) -> Self {
        let until = match grain {
            Grain::Weekend => plus_days(from, 2),
            Grain::Week => plus_days(from, 7),
            Grain::Month => plus_months(from, 1),
            Grain::Quarter | Grain::Season => plus_months(from, 3),
            Grain::Year => plus_months(from, 12),
        };
        Self { grain, from, until }
    }

    /// `count` stretches later, earlier when negative.
    pub(super) fn shifted(self, count: i64) -> Self {
        let from = match self.grain {
            Grain::Weekend | Grain::Week => plus_days(self.from, 7 * count),
            Grain::Month => plus_months(self.from, count),
            Grain::Quarter | Grain::Season => plus_months(self.from, 3 * count),
            Grain::Year => plus_months(self.from, 12 * count),
        };
        Self::starting(self.grain, from)
    }

    /// The first such stretch that begins after `date`, or the last that is over by then.
    pub(super) fn beside(grain: Grain, date: NaiveDate, after: bool) -> Self {
        let around = Self::around(grain, date);
        match after {
            true if around.from > date => around,
            true => around.shifted(1),
            false => around.shifted(-1),
        }
    }

    pub(super) fn days(self) -> i64 {
        (self.until - self.from).num_days()
    }

    pub(super) fn holds(self, date: NaiveDate) -> bool {
        self.from <= date && date < self.until
    }
}
