//! Where a number may be: the zones and states its owner may live in. Pure; the tables are in `src/compliance/data`.
//!
//! What is known decides, best first: the contact's zone, their postal code, the area code or country of the number. A number that may
//! lie in several places keeps all of them, and a text must be lawful in each. A number that is nowhere in particular (toll-free,
//! personal, an area code nobody knows) may be anywhere in the United States: every zone counts, under the federal rule.

mod names;
mod tables;

use chrono::{DateTime, Duration, Offset, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Serialize, Serializer};

pub use names::{region_name, zone_name};

use crate::platform::phone::PhoneNumber;

/// What the places were read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlaceSource {
    /// The contact's own zone.
    Zone,
    PostalCode,
    AreaCode,
    /// The country (or prefix) of a number outside the North American plan.
    Country,
    /// Nothing is known: anywhere in the United States.
    Unknown,
}

impl PlaceSource {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Zone => "zone",
            Self::PostalCode => "postal_code",
            Self::AreaCode => "area_code",
            Self::Country => "country",
            Self::Unknown => "unknown",
        }
    }
}

fn zone_as_name<S: Serializer>(zone: &Tz, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(zone.name())
}

/// One place a number may be in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Place {
    /// IANA zone.
    #[serde(serialize_with = "zone_as_name")]
    #[schema(value_type = String, example = "America/New_York")]
    pub zone: Tz,
    /// State or province (ISO 3166-2, "US-FL"), or else the country (ISO 3166-1, "US"); null where neither is known.
    #[schema(example = "US-FL")]
    pub region: Option<String>,
}

impl Place {
    fn new(zone: Tz, region: Option<&str>) -> Self {
        Self { zone, region: region.map(str::to_owned) }
    }
}

/// All places a number may be in; at least one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Places {
    pub source: PlaceSource,
    pub candidates: Vec<Place>,
}

impl Places {
    /// States and provinces among them (ISO 3166-2). Countries are none.
    pub fn states(&self) -> impl Iterator<Item = &str> {
        self.candidates.iter().filter_map(|place| place.region.as_deref()).filter(|region| region.contains('-'))
    }

    fn new(source: PlaceSource, mut candidates: Vec<Place>) -> Self {
        candidates.sort_by(|a, b| (a.zone.name(), &a.region).cmp(&(b.zone.name(), &b.region)));
        candidates.dedup();
        Self { source, candidates }
    }
}

/// The places `number` may be in, by what is known of its owner.
///
/// - A zone with a postal code: the code's places in that zone. Where they contradict each other, both count.
/// - A zone alone keeps the states of the area code that lie in it ("850" in Central time is western Florida). If none does, its owner
///   has moved or travels: the zone is the clock, and the area code's states still count, since Florida and Oklahoma presume residence from
///   the area code and no better state is known. Every state of the zone would be too wide: most of the country.
/// - Postal codes are those of the United States and Canada and are read for their numbers only: elsewhere the same digits mean
///   something else. One that is not known counts as none.
pub fn of(number: &PhoneNumber, zone: Option<Tz>, postal_code: Option<&str>) -> Places {
    let (source, by_number) = by_number(number);
    let postal = postal_code.filter(|_| number.as_str().starts_with("+1")).map(tables::of_postal_code);
    let postal = postal.filter(|places| !places.is_empty());
    let Some(zone) = zone else {
        return match postal {
            Some(places) => Places::new(PlaceSource::PostalCode, places),
            None => Places::new(source, by_number),
        };
    };
    let known = postal.as_ref().unwrap_or(&by_number);
    let inside: Vec<Place> = known
        .iter()
        .filter(|place| same_clock(place.zone, zone))
        .map(|place| Place::new(zone, place.region.as_deref()))
        .collect();
    if !inside.is_empty() {
        return Places::new(PlaceSource::Zone, inside);
    }
    let mut moved: Vec<Place> = known.iter().map(|place| Place::new(zone, place.region.as_deref())).collect();
    moved.extend(postal.unwrap_or_default());
    Places::new(PlaceSource::Zone, moved)
}

/// As [`of`], by the fields of a contact. A zone that is none counts as not known: it neither stops a text nor lets one go.
pub fn of_contact(number: &PhoneNumber, timezone: Option<&str>, postal_code: Option<&str>) -> Places {
    of(number, timezone.and_then(|zone| zone.trim().parse().ok()), postal_code)
}

