//! A small pattern language over tokens, in which the rules for intents and opt-outs are written.
//!
//! A pattern is a row of steps, each matching one word unless said otherwise:
//!
//! | step | matches |
//! | --- | --- |
//! | `word` | that word, folded and in its plain spelling |
//! | `<class>` | a word of that class of `cues` |
//! | `a\|b\|<c>` | any of these |
//! | `?x` | `x`, or nothing |
//! | `!x` | nothing, provided the next word is not `x` |
//! | `..3` | up to three words; `..` up to two |
//! | `^` `$` | nothing, at the beginning or end of a sentence; "oh" before it and "please" after it do not count |
//! | `^^` `$$` | nothing, at the beginning or end of the text |
//!
//! Commas, quotes and emoji are passed over; no pattern reaches across the end of a sentence.

use super::cues::{self, CueSet};
use super::text::{Kind, Text};

/// The words of a text in order, with the ends of its sentences.
pub(super) struct Words<'t, 'a> {
    pub(super) text: &'t Text<'a>,
    /// Token indices; `None` is the end of a sentence.
    places: Vec<Option<usize>>,
    /// `fingerprint` of the word at each place, 0 where there is none.
    fingerprints: Vec<u32>,
    all: Sketch,
}

/// A summary of a set of words: their classes, and a few bits of each.  Two sets that share a word have sketches that
/// meet, so most patterns are ruled out without looking at the words.
#[derive(Debug, Clone, Copy, Default)]
struct Sketch {
    cues: CueSet,
    bits: [u64; 4],
}

impl Sketch {
    fn add(&mut self, fingerprint: u32) {
        self.bits[fingerprint as usize >> 6 & 3] |= 1 << (fingerprint & 63);
    }

    fn meets(&self, other: &Self) -> bool {
        self.cues.meets(other.cues) || self.bits.iter().zip(&other.bits).any(|(a, b)| a & b != 0)
    }
}

