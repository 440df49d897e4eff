//! What the consent ledger comes to, and what it allows. Pure.

use chrono::{DateTime, Utc};

use super::model::{ConsentAction, ConsentChannel, ConsentMethod, ConsentPurpose, ConsentTier};
use crate::platform::ids::ConsentEventId;

/// One line of a contact's ledger, as far as rules look at it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    pub id: ConsentEventId,
    pub action: ConsentAction,
    pub tier: ConsentTier,
    pub channel: ConsentChannel,
    pub method: ConsentMethod,
    /// None: texts as such.
    pub purpose: Option<ConsentPurpose>,
    /// When it was given or taken back; lines may be recorded later.
    pub given_at: DateTime<Utc>,
}

impl Line {
    /// By a text of the contact, or a reading of one.
    fn is_contacts_own(&self) -> bool {
        !self.method.recorded_by_staff()
    }

    /// A revocation of texts as such ends every purpose, one of a purpose only that (47 CFR 64.1200(a)(12) lets people choose).
    fn ends(&self, purpose: ConsentPurpose) -> bool {
        self.action == ConsentAction::Revoked && self.purpose.is_none_or(|ended| ended == purpose)
    }

    /// Whether the grant is one for texts of this purpose on this channel. Whoever agreed to texts of any kind may be answered. SMS and
    /// WhatsApp reach the same person at the same number, but consent to one is not consent to the other; in the simulator, which reaches
    /// nobody, every grant counts, and its own count nowhere else.
    fn grants(&self, channel: ConsentChannel, purpose: ConsentPurpose) -> bool {
        let wanted = self.purpose.is_none_or(|given| given == purpose) || purpose == ConsentPurpose::Conversational;
        let heard = self.channel == channel || channel == ConsentChannel::Simulator;
        self.action == ConsentAction::Granted && wanted && heard
    }

    /// A clear word of their own for more than an answer: it takes their own opt-out back.
    fn takes_back(&self, purpose: ConsentPurpose) -> bool {
        self.action == ConsentAction::Granted
            && self.is_contacts_own()
            && self.tier > ConsentTier::Implied
            && self.purpose.is_none_or(|given| given == purpose)
    }
}

/// The consent that a text rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Basis {
    pub tier: ConsentTier,
    /// The line of the ledger.
    pub event: ConsentEventId,
    pub at: DateTime<Utc>,
    pub method: ConsentMethod,
}

impl Basis {
    /// "Express consent by web form".
    pub(super) fn in_words(&self) -> String {
        let tier = match self.tier {
            ConsentTier::Implied => "Implied consent",
            ConsentTier::Express => "Express consent",
            ConsentTier::ExpressWritten => "Express written consent",
        };
        format!("{tier} by {}", self.method.as_str().replace('_', " "))
    }
}

/// The highest consent that stands for texts of this purpose on this channel after these lines, in the order they were written; of
/// equal ones the latest.
pub(super) fn basis(lines: &[Line], channel: ConsentChannel, purpose: ConsentPurpose) -> Option<Basis> {
    let counts = |n: usize| {
        let line = &lines[n];
        // One that was given for another purpose, and lets us answer, ends with that purpose too.
        let alive = |purpose| stands(lines, n, purpose);
        line.grants(channel, purpose) && alive(purpose) && line.purpose.is_none_or(alive)
    };
    let best = (0..lines.len()).filter(|n| counts(*n)).max_by_key(|n| lines[*n].tier)?;
    let line = &lines[best];
    Some(Basis { tier: line.tier, event: line.id, at: line.given_at, method: line.method })
}

/// Whether the grant in line `n` still holds, as far as this purpose goes. It ends with every revocation written later, and with one that is
/// dated later, whenever it was written down. While the contact's own opt-out stands, only their own clear word counts, whatever staff
/// records.
fn stands(lines: &[Line], n: usize, purpose: ConsentPurpose) -> bool {
    let grant = &lines[n];
    let ended =
        lines.iter().enumerate().any(|(at, line)| line.ends(purpose) && (at > n || line.given_at > grant.given_at));
    !ended && (grant.takes_back(purpose) || !opted_out_by_contact(&lines[..n], Some(purpose)))
}

/// Whether consent of this tier is enough for texts of this purpose. To whoever texted, an answer may be sent; reminders and the like need
/// that they agreed, promotions that they agreed in writing (47 CFR 64.1200(a)(2), (f)(9); CTIA Messaging Principles 5.1).
pub(super) fn allows(purpose: ConsentPurpose, tier: ConsentTier) -> bool {
    tier >= match purpose {
        ConsentPurpose::Conversational => ConsentTier::Implied,
        ConsentPurpose::Transactional => ConsentTier::Express,
        ConsentPurpose::Marketing => ConsentTier::ExpressWritten,
    }
}

/// Whether the contact's own opt-out from texts of this purpose stands, or from texts as such where none is named: only their own clear
/// word takes that back, whatever staff recorded since.
pub(super) fn opted_out_by_contact(lines: &[Line], purpose: Option<ConsentPurpose>) -> bool {
    lines.iter().filter(|line| line.is_contacts_own()).fold(false, |out, line| match (line.action, purpose) {
        (ConsentAction::Revoked, Some(purpose)) => out || line.ends(purpose),
        (ConsentAction::Revoked, None) => out || line.purpose.is_none(),
        (ConsentAction::Granted, Some(purpose)) => out && !line.takes_back(purpose),
        // That they wrote again, or want texts of one kind, is no opt-in to texts as such.
        (ConsentAction::Granted, None) => out && (line.tier == ConsentTier::Implied || line.purpose.is_some()),
    })
}

/// Whether a revocation stands that no list may lift: whoever recorded it, only the contact's own clear word takes it back. What ended an
/// earlier list is none.
pub(super) fn revoked_for_files(lines: &[Line], purpose: ConsentPurpose) -> bool {
    let withdraws = |at: usize, line: &Line| {
        let before = at.checked_sub(1).map(|at| &lines[at]);
        line.method == ConsentMethod::Import
            && before.is_some_and(|grant| {
                grant.action == ConsentAction::Granted
                    && grant.purpose == line.purpose
                    && grant.given_at == line.given_at
            })
    };
    lines.iter().enumerate().fold(false, |revoked, (at, line)| {
        if line.ends(purpose) && !withdraws(at, line) { true } else { revoked && !line.takes_back(purpose) }
    })
}

/// When consent was last taken back that a grant for this purpose would give anew: one that is older is worth nothing.
pub(super) fn last_revoked(lines: &[Line], purpose: Option<ConsentPurpose>) -> Option<DateTime<Utc>> {
    let ends = |line: &&Line| match purpose {
        Some(purpose) => line.ends(purpose),
        None => line.action == ConsentAction::Revoked && line.purpose.is_none(),
    };
    lines.iter().filter(ends).map(|line| line.given_at).max()
}

#[cfg(test)]
mod tests;
