//! Numbers that are not texted: lists that are brought in and taken back, entries that end by themselves, numbers that no carrier reaches, and
//! the installation's own list.

use chrono::TimeDelta;
use frontdesk::{
    accounts::{self, BuiltInRole, NewStaff, Permission},
    compliance::{self, ConsentChannel},
    platform::phone::PhoneNumber,
};
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::{
    contacts::{NOBODY, audited},
    support::{ApiResponse, App},
};

const ANA: &str = "+12125550101";
const BEN: &str = "+12125550102";

async fn import(app: &App, csv: &str, preview: bool) -> ApiResponse {
    let body = json!({ "csv": csv, "note": "Registry of October", "preview": preview });
    app.api("POST", "/api/suppressions/import", Some(body)).await
}

fn verdicts(import: &Value) -> Vec<(i64, Option<&str>, &str)> {
    let rows = import["rows"].as_array().expect("rows");
    let row = |r: &Value| r["line"].as_i64().expect("line");
    rows.iter().map(|r| (row(r), r["phone_number"].as_str(), r["verdict"].as_str().expect("verdict"))).collect()
}

async fn say(app: &App, to: &str) -> ApiResponse {
    let contact = app.items("/api/contacts").await.into_iter().find(|c| c["phone_number"] == to).expect("contact");
    app.api("POST", "/api/messages", Some(json!({ "contact_id": contact["id"], "body": "hi" }))).await
}

