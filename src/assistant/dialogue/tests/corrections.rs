//! What stays when a text corrects, rules out or turns down a part of what was said before.

use super::*;

/// What is looked for after a text in a state.
fn looked_for(state: &State, said: &Understanding, facts: &Facts) -> (Goal, Wanted) {
    match decide(state, said, facts) {
        Action::Find { goal, wanted, .. } => (goal, *wanted),
        other => panic!("a search, not {other:?}"),
    }
}

fn asking(start: &str) -> State {
    State::ConfirmingBooking { offer: offer(1, start), table: vec![], details: Details::default() }
}

fn no_cues(upcoming: Vec<BookingRef>) -> Facts {
    Facts { cues: Cues::default(), ..facts(upcoming) }
}

#[test]
fn a_corrected_day_keeps_the_time_and_a_corrected_time_the_day() {
    let state = asking("2026-11-25T20:00:00Z");
    let thursday = Understanding { when: Some(date("2026-11-26")), ..heard(Intent::Deny) };
    let (_, wanted) = looked_for(&state, &thursday, &no_cues(vec![]));
    assert_eq!((wanted.exact, wanted.kept), (NaiveTime::from_hms_opt(15, 0, 0), true));
    let four = Understanding { when: Some(time("16:00:00")), ..heard(Intent::Deny) };
    let (_, wanted) = looked_for(&state, &four, &no_cues(vec![]));
    assert_eq!(wanted.from, NaiveDate::from_ymd_opt(2026, 11, 25).expect("date"));
    let open = Understanding { when: Some(date("2026-11-26")), ..heard(Intent::Availability) };
    assert_eq!(looked_for(&state, &open, &no_cues(vec![])).1.exact, None, "asked what is open, all of it is");
    let mine = vec![booking(1, "2026-11-24T15:00:00Z")];
    let moved = Understanding { when: Some(date("2026-11-25")), ..heard(Intent::Reschedule) };
    let (_, wanted) = looked_for(&State::Idle, &moved, &no_cues(mine));
    assert_eq!((wanted.exact, wanted.kept), (NaiveTime::from_hms_opt(10, 0, 0), true));
}

#[test]
fn the_part_of_the_day_holds_while_only_the_day_changes() {
    let mornings = When::TimeRange { from: None, until: NaiveTime::from_hms_opt(12, 0, 0), note: Note::default() };
    let said = Understanding { when: Some(mornings), ..heard(Intent::Availability) };
    let (goal, wanted) = looked_for(&State::Idle, &said, &no_cues(vec![]));
    assert_eq!(wanted.window.to, NaiveTime::from_hms_opt(12, 0, 0));
    let find = Action::Find { goal, wanted: Box::new(wanted), aside: None };
    let open = vec![offer(1, "2026-11-23T14:00:00Z"), offer(2, "2026-11-24T15:00:00Z")];
    let (state, _) = respond(&State::Idle, &find, Outcome::Open(open), &voice(Language::En), &no_cues(vec![]));
    let tuesday = Understanding { when: Some(date("2026-11-24")), ..heard(Intent::Other) };
    assert_eq!(looked_for(&state, &tuesday, &no_cues(vec![])).1.window.to, NaiveTime::from_hms_opt(12, 0, 0));
    let at_four = Understanding { when: Some(datetime("2026-11-24T16:00:00")), ..heard(Intent::Other) };
    assert_eq!(looked_for(&state, &at_four, &no_cues(vec![])).1.window, TimeWindow::default());
    let later = Facts { cues: Cues { key: Some(Key::Later), ..Cues::default() }, ..facts(vec![]) };
    assert_eq!(looked_for(&state, &heard(Intent::Other), &later).1.window, TimeWindow::default());
}

#[test]
fn a_time_alone_is_on_one_of_the_days_on_the_table() {
    let offers = vec![offer(1, "2026-11-27T14:00:00Z"), offer(2, "2026-11-30T14:00:00Z")];
    let state = State::ShowingSlots { service_id: service(1), offers, details: Details::default() };
    let half_past_four = Understanding { when: Some(time("16:30:00")), ..heard(Intent::Other) };
    let (_, wanted) = looked_for(&state, &half_past_four, &no_cues(vec![]));
    let day = |d| NaiveDate::from_ymd_opt(2026, if d > 1 { 11 } else { 12 }, d).expect("date");
    assert_eq!((wanted.from, wanted.until), (day(27), day(1)));
}

