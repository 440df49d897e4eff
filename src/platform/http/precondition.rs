//! Two people may edit one row: it has a version, shown as `ETag`, and a change may say on which version it was made (`If-Match`).

use axum::{
    extract::FromRequestParts,
    http::{HeaderValue, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use super::Json;
use crate::platform::problem::{Code, Problem};

/// The version a change was made on, from `If-Match: "3"`; none where the header is missing or `*`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IfMatch(pub Option<i64>);

impl IfMatch {
    /// Fails where somebody else changed the row since. Call it on the locked row.
    pub fn check(self, current: i64) -> Result<(), Problem> {
        match self.0 {
            Some(seen) if seen != current => Err(Problem::new(
                Code::VersionConflict,
                format!("You changed version {seen}, but it is at version {current} now. Load it again."),
            )),
            _ => Ok(()),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Some(value) = parts.headers.get(header::IF_MATCH) else { return Ok(Self(None)) };
        let text = value.to_str().unwrap_or_default().trim();
        if text == "*" {
            return Ok(Self(None));
        }
        let version = text.trim_start_matches("W/").strip_prefix('"').and_then(|t| t.strip_suffix('"'));
        version.and_then(|v| v.parse().ok()).map(|v| Self(Some(v))).ok_or_else(|| {
            Problem::invalid_field("If-Match", "invalid", "must be an ETag this API gave, such as \"3\"")
        })
    }
}

/// A row with its version as `ETag`.
#[derive(Debug)]
pub struct Versioned<T> {
    pub version: i64,
    pub row: T,
}

impl<T: Serialize> IntoResponse for Versioned<T> {
    fn into_response(self) -> Response {
        let mut response = Json(self.row).into_response();
        if let Ok(tag) = HeaderValue::from_str(&format!("\"{}\"", self.version)) {
            response.headers_mut().insert(header::ETAG, tag);
        }
        response
    }
}
