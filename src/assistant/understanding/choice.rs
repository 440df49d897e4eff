//! Which of the offered options a text picks: by number, by place in the list, by its time or day, or by name.
//! A clock time is never a list number: "the 3 pm one" is the option at 3 pm.

use chrono::{Datelike, NaiveDateTime, Timelike};

use super::compose;
use super::text::{Kind, Text};
use super::when::{PartOfDay, When};
use super::words::Meaning;
use super::{Asked, Context};

/// The option of `ctx.options` that `text` picks, counted from 0; `None` when it picks none or leaves it open.
pub(super) fn find(text: &Text<'_>, when: Option<&When>, ctx: &Context<'_>) -> Option<usize> {
    let count = ctx.options.len();
    if count == 0 || turns_all_down(text) {
        return None;
    }
    let offered = Offered::new(ctx, text.spanish);
    let clock_said = text.tokens().iter().any(|token| {
        matches!(token.kind, Kind::Clock { .. }) || matches!(token.meaning, Meaning::Am | Meaning::Pm | Meaning::Noon)
    });
    if clock_said && let Some(index) = when.and_then(|when| offered.at(when)) {
        return Some(index);
    }
    let day_said = when.is_some_and(|when| when.date_bounds().is_some());
    let by_place = place(text, count, false);
    if !clock_said && by_place.is_some() {
        return by_place;
    }
    when.and_then(|when| offered.at(when))
        .or_else(|| place(text, count, true).filter(|_| !clock_said))
        .or_else(|| offered.by_number(text).filter(|_| !clock_said && !day_said))
        .or_else(|| offered.by_name(text))
        .or_else(|| offered.by_extreme(text))
}

/// "none of those", "any others"
pub(super) fn turns_all_down(text: &Text<'_>) -> bool {
    (0..text.len()).any(|at| {
        text.is_one_of(at, &["none", "neither"]) || text.is(at, "any") && text.is_one_of(at + 1, &["other", "others"])
    })
}

/// "the second one", "option 2", "#3", "b", a bare "2".  The last one said that is not turned down.  `any_nth` also
/// takes "the 2nd", which no option's date explains.
fn place(text: &Text<'_>, count: usize, any_nth: bool) -> Option<usize> {
    let mut chosen = None;
    for at in 0..text.len() {
        let Some((number, end)) = place_at(text, at, count, any_nth) else {
            continue;
        };
        let before = |back: usize| at.checked_sub(back).map_or("", |index| text.word(index));
        let turned_down =
            matches!(before(1), "not") || before(1) == "the" && matches!(before(2), "not" | "off" | "except");
        let counts = text.is_one_of(end, &["two", "three", "people"])
            || matches!(text.kind(end), Some(Kind::Number { value: 2.., .. }));
        if !turned_down && !counts {
            chosen = Some(number);
        }
    }
    chosen.filter(|number| *number < count)
}

