//! Taking one's data along, being forgotten, and how long things are kept: on real rows, against whoever works on the contact meanwhile.

use std::{collections::BTreeSet, io::Read};

use axum::{body::Body, http::Request};
use chrono::TimeDelta;
use frontdesk::{
    accounts::Permission,
    app,
    platform::{crypto::Vault, ids::OrganizationId},
    privacy,
};
use secrecy::SecretString;
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;

use crate::support::{API_KEY, Answer, App, NUMBER};

const ANA: &str = "+14155550142";
const BEN: &str = "+14155550103";
const NOBODY: &str = "01900000-0000-7000-8000-000000000000";
/// Words that stand nowhere else: her name, what she writes, and her number however it is written.
const MARKS: [&str; 4] = ["Zorblatta", "Quixenby", "xylomark", "4155550142"];

async fn contact(app: &App, number: &str) -> String {
    let number = number.trim_start_matches('+');
    let found = app.items(&format!("/api/contacts?phone_number=%2B{number}")).await;
    found.first().unwrap_or_else(|| panic!("no contact {number}"))["id"].as_str().expect("id").to_owned()
}

async fn erase(app: &App, id: &str, confirm: &str) -> crate::support::ApiResponse {
    app.api("POST", &format!("/api/contacts/{id}/erase"), Some(json!({ "confirm": confirm }))).await
}

async fn count(app: &App, sql: &str) -> i64 {
    sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(app.core.db.pool()).await.expect("count")
}

async fn execute(app: &App, sql: &str) -> u64 {
    sqlx::query(AssertSqlSafe(sql.to_owned())).execute(app.core.db.pool()).await.expect("SQL").rows_affected()
}

/// A status report of Twilio on a text to her.
async fn report(app: &App, path: &str, sid: &str, status: &str) -> u16 {
    let fields = [("MessageSid", sid), ("MessageStatus", status), ("From", NUMBER), ("To", ANA)];
    app.request(app.signed(path, &fields)).await.status.as_u16()
}

/// Every column of every table that holds one of the words, as "table.column: word".
async fn places_of(app: &App, words: &[&str]) -> Vec<String> {
    let columns: Vec<(String, String, String)> = sqlx::query_as(
        "SELECT c.table_name::text, c.column_name::text, c.udt_name::text FROM information_schema.columns c
         JOIN information_schema.tables t USING (table_schema, table_name)
         WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' AND c.table_name <> '_sqlx_migrations'
           AND c.udt_name IN ('text', '_text', 'varchar', 'json', 'jsonb', 'bytea', 'tsvector', 'citext')",
    )
    .fetch_all(app.core.db.pool())
    .await
    .expect("columns");
    assert!(columns.len() > 60, "{}", columns.len());
    let mut found = Vec::new();
    for (table, column, kind) in columns {
        let text = if kind == "bytea" { format!("encode({column}, 'escape')") } else { format!("{column}::text") };
        for word in words {
            let sql = format!("SELECT count(*) FROM {table} WHERE {text} ILIKE '%{word}%'");
            if count(app, &sql).await > 0 {
                found.push(format!("{table}.{column}: {word}"));
            }
        }
    }
    found
}

