//! A request that comes twice is carried out once, whatever happens in between.

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    extract::State,
    http::{Request, StatusCode, header},
    middleware, routing,
};
use chrono::TimeDelta;
use frontdesk::{
    accounts::{self, Permission, Staff},
    platform::{
        http::{Core, SecretAnswer},
        idempotency::{Claim, under},
    },
};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::support::{API_KEY, ApiResponse, App};

async fn post(app: &App, api_key: &str, path: &str, key: &str, body: Value) -> ApiResponse {
    let request = Request::post(path)
        .header("x-api-key", api_key)
        .header("idempotency-key", key)
        .header(header::CONTENT_TYPE, "application/json");
    app.request(request.body(Body::from(body.to_string())).expect("request")).await
}

fn entry(title: &str) -> Value {
    json!({ "topic": "other", "title": title, "answer_en": "Yes." })
}

async fn rows(app: &App) -> Vec<(String, String, Option<i16>)> {
    sqlx::query_as("SELECT key, state, status FROM idempotency_keys ORDER BY key")
        .fetch_all(app.core.db.pool())
        .await
        .expect("rows")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repetition_gets_the_first_answer() {
    let app = App::builder().without_demo().start().await;
    let first = post(&app, API_KEY, "/api/knowledge", "k 1", entry("Parking")).await.expect(201);
    assert!(!first.headers.contains_key("idempotency-replayed"));
    for path in ["/api/knowledge", "/api/v1/knowledge"] {
        let again = post(&app, API_KEY, path, "k 1", entry("Parking")).await.expect(201);
        assert_eq!(again.text, first.text);
        assert_eq!(again.headers["idempotency-replayed"], "true");
        assert_eq!(again.headers["content-type"], first.headers["content-type"]);
    }
    assert_eq!(app.items("/api/knowledge").await.len(), 1);
    // Another request, another caller, another organization, no key.
    let reused = post(&app, API_KEY, "/api/knowledge", "k 1", entry("Pets")).await.expect(422);
    assert_eq!(reused.json()["code"], "idempotency_key_reused");
    let reused = post(&app, API_KEY, "/api/knowledge/match", "k 1", json!({ "text": "parking?" })).await.expect(422);
    assert_eq!(reused.json()["code"], "idempotency_key_reused");
    let colleague = app.key_with(app.organization.id, Permission::ALL).await;
    let (_, other) = app.second_organization().await;
    for key in [&colleague, &other] {
        let theirs = post(&app, key, "/api/knowledge", "k 1", entry("Parking")).await.expect(201);
        assert_ne!(theirs.json()["id"], first.json()["id"]);
    }
    app.api("POST", "/api/knowledge", Some(entry("Parking"))).await.expect(201);
    assert_eq!(app.items("/api/knowledge").await.len(), 3);
    // A PUT ignores it.
    let path = format!("/api/knowledge/{}", first.json()["id"].as_str().expect("id"));
    for title in ["Cars", "Bikes"] {
        let request = Request::put(&path)
            .header("x-api-key", API_KEY)
            .header("idempotency-key", "k 2")
            .header(header::CONTENT_TYPE, "application/json");
        let put = app.request(request.body(Body::from(entry(title).to_string())).expect("request")).await.expect(200);
        assert_eq!(put.json()["title"], title);
    }
    // A day later the key means nothing any more, and its row is cleared away.
    app.clock.advance(TimeDelta::hours(24) + TimeDelta::seconds(1));
    let later = post(&app, API_KEY, "/api/knowledge", "k 1", entry("Pets")).await.expect(201);
    assert_ne!(later.json()["id"], first.json()["id"]);
    post(&app, API_KEY, "/api/knowledge", "k 3", entry("x")).await.expect(201);
    let left = app.count("SELECT count(*) FROM idempotency_keys WHERE key = 'k 1'").await;
    assert_eq!(left, 2, "the new one, and the other organization's; the colleague's is gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_refused_may_be_tried_again() {
    let app = App::builder().without_demo().start().await;
    for body in [json!({ "topic": "other" }), entry("")] {
        post(&app, API_KEY, "/api/knowledge", "k", body).await.expect(422);
    }
    let too_low = app.key_with(app.organization.id, &[Permission::AssistantRead]).await;
    post(&app, &too_low, "/api/knowledge", "k", entry("Pets")).await.expect(403);
    post(&app, "nobody", "/api/knowledge", "k", entry("Pets")).await.expect(401);
    assert!(rows(&app).await.is_empty(), "nothing was committed, nothing is kept");
    post(&app, API_KEY, "/api/knowledge", "k", entry("Pets")).await.expect(201);
    assert_eq!(rows(&app).await, [("k".to_owned(), "done".to_owned(), Some(201))]);
    for key in ["", "a\tb", &"x".repeat(256)] {
        let refused = post(&app, API_KEY, "/api/knowledge", key, entry("Pets")).await.expect(422);
        assert_eq!(refused.json()["errors"][0]["field"], "Idempotency-Key", "{key:?}");
    }
    let huge = post(&app, API_KEY, "/api/knowledge", "h", entry(&"x".repeat(300_000))).await;
    assert_eq!(huge.status, 413);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_not_repeated_to_who_may_no_longer_ask() {
    let app = App::builder().without_demo().start().await;
    let key = app.key_with(app.organization.id, &[Permission::KnowledgeWrite]).await;
    post(&app, &key, "/api/knowledge", "k", entry("Pets")).await.expect(201);
    sqlx::query("UPDATE api_keys SET scopes = '{assistant.read}' WHERE scopes = '{knowledge.write}'")
        .execute(app.core.db.pool())
        .await
        .expect("update");
    post(&app, &key, "/api/knowledge", "k", entry("Pets")).await.expect(403);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_at_once_one_is_carried_out() {
    let app = Arc::new(App::builder().without_demo().start().await);
    let tries: Vec<_> = (0..20)
        .map(|_| {
            let app = app.clone();
            tokio::spawn(async move { post(&app, API_KEY, "/api/knowledge", "k", entry("Pets")).await })
        })
        .collect();
    let mut ids = Vec::new();
    for one in tries {
        let answer = one.await.expect("task");
        match answer.status.as_u16() {
            201 => ids.push(answer.json()["id"].clone()),
            _ => {
                let answer = answer.expect(409);
                assert_eq!(answer.json()["code"], "idempotency_in_progress");
                assert!(answer.headers.contains_key("retry-after"));
            }
        }
    }
    assert!(!ids.is_empty() && ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert_eq!(app.items("/api/knowledge").await.len(), 1);
}

/// Puts a row there as a process left it that was killed.
async fn left_behind(app: &App, state: &str) {
    // A request with the same key and body, so that the hash is right.
    post(app, API_KEY, "/api/knowledge", "k", entry("Pets")).await.expect(201);
    sqlx::query(
        "UPDATE idempotency_keys SET state = $1, status = NULL, headers = NULL, body = NULL, claim = gen_random_uuid(), locked_until = $2",
    )
    .bind(state)
    .bind(app.clock.now() + TimeDelta::seconds(60))
    .execute(app.core.db.pool())
    .await
    .expect("update");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_crash_it_is_known_whether_it_was_done() {
    for (state, later) in [("running", 201), ("committed", 409)] {
        let app = App::builder().without_demo().start().await;
        left_behind(&app, state).await;
        let at_once = post(&app, API_KEY, "/api/knowledge", "k", entry("Pets")).await.expect(409);
        assert_eq!(at_once.json()["code"], "idempotency_in_progress", "{state}");
        app.clock.advance(TimeDelta::seconds(61));
        let answer = post(&app, API_KEY, "/api/knowledge", "k", entry("Pets")).await.expect(later);
        if state == "committed" {
            assert_eq!(answer.json()["code"], "idempotency_outcome_unknown");
        }
        assert_eq!(app.items("/api/knowledge").await.len(), if state == "running" { 2 } else { 1 });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_lost_the_claim_commits_nothing() {
    let app = Arc::new(App::builder().without_demo().start().await);
    // The table is locked so that the first request stands still between its claim and its commit.
    let mut lock = app.core.db.pool().begin().await.expect("begin");
    sqlx::query("LOCK TABLE knowledge_entries IN EXCLUSIVE MODE").execute(&mut *lock).await.expect("lock");
    let slow = tokio::spawn({
        let app = app.clone();
        async move { post(&app, API_KEY, "/api/knowledge", "k", entry("Pets")).await }
    });
    while app.count("SELECT count(*) FROM idempotency_keys").await == 0 {
        tokio::task::yield_now().await;
    }
    sqlx::query("UPDATE idempotency_keys SET claim = gen_random_uuid()")
        .execute(app.core.db.pool())
        .await
        .expect("update");
    lock.rollback().await.expect("unlock");
    let answer = slow.await.expect("task").expect(409);
    assert_eq!(answer.json()["code"], "idempotency_in_progress");
    assert!(app.items("/api/knowledge").await.is_empty(), "effect and mark are one");
    assert_eq!(rows(&app).await, [("k".to_owned(), "running".to_owned(), None)], "the other's claim is untouched");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_goes_away_does_not_stop_the_work() {
    let app = Arc::new(App::builder().without_demo().start().await);
    let mut lock = app.core.db.pool().begin().await.expect("begin");
    sqlx::query("LOCK TABLE knowledge_entries IN EXCLUSIVE MODE").execute(&mut *lock).await.expect("lock");
    let gone = tokio::spawn({
        let app = app.clone();
        async move { post(&app, API_KEY, "/api/knowledge", "k", entry("Pets")).await }
    });
    while app
        .count("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'knowledge_entries'::regclass")
        .await
        == 0
    {
        tokio::task::yield_now().await;
    }
    gone.abort();
    assert!(gone.await.is_err_and(|e| e.is_cancelled()));
    lock.rollback().await.expect("unlock");
    // The next try gets the answer that nobody took.
    let answer = loop {
        let answer = post(&app, API_KEY, "/api/knowledge", "k", entry("Pets")).await;
        if answer.status != 409 {
            break answer.expect(201);
        }
    };
    assert_eq!(answer.headers["idempotency-replayed"], "true");
    assert_eq!(app.items("/api/knowledge").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_frees_the_key_or_says_that_it_was_done() {
    let app = App::builder().without_demo().start().await;
    // The commit itself fails: a deferred constraint.
    for statement in [
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no''; END'",
        "CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON knowledge_entries DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()",
    ] {
        sqlx::query(statement).execute(app.core.db.pool()).await.expect("trigger");
    }
    post(&app, API_KEY, "/api/knowledge", "k", entry("Pets")).await.expect(500);
    assert!(rows(&app).await.is_empty(), "neither effect nor mark");
    sqlx::query("DROP TRIGGER refuse ON knowledge_entries").execute(app.core.db.pool()).await.expect("drop");
    post(&app, API_KEY, "/api/knowledge", "k", entry("Pets")).await.expect(201);
    assert_eq!(app.items("/api/knowledge").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_shown_once() {
    let app = App::builder().without_demo().start().await;
    // Stands for any operation that shows a secret.
    let handler = |State(core): State<Core>, staff: Staff| async move {
        let tx = core.db.tenant(staff.organization_id()).await.expect("tenant");
        tx.commit().await.expect("commit");
        (StatusCode::CREATED, SecretAnswer, "swordfish")
    };
    let router = Router::new()
        .route("/api/knowledge", routing::post(handler))
        .layer(middleware::from_fn_with_state(app.core.clone(), accounts::idempotent))
        .with_state(app.core.clone());
    let ask = || {
        let request = Request::post("/api/knowledge").header("x-api-key", API_KEY).header("idempotency-key", "k");
        router.clone().oneshot(request.body(Body::empty()).expect("request"))
    };
    let first = ask().await.expect("answer");
    assert_eq!(first.status(), 201);
    let bytes = axum::body::to_bytes(first.into_body(), 1000).await.expect("body");
    assert_eq!(&bytes[..], b"swordfish");
    let again = ask().await.expect("answer");
    assert_eq!(again.status(), 409);
    let bytes = axum::body::to_bytes(again.into_body(), 10_000).await.expect("body");
    assert!(String::from_utf8_lossy(&bytes).contains("idempotency_answer_withheld"));
    assert_eq!(app.count("SELECT count(*) FROM idempotency_keys WHERE body IS NOT NULL").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_transaction_of_a_request_marks_its_claim() {
    let app = App::builder().without_demo().start().await;
    let (other, _) = app.second_organization().await;
    let claim = Arc::new(Claim {
        organization_id: app.organization.id,
        subject: app.organization.id.0,
        key: "k".to_owned(),
        id: app.organization.id.0,
    });
    sqlx::query(
        "INSERT INTO idempotency_keys (organization_id, subject, key, request_hash, claim, state, locked_until, created_at)
         VALUES ($1, $1, 'k', '', $1, 'running', $2, $2)",
    )
    .bind(claim.organization_id.0)
    .bind(app.clock.now())
    .execute(app.core.db.pool())
    .await
    .expect("row");
    let db = &app.core.db;
    let marked = "SELECT count(*) FROM idempotency_keys WHERE state = 'committed'";
    // One's own organization twice, another's, and none.
    for tenant in [Some(app.organization.id), Some(app.organization.id), Some(other), None] {
        under(claim.clone(), async {
            let tx = match tenant {
                Some(tenant) => db.tenant(tenant).await,
                None => db.system().await,
            };
            tx.expect("begin").commit().await.expect("commit");
        })
        .await;
        assert_eq!(app.count(marked).await, 1, "{tenant:?}");
    }
    // Without a claim nothing is looked for; with a lost one nothing commits, whoever's transaction it is.
    db.tenant(other).await.expect("begin").commit().await.expect("commit");
    let lost = Arc::new(Claim { id: other.0, ..(*claim).clone() });
    for tenant in [app.organization.id, other] {
        let committed = under(lost.clone(), async { db.tenant(tenant).await.expect("begin").commit().await }).await;
        assert!(committed.is_err(), "{tenant:?}");
    }
}
