//! What staff want of a campaign, as it comes from outside, checked.

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{
    clocks::Quiet,
    plan::{Audience, Campaign, Step, StepCondition, WinnerBy},
};
use crate::{
    contacts,
    messaging::{self, ChannelKind},
    platform::{
        db::Tx,
        http::Patch,
        ids::{SenderId, TemplateId},
        problem::Problem,
        wording,
    },
};

/// Most steps of a campaign.
const MOST_STEPS: usize = 10;
/// Most senders of a pool.
const MOST_SENDERS: usize = 100;

/// A text of a campaign.
#[derive(Clone, Debug, Deserialize, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct StepDraft {
    pub template_id: TemplateId,
    /// After the text of the step before; 0 for the first. A year at most.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 525_600)]
    pub wait_minutes: i32,
    /// Whom it goes to, by what they did since the first text; the others are passed over. The first goes to everybody.
    #[serde(default = "always")]
    pub condition: StepCondition,
}

fn always() -> StepCondition {
    StepCondition::Always
}

/// Variants of the first step's template are tried on a part of the audience; the rest is sent the better one.
#[derive(Clone, Debug, Deserialize, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WinnerWish {
    pub by: WinnerBy,
    /// Percent of the audience on which they are tried.
    #[schema(minimum = 1, maximum = 90)]
    pub share: i16,
    /// Minutes after the launch when the better one is chosen: 5 minutes to 30 days.
    #[schema(minimum = 5, maximum = 43_200)]
    pub after_minutes: i32,
}

/// Hours of the day on each recipient's clock in which nothing of the campaign goes, besides those of law.
#[derive(Clone, Debug, Deserialize, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CampaignQuietHours {
    #[schema(example = "18:00", pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    pub from: String,
    #[schema(example = "10:00", pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    pub until: String,
}

/// A campaign to be written.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CampaignDraft {
    /// 1 to 120 characters.
    #[schema(min_length = 1, max_length = 120, example = "Autumn offer")]
    pub name: String,
    /// Needed before it starts.
    pub audience: Option<Audience>,
    /// One text, or several one after the other; needed before it starts.
    #[serde(default)]
    #[schema(max_items = 10)]
    pub steps: Vec<StepDraft>,
    /// The only channel it goes by; left out: by the senders' own.
    pub channel: Option<ChannelKind>,
    /// The senders it goes from; empty: any. Whoever has talked with one of them hears from that one.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub sender_ids: Vec<SenderId>,
    /// Begins then; left out: when it is started.
    pub starts_at: Option<DateTime<Utc>>,
    /// The first text goes at this time of day on each recipient's own clock, at the beginning or after it.
    #[schema(example = "12:00", pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    pub local_time: Option<String>,
    pub quiet_hours: Option<CampaignQuietHours>,
    /// Texts a minute at most; left out: as fast as the senders may.
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub max_per_minute: Option<i32>,
    /// Nothing of it goes after this moment; left out: when everybody had their turn.
    pub ends_at: Option<DateTime<Utc>>,
    /// Who replies is sent no further step; left out: yes.
    pub stop_on_reply: Option<bool>,
    /// It pauses itself when a larger share of its texts fails, once fifty are known; left out: never.
    #[schema(exclusive_minimum = 0.0, maximum = 1)]
    pub pause_above: Option<f32>,
    pub winner: Option<WinnerWish>,
}

/// What to change of a campaign. What is left out stays; null takes away.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CampaignEdit {
    #[schema(min_length = 1, max_length = 120)]
    pub name: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<Audience>)]
    pub audience: Patch<Audience>,
    #[schema(max_items = 10)]
    pub steps: Option<Vec<StepDraft>>,
    #[serde(default)]
    #[schema(value_type = Option<ChannelKind>)]
    pub channel: Patch<ChannelKind>,
    #[schema(max_items = 100)]
    pub sender_ids: Option<Vec<SenderId>>,
    #[serde(default)]
    #[schema(value_type = Option<DateTime<Utc>>)]
    pub starts_at: Patch<DateTime<Utc>>,
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "12:00")]
    pub local_time: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<CampaignQuietHours>)]
    pub quiet_hours: Patch<CampaignQuietHours>,
    #[serde(default)]
    #[schema(value_type = Option<i32>, minimum = 1, maximum = 1_000_000)]
    pub max_per_minute: Patch<i32>,
    #[serde(default)]
    #[schema(value_type = Option<DateTime<Utc>>)]
    pub ends_at: Patch<DateTime<Utc>>,
    pub stop_on_reply: Option<bool>,
    #[serde(default)]
    #[schema(value_type = Option<f32>, exclusive_minimum = 0.0, maximum = 1)]
    pub pause_above: Patch<f32>,
    #[serde(default)]
    #[schema(value_type = Option<WinnerWish>)]
    pub winner: Patch<WinnerWish>,
}

