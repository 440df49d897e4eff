//! Plays a script against a whole application: signed webhooks in, jobs by hand, real Postgres, a stand-in for Twilio. Gives back the
//! transcript, what went on behind each exchange, and the expectations that were not met.

use std::{fmt, time::Duration};

use chrono::{DateTime, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::{America::New_York, Tz};
use frontdesk::assistant::llm::Limits;
use serde_json::{Value, json};

use super::script::{Line, Move, Script, wall_clock};
use crate::support::{App, ModelServer, NUMBER, servers};

/// The zone of the business, in which scripts and facts tell the time.
pub const ZONE: Tz = New_York;
/// Who takes times away from the contacts of a dialogue.
pub const RIVAL: &str = "+14155550199";

/// A time of a year that goes without saying.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Time {
    pub month: u32,
    pub day: u32,
    pub hour: u32,
    pub minute: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Booked {
    pub service: String,
    pub provider: String,
    pub start: NaiveDateTime,
}

impl fmt::Display for Booked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} with {}", self.service, self.start.format("%a %b %-d %-I:%M %p"), self.provider)
    }
}

/// What the database holds of a contact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// By start.
    pub booked: Vec<Booked>,
    pub cancelled: Vec<Booked>,
    pub consent: String,
    pub opted_out: bool,
    pub under_review: bool,
    /// Words, status.
    pub reviews: Vec<(String, String)>,
    /// Those they raised themselves: number, status, subject.
    pub reports: Vec<(i64, String, String)>,
    pub human: bool,
    pub waiting: Option<String>,
    pub state: String,
}

/// What was said to one contact in answer to what they texted, or to what happened.
#[derive(Clone, Debug)]
pub struct Exchange {
    pub contact: u8,
    /// None where something else than a text brought the replies about.
    pub texts: Vec<String>,
    pub replies: Vec<String>,
    /// A person wrote the replies.
    pub by_staff: bool,
    pub before: Standing,
    pub after: Standing,
    /// Times that are open, where times were offered.
    pub open: Vec<NaiveDateTime>,
    /// The desk waits for the rest of the text.
    pub waiting: bool,
    pub now: NaiveDateTime,
}

/// What came of a script.
pub struct Played {
    pub script: Script,
    pub exchanges: Vec<Exchange>,
    /// Expectations of the script that were not met, one sentence each.
    pub unmet: Vec<String>,
}

/// Plays the script. With `model`, its application asks that one. Errors name the line that cannot be played.
pub async fn play(mut script: Script, model: Option<ModelServer>) -> Result<Played, String> {
    let mut stage = Stage::set(&script, model).await?;
    let mut burst: Vec<(u8, String)> = Vec::new();
    let mut lines = std::mem::take(&mut script.lines);
    lines.retain(|l| !l.is_outcome());
    lines.push(Line::Blank);
    for line in lines {
        if let Line::Says { contact, text } = &line {
            stage.lines.push(line.clone());
            burst.push((*contact, text.clone()));
            continue;
        }
        stage.hear(std::mem::take(&mut burst)).await?;
        stage.lines.push(line.clone());
        let played = match &line {
            Line::Clock(to) => stage.move_clock(to).await,
            Line::Event(event) => stage.happen(event).await,
            Line::Expect(what) => stage.expect(what).await,
            Line::Wish(what) => stage.wish(what).await,
            _ => Ok(()),
        };
        played.map_err(|e| format!("{line}: {e}"))?;
    }
    stage.end(&script).await
}

pub struct Stage {
    pub(super) app: App,
    pub(super) model: Option<ModelServer>,
    channel: String,
    contacts: u8,
    lines: Vec<Line>,
    exchanges: Vec<Exchange>,
    unmet: Vec<String>,
    /// Texts sent to each contact so far.
    sent: Vec<usize>,
    asked: usize,
}

impl Stage {
    async fn set(script: &Script, model: Option<ModelServer>) -> Result<Self, String> {
        // Nobody signs in, and hashing the password takes longer than the whole dialogue.
        let mut app = App::builder().with("ADMIN_PASSWORD", "");
        if let Some(begins) = script.get("begins") {
            app = app.at(instant(wall_clock(begins)?)?);
        }
        if script.get("services") == Some("none") {
            app = app.without_demo();
        }
        if let Some(settle) = script.get("settle") {
            app = app.with("REPLY_SETTLE_MS", settle);
        }
        if let Some(model) = &model {
            app = app
                .with("AI_PROVIDER", "openai_compatible")
                .with("AI_BASE_URL", &model.url)
                .with("AI_MODEL", "scripted")
                .with_limits(Limits {
                    attempt: Duration::from_millis(400),
                    pause: Duration::ZERO,
                    ..Limits::default()
                });
        }
        let contacts = script.contacts();
        Ok(Self {
            app: app.start().await,
            model,
            channel: script.get("channel").unwrap_or("sms").to_owned(),
            contacts,
            lines: Vec::new(),
            exchanges: Vec::new(),
            unmet: Vec::new(),
            sent: vec![0; usize::from(contacts) + 1],
            asked: 0,
        })
    }

