//! Cells of the files that people open in spreadsheets.

/// A text that a spreadsheet would run as a formula gets an apostrophe before it (OWASP, CSV injection). A plain phone number is none.
pub fn harmless(text: &str) -> String {
    let is_number = text.strip_prefix('+').is_some_and(|d| !d.is_empty() && d.bytes().all(|b| b.is_ascii_digit()));
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_number { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_texts() {
        for formula in ["=cmd|' /C calc'!A0", "+1+cmd", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "+"] {
            assert_eq!(harmless(formula), format!("'{formula}"));
        }
        for text in ["hello", "+14155550142", "a=b", ""] {
            assert_eq!(harmless(text), text);
        }
    }
}
