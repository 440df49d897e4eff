//! Periods: stretches of the calendar with a name or a number ("next week", "this summer", "q3", "march 2027"), their
//! parts ("early next week", "the second half of july") and what is counted inside them ("last weekend of june").

use chrono::{Datelike, NaiveDate, Weekday};

use super::calendar::{Grain, Period, month_start, next_month_day, nth_weekday, on_or_after, plus_days, plus_months};
use super::day_phrases::{NO_YEAR, day};
use super::moments::{Found, Reader, SAID, What};
use super::text::Kind;
use super::when::Inferred;
use super::words::{Meaning, Unit};

pub(super) const VAGUE: Inferred = Inferred { vague: true, ..SAID };

/// Words that may stand before a period without changing it.
const OPENERS: &[&str] =
    &["the", "in", "on", "during", "sometime", "for", "at", "all", "of", "our", "over", "within", "anytime", "through"];

/// Which one of its kind is meant.
#[derive(Clone, Copy, PartialEq)]
enum Which {
    Unsaid,
    This,
    Coming,
    Next,
    Past,
}

/// Where in a period.
#[derive(Clone, Copy, PartialEq)]
enum Edge {
    Start,
    Middle,
    End,
    FirstHalf,
    SecondHalf,
    /// From today on, for a period that is running.
    Rest,
}

/// A period, what was assumed, and the token after the phrase.
type ReadPeriod = Option<(Period, Inferred, usize)>;

fn days(period: Period) -> What {
    What::Days { from: Some(period.from), until: Some(period.until) }
}

impl Reader<'_, '_> {
    /// A period as a whole, with the words that lead up to it.
    pub(super) fn span(&self, at: usize) -> Found {
        let start = self.skip(at, OPENERS);
        if let (Which::Past, noun) = self.which(start)
            && self.grain(noun).is_some()
        {
            return Some((What::Past, SAID, noun + 1));
        }
        let (period, said, end) = self.period(start, false)?;
        Some((days(period), said, end))
    }

    /// A period at `start`.  `bare` also takes a kind without "this" or "next" ("the month" in "end of the month").
    fn period(&self, start: usize, bare: bool) -> ReadPeriod {
        self.week_number(start)
            .or_else(|| self.beside(start))
            .or_else(|| self.reckoned(start, bare))
            .or_else(|| self.quarter_number(start, bare))
            .or_else(|| self.season(start, bare))
            .or_else(|| self.month(start, bare))
            .or_else(|| self.year_number(start, bare))
    }

    /// "this", "next", "coming" and the like at `at`; the token after them.
    fn which(&self, at: usize) -> (Which, usize) {
        let mut which = Which::Unsaid;
        let mut next = at;
        loop {
            let said = match self.text.word(next) {
                "this" | "current" | "present" => Which::This,
                "coming" | "upcoming" => Which::Coming,
                "next" | "following" => Which::Next,
                "last" | "past" | "previous" => Which::Past,
                "the" | "very" if next == at => which,
                "whole" | "entire" | "calendar" | "work" | "working" if which != Which::Unsaid => which,
                _ => return (which, next),
            };
            // "this coming week" is the coming one, "this past week" is over.
            which = said;
            next += 1;
        }
    }

    fn grain(&self, at: usize) -> Option<Grain> {
        match (self.text.word(at), self.unit(at)) {
            ("weekend", _) => Some(Grain::Weekend),
            ("quarter", _) => Some(Grain::Quarter),
            ("end", _) if self.is_fin_de_semana(at) => Some(Grain::Weekend),
            (_, Some(Unit::Week)) if self.text.is(at + 1, "end") => Some(Grain::Weekend),
            (_, Some(Unit::Week)) => Some(Grain::Week),
            (_, Some(Unit::Month)) => Some(Grain::Month),
            (_, Some(Unit::Year)) => Some(Grain::Year),
            _ => None,
        }
    }

