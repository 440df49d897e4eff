//! Merging two contacts who are one person, over every slice.
//!
//! A contact is a number: texts go to it, and consent is given and taken back for it. So the other contact stays as a row, as the other number of
//! the one that is kept. What was said with that number, its conversations, its ledger (whose hashes hold its id) and its blocks stay with it, and
//! are read with the kept contact's; a text from it is answered there. What is the person's goes over: what they are called, what is noted of
//! them, their appointments, their reports. Texts that staff or programs begin go to the kept number only.

use crate::{
    accounts::{Change, Staff},
    booking::{self, BookingError},
    compliance,
    contacts::{self, Contact},
    links,
    platform::{
        db::Db,
        http::IfMatch,
        ids::ContactId,
        live::Kind,
        problem::{Code, Problem},
    },
    reports,
};

/// Merges `other` into `kept`.
pub(super) async fn merge(
    db: &Db,
    staff: &Staff,
    kept: ContactId,
    other: ContactId,
    if_match: IfMatch,
) -> Result<Contact, Problem> {
    if kept == other {
        return Err(Problem::invalid_field("contact_id", "same_contact", "is the contact itself"));
    }
    let mut tx = db.tenant(staff.organization_id()).await?;
    let Some((kept, other)) = contacts::lock_both(&mut tx, kept, other).await? else {
        return Err(Problem::not_found("contact"));
    };
    if_match.check(kept.version)?;
    if let Some(merged) = [&kept, &other].into_iter().find(|contact| contact.merged_into.is_some()) {
        let detail = format!("{} is another contact's number already.", merged.phone_number);
        return Err(Problem::new(Code::ContactMerged, detail));
    }
    if compliance::would_be_texted_again(&mut tx, &kept, &other).await? {
        let detail = format!(
            "Texts to {} are unwelcome, and {} would still be texted. Keep that contact instead, or record it for this one first.",
            other.phone_number, kept.phone_number
        );
        return Err(Problem::new(Code::TextsUnwelcome, detail));
    }
    booking::hand_over(&mut tx, other.id, kept.id).await.map_err(|error| match error {
        BookingError::AlreadyBooked => {
            Problem::new(Code::AlreadyBooked, "Both have a place at one and the same time: cancel one of them first.")
        }
        error => error.into(),
    })?;
    reports::hand_over(&mut tx, other.id, kept.id).await?;
    links::hand_over(&mut tx, other.id, kept.id).await?;
    let (kept_now, other_now) = contacts::merge(&mut tx, &kept, &other).await?;
    tx.tell(Kind::Conversation, None);
    staff.audit(&mut tx, Change::of("contact", "merged", kept.id.0).before(&kept).after(&kept_now)).await?;
    staff.audit(&mut tx, Change::of("contact", "merged_away", other.id.0).before(&other).after(&other_now)).await?;
    tx.commit().await?;
    Ok(kept_now)
}
