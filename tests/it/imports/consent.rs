//! Consent that comes with a file, and opt-outs that no file lifts.

use serde_json::{Value, json};

use super::{brought, by_number, counts, execute, id, taken_in};
use crate::{
    contacts::{NOBODY, contact},
    support::App,
};

fn evidence() -> Value {
    json!({
        "tier": "express_written", "method": "paper", "channel": "sms", "purpose": "marketing",
        "evidence": "Sheets 1 to 40 of the spring fair", "source": "Spring fair", "given_at": "2026-11-01T12:00:00Z",
    })
}

async fn ledger(app: &App, number: &str) -> Vec<Value> {
    let contact = by_number(app, number).await.unwrap_or_else(|| panic!("no {number}"));
    app.items(&format!("/api/contacts/{}/consent", contact["id"].as_str().expect("id"))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_of_a_file_is_in_each_ledger() {
    let app = App::start().await;
    let told = json!({ "program": "Offers", "seller": "Maple", "purpose": "marketing", "text": "You agree to offers by text." });
    let disclosure = app.api("POST", "/api/compliance/disclosures", Some(told)).await.expect(201).json();
    contact(&app, "+14155550102").await;
    contact(&app, "+14155550103").await;
    let list = "phone,timezone\n4155550101,America/Chicago\n4155550102,\n4155550102,\nnobody,\n";
    let mut consent = evidence();
    consent["disclosure_id"] = disclosure["id"].clone();
    let import = taken_in(&app, list, json!({ "consent": consent })).await;
    assert_eq!(counts(&import, &["created", "unchanged", "consent_given", "consent_refused"]), [1, 1, 2, 0]);
    for number in ["+14155550101", "+14155550102"] {
        let lines = ledger(&app, number).await;
        assert_eq!(lines.len(), 1);
        let line = &lines[0];
        assert_eq!(
            (&line["action"], &line["tier"], &line["method"], &line["channel"], &line["purpose"]),
            (&json!("granted"), &json!("express_written"), &json!("paper"), &json!("sms"), &json!("marketing"))
        );
        assert_eq!((&line["given_at"], &line["source"]), (&json!("2026-11-01T12:00:00Z"), &json!("Spring fair")));
        assert_eq!(line["disclosure_sha256"], disclosure["sha256"]);
        assert_eq!(by_number(&app, number).await.expect("contact")["opt_in_status"], "opted_in");
    }
    assert_eq!(ledger(&app, "+14155550101").await[0]["zone"], "America/Chicago");
    assert_eq!(by_number(&app, "+14155550103").await.expect("contact")["opt_in_status"], "pending");
    // Whom the file skips it says nothing of.
    let skipped = taken_in(&app, "phone\n4155550103\n", json!({ "existing": "skip", "consent": evidence() })).await;
    assert_eq!(counts(&skipped, &["skipped", "consent_given", "consent_refused"]), [1, 0, 0]);
    // The chain of each ledger holds.
    let broken = "SELECT count(*) FROM consent_events e WHERE hash <> encode(sha256(convert_to(COALESCE(prev_hash, '') || E'\\n' || consent_line(e), 'UTF8')), 'hex')";
    assert_eq!(app.count(broken).await, 0);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_file_lifts_an_opt_out_a_block_or_a_revocation() {
    let app = App::start().await;
    // Of their own, by staff, of one purpose, in doubt, blocked, on a list, erased after an opt-out.
    app.text("+14155550101", "STOP").await;
    let revoke = |purpose: Value| json!({ "action": "revoked", "channel": "sms", "method": "verbal", "evidence": "by phone", "purpose": purpose });
    for (number, purpose) in [("+14155550102", Value::Null), ("+14155550103", json!("marketing"))] {
        let id = contact(&app, number).await;
        app.api("POST", &format!("/api/contacts/{id}/consent"), Some(revoke(purpose))).await.expect(201);
    }
    app.text("+14155550104", "please stop whatever this is, maybe").await;
    contact(&app, "+14155550105").await;
    app.api("POST", "/api/suppressions", Some(json!({ "phone_number": "+14155550105", "reason": "rude" })))
        .await
        .expect(201);
    let registry = json!({ "csv": "phone\n+14155550106\n", "note": "Registry" });
    app.api("POST", "/api/suppressions/import", Some(registry)).await.expect(201);
    app.text("+14155550107", "STOP").await;
    let gone = by_number(&app, "+14155550107").await.expect("contact");
    let erase = format!("/api/contacts/{}/erase", gone["id"].as_str().expect("id"));
    app.api("POST", &erase, Some(json!({ "confirm": "+14155550107" }))).await.expect(200);
    let before = app.count("SELECT count(*) FROM suppressions WHERE lifted_at IS NULL").await;
    let list: String = (1..=8).map(|n| format!("415555010{n},Name {n}\n")).collect();
    // Dated today: newer than every opt-out.
    let mut consent = evidence();
    consent["given_at"] = json!("2026-11-21T15:00:59Z");
    let import =
        taken_in(&app, format!("phone,name\n{list}"), json!({ "existing": "overwrite", "consent": consent })).await;
    // 105 and 106 are blocked by number: what is known of their consent may be written down, and the block stays.
    assert_eq!(counts(&import, &["created", "updated", "consent_given", "consent_refused"]), [3, 5, 3, 5], "{import}");
    let status = async |number: &str| by_number(&app, number).await.expect("contact")["opt_in_status"].clone();
    for (number, expected) in [
        ("+14155550101", "opted_out"),
        ("+14155550102", "opted_out"),
        ("+14155550103", "pending"),
        ("+14155550107", "opted_out"),
        ("+14155550108", "opted_in"),
    ] {
        assert_eq!(status(number).await, expected, "{number}");
    }
    assert_eq!(
        app.count("SELECT count(*) FROM suppressions WHERE lifted_at IS NULL").await,
        before,
        "no block is lifted"
    );
    for number in 1..=7 {
        let contact = by_number(&app, &format!("+1415555010{number}")).await.expect("contact");
        let text = json!({ "contact_id": contact["id"], "body": "An offer", "purpose": "marketing" });
        let refused = app.api("POST", "/api/messages", Some(text)).await;
        assert!(refused.status == 409, "{number}: {} {}", refused.status, refused.text);
    }
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_that_cannot_be_recorded_starts_nothing() {
    let app = App::start().await;
    let (_, key) = app.second_organization().await;
    let told = json!({ "program": "Offers", "seller": "Maple", "purpose": "marketing", "text": "You agree." });
    let theirs = app.api_as(&key, "POST", "/api/compliance/disclosures", Some(told)).await.expect(201).json();
    let import = id(&brought(&app, "phone\n4155550101\n").await);
    let with = |field: &str, value: Value| {
        let mut consent = evidence();
        consent[field] = value;
        json!({ "consent": consent })
    };
    for (field, value) in [
        ("evidence", json!(" ")),
        ("evidence", json!("x".repeat(2001))),
        ("source", json!("a\u{0}b")),
        ("page_url", json!("javascript:alert(1)")),
        ("given_at", json!("2026-12-24T00:00:00Z")),
        ("given_at", json!("1980-01-01T00:00:00Z")),
        ("disclosure_id", json!(NOBODY)),
        ("disclosure_id", theirs["id"].clone()),
    ] {
        let problem = execute(&app, &import, with(field, value)).await.expect(422).json();
        assert_eq!(problem["errors"][0]["field"], format!("options.consent.{field}"), "{problem}");
    }
    for (field, value) in [("tier", json!("implied")), ("purpose", json!("none")), ("more", json!(1))] {
        execute(&app, &import, with(field, value)).await.expect(422);
    }
    assert_eq!(app.count("SELECT count(*) FROM jobs WHERE kind = 'run_contact_import'").await, 0);
    execute(&app, &import, json!({ "consent": evidence() })).await.expect(202);
    app.run_jobs().await;
    app.finish().await;
}
