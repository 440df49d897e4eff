//! Numbers that look like a date or time and are none: money, phone numbers, room numbers, counts, ratings, addresses
//! of the web; and the nouns that numbers count and day names describe.  `namesakes` has the names.

use std::sync::LazyLock;

use super::cues::{self, CueSet};
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

/// Classes of words that go with a time without being counted or described by it: "3 works", "friday appt please".
static COMPANIONS: LazyLock<CueSet> = LazyLock::new(|| {
    const CLASSES: &[&str] = &[
        "function", "visit", "service", "book", "make", "want", "cancel", "move", "change", "open", "good", "works",
        "sounds", "thanks", "please", "hello", "bye", "yes", "no", "not", "can", "be", "have", "me", "you", "confirm",
        "talk", "go", "late",
    ];
    CLASSES.iter().filter_map(|name| cues::class(name)).fold(CueSet::default(), CueSet::or)
});

/// Of these classes, the nouns.
static NOUNS: LazyLock<CueSet> = LazyLock::new(|| {
    ["visit", "service"].iter().filter_map(|name| cues::class(name)).fold(CueSet::default(), CueSet::or)
});

/// Whether the token at `at` may follow a day name or a number that is a time: a time word, a mark, the end, or one of
/// `COMPANIONS`.  What may not is a noun that is counted ("3 dogs") or described ("easter egg").
fn may_follow(text: &Text<'_>, at: usize) -> bool {
    text.kind(at) != Some(Kind::Word)
        || text.meaning(at) != Meaning::None
        || text.get(at).is_some_and(|token| token.cues.meets(*COMPANIONS))
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
        let feet = matches!(text.kind(at), Some(Kind::Number { digits: 1, .. }))
            && text.is_mark(at + 1, '\'')
            && text.glued(at + 1)
            && matches!(text.kind(at + 2), Some(Kind::Number { .. }));
        if feet {
            return void(at + 3);
        }
        if text.is_mark(at, '+') && matches!(text.kind(at + 1), Some(Kind::Number { .. })) && text.glued(at + 1) {
            return void(self.long_number(at + 1).unwrap_or(at + 2));
        }
        if text.is_one_of(at, NUMBERED) || self.typed_as(at, "apt") || text.is(at, "no") && text.is_mark(at + 1, '.') {
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
        if at > 0 && text.is_one_of(at - 1, &["turns", "turning", "turned", "aged"]) {
            return void(after);
        }
        if text.is_mark(after, '%') {
            return void(after + 1);
        }
        if text.is_one_of(after, &["dollars", "bucks", "usd", "dollar", "euros", "pounds", "percent", "k", "x"]) {
            return void(after + 1);
        }
        if let Some(end) = self.street_address(at) {
            return void(end);
        }
        if value == 24 && text.is_mark(at + 1, '/') && text.glued(at + 1) || self.is_rating(at, value) {
            return void(at + 3);
        }
        self.long_number(at).and_then(void)
    }

    /// The end of a web or mail address, or of a hashtag, that begins at `at`.
    pub(super) fn link(&self, at: usize) -> Option<usize> {
        const DOMAINS: &[&str] = &["com", "net", "org", "io", "co", "edu", "gov", "me", "us", "app"];
        let text = self.text;
        if text.is_mark(at, '#') && text.kind(at + 1) == Some(Kind::Word) && text.glued(at + 1) {
            return Some(at + 2);
        }
        if text.glued(at) || !text.glued(at + 1) {
            return None;
        }
        let mut end = at + 1;
        while text.glued(end) {
            end += 1;
        }
        let linked = (at + 1..end).any(|inner| {
            text.is_mark(inner, '@') && text.kind(inner - 1) == Some(Kind::Word) && text.is_mark(inner + 2, '.')
                || text.is_mark(inner, ':') && text.is_mark(inner + 1, '/') && text.is_mark(inner + 2, '/')
                || text.is_mark(inner, '.') && inner + 1 < end && text.is_one_of(inner + 1, DOMAINS)
        });
        linked.then_some(end)
    }

    /// "917 W 3rd St", "430 oak ave": the end of a house number with its street.
    fn street_address(&self, at: usize) -> Option<usize> {
        const STREETS: &[&str] = &[
            "st",
            "street",
            "ave",
            "avenue",
            "rd",
            "road",
            "blvd",
            "boulevard",
            "lane",
            "ln",
            "drive",
            "hwy",
            "highway",
            "pkwy",
            "parkway",
            "terrace",
            "square",
        ];
        const DIRECTIONS: &[&str] = &["n", "s", "e", "w", "north", "south", "east", "west", "ne", "nw", "se", "sw"];
        let text = self.text;
        let Some(Kind::Number { digits: 2.., .. }) = text.kind(at) else { return None };
        let street = (at + 2..at + 5).find(|at| text.is_one_of(*at, STREETS))?;
        let named = |at: usize| {
            DIRECTIONS.iter().any(|direction| self.typed_as(at, direction))
                || matches!(text.kind(at), Some(Kind::Nth(_)))
                || matches!(text.meaning(at), Meaning::Nth(_))
                || text.kind(at) == Some(Kind::Word) && self.counts_a_noun(at)
        };
        (at + 1..street).all(named).then_some(street + 1)
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
        const JUDGED: &[&str] =
            &["rate", "rated", "rating", "give", "gave", "giving", "score", "scored", "solid", "review", "grade"];
        let judged = (at.saturating_sub(4)..at).any(|at| text.is_one_of(at, JUDGED))
            || text.is_one_of(at.wrapping_sub(1), &["a", "you"])
            || value == of && text.is_one_of(at.wrapping_sub(1), &["was", "were"])
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
        !may_follow(self.text, next) || self.is_counted_plural(next)
    }

    /// A plural of a noun that may also follow a time: "2 appointments", "3 stylists".
    fn is_counted_plural(&self, at: usize) -> bool {
        let noun = self.text.get(at).is_some_and(|token| token.cues.meets(*NOUNS));
        noun && self.is_plural(at)
    }

    /// A plural of a word the lexicon knows: "2 appointments", "3 stylists".
    pub(super) fn is_plural(&self, at: usize) -> bool {
        let typed = self.text.said(at, at + 1);
        typed.len() > 3 && typed.ends_with('s') && !typed.ends_with("ss")
    }

    /// Whether the day or season named before `next` only qualifies the noun there: "easter egg", "summer dress".
    pub(super) fn starts_compound(&self, name: usize) -> bool {
        const STRETCHES: &[&str] = &["break", "holiday", "holidays", "vacation", "period", "season", "eve", "weekend"];
        !may_follow(self.text, name + 1) && !self.text.is_one_of(name + 1, STRETCHES)
    }
}
