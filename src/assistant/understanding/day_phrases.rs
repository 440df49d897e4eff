//! Phrases that name one day (or a run of days in one month): "march 5", "6/16", "the 15th", "next tuesday",
//! "first friday of july", "day after tomorrow", holidays.

use chrono::{Datelike, NaiveDate, Weekday};

use super::calendar::{
    month_start, next_day_of_month, next_month_day, next_month_start, on_or_after, plus_days, week_start,
};
use super::moments::{Found, Reader, SAID, What};
use super::text::Kind;
use super::when::Inferred;
use super::words::{Meaning, Unit};

pub(super) const NO_YEAR: Inferred = Inferred { year: true, ..SAID };
const NO_MONTH: Inferred = Inferred { month: true, ..SAID };

pub(super) fn day(date: NaiveDate) -> What {
    What::Day { date, weekday: None }
}

impl Reader<'_, '_> {
    /// A day said with its month: "march 5th", "5 march 2026", "the 5th of march", "2026-sep-1".
    pub(super) fn month_day(&self, at: usize) -> Found {
        let text = self.text;
        if let Some((date, inferred, end)) = self.plain_month_day(at) {
            // "may 3 to 8", "the 2nd, 3rd or 4th of may" keeps the first
            let joint = self.range_joint(end);
            if let Some((last, after)) = joint.and_then(|joint| self.day_number(self.skip(joint, &["the"])))
                && !self.reads_as_clock(after, last)
                && self.plain_month_day(self.skip(joint.unwrap_or(end), &["the"])).is_none()
                && let Some(last) = date.with_day(last).filter(|last| *last > date)
            {
                return Some((What::Days { from: Some(date), until: Some(plus_days(last, 1)) }, inferred, after));
            }
            return Some((day(date), inferred, end));
        }
        // "november between 19 and 20"
        let Meaning::Month(month) = text.meaning(at) else {
            return None;
        };
        let number_at = self.past_marks(at + 1);
        let impossible = match text.kind(number_at) {
            Some(Kind::Nth(number) | Kind::Number { value: number, digits: ..=2 }) => {
                next_month_day(self.today, month, number).is_none()
            }
            _ => false,
        };
        if impossible {
            return Some((What::Void, SAID, number_at + 1));
        }
        let from_at = self.skip(at + 1, &["between", "from"]);
        let (first, next) = self.day_number(from_at).filter(|_| from_at > at + 1)?;
        let joint = if text.is(next, "and") { next + 1 } else { self.range_joint(next)? };
        let (last, end) = self.day_number(joint)?;
        let from = next_month_day(self.today, month, first)?;
        Some((What::Days { from: Some(from), until: Some(plus_days(from.with_day(last)?, 1)) }, NO_YEAR, end))
    }

    pub(super) fn plain_month_day(&self, at: usize) -> Option<(NaiveDate, Inferred, usize)> {
        let text = self.text;
        let start = self.skip(at, &["the"]);
        if let Meaning::Month(month) = text.meaning(start) {
            let (number, end) = self.day_number(self.skip(self.past_marks(start + 1), &["the"]))?;
            let plain = !matches!(text.kind(end - 1), Some(Kind::Nth(_)));
            // "may 3 of us come", "may 5 people"
            let verb = self.typed_as(start, "may") || self.typed_as(start, "march");
            let counts = verb && (text.is(end, "of") && self.year_at(end).is_none() || self.counts_a_noun(end));
            if plain && (counts || self.reads_as_clock(end, number)) {
                return None;
            }
            return self.in_year_said(month, number, end);
        }
        // "2019-sep-1", "2012/aug/10"
        if let Some(Kind::Number { value: year @ 1900..=2200, digits: 4 }) = text.kind(start)
            && let Meaning::Month(month) = text.meaning(self.past_marks(start + 1))
        {
            let (number, end) = self.day_number(self.past_marks(self.past_marks(start + 1) + 1))?;
            return Some((NaiveDate::from_ymd_opt(year.cast_signed(), month, number)?, SAID, end));
        }
        let (number, next) = self.day_number(start)?;
        let of = self.skip(self.past_marks(self.skip(next, &["day"])), &["of", "in"]);
        if let Meaning::Month(month) = text.meaning(of) {
            // In "6 of april 22" the day comes last.
            if text.is(next, "of") && self.day_number(of + 1).is_some() && self.year_at(of + 1).is_none() {
                return None;
            }
            let street =
                text.is_one_of(of + 1, &["st", "street", "ave", "avenue", "rd", "road", "blvd", "lane", "ln", "drive"]);
            return if street { None } else { self.in_year_said(month, number, of + 1) };
        }
        let (first_of_month, end) = self.this_or_next_month(of)?;
        if first_of_month == month_start(self.today) && text.is(self.skip(of, &["the"]), "month") {
            // "the first of the month" is the next one there is.
            return Some((next_day_of_month(self.today, number, None)?, NO_MONTH, end));
        }
        Some((first_of_month.with_day(number)?, SAID, end))
    }

