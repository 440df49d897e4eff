//! Erasing a contact: everything in one transaction, slice by slice from the top down, so that nothing points at what is gone.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::traces;
use crate::{
    accounts::{self, Change, Staff},
    assistant,
    booking::{self, BookingError},
    campaigns, compliance,
    contacts::{self, Traits},
    integrations, links, messaging,
    platform::{
        db::{Db, Tx, is_lock_timeout},
        ids::ContactId,
        jobs,
        phone::PhoneNumber,
        problem::{Code, Problem},
    },
    reports, team,
};

/// Tries while somebody else is at work on the contact; each waits less than half a second for a lock.
const TRIES: usize = 20;

/// Why somebody is erased. A closed list: free text could name the person who must be forgotten.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ErasureReason {
    /// The person asked for it.
    #[default]
    Requested,
    /// The business has no more use for the data.
    NoLongerNeeded,
    /// The contact should never have been there: a test, or a wrong number.
    Mistake,
}

/// How many rows of one kind are gone.
#[derive(Clone, Copy, Debug, Serialize, utoipa::ToSchema)]
pub(super) struct ErasedKind {
    pub kind: &'static str,
    pub rows: u64,
}

/// What an erasure did.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct Erasure {
    pub contact_id: ContactId,
    pub erased_at: DateTime<Utc>,
    /// Coming appointments that were cancelled first; their times are free again.
    pub cancelled_appointments: u64,
    /// They had opted out: a keyed hash of the number is kept, so that they are never texted again.
    pub opt_out_kept: bool,
    pub erased: Vec<ErasedKind>,
}

impl Erasure {
    /// Of two numbers of one person; `self`'s was the other one.
    fn and(self, kept: Self) -> Self {
        let mut erased = self.erased;
        for one in kept.erased {
            match erased.iter_mut().find(|known| known.kind == one.kind) {
                Some(known) => known.rows += one.rows,
                None => erased.push(one),
            }
        }
        Self {
            cancelled_appointments: self.cancelled_appointments + kept.cancelled_appointments,
            opt_out_kept: self.opt_out_kept || kept.opt_out_kept,
            erased,
            ..kept
        }
    }
}

