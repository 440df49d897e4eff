//! Contacts as staff keeps them: added in any spelling, changed by two at once, put away, found; and their other name, /leads.

use axum::{body::Body, http::Request};
use frontdesk::accounts::Permission;
use serde_json::{Value, json};

use crate::support::{API_KEY, ApiResponse, App};

const ANA: &str = "+14155550101";
pub(crate) const NOBODY: &str = "01900000-0000-7000-8000-000000000000";

/// Adds a contact by number and gives its id.
pub(crate) async fn contact(app: &App, phone: &str) -> String {
    let made = app.api("POST", "/api/contacts", Some(json!({ "phone_number": phone }))).await.expect(201).json();
    made["id"].as_str().expect("id").to_owned()
}

/// Actions in the audit log, oldest first.
pub(crate) async fn audited(app: &App) -> Vec<String> {
    sqlx::query_scalar("SELECT action FROM audit_log ORDER BY id").fetch_all(app.core.db.pool()).await.expect("log")
}

/// A PATCH of the version that was seen.
pub(crate) async fn patch(app: &App, path: &str, version: &str, body: Value) -> ApiResponse {
    let request = Request::patch(path).header("x-api-key", API_KEY).header("content-type", "application/json");
    let request = request.header("if-match", version).body(Body::from(body.to_string())).expect("request");
    app.request(request).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_is_added_in_any_spelling_once() {
    let app = App::start().await;
    let new = json!({
        "phone_number": "(415) 555-0101", "first_name": " Ana ", "last_name": "Ortiz", "email": "ana@example.com",
        "timezone": "America/Los_Angeles", "language": "es", "notes": "Prefers mornings", "lifecycle_stage": "customer",
        "tags": ["VIP", "vip", "Dogs"], "custom": { "dog": "Rex" },
    });
    let answer = app.api("POST", "/api/contacts", Some(new)).await.expect(201);
    assert_eq!(answer.headers["etag"], "\"1\"");
    let made = answer.json();
    assert_eq!(
        (&made["phone_number"], &made["first_name"], &made["opt_in_status"], &made["lifecycle_stage"]),
        (&json!(ANA), &json!("Ana"), &json!("pending"), &json!("customer"))
    );
    assert_eq!((&made["tags"], &made["custom"]), (&json!(["vip", "dogs"]), &json!({ "dog": "Rex" })));
    let id = made["id"].as_str().expect("id");
    for spelling in ["415.555.0101", "+1 415 555 0101", ANA, " 1-415-555-0101 "] {
        let problem =
            app.api("POST", "/api/contacts", Some(json!({ "phone_number": spelling }))).await.expect(409).json();
        assert_eq!(problem["code"], "already_exists", "{spelling}");
        assert_eq!(problem["errors"][0], json!({ "field": "phone_number", "code": "already_exists", "message": id }));
    }
    // Adding somebody is no consent of theirs.
    assert!(app.items(&format!("/api/contacts/{id}/consent")).await.is_empty());
    assert_eq!(audited(&app).await, ["contact.created"]);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_said_field_by_field() {
    let app = App::start().await;
    let id = contact(&app, ANA).await;
    for (field, value) in [
        ("phone_number", json!("12")),
        ("phone_number", json!("\0")),
        ("first_name", json!("x".repeat(81))),
        ("last_name", json!("a\0b")),
        ("email", json!("nobody")),
        ("timezone", json!("Mars/Olympus")),
        ("notes", json!("x".repeat(4001))),
        ("tags", json!(vec!["x".repeat(41)])),
        ("tags", json!((0..21).map(|n| n.to_string()).collect::<Vec<_>>())),
        ("custom", json!({ "a": "x".repeat(501) })),
        ("custom", json!({ " ": "x" })),
        ("body", json!("unknown")),
    ] {
        let mut new = json!({ "phone_number": "+14155550102" });
        match field {
            "body" => new["lifecycle_stage"] = value.clone(),
            field => new[field] = value.clone(),
        }
        let problem = app.api("POST", "/api/contacts", Some(new)).await.expect(422).json();
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
        let mut change = json!({});
        change[if field == "body" { "lifecycle_stage" } else { field }] = value;
        let problem = app.api("PATCH", &format!("/api/contacts/{id}"), Some(change)).await.expect(422).json();
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
    app.api("POST", "/api/contacts", Some(json!({ "phone_number": ANA, "opt_in_status": "opted_in" })))
        .await
        .expect(422);
    assert_eq!(app.items("/api/contacts").await.len(), 1);
    assert_eq!(app.get(&format!("/api/contacts/{id}")).await["version"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_edit_one_version_and_one_is_told() {
    let app = App::start().await;
    let id = contact(&app, ANA).await;
    let path = format!("/api/contacts/{id}");
    let first =
        patch(&app, &path, "\"1\"", json!({ "first_name": "Ana", "custom": { "dog": "Rex", "car": "red" } })).await;
    assert_eq!(first.headers["etag"], "\"2\"");
    first.expect(200);
    let late = patch(&app, &path, "\"1\"", json!({ "first_name": "Anna" })).await.expect(412).json();
    assert_eq!(late["code"], "version_conflict");
    // Both at once on version 2: exactly one wins.
    let (a, b) = tokio::join!(
        patch(&app, &path, "\"2\"", json!({ "notes": "a" })),
        patch(&app, &path, "\"2\"", json!({ "notes": "b" })),
    );
    let mut statuses = [a.status.as_u16(), b.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
    // A merge: what is left out stays, null empties, attributes go one by one.
    let merged = json!({ "last_name": "Ortiz", "notes": null, "custom": { "dog": null, "size": "M" } });
    let after = app.api("PATCH", &path, Some(merged)).await.expect(200).json();
    assert_eq!(
        (&after["first_name"], &after["last_name"], &after["notes"]),
        (&json!("Ana"), &json!("Ortiz"), &Value::Null)
    );
    assert_eq!((&after["custom"], &after["version"]), (&json!({ "car": "red", "size": "M" }), &json!(4)));
    // Texts are no edits: they do not disturb somebody who is editing.
    app.text(ANA, "hello").await;
    patch(&app, &path, "\"4\"", json!({ "first_name": "Anna" })).await.expect(200);
    let before_after: Vec<(Option<Value>, Option<Value>)> =
        sqlx::query_as("SELECT before, after FROM audit_log WHERE action = 'contact.updated' ORDER BY id")
            .fetch_all(app.core.db.pool())
            .await
            .expect("log");
    assert_eq!(before_after.len(), 4);
    assert_eq!(before_after[0].0.as_ref().expect("before")["first_name"], Value::Null);
    assert_eq!(before_after[0].1.as_ref().expect("after")["first_name"], "Ana");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_can_be_corrected_until_something_hangs_on_it() {
    let app = App::start().await;
    let (typo, other) = (contact(&app, "+14155550111").await, contact(&app, "+14155550112").await);
    let path = format!("/api/contacts/{typo}");
    let change = |number: &str| Some(json!({ "phone_number": number }));
    let taken = app.api("PATCH", &path, change("(415) 555-0112")).await.expect(409).json();
    assert_eq!((&taken["code"], &taken["errors"][0]["message"]), (&json!("already_exists"), &json!(other)));
    assert_eq!(app.api("PATCH", &path, change("415 555 0101")).await.expect(200).json()["phone_number"], ANA);
    app.text(ANA, "hello").await;
    assert_eq!(app.api("PATCH", &path, change("+14155550113")).await.expect(409).json()["code"], "in_use");
    // The same number in another spelling is no change.
    app.api("PATCH", &path, change("415-555-0101")).await.expect(200);
    let consent =
        json!({ "action": "granted", "tier": "express", "channel": "sms", "method": "verbal", "evidence": "called" });
    app.api("POST", &format!("/api/contacts/{other}/consent"), Some(consent)).await.expect(201);
    let settled = app.api("PATCH", &format!("/api/contacts/{other}"), change("+14155550114")).await.expect(409).json();
    assert_eq!(settled["code"], "in_use");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_put_away_comes_back_with_their_next_text() {
    let app = App::start().await;
    let id = contact(&app, ANA).await;
    let path = |verb: &str| format!("/api/contacts/{id}/{verb}");
    let archived = app.api("POST", &path("archive"), None).await.expect(200).json();
    assert!(archived["archived_at"].is_string());
    // Twice is once.
    app.api("POST", &path("archive"), None).await.expect(200);
    assert!(app.items("/api/contacts").await.is_empty());
    assert_eq!(app.items("/api/contacts?archived=true").await.len(), 1);
    app.api("POST", &path("unarchive"), None).await.expect(200);
    app.api("POST", &path("archive"), None).await.expect(200);
    app.ask(ANA, "hello").await;
    assert!(app.items("/api/contacts").await[0]["archived_at"].is_null());
    let log = audited(&app).await;
    assert_eq!(log, ["contact.created", "contact.archived", "contact.unarchived", "contact.archived"]);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn contacts_are_found_and_ordered() {
    let app = App::start().await;
    for (n, (name, stage, tags)) in
        [("Cleo", "lead", json!(["vip"])), ("Ana", "customer", json!(["vip", "dogs"])), ("Ben", "customer", json!([]))]
            .into_iter()
            .enumerate()
    {
        let new = json!({ "phone_number": format!("+1415555020{n}"), "first_name": name, "lifecycle_stage": stage, "tags": tags,
                          "email": format!("{name}@example.com") });
        app.api("POST", "/api/contacts", Some(new)).await.expect(201);
        app.clock.advance(chrono::TimeDelta::seconds(1));
    }
    app.text("+14155550200", "STOP").await;
    let app = &app;
    let names = |query: &str| {
        let path = format!("/api/contacts?{query}");
        async move {
            let found = app.items(&path).await;
            found.iter().map(|c| c["first_name"].as_str().expect("name").to_owned()).collect::<Vec<_>>().join(" ")
        }
    };
    for (query, found) in [
        ("", "Cleo Ben Ana"),
        ("sort=name", "Ana Ben Cleo"),
        ("sort=-name", "Cleo Ben Ana"),
        ("sort=created_at", "Cleo Ana Ben"),
        ("q=an", "Ana"),
        ("q=BEN@example", "Ben"),
        ("q=0201", "Ana"),
        ("tag=VIP&sort=name", "Ana Cleo"),
        ("lifecycle_stage=customer&sort=name", "Ana Ben"),
        ("opt_in_status=opted_out", "Cleo"),
        ("opt_in_status=pending&sort=name", "Ana Ben"),
        ("phone_number=%2B14155550202", "Ben"),
        ("archived=true", ""),
    ] {
        assert_eq!(names(query).await, found, "{query}");
    }
    let mut paged = Vec::new();
    let mut after = String::new();
    loop {
        let page = app.get(&format!("/api/contacts?limit=1&sort=name{after}")).await;
        paged.extend(page["items"].as_array().expect("items").iter().map(|c| c["first_name"].clone()));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        after = format!("&cursor={cursor}");
    }
    assert_eq!(paged, ["Ana", "Ben", "Cleo"]);
    for bad in ["sort=password", "opt_in_status=x", "lifecycle_stage=x", "archived=7", "q=%00"] {
        app.api("GET", &format!("/api/contacts?{bad}"), None).await.expect(422);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn leads_are_contacts_with_the_same_rights() {
    let app = App::start().await;
    let lead = app.api("POST", "/api/leads", Some(json!({ "phone_number": ANA }))).await.expect(201).json();
    let id = lead["id"].as_str().expect("id");
    for path in [format!("/api/leads/{id}"), format!("/api/v1/leads/{id}"), format!("/api/contacts/{id}")] {
        assert_eq!(app.get(&path).await["phone_number"], ANA);
    }
    assert_eq!(app.items("/api/leads?q=0101").await.len(), 1);
    assert!(app.items(&format!("/api/leads/{id}/consent")).await.is_empty());
    app.api("PATCH", &format!("/api/leads/{id}"), Some(json!({ "first_name": "Ana" }))).await.expect(200);
    let reader = app.key_with(app.organization.id, &[Permission::ContactsRead]).await;
    app.api_as(&reader, "GET", "/api/leads", None).await.expect(200);
    let other = app.key_with(app.organization.id, &[Permission::BookingRead]).await;
    for path in ["/api/leads", "/api/v1/leads"] {
        app.api_as(&reader, "POST", path, Some(json!({ "phone_number": "+14155550102" }))).await.expect(403);
        app.api_as(&other, "GET", path, None).await.expect(403);
        let request = Request::get(path).body(Body::empty()).expect("request");
        app.request(request).await.expect(401);
    }
    app.api("GET", "/api/leadsx", None).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_organizations_contacts_are_not_there() {
    let app = App::start().await;
    let id = contact(&app, ANA).await;
    let (_, other) = app.second_organization().await;
    // The number may be in both.
    app.api_as(&other, "POST", "/api/contacts", Some(json!({ "phone_number": ANA }))).await.expect(201);
    let consent =
        json!({ "action": "granted", "tier": "express", "channel": "sms", "method": "verbal", "evidence": "x" });
    for (method, path, body) in [
        ("GET", format!("/api/contacts/{id}"), None),
        ("PATCH", format!("/api/contacts/{id}"), Some(json!({ "first_name": "x" }))),
        ("POST", format!("/api/contacts/{id}/archive"), None),
        ("POST", format!("/api/contacts/{id}/unarchive"), None),
        ("GET", format!("/api/contacts/{id}/consent"), None),
        ("POST", format!("/api/contacts/{id}/consent"), Some(consent)),
        ("POST", "/api/messages".to_owned(), Some(json!({ "contact_id": id, "body": "hi" }))),
    ] {
        let answer = app.api_as(&other, method, &path, body).await.expect(404).json();
        assert_eq!(answer["code"], "not_found", "{method} {path}");
    }
    assert_eq!(app.get(&format!("/api/contacts/{id}")).await["version"], 1);
    let reader = app.key_with(app.organization.id, &[Permission::ContactsRead]).await;
    for (method, path) in [("PATCH", format!("/api/contacts/{id}")), ("POST", format!("/api/contacts/{id}/archive"))] {
        app.api_as(&reader, method, &path, Some(json!({}))).await.expect(403);
    }
}
