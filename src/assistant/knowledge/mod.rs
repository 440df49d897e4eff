//! What the business says about itself. Entries are written by staff; they are the only facts a question is answered with.

pub(super) mod api;
mod matching;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub(super) use matching::{answering, asks_about_business, rank};

use super::understanding::Language;
use crate::platform::ids::KnowledgeEntryId;

/// What kind of question an entry answers. The common ways to ask each are known (`matching`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub(super) enum Topic {
    Hours,
    Location,
    Prices,
    Parking,
    Payment,
    Policies,
    Services,
    Staff,
    Contact,
    /// Found by its title and keywords only.
    Other,
}

impl Topic {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hours => "hours",
            Self::Location => "location",
            Self::Prices => "prices",
            Self::Parking => "parking",
            Self::Payment => "payment",
            Self::Policies => "policies",
            Self::Services => "services",
            Self::Staff => "staff",
            Self::Contact => "contact",
            Self::Other => "other",
        }
    }
}

/// One answer of the business.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub(super) struct KnowledgeEntry {
    pub id: KnowledgeEntryId,
    pub topic: Topic,
    #[schema(example = "Opening hours")]
    pub title: String,
    /// More words and phrases people use to ask for it.
    pub keywords: Vec<String>,
    #[schema(example = "We are open Monday to Friday, 9 to 5.")]
    pub answer_en: String,
    /// Sent to who writes Spanish; the English answer where it is null.
    pub answer_es: Option<String>,
    pub active: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl KnowledgeEntry {
    pub fn answer(&self, language: Language) -> &str {
        match (language, &self.answer_es) {
            (Language::Es, Some(answer)) => answer,
            _ => &self.answer_en,
        }
    }
}
