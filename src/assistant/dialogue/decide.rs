//! From what was heard to what to do. Pure and total: every state answers every text. A ladder: the first step that applies decides.

use chrono::NaiveDate;

use super::{
    action::{Action, Aside, Facts, Goal},
    cues::{Command, Key, NoDay},
    replies::Outcome,
    second::Second,
    state::{BookingRef, Details, Need, Offer, State},
    wanted::{Wanted, Wish},
};
use crate::{
    assistant::understanding::{Intent, Understanding, When},
    platform::ids::ServiceId,
};

/// Decides what to do about a text heard in `state`.
pub fn decide(state: &State, heard: &Understanding, facts: &Facts) -> Action {
    by_key(state, heard, facts)
        .or_else(|| by_command(state, facts))
        .or_else(|| news(heard, facts))
        .or_else(|| both_ends(heard, facts))
        .or_else(|| no_such_day(state, heard, facts))
        .or_else(|| soonest(state, heard, facts))
        .or_else(|| in_state(state, heard, facts))
        .unwrap_or_else(|| from_anywhere(state, heard, facts))
}

/// The letters our questions offer and their like: they mean one thing each, whatever else could be read into them.
fn by_key(state: &State, heard: &Understanding, facts: &Facts) -> Option<Action> {
    let offers = state.offers();
    match (facts.cues.key?, Goal::of(state)) {
        (Key::Drop, _) if *state != State::Idle => Some(Action::LetBe),
        (Key::Another | Key::Later, Some(goal)) if !offers.is_empty() => Some(more_after(goal, offers, facts)),
        (Key::OtherDay, Some(goal)) if !offers.is_empty() => Some(another_day(goal, offers, facts)),
        (Key::Earlier, Some(goal)) => earlier_than_offered(goal, offers, heard, facts),
        (Key::Earlier, None) if *state == State::Idle && heard.when.is_none() => {
            let [only] = facts.upcoming.as_slice() else { return None };
            let goal = Goal::Move { booking: only.clone() };
            Some(find(goal, Wanted::before(facts.local(only.start_time)), facts))
        }
        (Key::Later, None) if *state == State::Idle => {
            let [only] = facts.upcoming.as_slice() else { return None };
            let start = facts.local(only.start_time);
            let later = Wanted { later_than: Some(start), ..Wanted::soonest(start.date()) };
            Some(find(Goal::Move { booking: only.clone() }, later, facts))
        }
        (Key::Another | Key::Later | Key::OtherDay, None) => move_instead(state),
        (Key::Confirm, _) if offers.len() > 1 => Some(Action::AskAgain),
        (Key::Another | Key::Later | Key::OtherDay, Some(goal)) => {
            Some(find(goal, Wanted::soonest(facts.local_now().date()), facts))
        }
        (Key::Confirm, _) if matches!(state, State::AwaitingInfo { .. }) => Some(Action::AskAgain),
        _ => None,
    }
}

/// Asked whether to cancel: rather another time.
fn move_instead(state: &State) -> Option<Action> {
    let State::ConfirmingCancel { booking } = state else { return None };
    Some(Action::Ask { need: Need::NewTime { booking: booking.clone() } })
}

/// The single words that HELP names.
fn by_command(state: &State, facts: &Facts) -> Option<Action> {
    match facts.cues.command? {
        Command::When => Some(Action::ListBookings),
        Command::Person => Some(Action::HandOver),
        Command::Change if !state.offers().is_empty() => Some(more_after(Goal::of(state)?, state.offers(), facts)),
        Command::Change if *state != State::Idle => move_instead(state),
        Command::Book if *state != State::Idle => None,
        Command::Book => {
            let goal = facts.services.first().copied().map(Goal::book);
            Some(goal.map_or(Action::NothingOffered, |goal| Action::Ask { need: goal.need() }))
        }
        Command::Change => Some(match facts.upcoming.as_slice() {
            [] => Action::NothingBooked,
            [only] => Action::Ask { need: Need::NewTime { booking: only.clone() } },
            several => Action::Ask { need: Need::WhichToMove { bookings: several.to_vec(), wish: None } },
        }),
    }
}

