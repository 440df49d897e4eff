//! Reading dates and times, step two: from the phrases found to one `When`.  Decides which phrases count (corrections,
//! negations, numbers that only look like times), what "after", "before" and "to" do to them, and joins day and time.

use chrono::{Datelike, NaiveDate, Weekday};

use super::bounds::Bound;
use super::calendar::plus_days;
use super::joining::{Day, Hours, at_minutes, dates, dates_and_times, minutes_of, times, window_minutes};
use super::moments::{Item, Reader, Shade, What};
use super::sifting::only_fillers;
use super::text::Kind;
use super::when::{Inferred, Note, PartOfDay, When};
use super::words::Unit;
use super::{Asked, Context, text::Text};

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

pub(super) struct Composer<'r, 't, 'a> {
    pub(super) reader: &'r Reader<'t, 'a>,
    pub(super) items: Vec<Item>,
}

impl Composer<'_, '_, '_> {
    fn compose(mut self) -> Option<When> {
        self.sift();
        self.join_days();
        let rejected: Vec<bool> = self.items.iter().map(|item| self.is_rejected(item)).collect();
        let mut kept = rejected.iter();
        self.items.retain(|_| !kept.next().copied().unwrap_or(false));
        self.keep_first_alternative();
        for item in self.items.iter().rev() {
            match item.what {
                What::Moment(at) if at != self.reader.now || self.items.len() == 1 => {
                    return Some(When::DateTime { at, note: self.note(&[*item], None) });
                }
                What::Moments { from, until } => {
                    let note = self.note(&[*item], None);
                    return Some(When::DateTimeRange { from: Some(from), until: Some(until), note });
                }
                _ => {}
            }
        }
        if let Some(when) = self.moment_to_moment().or_else(|| self.bounded_moment()) {
            return Some(when);
        }
        let (mut day, day_item) = self.day().unzip();
        let (hours, hour_items) = self.hours(day_item).unzip();
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

    /// Of "fri after 3 or sat before noon", each a day with its hours, the first.
    fn keep_first_alternative(&mut self) {
        let text = self.reader.text;
        let whole = |items: &[Item]| {
            let [a, b] = items else { return false };
            let day = |item: &Item| matches!(item.what, What::Day { .. });
            let hours = |item: &Item| matches!(item.what, What::Clock { .. } | What::Window { .. } | What::Part(..));
            day(a) && hours(b) || hours(a) && day(b)
        };
        if let [_, b, c, _] = self.items[..]
            && (b.end..c.first).any(|at| text.is(at, "or"))
            && whole(&self.items[..2])
            && whole(&self.items[2..])
        {
            self.items.truncate(2);
        }
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
                        || text.spanish && text.is(*at, "at")
                        || text.is_mark(*at, '-')
                        || between && (text.is(*at, "and") || text.is_mark(*at, '&'))
                }
                [up, at] => {
                    text.is_one_of(*up, &["up", "all", "on"]) && text.is_one_of(*at, &["to", "through", "until"])
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
                    // "between the 25th and the 5th" ends in the month after.
                    true if b.inferred.month => self.reader.later_in_month(last, from),
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

    /// "from tomorrow 10am until the 17th at 4pm": a day and a time on either side of the joint.
    fn moment_to_moment(&self) -> Option<When> {
        let sides = |pair: &[Item]| match (pair[0].what, pair[1].what) {
            (What::Day { date, .. }, What::Clock { clock, .. })
            | (What::Clock { clock, .. }, What::Day { date, .. }) => Some(at_minutes(date, clock.minutes(None))),
            _ => None,
        };
        let [a, b, c, d] = self.items[..] else { return None };
        let text = self.reader.text;
        let joint = self.reader.skip(b.end, &["up", "all", "on", "and"]);
        let joined = text.is_one_of(joint, &["to", "until", "through"]) || text.is_mark(joint, '-');
        let (from, until) = (sides(&[a, b])?, sides(&[c, d])?);
        // "tuesday at 9 to thursday at 5", said on a wednesday.
        let by_weekday = [c, d].iter().any(|item| matches!(item.what, What::Day { weekday: Some(_), .. }));
        let until = if until < from && by_weekday { until + chrono::Duration::days(7) } else { until };
        let note = self.note(&self.items, None);
        (joined && joint < c.first && c.first <= joint + 3 && from < until && !self.is_moved(a.first))
            .then_some(When::DateTimeRange { from: Some(from), until: Some(until), note })
    }

    /// "by tomorrow noon", "before monday 9am", "after friday at 3": a bound on a day and its time.
    fn bounded_moment(&self) -> Option<When> {
        let [day, hour] = self.items[..] else { return None };
        let (What::Day { date, .. }, What::Clock { clock, .. }) = (day.what, hour.what) else { return None };
        // "by sunday at four" mostly asks for that time.
        let text = self.reader.text;
        let meant = day.end == hour.first || !(day.first > 0 && text.is(day.first - 1, "by"));
        if !meant || !only_fillers(text, day.end, hour.first) || self.bound(&hour) != Bound::Exactly {
            return None;
        }
        let at = Some(at_minutes(date, clock.minutes(None)));
        let (from, until) = match self.bound(&day) {
            Bound::After => (at, None),
            Bound::Before | Bound::UpTo => (None, at),
            Bound::Exactly | Bound::From => return None,
        };
        Some(When::DateTimeRange { from, until, note: self.note(&self.items, None) })
    }

    /// In "move it from tuesday to thursday" the two are not a range.
    fn is_moved(&self, first: usize) -> bool {
        self.reader.is_moved_from(first)
    }

    /// Of several candidates the last one holds, as in a correction; of alternatives ("2 or 3") the first.
    fn pick<T: Copy>(&self, candidates: &[(Item, T)]) -> Option<(T, Item)> {
        let (mut item, mut value) = *candidates.last()?;
        let mut in_list = false;
        for (earlier, earlier_value) in candidates.iter().rev().skip(1) {
            if !self.are_alternatives(earlier, &item, in_list) {
                break;
            }
            in_list = true;
            (item, value) = (*earlier, *earlier_value);
        }
        Some((value, item))
    }

    /// "2 or 3", "thurs, fri or sat", "mon tue", "thurs, otherwise fri".
    fn are_alternatives(&self, a: &Item, b: &Item, in_list: bool) -> bool {
        const JOINTS: &[&str] = &["or", "and", "otherwise", "else", "alternatively", "failing"];
        const TURNS: &[&str] =
            &["not", "no", "so", "actually", "sorry", "wait", "oops", "rather", "mean", "meant", "make", "scratch"];
        let text = self.reader.text;
        if text.is(b.end, "instead") {
            return false;
        }
        let weekday = |item: &Item| matches!(item.what, What::Day { weekday: Some(_), .. });
        let listed = in_list || weekday(a) && weekday(b);
        let joint = |at: usize| {
            text.is_one_of(at, JOINTS)
                || text.is_mark(at, '/')
                || text.is_mark(at, '&')
                || listed && text.is_mark(at, ',') && b.first <= a.end + 2
        };
        ((a.end..b.first).any(joint) || listed && a.end == b.first)
            && b.first <= a.end + 5
            && self.bound(a) == self.bound(b)
            && !(a.end..b.first).any(|at| text.is_one_of(at, TURNS))
    }

    fn day(&self) -> Option<(Day, Item)> {
        let mut candidates: Vec<(Item, Day)> =
            self.items.iter().filter_map(|item| Some((*item, self.bounded_day(item)?))).collect();
        if candidates.iter().any(|(item, _)| !item.inferred.from_dialogue) {
            // "on the 1st, ... at 1 pm on that day": the day said counts, not the one settled before.
            candidates.retain(|(item, _)| !item.inferred.from_dialogue);
        }
        // "oct 18, mon": the weekday only repeats what the date says.
        let dates: Vec<NaiveDate> = candidates
            .iter()
            .filter(|(item, _)| matches!(item.what, What::Day { weekday: None, .. }))
            .filter_map(|(_, day)| if let Day::One(date) = day { Some(*date) } else { None })
            .collect();
        candidates.retain(|(item, _)| match item.what {
            What::Day { weekday: Some(weekday), .. } => !dates.iter().any(|date| date.weekday() == weekday),
            _ => true,
        });
        if let [a, window, b] = self.items[..]
            && let (What::Day { date, .. }, What::Window { .. }, What::Day { date: next, .. }) =
                (a.what, window.what, b.what)
            && next == plus_days(date, 1)
        {
            // "friday 10 pm until 1 am saturday"
            return Some((Day::One(date), a));
        }
        let (chosen, item) = self.pick(&candidates)?;
        if let Some(moved) = self.in_week_said_later(&item, &candidates) {
            return Some((Day::One(moved), item));
        }
        // "the 5th ... of next month": the day inside the span is what is meant.
        if let Day::Many(Some(from), Some(until)) = chosen {
            let one = |(item, day): &(Item, Day)| match day {
                Day::One(date) if from <= *date && *date < until => Some((*item, *date)),
                _ => None,
            };
            let inside: Vec<(Item, NaiveDate)> = candidates.iter().filter_map(one).collect();
            if let Some((date, item)) = self.pick(&inside) {
                return Some((Day::One(date), item));
            }
        }
        // "two months from today, on a tuesday": the first one from there.
        if let [(counted, Day::One(date)), (named, Day::One(_))] = candidates[..]
            && let (What::Day { weekday: None, .. }, What::Day { weekday: Some(weekday), .. }) =
                (counted.what, named.what)
            && named.first > 0
            && self.reader.text.is(named.first - 1, "on")
            && only_fillers(self.reader.text, counted.end, named.first)
        {
            return Some((Day::One(super::calendar::on_or_after(date, weekday)), named));
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
        let weekdays: Vec<(Item, Weekday)> =
            self.items.iter().filter_map(|item| Some((*item, weekday(item)?))).collect();
        if let (Some(monday), Some((weekday, item))) = (named_week, self.pick(&weekdays))
            && candidates.len() == weekdays.len() + 1
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
            Bound::UpTo if !whole => Day::Many(self.open_start(item), until),
            Bound::From if !whole => Day::Many(from, None),
            _ if whole => Day::Many(from, until),
            _ => Day::One(from?),
        })
    }

    /// "wed or thu next week": the week said after the second day holds for the first.
    fn in_week_said_later(&self, item: &Item, candidates: &[(Item, Day)]) -> Option<NaiveDate> {
        let What::Day { weekday: Some(weekday), .. } = item.what else { return None };
        let (later, day) = candidates.iter().find(|(other, _)| other.first > item.first)?;
        let named_week = (later.first..later.end).any(|at| self.reader.unit(at) == Some(Unit::Week));
        match day {
            Day::One(date) if named_week => {
                let monday = super::calendar::week_start(*date);
                Some(plus_days(monday, i64::from(weekday.num_days_from_monday())))
            }
            _ => None,
        }
    }

    /// Today, for "from now until friday" and "between now and friday".
    fn open_start(&self, item: &Item) -> Option<NaiveDate> {
        let now =
            self.reader.skip_back(item.first, &["the", "until", "and", "to", "till", "through"]).checked_sub(1)?;
        self.reader.text.is(now, "now").then_some(self.reader.today)
    }

    fn stand_together(&self, a: &Item, b: &Item) -> bool {
        let (first, second) = if a.first <= b.first { (a, b) } else { (b, a) };
        second.first < first.end || only_fillers(self.reader.text, first.end, second.first)
    }

    fn hours(&self, day: Option<Item>) -> Option<(Hours, Vec<Item>)> {
        let parts = self.items.iter().rev().filter_map(|item| match item.what {
            What::Part(part, shade) => Some((part, shade, *item)),
            _ => None,
        });
        // Of "this afternoon or tomorrow morning" the part that goes with the day chosen.
        let part = parts
            .clone()
            .find(|(.., item)| day.is_some_and(|day| self.stand_together(item, &day)))
            .or(parts.clone().next());
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
        if let [(first, Hours::Between(Some(from), None)), (last, Hours::Between(None, Some(until)))] = candidates[..]
            && !self.items.iter().any(|other| first.end <= other.first && other.end <= last.first)
        {
            // "after 3:30 but before 6": an end before the start was meant twelve hours later.
            let until = if until < from && until + 720 > from { until + 720 } else { until };
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
    /// `at` moved back over any of `words`.
    pub(super) fn skip_back(&self, mut at: usize, words: &[&str]) -> usize {
        while at > 0 && self.text.is_one_of(at - 1, words) {
            at -= 1;
        }
        at
    }

    /// The day after the first day not before `from` that has the day of the month of `date`.
    fn later_in_month(&self, date: NaiveDate, from: NaiveDate) -> NaiveDate {
        let day = super::calendar::next_day_of_month(from, date.day(), None).unwrap_or(from);
        plus_days(day, 1)
    }

    /// Whether `first` follows "move ... from": what comes next is where something is moved away from.
    pub(super) fn is_moved_from(&self, first: usize) -> bool {
        let text = self.text;
        let from = (0..2).find_map(|back| first.checked_sub(back).filter(|at| text.is(*at, "from")));
        const MOVES: &[&str] = &["move", "change", "switch", "reschedule", "push", "bump", "swap"];
        // "move my 2pm to 4pm"
        let owned =
            first >= 2 && text.is_one_of(first - 1, &["my", "our", "the", "your"]) && text.is_one_of(first - 2, MOVES);
        owned
            || from.is_some_and(|from| {
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
