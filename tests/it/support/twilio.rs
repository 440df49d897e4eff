//! A stand-in for Twilio's Messages API that remembers what it took and answers as told.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Form, Json, Router,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use frontdesk::platform::clock::Clock;
use serde_json::{Value, json};

/// How the stand-in answers one send.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Takes it.
    Accept,
    /// Refuses with an HTTP status and Twilio's code.
    Refuse(u16, i64),
    /// Refuses with 429 and Retry-After in seconds.
    RateLimit(u64),
    /// Takes it, then fails to say so.
    AcceptThen500,
    /// Takes it, then says nothing for so long.
    AcceptThenSilence(Duration),
    /// Does not take it, and answers 500.
    Fail500,
}

#[derive(Clone, Debug)]
pub struct Taken {
    pub sid: String,
    pub to: String,
    pub body: String,
    pub form: HashMap<String, String>,
    pub authorization: String,
    pub date_created: String,
}

struct Inner {
    clock: Clock,
    script: VecDeque<Answer>,
    taken: Vec<Taken>,
    requests: usize,
    lookups: usize,
}

#[derive(Clone)]
pub struct StandIn {
    pub url: String,
    inner: Arc<Mutex<Inner>>,
}

impl StandIn {
    pub async fn start() -> Self {
        Self::with_clock(Clock::system()).await
    }

    /// On the same time as an application whose clock is moved by hand.
    pub async fn with_clock(clock: Clock) -> Self {
        let inner =
            Arc::new(Mutex::new(Inner { clock, script: VecDeque::new(), taken: Vec::new(), requests: 0, lookups: 0 }));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("listen");
        let url = format!("http://{}", listener.local_addr().expect("address"));
        let router = Router::new()
            .route("/2010-04-01/Accounts/{sid}/Messages.json", post(create).get(list))
            .route("/2010-04-01/Accounts/{account}/Messages/{sid}", get(fetch))
            .with_state(Arc::clone(&inner));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, inner }
    }

    /// Answers the next sends so, in this order; afterwards accepts.
    pub fn script(&self, answers: impl IntoIterator<Item = Answer>) {
        self.inner.lock().expect("stand-in").script.extend(answers);
    }

    pub fn taken(&self) -> Vec<Taken> {
        self.inner.lock().expect("stand-in").taken.clone()
    }

    pub fn taken_by(&self, to: &str) -> Vec<Taken> {
        self.taken().into_iter().filter(|t| t.to == to).collect()
    }

    /// Sends asked for, taken or not.
    pub fn requests(&self) -> usize {
        self.inner.lock().expect("stand-in").requests
    }

    pub fn lookups(&self) -> usize {
        self.inner.lock().expect("stand-in").lookups
    }
}

async fn create(
    State(inner): State<Arc<Mutex<Inner>>>,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    let (answer, taken) = {
        let mut inner = inner.lock().expect("stand-in");
        inner.requests += 1;
        let answer = inner.script.pop_front().unwrap_or(Answer::Accept);
        let takes = matches!(answer, Answer::Accept | Answer::AcceptThen500 | Answer::AcceptThenSilence(_));
        let taken = takes.then(|| {
            let taken = Taken {
                sid: format!("SM{:032x}", 0xabc000 + inner.taken.len()),
                to: form.get("To").cloned().unwrap_or_default(),
                body: form.get("Body").cloned().unwrap_or_default(),
                authorization: headers
                    .get("authorization")
                    .and_then(|v| v.to_str().ok())
                    .unwrap_or_default()
                    .to_owned(),
                form,
                date_created: inner.clock.now().to_rfc2822(),
            };
            inner.taken.push(taken.clone());
            taken
        });
        (answer, taken)
    };
    let accepted = taken.as_ref().map(as_json);
    match answer {
        Answer::Accept => (StatusCode::CREATED, Json(accepted)).into_response(),
        Answer::Refuse(status, code) => (
            StatusCode::from_u16(status).expect("status"),
            Json(json!({ "code": code, "message": format!("refused with {code}"), "status": status })),
        )
            .into_response(),
        Answer::RateLimit(seconds) => (
            StatusCode::TOO_MANY_REQUESTS,
            [("retry-after", seconds.to_string())],
            Json(json!({ "code": 20429, "message": "Too many requests" })),
        )
            .into_response(),
        Answer::AcceptThen500 | Answer::Fail500 => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Answer::AcceptThenSilence(time) => {
            tokio::time::sleep(time).await;
            (StatusCode::CREATED, Json(accepted)).into_response()
        }
    }
}

fn as_json(taken: &Taken) -> Value {
    json!({
        "sid": taken.sid, "to": taken.to, "from": taken.form.get("From"), "body": taken.body, "status": "queued",
        "direction": "outbound-api", "date_created": taken.date_created, "error_code": null, "num_segments": "1",
    })
}

async fn list(State(inner): State<Arc<Mutex<Inner>>>, Query(query): Query<HashMap<String, String>>) -> Json<Value> {
    let mut inner = inner.lock().expect("stand-in");
    inner.lookups += 1;
    // Newest first, as Twilio lists.
    let messages: Vec<Value> =
        inner.taken.iter().rev().filter(|t| query.get("To").is_none_or(|to| *to == t.to)).map(as_json).collect();
    Json(json!({ "messages": messages, "page": 0 }))
}

async fn fetch(State(inner): State<Arc<Mutex<Inner>>>, Path((_, sid)): Path<(String, String)>) -> Response {
    let inner = inner.lock().expect("stand-in");
    match inner.taken.iter().find(|t| format!("{}.json", t.sid) == sid) {
        Some(taken) => Json(as_json(taken)).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