    /// "this month", "next month", after "the 15th of".
    fn this_or_next_month(&self, at: usize) -> Option<(NaiveDate, usize)> {
        let text = self.text;
        let at = self.skip(at, &["the"]);
        let first = month_start(self.today);
        let (first, unit_at) = match text.word(at) {
            "this" | "current" => (first, at + 1),
            "next" | "following" | "coming" => (next_month_start(first), at + 1),
            "month" if at > 0 && text.is(at - 1, "the") => (first, at),
            _ => return None,
        };
        (self.unit(unit_at) == Some(Unit::Month)).then_some((first, unit_at + 1))
    }

    fn in_year_said(&self, month: u32, number: u32, end: usize) -> Option<(NaiveDate, Inferred, usize)> {
        match self.year_at(end) {
            Some((year, end)) => Some((NaiveDate::from_ymd_opt(year, month, number)?, SAID, end)),
            None => Some((next_month_day(self.today, month, number)?, NO_YEAR, end)),
        }
    }

    /// A four-digit year, with a comma or mark before it.
    pub(super) fn year_at(&self, at: usize) -> Option<(i32, usize)> {
        let at = self.skip(self.past_marks(at), &["of", "in"]);
        match self.text.kind(at) {
            Some(Kind::Number { value: year @ 1900..=2200, digits: 4 }) => Some((year.cast_signed(), at + 1)),
            _ => None,
        }
    }

    fn past_marks(&self, at: usize) -> usize {
        let mark = matches!(self.text.kind(at), Some(Kind::Mark('.' | ',' | '-' | '/')));
        at + usize::from(mark)
    }

    /// A day of the month: "5", "5th", "fifth", "twenty nine".
    fn day_number(&self, at: usize) -> Option<(u32, usize)> {
        let number = match (self.text.kind(at), self.text.meaning(at)) {
            (Some(Kind::Number { value, digits: ..=2 }), _) if self.nth(at).is_none() => Some((value, at + 1)),
            (_, Meaning::Count(_)) if self.nth(at).is_none() => self.count(at),
            _ => self.nth(at),
        };
        number.filter(|(number, _)| (1..=31).contains(number))
    }

    /// Whether the number before `next` belongs to a clock time or counts something.
    fn reads_as_clock(&self, next: usize, number: u32) -> bool {
        let text = self.text;
        let half = matches!(text.meaning(next), Meaning::Am | Meaning::Pm)
            || text.is(next, "oclock")
            || text.glued(next) && text.is_one_of(next, &["a", "p"]);
        number <= 12 && half || text.is_mark(next, ':') || text.is_one_of(next, &["people", "minute", "hour"])
    }

    fn range_joint(&self, at: usize) -> Option<usize> {
        let text = self.text;
        (text.is_one_of(at, &["to", "through", "until"]) || text.is_mark(at, '-')).then_some(at + 1)
    }

