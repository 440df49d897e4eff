//! From hours on a wall clock to stretches of time, across daylight saving, and where stretches meet.
//!
//! `platform::clock::resolve_local` finds one instant for one reading, as an appointment needs it. Here every instant counts at which the
//! clock on the wall stands within the hours, also the second time it does in autumn, and none at which it does not. So the time asked about
//! is cut where the zone's offset changes, and within a piece the wall clock is plain addition.

use chrono::{DateTime, Days, Duration, NaiveDate, NaiveDateTime, Offset, TimeZone, Utc};
use chrono_tz::Tz;

use super::model::WallTime;

/// From `0` up to, not including, `1`.
pub(super) type Span = (DateTime<Utc>, DateTime<Utc>);

fn offset(zone: Tz, at: DateTime<Utc>) -> Duration {
    Duration::seconds(zone.offset_from_utc_datetime(&at.naive_utc()).fix().local_minus_utc().into())
}

/// `from`..`to` cut at each change of the zone's offset.
fn pieces(zone: Tz, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<(DateTime<Utc>, DateTime<Utc>, Duration)> {
    let mut pieces = Vec::new();
    let (mut start, mut at) = (from, from);
    while at < to {
        let (current, next) = (offset(zone, at), (at + Duration::days(1)).min(to));
        if offset(zone, next) == current {
            at = next;
            continue;
        }
        // The first second of the new offset.
        let (mut before, mut after) = (at, next);
        while after - before > Duration::seconds(1) {
            let middle = before + Duration::seconds((after - before).num_seconds() / 2);
            if offset(zone, middle) == current { before = middle } else { after = middle }
        }
        let change = DateTime::from_timestamp(after.timestamp(), 0).unwrap_or(after);
        pieces.push((start, change, current));
        (start, at) = (change, change);
    }
    pieces.push((start, to, offset(zone, start)));
    pieces
}

/// The instants of `from`..`to` at which the clock in `zone` shows a time within the hours of its day, in order and merged.
pub(super) fn open_spans(
    zone: Tz,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    hours: impl Fn(NaiveDate) -> Vec<(WallTime, WallTime)>,
) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    for (start, end, offset) in pieces(zone, from, to) {
        let local = |at: DateTime<Utc>| (at + offset).naive_utc();
        let mut date = local(start).date();
        while date <= local(end).date() {
            for (opens, closes) in hours(date) {
                let instant = |time: WallTime| reading(date, time).and_utc() - offset;
                let (opens, closes) = (instant(opens).max(start), instant(closes).min(end));
                if opens < closes {
                    spans.push((opens, closes));
                }
            }
            let Some(next) = date.checked_add_days(Days::new(1)) else { break };
            date = next;
        }
    }
    merged(spans)
}

fn reading(date: NaiveDate, time: WallTime) -> NaiveDateTime {
    date.and_time(chrono::NaiveTime::MIN) + Duration::minutes(time.minutes().into())
}

/// In order, with those joined that touch.
fn merged(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort();
    let mut merged: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match merged.last_mut() {
            Some(last) if span.0 <= last.1 => last.1 = last.1.max(span.1),
            _ => merged.push(span),
        }
    }
    merged
}

/// What lies in both; each list is in order and merged.
pub(super) fn intersection(a: &[Span], b: &[Span]) -> Vec<Span> {
    let (mut left, mut right, mut both) = (a.iter().peekable(), b.iter().peekable(), Vec::new());
    while let (Some(x), Some(y)) = (left.peek(), right.peek()) {
        let span = (x.0.max(y.0), x.1.min(y.1));
        if span.0 < span.1 {
            both.push(span);
        }
        if x.1 <= y.1 {
            left.next();
        } else {
            right.next();
        }
    }
    both
}

