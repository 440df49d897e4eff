//! Pure rules of out-going webhooks: which addresses may be called, how a call is signed, and when it is tried again.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret, SecretString};
use url::{Host, Url};

use crate::platform::crypto;

/// Seconds between the tries of a delivery, of which there are one more.
const LADDER: [u64; 7] = [5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 10 * 3600];
/// The longest wait a receiver can ask for.
const LONGEST: Duration = Duration::from_secs(10 * 3600);
/// An endpoint at which every try failed for so long is switched off.
pub(super) const GIVE_UP_AFTER: TimeDelta = TimeDelta::days(5);
/// How long the secret before a rotation goes on signing.
pub(super) const OLD_SECRET_FOR: TimeDelta = TimeDelta::hours(24);
pub(super) const SECRET_PREFIX: &str = "whsec_";
const MOST_URL: usize = 2_000;

/// How long to wait after so many tries of a round; none: that was the last. `jitter` is a fraction below 1.
pub(super) fn next_try(tries: i32, retry_after: Option<Duration>, jitter: f64) -> Option<Duration> {
    let step = usize::try_from(tries).ok()?.checked_sub(1)?;
    let wait = Duration::from_secs(*LADDER.get(step)?).mul_f64(1.0 + jitter / 10.0);
    Some(wait.max(retry_after.unwrap_or_default().min(LONGEST)))
}

/// What `Retry-After` says: seconds, or a date.
pub(super) fn retry_after(header: &str, now: DateTime<Utc>) -> Option<Duration> {
    let header = header.trim();
    if let Ok(seconds) = header.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    (DateTime::parse_from_rfc2822(header).ok()?.to_utc() - now).to_std().ok()
}

/// A new signing secret: the prefix, and 256 random bits in base64.
pub(super) fn new_secret() -> SecretString {
    SecretString::from(format!("{SECRET_PREFIX}{}", crypto::random_base64(32)))
}

/// The value of `webhook-signature`: one signature per secret, apart by spaces.
pub(super) fn signatures(secrets: &[SecretString], id: &str, timestamp: i64, body: &str) -> String {
    let content = format!("{id}.{timestamp}.{body}");
    let signed = secrets.iter().map(|secret| {
        let text = secret.expose_secret();
        let key = STANDARD.decode(text.strip_prefix(SECRET_PREFIX).unwrap_or(text)).unwrap_or_default();
        format!("v1,{}", crypto::hmac_sha256_base64(&key, content.as_bytes()))
    });
    signed.collect::<Vec<_>>().join(" ")
}

/// Why an address cannot be an endpoint's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UrlProblem {
    NotAUrl,
    NotHttps,
    Credentials,
    Private,
}

impl UrlProblem {
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotAUrl => "invalid_url",
            Self::NotHttps => "not_https",
            Self::Credentials => "credentials",
            Self::Private => "private_address",
        }
    }

    pub const fn message(self) -> &'static str {
        match self {
            Self::NotAUrl => "must be an https address of up to 2000 characters without a fragment",
            Self::NotHttps => "must begin with https://",
            Self::Credentials => "must not hold a user name or password",
            Self::Private => "must lead to a public address",
        }
    }
}

/// The address in its normal form. A name is looked at when it is called, since what it leads to changes; an address is looked at now
/// (the parser reads 0x7f.1, 2130706433 and 017700000001 as the 127.0.0.1 that they are).
pub(super) fn endpoint_url(text: &str, allow_private: bool) -> Result<Url, UrlProblem> {
    let url = Url::parse(text.trim()).map_err(|_| UrlProblem::NotAUrl)?;
    if url.as_str().len() > MOST_URL || url.fragment().is_some() || !matches!(url.scheme(), "http" | "https") {
        return Err(UrlProblem::NotAUrl);
    }
    if url.scheme() == "http" && !allow_private {
        return Err(UrlProblem::NotHttps);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(UrlProblem::Credentials);
    }
    let allowed = match url.host() {
        None => return Err(UrlProblem::NotAUrl),
        Some(Host::Ipv4(ip)) => is_public(ip.into()),
        Some(Host::Ipv6(ip)) => is_public(ip.into()),
        Some(Host::Domain(name)) => !is_local_name(name),
    };
    if allowed || allow_private { Ok(url) } else { Err(UrlProblem::Private) }
}

