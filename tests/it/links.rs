//! Short links: off until they are turned on, made by the hundred, followed by people and by programs, and gone with whom they were for.

use std::collections::BTreeSet;

use axum::{
    body::Body,
    http::{Method, Request},
};
use chrono::TimeDelta;
use frontdesk::{
    accounts::Permission,
    links,
    platform::ids::{ContactId, OrganizationId},
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    contacts::{NOBODY, audited, contact},
    support::{API_KEY, ApiResponse, App},
};

const IPHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1";

async fn visit(app: &App, method: Method, code: &str, headers: &[(&str, &str)]) -> ApiResponse {
    let mut request = Request::builder().method(method).uri(format!("/l/{code}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    app.request(request.body(Body::empty()).expect("request")).await
}

async fn by_person(app: &App, code: &str) -> ApiResponse {
    visit(app, Method::GET, code, &[("user-agent", IPHONE)]).await
}

async fn put(app: &App, version: &str, body: Value) -> ApiResponse {
    let request = Request::put("/api/links/settings").header("x-api-key", API_KEY).header("if-match", version);
    let request = request.header("content-type", "application/json").body(Body::from(body.to_string()));
    app.request(request.expect("request")).await
}

async fn turned_on(app: &App) {
    put(app, "*", json!({ "enabled": true, "base_url": "https://go.example.com" })).await.expect(200);
}

async fn clicks(app: &App, id: &str) -> (i64, i64) {
    let link = app.get(&format!("/api/links/{id}")).await;
    (link["clicks"].as_i64().expect("clicks"), link["bot_clicks"].as_i64().expect("clicks"))
}

fn text(row: &Value, name: &str) -> String {
    row[name].as_str().unwrap_or_else(|| panic!("{name} of {row}")).to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn links_are_off_until_somebody_turns_them_on() {
    let app = App::start().await;
    let start = app.get("/api/links/settings").await;
    assert_eq!(start, json!({ "enabled": false, "base_url": null, "version": 0 }));
    let new = json!({ "target_url": "https://example.com/summer" });
    let off = app.api("POST", "/api/links", Some(new.clone())).await.expect(409).json();
    assert_eq!(off["code"], "links_off");
    let mut tx = app.core.db.tenant(app.organization.id).await.expect("tenant");
    let public = app.core.config.public_url.clone();
    assert_eq!(links::prefix(&mut tx, public.as_ref()).await.expect("prefix"), None);
    drop(tx);

    for wrong in [
        "http://go.example.com",
        "go.example.com",
        "https://go.example.com/x",
        "https://a:b@go.example.com",
        "ftp://x.example",
    ] {
        let body = json!({ "enabled": true, "base_url": wrong });
        assert_eq!(put(&app, "*", body).await.expect(422).json()["errors"][0]["field"], "base_url", "{wrong}");
    }
    let on = put(&app, "\"0\"", json!({ "enabled": true, "base_url": " https://GO.example.com/ " }))
        .await
        .expect(200)
        .json();
    assert_eq!(on, json!({ "enabled": true, "base_url": "https://go.example.com", "version": 1 }));
    put(&app, "\"0\"", json!({ "enabled": false })).await.expect(412);
    let mut tx = app.core.db.tenant(app.organization.id).await.expect("tenant");
    assert_eq!(links::prefix(&mut tx, None).await.expect("prefix").as_deref(), Some("https://go.example.com/l/"));
    drop(tx);
    put(&app, "\"1\"", json!({ "enabled": true })).await.expect(200);
    let mut tx = app.core.db.tenant(app.organization.id).await.expect("tenant");
    assert_eq!(
        links::prefix(&mut tx, public.as_ref()).await.expect("prefix").as_deref(),
        Some("https://desk.example.com/l/"),
        "the installation's own"
    );
    drop(tx);

    let made = app.api("POST", "/api/links", Some(new)).await.expect(201).json();
    assert_eq!((&made["target_url"], &made["contact_id"]), (&json!("https://example.com/summer"), &Value::Null));
    for target in ["javascript:alert(1)", "//evil.example", "https://", "https://a b.example", ""] {
        app.api("POST", "/api/links", Some(json!({ "target_url": target }))).await.expect(422);
    }
    let stranger = json!({ "target_url": "https://example.com", "contact_id": NOBODY });
    app.api("POST", "/api/links", Some(stranger)).await.expect(404);
    app.api("GET", &format!("/api/links/{NOBODY}"), None).await.expect(404);
    let log = audited(&app).await;
    assert_eq!(log, ["link_settings.updated", "link_settings.updated", "link.created"]);
    let weak = app.key_with(app.organization.id, &[Permission::CampaignsRead]).await;
    app.api_as(&weak, "GET", "/api/links", None).await.expect(200);
    app.api_as(&weak, "PUT", "/api/links/settings", Some(json!({ "enabled": false }))).await.expect(403);
    app.api_as(&weak, "POST", "/api/links", Some(json!({ "target_url": "https://example.com" }))).await.expect(403);
    let (_, other) = app.second_organization().await;
    app.api_as(&other, "GET", &format!("/api/links/{}", text(&made, "id")), None).await.expect(404);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_counted_and_programs_told_apart() {
    let app = App::start().await;
    turned_on(&app).await;
    let ana = contact(&app, "+14155550101").await;
    let new = json!({ "target_url": "https://example.com/a?b=ü#c", "contact_id": ana });
    let made = app.api("POST", "/api/links", Some(new)).await.expect(201).json();
    let (id, code) = (text(&made, "id"), text(&made, "code"));
    assert!(code.len() >= 8 && code.bytes().all(|b| b.is_ascii_alphanumeric()), "{code}");

    let soon = by_person(&app, &code).await.expect(302);
    assert_eq!(soon.headers["location"], "https://example.com/a?b=%C3%BC#c");
    assert!(!soon.headers.contains_key("set-cookie"));
    assert_eq!(
        (soon.headers["cache-control"].as_bytes(), soon.headers["referrer-policy"].as_bytes()),
        (&b"no-store"[..], &b"no-referrer"[..])
    );
    assert_eq!(clicks(&app, &id).await, (0, 1), "nobody reads so fast");

    app.clock.advance(TimeDelta::minutes(2));
    by_person(&app, &code).await.expect(302);
    assert_eq!(clicks(&app, &id).await, (1, 1));
    for _ in 0..5 {
        by_person(&app, &code).await.expect(302);
    }
    assert_eq!(clicks(&app, &id).await, (1, 1), "once a minute");
    let mut programs = 1;
    for (method, headers) in [
        (Method::HEAD, &[("user-agent", IPHONE)][..]),
        (Method::GET, &[("user-agent", "WhatsApp/2.23.20.0")]),
        (Method::GET, &[("user-agent", "Mozilla/5.0 (compatible; Googlebot/2.1)")]),
        (Method::GET, &[("user-agent", IPHONE), ("sec-purpose", "prefetch;prerender")]),
        (Method::GET, &[]),
    ] {
        app.clock.advance(TimeDelta::minutes(2));
        visit(&app, method, &code, headers).await.expect(302);
        programs += 1;
        assert_eq!(clicks(&app, &id).await, (1, programs), "{headers:?}");
    }
    let kinds: Vec<String> = sqlx::query_scalar("SELECT kind FROM link_clicks ORDER BY at, id")
        .fetch_all(app.core.db.pool())
        .await
        .expect("clicks");
    assert_eq!(kinds, ["too_soon", "person", "head", "preview", "scanner", "prefetch", "scanner"]);

    // What the contact did: segments ask that.
    let who = async |filter: Value| {
        let found = app.api("POST", "/api/segments/count", Some(json!({ "filter": filter }))).await.expect(200).json();
        found["contacts"].as_i64().expect("count")
    };
    assert_eq!(who(json!({ "field": "clicked", "op": "within_days", "value": 1 })).await, 1);
    assert_eq!(who(json!({ "field": "clicked", "op": "at_least", "value": 2 })).await, 0);
    by_person(&app, &code).await.expect(302);
    assert_eq!(who(json!({ "field": "clicked", "op": "at_least", "value": 2 })).await, 1);

    // Turned off, what was sent still leads on; and a code is nobody's but its own.
    put(&app, "*", json!({ "enabled": false })).await.expect(200);
    by_person(&app, &code).await.expect(302);
    for unknown in ["0000000000", "short", "..%2F..%2Fadmin", "a%00bcdefgh", "https:%2F%2Fevil.example"] {
        let answer = by_person(&app, unknown).await.expect(404);
        assert!(!answer.headers.contains_key("location"));
    }
    visit(&app, Method::POST, &code, &[("user-agent", IPHONE)]).await.expect(405);
    app.finish().await;
}

async fn people(app: &App, organization: OrganizationId, n: usize) -> Vec<ContactId> {
    let ids: Vec<ContactId> = (0..n).map(|_| ContactId::new(&app.clock)).collect();
    sqlx::query(
        "INSERT INTO contacts (organization_id, id, phone_number, created_at, updated_at)
         SELECT $1, of.id, '+1415' || (5550000 + of.n), now(), now() FROM unnest($2::uuid[]) WITH ORDINALITY AS of (id, n)",
    )
    .bind(organization.0)
    .bind(ids.iter().map(|id| id.0).collect::<Vec<_>>())
    .execute(app.core.db.pool())
    .await
    .expect("contacts");
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn hundreds_are_made_at_once_and_counted_by_recipient() {
    let app = App::start().await;
    let ids = people(&app, app.organization.id, 300).await;
    let batch = Uuid::from_u128(7);
    let targets = ["https://example.com/a", "https://example.com/b"];
    let wanted: Vec<(ContactId, String)> =
        ids.iter().flat_map(|id| targets.map(|target| (*id, target.to_owned()))).collect();
    let mut tx = app.core.db.tenant(app.organization.id).await.expect("tenant");
    let codes = links::mint(&mut tx, &wanted, Some(batch)).await.expect("minted");
    assert!(links::mint(&mut tx, &[(ids[0], "javascript:x".to_owned())], None).await.is_err());
    assert!(links::mint(&mut tx, &[], Some(batch)).await.expect("none").is_empty());
    tx.commit().await.expect("commit");
    assert_eq!(codes.len(), 600);
    assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), 600);
    for (n, code) in codes.iter().enumerate().step_by(97) {
        let (contact, target): (Uuid, String) =
            sqlx::query_as("SELECT contact_id, target_url FROM links WHERE code = $1")
                .bind(code)
                .fetch_one(app.core.db.pool())
                .await
                .expect("link");
        assert_eq!((ContactId(contact), target), wanted[n], "in the order asked for");
    }
    app.clock.advance(TimeDelta::seconds(5));
    // The first person follows both, the second one of two; a program follows the third's.
    for n in [0, 1, 2] {
        by_person(&app, &codes[n]).await.expect(302);
    }
    visit(&app, Method::GET, &codes[4], &[("user-agent", "curl/8.5.0")]).await.expect(302);
    let mut tx = app.core.db.tenant(app.organization.id).await.expect("tenant");
    let came = links::batch_clicks(&mut tx, batch).await.expect("clicks");
    assert_eq!((came.contacts, came.clicks), (2, 3));
    let mut clicked = links::clicked(&mut tx, batch, &ids[..3]).await.expect("clicked");
    clicked.sort();
    assert_eq!(clicked, ids[..2]);
    assert_eq!(links::batch_clicks(&mut tx, Uuid::from_u128(8)).await.expect("none").contacts, 0);
    drop(tx);

    let count = async |query: &str| app.items(&format!("/api/links{query}")).await.len();
    assert_eq!(count(&format!("?batch_id={batch}&limit=200")).await, 200);
    assert_eq!(count(&format!("?contact_id={}", ids[0])).await, 2);
    assert_eq!(count("?clicked=true").await, 3);
    assert_eq!(count(&format!("?batch_id={batch}&sort=-last_clicked_at")).await, 3);
    assert_eq!(count(&format!("?contact_id={}&clicked=false", ids[1])).await, 1);
    let page = app.get("/api/links?limit=2&sort=-last_clicked_at").await;
    let cursor = text(&page, "next_cursor");
    assert_eq!(count(&format!("?limit=2&sort=-last_clicked_at&cursor={cursor}")).await, 1);

    // Two organizations' links lead each to its own, by one way.
    let (other, key) = app.second_organization().await;
    let theirs = people(&app, other, 1).await;
    let mut tx = app.core.db.tenant(other).await.expect("tenant");
    let code = links::mint(&mut tx, &[(theirs[0], "https://other.example/".to_owned())], None).await.expect("minted");
    tx.commit().await.expect("commit");
    app.clock.advance(TimeDelta::seconds(5));
    assert_eq!(by_person(&app, &code[0]).await.expect(302).headers["location"], "https://other.example/");
    let seen = app.api_as(&key, "GET", "/api/links?clicked=true", None).await.expect(200).json();
    assert_eq!(seen["items"].as_array().expect("items").len(), 1);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_erased_leaves_no_links() {
    let app = App::start().await;
    turned_on(&app).await;
    let ana = contact(&app, "+14155550101").await;
    let new = json!({ "target_url": "https://example.com", "contact_id": ana });
    let code = text(&app.api("POST", "/api/links", Some(new)).await.expect(201).json(), "code");
    app.clock.advance(TimeDelta::seconds(5));
    by_person(&app, &code).await.expect(302);
    let erased =
        app.api("POST", &format!("/api/contacts/{ana}/erase"), Some(json!({ "confirm": "+14155550101" }))).await;
    let erased = erased.expect(200).json();
    let kinds = erased["erased"].as_array().expect("kinds");
    assert!(kinds.contains(&json!({ "kind": "links", "rows": 1 })), "{erased}");
    by_person(&app, &code).await.expect(404);
    assert_eq!(app.count("SELECT count(*) FROM links").await + app.count("SELECT count(*) FROM link_clicks").await, 0);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_merged_into_another_brings_their_clicks() {
    let app = App::start().await;
    turned_on(&app).await;
    let (kept, other) = (contact(&app, "+14155550101").await, contact(&app, "+14155550102").await);
    for of in [&kept, &other] {
        let new = json!({ "target_url": "https://example.com", "contact_id": of });
        let code = text(&app.api("POST", "/api/links", Some(new)).await.expect(201).json(), "code");
        app.clock.advance(TimeDelta::seconds(5));
        by_person(&app, &code).await.expect(302);
    }
    let merged = app.api("POST", &format!("/api/contacts/{kept}/merge"), Some(json!({ "contact_id": other }))).await;
    merged.expect(200);
    assert_eq!(app.items(&format!("/api/links?contact_id={kept}&clicked=true")).await.len(), 2);
    let twice = json!({ "filter": { "field": "clicked", "op": "at_least", "value": 2 } });
    let counted = app.api("POST", "/api/segments/count", Some(twice)).await.expect(200).json();
    assert_eq!((&counted["contacts"], &counted["sample"][0]["id"]), (&json!(1), &json!(kept)));
    app.finish().await;
}
