//! Messages among the team.

use serde_json::json;

use super::{By, Case, Ids, Later, Side};

pub async fn fill(side: &mut Side<'_>) {
    let written = write(side).await;
    side.ids.extend(written);
    let me = side.ask_as(&side.admin, "GET", "/api/auth/me", None).await;
    let text = json!({ "recipient": me["user"]["id"], "body": "Can you take the 3 pm?" });
    let colleague = side.ids["session of the user"].clone();
    let received = side.ask_as(&colleague, "POST", "/api/team/messages", Some(text)).await;
    side.keep("received", &received);
}

/// A message of the administrator to their colleague.
async fn write(side: &Side<'_>) -> Ids {
    let text = json!({ "recipient": side.ids["user"], "body": "Until Monday." });
    let sent = side.ask_as(&side.admin, "POST", "/api/team/messages", Some(text)).await;
    Ids::from([("team_message", sent["id"].as_str().expect("id").to_owned())])
}

fn another<'a>(side: &'a Side<'a>) -> Later<'a, Ids> {
    Box::pin(write(side))
}

pub fn cases() -> Vec<Case> {
    let cases = vec![
        Case::new("GET", "/team/people").query("?limit=200").shows(&["user"]),
        Case::new("POST", "/team/messages")
            .body(|ids| json!({ "recipient": ids["user"], "body": "And?", "parent_id": ids["team_message"] }))
            .foreign_in_body(&[("parent_id", "team_message", 404)])
            .shows(&["user", "team_message"]),
        // Alone: an answer to one person is for nobody else anyway.
        Case::new("POST", "/team/messages")
            .body(|ids| json!({ "recipient": ids["user"], "body": "And?" }))
            .foreign_in_body(&[("recipient", "user", 404)])
            .tried_in("the case before"),
        Case::new("GET", "/team/messages/received").foreign_in_query(&[("from", "user")]).shows(&["received"]),
        Case::new("GET", "/team/messages/sent").foreign_in_query(&[("to", "user")]).shows(&["team_message"]),
        Case::new("GET", "/team/messages/history")
            .query("?with={user}")
            .foreign_in_query(&[("with", "user")])
            .shows(&["team_message", "received"]),
        Case::new("GET", "/team/messages/unread-count").shows(&["user"]),
        Case::new("GET", "/team/messages/{id}").ids(&["team_message"]).shows(&["team_message"]),
        Case::new("PATCH", "/team/messages/{id}")
            .ids(&["team_message"])
            .body(|_| json!({ "body": "Until Tuesday." }))
            .shows(&["team_message"]),
        Case::new("POST", "/team/messages/{id}/reply")
            .ids(&["received"])
            .body(|_| json!({ "body": "Sure." }))
            .shows(&["received"]),
        Case::new("POST", "/team/messages/{id}/read")
            .ids(&["received"])
            .shows(&["received"])
            .no_audit("that somebody read what was written to them stands on the message"),
        Case::new("POST", "/team/messages/read-all").no_audit("as reading one"),
        Case::new("DELETE", "/team/messages/{id}").ids(&["team_message"]).prepare(another),
    ];
    // Programs write to nobody of the team.
    cases.into_iter().map(|case| case.by(By::Person)).collect()
}
