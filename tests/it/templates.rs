//! Templates: kept as they were written, refused where they cannot be read or would lose answers, and looked at as contacts would read
//! them.

use frontdesk::{
    accounts::Permission,
    campaigns::{self, template::Business},
    contacts,
    messaging::When,
    platform::ids::{ContactId, TemplateId},
};
use serde_json::{Value, json};

use crate::{
    contacts::{NOBODY, audited, patch},
    support::App,
};

fn draft(more: Value) -> Value {
    let mut draft = json!({
        "name": "Ready",
        "purpose": "transactional",
        "variants": [{ "body": "Hi {{ first_name | default(\"there\") }}, your glasses are ready." }],
    });
    draft.as_object_mut().expect("object").extend(more.as_object().expect("object").clone());
    draft
}

async fn add(app: &App, more: Value) -> Value {
    app.api("POST", "/api/templates", Some(draft(more))).await.expect(201).json()
}

async fn contact(app: &App, number: &str, more: Value) -> String {
    let mut contact = json!({ "phone_number": number });
    contact.as_object_mut().expect("object").extend(more.as_object().expect("object").clone());
    let made = app.api("POST", "/api/contacts", Some(contact)).await.expect(201).json();
    made["id"].as_str().expect("id").to_owned()
}

async fn whatsapp(app: &App, digit: &str, language: &str, approval: &str) -> String {
    let template = json!({
        "content_sid": format!("HX{}", digit.repeat(32)), "name": format!("Ready {language}"), "language": language,
        "category": "utility", "approval": approval, "body": "Hi {{1}}, your {{2}} is ready.",
    });
    let made = app.api("POST", "/api/whatsapp-templates", Some(template)).await.expect(201).json();
    made["id"].as_str().expect("id").to_owned()
}

