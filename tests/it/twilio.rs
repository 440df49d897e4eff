//! Twilio beyond the single send: what each error leads to, second tries, what webhooks missed, tokens and accounts.

use std::time::Duration;

use axum::{body::Body, http::Request};
use chrono::TimeDelta;
use frontdesk::{messaging, platform::crypto::hmac_sha1_base64};
use serde_json::{Value, json};

use crate::support::{Answer, App, NUMBER};

const ANA: &str = "+14155550101";
const ACCOUNT: &str = "AC22222222222222222222222222222222";

async fn outbound(app: &App) -> Value {
    app.items("/api/messages").await.into_iter().find(|m| m["direction"] == "outbound").expect("outbound")
}

async fn pass(app: &App, time: TimeDelta) {
    app.clock.advance(time);
    app.run_jobs().await;
}

/// A callback on the last message, about the given try.
async fn report(app: &App, sid: &str, status: &str, code: Option<&str>) {
    let path = format!("/webhooks/sms/status/{}", outbound(app).await["id"].as_str().expect("id"));
    let mut fields = vec![("MessageSid", sid), ("MessageStatus", status), ("To", ANA), ("From", NUMBER)];
    fields.extend(code.map(|c| ("ErrorCode", c)));
    app.request(app.signed(&path, &fields)).await.expect(200);
}

async fn reconcile(app: &App) {
    messaging::enqueue_due_reconciliations(&app.core).await.expect("due");
    app.run_jobs().await;
}

// ---- what an error leads to

