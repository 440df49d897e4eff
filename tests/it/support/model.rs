//! A stand-in for a language model: a server of OpenAI's chat-completions wire that answers what it is told to.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

/// How one request is answered.
#[derive(Clone, Debug)]
pub enum ModelAnswer {
    /// A call of a tool, with its arguments.
    Call { tool: String, arguments: Value },
    /// Words, and no tool.
    Words(String),
    /// A body that is no answer of that wire.
    Junk,
    /// An error of the server.
    Fail(u16),
    /// Never.
    Hang,
}

struct Inner {
    script: VecDeque<ModelAnswer>,
    /// Answers again and again, once the script is at its end.
    otherwise: Vec<ModelAnswer>,
    asked: Vec<Value>,
}

#[derive(Clone)]
pub struct StandInModel {
    /// Where `/chat/completions` is.
    pub url: String,
    inner: Arc<Mutex<Inner>>,
}

impl StandInModel {
    /// Answers with `otherwise`, one after the other and from the start again, where no script says more.
    pub async fn start(otherwise: Vec<ModelAnswer>) -> Self {
        assert!(!otherwise.is_empty());
        let inner = Arc::new(Mutex::new(Inner { script: VecDeque::new(), otherwise, asked: Vec::new() }));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("listen");
        let url = format!("http://{}/v1", listener.local_addr().expect("address"));
        let router = Router::new().fallback(answer).with_state(Arc::clone(&inner));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, inner }
    }

    /// Answers the next request so.
    pub fn script(&self, answer: ModelAnswer) {
        self.inner.lock().expect("stand-in").script.push_back(answer);
    }

    /// The bodies of the requests so far.
    pub fn asked(&self) -> Vec<Value> {
        self.inner.lock().expect("stand-in").asked.clone()
    }
}

async fn answer(State(inner): State<Arc<Mutex<Inner>>>, body: String) -> Response {
    let (answer, n) = {
        let mut inner = inner.lock().expect("stand-in");
        inner.asked.push(serde_json::from_str(&body).unwrap_or_default());
        let n = inner.asked.len();
        let otherwise = inner.otherwise[n % inner.otherwise.len()].clone();
        (inner.script.pop_front().unwrap_or(otherwise), n)
    };
    match answer {
        ModelAnswer::Call { tool, arguments } => {
            let function = json!({ "name": tool, "arguments": arguments.to_string() });
            let call = json!({ "id": format!("call_{n}"), "type": "function", "function": function });
            completion(json!({ "role": "assistant", "content": null, "tool_calls": [call] }), "tool_calls")
        }
        ModelAnswer::Words(text) => completion(json!({ "role": "assistant", "content": text }), "stop"),
        ModelAnswer::Junk => "{\"choices\": [{\"message\": \u{1f40c}".into_response(),
        ModelAnswer::Fail(status) => {
            let error = json!({ "error": { "message": "the stand-in was told to fail" } });
            (StatusCode::from_u16(status).expect("status"), Json(error)).into_response()
        }
        ModelAnswer::Hang => std::future::pending().await,
    }
}

fn completion(message: Value, finish_reason: &str) -> Response {
    Json(json!({
        "id": "chatcmpl-stand-in",
        "object": "chat.completion",
        "created": 0,
        "model": "scripted",
        "choices": [{ "index": 0, "message": message, "finish_reason": finish_reason }],
        "usage": { "prompt_tokens": 600, "completion_tokens": 30, "total_tokens": 630 },
    }))
    .into_response()
}
