//! From draft to its end: what may follow what, and what has to be done for it.

use chrono::TimeDelta;

use super::{
    books,
    compiled::CompiledTemplate,
    jobs::{ChooseWinner, EndCampaign, LaunchCampaign, RunCampaignLane},
    launch::{REST, winner_after},
    plan::{Campaign, CampaignState, Step},
    service,
    store::{
        campaigns::{self as rows, Hold, Turn},
        targets,
    },
};
use crate::{
    accounts::{Actor, Change, record},
    contacts, messaging,
    platform::{
        db::{Db, Tx},
        ids::{CampaignId, OrganizationId},
        jobs::{self, NewJob},
        live::Kind,
        problem::{Code, Problem},
    },
};

pub(super) fn no_such() -> Problem {
    Problem::not_found("campaign")
}

/// A campaign to be changed, locked, with its steps.
pub(super) async fn locked(tx: &mut Tx, id: CampaignId) -> Result<(Campaign, Vec<Step>), Problem> {
    let campaign = rows::get(tx, id, Hold::Alone).await?.ok_or_else(no_such)?;
    let steps = rows::steps(tx, id).await?;
    Ok((campaign, steps))
}

/// Staff changes it only as long as it has not begun.
pub(super) fn editable(campaign: &Campaign) -> Result<(), Problem> {
    wants(campaign, &[CampaignState::Draft, CampaignState::Scheduled], "it has begun; duplicate it to go on from it")
}

/// One that waits for its time is changed: it has to be started again.
pub(super) async fn back_to_draft(tx: &mut Tx, campaign: &Campaign) -> Result<(), sqlx::Error> {
    let turn = Turn { state: CampaignState::Draft, pause_reason: None, anew: true };
    rows::set_state(tx, campaign.id, turn).await
}

fn wants(campaign: &Campaign, states: &[CampaignState], why: &str) -> Result<(), Problem> {
    let is = campaign.state.as_str();
    if states.contains(&campaign.state) {
        Ok(())
    } else {
        Err(Problem::new(Code::WrongState, format!("The campaign is {is}: {why}.")))
    }
}

/// Starts it, or has it start at its time.
pub(super) async fn start(tx: &mut Tx, campaign: &Campaign, steps: &[Step]) -> Result<(), Problem> {
    editable(campaign)?;
    ready(tx, campaign, steps).await?;
    let now = tx.clock().now();
    let wait = campaign.starts_at.map_or(TimeDelta::zero(), |at| at - now);
    // With a time of day on recipients' clocks it is noted down at once: for the first of them that time comes before it does here.
    let state = if wait > TimeDelta::zero() { CampaignState::Scheduled } else { CampaignState::Running };
    rows::set_state(tx, campaign.id, Turn { state, pause_reason: None, anew: true }).await?;
    let job = NewJob::now(&LaunchCampaign { campaign_id: campaign.id });
    jobs::enqueue(tx, job.delayed(wait.to_std().unwrap_or_default())).await?;
    Ok(())
}

/// Whether it can start, and keeps its templates as they are now.
async fn ready(tx: &mut Tx, campaign: &Campaign, steps: &[Step]) -> Result<(), Problem> {
    let missing = |field: &str, words: &str| Err(Problem::invalid_field(field, "required", words));
    let Some(audience) = &campaign.audience else { return missing("audience", "say whom it is for") };
    if let Some(segment) = audience.segment_id {
        contacts::segment(tx, segment).await?.ok_or_else(|| Problem::not_found("segment"))?;
    }
    if steps.is_empty() {
        return missing("steps", "say what they are sent");
    }
    if campaign.ends_at.is_some_and(|at| at <= tx.clock().now()) {
        return Err(Problem::invalid_field("ends_at", "out_of_range", "is over"));
    }
    for (n, step) in steps.iter().enumerate() {
        let Some(id) = step.template_id else { return missing("steps", "a template is gone") };
        let template = service::one(tx, id).await?;
        let field = format!("steps[{n}].template_id");
        if template.archived_at.is_some() {
            return Err(Problem::invalid_field(&field, "archived", "was put away"));
        }
        if template.channel.is_some() && campaign.channel.is_some() && template.channel != campaign.channel {
            return Err(Problem::invalid_field(&field, "invalid", "is for another channel"));
        }
        CompiledTemplate::of(&template)
            .map_err(|fault| Problem::invalid_field(&field, "template_syntax", fault.to_string()))?;
        let variants = template.variants.iter().filter(|variant| variant.weight > 0).count();
        if n == 0 && campaign.winner_by.is_some() && variants < 2 {
            return Err(Problem::invalid_field("winner", "invalid", "the first template has one variant only"));
        }
        rows::keep_template(tx, step.id, &template).await?;
        messaging::hold_batch(tx, step.id.0, false).await?;
    }
    if messaging::first_sender(tx, &campaign.senders(), campaign.channel).await?.is_none() {
        return Err(Problem::new(Code::NoSender, "None of its senders is in use."));
    }
    Ok(())
}

