//! Clock phrases: "3:30", "3p", "half past two", "quarter to 4", "at 230", "noon", "between 2 and 4".

use super::moments::{Clock, Found, Half, Reader, SAID, What};
use super::text::Kind;
use super::when::Inferred;
use super::words::{Meaning, Unit};
use chrono::Timelike;

/// Words after which a bare number is a clock time.
const BEFORE_A_TIME: &[&str] =
    &["at", "around", "about", "by", "after", "before", "until", "past", "approximately", "approx", "circa", "@"];

/// A clock time read at some token: whether the words leave no doubt that it is one, and the token after it.
type ReadClock = Option<(Clock, bool, usize)>;

impl Reader<'_, '_> {
    /// A single clock time.
    pub(super) fn clock(&self, at: usize) -> Found {
        let text = self.text;
        let start = at + usize::from(text.is_mark(at, '@') || text.is_mark(at, '~'));
        let announced = self.time_is_announced(start);
        let (clock, sure, end) = self.clock_words(start, announced)?;
        if self.is_joined(start) || !sure && (self.counts_something(end) || !self.could_be_hour(start, end)) {
            return None;
        }
        if !sure && text.meaning(start) == Meaning::Count(1) && !self.one_is_an_hour(start, end) {
            return None;
        }
        // "the 2:30 mark", "5 o'clock shadow"
        let oclock = (start..end).any(|at| text.is_one_of(at, &["oclock", "clock"]));
        let described = (start > 0 && text.is(start - 1, "the") || oclock && !announced) && self.counts_a_noun(end);
        if sure && !announced && self.is_verse(start, end) || sure && (described || self.names_a_thing(start, end)) {
            return Some((What::Void, SAID, end));
        }
        let end = if text.is(end, "or") && text.is(end + 1, "so") { end + 2 } else { end };
        let sure = sure || (announced && !self.follows_a_day_word(start)) || text.is(end - 1, "so") && end > start + 1;
        let clock = self.with_half_of_next(clock, end);
        let inferred = Inferred { meridiem: clock.half == Half::Open, ..SAID };
        Some((What::Clock { clock, sure }, inferred, end))
    }

    /// In "5 or 6 pm" the pm is said for both.
    fn with_half_of_next(&self, clock: Clock, end: usize) -> Clock {
        let joined = clock.half == Half::Open && (self.text.is(end, "or") || self.text.is_mark(end, '/'));
        match self.clock_words(end + 1, true).filter(|_| joined) {
            Some((next, ..)) if clock.hour % 12 < next.hour % 12 && matches!(next.half, Half::Am | Half::Pm) => {
                Clock { half: next.half, ..clock }
            }
            _ => clock,
        }
    }

    /// "john 3:16": an odd minute, right after an unknown word and without am or pm.
    fn is_verse(&self, start: usize, end: usize) -> bool {
        let odd = matches!(self.text.kind(start), Some(Kind::Clock { minute, .. }) if minute % 5 != 0);
        odd && end == start + 1 && start > 0 && self.counts_a_noun(start - 1)
    }

    /// "midnight blue", "the noon saloon".
    fn names_a_thing(&self, start: usize, end: usize) -> bool {
        end == start + 1
            && matches!(self.text.meaning(start), Meaning::Noon | Meaning::Midnight)
            && self.starts_compound(start)
    }

    /// "at one", "one in the afternoon"; not "the small one", "one morning", "the other one".
    fn one_is_an_hour(&self, start: usize, end: usize) -> bool {
        let announced = start > 0
            && !self.counts_a_noun(end)
            && (self.text.is_one_of(start - 1, &["at", "around", "until", "by", "before"])
                || self.text.is_mark(start - 1, '@'));
        announced || self.text.is(end, "in") && self.part_at(end).is_some()
    }

    fn follows_a_day_word(&self, at: usize) -> bool {
        at > 0 && self.text.is(at - 1, "about") && self.text.spoken() > 6
    }

    fn time_is_announced(&self, at: usize) -> bool {
        let Some(before) = at.checked_sub(1) else { return false };
        let before = before - usize::from(before > 0 && self.text.is(before, "either"));
        let at_the = self.text.spanish && self.text.is(before, "the") && before > 0 && self.text.is(before - 1, "at");
        self.text.is_mark(before, '@') || self.text.is_one_of(before, BEFORE_A_TIME) || at_the
    }

