//! What the very words of a text say beyond its intent: a bare yes, a key of the last question, a wish to change rather than to add.
//! Pure. Doubt is on the side of asking again: only a plain yes confirms. The words themselves are in `cue_words`.

use chrono::{Datelike, NaiveDate};

use super::cue_words::{
    ALL, ANOTHER, ANSWERS, APPOINTMENTS, ARRIVING, BEFORE_DAY, BESIDE, BOOK, BOOKED, BOOKS, BOTH, CANCEL, CANNOT_COME,
    CHANGE, DROP, EARLIER, ENDS, FIRST, GETS, HOW_ARE_YOU, LAST, LATER, MACHINE, MONTHS, MOVE, MOVES, NOT_ON, ONE_MORE,
    OTHER_DAY, PAST, PERSON, PLACES, REACTIONS, REFUSALS, SAID_BEFORE, SAME, SERVICES, SEVERAL, SHIFTS, SOONEST,
    STRANGER, SUPPOSING, THEIRS, THINKING, UNITS, UNSURE, UNTIL_LATER, USUAL, WAITLIST, WEEK, WEEKDAYS, WHEN, YES,
};
use crate::assistant::understanding::Understanding;

/// What a whole text asks of the question that is open: the letters it offers, and the words people use for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    Confirm,
    /// Other times, later ones.
    Another,
    /// Times after those on the table, on the same day if there are any.
    Later,
    Earlier,
    OtherDay,
    Drop,
}

/// What is done with an appointment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    Book,
    Move,
    Cancel,
}

/// A single-word command that HELP names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    Book,
    Change,
    When,
    Person,
}

/// A day that cannot be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoDay {
    /// "Yesterday".
    Passed,
    /// "February 30".
    NeverWas,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cues {
    /// Yes, and nothing else: no condition, no doubt, no other wish.
    pub plain_yes: bool,
    /// What the yes says yes to, where it says so.
    pub act: Option<Act>,
    /// A reaction to one of our texts, quoting it.
    pub reaction: bool,
    /// About the appointment there is: when, with whom.
    pub theirs: bool,
    /// Would be told, should something open up.
    pub waitlist: bool,
    /// Will answer another time.
    pub thinking: bool,
    pub how_are_you: bool,
    pub key: Option<Key>,
    pub command: Option<Command>,
    /// Speaks of changing what there is ("make it 4", "change to friday"), not of one more.
    pub change: bool,
    pub asks_for_services: bool,
    /// Would have a thing that is no word for an appointment ("get a manicure").
    pub thing: bool,
    /// Any time will do, the sooner the better.
    pub soonest: bool,
    /// The first there is, and no other.
    pub first: bool,
    /// Days of the week that are ruled out, from Monday on.
    pub not_on: [bool; 7],
    /// Turns a time down, not the whole matter.
    pub refuses: bool,
    /// Holds a number.
    pub number: bool,
    /// Its numbers count people, hours or money.
    pub counts: bool,
    /// For more than one person.
    pub several: bool,
    /// Does not know who this is.
    pub stranger: bool,
    /// Asks whether a machine answers.
    pub machine: bool,
    /// Small words of agreement and nothing else ("cool", "ok thanks").
    pub small_talk: bool,
    /// An answer that means nothing without a question.
    pub answer: bool,
    /// Late, near or at the door.
    pub arriving: bool,
    /// All of several; see `Cues::means_all`.
    pub all: bool,
    pub both: bool,
    /// Speaks of cancelling.
    pub cancels: bool,
    /// As it was the last time.
    pub usual: bool,
    /// Does not know (yet).
    pub unsure: bool,
    /// Will not be there.
    pub cannot_come: bool,
    /// A place in a list, from 0 ("the first one"); see `Cues::nth`.
    pub place: Option<usize>,
    pub no_day: Option<NoDay>,
    /// A question in words.
    pub asks: bool,
}

