//! Conduct shared by all endpoints: the state they get, request ids, extractors that answer with problems, and keyset paging.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{
    extract::{ConnectInfo, FromRequest, FromRequestParts, Request},
    http::{HeaderName, HeaderValue, request::Parts},
    middleware::Next,
    response::Response,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Serialize, de::DeserializeOwned};
use tracing::Instrument;

use super::{clock::Clock, config::Config, crypto, db::Db, problem::Problem};

/// What every handler may use.
#[derive(Clone)]
pub struct Core {
    pub db: Db,
    pub clock: Clock,
    pub config: Arc<Config>,
}

tokio::task_local! {
    static REQUEST_ID: String;
}

/// The id of the request being handled, if one is.
pub fn current_request_id() -> Option<String> {
    REQUEST_ID.try_with(Clone::clone).ok()
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

/// One page of a list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Give it as `cursor` to get what follows; null on the last page.
    pub next_cursor: Option<String>,
}

/// How many rows, and after which row. The cursor is opaque to clients: base64 of the last row's sort key.
#[derive(Debug, serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// 1 to 200; 50 if left out.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

impl Paging {
    /// Rows to show.
    pub fn limit(&self) -> Result<usize, Problem> {
        match self.limit.unwrap_or(50) {
            n @ 1..=200 => Ok(n as usize),
            _ => Err(Problem::invalid_field("limit", "out_of_range", "must be from 1 to 200")),
        }
    }

    /// The key after which to go on, if this is not the first page.
    pub fn after<K: DeserializeOwned>(&self) -> Result<Option<K>, Problem> {
        let Some(cursor) = &self.cursor else { return Ok(None) };
        URL_SAFE_NO_PAD
            .decode(cursor)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .map(Some)
            .ok_or_else(|| Problem::invalid_field("cursor", "invalid", "is not a cursor this list gave"))
    }
}

impl<T> Page<T> {
    /// Makes a page of `rows`, which were asked for one more than `limit`; `key` is the sort key of a row.
    pub fn cut<K: Serialize>(mut rows: Vec<T>, limit: usize, key: impl Fn(&T) -> K) -> Self {
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor = match rows.last() {
            Some(last) if more => serde_json::to_vec(&key(last)).ok().map(|k| URL_SAFE_NO_PAD.encode(k)),
            _ => None,
        };
        Self { items: rows, next_cursor }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paging(limit: Option<u32>, cursor: Option<&str>) -> Paging {
        Paging { limit, cursor: cursor.map(str::to_owned) }
    }

    #[test]
    fn a_cursor_comes_back_as_its_key_and_junk_does_not() {
        let page = Page::cut(vec![3, 2, 1], 2, |n| (*n, "k"));
        assert_eq!(page.items, [3, 2]);
        let cursor = page.next_cursor.expect("a third row follows");
        assert_eq!(
            paging(None, Some(&cursor)).after::<(i32, String)>().expect("own cursor"),
            Some((2, "k".to_owned()))
        );
        assert!(paging(None, Some("%%%")).after::<(i32, String)>().is_err());
        assert!(paging(None, Some("e30")).after::<(i32, String)>().is_err());
        assert!(Page::cut(vec![3, 2], 2, |n| *n).next_cursor.is_none());
    }

    #[test]
    fn limits_are_bounded() {
        assert_eq!(paging(None, None).limit().expect("default"), 50);
        assert!(paging(Some(0), None).limit().is_err());
        assert!(paging(Some(201), None).limit().is_err());
    }
}
