//! WhatsApp: the 24-hour window, templates outside it, and what happens where Twilio finds it closed after all.

use chrono::TimeDelta;
use frontdesk::accounts::Permission;
use serde_json::{Value, json};

use crate::{
    contacts::{NOBODY, audited, patch},
    support::{Answer, ApiResponse, App, NUMBER},
};

/// In New York, where it is mid-morning when these tests begin: nothing is held for the hours.
const ANA: &str = "+12125550101";
const SID: &str = "HX0123456789abcdef0123456789abcdef";

/// A text by WhatsApp, taken in but not yet answered.
async fn hear(app: &App, body: &str) {
    let (sid, from, to) = (app.sid(), format!("whatsapp:{ANA}"), format!("whatsapp:{NUMBER}"));
    let fields =
        [("MessageSid", sid.as_str()), ("From", &from), ("To", &to), ("Body", body), ("ProfileName", "Ana 🌞")];
    app.request(app.signed("/webhooks/sms/inbound", &fields)).await.expect(200);
}

fn template(more: Value) -> Value {
    let mut template = json!({
        "content_sid": SID, "name": "Reminder", "language": "en_US", "category": "utility", "approval": "approved",
        "body": "Hi {{1}}, see you on {{2}}. Reply C to confirm.",
    });
    template.as_object_mut().expect("object").extend(more.as_object().expect("object").clone());
    template
}

async fn add(app: &App, more: Value) -> String {
    let made = app.api("POST", "/api/whatsapp-templates", Some(template(more))).await.expect(201).json();
    made["id"].as_str().expect("id").to_owned()
}

async fn conversation(app: &App) -> Value {
    app.items("/api/conversations").await.into_iter().next().expect("a conversation")
}

async fn write(app: &App, body: Value) -> ApiResponse {
    let path = format!("/api/conversations/{}/messages", conversation(app).await["id"].as_str().expect("id"));
    app.api("POST", &path, Some(body)).await
}

