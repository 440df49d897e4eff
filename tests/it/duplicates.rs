//! Contacts who may be one person, and who are merged: nobody is found twice, nothing is lost, and what was agreed or revoked stays with its number.

use axum::{body::Body, http::Request};
use frontdesk::accounts::Permission;
use serde_json::{Value, json};

use crate::{
    contacts::{NOBODY, audited},
    support::{API_KEY, ApiResponse, App},
};

const ANA: &str = "+14155550141";
/// Her other number.
const OTHER: &str = "+14155550199";

async fn add(app: &App, contact: Value) -> String {
    let made = app.api("POST", "/api/contacts", Some(contact)).await.expect(201).json();
    made["id"].as_str().expect("id").to_owned()
}

pub(crate) async fn by_number(app: &App, number: &str) -> Value {
    let found = app.items(&format!("/api/contacts?phone_number=%2B{}", number.trim_start_matches('+'))).await;
    found.into_iter().next().expect(number)
}

async fn merge(app: &App, kept: &str, other: &str) -> ApiResponse {
    app.api("POST", &format!("/api/contacts/{kept}/merge"), Some(json!({ "contact_id": other }))).await
}

fn id(row: &Value) -> String {
    row["id"].as_str().expect("id").to_owned()
}

/// Two contacts, of whom nothing is known but the numbers.
async fn two(app: &App) -> (String, String) {
    (add(app, json!({ "phone_number": ANA })).await, add(app, json!({ "phone_number": OTHER })).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn likely_duplicates_are_found_with_the_reason_each_pair_once() {
    let app = App::start().await;
    let person = |number: &str, first: &str, last: &str, email: Option<&str>, zip: Option<&str>| json!({ "phone_number": number, "first_name": first, "last_name": last, "email": email, "postal_code": zip });
    for contact in [
        person("+14155550110", "Ana", "Cruz", Some("ana@example.com"), None),
        person("+14155550120", "A.", "Cruz", Some("Ana@Example.com"), None),
        person("+14155550130", "José", "Núñez", None, Some("94110")),
        person("+14155550149", "jose", "nunez", None, Some("94110")),
        person("+14155550150", "Mia", "Wong", None, None),
        person("+14155550151", "Mia", "Wong", None, Some("94110")),
        person("+14155550105", "Mia", "Wong", None, None),
        // Only the name, and only the first name.
        person("+14155550162", "Jose", "Nunez", None, Some("10001")),
        json!({ "phone_number": "+14155550171", "first_name": "Leo", "postal_code": "94110" }),
        json!({ "phone_number": "+14155550172", "first_name": "Leo", "postal_code": "94110" }),
    ] {
        add(&app, contact).await;
    }
    let away = add(&app, person("+14155550180", "Ana", "Cruz", Some("ana@example.com"), None)).await;
    app.api("POST", &format!("/api/contacts/{away}/archive"), None).await.expect(200);
    let shown = |pairs: &[Value]| -> Vec<(String, String, String)> {
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        pairs
            .iter()
            .map(|p| (text(&p["contact"]["phone_number"]), text(&p["other"]["phone_number"]), text(&p["reasons"][0])))
            .collect()
    };
    let pairs = app.items("/api/contacts/duplicates").await;
    let expected = [
        ("+14155550105", "+14155550150", "same_name_and_similar_number"),
        ("+14155550151", "+14155550150", "same_name_and_similar_number"),
        ("+14155550149", "+14155550130", "same_name_and_postal_code"),
        ("+14155550120", "+14155550110", "same_email"),
    ];
    let expected: Vec<_> = expected.iter().map(|(a, b, why)| (a.to_string(), b.to_string(), why.to_string())).collect();
    assert_eq!(shown(&pairs), expected);
    assert_eq!(pairs[3]["sentence"], "Both have the e-mail address ana@example.com.");
    // By pages, in both directions.
    for (sort, expected) in
        [("-created_at", expected.clone()), ("created_at", expected.iter().rev().cloned().collect())]
    {
        let (mut all, mut path) = (Vec::new(), format!("/api/contacts/duplicates?limit=1&sort={sort}"));
        loop {
            let page = app.get(&path).await;
            all.extend(shown(page["items"].as_array().expect("items")));
            let Some(next) = page["next_cursor"].as_str() else { break };
            path = format!("/api/contacts/duplicates?limit=1&sort={sort}&cursor={next}");
        }
        all.sort();
        let mut expected = expected;
        expected.sort();
        assert_eq!(all, expected, "{sort}");
    }
    let (other, key) = app.second_organization().await;
    assert_eq!(app.api_as(&key, "GET", "/api/contacts/duplicates", None).await.expect(200).json()["items"], json!([]));
    let low = app.key_with(other, &[Permission::BookingRead]).await;
    app.api_as(&low, "GET", "/api/contacts/duplicates", None).await.expect(403);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_person_has_what_both_had_and_is_answered_where_they_write() {
    let app = App::start().await;
    app.text(ANA, "hello").await;
    app.text(OTHER, "hi there").await;
    let (ana, other) = (id(&by_number(&app, ANA).await), id(&by_number(&app, OTHER).await));
    app.api("PATCH", &format!("/api/contacts/{ana}"), Some(json!({ "first_name": "Ana", "tags": ["vip"] })))
        .await
        .expect(200);
    let known = json!({ "first_name": "Ana", "last_name": "Cruz", "email": "ana@example.com", "tags": ["dog", "vip"],
                        "notes": "Has a dog.", "lifecycle_stage": "customer" });
    app.api("PATCH", &format!("/api/contacts/{other}"), Some(known)).await.expect(200);
    let slot = app.items("/api/slots?limit=1").await.remove(0);
    let booking = json!({ "contact_id": other, "slot_id": slot["id"] });
    app.api("POST", "/api/appointments", Some(booking)).await.expect(201);
    let report = json!({ "subject": "The door is stuck", "body": "It is.", "contact_id": other });
    app.api("POST", "/api/reports", Some(report)).await.expect(201);
    app.run_jobs().await;

    let stale =
        Request::post(format!("/api/contacts/{ana}/merge")).header("x-api-key", API_KEY).header("if-match", "\"1\"");
    let stale = stale.header("content-type", "application/json");
    let stale = stale.body(Body::from(json!({ "contact_id": other }).to_string())).expect("request");
    app.request(stale).await.expect(412);
    let kept = merge(&app, &ana, &other).await.expect(200).json();
    assert_eq!(
        (&kept["phone_number"], &kept["last_name"], &kept["email"]),
        (&json!(ANA), &json!("Cruz"), &json!("ana@example.com"))
    );
    assert_eq!((&kept["tags"], &kept["notes"]), (&json!(["vip", "dog"]), &json!("Has a dog.")));
    assert_eq!((&kept["lifecycle_stage"], &kept["merged_into"]), (&json!("customer"), &Value::Null));
    let log = audited(&app).await;
    assert!(log.contains(&"contact.merged".to_owned()) && log.contains(&"contact.merged_away".to_owned()), "{log:?}");

    // One of them is left, and everything is theirs.
    let listed = app.items("/api/contacts").await;
    assert_eq!(listed.iter().map(id).collect::<Vec<_>>(), [ana.as_str()]);
    assert!(app.items("/api/contacts?archived=true").await.is_empty(), "nor is the other among those put away");
    assert_eq!(app.items(&format!("/api/contacts?merged_into={ana}")).await[0]["id"], json!(other));
    assert_eq!(by_number(&app, OTHER).await["merged_into"], json!(ana), "whoever looks for the number finds it");
    assert_eq!(app.items("/api/contacts?q=0199").await[0]["id"], json!(other), "also by a part of it");
    for (path, most) in [("appointments", 1), ("reports", 1), ("conversations", 2), ("messages", 4)] {
        assert_eq!(app.items(&format!("/api/{path}?contact_id={ana}")).await.len(), most, "{path}");
    }
    let said: Vec<Value> =
        app.items(&format!("/api/contacts/{ana}/timeline")).await.into_iter().map(|e| e["words"].clone()).collect();
    assert!(said.contains(&json!("hi there")) && said.contains(&json!("hello")), "{said:?}");

    // They write from it: answered there, as the person they are.
    let answer = app.ask(OTHER, "when is my appointment?").await;
    let mine = app.ask(ANA, "when is my appointment?").await;
    assert_eq!(answer, mine);
    assert!(!answer.contains("no appointment") && !answer.contains("don't have"), "{answer}");
    assert!(app.ask(OTHER, "I want to report a problem: the heating is broken").await.contains('2'));
    assert_eq!(app.items(&format!("/api/reports?contact_id={ana}")).await.len(), 2);
    assert_eq!(by_number(&app, OTHER).await["merged_into"], json!(ana), "still");
    assert_eq!(app.items("/api/contacts").await.len(), 1);

    // Whatever is begun with the old id is with the kept one.
    let text = json!({ "contact_id": other, "body": "Your glasses are ready." });
    let text = app.api("POST", "/api/messages", Some(text)).await.expect(201).json();
    assert_eq!(text["contact_id"], json!(ana));
    app.run_jobs().await;
    assert!(app.twilio.taken_by(ANA).iter().any(|t| t.body == "Your glasses are ready."));
    assert!(app.twilio.taken_by(OTHER).iter().all(|t| t.body != "Your glasses are ready."));
    let slot = app.items("/api/slots?limit=9").await.remove(8);
    let booking = json!({ "contact_id": other, "slot_id": slot["id"] });
    assert_eq!(app.api("POST", "/api/appointments", Some(booking)).await.expect(201).json()["contact_id"], json!(ana));
    let report = json!({ "subject": "Again", "body": "Stuck.", "contact_id": other });
    assert_eq!(app.api("POST", "/api/reports", Some(report)).await.expect(201).json()["contact"]["id"], json!(ana));

    // And the other number is no contact of its own.
    for (method, path, body) in [
        ("PATCH", "", Some(json!({ "first_name": "Eve" }))),
        ("POST", "/archive", None),
        ("POST", "/unarchive", None),
        ("POST", "/erase", Some(json!({ "confirm": OTHER }))),
    ] {
        let refused = app.api(method, &format!("/api/contacts/{other}{path}"), body).await.expect(409).json();
        assert_eq!(refused["code"], "contact_merged", "{method} {path}");
    }
    let taken = app.api("POST", "/api/contacts", Some(json!({ "phone_number": OTHER }))).await.expect(409).json();
    assert_eq!(taken["errors"][0]["message"], json!(ana));
    app.run_jobs().await;
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_merged_is_refused() {
    let app = App::start().await;
    let (ana, other) = two(&app).await;
    let third = add(&app, json!({ "phone_number": "+14155550161" })).await;
    let (organization, key) = app.second_organization().await;
    let theirs =
        app.api_as(&key, "POST", "/api/contacts", Some(json!({ "phone_number": ANA }))).await.expect(201).json();
    assert_eq!(merge(&app, &ana, &ana).await.expect(422).json()["errors"][0]["code"], "same_contact");
    for (kept, merged) in [(ana.as_str(), NOBODY), (NOBODY, ana.as_str()), (&ana, &id(&theirs)), (&id(&theirs), &ana)] {
        merge(&app, kept, merged).await.expect(404);
    }
    let low = app.key_with(organization, &[Permission::ContactsRead]).await;
    let path = format!("/api/contacts/{}/merge", id(&theirs));
    app.api_as(&low, "POST", &path, Some(json!({ "contact_id": NOBODY }))).await.expect(403);

    // Both have a place in one class.
    let service = json!({ "name": "Yoga", "duration_minutes": 60, "kind": "activity", "capacity": 5 });
    let service = app.api("POST", "/api/services", Some(service)).await.expect(201).json();
    let provider = app.api("POST", "/api/providers", Some(json!({ "name": "Hall" }))).await.expect(201).json();
    let hours = json!({ "service_id": service["id"], "provider_id": provider["id"], "from": "2026-11-23", "to": "2026-11-23",
        "hours": [{ "weekdays": ["monday"], "from": "10:00", "to": "12:00" }] });
    app.api("POST", "/api/slots/generate", Some(hours)).await.expect(200);
    let slot = app.items(&format!("/api/slots?service_id={}&limit=1", id(&service))).await.remove(0);
    let mut booked = Vec::new();
    for contact in [&ana, &other] {
        let booking = json!({ "contact_id": contact, "slot_id": slot["id"], "confirmed": true });
        booked.push(app.api("POST", "/api/appointments", Some(booking)).await.expect(201).json());
    }
    assert_eq!(merge(&app, &ana, &other).await.expect(409).json()["code"], "already_booked");
    assert_eq!(app.items("/api/contacts").await.len(), 3, "nothing of it was done");
    app.api("POST", &format!("/api/appointments/{}/cancel", id(&booked[1])), None).await.expect(200);

    // Two at once, each the other way round: one is first.
    let (one, two) = tokio::join!(merge(&app, &ana, &other), merge(&app, &other, &ana));
    let mut came = [one.status.as_u16(), two.status.as_u16()];
    came.sort_unstable();
    assert_eq!(came, [200, 409]);
    let (kept, merged) = if one.status == 200 { (&ana, &other) } else { (&other, &ana) };
    assert_eq!(merge(&app, kept, merged).await.expect(409).json()["code"], "contact_merged");
    assert_eq!(merge(&app, &third, merged).await.expect(409).json()["code"], "contact_merged");
    // Who has a second number already gets a third.
    merge(&app, &third, kept).await.expect(200);
    let numbers = app.items(&format!("/api/contacts?merged_into={third}")).await;
    assert_eq!(numbers.len(), 2, "{numbers:?}");

    // A file does not reach the other number behind the person's back.
    let file = format!("phone,first name\n{OTHER},Eve\n");
    let preview = crate::imports::brought(&app, file).await;
    assert_eq!(preview["rows"][0]["errors"][0]["code"], "merged", "{preview}");
    app.run_jobs().await;
    app.finish().await;
}

async fn status(app: &App, contact: &str) -> Value {
    app.get(&format!("/api/contacts/{contact}")).await["opt_in_status"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asked_for_no_more_texts_gets_none_by_a_merge() {
    let app = App::start().await;
    app.text(ANA, "hello").await;
    app.text(OTHER, "hello").await;
    let (ana, other) = (id(&by_number(&app, ANA).await), id(&by_number(&app, OTHER).await));
    app.text(OTHER, "stop promos").await;
    assert_eq!(merge(&app, &ana, &other).await.expect(409).json()["code"], "texts_unwelcome", "of one purpose");
    app.text(OTHER, "STOP").await;
    assert_eq!(merge(&app, &ana, &other).await.expect(409).json()["code"], "texts_unwelcome");
    app.text(OTHER, "START").await;
    merge(&app, &ana, &other).await.expect(200);

    // By the other number, heard for both; each line in the ledger of its number, each chain whole.
    let waiting = json!({ "contact_id": ana, "body": "See you soon." });
    app.api("POST", "/api/messages", Some(waiting)).await.expect(201);
    app.sms(OTHER, "STOP").await.expect(200);
    assert_eq!((status(&app, &ana).await, status(&app, &other).await), (json!("opted_out"), json!("opted_out")));
    app.run_jobs().await;
    assert!(app.twilio.taken_by(ANA).iter().all(|t| t.body != "See you soon."), "it waited, and is not sent");
    let text = json!({ "contact_id": ana, "body": "Anybody there?" });
    assert_eq!(app.api("POST", "/api/messages", Some(text)).await.expect(409).json()["code"], "contact_opted_out");
    for contact in [&ana, &other] {
        let ledger = app.items(&format!("/api/contacts/{contact}/consent?sort=-at")).await;
        assert_eq!((&ledger[0]["action"], &ledger[0]["evidence"]), (&json!("revoked"), &json!("STOP")));
    }
    let broken = app
        .count(
            "SELECT count(*) FROM (SELECT hash, prev_hash, lag(hash) OVER (PARTITION BY contact_id ORDER BY seq) AS before FROM consent_events) c
             WHERE prev_hash IS DISTINCT FROM before",
        )
        .await;
    assert_eq!(broken, 0);
    // START opens the number that said so, and no other.
    app.text(OTHER, "START").await;
    assert_eq!((status(&app, &ana).await, status(&app, &other).await), (json!("opted_out"), json!("opted_in")));
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blocked_number_stays_blocked() {
    let app = App::start().await;
    let (ana, other) = two(&app).await;
    app.api("POST", "/api/suppressions", Some(json!({ "phone_number": OTHER, "reason": "blocked" }))).await.expect(201);
    assert_eq!(merge(&app, &ana, &other).await.expect(409).json()["code"], "texts_unwelcome");
    merge(&app, &other, &ana).await.expect(200);
    let text = json!({ "contact_id": ana, "body": "Hello" });
    app.api("POST", "/api/messages", Some(text)).await.expect(409);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_exported_and_erased_with_every_number() {
    let app = App::start().await;
    app.text(ANA, "hello from quixenby").await;
    app.text(OTHER, "hello from xylomark").await;
    let (ana, other) = (id(&by_number(&app, ANA).await), id(&by_number(&app, OTHER).await));
    merge(&app, &ana, &other).await.expect(200);
    app.text(OTHER, "STOP").await;
    let archive = app.api("GET", &format!("/api/contacts/{ana}/export"), None).await.expect(200);
    assert!(archive.text.starts_with("PK"), "an archive");
    let erased = json!({ "confirm": ANA });
    let erasure = app.api("POST", &format!("/api/contacts/{ana}/erase"), Some(erased)).await.expect(200).json();
    assert_eq!(erasure["opt_out_kept"], json!(true));
    let contacts = erasure["erased"].as_array().expect("kinds").iter().find(|kind| kind["kind"] == "contacts");
    assert_eq!(contacts.expect("contacts")["rows"], json!(2));
    for contact in [&ana, &other] {
        app.api("GET", &format!("/api/contacts/{contact}"), None).await.expect(404);
    }
    for sql in ["SELECT count(*) FROM contacts", "SELECT count(*) FROM messages", "SELECT count(*) FROM consent_events"]
    {
        assert_eq!(app.count(sql).await, 0, "{sql}");
    }
    let left = app.count("SELECT count(*) FROM audit_log WHERE concat(before, after) LIKE '%41555501%'").await;
    assert_eq!(left, 0, "no number is left in the log");
    // Neither number is texted again: both had opted out.
    for number in [ANA, OTHER] {
        app.text(number, "hello again").await;
        assert_eq!(by_number(&app, number).await["opt_in_status"], json!("opted_out"), "{number}");
    }
    app.finish().await;
}
