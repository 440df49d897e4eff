//! The work on campaigns.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::{
    books,
    lane::{Worked, Worker},
    launch::{self, Frozen, REST},
    plan::{CampaignState, WinnerBy},
    states,
    store::{
        campaigns::{self as rows, Hold, Turn},
        targets::{self, Did, Lane},
    },
};
use crate::{
    messaging::{self, Channels},
    platform::{
        db::Db,
        http::Core,
        ids::{CampaignId, ContactId, MessageId},
        jobs::{self, Claimed, Condition, JobError, JobKind, NewJob, Queue, Settled},
        live::Kind,
    },
};

/// One claim works for so long; the rest follows after others had their turn.
const AT_ONCE: Duration = Duration::from_secs(20);
/// A lane that waits is looked at after so long at the latest: a clock may be moved.
const LONGEST_LOOK: Duration = Duration::from_secs(900);
/// Recipients whose waiting is ended in one transaction.
const BITE: i64 = 2_000;

/// Note the audience down, and set its lanes to work.
#[derive(Debug, Serialize, Deserialize)]
pub struct LaunchCampaign {
    pub campaign_id: CampaignId,
}

impl JobKind for LaunchCampaign {
    const KIND: &'static str = "launch_campaign";
    const QUEUE: Queue = Queue::Default;
    const LEASE: Duration = Duration::from_secs(90);
}

pub async fn launch_campaign(db: Db, job: Claimed, args: LaunchCampaign) -> Result<Settled, JobError> {
    let (id, started) = (args.campaign_id, Instant::now());
    let mut tx = db.tenant(job.organization_id).await?;
    let campaign = rows::get(&mut tx, id, Hold::Alone).await?;
    if let Some(campaign) = campaign.filter(|campaign| campaign.state == CampaignState::Scheduled) {
        let wait = campaign.starts_at.map(|at| at - tx.clock().now()).and_then(|wait| wait.to_std().ok());
        if let Some(wait) = wait.filter(|wait| !wait.is_zero()) {
            let settled = job.snooze(&mut tx, wait).await?;
            tx.commit().await?;
            return Ok(settled);
        }
        let turn = Turn { state: CampaignState::Running, pause_reason: None, anew: false };
        rows::set_state(&mut tx, id, turn).await?;
        tx.tell(Kind::Campaign, id.0);
    }
    // It is let go of before the next transaction wants it.
    tx.commit().await?;
    let frozen = loop {
        match launch::freeze_piece(&db, job.organization_id, id).await? {
            Frozen::Partly if started.elapsed() < AT_ONCE => {}
            frozen => break frozen,
        }
    };
    let mut tx = db.tenant(job.organization_id).await?;
    let settled = match frozen {
        Frozen::Partly => job.snooze(&mut tx, Duration::ZERO).await?,
        Frozen::NotNow => job.settle(&mut tx).await?,
        Frozen::Wholly => {
            let settled = job.settle(&mut tx).await?;
            if let Some(campaign) = rows::get(&mut tx, id, Hold::Shared).await?
                && campaign.state == CampaignState::Running
            {
                states::set_to_work(&mut tx, &campaign).await?;
                tx.tell(Kind::Campaign, id.0);
            }
            settled
        }
    };
    tx.commit().await?;
    if frozen == Frozen::Wholly {
        // An audience of nobody is done.
        states::complete_if_done(&db, job.organization_id, id).await?;
    }
    Ok(settled)
}

/// It cannot be noted down: staff is told, and may resume it.
pub async fn launch_campaign_died(db: Db, job: Claimed, args: LaunchCampaign) -> Result<(), JobError> {
    let why = "Its audience could not be noted down: see Jobs.";
    Ok(states::pause_itself(&db, job.organization_id, args.campaign_id, why).await?)
}

/// Work a lane of recipients off.
#[derive(Debug, Serialize, Deserialize)]
pub struct RunCampaignLane {
    pub lane: Lane,
    /// It ends when the campaign was paused since.
    pub run: i32,
}

impl JobKind for RunCampaignLane {
    const KIND: &'static str = "run_campaign_lane";
    const QUEUE: Queue = Queue::Bulk;
    const LEASE: Duration = Duration::from_secs(90);
}

