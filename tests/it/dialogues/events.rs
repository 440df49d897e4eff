//! What happens beside a conversation, as scripts name it: times that go to others, staff who write, a model that is told its answer.

use chrono::{NaiveDate, NaiveTime};
use serde_json::{Value, json};

use super::{
    script::wall_clock,
    stage::{RIVAL, Stage, ZONE, instant, phone, text_of},
};
use crate::support::ModelAnswer;

/// The first words of an event and what it says after them.
fn after<'a>(event: &'a str, words: &str) -> Option<&'a str> {
    let rest = event.strip_prefix(words)?;
    (rest.is_empty() || rest.starts_with(' ')).then(|| rest.trim_start())
}

impl Stage {
    /// Lets something happen; what the desk sends because of it belongs to the first contact's transcript.
    pub(super) async fn happen(&mut self, event: &str) -> Result<(), String> {
        let before = self.standings().await;
        let mut by_staff = false;
        if let Some(rest) = after(event, "fill") {
            self.fill(rest).await?;
        } else if let Some(n) = after(event, "taken") {
            self.take_offer(n).await?;
        } else if let Some(what) = after(event, "has") {
            self.give_booking(what).await?;
        } else if let Some(zone) = after(event, "zone") {
            self.change("UPDATE contacts SET timezone = $1", zone).await;
        } else if let Some(entry) = after(event, "knows") {
            self.learn(entry).await?;
        } else if let Some(text) = after(event, "staff") {
            by_staff = true;
            self.in_conversation("POST", "/messages", Some(json!({ "body": text }))).await?;
        } else if event == "take over" {
            self.in_conversation("PUT", "/mode", Some(json!({ "mode": "human" }))).await?;
        } else if event == "release" {
            self.in_conversation("PUT", "/mode", Some(json!({ "mode": "bot" }))).await?;
        } else if event == "attended" {
            self.in_conversation("POST", "/attended", None).await?;
        } else if let Some(decision) = after(event, "review") {
            self.review(decision).await?;
        } else if let Some(what) = after(event, "report") {
            by_staff = true;
            self.work_on_report(what).await?;
        } else if let Some(dollars) = after(event, "budget") {
            self.set_budget(dollars).await?;
        } else if let Some(answer) = after(event, "model") {
            let answer = self.model_answer(answer)?;
            self.model.as_ref().ok_or("no model takes part: the header lacks \"model: scripted\"")?.script([answer]);
        } else {
            return Err("nothing known by that name".to_owned());
        }
        self.answer(before, &[], by_staff).await;
        Ok(())
    }

    async fn change(&self, sql: &'static str, value: &str) {
        sqlx::query(sql).bind(value).execute(self.app.core.db.pool()).await.expect(sql);
    }

    /// "all", or a day, with "except 10:00 14:30": every time but these goes to others.
    async fn fill(&self, rest: &str) -> Result<(), String> {
        let (day, times) = rest.split_once(" except ").unwrap_or((rest, ""));
        let day: Option<NaiveDate> = match day {
            "all" => None,
            day => Some(day.parse().map_err(|e| format!("{day:?}: {e}"))?),
        };
        let parse = |time: &str| NaiveTime::parse_from_str(time, "%H:%M").map_err(|e| format!("{time:?}: {e}"));
        let times: Vec<NaiveTime> = times.split_whitespace().map(parse).collect::<Result<_, _>>()?;
        sqlx::query(
            "UPDATE slots SET taken = capacity WHERE ($1::date IS NULL OR (start_time AT TIME ZONE $3)::date = $1)
             AND (start_time AT TIME ZONE $3)::time <> ALL ($2)",
        )
        .bind(day)
        .bind(times)
        .bind(ZONE.name())
        .execute(self.app.core.db.pool())
        .await
        .map(drop)
        .map_err(|e| e.to_string())
    }

    /// Somebody else books the nth of the times on the table.
    async fn take_offer(&self, n: &str) -> Result<(), String> {
        let n: usize = n.parse().map_err(|_| format!("which offer? {n:?}"))?;
        let dialogue = self.conversation(1).await?["dialogue"].clone();
        let offer = dialogue["offers"].get(n - 1).or_else(|| dialogue.get("offer")).ok_or("nothing is on the table")?;
        self.book_for(RIVAL, &text_of(&offer["slot_id"])).await
    }

    /// "Haircut 2026-11-25 14:00 with Alex Rivera": the first contact has this appointment.
    async fn give_booking(&self, what: &str) -> Result<(), String> {
        let (rest, provider) = what.split_once(" with ").ok_or("with whom?")?;
        let (service, at) = rest.split_once(' ').ok_or("when?")?;
        let start = instant(wall_clock(at)?)?;
        let page = format!("/api/slots?from={}&limit=50", start.format("%Y-%m-%dT%H:%M:%SZ"));
        let fits = |s: &&Value| {
            s["service_name"] == service
                && s["provider_name"] == provider
                && text_of(&s["start_time"]).parse() == Ok(start)
        };
        let slots = self.app.items(&page).await;
        let slot = slots.iter().find(fits).ok_or("there is no such time")?;
        self.book_for(&phone(1), &text_of(&slot["id"])).await
    }

