//! From tree to text, for one recipient. Nothing is sent of which a part is missing.

use std::{borrow::Cow, collections::BTreeMap};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::{Body, Comparison, Condition, Expression, Filter, Node, Operand, Variable, dates::Moment};

/// Most characters of a text.
pub const LONGEST_TEXT: usize = 1600;

/// What is the same for all recipients.
#[derive(Clone, Copy, Debug)]
pub struct Business<'a> {
    pub name: &'a str,
    pub support_phone_number: Option<&'a str>,
    /// Of recipients who have none of their own.
    pub zone: Tz,
    pub now: DateTime<Utc>,
}

/// Whom a text is for, and what is known of them.
#[derive(Clone, Copy, Debug)]
pub struct Recipient<'a> {
    pub business: &'a Business<'a>,
    pub first_name: Option<&'a str>,
    pub last_name: Option<&'a str>,
    pub email: Option<&'a str>,
    pub phone_number: &'a str,
    /// en or es.
    pub language: Option<&'a str>,
    pub lifecycle_stage: &'a str,
    pub postal_code: Option<&'a str>,
    /// IANA zone.
    pub timezone: Option<&'a str>,
    /// In lower case.
    pub tags: &'a [String],
    pub custom: &'a BTreeMap<String, String>,
    /// In the place of the addresses in `link("…")`, in their order; where there is none, the address itself is written.
    pub links: &'a [String],
}

/// Why there is no text for a recipient.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RenderFault {
    #[error("{0} is not known, and the template gives no default")]
    MissingVariable(String),
    #[error("{0} is not a date or time that can be read")]
    NotADate(String),
    #[error("the text has more than {LONGEST_TEXT} characters")]
    TooLong,
    #[error("nothing is left of the text")]
    Empty,
    /// Braces that values bring along: another program failed to fill them in.
    #[error("braces that nobody filled in are left in the text")]
    Unresolved,
    /// By WhatsApp: what fills its approved template does not fit in.
    #[error("the WhatsApp template {0}")]
    Content(String),
}

impl RenderFault {
    /// For programs; stored with the recipient.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::MissingVariable(_) => "missing_variable",
            Self::NotADate(_) => "not_a_date",
            Self::TooLong => "text_too_long",
            Self::Empty => "empty_text",
            Self::Unresolved => "unresolved_braces",
            Self::Content(_) => "whatsapp_template",
        }
    }
}

impl Body {
    /// Writes the text into `out`, which is emptied first and may be used again and again.
    pub fn render(&self, who: &Recipient<'_>, out: &mut String) -> Result<(), RenderFault> {
        out.clear();
        Renderer { body: self, who, reading: None }.nodes(&self.nodes, out)?;
        out.truncate(out.trim_end().len());
        let leading = out.len() - out.trim_start().len();
        out.drain(..leading);
        // A character is a byte at least.
        if out.len() > LONGEST_TEXT && out.chars().count() > LONGEST_TEXT {
            return Err(RenderFault::TooLong);
        }
        if out.is_empty() {
            return Err(RenderFault::Empty);
        }
        if unfilled(out) { Err(RenderFault::Unresolved) } else { Ok(()) }
    }
}

fn unfilled(text: &str) -> bool {
    text.contains("{{") || text.contains("{%")
}

/// A text that a template can become, whoever it is for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    /// Nothing is known of the contact: defaults are used.
    pub unknown: bool,
}

pub(super) struct Renderer<'a> {
    pub body: &'a Body,
    pub who: &'a Recipient<'a>,
    pub reading: Option<Reading>,
}

/// What a variable holds, on its way through the filters.
enum Value<'a> {
    Text(Cow<'a, str>),
    Instant(DateTime<Utc>),
    Missing,
    NotADate,
}

impl<'a> Renderer<'a> {
    pub(super) fn nodes(&self, nodes: &'a [Node], out: &mut String) -> Result<(), RenderFault> {
        for node in nodes {
            match node {
                Node::Text(text) => out.push_str(text),
                Node::Link(place) => {
                    let own = self.who.links.get(*place).or_else(|| self.body.links.get(*place));
                    out.push_str(own.map_or("", |link| link));
                }
                Node::Value(expression) => match self.value(expression) {
                    Value::Text(text) => out.push_str(&text),
                    Value::Missing | Value::Instant(_) if self.reading.is_some() => out.push_str("Ana"),
                    Value::NotADate if self.reading.is_some() => out.push_str("Friday"),
                    Value::NotADate => return Err(RenderFault::NotADate(expression.named())),
                    Value::Missing | Value::Instant(_) => {
                        return Err(RenderFault::MissingVariable(expression.named()));
                    }
                },
                Node::If(arms, rest) => self.nodes(self.arm(arms).unwrap_or(rest), out)?,
            }
        }
        Ok(())
    }