fn taken(app: &App) -> Vec<std::collections::HashMap<String, String>> {
    app.twilio.taken_by(&format!("whatsapp:{ANA}")).into_iter().map(|t| t.form).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn templates_are_kept_as_approved() {
    let app = App::start().await;
    let id = add(&app, json!({})).await;
    let path = format!("/api/whatsapp-templates/{id}");
    let made = app.get(&path).await;
    assert_eq!(
        (&made["name"], &made["approval"], &made["version"]),
        (&json!("Reminder"), &json!("approved"), &json!(1))
    );
    let again =
        app.api("POST", "/api/whatsapp-templates", Some(template(json!({ "name": "Copy" })))).await.expect(409).json();
    assert_eq!((&again["code"], &again["errors"][0]["field"]), (&json!("already_exists"), &json!("content_sid")));
    let second = add(
        &app,
        json!({ "content_sid": "HXffffffffffffffffffffffffffffffff", "name": "Aftercare", "approval": "pending" }),
    )
    .await;
    let names = async |query: &str| {
        let items = app.items(&format!("/api/whatsapp-templates{query}")).await;
        items.iter().map(|t| t["name"].as_str().expect("name").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names("").await, ["Aftercare", "Reminder"]);
    assert_eq!(names("?sort=-created_at").await.len(), 2);
    assert_eq!(names("?approval=approved").await, ["Reminder"]);
    assert_eq!(names("?q=after").await, ["Aftercare"]);
    for (field, wrong) in [
        ("content_sid", json!({ "content_sid": "HX12" })),
        ("name", json!({ "name": " " })),
        ("language", json!({ "language": "English!" })),
        ("body", json!({ "body": "" })),
        ("body", json!({ "body": "Reply YES to confirm" })),
        ("body", json!({ "body": (0..21).map(|n| format!("{{{{{n}}}}}")).collect::<String>() })),
    ] {
        let problem = app.api("POST", "/api/whatsapp-templates", Some(template(wrong))).await.expect(422).json();
        assert_eq!(problem["errors"][0]["field"], field);
    }
    let changed = patch(&app, &path, "\"1\"", json!({ "approval": "paused" })).await.expect(200).json();
    assert_eq!((&changed["approval"], &changed["version"]), (&json!("paused"), &json!(2)));
    patch(&app, &path, "\"1\"", json!({ "name": "x" })).await.expect(412);
    let taken = json!({ "content_sid": SID });
    app.api("PATCH", &format!("/api/whatsapp-templates/{second}"), Some(taken)).await.expect(409);
    let (_, other) = app.second_organization().await;
    app.api_as(&other, "GET", &path, None).await.expect(404);
    app.api_as(&other, "POST", "/api/whatsapp-templates", Some(template(json!({})))).await.expect(201);
    let reader = app.key_with(app.organization.id, &[Permission::CampaignsRead]).await;
    app.api_as(&reader, "DELETE", &path, None).await.expect(403);
    app.api("DELETE", &path, None).await.expect(204);
    app.api("DELETE", &path, None).await.expect(404);
    let actions = audited(&app).await;
    let own: Vec<&str> = actions.iter().map(String::as_str).filter(|a| a.starts_with("whatsapp_template.")).collect();
    assert_eq!(own.len(), 5, "two added, one changed, one deleted here, one added elsewhere: {own:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn free_text_within_24_hours_and_templates_after_that() {
    let app = App::start().await;
    hear(&app, "hello").await;
    app.run_jobs().await;
    let shown = conversation(&app).await;
    let until: chrono::DateTime<chrono::Utc> = shown["window_until"].as_str().expect("open").parse().expect("time");
    assert_eq!(until, app.clock.now() + TimeDelta::hours(24));
    let contact = app.items("/api/contacts").await.remove(0);
    assert_eq!((&contact["profile_name"], &contact["first_name"]), (&json!("Ana 🌞"), &Value::Null));
    write(&app, json!({ "body": "Come in!" })).await.expect(201);
    app.run_jobs().await;
    assert_eq!(taken(&app).last().expect("sent")["Body"], "Come in!");

    app.clock.advance(TimeDelta::hours(24));
    assert_eq!(write(&app, json!({ "body": "Still there?" })).await.expect(409).json()["code"], "outside_window");
    let id = add(&app, json!({})).await;
    let variables = json!({ "1": "Ana", "2": "Friday" });
    let sent = write(&app, json!({ "template": { "id": id, "variables": variables } })).await.expect(201).json();
    assert_eq!(sent["body"], "Hi Ana, see you on Friday. Reply C to confirm.");
    assert_eq!((&sent["content_sid"], &sent["segments"]), (&json!(SID), &json!(1)));
    // What becomes of the template later does not change a text that waits.
    app.api("DELETE", &format!("/api/whatsapp-templates/{id}"), None).await.expect(204);
    app.run_jobs().await;
    let form = taken(&app).pop().expect("sent");
    assert_eq!((form["ContentSid"].as_str(), form.get("Body")), (SID, None));
    assert_eq!(serde_json::from_str::<Value>(&form["ContentVariables"]).expect("JSON"), variables);

    // The contact's next text opens the window again.
    hear(&app, "yes, see you then").await;
    write(&app, json!({ "body": "Great" })).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_is_checked_before_anything_is_written() {
    let app = App::start().await;
    hear(&app, "hello").await;
    app.run_jobs().await;
    let id = add(&app, json!({})).await;
    let using = |id: &str, variables: Value| json!({ "template": { "id": id, "variables": variables } });
    let field = |answer: ApiResponse| answer.expect(422).json()["errors"][0]["field"].clone();
    assert_eq!(field(write(&app, using(&id, json!({ "1": "Ana" }))).await), "template");
    assert_eq!(field(write(&app, using(&id, json!({ "1": "Ana", "2": "x", "3": "y" }))).await), "template");
    assert_eq!(field(write(&app, using(&id, json!({ "1": "two\nlines", "2": "x" }))).await), "template");
    write(&app, using(NOBODY, json!({}))).await.expect(404);
    let full = json!({ "1": "Ana", "2": "Friday" });
    let mut with_media = using(&id, full.clone());
    with_media["media"] = json!(["https://example.com/a.png"]);
    assert_eq!(field(write(&app, with_media).await), "media");
    assert_eq!(field(write(&app, json!({})).await), "body");
    app.api("PATCH", &format!("/api/whatsapp-templates/{id}"), Some(json!({ "approval": "rejected" })))
        .await
        .expect(200);
    assert_eq!(write(&app, using(&id, full.clone())).await.expect(409).json()["code"], "not_approved");
    app.api("PATCH", &format!("/api/whatsapp-templates/{id}"), Some(json!({ "approval": "approved" })))
        .await
        .expect(200);
    // Another organization's template is none.
    let (_, other) = app.second_organization().await;
    let theirs =
        app.api_as(&other, "POST", "/api/whatsapp-templates", Some(template(json!({})))).await.expect(201).json();
    write(&app, using(theirs["id"].as_str().expect("id"), full.clone())).await.expect(404);
    // Nor do templates go by SMS.
    app.ask("+14155550102", "hello").await;
    let contact = app.items("/api/contacts?phone_number=%2B14155550102").await[0]["id"].clone();
    let mut by_sms = using(&id, full);
    by_sms["contact_id"] = contact;
    assert_eq!(field(app.api("POST", "/api/messages", Some(by_sms)).await), "template");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_is_late_is_not_handed_over_or_goes_as_its_template() {
    let app = App::start().await;
    hear(&app, "hello").await;
    app.run_jobs().await;
    let id = add(&app, json!({})).await;
    let late = write(&app, json!({ "body": "Sorry for the wait" })).await.expect(201).json();
    let template = json!({ "id": id, "variables": { "1": "Ana", "2": "Friday" } });
    let with_template = write(&app, json!({ "body": "And a thing", "template": template })).await.expect(201).json();
    assert_eq!((&with_template["body"], &with_template["content_sid"]), (&json!("And a thing"), &Value::Null));
    let before = taken(&app).len();
    app.clock.advance(TimeDelta::hours(24));
    app.run_jobs().await;
    let late = app.get(&format!("/api/messages/{}", late["id"].as_str().expect("id"))).await;
    assert_eq!((&late["status"], &late["error_code"]), (&json!("canceled"), &json!("outside_window")));
    let switched = app.get(&format!("/api/messages/{}", with_template["id"].as_str().expect("id"))).await;
    assert_eq!(switched["body"], "Hi Ana, see you on Friday. Reply C to confirm.");
    assert_eq!(switched["content_sid"], SID);
    let forms = taken(&app).split_off(before);
    assert_eq!(forms.len(), 1, "only the template left");
    assert_eq!(forms[0]["ContentSid"], SID);

    // In time, its own words go.
    hear(&app, "hi again").await;
    write(&app, json!({ "body": "In time", "template": template })).await.expect(201);
    app.run_jobs().await;
    assert!(taken(&app).iter().any(|f| f.get("Body").is_some_and(|b| b == "In time")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_that_twilio_finds_closed_sends_the_template_as_a_text_of_its_own() {
    let app = App::start().await;
    hear(&app, "hello").await;
    app.run_jobs().await;
    let id = add(&app, json!({})).await;
    let template = json!({ "id": id, "variables": { "1": "Ana", "2": "Friday" } });
    let before = taken(&app).len();

    // Refused at once.
    app.twilio.script([Answer::Refuse(400, 63016)]);
    let refused = write(&app, json!({ "body": "One", "template": template })).await.expect(201).json();
    app.run_jobs().await;
    let row = app.get(&format!("/api/messages/{}", refused["id"].as_str().expect("id"))).await;
    assert_eq!((&row["status"], &row["error_code"], &row["body"]), (&json!("failed"), &json!("63016"), &json!("One")));
    let forms = taken(&app).split_off(before);
    assert_eq!((forms.len(), forms[0]["ContentSid"].as_str()), (1, SID));

    // Reported late, and twice.
    let reported = write(&app, json!({ "body": "Two", "template": template })).await.expect(201).json();
    let reported = reported["id"].as_str().expect("id");
    app.run_jobs().await;
    let sid = app.get(&format!("/api/messages/{reported}")).await["provider_sid"].as_str().expect("sid").to_owned();
    for status in ["undelivered", "failed", "failed"] {
        let fields = [("MessageSid", sid.as_str()), ("MessageStatus", status), ("ErrorCode", "63016")];
        app.request(app.signed(&format!("/webhooks/sms/status/{reported}"), &fields)).await.expect(200);
    }
    app.run_jobs().await;
    let row = app.get(&format!("/api/messages/{reported}")).await;
    assert_eq!((&row["status"], &row["error_code"]), (&json!("undelivered"), &json!("63016")));
    assert!(row["error_message"].as_str().expect("why").contains("once a day has passed"));
    let templates = taken(&app).iter().filter(|f| f.contains_key("ContentSid")).count();
    assert_eq!(templates, 2, "once for each of the two texts");

    // Without a template it stays failed, with the reason.
    let alone = write(&app, json!({ "body": "Three" })).await.expect(201).json();
    app.twilio.script([Answer::Refuse(400, 63016)]);
    app.run_jobs().await;
    let alone = app.get(&format!("/api/messages/{}", alone["id"].as_str().expect("id"))).await;
    assert_eq!(alone["status"], "failed");
    assert_eq!(taken(&app).iter().filter(|f| f.contains_key("ContentSid")).count(), 2);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_that_is_listed_in_other_words_is_not_sent_twice() {
    let app = App::start().await;
    hear(&app, "hello").await;
    app.run_jobs().await;
    let id = add(&app, json!({})).await;
    app.twilio.script([Answer::AcceptThenReset]);
    let sent = write(&app, json!({ "template": { "id": id, "variables": { "1": "Ana", "2": "Friday" } } })).await;
    let sent = sent.expect(201).json()["id"].as_str().expect("id").to_owned();
    app.run_jobs().await;
    app.twilio.reword(
        &format!("whatsapp:{ANA}"),
        "*Your visit*\nHi Ana, see you on Friday. Reply C to confirm.\nMaple Street",
    );
    for _ in 0..4 {
        app.clock.advance(TimeDelta::seconds(30));
        app.run_jobs().await;
    }
    let templates: Vec<_> = app.twilio.taken().into_iter().filter(|t| t.form.contains_key("ContentSid")).collect();
    assert_eq!(templates.len(), 1);
    let message = app.get(&format!("/api/messages/{sent}")).await;
    assert_eq!(message["provider_sid"], templates[0].sid);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promotion_in_reserve_asks_for_consent_when_it_takes_the_place_of_the_words() {
    let app = App::start().await;
    hear(&app, "hello").await;
    app.run_jobs().await;
    let id = add(&app, json!({ "category": "marketing" })).await;
    let template = json!({ "id": id, "variables": { "1": "Ana", "2": "Friday" } });
    // In the window its own words go, as the conversation they are.
    let sent = write(&app, json!({ "body": "Come in!", "template": template })).await.expect(201).json();
    assert_eq!(sent["purpose"], "conversational");
    app.run_jobs().await;
    assert_eq!(taken(&app).last().expect("sent")["Body"], "Come in!");
    // Alone it advertises.
    let refused = write(&app, json!({ "template": template })).await.expect(409).json();
    assert_eq!(refused["code"], "no_consent");
    assert!(refused["detail"].as_str().expect("why").contains("promotions"), "{refused}");

    let late = write(&app, json!({ "body": "Still there?", "template": template })).await.expect(201).json();
    app.clock.advance(TimeDelta::hours(24));
    app.run_jobs().await;
    let late = app.get(&format!("/api/messages/{}", late["id"].as_str().expect("id"))).await;
    assert_eq!(
        (&late["status"], &late["error_code"], &late["purpose"]),
        (&json!("canceled"), &json!("no_consent"), &json!("marketing")),
    );
    let closed = write(&app, json!({ "body": "Hello?", "template": template })).await.expect(409).json();
    assert_eq!(closed["code"], "no_consent");
    assert!(!taken(&app).iter().any(|f| f.contains_key("ContentSid")));
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_held_for_an_hour_when_the_window_will_be_closed() {
    // Seven in the morning in New York: the window closes before the next day's hours begin.
    let app = App::builder().at("2026-11-18T12:00:00Z".parse().expect("time")).start().await;
    hear(&app, "hello").await;
    app.run_jobs().await;
    app.clock.advance(TimeDelta::hours(15));
    let late = write(&app, json!({ "body": "Sorry, we saw this only now" })).await.expect(201).json();
    app.run_jobs().await;
    let late = app.get(&format!("/api/messages/{}", late["id"].as_str().expect("id"))).await;
    assert_eq!((&late["status"], &late["error_code"]), (&json!("canceled"), &json!("outside_window")), "{late}");
    assert!(late["error_message"].as_str().expect("why").contains("window closes on"), "{late}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_that_waits_is_its_own_words_again_when_they_write() {
    let app = App::start().await;
    hear(&app, "hello").await;
    app.run_jobs().await;
    let id = add(&app, json!({})).await;
    app.clock.advance(TimeDelta::minutes(10));
    let template = json!({ "id": id, "variables": { "1": "Ana", "2": "Friday" } });
    let message = write(&app, json!({ "body": "And a thing", "template": template })).await.expect(201).json();
    let message = format!("/api/messages/{}", message["id"].as_str().expect("id"));
    let sender = app.items("/api/senders").await.into_iter().find(|s| s["channel"] == "whatsapp").expect("sender");
    let sender = format!("/api/senders/{}", sender["id"].as_str().expect("id"));
    app.api("POST", &format!("{sender}/pause"), Some(json!({ "reason": "A moment." }))).await.expect(200);
    app.clock.advance(TimeDelta::hours(24) - TimeDelta::minutes(8));
    app.run_jobs().await;
    let waiting = app.get(&message).await;
    assert_eq!((&waiting["status"], &waiting["content_sid"]), (&json!("queued"), &json!(SID)), "{waiting}");
    hear(&app, "hi again").await;
    let waiting = app.get(&message).await;
    assert_eq!((&waiting["body"], &waiting["content_sid"]), (&json!("And a thing"), &Value::Null));
    app.api("POST", &format!("{sender}/resume"), None).await.expect(200);
    app.clock.advance(TimeDelta::minutes(3));
    app.run_jobs().await;
    assert!(taken(&app).iter().any(|f| f.get("Body").is_some_and(|b| b == "And a thing")));
    assert!(!taken(&app).iter().any(|f| f.contains_key("ContentSid")));
    app.finish().await;
}
