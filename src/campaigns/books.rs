//! The books of a campaign: where each of its recipients stands. They are added up from figures that the database keeps, and always come to
//! the audience.

use std::collections::BTreeMap;

use serde::Serialize;
use uuid::Uuid;

use super::{
    plan::{Campaign, Step, TargetState},
    store::{
        campaigns as rows,
        targets::{self, Count},
    },
};
use crate::{
    messaging::{self, BatchCount},
    platform::db::Tx,
};

/// So many texts must be known before a campaign pauses itself for the share that failed.
const TELLING: i64 = 50;

/// Recipients who stand alike, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct CampaignReason {
    /// Empty: their turn has not come.
    #[schema(example = "quiet_hours")]
    pub reason: String,
    pub targets: i64,
}

/// Texts by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct CampaignTexts {
    /// Written, and to be handed over anew: the provider was in no state to take it.
    pub queued: i64,
    /// On the way to the provider, or taken by it.
    pub sending: i64,
    pub sent: i64,
    pub delivered: i64,
    pub read: i64,
    pub failed: i64,
    pub undelivered: i64,
    /// Taken back before it left.
    pub canceled: i64,
    /// It may have left, and nobody knows yet.
    pub ambiguous: i64,
    /// Texts that are not kept any longer, or were erased with their reader's data.
    pub no_longer_kept: i64,
}

impl CampaignTexts {
    fn add(&mut self, count: &BatchCount) {
        let place = match count.status.as_str() {
            "queued" => &mut self.queued,
            "sending" => &mut self.sending,
            "sent" => &mut self.sent,
            "delivered" => &mut self.delivered,
            "read" => &mut self.read,
            "failed" => &mut self.failed,
            "undelivered" => &mut self.undelivered,
            "canceled" => &mut self.canceled,
            _ => &mut self.ambiguous,
        };
        *place += count.texts;
    }

    fn kept(&self) -> i64 {
        let known = self.queued + self.sending + self.sent + self.delivered + self.read;
        known + self.failed + self.undelivered + self.canceled + self.ambiguous
    }

    /// Texts whose fate counts for the share that failed: known ones, and failed ones among them.
    fn known(&self) -> (i64, i64) {
        let failed = self.failed + self.undelivered;
        (self.sent + self.delivered + self.read + failed, failed)
    }
}

/// Texts that did not arrive for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct CampaignError {
    /// The provider's code, or a rule's; empty where none was given.
    #[schema(example = "30007")]
    pub code: String,
    pub texts: i64,
}

/// A step in figures.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct CampaignStepBooks {
    /// From 0.
    pub step: i16,
    pub texts: CampaignTexts,
    pub segments: i64,
}

/// A variant of the first step in figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct CampaignVariantBooks {
    #[schema(example = "A")]
    pub variant: String,
    pub texted: i64,
    pub replied: i64,
    pub clicked: i64,
    pub booked: i64,
    pub opted_out: i64,
}

/// Where everybody of the audience stands: `audience` = `waiting` + `skipped` + the first step's texts.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct CampaignBooks {
    /// As it was noted down when the campaign began.
    pub audience: i64,
    /// Not texted yet.
    pub waiting: Vec<CampaignReason>,
    /// Never texted, and why.
    pub skipped: Vec<CampaignReason>,
    /// Texted at least once.
    pub texted: i64,
    /// The first text of those.
    pub texts: CampaignTexts,
    /// Why first texts did not arrive.
    pub errors: Vec<CampaignError>,
    /// Texted, and not to be sent further steps, and why.
    pub stopped: Vec<CampaignReason>,
    /// Texted, and waiting for a further step.
    pub waiting_for_next_step: i64,
    pub replied: i64,
    pub clicked: i64,
    pub booked: i64,
    pub opted_out: i64,
    /// Parts that all texts of all steps were charged as.
    pub segments: i64,
    pub steps: Vec<CampaignStepBooks>,
    /// Of the first step's template.
    pub variants: Vec<CampaignVariantBooks>,
    /// Whether what was noted of recipients and what was counted of texts come to the same. Always, or there is a fault.
    pub balanced: bool,
}

