//! What a try used and what it cost: the provider's own figure where it gives one, else the configured prices, else cautious ones.

use std::iter::Sum;

use super::{Prices, Request};

/// Taken where neither the provider nor the configuration says what a model charges: 5 and 25 US dollars per million tokens, more than
/// nearly every model suited to this work, so that a budget errs towards stopping early.
pub const CAUTIOUS_PRICES: Prices = Prices { input: 5_000_000, output: 25_000_000 };

/// Tokens and money.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Usage {
    pub input_tokens: u32,
    pub output_tokens: u32,
    /// Millionths of a US dollar, rounded up.
    pub cost_micros: i64,
    /// The tokens or their price are not known for certain.
    pub cost_estimated: bool,
}

/// What an answer says that it used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Reported {
    pub input_tokens: u32,
    pub output_tokens: u32,
    pub cost_micros: Option<i64>,
}

impl Usage {
    /// Of a try whose answer reported it.
    pub(super) fn reported(reported: Reported, prices: Option<Prices>) -> Self {
        let Reported { input_tokens, output_tokens, cost_micros } = reported;
        let cost = cost_micros.unwrap_or_else(|| cost(input_tokens, output_tokens, prices.unwrap_or(CAUTIOUS_PRICES)));
        let cost_estimated = cost_micros.is_none() && prices.is_none();
        Self { input_tokens, output_tokens, cost_micros: cost, cost_estimated }
    }

    /// Of a try that may well be charged, though nobody says for how much: the question as a token for every three bytes, and the longest
    /// answer that was allowed.
    pub(super) fn guessed(request: &Request, prices: Option<Prices>) -> Self {
        let tools: usize = request.tools.iter().map(|t| t.description.len() + t.parameters.to_string().len()).sum();
        let bytes = request.system.len() + request.user.len() + tools;
        let input_tokens = u32::try_from(bytes.div_ceil(3)).unwrap_or(u32::MAX);
        let output_tokens = request.max_tokens;
        let cost_micros = cost(input_tokens, output_tokens, prices.unwrap_or(CAUTIOUS_PRICES));
        Self { input_tokens, output_tokens, cost_micros, cost_estimated: true }
    }
}

impl Sum for Usage {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, one| Self {
            input_tokens: sum.input_tokens.saturating_add(one.input_tokens),
            output_tokens: sum.output_tokens.saturating_add(one.output_tokens),
            cost_micros: sum.cost_micros.saturating_add(one.cost_micros),
            cost_estimated: sum.cost_estimated || one.cost_estimated,
        })
    }
}

/// Millionths of a dollar, rounded up.
fn cost(input_tokens: u32, output_tokens: u32, prices: Prices) -> i64 {
    let millionths = i128::from(input_tokens) * i128::from(prices.input.max(0))
        + i128::from(output_tokens) * i128::from(prices.output.max(0));
    i64::try_from((millionths + 999_999) / 1_000_000).unwrap_or(i64::MAX)
}

/// US dollars as a provider states them. None where they cannot be meant: negative, not finite, or more than one answer can cost.
pub(super) fn micros_of_dollars(dollars: f64) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
    (0.0..=1_000.0).contains(&dollars).then(|| (dollars * 1e6).ceil() as i64)
}

/// A count of tokens; what is no such count is taken for none.
pub(super) fn tokens(value: &serde_json::Value) -> u32 {
    value.as_u64().map_or(0, |n| u32::try_from(n).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_round_up_and_do_not_overflow() {
        let prices = Prices { input: 100_000, output: 500_000 };
        for ((input, output), micros) in
            [((0, 0), 0), ((1, 0), 1), ((10, 0), 1), ((11, 0), 2), ((1_000_000, 1_000_000), 600_000)]
        {
            assert_eq!(cost(input, output, prices), micros, "{input} and {output} tokens");
        }
        assert_eq!(cost(u32::MAX, u32::MAX, Prices { input: i64::MAX, output: i64::MAX }), i64::MAX);
        assert_eq!(cost(1, 1, Prices { input: -5, output: -5 }), 0);
    }

    #[test]
    fn a_guess_errs_upwards_and_says_that_it_is_one() {
        let request = Request {
            system: "s".repeat(2_000),
            user: "u".repeat(1_000),
            tools: Vec::new(),
            max_tokens: 500,
            temperature: None,
        };
        let usage = Usage::guessed(&request, Some(Prices { input: 1_000_000, output: 2_000_000 }));
        assert_eq!((usage.input_tokens, usage.output_tokens, usage.cost_micros), (1_000, 500, 2_000));
        assert!(usage.cost_estimated);
        let exact = Usage { cost_micros: 3, ..Usage::default() };
        assert_eq!([exact, usage].into_iter().sum::<Usage>().cost_micros, 2_003);
        assert!([exact, usage].into_iter().sum::<Usage>().cost_estimated);
    }

    #[test]
    fn what_cannot_be_a_price_is_none() {
        for dollars in [-0.1, f64::NAN, f64::INFINITY, 1_000.1] {
            assert_eq!(micros_of_dollars(dollars), None, "{dollars}");
        }
        assert_eq!(micros_of_dollars(0.000_000_1), Some(1));
    }
}
