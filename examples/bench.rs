//! The load generator of `scripts/bench`: texts a running Frontdesk through signed webhooks and says, as JSON, how long it took.
//!
//! `bench webhooks` keeps every connection busy and measures each webhook's way to its 200, `bench api` does so with requests of the API. `bench replies` texts at a fixed rate,
//! stands in for Twilio's Messages API, and measures from each text to its reply. Both speak plain HTTP/1.1 over a socket, with
//! requests made and signed beforehand, so that the generator takes little of the processor it shares with what it measures.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use axum::{Json, Router, extract::State, http::StatusCode, routing::post, serve::ListenerExt};
use clap::{Args, Parser, Subcommand};
use frontdesk::platform::crypto::hmac_sha1_base64;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::{sleep, sleep_until},
};

const PATH: &str = "/webhooks/sms/inbound";

#[derive(Parser)]
#[command(about = "Load generator; scripts/bench drives it")]
struct Cli {
    #[command(subcommand)]
    load: Load,
}

#[derive(Subcommand)]
enum Load {
    /// Closed loop: every connection sends its next webhook when the last one is answered.
    Webhooks {
        #[command(flatten)]
        target: Target,
        #[arg(long, default_value_t = 16)]
        connections: u32,
        #[arg(long)]
        seconds: f64,
    },
    /// Closed loop: every connection asks the API again when its last request is answered.
    Api {
        #[arg(long)]
        address: SocketAddr,
        #[arg(long)]
        key: String,
        #[arg(long, default_value = "GET")]
        method: String,
        #[arg(long)]
        path: String,
        /// With `{id}` for one of `ids`, taken in turn.
        #[arg(long)]
        body: Option<String>,
        /// A file with an id per line.
        #[arg(long)]
        ids: Option<std::path::PathBuf>,
        #[arg(long, default_value_t = 16)]
        connections: u32,
        #[arg(long)]
        seconds: f64,
    },
    /// Open loop: texts leave by the clock, whether earlier ones are answered or not.
    Replies {
        #[command(flatten)]
        target: Target,
        /// Where to answer as Twilio.
        #[arg(long)]
        stand_in: SocketAddr,
        /// Texts per second.
        #[arg(long)]
        rate: u32,
        #[arg(long)]
        seconds: f64,
        /// Texts sent first and not counted.
        #[arg(long, default_value_t = 0)]
        warm_up: u32,
    },
    /// Stands in for Twilio's Messages API until it is stopped: takes every text, lists what it took, and says at `/told` how many.
    StandIn {
        #[arg(long)]
        listen: SocketAddr,
    },
}

/// Where the texts go, and who seems to send them.
#[derive(Args, Clone)]
struct Target {
    /// Where Frontdesk listens.
    #[arg(long)]
    address: SocketAddr,
    /// Its PUBLIC_URL: the webhook's signature covers it.
    #[arg(long)]
    public_url: String,
    #[arg(long)]
    account_sid: String,
    #[arg(long)]
    auth_token: String,
    /// The organization's number.
    #[arg(long)]
    to: String,
    /// The contacts' numbers count up from here.
    #[arg(long, default_value_t = 14_152_000_000)]
    first_contact: u64,
    #[arg(long, default_value_t = 2_000)]
    contacts: u32,
    #[arg(long, default_value = "can I come in tomorrow afternoon?")]
    body: String,
    /// Makes the message SIDs of this run its own.
    #[arg(long)]
    run: u32,
}

impl Target {
    fn number(&self, contact: u32) -> String {
        format!("+{}", self.first_contact + u64::from(contact))
    }

