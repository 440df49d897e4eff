//! What the words around a phrase make of it: an end or a beginning of a stretch, or the thing itself.

use super::compose::Composer;
use super::moments::{Item, What};
use super::text::Kind;

/// Words that may stand between a bound and its phrase.
const FILLERS: &[&str] = &["around", "about", "at", "on", "the", "like", "this", "in", "day"];

/// What a word before or after a phrase makes of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Bound {
    Exactly,
    After,
    From,
    Before,
    UpTo,
}

impl Composer<'_, '_, '_> {
    /// What the words around a phrase make of it.
    pub(super) fn bound(&self, item: &Item) -> Bound {
        let said = match self.bound_before(item) {
            Bound::Exactly => self.bound_after(item),
            bound => bound,
        };
        match self.said_of_it_later(item) {
            // "away until the 27th, anything after that?" is free from the 27th.
            Some(Bound::After) if said == Bound::UpTo => Bound::From,
            Some(later) if matches!(said, Bound::Exactly | Bound::From) => later,
            _ => said,
        }
    }

    /// "school starts the 24th, so before that": what a later "before that" or "after then" makes of the last phrase.
    fn said_of_it_later(&self, item: &Item) -> Option<Bound> {
        let text = self.reader.text;
        let ahead = item.end + 1..(item.end + 9).min(text.len());
        let last = self.items.iter().all(|other| other.first <= item.first);
        let joined = text.len() > 1 && text.is_one_of(text.len() - 2, &["or", "and", "on"]);
        if last && !joined && text.is(text.len() - 1, "after") && ahead.contains(&(text.len() - 1)) {
            return Some(Bound::After);
        }
        let at = ahead
            .into_iter()
            .find(|at| text.is_one_of(*at, &["before", "after", "by"]) && text.is_one_of(at + 1, &["that", "then"]))?;
        let ends = at + 2 >= text.len() || !self.reader.counts_a_noun(at + 2);
        let counted = at > 0 && self.reader.unit(at - 1).is_some();
        let single = matches!(item.what, What::Day { .. } | What::Clock { .. });
        (ends && last && single && !counted).then(|| match text.word(at) {
            "before" => Bound::Before,
            "after" => Bound::After,
            _ => Bound::UpTo,
        })
    }

    /// "before school starts on the 19th": the bound said before what begins or ends then.
    fn bound_of_event(&self, verb: usize) -> Option<Bound> {
        let text = self.reader.text;
        let said = (verb.saturating_sub(4)..verb).rev().take_while(|at| text.kind(*at) == Some(Kind::Word));
        let bound = |at: usize| match text.word(at) {
            "before" => Some(Bound::Before),
            "until" => Some(Bound::Before),
            "after" | "once" => Some(Bound::After),
            _ => None,
        };
        said.filter_map(bound).next()
    }

    /// "after", "until", "no later than" and the like before the phrase.
    fn bound_before(&self, item: &Item) -> Bound {
        let text = self.reader.text;
        let mut at = item.first;
        while at > 0 && (text.is_one_of(at - 1, FILLERS) || text.spanish && text.is(at - 1, "of")) {
            at -= 1;
        }
        let end_of = at >= 2 && text.is(at - 1, "of") && text.is(at - 2, "end");
        if end_of {
            at = self.reader.skip_back(at - 2, &["the"]);
        }
        let before = |back: usize| at.checked_sub(back).map_or("", |index| text.word(index));
        const EVENTS: &[&str] = &[
            "start", "starts", "begin", "begins", "end", "ends", "open", "opens", "close", "closes", "finish",
            "finishes", "leave", "leaves", "go", "fly", "travel", "arrive", "arrives", "return", "returns",
        ];
        if EVENTS.contains(&before(1))
            && let Some(bound) = self.bound_of_event(at - 1)
        {
            return bound;
        }
        match before(1) {
            // "before the end of friday" is until it is over.
            "before" if end_of => Bound::UpTo,
            "after" | "past" if matches!(before(2), "not" | "nothing" | "none") => Bound::UpTo,
            "after" if before(2) == "or" => Bound::From,
            "after" | "past" | "since" | "following" => Bound::After,
            "from" | "starting" | "beginning" | "start" | "begins" | "starts" | "effective" => Bound::From,
            "before" | "until"
                if matches!(before(2), "not" | "cant" | "nothing" | "wont" | "dont" | "isnt" | "free") =>
            {
                if before(2) == "free" { Bound::Before } else { Bound::From }
            }
            "before" if before(2) == "or" => Bound::UpTo,
            "before" => Bound::Before,
            // "stop by tomorrow"
            "by" if matches!(
                before(2),
                "stop" | "come" | "swing" | "drop" | "pop" | "go" | "stopping" | "coming" | "walk" | "run"
            ) =>
            {
                Bound::Exactly
            }
            "of" if before(2) == "as" => Bound::From,
            "by" | "until" | "through" => Bound::UpTo,
            "and" if before(2) == "now" => Bound::UpTo,
            "than" => match (before(2), before(3)) {
                // "more than 3" counts; "more than two weeks" is read as an amount.
                ("more" | "less", _) if matches!(item.what, What::Clock { .. } | What::Window { .. }) => Bound::Exactly,
                ("later", "no" | "not") | ("earlier" | "sooner" | "less", _)
                    if before(3) != "no" || before(2) == "later" =>
                {
                    Bound::UpTo
                }
                ("earlier" | "sooner", _) => Bound::From,
                ("later" | "more", _) => Bound::After,
                _ => Bound::Exactly,
            },
            "to" => match before(2) {
                "prior" => Bound::Before,
                "up" => Bound::UpTo,
                _ => Bound::Exactly,
            },
            _ => Bound::Exactly,
        }
    }

    /// "at the latest", "or later", "onwards" after it, and "the earliest is" before it.
    fn bound_after(&self, item: &Item) -> Bound {
        let text = self.reader.text;
        let at = self.reader.skip_back(item.first, FILLERS);
        let before = |back: usize| at.checked_sub(back).map_or("", |index| text.word(index));
        // "your earliest friday" asks for friday.
        let asked = before(2) == "your" && matches!(item.what, What::Day { .. });
        if matches!(before(1), "earliest" | "latest") && !asked {
            return if before(1) == "earliest" { Bound::From } else { Bound::UpTo };
        }
        let end = item.end;
        match text.word(self.reader.skip(end, &["at", "the"])) {
            "latest" | "tops" | "max" => return Bound::UpTo,
            "earliest" => return Bound::From,
            _ => {}
        }
        match (text.word(end), text.word(end + 1)) {
            ("or" | "and", "later" | "after" | "beyond" | "onwards" | "onward" | "on") => Bound::From,
            ("onwards" | "onward" | "forward", _) => Bound::From,
            ("or", "earlier" | "before" | "sooner") => Bound::UpTo,
            _ => Bound::Exactly,
        }
    }
}
