//! A stand-in for Twilio's Messages API that remembers what it took, answers as told, and holds every request against Twilio's contract.

mod callbacks;
mod contract;
mod openapi;

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    convert::Infallible,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::{Path, RawQuery, State},
    http::{HeaderMap, Request, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, TimeDelta, Utc};
use frontdesk::platform::clock::Clock;
use hyper::{body::Incoming, service::service_fn};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tower::ServiceExt;

pub use callbacks::Callbacks;

/// How the stand-in answers one send.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Takes it.
    Accept,
    /// Refuses with an HTTP status and Twilio's code.
    Refuse(u16, i64),
    /// Refuses with 429 and Retry-After in seconds.
    RateLimit(u64),
    /// Refuses with 429 and says nothing of when.
    RateLimitSilently,
    /// Takes it, then fails to say so.
    AcceptThen500,
    /// Takes it, then says nothing for so long.
    AcceptThenSilence(Duration),
    /// Takes it, then breaks the connection off.
    AcceptThenReset,
    /// Does not take it, and answers 500.
    Fail500,
    /// Does not take it, and breaks the connection off.
    Reset,
    /// Does not take it, and says nothing for so long.
    Silence(Duration),
}

impl Answer {
    fn takes(&self) -> bool {
        matches!(self, Self::Accept | Self::AcceptThen500 | Self::AcceptThenSilence(_) | Self::AcceptThenReset)
    }
}

/// A text the stand-in took, and how far it has come.
#[derive(Clone, Debug)]
pub struct Taken {
    pub sid: String,
    pub account: String,
    pub to: String,
    pub body: String,
    pub form: HashMap<String, String>,
    pub authorization: String,
    pub date_created: String,
    pub at: DateTime<Utc>,
    pub status: String,
    pub error_code: Option<i64>,
    /// As Twilio writes it; none while it is not known.
    pub price: Option<String>,
}

/// A text that somebody sent to one of our numbers.
#[derive(Clone, Debug)]
struct Arrived {
    sid: String,
    from: String,
    to: String,
    body: String,
    media: usize,
    at: DateTime<Utc>,
}

/// Decides on each send: by what it carries, and how often the same text was asked to be sent before.
type Plan = Arc<dyn Fn(&HashMap<String, String>, usize) -> Answer + Send + Sync>;

struct Inner {
    clock: Clock,
    script: VecDeque<Answer>,
    plan: Option<Plan>,
    /// Tries of each recipient and body.
    tries: HashMap<(String, String), usize>,
    taken: Vec<Taken>,
    arrived: Vec<Arrived>,
    /// To whom each send was, and when it came, taken or not.
    asked: Vec<(String, DateTime<Utc>)>,
    requests: usize,
    lookups: usize,
    fetched: usize,
    violations: Vec<String>,
    /// User and password pairs that are right, per account; none: everybody's are.
    credentials: BTreeMap<String, Vec<String>>,
    /// Most entries on a page, whatever is asked for.
    page: usize,
    /// How long a text that was taken is not listed yet.
    unlisted_for: TimeDelta,
    callbacks: Option<Callbacks>,
}

#[derive(Clone)]
pub struct StandIn {
    pub url: String,
    inner: Arc<Mutex<Inner>>,
}

/// On an answer: the connection is broken off in its place.
#[derive(Clone, Copy)]
struct HangUp;

impl StandIn {
    pub async fn start() -> Self {
        Self::with_clock(Clock::system()).await
    }