fn by_number(number: &PhoneNumber) -> (PlaceSource, Vec<Place>) {
    let digits = &number.as_str()[1..];
    let (source, places) = match digits.strip_prefix('1') {
        Some(national) => (PlaceSource::AreaCode, tables::of_area_code(national)),
        None => (PlaceSource::Country, tables::of_prefix(digits)),
    };
    if places.is_empty() {
        let anywhere = tables::ZONES_OF_THE_UNITED_STATES.iter().map(|zone| Place::new(*zone, Some("US"))).collect();
        return (PlaceSource::Unknown, anywhere);
    }
    (source, places)
}

/// Whether two zones show the same time all year (America/Detroit and America/New_York): looked at each week of 2026.
pub fn same_clock(a: Tz, b: Tz) -> bool {
    let start = DateTime::<Utc>::from_timestamp(1_767_225_600, 0).unwrap_or_default();
    a == b
        || (0..53).all(|week| {
            let at = (start + Duration::weeks(week)).naive_utc();
            a.offset_from_utc_datetime(&at).fix() == b.offset_from_utc_datetime(&at).fix()
        })
}

#[cfg(test)]
mod tests {
    use chrono_tz::{America, Europe, Pacific, US};

    use super::*;

    fn seen(number: &str, zone: Option<Tz>, postal_code: Option<&str>) -> (PlaceSource, Vec<String>) {
        let places = of(&PhoneNumber::parse_e164(number).expect(number), zone, postal_code);
        let shown = |p: &Place| format!("{} {}", p.zone, p.region.as_deref().unwrap_or("-"));
        (places.source, places.candidates.iter().map(shown).collect())
    }

    #[test]
    fn area_codes_that_lie_in_two_zones_have_both() {
        use PlaceSource::AreaCode;
        for (codes, zones, state) in [
            ("850 448", ["America/Chicago", "America/New_York"], "US-FL"),
            ("208 986", ["America/Boise", "America/Los_Angeles"], "US-ID"),
            ("541 458", ["America/Boise", "America/Los_Angeles"], "US-OR"),
            ("308 402 531", ["America/Chicago", "America/Denver"], "US-NE"),
            ("605", ["America/Chicago", "America/Denver"], "US-SD"),
            ("701", ["America/Chicago", "America/Denver"], "US-ND"),
            ("219 574 812 930", ["America/Chicago", "America/New_York"], "US-IN"),
            ("270 364 606", ["America/Chicago", "America/New_York"], "US-KY"),
            ("620 785", ["America/Chicago", "America/Denver"], "US-KS"),
            ("906", ["America/Chicago", "America/New_York"], "US-MI"),
            ("423 729", ["America/Chicago", "America/New_York"], "US-TN"),
            ("775", ["America/Denver", "America/Los_Angeles"], "US-NV"),
            ("928", ["America/Denver", "America/Phoenix"], "US-AZ"),
            ("907", ["America/Adak", "America/Anchorage"], "US-AK"),
        ] {
            for code in codes.split(' ') {
                let expected = zones.iter().map(|zone| format!("{zone} {state}")).collect();
                assert_eq!(seen(&format!("+1{code}5550101"), None, None), (AreaCode, expected), "{code}");
            }
        }
        for (number, place) in [
            ("+13055550101", "America/New_York US-FL"),
            ("+16895550101", "America/New_York US-FL"),
            ("+19155550101", "America/Denver US-TX"),
            ("+18085550101", "Pacific/Honolulu US-HI"),
            ("+16715550101", "Pacific/Guam US-GU"),
            ("+17875550101", "America/Puerto_Rico US-PR"),
            ("+14165550101", "America/Toronto CA-ON"),
            ("+18765550101", "America/Jamaica JM"),
        ] {
            assert_eq!(seen(number, None, None), (AreaCode, vec![place.to_owned()]), "{number}");
        }
        let maritimes = vec!["America/Halifax CA-NS".to_owned(), "America/Halifax CA-PE".to_owned()];
        assert_eq!(seen("+19025550101", None, None), (AreaCode, maritimes));
    }

    #[test]
    fn a_number_that_is_nowhere_may_be_anywhere_in_the_united_states() {
        for number in [
            "+18005550101",
            "+18335550101",
            "+15005550006",
            "+17005550101",
            "+19005550101",
            "+12995550101",
            "+8705550101",
        ] {
            let (source, places) = seen(number, None, None);
            assert_eq!(source, PlaceSource::Unknown, "{number}");
            for zone in
                ["America/Puerto_Rico US", "America/New_York US", "America/Los_Angeles US", "Pacific/Honolulu US"]
            {
                assert!(places.contains(&zone.to_owned()), "{number} {zone}");
            }
        }
        let (_, known) = seen("+18005550101", Some(America::Chicago), None);
        assert_eq!(known, ["America/Chicago US"]);
    }

