//! Filters read: what is written becomes what can be asked of the database, or is refused with its place. Pure.

use chrono::NaiveDate;
use serde_json::Value;
use uuid::Uuid;

use super::{Filter, FilterOp as Op};
use crate::{
    contacts::model::{LifecycleStage, OptInStatus},
    platform::{phone::PhoneNumber, problem::FieldError},
};

const DEEPEST: usize = 3;
const MOST_CONDITIONS: usize = 50;
const MOST_LISTED: usize = 10_000;
/// Of the other lists.
const MOST_VALUES: usize = 100;
/// Ten years and leap days.
const MOST_DAYS: i64 = 3_660;
const MOST_TIMES: i64 = 100_000;

/// A filter that can be asked of the database.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::contacts) enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
    Condition(Condition),
}

#[derive(Clone, Debug, PartialEq)]
pub(in crate::contacts) enum Condition {
    Text(TextField, Vec<String>),
    Set(TextField),
    PostalPrefix(Vec<String>),
    Tags(Vec<String>),
    Custom(String, Vec<String>),
    CustomSet(String),
    CustomContains(String, String),
    CustomLess(String, f64),
    CustomGreater(String, f64),
    Created(Moment),
    /// Done at all, or since so many days ago.
    Did(Activity, Option<i32>),
    Times(Activity, i32),
    Import(Uuid),
    Ids(Vec<Uuid>),
    Numbers(Vec<String>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::contacts) enum TextField {
    LifecycleStage,
    OptInStatus,
    Language,
    Timezone,
    PostalCode,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::contacts) enum Moment {
    DaysAgo(i32),
    /// From the beginning of this day on, by the organization's calendar.
    Since(NaiveDate),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::contacts) enum Activity {
    Texted,
    Heard,
    Booked,
    Visited,
    NoShow,
    Cancelled,
    Clicked,
}

/// Reads a filter, or says all that is wrong with it.
pub(in crate::contacts) fn parse(filter: &Filter) -> Result<Node, Vec<FieldError>> {
    let mut reader = Reader::default();
    let node = reader.node(filter, "filter", 0);
    if reader.conditions > MOST_CONDITIONS {
        reader.wrong::<()>("filter", "too_many", format!("must be of at most {MOST_CONDITIONS} conditions"));
    }
    match node {
        Some(node) if reader.errors.is_empty() => Ok(node),
        _ => Err(reader.errors),
    }
}

#[derive(Default)]
struct Reader {
    errors: Vec<FieldError>,
    conditions: usize,
    listed: usize,
}

/// A condition, and whether it is meant the other way round.
type Meant = (Condition, bool);

impl Reader {
    fn wrong<T>(&mut self, place: &str, code: &'static str, message: impl Into<String>) -> Option<T> {
        // A body may hold thousands of mistakes; the first dozens are enough.
        if self.errors.len() < 50 {
            self.errors.push(FieldError { field: place.to_owned(), code, message: message.into() });
        }
        None
    }

    fn node(&mut self, filter: &Filter, place: &str, depth: usize) -> Option<Node> {
        match filter {
            Filter { all: Some(parts), any: None, not: None, field: None, op: None, value: None } => {
                self.parts(parts, &format!("{place}.all"), depth).map(Node::All)
            }
            Filter { all: None, any: Some(parts), not: None, field: None, op: None, value: None } => {
                if parts.is_empty() {
                    return self.wrong(&format!("{place}.any"), "required", "must hold a condition");
                }
                self.parts(parts, &format!("{place}.any"), depth).map(Node::Any)
            }
            Filter { all: None, any: None, not: Some(part), field: None, op: None, value: None } => {
                self.deeper(place, depth)?;
                self.node(part, &format!("{place}.not"), depth + 1).map(|node| Node::Not(Box::new(node)))
            }
            Filter { all: None, any: None, not: None, field: Some(field), op: Some(op), value } => {
                self.conditions += 1;
                let (condition, negated) = self.condition(place, field, *op, value.as_ref())?;
                let node = Node::Condition(condition);
                Some(if negated { Node::Not(Box::new(node)) } else { node })
            }
            _ => self.wrong(place, "invalid_value", "must be all, any or not, or a condition of field, op and value"),
        }
    }

    /// Lists and negations lie at most three in one another; the conditions in the innermost do not count.
    fn deeper(&mut self, place: &str, depth: usize) -> Option<()> {
        if depth < DEEPEST {
            return Some(());
        }
        self.wrong(place, "too_deep", format!("must be nested at most {DEEPEST} deep"))
    }

    fn parts(&mut self, parts: &[Filter], place: &str, depth: usize) -> Option<Vec<Node>> {
        self.deeper(place, depth)?;
        if parts.len() > MOST_CONDITIONS {
            return self.wrong(place, "too_many", format!("must be at most {MOST_CONDITIONS}"));
        }
        let nodes: Vec<Option<Node>> =
            parts.iter().enumerate().map(|(n, part)| self.node(part, &format!("{place}[{n}]"), depth + 1)).collect();
        nodes.into_iter().collect()
    }