/// FNV-1a.
fn fingerprint(word: &str) -> u32 {
    word.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

impl<'t, 'a> Words<'t, 'a> {
    pub(super) fn new(text: &'t Text<'a>) -> Self {
        let mut places = Vec::with_capacity(text.len());
        let mut fingerprints = Vec::with_capacity(text.len());
        let mut all = Sketch::default();
        for (index, token) in text.tokens().iter().enumerate() {
            match token.kind {
                Kind::Mark('.' | '!' | '?' | ';' | ':') => {
                    let inside = is_inside_number(text, index) || is_after_title(text, index);
                    if matches!(places.last(), Some(Some(_))) && !inside {
                        places.push(None);
                        fingerprints.push(0);
                    }
                }
                Kind::Mark(_) | Kind::Emoji(_) => {}
                _ => {
                    places.push(Some(index));
                    let word = if token.kind == Kind::Word { fingerprint(text.word(index)) } else { 0 };
                    fingerprints.push(word);
                    all.add(word);
                }
            }
            all.cues = all.cues.or(token.cues);
        }
        if matches!(places.last(), Some(None)) {
            places.pop();
        }
        Self { text, places, fingerprints, all }
    }

    fn word(&self, place: usize) -> Option<usize> {
        self.places.get(place).copied().flatten()
    }

    /// Whether a sentence begins at `place`, small words before it aside.
    fn at_start(&self, place: usize) -> bool {
        let before = (0..place).rev().find(|before| !self.is_of(*before, cues::leading()));
        before.is_none_or(|before| self.places[before].is_none())
    }

    /// Whether a sentence ends before `place`, small words after it aside.
    fn at_end(&self, place: usize) -> bool {
        let after = (place..self.places.len()).find(|after| !self.is_of(*after, cues::trailing()));
        after.is_none_or(|after| self.places[after].is_none())
    }

    fn ends_text(&self, place: usize) -> bool {
        (place..self.places.len()).all(|after| self.is_of(after, cues::trailing()))
    }

    fn is_of(&self, place: usize, class: CueSet) -> bool {
        self.word(place).is_some_and(|index| self.text.tokens()[index].cues.meets(class))
    }
}

/// The full stop of "Dr." and its like.
fn is_after_title(text: &Text<'_>, mark: usize) -> bool {
    text.is_mark(mark, '.') && mark > 0 && text.is_one_of(mark - 1, &["dr", "mr", "mrs", "ms", "st", "jr", "sr"])
}

fn is_inside_number(text: &Text<'_>, mark: usize) -> bool {
    text.glued(mark) && text.glued(mark + 1) && matches!(text.kind(mark + 1), Some(Kind::Number { .. }))
}

#[derive(Debug, Clone)]
struct Test {
    sketch: Sketch,
    words: Vec<(u32, &'static str)>,
}

impl Test {
    fn parse(alternatives: &'static str) -> Option<Self> {
        let mut test = Self { sketch: Sketch::default(), words: Vec::new() };
        for alternative in alternatives.split('|') {
            match alternative.strip_prefix('<').and_then(|name| name.strip_suffix('>')) {
                Some(name) => test.sketch.cues = test.sketch.cues.or(cues::class(name)?),
                None if alternative.is_empty() || alternative.contains(['<', '>', '$', '^', '?', '!', '.']) => {
                    return None;
                }
                None => {
                    let fingerprint = fingerprint(alternative);
                    test.sketch.add(fingerprint);
                    test.words.push((fingerprint, alternative));
                }
            }
        }
        Some(test)
    }

    fn accepts(&self, words: &Words<'_, '_>, place: usize) -> bool {
        let Some(index) = words.word(place) else { return false };
        let found = words.fingerprints[place];
        words.text.tokens()[index].cues.meets(self.sketch.cues)
            || self.words.iter().any(|(wanted, word)| *wanted == found && words.text.word(index) == *word)
    }
}

#[derive(Debug, Clone)]
enum Step {
    One(Test),
    Maybe(Test),
    Unless(Test),
    Gap(usize),
    SentenceStart,
    SentenceEnd,
    TextStart,
    TextEnd,
}

/// A compiled pattern.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    steps: Vec<Step>,
    /// What must occur somewhere in the text; a quick way to say no.
    needs: Vec<Sketch>,
}

impl Pattern {
    /// `None` when `source` is not a pattern.
    pub(super) fn parse(source: &'static str) -> Option<Self> {
        let steps = source.split_ascii_whitespace().map(parse_step).collect::<Option<Vec<_>>>()?;
        let needs = steps
            .iter()
            .filter_map(|step| match step {
                Step::One(test) => Some(test.sketch),
                _ => None,
            })
            .collect();
        (!steps.is_empty()).then_some(Self { steps, needs })
    }

    /// Whether the pattern occurs anywhere in `words`.
    pub(super) fn occurs(&self, words: &Words<'_, '_>) -> bool {
        self.find(words).is_some()
    }

    /// The tokens of the first occurrence: the first, and the one after the last.
    pub(super) fn find(&self, words: &Words<'_, '_>) -> Option<(usize, usize)> {
        if self.needs.iter().any(|need| !words.all.meets(need)) {
            return None;
        }
        (0..=words.places.len()).find_map(|start| {
            let end = matches(&self.steps, words, start)?;
            let last = (start..end).rev().find_map(|place| words.word(place))?;
            let first = (start..end).find_map(|place| words.word(place))?;
            Some((first, last + 1))
        })
    }
}

fn parse_step(source: &'static str) -> Option<Step> {
    Some(match source {
        "^" => Step::SentenceStart,
        "$" => Step::SentenceEnd,
        "^^" => Step::TextStart,
        "$$" => Step::TextEnd,
        ".." => Step::Gap(2),
        _ => {
            if let Some(width) = source.strip_prefix("..") {
                Step::Gap(width.parse().ok()?)
            } else if let Some(optional) = source.strip_prefix('?') {
                Step::Maybe(Test::parse(optional)?)
            } else if let Some(absent) = source.strip_prefix('!') {
                Step::Unless(Test::parse(absent)?)
            } else {
                Step::One(Test::parse(source)?)
            }
        }
    })
}

/// The place after the match of `steps` at `place`.  Gaps and options try the shorter reading first.
fn matches(steps: &[Step], words: &Words<'_, '_>, place: usize) -> Option<usize> {
    let Some((step, rest)) = steps.split_first() else {
        return Some(place);
    };
    match step {
        Step::One(test) => test.accepts(words, place).then(|| matches(rest, words, place + 1)).flatten(),
        Step::Maybe(test) => matches(rest, words, place)
            .or_else(|| test.accepts(words, place).then(|| matches(rest, words, place + 1)).flatten()),
        Step::Unless(test) => (!test.accepts(words, place)).then(|| matches(rest, words, place)).flatten(),
        Step::Gap(width) => {
            for skipped in 0..=*width {
                if let Some(end) = matches(rest, words, place + skipped) {
                    return Some(end);
                }
                words.word(place + skipped)?;
            }
            None
        }
        Step::SentenceStart => words.at_start(place).then(|| matches(rest, words, place)).flatten(),
        Step::SentenceEnd => words.at_end(place).then(|| matches(rest, words, place)).flatten(),
        Step::TextStart => (place == 0).then(|| matches(rest, words, place)).flatten(),
        Step::TextEnd => words.ends_text(place).then(|| matches(rest, words, place)).flatten(),
    }
}
