//! Parts of the day: "in the morning", "late-evening", "lunch time", "end of the day", "first thing", "after work".

use super::moments::{Clock, Found, Reader, SAID, Shade, What};
use super::periods::VAGUE;
use super::text::Kind;
use super::when::PartOfDay;
use super::words::{Meaning, Unit};

impl Reader<'_, '_> {
    /// A part of the day: "in the morning", "late-evening", "lunch time", "end of the day", "first thing".
    pub(super) fn part(&self, at: usize) -> Found {
        let text = self.text;
        if (text.is(at, "first") || text.kind(at) == Some(Kind::Nth(1))) && text.is_one_of(at + 1, &["thing", "light"])
        {
            let end = self.part_at(at + 2).map_or(at + 2, |(_, _, end)| end);
            return Some((What::Part(PartOfDay::Morning, Shade::First), VAGUE, end));
        }
        if matches!(text.meaning(at), Meaning::Am | Meaning::Pm) && self.stands_for_part(at) {
            let part = if text.meaning(at) == Meaning::Am { PartOfDay::Morning } else { PartOfDay::Afternoon };
            return Some((What::Part(part, Shade::Whole), SAID, at + 1));
        }
        if text.is(at, "a") && text.is_mark(at + 1, '.') && text.is(at + 2, "m") && self.stands_for_part(at) {
            return Some((What::Part(PartOfDay::Morning, Shade::Whole), SAID, at + 3));
        }
        let edge = match text.word(at) {
            "early" => Some(Shade::Early),
            "late" => Some(Shade::Late),
            _ => None,
        };
        if let (Some(shade), Meaning::Am | Meaning::Pm) = (edge, text.meaning(at + 1)) {
            let part = if text.meaning(at + 1) == Meaning::Am { PartOfDay::Morning } else { PartOfDay::Afternoon };
            return Some((What::Part(part, shade), VAGUE, at + 2));
        }
        let middle = self.skip(at, &["the"]);
        if text.is_one_of(middle, &["middle", "mid"])
            && text.is(middle + 1, "of")
            && self.unit(self.skip(middle + 2, &["the"])) == Some(Unit::Day)
        {
            return Some((What::Part(PartOfDay::Lunch, Shade::Whole), VAGUE, self.skip(middle + 2, &["the"]) + 1));
        }
        if text.is_one_of(at, &["dinner", "supper"]) && text.is(at + 1, "time") {
            return Some((What::Part(PartOfDay::Evening, Shade::Whole), VAGUE, at + 2));
        }
        if let Some(found) = self.around_an_event(at) {
            return Some(found);
        }
        if let Some(found) = self.ranked_slot(at) {
            return Some(found);
        }
        let closing = text.is_one_of(at, &["close", "end"]) && text.is(at + 1, "of") && text.is(at + 2, "business");
        if closing || text.is(at, "last") && text.is(at + 1, "thing") {
            let end = if closing { at + 3 + usize::from(self.unit(at + 3) == Some(Unit::Day)) } else { at + 2 };
            return Some((What::Part(PartOfDay::LateDay, Shade::Whole), VAGUE, end));
        }
        let hours = self.skip(at, &["in", "during", "the"]);
        if text.is_one_of(hours, &["wee", "small"]) && self.unit(hours + 1) == Some(Unit::Hour) {
            let clock = |hour| Some(Clock::settled(hour, 0));
            return Some((What::Window { from: clock(0), until: clock(5), sure: true }, VAGUE, hours + 2));
        }
        if text.is_one_of(at, &["eod", "cob"]) {
            return Some((What::Part(PartOfDay::LateDay, Shade::Whole), VAGUE, at + 1));
        }
        if text.is_one_of(at, &["early", "late"]) && self.names_single_day(at + 1) {
            let part = if text.is(at, "early") { PartOfDay::Morning } else { PartOfDay::LateDay };
            return Some((What::Part(part, Shade::Whole), VAGUE, at + 1));
        }
        if text.is_one_of(at, &["end", "late", "later"]) {
            let day = self.skip(at + 1, &["of", "in", "the", "business"]);
            if self.unit(day) == Some(Unit::Day) && day > at + 1 {
                return Some((What::Part(PartOfDay::LateDay, Shade::Whole), VAGUE, day + 1));
            }
        }
        let (part, shade, end) = self.part_at(at)?;
        let what = if self.is_no_part(part, end - 1) { What::Void } else { What::Part(part, shade) };
        Some((what, SAID, end))
    }

    /// "first appt of the day", "last slot in the morning".
    fn ranked_slot(&self, at: usize) -> Found {
        let text = self.text;
        let ranked = text.is_one_of(at, &["first", "last"])
            && text.is_one_of(at + 1, &["appointment", "slot", "opening", "spot", "available", "time"])
            && text.is_one_of(at + 2, &["of", "in"]);
        let day = self.skip(at + 3, &["the"]);
        if ranked && (self.unit(day) == Some(Unit::Day) || text.meaning(day) == Meaning::Part(PartOfDay::Morning)) {
            let part = if text.is(at, "first") { PartOfDay::Morning } else { PartOfDay::LateDay };
            return Some((What::Part(part, Shade::Whole), VAGUE, day + 1));
        }
        None
    }

