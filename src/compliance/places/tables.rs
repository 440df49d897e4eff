//! The tables of area codes, postal codes and countries, read once. Their sources and dates stand in the files themselves.

use std::{collections::HashMap, sync::LazyLock};

use chrono_tz::{America, Pacific, Tz};

use super::Place;

const AREA_CODES: &str = include_str!("../data/nanp.tsv");
const POSTAL_CODES: &str = include_str!("../data/postal.tsv");
const COUNTRIES: &str = include_str!("../data/countries.tsv");

/// The zones of the fifty states and Puerto Rico. Those of the Pacific islands would leave no hour that is day everywhere.
pub(super) const ZONES_OF_THE_UNITED_STATES: [Tz; 9] = [
    America::Puerto_Rico,
    America::New_York,
    America::Chicago,
    America::Denver,
    America::Phoenix,
    America::Los_Angeles,
    America::Anchorage,
    America::Adak,
    Pacific::Honolulu,
];

type Table = HashMap<&'static str, Vec<Place>>;

/// A line that cannot be read is a mistake in a file of ours: the first test finds it.
fn read(text: &'static str) -> Table {
    let mut table = Table::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let mut columns = line.split('\t');
        let (Some(key), Some(zones), Some(region)) = (columns.next(), columns.next(), columns.next()) else {
            panic!("three columns: {line}");
        };
        let region = Some(region).filter(|region| *region != "-");
        for zone in zones.split(',') {
            let zone: Tz = zone.parse().unwrap_or_else(|_| panic!("no such zone: {line}"));
            table.entry(key).or_default().push(Place::new(zone, region));
        }
    }
    table
}

static BY_AREA_CODE: LazyLock<Table> = LazyLock::new(|| read(AREA_CODES));
static BY_POSTAL_CODE: LazyLock<Table> = LazyLock::new(|| read(POSTAL_CODES));
static BY_PREFIX: LazyLock<Table> = LazyLock::new(|| read(COUNTRIES));

fn longest(table: &Table, text: &str) -> Vec<Place> {
    (1..=text.len()).rev().find_map(|length| table.get(text.get(..length)?)).cloned().unwrap_or_default()
}

/// Of a national number of the North American plan (ten digits).
pub(super) fn of_area_code(national: &str) -> Vec<Place> {
    national.get(..3).and_then(|code| BY_AREA_CODE.get(code)).cloned().unwrap_or_default()
}

/// Of the digits of any other number.
pub(super) fn of_prefix(digits: &str) -> Vec<Place> {
    longest(&BY_PREFIX, digits)
}

/// Of a ZIP ("33101", "33101-1234") or a Canadian code ("K1A 0B1"). None for everything else.
pub(super) fn of_postal_code(code: &str) -> Vec<Place> {
    let code: String =
        code.chars().filter(|c| !c.is_whitespace() && *c != '-').collect::<String>().to_ascii_uppercase();
    let zip = matches!(code.len(), 5 | 9) && code.bytes().all(|b| b.is_ascii_digit());
    let canadian = code.len() == 6
        && code
            .bytes()
            .enumerate()
            .all(|(at, b)| if at % 2 == 0 { b.is_ascii_uppercase() } else { b.is_ascii_digit() });
    if zip || canadian { longest(&BY_POSTAL_CODE, &code) } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{super::region_name, *};

    #[test]
    fn the_tables_are_sound() {
        assert!(BY_AREA_CODE.len() > 430 && BY_POSTAL_CODE.len() > 900 && BY_PREFIX.len() > 1000);
        for (code, places) in BY_AREA_CODE.iter() {
            assert!(
                code.len() == 3
                    && code.as_bytes()[0] >= b'2'
                    && !["800", "833", "844", "855", "866", "877", "888"].contains(code)
            );
            assert!(places.iter().all(|place| place.region.is_some()), "{code}");
        }
        for table in [&*BY_AREA_CODE, &*BY_POSTAL_CODE] {
            for place in table.values().flatten() {
                let region = place.region.as_deref().expect("a region");
                assert!(region.len() == 2 || region_name(region).is_some(), "{region} has no name");
            }
        }
        for (key, places) in BY_PREFIX.iter() {
            assert!(!key.starts_with('1') && key.bytes().all(|b| b.is_ascii_digit()) && !places.is_empty(), "{key}");
        }
    }

    #[test]
    fn every_state_has_area_codes_and_postal_codes_in_the_same_zones() {
        let of = |table: &Table, state: &str| -> BTreeSet<&str> {
            table.values().flatten().filter(|p| p.region.as_deref() == Some(state)).map(|p| p.zone.name()).collect()
        };
        let states: BTreeSet<&str> = BY_AREA_CODE
            .values()
            .flatten()
            .filter_map(|p| p.region.as_deref())
            .filter(|r| r.starts_with("US-"))
            .collect();
        assert_eq!(states.len(), 51 + 5, "the states, the capital, five territories");
        for state in states {
            let (by_number, by_postal_code) = (of(&BY_AREA_CODE, state), of(&BY_POSTAL_CODE, state));
            let custom = BTreeSet::from(["America/New_York"]);
            // Phenix City keeps Eastern time by custom; its area code is the whole south of Alabama.
            let extra: BTreeSet<&str> = by_postal_code.difference(&by_number).copied().collect();
            assert!(extra.is_empty() || state == "US-AL" && extra == custom, "{state}: {extra:?}");
            let missing: Vec<_> = by_number.difference(&by_postal_code).collect();
            assert!(missing.is_empty(), "{state}: {missing:?}");
        }
    }

    #[test]
    fn prefixes_are_read_longest_first() {
        assert_eq!(of_prefix("442071838750"), of_prefix("44"));
        assert!(of_prefix("999").is_empty() && of_prefix("").is_empty());
        assert!(of_area_code("80").is_empty());
    }
}
