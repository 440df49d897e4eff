//! Contacts.

use serde_json::{Value, json};

use super::{Case, Ids, Later, Side};

pub async fn fill(side: &mut Side<'_>) {
    let text = json!({ "from": format!("{}01", side.numbers), "body": "book tuesday at 10 am" });
    let message = side.post("/api/simulator/messages", text).await;
    side.app.run_jobs().await;
    side.ids.insert("contact", message["contact_id"].as_str().expect("id").to_owned());
    let import = brought(side).await;
    side.ids.extend(import);
    let made = side.post("/api/segments", segment("Everybody")).await;
    side.ids.insert("segment", made["id"].as_str().expect("id").to_owned());
    // One that is over, with a contact, a mistake and consent of its own.
    let list = format!("phone,email\n{}71,ana@example.com\nnobody,\n", side.numbers);
    let over = side.post("/api/contacts/import/preview", Value::String(list)).await;
    let consent = json!({
        "tier": "express_written", "method": "paper", "channel": "sms", "purpose": "marketing", "evidence": "Sheets 1 to 40",
        "given_at": "2026-11-01T12:00:00Z",
    });
    let execute = json!({ "import_id": over["import"]["id"], "options": { "consent": consent } });
    side.post("/api/contacts/import/execute", execute).await;
    side.app.run_jobs().await;
}

/// A file that waits to be started.
async fn brought(side: &Side<'_>) -> Ids {
    let list = Value::String("phone,name\n+14155550171,Ana\n".to_owned());
    let preview = side.post("/api/contacts/import/preview", list).await;
    Ids::from([("contact_import", preview["import"]["id"].as_str().expect("id").to_owned())])
}

fn waiting<'a>(side: &'a Side<'a>) -> Later<'a, Ids> {
    Box::pin(brought(side))
}

fn taken_in<'a>(side: &'a Side<'a>) -> Later<'a, Ids> {
    Box::pin(async move {
        let ids = brought(side).await;
        side.post("/api/contacts/import/execute", json!({ "import_id": ids["contact_import"] })).await;
        side.app.run_jobs().await;
        ids
    })
}

async fn add(side: &Side<'_>, number: &str) -> Ids {
    let added = side.post("/api/contacts", json!({ "phone_number": number })).await;
    Ids::from([("contact", added["id"].as_str().expect("id").to_owned())])
}

fn segment(name: &str) -> Value {
    json!({ "name": name, "filter": { "any": [{ "field": "tags", "op": "has_none", "value": ["gone"] }] } })
}

fn segmented<'a>(side: &'a Side<'a>) -> Later<'a, Ids> {
    Box::pin(async move {
        let made = side.post("/api/segments", segment("Short-lived")).await;
        Ids::from([("segment", made["id"].as_str().expect("id").to_owned())])
    })
}

fn put_away<'a>(side: &'a Side<'a>) -> Later<'a, Ids> {
    Box::pin(async move {
        let ids = segmented(side).await;
        side.ask("POST", &format!("/api/segments/{}/archive", ids["segment"]), None).await;
        ids
    })
}

fn added<'a>(side: &'a Side<'a>) -> Later<'a, Ids> {
    Box::pin(add(side, "+14155550121"))
}

fn archived<'a>(side: &'a Side<'a>) -> Later<'a, Ids> {
    Box::pin(async move {
        let ids = add(side, "+14155550122").await;
        side.ask("POST", &format!("/api/contacts/{}/archive", ids["contact"]), None).await;
        ids
    })
}

fn pair<'a>(side: &'a Side<'a>) -> Later<'a, Ids> {
    Box::pin(async move {
        let mut ids = add(side, "+14155550123").await;
        let other = add(side, "+14155550124").await;
        ids.insert("other", other["contact"].clone());
        ids
    })
}

pub fn cases() -> Vec<Case> {
    vec![
        Case::new("GET", "/contacts").shows(&["contact"]),
        Case::new("POST", "/contacts").body(|_| json!({ "phone_number": "+14155550120", "first_name": "Ana" })),
        Case::new("GET", "/contacts/{id}/timeline").ids(&["contact"]),
        Case::new("GET", "/contacts/{id}").ids(&["contact"]).shows(&["contact"]),
        Case::new("PATCH", "/contacts/{id}")
            .ids(&["contact"])
            .body(|_| json!({ "first_name": "Bea" }))
            .shows(&["contact"]),
        Case::new("POST", "/contacts/{id}/archive").ids(&["contact"]).prepare(added).shows(&["contact"]),
        Case::new("GET", "/contacts/duplicates"),
        Case::new("POST", "/contacts/{id}/merge")
            .ids(&["contact"])
            .prepare(pair)
            .body(|ids| json!({ "contact_id": ids.get("other").unwrap_or(&ids["contact"]) }))
            .foreign_in_body(&[("contact_id", "contact", 404)])
            .shows(&["contact"]),
        Case::new("GET", "/contacts/export").shows(&["contact"]),
        Case::new("POST", "/contacts/import/preview")
            .query("?file_name=list.csv")
            .body(|_| Value::String("phone,name\n+14155550171,Ana\n".to_owned())),
        Case::new("POST", "/contacts/import/execute")
            .prepare(waiting)
            .body(|ids| json!({ "import_id": ids["contact_import"] }))
            .foreign_in_body(&[("import_id", "contact_import", 404)])
            .shows(&["contact_import"]),
        Case::new("GET", "/contacts/imports").shows(&["contact_import"]),
        Case::new("GET", "/contacts/imports/{id}").ids(&["contact_import"]).shows(&["contact_import"]),
        Case::new("POST", "/contacts/imports/{id}/preview")
            .ids(&["contact_import"])
            .body(|_| json!({ "existing": "overwrite" }))
            .no_audit("it only looks")
            .shows(&["contact_import"]),
        Case::new("GET", "/contacts/imports/{id}/errors.csv").ids(&["contact_import"]),
        Case::new("POST", "/contacts/imports/{id}/cancel")
            .ids(&["contact_import"])
            .prepare(waiting)
            .shows(&["contact_import"]),
        Case::new("POST", "/contacts/imports/{id}/undo")
            .ids(&["contact_import"])
            .prepare(taken_in)
            .shows(&["contact_import"]),
        Case::new("GET", "/segments").shows(&["segment"]),
        Case::new("POST", "/segments").body(|_| segment("New")),
        Case::new("POST", "/segments/count")
            .body(|_| json!({ "filter": { "all": [] } }))
            .no_audit("it only looks")
            .shows(&["contact"]),
        Case::new("GET", "/segments/{id}").ids(&["segment"]).shows(&["segment"]),
        Case::new("PATCH", "/segments/{id}").ids(&["segment"]).body(|_| json!({ "name": "Old" })).shows(&["segment"]),
        Case::new("DELETE", "/segments/{id}").ids(&["segment"]).prepare(segmented),
        Case::new("POST", "/segments/{id}/archive").ids(&["segment"]).prepare(segmented).shows(&["segment"]),
        Case::new("POST", "/segments/{id}/restore").ids(&["segment"]).prepare(put_away).shows(&["segment"]),
        Case::new("GET", "/segments/{id}/contacts").ids(&["segment"]).shows(&["contact"]),
        Case::new("POST", "/contacts/{id}/unarchive").ids(&["contact"]).prepare(archived).shows(&["contact"]),
    ]
}
