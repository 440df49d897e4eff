//! What was decided on a text, and why: kept with the message for good.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{
    model::{ConsentMethod, ConsentTier},
    permit::Purpose,
    quiet_hours::{self, PACK},
};
use crate::platform::ids::ConsentEventId;

/// What a rule, or all of them together, make of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It may go now.
    Send,
    /// It waits.
    Hold,
    /// It is not sent, for good.
    Refuse,
}

/// One rule that had a say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Spoken {
    /// `deadline`, `block_list`, `unread_text`, `consent`, `whatsapp_window`, `quiet_hours` or `cap`, of a jurisdiction where the rule is one's, or `cap:organization`.
    #[schema(example = "quiet_hours:US-FL")]
    pub rule: String,
    /// Of the data the rule comes from.
    pub version: Option<String>,
    /// Where the rule is written.
    pub source: Option<String>,
    pub outcome: Outcome,
    pub says: String,
}

impl Spoken {
    pub(super) fn new(rule: &str, outcome: Outcome, says: impl Into<String>) -> Self {
        Self { rule: rule.to_owned(), version: None, source: None, outcome, says: says.into() }
    }

    /// A word of a dated rule.
    pub(super) fn of_rule(kind: &str, rule: &str, outcome: Outcome, says: impl Into<String>) -> Self {
        Self {
            rule: format!("{kind}:{rule}"),
            version: Some(PACK.version.clone()),
            source: PACK.rule(rule).and_then(|rule| rule.sources.first()).map(|source| source.title.clone()),
            outcome,
            says: says.into(),
        }
    }

    /// What the hours said: every rule on every clock.
    pub(super) fn of_hours(decision: &quiet_hours::Decision) -> impl Iterator<Item = Self> {
        decision.spoken.iter().map(|voice| {
            let outcome = if voice.open { Outcome::Send } else { Outcome::Hold };
            Self::of_rule("quiet_hours", &voice.rule, outcome, quiet_hours::in_words(voice, decision.place_source))
        })
    }
}

/// The consent a text was sent on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ConsentUsed {
    /// The line of the ledger.
    pub event_id: ConsentEventId,
    pub tier: ConsentTier,
    pub method: ConsentMethod,
    pub at: DateTime<Utc>,
}

/// Where the contact may be, as far as it was known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PlaceUsed {
    /// IANA name.
    #[schema(example = "America/New_York")]
    pub zone: String,
    /// ISO 3166-2, where a state may have rules of its own.
    #[schema(example = "US-FL")]
    pub region: Option<String>,
}

/// One decision on a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Receipt {
    pub decided_at: DateTime<Utc>,
    pub outcome: Outcome,
    /// Why it is held or refused; null where it may go.
    #[schema(example = "quiet_hours")]
    pub code: Option<String>,
    /// Until when it is held.
    pub until: Option<DateTime<Utc>>,
    /// All of it in one sentence.
    #[schema(example = "Held: 8:47 pm in Florida, window 8 am to 8 pm; will go at 8:04 am.")]
    pub sentence: String,
    #[schema(value_type = Purpose)]
    pub purpose: Purpose,
    /// Every rule that had a say, in the order they were asked.
    pub rules: Vec<Spoken>,
    /// Every place the contact may be in; empty where no rule asked.
    pub places: Vec<PlaceUsed>,
    /// How the places are known: `timezone`, `postal_code`, `area_code`, `country` or `unknown`.
    pub places_from: Option<String>,
    pub consent: Option<ConsentUsed>,
}
