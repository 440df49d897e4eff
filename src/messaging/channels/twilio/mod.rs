//! Twilio's Messages API, SMS and WhatsApp, through the `twilio-rs` crate.
//!
//! The crate builds paths and authentication and knows the models, but its POST carries no body and its HTTP client is of 2023. One
//! middleware sends each of its requests through our `reqwest` client and adds the form.

mod lists;
mod transport;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, TimeDelta, Utc};
use httpclient::{InMemoryError, InMemoryResult};
use secrecy::ExposeSecret;
use serde_json::Value;
use twilio::{TwilioAuthentication, TwilioClient, model::ApiV2010AccountMessage};
use url::Url;

use self::transport::{FORM, NotWritten, ThroughReqwest, transport_error};
use super::{Accepted, Account, Channel, Charge, Found, Outgoing, Received, SendError};
use crate::{
    compliance::SendPermit,
    messaging::{
        media::MediaItem,
        model::ChannelKind,
        outcomes::{self, ErrorClass, Then},
        rules::status_from_twilio,
        segments,
    },
    platform::{
        config::{TWILIO_API, TwilioConfig},
        phone::PhoneNumber,
    },
};

/// How long a request may take where nothing else is set.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Twilio keeps a text queued for ten hours at most; carriers answer within a day.
const POLLED_FOR: Duration = Duration::from_secs(30 * 3600);

/// A Twilio account.
pub struct TwilioChannel {
    /// None where the installation has no account of its own.
    account: Option<Account>,
    api: Url,
    http: reqwest::Client,
    timeout: Duration,
    /// `Authorization` and client of each credential, in the order they are tried in.
    ways: Vec<(String, TwilioClient)>,
    /// The way that worked last.
    working: AtomicUsize,
}

impl TwilioChannel {
    /// The account of the installation.
    pub fn new(config: &TwilioConfig) -> anyhow::Result<Self> {
        Ok(Self::of(Some(Account::from(config)), &config.api_url, client(config.timeout)?, config.timeout))
    }

    /// For senders with accounts of their own, in an installation that has none.
    pub fn without_account() -> anyhow::Result<Self> {
        Ok(Self::of(None, &TWILIO_API, client(TIMEOUT)?, TIMEOUT))
    }

    fn of(account: Option<Account>, api: &Url, http: reqwest::Client, timeout: Duration) -> Self {
        let base = api.as_str().trim_end_matches('/');
        let ways = account.iter().flat_map(credentials).map(|basic_auth| {
            let client = TwilioClient::new(base, TwilioAuthentication::BasicAuth { basic_auth: basic_auth.clone() })
                .with_middleware(ThroughReqwest(http.clone()));
            (format!("Basic {basic_auth}"), client)
        });
        let ways = ways.collect();
        Self { account, api: api.clone(), http, timeout, ways, working: AtomicUsize::new(0) }
    }

    /// Asks Twilio with each credential for next to nothing: which of them are right, in the order they are used in. An error: Twilio does
    /// not answer.
    pub async fn check(&self) -> Result<Vec<bool>, String> {
        let Some(account) = &self.account else { return Ok(Vec::new()) };
        let path = format!("/2010-04-01/Accounts/{}/Messages.json?PageSize=1", account.account_sid);
        let url = self.api.join(&path).map_err(|e| e.to_string())?;
        let mut right = Vec::new();
        for (authorization, _) in &self.ways {
            let asked = self.http.get(url.clone()).header("authorization", authorization).send().await;
            let status = asked.map_err(|e| transport_error(&e).to_string())?.status();
            if status.is_server_error() {
                return Err(format!("Twilio answers {status}"));
            }
            right.push(status.is_success());
        }
        Ok(right)
    }

    fn account(&self) -> Result<&Account, SendError> {
        self.account.as_ref().ok_or_else(|| SendError::PutOff {
            class: ErrorClass::Account,
            code: "no_account".to_owned(),
            message: "This installation has no Twilio account, and the sender none of its own.".to_owned(),
            after: Duration::from_secs(60),
        })
    }

    /// The credentials in the order to try them: what worked last comes first.
    fn in_order(&self) -> impl Iterator<Item = (usize, &(String, TwilioClient))> {
        let first = self.working.load(Ordering::Relaxed);
        let ways = self.ways.iter().enumerate();
        ways.clone().skip(first).chain(ways.take(first))
    }

