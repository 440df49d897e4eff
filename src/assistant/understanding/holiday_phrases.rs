//! Phrases that name a holiday, and days and weekends counted from one: "labor day weekend", "xmas eve", "the monday
//! after thanksgiving".

use chrono::{NaiveDate, Weekday};

use super::calendar::{Holiday, on_or_after, plus_days, week_start};
use super::day_phrases::{NO_YEAR, day};
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
        if self.starts_compound(end - 1) || self.is_title(start) {
            return Some((What::Void, NO_YEAR, end + 1));
        }
        Some((day(date), NO_YEAR, end))
    }

    fn holiday_date(&self, at: usize) -> Option<(NaiveDate, usize)> {
        let at = self.skip(at, &["the"]);
        let (holiday, end) = self.holiday_name(at)?;
        match self.year_at(end) {
            Some((year, end)) => Some((holiday.in_year(year)?, end)),
            None => Some((holiday.on_or_after(self.today)?, end)),
        }
    }

    fn holiday_name(&self, at: usize) -> Option<(Holiday, usize)> {
        let text = self.text;
        let plain = |index: usize| match text.word(index) {
            "martins" | "kings" | "luthers" => "",
            word => word,
        };
        let day_after = |index: usize| self.unit(index) == Some(Unit::Day);
        let with_day = |holiday, index: usize| Some((holiday, index + usize::from(day_after(index))));
        let needs_day = |holiday, index: usize| match text.is(index, "weekend") {
            true => Some((holiday, index)),
            false => day_after(index).then_some((holiday, index + 1)),
        };
        if let Some((4, next)) = self.nth(at)
            && text.is(next, "of")
            && text.is(next + 1, "july")
        {
            return Some((Holiday::Independence, next + 2));
        }
        match plain(at) {
            "christmas" | "xmas" | "navidad" => match text.word(at + 1) {
                "evening" | "eve" => Some((Holiday::ChristmasEve, at + 2)),
                _ => with_day(Holiday::Christmas, at + 1),
            },
            "new" if text.is_one_of(at + 1, &["year", "years"]) => match text.word(at + 2) {
                "evening" | "eve" => Some((Holiday::NewYearsEve, at + 3)),
                _ => with_day(Holiday::NewYearsDay, at + 2),
            },
            "nye" => Some((Holiday::NewYearsEve, at + 1)),
            "thanksgiving" => with_day(Holiday::Thanksgiving, at + 1),
            "halloween" => with_day(Holiday::Halloween, at + 1),
            "juneteenth" => Some((Holiday::Juneteenth, at + 1)),
            "easter" => match text.meaning(at + 1) {
                Meaning::Weekday(Weekday::Mon) => Some((Holiday::EasterMonday, at + 2)),
                Meaning::Weekday(Weekday::Sun) => Some((Holiday::Easter, at + 2)),
                Meaning::Weekday(Weekday::Sat) => Some((Holiday::EasterSaturday, at + 2)),
                _ => with_day(Holiday::Easter, at + 1),
            },
            "canada" => needs_day(Holiday::Canada, at + 1),
            "australia" => needs_day(Holiday::Australia, at + 1),
            "mardi" if text.is(at + 1, "gras") => Some((Holiday::ShroveTuesday, at + 2)),
            "shrove" | "fat" | "pancake" if text.meaning(at + 1) == Meaning::Weekday(Weekday::Tue) => {
                Some((Holiday::ShroveTuesday, at + 2))
            }
            "ash" if text.meaning(at + 1) == Meaning::Weekday(Weekday::Wed) => Some((Holiday::AshWednesday, at + 2)),
            "palm" if text.meaning(at + 1) == Meaning::Weekday(Weekday::Sun) => Some((Holiday::PalmSunday, at + 2)),
            "cyber" if text.meaning(at + 1) == Meaning::Weekday(Weekday::Mon) => Some((Holiday::CyberMonday, at + 2)),
            "leap" => needs_day(Holiday::LeapDay, at + 1),
            "groundhog" => needs_day(Holiday::Groundhog, at + 1),
            "cinco" if text.is_one_of(at + 1, &["de", "of"]) => Some((Holiday::CincoDeMayo, at + 3)),
            "good" if text.meaning(at + 1) == Meaning::Weekday(Weekday::Fri) => Some((Holiday::GoodFriday, at + 2)),
            "black" if text.meaning(at + 1) == Meaning::Weekday(Weekday::Fri) => Some((Holiday::BlackFriday, at + 2)),
            "boxing" => needs_day(Holiday::BoxingDay, at + 1),
            "memorial" => needs_day(Holiday::Memorial, at + 1),
            "labor" | "labour" => needs_day(Holiday::Labor, at + 1),
            "presidents" | "president" => needs_day(Holiday::Presidents, at + 1),
            "veterans" | "veteran" => needs_day(Holiday::Veterans, at + 1),
            "columbus" | "indigenous" => needs_day(
                Holiday::Columbus,
                if text.is_one_of(at + 1, &["people", "peoples"]) { at + 2 } else { at + 1 },
            ),
            "mothers" | "mother" => needs_day(Holiday::Mothers, at + 1),
            "fathers" | "father" => needs_day(Holiday::Fathers, at + 1),
            "independence" => needs_day(Holiday::Independence, at + 1),
            "valentine" | "valentines" | "vday" => with_day(Holiday::Valentines, at + 1),
            "st" | "saint" if text.is_one_of(at + 1, &["patricks", "pattys", "paddys", "patrick", "patty"]) => {
                with_day(Holiday::StPatricks, at + 2)
            }
            "mlk" => with_day(Holiday::MartinLutherKing, at + 1),
            "martin" if text.is(at + 1, "luther") => {
                let jr = if text.is_one_of(at + 3, &["jr", "junior"]) { at + 4 } else { at + 3 };
                with_day(Holiday::MartinLutherKing, jr)
            }
            _ => None,
        }
    }
}
