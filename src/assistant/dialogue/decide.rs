//! From what was heard to what to do. Pure and total: every state answers every text.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use chrono_tz::Tz;

use super::{
    cues::{Command, Cues, Key},
    state::{BookingRef, Need, Offer, State},
    wanted::Wanted,
};
use crate::{
    assistant::understanding::{Intent, Understanding, When},
    platform::ids::{ProviderId, ServiceId},
};

/// What a new time is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Goal {
    /// A new appointment of this service.
    Book { service_id: ServiceId },
    /// Another time for an existing one.
    Move { booking: BookingRef },
}

impl Goal {
    pub fn service_id(&self) -> ServiceId {
        match self {
            Self::Book { service_id } => *service_id,
            Self::Move { booking } => booking.service_id,
        }
    }
}

/// What the world looks like when a text is read.
#[derive(Clone, Debug)]
pub struct Facts {
    pub now: DateTime<Utc>,
    /// The wall clock the contact is spoken to in.
    pub tz: Tz,
    /// Services that can be booked, the default first.
    pub services: Vec<ServiceId>,
    /// The contact's coming appointments, soonest first.
    pub upcoming: Vec<BookingRef>,
    /// The state was entered within this very turn: the contact has not read its question yet.
    pub unread: bool,
    /// What the words of the text say beyond its intent.
    pub cues: Cues,
    /// The provider the text names.
    pub provider: Option<ProviderId>,
}

impl Facts {
    pub fn local_now(&self) -> NaiveDateTime {
        self.local(self.now)
    }

    pub fn local(&self, at: DateTime<Utc>) -> NaiveDateTime {
        at.with_timezone(&self.tz).naive_local()
    }
}

/// What to do about a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Look for open times and offer them.
    Find {
        goal: Goal,
        wanted: Wanted,
    },
    /// A time was chosen: make sure it is still open, and ask to confirm.
    Choose {
        goal: Goal,
        offer: Offer,
    },
    Book {
        offer: Offer,
    },
    Move {
        booking: BookingRef,
        offer: Offer,
    },
    Cancel {
        booking: BookingRef,
    },
    /// Ask for what is missing.
    Ask {
        need: Need,
    },
    AskToCancel {
        booking: BookingRef,
    },
    /// The question stays; say it again.
    AskAgain,
    /// Name the coming appointments.
    ListBookings,
    /// A nod, where nothing is open.
    Acknowledge,
    /// Say who this is.
    Introduce,
    /// There is nothing to cancel or move.
    NothingBooked,
    ListServices,
    /// The contact lets it be; an appointment that was in question stays.
    LetBe,
    Greet,
    Welcome,
    Goodbye,
    Help,
    HandOver,
    /// Bookings cannot be made: no service is set up.
    NothingOffered,
    NotUnderstood,
}

impl Action {
    /// For the record of the turn.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Find { .. } => "find_times",
            Self::Choose { .. } => "choose_time",
            Self::Book { .. } => "book",
            Self::Move { .. } => "reschedule",
            Self::Cancel { .. } => "cancel",
            Self::Ask { .. } => "ask",
            Self::AskToCancel { .. } => "ask_to_cancel",
            Self::AskAgain => "ask_again",
            Self::ListBookings => "list_appointments",
            Self::Acknowledge => "acknowledge",
            Self::Introduce => "introduce",
            Self::NothingBooked => "nothing_booked",
            Self::ListServices => "list_services",
            Self::LetBe => "let_be",
            Self::Greet => "greet",
            Self::Welcome => "welcome",
            Self::Goodbye => "goodbye",
            Self::Help => "help",
            Self::HandOver => "hand_over",
            Self::NothingOffered => "nothing_offered",
            Self::NotUnderstood => "not_understood",
        }
    }
}

/// Decides what to do about a text heard in `state`.
pub fn decide(state: &State, heard: &Understanding, facts: &Facts) -> Action {
    let mut action = by_key(state, facts)
        .or_else(|| by_command(state, facts))
        .or_else(|| soonest(state, facts))
        .or_else(|| in_state(state, heard, facts))
        .unwrap_or_else(|| from_anywhere(state, heard, facts));
    if let Action::Find { wanted, .. } = &mut action {
        wanted.provider_id = facts.provider;
    }
    action
}