    fn after_grain(&self, at: usize) -> usize {
        let words = if self.is_fin_de_semana(at) { 3 } else { 1 };
        at + words + usize::from(words == 1 && self.text.is(at + 1, "end"))
    }

    /// The Spanish weekend is the "end of week".
    fn is_fin_de_semana(&self, at: usize) -> bool {
        let text = self.text;
        text.spanish && text.is(at, "end") && text.is(at + 1, "of") && self.unit(at + 2) == Some(Unit::Week)
    }

    /// "this week", "next month", "the coming weekend", "weekend", "the month after next", "el mes que viene".
    fn reckoned(&self, start: usize, bare: bool) -> ReadPeriod {
        let text = self.text;
        let (which, noun) = self.which(start);
        let grain = self.grain(noun)?;
        let end = self.after_grain(noun);
        if grain == Grain::Year
            && let Some(found) = self.year_number(end, false)
        {
            return Some(found);
        }
        let now = Period::around(grain, self.today);
        if text.is_one_of(end, &["after", "following"]) && text.is(end + 1, "next") {
            let repeated = usize::from(self.grain(end + 2) == Some(grain));
            return Some((now.shifted(2), SAID, end + 2 + repeated));
        }
        if text.is(end, "after") && text.is_one_of(end + 1, &["this", "that"]) && text.is(end + 2, "one") {
            return Some((now.shifted(1), SAID, end + 3));
        }
        let other = self.skip(end + usize::from(text.is_mark(end, ',')), &["but", "the"]);
        if which == Which::This
            && start > 0
            && text.is(start - 1, "not")
            && text.is_one_of(other, &["next", "following"])
        {
            return Some((now.shifted(1), SAID, other + 1));
        }
        if self.comes_next(end) {
            let end = if text.is(end, "next") { end + 1 } else { end + 2 };
            return Some((now.shifted(1), SAID, end));
        }
        let ahead = match which {
            Which::This => 0,
            Which::Next => 1,
            // The coming weekend is the nearest one; the coming week is the one after this.
            Which::Coming => i64::from(grain != Grain::Weekend),
            // "a 3 day weekend", "weekend bag"
            Which::Unsaid if bare => 0,
            Which::Unsaid
                if grain == Grain::Weekend
                    && !self.starts_compound(end - 1)
                    && !(noun > 0 && self.unit(noun - 1).is_some()) =>
            {
                0
            }
            Which::Unsaid | Which::Past => return None,
        };
        match self.prior_date.filter(|_| text.is(start, "following") || text.is_one_of(start, &["that", "same"])) {
            Some(settled) => Some((Period::around(grain, settled).shifted(ahead), self.settled_before(), end)),
            None => Some((now.shifted(ahead), SAID, end)),
        }
    }

    /// "que viene", "próxima" after the noun.
    pub(super) fn comes_next(&self, at: usize) -> bool {
        let text = self.text;
        text.spanish && (text.is(at, "next") || text.is_one_of(at, &["que", "what"]) && text.is(at + 1, "viene"))
    }

    /// "week of june 3", "weekend of the 20th", "the week after easter", "the weekend before labor day".
    fn beside(&self, start: usize) -> ReadPeriod {
        let text = self.text;
        let grain = self.grain(start)?;
        let end = self.after_grain(start);
        let around = self.skip(
            end,
            &["of", "starting", "commencing", "beginning", "containing", "with", "on", "the", "from", "that", "starts"],
        );
        if around > end
            && !text.is_one_of(end, &["with", "from", "on"])
            && let Some((What::Day { date, .. }, said, end)) = self.anchor_day(around)
        {
            return Some((Period::around(grain, date), said, end));
        }
        let after = match text.word(end) {
            "after" | "following" => true,
            "before" => false,
            _ => return None,
        };
        let anchor = self.skip(end + 1, &["the"]);
        if text.is(end, "after") && start > 0 && text.is(start - 1, "the") && self.ends_here(anchor) {
            // "the week after", of what was spoken of.
            let named = (0..start).rev().find_map(|at| self.day_named_at(at));
            let settled = named.or(self.prior_date).unwrap_or(self.today);
            let said = if named.is_some() { SAID } else { self.settled_before() };
            return Some((Period::around(grain, settled).shifted(1), said, end + 1));
        }
        if let Some((What::Day { date, .. }, said, end)) = self.anchor_day(anchor) {
            let date = if after || grain == Grain::Weekend { date } else { Period::around(grain, date).from };
            return Some((Period::beside(grain, date, after), said, end));
        }
        let (period, said, end) = self.period(anchor, false)?;
        let date = if after { plus_days(period.until, -1) } else { period.from };
        Some((Period::beside(grain, date, after), said, end))
    }

