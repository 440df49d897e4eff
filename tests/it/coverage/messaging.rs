//! Messages and conversations.

use serde_json::json;

use super::{By, Case, NOT_YET, Side};

pub async fn fill(side: &mut Side<'_>) {
    let conversation = side.items("/api/conversations").await.swap_remove(0);
    side.keep("conversation", &conversation);
    let message = side.items("/api/messages").await.swap_remove(0);
    side.keep("message", &message);
}

pub fn cases() -> Vec<Case> {
    vec![
        Case::new("GET", "/messages")
            .foreign_in_query(&[("contact_id", "contact"), ("conversation_id", "conversation")])
            .shows(&["message"]),
        Case::new("GET", "/conversations").foreign_in_query(&[("contact_id", "contact")]).shows(&["conversation"]),
        Case::new("GET", "/conversations/{id}").ids(&["conversation"]).shows(&["conversation"]),
        Case::new("PUT", "/conversations/{id}/mode")
            .ids(&["conversation"])
            .body(|_| json!({ "mode": "human" }))
            .no_audit(NOT_YET),
        Case::new("POST", "/conversations/{id}/attended").ids(&["conversation"]).no_audit(NOT_YET),
        Case::new("POST", "/conversations/{id}/messages")
            .ids(&["conversation"])
            .body(|_| json!({ "body": "Hello." }))
            .by(By::Person)
            .no_audit(NOT_YET),
        Case::new("POST", "/simulator/messages")
            .body(|_| json!({ "from": "+14155550103", "body": "hello" }))
            .no_audit("what a contact does, played"),
    ]
}
