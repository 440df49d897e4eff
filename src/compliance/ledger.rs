//! What the consent ledger comes to, and what it allows. Pure.

use chrono::{DateTime, Utc};

use super::model::{ConsentAction, ConsentChannel, ConsentMethod, ConsentPurpose, ConsentTier};
use crate::platform::ids::ConsentEventId;

/// One line of a contact's ledger, as far as rules look at it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    pub event_id: ConsentEventId,
    pub at: DateTime<Utc>,
    pub action: ConsentAction,
    pub tier: ConsentTier,
    pub channel: ConsentChannel,
    pub method: ConsentMethod,
}

/// The highest consent that stands on the channel after these lines, oldest first. A grant counts on the channel it was given for; in
/// the simulator, which reaches nobody, every grant counts, and its own grants count nowhere else. A revocation ends all that was granted,
/// whatever its channel (47 CFR 64.1200(a)(10)).
pub(super) fn standing(lines: &[Line], channel: ConsentChannel) -> Option<ConsentTier> {
    let simulated = channel == ConsentChannel::Simulator;
    lines.iter().fold(None, |standing, line| match line.action {
        ConsentAction::Revoked => None,
        ConsentAction::Granted if simulated || counts(line.channel, channel) => standing.max(Some(line.tier)),
        ConsentAction::Granted => standing,
    })
}

/// SMS and WhatsApp reach the same person at the same number, but consent to one is not consent to the other.
fn counts(given: ConsentChannel, wanted: ConsentChannel) -> bool {
    given == wanted
}

/// The consent a text stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Basis {
    pub event_id: ConsentEventId,
    pub tier: ConsentTier,
    pub method: ConsentMethod,
    pub at: DateTime<Utc>,
}

impl Basis {
    /// "Express consent by paper".
    pub(super) fn in_words(&self) -> String {
        let tier = match self.tier {
            ConsentTier::Implied => "Implied consent",
            ConsentTier::Express => "Express consent",
            ConsentTier::ExpressWritten => "Express written consent",
        };
        format!("{tier} by {}", self.method.as_str().replace('_', " "))
    }
}

/// The best consent that allows texts of this purpose on the channel.
pub(super) fn basis(lines: &[Line], channel: ConsentChannel, purpose: ConsentPurpose) -> Option<Basis> {
    let _ = purpose;
    let tier = standing(lines, channel)?;
    let line = lines.iter().rev().find(|l| l.action == ConsentAction::Granted && l.tier == tier)?;
    Some(Basis { event_id: line.event_id, tier, method: line.method, at: line.at })
}

/// Whether the contact's own opt-out stands: only their own START takes that back, whatever staff recorded since.
pub(super) fn opted_out_by_contact(lines: &[Line]) -> bool {
    lines.iter().filter(|line| !line.method.recorded_by_staff()).fold(false, |out, line| {
        match (line.action, line.tier) {
            (ConsentAction::Revoked, _) => true,
            // That they wrote again is no opt-in.
            (ConsentAction::Granted, ConsentTier::Implied) => out,
            (ConsentAction::Granted, _) => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn line(action: ConsentAction, tier: ConsentTier, channel: ConsentChannel, method: ConsentMethod) -> Line {
        let (event_id, at) = (ConsentEventId(uuid::Uuid::nil()), DateTime::UNIX_EPOCH);
        Line { event_id, at, action, tier, channel, method }
    }

    use ConsentAction::{Granted, Revoked};
    use ConsentChannel::{Simulator, Sms, Whatsapp};
    use ConsentMethod::{InboundMessage, Keyword, Paper, Verbal};
    use ConsentTier::{Express, ExpressWritten, Implied};

    const WROTE: Line = line(Granted, Implied, Sms, InboundMessage);
    const STOP: Line = line(Revoked, Express, Sms, Keyword);
    const START: Line = line(Granted, Express, Sms, Keyword);
    const SIGNED: Line = line(Granted, ExpressWritten, Sms, Paper);
    const CALLED_IT_OFF: Line = line(Revoked, Express, Sms, Verbal);

    #[test]
    fn the_highest_grant_since_the_last_revocation_stands() {
        for (lines, stands) in [
            (&[][..], None),
            (&[WROTE], Some(Implied)),
            (&[WROTE, SIGNED, START], Some(ExpressWritten)),
            (&[SIGNED, WROTE], Some(ExpressWritten)),
            (&[WROTE, STOP], None),
            (&[SIGNED, STOP, START], Some(Express)),
            (&[SIGNED, CALLED_IT_OFF], None),
            (&[CALLED_IT_OFF, SIGNED], Some(ExpressWritten)),
        ] {
            assert_eq!(standing(lines, Sms), stands, "{lines:?}");
        }
    }

    #[test]
    fn consent_counts_where_it_was_given_and_a_revocation_everywhere() {
        assert_eq!(standing(&[WROTE], Whatsapp), None);
        assert_eq!(standing(&[WROTE], Simulator), Some(Implied));
        assert_eq!(standing(&[line(Granted, Implied, Simulator, InboundMessage)], Sms), None);
        let both = [WROTE, line(Granted, Implied, Whatsapp, InboundMessage), STOP];
        assert_eq!(standing(&both, Whatsapp), None);
    }

    #[test]
    fn only_the_contact_takes_back_their_own_opt_out() {
        for (lines, out) in [
            (&[][..], false),
            (&[WROTE, STOP], true),
            (&[STOP, WROTE], true),
            (&[STOP, SIGNED], true),
            (&[STOP, CALLED_IT_OFF, SIGNED], true),
            (&[STOP, START], false),
            (&[CALLED_IT_OFF], false),
        ] {
            assert_eq!(opted_out_by_contact(lines), out, "{lines:?}");
        }
    }
}
