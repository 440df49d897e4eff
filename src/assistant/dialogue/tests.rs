//! The dialogue machine, exhaustively: every state, every intent, with and without a time, a choice, an appointment.

mod corrections;
mod searches;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::America::New_York;
use uuid::Uuid;

use super::{
    action::Aside,
    cues::{Act, Key, NoDay},
    second::Part,
    state::{Details, Next},
    wanted::{HORIZON_DAYS, Wish},
    *,
};
use crate::{
    assistant::understanding::{Intent, Language, Note, Understanding, When},
    booking::TimeWindow,
    compliance::guard,
    messaging::segments,
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
    let label = voice(Language::En).time(at(start));
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
        provider_id: Some(ProviderId(Uuid::from_u128(1))),
        provider_name: "Alex Rivera".to_owned(),
        start_time: at(start),
    }
}

fn voice(language: Language) -> Voice {
    Voice {
        business: "Maple Street Studio".to_owned(),
        support_phone: Some("+15005550100".to_owned()),
        tz: New_York,
        services: vec!["Consultation".to_owned(), "Haircut".to_owned()],
        providers: vec!["Alex Rivera".to_owned(), "Sam Chen".to_owned()],
        language,
    }
}

/// Saturday 2026-11-21, 10:00 in New York.
fn facts(upcoming: Vec<BookingRef>) -> Facts {
    Facts {
        now: at("2026-11-21T15:00:00Z"),
        tz: New_York,
        services: vec![service(1), service(2)],
        for_groups: vec![service(2)],
        upcoming,
        unread: false,
        misses: 0,
        second: None,
        cues: Cues { plain_yes: true, ..Cues::default() },
        provider: None,
        without: None,
        nobody: false,
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
        language: Some(Language::En),
        question: false,
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

fn friday_at_two() -> Wish {
    let day = |text: &str| text.parse().expect("day");
    Wish {
        days: Some((day("2026-11-27"), day("2026-11-28"))),
        from: None,
        to: None,
        exact: NaiveTime::from_hms_opt(14, 0, 0),
    }
}

fn and_friday() -> Details {
    Details { provider_id: Some(ProviderId(Uuid::from_u128(2))), window: None, next: Some(next_friday()) }
}

fn next_friday() -> Next {
    Next { wish: friday_at_two(), service_id: Some(service(2)) }
}

fn states() -> Vec<State> {
    let (a, b) = (offer(1, "2026-11-24T15:00:00Z"), offer(2, "2026-11-24T19:00:00Z"));
    let (mine, other) = (booking(1, "2026-11-25T15:00:00Z"), booking(2, "2026-11-27T16:00:00Z"));
    vec![
        State::Idle,
        State::AwaitingReport,
        State::AwaitingInfo { need: Goal::book(service(1)).need() },
        State::AwaitingInfo { need: Need::NewTime { booking: mine.clone() } },
        State::AwaitingInfo { need: Need::WhichToCancel { bookings: vec![mine.clone(), other.clone()] } },
        State::AwaitingInfo { need: Need::WhichToMove { bookings: vec![mine.clone(), other.clone()], wish: None } },
        State::AwaitingInfo {
            need: Need::WhichToMove { bookings: vec![mine.clone(), other.clone()], wish: Some(friday_at_two()) },
        },
        State::ShowingSlots { service_id: service(1), offers: vec![a.clone(), b.clone()], details: Details::default() },
        State::ShowingSlots { service_id: service(1), offers: vec![a.clone()], details: and_friday() },
        State::ConfirmingBooking { offer: a.clone(), table: vec![], details: Details::default() },
        State::ConfirmingBooking { offer: a.clone(), table: vec![a.clone(), b.clone()], details: and_friday() },
        State::ConfirmingCancel { booking: mine.clone() },
        State::ConfirmingCancelAll { bookings: vec![mine.clone(), other] },
        State::RescheduleShowingSlots { booking: mine.clone(), offers: vec![a.clone(), b.clone()] },
        State::ConfirmingReschedule { booking: mine, offer: a.clone(), table: vec![a, b] },
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
        Outcome::NothingFits(vec![long[0].clone()]),
        Outcome::Near(vec![long[0].clone()]),
        Outcome::NothingFits(Vec::new()),
        Outcome::StillOpen,
        Outcome::Lost(long.clone()),
        Outcome::Lost(vec![long[0].clone()]),
        Outcome::Lost(Vec::new()),
        Outcome::DoneOf { done: vec![booking(1, "2026-11-25T15:00:00Z"); 2], gone: Vec::new() },
        Outcome::DoneOf {
            done: vec![booking(1, "2026-11-25T15:00:00Z")],
            gone: vec![booking(2, "2026-11-27T16:00:00Z")],
        },
        Outcome::DoneOf { done: Vec::new(), gone: vec![booking(2, "2026-11-27T16:00:00Z")] },
        Outcome::Done(booking(1, "2026-11-25T15:00:00Z")),
        Outcome::AlreadyTheirs(booking(1, "2026-11-25T15:00:00Z")),
        Outcome::Gone,
    ]
}

fn cues() -> Vec<Cues> {
    let (none, plain) = (Cues::default(), Cues { plain_yes: true, ..Cues::default() });
    vec![
        none,
        plain,
        Cues { key: Some(Key::Confirm), ..plain },
        Cues { key: Some(Key::Another), ..none },
        Cues { key: Some(Key::Earlier), ..none },
        Cues { key: Some(Key::OtherDay), ..none },
        Cues { key: Some(Key::Later), place: Some(usize::MAX), cancels: true, ..none },
        Cues { key: Some(Key::Drop), ..none },
        Cues { change: true, ..none },
        Cues { soonest: true, ..none },
        Cues { arriving: true, ..none },
        Cues { all: true, cancels: true, ..none },
        Cues { both: true, machine: true, ..none },
        Cues { place: Some(1), usual: true, asks: true, ..none },
        Cues { unsure: true, cannot_come: true, answer: true, ..none },
        Cues { no_day: Some(NoDay::NeverWas), ..none },
        Cues { act: Some(Act::Cancel), ..plain },
        Cues { act: Some(Act::Move), theirs: true, ..plain },
        Cues { act: Some(Act::Book), how_are_you: true, ..plain },
        Cues { reaction: true, ..plain },
        Cues { waitlist: true, key: Some(Key::Later), ..none },
        Cues { refuses: true, first: true, not_on: [true, false, false, false, false, false, false], ..none },
        Cues { number: true, counts: true, several: true, ..plain },
        Cues { thinking: true, ..none },
        Cues { small_talk: true, stranger: true, asks_for_services: true, ..none },
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
    let voices = [voice(Language::En), voice(Language::Es)];
    let mut seen = std::collections::HashMap::new();
    everything(|state, heard, facts| {
        let action = decide(state, heard, facts);
        // The reply follows from these alone.
        let known: &mut Vec<Action> = seen.entry((std::ptr::from_ref(state), facts.upcoming.len())).or_default();
        if known.contains(&action) {
            return;
        }
        known.push(action.clone());
        for outcome in outcomes() {
            for (voice, misses) in voices.iter().flat_map(|voice| [(voice, 0), (voice, 1), (voice, 2)]) {
                let facts = Facts { misses, ..facts.clone() };
                let (next, reply) = respond(state, &action, outcome.clone(), voice, &facts);
                assert!(!reply.text.is_empty());
                assert_plain(&reply.text);
                assert_eq!(State::read(&next.write()), next, "stored and read again");
                if let Some(nudge) = voice.nudge(&next) {
                    assert_plain(&nudge);
                }
            }
        }
    });
}

/// Short, in the cheap alphabet, and asking for no word that a carrier swallows.
fn assert_plain(text: &str) {
    let length = text.chars().count();
    assert!(length <= LONGEST, "{text}");
    let parts = if length <= 160 { 1 } else { length.div_ceil(153) };
    assert_eq!(usize::from(segments(text)), parts, "not GSM-7: {text}");
    let lawful =
        text.replace("Reply STOP to get no more texts", "").replace("Responda STOP para no recibir mensajes", "");
    let swallowed = |word: &str| ["YES", "CANCEL", "STOP", "END", "QUIT"].contains(&word);
    assert!(!lawful.split(|c: char| !c.is_alphanumeric()).any(swallowed), "{text}");
    assert_eq!(guard::collisions(text), [], "{text}");
}

#[test]
fn what_is_said_to_everybody_is_plain_too() {
    for voice in [voice(Language::En), voice(Language::Es)] {
        for text in
            [voice.help(), voice.opted_out(), voice.opted_out_of_marketing(), voice.opted_in(), voice.dont_know()]
        {
            assert_plain(&text);
            assert!(text.chars().count() <= 320, "{text}");
        }
        let days = (0..14).map(|n| at("2026-11-24T15:00:00Z") + TimeDelta::days(n));
        for time in days.chain((0..12).map(|n| at("2026-11-24T15:00:00Z") + TimeDelta::days(30 * n))) {
            assert_plain(&voice.time(time));
        }
    }
}

#[test]
fn only_a_read_question_can_be_confirmed() {
    everything(|state, heard, facts| {
        let action = decide(state, heard, facts);
        if matches!(
            action,
            Action::Book { .. } | Action::Move { .. } | Action::Cancel { .. } | Action::CancelAll { .. }
        ) {
            assert!(state.asks_to_confirm(), "{state:?}");
            assert!(!facts.unread);
            assert!(facts.cues.plain_yes || heard.intent == Intent::Cancel, "only a plain yes confirms");
            assert!(
                facts.cues.key == Some(Key::Confirm)
                    || matches!(
                        heard.intent,
                        Intent::Confirm
                            | Intent::ChooseOption
                            | Intent::Book
                            | Intent::Cancel
                            | Intent::Thanks
                            | Intent::Other
                    ),
                "{:?}",
                heard.intent
            );
        }
    });
}

#[test]
fn what_is_booked_moved_or_cancelled_is_what_was_on_the_table() {
    everything(|state, heard, facts| match decide(state, heard, facts) {
        Action::Book { offer, .. } | Action::Move { offer, .. } => assert!(state.offers().contains(&offer)),
        // Only asked about, and only of what was numbered last.
        Action::Choose { offer, .. } => assert!(state.offers().contains(&offer) || state.table().contains(&offer)),
        Action::Cancel { booking } => {
            assert_eq!(*state, State::ConfirmingCancel { booking });
        }
        Action::CancelAll { bookings } => assert_eq!(*state, State::ConfirmingCancelAll { bookings }),
        _ => {}
    });
}

#[test]
fn a_yes_to_something_else_and_a_reaction_confirm_nothing() {
    everything(|state, heard, facts| {
        let action = decide(state, heard, facts);
        let fits = match action {
            Action::Book { .. } => matches!(facts.cues.act, None | Some(Act::Book)),
            Action::Move { .. } => facts.cues.act != Some(Act::Cancel),
            Action::Cancel { .. } | Action::CancelAll { .. } => {
                heard.intent == Intent::Cancel || matches!(facts.cues.act, None | Some(Act::Cancel))
            }
            _ => true,
        };
        assert!(fits, "{state:?}");
        if facts.cues.reaction {
            assert!(matches!(action, Action::Acknowledge | Action::AskAgain), "{action:?}");
        }
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
        "confirming_cancel_all",
        "reschedule_show_slots",
        "confirming_reschedule",
    ] {
        assert!(names.contains(&name));
    }
    assert_eq!(State::read(&serde_json::json!({ "state": "from_the_future", "x": 1 })), State::Idle);
}

#[test]
fn a_yes_with_another_time_is_a_wish_not_a_yes() {
    let state = State::ConfirmingBooking {
        offer: offer(1, "2026-11-24T15:00:00Z"),
        table: vec![],
        details: Details::default(),
    };
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

#[test]
fn dead_ends_are_never_told_in_the_same_words_twice_running() {
    for voice in [voice(Language::En), voice(Language::Es)] {
        for state in states() {
            for action in [Action::AskAgain, Action::NotUnderstood, Action::DontKnow] {
                let said: Vec<String> = (0..5)
                    .map(|misses| {
                        let facts = Facts { misses, ..facts(vec![]) };
                        respond(&state, &action, Outcome::None, &voice, &facts).1.text
                    })
                    .collect();
                assert!(said.windows(2).all(|pair| pair[0] != pair[1]), "{said:?}");
                let person = |text: &String| text.contains("PERSON");
                assert!(said[1..].iter().all(person), "from the second time on, a person can be reached: {said:?}");
                assert_ne!(voice.nudge(&state).as_ref(), said.first(), "other words than the question itself");
            }
        }
    }
}

#[test]
fn states_stored_by_earlier_versions_are_read() {
    let (offer, mine) = (offer(1, "2026-11-24T15:00:00Z"), booking(1, "2026-11-25T15:00:00Z"));
    let read = |state: serde_json::Value| State::read(&state);
    assert_eq!(
        read(serde_json::json!({ "state": "showing_slots", "service_id": service(1), "offers": [offer] })),
        State::ShowingSlots { service_id: service(1), offers: vec![offer.clone()], details: Details::default() }
    );
    assert_eq!(
        read(serde_json::json!({ "state": "confirming_booking", "offer": offer })),
        State::ConfirmingBooking { offer, table: vec![], details: Details::default() }
    );
    assert_eq!(
        read(serde_json::json!({ "state": "awaiting_info", "need": "which_to_move", "bookings": [mine] })),
        State::AwaitingInfo { need: Need::WhichToMove { bookings: vec![mine], wish: None } }
    );
}

#[test]
fn of_several_a_place_in_the_list_or_all_of_them_can_be_cancelled() {
    let both = vec![booking(1, "2026-11-25T15:00:00Z"), booking(2, "2026-11-27T16:00:00Z")];
    let which = State::AwaitingInfo { need: Need::WhichToCancel { bookings: both.clone() } };
    let say = |state: &State, intent: Intent, cues: Cues| {
        decide(state, &heard(intent), &Facts { cues, ..facts(both.clone()) })
    };
    let second = Cues { place: Some(1), cancels: true, ..Cues::default() };
    let all = Cues { all: true, cancels: true, ..Cues::default() };
    assert_eq!(say(&which, Intent::Cancel, second), Action::AskToCancel { booking: both[1].clone() });
    assert_eq!(say(&which, Intent::Other, all), Action::AskToCancelAll { bookings: both.clone() });
    assert_eq!(say(&State::Idle, Intent::Other, all), Action::AskToCancelAll { bookings: both.clone() });
    let confirming = State::ConfirmingCancelAll { bookings: both.clone() };
    let (none, yes) = (Cues::default(), Cues { plain_yes: true, ..Cues::default() });
    assert_eq!(say(&confirming, Intent::Confirm, yes), Action::CancelAll { bookings: both.clone() });
    assert_eq!(
        say(&confirming, Intent::Cancel, second),
        Action::AskToCancel { booking: both[1].clone() },
        "that one only"
    );
    assert_eq!(
        say(&confirming, Intent::Cancel, none),
        Action::AskAgain,
        "all of them is a lot: only when said plainly"
    );
    assert_eq!(say(&confirming, Intent::Deny, none), Action::LetBe);
}

#[test]
fn of_several_the_service_says_which_one() {
    let massage = BookingRef { service_id: service(2), ..booking(2, "2026-11-27T16:00:00Z") };
    let both = vec![booking(1, "2026-11-25T15:00:00Z"), massage.clone()];
    let named = Understanding { service: Some(1), ..heard(Intent::Cancel) };
    assert_eq!(decide(&State::Idle, &named, &facts(both.clone())), Action::AskToCancel { booking: massage.clone() });
    let moved =
        Understanding { service: Some(1), when: Some(datetime("2026-11-25T14:00:00")), ..heard(Intent::Reschedule) };
    let Action::Find { goal, .. } = decide(&State::Idle, &moved, &facts(both)) else { panic!("a search") };
    assert_eq!(goal, Goal::Move { booking: massage }, "the day named is the wish");
}

#[test]
fn who_thinks_about_it_finds_the_question_open() {
    for state in states().into_iter().filter(|state| *state != State::Idle) {
        let facts = Facts { cues: Cues { thinking: true, ..Cues::default() }, ..facts(vec![]) };
        let action = decide(&state, &heard(Intent::Deny), &facts);
        assert_eq!(action, Action::TakeTime);
        let (next, reply) = respond(&state, &action, Outcome::None, &voice(Language::En), &facts);
        assert_eq!(next, state);
        assert!(reply.text.starts_with("OK, take your time."), "{reply:?}");
    }
}

#[test]
fn a_wish_is_kept_while_it_is_asked_which_one_moves() {
    let both = vec![booking(1, "2026-11-25T15:00:00Z"), booking(2, "2026-11-27T16:00:00Z")];
    let said = Understanding { when: Some(datetime("2026-11-27T14:00:00")), ..heard(Intent::Reschedule) };
    let Action::Ask { need } = decide(&State::Idle, &said, &facts(both.clone())) else { panic!("a question") };
    assert_eq!(need, Need::WhichToMove { bookings: both.clone(), wish: Some(friday_at_two()) });
    let (state, reply) =
        respond(&State::Idle, &Action::Ask { need }, Outcome::None, &voice(Language::En), &facts(both.clone()));
    assert!(reply.text.starts_with("Which one should I move to Fri Nov 27 at 2:00 PM?"), "{reply:?}");
    let first = Understanding { choice: Some(0), ..heard(Intent::ChooseOption) };
    let Action::Find { goal, wanted, .. } = decide(&state, &first, &facts(both.clone())) else { panic!("a search") };
    assert_eq!(goal, Goal::Move { booking: both[0].clone() });
    assert_eq!((wanted.from, wanted.exact), (friday_at_two().days.expect("days").0, friday_at_two().exact));
}

#[test]
fn staff_hear_of_who_is_late_and_who_asks_for_them() {
    let say = |intent: Intent, cues: Cues| {
        decide(&State::Idle, &heard(intent), &Facts { cues, ..facts(vec![booking(1, "2026-11-21T15:30:00Z")]) })
    };
    let arriving = Cues { arriving: true, ..Cues::default() };
    assert_eq!(say(Intent::Other, arriving), Action::TellStaff);
    assert!(matches!(say(Intent::Reschedule, arriving), Action::Ask { .. }), "late, and wants another time");
    assert_eq!(say(Intent::Human, Cues::default()), Action::HandOver);
}
