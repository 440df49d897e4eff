//! Twilio's Messages API, SMS and WhatsApp, through the `twilio-rs` crate.
//!
//! The crate builds paths and authentication and knows the models, but its POST carries no body and its HTTP client is of 2023. One
//! middleware sends each of its requests through our `reqwest` client and adds the form.

use std::{error::Error as _, io, sync::Arc, time::Duration};

use async_trait::async_trait;
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, TimeDelta, Utc};
use httpclient::{
    Body, InMemoryBody, InMemoryError, InMemoryResponse, Middleware, Request, Response, middleware::Next,
};
use secrecy::ExposeSecret;
use serde_json::Value;
use twilio::{TwilioAuthentication, TwilioClient, model::ApiV2010AccountMessage};

use super::{Accepted, Channel, Outgoing, SendError};
use crate::{
    compliance::SendPermit,
    messaging::{model::ChannelKind, rules::status_from_twilio},
    platform::config::TwilioConfig,
};

tokio::task_local! {
    /// The form of the request being made on this task.
    static FORM: Vec<(&'static str, String)>;
}

/// A Twilio account.
pub struct TwilioChannel {
    account_sid: String,
    client: Arc<TwilioClient>,
}

impl TwilioChannel {
    pub fn new(config: &TwilioConfig) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(3))
            .timeout(Duration::from_secs(10))
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("frontdesk/", env!("CARGO_PKG_VERSION")))
            .build()?;
        let basic_auth = STANDARD.encode(format!("{}:{}", config.account_sid, config.auth_token.expose_secret()));
        let base = config.api_url.as_str().trim_end_matches('/').to_owned();
        let client = TwilioClient::new(&base, TwilioAuthentication::BasicAuth { basic_auth })
            .with_middleware(ThroughReqwest(http));
        Ok(Self { account_sid: config.account_sid.clone(), client: Arc::new(client) })
    }
}

fn address(kind: ChannelKind, number: &str) -> String {
    if kind == ChannelKind::Whatsapp { format!("whatsapp:{number}") } else { number.to_owned() }
}

#[async_trait]
impl Channel for TwilioChannel {
    async fn send(&self, permit: &SendPermit, text: &Outgoing) -> Result<Accepted, SendError> {
        let mut form = vec![("To", address(text.channel, permit.to().as_str())), ("Body", text.body.clone())];
        // WhatsApp senders are named by number; a messaging service picks the number itself.
        form.push(match &text.messaging_service_sid {
            Some(sid) if text.channel == ChannelKind::Sms => ("MessagingServiceSid", sid.clone()),
            _ => ("From", address(text.channel, &text.from)),
        });
        if let Some(url) = &text.status_callback {
            form.push(("StatusCallback", url.to_string()));
        }
        let answer = FORM.scope(form, self.client.create_message(&self.account_sid).send()).await;
        match answer {
            Ok(message) => {
                accepted(message).ok_or_else(|| SendError::Unknown { reason: "the answer names no message".to_owned() })
            }
            Err(error) => Err(send_error(&error)),
        }
    }

    async fn find(&self, to: &SendPermit, text: &Outgoing, since: DateTime<Utc>) -> Result<Vec<Accepted>, SendError> {
        let mut request =
            self.client.list_message(&self.account_sid).to(&address(text.channel, to.to().as_str())).page_size(100);
        if text.messaging_service_sid.is_none() || text.channel != ChannelKind::Sms {
            request = request.from(&address(text.channel, &text.from));
        }
        let page = FORM.scope(Vec::new(), request.send()).await.map_err(|e| send_error(&e))?;
        let Some(listed) = page.get("messages").and_then(|m| m.as_array()) else {
            return Err(SendError::Unknown { reason: "the list cannot be read".to_owned() });
        };
        // One entry that cannot be read must not hide the others.
        let listed = listed.iter().cloned().filter_map(|mut message| {
            as_the_model_has_it(&mut message);
            serde_json::from_value::<ApiV2010AccountMessage>(message).ok()
        });
        // Twilio's dates have whole seconds, and its clock is not ours.
        let earliest = since - TimeDelta::seconds(30);
        let mut found: Vec<(Option<DateTime<Utc>>, Accepted)> = listed
            .filter(|m| m.direction.as_deref() != Some("inbound") && m.body.as_deref() == Some(text.body.as_str()))
            .map(|m| (m.date_created.as_deref().and_then(twilio_date), m))
            .filter(|(created, _)| created.is_none_or(|at| at >= earliest))
            .filter_map(|(created, m)| Some((created, accepted(m)?)))
            .collect();
        found.sort_by_key(|(created, _)| *created);
        Ok(found.into_iter().map(|(_, accepted)| accepted).collect())
    }