    /// Whether the number before `next` counts or measures something.
    fn counts_something(&self, next: usize) -> bool {
        let text = self.text;
        let number = |at: usize| matches!(text.kind(at), Some(Kind::Number { .. }));
        if text.is_one_of(next, &["in", "of"]) {
            // "3 in the afternoon" and "3 of april 5" speak of time, "3 in a row" does not.
            return self.part_at(next).is_none() && text.meaning(next + 1) == Meaning::None;
        }
        let glued_mark = |marks: &[char]| text.glued(next) && marks.iter().any(|mark| text.is_mark(next, *mark));
        if glued_mark(&['/', '-', '%']) || glued_mark(&['.', ',']) && text.glued(next + 1) && number(next + 1) {
            return true;
        }
        let joined = text.is_one_of(next, &["or", "to", "and"]) || text.is_mark(next, '-');
        let both = joined && (number(next + 1) || matches!(text.meaning(next + 1), Meaning::Count(_)));
        let noun = if both { next + 2 } else { next };
        // "3 weeks", "7 Eleven"
        let number_before = next > 0 && number(next - 1);
        matches!(text.meaning(noun), Meaning::Unit(_))
            || number_before && matches!(text.meaning(next), Meaning::Count(_))
            || text.is_mark(noun, '%')
            || text.is(noun, "x") && text.glued(noun)
            || text.is_one_of(noun, &["ft", "of", "more", "other", "others"])
            || self.counts_a_noun(noun) && (self.is_plural(noun) || !self.is_at(next))
    }

    /// Whether "at" stands before the number that ends before `next`: the firmest announcement of a time.
    fn is_at(&self, next: usize) -> bool {
        next >= 2 && (self.text.is(next - 2, "at") || self.text.is_mark(next - 2, '@'))
    }

    /// Whether a number is the tail of a date, a decimal or a numbered thing.
    fn is_joined(&self, start: usize) -> bool {
        let Some(before) = start.checked_sub(1) else {
            return false;
        };
        let mark = matches!(self.text.kind(before), Some(Kind::Mark('/' | '-' | '.' | '#' | '$' | ':' | '+')));
        let number = before > 0 && matches!(self.text.kind(before - 1), Some(Kind::Number { .. }));
        // "SW1A", "b12"
        let coded = self.text.glued(start)
            && self.text.kind(before) == Some(Kind::Word)
            && self.text.meaning(before) == Meaning::None
            && !self.text.is_one_of(before, &["at", "t", "from", "by", "until", "around", "to", "for", "about"]);
        if coded {
            return true;
        }
        // "tuesday/2:15pm"
        let after_day = before > 0 && self.names_single_day(before - 1);
        mark && self.text.glued(start)
            && !after_day
            && (number && self.text.glued(before) || !self.text.is_mark(before, '-') && !self.text.is_mark(before, '.'))
    }

    /// "12" and "930" can be hours; "204 Elm" and the number of a labelled thing cannot.
    fn could_be_hour(&self, start: usize, end: usize) -> bool {
        let text = self.text;
        // "at 1 Embarcadero Center"
        let street = text.said(end, end + 1).starts_with(char::is_uppercase)
            && self.counts_a_noun(end)
            && text.raw.chars().any(char::is_lowercase);
        let long = matches!(text.kind(start), Some(Kind::Number { digits: 3.., .. }));
        !(street || long && self.counts_a_noun(end))
    }

    /// The words of one clock time at `at`.  `loose` also takes a number that nothing marks as a time.
    fn clock_words(&self, at: usize, loose: bool) -> ReadClock {
        self.named_time(at)
            .or_else(|| self.past_or_to(at))
            .or_else(|| self.half_past(at))
            .or_else(|| self.digits_time(at, loose))
            .or_else(|| self.military_words(at, loose))
            .or_else(|| self.spelt_time(at, loose))
    }