/// "Running late", "I'm outside": for staff to know. Who is expected when, they can tell better than the diary.
fn news(heard: &Understanding, facts: &Facts) -> Option<Action> {
    let wants = matches!(heard.intent, Intent::Reschedule | Intent::Cancel | Intent::Human | Intent::Lookup);
    (facts.cues.arriving && !wants).then_some(Action::TellStaff)
}

/// "Move my 3 pm to 4": the one that is meant, and the wish.
fn both_ends(heard: &Understanding, facts: &Facts) -> Option<Action> {
    let Some(Second::Moved { from, to }) = &facts.second else { return None };
    if matches!(heard.intent, Intent::Cancel | Intent::Human | Intent::Lookup | Intent::Deny) {
        return None;
    }
    let mut meant = facts.upcoming.iter().filter(|b| from.fits(facts.local(b.start_time)));
    let (booking, None) = (meant.next()?, meant.next()) else { return None };
    let day = facts.local(booking.start_time).date();
    Some(find(Goal::Move { booking: booking.clone() }, to.on(Some(day), facts.local_now().date()), facts))
}

/// A wish for a day that is gone or never was.
fn no_such_day(state: &State, heard: &Understanding, facts: &Facts) -> Option<Action> {
    let today = facts.local_now().date();
    let passed = heard
        .when
        .as_ref()
        .and_then(When::date_bounds)
        .is_some_and(|(_, until)| until.is_some_and(|until| until <= today));
    let why = facts.cues.no_day.or(passed.then_some(NoDay::Passed))?;
    let goal = Goal::of(state);
    let wishes = matches!(heard.intent, Intent::Book | Intent::Availability) && !facts.cues.usual;
    let answers = matches!(heard.intent, Intent::Other | Intent::Confirm | Intent::ChooseOption | Intent::Reschedule);
    let moves = heard.intent == Intent::Reschedule && passed && facts.upcoming.is_empty();
    // Alone, "Feb 30" is a wish too.
    let bare = heard.intent == Intent::Other && why == NoDay::NeverWas;
    if !(wishes || moves || bare || answers && goal.is_some() && facts.cues.key.is_none()) {
        return None;
    }
    let goal = goal.or_else(|| facts.services.first().map(|service_id| Goal::book(*service_id)))?;
    Some(Action::AskForRealDay { goal, why })
}

/// "Any time": the first of what is on the table, or of all there is.
fn soonest(state: &State, heard: &Understanding, facts: &Facts) -> Option<Action> {
    if !facts.cues.soonest || state.asks_to_confirm() {
        return None;
    }
    let goal = match state {
        State::Idle => Goal::book(named_service(heard, facts).or_else(|| facts.services.first().copied())?),
        _ => Goal::of(state)?,
    };
    Some(match state.offers().first() {
        Some(offer) => Action::Choose { goal, offer: offer.clone() },
        None => find(goal, Wanted::soonest(facts.local_now().date()), facts),
    })
}

