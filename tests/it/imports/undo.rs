//! Second thoughts about a file.

use serde_json::{Value, json};

use super::{brought, by_number, counts, errors, execute, id, standing, taken_in};
use crate::{
    contacts::{contact, patch},
    support::App,
};

async fn undone(app: &App, import: &Value) -> Value {
    let id = import["id"].as_str().expect("id");
    app.api("POST", &format!("/api/contacts/imports/{id}/undo"), None).await.expect(202);
    app.run_jobs().await;
    let after = standing(app, id).await;
    assert_eq!(after["status"], "undone", "{after}");
    app.api("POST", &format!("/api/contacts/imports/{id}/undo"), None).await.expect(409);
    after
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_as_before_but_for_what_happened_since() {
    let app = App::start().await;
    let known = |number: &str| json!({ "phone_number": number, "first_name": "Ana", "notes": "ours", "tags": ["old"], "custom": { "dog": "Rex" } });
    for number in ["+14155550101", "+14155550102", "+14155550103"] {
        app.api("POST", "/api/contacts", Some(known(number))).await.expect(201);
    }
    let list = "phone,first name,last name,dog\n4155550101,Anna,Ortiz,Max\n4155550102,Bea,Ortiz,Max\n4155550103,,,\n\
                4155550104,New,One,\n4155550105,New,Two,\n4155550106,New,Three,\nnobody,,,\n";
    let columns = json!([
        { "field": "phone_number" }, { "field": "first_name" }, { "field": "last_name" }, { "field": "custom", "name": "dog" },
    ]);
    let import = taken_in(&app, list, json!({ "columns": columns, "existing": "overwrite" })).await;
    assert_eq!(counts(&import, &["created", "updated", "unchanged", "invalid"]), [3, 2, 1, 1]);
    let path = async |number: &str| {
        format!("/api/contacts/{}", by_number(&app, number).await.expect("contact")["id"].as_str().expect("id"))
    };
    // Since then: one of each is edited, one of the new ones has texted.
    patch(&app, &path("+14155550102").await, "\"2\"", json!({ "first_name": "Beatriz" })).await.expect(200);
    patch(&app, &path("+14155550105").await, "\"1\"", json!({ "notes": "called" })).await.expect(200);
    app.text("+14155550106", "hello").await;
    let after = undone(&app, &import).await;
    assert_eq!(counts(&after, &["undone_deleted", "undone_restored", "undone_kept"]), [1, 1, 3], "{after}");
    let ana = by_number(&app, "+14155550101").await.expect("Ana");
    assert_eq!(
        (&ana["first_name"], &ana["last_name"], &ana["custom"]["dog"]),
        (&json!("Ana"), &Value::Null, &json!("Rex"))
    );
    let bea = by_number(&app, "+14155550102").await.expect("Bea");
    assert_eq!(
        (&bea["first_name"], &bea["last_name"], &bea["custom"]["dog"]),
        (&json!("Beatriz"), &Value::Null, &json!("Rex"))
    );
    assert!(by_number(&app, "+14155550104").await.is_none());
    assert!(by_number(&app, "+14155550105").await.is_some() && by_number(&app, "+14155550106").await.is_some());
    let told = errors(&app, import["id"].as_str().expect("id")).await;
    let told: Vec<(&str, &str)> = told[1..].iter().map(|row| (row[0].as_str(), row[1].as_str())).collect();
    assert_eq!(
        told,
        [("3", "changed_since"), ("6", "changed_since"), ("7", "changed_since"), ("8", "invalid_phone_number")]
    );
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_points_at_a_contact_keeps_it_and_only_it() {
    let app = App::start().await;
    let list: String = (10..30).map(|n| format!("41555501{n}\n")).collect();
    let import = taken_in(&app, format!("phone\n{list}"), json!({})).await;
    // A report is about one, consent of another was recorded: their own rows are as they were.
    let report = by_number(&app, "+14155550115").await.expect("contact");
    let body = json!({ "subject": "Broken door", "body": "It is.", "contact_id": report["id"] });
    let made = app.api("POST", "/api/reports", Some(body)).await;
    assert!(made.status.is_success(), "{}", made.text);
    let agreed = by_number(&app, "+14155550120").await.expect("contact");
    let consent =
        json!({ "action": "granted", "tier": "express", "channel": "sms", "method": "verbal", "evidence": "by phone" });
    let path = format!("/api/contacts/{}/consent", agreed["id"].as_str().expect("id"));
    app.api("POST", &path, Some(consent)).await.expect(201);
    let after = undone(&app, &import).await;
    assert_eq!(counts(&after, &["undone_deleted", "undone_restored", "undone_kept"]), [18, 0, 2]);
    assert_eq!(app.items("/api/contacts").await.len(), 2);
    let told = errors(&app, import["id"].as_str().expect("id")).await;
    assert!(told[1..].iter().all(|row| row[1] == "has_history") && told.len() == 3, "{told:?}");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn consent_that_a_file_said_ends_with_it_and_can_be_said_again() {
    let app = App::start().await;
    let consent = json!({
        "tier": "express_written", "method": "web_form", "channel": "sms", "purpose": "marketing", "evidence": "The form",
        "given_at": "2026-11-01T12:00:00Z",
    });
    for number in ["+14155550101", "+14155550102", "+14155550103"] {
        contact(&app, number).await;
    }
    let status = async |number: &str| by_number(&app, number).await.expect("contact")["opt_in_status"].clone();
    let consent_path = async |number: &str| {
        format!("/api/contacts/{}/consent", by_number(&app, number).await.expect("contact")["id"].as_str().expect("id"))
    };
    // This one had agreed to reminders before.
    let reminders = json!({
        "action": "granted", "tier": "express", "channel": "sms", "method": "verbal", "evidence": "by phone", "purpose": "transactional",
    });
    app.api("POST", &consent_path("+14155550102").await, Some(reminders)).await.expect(201);
    let list = "phone\n4155550101\n4155550102\n4155550103\n4155550104\n";
    let import = taken_in(&app, list, json!({ "consent": consent })).await;
    assert_eq!(counts(&import, &["created", "unchanged", "consent_given"]), [1, 3, 4]);
    // And this one said STOP since.
    app.text("+14155550103", "STOP").await;
    let after = undone(&app, &import).await;
    assert_eq!(counts(&after, &["undone_deleted", "undone_restored", "undone_kept"]), [1, 2, 1], "{after}");
    assert!(by_number(&app, "+14155550104").await.is_none());
    assert_eq!(
        app.count(
            "SELECT count(*) FROM consent_events e WHERE NOT EXISTS (SELECT FROM contacts c WHERE c.id = e.contact_id)"
        )
        .await,
        0
    );
    assert_eq!(status("+14155550101").await, "pending");
    assert_eq!(status("+14155550102").await, "opted_in", "reminders are still welcome");
    assert_eq!(status("+14155550103").await, "opted_out");
    let lines = app.items(&consent_path("+14155550101").await).await;
    assert_eq!((lines.len(), &lines[0]["action"], &lines[0]["method"]), (2, &json!("revoked"), &json!("import")));
    // The mended list may say it again, also as of the same day.
    let again = id(&brought(&app, list).await);
    execute(&app, &again, json!({ "consent": consent })).await.expect(202);
    app.run_jobs().await;
    let again = standing(&app, &again).await;
    assert_eq!(counts(&again, &["created", "consent_given", "consent_refused"]), [1, 3, 1], "{again}");
    assert_eq!(status("+14155550101").await, "opted_in");
    app.finish().await;
}