    /// The day, or the first of the days, named at `at`.
    pub(super) fn day_named_at(&self, at: usize) -> Option<NaiveDate> {
        match self
            .anchor_day(at)
            .or_else(|| self.reckoned(at, false).map(|(period, said, end)| (days(period), said, end)))?
        {
            (What::Day { date, .. }, ..) => Some(date),
            (What::Days { from, .. }, ..) => from,
            _ => None,
        }
    }

    pub(super) fn ends_here(&self, at: usize) -> bool {
        self.text.kind(at) != Some(Kind::Word)
            || self.text.is_one_of(at, &["instead", "please", "works", "maybe", "then"])
    }

    /// "week 26", "wk 40 of 2026": the ISO week.
    fn week_number(&self, at: usize) -> ReadPeriod {
        let text = self.text;
        let number = self.skip(at + 1, &["number", "no"]);
        let number = number + usize::from(text.is_mark(number, '#') || text.is_mark(number, '.'));
        let Some(Kind::Number { value: week @ 1..=53, digits: ..=2 }) = text.kind(number) else {
            return None;
        };
        // "I'm on week 12" counts from somewhere else.
        let counted = at > 0 && text.is_one_of(at - 1, &["on", "im", "at", "my", "is", "hit", "past"]);
        if self.unit(at) != Some(Unit::Week)
            || counted
            || text.is_one_of(number + 1, &["of", "post", "after"]) && self.year_at(number + 1).is_none()
        {
            return None;
        }
        let monday = |year| NaiveDate::from_isoywd_opt(year, week, Weekday::Mon);
        let (from, end) = match self.year_at(number + 1) {
            Some((year, end)) => (monday(year)?, end),
            None => {
                let ahead = |from: &NaiveDate| plus_days(*from, 7) > self.today;
                let from = (self.today.year()..=self.today.year() + 1).filter_map(monday).find(ahead)?;
                (from, number + 1)
            }
        };
        Some((Period::starting(Grain::Week, from), SAID, end))
    }

    /// "q3", "q1 2027", "the third quarter", "quarter 2".
    fn quarter_number(&self, at: usize, bare: bool) -> ReadPeriod {
        let text = self.text;
        let number = |at: usize| match text.kind(at) {
            Some(Kind::Number { value: number @ 1..=4, digits: 1 }) => Some(number),
            _ => None,
        };
        let (number, end) = match text.word(at) {
            "q" if text.glued(at + 1) => (number(at + 1)?, at + 2),
            "quarter" => (number(at + 1)?, at + 2),
            _ => self.nth(at).filter(|(_, next)| text.is(*next, "quarter")).map(|(nth, next)| (nth, next + 1))?,
        };
        let told = bare || at > 0 && text.is_one_of(at - 1, &["in", "by", "during", "before", "after", "until", "of"]);
        let year = self.year_at(end);
        if !(told || year.is_some()) || !(1..=4).contains(&number) {
            return None;
        }
        self.occurrence(Grain::Quarter, number * 3 - 2, year, end)
    }

