//! The staff of an organization: members, invitations, roles, the organization itself, and who may hand out what.

use axum::{
    body::Body,
    http::{Request, header},
};
use chrono::TimeDelta;
use frontdesk::{
    accounts::{BuiltInRole, NewStaff, Permission, create_user},
    platform::{crypto, ids::OrganizationId},
};
use serde_json::{Value, json};

use crate::support::{ApiResponse, App};

const PASSWORD: &str = "only for the tests";
const NOBODY: &str = "01900000-0000-7000-8000-000000000000";

/// The cookie of somebody signed in.
async fn sign_in(app: &App, username: &str, password: &str) -> String {
    let body = json!({ "username": username, "password": password }).to_string();
    let request =
        Request::post("/api/admin/auth/login").header("content-type", "application/json").body(Body::from(body));
    let answer = app.request(request.expect("request")).await.expect(200);
    answer.headers[header::SET_COOKIE].to_str().expect("text").split(';').next().expect("pair").to_owned()
}

/// A request of somebody signed in.
async fn by(app: &App, cookie: &str, method: &str, path: &str, body: Option<Value>) -> ApiResponse {
    by_in(app, cookie, None, method, path, body).await
}

async fn by_in(
    app: &App,
    cookie: &str,
    organization: Option<&str>,
    method: &str,
    path: &str,
    body: Option<Value>,
) -> ApiResponse {
    let mut request = Request::builder().method(method).uri(path).header("cookie", cookie);
    if let Some(organization) = organization {
        request = request.header("x-organization-id", organization);
    }
    if body.is_some() {
        request = request.header("content-type", "application/json");
    }
    app.request(request.body(body.map_or_else(Body::empty, |b| Body::from(b.to_string()))).expect("request")).await
}

async fn if_match(app: &App, version: i64, path: &str, body: Value) -> ApiResponse {
    let request = Request::patch(path)
        .header("x-api-key", crate::support::API_KEY)
        .header("content-type", "application/json")
        .header("if-match", format!("\"{version}\""))
        .body(Body::from(body.to_string()));
    app.request(request.expect("request")).await
}

/// Makes a user by the API and gives back their id.
async fn make(app: &App, username: &str, role: &str) -> String {
    let email = format!("{username}@example.com");
    let body = json!({ "username": username, "display_name": username.to_uppercase(), "email": email, "password": PASSWORD, "role": role });
    let made = app.api("POST", "/api/users", Some(body)).await.expect(201).json();
    made["id"].as_str().expect("id").to_owned()
}

async fn make_role(app: &App, name: &str, permissions: &[&str]) -> String {
    let body = json!({ "name": name, "permissions": permissions });
    let role = app.api("POST", "/api/roles", Some(body)).await.expect(201).json();
    role["id"].as_str().expect("id").to_owned()
}

/// The id of the administrator whom the start made.
async fn first_admin(app: &App) -> String {
    app.items("/api/users?q=admin").await[0]["id"].as_str().expect("id").to_owned()
}

/// What the log says was done, newest first.
async fn log(app: &App, target: &str) -> Vec<String> {
    let entries = app.items(&format!("/api/audit?target_id={target}")).await;
    entries.iter().map(|e| e["action"].as_str().expect("action").to_owned()).collect()
}

