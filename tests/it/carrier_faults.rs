//! The simulated carrier told to do wrong: what comes of each text, by the code that Twilio's answers and reports go through.

use chrono::TimeDelta;
use frontdesk::messaging;
use serde_json::{Value, json};

use crate::support::App;

const ANA: &str = "+14155550101";
const BEN: &str = "+14155550102";

async fn simulated() -> App {
    let app = App::builder()
        .with("TWILIO_ACCOUNT_SID", "")
        .with("TWILIO_AUTH_TOKEN", "")
        .with("TWILIO_PHONE_NUMBER", "")
        .start()
        .await;
    app.api("PUT", "/api/simulator/mode", Some(json!({ "simulation": true }))).await.expect(200);
    app
}

async fn fault(app: &App, fault: Value) -> String {
    let made = app.api("POST", "/api/simulator/faults", Some(fault)).await.expect(201).json();
    made["id"].as_str().expect("id").to_owned()
}

/// Texts, and gives back the id of the reply, which is on its way.
async fn reply(app: &App, from: &str) -> String {
    app.api("POST", "/api/simulator/messages", Some(json!({ "from": from, "body": "hello" }))).await.expect(201);
    app.run_jobs().await;
    let texts = app.items("/api/messages?direction=outbound").await;
    let reply = texts.into_iter().max_by_key(|m| m["id"].as_str().map(str::to_owned)).expect("a reply");
    reply["id"].as_str().expect("id").to_owned()
}

/// So many seconds pass.
async fn pass(app: &App, seconds: u32) {
    for _ in 0..seconds {
        app.clock.advance(TimeDelta::seconds(1));
        app.run_jobs().await;
    }
}

/// Status and code of the text.
async fn standing(app: &App, id: &str) -> (String, Option<String>) {
    let message = app.get(&format!("/api/messages/{id}")).await;
    let text = |field: &str| message[field].as_str().map(str::to_owned);
    (text("status").expect("status"), text("error_code"))
}

