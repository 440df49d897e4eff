//! Counting: amounts of time, and what is counted from now, from a day, or from what was settled: "in 3 days",
//! "2-3 weeks from friday", "a week on tuesday", "an hour later", "within the next month".

use chrono::{Duration, NaiveDate, NaiveDateTime};

use super::calendar::{on_or_after, plus_days, plus_months, plus_workdays};
use super::moments::{Found, Reader, SAID, What};
use super::text::Kind;
use super::words::{Meaning, Unit};

/// A number of units.  `most` is larger than `least` in "2-3 weeks".
#[derive(Clone, Copy)]
pub(super) struct Amount {
    least: u32,
    most: u32,
    unit: Unit,
    /// Minutes on top, for "an hour and a half".
    extra: u32,
    /// Days of work only.
    working: bool,
}

impl Amount {
    fn new(count: u32, unit: Unit) -> Self {
        Self { least: count, most: count, unit, extra: 0, working: false }
    }

    /// Minutes, for amounts of minutes and hours.
    pub(super) fn minutes(self) -> Option<i64> {
        let each = match self.unit {
            Unit::Minute => 1,
            Unit::Hour => 60,
            _ => return None,
        };
        Some(i64::from(self.least) * each + i64::from(self.extra))
    }

    fn is_clock(self) -> bool {
        self.minutes().is_some()
    }

    fn count_from(self, date: NaiveDate, count: i64) -> NaiveDate {
        match self.unit {
            Unit::Minute | Unit::Hour => date,
            Unit::Day if self.working => plus_workdays(date, count),
            Unit::Day => plus_days(date, count),
            Unit::Week => plus_days(date, 7 * count),
            Unit::Fortnight => plus_days(date, 14 * count),
            Unit::Month => plus_months(date, count),
            Unit::Year => plus_months(date, 12 * count),
        }
    }

    fn after(self, date: NaiveDate, direction: i64) -> NaiveDate {
        self.count_from(date, direction * i64::from(self.least))
    }
}

impl Reader<'_, '_> {
    /// Counting from now, from a day, or from what was settled.
    pub(super) fn offset(&self, at: usize) -> Found {
        self.same_time(at)
            .or_else(|| self.length(at))
            .or_else(|| self.within(at))
            .or_else(|| self.counted_in(at))
            .or_else(|| self.counted_from(at))
            .or_else(|| self.counted_weekdays(at))
            .or_else(|| self.week_from(at))
            .or_else(|| self.weekday_in(at))
    }

    /// "friday in two weeks": so many weeks after the nearest one.
    fn weekday_in(&self, at: usize) -> Found {
        let text = self.text;
        let name = self.skip(at, &["on"]);
        let Meaning::Weekday(weekday) = text.meaning(name) else { return None };
        let (amount, end) = self.amount(name + 2).filter(|_| text.is(name + 1, "in"))?;
        let weeks = matches!(amount.unit, Unit::Week | Unit::Fortnight);
        let date = amount.after(on_or_after(self.today, weekday), 1);
        weeks.then_some((What::Day { date, weekday: None }, SAID, self.skip(end, &["time"])))
    }

    /// An amount of time: "2 hours", "half an hour", "an hour and a half", "2-3 weeks", "a day or two", "30'", "1h".
    pub(super) fn amount(&self, at: usize) -> Option<(Amount, usize)> {
        let text = self.text;
        let at = at + usize::from(text.is_mark(at, '~'));
        if let Some(found) = self.fraction_of_hour(at).or_else(|| self.hours_with_h(at)) {
            return Some(found);
        }
        if let Some(unit) = self.unit(at).filter(|_| {
            text.is_one_of(at + 1, &["from", "later", "earlier", "sooner"]) && !(at > 0 && self.is_which(at - 1))
        }) {
            // "week from tuesday", "hour later"
            return Some((Amount::new(1, unit), at + 1));
        }
        let (least, next) = self.count(at)?;
        if text.is_mark(next, '\'') && text.glued(next) {
            return Some((Amount::new(least, Unit::Minute), next + 1));
        }
        let (most, next) = self.range_end(least, next);
        let (halves, next) = self.half_more(next);
        let dash = usize::from(text.is_mark(next, '-'));
        let unit_at =
            self.skip(next + dash, &["more", "business", "working", "full", "whole", "of", "additional", "other"]);
        let unit = self.unit(unit_at).or_else(|| self.short_unit(unit_at)).filter(|_| least <= 1000)?;
        let working = (next + dash..unit_at).any(|at| text.is_one_of(at, &["business", "working"]));
        let mut amount = Amount { least, most, unit, extra: 0, working };
        let mut end = unit_at + 1 + usize::from(text.is_mark(unit_at + 1, '\''));
        let mut halves = halves;
        if text.is(end, "and") && text.is(end + 1, "a") && text.is(end + 2, "half") {
            (halves, end) = (1, end + 3);
        } else if text.is(end, "or") && text.is(end + 1, "two") {
            (amount.most, end) = (2, end + 2);
        } else if unit == Unit::Hour
            && let Some((more, after)) =
                self.amount(end + usize::from(text.is(end, "and"))).filter(|(more, _)| more.unit == Unit::Minute)
        {
            // "1 hour 30 minutes"
            (amount.extra, end) = (more.least, after);
        }
        amount.extra += if unit == Unit::Hour { 30 * halves } else { 0 };
        if halves == 1 && unit == Unit::Week {
            amount = Amount::new(least * 7 + 3, Unit::Day);
        }
        Some((amount, end))
    }

