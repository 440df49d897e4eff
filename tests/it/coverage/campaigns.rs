//! Templates.

use serde_json::{Value, json};

use super::{Case, Ids, Later, Side};

pub async fn fill(side: &mut Side<'_>) {
    let made = side.post("/api/templates", template(&side.ids)).await;
    side.keep("text template", &made);
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
    ]
}