/// What the text means because of what was asked.
fn in_state(state: &State, heard: &Understanding, facts: &Facts) -> Option<Action> {
    match state {
        State::Idle => None,
        State::AwaitingInfo { need } => awaiting(need, heard, facts),
        State::ShowingSlots { offers, .. } | State::RescheduleShowingSlots { offers, .. } => {
            let goal = Goal::of(state)?.of_service(named_service(heard, facts));
            choosing(&goal, offers, heard, facts)
        }
        State::ConfirmingBooking { offer, details } => {
            let yes = Action::Book { offer: offer.clone(), details: details.clone() };
            confirming(&Goal::of(state)?, offer, yes, heard, facts)
        }
        State::ConfirmingReschedule { booking, offer } => {
            let yes = Action::Move { booking: booking.clone(), offer: offer.clone() };
            confirming(&Goal::of(state)?, offer, yes, heard, facts)
        }
        State::ConfirmingCancel { booking } => match heard.intent {
            Intent::Confirm | Intent::Cancel | Intent::Other if facts.unread && says_yes(heard, facts) => {
                Some(Action::AskAgain)
            }
            Intent::Cancel => Some(Action::Cancel { booking: booking.clone() }),
            Intent::Confirm | Intent::Other if facts.cues.plain_yes => {
                Some(Action::Cancel { booking: booking.clone() })
            }
            Intent::Confirm => Some(Action::AskAgain),
            Intent::Deny if facts.cues.unsure => Some(Action::AskAgain),
            Intent::Deny => Some(Action::LetBe),
            Intent::Reschedule => Some(move_to(booking, heard, facts)),
            _ => None,
        },
        State::ConfirmingCancelAll { bookings } => confirming_all(bookings, heard, facts),
    }
}

/// Whether the text may be taken for a yes at all.
fn says_yes(heard: &Understanding, facts: &Facts) -> bool {
    facts.cues.plain_yes || matches!(heard.intent, Intent::Confirm | Intent::Cancel)
}

/// All of several are to be cancelled and a yes is asked for. One that is named is meant alone.
fn confirming_all(bookings: &[BookingRef], heard: &Understanding, facts: &Facts) -> Option<Action> {
    let named = pick_booking(bookings, heard, facts).filter(|_| facts.cues.key.is_none());
    let yes = matches!(heard.intent, Intent::Confirm | Intent::ChooseOption | Intent::Other) && facts.cues.plain_yes
        || heard.intent == Intent::Cancel && facts.cues.means_all(bookings.len());
    match heard.intent {
        _ if facts.cues.key == Some(Key::Confirm) && !facts.unread => {
            Some(Action::CancelAll { bookings: bookings.to_vec() })
        }
        Intent::Cancel | Intent::ChooseOption | Intent::Other if named.is_some() => {
            named.map(|booking| Action::AskToCancel { booking: booking.clone() })
        }
        _ if yes && !facts.unread => Some(Action::CancelAll { bookings: bookings.to_vec() }),
        Intent::Confirm | Intent::Cancel | Intent::Other => Some(Action::AskAgain),
        Intent::Deny => Some(Action::LetBe),
        _ => None,
    }
}

fn awaiting(need: &Need, heard: &Understanding, facts: &Facts) -> Option<Action> {
    let denied = matches!(heard.intent, Intent::Deny).then_some(Action::LetBe);
    // About something else than the wish.
    let elsewhere = matches!(heard.intent, Intent::Cancel | Intent::Lookup | Intent::Human);
    let any_time = |goal: Goal| find(goal, Wanted::soonest(facts.local_now().date()), facts);
    match need {
        Need::Day { .. } | Need::NewTime { .. } if elsewhere => None,
        Need::Day { service_id, details } => {
            let goal = Goal::Book { service_id: *service_id, details: details.clone() };
            let named = named_service(heard, facts);
            let goal = goal.of_service(named);
            // Only who or what it is to be, or not knowing when: some times to choose from.
            let open = facts.cues.unsure || facts.provider.is_some() || named.is_some_and(|named| named != *service_id);
            let answers = matches!(heard.intent, Intent::Book | Intent::Other | Intent::Confirm | Intent::Deny);
            wish(goal.clone(), heard, facts, None).or_else(|| (open && answers).then(|| any_time(goal))).or(denied)
        }
        Need::NewTime { booking } => {
            let goal = Goal::Move { booking: booking.clone() };
            match heard.intent {
                Intent::Deny | Intent::Other if facts.cues.unsure => Some(any_time(goal)),
                Intent::Deny => denied,
                _ => wish(goal, heard, facts, None),
            }
        }
        Need::WhichToCancel { bookings } => match pick_booking(bookings, heard, facts) {
            Some(booking) => Some(Action::AskToCancel { booking: booking.clone() }),
            None if facts.cues.means_all(bookings.len()) => Some(Action::AskToCancelAll { bookings: bookings.clone() }),
            None => denied,
        },
        Need::WhichToMove { bookings, wish } => which_to_move(bookings, wish.as_ref(), heard, facts).or(denied),
    }
}