pub async fn run_campaign_lane(
    core: Core,
    channels: Channels,
    job: Claimed,
    args: RunCampaignLane,
) -> Result<Settled, JobError> {
    let started = Instant::now();
    let mut worker = Worker::new(job.organization_id, args.lane, args.run);
    let worked = loop {
        match worker.work(&core, &channels).await? {
            Worked::On if started.elapsed() < AT_ONCE => {}
            worked => break worked,
        }
    };
    let mut tx = core.db.tenant(job.organization_id).await?;
    let settled = match worked {
        Worked::Over => job.settle(&mut tx).await?,
        Worked::On => job.snooze(&mut tx, Duration::ZERO).await?,
        Worked::Later(wait) => job.snooze(&mut tx, wait.min(LONGEST_LOOK)).await?,
    };
    tx.commit().await?;
    Ok(settled)
}

/// A lane fails again and again: the campaign does not go on by halves.
pub async fn run_campaign_lane_died(core: Core, job: Claimed, args: RunCampaignLane) -> Result<(), JobError> {
    let why = "Sending it failed again and again: see Jobs.";
    Ok(states::pause_itself(&core.db, job.organization_id, args.lane.campaign_id, why).await?)
}

/// Choose the better variant, and send it to the rest.
#[derive(Debug, Serialize, Deserialize)]
pub struct ChooseWinner {
    pub campaign_id: CampaignId,
    pub run: i32,
}

impl JobKind for ChooseWinner {
    const KIND: &'static str = "choose_winner";
    const QUEUE: Queue = Queue::Default;
}

pub async fn choose_winner(db: Db, job: Claimed, args: ChooseWinner) -> Result<Settled, JobError> {
    let mut tx = db.tenant(job.organization_id).await?;
    let campaign = rows::get(&mut tx, args.campaign_id, Hold::Alone).await?;
    let campaign = campaign.filter(|c| c.state == CampaignState::Running && c.run == args.run && c.winner_at.is_none());
    let Some((campaign, by)) = campaign.and_then(|c| c.winner_by.map(|by| (c, by))) else {
        let settled = job.settle(&mut tx).await?;
        tx.commit().await?;
        return Ok(settled);
    };
    let steps = rows::steps(&mut tx, campaign.id).await?;
    let books = books::of(&mut tx, &campaign, &steps).await?;
    let lanes = targets::lanes(&mut tx, campaign.id).await?;
    let (rest, tried): (Vec<_>, Vec<_>) = lanes.into_iter().partition(|lane| lane.lane >= REST);
    let texted = books.variants.iter().any(|v| v.texted > 0);
    // Until somebody of those it is tried on was texted, or none of them is left: a small audience may have none.
    let Some(step) = steps.first().filter(|_| texted || tried.is_empty()) else {
        let settled = job.snooze(&mut tx, LONGEST_LOOK).await?;
        tx.commit().await?;
        return Ok(settled);
    };
    let settled = job.settle(&mut tx).await?;
    let winner = better(&books.variants, by);
    rows::set_winner(&mut tx, campaign.id, step.id, winner).await?;
    for lane in rest {
        jobs::enqueue(&mut tx, NewJob::now(&RunCampaignLane { lane, run: campaign.run })).await?;
    }
    tracing::info!(campaign.id = %campaign.id, campaign.winner = winner.unwrap_or("none"), "campaign.winner");
    tx.tell(Kind::Campaign, campaign.id.0);
    tx.commit().await?;
    Ok(settled)
}

/// The variant with the highest share of those who were texted. None: the best are equal.
fn better(variants: &[books::CampaignVariantBooks], by: WinnerBy) -> Option<&str> {
    let share = |v: &books::CampaignVariantBooks| {
        let did = match by {
            WinnerBy::Replies => v.replied,
            WinnerBy::Clicks => v.clicked,
            WinnerBy::Bookings => v.booked,
        };
        did as f64 / v.texted as f64
    };
    let mut texted: Vec<_> = variants.iter().filter(|v| v.texted > 0).collect();
    texted.sort_by(|a, b| share(b).total_cmp(&share(a)));
    match texted.as_slice() {
        [best, second, ..] if share(best) == share(second) => None,
        [best, ..] => Some(&best.variant),
        [] => None,
    }
}

/// Take back what waits of a campaign that was cancelled.
#[derive(Debug, Serialize, Deserialize)]
pub struct EndCampaign {
    pub campaign_id: CampaignId,
}

