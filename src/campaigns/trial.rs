//! A campaign before it is one: what would become of everybody if it began now, and one text to see how it reads.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Timelike, Utc};
use serde::Serialize;

use super::{
    lane::{self, Compiled, Drafted},
    launch::{clock_of, filter_of},
    plan::{Campaign, Step},
    service,
    store::targets::Due,
    template::Business,
};
use crate::{
    accounts,
    compliance::Outcome,
    contacts,
    messaging::{self, BatchSender, Channels, Cost, Draft, Fate, Reckoner, Several},
    platform::{
        db::Tx,
        http::Core,
        ids::{ContactId, MessageId, SenderId},
        problem::{Code, Problem},
    },
};

/// Recipients that are looked at one by one; of more, so many of them, evenly.
const LOOKED_AT: i64 = 20_000;
/// Recipients looked at in one go.
const PIECE: i64 = 1_000;
/// Groups that are told apart; the rest is told together.
const GROUPS: usize = 40;

/// Recipients who would be texted later.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct DryRunLater {
    pub targets: i64,
    /// The first of them.
    pub from: DateTime<Utc>,
    /// IANA zone of their clocks.
    #[schema(example = "America/Denver")]
    pub timezone: String,
    /// On that clock, by the hour.
    #[schema(example = "2026-11-22 08:00")]
    pub local: String,
    /// quiet_hours, frequency_cap, campaign_hours, local_time or waits_for_winner.
    pub reason: String,
    /// Of one of them.
    #[schema(example = "8:47 pm in Florida, window 8 am to 8 pm")]
    pub sentence: Option<String>,
}

/// Recipients who would not be texted.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct DryRunNever {
    pub targets: i64,
    #[schema(example = "no_consent")]
    pub reason: String,
    /// Of one of them.
    pub sentence: Option<String>,
}

/// What would become of the audience if the campaign began now: its first text.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct DryRun {
    pub audience: i64,
    /// Recipients looked at one by one. Where there are more, the figures are reckoned from these.
    pub looked_at: i64,
    pub now: i64,
    pub later: Vec<DryRunLater>,
    pub never: Vec<DryRunNever>,
    /// Parts that the texts would be charged as.
    pub segments: i64,
    /// By the organization's own prices; null where it gave none for these texts.
    pub cost: Option<Cost>,
    /// The whole in a sentence.
    #[schema(example = "4,120 now, 880 later, 3 never; 6,204 segments, about 49.01 USD.")]
    pub sentence: String,
}

/// Recipients who would wait alike.
struct Waiting {
    targets: i64,
    from: DateTime<Utc>,
    sentence: Option<String>,
}

/// Where the figures gather.
#[derive(Default)]
struct Sums {
    now: i64,
    /// By the hour on their clock, its zone, and the reason.
    later: BTreeMap<(String, String, String), Waiting>,
    never: BTreeMap<String, (i64, Option<String>)>,
    segments: i64,
    cost: f64,
    currency: Option<String>,
}

/// The steps with their templates as they are now.
async fn compiled_now(tx: &mut Tx, steps: &[Step]) -> Result<Vec<Compiled>, Problem> {
    let mut compiled = Vec::new();
    for step in steps {
        let template = match (&step.template, step.template_id) {
            (Some(template), _) => template.clone(),
            (None, Some(id)) => service::one(tx, id).await?,
            (None, None) => continue,
        };
        let read = Compiled::of(step.clone(), &template);
        compiled.push(read.map_err(|fault| Problem::invalid_field("steps", "template_syntax", fault.to_string()))?);
    }
    if compiled.is_empty() {
        return Err(Problem::invalid_field("steps", "required", "say what they are sent"));
    }
    Ok(compiled)
}

/// Somebody whose turn it is for the first step.
fn first(contact: ContactId) -> Due {
    Due { contact_id: contact, step: 0, first_sent_at: None, replied: false, clicked: false, booked: false }
}

