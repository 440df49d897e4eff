//! Services, providers, slots, weekly hours, closed days, appointments.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Case, Ids, Later, Side};

pub async fn fill(side: &mut Side<'_>) {
    for (kind, path) in [("service", "/api/services"), ("provider", "/api/providers")] {
        let row = side.items(path).await.swap_remove(0);
        side.keep(kind, &row);
    }
    let slot = side.items("/api/slots?open=true").await.swap_remove(5);
    side.keep("slot", &slot);
    let appointment = book(side).await.remove("appointment").expect("id");
    side.ids.insert("appointment", appointment);
    for (kind, path, row) in [
        ("hours", "/api/availability", far_hours(&side.ids, "2030-01-01")),
        ("closed_days", "/api/availability/exceptions", closed(&side.ids, "2028-01-03")),
    ] {
        let row = side.post(path, row).await;
        side.keep(kind, row.get("rule").unwrap_or(&row));
    }
}

/// So far ahead that no slots are made of them.
fn far_hours(ids: &Ids, from: &str) -> Value {
    json!({
        "service_id": ids["service"], "provider_id": ids["provider"], "weekdays": ["monday"], "from": "09:00", "to": "10:00",
        "valid_from": from,
    })
}

fn closed(ids: &Ids, day: &str) -> Value {
    json!({ "provider_id": ids["provider"], "from_date": day, "reason": "Away" })
}

fn id(row: &Value) -> String {
    row["id"].as_str().expect("id").to_owned()
}

/// Another appointment of the same contact.
async fn book(side: &Side<'_>) -> Ids {
    let slots = side.items("/api/slots?open=true&limit=200").await;
    book_slot(side, id(&slots[slots.len() - 1])).await
}

async fn book_slot(side: &Side<'_>, slot: String) -> Ids {
    let new = json!({ "contact_id": side.ids["contact"], "slot_id": slot });
    let booked = side.post("/api/appointments", new).await;
    Ids::from([("appointment", id(&booked)), ("slot", slot)])
}

fn another<'a>(side: &'a Side<'a>) -> Later<'a, Ids> {
    Box::pin(book(side))
}

fn another_slot<'a>(side: &'a Side<'a>) -> Later<'a, Ids> {
    Box::pin(async move {
        let mut ids = book(side).await;
        let slot = side.items("/api/slots?open=true").await.swap_remove(10);
        ids.insert("slot", id(&slot));
        ids
    })
}

/// A slot of the service that nobody has.
async fn add_slot(side: &Side<'_>, service: &str, start: &str, end: Option<&str>) -> String {
    let slot = json!({
        "service_id": service, "provider_id": side.ids["provider"], "start_time": start, "end_time": end,
    });
    id(&side.post("/api/slots", slot).await)
}

fn slot_to_move<'a>(side: &'a Side<'a>) -> Later<'a, Ids> {
    Box::pin(
        async move { Ids::from([("slot", add_slot(side, &side.ids["service"], "2027-02-02T15:00:00Z", None).await)]) },
    )
}

fn slot_to_remove<'a>(side: &'a Side<'a>) -> Later<'a, Ids> {
    Box::pin(
        async move { Ids::from([("slot", add_slot(side, &side.ids["service"], "2027-02-04T15:00:00Z", None).await)]) },
    )
}

/// A place in an activity that waits to be confirmed.
fn held<'a>(side: &'a Side<'a>) -> Later<'a, Ids> {
    Box::pin(async move {
        let yoga = json!({
            "name": "Yoga", "kind": "activity", "duration_minutes": 60, "capacity": 5, "hold_minutes": 60,
        });
        let yoga = id(&side.post("/api/services", yoga).await);
        let slot = add_slot(side, &yoga, "2027-02-05T15:00:00Z", None).await;
        book_slot(side, slot).await
    })
}

