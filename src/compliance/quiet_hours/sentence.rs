//! A decision in one English sentence, for the dashboard and the receipt: "Held: 8:47 pm EST in Florida, window 8 am–8 pm; will go at
//! 8:04 am." Pure.

use chrono::{DateTime, NaiveTime, Timelike, Utc};
use chrono_tz::Tz;

use super::{
    decide::{Decision, Outcome, Spoken, Stretch},
    model::{WallTime, Weekday},
};
use crate::compliance::places::{PlaceSource, region_name, zone_name};

/// What was decided at `now`, and for a held text when it goes: `release`, or without one the first lawful minute.
pub fn sentence(decision: &Decision, now: DateTime<Utc>, release: Option<DateTime<Utc>>) -> String {
    if decision.answers_recent_text {
        return "May go: an answer to somebody who has just texted is not held.".to_owned();
    }
    let mut said = match decision.outcome {
        Outcome::Open { .. } => match narrowest(decision) {
            Some(voice) => format!("May go: {}.", circumstances(voice, decision.place_source)),
            None => "May go: no hours bind it.".to_owned(),
        },
        Outcome::Hold { until, .. } => match binding(decision) {
            Some(voice) => {
                let (why, when) =
                    (circumstances(voice, decision.place_source), at(release.unwrap_or(until), now, voice));
                format!("Held: {why}; will go {when}.")
            }
            None => format!("Held: will go at {} UTC.", release.unwrap_or(until).format("%Y-%m-%d %H:%M")),
        },
        Outcome::Never => match binding(decision) {
            Some(voice) => {
                let why = circumstances(voice, decision.place_source);
                format!("Not sent: {why}, and no lawful minute before its deadline.")
            }
            None => "Not sent: wherever the number may be, no minute before its deadline is lawful in all places."
                .to_owned(),
        },
    };
    if decision.place_source == PlaceSource::Unknown && !decision.spoken.is_empty() {
        said.push_str(" Where the number is, is not known: it must be lawful in every zone of the United States.");
    }
    said
}

/// The closed rule that opens last; of several the one nearest to the recipient.
fn binding(decision: &Decision) -> Option<&Spoken> {
    let opens = |voice: &Spoken| voice.opens_at.unwrap_or(DateTime::<Utc>::MAX_UTC);
    let closed = decision.spoken.iter().filter(|voice| !voice.open);
    closed.max_by_key(|voice| opens(voice)).or_else(|| decision.spoken.last())
}

/// The rule whose day ends first.
fn narrowest(decision: &Decision) -> Option<&Spoken> {
    decision.spoken.iter().min_by_key(|voice| {
        let minute = voice.local_time.hour() * 60 + voice.local_time.minute();
        let left = |stretch: &Stretch| u32::from(stretch.to.minutes()).checked_sub(minute).filter(|left| *left > 0);
        voice.today.iter().filter_map(left).min().unwrap_or(u32::MAX)
    })
}

/// What one rule said: "8:47 pm EST in Florida, window 8 am–8 pm.".
pub fn in_words(voice: &Spoken, source: PlaceSource) -> String {
    format!("{}.", circumstances(voice, source))
}

/// "8:47 pm EST in Florida, window 8 am–8 pm", "a Sunday in Alabama, no texts that day".
fn circumstances(voice: &Spoken, source: PlaceSource) -> String {
    let local = voice.local_time;
    let place = match voice.region.as_deref().and_then(region_name) {
        Some(name) => format!(" in {name}"),
        // Of a country, the zone's city says where; of a number that may be anywhere it would say too much.
        None if voice.region.is_some() && source != PlaceSource::Unknown => match voice.zone.parse::<Tz>() {
            Ok(zone) => format!(" in {}", zone_name(zone)),
            Err(_) => String::new(),
        },
        None => String::new(),
    };
    if let Some(holiday) = &voice.holiday {
        return format!("{holiday}{place}, no texts that day");
    }
    if voice.today.is_empty() {
        let day = Weekday::of(local.date_naive()).name();
        return format!("a {day}{place}, no texts that day");
    }
    let windows: Vec<String> = voice.today.iter().map(|s| format!("{}–{}", face(s.from), face(s.to))).collect();
    let noun = if windows.len() == 1 { "window" } else { "windows" };
    let time = clock(local.time());
    format!("{time} {}{place}, {noun} {}", voice.abbreviation, windows.join(" and "))
}

