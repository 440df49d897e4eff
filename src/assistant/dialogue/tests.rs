//! The dialogue machine, exhaustively: every state, every intent, with and without a time, a choice, an appointment.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::America::New_York;
use uuid::Uuid;

use super::{cues::Key, wanted::HORIZON_DAYS, *};
use crate::{
    assistant::understanding::{Intent, Language, Note, Understanding, When},
    booking::TimeWindow,
    platform::ids::{BookingId, ProviderId, ServiceId, SlotId},
};

const INTENTS: [Intent; 16] = [
    Intent::Book,
    Intent::Availability,
    Intent::Reschedule,
    Intent::Cancel,
    Intent::Lookup,
    Intent::Confirm,
    Intent::Deny,
    Intent::ChooseOption,
    Intent::Greeting,
    Intent::Thanks,
    Intent::Goodbye,
    Intent::Help,
    Intent::Human,
    Intent::OptOut,
    Intent::OptIn,
    Intent::Other,
];

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("time")
}

fn service(n: u128) -> ServiceId {
    ServiceId(Uuid::from_u128(n))
}

fn offer(n: u128, start: &str) -> Offer {
    let label = voice().time(at(start));
    Offer {
        slot_id: SlotId(Uuid::from_u128(n)),
        service_id: service(1),
        service_name: "Consultation".to_owned(),
        provider_id: ProviderId(Uuid::from_u128(1)),
        provider_name: "Alex Rivera".to_owned(),
        start_time: at(start),
        label,
    }
}

fn booking(n: u128, start: &str) -> BookingRef {
    BookingRef {
        booking_id: BookingId(Uuid::from_u128(n)),
        slot_id: SlotId(Uuid::from_u128(100 + n)),
        service_id: service(1),
        service_name: "Consultation".to_owned(),
        provider_name: "Alex Rivera".to_owned(),
        start_time: at(start),
    }
}

fn voice() -> Voice {
    Voice {
        business: "Maple Street Studio".to_owned(),
        support_phone: Some("+15005550100".to_owned()),
        tz: New_York,
        services: vec!["Consultation".to_owned(), "Haircut".to_owned()],
    }
}

/// Saturday 2026-11-21, 10:00 in New York.
fn facts(upcoming: Vec<BookingRef>) -> Facts {
    Facts {
        now: at("2026-11-21T15:00:00Z"),
        tz: New_York,
        services: vec![service(1), service(2)],
        upcoming,
        unread: false,
        cues: Cues { plain_yes: true, ..Cues::default() },
        provider: None,
    }
}

fn heard(intent: Intent) -> Understanding {
    Understanding {
        intent,
        confidence: 0.9,
        when: None,
        choice: None,
        service: None,
        party_size: None,
        name: None,
        urgent: false,
        opt_out: None,
        language: Language::En,
        why: "test",
    }
}

fn date(text: &str) -> When {
    When::Date { date: text.parse().expect("date"), note: Note::default() }
}

fn datetime(text: &str) -> When {
    When::DateTime { at: text.parse().expect("datetime"), note: Note::default() }
}

fn time(text: &str) -> When {
    When::Time { time: text.parse().expect("time"), note: Note::default() }
}

fn states() -> Vec<State> {
    let (a, b) = (offer(1, "2026-11-24T15:00:00Z"), offer(2, "2026-11-24T19:00:00Z"));
    let (mine, other) = (booking(1, "2026-11-25T15:00:00Z"), booking(2, "2026-11-27T16:00:00Z"));
    vec![
        State::Idle,
        State::AwaitingInfo { need: Need::Day { service_id: service(1) } },
        State::AwaitingInfo { need: Need::NewTime { booking: mine.clone() } },
        State::AwaitingInfo { need: Need::WhichToCancel { bookings: vec![mine.clone(), other.clone()] } },
        State::AwaitingInfo { need: Need::WhichToMove { bookings: vec![mine.clone(), other] } },
        State::ShowingSlots { service_id: service(1), offers: vec![a.clone(), b.clone()] },
        State::ShowingSlots { service_id: service(1), offers: vec![a.clone()] },
        State::ConfirmingBooking { offer: a.clone() },
        State::ConfirmingCancel { booking: mine.clone() },
        State::RescheduleShowingSlots { booking: mine.clone(), offers: vec![a.clone(), b] },
        State::ConfirmingReschedule { booking: mine, offer: a },
    ]
}

fn outcomes() -> Vec<Outcome> {
    let long: Vec<Offer> = (0..4).map(|n| offer(n, "2026-11-24T15:00:00Z")).collect();
    vec![
        Outcome::None,
        Outcome::Open(long.clone()),
        Outcome::Open(vec![long[0].clone()]),
        Outcome::Open(Vec::new()),
        Outcome::Near(long.clone()),
        Outcome::NothingFits(long.clone()),
        Outcome::NothingFits(Vec::new()),
        Outcome::StillOpen,
        Outcome::Lost(long),
        Outcome::Lost(Vec::new()),
        Outcome::Done(booking(1, "2026-11-25T15:00:00Z")),
        Outcome::AlreadyTheirs(booking(1, "2026-11-25T15:00:00Z")),
        Outcome::Gone,
    ]
}

