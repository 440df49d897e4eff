//! Reports: matters that somebody raised.

use frontdesk::accounts::Permission;
use serde_json::json;

use super::{By, Case, Side};

pub async fn fill(side: &mut Side<'_>) {
    let report = json!({ "subject": "The door", "body": "It is stuck.", "contact_id": side.ids["contact"] });
    let report = side.ask_as(&side.admin, "POST", "/api/reports", Some(report)).await;
    side.keep("report", &report);
    let comment = json!({ "body": "Since Friday.", "internal": true });
    let comment = side.post(&format!("/api/reports/{}/comments", side.ids["report"]), comment).await;
    side.keep("comment", &comment);
}

pub fn cases() -> Vec<Case> {
    vec![
        Case::new("GET", "/reports")
            .foreign_in_query(&[("assignee_id", "user"), ("contact_id", "contact"), ("opened_by", "user")])
            .shows(&["report"]),
        Case::new("POST", "/reports")
            .body(|ids| json!({ "subject": "The lamp", "body": "It flickers.", "contact_id": ids["contact"] }))
            .foreign_in_body(&[("contact_id", "contact", 404)])
            .shows(&["contact"]),
        Case::new("GET", "/reports/mine")
            .by(By::Person)
            .foreign_in_query(&[("assignee_id", "user"), ("contact_id", "contact"), ("opened_by", "user")])
            .shows(&["report"]),
        Case::new("GET", "/reports/{id}").ids(&["report"]).hidden_without(Permission::ReportsRead).shows(&["report"]),
        Case::new("PATCH", "/reports/{id}")
            .ids(&["report"])
            .body(|ids| json!({ "priority": "high", "assignee_id": ids["user"] }))
            .foreign_in_body(&[("assignee_id", "user", 404)])
            .shows(&["report", "user"]),
        Case::new("GET", "/reports/{id}/comments")
            .ids(&["report"])
            .hidden_without(Permission::ReportsRead)
            .shows(&["comment"]),
        Case::new("POST", "/reports/{id}/comments")
            .ids(&["report"])
            .hidden_without(Permission::ReportsRead)
            .body(|_| json!({ "body": "Somebody comes on Monday." })),
        Case::new("GET", "/reports/{id}/history").ids(&["report"]).hidden_without(Permission::ReportsRead),
        Case::new("POST", "/reports/{id}/start").ids(&["report"]).shows(&["report"]),
        Case::new("POST", "/reports/{id}/resolve")
            .ids(&["report"])
            .body(|_| json!({ "note": "It opens again." }))
            .shows(&["report"]),
        Case::new("POST", "/reports/{id}/reopen").ids(&["report"]).shows(&["report"]),
    ]
}