impl Cues {
    /// Reads a text; `heard` says which of its words spoke of time, `services` what can be had.
    pub fn read(body: &str, heard: &Understanding, services: &[&str]) -> Self {
        let text = folded(body);
        let said = heard.when.as_ref().map(|w| folded(w.said())).unwrap_or_default();
        let words: Vec<&str> = text.split(' ').filter(|w| !w.is_empty()).collect();
        let of_time = |w: &str| said.split(' ').any(|s| s == w);
        let plain = words.iter().all(|w| YES.contains(w) || BESIDE.contains(w) || of_time(w));
        let has = |phrases: &[&str]| phrases.iter().any(|p| format!(" {text} ").contains(&format!(" {p} ")));
        let asks = body.contains('?');
        let cancels = words.iter().any(|w| CANCEL.contains(w));
        let anchored = heard.when.as_ref().is_some_and(|when| when.note().inferred.from_dialogue);
        Self {
            plain_yes: plain && !asks && words.iter().any(|w| YES.contains(w)) && heard.opt_out.is_none(),
            act: act(&words),
            reaction: own_words(body) != body,
            theirs: has(THEIRS),
            waitlist: has(WAITLIST),
            thinking: has(THINKING) && heard.when.is_none(),
            how_are_you: has(HOW_ARE_YOU),
            key: key(&text, &words, heard),
            command: command(&text).or(has(BOOKED).then_some(Command::When)),
            change: (has(CHANGE) || anchored && (has(SHIFTS) || has(SAME))) && !has(ONE_MORE),
            soonest: has(SOONEST) || has(FIRST),
            first: has(FIRST),
            not_on: days_ruled_out(&words),
            refuses: has(REFUSALS),
            number: text.contains(|c: char| c.is_ascii_digit()),
            counts: words.len() > 3 && (body.contains(['$', '€']) || counts(&words)),
            several: has(SEVERAL),
            stranger: has(STRANGER),
            machine: has(MACHINE),
            small_talk: plain && !cancels && words.len() <= 4 && words.iter().any(|w| !of_time(w)),
            answer: ANSWERS.contains(&text.as_str()) || text.parse::<u8>().is_ok(),
            arriving: has(ARRIVING) && !has(SUPPOSING),
            all: has(ALL),
            both: has(BOTH),
            cancels,
            usual: has(USUAL),
            unsure: has(UNSURE) && heard.when.is_none(),
            cannot_come: has(CANNOT_COME),
            place: end_of_list(&text).or_else(|| place(&words)),
            thing: (0..words.len()).any(|at| has_thing(&words[at..], services)),
            asks_for_services: has(SERVICES) && heard.when.is_none(),
            no_day: no_day(body, &words, &has, heard),
            asks: asks && words.len() > 1 && (!text.contains(|c: char| c.is_ascii_digit()) || counts(&words)),
        }
    }
}

impl Cues {
    /// Whether all of so many are meant.
    pub const fn means_all(&self, count: usize) -> bool {
        self.all || self.both && count == 2
    }

    /// Whether the day of the week is ruled out.
    pub fn rules_out(&self, day: NaiveDate) -> bool {
        self.not_on[day.weekday().num_days_from_monday() as usize]
    }

    /// The place named in a list of so many.
    pub fn nth(&self, count: usize) -> Option<usize> {
        match self.place? {
            LAST => count.checked_sub(1),
            place => Some(place).filter(|place| *place < count),
        }
    }
}

fn act(words: &[&str]) -> Option<Act> {
    let names = |verbs: &[&str]| words.iter().any(|w| verbs.contains(w));
    match (names(CANCEL), names(MOVES), names(BOOKS)) {
        (true, ..) => Some(Act::Cancel),
        (_, true, _) => Some(Act::Move),
        (.., true) => Some(Act::Book),
        _ => None,
    }
}

