//! Signing in, one's own account, staff and what they may do, keys, the audit log, the installation.

use serde_json::{Value, json};

use super::{By, Case, Ids, Later, PASSWORD, SESSION, Side, sign_in};
use crate::auth::factor;

const EVERYWHERE: &str = "a superuser looks after all organizations";

pub async fn fill(side: &mut Side<'_>) {
    let organization = side.organization;
    side.ids.insert("organization", organization.0.to_string());
    let role = json!({ "name": "Evening desk", "permissions": ["contacts.read"] });
    let role = side.post("/api/roles", role).await;
    side.keep("role", &role);
    let colleague = side.newcomer(organization).await;
    side.ids.insert("user", colleague["user"].clone());
    side.ids.insert("session of the user", colleague[SESSION].clone());
    let invitation = json!({ "email": format!("ann{}@example.com", &side.numbers[1..]), "role": "viewer" });
    let invitation = side.post("/api/invitations", invitation).await;
    side.keep("invitation", &invitation);
    side.ids.insert("token", text(&invitation["token"]));
    let key = side.post("/api/api-keys", json!({ "name": "Website", "scopes": ["contacts.read"] })).await;
    side.keep("api_key", &key);
    let session = own_session(side, true).await;
    side.ids.insert("session", session);
}

fn text(value: &Value) -> String {
    value.as_str().expect("text").to_owned()
}

/// What the case made, or a stand-in where it is refused before anybody looks.
fn given(ids: &Ids, kind: &str) -> String {
    ids.get(kind).cloned().unwrap_or_else(|| "nothing".to_owned())
}

/// A session of the administrator: the one that asks, or another.
async fn own_session(side: &Side<'_>, current: bool) -> String {
    let sessions = side.ask_as(&side.admin, "GET", "/api/auth/sessions", None).await;
    let sessions = sessions["items"].as_array().expect("items");
    text(&sessions.iter().find(|s| s["current"] == current).expect("a session")["id"])
}

fn newcomer<'a>(side: &'a Side<'a>) -> Later<'a, Ids> {
    Box::pin(side.newcomer(side.organization))
}

/// Somebody of the organization, about whom an administrator asks.
fn somebody<'a>(side: &'a Side<'a>) -> Later<'a, Ids> {
    Box::pin(async move {
        let mut ids = side.newcomer(side.organization).await;
        ids.remove(SESSION);
        ids
    })
}

fn second_session<'a>(side: &'a Side<'a>) -> Later<'a, Ids> {
    Box::pin(async move {
        sign_in(side.app, &format!("admin{}", side.numbers)).await;
        Ids::from([("session", own_session(side, false).await)])
    })
}

fn tokens<'a>(side: &'a Side<'a>) -> Later<'a, Ids> {
    Box::pin(async move {
        let login = json!({ "login": format!("admin{}", side.numbers), "password": PASSWORD });
        let tokens = side.post("/api/auth/login", login).await;
        Ids::from([("refresh token", text(&tokens["refresh_token"]))])
    })
}

/// A newcomer who begins to set a second factor up.
async fn begun(side: &Side<'_>) -> Ids {
    let mut ids = side.newcomer(side.organization).await;
    let begun = json!({ "password": PASSWORD });
    let begun = side.ask_as(&ids[SESSION], "POST", "/api/auth/me/totp", Some(begun)).await;
    ids.insert("code", factor::code(side.app, &text(&begun["secret"]), 0));
    ids
}

fn setting_up<'a>(side: &'a Side<'a>) -> Later<'a, Ids> {
    Box::pin(begun(side))
}

fn set_up<'a>(side: &'a Side<'a>) -> Later<'a, Ids> {
    Box::pin(async move {
        let ids = begun(side).await;
        let code = json!({ "code": ids["code"] });
        side.ask_as(&ids[SESSION], "POST", "/api/auth/me/totp/confirm", Some(code)).await;
        ids
    })
}

async fn organization(side: &Side<'_>) -> Ids {
    let new = json!({ "name": "Third", "timezone": "UTC" });
    let made = side.ask_as(&side.superuser, "POST", "/api/organizations", Some(new)).await;
    Ids::from([("organization", text(&made["id"]))])
}

fn another_organization<'a>(side: &'a Side<'a>) -> Later<'a, Ids> {
    Box::pin(organization(side))
}

/// An invitation, made for the case.
async fn invited(side: &Side<'_>) -> Ids {
    let invitation = json!({ "email": format!("{}@example.com", side.app.sid()), "role": "viewer" });
    let invitation = side.post("/api/invitations", invitation).await;
    Ids::from([("invitation", text(&invitation["id"])), ("token", text(&invitation["token"]))])
}

