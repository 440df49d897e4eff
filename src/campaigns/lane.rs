//! Working off a lane of recipients: a piece at a time, each decided on at the moment it leaves.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    books,
    clocks::Quiet,
    compiled::{CompiledTemplate, CompiledVariant, recipient},
    launch::{REST, clocks_of, deadline},
    model::Template,
    plan::{Campaign, CampaignState, Step, StepCondition, TargetState},
    service, states,
    store::{
        campaigns::{self as rows, Hold},
        targets::{self, Due, Lane, Outcomes},
    },
    template::{Business, Recipient, SyntaxFault},
};
use crate::{
    accounts::{self, Organization},
    links,
    messaging::{
        self, Batch, BatchSender, Channels, Draft, Fate, Landed, MediaItem, Reader, Several, When, batch_segments,
    },
    platform::{
        db::Tx,
        http::Core,
        ids::{CampaignId, ContactId, OrganizationId, SenderId},
        jobs::JobError,
        live::Kind,
    },
};

/// Recipients of one piece: at first, and at most.
const FIRST: u32 = 50;
const MOST: u32 = 200;
/// A piece that takes longer to hand over is made smaller next time, one that takes less than half of it larger.
const BRISK: std::time::Duration = std::time::Duration::from_millis(600);
/// Browsers are told of progress no more often, by each lane.
const TELL_EVERY: std::time::Duration = std::time::Duration::from_secs(1);
/// A lane whose sender is paused looks again after so long.
const PAUSED_LOOK: std::time::Duration = std::time::Duration::from_secs(60);

/// A step with its template read.
pub(super) struct Compiled {
    pub step: Step,
    pub template: CompiledTemplate,
    pub media: Vec<MediaItem>,
}

impl Compiled {
    pub fn of(step: Step, template: &Template) -> Result<Self, SyntaxFault> {
        let media = template.media.iter().map(|url| MediaItem::by_address(url)).collect();
        Ok(Self { step, template: CompiledTemplate::of(template)?, media })
    }
}

/// The step at a position, where there is one.
fn step_at(steps: &[Compiled], position: i16) -> Option<&Compiled> {
    usize::try_from(position).ok().and_then(|place| steps.get(place))
}

/// What a recipient is who is not sent any more.
fn ended(target: &Due) -> TargetState {
    if target.first_sent_at.is_none() { TargetState::Skipped } else { TargetState::Stopped }
}

/// A lane being worked off by one process.
pub(super) struct Worker {
    organization: OrganizationId,
    lane: Lane,
    run: i32,
    piece: u32,
    steps: Vec<Compiled>,
    /// When browsers were last told.
    told: Option<std::time::Instant>,
}

/// What a piece came to.
#[derive(Debug)]
pub(super) enum Worked {
    /// Go on at once.
    On,
    /// Go on then.
    Later(std::time::Duration),
    /// Nobody waits in the lane, or it is not to be worked off any more.
    Over,
}

impl Worker {
    pub fn new(organization: OrganizationId, lane: Lane, run: i32) -> Self {
        Self { organization, lane, run, piece: FIRST, steps: Vec::new(), told: None }
    }

