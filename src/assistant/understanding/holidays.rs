//! Days with a name: the public holidays of the United States, the feasts of the western calendar, and what else
//! people book around.  Names are in the words of the lexicon, dates are rules.

use std::collections::HashMap;
use std::sync::LazyLock;

use chrono::{Datelike, NaiveDate, Weekday};

use super::calendar::{on_or_after, plus_days};

/// When a named day falls in a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// Month and day.
    Fixed(u32, u32),
    /// So many days from the first such weekday on or after a day of a month.
    OnOrAfter(u32, u32, Weekday, i64),
    /// So many days from Easter Sunday.
    Easter(i64),
}

use Rule::{Easter, Fixed, OnOrAfter};
use Weekday::{Fri, Mon, Sun, Thu, Tue};

/// Names and rules.  In a name "/" parts words that can stand for each other, "?" marks a word that may be missing, and
/// "!" one that only "weekend" can replace ("labor day", "labor weekend").
const NAMED: &[(&str, Rule)] = &[
    ("new year/years day?", Fixed(1, 1)),
    ("epiphany", Fixed(1, 6)),
    ("three kings day", Fixed(1, 6)),
    ("martin luther/luthers king/kings jr?/junior? day?", OnOrAfter(1, 15, Mon, 0)),
    ("mlk day?", OnOrAfter(1, 15, Mon, 0)),
    ("burns night", Fixed(1, 25)),
    ("australia day!", Fixed(1, 26)),
    ("groundhog day!", Fixed(2, 2)),
    ("candlemas", Fixed(2, 2)),
    ("super bowl sunday", OnOrAfter(2, 8, Sun, 0)),
    ("superbowl sunday", OnOrAfter(2, 8, Sun, 0)),
    ("valentine/valentines/vday day?", Fixed(2, 14)),
    ("presidents/president day!", OnOrAfter(2, 15, Mon, 0)),
    ("leap day!", Fixed(2, 29)),
    ("st/saint davids/david day", Fixed(3, 1)),
    ("international? womens day", Fixed(3, 8)),
    ("pi day", Fixed(3, 14)),
    ("st/saint patricks/patrick/pattys/patty/paddys/paddy day?", Fixed(3, 17)),
    ("april fools/fool day?", Fixed(4, 1)),
    ("tax day", Fixed(4, 15)),
    ("patriots/patriot day!", OnOrAfter(4, 15, Mon, 0)),
    ("earth day", Fixed(4, 22)),
    ("st/saint georges/george day", Fixed(4, 23)),
    ("anzac day!", Fixed(4, 25)),
    ("arbor day", OnOrAfter(4, 24, Fri, 0)),
    ("may day", Fixed(5, 1)),
    ("star wars day", Fixed(5, 4)),
    ("cinco de/of mayo/may", Fixed(5, 5)),
    ("mothers/mother day!", OnOrAfter(5, 8, Sun, 0)),
    ("victoria day!", OnOrAfter(5, 18, Mon, 0)),
    ("memorial day!", OnOrAfter(5, 25, Mon, 0)),
    ("flag day", Fixed(6, 14)),
    ("fathers/father day!", OnOrAfter(6, 15, Sun, 0)),
    ("juneteenth", Fixed(6, 19)),
    ("canada day!", Fixed(7, 1)),
    ("independence day!", Fixed(7, 4)),
    ("bastille day", Fixed(7, 14)),
    ("labor/labour day!", OnOrAfter(9, 1, Mon, 0)),
    ("grandparents day", OnOrAfter(9, 1, Mon, 6)),
    ("columbus day!", OnOrAfter(10, 8, Mon, 0)),
    ("indigenous people/peoples? day!", OnOrAfter(10, 8, Mon, 0)),
    ("halloween day?", Fixed(10, 31)),
    ("all saints day?", Fixed(11, 1)),
    ("all souls day?", Fixed(11, 2)),
    ("election day", OnOrAfter(11, 2, Tue, 0)),
    ("guy fawkes day?/night?", Fixed(11, 5)),
    ("bonfire night", Fixed(11, 5)),
    ("veterans/veteran/remembrance/armistice day!", Fixed(11, 11)),
    ("thanksgiving eve", OnOrAfter(11, 22, Thu, -1)),
    ("thanksgiving day?", OnOrAfter(11, 22, Thu, 0)),
    ("turkey day", OnOrAfter(11, 22, Thu, 0)),
    ("black friday", OnOrAfter(11, 22, Thu, 1)),
    ("small business saturday", OnOrAfter(11, 22, Thu, 2)),
    ("cyber monday", OnOrAfter(11, 22, Thu, 4)),
    ("giving tuesday", OnOrAfter(11, 22, Thu, 5)),
    ("st/saint andrews/andrew day", Fixed(11, 30)),
    ("st/saint nicholas/nicks day", Fixed(12, 6)),
    ("christmas eve", Fixed(12, 24)),
    ("nochebuena", Fixed(12, 24)),
    ("christmas day?", Fixed(12, 25)),
    ("navidad", Fixed(12, 25)),
    ("boxing day!", Fixed(12, 26)),
    ("st/saint stephens/stephen day", Fixed(12, 26)),
    ("kwanzaa", Fixed(12, 26)),
    ("new year/years eve", Fixed(12, 31)),
    ("nye", Fixed(12, 31)),
    ("nochevieja", Fixed(12, 31)),
    ("hogmanay", Fixed(12, 31)),
    ("mardi gras", Easter(-47)),
    ("shrove/fat/pancake tuesday", Easter(-47)),
    ("pancake day", Easter(-47)),
    ("ash wednesday", Easter(-46)),
    ("palm sunday", Easter(-7)),
    ("maundy/holy thursday", Easter(-3)),
    ("good friday", Easter(-2)),
    ("holy/easter saturday", Easter(-1)),
    ("easter sunday?/day?", Easter(0)),
    ("easter monday", Easter(1)),
    ("ascension day/thursday", Easter(39)),
    ("pentecost sunday?", Easter(49)),
    ("whit sunday", Easter(49)),
    ("whit/pentecost monday", Easter(50)),
];