/// Somebody with a past, a future and a word in everything the program keeps.
async fn a_life(app: &App) -> String {
    app.ask(ANA, "hello, this is xylomark, book tuesday at 10 am").await;
    let id = contact(app, ANA).await;
    execute(app, &format!("UPDATE contacts SET first_name = 'Zorblatta', last_name = 'Quixenby' WHERE id = '{id}'"))
        .await;
    app.text(ANA, "tuesday at 10 am").await;
    app.text(ANA, "yes").await;
    app.text(ANA, "what do you charge for a xylomark?").await;
    // A picture, a status report, a person who answers, and a note of it in the audit log.
    let account = "AC22222222222222222222222222222222";
    let picture = format!("{}/2010-04-01/Accounts/{account}/Messages/SMmedia/Media/xylomark", app.twilio.url);
    let fields = [
        ("MessageSid", "SMmedia"),
        ("From", ANA),
        ("To", NUMBER),
        ("Body", "xylomark picture"),
        ("NumMedia", "1"),
        ("MediaUrl0", picture.as_str()),
    ];
    app.request(app.signed("/webhooks/sms/inbound", &fields)).await.expect(200);
    app.run_jobs().await;
    let sid = app.twilio.taken_by(ANA)[0].sid.clone();
    assert_eq!(report(app, "/webhooks/sms/status", &sid, "delivered").await, 200);
    let conversation = app.items(&format!("/api/conversations?contact_id={id}")).await[0]["id"].clone();
    let conversation = conversation.as_str().expect("id");
    let body = json!({ "body": "Hello Zorblatta Quixenby, about your xylomark" });
    app.api("POST", &format!("/api/conversations/{conversation}/messages"), Some(body)).await.expect(201);
    app.run_jobs().await;
    app.api("PUT", &format!("/api/conversations/{conversation}/mode"), Some(json!({ "mode": "bot" })))
        .await
        .expect(200);
    let note = json!({ "first_name": "Zorblatta", "phone_number": ANA });
    for (kind, target) in [("contact", id.as_str()), ("appointment", NOBODY)] {
        sqlx::query(
            "INSERT INTO audit_log (organization_id, id, at, actor_kind, actor_name, action, target_kind, target_id, before, after)
             VALUES ($1, gen_random_uuid(), $2, 'system', 'test', 'x.updated', $3, $4::uuid, $5, $5)",
        )
        .bind(app.organization.id.0)
        .bind(app.clock.now())
        .bind(kind)
        .bind(target)
        .bind(&note)
        .execute(app.core.db.pool())
        .await
        .expect("entry");
    }
    // What staff keep of them and say to one another.
    let known = json!({ "email": "zorblatta@xylomark.example", "notes": "xylomark", "tags": ["xylomark"], "custom": { "pet": "xylomark" } });
    app.api("PATCH", &format!("/api/contacts/{id}"), Some(known)).await.expect(200);
    let consent = json!({ "action": "granted", "tier": "express", "channel": "sms", "method": "verbal", "evidence": "said xylomark" });
    app.api("POST", &format!("/api/contacts/{id}/consent"), Some(consent)).await.expect(201);
    let booked =
        app.items(&format!("/api/appointments?contact_id={id}")).await[0]["id"].as_str().expect("id").to_owned();
    app.api("PATCH", &format!("/api/appointments/{booked}"), Some(json!({ "note": "xylomark" }))).await.expect(200);
    let matter = json!({ "subject": "xylomark", "body": "the xylomark of Zorblatta", "contact_id": id });
    let matter =
        app.api("POST", "/api/reports", Some(matter)).await.expect(201).json()["id"].as_str().expect("id").to_owned();
    let comment = json!({ "body": "looked at the xylomark", "internal": true });
    app.api("POST", &format!("/api/reports/{matter}/comments"), Some(comment)).await.expect(201);
    let other = json!({ "subject": "Calls of +1 (415) 555-0142", "body": "Zorblatta  Quixenby calls too often" });
    app.api("POST", "/api/reports", Some(other)).await.expect(201);
    // A program that asks with a key, and one that is told.
    let body = json!({ "contact_id": id, "body": "xylomark from a program" });
    let request = Request::post("/api/messages")
        .header("x-api-key", API_KEY)
        .header("content-type", "application/json")
        .header("idempotency-key", "once")
        .body(Body::from(body.to_string()));
    app.request(request.expect("request")).await.expect(201);
    app.run_jobs().await;
    for (table, columns, values) in [
        (
            "webhook_endpoints",
            "url, enabled, sealed_secret, created_at, updated_at",
            "'https://hooks.example', false, '\\x00', now(), now()".to_owned(),
        ),
        (
            "team_messages",
            "thread_id, sender_id, body, created_at",
            "gen_random_uuid(), (SELECT user_id FROM memberships LIMIT 1), 'Zorblatta Quixenby (415.555.0142, zorblatta@xylomark.example) waits', now()".to_owned(),
        ),
    ] {
        let sql = format!(
            "WITH one AS (SELECT gen_random_uuid() AS id) INSERT INTO {table} (organization_id, id, {columns})
             SELECT '{}', id, {} FROM one",
            app.organization.id.0,
            values.replacen("gen_random_uuid()", "id", 1)
        );
        assert_eq!(execute(app, &sql).await, 1);
    }
    execute(
        app,
        &format!(
            "INSERT INTO webhook_deliveries (organization_id, id, endpoint_id, webhook_id, event_type, event_key, payload, created_at)
             SELECT organization_id, gen_random_uuid(), id, 'msg_1', 'message.received', 'k',
                    '{{\"contact_id\":\"{id}\",\"body\":\"xylomark\"}}', now() FROM webhook_endpoints"
        ),
    )
    .await;
    execute(
        app,
        "INSERT INTO webhook_attempts (organization_id, id, delivery_id, number, started_at, duration_ms, answer)
         SELECT organization_id, gen_random_uuid(), id, 1, now(), 1, 'got xylomark' FROM webhook_deliveries",
    )
    .await;
    // A past appointment beside the coming one: in its slot sits somebody else, too.
    execute(
        app,
        &format!(
            "WITH past AS (
               INSERT INTO slots (organization_id, id, service_id, provider_id, start_time, end_time, capacity, taken, created_at)
               SELECT organization_id, gen_random_uuid(), service_id, provider_id, '2026-11-01T15:00Z', '2026-11-01T16:00Z', 2, 1, created_at
               FROM slots LIMIT 1 RETURNING organization_id, id)
             INSERT INTO bookings (organization_id, id, contact_id, slot_id, status, created_at, updated_at)
             SELECT organization_id, gen_random_uuid(), '{id}', id, 'confirmed', now(), now() FROM past"
        ),
    )
    .await;
    // And what nobody can read for sure.
    app.text(ANA, "enough with the messages ok xylomark").await;
    id
}

async fn archive(app: &App, key: &str, id: &str) -> (u16, Vec<u8>) {
    let request = Request::get(format!("/api/contacts/{id}/export")).header("x-api-key", key);
    let response = tower::ServiceExt::oneshot(app.router.clone(), request.body(Body::empty()).expect("request"));
    let response = response.await.expect("infallible");
    let status = response.status().as_u16();
    (status, axum::body::to_bytes(response.into_body(), 256 << 20).await.expect("body").to_vec())
}

fn file(zip: &mut zip::ZipArchive<std::io::Cursor<Vec<u8>>>, name: &str) -> String {
    let mut text = String::new();
    zip.by_name(name).unwrap_or_else(|e| panic!("{name}: {e}")).read_to_string(&mut text).expect("UTF-8");
    text
}

// ---- the schema

