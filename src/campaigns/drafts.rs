//! Templates as they are sent in, and what must be right of them before they are kept.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::{
    model::{Template, TemplatePurpose, TemplateVariant},
    template::{Body, Business, LONGEST_SOURCE},
};
use crate::{
    compliance::guard,
    contacts::ContactLanguage,
    messaging::{self, ChannelKind, MOST_MEDIA, WhatsappTemplate, content_variables, fill_content},
    platform::{
        db::Tx,
        http::Patch,
        ids::WhatsappTemplateId,
        problem::{FieldError, Problem},
        wording,
    },
};

pub(super) const MOST_VARIANTS: usize = 5;
const MOST_CONTENTS: usize = 10;
const HEAVIEST: i32 = 100;
/// Longest text that fills a variable of a WhatsApp template, as it is written here.
const LONGEST_VALUE: usize = 500;
const KEYS: [&str; MOST_VARIANTS] = ["A", "B", "C", "D", "E"];

/// One wording.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct VariantDraft {
    /// A to E, of a variant that is there already; left out: the next that is free.
    #[schema(min_length = 1, max_length = 1, example = "A")]
    pub key: Option<String>,
    /// 1 to 4800 characters, with variables, filters and conditionals. The text it becomes has 1600 at most.
    #[schema(
        min_length = 1,
        max_length = 4800,
        example = "Hi {{ first_name | default(\"there\") }}, your glasses are ready."
    )]
    pub body: String,
    /// Its share beside the others' weights, 1 if left out; 0: nobody is sent it.
    #[schema(minimum = 0, maximum = 100)]
    pub weight: Option<i32>,
}

/// A WhatsApp template that takes the words' place where WhatsApp takes none.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ContentDraft {
    pub whatsapp_template_id: WhatsappTemplateId,
    /// For each variable of it what fills it, with variables of ours, of up to 500 characters.
    #[serde(default)]
    #[schema(example = json!({ "1": "{{ first_name | default(\"there\") }}" }))]
    pub variables: BTreeMap<String, String>,
}

/// A template to be added.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TemplateDraft {
    /// 1 to 120 characters.
    #[schema(min_length = 1, max_length = 120, example = "Glasses are ready")]
    pub name: String,
    pub purpose: TemplatePurpose,
    /// The only channel it is for; left out: any.
    pub channel: Option<ChannelKind>,
    /// Of its words.
    pub language: Option<ContactLanguage>,
    /// 1 to 5; contacts are sent them in turn by weight, each always the same one.
    #[schema(min_items = 1, max_items = 5)]
    pub variants: Vec<VariantDraft>,
    /// Up to 10 pictures or other files: https addresses that the provider fetches them from.
    #[serde(default)]
    #[schema(max_items = 10)]
    pub media: Vec<String>,
    /// Up to 10 WhatsApp templates, one per language.
    #[serde(default)]
    #[schema(max_items = 10)]
    pub whatsapp: Vec<ContentDraft>,
}

/// What is to change of a template. What is left out stays; null empties.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TemplateEdit {
    #[schema(min_length = 1, max_length = 120)]
    pub name: Option<String>,
    pub purpose: Option<TemplatePurpose>,
    #[serde(default)]
    #[schema(value_type = Option<ChannelKind>)]
    pub channel: Patch<ChannelKind>,
    #[serde(default)]
    #[schema(value_type = Option<ContactLanguage>)]
    pub language: Patch<ContactLanguage>,
    /// All of them: the list is replaced.
    #[schema(min_items = 1, max_items = 5)]
    pub variants: Option<Vec<VariantDraft>>,
    /// All of them.
    #[schema(max_items = 10)]
    pub media: Option<Vec<String>>,
    /// All of them.
    #[schema(max_items = 10)]
    pub whatsapp: Option<Vec<ContentDraft>>,
}

/// A template, checked.
#[derive(Clone, Debug)]
pub(super) struct Fields {
    pub name: String,
    pub purpose: TemplatePurpose,
    pub channel: Option<ChannelKind>,
    pub language: Option<String>,
    pub variants: Vec<TemplateVariant>,
    pub media: Vec<String>,
    pub contents: Vec<ContentDraft>,
}

impl TemplateDraft {
    /// Checks everything that can be said without looking at other rows but WhatsApp's templates.
    pub(super) async fn checked(self, tx: &mut Tx, business: &Business<'_>) -> Result<Fields, Problem> {
        let contents = looked_up(tx, self.whatsapp).await?;
        let fields = Fields {
            name: wording::checked("name", &self.name, 120)?,
            purpose: self.purpose,
            channel: self.channel,
            language: self.language.map(|language| language.as_str().to_owned()),
            variants: checked_variants(self.variants)?,
            media: checked_media(&self.media)?,
            contents: contents.iter().map(|(content, _)| content.clone()).collect(),
        };
        check_words(&fields, &contents, business)?;
        Ok(fields)
    }
}

