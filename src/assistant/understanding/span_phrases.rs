//! Phrases that name several days or count from somewhere: "next week", "early march", "end of the month",
//! "in 3 days", "two weeks from tomorrow", "an hour later", "the next couple of weeks".

use chrono::{Datelike, Duration, NaiveDate, NaiveDateTime, Weekday};

use super::calendar::{month_start, next_month_start, on_or_after, plus_days, plus_months, week_start};
use super::moments::{Found, Reader, SAID, What};
use super::text::Kind;
use super::when::Inferred;
use super::words::{Meaning, Unit};

const VAGUE: Inferred = Inferred { vague: true, ..SAID };

/// Days in `unit`, for units that are whole numbers of days.
fn days_in(unit: Unit) -> Option<i64> {
    match unit {
        Unit::Day => Some(1),
        Unit::Week => Some(7),
        _ => None,
    }
}

fn days(from: NaiveDate, until: NaiveDate) -> What {
    What::Days { from: Some(from), until: Some(until) }
}

/// First day, day after the last, what was assumed, and the token after the phrase.
type ReadSpan = Option<(NaiveDate, NaiveDate, Inferred, usize)>;

/// Where in a week or month.
#[derive(Clone, Copy, PartialEq)]
enum Edge {
    Start,
    Middle,
    End,
    Rest,
}

/// A number of units, as minutes when shorter than a day.
#[derive(Clone, Copy)]
struct Amount {
    minutes: i64,
    /// `None` for minutes and hours.
    calendar: Option<(i64, Unit)>,
}

impl Amount {
    fn new(count: i64, unit: Unit) -> Self {
        let minutes = match unit {
            Unit::Minute => count,
            Unit::Hour => count * 60,
            _ => 0,
        };
        let calendar = !matches!(unit, Unit::Minute | Unit::Hour);
        Self { minutes, calendar: calendar.then_some((count, unit)) }
    }

    fn after(self, date: NaiveDate, direction: i64) -> NaiveDate {
        match self.calendar {
            Some((count, Unit::Month)) => plus_months(date, direction * count),
            Some((count, Unit::Year)) => plus_months(date, direction * count * 12),
            Some((count, unit)) => plus_days(date, direction * count * days_in(unit).unwrap_or(1)),
            None => date,
        }
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
    }

    /// An amount of time: "2 hours", "half an hour", "a quarter of an hour", "an hour and a half", "30'".
    fn amount(&self, at: usize) -> Option<(Amount, usize)> {
        let text = self.text;
        let at = at + usize::from(text.is_mark(at, '~'));
        let three = usize::from(
            text.is_one_of(at, &["three", "3"]) || matches!(text.kind(at), Some(Kind::Number { value: 3, .. })),
        );
        let quarters = at + three + usize::from(text.is_mark(at + three, '-'));
        let quarters_of = self.skip(quarters + 1, &["of", "an", "a"]);
        if three == 1 && text.is(quarters, "quarters") && self.unit(quarters_of) == Some(Unit::Hour) {
            return Some((Amount::new(45, Unit::Minute), quarters_of + 1));
        }
        let half = self.skip(at, &["a"]);
        if text.is_one_of(half, &["half", "quarter"]) {
            let unit_at = self.skip(half + 1, &["of", "a", "an"]);
            if self.unit(unit_at) == Some(Unit::Hour) && !text.is(half + 1, "past") {
                let minutes = if text.is(half, "half") { 30 } else { 15 };
                return Some((Amount::new(minutes, Unit::Minute), unit_at + 1));
            }
        }
        if let Some(unit) = self.unit(at).filter(|_| text.is_one_of(at + 1, &["from", "later", "earlier", "sooner"])) {
            // "week from tuesday", "hour later"
            return Some((Amount::new(1, unit), at + 1));
        }
        if let Some(fraction) = self.fraction_of_hour(at) {
            return Some(fraction);
        }
        let (count, next) = self.count(at)?;
        if text.is(next, "fortnight") {
            return Some((Amount::new(i64::from(count) * 14, Unit::Day), next + 1));
        }
        if text.is(next, "h") && text.glued(next) {
            let minutes = self.amount(next + 1).filter(|(more, _)| more.calendar.is_none());
            let (more, end) = minutes.map_or((0, next + 1), |(more, end)| (more.minutes, end));
            return Some((Amount::new(i64::from(count) * 60 + more, Unit::Minute), end));
        }
        if text.is_mark(next, '\'') && text.glued(next) {
            return Some((Amount::new(i64::from(count), Unit::Minute), next + 1));
        }
        let half_more = text.is_mark(next, '.') && matches!(text.kind(next + 1), Some(Kind::Number { value: 5, .. }));
        let next = if half_more { next + 2 } else { next };
        let unit_at =
            self.skip(next + usize::from(text.is_mark(next, '-')), &["more", "business", "full", "of", "additional"]);
        let unit = self.unit(unit_at).filter(|_| count <= 1000)?;
        let mut amount = Amount::new(i64::from(count), unit);
        let mut end = unit_at + 1;
        if text.is(end, "and") && text.is(end + 1, "a") && text.is(end + 2, "half") {
            end += 3;
            amount.minutes += if unit == Unit::Hour { 30 } else { 0 };
        }
        amount.minutes += if half_more && unit == Unit::Hour { 30 } else { 0 };
        Some((amount, end))
    }

