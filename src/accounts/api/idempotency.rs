//! `Idempotency-Key` on every POST of staff and keys: a repetition gets the first answer, and nothing is done twice.

use std::{panic::AssertUnwindSafe, sync::Arc};

use axum::{
    body::{Body, Bytes, HttpBody, to_bytes},
    extract::{MatchedPath, OriginalUri, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures::FutureExt;

use super::staff::{authorize, caller};
use crate::{
    accounts::{
        authorization::{Access, access},
        idempotency::{self, Kept, MOST_BYTES, Outcome, Turn},
    },
    platform::{
        http::{Core, MAX_REQUEST_BYTES, SecretAnswer, detached},
        idempotency::{Claim, under},
        problem::{Problem, StatusCode as Status},
    },
};

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// The one operation whose body may be longer than memory should hold: of it the length is compared, and not every byte.
const STREAMED: &str = "/contacts/import/preview";
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// Headers that belong to an answer; all others belong to the moment.
const KEPT_HEADERS: [HeaderName; 3] = [header::CONTENT_TYPE, header::LOCATION, header::ETAG];

/// Carries a request with a key out once.
pub async fn idempotent(State(core): State<Core>, request: Request, next: Next) -> Response {
    if request.method() != Method::POST || !request.headers().contains_key(KEY) {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    match take_turn(&core, parts, body).await {
        // To its end, whether or not somebody still waits for the answer: the next try will.
        Ok((Some(claim), request)) => detached(carry_out(core, claim, next.run(request))).await,
        Ok((None, request)) => next.run(request).await,
        Err(answer) => *answer,
    }
}

/// The request with the claim on its key, or the answer to give instead. Without a claim it is nobody's in particular.
async fn take_turn(core: &Core, mut parts: Parts, body: Body) -> Result<(Option<Arc<Claim>>, Request), Box<Response>> {
    let refuse = |problem: Problem| Box::new(problem.into_response());
    let path = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str).to_owned();
    if matches!(access("POST", &path), Some(Access::Anyone)) {
        return Ok((None, Request::from_parts(parts, body)));
    }
    let caller = caller(&mut parts, core).await.map_err(refuse)?;
    // An answer is not repeated to somebody who may no longer ask for it.
    authorize(&caller, &parts.method, &path).map_err(refuse)?;
    let key = parts.headers.get(KEY).map(|v| v.as_bytes().to_vec()).unwrap_or_default();
    let key = idempotency::checked(&key).map_err(refuse)?;
    let (told, body) = if path.ends_with(STREAMED) {
        let length = parts.headers.get(header::CONTENT_LENGTH).map_or(&b""[..], |v| v.as_bytes());
        (Bytes::copy_from_slice(length), body)
    } else {
        let body = to_bytes(body, MAX_REQUEST_BYTES).await.map_err(|_| {
            refuse(Problem { status: Status::PAYLOAD_TOO_LARGE, ..Problem::malformed("The body is too large.") })
        })?;
        (body.clone(), Body::from(body))
    };
    let uri = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |o| &o.0);
    let hash = idempotency::request_hash("POST", uri.path_and_query().map_or("", |p| p.as_str()), &told);
    match idempotency::claim(core, &caller, key, &hash).await.map_err(refuse)? {
        Turn::Ours(claim) => Ok((Some(claim), Request::from_parts(parts, body))),
        Turn::Answered(kept) => Err(Box::new(again(kept))),
    }
}

/// Runs the handler under the claim and keeps what it answers.
async fn carry_out(core: Core, claim: Arc<Claim>, handler: impl Future<Output = Response> + Send) -> Response {
    match AssertUnwindSafe(under(claim.clone(), handler)).catch_unwind().await {
        Ok(response) => {
            let (outcome, response) = outcome(response).await;
            idempotency::settle(&core, &claim, outcome).await;
            response
        }
        Err(panic) => {
            idempotency::settle(&core, &claim, Outcome::Broken).await;
            std::panic::resume_unwind(panic)
        }
    }
}

async fn outcome(response: Response) -> (Outcome, Response) {
    let (parts, body) = response.into_parts();
    let status = parts.status;
    if status.is_server_error() {
        return (Outcome::Broken, Response::from_parts(parts, body));
    }
    let secret = parts.extensions.get::<SecretAnswer>().is_some();
    if secret || body.size_hint().upper().is_none_or(|most| most > MOST_BYTES) {
        return (Outcome::Withheld(status.as_u16()), Response::from_parts(parts, body));
    }
    let bytes = match to_bytes(body, usize::MAX).await {
        Ok(bytes) => bytes,
        Err(error) => {
            tracing::error!(%error, "idempotency.answer_broke_off");
            return (Outcome::Broken, Problem::internal().into_response());
        }
    };
    let kept = keep(status, &parts.headers, &bytes);
    let outcome = if status.is_client_error() { Outcome::Refused(kept) } else { Outcome::Answer(kept) };
    (outcome, Response::from_parts(parts, Body::from(bytes)))
}

fn keep(status: StatusCode, headers: &HeaderMap, body: &Bytes) -> Kept {
    let text = |name: &HeaderName| Some((name.to_string(), headers.get(name)?.to_str().ok()?.to_owned()));
    Kept { status: status.as_u16(), headers: KEPT_HEADERS.iter().filter_map(text).collect(), body: body.to_vec() }
}

fn again(kept: Kept) -> Response {
    let status = StatusCode::from_u16(kept.status).unwrap_or(StatusCode::OK);
    let mut response = (status, kept.body).into_response();
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_TYPE);
    for (name, value) in kept.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.insert(name, value);
        }
    }
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    response
}
