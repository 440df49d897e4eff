//! API keys: made, shown once, used, run out, revoked.

use chrono::TimeDelta;
use frontdesk::accounts::Permission;
use serde_json::{Value, json};

use crate::support::App;

async fn make(app: &App, body: Value) -> Value {
    app.api("POST", "/api/api-keys", Some(body)).await.expect(201).json()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_shown_once_and_does_what_it_is_for() {
    let app = App::start().await;
    let made = make(&app, json!({ "name": " Website ", "scopes": ["contacts.read", "contacts.read"] })).await;
    let (id, key) = (made["id"].as_str().expect("id"), made["key"].as_str().expect("key"));
    assert!(key.starts_with("fdk_") && key.len() == 47, "{key}");
    assert_eq!((&made["prefix"], &made["name"]), (&key[..12].into(), &"Website".into()));
    assert_eq!(made["scopes"], json!(["contacts.read"]));
    app.api_as(key, "GET", "/api/contacts", None).await.expect(200);
    let refused = app.api_as(key, "GET", "/api/conversations", None).await.expect(403).json();
    assert_eq!(refused["code"], "forbidden");

    let row = app.get(&format!("/api/api-keys/{id}")).await;
    assert!(row.get("key").is_none());
    assert_eq!((&row["last_used_at"], &row["status"]), (&"2026-11-21T15:00:00Z".into(), &"active".into()));
    let stored: String = sqlx::query_scalar("SELECT row_to_json(k)::text FROM api_keys k WHERE name = 'Website'")
        .fetch_one(app.core.db.pool())
        .await
        .expect("row");
    assert!(!stored.contains(&key[12..]), "the database does not have the key");
    let logged = app.get("/api/audit?action=api_key.created").await.to_string();
    assert!(!logged.contains(&key[12..]) && logged.contains("Website"), "nor has the log");

    let path = format!("/api/api-keys/{id}");
    let renamed = app.api("PATCH", &path, Some(json!({ "name": "Shop" }))).await.expect(200).json();
    assert_eq!(renamed["name"], "Shop");
    app.api("PATCH", &path, Some(json!({ "name": "" }))).await.expect(422);
    app.api("PATCH", &path, Some(json!({ "name": "Shop", "scopes": ["audit.read"] }))).await.expect(422);

    app.api("DELETE", &path, None).await.expect(204);
    app.api_as(key, "GET", "/api/contacts", None).await.expect(401);
    app.api("DELETE", &path, None).await.expect(204);
    let row = app.get(&path).await;
    assert_eq!((&row["status"], &row["revoked_at"]), (&"revoked".into(), &"2026-11-21T15:00:00Z".into()));
    let actions: Vec<Value> = app.items(&format!("/api/audit?target_id={id}")).await;
    let actions: Vec<&str> = actions.iter().map(|e| e["action"].as_str().expect("action")).collect();
    assert_eq!(actions, ["api_key.revoked", "api_key.updated", "api_key.created"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_runs_out() {
    let app = App::start().await;
    let body = json!({ "name": "Short", "scopes": ["contacts.read"], "expires_at": "2026-11-21T16:00:00Z" });
    let made = make(&app, body).await;
    let key = made["key"].as_str().expect("key");
    app.clock.advance(TimeDelta::minutes(59));
    app.api_as(key, "GET", "/api/contacts", None).await.expect(200);
    app.clock.advance(TimeDelta::minutes(1));
    app.api_as(key, "GET", "/api/contacts", None).await.expect(401);
    let expired = app.items("/api/api-keys?status=expired").await;
    assert_eq!((expired.len(), &expired[0]["name"]), (1, &"Short".into()));
    assert!(app.items("/api/api-keys?status=active&q=short").await.is_empty());
    for end in ["2026-11-21T16:00:00Z", "1969-01-01T00:00:00Z", "9999-01-01T00:00:00Z", "-200000-01-01T00:00:00Z"] {
        let body = json!({ "name": "x", "scopes": ["contacts.read"], "expires_at": end });
        app.api("POST", "/api/api-keys", Some(body)).await.expect(422);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_grants_no_more_than_its_maker_has() {
    let app = App::start().await;
    let maker = app.key_with(app.organization.id, &[Permission::ApiKeysManage, Permission::ContactsRead]).await;
    for scopes in [json!(["contacts.write"]), json!(["contacts.read", "users.manage"])] {
        let body = json!({ "name": "x", "scopes": scopes });
        let refused = app.api_as(&maker, "POST", "/api/api-keys", Some(body)).await.expect(403).json();
        assert_eq!(refused["code"], "beyond_own_permissions");
    }
    let body = json!({ "name": "x", "scopes": ["contacts.read", "api_keys.manage"] });
    let child = app.api_as(&maker, "POST", "/api/api-keys", Some(body)).await.expect(201).json();
    let child = child["key"].as_str().expect("key");
    let body = json!({ "name": "y", "scopes": ["audit.read"] });
    app.api_as(child, "POST", "/api/api-keys", Some(body)).await.expect(403);
    for body in [
        json!({ "name": "x", "scopes": [] }),
        json!({ "name": "x", "scopes": ["everything"] }),
        json!({ "name": "x" }),
        json!({ "name": "", "scopes": ["contacts.read"] }),
        json!({ "name": "a\u{0}b", "scopes": ["contacts.read"] }),
    ] {
        app.api("POST", "/api/api-keys", Some(body)).await.expect(422);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bootstrap_key_is_listed_and_left_alone() {
    let app = App::start().await;
    let keys = app.items("/api/api-keys").await;
    assert_eq!((keys.len(), &keys[0]["bootstrap"]), (1, &true.into()));
    assert_eq!(keys[0]["scopes"].as_array().expect("scopes").len(), Permission::ALL.len());
    let path = format!("/api/api-keys/{}", keys[0]["id"].as_str().expect("id"));
    for (method, body) in [("PATCH", Some(json!({ "name": "x" }))), ("DELETE", None)] {
        assert_eq!(app.api(method, &path, body).await.expect(409).json()["code"], "not_editable");
    }
    // A key that somebody called by its name is not it.
    make(&app, json!({ "name": "ADMIN_API_KEY", "scopes": ["contacts.read"] })).await;
    frontdesk::app::bootstrap(&app.core.db, &app.core.config, None).await.expect("another start");
    assert_eq!(app.items("/api/api-keys?sort=name").await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_organizations_keys_do_not_exist() {
    let app = App::start().await;
    let (_, other) = app.second_organization().await;
    let made = make(&app, json!({ "name": "Ours", "scopes": ["contacts.read"] })).await;
    let path = format!("/api/api-keys/{}", made["id"].as_str().expect("id"));
    for (method, body) in [("GET", None), ("PATCH", Some(json!({ "name": "Theirs" }))), ("DELETE", None)] {
        app.api_as(&other, method, &path, body).await.expect(404);
    }
    let theirs = app.api_as(&other, "GET", "/api/api-keys?q=ours", None).await.expect(200).json();
    assert_eq!(theirs["items"], json!([]));
    app.api_as(made["key"].as_str().expect("key"), "GET", "/api/contacts", None).await.expect(200);
}
