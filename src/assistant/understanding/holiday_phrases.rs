//! Phrases that name a holiday, and days and weekends counted from one: "labor day weekend", "xmas eve", "the monday
//! after thanksgiving".

use chrono::{NaiveDate, Weekday};

use super::calendar::{on_or_after, plus_days, week_start};
use super::day_phrases::{NO_YEAR, day};
use super::holidays::{Rule, named};
use super::moments::{Found, Reader, What};
use super::when::PartOfDay;
use super::words::{Meaning, Unit};

impl Reader<'_, '_> {
    /// A named day, with "weekend" or "eve" after it: "labor day weekend", "the monday after thanksgiving".
    pub(super) fn holiday(&self, at: usize) -> Found {
        let text = self.text;
        let start = self.skip(at, &["the", "on", "next", "this", "coming"]);
        if text.meaning(start) == Meaning::Part(PartOfDay::Evening) && text.is(start + 1, "of") {
            // "the eve of christmas"
            let (date, end) = self.holiday_date(start + 2)?;
            return Some((day(plus_days(date, -1)), NO_YEAR, end));
        }
        let (date, end) = self.holiday_date(start)?;
        if text.is(end, "weekend") {
            let saturday = plus_days(on_or_after(plus_days(date, -3), Weekday::Sat), 0);
            let until =
                plus_days(if date > saturday { date } else { plus_days(saturday, 1) }, 1).max(plus_days(saturday, 2));
            return Some((What::Days { from: Some(saturday), until: Some(until) }, NO_YEAR, end + 1));
        }
        if self.unit(end) == Some(Unit::Week) {
            let monday = week_start(date);
            return Some((What::Days { from: Some(monday), until: Some(plus_days(monday, 7)) }, NO_YEAR, end + 1));
        }
        // "christmas tree" is none, "xmas day brunch at 11" is one.
        let timed =
            end > start + 1 && (end..end + 4).any(|at| matches!(self.clock(at), Some((What::Clock { .. }, ..))));
        if self.starts_compound(end - 1) && !timed || self.is_title(start) {
            return Some((What::Void, NO_YEAR, end + 1));
        }
        Some((day(date), NO_YEAR, end))
    }

    /// Whether the name of a day ends right before `end`: "halloween night".
    pub(super) fn ends_named_day(&self, end: usize) -> bool {
        (end.saturating_sub(3)..end).any(|at| self.holiday_date(at).is_some_and(|(_, after)| after == end))
    }

    fn holiday_date(&self, at: usize) -> Option<(NaiveDate, usize)> {
        let at = self.skip(at, &["the"]);
        let (holiday, end) = self.holiday_name(at)?;
        match self.year_at(end) {
            Some((year, end)) => Some((holiday.in_year(year)?, end)),
            None => Some((holiday.on_or_after(self.today)?, end)),
        }
    }

    fn holiday_name(&self, at: usize) -> Option<(Rule, usize)> {
        let text = self.text;
        if let Some((4, next)) = self.nth(at)
            && text.is(next, "of")
            && text.is(next + 1, "july")
        {
            return Some((Rule::Fixed(7, 4), next + 2));
        }
        // "july fourth weekend"
        if text.is(at, "july")
            && let Some((4, next)) = self.nth(at + 1)
            && (text.is(next, "weekend") || self.unit(next) == Some(Unit::Week))
        {
            return Some((Rule::Fixed(7, 4), next));
        }
        // "st. patrick's day"
        let stop = usize::from(text.is_mark(at + 1, '.') && text.glued(at + 1));
        let place = |index: usize| if index == 0 { at } else { at + index + stop };
        // "eve" mostly means evening, but not after a feast.
        let word = |at| if self.typed_as(at, "eve") { "eve" } else { text.word(at) };
        let (rule, words) = named(|index| word(place(index)))?;
        Some((rule, place(words)))
    }
}
