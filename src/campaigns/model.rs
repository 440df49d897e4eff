//! The words of campaigns.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    compliance::Purpose,
    messaging::{ChannelKind, TemplateApproval, TemplateCategory},
    platform::ids::{TemplateId, WhatsappTemplateId},
};

/// What the texts of a template are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum TemplatePurpose {
    /// They remind of something or confirm it.
    Transactional,
    /// They advertise.
    Marketing,
}

impl TemplatePurpose {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Transactional => "transactional",
            Self::Marketing => "marketing",
        }
    }
}

impl From<TemplatePurpose> for Purpose {
    fn from(purpose: TemplatePurpose) -> Self {
        match purpose {
            TemplatePurpose::Transactional => Self::Transactional,
            TemplatePurpose::Marketing => Self::Marketing,
        }
    }
}

/// One wording among those that contacts are sent in turn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TemplateVariant {
    /// A to E; stays with the variant as long as it is there.
    #[schema(example = "A")]
    pub key: String,
    /// With variables and conditionals.
    #[schema(example = "Hi {{ first_name | default(\"there\") }}, your glasses are ready.")]
    pub body: String,
    /// Its share beside the others' weights; 0: nobody is sent it.
    #[schema(minimum = 0, maximum = 100)]
    pub weight: u32,
}

impl TemplateVariant {
    /// The key as a number from 0.
    pub(super) fn place(&self) -> u8 {
        self.key.bytes().next().unwrap_or(b'A').wrapping_sub(b'A')
    }
}

/// An approved WhatsApp template that goes out in the place of a template's own words where WhatsApp takes none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TemplateContent {
    pub whatsapp_template_id: WhatsappTemplateId,
    /// Twilio's id of it.
    pub content_sid: String,
    pub name: String,
    /// As WhatsApp writes it. Contacts of this language are sent it; others the first.
    #[schema(example = "en_US")]
    pub language: String,
    /// As approved.
    pub body: String,
    pub category: TemplateCategory,
    pub approval: TemplateApproval,
    /// For each variable of the WhatsApp template what fills it, with variables of ours.
    #[schema(value_type = std::collections::HashMap<String, String>, example = json!({ "1": "{{ first_name | default(\"there\") }}" }))]
    pub variables: BTreeMap<String, String>,
}

/// A text with variables, in variants.
#[derive(Clone, Debug, Serialize, Deserialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct Template {
    pub id: TemplateId,
    pub name: String,
    pub purpose: TemplatePurpose,
    /// The only channel it is for; null: any.
    pub channel: Option<ChannelKind>,
    /// Of its words, en or es; null: nobody said.
    pub language: Option<String>,
    /// 1 to 5.
    #[sqlx(json)]
    pub variants: Vec<TemplateVariant>,
    /// Where the provider fetches pictures and other files.
    pub media: Vec<String>,
    /// One per language.
    #[sqlx(json)]
    pub whatsapp: Vec<TemplateContent>,
    /// Put away: not offered for new campaigns.
    pub archived_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: i64,
}

impl Template {
    /// What the audit log holds of it. The words are the business's own, so they are kept there, which texts to people are not.
    pub(super) fn noted(&self) -> Value {
        let variants =
            self.variants.iter().map(|v| json!({ "variant": v.key, "template": v.body, "weight": v.weight }));
        let whatsapp = self.whatsapp.iter().map(|c| json!({ "id": c.whatsapp_template_id, "variables": c.variables }));
        json!({
            "name": self.name,
            "purpose": self.purpose,
            "channel": self.channel,
            "language": self.language,
            "variants": variants.collect::<Vec<_>>(),
            "media": self.media,
            "whatsapp": whatsapp.collect::<Vec<_>>(),
        })
    }
}
