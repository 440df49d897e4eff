//! A template as one contact would read it, and what is to be known of it before many do.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{
    advice::{self, TemplateWarning, TemplateWarningCode},
    compiled::{language_place, values},
    drafts::{ContentDraft, content_bodies, swallowed},
    model::{TemplatePurpose, TemplateVariant},
    template::{Body, Business, Recipient, RenderFault, SyntaxFault, Variable},
};
use crate::{
    compliance::guard,
    contacts::{self, Attributes, Contact, ContactLanguage, LifecycleStage},
    messaging::{
        ChannelKind, Reckoner, TemplateApproval, TemplateCategory, TextPreview, WhatsappTemplate, fill_content,
    },
    platform::{
        db::Tx,
        ids::{ContactId, WhatsappTemplateId},
        problem::{FieldError, Problem},
    },
};

/// Somebody made up.
#[derive(Clone, Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SampleContact {
    #[schema(max_length = 80, example = "Ana")]
    pub first_name: Option<String>,
    #[schema(max_length = 80)]
    pub last_name: Option<String>,
    #[schema(max_length = 254)]
    pub email: Option<String>,
    #[schema(inline)]
    pub language: Option<ContactLanguage>,
    #[schema(inline)]
    pub lifecycle_stage: Option<LifecycleStage>,
    #[schema(max_length = 12)]
    pub postal_code: Option<String>,
    /// IANA zone.
    #[schema(max_length = 64)]
    pub timezone: Option<String>,
    /// Up to 20.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub tags: Vec<String>,
    /// Up to 50 short texts by name.
    #[serde(default)]
    pub custom: BTreeMap<String, String>,
}

/// Whoever a preview is for.
#[derive(Debug)]
pub(super) struct Person {
    contact_id: Option<ContactId>,
    name: String,
    phone_number: String,
    first_name: Option<String>,
    last_name: Option<String>,
    email: Option<String>,
    language: Option<String>,
    lifecycle_stage: LifecycleStage,
    postal_code: Option<String>,
    timezone: Option<String>,
    tags: Vec<String>,
    custom: Attributes,
}

impl From<Contact> for Person {
    fn from(contact: Contact) -> Self {
        let name = [contact.first_name.as_deref(), contact.last_name.as_deref()];
        let name = name.into_iter().flatten().collect::<Vec<_>>().join(" ");
        Self {
            contact_id: Some(contact.id),
            name: if name.is_empty() { contact.phone_number.clone() } else { name },
            phone_number: contact.phone_number,
            first_name: contact.first_name,
            last_name: contact.last_name,
            email: contact.email,
            language: contact.language,
            lifecycle_stage: contact.lifecycle_stage,
            postal_code: contact.postal_code,
            timezone: contact.timezone,
            tags: contact.tags,
            custom: contact.custom.0,
        }
    }
}

impl SampleContact {
    pub(super) fn checked(self) -> Result<Person, Problem> {
        let texts = [&self.first_name, &self.last_name, &self.email, &self.postal_code, &self.timezone];
        let long = texts.into_iter().flatten().any(|text| text.chars().count() > 254)
            || self.tags.iter().any(|tag| tag.chars().count() > 40)
            || self.custom.iter().any(|(name, value)| name.chars().count() > 60 || value.chars().count() > 500);
        if long || self.tags.len() > 20 || self.custom.len() > 50 {
            return Err(Problem::invalid_field("sample", "invalid_length", "holds more than a contact can"));
        }
        Ok(Person {
            contact_id: None,
            name: self.first_name.clone().unwrap_or_else(|| "Nobody".to_owned()),
            phone_number: SAMPLE_NUMBER.to_owned(),
            first_name: self.first_name,
            last_name: self.last_name,
            email: self.email,
            language: self.language.map(|language| language.as_str().to_owned()),
            lifecycle_stage: self.lifecycle_stage.unwrap_or_default(),
            postal_code: self.postal_code,
            timezone: self.timezone,
            tags: self.tags.iter().map(|tag| tag.trim().to_lowercase()).collect(),
            custom: self.custom,
        })
    }
}

const SAMPLE_NUMBER: &str = "+14155550101";