/// An appointment that has begun: of a minute, a minute ago.
async fn begun_appointment(side: &Side<'_>) -> Ids {
    let (start, end) = (side.app.clock.now() + TimeDelta::minutes(1), side.app.clock.now() + TimeDelta::minutes(2));
    let slot = add_slot(side, &side.ids["service"], &start.to_rfc3339(), Some(&end.to_rfc3339())).await;
    let ids = book_slot(side, slot).await;
    side.app.clock.advance(TimeDelta::hours(1));
    ids
}

fn begun<'a>(side: &'a Side<'a>) -> Later<'a, Ids> {
    Box::pin(begun_appointment(side))
}

fn completed<'a>(side: &'a Side<'a>) -> Later<'a, Ids> {
    Box::pin(async move {
        let ids = begun_appointment(side).await;
        side.ask("POST", &format!("/api/appointments/{}/complete", ids["appointment"]), None).await;
        ids
    })
}

fn unused_service<'a>(side: &'a Side<'a>) -> Later<'a, Ids> {
    Box::pin(async move {
        let service = side.post("/api/services", json!({ "name": "Unused", "duration_minutes": 30 })).await;
        Ids::from([("service", id(&service))])
    })
}

fn unused_provider<'a>(side: &'a Side<'a>) -> Later<'a, Ids> {
    Box::pin(async move {
        let provider = side.post("/api/providers", json!({ "name": "Unused" })).await;
        Ids::from([("provider", id(&provider))])
    })
}

fn more_hours<'a>(side: &'a Side<'a>) -> Later<'a, Ids> {
    Box::pin(async move {
        let hours = side.post("/api/availability", far_hours(&side.ids, "2032-01-01")).await;
        Ids::from([("hours", id(hours.get("rule").unwrap_or(&hours)))])
    })
}

fn more_closed_days<'a>(side: &'a Side<'a>) -> Later<'a, Ids> {
    Box::pin(async move {
        let closed = side.post("/api/availability/exceptions", closed(&side.ids, "2028-01-06")).await;
        Ids::from([("closed_days", id(&closed))])
    })
}

pub fn cases() -> Vec<Case> {
    [catalog(), slots(), availability(), appointments()].into_iter().flatten().collect()
}

fn catalog() -> Vec<Case> {
    vec![
        Case::new("GET", "/services").shows(&["service"]),
        Case::new("POST", "/services").body(|_| json!({ "name": "Shave", "duration_minutes": 20 })),
        Case::new("GET", "/services/{id}").ids(&["service"]).shows(&["service"]),
        Case::new("PATCH", "/services/{id}")
            .ids(&["service"])
            .body(|_| json!({ "description": "With tea." }))
            .shows(&["service"]),
        Case::new("DELETE", "/services/{id}").ids(&["service"]).prepare(unused_service),
        Case::new("GET", "/providers").shows(&["provider"]),
        Case::new("POST", "/providers").body(|_| json!({ "name": "Robin" })),
        Case::new("GET", "/providers/{id}").ids(&["provider"]).shows(&["provider"]),
        Case::new("PATCH", "/providers/{id}")
            .ids(&["provider"])
            .body(|_| json!({ "name": "Sasha" }))
            .shows(&["provider"]),
        Case::new("DELETE", "/providers/{id}").ids(&["provider"]).prepare(unused_provider),
    ]
}

fn slots() -> Vec<Case> {
    vec![
        Case::new("GET", "/slots")
            .query("?limit=200")
            .foreign_in_query(&[("service_id", "service"), ("provider_id", "provider")])
            .shows(&["slot", "service", "provider"]),
        Case::new("POST", "/slots")
            .body(|ids| {
                json!({
                    "service_id": ids["service"], "provider_id": ids["provider"], "start_time": "2027-02-01T15:00:00Z",
                })
            })
            .foreign_in_body(&[("service_id", "service", 404), ("provider_id", "provider", 404)])
            .shows(&["service", "provider"]),
        Case::new("GET", "/slots/{id}").ids(&["slot"]).shows(&["slot"]),
        Case::new("PATCH", "/slots/{id}")
            .ids(&["slot"])
            .body(|_| json!({ "start_time": "2027-02-03T15:00:00Z" }))
            .prepare(slot_to_move)
            .shows(&["slot"]),
        Case::new("DELETE", "/slots/{id}").ids(&["slot"]).prepare(slot_to_remove),
        Case::new("POST", "/slots/generate")
            .body(|ids| {
                json!({
                    "service_id": ids["service"], "provider_id": ids["provider"], "from": "2027-03-01", "to": "2027-03-02",
                    "hours": [{ "weekdays": ["monday"], "from": "09:00", "to": "12:00" }],
                })
            })
            .foreign_in_body(&[("service_id", "service", 404), ("provider_id", "provider", 404)]),
        Case::new("POST", "/slots/clear")
            .body(|ids| {
                json!({
                    "service_id": ids["service"], "provider_id": ids["provider"],
                    "from": "2027-03-01T00:00:00Z", "to": "2027-03-03T00:00:00Z",
                })
            })
            .foreign_in_body(&[("service_id", "service", 404), ("provider_id", "provider", 404)]),
    ]
}

