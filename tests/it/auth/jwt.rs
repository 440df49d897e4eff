//! Tokens of an outside issuer, true ones and forged ones.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use axum::{Router, body::Body, http::Request, routing::get};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use frontdesk::accounts::BuiltInRole;
use jsonwebtoken::{Algorithm, EncodingKey, Header, jwk::Jwk};
use serde_json::{Value, json};

use super::{bearer, sql, user};
use crate::support::{App, Builder};

const ISSUER: &str = "https://id.example.com/";
const SECRET: &str = "a shared secret of forty characters here";

fn builder() -> Builder {
    App::builder().with("JWT_ISSUER", ISSUER).with("JWT_AUDIENCE", "frontdesk")
}

async fn with_vera(app: App) -> App {
    user(&app, "vera", "only here to watch", BuiltInRole::Viewer).await;
    sql(&app, "UPDATE users SET email = 'vera@example.com' WHERE username = 'vera'").await;
    app
}

fn claims(app: &App) -> Value {
    let now = app.clock.now().timestamp();
    json!({ "iss": ISSUER, "aud": "frontdesk", "sub": "vera-at-issuer", "email": "Vera@example.com", "exp": now + 600 })
}

fn with(mut claims: Value, name: &str, value: Value) -> Value {
    if value.is_null() {
        claims.as_object_mut().expect("claims").remove(name);
    } else {
        claims[name] = value;
    }
    claims
}

fn signed(algorithm: Algorithm, kid: Option<&str>, claims: &Value, key: &EncodingKey) -> String {
    let header = Header { kid: kid.map(str::to_owned), ..Header::new(algorithm) };
    jsonwebtoken::encode(&header, claims, key).expect("token")
}

fn hs256(claims: &Value, secret: &str) -> String {
    signed(Algorithm::HS256, None, claims, &EncodingKey::from_secret(secret.as_bytes()))
}