    fn now(&self) -> NaiveDateTime {
        self.app.clock.now().with_timezone(&ZONE).naive_local()
    }

    /// Takes texts in, all of them before any is answered.
    async fn hear(&mut self, burst: Vec<(u8, String)>) -> Result<(), String> {
        if burst.is_empty() {
            return Ok(());
        }
        let before = self.standings().await;
        for (contact, text) in &burst {
            self.deliver(*contact, text).await?;
            self.app.clock.advance(TimeDelta::seconds(1));
        }
        self.answer(before, &burst, false).await;
        self.app.clock.advance(TimeDelta::seconds(30));
        Ok(())
    }

    async fn deliver(&self, contact: u8, text: &str) -> Result<(), String> {
        let (from, text) = (phone(contact), spoken(text)?);
        let (prefix, sid) = (self.prefix(), self.app.sid());
        let (from_address, to) = (format!("{prefix}{from}"), format!("{prefix}{NUMBER}"));
        let mut fields = vec![("MessageSid", sid.as_str()), ("From", &from_address), ("To", &to)];
        if text == "[picture]" {
            fields.extend([("Body", ""), ("NumMedia", "1"), ("MediaUrl0", "https://api.twilio.com/picture")]);
        } else {
            fields.push(("Body", &text));
        }
        if self.channel == "simulator" {
            let text = json!({ "from": from, "body": text });
            self.app.api("POST", "/api/simulator/messages", Some(text)).await.expect(201);
        } else {
            self.app.request(self.app.signed("/webhooks/sms/inbound", &fields)).await.expect(200);
        }
        Ok(())
    }

    fn prefix(&self) -> &'static str {
        if self.channel == "whatsapp" { "whatsapp:" } else { "" }
    }

    /// Runs the jobs and writes down what they sent.
    pub(super) async fn answer(&mut self, mut before: Vec<Standing>, burst: &[(u8, String)], by_staff: bool) {
        self.app.run_jobs().await;
        let asked = self.model.as_ref().map_or(0, |m| m.asked().len());
        if asked > self.asked {
            self.lines.push(Line::Note("the model is asked".to_owned()));
            self.asked = asked;
        }
        for contact in 1..=self.contacts {
            let said: Vec<String> = burst.iter().filter(|(c, _)| *c == contact).map(|(_, t)| t.clone()).collect();
            let replies = self.new_replies(contact).await;
            if said.is_empty() && replies.is_empty() {
                continue;
            }
            if replies.is_empty() {
                self.lines.push(Line::Reply { contact, text: None });
            }
            self.lines.extend(replies.iter().map(|r| Line::Reply { contact, text: Some(r.clone()) }));
            let open = if replies.iter().any(|r| r.contains("1) ")) { self.open_times().await } else { Vec::new() };
            self.exchanges.push(Exchange {
                contact,
                texts: said,
                replies,
                by_staff,
                before: std::mem::take(&mut before[usize::from(contact) - 1]),
                after: self.standing(contact).await,
                open,
                waiting: self
                    .app
                    .count("SELECT count(*) FROM jobs WHERE kind = 'answer_conversation' AND state <> 'done'")
                    .await
                    > 0,
                now: self.now(),
            });
        }
    }

    async fn new_replies(&mut self, contact: u8) -> Vec<String> {
        let all: Vec<String> = if self.channel == "simulator" {
            let Some(id) = self.contact_id(contact).await else { return Vec::new() };
            let messages = self.app.items(&format!("/api/messages?contact_id={id}&limit=200")).await;
            let out = messages.iter().rev().filter(|m| m["direction"] == "outbound" && m["status"] != "canceled");
            out.map(|m| text_of(&m["body"])).collect()
        } else {
            let to = format!("{}{}", self.prefix(), phone(contact));
            self.app.twilio.taken_by(&to).into_iter().map(|t| t.body).collect()
        };
        let seen = std::mem::replace(&mut self.sent[usize::from(contact)], all.len());
        all.into_iter().skip(seen).collect()
    }

    async fn open_times(&self) -> Vec<NaiveDateTime> {
        let open: Vec<DateTime<Utc>> = sqlx::query_scalar(
            "SELECT DISTINCT s.start_time FROM slots s WHERE s.start_time > $1 AND s.taken < s.capacity AND NOT EXISTS
             (SELECT 1 FROM provider_busy b WHERE b.provider_id = s.provider_id AND b.slot_id <> s.id AND b.during &&
              tstzrange(s.start_time, s.end_time + make_interval(mins => s.buffer_minutes)))",
        )
        .bind(self.app.clock.now())
        .fetch_all(self.app.core.db.pool())
        .await
        .expect("open times");
        open.into_iter().map(local).collect()
    }

    async fn move_clock(&mut self, to: &str) -> Result<(), String> {
        let before = self.standings().await;
        let by = match Move::parse(to)? {
            Move::By(by) => by,
            Move::To(at) => instant(at)? - self.app.clock.now(),
        };
        if by < TimeDelta::zero() {
            return Err("time does not run backwards".to_owned());
        }
        self.app.clock.advance(by);
        self.answer(before, &[], false).await;
        Ok(())
    }
}

