//! Lists, all alike: a page of rows in one of the orders the list offers, after the last row of the page before (no OFFSET).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use uuid::Uuid;

use crate::platform::problem::Problem;

/// One page of a list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Give it as `cursor` to get what follows; null on the last page.
    pub next_cursor: Option<String>,
}

/// How many rows, in which order, and after which row. The cursor is opaque to clients.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// 1 to 200; 50 if left out.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// One of the orders of this list, with `-` in front for the other direction.
    pub sort: Option<String>,
}

/// An order that a list offers.
#[derive(Clone, Copy, Debug)]
pub struct SortKey {
    /// As in `?sort=`.
    pub name: &'static str,
    /// The expression, never null, that rows are ordered by; ties are broken by id. There should be an index on both.
    pub sql: &'static str,
    pub kind: SortKind,
    /// Largest (latest) first, as this list's own order; only the first key's is used.
    pub descending: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortKind {
    Time,
    Text,
    /// bigint.
    Number,
    /// Rows as they were made: their own id is the order (UUIDv7), and the primary key its index.
    Id,
}

/// Where a page begins: the sort value and id of the last row of the page before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::platform) struct After {
    /// As in `?sort=`, so that a cursor is not used in another order.
    sort: String,
    pub(in crate::platform) value: SortValue,
    pub(in crate::platform) id: Uuid,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::platform) enum SortValue {
    #[serde(rename = "t")]
    Time(DateTime<Utc>),
    #[serde(rename = "s")]
    Text(String),
    #[serde(rename = "n")]
    Number(i64),
    #[serde(rename = "i")]
    Id(Uuid),
}

impl SortValue {
    fn is(&self, kind: SortKind) -> bool {
        matches!(
            (self, kind),
            (Self::Time(_), SortKind::Time)
                | (Self::Text(_), SortKind::Text)
                | (Self::Number(_), SortKind::Number)
                | (Self::Id(_), SortKind::Id)
        )
    }
}

/// A page asked for, checked.
#[derive(Clone, Debug)]
pub struct Order {
    pub(in crate::platform) key: SortKey,
    pub(in crate::platform) descending: bool,
    pub(in crate::platform) limit: usize,
    pub(in crate::platform) after: Option<After>,
}

impl Order {
    /// The list's own order, from its beginning, for one row.
    pub fn first(keys: &'static [SortKey]) -> Self {
        Self { key: keys[0], descending: keys[0].descending, limit: 1, after: None }
    }

    /// How many rows a page of it shows.
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// The same order and place, for reading more rows than are shown.
    pub fn wider(&self, limit: usize) -> Self {
        Self { limit, ..self.clone() }
    }

    /// Goes on after this row, in an order by id.
    pub fn cursor_after_id(&self, id: Uuid) -> Option<String> {
        self.cursor(SortValue::Id(id), id)
    }

    fn name(&self) -> String {
        format!("{}{}", if self.descending { "-" } else { "" }, self.key.name)
    }

    pub(in crate::platform) fn cursor(&self, value: SortValue, id: Uuid) -> Option<String> {
        let after = After { sort: self.name(), value, id };
        serde_json::to_vec(&after).ok().map(|bytes| URL_SAFE_NO_PAD.encode(bytes))
    }
}

fn not_a_cursor() -> Problem {
    Problem::invalid_field("cursor", "invalid", "is not a cursor this list gave")
}

impl Paging {
    /// Rows to show.
    pub fn limit(&self) -> Result<usize, Problem> {
        match self.limit.unwrap_or(50) {
            n @ 1..=200 => Ok(n as usize),
            _ => Err(Problem::invalid_field("limit", "out_of_range", "must be from 1 to 200")),
        }
    }

