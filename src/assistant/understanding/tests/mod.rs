//! Tests of the understanding: tables of texts with what they must mean, and properties over generated ones.

mod choices;
mod combined;
mod dates;
mod intents;
mod lookalikes;
mod opt_outs;
mod properties;
mod questions;
mod spanish;
mod tellings;
mod training;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeZone};
use chrono_tz::Tz;

use super::{Context, When, understand};

pub(super) const ZONE: Tz = chrono_tz::America::Chicago;

/// A Tuesday: 2026-09-15, 10:20 in Chicago.
pub(super) fn tuesday() -> DateTime<Tz> {
    at("2026-09-15T10:20")
}

pub(super) fn at(local: &str) -> DateTime<Tz> {
    let local = NaiveDateTime::parse_from_str(local, "%Y-%m-%dT%H:%M").expect("a local date and time");
    ZONE.from_local_datetime(&local).earliest().expect("a time that exists")
}

pub(super) fn context() -> Context<'static> {
    Context::at(tuesday())
}

/// A reading in one line: "date 2026-09-16", "time 15:00", "range 2026-09-16T12:00..17:00".
pub(super) fn short(when: Option<&When>) -> String {
    let date = |date: &Option<NaiveDate>| date.map_or(String::new(), |date| date.to_string());
    let time = |time: &Option<NaiveTime>| time.map_or(String::new(), |time| time.format("%H:%M").to_string());
    let moment = |at: &Option<NaiveDateTime>| at.map_or(String::new(), |at| at.format("%Y-%m-%dT%H:%M").to_string());
    match when {
        None => "nothing".to_owned(),
        Some(When::Date { date, .. }) => date.to_string(),
        Some(When::Time { time, .. }) => time.format("%H:%M").to_string(),
        Some(When::DateTime { at, .. }) => at.format("%Y-%m-%dT%H:%M").to_string(),
        Some(When::DateRange { from, until, .. }) => format!("{}..{}", date(from), date(until)),
        Some(When::TimeRange { from, until, .. }) => format!("{}..{}", time(from), time(until)),
        Some(When::DateTimeRange { from, until, .. }) => format!("{}..{}", moment(from), moment(until)),
    }
}

/// Every text read as wanted, in the notation of `short`.
pub(super) fn check(cases: &[(&str, &str)], ctx: &Context<'_>) {
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|(text, wanted)| {
            let got = short(understand(text, ctx).when.as_ref());
            (got != *wanted).then(|| format!("{text:?}: wanted {wanted}, got {got}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