#[tokio::test(flavor = "multi_thread")]
async fn no_text_is_lost_to_haste() {
    let app = App::start().await;
    app.twilio.script((0..60).map(|n| if n % 2 == 0 { Answer::RateLimit(20) } else { Answer::RateLimitSilently }));
    app.text(ANA, "hello").await;
    for _ in 0..200 {
        pass(&app, TimeDelta::seconds(30)).await;
    }
    assert_eq!(app.twilio.taken_by(ANA).len(), 1);
    assert_eq!(outbound(&app).await["status"], "sending");
    assert!(app.twilio.requests() > 60);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_does_not_call_sent_what_waits_or_is_not_known() {
    let app = App::start().await;
    let receipt = async || {
        let id = outbound(&app).await["id"].as_str().expect("id").to_owned();
        app.get(&format!("/api/messages/{id}/receipt")).await["sentence"].as_str().expect("sentence").to_owned()
    };
    app.twilio.script([Answer::RateLimit(60), Answer::AcceptThenReset]);
    app.text(ANA, "hello").await;
    assert!(receipt().await.starts_with("Not sent yet: "), "{}", receipt().await);
    app.clock.advance(TimeDelta::minutes(2));
    app.run_jobs().await;
    assert!(receipt().await.contains("being found out"), "{}", receipt().await);
    pass(&app, TimeDelta::minutes(1)).await;
    assert!(receipt().await.starts_with("Sent."), "{}", receipt().await);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_delivered_is_sent_anew_twice_and_no_more() {
    let app = App::start().await;
    app.ask(ANA, "book tuesday at 10 am").await;
    for n in 1..=3 {
        assert_eq!(app.twilio.taken_by(ANA).len(), n);
        let sid = app.twilio.taken_by(ANA)[n - 1].sid.clone();
        report(&app, &sid, "sent", None).await;
        report(&app, &sid, "undelivered", Some("30001")).await;
        // The same again changes nothing.
        report(&app, &sid, "undelivered", Some("30001")).await;
        let message = outbound(&app).await;
        let expected = if n < 3 { "queued" } else { "undelivered" };
        assert_eq!((&message["status"], &message["error_code"]), (&expected.into(), &"30001".into()), "{message}");
        assert!(message["error_message"].as_str().expect("why").starts_with("Twilio's queue was full."));
        assert_eq!(message["resent"], (n as i64).min(2));
        let unpaced = "SELECT count(*) FROM jobs WHERE kind = 'send_message' AND state = 'queued' AND pace_id IS NULL";
        assert_eq!(app.count(unpaced).await, 0, "another try keeps the pace");
        pass(&app, TimeDelta::minutes(9)).await;
        assert_eq!(app.twilio.taken_by(ANA).len(), n, "not at once");
        pass(&app, TimeDelta::minutes(6)).await;
    }
    assert_eq!(app.twilio.taken_by(ANA).len(), 3);
    assert_eq!(app.count("SELECT count(*) FROM delivery_attempts").await, 2);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_that_was_off_is_tried_hours_later() {
    let app = App::start().await;
    app.ask(ANA, "book tuesday at 10 am").await;
    let first = app.twilio.taken_by(ANA)[0].sid.clone();
    report(&app, &first, "undelivered", Some("30003")).await;
    pass(&app, TimeDelta::hours(2)).await;
    assert_eq!(app.twilio.taken_by(ANA).len(), 1);
    pass(&app, TimeDelta::hours(2)).await;
    let taken = app.twilio.taken_by(ANA);
    assert_eq!(taken.len(), 2);
    assert_eq!(taken[0].body, taken[1].body);
    let message = outbound(&app).await;
    assert_eq!((&message["status"], &message["provider_sid"]), (&"sending".into(), &taken[1].sid.clone().into()));
    assert_eq!(message["error_code"], Value::Null, "the new try has no error yet");
    // Late news of the first try changes nothing, news of the second does.
    report(&app, &first, "sent", None).await;
    assert_eq!(outbound(&app).await["status"], "sending");
    report(&app, &taken[1].sid, "delivered", None).await;
    assert_eq!(outbound(&app).await["status"], "delivered");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_try_given_up_that_arrived_after_all_is_not_followed_by_another() {
    let app = App::start().await;
    app.ask(ANA, "book tuesday at 10 am").await;
    let first = app.twilio.taken_by(ANA)[0].sid.clone();
    report(&app, &first, "undelivered", Some("30008")).await;
    assert_eq!(outbound(&app).await["status"], "queued");
    report(&app, &first, "delivered", None).await;
    let message = outbound(&app).await;
    assert_eq!((&message["status"], &message["provider_sid"]), (&"delivered".into(), &first.into()));
    assert_eq!((&message["error_code"], &message["error_message"]), (&Value::Null, &Value::Null));
    pass(&app, TimeDelta::hours(5)).await;
    assert_eq!(app.twilio.requests(), 1);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_second_try_does_not_take_the_first_for_itself() {
    let app = App::start().await;
    app.ask(ANA, "book tuesday at 10 am").await;
    let first = app.twilio.taken_by(ANA)[0].sid.clone();
    report(&app, &first, "undelivered", Some("30500")).await;
    // The second is taken and nobody says so: of the two in Twilio's list it is the other one.
    app.twilio.script([Answer::AcceptThenReset]);
    pass(&app, TimeDelta::minutes(15)).await;
    assert_eq!(outbound(&app).await["provider_sid"], Value::Null);
    for _ in 0..5 {
        pass(&app, TimeDelta::seconds(5)).await;
    }
    let taken = app.twilio.taken_by(ANA);
    assert_eq!(taken.len(), 2);
    let message = outbound(&app).await;
    assert_eq!((&message["provider_sid"], &message["unknown_outcomes"]), (&taken[1].sid.clone().into(), &json!(1)));
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_by_callback_counts_for_that_sender() {
    let app = App::start().await;
    app.ask(ANA, "hello").await;
    let sid = app.twilio.taken_by(ANA)[0].sid.clone();
    report(&app, &sid, "failed", Some("21610")).await;
    assert_eq!(outbound(&app).await["error_code"], "21610");
    app.text(ANA, "hello again").await;
    assert_eq!(app.twilio.requests(), 1, "not tried any more");
    assert_eq!(outbound(&app).await["error_code"], "carrier_opted_out");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_account_is_out_of_order_texts_keep_their_place() {
    let app = App::start().await;
    app.twilio.script([Answer::Refuse(401, 20003), Answer::Refuse(403, 30002)]);
    assert!(app.text(ANA, "book tuesday at 10 am").await.is_empty());
    let message = outbound(&app).await;
    assert_eq!(message["status"], "queued");
    assert!(message["error_message"].as_str().expect("why").contains("Twilio does not accept the credentials."));
    let sms = app.items("/api/senders").await.into_iter().find(|s| s["channel"] == "sms").expect("sender");
    assert_eq!(sms["paused_by"], "system");
    pass(&app, TimeDelta::minutes(30)).await;
    assert_eq!(app.twilio.requests(), 1, "nothing is tried until somebody has looked");
    // Not in order after all, and then it is.
    let resume = format!("/api/senders/{}/resume", sms["id"].as_str().expect("id"));
    for taken in [0, 1] {
        app.api("POST", &resume, None).await.expect(200);
        pass(&app, TimeDelta::minutes(3)).await;
        assert_eq!(app.twilio.taken_by(ANA).len(), taken);
    }
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_was_put_off_too_long_ends_with_the_reason() {
    let app = App::start().await;
    app.twilio.plan(|_, _| Answer::Refuse(401, 20003));
    app.text(ANA, "book tuesday at 10 am").await;
    for _ in 0..50 {
        pass(&app, TimeDelta::minutes(35)).await;
    }
    let message = outbound(&app).await;
    assert_eq!((&message["status"], &message["error_code"]), (&"canceled".into(), &"expired".into()), "{message}");
    assert_eq!(app.twilio.requests(), 1);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_opt_out_does_not_unsend_what_had_left() {
    let app = App::start().await;
    app.twilio.script([Answer::AcceptThen500]);
    app.text(ANA, "book tuesday at 10 am").await;
    app.sms(ANA, "STOP").await.expect(200);
    for _ in 0..5 {
        pass(&app, TimeDelta::seconds(5)).await;
    }
    let message = outbound(&app).await;
    assert_eq!(message["provider_sid"], app.twilio.taken_by(ANA)[0].sid.as_str(), "it is known to have left");
    // One that had not left does not leave any more.
    let app = App::start().await;
    app.twilio.script([Answer::Fail500]);
    app.text(ANA, "book tuesday at 10 am").await;
    app.sms(ANA, "STOP").await.expect(200);
    for _ in 0..10 {
        pass(&app, TimeDelta::seconds(10)).await;
    }
    assert!(app.twilio.taken_by(ANA).is_empty());
    assert_eq!(outbound(&app).await["error_code"], "opted_out");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_in_the_last_try_is_shown_and_found_out() {
    let app = App::start().await;
    app.twilio.script([Answer::AcceptThenReset]);
    app.text(ANA, "book tuesday at 10 am").await;
    // As if its process had died in the last allowed try.
    sqlx::query(
        "UPDATE jobs SET state = 'running', attempts = max_attempts, locked_until = $1 WHERE kind = 'send_message'",
    )
    .bind(app.clock.now())
    .execute(app.core.db.pool())
    .await
    .expect("job");
    app.clock.advance(TimeDelta::seconds(1));
    assert_eq!(app.executor.bury_crashed().await.expect("bury"), 1);
    assert_eq!(app.executor.bury_crashed().await.expect("bury"), 0);
    let message = outbound(&app).await;
    assert_eq!((&message["status"], &message["error_code"]), (&"failed".into(), &"gave_up".into()));
    app.clock.advance(TimeDelta::minutes(11));
    reconcile(&app).await;
    let message = outbound(&app).await;
    assert_eq!(
        (&message["status"], &message["provider_sid"], &message["error_code"]),
        (&"sending".into(), &app.twilio.taken_by(ANA)[0].sid.clone().into(), &Value::Null),
        "it had left"
    );
    assert_eq!(app.count("SELECT count(*) FROM messages WHERE unknown_since IS NOT NULL").await, 0);
}

// ---- what webhooks missed

#[tokio::test(flavor = "multi_thread")]
async fn texts_that_webhooks_missed_are_taken_in_once() {
    let app = App::start().await;
    app.twilio.pages_of(2);
    app.ask(ANA, "hello").await;
    let already = app.sms(ANA, "thanks").await;
    already.expect(200);
    app.run_jobs().await;
    reconcile(&app).await;
    app.clock.advance(TimeDelta::minutes(5));
    // Five that no webhook told of, over three pages; one with pictures.
    for n in 0..4 {
        app.twilio.arrive(&format!("+1415555020{n}"), NUMBER, "when are you open?", 0);
        app.clock.advance(TimeDelta::seconds(10));
    }
    let pictures = app.twilio.arrive("+14155550210", NUMBER, "look", 2);
    app.clock.advance(TimeDelta::minutes(11));
    // Too young: its webhook may be on its way.
    app.twilio.arrive("+14155550211", NUMBER, "just now", 0);
    for _ in 0..3 {
        reconcile(&app).await;
    }
    let inbound = app.items("/api/messages?direction=inbound").await;
    assert_eq!(inbound.len(), 7, "{inbound:?}");
    assert_eq!(app.twilio.taken_by("+14155550202").len(), 1, "and it is answered");
    let media: Value = sqlx::query_scalar("SELECT media FROM messages WHERE provider_sid = $1")
        .bind(&pictures)
        .fetch_one(app.core.db.pool())
        .await
        .expect("media");
    assert_eq!(media[1]["content_type"], "image/jpeg");
    assert_eq!(
        media[1]["url"],
        format!("{}/2010-04-01/Accounts/{ACCOUNT}/Messages/{pictures}/Media/ME{:032x}", app.twilio.url, 1)
    );
    // The webhook comes after all.
    let fields = [("MessageSid", pictures.as_str()), ("From", "+14155550210"), ("To", NUMBER), ("Body", "look")];
    app.request(app.signed("/webhooks/sms/inbound", &fields)).await.expect(200);
    app.clock.advance(TimeDelta::minutes(11));
    reconcile(&app).await;
    assert_eq!(app.items("/api/messages?direction=inbound").await.len(), 8, "now the young one, and none twice");
    let taken_in = app.count("SELECT sum(taken_in)::bigint FROM sender_reconciliations").await;
    assert_eq!(taken_in, 6);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_taken_in_late_is_as_old_as_it_is() {
    // Nine in the evening in New York when it is taken in: an answer to what they wrote at three waits for the morning.
    let app = App::builder().at("2026-11-18T20:00:00Z".parse().expect("time")).start().await;
    reconcile(&app).await;
    let sid = app.twilio.arrive("+12125550150", NUMBER, "when are you open?", 0);
    app.clock.advance(TimeDelta::hours(7));
    reconcile(&app).await;
    let text = app.items("/api/messages?direction=inbound").await.remove(0);
    assert_eq!((&text["provider_sid"], &text["created_at"]), (&sid.into(), &"2026-11-18T20:00:00Z".into()));
    let contact = app.items("/api/contacts").await.remove(0);
    assert_eq!(contact["last_message_at"], text["created_at"]);
    let answer = outbound(&app).await;
    let receipt = app.get(&format!("/api/messages/{}/receipt", answer["id"].as_str().expect("id"))).await;
    assert_eq!(receipt["decisions"][0]["code"], "quiet_hours", "{receipt}");
    assert!(app.twilio.taken().is_empty());
    pass(&app, TimeDelta::hours(11)).await;
    assert_eq!(app.twilio.taken().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_is_older_than_a_stop_opts_nobody_in() {
    let app = App::start().await;
    reconcile(&app).await;
    app.ask(ANA, "hello").await;
    app.twilio.arrive(ANA, NUMBER, "START", 0);
    app.clock.advance(TimeDelta::minutes(5));
    app.text(ANA, "STOP").await;
    app.clock.advance(TimeDelta::minutes(15));
    reconcile(&app).await;
    assert_eq!(app.items("/api/messages?direction=inbound").await.len(), 3);
    assert_eq!(app.items("/api/contacts").await[0]["opt_in_status"], "opted_out");
    // Said after it, it counts.
    app.clock.advance(TimeDelta::minutes(1));
    app.ask(ANA, "START").await;
    assert_eq!(app.items("/api/contacts").await[0]["opt_in_status"], "opted_in");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_skipped_while_the_list_cannot_be_had() {
    let app = App::start().await;
    reconcile(&app).await;
    app.twilio.arrive(ANA, NUMBER, "when are you open?", 0);
    app.twilio.accept_only(ACCOUNT, &["nobody:nothing"]);
    app.clock.advance(TimeDelta::hours(3));
    reconcile(&app).await;
    assert!(app.items("/api/messages").await.is_empty());
    let error: String =
        sqlx::query_scalar("SELECT last_error FROM sender_reconciliations WHERE last_error IS NOT NULL LIMIT 1")
            .fetch_one(app.core.db.pool())
            .await
            .expect("error");
    assert!(error.starts_with("20003"), "{error}");
    app.twilio.accept_only(ACCOUNT, &[&format!("{ACCOUNT}:{}", crate::support::AUTH_TOKEN)]);
    app.clock.advance(TimeDelta::hours(3));
    reconcile(&app).await;
    assert_eq!(app.items("/api/messages?direction=inbound").await.len(), 1);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_of_which_nothing_is_heard_are_asked_after() {
    let app = App::start().await;
    app.ask(ANA, "hello").await;
    let sid = app.twilio.taken_by(ANA)[0].sid.clone();
    reconcile(&app).await;
    assert_eq!(app.twilio.fetched(), 0, "it has only just left");
    app.clock.advance(TimeDelta::minutes(11));
    app.twilio.set_status(&sid, "sent", None);
    reconcile(&app).await;
    assert_eq!((app.twilio.fetched(), &outbound(&app).await["status"]), (1, &"sent".into()));
    // Without news ever more seldom.
    let mut asked = Vec::new();
    for _ in 0..18 {
        app.clock.advance(TimeDelta::minutes(20));
        reconcile(&app).await;
        asked.push(app.twilio.fetched());
    }
    assert!((5..=12).contains(asked.last().expect("asked")), "{asked:?}");
    app.twilio.set_status(&sid, "undelivered", Some(30005));
    app.clock.advance(TimeDelta::hours(4));
    reconcile(&app).await;
    let message = outbound(&app).await;
    assert_eq!((&message["status"], &message["error_code"]), (&"undelivered".into(), &"30005".into()));
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_delivered_texts_cost_is_asked_for_once() {
    // The first try was not delivered, and cost something all the same.
    let app = App::start().await;
    app.ask(ANA, "book tuesday at 10 am").await;
    let first = app.twilio.taken_by(ANA)[0].sid.clone();
    report(&app, &first, "undelivered", Some("30001")).await;
    pass(&app, TimeDelta::minutes(15)).await;
    let second = app.twilio.taken_by(ANA)[1].sid.clone();
    report(&app, &second, "delivered", None).await;
    app.twilio.set_price(&first, "-0.00790");
    app.twilio.set_price(&second, "-0.00800");
    pass(&app, TimeDelta::minutes(11)).await;
    reconcile(&app).await;
    assert_eq!(
        (app.twilio.fetched(), &outbound(&app).await["price"]),
        (0, &Value::Null),
        "Twilio does not know it yet"
    );
    for _ in 0..3 {
        app.clock.advance(TimeDelta::minutes(16));
        reconcile(&app).await;
        let message = outbound(&app).await;
        assert_eq!((&message["price"], &message["price_unit"]), (&json!(0.0159), &json!("USD")), "{message}");
        assert_eq!((app.twilio.fetched(), &message["status"]), (2, &json!("delivered")));
    }
    app.finish().await;

    // Without a price it is not asked again.
    let app = App::start().await;
    app.ask(ANA, "hello").await;
    let sid = app.twilio.taken_by(ANA)[0].sid.clone();
    report(&app, &sid, "delivered", None).await;
    for _ in 0..3 {
        app.clock.advance(TimeDelta::minutes(16));
        reconcile(&app).await;
        assert_eq!((app.twilio.fetched(), &outbound(&app).await["price"]), (1, &Value::Null));
    }
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_address_for_callbacks_twilio_is_asked() {
    let app = App::builder().with("PUBLIC_URL", "").start().await;
    reconcile(&app).await;
    app.twilio.arrive(ANA, NUMBER, "when are you open?", 0);
    app.clock.advance(TimeDelta::minutes(11));
    reconcile(&app).await;
    let taken = app.twilio.taken_by(ANA).remove(0);
    assert!(!taken.form.contains_key("StatusCallback"));
    app.twilio.set_status(&taken.sid, "sent", None);
    pass(&app, TimeDelta::seconds(6)).await;
    assert_eq!(outbound(&app).await["status"], "sent");
    app.twilio.set_status(&taken.sid, "delivered", None);
    pass(&app, TimeDelta::seconds(10)).await;
    assert_eq!(outbound(&app).await["status"], "delivered");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_is_listed_late_is_waited_for() {
    let app = App::start().await;
    app.twilio.list_after(TimeDelta::seconds(12));
    app.twilio.script([Answer::AcceptThenReset]);
    app.text(ANA, "book tuesday at 10 am").await;
    for _ in 0..30 {
        pass(&app, TimeDelta::seconds(1)).await;
    }
    assert_eq!(app.twilio.requests(), 1);
    assert_eq!(outbound(&app).await["provider_sid"], app.twilio.taken_by(ANA)[0].sid.as_str());
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_is_found_behind_many_others() {
    let app = App::start().await;
    app.twilio.pages_of(1);
    for _ in 0..4 {
        app.ask(ANA, "what are your hours?").await;
    }
    app.twilio.script([Answer::AcceptThen500, Answer::Accept, Answer::Accept]);
    app.text(ANA, "book tuesday at 10 am").await;
    app.text(ANA, "what are your hours?").await;
    app.text(ANA, "what are your hours?").await;
    for _ in 0..5 {
        pass(&app, TimeDelta::seconds(5)).await;
    }
    assert_eq!(app.twilio.requests(), 7);
    assert_eq!(
        app.count("SELECT count(*) FROM messages WHERE direction = 'outbound' AND provider_sid IS NULL").await,
        0
    );
    app.finish().await;
}

// ---- tokens and accounts

/// A webhook of an account, signed with a token.
fn signed_by(token: &str, account: &str, path: &str, fields: &[(&str, &str)]) -> Request<Body> {
    let mut fields = [fields, &[("AccountSid", account)]].concat();
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields).finish();
    fields.sort_unstable();
    let data = fields.iter().fold(format!("https://desk.example.com{path}"), |data, (name, value)| data + name + value);
    Request::post(path)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("x-twilio-signature", hmac_sha1_base64(token, data.as_bytes()))
        .body(Body::from(body))
        .expect("request")
}

#[tokio::test(flavor = "multi_thread")]
async fn while_tokens_are_exchanged_both_sign_and_the_right_one_sends() {
    const NEW: &str = "new-token-new-token-new-token-00";
    let app = App::builder().with("TWILIO_AUTH_TOKEN_SECONDARY", NEW).start().await;
    app.twilio.accept_only(ACCOUNT, &[&format!("{ACCOUNT}:{NEW}")]);
    let fields = [("MessageSid", "SM1"), ("From", ANA), ("To", NUMBER), ("Body", "hello")];
    app.request(signed_by(NEW, ACCOUNT, "/webhooks/sms/inbound", &fields)).await.expect(200);
    app.run_jobs().await;
    assert_eq!(app.twilio.taken_by(ANA).len(), 1);
    assert_eq!(app.twilio.requests(), 2, "the first token, then the second");
    app.ask(ANA, "what are your hours?").await;
    assert_eq!(app.twilio.requests(), 3, "the one that worked comes first from then on");
    let fields = [("MessageSid", "SM2"), ("From", ANA), ("To", NUMBER), ("Body", "hello")];
    app.request(signed_by("neither", ACCOUNT, "/webhooks/sms/inbound", &fields)).await.expect(403);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_of_a_subaccount_sends_looks_up_and_is_verified_by_its_own_token() {
    const SUB: &str = "AC33333333333333333333333333333333";
    const TOKEN: &str = "token-of-the-subaccount";
    let app = App::builder().with("ENCRYPTION_KEY", "0123456789abcdef0123456789abcdef").start().await;
    let (_, other) = app.second_organization().await;
    let theirs = app.api_as(&other, "GET", "/api/senders?channel=sms", None).await.json()["items"][0]["id"].clone();
    let path = format!("/api/senders/{}/credentials", theirs.as_str().expect("id"));
    let account = json!({ "account_sid": SUB, "auth_token": "old", "second_auth_token": TOKEN });
    app.api("PUT", &path, Some(account.clone())).await.expect(404);
    let shown = app.api_as(&other, "PUT", &path, Some(account)).await.expect(200);
    assert!(!shown.text.contains(TOKEN) && !shown.text.contains("\"old\""), "{}", shown.text);
    assert_eq!(shown.json()["has_second_auth_token"], true);
    app.twilio.accept_only(SUB, &[&format!("{SUB}:{TOKEN}")]);

    let fields = [("MessageSid", "SM1"), ("From", ANA), ("To", "+15005550077"), ("Body", "hello")];
    app.request(signed_by("wrong", SUB, "/webhooks/sms/inbound", &fields)).await.expect(403);
    app.request(signed_by(TOKEN, ACCOUNT, "/webhooks/sms/inbound", &fields)).await.expect(403);
    // Their token is good for their sender only.
    let ours = [("MessageSid", "SM9"), ("From", ANA), ("To", NUMBER), ("Body", "hello")];
    app.request(signed_by(TOKEN, SUB, "/webhooks/sms/inbound", &ours)).await.expect(403);
    app.twilio.script([Answer::AcceptThenReset]);
    app.request(signed_by(TOKEN, SUB, "/webhooks/sms/inbound", &fields)).await.expect(200);
    app.run_jobs().await;
    for _ in 0..5 {
        pass(&app, TimeDelta::seconds(5)).await;
    }
    let taken = app.twilio.taken_by(ANA);
    assert_eq!((taken.len(), taken[0].account.as_str()), (1, SUB));
    let message = app.api_as(&other, "GET", "/api/messages?direction=outbound", None).await.json()["items"][0].clone();
    assert_eq!(message["provider_sid"], taken[0].sid.as_str(), "found in the subaccount's list");
    let callback = format!("/webhooks/sms/status/{}", message["id"].as_str().expect("id"));
    let fields = [("MessageSid", taken[0].sid.as_str()), ("MessageStatus", "delivered")];
    app.request(signed_by("wrong", SUB, &callback, &fields)).await.expect(403);
    app.request(signed_by(TOKEN, SUB, &callback, &fields)).await.expect(200);
    let message = app.api_as(&other, "GET", "/api/messages?direction=outbound", None).await.json()["items"][0].clone();
    assert_eq!(message["status"], "delivered");
    // What came to it is found in its own list.
    app.twilio.arrive("+14155550102", "+15005550077", "hello", 0);
    app.clock.advance(TimeDelta::minutes(11));
    reconcile(&app).await;
    assert_eq!(app.twilio.taken_by("+14155550102").first().map(|t| t.account.as_str()), Some(SUB));
    app.api_as(&other, "DELETE", &path, None).await.expect(204);
    app.api_as(&other, "GET", &path, None).await.expect(404);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_api_key_sends_and_the_token_signs() {
    let key = format!("SK{}", "5".repeat(32));
    let app = App::builder().with("TWILIO_API_KEY_SID", &key).with("TWILIO_API_KEY_SECRET", "of-the-key").start().await;
    app.twilio.accept_only(ACCOUNT, &[&format!("{key}:of-the-key")]);
    app.ask(ANA, "hello").await;
    assert_eq!(app.twilio.requests(), 1);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_are_checked_and_need_a_key_to_seal_them() {
    let app = App::start().await;
    let sms = app.items("/api/senders?channel=sms").await[0]["id"].as_str().expect("id").to_owned();
    let simulator = app.items("/api/senders?channel=simulator").await[0]["id"].as_str().expect("id").to_owned();
    let sid = format!("AC{}", "a".repeat(32));
    let put = |sender: &str, body: Value| {
        let path = format!("/api/senders/{sender}/credentials");
        let app = &app;
        async move { app.api("PUT", &path, Some(body)).await }
    };
    let right = json!({ "account_sid": sid, "auth_token": "t" });
    assert_eq!(put(&sms, right.clone()).await.expect(409).json()["code"], "no_encryption_key");
    assert_eq!(put(&simulator, right).await.expect(409).json()["code"], "in_use");
    for (body, field) in [
        (json!({ "account_sid": "AC12", "auth_token": "t" }), "account_sid"),
        (json!({ "account_sid": sid, "auth_token": " " }), "auth_token"),
        (json!({ "account_sid": sid, "auth_token": "t", "second_auth_token": "a b" }), "second_auth_token"),
        (
            json!({ "account_sid": sid, "auth_token": "t", "api_key_sid": format!("SK{}", "a".repeat(32)) }),
            "api_key_secret",
        ),
        (json!({ "account_sid": sid, "auth_token": "t", "api_key_secret": "x" }), "api_key_sid"),
    ] {
        let problem = put(&sms, body).await.expect(422).json();
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_before_the_request_was_taken_ends_with_one_text() {
    let app = App::builder().with("TWILIO_TIMEOUT_MS", "300").start().await;
    app.twilio.script([
        Answer::Silence(Duration::from_secs(2)),
        Answer::Reset,
        Answer::RateLimitSilently,
        Answer::AcceptThenSilence(Duration::from_secs(2)),
    ]);
    app.text(ANA, "book tuesday at 10 am").await;
    for _ in 0..100 {
        pass(&app, TimeDelta::milliseconds(500)).await;
    }
    assert_eq!((app.twilio.taken_by(ANA).len(), app.twilio.requests()), (1, 4));
    let message = outbound(&app).await;
    assert_eq!(message["unknown_outcomes"], 3);
    assert_eq!(message["provider_sid"], app.twilio.taken_by(ANA)[0].sid.as_str());
    app.finish().await;
}
