//! Everything that is kept of one person, as files they can read and take elsewhere.

use std::{fs::File, io};

use chrono::{DateTime, Utc};

use super::archive::Archive;
use crate::{
    accounts::Organization,
    assistant, booking, campaigns, compliance, contacts, links, messaging,
    platform::{
        db::Tx,
        ids::ContactId,
        personal::{self, PersonalRows},
    },
    reports,
};

/// Rows read at once: what an export holds in memory.
const PAGE: i64 = 500;

/// What each slice keeps of people. A new slice adds its line here.
const KINDS: &[&[PersonalRows]] = &[
    contacts::PERSONAL,
    links::PERSONAL,
    messaging::PERSONAL,
    booking::PERSONAL,
    campaigns::PERSONAL,
    compliance::PERSONAL,
    reports::PERSONAL,
    assistant::PERSONAL,
];

#[derive(Debug, thiserror::Error)]
pub(super) enum ExportError {
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error("the archive cannot be written: {0}")]
    File(#[from] io::Error),
}

/// Writes the archive to a file without a name. Compressing happens away from the threads that serve requests.
pub(super) async fn export(
    tx: &mut Tx,
    organization: &Organization,
    contact: ContactId,
) -> Result<(File, u64), ExportError> {
    let now = tx.real_clock().now();
    let mut archive = blocking(Archive::new).await?;
    let mut contents = Vec::new();
    let kinds: Vec<&'static PersonalRows> = KINDS.iter().copied().flatten().collect();
    // Of their other numbers too.
    let numbers = contacts::numbers_of(tx, contact).await?;
    for kind in kinds {
        archive = blocking(move || archive.begin(kind.name).map(|()| archive)).await?;
        for number in &numbers {
            let mut after: Option<String> = None;
            loop {
                let page = personal::page(tx, kind, *number, after.as_deref(), PAGE).await?;
                let full = page.rows.len() == PAGE as usize;
                archive = blocking(move || archive.add(page.rows).map(|()| archive)).await?;
                after = page.last;
                if !full {
                    break;
                }
            }
        }
        let rows;
        (archive, rows) = blocking(move || archive.end().map(|rows| (archive, rows))).await?;
        contents.push((kind, rows));
    }
    let readme = readme(organization, contact, now, &contents);
    Ok(blocking(move || archive.text("README.txt", &readme).and_then(|()| archive.finish())).await?)
}

pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

fn readme(
    organization: &Organization,
    contact: ContactId,
    now: DateTime<Utc>,
    contents: &[(&'static PersonalRows, u64)],
) -> String {
    let files: String =
        contents.iter().map(|(kind, rows)| format!("  {:<20} {rows:>7}  {}\n", kind.name, kind.meaning)).collect();
    let ask = organization.support_phone_number.as_deref().unwrap_or("the business you got this from");
    format!(
        "What {name} keeps of you\n\
         ========================\n\n\
         Made on {at} for the contact {contact}.\n\n\
         Each kind of row is here twice: as JSON, complete and exact, and as CSV for spreadsheets. In the CSV files a text that a\n\
         spreadsheet would run as a formula has an apostrophe before it. Times are in UTC.\n\n\
         \x20 file                    rows  what it is\n\
         {files}\n\
         What is not here\n\
         ----------------\n\n\
         Texts travel through Twilio and through phone companies. Twilio keeps its own log of them, with numbers and bodies, for up to\n\
         400 days, and stores pictures and other media until they are deleted there: media.csv lists their addresses. Backups of the\n\
         database hold older states of these rows until they are overwritten. Staff's own log of who changed what, what they wrote to one another, and\n\
         copies in other programs of the business are not part of this.\n\n\
         Questions, corrections, or to have all of it erased: {ask}\n",
        name = organization.name,
        at = now.format("%Y-%m-%d %H:%M UTC"),
    )
}
