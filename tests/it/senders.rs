//! Senders as staff keeps them: added, renamed, removed or archived; never another organization's.

use frontdesk::accounts::Permission;
use serde_json::{Value, json};

use crate::{
    contacts::{NOBODY, audited, patch},
    support::{App, NUMBER},
};

fn sms(address: &str) -> Option<Value> {
    Some(json!({ "channel": "sms", "address": address, "display_name": "Second line" }))
}

async fn of(app: &App, channel: &str) -> Value {
    app.items(&format!("/api/senders?channel={channel}")).await.remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_is_added_changed_and_removed() {
    let app = App::start().await;
    let made = app.api("POST", "/api/senders", sms("(500) 555-0099")).await.expect(201).json();
    assert_eq!((&made["address"], &made["channel"]), (&json!("+15005550099"), &json!("sms")));
    let path = format!("/api/senders/{}", made["id"].as_str().expect("id"));
    let sid = "MG0123456789abcdef0123456789abcdef";
    let changed = patch(&app, &path, "\"1\"", json!({ "display_name": "Desk", "messaging_service_sid": sid })).await;
    assert_eq!(changed.headers["etag"], "\"2\"");
    assert_eq!(changed.expect(200).json()["messaging_service_sid"], sid);
    patch(&app, &path, "\"1\"", json!({ "display_name": "x" })).await.expect(412);
    let cleared = app.api("PATCH", &path, Some(json!({ "messaging_service_sid": null }))).await.expect(200).json();
    assert_eq!((&cleared["messaging_service_sid"], &cleared["display_name"]), (&Value::Null, &json!("Desk")));
    let names: Vec<Value> =
        app.items("/api/senders?sort=name").await.iter().map(|s| s["display_name"].clone()).collect();
    assert_eq!(names, ["Desk", "Simulator", "SMS", "WhatsApp"]);
    app.api("DELETE", &path, None).await.expect(204);
    app.api("DELETE", &path, None).await.expect(404);
    app.api("PATCH", &path, Some(json!({}))).await.expect(404);
    // Deleted, the address is free again.
    app.api("POST", "/api/senders", sms("+15005550099")).await.expect(201);
    assert_eq!(
        audited(&app).await,
        ["sender.created", "sender.updated", "sender.updated", "sender.deleted", "sender.created"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_with_conversations_is_archived_and_still_hears() {
    let app = App::start().await;
    app.ask("+14155550101", "hello").await;
    let sender = of(&app, "sms").await;
    let path = format!("/api/senders/{}", sender["id"].as_str().expect("id"));
    app.api("DELETE", &path, None).await.expect(204);
    assert!(app.items("/api/senders?channel=sms").await.is_empty());
    assert_eq!(app.items("/api/senders?archived=true").await.len(), 1);
    let again = app.api("POST", "/api/senders", sms(NUMBER)).await.expect(409).json();
    assert_eq!((&again["code"], &again["errors"][0]["message"]), (&json!("already_exists"), &sender["id"]));
    // A text to it is not lost, and is answered.
    app.ask("+14155550102", "hello").await;
    let back = app.api("PATCH", &path, Some(json!({ "archived": false }))).await.expect(200).json();
    assert!(back["archived_at"].is_null());
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_elsewhere_is_refused_without_saying_whose() {
    let app = App::start().await;
    let (_, other) = app.second_organization().await;
    let problem = app.api("POST", "/api/senders", sms("+15005550077")).await.expect(409);
    assert!(!problem.text.contains("Other"), "{}", problem.text);
    assert_eq!(problem.json()["code"], "address_taken");
    let theirs = app.api_as(&other, "GET", "/api/senders", None).await.expect(200).json();
    for sender in theirs["items"].as_array().expect("items") {
        let path = format!("/api/senders/{}", sender["id"].as_str().expect("id"));
        app.api("PATCH", &path, Some(json!({ "display_name": "mine" }))).await.expect(404);
        app.api("DELETE", &path, None).await.expect(404);
    }
    assert_eq!(app.items("/api/senders").await.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_simulator_stays_and_fields_are_checked() {
    let app = App::start().await;
    let simulator = of(&app, "simulator").await;
    let path = format!("/api/senders/{}", simulator["id"].as_str().expect("id"));
    assert_eq!(app.api("DELETE", &path, None).await.expect(409).json()["code"], "in_use");
    assert_eq!(app.api("PATCH", &path, Some(json!({ "archived": true }))).await.expect(409).json()["code"], "in_use");
    app.api("PATCH", &path, Some(json!({ "display_name": "Play" }))).await.expect(200);
    for (field, value, named) in [
        ("address", json!("12"), "address"),
        ("display_name", json!(" "), "display_name"),
        ("display_name", json!("x".repeat(81)), "display_name"),
        ("display_name", json!("a\0b"), "display_name"),
        ("messaging_service_sid", json!("MG12"), "messaging_service_sid"),
        ("channel", json!("simulator"), "body"),
        ("channel", json!("web"), "body"),
        ("organization_id", json!(NOBODY), "body"),
    ] {
        let mut body = sms("+15005550099").expect("body");
        body[field] = value;
        let problem = app.api("POST", "/api/senders", Some(body)).await.expect(422).json();
        assert_eq!(problem["errors"][0]["field"], named, "{problem}");
    }
    let operator = app.key_with(app.organization.id, &[Permission::MessagesSend, Permission::ConversationsRead]).await;
    app.api_as(&operator, "GET", "/api/senders", None).await.expect(403);
    app.api_as(&operator, "POST", "/api/senders", sms("+15005550099")).await.expect(403);
    app.api_as(&operator, "DELETE", &path, None).await.expect(403);
    app.api("PATCH", &format!("/api/senders/{NOBODY}"), Some(json!({}))).await.expect(404);
}