/// Facts.
impl Stage {
    async fn contact_id(&self, contact: u8) -> Option<String> {
        let path = format!("/api/contacts?phone_number=%2B{}", &phone(contact)[1..]);
        self.app.items(&path).await.first().map(|c| text_of(&c["id"]))
    }

    pub(super) async fn conversation(&self, contact: u8) -> Result<Value, String> {
        let id = self.contact_id(contact).await.ok_or("nobody has texted yet")?;
        let conversations = self.app.items(&format!("/api/conversations?contact_id={id}")).await;
        conversations.into_iter().next().ok_or_else(|| "there is no conversation yet".to_owned())
    }

    pub(super) async fn standings(&self) -> Vec<Standing> {
        let mut standings = Vec::new();
        for contact in 1..=self.contacts {
            standings.push(self.standing(contact).await);
        }
        standings
    }

    async fn standing(&self, contact: u8) -> Standing {
        let path = format!("/api/contacts?phone_number=%2B{}", &phone(contact)[1..]);
        let Some(person) = self.app.items(&path).await.into_iter().next() else {
            return Standing::default();
        };
        let id = text_of(&person["id"]);
        let appointments = self.app.items(&format!("/api/appointments?contact_id={id}&limit=200")).await;
        let with_status = |status: &str| {
            let mut found: Vec<Booked> = appointments.iter().filter(|a| a["status"] == status).map(booked).collect();
            found.sort_by_key(|b| b.start);
            found
        };
        let conversation = self.conversation(contact).await.unwrap_or_default();
        let reviews = self.reviews(&id).await;
        let reports = self.app.items(&format!("/api/reports?contact_id={id}&sort=number")).await;
        let report =
            |r: &Value| (r["number"].as_i64().unwrap_or_default(), text_of(&r["status"]), text_of(&r["subject"]));
        let consent = text_of(&person["opt_in_status"]);
        Standing {
            booked: with_status("confirmed"),
            cancelled: with_status("cancelled"),
            opted_out: consent == "opted_out",
            consent,
            under_review: reviews.iter().any(|(_, status)| status == "open"),
            reviews,
            reports: reports.iter().filter(|r| r["source"] == "contact").map(report).collect(),
            human: conversation["mode"] == "human",
            waiting: conversation["waiting_reason"].as_str().map(str::to_owned),
            state: text_of(&conversation["state"]),
        }
    }

    /// Doubtful opt-outs of a contact, the oldest first.
    async fn reviews(&self, contact_id: &str) -> Vec<(String, String)> {
        let mut reviews = Vec::new();
        for status in ["decided", "open"] {
            let page = self.app.api("GET", &format!("/api/opt-out-reviews?status={status}"), None).await;
            let page = page.json();
            let theirs =
                page["items"].as_array().expect("items").iter().rev().filter(|r| r["contact_id"] == contact_id);
            reviews.extend(theirs.map(|r| (text_of(&r["words"]), text_of(&r["status"]))));
        }
        reviews
    }

    async fn facts(&self) -> Vec<String> {
        let mut facts = Vec::new();
        for contact in 1..=self.contacts {
            let standing = self.standing(contact).await;
            let whose = if contact == 1 { String::new() } else { format!("{contact} ") };
            facts.extend(standing.facts().into_iter().map(|fact| format!("{whose}{fact}")));
        }
        facts
    }

