//! A template as the sending of a campaign uses it: every text read once, then rendered for each recipient. Pure.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::{
    model::{Template, TemplatePurpose},
    template::{Body, Business, Recipient, RenderFault, SyntaxFault, choose},
};
use crate::{
    contacts::Contact,
    messaging::{ChannelKind, Content, FillFault, TemplateApproval, TemplateCategory, When, fill_content},
    platform::ids::{ContactId, TemplateId},
};

#[derive(Clone, Debug)]
pub struct CompiledTemplate {
    pub id: TemplateId,
    pub version: i64,
    pub purpose: TemplatePurpose,
    pub channel: Option<ChannelKind>,
    pub media: Vec<String>,
    pub variants: Vec<CompiledVariant>,
    draw: Vec<(u8, u32)>,
    contents: Vec<CompiledContent>,
}

#[derive(Clone, Debug)]
pub struct CompiledVariant {
    pub key: String,
    pub body: Body,
}

#[derive(Clone, Debug)]
struct CompiledContent {
    sid: String,
    language: String,
    body: String,
    category: TemplateCategory,
    variables: BTreeMap<String, Body>,
}

impl CompiledTemplate {
    /// Reads all its texts. WhatsApp templates that are not approved are left out: nothing could be sent of them.
    pub fn of(template: &Template) -> Result<Self, SyntaxFault> {
        let variants = template
            .variants
            .iter()
            .map(|variant| Ok(CompiledVariant { key: variant.key.clone(), body: Body::parse(&variant.body)? }));
        let approved = template.whatsapp.iter().filter(|c| c.approval == TemplateApproval::Approved);
        let contents = approved.map(|content| {
            let variables = content.variables.iter().map(|(name, source)| Ok((name.clone(), Body::parse(source)?)));
            Ok(CompiledContent {
                sid: content.content_sid.clone(),
                language: content.language.clone(),
                body: content.body.clone(),
                category: content.category,
                variables: variables.collect::<Result<_, _>>()?,
            })
        });
        Ok(Self {
            id: template.id,
            version: template.version,
            purpose: template.purpose,
            channel: template.channel,
            media: template.media.clone(),
            variants: variants.collect::<Result<_, _>>()?,
            draw: template.variants.iter().map(|variant| (variant.place(), variant.weight)).collect(),
            contents: contents.collect::<Result<_, _>>()?,
        })
    }

    /// The variant a contact is sent: within one seed (the campaign's id, or the template's) always the same.
    pub fn variant_for(&self, seed: Uuid, contact: ContactId) -> &CompiledVariant {
        &self.variants[choose(seed, contact.0, &self.draw).unwrap_or(0)]
    }

    /// The WhatsApp template that goes to the recipient in the place of free text, filled in; none: there is none.
    pub fn content_for(&self, who: &Recipient<'_>, when: When) -> Option<Result<Content, RenderFault>> {
        let content = self.contents.get(language_place(self.contents.iter().map(|c| &*c.language), who.language)?)?;
        Some(content.filled(who, when))
    }
}

/// The one in the recipient's language, else the first.
pub(super) fn language_place<'a>(languages: impl Iterator<Item = &'a str>, wanted: Option<&str>) -> Option<usize> {
    let mut first = None;
    for (place, language) in languages.enumerate() {
        if wanted.is_some_and(|wanted| language.split(['_', '-']).next() == Some(wanted)) {
            return Some(place);
        }
        first = first.or(Some(place));
    }
    first
}

impl CompiledContent {
    fn filled(&self, who: &Recipient<'_>, when: When) -> Result<Content, RenderFault> {
        let variables = values(self.variables.iter(), who)?;
        let text = fill_content(&self.body, &variables).map_err(RenderFault::from)?;
        Ok(Content { sid: self.sid.clone(), variables, text, when, category: Some(self.category) })
    }
}

/// What fills the variables of a WhatsApp template.
pub(super) fn values<'a>(
    variables: impl Iterator<Item = (&'a String, &'a Body)>,
    who: &Recipient<'_>,
) -> Result<BTreeMap<String, String>, RenderFault> {
    variables
        .map(|(name, body)| {
            let mut value = String::new();
            body.render(who, &mut value)?;
            Ok((name.clone(), value))
        })
        .collect()
}

impl From<FillFault> for RenderFault {
    fn from(fault: FillFault) -> Self {
        Self::Content(fault.to_string())
    }
}

