//! The rules as one organization keeps them: the pack, with what the organization overrode and the operator's quiet hours.

use std::collections::HashMap;

use super::{
    model::{HouseHours, Window},
    packs::{PACK, Rule},
};
use crate::platform::ids::QuietHoursOverrideId;

/// What an organization put in the place of a rule's hours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InForce {
    pub id: QuietHoursOverrideId,
    /// None: the rule does not speak at all. Empty: it is closed all day, every day.
    pub windows: Option<Vec<Window>>,
    /// Whether its holidays stay closed.
    pub keep_holidays: bool,
}

/// The rules of one organization.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    overrides: HashMap<String, InForce>,
    house: Option<HouseHours>,
}

/// A rule's hours under a policy.
pub(super) struct Hours {
    pub windows: Vec<Window>,
    pub keep_holidays: bool,
    pub overridden_by: Option<QuietHoursOverrideId>,
}

impl Policy {
    /// Overrides in force, by the rule they are of; the operator's quiet hours.
    pub fn new(overrides: impl IntoIterator<Item = (String, InForce)>, house: Option<HouseHours>) -> Self {
        Self { overrides: overrides.into_iter().collect(), house }
    }

    /// The hours that count for a rule. None where the organization turned it off.
    pub fn windows(&self, rule: &Rule) -> Option<Vec<Window>> {
        self.hours(rule).map(|hours| hours.windows)
    }

    /// None where the organization turned the rule off.
    pub(super) fn hours(&self, rule: &Rule) -> Option<Hours> {
        if let Some(own) = self.overrides.get(&rule.id) {
            let windows = own.windows.clone()?;
            return Some(Hours { windows, keep_holidays: own.keep_holidays, overridden_by: Some(own.id) });
        }
        let windows = match self.house.filter(|_| rule.id == HOUSE_MARKETING) {
            Some(house) => house.cut(&rule.windows),
            None => rule.windows.clone(),
        };
        Some(Hours { windows, keep_holidays: true, overridden_by: None })
    }
}

/// The rule that is the house's own hours for marketing.
pub(super) const HOUSE_MARKETING: &str = "default-marketing";

/// Whether there is such a rule to override.
pub fn is_rule(id: &str) -> bool {
    PACK.rule(id).is_some()
}
