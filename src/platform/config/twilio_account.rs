//! Settings of the installation's Twilio account.

use std::{sync::LazyLock, time::Duration};

use secrecy::SecretString;
use url::Url;

use super::Reader;
use crate::platform::phone::PhoneNumber;

/// Where Twilio is.
pub static TWILIO_API: LazyLock<Url> = LazyLock::new(|| Url::parse("https://api.twilio.com").expect("constant URL"));

#[derive(Clone, Debug)]
pub struct TwilioConfig {
    pub account_sid: String,
    pub auth_token: SecretString,
    /// The other token while they are exchanged: both sign, and both may send.
    pub auth_token_secondary: Option<SecretString>,
    /// Id and secret of an API key to send with. Signatures are by the auth token all the same.
    pub api_key: Option<(String, SecretString)>,
    pub phone_number: Option<PhoneNumber>,
    pub messaging_service_sid: Option<String>,
    pub status_callback_url: Option<Url>,
    pub api_url: Url,
    /// How long a request may take. What is cut off by it is looked up.
    pub timeout: Duration,
    /// How often it is compared with Twilio what came in and how far texts have come.
    pub reconcile: Duration,
}

impl TwilioConfig {
    /// Twilio is off when none of its settings is there; half of them is a mistake worth saying.
    pub(super) fn read(r: &mut Reader<'_>) -> Option<Self> {
        let account_sid = r.parsed("TWILIO_ACCOUNT_SID", "an account SID (it begins with AC)", |t| {
            (t.starts_with("AC") && t.len() > 2 && t.bytes().all(|b| b.is_ascii_alphanumeric())).then(|| t.to_owned())
        });
        let auth_token = r.secret("TWILIO_AUTH_TOKEN");
        let auth_token_secondary = r.secret("TWILIO_AUTH_TOKEN_SECONDARY");
        let api_key_sid = r.parsed("TWILIO_API_KEY_SID", "the SID of an API key (it begins with SK)", |t| {
            (t.starts_with("SK") && t.bytes().all(|b| b.is_ascii_alphanumeric())).then(|| t.to_owned())
        });
        let api_key_secret = r.secret("TWILIO_API_KEY_SECRET");
        let phone_number = r.phone("TWILIO_PHONE_NUMBER");
        let messaging_service_sid =
            r.parsed("TWILIO_MESSAGING_SERVICE_SID", "a service SID (it begins with MG)", |t| {
                t.starts_with("MG").then(|| t.to_owned())
            });
        let status_callback_url = r.url("TWILIO_STATUS_CALLBACK_URL");
        let api_url = r.url("TWILIO_API_URL");
        // A claim of a send lasts 30 seconds: the call must be over by then.
        let timeout = Duration::from_millis(r.number("TWILIO_TIMEOUT_MS", 100, 20_000, 10_000));
        let reconcile = Duration::from_secs(r.number("TWILIO_RECONCILE_SECONDS", 5, 86_400, 600));
        let given = [
            ("TWILIO_ACCOUNT_SID", r.text("TWILIO_ACCOUNT_SID").is_some()),
            ("TWILIO_AUTH_TOKEN", auth_token.is_some()),
            ("TWILIO_PHONE_NUMBER", phone_number.is_some() || r.text("TWILIO_PHONE_NUMBER").is_some()),
        ];
        let others = [
            ("TWILIO_AUTH_TOKEN_SECONDARY", auth_token_secondary.is_some()),
            ("TWILIO_API_KEY_SID", api_key_sid.is_some()),
            ("TWILIO_API_KEY_SECRET", api_key_secret.is_some()),
        ];
        if given.iter().chain(&others).any(|(_, set)| *set) {
            for (name, _) in given.iter().filter(|(_, set)| !set) {
                r.problems.push(format!("{name} is missing, but other Twilio settings are there"));
            }
        }
        let both = "TWILIO_API_KEY_SID and TWILIO_API_KEY_SECRET go together";
        if r.text("TWILIO_API_KEY_SID").is_some() != api_key_secret.is_some() {
            r.problems.push(both.to_owned());
        }
        Some(Self {
            account_sid: account_sid?,
            auth_token: auth_token?,
            auth_token_secondary,
            api_key: api_key_sid.zip(api_key_secret),
            phone_number: Some(phone_number?),
            messaging_service_sid,
            status_callback_url,
            api_url: api_url.unwrap_or_else(|| TWILIO_API.clone()),
            timeout,
            reconcile,
        })
    }

    /// The tokens that a signature may be made with.
    pub fn auth_tokens(&self) -> impl Iterator<Item = &SecretString> {
        std::iter::once(&self.auth_token).chain(&self.auth_token_secondary)
    }
}