    /// "from the 13th to the 15th of july", "3 to 8 may", "from 4 to 22 this month".
    pub(super) fn day_range(&self, at: usize) -> Found {
        let text = self.text;
        let between = text.is_one_of(at, &["between", "from"]);
        let (first, next) = self.day_number(self.skip(at, &["from", "between", "the"]))?;
        let joint = match self.range_joint(next) {
            Some(joint) => joint,
            None if between && text.is(next, "and") => next + 1,
            None => return None,
        };
        let (last, inferred, end) = self.plain_month_day(joint)?;
        let from = last.with_day(first).filter(|from| *from < last)?;
        Some((What::Days { from: Some(from), until: Some(plus_days(last, 1)) }, inferred, end))
    }

    /// "20260616"
    pub(super) fn compact_date(&self, at: usize) -> Found {
        let Some(Kind::Number { value, digits: 8 }) = self.text.kind(at) else { return None };
        let joined = self.text.glued(at) || self.text.glued(at + 1) && !self.text.is(at + 1, "t");
        let year = (value / 10_000).cast_signed();
        let near = (self.today.year() - 1..=self.today.year() + 5).contains(&year) && !joined;
        let date = NaiveDate::from_ymd_opt(year, value / 100 % 100, value % 100).filter(|_| near)?;
        Some((day(date), SAID, at + 1))
    }

    /// "6/16", "6-16-26", "2026-06-16".  Digits that look like a date and are none become `Void`.
    pub(super) fn numeric_date(&self, at: usize) -> Found {
        let text = self.text;
        let number = |index: usize| match text.kind(index) {
            Some(Kind::Number { value, digits: digits @ ..=4 }) => Some((value, digits)),
            _ => None,
        };
        let (first, first_digits) = number(at)?;
        let Some(Kind::Mark(mark @ ('/' | '-' | '.'))) = text.kind(at + 1) else {
            return None;
        };
        let glued = text.glued(at + 1) && text.glued(at + 2);
        let (second, second_digits) = number(at + 2)?;
        if !glued {
            return if first_digits == 4 { Some((What::Void, SAID, at + 3)) } else { None };
        }
        let in_path = at > 0 && text.glued(at) && text.is_mark(at - 1, '/');
        let third = (text.is_mark(at + 3, mark) && text.glued(at + 3) && text.glued(at + 4)).then(|| number(at + 4));
        let void = |end| Some((What::Void, SAID, end));
        if let Some(third) = third {
            let Some((third, third_digits)) = third else {
                return void(at + 3);
            };
            let date = if first_digits == 4 {
                NaiveDate::from_ymd_opt(first.cast_signed(), second, third)
            } else {
                let year = if third_digits == 2 { third + 2000 } else { third }.cast_signed();
                NaiveDate::from_ymd_opt(year, first, second).or_else(|| NaiveDate::from_ymd_opt(year, second, first))
            };
            let plausible = !in_path && first_digits == 4 || first_digits <= 2 && third_digits.is_multiple_of(2);
            let born =
                (at.saturating_sub(4)..at).any(|index| text.is_one_of(index, &["dob", "born", "birthday", "bday"]));
            return match date.filter(|_| plausible) {
                Some(_) if born => void(at + 5),
                Some(date) => Some((day(date), SAID, at + 5)),
                None => void(at + 5),
            };
        }
        if first_digits == 4 {
            return void(at + 3);
        }
        if (second_digits, mark) == (4, '/') && (1..=12).contains(&first) && self.year_at(at + 2).is_some() {
            // "12/2027"
            let month = NaiveDate::from_ymd_opt(second.cast_signed(), first, 1)?;
            let ahead = month >= month_start(self.today);
            let days = What::Days { from: Some(month), until: Some(next_month_start(month)) };
            return Some((if ahead { days } else { What::Void }, SAID, at + 3));
        }
        let joined = at > 0 && text.glued(at) && matches!(text.kind(at - 1), Some(Kind::Mark('/' | '-' | '.' | '#')));
        let told = at > 0 && text.is(at - 1, "on") && second > 12;
        if mark == '.' && !told || first_digits > 2 || second_digits > 2 || joined {
            return None;
        }
        // "11-4" is a window of the day; "4-22" and "7-1 at 9" can only be dates.
        let timed = text.is(at + 3, "at") || text.is_mark(at + 3, '@');
        if mark == '-' && second <= 12 && !timed {
            return None;
        }
        if self.unit(self.skip(at + 3, &["of", "a", "an"])).is_some() || self.reads_as_clock(at + 3, second) {
            return None;
        }
        if mark == '-' && self.counts_a_noun(at + 3) && self.is_plural(at + 3) {
            // "10-15 guests"
            return void(at + 4);
        }
        if mark == '/' && self.is_fraction(at, first, second) {
            return void(at + 3);
        }
        let date = next_month_day(self.today, first, second).or_else(|| next_month_day(self.today, second, first));
        date.map_or_else(|| void(at + 3), |date| Some((day(date), NO_YEAR, at + 3)))
    }