fn id(row: &Value) -> String {
    row["id"].as_str().expect("id").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_is_kept_found_changed_and_put_away() {
    let app = App::start().await;
    let made = add(
        &app,
        json!({
            "variants": [{ "body": " A {first_name} ", "weight": 3 }, { "body": "B" }],
            "media": ["https://cdn.example.com/a.png"], "language": "es", "channel": "sms",
        }),
    )
    .await;
    assert_eq!(
        made["variants"],
        json!([{ "key": "A", "body": "A {first_name}", "weight": 3 }, { "key": "B", "body": "B", "weight": 1 }])
    );
    assert_eq!((&made["media"][0], &made["language"]), (&json!("https://cdn.example.com/a.png"), &json!("es")));
    let path = format!("/api/templates/{}", id(&made));
    assert_eq!(app.get(&path).await, made);
    add(&app, json!({ "name": "Summer sale", "purpose": "marketing", "variants": [{ "body": "20% \"off\" today" }] }))
        .await;
    let names = async |query: &str| {
        let items = app.items(&format!("/api/templates{query}")).await;
        items.iter().map(|t| t["name"].as_str().expect("name").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names("?sort=name").await, ["Ready", "Summer sale"]);
    assert_eq!(names("?sort=-created_at").await.len(), 2);
    assert_eq!(names("?q=20%25%20%22off%22").await, ["Summer sale"], "a wording as it is written");
    assert_eq!(names("?q=READY").await, ["Ready"]);
    assert_eq!(names("?purpose=marketing").await, ["Summer sale"]);
    assert_eq!(names("?channel=whatsapp").await, ["Summer sale"], "one for SMS cannot go by WhatsApp");
    assert_eq!(names("?channel=sms&sort=name").await, ["Ready", "Summer sale"]);
    let first = app.get("/api/templates?limit=1&sort=name").await;
    let cursor = first["next_cursor"].as_str().expect("more");
    assert_eq!(names(&format!("?sort=name&limit=1&cursor={cursor}")).await, ["Summer sale"]);

    // B is taken out, a new one gets a letter of its own, and A keeps what it is.
    let change = json!({ "variants": [{ "key": "A", "body": "A {first_name}" }, { "key": "C", "body": "C" }], "channel": null, "media": [] });
    let changed = patch(&app, &path, "\"1\"", change).await.expect(200).json();
    let keys: Vec<&Value> = changed["variants"].as_array().expect("variants").iter().map(|v| &v["key"]).collect();
    assert_eq!(keys, ["A", "C"]);
    assert_eq!((&changed["version"], &changed["channel"], &changed["media"]), (&json!(2), &Value::Null, &json!([])));
    assert_eq!(changed["language"], "es", "what is left out stays");
    let stale = patch(&app, &path, "\"1\"", json!({ "name": "x" })).await.expect(412).json();
    assert_eq!(stale["code"], "version_conflict");

    let copy = app.api("POST", &format!("{path}/duplicate"), None).await.expect(201).json();
    assert_eq!((&copy["name"], &copy["variants"]), (&json!("Ready (copy)"), &changed["variants"]));
    app.api("POST", &format!("{path}/archive"), None).await.expect(200);
    app.api("POST", &format!("{path}/archive"), None).await.expect(200);
    assert_eq!(names("?archived=true").await, ["Ready"]);
    assert_eq!(names("?sort=name").await, ["Ready (copy)", "Summer sale"]);
    app.api("POST", &format!("{path}/restore"), None).await.expect(200);
    assert_eq!(names("?archived=true").await, Vec::<String>::new());
    let log = audited(&app).await;
    assert_eq!(
        log,
        [
            "template.created",
            "template.created",
            "template.updated",
            "template.created",
            "template.archived",
            "template.restored"
        ]
    );
    let entries = app.items("/api/audit?action=template.updated").await;
    assert_eq!(entries[0]["after"]["variants"][1]["template"], "C", "the log says what it said");

    for method in ["", "/archive", "/restore", "/duplicate"] {
        let verb = if method.is_empty() { "GET" } else { "POST" };
        app.api(verb, &format!("/api/templates/{NOBODY}{method}"), None).await.expect(404);
    }
    let reader = app.key_with(app.organization.id, &[Permission::CampaignsRead]).await;
    app.api_as(&reader, "GET", &path, None).await.expect(200);
    app.api_as(&reader, "POST", "/api/templates", Some(draft(json!({})))).await.expect(403);
    let (_, other) = app.second_organization().await;
    app.api_as(&other, "GET", &path, None).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_or_would_lose_answers_is_refused() {
    let app = App::start().await;
    let refused = async |more: Value| {
        let problem = app.api("POST", "/api/templates", Some(draft(more))).await.expect(422).json();
        let first = &problem["errors"][0];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        (text(&problem["code"]), text(&first["field"]), text(&first["code"]), text(&first["message"]))
    };
    let body = |body: &str| json!({ "variants": [{ "body": "Fine" }, { "body": body }] });
    let syntax = refused(body("Hi\n{{ fist_name }}")).await;
    assert_eq!(
        (syntax.0.as_str(), syntax.1.as_str(), syntax.2.as_str()),
        ("invalid_request", "variants[1].body", "template_syntax")
    );
    assert_eq!(syntax.3, "line 2, column 4: There is no variable fist_name. Did you mean first_name?");
    for asks in [
        "Reply YES to confirm",
        "Reply {{ custom.word | default(\"CANCEL\") }} to cancel your visit",
        "Hi.{% if tag(\"new\") %} Reply YES to confirm.{% else %} See you.{% endif %}",
        "Hi.{% if tag(\"new\") %} Bye.{% elsif email %} Ok.{% else %} Text {% if first_name %}END{% endif %} to end your visit.{% endif %}",
    ] {
        let (code, field, ..) = refused(body(asks)).await;
        assert_eq!((code.as_str(), field.as_str()), ("carrier_keyword", "variants[1].body"), "{asks}");
    }
    add(&app, body("Hi. Reply STOP to opt out, C to confirm.")).await;
    for (field, wrong) in [
        ("name", json!({ "name": " " })),
        ("variants", json!({ "variants": [] })),
        ("variants", json!({ "variants": vec![json!({ "body": "x" }); 6] })),
        ("variants[0].body", json!({ "variants": [{ "body": "  " }] })),
        ("variants[0].body", json!({ "variants": [{ "body": "x".repeat(4801) }] })),
        ("variants[0].body", json!({ "variants": [{ "body": "a\u{0}b" }] })),
        ("variants[0].key", json!({ "variants": [{ "key": "F", "body": "x" }] })),
        ("variants[1].key", json!({ "variants": [{ "key": "A", "body": "x" }, { "key": "A", "body": "y" }] })),
        ("variants[0].weight", json!({ "variants": [{ "body": "x", "weight": 101 }] })),
        ("variants[0].weight", json!({ "variants": [{ "body": "x", "weight": -1 }] })),
        ("variants[0].weight", json!({ "variants": [{ "body": "x", "weight": 0 }, { "body": "y", "weight": 0 }] })),
        ("media", json!({ "media": ["http://example.com/a.png"] })),
        ("media", json!({ "media": vec!["https://example.com/a.png"; 11] })),
        ("body", json!({ "language": "fr" })),
        ("body", json!({ "purpose": "conversational" })),
        ("body", json!({ "surprise": 1 })),
    ] {
        assert_eq!(refused(wrong.clone()).await.1, field, "{wrong}");
    }
    let made = add(&app, json!({})).await;
    let path = format!("/api/templates/{}", id(&made));
    let change = json!({ "variants": [{ "body": "Reply YES to confirm" }] });
    assert_eq!(app.api("PATCH", &path, Some(change)).await.expect(422).json()["code"], "carrier_keyword");
    assert_eq!(app.get(&path).await["version"], 1, "nothing was kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn whatsapp_templates_are_filled_by_expressions() {
    let app = App::start().await;
    let (english, spanish) =
        (whatsapp(&app, "a", "en_US", "approved").await, whatsapp(&app, "b", "es", "pending").await);
    let content = |id: &str, variables: Value| json!([{ "whatsapp_template_id": id, "variables": variables }]);
    let good = json!({ "1": "{{ first_name | default(\"there\") }}", "2": "{{ custom.order }}" });
    let made = add(&app, json!({ "channel": "whatsapp", "whatsapp": content(&english, good.clone()) })).await;
    let kept = &made["whatsapp"][0];
    assert_eq!(
        (&kept["name"], &kept["approval"], &kept["variables"]),
        (&json!("Ready en_US"), &json!("approved"), &good)
    );
    for (field, wrong) in [
        ("whatsapp[0].variables.2", json!({ "1": "x" })),
        ("whatsapp[0].variables.3", json!({ "1": "x", "2": "y", "3": "z" })),
        ("whatsapp[0].variables.2", json!({ "1": "x", "2": "{{ fist_name }}" })),
        ("whatsapp[0].variables.1", json!({ "1": " ", "2": "y" })),
        ("whatsapp[0].variables.1", json!({ "1": "x".repeat(501), "2": "y" })),
    ] {
        let body = draft(json!({ "whatsapp": content(&english, wrong) }));
        let problem = app.api("POST", "/api/templates", Some(body)).await.expect(422).json();
        assert_eq!(problem["errors"][0]["field"], field);
    }
    let twice = json!([{ "whatsapp_template_id": english, "variables": good }, { "whatsapp_template_id": english, "variables": good }]);
    app.api("POST", "/api/templates", Some(draft(json!({ "whatsapp": twice })))).await.expect(422);
    app.api("POST", "/api/templates", Some(draft(json!({ "whatsapp": content(NOBODY, good.clone()) }))))
        .await
        .expect(404);
    let (_, other) = app.second_organization().await;
    let theirs = draft(json!({ "whatsapp": content(&english, good.clone()) }));
    app.api_as(&other, "POST", "/api/templates", Some(theirs)).await.expect(404);

    // What is named cannot be deleted from under it.
    let problem = app.api("DELETE", &format!("/api/whatsapp-templates/{english}"), None).await.expect(409).json();
    assert_eq!(problem["code"], "in_use");
    let ana =
        contact(&app, "+12125550101", json!({ "first_name": "Ana", "language": "es", "custom": { "order": "frame" } }))
            .await;
    let path = format!("/api/templates/{}", id(&made));
    let both = json!([{ "whatsapp_template_id": english, "variables": good }, { "whatsapp_template_id": spanish, "variables": good }]);
    app.api("PATCH", &path, Some(json!({ "whatsapp": both }))).await.expect(200);
    let seen = app.api("POST", &format!("{path}/preview"), Some(json!({ "contact_id": ana }))).await.expect(200).json();
    let texts: Vec<(&Value, &Value, &Value)> = seen["whatsapp"]
        .as_array()
        .expect("contents")
        .iter()
        .map(|c| (&c["language"], &c["chosen"], &c["text"]))
        .collect();
    let text = json!("Hi Ana, your frame is ready.");
    assert_eq!(texts, [(&json!("en_US"), &json!(false), &text), (&json!("es"), &json!(true), &text)]);
    assert!(seen["warnings"].to_string().contains("whatsapp_not_approved"), "{}", seen["warnings"]);

    // What the sending of a campaign uses.
    let mut tx = app.core.db.tenant(app.organization.id).await.expect("tenant");
    let template = TemplateId(id(&made).parse().expect("id"));
    let compiled = campaigns::compiled(&mut tx, template).await.expect("read").expect("there");
    let contact = contacts::get(&mut tx, ContactId(ana.parse().expect("id"))).await.expect("read").expect("there");
    let business = Business {
        name: "Studio",
        support_phone_number: None,
        zone: chrono_tz::America::New_York,
        now: app.clock.now(),
    };
    let who = campaigns::recipient(&contact, &business);
    let mut out = String::new();
    compiled.variant_for(template.0, contact.id).body.render(&who, &mut out).expect("text");
    assert_eq!(out, "Hi Ana, your glasses are ready.");
    let content = compiled.content_for(&who, When::OutsideWindow).expect("one").expect("filled");
    assert_eq!(
        (content.sid, content.text),
        (format!("HX{}", "a".repeat(32)), "Hi Ana, your frame is ready.".to_owned())
    );
    drop(tx);

    app.api("PATCH", &path, Some(json!({ "whatsapp": [] }))).await.expect(200);
    app.api("DELETE", &format!("/api/whatsapp-templates/{english}"), None).await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_looked_at_as_a_contact_would_read_it() {
    let app = App::builder().without_demo().start().await;
    let prices = json!({ "currency": "USD", "sms_segment": 0.01, "mms": null, "whatsapp": null });
    app.api("PUT", "/api/message-prices", Some(prices)).await.expect(200);
    let ana = contact(
        &app,
        "+12125550101",
        json!({
            "first_name": "Ana", "tags": ["VIP"], "custom": { "plan": "gold", "due": "2026-12-01" },
        }),
    )
    .await;
    contact(&app, "+12125550102", json!({ "custom": { "plan": "tin" } })).await;
    let look = async |more: Value| {
        let mut asked = json!({ "purpose": "transactional" });
        asked.as_object_mut().expect("object").extend(more.as_object().expect("object").clone());
        app.api("POST", "/api/templates/preview", Some(asked)).await.expect(200).json()
    };
    let variants = json!([
        { "body": "Hi {first_name}{% if tag(\"vip\") %}, dear VIP{% endif %}: due {{ custom.due | date }}", "weight": 2 },
        { "body": "{custom.plan} — {{ postal_code }}" },
        { "body": "Hi {{ nobody }}", "weight": 0 },
    ]);
    let seen = look(json!({ "variants": variants, "contact_id": ana })).await;
    assert_eq!((&seen["recipient"], &seen["contact_id"]), (&json!("Ana"), &json!(ana)));
    let shown = seen["variants"].as_array().expect("variants");
    assert_eq!(shown[0]["text"], "Hi Ana, dear VIP: due Tuesday, December 1");
    assert_eq!(
        (&shown[0]["preview"]["segments"]["parts"], &shown[0]["preview"]["cost"]["amount"]),
        (&json!(1), &json!(0.01))
    );
    assert_eq!((&shown[0]["share"], &shown[1]["share"], &shown[2]["share"]), (&json!(66.7), &json!(33.3), &json!(0.0)));
    assert_eq!((&shown[1]["fault"]["code"], &shown[1]["text"]), (&json!("missing_variable"), &Value::Null));
    assert!(shown[2]["syntax"]["message"].as_str().expect("words").contains("nobody"));
    let used: Vec<String> = seen["variables"]
        .as_array()
        .expect("variables")
        .iter()
        .map(|v| format!("{} {} {}/{}", v["name"].as_str().expect("name"), v["needed"], v["missing"], v["looked_at"]))
        .collect();
    assert_eq!(used, ["first_name true 1/2", "postal_code true 2/2", "custom.due true 1/2", "custom.plan true 0/2"]);
    let codes = |seen: &Value| {
        let all = seen["warnings"].as_array().expect("warnings").iter();
        all.map(|w| w["code"].as_str().expect("code").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(codes(&seen), ["missing_values"; 3]);
    let of: Vec<&Value> = seen["warnings"].as_array().expect("warnings").iter().map(|w| &w["variant"]).collect();
    assert_eq!(of, ["A", "B", "A"], "each told of the variant that it is about");

    // Somebody of whom everything is known, and somebody made up.
    let seen = look(json!({ "variants": variants })).await;
    assert_eq!((&seen["contact_id"], &seen["recipient"]), (&Value::Null, &json!("Ana Reed")));
    assert_eq!(seen["variants"][1]["text"], "plan — 33101");
    assert_eq!(seen["variants"][1]["preview"]["segments"]["culprits"][0]["character"], "—");
    let sample = json!({ "first_name": "Bo", "tags": ["Vip"], "custom": { "due": "2026-12-24" } });
    let seen = look(json!({ "variants": variants, "sample": sample })).await;
    assert_eq!(seen["variants"][0]["text"], "Hi Bo, dear VIP: due Thursday, December 24");

    let ad = json!({ "purpose": "marketing", "variants": [{ "body": "20% off, see bit.ly/x. Reply YES to book" }] });
    let seen = look(ad).await;
    assert_eq!(codes(&seen), ["carrier_keyword", "no_opt_out", "no_business_name", "public_shortener"]);
    let good =
        json!({ "purpose": "marketing", "variants": [{ "body": "{business_name}: 20% off. Reply STOP to opt out" }] });
    assert_eq!(codes(&look(good).await), Vec::<String>::new());
    let mute = json!({ "channel": "whatsapp", "variants": [{ "body": "Ready" }] });
    assert_eq!(codes(&look(mute).await), ["no_whatsapp_template"]);
    let call = json!({ "variants": [{ "body": "Call {support_phone_number}" }] });
    app.api("PATCH", "/api/organization", Some(json!({ "support_phone_number": null }))).await.expect(200);
    assert_eq!(codes(&look(call).await), ["missing_values"]);
    let long = look(json!({ "variants": [{ "body": "x".repeat(1601) }] })).await;
    assert_eq!(long["variants"][0]["fault"]["code"], "text_too_long");
    assert_eq!(long["variants"][0]["preview"]["characters"], 1601);

    for (status, wrong) in [
        (422, json!({ "purpose": "marketing", "variants": [] })),
        (404, json!({ "purpose": "marketing", "variants": [{ "body": "x" }], "contact_id": NOBODY })),
        (
            422,
            json!({ "purpose": "marketing", "variants": [{ "body": "x" }], "sample": { "first_name": "x".repeat(300) } }),
        ),
    ] {
        app.api("POST", "/api/templates/preview", Some(wrong)).await.expect(status);
    }
    // Whoever may not see contacts sees none through a template.
    let writer = app.key_with(app.organization.id, &[Permission::CampaignsRead, Permission::CampaignsWrite]).await;
    let asked = json!({ "purpose": "marketing", "variants": [{ "body": "{phone_number}" }] });
    app.api_as(&writer, "POST", "/api/templates/preview", Some(asked.clone())).await.expect(200);
    let mut asked = asked;
    asked["contact_id"] = json!(ana);
    app.api_as(&writer, "POST", "/api/templates/preview", Some(asked)).await.expect(403);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_be_named_is_listed() {
    let app = App::builder().without_demo().start().await;
    contact(&app, "+12125550101", json!({ "first_name": "Ana", "custom": { "plan": "gold", "car model": "Mini" } }))
        .await;
    contact(&app, "+12125550102", json!({ "custom": { "plan": "tin" } })).await;
    let away = contact(&app, "+12125550103", json!({ "custom": { "gone": "x" } })).await;
    app.api("POST", &format!("/api/contacts/{away}/archive"), None).await.expect(200);
    let items = app.items("/api/templates/variables").await;
    let line = |name: &str| {
        let item = items.iter().find(|i| i["name"] == name).unwrap_or_else(|| panic!("{name} in {items:?}"));
        format!("{}/{} {}", item["missing"], item["looked_at"], item["meaning"].as_str().unwrap_or("own"))
    };
    assert_eq!(line("first_name"), "1/2 First name");
    assert_eq!(line("custom.plan"), "0/2 own");
    assert_eq!(line("custom[\"car model\"]"), "1/2 own");
    assert!(line("business_name").starts_with("0/0 "));
    assert!(!items.iter().any(|i| i["name"] == "custom.gone"));
}