    fn arm(&self, arms: &'a [(Condition, Vec<Node>)]) -> Option<&'a Vec<Node>> {
        arms.iter().find(|(condition, _)| self.holds(condition)).map(|(_, nodes)| nodes)
    }

    fn zone(&self) -> Tz {
        self.who.timezone.and_then(|zone| zone.parse().ok()).unwrap_or(self.who.business.zone)
    }

    fn operand(&self, operand: &'a Operand) -> Value<'a> {
        let variable = match operand {
            Operand::Literal(text) => return Value::Text(Cow::Borrowed(text)),
            Operand::Variable(variable) => variable,
        };
        if self.reading.is_some_and(|reading| reading.unknown && variable.is_of_contact()) {
            return Value::Missing;
        }
        let who = self.who;
        let known = match variable {
            Variable::FirstName => who.first_name,
            Variable::LastName => who.last_name,
            Variable::Email => who.email,
            Variable::PhoneNumber => Some(who.phone_number),
            Variable::Language => who.language,
            Variable::LifecycleStage => Some(who.lifecycle_stage),
            Variable::PostalCode => who.postal_code,
            Variable::Custom(key) => who.custom.get(&**key).map(String::as_str),
            Variable::BusinessName => Some(who.business.name),
            Variable::SupportPhoneNumber => who.business.support_phone_number,
            Variable::Now => return Value::Instant(who.business.now),
        };
        // "Hi {{first_name}}" as a name is what another program did not fill in.
        match known.map(str::trim) {
            Some(text) if !text.is_empty() && !unfilled(text) => Value::Text(Cow::Borrowed(text)),
            _ => Value::Missing,
        }
    }

    fn value(&self, expression: &'a Expression) -> Value<'a> {
        let start = self.operand(&expression.operand);
        expression.filters.iter().fold(start, |value, filter| self.filtered(value, filter))
    }

    fn filtered(&self, value: Value<'a>, filter: &'a Filter) -> Value<'a> {
        match (filter, value) {
            (Filter::Default(operand), Value::Missing | Value::NotADate) => self.operand(operand),
            (Filter::Upper, Value::Text(text)) => Value::Text(text.to_uppercase().into()),
            (Filter::Lower, Value::Text(text)) => Value::Text(text.to_lowercase().into()),
            (Filter::Title, Value::Text(text)) => Value::Text(titled(&text).into()),
            (Filter::Moment(format), value @ (Value::Text(_) | Value::Instant(_))) => {
                let moment = match value {
                    Value::Instant(instant) => Some(Moment::at(instant, self.zone())),
                    Value::Text(text) => Moment::read(&text, self.zone()),
                    Value::Missing | Value::NotADate => None,
                };
                let (mut out, spanish) = (String::new(), self.who.language == Some("es"));
                let written = moment.is_some_and(|moment| format.write(moment, spanish, &mut out));
                if written { Value::Text(out.into()) } else { Value::NotADate }
            }
            (_, value) => value,
        }
    }

    fn text(&self, expression: &'a Expression) -> Option<Cow<'a, str>> {
        match self.value(expression) {
            Value::Text(text) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    fn holds(&self, condition: &'a Condition) -> bool {
        match condition {
            Condition::All(all) => all.iter().all(|one| self.holds(one)),
            Condition::Any(any) => any.iter().any(|one| self.holds(one)),
            Condition::Not(one) => !self.holds(one),
            Condition::Tag(tag) => self.who.tags.iter().any(|own| **own == **tag),
            Condition::Present(expression) => self.text(expression).is_some(),
            Condition::Compare(left, comparison, right) => {
                compares(self.text(left).as_deref(), *comparison, self.text(right).as_deref())
            }
        }
    }
}

impl Expression {
    fn named(&self) -> String {
        match &self.operand {
            Operand::Variable(variable) => variable.name(),
            Operand::Literal(text) => format!("\u{201c}{text}\u{201d}"),
        }
    }
}

/// Numbers by their worth, other texts letter by letter whatever their case, so that days as 2026-12-01 come in their order. What is not
/// known differs from everything, and is neither less nor more.
fn compares(left: Option<&str>, comparison: Comparison, right: Option<&str>) -> bool {
    let (Some(left), Some(right)) = (left, right) else {
        return comparison == Comparison::NotEqual && (left.is_some() || right.is_some());
    };
    let order = match (number(left), number(right)) {
        (Some(left), Some(right)) => left.total_cmp(&right),
        _ => lower(left).cmp(lower(right)),
    };
    match comparison {
        Comparison::Equal => order.is_eq(),
        Comparison::NotEqual => order.is_ne(),
        Comparison::Less => order.is_lt(),
        Comparison::AtMost => order.is_le(),
        Comparison::Greater => order.is_gt(),
        Comparison::AtLeast => order.is_ge(),
    }
}

fn lower(text: &str) -> impl Iterator<Item = char> {
    text.trim().chars().flat_map(char::to_lowercase)
}

fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    let plain = text.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '.');
    // Both zeros are one.
    text.parse().ok().filter(|n: &f64| plain && n.is_finite()).map(|n| n + 0.0)
}

/// Each word with a capital, but words that mix cases as they are: McDonald.
fn titled(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for piece in text.split_inclusive([' ', '-', '\t', '\n']) {
        let mixed = piece.starts_with(char::is_uppercase)
            && piece.chars().skip(1).any(char::is_uppercase)
            && piece.chars().any(char::is_lowercase);
        if mixed {
            out.push_str(piece);
            continue;
        }
        let mut word = 0;
        let mut rest = piece.chars().peekable();
        while let Some(c) = rest.next() {
            match word {
                0 => out.extend(c.to_uppercase()),
                _ => out.extend(c.to_lowercase()),
            }
            word = match c {
                // O'Brien, but Mom's.
                '\'' | '\u{2019}' if rest.clone().take_while(|c| c.is_alphabetic()).count() > 1 => 0,
                c if c.is_alphabetic() => 1,
                _ => word,
            };
        }
    }
    out
}

impl<'a> Recipient<'a> {
    /// Somebody of whom only the number is known.
    pub fn nobody(business: &'a Business<'a>, nothing: &'a BTreeMap<String, String>) -> Self {
        Self {
            business,
            first_name: None,
            last_name: None,
            email: None,
            phone_number: "+14155550101",
            language: None,
            lifecycle_stage: "lead",
            postal_code: None,
            timezone: None,
            tags: &[],
            custom: nothing,
            links: &[],
        }
    }
}
