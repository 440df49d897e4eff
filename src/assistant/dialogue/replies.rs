//! From an action's outcome to the next state and the words. Plain GSM-7 characters, under 320 where it can be, never over 480.

use chrono::NaiveTime;

use super::{
    action::{Action, Aside, Facts, Goal},
    cues::NoDay,
    state::{BookingRef, Need, Offer, State},
    voice::{NAMED, Voice},
    wanted::Wanted,
    wording::Lead,
};

/// The longest reply, in characters.
pub const LONGEST: usize = 480;

/// What came of an action in the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing was to be done.
    None,
    /// What is open of what was wished for.
    Open(Vec<Offer>),
    /// The very time is not open; these are nearest.
    Near(Vec<Offer>),
    /// Nothing fits the wish; these come next.
    NothingFits(Vec<Offer>),
    /// The chosen time is still open.
    StillOpen,
    /// The chosen time went to somebody else; these are open.
    Lost(Vec<Offer>),
    /// Done, for this appointment.
    Done(BookingRef),
    /// Of several, those done and those that were not there (any more).
    DoneOf { done: Vec<BookingRef>, gone: Vec<BookingRef> },
    /// The contact has this time already.
    AlreadyTheirs(BookingRef),
    /// The appointment was not there (any more).
    Gone,
}

impl Outcome {
    /// Whether an appointment was made, moved or cancelled.
    pub fn changed(&self) -> bool {
        match self {
            Self::Done(_) => true,
            Self::DoneOf { done, .. } => !done.is_empty(),
            _ => false,
        }
    }
}

/// How a reply behaves beside others of the same turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplyKind {
    /// Says a fact; never dropped.
    Fact,
    /// Asks or offers; only the last one of a turn is sent.
    Prompt,
    /// Small talk, or a question back because too little was said: waits a moment for the rest, gives way to anything else.
    Filler,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub kind: ReplyKind,
    pub text: String,
}

/// The next state and the words for it.
pub fn respond(state: &State, action: &Action, outcome: Outcome, voice: &Voice, facts: &Facts) -> (State, Reply) {
    let words = voice.words();
    match action {
        Action::Find { goal, wanted, aside } => found(state, goal, wanted, *aside, outcome, voice),
        Action::Choose { .. } | Action::Book { .. } | Action::Move { .. } => settled(state, action, outcome, voice),
        Action::Cancel { booking } => match outcome {
            Outcome::Done(_) => (State::Idle, fact((words.cancelled)(&voice.booking(booking)))),
            _ => (State::Idle, prompt(voice.or_call(words.no_longer))),
        },
        Action::CancelAll { bookings } => match outcome {
            Outcome::DoneOf { done, gone } => (State::Idle, fact(all_cancelled(&done, &gone, voice))),
            _ => (State::Idle, fact(all_cancelled(&[], bookings, voice))),
        },
        Action::Ask { need } if matches!(state, State::AwaitingInfo { need: open } if open == need) => {
            (state.clone(), again(state, voice, facts.misses))
        }
        Action::Ask { need } => {
            let asked = question(need, voice);
            // What was offered within the same turn is off the table, and must not be all that is said.
            let kind = if state.offers().is_empty() { asked.kind } else { ReplyKind::Prompt };
            (State::AwaitingInfo { need: need.clone() }, Reply { kind, ..asked })
        }
        Action::AskToCancel { booking } => {
            let next = State::ConfirmingCancel { booking: booking.clone() };
            let question = prompt(confirmation(&next, voice));
            (next, question)
        }
        Action::AskToCancelAll { bookings } => {
            let next = State::ConfirmingCancelAll { bookings: bookings.iter().take(NAMED).cloned().collect() };
            let question = prompt(confirmation(&next, voice));
            (next, question)
        }
        Action::AskForRealDay { goal, why } => no_such_day(state, goal, *why, voice),
        Action::AskAgain => (state.clone(), again(state, voice, facts.misses)),
        Action::DontKnow => dont_know(state, voice, facts.misses),
        Action::NotUnderstood => (State::Idle, filler(not_understood(voice, facts.misses))),
        Action::TakeTime => (state.clone(), filler(take_time(state, voice))),
        Action::LetBe => (State::Idle, prompt(let_be(state, voice))),
        Action::NothingBooked => (State::Idle, prompt(words.nothing_booked)),
        Action::Greet if facts.cues.how_are_you => (State::Idle, filler(words.how_are_you)),
        Action::Greet => (State::Idle, filler((words.greeting)(&voice.business))),
        Action::Acknowledge => (State::Idle, filler(words.acknowledged)),
        Action::NothingAsked => (State::Idle, filler(words.nothing_asked)),
        Action::NothingOffered => (State::Idle, fact(voice.or_call(words.nothing_offered))),
        Action::Goodbye if state.offers().is_empty() => (State::Idle, filler(words.goodbye)),
        // What is on the table stays there for a while.
        Action::Goodbye => (state.clone(), filler(words.goodbye_with_offers)),
        Action::ListBookings => (state.clone(), fact(bookings(&facts.upcoming, voice))),
        Action::Welcome => (state.clone(), filler(words.welcome)),
        Action::Introduce => (state.clone(), fact((words.introduction)(&voice.business))),
        Action::SayMachine => (state.clone(), fact((words.machine)(&voice.business))),
        Action::Help => (state.clone(), fact(voice.help())),
        Action::HandOver => (state.clone(), fact(voice.or_call(words.handed_over))),
        Action::TellStaff => (state.clone(), fact(words.staff_told)),
        Action::ListServices => (state.clone(), fact((words.services)(&voice.services.join(", ")))),
    }
}