/// The same, checked.
#[derive(Clone, Debug)]
pub(super) struct Wishes {
    pub name: String,
    pub audience: Option<Audience>,
    pub steps: Vec<StepDraft>,
    pub channel: Option<ChannelKind>,
    pub sender_ids: Vec<SenderId>,
    pub starts_at: Option<DateTime<Utc>>,
    pub local_time: Option<NaiveTime>,
    pub quiet_hours: Option<Quiet>,
    pub max_per_minute: Option<i32>,
    pub ends_at: Option<DateTime<Utc>>,
    pub stop_on_reply: bool,
    pub pause_above: Option<f32>,
    pub winner: Option<WinnerWish>,
}

impl CampaignDraft {
    pub(super) async fn checked(self, tx: &mut Tx) -> Result<Wishes, Problem> {
        let wishes = Wishes {
            name: wording::checked("name", &self.name, 120)?,
            audience: self.audience,
            steps: self.steps,
            channel: self.channel,
            sender_ids: self.sender_ids,
            starts_at: self.starts_at,
            local_time: self.local_time.map(|time| time_of_day("local_time", &time)).transpose()?,
            quiet_hours: self.quiet_hours.map(quiet).transpose()?,
            max_per_minute: self.max_per_minute,
            ends_at: self.ends_at,
            stop_on_reply: self.stop_on_reply.unwrap_or(true),
            pause_above: self.pause_above,
            winner: self.winner,
        };
        wishes.checked(tx).await
    }
}

impl CampaignEdit {
    /// The campaign with what is to change.
    pub(super) async fn applied(self, tx: &mut Tx, before: &Campaign, steps: &[Step]) -> Result<Wishes, Problem> {
        let mut wishes = Wishes::of(before, steps);
        if let Some(name) = &self.name {
            wishes.name = wording::checked("name", name, 120)?;
        }
        wishes.audience = self.audience.apply(wishes.audience);
        wishes.steps = self.steps.unwrap_or(wishes.steps);
        wishes.channel = self.channel.apply(wishes.channel);
        wishes.sender_ids = self.sender_ids.unwrap_or(wishes.sender_ids);
        wishes.starts_at = self.starts_at.apply(wishes.starts_at);
        wishes.local_time = self.local_time.try_map(|time| time_of_day("local_time", &time))?.apply(wishes.local_time);
        wishes.quiet_hours = self.quiet_hours.try_map(quiet)?.apply(wishes.quiet_hours);
        wishes.max_per_minute = self.max_per_minute.apply(wishes.max_per_minute);
        wishes.ends_at = self.ends_at.apply(wishes.ends_at);
        wishes.stop_on_reply = self.stop_on_reply.unwrap_or(wishes.stop_on_reply);
        wishes.pause_above = self.pause_above.apply(wishes.pause_above);
        wishes.winner = self.winner.apply(wishes.winner);
        wishes.checked(tx).await
    }
}

impl Wishes {
    pub(super) fn of(campaign: &Campaign, steps: &[Step]) -> Self {
        let draft = |step: &Step| {
            Some(StepDraft {
                template_id: step.template_id?,
                wait_minutes: step.wait_minutes,
                condition: step.condition,
            })
        };
        Self {
            name: campaign.name.clone(),
            audience: campaign.audience.clone().map(|audience| audience.0),
            steps: steps.iter().filter_map(draft).collect(),
            channel: campaign.channel,
            sender_ids: campaign.senders(),
            starts_at: campaign.starts_at,
            local_time: campaign.local_time,
            quiet_hours: campaign.quiet_from.zip(campaign.quiet_until).map(|(from, until)| Quiet { from, until }),
            max_per_minute: campaign.max_per_minute,
            ends_at: campaign.ends_at,
            stop_on_reply: campaign.stop_on_reply,
            pause_above: campaign.pause_above,
            winner: match (campaign.winner_by, campaign.winner_share, campaign.winner_after) {
                (Some(by), Some(share), Some(after_minutes)) => Some(WinnerWish { by, share, after_minutes }),
                _ => None,
            },
        }
    }

