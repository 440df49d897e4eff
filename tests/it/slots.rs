//! Slots made, changed and removed, by hand and by weekly hours, also against people who book at that moment.

use chrono::TimeDelta;
use frontdesk::{accounts::Permission, booking, platform::ids::ContactId};
use serde_json::{Value, json};

use crate::support::{ApiResponse, App};

fn id(row: &Value) -> String {
    row["id"].as_str().expect("id").to_owned()
}

/// A service and a provider of New York, without slots.
async fn catalog(app: &App, service: Value) -> (String, String) {
    let service = id(&app.api("POST", "/api/services", Some(service)).await.expect(201).json());
    let provider = json!({ "name": "Room 1", "timezone": "America/New_York" });
    (service, id(&app.api("POST", "/api/providers", Some(provider)).await.expect(201).json()))
}

async fn hours(app: &App) -> (String, String) {
    catalog(app, json!({ "name": "Tour", "duration_minutes": 60 })).await
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

async fn book(app: &App, contact: &str, slot: &str) -> ApiResponse {
    app.api("POST", "/api/appointments", Some(json!({ "contact_id": contact, "slot_id": slot }))).await
}

async fn add(app: &App, service: &str, provider: &str, start: &str) -> ApiResponse {
    let body = json!({ "service_id": service, "provider_id": provider, "start_time": start });
    app.api("POST", "/api/slots", Some(body)).await
}

async fn generate(app: &App, service: &str, provider: &str, over: Value) -> ApiResponse {
    let mut body = json!({ "service_id": service, "provider_id": provider, "from": "2026-11-23", "to": "2026-11-29",
        "hours": [{ "weekdays": ["monday", "wednesday"], "from": "09:00", "to": "12:00" }] });
    for (key, value) in over.as_object().expect("object") {
        body[key] = value.clone();
    }
    app.api("POST", "/api/slots/generate", Some(body)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_slot_is_added_changed_and_removed() {
    let app = App::builder().without_demo().start().await;
    let (service, provider) = hours(&app).await;
    let slot = add(&app, &service, &provider, "2026-11-23T15:00:00Z").await.expect(201).json();
    assert_eq!((&slot["end_time"], &slot["available"]), (&json!("2026-11-23T16:00:00Z"), &json!(true)));
    assert_eq!(add(&app, &service, &provider, "2026-11-23T15:00:00Z").await.expect(409).json()["code"], "slot_exists");
    // Overlapping ones may be offered side by side; only one can be taken.
    let other = add(&app, &service, &provider, "2026-11-23T15:30:00Z").await.expect(201).json();
    let path = format!("/api/slots/{}", id(&slot));
    let moved = app.api("PATCH", &path, Some(json!({ "start_time": "2026-11-23T14:00:00Z" }))).await.expect(200).json();
    assert_eq!((&moved["end_time"], &moved["version"]), (&json!("2026-11-23T15:00:00Z"), &json!(2)));
    let clash = json!({ "start_time": "2026-11-23T15:30:00Z" });
    assert_eq!(app.api("PATCH", &path, Some(clash)).await.expect(409).json()["code"], "slot_exists");
    app.api("PATCH", &path, Some(json!({ "capacity": 2 }))).await.expect(422);
    let ana = contact(&app, 1).await;
    let booked = book(&app, &ana, &id(&slot)).await.expect(201).json();
    let later = json!({ "end_time": "2026-11-23T15:10:00Z" });
    assert_eq!(app.api("PATCH", &path, Some(later)).await.expect(409).json()["code"], "in_use");
    assert_eq!(app.api("DELETE", &path, None).await.expect(409).json()["code"], "in_use");
    app.api("POST", &format!("/api/appointments/{}/cancel", id(&booked)), None).await.expect(200);
    // It is part of a history now: it goes out of sight, and comes back as itself when it is made again.
    app.api("DELETE", &path, None).await.expect(204);
    app.api("GET", &path, None).await.expect(404);
    assert_eq!(book(&app, &ana, &id(&slot)).await.expect(404).json()["code"], "not_found");
    assert_eq!(app.items("/api/slots").await.len(), 1);
    let detail = app.get(&format!("/api/appointments/{}", id(&booked))).await;
    assert_eq!(detail["history"][0]["to"]["start_time"], "2026-11-23T14:00:00Z");
    let again = add(&app, &service, &provider, "2026-11-23T14:00:00Z").await.expect(201).json();
    assert_eq!(again["id"], slot["id"]);
    app.api("DELETE", &format!("/api/slots/{}", id(&other)), None).await.expect(204);
    app.run_jobs().await;
    assert_eq!(app.count("SELECT count(*) FROM audit_log WHERE target_kind = 'slot'").await, 6);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn slots_have_limits() {
    let app = App::builder().without_demo().start().await;
    let (service, provider) = hours(&app).await;
    let nobody = "01900000-0000-7000-8000-000000000000";
    for start in ["2026-11-21T14:00:00Z", "2036-01-01T00:00:00Z", "+262142-12-31T23:59:59Z"] {
        add(&app, &service, &provider, start).await.expect(422);
    }
    add(&app, nobody, &provider, "2026-11-23T15:00:00Z").await.expect(404);
    add(&app, &service, nobody, "2026-11-23T15:00:00Z").await.expect(404);
    for (over, field) in [
        (json!({ "hours": [] }), "hours"),
        (json!({ "to": "2026-11-22" }), "to"),
        (json!({ "to": "2027-11-24" }), "to"),
        (json!({ "from": "2031-11-23", "to": "2031-11-24" }), "from"),
        (json!({ "hours": [{ "weekdays": ["monday", "monday"], "from": "09:00", "to": "10:00" }] }), "weekdays"),
        (json!({ "hours": [{ "weekdays": ["monday"], "from": "10:00", "to": "10:00" }] }), "to"),
        (json!({ "hours": [{ "weekdays": ["monday"], "from": "9", "to": "10:00" }] }), "body"),
        (
            json!({ "hours": [{ "weekdays": ["monday"], "from": "09:00", "to": "12:00" },
                              { "weekdays": ["monday"], "from": "11:00", "to": "13:00" }] }),
            "hours",
        ),
    ] {
        let problem = generate(&app, &service, &provider, over.clone()).await.expect(422).json();
        assert_eq!(problem["errors"][0]["field"], field, "{over}");
    }
    let span = json!({ "from": "2026-11-24T00:00:00Z", "to": "2026-11-23T00:00:00Z" });
    app.api("POST", "/api/slots/clear", Some(span)).await.expect(422);
}

#[tokio::test(flavor = "multi_thread")]
async fn generating_counts_makes_and_repeats_without_harm() {
    let app = App::builder().without_demo().start().await;
    let (service, provider) = hours(&app).await;
    let counts = |v: Value| (v["made"].clone(), v["existing"].clone(), v["past"].clone());
    let dry = generate(&app, &service, &provider, json!({ "dry_run": true })).await.expect(200).json();
    assert_eq!(
        dry["days"][0],
        json!({ "date": "2026-11-23", "slots": 3, "first_start": "2026-11-23T14:00:00Z", "last_end": "2026-11-23T17:00:00Z" })
    );
    assert_eq!(counts(dry), (json!(6), json!(0), json!(0)));
    assert_eq!(app.count("SELECT count(*) FROM slots").await, 0);
    // Two at once: together they make what one would have made.
    let (a, b) =
        tokio::join!(generate(&app, &service, &provider, json!({})), generate(&app, &service, &provider, json!({})));
    let (a, b) = (a.expect(200).json(), b.expect(200).json());
    assert_eq!(a["made"].as_i64().expect("n") + b["made"].as_i64().expect("n"), 6);
    assert_eq!(app.count("SELECT count(*) FROM slots").await, 6);
    // The clock has come to Monday noon: three are past.
    app.clock.advance(TimeDelta::days(2) + TimeDelta::hours(2));
    let again = generate(&app, &service, &provider, json!({})).await.expect(200).json();
    assert_eq!(counts(again), (json!(0), json!(3), json!(3)));
}

#[tokio::test(flavor = "multi_thread")]
async fn nights_of_changing_clocks_have_the_slots_that_there_are() {
    let app = App::builder().without_demo().start().await;
    let (service, provider) = catalog(&app, json!({ "name": "Night watch", "duration_minutes": 30 })).await;
    let night = json!([{ "weekdays": ["sunday"], "from": "01:00", "to": "04:00" }]);
    // 2027-03-14: 02:00 becomes 03:00. 2027-11-07: 02:00 becomes 01:00.
    for (date, starts) in [
        ("2027-03-14", vec!["06:00", "06:30", "07:00", "07:30"]),
        ("2027-11-07", vec!["05:00", "05:30", "07:00", "07:30", "08:00", "08:30"]),
    ] {
        let over = json!({ "from": date, "to": date, "hours": night });
        let made = generate(&app, &service, &provider, over).await.expect(200).json();
        assert_eq!(made["made"], starts.len());
        let path = format!("/api/slots?from={date}T00:00:00Z&to={date}T23:00:00Z");
        let found = app.items(&path).await;
        let found: Vec<&str> = found.iter().map(|s| &s["start_time"].as_str().expect("time")[11..16]).collect();
        assert_eq!(found, starts);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn clearing_removes_the_free_and_keeps_the_taken() {
    let app = App::builder().without_demo().start().await;
    let (service, provider) = hours(&app).await;
    generate(&app, &service, &provider, json!({})).await.expect(200);
    let first = app.items("/api/slots").await[0].clone();
    book(&app, &contact(&app, 1).await, &id(&first)).await.expect(201);
    let span = json!({ "provider_id": provider, "from": "2026-11-23T00:00:00Z", "to": "2026-11-24T00:00:00Z" });
    let cleared = app.api("POST", "/api/slots/clear", Some(span)).await.expect(200).json();
    assert_eq!(cleared, json!({ "removed": 2, "taken": 1 }));
    assert_eq!(app.items("/api/slots").await.len(), 4);
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slot_is_booked_or_deleted_never_both() {
    let app = App::builder().without_demo().start().await;
    let (service, provider) = hours(&app).await;
    let ana = contact(&app, 1).await;
    for hour in 10..22 {
        let slot = id(&add(&app, &service, &provider, &format!("2026-11-23T{hour}:00:00Z")).await.expect(201).json());
        let path = format!("/api/slots/{slot}");
        let (deleted, booked) = tokio::join!(app.api("DELETE", &path, None), book(&app, &ana, &slot));
        let outcome = (deleted.status.as_u16(), booked.status.as_u16());
        assert!([(204, 404), (409, 201)].contains(&outcome), "{outcome:?}: {} {}", deleted.text, booked.text);
    }
    assert_eq!(
        app.count(
            "SELECT count(*) FROM bookings b LEFT JOIN slots s ON s.id = b.slot_id WHERE s.taken IS DISTINCT FROM 1"
        )
        .await,
        0
    );
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn capacity_never_falls_below_what_is_taken() {
    let app = App::builder().without_demo().start().await;
    let activity = json!({ "name": "Yoga", "duration_minutes": 60, "kind": "activity", "capacity": 2 });
    let (service, provider) = catalog(&app, activity).await;
    let (ana, ben) = (contact(&app, 1).await, contact(&app, 2).await);
    for hour in 10..20 {
        let slot = id(&add(&app, &service, &provider, &format!("2026-11-23T{hour}:00:00Z")).await.expect(201).json());
        book(&app, &ana, &slot).await.expect(201);
        let path = format!("/api/slots/{slot}");
        let (lowered, booked) =
            tokio::join!(app.api("PATCH", &path, Some(json!({ "capacity": 1 }))), book(&app, &ben, &slot));
        let outcome = (lowered.status.as_u16(), booked.status.as_u16());
        assert!([(200, 409), (409, 201)].contains(&outcome), "{outcome:?}: {} {}", lowered.text, booked.text);
        if outcome.0 == 409 {
            assert_eq!(lowered.json()["code"], "capacity_below_taken");
        }
    }
    // And the last of two places goes to one of two.
    let slot = id(&add(&app, &service, &provider, "2026-11-24T10:00:00Z").await.expect(201).json());
    let cleo = contact(&app, 3).await;
    book(&app, &cleo, &slot).await.expect(201);
    let (a, b) = tokio::join!(book(&app, &ana, &slot), book(&app, &ben, &slot));
    let mut statuses = [a.status.as_u16(), b.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn weekly_hours_keep_slots_ahead() {
    let app = App::builder().without_demo().start().await;
    let (service, provider) = hours(&app).await;
    let rule = json!({ "service_id": service, "provider_id": provider, "weekdays": ["friday", "monday"], "from": "09:00", "to": "11:00",
        "horizon_days": 14 });
    let added = app.api("POST", "/api/availability", Some(rule)).await.expect(201).json();
    assert_eq!(added["rule"]["weekdays"], json!(["monday", "friday"]));
    // Nov 21 to Dec 5: Nov 23, 27, 30 and Dec 4, two each.
    assert_eq!((&added["slots"]["made"], &added["rule"]["made_through"]), (&json!(8), &json!("2026-12-05")));
    let rule = format!("/api/availability/{}", id(&added["rule"]));

    // One that staff removes is not made again.
    let first = app.items("/api/slots").await[0].clone();
    assert_eq!(first["rule_id"], added["rule"]["id"]);
    app.api("DELETE", &format!("/api/slots/{}", id(&first)), None).await.expect(204);
    assert_eq!(booking::enqueue_due_slots(&app.core.db).await.expect("due"), 0);
    app.clock.advance(TimeDelta::days(7));
    assert_eq!(booking::enqueue_due_slots(&app.core.db).await.expect("due"), 1);
    assert_eq!(booking::enqueue_due_slots(&app.core.db).await.expect("due"), 0, "it waits already");
    app.run_jobs().await;
    assert_eq!(app.count("SELECT count(*) FROM slots").await, 7 + 4);
    assert_eq!(booking::enqueue_due_slots(&app.core.db).await.expect("due"), 0);

    // Other hours: the free ones that are to come are made anew, the taken one stays.
    let ana = contact(&app, 1).await;
    let coming = app.items("/api/slots?open=true").await;
    assert_eq!(coming.len(), 8);
    book(&app, &ana, &id(&coming[0])).await.expect(201);
    let change = json!({ "from": "13:00", "to": "15:00" });
    let changed = app.api("PATCH", &rule, Some(change)).await.expect(200).json();
    assert_eq!(changed["before"], json!({ "removed": 7, "taken": 1 }));
    assert_eq!((&changed["slots"]["made"], &changed["rule"]["version"]), (&json!(8), &json!(2)));
    let stale = axum::http::Request::builder()
        .method("PATCH")
        .uri(&rule)
        .header("x-api-key", crate::support::API_KEY)
        .header("content-type", "application/json")
        .header("if-match", "\"1\"")
        .body(axum::body::Body::from("{}"))
        .expect("request");
    app.request(stale).await.expect(412);

    // Off: its free slots go; on: they are back.
    let off = app.api("PATCH", &rule, Some(json!({ "active": false }))).await.expect(200).json();
    assert_eq!((&off["before"]["removed"], &off["slots"]["made"]), (&json!(8), &json!(0)));
    app.clock.advance(TimeDelta::days(1));
    assert_eq!(booking::enqueue_due_slots(&app.core.db).await.expect("due"), 0);
    app.api("PATCH", &rule, Some(json!({ "active": true }))).await.expect(200);
    let removed = app.api("DELETE", &rule, None).await.expect(200).json();
    assert_eq!(removed["taken"], 1);
    app.api("GET", &rule, None).await.expect(404);
    assert!(app.items("/api/slots?open=true").await.is_empty());
    app.run_jobs().await;
    assert_eq!(app.count("SELECT count(*) FROM audit_log WHERE target_kind = 'availability'").await, 5);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_does_not_run_out_of_slots() {
    let app = App::start().await;
    assert_eq!(app.count("SELECT count(*) FROM slots").await, 16 * 20 * 6);
    assert_eq!(booking::enqueue_due_slots(&app.core.db).await.expect("due"), 1);
    app.run_jobs().await;
    // Through Jan 20, 60 days on: 43 working days.
    assert_eq!(app.count("SELECT count(*) FROM slots").await, 16 * 43 * 6);
    for _ in 0..10 {
        app.clock.advance(TimeDelta::days(30));
        booking::enqueue_due_slots(&app.core.db).await.expect("due");
        app.run_jobs().await;
    }
    let service = id(&app.items("/api/services").await[0]);
    assert_eq!(app.items(&format!("/api/slots?open=true&service_id={service}&limit=200")).await.len(), 200);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn closed_days_offer_nothing_until_they_are_open_again() {
    let app = App::builder().without_demo().start().await;
    let (service, provider) = hours(&app).await;
    generate(&app, &service, &provider, json!({})).await.expect(200);
    let slots = app.items("/api/slots").await;
    let ana = contact(&app, 1).await;
    let appointment = book(&app, &ana, &id(&slots[0])).await.expect(201).json();
    let everybody = json!({ "from_date": "2026-11-23", "reason": "Stocktaking" });
    let closed = app.api("POST", "/api/availability/exceptions", Some(everybody)).await.expect(201).json();
    assert_eq!((&closed["closed_slots"], &closed["taken_slots"]), (&json!(2), &json!(1)));
    let own = json!({ "provider_id": provider, "from_date": "2026-11-20", "to_date": "2026-11-25" });
    let own = app.api("POST", "/api/availability/exceptions", Some(own)).await.expect(201).json();
    assert!(app.items("/api/slots?open=true").await.is_empty());
    assert_eq!(book(&app, &ana, &id(&slots[1])).await.expect(409).json()["code"], "slot_closed");
    // Who has a time keeps it, and what they leave is closed too.
    app.api("POST", &format!("/api/appointments/{}/cancel", id(&appointment)), None).await.expect(200);
    assert!(app.items("/api/slots?open=true").await.is_empty());
    // A slot made on a closed day is closed.
    assert_eq!(add(&app, &service, &provider, "2026-11-24T15:00:00Z").await.expect(201).json()["closed"], true);
    let more = json!({ "hours": [{ "weekdays": ["tuesday"], "from": "12:00", "to": "14:00" }] });
    assert_eq!(generate(&app, &service, &provider, more).await.expect(200).json()["closed"], 2);
    // Two lie over Monday: opening one leaves it closed.
    let path = |row: &Value| format!("/api/availability/exceptions/{}", id(row));
    app.api("DELETE", &path(&own), None).await.expect(204);
    let open = app.items("/api/slots?open=true").await;
    assert_eq!(open.len(), 6, "Tuesday and Wednesday");
    assert!(open.iter().all(|s| s["start_time"].as_str() > Some("2026-11-24")));
    app.api("DELETE", &path(&closed), None).await.expect(204);
    assert_eq!(app.items("/api/slots?open=true").await.len(), 9);
    assert!(app.items("/api/availability/exceptions").await.is_empty());
    app.run_jobs().await;
    assert_eq!(app.count("SELECT count(*) FROM audit_log WHERE target_kind = 'closed_days'").await, 4);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_tenants_and_readers_are_kept_out() {
    let app = App::start().await;
    let (_, other) = app.second_organization().await;
    let reader = app.key_with(app.organization.id, &[Permission::BookingRead]).await;
    let slot = app.items("/api/slots?limit=1").await[0].clone();
    let rule = app.items("/api/availability?limit=1").await[0].clone();
    let days = json!({ "from_date": "2026-12-24" });
    let days = app.api("POST", "/api/availability/exceptions", Some(days)).await.expect(201).json();
    let named = json!({ "service_id": slot["service_id"], "provider_id": slot["provider_id"] });
    let with = |over: Value| {
        let mut body = named.clone();
        for (key, value) in over.as_object().expect("object") {
            body[key] = value.clone();
        }
        Some(body)
    };
    let window = json!({ "weekdays": ["monday"], "from": "09:00", "to": "10:00" });
    let (slot, rule, days) = (id(&slot), id(&rule), id(&days));
    let requests = [
        ("GET", format!("/api/slots/{slot}"), None),
        ("PATCH", format!("/api/slots/{slot}"), Some(json!({ "capacity": 1 }))),
        ("DELETE", format!("/api/slots/{slot}"), None),
        ("POST", "/api/slots".to_owned(), with(json!({ "start_time": "2026-11-28T15:00:00Z" }))),
        (
            "POST",
            "/api/slots/generate".to_owned(),
            with(json!({ "from": "2026-11-28", "to": "2026-11-29", "hours": [window] })),
        ),
        (
            "POST",
            "/api/slots/clear".to_owned(),
            with(json!({ "from": "2026-11-22T00:00:00Z", "to": "2026-11-29T00:00:00Z" })),
        ),
        ("POST", "/api/availability".to_owned(), with(window.clone())),
        ("GET", format!("/api/availability/{rule}"), None),
        ("PATCH", format!("/api/availability/{rule}"), Some(json!({ "active": false }))),
        ("DELETE", format!("/api/availability/{rule}"), None),
        (
            "POST",
            "/api/availability/exceptions".to_owned(),
            Some(json!({ "provider_id": named["provider_id"], "from_date": "2026-12-25" })),
        ),
        ("DELETE", format!("/api/availability/exceptions/{days}"), None),
    ];
    for (method, path, body) in requests {
        app.api_as(&other, method, &path, body.clone()).await.expect(404);
        app.api_as(&reader, method, &path, body).await.expect(if method == "GET" { 200 } else { 403 });
    }
    assert_eq!(app.count("SELECT count(*) FROM slots").await, 16 * 20 * 6);
    assert!(
        app.api_as(&other, "GET", "/api/slots", None).await.expect(200).json()["items"]
            .as_array()
            .expect("items")
            .is_empty()
    );
}
