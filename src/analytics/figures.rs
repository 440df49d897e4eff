//! From sums to figures: what is counted as what, and rates that say nothing where there is nothing to say. Pure.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use super::{
    span::{By, Span},
    store::figures::{CampaignFigures, PieceSum, SenderName, Sum},
};
use crate::{messaging, platform::ids::SenderId};

/// What happened in some time. Texts count where they were written, with how far they have come until now; everything else counts when it
/// happened, appointments when they begin.
#[derive(Clone, Debug, Default, PartialEq, Serialize, utoipa::ToSchema)]
pub(super) struct Figures {
    pub texts_in: i64,
    /// Written, whatever became of them.
    pub texts_out: i64,
    /// Of `texts_out`: not handed over yet.
    pub waiting: i64,
    /// Taken by the provider, nothing more heard.
    pub sent: i64,
    /// Delivered or read.
    pub delivered: i64,
    /// Failed or not delivered.
    pub failed: i64,
    /// Never handed over, because a rule or a person said so.
    pub canceled: i64,
    /// Parts that `texts_out` were cut into.
    pub segments: i64,
    /// Texts that came within two days after one of ours, and before anything else in the thread.
    pub replies: i64,
    pub opt_outs: i64,
    /// Said or recorded; that somebody wrote first is none.
    pub opt_ins: i64,
    /// Appointments made, held ones included.
    pub booked: i64,
    pub moved: i64,
    pub cancelled: i64,
    /// Of the appointments that began: those who came.
    pub visited: i64,
    /// Of the appointments that began: those who did not come.
    pub no_shows: i64,
    /// Texts of contacts that were answered.
    pub responses: i64,
    /// Half of the answers came within so many seconds: the upper end of the step of a histogram. Null: none, or later than the last step.
    pub response_median_seconds: Option<i32>,
    /// The same for nine of ten.
    pub response_p90_seconds: Option<i32>,
    /// Of what can be known: delivered / (delivered + failed). Null where there is nothing to divide, as in all rates.
    pub delivery_rate: Option<f64>,
    /// Opt-outs per text that left.
    pub opt_out_rate: Option<f64>,
    /// Replies per text that left.
    pub reply_rate: Option<f64>,
    /// Of appointments that began and were marked.
    pub no_show_rate: Option<f64>,
    pub ai_calls: i64,
    pub ai_failures: i64,
    pub ai_input_tokens: i64,
    pub ai_output_tokens: i64,
    pub ai_cost_usd: f64,
    /// What the provider charged for texts, by currency; most is known days later.
    pub text_costs: Vec<ChargedTexts>,
    #[serde(skip)]
    waits: Waits,
}

#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub(super) struct ChargedTexts {
    /// ISO 4217.
    pub currency: String,
    pub amount: f64,
    /// Texts whose price is known.
    pub texts: i64,
}

/// Answers by the bound of their step; those beyond the last under `i32::MAX`.
type Waits = BTreeMap<i32, i64>;

/// The step that the share of all waits is within. None: nothing waited, or it is beyond the last bound.
fn within(waits: &Waits, percent: i64) -> Option<i32> {
    let total: i64 = waits.values().sum();
    let mut seen = 0;
    waits
        .iter()
        .find(|(_, n)| {
            seen += **n;
            total > 0 && seen * 100 >= total * percent
        })
        .map(|(bound, _)| *bound)
        .filter(|bound| *bound != i32::MAX)
}