/// The text without what it quotes of ours: phones that cannot show a reaction send it as `Liked "..."`.
pub fn own_words(body: &str) -> &str {
    const QUOTES: [char; 5] = ['"', '“', '”', '«', '\u{2018}'];
    let Some(at) = body.find(QUOTES) else { return body };
    let before = &body[..at];
    let verb = folded(before);
    let verb = verb.strip_suffix(" to").or_else(|| verb.strip_suffix(" a")).unwrap_or(&verb);
    let emoji = !verb.is_empty() && verb.chars().all(|c| !c.is_ascii());
    let reacts = emoji || REACTIONS.iter().any(|r| verb == *r || verb.starts_with("react") && verb.starts_with(r));
    if reacts { before } else { body }
}

/// "The later one".
fn end_of_list(text: &str) -> Option<usize> {
    let bare = text.strip_prefix("no ").or_else(|| text.strip_prefix("ok ")).unwrap_or(text);
    let bare = bare.strip_suffix(" please").or_else(|| bare.strip_suffix(" por favor")).unwrap_or(bare);
    let bare = bare.strip_suffix(" works").unwrap_or(bare);
    ENDS.iter().find(|(phrase, _)| *phrase == bare).map(|(_, place)| *place)
}

fn key(text: &str, words: &[&str], heard: &Understanding) -> Option<Key> {
    if end_of_list(text).is_some() {
        return None;
    }
    // "No, another time": the no is for the time on the table. "No more" is another matter.
    let after_no = text.strip_prefix("no ").unwrap_or(text);
    let after_no = after_no.strip_prefix("mejor ").unwrap_or(after_no);
    let after_no = Some(after_no).filter(|rest| rest.contains(' '));
    let is = |phrases: &[&str]| phrases.contains(&text) || after_no.is_some_and(|rest| phrases.contains(&rest));
    let polite = |w: &&&str| !matches!(**w, "please" | "pls" | "por" | "favor" | "thanks" | "gracias");
    let spoken = words.iter().filter(polite).count();
    let padded = format!(" {text} ");
    let says = |phrases: &[&str]| spoken <= 8 && phrases.iter().any(|p| padded.contains(&format!(" {p} ")));
    let names_time = heard.when.as_ref().is_some_and(|when| when.time().is_some());
    match text {
        "c" => Some(Key::Confirm),
        _ if is(ANOTHER) => Some(Key::Another),
        _ if is(OTHER_DAY) => Some(Key::OtherDay),
        _ if DROP.contains(&text) => Some(Key::Drop),
        _ if !names_time && says(EARLIER) && !says(SAID_BEFORE) => Some(Key::Earlier),
        _ if !names_time && says(LATER) && !says(UNTIL_LATER) => Some(Key::Later),
        _ => None,
    }
}

fn command(text: &str) -> Option<Command> {
    [(BOOK, Command::Book), (MOVE, Command::Change), (WHEN, Command::When), (PERSON, Command::Person)]
        .into_iter()
        .find_map(|(words, command)| words.contains(&text).then_some(command))
}

/// "Get a manicure", "book me a facial".
fn has_thing(words: &[&str], services: &[&str]) -> bool {
    let rest = match words {
        [verb, "me" | "us", rest @ ..] | [verb, rest @ ..] if GETS.contains(verb) => rest,
        _ => return false,
    };
    let ["a" | "an", noun, ..] = rest else { return false };
    // "A hair cut", where there is a Haircut.
    let offered = services.iter().any(|service| folded(service).split(' ').any(|word| word.starts_with(noun)));
    !offered && !APPOINTMENTS.contains(noun) && noun.chars().all(char::is_alphabetic)
}

/// "2 hours", "100 dollars".
fn counts(words: &[&str]) -> bool {
    words
        .windows(2)
        .any(|w| w[0].parse::<u32>().is_ok() && (UNITS.contains(&w[1]) || w[1] == "of" && words.contains(&"us")))
}