fn code(answer: ApiResponse, status: u16) -> String {
    answer.expect(status).json()["code"].as_str().expect("code").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_is_made_changed_disabled_enabled_and_taken_out() {
    let app = App::start().await;
    let ann = make(&app, "ann", "viewer").await;
    let cookie = sign_in(&app, "ann@example.com", PASSWORD).await;
    by(&app, &cookie, "GET", "/api/contacts", None).await.expect(200);

    let path = format!("/api/users/{ann}");
    let answer = app.api("GET", &path, None).await.expect(200);
    assert_eq!(answer.headers[header::ETAG], "\"1\"");
    let row = answer.json();
    assert_eq!((&row["role"], &row["role_name"]), (&"viewer".into(), &"Viewer".into()));
    assert_eq!(row["last_seen_at"].as_str(), Some("2026-11-21T15:00:00Z"), "{row}");

    let row = app.api("PATCH", &path, Some(json!({ "role": "operator" }))).await.expect(200).json();
    assert_eq!((&row["role"], &row["version"]), (&"operator".into(), &2.into()));
    assert_eq!(code(if_match(&app, 1, &path, json!({ "role": "viewer" })).await, 412), "version_conflict");
    if_match(&app, 2, &path, json!({ "role": "viewer" })).await.expect(200);

    let row = app.api("PATCH", &path, Some(json!({ "disabled": true }))).await.expect(200).json();
    assert_eq!(row["disabled"], true);
    by(&app, &cookie, "GET", "/api/contacts", None).await.expect(401);
    let row = app.api("PATCH", &path, Some(json!({ "disabled": false }))).await.expect(200).json();
    assert_eq!(row["disabled"], false);
    // The session ended for good; signing in again works.
    by(&app, &cookie, "GET", "/api/contacts", None).await.expect(401);
    let cookie = sign_in(&app, "ann", PASSWORD).await;

    app.api("DELETE", &path, None).await.expect(204);
    by(&app, &cookie, "GET", "/api/contacts", None).await.expect(401);
    app.api("GET", &path, None).await.expect(404);
    app.api("PATCH", &path, Some(json!({ "disabled": true }))).await.expect(404);
    app.api("DELETE", &path, None).await.expect(404);
    assert!(app.items("/api/users?q=ann").await.is_empty());
    // The person stays, without a way in; only this organization let go of them.
    assert_eq!(app.count("SELECT count(*) FROM users WHERE username = 'ann'").await, 1);
    assert_eq!(app.count("SELECT count(*) FROM sessions").await, 0);
    assert_eq!(
        log(&app, &ann).await,
        [
            "user.deleted",
            "user.signed_in",
            "user.enabled",
            "user.disabled",
            "user.role_changed",
            "user.role_changed",
            "user.signed_in",
            "user.created"
        ]
    );
    let change = &app.items(&format!("/api/audit?target_id={ann}&action=user.disabled")).await[0];
    assert_eq!((&change["before"]["disabled"], &change["after"]["disabled"]), (&false.into(), &true.into()));
    assert!(!change["before"].as_object().expect("diff").contains_key("username"), "only what differs: {change}");
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_taken_out_of_one_organization_stays_in_another() {
    let app = App::start().await;
    let ann = make(&app, "ann", "viewer").await;
    let (other, other_key) = app.second_organization().await;
    let second =
        "INSERT INTO memberships (organization_id, user_id, role, created_at) VALUES ($1, $2, 'viewer', now())";
    let id: uuid::Uuid = ann.parse().expect("id");
    sqlx::query(second).bind(other.0).bind(id).execute(app.core.db.pool()).await.expect("member");
    app.api("DELETE", &format!("/api/users/{ann}"), None).await.expect(204);
    let cookie = sign_in(&app, "ann", PASSWORD).await;
    let me = by(&app, &cookie, "GET", "/api/admin/auth/me", None).await.expect(200).json();
    assert_eq!(me["organization"]["id"], other.to_string());
    // Being taken out of the other one leaves no way in.
    app.api_as(&other_key, "DELETE", &format!("/api/users/{ann}"), None).await.expect(204);
    by(&app, &cookie, "GET", "/api/admin/auth/me", None).await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn new_users_are_checked() {
    let app = App::start().await;
    make(&app, "ann", "viewer").await;
    let wrong = |field: &'static str, value: Value| {
        let mut body = json!({ "username": "bob", "display_name": "Bob", "password": PASSWORD, "role": "viewer" });
        body[field] = value;
        body
    };
    for (field, value) in [
        ("username", json!("")),
        ("username", json!("bob@example.com")),
        ("username", json!("a b")),
        ("username", json!("b\u{0}b")),
        ("username", json!("b".repeat(61))),
        ("display_name", json!("  ")),
        ("display_name", json!("x\ny")),
        ("email", json!("bob")),
        ("password", json!("short")),
        ("password", json!("Bob".repeat(100))),
        ("role", json!(NOBODY)),
    ] {
        let problem = app.api("POST", "/api/users", Some(wrong(field, value.clone()))).await.expect(422).json();
        assert_eq!(problem["errors"][0]["field"], field, "{value}");
    }
    for (field, value) in [("role", json!("emperor")), ("superuser", json!(true))] {
        app.api("POST", "/api/users", Some(wrong(field, value))).await.expect(422);
    }
    assert_eq!(code(app.api("POST", "/api/users", Some(wrong("username", json!("ANN")))).await, 409), "username_taken");
    let taken = wrong("email", json!("ANN@example.com"));
    assert_eq!(code(app.api("POST", "/api/users", Some(taken)).await, 409), "already_exists");
    assert_eq!(app.count("SELECT count(*) FROM users").await, 2, "nothing half made");
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_are_listed_filtered_and_sorted() {
    let app = App::start().await;
    for (username, role) in [("dora", "operator"), ("carl", "viewer"), ("bert", "operator"), ("anna", "viewer")] {
        app.clock.advance(TimeDelta::seconds(10));
        make(&app, username, role).await;
    }
    let names = |rows: Vec<Value>| -> Vec<String> {
        rows.iter().map(|r| r["username"].as_str().expect("name").to_owned()).collect()
    };
    assert_eq!(names(app.items("/api/users").await), ["admin", "anna", "bert", "carl", "dora"]);
    assert_eq!(names(app.items("/api/users?sort=-created_at&role=viewer").await), ["anna", "carl"]);
    assert_eq!(names(app.items("/api/users?q=bert@").await), ["bert"]);
    sign_in(&app, "carl", PASSWORD).await;
    assert_eq!(names(app.items("/api/users?sort=-last_seen&limit=1").await), ["carl"]);
    let bert = app.items("/api/users?q=bert").await[0]["id"].as_str().expect("id").to_owned();
    app.api("PATCH", &format!("/api/users/{bert}"), Some(json!({ "disabled": true }))).await.expect(200);
    assert_eq!(names(app.items("/api/users?status=disabled").await), ["bert"]);
    assert_eq!(app.items("/api/users?status=active").await.len(), 4);
    for sort in ["name", "-name", "created_at", "-last_seen"] {
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = app.get(&format!("/api/users?sort={sort}&limit=2{cursor}")).await;
            seen.extend(names(page["items"].as_array().expect("items").clone()));
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(seen, names(app.items(&format!("/api/users?sort={sort}")).await), "{sort}");
        assert_eq!(seen.len(), 5);
    }
    assert_eq!(code(app.api("GET", "/api/users?role=emperor", None).await, 422), "invalid_request");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_hands_out_more_than_they_have() {
    let app = App::start().await;
    // Somebody who keeps the staff, and may otherwise only look at it.
    let clerk = make_role(&app, "Clerk", &["users.read", "users.manage"]).await;
    let bigger = make_role(&app, "Bigger", &["users.read", "contacts.erase"]).await;
    let smaller = make_role(&app, "Smaller", &["users.read"]).await;
    make(&app, "clara", &clerk).await;
    let victim = make(&app, "vera", &smaller).await;
    let boss = make(&app, "boss", "admin").await;
    let cookie = &sign_in(&app, "clara", PASSWORD).await;
    let app = &app;
    let ask = |method: &'static str, path: String, body: Value| async move {
        by(app, cookie, method, &path, Some(body)).await
    };
    let user = |role: &str| json!({ "username": "eve", "display_name": "Eve", "password": PASSWORD, "role": role });
    for role in ["admin", "viewer", "operator", bigger.as_str()] {
        let refused = [
            ask("PATCH", format!("/api/users/{victim}"), json!({ "role": role })).await,
            ask("POST", "/api/users".to_owned(), user(role)).await,
            ask("POST", "/api/invitations".to_owned(), json!({ "email": "eve@example.com", "role": role })).await,
        ];
        for answer in refused {
            assert_eq!(code(answer, 403), "beyond_own_permissions", "{role}");
        }
    }
    let new = json!({ "name": "Mine", "permissions": ["users.read", "audit.read"] });
    assert_eq!(code(ask("POST", "/api/roles".to_owned(), new).await, 403), "beyond_own_permissions");
    // Not by growing a role either: the one they have, or a small one.
    for role in [&clerk, &smaller] {
        let grown = json!({ "permissions": ["users.read", "users.manage", "audit.read"] });
        assert_eq!(code(ask("PATCH", format!("/api/roles/{role}"), grown).await, 403), "beyond_own_permissions");
    }
    // Nor may they cut down whoever may do more.
    assert_eq!(
        code(ask("PATCH", format!("/api/users/{boss}"), json!({ "disabled": true })).await, 403),
        "beyond_own_permissions"
    );
    assert_eq!(
        code(ask("PATCH", format!("/api/users/{boss}"), json!({ "role": smaller })).await, 403),
        "beyond_own_permissions"
    );
    assert_eq!(
        code(by(app, cookie, "DELETE", &format!("/api/users/{boss}"), None).await, 403),
        "beyond_own_permissions"
    );
    assert_eq!(
        code(ask("PATCH", format!("/api/roles/{bigger}"), json!({ "permissions": [] })).await, 403),
        "beyond_own_permissions"
    );
    // What they have they may give.
    ask("PATCH", format!("/api/users/{victim}"), json!({ "role": clerk })).await.expect(200);
    ask("POST", "/api/users".to_owned(), user(&smaller)).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_changes_themselves_and_low_roles_change_nobody() {
    let app = App::start().await;
    let admin = first_admin(&app).await;
    make(&app, "second", "admin").await;
    let cookie = sign_in(&app, "admin", "correct horse battery").await;
    for body in [json!({ "role": "viewer" }), json!({ "disabled": true })] {
        let answer = by(&app, &cookie, "PATCH", &format!("/api/users/{admin}"), Some(body)).await;
        assert_eq!(code(answer, 409), "own_account");
    }
    assert_eq!(code(by(&app, &cookie, "DELETE", &format!("/api/users/{admin}"), None).await, 409), "own_account");
    let reader = app.key_with(app.organization.id, &[Permission::UsersRead]).await;
    app.api_as(&reader, "GET", "/api/users", None).await.expect(200);
    for (method, path) in [
        ("POST", "/api/users".to_owned()),
        ("PATCH", format!("/api/users/{admin}")),
        ("DELETE", format!("/api/users/{admin}")),
        ("GET", "/api/invitations".to_owned()),
        ("POST", "/api/roles".to_owned()),
        ("GET", "/api/api-keys".to_owned()),
        ("GET", "/api/audit".to_owned()),
        ("GET", "/api/audit/export".to_owned()),
        ("PATCH", "/api/organization".to_owned()),
        ("GET", "/api/organizations".to_owned()),
        ("GET", "/api/installation/users".to_owned()),
    ] {
        assert_eq!(code(app.api_as(&reader, method, &path, Some(json!({}))).await, 403), "forbidden", "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_active_admin_stays() {
    let app = App::start().await;
    let path = format!("/api/users/{}", first_admin(&app).await);
    for body in [json!({ "role": "operator" }), json!({ "disabled": true })] {
        assert_eq!(code(app.api("PATCH", &path, Some(body)).await, 409), "last_admin");
    }
    assert_eq!(code(app.api("DELETE", &path, None).await, 409), "last_admin");
    // A disabled admin does not count, nor a superuser who is no member, nor somebody shut out everywhere.
    let second = make(&app, "second", "admin").await;
    app.api("PATCH", &format!("/api/users/{second}"), Some(json!({ "disabled": true }))).await.expect(200);
    let (other, _) = app.second_organization().await;
    new_superuser(&app, other, "root").await;
    assert_eq!(code(app.api("PATCH", &path, Some(json!({ "role": "viewer" }))).await, 409), "last_admin");
    app.api("PATCH", &format!("/api/users/{second}"), Some(json!({ "disabled": false }))).await.expect(200);
    let root = sign_in(&app, "root", PASSWORD).await;
    let everywhere = format!("/api/installation/users/{second}");
    by(&app, &root, "PATCH", &everywhere, Some(json!({ "disabled": true }))).await.expect(200);
    assert_eq!(code(app.api("DELETE", &path, None).await, 409), "last_admin");
    by(&app, &root, "PATCH", &everywhere, Some(json!({ "disabled": false }))).await.expect(200);
    app.api("PATCH", &path, Some(json!({ "role": "viewer" }))).await.expect(200);
}

/// Two requests that are both under way before either can write: somebody else holds the rows of `table` until both wait.
async fn at_once(
    app: &App,
    table: &str,
    a: impl Future<Output = ApiResponse>,
    b: impl Future<Output = ApiResponse>,
) -> [ApiResponse; 2] {
    let mut holder = app.core.db.system().await.expect("transaction");
    let hold = format!("SELECT * FROM {table} FOR UPDATE");
    sqlx::raw_sql(sqlx::AssertSqlSafe(hold)).execute(&mut *holder).await.expect("held");
    let release = async {
        let waiting =
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        let mut asked = 0;
        while app.count(waiting).await < 2 {
            asked += 1;
            assert!(asked < 20_000, "two requests wait");
        }
        drop(holder);
    };
    let (a, b, ()) = tokio::join!(a, b, release);
    [a, b]
}

#[tokio::test(flavor = "multi_thread")]
async fn two_admins_cannot_demote_each_other_at_once() {
    let app = App::start().await;
    for way in [Some(json!({ "role": "viewer" })), Some(json!({ "disabled": true })), None] {
        let mut admins: Vec<Value> = app.items("/api/users?role=admin&status=active").await;
        if admins.len() < 2 {
            make(&app, &format!("admin{}", app.items("/api/users").await.len()), "admin").await;
            admins = app.items("/api/users?role=admin&status=active").await;
        }
        let demote = |n: usize, body: Option<Value>| {
            let path = format!("/api/users/{}", admins[n]["id"].as_str().expect("id"));
            let (app, method) = (&app, if body.is_some() { "PATCH" } else { "DELETE" });
            async move { app.api(method, &path, body).await }
        };
        let both = at_once(&app, "memberships", demote(0, way), demote(1, Some(json!({ "role": "operator" })))).await;
        let (refused, done): (Vec<_>, Vec<_>) = both.into_iter().partition(|a| a.status == 409);
        assert_eq!((refused.len(), done.len()), (1, 1));
        assert!(done[0].status.is_success(), "{}", done[0].text);
        assert_eq!(refused[0].json()["code"], "last_admin");
        assert_eq!(app.items("/api/users?role=admin&status=active").await.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_shows_its_token_once_and_replaces_an_earlier_one() {
    let app = App::start().await;
    let role = make_role(&app, "Evening", &["contacts.read"]).await;
    let body = json!({ "email": "Ann@example.com", "role": role });
    let first = app.api("POST", "/api/invitations", Some(body.clone())).await.expect(201).json();
    let token = first["token"].as_str().expect("token");
    assert_eq!(first["url"], format!("https://desk.example.com/admin/join/{token}"));
    assert_eq!((&first["role"], &first["role_name"]), (&role.clone().into(), &"Evening".into()));
    assert_eq!(first["expires_at"], "2026-11-28T15:00:00Z");
    let kept: Vec<u8> =
        sqlx::query_scalar("SELECT token_hash FROM invitations").fetch_one(app.core.db.pool()).await.expect("hash");
    assert_eq!(kept, crypto::token_hash("frontdesk invitation", token));

    let body = json!({ "email": "ann@EXAMPLE.com", "role": "viewer", "expires_in_days": 2 });
    let second = app.api("POST", "/api/invitations", Some(body)).await.expect(201).json();
    let open = app.items("/api/invitations").await;
    assert_eq!(open.len(), 1);
    assert_eq!(open[0]["id"], second["id"]);
    assert!(open[0].get("token").is_none() && open[0].get("url").is_none());
    // Inviting one address many times at once leaves one open.
    let again = (0..5).map(|_| {
        let body = json!({ "email": "ann@example.com", "role": "viewer" });
        app.api("POST", "/api/invitations", Some(body))
    });
    for answer in futures::future::join_all(again).await {
        answer.expect(201);
    }
    let open = app.items("/api/invitations").await;
    assert_eq!(open.len(), 1);
    let id = open[0]["id"].as_str().expect("id");
    app.api("DELETE", &format!("/api/invitations/{id}"), None).await.expect(204);
    app.api("DELETE", &format!("/api/invitations/{id}"), None).await.expect(404);
    assert!(app.items("/api/invitations").await.is_empty());
    assert_eq!(log(&app, id).await, ["invitation.revoked", "invitation.created"]);
    let tokens = app.count("SELECT count(*) FROM audit_log WHERE after::text LIKE '%token%'").await;
    assert_eq!(tokens, 0, "no token in the log");

    make(&app, "bob", "viewer").await;
    let known = json!({ "email": "BOB@example.com", "role": "viewer" });
    assert_eq!(code(app.api("POST", "/api/invitations", Some(known)).await, 409), "already_exists");
    for (body, field) in [
        (json!({ "email": "bob", "role": "viewer" }), "email"),
        (json!({ "email": "x@example.com", "role": NOBODY }), "role"),
        (json!({ "email": "x@example.com", "role": "viewer", "expires_in_days": 0 }), "expires_in_days"),
        (json!({ "email": "x@example.com", "role": "viewer", "expires_in_days": i64::MAX }), "expires_in_days"),
    ] {
        let problem = app.api("POST", "/api/invitations", Some(body)).await.expect(422).json();
        assert_eq!(problem["errors"][0]["field"], field);
    }
    // What ran out is no longer listed.
    let short = json!({ "email": "x@example.com", "role": "viewer", "expires_in_days": 1 });
    app.api("POST", "/api/invitations", Some(short)).await.expect(201);
    app.clock.advance(TimeDelta::days(1));
    assert!(app.items("/api/invitations").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_are_made_changed_and_deleted() {
    let app = App::start().await;
    let all = app.items("/api/roles").await;
    let ids: Vec<&str> = all.iter().map(|r| r["id"].as_str().expect("id")).collect();
    assert_eq!(ids, ["admin", "campaign_manager", "operator", "viewer"]);
    assert_eq!((&all[0]["members"], &all[0]["built_in"]), (&1.into(), &true.into()));
    assert_eq!(app.items("/api/permissions").await.len(), Permission::ALL.len());

    let body = json!({ "name": " Evening desk ", "description": "After six", "permissions": ["contacts.read", "contacts.read", "booking.read"] });
    let role = app.api("POST", "/api/roles", Some(body)).await.expect(201).json();
    assert_eq!(role["name"], "Evening desk");
    assert_eq!(role["permissions"], json!(["contacts.read", "booking.read"]));
    let id = role["id"].as_str().expect("id");
    let path = format!("/api/roles/{id}");
    make(&app, "ann", id).await;
    let cookie = sign_in(&app, "ann", PASSWORD).await;
    by(&app, &cookie, "GET", "/api/contacts", None).await.expect(200);
    by(&app, &cookie, "GET", "/api/conversations", None).await.expect(403);

    let change = json!({ "permissions": ["conversations.read"], "description": null });
    let changed = if_match(&app, 1, &path, change).await.expect(200);
    assert_eq!(changed.headers[header::ETAG], "\"2\"");
    let changed = changed.json();
    assert_eq!((&changed["description"], &changed["members"]), (&Value::Null, &1.into()));
    // It counts at once.
    by(&app, &cookie, "GET", "/api/contacts", None).await.expect(403);
    by(&app, &cookie, "GET", "/api/conversations", None).await.expect(200);
    // Somebody else edited meanwhile.
    assert_eq!(code(if_match(&app, 1, &path, json!({ "name": "Mine" })).await, 412), "version_conflict");

    assert_eq!(code(app.api("DELETE", &path, None).await, 409), "in_use");
    let ann = app.items("/api/users?q=ann").await[0]["id"].as_str().expect("id").to_owned();
    assert_eq!(app.items(&format!("/api/users?role={id}")).await.len(), 1);
    app.api("DELETE", &format!("/api/users/{ann}"), None).await.expect(204);
    let invitation = json!({ "email": "eve@example.com", "role": id });
    let invitation = app.api("POST", "/api/invitations", Some(invitation)).await.expect(201).json();
    assert_eq!(code(app.api("DELETE", &path, None).await, 409), "in_use");
    let invitation = format!("/api/invitations/{}", invitation["id"].as_str().expect("id"));
    app.api("DELETE", &invitation, None).await.expect(204);
    app.api("DELETE", &path, None).await.expect(204);
    app.api("GET", &path, None).await.expect(404);
    assert_eq!(log(&app, id).await, ["role.deleted", "role.updated", "role.created"]);

    for name in ["admin", "Campaign Manager", "VIEWER"] {
        let body = json!({ "name": name, "permissions": [] });
        assert_eq!(code(app.api("POST", "/api/roles", Some(body)).await, 409), "already_exists");
    }
    make_role(&app, "One", &[]).await;
    let two = make_role(&app, "Two", &[]).await;
    let body = json!({ "name": "ONE", "permissions": [] });
    assert_eq!(code(app.api("POST", "/api/roles", Some(body)).await, 409), "already_exists");
    let rename = app.api("PATCH", &format!("/api/roles/{two}"), Some(json!({ "name": "one" }))).await;
    assert_eq!(code(rename, 409), "already_exists");
    for (method, body) in [("PATCH", Some(json!({ "name": "Boss" }))), ("DELETE", None)] {
        assert_eq!(code(app.api(method, "/api/roles/admin", body).await, 409), "not_editable");
    }
    assert_eq!(app.get("/api/roles/operator").await["name"], "Operator");
    for path in ["/api/roles/emperor", &format!("/api/roles/{NOBODY}")] {
        app.api("GET", path, None).await.expect(404);
        app.api("DELETE", path, None).await.expect(404);
    }
    let unknown = json!({ "name": "Three", "permissions": ["everything"] });
    app.api("POST", "/api/roles", Some(unknown)).await.expect(422);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_organizations_people_roles_and_invitations_do_not_exist() {
    let app = App::start().await;
    let (_, other) = app.second_organization().await;
    let role = make_role(&app, "Ours", &["contacts.read"]).await;
    let ann = make(&app, "ann", &role).await;
    let invitation = json!({ "email": "eve@example.com", "role": role });
    let invitation = app.api("POST", "/api/invitations", Some(invitation)).await.expect(201).json();
    let invitation = invitation["id"].as_str().expect("id");
    for (method, path) in [
        ("GET", format!("/api/users/{ann}")),
        ("PATCH", format!("/api/users/{ann}")),
        ("DELETE", format!("/api/users/{ann}")),
        ("GET", format!("/api/roles/{role}")),
        ("PATCH", format!("/api/roles/{role}")),
        ("DELETE", format!("/api/roles/{role}")),
        ("DELETE", format!("/api/invitations/{invitation}")),
    ] {
        let body = (method == "PATCH").then(|| json!({}));
        assert_eq!(code(app.api_as(&other, method, &path, body).await, 404), "not_found", "{method} {path}");
    }
    for path in ["/api/users", "/api/invitations"] {
        assert_eq!(app.api_as(&other, "GET", path, None).await.expect(200).json()["items"], json!([]), "{path}");
    }
    let audit = app.api_as(&other, "GET", "/api/audit", None).await.expect(200).json();
    assert_eq!(audit["items"], json!([]));
    let body = json!({ "email": "eve@example.com", "role": role });
    let problem = app.api_as(&other, "POST", "/api/invitations", Some(body)).await.expect(422).json();
    assert_eq!(problem["errors"][0]["field"], "role");
}

async fn new_superuser(app: &App, organization: OrganizationId, username: &str) {
    let password = secrecy::SecretString::from(PASSWORD);
    let new = NewStaff { username, password: &password, role: BuiltInRole::Admin, superuser: true };
    create_user(&app.core.db, organization, &new).await.expect("superuser");
}

#[tokio::test(flavor = "multi_thread")]
async fn in_the_header_too_another_organization_does_not_exist() {
    let app = App::start().await;
    let (other, other_key) = app.second_organization().await;
    let (own, other) = (app.organization.id.to_string(), other.to_string());
    make(&app, "ann", "admin").await;
    let ann = sign_in(&app, "ann", PASSWORD).await;
    for organization in [other.as_str(), NOBODY, "nonsense", ""] {
        for (method, path) in [("GET", "/api/contacts"), ("POST", "/api/contacts"), ("PUT", "/api/auth/me")] {
            let answer = by_in(&app, &ann, Some(organization), method, path, None).await;
            assert_eq!(code(answer, 404), "not_found", "{method} {path} in {organization}");
        }
    }
    by_in(&app, &ann, Some(&own), "GET", "/api/contacts", None).await.expect(200);
    // A key has one organization, and may name it. Without a credential nothing is told of any.
    let with_key = |key: &str, organization: &str| {
        let request = Request::get("/api/contacts").header("x-api-key", key).header("x-organization-id", organization);
        app.request(request.body(Body::empty()).expect("request"))
    };
    with_key(&other_key, &own).await.expect(404);
    with_key(&other_key, &other).await.expect(200);
    with_key("nobody's", &own).await.expect(401);
    let unsigned = "frontdesk_session=nothing";
    by_in(&app, unsigned, Some(&other), "GET", "/api/contacts", None).await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organization_is_set_by_its_own_staff() {
    let app = App::start().await;
    let before = app.get("/api/organization").await;
    assert_eq!((&before["name"], &before["version"]), (&"Maple Street Studio".into(), &1.into()));
    let change = json!({ "name": "Maple & Co", "timezone": "Europe/Berlin", "support_phone_number": "(415) 555-0142", "human_quiet_minutes": 30 });
    let after = if_match(&app, 1, "/api/organization", change).await.expect(200).json();
    assert_eq!(after["support_phone_number"], "+14155550142");
    assert_eq!(app.get("/api/admin/auth/me").await["organization"]["timezone"], "Europe/Berlin");
    assert_eq!(code(if_match(&app, 1, "/api/organization", json!({ "name": "x" })).await, 412), "version_conflict");
    let cleared = json!({ "support_phone_number": null, "human_quiet_minutes": null });
    let after = app.api("PATCH", "/api/organization", Some(cleared)).await.expect(200).json();
    assert_eq!((&after["support_phone_number"], &after["name"]), (&Value::Null, &"Maple & Co".into()));
    for (field, value) in [
        ("name", json!("")),
        ("timezone", json!("Mars/Olympus")),
        ("support_phone_number", json!("call me")),
        ("human_quiet_minutes", json!(4)),
    ] {
        let problem = app.api("PATCH", "/api/organization", Some(json!({ field: value }))).await.expect(422).json();
        assert_eq!(problem["errors"][0]["field"], field);
    }
    app.api("PATCH", "/api/organization", Some(json!({ "disabled": true }))).await.expect(422);
    let id = after["id"].as_str().expect("id");
    assert_eq!(log(&app, id).await, ["organization.updated", "organization.updated"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn superusers_make_disable_and_enable_organizations() {
    let app = App::start().await;
    let root = sign_in(&app, "admin", "correct horse battery").await;
    let body = json!({ "name": "Oak Avenue", "timezone": "America/Chicago" });
    let made = by(&app, &root, "POST", "/api/organizations", Some(body)).await.expect(201).json();
    let id = made["id"].as_str().expect("id").to_owned();
    app.run_jobs().await;
    // It can be texted at once, and its superuser is nobody's member there.
    let text = json!({ "from": "+14155550133", "body": "hello" });
    by_in(&app, &root, Some(&id), "POST", "/api/simulator/messages", Some(text)).await.expect(201);
    let members = by_in(&app, &root, Some(&id), "GET", "/api/users", None).await.expect(200).json();
    assert_eq!(members["items"], json!([]));
    let first = json!({ "email": "first@example.com", "role": "admin" });
    by_in(&app, &root, Some(&id), "POST", "/api/invitations", Some(first)).await.expect(201);
    let listed = by(&app, &root, "GET", "/api/organizations?q=avenue", None).await.expect(200).json();
    assert_eq!(listed["items"].as_array().expect("items").len(), 1);

    let organization: uuid::Uuid = id.parse().expect("id");
    let key = app.key_with(OrganizationId(organization), &[Permission::ContactsRead]).await;
    app.api_as(&key, "GET", "/api/contacts", None).await.expect(200);
    let path = format!("/api/organizations/{id}");
    let row = by(&app, &root, "PATCH", &path, Some(json!({ "disabled": true }))).await.expect(200).json();
    assert_eq!(row["disabled"], true);
    app.api_as(&key, "GET", "/api/contacts", None).await.expect(401);
    by_in(&app, &root, Some(&id), "GET", "/api/users", None).await.expect(404);
    by(&app, &root, "PATCH", &path, Some(json!({ "disabled": false, "name": "Oak" }))).await.expect(200);
    app.api_as(&key, "GET", "/api/contacts", None).await.expect(200);
    let log = by_in(&app, &root, Some(&id), "GET", "/api/audit?target_kind=organization", None).await.expect(200);
    let log = log.json()["items"].as_array().expect("items").iter().map(|e| e["action"].clone()).collect::<Vec<_>>();
    assert_eq!(log, ["organization.enabled", "organization.disabled", "organization.created"]);

    // Not the one worked in: nobody could sign in to undo it.
    let own = format!("/api/organizations/{}", app.organization.id);
    assert_eq!(code(by(&app, &root, "PATCH", &own, Some(json!({ "disabled": true }))).await, 409), "own_account");
    let missing = format!("/api/organizations/{NOBODY}");
    by(&app, &root, "PATCH", &missing, Some(json!({ "name": "x" }))).await.expect(404);
    let wrong = json!({ "name": "x", "timezone": "Mars/Olympus" });
    by(&app, &root, "POST", "/api/organizations", Some(wrong)).await.expect(422);
    // Neither an admin who is no superuser, nor a key that may do everything.
    make(&app, "ann", "admin").await;
    let ann = sign_in(&app, "ann", PASSWORD).await;
    by(&app, &ann, "GET", "/api/organizations", None).await.expect(403);
    app.api("POST", "/api/organizations", Some(json!({ "name": "x", "timezone": "UTC" }))).await.expect(403);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_superuser_stays() {
    let app = App::start().await;
    let root = sign_in(&app, "admin", "correct horse battery").await;
    let own = format!("/api/installation/users/{}", first_admin(&app).await);
    for body in [json!({ "superuser": false }), json!({ "disabled": true })] {
        assert_eq!(code(by(&app, &root, "PATCH", &own, Some(body)).await, 409), "last_superuser");
    }
    let ann = make(&app, "ann", "viewer").await;
    let path = format!("/api/installation/users/{ann}");
    let row = by(&app, &root, "PATCH", &path, Some(json!({ "superuser": true }))).await.expect(200).json();
    assert_eq!((&row["superuser"], &row["organizations"]), (&true.into(), &json!(["Maple Street Studio"])));
    let second = sign_in(&app, "ann", PASSWORD).await;
    assert_eq!(code(by(&app, &root, "PATCH", &own, Some(json!({ "disabled": true }))).await, 409), "own_account");
    // Each takes it from the other at once: one of them is left.
    let from_second = by(&app, &root, "PATCH", &path, Some(json!({ "superuser": false })));
    let from_first = by(&app, &second, "PATCH", &own, Some(json!({ "disabled": true })));
    let both = at_once(&app, "users", from_second, from_first).await;
    let codes = both.map(|a| a.status.as_u16());
    assert!(codes == [200, 409] || codes == [409, 200], "{codes:?}");
    assert_eq!(app.count("SELECT count(*) FROM users WHERE superuser AND disabled_at IS NULL").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_shut_out_everywhere_is_out_at_once() {
    let app = App::start().await;
    let root = sign_in(&app, "admin", "correct horse battery").await;
    let ann = make(&app, "ann", "viewer").await;
    let cookie = sign_in(&app, "ann", PASSWORD).await;
    let path = format!("/api/installation/users/{ann}");
    by(&app, &root, "PATCH", &path, Some(json!({ "disabled": true }))).await.expect(200);
    by(&app, &cookie, "GET", "/api/contacts", None).await.expect(401);
    let row = app.get(&format!("/api/users/{ann}")).await;
    assert_eq!((&row["disabled"], &row["disabled_everywhere"]), (&false.into(), &true.into()));
    let listed = by(&app, &root, "GET", "/api/installation/users?disabled=true", None).await.expect(200).json();
    assert_eq!(listed["items"].as_array().expect("items").len(), 1);
    by(&app, &root, "PATCH", &format!("/api/installation/users/{NOBODY}"), Some(json!({}))).await.expect(404);
    assert_eq!(log(&app, &ann).await, ["installation_user.updated", "user.signed_in", "user.created"]);
}
