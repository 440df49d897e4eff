//! Messages among the team: sent, answered, read, taken back, and by nobody else seen; and the assistant as a colleague.

use axum::{
    body::Body,
    http::{Request, header},
};
use chrono::TimeDelta;
use frontdesk::{
    accounts::{BuiltInRole, NewStaff, Permission, create_user},
    platform::ids::{OrganizationId, UserId},
};
use serde_json::{Value, json};

use crate::support::{ApiResponse, App};

const PASSWORD: &str = "long enough for us";
const NOBODY: &str = "01900000-0000-7000-8000-000000000000";

/// A member of an organization's staff, signed in.
pub struct Person {
    pub id: String,
    cookie: String,
}

impl Person {
    pub async fn join(app: &App, organization: OrganizationId, username: &str, role: BuiltInRole) -> Self {
        let password = secrecy::SecretString::from(PASSWORD);
        let new = NewStaff { username, password: &password, role, superuser: false };
        create_user(&app.core.db, organization, &new).await.expect("user");
        let body = json!({ "username": username, "password": PASSWORD }).to_string();
        let request = Request::post("/api/admin/auth/login").header(header::CONTENT_TYPE, "application/json");
        let answer = app.request(request.body(Body::from(body)).expect("request")).await.expect(200);
        let cookie = answer.headers[header::SET_COOKIE].to_str().expect("cookie");
        let cookie = cookie.split(';').next().expect("pair").to_owned();
        let id = answer.json()["user"]["id"].as_str().expect("id").to_owned();
        Self { id, cookie }
    }

    pub async fn operator(app: &App, username: &str) -> Self {
        Self::join(app, app.organization.id, username, BuiltInRole::Operator).await
    }

    pub async fn call(&self, app: &App, method: &str, path: &str, body: Option<Value>) -> ApiResponse {
        self.call_with(app, method, path, body, None).await
    }

    pub async fn call_with(
        &self,
        app: &App,
        method: &str,
        path: &str,
        body: Option<Value>,
        if_match: Option<&str>,
    ) -> ApiResponse {
        let mut request = Request::builder().method(method).uri(path).header(header::COOKIE, &self.cookie);
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        if let Some(tag) = if_match {
            request = request.header(header::IF_MATCH, tag);
        }
        app.request(request.body(body.map_or_else(Body::empty, |b| Body::from(b.to_string()))).expect("request")).await
    }

    pub async fn items(&self, app: &App, path: &str) -> Vec<Value> {
        self.call(app, "GET", path, None).await.expect(200).json()["items"].as_array().expect("items").clone()
    }

    async fn write(&self, app: &App, to: &str, body: &str) -> Value {
        let sent = json!({ "recipient": to, "body": body });
        let sent = self.call(app, "POST", "/api/team/messages", Some(sent)).await.expect(201).json();
        app.clock.advance(TimeDelta::seconds(1));
        sent
    }

    async fn unread(&self, app: &App) -> Value {
        self.call(app, "GET", "/api/team/messages/unread-count", None).await.expect(200).json()
    }

    /// Asks the assistant and gives back what it answers.
    async fn ask(&self, app: &App, body: &str) -> String {
        let question = self.write(app, "assistant", body).await;
        app.run_jobs().await;
        let history = self.items(app, "/api/team/messages/history?with=assistant&limit=1").await;
        assert_eq!((&history[0]["sender"]["id"], &history[0]["parent_id"]), (&json!("assistant"), &question["id"]));
        assert_eq!(history[0]["thread_id"], question["id"]);
        app.clock.advance(TimeDelta::seconds(1));
        history[0]["body"].as_str().expect("body").to_owned()
    }
}

fn at(message: &Value) -> String {
    format!("/api/team/messages/{}", message["id"].as_str().expect("id"))
}

