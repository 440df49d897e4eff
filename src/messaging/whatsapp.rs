//! WhatsApp's rules: the window in which free text may be sent, and the approved templates that may be sent outside it. Pure.
//! Sources: WhatsApp Business Messaging Policy (customer service window of 24 hours), Twilio's Content API (ContentSid and
//! ContentVariables, without a Body since 1 April 2025) and its error 63016.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{
    model::{ChannelKind, TemplateCategory},
    segments::LONGEST,
};

/// How long free text may be sent after the contact last wrote.
const WINDOW: TimeDelta = TimeDelta::hours(24);
/// What is handed over in the last minute may reach WhatsApp too late.
const MARGIN: TimeDelta = TimeDelta::minutes(1);
/// Twilio's error for a free text outside the window.
pub(super) const OUTSIDE_WINDOW: &str = "63016";
/// Whether free text may be sent to a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    Open { until: DateTime<Utc> },
    Closed,
}

/// The window after the contact's last text.
pub fn window(last_inbound_at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Window {
    match last_inbound_at.map(closes_at) {
        Some(until) if until > now => Window::Open { until },
        _ => Window::Closed,
    }
}

/// When the window closes that a text of the contact's opened.
pub(super) fn closes_at(inbound_at: DateTime<Utc>) -> DateTime<Utc> {
    inbound_at + WINDOW
}

/// What goes out of a text that is due now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handing {
    /// Its own words.
    Text,
    /// The template that takes their place.
    Template,
    /// Nothing: WhatsApp would refuse it with error 63016.
    OutsideWindow,
}

/// Decides it, a minute on the safe side.
pub fn handing(
    channel: ChannelKind,
    content: Option<&Content>,
    last_inbound_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Handing {
    if channel != ChannelKind::Whatsapp {
        return Handing::Text;
    }
    let open = window(last_inbound_at, now + MARGIN) != Window::Closed;
    match content.map(|c| c.when) {
        Some(When::Always) => Handing::Template,
        _ if open => Handing::Text,
        Some(When::OutsideWindow) => Handing::Template,
        None => Handing::OutsideWindow,
    }
}

/// Until when a text may go out in its own words; none: it needs no open window.
pub(super) fn words_until(
    channel: ChannelKind,
    content: Option<&Content>,
    last_inbound_at: Option<DateTime<Utc>>,
) -> Option<DateTime<Utc>> {
    let needs_window = channel == ChannelKind::Whatsapp && content.is_none();
    needs_window.then(|| last_inbound_at.map_or(DateTime::<Utc>::MIN_UTC, |at| closes_at(at) - MARGIN))
}

/// When a template goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    Always,
    /// Only where the text's own words may not.
    OutsideWindow,
}

/// A template filled in for one text, as kept with it: what becomes of the template later does not change it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    pub sid: String,
    pub variables: BTreeMap<String, String>,
    /// What the contact reads.
    pub text: String,
    pub when: When,
    /// What WhatsApp holds the template for; none in texts of before it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<TemplateCategory>,
}

impl Content {
    /// The template advertises, whatever the text is that it stands in for.
    pub fn advertises(&self) -> bool {
        self.category == Some(TemplateCategory::Marketing)
    }
}

/// Why a template cannot be filled in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FillFault {
    #[error("needs a value for {}", .0.join(", "))]
    Missing(Vec<String>),
    #[error("has no variable {0}")]
    Unknown(String),
    #[error("{0} must be one line without tabs or more than four spaces in a row, of at most 500 characters")]
    Value(String),
    #[error("would have more than 1600 characters")]
    TooLong,
}

/// A placeholder at the beginning of `text`: its name, and what follows it.
fn placeholder(text: &str) -> Option<(&str, &str)> {
    let (name, rest) = text.strip_prefix("{{")?.split_once("}}")?;
    let fits = (1..=30).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    fits.then_some((name, rest))
}

/// The names of a template's variables, each once: "1" for `{{1}}`.
pub fn variables(body: &str) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let starts = body.match_indices("{{").filter_map(|(at, _)| placeholder(&body[at..]));
    starts.filter(|(name, _)| seen.insert(*name)).map(|(name, _)| name.to_owned()).collect()
}

