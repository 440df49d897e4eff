//! The work itself: a batch of rows at a time, each with its place in one transaction.

use std::collections::HashSet;

use super::{
    consent::{Book, BroughtBy, TakenIn},
    judge::{Judged, judge, numbers, read_all},
    model::{ImportStatus, Verdict},
    reader::{Next, Records, Row},
    rows::{self, Plan},
};
use crate::{
    contacts::store::{
        import_rows::{self, Trace},
        imports::{self, Progress, RowError, Standing},
    },
    platform::{
        crypto,
        db::{Db, Tx},
        ids::{ContactId, ContactImportId, OrganizationId},
        jobs::JobError,
        phone::PhoneNumber,
    },
};

/// Rows of one transaction: enough to make its cost small, few enough that no lock is held long.
const BATCH: usize = 1000;
/// Fewer where they are long.
const MOST_BYTES: usize = 4 << 20;
/// Errors that are kept of one file; more of them help nobody.
const MOST_ERRORS: i64 = 100_000;

/// Whether a batch was the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::contacts) enum Ended {
    No,
    Yes,
}

/// The file between two batches of one worker.
pub(in crate::contacts) struct Progressing {
    records: Records,
    /// Up to which byte it was fed.
    fed: u64,
    plan: Plan,
}

impl Progressing {
    fn at(standing: &Standing, region: &str) -> Result<Self, JobError> {
        let options = standing.options.as_ref().ok_or_else(|| JobError::fail("nothing was decided"))?;
        let columns = options.columns.clone().unwrap_or_default();
        let plan = Plan::new(options, columns, region).map_err(|p| JobError::fail(p.detail))?;
        let (position, line) = (standing.position.cast_unsigned(), standing.line.cast_unsigned());
        Ok(Self { records: Records::from_place(standing.delimiter, position, line), fed: position, plan })
    }

    /// The next rows, read from the file outside any transaction of the work, and whether they are the last.
    async fn rows(
        &mut self,
        db: &Db,
        organization: OrganizationId,
        id: ContactImportId,
    ) -> Result<(Vec<Row>, bool), sqlx::Error> {
        let (mut rows, mut bytes) = (Vec::with_capacity(BATCH), 0);
        while rows.len() < BATCH && bytes < MOST_BYTES {
            match self.records.next() {
                Next::Row(row) => {
                    bytes += row.cells.iter().map(String::len).sum::<usize>();
                    rows.push(row);
                }
                Next::More => {
                    let mut tx = db.tenant(organization).await?;
                    match imports::chunk_at(&mut tx, id, self.fed).await? {
                        Some((start, data)) => {
                            let from = usize::try_from(self.fed - start).unwrap_or(data.len());
                            self.records.feed(&data[from..]);
                            self.fed = start + data.len() as u64;
                        }
                        None => self.records.finish(),
                    }
                }
                Next::End => return Ok((rows, true)),
            }
        }
        Ok((rows, false))
    }
}