    /// "this summer", "in the fall", "winter 2027".  The bare word is too often something else.
    fn season(&self, at: usize, bare: bool) -> ReadPeriod {
        let text = self.text;
        let (which, noun) = self.which(at);
        let Meaning::Season(month) = text.meaning(noun) else {
            return None;
        };
        let end = noun + 1 + usize::from(text.is(noun + 1, "time"));
        let year = self.year_at(end).filter(|_| !text.is(end, "in"));
        let before = |back: usize| noun.checked_sub(back).map_or("", |index| text.word(index));
        let told = bare
            || which != Which::Unsaid && before(1) != "the"
            || matches!(before(1), "in" | "by" | "until" | "during" | "before" | "after" | "for")
            || before(1) == "the"
                && matches!(before(2), "in" | "by" | "until" | "during" | "before" | "after" | "over");
        if which == Which::Past || !(told || year.is_some()) || self.starts_compound(noun) {
            return None;
        }
        let (period, said, end) = self.occurrence(Grain::Season, month, year, end)?;
        // "next summer" is not the one that is running or lies directly ahead.
        let running = period.from <= self.today || period.from < plus_months(self.today, 3);
        let ahead = i64::from(which == Which::Next && year.is_none() && running);
        Some((Period::starting(Grain::Season, plus_months(period.from, 12 * ahead)), said, end))
    }

    /// The stretch that begins in `month` of the year said, else the one that is running or comes next.
    fn occurrence(&self, grain: Grain, month: u32, year: Option<(i32, usize)>, end: usize) -> ReadPeriod {
        let starting = |year| NaiveDate::from_ymd_opt(year, month, 1).map(|from| Period::starting(grain, from));
        match year {
            Some((year, end)) => Some((starting(year)?, SAID, end)),
            None => {
                let years = self.today.year() - 1..=self.today.year() + 1;
                let period = years.filter_map(starting).find(|period| period.until > self.today)?;
                Some((period, NO_YEAR, end))
            }
        }
    }

    /// "in 2027"
    fn year_number(&self, at: usize, bare: bool) -> ReadPeriod {
        let told = bare
            || at > 0 && self.unit(at - 1) == Some(Unit::Year)
            || at > 0 && self.text.is_one_of(at - 1, &["in", "of", "during", "until", "by", "before", "after", "for"]);
        let Some(Kind::Number { value, digits: 4 }) = self.text.kind(at) else {
            return None;
        };
        let year = i32::try_from(value).ok()?;
        let ahead = self.today.year()..=self.today.year() + 20;
        (told && ahead.contains(&year) && !self.counts_a_noun(at + 1))
            .then(|| Some((Period::starting(Grain::Year, NaiveDate::from_ymd_opt(year, 1, 1)?), SAID, at + 1)))?
    }

    /// A month without a day.  Months that are also verbs or first names count where the words around say so.
    fn month(&self, start: usize, bare: bool) -> ReadPeriod {
        let text = self.text;
        let (which, name) = self.which(start);
        let Meaning::Month(_) = text.meaning(name) else {
            return None;
        };
        if which == Which::Past || self.month_day(name).is_some() {
            return None;
        }
        let told = bare || which != Which::Unsaid || self.year_at(name + 1).is_some();
        if !told && !self.is_surely_month(name) || told && self.is_month_verb(name, which == Which::This) {
            return None;
        }
        let (first, said, end) = self.month_named(name)?;
        // "this june" said in august is over; "next june" said in may is not the one ahead.
        let skipped = which == Which::Next && first.year() == self.today.year() && first == month_start(self.today);
        let first = if skipped && self.year_at(name + 1).is_none() { plus_months(first, 12) } else { first };
        Some((Period::starting(Grain::Month, first), said, end))
    }

