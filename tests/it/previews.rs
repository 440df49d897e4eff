//! What a text would be before it is sent: its parts, its price, and answers that the carrier would swallow; and where those are refused.

use frontdesk::accounts::Permission;
use serde_json::{Value, json};

use crate::{contacts::audited, support::App};

async fn preview(app: &App, body: Value) -> Value {
    app.api("POST", "/api/messages/preview", Some(body)).await.expect(200).json()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_is_counted_priced_and_read_before_it_is_sent() {
    let app = App::start().await;
    let dear = format!("It’s on us {}", "a".repeat(60));
    let seen = preview(&app, json!({ "text": dear })).await;
    let segments = &seen["segments"];
    assert_eq!(
        (&segments["encoding"], &segments["parts"], &segments["units"]),
        (&json!("ucs2"), &json!(2), &json!(71))
    );
    assert_eq!(segments["culprits"], json!([{ "character": "’", "index": 2, "count": 1, "name": "curly apostrophe" }]));
    assert_eq!((&seen["plain"]["parts"], &seen["plain"]["saved"]), (&json!(1), &json!(1)));
    assert!(seen["plain"]["text"].as_str().expect("text").starts_with("It's on us"));
    assert_eq!((&seen["cost"], &seen["keywords"]), (&Value::Null, &json!([])));

    let prices = json!({ "currency": "USD", "sms_segment": 0.0119, "mms": 0.03, "whatsapp": 0.005 });
    assert_eq!(app.api("PUT", "/api/message-prices", Some(prices.clone())).await.expect(200).json(), prices);
    assert_eq!(app.get("/api/message-prices").await, prices);
    assert_eq!(audited(&app).await, ["message_prices.updated"]);
    let seen = preview(&app, json!({ "text": dear })).await;
    assert_eq!((&seen["cost"]["amount"], &seen["plain_cost"]["amount"]), (&json!(0.0238), &json!(0.0119)));
    let mms = preview(&app, json!({ "text": dear, "media": true })).await;
    assert_eq!(mms["cost"], json!({ "amount": 0.03, "currency": "USD" }));
    let whatsapp = preview(&app, json!({ "text": dear, "channel": "whatsapp" })).await;
    assert_eq!(whatsapp["cost"]["amount"], 0.005);
    assert_eq!(preview(&app, json!({ "text": dear, "channel": "simulator" })).await["cost"], Value::Null);

    let swallowed = preview(&app, json!({ "text": "Reply YES to confirm" })).await;
    assert_eq!(
        (&swallowed["keywords"][0]["word"], &swallowed["keywords"][0]["quote"]),
        (&json!("YES"), &json!("Reply YES to confirm"))
    );
    preview(&app, json!({ "text": "" })).await;
    for bad in [json!({ "text": "x".repeat(4801) }), json!({ "text": "x", "channel": "fax" }), json!({})] {
        app.api("POST", "/api/messages/preview", Some(bad)).await.expect(422);
    }
    for (field, bad) in [
        ("currency", json!({ "currency": "usd", "sms_segment": null, "mms": null, "whatsapp": null })),
        ("sms_segment", json!({ "currency": "USD", "sms_segment": -0.1, "mms": null, "whatsapp": null })),
        ("mms", json!({ "currency": "USD", "sms_segment": null, "mms": 1001, "whatsapp": null })),
    ] {
        let problem = app.api("PUT", "/api/message-prices", Some(bad)).await.expect(422).json();
        assert_eq!(problem["errors"][0]["field"], field);
    }
    let (_, other) = app.second_organization().await;
    let theirs = app.api_as(&other, "GET", "/api/message-prices", None).await.json();
    assert_eq!(theirs["sms_segment"], Value::Null);
    let reader = app.key_with(app.organization.id, &[Permission::ConversationsRead]).await;
    app.api_as(&reader, "PUT", "/api/message-prices", Some(prices)).await.expect(403);
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_that_are_kept_ask_for_no_swallowed_word() {
    let app = App::start().await;
    let refused = async |method: &str, path: &str, body: Value| {
        let problem = app.api(method, path, Some(body)).await.expect(422).json();
        assert_eq!(problem["code"], "carrier_keyword", "{problem}");
        problem["errors"]
            .as_array()
            .expect("errors")
            .iter()
            .map(|e| e["field"].as_str().expect("field").to_owned())
            .collect::<Vec<_>>()
    };
    let service =
        |name: &str, description: &str| json!({ "name": name, "description": description, "duration_minutes": 30 });
    assert_eq!(refused("POST", "/api/services", service("Cancel", "x")).await, ["name"]);
    assert_eq!(refused("POST", "/api/services", service("Help", "Reply YES to book")).await, ["description", "name"]);
    let made = app
        .api("POST", "/api/services", Some(service("Help with forms", "Call us to cancel.")))
        .await
        .expect(201)
        .json();
    let path = format!("/api/services/{}", made["id"].as_str().expect("id"));
    assert_eq!(refused("PATCH", &path, json!({ "name": "stop" })).await, ["name"]);
    // A name from before the rule does not stand in the way of other changes.
    sqlx::query("UPDATE services SET name = 'Quit' WHERE name = 'Help with forms'")
        .execute(app.core.db.pool())
        .await
        .expect("renamed");
    app.api("PATCH", &path, Some(json!({ "duration_minutes": 45 }))).await.expect(200);

    let entry =
        |en: &str, es: Option<&str>| json!({ "topic": "other", "title": "Visits", "answer_en": en, "answer_es": es });
    let kept = "Reply CANCEL to cancel your visit.";
    assert_eq!(refused("POST", "/api/knowledge", entry(kept, None)).await, ["answer_en"]);
    assert_eq!(
        refused("POST", "/api/knowledge", entry("Call us.", Some("Responda SI para confirmar."))).await,
        ["answer_es"]
    );
    let made = app.api("POST", "/api/knowledge", Some(entry("Reply STOP to opt out.", None))).await.expect(201).json();
    let path = format!("/api/knowledge/{}", made["id"].as_str().expect("id"));
    assert_eq!(refused("PUT", &path, entry(kept, None)).await, ["answer_en"]);
    // What a person writes once goes out: the preview has warned them.
    app.ask("+14155550101", "hello").await;
    let contact = app.items("/api/contacts").await[0]["id"].clone();
    app.api("POST", "/api/messages", Some(json!({ "contact_id": contact, "body": kept }))).await.expect(201);
}
