//! Speech acts: what a text does, found with the patterns of `rules`.  What the acts amount to, given the state of the
//! conversation, is decided in `intent`.

use std::sync::LazyLock;

use super::pattern::{Pattern, Words};
use super::{rules, rules_es, rules_talk};

/// Something a text does.  A text may do several things ("yes thanks, and what is the address?").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Act {
    /// "don't cancel", "keep my appointment"
    Keep,
    Cancel,
    Move,
    Human,
    Help,
    OptIn,
    /// "when is my appointment"
    Lookup,
    /// Asks for free times.
    FreeTimes,
    /// Asks for another suggestion.
    Alternatives,
    Book,
    /// Names the thing to be booked without saying so: "appt please".
    Wants,
    /// A question about something else.
    Question,
    /// "can I eat before my surgery", "do I need to bring anything": asks what to do, wants nothing done.
    Advice,
    /// "what time do you open"
    Hours,
    /// "wake me up at 6", "play some jazz"
    ForOthers,
    /// "I'm outside", "running late": tells how things stand.
    Status,
    Yes,
    No,
    Approve,
    Disapprove,
    Closing,
    Thanks,
    Bye,
    /// A word that says goodbye and nothing else.
    Farewell,
    Greeting,
    /// "how are you"
    HowAreYou,
    /// Asks for an address, a price and the like.
    Fact,
    /// Speaks of the sender's own calendar.
    Calendar,
    /// Needs an appointment.
    Needs,
    /// Asks how booking is done.
    HowToBook,
    /// "maybe another time", "not right now"
    NotNow,
    /// "I will take this one", of something just suggested.
    Take,
    /// "the second one": a choice, if there is something to choose from.
    Pick,
}

struct Rule {
    act: Act,
    source: &'static str,
    pattern: Pattern,
    /// Of `rules_es`: tried on Spanish texts only.
    spanish: bool,
}

static COMPILED: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let each =
        tables().flat_map(|(spanish, (act, sources))| sources.iter().map(move |source| (spanish, *act, *source)));
    each.filter_map(|(spanish, act, source)| Some(Rule { act, source, pattern: Pattern::parse(source)?, spanish }))
        .collect()
});

/// The rows of all tables, and whether they are for Spanish only.
fn tables() -> impl Iterator<Item = (bool, &'static (Act, &'static [&'static str]))> {
    let any = rules::RULES.iter().chain(rules_talk::RULES).map(|row| (false, row));
    any.chain(rules_es::RULES.iter().map(|row| (true, row)))
}

/// The acts found in a text, each with the pattern that showed it.
#[derive(Debug, Default)]
pub(super) struct Acts {
    found: Vec<(Act, &'static str)>,
}

impl Acts {
    pub(super) fn of(words: &Words<'_, '_>) -> Self {
        let mut found: Vec<(Act, &'static str)> = Vec::with_capacity(6);
        for rule in COMPILED.iter() {
            let known = (rule.spanish && !words.text.spanish) || found.iter().any(|(act, _)| *act == rule.act);
            if !known && rule.pattern.occurs(words) {
                found.push((rule.act, rule.source));
            }
        }
        Self { found }
    }

    pub(super) fn has(&self, act: Act) -> bool {
        self.found.iter().any(|(found, _)| *found == act)
    }

    pub(super) fn has_any(&self, acts: &[Act]) -> bool {
        acts.iter().any(|act| self.has(*act))
    }

    /// The pattern that showed `act`, or its absence.
    pub(super) fn why(&self, act: Act) -> &'static str {
        self.found.iter().find(|(found, _)| *found == act).map_or("no cue", |(_, source)| source)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }
}

/// Every pattern that does not parse; for the tests.
#[cfg(test)]
pub(super) fn broken() -> Vec<&'static str> {
    let sources = tables().flat_map(|(_, (_, sources))| sources.iter().copied());
    sources.filter(|source| Pattern::parse(source).is_none()).collect()
}
