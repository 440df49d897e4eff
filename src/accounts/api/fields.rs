//! What people write about themselves, checked the same in every body.

use crate::platform::problem::Problem;

pub(super) fn login(field: &str, text: &str) -> Result<(), Problem> {
    if text.chars().count() > 254 || text.contains('\0') {
        return Err(Problem::invalid_field(field, "invalid", "is neither a user name nor an e-mail address"));
    }
    Ok(())
}

pub(super) fn code(text: Option<&str>) -> Result<Option<&str>, Problem> {
    match text {
        Some(text) if text.chars().count() > 100 => {
            Err(Problem::invalid_field("code", "too_long", "must have at most 100 characters"))
        }
        other => Ok(other),
    }
}

/// A text on one line, trimmed.
pub(super) fn line<'a>(field: &str, text: &'a str, most: usize) -> Result<&'a str, Problem> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Problem::invalid_field(field, "required", "must not be empty"));
    }
    if text.chars().count() > most {
        return Err(Problem::invalid_field(field, "too_long", format!("must have at most {most} characters")));
    }
    if text.chars().any(char::is_control) {
        return Err(Problem::invalid_field(field, "invalid", "must be one line of text"));
    }
    Ok(text)
}

/// Never like an address, so that nobody's name can be another's address.
pub(super) fn username(text: &str) -> Result<&str, Problem> {
    let text = text.trim();
    let fits = (3..=60).contains(&text.chars().count())
        && text.chars().all(|c| c.is_alphanumeric() || "._-".contains(c))
        && text.starts_with(char::is_alphanumeric);
    if fits {
        return Ok(text);
    }
    Err(Problem::invalid_field("username", "invalid", "must be 3 to 60 letters, digits, dots, dashes or underscores"))
}

/// Loosely: whether an address is anybody's only a message to it can tell.
pub(super) fn email(text: &str) -> Result<&str, Problem> {
    let text = text.trim();
    let parts = text.split_once('@').filter(|(name, host)| {
        !name.is_empty() && host.contains('.') && !host.starts_with('.') && !host.ends_with('.') && !host.contains('@')
    });
    let plain = text.chars().count() <= 254 && !text.chars().any(|c| c.is_whitespace() || c.is_control());
    if parts.is_some() && plain {
        return Ok(text);
    }
    Err(Problem::invalid_field("email", "invalid", "is not an e-mail address"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_never_addresses() {
        for good in ["vera", "vera.brown", "o_2-x", "Žofie"] {
            assert_eq!(username(good).ok(), Some(good));
        }
        for bad in ["", "ab", "vera@example.com", "vera brown", ".vera", "a\0bc", &"x".repeat(61)] {
            assert!(username(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn addresses_have_a_name_and_a_host() {
        for good in ["a@b.co", "vera.brown+desk@mail.example.com"] {
            assert_eq!(email(&format!(" {good} ")).ok(), Some(good));
        }
        for bad in ["", "a", "a@b", "@b.co", "a@.co", "a@b.", "a@b@c.co", "a b@c.co", "a\0@b.co"] {
            assert!(email(bad).is_err(), "{bad}");
        }
    }
}
