//! Use cases on consent: each appends to the ledger and keeps the block list and the contact's summary true, in the caller's transaction.

use std::time::Duration;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::{
    deadline::review_due,
    jobs::CloseOverdueReview,
    ledger,
    model::{
        ConsentAction, ConsentChannel, ConsentEvent, ConsentMethod, ConsentPurpose, ConsentTier, Decider, OptOutReview,
        ReviewStatus, Verdict,
    },
    store::{self, NewConsentEvent, Proof, disclosures, numbers, personal, reviews},
};
use crate::{
    contacts::{self, Contact, OptInStatus},
    platform::{
        db::Tx,
        events::{self, Event},
        ids::{ContactId, ConversationId, DisclosureId, MessageId, OptOutReviewId, SenderId},
        jobs::{self, NewJob},
        live::Kind,
        personal::Erased,
        phone::PhoneNumber,
    },
};

/// The block that holds texts back while a person reads a doubtful opt-out.
const UNDER_REVIEW: &str = "under_review";

/// How a person told us.
#[derive(Clone, Copy, Debug)]
pub enum ConsentSource {
    Keyword,
    FreeText,
    /// A person read a doubtful text as an opt-out.
    StaffReview,
    /// Nobody read a doubtful text in time.
    ReviewExpired,
}

/// The words and where they came from.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    pub channel: &'a str,
    pub words: &'a str,
    pub message_id: MessageId,
    /// When they said it, or staff decided that they had.
    pub said_at: DateTime<Utc>,
    pub source: ConsentSource,
}

impl Evidence<'_> {
    fn proof(&self) -> Proof<'static> {
        Proof { given_at: Some(self.said_at), ..Proof::default() }
    }

    const fn method(&self) -> &'static str {
        match self.source {
            ConsentSource::Keyword => "keyword",
            ConsentSource::FreeText => "free_text",
            ConsentSource::StaffReview => "staff_review",
            ConsentSource::ReviewExpired => "review_expired",
        }
    }
}

/// The first text on a channel: it asks for an answer, and for nothing else. Not even that of somebody who opted out and was erased
/// since: they are treated as opted out until they ask for texts again.
pub(super) async fn note_implied_consent(
    tx: &mut Tx,
    contact: ContactId,
    number: &PhoneNumber,
    channel: &str,
    message: MessageId,
) -> Result<(), sqlx::Error> {
    if erased_after_opt_out(tx, number).await? {
        return contacts::set_opt_in_status(tx, contact, OptInStatus::OptedOut).await;
    }
    store::append_first_text(tx, contact, channel, message).await
}

/// Whether somebody with this number opted out and was erased. Where nobody can tell, because the key is lost, no: their texts are taken in
/// all the same, and sending asks again and holds back what it cannot be sure of.
async fn erased_after_opt_out(tx: &mut Tx, number: &PhoneNumber) -> Result<bool, sqlx::Error> {
    match store::erased_after_opt_out(tx, number).await {
        Err(error) if numbers::is_key_lost(&error) => {
            tracing::error!(%error, "compliance.number_key_lost");
            Ok(false)
        }
        known => known,
    }
}

/// Marks the contact as opted out where somebody with this number opted out and was erased.
pub(super) async fn heed_erased_opt_out(tx: &mut Tx, id: ContactId) -> Result<(), sqlx::Error> {
    let Some(contact) = contacts::lock_any(tx, id).await? else { return Ok(()) };
    let number = PhoneNumber::parse_e164(&contact.phone_number).map_err(|e| sqlx::Error::Decode(Box::new(e)))?;
    if erased_after_opt_out(tx, &number).await? {
        contacts::set_opt_in_status(tx, id, OptInStatus::OptedOut).await?;
    }
    Ok(())
}