    /// "1/2 hour", "3/4 of an hour"
    fn fraction_of_hour(&self, at: usize) -> Option<(Amount, usize)> {
        let text = self.text;
        let (Some(Kind::Number { value: part @ 1..=3, .. }), Some(Kind::Number { value: whole @ 2..=4, .. })) =
            (text.kind(at), text.kind(at + 2))
        else {
            return None;
        };
        let unit_at = self.skip(at + 3, &["of", "a", "an"]);
        let hour = self.unit(unit_at) == Some(Unit::Hour) || text.is(unit_at, "h");
        (text.is_mark(at + 1, '/') && hour)
            .then(|| (Amount::new(i64::from(60 * part / whole), Unit::Minute), unit_at + 1))
    }

    /// "in 3 days", "in about an hour", "within 5 days", "in the next 2 weeks".
    fn counted_in(&self, at: usize) -> Found {
        let text = self.text;
        if text.is(at, "after") {
            // "after 5 days", "after 2 hours"
            let (amount, end) = self.amount(at + 1)?;
            return match self.moved(amount, 1, self.now) {
                What::Day { date, .. } => Some((What::Days { from: Some(date), until: None }, SAID, end)),
                moment => Some((moment, SAID, end)),
            };
        }
        if !text.is(at, "in") {
            return None;
        }
        let start =
            self.skip(at + 1, &["about", "around", "like", "approximately", "maybe", "exactly", "another", "just"]);
        let start = start + usize::from(text.spanish && text.is(start, "of"));
        let (amount, end) = self.amount(start)?;
        // "in a few days time"
        let end = self.skip(end, &["time", "from", "now"]);
        Some((self.moved(amount, 1, self.now), SAID, end))
    }

    /// "within 5 days", "less than 2 weeks from today", "more than 2 weeks after today", "the next 3 days".
    fn within(&self, at: usize) -> Found {
        let text = self.text;
        let than = text.is(at + 1, "than");
        let (open, start) = match text.word(at) {
            "within" | "over" => (false, self.skip(at + 1, &["the", "next"])),
            "less" if than => (false, at + 2),
            "more" if than => (true, at + 2),
            "next" | "coming" | "following" | "upcoming" => (false, at + 1),
            "in" if text.is(at + 1, "the") && text.is_one_of(at + 2, &["next", "coming"]) => (false, at + 3),
            "the" if text.is_one_of(at + 1, &["next", "coming", "following"]) => (false, at + 2),
            _ => return None,
        };
        let counts_days_ahead = text.is_one_of(start.saturating_sub(1), &["next", "coming", "following", "upcoming"]);
        let (amount, end) = self.amount(start)?;
        let whole_days = amount.calendar.is_some();
        let (base, end) = match self.skip(end, &["from", "after", "of", "now"]) {
            anchor if anchor == end => (self.today, end),
            anchor => match self.anchor_day(anchor) {
                Some((What::Day { date, .. }, _, end)) => (date, end),
                _ => (self.today, anchor),
            },
        };
        if !whole_days {
            let until = self.now.checked_add_signed(Duration::minutes(amount.minutes))?;
            return Some((What::Moments { from: self.now, until }, SAID, end));
        }
        if open {
            return Some((What::Days { from: Some(amount.after(base, 1)), until: None }, SAID, end));
        }
        let from = plus_days(base, i64::from(counts_days_ahead && !text.is(at, "within")));
        Some((days(from, amount.after(from, 1)), SAID, end))
    }

