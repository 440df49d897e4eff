//! The rules as they ship: `src/compliance/data/quiet_hours.json`, read once. Each says where it holds, for which texts, when, since when,
//! by which source, and when somebody last looked.

use std::sync::LazyLock;

use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    holidays::Holiday,
    model::{Cap, Window},
};
use crate::compliance::model::ConsentPurpose;

const FILE: &str = include_str!("../data/quiet_hours.json");

/// Where a rule was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RuleSource)]
pub struct Source {
    pub title: String,
    pub url: Option<String>,
}

/// One rule. (The API shows it with more beside it, so that it cannot refuse unknown fields itself; a test does.)
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = QuietHoursRule)]
pub struct Rule {
    #[schema(example = "us-fl")]
    pub id: String,
    /// `*` (everywhere), a country (ISO 3166-1) or a state (ISO 3166-2).
    #[schema(example = "US-FL")]
    pub jurisdiction: String,
    pub title: String,
    /// The texts it binds.
    pub applies_to: Vec<ConsentPurpose>,
    /// When texts may arrive. A weekday without a window is closed.
    pub windows: Vec<Window>,
    /// The clock the rule itself names; null: the recipient's.
    pub zone: Option<String>,
    /// Lists of holidays on which it is closed.
    pub closed_on: Vec<String>,
    pub cap: Option<Cap>,
    pub sources: Vec<Source>,
    /// Null: in force for long.
    pub effective_from: Option<NaiveDate>,
    /// The first day on which it is not in force any more.
    pub effective_until: Option<NaiveDate>,
    /// When somebody last compared it with its sources.
    pub checked: NaiveDate,
    /// What the sources disagree on, and which reading ships.
    pub notes: Option<String>,
}

impl Rule {
    pub fn fixed_zone(&self) -> Option<Tz> {
        self.zone.as_deref().and_then(|zone| zone.parse().ok())
    }

    pub fn in_force(&self, on: NaiveDate) -> bool {
        self.effective_from.is_none_or(|from| from <= on) && self.effective_until.is_none_or(|until| on < until)
    }
}

/// Whether what holds in `jurisdiction` holds in `region`: everywhere, in the country, in the state.
pub(super) fn covers(jurisdiction: &str, region: Option<&str>) -> bool {
    if jurisdiction == "*" {
        return true;
    }
    let Some(region) = region else { return false };
    region.strip_prefix(jurisdiction).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

/// The holidays of one jurisdiction.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HolidayList {
    pub id: String,
    pub jurisdiction: String,
    pub source: String,
    pub days: Vec<Holiday>,
}

impl HolidayList {
    /// Which holiday `date` is.
    pub fn name_of(&self, date: NaiveDate) -> Option<&str> {
        self.days.iter().find(|day| day.falls_on(date)).map(Holiday::name)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "about")]
    _about: String,
    as_of: NaiveDate,
    rules: Vec<Rule>,
    holidays: Vec<HolidayList>,
}

/// All rules.
#[derive(Clone, Debug)]
pub struct Pack {
    /// The day of the data and the beginning of its SHA-256: another word in it is another version. Stored with every decision.
    pub version: String,
    pub as_of: NaiveDate,
    pub rules: Vec<Rule>,
    pub holidays: Vec<HolidayList>,
}

impl Pack {
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == id)
    }

    pub fn holiday_list(&self, id: &str) -> Option<&HolidayList> {
        self.holidays.iter().find(|list| list.id == id)
    }
}

