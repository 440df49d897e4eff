//! Reading dates and times, step one: walk over the tokens and collect every phrase that names a day, a span of
//! days, a clock time, a window of the day or a part of it.  `compose` turns the collection into one `When`.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Weekday};
use chrono_tz::Tz;

use super::cues;
use super::text::{Kind, Text};
use super::when::{Inferred, PartOfDay};
use super::words::{Meaning, Unit};
use super::{Asked, Context};

/// A phrase and the tokens it covers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Item {
    pub(super) what: What,
    pub(super) first: usize,
    pub(super) end: usize,
    pub(super) inferred: Inferred,
}

/// What a phrase names.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum What {
    /// One day.  `weekday` is set when nothing but a weekday was said, so that "next week" nearby can move it.
    Day { date: NaiveDate, weekday: Option<Weekday> },
    /// Days from `from` up to, not including, `until`.
    Days { from: Option<NaiveDate>, until: Option<NaiveDate> },
    /// A clock time.
    Clock { clock: Clock, sure: bool },
    /// A window between clock times.
    Window { from: Option<Clock>, until: Option<Clock>, sure: bool },
    /// A part of the day.
    Part(PartOfDay, Shade),
    /// A point in time counted from now or from what was settled.
    Moment(NaiveDateTime),
    /// From one point in time to another ("within 2 hours").
    Moments { from: NaiveDateTime, until: NaiveDateTime },
    /// A length in minutes ("for 7 hours").
    Length(u32),
    /// "same time"
    SameTime(NaiveTime),
    /// A day or moment that is over; a time beside it belongs to it.
    Past,
    /// Words that look like a date or time and are not one.
    Void,
}

/// "early", "late" before a part of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shade {
    Whole,
    Early,
    Late,
    /// "first thing"
    First,
}

/// A clock time as said: am or pm may still be open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Clock {
    pub(super) hour: u32,
    pub(super) minute: u32,
    pub(super) half: Half,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Half {
    Am,
    Pm,
    /// Not said, and the hour could be either.
    Open,
    /// The hour is on the 24-hour clock, or said by name ("noon").
    Settled,
}

impl Clock {
    pub(super) fn settled(hour: u32, minute: u32) -> Self {
        Self { hour, minute, half: Half::Settled }
    }

    /// Minutes after midnight, with am and pm decided: by what was said, by the part of day named near it, or by the
    /// rule that people book between 07:00 and 18:59.
    pub(super) fn minutes(self, part: Option<PartOfDay>) -> u32 {
        let base = self.hour % 12 * 60 + self.minute;
        match self.half {
            Half::Settled => self.hour * 60 + self.minute,
            Half::Am => base,
            Half::Pm => base + 720,
            Half::Open => match part {
                Some(PartOfDay::Morning) => base,
                // "12:30 at night" is past midnight, and so are the small hours.
                Some(PartOfDay::Night) if self.hour == 12 || self.hour < 4 => base,
                Some(PartOfDay::Lunch) if base >= 660 => base,
                Some(_) => base + 720,
                None if base >= 420 => base,
                None => base + 720,
            },
        }
    }
}

/// The text and all that a reading may depend on.
pub(super) struct Reader<'t, 'a> {
    pub(super) text: &'t Text<'a>,
    pub(super) now: NaiveDateTime,
    pub(super) today: NaiveDate,
    pub(super) asked: Asked,
    pub(super) prior_date: Option<NaiveDate>,
    pub(super) prior_time: Option<NaiveTime>,
}

/// A phrase found at a token, and the token after it.
pub(super) type Found = Option<(What, Inferred, usize)>;

pub(super) const SAID: Inferred =
    Inferred { meridiem: false, year: false, month: false, vague: false, from_dialogue: false };

impl<'t, 'a> Reader<'t, 'a> {
    pub(super) fn new(text: &'t Text<'a>, ctx: &Context<'_>) -> Self {
        let now = DateTime::<Tz>::naive_local(&ctx.now);
        Self {
            text,
            now,
            today: now.date(),
            asked: ctx.asked,
            prior_date: ctx.prior_date.or(ctx.booking_start.map(|start| start.date())),
            prior_time: ctx.prior_time.or(ctx.booking_start.map(|start| start.time())),
        }
    }

    /// Every phrase of the text, left to right, none overlapping.
    pub(super) fn items(&self) -> Vec<Item> {
        let mut items = Vec::with_capacity(4);
        let mut at = 0;
        while at < self.text.len() {
            let link = self.link(at).map(|end| (What::Void, SAID, end));
            match link.or_else(|| self.phrase(at)) {
                Some((what, inferred, end)) if end > at => {
                    items.push(Item { what, first: at, end, inferred });
                    let this_part = matches!(what, What::Part(..)) && (at..end).any(|word| self.text.is(word, "this"));
                    if this_part {
                        let today = What::Day { date: self.today, weekday: None };
                        items.push(Item { what: today, first: at, end, inferred });
                    }
                    if self.text.meaning(at) == Meaning::Tonight {
                        items.push(Item { what: What::Part(PartOfDay::Night, Shade::Whole), first: at, end, inferred });
                    }
                    at = end;
                }
                _ => at += 1,
            }
        }
        items
    }

