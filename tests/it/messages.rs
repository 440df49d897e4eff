//! Texts to contacts without a conversation at hand, taking them back, and how staff handles conversations.

use chrono::TimeDelta;
use frontdesk::accounts::{BuiltInRole, NewStaff, Permission, create_user};
use serde_json::{Value, json};

use crate::{
    contacts::{NOBODY, audited, contact, patch},
    support::{ApiResponse, App},
};

const ANA: &str = "+14155550101";
const BEN: &str = "+14155550102";

async fn send(app: &App, body: Value) -> ApiResponse {
    app.api("POST", "/api/messages", Some(body)).await
}

async fn heard(app: &App, from: &str) -> String {
    app.ask(from, "hello").await;
    let path = format!("/api/contacts?phone_number=%2B{}", &from[1..]);
    app.items(&path).await[0]["id"].as_str().expect("id").to_owned()
}

async fn conversation(app: &App) -> Value {
    app.items("/api/conversations").await.into_iter().next().expect("a conversation")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_texts_a_contact_and_the_assistant_goes_on() {
    let app = App::start().await;
    let id = heard(&app, ANA).await;
    let message = send(&app, json!({ "contact_id": id, "body": "Your glasses are ready." })).await.expect(201).json();
    assert_eq!(
        (&message["author"], &message["status"], &message["channel"]),
        (&json!("program"), &json!("queued"), &json!("sms"))
    );
    let before = conversation(&app).await;
    assert_eq!((&before["mode"], &before["last_message"]["author"]), (&json!("bot"), &json!("program")));
    app.run_jobs().await;
    let id = message["id"].as_str().expect("id");
    assert_eq!(app.get(&format!("/api/messages/{id}")).await["status"], "sending");
    assert!(app.ask(ANA, "book tuesday at 10 am").await.contains("Reply C to confirm"));
    assert_eq!(audited(&app).await, ["message.created"]);
    let body: Option<String> =
        sqlx::query_scalar("SELECT after->>'body' FROM audit_log").fetch_one(app.core.db.pool()).await.expect("entry");
    assert_eq!(body.as_deref(), Some("(left out)"));
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_goes_out_from_the_latest_conversation_else_from_the_first_sender() {
    let app = App::start().await;
    let id = contact(&app, ANA).await;
    for channel in ["sms", "whatsapp", "simulator"] {
        let consent = json!({ "action": "granted", "tier": "express", "channel": channel, "method": "web_form", "evidence": "form" });
        app.api("POST", &format!("/api/contacts/{id}/consent"), Some(consent)).await.expect(201);
    }
    let text = |more: Value| {
        let mut body = json!({ "contact_id": id, "body": "hi" });
        body.as_object_mut().expect("object").extend(more.as_object().expect("object").clone());
        body
    };
    let channel = async |more: Value| {
        app.clock.advance(TimeDelta::seconds(1));
        send(&app, text(more)).await.expect(201).json()["channel"].as_str().expect("channel").to_owned()
    };
    assert_eq!(channel(json!({})).await, "sms", "nobody has written yet");
    // By WhatsApp free text only follows theirs.
    let closed = send(&app, text(json!({ "channel": "whatsapp" }))).await.expect(409).json();
    assert_eq!(closed["code"], "outside_window");
    let (sid, from) = (app.sid(), format!("whatsapp:{ANA}"));
    let fields = [("MessageSid", sid.as_str()), ("From", &from), ("To", "whatsapp:+15005550006"), ("Body", "hello")];
    app.request(app.signed("/webhooks/sms/inbound", &fields)).await.expect(200);
    assert_eq!(channel(json!({ "channel": "whatsapp" })).await, "whatsapp");
    assert_eq!(channel(json!({})).await, "whatsapp", "the latest conversation");
    assert_eq!(channel(json!({ "channel": "sms" })).await, "sms");
    let senders = app.items("/api/senders").await;
    let of = |channel: &str| senders.iter().find(|s| s["channel"] == channel).expect("sender")["id"].clone();
    assert_eq!(channel(json!({ "sender_id": of("simulator") })).await, "simulator");
    assert_eq!(app.items("/api/conversations").await.len(), 3);
    let problem = send(&app, text(json!({ "sender_id": of("sms"), "channel": "whatsapp" }))).await.expect(422).json();
    assert_eq!(problem["errors"][0]["field"], "channel");
    assert_eq!(send(&app, text(json!({ "channel": "web" }))).await.expect(409).json()["code"], "no_sender");
    send(&app, text(json!({ "sender_id": NOBODY }))).await.expect(404);
    // Another organization's sender is none.
    let (organization, other) = app.second_organization().await;
    let theirs = app.api_as(&other, "GET", "/api/senders", None).await.json()["items"][0]["id"].clone();
    send(&app, text(json!({ "sender_id": theirs }))).await.expect(404);
    assert_ne!(organization, app.organization.id);
    // An archived sender is passed over, and refused by name.
    for channel in ["sms", "simulator"] {
        let path = format!("/api/senders/{}", of(channel).as_str().expect("id"));
        if channel == "sms" {
            app.api("DELETE", &path, None).await.expect(204);
        }
    }
    assert_eq!(send(&app, text(json!({ "sender_id": of("sms") }))).await.expect(409).json()["code"], "not_active");
    assert_eq!(send(&app, text(json!({ "channel": "sms" }))).await.expect(409).json()["code"], "no_sender");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_sent_is_refused_before_it_is_written() {
    let app = App::start().await;
    let id = heard(&app, ANA).await;
    for body in ["", "  ", "\0", &"x".repeat(1601)] {
        let problem = send(&app, json!({ "contact_id": id, "body": body })).await.expect(422).json();
        assert_eq!(problem["errors"][0]["field"], "body");
    }
    assert_eq!(send(&app, json!({ "contact_id": id, "body": "a\0b" })).await.expect(201).json()["body"], "ab");
    send(&app, json!({ "contact_id": id, "body": "é".repeat(1600) })).await.expect(201);
    send(&app, json!({ "contact_id": NOBODY, "body": "hi" })).await.expect(404);
    send(&app, json!({ "contact_id": id, "body": "hi", "purpose": "fun" })).await.expect(422);
    app.api("POST", &format!("/api/contacts/{id}/archive"), None).await.expect(200);
    assert_eq!(send(&app, json!({ "contact_id": id, "body": "hi" })).await.expect(409).json()["code"], "not_active");
    app.text(ANA, "STOP").await;
    assert_eq!(
        send(&app, json!({ "contact_id": id, "body": "hi" })).await.expect(409).json()["code"],
        "contact_opted_out"
    );
    let reader = app.key_with(app.organization.id, &[Permission::ConversationsRead, Permission::ContactsWrite]).await;
    app.api_as(&reader, "POST", "/api/messages", Some(json!({ "contact_id": id, "body": "hi" }))).await.expect(403);
    assert_eq!(app.count("SELECT count(*) FROM messages WHERE by_program").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queued_text_is_taken_back_and_a_sent_one_is_not() {
    let app = App::start().await;
    let id = heard(&app, ANA).await;
    let queued = send(&app, json!({ "contact_id": id, "body": "oops" })).await.expect(201).json();
    let path = |message: &Value| format!("/api/messages/{}/cancel", message["id"].as_str().expect("id"));
    let canceled = app.api("POST", &path(&queued), None).await.expect(200).json();
    assert_eq!((&canceled["status"], &canceled["error_code"]), (&json!("canceled"), &json!("canceled_by_staff")));
    assert_eq!(app.api("POST", &path(&queued), None).await.expect(409).json()["code"], "not_cancelable");
    app.run_jobs().await;
    assert!(!app.twilio.taken_by(ANA).iter().any(|t| t.body == "oops"));
    let sent = send(&app, json!({ "contact_id": id, "body": "fine" })).await.expect(201).json();
    app.run_jobs().await;
    assert_eq!(app.api("POST", &path(&sent), None).await.expect(409).json()["code"], "not_cancelable");
    let inbound = app.items("/api/messages?direction=inbound").await.remove(0);
    assert_eq!(app.api("POST", &path(&inbound), None).await.expect(409).json()["code"], "not_cancelable");
    app.api("POST", &format!("/api/messages/{NOBODY}/cancel"), None).await.expect(404);
    let (_, other) = app.second_organization().await;
    app.api_as(&other, "POST", &path(&sent), None).await.expect(404);
    app.api_as(&other, "GET", &format!("/api/messages/{}", sent["id"].as_str().expect("id")), None).await.expect(404);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_while_the_worker_sends_has_one_outcome() {
    let app = App::start().await;
    let id = heard(&app, ANA).await;
    let (mut canceled, mut left) = (0, 0);
    for n in 0..20 {
        let body = format!("race {n}");
        let message = send(&app, json!({ "contact_id": id, "body": body })).await.expect(201).json();
        let message = message["id"].as_str().expect("id");
        let path = format!("/api/messages/{message}/cancel");
        // Every other one gives the worker a head start.
        let late = async {
            if n % 2 == 0 {
                for _ in 0..n {
                    tokio::task::yield_now().await;
                }
            }
            app.api("POST", &path, None).await
        };
        let (answer, ()) = tokio::join!(late, app.run_jobs());
        app.run_jobs().await;
        let taken = app.twilio.taken_by(ANA).iter().filter(|t| t.body == body).count();
        let status = app.get(&format!("/api/messages/{message}")).await["status"].as_str().expect("status").to_owned();
        match answer.status.as_u16() {
            200 => {
                canceled += 1;
                assert_eq!((taken, status.as_str()), (0, "canceled"), "taken back, and yet sent");
            }
            409 => {
                left += 1;
                assert_eq!(taken, 1, "refused, and yet not sent ({status})");
            }
            other => panic!("{other}: {}", answer.text),
        }
    }
    assert_eq!(canceled + left, 20);
    println!("taken back: {canceled}, left: {left}");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_are_found() {
    let app = App::start().await;
    heard(&app, ANA).await;
    heard(&app, BEN).await;
    let ana = app.items("/api/contacts?q=0101").await[0]["id"].as_str().expect("id").to_owned();
    app.clock.advance(TimeDelta::minutes(5));
    let since = app.clock.now().to_rfc3339().replace('+', "%2B");
    send(&app, json!({ "contact_id": ana, "body": "100% ready" })).await.expect(201);
    let count = async |query: &str| app.items(&format!("/api/messages?{query}")).await.len();
    for (query, found) in [
        ("".to_owned(), 5),
        (format!("contact_id={ana}"), 3),
        ("direction=inbound".to_owned(), 2),
        ("status=queued".to_owned(), 1),
        ("channel=whatsapp".to_owned(), 0),
        ("q=HELLO&direction=inbound".to_owned(), 2),
        ("q=0%25".to_owned(), 1),
        (format!("from={since}"), 1),
        (format!("to={since}"), 4),
    ] {
        assert_eq!(count(&query).await, found, "{query}");
    }
    let oldest = app.items("/api/messages?sort=created_at").await;
    let newest = app.items("/api/messages").await;
    assert_eq!(
        oldest.iter().rev().map(|m| &m["id"]).collect::<Vec<_>>(),
        newest.iter().map(|m| &m["id"]).collect::<Vec<_>>()
    );
    let thread = oldest[0]["conversation_id"].as_str().expect("id");
    let page = app.get(&format!("/api/conversations/{thread}/messages?limit=2")).await;
    let cursor = page["next_cursor"].as_str().expect("more").to_owned();
    let rest = app.items(&format!("/api/conversations/{thread}/messages?limit=2&cursor={cursor}")).await;
    assert_eq!(rest.len() + 2, count(&format!("conversation_id={thread}")).await);
    app.api("GET", &format!("/api/conversations/{NOBODY}/messages"), None).await.expect(404);
    for bad in ["direction=up", "status=gone", "from=yesterday", "sort=body"] {
        app.api("GET", &format!("/api/messages?{bad}"), None).await.expect(422);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_is_given_to_somebody_and_put_away() {
    let app = App::start().await;
    heard(&app, ANA).await;
    let password = secrecy::SecretString::from("long enough for us");
    let new = NewStaff { username: "dana", password: &password, role: BuiltInRole::Operator, superuser: false };
    create_user(&app.core.db, app.organization.id, &new).await.expect("user");
    let dana: uuid::Uuid = sqlx::query_scalar("SELECT id FROM users WHERE username = 'dana'")
        .fetch_one(app.core.db.pool())
        .await
        .expect("dana");
    let id = conversation(&app).await["id"].as_str().expect("id").to_owned();
    let path = format!("/api/conversations/{id}");
    let given = patch(&app, &path, "\"1\"", json!({ "assignee_id": dana })).await.expect(200);
    assert_eq!(given.headers["etag"], "\"2\"");
    assert_eq!((&given.json()["assignee"]["id"], &given.json()["mode"]), (&json!(dana), &json!("bot")));
    patch(&app, &path, "\"1\"", json!({ "assignee_id": null })).await.expect(412);
    // Said again of whoever has it already, it is meant to stay all the same.
    app.api("PATCH", &path, Some(json!({ "assignee_id": dana }))).await.expect(200);
    // The assistant answers on, and Dana keeps it.
    app.ask(ANA, "book tuesday at 10 am").await;
    assert_eq!(app.items(&format!("/api/conversations?assignee_id={dana}")).await.len(), 1);
    assert!(app.items("/api/conversations?unassigned=true").await.is_empty());
    app.api("PUT", &format!("{path}/mode"), Some(json!({ "mode": "human" }))).await.expect(200);
    let released = app.api("PUT", &format!("{path}/mode"), Some(json!({ "mode": "bot" }))).await.expect(200).json();
    assert_eq!(released["assignee"]["id"], json!(dana));
    // Nobody else's people, and nobody who is not there any more.
    let (other_organization, other) = app.second_organization().await;
    let stranger = NewStaff { username: "eve", password: &password, role: BuiltInRole::Operator, superuser: false };
    create_user(&app.core.db, other_organization, &stranger).await.expect("user");
    let eve: uuid::Uuid = sqlx::query_scalar("SELECT id FROM users WHERE username = 'eve'")
        .fetch_one(app.core.db.pool())
        .await
        .expect("eve");
    for nobody in [json!(eve), json!(NOBODY)] {
        let problem = app.api("PATCH", &path, Some(json!({ "assignee_id": nobody }))).await.expect(422).json();
        assert_eq!(problem["errors"][0]["field"], "assignee_id");
    }
    app.api_as(&other, "PATCH", &path, Some(json!({ "archived": true }))).await.expect(404);
    app.api_as(&other, "GET", &format!("{path}/messages"), None).await.expect(404);
    sqlx::query("UPDATE memberships SET disabled_at = now() WHERE user_id = $1")
        .bind(dana)
        .execute(app.core.db.pool())
        .await
        .expect("disable");
    app.api("PATCH", &path, Some(json!({ "assignee_id": dana }))).await.expect(422);
    let away = app.api("PATCH", &path, Some(json!({ "archived": true, "assignee_id": null }))).await.expect(200).json();
    assert!(away["archived_at"].is_string() && away["assignee"].is_null());
    assert!(app.items("/api/conversations").await.is_empty());
    assert_eq!(app.items("/api/conversations?archived=true").await.len(), 1);
    app.text(ANA, "hello").await;
    assert_eq!(app.items("/api/conversations?q=0101").await.len(), 1);
    assert!(app.items("/api/conversations?q=0102").await.is_empty());
    let reader = app.key_with(app.organization.id, &[Permission::ConversationsRead]).await;
    app.api_as(&reader, "PATCH", &path, Some(json!({ "archived": true }))).await.expect(403);
    let log = audited(&app).await;
    assert_eq!(
        log,
        [
            "conversation.updated",
            "conversation.updated",
            "conversation.taken_over",
            "conversation.released",
            "conversation.updated"
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn conversations_are_ordered_both_ways() {
    let app = App::start().await;
    for n in 1..=3 {
        heard(&app, &format!("+1415555010{n}")).await;
    }
    app.text(ANA, "me again").await;
    let numbers = async |query: &str| {
        let found = app.items(&format!("/api/conversations?{query}")).await;
        found
            .iter()
            .map(|c| c["contact"]["phone_number"].as_str().expect("number").chars().last().expect("digit"))
            .collect::<String>()
    };
    assert_eq!(numbers("").await, "132");
    assert_eq!(numbers("sort=last_activity").await, "231");
    assert_eq!(numbers("sort=created_at").await, "123");
    let page = app.get("/api/conversations?limit=2&sort=created_at").await;
    let cursor = page["next_cursor"].as_str().expect("more");
    assert_eq!(numbers(&format!("limit=2&sort=created_at&cursor={cursor}")).await, "3");
    assert_eq!(app.items("/api/conversations?mode=bot").await.len(), 3);
}