    async fn book_for(&self, number: &str, slot: &str) -> Result<(), String> {
        sqlx::query(
            "INSERT INTO contacts (organization_id, id, phone_number, created_at, updated_at)
             VALUES ($1, gen_random_uuid(), $2, $3, $3) ON CONFLICT DO NOTHING",
        )
        .bind(self.app.organization.id.0)
        .bind(number)
        .bind(self.app.clock.now())
        .execute(self.app.core.db.pool())
        .await
        .map_err(|e| e.to_string())?;
        let contacts = self.app.items(&format!("/api/contacts?phone_number=%2B{}", &number[1..])).await;
        let booking = json!({ "contact_id": contacts[0]["id"], "slot_id": slot });
        self.call("POST", "/api/appointments", Some(booking)).await.map(drop)
    }

    async fn call(&self, method: &str, path: &str, body: Option<Value>) -> Result<Value, String> {
        let response = self.app.api(method, path, body).await;
        if !response.status.is_success() {
            return Err(format!("{method} {path}: {} {}", response.status, response.text));
        }
        Ok(serde_json::from_str(&response.text).unwrap_or_default())
    }

    async fn in_conversation(&self, method: &str, action: &str, body: Option<Value>) -> Result<(), String> {
        let id = text_of(&self.conversation(1).await?["id"]);
        self.call(method, &format!("/api/conversations/{id}{action}"), body).await.map(drop)
    }

    /// "1 start", "1 resolve It is fixed.", "1 says We are on it.": staff work on the report with that number.
    async fn work_on_report(&self, what: &str) -> Result<(), String> {
        let mut parts = what.splitn(3, ' ');
        let (number, verb, words) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default(), parts.next());
        let reports = self.app.items("/api/reports").await;
        let number: i64 = number.parse().map_err(|_| format!("which report? {number:?}"))?;
        let report = reports.iter().find(|r| r["number"] == number).ok_or("there is no such report")?;
        let path = format!("/api/reports/{}", text_of(&report["id"]));
        let (path, body) = match verb {
            "start" => (format!("{path}/start"), None),
            "resolve" => (format!("{path}/resolve"), Some(json!({ "note": words }))),
            "says" => (format!("{path}/comments"), Some(json!({ "body": words }))),
            _ => return Err("start, resolve or says".to_owned()),
        };
        self.call("POST", &path, body).await.map(drop)
    }

    /// "hours | Opening hours | We are open … | Abrimos … | open, close": topic, title, answer, and as far as wanted the answer in
    /// Spanish and keywords.
    async fn learn(&mut self, entry: &str) -> Result<(), String> {
        let mut parts = entry.split('|').map(str::trim);
        let mut next = |what: &str| parts.next().ok_or_else(|| format!("no {what}"));
        let (topic, title, answer) = (next("topic")?, next("title")?, next("answer")?);
        let spanish = parts.next().filter(|s| !s.is_empty());
        let keywords: Vec<&str> = parts.next().map_or_else(Vec::new, |k| k.split(',').map(str::trim).collect());
        let entry = json!({
            "topic": topic, "title": title, "keywords": keywords, "answer_en": answer, "answer_es": spanish, "active": true,
        });
        self.call("POST", "/api/knowledge", Some(entry)).await.map(drop)
    }

    async fn review(&self, decision: &str) -> Result<(), String> {
        let open = self.call("GET", "/api/opt-out-reviews?status=open", None).await?;
        let id = open["items"][0]["id"].as_str().ok_or("nothing is in doubt")?;
        let decision = json!({ "decision": decision, "note": null });
        self.call("POST", &format!("/api/opt-out-reviews/{id}/decision"), Some(decision)).await.map(drop)
    }

    async fn set_budget(&self, dollars: &str) -> Result<(), String> {
        let dollars: f64 = dollars.parse().map_err(|_| format!("how much? {dollars:?}"))?;
        let mut settings = self.call("GET", "/api/assistant/settings", None).await?;
        settings["daily_budget_usd"] = json!(dollars);
        let wanted = ["ai_enabled", "daily_budget_usd", "history_messages", "human_quiet_minutes"];
        let body: Value = wanted.iter().map(|name| ((*name).to_owned(), settings[*name].clone())).collect();
        self.call("PUT", "/api/assistant/settings", Some(body)).await.map(drop)
    }

    /// `schedule {"intent": …}` is a call of that tool; `words …`, `junk`, `fails 500`, `hangs`, `hangs up`.
    fn model_answer(&self, answer: &str) -> Result<ModelAnswer, String> {
        if let Some(words) = after(answer, "words") {
            return Ok(ModelAnswer::Says(words.to_owned()));
        }
        if let Some(status) = after(answer, "fails") {
            return status.parse().map(ModelAnswer::fails).map_err(|_| format!("with which status? {status:?}"));
        }
        match answer {
            "junk" => return Ok(ModelAnswer::junk()),
            "hangs up" => return Ok(ModelAnswer::HangsUp),
            "hangs" => return Ok(ModelAnswer::Hangs),
            _ => {}
        }
        let (tool, arguments) = answer.split_once(' ').ok_or("which tool, with what?")?;
        let arguments = serde_json::from_str(arguments).map_err(|e| format!("{arguments}: {e}"))?;
        Ok(ModelAnswer::call(tool, arguments))
    }
}
