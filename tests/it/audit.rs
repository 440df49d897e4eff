//! The audit log: what goes into it, how it is narrowed, and its file.

use axum::{
    body::{Body, to_bytes},
    http::Request,
};
use chrono::TimeDelta;
use frontdesk::accounts::Permission;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::support::{API_KEY, App};

async fn make_key(app: &App, name: &str) {
    let body = json!({ "name": name, "scopes": ["contacts.read"] });
    app.api("POST", "/api/api-keys", Some(body)).await.expect(201);
}

fn actions(entries: &[Value]) -> Vec<&str> {
    entries.iter().map(|e| e["action"].as_str().expect("action")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_says_who_did_what_from_where() {
    let app = App::start().await;
    let request = Request::post("/api/roles")
        .header("x-api-key", API_KEY)
        .header("content-type", "application/json")
        .header("user-agent", "a program")
        .header("x-request-id", "request-7")
        .body(Body::from(json!({ "name": "One", "permissions": ["contacts.read"] }).to_string()));
    let role = app.request(request.expect("request")).await.expect(201).json();
    let entries = app.items("/api/audit").await;
    assert_eq!(entries.len(), 1);
    let entry = &entries[0];
    assert_eq!((&entry["actor_kind"], &entry["actor_name"]), (&"api_key".into(), &"ADMIN_API_KEY".into()));
    assert_eq!((&entry["action"], &entry["target_kind"]), (&"role.created".into(), &"role".into()));
    assert_eq!((&entry["target_id"], &entry["at"]), (&role["id"], &"2026-11-21T15:00:00Z".into()));
    assert_eq!((&entry["user_agent"], &entry["request_id"]), (&"a program".into(), &"request-7".into()));
    assert_eq!(entry["after"]["permissions"], json!(["contacts.read"]));
    assert_eq!(entry["before"], Value::Null);
    // What is refused leaves no entry.
    app.api("POST", "/api/roles", Some(json!({ "name": "one", "permissions": [] }))).await.expect(409);
    assert_eq!(app.items("/api/audit").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_narrowed_and_paged() {
    let app = App::start().await;
    for n in 0..7 {
        app.clock.advance(TimeDelta::minutes(1));
        make_key(&app, &format!("Key {n}")).await;
    }
    let role = app.api("POST", "/api/roles", Some(json!({ "name": "One", "permissions": [] }))).await.expect(201);
    let role = role.json()["id"].as_str().expect("id").to_owned();
    let newest = app.items("/api/audit").await;
    assert_eq!(newest.len(), 8);
    assert_eq!(actions(&newest)[..2], ["role.created", "api_key.created"]);
    let oldest = app.items("/api/audit?sort=at").await;
    assert!(oldest.iter().rev().eq(newest.iter()));

    let (mut pieces, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = app.get(&format!("/api/audit?limit=3{cursor}")).await;
        pieces.extend(page["items"].as_array().expect("items").clone());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(pieces, newest);

    let actor = newest[0]["actor_id"].as_str().expect("id");
    for (filter, expected) in [
        ("action=role.created".to_owned(), 1),
        ("target_kind=api_key".to_owned(), 7),
        (format!("target_id={role}"), 1),
        (format!("actor_id={actor}"), 8),
        (format!("actor_id={role}"), 0),
        ("actor_kind=api_key".to_owned(), 8),
        ("actor_kind=user".to_owned(), 0),
        ("from=2026-11-21T15:06:00Z".to_owned(), 3),
        ("to=2026-11-21T15:06:00Z".to_owned(), 5),
        ("from=2026-11-21T15:02:00Z&to=2026-11-21T15:04:00Z".to_owned(), 2),
        ("q=ROLE.".to_owned(), 1),
        ("q=admin_api".to_owned(), 8),
        ("q=%25".to_owned(), 0),
    ] {
        assert_eq!(app.items(&format!("/api/audit?{filter}")).await.len(), expected, "{filter}");
    }
    for wrong in ["actor_kind=robot", "from=yesterday", "target_id=7", "sort=action", "q=%00"] {
        app.api("GET", &format!("/api/audit?{wrong}"), None).await.expect(422);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_has_every_matching_row_and_no_formula() {
    let app = App::start().await;
    let evil = "=HYPERLINK(\"https://evil.example.com\",\"open\")";
    let body = json!({ "name": evil, "scopes": ["users.read", "users.manage", "contacts.read"] });
    let key = app.api("POST", "/api/api-keys", Some(body)).await.expect(201).json();
    let key = key["key"].as_str().expect("key");
    // More than one piece of the file, all by the actor with the dangerous name.
    for n in 0..450 {
        let role = json!({ "name": format!("Role, \"{n}\""), "permissions": ["contacts.read"] });
        let made = app.api_as(key, "POST", "/api/roles", Some(role)).await.expect(201).json();
        let path = format!("/api/roles/{}", made["id"].as_str().expect("id"));
        app.api_as(key, "DELETE", &path, None).await.expect(204);
    }
    let answer = app.api("GET", "/api/audit/export?action=role.created", None).await.expect(200);
    assert!(answer.headers["content-type"].to_str().expect("text").starts_with("text/csv"));
    assert!(answer.headers["content-disposition"].to_str().expect("text").contains("audit.csv"));
    let mut reader = csv::Reader::from_reader(answer.text.as_bytes());
    let headers: Vec<String> = reader.headers().expect("header").iter().map(str::to_owned).collect();
    assert_eq!(headers[..5], ["at", "actor_kind", "actor_id", "actor_name", "action"]);
    let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().expect("well formed");
    assert_eq!(rows.len(), 450);
    let mut ids: Vec<&str> = rows.iter().map(|r| &r[12]).collect();
    assert!(ids.is_sorted_by(|a, b| a > b), "newest first");
    ids.dedup();
    assert_eq!(ids.len(), 450);
    for row in &rows {
        assert_eq!(&row[3], format!("'{evil}"));
        assert!(row.iter().all(|cell| !cell.starts_with(['=', '+', '-', '@'])), "{row:?}");
    }
    let after: Value = serde_json::from_str(&rows[0][11]).expect("JSON");
    assert_eq!(after["name"], "Role, \"449\"");
    // Compressed, as browsers ask for it: whoever compresses asks the file for more after its end.
    for action in ["role.created", "nothing"] {
        let request = Request::get(format!("/api/audit/export?action={action}")).header("x-api-key", API_KEY);
        let request = request.header("accept-encoding", "gzip").body(Body::empty()).expect("request");
        let answer = app.router.clone().oneshot(request).await.expect("infallible");
        assert_eq!(answer.headers()["content-encoding"], "gzip");
        let file = to_bytes(answer.into_body(), 16 << 20).await.expect("the whole file");
        assert_eq!(file[..2], [0x1f, 0x8b], "gzip");
    }
    let none = app.api("GET", "/api/audit/export?action=nothing", None).await.expect(200).text;
    assert_eq!(none.lines().count(), 1, "only the header");
    app.api("GET", "/api/audit/export?actor_kind=robot", None).await.expect(422);
    let (_, other) = app.second_organization().await;
    let theirs = app.api_as(&other, "GET", "/api/audit/export", None).await.expect(200).text;
    assert_eq!(theirs.lines().count(), 1, "nothing of ours");
    let reader = app.key_with(app.organization.id, &[Permission::UsersRead]).await;
    app.api_as(&reader, "GET", "/api/audit/export", None).await.expect(403);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_cannot_be_rewritten_by_the_apps_role() {
    let app = App::start().await;
    make_key(&app, "One").await;
    for attempt in ["UPDATE audit_log SET action = 'x'", "DELETE FROM audit_log"] {
        let mut tx = app.core.db.tenant(app.organization.id).await.expect("tenant");
        let refused = sqlx::query(attempt).execute(&mut *tx).await.expect_err(attempt);
        assert!(refused.to_string().contains("permission denied"), "{refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_assistant_knowledge_reviews_and_jobs_leave_entries() {
    let app = App::builder().with("ENCRYPTION_KEY", "0123456789abcdef0123456789abcdef").start().await;
    let entry = json!({ "topic": "hours", "title": "Hours", "answer_en": "9 to 5" });
    let made = app.api("POST", "/api/knowledge", Some(entry)).await.expect(201).json();
    let path = format!("/api/knowledge/{}", made["id"].as_str().expect("id"));
    let changed = json!({ "topic": "hours", "title": "Hours", "answer_en": "9 to 6" });
    app.api("PUT", &path, Some(changed)).await.expect(200);
    app.api("DELETE", &path, None).await.expect(204);
    app.api("DELETE", &path, None).await.expect(404);
    let log = app.items("/api/audit?target_kind=knowledge_entry").await;
    assert_eq!(actions(&log), ["knowledge_entry.deleted", "knowledge_entry.updated", "knowledge_entry.created"]);
    assert_eq!(log[1]["before"]["answer_en"], "9 to 5");
    assert!(log[1]["before"].get("title").is_none(), "{}", log[1]);

    let settings =
        json!({ "ai_enabled": true, "daily_budget_usd": 3.0, "history_messages": 5, "human_quiet_minutes": 45 });
    app.api("PUT", "/api/assistant/settings", Some(settings)).await.expect(200);
    let log = app.items("/api/audit?action=assistant_settings.updated").await;
    assert_eq!(log[0]["after"]["human_quiet_minutes"], 45);

    let link = json!({ "provider": "openai", "model": "gpt-5-mini", "key": "sk-never-in-the-log-1234", "input_price_usd_per_mtok": 1.0, "output_price_usd_per_mtok": 2.0 });
    let mut ids = Vec::new();
    for _ in 0..2 {
        let made = app.api("POST", "/api/assistant/providers", Some(link.clone())).await.expect(201).json();
        ids.push(made["id"].as_str().expect("id").to_owned());
    }
    let order = json!({ "ids": [ids[1], ids[0]] });
    app.api("PUT", "/api/assistant/providers/order", Some(order)).await.expect(204);
    app.api("DELETE", &format!("/api/assistant/providers/{}", ids[0]), None).await.expect(204);
    let log = app.items("/api/audit?target_kind=ai_provider").await;
    assert_eq!(
        actions(&log),
        ["ai_provider.deleted", "ai_provider.reordered", "ai_provider.created", "ai_provider.created"]
    );
    assert!(!serde_json::to_string(&log).expect("JSON").contains("never-in-the-log"));

    // A doubtful opt-out: its words stay out of the log.
    app.ask("+14155550101", "hello").await;
    app.text("+14155550101", "enough with the messages ok").await;
    let review = app.items("/api/opt-out-reviews").await.into_iter().next().expect("an open review");
    let path = format!("/api/opt-out-reviews/{}/decision", review["id"].as_str().expect("id"));
    app.api("POST", &path, Some(json!({ "decision": "keep" }))).await.expect(200);
    let log = app.items("/api/audit?action=opt_out_review.decided").await;
    assert_eq!((log.len(), &log[0]["after"]["status"]), (1, &"kept".into()));
    assert!(!log[0].to_string().contains("enough with"), "{}", log[0]);

    // A dead job, tried again.
    app.sms("+14155550102", "hello").await.expect(200);
    let dead =
        "UPDATE jobs SET state = 'dead', finished_at = now() WHERE state = 'queued' AND kind = 'answer_conversation'";
    sqlx::query(dead).execute(app.core.db.pool()).await.expect("job");
    let job = app.items("/api/jobs").await[0]["id"].as_str().expect("id").to_owned();
    app.api("POST", &format!("/api/jobs/{job}/retry"), None).await.expect(200);
    let log = app.items("/api/audit?action=job.retried").await;
    assert_eq!((&log[0]["target_id"], &log[0]["after"]["kind"]), (&job.into(), &"answer_conversation".into()));
}
