//! Segments as staff write them.

use serde::Deserialize;

use super::{Filter, Segment};
use crate::platform::problem::{FieldError, Problem};

/// A segment to be.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::contacts) struct NewSegment {
    #[schema(min_length = 1, max_length = 120, example = "Regulars")]
    name: String,
    filter: Filter,
}

/// What staff changes of a segment. What is left out stays.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::contacts) struct SegmentChange {
    #[schema(min_length = 1, max_length = 120)]
    name: Option<String>,
    filter: Option<Filter>,
}

/// A segment that may be kept.
pub(in crate::contacts) struct Fields {
    pub name: String,
    pub filter: Filter,
}

impl NewSegment {
    pub(in crate::contacts) fn checked(self) -> Result<Fields, Problem> {
        let mut errors = super::parse(&self.filter).err().unwrap_or_default();
        let name = self.name.trim().to_owned();
        if !(1..=120).contains(&name.chars().count()) || name.contains('\0') {
            let message = "must have 1 to 120 characters".to_owned();
            errors.push(FieldError { field: "name".to_owned(), code: "invalid_length", message });
        }
        if errors.is_empty() { Ok(Fields { name, filter: self.filter }) } else { Err(Problem::invalid(errors)) }
    }
}

impl SegmentChange {
    /// The fields of `segment` after this change.
    pub(in crate::contacts) fn applied(self, segment: &Segment) -> Result<Fields, Problem> {
        let name = self.name.unwrap_or_else(|| segment.name.clone());
        NewSegment { name, filter: self.filter.unwrap_or_else(|| segment.filter.0.clone()) }.checked()
    }
}
