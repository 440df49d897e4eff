//! What texts cost: reckoned beforehand from what an organization pays, and as the provider says afterwards. Pure.

use serde::Serialize;

use super::model::ChannelKind;

/// What an organization reckons with, in millionths of its currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Prices {
    /// ISO 4217.
    pub currency: String,
    pub sms_segment: Option<i64>,
    pub mms: Option<i64>,
    pub whatsapp: Option<i64>,
}

/// What a text would cost.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = TextCost)]
pub struct Cost {
    #[schema(example = 0.0158)]
    pub amount: f64,
    /// ISO 4217.
    #[schema(example = "USD")]
    pub currency: String,
}

pub(super) fn from_micros(micros: i64) -> f64 {
    micros as f64 / 1e6
}

#[expect(clippy::cast_possible_truncation, reason = "the callers check the range")]
pub(super) fn to_micros(amount: f64) -> i64 {
    (amount * 1e6).round() as i64
}

impl Prices {
    /// The cost of one text; none where the organization gave no price for its kind.
    pub(super) fn of(&self, channel: ChannelKind, parts: u16, media: bool) -> Option<Cost> {
        let micros = match channel {
            ChannelKind::Sms if media => self.mms?,
            ChannelKind::Sms => self.sms_segment?.saturating_mul(parts.into()),
            ChannelKind::Whatsapp => self.whatsapp?,
            ChannelKind::Web | ChannelKind::Simulator => return None,
        };
        Some(Cost { amount: from_micros(micros), currency: self.currency.clone() })
    }
}

/// A charge as Twilio writes it: a negative decimal ("-0.00790") and a currency. None for what is neither, and for "not known yet".
pub(super) fn charged(price: &str, unit: &str) -> Option<(String, String)> {
    let amount = price.trim().trim_start_matches('-');
    let (whole, part) = amount.split_once('.').unwrap_or((amount, ""));
    let digits = |text: &str, most: usize| text.len() <= most && text.bytes().all(|b| b.is_ascii_digit());
    let unit = unit.trim().to_ascii_uppercase();
    let right = !whole.is_empty() && digits(whole, 8) && digits(part, 12);
    let known = unit.len() == 3 && unit.bytes().all(|b| b.is_ascii_uppercase());
    (right && known).then(|| (amount.to_owned(), unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_costs_its_parts() {
        let prices = Prices { currency: "USD".to_owned(), sms_segment: Some(7_900), mms: Some(20_000), whatsapp: None };
        let cost = |channel, parts, media| prices.of(channel, parts, media).map(|c| c.amount);
        assert_eq!(cost(ChannelKind::Sms, 3, false), Some(0.0237));
        assert_eq!(cost(ChannelKind::Sms, 3, true), Some(0.02), "one text with media, however long");
        assert_eq!(cost(ChannelKind::Whatsapp, 1, false), None);
        assert_eq!(cost(ChannelKind::Simulator, 1, false), None);
        assert_eq!(to_micros(0.0079), 7_900);
    }

    #[test]
    fn charges_are_read_as_twilio_writes_them() {
        let read = |price, unit| charged(price, unit).map(|(p, u)| format!("{p} {u}"));
        assert_eq!(read("-0.00790", "usd").as_deref(), Some("0.00790 USD"));
        assert_eq!(read("0", "EUR").as_deref(), Some("0 EUR"));
        for (price, unit) in
            [("", "USD"), ("null", "USD"), ("-", "USD"), ("1e3", "USD"), ("0.1", ""), ("0.1", "DOLLAR")]
        {
            assert_eq!(read(price, unit), None, "{price} {unit}");
        }
    }
}