#[expect(clippy::cast_precision_loss, reason = "counts of texts, for people")]
fn share(part: i64, whole: i64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

#[expect(clippy::cast_precision_loss, reason = "an amount of money, for people")]
fn money(micros: i64) -> f64 {
    micros as f64 / 1_000_000.0
}

fn bound(detail: &str) -> i32 {
    detail.parse().unwrap_or(i32::MAX)
}

impl Figures {
    fn add(&mut self, measure: &str, status: &str, detail: &str, n: i64, amount: i64) {
        match (measure, status) {
            ("text_in", _) => self.texts_in += n,
            ("text_out", status) => {
                self.texts_out += n;
                self.segments += amount;
                match status {
                    "queued" | "sending" => self.waiting += n,
                    "delivered" | "read" => self.delivered += n,
                    "failed" | "undelivered" => self.failed += n,
                    "canceled" => self.canceled += n,
                    _ => self.sent += n,
                }
            }
            ("text_cost", _) => match self.text_costs.iter_mut().find(|c| c.currency == detail) {
                Some(cost) => {
                    cost.amount += money(amount);
                    cost.texts += n;
                }
                None if n != 0 => {
                    self.text_costs.push(ChargedTexts { currency: detail.to_owned(), amount: money(amount), texts: n });
                }
                None => {}
            },
            ("reply", _) => self.replies += n,
            ("response", _) => {
                self.responses += n;
                *self.waits.entry(bound(detail)).or_default() += n;
            }
            ("consent", "revoked") => self.opt_outs += n,
            ("consent", _) => self.opt_ins += n,
            ("booking", "booked" | "held") => self.booked += n,
            ("booking", "rescheduled") => self.moved += n,
            ("booking", "cancelled") => self.cancelled += n,
            ("appointment", "completed") => self.visited += n,
            ("appointment", "no_show") => self.no_shows += n,
            ("ai_call", _) => {
                self.ai_calls += n;
                self.ai_cost_usd += money(amount);
            }
            ("ai_failure", _) => self.ai_failures += n,
            ("ai_tokens", _) => {
                self.ai_input_tokens += n;
                self.ai_output_tokens += amount;
            }
            _ => {}
        }
    }

    fn finish(mut self) -> Self {
        let left = self.sent + self.delivered + self.failed;
        self.response_median_seconds = within(&self.waits, 50);
        self.response_p90_seconds = within(&self.waits, 90);
        self.delivery_rate = share(self.delivered, self.delivered + self.failed);
        self.opt_out_rate = share(self.opt_outs, left);
        self.reply_rate = share(self.replies, left);
        self.no_show_rate = share(self.no_shows, self.visited + self.no_shows);
        self.text_costs.sort_by(|a, b| b.texts.cmp(&a.texts).then_with(|| a.currency.cmp(&b.currency)));
        self
    }
}

/// One piece of the series.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct FiguresPiece {
    pub starts_at: DateTime<Utc>,
    /// The day, in the organization's zone, on which it starts.
    pub date: NaiveDate,
    pub figures: Figures,
}

/// Figures over time.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct Period {
    /// First day, in the organization's zone.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
    pub by: By,
    /// The zone whose days these are.
    pub timezone: String,
    pub totals: Figures,
    pub before: PeriodBefore,
    /// Oldest first, those in which nothing happened included.
    pub series: Vec<FiguresPiece>,
}

/// As many days right before, to compare with; where the period is not over, only as much of them as there is of it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct PeriodBefore {
    pub from: NaiveDate,
    pub to: NaiveDate,
    /// Until when it was looked at.
    pub until: DateTime<Utc>,
    pub totals: Figures,
}

pub(super) fn period(span: &Span, timezone: &str, rows: &[PieceSum]) -> Period {
    let (mut totals, mut before) = (Figures::default(), Figures::default());
    let mut pieces = vec![Figures::default(); span.pieces.len()];
    for row in rows {
        let piece = usize::try_from(row.piece).ok().and_then(|n| n.checked_sub(1));
        let add = |to: &mut Figures| to.add(&row.measure, &row.status, &row.detail, row.n, row.amount);
        match piece.and_then(|n| pieces.get_mut(n)) {
            Some(piece) => {
                add(piece);
                add(&mut totals);
            }
            None => add(&mut before),
        }
    }
    Period {
        from: span.from,
        to: span.to,
        by: span.by,
        timezone: timezone.to_owned(),
        totals: totals.finish(),
        before: PeriodBefore {
            from: span.before_from,
            to: span.before_to,
            until: span.before_ends_at,
            totals: before.finish(),
        },
        series: span
            .pieces
            .iter()
            .zip(pieces)
            .map(|(p, figures)| FiguresPiece { starts_at: p.starts_at, date: p.date, figures: figures.finish() })
            .collect(),
    }
}

