//! One's own account.

use axum::{body::Body, http::Request};
use frontdesk::accounts::BuiltInRole;
use serde_json::{Value, json};

use super::{PASSWORD, audited, bearer, open, sign_in, text, token, user};
use crate::support::{ApiResponse, App};

const WATCHER: &str = "only here to watch";

async fn put(app: &App, access: &str, path: &str, body: Value) -> ApiResponse {
    bearer(app, access, "PUT", path, Some(body)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn name_and_address_change_with_a_version() {
    let app = App::start().await;
    user(&app, "vera", WATCHER, BuiltInRole::Viewer).await;
    let access = token(&app, "vera", WATCHER).await;
    let read = bearer(&app, &access, "GET", "/api/auth/me", None).await.expect(200);
    let tag = read.headers["etag"].to_str().expect("tag").to_owned();
    assert_eq!(tag, format!("\"{}\"", read.json()["user"]["version"]));
    let body = json!({ "display_name": " Vera Brown ", "email": "Vera@example.com" });
    let with_tag = |tag: String, body: Value| {
        let request = Request::put("/api/auth/me")
            .header("authorization", format!("Bearer {access}"))
            .header("content-type", "application/json")
            .header("if-match", tag);
        app.request(request.body(Body::from(body.to_string())).expect("request"))
    };
    let changed = with_tag(tag.clone(), body.clone()).await.expect(200);
    assert_eq!(changed.json()["user"]["display_name"], "Vera Brown");
    assert_ne!(changed.headers["etag"], tag.as_str());
    assert_eq!(with_tag(tag, body).await.expect(412).json()["code"], "version_conflict");
    // From now on one may sign in with the address; nobody else may have it.
    sign_in(&app, "vera@EXAMPLE.com", WATCHER).await;
    let admin = token(&app, "admin", PASSWORD).await;
    let taken = json!({ "display_name": "Admin", "email": "vera@example.com" });
    assert_eq!(put(&app, &admin, "/api/auth/me", taken).await.expect(409).json()["code"], "email_taken");
    for (body, field) in [
        (json!({ "display_name": " " }), "display_name"),
        (json!({ "display_name": "x".repeat(101) }), "display_name"),
        (json!({ "display_name": "a\0b" }), "display_name"),
        (json!({ "display_name": "x", "email": "nowhere" }), "email"),
        (json!({ "display_name": "x", "superuser": true }), "body"),
    ] {
        let problem = put(&app, &access, "/api/auth/me", body).await.expect(422).json();
        assert_eq!(problem["errors"][0]["field"], field);
    }
    put(&app, &access, "/api/auth/me", json!({ "display_name": "Vera", "email": null })).await.expect(200);
    assert!(audited(&app).await.contains(&"user.updated".to_owned()));
    let key = app.api("GET", "/api/auth/me", None).await.expect(200).json();
    assert_eq!((&key["user"], &key["via"]), (&Value::Null, &"api_key".into()));
    app.api("PUT", "/api/auth/me", Some(json!({ "display_name": "Key" }))).await.expect(403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_number_is_taken_as_typed() {
    let app = App::start().await;
    let access = token(&app, "admin", PASSWORD).await;
    let path = "/api/auth/me/phone";
    let me = put(&app, &access, path, json!({ "phone_number": "(415) 555-0101" })).await.expect(200).json();
    assert_eq!(me["user"]["phone_number"], "+14155550101");
    for bad in ["", "12", "a\0", &"4".repeat(50)] {
        let problem = put(&app, &access, path, json!({ "phone_number": bad })).await.expect(422).json();
        assert_eq!(problem["errors"][0]["field"], "phone_number");
    }
    let me = put(&app, &access, path, json!({ "phone_number": null })).await.expect(200).json();
    assert_eq!(me["user"]["phone_number"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_ends_every_other_session() {
    let app = App::start().await;
    user(&app, "vera", WATCHER, BuiltInRole::Viewer).await;
    let here = token(&app, "vera", WATCHER).await;
    let there = sign_in(&app, "vera", WATCHER).await;
    let path = "/api/auth/me/password";
    let change = |old: &str, new: &str| {
        let body = json!({ "current_password": old, "new_password": new });
        let (app, here) = (&app, &here);
        async move { put(app, here, path, body).await }
    };
    for (weak, why) in [
        ("short", "at least 10"),
        ("password12345", "first"),
        ("vera-vera-vera", "name or address"),
        ("aaaaaaaaaaaaaaaa", "over and over"),
    ] {
        let problem = change(WATCHER, weak).await.expect(422).json();
        assert_eq!(problem["errors"][0]["field"], "new_password");
        assert_eq!(problem["errors"][0]["code"], "weak_password", "{weak}");
        let _ = why;
    }
    let wrong = change("wrong", "gravel tuba lantern").await.expect(422).json();
    assert_eq!(wrong["errors"][0]["field"], "current_password");
    change(WATCHER, "gravel tuba lantern").await.expect(204);
    bearer(&app, &here, "GET", "/api/contacts", None).await.expect(200);
    bearer(&app, &text(&there["access_token"]), "GET", "/api/contacts", None).await.expect(401);
    open(&app, "/api/auth/refresh", json!({ "refresh_token": there["refresh_token"] })).await.expect(401);
    open(&app, "/api/auth/login", json!({ "login": "vera", "password": WATCHER })).await.expect(401);
    sign_in(&app, "vera", "gravel tuba lantern").await;
    assert!(audited(&app).await.contains(&"user.password_changed".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn devices_are_ones_own() {
    let app = App::start().await;
    user(&app, "vera", WATCHER, BuiltInRole::Viewer).await;
    let admin = token(&app, "admin", PASSWORD).await;
    let (first, second) = (token(&app, "vera", WATCHER).await, token(&app, "vera", WATCHER).await);
    let list = |access: String, query: &'static str| {
        let app = &app;
        async move {
            let path = format!("/api/auth/sessions{query}");
            bearer(app, &access, "GET", &path, None).await.expect(200).json()
        }
    };
    let page = list(second.clone(), "").await;
    let devices = page["items"].as_array().expect("items").clone();
    assert_eq!(devices.len(), 2);
    assert_eq!(devices.iter().filter(|d| d["current"] == true).count(), 1);
    assert!(devices.iter().all(|d| d["kind"] == "bearer" && d["organization"] == "Maple Street Studio"));
    assert!(!page.to_string().contains("token"));
    let one = list(second.clone(), "?limit=1").await;
    let path = format!("/api/auth/sessions?limit=1&cursor={}", text(&one["next_cursor"]));
    let rest = bearer(&app, &second, "GET", &path, None).await.expect(200).json();
    assert_eq!([one["items"][0].clone(), rest["items"][0].clone()].as_slice(), devices);
    bearer(&app, &second, "GET", "/api/auth/sessions?limit=0", None).await.expect(422);
    let other = text(&devices.iter().find(|d| d["current"] == false).expect("other")["id"]);
    // Another user's session is none, for an administrator too.
    bearer(&app, &admin, "DELETE", &format!("/api/auth/sessions/{other}"), None).await.expect(404);
    bearer(&app, &second, "DELETE", &format!("/api/auth/sessions/{other}"), None).await.expect(204);
    bearer(&app, &second, "DELETE", &format!("/api/auth/sessions/{other}"), None).await.expect(404);
    bearer(&app, &second, "DELETE", "/api/auth/sessions/7", None).await.expect(404);
    bearer(&app, &first, "GET", "/api/contacts", None).await.expect(401);
    bearer(&app, &second, "GET", "/api/contacts", None).await.expect(200);
    assert!(audited(&app).await.contains(&"user.device_signed_out".to_owned()));
    app.api("GET", "/api/auth/sessions", None).await.expect(403);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_person_works_in_several_organizations_and_in_no_others() {
    let app = App::start().await;
    let vera = user(&app, "vera", WATCHER, BuiltInRole::Viewer).await;
    let (other, _) = app.second_organization().await;
    let access = token(&app, "vera", WATCHER).await;
    let over = json!({ "organization_id": other });
    let workplaces = || async {
        let list = bearer(&app, &access, "GET", "/api/auth/organizations", None).await.expect(200).json();
        list["items"].as_array().expect("items").clone()
    };
    assert_eq!(workplaces().await.len(), 1);
    put(&app, &access, "/api/auth/organization", over.clone()).await.expect(404);
    put(&app, &access, "/api/auth/organization", json!({ "organization_id": vera })).await.expect(404);
    sqlx::query(
        "INSERT INTO memberships (organization_id, user_id, role, created_at) VALUES ($1, $2, 'operator', now())",
    )
    .bind(other.0)
    .bind(vera.0)
    .execute(app.core.db.pool())
    .await
    .expect("membership");
    let roles: Vec<Value> = workplaces().await.iter().map(|w| json!([w["role_name"], w["current"]])).collect();
    assert_eq!(roles, [json!(["Viewer", true]), json!(["Operator", false])]);
    let me = put(&app, &access, "/api/auth/organization", over.clone()).await.expect(200).json();
    assert_eq!((&me["organization"]["name"], &me["user"]["role"]), (&"Other".into(), &"operator".into()));
    let now = bearer(&app, &access, "GET", "/api/auth/me", None).await.expect(200).json();
    assert_eq!(now["organization"]["name"], "Other");
    assert_eq!(app.count("SELECT count(*) FROM audit_log WHERE action = 'user.came_over'").await, 1);
    // A superuser may go anywhere; a key is where it is.
    let admin = token(&app, "admin", PASSWORD).await;
    let me = put(&app, &admin, "/api/auth/organization", over.clone()).await.expect(200).json();
    assert_eq!((&me["organization"]["name"], &me["user"]["role"]), (&"Other".into(), &Value::Null));
    app.api("PUT", "/api/auth/organization", Some(over)).await.expect(403);
}