    /// The second number of "2-3", "2 to 3", "two or three".
    fn range_end(&self, least: u32, at: usize) -> (u32, usize) {
        let joint = self.text.is_mark(at, '-') || self.text.is_one_of(at, &["to", "or"]);
        match self.count(at + 1).filter(|(most, _)| joint && *most > least && *most <= 4 * least) {
            Some((most, next)) => (most, next),
            None => (least, at),
        }
    }

    /// "and a half", ".5" after a number.
    fn half_more(&self, at: usize) -> (u32, usize) {
        let text = self.text;
        if text.is_mark(at, '.')
            && text.glued(at)
            && matches!(text.kind(at + 1), Some(Kind::Number { value: 5, digits: 1 }))
        {
            return (1, at + 2);
        }
        if text.is(at, "and") && text.is(at + 1, "a") && text.is(at + 2, "half") {
            return (1, at + 3);
        }
        (0, at)
    }

    /// "15m", "2d", "3w" with the letter glued to the number.
    fn short_unit(&self, at: usize) -> Option<Unit> {
        match self.text.word(at) {
            _ if !self.text.glued(at) => None,
            "m" => Some(Unit::Minute),
            "d" => Some(Unit::Day),
            "w" => Some(Unit::Week),
            _ => None,
        }
    }

    /// "half an hour", "a quarter of an hour", "three-quarters of an hour", "1/2 hour", "3/4 of an hour".
    fn fraction_of_hour(&self, at: usize) -> Option<(Amount, usize)> {
        let text = self.text;
        let small = |at: usize| self.count(at).filter(|(count, _)| (1..=3).contains(count));
        let (minutes, next) = match small(at) {
            Some((3, next)) if text.is(next + usize::from(text.is_mark(next, '-')), "quarters") => {
                (45, next + usize::from(text.is_mark(next, '-')) + 1)
            }
            Some((part, slash)) if text.is_mark(slash, '/') => {
                let (whole, next) = self.count(slash + 1).filter(|(whole, _)| (2..=4).contains(whole))?;
                (60 * part / whole, next)
            }
            _ => {
                let start = self.skip(at, &["a"]);
                match text.word(start) {
                    "half" => (30, start + 1),
                    "quarter" => (15, start + 1),
                    _ => return None,
                }
            }
        };
        let unit_at = self.skip(next, &["of", "a", "an"]);
        if minutes == 30 && self.unit(unit_at) == Some(Unit::Day) && text.is(unit_at - 1, "a") {
            return Some((Amount::new(12, Unit::Hour), unit_at + 1));
        }
        let hour = self.unit(unit_at) == Some(Unit::Hour) || text.is(unit_at, "h");
        hour.then(|| (Amount::new(minutes, Unit::Minute), unit_at + 1))
    }

    /// "1h", "2h30", "1h 15m".
    fn hours_with_h(&self, at: usize) -> Option<(Amount, usize)> {
        let text = self.text;
        let (hours, next) = self.count(at).filter(|(hours, _)| *hours <= 48)?;
        if !text.is(next, "h") || !text.glued(next) {
            return None;
        }
        let (extra, end) = match text.kind(next + 1) {
            Some(Kind::Number { value: minutes @ 0..60, digits: ..=2 }) => {
                (minutes, next + 2 + usize::from(text.is(next + 2, "m") || self.unit(next + 2) == Some(Unit::Minute)))
            }
            _ => (0, next + 1),
        };
        Some((Amount { extra, ..Amount::new(hours, Unit::Hour) }, end))
    }

