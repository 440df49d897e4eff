//! The way of requests to Twilio: through our own HTTP client, one account's credentials after the other, and what a missing answer
//! means.

use std::{error::Error as _, io};

use async_trait::async_trait;
use httpclient::{Body, InMemoryBody, InMemoryResponse, Middleware, Request, Response, middleware::Next};
use serde_json::Value;

use super::as_the_model_has_it;

tokio::task_local! {
    /// The form of the request being made on this task.
    pub(super) static FORM: Vec<(&'static str, String)>;
}

/// The request certainly did not reach Twilio.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct NotWritten(pub String);

/// Sends each request of the crate through our own client, with the form of this task.
pub(super) struct ThroughReqwest(pub reqwest::Client);

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
        let answer = ours.send().await.map_err(|e| http_error(&e))?;
        let status =
            httpclient::StatusCode::from_u16(answer.status().as_u16()).unwrap_or(httpclient::StatusCode::BAD_GATEWAY);
        let mut headers = http02::HeaderMap::new();
        if let Some(value) =
            answer.headers().get("retry-after").and_then(|v| http02::HeaderValue::from_bytes(v.as_bytes()).ok())
        {
            headers.insert("retry-after", value);
        }
        let bytes = answer.bytes().await.map_err(|e| http_error(&e));
        let mut bytes = match bytes {
            Ok(bytes) => bytes.to_vec(),
            // What a refusal says may be missing; that it was one is known.
            Err(_) if status.is_client_error() => Vec::new(),
            Err(error) => return Err(error),
        };
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

fn http_error(error: &reqwest::Error) -> httpclient::Error {
    httpclient::Error::IoError(transport_error(error))
}

/// Keeps apart what never left from what may have arrived.
pub(super) fn transport_error(error: &reqwest::Error) -> io::Error {
    let mut reason = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        reason = format!("{reason}: {cause}");
        source = cause.source();
    }
    if error.is_connect() || error.is_builder() {
        io::Error::other(NotWritten(reason))
    } else {
        io::Error::other(reason)
    }
}
