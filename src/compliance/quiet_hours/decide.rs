//! Whether a text may arrive now, and if not, when. Pure.
//!
//! Each rule that binds the text speaks once per clock it is read on; the text may arrive while all are open. That is the intersection
//! over every place the number may be in, found from merged stretches of time and not by trying minutes.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, FixedOffset, NaiveDate, Offset, TimeZone, Utc};
use chrono_tz::Tz;
use serde::Serialize;
use uuid::Uuid;

use super::{
    model::{Cap, WallTime, Weekday},
    packs::{HolidayList, PACK, Rule, covers},
    policy::{Hours, Policy},
    window::{Span, intersection, open_spans},
};
use crate::{
    compliance::{
        model::ConsentPurpose,
        places::{PlaceSource, Places},
    },
    platform::ids::QuietHoursOverrideId,
};

/// How far ahead is looked at most, whatever the deadline.
const FARTHEST: Duration = Duration::days(35);
/// Over how long held texts are released.
const SPREAD: Duration = Duration::minutes(10);

/// What is asked.
#[derive(Clone, Debug)]
pub struct Question<'a> {
    pub places: &'a Places,
    pub purpose: ConsentPurpose,
    pub now: DateTime<Utc>,
    /// After it the text is worth nothing.
    pub deadline: DateTime<Utc>,
    /// It answers somebody who has just texted. Means nothing for marketing.
    pub answers_recent_text: bool,
    pub policy: &'a Policy,
}

/// Whether a text may arrive now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(tag = "outcome", rename_all = "snake_case")]
#[schema(as = QuietHoursOutcome)]
pub enum Outcome {
    Open {
        /// When the hours end; null: not before the deadline.
        closes_at: Option<DateTime<Utc>>,
    },
    Hold {
        /// The first lawful minute.
        until: DateTime<Utc>,
        /// When the hours that begin then end again (or the deadline): later is unlawful.
        closes_at: DateTime<Utc>,
    },
    /// No lawful minute before the deadline: `no_legal_window`.
    Never,
}

impl Outcome {
    /// Stored as the message's `error_code`.
    pub const NO_LEGAL_WINDOW: &str = "no_legal_window";

    /// When a held text goes: within the first minutes of the hours that begin, each text at a second of its own, so that the morning does
    /// not begin with all of them at once. None for what is not held.
    pub fn release(&self, text: Uuid) -> Option<DateTime<Utc>> {
        let Self::Hold { until, closes_at } = *self else { return None };
        let spread = ((closes_at - until).num_seconds() / 2).clamp(1, SPREAD.num_seconds());
        let second = text.as_u128() % u128::from(spread.unsigned_abs());
        Some(until + Duration::seconds(i64::try_from(second).unwrap_or_default()))
    }
}

/// Hours of one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = OpenHours)]
pub struct Stretch {
    pub from: WallTime,
    pub to: WallTime,
}

/// What one rule said on one clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = SpokenRule)]
pub struct Spoken {
    #[schema(example = "us-fl")]
    pub rule: String,
    /// Of the pack.
    pub version: String,
    /// IANA zone of the clock.
    pub zone: String,
    /// The state (or else country) it was asked for; null where it was asked for several, or none is known.
    pub region: Option<String>,
    /// What the clock shows, with its offset.
    pub local_time: DateTime<FixedOffset>,
    /// "EST"; for zones without a name of their own the offset.
    pub abbreviation: String,
    /// Its hours on that day there.
    pub today: Vec<Stretch>,
    /// The holiday that closes that day.
    pub holiday: Option<String>,
    pub open: bool,
    /// When it opens by itself; null where it is open, or does not open before the deadline.
    pub opens_at: Option<DateTime<Utc>>,
    /// The override of the organization that changed its hours.
    pub overridden_by: Option<QuietHoursOverrideId>,
}

/// The decision, and what led to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = QuietHoursDecision)]
pub struct Decision {
    #[serde(flatten)]
    pub outcome: Outcome,
    /// Version of the rules.
    pub version: String,
    /// What the places were read from.
    pub place_source: PlaceSource,
    /// It is an answer to somebody who has just texted: no hours hold it.
    pub answers_recent_text: bool,
    pub spoken: Vec<Spoken>,
    /// Rules that would have spoken, had the organization not turned them off.
    pub turned_off: Vec<String>,
}

/// A rule on a clock, with the holidays that count there.
struct Voice<'a> {
    rule: &'a Rule,
    zone: Tz,
    regions: Vec<Option<&'a str>>,
    holidays: Vec<&'a HolidayList>,
    hours: Hours,
}

