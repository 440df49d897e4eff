//! One try at one endpoint: a request out, an answer in, within its time and its size, whatever the other side does.

use std::{error::Error as _, sync::Mutex, time::Duration};

use reqwest::{
    Response, StatusCode,
    header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER},
};
use secrecy::ExposeSecret;
use serde_json::Value;
use tokio::time::{Instant, timeout_at};

use super::{
    Endpoint, Flaw, Limits, LlmError, ProviderKind, Refusal, Request, Usage,
    answer::{Call, Schemas},
    breaker::{Breaker, Verdict},
    provider::{Dialect, address, provider},
};
use crate::platform::crypto::sha256_hex;

/// The client that all providers share.
pub(super) fn client() -> reqwest::Client {
    reqwest::Client::builder()
        .connect_timeout(Duration::from_secs(3))
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("frontdesk/", env!("CARGO_PKG_VERSION")))
        .build()
        .expect("TLS is set up before anything else")
}

/// Who is asked, as far as failing goes: a key that is refused says nothing about another.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct LineId {
    provider: ProviderKind,
    base_url: String,
    model: String,
    /// SHA-256.
    key: Option<String>,
}

impl LineId {
    pub(super) fn of(endpoint: &Endpoint) -> Self {
        Self {
            provider: endpoint.provider,
            base_url: endpoint.base_url.to_string(),
            model: endpoint.model.clone(),
            key: endpoint.key.as_ref().map(|key| sha256_hex(key.expose_secret().as_bytes())),
        }
    }
}

/// What is remembered between questions.
pub(super) struct Line {
    pub breaker: Breaker,
    dialect: Mutex<Dialect>,
}

impl Line {
    pub(super) fn new(endpoint: &Endpoint, limits: &Limits) -> Self {
        Self {
            breaker: Breaker::new(limits.circuit),
            dialect: Mutex::new(Dialect::first_guess(endpoint.provider, &endpoint.model)),
        }
    }
}

/// What became of a try.
pub(super) struct Tried {
    pub result: Result<Call, LlmError>,
    pub usage: Usage,
    /// The server's own wish.
    retry_after: Option<Duration>,
    /// The chain's end cut the try short: no fault of the endpoint.
    hurried: bool,
}

impl Tried {
    fn failed(error: LlmError, usage: Usage) -> Self {
        Self { result: Err(error), usage, retry_after: None, hurried: false }
    }

    /// What it says about the endpoint. An answer that is merely of no use does not count against it: what people write could make
    /// models stumble, and nobody may switch the assistant off for others that way.
    pub(super) fn verdict(&self, limits: &Limits) -> Verdict {
        let Err(error) = &self.result else { return Verdict::Works };
        match error {
            LlmError::Timeout if self.hurried => Verdict::Unknown,
            LlmError::Refused { refusal: Refusal::Key | Refusal::Credit | Refusal::Model, .. } => {
                Verdict::Rest(limits.circuit.rest_until_mended)
            }
            LlmError::Refused { refusal: Refusal::Request, .. } => Verdict::Works,
            LlmError::BadAnswer(flaw) if !flaw.is_the_servers() => Verdict::Works,
            LlmError::RateLimited => match self.retry_after {
                Some(wait) if wait > limits.longest_wait => Verdict::Rest(wait.min(limits.circuit.longest_rest)),
                _ => Verdict::Failed,
            },
            _ => Verdict::Failed,
        }
    }

    /// How long to wait before another try is worth while. None: it is not.
    pub(super) fn pause(&self, limits: &Limits) -> Option<Duration> {
        let wish = || self.retry_after.filter(|wait| *wait <= limits.longest_wait);
        match self.result.as_ref().err()? {
            LlmError::Timeout => Some(Duration::ZERO),
            LlmError::BadAnswer(flaw) => (*flaw != Flaw::Declined).then_some(Duration::ZERO),
            LlmError::RateLimited => wish(),
            LlmError::Unreachable(_) => Some(limits.pause),
            LlmError::Refused { refusal: Refusal::Server, .. } => match self.retry_after {
                Some(_) => wish(),
                None => Some(limits.pause),
            },
            _ => None,
        }
    }
}

/// Everything about a try but the words.
pub(super) struct Question<'a> {
    pub http: &'a reqwest::Client,
    pub limits: &'a Limits,
    pub line: &'a Line,
    pub endpoint: &'a Endpoint,
    pub schemas: &'a Schemas,
}

