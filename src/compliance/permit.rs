//! The permit without which no text reaches a channel.

use super::{ledger, model::ConsentChannel, store};
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
            Self::NoConsent => "no_consent",
        }
    }

    pub const fn sentence(self) -> &'static str {
        match self {
            Self::OptedOut => "Not sent: the contact opted out.",
            Self::CarrierOptedOut => "Not sent: the carrier blocks this sender for the contact (they replied STOP).",
            Self::UnderReview => "Not sent: a person must first decide whether the contact opted out.",
            Self::Blocked => "Not sent: staff put the number on the block list.",
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
    let purpose = Purpose::Conversational;
    if let Some(refusal) = refusal(tx, to, sender, purpose).await? {
        return Ok(Some(refusal));
    }
    let lines = store::consent::lines(tx, contact).await?;
    Ok((!ledger::allows(purpose, ledger::standing(&lines, channel))).then_some(Refusal::NoConsent))
}

/// Why a text of this purpose is blocked now.
async fn refusal(
    tx: &mut Tx,
    to: &PhoneNumber,
    sender: SenderId,
    purpose: Purpose,
) -> Result<Option<Refusal>, sqlx::Error> {
    let blocks = store::active_suppressions(tx, to, sender).await?;
    Ok(blocks.iter().find_map(|block| match (block.reason.as_str(), purpose) {
        // The confirmation is the one text an opt-out itself allows; the carrier's own block stays closed.
        ("opted_out", Purpose::OptOutConfirmation) => None,
        ("carrier_opted_out", _) => Some(Refusal::CarrierOptedOut),
        ("under_review", _) => Some(Refusal::UnderReview),
        ("blocked", _) => Some(Refusal::Blocked),
        _ => Some(Refusal::OptedOut),
    }))
}
