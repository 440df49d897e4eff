//! Limits on how often somebody may ask, and whose pages may.

use std::{net::SocketAddr, time::Duration};

use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{Request, request::Builder},
};
use frontdesk::{
    accounts::Permission,
    platform::{
        jobs::Transport,
        limits::{Bucket, Limiter},
    },
};
use serde_json::json;

use crate::support::{API_KEY, ApiResponse, App, servers};

fn from(address: &str, builder: Builder) -> Builder {
    let peer: SocketAddr = format!("{address}:4711").parse().expect("address");
    builder.extension(ConnectInfo(peer))
}

async fn get(app: &App, address: &str, key: &str, path: &str) -> ApiResponse {
    let request = from(address, Request::get(path).header("x-api-key", key));
    app.request(request.body(Body::empty()).expect("request")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_asks_too_often_is_told_to_wait() {
    // Two at once, and one more every five seconds.
    let app = App::builder().without_demo().with("RATE_LIMIT_PER_MINUTE", "12").start().await;
    for left in [1, 0] {
        let answer = get(&app, "198.51.100.1", API_KEY, "/api/services").await.expect(200);
        assert_eq!(answer.headers["ratelimit-policy"], "\"default\";q=12;w=60");
        let now = answer.headers["ratelimit"].to_str().expect("text").to_owned();
        assert!(now.starts_with(&format!("\"default\";r={left};t=")), "{now}");
    }
    // By whichever address, name of the API, or operation; also one that does not exist for this method.
    for (address, path) in
        [("198.51.100.1", "/api/services"), ("198.51.100.2", "/api/v1/contacts"), ("198.51.100.1", "/api/inbox")]
    {
        let refused = get(&app, address, API_KEY, path).await.expect(429);
        assert_eq!(refused.json()["code"], "rate_limited");
        assert_eq!(refused.headers["content-type"], "application/problem+json");
        let wait: u64 = refused.headers["retry-after"].to_str().expect("text").parse().expect("seconds");
        assert!((1..=6).contains(&wait), "{wait}");
        assert!(refused.headers["ratelimit"].to_str().expect("text").starts_with("\"default\";r=0;t="));
    }
    // Others have their own.
    let colleague = app.key_with(app.organization.id, Permission::ALL).await;
    get(&app, "198.51.100.1", &colleague, "/api/services").await.expect(200);
    let (_, other) = app.second_organization().await;
    get(&app, "198.51.100.1", &other, "/api/services").await.expect(200);
    // What looks after the installation, and what is not the API, is not counted.
    for path in ["/api/health", "/api/health/live", "/api/openapi.json", "/docs/"] {
        for _ in 0..4 {
            let answer = get(&app, "198.51.100.1", API_KEY, path).await.expect(200);
            assert!(!answer.headers.contains_key("ratelimit"), "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_asks_too_often_is_told_to_wait() {
    // Fifteen at once, so one try to sign in and five more.
    let app = App::builder().without_demo().with("RATE_LIMIT_ADDRESS_PER_MINUTE", "90").start().await;
    let sign_in = || async {
        let body = json!({ "username": "admin", "password": "wrong" }).to_string();
        let request =
            from("198.51.100.1", Request::post("/api/admin/auth/login").header("content-type", "application/json"));
        app.request(request.body(Body::from(body)).expect("request")).await
    };
    let first = sign_in().await.expect(401);
    assert_eq!(first.headers["ratelimit-policy"], "\"address\";q=90;w=60");
    assert!(first.headers["ratelimit"].to_str().expect("text").starts_with("\"address\";r=5;t="));
    sign_in().await.expect(429);
    for (address, status) in [("2001:db8::1", 200), ("198.51.100.2", 200)] {
        let address = if address.contains(':') { format!("[{address}]") } else { address.to_owned() };
        get(&app, &address, API_KEY, "/api/services").await.expect(status);
    }
    // Nobody in particular is counted too, and a wrong key costs no look-up any more once the address is out.
    for _ in 0..16 {
        get(&app, "198.51.100.3", "wrong", "/api/services").await;
    }
    get(&app, "198.51.100.3", "wrong", "/api/services").await.expect(429);
    // Another installation on the same Redis does not notice.
    let other = App::builder().without_demo().with("RATE_LIMIT_ADDRESS_PER_MINUTE", "90").start().await;
    get(&other, "198.51.100.3", API_KEY, "/api/services").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_hold_over_processes_and_without_redis() {
    let bucket = |key: String| Bucket { name: "default", key, per_minute: 60, cost: 1 };
    let limiter = |url: &str| Limiter::new(Transport::lazy(url).expect("URL").connection());
    let redis = &servers().await.redis_url;
    // Two processes, one bucket of ten.
    let (one, two) = (limiter(redis), limiter(redis));
    let key = frontdesk::platform::crypto::random_token(9);
    let mut granted = 0;
    for n in 0..20 {
        let process = if n % 2 == 0 { &one } else { &two };
        let standing = process.take(&[bucket(key.clone())]).await[0];
        granted += u32::from(standing.wait.is_zero());
    }
    assert!((10..=12).contains(&granted), "{granted} of twenty, in hardly a second");
    // A Redis that does not answer at all: nobody waits for it, and the limit holds in each process.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("listen");
    let alone = limiter(&format!("redis://{}/", silent.local_addr().expect("address")));
    let started = tokio::time::Instant::now();
    let mut granted = 0;
    for _ in 0..20 {
        granted += u32::from(alone.take(&[bucket("x".to_owned())]).await[0].wait.is_zero());
    }
    assert!((10..=12).contains(&granted), "{granted}");
    assert!(started.elapsed() < Duration::from_secs(2), "one wait, then a pause: {:?}", started.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_listed_origins_may_call_the_api_and_no_others() {
    let app = App::builder()
        .without_demo()
        .with("CORS_ORIGINS", "https://app.example.org, http://localhost:3000")
        .with("RATE_LIMIT_PER_MINUTE", "600")
        .start()
        .await;
    let preflight = |origin: &'static str, path: &'static str| {
        let request = Request::options(path)
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "x-api-key, idempotency-key, if-match, content-type");
        app.request(request.body(Body::empty()).expect("request"))
    };
    for path in ["/api/knowledge", "/api/v1/knowledge"] {
        let allowed = preflight("https://app.example.org", path).await.expect(200);
        assert_eq!(allowed.headers["access-control-allow-origin"], "https://app.example.org");
        assert!(allowed.headers["access-control-allow-headers"].to_str().expect("text").contains("idempotency-key"));
        assert!(!allowed.headers.contains_key("access-control-allow-credentials"), "the cookie is for our own pages");
    }
    for origin in ["https://evil.example.org", "null", "https://app.example.org.evil.com"] {
        let refused = preflight(origin, "/api/knowledge").await;
        assert!(!refused.headers.contains_key("access-control-allow-origin"), "{origin}");
    }
    let request = Request::get("/api/services").header("origin", "http://localhost:3000").header("x-api-key", API_KEY);
    let answer = app.request(request.body(Body::empty()).expect("request")).await.expect(200);
    let exposed = answer.headers["access-control-expose-headers"].to_str().expect("text").to_lowercase();
    for name in ["etag", "ratelimit", "ratelimit-policy", "x-request-id", "retry-after", "idempotency-replayed"] {
        assert!(exposed.split(',').any(|e| e.trim() == name), "{name} in {exposed}");
    }
    // A listed page that comes with the cookie is another site's all the same.
    let login = json!({ "username": "admin", "password": "correct horse battery" }).to_string();
    let login =
        Request::post("/api/admin/auth/login").header("content-type", "application/json").body(Body::from(login));
    let cookie = app.request(login.expect("request")).await.expect(200).headers["set-cookie"].clone();
    let request = Request::post("/api/knowledge/match")
        .header("origin", "https://app.example.org")
        .header("cookie", cookie.to_str().expect("text").split(';').next().expect("pair"))
        .header("content-type", "application/json");
    let refused = app.request(request.body(Body::from(r#"{"text":"x"}"#)).expect("request")).await.expect(403);
    assert_eq!(refused.json()["code"], "bad_origin");
    // Webhooks and pages are nobody else's.
    let page = preflight("https://app.example.org", "/webhooks/sms/inbound").await;
    assert!(!page.headers.contains_key("access-control-allow-origin"));
}
