//! Signing in and out of the dashboard, and what too many failures lead to.

use axum::{
    body::Body,
    http::{Request, header},
};
use chrono::TimeDelta;
use frontdesk::accounts::{BuiltInRole, NewStaff, create_user};
use serde_json::json;

use crate::support::{ApiResponse, App};

async fn login(app: &App, username: &str, password: &str) -> ApiResponse {
    let body = json!({ "username": username, "password": password }).to_string();
    let request =
        Request::post("/api/admin/auth/login").header("content-type", "application/json").body(Body::from(body));
    app.request(request.expect("request")).await
}

fn cookie(answer: &ApiResponse) -> String {
    let set = answer.headers[header::SET_COOKIE].to_str().expect("text");
    set.split(';').next().expect("pair").to_owned()
}

async fn with_cookie(app: &App, method: &str, path: &str, cookie: &str, origin: Option<&str>) -> ApiResponse {
    let mut request =
        Request::builder().method(method).uri(path).header("cookie", cookie).header("host", "desk.example.com");
    if let Some(origin) = origin {
        request = request.header("origin", origin);
    }
    app.request(request.body(Body::empty()).expect("request")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn in_and_out() {
    let app = App::start().await;
    let answer = login(&app, "Admin", "correct horse battery").await.expect(200);
    let set = answer.headers[header::SET_COOKIE].to_str().expect("text").to_owned();
    for part in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/"] {
        assert!(set.contains(part), "{set}");
    }
    assert_eq!(answer.json()["user"]["username"], "admin");
    let cookie = cookie(&answer);
    let me = with_cookie(&app, "GET", "/api/admin/auth/me", &cookie, None).await.expect(200).json();
    assert_eq!((&me["organization"]["name"], &me["via"]), (&"Maple Street Studio".into(), &"session".into()));
    with_cookie(&app, "POST", "/api/admin/auth/logout", &cookie, Some("https://desk.example.com")).await.expect(204);
    with_cookie(&app, "GET", "/api/admin/auth/me", &cookie, None).await.expect(401);
    // The database never held the token itself.
    assert_eq!(crate::auth::audited(&app).await, ["user.signed_in", "user.signed_out"]);
    assert_eq!(app.count("SELECT count(*) FROM sessions").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_passwords_are_counted() {
    let app = App::start().await;
    for _ in 0..5 {
        assert_eq!(login(&app, "admin", "wrong").await.expect(401).json()["code"], "invalid_credentials");
    }
    // The right password waits too, and each failure beyond the fifth doubles the wait.
    for minutes in [1, 2, 4] {
        let answer = login(&app, "admin", "correct horse battery").await.expect(429);
        assert_eq!(answer.json()["code"], "too_many_attempts");
        assert_eq!(answer.headers["retry-after"], (minutes * 60 + 1).to_string());
        app.clock.advance(TimeDelta::seconds(minutes * 60 - 1));
        login(&app, "admin", "correct horse battery").await.expect(429);
        app.clock.advance(TimeDelta::seconds(1));
        login(&app, "admin", "wrong").await.expect(401);
    }
    // Tries while one waits do not make the wait longer.
    app.clock.advance(TimeDelta::minutes(8));
    login(&app, "admin", "correct horse battery").await.expect(200);
    // A success forgets what went before it.
    for _ in 0..5 {
        login(&app, "admin", "wrong").await.expect(401);
    }
    login(&app, "admin", "wrong").await.expect(429);
    assert_eq!(login(&app, "nobody", "wrong").await.expect(401).json()["code"], "invalid_credentials");
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_are_counted_per_address_and_per_user_too() {
    let app = App::start().await;
    let from = |ip: String, username: String| {
        let app = &app;
        async move {
            let body = json!({ "username": username, "password": "wrong" }).to_string();
            let request = Request::post("/api/admin/auth/login")
                .header("content-type", "application/json")
                .header("x-forwarded-for", ip)
                .extension(axum::extract::ConnectInfo(std::net::SocketAddr::from(([127, 0, 0, 1], 1))))
                .body(Body::from(body));
            app.request(request.expect("request")).await.status.as_u16()
        }
    };
    for n in 0..25 {
        assert_eq!(from("203.0.113.7".to_owned(), format!("somebody{n}")).await, 401);
    }
    assert_eq!(from("203.0.113.7".to_owned(), "somebody else".to_owned()).await, 429, "one address");
    for n in 0..50 {
        assert_eq!(from(format!("198.51.100.{n}"), "Admin".to_owned()).await, 401);
    }
    assert_eq!(from("198.51.100.77".to_owned(), "admin".to_owned()).await, 429, "one user from everywhere");
    assert_eq!(from("198.51.100.77".to_owned(), "nobody".to_owned()).await, 401);
    app.clock.advance(TimeDelta::minutes(1));
    assert_eq!(from("198.51.100.77".to_owned(), "admin".to_owned()).await, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_end_by_idleness_and_by_age() {
    let app = App::start().await;
    let idle = cookie(&login(&app, "admin", "correct horse battery").await.expect(200));
    app.clock.advance(TimeDelta::hours(13));
    with_cookie(&app, "GET", "/api/contacts", &idle, None).await.expect(401);
    let busy = cookie(&login(&app, "admin", "correct horse battery").await.expect(200));
    for _ in 0..20 {
        app.clock.advance(TimeDelta::hours(8));
        with_cookie(&app, "GET", "/api/contacts", &busy, None).await.expect(200);
    }
    app.clock.advance(TimeDelta::hours(9));
    with_cookie(&app, "GET", "/api/contacts", &busy, None).await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_from_before_signing_in_is_none_after_it() {
    let app = App::start().await;
    let planted = "frontdesk_session=planted-by-somebody-else";
    let sign_in = |old: String| {
        let body = json!({ "username": "admin", "password": "correct horse battery" }).to_string();
        let request = Request::post("/api/admin/auth/login").header("content-type", "application/json");
        app.request(request.header("cookie", old).body(Body::from(body)).expect("request"))
    };
    let first = cookie(&sign_in(planted.to_owned()).await.expect(200));
    with_cookie(&app, "GET", "/api/contacts", planted, None).await.expect(401);
    let second = cookie(&sign_in(first.clone()).await.expect(200));
    assert_ne!(first, second);
    with_cookie(&app, "GET", "/api/contacts", &first, None).await.expect(401);
    with_cookie(&app, "GET", "/api/contacts", &second, None).await.expect(200);
    // A cookie is no bearer token, nor the other way round.
    let token = second.split_once('=').expect("pair").1;
    let request = Request::get("/api/contacts").header("authorization", format!("Bearer {token}"));
    app.request(request.body(Body::empty()).expect("request")).await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_sites_page_cannot_act_with_our_cookie() {
    let app = App::start().await;
    let cookie = cookie(&login(&app, "admin", "correct horse battery").await.expect(200));
    let id = "01900000-0000-7000-8000-000000000000";
    let path = format!("/api/appointments/{id}/cancel");
    let answer = with_cookie(&app, "POST", &path, &cookie, Some("https://evil.example.com")).await.expect(403);
    assert_eq!(answer.json()["code"], "bad_origin");
    with_cookie(&app, "POST", &path, &cookie, Some("https://desk.example.com")).await.expect(404);
    with_cookie(&app, "POST", &path, &cookie, None).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_viewer_may_look_and_change_nothing() {
    let app = App::start().await;
    let password = secrecy::SecretString::from("only here to watch");
    let vera = NewStaff { username: "vera", password: &password, role: BuiltInRole::Viewer, superuser: false };
    create_user(&app.core.db, app.organization.id, &vera).await.expect("user");
    let cookie = cookie(&login(&app, "vera", "only here to watch").await.expect(200));
    with_cookie(&app, "GET", "/api/contacts", &cookie, None).await.expect(200);
    let path = "/api/appointments/01900000-0000-7000-8000-000000000000/cancel";
    assert_eq!(with_cookie(&app, "POST", path, &cookie, None).await.expect(403).json()["code"], "forbidden");
    with_cookie(&app, "POST", "/api/admin/auth/logout", &cookie, None).await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_and_cookies_that_are_none() {
    let app = App::start().await;
    for (name, value) in [
        ("x-api-key", "wrong"),
        ("x-api-key", ""),
        ("cookie", "frontdesk_session=x"),
        ("cookie", "frontdesk_session="),
        ("authorization", "Bearer x"),
    ] {
        let request = Request::get("/api/contacts").header(name, value).body(Body::empty()).expect("request");
        assert_eq!(app.request(request).await.expect(401).json()["code"], "unauthenticated");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_tries_at_once_are_no_way_around_the_limit() {
    let app = App::start().await;
    let tries = futures::future::join_all((0..20).map(|_| login(&app, "admin", "wrong"))).await;
    let looked_at = tries.iter().filter(|a| a.status == 401).count();
    assert!(looked_at <= 5, "{looked_at} passwords were looked at");
    assert!(tries.iter().all(|a| [401, 429].contains(&a.status.as_u16())));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_no_longer_configured_no_longer_works() {
    let app = App::start().await;
    app.items("/api/contacts").await;
    let mut config = (*app.core.config).clone();
    config.admin.api_key = None;
    frontdesk::app::bootstrap(&app.core.db, &config, None).await.expect("start without it");
    app.api("GET", "/api/contacts", None).await.expect(401);
}