impl Person {
    /// Ana Reed, of whom everything is known that the texts ask for.
    pub(super) fn sample(texts: &Texts, language: Option<&str>) -> Self {
        let bodies = || texts.bodies();
        let moments: BTreeSet<Variable> = bodies().flat_map(|body| body.moments().into_iter().cloned()).collect();
        let used = bodies().flat_map(Body::variables).filter_map(|usage| match &usage.variable {
            Variable::Custom(key) if moments.contains(&usage.variable) => {
                Some((key.to_string(), SAMPLE_DAY.to_owned()))
            }
            Variable::Custom(key) => Some((key.to_string(), key.to_string())),
            _ => None,
        });
        let some = |text: &str| Some(text.to_owned());
        Self {
            contact_id: None,
            name: "Ana Reed".to_owned(),
            phone_number: SAMPLE_NUMBER.to_owned(),
            first_name: some("Ana"),
            last_name: some("Reed"),
            email: some("ana@example.com"),
            language: language.map(str::to_owned),
            lifecycle_stage: LifecycleStage::Customer,
            postal_code: some("33101"),
            timezone: None,
            tags: Vec::new(),
            custom: used.collect(),
        }
    }

    fn recipient<'a>(&'a self, business: &'a Business<'a>) -> Recipient<'a> {
        Recipient {
            business,
            first_name: self.first_name.as_deref(),
            last_name: self.last_name.as_deref(),
            email: self.email.as_deref(),
            phone_number: &self.phone_number,
            language: self.language.as_deref(),
            lifecycle_stage: self.lifecycle_stage.as_str(),
            postal_code: self.postal_code.as_deref(),
            timezone: self.timezone.as_deref(),
            tags: &self.tags,
            custom: &self.custom,
            links: &[],
        }
    }
}

/// A moment that every format can write.
const SAMPLE_DAY: &str = "2026-12-01T15:30";

/// A WhatsApp template with what fills its variables, or what is wrong with that.
type ReadContent = (WhatsappTemplate, Result<BTreeMap<String, Body>, FieldError>);

/// The texts of a template, read as far as they can be.
#[derive(Debug)]
pub(super) struct Texts {
    pub purpose: TemplatePurpose,
    pub channel: Option<ChannelKind>,
    pub media: bool,
    variants: Vec<(TemplateVariant, Result<Body, SyntaxFault>)>,
    contents: Vec<ReadContent>,
}

impl Texts {
    pub(super) fn read(
        purpose: TemplatePurpose,
        channel: Option<ChannelKind>,
        media: bool,
        variants: Vec<TemplateVariant>,
        contents: Vec<(ContentDraft, WhatsappTemplate)>,
    ) -> Self {
        let variants = variants.into_iter().map(|variant| {
            let body = Body::parse(&variant.body);
            (variant, body)
        });
        let contents = contents.into_iter().enumerate().map(|(n, (draft, template))| {
            let bodies = content_bodies(n, &draft, &template);
            (template, bodies)
        });
        Self { purpose, channel, media, variants: variants.collect(), contents: contents.collect() }
    }

    fn bodies(&self) -> impl Iterator<Item = &Body> {
        let variants = self.variants.iter().filter_map(|(_, body)| body.as_ref().ok());
        variants.chain(self.contents.iter().filter_map(|(_, bodies)| bodies.as_ref().ok()).flat_map(BTreeMap::values))
    }
}

/// Why a recipient would not be sent a text.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub(super) struct TemplateRenderFault {
    /// missing_variable, not_a_date, text_too_long, empty_text, unresolved_braces or whatsapp_template.
    #[schema(value_type = String, example = "missing_variable")]
    code: &'static str,
    #[schema(example = "first_name is not known, and the template gives no default")]
    message: String,
}

impl From<RenderFault> for TemplateRenderFault {
    fn from(fault: RenderFault) -> Self {
        Self { code: fault.code(), message: fault.to_string() }
    }
}