    /// The page in one of the orders that the list offers; the first is its own.
    pub fn order(&self, keys: &'static [SortKey]) -> Result<Order, Problem> {
        let limit = self.limit()?;
        let (key, descending) = match self.sort.as_deref() {
            None => (keys[0], keys[0].descending),
            Some(sort) => {
                let (name, descending) = sort.strip_prefix('-').map_or((sort, false), |name| (name, true));
                let key = keys.iter().find(|k| k.name == name).ok_or_else(|| {
                    let names: Vec<&str> = keys.iter().map(|k| k.name).collect();
                    let message = format!("must be one of {}, or one of them after a -", names.join(", "));
                    Problem::invalid_field("sort", "unknown", message)
                })?;
                (*key, descending)
            }
        };
        let mut order = Order { key, descending, limit, after: None };
        if let Some(after) = self.after::<After>()? {
            if after.sort != order.name() || !after.value.is(key.kind) {
                return Err(not_a_cursor());
            }
            order.after = Some(after);
        }
        Ok(order)
    }

    /// The key after which to go on, if this is not the first page.
    pub fn after<K: DeserializeOwned>(&self) -> Result<Option<K>, Problem> {
        let Some(cursor) = &self.cursor else { return Ok(None) };
        let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| not_a_cursor())?;
        serde_json::from_slice(&bytes).map(Some).map_err(|_| not_a_cursor())
    }
}

impl<T> Page<T> {
    /// Makes a page of `rows`, which were asked for one more than `limit`; `key` is the sort key of a row.
    pub fn cut<K: Serialize>(mut rows: Vec<T>, limit: usize, key: impl Fn(&T) -> K) -> Self {
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor = match rows.last() {
            Some(last) if more => serde_json::to_vec(&key(last)).ok().map(|k| URL_SAFE_NO_PAD.encode(k)),
            _ => None,
        };
        Self { items: rows, next_cursor }
    }

    /// The same page of what each row is shown as.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(f).collect(), next_cursor: self.next_cursor }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: &[SortKey] = &[
        SortKey { name: "created_at", sql: "created_at", kind: SortKind::Time, descending: true },
        SortKey { name: "name", sql: "lower(name)", kind: SortKind::Text, descending: false },
    ];

    fn paging(limit: Option<u32>, cursor: Option<&str>) -> Paging {
        Paging { limit, cursor: cursor.map(str::to_owned), sort: None }
    }

    #[test]
    fn a_cursor_comes_back_as_its_key_and_junk_does_not() {
        let page = Page::cut(vec![3, 2, 1], 2, |n| (*n, "k"));
        assert_eq!(page.items, [3, 2]);
        let cursor = page.next_cursor.expect("a third row follows");
        assert_eq!(
            paging(None, Some(&cursor)).after::<(i32, String)>().expect("own cursor"),
            Some((2, "k".to_owned()))
        );
        assert!(paging(None, Some("%%%")).after::<(i32, String)>().is_err());
        assert!(paging(None, Some("e30")).after::<(i32, String)>().is_err());
        assert!(Page::cut(vec![3, 2], 2, |n| *n).next_cursor.is_none());
    }

    #[test]
    fn limits_are_bounded() {
        assert_eq!(paging(None, None).limit().expect("default"), 50);
        assert!(paging(Some(0), None).limit().is_err());
        assert!(paging(Some(201), None).limit().is_err());
    }

    #[test]
    fn an_order_is_one_the_list_offers_and_a_cursor_belongs_to_it() {
        let sorted = |sort: &str, cursor: Option<String>| {
            Paging { limit: None, cursor, sort: Some(sort.to_owned()) }.order(KEYS)
        };
        assert!(paging(None, None).order(KEYS).expect("own order").descending);
        assert!(!sorted("created_at", None).expect("the other way").descending);
        assert!(sorted("password_hash", None).is_err());
        let by_name = sorted("-name", None).expect("by name");
        let cursor = by_name.cursor(SortValue::Text("x".to_owned()), Uuid::nil());
        assert!(sorted("-name", cursor.clone()).expect("own cursor").after.is_some());
        assert!(sorted("name", cursor.clone()).is_err(), "a cursor of the other direction");
        assert!(paging(None, cursor.as_deref()).order(KEYS).is_err(), "a cursor of another order");
    }
}
