//! Reading dates and times, step two: from the phrases found to one `When`.  Decides which phrases count (corrections,
//! negations, numbers that only look like times), what "after", "before" and "to" do to them, and joins day and time.

use chrono::{Datelike, NaiveDate};

use super::calendar::plus_days;
use super::joining::{Day, Hours, dates, dates_and_times, minutes_of, times, window_minutes};
use super::moments::{Item, Reader, Shade, What};
use super::text::Kind;
use super::when::{Inferred, Note, PartOfDay, When};
use super::words::Meaning;
use super::{Asked, Context, text::Text};

/// What a word before or after a phrase makes of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Bound {
    Exactly,
    After,
    From,
    Before,
    UpTo,
}

/// What `text` says about time.
pub(super) fn read(text: &Text<'_>, ctx: &Context<'_>) -> Option<When> {
    let reader = Reader::new(text, ctx);
    let items = reader.items();
    if items.is_empty() {
        return reader.bare_day();
    }
    Composer { reader: &reader, items }.compose()
}

impl Reader<'_, '_> {
    /// "15" as the whole answer to "which day?".
    fn bare_day(&self) -> Option<When> {
        let Some(Kind::Number { value, .. }) = self.text.kind(0) else {
            return None;
        };
        if self.asked != Asked::Day || self.text.spoken() > 2 {
            return None;
        }
        let date = super::calendar::next_day_of_month(self.today, value, None)?;
        let inferred = Inferred { month: true, ..Inferred::default() };
        Some(When::Date { date, note: Note { said: self.text.said(0, 1).to_owned(), part: None, inferred } })
    }
}

struct Composer<'r, 't, 'a> {
    reader: &'r Reader<'t, 'a>,
    items: Vec<Item>,
}

