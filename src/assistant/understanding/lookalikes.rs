//! What looks like a date or time and is none: money, phone numbers, room numbers, counts, ratings, names of people
//! and things.  The tests ask what stands before and after; the few word lists are closed classes.

use super::cues;
use super::moments::{Found, Reader, SAID, What};
use super::text::{Kind, Text};
use super::words::Meaning;

/// Nouns that a number after them names one of.
const NUMBERED: &[&str] = &[
    "room",
    "suite",
    "size",
    "number",
    "option",
    "tooth",
    "apt",
    "apartment",
    "unit",
    "highway",
    "level",
    "gate",
    "choice",
    "flight",
    "order",
    "invoice",
    "ticket",
    "case",
    "ref",
    "reference",
    "confirmation",
    "code",
    "pin",
    "step",
    "chapter",
    "page",
    "version",
    "model",
    "bus",
    "route",
    "exit",
    "channel",
    "floor",
    "building",
    "bldg",
    "lot",
    "extension",
    "ext",
    "grade",
    "zip",
    "account",
    "id",
    "item",
    "part",
    "phase",
    "stage",
    "guard",
    "shade",
    "formula",
    "box",
    "po",
    "row",
    "seat",
    "table",
    "station",
    "chair",
    "aisle",
    "dose",
    "ios",
    "covid",
    "vitamin",
    "line",
];

/// Words that may follow a day name or a number that is a time; with the lexicon's time words, the closed class that
/// tells "friday at 3" and "3 works" from "3 dogs" and "easter egg".
fn may_follow(text: &Text<'_>, at: usize) -> bool {
    text.kind(at) != Some(Kind::Word)
        || text.meaning(at) != Meaning::None
        || text.get(at).is_some_and(|token| token.cues.meets(cues::function()))
}

impl Reader<'_, '_> {
    /// Money, numbered things, percentages, phone numbers, ratings, "24/7".
    pub(super) fn not_a_time(&self, at: usize) -> Found {
        let text = self.text;
        let void = |end| Some((What::Void, SAID, end));
        let is_number = |at: usize| matches!(text.kind(at), Some(Kind::Number { .. } | Kind::Clock { .. }));
        if matches!(text.kind(at), Some(Kind::Mark('$' | '#' | '€' | '£'))) && is_number(at + 1) {
            return void(self.past_decimals(at + 2));
        }
        if text.is_mark(at, '+') && matches!(text.kind(at + 1), Some(Kind::Number { .. })) && text.glued(at + 1) {
            return void(self.long_number(at + 1).unwrap_or(at + 2));
        }
        if text.is_one_of(at, NUMBERED) || text.is(at, "no") && text.is_mark(at + 1, '.') {
            let labelled = self.skip(at + 1, &["number", "is", "no"]);
            let number = labelled + usize::from(matches!(text.kind(labelled), Some(Kind::Mark('#' | '.' | ':'))));
            let numbered = is_number(number) || matches!(text.meaning(number), Meaning::Count(_));
            let clock = self.clock_mark_at(number + 1) || matches!(text.kind(number), Some(Kind::Clock { .. }));
            return if numbered && !clock { void(self.past_decimals(number + 1)) } else { None };
        }
        let Some(Kind::Number { value, .. }) = text.kind(at) else {
            return None;
        };
        let after = self.past_decimals(at + 1);
        if text.is_mark(after, '%') {
            return void(after + 1);
        }
        if text.is_one_of(after, &["dollars", "bucks", "usd", "dollar", "euros", "pounds", "percent", "k", "x"]) {
            return void(after + 1);
        }
        if value == 24 && text.is_mark(at + 1, '/') && text.glued(at + 1) || self.is_rating(at, value) {
            return void(at + 3);
        }
        self.long_number(at).and_then(void)
    }

    fn past_decimals(&self, at: usize) -> usize {
        let text = self.text;
        let mut end = at;
        while (text.is_mark(end, '.') || text.is_mark(end, ','))
            && text.glued(end)
            && text.glued(end + 1)
            && matches!(text.kind(end + 1), Some(Kind::Number { .. }))
        {
            end += 2;
        }
        end
    }

