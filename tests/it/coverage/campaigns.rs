//! Templates and campaigns.

use serde_json::{Value, json};

use super::{Case, Ids, Later, Side};

pub async fn fill(side: &mut Side<'_>) {
    let made = side.post("/api/templates", template(&side.ids)).await;
    side.keep("text template", &made);
    let made = side.post("/api/templates", template(&side.ids)).await;
    side.keep("campaign's template", &made);
    let made = side.post("/api/campaigns", campaign(&side.ids)).await;
    side.keep("campaign", &made);
}

/// For the contact that the others know, too.
fn campaign(ids: &Ids) -> Value {
    json!({
        "name": "Autumn", "sender_ids": [], "steps": [{ "template_id": ids["campaign's template"] }],
        "audience": { "filter": { "all": [{ "field": "id", "op": "is", "value": [ids["contact"]] }] } },
    })
}

/// A campaign that went through these.
fn gone<'a>(side: &'a Side<'a>, steps: &'static [&'static str]) -> Later<'a, Ids> {
    Box::pin(async move {
        let made = side.post("/api/campaigns", campaign(&side.ids)).await;
        let id = made["id"].as_str().expect("id").to_owned();
        for step in steps {
            side.ask("POST", &format!("/api/campaigns/{id}/{step}"), None).await;
        }
        Ids::from([("campaign", id)])
    })
}

/// With a WhatsApp template of its own, which therefore cannot be deleted.
fn template(ids: &Ids) -> Value {
    json!({
        "name": "Glasses are ready",
        "purpose": "transactional",
        "variants": [{ "body": "Hi {{ first_name | default(\"there\") }}, your glasses are ready." }, { "body": "Ready: {custom.frame}" }],
        "whatsapp": [{ "whatsapp_template_id": ids["template"], "variables": { "1": "{{ now | date }}" } }],
    })
}

fn archived<'a>(side: &'a Side<'a>) -> Later<'a, Ids> {
    Box::pin(async move {
        let made = side.post("/api/templates", template(&side.ids)).await;
        let id = made["id"].as_str().expect("id").to_owned();
        side.ask("POST", &format!("/api/templates/{id}/archive"), None).await;
        Ids::from([("text template", id)])
    })
}

pub fn cases() -> Vec<Case> {
    vec![
        Case::new("GET", "/templates").shows(&["text template"]),
        Case::new("POST", "/templates").body(template).shows(&["template"]),
        Case::new("GET", "/templates/variables"),
        Case::new("POST", "/templates/preview")
            .body(|ids| {
                json!({ "purpose": "marketing", "contact_id": ids["contact"], "variants": [{ "body": "Hi {phone_number}" }] })
            })
            .foreign_in_body(&[("contact_id", "contact", 404)])
            .shows(&["contact"])
            .no_audit("nothing is kept"),
        Case::new("GET", "/templates/{id}").ids(&["text template"]).shows(&["text template"]),
        Case::new("PATCH", "/templates/{id}")
            .ids(&["text template"])
            .body(|_| json!({ "name": "Glasses" }))
            .shows(&["text template"]),
        Case::new("POST", "/templates/{id}/preview")
            .ids(&["text template"])
            .body(|ids| json!({ "contact_id": ids["contact"] }))
            .foreign_in_body(&[("contact_id", "contact", 404)])
            .shows(&["contact"])
            .no_audit("nothing is kept"),
        Case::new("POST", "/templates/{id}/duplicate").ids(&["text template"]),
        Case::new("POST", "/templates/{id}/archive").ids(&["text template"]).shows(&["text template"]),
        Case::new("POST", "/templates/{id}/restore").ids(&["text template"]).prepare(archived).shows(&["text template"]),
        Case::new("GET", "/campaigns").shows(&["campaign"]),
        Case::new("POST", "/campaigns")
            .body(campaign)
            .foreign_in_body(&[("sender_ids", "sender", 404)])
            .shows(&["campaign's template"]),
        Case::new("GET", "/campaigns/{id}").ids(&["campaign"]).shows(&["campaign"]),
        Case::new("PATCH", "/campaigns/{id}").ids(&["campaign"]).body(|_| json!({ "name": "Winter", "sender_ids": [] }))
            .foreign_in_body(&[("sender_ids", "sender", 404)])
            .shows(&["campaign"]),
        Case::new("DELETE", "/campaigns/{id}").ids(&["campaign"]).prepare(|side| gone(side, &[])),
        Case::new("POST", "/campaigns/{id}/start").ids(&["campaign"]).prepare(|side| gone(side, &[])).shows(&["campaign"]),
        Case::new("POST", "/campaigns/{id}/pause")
            .ids(&["campaign"])
            .prepare(|side| gone(side, &["start"]))
            .shows(&["campaign"]),
        Case::new("POST", "/campaigns/{id}/resume")
            .ids(&["campaign"])
            .prepare(|side| gone(side, &["start", "pause"]))
            .shows(&["campaign"]),
        Case::new("POST", "/campaigns/{id}/cancel")
            .ids(&["campaign"])
            .prepare(|side| gone(side, &["start"]))
            .shows(&["campaign"]),
        Case::new("POST", "/campaigns/{id}/duplicate").ids(&["campaign"]),
        Case::new("POST", "/campaigns/{id}/dry-run").ids(&["campaign"]).no_audit("nothing is kept"),
        Case::new("POST", "/campaigns/{id}/test")
            .ids(&["campaign"])
            .body(|ids| json!({ "contact_id": ids["contact"] }))
            .foreign_in_body(&[("contact_id", "contact", 404)]),
        Case::new("GET", "/campaigns/{id}/targets").ids(&["campaign"]),
        Case::new("GET", "/analytics/campaigns/{id}").ids(&["campaign"]),
        Case::new("GET", "/analytics/campaigns/{id}/export").ids(&["campaign"]),
    ]
}
