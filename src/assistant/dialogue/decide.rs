//! From what was heard to what to do. Pure and total: every state answers every text. A ladder: the first step that applies decides.

use super::{
    action::{Action, Facts, Goal},
    appointments::{
        another_service, both_ends, cancelling, cancelling_all, cannot_come, confirming_all, move_instead, move_to,
        moving, named, pick_booking, which_to_move,
    },
    cues::{Command, Key, NoDay},
    replies::Outcome,
    search::{
        another_day, common_day, earlier_than_offered, find, find_for, more_after, named_service, other_than,
        wanted_or, wish, wish_on_table,
    },
    state::{Details, Need, Offer, State},
    wanted::Wanted,
};
use chrono::Timelike;

use crate::assistant::understanding::{Intent, Understanding, When};

/// Decides what to do about a text heard in `state`.
pub fn decide(state: &State, heard: &Understanding, facts: &Facts) -> Action {
    if *state == State::AwaitingReport {
        return no_report(state, heard, facts);
    }
    reaction(state, facts)
        .or_else(|| by_key(state, heard, facts))
        .or_else(|| by_command(state, facts))
        .or_else(|| facts.cues.machine.then_some(Action::SayMachine))
        .or_else(|| news(heard, facts))
        .or_else(|| thinking(state, heard, facts))
        .or_else(|| another_service(state, heard, facts))
        .or_else(|| both_ends(heard, facts))
        .or_else(|| no_such_day(state, heard, facts))
        .or_else(|| unknown_service(state, heard, facts))
        .or_else(|| soonest(state, heard, facts))
        .or_else(|| ruled_out(state, heard, facts))
        .or_else(|| from_table(state, heard, facts))
        .or_else(|| in_state(state, heard, facts))
        .unwrap_or_else(|| from_anywhere(state, heard, facts))
}

/// What to report was asked for, and this is no report (those are taken by the agent for them): either nothing shall be reported, or the
/// matter is another.
fn no_report(state: &State, heard: &Understanding, facts: &Facts) -> Action {
    let nothing = heard.intent == Intent::Deny || heard.intent == Intent::Cancel && facts.upcoming.is_empty();
    let dropped = facts.cues.key == Some(Key::Drop) || nothing && heard.when.is_none();
    reaction(state, facts)
        .or_else(|| thinking(state, heard, facts))
        .or_else(|| dropped.then_some(Action::LetBe))
        .unwrap_or_else(|| decide(&State::Idle, heard, facts))
}

