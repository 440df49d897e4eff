//! What the very words of a text say beyond its intent: a bare yes, a key of the last question, a wish to change rather than to add.
//! Pure. Doubt is on the side of asking again: only a plain yes confirms.

use crate::assistant::understanding::Understanding;

/// The letters our questions offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    Confirm,
    Another,
    Drop,
}

/// A single-word command that HELP names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    Book,
    Change,
    When,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cues {
    /// Yes, and nothing else: no condition, no doubt, no other wish.
    pub plain_yes: bool,
    pub key: Option<Key>,
    pub command: Option<Command>,
    /// Speaks of changing what there is ("make it 4", "change to friday"), not of one more.
    pub change: bool,
    pub asks_for_services: bool,
    /// Any time will do, the sooner the better.
    pub soonest: bool,
    /// Does not know who this is.
    pub stranger: bool,
    /// Small words of agreement and nothing else ("cool", "ok thanks").
    pub small_talk: bool,
}

/// Words that say yes by themselves …
const YES: &[&str] = &[
    "y",
    "yes",
    "yep",
    "yeah",
    "yup",
    "yea",
    "ya",
    "yess",
    "yesss",
    "c",
    "ok",
    "okay",
    "okey",
    "k",
    "kk",
    "sure",
    "confirm",
    "confirmed",
    "correct",
    "perfect",
    "great",
    "absolutely",
    "definitely",
    "works",
    "good",
    "fine",
    "book",
    "deal",
    "si",
    "sí",
    "vale",
    "claro",
    "dale",
    "👍",
    "👌",
    "✅",
    "🙏",
];
/// … and those that may stand beside one without changing it.
const BESIDE: &[&str] = &[
    "please", "pls", "plz", "thanks", "thank", "you", "u", "ty", "thx", "tks", "that", "thats", "it", "its", "is",
    "this", "me", "for", "sounds", "work", "do", "lets", "go", "ahead", "with", "of", "course", "i", "ill", "will",
    "take", "the", "one", "cool", "awesome", "nice", "right", "all", "would", "be", "and", "so", "much", "a", "at",
    "on", "in", "am", "pm", "gracias", "por", "favor", "bueno", "de", "acuerdo", "very", "want", "to", "keep",
    "really", "lovely", "ma'am", "sir", "hi", "oh", "great!", "move", "cancel",
];
/// Phrases that let the matter drop.
const DROP: &[&str] = &[
    "x",
    "n",
    "no thanks",
    "no thank you",
    "never mind",
    "nevermind",
    "nvm",
    "forget it",
    "forget about it",
    "not interested",
    "drop it",
    "no gracias",
    "nothing",
];
/// Words for other times than those on the table.
const ANOTHER: &[&str] = &[
    "r",
    "more",
    "later",
    "more times",
    "other times",
    "another time",
    "something else",
    "anything else",
    "anything later",
    "something later",
    "later please",
    "what else",
    "what else do you have",
    "what else is there",
    "none of those work",
    "none of these work",
];
const BOOKED: &[&str] =
    &["am i booked", "do i have an appointment", "do i have anything booked", "what do i have booked", "whens my appt"];
const SOONEST: &[&str] = &[
    "asap",
    "soonest",
    "earliest",
    "first available",
    "next available",
    "any time",
    "anytime",
    "whenever",
    "as soon as possible",
];
const STRANGER: &[&str] =
    &["wrong number", "wrong person", "who is this", "who dis", "whos this", "who are you", "do i know you"];
const CHANGE: &[&str] =
    &["change", "make it", "move it", "move to", "switch", "instead", "reschedule", "push it", "cambiar"];
const ONE_MORE: &[&str] = &["another", "also", "second", "one more", "additional", "new one", "as well", "too"];