/// Works on the next batch and commits it with its place. `state` is kept from one batch to the next; another worker's batch in between
/// makes this one's worthless, and is told as [`JobError::Superseded`].
pub(in crate::contacts) async fn step(
    db: &Db,
    book: &Book,
    organization: OrganizationId,
    id: ContactImportId,
    region: &str,
    state: &mut Option<Progressing>,
) -> Result<Ended, JobError> {
    let mut progressing = match state.take() {
        Some(progressing) => progressing,
        None => {
            let mut tx = db.tenant(organization).await?;
            match imports::lock(&mut tx, id).await? {
                Some(standing) if standing.status == ImportStatus::Running => Progressing::at(&standing, region)?,
                _ => return Ok(Ended::Yes),
            }
        }
    };
    let (position, _) = progressing.records.place();
    let (rows, ended) = progressing.rows(db, organization, id).await?;
    let (next, line) = progressing.records.place();
    let plan = progressing.plan.clone();
    let first = position == 0;
    // A thousand rows are milliseconds of work, but others wait for this thread.
    let (rows, read) = tokio::task::spawn_blocking(move || {
        let read = read_all(&rows, &plan);
        (rows, read)
    })
    .await
    .map_err(JobError::retry)?;
    let mut tx = db.tenant(organization).await?;
    let Some(standing) = imports::lock(&mut tx, id).await? else { return Ok(Ended::Yes) };
    if standing.status != ImportStatus::Running {
        return Ok(Ended::Yes);
    }
    if standing.position.cast_unsigned() != position {
        return Err(JobError::Superseded);
    }
    let mut progress = Progress { position: next, line, rows: rows.len(), ..Progress::default() };
    if ended && next < standing.bytes.cast_unsigned() {
        return Err(JobError::fail("the file breaks off: a piece of it is gone"));
    }
    let with_header = first && standing.options.as_ref().is_some_and(|o| o.header.unwrap_or_default());
    let skip = usize::from(with_header && !rows.is_empty());
    let batch = Batch { id, rows: &rows[skip..], plan: &progressing.plan, standing: &standing, book };
    batch.take_in(&mut tx, read.into_iter().skip(skip).collect(), &mut progress).await?;
    imports::advance(&mut tx, id, &progress).await?;
    if ended {
        imports::drop_file(&mut tx, id).await?;
        imports::set_status(&mut tx, id, ImportStatus::Done, None).await?;
    }
    tx.commit().await?;
    if ended {
        return Ok(Ended::Yes);
    }
    *state = Some(progressing);
    Ok(Ended::No)
}

/// Rows that are taken in together.
struct Batch<'a> {
    id: ContactImportId,
    rows: &'a [Row],
    plan: &'a Plan,
    standing: &'a Standing,
    book: &'a Book,
}

type Read = Vec<(u64, Result<rows::Candidate, Vec<crate::platform::problem::FieldError>>)>;

