//! Day and month names that are something else: verbs ("may", "sat"), people ("June"), and parts of coined names
//! ("taco tuesday").  The lists are closed classes.

use super::moments::Reader;
use super::text::Kind;
use super::words::Meaning;

/// Words before a weekday that make a coined name of the two.
const COINED: &[&str] = &[
    "taco",
    "ruby",
    "manic",
    "throwback",
    "casual",
    "tgi",
    "freaky",
    "giving",
    "bloody",
    "wacky",
    "girl",
    "gal",
    "blue",
];

/// Words after a weekday, or a weekday night, that make a coined name.
const COINING: &[&str] = &[
    "funday",
    "roast",
    "scaries",
    "blues",
    "school",
    "feeling",
    "feels",
    "vibes",
    "football",
    "lights",
    "live",
    "fever",
    "mood",
    "motivation",
    "addams",
];

impl Reader<'_, '_> {
    /// A bare month name that is no person and no verb here.
    pub(super) fn is_surely_month(&self, name: usize) -> bool {
        const BEFORE_A_MONTH: &[&str] =
            &["in", "of", "during", "until", "from", "by", "since", "before", "after", "sometime", "through", "mid"];
        let text = self.text;
        let before = if name > 0 { text.word(name - 1) } else { "" };
        let verb = self.is_month_verb(name, before == "this");
        if self.starts_compound(name) {
            // "june carter", "march madness", "april showers"
            return false;
        }
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
        verb && (text.is_one_of(name + 1, &["be", "not", "i", "we", "have", "you", "on", "up", "down"])
            || after_this && open)
    }

    /// "dr may", "ms june".
    pub(super) fn is_title(&self, name: usize) -> bool {
        name > 0 && self.text.is_one_of(name - 1, &["dr", "doctor", "ms", "mr", "mrs", "miss", "named", "with", "see"])
    }

    /// "sat", "sun", "wed", "mon" as another word, and weekdays that are part of a name.
    pub(super) fn is_another_word(&self, at: usize) -> bool {
        let text = self.text;
        const SAT: &[&str] = &["down", "there", "still", "back", "through"];
        const SUN: &[&str] = &["is", "was", "shining", "shines", "came", "set", "sets", "rises", "rose", "out"];
        let before = at.checked_sub(1).map_or("", |before| text.word(before));
        const PERSONS: &[&str] =
            &["i", "we", "you", "they", "he", "she", "who", "just", "newly", "been", "to", "got", "getting"];
        let person = PERSONS.contains(&before);
        let the_sun = before == "the" && !matches!(text.kind(at + 1), Some(Kind::Number { .. } | Kind::Nth(_)));
        let noun = at + 1 + usize::from(matches!(text.meaning(at + 1), Meaning::Part(_)));
        // "sat 3 times", "been wed 10 years", "Mr Friday"
        let lasting =
            self.amount(at + 1).is_some() || self.count(at + 1).is_some_and(|(_, next)| text.is(next, "times"));
        let verb = ["sat", "sun", "wed"].iter().any(|verb| self.typed_as(at, verb));
        verb && lasting
            || matches!(before, "mr" | "mrs" | "ms" | "miss")
            || COINED.contains(&before)
            || text.is_one_of(noun, COINING)
            || self.typed_as(at, "sunday") && text.is(noun, "best")
            || self.qualifies_a_noun(at)
            || before == "given" && at > 1 && text.is(at - 2, "any")
            || self.is_proper_name(at)
            || self.typed_as(at, "mon")
                && text.is_one_of(
                    at + 1 + usize::from(text.is_mark(at + 1, '-')),
                    &["ami", "amour", "cher", "cheri", "cherie", "dieu", "frere"],
                )
            || self.typed_as(at, "sat")
                && (person && !self.is_timed(at + 1) && before != "to"
                    || text.is_one_of(at + 1, SAT)
                    || self.sits_somewhere(at + 1))
            || self.typed_as(at, "wed") && text.is_one_of(at + 1, &["like", "love", "prefer", "rather", "appreciate"])
            || self.typed_as(at, "wed") && person && !(before == "to" && at > 1 && self.is_day_name(at - 2))
            || self.typed_as(at, "sun")
                && (the_sun
                    || text.is_one_of(at + 1, SUN)
                    || self.starts_compound(at)
                    || matches!(before, "in" | "much" | "too"))
    }

    /// Whether an hour or a part of the day follows: "see u sat 7a", "we sat morning".
    fn is_timed(&self, at: usize) -> bool {
        let hour = at + usize::from(self.text.is(at, "at") || self.text.is_mark(at, '@'));
        matches!(self.text.kind(hour), Some(Kind::Number { .. } | Kind::Clock { .. }))
            || matches!(self.text.meaning(at), Meaning::Part(_) | Meaning::Noon)
    }

    /// "in the chair", "on a bench" after "sat".
    fn sits_somewhere(&self, at: usize) -> bool {
        let text = self.text;
        let place = self.skip(at + 1, &["the", "a", "my", "this", "that"]);
        text.is_one_of(at, &["in", "on", "at"]) && place > at + 1 && self.counts_a_noun(place)
    }

    /// "the wed site", "my monday workout", "Friday's game": a day that only says which one of a kind is meant.
    fn qualifies_a_noun(&self, at: usize) -> bool {
        const OWNERS: &[&str] = &["the", "my", "our", "your", "his", "her", "their"];
        // What can be booked on the day is booked for the day.
        const BOOKED: &[&str] = &["class", "session", "spot", "group", "time", "times", "option", "date", "game"];
        let text = self.text;
        let owned = at > 0 && text.is_one_of(at - 1, OWNERS) || text.said(at, at + 1).contains(['\'', '’']);
        owned && self.starts_compound(at) && !text.is_one_of(at + 1, BOOKED)
    }

    /// Whether a word for a time is somebody's or something's name: "noon is my cat's name", "Dawn will call",
    /// "called midnight".
    pub(super) fn is_given_name(&self, first: usize, end: usize) -> bool {
        const NAMES: &[&str] =
            &["dawn", "eve", "summer", "autumn", "june", "april", "may", "august", "midnight", "noon"];
        const DOES: &[&str] =
            &["will", "is", "was", "has", "can", "did", "said", "says", "told", "wants", "asked", "called"];
        const BEFORE: &[&str] = &["thanks", "thank", "ask", "tell", "with", "hi", "hello", "hey", "im"];
        let text = self.text;
        let before = self.skip_back(first, &["is", "was", "the"]);
        let named = before > 0 && text.is_one_of(before - 1, &["name", "named", "called", "nicknamed", "names"]);
        let naming = text.is_one_of(end, &["is", "was"])
            && (end + 1..(end + 5).min(text.len())).any(|at| text.is_one_of(at, &["name", "nickname"]));
        let capital =
            text.said(first, first + 1).starts_with(char::is_uppercase) && text.raw.contains(char::is_lowercase);
        let person = end == first + 1
            && capital
            && NAMES.iter().any(|name| self.typed_as(first, name))
            && (first == 0 && text.is_one_of(end, DOES) || first > 0 && text.is_one_of(first - 1, BEFORE));
        named || naming || person
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
