//! Texts that people send in a request body, checked in one way.

use super::problem::Problem;

/// The text without what surrounds it, of 1 to `most` characters.
pub fn checked(field: &str, text: &str, most: usize) -> Result<String, Problem> {
    let text = text.trim();
    if !(1..=most).contains(&text.chars().count()) {
        let message = format!("must have 1 to {most} characters");
        return Err(Problem::invalid_field(field, "invalid_length", message));
    }
    if text.contains('\0') {
        return Err(Problem::invalid_field(field, "invalid", "holds a character that cannot be stored"));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_trimmed_and_have_a_length() {
        assert_eq!(checked("body", " ñandú \n", 5).expect("fits"), "ñandú");
        for bad in ["", "   ", "123456", "a\0b"] {
            assert!(checked("body", bad, 5).is_err(), "{bad:?}");
        }
    }
}
