//! Webhooks to the organization's own systems.

use serde_json::json;

use super::{Case, Ids, Later, Side};

pub async fn fill(side: &mut Side<'_>) {
    let made = endpoint(side, false).await;
    side.ids.extend(made);
}

/// An endpoint with a delivery.
async fn endpoint(side: &Side<'_>, enabled: bool) -> Ids {
    let endpoint = json!({ "url": "https://example.com/hooks", "enabled": enabled });
    let endpoint = side.post("/api/webhook-endpoints", endpoint).await;
    let endpoint = endpoint["id"].as_str().expect("id").to_owned();
    let delivery = side.ask("POST", &format!("/api/webhook-endpoints/{endpoint}/test"), None).await;
    Ids::from([("endpoint", endpoint), ("delivery", delivery["id"].as_str().expect("id").to_owned())])
}

fn another<'a>(side: &'a Side<'a>) -> Later<'a, Ids> {
    Box::pin(endpoint(side, true))
}

/// As if its receiver had not answered.
fn given_up<'a>(side: &'a Side<'a>) -> Later<'a, Ids> {
    Box::pin(async move {
        let ids = endpoint(side, true).await;
        sqlx::query("UPDATE webhook_deliveries SET status = 'failed', finished_at = created_at WHERE id::text = $1")
            .bind(&ids["delivery"])
            .execute(side.app.core.db.pool())
            .await
            .expect("delivery");
        ids
    })
}

pub fn cases() -> Vec<Case> {
    vec![
        Case::new("GET", "/webhook-endpoints").shows(&["endpoint"]),
        Case::new("POST", "/webhook-endpoints")
            .body(|_| json!({ "url": "https://example.com/others", "enabled": false }))
            .secret(),
        Case::new("GET", "/webhook-endpoints/{id}").ids(&["endpoint"]).shows(&["endpoint"]),
        Case::new("PATCH", "/webhook-endpoints/{id}")
            .ids(&["endpoint"])
            .body(|_| json!({ "description": "The shop" }))
            .shows(&["endpoint"]),
        Case::new("POST", "/webhook-endpoints/{id}/rotate-secret").ids(&["endpoint"]).shows(&["endpoint"]).secret(),
        Case::new("POST", "/webhook-endpoints/{id}/test").ids(&["endpoint"]).shows(&["endpoint"]),
        Case::new("GET", "/webhook-endpoints/{id}/deliveries").ids(&["endpoint"]).shows(&["delivery"]),
        Case::new("GET", "/webhook-deliveries/{id}").ids(&["delivery"]).shows(&["delivery"]),
        Case::new("POST", "/webhook-deliveries/{id}/replay").ids(&["delivery"]).prepare(given_up).shows(&["delivery"]),
        Case::new("POST", "/webhook-endpoints/{id}/replay")
            .ids(&["endpoint"])
            .body(|_| json!({ "since": "2026-11-01T00:00:00Z" }))
            .prepare(given_up),
        Case::new("DELETE", "/webhook-endpoints/{id}").ids(&["endpoint"]).prepare(another),
    ]
}
