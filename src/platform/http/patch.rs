//! One field of a PATCH body (RFC 7396): left out, null, or a value.

use serde::{Deserialize, Deserializer};

/// What a merge says about a field that may be null. In a body: `#[serde(default)] name: Patch<String>` with
/// `#[schema(value_type = Option<String>)]`. A field that cannot be null is a plain `Option<T>`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Patch<T> {
    /// Left out: stays as it is.
    #[default]
    Keep,
    /// Null: emptied.
    Clear,
    Set(T),
}

impl<T> Patch<T> {
    /// The field after the merge.
    pub fn apply(self, current: Option<T>) -> Option<T> {
        match self {
            Self::Keep => current,
            Self::Clear => None,
            Self::Set(value) => Some(value),
        }
    }

    /// The new value, checked or rewritten where there is one.
    pub fn try_map<U, E>(self, f: impl FnOnce(T) -> Result<U, E>) -> Result<Patch<U>, E> {
        Ok(match self {
            Self::Keep => Patch::Keep,
            Self::Clear => Patch::Clear,
            Self::Set(value) => Patch::Set(f(value)?),
        })
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::<T>::deserialize(deserializer)?.map_or(Self::Clear, Self::Set))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Body {
        #[serde(default)]
        name: Patch<String>,
    }

    #[test]
    fn left_out_null_and_a_value_are_three_things() {
        let merge = |body: &str| {
            serde_json::from_str::<Body>(body).map(|b| b.name.apply(Some("old".to_owned()))).expect("body")
        };
        assert_eq!(merge("{}").as_deref(), Some("old"));
        assert_eq!(merge(r#"{"name":null}"#), None);
        assert_eq!(merge(r#"{"name":"new"}"#).as_deref(), Some("new"));
        assert!(serde_json::from_str::<Body>(r#"{"name":7}"#).is_err());
    }
}