impl TemplateEdit {
    pub(super) async fn applied(self, tx: &mut Tx, old: &Template, business: &Business<'_>) -> Result<Fields, Problem> {
        let kept = old.whatsapp.iter().map(|content| ContentDraft {
            whatsapp_template_id: content.whatsapp_template_id,
            variables: content.variables.clone(),
        });
        let contents = looked_up(tx, self.whatsapp.unwrap_or_else(|| kept.collect())).await?;
        let fields = Fields {
            name: self.name.map(|n| wording::checked("name", &n, 120)).transpose()?.unwrap_or_else(|| old.name.clone()),
            purpose: self.purpose.unwrap_or(old.purpose),
            channel: self.channel.apply(old.channel),
            language: match self.language {
                Patch::Keep => old.language.clone(),
                Patch::Clear => None,
                Patch::Set(language) => Some(language.as_str().to_owned()),
            },
            variants: self.variants.map(checked_variants).transpose()?.unwrap_or_else(|| old.variants.clone()),
            media: self.media.map(|m| checked_media(&m)).transpose()?.unwrap_or_else(|| old.media.clone()),
            contents: contents.iter().map(|(content, _)| content.clone()).collect(),
        };
        check_words(&fields, &contents, business)?;
        Ok(fields)
    }
}

/// The same once more, under a name of its own.
pub(super) fn copy_of(template: &Template) -> Fields {
    const MARK: &str = " (copy)";
    let name: String = template.name.chars().take(120 - MARK.len()).collect();
    Fields {
        name: format!("{}{MARK}", name.trim_end()),
        purpose: template.purpose,
        channel: template.channel,
        language: template.language.clone(),
        variants: template.variants.clone(),
        media: template.media.clone(),
        contents: template
            .whatsapp
            .iter()
            .map(|content| ContentDraft {
                whatsapp_template_id: content.whatsapp_template_id,
                variables: content.variables.clone(),
            })
            .collect(),
    }
}

/// Variants with keys, without looking at their words.
pub(super) fn checked_variants(drafts: Vec<VariantDraft>) -> Result<Vec<TemplateVariant>, Problem> {
    if !(1..=MOST_VARIANTS).contains(&drafts.len()) {
        return Err(Problem::invalid_field("variants", "invalid_length", "must be 1 to 5"));
    }
    let mut taken = BTreeSet::new();
    for (n, key) in drafts.iter().enumerate().filter_map(|(n, draft)| Some((n, draft.key.as_deref()?))) {
        if !KEYS.contains(&key) {
            return Err(Problem::invalid_field(
                &format!("variants[{n}].key"),
                "invalid",
                "must be a letter from A to E",
            ));
        }
        if !taken.insert(key.to_owned()) {
            return Err(Problem::invalid_field(&format!("variants[{n}].key"), "duplicate", "stands twice"));
        }
    }
    let mut variants = Vec::new();
    for (n, draft) in drafts.into_iter().enumerate() {
        let weight = draft.weight.unwrap_or(1);
        let Some(weight) = u32::try_from(weight).ok().filter(|_| weight <= HEAVIEST) else {
            return Err(Problem::invalid_field(
                &format!("variants[{n}].weight"),
                "out_of_range",
                "must be from 0 to 100",
            ));
        };
        let free = || KEYS.iter().find(|key| !taken.contains(**key)).map(|key| (*key).to_owned());
        let key = draft.key.or_else(free).unwrap_or_default();
        taken.insert(key.clone());
        let body = wording::checked(&format!("variants[{n}].body"), &draft.body, LONGEST_SOURCE)?;
        variants.push(TemplateVariant { key, body, weight });
    }
    if variants.iter().all(|variant| variant.weight == 0) {
        return Err(Problem::invalid_field(
            "variants[0].weight",
            "out_of_range",
            "must be above 0 of one variant at least",
        ));
    }
    Ok(variants)
}

fn checked_media(media: &[String]) -> Result<Vec<String>, Problem> {
    if media.len() > MOST_MEDIA {
        return Err(Problem::invalid_field("media", "too_many", "must be at most 10"));
    }
    let checked = media.iter().map(|url| {
        messaging::checked_media_url(url).map_err(|fault| Problem::invalid_field("media", "invalid", fault.to_string()))
    });
    checked.collect()
}

