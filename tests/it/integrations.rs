//! Out-going webhooks: signed, in order of the ladder, at least once, and nobody else's.

use chrono::TimeDelta;
use frontdesk::accounts::Permission;
use serde_json::{Value, json};

use crate::support::{App, Receiver, Reply};

const KEY: &str = "0123456789abcdef0123456789abcdef";
const PHONE: &str = "+14155550101";

async fn start() -> App {
    App::builder().with("WEBHOOKS_ALLOW_PRIVATE", "true").with("ENCRYPTION_KEY", KEY).start().await
}

struct Endpoint {
    id: String,
    secret: String,
}

impl Endpoint {
    fn path(&self, rest: &str) -> String {
        format!("/api/webhook-endpoints/{}{rest}", self.id)
    }
}

async fn endpoint(app: &App, receiver: &Receiver, events: Option<&[&str]>) -> Endpoint {
    let body = json!({ "url": receiver.url, "description": "ours", "events": events });
    let made = app.api("POST", "/api/webhook-endpoints", Some(body)).await.expect(201).json();
    let text = |name: &str| made[name].as_str().expect(name).to_owned();
    Endpoint { id: text("id"), secret: text("secret") }
}

async fn deliveries(app: &App, endpoint: &Endpoint) -> Vec<Value> {
    app.items(&endpoint.path("/deliveries")).await
}