/// What the time that is looked for, on the table or in question is for.
fn goal_of(state: &State) -> Option<Goal> {
    match state {
        State::AwaitingInfo { need: Need::Day { service_id } } | State::ShowingSlots { service_id, .. } => {
            Some(Goal::Book { service_id: *service_id })
        }
        State::ConfirmingBooking { offer } => Some(Goal::Book { service_id: offer.service_id }),
        State::AwaitingInfo { need: Need::NewTime { booking } }
        | State::RescheduleShowingSlots { booking, .. }
        | State::ConfirmingReschedule { booking, .. } => Some(Goal::Move { booking: booking.clone() }),
        State::Idle | State::AwaitingInfo { .. } | State::ConfirmingCancel { .. } => None,
    }
}

/// The letters our questions offer: they mean one thing each, whatever else could be read into them.
fn by_key(state: &State, facts: &Facts) -> Option<Action> {
    let offers = state.offers();
    match (facts.cues.key?, goal_of(state)) {
        (Key::Drop, _) if *state != State::Idle => Some(Action::LetBe),
        (Key::Another, Some(goal)) if !offers.is_empty() => Some(more_after(&goal, offers, facts)),
        (Key::Confirm, _) if offers.len() > 1 => Some(Action::AskAgain),
        (Key::Confirm | Key::Another, _) if matches!(state, State::AwaitingInfo { .. }) => Some(Action::AskAgain),
        _ => None,
    }
}

/// The single words that HELP names.
fn by_command(state: &State, facts: &Facts) -> Option<Action> {
    match facts.cues.command? {
        Command::When => Some(Action::ListBookings),
        Command::Book | Command::Change if *state != State::Idle => None,
        Command::Book => {
            let need = facts.services.first().map(|service_id| Need::Day { service_id: *service_id });
            Some(need.map_or(Action::NothingOffered, |need| Action::Ask { need }))
        }
        Command::Change => Some(match facts.upcoming.as_slice() {
            [] => Action::NothingBooked,
            [only] => Action::Ask { need: Need::NewTime { booking: only.clone() } },
            several => Action::Ask { need: Need::WhichToMove { bookings: several.to_vec() } },
        }),
    }
}

/// "Any time": the first of what is on the table, or of all there is.
fn soonest(state: &State, facts: &Facts) -> Option<Action> {
    if !facts.cues.soonest || state.asks_to_confirm() {
        return None;
    }
    let goal = match state {
        State::Idle => Goal::Book { service_id: *facts.services.first()? },
        _ => goal_of(state)?,
    };
    Some(match state.offers().first() {
        Some(offer) => Action::Choose { goal, offer: offer.clone() },
        None => Action::Find { goal, wanted: Wanted::soonest(facts.local_now().date()) },
    })
}

/// What the text means because of what was asked.
fn in_state(state: &State, heard: &Understanding, facts: &Facts) -> Option<Action> {
    match state {
        State::Idle => None,
        State::AwaitingInfo { need } => awaiting(need, heard, facts),
        State::ShowingSlots { service_id, offers } => {
            let service_id = named_service(heard, facts).unwrap_or(*service_id);
            choosing(&Goal::Book { service_id }, offers, heard, facts)
        }
        State::RescheduleShowingSlots { booking, offers } => {
            choosing(&Goal::Move { booking: booking.clone() }, offers, heard, facts)
        }
        State::ConfirmingBooking { offer } => {
            let goal = Goal::Book { service_id: offer.service_id };
            confirming(&goal, offer, Action::Book { offer: offer.clone() }, heard, facts)
        }
        State::ConfirmingReschedule { booking, offer } => {
            let action = Action::Move { booking: booking.clone(), offer: offer.clone() };
            confirming(&Goal::Move { booking: booking.clone() }, offer, action, heard, facts)
        }
        State::ConfirmingCancel { booking } => match heard.intent {
            Intent::Confirm | Intent::Cancel if facts.unread => Some(Action::AskAgain),
            Intent::Confirm if !facts.cues.plain_yes => Some(Action::AskAgain),
            Intent::Confirm | Intent::Cancel => Some(Action::Cancel { booking: booking.clone() }),
            Intent::Deny => Some(Action::LetBe),
            Intent::Reschedule => Some(move_to(booking, heard, facts, None)),
            _ => None,
        },
    }
}

