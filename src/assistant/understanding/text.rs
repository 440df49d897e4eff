//! From a text to tokens: words folded to plain lowercase, numbers, clock forms and marks, each with the bytes it
//! was read from.  What a word means is looked up in `words` and kept on its token.

use super::Language;
use super::cues::{self, CueSet};
use super::words::{self, Meaning};

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Word,
    /// Digits, with how many there were ("0900" has four).
    Number {
        value: u32,
        digits: u8,
    },
    /// "15th"
    Nth(u32),
    /// "3:30", checked to be a time of day.
    Clock {
        hour: u32,
        minute: u32,
    },
    Mark(char),
    Emoji(char),
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) meaning: Meaning,
    pub(super) cues: CueSet,
    /// No space before it.
    pub(super) glued: bool,
    /// Bytes of the text as written.
    pub(super) start: usize,
    pub(super) end: usize,
    folded: (usize, usize),
}

/// A text cut into tokens.
#[derive(Debug)]
pub(super) struct Text<'a> {
    pub(super) raw: &'a str,
    pub(super) spanish: bool,
    /// At least one word is English and more are than Spanish.
    pub(super) english: bool,
    folded: String,
    tokens: Vec<Token>,
}

/// Longest text that is read; what follows is ignored.  Ten concatenated SMS segments.
const MAX_BYTES: usize = 1600;

/// Ten segments of prose have about this many words; a text with more is noise.
const MAX_TOKENS: usize = 360;

impl<'a> Text<'a> {
    pub(super) fn new(raw: &'a str) -> Self {
        Self::cut(raw, false)
    }

    /// A text known to be Spanish, however little of it shows.
    pub(super) fn spanish(raw: &'a str) -> Self {
        Self::cut(raw, true)
    }

    fn cut(raw: &'a str, known_spanish: bool) -> Self {
        let mut end = raw.len().min(MAX_BYTES);
        while !raw.is_char_boundary(end) {
            end -= 1;
        }
        let raw = &raw[..end];
        let mut lexer = Lexer { raw, at: 0, folded: String::with_capacity(end + 8), tokens: Vec::with_capacity(24) };
        lexer.run();
        let mut text = Self { raw, spanish: false, english: false, folded: lexer.folded, tokens: lexer.tokens };
        let (spanish, english) = text.language_weights();
        // One small word shared with English ("a", "me", "no") is no evidence.
        text.spanish = known_spanish || spanish >= 2 && spanish > english;
        text.english = english > 0 && english >= spanish;
        text.give_meaning();
        text
    }

    pub(super) fn language(&self) -> Option<Language> {
        match (self.spanish, self.english) {
            (true, _) => Some(Language::Es),
            (_, true) => Some(Language::En),
            _ => None,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.tokens.len()
    }

    pub(super) fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    pub(super) fn get(&self, index: usize) -> Option<&Token> {
        self.tokens.get(index)
    }

    /// The folded word at `index`; empty for anything else and past the end.
    pub(super) fn word(&self, index: usize) -> &str {
        match self.tokens.get(index) {
            Some(token) if token.kind == Kind::Word => &self.folded[token.folded.0..token.folded.1],
            _ => "",
        }
    }

    pub(super) fn kind(&self, index: usize) -> Option<Kind> {
        self.tokens.get(index).map(|token| token.kind)
    }

    pub(super) fn meaning(&self, index: usize) -> Meaning {
        self.tokens.get(index).map_or(Meaning::None, |token| token.meaning)
    }

    pub(super) fn is(&self, index: usize, word: &str) -> bool {
        self.word(index) == word
    }

    pub(super) fn is_one_of(&self, index: usize, any: &[&str]) -> bool {
        any.contains(&self.word(index))
    }

    pub(super) fn is_mark(&self, index: usize, mark: char) -> bool {
        self.kind(index) == Some(Kind::Mark(mark))
    }

    pub(super) fn glued(&self, index: usize) -> bool {
        self.tokens.get(index).is_some_and(|token| token.glued)
    }

    /// The words as written from token `first` up to, not including, token `last`.
    pub(super) fn said(&self, first: usize, last: usize) -> &'a str {
        match (self.tokens.get(first), last.checked_sub(1).and_then(|last| self.tokens.get(last))) {
            (Some(first), Some(last)) if first.start <= last.end => &self.raw[first.start..last.end],
            _ => "",
        }
    }

    /// How many words and numbers there are, marks and emoji aside.
    pub(super) fn spoken(&self) -> usize {
        self.tokens.iter().filter(|token| !matches!(token.kind, Kind::Mark(_) | Kind::Emoji(_))).count()
    }