    /// "oh nine hundred", "fourteen thirty", "zero eight fifteen", "nineteen hundred hours".
    fn military_words(&self, at: usize, loose: bool) -> ReadClock {
        let text = self.text;
        let led = text.is_one_of(at, &["oh", "o", "zero"]);
        let hour_at = at + usize::from(led);
        let (hour, next) = self.count(hour_at).filter(|(hour, _)| if led { *hour < 10 } else { *hour < 24 })?;
        if !matches!(text.meaning(hour_at), Meaning::Count(_)) {
            return None;
        }
        let (minute, end) = match text.meaning(next) {
            Meaning::Count(100) => (0, next + 1),
            Meaning::Count(10..=50) if led || hour > 12 => self.count(next).filter(|(minute, _)| *minute < 60)?,
            _ => return None,
        };
        let hours = self.unit(end) == Some(Unit::Hour);
        if !(led || hours || hour > 12) || !hours && self.counts_something(end) {
            return None;
        }
        let sure = led || hours || loose || minute == 0;
        Some((Clock::settled(hour, minute), sure, end + usize::from(hours)))
    }

    /// "ten past", "half past", "quarter to" of the hour that was settled.
    pub(super) fn past_settled_hour(&self, at: usize) -> Found {
        let text = self.text;
        let settled = self.prior_time?;
        let article = usize::from(text.is(at, "a"));
        let (minutes, next) = match text.word(at + article) {
            "quarter" => (15, at + article + 1),
            "half" => (30, at + article + 1),
            _ => self.minutes_said(at).filter(|(minutes, _)| minutes % 5 == 0 && (5..30).contains(minutes))?,
        };
        let next = next + usize::from(self.unit(next) == Some(Unit::Minute));
        let back = match text.word(next) {
            "past" | "after" => false,
            "to" | "before" if minutes < 30 => true,
            _ => return None,
        };
        let told = next + 1 >= text.len()
            || matches!(text.kind(next + 1), Some(Kind::Mark(_)))
            || text.is_one_of(next + 1, &["is", "works", "would", "please", "instead", "then", "if", "will", "maybe"]);
        let hour = settled.hour() + u32::from(back && settled.minute() > 0);
        let total = if back { (hour * 60 + 1440 - minutes) % 1440 } else { hour * 60 + minutes };
        let clock = Clock::settled(total / 60, total % 60);
        told.then(|| (What::Clock { clock, sure: true }, self.settled_before(), next + 1))
    }

    /// A number of minutes, also as "five and twenty".
    fn minutes_said(&self, at: usize) -> Option<(u32, usize)> {
        let text = self.text;
        let past_dash = |at: usize| at + usize::from(text.is_mark(at, '-'));
        let and = past_dash(at + 1);
        let twenty = past_dash(and + 1);
        let old_style = text.meaning(at) == Meaning::Count(5)
            && text.is(and, "and")
            && matches!(text.meaning(twenty), Meaning::Count(20));
        if old_style { Some((25, twenty + 1)) } else { self.count(at) }
    }

    fn named_time(&self, at: usize) -> ReadClock {
        let text = self.text;
        let named = |hour, end| Some((Clock::settled(hour, 0), true, end));
        let number = match text.kind(at) {
            Some(Kind::Number { value: 12, .. }) => at + 1,
            _ if text.meaning(at) == Meaning::Count(12) => at + 1,
            _ => at,
        };
        match text.meaning(number) {
            Meaning::Noon => {
                // "noon thirty"
                let minute_at = number + 1 + usize::from(text.is_mark(number + 1, '-'));
                match text.meaning(minute_at) {
                    Meaning::Count(minute @ (15 | 30 | 45)) => Some((Clock::settled(12, minute), true, minute_at + 1)),
                    _ => named(12, number + 1),
                }
            }
            Meaning::Midnight => named(0, number + 1),
            _ if text.is(at, "mid") && text.is_mark(at + 1, '-') && text.is(at + 2, "day") => named(12, at + 3),
            _ if text.is(at, "mid") && text.is(at + 1, "day") => named(12, at + 2),
            _ if text.is(at, "noonish") => named(12, at + 1),
            _ => None,
        }
    }

