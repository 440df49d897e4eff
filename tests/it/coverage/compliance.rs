//! Consent, the block list, doubtful opt-outs.

use serde_json::json;

use super::{By, Case, Ids, Later, Side};

pub async fn fill(side: &mut Side<'_>) {
    let text = json!({ "from": format!("{}02", side.numbers), "body": "enough with the messages ok" });
    side.post("/api/simulator/messages", text).await;
    side.app.run_jobs().await;
    let review = side.items("/api/opt-out-reviews").await.swap_remove(0);
    side.keep("review", &review);
    let consent = json!({
        "action": "granted", "tier": "express", "channel": "sms", "method": "paper", "evidence": "Form of 3 March",
    });
    let consent = side.post(&format!("/api/contacts/{}/consent", side.ids["contact"]), consent).await;
    side.keep("consent", &consent);
    let blocked = json!({ "phone_number": format!("{}70", side.numbers), "reason": "Asked by phone" });
    let blocked = side.post("/api/suppressions", blocked).await;
    side.keep("suppression", &blocked);
    let off = json!({ "rule_id": "us-al", "off": true, "reason": "Counsel's letter" });
    let off = side.post("/api/compliance/overrides", off).await;
    side.keep("override", &off);
    let disclosure = json!({
        "program": "News", "seller": "Maple Street Studio", "purpose": "marketing", "text": "I agree to get texts. Reply STOP to end.",
    });
    let disclosure = side.post("/api/compliance/disclosures", disclosure).await;
    side.keep("disclosure", &disclosure);
    let list = json!({ "csv": format!("{}71\n", side.numbers), "note": "Registry" });
    let list = side.post("/api/suppressions/import", list).await;
    side.keep("batch", &list["batch"]);
}

fn blocked<'a>(side: &'a Side<'a>) -> Later<'a, Ids> {
    Box::pin(async move {
        let blocked = json!({ "phone_number": "+14155550172", "reason": "By mistake" });
        let blocked = side.post("/api/suppressions", blocked).await;
        Ids::from([("suppression", blocked["id"].as_str().expect("id").to_owned())])
    })
}

fn overridden<'a>(side: &'a Side<'a>) -> Later<'a, Ids> {
    Box::pin(async move {
        let closed = json!({ "rule_id": "us-tx", "windows": [], "reason": "For now" });
        let closed = side.post("/api/compliance/overrides", closed).await;
        Ids::from([("override", closed["id"].as_str().expect("id").to_owned())])
    })
}

fn listed<'a>(side: &'a Side<'a>) -> Later<'a, Ids> {
    Box::pin(async move {
        let list = side.post("/api/suppressions/import", json!({ "csv": "+14155550175", "note": "By mistake" })).await;
        Ids::from([("batch", list["batch"]["id"].as_str().expect("id").to_owned())])
    })
}

fn blocked_everywhere<'a>(side: &'a Side<'a>) -> Later<'a, Ids> {
    Box::pin(async move {
        let entry = Some(json!({ "phone_number": "+14155550176", "note": "By mistake" }));
        let entry = side.ask_as(&side.superuser, "POST", "/api/installation/suppressions", entry).await;
        Ids::from([("entry", entry["id"].as_str().expect("id").to_owned())])
    })
}

pub fn cases() -> Vec<Case> {
    vec![
        Case::new("GET", "/contacts/{id}/consent").ids(&["contact"]).shows(&["consent"]),
        Case::new("POST", "/contacts/{id}/consent")
            .ids(&["contact"])
            .body(|ids| {
                json!({ "action": "granted", "tier": "express", "channel": "sms", "method": "verbal", "evidence": "By phone",
                        "disclosure_id": ids["disclosure"], "message_id": ids["message"], "double_opt_in_message_id": ids["message"] })
            })
            .foreign_in_body(&[
                ("disclosure_id", "disclosure", 422),
                ("message_id", "message", 422),
                ("double_opt_in_message_id", "message", 422),
            ]),
        Case::new("GET", "/compliance/disclosures").shows(&["disclosure"]),
        Case::new("POST", "/compliance/disclosures").body(|_| {
            json!({ "program": "Reminders", "seller": "Maple Street Studio", "purpose": "transactional", "text": "We remind you." })
        }),
        Case::new("POST", "/suppressions/import").body(|_| json!({ "csv": "+14155550174", "note": "Registry" })),
        Case::new("GET", "/suppressions/batches").shows(&["batch"]),
        Case::new("POST", "/suppressions/batches/{id}/undo").ids(&["batch"]).prepare(listed),
        Case::new("GET", "/installation/suppressions").by(By::Superuser),
        Case::new("POST", "/installation/suppressions")
            .by(By::Superuser)
            .body(|_| json!({ "phone_number": "+14155550173", "note": "Sues over every text" })),
        Case::new("DELETE", "/installation/suppressions/{id}")
            .by(By::Superuser)
            .ids(&["entry"])
            .prepare(blocked_everywhere)
            .everywhere("the list is the installation's"),
        Case::new("GET", "/suppressions").foreign_in_query(&[("batch_id", "batch")]).shows(&["suppression"]),
        Case::new("POST", "/suppressions")
            .body(|_| json!({ "phone_number": "+14155550171", "reason": "Asked by phone" })),
        Case::new("DELETE", "/suppressions/{id}").ids(&["suppression"]).prepare(blocked),
        Case::new("GET", "/compliance/rules").shows(&["override"]),
        Case::new("GET", "/compliance/check").query("?phone_number=2055550101"),
        Case::new("GET", "/compliance/frequency-cap"),
        Case::new("PUT", "/compliance/frequency-cap").body(|_| json!({ "texts": 100, "days": 1 })),
        Case::new("GET", "/compliance/overrides")
            .shows(&["override"])
            .foreign_in_query(&[("rule_id", "override")]),
        // The id of a rule is a word of the data that ships; an override's id is none.
        Case::new("POST", "/compliance/overrides").foreign_in_body(&[("rule_id", "override", 422)]).body(|_| {
            json!({ "rule_id": "us-fl", "windows": [{ "days": ["monday"], "from": "09:00", "to": "20:00" }], "reason": "Ours" })
        }),
        Case::new("DELETE", "/compliance/overrides/{id}").ids(&["override"]).prepare(overridden),
        Case::new("GET", "/opt-out-reviews").shows(&["review"]),
        Case::new("POST", "/opt-out-reviews/{id}/decision")
            .ids(&["review"])
            .body(|_| json!({ "decision": "keep", "note": "They joked." })),
    ]
}