/// One variant, as the recipient would read it. Of text, syntax and fault one is there.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct VariantPreview {
    key: String,
    /// Of all that are sent, in percent.
    share: f64,
    text: Option<String>,
    /// What the text would be sent and charged as.
    preview: Option<TextPreview>,
    /// What is wrong with the template; it cannot be saved like this.
    syntax: Option<SyntaxFault>,
    /// Why this recipient would not be sent it.
    fault: Option<TemplateRenderFault>,
}

/// A WhatsApp template as the recipient would read it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct ContentPreview {
    whatsapp_template_id: WhatsappTemplateId,
    name: String,
    language: String,
    /// The recipient's language is this one's, or it is the first.
    chosen: bool,
    text: Option<String>,
    /// What is wrong with its variables; they cannot be saved like this.
    error: Option<String>,
    fault: Option<TemplateRenderFault>,
}

/// A variable that the template uses, and of how many contacts it is not known. The newest 10,000 are looked at.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct VariableUse {
    #[schema(example = "first_name")]
    name: String,
    /// Who lacks it is not sent the template.
    needed: bool,
    missing: i64,
    looked_at: i64,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct TemplatePreview {
    /// Null: somebody made up.
    contact_id: Option<ContactId>,
    #[schema(example = "Ana Reed")]
    recipient: String,
    variants: Vec<VariantPreview>,
    whatsapp: Vec<ContentPreview>,
    warnings: Vec<TemplateWarning>,
    variables: Vec<VariableUse>,
}

/// Looks at the texts as the person would read them.
pub(super) async fn look(
    tx: &mut Tx,
    texts: &Texts,
    person: &Person,
    business: &Business<'_>,
) -> Result<TemplatePreview, sqlx::Error> {
    let reckoner = Reckoner::of(tx).await?;
    let who = person.recipient(business);
    let variables = variables(tx, texts).await?;
    Ok(TemplatePreview {
        contact_id: person.contact_id,
        recipient: person.name.clone(),
        variants: variants(texts, &who, &reckoner),
        whatsapp: contents(texts, &who),
        warnings: warnings(texts, &variables, business),
        variables: variables.into_iter().map(|(_, shown)| shown).collect(),
    })
}

fn variants(texts: &Texts, who: &Recipient<'_>, reckoner: &Reckoner) -> Vec<VariantPreview> {
    let total: u32 = texts.variants.iter().map(|(variant, _)| variant.weight).sum();
    let one = |(variant, body): &(TemplateVariant, Result<Body, SyntaxFault>)| {
        let share = f64::from(variant.weight) / f64::from(total.max(1)) * 100.0;
        let mut shown = VariantPreview {
            key: variant.key.clone(),
            share: (share * 10.0).round() / 10.0,
            text: None,
            preview: None,
            syntax: None,
            fault: None,
        };
        match body {
            Err(fault) => shown.syntax = Some(fault.clone()),
            Ok(body) => {
                let mut text = String::new();
                let rendered = body.render(who, &mut text);
                if matches!(rendered, Ok(()) | Err(RenderFault::TooLong)) {
                    let channel = texts.channel.unwrap_or(ChannelKind::Sms);
                    shown.preview = Some(reckoner.look(&text, channel, texts.media));
                }
                match rendered {
                    Ok(()) => shown.text = Some(text),
                    Err(fault) => shown.fault = Some(fault.into()),
                }
            }
        }
        shown
    };
    texts.variants.iter().map(one).collect()
}

fn contents(texts: &Texts, who: &Recipient<'_>) -> Vec<ContentPreview> {
    let chosen = language_place(texts.contents.iter().map(|(template, _)| &*template.language), who.language);
    let one = |(n, (template, bodies)): (usize, &ReadContent)| {
        let mut shown = ContentPreview {
            whatsapp_template_id: template.id,
            name: template.name.clone(),
            language: template.language.clone(),
            chosen: chosen == Some(n),
            text: None,
            error: None,
            fault: None,
        };
        match bodies {
            Err(error) => shown.error = Some(error.message.clone()),
            Ok(bodies) => {
                let filled = values(bodies.iter(), who);
                match filled.and_then(|values| Ok(fill_content(&template.body, &values)?)) {
                    Ok(text) => shown.text = Some(text),
                    Err(fault) => shown.fault = Some(fault.into()),
                }
            }
        }
        shown
    };
    texts.contents.iter().enumerate().map(one).collect()
}