#[tokio::test(flavor = "multi_thread")]
async fn every_table_is_accounted_for() {
    let app = App::builder().without_demo().start().await;
    let tables: BTreeSet<String> = sqlx::query_scalar::<_, String>(
        "SELECT table_name::text FROM information_schema.tables
         WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name <> '_sqlx_migrations'",
    )
    .fetch_all(app.core.db.pool())
    .await
    .expect("tables")
    .into_iter()
    .collect();
    let listed: BTreeSet<String> = privacy::TABLES.iter().map(|(table, _)| (*table).to_owned()).collect();
    assert_eq!(listed.len(), privacy::TABLES.len(), "a table stands twice");
    let missing: Vec<_> = tables.difference(&listed).collect();
    assert!(
        missing.is_empty(),
        "say in src/privacy/tables.rs who erases people from, or why there are none in: {missing:?}"
    );
    let gone: Vec<_> = listed.difference(&tables).collect();
    assert!(gone.is_empty(), "not in the database: {gone:?}");
    // Whoever points at a person, or holds a number, cannot claim to hold nothing.
    let telling: Vec<String> = sqlx::query_scalar(
        "SELECT DISTINCT table_name::text FROM information_schema.columns WHERE table_schema = 'public'
         AND column_name IN ('contact_id', 'conversation_id', 'message_id', 'booking_id')",
    )
    .fetch_all(app.core.db.pool())
    .await
    .expect("columns");
    for (table, holds) in privacy::TABLES {
        if telling.iter().any(|t| t == table) {
            assert!(matches!(holds, privacy::Holds::Erased(_)), "{table} points at people");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_sealed_column_can_be_sealed_again() {
    let app = App::builder().without_demo().start().await;
    // Hashes and the like, which nobody opens.
    const NOT_SEALED: [&str; 8] = [
        "sessions.token_hash",
        "refresh_tokens.token_hash",
        "recovery_codes.code_hash",
        "api_keys.key_hash",
        "suppressions.number_hash",
        "idempotency_keys.request_hash",
        "idempotency_keys.body",
        "contact_import_chunks.data",
    ];
    let columns: Vec<String> = sqlx::query_scalar(
        "SELECT table_name || '.' || column_name FROM information_schema.columns
         WHERE table_schema = 'public' AND udt_name = 'bytea' AND table_name <> '_sqlx_migrations'",
    )
    .fetch_all(app.core.db.pool())
    .await
    .expect("columns");
    let listed: Vec<String> = app::SEALED.iter().map(|c| format!("{}.{}", c.table, c.column)).collect();
    let missing: Vec<_> = columns
        .iter()
        .filter(|c| !listed.contains(c) && !NOT_SEALED.contains(&c.as_str()) && !c.ends_with(".token_hash"))
        .collect();
    assert!(missing.is_empty(), "neither in src/app/sealed.rs nor known to be a hash: {missing:?}");
    assert!(listed.iter().all(|c| columns.contains(c)), "{listed:?}");
}

// ---- export

#[tokio::test(flavor = "multi_thread")]
async fn an_export_holds_everything_about_one_person_and_nobody_else() {
    let app = App::start().await;
    app.ask(BEN, "hello, I am benmark, book wednesday at 11 am").await;
    let id = a_life(&app).await;
    let (status, bytes) = archive(&app, API_KEY, &id).await;
    assert_eq!(status, 200);
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("a zip");
    let names: Vec<String> = zip.file_names().map(|name| name.expect("name").into_owned()).collect();
    let mut all = String::new();
    for name in &names {
        all += &file(&mut zip, name);
    }
    assert!(!all.contains("benmark") && !all.contains(BEN), "somebody else's words");
    let contact: Value = serde_json::from_str(&file(&mut zip, "contact.json")).expect("JSON");
    assert_eq!((&contact["phone_number"], &contact["first_name"]), (&json!(ANA), &json!("Zorblatta")));
    for (kind, least) in [
        ("messages", 8),
        ("conversations", 1),
        ("media", 1),
        ("webhook_receipts", 6),
        ("delivery_events", 1),
        ("appointments", 2),
        ("appointment_events", 1),
        ("consent", 1),
        ("suppressions", 1),
        ("opt_out_reviews", 1),
        ("turns", 4),
        ("reports", 1),
        ("report_comments", 1),
        ("report_events", 1),
    ] {
        let rows: Vec<Value> = serde_json::from_str(&file(&mut zip, &format!("{kind}.json"))).expect(kind);
        assert!(rows.len() >= least, "{kind}: {}", rows.len());
        let csv = file(&mut zip, &format!("{kind}.csv"));
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        assert_eq!(reader.records().collect::<Result<Vec<_>, _>>().expect("records").len(), rows.len(), "{kind}");
        assert!(!csv.contains("organization_id"));
    }
    assert!(file(&mut zip, "media.csv").contains("/Messages/SMmedia/Media/xylomark"));
    let readme = file(&mut zip, "README.txt");
    assert!(readme.contains("400 days") && readme.contains("Maple Street Studio") && readme.contains("messages"));
    // Noted.
    assert_eq!(
        count(
            &app,
            &format!("SELECT count(*) FROM audit_log WHERE action = 'contact.exported' AND target_id = '{id}'")
        )
        .await,
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn formulas_in_texts_stay_texts_and_pages_leave_no_gap() {
    let app = App::start().await;
    app.text(ANA, "=HYPERLINK(\"http://evil\",\"click\")").await;
    let id = contact(&app, ANA).await;
    execute(
        &app,
        &format!(
            "INSERT INTO messages (organization_id, id, conversation_id, contact_id, sender_id, direction, channel, body, status, handled_at, created_at)
             SELECT m.organization_id, gen_random_uuid(), m.conversation_id, m.contact_id, m.sender_id, 'inbound', 'sms', 'row ' || n, 'received',
                    now(), now() FROM (SELECT * FROM messages WHERE contact_id = '{id}' LIMIT 1) m, generate_series(1, 2500) n"
        ),
    )
    .await;
    let (_, bytes) = archive(&app, API_KEY, &id).await;
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("a zip");
    let rows: Vec<Value> = serde_json::from_str(&file(&mut zip, "messages.json")).expect("JSON");
    let bodies: BTreeSet<&str> = rows.iter().map(|r| r["body"].as_str().expect("body")).collect();
    assert!((1..=2500).all(|n| bodies.contains(format!("row {n}").as_str())));
    assert!(bodies.contains("=HYPERLINK(\"http://evil\",\"click\")"), "JSON is exact");
    let csv = file(&mut zip, "messages.csv");
    assert!(
        csv.contains("'=HYPERLINK") && !csv.contains(",=HYPERLINK") && !csv.contains("\"=HYPERLINK"),
        "CSV is harmless"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_and_who_may_not() {
    let app = App::start().await;
    app.ask(ANA, "hello").await;
    let id = contact(&app, ANA).await;
    let (_, other) = app.second_organization().await;
    assert_eq!(archive(&app, &other, &id).await.0, 404);
    assert_eq!(archive(&app, API_KEY, NOBODY).await.0, 404);
    let path = format!("/api/contacts/{id}/erase");
    app.api_as(&other, "POST", &path, Some(json!({ "confirm": ANA }))).await.expect(404);
    let weak = app.key_with(app.organization.id, &[Permission::ContactsRead, Permission::ContactsWrite]).await;
    assert_eq!(archive(&app, &weak, &id).await.0, 403);
    app.api_as(&weak, "POST", &path, Some(json!({ "confirm": ANA }))).await.expect(403);
    app.api_as(&weak, "GET", "/api/privacy/settings", None).await.expect(403);
    app.api_as(&weak, "PUT", "/api/privacy/settings", Some(json!({}))).await.expect(403);
    let wrong = erase(&app, &id, BEN).await.expect(422).json();
    assert_eq!((&wrong["errors"][0]["field"], &wrong["errors"][0]["code"]), (&json!("confirm"), &json!("mismatch")));
    app.api("POST", &path, Some(json!({ "confirm": ANA, "reason": "because" }))).await.expect(422);
    assert_eq!(app.items("/api/messages").await.len(), 2, "nothing was erased");
}

// ---- erasure

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_of_an_erased_person() {
    let app = App::start().await;
    let id = a_life(&app).await;
    app.ask(BEN, "hello, I am benmark, book wednesday at 11 am").await;
    let coming =
        "SELECT taken::bigint FROM slots s JOIN bookings b ON b.slot_id = s.id WHERE s.start_time > '2026-11-21'";
    assert_eq!(count(&app, coming).await, 1);
    for mark in MARKS {
        assert!(!places_of(&app, &[mark]).await.is_empty(), "{mark} is nowhere: the test proves nothing");
    }
    let touched = places_of(&app, &MARKS).await;
    for table in [
        "contacts",
        "messages",
        "webhook_receipts",
        "delivery_events",
        "opt_out_reviews",
        "suppressions",
        "audit_log",
        "consent_events",
        "bookings",
        "reports",
        "report_comments",
        "team_messages",
        "idempotency_keys",
        "webhook_deliveries",
        "webhook_attempts",
    ] {
        assert!(touched.iter().any(|place| place.starts_with(&format!("{table}."))), "{table} in {touched:?}");
    }
    let erased = erase(&app, &id, "+1 (415) 555-0142").await.expect(200).json();
    assert_eq!((&erased["cancelled_appointments"], &erased["opt_out_kept"]), (&json!(1), &json!(true)), "{erased}");
    let left = places_of(&app, &MARKS).await;
    assert!(left.is_empty(), "{left:?}");
    // Nor does an id of theirs stand anywhere but in the note of the erasure itself, which says no more than that.
    let ids = places_of(&app, &[id.as_str()]).await;
    assert!(ids.is_empty(), "{ids:?}");
    let notes: Vec<(String, Option<Value>, Option<Value>)> =
        sqlx::query_as("SELECT action, before, after FROM audit_log WHERE target_id = $1::uuid ORDER BY id")
            .bind(&id)
            .fetch_all(app.core.db.pool())
            .await
            .expect("entries");
    assert!(notes.iter().any(|(action, before, _)| action == "x.updated"
        && *before == Some(json!({ "first_name": "(erased)", "phone_number": "(erased)" }))));
    assert!(
        notes
            .iter()
            .any(|(action, _, after)| action == "contact.erased" && *after == Some(json!({ "reason": "requested" })))
    );
    // The staff's own words stay without them.
    let words: Vec<String> = sqlx::query_scalar(
        "SELECT body FROM team_messages UNION ALL SELECT subject || ': ' || body FROM reports ORDER BY 1",
    )
    .fetch_all(app.core.db.pool())
    .await
    .expect("words");
    assert_eq!(words, ["(erased) ((erased), (erased)) waits", "Calls of (erased): (erased) calls too often"]);
    assert_eq!(count(&app, "SELECT count(*) FROM idempotency_keys WHERE status = 201 AND body IS NULL").await, 1);
    // Places are free again; the past says so too.
    assert_eq!(count(&app, "SELECT sum(taken)::bigint FROM slots WHERE start_time < '2026-11-21'").await, 0);
    assert_eq!(
        count(&app, "SELECT sum(taken)::bigint FROM slots").await,
        count(&app, "SELECT count(*) FROM bookings WHERE status = 'confirmed'").await
    );
    assert_eq!(
        count(&app, "SELECT count(*) FROM provider_busy").await,
        count(&app, "SELECT count(*) FROM slots WHERE taken > 0").await
    );
    // Somebody else is as they were.
    assert!(places_of(&app, &["benmark"]).await.iter().any(|p| p.starts_with("messages.")));
    // Once is enough.
    erase(&app, &id, ANA).await.expect(404);
    app.api("GET", &format!("/api/contacts/{id}"), None).await.expect(404);
    assert_eq!(archive(&app, API_KEY, &id).await.0, 404);
    app.run_jobs().await;
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_and_webhooks_that_come_late_bring_nothing_back() {
    let app = App::start().await;
    app.ask(ANA, "hello").await;
    let id = contact(&app, ANA).await;
    let taken = app.twilio.taken_by(ANA)[0].clone();
    let callback = taken.form["StatusCallback"].strip_prefix("https://desk.example.com").expect("ours").to_owned();
    let fields = [("MessageSid", "SMagain"), ("From", ANA), ("To", NUMBER), ("Body", "hello again")];
    app.request(app.signed("/webhooks/sms/inbound", &fields)).await.expect(200);
    app.run_jobs().await;
    erase(&app, &id, ANA).await.expect(200);
    // Kept as nobody's, without the number.
    assert_eq!(report(&app, &callback, &taken.sid, "delivered").await, 200);
    assert_eq!(count(&app, "SELECT count(*) FROM stray_reports").await, 1);
    assert_eq!(report(&app, "/webhooks/sms/status", &taken.sid, "delivered").await, 200);
    // Twilio hands the same text over again: it was taken in before.
    app.request(app.signed("/webhooks/sms/inbound", &fields)).await.expect(200);
    app.run_jobs().await;
    assert!(app.items("/api/contacts").await.is_empty());
    assert!(places_of(&app, &["4155550142"]).await.is_empty());
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_opt_out_outlives_the_person_and_start_ends_it() {
    for sealed in [false, true] {
        let key = if sealed { "0123456789abcdef0123456789abcdef" } else { "" };
        let app = App::builder().with("ENCRYPTION_KEY", key).start().await;
        app.ask(ANA, "hello").await;
        app.text(ANA, "STOP").await;
        let id = contact(&app, ANA).await;
        assert_eq!(erase(&app, &id, ANA).await.expect(200).json()["opt_out_kept"], true);
        assert_eq!(count(&app, "SELECT count(*) FROM suppressions WHERE phone_number IS NULL AND reason = 'opted_out' AND erased_at IS NOT NULL").await, 1);
        assert_eq!(
            count(&app, "SELECT count(*) FROM number_hash_keys WHERE sealed_key IS NOT NULL").await,
            i64::from(sealed)
        );
        // A new text makes a new contact, who is not answered: they had said STOP.
        assert!(app.text(ANA, "book tuesday at 10 am").await.is_empty());
        let again = contact(&app, ANA).await;
        assert_ne!(again, id);
        let shown = app.get(&format!("/api/contacts/{again}")).await;
        assert_eq!(shown["opt_in_status"], "opted_out");
        let conversation = app.items("/api/conversations").await[0]["id"].as_str().expect("id").to_owned();
        let body = json!({ "body": "come back" });
        let refused = app.api("POST", &format!("/api/conversations/{conversation}/messages"), Some(body)).await;
        assert_eq!(refused.expect(409).json()["code"], "contact_opted_out");
        // Consent that staff recorded would bring nothing back either.
        let consent = json!({ "action": "granted", "tier": "express", "channel": "sms", "method": "verbal", "evidence": "said so" });
        let refused =
            app.api("POST", &format!("/api/contacts/{again}/consent"), Some(consent)).await.expect(409).json();
        assert_eq!(refused["code"], "contact_opted_out");
        // Erased once more without a word: still known, and known once.
        erase(&app, &again, ANA).await.expect(200);
        assert!(app.text(ANA, "hello").await.is_empty());
        assert_eq!(count(&app, "SELECT count(*) FROM suppressions WHERE lifted_at IS NULL").await, 1);
        assert!(!app.text(ANA, "START").await.is_empty());
        assert!(app.ask(ANA, "book tuesday at 10 am").await.contains("Reply C to confirm"));
        // Who never opted out leaves no hash.
        app.ask(BEN, "hello").await;
        let ben = contact(&app, BEN).await;
        assert_eq!(erase(&app, &ben, BEN).await.expect(200).json()["opt_out_kept"], false);
        assert_eq!(count(&app, "SELECT count(*) FROM suppressions WHERE lifted_at IS NULL").await, 0);
        assert!(app.ask(BEN, "book wednesday at 11 am").await.contains("Reply C to confirm"));
        app.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hash_means_nothing_to_another_organization() {
    let app = App::start().await;
    let (other, key) = app.second_organization().await;
    app.text(ANA, "STOP").await;
    erase(&app, &contact(&app, ANA).await, ANA).await.expect(200);
    // The same number texts the others, who have erased somebody of their own.
    let theirs = async |from: &str, body: &str| {
        let sid = app.sid();
        let fields = [("MessageSid", sid.as_str()), ("From", from), ("To", "+15005550077"), ("Body", body)];
        app.request(app.signed("/webhooks/sms/inbound", &fields)).await.expect(200);
        app.run_jobs().await;
    };
    theirs(BEN, "STOP").await;
    let ben = app.api_as(&key, "GET", "/api/contacts", None).await.expect(200).json()["items"][0]["id"].clone();
    let path = format!("/api/contacts/{}/erase", ben.as_str().expect("id"));
    app.api_as(&key, "POST", &path, Some(json!({ "confirm": BEN }))).await.expect(200);
    // Even their hash, put among theirs by force, is another number there.
    execute(
        &app,
        &format!(
            "INSERT INTO suppressions (organization_id, id, number_hash, reason, created_at)
             SELECT '{}', gen_random_uuid(), number_hash, reason, created_at FROM suppressions WHERE organization_id = '{}'",
            other.0, app.organization.id.0
        ),
    )
    .await;
    let before = app.twilio.taken_by(ANA).len();
    theirs(ANA, "hello").await;
    assert_eq!(app.twilio.taken_by(ANA).len(), before + 1, "they answer her");
    theirs(BEN, "hello").await;
    assert!(app.twilio.taken_by(BEN).is_empty(), "but not him");
    assert!(app.text(ANA, "hello").await.is_empty(), "and we do not answer her");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_key_holds_texts_back_instead_of_forgetting_opt_outs() {
    let app = App::builder().with("ENCRYPTION_KEY", "0123456789abcdef0123456789abcdef").start().await;
    app.text(ANA, "STOP").await;
    erase(&app, &contact(&app, ANA).await, ANA).await.expect(200);
    execute(&app, "UPDATE number_hash_keys SET sealed_key = set_byte(sealed_key, 0, 7)").await;
    // Texts are taken in. Who writes cannot be told from somebody who had opted out: nobody is answered, and the ledger says why.
    assert!(app.text(BEN, "book wednesday at 11 am").await.is_empty());
    assert!(app.text(ANA, "book tuesday at 10 am").await.is_empty());
    let errors: Vec<String> =
        sqlx::query_scalar("SELECT last_error FROM jobs WHERE kind = 'send_message' AND state = 'queued'")
            .fetch_all(app.core.db.pool())
            .await
            .expect("jobs");
    assert!(errors.len() == 2 && errors.iter().all(|e| e.contains("ENCRYPTION_KEY")), "{errors:?}");
    // With the key back, he is answered and she is not.
    execute(&app, "UPDATE number_hash_keys SET sealed_key = set_byte(sealed_key, 0, 1)").await;
    app.clock.advance(TimeDelta::minutes(1));
    app.run_jobs().await;
    assert_eq!((app.twilio.taken_by(BEN).len(), app.twilio.taken_by(ANA).len()), (1, 0));
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn erased_while_texts_come_and_go() {
    let app = App::start().await;
    for round in 0..6 {
        app.text(ANA, "hello, xylomark here").await;
        let id = contact(&app, ANA).await;
        // Texts arrive, are answered and sent, staff writes, and two people erase, all at once.
        let texts = async {
            for _ in 0..5 {
                app.sms(ANA, "book tuesday at 10 am").await.expect(200);
            }
        };
        let work = async {
            for _ in 0..4 {
                app.run_jobs().await;
            }
        };
        let path = format!("/api/contacts/{id}");
        let watch = async {
            let slots = app.items("/api/slots?open=true&limit=20").await;
            for slot in &slots[..4] {
                let body = json!({ "contact_id": id, "slot_id": slot["id"] });
                let booked = app.api("POST", "/api/appointments", Some(body)).await;
                assert!(matches!(booked.status.as_u16(), 201 | 404 | 409), "{} {}", booked.status, booked.text);
            }
        };
        let (a, b, (), (), ()) = tokio::join!(erase(&app, &id, ANA), erase(&app, &id, ANA), texts, work, watch);
        let mut answers = [a.status.as_u16(), b.status.as_u16()];
        answers.sort_unstable();
        assert_eq!(answers, [200, 404], "round {round}: {} {}", a.text, b.text);
        app.api("GET", &path, None).await.expect(404);
        app.clock.advance(TimeDelta::minutes(5));
        app.run_jobs().await;
        assert_eq!(count(&app, &format!("SELECT count(*) FROM bookings WHERE contact_id = '{id}'")).await, 0);
        assert_eq!(
            count(&app, "SELECT sum(taken)::bigint FROM slots").await,
            count(&app, "SELECT count(*) FROM bookings WHERE status = 'confirmed'").await
        );
        // What came after the erasure is of somebody new; take that away as well.
        if let Some(new) = app.items("/api/contacts").await.first() {
            erase(&app, new["id"].as_str().expect("id"), ANA).await.expect(200);
        }
        assert!(places_of(&app, &["xylomark", "4155550142"]).await.is_empty());
    }
    app.run_jobs().await;
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn erased_while_a_text_is_on_its_way() {
    let app = App::start().await;
    app.twilio.script([Answer::AcceptThenSilence(std::time::Duration::from_millis(700))]);
    app.sms(ANA, "hello").await.expect(200);
    let id = contact(&app, ANA).await;
    let (erased, ()) = tokio::join!(
        async {
            while app.twilio.taken_by(ANA).is_empty() {
                tokio::task::yield_now().await;
            }
            erase(&app, &id, ANA).await
        },
        app.run_jobs()
    );
    erased.expect(200);
    let sid = app.twilio.taken_by(ANA)[0].sid.clone();
    assert_eq!(report(&app, "/webhooks/sms/status", &sid, "delivered").await, 200);
    assert!(places_of(&app, &["4155550142"]).await.is_empty());
    // One of unknown outcome is not handed over again.
    app.twilio.script([Answer::AcceptThen500]);
    app.text(ANA, "hello").await;
    erase(&app, &contact(&app, ANA).await, ANA).await.expect(200);
    // And one that waits for its time dies.
    app.twilio.script([Answer::RateLimit(60)]);
    app.text(ANA, "hello").await;
    erase(&app, &contact(&app, ANA).await, ANA).await.expect(200);
    app.clock.advance(TimeDelta::minutes(10));
    app.run_jobs().await;
    assert_eq!(app.twilio.taken_by(ANA).len(), 2);
    assert!(places_of(&app, &["4155550142"]).await.is_empty());
    app.finish().await;
}

// ---- retention

async fn keep(app: &App, settings: Value) -> Value {
    app.api("PUT", "/api/privacy/settings", Some(settings)).await.expect(200).json()
}

/// Runs what is due; on a busy machine a sweep may be put off, or its lease may have to end first.
async fn run_sweeps(app: &App) {
    for _ in 0..3 {
        app.run_jobs().await;
        app.clock.advance(TimeDelta::minutes(3));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_set_to_be_kept() {
    let app = App::builder().without_demo().start().await;
    let nothing = app.get("/api/privacy/settings").await;
    assert_eq!((&nothing["messages_days"], &nothing["version"]), (&Value::Null, &json!(0)));
    for (field, days) in [("messages_days", 29), ("turns_days", 0), ("receipts_days", -1), ("audit_days", 3651)] {
        let answer = app.api("PUT", "/api/privacy/settings", Some(json!({ field: days }))).await.expect(422).json();
        assert_eq!(answer["errors"][0]["field"], field);
    }
    app.api("PUT", "/api/privacy/settings", Some(json!({ "consent_days": 30 }))).await.expect(422);
    assert_eq!(keep(&app, json!({ "messages_days": 365 })).await["version"], 1);
    let change = |tag: &str| {
        let request =
            Request::put("/api/privacy/settings").header("x-api-key", API_KEY).header("if-match", tag.to_owned());
        request.header("content-type", "application/json").body(Body::from(r#"{"audit_days":400}"#)).expect("request")
    };
    let stale = app.request(change("\"0\"")).await.expect(412).json();
    assert_eq!(stale["code"], "version_conflict");
    let saved = app.request(change("\"1\"")).await.expect(200);
    assert_eq!(saved.headers["etag"], "\"2\"");
    assert_eq!((&saved.json()["messages_days"], &saved.json()["audit_days"]), (&Value::Null, &json!(400)));
    assert_eq!(count(&app, "SELECT count(*) FROM audit_log WHERE action = 'privacy_settings.updated'").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn old_rows_go_and_what_proves_consent_stays() {
    let app = App::start().await;
    let (other, _) = app.second_organization().await;
    app.ask(ANA, "hello xylomark").await;
    let fields = [("MessageSid", "SMtheirs"), ("From", ANA), ("To", "+15005550077"), ("Body", "theirs")];
    app.request(app.signed("/webhooks/sms/inbound", &fields)).await.expect(200);
    app.run_jobs().await;
    app.text(ANA, "STOP").await;
    // One that was never answered and one that never left.
    execute(&app, "UPDATE messages SET handled_at = NULL WHERE body = 'theirs'").await;
    app.twilio.script([Answer::RateLimit(60 * 60 * 24 * 90)]);
    app.text(BEN, "hello").await;
    assert_eq!(privacy::order_due_sweeps(&app.core.db).await.expect("due"), 0, "nobody asked for it");
    let sid = app.twilio.taken_by(ANA)[0].sid.clone();
    report(&app, "/webhooks/sms/status", &sid, "delivered").await;
    keep(&app, json!({ "messages_days": 30, "turns_days": 30, "audit_days": 30 })).await;
    app.clock.advance(TimeDelta::days(29));
    assert_eq!(privacy::order_due_sweeps(&app.core.db).await.expect("due"), 1);
    assert_eq!(privacy::order_due_sweeps(&app.core.db).await.expect("due"), 0, "once a day");
    app.run_jobs().await;
    let ours = |what: &str| format!("SELECT count(*) FROM {what} AND organization_id = '{}'", app.organization.id.0);
    assert_eq!(count(&app, &ours("messages WHERE body = 'hello xylomark'")).await, 1);
    app.ask(BEN, "what are your hours?").await;
    app.clock.advance(TimeDelta::days(2));
    assert_eq!(privacy::order_due_sweeps(&app.core.db).await.expect("due"), 1);
    run_sweeps(&app).await;
    // A row that somebody holds at that moment is left for the next day.
    app.clock.advance(TimeDelta::days(1));
    privacy::order_due_sweeps(&app.core.db).await.expect("due");
    run_sweeps(&app).await;
    let left = places_of(&app, &["xylomark"]).await;
    assert!(left.is_empty(), "neither in a message nor in its receipt: {left:?}");
    assert_eq!(count(&app, &ours("messages WHERE body = 'what are your hours?'")).await, 1, "young");
    assert_eq!(count(&app, &ours("messages WHERE status = 'queued'")).await, 1, "waits to be sent");
    let theirs = format!("SELECT count(*) FROM messages WHERE organization_id = '{}'", other.0);
    assert!(count(&app, &theirs).await >= 1, "others keep what they want");
    assert_eq!(count(&app, &ours("turns WHERE true")).await, 1);
    assert_eq!(count(&app, &ours("delivery_events WHERE true")).await, 0);
    assert_eq!(count(&app, &ours("audit_log WHERE action = 'privacy_settings.updated'")).await, 0);
    assert_eq!(count(&app, &ours("consent_events WHERE action = 'revoked'")).await, 1, "the proof stays");
    assert_eq!(count(&app, &ours("suppressions WHERE lifted_at IS NULL")).await, 1);
    assert!(count(&app, &ours("webhook_receipts WHERE true")).await >= 3, "the guard stays");
    // A report on a text that is gone is answered and leaves nothing.
    report(&app, "/webhooks/sms/status", &sid, "read").await;
    // Receipts have a term of their own.
    keep(&app, json!({ "receipts_days": 30 })).await;
    app.clock.advance(TimeDelta::days(1));
    assert_eq!(privacy::order_due_sweeps(&app.core.db).await.expect("due"), 1);
    run_sweeps(&app).await;
    assert_eq!(count(&app, &ours("webhook_receipts WHERE received_at < '2026-11-30'")).await, 0);
    assert_eq!(count(&app, &ours("webhook_receipts WHERE true")).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sweep_beside_reports_and_sends() {
    let app = App::start().await;
    for n in 0..30 {
        app.sms(&format!("+1415555{n:04}"), "hello").await.expect(200);
    }
    app.run_jobs().await;
    keep(&app, json!({ "messages_days": 30, "receipts_days": 30 })).await;
    app.clock.advance(TimeDelta::days(40));
    privacy::order_due_sweeps(&app.core.db).await.expect("due");
    let sids: Vec<String> = app.twilio.taken().into_iter().map(|t| t.sid).collect();
    let reports = async {
        for sid in &sids {
            assert_eq!(report(&app, "/webhooks/sms/status", sid, "delivered").await, 200);
        }
    };
    let texts = async {
        for n in 0..30 {
            app.sms(&format!("+1415555{n:04}"), "hello again").await.expect(200);
        }
    };
    tokio::join!(app.run_jobs(), reports, texts);
    run_sweeps(&app).await;
    app.clock.advance(TimeDelta::days(1));
    privacy::order_due_sweeps(&app.core.db).await.expect("due");
    run_sweeps(&app).await;
    assert_eq!(count(&app, "SELECT count(*) FROM messages WHERE body = 'hello'").await, 0);
    assert_eq!(count(&app, "SELECT count(*) FROM messages WHERE body = 'hello again'").await, 30);
    app.finish().await;
}

// ---- keys

fn with_keys(current: &str, previous: &[&str]) -> Vault {
    let previous: Vec<SecretString> = previous.iter().map(|k| SecretString::from(*k)).collect();
    Vault::with_previous(&SecretString::from(current), &previous)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_secret_is_sealed_again_under_a_new_key() {
    const OLD: &str = "0123456789abcdef0123456789abcdef";
    const NEW: &str = "fedcba9876543210fedcba9876543210";
    let mut app = App::builder().with("ENCRYPTION_KEY", OLD).start().await;
    let provider = json!({ "provider": "openai", "model": "gpt-x", "key": "sk-secret" });
    let provider = app.api("POST", "/api/assistant/providers", Some(provider)).await.expect(201).json();
    let user: uuid::Uuid =
        sqlx::query_scalar("SELECT id FROM users").fetch_one(app.core.db.pool()).await.expect("user");
    let old = with_keys(OLD, &[]);
    sqlx::query("UPDATE users SET totp_secret = $1")
        .bind(old.seal(&SecretString::from("JBSWY3DP"), &[b"user totp ".as_slice(), user.as_bytes()].concat()))
        .execute(app.core.db.pool())
        .await
        .expect("secret");
    let endpoint = json!({ "url": "https://hooks.example.com/x" });
    let endpoint = app.api("POST", "/api/webhook-endpoints", Some(endpoint)).await.expect(201).json();
    let endpoint = endpoint["id"].as_str().expect("id").to_owned();
    app.api("POST", &format!("/api/webhook-endpoints/{endpoint}/rotate-secret"), None).await.expect(200);
    let sender = app.items("/api/senders?channel=sms").await[0]["id"].as_str().expect("id").to_owned();
    let account = json!({
        "account_sid": format!("AC{}", "3".repeat(32)), "auth_token": "one", "second_auth_token": "two",
        "api_key_sid": format!("SK{}", "4".repeat(32)), "api_key_secret": "three",
    });
    app.api("PUT", &format!("/api/senders/{sender}/credentials"), Some(account)).await.expect(200);
    app.text(ANA, "STOP").await;
    erase(&app, &contact(&app, ANA).await, ANA).await.expect(200);
    // Another organization's key was made before there was an ENCRYPTION_KEY.
    let (other, _) = app.second_organization().await;
    execute(&app, &format!("INSERT INTO number_hash_keys VALUES ('{}', NULL, 'open', now())", other.0)).await;

    let lost = app::rotate_keys(&app.core.db, &with_keys(NEW, &[])).await.expect("rotate");
    assert_eq!(
        lost.iter().map(|(_, r)| r.lost).sum::<u64>(),
        8,
        "without the old key nothing opens, and nothing is harmed"
    );
    let both = with_keys(NEW, &[OLD]);
    let done = app::rotate_keys(&app.core.db, &both).await.expect("rotate");
    assert_eq!(done.iter().map(|(_, r)| (r.sealed_again, r.lost)).collect::<Vec<_>>(), [(1, 0); 8]);
    assert_eq!(done.iter().map(|(_, r)| r.current_already).sum::<u64>(), 1, "the one that lay open");
    let again = app::rotate_keys(&app.core.db, &both).await.expect("rotate");
    assert!(again.iter().all(|(_, r)| r.sealed_again == 0 && r.lost == 0), "{again:?}");
    // The old key is not needed any more.
    let new = with_keys(NEW, &[]);
    let again = app::rotate_keys(&app.core.db, &new).await.expect("rotate");
    assert!(again.iter().all(|(_, r)| r.sealed_again == 0 && r.lost == 0), "{again:?}");
    let context = |org: OrganizationId, id: &str| {
        let id: uuid::Uuid = id.parse().expect("id");
        [org.0.as_bytes().as_slice(), id.as_bytes().as_slice()].concat()
    };
    let sealed: Vec<u8> =
        sqlx::query_scalar("SELECT sealed_key FROM ai_providers").fetch_one(app.core.db.pool()).await.expect("sealed");
    let opened = new.open(&sealed, &context(app.organization.id, provider["id"].as_str().expect("id"))).expect("opens");
    assert_eq!(secrecy::ExposeSecret::expose_secret(&opened), "sk-secret");
    assert_eq!(count(&app, "SELECT count(*) FROM number_hash_keys WHERE plain_key IS NOT NULL").await, 0);
    // Hashes did not change with the key they are sealed under: she is still known, also to a process that starts afresh.
    let fresh = app.core.db.clone().with_vault(Some(new));
    let core = frontdesk::platform::http::Core { db: fresh, ..app.core.clone() };
    let models = frontdesk::assistant::Models::new(&core.config, None);
    let transport = frontdesk::platform::jobs::Transport::lazy("redis://127.0.0.1:1").expect("URL");
    let hub = frontdesk::platform::live::Hub::new(&transport, frontdesk::platform::live::Limits::default());
    let router =
        app::router(core, models, app.channels.clone(), transport, hub, frontdesk::platform::telemetry::init_metrics());
    app.router = router;
    assert!(app.text(ANA, "hello").await.is_empty());
    assert_eq!(app.get(&format!("/api/contacts/{}", contact(&app, ANA).await)).await["opt_in_status"], "opted_out");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_made_by_hand_has_not_forgotten_an_opt_out() {
    let app = App::start().await;
    app.text(ANA, "STOP").await;
    erase(&app, &contact(&app, ANA).await, ANA).await.expect(200);
    let made = app.api("POST", "/api/contacts", Some(json!({ "phone_number": ANA }))).await.expect(201).json();
    let other = app.api("POST", "/api/contacts", Some(json!({ "phone_number": BEN }))).await.expect(201).json();
    app.run_jobs().await;
    let status = async |made: &Value| {
        let id = made["id"].as_str().expect("id").to_owned();
        app.get(&format!("/api/contacts/{id}")).await["opt_in_status"].clone()
    };
    assert_eq!(status(&made).await, "opted_out");
    assert_ne!(status(&other).await, "opted_out");
    let body = json!({ "contact_id": made["id"], "body": "come back" });
    assert_eq!(app.api("POST", "/api/messages", Some(body)).await.expect(409).json()["code"], "contact_opted_out");
    app.finish().await;
}