    /// Works the next piece off.
    pub async fn work(&mut self, core: &Core, channels: &Channels) -> Result<Worked, JobError> {
        let sender = self.lane.sender_id;
        let granted = match channels.rates.take_up_to(&core.db, self.organization, sender, self.piece).await? {
            Several::Now(units) => units,
            Several::Later(wait) => return Ok(Worked::Later(wait)),
        };
        let mut grant = Grant { channels, sender, units: granted };
        let mut tx = core.db.tenant(self.organization).await?;
        let Piece { campaign, organization, batch_sender, due } = match self.piece(&mut tx, &grant).await? {
            Next::Piece(piece) => *piece,
            Next::Worked(worked) => return Ok(worked),
            // What it held of the campaign is let go of: others hold as much, and each would wait for the other.
            Next::Nobody => {
                drop(tx);
                states::complete_if_done(&core.db, self.organization, self.lane.campaign_id).await?;
                return Ok(Worked::Over);
            }
            Next::Halt(reason) => {
                drop(tx);
                states::pause_itself(&core.db, self.organization, self.lane.campaign_id, &reason).await?;
                return Ok(Worked::Over);
            }
        };
        let now = tx.clock().now();
        let business = service::business(&organization, tx.clock());
        let links = self.links(&mut tx, core, &due).await?;
        let mut outcomes = Outcomes::default();
        let mut drafts: HashMap<i16, Vec<Draft>> = HashMap::new();
        let (mut of, mut full) = (HashMap::new(), false);
        for (target, reader) in due {
            let own = links.get(&target.contact_id).map_or(&[][..], Vec::as_slice);
            match draft(&self.steps, &campaign, &business, &target, reader, own, now) {
                Drafted::Text { draft, variant } => {
                    let media = step_at(&self.steps, target.step).map(|step| &step.media[..]);
                    let segments = batch_segments(&batch_sender, &draft.body, media.unwrap_or_default());
                    let segments = u32::try_from(segments).unwrap_or(1).max(1);
                    if full || !grant.spend(core, self.organization, segments).await? {
                        // Stays where it is: there is no leave for it yet.
                        full = true;
                        continue;
                    }
                    drafts.entry(target.step).or_default().push(*draft);
                    of.insert(target.contact_id, (target, variant));
                }
                Drafted::Not { state, step, due_at, reason } => {
                    outcomes.push(&target, state, step, due_at, reason.as_deref(), None, None);
                }
            }
        }
        let mut handovers = Vec::new();
        for (place, drafts) in drafts {
            let Some(compiled) = step_at(&self.steps, place) else { continue };
            let batch = batch(core, &campaign, compiled, &batch_sender, now);
            let (fates, handover) = messaging::write_batch(&mut tx, core, channels, &batch, drafts).await?;
            handovers.extend(handover);
            for (contact, fate) in fates {
                let Some((target, variant)) = of.remove(&contact) else { continue };
                self.settle(&mut outcomes, &target, variant, fate, now);
            }
        }
        targets::record(&mut tx, self.lane.campaign_id, &outcomes).await?;
        if let Some(per_minute) = campaign.max_per_minute {
            let left = outcomes.messages.iter().flatten().count();
            rows::set_free_at(&mut tx, campaign.id, paid(campaign.free_at, now, per_minute, left)).await?;
        }
        if self.told.is_none_or(|told| told.elapsed() > TELL_EVERY) {
            self.told = Some(std::time::Instant::now());
            tx.tell(Kind::Campaign, campaign.id.0);
        }
        tx.commit().await?;
        grant.give_back();
        let mut landed = Landed::default();
        for handover in handovers {
            let one = handover.hand_over(core, channels).await?;
            landed.taken += one.taken;
            landed.other += one.other;
            landed.took += one.took;
        }
        metrics::counter!("frontdesk_campaign_texts").increment((landed.taken + landed.other) as u64);
        self.adapt(landed);
        let nothing = full && landed.taken + landed.other == 0;
        Ok(if nothing { Worked::Later(std::time::Duration::from_secs(1)) } else { Worked::On })
    }

    /// A provider that is slow gets fewer at once, so that none waits long after its permit.
    fn adapt(&mut self, landed: Landed) {
        if landed.took > BRISK {
            self.piece = (self.piece / 2).max(10);
        } else if landed.took * 2 < BRISK {
            self.piece = (self.piece + 25).min(MOST);
        }
    }

    /// Short links of their own for whoever is to be sent addresses, where the organization wants them; in the order of the text.
    async fn links(
        &self,
        tx: &mut Tx,
        core: &Core,
        due: &[(Due, Reader)],
    ) -> Result<HashMap<ContactId, Vec<String>>, sqlx::Error> {
        if self.steps.iter().all(|step| step.template.variants.iter().all(|variant| variant.body.links().is_empty())) {
            return Ok(HashMap::new());
        }
        let Some(prefix) = links::prefix(tx, core.config.public_url.as_ref()).await? else { return Ok(HashMap::new()) };
        let mut made: HashMap<ContactId, Vec<String>> = HashMap::new();
        for compiled in &self.steps {
            let here = due.iter().filter(|(target, _)| target.step == compiled.step.position);
            let wanted: Vec<(ContactId, String)> = here
                .flat_map(|(target, _)| {
                    let body = &variant_of(compiled, target.contact_id).body;
                    body.links().iter().map(|link| (target.contact_id, link.clone()))
                })
                .collect();
            if wanted.is_empty() {
                continue;
            }
            let codes = links::mint(tx, &wanted, Some(compiled.step.id.0)).await?;
            for ((contact, _), code) in wanted.into_iter().zip(codes) {
                made.entry(contact).or_default().push(format!("{prefix}{code}"));
            }
        }
        Ok(made)
    }

