//! What staff should know of a template before many are sent it. Pure. None of it keeps a template from being saved, but for words that
//! the carrier swallows.

use serde::Serialize;

use super::{
    model::TemplatePurpose,
    template::{Body, Business, Variable},
};
use crate::{
    compliance::{Keyword, keyword},
    messaging::{ChannelKind, segments},
};

/// What a warning is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum TemplateWarningCode {
    /// Saving is refused: it asks for an answer that the carrier keeps to itself.
    CarrierKeyword,
    /// It advertises and does not say how to end that.
    NoOptOut,
    /// It advertises and does not say who does.
    NoBusinessName,
    /// Carriers filter links of public shorteners.
    PublicShortener,
    /// Carriers distrust links of domains that anybody can have a page of.
    SharedDomain,
    /// Contacts lack a value it needs, and would not be sent it.
    MissingValues,
    /// It is charged as more than three parts.
    Long,
    /// It is for WhatsApp only, and nothing of it can be sent once the window is closed.
    NoWhatsappTemplate,
    WhatsappNotApproved,
    /// The WhatsApp template advertises, so the text counts as advertising.
    WhatsappMarketing,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub(super) struct TemplateWarning {
    pub code: TemplateWarningCode,
    /// Of one variant, by its key; null: of the whole.
    pub variant: Option<String>,
    #[schema(example = "4,120 of 10,000 contacts have no first_name and would not be sent this. Give it a default.")]
    pub message: String,
}

/// Most parts without a warning.
const MANY_PARTS: u16 = 3;

/// What is said of one variant, whoever it is for.
pub(super) fn of_variant(
    key: &str,
    body: &Body,
    purpose: TemplatePurpose,
    channel: Option<ChannelKind>,
    business: &Business<'_>,
) -> Vec<TemplateWarning> {
    let readings = body.readings(business);
    let mut warnings = Vec::new();
    let mut warn = |code, message: String| {
        warnings.push(TemplateWarning { code, variant: Some(key.to_owned()), message });
    };
    if purpose == TemplatePurpose::Marketing && channel != Some(ChannelKind::Whatsapp) {
        let without = readings.iter().filter(|text| !offers_opt_out(text)).count();
        if without > 0 {
            let place = if without == readings.len() { "" } else { " in every case of its conditions" };
            warn(
                TemplateWarningCode::NoOptOut,
                format!(
                    "Say{place} how to end these texts, such as \u{201c}Reply STOP to opt out\u{201d}: who advertises must."
                ),
            );
        }
        let name = business.name.to_lowercase();
        if readings.iter().any(|text| !text.to_lowercase().contains(&name)) {
            warn(
                TemplateWarningCode::NoBusinessName,
                "Say who writes: carriers expect the name of the business in advertising, such as {{ business_name }}."
                    .to_owned(),
            );
        }
    }
    let mut hosts: Vec<String> = readings.iter().flat_map(|text| hosts(text)).collect();
    hosts.sort_unstable();
    hosts.dedup();
    for host in &hosts {
        if belongs(host, SHORTENERS) {
            let message = format!("Carriers filter links of {host}, which anybody can use. Link to your own domain.");
            warn(TemplateWarningCode::PublicShortener, message);
        } else if belongs(host, SHARED) {
            let message =
                format!("Anybody can have a page at {host}, so carriers distrust its links. Your own domain is safer.");
            warn(TemplateWarningCode::SharedDomain, message);
        }
    }
    let parts = readings.iter().map(|text| segments(text)).max().unwrap_or(1);
    if parts > MANY_PARTS && channel != Some(ChannelKind::Whatsapp) {
        warn(TemplateWarningCode::Long, format!("It is charged as up to {parts} SMS per contact."));
    }
    warnings
}

/// A needed variable that contacts lack.
pub(super) fn of_missing(variable: &Variable, missing: i64, looked_at: i64) -> TemplateWarning {
    let name = variable.name();
    let (some, all) = (grouped(missing), grouped(looked_at));
    let noun = if looked_at == 1 { "contact" } else { "contacts" };
    let (has, would) = if missing == 1 { ("has", "would") } else { ("have", "would") };
    let message = format!(
        "{some} of {all} {noun} {has} no {name} and {would} not be sent this. Give it a default, such as {{{{ {name} | default(\"there\") }}}}."
    );
    TemplateWarning { code: TemplateWarningCode::MissingValues, variant: None, message }
}

/// 10,000.
fn grouped(number: i64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Whether the text says how to end texts: with a word that this desk hears, in capitals or after what asks for an answer; or as a phrase.
fn offers_opt_out(text: &str) -> bool {
    let lower = text.to_lowercase();
    if ["opt out", "opt-out", "unsubscribe", "darse de baja", "no recibir"].iter().any(|phrase| lower.contains(phrase))
    {
        return true;
    }
    let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.iter().enumerate().any(|(n, word)| {
        let asked = n > 0
            && ["reply", "text", "txt", "send", "responda", "responde", "envie", "envia", "mande"]
                .contains(&words[n - 1].to_lowercase().as_str());
        keyword(word) == Some(Keyword::Stop) && (asked || word.chars().all(char::is_uppercase))
    })
}

/// Domains of the links in a text, in lower case, also of those without https.
fn hosts(text: &str) -> Vec<String> {
    let words = text.split(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '<' | '>' | '"' | ',' | ';'));
    words
        .filter_map(|word| {
            let word = word.to_lowercase();
            let rest = word.strip_prefix("https://").or_else(|| word.strip_prefix("http://")).unwrap_or(&word);
            let host = rest.split(['/', '?', '#', ':']).next().unwrap_or_default().trim_end_matches('.');
            let host = host.strip_prefix("www.").unwrap_or(host);
            let named = host.contains('.') && host.chars().all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '-');
            named.then(|| host.to_owned())
        })
        .collect()
}

