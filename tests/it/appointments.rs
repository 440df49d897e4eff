//! Appointments as staff keep them: held, confirmed, ended, taken back, with their history.

use chrono::TimeDelta;
use frontdesk::{accounts::Permission, platform::ids::ContactId};
use serde_json::{Value, json};

use crate::support::{ApiResponse, App};

fn id(row: &Value) -> String {
    row["id"].as_str().expect("id").to_owned()
}

async fn contact(app: &App, n: usize) -> String {
    let id = ContactId::new(&app.clock);
    sqlx::query(
        "INSERT INTO contacts (organization_id, id, phone_number, created_at, updated_at) VALUES ($1, $2, $3, $4, $4)",
    )
    .bind(app.organization.id.0)
    .bind(id.0)
    .bind(format!("+1415555{n:04}"))
    .bind(app.clock.now())
    .execute(app.core.db.pool())
    .await
    .expect("contact");
    id.to_string()
}

async fn book(app: &App, contact: &str, slot: &Value) -> ApiResponse {
    app.api("POST", "/api/appointments", Some(json!({ "contact_id": contact, "slot_id": slot["id"] }))).await
}

async fn act(app: &App, appointment: &Value, verb: &str) -> ApiResponse {
    app.api("POST", &format!("/api/appointments/{}/{verb}", id(appointment)), None).await
}