    /// "1/2 price", "size 8 1/2"
    fn is_fraction(&self, at: usize, part: u32, whole: u32) -> bool {
        let text = self.text;
        let counted = self.counts_a_noun(at + 3) || text.is_one_of(at + 3, &["of", "off", "full"]);
        let mixed = at > 0 && matches!(text.kind(at - 1), Some(Kind::Number { .. }));
        part < whole && matches!(whole, 2..=6 | 8 | 10 | 12 | 16 | 32) && (counted || mixed)
    }

    /// "friday", "next tues", "wed the 24th", "sunday after next", "two mondays from now".
    pub(super) fn weekday(&self, at: usize) -> Found {
        let text = self.text;
        let start = self.skip(at, &["on", "the"]);
        let ahead = self.skip(start, &["this", "next", "coming", "following", "upcoming", "very"]);
        let Meaning::Weekday(weekday) = text.meaning(ahead) else {
            return None;
        };
        if self.is_another_word(ahead) {
            let part = usize::from(matches!(text.meaning(ahead + 1), Meaning::Part(_)));
            return Some((What::Void, SAID, ahead + 1 + part));
        }
        if start > 0
            && (text.is_one_of(start - 1, &["every", "each", "alternate"]) || start > 1 && text.is(start - 2, "every"))
        {
            // A rhythm names no day.
            return Some((What::Void, SAID, ahead + 1));
        }
        let said_next = (start..ahead).any(|index| text.is_one_of(index, &["next", "following"]));
        if ahead > 0 && text.is_one_of(ahead - 1, &["last", "past", "previous"]) {
            return Some((What::Past, SAID, ahead + 1));
        }
        let next_week = plus_days(week_start(self.today), 7 + i64::from(weekday.num_days_from_monday()));
        let nearest = on_or_after(self.today, weekday);
        let mut end = ahead + 1;
        let shortened = !text.said(ahead, ahead + 1).to_ascii_lowercase().ends_with("day");
        end += usize::from(shortened && text.is_mark(end, '.') && text.glued(end));
        if ahead == start
            && let Some(found) = self.weekday_with_date(weekday, end)
        {
            return Some(found);
        }
        let week = self.skip(end, &["of", "in", "the", "on"]);
        if self.unit(week + 1) == Some(Unit::Week) {
            match text.word(week) {
                "next" | "following" => return Some((day(next_week), SAID, week + 2)),
                "this" | "current" => return Some((self.this_weekday(weekday), SAID, week + 2)),
                _ => {}
            }
        }
        if let Some(found) = self.one_after(nearest, ahead, end) {
            return Some(found);
        }
        let ends = end + 1 >= text.len() || matches!(text.kind(end + 1), Some(Kind::Mark(_)));
        if text.is(end, "next") && ends && ahead == start {
            return Some((day(next_week), SAID, end + 1));
        }
        if said_next {
            return Some((day(next_week), SAID, end));
        }
        let weekday = (ahead == start).then_some(weekday);
        Some((What::Day { date: nearest, weekday }, SAID, end))
    }