#[test]
fn a_move_keeps_the_person_or_says_who_is_not_free() {
    let mine = BookingRef { provider_id: Some(ProviderId(Uuid::from_u128(2))), ..booking(1, "2026-11-24T15:00:00Z") };
    let said = Understanding { when: Some(datetime("2026-11-27T15:00:00")), ..heard(Intent::Reschedule) };
    let known = no_cues(vec![mine]);
    let action = decide(&State::Idle, &said, &known);
    let Action::Find { wanted, .. } = &action else { panic!("a search") };
    assert_eq!(
        wanted.by_preference().iter().map(|w| w.provider_id).collect::<Vec<_>>(),
        [Some(ProviderId(Uuid::from_u128(2))), None]
    );
    let another = Outcome::Open(vec![offer(1, "2026-11-27T20:00:00Z")]);
    let (_, reply) = respond(&State::Idle, &action, another, &voice(Language::En), &known);
    assert!(reply.text.starts_with("Alex Rivera isn't free then. Move your"), "{reply:?}");
    let named = Facts { provider: Some(ProviderId(Uuid::from_u128(1))), ..known };
    assert_eq!(looked_for(&State::Idle, &said, &named).1.rather, None);
}

#[test]
fn what_is_ruled_out_is_not_offered() {
    let monday = NaiveDate::from_ymd_opt(2026, 11, 23).expect("date");
    let not_monday = Cues { not_on: [true, false, false, false, false, false, false], ..Cues::default() };
    let alex = ProviderId(Uuid::from_u128(1));
    let known = Facts { cues: not_monday, without: Some(alex), ..facts(vec![]) };
    let (_, wanted) = looked_for(&State::Idle, &heard(Intent::Availability), &known);
    let at = |day: NaiveDate| day.and_time(NaiveTime::MIN);
    let sam = ProviderId(Uuid::from_u128(2));
    assert!(!wanted.admits(at(monday), sam) && wanted.admits(at(monday.succ_opt().expect("day")), sam));
    assert!(!wanted.admits(at(monday.succ_opt().expect("day")), alex));
    assert!(wanted.widened(monday).iter().all(|wider| !wider.admits(at(monday), sam)), "nor where nothing fits");
    let only_monday = Understanding { when: Some(date("2026-11-23")), ..heard(Intent::Availability) };
    let (_, wanted) = looked_for(&State::Idle, &only_monday, &known);
    assert!(wanted.until > monday.succ_opt().expect("day"), "the very day ruled out: any other");
}

#[test]
fn an_offer_ruled_out_by_its_day_or_person_is_replaced() {
    let state = asking("2026-11-25T20:00:00Z");
    let not_wednesday = Cues { not_on: [false, false, true, false, false, false, false], ..Cues::default() };
    let known = Facts { cues: not_wednesday, ..facts(vec![]) };
    let (goal, wanted) = looked_for(&state, &heard(Intent::Deny), &known);
    assert_eq!(goal, Goal::book(service(1)));
    let wednesday = at("2026-11-25T20:00:00Z").with_timezone(&New_York).naive_local();
    assert!(!wanted.admits(wednesday, ProviderId(Uuid::from_u128(1))));
    let thursday = Understanding { when: Some(date("2026-11-26")), ..heard(Intent::Deny) };
    assert_eq!(looked_for(&state, &thursday, &known).1.exact, NaiveTime::from_hms_opt(15, 0, 0), "the same time");
    let known = Facts { without: Some(ProviderId(Uuid::from_u128(1))), ..no_cues(vec![]) };
    let (_, wanted) = looked_for(&state, &heard(Intent::Other), &known);
    assert_eq!((wanted.exact, wanted.kept), (NaiveTime::from_hms_opt(15, 0, 0), true));
    assert!(!wanted.admits(wednesday, ProviderId(Uuid::from_u128(1))));
}