async fn status(app: &App, token: &str) -> u16 {
    bearer(app, token, "GET", "/api/contacts", None).await.status.as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_true_token_is_its_holders() {
    let app = with_vera(builder().with("JWT_SECRET", SECRET).start().await).await;
    let good = claims(&app);
    let me = bearer(&app, &hs256(&good, SECRET), "GET", "/api/auth/me", None).await.expect(200).json();
    assert_eq!((&me["user"]["username"], &me["via"]), (&"vera".into(), &"external_token".into()));
    // No more than her role allows, and without a session there is none to change.
    let path = "/api/appointments/01900000-0000-7000-8000-000000000000/cancel";
    bearer(&app, &hs256(&good, SECRET), "POST", path, None).await.expect(403);
    let over = json!({ "organization_id": app.organization.id });
    bearer(&app, &hs256(&good, SECRET), "PUT", "/api/auth/organization", Some(over)).await.expect(403);
    let now = app.clock.now().timestamp();
    for (name, value) in [
        ("aud", json!(["other", "frontdesk"])),
        ("exp", json!(now - 59)),
        ("nbf", json!(now + 59)),
        ("email_verified", json!(true)),
        // Known by her subject from now on, whatever the address says.
        ("email", json!("new@example.com")),
    ] {
        assert_eq!(status(&app, &hs256(&with(good.clone(), name, value.clone()), SECRET)).await, 200, "{name} {value}");
    }
    assert_eq!(app.count("SELECT count(*) FROM audit_log WHERE action = 'user.tied_to_issuer'").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_and_stale_tokens_are_refused() {
    let app = with_vera(builder().with("JWT_SECRET", SECRET).start().await).await;
    let (good, now) = (claims(&app), app.clock.now().timestamp());
    for (name, value) in [
        ("iss", json!("https://evil.example.com/")),
        ("iss", Value::Null),
        ("aud", json!("another")),
        ("aud", json!([])),
        ("aud", Value::Null),
        ("exp", json!(now - 60)),
        ("exp", json!("never")),
        ("exp", Value::Null),
        ("nbf", json!(now + 61)),
        ("sub", json!("")),
        ("sub", json!("a\0b")),
        ("sub", Value::Null),
        ("email", json!("nobody@example.com")),
        ("email", Value::Null),
        ("email_verified", json!(false)),
        ("email_verified", json!("false")),
    ] {
        assert_eq!(status(&app, &hs256(&with(good.clone(), name, value.clone()), SECRET)).await, 401, "{name} {value}");
    }
    let b64 = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let true_one = hs256(&good, SECRET);
    let signature = true_one.rsplit('.').next().expect("signature").to_owned();
    for forged in [
        hs256(&good, "another secret of forty characters here!"),
        hs256(&good, ""),
        format!("{}.{}.", b64(&json!({ "alg": "none", "typ": "JWT" })), b64(&good)),
        format!("{}.{}.{signature}", b64(&json!({ "alg": "none" })), b64(&good)),
        format!("{}.{}.{signature}", b64(&json!({ "alg": "HS256" })), b64(&with(good.clone(), "sub", json!("x")))),
        signed(Algorithm::HS512, None, &good, &EncodingKey::from_secret(SECRET.as_bytes())),
        signed(Algorithm::RS256, None, &good, &EncodingKey::from_rsa_der(RSA)),
        "..".to_owned(),
        "a.b.c".to_owned(),
        format!("{}.x.y", "x".repeat(20_000)),
    ] {
        assert_eq!(status(&app, &forged).await, 401, "{forged}");
    }
    assert_eq!(app.count("SELECT count(*) FROM users WHERE external_subject IS NOT NULL").await, 0);
    assert_eq!(status(&app, &true_one).await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_belongs_to_the_first_subject_that_came_with_it() {
    let app = with_vera(builder().with("JWT_SECRET", SECRET).start().await).await;
    let good = claims(&app);
    assert_eq!(status(&app, &hs256(&good, SECRET)).await, 200);
    let taken_over = with(good.clone(), "sub", json!("somebody-else"));
    assert_eq!(status(&app, &hs256(&taken_over, SECRET)).await, 401);
    sql(&app, "UPDATE users SET disabled_at = now() WHERE username = 'vera'").await;
    assert_eq!(status(&app, &hs256(&good, SECRET)).await, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn by_subject_only_where_so_configured() {
    let app = with_vera(builder().with("JWT_SECRET", SECRET).with("JWT_MATCH", "subject").start().await).await;
    let good = claims(&app);
    assert_eq!(status(&app, &hs256(&good, SECRET)).await, 401);
    sql(&app, "UPDATE users SET external_subject = 'vera-at-issuer' WHERE username = 'vera'").await;
    assert_eq!(status(&app, &hs256(&good, SECRET)).await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_header_chooses_among_ones_organizations() {
    let app = with_vera(builder().with("JWT_SECRET", SECRET).start().await).await;
    let (other, _) = app.second_organization().await;
    let token = hs256(&claims(&app), SECRET);
    let inside = |organization: String| {
        let request = Request::get("/api/auth/me")
            .header("authorization", format!("Bearer {token}"))
            .header("x-organization-id", organization);
        app.request(request.body(Body::empty()).expect("request"))
    };
    inside(other.to_string()).await.expect(404);
    sqlx::query(
        "INSERT INTO memberships (organization_id, user_id, role, created_at)
         SELECT $1, id, 'operator', now() FROM users WHERE username = 'vera'",
    )
    .bind(other.0)
    .execute(app.core.db.pool())
    .await
    .expect("membership");
    let me = inside(other.to_string()).await.expect(200).json();
    assert_eq!((&me["organization"]["name"], &me["user"]["role"]), (&"Other".into(), &"operator".into()));
    inside("nonsense".to_owned()).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_settings_no_token_works() {
    let app = with_vera(App::start().await).await;
    assert_eq!(status(&app, &hs256(&claims(&app), "")).await, 401);
}

/// Made for these tests; it opens nothing.
const RSA: &[u8] = include_bytes!("rsa_test_key.der");

fn ed25519(seed: u8) -> EncodingKey {
    let prefix = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
    EncodingKey::from_ed_der(&[&prefix[..], &[seed; 32][..]].concat())
}

fn public(key: &EncodingKey, algorithm: Algorithm, kid: &str) -> Value {
    let mut jwk = Jwk::from_encoding_key(key, algorithm).expect("public key");
    jwk.common.key_id = Some(kid.to_owned());
    serde_json::to_value(jwk).expect("JWK")
}

/// An issuer's key server that counts how often it is asked.
struct Issuer {
    url: String,
    keys: Arc<Mutex<Option<Vec<Value>>>>,
    asked: Arc<AtomicUsize>,
}

impl Issuer {
    async fn start(keys: Vec<Value>) -> Self {
        let (keys, asked) = (Arc::new(Mutex::new(Some(keys))), Arc::new(AtomicUsize::new(0)));
        let (served, counted) = (keys.clone(), asked.clone());
        let router = Router::new().route(
            "/jwks",
            get(move || {
                counted.fetch_add(1, Ordering::SeqCst);
                let keys = served.lock().expect("keys").clone();
                async move {
                    tokio::task::yield_now().await;
                    keys.map(|keys| axum::Json(json!({ "keys": keys }))).ok_or(axum::http::StatusCode::BAD_GATEWAY)
                }
            }),
        );
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("port");
        let url = format!("http://{}/jwks", listener.local_addr().expect("address"));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, keys, asked }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    fn serve(&self, keys: Option<Vec<Value>>) {
        *self.keys.lock().expect("keys") = keys;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn public_keys_are_fetched_kept_and_changed() {
    let (rsa, ed) = (EncodingKey::from_rsa_der(RSA), ed25519(7));
    let issuer = Issuer::start(vec![public(&rsa, Algorithm::RS256, "r1"), public(&ed, Algorithm::EdDSA, "e1")]).await;
    let app = with_vera(builder().with("JWT_JWKS_URL", &issuer.url).start().await).await;
    let by_rsa = |app: &App| signed(Algorithm::RS256, Some("r1"), &claims(app), &rsa);
    // Many at once are one question.
    let token = by_rsa(&app);
    let answers = futures::future::join_all((0..8).map(|_| status(&app, &token))).await;
    assert!(answers.iter().all(|s| *s == 200), "{answers:?}");
    assert_eq!(issuer.asked(), 1);
    assert_eq!(status(&app, &signed(Algorithm::EdDSA, Some("e1"), &claims(&app), &ed)).await, 200);
    // Another key's signature, and a key meant for another algorithm.
    assert_eq!(status(&app, &signed(Algorithm::EdDSA, Some("e1"), &claims(&app), &ed25519(8))).await, 401);
    assert_eq!(status(&app, &signed(Algorithm::RS512, Some("r1"), &claims(&app), &rsa)).await, 401);
    assert_eq!(status(&app, &signed(Algorithm::RS256, None, &claims(&app), &rsa)).await, 401, "which of two?");
    // Made-up key ids ask once a minute at most; known keys go on without asking.
    for n in 0..5 {
        let unknown = signed(Algorithm::EdDSA, Some(&format!("x{n}")), &claims(&app), &ed);
        assert_eq!(status(&app, &unknown).await, 401);
    }
    assert_eq!(issuer.asked(), 1, "asked a moment ago");
    app.clock.advance(TimeDelta::seconds(61));
    let new = ed25519(9);
    issuer.serve(Some(vec![public(&rsa, Algorithm::RS256, "r1"), public(&new, Algorithm::EdDSA, "e2")]));
    assert_eq!(status(&app, &signed(Algorithm::EdDSA, Some("e2"), &claims(&app), &new)).await, 200);
    assert_eq!(issuer.asked(), 2);
    assert_eq!(status(&app, &signed(Algorithm::EdDSA, Some("e1"), &claims(&app), &ed)).await, 401, "withdrawn");
    // The issuer is down: what is known works for an hour, and no longer.
    issuer.serve(None);
    app.clock.advance(TimeDelta::minutes(11));
    assert_eq!(status(&app, &by_rsa(&app)).await, 200);
    assert_eq!(issuer.asked(), 3);
    app.clock.advance(TimeDelta::minutes(50));
    assert_eq!(status(&app, &by_rsa(&app)).await, 401);
    app.clock.advance(TimeDelta::minutes(2));
    issuer.serve(Some(vec![public(&rsa, Algorithm::RS256, "r1")]));
    assert_eq!(status(&app, &by_rsa(&app)).await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_key_is_no_shared_secret() {
    let rsa = EncodingKey::from_rsa_der(RSA);
    let key = public(&rsa, Algorithm::RS256, "r1");
    let mut shared = json!({ "kty": "oct", "kid": "s1", "k": URL_SAFE_NO_PAD.encode(SECRET) });
    shared["alg"] = "HS256".into();
    let issuer = Issuer::start(vec![key.clone(), shared]).await;
    let app = with_vera(builder().with("JWT_JWKS_URL", &issuer.url).start().await).await;
    let modulus = key["n"].as_str().expect("n");
    let decoded = URL_SAFE_NO_PAD.decode(modulus).expect("base64");
    for secret in [modulus.as_bytes(), &decoded, key.to_string().as_bytes(), SECRET.as_bytes(), b""] {
        for kid in [Some("r1"), Some("s1"), None] {
            for algorithm in [Algorithm::HS256, Algorithm::HS384] {
                let token = signed(algorithm, kid, &claims(&app), &EncodingKey::from_secret(secret));
                assert_eq!(status(&app, &token).await, 401, "{algorithm:?} {kid:?}");
            }
        }
    }
    // A header that brings its own key is not believed.
    let mut header = Header::new(Algorithm::EdDSA);
    header.jwk = Some(Jwk::from_encoding_key(&ed25519(3), Algorithm::EdDSA).expect("key"));
    let token = jsonwebtoken::encode(&header, &claims(&app), &ed25519(3)).expect("token");
    assert_eq!(status(&app, &token).await, 401);
    assert_eq!(status(&app, &signed(Algorithm::RS256, Some("r1"), &claims(&app), &rsa)).await, 200);
}
