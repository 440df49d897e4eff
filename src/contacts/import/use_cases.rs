//! Starting, stopping and undoing the work on a file.

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    consent::{Book, BroughtBy},
    judge::{checked_consent, decided},
    model::{ContactImport, ImportOptions, ImportStatus},
};
use crate::{
    contacts::{
        jobs::{RunContactImport, UndoContactImport},
        store::imports::{self, KEPT_DAYS},
    },
    platform::{
        db::Tx,
        ids::ContactImportId,
        jobs::{self, NewJob},
        problem::{Code, Problem},
    },
};

fn not_now(detail: &str) -> Problem {
    Problem::new(Code::WrongState, detail)
}

async fn shown(tx: &mut Tx, id: ContactImportId) -> Result<ContactImport, Problem> {
    imports::get(tx, id).await?.ok_or_else(|| Problem::not_found("import"))
}

/// Starts the work on a file, or goes on where it went wrong, with what was decided then.
pub(in crate::contacts) async fn execute(
    tx: &mut Tx,
    book: &Book,
    id: ContactImportId,
    options: ImportOptions,
    region: &str,
) -> Result<ContactImport, Problem> {
    let standing = imports::lock(tx, id).await?.ok_or_else(|| Problem::not_found("import"))?;
    let import = shown(tx, id).await?;
    let options = match (import.status, standing.options) {
        (ImportStatus::Failed, Some(decided)) => decided.0,
        (ImportStatus::Ready, _) => {
            let mut options = decided(tx, &import, options, region).await?;
            if let Some(consent) = options.consent.take() {
                let consent = checked_consent(consent, &import.file_name, tx.clock().now())?;
                book.check(tx, &consent).await?;
                options.consent = Some(consent);
            }
            options
        }
        (ImportStatus::Expired, _) => return Err(not_now("The file is no longer kept. Bring it again.")),
        _ => return Err(not_now("It was started before.")),
    };
    imports::start(tx, id, &options, options.delimiter.unwrap_or(import.delimiter)).await?;
    jobs::enqueue(tx, NewJob::now(&RunContactImport { import_id: id })).await?;
    shown(tx, id).await
}

/// Stops the work. What was taken in until now stays.
pub(in crate::contacts) async fn cancel(tx: &mut Tx, id: ContactImportId) -> Result<ContactImport, Problem> {
    let standing = imports::lock(tx, id).await?.ok_or_else(|| Problem::not_found("import"))?;
    match standing.status {
        ImportStatus::Ready | ImportStatus::Running | ImportStatus::Failed => {}
        ImportStatus::Receiving => return Err(Problem::not_found("import")),
        _ => return Err(not_now("It is over.")),
    }
    imports::drop_file(tx, id).await?;
    imports::set_status(tx, id, ImportStatus::Cancelled, None).await?;
    shown(tx, id).await
}

/// Until when an import that ended then can be undone.
pub(in crate::contacts) fn kept_until(finished_at: DateTime<Utc>) -> DateTime<Utc> {
    finished_at + TimeDelta::days(KEPT_DAYS.into())
}

/// Begins to put the contacts back.
pub(in crate::contacts) async fn undo(
    tx: &mut Tx,
    id: ContactImportId,
    by: BroughtBy,
) -> Result<ContactImport, Problem> {
    let standing = imports::lock(tx, id).await?.ok_or_else(|| Problem::not_found("import"))?;
    match (standing.status, standing.finished_at) {
        (ImportStatus::Done | ImportStatus::Cancelled, Some(at)) if tx.real_clock().now() < kept_until(at) => {}
        (ImportStatus::Receiving, _) => return Err(Problem::not_found("import")),
        (ImportStatus::Done | ImportStatus::Cancelled, _) => {
            return Err(not_now("It is too long ago: what undoes it is kept for 30 days."));
        }
        (ImportStatus::Undoing | ImportStatus::Undone, _) => return Err(not_now("It was undone before.")),
        (ImportStatus::Expired, _) => return Err(not_now("Nothing came of it.")),
        _ => return Err(not_now("Cancel it first.")),
    }
    imports::set_status(tx, id, ImportStatus::Undoing, None).await?;
    let job = UndoContactImport { import_id: id, user_id: by.user_id, api_key_id: by.api_key_id };
    jobs::enqueue(tx, NewJob::now(&job)).await?;
    shown(tx, id).await
}