impl Voice {
    /// One short line that brings the open question back after something else was answered.
    pub fn nudge(&self, state: &State) -> Option<String> {
        match state {
            State::Idle => None,
            State::AwaitingInfo { need } => Some(question(need, self).text),
            State::AwaitingReport => Some(self.words().report_nudge.to_owned()),
            State::ShowingSlots { .. } | State::RescheduleShowingSlots { .. } => {
                Some(self.words().pick_one_above.to_owned())
            }
            State::ConfirmingBooking { .. }
            | State::ConfirmingReschedule { .. }
            | State::ConfirmingCancel { .. }
            | State::ConfirmingCancelAll { .. } => Some(confirmation(state, self)),
        }
    }
}

fn fact(text: impl Into<String>) -> Reply {
    Reply { kind: ReplyKind::Fact, text: clipped(text.into()) }
}

fn prompt(text: impl Into<String>) -> Reply {
    Reply { kind: ReplyKind::Prompt, text: clipped(text.into()) }
}

fn filler(text: impl Into<String>) -> Reply {
    Reply { kind: ReplyKind::Filler, text: clipped(text.into()) }
}

/// Names are the business's and can be long; the limit holds all the same.
fn clipped(text: String) -> String {
    if text.chars().count() <= LONGEST { text } else { text.chars().take(LONGEST - 3).chain("...".chars()).collect() }
}

/// What came of a time that was chosen or confirmed.
fn settled(state: &State, action: &Action, outcome: Outcome, voice: &Voice) -> (State, Reply) {
    let words = voice.words();
    let (goal, offer) = match action {
        Action::Choose { goal, offer } => (goal.clone(), offer),
        Action::Book { offer, details } => {
            (Goal::Book { service_id: offer.service_id, details: details.clone() }, offer)
        }
        Action::Move { booking, offer } => (Goal::Move { booking: booking.clone() }, offer),
        _ => return (State::Idle, prompt(voice.or_call(words.no_longer))),
    };
    match (action, outcome) {
        (_, Outcome::Lost(offers)) => lost(&goal, offer, offers, voice),
        (_, Outcome::AlreadyTheirs(booking)) => (State::Idle, fact((words.already_theirs)(&voice.booking(&booking)))),
        (Action::Choose { .. }, _) => ask_to_confirm(&goal, offer, state.table(), None, voice),
        (Action::Move { .. }, Outcome::Done(moved)) => (State::Idle, fact((words.moved)(&voice.booking(&moved)))),
        (_, Outcome::Done(booked)) => (State::Idle, fact((words.booked)(&voice.booking(&booked)))),
        _ => (State::Idle, prompt(voice.or_call(words.no_longer))),
    }
}

