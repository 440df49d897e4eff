//! The ledger by examples, and by what must hold of every ledger.

use chrono::TimeDelta;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;

use ConsentAction::{Granted, Revoked};
use ConsentChannel::{Simulator, Sms, Web, Whatsapp};
use ConsentMethod::{
    Api, FreeText, Import, InboundMessage, Keyword, Paper, ReviewExpired, StaffRecorded, StaffReview, Verbal, WebForm,
};
use ConsentPurpose::{Conversational, Marketing, Transactional};
use ConsentTier::{Express, ExpressWritten, Implied};

const CHANNELS: [ConsentChannel; 4] = [Sms, Whatsapp, Web, Simulator];
const PURPOSES: [ConsentPurpose; 3] = [Conversational, Transactional, Marketing];

const fn line(action: ConsentAction, tier: ConsentTier, channel: ConsentChannel, method: ConsentMethod) -> Line {
    Line {
        id: ConsentEventId(Uuid::nil()),
        action,
        tier,
        channel,
        method,
        purpose: None,
        given_at: DateTime::UNIX_EPOCH,
    }
}

const fn about(purpose: ConsentPurpose, line: Line) -> Line {
    Line { purpose: Some(purpose), ..line }
}

const WROTE: Line = about(Conversational, line(Granted, Implied, Sms, InboundMessage));
const STOP: Line = line(Revoked, Express, Sms, Keyword);
const START: Line = line(Granted, Express, Sms, Keyword);
const SIGNED: Line = line(Granted, ExpressWritten, Sms, Paper);
const SIGNED_UP: Line = about(Marketing, line(Granted, ExpressWritten, Sms, WebForm));
const REMINDERS: Line = about(Transactional, line(Granted, Express, Sms, Verbal));
const STOP_PROMOS: Line = about(Marketing, line(Revoked, Express, Sms, Keyword));
const CALLED_IT_OFF: Line = line(Revoked, Express, Sms, Verbal);
const CALLED_PROMOS_OFF: Line = about(Marketing, line(Revoked, Express, Sms, Verbal));

/// One a minute, with ids of their own.
fn in_order(lines: &[Line]) -> Vec<Line> {
    let numbered = lines.iter().zip(1..);
    numbered
        .map(|(line, n)| Line {
            id: ConsentEventId(Uuid::from_u128(n)),
            given_at: DateTime::UNIX_EPOCH + TimeDelta::minutes(i64::try_from(n).expect("few")),
            ..*line
        })
        .collect()
}

fn tier(lines: &[Line], channel: ConsentChannel, purpose: ConsentPurpose) -> Option<ConsentTier> {
    basis(&in_order(lines), channel, purpose).map(|b| b.tier)
}

#[test]
fn the_highest_grant_since_the_last_revocation_stands() {
    for (lines, stands) in [
        (&[][..], None),
        (&[WROTE], Some(Implied)),
        (&[WROTE, SIGNED, START], Some(ExpressWritten)),
        (&[SIGNED, WROTE], Some(ExpressWritten)),
        (&[WROTE, STOP], None),
        (&[WROTE, STOP, WROTE], None),
        (&[SIGNED, STOP, START], Some(Express)),
        (&[SIGNED, CALLED_IT_OFF], None),
        (&[CALLED_IT_OFF, SIGNED], Some(ExpressWritten)),
        (&[STOP, SIGNED], None),
        (&[STOP, SIGNED, START], Some(Express)),
    ] {
        assert_eq!(tier(lines, Sms, Conversational), stands, "{lines:?}");
    }
}

#[test]
fn the_basis_names_its_line() {
    let lines = in_order(&[WROTE, SIGNED, START, SIGNED]);
    let basis = basis(&lines, Sms, Marketing).expect("signed");
    assert_eq!(
        (basis.event, basis.at, basis.method),
        (lines[3].id, lines[3].given_at, Paper),
        "of equal ones the latest"
    );
}

#[test]
fn consent_counts_where_it_was_given_and_a_revocation_everywhere() {
    assert_eq!(tier(&[WROTE], Whatsapp, Conversational), None);
    assert_eq!(tier(&[WROTE], Simulator, Conversational), Some(Implied));
    assert_eq!(tier(&[line(Granted, Implied, Simulator, InboundMessage)], Sms, Conversational), None);
    let whatsapp = line(Granted, ExpressWritten, Whatsapp, Paper);
    for purpose in PURPOSES {
        assert_eq!(tier(&[SIGNED, whatsapp, STOP], Whatsapp, purpose), None);
    }
    assert_eq!(tier(&[SIGNED, whatsapp, STOP_PROMOS], Whatsapp, Marketing), None, "a category too");
    assert_eq!(tier(&[SIGNED, whatsapp, STOP_PROMOS], Whatsapp, Transactional), Some(ExpressWritten));
}