#[cfg(test)]
mod tests {
    use chrono_tz::America::{Havana, New_York};
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect(text)
    }

    fn spans(zone: Tz, from: &str, to: &str, hours: &[(&str, &str)]) -> Vec<String> {
        let time = |text: &str| WallTime::parse(text).expect(text);
        let hours: Vec<_> = hours.iter().map(|(a, b)| (time(a), time(b))).collect();
        let shown = |t: DateTime<Utc>| t.format("%d %H:%M").to_string();
        open_spans(zone, at(from), at(to), |_| hours.clone())
            .into_iter()
            .map(|(a, b)| format!("{} - {}", shown(a), shown(b)))
            .collect()
    }

    #[test]
    fn days_of_twenty_three_and_of_twenty_five_hours() {
        // 2026-03-08, 2:00 EST becomes 3:00 EDT; 2026-11-01, 2:00 EDT becomes 1:00 EST.
        let day = [("09:00", "20:00")];
        assert_eq!(
            spans(New_York, "2026-03-07T12:00:00Z", "2026-03-09T12:00:00Z", &day),
            ["07 14:00 - 08 01:00", "08 13:00 - 09 00:00"]
        );
        assert_eq!(
            spans(New_York, "2026-10-31T12:00:00Z", "2026-11-02T12:00:00Z", &day),
            ["31 13:00 - 01 00:00", "01 14:00 - 02 01:00"]
        );
    }

    #[test]
    fn hours_within_the_change_itself() {
        // 2:30 does not occur on 8 March: what opens then is open from 3:00, what closes then has closed at 3:00.
        let from = ("2026-03-08T05:00:00Z", "2026-03-08T12:00:00Z");
        assert_eq!(spans(New_York, from.0, from.1, &[("02:30", "05:00")]), ["08 07:00 - 08 09:00"]);
        assert_eq!(spans(New_York, from.0, from.1, &[("01:00", "02:30")]), ["08 06:00 - 08 07:00"]);
        assert_eq!(spans(New_York, from.0, from.1, &[("02:10", "02:50")]), [""; 0]);
        // 1:15 to 1:45 occurs twice on 1 November, and what lies between is closed.
        let from = ("2026-11-01T04:00:00Z", "2026-11-01T12:00:00Z");
        assert_eq!(
            spans(New_York, from.0, from.1, &[("01:15", "01:45")]),
            ["01 05:15 - 01 05:45", "01 06:15 - 01 06:45"]
        );
        assert_eq!(
            spans(New_York, from.0, from.1, &[("01:30", "04:00")]),
            ["01 05:30 - 01 06:00", "01 06:30 - 01 09:00"]
        );
        // All day is all day, also where midnight is skipped (8 March) or comes twice (1 November).
        for (from, to) in
            [("2026-03-07T00:00:00Z", "2026-03-10T00:00:00Z"), ("2026-10-31T00:00:00Z", "2026-11-03T00:00:00Z")]
        {
            assert_eq!(spans(Havana, from, to, &[("00:00", "24:00")]).len(), 1, "{from}");
        }
    }

    proptest! {
        /// Against the definition: an instant is in a span exactly if the wall clock stands within the hours.
        #[test]
        fn spans_hold_the_instants_whose_reading_is_within(
            day in 0i64..730, minute in 0i64..(5 * 1440), from in 0u16..1440, length in 1u16..1440, zone in 0usize..6,
        ) {
            let zone: Tz = ["America/New_York", "America/Phoenix", "Australia/Lord_Howe", "America/St_Johns", "Asia/Kathmandu", "Pacific/Chatham"]
                [zone].parse().expect("zone");
            let (opens, closes) = (from, (from + length).min(1440));
            let time = |minutes: u16| WallTime::parse(&format!("{:02}:{:02}", minutes / 60, minutes % 60)).expect("a time");
            let start = at("2026-01-01T00:00:00Z") + Duration::days(day);
            let asked = start + Duration::minutes(minute);
            let spans = open_spans(zone, start, start + Duration::days(5), |_| vec![(time(opens), time(closes))]);
            let shown = asked.with_timezone(&zone).naive_local();
            let shown = u16::try_from((shown - shown.date().and_time(chrono::NaiveTime::MIN)).num_minutes()).expect("minutes of a day");
            let within = (opens..closes).contains(&shown);
            prop_assert_eq!(spans.iter().any(|(a, b)| *a <= asked && asked < *b), within, "{} shows {}", asked, shown);
        }

        #[test]
        fn an_intersection_holds_what_both_hold(a in proptest::collection::vec((0i64..500, 1i64..60), 0..8),
                                               b in proptest::collection::vec((0i64..500, 1i64..60), 0..8), t in 0i64..600) {
            let zero = at("2026-01-01T00:00:00Z");
            let spans = |of: &[(i64, i64)]| merged(of.iter().map(|(s, l)| (zero + Duration::minutes(*s), zero + Duration::minutes(s + l))).collect());
            let (a, b, t) = (spans(&a), spans(&b), zero + Duration::minutes(t));
            let holds = |spans: &[Span]| spans.iter().any(|(x, y)| *x <= t && t < *y);
            prop_assert_eq!(holds(&intersection(&a, &b)), holds(&a) && holds(&b));
        }
    }
}