/// The contact wants no more texts: blocked in the whole organization from this transaction on. Who says so by their other number means
/// the one that we text too.
pub async fn opt_out(
    tx: &mut Tx,
    contact: ContactId,
    number: &PhoneNumber,
    evidence: Evidence<'_>,
) -> Result<(), sqlx::Error> {
    store::append(tx, &revoked(contact, None, evidence)).await?;
    close_to_texts(tx, contact, number).await?;
    if let Some(kept) = contacts::merged_into(tx, contact).await? {
        let kept = contacts::lock(tx, kept).await?;
        if kept.opt_in_status != OptInStatus::OptedOut {
            let number = PhoneNumber::parse_e164(&kept.phone_number).map_err(|e| sqlx::Error::Decode(Box::new(e)))?;
            store::append(tx, &revoked(kept.id, None, evidence)).await?;
            close_to_texts(tx, kept.id, &number).await?;
        }
    }
    Ok(())
}

/// The line of an opt-out in the contact's own words.
fn revoked(contact: ContactId, purpose: Option<ConsentPurpose>, evidence: Evidence<'_>) -> NewConsentEvent<'_> {
    NewConsentEvent {
        contact_id: contact,
        channel: evidence.channel,
        action: "revoked",
        tier: "express",
        method: evidence.method(),
        evidence: Some(evidence.words),
        message_id: Some(evidence.message_id),
        purpose: purpose.map(ConsentPurpose::as_str),
        proof: evidence.proof(),
    }
}

/// The contact wants no more texts of one kind, at any of their numbers; others are welcome. False: they had said so before.
pub async fn opt_out_of(
    tx: &mut Tx,
    contact: ContactId,
    purpose: ConsentPurpose,
    evidence: Evidence<'_>,
) -> Result<bool, sqlx::Error> {
    let mut new = false;
    for contact in [Some(contact), contacts::merged_into(tx, contact).await?].into_iter().flatten() {
        if ledger::opted_out_by_contact(&store::consent::lines(tx, contact).await?, Some(purpose)) {
            continue;
        }
        store::append(tx, &revoked(contact, Some(purpose), evidence)).await?;
        events::emit(tx, Event::ConsentNarrowed { contact_id: contact }).await?;
        new = true;
    }
    Ok(new)
}

/// Whether somebody would be texted again who asked not to be, if texts went to `kept` instead: `other` revoked, or may have, what `kept` did
/// not, or its number is blocked and the other one is not.
pub async fn would_be_texted_again(tx: &mut Tx, kept: &Contact, other: &Contact) -> Result<bool, sqlx::Error> {
    let lines = store::consent::lines_of_all(tx, &[kept.id, other.id]).await?;
    let revoked = |contact: &Contact, purpose| {
        lines.get(&contact.id).is_some_and(|lines| ledger::revoked_for_files(lines, purpose))
    };
    let purposes = [ConsentPurpose::Conversational, ConsentPurpose::Transactional, ConsentPurpose::Marketing];
    let by_ledger = purposes.into_iter().any(|purpose| revoked(other, purpose) && !revoked(kept, purpose));
    let out = |contact: &Contact| contact.opt_in_status == OptInStatus::OptedOut;
    if by_ledger || (other.under_review && !kept.under_review) || (out(other) && !out(kept)) {
        return Ok(true);
    }
    let numbers = [kept, other].map(|contact| PhoneNumber::parse_e164(&contact.phone_number));
    let [Ok(kept), Ok(other)] = numbers else { return Ok(true) };
    Ok(personal::is_blocked(tx, &other).await? && !personal::is_blocked(tx, &kept).await?)
}

/// What every opt-out does beside its line in the ledger.
async fn close_to_texts(tx: &mut Tx, contact: ContactId, number: &PhoneNumber) -> Result<(), sqlx::Error> {
    store::suppress(tx, number, None, "opted_out").await?;
    end_review(tx, contact, number, ReviewStatus::OptedOut).await?;
    contacts::set_opt_in_status(tx, contact, OptInStatus::OptedOut).await?;
    events::emit(tx, Event::ContactOptedOut { contact_id: contact }).await
}

/// Consent given or taken back outside of a text, as staff records it.
#[derive(Debug)]
pub(super) struct Recorded<'a> {
    pub action: ConsentAction,
    /// Of a grant.
    pub tier: ConsentTier,
    pub channel: ConsentChannel,
    pub method: ConsentMethod,
    pub purpose: Option<ConsentPurpose>,
    pub evidence: &'a str,
    pub message_id: Option<MessageId>,
    pub disclosure_id: Option<DisclosureId>,
    pub proof: Proof<'a>,
}