    /// Webhook number `n` of this run, as it goes over the wire.
    fn webhook(&self, from: &str, n: u64) -> Vec<u8> {
        let sid = format!("SM{:08x}{n:024x}", self.run);
        // Sorted, as the signature wants them.
        let fields = [
            ("AccountSid", self.account_sid.as_str()),
            ("ApiVersion", "2010-04-01"),
            ("Body", &self.body),
            ("From", from),
            ("FromCity", "SAN FRANCISCO"),
            ("FromCountry", "US"),
            ("FromState", "CA"),
            ("FromZip", "94105"),
            ("MessageSid", &sid),
            ("NumMedia", "0"),
            ("NumSegments", "1"),
            ("SmsMessageSid", &sid),
            ("SmsSid", &sid),
            ("SmsStatus", "received"),
            ("To", &self.to),
            ("ToCity", "OAKLAND"),
            ("ToCountry", "US"),
            ("ToState", "CA"),
            ("ToZip", "94612"),
        ];
        let mut signed = format!("{}{PATH}", self.public_url.trim_end_matches('/'));
        let mut form = form_urlencoded::Serializer::new(String::new());
        for (name, value) in fields {
            signed.push_str(name);
            signed.push_str(value);
            form.append_pair(name, value);
        }
        let form = form.finish();
        format!(
            "POST {PATH} HTTP/1.1\r\nHost: {}\r\nUser-Agent: TwilioProxy/1.1\r\nAccept: */*\r\n\
             Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\nX-Twilio-Signature: {}\r\n\
             Content-Length: {}\r\n\r\n{form}",
            self.address,
            hmac_sha1_base64(&self.auth_token, signed.as_bytes()),
            form.len(),
        )
        .into_bytes()
    }
}

/// One kept-alive connection.
struct Wire {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Wire {
    async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await.with_context(|| format!("connect to {address}"))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(4096) })
    }

    /// Sends a request and reads its answer; anything but 200 and 201 is an error.
    async fn exchange(&mut self, request: &[u8]) -> anyhow::Result<()> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        loop {
            ensure!(self.stream.read_buf(&mut self.buffer).await? > 0, "the connection was closed");
            let Some(head_end) = self.buffer.windows(4).position(|w| w == b"\r\n\r\n") else {
                continue;
            };
            let head = std::str::from_utf8(&self.buffer[..head_end])?;
            let length: usize = head
                .lines()
                .filter_map(|line| line.split_once(':'))
                .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
                .context("an answer without Content-Length")?
                .1
                .trim()
                .parse()?;
            if self.buffer.len() < head_end + 4 + length {
                continue;
            }
            if !["HTTP/1.1 200 ", "HTTP/1.1 201 "].iter().any(|ok| head.starts_with(ok)) {
                bail!("not answered 200 or 201: {}", String::from_utf8_lossy(&self.buffer));
            }
            return Ok(());
        }
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// Small pseudo-random numbers (xorshift): which contact texts next.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        u32::try_from(self.0 % u64::from(n)).expect("less than n")
    }
}