impl Question<'_> {
    pub(super) async fn ask(&self, request: &Request, deadline: Instant) -> Tried {
        let own_end = Instant::now() + self.limits.attempt;
        match timeout_at(own_end.min(deadline), self.converse(request)).await {
            Ok(tried) => tried,
            Err(_) => Tried { hurried: deadline < own_end, ..Tried::failed(LlmError::Timeout, self.guessed(request)) },
        }
    }

    /// Sends the request, again without what the model refuses by name, and reads what comes.
    async fn converse(&self, request: &Request) -> Tried {
        let mut dialect = self.line.dialect.lock().expect("dialect").clone();
        loop {
            let answer = match self.send(request, &dialect).await {
                Ok(answer) => answer,
                Err(error) => return Tried::failed(unreachable(&error), Usage::default()),
            };
            let (status, headers) = (answer.status(), answer.headers().clone());
            let body = match read_within(answer, self.limits.body).await {
                Ok(body) => body,
                Err(_) if !status.is_success() => Vec::new(),
                Err(error) => return Tried::failed(error, self.guessed(request)),
            };
            if status.is_success() {
                return self.read(request, &body, &headers);
            }
            let complaint = Complaint::read(&body);
            if matches!(status.as_u16(), 400 | 422) && dialect.adapt(&complaint.words) {
                tracing::info!(llm.provider = %self.endpoint.provider, llm.model = %self.endpoint.model, "llm.adapted");
                self.line.dialect.lock().expect("dialect").clone_from(&dialect);
                continue;
            }
            return refused(status, &headers, &complaint);
        }
    }

    async fn send(&self, request: &Request, dialect: &Dialect) -> Result<Response, reqwest::Error> {
        let Endpoint { model, base_url, key, .. } = self.endpoint;
        let provider = provider(self.endpoint.provider);
        let body = provider.body(model, request, dialect).to_string();
        let post = self.http.post(address(base_url, provider.path(base_url)));
        provider.authorize(post, key.as_ref()).header(CONTENT_TYPE, "application/json").body(body).send().await
    }

    /// Whatever the content type says: only the content counts.
    fn read(&self, request: &Request, body: &[u8], headers: &HeaderMap) -> Tried {
        let Ok(body) = serde_json::from_slice::<Value>(body) else {
            return Tried::failed(LlmError::BadAnswer(Flaw::Unreadable), Usage::default());
        };
        let reply = provider(self.endpoint.provider).read(&body, headers);
        if reply.said == Err(Flaw::Unreadable) {
            // Gateways report a failing model below a status of success.
            let code = body["error"]["code"].as_u64().and_then(|code| u16::try_from(code).ok());
            if let Some(status) = code.and_then(|c| StatusCode::from_u16(c).ok()).filter(|s| s.as_u16() >= 400) {
                return refused(status, headers, &Complaint::of(&body));
            }
        }
        let usage = match reply.reported {
            Some(reported) => Usage::reported(reported, self.endpoint.prices),
            None if reply.said == Err(Flaw::Unreadable) => Usage::default(),
            None => self.guessed(request),
        };
        let result = reply.said.and_then(|said| self.schemas.accept(said)).map_err(LlmError::BadAnswer);
        Tried { result, usage, retry_after: None, hurried: false }
    }

    fn guessed(&self, request: &Request) -> Usage {
        Usage::guessed(request, self.endpoint.prices)
    }
}

/// The innermost cause, in the words of the system: those of the outer ones hold addresses.
fn unreachable(error: &reqwest::Error) -> LlmError {
    let mut cause = error.source();
    while let Some(inner) = cause.and_then(|c| c.source()) {
        cause = Some(inner);
    }
    LlmError::Unreachable(cause.map_or_else(|| "no connection".to_owned(), ToString::to_string))
}