    /// "9/10 would recommend", "a solid 4/5".
    fn is_rating(&self, at: usize, value: u32) -> bool {
        let text = self.text;
        let Some(Kind::Number { value: of @ (5 | 10 | 100), .. }) = text.kind(at + 2) else {
            return false;
        };
        let judged = text.is_one_of(at.wrapping_sub(1), &["a", "solid", "rate", "rating", "score", "rated", "you"])
            || text.is_one_of(at + 3, &["would", "stars", "star", "rating", "experience", "service", "recommend"]);
        value <= of && text.is_mark(at + 1, '/') && text.glued(at + 1) && judged
    }

    /// Phone numbers and the like: the end of a run of digit groups that is too long for a date.
    fn long_number(&self, at: usize) -> Option<usize> {
        let text = self.text;
        let digits_at = |at: usize| match text.kind(at) {
            Some(Kind::Number { digits, .. }) => Some(digits),
            _ => None,
        };
        let first = digits_at(at)?;
        let (mut end, mut total, mut longest, mut shortest, mut groups) = (at + 1, u32::from(first), first, first, 1);
        loop {
            let mark = usize::from(
                matches!(text.kind(end), Some(Kind::Mark('-' | '.' | ')')))
                    && (text.glued(end) || text.is_mark(end, ')')),
            );
            let joined = mark == 1 || groups > 0 && digits_at(end).is_some() && shortest >= 3;
            let Some(digits) = digits_at(end + mark)
                .filter(|_| joined && (text.glued(end + 1) || mark == 0 || text.is_mark(end, ')')))
            else {
                break;
            };
            longest = longest.max(digits);
            shortest = shortest.min(digits);
            total += u32::from(digits);
            groups += 1;
            end += mark + 1;
        }
        (longest > 4 || groups > 1 && shortest >= 3 && total >= 6).then_some(end)
    }

    pub(super) fn clock_mark_at(&self, at: usize) -> bool {
        matches!(self.text.meaning(at), Meaning::Am | Meaning::Pm) || self.text.is(at, "oclock")
    }

    /// Whether the word at `next`, right after a number, is what the number counts: "3 dogs", "5 inches".
    pub(super) fn counts_a_noun(&self, next: usize) -> bool {
        !may_follow(self.text, next)
            && self.text.get(next).is_some_and(|token| token.cues.of_meaning().is_empty() || self.is_plural(next))
    }

    /// A plural of a word the lexicon knows: "2 appointments", "3 stylists".
    pub(super) fn is_plural(&self, at: usize) -> bool {
        let typed = self.text.said(at, at + 1);
        typed.len() > 3 && typed.ends_with('s') && !typed.ends_with("ss")
    }

    /// Whether the day or season named before `next` only qualifies the noun there: "easter egg", "summer dress".
    pub(super) fn starts_compound(&self, name: usize) -> bool {
        let next = name + 1;
        !may_follow(self.text, next)
            && self.text.get(next).is_some_and(|token| token.cues.of_meaning().is_empty())
            && !self.text.is_one_of(next, &["break", "holiday", "holidays", "vacation", "period", "season", "eve"])
    }

    /// A bare month name that is no person and no verb here.
    pub(super) fn is_surely_month(&self, name: usize) -> bool {
        const BEFORE_A_MONTH: &[&str] =
            &["in", "of", "during", "until", "from", "by", "since", "before", "after", "sometime", "through", "mid"];
        let text = self.text;
        let before = if name > 0 { text.word(name - 1) } else { "" };
        let verb = self.is_month_verb(name, before == "this");
        if BEFORE_A_MONTH.contains(&before) {
            return !verb;
        }
        let namesake = ["may", "march", "mar", "april", "june", "august", "jan", "dec"]
            .iter()
            .any(|name_or_verb| self.typed_as(name, name_or_verb));
        let neighbour = (text.is_one_of(name + 1, &["or", "and", "to", "through", "until"])
            || text.is_mark(name + 1, '-')
            || text.is_mark(name + 1, '/'))
            && self.is_other_month(name, name + 2);
        let joined = name > 1
            && text.is_one_of(name - 1, &["or", "and", "to", "through"])
            && self.is_other_month(name, name - 2);
        let alone =
            text.spoken() <= 2 && before.is_empty() && !text.is_one_of(name + 1, &["is", "has", "be", "not", "i"]);
        let person = text.is(name + 1, "is") || self.is_title(name);
        !person
            && (!namesake
                || !verb
                    && (neighbour || joined || alone && !self.typed_as(name, "may") && !self.typed_as(name, "mar")))
    }

