//! The time machine: an organization whose clock is set, beside others whose clock is not, and what goes with it and what must not.

use chrono::{DateTime, TimeDelta, Utc};
use frontdesk::{
    app as program,
    platform::{db::Db, ids::ReportId, jobs, simulation},
};
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{ApiResponse, App};

const ANA: &str = "+14155550101";
/// Lets a text be doubtful, whatever the understanding makes of it today.
const DOUBTFUL: &str = "enough with the messages ok";

/// The usual organization, without a sender that reaches anybody.
async fn without_senders() -> App {
    App::builder()
        .with("TWILIO_ACCOUNT_SID", "")
        .with("TWILIO_AUTH_TOKEN", "")
        .with("TWILIO_PHONE_NUMBER", "")
        .start()
        .await
}

/// The same in simulation mode.
async fn simulated() -> App {
    let app = without_senders().await;
    mode(&app, true).await.expect(200);
    app
}

async fn mode(app: &App, on: bool) -> ApiResponse {
    app.api("PUT", "/api/simulator/mode", Some(json!({ "simulation": on }))).await
}

async fn set(app: &App, setting: Value) -> ApiResponse {
    app.api("PUT", "/api/simulator/clock", Some(setting)).await
}

async fn advance(app: &App, by: TimeDelta) -> Value {
    set(app, json!({ "advance_seconds": by.num_seconds() })).await.expect(200).json()
}

fn time(value: &Value) -> DateTime<Utc> {
    value.as_str().and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("no time: {value}"))
}

/// Texts in the simulator; what was said last. Lists are in the order of the organization's time, ids in that of the machine's.
async fn ask(app: &App, body: &str) -> Value {
    app.api("POST", "/api/simulator/messages", Some(json!({ "from": ANA, "body": body }))).await.expect(201);
    app.run_jobs().await;
    app.clock.advance(TimeDelta::seconds(1));
    let said = app.items("/api/messages").await;
    said.into_iter().max_by_key(|m| m["id"].as_str().map(str::to_owned)).expect("a message")
}