#[test]
fn a_time_that_is_turned_down_leaves_service_and_day() {
    let state = asking("2026-11-27T21:00:00Z");
    let refuses = Facts { cues: Cues { refuses: true, ..Cues::default() }, ..facts(vec![]) };
    let (goal, wanted) = looked_for(&state, &heard(Intent::Deny), &refuses);
    assert_eq!(goal, Goal::book(service(1)));
    assert!(!wanted.admits(
        at("2026-11-27T21:00:00Z").with_timezone(&New_York).naive_local(),
        offer(1, "2026-11-27T21:00:00Z").provider_id
    ));
    assert_eq!(decide(&state, &heard(Intent::Deny), &no_cues(vec![])), Action::LetBe);
    let number = Facts { cues: Cues { number: true, ..Cues::default() }, ..facts(vec![]) };
    assert_eq!(
        decide(&state, &heard(Intent::Deny), &number),
        Action::Ask { need: goal.need() },
        "no is not all it says"
    );
}

#[test]
fn the_first_there_is_comes_alone_and_a_time_one_has_is_told_at_once() {
    let first = Facts { cues: Cues { soonest: true, first: true, ..Cues::default() }, ..facts(vec![]) };
    let (goal, wanted) = looked_for(&State::Idle, &heard(Intent::Availability), &first);
    let open = [offer(1, "2026-11-23T14:00:00Z"), offer(2, "2026-11-23T15:00:00Z")];
    assert_eq!(choose_offers(&open, &wanted, New_York), open[..1]);
    let find = Action::Find { goal, wanted: Box::new(wanted), aside: None };
    let theirs = Outcome::AlreadyTheirs(booking(1, "2026-11-23T14:00:00Z"));
    let (state, reply) = respond(&State::Idle, &find, theirs, &voice(Language::En), &first);
    assert_eq!(state, State::Idle);
    assert!(reply.text.starts_with("You already have that"), "{reply:?}");
}

#[test]
fn an_appointment_can_become_another_service_at_its_time() {
    let mine = booking(1, "2026-11-24T15:00:00Z");
    let known = Facts { second: Some(Second::Service(1)), ..no_cues(vec![mine.clone()]) };
    let action = decide(&State::Idle, &heard(Intent::Other), &known);
    let Action::Find { goal, wanted, .. } = &action else { panic!("a search, not {action:?}") };
    assert_eq!((goal.service_id(), wanted.exact), (service(2), NaiveTime::from_hms_opt(10, 0, 0)));
    let haircut =
        Offer { service_id: service(2), service_name: "Haircut".to_owned(), ..offer(1, "2026-11-24T15:00:00Z") };
    let (state, reply) =
        respond(&State::Idle, &action, Outcome::Open(vec![haircut.clone()]), &voice(Language::En), &known);
    assert!(
        reply.text.starts_with("Change your Consultation on Tue Nov 24 at 10:00 AM with Alex Rivera to Haircut: Tue"),
        "{reply:?}"
    );
    let Action::Move { booking, offer } = decide(&state, &heard(Intent::Confirm), &facts(vec![mine.clone()])) else {
        panic!("a move")
    };
    assert_eq!((booking.booking_id, offer.slot_id), (mine.booking_id, haircut.slot_id));
    let asked = asking("2026-11-25T15:00:00Z");
    assert!(!matches!(decide(&asked, &heard(Intent::Other), &known), Action::Find { goal: Goal::Move { .. }, .. }));
}

#[test]
fn a_service_there_is_not_is_answered_with_those_there_are() {
    let known = Facts { cues: Cues { thing: true, ..Cues::default() }, ..facts(vec![]) };
    let friday = Understanding { when: Some(date("2026-11-27")), ..heard(Intent::Book) };
    assert_eq!(decide(&State::Idle, &friday, &known), Action::ListServices);
    let named = Understanding { service: Some(1), ..friday.clone() };
    assert!(matches!(decide(&State::Idle, &named, &known), Action::Find { .. }));
    let only_one = Facts { services: vec![service(1)], ..known };
    assert!(matches!(decide(&State::Idle, &friday, &only_one), Action::Find { .. }));
}

#[test]
fn the_appointment_in_question_named_once_more_is_asked_about_again() {
    let mine = booking(1, "2026-11-24T15:00:00Z");
    let state = State::ConfirmingCancel { booking: mine.clone() };
    let tuesday = Understanding { when: Some(date("2026-11-24")), ..heard(Intent::Reschedule) };
    assert_eq!(decide(&state, &tuesday, &no_cues(vec![mine.clone()])), Action::AskAgain);
    let change = Facts { cues: Cues { change: true, ..Cues::default() }, ..facts(vec![mine]) };
    assert!(matches!(decide(&state, &tuesday, &change), Action::Ask { need: Need::NewTime { .. } }));
}
