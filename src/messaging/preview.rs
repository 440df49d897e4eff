//! What a text would be sent and charged as, before anybody sends it.

use serde::Serialize;

use super::{
    model::ChannelKind,
    prices::{Cost, Prices},
    segments::{self, LONGEST, Plain, Segments},
    store,
};
use crate::{
    compliance::guard::{self, Collision},
    platform::db::Tx,
};

/// What a text would be.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct TextPreview {
    pub characters: usize,
    /// Most characters that are sent.
    pub longest: usize,
    pub segments: Segments,
    /// The same in plain characters, where that puts more of it into each part.
    pub plain: Option<Plain>,
    /// Reckoned with the organization's own prices; null where it gave none.
    pub cost: Option<Cost>,
    /// With plain characters.
    pub plain_cost: Option<Cost>,
    /// Answers it asks for that the carrier would swallow. A text that is kept is refused for these, one written by hand is not.
    pub keywords: Vec<Collision>,
}

/// Looks at texts with an organization's prices.
#[derive(Debug)]
pub struct Reckoner {
    prices: Option<Prices>,
}

impl Reckoner {
    pub async fn of(tx: &mut Tx) -> Result<Self, sqlx::Error> {
        Ok(Self { prices: store::prices::get(tx).await? })
    }

    /// What so many parts cost; none where the organization gave no price for their kind.
    pub fn cost(&self, channel: ChannelKind, parts: u16, media: bool) -> Option<Cost> {
        self.prices.as_ref().and_then(|prices| prices.of(channel, parts, media))
    }

    pub fn look(&self, text: &str, channel: ChannelKind, media: bool) -> TextPreview {
        let cost = |parts| self.cost(channel, parts, media);
        let segments = segments::count(text);
        let plain = segments::plain(text);
        TextPreview {
            characters: text.chars().count(),
            longest: LONGEST,
            cost: cost(segments.parts),
            plain_cost: plain.as_ref().and_then(|p| cost(p.parts)),
            keywords: guard::collisions(text),
            segments,
            plain,
        }
    }
}