    fn condition(&mut self, place: &str, field: &str, op: Op, value: Option<&Value>) -> Option<Meant> {
        let at = format!("{place}.value");
        let without_value = matches!(op, Op::IsSet | Op::IsNotSet | Op::Ever | Op::Never);
        if without_value && value.is_some_and(|v| !v.is_null()) {
            return self.wrong(&at, "invalid_value", "must not be there");
        }
        let value = value.unwrap_or(&Value::Null);
        let negated = matches!(op, Op::IsNot | Op::IsNotSet | Op::HasNone | Op::NotWithinDays | Op::Never);
        let condition = if let Some(name) = field.strip_prefix("custom.") {
            self.custom(place, name.trim(), op, value)
        } else {
            match field {
                "lifecycle_stage" => self.text(place, TextField::LifecycleStage, op, value),
                "opt_in_status" => self.text(place, TextField::OptInStatus, op, value),
                "language" => self.text(place, TextField::Language, op, value),
                "timezone" => self.text(place, TextField::Timezone, op, value),
                "postal_code" => self.text(place, TextField::PostalCode, op, value),
                "tags" if matches!(op, Op::HasAny | Op::HasNone) => {
                    let tags = self.texts(&at, value, 40)?;
                    Some(Condition::Tags(tags.into_iter().map(|tag| tag.to_lowercase()).collect()))
                }
                "created" => return self.created(place, op, value),
                "texted" => self.activity(place, Activity::Texted, op, value),
                "heard" => self.activity(place, Activity::Heard, op, value),
                "booked" => self.activity(place, Activity::Booked, op, value),
                "visited" => self.activity(place, Activity::Visited, op, value),
                "no_show" => self.activity(place, Activity::NoShow, op, value),
                "cancelled" => self.activity(place, Activity::Cancelled, op, value),
                "clicked" => self.activity(place, Activity::Clicked, op, value),
                "import" if op == Op::Is => match value.as_str().and_then(|text| text.trim().parse().ok()) {
                    Some(id) => Some(Condition::Import(id)),
                    None => self.wrong(&at, "invalid_value", "must be the id of a list that was brought in"),
                },
                "id" if op == Op::Is => self.ids(&at, value),
                "phone_number" if op == Op::Is => self.numbers(&at, value),
                "tags" | "import" | "id" | "phone_number" => self.not_so(place, field),
                _ => self.wrong(&format!("{place}.field"), "invalid_value", "is not a field that can be asked for"),
            }
        };
        condition.map(|condition| (condition, negated))
    }

    fn not_so<T>(&mut self, place: &str, field: &str) -> Option<T> {
        self.wrong(&format!("{place}.op"), "invalid_value", format!("cannot be asked of {field}"))
    }

    fn text(&mut self, place: &str, field: TextField, op: Op, value: &Value) -> Option<Condition> {
        let at = format!("{place}.value");
        let nullable = !matches!(field, TextField::LifecycleStage | TextField::OptInStatus);
        match op {
            Op::IsSet | Op::IsNotSet if nullable => return Some(Condition::Set(field)),
            Op::Is | Op::IsNot => {}
            Op::BeginsWith if field == TextField::PostalCode => {}
            _ => return self.not_so(place, field.column()),
        }
        let texts = self.texts(&at, value, 60)?;
        let known = |text: &String| match field {
            TextField::LifecycleStage => serde_json::from_value::<LifecycleStage>(text.as_str().into()).is_ok(),
            TextField::OptInStatus => serde_json::from_value::<OptInStatus>(text.as_str().into()).is_ok(),
            TextField::Language => ["en", "es"].contains(&text.as_str()),
            TextField::Timezone => text.parse::<chrono_tz::Tz>().is_ok(),
            TextField::PostalCode => {
                text.len() <= 12 && text.chars().all(|c| c.is_ascii_alphanumeric() || c == ' ' || c == '-')
            }
        };
        if let Some(unknown) = texts.iter().find(|text| !known(text)) {
            return self.wrong(&at, "invalid_value", format!("{unknown:?} is not a value of {}", field.column()));
        }
        if field == TextField::PostalCode {
            let codes = texts.iter().map(|code| code.to_uppercase()).collect();
            return Some(if op == Op::BeginsWith {
                Condition::PostalPrefix(codes)
            } else {
                Condition::Text(field, codes)
            });
        }
        Some(Condition::Text(field, texts))
    }

    fn custom(&mut self, place: &str, name: &str, op: Op, value: &Value) -> Option<Condition> {
        if name.is_empty() || name.chars().count() > 60 || name.contains('\0') {
            return self.wrong(
                &format!("{place}.field"),
                "invalid_length",
                "must name an attribute of 1 to 60 characters",
            );
        }
        let (at, name) = (format!("{place}.value"), name.to_owned());
        match op {
            Op::IsSet | Op::IsNotSet => Some(Condition::CustomSet(name)),
            Op::Is | Op::IsNot => Some(Condition::Custom(name, self.texts(&at, value, 500)?)),
            Op::Contains => {
                let texts = self.texts(&at, value, 500)?;
                match <[String; 1]>::try_from(texts) {
                    Ok([text]) => Some(Condition::CustomContains(name, text)),
                    Err(_) => self.wrong(&at, "invalid_value", "must be one text"),
                }
            }
            Op::Less | Op::Greater => {
                let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok());
                match number.filter(|n| n.is_finite()) {
                    Some(number) if op == Op::Less => Some(Condition::CustomLess(name, number)),
                    Some(number) => Some(Condition::CustomGreater(name, number)),
                    None => self.wrong(&at, "invalid_value", "must be a number"),
                }
            }
            _ => self.not_so(place, "an attribute"),
        }
    }