/// "Not on Monday", "except Mondays".
fn days_ruled_out(words: &[&str]) -> [bool; 7] {
    let weekday = |word: &str| {
        let name = WEEKDAYS.iter().find(|day| word == **day || word.strip_suffix('s') == Some(**day))?;
        WEEK.iter().position(|stems| stems.iter().any(|stem| name.starts_with(stem)))
    };
    let mut out = [false; 7];
    for (at, word) in words.iter().enumerate() {
        if !NOT_ON.contains(word) {
            continue;
        }
        let rest = words[at + 1..].iter().skip_while(|w| BEFORE_DAY.contains(w));
        for day in rest.map_while(|w| weekday(w)).take(1) {
            out[day] = true;
        }
    }
    out
}

/// A place in a list, in a text too short to be about anything else.
fn place(words: &[&str]) -> Option<usize> {
    let other = |w: &&str| {
        matches!(*w, "thing" | "hora" | "available" | "disponible" | "time" | "vez" | "not" | "no" | "except" | "menos")
    };
    // "No, the second one."
    let words = words.strip_prefix(&["no"]).unwrap_or(words);
    if words.len() > 5 || words.iter().any(other) {
        return None;
    }
    let mut places = words.iter().filter_map(|w| PLACES.iter().find(|(word, _)| word == w).map(|(_, n)| *n));
    places.next().filter(|_| places.next().is_none())
}

/// A day that is gone or never was, where no other is named.
fn no_day(body: &str, words: &[&str], has: &impl Fn(&[&str]) -> bool, heard: &Understanding) -> Option<NoDay> {
    let number = |w: &str| w.trim_end_matches(|c: char| c.is_ascii_alphabetic()).parse::<u32>().ok();
    let month = |w: &str| MONTHS.iter().find(|(name, _)| *name == w).map(|(_, n)| *n);
    let beyond = |m: u32, d: u32| d <= 31 && d > longest(m);
    let numeric = body.split_whitespace().any(|word| {
        let parts = word.split_once('/').and_then(|(m, d)| Some((m.parse().ok()?, d.parse().ok()?)));
        parts.is_some_and(|(m, d)| (1..=12).contains(&m) && beyond(m, d))
    });
    let spelt = words.windows(2).any(|w| match (month(w[0]), month(w[1])) {
        (Some(m), _) => number(w[1]).is_some_and(|d| beyond(m, d)),
        (_, Some(m)) => number(w[0]).is_some_and(|d| beyond(m, d)),
        _ => false,
    });
    let with_of = words.windows(3).any(|w| {
        matches!(w[1], "of" | "de") && matches!((number(w[0]), month(w[2])), (Some(d), Some(m)) if beyond(m, d))
    });
    if numeric || spelt || with_of {
        return Some(NoDay::NeverWas);
    }
    let of_week = |w: &str| WEEKDAYS.contains(&w);
    let last = words.windows(2).any(|w| w[0] == "last" && of_week(w[1]));
    // The grammar reads the weekday in it as a coming one.
    let past_weekday = words.windows(2).any(|w| of_week(w[0]) && w[1] == "pasado");
    let other_day = heard.when.as_ref().is_some_and(|when| when.date_bounds().is_some());
    (past_weekday || (last || has(PAST)) && !other_day).then_some(NoDay::Passed)
}

/// Speaks of changing what there is, not of one more.
pub(super) fn speaks_of_change(body: &str) -> bool {
    let text = format!(" {} ", folded(body));
    let has = |phrases: &[&str]| phrases.iter().any(|p| text.contains(&format!(" {p} ")));
    has(CHANGE) && !has(ONE_MORE)
}