/// What a search found: one time is asked about at once, several are put on the table.
fn found(
    state: &State,
    goal: &Goal,
    wanted: &Wanted,
    aside: Option<Aside>,
    outcome: Outcome,
    voice: &Voice,
) -> (State, Reply) {
    let words = voice.words();
    let (offers, lead, only) = match outcome {
        Outcome::AlreadyTheirs(theirs) => return (State::Idle, fact((words.already_theirs)(&voice.booking(&theirs)))),
        Outcome::Near(offers) if wanted.kept => (offers, words.lead_open, None),
        Outcome::Open(offers) => (offers, words.lead_open, None),
        Outcome::Near(offers) => (offers, words.lead_near, Some(words.only_near)),
        Outcome::NothingFits(offers) => {
            let (lead, only) = instead(wanted, &offers, voice);
            (offers, lead, Some(only))
        }
        _ => (Vec::new(), words.lead_open, None),
    };
    let aside = aside.map(|aside| match aside {
        Aside::OnePerPerson => words.one_per_person.to_owned(),
        Aside::OneAtATime => words.one_at_a_time.to_owned(),
        Aside::Nobody => (words.nobody)(&voice.providers.join(", ")),
    });
    let aside = aside.or_else(|| with_another(goal, wanted, &offers, voice));
    let before = |text: String| aside.as_ref().map_or_else(|| text.clone(), |aside| format!("{aside} {text}"));
    let (next, reply) = match offers.as_slice() {
        // What was offered before stays on the table.
        [] if wanted.earlier_than.is_some() && !state.offers().is_empty() => {
            return (state.clone(), prompt(format!("{} {}", words.nothing_earlier, open_question(state, voice))));
        }
        [] if wanted.earlier_than.is_some() => (
            State::AwaitingInfo { need: goal.need() },
            prompt(format!("{} {}", words.nothing_earlier, words.ask_other_day)),
        ),
        [] => return (State::Idle, prompt(voice.or_call(words.nothing_soon))),
        [only_one] => ask_to_confirm(goal, only_one, &[], only, voice),
        [first, ..] => offer(goal, &lead(&first.service_name), offers, voice),
    };
    (next, Reply { text: clipped(before(reply.text)), ..reply })
}

/// The one who has the appointment so far is not free at what is offered.
fn with_another(goal: &Goal, wanted: &Wanted, offers: &[Offer], voice: &Voice) -> Option<String> {
    let Goal::Move { booking } = goal else { return None };
    let rather = wanted.rather?;
    let another = !offers.is_empty() && offers.iter().all(|o| o.provider_id != rather);
    another.then(|| (voice.words().not_free)(&booking.provider_name))
}

/// How times are introduced that are not what was wished for: for several, and for one.
fn instead(wanted: &Wanted, offers: &[Offer], voice: &Voice) -> (Lead, &'static str) {
    let words = voice.words();
    if wanted.earlier_than.is_some() {
        return (words.lead_earlier_days, words.only_earlier_days);
    }
    let local = |o: &Offer| o.start_time.with_timezone(&voice.tz).naive_local();
    let in_days = |o: &Offer| (wanted.from..wanted.until).contains(&local(o).date());
    let all = |fits: &dyn Fn(NaiveTime) -> bool| offers.iter().all(|o| in_days(o) && fits(local(o).time()));
    match (wanted.window.from, wanted.window.to) {
        (Some(from), _) if all(&|time| time < from) => (words.lead_latest, words.only_latest),
        (_, Some(to)) if all(&|time| time >= to) => (words.lead_earliest, words.only_earliest),
        _ => (words.lead_next, words.only_next),
    }
}

/// Puts times on the table: numbered, with day and time.
fn offer(goal: &Goal, lead: &str, offers: Vec<Offer>, voice: &Voice) -> (State, Reply) {
    let offers = voice.labelled(offers);
    let text = format!("{lead}:\n{}\n{}", voice.offers(&offers), voice.words().pick_a_number);
    let state = match goal {
        Goal::Book { service_id, details } => {
            State::ShowingSlots { service_id: *service_id, offers, details: details.clone() }
        }
        Goal::Move { booking } => State::RescheduleShowingSlots { booking: booking.clone(), offers },
    };
    (state, prompt(text))
}

fn lost(goal: &Goal, gone: &Offer, offers: Vec<Offer>, voice: &Voice) -> (State, Reply) {
    let words = voice.words();
    let gone = voice.time(gone.start_time);
    match offers.as_slice() {
        [] => (State::Idle, prompt(voice.or_call(&(words.lost_and_nothing_soon)(&gone)))),
        [only] => ask_to_confirm(goal, only, &[], Some(&(words.only_lost)(&gone)), voice),
        [first, ..] => offer(goal, &(words.lead_lost)(&gone, &first.service_name), offers, voice),
    }
}

