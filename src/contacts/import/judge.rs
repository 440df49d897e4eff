//! What becomes of rows: the same judgement for a preview and for the work itself.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{
    consent::ImportConsent,
    mapping,
    model::{
        ContactImport, ImportColumn, ImportOptions, ImportPreview, PreviewColumn, PreviewCounts, PreviewRow, Verdict,
    },
    reader::{Next, Records, Row},
    rows::{self, Candidate, Details, Plan},
};
use crate::{
    contacts::store::{
        import_rows::{self, Known},
        imports,
    },
    platform::{
        db::Tx,
        ids::{ContactId, ContactImportId},
        problem::{FieldError, Problem},
    },
};

/// How many rows a preview looks at, and how many of them it shows.
const JUDGED: usize = 5000;
const SHOWN: usize = 50;
/// Fewer where they are long.
const MOST_BYTES: usize = 8 << 20;
/// How many rows columns are guessed by.
const SAMPLE: usize = 100;
/// Rows whose contacts are looked up at once.
const AT_ONCE: usize = 1000;

/// A row and what becomes of it.
#[derive(Debug)]
pub(super) enum Judged {
    New(Candidate),
    /// The contact that is there, and what it is after the row, where that is something else.
    Known {
        candidate: Candidate,
        known: Box<Known>,
        verdict: Verdict,
        after: Option<Box<Details>>,
    },
    Duplicate {
        line: u64,
        number: String,
    },
    Invalid {
        line: u64,
        errors: Vec<FieldError>,
    },
}

/// Judges rows that were read, in their order. `seen` are numbers of this file further up.
pub(super) fn judge(
    read: Vec<(u64, Result<Candidate, Vec<FieldError>>)>,
    known: Vec<Known>,
    plan: &Plan,
    seen: &mut HashSet<String>,
) -> Vec<Judged> {
    let known: HashMap<String, Known> = known.into_iter().map(|k| (k.phone_number.clone(), k)).collect();
    let judge_one = |(line, read): (u64, Result<Candidate, Vec<FieldError>>)| {
        let candidate = match read {
            Ok(candidate) => candidate,
            Err(errors) => return Judged::Invalid { line, errors },
        };
        let number = candidate.number.as_str().to_owned();
        let there = known.get(&number).cloned();
        if there.as_ref().is_some_and(|k| k.seen) || seen.contains(&number) {
            return Judged::Duplicate { line, number };
        }
        let judged = match there {
            None => Judged::New(candidate),
            // Whose details they would be nobody sees, and consent for one number is none for the other.
            Some(known) if known.merged => {
                let message = "is another number of a contact: bring them in by the number that was kept".to_owned();
                return Judged::Invalid {
                    line,
                    errors: vec![FieldError { field: "phone_number".to_owned(), code: "merged", message }],
                };
            }
            Some(known) => match rows::merged(&known.details, &candidate.details, plan.existing) {
                // The number may stand further down in a row that fits.
                Err(error) => return Judged::Invalid { line, errors: vec![error] },
                Ok(after) => {
                    let verdict = match (plan.existing, after == known.details) {
                        (super::model::Existing::Skip, _) => Verdict::Skipped,
                        (_, true) => Verdict::Unchanged,
                        (_, false) => Verdict::Updates,
                    };
                    let after = (verdict == Verdict::Updates).then(|| Box::new(after));
                    Judged::Known { candidate, known: Box::new(known), verdict, after }
                }
            },
        };
        seen.insert(number);
        judged
    };
    read.into_iter().map(judge_one).collect()
}

pub(super) fn read_all(rows: &[Row], plan: &Plan) -> Vec<(u64, Result<Candidate, Vec<FieldError>>)> {
    rows.iter().map(|row| (row.line, rows::read(row, plan))).collect()
}

