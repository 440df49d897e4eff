//! The contact's own appointments: which of them a text is about, and what it wants done with them.

use chrono::NaiveDate;

use super::{
    action::{Action, Facts, Goal},
    cues::{Act, Key},
    search::{find, find_for, named_service, wanted_or},
    second::Second,
    state::{BookingRef, Need, State},
    wanted::{Wanted, Wish},
};
use crate::assistant::understanding::{Intent, Understanding, When};

/// "Move my 3 pm to 4": the one that is meant, and the wish.
pub(super) fn both_ends(heard: &Understanding, facts: &Facts) -> Option<Action> {
    let Some(Second::Moved { from, to }) = &facts.second else { return None };
    if matches!(heard.intent, Intent::Cancel | Intent::Human | Intent::Lookup | Intent::Deny) {
        return None;
    }
    let mut meant = facts.upcoming.iter().filter(|b| from.fits(facts.local(b.start_time)));
    let (booking, None) = (meant.next()?, meant.next()) else { return None };
    let start = facts.local(booking.start_time);
    let wanted = to.on(Some(start.date()), facts.local_now().date()).keeping(start);
    Some(find(Goal::Move { booking: booking.clone() }, wanted, facts))
}

/// "Change my haircut to a massage": the same appointment for another service, at its time unless another is named.
pub(super) fn another_service(state: &State, heard: &Understanding, facts: &Facts) -> Option<Action> {
    let Some(Second::Service(n)) = facts.second else { return None };
    if Goal::of(state).is_some()
        || matches!(heard.intent, Intent::Cancel | Intent::Human | Intent::Lookup | Intent::Deny)
    {
        return None;
    }
    let service_id = *facts.services.get(n)?;
    let mut others = facts.upcoming.iter().filter(|b| b.service_id != service_id);
    let (booking, None) = (others.next()?, others.next()) else { return None };
    let start = facts.local(booking.start_time);
    let then = Wanted { exact: Some(start.time()), kept: true, ..Wanted::on(start.date()) };
    let wanted = wanted_or(heard, facts, Some(start.date()), then).keeping(start);
    Some(find(Goal::Move { booking: BookingRef { service_id, ..booking.clone() } }, wanted, facts))
}

/// Asked whether to cancel: rather another time.
pub(super) fn move_instead(state: &State) -> Option<Action> {
    let State::ConfirmingCancel { booking } = state else { return None };
    Some(Action::Ask { need: Need::NewTime { booking: booking.clone() } })
}

/// All of several are to be cancelled and a yes is asked for. One that is named is meant alone.
pub(super) fn confirming_all(bookings: &[BookingRef], heard: &Understanding, facts: &Facts) -> Option<Action> {
    let named = pick_booking(bookings, heard, facts).filter(|_| facts.cues.key.is_none());
    let plain_yes = facts.cues.plain_yes && matches!(facts.cues.act, None | Some(Act::Cancel));
    let yes = matches!(heard.intent, Intent::Confirm | Intent::ChooseOption | Intent::Other) && plain_yes
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

/// Which one to move, and with it perhaps to when.
pub(super) fn which_to_move(
    bookings: &[BookingRef],
    wish: Option<&Wish>,
    heard: &Understanding,
    facts: &Facts,
) -> Option<Action> {
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

/// Will not be there: at the coming appointment, or at the one whose day or time is named.
pub(super) fn cannot_come(heard: &Understanding, facts: &Facts) -> bool {
    let named = |booking: &BookingRef| heard.when.as_ref().is_none_or(|when| fits(booking, when, facts));
    facts.cues.cannot_come && facts.upcoming.iter().any(named)
}

fn nothing_to_cancel(state: &State) -> Action {
    if *state == State::Idle { Action::NothingBooked } else { Action::LetBe }
}

pub(super) fn cancelling(state: &State, heard: &Understanding, facts: &Facts) -> Action {
    match which_booking(heard, facts) {
        Which::None => nothing_to_cancel(state),
        Which::One(booking) => Action::AskToCancel { booking: booking.clone() },
        Which::Several => Action::Ask { need: Need::WhichToCancel { bookings: facts.upcoming.clone() } },
    }
}

pub(super) fn cancelling_all(state: &State, facts: &Facts) -> Action {
    match facts.upcoming.as_slice() {
        [] => nothing_to_cancel(state),
        [only] => Action::AskToCancel { booking: only.clone() },
        several if facts.cues.means_all(several.len()) => Action::AskToCancelAll { bookings: several.to_vec() },
        several => Action::Ask { need: Need::WhichToCancel { bookings: several.to_vec() } },
    }
}

pub(super) fn moving(heard: &Understanding, facts: &Facts) -> Action {
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

/// The one that is picked by its place in the list, by what it is, by its day or by its time.
pub(super) fn pick_booking<'a>(
    bookings: &'a [BookingRef],
    heard: &Understanding,
    facts: &Facts,
) -> Option<&'a BookingRef> {
    let place = facts.cues.nth(bookings.len()).filter(|_| heard.when.is_none());
    if let Some(booking) = heard.choice.or(place).and_then(|n| bookings.get(n)) {
        return Some(booking);
    }
    let only = |meant: &dyn Fn(&BookingRef) -> bool| {
        let mut fitting = bookings.iter().filter(|b| meant(b));
        fitting.next().filter(|_| fitting.next().is_none())
    };
    let service = named_service(heard, facts);
    let by_service = service.and_then(|service| only(&|b| b.service_id == service));
    by_service.or_else(|| {
        let when = heard.when.as_ref()?;
        only(&|b| fits(b, when, facts))
    })
}

/// Whether the text names the appointment by its day or time.
pub(super) fn named(booking: &BookingRef, heard: &Understanding, facts: &Facts) -> bool {
    heard.when.as_ref().is_some_and(|when| fits(booking, when, facts))
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
pub(super) fn move_to(booking: &BookingRef, heard: &Understanding, facts: &Facts) -> Action {
    let start = facts.local(booking.start_time);
    let look = |when: &When, day: Option<NaiveDate>| {
        let wanted = Wanted::read(when, facts.local_now(), day).keeping(start);
        find(Goal::Move { booking: booking.clone() }, wanted, facts)
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