/// What `bench api` asks for, as it goes over the wire; one per id, or one.
fn api_requests(
    address: SocketAddr,
    key: &str,
    (method, path): (&str, &str),
    body: Option<&str>,
    ids: &[String],
) -> Vec<Vec<u8>> {
    let request = |body: &str| {
        format!(
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nAccept: */*\r\nX-API-Key: {key}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .into_bytes()
    };
    match body {
        None => vec![request("")],
        Some(body) => ids.iter().map(|id| request(&body.replace("{id}", id))).collect(),
    }
}

async fn api(address: SocketAddr, requests: Vec<Vec<u8>>, connections: u32, seconds: f64) -> anyhow::Result<Value> {
    ensure!(!requests.is_empty(), "no ids");
    let (requests, begun) = (Arc::new(requests), Instant::now());
    let mut tasks = JoinSet::new();
    for connection in 0..connections as usize {
        let requests = Arc::clone(&requests);
        tasks.spawn(async move {
            let (mut wire, mut latencies) = (Wire::open(address).await?, Vec::new());
            for n in (connection..).step_by(connections as usize) {
                let sent = Instant::now();
                if (sent - begun).as_secs_f64() >= seconds {
                    break;
                }
                wire.exchange(&requests[n % requests.len()]).await?;
                latencies.push(micros(sent.elapsed()));
            }
            anyhow::Ok(latencies)
        });
    }
    let mut latencies = Vec::new();
    while let Some(done) = tasks.join_next().await {
        latencies.extend(done??);
    }
    Ok(json!({ "seconds": begun.elapsed().as_secs_f64(), "latencies_us": latencies }))
}

async fn webhooks(target: Target, connections: u32, seconds: f64) -> anyhow::Result<Value> {
    /// Requests made beforehand, per connection and second; beyond them they are made as needed.
    const PREPARED_PER_SECOND: f64 = 600.0;
    let mut ready = Vec::new();
    for connection in 0..connections {
        let target = target.clone();
        let mut dice = Dice((u64::from(target.run) << 32) + u64::from(connection) * 7_919 + 1);
        let address = target.address;
        let mut requests = (0u64..).map(move |n| {
            let from = target.number(dice.below(target.contacts));
            target.webhook(&from, (n << 16) + u64::from(connection))
        });
        let prepared: Vec<Vec<u8>> = requests.by_ref().take((seconds * PREPARED_PER_SECOND) as usize).collect();
        ready.push((Wire::open(address).await?, prepared.into_iter().chain(requests)));
    }
    let begun = Instant::now();
    let mut tasks = JoinSet::new();
    for (mut wire, requests) in ready {
        tasks.spawn(async move {
            let mut latencies = Vec::new();
            for request in requests {
                let sent = Instant::now();
                if (sent - begun).as_secs_f64() >= seconds {
                    break;
                }
                wire.exchange(&request).await?;
                latencies.push(micros(sent.elapsed()));
            }
            anyhow::Ok(latencies)
        });
    }
    let mut latencies: Vec<u64> = Vec::new();
    while let Some(result) = tasks.join_next().await {
        latencies.extend(result??);
    }
    Ok(json!({ "seconds": begun.elapsed().as_secs_f64(), "latencies_us": latencies }))
}

/// When each contact's text left, and when the reply to it came.
#[derive(Default)]
struct Log {
    sent: HashMap<String, Instant>,
    replied: HashMap<String, Instant>,
    twice: u32,
    /// The last id given out. Each run has its own: a provider gives none twice.
    provider_ids: u64,
}

type Shared = Arc<Mutex<Log>>;

/// Twilio's `POST …/Messages.json`: notes when the reply came, and takes it.
async fn take_message(State(log): State<Shared>, body: String) -> (StatusCode, Json<Value>) {
    let now = Instant::now();
    let field = |name: &str| {
        let found = form_urlencoded::parse(body.as_bytes()).find(|(n, _)| n == name);
        found.map(|(_, value)| value.into_owned()).unwrap_or_default()
    };
    let to = field("To");
    let mut log = log.lock().expect("no holder panics");
    log.provider_ids += 1;
    let sid = format!("SM{:032x}", log.provider_ids);
    let answer = json!({ "sid": sid, "status": "queued", "to": to, "from": field("From"), "body": field("Body"),
                         "direction": "outbound-api", "num_segments": "1", "error_code": null });
    if log.replied.insert(to, now).is_some() {
        log.twice += 1;
    }
    (StatusCode::CREATED, Json(answer))
}

/// Twilio's list of messages: whoever asks for it lost an answer, which does not happen here.
async fn list_messages() -> Json<Value> {
    Json(json!({ "messages": [] }))
}

/// What the lasting stand-in took, by the number it went to: id and words.
type Taken = Arc<Mutex<(u64, HashMap<String, Vec<(u64, Box<str>)>>)>>;

fn entry(to: &str, number: u64, words: &str) -> Value {
    json!({ "sid": format!("SM{number:032x}"), "status": "queued", "to": to, "body": words, "direction": "outbound-api",
            "num_segments": "1", "error_code": null })
}

async fn take(State(taken): State<Taken>, body: String) -> (StatusCode, Json<Value>) {
    let field = |name: &str| {
        let found = form_urlencoded::parse(body.as_bytes()).find(|(n, _)| n == name);
        found.map(|(_, value)| value.into_owned()).unwrap_or_default()
    };
    let (to, words) = (field("To"), field("Body"));
    let mut taken = taken.lock().expect("no holder panics");
    taken.0 += 1;
    let number = taken.0;
    let answer = entry(&to, number, &words);
    taken.1.entry(to).or_default().push((number, words.into()));
    (StatusCode::CREATED, Json(answer))
}

async fn list(
    State(taken): State<Taken>,
    axum::extract::Query(asked): axum::extract::Query<HashMap<String, String>>,
) -> Json<Value> {
    let to = asked.get("To").cloned().unwrap_or_default();
    let taken = taken.lock().expect("no holder panics");
    let found = taken.1.get(&to).map_or(&[][..], Vec::as_slice);
    Json(json!({ "messages": found.iter().map(|(number, words)| entry(&to, *number, words)).collect::<Vec<_>>() }))
}

async fn told(State(taken): State<Taken>) -> Json<Value> {
    let taken = taken.lock().expect("no holder panics");
    let twice = taken.1.values().filter(|texts| texts.len() > 1).count();
    Json(json!({ "taken": taken.0, "numbers": taken.1.len(), "twice": twice }))
}

async fn stand_in(listen: SocketAddr) -> anyhow::Result<Value> {
    let listener = TcpListener::bind(listen).await.with_context(|| format!("listen on {listen}"))?;
    let twilio = Router::new()
        .route("/2010-04-01/Accounts/{sid}/Messages.json", post(take).get(list))
        .route("/told", axum::routing::get(told))
        .with_state(Taken::default());
    axum::serve(listener.tap_io(|io| drop(io.set_nodelay(true))), twilio).await?;
    Ok(Value::Null)
}

async fn replies(target: Target, stand_in: SocketAddr, rate: u32, seconds: f64, warm_up: u32) -> anyhow::Result<Value> {
    let log = Shared::new(Mutex::new(Log { provider_ids: u64::from(target.run) << 32, ..Log::default() }));
    let listener = TcpListener::bind(stand_in).await.with_context(|| format!("listen on {stand_in}"))?;
    let twilio = Router::new()
        .route("/2010-04-01/Accounts/{sid}/Messages.json", post(take_message).get(list_messages))
        .with_state(Arc::clone(&log));
    tokio::spawn(axum::serve(listener.tap_io(|io| drop(io.set_nodelay(true))), twilio).into_future());

    let count = warm_up + (f64::from(rate) * seconds) as u32;
    let texts: Vec<(String, Vec<u8>)> =
        (0..count).map(|n| (target.number(n), target.webhook(&target.number(n), u64::from(n)))).collect();
    let idle: Arc<Mutex<Vec<Wire>>> = Arc::default();
    let mut tasks = JoinSet::new();
    let begun = tokio::time::Instant::now() + Duration::from_millis(50);
    for (n, (from, request)) in (0u32..).zip(texts) {
        sleep_until(begun + Duration::from_secs(1) * n / rate).await;
        let (log, idle, address) = (Arc::clone(&log), Arc::clone(&idle), target.address);
        // No text waits for another's answer: a busy connection means a new one.
        tasks.spawn(async move {
            let free = idle.lock().expect("no holder panics").pop();
            let mut wire = match free {
                Some(wire) => wire,
                None => Wire::open(address).await?,
            };
            let sent = Instant::now();
            log.lock().expect("no holder panics").sent.insert(from, sent);
            wire.exchange(&request).await?;
            let answered = micros(sent.elapsed());
            idle.lock().expect("no holder panics").push(wire);
            anyhow::Ok(answered)
        });
    }
    let took = begun.elapsed().as_secs_f64();
    let mut answered = Vec::new();
    while let Some(result) = tasks.join_next().await {
        answered.push(result??);
    }
    let patience = Instant::now();
    while log.lock().expect("no holder panics").replied.len() < count as usize
        && patience.elapsed() < Duration::from_secs(30)
    {
        sleep(Duration::from_millis(50)).await;
    }
    // A second reply to a text would come about now.
    sleep(Duration::from_millis(500)).await;
    let log = log.lock().expect("no holder panics");
    let latencies: Vec<u64> = (warm_up..count)
        .filter_map(|n| {
            let number = target.number(n);
            Some(micros(log.replied.get(&number)?.duration_since(*log.sent.get(&number)?)))
        })
        .collect();
    Ok(json!({
        "texts": count, "seconds": took, "latencies_us": latencies, "webhook_latencies_us": answered,
        "unanswered": count as usize - log.replied.len(), "answered_twice": log.twice,
    }))
}

/// One thread: the other processors belong to what is measured.
#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let result = match Cli::parse().load {
        Load::Webhooks { target, connections, seconds } => webhooks(target, connections, seconds).await?,
        Load::Replies { target, stand_in, rate, seconds, warm_up } => {
            replies(target, stand_in, rate, seconds, warm_up).await?
        }
        Load::StandIn { listen } => stand_in(listen).await?,
        Load::Api { address, key, method, path, body, ids, connections, seconds } => {
            let ids = match ids {
                Some(file) => std::fs::read_to_string(file)?.lines().map(str::to_owned).collect(),
                None => Vec::new(),
            };
            let requests = api_requests(address, &key, (&method, &path), body.as_deref(), &ids);
            api(address, requests, connections, seconds).await?
        }
    };
    println!("{result}");
    Ok(())
}