    /// "friday after next", "friday after this one", "not this friday but the next": the one after the nearest.
    fn one_after(&self, nearest: NaiveDate, name: usize, end: usize) -> Found {
        let text = self.text;
        let later = Some(day(plus_days(nearest, 7)));
        let this = text.is_one_of(end + 1, &["this", "that", "tomorrow"]) && self.unit(end + 2).is_none();
        if text.is(end, "after") && (text.is(end + 1, "next") && self.unit(end + 2).is_none() || this) {
            return Some((later?, SAID, end + 2 + usize::from(text.is(end + 2, "one"))));
        }
        if name >= 2 && text.is(name - 1, "this") && text.is(name - 2, "not") {
            let next = self.skip(self.past_marks(end), &["but", "the"]);
            let following =
                text.is_one_of(next, &["next", "following"]) || text.is(next, "one") && text.is(next + 1, "after");
            return following.then(|| Some((later?, SAID, next + 1)))?;
        }
        // "friday coming", "el lunes que viene"
        if text.is_one_of(end, &["coming", "gone"]) {
            let what = if text.is(end, "gone") { What::Past } else { day(nearest) };
            return Some((what, SAID, end + 1));
        }
        // What is yet to come is not today.
        let coming = if nearest == self.today { later? } else { day(nearest) };
        self.comes_next(end).then(|| (coming, SAID, if text.is(end, "next") { end + 1 } else { end + 2 }))
    }

    /// "the monday after thanksgiving", "the friday before the 4th", "tuesday following easter".
    pub(super) fn day_beside(&self, at: usize) -> Found {
        let text = self.text;
        let start = self.skip(at, &["the", "on", "first"]);
        let Meaning::Weekday(weekday) = text.meaning(start) else {
            return None;
        };
        let after = text.is_one_of(start + 1, &["after", "following"]);
        if !after && !text.is_one_of(start + 1, &["before", "preceding"]) {
            return None;
        }
        let anchor = self.skip(start + 2, &["the"]);
        if matches!(text.meaning(anchor), Meaning::Weekday(_))
            || text.is(anchor, "next") && self.unit(anchor + 1).is_none()
        {
            return None;
        }
        let (date, said, end) = match self.anchor_day(anchor) {
            Some((What::Day { date, .. }, said, end)) => (date, said, end),
            _ => match self.span(anchor)? {
                (What::Days { from: Some(from), until: Some(until) }, said, end) => {
                    (if after { plus_days(until, -1) } else { from }, said, end)
                }
                _ => return None,
            },
        };
        let later = on_or_after(plus_days(date, 1), weekday);
        let date = match after {
            true => later,
            false => plus_days(on_or_after(date, weekday), -7),
        };
        Some((day(date), said, end))
    }

    fn this_weekday(&self, weekday: Weekday) -> What {
        day(plus_days(week_start(self.today), i64::from(weekday.num_days_from_monday())))
    }

    /// "monday, may 4", "tuesday 19th", "wed the 24th", "friday 31".
    fn weekday_with_date(&self, weekday: Weekday, at: usize) -> Found {
        let text = self.text;
        let next = self.skip(self.past_marks(at), &["the", "on"]);
        if let Some(found @ (What::Day { .. }, _, _)) = self.month_day(next).or_else(|| self.numeric_date(next)) {
            return Some(found);
        }
        let (number, end) = self.day_number(next)?;
        let plain =
            matches!(text.kind(next), Some(Kind::Number { .. })) || matches!(text.meaning(next), Meaning::Count(_));
        let after_the = next > 0 && text.is(next - 1, "the");
        // "monday first appt"
        let spelt = matches!(text.meaning(next), Meaning::Nth(1..=3));
        if spelt && !after_the {
            return None;
        }
        if plain && !after_the && (number <= 12 || self.reads_as_clock(end, number) || text.is_mark(end, '-')) {
            return None;
        }
        if text.is_one_of(end, &["one", "option", "slot"]) {
            return None;
        }
        let agreed = next_day_of_month(self.today, number, Some(weekday));
        let date = agreed.or_else(|| next_day_of_month(self.today, number, None))?;
        Some((day(date), NO_MONTH, end))
    }

