//! What the statistical half of the understanding sees of a text: hashed features, each with the tokens it was read
//! from, so that a decision can point at its grounds.
//!
//! Of the words, in the spelling of the lexicon: each word, each two in a row, the runs of four letters in longer words
//! (what a typo leaves of one), the cue classes, the neighbouring pairs of classes, and what stands under a negation.
//! A phrase about time counts as one word, and so does a number.  Of the text as a whole: its length, whether it asks,
//! whether it names a time, which opt-out patterns it meets, and what was asked before.

use super::cues::{self, CueSet};
use super::opt_out;
use super::pattern::Words;
use super::text::{Kind, Text};
use super::when::When;
use super::words::Meaning;
use super::{Asked, Context};

/// Buckets the features are hashed into.
pub(super) const BUCKETS: usize = 1 << 15;

/// One feature: its bucket and the tokens it was read from, none for one of the whole text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Feature {
    pub(super) bucket: u16,
    pub(super) first: u16,
    pub(super) end: u16,
}

impl Feature {
    fn new(hash: Hash, first: u16, end: u16) -> Self {
        Self { bucket: hash.bucket(), first, end }
    }
}

/// What a feature is about: the first byte of its hash.
#[derive(Clone, Copy)]
enum Family {
    Constant,
    Word,
    Pair,
    Letters,
    TimeWord,
    Class,
    ClassPair,
    NegatedWord,
    NegatedClass,
    OptOutPattern,
    OptOutList,
    Length,
    LengthAsked,
    Question,
    Time,
    TimeAsked,
    Asked,
    ShortAsked,
    Emoji,
}

/// A hash being built: FNV-1a with a final mixing, so that neighbouring inputs fall far apart.
#[derive(Clone, Copy)]
struct Hash(u32);

impl Hash {
    fn new(family: Family) -> Self {
        Self(0x811c_9dc5).byte(family as u8)
    }

    fn byte(self, byte: u8) -> Self {
        Self((self.0 ^ u32::from(byte)).wrapping_mul(0x0100_0193))
    }

    fn bytes(self, bytes: &[u8]) -> Self {
        bytes.iter().fold(self, |hash, byte| hash.byte(*byte))
    }

    fn number(self, number: u32) -> Self {
        self.bytes(&number.to_le_bytes())
    }

    fn bucket(self) -> u16 {
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 16).wrapping_mul(0x85eb_ca6b);
        mixed = (mixed ^ mixed >> 13).wrapping_mul(0xc2b2_ae35);
        ((mixed ^ mixed >> 16) as usize % BUCKETS) as u16
    }
}

