//! What people type into forms of accounts, checked field by field.

use chrono_tz::Tz;

use crate::platform::{phone::PhoneNumber, problem::Problem};

/// Trimmed, 1 to `most` characters, in one line.
pub(super) fn line(field: &str, text: &str, most: usize) -> Result<String, Problem> {
    let text = text.trim();
    if !(1..=most).contains(&text.chars().count()) {
        return Err(Problem::invalid_field(field, "invalid_length", format!("must have 1 to {most} characters")));
    }
    if text.chars().any(char::is_control) {
        return Err(Problem::invalid_field(field, "invalid", "must be one line of text"));
    }
    Ok(text.to_owned())
}

/// A name to sign in with. Never looks like an e-mail address, so that nobody can take another's way in.
pub(super) fn username(field: &str, text: &str) -> Result<String, Problem> {
    let name = text.trim();
    let fits = (3..=60).contains(&name.chars().count())
        && name.chars().all(|c| c.is_alphanumeric() || "._-".contains(c))
        && name.starts_with(char::is_alphanumeric);
    if fits {
        return Ok(name.to_owned());
    }
    Err(Problem::invalid_field(field, "invalid", "must be 3 to 60 letters, digits, dots, dashes or underscores"))
}

/// An e-mail address as far as it can be told without writing to it.
pub(super) fn email(field: &str, text: &str) -> Result<String, Problem> {
    let address = line(field, text, 254)?;
    let plain = !address.chars().any(char::is_whitespace);
    let real = |host: &str| host.contains('.') && !host.starts_with('.') && !host.ends_with('.') && !host.contains('@');
    match address.split_once('@') {
        Some((who, host)) if plain && !who.is_empty() && real(host) => Ok(address),
        _ => Err(Problem::invalid_field(field, "invalid", "must be an e-mail address")),
    }
}

/// What somebody typed to be known by.
pub(super) fn login(field: &str, text: &str) -> Result<(), Problem> {
    if text.chars().count() > 254 || text.contains('\0') {
        return Err(Problem::invalid_field(field, "invalid", "is neither a user name nor an e-mail address"));
    }
    Ok(())
}

/// A code of the second factor, or a recovery code.
pub(super) fn code(text: Option<&str>) -> Result<Option<&str>, Problem> {
    match text {
        Some(text) if text.chars().count() > 100 => {
            Err(Problem::invalid_field("code", "too_long", "must have at most 100 characters"))
        }
        other => Ok(other),
    }
}

pub(super) fn timezone(field: &str, text: &str) -> Result<String, Problem> {
    match text.trim().parse::<Tz>() {
        Ok(zone) => Ok(zone.name().to_owned()),
        Err(_) => Err(Problem::invalid_field(field, "unknown", "must be an IANA zone, such as America/New_York")),
    }
}

pub(super) fn phone_number(field: &str, text: &str) -> Result<String, Problem> {
    match PhoneNumber::parse_typed(text, "US") {
        Ok(number) => Ok(number.as_str().to_owned()),
        Err(error) => Err(Problem::invalid_field(field, "invalid", error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_user_names_cannot_be_mistaken_for_each_other() {
        for good in ["ann@example.com", " Ann.Lee+desk@mail.example.co.uk "] {
            assert!(email("email", good).is_ok(), "{good}");
            assert!(username("username", good).is_err(), "{good}");
        }
        for bad in ["", "ann", "@example.com", "ann@", "ann@b", "a b@example.com", "a@b@example.com", "a\0@example.com"]
        {
            assert!(email("email", bad).is_err(), "{bad:?}");
        }
        assert_eq!(username("username", " zoë.m-2_x ").expect("a name"), "zoë.m-2_x");
    }
}
