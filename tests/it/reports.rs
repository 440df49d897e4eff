//! Reports: opened, given to somebody, worked on, commented on, resolved once, and seen by those who may.

use axum::http::header;
use chrono::TimeDelta;
use frontdesk::accounts::{BuiltInRole, Permission};
use serde_json::{Value, json};

use crate::{support::App, team::Person};

const ANA: &str = "+14155550101";
const NOBODY: &str = "01900000-0000-7000-8000-000000000000";

fn door() -> Option<Value> {
    Some(json!({ "subject": "The door is stuck", "body": "Room 2, since Monday." }))
}

fn at(report: &Value) -> String {
    format!("/api/reports/{}", report["id"].as_str().expect("id"))
}

/// A member who may write to the team and sees no reports but their own.
async fn manager(app: &App, username: &str) -> Person {
    Person::join(app, app.organization.id, username, BuiltInRole::CampaignManager).await
}

fn subjects(items: &[Value]) -> Vec<&str> {
    items.iter().map(|r| r["subject"].as_str().expect("subject")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn from_open_to_resolved_and_back() {
    let app = App::start().await;
    let (mia, ops) = (manager(&app, "mia").await, Person::operator(&app, "ops").await);
    let report = mia.call(&app, "POST", "/api/reports", door()).await.expect(201).json();
    assert_eq!(
        (&report["number"], &report["status"], &report["priority"]),
        (&json!(1), &json!("open"), &json!("normal"))
    );
    assert_eq!((&report["source"], &report["opened_by"]["id"]), (&json!("staff"), &json!(mia.id)));
    let change = json!({ "priority": "urgent", "assignee_id": ops.id });
    let changed = ops.call_with(&app, "PATCH", &at(&report), Some(change), Some("\"1\"")).await.expect(200);
    assert_eq!(changed.headers[header::ETAG], "\"2\"");
    assert_eq!(changed.json()["assignee"]["id"], json!(ops.id));
    let stale = json!({ "priority": "low" });
    let stale = ops.call_with(&app, "PATCH", &at(&report), Some(stale), Some("\"1\"")).await.expect(412).json();
    assert_eq!(stale["code"], "version_conflict");
    let inbox = ops.call(&app, "GET", "/api/inbox", None).await.expect(200).json();
    assert_eq!(inbox["open_urgent_reports"], 1);
    let inbox = mia.call(&app, "GET", "/api/inbox", None).await.expect(200).json();
    assert_eq!(inbox["open_urgent_reports"], 0, "not for who may not see them all");

    ops.call(&app, "POST", &format!("{}/reopen", at(&report)), None).await.expect(409);
    let started = ops.call(&app, "POST", &format!("{}/start", at(&report)), None).await.expect(200).json();
    assert!(started["status"] == "in_progress" && started["started_at"].is_string());
    let twice = ops.call(&app, "POST", &format!("{}/start", at(&report)), None).await.expect(409).json();
    assert_eq!(twice["code"], "wrong_state");
    let resolve = format!("{}/resolve", at(&report));
    let resolved = ops.call(&app, "POST", &resolve, Some(json!({ "note": " Oiled. " }))).await.expect(200).json();
    assert_eq!((&resolved["status"], &resolved["resolution"]), (&json!("resolved"), &json!("Oiled.")));
    ops.call(&app, "POST", &resolve, Some(json!({}))).await.expect(409);
    let reopened = ops.call(&app, "POST", &format!("{}/reopen", at(&report)), None).await.expect(200).json();
    assert!(reopened["status"] == "open" && reopened["resolved_at"].is_null() && reopened["resolution"].is_null());

    let history = mia.items(&app, &format!("{}/history", at(&report))).await;
    let kinds: Vec<&str> = history.iter().map(|e| e["kind"].as_str().expect("kind")).collect();
    assert_eq!(kinds, ["opened", "changed", "started", "resolved", "reopened"]);
    assert_eq!(history[1]["detail"], "priority: urgent, assignee");
    assert_eq!(history[1]["actor"]["id"], json!(ops.id));
    let log: Vec<(String, Option<Value>)> =
        sqlx::query_as("SELECT action, after FROM audit_log WHERE target_kind = 'report' ORDER BY id")
            .fetch_all(app.core.db.pool())
            .await
            .expect("log");
    let actions: Vec<&str> = log.iter().map(|(action, _)| action.as_str()).collect();
    assert_eq!(actions, ["report.created", "report.updated", "report.started", "report.resolved", "report.reopened"]);
    assert!(log.iter().all(|(_, after)| !after.as_ref().is_some_and(|a| a.to_string().contains("Oiled"))), "{log:?}");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_read_them_all_sees_their_own() {
    let app = App::start().await;
    let (mia, max, ops) = (manager(&app, "mia").await, manager(&app, "max").await, Person::operator(&app, "ops").await);
    let report = mia.call(&app, "POST", "/api/reports", door()).await.expect(201).json();
    let comment = |internal: bool| Some(json!({ "body": "seen", "internal": internal }));
    for (method, path, body) in [
        ("GET", at(&report), None),
        ("GET", format!("{}/comments", at(&report)), None),
        ("GET", format!("{}/history", at(&report)), None),
        ("POST", format!("{}/comments", at(&report)), comment(false)),
    ] {
        max.call(&app, method, &path, body).await.expect(404);
    }
    for (method, path, body) in [
        ("GET", "/api/reports".to_owned(), None),
        ("PATCH", at(&report), Some(json!({ "priority": "low" }))),
        ("POST", format!("{}/start", at(&report)), None),
        ("POST", format!("{}/resolve", at(&report)), Some(json!({}))),
        ("POST", format!("{}/reopen", at(&report)), None),
    ] {
        assert_eq!(
            mia.call(&app, method, &path, body).await.expect(403).json()["code"],
            "forbidden",
            "{method} {path}"
        );
    }
    assert!(max.items(&app, "/api/reports/mine").await.is_empty());
    assert_eq!(mia.items(&app, "/api/reports/mine").await.len(), 1);
    // What colleagues say among themselves stays there, in the history too.
    ops.call(&app, "POST", &format!("{}/comments", at(&report)), comment(true)).await.expect(201);
    mia.call(&app, "POST", &format!("{}/comments", at(&report)), comment(true)).await.expect(403);
    mia.call(&app, "POST", &format!("{}/comments", at(&report)), comment(false)).await.expect(201);
    assert_eq!(mia.items(&app, &format!("{}/comments", at(&report))).await.len(), 1);
    assert_eq!(ops.items(&app, &format!("{}/comments", at(&report))).await.len(), 2);
    assert_eq!(mia.items(&app, &format!("{}/history", at(&report))).await.len(), 2);
    assert_eq!(ops.items(&app, &format!("{}/history", at(&report))).await.len(), 3);
    // Given to somebody, it is theirs.
    let given = Some(json!({ "assignee_id": max.id }));
    ops.call(&app, "PATCH", &at(&report), given).await.expect(200);
    assert_eq!(max.items(&app, "/api/reports/mine").await.len(), 1);
    max.call(&app, "GET", &at(&report), None).await.expect(200);
    // A key that only reads does not comment; one that may nothing sees nothing.
    let reads = app.key_with(app.organization.id, &[Permission::ReportsRead]).await;
    app.api_as(&reads, "GET", &at(&report), None).await.expect(200);
    app.api_as(&reads, "POST", &format!("{}/comments", at(&report)), comment(false)).await.expect(403);
    let nothing = app.key_with(app.organization.id, &[]).await;
    app.api_as(&nothing, "GET", &at(&report), None).await.expect(404);
    app.api_as(&nothing, "POST", "/api/reports", door()).await.expect(403);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_organization_is_another_world() {
    let app = App::start().await;
    let (other, key) = app.second_organization().await;
    let far = Person::join(&app, other, "far", BuiltInRole::Admin).await;
    let ours = app.api("POST", "/api/reports", door()).await.expect(201).json();
    assert_eq!((&ours["number"], &ours["source"]), (&json!(1), &json!("api")));
    let theirs = app.api_as(&key, "POST", "/api/reports", door()).await.expect(201).json();
    assert_eq!(theirs["number"], 1, "each counts for itself");
    for (method, path, body) in [
        ("GET", at(&ours), None),
        ("PATCH", at(&ours), Some(json!({ "priority": "low" }))),
        ("GET", format!("{}/comments", at(&ours)), None),
        ("POST", format!("{}/comments", at(&ours)), Some(json!({ "body": "x" }))),
        ("GET", format!("{}/history", at(&ours)), None),
        ("POST", format!("{}/start", at(&ours)), None),
        ("POST", format!("{}/resolve", at(&ours)), Some(json!({}))),
        ("POST", format!("{}/reopen", at(&ours)), None),
    ] {
        app.api_as(&key, method, &path, body).await.expect(404);
    }
    for assignee in [far.id.as_str(), NOBODY] {
        app.api("PATCH", &at(&ours), Some(json!({ "assignee_id": assignee }))).await.expect(404);
    }
    app.ask(ANA, "hello").await;
    let contact = app.items("/api/contacts").await[0]["id"].clone();
    let about = |contact: &Value| Some(json!({ "subject": "x", "body": "y", "contact_id": contact }));
    app.api_as(&key, "POST", "/api/reports", about(&contact)).await.expect(404);
    app.api("POST", "/api/reports", about(&json!(NOBODY))).await.expect(404);
    let blind = app.key_with(app.organization.id, &[Permission::TeamWrite]).await;
    app.api_as(&blind, "POST", "/api/reports", about(&contact)).await.expect(403);
    let named = app.api("POST", "/api/reports", about(&contact)).await.expect(201).json();
    assert_eq!((&named["contact"]["phone_number"], &named["number"]), (&json!(ANA), &json!(2)));
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_narrowed_sorted_and_paged() {
    let app = App::start().await;
    let ops = Person::operator(&app, "ops").await;
    for (subject, priority) in [("a", "low"), ("b", "urgent"), ("c", "normal"), ("d", "high"), ("e 100%", "urgent")] {
        let new = json!({ "subject": subject, "body": "text", "priority": priority });
        let report = ops.call(&app, "POST", "/api/reports", Some(new)).await.expect(201).json();
        app.clock.advance(TimeDelta::seconds(1));
        if subject == "b" {
            ops.call(&app, "POST", &format!("{}/start", at(&report)), None).await.expect(200);
        }
    }
    let list = async |query: &str| app.items(&format!("/api/reports?{query}")).await;
    assert_eq!(subjects(&list("").await), ["e 100%", "d", "c", "b", "a"]);
    assert_eq!(subjects(&list("sort=-priority").await), ["e 100%", "b", "d", "c", "a"]);
    assert_eq!(subjects(&list("sort=number").await), ["a", "b", "c", "d", "e 100%"]);
    assert_eq!(subjects(&list("status=in_progress").await), ["b"]);
    assert_eq!(subjects(&list("priority=urgent&status=open").await), ["e 100%"]);
    assert_eq!(subjects(&list(&format!("assignee_id={}", ops.id)).await), ["b"], "who starts has it");
    assert_eq!(list(&format!("opened_by={}", ops.id)).await.len(), 5);
    assert_eq!(list(&format!("contact_id={NOBODY}")).await.len(), 0);
    assert_eq!(list("unresolved=true").await.len(), 5);
    assert_eq!(subjects(&list("q=%25").await), ["e 100%"]);
    assert_eq!(subjects(&list("q=%234").await), ["d"], "by its number");
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = app.get(&format!("/api/reports?sort=-priority&limit=2{cursor}")).await;
        seen.extend(page["items"].as_array().expect("items").iter().map(|r| r["number"].as_i64().expect("n")));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, [5, 2, 4, 3, 1]);
    for bad in ["status=done", "priority=9", "assignee_id=me", "sort=body", "limit=201", "cursor=x"] {
        app.api("GET", &format!("/api/reports?{bad}"), None).await.expect(422);
    }
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_fields_are_refused() {
    let app = App::start().await;
    let report = app.api("POST", "/api/reports", door()).await.expect(201).json();
    for body in [
        json!({ "subject": "", "body": "x" }),
        json!({ "subject": "x".repeat(201), "body": "x" }),
        json!({ "subject": "x", "body": "x".repeat(8_001) }),
        json!({ "subject": "x", "body": "a\u{0}" }),
        json!({ "subject": "x", "body": "x", "priority": "most" }),
        json!({ "subject": "x", "body": "x", "number": 99 }),
        json!({ "subject": "x", "body": "x", "contact_id": "me" }),
    ] {
        app.api("POST", "/api/reports", Some(body)).await.expect(422);
    }
    for body in [json!({ "subject": " " }), json!({ "status": "resolved" }), json!({ "assignee_id": 7 })] {
        app.api("PATCH", &at(&report), Some(body)).await.expect(422);
    }
    for body in
        [json!({ "body": "" }), json!({ "body": "x".repeat(4_001) }), json!({ "body": "x", "author_id": NOBODY })]
    {
        app.api("POST", &format!("{}/comments", at(&report)), Some(body)).await.expect(422);
    }
    app.api("POST", &format!("{}/resolve", at(&report)), Some(json!({ "note": "x".repeat(4_001) }))).await.expect(422);
    // Nothing to change changes nothing.
    let same = app.api("PATCH", &at(&report), Some(json!({}))).await.expect(200).json();
    assert_eq!(same["version"], 1);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn resolved_by_many_at_once_it_is_resolved_once() {
    let app = App::start().await;
    let report = app.api("POST", "/api/reports", door()).await.expect(201).json();
    let path = format!("{}/resolve", at(&report));
    let all = futures::future::join_all((0..8).map(|_| app.api("POST", &path, Some(json!({}))))).await;
    let done = all.iter().filter(|a| a.status == 200).count();
    assert_eq!((done, all.iter().filter(|a| a.status == 409).count()), (1, 7));
    assert_eq!(app.count("SELECT count(*) FROM report_events WHERE kind = 'resolved'").await, 1);
    let many = futures::future::join_all((0..8).map(|_| app.api("POST", "/api/reports", door()))).await;
    let mut numbers: Vec<i64> = many.into_iter().map(|a| a.expect(201).json()["number"].as_i64().expect("n")).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [2, 3, 4, 5, 6, 7, 8, 9], "no two reports have one number");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_hears_what_became_of_their_report() {
    let app = App::start().await;
    let told = app.ask(ANA, "I want to report a problem: the door is stuck").await;
    assert!(told.contains("report #1"), "{told}");
    let report = app.items("/api/reports").await.remove(0);
    assert_eq!((&report["source"], &report["subject"]), (&json!("contact"), &json!("the door is stuck")));
    assert_eq!(report["body"], "I want to report a problem: the door is stuck");
    assert_eq!(report["contact"]["phone_number"], ANA);
    let latest = || app.twilio.taken_by(ANA).pop().map(|t| t.body);
    let comments = format!("{}/comments", at(&report));
    app.api("POST", &comments, Some(json!({ "body": "they always complain", "internal": true }))).await.expect(201);
    app.run_jobs().await;
    assert_eq!(latest(), Some(told), "what is internal stays inside");
    app.api("POST", &comments, Some(json!({ "body": "A locksmith comes at 4." }))).await.expect(201);
    app.run_jobs().await;
    assert_eq!(latest().as_deref(), Some("About your report #1: A locksmith comes at 4."));
    app.api("POST", &format!("{}/start", at(&report)), None).await.expect(200);
    assert_eq!(app.ask(ANA, "what about my report?").await, "Report #1: the team is working on it.");
    app.api("POST", &format!("{}/resolve", at(&report)), Some(json!({ "note": "New lock." }))).await.expect(200);
    app.run_jobs().await;
    assert_eq!(latest().as_deref(), Some("Report #1 is resolved. New lock."));
    let history = app.items(&format!("{}/history", at(&report))).await;
    assert_eq!(history.iter().filter(|e| e["kind"] == "told").count(), 2);
    assert!(history[0]["by_contact"] == true && history[0]["actor"].is_null());
    // About somebody is not by somebody: nothing is texted.
    let contact = report["contact"]["id"].clone();
    let about = json!({ "subject": "Rude", "body": "At the door", "contact_id": contact });
    let about = app.api("POST", "/api/reports", Some(about)).await.expect(201).json();
    let sent = app.twilio.taken_by(ANA).len();
    app.api("POST", &format!("{}/comments", at(&about)), Some(json!({ "body": "really" }))).await.expect(201);
    app.api("POST", &format!("{}/resolve", at(&about)), Some(json!({}))).await.expect(200);
    app.run_jobs().await;
    assert_eq!(app.twilio.taken_by(ANA).len(), sent);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_opted_out_is_not_told() {
    let app = App::start().await;
    app.ask(ANA, "complaint: the floor was wet").await;
    let report = app.items("/api/reports").await.remove(0);
    app.text(ANA, "STOP").await;
    let sent = app.twilio.taken_by(ANA).len();
    app.api("POST", &format!("{}/comments", at(&report)), Some(json!({ "body": "Sorry!" }))).await.expect(201);
    app.api("POST", &format!("{}/resolve", at(&report)), Some(json!({}))).await.expect(200);
    app.run_jobs().await;
    assert_eq!(app.twilio.taken_by(ANA).len(), sent);
    let history = app.items(&format!("{}/history", at(&report))).await;
    let untold: Vec<&Value> = history.iter().filter(|e| e["kind"] == "not_told").map(|e| &e["detail"]).collect();
    assert_eq!(untold.len(), 2);
    assert!(untold.iter().all(|d| d.as_str().is_some_and(|d| d.contains("opted_out"))), "{untold:?}");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reopened_before_the_contact_was_told_nothing_is_told() {
    let app = App::start().await;
    app.ask(ANA, "report a problem: no water").await;
    let report = app.items("/api/reports").await.remove(0);
    app.api("POST", &format!("{}/resolve", at(&report)), Some(json!({}))).await.expect(200);
    app.api("POST", &format!("{}/reopen", at(&report)), None).await.expect(200);
    let sent = app.twilio.taken_by(ANA).len();
    app.run_jobs().await;
    assert_eq!(app.twilio.taken_by(ANA).len(), sent);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_cannot_flood_the_reports_nor_ask_for_anothers() {
    let app = App::start().await;
    for n in 1..=10 {
        assert!(app.ask(ANA, &format!("report a problem: number {n} is broken")).await.contains(&format!("#{n}.")));
    }
    let refused = app.ask(ANA, "report a problem: and another").await;
    assert!(refused.contains("PERSON"), "{refused}");
    assert_eq!(app.count("SELECT count(*) FROM reports").await, 10);
    assert_eq!(app.items("/api/conversations?waiting=true").await.len(), 1, "staff see that something is up");
    let other = "+14155550102";
    assert!(app.ask(other, "status of my report #3").await.starts_with("I don't find a report of yours."));
    app.ask(other, "report a problem: mine").await;
    assert!(app.ask(other, "status of my report #3").await.starts_with("I don't find a report #3 of yours"));
    app.finish().await;
}
