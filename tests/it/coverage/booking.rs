//! Services, providers, slots, appointments.

use serde_json::json;

use super::{Case, Ids, Later, NOT_YET, Side};

pub async fn fill(side: &mut Side<'_>) {
    for (kind, path) in [("service", "/api/services"), ("provider", "/api/providers")] {
        let row = side.items(path).await.swap_remove(0);
        side.keep(kind, &row);
    }
    let slot = side.items("/api/slots?open=true").await.swap_remove(5);
    side.keep("slot", &slot);
    let appointment = book(side).await;
    side.ids.extend(appointment);
}

/// Another appointment of the same contact.
async fn book(side: &Side<'_>) -> Ids {
    let slots = side.items("/api/slots?open=true&limit=200").await;
    let new = json!({ "contact_id": side.ids["contact"], "slot_id": slots[slots.len() - 1]["id"] });
    let booked = side.post("/api/appointments", new).await;
    Ids::from([("appointment", booked["id"].as_str().expect("id").to_owned())])
}

fn another<'a>(side: &'a Side<'a>) -> Later<'a, Ids> {
    Box::pin(book(side))
}

fn another_slot<'a>(side: &'a Side<'a>) -> Later<'a, Ids> {
    Box::pin(async move {
        let mut ids = book(side).await;
        let slot = side.items("/api/slots?open=true").await.swap_remove(10);
        ids.insert("slot", slot["id"].as_str().expect("id").to_owned());
        ids
    })
}

pub fn cases() -> Vec<Case> {
    vec![
        Case::new("GET", "/services").shows(&["service"]),
        Case::new("GET", "/providers").shows(&["provider"]),
        Case::new("GET", "/slots")
            .query("?limit=200")
            .foreign_in_query(&[("service_id", "service"), ("provider_id", "provider")])
            .shows(&["slot", "service", "provider"]),
        Case::new("GET", "/appointments").foreign_in_query(&[("contact_id", "contact")]).shows(&["appointment"]),
        Case::new("POST", "/appointments")
            .body(|ids| json!({ "contact_id": ids["contact"], "slot_id": ids["slot"] }))
            .foreign_in_body(&[("contact_id", "contact", 404), ("slot_id", "slot", 404)])
            .shows(&["contact", "slot"])
            .no_audit(NOT_YET),
        Case::new("POST", "/appointments/{id}/reschedule")
            .ids(&["appointment"])
            .body(|ids| json!({ "slot_id": ids["slot"] }))
            .foreign_in_body(&[("slot_id", "slot", 404)])
            .prepare(another_slot)
            .no_audit(NOT_YET),
        Case::new("POST", "/appointments/{id}/cancel").ids(&["appointment"]).prepare(another).no_audit(NOT_YET),
    ]
}