fn awaiting(need: &Need, heard: &Understanding, facts: &Facts) -> Option<Action> {
    match need {
        Need::Day { service_id } => {
            let goal = Goal::Book { service_id: named_service(heard, facts).unwrap_or(*service_id) };
            wish(goal, heard, facts, None).or(matches!(heard.intent, Intent::Deny).then_some(Action::LetBe))
        }
        Need::NewTime { booking } => match heard.intent {
            Intent::Deny => Some(Action::LetBe),
            Intent::Cancel => None,
            _ => wish(Goal::Move { booking: booking.clone() }, heard, facts, None),
        },
        Need::WhichToCancel { bookings } => match pick_booking(bookings, heard, facts) {
            Some(booking) => Some(Action::AskToCancel { booking: booking.clone() }),
            None => matches!(heard.intent, Intent::Deny).then_some(Action::LetBe),
        },
        Need::WhichToMove { bookings } => match pick_booking(bookings, heard, facts) {
            Some(booking) => Some(Action::Ask { need: Need::NewTime { booking: booking.clone() } }),
            None => matches!(heard.intent, Intent::Deny).then_some(Action::LetBe),
        },
    }
}

/// A wish for a time, where one can be heard in the text.
fn wish(goal: Goal, heard: &Understanding, facts: &Facts, day: Option<NaiveDate>) -> Option<Action> {
    // "Any time", "whenever": the soonest.
    let heard_one = heard.when.is_some() || heard.intent == Intent::Availability;
    heard_one
        .then(|| Action::Find { goal, wanted: wanted_or(heard, facts, day, Wanted::soonest(facts.local_now().date())) })
}

/// What the text says of time, on `day` where it names none; `otherwise` where it says nothing of time.
fn wanted_or(heard: &Understanding, facts: &Facts, day: Option<NaiveDate>, otherwise: Wanted) -> Wanted {
    heard.when.as_ref().map_or(otherwise, |when| Wanted::read(when, facts.local_now(), day))
}

/// Some times are on the table.
fn choosing(goal: &Goal, offers: &[Offer], heard: &Understanding, facts: &Facts) -> Option<Action> {
    let chosen = heard.choice.and_then(|n| offers.get(n));
    let day = common_day(offers, facts);
    let same_wish = || {
        let that_day = day.map_or_else(|| Wanted::soonest(facts.local_now().date()), Wanted::on);
        Some(Action::Find { goal: goal.clone(), wanted: wanted_or(heard, facts, day, that_day) })
    };
    // Another service: the same wish for it.
    if let Goal::Book { service_id } = goal
        && offers.iter().any(|o| o.service_id != *service_id)
        && chosen.is_none()
    {
        return same_wish();
    }
    match (heard.intent, chosen) {
        (Intent::Lookup | Intent::Help | Intent::Human | Intent::Thanks | Intent::Goodbye, _) => None,
        (Intent::Cancel, _) if facts.upcoming.is_empty() || heard.when.is_none() => match goal {
            Goal::Book { .. } if facts.upcoming.is_empty() => Some(Action::LetBe),
            _ => None,
        },
        (_, Some(offer)) => Some(Action::Choose { goal: goal.clone(), offer: offer.clone() }),
        (Intent::Confirm, None) => match offers {
            [only] => Some(Action::Choose { goal: goal.clone(), offer: only.clone() }),
            _ => Some(Action::AskAgain),
        },
        (Intent::Deny, None) if heard.when.is_none() => Some(ask_for_time(goal)),
        (Intent::Availability, None) if heard.when.is_none() => Some(more_after(goal, offers, facts)),
        (Intent::Reschedule, None) if heard.when.is_none() && matches!(goal, Goal::Move { .. }) => {
            Some(more_after(goal, offers, facts))
        }
        // "Anything with Sam?"
        (_, None) if heard.when.is_none() && facts.provider.is_some() => same_wish(),
        (Intent::Cancel | Intent::Greeting, None) => None,
        _ => wish(goal.clone(), heard, facts, day),
    }
}