/// A place in the list named at `at`, counted from 0, and the token after it.
fn place_at(text: &Text<'_>, at: usize, count: usize, any_nth: bool) -> Option<(usize, usize)> {
    const LABELS: &[&str] = &["option", "number", "numero", "num", "choice", "slot", "no"];
    const TAKERS: &[&str] = &["take", "pick", "choose", "with", "do", "prefer", "want"];
    const ONES: &[&str] =
        &["one", "option", "choice", "slot", "time", "works", "please", "sounds", "is", "would", "thanks"];
    const TRAILERS: &[&str] = &["then", "please", "thanks", "thank", "you"];
    let alone = text.spoken() <= 2;
    let labelled =
        at > 0 && (text.is_mark(at - 1, '#') || text.is_one_of(at - 1, LABELS) || text.is_one_of(at - 1, TAKERS));
    let numbered = |number: u32| usize::try_from(number).ok()?.checked_sub(1);
    match (text.kind(at)?, text.meaning(at)) {
        // "the last 1"
        (Kind::Number { value: 1, .. }, _) if at > 0 && ends_in_one(text, at - 1) => None,
        (Kind::Number { value, .. }, _) => {
            let timed = at > 0
                && !labelled
                && (text.meaning(at - 1) != Meaning::None
                    || text.is_mark(at - 1, '@')
                    || text.is_one_of(at - 1, &["at", "around", "by", "after", "before", "until"]));
            if timed || text.meaning(at + 1) != Meaning::None && !text.is(at + 1, "one") {
                return None;
            }
            let closes = text.is_mark(at + 1, ')') || text.is_mark(at + 1, '.') && at + 2 >= text.len();
            // "both together, so 3"
            let concludes = (at + 1..text.len())
                .all(|after| matches!(text.kind(after), Some(Kind::Mark(_))) || text.is_one_of(after, TRAILERS));
            (labelled || alone || closes || concludes || at == 0 && text.is_one_of(1, ONES)).then_some(())?;
            Some((numbered(value).filter(|index| *index < count)?, at + 1))
        }
        (_, Meaning::Count(value)) if labelled || alone && at == 0 && text.spoken() == 1 => {
            Some((numbered(value)?, at + 1))
        }
        (Kind::Nth(value), _) | (_, Meaning::Nth(value)) => {
            let names_option = alone
                || text.is_one_of(at + 1, ONES)
                || text.get(at + 1).is_none_or(|next| matches!(next.kind, Kind::Mark(_)));
            let spelt = matches!(text.kind(at), Some(Kind::Word));
            (names_option || spelt && !text.is(at + 1, "thing")).then_some(())?;
            let after_month = at > 0 && matches!(text.meaning(at - 1), Meaning::Month(_));
            (spelt || text.is_one_of(at + 1, ONES) || text.spoken() == 1 || any_nth && !after_month).then_some(())?;
            Some((numbered(value)?, at + 1))
        }
        _ if text.is_one_of(at, &["last", "latter"]) && !text.is_one_of(at + 1, &["time", "week", "month"]) => {
            Some((count - 1, at + 1))
        }
        _ if text.is(at, "former") => Some((0, at + 1)),
        _ if text.is(at, "middle") && count % 2 == 1 => Some((count / 2, at + 1)),
        _ => {
            let letter = text.word(at);
            let listed = text.spoken() == 1 || labelled;
            let index = match letter.as_bytes() {
                [letter @ b'a'..=b'h'] if listed => usize::from(letter - b'a'),
                _ => return None,
            };
            Some((index, at + 1))
        }
    }
}

/// Whether "one" may follow the token: "the second 1".
fn ends_in_one(text: &Text<'_>, at: usize) -> bool {
    matches!(text.kind(at), Some(Kind::Nth(_)))
        || matches!(text.meaning(at), Meaning::Nth(_) | Meaning::Part(_) | Meaning::Weekday(_))
        || text.is_one_of(at, &["last", "latter", "former", "middle", "this", "that", "other", "early", "late"])
}

/// The options with their times and the words of their labels.
struct Offered<'c> {
    starts: Vec<Option<NaiveDateTime>>,
    /// Whether the label names a day; without one only the time of `starts` counts.
    labels: Vec<Text<'c>>,
}

impl<'c> Offered<'c> {
    fn new(ctx: &Context<'c>, spanish: bool) -> Self {
        let bare = Context { options: &[], asked: Asked::Nothing, prior_date: None, prior_time: None, ..ctx.clone() };
        // An answer in Spanish is to labels in Spanish, which are too short to show it.
        let read = if spanish { Text::spanish } else { Text::new };
        let labels: Vec<Text<'c>> = ctx.options.iter().map(|option| read(without_number(option.label))).collect();
        let starts = ctx
            .options
            .iter()
            .zip(&labels)
            .map(|(option, label)| option.start.or_else(|| start_of(&compose::read(label, &bare)?)))
            .collect();
        Self { starts, labels }
    }

    /// The one option that fits what was said about time.
    fn at(&self, when: &When) -> Option<usize> {
        self.only(|start| fits(when, start))
    }

    fn only(&self, fits: impl Fn(NaiveDateTime) -> bool) -> Option<usize> {
        let mut fitting = self.starts.iter().enumerate().filter(|(_, start)| start.is_some_and(&fits));
        let (index, _) = fitting.next()?;
        fitting.next().is_none().then_some(index)
    }

