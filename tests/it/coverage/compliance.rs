//! Consent: doubtful opt-outs.

use serde_json::json;

use super::{Case, NOT_YET, Side};

pub async fn fill(side: &mut Side<'_>) {
    let text = json!({ "from": format!("{}02", side.numbers), "body": "enough with the messages ok" });
    side.post("/api/simulator/messages", text).await;
    side.app.run_jobs().await;
    let review = side.items("/api/opt-out-reviews").await.swap_remove(0);
    side.keep("review", &review);
}

pub fn cases() -> Vec<Case> {
    vec![
        Case::new("GET", "/opt-out-reviews").shows(&["review"]),
        Case::new("POST", "/opt-out-reviews/{id}/decision")
            .ids(&["review"])
            .body(|_| json!({ "decision": "keep", "note": "They joked." }))
            .no_audit(NOT_YET),
    ]
}