    /// "in 3 days", "in about an hour", "in 2-3 weeks", "after 5 days".
    fn counted_in(&self, at: usize) -> Found {
        let text = self.text;
        if text.is(at, "after") {
            let (amount, end) = self.amount(at + 1)?;
            if text.is_one_of(end, &["after", "before", "from"]) {
                return None;
            }
            if text.is_one_of(end, &["of", "with", "without", "on", "together"]) {
                // "after 2 years of pain"
                return Some((What::Past, SAID, end));
            }
            return match self.moved(amount, 1, self.now) {
                What::Day { date, .. } => Some((What::Days { from: Some(date), until: None }, SAID, end)),
                moment => Some((moment, SAID, end)),
            };
        }
        if !text.is_one_of(at, &["in", "about"]) || text.is(at, "about") && !self.is_after_in(at) {
            return None;
        }
        let start = self.skip(
            at + 1,
            &[
                "about",
                "around",
                "like",
                "approximately",
                "approx",
                "maybe",
                "exactly",
                "another",
                "just",
                "roughly",
                "say",
                "probably",
                "almost",
                "under",
                "another",
            ],
        );
        let start = start + usize::from(text.spanish && text.is(start, "of"));
        if let Some(found) = self.minutes_until_there(at, start) {
            return Some(found);
        }
        let (amount, end) = self.amount(start)?;
        // "in a minute" is soon; "in the two days before" counts from elsewhere.
        let soon = matches!(amount.unit, Unit::Minute | Unit::Day) && amount.most == 1;
        if soon && amount.least == 1 && text.is(start, "a") && !text.is(end, "or") {
            return Some((What::Void, SAID, end));
        }
        if text.is_one_of(end, &["from", "after", "before"]) {
            return None;
        }
        let end = self.skip(end, &["time", "times", "now"]);
        Some((self.ahead(amount), SAID, end))
    }

    /// What lies the amount ahead of now; a run of days for "2-3 weeks".
    fn ahead(&self, amount: Amount) -> What {
        if amount.most == amount.least || amount.is_clock() {
            return self.moved(amount, 1, self.now);
        }
        let last = amount.count_from(self.today, i64::from(amount.most));
        What::Days { from: Some(amount.after(self.today, 1)), until: Some(plus_days(last, 1)) }
    }

    /// "be there in 5", "back in 10": minutes, when nothing else is said.
    fn minutes_until_there(&self, at: usize, start: usize) -> Found {
        let text = self.text;
        let arrives = at > 0 && text.is_one_of(at - 1, &["there", "back", "ready", "outside", "here", "over"]);
        let (minutes, end) = self.count(start).filter(|(minutes, _)| arrives && (2..=60).contains(minutes))?;
        let ends = end >= text.len() || matches!(text.kind(end), Some(Kind::Mark('.' | '!' | ',')));
        ends.then(|| (self.moved(Amount::new(minutes, Unit::Minute), 1, self.now), SAID, end))
    }

    fn is_after_in(&self, at: usize) -> bool {
        at > 0 && self.text.is(at - 1, "in")
    }

    /// "within 5 days", "less than 2 weeks from today", "more than 2 weeks after today", "the next 3 days".
    fn within(&self, at: usize) -> Found {
        let text = self.text;
        const AHEAD: &[&str] = &["next", "coming", "following", "upcoming"];
        let than = text.is(at + 1, "than");
        let (open, start) = match text.word(at) {
            "within" | "over" | "in" | "during" | "inside" => {
                let start = self.skip(at + 1, &["the", "this"]);
                let ahead = self.skip(start, AHEAD);
                // "over an hour" is more than that.
                if !text.is_one_of(at, &["within", "inside"]) && ahead == start {
                    return None;
                }
                (false, ahead)
            }
            "less" | "under" if than => (false, at + 2),
            "more" if than => (true, at + 2),
            "the" if text.is_one_of(at + 1, AHEAD) => (false, at + 2),
            _ if text.is_one_of(at, AHEAD) => (false, at + 1),
            _ => return None,
        };
        let ahead = text.is_one_of(start.saturating_sub(1), AHEAD);
        let hour = self.unit(start).filter(|unit| *unit == Unit::Hour);
        let (amount, end) = match hour {
            // "within the hour", "in the next hour"
            Some(unit) => (Amount::new(1, unit), start + 1),
            None => self.amount(start)?,
        };
        let (base, end) = match self.skip(end, &["from", "after", "of", "now"]) {
            anchor if anchor == end => (self.today, end),
            anchor => match self.anchor_day(anchor) {
                Some((What::Day { date, .. }, _, end)) => (date, end),
                _ => (self.today, anchor),
            },
        };
        if let Some(minutes) = amount.minutes() {
            let until = self.now.checked_add_signed(Duration::minutes(minutes))?;
            return Some((What::Moments { from: self.now, until }, SAID, end));
        }
        if open {
            return Some((What::Days { from: Some(amount.after(base, 1)), until: None }, SAID, end));
        }
        let from = plus_days(base, i64::from(ahead && !text.is(at, "within")));
        Some((What::Days { from: Some(from), until: Some(amount.count_from(from, i64::from(amount.most))) }, SAID, end))
    }