impl Cues {
    /// Reads a text; `heard` says which of its words spoke of time.
    pub fn read(body: &str, heard: &Understanding) -> Self {
        let text = folded(body);
        let said = heard.when.as_ref().map(|w| folded(w.said())).unwrap_or_default();
        let words: Vec<&str> = text.split(' ').filter(|w| !w.is_empty()).collect();
        let of_time = |w: &str| said.split(' ').any(|s| s == w) || w.bytes().any(|b| b.is_ascii_digit());
        let plain = words.iter().all(|w| YES.contains(w) || BESIDE.contains(w) || of_time(w));
        let has = |phrases: &[&str]| phrases.iter().any(|p| format!(" {text} ").contains(&format!(" {p} ")));
        Self {
            plain_yes: plain && words.iter().any(|w| YES.contains(w)) && heard.opt_out.is_none(),
            key: match text.as_str() {
                "c" => Some(Key::Confirm),
                text if ANOTHER.contains(&text) => Some(Key::Another),
                _ if DROP.contains(&text.as_str()) => Some(Key::Drop),
                _ => None,
            },
            command: match text.as_str() {
                "book" => Some(Command::Book),
                "change" | "move" | "reschedule" => Some(Command::Change),
                "when" | "status" => Some(Command::When),
                _ if has(BOOKED) => Some(Command::When),
                _ => None,
            },
            change: has(CHANGE) && !has(ONE_MORE),
            soonest: has(SOONEST) && heard.when.is_none(),
            stranger: has(STRANGER),
            small_talk: plain && !words.is_empty() && words.len() <= 4,
            asks_for_services: has(&["services", "what do you offer", "what do you do", "what can i book"])
                && heard.when.is_none(),
        }
    }
}

/// Lower case, letters and digits, single spaces; a colon or an emoji stays.
fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars().take(400).flat_map(char::to_lowercase) {
        match c {
            '\'' | '’' => {}
            c if c.is_alphanumeric() || c == ':' || !c.is_ascii() && !c.is_whitespace() => out.push(c),
            _ if !out.ends_with(' ') => out.push(' '),
            _ => {}
        }
    }
    out.trim().to_owned()
}

/// Which of `names` the text names, whole or by first name; none where it names several.
pub fn named(body: &str, names: &[&str]) -> Option<usize> {
    let text = format!(" {} ", folded(body));
    let hit = |name: &str| text.contains(&format!(" {name} "));
    let mut hits = names.iter().enumerate().filter(|(_, name)| {
        let name = folded(name);
        let first = name.split(' ').next().unwrap_or_default();
        hit(&name) || first.len() > 2 && hit(first)
    });
    match (hits.next(), hits.next()) {
        (Some((n, _)), None) => Some(n),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::America::New_York;

    use super::*;
    use crate::assistant::understanding::{Context, understand};

    fn cues(body: &str) -> Cues {
        let now: chrono::DateTime<chrono::Utc> = "2026-11-21T15:00:00Z".parse().expect("time");
        Cues::read(body, &understand(body, &Context::at(now.with_timezone(&New_York))))
    }

    #[test]
    fn only_a_plain_yes_is_one() {
        for yes in [
            "yes",
            "C",
            "ok",
            "Yes please!",
            "yep that works",
            "sounds good, thanks",
            "👍",
            "sí por favor",
            "yes 3pm",
            "ok tuesday at 10 works",
            "perfect, thank you so much",
        ] {
            assert!(cues(yes).plain_yes, "{yes}");
        }
        for no in [
            "not sure yet, ill let you know",
            "ok let me think",
            "yes if it's not raining",
            "STOP it's fine",
            "yes but with Sam",
            "sure, but can it be a haircut?",
            "yes?? wait no",
            "is that ok with my insurance?",
            "thanks",
            "hmm",
            "",
            "yes or no",
            "maybe yes",
        ] {
            assert!(!cues(no).plain_yes, "{no}");
        }
    }

    #[test]
    fn keys_commands_and_changes() {
        assert_eq!(cues(" r ").key, Some(Key::Another));
        assert_eq!(cues("Never mind!").key, Some(Key::Drop));
        assert_eq!(cues("CHANGE").command, Some(Command::Change));
        assert_eq!(cues("When?").command, Some(Command::When));
        assert!(cues("make it 4pm").change && cues("change to saturday").change);
        assert!(!cues("can I get another one on friday instead of calling").change);
        assert!(cues("what services do you have?").asks_for_services);
    }

    #[test]
    fn people_are_named_whole_or_by_first_name() {
        let names = ["Alex Rivera", "Sam Chen"];
        assert_eq!(named("friday with sam please", &names), Some(1));
        assert_eq!(named("Alex Rivera?", &names), Some(0));
        assert_eq!(named("the same time", &names), None);
        assert_eq!(named("alex or sam", &names), None);
    }
}