/// Adds the books up.
pub(super) async fn of(tx: &mut Tx, campaign: &Campaign, steps: &[Step]) -> Result<CampaignBooks, sqlx::Error> {
    let counts = targets::counts(tx, campaign.id).await?;
    let batches: Vec<Uuid> = steps.iter().map(|step| step.id.0).collect();
    let texts = messaging::batch_counts(tx, &batches).await?;
    Ok(added_up(steps, &counts, &texts))
}

fn added_up(steps: &[Step], counts: &[Count], texts: &[BatchCount]) -> CampaignBooks {
    let sum = |of: fn(&Count) -> i64| counts.iter().map(of).sum::<i64>();
    let by_reason = |wanted: TargetState, of: fn(&Count) -> i64| {
        let mut reasons: BTreeMap<&str, i64> = BTreeMap::new();
        for count in counts.iter().filter(|count| count.state == wanted) {
            *reasons.entry(&count.reason).or_default() += of(count);
        }
        let one = |(reason, targets): (&str, i64)| CampaignReason { reason: reason.to_owned(), targets };
        reasons.into_iter().filter(|(_, n)| *n != 0).map(one).collect::<Vec<_>>()
    };
    let per_step = steps.iter().map(|step| {
        let mut books = CampaignStepBooks { step: step.position, texts: CampaignTexts::default(), segments: 0 };
        for count in texts.iter().filter(|count| count.batch_id == step.id.0) {
            books.texts.add(count);
            books.segments += count.segments;
        }
        books
    });
    let per_step: Vec<CampaignStepBooks> = per_step.collect();
    let first = steps.first().map(|step| step.id.0);
    let mut errors: BTreeMap<&str, i64> = BTreeMap::new();
    for count in texts.iter().filter(|count| Some(count.batch_id) == first) {
        if matches!(count.status.as_str(), "failed" | "undelivered" | "canceled") {
            *errors.entry(&count.error_code).or_default() += count.texts;
        }
    }
    let mut variants: BTreeMap<&str, CampaignVariantBooks> = BTreeMap::new();
    for count in counts.iter().filter(|count| !count.variant.is_empty()) {
        let books = variants.entry(&count.variant).or_insert_with(|| CampaignVariantBooks {
            variant: count.variant.clone(),
            texted: 0,
            replied: 0,
            clicked: 0,
            booked: 0,
            opted_out: 0,
        });
        books.texted += count.texted;
        books.replied += count.replied;
        books.clicked += count.clicked;
        books.booked += count.booked;
        books.opted_out += count.opted_out;
    }
    let (audience, texted) = (sum(|c| c.targets), sum(|c| c.texted));
    let waiting = by_reason(TargetState::Waiting, |c| c.targets - c.texted);
    let skipped = by_reason(TargetState::Skipped, |c| c.targets);
    let mut first_texts = per_step.first().map_or_else(CampaignTexts::default, |step| step.texts);
    let kept = first_texts.kept();
    first_texts.no_longer_kept = (texted - kept).max(0);
    let in_all = |reasons: &[CampaignReason]| reasons.iter().map(|reason| reason.targets).sum::<i64>();
    let balanced = kept <= texted && audience == in_all(&waiting) + in_all(&skipped) + texted;
    CampaignBooks {
        audience,
        texted,
        texts: first_texts,
        errors: errors.into_iter().map(|(code, texts)| CampaignError { code: code.to_owned(), texts }).collect(),
        stopped: by_reason(TargetState::Stopped, |c| c.targets),
        waiting_for_next_step: counts.iter().filter(|c| c.state == TargetState::Waiting).map(|c| c.texted).sum(),
        replied: sum(|c| c.replied),
        clicked: sum(|c| c.clicked),
        booked: sum(|c| c.booked),
        opted_out: sum(|c| c.opted_out),
        segments: per_step.iter().map(|step| step.segments).sum(),
        steps: per_step,
        variants: variants.into_values().collect(),
        waiting,
        skipped,
        balanced,
    }
}

/// The figures that auto-pausing looks at: texts whose fate is known, and failed ones among them.
pub(super) async fn known_and_failed(tx: &mut Tx, campaign: &Campaign) -> Result<(i64, i64), sqlx::Error> {
    let (known, failed, _) = fates(tx, campaign).await?;
    Ok((known, failed))
}