    async fn expect(&mut self, what: &str) -> Result<(), String> {
        if let Err(instead) = self.is_so(what).await {
            self.unmet.push(format!("? {what}\n    {instead}"));
        }
        Ok(())
    }

    /// The list of wishes only shrinks: one that came true is to be kept.
    async fn wish(&mut self, what: &str) -> Result<(), String> {
        if self.is_so(what).await.is_ok() {
            self.unmet.push(format!("~ {what}\n    is so by now: write \"?\" instead of \"~\""));
        }
        Ok(())
    }

    /// Whether it is so at this point; how it is instead.
    async fn is_so(&self, what: &str) -> Result<(), String> {
        let facts = self.facts().await;
        let last = self.exchanges.last();
        let replies = last.map(|e| e.replies.join("\n").to_lowercase()).unwrap_or_default();
        let met = match what.split_once(' ').unwrap_or((what, "")) {
            ("says", part) => match part.strip_prefix("not ") {
                Some(part) => !replies.contains(&part.to_lowercase()),
                None => replies.contains(&part.to_lowercase()),
            },
            ("silence", "") => replies.is_empty(),
            ("model", "asked") => self.asked > 0,
            ("model", "not asked") => self.asked == 0,
            ("no", part) => !facts.iter().any(|f| f.starts_with(part)),
            _ => facts.iter().any(|f| f.starts_with(what)),
        };
        if met { Ok(()) } else { Err(format!("but the last replies are {replies:?} and the facts {facts:?}")) }
    }

    async fn end(mut self, script: &Script) -> Result<Played, String> {
        let dead = self.app.count("SELECT count(*) FROM jobs WHERE state = 'dead'").await;
        if dead > 0 {
            return Err(format!("{dead} jobs died"));
        }
        // The blank line that ended the last burst, and those at the end of the file.
        while self.lines.last() == Some(&Line::Blank) {
            self.lines.pop();
        }
        self.lines.push(Line::Blank);
        let facts = self.facts().await;
        self.lines.extend(facts.into_iter().map(Line::Fact));
        servers().await.remove(self.app.core.db.pool()).await;
        Ok(Played { script: script.with_lines(self.lines), exchanges: self.exchanges, unmet: self.unmet })
    }
}

impl Standing {
    /// One line each, what goes without saying left out.
    fn facts(&self) -> Vec<String> {
        let mut facts: Vec<String> = self.booked.iter().map(|b| format!("booked: {b}")).collect();
        if facts.is_empty() {
            facts.push("nothing booked".to_owned());
        }
        facts.extend(self.cancelled.iter().map(|b| format!("cancelled: {b}")));
        if !["", "pending"].contains(&self.consent.as_str()) {
            facts.push(format!("consent: {}", self.consent));
        }
        facts.extend(self.reviews.iter().map(|(words, status)| format!("review: {status}, {words:?}")));
        facts.extend(self.reports.iter().map(|(n, status, subject)| format!("report: #{n} {status}, {subject:?}")));
        if self.human {
            facts.push("a person answers".to_owned());
        }
        facts.extend(self.waiting.iter().map(|reason| format!("waits for staff: {reason}")));
        if !["", "idle"].contains(&self.state.as_str()) {
            facts.push(format!("state: {}", self.state));
        }
        facts
    }
}

/// The contact's phone number.
pub fn phone(contact: u8) -> String {
    format!("+141555501{contact:02}")
}

pub fn text_of(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn local(at: DateTime<Utc>) -> NaiveDateTime {
    at.with_timezone(&ZONE).naive_local()
}

pub fn instant(at: NaiveDateTime) -> Result<DateTime<Utc>, String> {
    ZONE.from_local_datetime(&at).earliest().map(|at| at.to_utc()).ok_or_else(|| format!("no clock shows {at}"))
}

fn booked(appointment: &Value) -> Booked {
    let start: DateTime<Utc> = text_of(&appointment["start_time"]).parse().expect("start");
    Booked {
        service: text_of(&appointment["service_name"]),
        provider: text_of(&appointment["provider_name"]),
        start: local(start),
    }
}

/// "[40 times] blah " is the words so many times over.
fn spoken(text: &str) -> Result<String, String> {
    let Some((n, words)) = text.strip_prefix('[').and_then(|rest| rest.split_once(" times] ")) else {
        return Ok(text.to_owned());
    };
    n.parse().map(|n| words.repeat(n)).map_err(|_| format!("how many times? {text:?}"))
}