fn cues() -> [Cues; 8] {
    let plain = Cues { plain_yes: true, ..Cues::default() };
    [
        plain,
        Cues { key: Some(Key::Confirm), ..plain },
        Cues::default(),
        Cues { key: Some(Key::Another), ..Cues::default() },
        Cues { key: Some(Key::Drop), ..Cues::default() },
        Cues { change: true, ..Cues::default() },
        Cues { soonest: true, ..Cues::default() },
        Cues { small_talk: true, stranger: true, asks_for_services: true, ..Cues::default() },
    ]
}

/// Calls `check` with every state, text and surrounding.
fn everything(mut check: impl FnMut(&State, &Understanding, &Facts)) {
    let whens = [
        None,
        Some(date("2026-11-24")),
        Some(time("15:00:00")),
        Some(datetime("2026-11-25T10:00:00")),
        Some(datetime("2020-01-01T10:00:00")),
    ];
    let diaries = [
        vec![],
        vec![booking(1, "2026-11-25T15:00:00Z")],
        vec![booking(1, "2026-11-25T15:00:00Z"), booking(2, "2026-11-27T16:00:00Z")],
    ];
    for state in states() {
        for intent in INTENTS {
            for when in &whens {
                for choice in [None, Some(0), Some(1), Some(9)] {
                    for upcoming in &diaries {
                        for unread in [false, true] {
                            let heard = Understanding { when: when.clone(), choice, ..heard(intent) };
                            for cues in cues() {
                                let facts = Facts { unread, cues, ..facts(upcoming.clone()) };
                                check(&state, &heard, &facts);
                            }
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn every_text_in_every_state_has_an_answer_that_fits_and_reads_back() {
    let voice = voice();
    let mut seen = std::collections::HashSet::new();
    everything(|state, heard, facts| {
        let action = decide(state, heard, facts);
        // The reply follows from these alone.
        if !seen.insert((format!("{state:?}{action:?}"), facts.upcoming.len())) {
            return;
        }
        for outcome in outcomes() {
            let (next, reply) = respond(state, &action, outcome, &voice, facts);
            assert!(!reply.text.is_empty() && reply.text.is_ascii(), "{reply:?}");
            assert!(reply.text.chars().count() <= 480, "{}", reply.text);
            assert_eq!(State::read(&next.write()), next, "stored and read again");
        }
    });
}

#[test]
fn only_a_read_question_can_be_confirmed() {
    everything(|state, heard, facts| {
        let action = decide(state, heard, facts);
        if matches!(action, Action::Book { .. } | Action::Move { .. } | Action::Cancel { .. }) {
            assert!(state.asks_to_confirm(), "{state:?}");
            assert!(!facts.unread);
            assert!(facts.cues.plain_yes || heard.intent == Intent::Cancel, "only a plain yes confirms");
            assert!(
                matches!(heard.intent, Intent::Confirm | Intent::ChooseOption | Intent::Book | Intent::Cancel),
                "{:?}",
                heard.intent
            );
        }
    });
}

#[test]
fn what_is_booked_or_moved_is_what_was_on_the_table() {
    everything(|state, heard, facts| match decide(state, heard, facts) {
        Action::Book { offer } | Action::Move { offer, .. } | Action::Choose { offer, .. } => {
            assert!(state.offers().contains(&offer))
        }
        _ => {}
    });
}

#[test]
fn nothing_is_asked_about_appointments_that_are_not_there() {
    everything(|state, heard, facts| {
        if let Action::AskToCancel { booking } = decide(state, heard, facts) {
            let known = facts.upcoming.contains(&booking)
                || state.write().to_string().contains(&booking.booking_id.to_string());
            assert!(known, "{state:?}");
        }
    });
}

#[test]
fn state_names_are_the_apis() {
    let names: Vec<&str> = states().iter().map(State::name).collect();
    for (state, name) in states().iter().zip(&names) {
        assert_eq!(state.write()["state"], *name);
    }
    for name in [
        "idle",
        "awaiting_info",
        "showing_slots",
        "confirming_booking",
        "confirming_cancel",
        "reschedule_show_slots",
        "confirming_reschedule",
    ] {
        assert!(names.contains(&name));
    }
    assert_eq!(State::read(&serde_json::json!({ "state": "from_the_future", "x": 1 })), State::Idle);
}

#[test]
fn a_yes_with_another_time_is_a_wish_not_a_yes() {
    let state = State::ConfirmingBooking { offer: offer(1, "2026-11-24T15:00:00Z") };
    let same = Understanding { when: Some(time("10:00:00")), ..heard(Intent::Confirm) };
    assert!(matches!(decide(&state, &same, &facts(vec![])), Action::Book { .. }));
    let other = Understanding { when: Some(time("16:00:00")), ..heard(Intent::Confirm) };
    let Action::Find { wanted, .. } = decide(&state, &other, &facts(vec![])) else { panic!("a wish") };
    assert_eq!(
        (wanted.from, wanted.exact),
        (NaiveDate::from_ymd_opt(2026, 11, 24).expect("date"), NaiveTime::from_hms_opt(16, 0, 0))
    );
}

#[test]
fn moving_the_three_oclock_asks_when_and_moving_to_three_oclock_looks() {
    let mine = booking(1, "2026-11-25T20:00:00Z");
    let from = Understanding { when: Some(time("15:00:00")), ..heard(Intent::Reschedule) };
    assert!(matches!(
        decide(&State::Idle, &from, &facts(vec![mine.clone()])),
        Action::Ask { need: Need::NewTime { .. } }
    ));
    let to = Understanding { when: Some(time("16:00:00")), ..heard(Intent::Reschedule) };
    let Action::Find { wanted, .. } = decide(&State::Idle, &to, &facts(vec![mine])) else { panic!("a search") };
    assert_eq!(wanted.from, NaiveDate::from_ymd_opt(2026, 11, 25).expect("date"), "the same day at another time");
}

#[test]
fn of_two_appointments_the_named_one_is_meant() {
    let both = vec![booking(1, "2026-11-25T15:00:00Z"), booking(2, "2026-11-27T16:00:00Z")];
    let friday = Understanding { when: Some(date("2026-11-27")), ..heard(Intent::Cancel) };
    assert_eq!(decide(&State::Idle, &friday, &facts(both.clone())), Action::AskToCancel { booking: both[1].clone() });
    assert!(matches!(
        decide(&State::Idle, &heard(Intent::Cancel), &facts(both)),
        Action::Ask { need: Need::WhichToCancel { .. } }
    ));
}

#[test]
fn wishes_become_stretches_of_days() {
    let now = at("2026-11-21T15:00:00Z").with_timezone(&New_York).naive_local();
    let day = |text: &str| text.parse::<NaiveDate>().expect("date");
    let afternoon = When::DateTimeRange {
        from: Some("2026-11-24T12:00:00".parse().expect("from")),
        until: Some("2026-11-24T17:00:00".parse().expect("until")),
        note: Note::default(),
    };
    let wanted = Wanted::read(&afternoon, now, None);
    assert_eq!((wanted.from, wanted.until), (day("2026-11-24"), day("2026-11-25")));
    assert_eq!(
        wanted.window,
        TimeWindow { from: NaiveTime::from_hms_opt(12, 0, 0), to: NaiveTime::from_hms_opt(17, 0, 0) }
    );
    let past = Wanted::read(
        &When::DateRange { from: Some(day("2026-11-16")), until: Some(day("2026-11-23")), note: Note::default() },
        now,
        None,
    );
    assert_eq!((past.from, past.until), (day("2026-11-21"), day("2026-11-23")), "days gone by are not searched");
    let open = Wanted::read(&time("15:00:00"), now, None);
    assert_eq!(open.until - open.from, TimeDelta::days(HORIZON_DAYS.cast_signed()));
    let late = When::TimeRange {
        from: NaiveTime::from_hms_opt(20, 0, 0),
        until: NaiveTime::from_hms_opt(2, 0, 0),
        note: Note::default(),
    };
    assert_eq!(Wanted::read(&late, now, None).window.to, None, "past midnight leaves the evening open");
}

#[test]
fn few_are_chosen_of_many() {
    let day = |d: u32, count: u32| -> Vec<Offer> {
        (0..count)
            .map(|n| offer(u128::from(d * 100 + n), &format!("2026-11-{d}T{:02}:{:02}:00Z", 14 + n / 2, 30 * (n % 2))))
            .collect()
    };
    let tuesday = day(24, 16);
    let soonest = Wanted::soonest(NaiveDate::from_ymd_opt(2026, 11, 24).expect("date"));
    let starts = |offers: Vec<Offer>| {
        offers.into_iter().map(|o| o.start_time.format("%dT%H:%M").to_string()).collect::<Vec<_>>()
    };
    assert_eq!(starts(choose_offers(&tuesday, &soonest, New_York)), ["24T14:00", "24T16:30", "24T19:00", "24T21:30"]);
    let two_days: Vec<Offer> = tuesday.iter().cloned().chain(day(25, 16)).collect();
    assert_eq!(starts(choose_offers(&two_days, &soonest, New_York)), ["24T14:00", "24T16:00", "25T14:00", "25T16:00"]);
    let exact = |text: &str| Wanted { exact: Some(text.parse().expect("time")), ..soonest.clone() };
    assert_eq!(starts(choose_offers(&two_days, &exact("10:30:00"), New_York)), ["24T15:30"], "the very time, alone");
    assert_eq!(
        starts(choose_offers(&tuesday, &exact("10:45:00"), New_York)),
        ["24T15:00", "24T15:30", "24T16:00", "24T16:30"],
        "nearest, in order of time"
    );
    assert!(choose_offers(&[], &soonest, New_York).is_empty());
}