    /// Whether the part of the day named at `name` is a habit ("I work nights"), describes a noun ("the night shift",
    /// "an evening gown", "the morning after pill"), is described by one ("movie night") or belongs to a saying.
    fn is_no_part(&self, part: PartOfDay, name: usize) -> bool {
        const ARTICLES: &[&str] = &["a", "an", "the", "my", "your", "some", "for", "one"];
        let text = self.text;
        let (Meaning::Part(_), next) = (text.meaning(name), name + 1) else { return false };
        let before = |back: usize| name.checked_sub(back).map_or("", |at| text.word(at));
        let numbered = matches!(text.kind(next), Some(Kind::Number { .. } | Kind::Clock { .. }));
        let described = part == PartOfDay::Night
            && name > 0
            && !numbered
            && !matches!(before(1), "every" | "all" | "most" | "early" | "late" | "mid")
            && self.counts_a_noun(name - 1)
            && !self.ends_named_day(name);
        let describes = (name == 0 || ARTICLES.contains(&before(1))) && self.starts_compound(name);
        matches!(before(1), "work" | "working")
            || described
            || describes
            || text.is_one_of(next, &["shift", "shifts", "stand"])
            || text.is(next, "after") && self.counts_a_noun(next + 1)
            || text.meaning(next) == Meaning::Part(part)
            || before(1) == "and" && name > 1 && self.unit(name - 2) == Some(Unit::Day)
    }

    /// "after work", "before school": windows around what people do every day.
    fn around_an_event(&self, at: usize) -> Found {
        let text = self.text;
        let after = text.is(at, "after");
        if !after && !text.is(at, "before") {
            return None;
        }
        let event = self.skip(at + 1, &["i", "get", "off", "my", "the", "kids"]);
        let (begins, ends) = match text.word(event) {
            "work" => (9, 17),
            "school" | "class" => (8, 15),
            "breakfast" => (8, 9),
            "dinner" | "supper" => (17, 19),
            _ => return None,
        };
        if text.is_one_of(
            event + 1,
            &["start", "starts", "begins", "begin", "ends", "end", "beginning", "opens", "closes"],
        ) {
            // "before school starts on the 19th"
            return None;
        }
        let clock = |hour| Some(Clock::settled(hour, 0));
        let (from, until) = if after { (clock(ends), None) } else { (None, clock(begins)) };
        Some((What::Window { from, until, sure: true }, VAGUE, event + 1))
    }

    pub(super) fn names_single_day(&self, at: usize) -> bool {
        matches!(self.text.meaning(at), Meaning::Weekday(_) | Meaning::Tomorrow | Meaning::Today | Meaning::Yesterday)
    }

    /// "monday am", "in the am", "tomorrow pm": am and pm without an hour.
    fn stands_for_part(&self, at: usize) -> bool {
        let text = self.text;
        let Some(before) = at.checked_sub(1) else { return false };
        let before = self.skip_back(before + 1, &["preferably", "prefer", "ideally", "maybe"]).saturating_sub(1);
        let before = before.saturating_sub(usize::from(text.is_mark(before, ',')));
        let day = matches!(text.meaning(before), Meaning::Weekday(_) | Meaning::Tomorrow | Meaning::Today);
        day || matches!(text.kind(before), Some(Kind::Nth(_)))
            || text.is(before, "the") && before > 0 && text.is(before - 1, "in")
    }

    pub(super) fn part_at(&self, at: usize) -> Option<(PartOfDay, Shade, usize)> {
        let text = self.text;
        let mut next = self
            .skip(at, &["in", "on", "at", "during", "of", "for", "the", "my", "your", "some", "this", "by", "very"]);
        let shade = match text.word(next) {
            "early" | "earlier" => Shade::Early,
            "late" | "later" => Shade::Late,
            _ => Shade::Whole,
        };
        if shade != Shade::Whole {
            next += 1;
            next += usize::from(text.is_mark(next, '-'));
            next = self.skip(next, &["in", "the", "this", "hours", "of"]);
            if self.unit(next) == Some(Unit::Hour) {
                next = self.skip(next + 1, &["of", "the"]);
            }
        }
        next += usize::from(text.is(next, "mid")) + usize::from(text.is(next, "mid") && text.is_mark(next + 1, '-'));
        let Meaning::Part(part) = text.meaning(next) else {
            return None;
        };
        // "morning!" alone greets; "evening" in "new year's eve" is a day.
        let time_word = usize::from(text.is_one_of(next + 1, &["time", "break", "hours"]));
        Some((part, shade, next + 1 + time_word))
    }
}