/// Which one to move, and with it perhaps to when.
fn which_to_move(bookings: &[BookingRef], wish: Option<&Wish>, heard: &Understanding, facts: &Facts) -> Option<Action> {
    if matches!(heard.intent, Intent::Cancel | Intent::Lookup | Intent::Help | Intent::Human | Intent::Deny) {
        return None;
    }
    let today = facts.local_now().date();
    // What names one of them is not the wish.
    let said = heard.when.as_ref().filter(|when| !bookings.iter().any(|b| fits(b, when, facts)));
    let wish = said.map(|when| Wish::read(when, today)).or_else(|| wish.cloned());
    match (pick_booking(bookings, heard, facts), wish) {
        (Some(booking), Some(wish)) => {
            let day = facts.local(booking.start_time).date();
            Some(find(Goal::Move { booking: booking.clone() }, wish.on(Some(day), today), facts))
        }
        (Some(booking), None) => Some(Action::Ask { need: Need::NewTime { booking: booking.clone() } }),
        (None, wish) if said.is_some() => {
            Some(Action::Ask { need: Need::WhichToMove { bookings: bookings.to_vec(), wish } })
        }
        (None, _) => None,
    }
}

/// A search with what the text says besides: who it is to be with, a time that will do as well, one more wish, how many people.
fn find(goal: Goal, mut wanted: Wanted, facts: &Facts) -> Action {
    let mut goal = goal;
    let mut aside = None;
    match (&facts.second, &mut goal) {
        (Some(Second::Or(wish)), _) if wanted.exact.is_some() => {
            wanted.or = Some(Box::new(wish.on(Some(wanted.from), facts.local_now().date())));
        }
        (Some(Second::And(wish)), Goal::Book { details, .. }) if wanted.exact.is_some() => {
            details.next = Some(wish.clone());
            aside = Some(Aside::OneAtATime);
        }
        _ => {}
    }
    let mut provider = facts.provider;
    if let Goal::Book { details, .. } = &mut goal {
        provider = provider.or(details.provider_id);
        details.provider_id = provider;
    }
    Action::Find { goal, wanted: Box::new(wanted.with_provider(provider)), aside }
}

/// The same for a wish just heard.
fn find_for(goal: Goal, wanted: Wanted, heard: &Understanding, facts: &Facts) -> Action {
    let crowd = heard.party_size.is_some_and(|n| n > 1) && !facts.for_groups.contains(&goal.service_id());
    let books = matches!(goal, Goal::Book { .. });
    match find(goal, wanted, facts) {
        Action::Find { goal, wanted, aside: None } if crowd && books => {
            Action::Find { goal, wanted, aside: Some(Aside::OnePerPerson) }
        }
        action => action,
    }
}

/// A wish for a time, where one can be heard in the text.
fn wish(goal: Goal, heard: &Understanding, facts: &Facts, day: Option<NaiveDate>) -> Option<Action> {
    // "Any time", "whenever": the soonest.
    let heard_one = heard.when.is_some() || heard.intent == Intent::Availability;
    let otherwise = Wanted::soonest(facts.local_now().date());
    heard_one.then(|| find_for(goal, wanted_or(heard, facts, day, otherwise), heard, facts))
}

/// What the text says of time, on `day` where it names none; `otherwise` where it says nothing of time.
fn wanted_or(heard: &Understanding, facts: &Facts, day: Option<NaiveDate>, otherwise: Wanted) -> Wanted {
    heard.when.as_ref().map_or(otherwise, |when| Wanted::read(when, facts.local_now(), day))
}