/// The pack of this build. A file that cannot be read is found by the first test.
pub static PACK: LazyLock<Pack> = LazyLock::new(|| {
    let file: File = serde_json::from_str(FILE).unwrap_or_else(|e| panic!("quiet_hours.json: {e}"));
    let hash: String = Sha256::digest(FILE.as_bytes()).iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    Pack { version: format!("{}.{hash}", file.as_of), as_of: file.as_of, rules: file.rules, holidays: file.holidays }
});

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::{super::model::check_windows, *};
    use crate::compliance::places::region_name;

    #[test]
    fn the_pack_is_sound() {
        let ids: BTreeSet<&str> = PACK.rules.iter().map(|rule| rule.id.as_str()).collect();
        assert_eq!(ids.len(), PACK.rules.len(), "an id occurs twice");
        for rule in &PACK.rules {
            let id = &rule.id;
            assert!(
                check_windows(&rule.windows).is_ok() && !rule.windows.is_empty(),
                "{id}: {:?}",
                check_windows(&rule.windows)
            );
            assert!(!rule.applies_to.is_empty() && !rule.sources.is_empty() && !rule.title.is_empty(), "{id}");
            assert!(rule.zone.is_none() || rule.fixed_zone().is_some(), "{id}: zone");
            assert!(rule.closed_on.iter().all(|list| PACK.holiday_list(list).is_some()), "{id}: holidays");
            assert!(rule.cap.is_none_or(|cap| cap.texts > 0 && cap.hours > 0), "{id}: cap");
            assert!(rule.checked <= PACK.as_of, "{id}: checked after the date of the pack");
            assert!(
                rule.effective_until.is_none_or(|until| rule.effective_from.is_none_or(|from| from < until)),
                "{id}"
            );
            assert!(rule.effective_from.is_none_or(|from| from.to_string().as_str() > "1990"), "{id}");
            let place = rule.jurisdiction.as_str();
            assert!(["*", "US"].contains(&place) || region_name(place).is_some(), "{id}: {place}");
            for source in &rule.sources {
                assert!(
                    !source.title.is_empty() && source.url.as_deref().is_none_or(|url| url.starts_with("http")),
                    "{id}"
                );
            }
        }
        for list in &PACK.holidays {
            assert!(!list.days.is_empty() && !list.source.is_empty());
            assert!(PACK.rules.iter().any(|rule| rule.closed_on.contains(&list.id)), "{} is used by no rule", list.id);
        }
    }

    #[test]
    fn no_word_of_the_file_is_overlooked() {
        let file: Value = serde_json::from_str(FILE).expect("JSON");
        for (written, read) in file["rules"].as_array().expect("rules").iter().zip(&PACK.rules) {
            let read = serde_json::to_value(read).expect("rule");
            let names = |of: &Value| of.as_object().expect("object").keys().cloned().collect::<BTreeSet<String>>();
            assert!(names(written).is_subset(&names(&read)), "{}", read["id"]);
            if written["cap"].is_object() {
                assert_eq!(written["cap"], read["cap"], "{}", read["id"]);
            }
        }
    }

    #[test]
    fn every_purpose_is_bound_everywhere() {
        for purpose in [ConsentPurpose::Conversational, ConsentPurpose::Transactional, ConsentPurpose::Marketing] {
            let of = |jurisdiction: &str| {
                PACK.rules.iter().filter(|r| r.jurisdiction == jurisdiction && r.applies_to.contains(&purpose)).count()
            };
            assert_eq!(
                (of("*"), of("US")),
                (1, 1),
                "{purpose:?}: the house's hours, and in the United States the federal ones"
            );
        }
        // A state without an entry falls to the federal rule, a state with one is bound by both.
        assert!(covers("US", Some("US-WY")) && covers("US-FL", Some("US-FL")) && covers("*", None));
        assert!(
            !covers("US-FL", Some("US"))
                && !covers("US", Some("USX"))
                && !covers("US", None)
                && !covers("US", Some("CA-ON"))
        );
    }

    #[test]
    fn the_version_names_day_and_content() {
        assert!(
            PACK.version.starts_with("2026-") && PACK.version.len() == "2026-11-21.01234567".len(),
            "{}",
            PACK.version
        );
    }

    #[test]
    fn rules_come_and_go_by_their_dates() {
        let day = |text: &str| text.parse::<NaiveDate>().expect(text);
        let mut rule = PACK.rule("us-or").expect("Oregon").clone();
        assert!(!rule.in_force(day("2025-12-31")) && rule.in_force(day("2026-01-01")));
        rule.effective_until = Some(day("2027-01-01"));
        assert!(rule.in_force(day("2026-12-31")) && !rule.in_force(day("2027-01-01")));
    }
}