impl Batch<'_> {
    async fn take_in(&self, tx: &mut Tx, mut read: Read, progress: &mut Progress) -> Result<(), sqlx::Error> {
        if !self.standing.left_out.is_empty() {
            let erased: HashSet<&str> = self.standing.left_out.iter().map(String::as_str).collect();
            read.retain(|(_, row)| {
                row.as_ref()
                    .map_or(true, |c| !erased.contains(crypto::sha256_hex(c.number.as_str().as_bytes()).as_str()))
            });
        }
        let all = numbers(&read);
        import_rows::lock_numbers(tx, &all).await?;
        let known = import_rows::known(tx, self.id, &all).await?;
        let judged = judge(read, known, self.plan, &mut HashSet::new());
        let (mut new, mut rest) = (Vec::new(), Vec::new());
        for one in judged {
            match one {
                Judged::New(candidate) => {
                    let details = rows::of_new(&candidate.details, self.plan);
                    new.push((ContactId::new(tx.clock()), candidate, details));
                }
                other => rest.push(other),
            }
        }
        let rows: Vec<_> = new.iter().map(|(id, c, d)| (*id, c.number.clone(), d.clone())).collect();
        let made: HashSet<ContactId> = import_rows::insert(tx, &rows).await?.into_iter().collect();
        // Somebody added these at this very moment, by a text or another file.
        let raced: Read = new.extract_if(.., |(id, ..)| !made.contains(id)).map(|(_, c, _)| (c.line, Ok(c))).collect();
        if !raced.is_empty() {
            let numbers = numbers(&raced);
            import_rows::lock_numbers(tx, &numbers).await?;
            let known = import_rows::known(tx, self.id, &numbers).await?;
            rest.extend(judge(raced, known, self.plan, &mut HashSet::new()));
        }
        self.write(tx, new, rest, progress).await
    }

    async fn write(
        &self,
        tx: &mut Tx,
        new: Vec<(ContactId, rows::Candidate, rows::Details)>,
        rest: Vec<Judged>,
        progress: &mut Progress,
    ) -> Result<(), sqlx::Error> {
        let (mut traces, mut taken, mut changed, mut errors) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        progress.created = new.len();
        for (id, candidate, _) in new {
            traces.push(trace(id, candidate.line, "created", 1, None));
            taken.push(TakenIn { id, number: candidate.number, is_new: true });
        }
        for one in rest {
            match one {
                Judged::New(candidate) => {
                    // It was there a moment ago and is gone again: erased. It stays so.
                    errors.push(self.error(
                        candidate.line,
                        "gone",
                        "the contact was deleted at this moment".to_owned(),
                    ));
                    progress.invalid += 1;
                }
                Judged::Known { candidate, known, verdict, after } => {
                    let changes = after.as_ref().and_then(|after| rows::changes(&known.details, after));
                    let (outcome, counter) = match verdict {
                        Verdict::Updates => ("updated", &mut progress.updated),
                        Verdict::Skipped => ("skipped", &mut progress.skipped),
                        _ => ("unchanged", &mut progress.unchanged),
                    };
                    *counter += 1;
                    let version = known.version + i64::from(after.is_some());
                    traces.push(trace(known.id, candidate.line, outcome, version, changes));
                    changed.extend(after.map(|after| (known.id, *after)));
                    if verdict != Verdict::Skipped {
                        taken.push(TakenIn { id: known.id, number: candidate.number, is_new: false });
                    }
                }
                Judged::Duplicate { line, .. } => {
                    progress.duplicate += 1;
                    errors.push(self.error(
                        line,
                        "duplicate",
                        "phone_number: stands in this file further up".to_owned(),
                    ));
                }
                Judged::Invalid { line, errors: wrong } => {
                    progress.invalid += 1;
                    let code = wrong.first().map_or("invalid", |e| e.code);
                    let message = wrong.iter().map(|e| format!("{}: {}", e.field, e.message)).collect::<Vec<_>>();
                    errors.push(self.error(line, code, message.join("; ")));
                }
            }
        }
        import_rows::update(tx, &changed).await?;
        let consent = self.standing.options.as_ref().and_then(|o| o.consent.as_ref());
        let by = BroughtBy { user_id: self.standing.user_id, api_key_id: self.standing.api_key_id };
        let given = self.book.take_in(tx, &taken, consent, by).await?;
        progress.consent_given = given.len();
        progress.consent_refused = if consent.is_some() { taken.len() - given.len() } else { 0 };
        let given: std::collections::HashMap<_, _> = given.into_iter().collect();
        for trace in &mut traces {
            trace.consent_event_id = given.get(&trace.contact_id).copied();
        }
        import_rows::note(tx, self.id, &traces).await?;
        if self.standing.errors < MOST_ERRORS {
            imports::add_errors(tx, self.id, errors).await?;
        }
        Ok(())
    }

    fn error(&self, line: u64, code: &str, message: String) -> RowError {
        let row = self.rows.binary_search_by_key(&line, |row| row.line).ok().map(|at| &self.rows[at]);
        let cells = row.map(|row| cells(&row.cells)).unwrap_or_default();
        RowError { line: line.cast_signed(), code: code.to_owned(), message, cells }
    }
}

/// A row as it could be brought again.
fn cells(cells: &[String]) -> String {
    let mut csv = csv::WriterBuilder::new().terminator(csv::Terminator::Any(b'\n')).from_writer(Vec::new());
    let written = csv.write_record(cells).ok().and_then(|()| csv.into_inner().ok()).unwrap_or_default();
    String::from_utf8_lossy(&written).trim_end_matches('\n').to_owned()
}

fn trace(
    contact_id: ContactId,
    line: u64,
    outcome: &'static str,
    version: i64,
    changed: Option<serde_json::Value>,
) -> Trace {
    Trace { contact_id, line: line.cast_signed(), outcome, version, changed, consent_event_id: None }
}

/// What an erased number is passed over by.
pub(in crate::contacts) fn left_out(number: &PhoneNumber) -> String {
    crypto::sha256_hex(number.as_str().as_bytes())
}