/// What the carrier did with the text, in order: what, the status reported, what came of it.
async fn log(app: &App, id: &str) -> Vec<String> {
    let mut events = app.items(&format!("/api/simulator/log?message_id={id}")).await;
    events.reverse();
    let text = |event: &Value, field: &str| event[field].as_str().map(str::to_owned);
    events
        .iter()
        .map(|e| ["what", "status", "effect"].iter().filter_map(|f| text(e, f)).collect::<Vec<_>>().join(" "))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn without_faults_a_text_is_reported_sent_and_delivered() {
    let app = simulated().await;
    let id = reply(&app, ANA).await;
    assert_eq!(log(&app, &id).await, ["taken", "report sent", "report delivered"]);
    pass(&app, 2).await;
    assert_eq!(standing(&app, &id).await, ("delivered".to_owned(), None));
    assert_eq!(log(&app, &id).await, ["taken", "report sent applied", "report delivered applied"]);
    assert_eq!(app.count("SELECT count(*) FROM delivery_events").await, 2, "kept as Twilio's are");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_has_the_consequences_that_it_has_from_twilio() {
    let app = simulated().await;
    fault(&app, json!({ "kind": "error_on_send", "error_code": "21610", "times": 1 })).await;
    let id = reply(&app, ANA).await;
    assert_eq!(standing(&app, &id).await, ("failed".to_owned(), Some("21610".to_owned())));
    assert_eq!(log(&app, &id).await, ["refused"]);
    // The carrier keeps the opt-out for this sender, so nothing more is handed over.
    let next = reply(&app, ANA).await;
    assert_eq!(standing(&app, &next).await.0, "canceled");
    assert!(log(&app, &next).await.is_empty());
    // Somebody else is texted as before: the fault is used up.
    let other = reply(&app, BEN).await;
    pass(&app, 2).await;
    assert_eq!(standing(&app, &other).await.0, "delivered");
    assert_eq!(app.items("/api/simulator/faults").await[0]["times_left"], 0);
    // 20429: not processed, so it is tried again.
    fault(&app, json!({ "kind": "error_on_send", "error_code": "20429", "times": 2 })).await;
    let slowed = reply(&app, BEN).await;
    assert_eq!(standing(&app, &slowed).await.0, "queued");
    pass(&app, 10).await;
    assert_eq!(standing(&app, &slowed).await, ("delivered".to_owned(), None));
    assert_eq!(log(&app, &slowed).await[..3], ["refused", "refused", "taken"]);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_may_come_later_and_only_to_one_contact() {
    let app = simulated().await;
    reply(&app, ANA).await;
    let ana = app.items("/api/contacts").await[0]["id"].clone();
    let unreachable =
        json!({ "kind": "error_by_report", "error_code": "30006", "after_seconds": 60, "contact_id": ana });
    let fault = fault(&app, unreachable).await;
    let (failing, fine) = (reply(&app, ANA).await, reply(&app, BEN).await);
    pass(&app, 2).await;
    assert_eq!(standing(&app, &fine).await.0, "delivered");
    assert_eq!(standing(&app, &failing).await, ("sent".to_owned(), None));
    app.api("PUT", "/api/simulator/clock", Some(json!({ "advance_seconds": 60 }))).await.expect(200);
    app.run_jobs().await;
    assert_eq!(standing(&app, &failing).await, ("undelivered".to_owned(), Some("30006".to_owned())));
    app.api("DELETE", &format!("/api/simulator/faults/{fault}"), None).await.expect(204);
    app.api("DELETE", &format!("/api/simulator/faults/{fault}"), None).await.expect(404);
    pass(&app, 2).await;
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_late_reordered_doubled_and_hasty_reports() {
    let app = simulated().await;
    let one = |kind: &str| json!({ "kind": kind, "times": 1 });
    fault(&app, one("silence")).await;
    let silent = reply(&app, ANA).await;
    pass(&app, 3).await;
    assert_eq!(standing(&app, &silent).await.0, "sending");
    assert_eq!(log(&app, &silent).await, ["taken", "report sent withheld", "report delivered withheld"]);
    // Asked after by the organization's clock, as Twilio is.
    messaging::enqueue_due_reconciliations(&app.core).await.expect("due");
    app.run_jobs().await;
    assert_eq!(standing(&app, &silent).await.0, "sending", "it has only just left");
    app.api("PUT", "/api/simulator/clock", Some(json!({ "advance_seconds": 660 }))).await.expect(200);
    assert_eq!(messaging::enqueue_due_reconciliations(&app.core).await.expect("due"), 1);
    app.run_jobs().await;
    assert_eq!(standing(&app, &silent).await, ("delivered".to_owned(), None));
    assert_eq!(messaging::enqueue_due_reconciliations(&app.core).await.expect("due"), 0);

    fault(&app, one("reordered")).await;
    let reordered = reply(&app, ANA).await;
    pass(&app, 3).await;
    assert_eq!(standing(&app, &reordered).await.0, "delivered");
    assert_eq!(log(&app, &reordered).await, ["taken", "report delivered applied", "report sent nothing_new"]);

    fault(&app, one("duplicate")).await;
    let before = app.count("SELECT count(*) FROM delivery_events").await;
    let doubled = reply(&app, ANA).await;
    pass(&app, 3).await;
    assert_eq!(standing(&app, &doubled).await.0, "delivered");
    let expected = [
        "taken",
        "report sent applied",
        "report sent nothing_new",
        "report delivered applied",
        "report delivered nothing_new",
    ];
    assert_eq!(log(&app, &doubled).await, expected);
    assert_eq!(app.count("SELECT count(*) FROM delivery_events").await - before, 2);

    fault(&app, one("reports_first")).await;
    let hasty = reply(&app, ANA).await;
    assert_eq!(standing(&app, &hasty).await.0, "delivered");

    fault(&app, one("late")).await;
    let late = reply(&app, ANA).await;
    pass(&app, 5).await;
    assert_eq!(standing(&app, &late).await.0, "sending");
    app.api("PUT", "/api/simulator/clock", Some(json!({ "advance_seconds": 3600 }))).await.expect(200);
    pass(&app, 3).await;
    assert_eq!(standing(&app, &late).await.0, "delivered");
    let texts = app.items("/api/messages?direction=outbound").await;
    assert_eq!(texts.len(), 5);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_given_up_while_nobody_knew_is_found_out_about() {
    let app = simulated().await;
    fault(&app, json!({ "kind": "request_lost", "times": 1 })).await;
    let lost = reply(&app, ANA).await;
    // As if its process had died in the last allowed try.
    sqlx::query(
        "UPDATE jobs SET state = 'running', attempts = max_attempts, locked_until = $1 WHERE kind = 'send_message'",
    )
    .bind(app.clock.now())
    .execute(app.core.db.pool())
    .await
    .expect("job");
    app.clock.advance(TimeDelta::seconds(1));
    assert_eq!(app.executor.bury_crashed().await.expect("bury"), 1);
    assert_eq!(standing(&app, &lost).await, ("failed".to_owned(), Some("gave_up".to_owned())));
    let unknown = "SELECT count(*) FROM messages WHERE unknown_since IS NOT NULL";
    assert_eq!(app.count(unknown).await, 1);
    app.api("PUT", "/api/simulator/clock", Some(json!({ "advance_seconds": 660 }))).await.expect(200);
    assert_eq!(messaging::enqueue_due_reconciliations(&app.core).await.expect("due"), 1);
    app.run_jobs().await;
    assert_eq!(app.count(unknown).await, 0, "it never left");
    assert_eq!(standing(&app, &lost).await.0, "failed");
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_answers_are_looked_up_and_lost_requests_made_again() {
    let app = simulated().await;
    fault(&app, json!({ "kind": "answer_lost", "times": 1 })).await;
    let answer_lost = reply(&app, ANA).await;
    pass(&app, 5).await;
    assert_eq!(standing(&app, &answer_lost).await.0, "delivered");
    assert_eq!(log(&app, &answer_lost).await, ["taken", "report sent applied", "report delivered applied"], "once");

    fault(&app, json!({ "kind": "request_lost", "times": 1 })).await;
    let request_lost = reply(&app, ANA).await;
    pass(&app, 5).await;
    assert_eq!(standing(&app, &request_lost).await.0, "sending", "it may have left");
    pass(&app, 40).await;
    assert_eq!(standing(&app, &request_lost).await.0, "delivered");
    assert_eq!(log(&app, &request_lost).await, ["lost", "taken", "report sent applied", "report delivered applied"]);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_are_checked_and_go_with_simulation_mode() {
    let app = simulated().await;
    for wrong in [
        json!({ "kind": "error_on_send" }),
        json!({ "kind": "error_on_send", "error_code": "30 03" }),
        json!({ "kind": "error_on_send", "error_code": "12" }),
        json!({ "kind": "error_on_send", "error_code": "1234567" }),
        json!({ "kind": "error_on_send", "error_code": "30003", "after_seconds": 1 }),
        json!({ "kind": "silence", "error_code": "30003" }),
        json!({ "kind": "late", "after_seconds": 0 }),
        json!({ "kind": "late", "after_seconds": 604_801 }),
        json!({ "kind": "late", "times": 0 }),
        json!({ "kind": "late", "times": 1001 }),
        json!({ "kind": "late", "chance_percent": 0 }),
        json!({ "kind": "late", "chance_percent": 101 }),
    ] {
        app.api("POST", "/api/simulator/faults", Some(wrong)).await.expect(422);
    }
    let nobody = json!({ "kind": "silence", "contact_id": uuid::Uuid::nil() });
    app.api("POST", "/api/simulator/faults", Some(nobody)).await.expect(404);
    for _ in 0..50 {
        fault(&app, json!({ "kind": "silence", "chance_percent": 1 })).await;
    }
    let full = app.api("POST", "/api/simulator/faults", Some(json!({ "kind": "silence" }))).await.expect(409).json();
    assert_eq!(full["code"], "too_many_entries");
    app.api("PUT", "/api/simulator/mode", Some(json!({ "simulation": false }))).await.expect(200);
    assert!(app.items("/api/simulator/faults").await.is_empty());
    let refused = app.api("POST", "/api/simulator/faults", Some(json!({ "kind": "silence" }))).await.expect(409).json();
    assert_eq!(refused["code"], "not_simulated");
    let id = reply(&app, ANA).await;
    pass(&app, 2).await;
    assert_eq!(standing(&app, &id).await.0, "delivered");
    app.finish().await;
}