/// The WhatsApp templates of the draft, found.
pub(super) async fn looked_up(
    tx: &mut Tx,
    drafts: Vec<ContentDraft>,
) -> Result<Vec<(ContentDraft, WhatsappTemplate)>, Problem> {
    if drafts.len() > MOST_CONTENTS {
        return Err(Problem::invalid_field("whatsapp", "too_many", "must be at most 10"));
    }
    let mut found: Vec<(ContentDraft, WhatsappTemplate)> = Vec::new();
    for draft in drafts {
        let Some(template) = messaging::whatsapp_template(tx, draft.whatsapp_template_id).await? else {
            return Err(Problem::not_found("WhatsApp template"));
        };
        if found.iter().any(|(_, other)| other.language == template.language) {
            return Err(Problem::invalid_field("whatsapp", "duplicate", "must have one template per language"));
        }
        found.push((draft, template));
    }
    Ok(found)
}

/// What fills the variables of a WhatsApp template, read; or what is wrong with it.
pub(super) fn content_bodies(
    place: usize,
    draft: &ContentDraft,
    template: &WhatsappTemplate,
) -> Result<BTreeMap<String, Body>, FieldError> {
    let names = content_variables(&template.body);
    let field = |name: &str| format!("whatsapp[{place}].variables.{name}");
    let wrong = |name: &str, code, message: String| Err(FieldError { field: field(name), code, message });
    for name in &names {
        if !draft.variables.contains_key(name) {
            return wrong(name, "missing", format!("{} needs a value for {{{{{name}}}}}", template.name));
        }
    }
    let mut bodies = BTreeMap::new();
    for (name, source) in &draft.variables {
        if !names.contains(name) {
            let name: String = name.chars().take(30).collect();
            return wrong(&name, "unknown", format!("{} has no variable {{{{{name}}}}}", template.name));
        }
        if !(1..=LONGEST_VALUE).contains(&source.trim().chars().count()) || source.contains('\0') {
            return wrong(name, "invalid_length", format!("must have 1 to {LONGEST_VALUE} characters"));
        }
        match Body::parse(source) {
            Ok(body) => bodies.insert(name.clone(), body),
            Err(fault) => return wrong(name, "template_syntax", fault.to_string()),
        };
    }
    Ok(bodies)
}

/// Refuses what cannot be read as a template, and what asks for an answer that the carrier swallows, in any of the texts it can become.
fn check_words(
    fields: &Fields,
    contents: &[(ContentDraft, WhatsappTemplate)],
    business: &Business<'_>,
) -> Result<(), Problem> {
    let (mut errors, mut texts) = (Vec::new(), Vec::new());
    for (n, variant) in fields.variants.iter().enumerate() {
        let field = format!("variants[{n}].body");
        match Body::parse(&variant.body) {
            Ok(body) => texts.extend(swallowed(&variant.body, &body, business).into_iter().map(|t| (field.clone(), t))),
            Err(fault) => {
                errors.push(FieldError { field, code: "template_syntax", message: fault.to_string() });
            }
        }
    }
    for (n, (draft, template)) in contents.iter().enumerate() {
        match content_bodies(n, draft, template) {
            Ok(bodies) => {
                for last in [false, true] {
                    let values = bodies.iter().map(|(name, body)| (name.clone(), one_reading(body, business, last)));
                    let text = fill_content(&template.body, &values.collect());
                    texts.extend(text.ok().map(|text| (format!("whatsapp[{n}].variables"), text)));
                }
            }
            Err(error) => errors.push(error),
        }
    }
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    let texts: Vec<(&str, &str)> = texts.iter().map(|(field, text)| (field.as_str(), text.as_str())).collect();
    guard::check(&texts, &[])
}

fn one_reading(body: &Body, business: &Business<'_>, last: bool) -> String {
    let mut readings = body.readings(business);
    let at = if last { readings.len().saturating_sub(1) } else { 0 };
    readings.swap_remove(at)
}

/// Of the texts that a template can become, those that ask for a swallowed word which no other does; of its source only what none of them
/// shows.
pub(super) fn swallowed(source: &str, body: &Body, business: &Business<'_>) -> Vec<String> {
    let mut known = BTreeSet::new();
    let texts = body.readings(business).into_iter().chain([source.to_owned()]);
    let mut asking = Vec::new();
    for text in texts {
        let before = known.len();
        known.extend(guard::collisions(&text).into_iter().map(|collision| collision.word));
        if known.len() > before {
            asking.push(text);
        }
    }
    asking
}
