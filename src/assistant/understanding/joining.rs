//! Joining the day half and the time half of what was said into one `When`, and the arithmetic of windows.

use chrono::{Duration, NaiveDate, NaiveDateTime, NaiveTime, Timelike};

use super::calendar::plus_days;
use super::moments::{Clock, Half, Shade};
use super::when::{Note, PartOfDay, When};

/// The day half of an answer.
#[derive(Clone, Copy)]
pub(super) enum Day {
    One(NaiveDate),
    Many(Option<NaiveDate>, Option<NaiveDate>),
}

/// The time half of an answer, in minutes after midnight.
#[derive(Clone, Copy)]
pub(super) enum Hours {
    At(u32),
    Between(Option<u32>, Option<u32>),
    Part(PartOfDay, Shade),
}

/// Both ends of a window.  What one end says about am or pm holds for the other as far as the order allows.
pub(super) fn window_minutes(from: Clock, until: Clock, part: Option<PartOfDay>) -> (u32, u32) {
    match (from.half == Half::Open, until.half == Half::Open) {
        (true, false) => {
            let end = until.minutes(None);
            let early = Clock { half: Half::Am, ..from }.minutes(None);
            let late = Clock { half: Half::Pm, ..from }.minutes(None);
            let end_of_day = if end == 0 { 1440 } else { end };
            (if late < end_of_day { late } else { early }, end)
        }
        (_, true) => {
            let start = from.minutes(part);
            let early = Clock { half: Half::Am, ..until }.minutes(None);
            let late = Clock { half: Half::Pm, ..until }.minutes(None);
            (start, if early > start { early } else { late })
        }
        _ => (from.minutes(None), until.minutes(None)),
    }
}

pub(super) fn minutes_of(time: NaiveTime) -> u32 {
    time.hour() * 60 + time.minute()
}

pub(super) fn clock_time(minutes: u32) -> NaiveTime {
    NaiveTime::from_num_seconds_from_midnight_opt(minutes % 1440 * 60, 0).unwrap_or(NaiveTime::MIN)
}

/// `minutes` may be 1440, the end of the day.
pub(super) fn at_minutes(date: NaiveDate, minutes: u32) -> NaiveDateTime {
    let midnight = date.and_time(NaiveTime::MIN);
    midnight.checked_add_signed(Duration::minutes(i64::from(minutes))).unwrap_or(midnight)
}

pub(super) fn shaded(part: PartOfDay, shade: Shade) -> (u32, u32) {
    let (from, until) = part.minutes();
    let middle = u32::midpoint(from, until);
    match shade {
        Shade::Whole => (from, until),
        Shade::Early => (from, middle),
        Shade::Late => (middle, until),
        Shade::First => (from, from + 120),
    }
}

pub(super) fn dates(day: Day, note: Note) -> When {
    match day {
        Day::One(date) => When::Date { date, note },
        Day::Many(from, until) => When::DateRange { from, until, note },
    }
}

pub(super) fn times(hours: Hours, note: Note) -> When {
    match hours {
        Hours::At(minutes) => When::Time { time: clock_time(minutes), note },
        Hours::Between(from, until) => {
            When::TimeRange { from: from.map(clock_time), until: until.map(clock_time), note }
        }
        Hours::Part(part, shade) => {
            let (from, until) = shaded(part, shade);
            When::TimeRange { from: Some(clock_time(from)), until: Some(clock_time(until)), note }
        }
    }
}

pub(super) fn dates_and_times(day: Day, hours: Hours, note: Note) -> Option<When> {
    let day = match (day, hours) {
        // "by sunday at four"
        (Day::Many(None, Some(until)), Hours::At(_)) => Day::One(plus_days(until, -1)),
        _ => day,
    };
    let (first, last) = match day {
        Day::One(date) => {
            if let Hours::At(minutes) = hours {
                return Some(When::DateTime { at: at_minutes(date, minutes), note });
            }
            (Some(date), Some(date))
        }
        Day::Many(from, until) => (from, until.map(|until| plus_days(until, -1))),
    };
    let (from, until) = match hours {
        Hours::At(minutes) => (Some(minutes), Some(minutes)),
        Hours::Between(from, until) => (from, until),
        Hours::Part(part, shade) => {
            let (from, until) = shaded(part, shade);
            (Some(from), Some(until))
        }
    };
    // A window that ends before it starts runs past midnight.
    let until = match (from, until) {
        (Some(from), Some(until)) if until < from => Some(until + 1440),
        _ => until,
    };
    let start = first.map(|first| at_minutes(first, from.unwrap_or(0)));
    let end = until.and_then(|until| Some(at_minutes(last?, until)));
    (start.is_some() || end.is_some()).then_some(When::DateTimeRange { from: start, until: end, note })
}