    /// "quarter to 4", "20 past three", "10 minutes past noon", "an hour before 5", "ten to two".
    fn past_or_to(&self, at: usize) -> ReadClock {
        let text = self.text;
        let article = usize::from(text.is(at, "a"));
        let quarter = text.is(at + article, "quarter") && self.unit(at + article + 1).is_none();
        let measured = self.amount(at).and_then(|(amount, next)| Some((u32::try_from(amount.minutes()?).ok()?, next)));
        let (minutes, next, sure) = match (quarter, measured) {
            (true, _) => (15, at + article + 1, true),
            (false, Some((minutes, next))) => (minutes, next, true),
            (false, None) => {
                let (minutes, next) = self.minutes_said(at)?;
                (minutes, next, minutes % 5 == 0 && minutes > 12)
            }
        };
        let spelt = matches!(text.meaning(at), Meaning::Count(5 | 10 | 20)) && !self.opens_window(at);
        let back = match text.word(next) {
            "past" | "after" => false,
            "to" | "before" | "until" | "of" => true,
            // "cuarto para las siete"
            "for" if text.spanish => true,
            _ => return None,
        };
        if !(1..=240).contains(&minutes)
            || minutes > 59 && measured.is_none()
            || text.is(next, "of") && !(sure || spelt)
        {
            return None;
        }
        let hour_at = match text.spanish {
            true => self.skip(next + 1, &["the"]),
            false if text.is(next + 1, "the") && self.unit(next + 2) == Some(Unit::Hour) => {
                self.skip(next + 3, &["of"])
            }
            false => next + 1,
        };
        let (clock, marked, end) = match text.kind(hour_at) {
            Some(Kind::Number { value: hour @ 13..=23, digits: 2 }) if sure => {
                (Clock::settled(hour, 0), true, hour_at + 1)
            }
            _ => self.clock_words(hour_at, true)?,
        };
        // "10 to 5" is a window, "ten to five" and "5 to 5" count back.
        let same = minutes == clock.hour && clock.minute == 0;
        let announced = self.time_is_announced(at) && !marked && matches!(minutes, 5 | 10);
        let past = text.is(next, "past") || text.is(next, "after") && (spelt || sure);
        if !(sure
            || past
            || text.is(next, "to") && (same || announced || minutes == 5 && is_early_pm(clock))
            || back && spelt)
            || clock.minute != 0 && measured.is_none()
        {
            return None;
        }
        if measured.is_some() && text.is_one_of(next, &["to", "of"]) && minutes > 59 || self.counts_something(end) {
            return None;
        }
        let total = (clock.hour * 60 + clock.minute + if back { 1440 - minutes } else { minutes }) % 1440;
        let half = match clock.half {
            // "quarter to 12 pm" is before noon's hour is reached.
            Half::Pm if back && clock.hour == 12 => Half::Am,
            Half::Am if back && clock.hour == 12 => Half::Pm,
            half => half,
        };
        let hour = if half == Half::Settled { total / 60 } else { (total / 60 + 11) % 12 + 1 };
        Some((Clock { hour, minute: total % 60, half }, true, end))
    }

    fn opens_window(&self, at: usize) -> bool {
        at > 0 && self.text.is_one_of(at - 1, &["from", "between"])
    }

    /// "half past two", "half two", and the Spanish "las dos y media".
    fn half_past(&self, at: usize) -> ReadClock {
        let text = self.text;
        if text.is(at, "half") {
            let next = at + 1 + usize::from(text.is_one_of(at + 1, &["past", "after"]));
            let hour = matches!(text.meaning(next), Meaning::Count(1..=12))
                || matches!(text.kind(next), Some(Kind::Number { value: 1..=12, .. }));
            if next == at + 1 && (!hour || self.counts_something(next + 1)) {
                return None;
            }
            let (clock, _, end) = self.clock_words(next, true).filter(|(clock, ..)| clock.minute == 0)?;
            return Some((Clock { minute: 30, ..clock }, true, end));
        }
        self.spanish_minutes(at)
    }

