//! From a wish to a search: what is looked for, and what the text says besides.

use chrono::NaiveDate;

use super::{
    action::{Action, Aside, Facts, Goal},
    second::{Part, Second},
    state::{Details, Next, Offer},
    wanted::{Except, Wanted},
};
use crate::{
    assistant::understanding::{Intent, Understanding},
    booking::TimeWindow,
    platform::ids::ServiceId,
};

/// A search with what the text says besides: who it is to be with, a time that will do as well, one more wish, how many people.
pub(super) fn find(goal: Goal, mut wanted: Wanted, facts: &Facts) -> Action {
    let today = facts.local_now().date();
    let mut goal = goal;
    let mut aside = facts.nobody.then_some(Aside::Nobody);
    match (&facts.second, &mut goal) {
        (Some(Second::Or(wish)), _) if wanted.exact.is_some() && !wanted.kept => {
            wanted.or = Some(Box::new(wish.on(Some(wanted.from), today)));
        }
        (Some(Second::And { first, next }), Goal::Book { service_id, details }) if wanted.exact.is_some() => {
            let service = |part: &Part| part.service.and_then(|n| facts.services.get(n)).copied();
            wanted = first.wish.on(Some(wanted.from), today);
            *service_id = service(first).unwrap_or(*service_id);
            details.next = Some(Next { wish: next.wish.clone(), service_id: service(next) });
            aside = Some(Aside::OneAtATime);
        }
        _ => {}
    }
    let mut provider = facts.provider;
    match &mut goal {
        Goal::Book { details, .. } => {
            provider = provider.or(details.provider_id).filter(|p| facts.without != Some(*p));
            details.provider_id = provider;
        }
        Goal::Move { booking } if provider.is_none() => {
            wanted.rather = booking.provider_id.filter(|p| facts.without != Some(*p));
        }
        Goal::Move { .. } => {}
    }
    let except = Except { provider_id: facts.without, weekdays: facts.cues.not_on, ..wanted.except.clone() };
    Action::Find { goal, wanted: Box::new(wanted.with_provider(provider).except(except, today)), aside }
}

/// The same for a wish just heard.
pub(super) fn find_for(goal: Goal, wanted: Wanted, heard: &Understanding, facts: &Facts) -> Action {
    let several = heard.party_size.is_some_and(|n| n > 1) || facts.cues.several;
    let crowd = several && !facts.for_groups.contains(&goal.service_id());
    let books = matches!(goal, Goal::Book { .. });
    let (goal, wanted) = in_window(goal, wanted, facts);
    let wanted = Wanted { first: facts.cues.first && wanted.exact.is_none(), ..wanted };
    match find(goal, wanted, facts) {
        Action::Find { goal, wanted, aside: None } if crowd && books => {
            Action::Find { goal, wanted, aside: Some(Aside::OnePerPerson) }
        }
        action => action,
    }
}

/// The part of the day that was wished for holds while only the day changes.
fn in_window(goal: Goal, wanted: Wanted, facts: &Facts) -> (Goal, Wanted) {
    let Goal::Book { service_id, mut details } = goal else { return (goal, wanted) };
    let TimeWindow { from, to } = wanted.window;
    let named = from.is_some() || to.is_some();
    details.window = match details.window {
        _ if named => Some((from, to)),
        kept if wanted.exact.is_none() && !facts.cues.soonest => kept,
        _ => None,
    };
    let window = match details.window {
        Some((from, to)) => TimeWindow { from, to },
        None => wanted.window,
    };
    (Goal::Book { service_id, details }, Wanted { window, ..wanted })
}

/// A wish for a time, where one can be heard in the text.
pub(super) fn wish(goal: Goal, heard: &Understanding, facts: &Facts, day: Option<NaiveDate>) -> Option<Action> {
    // "Any time", "whenever": the soonest.
    let heard_one = heard.when.is_some() || heard.intent == Intent::Availability;
    let otherwise = Wanted::soonest(facts.local_now().date());
    heard_one.then(|| find_for(goal, wanted_or(heard, facts, day, otherwise), heard, facts))
}

/// What the text says of time, on `day` where it names none; `otherwise` where it says nothing of time.
pub(super) fn wanted_or(heard: &Understanding, facts: &Facts, day: Option<NaiveDate>, otherwise: Wanted) -> Wanted {
    heard.when.as_ref().map_or(otherwise, |when| Wanted::read(when, facts.local_now(), day))
}

/// Where a text names a time and no day, the days on the table are meant.
pub(super) fn wish_on_table(goal: Goal, offers: &[Offer], heard: &Understanding, facts: &Facts) -> Option<Action> {
    let day = common_day(offers, facts);
    let days = || offers.iter().map(|o| facts.local(o.start_time).date());
    match (&heard.when, days().min(), days().max()) {
        (Some(when), Some(first), Some(last)) if day.is_none() && when.date_bounds().is_none() => {
            let wanted = Wanted::read(when, facts.local_now(), Some(last));
            Some(find_for(goal, Wanted { from: first.max(facts.local_now().date()), ..wanted }, heard, facts))
        }
        _ => wish(goal, heard, facts, day),
    }
}

/// The times nearest to one that was turned down.
pub(super) fn other_than(goal: Goal, refused: &Offer, facts: &Facts) -> Action {
    let at = facts.local(refused.start_time);
    let except = Except { at: Some(at), ..Except::default() };
    find(goal, Wanted { exact: Some(at.time()), kept: true, except, ..Wanted::on(at.date()) }, facts)
}

/// Times after the last one offered.
pub(super) fn more_after(goal: Goal, offers: &[Offer], facts: &Facts) -> Action {
    let goal = match goal {
        Goal::Book { service_id, details } => Goal::Book { service_id, details: Details { window: None, ..details } },
        goal @ Goal::Move { .. } => goal,
    };
    let mut wanted = Wanted::soonest(facts.local_now().date());
    if let Some(last) = offers.iter().map(|o| facts.local(o.start_time)).max() {
        wanted = Wanted { later_than: Some(last), ..Wanted::soonest(last.date()) };
    }
    find(goal, wanted, facts)
}

/// Times on the days after those offered.
pub(super) fn another_day(goal: Goal, offers: &[Offer], facts: &Facts) -> Action {
    let last = offers.iter().map(|o| facts.local(o.start_time).date()).max();
    find(goal, last.map_or_else(|| Wanted::soonest(facts.local_now().date()), Wanted::after_day), facts)
}

/// Times before the first one offered; with nothing on the table, before the appointment that moves.
pub(super) fn earlier_than_offered(
    goal: Goal,
    offers: &[Offer],
    heard: &Understanding,
    facts: &Facts,
) -> Option<Action> {
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

pub(super) fn common_day(offers: &[Offer], facts: &Facts) -> Option<NaiveDate> {
    let mut days = offers.iter().map(|o| facts.local(o.start_time).date());
    let first = days.next()?;
    days.all(|d| d == first).then_some(first)
}

pub(super) fn named_service(heard: &Understanding, facts: &Facts) -> Option<ServiceId> {
    heard.service.and_then(|n| facts.services.get(n)).copied()
}
