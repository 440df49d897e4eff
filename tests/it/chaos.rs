//! Five thousand texts through a Twilio that fails in every way, with the real process killed five times: each text that was taken was
//! taken once, nothing is left unknown, and nothing leaves once a STOP is answered.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, RwLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use frontdesk::platform::clock::Clock;
use serde_json::json;
use sqlx::PgPool;
use uuid::Uuid;

use crate::support::{API_KEY, Answer, Callbacks, Process, StandIn, eventually, settings};

const CONTACTS: usize = 250;
const TEXTS: usize = 23;
/// How long a call may take; what is cut off by it is looked up for two and a half times as long.
const TIMEOUT: Duration = Duration::from_millis(2000);
/// Texts taken when the process is killed.
const KILLS: [usize; 5] = [300, 900, 1600, 2400, 3200];
/// Texts taken when some of the contacts stop.
const STOPS: [usize; 5] = [200, 700, 1300, 2000, 2800];
const PERMANENT: [i64; 5] = [21211, 21614, 21610, 30007, 21635];
const SEED: u64 = 0x5eed_2026_1121;

/// SplitMix64 over what is hashed: the same fault for the same text, in whatever order they come.
fn dice(words: &[&str], n: usize) -> u64 {
    let mut state = SEED ^ (n as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    for byte in words.iter().flat_map(|w| w.bytes().chain([0])) {
        state = (state ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
    }
    state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}

/// The fault of a try, and what it is called.
fn fault(to: &str, body: &str, tries: usize) -> (&'static str, Answer) {
    let throw = dice(&[to, body], tries);
    // Nobody fails for ever.
    if tries >= 4 {
        return ("accepted", Answer::Accept);
    }
    match throw % 1000 {
        0..40 => ("429, with a time", Answer::RateLimit(1)),
        40..60 => ("429, without", Answer::RateLimitSilently),
        60..80 => ("500 after accepting", Answer::AcceptThen500),
        80..100 => ("500 without accepting", Answer::Fail500),
        100..112 => ("time-out after accepting", Answer::AcceptThenSilence(TIMEOUT * 2)),
        112..118 => ("time-out without accepting", Answer::Silence(TIMEOUT * 2)),
        118..133 => ("reset after accepting", Answer::AcceptThenReset),
        133..143 => ("reset without accepting", Answer::Reset),
        143..148 => ("permanent code", Answer::Refuse(400, PERMANENT[(throw / 1000 % 5) as usize])),
        _ => ("accepted", Answer::Accept),
    }
}

fn number(n: usize) -> String {
    format!("+1415555{n:04}")
}

/// The process that runs now, for those who ask it while others kill it.
#[derive(Clone)]
struct Desk {
    url: Arc<RwLock<String>>,
    client: reqwest::Client,
}

impl Desk {
    fn url(&self) -> String {
        self.url.read().expect("url").clone()
    }

    /// Asks until there is an answer: with the same key it is carried out once.
    async fn text(&self, contact: Uuid, body: &str) -> u16 {
        let key = format!("{contact} {body}");
        let json = json!({ "contact_id": contact, "body": body, "channel": "sms" });
        loop {
            let request = self.client.post(format!("{}/api/messages", self.url()));
            let request = request.header("x-api-key", API_KEY).header("idempotency-key", &key).json(&json);
            match request.send().await {
                Ok(answer) if answer.status().as_u16() == 409 => {
                    let problem: serde_json::Value =
                        serde_json::from_str(&answer.text().await.unwrap_or_default()).unwrap_or_default();
                    match problem["code"].as_str().unwrap_or_default() {
                        // The first one with this key was at work in a process that was killed: its claim runs out.
                        "idempotency_in_progress" => {}
                        // It was killed between carrying it out and saying so.
                        "idempotency_outcome_unknown" => return 201,
                        _ => return 409,
                    }
                }
                Ok(answer) if answer.status().is_success() => return answer.status().as_u16(),
                Ok(answer) if answer.status().is_client_error() => {
                    panic!("{}: {}", answer.status(), answer.text().await.unwrap_or_default())
                }
                Ok(_) | Err(_) => {}
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Delivers a signed text until it is answered 200.
    async fn webhook(&self, sid: &str, from: &str, body: &str) {
        loop {
            let sent = Process::sms_to(&self.url(), &self.client, sid, from, body).await;
            if sent == Some(200) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

async fn wait_until(what: &str, limit: Duration, mut check: impl AsyncFnMut() -> bool) {
    let began = Instant::now();
    while !check().await {
        assert!(began.elapsed() < limit, "never came true: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn five_thousand_texts_five_kills_and_every_fault() {
    let (began, clock) = (Instant::now(), Clock::system());
    let twilio = StandIn::start().await;
    let faults: Arc<std::sync::Mutex<BTreeMap<&'static str, usize>>> = Arc::default();
    let counted = Arc::clone(&faults);
    let callbacks = Callbacks::new();
    twilio.report_by(callbacks.clone());
    let mut settings = settings(&twilio).await;
    settings.extend([
        ("TWILIO_TIMEOUT_MS", TIMEOUT.as_millis().to_string()),
        ("TWILIO_RECONCILE_SECONDS", "5".to_owned()),
        ("DATABASE_CONNECTIONS", "24".to_owned()),
        ("RATE_LIMIT_PER_MINUTE", "0".to_owned()),
        ("RATE_LIMIT_ADDRESS_PER_MINUTE", "0".to_owned()),
        ("LOG_LEVEL", "error,frontdesk::app=info".to_owned()),
    ]);
    let mut process = Process::serve(&settings).await;
    let desk = Desk { url: Arc::new(RwLock::new(process.url.clone())), client: reqwest::Client::new() };
    callbacks.point_to(Some(&process.url));
    let pool = PgPool::connect(&settings["DATABASE_URL"]).await.expect("database");

    // Everybody writes first, so that they may be answered.
    let greetings = (0..CONTACTS).map(|n| {
        let desk = desk.clone();
        async move { desk.webhook(&format!("SMhello{n}"), &number(n), "hello").await }
    });
    in_parallel(greetings, 16).await;
    wait_until("all are answered", Duration::from_secs(60), async || twilio.taken().len() >= CONTACTS).await;
    twilio.plan(move |form, tries| {
        let (name, answer) = fault(&form["To"], &form["Body"], tries);
        *counted.lock().expect("faults").entry(name).or_default() += 1;
        answer
    });
    let contacts: HashMap<String, Uuid> = sqlx::query_as::<_, (String, Uuid)>("SELECT phone_number, id FROM contacts")
        .fetch_all(&pool)
        .await
        .expect("contacts")
        .into_iter()
        .collect();
    let greeted = began.elapsed();

    let refused = Arc::new(AtomicUsize::new(0));
    let texts = (0..TEXTS * CONTACTS).map(|n| {
        let (desk, contact, refused) = (desk.clone(), contacts[&number(n % CONTACTS)], Arc::clone(&refused));
        async move {
            if desk.text(contact, &format!("Text {} of {TEXTS}", n / CONTACTS + 1)).await == 409 {
                refused.fetch_add(1, Ordering::Relaxed);
            }
        }
    });
    let writing = tokio::spawn(in_parallel(texts.collect::<Vec<_>>(), 24));
    let killing = async {
        for kill in KILLS {
            wait_until("so many are taken", Duration::from_secs(120), async || twilio.taken().len() >= kill).await;
            callbacks.point_to(None);
            process.kill().await;
            process = Process::serve(&settings).await;
            process.url.clone_into(&mut desk.url.write().expect("url"));
            callbacks.point_to(Some(&process.url));
        }
        process
    };
    let (process, stopped, written) =
        tokio::join!(killing, stop_some(desk.clone(), twilio.clone(), clock.clone()), writing);
    written.expect("all are queued");
    let queued = began.elapsed();
    wait_until("every text is settled", Duration::from_secs(120), async || {
        let left: i64 = sqlx::query_scalar(
            "SELECT (SELECT count(*) FROM jobs WHERE state IN ('queued', 'running') AND kind IN ('send_message', 'answer_conversation'))
                  + (SELECT count(*) FROM messages WHERE unknown_since IS NOT NULL OR (direction = 'outbound' AND status = 'queued'))",
        )
        .fetch_one(&pool)
        .await
        .expect("count");
        left == 0
    })
    .await;
    let settled = began.elapsed();
    eventually("what callbacks did not tell is asked", async || {
        let open: i64 = sqlx::query_scalar("SELECT count(*) FROM messages WHERE status IN ('sending', 'sent')")
            .fetch_one(&pool)
            .await
            .expect("count");
        open == 0
    })
    .await;
    judge(&twilio, &pool, &stopped, refused.load(Ordering::Relaxed)).await;
    println!("faults: {:?}", faults.lock().expect("faults"));
    println!(
        "seconds: {:.0} greeted, {:.0} queued, {:.0} settled, {:.0} in all",
        greeted.as_secs_f64(),
        queued.as_secs_f64(),
        settled.as_secs_f64(),
        began.elapsed().as_secs_f64()
    );
    assert!(process.terminate().await.success());
}

async fn in_parallel<F>(work: impl IntoIterator<Item = F>, at_once: usize)
where
    F: Future<Output = ()> + Send + 'static,
{
    use futures::StreamExt;
    futures::stream::iter(work)
        .map(tokio::spawn)
        .buffer_unordered(at_once)
        .for_each(async |done| done.expect("done"))
        .await;
}

/// Four contacts at a time stop, by the signed webhook. Gives each one's number, and when the webhook was answered.
async fn stop_some(desk: Desk, twilio: StandIn, clock: Clock) -> Vec<(String, DateTime<Utc>)> {
    let mut stopped = Vec::new();
    for (round, taken) in STOPS.into_iter().enumerate() {
        wait_until("so many are taken", Duration::from_secs(120), async || twilio.taken().len() >= taken).await;
        for n in round * 4..round * 4 + 4 {
            let number = number(n);
            desk.webhook(&format!("SMstop{n}"), &number, "STOP").await;
            stopped.push((number, clock.now()));
        }
    }
    stopped
}

#[derive(sqlx::FromRow)]
struct Row {
    phone_number: String,
    body: String,
    status: String,
    provider_sid: Option<String>,
    error_code: Option<String>,
    unknown_outcomes: i16,
}

async fn judge(twilio: &StandIn, pool: &PgPool, stopped: &[(String, DateTime<Utc>)], refused_at_the_door: usize) {
    let violations = twilio.violations();
    assert!(violations.is_empty(), "against the contract: {violations:?}");
    let mut taken: HashMap<(String, String), Vec<String>> = HashMap::new();
    for text in twilio.taken() {
        taken.entry((text.to, text.body)).or_default().push(text.sid);
    }
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT c.phone_number, m.body, m.status, m.provider_sid, m.error_code, m.unknown_outcomes
         FROM messages m JOIN contacts c ON c.organization_id = m.organization_id AND c.id = m.contact_id WHERE m.direction = 'outbound'",
    )
    .fetch_all(pool)
    .await
    .expect("messages");
    let (mut outcomes, mut unknown): (BTreeMap<String, usize>, i64) = (BTreeMap::new(), 0);
    for row in &rows {
        let sids = taken.remove(&(row.phone_number.clone(), row.body.clone())).unwrap_or_default();
        unknown += i64::from(row.unknown_outcomes);
        let what = match (sids.as_slice(), row.status.as_str()) {
            ([sid], "delivered") => {
                assert_eq!(row.provider_sid.as_ref(), Some(sid), "{} {}", row.phone_number, row.body);
                "taken once and delivered".to_owned()
            }
            ([], "failed" | "canceled") => {
                let code = row.error_code.clone().unwrap_or_default();
                let permanent = code.parse().is_ok_and(|code| PERMANENT.contains(&code));
                assert!(
                    permanent || row.status == "canceled",
                    "{} {}: {} {code}",
                    row.phone_number,
                    row.body,
                    row.status
                );
                format!("{}: {code}", row.status)
            }
            _ => panic!("{} {}: {} {:?}, taken as {sids:?}", row.phone_number, row.body, row.status, row.error_code),
        };
        *outcomes.entry(what).or_default() += 1;
    }
    assert!(taken.is_empty(), "taken and not known here: {taken:?}");
    let written = rows.len() - CONTACTS;
    assert_eq!(written + refused_at_the_door, TEXTS * CONTACTS, "each text was queued once");
    assert!(written >= 5000, "{written}");
    assert_eq!(stopped.len(), 20);
    // The answer waited for what was being handed over. After it nothing was asked for, taken or not.
    let (mut before, mut withheld) = (0, 0);
    for (number, answered) in stopped {
        let asked = twilio.asked_by(number);
        let late: Vec<_> = asked.iter().filter(|at| *at > answered).collect();
        assert!(late.is_empty(), "{number} was texted at {late:?}, and its STOP answered at {answered}");
        before += asked.len();
        withheld += rows.iter().filter(|row| row.phone_number == *number && row.status == "canceled").count();
    }
    assert!(unknown > 50, "{unknown}");
    println!("outcomes of {} texts ({refused_at_the_door} more refused at the door): {outcomes:?}", rows.len());
    println!(
        "unknown outcomes, all settled: {unknown}; look-ups: {}; single texts asked after: {}",
        twilio.lookups(),
        twilio.fetched()
    );
    println!(
        "sends asked for: {}; to the {} who stopped: {before} before the answer to their STOP, none after it, {withheld} taken back",
        twilio.requests(),
        stopped.len()
    );
}