pub(super) fn numbers(read: &[(u64, Result<Candidate, Vec<FieldError>>)]) -> Vec<String> {
    let numbers = read.iter().filter_map(|(_, read)| read.as_ref().ok()).map(|c| c.number.as_str().to_owned());
    let mut numbers: Vec<String> = numbers.collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

/// The beginning of a file.
async fn beginning(
    tx: &mut Tx,
    id: ContactImportId,
    records: &mut Records,
    most: usize,
) -> Result<Vec<Row>, sqlx::Error> {
    let (mut rows, mut fed, mut bytes) = (Vec::new(), 0u64, 0);
    while rows.len() < most && bytes < MOST_BYTES {
        match records.next() {
            Next::Row(row) => {
                bytes += row.cells.iter().map(String::len).sum::<usize>();
                rows.push(row);
            }
            Next::More => match imports::chunk_at(tx, id, fed).await? {
                Some((start, data)) => {
                    fed = start + data.len() as u64;
                    records.feed(&data);
                }
                None => records.finish(),
            },
            Next::End => break,
        }
    }
    Ok(rows)
}

/// How the file is read: what staff decided, and what is guessed of the rest.
pub(super) struct Reading {
    /// With nothing left open but what has no default.
    pub options: ImportOptions,
    pub plan: Plan,
    /// What keeps it from being started.
    pub errors: Vec<FieldError>,
}

/// Reads the beginning of the file by the options.
async fn reading(
    tx: &mut Tx,
    import: &ContactImport,
    options: ImportOptions,
    region: &str,
    most: usize,
) -> Result<(Reading, Vec<Row>), Problem> {
    let delimiter = options.delimiter.unwrap_or(import.delimiter);
    let rows = beginning(tx, import.id, &mut Records::new(delimiter), most).await?;
    let sample: Vec<Vec<String>> =
        rows.iter().take(SAMPLE).filter(|r| r.fault.is_none()).map(|r| r.cells.clone()).collect();
    let region = options.country.clone().unwrap_or_else(|| region.to_owned()).trim().to_uppercase();
    let header = options.header.unwrap_or_else(|| mapping::has_header(&sample, &region));
    let columns = options.columns.clone().unwrap_or_else(|| mapping::guess(&sample, header, &region));
    let width = sample.iter().map(Vec::len).max().unwrap_or(0);
    let mut errors = Vec::new();
    if rows.first().is_some_and(|row| row.fault.is_some()) {
        let message =
            "its first row is longer than 64 kB or has more than 200 cells: this is no list of contacts".to_owned();
        errors.push(FieldError { field: "file".to_owned(), code: "unreadable", message });
    }
    errors.extend(mapping::check(&columns, width));
    let plan = Plan::new(&options, columns.clone(), &region)?;
    let options = ImportOptions {
        delimiter: Some(delimiter),
        header: Some(header),
        columns: Some(columns),
        country: Some(region),
        existing: Some(plan.existing),
        tags: Some(plan.tags.clone()),
        ..options
    };
    Ok((Reading { options, plan, errors }, rows))
}

/// The options with which the import is started; what is wrong with them is told.
pub(super) async fn decided(
    tx: &mut Tx,
    import: &ContactImport,
    options: ImportOptions,
    region: &str,
) -> Result<ImportOptions, Problem> {
    let (reading, _) = reading(tx, import, options, region, SAMPLE).await?;
    if reading.errors.is_empty() { Ok(reading.options) } else { Err(Problem::invalid(reading.errors)) }
}

/// What would become of the file. Changes nothing.
pub(in crate::contacts) async fn preview(
    tx: &mut Tx,
    import: ContactImport,
    options: ImportOptions,
    region: &str,
) -> Result<ImportPreview, Problem> {
    let (reading, mut rows) = reading(tx, &import, options, region, JUDGED + 1).await?;
    let header = (reading.options.header.unwrap_or_default() && !rows.is_empty()).then(|| rows.remove(0).cells);
    rows.truncate(JUDGED);
    let columns = reading.options.columns.clone().unwrap_or_default();
    let columns =
        columns.into_iter().enumerate().map(|(at, column)| shown(at, column, header.as_deref(), &rows)).collect();
    let mut preview = ImportPreview {
        import,
        options: reading.options,
        columns,
        errors: reading.errors,
        judged: i64::try_from(rows.len()).unwrap_or(i64::MAX),
        counts: PreviewCounts::default(),
        rows: Vec::new(),
    };
    let mut seen = HashSet::new();
    for rows in rows.chunks(AT_ONCE) {
        let read = read_all(rows, &reading.plan);
        let known = import_rows::known(tx, preview.import.id, &numbers(&read)).await?;
        for (judged, row) in judge(read, known, &reading.plan, &mut seen).into_iter().zip(rows) {
            let row = preview_row(judged, row);
            preview.counts.add(row.verdict);
            preview.counts.opted_out += i64::from(row.opted_out);
            if preview.rows.len() < SHOWN {
                preview.rows.push(row);
            }
        }
    }
    Ok(preview)
}

/// NUL and the rest of a long cell are of no use to anybody.
fn short(cell: &str) -> String {
    cell.chars().filter(|c| *c != '\0').take(200).collect()
}

fn shown(at: usize, column: ImportColumn, header: Option<&[String]>, rows: &[Row]) -> PreviewColumn {
    let cells = rows.iter().filter_map(|row| row.cells.get(at)).filter(|cell| !cell.is_empty());
    PreviewColumn {
        header: header.and_then(|h| h.get(at)).map(|text| short(text)),
        examples: cells.take(3).map(|cell| short(cell)).collect(),
        field: column.field,
        name: column.name,
    }
}

fn preview_row(judged: Judged, row: &Row) -> PreviewRow {
    let (verdict, phone_number, contact_id, opted_out, errors): (
        _,
        Option<String>,
        Option<ContactId>,
        bool,
        Vec<FieldError>,
    ) = match judged {
        Judged::New(c) => (Verdict::New, Some(c.number.as_str().to_owned()), None, false, Vec::new()),
        Judged::Known { candidate, known, verdict, .. } => {
            let number = candidate.number.as_str().to_owned();
            (verdict, Some(number), Some(known.id), known.opted_out, Vec::new())
        }
        Judged::Duplicate { number, .. } => (Verdict::Duplicate, Some(number), None, false, Vec::new()),
        Judged::Invalid { errors, .. } => (Verdict::Invalid, None, None, false, errors),
    };
    let cells = row.cells.iter().take(super::reader::MOST_CELLS).map(|cell| short(cell)).collect();
    PreviewRow { line: row.line.cast_signed(), verdict, phone_number, contact_id, opted_out, cells, errors }
}

/// Trims what is said of consent, and tells what is wrong with its form.
pub(super) fn checked_consent(
    consent: ImportConsent,
    file_name: &str,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<ImportConsent, Problem> {
    let mut errors: BTreeMap<&str, (&'static str, &str)> = BTreeMap::new();
    let short = |text: Option<String>, most: usize| match text.map(|t| t.trim().to_owned()).filter(|t| !t.is_empty()) {
        Some(text) if text.chars().count() > most || text.contains('\0') => Err(()),
        text => Ok(text),
    };
    let evidence = short(Some(consent.evidence), 2000).ok().flatten();
    let (source, page_url) = (short(consent.source, 300), short(consent.page_url, 2000));
    if evidence.is_none() {
        errors.insert("evidence", ("invalid_length", "must have 1 to 2000 characters"));
    }
    if source.is_err() {
        errors.insert("source", ("invalid_length", "must have at most 300 characters"));
    }
    let is_page = |url: &str| url::Url::parse(url).is_ok_and(|u| matches!(u.scheme(), "http" | "https"));
    if page_url.as_ref().map_or(true, |url| url.as_deref().is_some_and(|url| !is_page(url))) {
        errors.insert("page_url", ("invalid", "is not the address of a web page"));
    }
    // Nobody texted before 1992; a clock may be a little ahead.
    let earliest = chrono::DateTime::UNIX_EPOCH + chrono::TimeDelta::days(22 * 365);
    if consent.given_at < earliest || consent.given_at > now + chrono::TimeDelta::minutes(5) {
        errors.insert("given_at", ("out_of_range", "must not be in the future"));
    }
    if errors.is_empty() {
        let source = source.ok().flatten().or_else(|| Some(file_name.chars().take(300).collect()));
        return Ok(ImportConsent {
            evidence: evidence.unwrap_or_default(),
            source,
            page_url: page_url.ok().flatten(),
            given_at: consent.given_at.min(now),
            ..consent
        });
    }
    let errors = errors.into_iter().map(|(field, (code, message))| FieldError {
        field: format!("options.consent.{field}"),
        code,
        message: message.to_owned(),
    });
    Err(Problem::invalid(errors.collect()))
}
