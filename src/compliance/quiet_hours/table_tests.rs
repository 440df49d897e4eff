//! The table of windows: each state of the data, both nights of daylight saving, split area codes. What is expected was written by hand
//! from the sources named in the data, not computed: if the code and this table disagree, one of them misreads the law.
//!
//! The house's own hours are turned off here, so that the laws speak alone (in the United States with the federal hours).

use chrono::{DateTime, Duration, Utc};

use super::{InForce, Outcome, Policy, Question, decide};
use crate::{
    compliance::{
        model::ConsentPurpose,
        places::{self, Places},
    },
    platform::{clock::Clock, ids::QuietHoursOverrideId, phone::PhoneNumber},
};

fn at(text: &str) -> DateTime<Utc> {
    format!("{text}Z").parse().unwrap_or_else(|_| panic!("{text}"))
}

fn places_of(area_code: &str) -> Places {
    places::of(&PhoneNumber::parse_e164(&format!("+1{area_code}5550101")).expect("number"), None, None)
}

fn laws_alone() -> Policy {
    let id = QuietHoursOverrideId::new(&Clock::manual(at("2026-01-01T00:00:00")));
    let off = InForce { id, windows: None, keep_holidays: true };
    Policy::new(["default-marketing", "default-other"].map(|rule| (rule.to_owned(), off.clone())), None)
}

/// "open", or the next opening; "never" within ten days.
fn marketing(places: &Places, now: DateTime<Utc>) -> String {
    let (deadline, policy) = (now + Duration::days(10), laws_alone());
    let purpose = ConsentPurpose::Marketing;
    let question = Question { places, purpose, now, deadline, answers_recent_text: false, policy: &policy };
    match decide(&question).outcome {
        Outcome::Open { .. } => "open".to_owned(),
        Outcome::Hold { until, .. } => until.format("%Y-%m-%dT%H:%M:%S").to_string(),
        Outcome::Never => "never".to_owned(),
    }
}