impl Voice<'_> {
    fn holiday(&self, date: NaiveDate) -> Option<&str> {
        if !self.hours.keep_holidays {
            return None;
        }
        self.holidays.iter().find_map(|list| list.name_of(date))
    }

    /// Its hours on a day of its clock.
    fn on(&self, date: NaiveDate) -> Vec<(WallTime, WallTime)> {
        if !self.rule.in_force(date) {
            return vec![(WallTime::MIDNIGHT, WallTime::END_OF_DAY)];
        }
        if self.holiday(date).is_some() {
            return Vec::new();
        }
        let day = Weekday::of(date);
        let mut hours: Vec<_> =
            self.hours.windows.iter().filter(|w| w.days.contains(&day)).map(|w| (w.from, w.to)).collect();
        hours.sort();
        hours
    }

    fn speak(&self, now: DateTime<Utc>, spans: &[Span]) -> Spoken {
        let local = now.with_timezone(&self.zone);
        let date = local.date_naive();
        let open = is_open(spans, now);
        let region = match self.regions.as_slice() {
            [one] => one.map(str::to_owned),
            _ => None,
        };
        Spoken {
            rule: self.rule.id.clone(),
            version: PACK.version.clone(),
            zone: self.zone.name().to_owned(),
            region,
            local_time: now.with_timezone(&self.zone.offset_from_utc_datetime(&now.naive_utc()).fix()),
            abbreviation: local.format("%Z").to_string(),
            today: self.on(date).into_iter().map(|(from, to)| Stretch { from, to }).collect(),
            holiday: self.holiday(date).filter(|_| self.rule.in_force(date)).map(str::to_owned),
            open,
            opens_at: spans.iter().map(|s| s.0).find(|opens| !open && *opens > now),
            overridden_by: self.hours.overridden_by,
        }
    }
}

fn is_open(spans: &[Span], at: DateTime<Utc>) -> bool {
    spans.iter().any(|(opens, closes)| *opens <= at && at < *closes)
}

