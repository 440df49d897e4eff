//! A client that listens, and the people whose it is.

use std::time::Duration;

use axum::{
    body::Body,
    http::{Request, header},
};
use frontdesk::{
    accounts::{BuiltInRole, NewStaff, create_user},
    platform::ids::UserId,
};
use futures::StreamExt;
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message, client::IntoClientRequest},
};

use crate::support::{API_KEY, ApiResponse, App};

const PATIENCE: Duration = Duration::from_secs(60);
const PASSWORD: &str = "only for the tests";

/// A connection to the live updates.
pub struct Ear {
    pub socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// The last position it heard.
    pub at: String,
    /// Of the subprotocol that the server chose.
    pub protocol: Option<String>,
}

/// The header of a program.
pub fn key(key: &str) -> [(&'static str, &str); 1] {
    [("x-api-key", key)]
}

impl Ear {
    /// Connects to all that changes, with a query, or to another address below `/ws/`; or is refused with a status and a code.
    pub async fn connect(address: &str, headers: &[(&'static str, &str)], query: &str) -> Result<Self, (u16, String)> {
        let path = if query.starts_with('/') { query.to_owned() } else { format!("/ws/events{query}") };
        let mut request = format!("ws://{address}{path}").into_client_request().expect("request");
        for (name, value) in headers {
            request.headers_mut().append(*name, value.parse().expect("header"));
        }
        match connect_async(request).await {
            Ok((socket, answer)) => {
                let protocol = answer.headers().get("sec-websocket-protocol");
                let protocol = protocol.map(|p| p.to_str().expect("text").to_owned());
                Ok(Self { socket, at: String::new(), protocol })
            }
            Err(Error::Http(answer)) => {
                let body = answer.body().as_deref().unwrap_or_default();
                let problem: Value = serde_json::from_slice(body).unwrap_or_default();
                Err((answer.status().as_u16(), problem["code"].as_str().unwrap_or_default().to_owned()))
            }
            Err(error) => panic!("{error}"),
        }
    }

    pub async fn live(address: &str, headers: &[(&'static str, &str)]) -> Self {
        Self::live_at(address, headers, "").await
    }

    /// Connected, and told so.
    pub async fn live_at(address: &str, headers: &[(&'static str, &str)], query: &str) -> Self {
        let mut ear = Self::connect(address, headers, query).await.expect("connected");
        let first = ear.frame().await;
        assert_eq!(first["type"], "live", "{first}");
        ear
    }

    /// The next frame, or the code with which the connection was closed.
    pub async fn next(&mut self) -> Result<Value, u16> {
        loop {
            let said = tokio::time::timeout(PATIENCE, self.socket.next()).await.expect("in time");
            match said {
                Some(Ok(Message::Text(text))) => {
                    let frame: Value = serde_json::from_str(&text).expect("JSON");
                    if let Some(at) = frame["at"].as_str() {
                        self.at = at.to_owned();
                    }
                    if frame["type"] != "beat" {
                        return Ok(frame);
                    }
                }
                Some(Ok(Message::Close(close))) => return Err(close.map_or(1005, |c| c.code.into())),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(1006),
            }
        }
    }

    pub async fn frame(&mut self) -> Value {
        self.next().await.unwrap_or_else(|code| panic!("closed with {code}"))
    }

    /// The next notes, but for those that the audit log grew.
    pub async fn notes(&mut self) -> Vec<Value> {
        loop {
            let frame = self.frame().await;
            assert_eq!(frame["type"], "notes", "{frame}");
            let notes = frame["notes"].as_array().expect("notes");
            let notes: Vec<Value> = notes.iter().filter(|note| note["kind"] != "audit_entry").cloned().collect();
            if !notes.is_empty() {
                return notes;
            }
        }
    }

    /// The next note of a kind.
    pub async fn note(&mut self, kind: &str) -> Value {
        self.until(kind).await.pop().expect("the last")
    }

    /// All notes until one of a kind.
    pub async fn until(&mut self, kind: &str) -> Vec<Value> {
        let mut heard = Vec::new();
        loop {
            for note in self.notes().await {
                let found = note["kind"] == kind;
                heard.push(note);
                if found {
                    return heard;
                }
            }
        }
    }

    /// With which code it is closed; frames before that do not matter.
    pub async fn closed(&mut self) -> u16 {
        loop {
            if let Err(code) = self.next().await {
                return code;
            }
        }
    }
}

/// An administrator of the organization: their id and their cookie.
pub async fn member(app: &App, username: &str) -> (UserId, String) {
    let password = SecretString::from(PASSWORD);
    let new = NewStaff { username, password: &password, role: BuiltInRole::Admin, superuser: false };
    let id = create_user(&app.core.db, app.organization.id, &new).await.expect("user");
    (id, sign_in(app, username).await)
}

pub async fn sign_in(app: &App, username: &str) -> String {
    let body = json!({ "username": username, "password": PASSWORD }).to_string();
    let request =
        Request::post("/api/admin/auth/login").header("content-type", "application/json").body(Body::from(body));
    let answer = app.request(request.expect("request")).await.expect(200);
    answer.headers[header::SET_COOKIE].to_str().expect("text").split(';').next().expect("pair").to_owned()
}

/// A request of somebody signed in.
pub async fn by(app: &App, cookie: &str, method: &str, path: &str, body: Option<Value>) -> ApiResponse {
    let mut request = Request::builder().method(method).uri(path).header("cookie", cookie);
    if body.is_some() {
        request = request.header("content-type", "application/json");
    }
    app.request(request.body(body.map_or_else(Body::empty, |b| Body::from(b.to_string()))).expect("request")).await
}

/// Changes a member as an administrator does.
pub async fn change(app: &App, id: UserId, body: Value) {
    let path = format!("/api/users/{}", id.0);
    app.api_as(API_KEY, "PATCH", &path, Some(body)).await.expect(200);
}
