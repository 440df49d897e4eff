//! The statistical half of the understanding: a linear model over the features of `features`, one score for each
//! intent, and a second model of one score that only tells whether somebody wants no more texts.
//!
//! `weights.bin` holds nothing but what the example texts in `examples/` give; `training` says how.

use std::sync::LazyLock;

use super::Intent;
use super::features::{BUCKETS, Feature};

/// The intents in the order of the columns of the weights.
pub(super) const INTENTS: [Intent; 16] = [
    Intent::Book,
    Intent::Availability,
    Intent::Reschedule,
    Intent::Cancel,
    Intent::Lookup,
    Intent::Confirm,
    Intent::Deny,
    Intent::ChooseOption,
    Intent::Greeting,
    Intent::Thanks,
    Intent::Goodbye,
    Intent::Help,
    Intent::Human,
    Intent::OptOut,
    Intent::OptIn,
    Intent::Other,
];

/// Bytes of the two scales in front of the weights.
const HEADER: usize = 8;

/// Size of `weights.bin`.
pub(super) const SIZE: usize = HEADER + BUCKETS * (INTENTS.len() + 1);

static WEIGHTS: &[u8; SIZE] = include_bytes!("weights.bin");

/// Trained weights: for each bucket one signed byte an intent, then for each bucket one for opting out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Model<'w> {
    intents: &'w [[u8; INTENTS.len()]],
    opt_out: &'w [u8],
    scale: f32,
    opt_out_scale: f32,
}

/// How likely each intent is, and whether it is an opt-out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Likelihoods {
    pub(super) intents: [f32; INTENTS.len()],
    pub(super) opt_out: f32,
}

pub(super) static MODEL: LazyLock<Model<'static>> = LazyLock::new(|| Model::new(WEIGHTS));

impl<'w> Model<'w> {
    pub(super) fn new(bytes: &'w [u8; SIZE]) -> Self {
        let (header, weights) = bytes.split_at(HEADER);
        let (intents, opt_out) = weights.split_at(BUCKETS * INTENTS.len());
        let scale = |at: usize| f32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
        Self { intents: intents.as_chunks().0, opt_out, scale: scale(0), opt_out_scale: scale(4) }
    }

    pub(super) fn likelihoods(&self, features: &[Feature]) -> Likelihoods {
        let mut sums = [0i32; INTENTS.len()];
        let mut opt_out = 0i32;
        for feature in features {
            let bucket = usize::from(feature.bucket);
            for (sum, weight) in sums.iter_mut().zip(&self.intents[bucket]) {
                *sum += i32::from(*weight as i8);
            }
            opt_out += i32::from(self.opt_out[bucket] as i8);
        }
        let share = share(features.len());
        let scores = sums.map(|sum| sum as f32 * share * self.scale);
        Likelihoods { intents: softmax(scores), opt_out: logistic(opt_out as f32 * share * self.opt_out_scale) }
    }

    /// What one feature adds to the opt-out score.
    pub(super) fn opt_out_weight(&self, feature: Feature) -> i32 {
        i32::from(self.opt_out[usize::from(feature.bucket)] as i8)
    }
}

impl Likelihoods {
    /// The likeliest of the intents that `admits` lets through.
    pub(super) fn best(&self, admits: impl Fn(Intent) -> bool) -> (Intent, f32) {
        let admitted = INTENTS.into_iter().zip(self.intents).filter(|(intent, _)| admits(*intent));
        admitted.max_by(|(_, a), (_, b)| a.total_cmp(b)).unwrap_or((Intent::Other, 0.0))
    }

    pub(super) fn of(&self, intent: Intent) -> f32 {
        INTENTS.iter().position(|known| *known == intent).map_or(0.0, |at| self.intents[at])
    }
}

/// Each feature's part in the score: long texts have many features and are not surer for it.
pub(super) fn share(features: usize) -> f32 {
    1.0 / (features.max(1) as f32).sqrt()
}

pub(super) fn softmax<const N: usize>(scores: [f32; N]) -> [f32; N] {
    let highest = scores.iter().copied().fold(f32::MIN, f32::max);
    let raised = scores.map(|score| exp(score - highest));
    let sum: f32 = raised.iter().sum();
    raised.map(|value| value / sum)
}

pub(super) fn logistic(score: f32) -> f32 {
    1.0 / (1.0 + exp(-score))
}

/// e to the power of `x`, the same on every machine, which the one of the standard library need not be: training must
/// give the same bytes everywhere.  Relative error below 1e-6.
pub(super) fn exp(x: f32) -> f32 {
    let x = x.clamp(-80.0, 80.0);
    let doublings = (x * std::f32::consts::LOG2_E).round();
    let rest = x - doublings * std::f32::consts::LN_2;
    let series = [1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0];
    let power = f32::from_bits(((doublings as i32 + 127) as u32) << 23);
    series.iter().fold(0.0, |sum, term| sum * rest + term) * power
}