/// Some times are on the table.
fn choosing(goal: &Goal, offers: &[Offer], heard: &Understanding, facts: &Facts) -> Option<Action> {
    let place = facts.cues.nth(offers.len()).filter(|_| heard.when.is_none());
    let chosen = heard.choice.or(place).and_then(|n| offers.get(n));
    let day = common_day(offers, facts);
    let same_wish = || {
        let that_day = day.map_or_else(|| Wanted::soonest(facts.local_now().date()), Wanted::on);
        Some(find_for(goal.clone(), wanted_or(heard, facts, day, that_day), heard, facts))
    };
    // Another service: the same wish for it.
    if let Goal::Book { service_id, .. } = goal
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
        (Intent::Deny, None) if facts.cues.unsure => Some(Action::AskAgain),
        (Intent::Deny, None) if heard.when.is_none() => Some(Action::Ask { need: goal.need() }),
        (Intent::Availability, None) if heard.when.is_none() => Some(more_after(goal.clone(), offers, facts)),
        (Intent::Reschedule, None)
            if heard.when.is_none() && (matches!(goal, Goal::Move { .. }) || facts.upcoming.is_empty()) =>
        {
            Some(more_after(goal.clone(), offers, facts))
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
        return Some(find(goal.clone().of_service(service), wanted, facts));
    }
    match heard.intent {
        // "Yes, 3 pm" says the offered time once more; "yes but at 4" wishes for another.
        Intent::Confirm | Intent::ChooseOption | Intent::Book
            if !wishes_otherwise(heard.when.as_ref(), offer, facts) =>
        {
            // A yes sent before the question could be read confirms nothing.
            if facts.unread || !facts.cues.plain_yes { Some(Action::AskAgain) } else { Some(yes) }
        }
        // A word for yes that the grammar does not know.
        Intent::Other if facts.cues.plain_yes && heard.when.is_none() && !facts.unread => Some(yes),
        Intent::Reschedule | Intent::Availability if heard.when.is_none() => {
            Some(more_after(goal.clone(), std::slice::from_ref(offer), facts))
        }
        Intent::Deny if facts.cues.unsure => Some(Action::AskAgain),
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
        return move_to(only, heard, facts);
    }
    match heard.intent {
        Intent::Lookup => Action::ListBookings,
        Intent::Help => Action::Help,
        Intent::Human => Action::HandOver,
        Intent::Thanks => Action::Welcome,
        Intent::Goodbye => Action::Goodbye,
        _ if facts.cues.cancels && (facts.cues.all || facts.cues.both) => cancelling_all(state, facts),
        Intent::Deny | Intent::Other | Intent::Book | Intent::Reschedule if cannot_come(heard, facts) => {
            cancelling(state, heard, facts)
        }
        Intent::Other if facts.cues.cancels && !facts.cues.asks && !facts.upcoming.is_empty() => {
            cancelling(state, heard, facts)
        }
        Intent::Cancel => cancelling(state, heard, facts),
        Intent::Reschedule => moving(heard, facts),
        _ => wishing(state, heard, facts),
    }
}

/// Will not be there: at the coming appointment, or at the one whose day or time is named.
fn cannot_come(heard: &Understanding, facts: &Facts) -> bool {
    let named = |booking: &BookingRef| heard.when.as_ref().is_none_or(|when| fits(booking, when, facts));
    facts.cues.cannot_come && facts.upcoming.iter().any(named)
}

fn nothing_to_cancel(state: &State) -> Action {
    if *state == State::Idle { Action::NothingBooked } else { Action::LetBe }
}

fn cancelling(state: &State, heard: &Understanding, facts: &Facts) -> Action {
    match which_booking(heard, facts) {
        Which::None => nothing_to_cancel(state),
        Which::One(booking) => Action::AskToCancel { booking: booking.clone() },
        Which::Several => Action::Ask { need: Need::WhichToCancel { bookings: facts.upcoming.clone() } },
    }
}

