//! Pictures and other files of texts: sent by address, taken in with their types, and handed on from Twilio and nowhere else.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use frontdesk::accounts::Permission;
use serde_json::{Value, json};

use crate::support::{App, NUMBER};

const ANA: &str = "+14155550101";
const KEY: &str = "a key of at least 32 characters, yes";
const ACCOUNT: &str = "AC22222222222222222222222222222222";

/// Files as Twilio gives them out, and who asked.
#[derive(Clone, Default)]
struct Files {
    asked: Arc<Mutex<Vec<(String, bool)>>>,
}

async fn file(State(files): State<Files>, Path(path): Path<String>, headers: HeaderMap) -> Response {
    let signed_in = headers.contains_key(header::AUTHORIZATION);
    let name = path.rsplit('/').next().unwrap_or_default().to_owned();
    files.asked.lock().expect("files").push((path, signed_in));
    let typed = |kind: &'static str, bytes: Vec<u8>| ([(header::CONTENT_TYPE, kind)], bytes).into_response();
    let to = |place: &'static str| (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, place)]).into_response();
    let secret = r#"{"accounts":[{"auth_token":"0123456789abcdef0123456789abcdef"}]}"#;
    match name.as_str() {
        "picture" => typed("image/png", b"\x89PNG".to_vec()),
        "moved" => to("/store/picture"),
        "inside" => to("http://169.254.169.254/latest/meta-data"),
        "circle" => to("/store/circle"),
        "page" => typed("text/html", b"<script>".to_vec()),
        "drawing" => typed("image/svg+xml", b"<svg/>".to_vec()),
        "large" => typed("image/png", vec![0; 16 * 1024 * 1024 + 1]),
        "Accounts.json" | "json" => typed("application/json", secret.into()),
        "document" => typed("application/pdf", b"%PDF".to_vec()),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn start() -> (App, Files, String) {
    let files = Files::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("listen");
    let url = format!("http://{}", listener.local_addr().expect("address"));
    let router = Router::new().route("/{*path}", get(file)).with_state(files.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (App::builder().with("TWILIO_API_URL", &url).with("ENCRYPTION_KEY", KEY).start().await, files, url)
}

/// A text with these files: names, of which the addresses are those of its own files, or whole addresses.
async fn hear(app: &App, url: &str, files: &[(&str, &str)]) -> Value {
    let (sid, count) = (format!("MM{}", &app.sid()[2..]), files.len().to_string());
    let its_own = format!("{url}/2010-04-01/Accounts/{ACCOUNT}/Messages/{sid}/Media/");
    let at = |name: &str| if name.contains("//") { name.to_owned() } else { format!("{its_own}{name}") };
    let parts: Vec<(String, String, String)> = files
        .iter()
        .enumerate()
        .map(|(n, (name, _))| (format!("MediaUrl{n}"), at(name), format!("MediaContentType{n}")))
        .collect();
    let mut fields = vec![
        ("MessageSid", sid.as_str()),
        ("AccountSid", ACCOUNT),
        ("From", ANA),
        ("To", NUMBER),
        ("NumMedia", &count),
    ];
    for ((url_name, address, kind_name), (_, kind)) in parts.iter().zip(files) {
        fields.extend([(url_name.as_str(), address.as_str()), (kind_name.as_str(), *kind)]);
    }
    app.request(app.signed("/webhooks/sms/inbound", &fields)).await.expect(200);
    app.items("/api/messages?direction=inbound").await.remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_that_came_in_is_handed_on_from_twilio() {
    let (app, files, url) = start().await;
    let text =
        hear(&app, &url, &[("picture", "image/png"), ("moved", "image/png"), ("document", "application/pdf")]).await;
    let id = text["id"].as_str().expect("id");
    let path = |n: usize| format!("/api/messages/{id}/media/{n}");
    assert_eq!(text["media"][0], json!({ "url": path(0), "content_type": "image/png" }));
    assert_eq!((&text["body"], text["media"].as_array().expect("media").len()), (&json!(""), 3));

    let shown = app.api("GET", &path(0), None).await.expect(200);
    assert_eq!(shown.headers["content-type"], "image/png");
    assert_eq!(shown.headers["x-content-type-options"], "nosniff");
    assert_eq!(shown.headers["content-disposition"], "inline; filename=\"media-1.png\"");
    assert!(shown.headers["content-security-policy"].to_str().expect("text").contains("sandbox"));
    app.api("GET", &path(1), None).await.expect(200);
    let saved = app.api("GET", &path(2), None).await.expect(200);
    assert!(saved.headers["content-disposition"].to_str().expect("text").starts_with("attachment"));
    for (path, signed_in) in files.asked.lock().expect("files").iter() {
        assert_eq!(*signed_in, path.starts_with("2010-04-01/"), "{path}: credentials go to the API, not to its store");
    }

    for beyond in ["3", "-1", "99999"] {
        app.api("GET", &format!("/api/messages/{id}/media/{beyond}"), None).await.expect(404);
    }
    let (_, other) = app.second_organization().await;
    app.api_as(&other, "GET", &path(0), None).await.expect(404);
    let none = app.key_with(app.organization.id, &[Permission::ContactsRead]).await;
    app.api_as(&none, "GET", &path(0), None).await.expect(403);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_fetched_from_elsewhere_and_nothing_that_runs_is_handed_on() {
    let (app, files, url) = start().await;
    let elsewhere = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("listen");
    let other_port = format!("http://{}/media/picture", elsewhere.local_addr().expect("address"));
    let other_port = other_port.replace("/media/", &format!("/2010-04-01/Accounts/{ACCOUNT}/Messages/MM1/Media/"));
    let png = "image/png";
    let of_another_text = format!("{url}/2010-04-01/Accounts/{ACCOUNT}/Messages/MM0123/Media/picture");
    let text = hear(
        &app,
        &url,
        &[
            (&other_port, png),
            ("http://169.254.169.254/latest", png),
            ("file:///etc/passwd", png),
            (&of_another_text, png),
            (&format!("{url}/2010-04-01/Accounts.json"), "text/plain"),
            (&format!("{url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"), "text/plain"),
            ("json", "text/plain"),
            ("inside", png),
            ("circle", png),
            ("page", "text/html"),
            ("drawing", "image/svg+xml"),
            ("large", png),
            ("gone", png),
        ],
    )
    .await;
    let id = text["id"].as_str().expect("id");
    for n in 0..13 {
        let problem = app.api("GET", &format!("/api/messages/{id}/media/{n}"), None).await.expect(404).json();
        assert_eq!(problem["code"], "media_unavailable", "{n}: {problem}");
    }
    assert!(
        tokio::time::timeout(std::time::Duration::from_millis(10), elsewhere.accept()).await.is_err(),
        "nobody came to the other port"
    );
    let asked = files.asked.lock().expect("files").clone();
    assert!(
        asked.len() >= 6
            && asked.iter().all(|(path, _)| !path.ends_with("Accounts.json") && !path.ends_with("Messages.json"))
    );
}

/// Whoever may give a sender an account signs as that account. It must not make the installation's credentials fetch anything.
#[tokio::test(flavor = "multi_thread")]
async fn an_account_of_ones_own_reads_nothing_of_the_installations() {
    let (app, files, url) = start().await;
    let sender = app.items("/api/senders?channel=sms").await[0]["id"].as_str().expect("id").to_owned();
    let credentials = format!("/api/senders/{sender}/credentials");
    let (own, token) = (format!("AC{}", "7".repeat(32)), "0123456789abcdef");
    let installations = json!({ "account_sid": ACCOUNT, "auth_token": token });
    let problem = app.api("PUT", &credentials, Some(installations)).await.expect(422).json();
    assert_eq!(problem["errors"][0]["code"], "in_use");
    app.api("PUT", &credentials, Some(json!({ "account_sid": own, "auth_token": token }))).await.expect(200);
    for (n, address) in [
        format!("{url}/2010-04-01/Accounts.json"),
        format!("{url}/2010-04-01/Accounts/{ACCOUNT}/Messages/MM1/Media/picture"),
        format!("{url}/2010-04-01/Accounts/{own}/Messages/MM1/Media/picture"),
    ]
    .iter()
    .enumerate()
    {
        let sid = format!("MM{n}");
        let fields = [
            ("MessageSid", sid.as_str()),
            ("AccountSid", &own),
            ("From", ANA),
            ("To", NUMBER),
            ("NumMedia", "1"),
            ("MediaUrl0", address),
            ("MediaContentType0", "text/plain"),
        ];
        app.request(app.signed_by(token, "/webhooks/sms/inbound", &fields)).await.expect(200);
    }
    app.api("DELETE", &credentials, None).await.expect(204);
    for text in app.items("/api/messages?direction=inbound").await {
        let path = format!("/api/messages/{}/media/0", text["id"].as_str().expect("id"));
        app.api("GET", &path, None).await.expect(404);
    }
    assert!(files.asked.lock().expect("files").is_empty(), "nobody asked Twilio for it");
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_are_sent_by_address() {
    let app = App::start().await;
    app.ask(ANA, "hello").await;
    let contact = app.items("/api/contacts").await[0]["id"].clone();
    let send = async |body: Value| {
        let mut body = body;
        body["contact_id"] = contact.clone();
        app.api("POST", "/api/messages", Some(body)).await
    };
    let url = "https://cdn.example.com/map.png";
    let sent = send(json!({ "media": [url] })).await.expect(201).json();
    assert_eq!((&sent["body"], &sent["media"]), (&json!(""), &json!([{ "url": url, "content_type": "" }])));
    assert_eq!(send(json!({ "body": "The way to us", "media": [url] })).await.expect(201).json()["segments"], 1);
    app.run_jobs().await;
    let forms: Vec<_> =
        app.twilio.taken_by(ANA).into_iter().map(|t| t.form).filter(|f| f.contains_key("MediaUrl")).collect();
    assert_eq!(forms.len(), 2);
    assert!(forms.iter().all(|f| f["MediaUrl"] == url));
    assert_eq!(forms.iter().filter(|f| f.get("Body").is_some_and(|b| b == "The way to us")).count(), 1);
    for bad in [
        json!(["http://example.com/a"]),
        json!(["https://127.0.0.1/a"]),
        json!(vec![url; 11]),
        json!([format!("https://e.com/{}", "a".repeat(2000))]),
    ] {
        let problem = send(json!({ "media": bad })).await.expect(422).json();
        assert_eq!(problem["errors"][0]["field"], "media");
    }
    // Ours are not handed on from here.
    let id = sent["id"].as_str().expect("id");
    app.api("GET", &format!("/api/messages/{id}/media/0"), None).await.expect(404);
}
