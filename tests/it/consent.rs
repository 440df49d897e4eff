//! Consent that staff records, the block list that staff keeps, and who may be texted first.

use frontdesk::accounts::Permission;
use serde_json::{Value, json};

use crate::{
    contacts::{NOBODY, audited, contact},
    support::{ApiResponse, App},
};

const ANA: &str = "+12125550101";
const BEN: &str = "+12125550102";

fn granted() -> Value {
    json!({ "action": "granted", "tier": "express_written", "channel": "sms", "method": "paper", "purpose": "marketing",
            "evidence": "Signed form of 3 March, folder 12" })
}

fn revoked() -> Value {
    json!({ "action": "revoked", "channel": "sms", "method": "verbal", "evidence": "Told Dana on the phone" })
}

async fn record(app: &App, id: &str, body: Value) -> ApiResponse {
    app.api("POST", &format!("/api/contacts/{id}/consent"), Some(body)).await
}

async fn text(app: &App, id: &str) -> ApiResponse {
    app.api("POST", "/api/messages", Some(json!({ "contact_id": id, "body": "Your order is ready." }))).await
}

async fn status(app: &App, id: &str) -> Value {
    app.get(&format!("/api/contacts/{id}")).await["opt_in_status"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_texted_who_never_agreed() {
    let app = App::start().await;
    let id = contact(&app, ANA).await;
    assert_eq!(text(&app, &id).await.expect(409).json()["code"], "no_consent");
    let line = record(&app, &id, granted()).await.expect(201).json();
    assert_eq!(
        (&line["action"], &line["tier"], &line["method"]),
        (&json!("granted"), &json!("express_written"), &json!("paper"))
    );
    assert_eq!(status(&app, &id).await, "opted_in");
    text(&app, &id).await.expect(201);
    app.run_jobs().await;
    assert_eq!(app.twilio.taken_by(ANA).len(), 1);
    // Consent to SMS is none to WhatsApp.
    let whatsapp = json!({ "contact_id": id, "channel": "whatsapp", "body": "hi" });
    assert_eq!(app.api("POST", "/api/messages", Some(whatsapp)).await.expect(409).json()["code"], "no_consent");
    // Who texts first may be answered, also by whoever was added before.
    let ben = contact(&app, BEN).await;
    app.ask(BEN, "hello").await;
    text(&app, &ben).await.expect(201);
    let ledger = app.items(&format!("/api/contacts/{ben}/consent")).await;
    assert_eq!((ledger.len(), &ledger[0]["method"]), (1, &json!("inbound_message")));
    app.text(BEN, "hello again").await;
    assert_eq!(app.items(&format!("/api/contacts/{ben}/consent")).await.len(), 1, "noted once");
    app.run_jobs().await;
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_simulator_heard_lets_nobody_text_a_phone() {
    let app = App::start().await;
    let text = json!({ "from": ANA, "body": "hello" });
    let heard = app.api("POST", "/api/simulator/messages", Some(text)).await.expect(201).json();
    app.run_jobs().await;
    let send = |channel: &str| Some(json!({ "contact_id": heard["contact_id"], "channel": channel, "body": "hi" }));
    assert_eq!(app.api("POST", "/api/messages", send("sms")).await.expect(409).json()["code"], "no_consent");
    assert_eq!(app.api("POST", "/api/messages", send("simulator")).await.expect(201).json()["channel"], "simulator");
    app.run_jobs().await;
    // A first text on another channel is noted there too.
    app.ask(ANA, "hello by phone").await;
    app.api("POST", "/api/messages", send("sms")).await.expect(201);
    app.run_jobs().await;
    app.clock.advance(chrono::TimeDelta::minutes(5));
    app.run_jobs().await;
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_staff_recorded_staff_can_take_back_but_not_the_contacts_own_stop() {
    let app = App::start().await;
    app.ask(ANA, "hello").await;
    let id = app.items("/api/contacts").await[0]["id"].as_str().expect("id").to_owned();
    text(&app, &id).await.expect(201);
    // The revocation stops also what waits already.
    let line = record(&app, &id, revoked()).await.expect(201).json();
    assert_eq!((&line["action"], &line["recorded_by"]), (&json!("revoked"), &Value::Null));
    assert_eq!(status(&app, &id).await, "opted_out");
    let before = app.twilio.taken_by(ANA).len();
    app.run_jobs().await;
    assert_eq!(app.twilio.taken_by(ANA).len(), before);
    assert_eq!(text(&app, &id).await.expect(409).json()["code"], "contact_opted_out");
    assert!(app.text(ANA, "are you there?").await.is_empty());
    // They signed a form: staff may lift what staff recorded.
    record(&app, &id, granted()).await.expect(201);
    assert_eq!(status(&app, &id).await, "opted_in");
    app.ask(ANA, "hello").await;
    // Their own STOP is theirs, whatever staff records around it.
    app.text(ANA, "STOP").await;
    record(&app, &id, revoked()).await.expect(201);
    let problem = record(&app, &id, granted()).await.expect(409).json();
    assert_eq!(problem["code"], "contact_opted_out");
    assert_eq!(status(&app, &id).await, "opted_out");
    app.text(ANA, "START").await;
    assert_eq!(status(&app, &id).await, "opted_in");
    record(&app, &id, granted()).await.expect(201);
    let ledger = app.items(&format!("/api/contacts/{id}/consent?sort=at")).await;
    let actions: Vec<&str> = ledger.iter().map(|l| l["method"].as_str().expect("method")).collect();
    assert_eq!(actions, ["inbound_message", "verbal", "paper", "keyword", "verbal", "keyword", "paper"]);
    let page = app.get(&format!("/api/contacts/{id}/consent?limit=4")).await;
    assert_eq!(page["items"][0]["method"], "paper");
    let rest = app
        .items(&format!("/api/contacts/{id}/consent?limit=4&cursor={}", page["next_cursor"].as_str().expect("more")))
        .await;
    assert_eq!(rest.len(), 3);
    // The log says that consent was recorded, not the words.
    let log: Vec<String> = sqlx::query_scalar("SELECT after::text FROM audit_log WHERE action LIKE 'contact.consent%'")
        .fetch_all(app.core.db.pool())
        .await
        .expect("log");
    assert_eq!(log.len(), 4);
    assert!(log.iter().all(|entry| !entry.contains("folder 12") && !entry.contains("Dana")), "{log:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_an_opt_out_is_doubtful_no_consent_is_recorded_over_it() {
    let app = App::start().await;
    app.ask(ANA, "hello").await;
    let id = app.items("/api/contacts").await[0]["id"].as_str().expect("id").to_owned();
    app.text(ANA, "enough with the messages ok").await;
    assert_eq!(record(&app, &id, granted()).await.expect(409).json()["code"], "contact_under_review");
    record(&app, &id, revoked()).await.expect(201);
    assert!(app.items("/api/opt-out-reviews").await.is_empty(), "a clear word ends the review");
    assert_eq!(status(&app, &id).await, "opted_out");
}

#[tokio::test(flavor = "multi_thread")]
async fn recorded_consent_is_checked() {
    let app = App::start().await;
    let id = contact(&app, ANA).await;
    for (field, value, named) in [
        ("evidence", json!("  "), "evidence"),
        ("evidence", json!("x".repeat(2001)), "evidence"),
        ("evidence", json!("a\0b"), "evidence"),
        ("tier", Value::Null, "tier"),
        ("tier", json!("implied"), "body"),
        ("method", json!("keyword"), "body"),
        ("channel", json!("fax"), "body"),
        ("purpose", json!("fun"), "body"),
        ("message_id", json!(NOBODY), "message_id"),
        ("double_opt_in_message_id", json!(NOBODY), "message_id"),
        ("disclosure_id", json!(NOBODY), "disclosure_id"),
        ("source", json!("x".repeat(301)), "source"),
        ("page_url", json!("ftp://example.com"), "page_url"),
        ("page_url", json!("sign-up"), "page_url"),
        ("ip", json!("1.2.3"), "ip"),
        ("user_agent", json!("x".repeat(501)), "user_agent"),
        ("zone", json!("Mars/Olympus"), "zone"),
        ("given_at", json!("2026-11-22T15:00:00Z"), "given_at"),
        ("given_at", json!("1970-01-01T00:00:00Z"), "given_at"),
        ("given_at", json!("yesterday"), "body"),
    ] {
        let mut body = granted();
        body[field] = value;
        let problem = record(&app, &id, body).await.expect(422).json();
        assert_eq!(problem["errors"][0]["field"], named, "{problem}");
    }
    record(&app, NOBODY, granted()).await.expect(404);
    let reader = app.key_with(app.organization.id, &[Permission::ContactsRead]).await;
    let path = format!("/api/contacts/{id}/consent");
    app.api_as(&reader, "POST", &path, Some(granted())).await.expect(403);
    app.api_as(&reader, "GET", &path, None).await.expect(200);
    assert_eq!(status(&app, &id).await, "pending");
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_keeps_a_block_list_and_lifts_only_its_own() {
    let app = App::start().await;
    app.ask(ANA, "hello").await;
    let id = app.items("/api/contacts").await[0]["id"].as_str().expect("id").to_owned();
    let block = |number: &str| Some(json!({ "phone_number": number, "reason": "rude" }));
    let entry = app.api("POST", "/api/suppressions", block("(212) 555-0101")).await.expect(201).json();
    assert_eq!(
        (&entry["phone_number"], &entry["reason"], &entry["note"], &entry["contact_id"]),
        (&json!(ANA), &json!("blocked"), &json!("rude"), &json!(id))
    );
    assert_eq!(app.api("POST", "/api/suppressions", block(ANA)).await.expect(409).json()["code"], "already_exists");
    assert_eq!(text(&app, &id).await.expect(409).json()["code"], "contact_blocked");
    assert!(app.text(ANA, "hello?").await.is_empty(), "the assistant is blocked too");
    assert_eq!(app.items("/api/conversations").await[0]["contact_status"], "blocked");
    // START takes back an opt-out, not what the business decided.
    assert!(app.text(ANA, "START").await.is_empty());
    app.text(BEN, "STOP").await;
    let list = app.items("/api/suppressions").await;
    assert_eq!(
        list.iter().map(|s| s["reason"].as_str().expect("reason")).collect::<Vec<_>>(),
        ["opted_out", "blocked"]
    );
    assert_eq!(app.items("/api/suppressions?reason=blocked").await.len(), 1);
    assert_eq!(app.items("/api/suppressions?q=0102").await.len(), 1);
    let path = |entry: &Value| format!("/api/suppressions/{}", entry["id"].as_str().expect("id"));
    assert_eq!(app.api("DELETE", &path(&list[0]), None).await.expect(409).json()["code"], "contact_opted_out");
    let (_, other) = app.second_organization().await;
    app.api_as(&other, "DELETE", &path(&entry), None).await.expect(404);
    assert!(
        app.api_as(&other, "GET", "/api/suppressions", None).await.json()["items"]
            .as_array()
            .expect("items")
            .is_empty()
    );
    app.api("DELETE", &path(&entry), None).await.expect(204);
    assert_eq!(app.api("DELETE", &path(&entry), None).await.expect(409).json()["code"], "not_active");
    app.api("DELETE", &format!("/api/suppressions/{NOBODY}"), None).await.expect(404);
    assert_eq!(app.items("/api/suppressions?lifted=true").await.len(), 1);
    app.ask(ANA, "hello").await;
    app.api("POST", "/api/suppressions", block(ANA)).await.expect(201);
    for (field, value) in [("phone_number", json!("12")), ("reason", json!(" ")), ("reason", json!("x".repeat(501)))] {
        let mut body = block("+14155550109").expect("body");
        body[field] = value;
        assert_eq!(
            app.api("POST", "/api/suppressions", Some(body)).await.expect(422).json()["errors"][0]["field"],
            field
        );
    }
    let reader = app.key_with(app.organization.id, &[Permission::ComplianceRead]).await;
    app.api_as(&reader, "GET", "/api/suppressions", None).await.expect(200);
    app.api_as(&reader, "POST", "/api/suppressions", block("+14155550109")).await.expect(403);
    app.api_as(&reader, "DELETE", &path(&entry), None).await.expect(403);
    assert_eq!(audited(&app).await, ["suppression.created", "suppression.deleted", "suppression.created"]);
}
