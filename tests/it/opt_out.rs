//! Opt-outs hold from the webhook's 200 on, are confirmed once, and end by the contact's own word.

use std::sync::atomic::{AtomicUsize, Ordering};

use frontdesk::{compliance, platform::phone::PhoneNumber};
use serde_json::{Value, json};

use crate::{
    contacts::contact,
    support::{Answer, ApiResponse, App, NUMBER},
};

const ANA: &str = "+14155550101";
const BEN: &str = "+14155550102";
const MIA: &str = "+13055550101";

async fn record(app: &App, id: &str, purpose: &str, tier: &str) -> ApiResponse {
    let body = json!({ "action": "granted", "tier": tier, "channel": "sms", "method": "paper", "purpose": purpose, "evidence": "Form" });
    app.api("POST", &format!("/api/contacts/{id}/consent"), Some(body)).await
}

async fn id_of(app: &App, number: &str) -> String {
    let contacts = app.items("/api/contacts?limit=100").await;
    let contact = contacts.iter().find(|c| c["phone_number"] == number).expect("contact");
    contact["id"].as_str().expect("id").to_owned()
}

async fn status(app: &App, id: &str) -> Value {
    app.get(&format!("/api/contacts/{id}")).await["opt_in_status"].clone()
}

async fn actions(app: &App, id: &str) -> Vec<String> {
    let lines = app.items(&format!("/api/contacts/{id}/consent?sort=at&limit=100")).await;
    let word = |line: &Value, field: &str| line[field].as_str().unwrap_or("all").to_owned();
    lines.iter().map(|l| format!("{} {} {}", word(l, "action"), word(l, "purpose"), word(l, "method"))).collect()
}

/// How many texts to the contact are so.
async fn texts(app: &App, contact: &str, so: &str) -> i64 {
    let sql = format!("SELECT count(*) FROM messages WHERE direction = 'outbound' AND contact_id = $1 AND {so}");
    sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
        .bind(uuid::Uuid::parse_str(contact).expect("id"))
        .fetch_one(app.core.db.pool())
        .await
        .expect("count")
}