    /// The first day of the month named at `at`: "july", "july 2026", "this month", "next month", "the month".
    pub(super) fn month_named(&self, at: usize) -> Option<(NaiveDate, Inferred, usize)> {
        let text = self.text;
        let (which, noun) = self.which(at);
        if self.unit(noun) == Some(Unit::Month) {
            let ahead = match which {
                Which::Unsaid | Which::This => 0,
                Which::Next | Which::Coming => 1,
                Which::Past => return None,
            };
            let (ahead, end) = match self.comes_next(noun + 1) {
                true => (1, if text.is(noun + 1, "next") { noun + 2 } else { noun + 3 }),
                false => (ahead, noun + 1),
            };
            return Some((plus_months(month_start(self.today), ahead), SAID, end));
        }
        let Meaning::Month(month) = text.meaning(noun) else {
            return None;
        };
        let end = noun + 1 + usize::from(text.is_mark(noun + 1, '.') && text.glued(noun + 1));
        if let Some((year, end)) = self.year_at(end) {
            return Some((NaiveDate::from_ymd_opt(year, month, 1)?, SAID, end));
        }
        Some((next_month_day(month_start(self.today), month, 1)?, NO_YEAR, end))
    }

    /// The beginning, middle or end of a period: "early next week", "mid july", "the second half of the month".
    pub(super) fn part_of_span(&self, at: usize) -> Found {
        let text = self.text;
        let start = self.skip(
            at,
            &[
                "the", "at", "by", "in", "around", "towards", "toward", "sometime", "very", "on", "during", "near",
                "about",
            ],
        );
        if text.is(start, "midweek") {
            return Some((self.edge_of(Edge::Middle, Period::around(Grain::Week, self.today)), VAGUE, start + 1));
        }
        let (edge, next) = self.edge(start)?;
        let next = next + usize::from(text.is_mark(next, '-'));
        if matches!(self.month_day(next), Some((What::Day { .. }, ..))) {
            // "beginning january 7th" starts on that day.
            return None;
        }
        let of = self.skip(next, &["of", "in", "on", "the", "to", "during"]);
        let (period, _, end) = self.period(of, true)?;
        Some((self.edge_of(edge, period), VAGUE, end))
    }

    fn edge(&self, at: usize) -> Option<(Edge, usize)> {
        let text = self.text;
        let part = text.is_one_of(at + 1, &["part", "half", "days"]);
        let half = text.is(at + 1, "half");
        Some(match text.word(at) {
            "first" if half => (Edge::FirstHalf, at + 2),
            "second" | "last" | "latter" | "back" if half => (Edge::SecondHalf, at + 2),
            "beginning" | "start" | "early" | "earlier" | "front" => (Edge::Start, at + if part { 2 } else { 1 }),
            "first" if part => (Edge::Start, at + 2),
            "mid" | "middle" | "halfway" | "midway" => (Edge::Middle, at + if part { 2 } else { 1 }),
            "tail" if text.is(at + 1, "end") => (Edge::End, at + 2),
            "end" if self.is_fin_de_semana(at) => return None,
            "end" | "late" => (Edge::End, at + if part { 2 } else { 1 }),
            "latter" if part => (Edge::End, at + 2),
            "later" => (Edge::Rest, at + 1 + usize::from(text.is_one_of(at + 1, &["on", "part"]))),
            "rest" | "remainder" => (Edge::Rest, at + 1),
            _ => return None,
        })
    }

    fn edge_of(&self, edge: Edge, period: Period) -> What {
        let Period { grain, from, until } = period;
        let length = period.days();
        let (first, last) = match (edge, grain) {
            (Edge::Start, Grain::Week) => (0, 3),
            (Edge::Middle, Grain::Week) => (1, 4),
            (Edge::End, Grain::Week) => (4, 7),
            (Edge::FirstHalf, _) => (0, (length + 1) / 2),
            (Edge::SecondHalf, _) => (length / 2, length),
            (Edge::Start, Grain::Month) => (0, 10),
            (Edge::Middle, Grain::Month) => (10, 20),
            (Edge::End, Grain::Month) => (length - 7, length),
            (Edge::Start, _) => (0, length / 3),
            (Edge::Middle, _) => (length / 3, length * 2 / 3),
            // The end of a quarter, season or year is its last month.
            (Edge::End, Grain::Quarter | Grain::Season | Grain::Year) => {
                ((plus_months(until, -1) - from).num_days(), length)
            }
            (Edge::End, Grain::Weekend) => (length / 2, length),
            (Edge::Rest, _) => ((self.today - from).num_days().clamp(0, length - 1), length),
        };
        What::Days { from: Some(plus_days(from, first)), until: Some(plus_days(from, last)) }
    }