impl Rule {
    /// The date in `year`.
    pub(super) fn in_year(self, year: i32) -> Option<NaiveDate> {
        match self {
            Fixed(month, day) => NaiveDate::from_ymd_opt(year, month, day),
            OnOrAfter(month, day, weekday, more) => {
                Some(plus_days(on_or_after(NaiveDate::from_ymd_opt(year, month, day)?, weekday), more))
            }
            Easter(more) => Some(plus_days(easter(year)?, more)),
        }
    }

    /// The next time the day comes round, `from` included.
    pub(super) fn on_or_after(self, from: NaiveDate) -> Option<NaiveDate> {
        // Leap days are up to eight years apart.
        (from.year()..=from.year() + 8).filter_map(|year| self.in_year(year)).find(|date| *date >= from)
    }
}

/// The first words of all names: the tokens at which a name may begin.
pub(super) fn first_words() -> impl Iterator<Item = &'static str> {
    NAMED.iter().flat_map(|(name, _)| forms(name.split(' ').next().unwrap_or_default()))
}

fn forms(place: &'static str) -> impl Iterator<Item = &'static str> {
    place.split('/').map(|form| form.trim_end_matches(['?', '!']))
}

/// The longest name that begins with `word_at(0)`, and how many words it has.  A word that is none is empty.
pub(super) fn named<'t>(word_at: impl Fn(usize) -> &'t str) -> Option<(Rule, usize)> {
    static BY_FIRST_WORD: LazyLock<HashMap<&str, Vec<(&str, Rule)>>> = LazyLock::new(|| {
        let mut by_first_word: HashMap<&str, Vec<(&str, Rule)>> = HashMap::new();
        for (name, rule) in NAMED {
            for word in forms(name.split(' ').next().unwrap_or_default()) {
                by_first_word.entry(word).or_default().push((name, *rule));
            }
        }
        by_first_word
    });
    let candidates = BY_FIRST_WORD.get(word_at(0))?;
    let matches = candidates.iter().filter_map(|(name, rule)| Some((*rule, words_of(name, &word_at)?)));
    matches.reduce(|best, next| if next.1 > best.1 { next } else { best })
}

/// How many words of the text spell `name`.
fn words_of<'t>(name: &'static str, word_at: &impl Fn(usize) -> &'t str) -> Option<usize> {
    name.split(' ').try_fold(0, |at, place| {
        if forms(place).any(|form| form == word_at(at)) {
            return Some(at + 1);
        }
        (place.contains('?') || place.ends_with('!') && word_at(at) == "weekend").then_some(at)
    })
}

/// Western Easter Sunday (the anonymous Gregorian algorithm).
fn easter(year: i32) -> Option<NaiveDate> {
    let golden = year.rem_euclid(19);
    let century = year.div_euclid(100);
    let of_century = year.rem_euclid(100);
    let leap_centuries = century / 4;
    let correction = (century + 8) / 25;
    let moon = (19 * golden + century - leap_centuries - (century - correction + 1) / 3 + 15).rem_euclid(30);
    let weekday = (32 + 2 * (century % 4) + 2 * (of_century / 4) - moon - of_century % 4).rem_euclid(7);
    let late = (golden + 11 * moon + 22 * weekday) / 451;
    let serial = moon + weekday - 7 * late + 114;
    NaiveDate::from_ymd_opt(year, u32::try_from(serial / 31).ok()?, u32::try_from(serial % 31 + 1).ok()?)
}