/// How many texts are sent in the great test, and to how many people.
const TEXTS: usize = 1000;
const PEOPLE: usize = 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_leaves_after_the_webhooks_200() {
    let app = App::start().await;
    let number = |n: usize| format!("+1415557{n:04}");
    for n in 0..PEOPLE {
        app.sms(&number(n), "hello").await.expect(200);
    }
    app.run_jobs().await;
    let mut contacts = Vec::new();
    for n in 0..PEOPLE {
        contacts.push(id_of(&app, &number(n)).await);
    }
    let before = app.twilio.taken().len();
    for n in 0..TEXTS {
        let body = json!({ "contact_id": contacts[n % PEOPLE], "body": format!("Notice {n}") });
        app.api("POST", "/api/messages", Some(body)).await.expect(201);
    }
    assert_eq!(
        app.count("SELECT count(*) FROM messages WHERE status = 'queued'").await,
        i64::try_from(TEXTS).expect("few")
    );
    // The provider takes its time, so that there is always something on the wire.
    app.twilio.script(vec![Answer::AcceptThenSilence(std::time::Duration::from_millis(15)); TEXTS]);
    let who = number(7);
    let at_the_200 = AtomicUsize::new(usize::MAX);
    let workers = (0..8).map(|_| app.run_jobs());
    let stop = async {
        // In the middle of it.
        while app.twilio.taken().len() < before + TEXTS / 5 {
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
        app.sms(&who, "STOP").await.expect(200);
        let waits = texts(&app, &contacts[7], "status IN ('queued', 'sending') AND provider_sid IS NULL").await;
        assert_eq!(waits, 0, "still queued at the 200");
        at_the_200.store(app.twilio.taken_by(&who).len(), Ordering::SeqCst);
    };
    tokio::join!(futures::future::join_all(workers), stop);
    app.run_jobs().await;
    let reached = at_the_200.load(Ordering::SeqCst);
    assert_eq!(app.twilio.taken_by(&who).len(), reached, "left after the 200");
    assert!(reached < 1 + TEXTS / PEOPLE, "nothing was held back: {reached}");
    // Everybody else got theirs, once each; hers that did not leave say why.
    assert_eq!(app.twilio.taken().len() - before, TEXTS - (1 + TEXTS / PEOPLE - reached));
    let held =
        texts(&app, &contacts[7], "status = 'canceled' AND error_code = 'opted_out' AND held_until IS NULL").await;
    assert_eq!(usize::try_from(held).expect("few"), 1 + TEXTS / PEOPLE - reached);
    assert_eq!(
        app.count("SELECT count(*) FROM messages WHERE status IN ('queued', 'sending') AND provider_sid IS NULL").await,
        0
    );
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_opt_out_holds_before_anybody_answers_it() {
    let app = App::start().await;
    app.ask(ANA, "hello").await;
    let id = id_of(&app, ANA).await;
    for text in ["opt out", "STOP", "please stop texting me"] {
        app.sms(ANA, text).await.expect(200);
        // No job has run.
        assert_eq!(status(&app, &id).await, "opted_out", "{text}");
        let text = json!({ "contact_id": id, "body": "hi" });
        assert_eq!(app.api("POST", "/api/messages", Some(text)).await.expect(409).json()["code"], "contact_opted_out");
        app.run_jobs().await;
        app.clock.advance(chrono::TimeDelta::seconds(1));
        app.text(ANA, "START").await;
    }
    let expected = ["granted conversational inbound_message"]
        .into_iter()
        .chain(["revoked all keyword", "granted all keyword"].into_iter().cycle().take(6));
    assert_eq!(actions(&app, &id).await, expected.collect::<Vec<_>>(), "one line each");
    // The simulator takes the same way.
    let body = json!({ "from": BEN, "body": "stop" });
    let heard = app.api("POST", "/api/simulator/messages", Some(body)).await.expect(201).json();
    assert_eq!(status(&app, heard["contact_id"].as_str().expect("id")).await, "opted_out");
    app.run_jobs().await;
    app.clock.advance(chrono::TimeDelta::minutes(5));
    app.run_jobs().await;
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_before_the_stop_is_done_and_only_the_stop_answered() {
    let app = App::start().await;
    app.ask(ANA, "book tuesday at 10 am").await;
    for text in ["c", "opt out"] {
        app.sms(ANA, text).await.expect(200);
        app.clock.advance(chrono::TimeDelta::milliseconds(10));
    }
    let before = app.twilio.taken_by(ANA).len();
    app.run_jobs().await;
    let said: Vec<String> = app.twilio.taken_by(ANA).into_iter().skip(before).map(|t| t.body).collect();
    assert!(said.len() == 1 && said[0].contains("unsubscribed"), "{said:?}");
    assert_eq!(app.items("/api/appointments").await.len(), 1, "they had confirmed it");
    // START and STOP in one breath: the last word counts, whichever was heard first.
    for (text, after) in [("START", 10), ("opt out", 10)] {
        app.sms(ANA, text).await.expect(200);
        app.clock.advance(chrono::TimeDelta::milliseconds(after));
    }
    app.run_jobs().await;
    let id = id_of(&app, ANA).await;
    assert_eq!(status(&app, &id).await, "opted_out");
    for text in ["opt out", "START"] {
        app.sms(ANA, text).await.expect(200);
        app.clock.advance(chrono::TimeDelta::milliseconds(10));
    }
    app.run_jobs().await;
    assert_eq!(status(&app, &id).await, "opted_in");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_opt_out_is_confirmed_once() {
    let app = App::start().await;
    // Twice in one breath is one opt-out, and it is confirmed.
    app.sms(ANA, "opt out").await.expect(200);
    app.sms(ANA, "please stop").await.expect(200);
    app.run_jobs().await;
    let said = app.twilio.taken_by(ANA);
    assert!(said.len() == 1 && said[0].body.contains("unsubscribed"), "{said:?}");
    app.clock.advance(chrono::TimeDelta::seconds(1));
    assert!(app.text(ANA, "please stop texting me").await.is_empty());
    // START, and out again: another opt-out, another confirmation.
    app.ask(ANA, "START").await;
    assert_eq!(app.text(ANA, "opt out").await.len(), 1);
    // A text Twilio answered already, whatever its words.
    let fields =
        [("MessageSid", "SMx1"), ("From", BEN), ("To", NUMBER), ("Body", "no more please"), ("OptOutType", "STOP")];
    app.request(app.signed("/webhooks/sms/inbound", &fields)).await.expect(200);
    assert_eq!(status(&app, &id_of(&app, BEN).await).await, "opted_out");
    app.run_jobs().await;
    assert!(app.twilio.taken_by(BEN).is_empty());
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_carrier_blocks_us_nothing_is_confirmed() {
    let app = App::start().await;
    app.twilio.script([Answer::Refuse(400, 21610)]);
    app.text(ANA, "hello").await;
    let (asked, written) =
        (app.twilio.requests(), app.count("SELECT count(*) FROM messages WHERE direction = 'outbound'").await);
    app.text(ANA, "opt out").await;
    assert_eq!(app.twilio.requests(), asked, "it would be refused again");
    assert_eq!(
        app.count("SELECT count(*) FROM messages WHERE direction = 'outbound'").await,
        written,
        "not even written"
    );
    assert_eq!(app.items("/api/suppressions").await.len(), 2);
    // Words that only we know end our own block; the carrier's stays, and we do not try.
    app.text(ANA, "subscribe").await;
    assert_eq!(app.twilio.requests(), asked);
    let left = app.items("/api/suppressions").await;
    assert!(left.len() == 1 && left[0]["reason"] == "carrier_opted_out", "{left:?}");
    // START ends both.
    app.ask(ANA, "START").await;
    assert!(app.items("/api/suppressions").await.is_empty());
    app.ask(ANA, "book tuesday at 10 am").await;
    // A YES ends the carrier's block too, also where it answers a question of ours and is no opt-in.
    let mut tx = app.core.db.tenant(app.organization.id).await.expect("tenant");
    let sender: uuid::Uuid = sqlx::query_scalar("SELECT id FROM senders WHERE address = $1 AND channel = 'sms'")
        .bind(NUMBER)
        .fetch_one(&mut *tx)
        .await
        .expect("sender");
    let number = PhoneNumber::parse_e164(ANA).expect("number");
    compliance::carrier_opted_out(&mut tx, &number, frontdesk::platform::ids::SenderId(sender)).await.expect("learned");
    tx.commit().await.expect("commit");
    assert_eq!(app.items("/api/suppressions").await.len(), 1);
    assert!(app.ask(ANA, "YES").await.contains("booked"), "an answer");
    assert!(app.items("/api/suppressions").await.is_empty());
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn promotions_are_ended_alone_with_one_word_on_what_still_comes() {
    let app = App::start().await;
    let id = contact(&app, ANA).await;
    record(&app, &id, "marketing", "express_written").await.expect(201);
    let said = app.ask(ANA, "stop promos").await;
    assert!(said.contains("no more promotions") && said.contains("appointments") && said.contains("STOP"), "{said}");
    assert_eq!(status(&app, &id).await, "opted_in");
    assert!(app.items("/api/suppressions").await.is_empty());
    let line = app.items(&format!("/api/contacts/{id}/consent?limit=1")).await.swap_remove(0);
    assert_eq!(
        (&line["action"], &line["purpose"], &line["evidence"], &line["method"]),
        (&json!("revoked"), &json!("marketing"), &json!("stop promos"), &json!("keyword"))
    );
    assert!(app.text(ANA, "No more promotions please!").await.is_empty(), "said once");
    // The rest goes on.
    assert!(app.ask(ANA, "book tuesday at 10 am").await.contains("Reply C"));
    // Staff cannot sign them up again; START can let them be asked.
    assert_eq!(record(&app, &id, "marketing", "express_written").await.expect(409).json()["code"], "contact_opted_out");
    record(&app, &id, "transactional", "express").await.expect(201);
    app.text(ANA, "START").await;
    record(&app, &id, "marketing", "express_written").await.expect(201);
    // In Spanish too.
    let said = app.text(BEN, "no más promociones").await;
    assert!(said.len() == 1 && said[0].contains("promociones"), "{said:?}");
    // And who is out of everything stays silent.
    app.text(BEN, "STOP").await;
    assert!(app.text(BEN, "stop promos").await.is_empty());
    app.finish().await;
}

async fn write(app: &App, contact: &str, purpose: &str) -> String {
    let body =
        json!({ "contact_id": contact, "channel": "sms", "body": format!("A {purpose} text"), "purpose": purpose });
    let written = app.api("POST", "/api/messages", Some(body)).await.expect(201).json();
    written["id"].as_str().expect("id").to_owned()
}

/// Status, code, and of the last decision the code and the sentence.
async fn fate(app: &App, message: &str) -> (Value, Value, Value, Value) {
    let shown = app.get(&format!("/api/messages/{message}")).await;
    let receipt = app.get(&format!("/api/messages/{message}/receipt")).await;
    assert!(shown["decision"] == Value::Null || shown["decision"] == receipt["sentence"], "{shown} {receipt}");
    assert_eq!(shown["held_until"], receipt["held_until"]);
    let waits = shown["held_until"] != Value::Null;
    assert!(!waits || shown["status"] == "queued", "{shown}");
    let last =
        receipt["decisions"].as_array().and_then(|latest_first| latest_first.first()).cloned().unwrap_or_default();
    (shown["status"].clone(), shown["error_code"].clone(), last["code"].clone(), receipt["sentence"].clone())
}

fn refused(code: &str, sentence: &str) -> (Value, Value, Value, Value) {
    (json!("canceled"), json!(code), json!(code), json!(sentence))
}

/// Somebody in Miami at three in the morning, who agreed to everything. What is written to them waits for the day.
async fn at_night() -> (App, String) {
    let app = App::builder().at("2026-03-04T08:00:00Z".parse().expect("time")).start().await;
    let id = contact(&app, MIA).await;
    record(&app, &id, "marketing", "express_written").await.expect(201);
    record(&app, &id, "transactional", "express").await.expect(201);
    (app, id)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_taken_back_by_the_webhook_itself() {
    let (app, id) = at_night().await;
    let (offer, reminder) = (write(&app, &id, "marketing").await, write(&app, &id, "transactional").await);
    app.run_jobs().await;
    for held in [&offer, &reminder] {
        assert_eq!(fate(&app, held).await.2, "quiet_hours");
    }
    let second_offer = write(&app, &id, "marketing").await;
    assert_eq!(fate(&app, &second_offer).await.3, "Waits to be sent.");
    // No job runs between these and what is shown.
    app.sms(MIA, "stop promos").await.expect(200);
    let no_consent = refused("no_consent", "Not sent: the contact has not agreed to such texts.");
    assert_eq!((fate(&app, &offer).await, fate(&app, &second_offer).await), (no_consent.clone(), no_consent));
    assert_eq!(fate(&app, &reminder).await.2, "quiet_hours", "that they still want");
    let decisions = app.get(&format!("/api/messages/{offer}/receipt")).await["decisions"].clone();
    let outcomes: Vec<&Value> = decisions.as_array().expect("decisions").iter().map(|d| &d["outcome"]).collect();
    assert_eq!(outcomes, ["refuse", "hold"], "what was decided before stays told");
    assert_eq!((&decisions[0]["purpose"], &decisions[0]["rules"][1]["rule"]), (&json!("marketing"), &json!("consent")));
    app.run_jobs().await;
    app.clock.advance(chrono::TimeDelta::seconds(1));
    app.sms(MIA, "opt out").await.expect(200);
    assert_eq!(fate(&app, &reminder).await, refused("opted_out", "Not sent: the contact opted out."));
    app.run_jobs().await;
    let said: Vec<String> = app.twilio.taken_by(MIA).into_iter().map(|t| t.body).collect();
    assert!(said.len() == 2 && said[0].contains("no more promotions") && said[1].contains("unsubscribed"), "{said:?}");
    // The jobs of what was taken back find nothing to do.
    app.clock.advance(chrono::TimeDelta::hours(9));
    app.run_jobs().await;
    assert_eq!(app.twilio.taken_by(MIA).len(), 2);
    assert_eq!(app.count("SELECT count(*) FROM jobs WHERE state IN ('queued', 'dead')").await, 0);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_taken_back_also_when_staff_hears_it_or_only_a_turn_does() {
    let (app, id) = at_night().await;
    let (offer, reminder) = (write(&app, &id, "marketing").await, write(&app, &id, "transactional").await);
    app.run_jobs().await;
    let revoke = async |purpose: Value| {
        let body = json!({ "action": "revoked", "channel": "sms", "method": "verbal", "purpose": purpose, "evidence": "By phone" });
        app.api("POST", &format!("/api/contacts/{id}/consent"), Some(body)).await.expect(201);
        app.run_jobs().await;
    };
    revoke(json!("marketing")).await;
    assert_eq!((fate(&app, &offer).await.1, fate(&app, &reminder).await.0), (json!("no_consent"), json!("queued")));
    revoke(Value::Null).await;
    assert_eq!(fate(&app, &reminder).await, refused("opted_out", "Not sent: the contact opted out."));
    let taken_back = "SELECT count(*) FROM jobs WHERE kind = 'withdraw_texts'";
    let before = app.count(taken_back).await;
    // Plain words are no keyword: a turn must read them.
    let other = contact(&app, "+13055550102").await;
    record(&app, &other, "transactional", "express").await.expect(201);
    let reminder = write(&app, &other, "transactional").await;
    app.run_jobs().await;
    app.text("+13055550102", "I do not want any more texts from you, remove my number").await;
    assert_eq!(fate(&app, &reminder).await.1, "opted_out");
    assert_eq!(app.count(taken_back).await, before + 1);
    // Nothing waits: nothing is to be done.
    app.text(BEN, "STOP").await;
    assert_eq!(app.count(taken_back).await, before + 1);
    // In the morning nothing is left to be done, or to be sent.
    app.clock.advance(chrono::TimeDelta::hours(9));
    app.run_jobs().await;
    assert!(app.twilio.taken_by(MIA).is_empty());
    app.finish().await;
}