/// Why consent is not recorded.
#[derive(Debug, thiserror::Error)]
pub(super) enum ConsentError {
    #[error("there is no such contact")]
    NoSuchContact,
    #[error("there is no such disclosure")]
    NoSuchDisclosure,
    #[error("a text of somebody else, or of nobody")]
    NotTheirText,
    /// Their own opt-out stands.
    #[error("the contact opted out themselves")]
    OptedOutThemselves,
    /// It is older than what took it back.
    #[error("consent was taken back after that")]
    RevokedSince,
    #[error("a doubtful opt-out of the contact is open")]
    UnderReview,
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Records consent. A revocation holds from this transaction on: of texts as such for everything, of a purpose for that. A grant lifts an
/// opt-out that staff recorded, never the contact's own.
pub(super) async fn record_consent(
    tx: &mut Tx,
    id: ContactId,
    recorded: &Recorded<'_>,
) -> Result<ConsentEvent, ConsentError> {
    // The contact first, as a turn does that hears them opt out at this moment.
    let contact = contacts::lock_any(tx, id).await?.ok_or(ConsentError::NoSuchContact)?;
    let number = PhoneNumber::parse_e164(&contact.phone_number).map_err(|e| sqlx::Error::Decode(Box::new(e)))?;
    let granted = recorded.action == ConsentAction::Granted;
    if granted {
        may_be_granted(tx, &contact, &number, recorded).await?;
    }
    let mut proof = recorded.proof.clone();
    if let Some(disclosure) = recorded.disclosure_id {
        let sha256 = disclosures::sha256(tx, disclosure).await?.ok_or(ConsentError::NoSuchDisclosure)?;
        proof.disclosure = Some((disclosure, sha256));
    }
    let texts: Vec<MessageId> = recorded.message_id.into_iter().chain(proof.double_opt_in_message_id).collect();
    if !texts.is_empty() && !store::consent::are_their_texts(tx, id, &texts).await? {
        return Err(ConsentError::NotTheirText);
    }
    let event = NewConsentEvent {
        contact_id: id,
        channel: recorded.channel.as_str(),
        action: recorded.action.as_str(),
        tier: if granted { recorded.tier.as_str() } else { ConsentTier::Express.as_str() },
        method: recorded.method.as_str(),
        evidence: Some(recorded.evidence),
        message_id: recorded.message_id,
        purpose: recorded.purpose.map(ConsentPurpose::as_str),
        proof,
    };
    let event = store::append(tx, &event).await?;
    if granted {
        store::lift_reason(tx, &number, "opted_out").await?;
        contacts::set_opt_in_status(tx, id, OptInStatus::OptedIn).await?;
    } else if recorded.purpose.is_none() {
        close_to_texts(tx, id, &number).await?;
    } else {
        events::emit(tx, Event::ConsentNarrowed { contact_id: id }).await?;
    }
    Ok(store::consent::event(tx, event).await?)
}

/// Whether a grant may be recorded: not over an opt-out of their own, nor while one is doubtful, nor an old one over a newer revocation.
async fn may_be_granted(
    tx: &mut Tx,
    contact: &Contact,
    number: &PhoneNumber,
    recorded: &Recorded<'_>,
) -> Result<(), ConsentError> {
    if contact.under_review {
        return Err(ConsentError::UnderReview);
    }
    let lines = store::consent::lines(tx, contact.id).await?;
    if ledger::opted_out_by_contact(&lines, recorded.purpose) || store::erased_after_opt_out(tx, number).await? {
        return Err(ConsentError::OptedOutThemselves);
    }
    let given_at = recorded.proof.given_at.unwrap_or_else(|| tx.clock().now());
    if ledger::last_revoked(&lines, recorded.purpose).is_some_and(|revoked| given_at < revoked) {
        return Err(ConsentError::RevokedSince);
    }
    Ok(())
}

/// The contact asks to be texted again. False: they opted out after they had said so, and this came late.
pub async fn opt_in(
    tx: &mut Tx,
    contact: ContactId,
    number: &PhoneNumber,
    evidence: Evidence<'_>,
) -> Result<bool, sqlx::Error> {
    let lines = store::consent::lines(tx, contact).await?;
    if lines
        .iter()
        .any(|line| line.action == ConsentAction::Revoked && line.purpose.is_none() && line.given_at > evidence.said_at)
    {
        return Ok(false);
    }
    let event = NewConsentEvent {
        contact_id: contact,
        channel: evidence.channel,
        action: "granted",
        tier: "express",
        method: evidence.method(),
        evidence: Some(evidence.words),
        message_id: Some(evidence.message_id),
        purpose: None,
        proof: evidence.proof(),
    };
    store::append(tx, &event).await?;
    store::lift(tx, number).await?;
    end_review(tx, contact, number, ReviewStatus::Kept).await?;
    contacts::set_opt_in_status(tx, contact, OptInStatus::OptedIn).await?;
    events::emit(tx, Event::ContactOptedIn { contact_id: contact }).await?;
    Ok(true)
}

/// Whether the carrier is known to block the sender for the number: it has answered their STOP, and would refuse whatever we say.
pub async fn carrier_blocks(tx: &mut Tx, number: &PhoneNumber, sender: SenderId) -> Result<bool, sqlx::Error> {
    store::carrier_blocks(tx, number, sender).await
}

/// The provider says for good that no text arrives at the number on this channel (Twilio's 21211, 21614, 21635, 30005, 30006, 63003). Nothing
/// is sent there until they text from it, or staff takes it off the block list.
pub async fn bad_number(
    tx: &mut Tx,
    number: &PhoneNumber,
    channel: ConsentChannel,
    code: &str,
) -> Result<(), sqlx::Error> {
    store::note_bad_number(tx, number, channel, code).await
}

/// The carrier refused with 21610: that sender is blocked for the number. Says nothing of the organization's other senders.
pub async fn carrier_opted_out(tx: &mut Tx, number: &PhoneNumber, sender: SenderId) -> Result<(), sqlx::Error> {
    store::suppress(tx, number, Some(sender), "carrier_opted_out").await
}

/// A text that may be an opt-out.
#[derive(Clone, Copy, Debug)]
pub struct DoubtfulText<'a> {
    pub contact_id: ContactId,
    pub conversation_id: ConversationId,
    pub message_id: MessageId,
    pub channel: &'a str,
    pub words: &'a str,
    /// The words that may revoke consent.
    pub evidence: &'a str,
    pub received_at: DateTime<Utc>,
}