    /// "las dos y media", "las 5 y 20", "las 4 menos cuarto".
    fn spanish_minutes(&self, at: usize) -> ReadClock {
        let text = self.text;
        let back = text.is(at + 1, "menos");
        if !text.spanish || !(back || text.is(at + 1, "and")) {
            return None;
        }
        let (hour, _) = self.count(at).filter(|(hour, _)| (1..=12).contains(hour))?;
        let (minute, next) = match text.word(at + 2) {
            "half" => (30, at + 3),
            "quarter" => (15, at + 3),
            _ => self.count(at + 2).filter(|(minute, _)| (5..60).contains(minute))?,
        };
        let (hour, minute) = if back { ((hour + 10) % 12 + 1, 60 - minute) } else { (hour, minute) };
        let (half, end) = self.half(next, hour);
        Some((Clock { hour, minute, half }, true, end))
    }

    /// Times written in digits.
    fn digits_time(&self, at: usize, loose: bool) -> ReadClock {
        let text = self.text;
        let (value, digits) = match text.kind(at)? {
            Kind::Clock { hour, minute } => {
                let (half, end) = self.half(at + 1, hour);
                return Some((Clock { hour, minute, half }, true, end));
            }
            Kind::Number { value, digits } => (value, digits),
            _ => return None,
        };
        if let Some(read) = self.hour_and_minute(at, value, loose) {
            return Some(read);
        }
        let (hour, minute) = if digits >= 3 { (value / 100, value % 100) } else { (value, 0) };
        if digits > 4 || hour > 23 || minute > 59 || (digits < 3 && !(1..=23).contains(&hour)) {
            return None;
        }
        let (half, end) = self.half(at + 1, hour);
        let marked = matches!(half, Half::Am | Half::Pm) || end > at + 1;
        // "tues 1645", "1930 on friday"
        let by_day = (hour > 12 || value < 1000)
            && minute % 5 == 0
            && (at > 0 && self.names_single_day(at - 1) || self.names_single_day(self.skip(at + 1, &["on"])));
        if digits <= 2 && (13..24).contains(&hour) && self.asked == super::Asked::Time && text.spoken() == 1 {
            return Some((Clock::settled(hour, 0), true, at + 1));
        }
        if digits == 4
            && (self.unit(at + 1) == Some(Unit::Hour)
                || !marked
                    && (by_day
                        || (loose || self.asks_for_time() || text.spoken() == 1 && minute % 15 == 0)
                            && (value < 1000 || hour > 12 && !(1900..2100).contains(&value))))
        {
            if self.counts_a_noun(at + 1) {
                return None;
            }
            // "1500 hours", "at 1430", "0900"
            let end = if self.unit(at + 1) == Some(Unit::Hour) { at + 2 } else { at + 1 };
            return Some((Clock::settled(hour, minute), true, end));
        }
        if !marked && (hour > 12 || hour == 0) {
            return None;
        }
        // "1015 on wed": `sifting` keeps it only beside a day.
        let plausible = minute % 5 == 0 && (1..=12).contains(&hour);
        (marked || loose || digits <= 2 || plausible || self.asks_for_time()).then_some((
            Clock { hour, minute, half },
            marked,
            end,
        ))
    }

    /// "8.30pm", "7h01", "3 15 pm".
    fn hour_and_minute(&self, at: usize, hour: u32, loose: bool) -> ReadClock {
        let text = self.text;
        let two_digits = |index: usize| match text.kind(index) {
            Some(Kind::Number { value: minute @ 0..60, digits: 2 }) => Some(minute),
            _ => None,
        };
        if hour > 23 {
            return None;
        }
        if text.is_mark(at + 1, '.') && text.glued(at + 1) && text.glued(at + 2) {
            let minute = two_digits(at + 2)?;
            let (half, end) = self.half(at + 3, hour);
            let closed = !text.is_mark(end, '.') || !text.glued(end + 1);
            let marked = end > at + 3;
            let told = marked || !self.counts_something(end) && (loose || minute % 5 == 0 && hour > 0);
            return (closed && told).then_some((Clock { hour, minute, half }, marked || loose, end));
        }
        if text.is(at + 1, "h") {
            let Some(minute) = two_digits(at + 2) else {
                // "19h"
                let bare = text.glued(at + 1) && hour > 12;
                return bare.then_some((Clock::settled(hour, 0), true, at + 2));
            };
            let (half, end) = self.half(at + 3, hour);
            return Some((Clock { hour, minute, half }, true, end));
        }
        if let Meaning::Count(10..=50) = text.meaning(at + 1)
            && let Some((minute @ 10..60, next)) = self.count(at + 1)
            && (1..=12).contains(&hour)
            && minute % 5 == 0
        {
            // "4 thirty"
            let (half, end) = self.half(next, hour);
            return (end > next || !self.counts_something(end)).then_some((Clock { hour, minute, half }, true, end));
        }
        let minute = two_digits(at + 1).filter(|_| !text.glued(at + 1) && (1..=12).contains(&hour))?;
        let (half, end) = self.half(at + 2, hour);
        (end > at + 2 || loose || self.asks_for_time() && minute % 5 == 0).then_some((
            Clock { hour, minute, half },
            true,
            end,
        ))
    }