    /// "today", "tomorrow", "day after tomorrow", "the next day", "that day".
    pub(super) fn relative_day(&self, at: usize) -> Found {
        let text = self.text;
        let found = |days, end| Some((day(plus_days(self.today, days)), SAID, end));
        match text.meaning(at) {
            Meaning::Today | Meaning::Tonight => return found(0, at + 1),
            Meaning::Tomorrow => return found(1, at + 1),
            Meaning::Yesterday => return Some((What::Past, SAID, at + 1)),
            _ => {}
        }
        if self.is_short_tomorrow(at) {
            return found(1, at + 1);
        }
        if text.is_one_of(at, &["later", "earlier"]) && text.meaning(at + 1) == Meaning::Today {
            return found(0, at + 2);
        }
        if text.is(at, "this") && matches!(self.part(at + 1), Some((What::Part(..), _, _))) {
            return found(0, at + 1);
        }
        if text.is(at, "that")
            && let (Some(settled), Some((What::Part(..), _, _))) = (self.prior_date, self.part(at + 1))
        {
            return Some((day(settled), self.settled_before(), at + 1));
        }
        let start = self.skip(at, &["the", "on", "a"]);
        if text.is(start, "after") && text.meaning(start + 1) == Meaning::Tomorrow {
            return found(2, start + 2);
        }
        if self.unit(start + 1) == Some(Unit::Day) {
            match (text.word(start), self.prior_date) {
                ("that" | "same", Some(date)) => return Some((day(date), self.settled_before(), start + 2)),
                ("next" | "following", Some(date)) => {
                    return Some((day(plus_days(date, 1)), self.settled_before(), start + 2));
                }
                ("next" | "following", None) => return found(1, start + 2),
                _ => {}
            }
        }
        let after = text.is_one_of(start + 1, &["after", "following"]);
        // "the night before thanksgiving" is on the day before it.
        let eve = matches!(text.meaning(start), Meaning::Part(_)) && text.is(start + 1, "before");
        if !eve && (self.unit(start) != Some(Unit::Day) || !(after || text.is(start + 1, "before"))) {
            return None;
        }
        let direction = if after { 1 } else { -1 };
        if after && !eve && text.is(start + 2, "next") && self.unit(start + 3).is_none() {
            return found(2, start + 3);
        }
        let anchor = self.skip(start + 2, &["the"]);
        if text.meaning(anchor) == Meaning::Tomorrow {
            return found(1 + direction, anchor + 1);
        }
        if text.meaning(anchor) == Meaning::Yesterday || text.is(anchor, "that") && self.prior_date.is_none() {
            return Some((What::Past, SAID, anchor + 1));
        }
        if let Some((What::Day { date, .. }, said, end)) = self.anchor_day(anchor) {
            return Some((day(plus_days(date, direction)), said, end));
        }
        // "the wedding is on the 27th, so the day before"
        let named = (0..start).rev().find_map(|at| self.day_named_at(at)).filter(|_| self.ends_here(start + 2));
        if let Some(date) = named.filter(|_| !eve) {
            return Some((day(plus_days(date, direction)), SAID, start + 2));
        }
        let date = self.prior_date.filter(|_| !eve && text.spoken() <= start + 6)?;
        Some((day(plus_days(date, direction)), self.settled_before(), start + 2))
    }