    fn phrase(&self, at: usize) -> Found {
        if self.is_plain(at) {
            return None;
        }
        self.compact_date(at)
            .or_else(|| self.not_a_time(at))
            .or_else(|| self.offset(at))
            .or_else(|| self.right_now(at))
            .or_else(|| self.day_range(at))
            .or_else(|| self.numeric_date(at))
            .or_else(|| self.holiday(at))
            .or_else(|| self.month_day(at))
            .or_else(|| self.part_of_span(at))
            .or_else(|| self.day_beside(at))
            .or_else(|| self.window(at))
            .or_else(|| self.clock(at))
            .or_else(|| self.past_settled_hour(at))
            .or_else(|| self.counted_in_period(at))
            .or_else(|| self.weekday(at))
            .or_else(|| self.relative_day(at))
            .or_else(|| self.span(at))
            .or_else(|| self.part(at))
            .or_else(|| self.day_of_month(at))
    }

    /// Words no phrase starts with; most words of most texts.
    fn is_plain(&self, at: usize) -> bool {
        match self.text.kind(at) {
            Some(Kind::Word) => {
                self.text.meaning(at) == Meaning::None
                    && !self.text.get(at).is_some_and(|token| token.cues.meets(cues::opener()))
            }
            Some(Kind::Mark(mark)) => !matches!(mark, '@' | '$' | '#' | '~' | '+' | '€' | '£'),
            Some(Kind::Emoji(_)) | None => true,
            Some(_) => false,
        }
    }

    /// "right now", "are you open now"; not "not right now" and "that's all for now".
    fn right_now(&self, at: usize) -> Found {
        let text = self.text;
        let now = if text.is(at, "right") { at + 1 } else { at };
        let before = at.checked_sub(1).map_or("", |before| text.word(before));
        let ends =
            now + 1 >= text.len() || matches!(text.kind(now + 1), Some(Kind::Mark(_))) || text.is(now + 1, "please");
        let turned_down =
            (0..at).any(|index| text.is_one_of(index, &["not", "dont", "no", "cant", "nothing", "until"]));
        let asks = now > at
            || matches!(before, "in" | "by" | "over" | "free" | "available" | "open" | "come" | "me" | "there" | "");
        (text.is(now, "now")
            && ends
            && asks
            && !turned_down
            && text.spoken() <= 9
            && before != "for"
            && !(before.is_empty() && text.spoken() > 2))
            .then_some((What::Moment(self.now), SAID, now + 1))
    }

    /// A number said as digits or words, "a", "a couple of", "a few".
    pub(super) fn count(&self, at: usize) -> Option<(u32, usize)> {
        let text = self.text;
        match (text.kind(at), text.meaning(at)) {
            (Some(Kind::Number { value, digits: ..=4 }), _) => Some((value, at + 1)),
            (_, Meaning::Count(tens @ (20 | 30 | 40 | 50))) => {
                let ones_at = if text.is_mark(at + 1, '-') { at + 2 } else { at + 1 };
                match text.meaning(ones_at) {
                    Meaning::Count(ones @ 1..=9) => Some((tens + ones, ones_at + 1)),
                    _ => Some((tens, at + 1)),
                }
            }
            (_, Meaning::Count(value)) => Some((value, at + 1)),
            _ if text.is_one_of(at, &["couple", "few"]) => {
                Some((if text.is(at, "couple") { 2 } else { 3 }, at + 1 + usize::from(text.is(at + 1, "of"))))
            }
            _ => {
                let article = text.is_one_of(at, &["a", "an", "the"]);
                let noun = at + usize::from(article);
                let of = |end: usize| end + usize::from(text.is(end, "of"));
                match text.word(noun) {
                    "couple" => Some((2, of(noun + 1))),
                    "few" | "several" => Some((3, of(noun + 1))),
                    _ if article && !text.is(at, "the") => Some((1, at + 1)),
                    _ => None,
                }
            }
        }
    }

    /// "15th", "fifteenth", "twenty-first".
    pub(super) fn nth(&self, at: usize) -> Option<(u32, usize)> {
        let text = self.text;
        match (text.kind(at), text.meaning(at)) {
            (Some(Kind::Nth(value)), _) => Some((value, at + 1)),
            (_, Meaning::Nth(value)) => Some((value, at + 1)),
            (_, Meaning::Count(tens @ (20 | 30))) => {
                let ones_at = if text.is_mark(at + 1, '-') { at + 2 } else { at + 1 };
                match text.meaning(ones_at) {
                    Meaning::Nth(ones @ 1..=9) => Some((tens + ones, ones_at + 1)),
                    _ => None,
                }
            }
            (Some(Kind::Number { value, digits: ..=2 }), _) if text.is_one_of(at + 1, &["st", "nd", "rd", "th"]) => {
                Some((value, at + 2))
            }
            _ => None,
        }
    }

    pub(super) fn unit(&self, at: usize) -> Option<Unit> {
        match self.text.meaning(at) {
            Meaning::Unit(unit) => Some(unit),
            _ => None,
        }
    }

    /// `at` moved past any of `words`.
    pub(super) fn skip(&self, mut at: usize, words: &[&str]) -> usize {
        while self.text.is_one_of(at, words) {
            at += 1;
        }
        at
    }

    /// The token as typed, lowercase, for words whose abbreviation is also another word ("sat", "sun").
    pub(super) fn typed_as(&self, at: usize, word: &str) -> bool {
        self.text.said(at, at + 1).eq_ignore_ascii_case(word)
    }
}
