//! Second names of paths, for programs that know them by these. The request is renamed before it is looked at.

use axum::{extract::Request, http::Uri};

/// Second name and own name, below `/api` and `/api/v1`.
const ALIASES: [(&str, &str); 2] = [("/leads", "/contacts"), ("/bookings", "/appointments")];

/// The request under its path's own name.
pub(super) fn by_own_name(mut request: Request) -> Request {
    if let Some(uri) = renamed(request.uri()) {
        *request.uri_mut() = uri;
    }
    request
}

fn renamed(uri: &Uri) -> Option<Uri> {
    let (below, prefix) =
        ["/api/v1", "/api"].iter().find_map(|prefix| Some((uri.path().strip_prefix(prefix)?, prefix)))?;
    let (own, rest) = ALIASES.iter().find_map(|(alias, own)| {
        let rest = below.strip_prefix(alias)?;
        (rest.is_empty() || rest.starts_with('/')).then_some((own, rest))
    })?;
    let query = uri.query().map(|q| format!("?{q}")).unwrap_or_default();
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(format!("{prefix}{own}{rest}{query}").parse().ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn second_names_are_whole_segments_below_the_api() {
        let rewritten = |uri: &'static str| renamed(&Uri::from_static(uri)).map(|u| u.to_string());
        assert_eq!(rewritten("/api/leads").as_deref(), Some("/api/contacts"));
        assert_eq!(rewritten("/api/leads?q=a%20b").as_deref(), Some("/api/contacts?q=a%20b"));
        assert_eq!(rewritten("/api/v1/leads/7/archive").as_deref(), Some("/api/v1/contacts/7/archive"));
        assert_eq!(rewritten("http://desk.example/api/leads/7").as_deref(), Some("http://desk.example/api/contacts/7"));
        for other in ["/api/leadsx", "/leads", "/api/messages/leads", "/admin/leads", "/api/contacts"] {
            assert_eq!(rewritten(other), None, "{other}");
        }
    }
}