/// Every rule that binds the text, once per clock and set of holidays, and those that were turned off.
fn voices<'a>(question: &Question<'a>) -> (Vec<Voice<'a>>, Vec<String>) {
    let (mut voices, mut off) = (BTreeMap::<_, Voice<'a>>::new(), Vec::new());
    for (at, rule) in PACK.rules.iter().enumerate() {
        if !rule.applies_to.contains(&question.purpose) {
            continue;
        }
        for place in &question.places.candidates {
            let region = place.region.as_deref();
            if !covers(&rule.jurisdiction, region) {
                continue;
            }
            let Some(hours) = question.policy.hours(rule) else {
                if !off.contains(&rule.id) {
                    off.push(rule.id.clone());
                }
                continue;
            };
            let zone = rule.fixed_zone().unwrap_or(place.zone);
            let lists = rule.closed_on.iter().filter_map(|id| PACK.holiday_list(id));
            let holidays: Vec<&HolidayList> = lists.filter(|list| covers(&list.jurisdiction, region)).collect();
            let ids: Vec<&str> = holidays.iter().map(|list| list.id.as_str()).collect();
            let voice = voices.entry((at, zone.name(), ids)).or_insert(Voice {
                rule,
                zone,
                regions: Vec::new(),
                holidays,
                hours,
            });
            if !voice.regions.contains(&region) {
                voice.regions.push(region);
            }
        }
    }
    (voices.into_values().collect(), off)
}

/// Whether the text may arrive now; if not, from which minute on before its deadline.
pub fn decide(question: &Question<'_>) -> Decision {
    let exempt = question.answers_recent_text && question.purpose != ConsentPurpose::Marketing;
    let (voices, turned_off) = if exempt { (Vec::new(), Vec::new()) } else { voices(question) };
    let now = question.now;
    // Also past its deadline a text is asked about: whether it may go is then somebody else's question.
    let end = question.deadline.min(now + FARTHEST).max(now + Duration::minutes(1));
    let mut together: Vec<Span> = vec![(now, end)];
    let mut spoken = Vec::with_capacity(voices.len());
    for voice in &voices {
        let spans = open_spans(voice.zone, now, end, |date| voice.on(date));
        together = intersection(&together, &spans);
        spoken.push(voice.speak(now, &spans));
    }
    let outcome = match together.first() {
        Some((opens, closes)) if *opens <= now => Outcome::Open { closes_at: (*closes < end).then_some(*closes) },
        Some((opens, closes)) => Outcome::Hold { until: *opens, closes_at: *closes },
        None => Outcome::Never,
    };
    Decision {
        outcome,
        version: PACK.version.clone(),
        place_source: question.places.source,
        answers_recent_text: exempt,
        spoken,
        turned_off,
    }
}

/// The caps on texts of this purpose to somebody who may be in these places, with the rule each is of: all of them hold. An override of a
/// rule's hours leaves its cap as it is.
pub fn caps(places: &Places, purpose: ConsentPurpose, on: NaiveDate) -> Vec<(String, Cap)> {
    PACK.rules
        .iter()
        .filter(|rule| rule.applies_to.contains(&purpose) && rule.in_force(on))
        .filter(|rule| places.candidates.iter().any(|place| covers(&rule.jurisdiction, place.region.as_deref())))
        .filter_map(|rule| Some((rule.id.clone(), rule.cap?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        super::{
            model::{HouseHours, Window},
            policy::InForce,
        },
        *,
    };
    use crate::{
        compliance::places,
        platform::{clock::Clock, phone::PhoneNumber},
    };

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect(text)
    }

    fn places_of(number: &str) -> Places {
        places::of(&PhoneNumber::parse_e164(number).expect(number), None, None)
    }

    fn asked(places: &Places, purpose: ConsentPurpose, now: DateTime<Utc>, hours: i64, policy: &Policy) -> Decision {
        let deadline = now + Duration::hours(hours);
        decide(&Question { places, purpose, now, deadline, answers_recent_text: false, policy })
    }

    use ConsentPurpose::{Conversational, Marketing, Transactional};

    #[test]
    fn what_binds_which_text() {
        let (places, policy) = (places_of("+13055550101"), Policy::default());
        // 8:30 pm on a Wednesday in Florida: after Florida's hours, within the federal ones.
        let now = at("2026-06-11T00:30:00Z");
        let marketing = asked(&places, Marketing, now, 48, &policy);
        assert_eq!(
            marketing.outcome,
            Outcome::Hold { until: at("2026-06-11T13:00:00Z"), closes_at: at("2026-06-12T00:00:00Z") }
        );
        let rules: Vec<&str> = marketing.spoken.iter().map(|s| s.rule.as_str()).collect();
        assert_eq!(rules, ["default-marketing", "us-federal", "us-fl"]);
        let florida = &marketing.spoken[2];
        assert_eq!((florida.abbreviation.as_str(), florida.region.as_deref()), ("EDT", Some("US-FL")));
        assert_eq!(florida.local_time.to_rfc3339(), "2026-06-10T20:30:00-04:00");
        assert_eq!(florida.opens_at, Some(at("2026-06-11T12:00:00Z")));
        for purpose in [Transactional, Conversational] {
            let decision = asked(&places, purpose, now, 48, &policy);
            assert_eq!(decision.outcome, Outcome::Open { closes_at: Some(at("2026-06-11T01:00:00Z")) }, "{purpose:?}");
        }
        // An answer goes at any hour; marketing is none.
        let night = at("2026-06-11T07:00:00Z");
        for (purpose, open) in [(Transactional, true), (Conversational, true), (Marketing, false)] {
            let deadline = night + Duration::hours(48);
            let question =
                Question { places: &places, purpose, now: night, deadline, answers_recent_text: true, policy: &policy };
            let decision = decide(&question);
            assert_eq!((matches!(decision.outcome, Outcome::Open { .. }), decision.answers_recent_text), (open, open));
        }
    }

    #[test]
    fn no_lawful_minute_before_the_deadline_is_never() {
        let (places, policy) = (places_of("+12055550101"), Policy::default());
        // Alabama: Saturday 9 pm; Sunday is closed, Monday is Labor Day, Tuesday 9 am is 14:00 UTC.
        let now = at("2026-09-06T02:00:00Z");
        assert_eq!(asked(&places, Marketing, now, 59, &policy).outcome, Outcome::Never);
        let opens = at("2026-09-08T14:00:00Z");
        assert_eq!(
            asked(&places, Marketing, now, 60, &policy).outcome,
            Outcome::Never,
            "the deadline itself is too late"
        );
        let held = asked(&places, Marketing, now, 61, &policy);
        assert_eq!(
            held.outcome,
            Outcome::Hold { until: opens, closes_at: at("2026-09-08T15:00:00Z") },
            "up to the deadline"
        );
        // A deadline that is over, and one beyond all sense.
        assert_eq!(asked(&places, Marketing, now, -5, &policy).outcome, Outcome::Never);
        let far = decide(&Question {
            places: &places,
            purpose: Marketing,
            now,
            deadline: DateTime::<Utc>::MAX_UTC,
            answers_recent_text: false,
            policy: &policy,
        });
        assert!(matches!(far.outcome, Outcome::Hold { until, .. } if until == opens));
    }

    #[test]
    fn a_number_that_may_be_anywhere_goes_when_it_is_day_everywhere() {
        let (places, policy) = (places_of("+18005550101"), Policy::default());
        let held = asked(&places, Marketing, at("2026-06-10T14:00:00Z"), 48, &policy);
        // 9 am in Honolulu and on the Aleutians is 3 pm in New York and San Juan, where it is day until 8 pm.
        assert_eq!(
            held.outcome,
            Outcome::Hold { until: at("2026-06-10T19:00:00Z"), closes_at: at("2026-06-11T00:00:00Z") }
        );
        assert_eq!(held.place_source, PlaceSource::Unknown);
        assert!(held.spoken.iter().all(|s| s.region.as_deref() == Some("US")));
    }

    #[test]
    fn other_countries_keep_the_houses_hours() {
        let policy = Policy::default();
        // 8:30 pm in London; a Sunday noon; Christmas there is no holiday of this list.
        let london = places_of("+442071838750");
        let held = asked(&london, Marketing, at("2026-06-10T19:30:00Z"), 48, &policy);
        assert_eq!(
            held.outcome,
            Outcome::Hold { until: at("2026-06-11T08:00:00Z"), closes_at: at("2026-06-11T19:00:00Z") }
        );
        assert_eq!(held.spoken.len(), 1);
        let sunday = asked(&london, Marketing, at("2026-06-14T09:00:00Z"), 48, &policy);
        assert!(matches!(sunday.outcome, Outcome::Hold { until, .. } if until == at("2026-06-14T11:00:00Z")));
        let fourth_of_july = at("2026-07-03T15:00:00Z");
        assert!(matches!(asked(&london, Marketing, fourth_of_july, 1, &policy).outcome, Outcome::Open { .. }));
        assert_eq!(asked(&places_of("+12125550101"), Marketing, fourth_of_july, 1, &policy).outcome, Outcome::Never);
    }

    fn overriding(rule: &str, windows: Option<Vec<Window>>, keep_holidays: bool) -> Policy {
        let id = QuietHoursOverrideId::new(&Clock::manual(at("2026-01-01T00:00:00Z")));
        Policy::new([(rule.to_owned(), InForce { id, windows, keep_holidays })], None)
    }

    #[test]
    fn an_organization_overrides_a_rule() {
        let florida = places_of("+13055550101");
        let now = at("2026-06-11T00:30:00Z");
        let seven_days = |from: &str, to: &str| {
            use Weekday::*;
            let time = |text: &str| WallTime::parse(text).expect(text);
            vec![Window {
                days: vec![Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday],
                from: time(from),
                to: time(to),
            }]
        };
        // Off: the others still speak.
        let off = asked(&florida, Marketing, now, 48, &overriding("us-fl", None, true));
        assert!(matches!(off.outcome, Outcome::Hold { .. }));
        assert_eq!((off.turned_off, off.spoken.len()), (vec!["us-fl".to_owned()], 2));
        // The house's own hours, longer: Florida's law still ends the day.
        let longer = asked(
            &florida,
            Marketing,
            now,
            48,
            &overriding("default-marketing", Some(seven_days("08:00", "21:00")), true),
        );
        assert!(matches!(longer.outcome, Outcome::Hold { until, .. } if until == at("2026-06-11T12:00:00Z")));
        assert!(longer.spoken[0].overridden_by.is_some() && longer.spoken[0].open);
        // Shut altogether (a state of emergency).
        let shut =
            asked(&florida, Marketing, at("2026-06-11T15:00:00Z"), 400, &overriding("us-fl", Some(Vec::new()), true));
        assert_eq!(shut.outcome, Outcome::Never);
        // Holidays opened, the hours kept.
        let holiday = at("2026-07-03T15:00:00Z");
        let own = PACK.rule("default-marketing").expect("rule").windows.clone();
        let open = asked(&florida, Marketing, holiday, 1, &overriding("default-marketing", Some(own), false));
        assert!(matches!(open.outcome, Outcome::Open { .. }));
        // The operator's quiet hours cut the house's, where the organization has not its own.
        let time = |text: &str| WallTime::parse(text).expect(text);
        let house = Policy::new([], Some(HouseHours { quiet_from: time("18:00"), quiet_until: time("10:00") }));
        let cut = asked(&florida, Marketing, now, 48, &house);
        assert_eq!(
            cut.outcome,
            Outcome::Hold { until: at("2026-06-11T14:00:00Z"), closes_at: at("2026-06-11T22:00:00Z") }
        );
    }

    #[test]
    fn held_texts_go_in_the_first_minutes_and_never_after_the_hours() {
        let until = at("2026-06-11T13:00:00Z");
        let clock = Clock::manual(until);
        for length in [Duration::minutes(1), Duration::minutes(5), Duration::hours(11)] {
            let held = Outcome::Hold { until, closes_at: until + length };
            let goes: Vec<_> = (0..300).filter_map(|_| held.release(QuietHoursOverrideId::new(&clock).0)).collect();
            assert!(goes.iter().all(|at| *at >= until && *at < until + length && *at < until + SPREAD));
            assert!(goes.iter().max() > goes.iter().min(), "{length}");
        }
        assert_eq!(Outcome::Never.release(Uuid::nil()), None);
        assert_eq!(Outcome::Open { closes_at: None }.release(Uuid::nil()), None);
    }

    #[test]
    fn caps_are_those_of_every_place() {
        let on = "2026-06-10".parse().expect("day");
        let of = |number: &str, purpose| {
            caps(&places_of(number), purpose, on)
                .into_iter()
                .map(|(rule, cap)| (rule, cap.texts, cap.hours))
                .collect::<Vec<_>>()
        };
        for (number, rule) in
            [("+13055550101", "us-fl"), ("+14055550101", "us-ok"), ("+14105550101", "us-md"), ("+15035550101", "us-or")]
        {
            assert_eq!(of(number, Marketing), [(rule.to_owned(), 3, 24)]);
            assert_eq!(of(number, Transactional), []);
        }
        assert_eq!(of("+12125550101", Marketing), []);
        assert!(caps(&places_of("+15035550101"), Marketing, "2025-12-31".parse().expect("day")).is_empty());
    }

    prop_compose! {
        fn question()(
            area in prop::sample::select(vec!["850", "208", "334", "601", "401", "412", "225", "801", "606", "928", "907", "808", "212", "800", "416", "671"]),
            minute in 0i64..(400 * 1440), purpose in 0usize..3, hours in 1i64..400,
        ) -> (Places, ConsentPurpose, DateTime<Utc>, i64) {
            let purpose = [Conversational, Transactional, Marketing][purpose];
            (places_of(&format!("+1{area}5550101")), purpose, at("2026-01-01T00:00:00Z") + Duration::minutes(minute), hours)
        }
    }

    proptest! {
        #[test]
        fn a_hold_ends_at_the_first_open_minute((places, purpose, now, hours) in question()) {
            let policy = Policy::default();
            let decision = asked(&places, purpose, now, hours, &policy);
            let open = |at: DateTime<Utc>| matches!(asked(&places, purpose, at, 1, &policy).outcome, Outcome::Open { .. });
            match decision.outcome {
                Outcome::Open { closes_at } => {
                    prop_assert!(decision.spoken.iter().all(|s| s.open));
                    if let Some(closes_at) = closes_at {
                        prop_assert!(closes_at > now && open(closes_at - Duration::minutes(1)) && !open(closes_at));
                    }
                }
                Outcome::Hold { until, closes_at } => {
                    prop_assert!(now < until && until < closes_at && until < now + Duration::hours(hours));
                    prop_assert!(!open(now) && open(until) && !open(until - Duration::minutes(1)));
                    prop_assert!(open(closes_at - Duration::minutes(1)));
                    prop_assert!(decision.spoken.iter().any(|s| !s.open));
                }
                Outcome::Never => prop_assert!((0..hours * 4).all(|quarter| !open(now + Duration::minutes(15 * quarter)))),
            }
        }

        #[test]
        fn another_candidate_opens_nothing((places, purpose, now, hours) in question(), other in question()) {
            let policy = Policy::default();
            let mut wider = places.clone();
            wider.candidates.extend(other.0.candidates);
            let (narrow, wide) = (asked(&places, purpose, now, hours, &policy), asked(&wider, purpose, now, hours, &policy));
            let first = |outcome: Outcome| match outcome {
                Outcome::Open { .. } => now,
                Outcome::Hold { until, .. } => until,
                Outcome::Never => DateTime::<Utc>::MAX_UTC,
            };
            prop_assert!(first(narrow.outcome) <= first(wide.outcome));
            let length = |outcome: Outcome| match outcome {
                Outcome::Open { closes_at } => closes_at.unwrap_or(DateTime::<Utc>::MAX_UTC),
                _ => now,
            };
            prop_assert!(length(wide.outcome) <= length(narrow.outcome));
        }
    }
}