async fn read_within(mut answer: Response, most: usize) -> Result<Vec<u8>, LlmError> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| unreachable(&error))? {
        if body.len() + chunk.len() > most {
            return Err(LlmError::BadAnswer(Flaw::TooLong));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// What a provider says against a request, lowercase. May echo the request, so it is looked at and never passed on.
#[derive(Debug, Default, PartialEq)]
struct Complaint {
    words: String,
    /// The provider's own code and type of it.
    codes: Vec<String>,
}

impl Complaint {
    fn read(body: &[u8]) -> Self {
        serde_json::from_slice(body).map(|body| Self::of(&body)).unwrap_or_default()
    }

    fn of(body: &Value) -> Self {
        let error = body.get("error").unwrap_or(body);
        let lowercase = |value: &Value| value.as_str().map(str::to_ascii_lowercase);
        let words: Vec<String> =
            ["param", "message", "detail"].iter().filter_map(|name| lowercase(&error[*name])).collect();
        let words = if words.is_empty() { lowercase(error).unwrap_or_default() } else { words.join(" ") };
        Self { words, codes: ["code", "type"].iter().filter_map(|name| lowercase(&error[*name])).collect() }
    }

    fn has_code(&self, code: &str) -> bool {
        self.codes.iter().any(|c| c == code)
    }
}

/// A refusal costs nothing.
fn refused(status: StatusCode, headers: &HeaderMap, complaint: &Complaint) -> Tried {
    let no_credit = complaint.has_code("insufficient_quota") || complaint.words.starts_with("your credit balance");
    let no_model = complaint.has_code("model_not_found") || complaint.words.ends_with("is not a valid model id");
    let flagged = ["moderation", "flagged"].iter().any(|word| complaint.words.contains(word));
    let refusal = match status.as_u16() {
        402 => Refusal::Credit,
        400 | 429 if no_credit => Refusal::Credit,
        404 => Refusal::Model,
        400 if no_model => Refusal::Model,
        // A text that a filter dislikes says nothing about the key.
        403 if flagged => Refusal::Request,
        401 | 403 => Refusal::Key,
        300..=399 => Refusal::Redirect,
        500.. => Refusal::Server,
        _ => Refusal::Request,
    };
    let error = match status.as_u16() {
        408 => LlmError::Timeout,
        429 if !no_credit => LlmError::RateLimited,
        status => LlmError::Refused { status, refusal },
    };
    let retry_after =
        headers.get(RETRY_AFTER).and_then(|v| v.to_str().ok()?.trim().parse().ok()).map(Duration::from_secs);
    Tried { retry_after, ..Tried::failed(error, Usage::default()) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(status: u16, body: Value, retry_after: Option<&str>) -> Tried {
        let mut headers = HeaderMap::new();
        if let Some(value) = retry_after {
            headers.insert(RETRY_AFTER, value.parse().expect("header"));
        }
        refused(StatusCode::from_u16(status).expect("status"), &headers, &Complaint::of(&body))
    }

    /// Status and body as providers send them; code, what it says about the endpoint, and the wait before another try (milliseconds).
    #[test]
    fn refusals_are_told_apart() {
        let limits = Limits::default();
        let (failed, works) = (Verdict::Failed, Verdict::Works);
        let mend = Verdict::Rest(limits.circuit.rest_until_mended);
        let rest = |seconds| Verdict::Rest(Duration::from_secs(seconds));
        let error = |error: Value| json!({ "error": error });
        for (status, body, retry_after, code, verdict, pause) in [
            (401, error(json!({ "code": "invalid_api_key" })), None, "key_refused", mend, None),
            (403, json!("<html>"), None, "key_refused", mend, None),
            (403, error(json!({ "message": "Your input was flagged" })), None, "request_refused", works, None),
            (402, error(json!({ "code": 402 })), None, "no_credit", mend, None),
            (429, error(json!({ "code": "insufficient_quota" })), None, "no_credit", mend, None),
            (400, error(json!({ "message": "Your credit balance is too low" })), None, "no_credit", mend, None),
            (404, error(json!({ "type": "not_found_error" })), None, "unknown_model", mend, None),
            (400, error(json!({ "message": "x/y is not a valid model ID" })), None, "unknown_model", mend, None),
            (400, error(json!({ "message": "say 'model_not_found'" })), None, "request_refused", works, None),
            (422, json!({ "detail": [] }), None, "request_refused", works, None),
            (413, json!(null), None, "request_refused", works, None),
            (429, json!({}), None, "rate_limited", failed, None),
            (429, json!({}), Some("1"), "rate_limited", failed, Some(1_000)),
            (429, json!({}), Some("20"), "rate_limited", rest(20), None),
            (429, json!({}), Some("99999999"), "rate_limited", rest(300), None),
            (429, json!({}), Some("Wed, 21 Oct 2026 07:28:00 GMT"), "rate_limited", failed, None),
            (500, json!({}), None, "server_error", failed, Some(200)),
            (503, json!({}), Some("60"), "server_error", failed, None),
            (529, error(json!({ "type": "overloaded_error" })), None, "server_error", failed, Some(200)),
            (307, json!({}), None, "redirected", failed, None),
            (408, json!({}), None, "timeout", failed, Some(0)),
        ] {
            let tried = of(status, body.clone(), retry_after);
            let error = tried.result.as_ref().expect_err("refused");
            assert_eq!(error.code(), code, "{status} {body}");
            assert_eq!(tried.verdict(&limits), verdict, "{status} {body} {retry_after:?}");
            assert_eq!(tried.pause(&limits), pause.map(Duration::from_millis), "{status} {body} {retry_after:?}");
            assert_eq!(tried.usage, Usage::default());
        }
    }

    #[test]
    fn complaints_are_read_in_whatever_form() {
        for body in [
            json!({ "error": { "message": "Unsupported", "param": "temperature", "code": null } }),
            json!({ "error": "temperature is unsupported" }),
            json!({ "detail": "temperature" }),
            json!({ "message": "Temperature!" }),
        ] {
            assert!(Complaint::of(&body).words.contains("temperature"), "{body}");
        }
        assert_eq!(Complaint::read(b"<html>"), Complaint::default());
    }

    #[test]
    fn lines_are_told_apart_by_all_that_may_fail() {
        let endpoint = |model: &str, key: Option<&str>| Endpoint {
            provider: ProviderKind::Openai,
            model: model.to_owned(),
            base_url: "https://api.openai.com/v1".parse().expect("URL"),
            key: key.map(Into::into),
            prices: None,
        };
        let first = LineId::of(&endpoint("a", Some("sk-1")));
        assert_eq!(first, LineId::of(&endpoint("a", Some("sk-1"))));
        for other in [endpoint("b", Some("sk-1")), endpoint("a", Some("sk-2")), endpoint("a", None)] {
            assert_ne!(first, LineId::of(&other));
        }
        assert!(!format!("{first:?}").contains("sk-1"));
    }
}