    /// On the same time as an application whose clock is moved by hand.
    pub async fn with_clock(clock: Clock) -> Self {
        let inner = Arc::new(Mutex::new(Inner {
            clock,
            script: VecDeque::new(),
            plan: None,
            tries: HashMap::new(),
            taken: Vec::new(),
            arrived: Vec::new(),
            asked: Vec::new(),
            requests: 0,
            lookups: 0,
            fetched: 0,
            violations: Vec::new(),
            credentials: BTreeMap::new(),
            page: 1000,
            unlisted_for: TimeDelta::zero(),
            callbacks: None,
        }));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("listen");
        let url = format!("http://{}", listener.local_addr().expect("address"));
        let router = Router::new()
            .route("/2010-04-01/Accounts/{account}/Messages.json", post(create).get(list))
            .route("/2010-04-01/Accounts/{account}/Messages/{sid}", get(fetch))
            .route("/2010-04-01/Accounts/{account}/Messages/{sid}/Media.json", get(media))
            .with_state(Arc::clone(&inner));
        tokio::spawn(serve(listener, router));
        Self { url, inner }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().expect("stand-in")
    }

    /// Answers the next sends so, in this order; afterwards accepts, or as planned.
    pub fn script(&self, answers: impl IntoIterator<Item = Answer>) {
        self.inner().script.extend(answers);
    }

    /// Answers each send as `plan` says of its form and of how often the same text was asked to be sent before.
    pub fn plan(&self, plan: impl Fn(&HashMap<String, String>, usize) -> Answer + Send + Sync + 'static) {
        self.inner().plan = Some(Arc::new(plan));
    }

    /// Only these user and password pairs ("AC…:token") are right for the account.
    pub fn accept_only(&self, account: &str, pairs: &[&str]) {
        let encoded = pairs.iter().map(|pair| format!("Basic {}", STANDARD.encode(pair))).collect();
        self.inner().credentials.insert(account.to_owned(), encoded);
    }

    /// Gives at most so many entries on a page.
    pub fn pages_of(&self, entries: usize) {
        self.inner().page = entries;
    }

    /// Lists a text only when it was taken so long ago.
    pub fn list_after(&self, time: TimeDelta) {
        self.inner().unlisted_for = time;
    }

    /// Reports on every text it takes from here on.
    pub fn report_by(&self, callbacks: Callbacks) {
        self.inner().callbacks = Some(callbacks);
    }

    /// How far a text has come, from now on.
    pub fn set_status(&self, sid: &str, status: &str, error_code: Option<i64>) {
        let mut inner = self.inner();
        let taken = inner.taken.iter_mut().find(|t| t.sid == sid).expect("taken");
        status.clone_into(&mut taken.status);
        taken.error_code = error_code;
    }

    /// The last text to `to` is listed with these words, however it was sent.
    pub fn reword(&self, to: &str, body: &str) {
        let mut inner = self.inner();
        let taken = inner.taken.iter_mut().rfind(|t| t.to == to).expect("taken");
        body.clone_into(&mut taken.body);
    }

    /// What a text cost ("-0.00790"), known from now on.
    pub fn set_price(&self, sid: &str, price: &str) {
        let mut inner = self.inner();
        let taken = inner.taken.iter_mut().find(|t| t.sid == sid).expect("taken");
        taken.price = Some(price.to_owned());
    }

    /// Somebody texts one of our numbers; no webhook tells of it. Gives the text's SID.
    pub fn arrive(&self, from: &str, to: &str, body: &str, media: usize) -> String {
        let mut inner = self.inner();
        let sid = format!("{}{:032x}", if media > 0 { "MM" } else { "SM" }, 0xdef000 + inner.arrived.len());
        let at = inner.clock.now();
        let (from, to, body) = (from.to_owned(), to.to_owned(), body.to_owned());
        inner.arrived.push(Arrived { sid: sid.clone(), from, to, body, media, at });
        sid
    }

    pub fn taken(&self) -> Vec<Taken> {
        self.inner().taken.clone()
    }

    pub fn taken_by(&self, to: &str) -> Vec<Taken> {
        self.inner().taken.iter().filter(|t| t.to == to).cloned().collect()
    }

    /// When it was asked to send to this number, taken or not.
    pub fn asked_by(&self, to: &str) -> Vec<DateTime<Utc>> {
        self.inner().asked.iter().filter(|(number, _)| number == to).map(|(_, at)| *at).collect()
    }

    /// Sends asked for, taken or not.
    pub fn requests(&self) -> usize {
        self.inner().requests
    }