    /// "the 11", "915": digits that are the time of exactly one option.
    fn by_number(&self, text: &Text<'_>) -> Option<usize> {
        text.tokens().iter().find_map(|token| {
            let value = match (token.kind, token.meaning) {
                (Kind::Number { value, .. }, _) | (_, Meaning::Count(value)) => value,
                _ => return None,
            };
            let (hour, minute) = if value >= 100 { (value / 100, value % 100) } else { (value, 0) };
            self.only(|start| start.hour12().1 == hour && start.minute() == minute)
                .or_else(|| if value < 13 { self.only(|start| start.hour12().1 == value) } else { None })
                .or_else(|| self.only(|start| start.day() == value))
        })
    }

    /// The one option whose label shares a telling word with the text.
    fn by_name(&self, text: &Text<'_>) -> Option<usize> {
        let shared = |label: &Text<'_>| {
            (0..label.len())
                .filter(|at| {
                    tells(label.word(*at)) && (0..text.len()).any(|said| names(text.word(said), label.word(*at)))
                })
                .count()
        };
        let counts: Vec<usize> = self.labels.iter().map(shared).collect();
        let best = *counts.iter().max()?;
        let mut holders = counts.iter().enumerate().filter(|(_, count)| **count == best);
        let first = holders.next()?;
        // Of "cut" and "cut and color", "cut" is the one with nothing left over.
        let shortest = std::iter::once(first).chain(holders).min_by_key(|(index, _)| self.labels[*index].len())?;
        let tied = counts
            .iter()
            .enumerate()
            .filter(|(index, count)| **count == best && self.labels[*index].len() == self.labels[shortest.0].len());
        (best > 0 && tied.count() == 1).then_some(shortest.0)
    }

    /// "the earliest", "the latest one".
    fn by_extreme(&self, text: &Text<'_>) -> Option<usize> {
        let says = |words: &[&str]| (0..text.len()).any(|at| text.is_one_of(at, words));
        let timed = || self.starts.iter().enumerate().filter_map(|(index, start)| Some((index, (*start)?)));
        if says(&["earliest", "soonest"]) {
            return timed().min_by_key(|(_, start)| *start).map(|(index, _)| index);
        }
        if says(&["latest"]) {
            return timed().max_by_key(|(_, start)| *start).map(|(index, _)| index);
        }
        None
    }
}

/// The word itself, or its beginning: "pedi" for a pedicure.
fn names(said: &str, word: &str) -> bool {
    said == word || said.len() >= 4 && word.starts_with(said)
}

fn tells(word: &str) -> bool {
    word.len() > 1
        && !matches!(word, "and" | "the" | "with" | "at" | "for" | "am" | "pm" | "or" | "on" | "in" | "to" | "of")
}

/// A label without the "1)" or "A)" in front.
fn without_number(label: &str) -> &str {
    match label.trim_start().split_once(')') {
        Some((number, rest)) if number.len() <= 2 => rest,
        _ => label,
    }
}

fn start_of(when: &When) -> Option<NaiveDateTime> {
    match when {
        When::DateTime { at, .. } => Some(*at),
        When::Date { date, .. } => Some(date.and_time(chrono::NaiveTime::MIN)),
        When::DateTimeRange { from, .. } => *from,
        _ => None,
    }
}

fn fits(when: &When, start: NaiveDateTime) -> bool {
    let day = when.date_bounds().is_none_or(|(from, until)| {
        from.is_none_or(|from| from <= start.date()) && until.is_none_or(|until| start.date() < until)
    });
    let time = start.time();
    let hour = match when {
        When::Time { time: said, note } => same_reading(*said, time, note.inferred.meridiem),
        When::DateTime { at, note } => same_reading(at.time(), time, note.inferred.meridiem),
        _ => when.time_bounds().is_none_or(|(from, until)| {
            let (from, until) = match when.note().part {
                // A label's time only has to lie in the part of day in the wide sense.
                Some(PartOfDay::Afternoon) => (from, chrono::NaiveTime::from_hms_opt(18, 0, 0)),
                Some(PartOfDay::Morning) => (None, until),
                _ => (from, until),
            };
            from.is_none_or(|from| from <= time)
                && until.is_none_or(|until| time < until || until == chrono::NaiveTime::MIN)
        }),
    };
    day && hour
}

/// Equal, or twelve hours apart where am or pm was only inferred.
fn same_reading(said: chrono::NaiveTime, offered: chrono::NaiveTime, inferred: bool) -> bool {
    said == offered || inferred && said.hour12().1 == offered.hour12().1 && said.minute() == offered.minute()
}