/// Area code, instant (UTC), what is expected: open, or the next opening (UTC).
type Row = (&'static str, &'static str, &'static str);

fn check(rows: &[Row]) {
    let wrong: Vec<String> = rows
        .iter()
        .filter_map(|(area_code, now, expected)| {
            let found = marketing(&places_of(area_code), at(now));
            (found != *expected).then(|| format!("{area_code} at {now}: expected {expected}, found {found}"))
        })
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// A June week without a holiday but Juneteenth (Friday the 19th): Wednesday 10 June 2026. Eastern is UTC-4, Central UTC-5, Mountain UTC-6,
/// Pacific UTC-7. For each state: the minute before it opens, the minute it opens, the last open minute, the minute it closes.
#[test]
fn a_weekday_in_june() {
    check(&[
        // Alabama, 8 am to 8 pm Central.
        ("205", "2026-06-10T12:59:00", "2026-06-10T13:00:00"),
        ("205", "2026-06-10T13:00:00", "open"),
        ("205", "2026-06-11T00:59:00", "open"),
        ("205", "2026-06-11T01:00:00", "2026-06-11T13:00:00"),
        // Connecticut, 9 am to 8 pm Eastern.
        ("203", "2026-06-10T12:59:00", "2026-06-10T13:00:00"),
        ("203", "2026-06-10T13:00:00", "open"),
        ("203", "2026-06-10T23:59:00", "open"),
        ("203", "2026-06-11T00:00:00", "2026-06-11T13:00:00"),
        // Florida (Miami), 8 am to 8 pm Eastern.
        ("305", "2026-06-10T11:59:00", "2026-06-10T12:00:00"),
        ("305", "2026-06-10T12:00:00", "open"),
        ("305", "2026-06-10T23:59:00", "open"),
        ("305", "2026-06-11T00:00:00", "2026-06-11T12:00:00"),
        // Illinois, 9 am to 9 pm Central.
        ("312", "2026-06-10T13:59:00", "2026-06-10T14:00:00"),
        ("312", "2026-06-10T14:00:00", "open"),
        ("312", "2026-06-11T01:59:00", "open"),
        ("312", "2026-06-11T02:00:00", "2026-06-11T14:00:00"),
        // Kentucky (Louisville), 10 am to 9 pm Eastern.
        ("502", "2026-06-10T13:59:00", "2026-06-10T14:00:00"),
        ("502", "2026-06-10T14:00:00", "open"),
        ("502", "2026-06-11T00:59:00", "open"),
        ("502", "2026-06-11T01:00:00", "2026-06-11T14:00:00"),
        // Louisiana, 8 am to 8 pm Central.
        ("504", "2026-06-10T12:59:00", "2026-06-10T13:00:00"),
        ("504", "2026-06-10T13:00:00", "open"),
        ("504", "2026-06-11T00:59:00", "open"),
        ("504", "2026-06-11T01:00:00", "2026-06-11T13:00:00"),
        // Massachusetts, 8 am to 8 pm Eastern.
        ("617", "2026-06-10T11:59:00", "2026-06-10T12:00:00"),
        ("617", "2026-06-10T23:59:00", "open"),
        ("617", "2026-06-11T00:00:00", "2026-06-11T12:00:00"),
        // Maryland, 8 am to 8 pm Eastern.
        ("410", "2026-06-10T11:59:00", "2026-06-10T12:00:00"),
        ("410", "2026-06-10T23:59:00", "open"),
        ("410", "2026-06-11T00:00:00", "2026-06-11T12:00:00"),
        // Michigan (Detroit), 9 am to 9 pm Eastern.
        ("313", "2026-06-10T12:59:00", "2026-06-10T13:00:00"),
        ("313", "2026-06-11T00:59:00", "open"),
        ("313", "2026-06-11T01:00:00", "2026-06-11T13:00:00"),
        // Minnesota, 9 am to 9 pm Central.
        ("612", "2026-06-10T13:59:00", "2026-06-10T14:00:00"),
        ("612", "2026-06-11T01:59:00", "open"),
        ("612", "2026-06-11T02:00:00", "2026-06-11T14:00:00"),
        // Mississippi, 8 am to 8 pm Central.
        ("601", "2026-06-10T12:59:00", "2026-06-10T13:00:00"),
        ("601", "2026-06-11T00:59:00", "open"),
        ("601", "2026-06-11T01:00:00", "2026-06-11T13:00:00"),
        // New Jersey, 8 am to 8 pm Eastern.
        ("201", "2026-06-10T11:59:00", "2026-06-10T12:00:00"),
        ("201", "2026-06-10T23:59:00", "open"),
        ("201", "2026-06-11T00:00:00", "2026-06-11T12:00:00"),
        // New Mexico, 9 am to 9 pm Mountain.
        ("505", "2026-06-10T14:59:00", "2026-06-10T15:00:00"),
        ("505", "2026-06-11T02:59:00", "open"),
        ("505", "2026-06-11T03:00:00", "2026-06-11T15:00:00"),
        // Nevada (Las Vegas), 9 am to 8 pm Pacific.
        ("702", "2026-06-10T15:59:00", "2026-06-10T16:00:00"),
        ("702", "2026-06-11T02:59:00", "open"),
        ("702", "2026-06-11T03:00:00", "2026-06-11T16:00:00"),
        // Oklahoma, 8 am to 8 pm Central.
        ("405", "2026-06-10T12:59:00", "2026-06-10T13:00:00"),
        ("405", "2026-06-11T00:59:00", "open"),
        ("405", "2026-06-11T01:00:00", "2026-06-11T13:00:00"),
        // Oregon (Portland), 8 am to 8 pm Pacific.
        ("503", "2026-06-10T14:59:00", "2026-06-10T15:00:00"),
        ("503", "2026-06-11T02:59:00", "open"),
        ("503", "2026-06-11T03:00:00", "2026-06-11T15:00:00"),
        // Pennsylvania, 9 am to 8 pm Eastern (the strictest of its sources).
        ("215", "2026-06-10T12:59:00", "2026-06-10T13:00:00"),
        ("215", "2026-06-10T23:59:00", "open"),
        ("215", "2026-06-11T00:00:00", "2026-06-11T13:00:00"),
        // Rhode Island, 9 am to 6 pm Eastern.
        ("401", "2026-06-10T12:59:00", "2026-06-10T13:00:00"),
        ("401", "2026-06-10T21:59:00", "open"),
        ("401", "2026-06-10T22:00:00", "2026-06-11T13:00:00"),
        // Texas (Dallas), 9 am to 9 pm Central.
        ("214", "2026-06-10T13:59:00", "2026-06-10T14:00:00"),
        ("214", "2026-06-11T01:59:00", "open"),
        ("214", "2026-06-11T02:00:00", "2026-06-11T14:00:00"),
        // Texas (El Paso), the same hours an hour later: Mountain.
        ("915", "2026-06-10T14:59:00", "2026-06-10T15:00:00"),
        ("915", "2026-06-11T02:59:00", "open"),
        ("915", "2026-06-11T03:00:00", "2026-06-11T15:00:00"),
        // Utah, 8 am to 9 pm Mountain.
        ("801", "2026-06-10T13:59:00", "2026-06-10T14:00:00"),
        ("801", "2026-06-11T02:59:00", "open"),
        ("801", "2026-06-11T03:00:00", "2026-06-11T14:00:00"),
        // Virginia, 8 am to 9 pm Eastern.
        ("804", "2026-06-10T11:59:00", "2026-06-10T12:00:00"),
        ("804", "2026-06-11T00:59:00", "open"),
        ("804", "2026-06-11T01:00:00", "2026-06-11T12:00:00"),
        // Washington (Seattle), 8 am to 8 pm Pacific.
        ("206", "2026-06-10T14:59:00", "2026-06-10T15:00:00"),
        ("206", "2026-06-11T02:59:00", "open"),
        ("206", "2026-06-11T03:00:00", "2026-06-11T15:00:00"),
        // States without an entry keep the federal 8 am to 9 pm: New York, Colorado, California, Arizona (UTC-7 all year), Hawaii, Alaska (UTC-8
        // and, on the far Aleutians, UTC-9), Puerto Rico.
        ("212", "2026-06-10T11:59:00", "2026-06-10T12:00:00"),
        ("212", "2026-06-11T00:59:00", "open"),
        ("212", "2026-06-11T01:00:00", "2026-06-11T12:00:00"),
        ("303", "2026-06-10T13:59:00", "2026-06-10T14:00:00"),
        ("303", "2026-06-11T03:00:00", "2026-06-11T14:00:00"),
        ("415", "2026-06-10T14:59:00", "2026-06-10T15:00:00"),
        ("415", "2026-06-11T04:00:00", "2026-06-11T15:00:00"),
        ("602", "2026-06-10T14:59:00", "2026-06-10T15:00:00"),
        ("602", "2026-06-11T04:00:00", "2026-06-11T15:00:00"),
        ("808", "2026-06-10T17:59:00", "2026-06-10T18:00:00"),
        ("808", "2026-06-11T06:59:00", "open"),
        ("808", "2026-06-11T07:00:00", "2026-06-11T18:00:00"),
        ("907", "2026-06-10T16:59:00", "2026-06-10T17:00:00"),
        ("907", "2026-06-11T04:59:00", "open"),
        ("907", "2026-06-11T05:00:00", "2026-06-11T17:00:00"),
        ("787", "2026-06-10T11:59:00", "2026-06-10T12:00:00"),
        ("787", "2026-06-11T01:00:00", "2026-06-11T12:00:00"),
    ]);
}

/// Saturday 13 and Sunday 14 June 2026.
#[test]
fn a_weekend_in_june() {
    check(&[
        // No Sundays: Alabama, Louisiana, Mississippi (from Saturday 8 pm Central until Monday 8 am), Utah (Saturday 9 pm Mountain).
        ("205", "2026-06-14T00:59:00", "open"),
        ("205", "2026-06-14T01:00:00", "2026-06-15T13:00:00"),
        ("205", "2026-06-14T18:00:00", "2026-06-15T13:00:00"),
        ("504", "2026-06-14T01:00:00", "2026-06-15T13:00:00"),
        ("504", "2026-06-14T18:00:00", "2026-06-15T13:00:00"),
        ("601", "2026-06-14T01:00:00", "2026-06-15T13:00:00"),
        ("601", "2026-06-14T18:00:00", "2026-06-15T13:00:00"),
        ("801", "2026-06-14T02:59:00", "open"),
        ("801", "2026-06-14T03:00:00", "2026-06-15T14:00:00"),
        // Texas: Saturday until 9 pm Central, Sunday from noon.
        ("214", "2026-06-14T01:59:00", "open"),
        ("214", "2026-06-14T02:00:00", "2026-06-14T17:00:00"),
        ("214", "2026-06-14T16:59:00", "2026-06-14T17:00:00"),
        ("214", "2026-06-14T17:00:00", "open"),
        ("214", "2026-06-15T02:00:00", "2026-06-15T14:00:00"),
        // Rhode Island: weekends 10 am to 5 pm Eastern. Sunday 14 June is Flag Day, which is no holiday there.
        ("401", "2026-06-13T13:59:00", "2026-06-13T14:00:00"),
        ("401", "2026-06-13T20:59:00", "open"),
        ("401", "2026-06-13T21:00:00", "2026-06-14T14:00:00"),
        ("401", "2026-06-14T21:00:00", "2026-06-15T13:00:00"),
        // Pennsylvania: Saturdays until noon Eastern; Flag Day is a holiday there.
        ("215", "2026-06-13T15:59:00", "open"),
        ("215", "2026-06-13T16:00:00", "2026-06-15T13:00:00"),
        ("215", "2026-06-14T16:00:00", "2026-06-15T13:00:00"),
        // All days alike: Florida, Kentucky, Connecticut.
        ("305", "2026-06-14T12:00:00", "open"),
        ("502", "2026-06-14T13:59:00", "2026-06-14T14:00:00"),
        ("203", "2026-06-14T13:00:00", "open"),
    ]);
}

#[test]
fn holidays() {
    check(&[
        // Thanksgiving, Thursday 26 November 2026 (standard time).
        ("205", "2026-11-26T18:00:00", "2026-11-27T14:00:00"),
        // Louisiana has the Friday after it too, then Saturday.
        ("504", "2026-11-26T18:00:00", "2026-11-28T14:00:00"),
        ("601", "2026-11-26T18:00:00", "2026-11-27T14:00:00"),
        ("215", "2026-11-26T18:00:00", "2026-11-27T14:00:00"),
        ("401", "2026-11-26T18:00:00", "2026-11-27T14:00:00"),
        ("801", "2026-11-26T18:00:00", "2026-11-27T15:00:00"),
        ("305", "2026-11-26T18:00:00", "open"),
        ("214", "2026-11-26T18:00:00", "open"),
        // Independence Day 2026 is a Saturday: Friday the 3rd is observed, then comes the Sunday.
        ("205", "2026-07-03T16:00:00", "2026-07-06T13:00:00"),
        ("215", "2026-07-03T16:00:00", "2026-07-05T13:00:00"),
        ("801", "2026-07-03T18:00:00", "2026-07-06T14:00:00"),
        // Mardi Gras, Tuesday 17 February 2026: Alabama and Louisiana, not Mississippi.
        ("205", "2026-02-17T16:00:00", "2026-02-18T14:00:00"),
        ("504", "2026-02-17T16:00:00", "2026-02-18T14:00:00"),
        ("601", "2026-02-17T16:00:00", "open"),
        // Good Friday, 3 April 2026: Louisiana and Pennsylvania, not Alabama.
        ("504", "2026-04-03T16:00:00", "2026-04-04T13:00:00"),
        ("215", "2026-04-03T16:00:00", "2026-04-04T13:00:00"),
        ("205", "2026-04-03T16:00:00", "open"),
        // Pioneer Day, Friday 24 July 2026, in Utah alone.
        ("801", "2026-07-24T18:00:00", "2026-07-25T14:00:00"),
        ("702", "2026-07-24T18:00:00", "open"),
        // Victory Day, Monday 10 August 2026, in Rhode Island alone.
        ("401", "2026-08-10T16:00:00", "2026-08-11T13:00:00"),
        ("203", "2026-08-10T16:00:00", "open"),
    ]);
}

/// Sunday 8 March 2026: at 2 am clocks go to 3 am. Mornings after it come an hour earlier in UTC.
#[test]
fn the_night_of_spring() {
    check(&[
        // Saturday evening and Sunday morning: the night is eleven hours (8 pm to 8 am), not twelve.
        ("305", "2026-03-08T00:59:00", "open"),
        ("305", "2026-03-08T01:00:00", "2026-03-08T12:00:00"),
        ("305", "2026-03-08T11:59:00", "2026-03-08T12:00:00"),
        ("305", "2026-03-09T00:00:00", "2026-03-09T12:00:00"),
        ("206", "2026-03-08T04:00:00", "2026-03-08T15:00:00"),
        ("312", "2026-03-08T03:00:00", "2026-03-08T14:00:00"),
        ("502", "2026-03-08T02:00:00", "2026-03-08T14:00:00"),
        ("214", "2026-03-08T03:00:00", "2026-03-08T17:00:00"),
        ("203", "2026-03-08T01:00:00", "2026-03-08T13:00:00"),
        ("410", "2026-03-08T01:00:00", "2026-03-08T12:00:00"),
        ("617", "2026-03-08T01:00:00", "2026-03-08T12:00:00"),
        ("201", "2026-03-08T01:00:00", "2026-03-08T12:00:00"),
        ("804", "2026-03-08T02:00:00", "2026-03-08T12:00:00"),
        ("313", "2026-03-08T02:00:00", "2026-03-08T13:00:00"),
        ("612", "2026-03-08T03:00:00", "2026-03-08T14:00:00"),
        ("405", "2026-03-08T02:00:00", "2026-03-08T13:00:00"),
        ("505", "2026-03-08T04:00:00", "2026-03-08T15:00:00"),
        ("702", "2026-03-08T04:00:00", "2026-03-08T16:00:00"),
        ("503", "2026-03-08T04:00:00", "2026-03-08T15:00:00"),
        ("215", "2026-03-07T17:00:00", "2026-03-08T13:00:00"),
        ("401", "2026-03-07T22:00:00", "2026-03-08T14:00:00"),
        // No Sundays: over the whole day to Monday 8 am in summer time.
        ("205", "2026-03-08T02:00:00", "2026-03-09T13:00:00"),
        ("504", "2026-03-08T02:00:00", "2026-03-09T13:00:00"),
        ("601", "2026-03-08T02:00:00", "2026-03-09T13:00:00"),
        ("801", "2026-03-08T04:00:00", "2026-03-09T14:00:00"),
        // Places that keep their time: Arizona, Hawaii, Puerto Rico.
        ("602", "2026-03-08T04:00:00", "2026-03-08T15:00:00"),
        ("602", "2026-03-09T04:00:00", "2026-03-09T15:00:00"),
        ("808", "2026-03-08T07:00:00", "2026-03-08T18:00:00"),
        ("787", "2026-03-08T01:00:00", "2026-03-08T12:00:00"),
        // The federal hours in New York.
        ("212", "2026-03-08T02:00:00", "2026-03-08T12:00:00"),
        ("212", "2026-03-09T01:00:00", "2026-03-09T12:00:00"),
    ]);
}

/// Sunday 1 November 2026: at 2 am clocks go back to 1 am. It is All Saints' Day, a holiday of Louisiana, and Election Day follows on the 3rd.
#[test]
fn the_night_of_autumn() {
    check(&[
        // The night is thirteen hours (8 pm to 8 am).
        ("305", "2026-10-31T23:59:00", "open"),
        ("305", "2026-11-01T00:00:00", "2026-11-01T13:00:00"),
        ("305", "2026-11-01T12:59:00", "2026-11-01T13:00:00"),
        ("305", "2026-11-02T00:59:00", "open"),
        ("305", "2026-11-02T01:00:00", "2026-11-02T13:00:00"),
        ("206", "2026-11-01T03:00:00", "2026-11-01T16:00:00"),
        ("312", "2026-11-01T02:00:00", "2026-11-01T15:00:00"),
        ("502", "2026-11-01T01:00:00", "2026-11-01T15:00:00"),
        ("214", "2026-11-01T02:00:00", "2026-11-01T18:00:00"),
        ("203", "2026-11-01T00:00:00", "2026-11-01T14:00:00"),
        ("410", "2026-11-01T00:00:00", "2026-11-01T13:00:00"),
        ("617", "2026-11-01T00:00:00", "2026-11-01T13:00:00"),
        ("201", "2026-11-01T00:00:00", "2026-11-01T13:00:00"),
        ("804", "2026-11-01T01:00:00", "2026-11-01T13:00:00"),
        ("313", "2026-11-01T01:00:00", "2026-11-01T14:00:00"),
        ("612", "2026-11-01T02:00:00", "2026-11-01T15:00:00"),
        ("405", "2026-11-01T01:00:00", "2026-11-01T14:00:00"),
        ("505", "2026-11-01T03:00:00", "2026-11-01T16:00:00"),
        ("702", "2026-11-01T03:00:00", "2026-11-01T17:00:00"),
        ("503", "2026-11-01T03:00:00", "2026-11-01T16:00:00"),
        ("215", "2026-10-31T16:00:00", "2026-11-01T14:00:00"),
        ("401", "2026-10-31T21:00:00", "2026-11-01T15:00:00"),
        ("205", "2026-11-01T01:00:00", "2026-11-02T14:00:00"),
        ("504", "2026-11-01T01:00:00", "2026-11-02T14:00:00"),
        ("601", "2026-11-01T01:00:00", "2026-11-02T14:00:00"),
        ("801", "2026-11-01T03:00:00", "2026-11-02T15:00:00"),
        ("602", "2026-11-01T04:00:00", "2026-11-01T15:00:00"),
        ("808", "2026-11-01T07:00:00", "2026-11-01T18:00:00"),
        ("787", "2026-11-01T01:00:00", "2026-11-01T12:00:00"),
        ("212", "2026-11-01T01:00:00", "2026-11-01T13:00:00"),
        // Election Day 2026: Louisiana, Pennsylvania and Rhode Island are closed.
        ("504", "2026-11-03T17:00:00", "2026-11-04T14:00:00"),
        ("215", "2026-11-03T17:00:00", "2026-11-04T14:00:00"),
        ("401", "2026-11-03T17:00:00", "2026-11-04T14:00:00"),
        ("205", "2026-11-03T17:00:00", "open"),
    ]);
}

/// Area codes with two zones are open while both are; under the federal hours alone these are the windows that LiveVox publishes for them (11 am
/// to 11 pm Eastern for 208, 10 am to 10 pm for 308, 402, 531, 605, 701). Winter: Eastern UTC-5, Central UTC-6, Mountain UTC-7, Pacific UTC-8. Wednesday 14 January
/// 2026.
#[test]
fn split_area_codes() {
    check(&[
        // 850, western Florida: 8 am Central (14:00) to 8 pm Eastern (1:00).
        ("850", "2026-01-14T13:59:00", "2026-01-14T14:00:00"),
        ("850", "2026-01-14T14:00:00", "open"),
        ("850", "2026-01-15T00:59:00", "open"),
        ("850", "2026-01-15T01:00:00", "2026-01-15T14:00:00"),
        ("448", "2026-01-15T01:00:00", "2026-01-15T14:00:00"),
        // 208 and 986, Idaho, federal: 8 am Pacific (16:00) to 9 pm Mountain (4:00).
        ("208", "2026-01-14T15:59:00", "2026-01-14T16:00:00"),
        ("208", "2026-01-15T03:59:00", "open"),
        ("208", "2026-01-15T04:00:00", "2026-01-15T16:00:00"),
        ("986", "2026-01-15T04:00:00", "2026-01-15T16:00:00"),
        // 541 and 458, Oregon: 8 am Pacific (16:00) to 8 pm Mountain (3:00).
        ("541", "2026-01-14T15:59:00", "2026-01-14T16:00:00"),
        ("541", "2026-01-15T02:59:00", "open"),
        ("541", "2026-01-15T03:00:00", "2026-01-15T16:00:00"),
        ("458", "2026-01-15T03:00:00", "2026-01-15T16:00:00"),
        // Nebraska and the Dakotas, federal: 8 am Mountain (15:00) to 9 pm Central (3:00).
        ("308", "2026-01-14T14:59:00", "2026-01-14T15:00:00"),
        ("308", "2026-01-15T02:59:00", "open"),
        ("308", "2026-01-15T03:00:00", "2026-01-15T15:00:00"),
        ("402", "2026-01-15T03:00:00", "2026-01-15T15:00:00"),
        ("531", "2026-01-15T03:00:00", "2026-01-15T15:00:00"),
        ("605", "2026-01-15T03:00:00", "2026-01-15T15:00:00"),
        ("701", "2026-01-14T14:59:00", "2026-01-14T15:00:00"),
        ("701", "2026-01-15T03:00:00", "2026-01-15T15:00:00"),
        // Kansas, the same.
        ("620", "2026-01-15T03:00:00", "2026-01-15T15:00:00"),
        ("785", "2026-01-15T03:00:00", "2026-01-15T15:00:00"),
        // Indiana, federal: 8 am Central (14:00) to 9 pm Eastern (2:00).
        ("219", "2026-01-14T13:59:00", "2026-01-14T14:00:00"),
        ("219", "2026-01-15T01:59:00", "open"),
        ("219", "2026-01-15T02:00:00", "2026-01-15T14:00:00"),
        ("574", "2026-01-15T02:00:00", "2026-01-15T14:00:00"),
        ("812", "2026-01-15T02:00:00", "2026-01-15T14:00:00"),
        ("930", "2026-01-15T02:00:00", "2026-01-15T14:00:00"),
        // Kentucky: 10 am Central (16:00) to 9 pm Eastern (2:00).
        ("270", "2026-01-14T15:59:00", "2026-01-14T16:00:00"),
        ("270", "2026-01-15T01:59:00", "open"),
        ("270", "2026-01-15T02:00:00", "2026-01-15T16:00:00"),
        ("364", "2026-01-15T02:00:00", "2026-01-15T16:00:00"),
        ("606", "2026-01-15T02:00:00", "2026-01-15T16:00:00"),
        // Michigan's Upper Peninsula: 9 am Central (15:00) to 9 pm Eastern (2:00).
        ("906", "2026-01-14T14:59:00", "2026-01-14T15:00:00"),
        ("906", "2026-01-15T02:00:00", "2026-01-15T15:00:00"),
        // Tennessee, federal: 8 am Central (14:00) to 9 pm Eastern (2:00).
        ("423", "2026-01-15T02:00:00", "2026-01-15T14:00:00"),
        // Northern Nevada: 9 am Pacific (17:00) to 8 pm Mountain (3:00).
        ("775", "2026-01-14T16:59:00", "2026-01-14T17:00:00"),
        ("775", "2026-01-15T03:00:00", "2026-01-15T17:00:00"),
        // Northern Arizona, federal: in winter one clock (8 am 15:00, 9 pm 4:00), in summer the Navajo Nation is an hour ahead.
        ("928", "2026-01-14T14:59:00", "2026-01-14T15:00:00"),
        ("928", "2026-01-15T04:00:00", "2026-01-15T15:00:00"),
        ("928", "2026-06-10T14:59:00", "2026-06-10T15:00:00"),
        ("928", "2026-06-11T02:59:00", "open"),
        ("928", "2026-06-11T03:00:00", "2026-06-11T15:00:00"),
        // The night of spring: 8 pm Eastern on the 7th (1:00) until 8 am Central on the 8th (13:00).
        ("850", "2026-03-08T01:00:00", "2026-03-08T13:00:00"),
        // The night of autumn: 8 pm Eastern on the 31st (0:00) until 8 am Central on the 1st (14:00).
        ("850", "2026-11-01T00:00:00", "2026-11-01T14:00:00"),
    ]);
}

/// A state added to the data without rows here fails.
#[test]
fn every_state_of_the_data_is_in_the_table() {
    let text = include_str!("table_tests.rs");
    for rule in super::PACK.rules.iter().filter(|rule| rule.jurisdiction.starts_with("US-")) {
        let name = places::region_name(&rule.jurisdiction).expect("a state").replace(" State", "");
        let named = text.lines().filter(|line| line.trim_start().starts_with("//") && line.contains(&name)).count();
        assert!(named > 0, "{name} has no row");
    }
}

#[test]
fn mississippi_keeps_its_own_clock() {
    // Somebody from Jackson who lives in Los Angeles: Mississippi's hours are Central (13:00 to 1:00), the federal ones Pacific (15:00 to 4:00).
    let number = PhoneNumber::parse_e164("+16015550101").expect("number");
    let moved = places::of(&number, Some(chrono_tz::America::Los_Angeles), None);
    assert_eq!(marketing(&moved, at("2026-06-10T13:30:00")), "2026-06-10T15:00:00");
    assert_eq!(marketing(&moved, at("2026-06-11T00:59:00")), "open");
    assert_eq!(marketing(&moved, at("2026-06-11T01:00:00")), "2026-06-11T15:00:00");
}
