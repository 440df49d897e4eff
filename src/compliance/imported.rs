//! Consent that comes with a file of contacts: written into each ledger in the transaction that takes the contacts in, and ended again when
//! the file is undone. A file lifts nobody's opt-out.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use async_trait::async_trait;

use super::{
    ledger::{self, Line},
    model::{ConsentChannel, ConsentMethod, ConsentPurpose, ConsentTier},
    store::{
        disclosures,
        imported::{self as store, Grant},
        numbers, personal,
    },
};
use crate::{
    contacts::{
        self, Book, BroughtBy, ConsentBook, Given, ImportChannel, ImportConsent, ImportMethod, ImportPurpose,
        ImportTier, OptInStatus, TakenIn,
    },
    platform::{
        db::Tx,
        ids::{ConsentEventId, ContactId},
        problem::Problem,
    },
};

/// The ledgers, for whoever takes contacts in.
pub fn consent_book() -> Book {
    Arc::new(Ledgers)
}

struct Ledgers;

const fn tier(tier: ImportTier) -> ConsentTier {
    match tier {
        ImportTier::Express => ConsentTier::Express,
        ImportTier::ExpressWritten => ConsentTier::ExpressWritten,
    }
}

const fn method(method: ImportMethod) -> ConsentMethod {
    match method {
        ImportMethod::Import => ConsentMethod::Import,
        ImportMethod::WebForm => ConsentMethod::WebForm,
        ImportMethod::Paper => ConsentMethod::Paper,
        ImportMethod::Verbal => ConsentMethod::Verbal,
        ImportMethod::Api => ConsentMethod::Api,
        ImportMethod::StaffRecorded => ConsentMethod::StaffRecorded,
    }
}

const fn channel(channel: ImportChannel) -> ConsentChannel {
    match channel {
        ImportChannel::Sms => ConsentChannel::Sms,
        ImportChannel::Whatsapp => ConsentChannel::Whatsapp,
        ImportChannel::Web => ConsentChannel::Web,
        ImportChannel::Simulator => ConsentChannel::Simulator,
    }
}

const fn purpose(purpose: ImportPurpose) -> ConsentPurpose {
    match purpose {
        ImportPurpose::Conversational => ConsentPurpose::Conversational,
        ImportPurpose::Transactional => ConsentPurpose::Transactional,
        ImportPurpose::Marketing => ConsentPurpose::Marketing,
    }
}

#[async_trait]
impl ConsentBook for Ledgers {
    async fn check(&self, tx: &mut Tx, consent: &ImportConsent) -> Result<(), Problem> {
        if let Some(id) = consent.disclosure_id
            && disclosures::sha256(tx, id).await?.is_none()
        {
            let field = "options.consent.disclosure_id";
            return Err(Problem::invalid_field(field, "unknown", "is no disclosure of yours"));
        }
        Ok(())
    }

    async fn take_in(
        &self,
        tx: &mut Tx,
        taken: &[TakenIn],
        consent: Option<&ImportConsent>,
        by: BroughtBy,
    ) -> Result<Vec<Given>, sqlx::Error> {
        let out = heed_opt_outs(tx, taken).await?;
        let Some(consent) = consent else { return Ok(Vec::new()) };
        let asked: Vec<ContactId> = taken.iter().map(|t| t.id).filter(|id| !out.contains(id)).collect();
        let closed: HashSet<ContactId> = contacts::closed_to_consent(tx, &asked).await?.into_iter().collect();
        let lines = store::lines_of(tx, &asked).await?;
        let purpose = purpose(consent.purpose);
        let may = |id: &ContactId| {
            let lines = lines.get(id).map_or(&[][..], Vec::as_slice);
            let since = ledger::last_revoked(lines, Some(purpose));
            !closed.contains(id)
                && !ledger::revoked_for_files(lines, purpose)
                && since.is_none_or(|revoked| revoked <= consent.given_at)
        };
        let granted: Vec<Given> =
            asked.iter().filter(|id| may(id)).map(|id| (*id, ConsentEventId::new(tx.clock()))).collect();
        let sha256 = match consent.disclosure_id {
            Some(id) => disclosures::sha256(tx, id).await?,
            None => None,
        };
        let grant = Grant {
            tier: tier(consent.tier),
            channel: channel(consent.channel),
            method: method(consent.method),
            purpose,
            evidence: &consent.evidence,
            disclosure: consent.disclosure_id.zip(sha256),
            source: consent.source.as_deref(),
            page_url: consent.page_url.as_deref(),
            given_at: consent.given_at,
            by,
        };
        store::grant(tx, &granted, &grant).await?;
        let ids: Vec<ContactId> = granted.iter().map(|(id, _)| *id).collect();
        contacts::set_opt_in_statuses(tx, &ids, OptInStatus::OptedIn).await?;
        Ok(granted)
    }