    /// "tom at 4", "tom morning"; not "with Tom at 4".
    fn is_short_tomorrow(&self, at: usize) -> bool {
        let text = self.text;
        let timed = text.is(at + 1, "at")
            || text.is_mark(at + 1, '@')
            || matches!(text.kind(at + 1), Some(Kind::Number { .. } | Kind::Clock { .. }))
            || matches!(text.meaning(at + 1), Meaning::Part(_) | Meaning::Noon);
        let person = at > 0
            && text.is_one_of(
                at - 1,
                &["with", "see", "for", "from", "by", "to", "is", "name", "and", "dr", "mr", "im", "hi", "hey"],
            );
        text.said(at, at + 1) == "tom" && timed && !person
    }

    pub(super) fn settled_before(&self) -> Inferred {
        Inferred { from_dialogue: true, ..SAID }
    }

    /// A day that another phrase counts from.
    pub(super) fn anchor_day(&self, at: usize) -> Found {
        let found = self
            .numeric_date(at)
            .or_else(|| self.month_day(at))
            .or_else(|| self.holiday(at))
            .or_else(|| self.weekday(at))
            .or_else(|| match self.text.meaning(at) {
                Meaning::Today | Meaning::Tonight | Meaning::Tomorrow => self.relative_day(at),
                _ => self.day_of_month(at),
            });
        found.filter(|(what, ..)| matches!(what, What::Day { .. }))
    }

    /// "the 15th", "on 15" — the next month that has the day.
    pub(super) fn day_of_month(&self, at: usize) -> Found {
        let text = self.text;
        let start = self.skip(at, &["the"]);
        let announced = at > 0 && text.is(at - 1, "on");
        let the = start > at && text.is(start - 1, "the");
        // "el día 15"
        let start = start + usize::from(the && text.spanish && self.unit(start) == Some(Unit::Day));
        let (number, end) = match self.nth(start) {
            Some(found) => found,
            None if (announced || the) && text.kind(start) != Some(Kind::Word) => {
                self.day_number(start).filter(|_| !text.is_mark(start + 1, '%'))?
            }
            None => return None,
        };
        let plain = self.nth(start).is_none();
        let digits = matches!(text.kind(start), Some(Kind::Nth(_) | Kind::Number { .. }));
        if !(1..=31).contains(&number) || plain && (self.reads_as_clock(end, number) || !announced && number <= 12) {
            return None;
        }
        let birthday = at > 0 && text.is_one_of(at - 1, &["my", "her", "his", "our", "your", "their"]);
        if birthday || self.nth_counts_something(start, end, announced || the, digits) {
            return None;
        }
        let date = next_day_of_month(self.today, number, None)?;
        Some((day(date), NO_MONTH, self.skip(end, &["day"])))
    }

    /// "the 3rd floor", "second round", "1st one", "5th avenue", "first available".
    fn nth_counts_something(&self, start: usize, end: usize, announced: bool, digits: bool) -> bool {
        const COUNTED: &[&str] =
            &["option", "one", "choice", "slot", "time", "appointment", "visit", "place", "person", "available", "st"];
        let text = self.text;
        if text.is_one_of(end, COUNTED) || matches!(text.meaning(end), Meaning::Unit(unit) if unit != Unit::Day) {
            return true;
        }
        // "on 5th and main"
        let corner = text.is(end, "and") && self.counts_a_noun(end + 1);
        if announced && digits && !corner && !self.counts_a_noun(end) {
            return false;
        }
        // A spelt-out "first" or "second" is mostly not a day.
        let spelt_small = !digits && matches!(text.meaning(start), Meaning::Nth(1..=3));
        let on_the = start > 0 && (text.is(start - 1, "on") || text.is(start - 1, "the") && self.on_the(start));
        corner || self.counts_a_noun(end) || !digits && !announced || spelt_small && !on_the
    }

    fn on_the(&self, start: usize) -> bool {
        start > 1 && self.text.is_one_of(start - 2, &["on", "for", "by", "until", "from", "before", "after"])
    }
}