    /// A copy to go on from: what belongs to a day of its own is left out.
    pub(super) fn copy(mut self) -> Self {
        const MARK: &str = " (copy)";
        let name: String = self.name.chars().take(120 - MARK.len()).collect();
        self.name = format!("{}{MARK}", name.trim_end());
        (self.starts_at, self.ends_at) = (None, None);
        self
    }

    async fn checked(self, tx: &mut Tx) -> Result<Self, Problem> {
        let out_of = |field: &str, words: &str| Err(Problem::invalid_field(field, "out_of_range", words));
        if self.steps.len() > MOST_STEPS {
            return Err(Problem::invalid_field("steps", "too_many", "must be at most 10"));
        }
        for (n, step) in self.steps.iter().enumerate() {
            if !(0..=525_600).contains(&step.wait_minutes) {
                return out_of(&format!("steps[{n}].wait_minutes"), "must be 0 to 525,600");
            }
            if n == 0 && (step.wait_minutes != 0 || step.condition != StepCondition::Always) {
                return Err(Problem::invalid_field("steps[0]", "invalid", "the first goes to everybody at once"));
            }
        }
        if self.sender_ids.len() > MOST_SENDERS {
            return Err(Problem::invalid_field("sender_ids", "too_many", "must be at most 100"));
        }
        if self.channel == Some(ChannelKind::Web) {
            return Err(Problem::invalid_field("channel", "invalid", "campaigns go by SMS, WhatsApp or the simulator"));
        }
        if self.max_per_minute.is_some_and(|n| !(1..=1_000_000).contains(&n)) {
            return out_of("max_per_minute", "must be 1 to 1,000,000");
        }
        if self.pause_above.is_some_and(|share| !(share > 0.0 && share <= 1.0)) {
            return out_of("pause_above", "must be above 0 and at most 1");
        }
        if let Some(winner) = &self.winner {
            if !(1..=90).contains(&winner.share) {
                return out_of("winner.share", "must be 1 to 90");
            }
            if !(5..=43_200).contains(&winner.after_minutes) {
                return out_of("winner.after_minutes", "must be 5 to 43,200");
            }
        }
        let latest = tx.clock().now() + TimeDelta::days(730);
        if self.starts_at.is_some_and(|at| at > latest) {
            return out_of("starts_at", "must lie within the next two years");
        }
        if self.ends_at.is_some_and(|at| at > latest || self.starts_at.is_some_and(|start| at <= start)) {
            return out_of("ends_at", "must come after the beginning, within the next two years");
        }
        for sender in &self.sender_ids {
            messaging::batch_sender(tx, *sender).await?.ok_or_else(|| Problem::not_found("sender"))?;
        }
        if let Some(audience) = &self.audience {
            if let Some(filter) = &audience.filter {
                filter.check()?;
            }
            if let Some(id) = audience.segment_id {
                contacts::segment(tx, id).await?.ok_or_else(|| Problem::not_found("segment"))?;
            }
        }
        Ok(self)
    }
}

fn time_of_day(field: &str, text: &str) -> Result<NaiveTime, Problem> {
    NaiveTime::parse_from_str(text, "%H:%M")
        .ok()
        .filter(|_| text.len() == 5)
        .ok_or_else(|| Problem::invalid_field(field, "invalid", "must be a time of day such as 12:00"))
}

fn quiet(hours: CampaignQuietHours) -> Result<Quiet, Problem> {
    let quiet = Quiet {
        from: time_of_day("quiet_hours.from", &hours.from)?,
        until: time_of_day("quiet_hours.until", &hours.until)?,
    };
    if quiet.from == quiet.until {
        return Err(Problem::invalid_field("quiet_hours", "invalid", "must leave some of the day"));
    }
    Ok(quiet)
}