async fn fates(tx: &mut Tx, campaign: &Campaign) -> Result<(i64, i64, Option<String>), sqlx::Error> {
    let steps = rows::steps(tx, campaign.id).await?;
    let batches: Vec<Uuid> = steps.iter().map(|step| step.id.0).collect();
    let texts = messaging::batch_counts(tx, &batches).await?;
    let mut all = CampaignTexts::default();
    texts.iter().for_each(|count| all.add(count));
    let failed = texts.iter().filter(|count| matches!(count.status.as_str(), "failed" | "undelivered"));
    let worst = failed.max_by_key(|count| count.texts).map(|count| count.error_code.clone());
    let (known, failed) = all.known();
    Ok((known, failed, worst))
}

/// Why a campaign has to pause by itself, if it has to.
pub(super) async fn too_many_failed(tx: &mut Tx, campaign: &Campaign) -> Result<Option<String>, sqlx::Error> {
    let Some(most) = campaign.pause_above else { return Ok(None) };
    let (known, failed, worst) = fates(tx, campaign).await?;
    let (known, failed) = (known - campaign.known_before, failed - campaign.failed_before);
    if known < TELLING || failed as f64 <= f64::from(most) * known as f64 {
        return Ok(None);
    }
    let share = failed as f64 * 100.0 / known as f64;
    let worst = worst.filter(|code| !code.is_empty());
    let why = worst.map_or(String::new(), |code| {
        let words = messaging::error_meaning(&code).map_or(String::new(), |m| format!(": {}", m.sentence));
        format!(" Most often {code}{words}")
    });
    Ok(Some(format!("{failed} of {known} texts failed ({share:.0} %).{why}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{campaigns::plan::StepCondition, platform::ids::CampaignStepId};

    fn step(n: u128) -> Step {
        Step {
            id: CampaignStepId(Uuid::from_u128(n)),
            position: i16::try_from(n).expect("small") - 1,
            template_id: None,
            template: None,
            wait_minutes: 0,
            condition: StepCondition::Always,
            winner: None,
        }
    }

    fn count(state: TargetState, reason: &str, targets: i64, texted: i64) -> Count {
        let variant = if texted > 0 { "A" } else { "" }.to_owned();
        let reason = reason.to_owned();
        Count { variant, state, reason, targets, texted, replied: 0, clicked: 0, booked: 0, opted_out: 0 }
    }

    fn texts(batch: u128, status: &str, code: &str, texts: i64) -> BatchCount {
        let (status, error_code) = (status.to_owned(), code.to_owned());
        BatchCount { batch_id: Uuid::from_u128(batch), status, error_code, texts, segments: texts * 2 }
    }

    #[test]
    fn everybody_is_in_one_place() {
        use TargetState as S;
        let counts = [
            count(S::Waiting, "", 5, 0),
            count(S::Waiting, "quiet_hours", 3, 0),
            count(S::Skipped, "no_consent", 2, 0),
            count(S::Waiting, "", 6, 6),
            count(S::Sent, "", 4, 4),
            count(S::Stopped, "replied", 1, 1),
        ];
        let all = [
            texts(1, "delivered", "", 7),
            texts(1, "failed", "30007", 2),
            texts(1, "unknown", "", 1),
            texts(1, "sent", "", 1),
            texts(2, "sent", "", 4),
        ];
        let books = added_up(&[step(1), step(2)], &counts, &all);
        assert_eq!((books.audience, books.texted, books.waiting_for_next_step), (21, 11, 6));
        assert_eq!((books.texts.delivered, books.texts.failed, books.texts.ambiguous), (7, 2, 1));
        assert_eq!(books.errors, [CampaignError { code: "30007".to_owned(), texts: 2 }]);
        assert_eq!(books.waiting.len(), 2);
        assert_eq!(books.segments, 30);
        assert_eq!(books.variants.iter().map(|v| v.texted).sum::<i64>(), 11);
        assert!(books.balanced);
        // A text too many is seen.
        let more = [all.to_vec(), vec![texts(1, "sent", "", 1)]].concat();
        assert!(!added_up(&[step(1), step(2)], &counts, &more).balanced);
        // Texts that are not kept any longer are no fault.
        let fewer = added_up(&[step(1), step(2)], &counts, &all[1..]);
        assert!(fewer.balanced && fewer.texts.no_longer_kept == 7);
    }
}
