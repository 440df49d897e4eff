//! Handing texts to Twilio: what is tried again, what never is, and what is looked up first.

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::Value;

use crate::support::{Answer, App, NUMBER};

const ANA: &str = "+14155550101";

async fn outbound(app: &App) -> Value {
    app.items("/api/messages").await.into_iter().find(|m| m["direction"] == "outbound").expect("outbound")
}

/// Lets time pass in small steps, running what becomes due.
async fn pass(app: &App, seconds: i64) {
    for _ in 0..seconds {
        app.clock.advance(TimeDelta::seconds(1));
        app.run_jobs().await;
    }
}

async fn callback(app: &App, path: &str, sid: &str, status: &str, code: Option<&str>) -> u16 {
    let mut fields = vec![("MessageSid", sid), ("MessageStatus", status), ("To", ANA), ("From", NUMBER)];
    fields.extend(code.map(|c| ("ErrorCode", c)));
    app.request(app.signed(path, &fields)).await.status.as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_send_is_what_twilio_expects() {
    let app = App::start().await;
    app.ask(ANA, "¿book tuesday at 10 am? 👍").await;
    let taken = &app.twilio.taken_by(ANA)[0];
    assert_eq!(taken.form["From"], NUMBER);
    assert!(taken.form["StatusCallback"].starts_with("https://desk.example.com/webhooks/sms/status/"));
    assert!(taken.authorization.starts_with("Basic "));
    let message = outbound(&app).await;
    assert_eq!(message["provider_sid"], taken.sid.as_str());
    assert_eq!(message["status"], "sending");
    assert_eq!(message["channel"], "sms");
    assert!(message["sent_at"].is_string());
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_messaging_service_sends_in_place_of_the_number() {
    let service = format!("MG{}", "01".repeat(16));
    let app = App::builder().with("TWILIO_MESSAGING_SERVICE_SID", &service).start().await;
    app.ask(ANA, "book tuesday at 10 am").await;
    let form = &app.twilio.taken_by(ANA)[0].form;
    assert_eq!(form["MessagingServiceSid"], service);
    assert!(!form.contains_key("From"));
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn told_to_slow_down_it_waits_as_long_as_told() {
    let app = App::start().await;
    app.twilio.script([Answer::RateLimit(7)]);
    assert!(app.text(ANA, "book tuesday at 10 am").await.is_empty());
    assert_eq!(outbound(&app).await["status"], "queued");
    pass(&app, 5).await;
    assert_eq!(app.twilio.requests(), 1);
    pass(&app, 3).await;
    assert_eq!(app.twilio.taken_by(ANA).len(), 1);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_for_good_is_kept_with_its_code() {
    let app = App::start().await;
    app.twilio.script([Answer::Refuse(400, 21211)]);
    app.text(ANA, "book tuesday at 10 am").await;
    pass(&app, 30).await;
    let message = outbound(&app).await;
    assert_eq!((&message["status"], &message["error_code"]), (&"failed".into(), &"21211".into()));
    assert_eq!(message["error_message"], "The number does not exist. Ask for the right number.");
    assert_eq!(app.twilio.requests(), 1);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_carriers_own_block_is_learned_for_that_sender() {
    let app = App::start().await;
    app.twilio.script([Answer::Refuse(400, 21610)]);
    app.text(ANA, "hello").await;
    assert_eq!(outbound(&app).await["error_code"], "21610");
    app.text(ANA, "hello again").await;
    assert_eq!(app.twilio.requests(), 1, "not tried a second time");
    assert_eq!(outbound(&app).await["error_code"], "carrier_opted_out");
    assert_eq!(app.items("/api/contacts").await[0]["opt_in_status"], "pending", "says nothing of other senders");
    // START lifts it.
    assert_eq!(app.text(ANA, "START").await.len(), 1);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn taken_but_never_said_so_is_found_and_not_sent_twice() {
    let app = App::start().await;
    app.twilio.script([Answer::AcceptThen500]);
    app.text(ANA, "book tuesday at 10 am").await;
    let message = outbound(&app).await;
    assert_eq!(
        (&message["status"], &message["provider_sid"]),
        (&"sending".into(), &Value::Null),
        "unknown is not failed"
    );
    pass(&app, 10).await;
    assert_eq!(app.twilio.requests(), 1);
    assert!(app.twilio.lookups() >= 1);
    assert_eq!(outbound(&app).await["provider_sid"], app.twilio.taken_by(ANA)[0].sid.as_str());
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_after_the_request_was_written_is_looked_up() {
    let app = App::start().await;
    app.twilio.script([Answer::AcceptThenSilence(Duration::from_secs(30))]);
    app.text(ANA, "book tuesday at 10 am").await;
    pass(&app, 10).await;
    assert_eq!(app.twilio.requests(), 1);
    assert_eq!(outbound(&app).await["provider_sid"], app.twilio.taken_by(ANA)[0].sid.as_str());
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn never_taken_is_sent_again_after_looking() {
    let app = App::start().await;
    app.twilio.script([Answer::Fail500]);
    app.text(ANA, "book tuesday at 10 am").await;
    pass(&app, 60).await;
    assert_eq!(app.twilio.taken_by(ANA).len(), 1);
    assert_eq!(app.twilio.requests(), 2);
    assert!(app.twilio.lookups() >= 3);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_equal_texts_of_unknown_outcome_are_two_texts() {
    let app = App::start().await;
    // The same question twice: equal bodies, both taken, both answers lost.
    app.twilio.script([Answer::AcceptThen500, Answer::AcceptThen500]);
    app.text(ANA, "book tuesday at 10 am").await;
    app.text(ANA, "book tuesday at 10 am").await;
    pass(&app, 20).await;
    let sids: Vec<Value> = app
        .items("/api/messages")
        .await
        .into_iter()
        .filter(|m| m["direction"] == "outbound")
        .map(|m| m["provider_sid"].clone())
        .collect();
    let taken: Vec<String> = app.twilio.taken_by(ANA).into_iter().map(|t| t.sid).collect();
    assert_eq!(taken.len(), 2);
    assert_eq!(sids.len(), 2);
    assert!(sids.iter().all(|s| taken.contains(&s.as_str().expect("known").to_owned())) && sids[0] != sids[1]);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_connect_is_tried_until_it_can() {
    let app = App::builder().with("TWILIO_API_URL", "http://127.0.0.1:9").start().await;
    app.text(ANA, "book tuesday at 10 am").await;
    pass(&app, 5).await;
    let message = outbound(&app).await;
    assert_eq!(message["status"], "queued");
    assert!(message["error_message"].as_str().expect("reason").contains("connect"), "{message}");
    let jobs = app.items("/api/jobs?state=queued").await;
    assert_eq!(jobs.len(), 1);
    assert!(jobs[0]["attempts"].as_i64() > Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_given_up_is_visible_and_can_be_retried() {
    let app = App::builder().with("TWILIO_API_URL", "http://127.0.0.1:9").start().await;
    app.text(ANA, "book tuesday at 10 am").await;
    for _ in 0..40 {
        app.clock.advance(TimeDelta::minutes(10));
        app.run_jobs().await;
    }
    let dead = app.items("/api/jobs").await;
    assert_eq!((dead.len(), &dead[0]["kind"]), (1, &"send_message".into()));
    let message = outbound(&app).await;
    assert_eq!((&message["status"], &message["error_code"]), (&"failed".into(), &"gave_up".into()));
    let id = dead[0]["id"].as_str().expect("id");
    let again = app.api("POST", &format!("/api/jobs/{id}/retry"), None).await.expect(200).json();
    assert_eq!(again["state"], "queued");
    app.run_jobs().await;
    assert_eq!(outbound(&app).await["status"], "queued", "tried again, and waits");
    app.api("POST", &format!("/api/jobs/{id}/retry"), None).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn callbacks_only_move_forward() {
    let app = App::start().await;
    app.ask(ANA, "book tuesday at 10 am").await;
    let sid = app.twilio.taken_by(ANA)[0].sid.clone();
    let path = "/webhooks/sms/status";
    for (heard, then) in [
        ("queued", "sending"),
        ("delivered", "delivered"),
        ("sent", "delivered"),
        ("delivered", "delivered"),
        ("failed", "delivered"),
        ("read", "read"),
        ("delivered", "read"),
    ] {
        assert_eq!(callback(&app, path, &sid, heard, None).await, 200);
        assert_eq!(outbound(&app).await["status"], then, "after {heard}");
    }
    assert!(outbound(&app).await["delivered_at"].is_string());
    assert_eq!(app.count("SELECT count(*) FROM delivery_events").await, 5, "each kept once as it came");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_keeps_its_code_and_is_final() {
    let app = App::start().await;
    app.ask(ANA, "book tuesday at 10 am").await;
    let message = outbound(&app).await;
    let (sid, id) = (message["provider_sid"].as_str().expect("sid"), message["id"].as_str().expect("id"));
    let path = format!("/webhooks/sms/status/{id}");
    assert_eq!(callback(&app, &path, sid, "undelivered", Some("30005")).await, 200);
    assert_eq!(callback(&app, &path, sid, "delivered", None).await, 200);
    let message = outbound(&app).await;
    assert_eq!((&message["status"], &message["error_code"]), (&"undelivered".into(), &"30005".into()));
    assert_eq!(message["error_message"], "Nobody has this number (any more). Ask for the right number.");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_that_overtakes_the_answer_is_not_lost() {
    let app = App::start().await;
    app.twilio.script([Answer::AcceptThen500]);
    app.text(ANA, "book tuesday at 10 am").await;
    let sid = app.twilio.taken_by(ANA)[0].sid.clone();
    // By provider id alone, before that id is known here: the sender says whose it is.
    assert_eq!(callback(&app, "/webhooks/sms/status", &sid, "delivered", None).await, 200);
    assert_eq!(outbound(&app).await["status"], "sending");
    pass(&app, 5).await;
    let message = outbound(&app).await;
    assert_eq!((&message["status"], &message["provider_sid"]), (&"delivered".into(), &sid.into()));
    assert_eq!(app.twilio.requests(), 1);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_with_our_own_id_settles_an_unknown_outcome() {
    let app = App::start().await;
    app.twilio.script([Answer::AcceptThen500]);
    app.text(ANA, "book tuesday at 10 am").await;
    let sid = app.twilio.taken_by(ANA)[0].sid.clone();
    let id = outbound(&app).await["id"].as_str().expect("id").to_owned();
    assert_eq!(callback(&app, &format!("/webhooks/sms/status/{id}"), &sid, "sent", None).await, 200);
    assert_eq!(outbound(&app).await["provider_sid"], sid.as_str());
    pass(&app, 10).await;
    assert_eq!((app.twilio.requests(), app.twilio.lookups()), (1, 0));
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn callbacks_about_nothing_here() {
    let app = App::start().await;
    let fields = [("MessageSid", "SMx"), ("MessageStatus", "sent"), ("From", "+19995550000"), ("To", ANA)];
    // Nobody's: kept without its numbers, as often as it comes once.
    for _ in 0..2 {
        app.request(app.signed("/webhooks/sms/status", &fields)).await.expect(200);
    }
    let kept: Value =
        sqlx::query_scalar("SELECT params FROM stray_reports").fetch_one(app.core.db.pool()).await.expect("one");
    assert_eq!(kept, serde_json::json!({ "MessageSid": "SMx", "MessageStatus": "sent" }));
    // Ours by its sender, though the message is not known (yet): kept.
    assert_eq!(callback(&app, "/webhooks/sms/status", "SMy", "sent", None).await, 200);
    assert_eq!(callback(&app, "/webhooks/sms/status", "SMz", "frozen", None).await, 200);
    assert_eq!(app.count("SELECT count(*) FROM delivery_events").await, 2);
    let bad = app.request(app.signed("/webhooks/sms/status", &[("MessageStatus", "sent")])).await.expect(400).json();
    assert_eq!(bad["errors"][0]["field"], "MessageSid");
    app.request(app.signed("/webhooks/sms/status/not-an-id", &fields)).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_simulator_plays_delivery() {
    let app = App::start().await;
    let text = serde_json::json!({ "from": "(415) 555-0101", "body": "book tuesday at 10 am" });
    let inbound = app.api("POST", "/api/simulator/messages", Some(text)).await.expect(201).json();
    assert_eq!((&inbound["channel"], &inbound["direction"]), (&"simulator".into(), &"inbound".into()));
    app.run_jobs().await;
    assert_eq!(outbound(&app).await["status"], "sending");
    let mut seen = Vec::new();
    for _ in 0..6 {
        app.clock.advance(TimeDelta::milliseconds(301));
        app.run_jobs().await;
        seen.push(outbound(&app).await["status"].as_str().expect("status").to_owned());
    }
    seen.dedup();
    assert_eq!(seen, ["sent", "delivered"]);
    assert_eq!(app.twilio.requests(), 0);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn callbacks_may_come_by_a_host_of_their_own() {
    let app = App::builder().with("TWILIO_STATUS_CALLBACK_URL", "https://desk.example.com/hooks/status").start().await;
    app.ask(ANA, "book tuesday at 10 am").await;
    let taken = app.twilio.taken_by(ANA)[0].clone();
    let url = taken.form["StatusCallback"].clone();
    let rest = url.strip_prefix("https://desk.example.com/hooks/status").expect("below the configured URL").to_owned();
    // The proxy of that host maps its path to ours; the signature is over the URL Twilio called.
    let fields = [("MessageSid", taken.sid.as_str()), ("MessageStatus", "sent"), ("From", NUMBER), ("To", ANA)];
    let mut request = app.signed(&format!("/hooks/status{rest}"), &fields);
    *request.uri_mut() = format!("/webhooks/sms/status{rest}").parse().expect("URI");
    app.request(request).await.expect(200);
    assert_eq!(outbound(&app).await["status"], "sent");
    app.finish().await;
}
