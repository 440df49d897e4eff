//! Limits on how often one caller and one address may ask, for every operation of the API alike.

use std::{net::IpAddr, sync::Arc};

use axum::{
    extract::{FromRequestParts, MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method},
    middleware::Next,
    response::{IntoResponse, Response},
};
use tokio::sync::OnceCell;

use super::staff;
use crate::{
    accounts::{
        authorization::{Access, access},
        store,
    },
    platform::{
        http::{ClientAddress, Core},
        limits::{Bucket, Limiter, Standing},
        problem::{Code, Problem},
    },
};

/// A try to sign in counts as so many requests of its address.
const SIGN_IN_COST: u32 = 10;

/// What the middleware needs.
#[derive(Clone)]
pub struct Limits {
    core: Core,
    limiter: Limiter,
    /// Tells the addresses of this installation from those of others that use the same Redis.
    installation: Arc<OnceCell<String>>,
}

impl Limits {
    pub fn new(core: Core, limiter: Limiter) -> Self {
        Self { core, limiter, installation: Arc::default() }
    }

    async fn address_bucket(&self, ip: IpAddr, cost: u32) -> Option<Bucket> {
        let per_minute = self.core.config.conduct.address_per_minute;
        if per_minute == 0 {
            return None;
        }
        let installation = self.installation.get_or_try_init(|| async {
            let mut system = self.core.db.system_lookup().await?;
            let first = store::first_organization(&mut system).await?;
            Ok::<_, sqlx::Error>(first.map(|o| o.id.to_string()).unwrap_or_default())
        });
        // Without the database nothing is answered anyway.
        let installation = installation.await.ok()?;
        Some(Bucket { name: "address", key: format!("{installation}:{}", neighbourhood(ip)), per_minute, cost })
    }
}

/// Who has one IPv6 address usually has 2^64 of them.
fn neighbourhood(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(v6) => IpAddr::from((u128::from(v6) >> 64 << 64).to_be_bytes()),
        v4 => v4,
    }
}

/// Counts the request, refuses it where there were too many, and says how things stand.
pub async fn limit(State(limits): State<Limits>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let Ok(ClientAddress(ip)) = ClientAddress::from_request_parts(&mut parts, &()).await;
    let path = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let open = matches!(access(parts.method.as_str(), path), Some(Access::Anyone));
    let cost = if open && parts.method == Method::POST { SIGN_IN_COST } else { 1 };
    let mut buckets = Vec::new();
    if let Some(address) = limits.address_bucket(ip, cost).await {
        // Before anything is looked up: a flood must be cheap to refuse.
        if let Some(standing) = limits.limiter.refused(&address) {
            return refuse(&[standing]);
        }
        buckets.push(address);
    }
    let per_minute = limits.core.config.conduct.caller_per_minute;
    if per_minute > 0
        && !open
        && let Ok(caller) = staff::caller(&mut parts, &limits.core).await
    {
        let key = format!("{}:{}", caller.organization.id, caller.subject());
        buckets.insert(0, Bucket { name: "default", key, per_minute, cost: 1 });
    }
    let standings = limits.limiter.take(&buckets).await;
    if standings.iter().any(|s| !s.wait.is_zero()) {
        return refuse(&standings);
    }
    let mut response = next.run(Request::from_parts(parts, body)).await;
    tell(response.headers_mut(), &standings);
    response
}

fn refuse(standings: &[Standing]) -> Response {
    let wait = standings.iter().map(|s| s.wait).max().unwrap_or_default();
    let seconds = wait.as_secs() + 1;
    let detail = format!("Wait {seconds} second(s), and then ask more slowly.");
    let mut response = Problem::new(Code::RateLimited, detail).retry_after(seconds).into_response();
    tell(response.headers_mut(), standings);
    response
}

/// `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers): what is granted per minute; what may be asked for now, and in
/// how many seconds everything that may be asked for at once is there again.
fn tell(headers: &mut HeaderMap, standings: &[Standing]) {
    if standings.is_empty() {
        return;
    }
    let list = |item: &dyn Fn(&Standing) -> String| standings.iter().map(item).collect::<Vec<_>>().join(", ");
    let policy = list(&|s| format!("\"{}\";q={};w=60", s.name, s.per_minute));
    let now = list(&|s| {
        let seconds = s.full_in.as_millis().div_ceil(1000);
        format!("\"{}\";r={};t={seconds}", s.name, s.remaining)
    });
    for (name, value) in [("ratelimit-policy", policy), ("ratelimit", now)] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv6_network_is_one_address() {
        let ip = |text: &str| text.parse::<IpAddr>().expect("address");
        assert_eq!(neighbourhood(ip("2001:db8:1:2:3::4")), ip("2001:db8:1:2::"));
        assert_eq!(neighbourhood(ip("::ffff:192.0.2.7")), ip("192.0.2.7"));
    }
}
