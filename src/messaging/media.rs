//! Pictures and other files of texts: which may be sent, which of those that came in are shown, and where they are fetched. Pure.

use serde::{Deserialize, Serialize};
use url::Url;

/// Most files of one text (Twilio, "MediaUrl").
pub const MOST: usize = 10;
/// Longest address of one.
pub(super) const LONGEST_URL: usize = 2000;
/// Largest file taken from the provider and shown, in bytes. Twilio delivers at most 5 MB by MMS and 16 MB by WhatsApp.
pub(super) const LARGEST: usize = 16 * 1024 * 1024;

/// A file as it is kept with its text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaItem {
    pub url: String,
    /// As the provider says; empty where it said nothing.
    #[serde(default)]
    pub content_type: String,
}

impl MediaItem {
    /// A file that lies there, of which nothing else is said.
    pub fn by_address(url: &str) -> Self {
        Self { url: url.to_owned(), content_type: String::new() }
    }
}

/// A file of a text as the API shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = MessageMedia)]
pub struct MediaView {
    /// Of a text that came in: a path of this API. Of one of ours: where the provider fetches it.
    #[schema(example = "/api/messages/0190a5c8-5d2c-7cc3-8f1e-6a2b9d0c1e2f/media/0")]
    pub url: String,
    /// MIME type; empty where it is not known.
    #[schema(example = "image/jpeg")]
    pub content_type: String,
}

/// Why a file cannot go with a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlFault {
    #[error("must have at most 2000 characters")]
    TooLong,
    #[error("must be an https:// address that anybody can fetch, without a user name or password")]
    NotPublic,
}

/// An address that the provider can fetch a file from. It is Twilio that fetches it, so nothing inside this network can be reached by it;
/// what could never be fetched is refused.
pub fn checked_url(text: &str) -> Result<String, UrlFault> {
    if text.chars().count() > LONGEST_URL {
        return Err(UrlFault::TooLong);
    }
    let url = Url::parse(text.trim()).map_err(|_| UrlFault::NotPublic)?;
    let named = url.domain().is_some_and(|domain| domain.contains('.') && !domain.ends_with(".local"));
    let plain = url.username().is_empty() && url.password().is_none();
    if url.scheme() == "https" && named && plain { Ok(url.into()) } else { Err(UrlFault::NotPublic) }
}

/// What a browser may show in the page of the thread. Everything else is offered as a file to save: an SVG or a page of HTML could run
/// code of whoever sent it.
pub(super) fn shown_inline(content_type: &str) -> bool {
    matches!(
        essence(content_type).as_str(),
        "image/jpeg"
            | "image/png"
            | "image/gif"
            | "image/webp"
            | "audio/mpeg"
            | "audio/mp4"
            | "audio/ogg"
            | "audio/amr"
            | "audio/wav"
            | "audio/webm"
            | "video/mp4"
            | "video/3gpp"
            | "video/quicktime"
            | "video/webm"
    )
}

/// Other files that are handed on, to be saved.
pub(super) fn offered(content_type: &str) -> bool {
    shown_inline(content_type)
        || matches!(
            essence(content_type).as_str(),
            "application/pdf"
                | "text/plain"
                | "text/vcard"
                | "text/x-vcard"
                | "text/calendar"
                | "text/csv"
                | "image/heic"
                | "image/heif"
        )
}

/// `Image/JPEG; charset=x` as `image/jpeg`.
pub(super) fn essence(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Whose file an address names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NamedFile<'u> {
    pub account_sid: &'u str,
    pub message_sid: &'u str,
}

/// Where the provider's own API is, and where it sends those who ask it for a file.
#[derive(Clone, Debug)]
pub(super) struct Provider<'a> {
    /// As configured.
    pub api: &'a Url,
}