/// Lays a doubtful text before a person. From this transaction on the contact is not texted until it is decided.
pub async fn open_review(tx: &mut Tx, number: &PhoneNumber, tz: Tz, text: DoubtfulText<'_>) -> Result<(), sqlx::Error> {
    let due_at = review_due(text.received_at, tz);
    let review = reviews::NewReview {
        contact_id: text.contact_id,
        conversation_id: text.conversation_id,
        message_id: text.message_id,
        channel: text.channel,
        words: text.words,
        evidence: text.evidence,
        due_at,
    };
    let Some(review_id) = reviews::open(tx, &review).await? else {
        return Ok(());
    };
    store::suppress(tx, number, None, UNDER_REVIEW).await?;
    contacts::set_under_review(tx, text.contact_id, true).await?;
    tx.tell(Kind::OptOutReview, review_id.0);
    tx.tell(Kind::Contact, text.contact_id.0);
    let wait = (due_at - tx.clock().now()).to_std().unwrap_or(Duration::ZERO);
    jobs::enqueue(tx, NewJob::after(&CloseOverdueReview { review_id }, wait)).await
}

/// Ends a review. None: it was decided before, or there is no such review.
pub async fn decide_review(
    tx: &mut Tx,
    id: OptOutReviewId,
    verdict: Verdict,
    by: Decider,
    note: Option<&str>,
) -> Result<Option<OptOutReview>, sqlx::Error> {
    let (status, source) = match (verdict, by) {
        (Verdict::Keep, _) => (ReviewStatus::Kept, None),
        (Verdict::OptOut, Decider::Deadline) => (ReviewStatus::Expired, Some(ConsentSource::ReviewExpired)),
        (Verdict::OptOut, _) => (ReviewStatus::OptedOut, Some(ConsentSource::StaffReview)),
    };
    let user = match by {
        Decider::Staff(user) => user,
        Decider::Deadline => None,
    };
    let Some(review) = reviews::get(tx, id).await? else {
        return Ok(None);
    };
    // The contact first, as a turn does that hears them opt out at this moment.
    let contact = match contacts::lock(tx, review.contact_id).await {
        // Erased while this waited for the lock, and the review with it.
        Err(sqlx::Error::RowNotFound) => return Ok(None),
        contact => contact?,
    };
    let Some(channel) = reviews::close(tx, id, status, user, note).await? else {
        return Ok(None);
    };
    let number = PhoneNumber::parse_e164(&contact.phone_number).map_err(|e| sqlx::Error::Decode(Box::new(e)))?;
    match source {
        Some(source) => {
            let evidence = Evidence {
                channel: &channel,
                words: &review.words,
                message_id: review.message_id,
                said_at: tx.clock().now(),
                source,
            };
            opt_out(tx, contact.id, &number, evidence).await?;
        }
        None => lift_hold(tx, contact.id, &number).await?,
    }
    tx.tell(Kind::OptOutReview, id.0);
    tx.tell(Kind::Contact, contact.id.0);
    reviews::get(tx, id).await
}

