//! The public keys of an outside issuer, fetched from its address and kept for ten minutes.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::jwk::{Jwk, JwkSet};
use url::Url;

use crate::platform::clock::Clock;

/// Keys are taken as current this long.
const FRESH: TimeDelta = TimeDelta::minutes(10);
/// While the issuer cannot be reached, keys of before are taken this long and no longer: one may have been withdrawn.
const STALE: TimeDelta = TimeDelta::hours(1);
/// Tokens with made-up key ids must not make us ask the issuer all the time.
const BETWEEN_FETCHES: TimeDelta = TimeDelta::minutes(1);
const TIMEOUT: Duration = Duration::from_secs(5);
const MOST_BYTES: usize = 256 * 1024;

/// By the address they come from: keys belong to the issuer, not to who asks.
static CACHE: LazyLock<Mutex<HashMap<Url, Arc<Source>>>> = LazyLock::new(Mutex::default);

#[derive(Default)]
struct Source {
    known: Mutex<Known>,
    /// Held by whoever fetches.
    fetching: tokio::sync::Mutex<()>,
}

#[derive(Clone, Default)]
struct Known {
    keys: Arc<Vec<Jwk>>,
    fetched_at: Option<DateTime<Utc>>,
    tried_at: Option<DateTime<Utc>>,
}

impl Known {
    fn find(&self, kid: Option<&str>) -> Option<Jwk> {
        match kid {
            Some(kid) => self.keys.iter().find(|key| key.common.key_id.as_deref() == Some(kid)).cloned(),
            // A token that names no key can only mean the one there is.
            None if self.keys.len() == 1 => self.keys.first().cloned(),
            None => None,
        }
    }

    fn within(&self, age: TimeDelta, now: DateTime<Utc>) -> bool {
        self.fetched_at.is_some_and(|at| now - at < age)
    }

    fn may_fetch(&self, now: DateTime<Utc>) -> bool {
        self.tried_at.is_none_or(|at| now - at >= BETWEEN_FETCHES)
    }
}

/// The key of that id; none: the issuer has no such key, or cannot be asked. Whoever finds a key that is known does not wait for a fetch.
pub(super) async fn key(url: &Url, kid: Option<&str>, clock: &Clock) -> Option<Jwk> {
    let source = CACHE.lock().expect("key cache").entry(url.clone()).or_default().clone();
    let known = source.read();
    let now = clock.now();
    if known.within(FRESH, now)
        && let Some(key) = known.find(kid)
    {
        return Some(key);
    }
    let stale = known.find(kid).filter(|_| known.within(STALE, now));
    let turn = match (source.fetching.try_lock(), &stale) {
        (Ok(turn), _) => turn,
        // Somebody is at it; what was known is good enough meanwhile.
        (Err(_), Some(_)) => return stale,
        (Err(_), None) => source.fetching.lock().await,
    };
    let known = source.read();
    if known.may_fetch(now) {
        source.known.lock().expect("keys").tried_at = Some(now);
        match fetch(url).await {
            Ok(keys) => {
                tracing::info!(keys = keys.len(), "jwks.fetched");
                let mut known = source.known.lock().expect("keys");
                (known.keys, known.fetched_at) = (Arc::new(keys), Some(now));
            }
            Err(error) => tracing::warn!(error = %error, "jwks.unreachable"),
        }
    }
    drop(turn);
    let known = source.read();
    known.find(kid).filter(|_| known.within(STALE, now))
}

impl Source {
    fn read(&self) -> Known {
        self.known.lock().expect("keys").clone()
    }
}

async fn fetch(url: &Url) -> anyhow::Result<Vec<Jwk>> {
    static CLIENT: LazyLock<Result<reqwest::Client, reqwest::Error>> = LazyLock::new(|| {
        reqwest::Client::builder().timeout(TIMEOUT).redirect(reqwest::redirect::Policy::none()).build()
    });
    let client = CLIENT.as_ref().map_err(|e| anyhow::anyhow!("no HTTP client: {e}"))?;
    let mut response = client.get(url.clone()).send().await?.error_for_status()?;
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await? {
        anyhow::ensure!(body.len() + piece.len() <= MOST_BYTES, "the key set is too long");
        body.extend_from_slice(&piece);
    }
    Ok(serde_json::from_slice::<JwkSet>(&body)?.keys)
}