/// Why one try did not erase.
enum Failure {
    Problem(Problem),
    Database(sqlx::Error),
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

impl From<BookingError> for Failure {
    fn from(error: BookingError) -> Self {
        match error {
            BookingError::Database(error) => Self::Database(error),
            other => Self::Problem(other.into()),
        }
    }
}

/// Erases the contact, whose number `confirm` must be. Gives way to whoever works on the contact at this moment, and tries again.
pub(super) async fn erase(
    db: &Db,
    staff: &Staff,
    id: ContactId,
    confirm: &str,
    reason: ErasureReason,
) -> Result<Erasure, Problem> {
    for _ in 0..TRIES {
        match attempt(db, staff, id, confirm, reason).await {
            Ok(erasure) => return Ok(erasure),
            Err(Failure::Database(error)) if is_lock_timeout(&error) => tracing::debug!(%error, "erasure.gave_way"),
            Err(Failure::Database(error)) => return Err(error.into()),
            Err(Failure::Problem(problem)) => return Err(problem),
        }
    }
    tracing::warn!(contact.id = %id, "erasure.never_had_the_locks");
    Err(Problem::database_unavailable())
}

async fn attempt(
    db: &Db,
    staff: &Staff,
    id: ContactId,
    confirm: &str,
    reason: ErasureReason,
) -> Result<Erasure, Failure> {
    let mut tx = db.tenant(staff.organization_id()).await?;
    tx.give_way().await?;
    let Some(traits) = contacts::lock_to_erase(&mut tx, id).await? else {
        return Err(Failure::Problem(Problem::not_found("contact")));
    };
    if digits(confirm) != digits(&traits.phone_number) {
        let problem = Problem::invalid_field("confirm", "mismatch", "must be the phone number of this contact");
        return Err(Failure::Problem(problem));
    }
    if let Some(kept) = contacts::merged_into(&mut tx, id).await? {
        let detail = format!("This is another number of the contact {kept}: erase that one, and both are gone.");
        return Err(Failure::Problem(Problem::new(Code::ContactMerged, detail)));
    }
    let mut others = Vec::new();
    for other in contacts::numbers_of(&mut tx, id).await?.into_iter().skip(1) {
        if let Some(traits) = contacts::lock_to_erase(&mut tx, other).await? {
            others.push((other, traits));
        }
    }
    // Other numbers first: they point at the contact.
    let mut erasure: Option<Erasure> = None;
    for (id, traits) in others.into_iter().chain([(id, traits)]) {
        let number = PhoneNumber::parse_e164(&traits.phone_number).map_err(|e| sqlx::Error::Decode(Box::new(e)))?;
        let one = erase_rows(&mut tx, id, &number, &traits).await?;
        erasure = Some(match erasure {
            Some(before) => before.and(one),
            None => one,
        });
    }
    let Some(erasure) = erasure else { return Err(Failure::Problem(Problem::not_found("contact"))) };
    let note = Change::of("contact", "erased", id.0).after(&serde_json::json!({ "reason": reason }));
    staff.audit(&mut tx, note).await?;
    tx.commit().await?;
    tracing::info!(contact.id = %id, erasure.opt_out_kept = erasure.opt_out_kept, "contact.erased");
    Ok(erasure)
}

/// From the slice on top down. A new slice adds its line here and its tables in `tables.rs`.
async fn erase_rows(tx: &mut Tx, id: ContactId, number: &PhoneNumber, traits: &Traits) -> Result<Erasure, Failure> {
    let turns = assistant::erase(tx, id).await?;
    let bookings = booking::erase(tx, id).await?;
    let campaigns = campaigns::erase(tx, id, number.as_str()).await?;
    let (reports, report_ids) = reports::erase(tx, id).await?;
    let threads = messaging::erase(tx, id).await?;
    let consent = compliance::erase(tx, id, number).await?;
    let links = links::erase(tx, id).await?;
    let lists = contacts::erase(tx, id, number, traits).await?;
    // What is about them by its words only.
    let words = [id.0.to_string(), number.as_str().to_owned()];
    let (deliveries, delivery_ids) = integrations::erase(tx, &words).await?;
    let mut gone: Vec<Uuid> = vec![id.0];
    gone.extend(bookings.bookings.iter().chain(&report_ids).chain(&threads.conversations).chain(&delivery_ids));
    let answers: Vec<String> = words[1..].iter().cloned().chain(gone.iter().map(Uuid::to_string)).collect();
    let answers = accounts::forget_answers(tx, &answers).await?;
    gone.extend(&threads.messages);
    let jobs = jobs::forget(tx, &gone).await?;
    let audit = accounts::redact_audit(tx, &gone, &words).await?;
    let pattern = traces::pattern(id, traits);
    let said = [team::redact(tx, &pattern).await?, reports::redact(tx, &pattern).await?];
    let counts = bookings.counts.into_iter().chain([turns]).chain(reports).chain(threads.counts).chain(consent.counts);
    let counts = counts
        .chain([campaigns, links])
        .chain(lists)
        .chain([deliveries, answers, ("jobs", jobs), audit])
        .chain(said)
        .chain([("contacts", 1)]);
    Ok(Erasure {
        contact_id: id,
        erased_at: tx.real_clock().now(),
        cancelled_appointments: bookings.cancelled,
        opt_out_kept: consent.opt_out_kept,
        erased: counts.map(|(kind, rows)| ErasedKind { kind, rows }).collect(),
    })
}

/// A number however it is written: spaces and brackets do not count.
fn digits(number: &str) -> String {
    number.chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_may_be_confirmed_as_it_is_shown() {
        assert_eq!(digits("+1 (415) 555-0142"), digits("+14155550142"));
        assert_ne!(digits(""), digits("+14155550142"));
    }
}
