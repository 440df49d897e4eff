//! A file on its way in: looked at, counted and stored piece by piece, so that it is never whole in memory.

use futures::{Stream, StreamExt};

use super::{
    consent::BroughtBy,
    model::{Delimiter, Encoding},
    reader::{Next, Records},
    sniff::{self, NotText, PREFIX, Transcoder},
};
use crate::{
    contacts::{
        jobs::SweepContactImport,
        store::imports::{self, Received},
    },
    platform::{
        db::Db,
        ids::{ContactImportId, OrganizationId},
        jobs::{self, NewJob},
        problem::{Problem, StatusCode},
    },
};

/// The longest file: well over a million rows.
pub(in crate::contacts) const MOST_BYTES: u64 = 1 << 30;
/// What is stored at once.
const CHUNK: usize = 1 << 20;

impl From<NotText> for Problem {
    fn from(error: NotText) -> Self {
        Self::invalid_field("file", "unreadable", error.to_string())
    }
}

/// Takes a file in; what was found out about it is still to be noted ([`imports::received`]). Nothing of one that cannot be read stays; one
/// that never ends is swept away.
pub(in crate::contacts) async fn receive<B, E>(
    db: &Db,
    organization: OrganizationId,
    file_name: &str,
    by: BroughtBy,
    body: impl Stream<Item = Result<B, E>> + Send,
) -> Result<(ContactImportId, Received), Problem>
where
    B: AsRef<[u8]>,
    E: std::fmt::Display,
{
    let mut body = std::pin::pin!(body);
    let mut inflow = Inflow::default();
    // What it is shows before anything is stored.
    let mut last = false;
    while !last && inflow.raw.len() < PREFIX {
        last = inflow.pull(&mut body).await?;
    }
    let mut file = File::sniffed(&mut inflow, last)?;
    let mut tx = db.tenant(organization).await?;
    let id = imports::begin(&mut tx, file_name, by).await?;
    jobs::enqueue(&mut tx, NewJob::after(&SweepContactImport { import_id: id }, SweepContactImport::FIRST)).await?;
    tx.commit().await?;
    let stored = async {
        loop {
            file.take(std::mem::take(&mut inflow.raw), last);
            while file.kept.len() >= CHUNK || (last && !file.kept.is_empty()) {
                file.store_chunk(db, organization, id).await?;
            }
            if last {
                break;
            }
            while !last && inflow.raw.len() < CHUNK {
                last = inflow.pull(&mut body).await?;
            }
        }
        Ok((id, file.received()?))
    };
    let stored: Result<_, Problem> = stored.await;
    if stored.is_err() {
        let mut tx = db.tenant(organization).await?;
        imports::delete(&mut tx, id).await?;
        tx.commit().await?;
    }
    stored
}

/// Bytes as they arrive.
#[derive(Default)]
struct Inflow {
    raw: Vec<u8>,
    total: u64,
}

impl Inflow {
    /// Waits for more. True: that was the last.
    async fn pull<B: AsRef<[u8]>, E: std::fmt::Display>(
        &mut self,
        body: &mut (impl Stream<Item = Result<B, E>> + Unpin),
    ) -> Result<bool, Problem> {
        match body.next().await {
            None => Ok(true),
            Some(Ok(bytes)) => {
                let bytes = bytes.as_ref();
                self.total += bytes.len() as u64;
                if self.total > MOST_BYTES {
                    let problem = Problem::malformed("The file is larger than 1 GB: bring it in parts.");
                    return Err(Problem { status: StatusCode::PAYLOAD_TOO_LARGE, ..problem });
                }
                self.raw.extend_from_slice(bytes);
                Ok(false)
            }
            Some(Err(error)) => Err(Problem::malformed(format!("The file broke off: {error}"))),
        }
    }
}

/// What is kept of a file, and what is found out about it.
struct File {
    transcoder: Transcoder,
    delimiter: Delimiter,
    counter: Records,
    kept: Vec<u8>,
    chunks: i32,
    bytes: u64,
    rows: u64,
}

impl File {
    fn sniffed(inflow: &mut Inflow, whole: bool) -> Result<Self, NotText> {
        let (encoding, mark) = sniff::encoding(&inflow.raw[..inflow.raw.len().min(PREFIX)])?;
        inflow.raw.drain(..mark);
        let sample = Transcoder::new(encoding).take(inflow.raw[..inflow.raw.len().min(PREFIX)].to_vec(), false);
        let delimiter = sniff::delimiter(&sample, whole && inflow.raw.len() <= PREFIX);
        Ok(Self {
            transcoder: Transcoder::new(encoding),
            delimiter,
            counter: Records::new(delimiter),
            kept: Vec::new(),
            chunks: 0,
            bytes: 0,
            rows: 0,
        })
    }

    fn take(&mut self, raw: Vec<u8>, last: bool) {
        let piece = self.transcoder.take(raw, last);
        self.bytes += piece.len() as u64;
        self.counter.feed(&piece);
        if last {
            self.counter.finish();
        }
        while let Next::Row(_) = self.counter.next() {
            self.rows += 1;
        }
        self.kept.extend_from_slice(&piece);
    }

    async fn store_chunk(
        &mut self,
        db: &Db,
        organization: OrganizationId,
        id: ContactImportId,
    ) -> Result<(), sqlx::Error> {
        let rest = self.kept.split_off(self.kept.len().min(CHUNK));
        let chunk = std::mem::replace(&mut self.kept, rest);
        let start = self.bytes - self.kept.len() as u64 - chunk.len() as u64;
        let mut tx = db.tenant(organization).await?;
        imports::add_chunk(&mut tx, id, self.chunks, start, &chunk).await?;
        tx.commit().await?;
        self.chunks += 1;
        Ok(())
    }

    fn received(&self) -> Result<Received, NotText> {
        if self.rows == 0 {
            return Err(NotText::Empty);
        }
        Ok(Received {
            bytes: self.bytes,
            chunks: self.chunks,
            encoding: self.encoding(),
            delimiter: self.delimiter,
            rows: self.rows,
        })
    }

    const fn encoding(&self) -> Encoding {
        self.transcoder.encoding()
    }
}