    /// "3 days from now", "two weeks from tomorrow", "a week from sunday", "2 days before christmas", "an hour later".
    fn counted_from(&self, at: usize) -> Found {
        let text = self.text;
        let (amount, end) = self.amount(at)?;
        let prior = self.prior_moment();
        match text.word(end) {
            "from" | "after" | "before" => {
                let direction = if text.is(end, "before") { -1 } else { 1 };
                if text.is(end, "from") && text.is_one_of(end + 1, &["now", "today"]) {
                    return Some((self.moved(amount, 1, self.now), SAID, end + 2));
                }
                let (_, unit) = amount.calendar?;
                let lasting = at > 0 && text.is(at - 1, "for") && text.is(end, "from") && unit != Unit::Month;
                let (What::Day { date, .. }, said, end) = self.anchor_day(self.skip(end + 1, &["the"]))? else {
                    return None;
                };
                let counted = amount.after(date, direction);
                Some((
                    if lasting { days(date, counted) } else { What::Day { date: counted, weekday: None } },
                    said,
                    end,
                ))
            }
            "out" | "hence" => Some((self.moved(amount, 1, self.now), SAID, end + 1)),
            "later" => match prior {
                Some(from) => Some((self.moved_settled(amount, 1, from), self.settled_before(), end + 1)),
                None => Some((self.moved(amount, 1, self.now), SAID, end + 1)),
            },
            "earlier" | "sooner" => Some((self.moved_settled(amount, -1, prior?), self.settled_before(), end + 1)),
            "ago" => Some((What::Void, SAID, end + 1)),
            "late" => Some((What::Void, SAID, end + 1)),
            _ if self.is_pushed(at) => Some((self.moved_settled(amount, 1, prior?), self.settled_before(), end)),
            _ if self.is_pulled(at) => Some((self.moved_settled(amount, -1, prior?), self.settled_before(), end)),
            _ => None,
        }
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
            && (2..=4).any(|back| matches!(before(back + by), "move" | "bring" | "pull"))
    }

    fn prior_moment(&self) -> Option<NaiveDateTime> {
        Some(self.prior_date?.and_time(self.prior_time?))
    }

    fn moved(&self, amount: Amount, direction: i64, from: NaiveDateTime) -> What {
        match amount.calendar {
            Some(_) => What::Day { date: amount.after(from.date(), direction), weekday: None },
            None => {
                let shift = Duration::minutes(direction * amount.minutes);
                What::Moment(from.checked_add_signed(shift).unwrap_or(from))
            }
        }
    }