    async fn status(&self, provider_sid: &str, _: Duration) -> Result<Accepted, SendError> {
        let request = self.client.fetch_message(&self.account_sid, provider_sid).send();
        let message = FORM.scope(Vec::new(), request).await.map_err(|e| send_error(&e))?;
        accepted(message).ok_or_else(|| SendError::Unknown { reason: "the answer names no message".to_owned() })
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

fn twilio_date(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc2822(text).or_else(|_| DateTime::parse_from_rfc3339(text)).ok().map(|d| d.to_utc())
}

fn accepted(message: ApiV2010AccountMessage) -> Option<Accepted> {
    let status = message.status.as_deref().and_then(status_from_twilio);
    Some(Accepted {
        provider_sid: message.sid.filter(|sid| !sid.is_empty())?,
        status: status.unwrap_or(crate::messaging::model::MessageStatus::Sending),
        error_code: message.error_code.map(|code| code.to_string()),
    })
}

/// Twilio's answer, or the lack of one, as what may be done about it.
fn send_error(error: &InMemoryError) -> SendError {
    match error {
        httpclient::Error::HttpError(response) => {
            let told = response.headers().get("retry-after").and_then(|v| v.to_str().ok()?.parse().ok());
            let body = response.body.clone().bytes().unwrap_or_default();
            refused(response.status().as_u16(), &body, told.map(Duration::from_secs))
        }
        httpclient::Error::IoError(io) => match io.get_ref().and_then(|e| e.downcast_ref::<NotWritten>()) {
            Some(NotWritten(reason)) => SendError::NotTaken { reason: reason.clone(), retry_after: None },
            None => SendError::Unknown { reason: io.to_string() },
        },
        other => SendError::Unknown { reason: other.to_string() },
    }
}

#[derive(serde::Deserialize, Default)]
struct TwilioProblem {
    code: Option<i64>,
    message: Option<String>,
}

/// An answer that is not 2xx. The simulator asks too, so that what follows from a code is the same there.
pub(super) fn refused(status: u16, body: &[u8], retry_after: Option<Duration>) -> SendError {
    let problem: TwilioProblem = serde_json::from_slice(body).unwrap_or_default();
    let code = problem.code.map_or_else(|| status.to_string(), |c| c.to_string());
    let message = problem.message.unwrap_or_else(|| format!("Twilio answered {status}"));
    match status {
        // 20429: counted and not processed.
        429 => SendError::NotTaken { reason: format!("{code}: {message}"), retry_after },
        // Wrong credentials or a suspended account: nothing was sent, and nothing will be until somebody acts.
        401 | 403 if !problem.code.is_some_and(is_about_the_number) => {
            SendError::NotTaken { reason: format!("{code}: {message}"), retry_after: Some(Duration::from_secs(60)) }
        }
        408 | 500.. => SendError::Unknown { reason: format!("{code}: {message}") },
        _ => SendError::Refused { code, message },
    }
}

/// Codes that Twilio may give with 403 and that concern this recipient, not the account.
fn is_about_the_number(code: i64) -> bool {
    matches!(code, 21211 | 21408 | 21608 | 21610 | 21612 | 21614 | 21635)
}

/// The request certainly did not reach Twilio.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct NotWritten(String);

/// Sends each request of the crate through our own client, with the form of this task.
struct ThroughReqwest(reqwest::Client);

#[async_trait]
impl Middleware for ThroughReqwest {
    async fn handle(&self, request: Request, _: Next<'_>) -> Result<Response, httpclient::Error> {
        let method =
            if request.method() == httpclient::Method::POST { reqwest::Method::POST } else { reqwest::Method::GET };
        let form = FORM.try_with(Clone::clone).unwrap_or_default();
        let mut ours = self.0.request(method.clone(), request.uri().to_string());
        if let Some(authorization) = request.header("authorization") {
            ours = ours.header("authorization", authorization);
        }
        if method == reqwest::Method::POST {
            ours = ours.form(&form);
        }
        let answer = ours.send().await.map_err(transport_error)?;
        let status =
            httpclient::StatusCode::from_u16(answer.status().as_u16()).unwrap_or(httpclient::StatusCode::BAD_GATEWAY);
        let mut headers = http02::HeaderMap::new();
        if let Some(value) =
            answer.headers().get("retry-after").and_then(|v| http02::HeaderValue::from_bytes(v.as_bytes()).ok())
        {
            headers.insert("retry-after", value);
        }
        let mut bytes = answer.bytes().await.map_err(transport_error)?.to_vec();
        if let Ok(mut json @ Value::Object(_)) = serde_json::from_slice(&bytes)
            && status.is_success()
        {
            as_the_model_has_it(&mut json);
            bytes = json.to_string().into_bytes();
        }
        let memory = InMemoryResponse::new(status, headers, InMemoryBody::Bytes(bytes));
        let (parts, body) = memory.into_parts();
        Ok(Response::from_parts(parts, Body::InMemory(body)))
    }
}

/// Keeps apart what never left from what may have arrived.
fn transport_error(error: reqwest::Error) -> httpclient::Error {
    let mut reason = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        reason = format!("{reason}: {cause}");
        source = cause.source();
    }
    httpclient::Error::IoError(if error.is_connect() || error.is_builder() {
        io::Error::other(NotWritten(reason))
    } else {
        io::Error::other(reason)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn answers_are_read_whatever_the_types_of_their_fields() {
        let mut odd = json!({
            "sid": "SM1", "status": "queued", "num_segments": 1, "num_media": 0, "error_code": "30003", "price": -0.0079, "from": null,
            "feedback": { "x": 1 }, "subresource_uris": { "media": "/m" },
        });
        as_the_model_has_it(&mut odd);
        let message: ApiV2010AccountMessage = serde_json::from_value(odd).expect("readable");
        let accepted = accepted(message).expect("a message");
        assert_eq!((accepted.provider_sid.as_str(), accepted.error_code.as_deref()), ("SM1", Some("30003")));
    }

    #[test]
    fn both_forms_of_dates_are_read() {
        assert!(twilio_date("Thu, 24 Aug 2023 05:01:45 +0000").is_some());
        assert!(twilio_date("2026-11-21T15:00:00Z").is_some());
        assert!(twilio_date("yesterday").is_none());
    }
}
