//! What may stand in the fields of a contact. Pure.

use std::collections::BTreeMap;

use super::model::Attributes;
use crate::platform::problem::{FieldError, Problem};

pub(super) const MOST_TAGS: usize = 20;
pub(super) const MOST_ATTRIBUTES: usize = 50;

/// Gathers what is wrong, field by field.
#[derive(Debug, Default)]
pub(super) struct Checks(Vec<FieldError>);

impl Checks {
    fn wrong(&mut self, field: &str, code: &'static str, message: impl Into<String>) {
        self.0.push(FieldError { field: field.to_owned(), code, message: message.into() });
    }

    /// Trimmed text of up to `most` characters; nothing where nothing is left.
    pub(super) fn text(&mut self, field: &str, text: Option<String>, most: usize) -> Option<String> {
        let text = text.map(|t| t.trim().to_owned()).filter(|t| !t.is_empty())?;
        if text.chars().count() > most {
            self.wrong(field, "invalid_length", format!("must have at most {most} characters"));
        }
        // Postgres cannot hold NUL, and nobody means it.
        if text.contains('\0') {
            self.wrong(field, "invalid_value", "holds a NUL character");
        }
        Some(text)
    }

    pub(super) fn email(&mut self, text: Option<String>) -> Option<String> {
        let email = self.text("email", text, 254)?;
        let right =
            email.split_once('@').is_some_and(|(who, at)| !who.is_empty() && at.contains('.') && !at.contains('@'));
        if !right || email.chars().any(|c| c.is_whitespace() || c.is_control()) {
            self.wrong("email", "invalid_email", "must be an e-mail address");
        }
        Some(email)
    }

    pub(super) fn timezone(&mut self, text: Option<String>) -> Option<String> {
        let name = text.map(|t| t.trim().to_owned()).filter(|t| !t.is_empty())?;
        match name.parse::<chrono_tz::Tz>() {
            Ok(zone) => Some(zone.name().to_owned()),
            Err(_) => {
                self.wrong("timezone", "invalid_timezone", "must be an IANA zone, such as America/New_York");
                None
            }
        }
    }

    /// Capitals, single spaces. That it exists nobody can say: there are codes of every country.
    pub(super) fn postal_code(&mut self, text: Option<String>) -> Option<String> {
        let code = self.text("postal_code", text, 12)?.to_uppercase();
        if !code.chars().all(|c| c.is_ascii_alphanumeric() || c == ' ' || c == '-') {
            self.wrong("postal_code", "invalid_value", "must be of letters, digits, spaces and hyphens");
        }
        Some(code.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// Lower case, each once, in the order given.
    pub(super) fn tags(&mut self, tags: Vec<String>) -> Vec<String> {
        let mut kept: Vec<String> = Vec::new();
        for tag in tags {
            let Some(tag) = self.text("tags", Some(tag.to_lowercase()), 40) else { continue };
            if !kept.contains(&tag) {
                kept.push(tag);
            }
        }
        if kept.len() > MOST_TAGS {
            self.wrong("tags", "too_many", format!("must be at most {MOST_TAGS}"));
        }
        kept
    }

    /// Attributes after a merge into `current`: null takes one out.
    pub(super) fn attributes(&mut self, mut current: Attributes, new: BTreeMap<String, Option<String>>) -> Attributes {
        for (name, value) in new {
            let Some(name) = self.text("custom", Some(name), 60) else {
                self.wrong("custom", "invalid_length", "names must not be empty");
                continue;
            };
            match value {
                Some(value) => {
                    let value = self.text("custom", Some(value), 500).unwrap_or_default();
                    current.insert(name, value);
                }
                None => {
                    current.remove(&name);
                }
            }
        }
        if current.len() > MOST_ATTRIBUTES {
            self.wrong("custom", "too_many", format!("must be at most {MOST_ATTRIBUTES}"));
        }
        current
    }

    pub(super) fn number(&mut self) {
        self.wrong("phone_number", "invalid_phone_number", "must be a phone number, such as +14155550101");
    }

    pub(super) fn into_errors(self) -> Vec<FieldError> {
        self.0
    }

    pub(super) fn finish(self) -> Result<(), Problem> {
        if self.0.is_empty() { Ok(()) } else { Err(Problem::invalid(self.0)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn fields_are_trimmed_and_what_is_wrong_is_named() {
        let mut checks = Checks::default();
        assert_eq!(checks.text("first_name", some("  Ana "), 80).as_deref(), Some("Ana"));
        assert_eq!(checks.text("first_name", some("   "), 80), None);
        assert_eq!(checks.email(some("ana@example.com ")).as_deref(), Some("ana@example.com"));
        assert_eq!(checks.timezone(some("Europe/Berlin")).as_deref(), Some("Europe/Berlin"));
        assert_eq!(checks.postal_code(some(" k1a  0b1 ")).as_deref(), Some("K1A 0B1"));
        assert_eq!(checks.postal_code(some("33101-1234")).as_deref(), Some("33101-1234"));
        assert_eq!(checks.tags(vec!["VIP ".to_owned(), "vip".to_owned(), " ".to_owned()]), ["vip"]);
        checks.finish().expect("nothing wrong");
        let mut checks = Checks::default();
        checks.text("notes", some("a\0b"), 80);
        checks.text("last_name", some(&"x".repeat(81)), 80);
        for email in ["ana", "@example.com", "ana@", "a@b", "a b@example.com", "a@b.c@d.e"] {
            checks.email(some(email));
        }
        checks.timezone(some("Mars/Olympus"));
        checks.postal_code(some("33101;"));
        checks.postal_code(some("3310112345678"));
        checks.tags((0..21).map(|n| n.to_string()).collect());
        let fields: Vec<String> = checks.0.iter().map(|e| e.field.clone()).collect();
        assert_eq!(
            fields,
            [
                "notes",
                "last_name",
                "email",
                "email",
                "email",
                "email",
                "email",
                "email",
                "timezone",
                "postal_code",
                "postal_code",
                "tags"
            ]
        );
    }

    #[test]
    fn attributes_are_merged_name_by_name() {
        let mut checks = Checks::default();
        let current = Attributes::from([("size".to_owned(), "L".to_owned()), ("dog".to_owned(), "Rex".to_owned())]);
        let new =
            BTreeMap::from([("size".to_owned(), some("M")), ("dog".to_owned(), None), ("car".to_owned(), some("red"))]);
        let merged = checks.attributes(current, new);
        assert_eq!(merged.into_iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>(), ["car=red", "size=M"]);
        let many = (0..51).map(|n| (n.to_string(), some("x"))).collect();
        checks.attributes(Attributes::new(), many);
        assert!(checks.finish().is_err());
    }
}