    /// A GET, with the next credentials where these are not (or no more) right.
    async fn get(&self, url: Url) -> Result<Value, SendError> {
        let mut last = self.account().err();
        for (n, (authorization, _)) in self.in_order() {
            let asked = self.http.get(url.clone()).header("authorization", authorization).send().await;
            let answer = asked.map_err(|e| no_answer(&transport_error(&e)))?;
            let status = answer.status().as_u16();
            let retry_after = retry_after(answer.headers().get("retry-after").and_then(|v| v.to_str().ok()));
            let bytes = answer.bytes().await.map_err(|e| no_answer(&transport_error(&e)))?;
            if status == 401 {
                last = Some(refused(status, &bytes, retry_after));
                continue;
            }
            self.working.store(n, Ordering::Relaxed);
            if !(200..300).contains(&status) {
                return Err(refused(status, &bytes, retry_after));
            }
            return serde_json::from_slice(&bytes)
                .map_err(|_| SendError::Unknown { reason: "the answer cannot be read".to_owned() });
        }
        Err(last.unwrap_or_else(|| SendError::Unknown { reason: "no credentials".to_owned() }))
    }
}

fn client(timeout: Duration) -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder()
        .connect_timeout(timeout.min(Duration::from_secs(3)))
        .timeout(timeout)
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("frontdesk/", env!("CARGO_PKG_VERSION")))
        .build()
}

/// Who one is, in base64, by API key where there is one, then by each token.
pub(super) fn credentials(account: &Account) -> Vec<String> {
    let key = account.api_key.iter().map(|(sid, secret)| (sid, secret));
    let tokens = account.auth_tokens.iter().map(|token| (&account.account_sid, token));
    key.chain(tokens).map(|(user, secret)| STANDARD.encode(format!("{user}:{}", secret.expose_secret()))).collect()
}

fn address(kind: ChannelKind, number: &str) -> String {
    if kind == ChannelKind::Whatsapp { format!("whatsapp:{number}") } else { number.to_owned() }
}

#[async_trait]
impl Channel for TwilioChannel {
    async fn send(&self, permit: &SendPermit, text: &Outgoing) -> Result<Accepted, SendError> {
        let mut form = text.said();
        form.push(("To", address(text.channel, permit.to().as_str())));
        // WhatsApp senders are named by number; a messaging service picks the number itself.
        form.push(match &text.messaging_service_sid {
            Some(sid) if text.channel == ChannelKind::Sms => ("MessagingServiceSid", sid.clone()),
            _ => ("From", address(text.channel, &text.from)),
        });
        if let Some(url) = &text.status_callback {
            form.push(("StatusCallback", url.to_string()));
        }
        let account = self.account()?;
        let mut refusal = SendError::Unknown { reason: "no credentials".to_owned() };
        for (n, (_, client)) in self.in_order() {
            let answer = FORM.scope(form.clone(), client.create_message(&account.account_sid).send()).await;
            if let Err(error) = &answer
                && is_unauthorized(error)
            {
                // Nothing was sent; the other token may be right by now.
                refusal = send_error(error);
                continue;
            }
            self.working.store(n, Ordering::Relaxed);
            return understood(answer);
        }
        Err(refusal)
    }

    async fn find(&self, to: &PhoneNumber, text: &Outgoing, since: DateTime<Utc>) -> Result<Vec<Found>, SendError> {
        let (to, from) = (address(text.channel, to.as_str()), address(text.channel, &text.from));
        let mut filters = vec![("To", to.as_str())];
        // A messaging service chooses the number.
        if text.messaging_service_sid.is_none() || text.channel != ChannelKind::Sms {
            filters.push(("From", from.as_str()));
        }
        // No filter by date: DateSent is empty while a text waits in Twilio's queue.
        let listed = self.messages(&filters, since).await?;
        // Twilio's dates have whole seconds, and its clock is not ours.
        let earliest = since - TimeDelta::seconds(30);
        // What we know of its words may not be how Twilio lists them.
        let reworded = text.content.is_some() || !text.media.is_empty();
        let mut found: Vec<(Option<DateTime<Utc>>, Found)> = listed
            .into_iter()
            .filter(|m| m.direction.as_deref() != Some("inbound"))
            .map(|m| (lists::created(&m), same_words(m.body.as_deref(), &text.body), m))
            .filter(|(created, same, _)| created.is_none_or(|at| at >= earliest) && (*same || reworded))
            .filter_map(|(created, same_words, m)| Some((created, Found { accepted: accepted(m)?, same_words })))
            .collect();
        found.sort_by_key(|(created, _)| *created);
        Ok(found.into_iter().map(|(_, found)| found).collect())
    }

