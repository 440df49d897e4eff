//! The language of templates: read once into a tree, rendered once per recipient. Pure: it knows no row and no clock.
//!
//! ```text
//! Hi {{ first_name | default("there") }}, {business_name} here.
//! {% if tag("vip") and custom.plan == "gold" %}Your gold table is kept.{% elsif custom.plan %}…{% else %}…{% endif %}
//! ```
//!
//! There are no loops and nothing that could call out: a template costs what its length says. What is wrong with one is told with its
//! place. What is wrong with a recipient (a name that is not known) is told of that recipient, and nothing is sent to them.

mod dates;
mod parse;
mod readings;
mod render;
mod variants;

pub use parse::{LONGEST_SOURCE, SyntaxFault};
pub use readings::Usage;
pub use render::{Business, LONGEST_TEXT, Recipient, RenderFault};
pub use variants::{choose, spread};

use dates::Format;

/// A text with variables, as read. Cheap to render, free to share between threads.
#[derive(Clone, Debug, PartialEq)]
pub struct Body {
    nodes: Vec<Node>,
    /// Addresses in `link("…")`, in the order of the text.
    links: Vec<String>,
}

impl Body {
    /// Addresses in `link("…")`, in the order of the text. The recipient's own are given in [`Recipient::links`].
    pub fn links(&self) -> &[String] {
        &self.links
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Node {
    /// Never holds two opening braces in a row.
    Text(Box<str>),
    Value(Expression),
    /// By its place in [`Body::links`].
    Link(usize),
    /// The first arm whose condition holds; else the rest.
    If(Vec<(Condition, Vec<Node>)>, Vec<Node>),
}

#[derive(Clone, Debug, PartialEq)]
struct Expression {
    operand: Operand,
    filters: Vec<Filter>,
}

#[derive(Clone, Debug, PartialEq)]
enum Operand {
    Literal(Box<str>),
    Variable(Variable),
}

#[derive(Clone, Debug, PartialEq)]
enum Filter {
    /// In the place of a value that is missing.
    Default(Operand),
    Upper,
    Lower,
    /// Names as they are written: "ANA o'brien" as "Ana O'Brien".
    Title,
    /// A day or time as this says it.
    Moment(Format),
}

#[derive(Clone, Debug, PartialEq)]
enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    /// In lower case, as tags are kept.
    Tag(Box<str>),
    Present(Expression),
    Compare(Expression, Comparison, Expression),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Equal,
    NotEqual,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

/// What a template can name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Variable {
    FirstName,
    LastName,
    Email,
    PhoneNumber,
    Language,
    LifecycleStage,
    PostalCode,
    /// What the organization keeps besides, by its exact name.
    Custom(Box<str>),
    BusinessName,
    SupportPhoneNumber,
    /// The moment of rendering, in the recipient's zone.
    Now,
}

impl Variable {
    /// All that have a fixed name, with what they mean.
    pub const FIXED: [(Self, &'static str); 10] = [
        (Self::FirstName, "First name"),
        (Self::LastName, "Last name"),
        (Self::Email, "E-mail address"),
        (Self::PhoneNumber, "Phone number, such as +14155550101"),
        (Self::Language, "Language: en or es"),
        (Self::LifecycleStage, "Lifecycle stage, such as lead or customer"),
        (Self::PostalCode, "Postal code"),
        (Self::BusinessName, "Name of the organization"),
        (Self::SupportPhoneNumber, "Number to call for a person"),
        (Self::Now, "When the text is made; needs date or time: {{ now | date }}"),
    ];

    /// As templates write it.
    pub fn name(&self) -> String {
        match self {
            Self::Custom(key) if is_plain(key) => format!("custom.{key}"),
            Self::Custom(key) => format!("custom[\"{}\"]", key.replace('\\', "\\\\").replace('"', "\\\"")),
            other => other.fixed_name().to_owned(),
        }
    }

    fn fixed_name(&self) -> &'static str {
        match self {
            Self::FirstName => "first_name",
            Self::LastName => "last_name",
            Self::Email => "email",
            Self::PhoneNumber => "phone_number",
            Self::Language => "language",
            Self::LifecycleStage => "lifecycle_stage",
            Self::PostalCode => "postal_code",
            Self::Custom(_) => "custom",
            Self::BusinessName => "business_name",
            Self::SupportPhoneNumber => "support_phone_number",
            Self::Now => "now",
        }
    }

    /// The field of a contact; `custom.` and the very name of what is kept besides.
    pub fn field(&self) -> String {
        match self {
            Self::Custom(key) => format!("custom.{key}"),
            other => other.fixed_name().to_owned(),
        }
    }

    /// Whether it is the contact's, and may be unknown of one.
    pub fn is_of_contact(&self) -> bool {
        !matches!(self, Self::BusinessName | Self::SupportPhoneNumber | Self::Now | Self::PhoneNumber)
    }

    fn fixed(name: &str) -> Option<Self> {
        let known = match name {
            "organization_name" => "business_name",
            "support_number" => "support_phone_number",
            "phone" => "phone_number",
            name => name,
        };
        Self::FIXED.into_iter().map(|(variable, _)| variable).find(|variable| variable.fixed_name() == known)
    }
}

/// Whether a custom name can stand after a dot.
fn is_plain(key: &str) -> bool {
    let mut characters = key.chars();
    characters.next().is_some_and(is_name_start) && characters.all(is_name_part)
}

fn is_name_start(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

fn is_name_part(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests;
