//! Conduct shared by all endpoints: the state they get, request ids, and extractors that answer with problems.

mod paging;
mod patch;
mod precondition;

pub(in crate::platform) use paging::SortValue;
pub use paging::{Order, Page, Paging, SortKey, SortKind};
pub use patch::Patch;
pub use precondition::{IfMatch, Versioned};

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{
    extract::{ConnectInfo, FromRequest, FromRequestParts, Request},
    http::{HeaderName, HeaderValue, request::Parts},
    middleware::Next,
    response::{IntoResponseParts, Response, ResponseParts},
};
use serde::{Serialize, de::DeserializeOwned};
use tracing::Instrument;

use super::{
    clock::Clock,
    config::Config,
    crypto::{self, Vault},
    db::Db,
    problem::Problem,
};

/// Bodies beyond this are refused; a text is a few kilobytes.
pub const MAX_REQUEST_BYTES: usize = 256 * 1024;

/// What every handler may use.
#[derive(Clone)]
pub struct Core {
    pub db: Db,
    pub clock: Clock,
    pub config: Arc<Config>,
    /// Seals what must not lie open in the database; none: nothing can be sealed (ENCRYPTION_KEY is not set).
    pub vault: Option<Vault>,
}

tokio::task_local! {
    static REQUEST_ID: String;
}

/// The id of the request being handled, if one is.
pub fn current_request_id() -> Option<String> {
    REQUEST_ID.try_with(Clone::clone).ok()
}

/// Runs the work to its end, also when the client goes away meanwhile, under the same request id.
pub async fn detached<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    let id = current_request_id().unwrap_or_default();
    match tokio::spawn(REQUEST_ID.scope(id, work).in_current_span()).await {
        Ok(done) => done,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The process is going down.
            Err(_) => std::future::pending().await,
        },
    }
}

/// Beside an answer that shows a secret this once (`(SecretAnswer, Json(key))`): it is not kept to be repeated.
#[derive(Clone, Copy, Debug)]
pub struct SecretAnswer;

impl IntoResponseParts for SecretAnswer {
    type Error = std::convert::Infallible;

    fn into_response_parts(self, mut parts: ResponseParts) -> Result<ResponseParts, Self::Error> {
        parts.extensions_mut().insert(self);
        Ok(parts)
    }
}

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const X_CORRELATION_ID: HeaderName = HeaderName::from_static("x-correlation-id");

/// Takes the caller's request id (`X-Request-ID`, or `X-Correlation-ID`) where it is short and plain, makes one otherwise;
/// answers with it, and puts it on every log line and problem of the request.
pub async fn request_id(request: Request, next: Next) -> Response {
    let given = [&X_REQUEST_ID, &X_CORRELATION_ID]
        .into_iter()
        .find_map(|name| request.headers().get(name)?.to_str().ok())
        .filter(|id| {
            (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
        });
    let id = given.map_or_else(|| crypto::random_token(12), str::to_owned);
    let span = tracing::info_span!("request", request.id = %id, http.method = %request.method(), http.path = request.uri().path());
    let mut response = REQUEST_ID.scope(id.clone(), next.run(request).instrument(span)).await;
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(X_REQUEST_ID, value);
    }
    response
}

/// The caller's address: the peer's, or what a proxy on this machine or a private network says it forwards for.
pub struct ClientAddress(pub IpAddr);

impl<S: Send + Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map_or(IpAddr::from([0, 0, 0, 0]), |c| c.0.ip());
        let trusted = match peer {
            IpAddr::V4(ip) => ip.is_loopback() || ip.is_private(),
            IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local(),
        };
        let forwarded = parts
            .headers
            .get("x-forwarded-for")
            .and_then(|v| v.to_str().ok())
            .and_then(|list| list.rsplit(',').next())
            .and_then(|ip| ip.trim().parse().ok());
        Ok(Self(if trusted { forwarded.unwrap_or(peer) } else { peer }))
    }
}

/// A JSON body; anything wrong with it is a problem document.
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        use axum::extract::rejection::JsonRejection as R;
        match axum::Json::<T>::from_request(request, state).await {
            Ok(axum::Json(value)) => Ok(Self(value)),
            Err(R::JsonDataError(e)) => Err(Problem::invalid_field("body", "invalid", e.body_text())),
            Err(e) => Err(Problem { status: e.status(), ..Problem::malformed(e.body_text()) }),
        }
    }
}

impl<T: Serialize> axum::response::IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

/// Query parameters; anything wrong with them is a problem document.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match axum::extract::Query::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Query(value)) => Ok(Self(value)),
            Err(e) => Err(Problem::invalid_field("query", "invalid", e.body_text())),
        }
    }
}

/// Path parameters; an id that is not one is 404, as an unknown id is.
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match axum::extract::Path::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            Err(_) => Err(Problem::not_found("row")),
        }
    }
}