    /// How much speaks for Spanish, and how much for English.
    fn language_weights(&self) -> (i32, i32) {
        let marked = self.raw.contains(['¿', '¡', 'ñ', 'Ñ']);
        let (mut spanish, mut english) = (if marked { 2 } else { 0 }, 0);
        for index in 0..self.tokens.len() {
            match words::language_weight(self.word(index)) {
                weight if weight > 0 => spanish += weight,
                weight => english -= weight,
            }
        }
        (spanish, english)
    }

    fn give_meaning(&mut self) {
        for index in 0..self.tokens.len() {
            if self.tokens[index].kind != Kind::Word {
                let number = matches!(self.tokens[index].kind, Kind::Number { .. } | Kind::Nth(_) | Kind::Clock { .. });
                self.tokens[index].cues = if number { cues::time() } else { CueSet::default() };
                continue;
            }
            let after_article = self.spanish
                && index > 0
                && (matches!(self.word(index - 1), "la" | "the")
                    || self.said(index - 1, index).eq_ignore_ascii_case("la"));
            let canonical = words::canonical(self.word(index), self.spanish, after_article);
            if let Some(canonical) = canonical {
                let start = self.folded.len();
                self.folded.push_str(canonical);
                self.tokens[index].folded = (start, self.folded.len());
            }
            let (meaning, cues) = words::look_up(self.word(index));
            self.tokens[index].meaning = meaning;
            let time = !matches!(meaning, Meaning::None | Meaning::Count(_) | Meaning::Nth(_));
            self.tokens[index].cues = if time { cues.or(cues::time()) } else { cues };
        }
    }
}

struct Lexer<'a> {
    raw: &'a str,
    at: usize,
    folded: String,
    tokens: Vec<Token>,
}

impl Lexer<'_> {
    fn run(&mut self) {
        let mut glued = false;
        while let Some(c) = self.peek().filter(|_| self.tokens.len() < MAX_TOKENS) {
            if c.is_whitespace() || is_joiner(c) {
                self.at += c.len_utf8();
                glued = glued && !c.is_whitespace();
                continue;
            }
            if !is_apostrophe(c) && (fold_char(c).is_some() || c.is_alphanumeric()) {
                self.alphanumeric(glued);
            } else {
                let kind = if is_emoji(c) { Kind::Emoji(c) } else { Kind::Mark(plain_mark(c)) };
                let start = self.at;
                self.at += c.len_utf8();
                self.push(kind, glued, start, (0, 0));
            }
            glued = true;
        }
    }

    fn peek(&self) -> Option<char> {
        self.raw[self.at..].chars().next()
    }

    fn push(&mut self, kind: Kind, glued: bool, start: usize, folded: (usize, usize)) {
        let (meaning, cues) = (Meaning::None, CueSet::default());
        self.tokens.push(Token { kind, meaning, cues, glued, start, end: self.at, folded });
    }

    /// A run of letters and digits: a word, a number, or both glued together ("3pm", "oct2", "2nite").
    fn alphanumeric(&mut self, glued: bool) {
        let start = self.at;
        let folded_start = self.folded.len();
        let (mut digits, mut letters) = (false, false);
        while let Some(c) = self.peek() {
            if is_apostrophe(c) {
                if !letters || !self.letter_follows(c) {
                    // "presidents' day"
                    self.at += if letters && self.folded.ends_with('s') { c.len_utf8() } else { 0 };
                    break;
                }
            } else if let Some(folded) = fold_char(c) {
                digits |= c.is_ascii_digit();
                letters |= !c.is_ascii_digit();
                self.folded.push_str(folded.as_str());
            } else if c.is_alphanumeric() {
                letters = true;
                self.folded.extend(c.to_lowercase());
            } else {
                break;
            }
            self.at += c.len_utf8();
        }
        let run = &self.folded[folded_start..];
        if !digits || (letters && words::is_mixed_word(run)) {
            self.push(Kind::Word, glued, start, (folded_start, self.folded.len()));
        } else if !letters && self.clock(start, folded_start, glued) {
            // pushed
        } else {
            self.split(start, folded_start, glued);
        }
    }

    fn letter_follows(&self, apostrophe: char) -> bool {
        let after = &self.raw[self.at + apostrophe.len_utf8()..];
        after.chars().next().is_some_and(char::is_alphabetic)
    }

    /// "3:30" and "15:30:00", when they are times of day.
    fn clock(&mut self, start: usize, folded_start: usize, glued: bool) -> bool {
        let end = self.folded.len();
        let Some(minute) = two_digits_after_colon(&self.raw[self.at..]) else {
            return false;
        };
        let hour = match self.folded[folded_start..].parse::<u32>() {
            Ok(hour) if end - folded_start <= 2 => hour,
            _ => return false,
        };
        if hour > 24 || minute > 59 || (hour == 24 && minute > 0) {
            return false;
        }
        self.at += 3;
        if two_digits_after_colon(&self.raw[self.at..]).is_some_and(|second| second < 60) {
            self.at += 3;
        }
        self.push(Kind::Clock { hour: hour % 24, minute }, glued, start, (0, 0));
        true
    }

    /// Cuts a run at each change between digits and letters.  The run is ASCII unless it holds foreign letters, in
    /// which case the bytes as written are taken as one piece.
    fn split(&mut self, start: usize, folded_start: usize, glued: bool) {
        let end = self.at;
        let same_bytes = self.folded.len() - folded_start == end - start && self.folded[folded_start..].is_ascii();
        let mut at = 0;
        let mut glued = glued;
        while folded_start + at < self.folded.len() {
            let piece = &self.folded[folded_start + at..];
            let digits = piece.starts_with(|c: char| c.is_ascii_digit());
            let length = piece.find(|c: char| c.is_ascii_digit() != digits).unwrap_or(piece.len());
            let ends = if digits { ordinal_suffix(&piece[length..]) } else { None };
            let value = piece[..length].parse::<u32>().unwrap_or(u32::MAX);
            let last = length == piece.len();
            if digits && last && at > 0 && same_bytes {
                self.at = end;
                // "at3:30", "2026-06-16t14:15"
                if self.clock(start + at, folded_start + at, glued) {
                    return;
                }
            }
            let kind = match (digits, ends) {
                (true, Some(_)) => Kind::Nth(value),
                (true, None) => Kind::Number { value, digits: u8::try_from(length).unwrap_or(u8::MAX) },
                (false, _) => Kind::Word,
            };
            let taken = length + ends.unwrap_or(0);
            let folded = (folded_start + at, folded_start + at + taken);
            let (piece_start, piece_end) = if same_bytes { (start + at, start + at + taken) } else { (start, end) };
            self.at = piece_end;
            self.push(kind, glued, piece_start, folded);
            at += taken;
            glued = true;
        }
        self.at = end;
    }
}