#[tokio::test(flavor = "multi_thread")]
async fn colleagues_write_read_and_answer() {
    let app = App::start().await;
    let (ana, ben) = (Person::operator(&app, "ana").await, Person::operator(&app, "ben").await);
    let people = ana.items(&app, "/api/team/people").await;
    let names: Vec<&str> = people.iter().map(|p| p["username"].as_str().expect("name")).collect();
    assert_eq!(names, ["admin", "ben"], "everybody but oneself, by name");
    assert_eq!(ana.items(&app, "/api/team/people?q=BE").await.len(), 1);

    let first = ana.write(&app, &ben.id, "  Can you take the 3 pm?  ").await;
    assert_eq!((&first["body"], &first["thread_id"]), (&json!("Can you take the 3 pm?"), &first["id"]));
    assert!(first["read_at"].is_null() && first["parent_id"].is_null());
    let unread = ben.unread(&app).await;
    assert_eq!((&unread["unread"], &unread["senders"][0]["sender"]["id"]), (&json!(1), &json!(ana.id)));
    assert_eq!(ana.unread(&app).await["unread"], 0, "what one sent is not unread");
    let inbox = ben.call(&app, "GET", "/api/inbox", None).await.expect(200).json();
    assert_eq!(inbox["unread_team_messages"], 1);
    assert_eq!(app.get("/api/inbox").await["unread_team_messages"], 0, "a key has no messages");

    let read = ben.call(&app, "POST", &format!("{}/read", at(&first)), None).await.expect(200).json();
    assert!(read["read_at"].is_string());
    app.clock.advance(TimeDelta::seconds(5));
    let again = ben.call(&app, "POST", &format!("{}/read", at(&first)), None).await.expect(200).json();
    assert_eq!(again["read_at"], read["read_at"], "read once");
    assert_eq!(ben.unread(&app).await["unread"], 0);

    let reply = json!({ "body": "Sure" });
    let reply = ben.call(&app, "POST", &format!("{}/reply", at(&first)), Some(reply)).await.expect(201).json();
    assert_eq!((&reply["recipient"]["id"], &reply["parent_id"]), (&json!(ana.id), &first["id"]));
    let more = json!({ "recipient": ben.id, "body": "Thanks", "parent_id": reply["id"] });
    let more = ana.call(&app, "POST", "/api/team/messages", Some(more)).await.expect(201).json();
    assert_eq!(more["thread_id"], first["id"]);
    let thread = ana.call(&app, "GET", &at(&reply), None).await.expect(200).json();
    let said: Vec<&str> =
        thread["thread"].as_array().expect("t").iter().map(|m| m["body"].as_str().expect("b")).collect();
    assert_eq!(said, ["Can you take the 3 pm?", "Sure", "Thanks"]);
    assert_eq!(thread["message"]["id"], reply["id"]);

    assert_eq!(ana.items(&app, "/api/team/messages/sent").await.len(), 2);
    assert_eq!(ana.items(&app, "/api/team/messages/received").await.len(), 1);
    assert_eq!(ana.items(&app, "/api/team/messages/received?q=sUR").await.len(), 1);
    assert_eq!(ana.items(&app, "/api/team/messages/received?q=%25").await.len(), 0, "% is no wildcard");
    assert_eq!(ben.items(&app, "/api/team/messages/received?unread=true").await.len(), 1);
    assert_eq!(ben.items(&app, &format!("/api/team/messages/received?from={}", ana.id)).await.len(), 2);
    assert_eq!(ben.items(&app, "/api/team/messages/received?from=assistant").await.len(), 0);
    let history = |with: &str| format!("/api/team/messages/history?with={with}");
    assert_eq!(ana.items(&app, &history(&ben.id)).await, ben.items(&app, &history(&ana.id)).await, "both see the same");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_sees_or_touches_a_message() {
    let app = App::start().await;
    let (ana, ben) = (Person::operator(&app, "ana").await, Person::operator(&app, "ben").await);
    let eve = Person::join(&app, app.organization.id, "eve", BuiltInRole::Admin).await;
    let (other, _) = app.second_organization().await;
    let far = Person::join(&app, other, "far", BuiltInRole::Admin).await;
    let message = ana.write(&app, &ben.id, "Between the two of us").await;
    let text = || Some(json!({ "body": "x" }));
    for stranger in [&eve, &far] {
        for (method, path, body) in [
            ("GET", at(&message), None),
            ("PATCH", at(&message), text()),
            ("DELETE", at(&message), None),
            ("POST", format!("{}/read", at(&message)), None),
            ("POST", format!("{}/reply", at(&message)), text()),
        ] {
            let answer = stranger.call(&app, method, &path, body).await.expect(404).json();
            assert_eq!(answer["code"], "not_found", "{method} {path}");
        }
        let parent = json!({ "recipient": "assistant", "body": "x", "parent_id": message["id"] });
        stranger.call(&app, "POST", "/api/team/messages", Some(parent)).await.expect(404);
        for list in ["received", "sent", &format!("history?with={}", ana.id), &format!("history?with={}", ben.id)] {
            assert!(stranger.items(&app, &format!("/api/team/messages/{list}")).await.is_empty(), "{list}");
        }
        let read = stranger.call(&app, "POST", "/api/team/messages/read-all", None).await.expect(200).json();
        assert_eq!(read["read"], 0, "what others got is not theirs to read");
    }
    assert_eq!(ben.unread(&app).await["unread"], 1);
    // The recipient reads it, and neither rewrites nor takes it back; its sender does not read it.
    ben.call(&app, "PATCH", &at(&message), text()).await.expect(404);
    ben.call(&app, "DELETE", &at(&message), None).await.expect(404);
    ana.call(&app, "POST", &format!("{}/read", at(&message)), None).await.expect(404);
    // Nobody writes across organizations, to themselves, or to somebody who is not there.
    for recipient in [far.id.as_str(), NOBODY] {
        let sent = json!({ "recipient": recipient, "body": "x" });
        ana.call(&app, "POST", "/api/team/messages", Some(sent)).await.expect(404);
    }
    let to_self = json!({ "recipient": ana.id, "body": "x" });
    let refused = ana.call(&app, "POST", "/api/team/messages", Some(to_self)).await.expect(422).json();
    assert_eq!(refused["errors"][0]["field"], "recipient");
    let astray = json!({ "recipient": eve.id, "body": "x", "parent_id": message["id"] });
    let refused = ana.call(&app, "POST", "/api/team/messages", Some(astray)).await.expect(422).json();
    assert_eq!(refused["errors"][0]["field"], "parent_id");
    assert_eq!(app.count("SELECT count(*) FROM team_messages").await, 1);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_left_gets_no_more_messages_and_viewers_and_keys_write_none() {
    let app = App::start().await;
    let (ana, ben) = (Person::operator(&app, "ana").await, Person::operator(&app, "ben").await);
    let message = ben.write(&app, &ana.id, "bye").await;
    sqlx::query("UPDATE memberships SET removed_at = $2 WHERE user_id = $1")
        .bind(ben.id.parse::<UserId>().expect("id").0)
        .bind(app.clock.now())
        .execute(app.core.db.pool())
        .await
        .expect("removed");
    let reply = Some(json!({ "body": "x" }));
    ana.call(&app, "POST", &format!("{}/reply", at(&message)), reply).await.expect(404);
    assert_eq!(ana.items(&app, "/api/team/people").await.len(), 1);
    assert_eq!(ana.items(&app, "/api/team/messages/received").await.len(), 1, "what they wrote stays");
    let viewer = Person::join(&app, app.organization.id, "vic", BuiltInRole::Viewer).await;
    let sent = || Some(json!({ "recipient": "assistant", "body": "x" }));
    viewer.call(&app, "POST", "/api/team/messages", sent()).await.expect(403);
    viewer.call(&app, "GET", "/api/team/messages/received", None).await.expect(403);
    let inbox = viewer.call(&app, "GET", "/api/inbox", None).await.expect(200).json();
    assert_eq!((&inbox["unread_team_messages"], &inbox["open_urgent_reports"]), (&json!(0), &json!(0)));
    // A key may have the permission, and is nobody to write to.
    let key = app.key_with(app.organization.id, &[Permission::TeamWrite]).await;
    for (method, path, body) in [
        ("POST", "/api/team/messages", sent()),
        ("GET", "/api/team/messages/sent", None),
        ("GET", "/api/team/people", None),
        ("POST", "/api/team/messages/read-all", None),
    ] {
        assert_eq!(app.api_as(&key, method, path, body).await.expect(403).json()["code"], "forbidden", "{path}");
    }
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_rewritten_and_taken_back_by_who_wrote_it() {
    let app = App::start().await;
    let (ana, ben) = (Person::operator(&app, "ana").await, Person::operator(&app, "ben").await);
    let message = ana.write(&app, &ben.id, "The secret word is plum").await;
    let text = |body: &str| Some(json!({ "body": body }));
    let edited = ana.call_with(&app, "PATCH", &at(&message), text("Apricot"), Some("\"1\"")).await.expect(200);
    assert_eq!(edited.headers[header::ETAG], "\"2\"");
    let edited = edited.json();
    assert!(edited["edited_at"].is_string() && edited["body"] == "Apricot" && edited["version"] == 2);
    let stale = ana.call_with(&app, "PATCH", &at(&message), text("Pear"), Some("\"1\"")).await.expect(412).json();
    assert_eq!(stale["code"], "version_conflict");
    for body in ["", " \n", &"x".repeat(4_001)] {
        ana.call(&app, "PATCH", &at(&message), text(body)).await.expect(422);
    }
    let reply = ben.call(&app, "POST", &format!("{}/reply", at(&message)), text("Ok")).await.expect(201).json();
    ana.call(&app, "DELETE", &at(&message), None).await.expect(204);
    ana.call(&app, "DELETE", &at(&message), None).await.expect(204);
    let refused = ana.call(&app, "PATCH", &at(&message), text("Back")).await.expect(409).json();
    assert_eq!(refused["code"], "wrong_state");
    let thread = ben.call(&app, "GET", &at(&reply), None).await.expect(200).json();
    assert!(thread["thread"][0]["body"].is_null() && thread["thread"][0]["deleted_at"].is_string());
    assert_eq!(ben.unread(&app).await["unread"], 0, "what was taken back is not unread");
    assert_eq!(app.count("SELECT count(*) FROM team_messages WHERE body LIKE '%pricot%'").await, 0);
    // The log knows that, not what.
    let log: Vec<String> = sqlx::query_scalar(
        "SELECT action || ' ' || COALESCE(before::text, '') || COALESCE(after::text, '') FROM audit_log
         WHERE target_kind = 'team_message' ORDER BY id",
    )
    .fetch_all(app.core.db.pool())
    .await
    .expect("log");
    let actions: Vec<&str> = log.iter().map(|l| l.split(' ').next().expect("action")).collect();
    let expected = ["team_message.created", "team_message.updated", "team_message.created", "team_message.deleted"];
    assert_eq!(actions, expected);
    assert!(log.iter().all(|l| !l.contains("plum") && !l.contains("pricot")), "{log:?}");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_paged_sorted_and_not_shadowed() {
    let app = App::start().await;
    let (ana, ben) = (Person::operator(&app, "ana").await, Person::operator(&app, "ben").await);
    for n in 0..5 {
        let (from, to) = if n % 2 == 0 { (&ana, &ben) } else { (&ben, &ana) };
        from.write(&app, &to.id, &format!("number {n}")).await;
    }
    let bodies = |items: &[Value]| items.iter().map(|m| m["body"].as_str().expect("b").to_owned()).collect::<Vec<_>>();
    let path = format!("/api/team/messages/history?with={}&limit=2", ben.id);
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = ana.call(&app, "GET", &format!("{path}{cursor}"), None).await.expect(200).json();
        seen.extend(bodies(page["items"].as_array().expect("items")));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, ["number 4", "number 3", "number 2", "number 1", "number 0"]);
    let oldest = ana.items(&app, "/api/team/messages/sent?sort=created_at").await;
    assert_eq!(bodies(&oldest), ["number 0", "number 2", "number 4"]);
    for bad in ["sort=body", "limit=0", "cursor=junk", "from=me"] {
        ana.call(&app, "GET", &format!("/api/team/messages/received?{bad}"), None).await.expect(422);
    }
    ana.call(&app, "GET", "/api/team/messages/history", None).await.expect(422);
    let read = ben.call(&app, "POST", &format!("/api/team/messages/read-all?from={NOBODY}"), None).await.expect(200);
    assert_eq!(read.json()["read"], 0);
    let read = ben.call(&app, "POST", &format!("/api/team/messages/read-all?from={}", ana.id), None).await.expect(200);
    assert_eq!(read.json()["read"], 3);
    assert_eq!(ben.call(&app, "POST", "/api/team/messages/read-all", None).await.expect(200).json()["read"], 0);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_bodies_are_refused_or_kept_as_they_are() {
    let app = App::start().await;
    let (ana, ben) = (Person::operator(&app, "ana").await, Person::operator(&app, "ben").await);
    for body in [
        json!({ "recipient": ben.id, "body": "a\u{0}b" }),
        json!({ "recipient": ben.id, "body": "x".repeat(4_001) }),
        json!({ "recipient": ben.id, "body": "\u{a0} " }),
        json!({ "recipient": ben.id }),
        json!({ "recipient": null, "body": "x" }),
        json!({ "recipient": "Assistant", "body": "x" }),
        json!({ "recipient": ben.id, "body": "x", "sender": ben.id }),
        json!({ "recipient": ben.id, "body": 7 }),
        json!([]),
    ] {
        ana.call(&app, "POST", "/api/team/messages", Some(body)).await.expect(422);
    }
    for kept in ["<script>alert(1)</script>", "'; DROP TABLE team_messages; --", "\u{202e}evil", &"🦀".repeat(4_000)]
    {
        assert_eq!(ana.write(&app, &ben.id, kept).await["body"], kept);
    }
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_assistant_answers_from_the_data() {
    let app = App::start().await;
    let ana = Person::operator(&app, "ana").await;
    app.ask("+14155550101", "book haircut tuesday at 10 am").await;
    app.ask("+14155550101", "yes").await;
    sqlx::query("UPDATE contacts SET first_name = 'Maria', last_name = 'Lopez'")
        .execute(app.core.db.pool())
        .await
        .expect("name");
    app.text("+14155550102", "can I talk to a human please").await;

    let coming = ana.ask(&app, "Who is coming on Tuesday?").await;
    assert!(
        coming.starts_with("1 appointment on Tue Nov 24:") && coming.contains("10:00 AM: Maria Lopez, Haircut"),
        "{coming}"
    );
    assert_eq!(ana.ask(&app, "who is coming tomorrow?").await, "No appointments on Sun Nov 22.");
    let viene = ana.ask(&app, "¿quién viene el martes?").await;
    assert!(viene.starts_with("1 cita el mar 24 nov:"), "{viene}");
    let open = ana.ask(&app, "any haircut openings on tuesday after 3 pm?").await;
    assert!(open.contains("Haircut: 3:00 PM, 3:30 PM") && !open.contains("Consultation"), "{open}");
    assert_eq!(ana.ask(&app, "open slots on sunday").await, "Nothing is open on Sun Nov 22.");
    let waiting = ana.ask(&app, "how many conversations are waiting?").await;
    assert_eq!(waiting, "1 conversation waits for a person; in 1 a person answers now.");
    let found = ana.ask(&app, "who is maria lopez?").await;
    assert!(found.contains("+14155550101") && found.contains("next appointment Tue Nov 24 10:00 AM"), "{found}");
    assert!(ana.ask(&app, "whose number is (415) 555-0102").await.contains("+14155550102"));
    assert!(ana.ask(&app, "look up Zoe").await.contains("no contact for \"zoe\""));
    assert!(ana.ask(&app, "what can you do?").await.contains("I book and change nothing"));

    assert!(ana.ask(&app, "is there parking?").await.starts_with("I don't know"));
    let entry = json!({ "topic": "parking", "title": "Parking", "answer_en": "There is a lot behind the house.",
                        "answer_es": "Hay un estacionamiento detrás." });
    app.api("POST", "/api/knowledge", Some(entry)).await.expect(201);
    assert_eq!(ana.ask(&app, "is there parking?").await, "Parking: There is a lot behind the house.");
    assert_eq!(ana.ask(&app, "¿hay estacionamiento?").await, "Parking: Hay un estacionamiento detrás.");

    // It never acts.
    let before = app.count("SELECT count(*) FROM bookings").await;
    for order in [
        "book Maria tomorrow at 3",
        "cancel Maria's appointment",
        "yes",
        "delete everything",
        "text Maria that we are closed",
    ] {
        ana.ask(&app, order).await;
    }
    assert_eq!(app.count("SELECT count(*) FROM bookings WHERE status = 'confirmed'").await, before);
    assert_eq!(ana.unread(&app).await["senders"][0]["sender"]["id"], "assistant");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_assistant_tells_nobody_what_their_role_hides() {
    let app = App::start().await;
    app.ask("+14155550101", "book tuesday at 10 am").await;
    app.ask("+14155550101", "yes").await;
    let ana = Person::operator(&app, "ana").await;
    let role = uuid::Uuid::from_u128(77);
    sqlx::query(
        "INSERT INTO roles (organization_id, id, name, permissions, created_at, updated_at) VALUES ($1, $2, 'Cleaner', '{team.write}', $3, $3)",
    )
    .bind(app.organization.id.0)
    .bind(role)
    .bind(app.clock.now())
    .execute(app.core.db.pool())
    .await
    .expect("role");
    sqlx::query("UPDATE memberships SET role = NULL, role_id = $2 WHERE user_id = $1")
        .bind(ana.id.parse::<UserId>().expect("id").0)
        .bind(role)
        .execute(app.core.db.pool())
        .await
        .expect("member");
    for asked in [
        "who is coming on tuesday?",
        "open slots on tuesday",
        "how many conversations wait? waiting",
        "who is +14155550101",
    ] {
        let told = ana.ask(&app, asked).await;
        assert!(told.starts_with("Your role does not let you see that"), "{asked}: {told}");
    }
    // Another organization's assistant knows nothing of it either.
    let (other, _) = app.second_organization().await;
    let far = Person::join(&app, other, "far", BuiltInRole::Admin).await;
    assert_eq!(far.ask(&app, "who is coming on tuesday?").await, "No appointments on Tue Nov 24.");
    assert!(far.ask(&app, "who is +14155550101").await.contains("no contact"));
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_taken_back_is_not_answered() {
    let app = App::start().await;
    let ana = Person::operator(&app, "ana").await;
    let question = ana.write(&app, "assistant", "who is coming?").await;
    ana.call(&app, "DELETE", &at(&question), None).await.expect(204);
    app.run_jobs().await;
    assert_eq!(app.count("SELECT count(*) FROM team_messages").await, 1);
    app.finish().await;
}