fn cancelling_all(state: &State, facts: &Facts) -> Action {
    match facts.upcoming.as_slice() {
        [] => nothing_to_cancel(state),
        [only] => Action::AskToCancel { booking: only.clone() },
        several if facts.cues.means_all(several.len()) => Action::AskToCancelAll { bookings: several.to_vec() },
        several => Action::Ask { need: Need::WhichToCancel { bookings: several.to_vec() } },
    }
}

fn moving(heard: &Understanding, facts: &Facts) -> Action {
    let today = facts.local_now().date();
    match which_booking(heard, facts) {
        // "What about Wednesday instead?", with nothing booked: a wish like any other.
        Which::None if heard.when.is_some() && !facts.services.is_empty() => {
            let service = named_service(heard, facts).unwrap_or(facts.services[0]);
            find_for(Goal::book(service), wanted_or(heard, facts, None, Wanted::soonest(today)), heard, facts)
        }
        Which::None => Action::NothingBooked,
        Which::One(booking) => move_to(booking, heard, facts),
        Which::Several => {
            let wish = match &facts.second {
                Some(Second::Moved { to, .. }) => Some(to.clone()),
                _ => heard.when.as_ref().map(|when| Wish::read(when, today)),
            };
            Action::Ask { need: Need::WhichToMove { bookings: facts.upcoming.clone(), wish } }
        }
    }
}

/// A new appointment, or nothing that can be told.
fn wishing(state: &State, heard: &Understanding, facts: &Facts) -> Action {
    let Some(service_id) = named_service(heard, facts).or_else(|| facts.services.first().copied()) else {
        return Action::NothingOffered;
    };
    let mut goal = Goal::book(service_id);
    if let Goal::Book { details, .. } = &mut goal {
        details.provider_id = facts.provider;
    }
    let idle = *state == State::Idle;
    match (heard.intent, &heard.when) {
        (Intent::Greeting, None) if idle => Action::Greet,
        (Intent::Deny, None) if idle => Action::Acknowledge,
        // Perhaps to a question that silence has ended: not to be taken for done.
        (_, None) if idle && facts.cues.answer && facts.upcoming.is_empty() => Action::NothingAsked,
        (_, None) if idle && facts.cues.answer => Action::ListBookings,
        (_, None) if idle && facts.cues.small_talk => Action::Acknowledge,
        (Intent::Book, None) => Action::Ask { need: goal.need() },
        (_, None) if idle && facts.cues.usual => Action::Ask { need: goal.need() },
        (Intent::Availability, None) => find_for(goal, Wanted::soonest(facts.local_now().date()), heard, facts),
        (intent, Some(when)) if idle || matches!(intent, Intent::Book | Intent::Availability) => {
            find_for(goal, Wanted::read(when, facts.local_now(), None), heard, facts)
        }
        (Intent::Other, None) if facts.cues.asks => Action::DontKnow,
        (_, _) if !idle => Action::AskAgain,
        (Intent::Confirm, None) if !facts.upcoming.is_empty() => Action::ListBookings,
        _ => Action::NotUnderstood,
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

/// The one that is picked by its place in the list, by its day or by its time.
fn pick_booking<'a>(bookings: &'a [BookingRef], heard: &Understanding, facts: &Facts) -> Option<&'a BookingRef> {
    let place = facts.cues.nth(bookings.len()).filter(|_| heard.when.is_none());
    if let Some(booking) = heard.choice.or(place).and_then(|n| bookings.get(n)) {
        return Some(booking);
    }
    let when = heard.when.as_ref()?;
    let mut fitting = bookings.iter().filter(|b| fits(b, when, facts));
    match (fitting.next(), fitting.next()) {
        (Some(one), None) => Some(one),
        _ => None,
    }
}

