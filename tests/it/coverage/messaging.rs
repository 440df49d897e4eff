//! Messages, conversations, senders.

use serde_json::json;

use super::{By, Case, Ids, Later, Side};

pub async fn fill(side: &mut Side<'_>) {
    let conversation = side.items("/api/conversations").await.swap_remove(0);
    side.keep("conversation", &conversation);
    let message = side.items("/api/messages").await.swap_remove(0);
    side.keep("message", &message);
    let simulator = side.items("/api/senders?channel=simulator").await.swap_remove(0);
    side.keep("simulator", &simulator);
    let template = side.post("/api/whatsapp-templates", template("HX0000000000000000000000000000000a")).await;
    side.keep("template", &template);
    side.ids.insert("place", "0".to_owned());
    let sender = add_sender(side, &format!("{}90", side.numbers)).await;
    side.ids.extend(sender);
    // Nobody makes one outside simulation mode, which senders rule out; one that is there is somebody's all the same.
    let fault: (uuid::Uuid,) = sqlx::query_as(
        "INSERT INTO simulator_faults (organization_id, id, kind, chance_percent, created_at)
         VALUES ($1, gen_random_uuid(), 'silence', 100, now()) RETURNING id",
    )
    .bind(side.organization.0)
    .fetch_one(side.app.core.db.pool())
    .await
    .expect("fault");
    side.ids.insert("fault", fault.0.to_string());
}

async fn add_sender(side: &Side<'_>, address: &str) -> Ids {
    let sender = json!({ "channel": "whatsapp", "address": address, "display_name": "WhatsApp" });
    let sender = side.post("/api/senders", sender).await;
    Ids::from([("sender", sender["id"].as_str().expect("id").to_owned())])
}

/// A template of WhatsApp's by its content SID.
fn template(sid: &str) -> serde_json::Value {
    json!({ "content_sid": sid, "name": "Reminder", "language": "en", "category": "utility", "body": "See you on {{1}}." })
}

fn another_template<'a>(side: &'a Side<'a>) -> Later<'a, Ids> {
    Box::pin(async move {
        let made = side.post("/api/whatsapp-templates", template("HX0000000000000000000000000000000c")).await;
        Ids::from([("template", made["id"].as_str().expect("id").to_owned())])
    })
}

fn another_sender<'a>(side: &'a Side<'a>) -> Later<'a, Ids> {
    Box::pin(add_sender(side, "+14155550192"))
}

/// A text that waits to be handed over: no jobs are run.
fn waiting<'a>(side: &'a Side<'a>) -> Later<'a, Ids> {
    Box::pin(async move {
        let text = side.post("/api/messages", json!({ "contact_id": side.ids["contact"], "body": "Wait." })).await;
        Ids::from([("message", text["id"].as_str().expect("id").to_owned())])
    })
}

fn account() -> serde_json::Value {
    json!({ "account_sid": format!("AC{}", "7".repeat(32)), "auth_token": "0123456789abcdef" })
}

fn sender_of_own_account<'a>(side: &'a Side<'a>) -> Later<'a, Ids> {
    Box::pin(async move {
        side.ask("PUT", &format!("/api/senders/{}/credentials", side.ids["sender"]), Some(account())).await;
        Ids::from([("sender", side.ids["sender"].clone())])
    })
}

/// In simulation mode by hand: it cannot be started beside real senders. The last of its cases ends it.
fn simulation<'a>(side: &'a Side<'a>) -> Later<'a, Ids> {
    Box::pin(async move {
        sqlx::query("INSERT INTO simulations (organization_id, started_at) VALUES ($1, now()) ON CONFLICT DO NOTHING")
            .bind(side.organization.0)
            .execute(side.app.core.db.pool())
            .await
            .expect("simulation");
        Ids::new()
    })
}

fn fault<'a>(side: &'a Side<'a>) -> Later<'a, Ids> {
    Box::pin(async move {
        simulation(side).await;
        let fault = side.post("/api/simulator/faults", json!({ "kind": "silence" })).await;
        Ids::from([("fault", fault["id"].as_str().expect("id").to_owned())])
    })
}