    /// "first friday of july", "last weekend in june", "the second week of next month", "last day of the month",
    /// "the last two weeks of august".
    pub(super) fn counted_in_period(&self, at: usize) -> Found {
        let text = self.text;
        let start = self.skip(at, &["the", "on", "in", "during", "for", "very"]);
        if let Some((back, next)) = self.rank_from_end(start) {
            return self.ranked(0, back, next);
        }
        let (nth, next) = match text.word(start) {
            "last" | "final" => (0, start + 1),
            _ => self.nth(start)?,
        };
        if nth == 1 && text.is(next, "of") {
            // "the first of the year"
            let year = self.skip(next + 1, &["the", "new", "next"]);
            if self.unit(year) == Some(Unit::Year) {
                return Some((day(Period::around(Grain::Year, self.today).shifted(1).from), NO_YEAR, year + 1));
            }
        }
        self.ranked(nth, 0, next)
    }

    /// "penultimate", "second to last", "third to last": how many lie between it and the last, that one included.
    fn rank_from_end(&self, at: usize) -> Option<(i64, usize)> {
        let text = self.text;
        if text.is(at, "penultimate") {
            return Some((1, at + 1));
        }
        let (nth, next) = if text.is(at, "next") { (2, at + 1) } else { self.nth(at)? };
        let dash = |at: usize| at + usize::from(text.is_mark(at, '-'));
        let last = dash(dash(next) + 1);
        (text.is(dash(next), "to") && text.is(last, "last")).then_some((i64::from(nth) - 1, last + 1))
    }

    /// The `nth` (0 is the last) of what is named at `next`, or the one `back` before it.
    fn ranked(&self, nth: u32, back: i64, next: usize) -> Found {
        let text = self.text;
        if let Some(found) = self.counted_stretch(nth, next) {
            return Some(found);
        }
        let working = usize::from(text.is_one_of(next, &["business", "working", "full", "whole"]));
        let noun = next + working;
        let of = self.skip(self.after_grain(noun), &["of", "in", "the", "for"]);
        let named = match text.meaning(noun) {
            _ if of == self.after_grain(noun) => None,
            _ => self.period(of, true),
        };
        match (text.meaning(noun), self.grain(noun)) {
            (Meaning::Weekday(weekday), _) => match self.nth_weekday_of(nth, weekday, noun)? {
                (What::Day { date, .. }, said, end) => Some((day(plus_days(date, -7 * back)), said, end)),
                found => Some(found),
            },
            (Meaning::Unit(Unit::Day), _) => {
                let (period, said, end) = named?;
                let counted = if nth == 0 {
                    plus_days(period.until, -1 - back)
                } else {
                    plus_days(period.from, i64::from(nth) - 1)
                };
                let date = if working == 1 && text.is_one_of(next, &["business", "working"]) {
                    workday(counted, nth > 0)
                } else {
                    counted
                };
                period.holds(date).then_some((day(date), said, end))
            }
            (_, Some(Grain::Quarter)) => {
                let (year, said, end) = named.filter(|(period, ..)| period.grain == Grain::Year)?;
                let quarter = if nth == 0 { 4 } else { i64::from(nth) };
                let found = Period::around(Grain::Quarter, year.from).shifted(quarter - 1);
                (1..=4).contains(&quarter).then_some((days(found), said, end))
            }
            (_, Some(grain @ (Grain::Week | Grain::Weekend))) => {
                let (period, said, end) = named?;
                let found = nth_stretch(grain, nth, period)?.shifted(-back);
                // Of a period that is running and has no year said, a stretch that is over means next year's.
                let over = found.until <= self.today && said == NO_YEAR;
                let found = if over {
                    nth_stretch(grain, nth, Period::starting(period.grain, plus_months(period.from, 12)))?
                } else {
                    found
                };
                Some((days(found), said, end))
            }
            _ => None,
        }
    }