/// How texts of one sender fared.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct SenderFigures {
    pub id: SenderId,
    /// Null where the sender was removed.
    pub channel: Option<String>,
    pub address: Option<String>,
    pub display_name: Option<String>,
    pub figures: Figures,
}

/// Texts that a provider or carrier did not deliver, for one reason.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct ErrorFigures {
    /// The provider's code; gave_up where we stopped trying; unknown.
    pub code: String,
    /// What it means, where that is known.
    pub sentence: Option<String>,
    pub advice: Option<String>,
    pub texts: i64,
}

/// Texts for one purpose.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct PurposeFigures {
    /// conversational, transactional, marketing or opt_out_confirmation.
    pub purpose: String,
    pub figures: Figures,
}

/// Appointments by who made, moved or cancelled them.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct BookingSource {
    /// contact (by text), staff (with programs that act for them) or system.
    pub source: String,
    pub booked: i64,
    pub moved: i64,
    pub cancelled: i64,
}

/// Answers that came within so long, and after the step before.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct ResponseStep {
    /// Null: later than the last step.
    pub within_seconds: Option<i32>,
    pub count: i64,
}

/// What one language model was asked, and cost.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct ModelFigures {
    /// provider:model.
    pub model: String,
    pub calls: i64,
    pub failures: i64,
    pub input_tokens: i64,
    pub output_tokens: i64,
    pub cost_usd: f64,
}

/// The period's figures by what they are of.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct Breakdown {
    /// Those with most texts first.
    pub senders: Vec<SenderFigures>,
    /// The most frequent first.
    pub errors: Vec<ErrorFigures>,
    pub purposes: Vec<PurposeFigures>,
    pub booking_sources: Vec<BookingSource>,
    /// Those that brought most appointments first; at most 50.
    pub campaigns: Vec<CampaignFigures>,
    /// The quickest first.
    pub responses: Vec<ResponseStep>,
    /// The dearest first.
    pub models: Vec<ModelFigures>,
}