    /// "3 days from now", "two weeks from tomorrow", "a week from sunday", "2 days before christmas", "an hour later".
    fn counted_from(&self, at: usize) -> Found {
        let text = self.text;
        let (amount, end) = self.amount(at)?;
        let prior = self.prior_moment();
        let end = end + usize::from(text.is(end, "time") && text.is(end + 1, "from"));
        match text.word(end) {
            "from" | "after" | "before" | "past" | "following" | "prior" => {
                let direction = if text.is_one_of(end, &["before", "prior"]) { -1 } else { 1 };
                if text.is_one_of(end, &["from", "after"]) && text.is_one_of(end + 1, &["now", "today"]) {
                    return Some((self.ahead(amount), SAID, end + 2));
                }
                if amount.is_clock() {
                    return None;
                }
                let lasting = at > 0 && text.is(at - 1, "for") && text.is(end, "from") && amount.unit != Unit::Month;
                let anchor = self.anchor_day(self.skip(end + 1, &["the", "to", "this", "on"]));
                let (What::Day { date, .. }, said, end) = anchor? else {
                    return None;
                };
                let counted = amount.after(date, direction);
                let lasts = What::Days { from: Some(date), until: Some(counted) };
                Some((if lasting { lasts } else { What::Day { date: counted, weekday: None } }, said, end))
            }
            "out" | "away" if amount.is_clock() && self.tells_of_self(at) => Some((What::Void, SAID, end + 1)),
            "out" | "hence" => Some((self.moved(amount, 1, self.now), SAID, end + 1)),
            "later" => match prior {
                Some(from) => Some((self.moved_settled(amount, 1, from), self.settled_before(), end + 1)),
                None => Some((self.moved(amount, 1, self.now), SAID, end + 1)),
            },
            "earlier" | "sooner" => Some((self.moved_settled(amount, -1, prior?), self.settled_before(), end + 1)),
            "ago" | "late" => Some((What::Past, SAID, end + 1)),
            _ if self.is_pushed(at) => Some((self.moved_settled(amount, 1, prior?), self.settled_before(), end)),
            _ if self.is_pulled(at) => Some((self.moved_settled(amount, -1, prior?), self.settled_before(), end)),
            _ => None,
        }
    }

    /// "I'm 5 minutes out" tells where somebody is.
    fn tells_of_self(&self, at: usize) -> bool {
        let before = self.text.word(at.saturating_sub(1));
        at > 0 && matches!(before, "im" | "am" | "were" | "are" | "is" | "be" | "about" | "like")
    }

    /// "a week on friday", "a week tomorrow", "friday week", "tomorrow fortnight": a week after the day named.
    fn week_from(&self, at: usize) -> Found {
        let text = self.text;
        let weeks = |unit: Option<Unit>| match unit? {
            Unit::Week => Some(7),
            Unit::Fortnight => Some(14),
            _ => None,
        };
        if let Some((amount, next)) = self.amount(at).or_else(|| Some((Amount::new(1, self.unit(at)?), at + 1)))
            && let Some(each) = weeks(Some(amount.unit))
        {
            let counted = !(text.is(at, "the") || at > 0 && self.is_which(at - 1));
            let on = text.is(next, "on");
            // "a week tomorrow", "a week friday"
            let bare = matches!(text.meaning(next), Meaning::Today | Meaning::Tomorrow)
                || text.is(at, "a") && matches!(text.meaning(next), Meaning::Weekday(_));
            let day = self.anchor_day(if on { next + 1 } else { next }).filter(|_| counted && (on || bare));
            if let Some((What::Day { date, .. }, said, end)) = day {
                return Some((
                    What::Day { date: plus_days(date, each * i64::from(amount.least)), weekday: None },
                    said,
                    end,
                ));
            }
        }
        // "this day week"
        if text.is(at, "this")
            && self.unit(at + 1) == Some(Unit::Day)
            && let Some(each) = weeks(self.unit(at + 2))
        {
            return Some((What::Day { date: plus_days(self.today, each), weekday: None }, SAID, at + 3));
        }
        let on = self.skip(at, &["on"]);
        if !matches!(text.meaning(on), Meaning::Weekday(_) | Meaning::Today | Meaning::Tomorrow) {
            return None;
        }
        let each = weeks(self.unit(on + 1)).filter(|_| !text.said(on + 1, on + 2).ends_with('s'))?;
        if self.counts_a_noun(on + 2) || text.is_one_of(on + 2, &["of", "after", "before", "from", "on"]) {
            return None;
        }
        let (What::Day { date, .. }, said, _) = self.anchor_day(on)? else {
            return None;
        };
        Some((What::Day { date: plus_days(date, each), weekday: None }, said, on + 2))
    }

