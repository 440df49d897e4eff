//! The booking engine under contention, and its rules on real rows.

use serde_json::{Value, json};

use crate::support::App;

async fn contact(app: &App, n: usize) -> String {
    let message = app
        .api("POST", "/api/simulator/messages", Some(json!({ "from": format!("+1415555{n:04}"), "body": "hello" })))
        .await
        .expect(201)
        .json();
    message["contact_id"].as_str().expect("contact").to_owned()
}

async fn slots(app: &App, service: usize, provider: Option<&str>) -> Vec<Value> {
    let service = app.items("/api/services").await[service]["id"].as_str().expect("id").to_owned();
    let slots = app.items(&format!("/api/slots?service_id={service}&limit=200")).await;
    slots.into_iter().filter(|s| provider.is_none_or(|p| s["provider_name"] == p)).collect()
}

async fn book(app: &App, contact: &str, slot: &Value) -> crate::support::ApiResponse {
    app.api("POST", "/api/appointments", Some(json!({ "contact_id": contact, "slot_id": slot["id"] }))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_race_for_one_slot() {
    let app = App::start().await;
    let people: Vec<String> = (0..1000).map(|n| format!("+1415555{n:04}")).collect();
    // Each is asked to confirm the same slot …
    for chunk in people.chunks(50) {
        futures::future::join_all(chunk.iter().map(|p| app.sms(p, "book tuesday at 10 am"))).await;
    }
    app.run_jobs().await;
    assert_eq!(
        app.count("SELECT count(*) FROM conversations WHERE dialogue->>'state' = 'confirming_booking'").await,
        1000
    );
    assert_eq!(app.count("SELECT count(DISTINCT dialogue->'offer'->>'slot_id') FROM conversations").await, 1);
    app.clock.advance(chrono::TimeDelta::seconds(5));
    for chunk in people.chunks(50) {
        futures::future::join_all(chunk.iter().map(|p| app.sms(p, "yes"))).await;
    }
    // … and all turns run at once.
    let ids: Vec<uuid::Uuid> = sqlx::query_scalar("SELECT id FROM jobs WHERE state = 'queued'")
        .fetch_all(app.core.db.pool())
        .await
        .expect("jobs");
    assert_eq!(ids.len(), 1000);
    use futures::StreamExt;
    let executor = &app.executor;
    futures::stream::iter(ids)
        .for_each_concurrent(64, |id| async move {
            executor.run(frontdesk::platform::ids::JobId(id)).await;
        })
        .await;
    app.run_jobs().await;
    assert_eq!(app.count("SELECT count(*) FROM bookings").await, 1);
    assert_eq!(app.count("SELECT max(taken)::bigint FROM slots").await, 1);
    let (mut booked, mut offered) = (0, 0);
    for person in &people {
        let last = app.twilio.taken_by(person).pop().expect("a reply").body;
        booked += usize::from(last.starts_with("You're booked"));
        offered += usize::from(
            last.starts_with("Sorry, Tue Nov 24 at 10:00 AM was just taken. Still open") && last.contains("1)"),
        );
    }
    assert_eq!((booked, offered), (1, 999));
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_is_never_in_two_places() {
    let app = App::start().await;
    let (ana, ben) = (contact(&app, 1).await, contact(&app, 2).await);
    let consultation = &slots(&app, 0, Some("Alex Rivera")).await[0];
    let haircut = &slots(&app, 1, Some("Alex Rivera")).await[0];
    let other_provider = &slots(&app, 1, Some("Sam Chen")).await[0];
    assert_eq!(consultation["start_time"], haircut["start_time"]);
    book(&app, &ana, consultation).await.expect(201);
    assert_eq!(book(&app, &ben, haircut).await.expect(409).json()["code"], "slot_taken");
    book(&app, &ben, other_provider).await.expect(201);
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn buffers_are_enforced_and_freed() {
    let app = App::start().await;
    let (ana, ben) = (contact(&app, 1).await, contact(&app, 2).await);
    // A massage keeps the provider busy for ten minutes more.
    let massages = slots(&app, 2, Some("Alex Rivera")).await;
    let appointment = book(&app, &ana, &massages[0]).await.expect(201).json();
    assert_eq!(book(&app, &ben, &massages[1]).await.expect(409).json()["code"], "slot_taken");
    let consultations = slots(&app, 0, Some("Alex Rivera")).await;
    assert_eq!(consultations[1]["available"], false, "offered nowhere either");
    book(&app, &ben, &massages[2]).await.expect(201);
    let id = appointment["id"].as_str().expect("id");
    let cancelled = app.api("POST", &format!("/api/appointments/{id}/cancel"), None).await.expect(200).json();
    assert_eq!(cancelled["status"], "cancelled");
    assert_eq!(
        app.api("POST", &format!("/api/appointments/{id}/cancel"), None).await.expect(409).json()["code"],
        "not_active"
    );
    // The cancelled time is free again, but now it would run into the third one only through its own buffer: the second would.
    book(&app, &ben, &massages[0]).await.expect(201);
    assert_eq!(book(&app, &ana, &massages[1]).await.expect(409).json()["code"], "slot_taken");
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_may_overlap_only_its_own_old_time() {
    let app = App::start().await;
    let (ana, ben) = (contact(&app, 1).await, contact(&app, 2).await);
    let massages = slots(&app, 2, Some("Alex Rivera")).await;
    let appointment = book(&app, &ana, &massages[0]).await.expect(201).json();
    let id = appointment["id"].as_str().expect("id").to_owned();
    let reschedule = |slot: Value| {
        let path = format!("/api/appointments/{id}/reschedule");
        let app = &app;
        async move { app.api("POST", &path, Some(json!({ "slot_id": slot["id"] }))).await }
    };
    // Half an hour later overlaps its own buffer: fine.
    let moved = reschedule(massages[1].clone()).await.expect(200).json();
    assert_eq!(moved["start_time"], massages[1]["start_time"]);
    assert_eq!(moved["id"], appointment["id"], "the appointment keeps its id");
    assert_eq!(reschedule(massages[1].clone()).await.expect(409).json()["code"], "already_booked");
    book(&app, &ben, &massages[3]).await.expect(201);
    assert_eq!(reschedule(massages[2].clone()).await.expect(409).json()["code"], "slot_taken");
    let still = app.items(&format!("/api/appointments?contact_id={ana}")).await;
    assert_eq!(still[0]["start_time"], massages[1]["start_time"], "a refused move changes nothing");
    assert_eq!(app.count("SELECT sum(taken)::bigint FROM slots").await, 2);
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn past_slots_are_neither_offered_nor_bookable() {
    let app = App::start().await;
    let ana = contact(&app, 1).await;
    let first = slots(&app, 0, None).await[0].clone();
    app.clock.advance(chrono::TimeDelta::days(2) + chrono::TimeDelta::hours(3));
    assert_eq!(book(&app, &ana, &first).await.expect(409).json()["code"], "slot_past");
    let open = app.items("/api/slots?open=true&limit=200").await;
    assert!(open.iter().all(|s| s["start_time"].as_str() > Some("2026-11-23T18")), "{:?}", open[0]);
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn opposite_moves_do_not_deadlock() {
    let app = App::start().await;
    let all = slots(&app, 0, None).await;
    let mut bookings = Vec::new();
    for n in 0..2 {
        let person = contact(&app, n).await;
        bookings.push(book(&app, &person, &all[n * 8]).await.expect(201).json()["id"].as_str().expect("id").to_owned());
    }
    for round in 0..10 {
        // Each wants to go where the other is, and where nobody is, at once.
        let targets = [&all[20 + round], &all[21 + round], &all[0], &all[8]];
        let moves = (0..4).map(|n| {
            let path = format!("/api/appointments/{}/reschedule", bookings[n % 2]);
            let body = json!({ "slot_id": targets[n]["id"] });
            let app = &app;
            async move { app.api("POST", &path, Some(body)).await.status.as_u16() }
        });
        let statuses = futures::future::join_all(moves).await;
        assert!(statuses.iter().all(|s| [200, 409].contains(s)), "{statuses:?}");
    }
    assert_eq!(app.count("SELECT sum(taken)::bigint FROM slots").await, 2);
    assert_eq!(app.count("SELECT count(*) FROM provider_busy").await, 2);
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_floor_holds_without_the_engine() {
    let app = App::start().await;
    let over = sqlx::query("UPDATE slots SET taken = capacity + 1 WHERE id = (SELECT id FROM slots LIMIT 1)")
        .execute(app.core.db.pool())
        .await;
    assert_eq!(
        over.expect_err("refused").as_database_error().and_then(|e| e.constraint().map(str::to_owned)).as_deref(),
        Some("slots_capacity")
    );
    let busy = "INSERT INTO provider_busy SELECT organization_id, provider_id, id, tstzrange(start_time, end_time) FROM slots
                WHERE provider_id = (SELECT provider_id FROM slots LIMIT 1) AND start_time = (SELECT min(start_time) FROM slots)";
    let overlap = sqlx::query(busy).execute(app.core.db.pool()).await.expect_err("refused");
    assert_eq!(
        overlap.as_database_error().and_then(|e| e.constraint().map(str::to_owned)).as_deref(),
        Some("provider_busy_once")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_ids_are_404_and_bad_bodies_422() {
    let app = App::start().await;
    let ana = contact(&app, 1).await;
    let nobody = "01900000-0000-7000-8000-000000000000";
    app.api("POST", "/api/appointments", Some(json!({ "contact_id": ana, "slot_id": nobody }))).await.expect(404);
    let slot = slots(&app, 0, None).await[0].clone();
    app.api("POST", "/api/appointments", Some(json!({ "contact_id": nobody, "slot_id": slot["id"] })))
        .await
        .expect(404);
    app.api("POST", "/api/appointments", Some(json!({ "contact_id": ana, "slot_id": "7" }))).await.expect(422);
    app.api("POST", "/api/appointments", Some(json!({}))).await.expect(422);
    app.api("POST", &format!("/api/appointments/{nobody}/cancel"), None).await.expect(404);
    app.api("POST", "/api/appointments/7/cancel", None).await.expect(404);
    app.run_jobs().await;
}
