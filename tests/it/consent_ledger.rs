//! The consent ledger as evidence: what proves a line, that nothing is changed later, consent by purpose, and the archive for a court.

use std::io::Read;

use axum::{body::Body, http::Request};
use frontdesk::{accounts::Permission, platform::crypto::sha256_hex};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Executor};

use crate::{
    contacts::{NOBODY, audited, contact},
    support::{API_KEY, ApiResponse, App},
};

const ANA: &str = "+12125550101";
const BEN: &str = "+12125550102";
const WORDING: &str = " I agree to get promotional texts from Maple Street Studio. Not a condition of purchase. ";

fn granted(purpose: &str, tier: &str) -> Value {
    json!({ "action": "granted", "tier": tier, "channel": "sms", "method": "web_form", "purpose": purpose,
            "evidence": "Ticked the box" })
}

fn revoked(purpose: Value) -> Value {
    json!({ "action": "revoked", "channel": "sms", "method": "verbal", "purpose": purpose, "evidence": "Told Dana on the phone" })
}

async fn record(app: &App, id: &str, body: Value) -> ApiResponse {
    app.api("POST", &format!("/api/contacts/{id}/consent"), Some(body)).await
}

async fn ledger(app: &App, id: &str) -> Vec<Value> {
    app.items(&format!("/api/contacts/{id}/consent?sort=at")).await
}

fn disclosure(text: &str) -> Value {
    json!({ "program": "News", "seller": "Maple Street Studio", "purpose": "marketing", "text": text })
}

async fn disclose(app: &App, text: &str) -> Value {
    app.api("POST", "/api/compliance/disclosures", Some(disclosure(text))).await.expect(201).json()
}

async fn as_owner(app: &App, sql: &str) -> Result<u64, sqlx::Error> {
    app.core.db.pool().execute(AssertSqlSafe(sql.to_owned())).await.map(|done| done.rows_affected())
}