    /// Times in words: "three thirty", "nine fifty nine am", "five oh five".
    fn spelt_time(&self, at: usize, loose: bool) -> ReadClock {
        let text = self.text;
        let Meaning::Count(hour @ 1..=12) = text.meaning(at) else {
            return None;
        };
        let dash = |at: usize| usize::from(text.is_mark(at, '-') && text.glued(at) && text.glued(at + 1));
        let oh_at = at + 1 + dash(at + 1);
        let oh = text.is_one_of(oh_at, &["oh", "o"]);
        let minute_at = if oh { oh_at + 1 + dash(oh_at + 1) } else { oh_at };
        let (minute, next) = match self.count(minute_at) {
            Some((minute, next))
                if matches!(text.meaning(next - 1), Meaning::Count(_)) && minute < 60 && (oh || minute >= 10) =>
            {
                (minute, next)
            }
            Some((minute @ 1..=9, next)) if loose && matches!(text.meaning(next - 1), Meaning::Count(_)) => {
                (minute, next)
            }
            _ => self.minute_digits(at + 1).unwrap_or((0, at + 1)),
        };
        let (half, end) = self.half(next, hour);
        if minute > 0 && end == next && self.counts_something(next) {
            return None;
        }
        // "seven eleven" is a shop unless something says it is a time.
        let round = minute % 5 == 0 && minute != 0 && next > at + 1 || oh;
        if minute > 0 && !round && !loose && end == next {
            return None;
        }
        Some((Clock { hour, minute, half }, minute > 0 || end > next, end))
    }

    /// The "30" of "ten 30".
    fn minute_digits(&self, at: usize) -> Option<(u32, usize)> {
        match self.text.kind(at) {
            Some(Kind::Number { value: minute @ 0..60, digits: 2 })
                if minute % 5 == 0 && !self.counts_something(at + 1) =>
            {
                Some((minute, at + 1))
            }
            _ => None,
        }
    }

    /// am or pm after the time, with "o'clock" and "ish" around it; the token after them.
    fn half(&self, at: usize, hour: u32) -> (Half, usize) {
        let text = self.text;
        let mut end = at;
        if text.is(end, "oclock") {
            end += 1;
        } else if text.is(end, "o") {
            let clock = if text.is_mark(end + 1, '"') || text.is_mark(end + 1, '\'') { end + 2 } else { end + 1 };
            if text.is_one_of(clock, &["clock", "clk"]) {
                end = clock + 1;
            }
        } else if text.is(end, "clock") {
            end += 1;
        }
        end += usize::from(text.is_mark(end, '-') && text.is(end + 1, "ish"));
        end += usize::from(text.is_one_of(end, &["ish", "sharp"]) || text.spanish && text.is_one_of(end, &["h", "hs"]));
        let open = if hour > 12 || hour == 0 { Half::Settled } else { Half::Open };
        let half_at = if text.is(end, "in") && text.is(end + 1, "the") { end + 2 } else { end };
        let named = match text.meaning(half_at) {
            Meaning::Am => Some((Half::Am, half_at + 1)),
            Meaning::Pm => Some((Half::Pm, half_at + 1)),
            _ if text.is_one_of(half_at, &["wee", "small"]) && self.unit(half_at + 1) == Some(Unit::Hour) => {
                Some((Half::Am, half_at + 2))
            }
            _ => self.spaced_half(end),
        };
        match named {
            // "15:30 pm" keeps its 24-hour reading.
            Some((half, end)) => {
                let end = end + usize::from(text.is_mark(end, '.') && text.glued(end));
                (if open == Half::Settled { open } else { half }, end)
            }
            None => (open, end),
        }
    }

