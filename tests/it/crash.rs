//! kill -9, flushed Redis, no Redis: what was answered 200 is still done, once.

use std::collections::HashMap;

use sqlx::PgPool;

use crate::support::{Process, StandIn, eventually, settings};

async fn flush(redis_url: &str) {
    let client = redis::Client::open(redis_url).expect("Redis URL");
    let mut connection = client.get_multiplexed_async_connection().await.expect("Redis");
    redis::cmd("FLUSHDB").exec_async(&mut connection).await.expect("flush");
}

#[tokio::test(flavor = "multi_thread")]
async fn three_hundred_texts_three_kills_two_flushes() {
    let twilio = StandIn::start().await;
    let settings = settings(&twilio).await;
    seed(&settings).await;
    let client = reqwest::Client::new();
    let mut process = Process::serve(&settings).await;
    for n in 0..300 {
        let (sid, from) = (format!("SMcrash{n}"), format!("+1415556{n:04}"));
        match n {
            // Killed at full speed: turns and sends are under way.
            70 | 150 | 230 => {
                process.kill().await;
                process = Process::serve(&settings).await;
            }
            110 | 190 => flush(&settings["REDIS_URL"]).await,
            _ => {}
        }
        // A provider that got no answer delivers again; so does one that got one too late.
        for delivery in 0..3 {
            let answer = process.sms(&client, &sid, &from, "what times do you have on tuesday?").await;
            assert!(answer.is_none() || answer == Some(200), "{answer:?}");
            if answer == Some(200) && (delivery > 0 || n % 10 != 0) {
                break;
            }
        }
    }
    let everybody = |exactly: usize| (0..300).all(|n| twilio.taken_by(&format!("+1415556{n:04}")).len() == exactly);
    eventually("everybody has an answer", async || everybody(1)).await;
    let pool = PgPool::connect(&settings["DATABASE_URL"]).await.expect("database");
    eventually("nothing is left to do", async || {
        let left: i64 =
            sqlx::query_scalar("SELECT count(*) FROM jobs WHERE state <> 'done'").fetch_one(&pool).await.expect("jobs");
        left == 0
    })
    .await;
    assert!(everybody(1), "nobody has two");
    let (inbound, outbound): (i64, i64) = sqlx::query_as(
        "SELECT count(*) FILTER (WHERE direction = 'inbound'), count(*) FILTER (WHERE direction = 'outbound' AND provider_sid IS NOT NULL) FROM messages",
    )
    .fetch_one(&pool)
    .await
    .expect("messages");
    assert_eq!((inbound, outbound), (300, 300));
    assert!(process.terminate().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_redis_texts_are_taken_in_and_answered_all_the_same() {
    let twilio = StandIn::start().await;
    let mut settings = settings(&twilio).await;
    settings.insert("REDIS_URL", "redis://127.0.0.1:1/0".to_owned());
    seed(&settings).await;
    let process = Process::serve(&settings).await;
    let client = reqwest::Client::new();
    let health = client.get(format!("{}/api/health", process.url)).send().await.expect("health");
    assert_eq!(health.status(), 503);
    let health: serde_json::Value = serde_json::from_str(&health.text().await.expect("body")).expect("JSON");
    assert_eq!((&health["status"], &health["db"]), (&"red".into(), &"ok".into()));
    assert_ne!(health["redis"], "ok");
    assert_eq!(process.sms(&client, "SM1", "+14155550101", "book tuesday at 10 am").await, Some(200));
    eventually("the relay runs it", async || twilio.taken_by("+14155550101").len() == 1).await;
    assert_eq!(process.sms(&client, "SM2", "+14155550101", "yes").await, Some(200));
    eventually("and the next", async || twilio.taken_by("+14155550101").len() == 2).await;
    assert!(twilio.taken_by("+14155550101")[1].body.starts_with("You're booked"));
    assert!(process.terminate().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn work_taken_in_by_a_web_process_is_done_by_a_worker_that_starts_later() {
    let twilio = StandIn::start().await;
    let settings = settings(&twilio).await;
    seed(&settings).await;
    let web = Process::serve_role(&settings, "web").await;
    let client = reqwest::Client::new();
    for n in 0..40 {
        let from = format!("+1415557{n:04}");
        assert_eq!(web.sms(&client, &format!("SMw{n}"), &from, "when is my appointment?").await, Some(200));
    }
    assert!(twilio.taken().is_empty());
    flush(&settings["REDIS_URL"]).await;
    let all = Process::serve(&settings).await;
    eventually("all are answered", async || (0..40).all(|n| twilio.taken_by(&format!("+1415557{n:04}")).len() == 1))
        .await;
    assert!(all.terminate().await.success());
    assert!(web.terminate().await.success());
}

async fn seed(settings: &HashMap<&str, String>) {
    let status =
        Process::command(settings).arg("seed").stdout(std::process::Stdio::null()).status().await.expect("seed");
    assert!(status.success());
}
