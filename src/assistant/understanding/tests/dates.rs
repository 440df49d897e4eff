//! What texts say about dates and times, read on Tuesday 2026-09-15 at 10:20 unless said otherwise.

use chrono::{NaiveDate, NaiveTime};

use super::super::{Asked, Context, understand};
use super::{check, context, short};

#[test]
fn days() {
    check(
        &[
            ("how about thursday", "2026-09-17"),
            ("tuesday", "2026-09-15"),
            ("next thurs", "2026-09-24"),
            ("thursday of next week pls", "2026-09-24"),
            ("the 22nd", "2026-09-22"),
            ("sept 9", "2027-09-09"),
            ("oct 3rd", "2026-10-03"),
            ("3 october 2027", "2027-10-03"),
            ("10/3", "2026-10-03"),
            ("10-23-26", "2026-10-23"),
            ("fri the 25th", "2026-09-25"),
            ("day after tmrw", "2026-09-17"),
            ("in 10 days", "2026-09-25"),
            ("two weeks from friday", "2026-10-02"),
            ("first monday of november", "2026-11-02"),
            ("last day of the month", "2026-09-30"),
            ("3 fridays from now", "2026-10-02"),
        ],
        &context(),
    );
}

#[test]
fn holidays() {
    check(
        &[
            ("thanksgiving", "2026-11-26"),
            ("xmas eve", "2026-12-24"),
            ("labor day", "2027-09-06"),
            ("memorial day", "2027-05-31"),
            ("mlk day", "2027-01-18"),
            ("easter", "2027-03-28"),
            ("the friday after thanksgiving", "2026-11-27"),
            ("two days before christmas", "2026-12-23"),
        ],
        &context(),
    );
}

#[test]
fn spans_of_days() {
    check(
        &[
            ("anything next week?", "2026-09-21..2026-09-28"),
            ("this wknd", "2026-09-19..2026-09-21"),
            ("late october", "2026-10-25..2026-11-01"),
            ("sometime in november", "2026-11-01..2026-12-01"),
            ("the week of oct 14", "2026-10-12..2026-10-19"),
            ("mon thru wed", "2026-09-21..2026-09-24"),
            ("oct 5 to 9", "2026-10-05..2026-10-10"),
            ("from the 5th to the 9th of october", "2026-10-05..2026-10-10"),
            ("next 4 days", "2026-09-16..2026-09-20"),
            ("after the 20th", "2026-09-21.."),
            ("before friday", "..2026-09-18"),
        ],
        &context(),
    );
}

#[test]
fn clock_times() {
    check(
        &[
            ("at 3", "15:00"),
            ("@ 845", "08:45"),
            ("4p", "16:00"),
            ("7:15 pm", "19:15"),
            ("half past 1", "13:30"),
            ("quarter to five", "16:45"),
            ("20 past 9", "09:20"),
            ("noonish", "12:00"),
            ("9 o clock", "09:00"),
            ("six thirty in the evening", "18:30"),
            ("8.45 a.m.", "08:45"),
            ("18:05", "18:05"),
            ("between 2 and 4", "14:00..16:00"),
            ("9-11am", "09:00..11:00"),
            ("from 11 to 2pm", "11:00..14:00"),
            ("any time after 5", "17:00.."),
            ("before noon", "..12:00"),
            ("4 or later", "16:00.."),
            ("no later than 10", "..10:00"),
        ],
        &context(),
    );
}

#[test]
fn dates_with_times() {
    check(
        &[
            ("tmrw @ 230", "2026-09-16T14:30"),
            ("nxt mon 9ish", "2026-09-21T09:00"),
            ("wensday at noon", "2026-09-16T12:00"),
            ("2nite at 7", "2026-09-15T19:00"),
            ("8 on the 21st", "2026-09-21T08:00"),
            ("the 21st, in the morning at 8", "2026-09-21T08:00"),
            ("I need 4:15 in the evening. Could you do it on the 2nd of october?", "2026-10-02T16:15"),
            ("friday afternoon", "2026-09-18T12:00..2026-09-18T17:00"),
            ("sat am", "2026-09-19T08:00..2026-09-19T12:00"),
            ("thurs 1-3", "2026-09-17T13:00..2026-09-17T15:00"),
            ("monday after 4", "2026-09-21T16:00.."),
            ("2026-10-01T09:30:00", "2026-10-01T09:30"),
            ("in 2 hours", "2026-09-15T12:20"),
            ("in half an hour", "2026-09-15T10:50"),
        ],
        &context(),
    );
}

#[test]
fn corrections_and_negations() {
    check(
        &[
            ("thursday at 3, no wait, friday", "2026-09-18T15:00"),
            ("not monday, tuesday", "2026-09-15"),
            ("friday instead of thursday", "2026-09-18"),
            ("make it 5 instead of 4", "17:00"),
            ("can we move it from monday to wednesday", "2026-09-16"),
            ("i can't do thursday", "nothing"),
            ("thursday doesn't work, how about saturday", "2026-09-19"),
            ("monday or tuesday", "2026-09-21"),
        ],
        &context(),
    );
}