impl Provider<'_> {
    /// The file of a message that the address names: only such a one is asked for with an account's credentials. It comes from a webhook, and
    /// nothing in it may lead them elsewhere, or to something else that the account could read.
    pub(super) fn file<'u>(&self, url: &'u Url) -> Option<NamedFile<'u>> {
        if !self.is_api(url) || url.query().is_some() {
            return None;
        }
        let parts: Vec<&str> = url.path_segments()?.collect();
        let ["2010-04-01", "Accounts", account_sid, "Messages", message_sid, "Media", file] = parts[..] else {
            return None;
        };
        let plain = |sid: &str| !sid.is_empty() && sid.bytes().all(|b| b.is_ascii_alphanumeric());
        [account_sid, message_sid, file].into_iter().all(plain).then_some(NamedFile { account_sid, message_sid })
    }

    fn is_api(&self, url: &Url) -> bool {
        let same = url.scheme() == self.api.scheme()
            && url.host_str() == self.api.host_str()
            && url.port_or_known_default() == self.api.port_or_known_default();
        // Twilio signs webhooks with regional hosts, such as api.ie1.twilio.com.
        let twilio = self.api.host_str() == Some("api.twilio.com")
            && url.scheme() == "https"
            && url.port_or_known_default() == Some(443)
            && url.domain().is_some_and(|d| d.starts_with("api.") && d.ends_with(".twilio.com"));
        (same || twilio) && url.username().is_empty() && url.password().is_none()
    }

    /// Whether an answer of the API may lead there, without credentials: Twilio's own store of files.
    pub(super) fn is_store(&self, url: &Url) -> bool {
        let twilio = url.scheme() == "https"
            && url.port_or_known_default() == Some(443)
            && url.domain().is_some_and(|d| d.ends_with(".twiliocdn.com") || d.ends_with(".twilio.com"));
        twilio || self.is_api(url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_the_provider_can_fetch() {
        for good in ["https://cdn.example.com/a.png?x=1", " https://example.com/b.jpg "] {
            assert!(checked_url(good).is_ok(), "{good}");
        }
        for bad in [
            "http://example.com/a.png",
            "https://localhost/a.png",
            "https://127.0.0.1/a.png",
            "https://[::1]/a.png",
            "https://desk.local/a.png",
            "https://user:pass@example.com/a.png",
            "ftp://example.com/a",
            "data:image/png;base64,AAAA",
            "a.png",
            "",
        ] {
            assert_eq!(checked_url(bad), Err(UrlFault::NotPublic), "{bad}");
        }
        assert_eq!(checked_url(&format!("https://example.com/{}", "a".repeat(2000))), Err(UrlFault::TooLong));
    }

    #[test]
    fn nothing_that_runs_is_shown_in_the_page() {
        assert!(shown_inline("image/jpeg") && shown_inline("Image/PNG; q=1"));
        for other in ["image/svg+xml", "text/html", "application/xhtml+xml", "application/pdf", ""] {
            assert!(!shown_inline(other), "{other}");
        }
        assert!(offered("application/pdf") && !offered("text/html") && !offered("image/svg+xml"));
    }

    #[test]
    fn credentials_go_to_the_api_only() {
        let api = Url::parse("https://api.twilio.com").expect("url");
        let provider = Provider { api: &api };
        let url = |text: &str| Url::parse(text).expect("url");
        let file = "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1";
        assert_eq!(provider.file(&url(file)), Some(NamedFile { account_sid: "AC1", message_sid: "MM1" }));
        assert!(provider.file(&url(&file.replace("api.", "api.ie1."))).is_some());
        let path = "/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1";
        for elsewhere in [
            "http://api.twilio.com",
            "https://api.twilio.com:8443",
            "https://api.twilio.com.evil.example",
            "https://evil.example/api.twilio.com",
            "https://api.twilio.com@evil.example",
            "https://media.twiliocdn.com",
            "https://169.254.169.254",
            "https://eviltwilio.com",
        ] {
            assert_eq!(provider.file(&url(&format!("{elsewhere}{path}"))), None, "{elsewhere}");
        }
        for more in [
            "/2010-04-01/Accounts.json",
            "/2010-04-01/Accounts/AC1/Messages.json",
            "/2010-04-01/Accounts/AC1/Messages/MM1.json",
            "/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1.json",
            "/2010-04-01/Accounts/AC1/Messages/MM1/Media/../../../../../Accounts.json",
            "/2010-04-01/Accounts/AC1/Messages/MM1/Media/%2e%2e",
            "/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1?PageSize=1",
            "/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1/x",
        ] {
            assert_eq!(provider.file(&url(&format!("https://api.twilio.com{more}"))), None, "{more}");
        }
        assert!(provider.is_store(&url("https://mms.twiliocdn.com/AC1/abc?Expires=1")));
        for bad in
            ["https://eviltwiliocdn.com/x", "http://mms.twiliocdn.com/x", "https://10.0.0.1/x", "http://localhost/x"]
        {
            assert!(!provider.is_store(&url(bad)), "{bad}");
        }
    }
}