/// "at 8:04 am"; with the day where it is more than a day away. On the clock of the rule that was named.
fn at(release: DateTime<Utc>, now: DateTime<Utc>, voice: &Spoken) -> String {
    let zone: Tz = voice.zone.parse().unwrap_or(Tz::UTC);
    let local = release.with_timezone(&zone);
    let time = clock(local.time());
    if release - now < chrono::Duration::hours(24) {
        return format!("at {time}");
    }
    format!("on {} at {time}", local.format("%A %-d %B"))
}

fn face(time: WallTime) -> String {
    match time {
        WallTime::END_OF_DAY => "midnight".to_owned(),
        _ => NaiveTime::from_num_seconds_from_midnight_opt(u32::from(time.minutes()) * 60, 0)
            .map(clock)
            .unwrap_or_default(),
    }
}

/// "8 am", "8:47 pm", "noon", "midnight".
fn clock(time: NaiveTime) -> String {
    match (time.hour(), time.minute()) {
        (0, 0) => "midnight".to_owned(),
        (12, 0) => "noon".to_owned(),
        (_, 0) => time.format("%-I %P").to_string(),
        _ => time.format("%-I:%M %P").to_string(),
    }
}

#[cfg(test)]
mod tests {
    use chrono::Duration;

    use super::{
        super::{Policy, Question, decide},
        *,
    };
    use crate::{
        compliance::{model::ConsentPurpose, places},
        platform::phone::PhoneNumber,
    };

    fn said(number: &str, purpose: ConsentPurpose, now: &str, hours: i64, release: Option<&str>) -> String {
        let places = places::of(&PhoneNumber::parse_e164(number).expect(number), None, None);
        let now = now.parse().expect(now);
        let (deadline, policy) = (now + Duration::hours(hours), Policy::default());
        let question =
            Question { places: &places, purpose, now, deadline, answers_recent_text: false, policy: &policy };
        sentence(&decide(&question), now, release.map(|at| at.parse().expect(at)))
    }

    #[test]
    fn decisions_read_like_sentences() {
        use ConsentPurpose::{Marketing, Transactional};
        for (number, purpose, now, hours, release, expected) in [
            (
                "+13055550101",
                Marketing,
                "2026-11-21T01:47:00Z",
                48,
                Some("2026-11-21T14:04:00Z"),
                "Held: 8:47 pm EST in Florida, window 9 am–8 pm; will go at 9:04 am.",
            ),
            (
                "+13055550101",
                Transactional,
                "2026-11-21T02:47:00Z",
                48,
                None,
                "Held: 9:47 pm EST in Florida, window 8 am–9 pm; will go at 8 am.",
            ),
            (
                "+12055550101",
                Marketing,
                "2026-11-22T16:00:00Z",
                48,
                None,
                "Held: a Sunday in Alabama, no texts that day; will go at 9 am.",
            ),
            (
                "+12055550101",
                Marketing,
                "2026-11-26T16:00:00Z",
                12,
                None,
                "Not sent: Thanksgiving Day in Alabama, no texts that day, and no lawful minute before its deadline.",
            ),
            (
                "+12055550101",
                Marketing,
                "2026-09-06T02:00:00Z",
                72,
                Some("2026-09-08T14:01:00Z"),
                "Held: 9 pm CDT in Alabama, window 8 am–8 pm; will go on Tuesday 8 September at 9:01 am.",
            ),
            (
                "+442071838750",
                Marketing,
                "2026-06-10T20:30:00Z",
                48,
                None,
                "Held: 9:30 pm BST in London, window 9 am–8 pm; will go at 9 am.",
            ),
            (
                "+12145550101",
                Marketing,
                "2026-06-14T16:30:00Z",
                48,
                None,
                "Held: 11:30 am CDT in Texas, window noon–9 pm; will go at noon.",
            ),
            (
                "+14015550101",
                Marketing,
                "2026-06-10T15:00:00Z",
                48,
                None,
                "May go: 11 am EDT in Rhode Island, window 9 am–6 pm.",
            ),
            (
                "+18005550101",
                Marketing,
                "2026-06-10T14:00:00Z",
                48,
                None,
                "Held: 4 am HST, window 9 am–8 pm; will go at 9 am. Where the number is, is not known: it must be lawful in every zone of the United States.",
            ),
        ] {
            assert_eq!(said(number, purpose, now, hours, release), expected);
        }
    }
}