    /// The settled date and time, moved: a day later is still at the settled time.
    fn moved_settled(&self, amount: Amount, direction: i64, from: NaiveDateTime) -> What {
        match amount.calendar {
            Some(_) => What::Moment(amount.after(from.date(), direction).and_time(from.time())),
            None => self.moved(amount, direction, from),
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
        let start = self.skip(at + 1, &["about", "around", "like"]);
        let (amount, end) = self.amount(start).filter(|(amount, _)| amount.calendar.is_none())?;
        Some((What::Length(u32::try_from(amount.minutes).ok()?), SAID, end))
    }

    /// A week, month or weekend as a whole.
    pub(super) fn span(&self, at: usize) -> Found {
        let (from, until, said, end) = self.whole_span(at)?;
        Some((days(from, until), said, end))
    }

    fn whole_span(&self, at: usize) -> ReadSpan {
        const OPENERS: &[&str] = &["the", "in", "on", "during", "sometime", "for", "at", "all", "of", "our"];
        let text = self.text;
        let start = self.skip(at, OPENERS);
        if self.unit(start) == Some(Unit::Week) {
            return self.week_beside(start);
        }
        let qualified = self.skip(start, &["this", "next", "coming", "following", "upcoming", "current"]);
        let ahead = i64::from((start..qualified).any(|index| text.is_one_of(index, &["next", "following"])));
        if text.is(qualified, "weekend") {
            return self.weekend(ahead, qualified + 1);
        }
        if text.is(qualified, "week") && text.is(qualified + 1, "end") {
            return self.weekend(ahead, qualified + 2);
        }
        if qualified == start {
            return self.bare_month(start);
        }
        let upcoming = text.is_one_of(qualified - 1, &["upcoming", "coming"]);
        let ahead = if upcoming { 1 } else { ahead };
        match (self.unit(qualified), self.prior_date) {
            (Some(Unit::Week), Some(settled)) if text.is(start, "following") => {
                let monday = plus_days(week_start(settled), 7);
                Some((monday, plus_days(monday, 7), self.settled_before(), qualified + 1))
            }
            (Some(Unit::Week), _) => self.week_ahead(ahead, qualified + 1),
            (Some(Unit::Month), _) => {
                let first = plus_months(month_start(self.today), ahead);
                Some((first, next_month_start(first), SAID, qualified + 1))
            }
            _ => self.bare_month(start),
        }
    }

    fn week_ahead(&self, weeks: i64, end: usize) -> ReadSpan {
        let monday = plus_days(week_start(self.today), 7 * weeks);
        Some((monday, plus_days(monday, 7), SAID, end))
    }

    /// "week after next", "week of june 3", "week before christmas", and the Spanish "semana que viene".
    fn week_beside(&self, week: usize) -> ReadSpan {
        let text = self.text;
        if text.is_one_of(week + 1, &["after", "following"]) && text.is(week + 2, "next") {
            let repeated = usize::from(self.unit(week + 3) == Some(Unit::Week));
            return self.week_ahead(2, week + 3 + repeated);
        }
        let of = self.skip(week + 1, &["of", "starting", "commencing", "beginning", "on", "the"]);
        let beside = match text.word(week + 1) {
            "after" => 7,
            "before" => -7,
            _ => 0,
        };
        if of > week + 1 || beside != 0 && self.holiday(week + 2).is_some() {
            let (anchor, beside) = if of > week + 1 { (of, 0) } else { (week + 2, beside) };
            let (What::Day { date, .. }, said, end) = self.anchor_day(anchor)? else {
                return None;
            };
            let monday = plus_days(week_start(date), beside);
            return Some((monday, plus_days(monday, 7), said, end));
        }
        match text.spanish {
            true if text.is(week + 1, "next") => self.week_ahead(1, week + 2),
            true if text.is(week + 2, "viene") => self.week_ahead(1, week + 3),
            _ => None,
        }
    }

    fn weekend(&self, ahead: i64, end: usize) -> ReadSpan {
        let text = self.text;
        let (ahead, end) = match text.is(end, "after") && text.is(end + 1, "next") {
            true => (2, end + 2),
            false => (ahead, end),
        };
        // Of a weekend that is running, Sunday included, the whole.
        let saturday = plus_days(week_start(self.today), 5 + 7 * ahead);
        Some((saturday, plus_days(saturday, 2), SAID, end))
    }

    /// A month without a day.  "may" and "march" are months only where the words around say so.
    fn bare_month(&self, start: usize) -> ReadSpan {
        let text = self.text;
        let name = self.skip(start, &["next", "this", "coming", "late", "early"]);
        let Meaning::Month(_) = text.meaning(name) else {
            return None;
        };
        let before = if name > 0 { text.word(name - 1) } else { "" };
        const OPENERS: &[&str] = &[
            "in", "of", "during", "for", "until", "from", "by", "next", "this", "since", "to", "before", "after",
            "sometime",
        ];
        let verb = self.typed_as(name, "may") || self.typed_as(name, "march") || self.typed_as(name, "mar");
        let told = OPENERS.contains(&before) && !(before == "to" && verb) || self.year_at(name + 1).is_some();
        let verb_follows = verb && text.is_one_of(name + 1, &["in", "be", "not", "i", "we", "have"]);
        let person =
            text.is(name + 1, "is") && text.is_one_of(name + 2, &["my", "our", "the", "a", "not", "who", "here"]);
        let verb_follows = verb_follows || verb && before == "this" && self.is_word_without_time(name + 1);
        if verb && (!told || verb_follows)
            || (self.typed_as(name, "dec") || person) && !told
            || self.month_day(name).is_some()
        {
            return None;
        }
        let (first, said, end) = self.month_named(name)?;
        Some((first, next_month_start(first), said, end))
    }

    fn is_word_without_time(&self, at: usize) -> bool {
        self.text.kind(at) == Some(Kind::Word) && self.text.meaning(at) == Meaning::None
    }

    /// The beginning, middle or end of a span, or a numbered week of a month.
    pub(super) fn part_of_span(&self, at: usize) -> Found {
        let text = self.text;
        let start = self.skip(at, &["the", "at", "by", "in", "around", "towards", "toward", "sometime", "very", "on"]);
        if let Some(found) = self.numbered_week(start) {
            return Some(found);
        }
        let (edge, next) = match text.word(start) {
            "beginning" | "start" | "early" | "earlier" => (Edge::Start, start + 1),
            "midweek" => {
                return Some((self.edge_of_week(Edge::Middle, week_start(self.today)), VAGUE, start + 1));
            }
            "mid" | "middle" => (Edge::Middle, start + 1),
            "end" | "late" => (Edge::End, start + 1),
            "tail" if text.is(start + 1, "end") => (Edge::End, start + 2),
            "first" if text.is_one_of(start + 1, &["part", "half"]) => (Edge::Start, start + 2),
            "latter" if text.is_one_of(start + 1, &["part", "half"]) => (Edge::End, start + 2),
            "later" => (Edge::Rest, start + 1),
            "rest" | "remainder" => (Edge::Rest, start + 1),
            _ => return None,
        };
        let next = next + usize::from(text.is_mark(next, '-'));
        if matches!(self.month_day(next), Some((What::Day { .. }, ..))) {
            // "beginning january 7th" starts on that day.
            return None;
        }
        let of = self.skip(next, &["of", "in", "on"]);
        let plain = self.skip(of, &["the"]);
        if self.unit(plain) == Some(Unit::Week) {
            return Some((self.edge_of_week(edge, week_start(self.today)), VAGUE, plain + 1));
        }
        if let Some((first, _, end)) = self.month_named(of) {
            return Some((self.edge_of_month(edge, first), VAGUE, end));
        }
        if self.unit(self.skip(plain, &["this", "next"])) == Some(Unit::Year) {
            let ahead = i32::from(text.is(plain, "next"));
            let december = NaiveDate::from_ymd_opt(self.today.year() + ahead, 12, 1)?;
            return (edge == Edge::End)
                .then(|| (days(december, next_month_start(december)), VAGUE, self.skip(plain, &["this", "next"]) + 1));
        }
        let (from, until, _, end) = self.whole_span(of)?;
        let what =
            if until == plus_days(from, 7) { self.edge_of_week(edge, from) } else { self.edge_of_month(edge, from) };
        Some((what, VAGUE, end))
    }

    fn edge_of_week(&self, edge: Edge, monday: NaiveDate) -> What {
        let (from, until) = match edge {
            Edge::Start => (0, 3),
            Edge::Middle => (1, 4),
            Edge::End => (4, 7),
            Edge::Rest => (0, 7),
        };
        let from = plus_days(monday, from);
        days(if edge == Edge::Rest { from.max(self.today) } else { from }, plus_days(monday, until))
    }

    fn edge_of_month(&self, edge: Edge, first: NaiveDate) -> What {
        let end = next_month_start(first);
        match edge {
            Edge::Start => days(first, plus_days(first, 10)),
            Edge::Middle => days(plus_days(first, 10), plus_days(first, 20)),
            Edge::End => days(plus_days(end, -7), end),
            Edge::Rest => days(first.max(self.today), end),
        }
    }

    /// "first week of may", "last week of this month".  A week belongs to the month that has its Thursday.
    fn numbered_week(&self, start: usize) -> Found {
        let text = self.text;
        let (nth, next) = if text.is(start, "last") { (0, start + 1) } else { self.nth(start)? };
        if self.unit(next) != Some(Unit::Week) {
            return None;
        }
        let (first, said, end) = self.month_named(self.skip(next + 1, &["of", "in"]))?;
        let monday = match nth {
            0 => week_start(plus_days(next_month_start(first), -4)),
            1..=5 => plus_days(week_start(on_or_after(first, Weekday::Thu)), 7 * i64::from(nth - 1)),
            _ => return None,
        };
        Some((days(monday, plus_days(monday, 7)), said, end))
    }
}
