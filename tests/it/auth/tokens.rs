//! Bearer tokens: how long they work, how they are renewed, and what happens to copies.

use axum::{body::Body, http::Request};
use chrono::TimeDelta;
use frontdesk::accounts::BuiltInRole;
use serde_json::{Value, json};

use super::{PASSWORD, audited, bearer, open, sign_in, sql, text, token, user};
use crate::support::{ApiResponse, App};

async fn refresh(app: &App, token: &str) -> ApiResponse {
    open(app, "/api/auth/refresh", json!({ "refresh_token": token })).await
}

async fn works(app: &App, token: &str) -> bool {
    bearer(app, token, "GET", "/api/contacts", None).await.status == 200
}

#[tokio::test(flavor = "multi_thread")]
async fn half_an_hour_and_then_the_next_pair() {
    let app = App::start().await;
    let first = sign_in(&app, "ADMIN", PASSWORD).await;
    assert_eq!((&first["token_type"], &first["expires_in"]), (&"Bearer".into(), &1800.into()));
    assert_eq!((&first["me"]["user"]["username"], &first["me"]["via"]), (&"admin".into(), &"bearer".into()));
    assert_eq!(first["refresh_expires_at"], "2026-11-28T15:00:00Z");
    let (access, renewal) = (text(&first["access_token"]), text(&first["refresh_token"]));
    // By both names of the API, and without an Origin that only browsers know.
    bearer(&app, &access, "GET", "/api/v1/contacts", None).await.expect(200);
    app.clock.advance(TimeDelta::minutes(29));
    assert!(works(&app, &access).await);
    app.clock.advance(TimeDelta::minutes(1));
    assert!(!works(&app, &access).await, "half an hour is over");
    let second = refresh(&app, &renewal).await.expect(200).json();
    assert!(works(&app, &text(&second["access_token"])).await);
    app.clock.advance(TimeDelta::days(7));
    let late = refresh(&app, &text(&second["refresh_token"])).await.expect(401).json();
    assert_eq!(late["code"], "invalid_refresh_token");
    assert_eq!(app.count("SELECT count(*) FROM sessions").await, 0, "a session that is over is gone");
    assert_eq!(refresh(&app, "made up").await.expect(401).json()["code"], "invalid_refresh_token");
    // Nothing that was told can be found in the database.
    assert_eq!(app.count("SELECT count(*) FROM refresh_tokens WHERE length(token_hash) <> 32").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_that_comes_again_ends_the_session_of_both() {
    let app = App::start().await;
    let first = sign_in(&app, "admin", PASSWORD).await;
    let elsewhere = token(&app, "admin", PASSWORD).await;
    let second = refresh(&app, &text(&first["refresh_token"])).await.expect(200).json();
    assert!(!works(&app, &text(&first["access_token"])).await, "the pair before is over");
    assert!(works(&app, &text(&second["access_token"])).await);
    refresh(&app, &text(&first["refresh_token"])).await.expect(401);
    assert!(!works(&app, &text(&second["access_token"])).await, "thief or owner: both sign in again");
    refresh(&app, &text(&second["refresh_token"])).await.expect(401);
    assert!(works(&app, &elsewhere).await, "other devices go on");
    assert!(audited(&app).await.contains(&"user.refresh_token_reused".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_refreshes_at_once_one_wins_and_the_rest_are_copies() {
    let app = App::start().await;
    let first = sign_in(&app, "admin", PASSWORD).await;
    let renewal = text(&first["refresh_token"]);
    let answers = futures::future::join_all((0..8).map(|_| refresh(&app, &renewal))).await;
    let won: Vec<&ApiResponse> = answers.iter().filter(|a| a.status == 200).collect();
    assert_eq!(won.len(), 1);
    assert!(answers.iter().all(|a| [200, 401].contains(&a.status.as_u16())));
    assert!(!works(&app, &text(&won[0].json()["access_token"])).await);
    assert_eq!(app.count("SELECT count(*) FROM refresh_tokens").await, 0);
    assert_eq!(audited(&app).await.iter().filter(|a| *a == "user.refresh_token_reused").count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_ends_this_one_or_all() {
    let app = App::start().await;
    let (here, there) = (sign_in(&app, "admin", PASSWORD).await, sign_in(&app, "admin", PASSWORD).await);
    let (here_token, there_token) = (text(&here["access_token"]), text(&there["access_token"]));
    bearer(&app, &here_token, "POST", "/api/auth/logout", None).await.expect(204);
    assert!(!works(&app, &here_token).await && works(&app, &there_token).await);
    refresh(&app, &text(&here["refresh_token"])).await.expect(401);
    let third = token(&app, "admin", PASSWORD).await;
    bearer(&app, &third, "POST", "/api/auth/logout-all", None).await.expect(204);
    assert!(!works(&app, &third).await && !works(&app, &there_token).await);
    refresh(&app, &text(&there["refresh_token"])).await.expect(401);
    let log = audited(&app).await;
    assert!(log.contains(&"user.signed_out".to_owned()) && log.contains(&"user.signed_out_everywhere".to_owned()));
    // A key has no session, and no colleagues' either.
    app.api("POST", "/api/auth/logout", None).await.expect(204);
    assert_eq!(app.api("POST", "/api/auth/logout-all", None).await.expect(403).json()["code"], "forbidden");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_shut_out_is_out_at_once() {
    let app = App::start().await;
    user(&app, "vera", "only here to watch", BuiltInRole::Viewer).await;
    for (shut, open_again) in [
        (
            "UPDATE users SET disabled_at = now() WHERE username = 'vera'",
            "UPDATE users SET disabled_at = NULL WHERE username = 'vera'",
        ),
        (
            "UPDATE memberships SET disabled_at = now() WHERE role = 'viewer'",
            "UPDATE memberships SET disabled_at = NULL WHERE role = 'viewer'",
        ),
        (
            "UPDATE memberships SET removed_at = now() WHERE role = 'viewer'",
            "UPDATE memberships SET removed_at = NULL WHERE role = 'viewer'",
        ),
        ("UPDATE organizations SET disabled_at = now()", "UPDATE organizations SET disabled_at = NULL"),
    ] {
        let pair = sign_in(&app, "vera", "only here to watch").await;
        let access = text(&pair["access_token"]);
        assert!(works(&app, &access).await);
        sql(&app, shut).await;
        assert!(!works(&app, &access).await, "{shut}");
        refresh(&app, &text(&pair["refresh_token"])).await.expect(401);
        let again = json!({ "login": "vera", "password": "only here to watch" });
        assert_eq!(open(&app, "/api/auth/login", again).await.expect(401).json()["code"], "invalid_credentials");
        sql(&app, open_again).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_bodies_and_headers_are_refused() {
    let app = App::start().await;
    for body in [
        json!({ "login": "a\0b", "password": "x" }),
        json!({ "login": "x".repeat(300), "password": "x" }),
        json!({ "login": "admin" }),
        json!({ "login": "admin", "password": "x", "code": "1".repeat(101) }),
        json!({ "login": "admin", "password": "x", "superuser": true }),
    ] {
        open(&app, "/api/auth/login", body).await.expect(422);
    }
    let pair: Value = sign_in(&app, "admin", PASSWORD).await;
    let (access, renewal) = (text(&pair["access_token"]), text(&pair["refresh_token"]));
    for header in [format!("Bearer {renewal}"), format!("Basic {access}"), access.clone(), "Bearer".to_owned()] {
        let request = Request::get("/api/contacts").header("authorization", header);
        app.request(request.body(Body::empty()).expect("request")).await.expect(401);
    }
    refresh(&app, &access).await.expect(401);
    let request = Request::get("/api/contacts").header("authorization", format!("bearer  {access}"));
    app.request(request.body(Body::empty()).expect("request")).await.expect(200);
}