#[test]
fn each_purpose_has_its_own_consent() {
    for (lines, stand) in [
        (&[WROTE][..], [Some(Implied), None, None]),
        (&[START], [Some(Express); 3]),
        (&[REMINDERS], [Some(Express), Some(Express), None]),
        (&[SIGNED_UP], [Some(ExpressWritten), None, Some(ExpressWritten)]),
        (&[WROTE, REMINDERS, SIGNED_UP], [Some(ExpressWritten), Some(Express), Some(ExpressWritten)]),
        // What was given for promotions is gone with them.
        (&[WROTE, REMINDERS, SIGNED_UP, STOP_PROMOS], [Some(Express), Some(Express), None]),
        (&[SIGNED_UP, STOP_PROMOS], [None, None, None]),
        (&[SIGNED, STOP_PROMOS], [Some(ExpressWritten), Some(ExpressWritten), None]),
        // START wants texts again; promotions need more than that.
        (&[SIGNED, STOP_PROMOS, START], [Some(ExpressWritten), Some(ExpressWritten), Some(Express)]),
        // What staff records does not bring back what they took back themselves.
        (&[REMINDERS, STOP_PROMOS, SIGNED_UP, SIGNED], [Some(ExpressWritten), Some(ExpressWritten), None]),
        (&[REMINDERS, CALLED_PROMOS_OFF, SIGNED_UP], [Some(ExpressWritten), Some(Express), Some(ExpressWritten)]),
        (&[REMINDERS, SIGNED_UP, STOP], [None, None, None]),
    ] {
        let found = PURPOSES.map(|purpose| tier(lines, Sms, purpose));
        assert_eq!(found, stand, "{lines:?}");
    }
}

#[test]
fn each_purpose_needs_its_tier() {
    let needs = [(Conversational, [true; 3]), (Transactional, [false, true, true]), (Marketing, [false, false, true])];
    for (purpose, allowed) in needs {
        assert_eq!([Implied, Express, ExpressWritten].map(|tier| allows(purpose, tier)), allowed, "{purpose:?}");
    }
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
        (&[STOP_PROMOS], false),
    ] {
        assert_eq!(opted_out_by_contact(lines, None), out, "{lines:?}");
    }
    for (lines, from_promotions, from_reminders) in [
        (&[STOP_PROMOS][..], true, false),
        (&[STOP_PROMOS, SIGNED_UP], true, false),
        (&[STOP_PROMOS, START], false, false),
        (&[STOP], true, true),
        (&[CALLED_PROMOS_OFF], false, false),
    ] {
        let out = [Marketing, Transactional].map(|purpose| opted_out_by_contact(lines, Some(purpose)));
        assert_eq!(out, [from_promotions, from_reminders], "{lines:?}");
    }
}

#[test]
fn an_old_grant_found_later_is_older_than_the_revocation() {
    let mut lines = in_order(&[CALLED_IT_OFF, SIGNED]);
    lines[1].given_at = DateTime::UNIX_EPOCH;
    assert_eq!(basis(&lines, Sms, Conversational), None, "the folder of last year");
    assert_eq!(last_revoked(&lines, None), Some(lines[0].given_at));
    // A revocation that was written down late still ends what was written before it.
    let mut lines = in_order(&[SIGNED, CALLED_IT_OFF]);
    lines[1].given_at = DateTime::UNIX_EPOCH;
    assert_eq!(basis(&lines, Sms, Conversational), None);
    assert_eq!(last_revoked(&in_order(&[SIGNED, STOP_PROMOS]), None), None);
    assert!(last_revoked(&in_order(&[SIGNED, STOP_PROMOS]), Some(Marketing)).is_some());
}

// ---- every ledger

fn any_line() -> impl Strategy<Value = Line> {
    let methods = vec![
        InboundMessage,
        Keyword,
        FreeText,
        StaffReview,
        ReviewExpired,
        StaffRecorded,
        WebForm,
        Paper,
        Verbal,
        Api,
        Import,
    ];
    let purposes = vec![None, Some(Conversational), Some(Transactional), Some(Marketing)];
    (
        prop::sample::select(vec![Granted, Revoked]),
        prop::sample::select(vec![Implied, Express, ExpressWritten]),
        prop::sample::select(CHANNELS.to_vec()),
        prop::sample::select(methods),
        prop::sample::select(purposes),
        0i64..40,
    )
        .prop_map(|(action, tier, channel, method, purpose, minute)| Line {
            purpose,
            given_at: DateTime::UNIX_EPOCH + TimeDelta::minutes(minute),
            ..line(action, tier, channel, method)
        })
}