impl Composer<'_, '_, '_> {
    fn compose(mut self) -> Option<When> {
        self.drop_doubtful_numbers();
        self.drop_greeting();
        self.join_days();
        let rejected: Vec<bool> = self.items.iter().map(|item| self.is_rejected(item)).collect();
        let mut kept = rejected.iter();
        self.items.retain(|_| !kept.next().copied().unwrap_or(false));
        for item in self.items.iter().rev() {
            match item.what {
                What::Moment(at) => {
                    return Some(When::DateTime { at, note: self.note(&[*item], None) });
                }
                What::Moments { from, until } => {
                    let note = self.note(&[*item], None);
                    return Some(When::DateTimeRange { from: Some(from), until: Some(until), note });
                }
                _ => {}
            }
        }
        let (mut day, day_item) = self.day().unzip();
        let (hours, hour_items) = self.hours().unzip();
        let same_time = hour_items.iter().flatten().any(|item| matches!(item.what, What::SameTime(_)));
        if let (true, Some(Day::Many(Some(monday), Some(_))), Some(settled)) = (same_time, day, self.reader.prior_date)
        {
            // "same time next week" keeps the weekday too.
            let same_weekday = super::calendar::on_or_after(monday, settled.weekday());
            let moved = if same_weekday == settled { plus_days(settled, 7) } else { same_weekday };
            day = Some(Day::One(moved));
        }
        let mut used: Vec<Item> = day_item.into_iter().chain(hour_items.into_iter().flatten()).collect();
        used.sort_by_key(|item| item.first);
        let part = match hours {
            Some(Hours::Part(part, _)) => Some(part),
            _ => None,
        };
        let note = self.note(&used, part);
        Some(match (day, hours) {
            (None, None) => return None,
            (Some(day), None) => dates(day, note),
            (None, Some(hours)) => times(hours, note),
            (Some(day), Some(hours)) => dates_and_times(day, hours, note)?,
        })
    }

    fn note(&self, used: &[Item], part: Option<PartOfDay>) -> Note {
        let mut said = String::new();
        let mut covered = 0;
        for item in used {
            if item.end <= covered {
                continue;
            }
            if !said.is_empty() {
                said.push(' ');
            }
            said.push_str(self.reader.text.said(item.first, item.end));
            covered = item.end;
        }
        let inferred = used.iter().fold(Inferred::default(), |all, item| all.and(item.inferred));
        Note { said, part, inferred }
    }

    /// A bare number is a time only next to a day or a part of the day, or as the answer to "what time?".
    fn drop_doubtful_numbers(&mut self) {
        let is_anchor = |item: &Item| matches!(item.what, What::Day { .. } | What::Days { .. } | What::Part(..));
        let text_end = self.reader.text.len();
        let sure_clock = self
            .items
            .iter()
            .any(|item| matches!(item.what, What::Clock { sure: true, .. } | What::Window { sure: true, .. }));
        let keep: Vec<bool> = (0..self.items.len())
            .map(|index| {
                let item = &self.items[index];
                if !matches!(item.what, What::Clock { sure: false, .. } | What::Window { sure: false, .. }) {
                    return !matches!(item.what, What::Void);
                }
                let before = index.checked_sub(1).map(|before| &self.items[before]);
                let after = self.items.get(index + 1);
                let near = before.is_some_and(|other| is_anchor(other) && self.only_fillers(other.end, item.first))
                    || after.is_some_and(|other| is_anchor(other) && self.only_fillers(item.end, other.first));
                near && !self.counts_guests(item) && (!sure_clock || !matches!(item.what, What::Clock { .. }))
                    || self.answers_what_time(item)
                    || self.bound(item) != Bound::Exactly && !self.counts_guests(item)
                    || matches!(item.what, What::Window { .. }) && item.first == 0 && item.end >= text_end
            })
            .collect();
        let mut keep = keep.iter();
        self.items.retain(|_| keep.next().copied().unwrap_or(false));
    }

    fn counts_guests(&self, item: &Item) -> bool {
        let text = self.reader.text;
        item.first > 0
            && text.is(item.first - 1, "for")
            && !self.items.iter().any(|other| matches!(other.what, What::Part(..)) && other.first == item.end)
    }

    fn answers_what_time(&self, item: &Item) -> bool {
        let text = self.reader.text;
        matches!(self.reader.asked, Asked::When | Asked::Time) && text.spoken() <= 6 && !self.counts_guests(item)
            || item.first >= 2
                && text.is(item.first - 1, "it")
                && text.is_one_of(item.first - 2, &["make", "do", "say", "move", "change", "push", "book"])
    }

    fn only_fillers(&self, from: usize, to: usize) -> bool {
        const FILLERS: &[&str] =
            &["at", "on", "this", "in", "the", "around", "about", "like", "maybe", "for", "of", "then"];
        let text = self.reader.text;
        to <= from + 3
            && (from..to).all(|index| {
                text.is_one_of(index, FILLERS)
                    || matches!(text.kind(index), Some(Kind::Mark(',' | '@' | '~' | '-' | '.')))
            })
    }

    /// "Good morning" and "Morning!" greet.
    fn drop_greeting(&mut self) {
        let text = self.reader.text;
        let singular = !text.said(0, 1).ends_with('s');
        let alone = singular
            && text.spoken() <= 2
            && self.items.len() == 1
            && !matches!(self.reader.asked, Asked::When | Asked::Time | Asked::Choice);
        let last = self.items.len();
        self.items.retain(|item| {
            if !matches!(item.what, What::Part(_, Shade::Whole)) {
                return true;
            }
            let first = item.first;
            let good = first > 0 && text.is(first - 1, "good");
            let last_night = first > 0 && text.is(first - 1, "last");
            let opens = first == 0
                && !matches!(text.meaning(0), Meaning::Tonight)
                && item.end == 1
                && last > 1
                && (matches!(text.kind(1), Some(Kind::Mark('!' | ',' | '.')))
                    || text.is_one_of(1, &["can", "i", "do", "any"]));
            !(good
                || last_night
                || opens
                || alone && item.end - first == 1 && first == 0 && text.meaning(0) != Meaning::Tonight)
        });
    }

    /// "monday to wednesday", "today - sunday", "3 may - 6 june".
    fn join_days(&mut self) {
        let text = self.reader.text;
        let mut index = 0;
        while index + 1 < self.items.len() {
            let (a, b) = (self.items[index], self.items[index + 1]);
            let joint = (a.end..b.first).filter(|at| !text.is_one_of(*at, &["the", "on"])).collect::<Vec<_>>();
            let between = a.first > 0 && text.is(a.first - 1, "between") || text.is(a.first, "between");
            let joined = match joint.as_slice() {
                [at] => {
                    text.is_one_of(*at, &["to", "through", "until"])
                        || text.is_mark(*at, '-')
                        || between && text.is(*at, "and")
                }
                _ => false,
            };
            if joined
                && !self.is_moved(a.first)
                && let (Some((from, _)), Some((last, until))) = (day_bounds(&a.what), day_bounds(&b.what))
            {
                // "28 december 2030 - 3 january" ends after it begins.
                let by_weekday = matches!(b.what, What::Day { weekday: Some(_), .. });
                let until = match last < from {
                    true if by_weekday => plus_days(until, 7),
                    true => until.with_year(until.year() + 1).unwrap_or(until),
                    false => until,
                };
                let until = if matches!(b.what, What::Days { .. }) && between { last } else { until };
                let what = What::Days { from: Some(from), until: Some(until.max(plus_days(from, 1))) };
                self.items[index] = Item { what, first: a.first, end: b.end, inferred: a.inferred.and(b.inferred) };
                self.items.remove(index + 1);
            } else {
                index += 1;
            }
        }
    }

    /// In "move it from tuesday to thursday" the two are not a range.
    fn is_moved(&self, first: usize) -> bool {
        self.reader.is_moved_from(first)
    }

    fn is_rejected(&self, item: &Item) -> bool {
        let text = self.reader.text;
        let mut at = item.first;
        while at > 0
            && text.is_one_of(at - 1, &["on", "at", "the", "for", "do", "make", "come", "this", "in", "around", "my"])
        {
            at -= 1;
        }
        let before = |back: usize| at.checked_sub(back).map_or("", |index| text.word(index));
        let turned_down = match before(1) {
            "not" => !matches!(before(2), "why" | "if" | "or" | "whether"),
            "cant" | "cannot" | "except" | "besides" | "wont" => true,
            "but" => before(2).starts_with("any") || before(2) == "everything" || before(3) == "any",
            "of" => matches!(before(2), "instead" | "out"),
            "than" => matches!(before(2), "rather" | "other"),
            "to" => before(2) == "able" && matches!(before(3), "not" | "wont"),
            _ => false,
        };
        // "not on monday, tuesday" turns monday down; "can't before 3" is a bound, not a refusal.
        let bound = self.bound(item) != Bound::Exactly;
        let after = text.is_one_of(item.end, &["doesnt", "wont", "isnt", "didnt"])
            || text.is_one_of(item.end, &["does", "is", "will"]) && text.is(item.end + 1, "not");
        (turned_down && !bound) || (after && self.items.len() > 1)
    }

    /// What the words around a phrase make of it.
    fn bound(&self, item: &Item) -> Bound {
        let text = self.reader.text;
        let mut at = item.first;
        const FILLERS: &[&str] = &["around", "about", "at", "on", "the", "like", "this", "in", "day"];
        while at > 0 && (text.is_one_of(at - 1, FILLERS) || text.spanish && text.is(at - 1, "of")) {
            at -= 1;
        }
        let before = |back: usize| at.checked_sub(back).map_or("", |index| text.word(index));
        let bound = match before(1) {
            "after" | "past" | "since" => Bound::After,
            "from" | "starting" | "beginning" | "start" | "begins" | "starts" => Bound::From,
            "before" | "until"
                if matches!(before(2), "not" | "cant" | "nothing" | "wont" | "dont" | "isnt" | "free") =>
            {
                if before(2) == "free" { Bound::Before } else { Bound::From }
            }
            "before" if before(2) == "or" => Bound::UpTo,
            "before" => Bound::Before,
            // "stop by tomorrow"
            "by" if matches!(
                before(2),
                "stop" | "come" | "swing" | "drop" | "pop" | "go" | "stopping" | "coming" | "walk" | "run"
            ) =>
            {
                Bound::Exactly
            }
            "by" => Bound::UpTo,
            "until" => Bound::UpTo,
            "than" => match (before(2), before(3)) {
                ("later", "no" | "not") | ("earlier" | "sooner" | "less", _)
                    if before(3) != "no" || before(2) == "later" =>
                {
                    Bound::UpTo
                }
                ("earlier" | "sooner", _) => Bound::From,
                ("later" | "more", _) => Bound::After,
                _ => Bound::Exactly,
            },
            "to" => match before(2) {
                "prior" => Bound::Before,
                "up" => Bound::UpTo,
                _ => Bound::Exactly,
            },
            _ => Bound::Exactly,
        };
        if bound != Bound::Exactly {
            return bound;
        }
        let end = item.end;
        match (text.word(end), text.word(end + 1)) {
            ("or" | "and", "later" | "after" | "beyond" | "onwards" | "onward" | "on") => Bound::From,
            ("onwards" | "onward" | "forward", _) => Bound::From,
            ("or", "earlier" | "before" | "sooner") => Bound::UpTo,
            _ => Bound::Exactly,
        }
    }

    /// Of several candidates the last one holds, as in a correction; of alternatives ("2 or 3") the first.
    fn pick<T: Copy>(&self, candidates: &[(Item, T)]) -> Option<(T, Item)> {
        let (mut item, mut value) = *candidates.last()?;
        for (earlier, earlier_value) in candidates.iter().rev().skip(1) {
            let text = self.reader.text;
            let alternatives = (earlier.end..item.first)
                .any(|at| text.is_one_of(at, &["or", "and"]) || text.is_mark(at, '/'))
                && item.first <= earlier.end + 4
                && !(earlier.end..item.first).any(|at| text.is_one_of(at, &["not", "no", "actually"]));
            if !alternatives {
                break;
            }
            (item, value) = (*earlier, *earlier_value);
        }
        Some((value, item))
    }

    fn day(&self) -> Option<(Day, Item)> {
        let mut candidates: Vec<(Item, Day)> =
            self.items.iter().filter_map(|item| Some((*item, self.bounded_day(item)?))).collect();
        if candidates.iter().any(|(item, _)| !item.inferred.from_dialogue) {
            // "on the 1st, ... at 1 pm on that day": the day said counts, not the one settled before.
            candidates.retain(|(item, _)| !item.inferred.from_dialogue);
        }
        let (chosen, item) = self.pick(&candidates)?;
        // "the 5th ... of next month": the day inside the span is what is meant.
        if let Day::Many(Some(from), Some(until)) = chosen
            && let Some((inside, Day::One(date))) =
                candidates.iter().rev().find(|(_, day)| matches!(day, Day::One(date) if from <= *date && *date < until))
        {
            return Some((Day::One(*date), *inside));
        }
        // "next week ... friday": the weekday of the week named.
        let week = |other: &Item| match other.what {
            What::Days { from: Some(from), until: Some(until) } if until == plus_days(from, 7) => Some(from),
            _ => None,
        };
        let weekday = |other: &Item| match other.what {
            What::Day { weekday, .. } => weekday,
            _ => None,
        };
        let named_week = self.items.iter().find_map(week);
        let named_day = self.items.iter().rev().find_map(|item| weekday(item).map(|weekday| (weekday, *item)));
        if let (Some(monday), Some((weekday, item))) = (named_week, named_day)
            && candidates.len() == 2
        {
            return Some((Day::One(plus_days(monday, i64::from(weekday.num_days_from_monday()))), item));
        }
        Some((chosen, item))
    }

    fn bounded_day(&self, item: &Item) -> Option<Day> {
        let (from, until) = match item.what {
            What::Day { date, .. } => (Some(date), Some(plus_days(date, 1))),
            What::Days { from, until } => (from, until),
            _ => return None,
        };
        let whole = matches!(item.what, What::Days { .. });
        Some(match self.bound(item) {
            Bound::After => Day::Many(until, None),
            Bound::Before => Day::Many(None, from),
            Bound::UpTo if !whole => Day::Many(None, until),
            Bound::From if !whole => Day::Many(from, None),
            _ if whole => Day::Many(from, until),
            _ => Day::One(from?),
        })
    }

    fn hours(&self) -> Option<(Hours, Vec<Item>)> {
        let part = self.items.iter().rev().find_map(|item| match item.what {
            What::Part(part, shade) => Some((part, shade, *item)),
            _ => None,
        });
        let hint = part.map(|(part, ..)| part);
        let candidates: Vec<(Item, Hours)> =
            self.items.iter().filter_map(|item| Some((*item, self.bounded_hours(item, hint)?))).collect();
        let Some((mut hours, item)) = self.pick(&candidates) else {
            let same = self.items.iter().find_map(|item| match item.what {
                What::SameTime(time) => Some((Hours::At(minutes_of(time)), vec![*item])),
                _ => None,
            });
            return same
                .or_else(|| part.map(|(part, shade, item)| (self.bounded_part(part, shade, &item), vec![item])));
        };
        let mut used = vec![item];
        if let [(first, Hours::Between(Some(from), None)), (_, Hours::Between(None, Some(until)))] = candidates[..] {
            // "after 3:30 but before 6"
            hours = Hours::Between(Some(from), Some(until));
            used.push(first);
        }
        used.extend(part.map(|(.., item)| item));
        let length = self.items.iter().find_map(|item| match item.what {
            What::Length(minutes) => Some(minutes),
            _ => None,
        });
        if let (Some(length), Hours::At(from) | Hours::Between(Some(from), None)) = (length, hours) {
            hours = Hours::Between(Some(from), Some((from + length) % 1440));
        }
        Some((hours, used))
    }

    fn bounded_hours(&self, item: &Item, part: Option<PartOfDay>) -> Option<Hours> {
        match item.what {
            What::Clock { clock, .. } => {
                let at = clock.minutes(part);
                Some(match self.bound(item) {
                    Bound::Exactly => Hours::At(at),
                    Bound::After | Bound::From => Hours::Between(Some(at), None),
                    Bound::Before | Bound::UpTo => Hours::Between(None, Some(at)),
                })
            }
            What::Window { from: Some(from), until: Some(until), .. } => {
                let (from, until) = window_minutes(from, until, part);
                Some(Hours::Between(Some(from), Some(until)))
            }
            What::Window { from, until, .. } => {
                Some(Hours::Between(from.map(|from| from.minutes(part)), until.map(|until| until.minutes(part))))
            }
            _ => None,
        }
    }

    fn bounded_part(&self, part: PartOfDay, shade: Shade, item: &Item) -> Hours {
        let (from, until) = part.minutes();
        match self.bound(item) {
            Bound::After => Hours::Between(Some(if part == PartOfDay::Lunch { 13 * 60 } else { until % 1440 }), None),
            Bound::Before => Hours::Between(None, Some(if part == PartOfDay::Lunch { 12 * 60 } else { from })),
            _ => Hours::Part(part, shade),
        }
    }
}

impl Reader<'_, '_> {
    /// Whether `first` follows "move ... from": what comes next is where something is moved away from.
    pub(super) fn is_moved_from(&self, first: usize) -> bool {
        let text = self.text;
        let from = (0..2).find_map(|back| first.checked_sub(back).filter(|at| text.is(*at, "from")));
        from.is_some_and(|from| {
            (from.saturating_sub(7)..from).any(|at| {
                text.is_one_of(at, &["move", "change", "switch", "reschedule", "push", "moved", "changed", "bump"])
            })
        })
    }
}

fn day_bounds(what: &What) -> Option<(NaiveDate, NaiveDate)> {
    match what {
        What::Day { date, .. } => Some((*date, plus_days(*date, 1))),
        What::Days { from: Some(from), until: Some(until) } => Some((*from, *until)),
        _ => None,
    }
}
