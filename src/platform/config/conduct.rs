//! Settings of the API's conduct: how often somebody may ask, and whose pages may.

use url::Url;

use super::Reader;

#[derive(Clone, Debug)]
pub struct ConductConfig {
    /// Requests per minute of one user or key; 0: no limit.
    pub caller_per_minute: u32,
    /// Requests per minute of one address; 0: no limit.
    pub address_per_minute: u32,
    /// Origins (`https://app.example.com`) whose pages may call the API. They prove themselves by tokens or keys, never by the cookie.
    pub cors_origins: Vec<String>,
}

impl ConductConfig {
    pub(super) fn read(r: &mut Reader<'_>) -> Self {
        let mut per_minute = |name, default| u32::try_from(r.number(name, 0, 1_000_000, default)).unwrap_or(u32::MAX);
        let (caller_per_minute, address_per_minute) =
            (per_minute("RATE_LIMIT_PER_MINUTE", 1200), per_minute("RATE_LIMIT_ADDRESS_PER_MINUTE", 3000));
        let listed = r.text("CORS_ORIGINS").unwrap_or_default();
        let mut cors_origins = Vec::new();
        for given in listed.split(',').map(str::trim).filter(|o| !o.is_empty()) {
            match origin(given) {
                Some(origin) => cors_origins.push(origin),
                None => r.problems.push(format!(
                    "CORS_ORIGINS={given:?} is not an origin such as https://app.example.com (name each one; * is none)"
                )),
            }
        }
        Self { caller_per_minute, address_per_minute, cors_origins }
    }
}

/// Scheme, host and port, and nothing else.
fn origin(given: &str) -> Option<String> {
    let url = Url::parse(given).ok().filter(|u| matches!(u.scheme(), "http" | "https") && u.has_host())?;
    let origin = url.origin().ascii_serialization();
    (origin == given.trim_end_matches('/').to_ascii_lowercase()).then_some(origin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_named_one_by_one() {
        for good in ["https://app.example.com", "http://localhost:5173", "https://App.example.com/"] {
            assert!(origin(good).is_some(), "{good}");
        }
        for bad in
            ["*", "null", "https://*.example.com/x", "example.com", "https://example.com/app", "ftp://x", "https://a@b"]
        {
            assert!(origin(bad).is_none(), "{bad}");
        }
    }
}