    /// "a.m.", "p. m.", and a glued "a" or "p".
    fn spaced_half(&self, at: usize) -> Option<(Half, usize)> {
        let text = self.text;
        let half = match text.word(at) {
            "a" => Half::Am,
            "p" => Half::Pm,
            _ => return None,
        };
        let m = if text.is_mark(at + 1, '.') { at + 2 } else { at + 1 };
        if text.is(m, "m") {
            return Some((half, m + 1));
        }
        text.glued(at).then_some((half, at + 1))
    }

    fn asks_for_time(&self) -> bool {
        matches!(self.asked, super::Asked::When | super::Asked::Time)
    }

    /// A window between two clock times.
    pub(super) fn window(&self, at: usize) -> Found {
        let text = self.text;
        let of = text.spanish && text.is(at, "of");
        let announced = of || text.is_one_of(at, &["from", "between", "btw"]);
        if self.is_moved_from(at) {
            return None;
        }
        let start =
            self.skip(at + usize::from(of), &["from", "between", "btw", "about", "around", "at", "the", "hour", "of"]);
        let quote = usize::from(text.is_mark(start, '\''));
        let (from, from_sure, next) = self.clock_words(start + quote, true)?;
        // The half of the day said once, in front, counts for both ("from 9 in the morning to 11").
        let (from, next) = self.with_part(from, next);
        let joint = match text.word(next) {
            "to" | "until" | "through" => next + 1,
            "at" if text.spanish => next + 1,
            "and" if announced => next + 1,
            _ if text.is_mark(next, '-') || announced && text.is_mark(next, '&') => next + 1,
            _ => return None,
        };
        let (until, until_sure, end) = self.clock_words(self.skip(joint, &["about", "around", "at", "the"]), true)?;
        let sure = from_sure || until_sure;
        // "5 to 3pm" is no window from five in the morning.
        if !announced && !from_sure && (from.hour, from.minute) == (5, 0) && text.is(next, "to") && is_early_pm(until) {
            return None;
        }
        let numbers = matches!(text.kind(start), Some(Kind::Number { digits: 3.., .. })) && !until_sure;
        // "on a scale from 1 to 10"
        let scale = !from_sure && !until_sure && (from.hour, until.hour) == (1, 10);
        let compared = scale
            || at > 0
                && text.is_one_of(
                    at - 1,
                    &[
                        "difference",
                        "choose",
                        "choosing",
                        "decide",
                        "deciding",
                        "torn",
                        "lost",
                        "won",
                        "beat",
                        "score",
                        "by",
                        "up",
                        "down",
                    ],
                );
        if compared {
            return Some((What::Void, SAID, end));
        }
        if self.is_joined(start + quote)
            || !sure
                && (self.counts_something(end) || numbers && !announced || !self.could_be_hour(start + quote, next))
        {
            return None;
        }
        // "2015-32" and other dashed numbers with nothing around them that speaks of time.
        let open = from.half == Half::Open || until.half == Half::Open;
        let inferred = Inferred { meridiem: open, ..SAID };
        Some((What::Window { from: Some(from), until: Some(until), sure: sure || announced }, inferred, end))
    }

    fn with_part(&self, clock: Clock, next: usize) -> (Clock, usize) {
        match self.part_at(next) {
            Some((part, _, end)) if clock.half == Half::Open && self.text.is_one_of(end, &["to", "until", "and"]) => {
                (Clock::settled(clock.minutes(Some(part)) / 60, clock.minute), end)
            }
            _ => (clock, next),
        }
    }
}

/// Whether a time said as pm lies before five: what comes five minutes later than "5 to" it, and ends no window from 5.
fn is_early_pm(clock: Clock) -> bool {
    clock.half == Half::Pm && clock.minutes(None) < 17 * 60
}
