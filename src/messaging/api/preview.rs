//! What a text would be sent and charged as, before anybody sends it; and the prices that are reckoned with.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    accounts::{Change, Staff},
    messaging::{
        model::ChannelKind,
        preview::{Reckoner, TextPreview},
        prices::{Prices, from_micros, to_micros},
        segments::LONGEST,
        store::prices as store,
    },
    platform::{
        http::{Core, Json},
        problem::Problem,
    },
};

pub(super) fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new().routes(routes!(preview_message)).routes(routes!(get_message_prices, put_message_prices))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct TextToPreview {
    /// Up to 4800 characters, so that one that is too long can be looked at.
    #[schema(max_length = 4800, example = "We’re open until 5 – see you!")]
    text: String,
    /// SMS if left out.
    channel: Option<ChannelKind>,
    /// Whether pictures or other files go with it.
    #[serde(default)]
    media: bool,
}

/// What a text would be sent and charged as: its parts, which characters make it dear, the same in plain ones, and whether it asks for an
/// answer that the carrier swallows. Nothing is kept.
#[utoipa::path(post, path = "/messages/preview", tag = "messages", request_body = TextToPreview, responses(
    (status = 200, description = "What it would be", body = TextPreview),
))]
async fn preview_message(
    State(core): State<Core>,
    staff: Staff,
    Json(asked): Json<TextToPreview>,
) -> Result<Json<TextPreview>, Problem> {
    let characters = asked.text.chars().count();
    if characters > 3 * LONGEST {
        return Err(Problem::invalid_field("text", "invalid_length", "must have at most 4800 characters"));
    }
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let reckoner = Reckoner::of(&mut tx).await?;
    Ok(Json(reckoner.look(&asked.text, asked.channel.unwrap_or(ChannelKind::Sms), asked.media)))
}

/// What an organization reckons its texts cost.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct MessagePrices {
    /// ISO 4217.
    #[schema(pattern = "^[A-Z]{3}$", example = "USD")]
    currency: String,
    /// One part of an SMS, carrier fees included; null: not known.
    #[schema(minimum = 0, maximum = 1000, example = 0.0119)]
    sms_segment: Option<f64>,
    /// One text with media, however long.
    #[schema(minimum = 0, maximum = 1000, example = 0.03)]
    mms: Option<f64>,
    /// One text by WhatsApp.
    #[schema(minimum = 0, maximum = 1000, example = 0.005)]
    whatsapp: Option<f64>,
}

impl MessagePrices {
    fn shown(prices: Option<Prices>) -> Self {
        let prices = prices.unwrap_or_else(|| Prices {
            currency: "USD".to_owned(),
            sms_segment: None,
            mms: None,
            whatsapp: None,
        });
        Self {
            currency: prices.currency,
            sms_segment: prices.sms_segment.map(from_micros),
            mms: prices.mms.map(from_micros),
            whatsapp: prices.whatsapp.map(from_micros),
        }
    }

    fn checked(self) -> Result<Prices, Problem> {
        if self.currency.len() != 3 || !self.currency.bytes().all(|b| b.is_ascii_uppercase()) {
            return Err(Problem::invalid_field("currency", "invalid", "must be three capital letters, such as USD"));
        }
        for (field, price) in [("sms_segment", self.sms_segment), ("mms", self.mms), ("whatsapp", self.whatsapp)] {
            if price.is_some_and(|price| !(0.0..=1000.0).contains(&price)) {
                return Err(Problem::invalid_field(field, "out_of_range", "must be from 0 to 1000"));
            }
        }
        Ok(Prices {
            currency: self.currency,
            sms_segment: self.sms_segment.map(to_micros),
            mms: self.mms.map(to_micros),
            whatsapp: self.whatsapp.map(to_micros),
        })
    }
}

/// What the organization reckons its texts cost. What the provider charged for each text is told by the text itself.
#[utoipa::path(get, path = "/message-prices", tag = "messages", responses(
    (status = 200, description = "The prices", body = MessagePrices),
))]
async fn get_message_prices(State(core): State<Core>, staff: Staff) -> Result<Json<MessagePrices>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    Ok(Json(MessagePrices::shown(store::get(&mut tx).await?)))
}

/// Set what the organization reckons its texts cost.
#[utoipa::path(put, path = "/message-prices", tag = "messages", request_body = MessagePrices, responses(
    (status = 200, description = "The prices", body = MessagePrices),
))]
async fn put_message_prices(
    State(core): State<Core>,
    staff: Staff,
    Json(prices): Json<MessagePrices>,
) -> Result<Json<MessagePrices>, Problem> {
    let prices = prices.checked()?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let before = MessagePrices::shown(store::get(&mut tx).await?);
    store::save(&mut tx, &prices).await?;
    let after = MessagePrices::shown(Some(prices));
    staff.audit(&mut tx, Change::of("message_prices", "updated", None).before(&before).after(&after)).await?;
    tx.commit().await?;
    Ok(Json(after))
}
