//! Twilio's request signature: HMAC-SHA1 of the full URL and the sorted form parameters, as Twilio's own libraries compute it
//! (twilio-python `RequestValidator`).

use std::collections::BTreeSet;

use url::Url;

use crate::platform::crypto::{constant_time_eq, hmac_sha1_base64, sha256_hex};

/// What was signed besides the URL.
pub enum Signed<'a> {
    /// Decoded form fields, in any order, repeated ones included.
    Form(&'a [(String, String)]),
    /// Any other body: the URL carries its SHA-256 in `bodySHA256`.
    Raw(&'a [u8]),
}

/// Whether `signature` is right for the request under `auth_token`. The URL is tried with and without its default port, since
/// Twilio and proxies differ there.
pub fn is_valid(auth_token: &str, url: &str, signed: &Signed<'_>, signature: &str) -> bool {
    let fields = match signed {
        Signed::Form(fields) => sorted(fields),
        Signed::Raw(body) => {
            let claimed = Url::parse(url).ok().and_then(|u| {
                u.query_pairs().find(|(name, _)| name == "bodySHA256").map(|(_, value)| value.into_owned())
            });
            let right = claimed.is_some_and(|c| constant_time_eq(c.as_bytes(), sha256_hex(body).as_bytes()));
            if !right {
                return false;
            }
            String::new()
        }
    };
    // No early end: each candidate is compared in constant time.
    port_variants(url).iter().fold(false, |ok, candidate| {
        let expected = hmac_sha1_base64(auth_token, format!("{candidate}{fields}").as_bytes());
        ok | constant_time_eq(expected.as_bytes(), signature.as_bytes())
    })
}

/// Names and values joined without separators: unique pairs, sorted by name, then value.
fn sorted(fields: &[(String, String)]) -> String {
    fields.iter().collect::<BTreeSet<_>>().into_iter().fold(String::new(), |mut out, (name, value)| {
        out.push_str(name);
        out.push_str(value);
        out
    })
}

/// The URL as given, with its default port written out, and without its port.
fn port_variants(url: &str) -> Vec<String> {
    let mut variants = vec![url.to_owned()];
    let Some((scheme, rest)) = url.split_once("://") else {
        return variants;
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(end);
    let (userinfo, host) = authority.rsplit_once('@').map_or(("", authority), |(u, h)| (u, h));
    let at = if userinfo.is_empty() { "" } else { "@" };
    let default = if scheme.eq_ignore_ascii_case("https") { "443" } else { "80" };
    match host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit())) {
        Some((bare, _)) => variants.push(format!("{scheme}://{userinfo}{at}{bare}{tail}")),
        None => variants.push(format!("{scheme}://{userinfo}{at}{host}:{default}{tail}")),
    }
    variants
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    struct Vectors {
        auth_token: String,
        cases: Vec<Case>,
    }

    #[derive(serde::Deserialize)]
    struct Case {
        url: String,
        #[serde(default)]
        params: serde_json::Value,
        body: Option<String>,
        signature: String,
        valid: bool,
    }

    fn fields(params: &serde_json::Value) -> Vec<(String, String)> {
        let text = |v: &serde_json::Value| v.as_str().expect("string").to_owned();
        params
            .as_object()
            .into_iter()
            .flatten()
            .flat_map(|(name, value)| match value {
                serde_json::Value::Array(values) => values.iter().map(|v| (name.clone(), text(v))).collect::<Vec<_>>(),
                value => vec![(name.clone(), text(value))],
            })
            .collect()
    }

    /// Vectors made by Twilio's own Python library.
    #[test]
    fn agrees_with_twilios_library() {
        let vectors: Vectors =
            serde_json::from_str(include_str!("../../tests/data/twilio_signatures.json")).expect("vectors");
        assert!(vectors.cases.len() >= 30);
        for (n, case) in vectors.cases.iter().enumerate() {
            let fields = fields(&case.params);
            let signed = match &case.body {
                Some(body) => Signed::Raw(body.as_bytes()),
                None => Signed::Form(&fields),
            };
            assert_eq!(
                is_valid(&vectors.auth_token, &case.url, &signed, &case.signature),
                case.valid,
                "case {n}: {}",
                case.url
            );
        }
    }

    #[test]
    fn one_changed_byte_is_a_forgery() {
        let fields = vec![("Body".to_owned(), "hi".to_owned())];
        let url = "https://example.com/webhooks/sms/inbound";
        let signature = hmac_sha1_base64("token", format!("{url}Bodyhi").as_bytes());
        assert!(is_valid("token", url, &Signed::Form(&fields), &signature));
        assert!(!is_valid("other", url, &Signed::Form(&fields), &signature));
        assert!(!is_valid("token", "https://example.com/webhooks/sms/status", &Signed::Form(&fields), &signature));
        assert!(!is_valid("token", url, &Signed::Form(&[("Body".to_owned(), "ho".to_owned())]), &signature));
        assert!(!is_valid("token", url, &Signed::Form(&fields), ""));
    }
}