async fn waiting_jobs(app: &App) -> Vec<(String, DateTime<Utc>)> {
    sqlx::query_as("SELECT kind, run_at FROM jobs WHERE state = 'queued' ORDER BY run_at, id")
        .fetch_all(app.core.db.pool())
        .await
        .expect("jobs")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organization_that_reaches_people_is_refused() {
    let app = App::start().await;
    assert_eq!(mode(&app, true).await.expect(409).json()["code"], "real_senders");
    assert_eq!(set(&app, json!({ "advance_seconds": 60 })).await.expect(409).json()["code"], "not_simulated");
    let clock = app.get("/api/simulator/clock").await;
    assert_eq!(
        (&clock["simulation"], &clock["real_senders"], &clock["ahead_seconds"]),
        (&json!(false), &json!(2), &json!(0))
    );
    assert_eq!((time(&clock["now"]), clock["presets"].as_array().map(Vec::len)), (app.clock.now(), Some(0)));
    // Archived ones count: a text to them would still be answered.
    app.ask(ANA, "hello").await;
    for sender in app.items("/api/senders").await.iter().filter(|s| s["channel"] != "simulator") {
        app.api("DELETE", &format!("/api/senders/{}", sender["id"].as_str().expect("id")), None).await.expect(204);
    }
    assert_eq!(app.items("/api/senders?archived=true").await.len(), 1);
    assert_eq!(mode(&app, true).await.expect(409).json()["code"], "real_senders");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn simulation_mode_and_real_senders_shut_each_other_out() {
    let app = simulated().await;
    let sender = json!({ "channel": "sms", "address": "+15005550009", "display_name": "SMS" });
    let refused = app.api("POST", "/api/senders", Some(sender.clone())).await.expect(409).json();
    assert_eq!(refused["code"], "simulation_mode");
    // Settings of the installation do not bring one in either, and do not stop the start.
    program::bootstrap(&app.core.db, &app.core.config, None).await.expect("bootstrap");
    assert_eq!(mode(&app, true).await.expect(200).json()["simulation"], true, "already");
    mode(&app, false).await.expect(200);
    // Whoever comes second waits for the first, and then is refused.
    let mut tx = app.core.db.tenant(app.organization.id).await.expect("tenant");
    sqlx::query(
        "INSERT INTO senders (organization_id, id, channel, address, display_name, created_at)
         VALUES ($1, gen_random_uuid(), 'sms', '+15005550009', 'SMS', now())",
    )
    .bind(app.organization.id.0)
    .execute(&mut *tx)
    .await
    .expect("sender");
    let (answer, ()) = tokio::join!(mode(&app, true), async {
        waits_for_a_lock(&app).await;
        tx.commit().await.expect("commit");
    });
    assert_eq!(answer.expect(409).json()["code"], "real_senders");
    app.finish().await;
}

/// Until a statement of this database waits for a lock.
async fn waits_for_a_lock(app: &App) {
    for _ in 0..500 {
        if app.count("SELECT count(*) FROM pg_locks WHERE NOT granted").await > 0 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("nobody waits");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clock_goes_there_and_back_and_what_waits_goes_with_it() {
    let app = simulated().await;
    let (other, key) = app.second_organization().await;
    ask(&app, "hello").await;
    ask(&app, DOUBTFUL).await;
    let review = app.items("/api/opt-out-reviews").await.swap_remove(0);
    let due = time(&review["due_at"]);
    let machine = app.clock.now();
    let before = waiting_jobs(&app).await;
    assert_eq!(before.iter().map(|j| j.0.as_str()).collect::<Vec<_>>(), ["close_overdue_review"]);
    // A minute before the deadline: nothing falls due but the slots of the new days.
    let there = set(&app, json!({ "at": due - TimeDelta::minutes(1) })).await.expect(200).json();
    assert_eq!(time(&there["now"]), due - TimeDelta::minutes(1));
    assert_eq!(time(&there["machine_now"]), machine);
    app.run_jobs().await;
    assert_eq!(app.items("/api/opt-out-reviews").await.len(), 1);
    // The other organization has the machine's time.
    let others = app.api_as(&key, "GET", "/api/simulator/clock", None).await.expect(200).json();
    assert_eq!((time(&others["now"]), &others["ahead_seconds"]), (machine, &json!(0)));
    let tx = app.core.db.tenant(other).await.expect("tenant");
    assert_eq!((tx.clock().now(), tx.is_simulated()), (machine, false));
    drop(tx);
    // Back: everything waits as long as before.
    let right = set(&app, json!({ "reset": true })).await.expect(200).json();
    assert_eq!((&right["ahead_seconds"], time(&right["now"])), (&json!(0), machine));
    app.run_jobs().await;
    assert_eq!(waiting_jobs(&app).await, before);
    // And there again, past it: it happens, once, at that time.
    advance(&app, due - machine + TimeDelta::hours(1)).await;
    app.run_jobs().await;
    app.run_jobs().await;
    let decided = app.items("/api/opt-out-reviews?status=decided").await;
    assert_eq!((decided.len(), &decided[0]["status"]), (1, &json!("expired")));
    assert_eq!(time(&decided[0]["decided_at"]), due + TimeDelta::hours(1));
    set(&app, json!({ "reset": true })).await.expect(200);
    app.run_jobs().await;
    assert_eq!(app.count("SELECT count(*) FROM consent_events WHERE method = 'review_expired'").await, 1);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_assistant_lives_in_the_time_that_was_set() {
    let app = simulated().await;
    assert!(ask(&app, "book tuesday at 10 am").await["body"].as_str().expect("body").contains("Reply C"));
    // Two hours of silence end what was asked.
    advance(&app, TimeDelta::hours(3)).await;
    ask(&app, "C").await;
    assert_eq!(app.count("SELECT count(*) FROM bookings").await, 0);
    // Three hundred days on, "tuesday" is another one, and there are slots: weekly hours go with the clock.
    advance(&app, TimeDelta::days(300)).await;
    app.run_jobs().await;
    let answer = ask(&app, "book tuesday at 10 am").await;
    assert!(answer["body"].as_str().expect("body").contains("Sep"), "{answer}");
    ask(&app, "C").await;
    let bookings = app.items("/api/appointments").await;
    assert_eq!(bookings.len(), 1, "{bookings:?}");
    // Back again, the next text is answered, in its order, though it is from before the last one.
    set(&app, json!({ "reset": true })).await.expect(200);
    let back = ask(&app, "hello").await;
    assert_eq!((&back["direction"], &back["author"]), (&json!("outbound"), &json!("assistant")));
    assert!(time(&back["created_at"]) < time(&answer["created_at"]));
    app.run_jobs().await;
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_came_before_the_clock_went_back_is_answered_at_once() {
    let app = App::builder()
        .with("TWILIO_ACCOUNT_SID", "")
        .with("TWILIO_AUTH_TOKEN", "")
        .with("TWILIO_PHONE_NUMBER", "")
        .with("REPLY_SETTLE_MS", "2000")
        .start()
        .await;
    mode(&app, true).await.expect(200);
    app.api("POST", "/api/simulator/messages", Some(json!({ "from": ANA, "body": "hello" }))).await.expect(201);
    app.run_jobs().await;
    advance(&app, -TimeDelta::days(100)).await;
    app.clock.advance(TimeDelta::seconds(4));
    app.run_jobs().await;
    assert_eq!(app.items("/api/messages").await.len(), 2);
    app.clock.advance(TimeDelta::seconds(10));
    app.run_jobs().await;
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_protects_people_stays_on_the_machines_time() {
    let app = simulated().await;
    let machine = app.clock.now();
    let expiring = json!({ "name": "soon", "expires_at": machine + TimeDelta::days(30), "scopes": ["contacts.read"] });
    let key = app.api("POST", "/api/api-keys", Some(expiring)).await.expect(201).json();
    advance(&app, TimeDelta::days(399)).await;
    let key = key["key"].as_str().expect("key");
    app.api_as(key, "GET", "/api/contacts", None).await.expect(200);
    app.clock.advance(TimeDelta::days(31));
    app.api_as(key, "GET", "/api/contacts", None).await.expect(401);
    let entry = app.items("/api/audit?action=simulation.clock_set").await.swap_remove(0);
    assert_eq!(time(&entry["at"]), machine, "the log tells when it was done");
    assert_eq!(entry["after"]["ahead_seconds"], TimeDelta::days(399).num_seconds());
    app.run_jobs().await;
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_settings_are_refused_and_move_nothing() {
    let app = simulated().await;
    for setting in [
        json!({ "at": "9999-12-31T23:59:59Z" }),
        json!({ "at": "0001-01-01T00:00:00Z" }),
        json!({ "at": "-262000-01-01T00:00:00Z" }),
        json!({ "at": "+262000-01-01T00:00:00Z" }),
        json!({ "at": app.clock.now() + TimeDelta::days(400) + TimeDelta::seconds(1) }),
        json!({ "at": app.clock.now() - TimeDelta::days(400) - TimeDelta::seconds(1) }),
        json!({ "advance_seconds": i64::MAX }),
        json!({ "advance_seconds": i64::MIN }),
        json!({ "advance_seconds": 400 * 86_400 + 1 }),
        json!({ "advance_seconds": 1, "reset": true }),
        json!({ "at": app.clock.now(), "advance_seconds": 1 }),
        json!({ "reset": false }),
        json!({}),
    ] {
        set(&app, setting).await.expect(422);
    }
    for unreadable in [json!({ "at": "tomorrow" }), json!({ "advance_seconds": 0.5 }), json!({ "ahead": 1 })] {
        let answer = set(&app, unreadable).await;
        assert!(answer.status.is_client_error(), "{} {}", answer.status, answer.text);
    }
    assert_eq!(app.get("/api/simulator/clock").await["ahead_seconds"], 0);
    // The ends of what is allowed, from one to the other.
    for days in [400, -800, 800] {
        advance(&app, TimeDelta::days(days)).await;
        app.run_jobs().await;
        ask(&app, "hello").await;
    }
    mode(&app, false).await.expect(200);
    let clock = app.get("/api/simulator/clock").await;
    assert_eq!(
        (&clock["simulation"], &clock["ahead_seconds"], time(&clock["now"])),
        (&json!(false), &json!(0), app.clock.now())
    );
    app.clock.advance(TimeDelta::seconds(10));
    app.run_jobs().await;
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn simulation_mode_begins_when_nobody_is_at_work() {
    let app = without_senders().await;
    let before = app.core.db.tenant(app.organization.id).await.expect("tenant");
    let begun = {
        let mut begun = std::pin::pin!(mode(&app, true));
        let early = tokio::time::timeout(std::time::Duration::from_millis(500), &mut begun).await;
        assert!(early.is_err(), "a transaction that knows of no moved clock still runs");
        before.commit().await.expect("commit");
        begun.await
    };
    assert_eq!(begun.expect(200).json()["simulation"], true);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_process_has_the_moved_clock_at_once() {
    let app = simulated().await;
    let pool = PgPool::connect_with(app.core.db.pool().connect_options().as_ref().clone()).await.expect("pool");
    let process = Db::new(pool, app.clock.clone(), program::route, jobs::Dispatcher::silent());
    for days in [0, 30, -30] {
        set(&app, json!({ "at": app.clock.now() + TimeDelta::days(days) })).await.expect(200);
        let tx = process.tenant(app.organization.id).await.expect("tenant");
        assert_eq!(tx.clock().now() - app.clock.now(), TimeDelta::days(days));
        assert_eq!(tx.real_clock().now(), app.clock.now());
        assert!(tx.is_simulated());
        drop(tx);
        // One that began outside every tenant too.
        let tx = process.system().await.expect("system").into_tenant(app.organization.id).await.expect("tenant");
        assert_eq!(tx.clock().now() - app.clock.now(), TimeDelta::days(days));
    }
    mode(&app, false).await.expect(200);
    let tx = process.tenant(app.organization.id).await.expect("tenant");
    assert_eq!((tx.clock().now(), tx.is_simulated()), (app.clock.now(), false));
    drop(tx);
    app.run_jobs().await;
    app.finish().await;
}

/// A job that waits a day; nothing happens when it runs.
fn tomorrow() -> jobs::NewJob {
    let job = frontdesk::assistant::TellOfReport { report_id: ReportId(uuid::Uuid::nil()), comment_id: None };
    jobs::NewJob::after(&job, std::time::Duration::from_secs(86_400))
}

#[tokio::test(flavor = "multi_thread")]
async fn clock_and_jobs_move_together_or_not_at_all() {
    let app = simulated().await;
    let db = &app.core.db;
    let mut tx = db.tenant(app.organization.id).await.expect("tenant");
    jobs::enqueue(&mut tx, tomorrow()).await.expect("job");
    tx.commit().await.expect("commit");
    let before = waiting_jobs(&app).await;
    // The process dies before the commit.
    let tx = db.tenant_alone(app.organization.id).await.expect("tenant");
    let (tx, moved) = simulation::set_clock(tx, TimeDelta::days(3)).await.expect("moved");
    assert_eq!((moved, tx.clock().now() - app.clock.now()), (1, TimeDelta::days(3)));
    drop(tx);
    assert_eq!(waiting_jobs(&app).await, before);
    assert_eq!(app.get("/api/simulator/clock").await["ahead_seconds"], 0);
    // A job written by the old clock while somebody waits to move it moves too.
    let mut tx = db.tenant(app.organization.id).await.expect("tenant");
    jobs::enqueue(&mut tx, tomorrow()).await.expect("job");
    let (answer, ()) = tokio::join!(set(&app, json!({ "advance_seconds": 3600 })), async {
        waits_for_a_lock(&app).await;
        tx.commit().await.expect("commit");
    });
    answer.expect(200);
    let due: Vec<_> = waiting_jobs(&app).await.into_iter().filter(|j| j.0 == "tell_of_report").map(|j| j.1).collect();
    assert_eq!(due, [app.clock.now() + TimeDelta::hours(23); 2]);
    // One that waits to be tried again after a failure, and other people's systems, do not wait for the organization's time.
    sqlx::query("UPDATE jobs SET last_error = 'failed' WHERE id = (SELECT min(id::text)::uuid FROM jobs WHERE kind = 'tell_of_report')")
        .execute(db.pool())
        .await
        .expect("failed");
    sqlx::query("UPDATE jobs SET queue = 'webhooks' WHERE last_error IS NULL AND kind = 'tell_of_report'")
        .execute(db.pool())
        .await
        .expect("webhook");
    advance(&app, -TimeDelta::days(50)).await;
    let due: Vec<_> = waiting_jobs(&app).await.into_iter().filter(|j| j.0 == "tell_of_report").map(|j| j.1).collect();
    assert_eq!(due, [app.clock.now() + TimeDelta::hours(23); 2]);
    sqlx::query("DELETE FROM jobs WHERE kind = 'tell_of_report'").execute(db.pool()).await.expect("deleted");
    app.run_jobs().await;
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn moving_the_clock_amid_the_work_breaks_nothing() {
    let app = simulated().await;
    let texts = async {
        for n in 0..30 {
            let text = json!({ "from": format!("+141555502{n:02}"), "body": "book tuesday at 10 am" });
            app.api("POST", "/api/simulator/messages", Some(text)).await.expect(201);
        }
    };
    let moves = async {
        for n in 0..30 {
            set(&app, json!({ "advance_seconds": if n % 2 == 0 { 86_400 } else { -86_400 } })).await.expect(200);
        }
    };
    let others = async {
        for _ in 0..30 {
            set(&app, json!({ "advance_seconds": 60 })).await.expect(200);
        }
    };
    let work = async {
        for _ in 0..10 {
            app.run_jobs().await;
        }
    };
    tokio::join!(texts, moves, others, work);
    assert_eq!(app.get("/api/simulator/clock").await["ahead_seconds"], 1800);
    // An answer that was a day late for a moment waits for the morning of its reader.
    for _ in 0..24 {
        app.clock.advance(TimeDelta::minutes(10));
        app.run_jobs().await;
    }
    assert_eq!(app.count("SELECT count(*) FROM messages WHERE direction = 'inbound' AND handled_at IS NULL").await, 0);
    app.finish().await;
}
