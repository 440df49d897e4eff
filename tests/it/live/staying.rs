//! Who may connect, and for how long.

use std::time::Duration;

use chrono::TimeDelta;
use frontdesk::platform::live::Limits;
use serde_json::json;

use super::{
    ear::{self, Ear, key},
    make_contact,
};
use crate::support::{API_KEY, App, eventually};

/// Asked often who they are.
fn quick() -> Limits {
    Limits { beat: Duration::from_millis(200), ..Limits::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_and_other_sites_stay_out() {
    let app = App::builder().with("CORS_ORIGINS", "https://app.example.com").start().await;
    let address = app.listen().await;
    let (_, cookie) = ear::member(&app, "ann").await;
    let refused = async |headers: &[(&'static str, &str)]| {
        Ear::connect(&address, headers, "").await.err().unwrap_or_else(|| panic!("{headers:?} came in"))
    };
    let problem = |status: u16, code: &str| (status, code.to_owned());
    assert_eq!(refused(&[]).await, problem(401, "unauthenticated"));
    assert_eq!(refused(&key("no key")).await, problem(401, "unauthenticated"));
    assert_eq!(refused(&[("sec-websocket-protocol", "frontdesk.live, frontdesk.bearer.x")]).await.0, 401);
    let foreign = ("origin", "https://evil.example.com");
    let listed = ("origin", "https://app.example.com");
    for (proof, origin) in [
        (("cookie", cookie.as_str()), foreign),
        // Listed pages come with a token or a key, never by the cookie.
        (("cookie", cookie.as_str()), listed),
        (("cookie", cookie.as_str()), ("origin", "null")),
        (("x-api-key", API_KEY), foreign),
    ] {
        assert_eq!(refused(&[proof, origin]).await, problem(403, "bad_origin"), "{origin:?}");
    }
    // Our own pages: of the host that was asked, and of the address it has outside.
    let own = format!("http://{address}");
    for origin in [own.as_str(), "https://desk.example.com"] {
        Ear::live(&address, &[("cookie", &cookie), ("origin", origin)]).await;
    }
    let by_protocol = format!("frontdesk.live, frontdesk.key.{API_KEY}");
    let ear = Ear::live(&address, &[("sec-websocket-protocol", &by_protocol), listed]).await;
    assert_eq!(ear.protocol.as_deref(), Some("frontdesk.live"), "the secret is not said back");
    let elsewhere = format!("{by_protocol}, frontdesk.organization.{}", uuid::Uuid::nil());
    assert_eq!(refused(&[("sec-websocket-protocol", &elsewhere)]).await, problem(404, "not_found"));

    let answer = app.api("GET", "/ws/events", None).await.expect(426);
    assert_eq!(answer.json()["code"], "upgrade_required");
    assert_eq!(answer.headers["upgrade"], "websocket");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_another_or_nobody_is_let_go() {
    let app = App::start().await;
    let address = app.listen().await;
    // At once, although heartbeats are far apart: the change is told.
    let (ann, cookie) = ear::member(&app, "ann").await;
    let mut ear = Ear::live(&address, &[("cookie", &cookie)]).await;
    ear::change(&app, ann, json!({ "role": "viewer" })).await;
    assert_eq!(ear.closed().await, 4403, "the role is another");
    let mut ear = Ear::live(&address, &[("cookie", &cookie)]).await;
    make_contact(&app, API_KEY, 101).await;
    ear.note("contact").await;
    ear::change(&app, ann, json!({ "disabled": true })).await;
    assert_eq!(ear.closed().await, 4401, "disabled");

    let secret = app.api("POST", "/api/api-keys", Some(json!({ "name": "till", "scopes": ["contacts.read"] })));
    let made = secret.await.expect(201).json();
    let mut ear = Ear::live(&address, &key(made["key"].as_str().expect("key"))).await;
    app.api("DELETE", &format!("/api/api-keys/{}", made["id"].as_str().expect("id")), None).await;
    assert_eq!(ear.closed().await, 4401, "revoked");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_has_to_be_told_that_a_session_is_over() {
    let app = App::builder().with_live(quick()).start().await;
    let address = app.listen().await;
    let (_, cookie) = ear::member(&app, "ann").await;
    let mut ear = Ear::live(&address, &[("cookie", &cookie)]).await;
    sqlx::query("DELETE FROM sessions").execute(app.core.db.pool()).await.expect("sessions");
    assert_eq!(ear.closed().await, 4401);

    // Listening is not using: the session ends as if nobody were there.
    let cookie = ear::sign_in(&app, "ann").await;
    let mut ear = Ear::live(&address, &[("cookie", &cookie)]).await;
    let mut hours = 0;
    let code = loop {
        // Several heartbeats, which it answers.
        match tokio::time::timeout(quick().beat * 3, ear.closed()).await {
            Ok(code) => break code,
            Err(_) => app.clock.advance(TimeDelta::hours(5)),
        }
        hours += 5;
    };
    assert_eq!((code, hours), (4401, 15));
}

#[tokio::test(flavor = "multi_thread")]
async fn there_is_room_for_so_many_and_the_dead_make_room() {
    let limits = Limits { per_subject: 2, per_process: 3, ..quick() };
    let app = App::builder().with_live(limits).start().await;
    let address = app.listen().await;
    let (_, cookie) = ear::member(&app, "ann").await;
    let (_, other) = ear::member(&app, "ben").await;
    let first = Ear::live(&address, &[("cookie", &cookie)]).await;
    // Never reads, so it never answers a heartbeat.
    let dead = Ear::connect(&address, &[("cookie", &cookie)], "").await.expect("connected");
    let full = Ear::connect(&address, &[("cookie", &cookie)], "").await.err();
    assert_eq!(full, Some((429, "too_many_connections".to_owned())));
    let _third = Ear::live(&address, &[("cookie", &other)]).await;
    let full = Ear::connect(&address, &[("cookie", &other)], "").await.err();
    assert_eq!(full, Some((503, "no_room".to_owned())));
    drop(first);
    eventually("both have made room", async || {
        let one = Ear::connect(&address, &[("cookie", &cookie)], "").await;
        let two = Ear::connect(&address, &[("cookie", &cookie)], "").await;
        one.is_ok() && two.is_ok()
    })
    .await;
    drop(dead);
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_end_with_the_process_and_when_they_are_old() {
    let app = App::start().await;
    let address = app.listen().await;
    let mut ear = Ear::live(&address, &key(API_KEY)).await;
    drop(app.stop);
    assert_eq!(ear.closed().await, 1001);

    let app = App::builder().with_live(Limits { lasts: Duration::from_millis(300), ..Limits::default() }).start().await;
    let address = app.listen().await;
    let mut ear = Ear::live(&address, &key(API_KEY)).await;
    assert_eq!(ear.closed().await, 1001);
}