    pub fn lookups(&self) -> usize {
        self.inner().lookups
    }

    /// Single messages asked about.
    pub fn fetched(&self) -> usize {
        self.inner().fetched
    }

    /// What was asked against Twilio's contract.
    pub fn violations(&self) -> Vec<String> {
        self.inner().violations.clone()
    }
}

/// As `axum::serve`, but that it can break a connection off without an answer.
async fn serve(listener: tokio::net::TcpListener, router: Router) {
    while let Ok((stream, _)) = listener.accept().await {
        let router = router.clone();
        let service = service_fn(move |request: Request<Incoming>| {
            let router = router.clone();
            async move {
                let answer: Result<Response, Infallible> = router.oneshot(request.map(Body::new)).await;
                let Ok(answer) = answer;
                match answer.extensions().get::<HangUp>() {
                    Some(HangUp) => Err(std::io::Error::other("broken off")),
                    None => Ok(answer),
                }
            }
        });
        tokio::spawn(async move {
            drop(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await);
        });
    }
}

fn problem(status: u16, code: i64, message: &str) -> Response {
    let body = json!({ "code": code, "message": message, "status": status, "more_info": format!("https://www.twilio.com/docs/errors/{code}") });
    (StatusCode::from_u16(status).expect("status"), Json(body)).into_response()
}

fn hang_up() -> Response {
    let mut answer = StatusCode::OK.into_response();
    answer.extensions_mut().insert(HangUp);
    answer
}

/// Wrong credentials, or a wrong path.
fn refusal(inner: &mut Inner, account: &str, headers: &HeaderMap) -> Option<Response> {
    let authorization = headers.get("authorization").and_then(|v| v.to_str().ok()).unwrap_or_default();
    if !contract::is_sid("AC", account) {
        inner.violations.push(format!("{account} is no account"));
    }
    match inner.credentials.get(account) {
        Some(right) if !right.iter().any(|r| r == authorization) => Some(problem(401, 20003, "Authenticate")),
        _ if !authorization.starts_with("Basic ") => Some(problem(401, 20003, "Authenticate")),
        _ => None,
    }
}

async fn create(
    State(inner): State<Arc<Mutex<Inner>>>,
    Path(account): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let fields: Vec<(String, String)> = form_urlencoded::parse(&body).into_owned().collect();
    let (answer, taken) = {
        let mut inner = inner.lock().expect("stand-in");
        inner.requests += 1;
        if let Some(refusal) = refusal(&mut inner, &account, &headers) {
            return refusal;
        }
        let mut wrong = contract::violations_of_create(&fields);
        if let Some(description) = openapi::description() {
            wrong.extend(description.violations_of_create(&fields));
        }
        if headers.get("content-type").is_none_or(|v| v != "application/x-www-form-urlencoded") {
            wrong.push("not a form".to_owned());
        }
        if let Some(first) = wrong.first() {
            let answer = problem(400, 20001, first);
            inner.violations.extend(wrong);
            return answer;
        }
        decide(&mut inner, &account, &headers, fields)
    };
    let accepted = taken.as_ref().map(as_json);
    match answer {
        Answer::Accept => (StatusCode::CREATED, Json(accepted)).into_response(),
        Answer::Refuse(status, code) => problem(status, code, &format!("refused with {code}")),
        Answer::RateLimit(seconds) => {
            let mut answer = problem(429, 20429, "Too many requests");
            answer.headers_mut().insert("retry-after", seconds.into());
            answer
        }
        Answer::RateLimitSilently => problem(429, 20429, "Too many requests"),
        Answer::AcceptThen500 | Answer::Fail500 => problem(500, 20500, "Internal server error"),
        Answer::AcceptThenSilence(time) => {
            tokio::time::sleep(time).await;
            (StatusCode::CREATED, Json(accepted)).into_response()
        }
        Answer::Silence(time) => {
            tokio::time::sleep(time).await;
            StatusCode::BAD_GATEWAY.into_response()
        }
        Answer::AcceptThenReset | Answer::Reset => hang_up(),
    }
}