/// Whether the appointment is at the day and time named.
fn fits(booking: &BookingRef, when: &When, facts: &Facts) -> bool {
    let start = facts.local(booking.start_time);
    let day = when
        .date_bounds()
        .is_none_or(|(from, until)| from.is_none_or(|d| start.date() >= d) && until.is_none_or(|d| start.date() < d));
    day && when.time().is_none_or(|t| start.time() == t)
}

/// A move: straight to times where the text names another one than the appointment has.
fn move_to(booking: &BookingRef, heard: &Understanding, facts: &Facts) -> Action {
    let start = facts.local(booking.start_time);
    let look = |when: &When, day: Option<NaiveDate>| {
        find(Goal::Move { booking: booking.clone() }, Wanted::read(when, facts.local_now(), day), facts)
    };
    match &heard.when {
        // "Move my 3 pm", "reschedule Friday's": that is the appointment, not the wish.
        Some(when)
            if when.time().is_none_or(|t| t == start.time()) && when.date().is_none_or(|d| d == start.date()) =>
        {
            match when.date_bounds() {
                Some((Some(from), _)) if from > start.date() => look(when, None),
                None if when.time().is_none() => look(when, Some(start.date())),
                _ => Action::Ask { need: Need::NewTime { booking: booking.clone() } },
            }
        }
        Some(when) => look(when, Some(start.date())),
        None => Action::Ask { need: Need::NewTime { booking: booking.clone() } },
    }
}

/// Times after the last one offered.
fn more_after(goal: Goal, offers: &[Offer], facts: &Facts) -> Action {
    let mut wanted = Wanted::soonest(facts.local_now().date());
    if let Some(last) = offers.iter().map(|o| facts.local(o.start_time)).max() {
        wanted = Wanted { later_than: Some(last), ..Wanted::soonest(last.date()) };
    }
    find(goal, wanted, facts)
}

/// Times on the days after those offered.
fn another_day(goal: Goal, offers: &[Offer], facts: &Facts) -> Action {
    let last = offers.iter().map(|o| facts.local(o.start_time).date()).max();
    find(goal, last.map_or_else(|| Wanted::soonest(facts.local_now().date()), Wanted::after_day), facts)
}

/// Times before the first one offered; with nothing on the table, before the appointment that moves.
fn earlier_than_offered(goal: Goal, offers: &[Offer], heard: &Understanding, facts: &Facts) -> Option<Action> {
    let first = offers.iter().map(|o| facts.local(o.start_time)).min();
    let start = match (first, &goal) {
        (Some(first), _) => first,
        (None, Goal::Move { booking }) => facts.local(booking.start_time),
        (None, Goal::Book { .. }) => return None,
    };
    // "Earlier on Tuesday", with other days on the table, is a wish for Tuesday.
    let other_day = heard.when.as_ref().is_some_and(|when| when.date() != Some(start.date()));
    (!other_day).then(|| find(goal, Wanted::before(start), facts))
}

fn common_day(offers: &[Offer], facts: &Facts) -> Option<NaiveDate> {
    let mut days = offers.iter().map(|o| facts.local(o.start_time).date());
    let first = days.next()?;
    days.all(|d| d == first).then_some(first)
}

fn named_service(heard: &Understanding, facts: &Facts) -> Option<ServiceId> {
    heard.service.and_then(|n| facts.services.get(n)).copied()
}

/// What goes on by itself after an action: the second of two appointments wished for in one text.
pub fn follow_up(action: &Action, outcome: &Outcome, facts: &Facts) -> Option<Action> {
    match (action, outcome) {
        (Action::Book { offer, details: Details { next: Some(wish), .. } }, Outcome::Done(_)) => {
            let wanted = wish.on(None, facts.local_now().date());
            Some(Action::Find { goal: Goal::book(offer.service_id), wanted: Box::new(wanted), aside: None })
        }
        _ => None,
    }
}
