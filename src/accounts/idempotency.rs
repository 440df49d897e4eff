//! Requests that may come twice (`Idempotency-Key`): who carries one out, and what a repetition is told. The mark that it was carried
//! out is set by the transactions of the request themselves (`platform/idempotency.rs`).

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    model::Caller,
    store::idempotency::{self as store, Seen},
};
use crate::platform::{
    db::Tx,
    http::Core,
    idempotency::Claim,
    ids::RowId,
    problem::{Code, Problem},
};

/// A request is at work for no longer than this; after it somebody else may carry it out, or learn that the answer is lost.
const LEASE: TimeDelta = TimeDelta::seconds(60);
/// How long an answer is kept.
const KEPT: TimeDelta = TimeDelta::hours(24);
/// Longer answers are not kept.
pub(super) const MOST_BYTES: u64 = 256 * 1024;

/// An answer as it was given.
pub(super) struct Kept {
    pub status: u16,
    /// Name and value.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// What is to be done about a request with a key.
pub(super) enum Turn {
    /// Carry it out under this claim.
    Ours(Arc<Claim>),
    /// It was carried out; this was the answer.
    Answered(Kept),
}

/// The key as sent: 1 to 255 printable characters.
pub(super) fn checked(key: &[u8]) -> Result<&str, Problem> {
    std::str::from_utf8(key)
        .ok()
        .filter(|k| (1..=255).contains(&k.len()) && k.bytes().all(|b| (0x20..0x7f).contains(&b)))
        .ok_or_else(|| Problem::invalid_field("Idempotency-Key", "invalid", "must have 1 to 255 printable characters"))
}

/// Claims the key, or says what became of the request that came with it before.
pub(super) async fn claim(core: &Core, caller: &Caller, key: &str, request_hash: &[u8]) -> Result<Turn, Problem> {
    let (now, id) = (core.clock.now(), RowId::new(&core.clock).0);
    let claim = Claim { organization_id: caller.organization.id, subject: caller.subject(), key: key.to_owned(), id };
    let mut tx = core.db.tenant(claim.organization_id).await?;
    store::forget(&mut tx, now - KEPT).await?;
    // Twice, because the row that is in the way may go between the two statements.
    for _ in 0..2 {
        if store::claim(&mut tx, &claim, request_hash, now, now + LEASE, now - KEPT).await? {
            tx.commit().await?;
            return Ok(Turn::Ours(Arc::new(claim)));
        }
        if let Some(seen) = store::seen(&mut tx, claim.subject, key).await? {
            return told(seen, request_hash, now);
        }
    }
    Err(in_progress(1))
}

fn in_progress(seconds: i64) -> Problem {
    let wait = u64::try_from(seconds.clamp(1, 60)).unwrap_or(1);
    Problem::new(Code::IdempotencyInProgress, "The first request with this key is still at work.").retry_after(wait)
}

fn told(seen: Seen, request_hash: &[u8], now: DateTime<Utc>) -> Result<Turn, Problem> {
    if seen.request_hash != request_hash {
        let detail = "This key came with another request before. Take a new one for each request.";
        return Err(Problem::new(Code::IdempotencyKeyReused, detail));
    }
    match (seen.status, seen.body) {
        (Some(status), Some(body)) => {
            let status = u16::try_from(status).unwrap_or(200);
            let headers = seen.headers.and_then(|h| serde_json::from_value(h).ok()).unwrap_or_default();
            Ok(Turn::Answered(Kept { status, headers, body }))
        }
        (Some(_), None) => {
            let detail =
                "It was done. Its answer showed a secret, or was too long to keep, and is not repeated. Look it up.";
            Err(Problem::new(Code::IdempotencyAnswerWithheld, detail))
        }
        // Committed, and nobody is left who could answer; a running one past its lease would have been claimed.
        (None, _) if seen.committed && seen.locked_until <= now => {
            Err(Problem::new(Code::IdempotencyOutcomeUnknown, "It was done; its answer was lost. Look it up."))
        }
        // Most requests take milliseconds: no need to wait for the whole lease.
        (None, _) => Err(in_progress((seen.locked_until - now).num_seconds().min(2))),
    }
}

/// What came of carrying it out.
pub(super) enum Outcome {
    /// To be given again.
    Answer(Kept),
    /// Done, but the answer is not for keeping.
    Withheld(u16),
    /// The request was refused with this answer: if nothing was committed, the key is free for another try.
    Refused(Kept),
    /// Something broke. If nothing was committed, the key is free for another try.
    Broken,
}

/// Writes down what came of it. Fails only in the log: the client gets its answer in any case, and a repetition is told the truth.
pub(super) async fn settle(core: &Core, claim: &Claim, outcome: Outcome) {
    if let Err(error) = try_settle(core, claim, outcome).await {
        tracing::warn!(%error, claim = %claim.id, "idempotency.answer_not_kept");
    }
}

async fn try_settle(core: &Core, claim: &Claim, outcome: Outcome) -> Result<(), sqlx::Error> {
    let mut tx = core.db.tenant(claim.organization_id).await?;
    match outcome {
        Outcome::Answer(kept) => keep(&mut tx, claim, kept).await?,
        Outcome::Withheld(status) => store::answered(&mut tx, claim, status, None, None).await?,
        Outcome::Refused(kept) => {
            if !store::release(&mut tx, claim).await? {
                keep(&mut tx, claim, kept).await?;
            }
        }
        Outcome::Broken => {
            if !store::release(&mut tx, claim).await? {
                store::end_lease(&mut tx, claim, core.clock.now()).await?;
            }
        }
    }
    tx.commit().await
}

async fn keep(tx: &mut Tx, claim: &Claim, kept: Kept) -> Result<(), sqlx::Error> {
    let headers = serde_json::to_value(&kept.headers).ok();
    store::answered(tx, claim, kept.status, headers, Some(&kept.body)).await
}

/// Something that the same request has, and no other.
pub(super) fn request_hash(method: &str, path_and_query: &str, body: &[u8]) -> Vec<u8> {
    use sha2::{Digest, Sha256};
    // Both names of the API mean the same.
    let path = path_and_query.strip_prefix("/api/v1/").or_else(|| path_and_query.strip_prefix("/api/"));
    let mut hash = Sha256::new();
    for part in [method.as_bytes(), path.unwrap_or(path_and_query).as_bytes()] {
        hash.update(part);
        hash.update([0]);
    }
    hash.update(body);
    hash.finalize().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_printable_and_not_too_long() {
        assert!(checked(b"a").is_ok() && checked("x".repeat(255).as_bytes()).is_ok());
        for key in [&b""[..], b"a\tb", b"a\x80", "x".repeat(256).as_bytes(), "ä".as_bytes()] {
            assert!(checked(key).is_err(), "{key:?}");
        }
    }

    #[test]
    fn a_request_is_the_same_by_either_name_and_nothing_else() {
        let one = request_hash("POST", "/api/contacts", b"{}");
        assert_eq!(one, request_hash("POST", "/api/v1/contacts", b"{}"));
        for other in [
            request_hash("POST", "/api/contacts?x=1", b"{}"),
            request_hash("POST", "/api/contacts", b"{ }"),
            request_hash("POST", "/api/messages", b"{}"),
        ] {
            assert_ne!(one, other);
        }
    }
}