fn decide(
    inner: &mut Inner,
    account: &str,
    headers: &HeaderMap,
    fields: Vec<(String, String)>,
) -> (Answer, Option<Taken>) {
    let form: HashMap<String, String> = fields.into_iter().collect();
    let text = |name: &str| form.get(name).cloned().unwrap_or_default();
    let tries = inner.tries.entry((text("To"), text("Body"))).or_default();
    let before = *tries;
    *tries += 1;
    let asked = (text("To"), inner.clock.now());
    inner.asked.push(asked);
    let answer = inner.script.pop_front().unwrap_or_else(|| match &inner.plan {
        Some(plan) => plan(&form, before),
        None => Answer::Accept,
    });
    let taken = answer.takes().then(|| {
        let at = inner.clock.now();
        let taken = Taken {
            sid: format!("SM{:032x}", 0xabc000 + inner.taken.len()),
            account: account.to_owned(),
            to: text("To"),
            body: text("Body"),
            authorization: headers.get("authorization").and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned(),
            form: form.clone(),
            date_created: at.to_rfc2822(),
            at,
            status: "queued".to_owned(),
            error_code: None,
            price: None,
        };
        inner.taken.push(taken.clone());
        if let Some(callbacks) = &inner.callbacks {
            callbacks.follow(&taken);
        }
        taken
    });
    (answer, taken)
}

/// As it is now: where reports are sent, half a second brings a text to its recipient, whether the reports arrive or not.
fn now_of(inner: &Inner, taken: &Taken) -> Taken {
    let mut taken = taken.clone();
    if inner.callbacks.is_some() && inner.clock.now() - taken.at > TimeDelta::milliseconds(500) {
        "delivered".clone_into(&mut taken.status);
    }
    taken
}

fn as_json(taken: &Taken) -> Value {
    let path = format!("/2010-04-01/Accounts/{}/Messages/{}", taken.account, taken.sid);
    json!({
        "sid": taken.sid, "account_sid": taken.account, "to": taken.to, "from": taken.form.get("From"),
        "messaging_service_sid": taken.form.get("MessagingServiceSid"), "body": taken.body, "status": taken.status,
        "direction": "outbound-api", "date_created": taken.date_created, "date_updated": taken.date_created,
        "date_sent": (taken.status != "queued").then_some(&taken.date_created), "error_code": taken.error_code,
        "error_message": null, "num_segments": "1", "num_media": "0", "price": taken.price, "price_unit": "USD",
        "api_version": "2010-04-01", "uri": format!("{path}.json"),
        "subresource_uris": { "media": format!("{path}/Media.json") },
    })
}

fn arrived_json(account: &str, text: &Arrived) -> Value {
    let (path, at) = (format!("/2010-04-01/Accounts/{account}/Messages/{}", text.sid), text.at.to_rfc2822());
    json!({
        "sid": text.sid, "account_sid": account, "to": text.to, "from": text.from, "messaging_service_sid": null, "body": text.body,
        "status": "received", "direction": "inbound", "date_created": at, "date_updated": at, "date_sent": at, "error_code": null,
        "error_message": null, "num_segments": "1", "num_media": text.media.to_string(), "price": null, "price_unit": "USD",
        "api_version": "2010-04-01", "uri": format!("{path}.json"),
        "subresource_uris": { "media": format!("{path}/Media.json") },
    })
}