#[test]
fn what_only_looks_like_a_time() {
    let texts = [
        "call me at 312-555-0188",
        "it was $40",
        "suite 12",
        "option 2",
        "a party of 6",
        "she is 9 years old",
        "we sat outside",
        "the sun was shining",
        "I may be wrong",
        "do you march",
        "13/45",
        "june 31",
        "30 min massage",
        "the second visit",
        "24/7",
        "a 4:1 mix",
        "good morning",
        "have a good night",
        "two people",
        "yesterday was fun",
        "come at 99",
    ];
    for text in texts {
        assert_eq!(short(understand(text, &context()).when.as_ref()), "nothing", "{text}");
    }
}

#[test]
fn counting_from_what_is_settled() {
    let ctx = Context {
        prior_date: NaiveDate::from_ymd_opt(2026, 9, 24),
        prior_time: NaiveTime::from_hms_opt(15, 0, 0),
        ..context()
    };
    check(
        &[
            ("an hour later", "2026-09-24T16:00"),
            ("30 min earlier", "2026-09-24T14:30"),
            ("can you push it back an hour", "2026-09-24T16:00"),
            ("2 days later", "2026-09-26T15:00"),
            ("same time friday", "2026-09-18T15:00"),
            ("the following week, same time", "2026-10-01T15:00"),
            ("that day but at 11", "2026-09-24T11:00"),
        ],
        &ctx,
    );
}

#[test]
fn bare_numbers_answer_the_question_asked() {
    check(&[("4", "16:00"), ("1030", "10:30"), ("maybe 9", "09:00")], &Context { asked: Asked::Time, ..context() });
    check(&[("21", "2026-09-21")], &Context { asked: Asked::Day, ..context() });
    check(&[("4", "nothing"), ("21", "nothing")], &context());
}

#[test]
fn spanish() {
    check(
        &[
            ("mañana a las 4", "2026-09-16T16:00"),
            ("el jueves por la tarde", "2026-09-17T12:00..2026-09-17T17:00"),
            ("pasado mañana", "2026-09-17"),
            ("el 12 de octubre", "2026-10-12"),
            ("a las nueve y media de la mañana", "09:30"),
            ("la próxima semana", "2026-09-21..2026-09-28"),
        ],
        &context(),
    );
}

#[test]
fn the_words_and_the_assumptions_are_kept() {
    let when = understand("hey could I do fri at 3 please", &context()).when.expect("a time");
    assert_eq!(when.said(), "fri 3");
    assert!(when.note().inferred.meridiem);
    let when = understand("oct 2nd at 3pm", &context()).when.expect("a time");
    assert!(when.note().inferred.year && !when.note().inferred.meridiem);
}

#[test]
fn times_in_words_and_settled_hours() {
    check(
        &[
            ("oh eight hundred", "08:00"),
            ("zero eight thirty", "08:30"),
            ("at seventeen hundred hours", "17:00"),
            ("fourteen thirty tomorrow", "2026-09-16T14:30"),
            ("five and twenty past eleven", "11:25"),
            ("friday at ten 30", "2026-09-18T10:30"),
            ("1645 fri", "2026-09-18T16:45"),
            ("5 to 3pm", "14:55"),
            ("5 to 6pm", "17:00..18:00"),
            ("one o'clock in the small hours", "01:00"),
            ("in the wee hours of saturday", "2026-09-19T00:00..2026-09-19T05:00"),
        ],
        &context(),
    );
    let settled = Context { prior_time: NaiveTime::from_hms_opt(14, 0, 0), ..context() };
    check(&[("ten past", "14:10"), ("make it quarter to", "13:45"), ("half past is fine", "14:30")], &settled);
}

#[test]
fn named_and_counted_days() {
    check(
        &[
            ("st. patrick's day", "2027-03-17"),
            ("election day", "2026-11-03"),
            ("giving tuesday", "2026-12-01"),
            ("maundy thursday", "2027-03-25"),
            ("victoria day", "2027-05-24"),
            ("xmas day brunch 11am", "2026-12-25T11:00"),
            ("halloween night", "2026-10-31T19:00..2026-11-01T00:00"),
            ("four business days from now", "2026-09-21"),
            ("20261112", "2026-11-12"),
            ("penultimate day of the month", "2026-09-29"),
            ("third to last day of october", "2026-10-29"),
            ("first of the month", "2026-10-01"),
            ("by the end of june 20th", "..2027-06-21"),
            ("this day week", "2026-09-22"),
            ("friday in two weeks", "2026-10-02"),
        ],
        &context(),
    );
}
