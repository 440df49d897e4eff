//! A stand-in for a model server in both wire formats, that answers as told and remembers what it was asked.

use std::{
    collections::VecDeque,
    io,
    sync::{Arc, Mutex, mpsc},
    time::Duration,
};

use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::{Request, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

/// How the stand-in answers one question.
#[derive(Clone, Debug)]
pub enum ModelAnswer {
    /// Calls a tool.
    Call(String, Value),
    /// Calls several.
    Calls(Vec<(&'static str, Value)>),
    /// Says something and calls nothing.
    Says(String),
    /// Whatever is put here: status, headers, body.
    Raw(u16, Vec<(&'static str, String)>, String),
    /// Begins an answer and closes the connection.
    HangsUp,
    /// Says nothing for so long, on a clock that stands still otherwise (see [`stopped_clock`]).
    Silence(Duration),
    /// Never answers, whatever the clock does.
    Hangs,
}

impl ModelAnswer {
    pub fn call(tool: impl Into<String>, arguments: Value) -> Self {
        Self::Call(tool.into(), arguments)
    }

    /// A body that is no answer of either wire.
    pub fn junk() -> Self {
        Self::Raw(200, Vec::new(), "{\"choices\": [{\"message\": \u{1f40c}".to_owned())
    }

    /// An error of the server.
    pub fn fails(status: u16) -> Self {
        Self::Raw(status, Vec::new(), json!({ "error": { "message": "the stand-in was told to fail" } }).to_string())
    }
}

/// What the stand-in was asked.
#[derive(Clone, Debug)]
pub struct Asked {
    pub path: String,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Asked {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

#[derive(Default)]
struct Inner {
    script: VecDeque<ModelAnswer>,
    /// Given again and again once the script is at its end.
    otherwise: Vec<ModelAnswer>,
    asked: Vec<Asked>,
}

#[derive(Clone)]
pub struct ModelServer {
    pub url: String,
    inner: Arc<Mutex<Inner>>,
}

impl ModelServer {
    pub async fn start() -> Self {
        Self::answering(Vec::new()).await
    }

    /// Answers with `otherwise`, one after the other and from the start again, where no script says more.
    pub async fn answering(otherwise: Vec<ModelAnswer>) -> Self {
        let inner = Arc::new(Mutex::new(Inner { otherwise, ..Inner::default() }));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("listen");
        let url = format!("http://{}", listener.local_addr().expect("address"));
        let router = Router::new().fallback(answer).with_state(Arc::clone(&inner));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, inner }
    }

    /// Answers the next questions so, in this order; what comes after them is refused with 418, which nobody tries again.
    pub fn script(&self, answers: impl IntoIterator<Item = ModelAnswer>) {
        self.inner.lock().expect("stand-in").script.extend(answers);
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.inner.lock().expect("stand-in").asked.clone()
    }
}

async fn answer(State(inner): State<Arc<Mutex<Inner>>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.expect("question");
    let path = parts.uri.path().to_owned();
    let wire = if path.ends_with("/messages") { as_messages } else { as_chat_completion };
    let next = {
        let mut inner = inner.lock().expect("stand-in");
        let body = serde_json::from_slice(&body).expect("JSON");
        inner.asked.push(Asked { path, headers: parts.headers, body });
        let round = inner.asked.len() % inner.otherwise.len().max(1);
        inner.script.pop_front().or_else(|| inner.otherwise.get(round).cloned())
    };
    match next {
        None => StatusCode::IM_A_TEAPOT.into_response(),
        Some(ModelAnswer::Call(tool, arguments)) => Json(wire(&[(&tool, arguments)], None)).into_response(),
        Some(ModelAnswer::Calls(calls)) => Json(wire(&calls, None)).into_response(),
        Some(ModelAnswer::Says(text)) => Json(wire(&[], Some(&text))).into_response(),
        Some(ModelAnswer::Raw(status, headers, body)) => {
            let mut answer = Response::builder().status(status);
            for (name, value) in headers {
                answer = answer.header(name, value);
            }
            answer.body(Body::from(body)).expect("answer")
        }
        Some(ModelAnswer::HangsUp) => {
            let half = Bytes::from_static(b"{\"choices\": [{\"mess");
            let parts = [Ok(half), Err(io::Error::other("the stand-in hangs up"))];
            Response::new(Body::from_stream(futures::stream::iter(parts)))
        }
        Some(ModelAnswer::Silence(time)) => {
            tokio::time::advance(time).await;
            std::future::pending().await
        }
        Some(ModelAnswer::Hangs) => std::future::pending().await,
    }
}

/// 1,000 tokens in, 50 out.
fn as_chat_completion(calls: &[(&str, Value)], text: Option<&str>) -> Value {
    let tool_calls: Vec<Value> = calls
        .iter()
        .map(|(tool, arguments)| {
            let function = json!({ "name": tool, "arguments": arguments.to_string() });
            json!({ "id": "call_1", "type": "function", "function": function })
        })
        .collect();
    let finish = if tool_calls.is_empty() { "stop" } else { "tool_calls" };
    let message = json!({ "role": "assistant", "content": text, "tool_calls": tool_calls });
    json!({
        "id": "chatcmpl-1", "object": "chat.completion", "model": "stand-in",
        "choices": [{ "index": 0, "finish_reason": finish, "message": message }],
        "usage": { "prompt_tokens": 1_000, "completion_tokens": 50, "total_tokens": 1_050 },
    })
}

fn as_messages(calls: &[(&str, Value)], text: Option<&str>) -> Value {
    let said = text.map(|text| json!({ "type": "text", "text": text }));
    let called =
        calls.iter().map(|(tool, input)| json!({ "type": "tool_use", "id": "toolu_1", "name": tool, "input": input }));
    json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "stand-in",
        "content": said.into_iter().chain(called).collect::<Vec<_>>(),
        "stop_reason": if calls.is_empty() { "end_turn" } else { "tool_use" },
        "usage": { "input_tokens": 1_000, "output_tokens": 50 },
    })
}

/// Holds a paused clock: it moves only when a test or a silent stand-in moves it, not by itself while something is awaited.
pub struct StoppedClock {
    _until_dropped: mpsc::Sender<()>,
}

/// In tests with `start_paused`. A blocking task that is running keeps the clock from moving by itself.
pub fn stopped_clock() -> StoppedClock {
    let (sender, receiver) = mpsc::channel::<()>();
    tokio::task::spawn_blocking(move || receiver.recv().is_ok());
    StoppedClock { _until_dropped: sender }
}