/// An activity of one place a slot, held for half an hour, with slots on Monday from 10:00 on.
async fn activity(app: &App) -> Vec<Value> {
    let service =
        json!({ "name": "Kayak", "duration_minutes": 60, "kind": "activity", "capacity": 1, "hold_minutes": 30 });
    let service = app.api("POST", "/api/services", Some(service)).await.expect(201).json();
    let provider = app.api("POST", "/api/providers", Some(json!({ "name": "Boathouse" }))).await.expect(201).json();
    let hours = json!({ "service_id": service["id"], "provider_id": provider["id"], "from": "2026-11-23", "to": "2026-11-23",
        "hours": [{ "weekdays": ["monday"], "from": "10:00", "to": "15:00" }] });
    app.api("POST", "/api/slots/generate", Some(hours)).await.expect(200);
    app.items("/api/slots").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_place_is_confirmed_or_given_back() {
    let app = App::builder().without_demo().start().await;
    let slots = activity(&app).await;
    let (ana, ben) = (contact(&app, 1).await, contact(&app, 2).await);
    let held = book(&app, &ana, &slots[0]).await.expect(201).json();
    assert_eq!((&held["status"], &held["held_until"]), (&json!("held"), &json!("2026-11-21T15:30:00Z")));
    assert_eq!(book(&app, &ben, &slots[0]).await.expect(409).json()["code"], "slot_taken", "a held place counts");
    assert_eq!(act(&app, &held, "complete").await.expect(409).json()["code"], "not_active");
    assert_eq!(act(&app, &held, "confirm").await.expect(200).json()["status"], "confirmed");
    assert_eq!(act(&app, &held, "confirm").await.expect(409).json()["code"], "not_active");

    let second = book(&app, &ben, &slots[1]).await.expect(201).json();
    app.run_jobs().await;
    app.clock.advance(TimeDelta::minutes(30));
    // Over, whether or not the job came by.
    assert_eq!(act(&app, &second, "confirm").await.expect(409).json()["code"], "hold_expired");
    assert_eq!(book(&app, &ana, &slots[1]).await.expect(409).json()["code"], "slot_taken");
    app.run_jobs().await;
    let detail = app.get(&format!("/api/appointments/{}", id(&second))).await;
    assert_eq!(detail["status"], "expired");
    let kinds: Vec<&str> =
        detail["history"].as_array().expect("history").iter().map(|e| e["kind"].as_str().expect("kind")).collect();
    assert_eq!(kinds, ["held", "expired"]);
    assert_eq!(detail["history"][1]["actor"], "system");
    // The first one, confirmed, outlived its hold; the second one's place is free.
    assert_eq!(app.get(&format!("/api/appointments/{}", id(&held))).await["status"], "confirmed");
    let body = json!({ "contact_id": ana, "slot_id": slots[1]["id"], "confirmed": true });
    assert_eq!(app.api("POST", "/api/appointments", Some(body)).await.expect(201).json()["status"], "confirmed");
    app.run_jobs().await;
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_ends_no_later_than_its_time_begins() {
    let app = App::builder().without_demo().start().await;
    let slots = activity(&app).await;
    let ana = contact(&app, 1).await;
    // Monday 09:50; the slot is at 10:00.
    app.run_jobs().await;
    app.clock.advance(TimeDelta::days(2) - TimeDelta::minutes(10));
    let held = book(&app, &ana, &slots[0]).await.expect(201).json();
    assert_eq!(held["held_until"], slots[0]["start_time"]);
    // Moved, it is held until the same time, and its old place is free.
    let moved = app
        .api("POST", &format!("/api/appointments/{}/reschedule", id(&held)), Some(json!({ "slot_id": slots[3]["id"] })))
        .await
        .expect(200)
        .json();
    assert_eq!((&moved["status"], &moved["held_until"]), (&json!("held"), &held["held_until"]));
    app.clock.advance(TimeDelta::minutes(10));
    app.run_jobs().await;
    assert_eq!(app.count("SELECT sum(taken)::bigint FROM slots").await, 0);
    assert_eq!(app.count("SELECT count(*) FROM provider_busy").await, 0);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn confirming_and_expiring_at_once_end_one_way() {
    let app = App::builder().without_demo().start().await;
    let slots = activity(&app).await;
    let ana = contact(&app, 1).await;
    app.run_jobs().await;
    let mut held = Vec::new();
    for slot in &slots {
        held.push(book(&app, &ana, slot).await.expect(201).json());
    }
    assert_eq!(held.len(), 5);
    // The job's clock strikes while staff press the button: whoever comes first, place and status agree.
    app.clock.advance(TimeDelta::minutes(30));
    let confirm = futures::future::join_all(held.iter().map(|h| act(&app, h, "confirm")));
    let cancel = act(&app, &held[0], "cancel");
    let (statuses, cancelled, ()) = tokio::join!(confirm, cancel, app.run_jobs());
    assert!(statuses.iter().all(|r| r.status.as_u16() == 409), "nothing is confirmed after its time");
    assert!([200, 409].contains(&cancelled.status.as_u16()));
    app.run_jobs().await;
    assert_eq!(app.count("SELECT count(*) FROM bookings WHERE status IN ('expired', 'cancelled')").await, 5);
    assert_eq!(app.count("SELECT sum(taken)::bigint FROM slots").await, 0);
    // Confirmed a moment before its time, the job leaves it alone; twice the same job frees nothing twice.
    let last = book(&app, &ana, &slots[0]).await.expect(201).json();
    app.clock.advance(TimeDelta::minutes(30) - TimeDelta::microseconds(1));
    act(&app, &last, "confirm").await.expect(200);
    app.clock.advance(TimeDelta::minutes(1));
    app.run_jobs().await;
    assert_eq!(app.count("SELECT sum(taken)::bigint FROM slots").await, 1);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_appointment_is_completed_or_missed_and_that_can_be_taken_back() {
    let app = App::start().await;
    let slots = app.items("/api/slots?limit=4").await;
    let (ana, ben) = (contact(&app, 1).await, contact(&app, 2).await);
    let first = book(&app, &ana, &slots[0]).await.expect(201).json();
    let second = book(&app, &ben, &slots[1]).await.expect(201).json();
    assert_eq!(first["status"], "confirmed", "an appointment is not held");
    assert_eq!(act(&app, &first, "complete").await.expect(409).json()["code"], "not_started");
    assert_eq!(act(&app, &first, "no-show").await.expect(409).json()["code"], "not_started");
    assert_eq!(act(&app, &first, "reopen").await.expect(409).json()["code"], "not_active");
    app.clock.advance(TimeDelta::days(2));
    assert_eq!(act(&app, &first, "complete").await.expect(200).json()["status"], "completed");
    assert_eq!(act(&app, &second, "no-show").await.expect(200).json()["status"], "no_show");
    assert_eq!(act(&app, &first, "cancel").await.expect(409).json()["code"], "not_active");
    assert_eq!(act(&app, &second, "reopen").await.expect(200).json()["status"], "confirmed");
    assert_eq!(act(&app, &second, "complete").await.expect(200).json()["status"], "completed");
    app.clock.advance(TimeDelta::days(8));
    assert_eq!(act(&app, &second, "reopen").await.expect(409).json()["code"], "reopen_too_late");
    assert_eq!(app.count("SELECT sum(taken)::bigint FROM slots").await, 2, "the places were used");
    let detail = app.get(&format!("/api/appointments/{}", id(&second))).await;
    let kinds: Vec<&str> =
        detail["history"].as_array().expect("history").iter().map(|e| e["kind"].as_str().expect("kind")).collect();
    assert_eq!(kinds, ["booked", "no_show", "reopened", "completed"]);
    assert_eq!(detail["history"][1]["actor"], "staff");
    assert!(detail["history"][1]["actor_name"].is_string());
    app.run_jobs().await;
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn notes_are_for_staff_and_have_versions() {
    let app = App::start().await;
    let slot = app.items("/api/slots?limit=1").await[0].clone();
    let appointment = book(&app, &contact(&app, 1).await, &slot).await.expect(201).json();
    let path = format!("/api/appointments/{}", id(&appointment));
    let got = app.api("GET", &path, None).await.expect(200);
    assert_eq!(got.headers["etag"], "\"1\"");
    let noted = app.api("PATCH", &path, Some(json!({ "note": " Allergic to lavender " }))).await.expect(200).json();
    assert_eq!((&noted["note"], &noted["version"]), (&json!("Allergic to lavender"), &json!(2)));
    let stale = axum::http::Request::builder()
        .method("PATCH")
        .uri(&path)
        .header("x-api-key", crate::support::API_KEY)
        .header("content-type", "application/json")
        .header("if-match", "\"1\"")
        .body(axum::body::Body::from(r#"{"note":null}"#))
        .expect("request");
    assert_eq!(app.request(stale).await.expect(412).json()["code"], "version_conflict");
    app.api("PATCH", &path, Some(json!({ "note": "x".repeat(2001) }))).await.expect(422);
    app.api("PATCH", &path, Some(json!({ "status": "completed" }))).await.expect(422);
    assert_eq!(app.api("PATCH", &path, Some(json!({}))).await.expect(200).json()["note"], "Allergic to lavender");
    assert_eq!(app.api("PATCH", &path, Some(json!({ "note": null }))).await.expect(200).json()["note"], Value::Null);
    let logged: Vec<Option<Value>> =
        sqlx::query_scalar("SELECT after->'note' FROM audit_log WHERE target_kind = 'appointment' ORDER BY id")
            .fetch_all(app.core.db.pool())
            .await
            .expect("log");
    assert_eq!(logged[1], Some(json!("(left out)")), "what staff writes stays out of the log");
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_is_filtered_sorted_and_has_a_second_name() {
    let app = App::start().await;
    let slots = app.items("/api/slots?limit=40").await;
    let (ana, ben) = (contact(&app, 1111).await, contact(&app, 2222).await);
    let late = book(&app, &ana, &slots[30]).await.expect(201).json();
    app.clock.advance(TimeDelta::seconds(1));
    let early = book(&app, &ben, &slots[0]).await.expect(201).json();
    let ids = |rows: Vec<Value>| rows.iter().map(id).collect::<Vec<_>>();
    assert_eq!(ids(app.items("/api/appointments").await), [id(&early), id(&late)]);
    assert_eq!(ids(app.items("/api/appointments?sort=-start_time").await), [id(&late), id(&early)]);
    assert_eq!(ids(app.items("/api/appointments?q=5551111").await), [id(&late)]);
    for (name, value) in
        [("service_id", &late["service_id"]), ("slot_id", &late["slot_id"]), ("contact_id", &late["contact_id"])]
    {
        let found = ids(app.items(&format!("/api/appointments?{name}={}", value.as_str().expect("id"))).await);
        assert!(found.contains(&id(&late)), "{name}");
    }
    let provider = early["provider_id"].as_str().expect("id");
    let found = app.items(&format!("/api/appointments?provider_id={provider}&status=confirmed")).await;
    assert!(found.iter().all(|a| a["provider_id"] == provider) && ids(found).contains(&id(&early)));
    assert!(app.items("/api/appointments?status=held").await.is_empty());
    let first = app.get("/api/bookings?limit=1&sort=start_time").await;
    assert_eq!(first["items"][0]["id"], early["id"]);
    let cursor = first["next_cursor"].as_str().expect("more");
    assert_eq!(ids(app.items(&format!("/api/v1/bookings?sort=start_time&cursor={cursor}")).await), [id(&late)]);
    app.api("POST", &format!("/api/bookings/{}/cancel", id(&early)), None).await.expect(200);
    assert_eq!(app.get(&format!("/api/bookings/{}", id(&early))).await["status"], "cancelled");
    assert_eq!(ids(app.items("/api/bookings?status=cancelled").await), [id(&early)]);
    app.run_jobs().await;
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_tenants_and_readers_are_kept_out() {
    let app = App::start().await;
    let (_, other) = app.second_organization().await;
    let reader = app.key_with(app.organization.id, &[Permission::BookingRead]).await;
    let slots = app.items("/api/slots?limit=2").await;
    let ana = contact(&app, 1).await;
    let appointment = book(&app, &ana, &slots[0]).await.expect(201).json();
    for base in ["/api/appointments", "/api/v1/bookings"] {
        let path = format!("{base}/{}", id(&appointment));
        let mut requests = vec![
            ("GET", path.clone(), None),
            ("PATCH", path.clone(), Some(json!({ "note": "x" }))),
            ("POST", format!("{path}/reschedule"), Some(json!({ "slot_id": slots[1]["id"] }))),
            ("POST", base.to_owned(), Some(json!({ "contact_id": ana, "slot_id": slots[1]["id"] }))),
        ];
        for verb in ["confirm", "cancel", "complete", "no-show", "reopen"] {
            requests.push(("POST", format!("{path}/{verb}"), None));
        }
        for (method, path, body) in requests {
            app.api_as(&other, method, &path, body.clone()).await.expect(404);
            app.api_as(&reader, method, &path, body).await.expect(if method == "GET" { 200 } else { 403 });
        }
        let anonymous = axum::http::Request::builder().uri(base).body(axum::body::Body::empty()).expect("request");
        app.request(anonymous).await.expect(401);
    }
    // The other's own contact does not get this one's slot.
    let body = json!({ "from": "+14155550009", "body": "hello" });
    let theirs = app.api_as(&other, "POST", "/api/simulator/messages", Some(body)).await.expect(201).json();
    let body = json!({ "contact_id": theirs["contact_id"], "slot_id": slots[1]["id"] });
    app.api_as(&other, "POST", "/api/appointments", Some(body.clone())).await.expect(404);
    app.api("POST", "/api/appointments", Some(body)).await.expect(404);
    assert_eq!(app.count("SELECT count(*) FROM bookings").await, 1);
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_archived_is_not_booked() {
    let app = App::start().await;
    let slot = app.items("/api/slots?limit=1").await[0].clone();
    let ana = contact(&app, 1).await;
    for kind in ["service", "provider"] {
        let path = format!("/api/{kind}s/{}", slot[format!("{kind}_id")].as_str().expect("id"));
        app.api("PATCH", &path, Some(json!({ "active": false }))).await.expect(200);
        assert_eq!(book(&app, &ana, &slot).await.expect(409).json()["code"], "slot_closed");
        app.api("PATCH", &path, Some(json!({ "active": true }))).await.expect(200);
    }
    book(&app, &ana, &slot).await.expect(201);
    app.run_jobs().await;
}
