//! Contacts.

use serde_json::json;

use super::{Case, Ids, Later, Side};

pub async fn fill(side: &mut Side<'_>) {
    let text = json!({ "from": format!("{}01", side.numbers), "body": "book tuesday at 10 am" });
    let message = side.post("/api/simulator/messages", text).await;
    side.app.run_jobs().await;
    side.ids.insert("contact", message["contact_id"].as_str().expect("id").to_owned());
}

async fn add(side: &Side<'_>, number: &str) -> Ids {
    let added = side.post("/api/contacts", json!({ "phone_number": number })).await;
    Ids::from([("contact", added["id"].as_str().expect("id").to_owned())])
}

fn added<'a>(side: &'a Side<'a>) -> Later<'a, Ids> {
    Box::pin(add(side, "+14155550121"))
}

fn archived<'a>(side: &'a Side<'a>) -> Later<'a, Ids> {
    Box::pin(async move {
        let ids = add(side, "+14155550122").await;
        side.ask("POST", &format!("/api/contacts/{}/archive", ids["contact"]), None).await;
        ids
    })
}

pub fn cases() -> Vec<Case> {
    vec![
        Case::new("GET", "/contacts").shows(&["contact"]),
        Case::new("POST", "/contacts").body(|_| json!({ "phone_number": "+14155550120", "first_name": "Ana" })),
        Case::new("GET", "/contacts/{id}").ids(&["contact"]).shows(&["contact"]),
        Case::new("PATCH", "/contacts/{id}")
            .ids(&["contact"])
            .body(|_| json!({ "first_name": "Bea" }))
            .shows(&["contact"]),
        Case::new("POST", "/contacts/{id}/archive").ids(&["contact"]).prepare(added).shows(&["contact"]),
        Case::new("POST", "/contacts/{id}/unarchive").ids(&["contact"]).prepare(archived).shows(&["contact"]),
    ]
}
