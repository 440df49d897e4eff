//! The lexicon: what single words mean for dates and times.  `spellings`, `spanish` and the cue classes of `cues` are
//! looked up through the same table.

use std::collections::HashMap;
use std::sync::LazyLock;

use chrono::Weekday;

use super::cues::{self, CueSet};
use super::holidays;
use super::spanish::{LANGUAGE, SPANISH};
use super::spellings::{FORGIVEN, MIXED, SPELLINGS};
use super::when::PartOfDay;

/// What a word means for dates and times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    None,
    Weekday(Weekday),
    Month(u32),
    /// The month it begins in: 3, 6, 9 or 12.
    Season(u32),
    Unit(Unit),
    Part(PartOfDay),
    /// "three"
    Count(u32),
    /// "third"
    Nth(u32),
    Am,
    Pm,
    Noon,
    Midnight,
    Today,
    Tomorrow,
    Tonight,
    Yesterday,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Minute,
    Hour,
    Day,
    Week,
    Fortnight,
    Month,
    Year,
}

const MEANINGS: &[(&str, Meaning)] = {
    use Meaning::{
        Am, Count, Midnight, Month, Noon, Nth, Part, Pm, Season, Today, Tomorrow, Tonight, Unit as U, Yesterday,
    };
    use PartOfDay::{Afternoon, Evening, Lunch, Morning, Night};
    &[
        ("monday", Meaning::Weekday(Weekday::Mon)),
        ("tuesday", Meaning::Weekday(Weekday::Tue)),
        ("wednesday", Meaning::Weekday(Weekday::Wed)),
        ("thursday", Meaning::Weekday(Weekday::Thu)),
        ("friday", Meaning::Weekday(Weekday::Fri)),
        ("saturday", Meaning::Weekday(Weekday::Sat)),
        ("sunday", Meaning::Weekday(Weekday::Sun)),
        ("january", Month(1)),
        ("february", Month(2)),
        ("march", Month(3)),
        ("april", Month(4)),
        ("may", Month(5)),
        ("june", Month(6)),
        ("july", Month(7)),
        ("august", Month(8)),
        ("september", Month(9)),
        ("october", Month(10)),
        ("november", Month(11)),
        ("december", Month(12)),
        ("spring", Season(3)),
        ("summer", Season(6)),
        ("fall", Season(9)),
        ("autumn", Season(9)),
        ("winter", Season(12)),
        ("minute", U(Unit::Minute)),
        ("hour", U(Unit::Hour)),
        ("day", U(Unit::Day)),
        ("week", U(Unit::Week)),
        ("fortnight", U(Unit::Fortnight)),
        ("month", U(Unit::Month)),
        ("year", U(Unit::Year)),
        ("morning", Part(Morning)),
        ("lunch", Part(Lunch)),
        ("afternoon", Part(Afternoon)),
        ("evening", Part(Evening)),
        ("night", Part(Night)),
        ("one", Count(1)),
        ("two", Count(2)),
        ("three", Count(3)),
        ("four", Count(4)),
        ("five", Count(5)),
        ("six", Count(6)),
        ("seven", Count(7)),
        ("eight", Count(8)),
        ("nine", Count(9)),
        ("ten", Count(10)),
        ("eleven", Count(11)),
        ("twelve", Count(12)),
        ("thirteen", Count(13)),
        ("fourteen", Count(14)),
        ("fifteen", Count(15)),
        ("sixteen", Count(16)),
        ("seventeen", Count(17)),
        ("eighteen", Count(18)),
        ("nineteen", Count(19)),
        ("twenty", Count(20)),
        ("thirty", Count(30)),
        ("forty", Count(40)),
        ("fifty", Count(50)),
        ("sixty", Count(60)),
        ("seventy", Count(70)),
        ("eighty", Count(80)),
        ("ninety", Count(90)),
        ("hundred", Count(100)),
        ("first", Nth(1)),
        ("second", Nth(2)),
        ("third", Nth(3)),
        ("fourth", Nth(4)),
        ("fifth", Nth(5)),
        ("sixth", Nth(6)),
        ("seventh", Nth(7)),
        ("eighth", Nth(8)),
        ("ninth", Nth(9)),
        ("tenth", Nth(10)),
        ("eleventh", Nth(11)),
        ("twelfth", Nth(12)),
        ("thirteenth", Nth(13)),
        ("fourteenth", Nth(14)),
        ("fifteenth", Nth(15)),
        ("sixteenth", Nth(16)),
        ("seventeenth", Nth(17)),
        ("eighteenth", Nth(18)),
        ("nineteenth", Nth(19)),
        ("twentieth", Nth(20)),
        ("thirtieth", Nth(30)),
        ("am", Am),
        ("pm", Pm),
        ("noon", Noon),
        ("midnight", Midnight),
        ("today", Today),
        ("tomorrow", Tomorrow),
        ("tonight", Tonight),
        ("yesterday", Yesterday),
    ]
};

/// Words without a meaning of their own with which a phrase about time may begin, besides those of `cues`.
const OPENERS: &[&str] = &["oh", "o", "zero", "wee", "small"];

#[derive(Debug, Clone, Copy)]
struct Entry {
    word: &'static str,
    /// The plain word this one stands for, if it is a variant.
    plain: Option<&'static str>,
    spanish: Option<&'static str>,
    meaning: Meaning,
    cues: CueSet,
    /// Positive speaks for Spanish; `None` where nothing is listed.
    language: Option<i32>,
}

