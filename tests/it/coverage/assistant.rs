//! What the assistant knows, how it is set, and why it answered as it did.

use serde_json::json;

use super::{Case, Side};

pub async fn fill(side: &mut Side<'_>) {
    let entry = json!({ "topic": "other", "title": "Pets", "answer_en": "Yes." });
    let entry = side.post("/api/knowledge", entry).await;
    side.keep("entry", &entry);
    for kind in ["model", "other_model"] {
        let model = json!({ "provider": "anthropic", "model": "claude-x", "key": "sk-0123456789" });
        let model = side.post("/api/assistant/providers", model).await;
        side.keep(kind, &model);
    }
    let turn = side.items(&format!("/api/conversations/{}/turns", side.ids["conversation"])).await.swap_remove(0);
    side.keep("turn", &turn);
}

pub fn cases() -> Vec<Case> {
    vec![
        Case::new("GET", "/conversations/{id}/turns").ids(&["conversation"]).shows(&["turn"]),
        Case::new("GET", "/knowledge").shows(&["entry"]),
        Case::new("GET", "/knowledge/{id}").ids(&["entry"]).shows(&["entry"]),
        Case::new("POST", "/knowledge")
            .body(|_| json!({ "topic": "other", "title": "Parking", "answer_en": "Behind the house." })),
        Case::new("POST", "/knowledge/match")
            .body(|_| json!({ "text": "do you allow pets?" }))
            .shows(&["entry"])
            .no_audit("it changes nothing"),
        Case::new("PUT", "/knowledge/{id}")
            .ids(&["entry"])
            .body(|_| json!({ "topic": "other", "title": "Pets", "answer_en": "No." })),
        Case::new("DELETE", "/knowledge/{id}").ids(&["entry"]),
        Case::new("GET", "/assistant/settings"),
        Case::new("PUT", "/assistant/settings")
            .body(|_| json!({ "ai_enabled": true, "daily_budget_usd": 1.5, "history_messages": 5, "human_quiet_minutes": 60 })),
        Case::new("GET", "/assistant/usage"),
        Case::new("GET", "/assistant/providers").shows(&["model"]),
        Case::new("PUT", "/assistant/providers/order")
            .body(|ids| json!({ "ids": [ids["model"], ids["other_model"]] }))
            .foreign_in_body(&[("ids", "model", 422)]),
        Case::new("POST", "/assistant/providers")
            .body(|_| json!({ "provider": "openai", "model": "gpt-x", "key": "sk-9876543210" })),
        Case::new("POST", "/assistant/providers/{id}/test")
            .ids(&["model"])
            .tried_in("tests/it/models.rs, against a model server of its own"),
        Case::new("DELETE", "/assistant/providers/{id}").ids(&["model"]),
    ]
}
