//! Signing in, in all its ways, and what people attack it with.

mod account;
pub mod factor;
mod jwt;
mod registration;
mod tokens;

use axum::{
    body::Body,
    http::{Request, header},
};
use frontdesk::{
    accounts::{BuiltInRole, NewStaff, create_user},
    platform::ids::UserId,
};
use serde_json::{Value, json};

use crate::support::{ApiResponse, App};

pub const PASSWORD: &str = "correct horse battery";

/// A request with a bearer token, or with none.
pub async fn bearer(app: &App, token: &str, method: &str, path: &str, body: Option<Value>) -> ApiResponse {
    let mut request = Request::builder().method(method).uri(path);
    if !token.is_empty() {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    if body.is_some() {
        request = request.header(header::CONTENT_TYPE, "application/json");
    }
    app.request(request.body(body.map_or_else(Body::empty, |b| Body::from(b.to_string()))).expect("request")).await
}

pub async fn open(app: &App, path: &str, body: Value) -> ApiResponse {
    bearer(app, "", "POST", path, Some(body)).await
}

pub async fn sign_in(app: &App, login: &str, password: &str) -> Value {
    open(app, "/api/auth/login", json!({ "login": login, "password": password })).await.expect(200).json()
}

/// The access token of a fresh sign-in.
pub async fn token(app: &App, login: &str, password: &str) -> String {
    text(&sign_in(app, login, password).await["access_token"])
}

pub fn text(value: &Value) -> String {
    value.as_str().expect("text").to_owned()
}

pub async fn user(app: &App, username: &str, password: &str, role: BuiltInRole) -> UserId {
    let password = secrecy::SecretString::from(password);
    let new = NewStaff { username, password: &password, role, superuser: false };
    create_user(&app.core.db, app.organization.id, &new).await.expect("user")
}

/// Actions in the audit log of the app's organization about users and organizations, the first first.
pub async fn audited(app: &App) -> Vec<String> {
    sqlx::query_scalar(
        "SELECT action FROM audit_log WHERE organization_id = $1 AND target_kind IN ('user', 'organization') ORDER BY id",
    )
    .bind(app.organization.id.0)
    .fetch_all(app.core.db.pool())
    .await
    .expect("audit log")
}

/// Changes the database as somebody with access to it would.
pub async fn sql(app: &App, statement: &'static str) {
    sqlx::query(statement).execute(app.core.db.pool()).await.expect(statement);
}