/// Looks at the audience as it is now. Nothing is written.
pub(super) async fn dry_run(tx: &mut Tx, core: &Core, campaign: &Campaign, steps: &[Step]) -> Result<DryRun, Problem> {
    let filter = filter_of(tx, campaign).await?;
    let filter = filter.ok_or_else(|| Problem::invalid_field("audience", "required", "say whom it is for"))?;
    let steps = compiled_now(tx, steps).await?;
    let organization = accounts::organization(tx).await?;
    let business = service::business(&organization, tx.clock());
    let reckoner = Reckoner::of(tx).await?;
    let audience = contacts::count(tx, &filter).await?;
    let stride = usize::try_from((audience + LOOKED_AT - 1) / LOOKED_AT).unwrap_or(1).max(1);
    let (mut after, mut seen, mut looked_at) = (None, 0_usize, 0_i64);
    let mut sums = Sums::default();
    loop {
        let ids = contacts::select(tx, &filter, after, PIECE * 10).await?;
        let Some(last) = ids.last() else { break };
        after = Some(*last);
        let some: Vec<ContactId> =
            ids.iter().copied().skip((stride - seen % stride) % stride).step_by(stride).collect();
        seen += ids.len();
        for piece in some.chunks(PIECE.unsigned_abs() as usize) {
            looked_at += i64::try_from(piece.len()).unwrap_or(0);
            look_at(tx, core, campaign, &steps, &business, &reckoner, piece, &mut sums).await?;
        }
    }
    Ok(sums.told(audience, looked_at))
}

#[allow(clippy::too_many_arguments, reason = "what one piece of the audience is looked at with")]
async fn look_at(
    tx: &mut Tx,
    core: &Core,
    campaign: &Campaign,
    steps: &[Compiled],
    business: &Business<'_>,
    reckoner: &Reckoner,
    piece: &[ContactId],
    sums: &mut Sums,
) -> Result<(), Problem> {
    let now = tx.clock().now();
    let people = contacts::get_all(tx, piece, false).await?;
    let assigned = messaging::senders_for(tx, &people, &campaign.senders(), campaign.channel).await?;
    let mut by_sender: HashMap<SenderId, Vec<ContactId>> = HashMap::new();
    for (person, sender) in people.iter().zip(assigned) {
        match sender {
            Some(sender) => by_sender.entry(sender).or_default().push(person.id),
            None => sums.never("no_sender", Some("None of its senders is in use.".to_owned())),
        }
    }
    let begins = campaign.starts_at.map_or(now, |at| at.max(now));
    for (sender, ids) in by_sender {
        let Some(sender) = messaging::batch_sender(tx, sender).await? else { continue };
        let readers = messaging::readers(tx, &ids, &sender, false).await?;
        let zones: HashMap<ContactId, chrono_tz::Tz> =
            readers.iter().map(|r| (r.contact.id, clock_of(&r.contact, business.zone))).collect();
        let zone = |contact: &ContactId| zones.get(contact).copied().unwrap_or(business.zone);
        let mut drafts = Vec::new();
        for reader in readers {
            let contact = reader.contact.id;
            if let Some(time) = campaign.local_time {
                let at = super::clocks::next_at(zone(&contact), begins, time);
                if at > now {
                    sums.later(zone(&contact), at, "local_time", None);
                    continue;
                }
            } else if begins > now {
                sums.later(zone(&contact), begins, "scheduled", None);
                continue;
            }
            match lane::draft(steps, campaign, business, &first(contact), reader, &[], now) {
                Drafted::Text { draft, .. } => drafts.push(*draft),
                Drafted::Not { due_at, reason, .. } if due_at > now => {
                    sums.later(zone(&contact), due_at, &reason.unwrap_or_default(), None);
                }
                Drafted::Not { reason, .. } => sums.never(&reason.unwrap_or_default(), None),
            }
        }
        let batch = lane::batch(core, campaign, &steps[0], &sender, now);
        for (contact, segments, receipt) in messaging::try_batch(tx, &batch, drafts).await? {
            let sentence = Some(receipt.sentence.clone());
            match receipt.outcome {
                Outcome::Refuse => sums.never(receipt.code.as_deref().unwrap_or_default(), sentence),
                outcome => {
                    match receipt.until.filter(|_| outcome == Outcome::Hold) {
                        Some(until) => {
                            let reason = receipt.code.as_deref().unwrap_or_default();
                            sums.later(zone(&contact), until, reason, sentence);
                        }
                        None => sums.now += 1,
                    }
                    sums.charge(reckoner, &sender, segments, !batch.media.is_empty());
                }
            }
        }
    }
    Ok(())
}