    async fn end(&self, tx: &mut Tx, given: &[Given], by: BroughtBy) -> Result<Vec<ContactId>, sqlx::Error> {
        let ids: Vec<ContactId> = given.iter().map(|(id, _)| *id).collect();
        let lines = store::lines_of(tx, &ids).await?;
        let is_last =
            |(contact, event): &&Given| lines.get(contact).is_some_and(|l| l.last().is_some_and(|l| l.id == *event));
        let (ending, went_on): (Vec<&Given>, Vec<&Given>) = given.iter().partition(is_last);
        let written: Vec<(ConsentEventId, ConsentEventId)> =
            ending.iter().map(|(_, event)| (*event, ConsentEventId::new(tx.clock()))).collect();
        store::withdraw(tx, &written, by).await?;
        // Who had agreed in other ways before, still has.
        let others = |id: &ContactId| {
            let lines = lines.get(id).map_or(&[][..], Vec::as_slice);
            agreed_before(&lines[..lines.len().saturating_sub(1)], lines.last())
        };
        let pending: Vec<ContactId> = ending.iter().map(|(id, _)| *id).filter(|id| !others(id)).collect();
        contacts::set_opt_in_statuses(tx, &pending, OptInStatus::Pending).await?;
        Ok(went_on.into_iter().map(|(id, _)| *id).collect())
    }

    async fn forget(&self, tx: &mut Tx, given: &[Given]) -> Result<(), sqlx::Error> {
        let events: Vec<ConsentEventId> = given.iter().map(|(_, event)| *event).collect();
        personal::take_out_lines(tx, &events).await
    }
}

/// Whether more than an answer is welcome by these lines, apart from what the withdrawn line was about.
fn agreed_before(lines: &[Line], withdrawn: Option<&Line>) -> bool {
    let ended = withdrawn.and_then(|line| line.purpose);
    let purposes = [ConsentPurpose::Conversational, ConsentPurpose::Transactional, ConsentPurpose::Marketing];
    let channels = [ConsentChannel::Sms, ConsentChannel::Whatsapp, ConsentChannel::Web, ConsentChannel::Simulator];
    purposes.into_iter().filter(|p| Some(*p) != ended).any(|purpose| {
        channels.into_iter().any(|channel| {
            ledger::basis(lines, channel, purpose).is_some_and(|basis| basis.tier > ConsentTier::Implied)
        })
    })
}

/// Marks new contacts as opted out whose number is known to have opted out: it was somebody's who was deleted or erased since.
async fn heed_opt_outs(tx: &mut Tx, taken: &[TakenIn]) -> Result<HashSet<ContactId>, sqlx::Error> {
    let new: Vec<&TakenIn> = taken.iter().filter(|t| t.is_new).collect();
    let by_number: HashMap<&str, ContactId> = new.iter().map(|t| (t.number.as_str(), t.id)).collect();
    let mut out: HashSet<ContactId> = HashSet::new();
    let numbers: Vec<String> = by_number.keys().map(|n| (*n).to_owned()).collect();
    for number in store::opted_out_numbers(tx, &numbers).await? {
        out.extend(by_number.get(number.as_str()));
    }
    match numbers::hashes(tx, new.iter().map(|t| &t.number)).await {
        Ok(Some(hashes)) => {
            let by_hash: HashMap<&Vec<u8>, ContactId> = hashes.iter().zip(&new).map(|(h, t)| (h, t.id)).collect();
            for hash in store::opted_out_hashes(tx, &hashes).await? {
                out.extend(by_hash.get(&hash));
            }
        }
        Ok(None) => {}
        // Sending asks again and holds back what it cannot be sure of.
        Err(error) if numbers::is_key_lost(&error) => tracing::error!(%error, "compliance.number_key_lost"),
        Err(error) => return Err(error),
    }
    let ids: Vec<ContactId> = out.iter().copied().collect();
    contacts::set_opt_in_statuses(tx, &ids, OptInStatus::OptedOut).await?;
    Ok(out)
}