    #[test]
    fn a_postal_code_says_more_than_an_area_code() {
        use PlaceSource::PostalCode;
        for (code, places) in [
            ("33101", vec!["America/New_York US-FL"]),
            ("32501-1234", vec!["America/Chicago US-FL"]),
            ("32401", vec!["America/Chicago US-FL", "America/New_York US-FL"]),
            ("88540", vec!["America/Denver US-TX"]),
            ("20101", vec!["America/New_York US-VA"]),
            ("96799", vec!["Pacific/Pago_Pago US-AS"]),
            ("96701", vec!["Pacific/Honolulu US-HI"]),
            ("00901", vec!["America/Puerto_Rico US-PR"]),
            ("k1a 0b1", vec!["America/Toronto CA-ON"]),
            ("42223", vec!["America/Chicago US-KY", "America/Chicago US-TN"]),
        ] {
            assert_eq!(
                seen("+18505550101", None, Some(code)),
                (PostalCode, places.iter().map(|&p| p.to_owned()).collect()),
                "{code}"
            );
        }
        // Military, unknown, mistyped, or of another country: as if there were none.
        for code in ["09012", "00000", "abc", "", "3", "🛑", "1234567890", "331010"] {
            assert_eq!(seen("+13055550101", None, Some(code)).0, PlaceSource::AreaCode, "{code}");
        }
        assert_eq!(
            seen("+493012345678", None, Some("10115")),
            (PlaceSource::Country, vec!["Europe/Berlin DE".to_owned()])
        );
    }

    #[test]
    fn a_zone_keeps_the_states_it_may_mean() {
        use PlaceSource::Zone;
        let one = |place: &str| (Zone, vec![place.to_owned()]);
        assert_eq!(seen("+18505550101", Some(America::Chicago), None), one("America/Chicago US-FL"));
        // The same clock by another name.
        assert_eq!(seen("+18505550101", Some(US::Eastern), None), one("US/Eastern US-FL"));
        assert_eq!(seen("+13135550101", Some(America::Detroit), None), one("America/Detroit US-MI"));
        // Phoenix and Denver agree in winter only.
        assert_eq!(seen("+19285550101", Some(America::Phoenix), None), one("America/Phoenix US-AZ"));
        // Moved, with the old number: the new clock, and the state that presumes from the area code.
        assert_eq!(seen("+13055550101", Some(Pacific::Honolulu), None), one("Pacific/Honolulu US-FL"));
        assert_eq!(seen("+442071838750", Some(Europe::Madrid), None), one("Europe/Madrid GB"));
        assert_eq!(seen("+13055550101", Some(America::New_York), Some("10001")), one("America/New_York US-NY"));
        // Zone and postal code contradict each other: both count.
        let both = ["America/Los_Angeles US-NY", "America/New_York US-NY"].map(str::to_owned).to_vec();
        assert_eq!(seen("+13055550101", Some(America::Los_Angeles), Some("10001")), (Zone, both));
    }

    #[test]
    fn a_zone_that_is_none_counts_as_not_known() {
        let number = PhoneNumber::parse_e164("+18505550101").expect("number");
        assert_eq!(of_contact(&number, Some("Mars/Olympus"), None), of(&number, None, None));
        assert_eq!(of_contact(&number, Some("America/Chicago"), None), of(&number, Some(America::Chicago), None));
        assert_eq!(of_contact(&number, Some(""), Some("32501")), of(&number, None, Some("32501")));
    }

    #[test]
    fn other_countries_have_their_zones() {
        use PlaceSource::Country;
        assert_eq!(seen("+442071838750", None, None), (Country, vec!["Europe/London GB".to_owned()]));
        assert_eq!(seen("+919812345678", None, None), (Country, vec!["Asia/Kolkata IN".to_owned()]));
        assert_eq!(seen("+212612345678", None, None), (Country, vec!["Africa/Casablanca MA".to_owned()]));
        let (source, australia) = seen("+61412345678", None, None);
        assert!(
            source == Country && australia.len() > 3,
            "mobile numbers of Australia may be anywhere in it: {australia:?}"
        );
        let (_, sydney) = seen("+61291234567", None, None);
        assert_eq!(sydney, ["Australia/Sydney AU"]);
    }

    #[test]
    fn every_number_has_a_place() {
        for cc in 1..1000 {
            for rest in ["0000000", "2025550101", "9999999999"] {
                let Ok(number) = PhoneNumber::parse_e164(&format!("+{cc}{rest}")) else { continue };
                assert!(!of(&number, None, None).candidates.is_empty(), "+{cc}{rest}");
            }
        }
    }
}