async fn variables(tx: &mut Tx, texts: &Texts) -> Result<Vec<(Variable, VariableUse)>, sqlx::Error> {
    let mut used: BTreeMap<Variable, bool> = BTreeMap::new();
    for usage in texts.bodies().flat_map(Body::variables) {
        *used.entry(usage.variable).or_default() |= usage.needed;
    }
    let asked: Vec<String> = used.keys().filter(|v| v.is_of_contact()).map(Variable::field).collect();
    let lacking = if asked.is_empty() { Vec::new() } else { contacts::lacking(tx, &asked).await? };
    let shown = used.into_iter().map(|(variable, needed)| {
        let field = variable.field();
        let known = lacking.iter().find(|one| one.name == field);
        let (missing, looked_at) = known.map_or((0, 0), |one| (one.missing, one.looked_at));
        let shown = VariableUse { name: variable.name(), needed, missing, looked_at };
        (variable, shown)
    });
    Ok(shown.collect())
}

fn warnings(texts: &Texts, variables: &[(Variable, VariableUse)], business: &Business<'_>) -> Vec<TemplateWarning> {
    let mut warnings = Vec::new();
    for (variant, body) in &texts.variants {
        let Ok(body) = body else { continue };
        for text in swallowed(&variant.body, body, business) {
            warnings.extend(guard::collisions(&text).into_iter().map(|collision| TemplateWarning {
                code: TemplateWarningCode::CarrierKeyword,
                variant: Some(variant.key.clone()),
                message: format!("\u{201c}{}\u{201d}: {} {}", collision.quote, collision.why, collision.suggestion),
            }));
        }
        warnings.extend(advice::of_variant(&variant.key, body, texts.purpose, texts.channel, business));
    }
    for (variable, used) in variables.iter().filter(|(_, used)| used.needed) {
        if used.missing > 0 {
            let of_all = advice::of_missing(variable, used.missing, used.looked_at);
            warnings.extend(needing(texts, variable).map(|variant| TemplateWarning { variant, ..of_all.clone() }));
        }
        if *variable == Variable::SupportPhoneNumber && business.support_phone_number.is_none() {
            warnings.push(of_all(
                TemplateWarningCode::MissingValues,
                "The organization has no support number: nobody would be sent this. Set one under Organization."
                    .to_owned(),
            ));
        }
    }
    if texts.channel == Some(ChannelKind::Whatsapp) && texts.contents.is_empty() {
        warnings.push(of_all(
            TemplateWarningCode::NoWhatsappTemplate,
            "WhatsApp takes these words only within 24 hours of a contact\u{2019}s last message. Add an approved WhatsApp template for all others."
                .to_owned(),
        ));
    }
    for (template, _) in &texts.contents {
        if template.approval != TemplateApproval::Approved {
            let message = format!("WhatsApp has not approved {}: it is not sent.", template.name);
            warnings.push(of_all(TemplateWarningCode::WhatsappNotApproved, message));
        }
        if template.category == TemplateCategory::Marketing && texts.purpose != TemplatePurpose::Marketing {
            let message =
                format!("{} advertises, so whoever is sent it must have agreed to advertising.", template.name);
            warnings.push(of_all(TemplateWarningCode::WhatsappMarketing, message));
        }
    }
    warnings
}

/// The variants that need the variable, by their keys; none by name where all do, or only a WhatsApp template does.
fn needing(texts: &Texts, variable: &Variable) -> impl Iterator<Item = Option<String>> {
    let needs = |body: &Body| body.variables().iter().any(|usage| usage.needed && usage.variable == *variable);
    let some = texts.variants.iter().filter(|(_, body)| body.as_ref().is_ok_and(needs));
    let mut keys: Vec<_> = some.map(|(variant, _)| Some(variant.key.clone())).collect();
    if keys.is_empty() || keys.len() == texts.variants.len() {
        keys = vec![None];
    }
    keys.into_iter()
}

fn of_all(code: TemplateWarningCode, message: String) -> TemplateWarning {
    TemplateWarning { code, variant: None, message }
}