/// One time is on the table and a yes is asked for.
fn confirming(goal: &Goal, offer: &Offer, yes: Action, heard: &Understanding, facts: &Facts) -> Option<Action> {
    let start = facts.local(offer.start_time);
    let day = Some(start.date());
    // Another service or another person, at the same time unless another is named.
    let service = named_service(heard, facts).filter(|s| *s != offer.service_id && matches!(goal, Goal::Book { .. }));
    let provider = facts.provider.filter(|p| *p != offer.provider_id);
    if service.is_some() || provider.is_some() {
        let same_time = Wanted { exact: Some(start.time()), ..Wanted::on(start.date()) };
        let wanted = wanted_or(heard, facts, day, same_time);
        let goal = service.map_or_else(|| goal.clone(), |service_id| Goal::Book { service_id });
        return Some(Action::Find { goal, wanted });
    }
    match heard.intent {
        // "Yes, 3 pm" says the offered time once more; "yes but at 4" wishes for another.
        Intent::Confirm | Intent::ChooseOption | Intent::Book
            if !wishes_otherwise(heard.when.as_ref(), offer, facts) =>
        {
            // A yes sent before the question could be read confirms nothing.
            if facts.unread || !facts.cues.plain_yes { Some(Action::AskAgain) } else { Some(yes) }
        }
        Intent::Reschedule | Intent::Availability if heard.when.is_none() => {
            Some(more_after(goal, std::slice::from_ref(offer), facts))
        }
        Intent::Deny if heard.when.is_none() => Some(Action::LetBe),
        Intent::Cancel if facts.upcoming.is_empty() || matches!(goal, Goal::Move { .. }) && heard.when.is_none() => {
            Some(Action::LetBe)
        }
        Intent::Thanks | Intent::Goodbye => Some(Action::AskAgain),
        Intent::Cancel | Intent::Lookup | Intent::Help | Intent::Human | Intent::Greeting => None,
        _ => wish(goal.clone(), heard, facts, day),
    }
}

/// Whether the text names a time that the offer is not.
fn wishes_otherwise(when: Option<&When>, offer: &Offer, facts: &Facts) -> bool {
    let Some(when) = when else { return false };
    let start = facts.local(offer.start_time);
    let other_day = when.date_bounds().is_some_and(|(from, until)| {
        from.is_some_and(|d| start.date() < d) || until.is_some_and(|d| start.date() >= d)
    });
    let other_time = match when.time() {
        Some(time) => start.time() != time,
        None => when.time_bounds().is_some_and(|(from, to)| {
            from.is_some_and(|t| start.time() < t)
                || to.is_some_and(|t| t != chrono::NaiveTime::MIN && start.time() >= t)
        }),
    };
    other_day || other_time
}

/// What the text means whatever was asked.
fn from_anywhere(state: &State, heard: &Understanding, facts: &Facts) -> Action {
    let service = named_service(heard, facts).or_else(|| facts.services.first().copied());
    if facts.cues.asks_for_services && !matches!(heard.intent, Intent::Human | Intent::Cancel | Intent::Reschedule) {
        return Action::ListServices;
    }
    if facts.cues.stranger {
        return Action::Introduce;
    }
    // "Make it 4 pm", said by somebody who has an appointment: that one is meant.
    let changes = facts.cues.change && *state == State::Idle && heard.when.is_some();
    if changes
        && matches!(
            heard.intent,
            Intent::Book | Intent::Availability | Intent::Other | Intent::Confirm | Intent::ChooseOption
        )
        && let [only] = facts.upcoming.as_slice()
    {
        return move_to(only, heard, facts, None);
    }
    match heard.intent {
        Intent::Lookup => Action::ListBookings,
        Intent::Help => Action::Help,
        Intent::Human => Action::HandOver,
        Intent::Thanks => Action::Welcome,
        Intent::Goodbye => Action::Goodbye,
        Intent::Cancel => match which_booking(heard, facts) {
            Which::None => {
                if *state == State::Idle {
                    Action::NothingBooked
                } else {
                    Action::LetBe
                }
            }
            Which::One(booking) => Action::AskToCancel { booking: booking.clone() },
            Which::Several => Action::Ask { need: Need::WhichToCancel { bookings: facts.upcoming.clone() } },
        },
        // "What about Wednesday instead?", with nothing booked: a wish like any other.
        Intent::Reschedule if facts.upcoming.is_empty() && heard.when.is_some() && !facts.services.is_empty() => {
            let goal = Goal::Book { service_id: service.unwrap_or(facts.services[0]) };
            Action::Find { goal, wanted: wanted_or(heard, facts, None, Wanted::soonest(facts.local_now().date())) }
        }
        Intent::Reschedule => match which_booking(heard, facts) {
            Which::None => Action::NothingBooked,
            Which::One(booking) => move_to(booking, heard, facts, None),
            Which::Several => Action::Ask { need: Need::WhichToMove { bookings: facts.upcoming.clone() } },
        },
        intent => {
            let Some(service_id) = service else {
                return Action::NothingOffered;
            };
            let goal = Goal::Book { service_id };
            match (intent, &heard.when) {
                (Intent::Greeting, None) if *state == State::Idle => Action::Greet,
                (Intent::Deny, None) if *state == State::Idle => Action::Acknowledge,
                (_, None) if *state == State::Idle && facts.cues.small_talk => Action::Acknowledge,
                (Intent::Book, None) => Action::Ask { need: Need::Day { service_id } },
                (Intent::Availability, None) => {
                    Action::Find { goal, wanted: Wanted::soonest(facts.local_now().date()) }
                }
                (_, Some(when)) if *state == State::Idle || matches!(intent, Intent::Book | Intent::Availability) => {
                    Action::Find { goal, wanted: Wanted::read(when, facts.local_now(), None) }
                }
                (_, _) if *state != State::Idle => Action::AskAgain,
                (Intent::Confirm, None) if !facts.upcoming.is_empty() => Action::ListBookings,
                _ => Action::NotUnderstood,
            }
        }
    }
}

