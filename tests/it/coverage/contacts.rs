//! Contacts.

use serde_json::json;

use super::{Case, Side};

pub async fn fill(side: &mut Side<'_>) {
    let text = json!({ "from": format!("{}01", side.numbers), "body": "book tuesday at 10 am" });
    let message = side.post("/api/simulator/messages", text).await;
    side.app.run_jobs().await;
    side.ids.insert("contact", message["contact_id"].as_str().expect("id").to_owned());
}

pub fn cases() -> Vec<Case> {
    vec![
        Case::new("GET", "/contacts").shows(&["contact"]),
        Case::new("GET", "/contacts/{id}").ids(&["contact"]).shows(&["contact"]),
    ]
}