/// How long people still have to decide; none where it is late or decided.
pub(super) async fn time_left(tx: &mut Tx, id: OptOutReviewId) -> Result<Option<Duration>, sqlx::Error> {
    let open = reviews::get(tx, id).await?.filter(|review| review.status == ReviewStatus::Open);
    let left = open.and_then(|review| (review.due_at - tx.clock().now()).to_std().ok());
    Ok(left.filter(|left| !left.is_zero()))
}

/// How many reviews wait for a person, and when the first is due.
pub async fn open_reviews(tx: &mut Tx) -> Result<(i64, Option<DateTime<Utc>>), sqlx::Error> {
    reviews::open_count(tx).await
}

async fn end_review(
    tx: &mut Tx,
    contact: ContactId,
    number: &PhoneNumber,
    status: ReviewStatus,
) -> Result<(), sqlx::Error> {
    reviews::close_for_contact(tx, contact, status).await?;
    lift_hold(tx, contact, number).await
}

async fn lift_hold(tx: &mut Tx, contact: ContactId, number: &PhoneNumber) -> Result<(), sqlx::Error> {
    store::lift_reason(tx, number, UNDER_REVIEW).await?;
    contacts::set_under_review(tx, contact, false).await
}

/// What an erasure did to a contact's consent.
#[derive(Debug)]
pub struct ErasedConsent {
    pub counts: Vec<Erased>,
    /// They had opted out: the keyed hash of their number stays on the block list.
    pub opt_out_kept: bool,
}

/// Erases the contact's consent, reviews and number. Of a block on the number its keyed hash stays, with the date and reason.
pub async fn erase(tx: &mut Tx, contact: ContactId, number: &PhoneNumber) -> Result<ErasedConsent, sqlx::Error> {
    let opt_out_kept = personal::is_blocked(tx, number).await? || store::erased_after_opt_out(tx, number).await?;
    if opt_out_kept {
        let hash = numbers::hash_to_keep(tx, number).await?;
        personal::hash_blocks(tx, number, &hash).await?;
    }
    let mut counts = personal::erase_consent(tx, contact).await?;
    counts.push(personal::erase_number(tx, number).await?);
    Ok(ErasedConsent { counts, opt_out_kept })
}
