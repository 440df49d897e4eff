//! Connections that break, readers that do not read, and a Redis that dies: nothing is missed without being told so, and nobody waits.

use std::time::Duration;

use frontdesk::platform::{
    embedded::{Embedded, Wanted},
    ids::OrganizationId,
    live::Limits,
};
use futures::SinkExt;
use redis::aio::MultiplexedConnection;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use uuid::Uuid;

use super::{
    ear::{Ear, key},
    make_contact,
};
use crate::support::{API_KEY, App, eventually, servers};

async fn redis() -> MultiplexedConnection {
    let client = redis::Client::open(servers().await.redis_url.as_str()).expect("Redis URL");
    // Machines that test may be slow.
    let config = redis::AsyncConnectionConfig::new().set_response_timeout(Some(Duration::from_secs(60)));
    client.get_multiplexed_async_connection_with_config(&config).await.expect("Redis")
}

fn stream(organization: OrganizationId) -> String {
    format!("frontdesk_live:{organization}")
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_back_hears_what_was_missed() {
    let app = App::start().await;
    let address = app.listen().await;
    let mut ear = Ear::live(&address, &key(API_KEY)).await;
    make_contact(&app, API_KEY, 101).await;
    ear.note("contact").await;
    let at = std::mem::take(&mut ear.at);
    drop(ear);
    let mut missed = Vec::new();
    for n in 102..105 {
        missed.push(make_contact(&app, API_KEY, n).await);
    }
    // Told by now: the last of them is heard by another.
    let mut witness = Ear::live(&address, &key(API_KEY)).await;
    missed.push(make_contact(&app, API_KEY, 105).await);
    while witness.note("contact").await["ids"].as_array().expect("ids").iter().all(|id| *id != *missed[3]) {}

    let mut ear = Ear::live_at(&address, &key(API_KEY), &format!("?after={at}")).await;
    assert_eq!(ear.at, at, "it goes on where it was");
    let mut heard: Vec<String> = Vec::new();
    while heard.len() < missed.len() {
        let note = ear.note("contact").await;
        heard.extend(note["ids"].as_array().expect("ids").iter().map(|id| id.as_str().expect("id").to_owned()));
    }
    heard.sort();
    missed.sort();
    assert_eq!(heard, missed, "each once");
    // And what comes now, once.
    let now = make_contact(&app, API_KEY, 106).await;
    assert_eq!(ear.note("contact").await["ids"], json!([now]));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_away_for_too_long_is_told_so() {
    let app = App::start().await;
    let address = app.listen().await;
    let mut ear = Ear::live(&address, &key(API_KEY)).await;
    make_contact(&app, API_KEY, 101).await;
    ear.note("contact").await;
    let at = ear.at.clone();
    let comes_back = async |after: &str| {
        let mut ear = Ear::connect(&address, &key(API_KEY), &format!("?after={after}")).await.expect("connected");
        let first = ear.frame().await;
        (first["type"].as_str().expect("type").to_owned(), ear.at)
    };
    assert_eq!(comes_back(&at).await, ("live".to_owned(), at.clone()));
    for wrong in ["nonsense", "a-1-1", "%00", &at.replacen('-', "x-", 1)] {
        assert_eq!(comes_back(wrong).await.0, "reset", "{wrong}");
    }
    // Later than anything: of a stream whose end was lost.
    let (epoch, _) = at.split_once('-').expect("epoch");
    assert_eq!(comes_back(&format!("{epoch}-99999999999999-0")).await, ("reset".to_owned(), at.clone()));

    let (mut redis, stream) = (redis().await, stream(app.organization.id));
    let mut add = redis::pipe();
    for _ in 0..201 {
        add.cmd("XADD").arg(&stream).arg("*").arg("n").arg("[]").ignore();
    }
    add.exec_async(&mut redis).await.expect("entries");
    assert_eq!(comes_back(&at).await.0, "reset", "so much is quicker seen anew");
    redis::cmd("XTRIM").arg(&stream).arg("MAXLEN").arg(3).exec_async(&mut redis).await.expect("trim");
    let (answer, end) = comes_back(&at).await;
    assert_eq!(answer, "reset", "what was after it is gone");
    assert_eq!(comes_back(&end).await, ("live".to_owned(), end.clone()));
    redis::cmd("DEL").arg(&stream).exec_async(&mut redis).await.expect("forget");
    assert_eq!(comes_back(&end).await.0, "reset", "nobody knows any more");
}

/// Tells the organization of a great many rows, as many processes would: entries of 40 kB. Gives back where the last one is.
async fn flood(app: &App, at: &str, from: u64, entries: u64) -> String {
    let (epoch, _) = at.split_once('-').expect("epoch");
    let ids: Vec<Uuid> = (0..32).map(Uuid::from_u128).collect();
    let notes = Value::Array(vec![json!({ "kind": "contact", "ids": ids }); 30]).to_string();
    let place = |n: u64| format!("{epoch}-99999999999999-{n}");
    let mut publish = redis::pipe();
    for n in from..from + entries {
        publish.cmd("PUBLISH").arg(stream(app.organization.id)).arg(format!("{} {notes}", place(n))).ignore();
    }
    publish.exec_async(&mut redis().await).await.expect("publish");
    place(from + entries - 1)
}

#[tokio::test(flavor = "multi_thread")]
async fn who_reads_slowly_holds_nobody_and_goes_on() {
    // Slow is not deaf, however long this takes here.
    let long = Duration::from_secs(3600);
    let app = App::builder().with_live(Limits { send_within: long, beat: long, ..Limits::default() }).start().await;
    let address = app.listen().await;
    let mut slow = Ear::live(&address, &key(API_KEY)).await;
    let mut quick = Ear::live(&address, &key(API_KEY)).await;
    let at = slow.at.clone();
    // More than the sockets between hold, while nobody reads at the one end.
    let mut last = String::new();
    for round in 0..30 {
        last = flood(&app, &at, round * 20, 20).await;
        while quick.at != last {
            assert_eq!(quick.frame().await["type"], "notes", "it misses nothing");
        }
    }
    // It wakes up: what its socket held, then that it missed some, and from there on all.
    let (mut held, mut reset) = (0, false);
    while slow.at != last {
        match slow.frame().await["type"].as_str() {
            Some("reset") => reset = true,
            _ => held += 1,
        }
    }
    assert!(reset && held < 500, "nothing was kept for it: {held}");
    flood(&app, &at, 600, 1).await;
    assert_eq!(slow.frame().await["type"], "notes");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_read_at_all_is_let_go() {
    // No heartbeat would find it out.
    let beat = Duration::from_secs(3600);
    let limits = Limits { send_within: Duration::from_millis(300), beat, per_subject: 1, ..Limits::default() };
    let app = App::builder().with_live(limits).start().await;
    let address = app.listen().await;
    let deaf = Ear::live(&address, &key(API_KEY)).await;
    let mut told = 0;
    eventually("its place is free", async || {
        flood(&app, &deaf.at, told, 50).await;
        told += 50;
        Ear::connect(&address, &key(API_KEY), "").await.is_ok()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_talks_too_much_is_let_go() {
    let app = App::start().await;
    let address = app.listen().await;
    let mut ear = Ear::live(&address, &key(API_KEY)).await;
    for _ in 0..200 {
        if ear.socket.send(Message::Text("and another thing".into())).await.is_err() {
            break;
        }
    }
    assert!([1008, 1006].contains(&ear.closed().await));
    let mut ear = Ear::live(&address, &key(API_KEY)).await;
    drop(ear.socket.send(Message::Text("x".repeat(100_000).into())).await);
    ear.closed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_redis_work_goes_on_and_browsers_know() {
    let folder = std::env::temp_dir().join(format!("frontdesk-live-redis-{}", std::process::id()));
    let wanted = Wanted { postgres: false, redis: true };
    let redis = Embedded::start(&folder, wanted).await.expect("a Redis of its own");
    let url = redis.redis_url.as_ref().expect("started").expose_secret().to_owned();
    let app = App::builder().on_redis(&url).start().await;
    let address = app.listen().await;
    let mut ear = Ear::live(&address, &key(API_KEY)).await;
    make_contact(&app, API_KEY, 101).await;
    ear.note("contact").await;

    redis.stop().await;
    assert_eq!(ear.frame().await["type"], "paused");
    let began = std::time::Instant::now();
    for n in 102..112 {
        make_contact(&app, API_KEY, n).await;
        app.sms(&format!("+1415555{n:04}"), "hello").await.expect(200);
    }
    assert!(began.elapsed() < Duration::from_secs(10), "nobody waits for Redis: {:?}", began.elapsed());
    let mut late = Ear::connect(&address, &key(API_KEY), "").await.expect("connected all the same");
    assert_eq!(late.frame().await["type"], "paused");

    let redis = Embedded::start(&folder, wanted).await.expect("again");
    assert_eq!(ear.frame().await["type"], "reset", "what was told meanwhile is lost with it");
    let first = late.frame().await;
    assert_eq!(first["type"], "live", "who had heard nothing yet has missed nothing: {first}");
    let now = make_contact(&app, API_KEY, 120).await;
    for ear in [&mut ear, &mut late] {
        while !ear.note("contact").await["ids"].as_array().is_none_or(|ids| ids.contains(&json!(now))) {}
    }
    redis.stop().await;
    std::fs::remove_dir_all(&folder).ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_subscription_is_caught_up_with() {
    let folder = std::env::temp_dir().join(format!("frontdesk-live-cut-{}", std::process::id()));
    let redis = Embedded::start(&folder, Wanted { postgres: false, redis: true }).await.expect("a Redis of its own");
    let url = redis.redis_url.as_ref().expect("started").expose_secret().to_owned();
    let app = App::builder().on_redis(&url).start().await;
    let address = app.listen().await;
    let mut ear = Ear::live(&address, &key(API_KEY)).await;
    make_contact(&app, API_KEY, 101).await;
    ear.note("contact").await;
    let client = redis::Client::open(url.as_str()).expect("URL");
    let mut connection = client.get_multiplexed_async_connection().await.expect("Redis");
    redis::cmd("CLIENT").arg("KILL").arg("TYPE").arg("pubsub").exec_async(&mut connection).await.expect("kill");
    assert_eq!(ear.frame().await["type"], "paused");
    let missed = make_contact(&app, API_KEY, 102).await;
    // Either before or after it is live again; never a reset, for nothing was lost.
    loop {
        let frame = ear.frame().await;
        assert_ne!(frame["type"], "reset");
        if frame["notes"].as_array().is_some_and(|notes| notes.contains(&json!({ "kind": "contact", "ids": [missed] })))
        {
            break;
        }
    }
    redis.stop().await;
    std::fs::remove_dir_all(&folder).ok();
}