async fn list(
    State(inner): State<Arc<Mutex<Inner>>>,
    Path(account): Path<String>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let query: Vec<(String, String)> =
        form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect();
    let mut inner = inner.lock().expect("stand-in");
    inner.lookups += 1;
    if let Some(refusal) = refusal(&mut inner, &account, &headers) {
        return refusal;
    }
    let mut wrong = contract::violations_of_list(&query);
    if let Some(description) = openapi::description() {
        wrong.extend(description.violations_of_list(&query));
    }
    inner.violations.extend(wrong);
    let asked = |name: &str| query.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
    let fits = |name: &str, value: Option<&str>| asked(name).is_none_or(|wanted| value == Some(wanted));
    let after = asked("DateSent>").and_then(|t| DateTime::parse_from_rfc3339(t).ok());
    let listed_until = inner.clock.now() - inner.unlisted_for;
    let ours = inner.taken.iter().filter(|t| {
        let sent = t.status != "queued" || after.is_none();
        t.account == account
            && t.at <= listed_until
            && sent
            && fits("To", Some(&t.to))
            && fits("From", t.form.get("From").map(String::as_str))
    });
    let theirs = inner.arrived.iter().filter(|t| fits("To", Some(&t.to)) && fits("From", Some(&t.from)));
    let mut entries: Vec<(DateTime<Utc>, Value)> = ours
        .map(|t| (t.at, as_json(&now_of(&inner, t))))
        .chain(theirs.map(|t| (t.at, arrived_json(&account, t))))
        .filter(|(at, _)| after.is_none_or(|after| *at >= after))
        .collect();
    // Newest first, as Twilio lists.
    entries.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    let size = asked("PageSize").and_then(|n| n.parse().ok()).unwrap_or(50).min(inner.page).max(1);
    let page: usize = asked("Page").and_then(|n| n.parse().ok()).unwrap_or(0);
    let start = page * size;
    let messages: Vec<Value> = entries.iter().skip(start).take(size).map(|(_, m)| m.clone()).collect();
    let path = format!("/2010-04-01/Accounts/{account}/Messages.json");
    let uri_of = |page: usize| {
        let mut next = form_urlencoded::Serializer::new(String::new());
        next.extend_pairs(query.iter().filter(|(n, _)| n != "Page" && n != "PageToken"));
        let next = next.append_pair("Page", &page.to_string()).append_pair("PageToken", &format!("PT{page}")).finish();
        format!("{path}?{next}")
    };
    let answer = json!({
        "messages": messages, "page": page, "page_size": size, "start": start, "end": start + messages.len().saturating_sub(1),
        "uri": uri_of(page), "first_page_uri": uri_of(0), "previous_page_uri": page.checked_sub(1).map(uri_of),
        "next_page_uri": (entries.len() > start + size).then(|| uri_of(page + 1)),
    });
    if let Some(description) = openapi::description() {
        let wrong = description.violations_of_list_answer(&answer);
        inner.violations.extend(wrong);
    }
    Json(answer).into_response()
}

async fn fetch(
    State(inner): State<Arc<Mutex<Inner>>>,
    Path((account, sid)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let mut inner = inner.lock().expect("stand-in");
    inner.fetched += 1;
    if let Some(refusal) = refusal(&mut inner, &account, &headers) {
        return refusal;
    }
    match inner.taken.iter().find(|t| t.account == account && format!("{}.json", t.sid) == sid) {
        Some(taken) => {
            let answer = as_json(&now_of(&inner, taken));
            if let Some(description) = openapi::description() {
                let wrong = description.violations_of_message(&answer);
                inner.violations.extend(wrong);
            }
            Json(answer).into_response()
        }
        None => problem(404, 20404, "The requested resource was not found"),
    }
}

async fn media(
    State(inner): State<Arc<Mutex<Inner>>>,
    Path((account, sid)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let mut inner = inner.lock().expect("stand-in");
    if let Some(refusal) = refusal(&mut inner, &account, &headers) {
        return refusal;
    }
    let count = inner.arrived.iter().find(|t| t.sid == sid).map_or(0, |t| t.media);
    let list: Vec<Value> = (0..count)
        .map(|n| {
            let media = format!("ME{n:032x}");
            let uri = format!("/2010-04-01/Accounts/{account}/Messages/{sid}/Media/{media}.json");
            json!({ "sid": media, "account_sid": account, "parent_sid": sid, "content_type": "image/jpeg", "uri": uri })
        })
        .collect();
    Json(json!({ "media_list": list, "page": 0, "next_page_uri": null })).into_response()
}
