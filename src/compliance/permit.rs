//! The permit without which no text reaches a channel.

use super::{
    ledger,
    model::{ConsentChannel, ConsentPurpose, SuppressionReason},
    store,
};
use crate::platform::{
    db::Tx,
    ids::{ContactId, MessageId, SenderId},
    phone::PhoneNumber,
};

/// Why a text is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The answer to what the contact wrote.
    Conversational,
    /// The one confirmation that follows an opt-out (47 CFR 64.1200(a)(12)).
    OptOutConfirmation,
}

impl Purpose {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Conversational => "conversational",
            Self::OptOutConfirmation => "opt_out_confirmation",
        }
    }

    /// An unknown purpose is the most restricted one.
    pub fn from_name(name: &str) -> Self {
        if name == "opt_out_confirmation" { Self::OptOutConfirmation } else { Self::Conversational }
    }
}

/// Leave to hand one message to one number, given at the moment of sending. It cannot be made outside this module, copied, or kept
/// for another message.
#[derive(Debug)]
pub struct SendPermit {
    message_id: MessageId,
    to: PhoneNumber,
}

impl SendPermit {
    pub fn message_id(&self) -> MessageId {
        self.message_id
    }

    /// The only number this permit is for.
    pub fn to(&self) -> &PhoneNumber {
        &self.to
    }
}

/// What is asked leave for.
#[derive(Debug)]
pub struct PermitRequest {
    pub message_id: MessageId,
    pub contact_id: ContactId,
    pub sender_id: SenderId,
    pub to: PhoneNumber,
    pub purpose: Purpose,
}

/// Why a text is not sent. Stored as the message's `error_code`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    OptedOut,
    CarrierOptedOut,
    UnderReview,
    /// Staff put the number on the block list.
    Blocked,
    /// It is on a do-not-call list, of the organization or of the installation.
    DoNotCall,
    /// The carrier says that no text arrives there.
    BadNumber,
    /// They never agreed to be texted.
    NoConsent,
}

impl Refusal {
    pub const fn code(self) -> &'static str {
        match self {
            Self::OptedOut => "opted_out",
            Self::CarrierOptedOut => "carrier_opted_out",
            Self::UnderReview => "under_review",
            Self::Blocked => "blocked",
            Self::DoNotCall => "do_not_call",
            Self::BadNumber => "bad_number",
            Self::NoConsent => "no_consent",
        }
    }

    pub const fn sentence(self) -> &'static str {
        match self {
            Self::OptedOut => "Not sent: the contact opted out.",
            Self::CarrierOptedOut => "Not sent: the carrier blocks this sender for the contact (they replied STOP).",
            Self::UnderReview => "Not sent: a person must first decide whether the contact opted out.",
            Self::Blocked => "Not sent: staff put the number on the block list.",
            Self::DoNotCall => "Not sent: the number is on a do-not-call list.",
            Self::BadNumber => "Not sent: the carrier says that no text arrives at this number.",
            Self::NoConsent => "Not sent: the contact has not agreed to be texted.",
        }
    }
}

/// Decides whether the message may go out now, on the block list as it stands in `tx`.
pub async fn permit(tx: &mut Tx, request: PermitRequest) -> Result<Result<SendPermit, Refusal>, sqlx::Error> {
    Ok(match refusal(tx, &request.to, request.sender_id, request.purpose).await? {
        Some(refusal) => Err(refusal),
        None => Ok(SendPermit { message_id: request.message_id, to: request.to }),
    })
}

/// Why staff or a program may not begin to text the contact now: what would be refused at sending, and that nobody is texted who neither
/// wrote on this channel nor agreed to be texted there. Sending asks again for the blocks, which is where a later revocation stands.
pub async fn may_begin(
    tx: &mut Tx,
    contact: ContactId,
    to: &PhoneNumber,
    sender: SenderId,
    channel: ConsentChannel,
) -> Result<Option<Refusal>, sqlx::Error> {
    if let Some(refusal) = refusal(tx, to, sender, Purpose::Conversational).await? {
        return Ok(Some(refusal));
    }
    let lines = store::consent::lines(tx, contact).await?;
    let purpose = ConsentPurpose::Conversational;
    let allowed = ledger::basis(&lines, channel, purpose).is_some_and(|basis| ledger::allows(purpose, basis.tier));
    Ok((!allowed).then_some(Refusal::NoConsent))
}

/// Why a text of this purpose is blocked now.
async fn refusal(
    tx: &mut Tx,
    to: &PhoneNumber,
    sender: SenderId,
    purpose: Purpose,
) -> Result<Option<Refusal>, sqlx::Error> {
    let blocks = store::active_suppressions(tx, to, sender).await?;
    for store::Block { reason, since, scope, expires_at } in &blocks {
        tracing::debug!(?reason, %since, ?scope, ?expires_at, "permit.block");
    }
    Ok(blocks.iter().find_map(|block| match (block.reason, purpose) {
        // The confirmation is the one text an opt-out itself allows; the carrier's own block stays closed.
        (SuppressionReason::OptedOut, Purpose::OptOutConfirmation) => None,
        (SuppressionReason::OptedOut, _) => Some(Refusal::OptedOut),
        (SuppressionReason::CarrierOptedOut, _) => Some(Refusal::CarrierOptedOut),
        (SuppressionReason::UnderReview, _) => Some(Refusal::UnderReview),
        (SuppressionReason::Blocked, _) => Some(Refusal::Blocked),
        (SuppressionReason::DoNotCall, _) => Some(Refusal::DoNotCall),
        (SuppressionReason::BadNumber, _) => Some(Refusal::BadNumber),
    }))
}