    fn is_which(&self, at: usize) -> bool {
        self.text.is_one_of(at, &["this", "next", "that", "last", "the", "same", "every", "following", "coming"])
    }

    /// "two mondays from now", "3 fridays later".
    fn counted_weekdays(&self, at: usize) -> Found {
        let (count, next) = self.count(at)?;
        let Meaning::Weekday(weekday) = self.text.meaning(next) else {
            return None;
        };
        let later = self.text.is_one_of(next + 1, &["later", "hence"]);
        let from_now = self.text.is(next + 1, "from") && self.text.is_one_of(next + 2, &["now", "today"]);
        if !(1..=12).contains(&count) || !(later || from_now) {
            return None;
        }
        let first = on_or_after(plus_days(self.today, 1), weekday);
        let date = plus_days(first, 7 * i64::from(count - 1));
        Some((What::Day { date, weekday: None }, SAID, if later { next + 2 } else { next + 3 }))
    }

    /// "push it back 30 min", "delay by an hour".
    fn is_pushed(&self, at: usize) -> bool {
        let before = |back: usize| at.checked_sub(back).map_or("", |index| self.text.word(index));
        let by = usize::from(matches!(before(1), "by" | "about" | "like"));
        matches!(before(1 + by), "back" | "out" | "delay")
            || matches!(before(2 + by), "delay" | "push") && before(1 + by) == "it"
    }

    fn is_pulled(&self, at: usize) -> bool {
        let before = |back: usize| at.checked_sub(back).map_or("", |index| self.text.word(index));
        let by = usize::from(matches!(before(1), "by" | "about" | "like"));
        matches!(before(1 + by), "up" | "forward")
            && (2..=4).any(|back| matches!(before(back + by), "move" | "bring" | "pull" | "push" | "bump"))
    }

    fn prior_moment(&self) -> Option<NaiveDateTime> {
        Some(self.prior_date?.and_time(self.prior_time?))
    }

    fn moved(&self, amount: Amount, direction: i64, from: NaiveDateTime) -> What {
        match amount.minutes() {
            None => What::Day { date: amount.after(from.date(), direction), weekday: None },
            Some(minutes) => {
                let shift = Duration::minutes(direction * minutes);
                What::Moment(from.checked_add_signed(shift).unwrap_or(from))
            }
        }
    }

    /// The settled date and time, moved: a day later is still at the settled time.
    fn moved_settled(&self, amount: Amount, direction: i64, from: NaiveDateTime) -> What {
        match amount.is_clock() {
            false => What::Moment(amount.after(from.date(), direction).and_time(from.time())),
            true => self.moved(amount, direction, from),
        }
    }

    fn same_time(&self, at: usize) -> Found {
        let text = self.text;
        let start = self.skip(at, &["the", "at", "this"]);
        (text.is(start, "same") && text.is(start + 1, "time")).then_some((
            What::SameTime(self.prior_time?),
            self.settled_before(),
            start + 2,
        ))
    }

    /// "for 7 hours", "for 30 minutes": how long, not when.
    fn length(&self, at: usize) -> Found {
        if !self.text.is(at, "for") {
            return None;
        }
        let start = self.skip(at + 1, &["about", "around", "like", "at", "least"]);
        let (amount, end) = self.amount(start).filter(|(amount, _)| amount.is_clock())?;
        Some((What::Length(u32::try_from(amount.minutes()?).ok()?), SAID, end))
    }
}
