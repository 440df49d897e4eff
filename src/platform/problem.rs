//! Errors as the API shows them: `application/problem+json` (RFC 9457) with a closed `code`. Slices map their own errors to it.

pub use axum::http::StatusCode;
use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};

pub use super::problem_code::Code;
use super::{http::current_request_id, idempotency::ClaimLost};

/// What the client is told. Server faults say nothing of their cause here; the cause is logged once, with the request id.
#[derive(Debug)]
pub struct Problem {
    /// The code's own, except where reading the request failed in a way that HTTP has a finer one for (413, 415).
    pub status: StatusCode,
    pub code: Code,
    pub detail: String,
    pub errors: Vec<FieldError>,
    pub retry_after: Option<u64>,
}

/// One thing wrong with one field of the request.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct FieldError {
    pub field: String,
    pub code: &'static str,
    pub message: String,
}

/// What went wrong, for programs (`code`) and people (`detail`). RFC 9457.
#[derive(serde::Serialize, utoipa::ToSchema)]
#[schema(as = Problem)]
pub struct ProblemDocument {
    #[serde(rename = "type")]
    pub kind: String,
    pub title: String,
    pub status: u16,
    pub code: Code,
    pub detail: String,
    pub request_id: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

impl Problem {
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { status: code.status(), code, detail: detail.into(), errors: Vec::new(), retry_after: None }
    }

    pub fn unauthenticated() -> Self {
        Self::new(Code::Unauthenticated, "Send a session cookie, a bearer token or an X-API-Key header.")
    }

    pub fn not_found(what: &str) -> Self {
        Self::new(Code::NotFound, format!("There is no such {what}."))
    }

    /// The request was understood but a field is wrong.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        let detail = errors.iter().map(|e| format!("{}: {}", e.field, e.message)).collect::<Vec<_>>().join("; ");
        Self { errors, ..Self::new(Code::InvalidRequest, detail) }
    }

    pub fn invalid_field(field: &str, code: &'static str, message: impl Into<String>) -> Self {
        Self::invalid(vec![FieldError { field: field.to_owned(), code, message: message.into() }])
    }

    /// The request could not be read at all.
    pub fn malformed(detail: impl Into<String>) -> Self {
        Self::new(Code::MalformedRequest, detail)
    }

    pub fn internal() -> Self {
        Self::new(Code::InternalError, "It was logged with this request id.")
    }

    pub fn database_unavailable() -> Self {
        Self::new(Code::DatabaseUnavailable, "Nothing was done; try again soon.").retry_after(2)
    }

    /// Seconds to wait, sent as `Retry-After`.
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }
}

/// True where the fault is that Postgres cannot be reached or is going down, not what was asked of it.
pub fn is_unavailable(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Tls(_) => true,
        // Class 57P: operator intervention (shutdown, crash, starting up); 08: connection; 53: out of resources.
        sqlx::Error::Database(e) => {
            e.code().is_some_and(|c| c.starts_with("57P") || c.starts_with("08") || c.starts_with("53"))
        }
        _ => false,
    }
}

impl From<sqlx::Error> for Problem {
    fn from(error: sqlx::Error) -> Self {
        if is_unavailable(&error) {
            tracing::error!(error = %error, "database.unavailable");
            return Self::database_unavailable();
        }
        if ClaimLost::is(&error) {
            return Self::new(Code::IdempotencyInProgress, "It took too long, and a repetition of it took over.")
                .retry_after(1);
        }
        // Class 22: a value that Postgres cannot hold, such as a NUL in a text or a date before its calendar.
        if error.as_database_error().and_then(|e| e.code()).is_some_and(|code| code.starts_with("22")) {
            tracing::debug!(error = %error, "database.value_refused");
            return Self::invalid_field("request", "invalid_value", "holds a value that cannot be");
        }
        tracing::error!(error = %error, "database.error");
        Self::internal()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let document = ProblemDocument {
            kind: format!("urn:frontdesk:problem:{}", self.code.as_str()),
            title: self.code.title().to_owned(),
            status: self.status.as_u16(),
            code: self.code,
            detail: self.detail,
            request_id: current_request_id(),
            errors: self.errors,
        };
        let body = serde_json::to_vec(&document).unwrap_or_default();
        let mut response = (self.status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
