//! Tokens of an outside issuer that staff may sign in with: whose, for whom, and how their signatures are checked.

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::Reader;

/// An issuer whose tokens are taken. Nothing set means that none is.
#[derive(Clone, Debug)]
pub struct JwtConfig {
    /// `iss`, to the letter.
    pub issuer: String,
    /// One of the values of `aud`.
    pub audience: String,
    pub keys: JwtKeys,
    pub matching: JwtMatch,
}

/// How signatures are checked. One way or the other, never both: a public key must not pass for a shared secret.
#[derive(Clone, Debug)]
pub enum JwtKeys {
    /// HS256.
    Secret(SecretString),
    /// Public keys by this address: RS256, PS256, ES256, EdDSA and their longer kin.
    JwksUrl(Url),
}

/// How a token's holder is found among the users.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JwtMatch {
    /// By the claim `email` the first time, by `sub` from then on.
    Email,
    /// By `sub` only, which somebody has put into the user.
    Subject,
}

const SECRET_CHARACTERS: usize = 32;

impl JwtConfig {
    pub(super) fn read(r: &mut Reader<'_>) -> Option<Self> {
        let names = ["JWT_ISSUER", "JWT_AUDIENCE", "JWT_SECRET", "JWT_JWKS_URL", "JWT_MATCH"];
        if names.iter().all(|name| r.text(name).is_none()) {
            return None;
        }
        let issuer = r.text("JWT_ISSUER");
        let audience = r.text("JWT_AUDIENCE");
        for (name, set) in [("JWT_ISSUER", issuer.is_some()), ("JWT_AUDIENCE", audience.is_some())] {
            if !set {
                r.problems.push(format!("{name} is missing, but other JWT settings are there"));
            }
        }
        let secret = r.secret("JWT_SECRET").filter(|secret| {
            let long = secret.expose_secret().chars().count() >= SECRET_CHARACTERS;
            if !long {
                r.problems.push(format!("JWT_SECRET is shorter than {SECRET_CHARACTERS} characters"));
            }
            long
        });
        let url = r.parsed("JWT_JWKS_URL", "a URL that begins with https:// (or http:// on this machine)", jwks_url);
        let matching = r
            .parsed("JWT_MATCH", "email or subject", |t| match t {
                "email" => Some(JwtMatch::Email),
                "subject" => Some(JwtMatch::Subject),
                _ => None,
            })
            .unwrap_or(JwtMatch::Email);
        let keys = match (r.text("JWT_SECRET").is_some(), r.text("JWT_JWKS_URL").is_some()) {
            (true, true) => {
                r.problems.push("JWT_SECRET and JWT_JWKS_URL are both there: an issuer signs one way".to_owned());
                None
            }
            (false, false) => {
                r.problems.push("JWT_SECRET or JWT_JWKS_URL is missing, but other JWT settings are there".to_owned());
                None
            }
            (true, false) => secret.map(JwtKeys::Secret),
            (false, true) => url.map(JwtKeys::JwksUrl),
        };
        Some(Self { issuer: issuer?, audience: audience?, keys: keys?, matching })
    }
}

/// Whoever can change the keys on their way here can sign in as anybody.
fn jwks_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let here = match url.host()? {
        url::Host::Domain(name) => name == "localhost",
        url::Host::Ipv4(ip) => ip.is_loopback(),
        url::Host::Ipv6(ip) => ip.is_loopback(),
    };
    (url.scheme() == "https" || (url.scheme() == "http" && here)).then_some(url)
}

#[cfg(test)]
mod tests {
    use crate::platform::config::Config;

    fn problems(vars: &[(&str, &str)]) -> Vec<String> {
        let get = |name: &str| vars.iter().find(|(k, _)| *k == name).map(|(_, v)| (*v).to_owned());
        Config::read(&get).map_or_else(|e| e.0, |_| Vec::new())
    }

    const ISSUER: (&str, &str) = ("JWT_ISSUER", "https://id.example.com/");
    const AUDIENCE: (&str, &str) = ("JWT_AUDIENCE", "frontdesk");
    const SECRET: (&str, &str) = ("JWT_SECRET", "0123456789abcdef0123456789abcdef");

    #[test]
    fn whole_settings_are_taken() {
        assert!(problems(&[ISSUER, AUDIENCE, SECRET]).is_empty());
        assert!(problems(&[ISSUER, AUDIENCE, ("JWT_JWKS_URL", "https://id.example.com/jwks")]).is_empty());
        assert!(problems(&[ISSUER, AUDIENCE, ("JWT_JWKS_URL", "http://127.0.0.1:9/jwks")]).is_empty());
        assert!(problems(&[]).is_empty());
    }

    #[test]
    fn half_settings_are_said() {
        for (vars, word) in [
            (&[ISSUER][..], "JWT_AUDIENCE"),
            (&[ISSUER, AUDIENCE][..], "JWT_SECRET or JWT_JWKS_URL"),
            (&[AUDIENCE, SECRET][..], "JWT_ISSUER"),
            (&[ISSUER, AUDIENCE, SECRET, ("JWT_JWKS_URL", "https://id.example.com/jwks")][..], "both"),
            (&[ISSUER, AUDIENCE, ("JWT_SECRET", "short")][..], "shorter"),
            (&[ISSUER, AUDIENCE, ("JWT_JWKS_URL", "http://id.example.com/jwks")][..], "JWT_JWKS_URL"),
            (&[ISSUER, AUDIENCE, SECRET, ("JWT_MATCH", "name")][..], "JWT_MATCH"),
            (&[("JWT_MATCH", "email")][..], "JWT_ISSUER"),
        ] {
            let said = problems(vars);
            assert!(said.iter().any(|p| p.contains(word)), "{word}: {said:?}");
            assert!(said.iter().all(|p| !p.contains("0123456789abcdef") && !p.contains("short\"")), "{said:?}");
        }
    }
}