fn invitation<'a>(side: &'a Side<'a>) -> Later<'a, Ids> {
    Box::pin(invited(side))
}

/// Somebody of a third organization, whom this one invites.
async fn outsider(side: &Side<'_>) -> Ids {
    let third = organization(side).await["organization"].parse().expect("id");
    let mut ids = side.newcomer(frontdesk::platform::ids::OrganizationId(third)).await;
    ids.extend(invited(side).await);
    ids
}

fn guest<'a>(side: &'a Side<'a>) -> Later<'a, Ids> {
    Box::pin(outsider(side))
}

/// As [`guest`], who has joined and works elsewhere still.
fn joined<'a>(side: &'a Side<'a>) -> Later<'a, Ids> {
    Box::pin(async move {
        let ids = outsider(side).await;
        let token = json!({ "token": ids["token"] });
        side.ask_as(&ids[SESSION], "POST", "/api/auth/invitations/accept", Some(token)).await;
        ids
    })
}

fn another_role<'a>(side: &'a Side<'a>) -> Later<'a, Ids> {
    Box::pin(async move {
        let role = side.post("/api/roles", json!({ "name": "Nobody's", "permissions": [] })).await;
        Ids::from([("role", text(&role["id"]))])
    })
}

fn another_key<'a>(side: &'a Side<'a>) -> Later<'a, Ids> {
    Box::pin(async move {
        let key = side.post("/api/api-keys", json!({ "name": "Old", "scopes": ["contacts.read"] })).await;
        Ids::from([("api_key", text(&key["id"]))])
    })
}

fn with_password(_: &Ids) -> Value {
    json!({ "password": PASSWORD })
}

pub fn cases() -> Vec<Case> {
    [own_account(), staff(), installation()].into_iter().flatten().collect()
}

fn own_account() -> Vec<Case> {
    vec![
        Case::new("POST", "/admin/auth/login").body(|_| json!({ "username": "admin+141555501", "password": PASSWORD })),
        Case::new("POST", "/admin/auth/logout"),
        Case::new("GET", "/admin/auth/me").by(By::Superuser),
        Case::new("POST", "/auth/login").body(|_| json!({ "login": "admin+141555501", "password": PASSWORD })),
        Case::new("POST", "/auth/refresh")
            .body(|ids| json!({ "refresh_token": given(ids, "refresh token") }))
            .prepare(tokens),
        Case::new("POST", "/auth/logout").by(By::Person).programs_too().prepare(newcomer).again(401),
        Case::new("POST", "/auth/logout-all").by(By::Person).prepare(newcomer).again(401),
        Case::new("GET", "/auth/me").by(By::Person).programs_too().shows(&["organization"]),
        Case::new("PUT", "/auth/me").by(By::Person).body(|_| json!({ "display_name": "Vera" })),
        Case::new("PUT", "/auth/me/password")
            .by(By::Person)
            .body(|_| json!({ "current_password": PASSWORD, "new_password": "another horse battery" }))
            .prepare(newcomer),
        Case::new("PUT", "/auth/me/phone").by(By::Person).body(|_| json!({ "phone_number": "+14155550180" })),
        Case::new("POST", "/auth/me/totp").by(By::Person).body(with_password).prepare(newcomer).secret(),
        Case::new("POST", "/auth/me/totp/confirm")
            .by(By::Person)
            .body(|ids| json!({ "code": given(ids, "code") }))
            .prepare(setting_up)
            .secret(),
        Case::new("POST", "/auth/me/recovery-codes").by(By::Person).body(with_password).prepare(set_up).secret(),
        Case::new("DELETE", "/auth/me/totp").by(By::Person).body(with_password).prepare(set_up),
        Case::new("GET", "/auth/sessions").by(By::Person).shows(&["session"]),
        Case::new("DELETE", "/auth/sessions/{id}").by(By::Person).ids(&["session"]).prepare(second_session),
        Case::new("GET", "/auth/organizations").by(By::Person).shows(&["organization"]),
        Case::new("PUT", "/auth/organization")
            .by(By::Person)
            .body(|ids| json!({ "organization_id": ids["organization"] }))
            .foreign_in_body(&[("organization_id", "organization", 404)])
            .prepare(joined)
            .shows(&["organization"]),
        Case::new("POST", "/auth/register")
            .body(|ids| {
                json!({
                    "username": "newcomer", "display_name": "Newcomer", "password": "another horse battery",
                    "invitation_token": given(ids, "token"),
                })
            })
            .prepare(invitation)
            .shows(&["organization"]),
        Case::new("GET", "/auth/invitations/{token}")
            .ids(&["token"])
            .everywhere("whoever was given the token may see what it invites to"),
        Case::new("POST", "/auth/invitations/accept")
            .by(By::Person)
            .body(|ids| json!({ "token": given(ids, "token") }))
            .prepare(guest)
            .shows(&["organization"]),
    ]
}