    fn is_other_month(&self, name: usize, other: usize) -> bool {
        matches!(self.text.meaning(other), Meaning::Month(_)) && self.text.meaning(other) != self.text.meaning(name)
    }

    /// "may" and "march" as verbs.
    pub(super) fn is_month_verb(&self, name: usize, after_this: bool) -> bool {
        let text = self.text;
        let verb = self.typed_as(name, "may") || self.typed_as(name, "march") || self.typed_as(name, "mar");
        let open = text.kind(name + 1) == Some(Kind::Word) && text.meaning(name + 1) == Meaning::None;
        verb && (text.is_one_of(name + 1, &["be", "not", "i", "we", "have", "you"]) || after_this && open)
    }

    /// "dr may", "ms june".
    fn is_title(&self, name: usize) -> bool {
        name > 0 && self.text.is_one_of(name - 1, &["dr", "doctor", "ms", "mr", "mrs", "miss", "named", "with", "see"])
    }

    /// "sat", "sun", "wed", "mon" as another word, and weekdays that are part of a name.
    pub(super) fn is_another_word(&self, at: usize) -> bool {
        let text = self.text;
        const SAT: &[&str] = &["down", "there", "still", "back", "through"];
        const SUN: &[&str] = &["is", "was", "shining", "shines", "came", "set", "sets", "rises", "rose", "out"];
        const COINED: &[&str] =
            &["taco", "ruby", "manic", "throwback", "casual", "tgi", "freaky", "giving", "bloody", "wacky"];
        let before = at.checked_sub(1).map_or("", |before| text.word(before));
        const PERSONS: &[&str] =
            &["i", "we", "you", "they", "he", "she", "who", "just", "newly", "been", "to", "got", "getting"];
        let person = PERSONS.contains(&before);
        let the_sun = before == "the" && !matches!(text.kind(at + 1), Some(Kind::Number { .. } | Kind::Nth(_)));
        COINED.contains(&before)
            || before == "given" && at > 1 && text.is(at - 2, "any")
            || self.is_proper_name(at)
            || self.typed_as(at, "mon") && text.is_one_of(at + 1, &["ami", "amour", "cher", "dieu"])
            || self.typed_as(at, "sat") && (person && before != "to" || text.is_one_of(at + 1, SAT))
            || self.typed_as(at, "wed") && person && !(before == "to" && at > 1 && self.is_day_name(at - 2))
            || self.typed_as(at, "sun")
                && (the_sun
                    || text.is_one_of(at + 1, SUN)
                    || self.starts_compound(at)
                    || matches!(before, "in" | "much" | "too"))
    }

    fn is_day_name(&self, at: usize) -> bool {
        matches!(self.text.meaning(at), Meaning::Weekday(_) | Meaning::Today | Meaning::Tomorrow)
    }

    /// "Wednesday Addams": a capital on a day name and on an unknown word after it, in a text not written in capitals.
    fn is_proper_name(&self, at: usize) -> bool {
        let capital = |at: usize| self.text.said(at, at + 1).starts_with(char::is_uppercase);
        let shouted = |at: usize| self.text.said(at, at + 1).chars().all(|c| !c.is_lowercase());
        capital(at) && capital(at + 1) && !shouted(at) && !shouted(at + 1) && self.starts_compound(at)
    }
}
