//! The second factor: on, off, and no code twice.

use axum::{
    body::Body,
    http::{Request, header},
};
use chrono::TimeDelta;
use serde_json::json;
use totp_rs::{Builder, Secret};

use super::{PASSWORD, audited, bearer, open, text, token};
use crate::support::{ApiResponse, App};

const KEY: &str = "0123456789abcdef0123456789abcdef";

async fn start() -> App {
    App::builder().with("ENCRYPTION_KEY", KEY).start().await
}

/// What the authenticator app shows `steps` from now.
pub fn code(app: &App, secret: &str, steps: i64) -> String {
    let secret = Secret::try_from_base32(secret).expect("base 32");
    let at = app.clock.now().timestamp() + 30 * steps;
    Builder::new().with_secret(secret).build().expect("secret").generate(at.cast_unsigned()).to_string()
}

async fn sign_in(app: &App, code: Option<&str>) -> ApiResponse {
    open(app, "/api/auth/login", json!({ "login": "admin", "password": PASSWORD, "code": code })).await
}

/// Turns it on; the secret and the recovery codes.
async fn enrol(app: &App, access: &str) -> (String, Vec<String>) {
    let password = json!({ "password": PASSWORD });
    let begun = bearer(app, access, "POST", "/api/auth/me/totp", Some(password)).await.expect(201).json();
    assert!(text(&begun["otpauth_uri"]).starts_with("otpauth://totp/Frontdesk:admin?secret="), "{begun}");
    assert!(text(&begun["qr_svg"]).starts_with("<svg"));
    let secret = text(&begun["secret"]);
    sign_in(app, None).await.expect(200);
    let first = json!({ "code": code(app, &secret, 0) });
    let on = bearer(app, access, "POST", "/api/auth/me/totp/confirm", Some(first)).await.expect(200).json();
    let codes: Vec<String> = on["recovery_codes"].as_array().expect("codes").iter().map(text).collect();
    assert_eq!(codes.len(), 10);
    (secret, codes)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_asked_for_and_works_once() {
    let app = start().await;
    let access = token(&app, "admin", PASSWORD).await;
    let (secret, _) = enrol(&app, &access).await;
    let me = bearer(&app, &access, "GET", "/api/auth/me", None).await.expect(200).json();
    assert_eq!(me["user"]["second_factor"], true);
    assert_eq!(sign_in(&app, None).await.expect(401).json()["code"], "second_factor_required");
    assert_eq!(sign_in(&app, Some(" ")).await.expect(401).json()["code"], "second_factor_required");
    let used = code(&app, &secret, 0);
    let replay = sign_in(&app, Some(&used)).await.expect(401).json();
    assert_eq!(replay["code"], "second_factor_invalid", "the one it was turned on with");
    let next = code(&app, &secret, 1);
    sign_in(&app, Some(&format!("{} {}", &next[..3], &next[3..]))).await.expect(200);
    sign_in(&app, Some(&next)).await.expect(401);
    // A step earlier than one used does not work either, though it is within the allowed drift.
    app.clock.advance(TimeDelta::seconds(60));
    let (earlier, later) = (code(&app, &secret, -1), code(&app, &secret, 0));
    sign_in(&app, Some(&later)).await.expect(200);
    sign_in(&app, Some(&earlier)).await.expect(401);
    app.clock.advance(TimeDelta::minutes(3));
    sign_in(&app, Some(&code(&app, &secret, 2))).await.expect(401);
    sign_in(&app, Some(&code(&app, &secret, -2))).await.expect(401);
    assert!(audited(&app).await.contains(&"user.second_factor_failed".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_code_in_many_sign_ins_at_once_works_once() {
    let app = start().await;
    let (secret, codes) = enrol(&app, &token(&app, "admin", PASSWORD).await).await;
    let next = code(&app, &secret, 1);
    for once in [next, codes[0].clone()] {
        let answers = futures::future::join_all((0..4).map(|_| sign_in(&app, Some(&once)))).await;
        assert_eq!(answers.iter().filter(|a| a.status == 200).count(), 1, "{once}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_codes_count_as_failures_and_a_missing_one_does_not() {
    let app = start().await;
    let (secret, _) = enrol(&app, &token(&app, "admin", PASSWORD).await).await;
    for _ in 0..5 {
        // The right password alone is neither a failure nor does it forgive any.
        for _ in 0..2 {
            assert_eq!(sign_in(&app, None).await.expect(401).json()["code"], "second_factor_required");
        }
        assert_eq!(sign_in(&app, Some("000000x")).await.expect(401).json()["code"], "second_factor_invalid");
        app.clock.advance(TimeDelta::seconds(1));
    }
    sign_in(&app, Some(&code(&app, &secret, 1))).await.expect(429);
    app.clock.advance(TimeDelta::minutes(1));
    sign_in(&app, Some(&code(&app, &secret, 1))).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn recovery_codes_stand_in_once_each() {
    let app = start().await;
    let access = token(&app, "admin", PASSWORD).await;
    let (_, codes) = enrol(&app, &access).await;
    sign_in(&app, Some(&codes[3])).await.expect(200);
    sign_in(&app, Some(&codes[3])).await.expect(401);
    sign_in(&app, Some(&codes[4].to_uppercase().replace('-', " "))).await.expect(200);
    let password = json!({ "password": PASSWORD });
    let again = bearer(&app, &access, "POST", "/api/auth/me/recovery-codes", Some(password)).await.expect(201).json();
    sign_in(&app, Some(&codes[5])).await.expect(401);
    sign_in(&app, Some(&text(&again["recovery_codes"][9]))).await.expect(200);
    let told = codes.join(" ");
    let kept: Vec<Vec<u8>> =
        sqlx::query_scalar("SELECT code_hash FROM recovery_codes").fetch_all(app.core.db.pool()).await.expect("codes");
    assert!(kept.iter().all(|hash| hash.len() == 32 && !told.as_bytes().windows(32).any(|w| w == hash)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_dashboard_asks_for_it_too() {
    let app = start().await;
    let (secret, _) = enrol(&app, &token(&app, "admin", PASSWORD).await).await;
    let login = |code: Option<String>| {
        let body = json!({ "username": "admin", "password": PASSWORD, "code": code }).to_string();
        let request = Request::post("/api/admin/auth/login").header("content-type", "application/json");
        app.request(request.body(Body::from(body)).expect("request"))
    };
    let refused = login(None).await.expect(401);
    assert_eq!(refused.json()["code"], "second_factor_required");
    assert!(!refused.headers.contains_key(header::SET_COOKIE));
    let open = login(Some(code(&app, &secret, 1))).await.expect(200);
    assert!(open.headers.contains_key(header::SET_COOKIE));
}

#[tokio::test(flavor = "multi_thread")]
async fn turning_it_on_and_off_takes_the_password() {
    let app = start().await;
    let access = token(&app, "admin", PASSWORD).await;
    let ask = |method: &'static str, path: &'static str, password: &'static str| {
        bearer(&app, &access, method, path, Some(json!({ "password": password })))
    };
    let totp = "/api/auth/me/totp";
    let wrong = ask("POST", totp, "wrong").await.expect(422).json();
    assert_eq!((&wrong["errors"][0]["field"], &wrong["errors"][0]["code"]), (&"password".into(), &"wrong".into()));
    let confirm =
        |code: String| bearer(&app, &access, "POST", "/api/auth/me/totp/confirm", Some(json!({ "code": code })));
    confirm("123456".to_owned()).await.expect(404);
    ask("POST", "/api/auth/me/recovery-codes", PASSWORD).await.expect(404);
    let (secret, _) = {
        ask("POST", totp, PASSWORD).await.expect(201);
        let field = confirm("nonsense".to_owned()).await.expect(422).json();
        assert_eq!(field["errors"][0]["field"], "code");
        enrol(&app, &access).await
    };
    assert_eq!(ask("POST", totp, PASSWORD).await.expect(409).json()["code"], "already_exists");
    confirm(code(&app, &secret, 1)).await.expect(409);
    ask("DELETE", totp, "wrong").await.expect(422);
    sign_in(&app, None).await.expect(401);
    ask("DELETE", totp, PASSWORD).await.expect(204);
    sign_in(&app, None).await.expect(200);
    assert_eq!(app.count("SELECT count(*) FROM recovery_codes").await, 0);
    // A stolen session is no way to guess the password on.
    for _ in 0..5 {
        ask("DELETE", totp, "wrong").await.expect(422);
    }
    ask("DELETE", totp, PASSWORD).await.expect(429);
    let log = audited(&app).await;
    for action in ["user.second_factor_begun", "user.second_factor_on", "user.second_factor_off"] {
        assert!(log.contains(&action.to_owned()), "{action} in {log:?}");
    }
    assert_eq!(app.api("POST", totp, Some(json!({ "password": "x" }))).await.expect(403).json()["code"], "forbidden");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_to_seal_with_there_is_none() {
    let app = App::start().await;
    let access = token(&app, "admin", PASSWORD).await;
    let answer = bearer(&app, &access, "POST", "/api/auth/me/totp", Some(json!({ "password": PASSWORD }))).await;
    assert_eq!(answer.expect(409).json()["code"], "no_encryption_key");
}
