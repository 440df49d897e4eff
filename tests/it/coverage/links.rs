//! Short links.

use serde_json::json;

use super::{Case, Side};

pub async fn fill(side: &mut Side<'_>) {
    side.ask("PUT", "/api/links/settings", Some(json!({ "enabled": true }))).await;
    let new = json!({ "target_url": "https://example.com/summer", "contact_id": side.ids["contact"] });
    let made = side.post("/api/links", new).await;
    side.ids.insert("link", made["id"].as_str().expect("id").to_owned());
}

pub fn cases() -> Vec<Case> {
    vec![
        Case::new("GET", "/links/settings"),
        Case::new("PUT", "/links/settings").body(|_| json!({ "enabled": true, "base_url": "https://go.example.com" })),
        Case::new("GET", "/links")
            .foreign_in_query(&[("batch_id", "organization"), ("contact_id", "contact")])
            .shows(&["link"]),
        Case::new("POST", "/links")
            .body(|ids| json!({ "target_url": "https://example.com", "contact_id": ids["contact"] }))
            .foreign_in_body(&[("contact_id", "contact", 404)])
            .shows(&["contact"]),
        Case::new("GET", "/links/{id}").ids(&["link"]).shows(&["link"]),
    ]
}
