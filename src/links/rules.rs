//! Where links may lead, and who is taken for a program. Pure.
//!
//! Known by what they say of themselves only: that an address belongs to a data centre cannot be known without somebody's list, so a scanner
//! that looks like a browser and takes its time counts as a person.

use chrono::{DateTime, TimeDelta, Utc};
use url::Url;

use super::model::ClickKind;

const LONGEST: usize = 2_000;
/// Nobody reads a text and follows its link sooner.
const SOON: TimeDelta = TimeDelta::seconds(2);

/// Whether a link may lead there: to the web, with a host, and without somebody's password in the address.
pub fn is_target(text: &str) -> bool {
    let plain = text.chars().count() <= LONGEST && !text.chars().any(|c| c.is_control() || c.is_whitespace());
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    // Browsers forgive a third slash; a link that needs it is a mistake.
    let web = rest.is_some_and(|rest| !rest.starts_with(['/', '\\']));
    plain
        && web
        && Url::parse(text)
            .is_ok_and(|url| url.host_str().is_some() && url.username().is_empty() && url.password().is_none())
}

/// Scheme and host, if that is all that `text` says.
pub(super) fn base_url(text: &str) -> Option<String> {
    let url = Url::parse(text.trim()).ok()?;
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    let local = matches!(url.host_str(), Some("localhost" | "127.0.0.1"));
    let safe = url.scheme() == "https" || url.scheme() == "http" && local;
    (bare && safe && url.password().is_none() && url.host_str().is_some()).then(|| url.origin().ascii_serialization())
}

/// Messengers and networks that fetch a page to draw a preview of it.
const PREVIEWS: [&str; 17] = [
    "facebookexternalhit",
    "facebot",
    "whatsapp/",
    "twitterbot",
    "slackbot",
    "slack-imgproxy",
    "telegrambot",
    "linkedinbot",
    "discordbot",
    "skypeuripreview",
    "viber",
    "snap url preview",
    "pinterest",
    "redditbot",
    "bingpreview",
    "google-pagerenderer",
    "preview",
];

/// Security gateways, crawlers and scripts.
const SCANNERS: [&str; 34] = [
    "bot/",
    "bot;",
    "bot)",
    "bot ",
    "crawler",
    "spider",
    "scanner",
    "safebrowsing",
    "google-safety",
    "googleimageproxy",
    "proofpoint",
    "barracuda",
    "mimecast",
    "symantec",
    "bluecoat",
    "zscaler",
    "forcepoint",
    "fireeye",
    "trendmicro",
    "virustotal",
    "urlscan",
    "headlesschrome",
    "phantomjs",
    "curl/",
    "wget/",
    "python",
    "go-http-client",
    "java/",
    "libwww",
    "apache-httpclient",
    "node-fetch",
    "axios",
    "undici",
    "okhttp",
];

/// What is known of a request for a link.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Visit<'a> {
    pub head: bool,
    /// It says that it only fetches in advance.
    pub prefetch: bool,
    pub user_agent: Option<&'a str>,
}

/// Who it is. `sent` is when the link was made or its recipient last texted, whichever is later.
pub(super) fn kind(visit: Visit<'_>, sent: DateTime<Utc>, now: DateTime<Utc>) -> ClickKind {
    let agent = visit.user_agent.unwrap_or_default().to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| agent.contains(word));
    // A maker of telephones.
    let telephone = agent.contains("cubot");
    match () {
        () if visit.head => ClickKind::Head,
        () if visit.prefetch => ClickKind::Prefetch,
        () if says(&PREVIEWS) => ClickKind::Preview,
        () if agent.trim().is_empty() || (says(&SCANNERS) || agent.ends_with("bot")) && !telephone => {
            ClickKind::Scanner
        }
        () if now < sent + SOON => ClickKind::TooSoon,
        () => ClickKind::Person,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_the_web_only() {
        for good in [
            "https://example.com",
            "http://example.com/a?b=c#d",
            "https://münchen.example/x",
            "https://example.com:8443/",
        ] {
            assert!(is_target(good), "{good}");
        }
        let long = format!("https://example.com/{}", "x".repeat(2_000));
        for bad in [
            "javascript:alert(1)",
            "data:text/html,x",
            "ftp://example.com",
            "//example.com",
            "example.com",
            "https://",
            "https:///x",
            "https://a:b@example.com",
            "https://a@example.com",
            "https://example.com/a b",
            "https://example.com/\r\nSet-Cookie: a=b",
            "HTTPS ://x",
            "",
            &long,
        ] {
            assert!(!is_target(bad), "{bad}");
        }
    }

    #[test]
    fn a_domain_is_a_domain_and_nothing_else() {
        assert_eq!(base_url(" https://Go.Example.com/ ").as_deref(), Some("https://go.example.com"));
        assert_eq!(base_url("https://go.example.com:8443").as_deref(), Some("https://go.example.com:8443"));
        assert_eq!(base_url("http://localhost:8000").as_deref(), Some("http://localhost:8000"));
        for bad in [
            "http://go.example.com",
            "go.example.com",
            "https://a@b.example",
            "https://b.example/x",
            "https://b.example?x",
            "mailto:a@b",
        ] {
            assert_eq!(base_url(bad), None, "{bad}");
        }
    }

    #[test]
    fn programs_are_told_apart() {
        let sent: DateTime<Utc> = "2026-11-21T15:00:00Z".parse().expect("time");
        let by = |agent: &str| {
            let visit = Visit { user_agent: Some(agent), ..Visit::default() };
            kind(visit, sent, sent + TimeDelta::seconds(30))
        };
        let iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1";
        let android = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Mobile Safari/537.36";
        for person in [
            iphone,
            android,
            "Mozilla/5.0 (Linux; Android 9; CUBOT X19) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36",
        ] {
            assert_eq!(by(person), ClickKind::Person, "{person}");
        }
        let imessage = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) Version/9.0.1 Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0";
        for preview in [
            imessage,
            "WhatsApp/2.23.20.0",
            "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
            "TelegramBot (like TwitterBot)",
        ] {
            assert_eq!(by(preview), ClickKind::Preview, "{preview}");
        }
        for scanner in [
            "",
            "  ",
            "curl/8.5.0",
            "python-requests/2.32",
            "Go-http-client/2.0",
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "SomeBot",
            "Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/120.0.0.0 Safari/537.36",
            "Mozilla/5.0 (compatible; Barracuda Sentinel)",
        ] {
            assert_eq!(by(scanner), ClickKind::Scanner, "{scanner}");
        }
        let visit = Visit { user_agent: Some(iphone), ..Visit::default() };
        assert_eq!(kind(visit, sent, sent + TimeDelta::milliseconds(1_999)), ClickKind::TooSoon);
        assert_eq!(kind(visit, sent, sent + SOON), ClickKind::Person);
        assert_eq!(kind(Visit { head: true, ..visit }, sent, sent + SOON), ClickKind::Head);
        assert_eq!(kind(Visit { prefetch: true, ..visit }, sent, sent + SOON), ClickKind::Prefetch);
        assert_eq!(
            kind(Visit::default(), sent, sent + SOON),
            ClickKind::Scanner,
            "no program of a person says nothing"
        );
    }
}