/// Asks whether one time is wanted, which may have been picked from a `table`.
fn ask_to_confirm(goal: &Goal, offer: &Offer, table: &[Offer], lead: Option<&str>, voice: &Voice) -> (State, Reply) {
    let table = if table.len() > 1 { table.to_vec() } else { Vec::new() };
    let offer = Offer { label: voice.offer(offer), ..offer.clone() };
    let state = match goal {
        Goal::Book { details, .. } => State::ConfirmingBooking { offer, table, details: details.clone() },
        Goal::Move { booking } => State::ConfirmingReschedule { booking: booking.clone(), offer, table },
    };
    let question = confirmation(&state, voice);
    let text = lead.map_or_else(|| question.clone(), |lead| format!("{lead} {question}"));
    (state, prompt(text))
}

/// The question of a state that waits for a yes or no; nothing in any other.
fn confirmation(state: &State, voice: &Voice) -> String {
    let words = voice.words();
    match state {
        State::ConfirmingBooking { offer, .. } => (words.confirm_booking)(&offer.service_name, &voice.offer(offer)),
        State::ConfirmingReschedule { booking, offer, .. } if booking.service_name != offer.service_name => {
            (words.confirm_other_service)(&voice.booking(booking), &offer.service_name, &voice.offer(offer))
        }
        State::ConfirmingReschedule { booking, offer, .. } => {
            (words.confirm_move)(&booking.service_name, &voice.time(booking.start_time), &voice.offer(offer))
        }
        State::ConfirmingCancel { booking } => (words.confirm_cancel)(&voice.booking(booking)),
        State::ConfirmingCancelAll { bookings } => {
            (words.confirm_cancel_all)(bookings.len(), &voice.bookings(bookings))
        }
        State::Idle
        | State::AwaitingInfo { .. }
        | State::AwaitingReport
        | State::ShowingSlots { .. }
        | State::RescheduleShowingSlots { .. } => String::new(),
    }
}

fn question(need: &Need, voice: &Voice) -> Reply {
    let words = voice.words();
    match need {
        Need::Day { .. } => filler(words.ask_day),
        Need::NewTime { booking } => filler((words.ask_new_time)(&voice.booking(booking))),
        Need::WhichToCancel { bookings } => prompt((words.which_to_cancel)(&voice.bookings(bookings))),
        Need::WhichToMove { bookings, wish } => {
            let to = wish.as_ref().and_then(|wish| voice.wish(wish));
            prompt((words.which_to_move)(&voice.bookings(bookings), to.as_deref()))
        }
    }
}

/// What is on the table or in question, without a lead.
fn open_question(state: &State, voice: &Voice) -> String {
    match state {
        State::ShowingSlots { offers, .. } | State::RescheduleShowingSlots { offers, .. } => {
            let words = voice.words();
            format!("{}:\n{}\n{}", words.lead_pick[0], voice.offers(offers), words.pick_a_number)
        }
        _ => voice.nudge(state).unwrap_or_default(),
    }
}

/// Which of three wordings comes after so many texts that led nowhere: never the same one twice running.
pub(super) const fn wording(misses: u8) -> usize {
    match misses {
        0 => 0,
        n => 2 - (n % 2) as usize,
    }
}

/// The open question once more, in other words than the last time; from the second time on with the way to a person.
fn again(state: &State, voice: &Voice, misses: u8) -> Reply {
    let words = voice.words();
    let n = wording(misses);
    let with_person = |text: String| match misses {
        0 => text,
        _ => format!("{text} {}", words.reach_a_person),
    };
    match state {
        State::Idle => filler(not_understood(voice, misses)),
        State::AwaitingReport => filler(with_person(voice.ask_for_report(misses))),
        State::AwaitingInfo { need: Need::Day { .. } } => filler(with_person(words.ask_day_again[n].to_owned())),
        State::AwaitingInfo { need: Need::NewTime { .. } } => {
            filler(with_person(words.ask_new_time_again[n].to_owned()))
        }
        State::AwaitingInfo { need } => {
            prompt(format!("{} {}", with_person(words.which_again[n].to_owned()), question(need, voice).text))
        }
        State::ShowingSlots { offers, .. } | State::RescheduleShowingSlots { offers, .. } => {
            let list = format!("{}:\n{}", words.lead_pick[n], voice.offers(offers));
            prompt(with_person(format!("{list}\n{}", words.pick_a_number)))
        }
        State::ConfirmingBooking { .. } => not_yet(words.not_booked[n], state, voice, with_person),
        State::ConfirmingReschedule { .. } => not_yet(words.not_moved[n], state, voice, with_person),
        State::ConfirmingCancel { .. } | State::ConfirmingCancelAll { .. } => {
            not_yet(words.not_cancelled[n], state, voice, with_person)
        }
    }
}

