//! Lists of numbers as people have them: CSV with or without a header, numbers in any spelling. Pure.

use serde::Serialize;

use crate::platform::phone::PhoneNumber;

/// Most rows of one list.
pub(super) const MAX_ROWS: usize = 10_000;

/// Names of the column that holds the number.
const NUMBER_COLUMNS: [&str; 14] = [
    "phone",
    "phone_number",
    "phone number",
    "phonenumber",
    "number",
    "mobile",
    "mobile number",
    "cell",
    "cell phone",
    "telephone",
    "tel",
    "msisdn",
    "e164",
    "to",
];
/// Names of the column that says why.
const NOTE_COLUMNS: [&str; 5] = ["reason", "note", "notes", "comment", "why"];
/// Longest note kept of a row, in characters.
const MAX_NOTE: usize = 500;

/// What becomes of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum RowVerdict {
    /// On the block list from now on.
    Added,
    /// It was there, by staff or another list.
    AlreadyThere,
    /// It stands in this list further up.
    Repeated,
    /// No phone number is to be seen in it.
    Invalid,
}

/// One row that has something in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ReadRow {
    /// Counted from 1, header and blank lines included.
    pub line: u64,
    /// What stands where the number should.
    pub text: String,
    pub number: Option<PhoneNumber>,
    pub note: Option<String>,
}

/// Why nothing is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum ReadError {
    #[error("has more than {MAX_ROWS} rows")]
    TooManyRows,
    #[error("holds no rows")]
    Empty,
    #[error("is not CSV")]
    NotCsv,
}

/// Reads a list. Numbers without a country code are `region`'s.
pub(super) fn read(text: &str, region: &str) -> Result<Vec<ReadRow>, ReadError> {
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .delimiter(delimiter(text))
        .from_reader(text.as_bytes());
    let mut columns: Option<(usize, Option<usize>)> = None;
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|_| ReadError::NotCsv)?;
        if record.iter().all(str::is_empty) {
            continue;
        }
        let line = line_of(&record, text);
        let Some((number_at, note_at)) = columns else {
            let (found, is_header) = columns_of(&record, region);
            columns = Some(found);
            if !is_header {
                rows.push(row(&record, line, found, region));
            }
            continue;
        };
        if rows.len() == MAX_ROWS {
            return Err(ReadError::TooManyRows);
        }
        rows.push(row(&record, line, (number_at, note_at), region));
    }
    if rows.is_empty() { Err(ReadError::Empty) } else { Ok(rows) }
}

/// Where the record begins. The reader's own position is before the blank lines that it skips.
fn line_of(record: &csv::StringRecord, text: &str) -> u64 {
    let Some(position) = record.position() else { return 0 };
    let rest = usize::try_from(position.byte()).ok().and_then(|at| text.as_bytes().get(at..)).unwrap_or_default();
    let blank = rest.iter().take_while(|b| matches!(b, b'\n' | b'\r')).filter(|b| **b == b'\n').count();
    position.line() + blank as u64
}

fn row(record: &csv::StringRecord, line: u64, (number_at, note_at): (usize, Option<usize>), region: &str) -> ReadRow {
    let text = record.get(number_at).unwrap_or_default();
    let note = note_at.and_then(|at| record.get(at)).filter(|note| !note.is_empty());
    ReadRow { line, text: clean(text, 60), number: number(text, region), note: note.map(|note| clean(note, MAX_NOTE)) }
}

/// Postgres text cannot hold NUL, and nobody needs the rest of a long cell.
fn clean(text: &str, longest: usize) -> String {
    text.chars().filter(|c| *c != '\0').take(longest).collect()
}

fn number(text: &str, region: &str) -> Option<PhoneNumber> {
    PhoneNumber::parse_cell(text, region).ok()
}

/// The columns of the number and of the note by the first row, and whether that row is a header.
fn columns_of(first: &csv::StringRecord, region: &str) -> ((usize, Option<usize>), bool) {
    let called =
        |names: &[&str]| first.iter().position(|cell| names.iter().any(|name| cell.eq_ignore_ascii_case(name)));
    if let Some(number_at) = called(&NUMBER_COLUMNS) {
        return ((number_at, called(&NOTE_COLUMNS)), true);
    }
    let number_at = first.iter().position(|cell| number(cell, region).is_some());
    // One column, or the note behind the number.
    let note_at = number_at.map(|at| at + 1).filter(|at| first.len() == 2 && *at < 2);
    ((number_at.unwrap_or(0), note_at), false)
}

/// By the first line: semicolon and tab are what spreadsheets write elsewhere.
fn delimiter(text: &str) -> u8 {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    [b'\t', b';', b','].into_iter().find(|d| first.as_bytes().contains(d)).unwrap_or(b',')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn numbers(text: &str) -> Vec<(u64, Option<String>)> {
        let rows = read(text, "US").expect("rows");
        rows.into_iter().map(|r| (r.line, r.number.map(String::from))).collect()
    }

    #[test]
    fn numbers_in_any_spelling() {
        let text = "(415) 555-0101\n+14155550102\n415.555.0103\n\n+44 20 7183 8750\n'+14155550104\nnobody\n1.41556E+10\n415-555-CALL\n";
        let some = |n: &str| Some(n.to_owned());
        assert_eq!(
            numbers(text),
            [
                (1, some("+14155550101")),
                (2, some("+14155550102")),
                (3, some("+14155550103")),
                (5, some("+442071838750")),
                (6, some("+14155550104")),
                (7, None),
                (8, None),
                (9, None),
            ]
        );
    }

    #[test]
    fn the_column_is_found() {
        let text = "Name,Phone Number,Reason\nAna,415-555-0101,sued us\n\"Doe, Ben\",(415) 555-0102,\n";
        let rows = read(text, "US").expect("rows");
        let found: Vec<_> = rows.iter().map(|r| (r.line, r.number.is_some(), r.note.as_deref())).collect();
        assert_eq!(found, [(2, true, Some("sued us")), (3, true, None)]);
        // Without a header it is where the first row has one.
        assert_eq!(numbers("Ana;4155550101\nBen;4155550102")[1].1.as_deref(), Some("+14155550102"));
        let rows = read("\u{feff}4155550101\tlitigator", "US").expect("rows");
        assert_eq!(rows[0].note.as_deref(), Some("litigator"));
    }

    #[test]
    fn lists_have_an_end() {
        assert_eq!(read("", "US"), Err(ReadError::Empty));
        assert_eq!(read("phone\n\n", "US"), Err(ReadError::Empty));
        assert_eq!(read(&"4155550101\n".repeat(MAX_ROWS), "US").expect("just so").len(), MAX_ROWS);
        assert_eq!(read(&"4155550101\n".repeat(MAX_ROWS + 1), "US"), Err(ReadError::TooManyRows));
    }

    proptest! {
        /// Whatever somebody pastes: an answer, no NUL in it, and nothing that is not E.164.
        #[test]
        fn anything_may_be_pasted(text in "[\\PC\\n\\r\\t,;\"\0]{0,300}") {
            for row in read(&text, "US").unwrap_or_default() {
                prop_assert!(!row.text.contains('\0') && row.text.chars().count() <= 60);
                prop_assert!(row.note.is_none_or(|note| !note.contains('\0')));
                prop_assert!(row.number.is_none_or(|n| PhoneNumber::parse_e164(n.as_str()).is_ok()));
            }
        }
    }
}
