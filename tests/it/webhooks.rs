//! Twilio's webhooks: what is believed, what is stored, what is answered.

use axum::{body::Body, http::Request};

use crate::support::{App, NUMBER};

const ANA: &str = "+14155550101";

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_text_is_stored_before_the_empty_answer() {
    let app = App::start().await;
    let answer = app.sms(ANA, "hello").await.expect(200);
    assert_eq!(answer.text, "<Response/>");
    assert!(answer.headers["content-type"].to_str().expect("text").starts_with("text/xml"));
    let message = &app.items("/api/messages").await[0];
    assert_eq!(message["body"], "hello");
    assert_eq!(message["direction"], "inbound");
    assert_eq!(message["status"], "received");
    assert_eq!(message["channel"], "sms");
    let contact = &app.items("/api/contacts").await[0];
    assert_eq!(contact["phone_number"], ANA);
    assert_eq!(contact["opt_in_status"], "pending");
    assert_eq!(contact["id"], message["contact_id"]);
    app.run_jobs().await;
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_and_unsigned_texts_are_refused_and_write_nothing() {
    let app = App::start().await;
    let fields = [("MessageSid", "SM1"), ("From", ANA), ("To", NUMBER), ("Body", "hi")];
    let good = app.signed("/webhooks/sms/inbound", &fields);
    let signature = good.headers()["x-twilio-signature"].clone();
    let form = "application/x-www-form-urlencoded";
    let post = |body: &str| {
        Request::post("/webhooks/sms/inbound").header("content-type", form).body(Body::from(body.to_owned()))
    };
    let changed = "MessageSid=SM1&From=%2B14155550101&To=%2B15005550006&Body=send+money";
    let mut forged = post(changed).expect("request");
    forged.headers_mut().insert("x-twilio-signature", signature);
    let answer = app.request(forged).await.expect(403);
    assert_eq!(answer.json()["code"], "invalid_signature");
    assert!(answer.headers["content-type"].to_str().expect("text").starts_with("application/problem+json"));
    app.request(post(changed).expect("request")).await.expect(403);
    app.request(post("%%%\u{0}garbage").expect("request")).await.expect(403);
    app.request(Request::post("/webhooks/sms/status").body(Body::from("{}")).expect("request")).await.expect(403);
    for table in [
        "SELECT count(*) FROM messages",
        "SELECT count(*) FROM contacts",
        "SELECT count(*) FROM webhook_receipts",
        "SELECT count(*) FROM jobs",
    ] {
        assert_eq!(app.count(table).await, 0, "{table}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_twilio_settings_nothing_is_believed() {
    let app = App::builder()
        .with("TWILIO_ACCOUNT_SID", "")
        .with("TWILIO_AUTH_TOKEN", "")
        .with("TWILIO_PHONE_NUMBER", "")
        .start()
        .await;
    app.sms(ANA, "hello").await.expect(403);
    assert_eq!(app.count("SELECT count(*) FROM messages").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_texts_name_the_field() {
    let app = App::start().await;
    let long = "x".repeat(20_000);
    for (field, fields) in [
        ("MessageSid", vec![("From", ANA), ("To", NUMBER), ("Body", "hi")]),
        ("MessageSid", vec![("MessageSid", "SM 1\n"), ("From", ANA), ("To", NUMBER)]),
        ("From", vec![("MessageSid", "SM1"), ("To", NUMBER), ("Body", "hi")]),
        ("From", vec![("MessageSid", "SM1"), ("From", "Bank"), ("To", NUMBER), ("Body", "hi")]),
        ("To", vec![("MessageSid", "SM1"), ("From", ANA), ("Body", "hi")]),
        ("Body", vec![("MessageSid", "SM1"), ("From", ANA), ("To", NUMBER), ("Body", &long)]),
    ] {
        let answer = app.request(app.signed("/webhooks/sms/inbound", &fields)).await.expect(400).json();
        assert_eq!(answer["code"], "malformed_request");
        assert_eq!(answer["errors"][0]["field"], field);
    }
    assert_eq!(app.count("SELECT count(*) FROM messages").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_fields_unicode_and_blank_bodies_are_taken_as_they_are() {
    let app = App::start().await;
    let body = "¿Mañana a las 3? 👍🏽 a&b=c+d %20 é";
    let fields = [
        ("MessageSid", "SMa1"),
        ("From", ANA),
        ("To", NUMBER),
        ("Body", body),
        ("NewTwilioField", "x=1&y"),
        ("NumMedia", "0"),
        ("Blank", ""),
    ];
    app.request(app.signed("/webhooks/sms/inbound", &fields)).await.expect(200);
    app.request(
        app.signed("/webhooks/sms/inbound", &[("MessageSid", "SMa2"), ("From", ANA), ("To", NUMBER), ("Body", "")]),
    )
    .await
    .expect(200);
    app.request(
        app.signed("/webhooks/sms/inbound", &[("MessageSid", "SMa3"), ("From", ANA), ("To", NUMBER), ("Body", "a\0b")]),
    )
    .await
    .expect(200);
    let bodies: Vec<_> = app.items("/api/messages").await.into_iter().map(|m| m["body"].clone()).collect();
    assert_eq!(bodies, ["ab", "", body]);
    app.run_jobs().await;
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_nobody_here_has_is_404() {
    let app = App::start().await;
    let fields = [("MessageSid", "SM1"), ("From", ANA), ("To", "+15005550099"), ("Body", "hi")];
    let answer = app.request(app.signed("/webhooks/sms/inbound", &fields)).await.expect(404);
    assert_eq!(answer.json()["code"], "unknown_recipient");
    // Not a part of a number either: addresses are compared whole.
    let fields = [("MessageSid", "SM2"), ("From", ANA), ("To", "+1500555000"), ("Body", "hi")];
    app.request(app.signed("/webhooks/sms/inbound", &fields)).await.expect(404);
    assert_eq!(app.count("SELECT count(*) FROM contacts").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_text_delivered_twenty_times_at_once_is_one_message_and_one_reply() {
    let app = App::start().await;
    let fields = [("MessageSid", "SM7"), ("From", ANA), ("To", NUMBER), ("Body", "can I come in on Monday afternoon?")];
    let answers =
        futures::future::join_all((0..20).map(|_| app.request(app.signed("/webhooks/sms/inbound", &fields)))).await;
    assert!(answers.iter().all(|a| a.status == 200 && a.text == "<Response/>"));
    app.run_jobs().await;
    // And once more, much later: the receipt is for good.
    app.clock.advance(chrono::TimeDelta::days(40));
    app.request(app.signed("/webhooks/sms/inbound", &fields)).await.expect(200);
    app.run_jobs().await;
    assert_eq!(app.count("SELECT count(*) FROM messages WHERE direction = 'inbound'").await, 1);
    assert_eq!(app.twilio.taken_by(ANA).len(), 1);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatsapp_comes_and_goes_by_its_prefix() {
    let app = App::start().await;
    let fields = [
        ("MessageSid", "SMw1"),
        ("From", "whatsapp:+14155550101"),
        ("To", "whatsapp:+15005550006"),
        ("Body", "book me on Monday at 10 am"),
        ("ProfileName", "Ana"),
        ("WaId", "14155550101"),
    ];
    app.request(app.signed("/webhooks/sms/inbound", &fields)).await.expect(200);
    app.run_jobs().await;
    let taken = app.twilio.taken_by("whatsapp:+14155550101");
    assert_eq!(taken.len(), 1);
    assert_eq!(taken[0].form["From"], "whatsapp:+15005550006");
    let conversation = &app.items("/api/conversations").await[0];
    assert_eq!(conversation["channel"], "whatsapp");
    // The same person by SMS is the same contact in another conversation.
    app.text(ANA, "hello").await;
    assert_eq!(app.items("/api/contacts").await.len(), 1);
    assert_eq!(app.items("/api/conversations").await.len(), 2);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_proxy_the_forwarded_address_is_what_was_signed() {
    let app = App::builder().with("PUBLIC_URL", "").start().await;
    let mut request =
        app.signed("/webhooks/sms/inbound", &[("MessageSid", "SM1"), ("From", ANA), ("To", NUMBER), ("Body", "hi")]);
    request.headers_mut().insert("host", "10.0.0.5:8000".parse().expect("host"));
    request.headers_mut().insert("x-forwarded-host", "desk.example.com".parse().expect("host"));
    request.headers_mut().insert("x-forwarded-proto", "https".parse().expect("scheme"));
    app.request(request).await.expect(200);
    let request =
        app.signed("/webhooks/sms/inbound", &[("MessageSid", "SM2"), ("From", ANA), ("To", NUMBER), ("Body", "hi")]);
    app.request(request).await.expect(403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_string_is_part_of_the_signed_address() {
    let app = App::start().await;
    let fields = [("MessageSid", "SM1"), ("From", ANA), ("To", NUMBER), ("Body", "hi")];
    app.request(app.signed("/webhooks/sms/inbound?org=7&x=a%20b", &fields)).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_postgres_a_text_is_answered_503_and_never_200() {
    let app = App::start().await;
    app.core.db.pool().close().await;
    let answer = app.sms(ANA, "hello").await.expect(503);
    assert_eq!(answer.json()["code"], "database_unavailable");
    assert!(answer.headers.contains_key("retry-after"));
    let health =
        app.request(Request::get("/api/health").body(Body::empty()).expect("request")).await.expect(503).json();
    assert_eq!(health["status"], "red");
    assert_ne!(health["db"], "ok");
    assert_eq!(health["redis"], "ok");
    app.request(Request::get("/api/health/live").body(Body::empty()).expect("request")).await.expect(200);
}
