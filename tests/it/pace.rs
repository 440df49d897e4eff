//! Senders at work: which one is chosen, how it fares, pausing it, how fast it sends, and whose turn it is.

use std::time::Duration;

use chrono::TimeDelta;
use frontdesk::{
    messaging,
    platform::ids::{OrganizationId, SenderId},
};
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::{
    contacts::{NOBODY, audited, contact, patch},
    support::{Answer, App, NUMBER, Process, StandIn, eventually, settings},
};

const ANA: &str = "+14155550101";

async fn sender(app: &App, channel: &str) -> Value {
    app.items(&format!("/api/senders?channel={channel}")).await.remove(0)
}

fn path(sender: &Value) -> String {
    format!("/api/senders/{}", sender["id"].as_str().expect("id"))
}

async fn report(app: &App, sid: &str, status: &str, code: Option<&str>) {
    let mut fields = vec![("MessageSid", sid), ("MessageStatus", status), ("To", ANA), ("From", NUMBER)];
    fields.extend(code.map(|c| ("ErrorCode", c)));
    app.request(app.signed("/webhooks/sms/status", &fields)).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_follow_deliveries_each_text_once() {
    let app = App::start().await;
    let sms = path(&sender(&app, "sms").await);
    let fresh = app.get(&sms).await;
    assert_eq!(
        (&fresh["kind"], &fresh["per_second"], &fresh["country"]),
        (&json!("ten_dlc"), &json!(3.75), &json!("US"))
    );
    assert_eq!((&fresh["health"]["tried"], &fresh["health"]["error_rate"]), (&json!(0), &Value::Null));
    for n in 0..3 {
        app.ask(&format!("+1415555020{n}"), "hello").await;
    }
    let sids: Vec<String> = app.twilio.taken().into_iter().map(|t| t.sid).collect();
    for (sid, status, code) in [
        (&sids[0], "delivered", None),
        (&sids[0], "sent", None),
        (&sids[0], "read", None),
        (&sids[1], "undelivered", Some("30003")),
        (&sids[1], "undelivered", Some("30003")),
        (&sids[1], "delivered", None),
    ] {
        report(&app, sid, status, code).await;
    }
    app.twilio.script([Answer::Refuse(400, 21211)]);
    app.text("+14155550203", "hello").await;
    let after = app.get(&sms).await;
    let health = &after["health"];
    assert_eq!((&health["tried"], &health["delivered"], &health["failed"]), (&json!(4), &json!(2), &json!(1)));
    assert_eq!(health["error_rate"], json!(0.25));
    assert!((health["delivery_rate"].as_f64().expect("rate") - 2.0 / 3.0).abs() < 1e-9);
    // What was out of reach at first, and arrived after all, is no error.
    assert_eq!(after["errors"], json!([{ "code": "21211", "count": 1 }]));
    assert_eq!(after["hours"][0]["tried"], json!(4));
    assert_eq!(sender(&app, "sms").await["health"], after["health"]);
    // The next day they are of the past, but few: they still count. A week on they do not.
    app.clock.advance(TimeDelta::hours(30));
    let next_day = app.get(&sms).await;
    assert_eq!((&next_day["health"]["tried"], &next_day["hours"]), (&json!(4), &json!([])));
    app.clock.advance(TimeDelta::days(7));
    assert_eq!(app.get(&sms).await["health"]["tried"], json!(0));
    // Eight days on the same place is taken by the new hour.
    app.clock.advance(TimeDelta::hours(192 - 7 * 24 - 30));
    app.ask("+14155550200", "hello").await;
    let anew = app.get(&sms).await;
    assert_eq!((&anew["health"]["tried"], &anew["errors"]), (&json!(1), &json!([])));
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_is_given_up_counts_when_it_turns_up() {
    let app = App::start().await;
    let sms = path(&sender(&app, "sms").await);
    app.ask(ANA, "hello").await;
    sqlx::query("UPDATE messages SET status = 'failed', error_code = 'gave_up', sent_at = NULL, provider_sid = NULL WHERE direction = 'outbound'")
        .execute(app.core.db.pool())
        .await
        .expect("give up");
    assert_eq!(app.get(&sms).await["health"]["tried"], json!(0));
    sqlx::query("UPDATE messages SET status = 'delivered', error_code = NULL, sent_at = created_at, provider_sid = 'SMlate' WHERE direction = 'outbound'")
        .execute(app.core.db.pool())
        .await
        .expect("turn up");
    let health = app.get(&sms).await["health"].clone();
    assert_eq!((&health["tried"], &health["delivered"], &health["failed"]), (&json!(1), &json!(1), &json!(0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_queued_for_a_paused_sender_waits_until_it_is_resumed() {
    let app = App::start().await;
    let row = sender(&app, "sms").await;
    let sms = path(&row);
    let why = json!({ "reason": " Not registered yet. " });
    let paused = app.api("POST", &format!("{sms}/pause"), Some(why)).await.expect(200);
    assert_eq!(paused.headers["etag"], "\"2\"");
    let paused = paused.json();
    assert_eq!((&paused["paused_by"], &paused["pause_reason"]), (&json!("staff"), &json!("Not registered yet.")));
    // Texts to it are taken in and answered; the answer waits, and says so.
    assert!(app.text(ANA, "hello").await.is_empty());
    for _ in 0..20 {
        app.clock.advance(TimeDelta::hours(1));
        app.run_jobs().await;
    }
    let waits = app.items("/api/messages").await.into_iter().find(|m| m["direction"] == "outbound").expect("outbound");
    assert_eq!((&waits["status"], &waits["error_code"]), (&json!("queued"), &Value::Null));
    assert_eq!(waits["error_message"], "Waits: the sender is paused (Not registered yet.)");
    assert_eq!(app.get(&sms).await["waiting"], json!(1));
    assert_eq!(app.twilio.requests(), 0);
    // Waiting is no failing: it has all its tries left.
    let job = app.items("/api/jobs?state=queued").await.remove(0);
    assert!(job["max_attempts"].as_i64() >= job["attempts"].as_i64().map(|n| n + 18), "{job}");
    app.api("POST", &format!("{sms}/pause"), Some(json!({ "reason": "Still not." }))).await.expect(200);
    let resumed = app.api("POST", &format!("{sms}/resume"), None).await.expect(200).json();
    assert_eq!((&resumed["paused_at"], &resumed["pause_reason"]), (&Value::Null, &Value::Null));
    // By now it is early in the morning where they are.
    sqlx::query("UPDATE contacts SET timezone = 'Europe/London'").execute(app.core.db.pool()).await.expect("zone");
    app.run_jobs().await;
    assert_eq!(app.twilio.taken_by(ANA).len(), 1, "at once, not when it would have been looked at again");
    assert_eq!(app.get(&sms).await["waiting"], json!(0));
    app.api("POST", &format!("{sms}/resume"), None).await.expect(200);
    assert_eq!(audited(&app).await, ["sender.paused", "sender.paused", "sender.resumed", "sender.resumed"]);
    for (body, field) in
        [(json!({ "reason": " " }), "reason"), (json!({ "reason": "x".repeat(201) }), "reason"), (json!({}), "body")]
    {
        let problem = app.api("POST", &format!("{sms}/pause"), Some(body)).await.expect(422).json();
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
    let (_, other) = app.second_organization().await;
    for (method, path, body) in [
        ("GET", sms.clone(), None),
        ("POST", format!("{sms}/pause"), Some(json!({ "reason": "theirs" }))),
        ("POST", format!("{sms}/resume"), None),
        ("GET", format!("/api/senders/{NOBODY}"), None),
    ] {
        app.api_as(&other, method, &path, body).await.expect(404);
    }
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_pauses_a_sender_once_and_says_why() {
    let app = App::start().await;
    let row = sender(&app, "sms").await;
    let id = SenderId(row["id"].as_str().expect("id").parse().expect("uuid"));
    for (first, why) in [(true, "30034: the number is not registered"), (false, "30002: suspended")] {
        let mut tx = app.core.db.tenant(app.organization.id).await.expect("tx");
        assert_eq!(messaging::pause_sender(&mut tx, id, why).await.expect("pause"), first);
        tx.commit().await.expect("commit");
    }
    let paused = app.get(&path(&row)).await;
    assert_eq!(
        (&paused["paused_by"], &paused["pause_reason"]),
        (&json!("system"), &json!("30034: the number is not registered"))
    );
    let senders = app.get("/api/analytics/dashboard?days=1").await["senders"].clone();
    let shown = senders.as_array().expect("senders").iter().find(|s| s["channel"] == "sms").expect("sms").clone();
    assert_eq!(shown["pause_reason"], "30034: the number is not registered");
    assert_eq!(audited(&app).await, ["sender.paused"]);
    let elsewhere = SenderId(NOBODY.parse().expect("uuid"));
    let mut tx = app.core.db.tenant(app.organization.id).await.expect("tx");
    assert!(!messaging::pause_sender(&mut tx, elsewhere, "x").await.expect("nobody's"));
}

async fn add(app: &App, address: &str, more: Value) -> Value {
    let mut body = json!({ "channel": "sms", "address": address, "display_name": address });
    body.as_object_mut().expect("object").extend(more.as_object().expect("object").clone());
    app.api("POST", "/api/senders", Some(body)).await.expect(201).json()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_begins_near_the_contact_and_stays_with_the_sender_they_know() {
    let app = App::start().await;
    // The organization's first has no area (500).
    let near = add(&app, "+14155550100", json!({})).await;
    let far = add(&app, "+12125550100", json!({})).await;
    let new_contact = async |number: &str| {
        let id = contact(&app, number).await;
        let consent = json!({ "action": "granted", "tier": "express", "channel": "sms", "method": "web_form", "evidence": "form" });
        app.api("POST", &format!("/api/contacts/{id}/consent"), Some(consent)).await.expect(201);
        id
    };
    let begin = async |id: &str| {
        let sent =
            app.api("POST", "/api/messages", Some(json!({ "contact_id": id, "body": "hi" }))).await.expect(201).json();
        let conversation =
            app.get(&format!("/api/conversations/{}", sent["conversation_id"].as_str().expect("id"))).await;
        conversation["sender_address"].as_str().expect("address").to_owned()
    };
    // Where they live goes before the area of their number.
    for (n, (known, sender)) in [
        (json!({ "postal_code": "10001" }), "+12125550100"),
        (json!({ "timezone": "America/Detroit" }), "+12125550100"),
        (json!({ "postal_code": "94110", "timezone": "America/Los_Angeles" }), "+14155550100"),
        // Of Texas there is no sender.
        (json!({ "postal_code": "75201" }), "+14155550100"),
    ]
    .into_iter()
    .enumerate()
    {
        let id = new_contact(&format!("+1415555{:04}", 1000 + n)).await;
        app.api("PATCH", &format!("/api/contacts/{id}"), Some(known.clone())).await.expect(200);
        assert_eq!(begin(&id).await, sender, "{known}");
    }
    let (ana, ben) = (new_contact(ANA).await, new_contact("+12125550177").await);
    assert_eq!(begin(&ana).await, "+14155550100");
    assert_eq!(begin(&ben).await, "+12125550100");
    let pause = |of: &Value| format!("{}/pause", path(of));
    app.api("POST", &pause(&near), Some(json!({ "reason": "x" }))).await.expect(200);
    assert_eq!(begin(&ana).await, NUMBER, "theirs is paused, and no other is near");
    app.api("POST", &format!("{}/resume", path(&near)), None).await.expect(200);
    app.clock.advance(TimeDelta::seconds(1));
    assert_eq!(begin(&ana).await, NUMBER, "now that is the one they know");
    patch(&app, &path(&sender(&app, "sms").await), "\"1\"", json!({ "archived": true })).await.expect(200);
    assert_eq!(begin(&ana).await, "+14155550100", "back to the one before");
    // A paused one that was asked for by name: the text waits.
    app.api("POST", &pause(&far), Some(json!({ "reason": "x" }))).await.expect(200);
    let named = json!({ "contact_id": ben, "body": "hi", "sender_id": far["id"] });
    assert_eq!(app.api("POST", "/api/messages", Some(named)).await.expect(201).json()["status"], "queued");
    app.api("POST", &pause(&near), Some(json!({ "reason": "x" }))).await.expect(200);
    let problem = app
        .api("POST", "/api/messages", Some(json!({ "contact_id": ben, "body": "hi", "channel": "sms" })))
        .await
        .expect(409)
        .json();
    assert_eq!(problem["code"], "no_sender");
}

#[tokio::test(flavor = "multi_thread")]
async fn pace_and_cap_are_checked_and_kept() {
    let app = App::start().await;
    let made = add(&app, "72345", json!({ "max_per_second": 50, "max_per_day": 2000 })).await;
    assert_eq!((&made["kind"], &made["address"]), (&json!("short_code"), &json!("72345")));
    assert_eq!((&made["per_second"], &made["max_per_day"]), (&json!(50.0), &json!(2000)));
    let changed = patch(&app, &path(&made), "\"1\"", json!({ "max_per_second": null })).await.expect(200).json();
    assert_eq!((&changed["per_second"], &changed["max_per_second"]), (&json!(100.0), &Value::Null));
    assert_eq!(changed["max_per_day"], json!(2000));
    for (field, value) in [("max_per_second", json!(0)), ("max_per_second", json!(1e300)), ("max_per_day", json!(0))] {
        let problem = app.api("PATCH", &path(&made), Some(json!({ field: value }))).await.expect(422).json();
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
}

/// An account of this test's own, since all tests share one Redis.
async fn limited(account: &str) -> App {
    App::builder().with("TWILIO_MAX_SENDS_PER_SECOND", "2000").with("TWILIO_ACCOUNT_SID", account).start().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_keeps_its_pace_and_nothing_is_lost_by_waiting() {
    let app = limited("AC00000000000000000000000000000d01").await;
    let sms = path(&sender(&app, "sms").await);
    app.api("PATCH", &sms, Some(json!({ "max_per_second": 1 }))).await.expect(200);
    for n in 0..40 {
        app.sms(&format!("+141555503{n:02}"), "hello").await.expect(200);
    }
    app.run_jobs().await;
    let mut sent = vec![segments(&app)];
    assert!((10..=14).contains(&sent[0]), "what the bucket holds, and what was paid in advance: {}", sent[0]);
    while app.twilio.taken().len() < 40 && sent.len() < 200 {
        app.clock.advance(TimeDelta::seconds(1));
        app.run_jobs().await;
        sent.push(segments(&app));
    }
    for (second, so_far) in sent.iter().enumerate() {
        assert!(*so_far <= 14 + second, "second {second}: {sent:?}");
    }
    assert_eq!(app.twilio.taken().len(), 40, "{sent:?}");
    assert!(sent.len() < sent[sent.len() - 1] + 10, "and not much slower than it may: {sent:?}");
    app.finish().await;
}

fn segments(app: &App) -> usize {
    app.twilio.taken().iter().map(|t| usize::from(messaging::segments(&t.body))).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_that_is_refused_for_haste_goes_at_half_its_pace_for_a_while() {
    let app = limited("AC00000000000000000000000000000d05").await;
    let sms = path(&sender(&app, "sms").await);
    app.api("PATCH", &sms, Some(json!({ "max_per_second": 2 }))).await.expect(200);
    for n in 0..150 {
        app.sms(&format!("+14155551{n:03}"), "hello").await.expect(200);
    }
    // Two that left together are one lesson.
    app.twilio.script([Answer::RateLimitSilently, Answer::RateLimitSilently]);
    app.run_jobs().await;
    let mut sent = vec![segments(&app)];
    assert!(sent[0] <= 4, "what it had saved up is gone: {sent:?}");
    for _ in 0..100 {
        app.clock.advance(TimeDelta::seconds(1));
        app.run_jobs().await;
        sent.push(segments(&app));
    }
    let between = |from: usize, to: usize| sent[to] - sent[from];
    let (slow, recovered) = (between(10, 50), between(65, 95));
    assert!((34..=44).contains(&slow), "one a second, not two: {slow} in 40 s, {sent:?}");
    assert!((50..=64).contains(&recovered), "two a second again: {recovered} in 30 s, {sent:?}");
    for _ in 0..200 {
        app.clock.advance(TimeDelta::seconds(1));
        app.run_jobs().await;
    }
    assert_eq!(app.twilio.taken().len(), 150, "and nothing is lost");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_account_holds_all_its_senders() {
    let app = App::builder()
        .with("TWILIO_MAX_SENDS_PER_SECOND", "2")
        .with("TWILIO_ACCOUNT_SID", "AC00000000000000000000000000000d02")
        .start()
        .await;
    let sms = path(&sender(&app, "sms").await);
    app.api("PATCH", &sms, Some(json!({ "max_per_second": 100 }))).await.expect(200);
    for n in 0..30 {
        app.sms(&format!("+141555504{n:02}"), "hello").await.expect(200);
    }
    app.run_jobs().await;
    let at_once = segments(&app);
    assert!((10..=14).contains(&at_once), "{at_once}");
    let mut seconds = 0;
    while app.twilio.taken().len() < 30 && seconds < 100 {
        app.clock.advance(TimeDelta::seconds(1));
        app.run_jobs().await;
        seconds += 1;
        assert!(segments(&app) <= 14 + 2 * seconds, "{} after {seconds} s", segments(&app));
    }
    assert_eq!(app.twilio.taken().len(), 30);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_daily_cap_ends_with_the_day() {
    let app = limited("AC00000000000000000000000000000d03").await;
    let sms = path(&sender(&app, "sms").await);
    app.api("PATCH", &sms, Some(json!({ "max_per_second": 100, "max_per_day": 10 }))).await.expect(200);
    for n in 0..12 {
        // Midnight in Los Angeles is eight in the morning in London.
        app.sms(&format!("+447700900{n:03}"), "hello").await.expect(200);
    }
    app.run_jobs().await;
    let today = segments(&app);
    assert!((8..=10).contains(&today), "{today}");
    // It is seven in the morning in Los Angeles, where the account's day begins and ends.
    for _ in 0..16 {
        app.clock.advance(TimeDelta::hours(1));
        app.run_jobs().await;
    }
    assert_eq!(segments(&app), today);
    app.clock.advance(TimeDelta::hours(1));
    app.run_jobs().await;
    assert!(segments(&app) > today, "midnight");
    for _ in 0..96 {
        app.clock.advance(TimeDelta::hours(1));
        app.run_jobs().await;
    }
    assert_eq!(app.twilio.taken().len(), 12);
    app.finish().await;
}

/// A text to nobody in particular, as one of many in a line.
async fn many(pool: &PgPool, organization: OrganizationId, sender: SenderId, line: uuid::Uuid, from: i64, to: i64) {
    let ids: Vec<uuid::Uuid> =
        (from..to).map(|n| uuid::Uuid::from_u128(organization.0.as_u128() ^ (n as u128))).collect();
    let numbers: Vec<String> = (from..to).map(|n| format!("+1628{n:07}")).collect();
    for sql in [
        "INSERT INTO contacts (organization_id, id, phone_number, created_at, updated_at)
         SELECT $1, n.id, n.number, now(), now() FROM unnest($4::uuid[], $5::text[]) AS n (id, number) WHERE $2::uuid IS NOT NULL AND $3::uuid IS NOT NULL",
        "INSERT INTO conversations (organization_id, id, contact_id, sender_id, heard_at, created_at, updated_at)
         SELECT $1, n.id, n.id, $2, now(), now(), now() FROM unnest($4::uuid[], $5::text[]) AS n (id, number) WHERE $3::uuid IS NOT NULL",
        // Of the one purpose that needs no consent and waits for no morning: it is the line that counts here.
        "INSERT INTO messages (organization_id, id, conversation_id, contact_id, sender_id, direction, channel, body, purpose, status,
                               created_at, deadline_at)
         SELECT $1, n.id, n.id, n.id, $2, 'outbound', 'sms', 'Sale!', 'opt_out_confirmation', 'queued', now(), now() + interval '1 day' FROM unnest($4::uuid[], $5::text[]) AS n (id, number) WHERE $3::uuid IS NOT NULL",
        "INSERT INTO jobs (organization_id, id, kind, queue, payload, run_at, max_attempts, lease_seconds, created_at, pace_id, line_id)
         SELECT $1, n.id, 'send_message', 'bulk', jsonb_build_object('message_id', n.id), now(), 18, 30, now(), $2, $3
         FROM unnest($4::uuid[], $5::text[]) AS n (id, number)",
    ] {
        sqlx::query(sql)
            .bind(organization.0)
            .bind(sender.0)
            .bind(line)
            .bind(&ids)
            .bind(&numbers)
            .execute(pool)
            .await
            .expect(sql);
    }
}

async fn tenant(pool: &PgPool, n: u128, number: &str, per_second: f64) -> (OrganizationId, SenderId) {
    let (organization, sender) = (uuid::Uuid::from_u128(n << 64), uuid::Uuid::from_u128(n << 64 | 1));
    sqlx::query("INSERT INTO organizations (id, name, timezone, created_at) VALUES ($1, 'Many', 'UTC', now())")
        .bind(organization)
        .execute(pool)
        .await
        .expect("organization");
    sqlx::query(
        "INSERT INTO senders (organization_id, id, channel, address, display_name, max_per_second, created_at) VALUES ($1, $2, 'sms', $3, 'Many', $4, now())",
    )
    .bind(organization)
    .bind(sender)
    .bind(number)
    .bind(per_second)
    .execute(pool)
    .await
    .expect("sender");
    (OrganizationId(organization), SenderId(sender))
}

#[tokio::test(flavor = "multi_thread")]
async fn five_thousand_texts_of_one_tenant_hold_up_nobody_else() {
    let twilio = StandIn::start().await;
    let mut settings = settings(&twilio).await;
    settings.insert("TWILIO_MAX_SENDS_PER_SECOND", "2000".to_owned());
    settings.insert("TWILIO_ACCOUNT_SID", "AC00000000000000000000000000000d04".to_owned());
    let process = Process::serve(&settings).await;
    let pool = PgPool::connect(&settings["DATABASE_URL"]).await.expect("database");
    let (many_org, many_sender) = tenant(&pool, 0xA, "+15005550001", 5.0).await;
    many(&pool, many_org, many_sender, many_sender.0, 0, 5_000).await;
    let of_many = || twilio.taken().iter().filter(|t| t.form["From"] == "+15005550001").count();
    eventually("the many are under way", async || of_many() >= 10).await;
    // Somebody texts another business: the answer does not stand behind the five thousand.
    let client = reqwest::Client::new();
    let mut overtaken = Vec::new();
    for n in 0..5 {
        let (before, from) = (of_many(), format!("+1415556{n:04}"));
        assert_eq!(process.sms(&client, &format!("SMfair{n}"), &from, "hello").await, Some(200));
        eventually("it is answered", async || !twilio.taken_by(&from).is_empty()).await;
        let taken = twilio.taken();
        let place = taken.iter().position(|t| t.to == from).expect("answered");
        overtaken.push(taken[..place].iter().filter(|t| t.form["From"] == "+15005550001").count() - before);
    }
    assert!(overtaken.iter().all(|n| *n <= 5), "sends of the other tenant before each answer: {overtaken:?}");
    // A second tenant's two campaigns, from one sender, move side by side, and are done long before the five thousand.
    let (few_org, few_sender) = tenant(&pool, 0xB, "+15005550002", 20.0).await;
    many(&pool, few_org, few_sender, uuid::Uuid::from_u128(1), 10_000, 10_060).await;
    many(&pool, few_org, few_sender, uuid::Uuid::from_u128(2), 20_000, 20_060).await;
    let campaign = |prefix: &str| twilio.taken().iter().filter(|t| t.to.starts_with(prefix)).count();
    eventually("one campaign is done", async || campaign("+16280010") == 60 || campaign("+16280020") == 60).await;
    let (one, two) = (campaign("+16280010"), campaign("+16280020"));
    assert!(one.min(two) >= 20, "side by side: {one} and {two}");
    eventually("both are", async || campaign("+16280010") == 60 && campaign("+16280020") == 60).await;
    let sent = of_many();
    assert!(sent < 1_000, "at five a second: {sent}");
    // Waiting costs little: a text is not claimed again and again.
    let (claims, done): (i64, i64) = sqlx::query_as(
        "SELECT sum(attempts)::bigint, count(*) FILTER (WHERE state = 'done') FROM jobs WHERE organization_id = $1",
    )
    .bind(many_org.0)
    .fetch_one(&pool)
    .await
    .expect("claims");
    assert!(claims <= 3 * done + 200, "{claims} claims for {done} texts");
    assert!(process.terminate().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_redis_the_many_move_on_at_a_smaller_pace() {
    let twilio = StandIn::start().await;
    let mut settings = settings(&twilio).await;
    settings.insert("TWILIO_MAX_SENDS_PER_SECOND", "2000".to_owned());
    settings.insert("REDIS_URL", "redis://127.0.0.1:1/0".to_owned());
    let process = Process::serve(&settings).await;
    let pool = PgPool::connect(&settings["DATABASE_URL"]).await.expect("database");
    let (organization, sender) = tenant(&pool, 0xA, "+15005550001", 40.0).await;
    let started = std::time::Instant::now();
    many(&pool, organization, sender, sender.0, 0, 200).await;
    eventually("some are under way", async || twilio.taken().len() >= 60).await;
    // A fourth of forty a second, as four processes are assumed, and what is held at once.
    let most = 20.0 + 10.0 * (started.elapsed() + Duration::from_secs(1)).as_secs_f64();
    assert!((twilio.taken().len() as f64) < most, "{} in {:?}", twilio.taken().len(), started.elapsed());
    assert!(process.terminate().await.success());
}