impl Sums {
    fn later(&mut self, zone: chrono_tz::Tz, at: DateTime<Utc>, reason: &str, sentence: Option<String>) {
        let local = at.with_timezone(&zone);
        let hour = format!("{} {:02}:00", local.date_naive(), local.hour());
        let group = self.later.entry((hour, zone.name().to_owned(), reason.to_owned()));
        let group = group.or_insert(Waiting { targets: 0, from: at, sentence });
        group.targets += 1;
        group.from = group.from.min(at);
    }

    fn never(&mut self, reason: &str, sentence: Option<String>) {
        self.never.entry(reason.to_owned()).or_insert((0, sentence)).0 += 1;
    }

    fn charge(&mut self, reckoner: &Reckoner, sender: &BatchSender, segments: i16, media: bool) {
        self.segments += i64::from(segments);
        if let Some(cost) = reckoner.cost(sender.channel, segments.unsigned_abs(), media) {
            self.cost += cost.amount;
            self.currency = Some(cost.currency);
        }
    }

    fn told(self, audience: i64, looked_at: i64) -> DryRun {
        let whole =
            |n: i64| if looked_at == 0 { 0 } else { (n as f64 * audience as f64 / looked_at as f64).round() as i64 };
        let mut later: Vec<DryRunLater> = Vec::new();
        for ((local, timezone, reason), Waiting { targets, from, sentence }) in self.later {
            let targets = whole(targets);
            match later.get_mut(GROUPS - 1) {
                Some(rest) => rest.targets += targets,
                None => later.push(DryRunLater { targets, from, timezone, local, reason, sentence }),
            }
        }
        let never = self.never.into_iter();
        let never = never.map(|(reason, (n, sentence))| DryRunNever { targets: whole(n), reason, sentence });
        let never: Vec<DryRunNever> = never.collect();
        let scale = if looked_at == 0 { 0.0 } else { audience as f64 / looked_at as f64 };
        let cost = self.currency.map(|currency| Cost { amount: (self.cost * scale * 100.0).round() / 100.0, currency });
        let (now, segments) = (whole(self.now), whole(self.segments));
        let (of_later, of_never) = (
            later.iter().map(|group| group.targets).sum::<i64>(),
            never.iter().map(|group| group.targets).sum::<i64>(),
        );
        let about = cost.as_ref().map_or(String::new(), |cost| format!(", about {:.2} {}", cost.amount, cost.currency));
        let mut sentence = format!(
            "{} now, {} later, {} never; {} segments{about}.",
            grouped(now),
            grouped(of_later),
            grouped(of_never),
            grouped(segments)
        );
        if looked_at < audience {
            sentence.push_str(&format!(" Reckoned from {} of {}.", grouped(looked_at), grouped(audience)));
        }
        DryRun { audience, looked_at, now, later, never, segments, cost, sentence }
    }
}

/// "4120" as people read it: "4,120".
fn grouped(n: i64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) && !out.ends_with('-') {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// What became of a test.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct CampaignTest {
    /// Whether it left.
    pub sent: bool,
    /// The text that left.
    pub message_id: Option<MessageId>,
    #[schema(example = "B")]
    pub variant: Option<String>,
    /// As it was, or would have been, written.
    pub text: Option<String>,
    /// Why it did not leave: a rule's code, or what is wrong with the template for this contact.
    pub reason: Option<String>,
    pub sentence: String,
}