#[tokio::test(flavor = "multi_thread")]
async fn disclosures_have_versions_and_are_never_changed() {
    let app = App::start().await;
    let first = disclose(&app, WORDING).await;
    assert_eq!((&first["version"], &first["text"], &first["used"]), (&json!(1), &json!(WORDING), &json!(0)));
    assert_eq!(first["sha256"], sha256_hex(WORDING.as_bytes()), "of the exact text, its spaces too");
    let same = app.api("POST", "/api/compliance/disclosures", Some(disclosure(WORDING))).await.expect(409).json();
    assert_eq!(same["code"], "already_exists");
    let second = disclose(&app, WORDING.trim()).await;
    assert_eq!((&second["version"], second["sha256"] != first["sha256"]), (&json!(2), true));
    // Back to the first wording is a third version: what was said when stays clear.
    assert_eq!(disclose(&app, WORDING).await["version"], 3);
    let mut other = disclosure(WORDING);
    other["program"] = json!("Reminders");
    let other = app.api("POST", "/api/compliance/disclosures", Some(other)).await.expect(201).json();
    assert_eq!(other["version"], 1);
    assert_eq!(app.items("/api/compliance/disclosures").await.len(), 4);
    assert_eq!(app.items("/api/compliance/disclosures?program=News").await.len(), 3);
    let newest = app.items("/api/compliance/disclosures?newest=true&q=news").await;
    assert_eq!((newest.len(), &newest[0]["version"]), (1, &json!(3)));
    let page = app.get("/api/compliance/disclosures?limit=2&sort=-created_at").await;
    assert!(page["next_cursor"].is_string());
    for (field, value) in [
        ("program", json!(" ")),
        ("program", json!("x".repeat(121))),
        ("seller", json!("a\0b")),
        ("text", json!(" \n ")),
        ("text", json!("x".repeat(10_001))),
        ("text", json!("a\0b")),
    ] {
        let mut body = disclosure("x");
        body[field] = value;
        let problem = app.api("POST", "/api/compliance/disclosures", Some(body)).await.expect(422).json();
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
    for sql in ["UPDATE disclosures SET wording = 'x'", "UPDATE disclosures SET seller = 'x' WHERE version = 1"] {
        assert!(as_owner(&app, sql).await.is_err(), "{sql}");
    }
    let (_, key) = app.second_organization().await;
    let theirs = app.api_as(&key, "GET", "/api/compliance/disclosures", None).await.expect(200).json();
    assert_eq!(theirs["items"], json!([]));
    let reader = app.key_with(app.organization.id, &[Permission::ComplianceRead]).await;
    app.api_as(&reader, "POST", "/api/compliance/disclosures", Some(disclosure("y"))).await.expect(403);
    assert_eq!(audited(&app).await, ["disclosure.created"; 4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_versions_at_once_are_two_versions() {
    let app = App::start().await;
    let texts: Vec<String> = (0..8).map(|n| format!("Text {n}")).collect();
    let made = futures::future::join_all(texts.iter().map(|text| disclose(&app, text))).await;
    let mut versions: Vec<i64> = made.iter().map(|d| d["version"].as_i64().expect("version")).collect();
    versions.sort_unstable();
    assert_eq!(versions, (1..=8).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_holds_all_that_proves_it() {
    let app = App::start().await;
    app.ask(ANA, "hello").await;
    let id = app.items("/api/contacts").await[0]["id"].as_str().expect("id").to_owned();
    let message = app.items("/api/messages").await.into_iter().find(|m| m["direction"] == "inbound").expect("text");
    let told = disclose(&app, WORDING).await;
    let mut body = granted("marketing", "express_written");
    body.as_object_mut().expect("object").extend(
        json!({
            "disclosure_id": told["id"], "source": "Spring fair", "page_url": "https://example.com/join?x=1", "ip": "2001:DB8::7",
            "user_agent": "Mozilla/5.0", "message_id": message["id"], "double_opt_in_message_id": message["id"],
            "given_at": "2026-11-20T18:30:00-06:00", "zone": "America/Chicago",
        })
        .as_object()
        .expect("object")
        .clone(),
    );
    let line = record(&app, &id, body.clone()).await.expect(201).json();
    for (field, value) in [
        ("purpose", json!("marketing")),
        ("disclosure_id", told["id"].clone()),
        ("disclosure_sha256", told["sha256"].clone()),
        ("disclosure_program", json!("News")),
        ("disclosure_version", json!(1)),
        ("source", json!("Spring fair")),
        ("page_url", json!("https://example.com/join?x=1")),
        ("ip", json!("2001:db8::7")),
        ("user_agent", json!("Mozilla/5.0")),
        ("message_id", message["id"].clone()),
        ("double_opt_in_message_id", message["id"].clone()),
        ("given_at", json!("2026-11-21T00:30:00Z")),
        ("zone", json!("America/Chicago")),
        ("seq", json!(2)),
    ] {
        assert_eq!(line[field], value, "{field}");
    }
    let lines = ledger(&app, &id).await;
    assert_eq!((&lines[0]["purpose"], &lines[0]["tier"]), (&json!("conversational"), &json!("implied")));
    assert_eq!(lines[1], line);
    assert_eq!(app.items("/api/compliance/disclosures").await[0]["used"], 1);
    // Somebody else's text proves nothing about her.
    app.ask(BEN, "hello").await;
    let other = app.items("/api/messages").await.into_iter().find(|m| m["contact_id"] != json!(id)).expect("text");
    body["message_id"] = other["id"].clone();
    assert_eq!(record(&app, &id, body.clone()).await.expect(422).json()["errors"][0]["field"], "message_id");
    let (_, key) = app.second_organization().await;
    let theirs =
        app.api_as(&key, "POST", "/api/compliance/disclosures", Some(disclosure("x"))).await.expect(201).json();
    body["message_id"] = Value::Null;
    body["disclosure_id"] = theirs["id"].clone();
    assert_eq!(record(&app, &id, body).await.expect(422).json()["errors"][0]["field"], "disclosure_id");
    // The revocation has the same fields.
    let mut taken_back = revoked(json!("marketing"));
    taken_back["source"] = json!("Letter of 21 November");
    taken_back["method"] = json!("import");
    let line = record(&app, &id, taken_back).await.expect(201).json();
    assert_eq!((&line["source"], &line["method"]), (&json!("Letter of 21 November"), &json!("import")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purpose_is_taken_back_alone_and_texts_as_such_with_all() {
    let app = App::start().await;
    let id = contact(&app, ANA).await;
    assert_eq!(
        app.get(&format!("/api/contacts/{id}")).await["opt_in_status"],
        "pending",
        "nobody is opted in by being added"
    );
    record(&app, &id, granted("transactional", "express")).await.expect(201);
    record(&app, &id, granted("marketing", "express_written")).await.expect(201);
    record(&app, &id, revoked(json!("marketing"))).await.expect(201);
    assert_eq!(app.get(&format!("/api/contacts/{id}")).await["opt_in_status"], "opted_in", "of promotions only");
    assert!(app.items("/api/suppressions").await.is_empty());
    let text = json!({ "contact_id": id, "body": "Your order is ready." });
    app.api("POST", "/api/messages", Some(text.clone())).await.expect(201);
    app.run_jobs().await;
    assert_eq!(app.twilio.taken_by(ANA).len(), 1);
    record(&app, &id, revoked(Value::Null)).await.expect(201);
    assert_eq!(app.api("POST", "/api/messages", Some(text)).await.expect(409).json()["code"], "contact_opted_out");
    app.run_jobs().await;
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_form_found_later_brings_nothing_back() {
    let app = App::start().await;
    let id = contact(&app, ANA).await;
    record(&app, &id, revoked(Value::Null)).await.expect(201);
    let mut old = granted("marketing", "express_written");
    old["given_at"] = json!("2026-03-01T12:00:00Z");
    let problem = record(&app, &id, old.clone()).await.expect(422).json();
    assert_eq!(
        (&problem["errors"][0]["field"], &problem["errors"][0]["code"]),
        (&json!("given_at"), &json!("revoked_since"))
    );
    assert_eq!(app.get(&format!("/api/contacts/{id}")).await["opt_in_status"], "opted_out");
    app.clock.advance(chrono::TimeDelta::hours(1));
    old["given_at"] = json!("2026-11-21T15:30:00Z");
    record(&app, &id, old).await.expect(201);
    assert_eq!(app.get(&format!("/api/contacts/{id}")).await["opt_in_status"], "opted_in");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ledger_is_append_only_even_to_its_owner() {
    let app = App::start().await;
    app.text(ANA, "hello").await;
    app.text(ANA, "STOP").await;
    for sql in ["UPDATE consent_events SET action = 'granted'", "UPDATE consent_events SET hash = hash"] {
        assert!(as_owner(&app, sql).await.is_err(), "{sql}");
    }
    let mut tx = app.core.db.tenant(app.organization.id).await.expect("tenant");
    assert!(tx.execute("DELETE FROM consent_events").await.is_err());
    drop(tx);
    // The chain by an independent reckoning.
    let rows: Vec<(i32, Option<String>, String, String)> =
        sqlx::query_as("SELECT seq, prev_hash, hash, consent_line(e) FROM consent_events e ORDER BY seq")
            .fetch_all(app.core.db.pool())
            .await
            .expect("rows");
    assert_eq!(rows.len(), 2);
    let mut before = String::new();
    for (n, (seq, previous, hash, line)) in rows.iter().enumerate() {
        assert_eq!(
            (*seq, previous.as_deref().unwrap_or_default()),
            (i32::try_from(n + 1).expect("few"), before.as_str())
        );
        before = sha256_hex(format!("{before}\n{line}").as_bytes());
        assert_eq!(*hash, before);
    }
    // What a line says is what is hashed.
    let line: Value = serde_json::from_str(&rows[1].3).expect("JSON");
    assert_eq!((&line["action"], &line["evidence"], &line["v"]), (&json!("revoked"), &json!("STOP"), &json!(1)));
    assert_eq!(line["given_at"], "2026-11-21T15:00:01.000000Z");
}

// ---- evidence

type Zip = zip::ZipArchive<std::io::Cursor<Vec<u8>>>;

async fn evidence(app: &App, id: &str) -> Zip {
    let request = Request::get(format!("/api/contacts/{id}/consent/evidence")).header("x-api-key", API_KEY);
    let response = tower::ServiceExt::oneshot(app.router.clone(), request.body(Body::empty()).expect("request"))
        .await
        .expect("infallible");
    assert_eq!(
        (response.status().as_u16(), &response.headers()["content-type"]),
        (200, &"application/zip".parse().expect("type"))
    );
    let bytes = axum::body::to_bytes(response.into_body(), 16 << 20).await.expect("body").to_vec();
    zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("a zip")
}

fn file(zip: &mut Zip, name: &str) -> String {
    let mut text = String::new();
    zip.by_name(name).unwrap_or_else(|e| panic!("{name}: {e}")).read_to_string(&mut text).expect("UTF-8");
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn the_evidence_needs_nothing_else_to_be_checked() {
    let app = App::start().await;
    app.ask(ANA, "hello <script>alert(1)</script>").await;
    let id = app.items("/api/contacts").await[0]["id"].as_str().expect("id").to_owned();
    app.ask(BEN, "I am somebody else").await;
    let told = disclose(&app, WORDING).await;
    let mut grant = granted("marketing", "express_written");
    grant["disclosure_id"] = told["id"].clone();
    grant["zone"] = json!("America/Chicago");
    record(&app, &id, grant).await.expect(201);
    let replies = app.text(ANA, "please stop texting me").await;
    assert_eq!(replies.len(), 1, "{replies:?}");
    let mut zip = evidence(&app, &id).await;
    let document: Value = serde_json::from_str(&file(&mut zip, "evidence.json")).expect("JSON");
    assert_eq!((&document["chain"]["lines"], &document["chain"]["intact"]), (&json!(3), &json!(true)), "{document}");
    assert_eq!(document["made_by"]["kind"], "api_key");
    assert_eq!(document["contact"]["phone_number"], ANA);
    let lines = document["lines"].as_array().expect("lines");
    assert_eq!(
        (&lines[1]["disclosure"]["text"], &lines[1]["disclosure_sha256"]),
        (&json!(WORDING), &json!(sha256_hex(WORDING.as_bytes())))
    );
    let local = lines[1]["given_at_local"].as_str().expect("time");
    assert!(local.starts_with("2026-11-21 09:00") && local.ends_with("CST (America/Chicago)"), "{local}");
    // Both texts that the lines name, as they came, and the confirmation.
    let messages = document["messages"].as_array().expect("messages");
    assert_eq!(messages.len(), 3, "{messages:#?}");
    let stop = messages.iter().find(|m| m["body"] == "please stop texting me").expect("the opt-out");
    assert_eq!(stop["receipt"]["params"]["Body"], "please stop texting me");
    assert!(stop["provider_sid"].as_str().expect("SID").starts_with("SM"));
    assert!(messages.iter().any(|m| m["purpose"] == "opt_out_confirmation" && m["body"] == json!(replies[0])));
    assert_eq!(document["suppressions"][0]["reason"], "opted_out");
    let html = file(&mut zip, "evidence.html");
    assert!(html.contains("promotional texts from Maple Street") && html.contains("hello &lt;script&gt;"));
    assert!(
        !html.contains("<script>")
            && !html.contains("http://")
            && !html.contains("somebody else")
            && !html.contains(BEN)
    );
    // As README.txt says: by the file alone.
    let mut before = String::new();
    for row in file(&mut zip, "chain.txt").lines() {
        let (hash, line) = row.split_once('\t').expect("tab");
        before = sha256_hex(format!("{before}\n{line}").as_bytes());
        assert_eq!(before, hash);
    }
    assert_eq!(document["chain"]["head_sha256"], before);
    let readme = file(&mut zip, "README.txt");
    assert!(readme.contains("It does.") && readme.contains(&before), "{readme}");
    let note: Value =
        sqlx::query_scalar("SELECT after FROM audit_log WHERE action = 'contact.consent_evidence_exported'")
            .fetch_one(app.core.db.pool())
            .await
            .expect("entry");
    assert_eq!((&note["head_sha256"], &note["lines"], &note["intact"]), (&json!(before), &json!(3), &json!(true)));
    // Somebody with the database in hand changes a line.
    as_owner(&app, "ALTER TABLE consent_events DISABLE TRIGGER consent_events_unchanged").await.expect("trigger");
    as_owner(&app, "UPDATE consent_events SET evidence = 'Signed' WHERE seq = 2").await.expect("changed");
    let mut zip = evidence(&app, &id).await;
    let document: Value = serde_json::from_str(&file(&mut zip, "evidence.json")).expect("JSON");
    assert_eq!(document["chain"]["intact"], false);
    assert!(
        file(&mut zip, "README.txt").contains("IT DOES NOT")
            && file(&mut zip, "evidence.html").contains("does not hold")
    );
    let path = format!("/api/contacts/{id}/consent/evidence");
    let (_, other) = app.second_organization().await;
    app.api_as(&other, "GET", &path, None).await.expect(404);
    app.api("GET", &format!("/api/contacts/{NOBODY}/consent/evidence"), None).await.expect(404);
    let reader = app.key_with(app.organization.id, &[Permission::ContactsRead]).await;
    app.api_as(&reader, "GET", &path, None).await.expect(403);
    app.finish().await;
}
