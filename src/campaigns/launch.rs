//! From a plan to its recipients: the audience is noted down once, in pieces, and from then on it is fixed.

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    clocks::next_at,
    plan::{Campaign, CampaignState, TargetState},
    store::{
        campaigns::{self as rows, Hold},
        targets,
    },
    template::spread,
};
use crate::{
    accounts,
    compliance::places_of_contact,
    contacts::{self, Contact, Filter},
    messaging,
    platform::{
        db::{Db, Tx},
        ids::{CampaignId, ContactId, OrganizationId},
        jobs::JobError,
        phone::PhoneNumber,
    },
};

/// Recipients noted down in one transaction.
const PIECE: i64 = 2_000;
/// Lanes per sender.
pub(super) const LANES: i16 = 4;
/// Whoever waits for the better variant waits in lanes of their own, behind those.
pub(super) const REST: i16 = LANES;
/// Why they wait.
pub(super) const WAITS_FOR_WINNER: &str = "waits_for_winner";

/// Whom a campaign is for, as one filter. None: it names a segment that is gone.
pub(super) async fn filter_of(tx: &mut Tx, campaign: &Campaign) -> Result<Option<Filter>, sqlx::Error> {
    let Some(audience) = &campaign.audience else { return Ok(None) };
    let segment = match audience.segment_id {
        Some(id) => match contacts::segment(tx, id).await? {
            Some(segment) => Some(segment.filter.0),
            None => return Ok(None),
        },
        None => None,
    };
    let both = segment.into_iter().chain(audience.filter.clone()).collect();
    Ok(Some(Filter::all_of(both)))
}

/// How far the noting down is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Frozen {
    /// More is to come.
    Partly,
    Wholly,
    /// It was paused or ended meanwhile.
    NotNow,
}

/// Notes the next piece of the audience down.
pub(super) async fn freeze_piece(db: &Db, organization: OrganizationId, id: CampaignId) -> Result<Frozen, JobError> {
    let mut tx = db.tenant(organization).await?;
    let Some(campaign) = rows::get(&mut tx, id, Hold::Alone).await? else { return Ok(Frozen::NotNow) };
    if campaign.state != CampaignState::Running {
        return Ok(Frozen::NotNow);
    }
    if campaign.frozen_at.is_some() {
        return Ok(Frozen::Wholly);
    }
    let Some(filter) = filter_of(&mut tx, &campaign).await? else {
        return Err(JobError::fail("the segment of the audience is gone"));
    };
    let after = campaign.frozen_after.map(ContactId);
    let ids = contacts::select(&mut tx, &filter, after, PIECE).await?;
    let last = ids.last().copied();
    let people = contacts::get_all(&mut tx, &ids, false).await?;
    let assigned = messaging::senders_for(&mut tx, &people, &campaign.senders(), campaign.channel).await?;
    let zone = accounts::organization(&mut tx).await?.timezone;
    let now = tx.clock().now();
    let begins = campaign.starts_at.map_or(now, |at| at.max(now));
    let mut new = targets::New::default();
    for (person, sender) in people.iter().zip(assigned) {
        let dice = spread(id.0, person.id.0);
        let rest = campaign.winner_share.is_some_and(|share| (dice >> 32) % 100 >= u64::from(share.unsigned_abs()));
        let lane = i16::try_from(dice % u64::from(LANES.unsigned_abs())).unwrap_or(0) + if rest { REST } else { 0 };
        new.contacts.push(person.id.0);
        new.senders.push(sender.map(|sender| sender.0));
        new.lanes.push(lane);
        let due = campaign.local_time.map_or(begins, |time| next_at(clock_of(person, zone), begins, time));
        new.due.push(if rest { due.max(now + winner_after(&campaign)) } else { due });
        let (state, reason) = match sender {
            None => (TargetState::Skipped, Some("no_sender".to_owned())),
            Some(_) => (TargetState::Waiting, rest.then(|| WAITS_FOR_WINNER.to_owned())),
        };
        new.states.push(state.as_str().to_owned());
        new.reasons.push(reason);
    }
    targets::insert(&mut tx, id, &new).await?;
    let whole = i64::try_from(ids.len()).is_ok_and(|n| n < PIECE);
    rows::set_frozen(&mut tx, id, last.filter(|_| !whole)).await?;
    tx.commit().await?;
    Ok(if whole { Frozen::Wholly } else { Frozen::Partly })
}

pub(super) fn winner_after(campaign: &Campaign) -> TimeDelta {
    TimeDelta::minutes(campaign.winner_after.unwrap_or(0).into())
}

/// The clock that a contact most likely reads.
pub(super) fn clock_of(contact: &Contact, otherwise: chrono_tz::Tz) -> chrono_tz::Tz {
    clocks_of(contact, otherwise)[0]
}

/// Every clock that they may read; at least one.
pub(super) fn clocks_of(contact: &Contact, otherwise: chrono_tz::Tz) -> Vec<chrono_tz::Tz> {
    let Ok(number) = PhoneNumber::parse_e164(&contact.phone_number) else { return vec![otherwise] };
    let places = places_of_contact(&number, contact.timezone.as_deref(), contact.postal_code.as_deref());
    let known = places.source != crate::compliance::PlaceSource::Unknown;
    let zones: Vec<_> = places.candidates.iter().filter(|_| known).map(|place| place.zone).collect();
    if zones.is_empty() { vec![otherwise] } else { zones }
}

/// Until when what is decided on now may go.
pub(super) fn deadline(campaign: &Campaign, now: DateTime<Utc>) -> DateTime<Utc> {
    campaign.ends_at.unwrap_or(now + TimeDelta::days(7))
}
