//! Quiet hours over the API: the rules with their sources, overrides with their reasons, and what would be decided for a number. The rules
//! themselves are tried in `src/compliance/quiet_hours`.

use axum::{body::Body, http::Request};
use frontdesk::accounts::Permission;
use serde_json::{Value, json};

use crate::{
    contacts::{NOBODY, audited, patch},
    support::{API_KEY, ApiResponse, App},
};

const OVERRIDES: &str = "/api/compliance/overrides";

fn off(rule: &str) -> Value {
    json!({ "rule_id": rule, "off": true, "reason": "Counsel's letter of 3 March" })
}

fn hours(rule: &str, days: &[&str], from: &str, to: &str) -> Value {
    json!({ "rule_id": rule, "windows": [{ "days": days, "from": from, "to": to }], "reason": "Our own hours" })
}

async fn put(app: &App, body: Value) -> ApiResponse {
    app.api("POST", OVERRIDES, Some(body)).await
}

async fn check(app: &App, query: &str) -> Value {
    app.get(&format!("/api/compliance/check?{query}")).await
}

async fn rule(app: &App, id: &str) -> Value {
    let rules = app.get("/api/compliance/rules").await;
    let found = rules["rules"].as_array().expect("rules").iter().find(|rule| rule["id"] == id);
    found.unwrap_or_else(|| panic!("{id} in {rules}")).clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_say_where_they_were_read_and_when() {
    let app = App::start().await;
    let rules = app.get("/api/compliance/rules").await;
    assert_eq!(rules["as_of"], "2026-11-21");
    assert!(rules["version"].as_str().expect("version").starts_with("2026-11-21."));
    assert_eq!(rules["rules"][0]["id"], "default-marketing");
    for rule in rules["rules"].as_array().expect("rules") {
        assert!(!rule["sources"].as_array().expect("sources").is_empty() && rule["checked"].is_string(), "{rule}");
        assert_eq!((&rule["hours_in_force"], &rule["overridden"]), (&rule["windows"], &Value::Null));
    }
    let florida = rule(&app, "us-fl").await;
    assert_eq!(
        (&florida["jurisdiction"], &florida["cap"], &florida["effective_from"], &florida["applies_to"]),
        (&json!("US-FL"), &json!({ "texts": 3, "hours": 24 }), &json!("2021-07-01"), &json!(["marketing"]))
    );
    assert_eq!(florida["windows"][0]["from"], "08:00");
    let federal = rules["holidays"].as_array().expect("holidays").iter().find(|list| list["id"] == "us-federal");
    assert_eq!(federal.expect("list")["next"][0], json!({ "date": "2026-11-26", "name": "Thanksgiving Day" }));
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_is_checked_without_sending() {
    let app = App::start().await;
    // Now it is Saturday, 10 am in New York: open. The area code lies in two zones, and in the other it is 9 am.
    let now = check(&app, "phone_number=(850)%20555-0101").await;
    assert_eq!((&now["decision"]["outcome"], &now["purpose"]), (&json!("open"), &json!("marketing")));
    assert_eq!(now["places"]["source"], "area_code");
    let zones: Vec<&Value> =
        now["places"]["candidates"].as_array().expect("places").iter().map(|p| &p["zone"]).collect();
    assert_eq!(zones, ["America/Chicago", "America/New_York"]);
    // An hour earlier it is 8 am in Pensacola; the house's own hours begin at 9.
    let early = check(&app, "phone_number=%2B18505550101&at=2026-11-21T14:30:00Z").await;
    assert_eq!(
        (&early["decision"]["outcome"], &early["decision"]["until"]),
        (&json!("hold"), &json!("2026-11-21T15:00:00Z"))
    );
    assert_eq!(early["sentence"], "Held: 8:30 am CST in Florida, window 9 am–8 pm; will go at 9 am.");
    assert_eq!(early["caps"], json!([{ "rule": "us-fl", "texts": 3, "hours": 24 }]));
    let closed: Vec<&Value> =
        early["decision"]["spoken"].as_array().expect("spoken").iter().filter(|s| s["open"] == false).collect();
    assert_eq!(closed.len(), 1, "{early}");
    assert_eq!((&closed[0]["rule"], &closed[0]["zone"]), (&json!("default-marketing"), &json!("America/Chicago")));
    // What is known of the person decides.
    for (known, outcome) in
        [("timezone=America/New_York", "open"), ("postal_code=33101", "open"), ("postal_code=32501", "hold")]
    {
        let found = check(&app, &format!("phone_number=%2B18505550101&at=2026-11-21T14:30:00Z&{known}")).await;
        assert_eq!(found["decision"]["outcome"], outcome, "{known}");
    }
    // A Sunday in Alabama, with too little time left; an answer is not held.
    let sunday = "phone_number=2055550101&at=2026-11-22T18:00:00Z&within_hours=12";
    let never = check(&app, sunday).await;
    assert_eq!(never["decision"]["outcome"], "never");
    let answer = check(&app, &format!("{sunday}&purpose=conversational&answers_recent_text=true")).await;
    assert_eq!((&answer["decision"]["outcome"], &answer["decision"]["spoken"]), (&json!("open"), &json!([])));
    for (query, field) in [
        ("phone_number=hello", "phone_number"),
        ("phone_number=2055550101&timezone=Mars/Olympus", "timezone"),
        ("phone_number=2055550101&at=9999-01-01T00:00:00Z", "at"),
        ("phone_number=2055550101&within_hours=0", "within_hours"),
        ("phone_number=2055550101&within_hours=841", "within_hours"),
    ] {
        let problem = app.api("GET", &format!("/api/compliance/check?{query}"), None).await.expect(422).json();
        assert_eq!(problem["errors"][0]["field"], field, "{query}");
    }
    assert!(audited(&app).await.is_empty(), "nothing was changed");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_override_holds_with_its_reason_until_it_is_ended() {
    let app = App::start().await;
    let sunday = "phone_number=2055550101&at=2026-11-22T19:00:00Z";
    assert_eq!(check(&app, sunday).await["decision"]["outcome"], "hold");
    let made = put(&app, off("us-al")).await.expect(201).json();
    assert_eq!(
        (&made["windows"], &made["keep_holidays"], &made["reason"], &made["ended_at"]),
        (&Value::Null, &json!(true), &json!("Counsel's letter of 3 March"), &Value::Null)
    );
    let after = check(&app, sunday).await;
    assert_eq!((&after["decision"]["outcome"], &after["decision"]["turned_off"]), (&json!("open"), &json!(["us-al"])));
    let shown = rule(&app, "us-al").await;
    assert_eq!((&shown["hours_in_force"], &shown["overridden"]["id"]), (&Value::Null, &made["id"]));
    // Another organization keeps what ships.
    let (_, theirs) = app.second_organization().await;
    let path = format!("/api/compliance/check?{sunday}");
    assert_eq!(app.api_as(&theirs, "GET", &path, None).await.json()["decision"]["outcome"], "hold");
    assert_eq!(app.api_as(&theirs, "GET", OVERRIDES, None).await.json()["items"], json!([]));
    let one = format!("{OVERRIDES}/{}", made["id"].as_str().expect("id"));
    app.api_as(&theirs, "DELETE", &one, None).await.expect(404);
    // A second override takes the first one's place; both stay in the history.
    app.clock.advance(chrono::TimeDelta::hours(1));
    let second = put(&app, hours("us-al", &["sunday"], "13:00", "24:00")).await.expect(201).json();
    let held = check(&app, "phone_number=2055550101&at=2026-11-22T18:30:00Z").await;
    assert_eq!(held["decision"]["until"], "2026-11-22T19:00:00Z");
    let spoke = held["decision"]["spoken"]
        .as_array()
        .expect("spoken")
        .iter()
        .find(|s| s["rule"] == "us-al")
        .expect("Alabama")
        .clone();
    assert_eq!(
        (&spoke["overridden_by"], &spoke["today"]),
        (&second["id"], &json!([{ "from": "13:00", "to": "24:00" }]))
    );
    let history = app.items(OVERRIDES).await;
    assert_eq!(history.len(), 2);
    assert_eq!((&history[0]["id"], &history[1]["id"]), (&second["id"], &made["id"]));
    assert_eq!((&history[0]["ended_at"], &history[1]["ended_at"]), (&Value::Null, &json!("2026-11-21T16:00:00Z")));
    assert_eq!(app.items(&format!("{OVERRIDES}?ended=true&rule_id=us-al")).await.len(), 1);
    assert_eq!(app.items(&format!("{OVERRIDES}?ended=false&sort=created_at")).await.len(), 1);
    assert!(app.items(&format!("{OVERRIDES}?rule_id=us-tx")).await.is_empty());
    let page = app.get(&format!("{OVERRIDES}?limit=1")).await;
    let cursor = page["next_cursor"].as_str().expect("more");
    assert_eq!(app.items(&format!("{OVERRIDES}?limit=1&cursor={cursor}")).await[0]["id"], made["id"]);
    // Ended: what ships holds again. Once is enough, and the first was ended by the second.
    let path = format!("{OVERRIDES}/{}", second["id"].as_str().expect("id"));
    app.api("DELETE", &path, None).await.expect(204);
    for ended in [&path, &one] {
        assert_eq!(app.api("DELETE", ended, None).await.expect(409).json()["code"], "not_active");
    }
    app.api("DELETE", &format!("{OVERRIDES}/{NOBODY}"), None).await.expect(404);
    assert_eq!(check(&app, sunday).await["decision"]["outcome"], "hold");
    assert_eq!(
        audited(&app).await,
        [
            "quiet_hours_override.created",
            "quiet_hours_override.ended",
            "quiet_hours_override.created",
            "quiet_hours_override.ended"
        ]
    );
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn overrides_that_make_no_sense_are_refused() {
    let app = App::start().await;
    let monday = json!([{ "days": ["monday"], "from": "09:00", "to": "20:00" }]);
    for (body, field) in [
        (json!({ "rule_id": "us-zz", "off": true, "reason": "x" }), "rule_id"),
        (json!({ "rule_id": "us-fl", "reason": "x" }), "windows"),
        (json!({ "rule_id": "us-fl", "off": true, "windows": monday, "reason": "x" }), "windows"),
        (
            json!({ "rule_id": "us-fl", "windows": [{ "days": [], "from": "09:00", "to": "20:00" }], "reason": "x" }),
            "windows",
        ),
        (
            json!({ "rule_id": "us-fl", "windows": [{ "days": ["monday"], "from": "20:00", "to": "08:00" }], "reason": "x" }),
            "windows",
        ),
        (json!({ "rule_id": "us-fl", "windows": vec![monday[0].clone(); 22], "reason": "x" }), "windows"),
        (json!({ "rule_id": "us-fl", "windows": monday, "reason": "  " }), "reason"),
        (json!({ "rule_id": "us-fl", "windows": monday, "reason": "x".repeat(1001) }), "reason"),
        (json!({ "rule_id": "us-fl", "windows": monday, "reason": "a\0b" }), "reason"),
    ] {
        let problem = put(&app, body.clone()).await.expect(422).json();
        assert_eq!(problem["errors"][0]["field"], field, "{body}");
    }
    assert!(put(&app, hours("us-fl", &["monday"], "9:00", "20:00")).await.status.is_client_error());
    let reader = app.key_with(app.organization.id, &[Permission::ComplianceRead]).await;
    app.api_as(&reader, "GET", "/api/compliance/rules", None).await.expect(200);
    app.api_as(&reader, "POST", OVERRIDES, Some(off("us-fl"))).await.expect(403);
    let other = app.key_with(app.organization.id, &[Permission::ContactsRead]).await;
    for path in ["/api/compliance/rules", "/api/compliance/check?phone_number=2055550101", OVERRIDES] {
        app.api_as(&other, "GET", path, None).await.expect(403);
    }
    // Closed always, which is the contrary of off.
    put(&app, json!({ "rule_id": "us-la", "windows": [], "reason": "State of emergency" })).await.expect(201);
    let closed = check(&app, "phone_number=5045550101&within_hours=840").await;
    assert_eq!(closed["decision"]["outcome"], "never");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_override_at_once_leave_one_in_force() {
    let app = App::start().await;
    let days = ["monday"];
    let bodies: Vec<Value> = (9..17).map(|hour| hours("us-tx", &days, &format!("{hour:02}:00"), "20:00")).collect();
    let answers = futures::future::join_all(bodies.into_iter().map(|body| put(&app, body))).await;
    assert!(
        answers.iter().all(|a| [201, 409].contains(&a.status.as_u16())),
        "{:?}",
        answers.iter().map(|a| a.status).collect::<Vec<_>>()
    );
    assert!(answers.iter().any(|a| a.status == 201));
    assert_eq!(app.items(&format!("{OVERRIDES}?ended=false")).await.len(), 1);
    let made = answers.iter().filter(|a| a.status == 201).count();
    assert_eq!(app.items(OVERRIDES).await.len(), made);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operators_quiet_hours_are_the_houses_until_the_organization_sets_its_own() {
    let app = App::builder()
        .with("DEFAULT_QUIET_HOURS_START", "18:00")
        .with("DEFAULT_QUIET_HOURS_END", "11:00")
        .start()
        .await;
    let query = "phone_number=2125550101&at=2026-11-23T15:00:00Z";
    assert_eq!(check(&app, query).await["decision"]["until"], "2026-11-23T16:00:00Z");
    assert_eq!(rule(&app, "default-marketing").await["hours_in_force"][0]["to"], "18:00");
    put(&app, hours("default-marketing", &["monday"], "08:00", "21:00")).await.expect(201);
    assert_eq!(check(&app, query).await["decision"]["outcome"], "open");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_has_a_postal_code() {
    let app = App::start().await;
    let new = json!({ "phone_number": "+14155550101", "postal_code": " 33101 " });
    let made = app.api("POST", "/api/contacts", Some(new)).await.expect(201).json();
    assert_eq!(made["postal_code"], "33101");
    let path = format!("/api/contacts/{}", made["id"].as_str().expect("id"));
    let changed = patch(&app, &path, "\"1\"", json!({ "postal_code": "k1a  0b1" })).await.expect(200).json();
    assert_eq!(changed["postal_code"], "K1A 0B1");
    let kept = patch(&app, &path, "\"2\"", json!({ "first_name": "Ana" })).await.expect(200).json();
    assert_eq!(kept["postal_code"], "K1A 0B1");
    for bad in ["33101;", "3310112345678"] {
        let problem = patch(&app, &path, "\"3\"", json!({ "postal_code": bad })).await.expect(422).json();
        assert_eq!(problem["errors"][0]["field"], "postal_code");
    }
    let cleared = patch(&app, &path, "\"3\"", json!({ "postal_code": null })).await.expect(200).json();
    assert_eq!(cleared["postal_code"], Value::Null);
    assert_eq!(app.items("/api/contacts").await[0]["postal_code"], Value::Null);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organization_caps_its_own_marketing() {
    const CAP: &str = "/api/compliance/frequency-cap";
    let app = App::start().await;
    let fresh = app.api("GET", CAP, None).await;
    assert_eq!(fresh.headers["etag"], "\"0\"");
    assert_eq!(fresh.expect(200).json(), json!({ "texts": 0, "days": 7, "version": 0 }), "off");
    let number = "phone_number=%2B13055550101";
    assert_eq!(check(&app, number).await["caps"].as_array().expect("caps").len(), 1, "Florida's");
    let saved = app.api("PUT", CAP, Some(json!({ "texts": 4, "days": 30 }))).await;
    assert_eq!(saved.headers["etag"], "\"1\"");
    assert_eq!(saved.expect(200).json(), json!({ "texts": 4, "days": 30, "version": 1 }));
    assert_eq!(
        check(&app, number).await["caps"],
        json!([{ "rule": "us-fl", "texts": 3, "hours": 24 }, { "rule": "organization", "texts": 4, "hours": 720 }])
    );
    assert_eq!(check(&app, &format!("{number}&purpose=transactional")).await["caps"], json!([]));
    // Somebody else has changed it since.
    let put = async |etag: &str, body: Value| {
        let request = Request::put(CAP).header("x-api-key", API_KEY).header("content-type", "application/json");
        app.request(request.header("if-match", etag).body(Body::from(body.to_string())).expect("request")).await
    };
    put("\"0\"", json!({ "texts": 1, "days": 1 })).await.expect(412);
    put("\"1\"", json!({ "texts": 0, "days": 1 })).await.expect(200);
    for (body, field) in [
        (json!({ "texts": -1, "days": 7 }), "texts"),
        (json!({ "texts": 101, "days": 7 }), "texts"),
        (json!({ "texts": 1, "days": 0 }), "days"),
        (json!({ "texts": 1, "days": 91 }), "days"),
    ] {
        let problem = app.api("PUT", CAP, Some(body)).await.expect(422).json();
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
    app.api("PUT", CAP, Some(json!({ "texts": 1 }))).await.expect(422);
    let reader = app.key_with(app.organization.id, &[Permission::ComplianceRead]).await;
    app.api_as(&reader, "GET", CAP, None).await.expect(200);
    app.api_as(&reader, "PUT", CAP, Some(json!({ "texts": 1, "days": 1 }))).await.expect(403);
    // Another organization has its own.
    let (_, theirs) = app.second_organization().await;
    assert_eq!(app.api_as(&theirs, "GET", CAP, None).await.json()["version"], 0);
    app.api_as(&theirs, "PUT", CAP, Some(json!({ "texts": 9, "days": 9 }))).await.expect(200);
    assert_eq!(app.get(CAP).await, json!({ "texts": 0, "days": 1, "version": 2 }));
    // Theirs and ours, of both organizations.
    assert_eq!(audited(&app).await, ["frequency_cap.updated"; 3]);
    app.finish().await;
}