/// The template with its variables filled in.
pub fn fill(body: &str, values: &BTreeMap<String, String>) -> Result<String, FillFault> {
    let names = variables(body);
    let missing: Vec<String> =
        names.iter().filter(|name| values.get(*name).is_none_or(|v| v.trim().is_empty())).cloned().collect();
    if !missing.is_empty() {
        return Err(FillFault::Missing(missing));
    }
    for (name, value) in values {
        if !names.contains(name) {
            return Err(FillFault::Unknown(name.chars().take(30).collect()));
        }
        if value.contains(['\n', '\r', '\t', '\0']) || value.contains("     ") || value.chars().count() > 500 {
            return Err(FillFault::Value(name.clone()));
        }
    }
    let (mut text, mut rest) = (String::with_capacity(body.len()), body);
    while let Some(at) = rest.find("{{") {
        text.push_str(&rest[..at]);
        match placeholder(&rest[at..]) {
            Some((name, after)) => {
                text.push_str(&values[name]);
                rest = after;
            }
            None => {
                text.push_str("{{");
                rest = &rest[at + 2..];
            }
        }
    }
    text.push_str(rest);
    if text.chars().count() > LONGEST { Err(FillFault::TooLong) } else { Ok(text) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("time")
    }

    fn content(when: When) -> Content {
        Content { sid: "HX1".to_owned(), variables: BTreeMap::new(), text: "Hello".to_owned(), when, category: None }
    }

    #[test]
    fn the_window_is_24_hours_long() {
        let wrote = Some(at("2026-11-20T15:00:00Z"));
        assert_eq!(window(wrote, at("2026-11-21T14:59:59Z")), Window::Open { until: at("2026-11-21T15:00:00Z") });
        assert_eq!(window(wrote, at("2026-11-21T15:00:00Z")), Window::Closed);
        assert_eq!(window(None, at("2026-11-21T15:00:00Z")), Window::Closed);
        // Over the night when clocks go back in New York it is 24 hours all the same.
        assert_eq!(
            window(Some(at("2026-11-01T03:30:00Z")), at("2026-11-02T03:29:00Z")),
            Window::Open { until: at("2026-11-02T03:30:00Z") }
        );
    }

    #[test]
    fn what_is_handed_over() {
        let wrote = Some(at("2026-11-20T15:00:00Z"));
        let (open, last_minute, closed) =
            (at("2026-11-21T14:58:00Z"), at("2026-11-21T14:59:30Z"), at("2026-11-21T16:00:00Z"));
        let whatsapp = |content: Option<&Content>, now| handing(ChannelKind::Whatsapp, content, wrote, now);
        assert_eq!(whatsapp(None, open), Handing::Text);
        assert_eq!(whatsapp(None, last_minute), Handing::OutsideWindow);
        assert_eq!(whatsapp(None, closed), Handing::OutsideWindow);
        let (always, fallback) = (content(When::Always), content(When::OutsideWindow));
        assert_eq!(whatsapp(Some(&always), open), Handing::Template);
        assert_eq!(whatsapp(Some(&fallback), open), Handing::Text);
        assert_eq!(whatsapp(Some(&fallback), closed), Handing::Template);
        assert_eq!(handing(ChannelKind::Sms, None, None, closed), Handing::Text, "SMS has no window");
    }

    #[test]
    fn templates_are_filled_in() {
        let body = "Hi {{1}}, your {{service}} is on {{2}}. See you, {{1}}! {{ 3 }} {{";
        assert_eq!(variables(body), ["1", "service", "2"]);
        let values = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect::<BTreeMap<_, _>>()
        };
        let all = values(&[("1", "Ana"), ("2", "Friday"), ("service", "cleaning {{1}}")]);
        assert_eq!(
            fill(body, &all).as_deref(),
            Ok("Hi Ana, your cleaning {{1}} is on Friday. See you, Ana! {{ 3 }} {{"),
            "a value is not filled in again"
        );
        let missing = FillFault::Missing(vec!["service".to_owned()]);
        assert_eq!(fill(body, &values(&[("1", "Ana"), ("2", "Friday"), ("service", " ")])), Err(missing));
        assert_eq!(fill("Hi", &values(&[("1", "Ana")])), Err(FillFault::Unknown("1".to_owned())));
        for bad in ["two\nlines", "tab\there", "five     spaces", &"x".repeat(501)] {
            assert_eq!(fill("{{1}}", &values(&[("1", bad)])), Err(FillFault::Value("1".to_owned())), "{bad}");
        }
        assert_eq!(fill(&"x".repeat(1601), &BTreeMap::new()), Err(FillFault::TooLong));
    }

    proptest! {
        #[test]
        fn any_body_is_read(body in "[{}a-c1 ]{0,40}") {
            let names = variables(&body);
            let values = names.iter().map(|n| (n.clone(), "v".to_owned())).collect();
            let filled = fill(&body, &values);
            prop_assert!(filled.is_ok());
            if names.is_empty() {
                prop_assert_eq!(filled.as_deref(), Ok(body.as_str()));
            }
        }
    }
}