static LEXICON: LazyLock<HashMap<&'static str, Entry>> = LazyLock::new(|| {
    let mut lexicon: HashMap<&'static str, Entry> = HashMap::with_capacity(2048);
    fn entry<'a>(lexicon: &'a mut HashMap<&'static str, Entry>, word: &'static str) -> &'a mut Entry {
        lexicon.entry(word).or_insert(Entry {
            word,
            plain: None,
            spanish: None,
            meaning: Meaning::None,
            cues: CueSet::default(),
            language: None,
        })
    }
    for (word, meaning) in MEANINGS {
        entry(&mut lexicon, word).meaning = *meaning;
    }
    for (word, class) in cues::members() {
        let entry = entry(&mut lexicon, word);
        entry.cues = entry.cues.with(class);
    }
    for word in holidays::first_words().chain(OPENERS.iter().copied()) {
        let entry = entry(&mut lexicon, word);
        entry.cues = entry.cues.or(cues::opener());
    }
    for (plain, variants) in SPELLINGS {
        for variant in variants.split_ascii_whitespace().filter(|variant| variant != plain) {
            entry(&mut lexicon, variant).plain = Some(plain);
        }
    }
    for (plain, variants) in SPANISH {
        for variant in variants.split_ascii_whitespace() {
            entry(&mut lexicon, variant).spanish = Some(plain);
        }
    }
    for (weight, words) in LANGUAGE {
        for word in words.split_ascii_whitespace() {
            entry(&mut lexicon, word).language = Some(*weight);
        }
    }
    lexicon
});

/// The word that `word` stands for, when it is an abbreviation, a slip of the keys or Spanish.
pub(super) fn canonical(word: &str, spanish: bool, after_article: bool) -> Option<&'static str> {
    let known = LEXICON.get(word);
    if let Some(entry) = known {
        if spanish && after_article && word == "manana" {
            return Some("morning");
        }
        if spanish && entry.spanish.is_some() {
            return entry.spanish;
        }
        return entry.plain;
    }
    let plain = shortened(word).or_else(|| forgiven(word))?;
    LEXICON.get(plain).and_then(|entry| entry.plain).or(Some(plain))
}

/// Meaning and cue classes of a canonical word.
pub(super) fn look_up(word: &str) -> (Meaning, CueSet) {
    LEXICON.get(word).map_or((Meaning::None, CueSet::default()), |entry| (entry.meaning, entry.cues))
}

/// How strongly `word` speaks for Spanish (positive) or English (negative).
pub(super) fn language_weight(word: &str) -> i32 {
    LEXICON.get(word).map_or(0, |entry| match entry.language {
        Some(weight) => weight,
        None if entry.spanish.is_some() => 1,
        None => -1,
    })
}

/// Whether letters and digits of `run` form one word ("2nite") rather than a number with a unit ("3pm").
pub(super) fn is_mixed_word(run: &str) -> bool {
    MIXED.contains(&run)
}

/// A known word whose letters were held down ("stoppp", "heyyy").
fn shortened(word: &str) -> Option<&'static str> {
    let bytes = word.as_bytes();
    if !word.is_ascii() || !bytes.windows(3).any(|three| three[0] == three[1] && three[1] == three[2]) {
        return None;
    }
    [1, 2].into_iter().find_map(|keep| {
        let mut short = String::with_capacity(word.len());
        for (index, c) in word.char_indices() {
            let run = bytes[..index].iter().rev().take_while(|byte| **byte == c as u8).count();
            let longer = bytes[index + 1..].iter().take_while(|byte| **byte == c as u8).count() + run + 1 >= 3;
            if !longer || run < keep {
                short.push(c);
            }
        }
        LEXICON.get(short.as_str()).map(|entry| entry.word)
    })
}

/// A long known word one slip away (two when it has eight letters or more).
fn forgiven(word: &str) -> Option<&'static str> {
    if word.len() < 5 || !word.is_ascii() {
        return None;
    }
    FORGIVEN.iter().copied().find(|known| {
        let allowed = if known.len() >= 8 { 2 } else { 1 };
        known.len().abs_diff(word.len()) <= allowed
            && known.as_bytes()[0] == word.as_bytes()[0]
            && slips(known.as_bytes(), word.as_bytes()) <= allowed
    })
}

/// Whether `word`, no word of its own, is one slip away from `known`: two letters swapped, or one too many, too few
/// (only where enough is left to tell) or wrong in the middle.
pub(super) fn is_slip_of(word: &str, known: &str) -> bool {
    const OTHER_WORDS: &[&str] = &[
        "step", "shop", "top", "spot", "slop", "stow", "atop", "soup", "ship", "drop", "crop", "slip", "stir", "strop",
        "stomp", "scoop", "store", "story", "storm", "snoop", "sloop", "stamp", "sop",
    ];
    let unknown = !LEXICON.contains_key(word) && !OTHER_WORDS.contains(&word);
    unknown
        && word.is_ascii()
        && word.len() >= 4
        && word.as_bytes()[0] == known.as_bytes()[0]
        && slips(known.as_bytes(), word.as_bytes()) <= 1
}

/// Insertions, deletions, replacements and swaps of neighbours between two short words.
fn slips(a: &[u8], b: &[u8]) -> usize {
    const LONGEST: usize = 24;
    if a.len() >= LONGEST || b.len() >= LONGEST {
        return usize::MAX;
    }
    let mut before = [0usize; LONGEST];
    let mut last: [usize; LONGEST] = std::array::from_fn(|column| column);
    for row in 1..=a.len() {
        let mut current = [0usize; LONGEST];
        current[0] = row;
        for column in 1..=b.len() {
            let replaced = last[column - 1] + usize::from(a[row - 1] != b[column - 1]);
            let mut best = replaced.min(last[column] + 1).min(current[column - 1] + 1);
            if row > 1 && column > 1 && a[row - 1] == b[column - 2] && a[row - 2] == b[column - 1] {
                best = best.min(before[column - 2] + 1);
            }
            current[column] = best;
        }
        before = last;
        last = current;
    }
    last[b.len()]
}