pub(super) fn breakdown(rows: &[Sum], names: Vec<SenderName>, campaigns: Vec<CampaignFigures>) -> Breakdown {
    let mut senders: BTreeMap<uuid::Uuid, Figures> = BTreeMap::new();
    let (mut errors, mut purposes): (BTreeMap<&str, i64>, BTreeMap<&str, Figures>) = Default::default();
    let (mut sources, mut models): (BTreeMap<&str, Figures>, BTreeMap<&str, Figures>) = Default::default();
    let mut waits = Waits::new();
    for row in rows {
        let add = |to: &mut Figures| to.add(&row.measure, &row.status, &row.detail, row.n, row.amount);
        match row.measure.as_str() {
            "text_in" | "text_out" | "text_cost" | "reply" | "response" => {
                add(senders.entry(row.sender_id.0).or_default());
                if !row.purpose.is_empty() {
                    add(purposes.entry(&row.purpose).or_default());
                }
                if matches!(row.status.as_str(), "failed" | "undelivered") {
                    *errors.entry(&row.detail).or_default() += row.n;
                }
                if row.measure == "response" {
                    *waits.entry(bound(&row.detail)).or_default() += row.n;
                }
            }
            "booking" => add(sources.entry(&row.detail).or_default()),
            "ai_call" | "ai_failure" | "ai_tokens" => add(models.entry(&row.detail).or_default()),
            _ => {}
        }
    }
    let mut names: BTreeMap<uuid::Uuid, SenderName> = names.into_iter().map(|s| (s.id.0, s)).collect();
    let mut breakdown = Breakdown {
        senders: senders
            .into_iter()
            .map(|(id, figures)| {
                let name = names.remove(&id);
                let (channel, address, display_name) =
                    name.map_or((None, None, None), |s| (Some(s.channel), Some(s.address), Some(s.display_name)));
                SenderFigures { id: SenderId(id), channel, address, display_name, figures: figures.finish() }
            })
            .collect(),
        errors: errors
            .into_iter()
            .filter(|(_, texts)| *texts > 0)
            .map(|(code, texts)| {
                let meaning = messaging::error_meaning(code);
                ErrorFigures {
                    code: code.to_owned(),
                    sentence: meaning.map(|m| m.sentence.to_owned()),
                    advice: meaning.map(|m| m.advice.to_owned()),
                    texts,
                }
            })
            .collect(),
        purposes: purposes
            .into_iter()
            .map(|(purpose, figures)| PurposeFigures { purpose: purpose.to_owned(), figures: figures.finish() })
            .collect(),
        booking_sources: sources
            .into_iter()
            .filter(|(_, f)| f.booked + f.moved + f.cancelled > 0)
            .map(|(source, f)| BookingSource {
                source: source.to_owned(),
                booked: f.booked,
                moved: f.moved,
                cancelled: f.cancelled,
            })
            .collect(),
        campaigns,
        responses: waits
            .into_iter()
            .filter(|(_, count)| *count > 0)
            .map(|(bound, count)| ResponseStep { within_seconds: (bound != i32::MAX).then_some(bound), count })
            .collect(),
        models: models
            .into_iter()
            .map(|(model, f)| ModelFigures {
                model: model.to_owned(),
                calls: f.ai_calls,
                failures: f.ai_failures,
                input_tokens: f.ai_input_tokens,
                output_tokens: f.ai_output_tokens,
                cost_usd: f.ai_cost_usd,
            })
            .collect(),
    };
    breakdown.senders.sort_by_key(|s| std::cmp::Reverse(s.figures.texts_out + s.figures.texts_in));
    breakdown.errors.sort_by_key(|e| std::cmp::Reverse(e.texts));
    breakdown.purposes.sort_by_key(|p| std::cmp::Reverse(p.figures.texts_out));
    breakdown.models.sort_by(|a, b| b.cost_usd.total_cmp(&a.cost_usd).then_with(|| b.calls.cmp(&a.calls)));
    breakdown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(rows: &[(&str, &str, &str, i64, i64)]) -> Figures {
        let mut figures = Figures::default();
        for (measure, status, detail, n, amount) in rows {
            figures.add(measure, status, detail, *n, *amount);
        }
        figures.finish()
    }

    #[test]
    fn every_text_is_somewhere() {
        let states = ["queued", "sending", "sent", "delivered", "read", "failed", "undelivered", "canceled"];
        let f = of(&states.map(|status| ("text_out", status, "", 1, 2)));
        assert_eq!((f.texts_out, f.segments), (8, 16));
        assert_eq!(f.waiting + f.sent + f.delivered + f.failed + f.canceled, f.texts_out);
        assert_eq!((f.delivery_rate, f.opt_out_rate), (Some(0.5), Some(0.0)));
    }

    #[test]
    fn rates_say_nothing_about_nothing() {
        let f = of(&[("text_out", "canceled", "no_consent", 3, 3), ("consent", "revoked", "keyword", 1, 0)]);
        assert_eq!(
            (f.delivery_rate, f.opt_out_rate, f.no_show_rate, f.response_median_seconds),
            (None, None, None, None)
        );
        let f = of(&[
            ("appointment", "completed", "", 3, 0),
            ("appointment", "no_show", "", 1, 0),
            ("appointment", "held", "", 9, 0),
        ]);
        assert_eq!(f.no_show_rate, Some(0.25));
    }

    #[test]
    fn waits_are_told_by_their_bounds() {
        let waits = [("response", "", "10", 5, 0), ("response", "", "120", 4, 0), ("response", "", "more", 1, 0)];
        let f = of(&waits);
        assert_eq!((f.responses, f.response_median_seconds, f.response_p90_seconds), (10, Some(10), Some(120)));
        let f = of(&[("response", "", "30", 1, 0), ("response", "", "more", 1, 0)]);
        assert_eq!((f.response_median_seconds, f.response_p90_seconds), (Some(30), None));
    }

    #[test]
    fn money_is_kept_by_currency() {
        let f = of(&[
            ("text_cost", "", "USD", 2, 15_800),
            ("text_cost", "", "EUR", 1, 70_000),
            ("text_cost", "", "USD", 1, 7_900),
        ]);
        assert_eq!(f.text_costs[0], ChargedTexts { currency: "USD".to_owned(), amount: 0.0158 + 0.0079, texts: 3 });
        assert_eq!(f.text_costs.len(), 2);
    }
}
