//! The filter as it is written and kept: a tree of JSON.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::parse;
use crate::platform::problem::Problem;

/// Which contacts are meant: exactly one of `all` (each must hold; none: everybody), `any` (one must), `not`, or a condition of `field`,
/// `op` and mostly `value`. Nested three deep at most, of fifty conditions at most. Nobody who was put away is ever meant.
///
/// | field | op | value |
/// | --- | --- | --- |
/// | lifecycle_stage, opt_in_status | is, is_not | one or a list |
/// | language, timezone | is, is_not, is_set, is_not_set | one or a list |
/// | postal_code | is, is_not, begins_with, is_set, is_not_set | one or a list |
/// | tags | has_any, has_none | a list |
/// | custom.*name* | is, is_not, contains (in any case), less, greater (numbers), is_set, is_not_set | a text or a list, a number |
/// | created | within_days, not_within_days, before, since | days; a date (2026-11-21) of the organization's calendar |
/// | texted (last, by us), heard (from last) | within_days, not_within_days, ever, never | days |
/// | booked, visited, no_show, cancelled, clicked | the same, and at_least | days; times |
/// | import | is | the id of a list that was brought in; for a month |
/// | id, phone_number | is | up to 10,000 in all |
///
/// Days are counted back from now by the organization's clock. Not within so many days is also who never did.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SegmentFilter, example = json!({ "all": [
    { "field": "lifecycle_stage", "op": "is", "value": "customer" },
    { "any": [{ "field": "tags", "op": "has_any", "value": ["vip"] }, { "field": "visited", "op": "at_least", "value": 5 }] },
    { "not": { "field": "texted", "op": "within_days", "value": 14 } },
] }))]
pub struct Filter {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, no_recursion)]
    pub all: Option<Vec<Filter>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, no_recursion)]
    pub any: Option<Vec<Filter>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, no_recursion)]
    pub not: Option<Box<Filter>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "lifecycle_stage", max_length = 80)]
    pub field: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub op: Option<FilterOp>,
    /// A text, a number, or a list of texts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Value)]
    pub value: Option<Value>,
}

/// What a condition asks of its field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FilterOp {
    Is,
    IsNot,
    IsSet,
    IsNotSet,
    BeginsWith,
    Contains,
    Less,
    Greater,
    HasAny,
    HasNone,
    WithinDays,
    NotWithinDays,
    Ever,
    Never,
    AtLeast,
    Before,
    Since,
}

impl Filter {
    /// Everybody who was not put away.
    pub fn everybody() -> Self {
        Self::all_of(Vec::new())
    }

    /// Whoever all of these mean.
    pub fn all_of(filters: Vec<Self>) -> Self {
        Self { all: Some(filters), ..Self::default() }
    }

    pub fn condition(field: &str, op: FilterOp, value: impl Into<Option<Value>>) -> Self {
        Self { field: Some(field.to_owned()), op: Some(op), value: value.into(), ..Self::default() }
    }

    /// What is wrong with it, each with its place.
    pub fn check(&self) -> Result<(), Problem> {
        parse::parse(self).map(drop).map_err(Problem::invalid)
    }

    /// Takes what identifies somebody who is erased out of every list. False: they were in none.
    pub fn forget(&mut self, id: &str, number: &str) -> bool {
        let mut found = false;
        for part in self.all.iter_mut().chain(self.any.iter_mut()).flatten() {
            found |= part.forget(id, number);
        }
        if let Some(part) = &mut self.not {
            found |= part.forget(id, number);
        }
        if let ("id" | "phone_number", Some(value)) = (self.field.as_deref().unwrap_or_default(), &mut self.value) {
            let theirs = |one: &Value| {
                one.as_str().is_some_and(|text| text.trim().eq_ignore_ascii_case(id) || text.trim() == number)
            };
            match value {
                Value::Array(list) => {
                    let before = list.len();
                    list.retain(|one| !theirs(one));
                    found |= list.len() < before;
                }
                one if theirs(one) => {
                    *one = Value::Array(Vec::new());
                    found = true;
                }
                _ => {}
            }
        }
        found
    }
}