async fn detail(app: &App, delivery: &Value) -> Value {
    app.get(&format!("/api/webhook-deliveries/{}", delivery["id"].as_str().expect("id"))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_is_told_signed_and_once() {
    let app = start().await;
    let receiver = Receiver::start().await;
    let endpoint = endpoint(&app, &receiver, None).await;
    app.ask(PHONE, "book tuesday at 10 am").await;
    app.ask(PHONE, "yes").await;
    let received = receiver.received();
    let events = receiver.events();
    assert_eq!(events.iter().filter(|e| *e == "message.received").count(), 2, "{events:?}");
    assert_eq!(events.iter().filter(|e| *e == "booking.created").count(), 1, "{events:?}");
    assert!(events.iter().any(|e| e == "message.status"), "{events:?}");
    assert_eq!(events.len(), received.len());
    for one in &received {
        assert!(one.is_signed_with(&endpoint.secret), "{one:?}");
        assert!(!one.is_signed_with("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
        assert!(one.id.starts_with("msg_"));
        assert_eq!(one.signatures.len(), 1);
        assert!((one.timestamp - app.clock.now().timestamp()).abs() <= 5);
    }
    let mut ids: Vec<&str> = received.iter().map(|r| r.id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), received.len(), "each event has an id of its own");
    let first = received[0].json();
    assert_eq!(first["type"], "message.received");
    assert_eq!(first["data"]["body"], "book tuesday at 10 am");
    assert_eq!(first["data"]["phone_number"], PHONE);
    assert_eq!(first["data"]["status"], "received");
    assert_eq!(first["timestamp"].as_str().map(|t| t.len()), Some("2026-11-21T15:00:00.000Z".len()), "{first}");
    let message = app.items("/api/messages").await.pop().expect("the first");
    assert_eq!(first["data"]["message_id"], message["id"]);
    let booking = received.iter().find(|r| r.event() == "booking.created").expect("booking").json();
    let appointment = app.items("/api/appointments").await.remove(0);
    assert_eq!(booking["data"]["booking_id"], appointment["id"]);
    assert_eq!(booking["data"]["status"], "confirmed");
    assert!(booking["data"]["start_time"].is_string() && booking["data"]["service_name"].is_string(), "{booking}");
    let ours = received.iter().find(|r| r.event() == "message.status").expect("status").json();
    assert_eq!(ours["data"]["body"], Value::Null, "our own words are not repeated");

    // Cancelling, opting out and in again.
    let cancel = format!("/api/appointments/{}/cancel", appointment["id"].as_str().expect("id"));
    app.api("POST", &cancel, None).await.expect(200);
    app.text(PHONE, "STOP").await;
    app.text(PHONE, "START").await;
    let events = receiver.events();
    for event in ["booking.cancelled", "contact.opted_out", "contact.opted_in"] {
        assert_eq!(events.iter().filter(|e| *e == event).count(), 1, "{event} in {events:?}");
    }
    let all = deliveries(&app, &endpoint).await;
    assert_eq!(all.len(), receiver.received().len());
    assert!(all.iter().all(|d| d["status"] == "delivered" && d["attempts"] == 1 && d["last_status_code"] == 204));
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_state_of_a_text_is_told_once() {
    let app = start().await;
    let receiver = Receiver::start().await;
    endpoint(&app, &receiver, Some(&["message.status"])).await;
    app.ask(PHONE, "what times do you have on tuesday?").await;
    let sid = app.twilio.taken_by(PHONE)[0].sid.clone();
    for status in ["sent", "sent", "delivered", "sent", "delivered"] {
        let fields = [("MessageSid", sid.as_str()), ("MessageStatus", status), ("To", PHONE)];
        app.request(app.signed("/webhooks/sms/status", &fields)).await.expect(200);
        app.run_jobs().await;
    }
    let told: Vec<String> =
        receiver.received().iter().map(|r| r.json()["data"]["status"].as_str().expect("status").to_owned()).collect();
    assert_eq!(told.iter().filter(|s| *s == "sent").count(), 1, "{told:?}");
    assert_eq!(told.iter().filter(|s| *s == "delivered").count(), 1, "{told:?}");
    assert_eq!(told.last().map(String::as_str), Some("delivered"));
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_was_asked_for_is_told_and_nothing_is_written_for_nobody() {
    let app = start().await;
    app.ask(PHONE, "what times do you have on tuesday?").await;
    assert_eq!(app.count("SELECT count(*) FROM jobs WHERE kind = 'publish_event'").await, 0, "nobody wants to know");
    let (bookings, off) = (Receiver::start().await, Receiver::start().await);
    endpoint(&app, &bookings, Some(&["booking.cancelled", "booking.created", "booking.created"])).await;
    let silent = endpoint(&app, &off, None).await;
    app.api("PATCH", &silent.path(""), Some(json!({ "enabled": false }))).await.expect(200);
    app.ask(PHONE, "book tuesday at 10 am").await;
    app.ask(PHONE, "yes").await;
    assert_eq!(bookings.events(), ["booking.created"]);
    assert!(off.received().is_empty());
    assert_eq!(app.count("SELECT count(*) FROM jobs WHERE kind = 'publish_event'").await, 1);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_is_away_is_tried_again_up_the_ladder() {
    let app = start().await;
    let receiver = Receiver::start().await;
    let endpoint = endpoint(&app, &receiver, Some(&["message.received"])).await;
    receiver.always(500);
    receiver.script([Reply { status: 502, headers: Vec::new(), body: format!("away\0{}", "x".repeat(5_000)) }]);
    app.ask(PHONE, "hi, are you open on monday?").await;
    assert_eq!(receiver.received().len(), 1);
    let delivery = deliveries(&app, &endpoint).await.remove(0);
    assert_eq!((&delivery["status"], &delivery["last_error"]), (&json!("pending"), &json!("answered 502")));
    let answer = detail(&app, &delivery).await["tries"][0]["answer"].as_str().expect("answer").to_owned();
    assert!(answer.starts_with("away\u{fffd}xxx") && answer.chars().count() == 1024, "{}", answer.len());
    // Seconds from one try to the next, without and with the greatest jitter.
    for (n, wait) in [5, 300, 1_800, 7_200, 18_000, 36_000, 36_000].into_iter().enumerate() {
        let before = receiver.received().len();
        app.clock.advance(TimeDelta::seconds(wait - 2));
        app.run_jobs().await;
        assert_eq!(receiver.received().len(), before, "too early for try {}", n + 2);
        app.clock.advance(TimeDelta::seconds(3 + wait / 10));
        app.run_jobs().await;
        assert_eq!(receiver.received().len(), before + 1, "try {}", n + 2);
    }
    let received = receiver.received();
    assert!(received.windows(2).all(|w| w[0].id == w[1].id && w[0].body == w[1].body), "the same id and bytes");
    assert!(received.windows(2).all(|w| w[0].timestamp < w[1].timestamp), "a timestamp of its own");
    assert!(received.iter().all(|r| r.is_signed_with(&endpoint.secret)));
    let delivery = detail(&app, &deliveries(&app, &endpoint).await[0]).await;
    assert_eq!((&delivery["status"], &delivery["attempts"]), (&json!("failed"), &json!(8)));
    assert_eq!(delivery["tries"].as_array().map(Vec::len), Some(8));
    assert!(delivery["finished_at"].is_string() && delivery["next_attempt_at"].is_null(), "{delivery}");
    app.clock.advance(TimeDelta::days(2));
    app.run_jobs().await;
    assert_eq!(receiver.received().len(), 8, "given up");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_may_ask_for_time() {
    let app = start().await;
    let receiver = Receiver::start().await;
    let endpoint = endpoint(&app, &receiver, Some(&["message.received"])).await;
    let busy = |status| Reply { status, headers: vec![("retry-after", "90".to_owned())], body: String::new() };
    receiver.script([busy(429), busy(500)]);
    app.ask(PHONE, "hi, are you open on monday?").await;
    app.clock.advance(TimeDelta::seconds(80));
    app.run_jobs().await;
    assert_eq!(receiver.received().len(), 1, "it asked for 90 seconds");
    app.clock.advance(TimeDelta::seconds(11));
    app.run_jobs().await;
    assert_eq!(receiver.received().len(), 2);
    app.clock.advance(TimeDelta::seconds(331));
    app.run_jobs().await;
    assert_eq!(receiver.received().len(), 3);
    let delivery = deliveries(&app, &endpoint).await.remove(0);
    assert_eq!((&delivery["status"], &delivery["attempts"]), (&json!("delivered"), &json!(3)));
    assert!(delivery["last_error"].is_null());
    let shown = app.get(&endpoint.path("")).await;
    assert!(shown["failing_since"].is_null(), "one that is taken ends it: {shown}");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn gone_means_gone() {
    let app = start().await;
    let receiver = Receiver::start().await;
    let endpoint = endpoint(&app, &receiver, Some(&["message.received"])).await;
    receiver.script([Reply::status(410)]);
    app.ask(PHONE, "hi, are you open on monday?").await;
    let shown = app.get(&endpoint.path("")).await;
    assert_eq!((&shown["enabled"], &shown["disabled_reason"]), (&json!(false), &json!("gone")));
    assert_eq!(deliveries(&app, &endpoint).await[0]["status"], "failed");
    let by_system =
        "SELECT count(*) FROM audit_log WHERE action = 'webhook_endpoint.disabled' AND actor_kind = 'system'";
    assert_eq!(app.count(by_system).await, 1);
    app.text(PHONE, "are you there?").await;
    assert_eq!(receiver.received().len(), 1);
    let path =
        format!("/api/webhook-deliveries/{}/replay", deliveries(&app, &endpoint).await[0]["id"].as_str().expect("id"));
    assert_eq!(app.api("POST", &path, None).await.expect(409).json()["code"], "endpoint_disabled");
    let since = json!({ "since": "2026-11-01T00:00:00Z" });
    assert_eq!(
        app.api("POST", &endpoint.path("/replay"), Some(since)).await.expect(409).json()["code"],
        "endpoint_disabled"
    );
    // Switched on again it starts afresh.
    let shown = app.api("PATCH", &endpoint.path(""), Some(json!({ "enabled": true }))).await.expect(200).json();
    assert!(shown["disabled_reason"].is_null() && shown["disabled_at"].is_null(), "{shown}");
    app.api("POST", &path, None).await.expect(200);
    app.run_jobs().await;
    assert_eq!(deliveries(&app, &endpoint).await[0]["status"], "delivered");
    assert_eq!(receiver.received()[0].id, receiver.received()[1].id, "a replay has the same id");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn five_days_of_failing_switch_an_endpoint_off_and_one_success_starts_the_count_again() {
    let app = start().await;
    let receiver = Receiver::start().await;
    let endpoint = endpoint(&app, &receiver, Some(&["message.received"])).await;
    receiver.always(500);
    for day in 0..4 {
        app.text(PHONE, &format!("what times do you have in {day} days?")).await;
        app.clock.advance(TimeDelta::days(1));
        app.run_jobs().await;
    }
    assert_eq!(app.get(&endpoint.path("")).await["enabled"], true, "four days are not five");
    receiver.script([Reply::status(200)]);
    app.text(PHONE, "still there?").await;
    assert!(app.get(&endpoint.path("")).await["failing_since"].is_null());
    for _ in 0..5 {
        app.text(PHONE, "and now?").await;
        assert_eq!(app.get(&endpoint.path("")).await["enabled"], true);
        app.clock.advance(TimeDelta::days(1));
        app.run_jobs().await;
    }
    app.text(PHONE, "and now?").await;
    let shown = app.get(&endpoint.path("")).await;
    assert_eq!((&shown["enabled"], &shown["disabled_reason"]), (&json!(false), &json!("failing")));
    assert_eq!(app.count("SELECT count(*) FROM audit_log WHERE action = 'webhook_endpoint.disabled'").await, 1);
    // What still waited is not sent any more.
    let before = receiver.received().len();
    app.clock.advance(TimeDelta::days(1));
    app.run_jobs().await;
    assert_eq!(receiver.received().len(), before);
    assert!(deliveries(&app, &endpoint).await.iter().all(|d| d["status"] != "pending"));
    // On again, and everything that failed is sent.
    receiver.always(200);
    app.api("PATCH", &endpoint.path(""), Some(json!({ "enabled": true }))).await.expect(200);
    let failed = app.items(&endpoint.path("/deliveries?status=failed")).await.len();
    let since = json!({ "since": "2026-11-01T00:00:00Z" });
    let replayed = app.api("POST", &endpoint.path("/replay"), Some(since)).await.expect(200).json();
    assert_eq!(replayed["replayed"], failed);
    assert!(failed >= 9, "{failed}");
    app.run_jobs().await;
    assert!(deliveries(&app, &endpoint).await.iter().all(|d| d["status"] == "delivered"));
    assert_eq!(receiver.received().len(), before + failed);
    let none = json!({ "since": "2027-11-01T00:00:00Z" });
    assert_eq!(app.api("POST", &endpoint.path("/replay"), Some(none)).await.expect(200).json()["replayed"], 0);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_dies_during_the_call_leaves_it_to_another() {
    let app = start().await;
    let receiver = Receiver::start().await;
    let endpoint = endpoint(&app, &receiver, Some(&["message.received"])).await;
    app.sms(PHONE, "hi, are you open on monday?").await.expect(200);
    // Killed after the call and before its record: the claim stays, the record does not.
    let pool = app.core.db.pool();
    sqlx::query(
        "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'killed' USING ERRCODE = '57P01'; END $$",
    )
    .execute(pool)
    .await
    .expect("function");
    sqlx::query("CREATE TRIGGER die BEFORE INSERT ON webhook_attempts FOR EACH ROW EXECUTE FUNCTION die()")
        .execute(pool)
        .await
        .expect("trigger");
    app.run_jobs().await;
    assert_eq!(receiver.received().len(), 1);
    assert_eq!(deliveries(&app, &endpoint).await[0]["status"], "pending");
    assert_eq!(app.count("SELECT count(*) FROM jobs WHERE kind = 'deliver_webhook' AND state = 'running'").await, 1);
    sqlx::query("DROP TRIGGER die ON webhook_attempts").execute(pool).await.expect("drop");
    app.run_jobs().await;
    assert_eq!(receiver.received().len(), 1, "its lease has not ended");
    app.clock.advance(TimeDelta::seconds(31));
    app.run_jobs().await;
    let received = receiver.received();
    assert_eq!(received.len(), 2, "at least once");
    assert_eq!(received[0].id, received[1].id, "told apart by the receiver");
    let delivery = deliveries(&app, &endpoint).await.remove(0);
    assert_eq!((&delivery["status"], &delivery["attempts"]), (&json!("delivered"), &json!(1)));
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_published_again_is_delivered_once() {
    let app = start().await;
    let receiver = Receiver::start().await;
    let endpoint = endpoint(&app, &receiver, None).await;
    app.ask(PHONE, "hi, are you open on monday?").await;
    let (before, made) = (receiver.received().len(), deliveries(&app, &endpoint).await.len());
    assert!(before >= 2);
    for _ in 0..2 {
        // Done, but nobody knows: the same job is run from the start.
        sqlx::query("UPDATE jobs SET state = 'queued' WHERE kind IN ('publish_event', 'deliver_webhook')")
            .execute(app.core.db.pool())
            .await
            .expect("again");
        app.run_jobs().await;
    }
    assert_eq!(receiver.received().len(), before);
    assert_eq!(deliveries(&app, &endpoint).await.len(), made);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_shown_once_rotated_with_an_overlap_and_kept_sealed() {
    let app = start().await;
    let receiver = Receiver::start().await;
    let endpoint = endpoint(&app, &receiver, Some(&["message.received"])).await;
    let rotated = app.api("POST", &endpoint.path("/rotate-secret"), None).await.expect(200).json();
    let second = rotated["secret"].as_str().expect("secret").to_owned();
    assert_ne!(second, endpoint.secret);
    assert!(rotated["previous_secret_until"].is_string());
    app.ask(PHONE, "hi, are you open on monday?").await;
    app.clock.advance(TimeDelta::hours(23));
    app.text(PHONE, "hello?").await;
    for one in receiver.received() {
        assert!(one.is_signed_with(&second) && one.is_signed_with(&endpoint.secret) && one.signatures.len() == 2);
    }
    app.clock.advance(TimeDelta::hours(2));
    app.text(PHONE, "hello?").await;
    let last = receiver.received().pop().expect("one");
    assert!(last.is_signed_with(&second) && !last.is_signed_with(&endpoint.secret) && last.signatures.len() == 1);
    // Nowhere else: not in answers, not in the log of changes, not in any column as it is.
    let keys =
        [endpoint.secret.strip_prefix("whsec_").expect("prefix"), second.strip_prefix("whsec_").expect("prefix")];
    let mut shown =
        app.get("/api/webhook-endpoints").await.to_string() + &app.get(&endpoint.path("")).await.to_string();
    for table in ["webhook_endpoints", "webhook_deliveries", "webhook_attempts", "audit_log", "jobs"] {
        let rows: Vec<String> =
            sqlx::query_scalar(sqlx::AssertSqlSafe(format!("SELECT to_jsonb(t)::text FROM {table} t")))
                .fetch_all(app.core.db.pool())
                .await
                .expect("rows");
        shown += &rows.concat();
    }
    assert!(keys.iter().all(|key| !shown.contains(key)), "a secret lies open");
    assert!(!shown.contains("whsec_"));
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ping_shows_what_comes_of_it() {
    let app = start().await;
    let receiver = Receiver::start().await;
    let endpoint = endpoint(&app, &receiver, Some(&["booking.created"])).await;
    app.api("PATCH", &endpoint.path(""), Some(json!({ "enabled": false }))).await.expect(200);
    receiver.script([Reply { status: 500, headers: Vec::new(), body: "no such table".to_owned() }]);
    for (wanted, code) in [("failed", 500), ("delivered", 204)] {
        let ping = app.api("POST", &endpoint.path("/test"), None).await.expect(201).json();
        assert_eq!((&ping["status"], &ping["event_type"]), (&json!("pending"), &json!("ping")));
        let replay = format!("/api/webhook-deliveries/{}/replay", ping["id"].as_str().expect("id"));
        app.api("PATCH", &endpoint.path(""), Some(json!({ "enabled": true }))).await.expect(200);
        assert_eq!(app.api("POST", &replay, None).await.expect(409).json()["code"], "delivery_pending");
        app.api("PATCH", &endpoint.path(""), Some(json!({ "enabled": false }))).await.expect(200);
        app.run_jobs().await;
        let shown = detail(&app, &ping).await;
        assert_eq!((&shown["status"], &shown["tries"][0]["status_code"]), (&json!(wanted), &json!(code)), "{shown}");
        assert_eq!(shown["attempts"], 1);
    }
    let sent = receiver.received();
    assert_eq!(sent[0].json()["data"]["endpoint_id"], endpoint.id.as_str());
    assert!(sent.iter().all(|r| r.is_signed_with(&endpoint.secret)));
    assert!(app.get(&endpoint.path("")).await["failing_since"].is_null(), "a ping says nothing of it");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_must_be_public_and_is_judged_again_when_called() {
    let app = App::builder().with("ENCRYPTION_KEY", KEY).start().await;
    for (url, code) in [
        ("http://example.com/", "not_https"),
        ("https://127.0.0.1/", "private_address"),
        ("https://2130706433/", "private_address"),
        ("https://0x7f.1/", "private_address"),
        ("https://[::ffff:169.254.169.254]/", "private_address"),
        ("https://localhost:8000/", "private_address"),
        ("https://user:pass@example.com/", "credentials"),
        ("file:///etc/passwd", "invalid_url"),
        ("nonsense", "invalid_url"),
    ] {
        let problem = app.api("POST", "/api/webhook-endpoints", Some(json!({ "url": url }))).await.expect(422).json();
        assert_eq!(problem["errors"][0]["code"], code, "{url}");
    }
    let made = json!({ "url": "https://example.com/hook" });
    let id = app.api("POST", "/api/webhook-endpoints", Some(made)).await.expect(201).json()["id"].clone();
    let path = format!("/api/webhook-endpoints/{}", id.as_str().expect("id"));
    app.api("PATCH", &path, Some(json!({ "url": "https://10.0.0.1/" }))).await.expect(422);
    // Saved in other times, or led elsewhere since: the call itself refuses.
    let receiver = Receiver::start().await;
    let port = receiver.url.rsplit(':').next().expect("port").trim_end_matches("/hook").to_owned();
    for url in
        [receiver.url.clone(), format!("https://localhost:{port}/hook"), format!("https://127.0.0.1:{port}/hook")]
    {
        sqlx::query("UPDATE webhook_endpoints SET url = $1")
            .bind(&url)
            .execute(app.core.db.pool())
            .await
            .expect("change");
        let ping = app.api("POST", &format!("{path}/test"), None).await.expect(201).json();
        app.run_jobs().await;
        let shown = detail(&app, &ping).await;
        assert_eq!(shown["status"], "failed", "{url}: {shown}");
        let error = shown["last_error"].as_str().expect("error");
        assert!(error.contains("public address") || error.contains("https://"), "{url}: {error}");
    }
    assert!(receiver.received().is_empty());
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn endpoints_are_managed() {
    let app = start().await;
    let receiver = Receiver::start().await;
    let one = endpoint(&app, &receiver, Some(&["message.status", "message.received"])).await;
    let shown = app.api("GET", &one.path(""), None).await.expect(200);
    assert_eq!(shown.headers["etag"], "\"1\"");
    assert_eq!(shown.json()["events"], json!(["message.received", "message.status"]), "in the list's own order");
    // Two who edit at once.
    let change = |version: &str, body: Value| {
        let request = axum::http::Request::builder()
            .method("PATCH")
            .uri(one.path(""))
            .header("x-api-key", crate::support::API_KEY)
            .header("content-type", "application/json")
            .header("if-match", format!("\"{version}\""))
            .body(axum::body::Body::from(body.to_string()))
            .expect("request");
        app.request(request)
    };
    let changed = change("1", json!({ "description": "theirs", "events": null })).await.expect(200).json();
    assert_eq!((&changed["description"], &changed["events"]), (&json!("theirs"), &Value::Null));
    assert_eq!(change("1", json!({ "description": "late" })).await.expect(412).json()["code"], "version_conflict");
    assert_eq!(change("2", json!({ "description": null })).await.expect(200).json()["description"], Value::Null);
    for body in [
        json!({ "url": receiver.url, "events": [] }),
        json!({ "url": receiver.url, "events": ["ping"] }),
        json!({ "url": receiver.url, "events": ["message.eaten"] }),
        json!({ "url": receiver.url, "description": "x".repeat(201) }),
        json!({ "url": receiver.url, "secret": "mine" }),
        json!({ "description": "no address" }),
    ] {
        app.api("POST", "/api/webhook-endpoints", Some(body)).await.expect(422);
    }
    for _ in 1..20 {
        endpoint(&app, &receiver, None).await;
    }
    let body = json!({ "url": receiver.url });
    let problem = app.api("POST", "/api/webhook-endpoints", Some(body)).await.expect(409).json();
    assert_eq!(problem["code"], "too_many_endpoints");
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = app.get(&format!("/api/webhook-endpoints?limit=7&sort=-created_at{cursor}")).await;
        seen.extend(page["items"].as_array().expect("items").iter().map(|i| i["id"].to_string()));
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen.len(), 20);
    assert!(seen.is_sorted_by(|a, b| a > b), "newest first, each once");
    app.api("GET", "/api/webhook-endpoints?sort=url", None).await.expect(422);
    app.text(PHONE, "are you open on monday?").await;
    let delivery = deliveries(&app, &one).await.remove(0);
    app.api("DELETE", &one.path(""), None).await.expect(204);
    for (method, path) in [("GET", one.path("")), ("DELETE", one.path("")), ("POST", one.path("/rotate-secret"))] {
        app.api(method, &path, None).await.expect(404);
    }
    app.api("GET", &format!("/api/webhook-deliveries/{}", delivery["id"].as_str().expect("id")), None)
        .await
        .expect(404);
    for action in ["created", "updated", "deleted"] {
        let entries: i64 =
            sqlx::query_scalar("SELECT count(*) FROM audit_log WHERE action = 'webhook_endpoint.' || $1")
                .bind(action)
                .fetch_one(app.core.db.pool())
                .await
                .expect("audit");
        assert!(entries > 0, "{action}");
    }
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_no_secret_can_be_kept() {
    let app = App::builder().with("ENCRYPTION_KEY", "").start().await;
    let body = json!({ "url": "https://example.com/hook" });
    let problem = app.api("POST", "/api/webhook-endpoints", Some(body)).await.expect(409).json();
    assert_eq!(problem["code"], "no_encryption_key");
}

#[tokio::test(flavor = "multi_thread")]
async fn endpoints_are_ones_own_and_need_the_permission() {
    let app = start().await;
    let receiver = Receiver::start().await;
    let ours = endpoint(&app, &receiver, None).await;
    app.ask(PHONE, "are you open on monday?").await;
    let before = receiver.received().len();
    let delivery = format!("/api/webhook-deliveries/{}", deliveries(&app, &ours).await[0]["id"].as_str().expect("id"));
    let (other, theirs) = app.second_organization().await;
    let low: Vec<Permission> = Permission::ALL.iter().copied().filter(|p| *p != Permission::WebhooksManage).collect();
    let low = app.key_with(app.organization.id, &low).await;
    let since = json!({ "since": "2026-11-01T00:00:00Z" });
    let calls = [
        ("GET", ours.path(""), None),
        ("PATCH", ours.path(""), Some(json!({ "enabled": false }))),
        ("POST", ours.path("/rotate-secret"), None),
        ("POST", ours.path("/test"), None),
        ("POST", ours.path("/replay"), Some(since)),
        ("GET", ours.path("/deliveries"), None),
        ("GET", delivery.clone(), None),
        ("POST", format!("{delivery}/replay"), None),
        ("DELETE", ours.path(""), None),
    ];
    for (method, path, body) in calls {
        app.api_as(&theirs, method, &path, body.clone()).await.expect(404);
        app.api_as(&low, method, &path, body).await.expect(403);
    }
    app.api_as(&low, "GET", "/api/webhook-endpoints", None).await.expect(403);
    app.api_as(&low, "POST", "/api/webhook-endpoints", Some(json!({ "url": receiver.url }))).await.expect(403);
    assert_eq!(app.api_as(&theirs, "GET", "/api/webhook-endpoints", None).await.expect(200).json()["items"], json!([]));
    // Each organization hears its own.
    let elsewhere = Receiver::start().await;
    app.api_as(&theirs, "POST", "/api/webhook-endpoints", Some(json!({ "url": elsewhere.url }))).await.expect(201);
    let fields = [("MessageSid", "SMtheirs"), ("From", PHONE), ("To", "+15005550077"), ("Body", "hello over there")];
    app.request(app.signed("/webhooks/sms/inbound", &fields)).await.expect(200);
    app.run_jobs().await;
    assert_eq!(receiver.received().len(), before);
    assert_eq!(elsewhere.events().first().map(String::as_str), Some("message.received"));
    assert!(app.count("SELECT count(*) FROM webhook_deliveries").await > 0);
    assert_ne!(other, app.organization.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn old_deliveries_are_forgotten() {
    let app = start().await;
    let receiver = Receiver::start().await;
    endpoint(&app, &receiver, Some(&["message.received"])).await;
    app.ask(PHONE, "are you open on monday?").await;
    app.clock.advance(TimeDelta::days(31));
    app.text(PHONE, "are you open on monday?").await;
    assert_eq!(app.count("SELECT count(*) FROM webhook_deliveries").await, 1);
    assert_eq!(app.count("SELECT count(*) FROM webhook_attempts").await, 1);
}
