//! From wishes to searches: earlier, windows, several times in one text, days that cannot be had.

use super::*;

#[test]
fn earlier_means_before_what_is_on_the_table_and_keeps_it_where_nothing_is() {
    let state = State::ConfirmingBooking {
        offer: offer(1, "2026-11-24T19:00:00Z"),
        table: vec![],
        details: Details::default(),
    };
    let facts = Facts { cues: Cues { key: Some(Key::Earlier), ..Cues::default() }, ..facts(vec![]) };
    let action = decide(&state, &heard(Intent::Other), &facts);
    let Action::Find { wanted, .. } = &action else { panic!("a search") };
    let (from, to) = instants(wanted, New_York);
    assert_eq!((from, to), (at("2026-11-24T05:00:00Z"), at("2026-11-24T19:00:00Z")), "that day, before 2 pm");
    let [before] = wanted.widened(facts.local_now().date()).try_into().expect("one wider wish");
    assert_eq!(instants(&before, New_York).1, at("2026-11-24T05:00:00Z"), "then the days before");
    let (next, reply) = respond(&state, &action, Outcome::NothingFits(Vec::new()), &voice(Language::En), &facts);
    assert_eq!(next, state);
    assert!(reply.text.starts_with("Nothing earlier is open. Consultation:"), "{reply:?}");
}

#[test]
fn a_window_nobody_works_in_is_answered_with_its_end_of_the_day() {
    let day: NaiveDate = "2026-11-24".parse().expect("day");
    let open: Vec<Offer> =
        (0..16).map(|n| offer(n, &format!("2026-11-24T{:02}:{:02}:00Z", 14 + n / 2, 30 * (n % 2)))).collect();
    let window = |from: Option<&str>, to: Option<&str>| TimeWindow {
        from: from.map(|t| t.parse().expect("time")),
        to: to.map(|t| t.parse().expect("time")),
    };
    let say = |window: TimeWindow| {
        let wanted = Wanted { window, ..Wanted::on(day) };
        let near = &wanted.widened(day)[1];
        let offers = choose_offers(&open, near, New_York);
        let find = Action::Find { goal: Goal::book(service(1)), wanted: Box::new(wanted), aside: None };
        let outcome = Outcome::NothingFits(offers);
        respond(&State::Idle, &find, outcome, &voice(Language::En), &facts(vec![])).1.text
    };
    let late = say(window(Some("18:00:00"), None));
    assert!(
        late.starts_with("We have nothing that late. Latest for Consultation:\n1) Tue Nov 24 at 3:00 PM"),
        "{late}"
    );
    assert!(late.contains("4) Tue Nov 24 at 4:30 PM"), "{late}");
    let early = say(window(None, Some("08:00:00")));
    assert!(
        early.starts_with("We have nothing that early. Earliest for Consultation:\n1) Tue Nov 24 at 9:00 AM"),
        "{early}"
    );
}

#[test]
fn two_appointments_in_one_text_come_one_after_the_other() {
    let said = Understanding { when: Some(datetime("2026-11-24T10:00:00")), ..heard(Intent::Book) };
    let tuesday = Wish::read(&datetime("2026-11-24T10:00:00"), at("2026-11-21T15:00:00Z").date_naive());
    let first = Part { wish: tuesday, service: None };
    let next = Part { wish: friday_at_two(), service: Some(1) };
    let facts = Facts { second: Some(Second::And { first, next }), ..facts(vec![]) };
    let Action::Find { goal, aside, .. } = decide(&State::Idle, &said, &facts) else { panic!("a search") };
    assert_eq!(aside, Some(Aside::OneAtATime));
    let choose = Action::Choose { goal, offer: offer(1, "2026-11-24T15:00:00Z") };
    let (state, _) = respond(&State::Idle, &choose, Outcome::StillOpen, &voice(Language::En), &facts);
    let yes = Facts { second: None, cues: Cues { plain_yes: true, ..Cues::default() }, ..facts };
    let book = decide(&state, &heard(Intent::Confirm), &yes);
    let done = Outcome::Done(booking(1, "2026-11-24T15:00:00Z"));
    let Some(Action::Find { wanted, goal, .. }) = follow_up(&book, &done, &yes) else { panic!("the second") };
    assert_eq!((wanted.exact, goal), (friday_at_two().exact, Goal::book(service(2))));
    assert_eq!(follow_up(&book, &Outcome::Gone, &yes), None);
}

#[test]
fn days_gone_by_are_not_searched_and_the_table_stays() {
    let past = Understanding { when: Some(date("2026-11-20")), ..heard(Intent::Book) };
    assert!(matches!(decide(&State::Idle, &past, &facts(vec![])), Action::AskForRealDay { why: NoDay::Passed, .. }));
    let state = State::ShowingSlots {
        service_id: service(1),
        offers: vec![offer(1, "2026-11-24T15:00:00Z")],
        details: Details::default(),
    };
    let action = decide(&state, &past, &facts(vec![]));
    let (next, reply) = respond(&state, &action, Outcome::None, &voice(Language::En), &facts(vec![]));
    assert_eq!(next, state);
    assert!(reply.text.starts_with("That day has passed."), "{reply:?}");
}

#[test]
fn a_move_with_both_ends_needs_no_question_which_one() {
    let both = vec![booking(1, "2026-11-25T15:00:00Z"), booking(2, "2026-11-27T16:00:00Z")];
    let day = |text: &str| {
        let day: NaiveDate = text.parse().expect("day");
        Some((day, day.succ_opt().expect("next day")))
    };
    let wish = |days| Wish { days, from: None, to: None, exact: None };
    let moved = |from| {
        let second = Some(Second::Moved { from: wish(day(from)), to: wish(day("2026-11-30")) });
        decide(&State::Idle, &heard(Intent::Reschedule), &Facts { second, ..facts(both.clone()) })
    };
    let Action::Find { goal, wanted, .. } = moved("2026-11-27") else { panic!("a search") };
    assert_eq!((goal, wanted.from), (Goal::Move { booking: both[1].clone() }, day("2026-11-30").expect("day").0));
    assert!(matches!(moved("2026-11-26"), Action::Ask { .. }), "none is on that day");
}

#[test]
fn another_of_the_times_on_the_table_can_be_named_while_one_is_in_question() {
    let (a, b) = (offer(1, "2026-11-24T15:00:00Z"), offer(2, "2026-11-24T19:00:00Z"));
    let showing =
        State::ShowingSlots { service_id: service(1), offers: vec![a.clone(), b.clone()], details: Details::default() };
    let choose = Action::Choose { goal: Goal::book(service(1)), offer: a };
    let (state, _) = respond(&showing, &choose, Outcome::StillOpen, &voice(Language::En), &facts(vec![]));
    let second = Facts { cues: Cues { place: Some(1), answer: true, ..Cues::default() }, ..facts(vec![]) };
    assert_eq!(
        decide(&state, &heard(Intent::Other), &second),
        Action::Choose { goal: Goal::book(service(1)), offer: b }
    );
    let first = Facts { cues: Cues { place: Some(0), answer: true, ..Cues::default() }, ..facts(vec![]) };
    assert_eq!(decide(&state, &heard(Intent::Other), &first), Action::AskAgain, "a number is no yes");
}