/// Days of a month in the longest year.
const fn longest(month: u32) -> u32 {
    match month {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Lower case, no accents, letters and digits, single spaces; a colon or an emoji stays.
pub(super) fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars().take(400).flat_map(char::to_lowercase) {
        let c = match c {
            'á' | 'à' => 'a',
            'é' | 'è' => 'e',
            'í' => 'i',
            'ó' => 'o',
            'ú' | 'ü' => 'u',
            'ñ' => 'n',
            c => c,
        };
        match c {
            '\'' | '’' | '¿' | '¡' | '\u{fe0f}' => {}
            c if c.is_alphanumeric() || c == ':' || !c.is_ascii() && !c.is_whitespace() => out.push(c),
            _ if !out.ends_with(' ') => out.push(' '),
            _ => {}
        }
    }
    out.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use chrono_tz::America::New_York;

    use super::*;
    use crate::assistant::understanding::{Context, understand};

    fn cues(body: &str) -> Cues {
        let now: chrono::DateTime<chrono::Utc> = "2026-11-21T15:00:00Z".parse().expect("time");
        Cues::read(body, &understand(body, &Context::at(now.with_timezone(&New_York))), &["Haircut"])
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
            "si claro",
            "dale",
            "vale, perfecto",
            "sí, confirmo la cita",
            "Está bien, muchas gracias",
            "sí a las 10",
            "de acuerdo",
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
            "is that ok?",
            "yes?",
            "sí pero con Sam",
            "no está bien",
            "si no llueve",
            "¿está bien?",
            "creo que sí",
            "bueno, déjeme pensar",
            "ya no",
            "cuando puedo",
            "ok 2",
        ] {
            assert!(!cues(no).plain_yes, "{no}");
        }
    }

    #[test]
    fn a_yes_may_name_what_it_is_to() {
        assert_eq!(cues("sí, cancélala").act, Some(Act::Cancel));
        assert_eq!(cues("si muevela por favor").act, Some(Act::Move));
        assert_eq!(cues("ok book it").act, Some(Act::Book));
        assert_eq!(cues("Wonderful, thank you so much!").act, None);
        for yes in ["sí, cancélala", "si, resérvala", "ok book it", "Wonderful, thank you so much!"] {
            assert!(cues(yes).plain_yes, "{yes}");
        }
        for no in ["cancélala", "muévela", "resérvala"] {
            assert!(!cues(no).plain_yes, "{no}: by itself it is a wish");
        }
    }

    #[test]
    fn what_is_ruled_out_turned_down_or_counted_is_told_from_wishes() {
        let days = |text: &str| (0..7).filter(|n| cues(text).not_on[*n]).collect::<Vec<_>>();
        assert_eq!(days("any day next week but not monday"), [0]);
        assert_eq!(days("i cant do fridays"), [4]);
        assert_eq!(days("cualquier día menos el martes"), [1]);
        assert_eq!(days("no, monday at 3"), [0; 0], "a correction");
        for text in ["yeah no that wont work", "that's too early", "esa hora no", "no me sirve"] {
            assert!(cues(text).refuses, "{text}");
        }
        for text in [
            "there will be 2 of us in the car and its $3 for parking right?",
            "is it more than 100 dollars for 2 hours?",
            "somos dos personas y 3 niños",
        ] {
            assert!(cues(text).counts, "{text}");
        }
        for text in ["3 please", "the 2 pm one is good", "2", "option 3 works for me"] {
            assert!(!cues(text).counts, "{text}");
        }
        assert!(cues("can you fit two of us in").several && !cues("me too").several);
        for thing in ["can i get a manicure on friday?", "book me a facial", "i need a perm tomorrow"] {
            assert!(cues(thing).thing, "{thing}");
        }
        for none in [
            "can i get an appointment",
            "book me a time friday",
            "i want a quick haircut",
            "get a 3 pm",
            "get a hair cut",
        ] {
            assert!(!cues(none).thing, "{none}");
        }
        assert!(cues("first available").first && cues("any time").soonest && !cues("any time").first);
    }

    #[test]
    fn reactions_quote_and_say_nothing_of_their_own() {
        for reaction in [
            "Liked \"You're booked: Haircut on Tue Nov 24\"",
            "Loved “Consultation: Tue Nov 24 at 10:00 AM. Reply C to confirm”",
            "Laughed at \"Bye!\"",
            "Reacted 👍 to “Bye!”",
            "👍 to “Reply STOP to get no more texts.”",
            "Le gusta “Su cita esta reservada”",
            "Le encantó \"Su cita\"",
        ] {
            assert!(cues(reaction).reaction, "{reaction}");
            assert!(!own_words(reaction).contains("STOP"));
        }
        for own in ["I liked \"the cut\"", "yes", "\"C\"", "loved it", "is \"Haircut\" for men too?"] {
            assert!(!cues(own).reaction, "{own}");
        }
    }

    #[test]
    fn keys_commands_and_changes() {
        assert_eq!(cues(" r ").key, Some(Key::Another));
        assert_eq!(cues("Never mind!").key, Some(Key::Drop));
        for (text, key) in [
            ("R", Key::Another),
            ("otra hora", Key::Another),
            ("no, mejor otra hora", Key::Another),
            ("otro día", Key::OtherDay),
            ("anything earlier?", Key::Earlier),
            ("¿algo más temprano?", Key::Earlier),
            ("can we do a bit later", Key::Later),
            ("¿se puede más tarde?", Key::Later),
            ("mejor no", Key::Drop),
            ("no gracias", Key::Drop),
            ("olvídelo", Key::Drop),
        ] {
            assert_eq!(cues(text).key, Some(key), "{text}");
        }
        for none in ["no more", "i called earlier", "le aviso más tarde", "see you later", "cita"] {
            assert_eq!(cues(none).key, None, "{none}");
        }
        for (text, command) in [
            ("CAMBIAR", Command::Change),
            ("Cuándo?", Command::When),
            ("reservar", Command::Book),
            ("PERSON", Command::Person),
            ("persona", Command::Person),
            ("agent", Command::Person),
        ] {
            assert_eq!(cues(text).command, Some(command), "{text}");
        }
        assert_eq!(cues("CHANGE").command, Some(Command::Change));
        assert_eq!(cues("When?").command, Some(Command::When));
        assert!(cues("make it 4pm").change && cues("change to saturday").change);
        assert!(!cues("can I get another one on friday instead of calling").change);
        assert!(cues("what services do you have?").asks_for_services);
    }

    #[test]
    fn lateness_places_and_all_of_several() {
        for late in ["running 10 min late", "im outside", "on my way!", "voy tarde", "ya llegué", "stuck in traffic"] {
            assert!(cues(late).arriving, "{late}");
        }
        for not in ["what if i'm late?", "is it too late to book", "late afternoon", "más tarde"] {
            assert!(!cues(not).arriving, "{not}");
        }
        assert_eq!(cues("cancel the second one").place, Some(1));
        assert_eq!(cues("la última").nth(3), Some(2));
        assert_eq!(cues("the third").nth(2), None);
        assert_eq!(cues("no, the 2nd").place, Some(1));
        assert_eq!(cues("the later one please").nth(2), Some(1));
        assert_eq!(cues("the earlier one").nth(4), Some(0));
        assert_eq!((cues("the earlier one").key, cues("an earlier one?").key), (None, Some(Key::Earlier)));
        assert_eq!(cues("not the first one").place, None);
        assert!(cues("cancel all").means_all(3) && cues("las dos").means_all(2) && !cues("both").means_all(3));
        assert!(cues("cancel both").cancels && !cues("cancellation policy").cancels);
    }

    #[test]
    fn days_that_cannot_be_had() {
        for never in ["feb 30", "30 de febrero", "june 31st at 3", "31 february", "2/30", "4/31 3pm"] {
            assert_eq!(cues(never).no_day, Some(NoDay::NeverWas), "{never}");
        }
        for gone in ["yesterday at 3", "last friday", "ayer", "el viernes pasado"] {
            assert_eq!(cues(gone).no_day, Some(NoDay::Passed), "{gone}");
        }
        for real in ["feb 28", "may 31", "tomorrow", "open 24/7", "10/30", "i missed yesterday, monday at 9?"] {
            assert_eq!(cues(real).no_day, None, "{real}");
        }
    }
}