const LIST: &str = "Name,Phone,Reason\nAna,(212) 555-0101,Asked by letter\nAna,2125550101,\nNobody,,\nX,hello,\nBen,+1 212 555 0102,\nEve,212-555-0103,\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_tried_taken_in_and_taken_back() {
    let app = App::start().await;
    app.ask(ANA, "hello").await;
    let block = |number: &str| Some(json!({ "phone_number": number, "reason": "rude" }));
    app.api("POST", "/api/suppressions", block("+12125550103")).await.expect(201);
    let tried = import(&app, LIST, true).await.expect(200).json();
    let expected = [
        (2, Some(ANA), "added"),
        (3, Some(ANA), "repeated"),
        (4, None, "invalid"),
        (5, None, "invalid"),
        (6, Some(BEN), "added"),
        (7, Some("+12125550103"), "already_there"),
    ];
    assert_eq!(verdicts(&tried), expected);
    assert_eq!((&tried["batch"], &tried["added"], &tried["invalid"]), (&Value::Null, &json!(2), &json!(2)));
    assert_eq!(app.items("/api/suppressions").await.len(), 1, "only tried");
    let taken = import(&app, LIST, false).await.expect(201).json();
    assert_eq!(verdicts(&taken), expected);
    let batch = taken["batch"]["id"].as_str().expect("id").to_owned();
    assert_eq!((&taken["batch"]["added"], &taken["batch"]["active"]), (&json!(2), &json!(2)));
    let rows = app.items(&format!("/api/suppressions?batch_id={batch}")).await;
    assert_eq!(rows.len(), 2);
    let ana = rows.iter().find(|r| r["phone_number"] == ANA).expect("Ana");
    assert_eq!(
        (&ana["reason"], &ana["note"]),
        (&json!("do_not_call"), &json!("Asked by letter")),
        "the row's own reason"
    );
    assert!(rows.iter().any(|r| r["note"] == "Registry of October"));
    // It holds for everything.
    assert_eq!(say(&app, ANA).await.expect(409).json()["code"], "contact_blocked");
    assert!(app.text(ANA, "hello?").await.is_empty());
    assert_eq!(app.items("/api/messages").await[0]["error_code"], "do_not_call");
    assert_eq!(app.items("/api/conversations").await[0]["contact_status"], "blocked");
    assert!(app.text(ANA, "START").await.is_empty(), "a list is not the contact's to end");
    // Once more adds nothing.
    let again = import(&app, LIST, false).await.expect(200).json();
    assert_eq!((&again["batch"], &again["added"], &again["already_there"]), (&Value::Null, &json!(0), &json!(3)));
    // One entry is lifted by hand; then the whole list goes.
    let ben = rows.iter().find(|r| r["phone_number"] == BEN).expect("Ben");
    app.api("DELETE", &format!("/api/suppressions/{}", ben["id"].as_str().expect("id")), None).await.expect(204);
    assert_eq!(app.items("/api/suppressions/batches").await[0]["active"], 1);
    let undo = format!("/api/suppressions/batches/{batch}/undo");
    let (_, other) = app.second_organization().await;
    app.api_as(&other, "POST", &undo, None).await.expect(404);
    let undone = app.api("POST", &undo, None).await.expect(200).json();
    assert!(undone["undone_at"].is_string() && undone["active"] == 0);
    assert_eq!(app.api("POST", &undo, None).await.expect(409).json()["code"], "not_active");
    app.api("POST", &format!("/api/suppressions/batches/{NOBODY}/undo"), None).await.expect(404);
    assert_eq!(app.items("/api/suppressions").await.len(), 1, "what staff put there stays");
    assert_eq!(app.items("/api/suppressions?lifted=true").await.len(), 2);
    say(&app, ANA).await.expect(201);
    app.run_jobs().await;
    // And it can come back.
    assert_eq!(import(&app, LIST, false).await.expect(201).json()["added"], 2);
    let reader = app.key_with(app.organization.id, &[Permission::ComplianceRead]).await;
    let body = json!({ "csv": BEN, "note": "x" });
    app.api_as(&reader, "POST", "/api/suppressions/import", Some(body)).await.expect(403);
    app.api_as(&reader, "GET", "/api/suppressions/batches", None).await.expect(200);
    app.api_as(&reader, "POST", &undo, None).await.expect(403);
    assert_eq!(
        audited(&app).await,
        [
            "suppression.created",
            "suppression_batch.imported",
            "suppression.deleted",
            "suppression_batch.undone",
            "message.created",
            "suppression_batch.imported"
        ]
    );
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_checked() {
    let app = App::start().await;
    for (field, value) in [
        ("csv", json!("")),
        ("csv", json!("phone\n\n")),
        ("csv", json!("2125550101\n".repeat(10_001))),
        ("note", json!(" ")),
        ("note", json!("x".repeat(501))),
        ("expires_at", json!("2026-11-21T14:00:00Z")),
        ("expires_at", json!("2926-11-21T14:00:00Z")),
    ] {
        let mut body = json!({ "csv": ANA, "note": "x" });
        body[field] = value;
        let problem = app.api("POST", "/api/suppressions/import", Some(body)).await.expect(422).json();
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
    let most: String = (0..10_000).map(|n| format!("415555{n:04}\n")).collect();
    let taken = import(&app, &most, false).await.expect(201).json();
    assert_eq!(taken["added"], 10_000);
    let odd = import(&app, "a\0b\n\"unclosed,2125550101", true).await.expect(200).json();
    assert_eq!(odd["added"], 0, "{odd}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_ends_by_itself_at_its_time() {
    let app = App::start().await;
    app.ask(ANA, "hello").await;
    let block = json!({ "phone_number": ANA, "reason": "until the fair", "expires_at": "2026-11-22T15:00:00Z" });
    let entry = app.api("POST", "/api/suppressions", Some(block.clone())).await.expect(201).json();
    assert_eq!(entry["expires_at"], "2026-11-22T15:00:00Z");
    app.api("POST", "/api/suppressions", Some(block.clone())).await.expect(409);
    let list = json!({ "csv": BEN, "note": "Season", "expires_at": "2026-11-22T15:00:00Z" });
    app.api("POST", "/api/suppressions/import", Some(list.clone())).await.expect(201);
    say(&app, ANA).await.expect(409);
    // A second has gone by.
    app.clock.advance(TimeDelta::hours(24) - TimeDelta::seconds(2));
    say(&app, ANA).await.expect(409);
    assert_eq!(app.items("/api/conversations").await[0]["contact_status"], "blocked");
    app.clock.advance(TimeDelta::seconds(1));
    say(&app, ANA).await.expect(201);
    app.run_jobs().await;
    assert_eq!(app.items("/api/conversations").await[0]["contact_status"], "ok");
    assert!(app.items("/api/suppressions").await.is_empty());
    let ended = app.items("/api/suppressions?lifted=true").await;
    assert!(ended.len() == 2 && ended.iter().all(|e| e["lifted_at"].is_null()), "{ended:?}");
    assert_eq!(app.items("/api/suppressions/batches").await[0]["active"], 0);
    let path = format!("/api/suppressions/{}", entry["id"].as_str().expect("id"));
    assert_eq!(app.api("DELETE", &path, None).await.expect(409).json()["code"], "not_active");
    // What has ended makes room for another.
    let mut again = block;
    again["expires_at"] = Value::Null;
    app.api("POST", "/api/suppressions", Some(again)).await.expect(201);
    let mut again = list;
    again["expires_at"] = json!("2027-01-01T00:00:00Z");
    assert_eq!(app.api("POST", "/api/suppressions/import", Some(again)).await.expect(201).json()["added"], 1);
    say(&app, ANA).await.expect(409);
    app.finish().await;
}

async fn learn(app: &App, number: &str, channel: ConsentChannel) {
    let mut tx = app.core.db.tenant(app.organization.id).await.expect("tenant");
    let number = PhoneNumber::parse_e164(number).expect("number");
    for _ in 0..2 {
        compliance::bad_number(&mut tx, &number, channel, "30005").await.expect("learned");
    }
    tx.commit().await.expect("commit");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_number_is_bad_on_its_channel_until_it_texts() {
    let app = App::start().await;
    app.ask(ANA, "hello").await;
    learn(&app, ANA, ConsentChannel::Whatsapp).await;
    say(&app, ANA).await.expect(201);
    learn(&app, ANA, ConsentChannel::Sms).await;
    let list = app.items("/api/suppressions?reason=bad_number").await;
    assert_eq!(list.len(), 2, "once per channel");
    assert!(list.iter().all(|e| e["error_code"] == "30005"));
    let before = app.twilio.requests();
    app.run_jobs().await;
    assert_eq!(app.twilio.requests(), before, "also what waited");
    assert_eq!(app.items("/api/messages").await[0]["error_code"], "bad_number");
    assert_eq!(say(&app, ANA).await.expect(409).json()["code"], "contact_blocked");
    // They text: so it is reached.
    app.ask(ANA, "are you there?").await;
    let left = app.items("/api/suppressions").await;
    assert!(left.len() == 1 && left[0]["channel"] == "whatsapp", "{left:?}");
    // Staff knows better than the carrier.
    learn(&app, ANA, ConsentChannel::Sms).await;
    for entry in app.items("/api/suppressions").await {
        app.api("DELETE", &format!("/api/suppressions/{}", entry["id"].as_str().expect("id")), None).await.expect(204);
    }
    say(&app, ANA).await.expect(201);
    app.run_jobs().await;
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_an_erased_person_what_somebody_wanted_is_kept_and_nothing_else() {
    let app = App::start().await;
    for number in [ANA, BEN] {
        app.ask(number, "hello").await;
        learn(&app, number, ConsentChannel::Sms).await;
    }
    let list = json!({ "csv": ANA, "note": "Registry", "expires_at": "2026-12-01T00:00:00Z" });
    app.api("POST", "/api/suppressions/import", Some(list)).await.expect(201);
    for (number, kept) in [(ANA, true), (BEN, false)] {
        let contact =
            app.items("/api/contacts").await.into_iter().find(|c| c["phone_number"] == number).expect("contact");
        let path = format!("/api/contacts/{}/erase", contact["id"].as_str().expect("id"));
        let erased = app.api("POST", &path, Some(json!({ "confirm": number }))).await.expect(200).json();
        assert_eq!(erased["opt_out_kept"], kept, "{number}");
    }
    assert_eq!(app.count("SELECT count(*) FROM suppressions WHERE phone_number IS NOT NULL").await, 0);
    assert_eq!(
        app.count("SELECT count(*) FROM suppressions WHERE reason = 'do_not_call' AND expires_at IS NOT NULL").await,
        1
    );
    assert_eq!(app.count("SELECT count(*) FROM suppressions").await, 1);
    assert!(app.text(ANA, "hello").await.is_empty(), "the list holds for the number that nobody knows any more");
    assert_eq!(app.text(BEN, "hello").await.len(), 1);
    app.clock.advance(TimeDelta::days(11));
    assert_eq!(app.text(ANA, "hello").await.len(), 1, "until its time");
    app.finish().await;
}

async fn session(app: &App, username: &str, superuser: bool) -> String {
    let password = SecretString::from("correct horse battery");
    let new = NewStaff { username, password: &password, role: BuiltInRole::Admin, superuser };
    accounts::create_user(&app.core.db, app.organization.id, &new).await.expect("user");
    let body = json!({ "username": username, "password": "correct horse battery" });
    let answer = app.api("POST", "/api/admin/auth/login", Some(body)).await.expect(200);
    answer.headers["set-cookie"].to_str().expect("text").split(';').next().expect("pair").to_owned()
}

async fn by(app: &App, session: &str, method: &str, path: &str, body: Option<Value>) -> ApiResponse {
    let request = axum::http::Request::builder().method(method).uri(path).header("cookie", session);
    let request = request.header("content-type", "application/json");
    let body = body.map_or_else(axum::body::Body::empty, |b| b.to_string().into());
    app.request(request.body(body).expect("request")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_installations_list_holds_for_every_organization() {
    let app = App::start().await;
    let (other, other_key) = app.second_organization().await;
    app.ask(ANA, "hello").await;
    let fields = [("MessageSid", "SMg1"), ("From", ANA), ("To", "+15005550077"), ("Body", "hello")];
    app.request(app.signed("/webhooks/sms/inbound", &fields)).await.expect(200);
    app.run_jobs().await;
    let theirs =
        app.api_as(&other_key, "GET", "/api/contacts", None).await.expect(200).json()["items"][0]["id"].clone();
    say(&app, ANA).await.expect(201);
    let superuser = session(&app, "root", true).await;
    let admin = session(&app, "boss", false).await;
    let path = "/api/installation/suppressions";
    let entry =
        |number: &str| Some(json!({ "phone_number": number, "note": "Sues", "expires_at": "2026-12-01T00:00:00Z" }));
    by(&app, &admin, "POST", path, entry(ANA)).await.expect(403);
    by(&app, &admin, "GET", path, None).await.expect(403);
    app.api("GET", path, None).await.expect(403);
    let made = by(&app, &superuser, "POST", path, entry("(212) 555-0101")).await.expect(201).json();
    assert_eq!(
        (&made["phone_number"], &made["note"], made["created_by"].is_string()),
        (&json!(ANA), &json!("Sues"), true)
    );
    assert_eq!(by(&app, &superuser, "POST", path, entry(ANA)).await.expect(409).json()["code"], "already_exists");
    for (field, value) in
        [("phone_number", json!("12")), ("note", json!("")), ("expires_at", json!("2020-01-01T00:00:00Z"))]
    {
        let mut body = entry(BEN).expect("body");
        body[field] = value;
        let problem = by(&app, &superuser, "POST", path, Some(body)).await.expect(422).json();
        assert_eq!(problem["errors"][0]["field"], field);
    }
    // What waited, what is new, here and there; and START does not help.
    let before = app.twilio.requests();
    app.run_jobs().await;
    assert_eq!(app.twilio.requests(), before);
    assert_eq!(say(&app, ANA).await.expect(409).json()["code"], "contact_blocked");
    let text = json!({ "contact_id": theirs, "body": "hi" });
    let refused = app.api_as(&other_key, "POST", "/api/messages", Some(text.clone())).await.expect(409).json();
    assert_eq!(refused["code"], "contact_blocked");
    assert!(app.text(ANA, "START").await.is_empty());
    assert_eq!(app.items("/api/conversations").await[0]["contact_status"], "blocked");
    // It is nobody's to see: the organization's list shows nothing, and the tenants' role reads no number.
    assert!(app.items("/api/suppressions").await.is_empty());
    let mut tx = app.core.db.tenant(other).await.expect("tenant");
    let read = sqlx::query("SELECT phone_number FROM installation_suppressions").execute(&mut *tx).await;
    assert!(read.is_err());
    drop(tx);
    for sql in ["DELETE FROM installation_suppressions", "UPDATE installation_suppressions SET lifted_at = now()"] {
        let mut tx = app.core.db.tenant(other).await.expect("tenant");
        assert!(sqlx::query(sql).execute(&mut *tx).await.is_err(), "{sql}");
    }
    let id = made["id"].as_str().expect("id");
    by(&app, &admin, "DELETE", &format!("{path}/{id}"), None).await.expect(403);
    by(&app, &superuser, "DELETE", &format!("{path}/{id}"), None).await.expect(204);
    assert_eq!(
        by(&app, &superuser, "DELETE", &format!("{path}/{id}"), None).await.expect(409).json()["code"],
        "not_active"
    );
    by(&app, &superuser, "DELETE", &format!("{path}/{NOBODY}"), None).await.expect(404);
    say(&app, ANA).await.expect(201);
    // By its time as well, and then there is room again.
    by(&app, &superuser, "POST", path, entry(ANA)).await.expect(201);
    app.clock.advance(TimeDelta::days(10));
    app.run_jobs().await;
    app.api_as(&other_key, "POST", "/api/messages", Some(text)).await.expect(201);
    let superuser = session(&app, "root2", true).await;
    let listed = |query: &'static str| {
        let superuser = superuser.clone();
        let app = &app;
        async move {
            let answer = by(app, &superuser, "GET", &format!("/api/installation/suppressions{query}"), None).await;
            answer.expect(200).json()["items"].as_array().expect("items").len()
        }
    };
    assert_eq!((listed("").await, listed("?lifted=true").await, listed("?lifted=true&q=0199").await), (0, 2, 0));
    app.run_jobs().await;
    let log: Vec<String> = audited(&app).await.into_iter().filter(|a| a.starts_with("installation_")).collect();
    assert_eq!(
        log,
        ["installation_suppression.created", "installation_suppression.deleted", "installation_suppression.created"]
    );
    app.finish().await;
}