impl JobKind for EndCampaign {
    const KIND: &'static str = "end_campaign";
    const QUEUE: Queue = Queue::Default;
    const LEASE: Duration = Duration::from_secs(90);
}

pub async fn end_campaign(db: Db, job: Claimed, args: EndCampaign) -> Result<Settled, JobError> {
    const WHY: &str = "campaign_cancelled";
    let (id, started) = (args.campaign_id, Instant::now());
    loop {
        let mut tx = db.tenant(job.organization_id).await?;
        let ended = targets::end_waiting(&mut tx, id, WHY, BITE).await?;
        let done = ended < BITE.unsigned_abs();
        if done {
            for step in rows::steps(&mut tx, id).await? {
                messaging::cancel_batch(&mut tx, step.id.0, WHY, "Not sent: its campaign was cancelled.").await?;
            }
        }
        tx.tell(Kind::Campaign, id.0);
        if done || started.elapsed() > AT_ONCE {
            let settled = if done { job.settle(&mut tx).await? } else { job.snooze(&mut tx, Duration::ZERO).await? };
            tx.commit().await?;
            return Ok(settled);
        }
        tx.commit().await?;
    }
}

/// Note with the campaign that texted them last what somebody did.
#[derive(Debug, Serialize, Deserialize)]
pub struct NoteCampaignDeed {
    pub contact_id: Option<ContactId>,
    /// A text of theirs, in the place of the contact.
    pub message_id: Option<MessageId>,
    pub deed: Deed,
}

/// What somebody did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    Wrote,
    Booked,
    Clicked,
    OptedOut,
}

impl JobKind for NoteCampaignDeed {
    const KIND: &'static str = "note_campaign_deed";
    const QUEUE: Queue = Queue::Default;
}

impl NoteCampaignDeed {
    /// The job that notes it; it is not written where no campaign texted them.
    pub fn wanted(contact_id: ContactId, deed: Deed) -> NewJob {
        let job = Self { contact_id: Some(contact_id), message_id: None, deed };
        NewJob::now(&job).only_if(Condition::Campaigned(contact_id.0))
    }

    /// The same of a text that came in.
    pub fn wrote(conversation: crate::platform::ids::ConversationId, message: MessageId) -> NewJob {
        let job = Self { contact_id: None, message_id: Some(message), deed: Deed::Wrote };
        NewJob::now(&job).only_if(Condition::Campaigned(conversation.0))
    }
}

pub async fn note_campaign_deed(db: Db, job: Claimed, args: NoteCampaignDeed) -> Result<Settled, JobError> {
    let mut tx = db.tenant(job.organization_id).await?;
    let settled = job.settle(&mut tx).await?;
    let now = tx.clock().now();
    let heard = match (args.contact_id, args.message_id) {
        (Some(contact), _) => Some((contact, now, false)),
        (None, Some(message)) => messaging::heard(&mut tx, message).await?,
        (None, None) => None,
    };
    // An opt-out is no reply.
    let did = match args.deed {
        Deed::Wrote if heard.is_some_and(|(_, _, opt_out)| opt_out) => Did::OptedOut,
        Deed::Wrote => Did::Replied,
        Deed::Booked => Did::Booked,
        Deed::Clicked => Did::Clicked,
        Deed::OptedOut => Did::OptedOut,
    };
    if let Some((contact, at, _)) = heard
        && let Some(campaign) = targets::note(&mut tx, contact, did, at).await?
    {
        tx.tell(Kind::Campaign, campaign.0);
    }
    tx.commit().await?;
    Ok(settled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_better_variant_wins_by_its_share() {
        let of = |variant: &str, texted, replied, booked| books::CampaignVariantBooks {
            variant: variant.to_owned(),
            texted,
            replied,
            clicked: 0,
            booked,
            opted_out: 0,
        };
        let variants = [of("A", 100, 10, 5), of("B", 50, 8, 1), of("C", 0, 0, 0)];
        assert_eq!(better(&variants, WinnerBy::Replies), Some("B"), "a larger share of fewer");
        assert_eq!(better(&variants, WinnerBy::Bookings), Some("A"));
        assert_eq!(better(&variants, WinnerBy::Clicks), None, "neither brought any");
        assert_eq!(better(&variants[..1], WinnerBy::Clicks), Some("A"), "the only one there is");
        assert_eq!(better(&variants[2..], WinnerBy::Replies), None, "nobody was texted");
    }
}
