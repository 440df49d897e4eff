//! The binary as operators meet it: configuration, first starts, ordinary database owners, the embedded default.

use std::{collections::HashMap, process::Stdio};

use frontdesk::platform::embedded::{Embedded, Wanted};

use crate::support::{Answer, Process, StandIn, eventually, servers, settings};

async fn run(settings: &HashMap<&str, String>, arguments: &[&str]) -> (bool, String) {
    let output = Process::command(settings).args(arguments).stderr(Stdio::piped()).output().await.expect("run");
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.success(), text)
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_configuration_lists_every_problem_and_stops() {
    let settings = HashMap::from([
        ("APP_PORT", "eighty".to_owned()),
        ("DEFAULT_TIMEZONE", "Mars/Phobos".to_owned()),
        ("TWILIO_ACCOUNT_SID", "AC22222222222222222222222222222222".to_owned()),
        ("REDIS_URL", "localhost".to_owned()),
    ]);
    let (ok, text) = run(&settings, &["serve"]).await;
    assert!(!ok);
    for name in ["APP_PORT", "DEFAULT_TIMEZONE", "TWILIO_AUTH_TOKEN", "TWILIO_PHONE_NUMBER", "REDIS_URL"] {
        assert!(text.contains(name), "{name} in {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ordinary_owner_migrates_serves_and_seeds_once() {
    let twilio = StandIn::start().await;
    let mut settings = settings(&twilio).await;
    settings.insert("DATABASE_URL", servers().await.bare_database_of_ordinary_owner().await.url);
    settings.insert("AUTO_MIGRATE", "false".to_owned());
    let (ok, text) = run(&settings, &["serve"]).await;
    assert!(!ok && text.contains("frontdesk migrate"), "{text}");
    let (ok, text) = run(&settings, &["migrate"]).await;
    assert!(ok, "{text}");
    let process = Process::serve(&settings).await;
    let (ok, text) = run(&settings, &["seed"]).await;
    assert!(ok && text.contains("3 services"), "{text}");
    let (ok, text) = run(&settings, &["seed"]).await;
    assert!(ok && text.contains("nothing was added"), "{text}");
    let client = reqwest::Client::new();
    let health = client.get(format!("{}/api/health", process.url)).send().await.expect("health");
    assert_eq!(health.text().await.expect("body"), r#"{"status":"green","db":"ok","redis":"ok"}"#);
    assert_eq!(process.sms(&client, "SM1", "+14155550101", "hello").await, Some(200));
    let (ok, text) = run(&settings, &["check-config"]).await;
    assert!(ok && text.contains("database   ok") && text.contains("twilio     ok"), "{text}");
    twilio.accept_only("AC22222222222222222222222222222222", &["nobody:nothing"]);
    let (ok, text) = run(&settings, &["check-config"]).await;
    assert!(!ok && text.contains("does not take TWILIO_AUTH_TOKEN"), "{text}");
    assert!(process.terminate().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_embedded_default_survives_kill_and_guards_its_folder() {
    let folder = std::env::temp_dir().join(format!("frontdesk-test-embedded-{}", std::process::id()));
    let settings = HashMap::from([
        ("DATA_DIR", folder.display().to_string()),
        ("APP_PORT", "0".to_owned()),
        ("ADMIN_API_KEY", crate::support::API_KEY.to_owned()),
    ]);
    let client = reqwest::Client::new();
    let appointments = async |url: &str| {
        let request = client.get(format!("{url}/api/slots?limit=5")).header("x-api-key", crate::support::API_KEY);
        let page: serde_json::Value =
            serde_json::from_str(&request.send().await.expect("slots").text().await.expect("body")).expect("JSON");
        page["items"].clone()
    };
    let first = Process::serve(&settings).await;
    let before = appointments(&first.url).await;
    assert_eq!(before.as_array().expect("slots").len(), 5, "the demo is there");
    // Killed twice in a row, at once after the start too: nothing is left that stops the next one.
    first.kill().await;
    let second = Process::serve(&settings).await;
    second.kill().await;
    let third = Process::serve(&settings).await;
    assert_eq!(appointments(&third.url).await, before, "the data outlived the kills");
    let (ok, text) = run(&settings, &["serve"]).await;
    assert!(!ok && text.contains("another frontdesk is running"), "{text}");
    assert!(third.terminate().await.success());
    std::fs::remove_dir_all(&folder).expect("clean up");
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_are_json_with_request_ids_and_without_numbers_or_texts() {
    let twilio = StandIn::start().await;
    let mut settings = settings(&twilio).await;
    settings.insert("LOG_LEVEL", "debug,hyper=info".to_owned());
    let process = Process::serve(&settings).await;
    let client = reqwest::Client::new();
    twilio.script([Answer::Refuse(400, 21211)]);
    assert_eq!(process.sms(&client, "SMlog1", "+14155550173", "a secret nobody should read").await, Some(200));
    eventually("the refusal is logged", async || {
        process.log.lock().expect("log").iter().any(|line| line.contains("delivery.refused"))
    })
    .await;
    client.get(format!("{}/webhooks/nothing", process.url)).send().await.expect("answer");
    let unsigned =
        client.post(format!("{}/webhooks/sms/inbound", process.url)).body("From=%2B14155550173&Body=a+secret+too");
    assert_eq!(unsigned.send().await.expect("answer").status(), 403);
    eventually("and the forgery", async || {
        process.log.lock().expect("log").iter().any(|line| line.contains("webhook.refused"))
    })
    .await;
    let log = process.log.lock().expect("log").clone();
    for line in &log {
        let entry: serde_json::Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
        assert!(entry["level"].is_string() && entry["timestamp"].is_string(), "{line}");
        assert!(!line.contains("4155550173") && !line.contains("secret"), "{line}");
    }
    let refused = log.iter().find(|line| line.contains("webhook.refused")).expect("line");
    assert!(refused.contains("request.id"), "{refused}");
    assert!(process.terminate().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_of_postgres_loses_nothing() {
    use secrecy::ExposeSecret;
    let folder = std::env::temp_dir().join(format!("frontdesk-test-restart-{}", std::process::id()));
    let wanted = Wanted { postgres: true, redis: false };
    let postgres = Embedded::start(&folder, wanted).await.expect("a Postgres of its own");
    let twilio = StandIn::start().await;
    let mut settings = settings(&twilio).await;
    settings.insert("DATABASE_URL", postgres.database_url.as_ref().expect("URL").expose_secret().to_owned());
    let (ok, text) = run(&settings, &["seed"]).await;
    assert!(ok, "{text}");
    let process = Process::serve(&settings).await;
    let client = reqwest::Client::new();
    assert_eq!(process.sms(&client, "SMr1", "+14155550101", "book tuesday at 10 am").await, Some(200));
    postgres.stop().await;
    let answer = process.sms(&client, "SMr2", "+14155550102", "book tuesday at 11 am").await;
    assert_eq!(answer, Some(503), "not taken in: the provider must deliver again");
    let postgres = Embedded::start(&folder, wanted).await.expect("again");
    eventually("it is taken in after the restart", async || {
        process.sms(&client, "SMr2", "+14155550102", "book tuesday at 11 am").await == Some(200)
    })
    .await;
    eventually("both are answered", async || {
        ["+14155550101", "+14155550102"].iter().all(|person| twilio.taken_by(person).len() == 1)
    })
    .await;
    assert!(process.terminate().await.success());
    postgres.stop().await;
    std::fs::remove_dir_all(&folder).expect("clean up");
}

#[tokio::test(flavor = "multi_thread")]
async fn understand_answers_line_by_line() {
    use std::io::Write;
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_frontdesk"))
        .arg("understand")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("start");
    let mut input = child.stdin.take().expect("stdin");
    let line = r#"{"id":"1","text":"tomorrow at 3","reference":"2026-11-21T10:00:00-05:00","tz":"America/New_York","context":{}}"#;
    write!(input, "{line}\n\nnot json\n").expect("write");
    drop(input);
    let output = child.wait_with_output().expect("output");
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).expect("one JSON line");
    assert_eq!((&answer["id"], &answer["when"]["start"]), (&"1".into(), &"2026-11-22T15:00".into()), "{answer}");
    assert!(!output.stderr.is_empty(), "the bad line is complained about");
}
