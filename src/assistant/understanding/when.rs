//! `When`: what a text says about time, on the business's wall clock.  Values only; reading happens in `moments`.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, Timelike};

use super::calendar::plus_days;

/// A date, a time of day, or a range of either, as said.  Range ends are exclusive; `None` leaves a side open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum When {
    Date {
        date: NaiveDate,
        note: Note,
    },
    Time {
        time: NaiveTime,
        note: Note,
    },
    DateTime {
        at: NaiveDateTime,
        note: Note,
    },
    DateRange {
        from: Option<NaiveDate>,
        until: Option<NaiveDate>,
        note: Note,
    },
    /// A window of the day.  `until` before `from` runs past midnight; 00:00 as `until` is the end of the day.
    TimeRange {
        from: Option<NaiveTime>,
        until: Option<NaiveTime>,
        note: Note,
    },
    DateTimeRange {
        from: Option<NaiveDateTime>,
        until: Option<NaiveDateTime>,
        note: Note,
    },
}

/// How a reading came about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Note {
    /// The words it was read from, as written.
    pub said: String,
    /// The part of day named, when the window stands for one ("thursday afternoon").
    pub part: Option<PartOfDay>,
    /// What was filled in although the text did not say it.
    pub inferred: Inferred,
}

/// What a reading assumes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Inferred {
    /// "3" was taken as 15:00 without am or pm being said.
    pub meridiem: bool,
    /// The year is the next one in which the date occurs.
    pub year: bool,
    /// The month is the next one that has the day ("the 15th").
    pub month: bool,
    /// The bounds are a convention ("early next week", "around lunch").
    pub vague: bool,
    /// It counts from what was settled earlier ("an hour later").
    pub from_dialogue: bool,
}

impl Inferred {
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            meridiem: self.meridiem || other.meridiem,
            year: self.year || other.year,
            month: self.month || other.month,
            vague: self.vague || other.vague,
            from_dialogue: self.from_dialogue || other.from_dialogue,
        }
    }
}

/// The parts of a day people name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PartOfDay {
    Morning,
    Lunch,
    Afternoon,
    LateDay,
    Evening,
    Night,
}

impl PartOfDay {
    /// The window in minutes after midnight, end exclusive; 1440 is the end of the day.
    pub const fn minutes(self) -> (u32, u32) {
        match self {
            Self::Morning => (8 * 60, 12 * 60),
            Self::Lunch => (11 * 60 + 30, 13 * 60 + 30),
            Self::Afternoon => (12 * 60, 17 * 60),
            Self::LateDay => (15 * 60, 18 * 60),
            Self::Evening => (17 * 60, 20 * 60),
            Self::Night => (19 * 60, 24 * 60),
        }
    }
}

impl When {
    pub fn note(&self) -> &Note {
        match self {
            Self::Date { note, .. }
            | Self::Time { note, .. }
            | Self::DateTime { note, .. }
            | Self::DateRange { note, .. }
            | Self::TimeRange { note, .. }
            | Self::DateTimeRange { note, .. } => note,
        }
    }

    /// The words this was read from.
    pub fn said(&self) -> &str {
        &self.note().said
    }

    /// Whether it names a part of the day rather than clock times.
    pub fn is_part_of_day(&self) -> bool {
        self.note().part.is_some()
    }

    /// First day and day after the last; `None` where the text names no day at all.
    pub fn date_bounds(&self) -> Option<(Option<NaiveDate>, Option<NaiveDate>)> {
        let whole = |date: NaiveDate| (Some(date), Some(plus_days(date, 1)));
        match self {
            Self::Date { date, .. } => Some(whole(*date)),
            Self::DateTime { at, .. } => Some(whole(at.date())),
            Self::DateRange { from, until, .. } => Some((*from, *until)),
            Self::DateTimeRange { from, until, .. } => match (from, until) {
                // "Thursday after 3": open towards the evening of that one day.
                (Some(from), None) => Some(whole(from.date())),
                (from, until) => Some((from.map(|at| at.date()), until.map(day_after))),
            },
            Self::Time { .. } | Self::TimeRange { .. } => None,
        }
    }

    /// The window of the day, start and exclusive end; `None` where the text names no time of day.
    pub fn time_bounds(&self) -> Option<(Option<NaiveTime>, Option<NaiveTime>)> {
        match self {
            Self::Time { time, .. } => Some((Some(*time), Some(*time))),
            Self::DateTime { at, .. } => Some((Some(at.time()), Some(at.time()))),
            Self::TimeRange { from, until, .. } => Some((*from, *until)),
            Self::DateTimeRange { from, until, .. } => Some((from.map(|at| at.time()), until.map(|at| at.time()))),
            Self::Date { .. } | Self::DateRange { .. } => None,
        }
    }

    /// The single date this names, if it names exactly one.
    pub fn date(&self) -> Option<NaiveDate> {
        match self.date_bounds()? {
            (Some(from), Some(until)) if plus_days(from, 1) == until => Some(from),
            _ => None,
        }
    }

    /// The exact time of day, if one was said.
    pub fn time(&self) -> Option<NaiveTime> {
        match self {
            Self::Time { time, .. } => Some(*time),
            Self::DateTime { at, .. } => Some(at.time()),
            _ => None,
        }
    }
}

/// The exclusive end of the days touched by a window that ends at `end`.
fn day_after(end: NaiveDateTime) -> NaiveDate {
    if end.time().num_seconds_from_midnight() == 0 { end.date() } else { plus_days(end.date(), 1) }
}