    async fn status(&self, provider_sid: &str, _: Duration) -> Result<Accepted, SendError> {
        let account = self.account()?;
        let mut refusal = SendError::Unknown { reason: "no credentials".to_owned() };
        for (n, (_, client)) in self.in_order() {
            let request = client.fetch_message(&account.account_sid, provider_sid).send();
            let answer = FORM.scope(Vec::new(), request).await;
            if let Err(error) = &answer
                && is_unauthorized(error)
            {
                refusal = send_error(error);
                continue;
            }
            self.working.store(n, Ordering::Relaxed);
            return understood(answer);
        }
        Err(refusal)
    }

    fn poll_unreported(&self, age: Duration) -> Option<Duration> {
        // After 5 seconds, and then each time when the text is half as old again.
        (age < POLLED_FOR).then(|| Duration::from_secs(5).max(age / 2))
    }

    /// As long as a call may take decides how long one that was cut off may go on over there.
    fn lookup_waits(&self) -> [Duration; 3] {
        [self.timeout / 5, self.timeout / 2, self.timeout * 3 / 2]
    }

    fn through(&self, account: &Account) -> Option<Arc<dyn Channel>> {
        let channel = Self::of(Some(account.clone()), &self.api, self.http.clone(), self.timeout);
        Some(Arc::new(channel))
    }

    async fn received(
        &self,
        kind: ChannelKind,
        address: &str,
        since: DateTime<Utc>,
    ) -> Result<Vec<Received>, SendError> {
        self.inbound(kind, address, since).await
    }

    async fn media_of(&self, provider_sid: &str) -> Result<Vec<MediaItem>, SendError> {
        self.media(provider_sid).await
    }
}

/// Puts the fields of a message into the types that the crate's model of 2023 knows: Twilio, and what speaks its API, write numbers as
/// texts and texts as numbers here and there, and an answer that cannot be read would make a sent text look unknown.
fn as_the_model_has_it(message: &mut Value) {
    let Value::Object(fields) = message else { return };
    for (name, value) in fields.iter_mut() {
        let fitting = match (name.as_str(), &*value) {
            ("messages" | "subresource_uris", _) | (_, Value::Null) => continue,
            ("error_code", Value::String(text)) => text.parse::<i64>().map_or(Value::Null, Value::from),
            ("error_code" | "page" | "page_size" | "start" | "end", _) | (_, Value::String(_)) => continue,
            (_, Value::Number(_) | Value::Bool(_)) => Value::String(value.to_string()),
            _ => Value::Null,
        };
        *value = fitting;
    }
}

/// Whether Twilio lists these words: a messaging service with smart encoding writes plain characters for others.
fn same_words(listed: Option<&str>, sent: &str) -> bool {
    let plain =
        |text: &str| segments::plain(text).map_or_else(|| text.trim().to_owned(), |plain| plain.text.trim().to_owned());
    let listed = listed.unwrap_or_default();
    listed == sent || plain(listed) == plain(sent)
}

fn twilio_date(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc2822(text).or_else(|_| DateTime::parse_from_rfc3339(text)).ok().map(|d| d.to_utc())
}

fn accepted(message: ApiV2010AccountMessage) -> Option<Accepted> {
    let status = message.status.as_deref().and_then(status_from_twilio);
    Some(Accepted {
        provider_sid: message.sid.filter(|sid| !sid.is_empty())?,
        status: status.unwrap_or(crate::messaging::model::MessageStatus::Sending),
        error_code: message.error_code.map(|code| code.to_string()),
        charge: message.price.zip(message.price_unit).map(|(price, unit)| Charge { price, unit }),
    })
}

