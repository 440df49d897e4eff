//! Conduct of the API as a whole: described, guarded, paged, and saying what is wrong.

use axum::{body::Body, http::Request};
use serde_json::{Value, json};

use crate::support::App;

/// Operations anybody may call. It only shrinks.
const OPEN: [&str; 8] = [
    "get /api/health",
    "get /api/health/live",
    "post /api/admin/auth/login",
    "post /api/admin/auth/logout",
    "post /api/auth/login",
    "post /api/auth/refresh",
    "post /api/auth/register",
    "get /api/auth/invitations/{token}",
];

fn operations() -> Vec<(String, String)> {
    let description = serde_json::to_value(frontdesk::app::open_api()).expect("description");
    let paths = description["paths"].as_object().expect("paths").clone();
    paths
        .into_iter()
        .flat_map(|(path, item)| {
            let methods: Vec<String> = item.as_object().expect("item").keys().cloned().collect();
            methods.into_iter().map(move |m| (m, path.clone()))
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_wants_to_know_who_asks() {
    let app = App::start().await;
    let operations = operations();
    assert!(operations.len() >= 20, "{operations:?}");
    for (method, path) in operations {
        if OPEN.contains(&format!("{method} {path}").as_str()) {
            continue;
        }
        let uri = path.replace("{id}", "01900000-0000-7000-8000-000000000000");
        for uri in [uri.clone(), uri.replacen("/api/", "/api/v1/", 1)] {
            let request = Request::builder()
                .method(method.to_uppercase().as_str())
                .uri(&uri)
                .header("content-type", "application/json");
            let answer = app.request(request.body(Body::from("{}")).expect("request")).await;
            assert_eq!(answer.status, 401, "{method} {uri}");
            assert_eq!(answer.json()["code"], "unauthenticated");
        }
    }
}

#[test]
fn operations_have_names_of_their_own() {
    let description = serde_json::to_value(frontdesk::app::open_api()).expect("description");
    let mut names: Vec<&str> = description["paths"]
        .as_object()
        .expect("paths")
        .values()
        .flat_map(|item| item.as_object().expect("item").values())
        .map(|operation| operation["operationId"].as_str().expect("every operation has an id"))
        .collect();
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all, "a generated client cannot tell two operations of one name apart");
}

#[test]
fn the_committed_description_is_current() {
    let committed: Value = serde_json::from_str(include_str!("../../admin/openapi.json")).expect("JSON");
    let current = serde_json::to_value(frontdesk::app::open_api()).expect("description");
    assert!(committed == current, "admin/openapi.json is not current: run scripts/prepare");
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_paged_without_gaps_or_repeats() {
    let app = App::start().await;
    for n in 0..7 {
        let text = json!({ "from": format!("+1415555{n:04}"), "body": "hello" });
        app.api("POST", "/api/simulator/messages", Some(text)).await.expect(201);
        if n % 2 == 0 {
            app.clock.advance(chrono::TimeDelta::seconds(1));
        }
    }
    app.run_jobs().await;
    for list in ["contacts", "messages", "conversations", "slots", "jobs?state=done"] {
        let join = if list.contains('?') { '&' } else { '?' };
        let whole = app.items(&format!("/api/{list}{join}limit=200")).await;
        let mut pieces: Vec<Value> = Vec::new();
        let mut cursor = None;
        loop {
            let after = cursor.map_or_else(String::new, |c: String| format!("&cursor={c}"));
            let page = app.get(&format!("/api/{list}{join}limit=3{after}")).await;
            pieces.extend(page["items"].as_array().expect("items").iter().cloned());
            match page["next_cursor"].as_str() {
                Some(next) if pieces.len() < whole.len() + 3 => cursor = Some(next.to_owned()),
                _ => break,
            }
            if list == "slots" && pieces.len() > 60 {
                break;
            }
        }
        let compared = pieces.len().min(whole.len());
        assert!(compared >= 7, "{list}");
        assert_eq!(pieces[..compared], whole[..compared], "{list}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_parameters_are_problems_with_fields() {
    let app = App::start().await;
    for path in [
        "/api/contacts?limit=0",
        "/api/contacts?limit=201",
        "/api/contacts?limit=x",
        "/api/contacts?cursor=%21%21",
        "/api/messages?contact_id=7",
        "/api/slots?from=yesterday",
        "/api/appointments?status=maybe",
        "/api/jobs?state=lost",
        "/api/analytics/dashboard?days=0",
    ] {
        let answer = app.api("GET", path, None).await.expect(422);
        assert!(
            answer.headers["content-type"].to_str().expect("text").starts_with("application/problem+json"),
            "{path}"
        );
        let problem = answer.json();
        assert_eq!(problem["code"], "invalid_request", "{path}");
        assert!(problem["errors"][0]["field"].is_string() && problem["request_id"].is_string(), "{problem}");
    }
    for (body, field) in [
        (json!({ "from": "123", "body": "x" }), "from"),
        (json!({ "from": "+14155550101", "body": "" }), "body"),
        (json!({ "from": "+14155550101" }), "body"),
        (json!([]), "body"),
    ] {
        let problem = app.api("POST", "/api/simulator/messages", Some(body)).await.expect(422).json();
        assert_eq!(problem["errors"][0]["field"], field);
    }
    let request = Request::post("/api/simulator/messages")
        .header("x-api-key", crate::support::API_KEY)
        .header("content-type", "application/json");
    assert_eq!(
        app.request(request.body(Body::from("{")).expect("request")).await.expect(400).json()["code"],
        "malformed_request"
    );
    let request = Request::post("/api/simulator/messages")
        .header("x-api-key", crate::support::API_KEY)
        .header("content-type", "application/json");
    app.request(request.body(Body::from("x".repeat(300_000))).expect("request")).await.expect(413);
    for path in [
        "/api/contacts?q=%00",
        "/api/contacts?phone_number=%00",
        "/api/slots?from=-200000-01-01T00:00:00Z",
        "/api/appointments?to=-200000-01-01T00:00:00Z",
    ] {
        app.api("GET", path, None).await.expect(422);
    }
    for username in ["a\0b".to_owned(), "x".repeat(9000)] {
        let login = json!({ "username": username, "password": "x" });
        app.api("POST", "/api/admin/auth/login", Some(login)).await.expect(422);
    }
    assert_eq!(app.api("GET", "/api/nothing", None).await.expect(404).json()["code"], "not_found");
    assert_eq!(app.api("DELETE", "/api/contacts", None).await.expect(405).json()["code"], "method_not_allowed");
}

#[tokio::test(flavor = "multi_thread")]
async fn request_ids_are_taken_made_and_given_back() {
    let app = App::start().await;
    let ask = |name: &'static str, value: &'static str| {
        app.request(Request::get("/api/contacts").header(name, value).body(Body::empty()).expect("request"))
    };
    let answer = ask("x-request-id", "abc-123").await.expect(401);
    assert_eq!(answer.headers["x-request-id"], "abc-123");
    assert_eq!(answer.json()["request_id"], "abc-123");
    assert_eq!(ask("x-correlation-id", "corr_9").await.headers["x-request-id"], "corr_9");
    let made = ask("x-request-id", "evil\u{9}value with spaces").await;
    assert_ne!(made.headers["x-request-id"], "evil value with spaces");
    assert!(!made.headers["x-request-id"].is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_for_people_are_there() {
    let app = App::start().await;
    let get = |path: &'static str| app.request(Request::get(path).body(Body::empty()).expect("request"));
    assert_eq!(get("/").await.expect(307).headers["location"], "/admin/");
    let page = get("/admin/simulator").await.expect(200);
    assert!(page.headers["content-type"].to_str().expect("text").starts_with("text/html"));
    assert!(page.headers.contains_key("content-security-policy"));
    get("/admin/assets/nothing.js").await.expect(404);
    assert!(get("/docs/").await.expect(200).text.contains("swagger"));
    assert_eq!(get("/api/openapi.json").await.expect(200).json()["info"]["title"], "Frontdesk");
    get("/metrics").await.expect(200);
    assert_eq!(get("/api/health").await.expect(200).text, r#"{"status":"green","db":"ok","redis":"ok"}"#);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_page_has_true_figures() {
    let app = App::start().await;
    app.ask("+14155550101", "book tuesday at 10 am").await;
    app.ask("+14155550101", "yes").await;
    app.ask("+14155550102", "book tuesday at 11 am").await;
    let figures = app.get("/api/analytics/dashboard?days=7").await;
    assert_eq!(
        (&figures["contacts"], &figures["upcoming_appointments"], &figures["open_conversations"]),
        (&2.into(), &1.into(), &1.into())
    );
    assert_eq!(figures["messages_today"], json!({ "inbound": 3, "outbound": 3 }));
    let days = figures["period"]["series"].as_array().expect("days");
    assert_eq!((days.len(), &days[6]["date"]), (7, &"2026-11-21".into()));
    let today = &days[6]["figures"];
    assert_eq!(
        (&today["texts_in"], &today["texts_out"], &today["booked"], &today["cancelled"]),
        (&3.into(), &3.into(), &1.into(), &0.into())
    );
    assert_eq!(figures["services"][0], json!({ "name": "Consultation", "upcoming": 1 }));
    app.finish().await;
}