/// What the pairs see: a word, a phrase about time, a number, the end of a sentence.
#[derive(Clone, Copy)]
struct Symbol {
    hash: u32,
    first: u16,
    end: u16,
    kind: SymbolKind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum SymbolKind {
    Word,
    Time,
    Number,
    Break,
}

const EDGE: u32 = 0;
const BREAK: u32 = 1;
const TIME: u32 = 2;
const NUMBER: u32 = 3;
const LONG_NUMBER: u32 = 4;
const QUESTION: u32 = 5;

/// The features of the text of `words` in its conversation, each bucket once.
pub(super) fn features(words: &Words<'_, '_>, when: Option<&When>, ctx: &Context<'_>) -> Vec<Feature> {
    let text = words.text;
    let mut found = Vec::with_capacity(32 + text.len() * 12);
    let symbols = symbols(text);
    pairs(&symbols, &mut found);
    parts(text, &mut found);
    negated(text, &mut found);
    opt_out::patterns_met(words, |list, pattern, (first, end)| {
        found.push(Feature::new(Hash::new(Family::OptOutPattern).byte(list).byte(pattern), first as u16, end as u16));
        found.push(Feature::new(Hash::new(Family::OptOutList).byte(list), first as u16, end as u16));
    });
    whole(&symbols, when, ctx.asked, &mut found);
    found.sort_unstable_by_key(|feature| (feature.bucket, feature.first));
    found.dedup_by_key(|feature| feature.bucket);
    found
}

fn symbols(text: &Text<'_>) -> Vec<Symbol> {
    let mut symbols: Vec<Symbol> = Vec::with_capacity(text.len() + 2);
    for (index, token) in text.tokens().iter().enumerate() {
        let at = index as u16;
        let (hash, kind) = match token.kind {
            Kind::Mark('.' | '!' | ';') => (BREAK, SymbolKind::Break),
            Kind::Mark('?') => (QUESTION, SymbolKind::Break),
            Kind::Mark(_) => continue,
            Kind::Emoji(c) => (Hash::new(Family::Emoji).number(u32::from(c)).0, SymbolKind::Word),
            Kind::Clock { .. } | Kind::Nth(_) => (TIME, SymbolKind::Time),
            Kind::Number { digits, .. } if digits > 4 => (LONG_NUMBER, SymbolKind::Number),
            Kind::Number { .. } => (NUMBER, SymbolKind::Number),
            Kind::Word if is_time(text, index) => (TIME, SymbolKind::Time),
            Kind::Word => (Hash::new(Family::Word).bytes(text.word(index).as_bytes()).0, SymbolKind::Word),
        };
        if let Some(last) = symbols.last_mut() {
            // "friday at 3 pm": the number belongs to the time next to it.
            let joins = kind == SymbolKind::Time && matches!(last.kind, SymbolKind::Time | SymbolKind::Number)
                || kind == SymbolKind::Number && last.kind == SymbolKind::Time
                || kind == SymbolKind::Break && last.kind == SymbolKind::Break && hash == last.hash;
            if joins {
                if last.kind != SymbolKind::Break {
                    (last.hash, last.kind) = (TIME, SymbolKind::Time);
                }
                last.end = at + 1;
                continue;
            }
        }
        symbols.push(Symbol { hash, first: at, end: at + 1, kind });
    }
    while symbols.last().is_some_and(|last| last.hash == BREAK) {
        symbols.pop();
    }
    symbols
}

fn is_time(text: &Text<'_>, index: usize) -> bool {
    match text.meaning(index) {
        Meaning::None | Meaning::Count(_) | Meaning::Nth(_) | Meaning::Unit(_) | Meaning::Part(_) => false,
        // "may" is a month only beside a number.
        Meaning::Month(5) => {
            let number = |at: usize| matches!(text.kind(at), Some(Kind::Number { .. } | Kind::Nth(_)));
            number(index + 1) || index > 0 && number(index - 1)
        }
        _ => true,
    }
}

/// Each symbol, and each two in a row with the edges of the text.
fn pairs(symbols: &[Symbol], found: &mut Vec<Feature>) {
    let end = symbols.last().map_or(0, |last| last.end);
    let edge = |at: u16| Symbol { hash: EDGE, first: at, end: at, kind: SymbolKind::Break };
    let mut before = edge(0);
    for symbol in symbols.iter().copied().chain([edge(end)]) {
        if symbol.hash != EDGE {
            found.push(Feature::new(Hash::new(Family::Word).number(symbol.hash), symbol.first, symbol.end));
        }
        let pair = Hash::new(Family::Pair).number(before.hash).number(symbol.hash);
        found.push(Feature::new(pair, before.first, symbol.end));
        before = symbol;
    }
}

/// The letters and classes of each word.
fn parts(text: &Text<'_>, found: &mut Vec<Feature>) {
    let mut before: Option<usize> = None;
    for (index, token) in text.tokens().iter().enumerate() {
        if matches!(token.kind, Kind::Mark(_)) {
            continue;
        }
        let at = index as u16;
        let bytes = text.word(index).as_bytes();
        letters(bytes, |hash| found.push(Feature::new(hash, at, at + 1)));
        // A time word is one symbol in the pairs; by itself it still counts as the word it is.
        if token.kind == Kind::Word && is_time(text, index) {
            found.push(Feature::new(Hash::new(Family::TimeWord).bytes(bytes), at, at + 1));
        }
        let earlier = before.map_or(CueSet::default(), |last| text.tokens()[last].cues);
        for class in token.cues.telling() {
            found.push(Feature::new(Hash::new(Family::Class).byte(class), at, at + 1));
            for other in earlier.telling() {
                let pair = Hash::new(Family::ClassPair).byte(other).byte(class);
                found.push(Feature::new(pair, before.unwrap_or(index) as u16, at + 1));
            }
        }
        before = Some(index);
    }
}

/// The runs of four letters in a word of at least four, its edges marked.
fn letters(word: &[u8], mut found: impl FnMut(Hash)) {
    const LONGEST: usize = 32;
    if word.len() < 4 {
        return;
    }
    let length = word.len().min(LONGEST);
    let mut padded = [b'_'; LONGEST + 2];
    padded[1..=length].copy_from_slice(&word[..length]);
    for run in padded[..length + 2].windows(4) {
        found(Hash::new(Family::Letters).bytes(run));
    }
}

/// Words and classes up to five words behind a negation, in the same clause.
fn negated(text: &Text<'_>, found: &mut Vec<Feature>) {
    let not = cues::class("not").unwrap_or_default();
    let mut since: Option<u16> = None;
    for (index, token) in text.tokens().iter().enumerate() {
        let at = index as u16;
        if matches!(token.kind, Kind::Mark('.' | '!' | '?' | ';' | ',')) {
            since = None;
            continue;
        }
        if let Some(distance) = since.filter(|distance| *distance < 5) {
            let first = at - distance - 1;
            if token.kind == Kind::Word {
                let word = Hash::new(Family::NegatedWord).bytes(text.word(index).as_bytes());
                found.push(Feature::new(word, first, at + 1));
            }
            for class in token.cues.telling() {
                found.push(Feature::new(Hash::new(Family::NegatedClass).byte(class), first, at + 1));
            }
        }
        since = if token.cues.meets(not) { Some(0) } else { since.map(|distance| distance + 1) };
    }
}

/// What holds of the text as a whole, and of short answers in the light of the question.
fn whole(symbols: &[Symbol], when: Option<&When>, asked: Asked, found: &mut Vec<Feature>) {
    let mut add = |hash: Hash| found.push(Feature::new(hash, 0, 0));
    let asked = asked_group(asked);
    let spoken = symbols.iter().filter(|symbol| symbol.kind != SymbolKind::Break).count();
    let length = match spoken {
        0..=4 => spoken as u8,
        5..=6 => 5,
        7..=9 => 6,
        10..=14 => 7,
        15..=24 => 8,
        _ => 9,
    };
    let asks = u8::from(symbols.iter().any(|symbol| symbol.hash == QUESTION));
    let time =
        when.map_or(0, |when| 1 + u8::from(when.date_bounds().is_some()) + 2 * u8::from(when.time_bounds().is_some()));
    add(Hash::new(Family::Constant));
    add(Hash::new(Family::Length).byte(length));
    add(Hash::new(Family::LengthAsked).byte(length).byte(asked));
    add(Hash::new(Family::Question).byte(asks));
    add(Hash::new(Family::Time).byte(time));
    add(Hash::new(Family::TimeAsked).byte(u8::from(time > 0)).byte(asked).byte(asks));
    add(Hash::new(Family::Asked).byte(asked));
    if spoken <= 6 {
        for symbol in symbols {
            add(Hash::new(Family::ShortAsked).number(symbol.hash).byte(asked));
        }
    }
}

/// What was asked, as far as it matters to what an answer means.
fn asked_group(asked: Asked) -> u8 {
    match asked {
        Asked::Nothing => 0,
        Asked::Confirm => 1,
        Asked::Choice => 2,
        Asked::AnythingElse => 3,
        Asked::Offer => 4,
        Asked::Failed => 5,
        Asked::When | Asked::Day | Asked::Time => 6,
        Asked::Service | Asked::Name | Asked::Other => 7,
    }
}