pub fn cases() -> Vec<Case> {
    vec![
        Case::new("GET", "/messages")
            .foreign_in_query(&[("contact_id", "contact"), ("conversation_id", "conversation")])
            .shows(&["message"]),
        Case::new("POST", "/messages")
            .body(|ids| json!({ "contact_id": ids["contact"], "sender_id": ids["simulator"], "body": "Ready." }))
            .foreign_in_body(&[("contact_id", "contact", 404), ("sender_id", "simulator", 404)])
            .shows(&["contact", "conversation"]),
        Case::new("GET", "/messages/{id}/media/{n}").ids(&["message", "place"]).tried_in("media.rs"),
        Case::new("GET", "/whatsapp-templates").shows(&["template"]),
        Case::new("POST", "/whatsapp-templates").body(|_| template("HX0000000000000000000000000000000b")),
        Case::new("GET", "/whatsapp-templates/{id}").ids(&["template"]).shows(&["template"]),
        Case::new("PATCH", "/whatsapp-templates/{id}")
            .ids(&["template"])
            .body(|_| json!({ "name": "Reminder of a visit" }))
            .shows(&["template"]),
        Case::new("DELETE", "/whatsapp-templates/{id}").ids(&["template"]).prepare(another_template),
        Case::new("POST", "/messages/preview")
            .body(|_| json!({ "text": "Reply YES to confirm" }))
            .no_audit("nothing is kept"),
        Case::new("GET", "/message-prices"),
        Case::new("PUT", "/message-prices")
            .body(|_| json!({ "currency": "USD", "sms_segment": 0.0119, "mms": null, "whatsapp": null })),
        Case::new("GET", "/messages/{id}").ids(&["message"]).shows(&["message"]),
        Case::new("GET", "/messages/{id}/receipt").ids(&["message"]).prepare(waiting),
        Case::new("POST", "/messages/{id}/cancel").ids(&["message"]).prepare(waiting).shows(&["message"]),
        Case::new("GET", "/conversations")
            .foreign_in_query(&[("contact_id", "contact"), ("assignee_id", "user")])
            .shows(&["conversation"]),
        Case::new("GET", "/conversations/{id}").ids(&["conversation"]).shows(&["conversation"]),
        Case::new("PATCH", "/conversations/{id}")
            .ids(&["conversation"])
            .body(|ids| json!({ "assignee_id": ids["user"] }))
            .foreign_in_body(&[("assignee_id", "user", 422)])
            .shows(&["conversation", "user"]),
        Case::new("GET", "/conversations/{id}/messages").ids(&["conversation"]).shows(&["message"]),
        Case::new("PUT", "/conversations/{id}/mode").ids(&["conversation"]).body(|_| json!({ "mode": "human" })),
        Case::new("POST", "/conversations/{id}/attended").ids(&["conversation"]),
        Case::new("POST", "/conversations/{id}/messages")
            .ids(&["conversation"])
            .body(|_| json!({ "body": "Hello." }))
            .by(By::Person)
            .programs_too(),
        Case::new("POST", "/simulator/messages")
            .body(|_| json!({ "from": "+14155550103", "body": "hello" }))
            .no_audit("what a contact does, played"),
        Case::new("GET", "/simulator/clock"),
        Case::new("PUT", "/simulator/clock").body(|_| json!({ "advance_seconds": 60 })).prepare(simulation),
        Case::new("GET", "/simulator/faults").prepare(fault),
        Case::new("POST", "/simulator/faults")
            .body(|ids| json!({ "kind": "silence", "contact_id": ids["contact"] }))
            .prepare(simulation)
            .foreign_in_body(&[("contact_id", "contact", 404)]),
        Case::new("DELETE", "/simulator/faults/{id}").ids(&["fault"]).prepare(fault),
        Case::new("GET", "/simulator/log").foreign_in_query(&[("contact_id", "contact"), ("message_id", "message")]),
        Case::new("PUT", "/simulator/mode").body(|_| json!({ "simulation": false })).prepare(simulation),
        Case::new("GET", "/senders").shows(&["sender", "simulator"]),
        Case::new("POST", "/senders")
            .body(|_| json!({ "channel": "whatsapp", "address": "+14155550191", "display_name": "Second" })),
        Case::new("PATCH", "/senders/{id}")
            .ids(&["sender"])
            .body(|_| json!({ "display_name": "Front desk" }))
            .shows(&["sender"]),
        Case::new("GET", "/senders/{id}").ids(&["sender"]).shows(&["sender"]),
        Case::new("POST", "/senders/{id}/pause")
            .ids(&["sender"])
            .body(|_| json!({ "reason": "Not registered yet." }))
            .shows(&["sender"]),
        Case::new("POST", "/senders/{id}/resume").ids(&["sender"]).shows(&["sender"]),
        Case::new("DELETE", "/senders/{id}").ids(&["sender"]).prepare(another_sender),
        Case::new("PUT", "/senders/{id}/credentials").ids(&["sender"]).body(|_| account()),
        Case::new("GET", "/senders/{id}/credentials").ids(&["sender"]).prepare(sender_of_own_account),
        Case::new("DELETE", "/senders/{id}/credentials").ids(&["sender"]).prepare(sender_of_own_account),
    ]
}