fn staff() -> Vec<Case> {
    vec![
        Case::new("GET", "/organization").shows(&["organization"]),
        Case::new("PATCH", "/organization").body(|_| json!({ "human_quiet_minutes": 45 })).shows(&["organization"]),
        Case::new("GET", "/users").query("?limit=200").foreign_in_query(&[("role", "role")]).shows(&["user"]),
        Case::new("POST", "/users")
            .body(|ids| {
                json!({ "username": "ben", "display_name": "Ben", "password": "another horse battery", "role": ids["role"] })
            })
            .foreign_in_body(&[("role", "role", 422)])
            .shows(&["role"]),
        Case::new("GET", "/users/{id}").ids(&["user"]).shows(&["user"]),
        Case::new("PATCH", "/users/{id}")
            .ids(&["user"])
            .body(|ids| json!({ "role": ids["role"] }))
            .foreign_in_body(&[("role", "role", 422)])
            .prepare(somebody)
            .shows(&["user", "role"]),
        Case::new("DELETE", "/users/{id}").ids(&["user"]).prepare(somebody),
        Case::new("GET", "/invitations").shows(&["invitation"]),
        Case::new("POST", "/invitations")
            .body(|ids| json!({ "email": "cem@example.com", "role": ids["role"] }))
            .foreign_in_body(&[("role", "role", 422)])
            .shows(&["role"])
            .secret(),
        Case::new("DELETE", "/invitations/{id}").ids(&["invitation"]).prepare(invitation),
        Case::new("GET", "/permissions"),
        Case::new("GET", "/roles").shows(&["role"]),
        Case::new("POST", "/roles").body(|_| json!({ "name": "Morning desk", "permissions": ["contacts.read"] })),
        Case::new("GET", "/roles/{id}").ids(&["role"]).shows(&["role"]),
        Case::new("PATCH", "/roles/{id}")
            .ids(&["role"])
            .body(|_| json!({ "description": "After six." }))
            .shows(&["role"]),
        Case::new("DELETE", "/roles/{id}").ids(&["role"]).prepare(another_role),
        Case::new("GET", "/api-keys").query("?sort=created_at").shows(&["api_key"]),
        Case::new("POST", "/api-keys").body(|_| json!({ "name": "Shop", "scopes": ["contacts.read"] })).secret(),
        Case::new("GET", "/api-keys/{id}").ids(&["api_key"]).shows(&["api_key"]),
        Case::new("PATCH", "/api-keys/{id}")
            .ids(&["api_key"])
            .body(|_| json!({ "name": "Web shop" }))
            .shows(&["api_key"]),
        Case::new("DELETE", "/api-keys/{id}").ids(&["api_key"]).prepare(another_key),
        Case::new("GET", "/audit").query("?limit=200").foreign_in_query(&[("actor_id", "user"), ("target_id", "role")]),
        Case::new("GET", "/audit/export")
            .query("?target_id={role}")
            .foreign_in_query(&[("actor_id", "user"), ("target_id", "role")])
            .shows(&["role"]),
    ]
}

fn installation() -> Vec<Case> {
    vec![
        Case::new("GET", "/organizations").by(By::Superuser).shows(&["organization"]).everywhere(EVERYWHERE),
        Case::new("POST", "/organizations")
            .by(By::Superuser)
            .body(|_| json!({ "name": "Fourth", "timezone": "UTC" }))
            .everywhere(EVERYWHERE),
        Case::new("PATCH", "/organizations/{id}")
            .by(By::Superuser)
            .ids(&["organization"])
            .body(|_| json!({ "name": "Fifth" }))
            .prepare(another_organization)
            .shows(&["organization"])
            .everywhere(EVERYWHERE),
        Case::new("GET", "/installation/users")
            .query("?limit=200")
            .by(By::Superuser)
            .shows(&["user"])
            .everywhere(EVERYWHERE),
        Case::new("PATCH", "/installation/users/{id}")
            .by(By::Superuser)
            .ids(&["user"])
            .body(|_| json!({ "disabled": true }))
            .prepare(somebody)
            .shows(&["user"])
            .everywhere(EVERYWHERE),
    ]
}
