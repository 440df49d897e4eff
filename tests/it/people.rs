//! People beside the assistant: taking conversations over, doubtful opt-outs that a person decides, and answers that staff wrote.

use axum::{
    body::Body,
    http::{Request, header},
};
use chrono::{DateTime, TimeDelta, Utc};
use frontdesk::accounts::{BuiltInRole, NewStaff, create_user};
use serde_json::{Value, json};

use crate::support::App;

const ANA: &str = "+14155550101";
const BEN: &str = "+14155550102";

async fn conversation(app: &App) -> Value {
    app.items("/api/conversations").await.into_iter().next().expect("a conversation")
}

async fn id(app: &App) -> String {
    conversation(app).await["id"].as_str().expect("id").to_owned()
}

async fn write(app: &App, id: &str, body: &str) -> crate::support::ApiResponse {
    app.api("POST", &format!("/api/conversations/{id}/messages"), Some(json!({ "body": body }))).await
}

/// What the contact got since the last look.
fn latest(app: &App, to: &str) -> Option<String> {
    app.twilio.taken_by(to).pop().map(|text| text.body)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_writes_and_the_assistant_is_silent_until_released() {
    let app = App::start().await;
    app.ask(ANA, "book tuesday at 10 am").await;
    let id = id(&app).await;
    let message = write(&app, &id, "Hi, Dana here. Do you mean this Tuesday?").await.expect(201).json();
    assert_eq!((message["author"].as_str(), message["direction"].as_str()), (Some("staff"), Some("outbound")));
    app.run_jobs().await;
    assert_eq!(latest(&app, ANA).as_deref(), Some("Hi, Dana here. Do you mean this Tuesday?"));
    let taken = conversation(&app).await;
    assert_eq!((taken["mode"].as_str(), taken["state"].as_str()), (Some("human"), Some("idle")), "{taken}");
    // What the assistant had asked is off the table: this C must book nothing, now or later.
    assert!(app.text(ANA, "C").await.is_empty());
    assert_eq!(conversation(&app).await["waiting_reason"], "wrote");
    let released = app.api("PUT", &format!("/api/conversations/{id}/mode"), Some(json!({ "mode": "bot" }))).await;
    let released = released.expect(200).json();
    assert_eq!((released["mode"].as_str(), released["waiting_since"].is_null()), (Some("bot"), true));
    app.ask(ANA, "C").await;
    assert_eq!(app.count("SELECT count(*) FROM bookings").await, 0);
    assert!(app.ask(ANA, "tuesday at 10 am").await.contains("Reply C to confirm"));
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_quiet_time_the_assistant_answers_again() {
    let app = App::builder().with("HUMAN_QUIET_MINUTES", "30").start().await;
    app.ask(ANA, "hello").await;
    let id = id(&app).await;
    write(&app, &id, "One moment please.").await.expect(201);
    app.run_jobs().await;
    app.clock.advance(TimeDelta::minutes(29));
    assert!(app.text(ANA, "book tuesday at 10 am").await.is_empty(), "a person may still be at it");
    // Another text by staff starts the time anew.
    write(&app, &id, "Sorry, still looking.").await.expect(201);
    app.run_jobs().await;
    app.clock.advance(TimeDelta::minutes(29));
    assert!(app.text(ANA, "ok").await.is_empty());
    app.clock.advance(TimeDelta::minutes(2));
    assert_eq!(conversation(&app).await["mode"], "bot");
    assert!(app.items("/api/conversations?mode=human").await.is_empty());
    assert!(app.ask(ANA, "book tuesday at 10 am").await.contains("Reply C to confirm"));
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_for_a_person_waits_for_one() {
    let app = App::start().await;
    let told = app.ask(ANA, "can I talk to a human please").await;
    assert!(told.contains("team"), "{told}");
    let waiting = app.items("/api/conversations?waiting=true").await;
    assert_eq!(waiting.len(), 1);
    assert_eq!((&waiting[0]["mode"], &waiting[0]["waiting_reason"]), (&json!("human"), &json!("asked_for_person")));
    let inbox = app.get("/api/inbox").await;
    assert_eq!((&inbox["waiting"], &inbox["human"]), (&json!(1), &json!(1)));
    assert!(app.text(ANA, "hello?").await.is_empty());
    let id = waiting[0]["id"].as_str().expect("id");
    let seen = app.api("POST", &format!("/api/conversations/{id}/attended"), None).await.expect(200).json();
    assert!(seen["waiting_since"].is_null() && seen["mode"] == "human");
    assert_eq!(app.get("/api/inbox").await["waiting"], 0);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_by_staff_keeps_the_law_and_the_rules_of_the_house() {
    let app = App::start().await;
    app.ask(ANA, "hello").await;
    let id = id(&app).await;
    for body in ["", "  ", &"x".repeat(1_601)] {
        assert_eq!(write(&app, &id, body).await.expect(422).json()["errors"][0]["field"], "body");
    }
    let nobody = "01900000-0000-7000-8000-000000000000";
    write(&app, nobody, "hi").await.expect(404);
    app.api("PUT", &format!("/api/conversations/{nobody}/mode"), Some(json!({ "mode": "human" }))).await.expect(404);
    app.api("PUT", &format!("/api/conversations/{id}/mode"), Some(json!({ "mode": "robot" }))).await.expect(422);
    app.text(ANA, "STOP").await;
    assert_eq!(write(&app, &id, "please come back").await.expect(409).json()["code"], "contact_opted_out");
    assert_eq!(conversation(&app).await["contact_status"], "opted_out");
    app.run_jobs().await;
    assert!(!app.twilio.taken_by(ANA).iter().any(|t| t.body == "please come back"));
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_who_sign_in_are_named_and_viewers_only_look() {
    let app = App::start().await;
    app.ask(ANA, "hello").await;
    let id = id(&app).await;
    let sign_in = async |username: &str, password: &str| {
        let body = json!({ "username": username, "password": password }).to_string();
        let request = Request::post("/api/admin/auth/login").header(header::CONTENT_TYPE, "application/json");
        let answer = app.request(request.body(Body::from(body)).expect("request")).await.expect(200);
        let cookie = answer.headers[header::SET_COOKIE].to_str().expect("cookie");
        cookie.split(';').next().expect("pair").to_owned()
    };
    let send = async |cookie: &str, method: &str, path: &str, body: Value| {
        let request = Request::builder().method(method).uri(path).header(header::COOKIE, cookie);
        let request = request.header(header::CONTENT_TYPE, "application/json");
        app.request(request.body(Body::from(body.to_string())).expect("request")).await
    };
    let path = format!("/api/conversations/{id}/messages");
    let admin = sign_in("admin", "correct horse battery").await;
    let message = send(&admin, "POST", &path, json!({ "body": "Hi!" })).await.expect(201).json();
    assert!(message["author_name"].is_string(), "{message}");
    assert_eq!(conversation(&app).await["assignee"]["display_name"], message["author_name"]);
    app.run_jobs().await;
    let settings =
        json!({ "ai_enabled": false, "daily_budget_usd": 1, "history_messages": 5, "human_quiet_minutes": 60 });
    for (role, may_write) in [("viewer", 403), ("operator", 201)] {
        let password = secrecy::SecretString::from("long enough for us");
        let new = NewStaff {
            username: role,
            password: &password,
            role: BuiltInRole::from_name(role).expect("role"),
            superuser: false,
        };
        create_user(&app.core.db, app.organization.id, &new).await.expect("user");
        let cookie = sign_in(role, "long enough for us").await;
        send(&cookie, "POST", &path, json!({ "body": "Hello" })).await.expect(may_write);
        // What costs money is for administrators.
        send(&cookie, "PUT", "/api/assistant/settings", settings.clone()).await.expect(403);
        let provider = json!({ "provider": "openai", "model": "m", "key": "k" });
        send(&cookie, "POST", "/api/assistant/providers", provider).await.expect(403);
    }
    send(&admin, "PUT", "/api/assistant/settings", settings).await.expect(200);
    app.run_jobs().await;
    app.finish().await;
}

/// Lets a text be doubtful, whatever the understanding makes of it today.
const DOUBTFUL: &str = "enough with the messages ok";

async fn review(app: &App) -> Value {
    app.items("/api/opt-out-reviews").await.into_iter().next().expect("an open review")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doubtful_opt_out_is_decided_by_a_person_and_nothing_is_sent_meanwhile() {
    let app = App::start().await;
    app.ask(ANA, "hello").await;
    assert!(app.text(ANA, DOUBTFUL).await.is_empty(), "not even a question");
    let open = review(&app).await;
    assert_eq!((&open["words"], &open["status"]), (&json!(DOUBTFUL), &json!("open")));
    // Saturday 21 November; Thanksgiving and two weekends do not count.
    assert!(open["due_at"].as_str().expect("due").starts_with("2026-12-07T"), "{open}");
    assert!(app.text(ANA, "are you there? book tuesday at 10").await.is_empty());
    let id = id(&app).await;
    assert_eq!(write(&app, &id, "hi").await.expect(409).json()["code"], "contact_under_review");
    assert_eq!(app.get("/api/inbox").await["open_reviews"], 1);
    let path = format!("/api/opt-out-reviews/{}/decision", open["id"].as_str().expect("id"));
    let kept =
        app.api("POST", &path, Some(json!({ "decision": "keep", "note": "called them" }))).await.expect(200).json();
    assert_eq!((&kept["status"], &kept["note"]), (&json!("kept"), &json!("called them")));
    assert_eq!(
        app.api("POST", &path, Some(json!({ "decision": "opt_out" }))).await.expect(409).json()["code"],
        "already_decided"
    );
    assert!(app.ask(ANA, "book tuesday at 10 am").await.contains("Reply C to confirm"));
    assert_eq!(app.items("/api/opt-out-reviews?status=decided").await.len(), 1);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_opt_out_by_review_stands_in_the_ledger() {
    let app = App::start().await;
    app.ask(ANA, "hello").await;
    app.text(ANA, DOUBTFUL).await;
    let path = format!("/api/opt-out-reviews/{}/decision", review(&app).await["id"].as_str().expect("id"));
    app.api("POST", &path, Some(json!({ "decision": "opt_out" }))).await.expect(200);
    assert_eq!(app.items("/api/contacts").await[0]["opt_in_status"], "opted_out");
    let words: String = sqlx::query_scalar("SELECT evidence FROM consent_events WHERE method = 'staff_review'")
        .fetch_one(app.core.db.pool())
        .await
        .expect("event");
    assert_eq!(words, DOUBTFUL);
    assert!(app.text(ANA, "hello?").await.is_empty());
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_undecided_review_becomes_an_opt_out_in_time() {
    let app = App::start().await;
    for person in [ANA, BEN] {
        app.ask(person, "hello").await;
        app.text(person, DOUBTFUL).await;
    }
    // Ben makes it clear himself.
    assert!(app.text(BEN, "START").await.len() == 1);
    let due: DateTime<Utc> = review(&app).await["due_at"].as_str().expect("due").parse().expect("time");
    app.clock.advance(due - app.clock.now() - TimeDelta::minutes(1));
    app.run_jobs().await;
    assert_eq!(app.items("/api/opt-out-reviews").await.len(), 1);
    app.clock.advance(TimeDelta::minutes(1));
    app.run_jobs().await;
    assert!(app.items("/api/opt-out-reviews").await.is_empty());
    let decided = app.items("/api/opt-out-reviews?status=decided").await;
    let mut status: Vec<&str> = decided.iter().map(|r| r["status"].as_str().expect("status")).collect();
    status.sort_unstable();
    assert_eq!(status, ["expired", "kept"]);
    let contacts = app.items("/api/contacts").await;
    let of =
        |phone: &str| contacts.iter().find(|c| c["phone_number"] == phone).expect("contact")["opt_in_status"].clone();
    assert_eq!((of(ANA), of(BEN)), (json!("opted_out"), json!("opted_in")));
    app.finish().await;
}

fn entry(title: &str) -> Value {
    json!({ "topic": "parking", "title": title, "keywords": ["truck"], "answer_en": "Behind the house.", "answer_es": null, "active": true })
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_write_what_questions_are_answered_with() {
    let app = App::start().await;
    let missing = app.ask(ANA, "is there parking?").await;
    assert!(missing.contains("PERSON"), "{missing}");
    let made = app.api("POST", "/api/knowledge", Some(entry("Parking"))).await.expect(201).json();
    assert_eq!(app.ask(ANA, "is there parking?").await, "Behind the house.");
    let tried = app.api("POST", "/api/knowledge/match", Some(json!({ "text": "can I bring my truck?" }))).await;
    assert_eq!(tried.expect(200).json()["entries"][0]["answers"], true);
    let path = format!("/api/knowledge/{}", made["id"].as_str().expect("id"));
    let mut changed = entry("Parking");
    changed["answer_es"] = json!("Detrás de la casa.");
    changed["active"] = json!(false);
    assert_eq!(app.api("PUT", &path, Some(changed)).await.expect(200).json()["active"], false);
    assert!(app.ask(BEN, "is there parking?").await.contains("PERSON"), "an entry that is off says nothing");
    app.api("DELETE", &path, None).await.expect(204);
    app.api("DELETE", &path, None).await.expect(404);
    app.api("GET", &path, None).await.expect(404);
    for (field, value) in [
        ("title", json!("")),
        ("title", json!("x".repeat(121))),
        ("answer_en", json!(" ")),
        ("answer_es", json!("x".repeat(481))),
        ("keywords", json!(["x".repeat(61)])),
        ("keywords", json!(vec!["k"; 21])),
        ("answer_en", json!("a\0b")),
    ] {
        let mut bad = entry("Parking");
        bad[field] = value;
        let problem = app.api("POST", "/api/knowledge", Some(bad)).await.expect(422).json();
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
    app.finish().await;
}
