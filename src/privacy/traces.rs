//! How a person is recognised in other people's words: by number, e-mail address, id and full name. A first name alone is anybody's.

use std::fmt::Write;

use crate::{contacts::Traits, platform::ids::ContactId};

/// A pattern (Postgres' advanced regular expressions, to be used without regard to case) that finds the contact in a text.
pub(super) fn pattern(id: ContactId, traits: &Traits) -> String {
    let mut ways = vec![id.0.to_string(), number(&traits.phone_number)];
    if let Some(email) = traits.email.as_deref().filter(|email| !email.is_empty()) {
        ways.push(literal(email));
    }
    if let (Some(first), Some(last)) = (traits.first_name.as_deref(), traits.last_name.as_deref()) {
        let name = format!("{first} {last}");
        let words: Vec<String> = name.split_whitespace().map(literal).collect();
        if words.len() > 1 {
            ways.push(format!(r"(?<!\w){}(?!\w)", words.join(r"\s+")));
        }
    }
    ways.join("|")
}

/// A number however it is written: with or without its country code, with spaces, dots or brackets between the digits.
fn number(e164: &str) -> String {
    let digits: Vec<String> = e164.chars().filter(char::is_ascii_digit).map(String::from).collect();
    // Country codes have one to three digits; only that of North America is told from its length.
    let code = if digits.len() == 11 && digits[0] == "1" { 1 } else { 2 };
    let (code, rest) = digits.split_at(code);
    let gap = r"\D{0,3}";
    format!(r"(?<!\d)(?:\+?{}{gap})?0?{}(?!\d)", code.join(gap), rest.join(gap))
}

fn literal(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if !c.is_alphanumeric() && c != '_' {
            escaped.push('\\');
        }
        escaped.write_char(c).expect("a string");
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_type_is_no_pattern() {
        assert_eq!(literal("a.b+c@x.org"), r"a\.b\+c\@x\.org");
        assert_eq!(literal("Zoë_1"), "Zoë_1");
    }
}
