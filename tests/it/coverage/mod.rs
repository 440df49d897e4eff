//! Every operation of the API description, one by one: nobody signed in, a permission too low, another organization's ids, and a success
//! that shows nothing of another organization and leaves its entry in the audit log.
//!
//! The cases are in a file per slice. An operation without one fails, and so does one whose case is less than it could be.

mod accounts;
mod app;
mod assistant;
mod booking;
mod campaigns;
mod compliance;
mod contacts;
mod integrations;
mod links;
mod messaging;
mod privacy;
mod reports;
mod team;

use std::{collections::BTreeMap, future::Future, pin::Pin};

use axum::{
    body::Body,
    http::{Request, header},
};
use frontdesk::{
    accounts::{self as staff, Access, BuiltInRole, NewStaff, Permission},
    app as program,
    platform::{ids::OrganizationId, live::Kind},
};
use secrecy::SecretString;
use serde_json::Value;

use crate::support::{API_KEY, ApiResponse, App};

/// Ids of rows by their kind (`contact`, `slot`), and whatever else a request must say of them.
pub type Ids = BTreeMap<&'static str, String>;

const PASSWORD: &str = "correct horse battery";

type Later<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// One of two organizations, with at least one row of every kind.
pub struct Side<'a> {
    pub app: &'a App,
    pub organization: OrganizationId,
    /// A key that may do everything in it.
    pub key: String,
    /// A member who may do everything in it, and nothing outside.
    pub admin: String,
    /// Somebody who looks after the installation.
    pub superuser: String,
    /// Numbers of its contacts begin like this; two digits are missing.
    pub numbers: &'static str,
    pub ids: Ids,
}

impl Side<'_> {
    /// A request that must succeed.
    pub async fn ask(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        let answer = send(self.app, Proof::Key(&self.key), method, path, body.as_ref(), None).await;
        assert!(answer.status.is_success(), "{method} {path}: {} {}", answer.status, answer.text);
        serde_json::from_str(&answer.text).unwrap_or(Value::Null)
    }

    /// As [`Self::ask`], by somebody with a session.
    pub async fn ask_as(&self, session: &str, method: &str, path: &str, body: Option<Value>) -> Value {
        let answer = send(self.app, Proof::Session(session), method, path, body.as_ref(), None).await;
        assert!(answer.status.is_success(), "{method} {path}: {} {}", answer.status, answer.text);
        serde_json::from_str(&answer.text).unwrap_or(Value::Null)
    }

    /// A new administrator of the organization, signed in: for what ends a session, or takes somebody away.
    pub async fn newcomer(&self, organization: OrganizationId) -> Ids {
        let (username, password) = (self.app.sid(), SecretString::from(PASSWORD));
        let new = NewStaff { username: &username, password: &password, role: BuiltInRole::Admin, superuser: false };
        let id = staff::create_user(&self.app.core.db, organization, &new).await.expect("user");
        Ids::from([("user", id.0.to_string()), (SESSION, sign_in(self.app, &username).await), ("username", username)])
    }

    pub async fn post(&self, path: &str, body: Value) -> Value {
        self.ask("POST", path, Some(body)).await
    }

    /// A list.
    pub async fn items(&self, path: &str) -> Vec<Value> {
        self.ask("GET", path, None).await["items"].as_array().expect("items").clone()
    }

    /// Sets an id that a later case or slice needs.
    pub fn keep(&mut self, kind: &'static str, row: &Value) {
        let id = row["id"].as_str().unwrap_or_else(|| panic!("{kind}: no id in {row}"));
        self.ids.insert(kind, id.to_owned());
    }
}

/// The kind of id under which [`Case::prepare`] gives back the session that asks in the place of the usual one.
pub const SESSION: &str = "session that asks";

/// Who asks in the case that succeeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// A key that may do everything.
    Key,
    /// A person with a session, where keys have no business.
    Person,
    Superuser,
}