/// Sends a step to one contact, now: what they agreed to is asked as ever. It counts for nothing in the campaign's books.
pub(super) async fn test(
    core: &Core,
    channels: &Channels,
    mut tx: Tx,
    campaign: &Campaign,
    steps: &[Step],
    step: usize,
    contact: ContactId,
) -> Result<CampaignTest, Problem> {
    let organization = tx.organization_id();
    let mut compiled = compiled_now(&mut tx, steps).await?;
    if step >= compiled.len() {
        return Err(Problem::invalid_field("step", "out_of_range", "there is no such step"));
    }
    // On its own: it is the first of a campaign of one step, and a batch of its own.
    let mut only = compiled.swap_remove(step);
    only.step.id = crate::platform::ids::CampaignStepId::new(tx.clock());
    only.step.position = 0;
    only.step.condition = super::plan::StepCondition::Always;
    let steps = [only];
    let people = contacts::get_all(&mut tx, &[contact], false).await?;
    let person = people.first().ok_or_else(|| Problem::not_found("contact"))?;
    let sender = messaging::senders_for(&mut tx, &people, &campaign.senders(), campaign.channel).await?.remove(0);
    let sender = sender.ok_or_else(|| Problem::new(Code::NoSender, "None of its senders is in use."))?;
    let person = person.id;
    let info = accounts::organization(&mut tx).await?;
    let now = tx.clock().now();
    let sender = messaging::batch_sender(&mut tx, sender).await?.ok_or_else(|| Problem::not_found("sender"))?;
    if let Some(why) = &sender.pause_reason {
        return Err(Problem::new(Code::NoSender, format!("The sender is paused: {why}")));
    }
    let business = service::business(&info, tx.clock());
    let reader = messaging::readers(&mut tx, &[person], &sender, true).await?.pop();
    let reader = reader.ok_or_else(|| Problem::not_found("contact"))?;
    let (draft, variant) = match lane::draft(&steps, campaign, &business, &first(person), reader, &[], now) {
        Drafted::Text { draft, variant } => (draft, variant),
        Drafted::Not { reason, .. } => {
            let reason = reason.unwrap_or_default();
            let sentence = format!("Not sent: {}.", reason.replace('_', " "));
            tx.commit().await?;
            return Ok(CampaignTest {
                sent: false,
                message_id: None,
                variant: None,
                text: None,
                reason: Some(reason),
                sentence,
            });
        }
    };
    let text = Some(draft.body.clone());
    let units = u32::try_from(messaging::batch_segments(&sender, &draft.body, &steps[0].media)).unwrap_or(1).max(1);
    let granted = channels.rates.take_up_to(&core.db, organization, sender.id, units).await?;
    let Several::Now(granted) = granted else {
        let sentence = "Not sent: the sender is at its pace just now. Try again in a moment.".to_owned();
        tx.commit().await?;
        let reason = Some("rate_limited".to_owned());
        return Ok(CampaignTest { sent: false, message_id: None, variant: Some(variant), text, reason, sentence });
    };
    let batch = lane::batch(core, campaign, &steps[0], &sender, now);
    let drafts: Vec<Draft> = vec![*draft];
    let written = messaging::write_batch(&mut tx, core, channels, &batch, drafts).await;
    let (fates, handover) = written.map_err(|error| {
        tracing::error!(?error, "campaign.test_failed");
        Problem::internal()
    })?;
    tx.commit().await?;
    let Some(handover) = handover else {
        channels.rates.give_back_units(sender.id, granted);
        let (reason, sentence) = match fates.into_iter().next() {
            Some((_, Fate::Refused { code, sentence })) => (code, sentence),
            Some((_, Fate::Held { code, until })) => {
                (code, format!("Not sent: it would wait until {}.", until.format("%-d %B %Y, %-I:%M %P UTC")))
            }
            _ => ("unknown".to_owned(), "Not sent.".to_owned()),
        };
        return Ok(CampaignTest {
            sent: false,
            message_id: None,
            variant: Some(variant),
            text,
            reason: Some(reason),
            sentence,
        });
    };
    handover.hand_over(core, channels).await?;
    let message_id = fates.into_iter().find_map(|(_, fate)| match fate {
        Fate::Leaves(id) => Some(id),
        Fate::Held { .. } | Fate::Refused { .. } => None,
    });
    let sentence = "Handed over: what becomes of it stands in the conversation.".to_owned();
    Ok(CampaignTest { sent: true, message_id, variant: Some(variant), text, reason: None, sentence })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_read_in_threes() {
        for (n, text) in
            [(0, "0"), (999, "999"), (1000, "1,000"), (4120, "4,120"), (1_234_567, "1,234,567"), (-1000, "-1,000")]
        {
            assert_eq!(grouped(n), text);
        }
    }

    #[test]
    fn what_was_looked_at_stands_for_all() {
        let mut sums = Sums { now: 8, segments: 9, ..Sums::default() };
        let at = "2026-11-22T15:10:00Z".parse().expect("time");
        sums.later(chrono_tz::America::Denver, at, "quiet_hours", Some("why".to_owned()));
        sums.never("no_consent", None);
        let told = sums.told(20, 10);
        assert_eq!((told.now, told.segments, told.later[0].targets, told.never[0].targets), (16, 18, 2, 2));
        assert_eq!(told.later[0].local, "2026-11-22 08:00");
        assert_eq!(told.sentence, "16 now, 2 later, 2 never; 18 segments. Reckoned from 10 of 20.");
    }
}