    /// Reads and locks whose turn it is.
    async fn piece(&mut self, tx: &mut Tx, grant: &Grant<'_>) -> Result<Next, JobError> {
        let id = self.lane.campaign_id;
        let over = Ok(Next::Worked(Worked::Over));
        let Some(campaign) = rows::get(tx, id, Hold::No).await? else { return over };
        // Whoever pauses it waits for this transaction, and whoever comes after that finds it paused. Where a pace is kept, one lane at a time.
        let hold = if campaign.max_per_minute.is_some() { Hold::Alone } else { Hold::Shared };
        let Some(campaign) = rows::get(tx, id, hold).await? else { return over };
        let waits_for_winner = self.lane.lane >= REST && campaign.winner_by.is_some() && campaign.winner_at.is_none();
        if campaign.state != CampaignState::Running || campaign.run != self.run || waits_for_winner {
            return over;
        }
        if let Some(reason) = books::too_many_failed(tx, &campaign).await? {
            return Ok(Next::Halt(reason));
        }
        let batch_sender = messaging::batch_sender(tx, self.lane.sender_id).await?;
        let Some(batch_sender) = batch_sender.filter(|sender| !sender.archived) else {
            return Ok(Next::Halt(
                "A sender of it is not in use any more. Resume it to go on from another.".to_owned(),
            ));
        };
        if batch_sender.pause_reason.is_some() {
            return Ok(Next::Worked(Worked::Later(PAUSED_LOOK)));
        }
        if self.steps.is_empty() {
            self.steps = compiled_steps(tx, id).await?;
        }
        let mut limit = grant.units.min(self.piece);
        if let Some(per_minute) = campaign.max_per_minute {
            match paced(campaign.free_at, tx.clock().now(), per_minute) {
                Ok(allowed) => limit = limit.min(allowed),
                Err(wait) => return Ok(Next::Worked(Worked::Later(wait))),
            }
        }
        let ids = targets::due(tx, self.lane, limit.into()).await?;
        if ids.is_empty() {
            return Ok(match targets::next_due(tx, self.lane).await? {
                Some(at) => Next::Worked(Worked::Later((at - tx.clock().now()).to_std().unwrap_or_default())),
                None => Next::Nobody,
            });
        }
        // Contacts first, as everywhere: a text of theirs that comes now waits for what is decided here, or was heard before.
        let readers = messaging::readers(tx, &ids, &batch_sender, true).await?;
        let mut readers: HashMap<ContactId, Reader> = readers.into_iter().map(|r| (r.contact.id, r)).collect();
        let due = targets::lock_due(tx, id, &ids).await?;
        let due = due.into_iter().filter_map(|target| readers.remove(&target.contact_id).map(|r| (target, r)));
        let due = due.collect();
        let organization = accounts::organization(tx).await?;
        Ok(Next::Piece(Box::new(Piece { campaign, organization, batch_sender, due })))
    }

    /// Where a recipient stands after the decision on their text.
    fn settle(&self, outcomes: &mut Outcomes, target: &Due, variant: String, fate: Fate, now: DateTime<Utc>) {
        let variant = (target.step == 0).then_some(variant);
        match fate {
            Fate::Leaves(message) => match step_at(&self.steps, target.step + 1) {
                Some(next) => {
                    let due = now + TimeDelta::minutes(next.step.wait_minutes.into());
                    let (state, step) = (TargetState::Waiting, next.step.position);
                    outcomes.push(target, state, step, due, None, variant, Some(message.0));
                }
                None => outcomes.push(target, TargetState::Sent, target.step, now, None, variant, Some(message.0)),
            },
            Fate::Held { until, code } => {
                outcomes.push(target, TargetState::Waiting, target.step, until, Some(&code), None, None);
            }
            Fate::Refused { code, .. } => {
                outcomes.push(target, ended(target), target.step, now, Some(&code), None, None);
            }
        }
    }
}