enum Which<'a> {
    None,
    One(&'a BookingRef),
    Several,
}

/// The appointment the text is about: the only one, or the one whose day or time it names.
fn which_booking<'a>(heard: &Understanding, facts: &'a Facts) -> Which<'a> {
    match facts.upcoming.as_slice() {
        [] => Which::None,
        [only] => Which::One(only),
        several => pick_booking(several, heard, facts).map_or(Which::Several, Which::One),
    }
}

fn pick_booking<'a>(bookings: &'a [BookingRef], heard: &Understanding, facts: &Facts) -> Option<&'a BookingRef> {
    if let Some(booking) = heard.choice.and_then(|n| bookings.get(n)) {
        return Some(booking);
    }
    let when = heard.when.as_ref()?;
    let fits = |b: &&BookingRef| {
        let start = facts.local(b.start_time);
        let day = when.date_bounds().is_none_or(|(from, until)| {
            from.is_none_or(|d| start.date() >= d) && until.is_none_or(|d| start.date() < d)
        });
        day && when.time().is_none_or(|t| start.time() == t)
    };
    let mut fitting = bookings.iter().filter(fits);
    match (fitting.next(), fitting.next()) {
        (Some(one), None) => Some(one),
        _ => None,
    }
}

/// A move: straight to times where the text names another one than the appointment has.
fn move_to(booking: &BookingRef, heard: &Understanding, facts: &Facts, day: Option<NaiveDate>) -> Action {
    let start = facts.local(booking.start_time);
    match &heard.when {
        // "Move my 3 pm", "reschedule Friday's": that is the appointment, not the wish.
        Some(when)
            if when.time().is_none_or(|t| t == start.time()) && when.date().is_none_or(|d| d == start.date()) =>
        {
            match when.date_bounds() {
                Some((Some(from), _)) if from > start.date() => find_move(booking, when, facts, day),
                None if when.time().is_none() => find_move(booking, when, facts, Some(start.date())),
                _ => Action::Ask { need: Need::NewTime { booking: booking.clone() } },
            }
        }
        Some(when) => find_move(booking, when, facts, day.or(Some(start.date()))),
        None => Action::Ask { need: Need::NewTime { booking: booking.clone() } },
    }
}

fn find_move(booking: &BookingRef, when: &When, facts: &Facts, day: Option<NaiveDate>) -> Action {
    Action::Find { goal: Goal::Move { booking: booking.clone() }, wanted: Wanted::read(when, facts.local_now(), day) }
}

fn ask_for_time(goal: &Goal) -> Action {
    Action::Ask {
        need: match goal {
            Goal::Book { service_id } => Need::Day { service_id: *service_id },
            Goal::Move { booking } => Need::NewTime { booking: booking.clone() },
        },
    }
}

/// Times after the last one offered.
fn more_after(goal: &Goal, offers: &[Offer], facts: &Facts) -> Action {
    let today = facts.local_now().date();
    let mut wanted = Wanted::soonest(today);
    if let Some(last) = offers.iter().map(|o| facts.local(o.start_time)).max() {
        wanted.from = last.date();
        wanted.later_than = Some(last);
    }
    Action::Find { goal: goal.clone(), wanted }
}

fn common_day(offers: &[Offer], facts: &Facts) -> Option<NaiveDate> {
    let mut days = offers.iter().map(|o| facts.local(o.start_time).date());
    let first = days.next()?;
    days.all(|d| d == first).then_some(first)
}

fn named_service(heard: &Understanding, facts: &Facts) -> Option<ServiceId> {
    heard.service.and_then(|n| facts.services.get(n)).copied()
}
