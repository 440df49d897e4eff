//! The words of links.

use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

use crate::platform::ids::{ContactId, LinkId};

/// Whether links in texts are shortened, and to what.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct LinkSettings {
    /// Off until somebody turns it on.
    pub enabled: bool,
    /// Scheme and host of the business's own domain, which must lead to this installation; null: the installation's own address.
    #[schema(example = "https://go.example.com")]
    pub base_url: Option<String>,
    /// 0: never saved.
    pub version: i64,
}

/// A short link.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub(super) struct Link {
    pub id: LinkId,
    /// What stands behind /l/ in its address.
    pub code: String,
    /// Where it leads.
    pub target_url: String,
    /// What it was made for together with others: a campaign; null: made by hand.
    pub batch_id: Option<Uuid>,
    /// Whom it was sent to; null: anybody.
    pub contact_id: Option<ContactId>,
    /// By people: one in a minute at most.
    pub clicks: i32,
    /// By programs that look at links, as far as they can be told apart.
    pub bot_clicks: i32,
    /// By a person.
    pub first_clicked_at: Option<DateTime<Utc>>,
    /// By a person.
    pub last_clicked_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
}

/// What came of the links that were made together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct BatchClicks {
    /// Recipients who followed at least one link, each once: what a rate is of.
    pub contacts: i64,
    /// By people, of all links together.
    pub clicks: i64,
}

/// Who follows a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ClickKind {
    Person,
    /// A messenger that draws a preview.
    Preview,
    /// A program that looks for harm, a crawler or a script.
    Scanner,
    /// Only the head was asked for.
    Head,
    /// A browser that guesses what will be clicked.
    Prefetch,
    /// Sooner than anybody reads.
    TooSoon,
}

impl ClickKind {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Preview => "preview",
            Self::Scanner => "scanner",
            Self::Head => "head",
            Self::Prefetch => "prefetch",
            Self::TooSoon => "too_soon",
        }
    }
}