    fn created(&mut self, place: &str, op: Op, value: &Value) -> Option<Meant> {
        let at = format!("{place}.value");
        match op {
            Op::WithinDays | Op::NotWithinDays => {
                let days = self.whole(&at, value, MOST_DAYS)?;
                Some((Condition::Created(Moment::DaysAgo(days)), op == Op::NotWithinDays))
            }
            Op::Before | Op::Since => {
                let date = value.as_str().and_then(|text| NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d").ok());
                // Postgres's calendar is wider; nobody means a year of five digits.
                match date.filter(|date| (1900..=9999).contains(&chrono::Datelike::year(date))) {
                    Some(date) => Some((Condition::Created(Moment::Since(date)), op == Op::Before)),
                    None => self.wrong(&at, "invalid_date", "must be a date such as 2026-11-21"),
                }
            }
            _ => self.not_so(place, "created"),
        }
    }

    fn activity(&mut self, place: &str, activity: Activity, op: Op, value: &Value) -> Option<Condition> {
        let at = format!("{place}.value");
        match op {
            Op::Ever | Op::Never => Some(Condition::Did(activity, None)),
            Op::WithinDays | Op::NotWithinDays => {
                Some(Condition::Did(activity, Some(self.whole(&at, value, MOST_DAYS)?)))
            }
            Op::AtLeast if !matches!(activity, Activity::Texted | Activity::Heard) => {
                Some(Condition::Times(activity, self.whole(&at, value, MOST_TIMES)?))
            }
            _ => self.not_so(place, "it"),
        }
    }

    fn whole(&mut self, place: &str, value: &Value, most: i64) -> Option<i32> {
        let number = value.as_i64().filter(|n| (1..=most).contains(n)).and_then(|n| i32::try_from(n).ok());
        number.or_else(|| self.wrong(place, "out_of_range", format!("must be a whole number from 1 to {most}")))
    }

    /// One text or a list of them, trimmed, none empty.
    fn texts(&mut self, place: &str, value: &Value, longest: usize) -> Option<Vec<String>> {
        let listed = match value {
            Value::Array(list) => list.iter().collect(),
            one => vec![one],
        };
        if listed.is_empty() || listed.len() > MOST_VALUES {
            return self.wrong(place, "invalid_length", format!("must be 1 to {MOST_VALUES} texts"));
        }
        let mut texts = Vec::with_capacity(listed.len());
        for one in listed {
            let text = match one {
                Value::String(text) => text.trim().to_owned(),
                Value::Number(number) => number.to_string(),
                _ => String::new(),
            };
            if text.is_empty() || text.chars().count() > longest || text.contains('\0') {
                return self.wrong(place, "invalid_value", format!("must be of texts of 1 to {longest} characters"));
            }
            texts.push(text);
        }
        Some(texts)
    }

    /// Emptied by an erasure it means nobody.
    fn listed<T>(
        &mut self,
        place: &str,
        value: &Value,
        what: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Option<Vec<T>> {
        let list = match value {
            Value::Array(list) => list.as_slice(),
            one => std::slice::from_ref(one),
        };
        self.listed += list.len();
        if self.listed > MOST_LISTED {
            return self.wrong(place, "too_many", format!("must be at most {MOST_LISTED} in all"));
        }
        let mut read_ones = Vec::with_capacity(list.len());
        for (n, one) in list.iter().enumerate() {
            match one.as_str().and_then(|text| read(text.trim())) {
                Some(one) => read_ones.push(one),
                None => return self.wrong(&format!("{place}[{n}]"), "invalid_value", format!("must be {what}")),
            }
        }
        Some(read_ones)
    }

    fn ids(&mut self, place: &str, value: &Value) -> Option<Condition> {
        self.listed(place, value, "the id of a contact", |text| text.parse().ok()).map(Condition::Ids)
    }

    fn numbers(&mut self, place: &str, value: &Value) -> Option<Condition> {
        let read = |text: &str| PhoneNumber::parse_e164(text).ok().map(|number| number.as_str().to_owned());
        self.listed(place, value, "a number such as +14155550101", read).map(Condition::Numbers)
    }
}

impl TextField {
    pub(in crate::contacts) const fn column(self) -> &'static str {
        match self {
            Self::LifecycleStage => "lifecycle_stage",
            Self::OptInStatus => "opt_in_status",
            Self::Language => "language",
            Self::Timezone => "timezone",
            Self::PostalCode => "postal_code",
        }
    }
}