/// What a recipient is to be sent now, or why not.
pub(super) fn draft(
    steps: &[Compiled],
    campaign: &Campaign,
    business: &Business<'_>,
    target: &Due,
    reader: Reader,
    links: &[String],
    now: DateTime<Utc>,
) -> Drafted {
    let contact = &reader.contact;
    let ended = ended(target);
    let not =
        |state, reason: &str| Drafted::Not { state, step: target.step, due_at: now, reason: Some(reason.to_owned()) };
    if contact.archived_at.is_some() {
        return not(ended, "archived");
    }
    let Some(compiled) = step_at(steps, target.step) else {
        return not(ended, "no_such_step");
    };
    let since_first = |at: Option<DateTime<Utc>>| at.zip(target.first_sent_at).is_some_and(|(at, first)| at > first);
    if campaign.stop_on_reply && (target.replied || since_first(contact.last_message_at)) {
        return not(TargetState::Stopped, "replied");
    }
    if !meets(compiled.step.condition, target, since_first(contact.last_message_at)) {
        // Passed over: the next step comes as long after it as it would have.
        return match step_at(steps, target.step + 1) {
            Some(next) => Drafted::Not {
                state: TargetState::Waiting,
                step: next.step.position,
                due_at: now + TimeDelta::minutes(next.step.wait_minutes.into()),
                reason: None,
            },
            None => Drafted::Not { state: TargetState::Sent, step: target.step, due_at: now, reason: None },
        };
    }
    if let Some((from, until)) = campaign.quiet_from.zip(campaign.quiet_until) {
        let zones = clocks_of(contact, business.zone);
        match (Quiet { from, until }).opens(&zones, now) {
            Some(opens) if opens > now => {
                return Drafted::Not {
                    state: TargetState::Waiting,
                    step: target.step,
                    due_at: opens,
                    reason: Some("campaign_hours".to_owned()),
                };
            }
            Some(_) => {}
            None => return not(ended, "never_open"),
        }
    }
    let template = &compiled.template;
    let variant = variant_of(compiled, contact.id);
    let who = Recipient { links, ..recipient(contact, business) };
    let mut body = String::new();
    let rendered = variant.body.render(&who, &mut body);
    let content = template.content_for(&who, When::OutsideWindow).transpose();
    match (rendered, content) {
        (Err(fault), _) | (Ok(()), Err(fault)) => not(ended, fault.code()),
        (Ok(()), Ok(content)) => {
            let variant = variant.key.clone();
            Drafted::Text { draft: Box::new(Draft { reader, body, content }), variant }
        }
    }
}

/// What a recipient is sent of a step: the better variant where one was chosen, else the one that is drawn for them.
fn variant_of(compiled: &Compiled, contact: ContactId) -> &CompiledVariant {
    let Compiled { step, template, .. } = compiled;
    let winner = step.winner.as_deref().and_then(|key| template.variants.iter().find(|variant| variant.key == key));
    winner.unwrap_or_else(|| template.variant_for(step.id.0, contact))
}

/// The batch that a step is.
pub(super) fn batch<'a>(
    core: &Core,
    campaign: &Campaign,
    compiled: &'a Compiled,
    sender: &'a BatchSender,
    now: DateTime<Utc>,
) -> Batch<'a> {
    Batch {
        id: compiled.step.id.0,
        sender,
        purpose: compiled.template.purpose.into(),
        deadline: deadline(campaign, now),
        media: &compiled.media,
        house: core.config.quiet_hours,
    }
}

/// Reads the steps of a campaign that has begun.
pub(super) async fn compiled_steps(tx: &mut Tx, id: CampaignId) -> Result<Vec<Compiled>, JobError> {
    let mut compiled = Vec::new();
    for step in rows::steps(tx, id).await? {
        let template = step.template.clone().ok_or_else(|| JobError::fail("a step has no template"))?;
        compiled.push(Compiled::of(step, &template).map_err(JobError::fail)?);
    }
    Ok(compiled)
}

fn meets(condition: StepCondition, target: &Due, wrote: bool) -> bool {
    use StepCondition as S;
    match condition {
        S::Always => true,
        S::Replied => target.replied || wrote,
        S::NotReplied => !target.replied && !wrote,
        S::Clicked => target.clicked,
        S::NotClicked => !target.clicked,
        S::Booked => target.booked,
        S::NotBooked => !target.booked,
    }
}