/// The jobs that work a running campaign off.
pub(super) async fn set_to_work(tx: &mut Tx, campaign: &Campaign) -> Result<(), sqlx::Error> {
    let mut work = Vec::new();
    if campaign.frozen_at.is_none() {
        work.push(NewJob::now(&LaunchCampaign { campaign_id: campaign.id }));
    } else {
        let undecided = campaign.winner_by.is_some() && campaign.winner_at.is_none();
        for lane in targets::lanes(tx, campaign.id).await? {
            if lane.lane < REST || !undecided {
                work.push(NewJob::now(&RunCampaignLane { lane, run: campaign.run }));
            }
        }
        if undecided {
            let due = campaign.launched_at.unwrap_or(tx.clock().now()) + winner_after(campaign) - tx.clock().now();
            let choose = ChooseWinner { campaign_id: campaign.id, run: campaign.run };
            work.push(NewJob::after(&choose, due.to_std().unwrap_or_default()));
        }
    }
    jobs::enqueue_all(tx, work).await
}

/// Pauses it: once that is committed, no further piece of it leaves.
pub(super) async fn pause(tx: &mut Tx, campaign: &Campaign, steps: &[Step]) -> Result<(), Problem> {
    wants(campaign, &[CampaignState::Running], "only a running one can be paused")?;
    rows::set_state(tx, campaign.id, Turn { state: CampaignState::Paused, pause_reason: None, anew: true }).await?;
    hold(tx, steps, true).await?;
    Ok(())
}

async fn hold(tx: &mut Tx, steps: &[Step], held: bool) -> Result<(), sqlx::Error> {
    for step in steps {
        messaging::hold_batch(tx, step.id.0, held).await?;
    }
    Ok(())
}

/// Goes on where it was paused.
pub(super) async fn resume(tx: &mut Tx, campaign: &Campaign, steps: &[Step]) -> Result<(), Problem> {
    wants(campaign, &[CampaignState::Paused], "only a paused one can be resumed")?;
    replace_lost_senders(tx, campaign).await?;
    let (known, failed) = books::known_and_failed(tx, campaign).await?;
    rows::set_failed_before(tx, campaign.id, known, failed).await?;
    rows::set_state(tx, campaign.id, Turn { state: CampaignState::Running, pause_reason: None, anew: true }).await?;
    hold(tx, steps, false).await?;
    let campaign = rows::get(tx, campaign.id, Hold::No).await?.ok_or_else(no_such)?;
    set_to_work(tx, &campaign).await?;
    Ok(())
}

/// Whoever waits for a sender that was put away waits for another.
async fn replace_lost_senders(tx: &mut Tx, campaign: &Campaign) -> Result<(), Problem> {
    let mut senders: Vec<_> = targets::lanes(tx, campaign.id).await?.iter().map(|lane| lane.sender_id).collect();
    senders.dedup();
    for sender in senders {
        if messaging::batch_sender(tx, sender).await?.is_some_and(|sender| !sender.archived) {
            continue;
        }
        let other = messaging::first_sender(tx, &campaign.senders(), campaign.channel).await?;
        let other = other.ok_or_else(|| Problem::new(Code::NoSender, "None of its senders is in use."))?;
        targets::change_sender(tx, campaign.id, sender, other).await?;
    }
    Ok(())
}

/// Ends it: whoever waits is not texted.
pub(super) async fn cancel(tx: &mut Tx, campaign: &Campaign, steps: &[Step]) -> Result<(), Problem> {
    use CampaignState as S;
    wants(campaign, &[S::Scheduled, S::Running, S::Paused], "only one that is under way can be cancelled")?;
    rows::set_state(tx, campaign.id, Turn { state: S::Cancelled, pause_reason: None, anew: true }).await?;
    // Nothing of it leaves from now on; the job takes it back.
    hold(tx, steps, true).await?;
    jobs::enqueue(tx, NewJob::now(&EndCampaign { campaign_id: campaign.id })).await?;
    Ok(())
}

/// It found out that it must not go on.
pub(super) async fn pause_itself(
    db: &Db,
    organization: OrganizationId,
    id: CampaignId,
    reason: &str,
) -> Result<(), sqlx::Error> {
    let mut tx = db.tenant(organization).await?;
    let Some(campaign) = rows::get(&mut tx, id, Hold::Alone).await? else { return Ok(()) };
    if campaign.state != CampaignState::Running {
        return Ok(());
    }
    let turn = Turn { state: CampaignState::Paused, pause_reason: Some(reason), anew: true };
    rows::set_state(&mut tx, id, turn).await?;
    let steps = rows::steps(&mut tx, id).await?;
    hold(&mut tx, &steps, true).await?;
    record(&mut tx, &Actor::system("campaigns"), Change::of("campaign", "paused", id.0)).await?;
    metrics::counter!("frontdesk_campaigns_paused_themselves").increment(1);
    tracing::warn!(campaign.id = %id, campaign.why = reason, "campaign.paused_itself");
    tx.commit().await
}

/// Ends it where nobody waits any more.
pub(super) async fn complete_if_done(db: &Db, organization: OrganizationId, id: CampaignId) -> Result<(), sqlx::Error> {
    let mut tx = db.tenant(organization).await?;
    let Some(campaign) = rows::get(&mut tx, id, Hold::Alone).await? else { return Ok(()) };
    if campaign.state != CampaignState::Running
        || campaign.frozen_at.is_none()
        || targets::anybody_waits(&mut tx, id).await?
    {
        return Ok(());
    }
    let turn = Turn { state: CampaignState::Completed, pause_reason: None, anew: true };
    rows::set_state(&mut tx, id, turn).await?;
    tx.tell(Kind::Campaign, id.0);
    tracing::info!(campaign.id = %id, "campaign.completed");
    tx.commit().await
}