fn not_yet(lead: &str, state: &State, voice: &Voice, with_person: impl Fn(String) -> String) -> Reply {
    prompt(with_person(format!("{lead} {}", confirmation(state, voice))))
}

fn not_understood(voice: &Voice, misses: u8) -> String {
    let words = voice.words();
    let text = words.not_understood[wording(misses)];
    if misses == 0 { text.to_owned() } else { format!("{text} {}", words.reach_a_person) }
}

/// A question this desk has no answer to; what is open stays open.
fn dont_know(state: &State, voice: &Voice, misses: u8) -> (State, Reply) {
    let again = again(state, voice, misses);
    let text = match voice.nudge(state) {
        _ if misses > 0 => again.text,
        Some(_) if state.asks_to_confirm() => format!("{} {}", voice.dont_know(), again.text),
        Some(nudge) => format!("{} {nudge}", voice.dont_know()),
        None => voice.dont_know(),
    };
    (state.clone(), Reply { text: clipped(text), ..again })
}

/// The day named cannot be had. What is on the table stays there.
fn no_such_day(state: &State, goal: &Goal, why: NoDay, voice: &Voice) -> (State, Reply) {
    let words = voice.words();
    let why = match why {
        NoDay::Passed => words.day_passed,
        NoDay::NeverWas => words.no_such_day,
    };
    if state.offers().is_empty() {
        let next = State::AwaitingInfo { need: goal.need() };
        return (next, prompt(format!("{why} {}", words.ask_other_day)));
    }
    (state.clone(), prompt(format!("{why} {}", voice.nudge(state).unwrap_or_default())))
}

fn all_cancelled(done: &[BookingRef], gone: &[BookingRef], voice: &Voice) -> String {
    let words = voice.words();
    match (done, gone) {
        ([], _) => voice.or_call(words.no_longer),
        (_, []) => (words.all_cancelled)(&voice.bookings(done)),
        _ => {
            format!("{}\n{}", (words.gone_already)(&voice.bookings(gone)), (words.all_cancelled)(&voice.bookings(done)))
        }
    }
}

fn bookings(upcoming: &[BookingRef], voice: &Voice) -> String {
    let words = voice.words();
    match upcoming {
        [] => words.no_appointment.to_owned(),
        [one] => (words.appointment)(&voice.booking(one)),
        several => (words.appointments)(&voice.bookings(several)),
    }
}

/// What is open, without haste.
fn take_time(state: &State, voice: &Voice) -> String {
    let words = voice.words();
    match state {
        State::ShowingSlots { .. } | State::RescheduleShowingSlots { .. } => words.take_time_with_offers.to_owned(),
        _ => format!("{} {}", words.take_time, voice.nudge(state).unwrap_or_default()).trim_end().to_owned(),
    }
}

fn let_be(state: &State, voice: &Voice) -> String {
    let words = voice.words();
    match state {
        State::ConfirmingCancel { booking }
        | State::ConfirmingReschedule { booking, .. }
        | State::RescheduleShowingSlots { booking, .. }
        | State::AwaitingInfo { need: Need::NewTime { booking } } => (words.kept)(&voice.booking(booking)),
        State::AwaitingInfo { need: Need::WhichToCancel { .. } | Need::WhichToMove { .. } }
        | State::ConfirmingCancelAll { .. } => words.nothing_changed.to_owned(),
        State::AwaitingReport => words.report_dropped.to_owned(),
        State::Idle | State::AwaitingInfo { .. } | State::ShowingSlots { .. } | State::ConfirmingBooking { .. } => {
            words.let_be.to_owned()
        }
    }
}