/// A reaction to one of our texts answers nothing and wishes for nothing.
fn reaction(state: &State, facts: &Facts) -> Option<Action> {
    facts.cues.reaction.then_some(if *state == State::Idle { Action::Acknowledge } else { Action::AskAgain })
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

/// The single words that HELP names.
fn by_command(state: &State, facts: &Facts) -> Option<Action> {
    if facts.cues.theirs && !facts.upcoming.is_empty() && state.offers().is_empty() {
        return Some(Action::ListBookings);
    }
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

/// "Running late", "I'm outside", "should anything open up": for staff to know. Who is expected when, they can tell better than the
/// diary.
fn news(heard: &Understanding, facts: &Facts) -> Option<Action> {
    let wants = matches!(heard.intent, Intent::Reschedule | Intent::Cancel | Intent::Human | Intent::Lookup);
    ((facts.cues.arriving || facts.cues.waitlist) && !wants).then_some(Action::TellStaff)
}

/// "Let me think about it": the question stays open.
fn thinking(state: &State, heard: &Understanding, facts: &Facts) -> Option<Action> {
    let about =
        matches!(heard.intent, Intent::Deny | Intent::Other | Intent::Confirm | Intent::Thanks | Intent::Goodbye);
    (facts.cues.thinking && about && *state != State::Idle).then_some(Action::TakeTime)
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

/// "Can I get a manicure": what there is, where that is not among it.
fn unknown_service(state: &State, heard: &Understanding, facts: &Facts) -> Option<Action> {
    let wishes = matches!(heard.intent, Intent::Book | Intent::Availability) && !state.asks_to_confirm();
    let unknown = facts.cues.thing && named_service(heard, facts).is_none() && facts.services.len() > 1;
    (wishes && unknown).then_some(Action::ListServices)
}

/// "Any time": the first of what is on the table, or of all there is.
fn soonest(state: &State, heard: &Understanding, facts: &Facts) -> Option<Action> {
    if !facts.cues.soonest || heard.when.is_some() || state.asks_to_confirm() {
        return None;
    }
    let goal = match state {
        State::Idle => Goal::book(named_service(heard, facts).or_else(|| facts.services.first().copied())?),
        _ => Goal::of(state)?,
    };
    Some(match state.offers().first() {
        Some(offer) => Action::Choose { goal, offer: offer.clone() },
        None => find(goal, Wanted { first: true, ..Wanted::soonest(facts.local_now().date()) }, facts),
    })
}

/// The day or the person of what is offered is ruled out: the like of it without that.
fn ruled_out(state: &State, heard: &Understanding, facts: &Facts) -> Option<Action> {
    let (goal, offers) = (Goal::of(state)?, state.offers());
    let starts = || offers.iter().map(|o| facts.local(o.start_time));
    let person = offers.iter().any(|o| facts.without == Some(o.provider_id));
    let day = starts().any(|start| facts.cues.rules_out(start.date()));
    if !person && !day || matches!(heard.intent, Intent::Cancel | Intent::Human | Intent::Lookup | Intent::Help) {
        return None;
    }
    let first = starts().next()?;
    // "Not Tuesday, Thursday" names the day it is to be.
    let named = heard.when.as_ref().filter(|when| when.date().is_none_or(|date| !facts.cues.rules_out(date)));
    let wanted = match named {
        Some(when) => Wanted::read(when, facts.local_now(), Some(first.date()).filter(|_| !day)).keeping(first),
        None if day => Wanted::soonest(facts.local_now().date()),
        None => Wanted { exact: Some(first.time()), kept: true, ..Wanted::on(first.date()) },
    };
    Some(find_for(goal, wanted, heard, facts))
}

/// Asked about one of several times: rather another of them, by its number or place.
fn from_table(state: &State, heard: &Understanding, facts: &Facts) -> Option<Action> {
    if !state.asks_to_confirm() || heard.when.is_some() || facts.cues.key.is_some() {
        return None;
    }
    let table = state.table();
    let offer = table.get(facts.cues.nth(table.len())?)?;
    let other = state.offers().iter().all(|o| o.slot_id != offer.slot_id);
    other.then_some(Action::Choose { goal: Goal::of(state)?, offer: offer.clone() })
}

/// What the text means because of what was asked.
fn in_state(state: &State, heard: &Understanding, facts: &Facts) -> Option<Action> {
    match state {
        State::Idle | State::AwaitingReport => None,
        State::AwaitingInfo { need } => awaiting(need, heard, facts),
        State::ShowingSlots { offers, .. } | State::RescheduleShowingSlots { offers, .. } => {
            let goal = Goal::of(state)?.of_service(named_service(heard, facts));
            choosing(&goal, offers, heard, facts)
        }
        State::ConfirmingBooking { offer, details, .. } => {
            let yes = Action::Book { offer: offer.clone(), details: details.clone() };
            confirming(state, offer, yes, heard, facts)
        }
        State::ConfirmingReschedule { booking, offer, .. } => {
            let yes = Action::Move { booking: booking.clone(), offer: offer.clone() };
            confirming(state, offer, yes, heard, facts)
        }
        State::ConfirmingCancel { booking } => match heard.intent {
            Intent::Confirm | Intent::Cancel | Intent::Other if facts.unread && says_yes(heard, facts) => {
                Some(Action::AskAgain)
            }
            Intent::Cancel => Some(Action::Cancel { booking: booking.clone() }),
            Intent::Confirm | Intent::Other if facts.yes_to(state) => Some(Action::Cancel { booking: booking.clone() }),
            Intent::Confirm => Some(Action::AskAgain),
            Intent::Deny if facts.cues.unsure => Some(Action::AskAgain),
            Intent::Deny => Some(Action::LetBe),
            // The very appointment is named: that one, but not yet a yes.
            Intent::Reschedule | Intent::Book | Intent::Availability | Intent::ChooseOption | Intent::Other
                if named(booking, heard, facts) && !facts.cues.change =>
            {
                Some(Action::AskAgain)
            }
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

/// Some times are on the table.
fn choosing(goal: &Goal, offers: &[Offer], heard: &Understanding, facts: &Facts) -> Option<Action> {
    let place = facts.cues.nth(offers.len()).filter(|_| heard.when.is_none());
    // A count or a sum is no number of the list, and a full hour no half past.
    let chosen = heard.choice.filter(|_| !facts.cues.counts).or(place).and_then(|n| offers.get(n));
    let chosen = chosen.filter(|offer| !other_minute(offer, heard, facts));
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
        (Intent::Thanks, None) if facts.cues.plain_yes && offers.len() > 1 => Some(Action::AskAgain),
        (Intent::Thanks, None) => Some(Action::Goodbye),
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
        _ => wish_on_table(goal.clone(), offers, heard, facts),
    }
}

/// Whether the text names a minute that the offer does not begin at.
fn other_minute(offer: &Offer, heard: &Understanding, facts: &Facts) -> bool {
    let named = heard.when.as_ref().and_then(When::time);
    named.is_some_and(|time| time.minute() != facts.local(offer.start_time).minute())
}

/// One time is on the table and a yes is asked for.
fn confirming(state: &State, offer: &Offer, yes: Action, heard: &Understanding, facts: &Facts) -> Option<Action> {
    let goal = &Goal::of(state)?;
    let plain_yes = facts.yes_to(state);
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
            if facts.unread || !plain_yes { Some(Action::AskAgain) } else { Some(yes) }
        }
        // A word for yes that the grammar does not know, or that it takes for thanks.
        Intent::Other | Intent::Thanks if plain_yes && heard.when.is_none() && !facts.unread => Some(yes),
        Intent::Reschedule | Intent::Availability if heard.when.is_none() => {
            Some(more_after(goal.clone(), std::slice::from_ref(offer), facts))
        }
        Intent::Deny if facts.cues.unsure => Some(Action::AskAgain),
        // The time is turned down, not the matter.
        Intent::Deny if heard.when.is_none() && facts.cues.refuses => Some(other_than(goal.clone(), offer, facts)),
        Intent::Deny if heard.when.is_none() && facts.cues.number => Some(Action::Ask { need: goal.need() }),
        Intent::Deny if heard.when.is_none() => Some(Action::LetBe),
        Intent::Cancel if facts.upcoming.is_empty() || matches!(goal, Goal::Move { .. }) && heard.when.is_none() => {
            Some(Action::LetBe)
        }
        Intent::Thanks | Intent::Goodbye => Some(Action::AskAgain),
        Intent::Cancel | Intent::Lookup | Intent::Help | Intent::Human | Intent::Greeting => None,
        Intent::Availability => wish(goal.clone(), heard, facts, day),
        // Only the day is corrected: the time stays.
        _ => {
            let when = heard.when.as_ref()?;
            Some(find_for(goal.clone(), Wanted::read(when, facts.local_now(), day).keeping(start), heard, facts))
        }
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
    let service = named_service(heard, facts);
    if changes
        && matches!(
            heard.intent,
            Intent::Book | Intent::Availability | Intent::Other | Intent::Confirm | Intent::ChooseOption
        )
        && let [only] = facts.upcoming.as_slice()
        && service.is_none_or(|service| service == only.service_id)
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

/// What goes on by itself after an action: the second of two appointments wished for in one text.
pub fn follow_up(action: &Action, outcome: &Outcome, facts: &Facts) -> Option<Action> {
    match (action, outcome) {
        (Action::Book { offer, details: Details { next: Some(next), .. } }, Outcome::Done(_)) => {
            let wanted = next.wish.on(None, facts.local_now().date());
            let goal = Goal::book(next.service_id.unwrap_or(offer.service_id));
            Some(Action::Find { goal, wanted: Box::new(wanted), aside: None })
        }
        _ => None,
    }
}
