//! Why a text was sent, held or not sent: decided at the moment of sending, and kept.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    contacts::{NOBODY, contact},
    support::App,
};

const ANA: &str = "+14155550101";

async fn id_of(app: &App, from: &str) -> String {
    let path = format!("/api/contacts?phone_number=%2B{}", &from[1..]);
    app.items(&path).await[0]["id"].as_str().expect("id").to_owned()
}

async fn send(app: &App, body: Value) -> Value {
    app.api("POST", "/api/messages", Some(body)).await.expect(201).json()
}

async fn receipt(app: &App, message: &Value) -> Value {
    app.get(&format!("/api/messages/{}/receipt", message["id"].as_str().expect("id"))).await
}

/// Rule and outcome of a decision, in order.
fn rules(decision: &Value) -> Vec<(String, String)> {
    let text = |rule: &Value, field: &str| rule[field].as_str().expect(field).to_owned();
    let rules = decision["rules"].as_array().expect("rules");
    rules.iter().map(|rule| (text(rule, "rule"), text(rule, "outcome"))).collect()
}

fn said(decision: &Value, rule: &str, outcome: &str) -> bool {
    rules(decision).contains(&(rule.to_owned(), outcome.to_owned()))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_tells_what_it_was_sent_on() {
    let app = App::start().await;
    app.ask(ANA, "hello").await;
    let reply = app.items("/api/messages?direction=outbound").await.remove(0);
    let receipt = receipt(&app, &reply).await;
    let [decision] = receipt["decisions"].as_array().expect("decisions").as_slice() else { panic!("{receipt}") };
    assert_eq!((&decision["outcome"], &decision["purpose"]), (&json!("send"), &json!("conversational")));
    assert!(said(decision, "block_list", "send") && said(decision, "consent", "send"), "{decision}");
    assert_eq!(
        (&decision["consent"]["tier"], &decision["consent"]["method"]),
        (&json!("implied"), &json!("inbound_message"))
    );
    assert_eq!(receipt["sentence"], decision["sentence"]);
    assert_eq!(reply["decision"], decision["sentence"]);
    assert_eq!(receipt["held_until"], Value::Null);
    assert!(receipt["deadline_at"].is_string());
    let inbound = app.items("/api/messages?direction=inbound").await.remove(0);
    let path = |id: &str| format!("/api/messages/{id}/receipt");
    app.api("GET", &path(inbound["id"].as_str().expect("id")), None).await.expect(404);
    app.api("GET", &path(NOBODY), None).await.expect(404);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_opt_out_reaches_what_is_already_queued() {
    let app = App::start().await;
    app.ask(ANA, "hello").await;
    let message = send(&app, json!({ "contact_id": id_of(&app, ANA).await, "body": "Ready." })).await;
    assert_eq!(receipt(&app, &message).await["sentence"], "Waits to be sent.");
    app.sms(ANA, "STOP").await.expect(200);
    // Before any job has run.
    let after = receipt(&app, &message).await;
    assert_eq!(
        (&after["status"], &after["sentence"]),
        (&json!("canceled"), &json!("Not sent: the contact opted out."))
    );
    assert_eq!(after["decisions"][0]["code"], "opted_out");
    app.run_jobs().await;
    app.clock.advance(TimeDelta::seconds(40));
    app.run_jobs().await;
    assert_eq!(receipt(&app, &message).await, after);
    assert!(!app.twilio.taken_by(ANA).iter().any(|taken| taken.body == "Ready."));
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_leaves_while_their_last_text_is_unread() {
    let app = App::start().await;
    app.ask(ANA, "hello").await;
    let message = send(&app, json!({ "contact_id": id_of(&app, ANA).await, "body": "Ready." })).await;
    app.sms(ANA, "please stop texting me, I do not want this").await.expect(200);
    // The turn that would read it does not get to it.
    let hold_turn = "UPDATE jobs SET state = $1 WHERE kind = 'answer_conversation' AND state = $2";
    let moved = sqlx::query(hold_turn).bind("dead").bind("queued").execute(app.core.db.pool()).await.expect("jobs");
    assert_eq!(moved.rows_affected(), 1);
    for _ in 0..5 {
        app.run_jobs().await;
        app.clock.advance(TimeDelta::seconds(31));
    }
    let held = receipt(&app, &message).await;
    assert_eq!((&held["status"], &held["decisions"][0]["code"]), (&json!("queued"), &json!("unread_text")));
    assert_eq!(held["decisions"].as_array().expect("decisions").len(), 1, "held again is told once");
    assert!(!app.twilio.taken_by(ANA).iter().any(|taken| taken.body == "Ready."));
    sqlx::query(hold_turn).bind("queued").bind("dead").execute(app.core.db.pool()).await.expect("jobs");
    app.run_jobs().await;
    app.clock.advance(TimeDelta::seconds(31));
    app.run_jobs().await;
    assert_eq!(receipt(&app, &message).await["status"], "canceled");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waited_too_long_is_not_sent() {
    let app = App::start().await;
    app.ask(ANA, "hello").await;
    let contact = id_of(&app, ANA).await;
    let soon = app.clock.now() + TimeDelta::minutes(10);
    let message = send(&app, json!({ "contact_id": contact, "body": "Ready.", "expires_at": soon })).await;
    app.clock.advance(TimeDelta::minutes(11));
    app.run_jobs().await;
    let receipt = receipt(&app, &message).await;
    assert_eq!((&receipt["status"], &receipt["decisions"][0]["code"]), (&json!("canceled"), &json!("expired")));
    for wrong in [app.clock.now(), app.clock.now() + TimeDelta::days(31)] {
        let body = json!({ "contact_id": contact, "body": "Ready.", "expires_at": wrong });
        let problem = app.api("POST", "/api/messages", Some(body)).await.expect(422).json();
        assert_eq!(problem["errors"][0]["field"], "expires_at");
    }
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_text_is_for_decides_the_consent_it_needs() {
    let app = App::start().await;
    let id = contact(&app, ANA).await;
    let text = |purpose: &str| json!({ "contact_id": id, "body": "Ready.", "purpose": purpose, "channel": "sms" });
    let grant = async |tier: &str, purpose: &str| {
        let mut body =
            json!({ "action": "granted", "tier": tier, "channel": "sms", "method": "web_form", "evidence": "form" });
        if !purpose.is_empty() {
            body["purpose"] = json!(purpose);
        }
        app.api("POST", &format!("/api/contacts/{id}/consent"), Some(body)).await.expect(201);
        app.clock.advance(TimeDelta::seconds(1));
    };
    for purpose in ["conversational", "transactional", "marketing"] {
        let refused = app.api("POST", "/api/messages", Some(text(purpose))).await.expect(409).json();
        assert_eq!(refused["code"], "no_consent", "{purpose}");
    }
    grant("express", "").await;
    app.api("POST", "/api/messages", Some(text("transactional"))).await.expect(201);
    assert_eq!(
        app.api("POST", "/api/messages", Some(text("marketing"))).await.expect(409).json()["code"],
        "no_consent"
    );
    grant("express_written", "marketing").await;
    let message = app.api("POST", "/api/messages", Some(text("marketing"))).await.expect(201).json();
    assert_eq!(message["purpose"], "marketing");
}

/// A number in Florida, Eastern time: 305 is Miami.
const MIA: &str = "+13055550133";

/// An app at that moment with a contact who agreed to marketing in writing.
async fn agreed(at: &str, number: &str) -> (App, String) {
    let app = App::builder().at(at.parse().expect(at)).start().await;
    let id = contact(&app, number).await;
    let consent = json!({ "action": "granted", "tier": "express_written", "channel": "sms", "method": "web_form", "evidence": "form" });
    app.api("POST", &format!("/api/contacts/{id}/consent"), Some(consent)).await.expect(201);
    (app, id)
}

fn marketing(id: &str) -> Value {
    json!({ "contact_id": id, "channel": "sms", "body": "Frames are half the price.", "purpose": "marketing" })
}

/// Minutes pass one by one; when the number got its first text.
async fn first_text(app: &App, number: &str, minutes: i64) -> Option<String> {
    for _ in 0..minutes {
        if !app.twilio.taken_by(number).is_empty() {
            return Some(app.clock.now().to_rfc3339());
        }
        app.clock.advance(TimeDelta::minutes(1));
        app.run_jobs().await;
    }
    None
}

#[tokio::test(flavor = "multi_thread")]
async fn marketing_waits_for_the_morning_where_the_contact_is() {
    // Tuesday, 8:47 pm in Miami; Florida ends at 8.
    let (app, id) = agreed("2026-03-04T01:47:00Z", MIA).await;
    let message = send(&app, marketing(&id)).await;
    app.run_jobs().await;
    let held = receipt(&app, &message).await;
    let sentence = held["sentence"].as_str().expect("sentence");
    assert!(sentence.starts_with("Held: 8:47 pm EST in Florida, window 9 am–8 pm; will go at 9"), "{sentence}");
    let decision = &held["decisions"][0];
    assert_eq!((&held["status"], &decision["code"]), (&json!("queued"), &json!("quiet_hours")));
    assert!(
        said(decision, "quiet_hours:us-fl", "hold") && said(decision, "quiet_hours:default-marketing", "hold"),
        "{decision}"
    );
    assert_eq!(decision["places"], json!([{ "zone": "America/New_York", "region": "US-FL" }]));
    assert_eq!(decision["places_from"], "area_code");
    assert!(
        decision["rules"]
            .as_array()
            .expect("rules")
            .iter()
            .any(|r| r["source"].is_string() && r["version"].is_string())
    );
    let until: chrono::DateTime<chrono::Utc> = held["held_until"].as_str().expect("held").parse().expect("time");
    // The house's own hours begin at 9, and the first minutes are shared out.
    let opens: chrono::DateTime<chrono::Utc> = "2026-03-04T14:00:00Z".parse().expect("time");
    assert!(until >= opens && until < opens + TimeDelta::minutes(10), "{until}");
    let at = first_text(&app, MIA, 14 * 60).await.expect("sent");
    assert!(at.starts_with("2026-03-04T14:0") || at.starts_with("2026-03-04T14:10"), "{at}");
    let outcomes: Vec<Value> = receipt(&app, &message).await["decisions"]
        .as_array()
        .expect("decisions")
        .iter()
        .map(|d| d["outcome"].clone())
        .collect();
    assert_eq!(outcomes, [json!("send"), json!("hold")], "the latest first");
    app.run_jobs().await;
    assert_eq!(app.twilio.taken_by(MIA).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_night_that_is_an_hour_shorter_ends_an_hour_earlier() {
    // Saturday evening before the clocks go forward; on Sundays the house begins at noon, which is 4 pm in London then.
    let (app, id) = agreed("2026-03-08T02:30:00Z", MIA).await;
    let message = send(&app, marketing(&id)).await;
    app.run_jobs().await;
    let held = receipt(&app, &message).await;
    assert!(held["held_until"].as_str().expect("held").starts_with("2026-03-08T16:0"), "{held}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_lawful_minute_before_its_deadline_it_is_not_sent() {
    let (app, id) = agreed("2026-03-04T01:47:00Z", MIA).await;
    let mut text = marketing(&id);
    text["expires_at"] = json!("2026-03-04T07:00:00Z");
    let message = send(&app, text).await;
    app.run_jobs().await;
    let refused = receipt(&app, &message).await;
    assert_eq!((&refused["status"], &refused["decisions"][0]["code"]), (&json!("canceled"), &json!("no_legal_window")));
    assert!(
        refused["sentence"].as_str().expect("sentence").contains("no lawful minute before its deadline"),
        "{refused}"
    );
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_just_texted_is_answered_at_night_and_who_has_not_is_not_woken() {
    // 3 am in Miami.
    let app = App::builder().at("2026-03-04T08:00:00Z".parse().expect("time")).start().await;
    app.ask(MIA, "hello").await;
    let id = id_of(&app, MIA).await;
    let text = json!({ "contact_id": id, "body": "Ready." });
    send(&app, text.clone()).await;
    app.run_jobs().await;
    assert_eq!(app.twilio.taken_by(MIA).len(), 2, "staff answers");
    app.clock.advance(TimeDelta::minutes(150));
    let late = send(&app, text).await;
    app.run_jobs().await;
    let held = receipt(&app, &late).await;
    assert_eq!(held["decisions"][0]["code"], "quiet_hours", "{held}");
    assert_eq!(app.twilio.taken_by(MIA).len(), 2);
    // An opt-out ends what is held, too.
    app.text(MIA, "STOP").await;
    app.clock.advance(TimeDelta::hours(9));
    app.run_jobs().await;
    assert_eq!(receipt(&app, &late).await["decisions"][0]["code"], "opted_out");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn florida_allows_three_a_day() {
    let (app, id) = agreed("2026-03-04T15:00:00Z", MIA).await;
    for _ in 0..3 {
        send(&app, marketing(&id)).await;
        app.run_jobs().await;
        app.clock.advance(TimeDelta::minutes(10));
    }
    assert_eq!(app.twilio.taken_by(MIA).len(), 3);
    let fourth = send(&app, marketing(&id)).await;
    app.run_jobs().await;
    let held = receipt(&app, &fourth).await;
    assert_eq!(held["decisions"][0]["code"], "frequency_cap", "{held}");
    assert!(held["held_until"].as_str().expect("held").starts_with("2026-03-05T15:00:00"), "{held}");
    assert_eq!(app.twilio.taken_by(MIA).len(), 3);
    app.clock.advance(TimeDelta::hours(24));
    app.run_jobs().await;
    assert_eq!(app.twilio.taken_by(MIA).len(), 4);
    // A reminder is no marketing.
    send(&app, json!({ "contact_id": id, "channel": "sms", "body": "Tomorrow at 10.", "purpose": "transactional" }))
        .await;
    app.run_jobs().await;
    assert_eq!(app.twilio.taken_by(MIA).len(), 5);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_organizations_own_cap_holds_beside_the_law() {
    // No law of California caps texts.
    let (app, id) = agreed("2026-03-04T18:00:00Z", ANA).await;
    app.api("PUT", "/api/compliance/frequency-cap", Some(json!({ "texts": 2, "days": 7 }))).await.expect(200);
    for _ in 0..2 {
        let sent = send(&app, marketing(&id)).await;
        app.run_jobs().await;
        let decision = receipt(&app, &sent).await["decisions"][0].clone();
        assert!(said(&decision, "cap:organization", "send"), "{decision}");
        app.clock.advance(TimeDelta::hours(1));
    }
    // Its deadline, three days, comes before the cap lets it go.
    let third = send(&app, marketing(&id)).await;
    app.run_jobs().await;
    let refused = receipt(&app, &third).await;
    assert_eq!((&refused["status"], &refused["decisions"][0]["code"]), (&json!("canceled"), &json!("frequency_cap")));
    let cap =
        refused["decisions"][0]["rules"].as_array().expect("rules").iter().find(|r| r["rule"] == "cap:organization");
    let cap = cap.expect("the cap");
    assert_eq!(
        (&cap["says"], &cap["version"], &cap["source"]),
        (
            &json!("2 marketing texts in 7 days, of 2 that may be."),
            &json!("1"),
            &json!("The organization's own setting")
        )
    );
    // One that is worth sending for longer waits for the first to be a week old.
    let mut patient = marketing(&id);
    patient["expires_at"] = json!(app.clock.now() + TimeDelta::days(20));
    let patient = send(&app, patient).await;
    app.run_jobs().await;
    let held = receipt(&app, &patient).await;
    assert_eq!(held["decisions"][0]["code"], "frequency_cap", "{held}");
    assert!(held["held_until"].as_str().expect("held").starts_with("2026-03-11T18:00:00"), "{held}");
    // A reminder is no marketing.
    let reminder = json!({ "contact_id": id, "channel": "sms", "body": "Tomorrow at 10.", "purpose": "transactional" });
    send(&app, reminder).await;
    app.run_jobs().await;
    assert_eq!(app.twilio.taken_by(ANA).len(), 3);
    app.clock.advance(TimeDelta::days(7));
    app.run_jobs().await;
    assert_eq!(app.twilio.taken_by(ANA).len(), 4);
    // Lifted, the next goes at once, and nothing speaks of it.
    app.api("PUT", "/api/compliance/frequency-cap", Some(json!({ "texts": 0, "days": 7 }))).await.expect(200);
    for _ in 0..3 {
        let free = send(&app, marketing(&id)).await;
        app.run_jobs().await;
        let receipt = receipt(&app, &free).await;
        assert!(
            !receipt.to_string().contains("cap:organization") && receipt["decisions"][0]["outcome"] == "send",
            "{receipt}"
        );
    }
    // Longer than the law looks back.
    app.api("PUT", "/api/compliance/frequency-cap", Some(json!({ "texts": 7, "days": 90 }))).await.expect(200);
    app.clock.advance(TimeDelta::days(60));
    for outcome in ["send", "refuse"] {
        let text = send(&app, marketing(&id)).await;
        app.run_jobs().await;
        assert_eq!(receipt(&app, &text).await["decisions"][0]["outcome"], outcome);
    }
    app.finish().await;
}
