//! Which time figures are of, and the pieces it is cut into. Days begin and end on the organization's clock, also where it changes. Pure.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::platform::clock::resolve_local;

/// How long each piece of a series is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum By {
    Hour,
    #[default]
    Day,
    /// From Monday; the first and the last one may be cut short.
    Week,
}

/// The most days that are shown by the hour, and at all.
pub(super) const MOST_BY_HOUR: i64 = 31;
pub(super) const MOST_DAYS: i64 = 400;

/// One piece of a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub starts_at: DateTime<Utc>,
    pub date: NaiveDate,
}

/// Days `from` to `to`, both included, and as many before them to compare with.
#[derive(Clone, Debug)]
pub(super) struct Span {
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub by: By,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    pub before_from: NaiveDate,
    pub before_to: NaiveDate,
    pub before_starts_at: DateTime<Utc>,
    /// As far into the days before as `now` is into these, so that like is compared with like.
    pub before_ends_at: DateTime<Utc>,
    /// In order, without gaps.
    pub pieces: Vec<Piece>,
}

fn midnight(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    resolve_local(zone, day.and_time(NaiveTime::MIN))
}

impl Span {
    /// None: the days are in the wrong order, too many, or nowhere near today.
    pub fn new(from: NaiveDate, to: NaiveDate, by: By, zone: Tz, now: DateTime<Utc>) -> Option<Self> {
        let length = (to - from).num_days() + 1;
        let most = if by == By::Hour { MOST_BY_HOUR } else { MOST_DAYS };
        if !(1..=most).contains(&length) || from.year() < 2000 || to.year() > 2200 {
            return None;
        }
        let days = Days::new(length.unsigned_abs());
        let (starts_at, ends_at) = (midnight(from, zone), midnight(to.checked_add_days(Days::new(1))?, zone));
        let before_from = from.checked_sub_days(days)?;
        let before_ends_at = if now < starts_at || now >= ends_at {
            starts_at
        } else {
            resolve_local(zone, now.with_timezone(&zone).naive_local().checked_sub_days(days)?).min(starts_at)
        };
        let pieces = match by {
            By::Hour => hours(starts_at, ends_at, zone),
            By::Day => from.iter_days().take_while(|d| *d <= to).map(|d| piece(d, zone)).collect(),
            By::Week => from
                .iter_days()
                .take_while(|d| *d <= to)
                .filter(|d| *d == from || d.weekday() == chrono::Weekday::Mon)
                .map(|d| piece(d, zone))
                .collect(),
        };
        Some(Self {
            from,
            to,
            by,
            starts_at,
            ends_at,
            before_from,
            before_to: from.pred_opt()?,
            before_starts_at: midnight(before_from, zone),
            before_ends_at,
            pieces,
        })
    }
}

fn piece(date: NaiveDate, zone: Tz) -> Piece {
    Piece { starts_at: midnight(date, zone), date }
}

fn hours(from: DateTime<Utc>, until: DateTime<Utc>, zone: Tz) -> Vec<Piece> {
    std::iter::successors(Some(from), |at| at.checked_add_signed(TimeDelta::hours(1)))
        .take_while(|at| *at < until)
        .map(|at| Piece { starts_at: at, date: at.with_timezone(&zone).date_naive() })
        .collect()
}

#[cfg(test)]
mod tests {
    use chrono_tz::America::New_York;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("day")
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("instant")
    }

    #[test]
    fn days_are_as_long_as_the_clock_makes_them() {
        let now = at("2026-12-01T00:00:00Z");
        // Clocks went back on 2026-11-01: twenty-five hours.
        let span = Span::new(day("2026-10-31"), day("2026-11-02"), By::Day, New_York, now).expect("span");
        let starts: Vec<_> = span.pieces.iter().map(|p| p.starts_at).collect();
        assert_eq!(starts, [at("2026-10-31T04:00:00Z"), at("2026-11-01T04:00:00Z"), at("2026-11-02T05:00:00Z")]);
        assert_eq!(span.ends_at, at("2026-11-03T05:00:00Z"));
        let hours = Span::new(day("2026-11-01"), day("2026-11-01"), By::Hour, New_York, now).expect("span").pieces;
        assert_eq!((hours.len(), hours[24].starts_at), (25, at("2026-11-02T04:00:00Z")));
        let spring = Span::new(day("2026-03-08"), day("2026-03-08"), By::Hour, New_York, now).expect("span");
        assert_eq!(spring.pieces.len(), 23);
    }

    #[test]
    fn weeks_begin_on_monday_and_at_the_start() {
        let span = Span::new(day("2026-11-05"), day("2026-11-18"), By::Week, New_York, at("2026-12-01T00:00:00Z"));
        let dates: Vec<_> = span.expect("span").pieces.iter().map(|p| p.date).collect();
        assert_eq!(dates, [day("2026-11-05"), day("2026-11-09"), day("2026-11-16")]);
    }

    #[test]
    fn a_span_that_is_not_over_is_compared_with_as_much_of_the_one_before() {
        // Saturday noon in New York, two days of three.
        let span = Span::new(day("2026-11-20"), day("2026-11-22"), By::Day, New_York, at("2026-11-21T17:00:00Z"))
            .expect("span");
        assert_eq!((span.before_from, span.before_to), (day("2026-11-17"), day("2026-11-19")));
        assert_eq!(span.before_starts_at, at("2026-11-17T05:00:00Z"));
        assert_eq!(span.before_ends_at, at("2026-11-18T17:00:00Z"));
        let over = Span::new(day("2026-11-20"), day("2026-11-22"), By::Day, New_York, at("2026-11-23T05:00:00Z"));
        assert_eq!(over.expect("span").before_ends_at, at("2026-11-20T05:00:00Z"));
    }

    #[test]
    fn what_is_no_span() {
        let of = |from: &str, to: &str, by| Span::new(day(from), day(to), by, New_York, at("2026-11-21T17:00:00Z"));
        assert!(of("2026-11-21", "2026-11-20", By::Day).is_none());
        assert!(of("2026-01-01", "2027-02-04", By::Day).is_some());
        assert!(of("2026-01-01", "2027-02-05", By::Day).is_none());
        assert!(of("2026-10-01", "2026-11-01", By::Hour).is_none());
        assert!(of("1999-12-31", "2000-01-01", By::Day).is_none());
        assert!(of("-262143-01-01", "+262142-12-31", By::Week).is_none());
    }
}