/// One operation.
pub struct Case {
    method: &'static str,
    /// As in the description, below `/api`.
    path: &'static str,
    query: &'static str,
    /// Kinds of the ids in the path, in order.
    in_path: &'static [&'static str],
    body: Option<fn(&Ids) -> Value>,
    prepare: Option<for<'a> fn(&'a Side<'a>) -> Later<'a, Ids>>,
    foreign_in_body: &'static [(&'static str, &'static str, u16)],
    foreign_in_query: &'static [(&'static str, &'static str)],
    shows: &'static [&'static str],
    by: By,
    no_audit: Option<&'static str>,
    untried: Option<&'static str>,
    hidden_without: Option<Permission>,
    everywhere: Option<&'static str>,
    secret: bool,
    again: Option<u16>,
    programs_too: bool,
}

impl Case {
    pub const fn new(method: &'static str, path: &'static str) -> Self {
        Self {
            method,
            path,
            query: "",
            in_path: &[],
            body: None,
            prepare: None,
            foreign_in_body: &[],
            foreign_in_query: &[],
            shows: &[],
            by: By::Key,
            no_audit: None,
            untried: None,
            hidden_without: None,
            everywhere: None,
            secret: false,
            again: None,
            programs_too: false,
        }
    }

    /// Kinds of the ids in the path, in order. Another organization's are 404.
    pub const fn ids(self, in_path: &'static [&'static str]) -> Self {
        Self { in_path, ..self }
    }

    /// With `?` in front. `{kind}` is an id of that kind.
    pub const fn query(self, query: &'static str) -> Self {
        Self { query, ..self }
    }

    pub const fn body(self, body: fn(&Ids) -> Value) -> Self {
        Self { body: Some(body), ..self }
    }

    /// Makes rows for the case that succeeds; the ids it gives back go before the organization's usual ones.
    pub const fn prepare(self, prepare: for<'a> fn(&'a Side<'a>) -> Later<'a, Ids>) -> Self {
        Self { prepare: Some(prepare), ..self }
    }

    /// Fields of the body that hold ids, of what kind, and what another organization's are answered with (404 or 422).
    pub const fn foreign_in_body(self, fields: &'static [(&'static str, &'static str, u16)]) -> Self {
        Self { foreign_in_body: fields, ..self }
    }

    /// Filters that take ids, of what kind. Another organization's find nothing.
    pub const fn foreign_in_query(self, filters: &'static [(&'static str, &'static str)]) -> Self {
        Self { foreign_in_query: filters, ..self }
    }

    /// Kinds of which the answer names one's own.
    pub const fn shows(self, kinds: &'static [&'static str]) -> Self {
        Self { shows: kinds, ..self }
    }

    pub const fn by(self, by: By) -> Self {
        Self { by, ..self }
    }

    /// A change that leaves no entry in the audit log, and why that is right.
    pub const fn no_audit(self, why: &'static str) -> Self {
        Self { no_audit: Some(why), ..self }
    }

    /// No case that succeeds here, and where it is tried instead.
    pub const fn tried_in(self, elsewhere: &'static str) -> Self {
        Self { untried: Some(elsewhere), ..self }
    }

    /// Rows of others are 404 to whoever lacks this, though anybody signed in may ask.
    pub const fn hidden_without(self, permission: Permission) -> Self {
        Self { hidden_without: Some(permission), ..self }
    }

    /// It reaches across organizations, and why that is right.
    pub const fn everywhere(self, why: &'static str) -> Self {
        Self { everywhere: Some(why), ..self }
    }

    /// The answer shows a secret this once: it is not kept to be repeated.
    pub const fn secret(self) -> Self {
        Self { secret: true, ..self }
    }

    /// The repetition is refused with this status, because whoever asked is nobody any more.
    pub const fn again(self, status: u16) -> Self {
        Self { again: Some(status), ..self }
    }

    /// A person asks here, but a key may too.
    pub const fn programs_too(self) -> Self {
        Self { programs_too: true, ..self }
    }

    fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    fn access(&self) -> Access {
        staff::access(self.method, &whole(self.path)).unwrap_or_else(|| panic!("{}: no row", self.name()))
    }

    fn uri(&self, ids: &Ids) -> String {
        let mut path = self.path.to_owned();
        for kind in self.in_path {
            let (from, to) = (path.find('{').expect("a placeholder per kind"), path.find('}').expect("closed"));
            path.replace_range(
                from..=to,
                ids.get(kind).unwrap_or_else(|| panic!("{}: no {kind} was made", self.name())),
            );
        }
        assert!(!path.contains('{'), "{}: say the kinds of the ids in its path with .ids(&[…])", self.name());
        let query =
            ids.iter().fold(self.query.to_owned(), |query, (kind, id)| query.replace(&format!("{{{kind}}}"), id));
        format!("{}{query}", whole(&path))
    }
}

