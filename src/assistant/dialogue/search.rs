//! From a wish to a search: what is looked for, and what the text says besides.

use chrono::NaiveDate;

use super::{
    action::{Action, Aside, Facts, Goal},
    second::Second,
    state::Offer,
    wanted::Wanted,
};
use crate::{
    assistant::understanding::{Intent, Understanding},
    platform::ids::ServiceId,
};

/// A search with what the text says besides: who it is to be with, a time that will do as well, one more wish, how many people.
pub(super) fn find(goal: Goal, mut wanted: Wanted, facts: &Facts) -> Action {
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
pub(super) fn find_for(goal: Goal, wanted: Wanted, heard: &Understanding, facts: &Facts) -> Action {
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

/// Times after the last one offered.
pub(super) fn more_after(goal: Goal, offers: &[Offer], facts: &Facts) -> Action {
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