fn any_ledger() -> impl Strategy<Value = Vec<Line>> {
    prop::collection::vec(any_line(), 0..12).prop_map(|mut lines| {
        for (line, n) in lines.iter_mut().zip(1..) {
            line.id = ConsentEventId(Uuid::from_u128(n));
        }
        lines
    })
}

fn all(lines: &[Line]) -> Vec<Option<Basis>> {
    CHANNELS.iter().flat_map(|c| PURPOSES.map(|p| basis(lines, *c, p))).collect()
}

proptest! {
    /// Nothing stands that nobody granted: the basis is a grant of the ledger, on that channel, after which nothing was revoked.
    #[test]
    fn a_basis_is_a_grant_of_the_ledger(lines in any_ledger()) {
        for channel in CHANNELS {
            for purpose in PURPOSES {
                let Some(found) = basis(&lines, channel, purpose) else { continue };
                let at = lines.iter().position(|l| l.id == found.event).expect("a line of the ledger");
                prop_assert_eq!(lines[at].action, Granted);
                prop_assert!(channel == Simulator || lines[at].channel == channel);
                prop_assert!(lines[at + 1..].iter().all(|l| !l.ends(purpose)), "revoked afterwards");
                prop_assert!(lines.iter().all(|l| !l.ends(purpose) || l.given_at <= lines[at].given_at), "revoked at a later date");
            }
        }
    }

    /// A revocation of texts as such ends everything on every channel, whatever came before and from wherever it came.
    #[test]
    fn a_revocation_ends_everything(lines in any_ledger(), last in any_line()) {
        let mut lines = lines;
        lines.push(Line { action: Revoked, purpose: None, ..last });
        prop_assert!(all(&lines).iter().all(Option::is_none));
    }

    /// A revocation of one category ends that on every channel, and leaves the others what was not given for it.
    #[test]
    fn a_category_ends_alone(lines in any_ledger(), last in any_line(), ended in prop::sample::select(PURPOSES.to_vec())) {
        let mut more = lines.clone();
        more.push(Line { action: Revoked, purpose: Some(ended), ..last });
        for channel in CHANNELS {
            for purpose in PURPOSES {
                let after = basis(&more, channel, purpose);
                if purpose == ended {
                    prop_assert_eq!(after, None);
                } else {
                    let others: Vec<Line> = lines.iter().copied().filter(|l| l.action == Revoked || l.purpose != Some(ended)).collect();
                    prop_assert_eq!(after, basis(&others, channel, purpose));
                }
            }
        }
    }

    /// What staff records never brings back what the contact took back themselves.
    #[test]
    fn staff_never_lifts_a_contacts_own_opt_out(lines in any_ledger(), records in prop::collection::vec(any_line(), 1..6), about in prop::sample::select(vec![None, Some(Marketing)])) {
        let mut lines = lines;
        lines.push(Line { purpose: about, ..STOP });
        lines.extend(records.into_iter().filter(|l| l.method.recorded_by_staff()));
        prop_assert!(opted_out_by_contact(&lines, about));
        for channel in CHANNELS {
            prop_assert_eq!(basis(&lines, channel, Marketing), None);
            if about.is_none() {
                prop_assert_eq!(basis(&lines, channel, Conversational), None);
            }
        }
    }

    /// Texting in lets us answer, and nothing else.
    #[test]
    fn texting_in_is_consent_to_an_answer_only(times in 1usize..5, channel in prop::sample::select(CHANNELS.to_vec())) {
        let lines = vec![Line { channel, ..WROTE }; times];
        for purpose in PURPOSES {
            let may = basis(&lines, channel, purpose).is_some_and(|b| allows(purpose, b.tier));
            prop_assert_eq!(may, purpose == Conversational);
        }
    }

    /// More consent never allows less: taking a grant out of a ledger gives nobody a text they had not.
    #[test]
    fn a_grant_never_takes_consent_away(lines in any_ledger(), out in 0usize..12) {
        prop_assume!(lines.get(out).is_some_and(|l| l.action == Granted));
        let mut fewer = lines.clone();
        fewer.remove(out);
        for (with, without) in all(&lines).into_iter().zip(all(&fewer)) {
            prop_assert!(without.map(|b| b.tier) <= with.map(|b| b.tier));
        }
    }
}