/// How many a pace of so many a minute allows now, or how long to wait. It may run ahead by five seconds' worth.
fn paced(free_at: Option<DateTime<Utc>>, now: DateTime<Utc>, per_minute: i32) -> Result<u32, std::time::Duration> {
    let each = each(per_minute);
    let ahead = TimeDelta::seconds(5).max(each);
    let free = free_at.unwrap_or(now).max(now);
    let room = (now + ahead - free).num_microseconds().unwrap_or(0) / each.num_microseconds().unwrap_or(1).max(1);
    if room < 1 {
        let wait = (free + each - now - ahead).to_std().unwrap_or_default();
        return Err(wait.max(std::time::Duration::from_millis(200)));
    }
    Ok(u32::try_from(room).unwrap_or(u32::MAX))
}

/// Until when so many more are paid for.
fn paid(free_at: Option<DateTime<Utc>>, now: DateTime<Utc>, per_minute: i32, more: usize) -> DateTime<Utc> {
    free_at.unwrap_or(now).max(now) + each(per_minute) * i32::try_from(more).unwrap_or(i32::MAX)
}

fn each(per_minute: i32) -> TimeDelta {
    TimeDelta::microseconds(60_000_000 / i64::from(per_minute.max(1)))
}

/// What is to be done next.
enum Next {
    Piece(Box<Piece>),
    Worked(Worked),
    /// Nobody waits in the lane.
    Nobody,
    /// The campaign has to pause, because.
    Halt(String),
}

struct Piece {
    campaign: Campaign,
    organization: Organization,
    batch_sender: BatchSender,
    due: Vec<(Due, Reader)>,
}

/// What is to happen with one recipient.
pub(super) enum Drafted {
    Text { draft: Box<Draft>, variant: String },
    Not { state: TargetState, step: i16, due_at: DateTime<Utc>, reason: Option<String> },
}

/// Leave of the sender that is not used up.
struct Grant<'a> {
    channels: &'a Channels,
    sender: SenderId,
    units: u32,
}

impl Grant<'_> {
    /// Takes what a text needs; more is asked for where its parts need more than there is. False: not now.
    async fn spend(&mut self, core: &Core, organization: OrganizationId, units: u32) -> Result<bool, sqlx::Error> {
        while self.units < units {
            let missing = units - self.units;
            match self.channels.rates.take_up_to(&core.db, organization, self.sender, missing).await? {
                Several::Now(more) => self.units += more,
                Several::Later(_) => return Ok(false),
            }
        }
        self.units -= units;
        Ok(true)
    }

    fn give_back(&mut self) {
        let left = std::mem::take(&mut self.units);
        if left > 0 {
            self.channels.rates.give_back_units(self.sender, left);
        }
    }
}

impl Drop for Grant<'_> {
    fn drop(&mut self) {
        self.give_back();
    }
}

impl Outcomes {
    #[allow(clippy::too_many_arguments, reason = "a row, field by field")]
    fn push(
        &mut self,
        target: &Due,
        state: TargetState,
        step: i16,
        due_at: DateTime<Utc>,
        reason: Option<&str>,
        variant: Option<String>,
        message: Option<uuid::Uuid>,
    ) {
        self.contacts.push(target.contact_id.0);
        self.states.push(state.as_str().to_owned());
        self.steps.push(step);
        self.due.push(due_at);
        self.reasons.push(reason.map(str::to_owned));
        self.variants.push(variant);
        self.messages.push(message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pace_is_kept_over_minutes() {
        let start: DateTime<Utc> = "2026-11-21T15:00:00Z".parse().expect("time");
        let (mut free, mut now, mut sent) = (None, start, 0);
        while now < start + TimeDelta::minutes(10) {
            match paced(free, now, 30) {
                Ok(allowed) => {
                    let n = allowed.min(200);
                    sent += n;
                    free = Some(paid(free, now, 30, n as usize));
                }
                Err(wait) => now += TimeDelta::from_std(wait).expect("wait"),
            }
        }
        assert!((300..=303).contains(&sent), "{sent} in ten minutes");
        // Slower than one in five seconds: still one at a time.
        assert_eq!(paced(None, start, 1), Ok(1));
        let until = paid(None, start, 1, 1);
        assert_eq!(until, start + TimeDelta::minutes(1));
        assert!(paced(Some(until), start, 1).is_err());
        assert!(paced(Some(until), until, 1).is_ok());
    }
}