fn understood(answer: InMemoryResult<ApiV2010AccountMessage>) -> Result<Accepted, SendError> {
    let message = answer.map_err(|e| send_error(&e))?;
    accepted(message).ok_or_else(|| SendError::Unknown { reason: "the answer names no message".to_owned() })
}

fn is_unauthorized(error: &InMemoryError) -> bool {
    matches!(error, httpclient::Error::HttpError(response) if response.status().as_u16() == 401)
}

/// Twilio's answer, or the lack of one, as what may be done about it.
fn send_error(error: &InMemoryError) -> SendError {
    match error {
        httpclient::Error::HttpError(response) => {
            let bytes = response.body.clone().bytes().unwrap_or_default();
            let told = retry_after(response.headers().get("retry-after").and_then(|v| v.to_str().ok()));
            refused(response.status().as_u16(), &bytes, told)
        }
        httpclient::Error::IoError(io) => no_answer(io),
        other => SendError::Unknown { reason: other.to_string() },
    }
}

fn no_answer(error: &std::io::Error) -> SendError {
    match error.get_ref().and_then(|e| e.downcast_ref::<NotWritten>()) {
        Some(NotWritten(reason)) => SendError::NotTaken { reason: reason.clone(), retry_after: None },
        None => SendError::Unknown { reason: error.to_string() },
    }
}

fn retry_after(header: Option<&str>) -> Option<Duration> {
    header.and_then(|v| v.parse().ok()).map(Duration::from_secs)
}

#[derive(serde::Deserialize, Default)]
struct TwilioProblem {
    code: Option<u32>,
    message: Option<String>,
}

/// An answer that is not 2xx. The table in `outcomes.rs` says what follows. The simulator asks too, so that the same follows there.
pub(super) fn refused(status: u16, body: &[u8], told: Option<Duration>) -> SendError {
    let problem: TwilioProblem = serde_json::from_slice(body).unwrap_or_default();
    let code = problem.code.map_or_else(|| status.to_string(), |c| c.to_string());
    let message = problem.message.unwrap_or_else(|| format!("Twilio answered {status}"));
    let class = outcomes::class_of(status, problem.code);
    match outcomes::consequence(class, outcomes::Said::Instead).then {
        Then::LookUp => SendError::Unknown { reason: format!("{code}: {message}") },
        Then::Wait { .. } if class == ErrorClass::RateLimited => {
            SendError::NotTaken { reason: format!("{code}: {message}"), retry_after: Some(told.unwrap_or_default()) }
        }
        Then::Wait { after } | Then::Hold { after } => {
            SendError::PutOff { class, code, message, after: told.map_or(after, |told| told.max(after)) }
        }
        Then::End | Then::Again { .. } => SendError::Refused { code, message },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn answers_are_read_whatever_the_types_of_their_fields() {
        let mut odd = json!({
            "sid": "SM1", "status": "queued", "num_segments": 1, "num_media": 0, "error_code": "30003", "price": -0.0079, "price_unit": "USD", "from": null,
            "feedback": { "x": 1 }, "subresource_uris": { "media": "/m" },
        });
        as_the_model_has_it(&mut odd);
        let message: ApiV2010AccountMessage = serde_json::from_value(odd).expect("readable");
        let accepted = accepted(message).expect("a message");
        assert_eq!((accepted.provider_sid.as_str(), accepted.error_code.as_deref()), ("SM1", Some("30003")));
        assert_eq!(accepted.charge, Some(Charge { price: "-0.0079".to_owned(), unit: "USD".to_owned() }));
    }

    #[test]
    fn words_are_the_same_in_plain_characters_too() {
        assert!(same_words(Some("It's 5 - ok"), "It\u{2019}s 5 \u{2013} ok"));
        assert!(same_words(Some("hello"), "hello\n") && same_words(None, ""));
        assert!(!same_words(Some("hello"), "Hello there") && !same_words(None, "hello"));
    }

    #[test]
    fn both_forms_of_dates_are_read() {
        assert!(twilio_date("Thu, 24 Aug 2023 05:01:45 +0000").is_some());
        assert!(twilio_date("2026-11-21T15:00:00Z").is_some());
        assert!(twilio_date("yesterday").is_none());
    }
}
