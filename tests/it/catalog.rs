//! Services and providers as staff keep them.

use axum::http::{Request, header};
use frontdesk::accounts::Permission;
use serde_json::{Value, json};

use crate::support::{ApiResponse, App};

fn id(row: &Value) -> String {
    row["id"].as_str().expect("id").to_owned()
}

async fn patch_if(app: &App, path: &str, version: &str, body: Value) -> ApiResponse {
    let request = Request::builder()
        .method("PATCH")
        .uri(path)
        .header("x-api-key", crate::support::API_KEY)
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::IF_MATCH, version)
        .body(axum::body::Body::from(body.to_string()))
        .expect("request");
    app.request(request).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_is_made_changed_archived_and_deleted() {
    let app = App::builder().without_demo().start().await;
    let body = json!({ "name": "  Yoga ", "description": " ", "duration_minutes": 60, "capacity": 8, "kind": "activity", "hold_minutes": 30 });
    let yoga = app.api("POST", "/api/services", Some(body)).await.expect(201).json();
    assert_eq!((&yoga["name"], &yoga["description"], &yoga["version"]), (&json!("Yoga"), &Value::Null, &json!(1)));
    let path = format!("/api/services/{}", id(&yoga));
    let got = app.api("GET", &path, None).await.expect(200);
    assert_eq!(got.headers[header::ETAG], "\"1\"");
    assert_eq!(got.json(), yoga);

    let changed = patch_if(&app, &path, "\"1\"", json!({ "hold_minutes": null, "position": 4 })).await.expect(200);
    assert_eq!(changed.headers[header::ETAG], "\"2\"");
    let row = changed.json();
    assert_eq!((&row["hold_minutes"], &row["position"], &row["capacity"]), (&Value::Null, &json!(4), &json!(8)));
    assert_eq!(
        patch_if(&app, &path, "\"1\"", json!({ "name": "x" })).await.expect(412).json()["code"],
        "version_conflict"
    );

    // An appointment has one place and no hold: both sides of the change are looked at together.
    let refused = app.api("PATCH", &path, Some(json!({ "kind": "appointment" }))).await.expect(422).json();
    assert_eq!(refused["errors"][0]["field"], "capacity");
    app.api("PATCH", &path, Some(json!({ "kind": "appointment", "capacity": 1 }))).await.expect(200);

    let archived = app.api("PATCH", &path, Some(json!({ "active": false }))).await.expect(200).json();
    assert_eq!(archived["active"], false);
    assert!(app.items("/api/services?active=true").await.is_empty());
    app.api("DELETE", &path, None).await.expect(204);
    app.api("GET", &path, None).await.expect(404);
    app.api("DELETE", &path, None).await.expect(404);
    let actions: Vec<String> =
        sqlx::query_scalar("SELECT action FROM audit_log WHERE target_kind = 'service' ORDER BY id")
            .fetch_all(app.core.db.pool())
            .await
            .expect("log");
    assert_eq!(
        actions,
        ["service.created", "service.updated", "service.updated", "service.updated", "service.deleted"]
    );
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_taken_once_and_fields_have_limits() {
    let app = App::start().await;
    let new = |over: Value| {
        let mut body = json!({ "name": "New", "duration_minutes": 30 });
        for (key, value) in over.as_object().expect("object") {
            body[key] = value.clone();
        }
        body
    };
    let taken = app.api("POST", "/api/services", Some(new(json!({ "name": "haircut" })))).await.expect(409).json();
    assert_eq!(taken["code"], "already_exists");
    for (over, field) in [
        (json!({ "name": " " }), "name"),
        (json!({ "name": "x".repeat(121) }), "name"),
        (json!({ "name": "a\u{0}b" }), "name"),
        (json!({ "duration_minutes": 4 }), "duration_minutes"),
        (json!({ "duration_minutes": 1441 }), "duration_minutes"),
        (json!({ "buffer_minutes": -1 }), "buffer_minutes"),
        (json!({ "capacity": 0, "kind": "activity" }), "capacity"),
        (json!({ "capacity": 2 }), "capacity"),
        (json!({ "hold_minutes": 5 }), "hold_minutes"),
        (json!({ "position": -1 }), "position"),
        (json!({ "duration_minutes": 99999999999i64 }), "body"),
        (json!({ "color": "red" }), "body"),
    ] {
        let problem = app.api("POST", "/api/services", Some(new(over.clone()))).await.expect(422).json();
        assert_eq!(problem["errors"][0]["field"], field, "{over}");
    }
    let provider = app.items("/api/providers").await[0].clone();
    let path = format!("/api/providers/{}", id(&provider));
    for body in [json!({ "timezone": "Mars/Olympus" }), json!({ "name": "" })] {
        app.api("PATCH", &path, Some(body)).await.expect(422);
    }
    app.api("PATCH", &path, Some(json!({ "name": "SAM CHEN" }))).await.expect(409);
    app.api("POST", "/api/providers", Some(json!({ "name": "sam chen" }))).await.expect(409);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_used_is_not_deleted() {
    let app = App::start().await;
    for kind in ["services", "providers"] {
        let row = app.items(&format!("/api/{kind}")).await[0].clone();
        let problem = app.api("DELETE", &format!("/api/{kind}/{}", id(&row)), None).await.expect(409).json();
        assert_eq!(problem["code"], "in_use");
    }
    assert_eq!(app.count("SELECT count(*) FROM slots").await, 16 * 20 * 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_has_the_organizations_zone_unless_told() {
    let app = App::builder().without_demo().start().await;
    let room = app.api("POST", "/api/providers", Some(json!({ "name": "Room 1" }))).await.expect(201).json();
    assert_eq!(room["timezone"], "America/New_York");
    let path = format!("/api/providers/{}", id(&room));
    let moved =
        patch_if(&app, &path, "\"1\"", json!({ "timezone": "Europe/Berlin", "active": false })).await.expect(200);
    assert_eq!((&moved.json()["timezone"], &moved.json()["active"]), (&json!("Europe/Berlin"), &json!(false)));
    patch_if(&app, &path, "\"1\"", json!({})).await.expect(412);
    patch_if(&app, &path, "one", json!({})).await.expect(422);
    assert_eq!(app.items("/api/providers?active=false&q=ROOM").await.len(), 1);
    app.api("DELETE", &path, None).await.expect(204);
    assert_eq!(app.count("SELECT count(*) FROM audit_log WHERE target_kind = 'provider'").await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_have_orders_and_pages() {
    let app = App::start().await;
    let names = |rows: &[Value]| rows.iter().map(|r| r["name"].as_str().expect("name").to_owned()).collect::<Vec<_>>();
    assert_eq!(names(&app.items("/api/services").await), ["Consultation", "Haircut", "Massage"]);
    assert_eq!(names(&app.items("/api/services?sort=-name").await), ["Massage", "Haircut", "Consultation"]);
    assert_eq!(names(&app.items("/api/services?q=wash").await), ["Haircut"]);
    let first = app.get("/api/services?limit=2&sort=name").await;
    let cursor = first["next_cursor"].as_str().expect("more");
    assert_eq!(names(&app.items(&format!("/api/services?limit=2&sort=name&cursor={cursor}")).await), ["Massage"]);
    app.api("GET", "/api/services?sort=price", None).await.expect(422);
    assert_eq!(names(&app.items("/api/providers?sort=-name").await), ["Sam Chen", "Alex Rivera"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_tenants_and_readers_are_kept_out() {
    let app = App::start().await;
    let (_, other) = app.second_organization().await;
    let reader = app.key_with(app.organization.id, &[Permission::BookingRead]).await;
    for kind in ["services", "providers"] {
        let row = app.items(&format!("/api/{kind}")).await[0].clone();
        let path = format!("/api/{kind}/{}", id(&row));
        for (method, body) in [("GET", None), ("PATCH", Some(json!({ "active": false }))), ("DELETE", None)] {
            app.api_as(&other, method, &path, body.clone()).await.expect(404);
            app.api_as(&reader, method, &path, body).await.expect(if method == "GET" { 200 } else { 403 });
        }
        let new = json!({ "name": "New", "duration_minutes": 30 });
        app.api_as(&reader, "POST", &format!("/api/{kind}"), Some(new)).await.expect(403);
    }
    assert_eq!(app.count("SELECT count(*) FROM services WHERE NOT active").await, 0);
    // Names are taken per organization.
    app.api_as(&other, "POST", "/api/services", Some(json!({ "name": "Haircut", "duration_minutes": 30 })))
        .await
        .expect(201);
}