    /// "the first two weeks of august", "last 10 days of june".
    fn counted_stretch(&self, nth: u32, at: usize) -> Found {
        let text = self.text;
        let (count, noun) = self.count(at).filter(|(count, _)| (1..=31).contains(count) && nth <= 1)?;
        let each = match self.unit(noun)? {
            Unit::Day => 1,
            Unit::Week => 7,
            _ => return None,
        };
        let of = self.skip(noun + 1, &["of", "in", "the"]);
        let (period, said, end) = self.period(of, true).filter(|_| text.is_one_of(noun + 1, &["of", "in"]))?;
        let length = i64::from(count) * each;
        let (from, until) = match nth {
            0 => (plus_days(period.until, -length), period.until),
            _ => (period.from, plus_days(period.from, length)),
        };
        Some((What::Days { from: Some(from), until: Some(until) }, said, end))
    }

    /// The `nth` `weekday` (0 is the last) said at `noun`, of the month named after it.
    fn nth_weekday_of(&self, nth: u32, weekday: Weekday, noun: usize) -> Found {
        let text = self.text;
        let of = self.skip(noun + 1, &["of", "in", "the"]);
        // "the first monday evening of next month" names the month a little later.
        let later = |limit: usize| {
            (noun..noun + limit)
                .filter(|at| text.is_one_of(*at, &["of", "in"]))
                .find_map(|of| Some((self.month_named(of + 1)?, noun + 1)))
        };
        let direct = self.month_named(of).map(|(first, said, end)| ((first, said, end), end));
        let Some(((first, said, _), end)) = direct.or_else(|| later(8)) else {
            let first = month_start(self.today);
            let found = [first, plus_months(first, 1)].into_iter().filter_map(|first| nth_weekday(first, nth, weekday));
            let date = found.into_iter().find(|date| *date >= self.today).filter(|_| nth > 0)?;
            return Some((day(date), Inferred { month: true, ..SAID }, noun + 1));
        };
        let date = nth_weekday(first, nth, weekday)?;
        let date = match said {
            // The month named is running and its first friday is over: next year's.
            NO_YEAR if date < self.today => nth_weekday(first.with_year(first.year() + 1)?, nth, weekday)?,
            _ => date,
        };
        Some((day(date), said, end))
    }
}

/// The `nth` week or weekend (0 is the last) of a period.  A week belongs to the month that has its Thursday, a
/// weekend to the one that has its Saturday.
fn nth_stretch(grain: Grain, nth: u32, period: Period) -> Option<Period> {
    let (weekday, before) = match grain {
        Grain::Weekend => (Weekday::Sat, 0),
        _ => (Weekday::Thu, 3),
    };
    let mark = match nth {
        0 => on_or_after(plus_days(period.until, -7), weekday),
        _ => plus_days(on_or_after(period.from, weekday), 7 * (i64::from(nth) - 1)),
    };
    period.holds(mark).then(|| Period::starting(grain, plus_days(mark, -before)))
}

/// The nearest day from Monday to Friday, forward or back.
fn workday(date: NaiveDate, forward: bool) -> NaiveDate {
    let step = if forward { 1 } else { -1 };
    let mut date = date;
    while matches!(date.weekday(), Weekday::Sat | Weekday::Sun) {
        date = plus_days(date, step);
    }
    date
}