fn belongs(host: &str, list: &[&str]) -> bool {
    list.iter().any(|known| host == *known || host.strip_suffix(known).is_some_and(|rest| rest.ends_with('.')))
}

/// Public shorteners, as of November 2026.
const SHORTENERS: &[&str] = &[
    "bit.ly",
    "bitly.com",
    "tinyurl.com",
    "tiny.cc",
    "goo.gl",
    "t.co",
    "ow.ly",
    "is.gd",
    "v.gd",
    "buff.ly",
    "rebrand.ly",
    "cutt.ly",
    "shorturl.at",
    "rb.gy",
    "t.ly",
    "bl.ink",
    "lnkd.in",
    "s.id",
    "adf.ly",
    "shorte.st",
    "soo.gd",
    "qr.ae",
    "trib.al",
    "dlvr.it",
    "short.io",
    "shorturl.com",
    "urlz.fr",
    "clck.ru",
    "qrco.de",
    "linktr.ee",
    "fb.me",
    "amzn.to",
    "youtu.be",
    "j.mp",
];

/// Domains below which anybody can have a page.
const SHARED: &[&str] = &[
    "blogspot.com",
    "wixsite.com",
    "weebly.com",
    "wordpress.com",
    "github.io",
    "gitlab.io",
    "netlify.app",
    "vercel.app",
    "web.app",
    "firebaseapp.com",
    "herokuapp.com",
    "pages.dev",
    "workers.dev",
    "ngrok.io",
    "ngrok-free.app",
    "onrender.com",
    "glitch.me",
    "forms.gle",
    "docs.google.com",
    "sites.google.com",
    "drive.google.com",
    "dropbox.com",
    "wa.me",
    "carrd.co",
    "godaddysites.com",
    "square.site",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn warned(source: &str, purpose: TemplatePurpose, channel: Option<ChannelKind>) -> Vec<TemplateWarningCode> {
        let business = Business {
            name: "Maple Street Studio",
            support_phone_number: None,
            zone: chrono_tz::America::New_York,
            now: "2026-11-21T12:00:00Z".parse().expect("time"),
        };
        let body = Body::parse(source).expect("body");
        of_variant("A", &body, purpose, channel, &business).into_iter().map(|w| w.code).collect()
    }

    #[test]
    fn advertising_says_who_writes_and_how_to_end_it() {
        use TemplatePurpose::{Marketing, Transactional};
        use TemplateWarningCode::{NoBusinessName, NoOptOut};
        let both = [NoOptOut, NoBusinessName];
        assert_eq!(warned("20% off today", Marketing, None), both);
        assert_eq!(warned("20% off today", Transactional, None), []);
        assert_eq!(warned("20% off today", Marketing, Some(ChannelKind::Whatsapp)), [], "its templates have buttons");
        for good in
            ["Reply STOP to end", "Text stop to end", "To opt out, write us", "Responda ALTO", "Txt QUIT to quit"]
        {
            assert_eq!(warned(&format!("Maple street studio: 20% off. {good}"), Marketing, None), [], "{good}");
        }
        assert_eq!(warned("{business_name}: stop by today", Marketing, None), [NoOptOut]);
        let sometimes = "{business_name}: 20% off. {% if tag(\"new\") %}Reply STOP to opt out{% endif %}";
        assert_eq!(warned(sometimes, Marketing, None), [NoOptOut]);
    }

    #[test]
    fn links_that_carriers_filter() {
        use TemplateWarningCode::{PublicShortener, SharedDomain};
        let of = |text: &str| warned(text, TemplatePurpose::Transactional, None);
        assert_eq!(of("See bit.ly/abc and https://WWW.TinyURL.com/x, please"), [PublicShortener, PublicShortener]);
        assert_eq!(of("See (https://maple.wixsite.com/offer)."), [SharedDomain]);
        assert_eq!(of("{{ link(\"https://bit.ly/x\") }}"), [PublicShortener]);
        assert_eq!(of("{% if email %}see t.co/x{% endif %} ok"), [PublicShortener], "in one case only");
        for good in ["https://maple.example/bit.ly", "habit.ly/x", "at 3.30 tomorrow", "bit.lyx/abc"] {
            assert_eq!(of(good), [], "{good}");
        }
    }

    #[test]
    fn long_ones_and_missing_values() {
        assert_eq!(warned(&"a".repeat(460), TemplatePurpose::Transactional, None), [TemplateWarningCode::Long]);
        assert_eq!(warned(&"a".repeat(459), TemplatePurpose::Transactional, None), []);
        let warning = of_missing(&Variable::FirstName, 1234, 10_000);
        assert!(
            warning.message.starts_with("1,234 of 10,000 contacts have no first_name and would not"),
            "{}",
            warning.message
        );
        assert_eq!(
            ["1", "999", "1,000", "12,345", "1,234,567"],
            [1, 999, 1000, 12_345, 1_234_567].map(grouped).each_ref().map(String::as_str)
        );
    }
}
