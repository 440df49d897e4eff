//! The smaller things a text can tell: how many people, who writes, which service, whether it is urgent.

use super::text::{Kind, Text};
use super::words::Meaning;
use super::{Asked, Context};

const PEOPLE: &[&str] = &[
    "people", "person", "persons", "adults", "adult", "kids", "kid", "children", "child", "guests", "guest", "friends",
];

/// How many people it is for: "for 4 people", "party of 6", "2 adults and 2 kids", "me and my son".
pub(super) fn party_size(text: &Text<'_>) -> Option<u32> {
    let number = |at: usize| match (text.kind(at), text.meaning(at)) {
        (Some(Kind::Number { value, digits: ..=2 }), _) | (_, Meaning::Count(value)) => Some(value),
        _ => None,
    };
    let counted: u32 = (0..text.len()).filter(|at| text.is_one_of(at + 1, PEOPLE)).filter_map(number).sum();
    if counted > 0 {
        return Some(counted);
    }
    (0..text.len()).find_map(|at| {
        let after_of = text.is_one_of(at, &["party", "group", "family"]) && text.is(at + 1, "of");
        let table = text.is_one_of(at, &["table", "spots", "room", "reservation"]) && text.is(at + 1, "for");
        if after_of || table {
            return number(at + 2).filter(|size| (1..=60).contains(size));
        }
        let both = text.is(at, "me") && text.is(at + 1, "and") && text.is_one_of(at + 2, &["my", "a"]);
        let both = both && !matches!(text.meaning(at + 3), Meaning::Count(_));
        both.then_some(2)
    })
}

/// The name given: "my name is Ana Ruiz", "this is Bob", or the whole answer to a question for it.
pub(super) fn name(text: &Text<'_>, asked: Asked) -> Option<String> {
    const STOPPERS: &[&str] =
        &["and", "for", "i", "but", "calling", "here", "from", "at", "on", "the", "please", "thanks", "with"];
    let introduced = (0..text.len()).find_map(|at| match text.word(at) {
        "name" if text.is_one_of(at + 1, &["is", "s"]) => Some(at + 2),
        "names" if text.is(at.wrapping_sub(1), "my") => Some(at + 1),
        "this" if at == 0 && text.is(at + 1, "is") && capitalised(text, at + 2) => Some(at + 2),
        "im" if at == 0 && capitalised(text, at + 1) => Some(at + 1),
        "under" if text.is(at + 1, "the") && text.is(at + 2, "name") => Some(at + 3),
        _ => None,
    });
    let first = match introduced {
        Some(first) => first,
        None if asked == Asked::Name && text.spoken() <= 4 => greeting_end(text),
        None => return None,
    };
    let mut end = first;
    while end < text.len() && end < first + 3 && is_name_part(text, end) && !text.is_one_of(end, STOPPERS) {
        end += 1;
    }
    (end > first).then(|| text.said(first, end).to_owned())
}

fn capitalised(text: &Text<'_>, at: usize) -> bool {
    text.said(at, at + 1).starts_with(char::is_uppercase) && text.said(at, at + 1).len() > 1
}

fn is_name_part(text: &Text<'_>, at: usize) -> bool {
    text.kind(at) == Some(Kind::Word)
        && text.said(at, at + 1).chars().all(|c| c.is_alphabetic() || matches!(c, '\'' | '’' | '-'))
}

/// The service named, counted from 0: the one with the most of its words in the text.
pub(super) fn service(text: &Text<'_>, ctx: &Context<'_>) -> Option<usize> {
    let score = |name: &str| {
        let name = Text::new(name);
        let words: Vec<&str> = (0..name.len()).map(|at| name.word(at)).filter(|word| word.len() > 2).collect();
        let said = words.iter().filter(|word| (0..text.len()).any(|at| same_word(text.word(at), word))).count();
        (said, words.len())
    };
    let best = ctx.services.iter().enumerate().map(|(index, name)| (index, score(name)));
    best.filter(|(_, (said, of))| *said > 0 && said * 2 >= *of)
        .max_by_key(|(index, (said, of))| (*said, usize::MAX - of, usize::MAX - index))
        .map(|(index, _)| index)
}

/// Whether the word at `at` is part of a service's name.
pub(super) fn names_service(text: &Text<'_>, at: usize, ctx: &Context<'_>) -> bool {
    ctx.services.iter().any(|name| {
        let name = Text::new(name);
        (0..name.len()).any(|part| name.word(part).len() > 2 && same_word(text.word(at), name.word(part)))
    })
}

/// The same word, singular or plural.
fn same_word(a: &str, b: &str) -> bool {
    a == b || a.strip_suffix('s') == Some(b) || b.strip_suffix('s') == Some(a)
}

/// Pain, bleeding, "asap".
pub(super) fn urgent(text: &Text<'_>) -> bool {
    const URGENT: &[&str] = &[
        "asap",
        "urgent",
        "urgently",
        "emergency",
        "immediately",
        "pain",
        "painful",
        "bleeding",
        "swollen",
        "swelling",
        "hurts",
        "hurting",
        "aching",
        "toothache",
        "broke",
        "broken",
        "chipped",
        "infected",
        "infection",
        "urgente",
        "emergencia",
        "dolor",
    ];
    (0..text.len()).any(|at| {
        text.is_one_of(at, URGENT)
            || text.is(at, "right") && text.is(at + 1, "away")
            || text.is(at, "soon") && text.is_one_of(at + 1, &["as", "possible"])
    })
}

/// The first token after "hi, it's".
fn greeting_end(text: &Text<'_>) -> usize {
    let greeting = |at: &usize| {
        text.is_one_of(*at, &["hi", "hello", "hey", "its", "im", "i", "am", "is", "sure", "yes", "it", "ok"])
            || matches!(text.kind(*at), Some(Kind::Mark(_)))
    };
    (0..text.len()).find(|at| !greeting(at)).unwrap_or(text.len())
}
