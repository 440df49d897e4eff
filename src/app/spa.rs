//! The dashboard, embedded in the binary and served at `/admin`.

use axum::{
    http::{HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Redirect, Response},
};
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "admin/dist"]
struct Assets;

const NOT_BUILT: &str = "<!doctype html><meta charset=utf-8><title>Frontdesk</title><p>The dashboard is not part of this build. \
    Run <code>npm ci &amp;&amp; npm run build</code> in <code>admin/</code> and build again, or use <code>scripts/dev</code>.";

/// Scripts and data come from here only; Mantine sets inline styles.
const POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; \
    connect-src 'self' ws: wss:; frame-ancestors 'none'; base-uri 'self'; form-action 'self'";

/// The pages of the API description: scripts of ours only, styles they set themselves, no request to anywhere else.
pub(super) const DOCS_POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    font-src 'self' data:; worker-src 'self' blob:; frame-ancestors 'none'; base-uri 'self'; form-action 'self'";

const REDOC: &str = r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Frontdesk API</title>
<link rel="icon" href="/admin/favicon.svg">
<style>body { margin: 0 } noscript { font: 1rem sans-serif }</style>
<noscript>This page needs scripts. The description itself is <a href="/api/openapi.json">here</a>.</noscript>
<redoc spec-url="/api/openapi.json" native-scrollbars="true"></redoc>
<script src="/admin/redoc/redoc.standalone.js"></script>
</html>
"#;

/// The API description for reading, by ReDoc.
pub(super) async fn redoc() -> Response {
    let (page, policy) =
        if Assets::get("redoc/redoc.standalone.js").is_some() { (REDOC, DOCS_POLICY) } else { (NOT_BUILT, POLICY) };
    let mut response = respond(StatusCode::OK, "text/html; charset=utf-8", "no-cache", page.as_bytes().to_vec());
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    response
}

pub(super) async fn to_admin() -> Redirect {
    Redirect::temporary("/admin/")
}

/// A file of the dashboard, or its page for every path the browser's router knows.
pub(super) async fn file(uri: Uri) -> Response {
    let path = uri.path().trim_start_matches("/admin").trim_start_matches('/');
    if let Some(file) = Assets::get(path).filter(|_| !path.is_empty()) {
        let kind = file.metadata.mimetype().to_owned();
        // Names of built assets carry a hash of their content.
        let cache = if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
        return respond(StatusCode::OK, &kind, cache, file.data.into_owned());
    }
    if path.starts_with("assets/") || path.starts_with("redoc/") {
        return respond(StatusCode::NOT_FOUND, "text/plain", "no-cache", b"not found".to_vec());
    }
    match Assets::get("index.html") {
        Some(page) => respond(StatusCode::OK, "text/html; charset=utf-8", "no-cache", page.data.into_owned()),
        None => respond(StatusCode::OK, "text/html; charset=utf-8", "no-cache", NOT_BUILT.as_bytes().to_vec()),
    }
}

fn respond(status: StatusCode, kind: &str, cache: &'static str, body: Vec<u8>) -> Response {
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_str(kind).unwrap_or(HeaderValue::from_static("application/octet-stream")),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    response
}