/// What is not below `/api` begins with `/ws`.
fn whole(path: &str) -> String {
    if path.starts_with("/ws/") { path.to_owned() } else { format!("/api{path}") }
}

/// All cases, in the order in which they are tried; within a slice those that take something away come last.
fn cases() -> Vec<Case> {
    [
        app::cases(),
        accounts::cases(),
        contacts::cases(),
        links::cases(),
        messaging::cases(),
        campaigns::cases(),
        booking::cases(),
        team::cases(),
        privacy::cases(),
        reports::cases(),
        assistant::cases(),
        integrations::cases(),
        compliance::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Makes a row of every kind.
async fn fill(side: &mut Side<'_>) {
    accounts::fill(side).await;
    contacts::fill(side).await;
    links::fill(side).await;
    messaging::fill(side).await;
    campaigns::fill(side).await;
    booking::fill(side).await;
    team::fill(side).await;
    reports::fill(side).await;
    assistant::fill(side).await;
    compliance::fill(side).await;
    app::fill(side).await;
    // Last, when no more jobs are run: nothing is delivered.
    integrations::fill(side).await;
}

/// Which proof a request brings.
#[derive(Clone, Copy)]
enum Proof<'a> {
    None,
    Key(&'a str),
    Session(&'a str),
}

async fn send(
    app: &App,
    proof: Proof<'_>,
    method: &str,
    uri: &str,
    body: Option<&Value>,
    key: Option<&str>,
) -> ApiResponse {
    let mut request = Request::builder().method(method).uri(uri);
    request = match proof {
        Proof::None => request,
        Proof::Key(key) => request.header("x-api-key", key),
        Proof::Session(cookie) => request.header("cookie", cookie),
    };
    // A text is a file.
    if let Some(body) = body {
        let kind = if body.is_string() { "text/csv" } else { "application/json" };
        request = request.header(header::CONTENT_TYPE, kind);
    }
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    let body = body.map_or_else(Body::empty, |b| Body::from(b.as_str().map_or_else(|| b.to_string(), str::to_owned)));
    app.request(request.body(body).expect("request")).await
}

async fn sign_in(app: &App, username: &str) -> String {
    let body = serde_json::json!({ "username": username, "password": PASSWORD });
    let answer = send(app, Proof::None, "POST", "/api/admin/auth/login", Some(&body), None).await.expect(200);
    answer.headers["set-cookie"].to_str().expect("text").split(';').next().expect("pair").to_owned()
}

async fn side<'a>(app: &'a App, organization: OrganizationId, key: String, numbers: &'static str) -> Side<'a> {
    let password = SecretString::from(PASSWORD);
    let [admin, superuser] =
        [("admin", false), ("superuser", true)].map(|(name, superuser)| (format!("{name}{numbers}"), superuser));
    for (username, superuser) in [&admin, &superuser] {
        let new = NewStaff { username, password: &password, role: BuiltInRole::Admin, superuser: *superuser };
        staff::create_user(&app.core.db, organization, &new).await.expect("user");
    }
    let mut side = Side {
        app,
        organization,
        key,
        admin: sign_in(app, &admin.0).await,
        superuser: sign_in(app, &superuser.0).await,
        numbers,
        ids: Ids::new(),
    };
    fill(&mut side).await;
    side
}

/// Makes a row of every kind in the organization that the tests are of.
pub async fn fill_own(app: &App) {
    side(app, app.organization.id, API_KEY.to_owned(), "+141555502").await;
}

/// How often each kind of case was tried.
#[derive(Default)]
struct Row {
    who: &'static str,
    anonymous: u16,
    too_low: u16,
    foreign: u16,
    success: u16,
    audit: &'static str,
    again: &'static str,
}

struct Coverage<'a> {
    app: &'a App,
    ours: Side<'a>,
    theirs: Side<'a>,
    /// Sessions of members who may do everything but this.
    without: BTreeMap<&'static str, String>,
    problems: Vec<String>,
}

impl Coverage<'_> {
    fn check(&mut self, case: &Case, what: &str, ok: bool, answer: &ApiResponse) {
        if !ok {
            let text: String = answer.text.chars().take(300).collect();
            self.problems.push(format!("{}, {what}: {} {text}", case.name(), answer.status));
        }
    }

    /// In one's own log; of what reaches across organizations, in any.
    async fn audit_entries(&self, case: &Case) -> i64 {
        sqlx::query_scalar("SELECT count(*) FROM audit_log WHERE organization_id = $1 OR $2")
            .bind(self.ours.organization.0)
            .bind(case.everywhere.is_some())
            .fetch_one(self.app.core.db.pool())
            .await
            .expect("count")
    }

    /// A member who may do everything but this.
    async fn member_without(&mut self, permission: Permission) -> String {
        let name = permission.as_str();
        if let Some(session) = self.without.get(name) {
            return session.clone();
        }
        let others: Vec<Permission> = Permission::ALL.iter().copied().filter(|p| *p != permission).collect();
        let role = serde_json::json!({ "name": format!("All but {name}"), "permissions": others });
        let role = self.ours.post("/api/roles", role).await;
        let username = format!("without.{name}");
        let user = serde_json::json!({
            "username": username, "display_name": username, "password": PASSWORD, "role": role["id"],
        });
        self.ours.post("/api/users", user).await;
        let session = sign_in(self.app, &username).await;
        self.without.insert(name, session.clone());
        session
    }

    /// What must be refused, whoever's rows it is about.
    async fn refusals(&mut self, case: &Case, row: &mut Row) {
        let (app, uri) = (self.app, case.uri(&self.ours.ids));
        let body = case.body.map(|b| b(&self.ours.ids));
        let needed = case.access();
        let person = match needed {
            Access::Needs(permission) if case.by != By::Key => Some(self.member_without(permission).await),
            _ => None,
        };
        let before = self.audit_entries(case).await;
        row.who = match needed {
            Access::Anyone => "anyone",
            Access::SignedIn => "signed in",
            Access::Needs(permission) => permission.as_str(),
            Access::Superuser => "superuser",
        };
        if needed != Access::Anyone {
            let answer = send(app, Proof::None, case.method, &uri, body.as_ref(), None).await;
            self.check(case, "nobody signed in", answer.status == 401, &answer);
            row.anonymous += 1;
        }
        let proof = match needed {
            Access::Needs(needed) => {
                let others: Vec<Permission> = Permission::ALL.iter().copied().filter(|p| *p != needed).collect();
                Some(app.key_with(self.ours.organization, &others).await)
            }
            Access::Superuser => {
                let admin = self.ours.admin.clone();
                let answer = send(app, Proof::Session(&admin), case.method, &uri, body.as_ref(), None).await;
                self.check(case, "an administrator", answer.status == 403, &answer);
                row.too_low += 1;
                Some(self.ours.key.clone())
            }
            Access::Anyone | Access::SignedIn => None,
        };
        if let Some(key) = proof {
            let answer = send(app, Proof::Key(&key), case.method, &uri, body.as_ref(), None).await;
            self.check(case, "all permissions but the one", answer.status == 403, &answer);
            row.too_low += 1;
        }
        // A program could be refused for being none of the staff: somebody who is, lacks the permission too.
        if let Some(session) = person {
            let answer = send(app, Proof::Session(&session), case.method, &uri, body.as_ref(), None).await;
            self.check(case, "a member with all permissions but the one", answer.status == 403, &answer);
            row.too_low += 1;
        }
        if case.by == By::Person && !case.programs_too && needed != Access::Anyone {
            let answer = send(app, Proof::Key(&self.ours.key), case.method, &uri, body.as_ref(), None).await;
            self.check(case, "a program, which is none of the staff", answer.status == 403, &answer);
            row.too_low += 1;
        }
        if let Some(permission) = case.hidden_without {
            let others: Vec<Permission> = Permission::ALL.iter().copied().filter(|p| *p != permission).collect();
            let key = app.key_with(self.ours.organization, &others).await;
            let answer = send(app, Proof::Key(&key), case.method, &uri, body.as_ref(), None).await;
            self.check(case, "hidden", answer.status == 404, &answer);
            row.too_low += 1;
        }
        self.foreign(case, row).await;
        if self.audit_entries(case).await != before {
            self.problems.push(format!("{}: what was refused is in the audit log", case.name()));
        }
    }

    /// Another organization's ids, each in its place.
    async fn foreign(&mut self, case: &Case, row: &mut Row) {
        let app = self.app;
        let in_path = if case.everywhere.is_some() { &[] } else { case.in_path };
        let places = in_path.iter().map(|kind| (None, *kind, 404));
        let fields = case.foreign_in_body.iter().map(|(field, kind, status)| (Some(*field), *kind, *status));
        for (field, kind, status) in places.chain(fields) {
            let theirs = self.theirs.ids.get(kind).unwrap_or_else(|| panic!("no {kind} was made")).clone();
            let mut ids = self.ours.ids.clone();
            if field.is_none() {
                ids.insert(kind, theirs.clone());
            }
            let mut body = case.body.map(|b| b(&self.ours.ids));
            if let Some(field) = field {
                let place =
                    body.as_mut().and_then(|b| b.get_mut(field)).unwrap_or_else(|| panic!("no {field} in the body"));
                *place = if place.is_array() { serde_json::json!([theirs]) } else { theirs.into() };
            }
            let answer = send(app, self.proof(case.by), case.method, &case.uri(&ids), body.as_ref(), None).await;
            self.check(case, &format!("another organization's {kind}"), answer.status == status, &answer);
            row.foreign += 1;
        }
        for (filter, kind) in case.foreign_in_query {
            let theirs = self.theirs.ids.get(kind).unwrap_or_else(|| panic!("no {kind} was made"));
            let uri = case.uri(&self.ours.ids);
            let uri = match uri.split_once('?') {
                // A filter that the case has already is said once.
                Some((path, query)) if !query.contains(&format!("{filter}=")) => {
                    format!("{path}?{query}&{filter}={theirs}")
                }
                Some((path, _)) => format!("{path}?{filter}={theirs}"),
                None => format!("{uri}?{filter}={theirs}"),
            };
            let answer = send(app, self.proof(case.by), case.method, &uri, None, None).await;
            let nothing = [404, 422].contains(&answer.status.as_u16())
                || serde_json::from_str::<Value>(&answer.text)
                    .is_ok_and(|v| v["items"].as_array().is_some_and(Vec::is_empty))
                // A file of nothing but its header.
                || (answer.headers["content-type"].as_bytes().starts_with(b"text/csv") && answer.text.lines().count() == 1);
            self.check(case, &format!("filtered by another organization's {kind}"), nothing, &answer);
            row.foreign += 1;
        }
    }

    fn proof(&self, by: By) -> Proof<'_> {
        match by {
            By::Key => Proof::Key(&self.ours.key),
            By::Person => Proof::Session(&self.ours.admin),
            By::Superuser => Proof::Session(&self.ours.superuser),
        }
    }

    async fn success(&mut self, case: &Case, row: &mut Row) {
        if case.untried.is_some() {
            return;
        }
        let app = self.app;
        let mut ids = self.ours.ids.clone();
        if let Some(prepare) = case.prepare {
            ids.extend(prepare(&self.ours).await);
        }
        let (uri, body) = (case.uri(&ids), case.body.map(|b| b(&ids)));
        let open = case.access() == Access::Anyone;
        let usual = match case.by {
            By::Key => self.ours.key.clone(),
            By::Person => self.ours.admin.clone(),
            By::Superuser => self.ours.superuser.clone(),
        };
        let proof = match (ids.get(SESSION), case.by) {
            (Some(session), _) => Proof::Session(session),
            (None, _) if open => Proof::None,
            (None, By::Key) => Proof::Key(&usual),
            (None, By::Person | By::Superuser) => Proof::Session(&usual),
        };
        // Every POST of staff is asked twice with one key: the second answer is the first, or says that it is not repeated.
        let key = (case.method == "POST" && !open).then(|| format!("coverage of {}", case.name()));
        let before = self.audit_entries(case).await;
        let answer = send(app, proof, case.method, &uri, body.as_ref(), key.as_deref()).await;
        let after = self.audit_entries(case).await;
        self.check(case, "success", answer.status.is_success(), &answer);
        row.success += 1;
        for (kind, theirs) in &self.theirs.ids {
            if case.everywhere.is_none()
                && self.ours.ids.get(kind) != Some(theirs)
                && answer.text.contains(theirs.as_str())
            {
                self.problems.push(format!("{} shows another organization's {kind}", case.name()));
            }
        }
        for kind in case.shows {
            self.check(case, &format!("shows one's own {kind}"), answer.text.contains(&ids[kind]), &answer);
        }
        match (case.method == "GET" || open, case.no_audit, after > before) {
            (true, ..) => {}
            (false, None, noted) => {
                self.check(case, "noted in the audit log", noted, &answer);
                row.audit = "noted";
            }
            (false, Some(_), noted) => {
                self.check(case, "is noted in the audit log after all: take .no_audit away", !noted, &answer);
                row.audit = "not";
            }
        }
        if let (true, Some(key)) = (answer.status.is_success(), &key) {
            let again = send(app, proof, case.method, &uri, body.as_ref(), Some(key)).await;
            let same = again.status == answer.status
                && again.text == answer.text
                && again.headers.contains_key("idempotency-replayed");
            let withheld = again.status == 409 && again.text.contains("idempotency_answer_withheld");
            let (right, what) = match (case.again, case.secret) {
                (Some(status), _) => (again.status == status, "refused"),
                (None, true) => (withheld, "withheld"),
                (None, false) => (same, "same"),
            };
            self.check(case, &format!("repeated with its key ({what})"), right, &again);
            row.again = what;
            if self.audit_entries(case).await != after {
                self.problems.push(format!("{}: its repetition is in the audit log", case.name()));
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_is_guarded_and_keeps_to_ones_own() {
    let app = App::builder().with("ENCRYPTION_KEY", "0123456789abcdef0123456789abcdef").start().await;
    let (other, other_key) = app.second_organization().await;
    let mut tx = app.core.db.tenant(other).await.expect("tenant");
    let other_organization = staff::organization(&mut tx).await.expect("organization");
    drop(tx);
    program::seed_demo(&app.core.db, &other_organization).await.expect("demo");
    let ours = side(&app, app.organization.id, API_KEY.to_owned(), "+141555501").await;
    let theirs = side(&app, other, other_key, "+141555502").await;
    for kind in ours.ids.keys() {
        assert!(theirs.ids.contains_key(kind), "no {kind} of the other organization");
    }
    let mut coverage = Coverage { app: &app, ours, theirs, without: BTreeMap::new(), problems: Vec::new() };
    let cases = cases();
    let mut table: BTreeMap<String, Row> = BTreeMap::new();
    for case in &cases {
        coverage.refusals(case, table.entry(case.name()).or_default()).await;
    }
    for case in &cases {
        coverage.success(case, table.entry(case.name()).or_default()).await;
    }
    let kinds: Vec<String> = sqlx::query_scalar("SELECT DISTINCT target_kind FROM audit_log ORDER BY 1")
        .fetch_all(app.core.db.pool())
        .await
        .expect("kinds");
    let unheard: Vec<&String> = kinds.iter().filter(|kind| Kind::from_name(kind).is_none()).collect();
    assert!(unheard.is_empty(), "browsers are not told of {unheard:?}: add them to src/platform/live/note.rs");
    println!(
        "\n{:<48}{:<22}{:>10}{:>8}{:>8}{:>8}  {:<6} repeated",
        "operation", "for", "anonymous", "too low", "foreign", "success", "audit"
    );
    for (name, row) in &table {
        let Row { who, anonymous, too_low, foreign, success, audit, again } = row;
        println!("{name:<48}{who:<22}{anonymous:>10}{too_low:>8}{foreign:>8}{success:>8}  {audit:<6} {again}");
    }
    let sum = |count: fn(&Row) -> u16| table.values().map(count).sum::<u16>();
    println!(
        "{} operations: {} anonymous, {} too low, {} foreign, {} success; {} noted, {} repeated",
        table.len(),
        sum(|r| r.anonymous),
        sum(|r| r.too_low),
        sum(|r| r.foreign),
        sum(|r| r.success),
        sum(|r| u16::from(r.audit == "noted")),
        sum(|r| u16::from(!r.again.is_empty())),
    );
    let problems = coverage.problems;
    assert!(problems.is_empty(), "{} problem(s):\n  {}", problems.len(), problems.join("\n  "));
}

#[test]
fn every_operation_has_a_case() {
    let cases = cases();
    let description = serde_json::to_value(program::open_api()).expect("description");
    let mut problems = Vec::new();
    let mut known = Vec::new();
    for (path, item) in description["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("item") {
            let name = format!("{} {}", method.to_uppercase(), path.strip_prefix("/api").unwrap_or(path));
            known.push(name.clone());
            let Some(case) = cases.iter().find(|c| c.name() == name) else {
                let tag = operation["tags"][0].as_str().unwrap_or_default();
                problems.push(format!(
                    "{name} ({tag}) has no case: add Case::new(…) to cases() of its slice's file in tests/it/coverage, and what it needs to fill()"
                ));
                continue;
            };
            if operation.get("requestBody").is_some() != case.body.is_some() {
                problems.push(format!("{name}: its case should have a body if, and only if, the operation does"));
            }
            let filters = operation["parameters"].as_array().cloned().unwrap_or_default();
            for filter in filters.iter().filter(|p| p["in"] == "query") {
                let filter = filter["name"].as_str().expect("name");
                if filter.ends_with("_id") && !case.foreign_in_query.iter().any(|(f, _)| *f == filter) {
                    problems.push(format!(
                        "{name}: say what another organization's id finds with .foreign_in_query(&[(\"{filter}\", …)])"
                    ));
                }
            }
            for field in body_fields(&description, operation) {
                let an_id = field.ends_with("_id") || field == "ids" || field.ends_with("_ids");
                if an_id && !case.foreign_in_body.iter().any(|(f, ..)| *f == field) {
                    problems.push(format!(
                        "{name}: say what another organization's id is answered with: .foreign_in_body(&[(\"{field}\", …)])"
                    ));
                }
            }
        }
    }
    problems.extend(cases.iter().map(Case::name).filter(|n| !known.contains(n)).map(|n| format!("{n} does not exist")));
    assert!(problems.is_empty(), "{} problem(s):\n  {}", problems.len(), problems.join("\n  "));
}

/// Names of the fields of an operation's body.
fn body_fields(description: &Value, operation: &Value) -> Vec<String> {
    let mut schema = operation["requestBody"]["content"]["application/json"]["schema"].clone();
    if let Some(name) = schema["$ref"].as_str() {
        schema = description["components"]["schemas"][name.rsplit('/').next().expect("name")].clone();
    }
    schema["properties"].as_object().map(|fields| fields.keys().cloned().collect()).unwrap_or_default()
}
