//! Export, erasure, retention.

use serde_json::json;

use super::{Case, Ids, Later, Side};

/// Whom nothing else of the test needs.
const NUMBER: &str = "+14155550190";

fn somebody<'a>(side: &'a Side<'a>) -> Later<'a, Ids> {
    Box::pin(async move {
        let added = side.post("/api/contacts", json!({ "phone_number": NUMBER })).await;
        Ids::from([("contact", added["id"].as_str().expect("id").to_owned())])
    })
}

pub fn cases() -> Vec<Case> {
    vec![
        Case::new("GET", "/contacts/{id}/export").ids(&["contact"]),
        Case::new("GET", "/contacts/{id}/consent/evidence").ids(&["contact"]),
        Case::new("POST", "/contacts/{id}/erase")
            .ids(&["contact"])
            .prepare(somebody)
            .body(|_| json!({ "confirm": NUMBER, "reason": "requested" })),
        Case::new("GET", "/privacy/settings"),
        Case::new("PUT", "/privacy/settings").body(|_| json!({ "messages_days": 90 })),
    ]
}