fn availability() -> Vec<Case> {
    vec![
        Case::new("GET", "/availability")
            .foreign_in_query(&[("service_id", "service"), ("provider_id", "provider")])
            .shows(&["hours"]),
        Case::new("POST", "/availability")
            .body(|ids| far_hours(ids, "2031-01-01"))
            .foreign_in_body(&[("service_id", "service", 404), ("provider_id", "provider", 404)])
            .shows(&["service", "provider"]),
        Case::new("GET", "/availability/{id}").ids(&["hours"]).shows(&["hours"]),
        Case::new("PATCH", "/availability/{id}")
            .ids(&["hours"])
            .body(|_| json!({ "horizon_days": 30 }))
            .shows(&["hours"]),
        Case::new("DELETE", "/availability/{id}").ids(&["hours"]).prepare(more_hours),
        Case::new("GET", "/availability/exceptions")
            .foreign_in_query(&[("provider_id", "provider")])
            .shows(&["closed_days"]),
        Case::new("POST", "/availability/exceptions")
            .body(|ids| closed(ids, "2028-01-05"))
            .foreign_in_body(&[("provider_id", "provider", 404)])
            .shows(&["provider"]),
        Case::new("DELETE", "/availability/exceptions/{id}").ids(&["closed_days"]).prepare(more_closed_days),
    ]
}

fn appointments() -> Vec<Case> {
    vec![
        Case::new("GET", "/appointments")
            .foreign_in_query(&[
                ("contact_id", "contact"),
                ("service_id", "service"),
                ("provider_id", "provider"),
                ("slot_id", "slot"),
            ])
            .shows(&["appointment"]),
        Case::new("POST", "/appointments")
            .body(|ids| json!({ "contact_id": ids["contact"], "slot_id": ids["slot"] }))
            .foreign_in_body(&[("contact_id", "contact", 404), ("slot_id", "slot", 404)])
            .shows(&["contact", "slot"]),
        Case::new("GET", "/appointments/{id}").ids(&["appointment"]).shows(&["appointment"]),
        Case::new("PATCH", "/appointments/{id}")
            .ids(&["appointment"])
            .body(|_| json!({ "note": "Brings a friend." }))
            .shows(&["appointment"]),
        Case::new("POST", "/appointments/{id}/reschedule")
            .ids(&["appointment"])
            .body(|ids| json!({ "slot_id": ids["slot"] }))
            .foreign_in_body(&[("slot_id", "slot", 404)])
            .prepare(another_slot)
            .shows(&["appointment", "slot"]),
        Case::new("POST", "/appointments/{id}/cancel").ids(&["appointment"]).prepare(another),
        Case::new("POST", "/appointments/{id}/confirm").ids(&["appointment"]).prepare(held).shows(&["appointment"]),
        Case::new("POST", "/appointments/{id}/complete").ids(&["appointment"]).prepare(begun).shows(&["appointment"]),
        Case::new("POST", "/appointments/{id}/no-show").ids(&["appointment"]).prepare(begun).shows(&["appointment"]),
        Case::new("POST", "/appointments/{id}/reopen").ids(&["appointment"]).prepare(completed).shows(&["appointment"]),
    ]
}