/// The contact as a template sees them.
pub fn recipient<'a>(contact: &'a Contact, business: &'a Business<'a>) -> Recipient<'a> {
    Recipient {
        business,
        first_name: contact.first_name.as_deref(),
        last_name: contact.last_name.as_deref(),
        email: contact.email.as_deref(),
        phone_number: &contact.phone_number,
        language: contact.language.as_deref(),
        lifecycle_stage: contact.lifecycle_stage.as_str(),
        postal_code: contact.postal_code.as_deref(),
        timezone: contact.timezone.as_deref(),
        tags: &contact.tags,
        custom: &contact.custom.0,
        links: &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        campaigns::model::{TemplateContent, TemplateVariant},
        platform::ids::WhatsappTemplateId,
    };

    fn content(language: &str, approval: TemplateApproval, value: &str) -> TemplateContent {
        TemplateContent {
            whatsapp_template_id: WhatsappTemplateId(Uuid::nil()),
            content_sid: format!("HX-{language}"),
            name: "Ready".to_owned(),
            language: language.to_owned(),
            body: "Hi {{1}}!".to_owned(),
            category: TemplateCategory::Utility,
            approval,
            variables: BTreeMap::from([("1".to_owned(), value.to_owned())]),
        }
    }

    fn template(whatsapp: Vec<TemplateContent>) -> Template {
        let at = "2026-11-21T12:00:00Z".parse().expect("time");
        let variant = |key: &str, weight| TemplateVariant { key: key.to_owned(), body: format!("Text {key}"), weight };
        Template {
            id: TemplateId(Uuid::from_u128(1)),
            name: "Ready".to_owned(),
            purpose: TemplatePurpose::Transactional,
            channel: None,
            language: None,
            variants: vec![variant("A", 1), variant("C", 1), variant("B", 0)],
            media: Vec::new(),
            whatsapp,
            archived_at: None,
            created_at: at,
            updated_at: at,
            version: 1,
        }
    }

    #[test]
    fn a_contact_keeps_its_variant() {
        let compiled = CompiledTemplate::of(&template(Vec::new())).expect("compiled");
        let keys: Vec<&str> = (0..200u128)
            .map(|n| {
                let contact = ContactId(Uuid::from_u128(n));
                let key = &compiled.variant_for(Uuid::from_u128(5), contact).key;
                assert_eq!(key, &compiled.variant_for(Uuid::from_u128(5), contact).key);
                key.as_str()
            })
            .collect();
        assert!(keys.contains(&"A") && keys.contains(&"C") && !keys.contains(&"B"), "weight 0 is sent to nobody");
    }

    #[test]
    fn whatsapp_speaks_the_recipients_language() {
        let zone = chrono_tz::America::New_York;
        let business = Business {
            name: "Studio",
            support_phone_number: None,
            zone,
            now: "2026-11-21T12:00:00Z".parse().expect("time"),
        };
        let (approved, pending) = (TemplateApproval::Approved, TemplateApproval::Pending);
        let nothing = BTreeMap::new();
        let who = |language, name| Recipient { language, first_name: name, ..Recipient::nobody(&business, &nothing) };
        let compiled = CompiledTemplate::of(&template(vec![
            content("en_US", approved, "{{ first_name | default(\"there\") }}"),
            content("es", approved, "{{ first_name }}"),
            content("fr", pending, "x"),
        ]))
        .expect("compiled");
        let text = |who: &Recipient<'_>| compiled.content_for(who, When::Always).expect("one").map(|c| (c.sid, c.text));
        assert_eq!(text(&who(Some("es"), Some("Ana"))), Ok(("HX-es".to_owned(), "Hi Ana!".to_owned())));
        assert_eq!(text(&who(None, None)), Ok(("HX-en_US".to_owned(), "Hi there!".to_owned())));
        assert_eq!(text(&who(Some("fr"), None)).expect("the first").0, "HX-en_US", "what is not approved is not sent");
        assert_eq!(text(&who(Some("es"), None)), Err(RenderFault::MissingVariable("first_name".to_owned())));
        assert!(matches!(text(&who(Some("es"), Some("a\nb"))), Err(RenderFault::Content(_))), "one line only");
        let none = CompiledTemplate::of(&template(Vec::new())).expect("compiled");
        assert!(none.content_for(&who(None, None), When::Always).is_none());
    }
}