/// Names that never lead out (RFC 6761, RFC 6762, and the ones clouds and containers use inside).
fn is_local_name(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let last = name.rsplit('.').next().unwrap_or_default();
    ["localhost", "local", "internal", "lan", "home", "corp", "test", "invalid", "onion"].contains(&last)
        || name.ends_with(".home.arpa")
        || !name.contains('.')
}

/// Whether an address is one of the open internet: not this machine, not its network, not its cloud's own services.
pub(super) fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, d] = ip.octets();
    let special = match (a, b, c) {
        // "This" network, private, loopback, multicast and everything above (reserved, broadcast).
        (0 | 10 | 127 | 224..=255, ..) => true,
        // Carriers' shared space (also the metadata of Alibaba's cloud), link-local (also the metadata of most clouds), private.
        (100, 64..=127, _) | (169, 254, _) | (172, 16..=31, _) | (192, 168, _) => true,
        // IETF protocols, documentation, relays of 6to4, benchmarks.
        (192, 0, 0 | 2) | (192, 88, 99) | (198, 18 | 19, _) | (198, 51, 100) | (203, 0, 113) => true,
        // The host's own agent in Microsoft's cloud.
        (168, 63, 129) => d == 16,
        _ => false,
    };
    !special
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let s = ip.segments();
    let v4 = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match s {
        // An IPv4 address in another dress: mapped, translated (NAT64), or tunnelled (6to4).
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => v4(high, low),
        [0x2002, high, low, ..] => v4(high, low),
        // IETF protocols (Teredo, benchmarks, ORCHID) and documentation.
        [0x2001, 0..=0x01ff, ..] | [0x2001, 0x0db8, ..] | [0x3fff, 0..=0x0fff, ..] => false,
        // The rest of what is given out as global unicast; neither loopback, ULA, link-local nor multicast is in it.
        [first, ..] => (0x2000..=0x3fff).contains(&first),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ladder_is_climbed_in_eight_tries_over_a_day() {
        let waits: Vec<u64> = (1..).map_while(|tries| next_try(tries, None, 0.0)).map(|wait| wait.as_secs()).collect();
        assert_eq!(waits, [5, 300, 1_800, 7_200, 18_000, 36_000, 36_000]);
        assert_eq!(next_try(8, Some(Duration::from_secs(5)), 0.0), None, "a receiver cannot make the ladder longer");
        assert_eq!(next_try(0, None, 0.0), None);
        let spread = next_try(2, None, 0.999).expect("a third try");
        assert!(spread > Duration::from_secs(329) && spread < Duration::from_secs(331), "{spread:?}");
    }

    #[test]
    fn receivers_may_ask_for_longer_but_not_for_shorter_nor_for_ever() {
        assert_eq!(next_try(1, Some(Duration::from_secs(90)), 0.0), Some(Duration::from_secs(90)));
        assert_eq!(next_try(2, Some(Duration::from_secs(1)), 0.0), Some(Duration::from_secs(300)));
        assert_eq!(next_try(1, Some(Duration::from_secs(u64::MAX)), 0.0), Some(LONGEST));
        let now = "2026-11-21T15:00:00Z".parse().expect("time");
        assert_eq!(retry_after(" 120 ", now), Some(Duration::from_secs(120)));
        assert_eq!(retry_after("Sat, 21 Nov 2026 15:01:00 GMT", now), Some(Duration::from_secs(60)));
        assert_eq!(retry_after("Sat, 21 Nov 2026 14:59:00 GMT", now), None, "past");
        assert_eq!(retry_after("soon", now), None);
    }

    #[test]
    fn signatures_are_those_of_the_standards_own_example() {
        // From the test data of the standardwebhooks libraries.
        let secret = SecretString::from("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let signed = signatures(
            std::slice::from_ref(&secret),
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            r#"{"test": 2432232314}"#,
        );
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        let both = signatures(&[secret.clone(), new_secret()], "msg_1", 1, "{}");
        assert_eq!(both.split(' ').count(), 2);
        assert!(both.split(' ').all(|one| one.starts_with("v1,")));
    }

    #[test]
    fn secrets_are_the_standards_and_differ() {
        let (a, b) = (new_secret(), new_secret());
        assert_ne!(a.expose_secret(), b.expose_secret());
        let key = a.expose_secret().strip_prefix(SECRET_PREFIX).expect("prefix");
        assert_eq!(STANDARD.decode(key).expect("base64").len(), 32);
    }

    #[test]
    fn only_addresses_of_the_open_internet_are_public() {
        for private in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.100.100.200",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.192",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "168.63.129.16",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:a9fe:a9fe",
            "::ffff:0:127.0.0.1",
            "64:ff9b::127.0.0.1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::1.1.1.1",
            "2002:7f00:1::",
            "2002:a00:1::1",
            "2002:c0a8:101::",
            "2001::1",
            "2001:0:4136:e378:8000:63bf:3fff:fdd2",
            "2001:2::1",
            "2001:10::1",
            "2001:db8::1",
            "3fff::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "100::1",
            "5f00::1",
            "4000::1",
        ] {
            assert!(!is_public(private.parse().expect(private)), "{private}");
        }
        for public in [
            "1.1.1.1",
            "8.8.8.8",
            "93.184.216.34",
            "100.63.255.255",
            "100.128.0.1",
            "168.63.129.17",
            "172.15.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "198.17.0.1",
            "198.20.0.1",
            "223.255.255.254",
            "2606:4700:4700::1111",
            "2a00:1450:4001:80b::200e",
            "2001:4860:4860::8888",
            "::ffff:8.8.8.8",
            "64:ff9b::8.8.8.8",
            "2002:808:808::1",
        ] {
            assert!(is_public(public.parse().expect(public)), "{public}");
        }
    }

    #[test]
    fn hostile_spellings_of_addresses_are_seen_through() {
        for (text, problem) in [
            ("https://127.0.0.1/", UrlProblem::Private),
            ("https://2130706433/", UrlProblem::Private),
            ("https://0x7f000001/", UrlProblem::Private),
            ("https://0x7f.1/", UrlProblem::Private),
            ("https://017700000001/", UrlProblem::Private),
            ("https://0177.0.0.01/", UrlProblem::Private),
            ("https://127.1/", UrlProblem::Private),
            ("https://0/", UrlProblem::Private),
            ("https://127。0。0。1/", UrlProblem::Private),
            ("https://①②⑦.0.0.1/", UrlProblem::Private),
            ("https://169.254.169.254/latest/meta-data/", UrlProblem::Private),
            ("https://[::1]/", UrlProblem::Private),
            ("https://[::ffff:127.0.0.1]/", UrlProblem::Private),
            ("https://[::ffff:7f00:1]/", UrlProblem::Private),
            ("https://[0:0:0:0:0:0:0:1]:8443/", UrlProblem::Private),
            ("https://[64:ff9b::10.0.0.1]/", UrlProblem::Private),
            ("https://[fd00:ec2::254]/", UrlProblem::Private),
            ("https://localhost/", UrlProblem::Private),
            ("https://LOCALHOST./", UrlProblem::Private),
            ("https://a.localhost/", UrlProblem::Private),
            ("https://postgres:5432/", UrlProblem::Private),
            ("https://metadata.google.internal/", UrlProblem::Private),
            ("http://example.com/", UrlProblem::NotHttps),
            ("https://user@example.com/", UrlProblem::Credentials),
            ("https://user:secret@example.com/", UrlProblem::Credentials),
            ("https://:secret@example.com/", UrlProblem::Credentials),
            ("ftp://example.com/", UrlProblem::NotAUrl),
            ("file:///etc/passwd", UrlProblem::NotAUrl),
            ("gopher://example.com/", UrlProblem::NotAUrl),
            ("https://", UrlProblem::NotAUrl),
            ("https://999.999.999.999/", UrlProblem::NotAUrl),
            ("https://[fe80::1%25eth0]/", UrlProblem::NotAUrl),
            ("https://example.com/#top", UrlProblem::NotAUrl),
            ("example.com", UrlProblem::NotAUrl),
            ("", UrlProblem::NotAUrl),
        ] {
            assert_eq!(endpoint_url(text, false).err(), Some(problem), "{text}");
        }
        assert_eq!(
            endpoint_url(&format!("https://example.com/{}", "a".repeat(2_000)), false).err(),
            Some(UrlProblem::NotAUrl)
        );
        for text in ["https://example.com/hook?a=b", " https://8.8.8.8:8443/x ", "https://[2606:4700:4700::1111]/"] {
            assert!(endpoint_url(text, false).is_ok(), "{text}");
        }
        for text in ["http://127.0.0.1:9/x", "http://receiver:8080/", "https://[::1]/"] {
            assert!(endpoint_url(text, true).is_ok(), "{text}");
        }
        assert_eq!(endpoint_url("http://u:p@127.0.0.1/", true).err(), Some(UrlProblem::Credentials));
    }
}