/// Length of the ordinal ending a run of letters is, if it is one and nothing else follows.
fn ordinal_suffix(letters: &str) -> Option<usize> {
    matches!(letters, "st" | "nd" | "rd" | "th").then_some(2)
}

fn two_digits_after_colon(rest: &str) -> Option<u32> {
    let bytes = rest.as_bytes();
    let digit = |index: usize| bytes.get(index).filter(|byte| byte.is_ascii_digit()).map(|byte| u32::from(byte - b'0'));
    if bytes.first() != Some(&b':') || digit(3).is_some() {
        return None;
    }
    Some(digit(1)? * 10 + digit(2)?)
}

/// A folded character: one or two ASCII letters or digits.
struct Folded([u8; 2], usize);

impl Folded {
    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0[..self.1]).unwrap_or_default()
    }
}

/// Lowercase ASCII for a letter or digit of the Latin script; `None` for everything else.
fn fold_char(c: char) -> Option<Folded> {
    let one = |byte: u8| Some(Folded([byte, 0], 1));
    match c {
        'a'..='z' | '0'..='9' => one(c as u8),
        'A'..='Z' => one(c.to_ascii_lowercase() as u8),
        'à'..='å' | 'À'..='Å' | 'ā' | 'Ā' | 'ª' => one(b'a'),
        'ç' | 'Ç' | 'ć' | 'č' => one(b'c'),
        'è'..='ë' | 'È'..='Ë' | 'ē' | 'ę' => one(b'e'),
        'ì'..='ï' | 'Ì'..='Ï' | 'ī' => one(b'i'),
        'ñ' | 'Ñ' | 'ń' => one(b'n'),
        'ò'..='ö' | 'ø' | 'Ò'..='Ö' | 'Ø' | 'ō' | 'º' => one(b'o'),
        'ù'..='ü' | 'Ù'..='Ü' | 'ū' => one(b'u'),
        'ý' | 'ÿ' | 'Ý' => one(b'y'),
        'ß' => Some(Folded([b's', b's'], 2)),
        _ => None,
    }
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | '‘' | '`' | '´' | 'ʼ')
}

/// Marks that come in typographic variants, as the plain one.
fn plain_mark(c: char) -> char {
    match c {
        '‐' | '‑' | '‒' | '–' | '—' | '−' => '-',
        '“' | '”' | '„' | '«' | '»' => '"',
        '’' | '‘' | '`' | '´' | 'ʼ' => '\'',
        '…' => '.',
        _ => c,
    }
}

fn is_emoji(c: char) -> bool {
    matches!(c, '\u{2190}'..='\u{2bff}' | '\u{3030}'..='\u{303d}' | '\u{1f000}'..='\u{1faff}')
}

/// Variation selectors, skin tones and the zero-width joiner: part of the emoji before them.
fn is_joiner(c: char) -> bool {
    matches!(c, '\u{fe0e}' | '\u{fe0f}' | '\u{200b}'..='\u{200d}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{20e3}')
}
