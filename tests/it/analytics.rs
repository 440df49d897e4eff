//! Figures: that they are what a look at every row finds, whatever happened and in whichever order, and that days are the organization's.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use frontdesk::{analytics, platform::ids::OrganizationId};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Row};

use crate::support::{ApiResponse, App, NUMBER};

const ANA: &str = "+14155550101";
const BEN: &str = "+14155550102";
const EVE: &str = "+14155550103";

async fn report(app: &App, to: &str, sid: &str, status: &str, code: Option<&str>) {
    let mut fields = vec![("MessageSid", sid), ("MessageStatus", status), ("To", to), ("From", NUMBER)];
    fields.extend(code.map(|c| ("ErrorCode", c)));
    app.request(app.signed("/webhooks/sms/status", &fields)).await.expect(200);
}

async fn pass(app: &App, time: TimeDelta) {
    app.clock.advance(time);
    app.run_jobs().await;
}

async fn figures(app: &App, query: &str) -> Value {
    app.get(&format!("/api/analytics/dashboard?{query}")).await
}

async fn act(app: &App, appointment: &Value, verb: &str, body: Option<Value>) -> ApiResponse {
    let id = appointment["id"].as_str().expect("id");
    app.api("POST", &format!("/api/appointments/{id}/{verb}"), body).await
}

/// Looks at every row, in other words than the program's: by counting, and with windows over threads.
async fn looked(app: &App, from: DateTime<Utc>, until: DateTime<Utc>) -> BTreeMap<String, i64> {
    let sql = format!(
        "WITH m AS (SELECT * FROM messages WHERE created_at >= '{from}' AND created_at < '{until}'),
              -- Everything that was said, when it was said: ours when it left.
              said AS (SELECT conversation_id, id, direction, CASE direction WHEN 'inbound' THEN created_at ELSE sent_at END AS at FROM messages
                       WHERE direction = 'inbound' OR sent_at IS NOT NULL),
              pairs AS (SELECT *, lag(direction) OVER w AS before, lag(at) OVER w AS at_before FROM said
                        WINDOW w AS (PARTITION BY conversation_id ORDER BY at, id)),
              runs AS (SELECT *, count(*) FILTER (WHERE direction = 'outbound') OVER (PARTITION BY conversation_id ORDER BY at, id
                         ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS run FROM pairs),
              waits AS (SELECT conversation_id, run, min(at) FILTER (WHERE direction = 'inbound') AS since,
                               min(at) FILTER (WHERE direction = 'outbound') AS until FROM runs GROUP BY 1, 2),
              e AS (SELECT * FROM booking_events WHERE at >= '{from}' AND at < '{until}')
         SELECT 'texts_in', count(*) FROM m WHERE direction = 'inbound'
         UNION ALL SELECT 'texts_out', count(*) FROM m WHERE direction = 'outbound'
         UNION ALL SELECT 'waiting', count(*) FROM m WHERE status IN ('queued', 'sending')
         UNION ALL SELECT 'sent', count(*) FROM m WHERE status = 'sent'
         UNION ALL SELECT 'delivered', count(*) FROM m WHERE status IN ('delivered', 'read')
         UNION ALL SELECT 'failed', count(*) FROM m WHERE status IN ('failed', 'undelivered')
         UNION ALL SELECT 'canceled', count(*) FROM m WHERE status = 'canceled'
         UNION ALL SELECT 'segments', COALESCE(sum(segments), 0)::bigint FROM m WHERE direction = 'outbound'
         UNION ALL SELECT 'replies', count(*) FROM pairs WHERE direction = 'inbound' AND before = 'outbound'
                   AND at - at_before <= interval '2 days' AND at >= '{from}' AND at < '{until}'
         UNION ALL SELECT 'responses', count(*) FROM waits WHERE since IS NOT NULL AND until >= '{from}' AND until < '{until}'
         UNION ALL SELECT 'opt_outs', count(*) FROM consent_events WHERE action = 'revoked' AND at >= '{from}' AND at < '{until}'
         UNION ALL SELECT 'opt_ins', count(*) FROM consent_events WHERE action = 'granted' AND tier <> 'implied' AND at >= '{from}' AND at < '{until}'
         UNION ALL SELECT 'booked', count(*) FROM e WHERE kind IN ('booked', 'held')
         UNION ALL SELECT 'moved', count(*) FROM e WHERE kind = 'rescheduled'
         UNION ALL SELECT 'cancelled', count(*) FROM e WHERE kind = 'cancelled'
         UNION ALL SELECT 'visited', count(*) FROM bookings b JOIN slots s ON s.id = b.slot_id
                   WHERE b.status = 'completed' AND s.start_time >= '{from}' AND s.start_time < '{until}'
         UNION ALL SELECT 'no_shows', count(*) FROM bookings b JOIN slots s ON s.id = b.slot_id
                   WHERE b.status = 'no_show' AND s.start_time >= '{from}' AND s.start_time < '{until}'"
    );
    let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(app.core.db.pool()).await.expect("look");
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}

fn told(figures: &Value, like: &BTreeMap<String, i64>) -> BTreeMap<String, i64> {
    like.keys().map(|k| (k.clone(), figures[k].as_i64().unwrap_or_else(|| panic!("no {k} in {figures}")))).collect()
}

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().expect("instant")
}

async fn recount(app: &App) -> u64 {
    let (from, until) = (instant("2026-01-01T00:00:00Z"), instant("2027-12-01T00:00:00Z"));
    analytics::recount(&app.core.db, app.organization.id, from, until).await.expect("recount")
}

/// Days of the test's time, in the organization's zone.
const SPAN: &str = "from=2026-11-15&to=2026-12-10";

async fn right(app: &App, what: &str) -> Value {
    let found = looked(app, instant("2026-11-15T05:00:00Z"), instant("2026-12-11T05:00:00Z")).await;
    let answer = figures(app, SPAN).await;
    assert_eq!(told(&answer["period"]["totals"], &found), found, "{what}");
    // The pieces are the whole.
    for key in found.keys() {
        let sum: i64 = answer["period"]["series"]
            .as_array()
            .expect("series")
            .iter()
            .map(|p| p["figures"][key].as_i64().expect("number"))
            .sum();
        assert_eq!(sum, found[key], "{what}: {key} over the days");
    }
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn sums_are_what_a_look_at_every_row_finds() {
    let app = App::start().await;
    let nothing = right(&app, "nothing").await;
    assert_eq!(nothing["period"]["totals"]["opt_out_rate"], Value::Null);

    // Talk, answered at once and later.
    app.ask(ANA, "book tuesday at 10 am").await;
    app.ask(ANA, "yes").await;
    app.ask(BEN, "book tuesday at 11 am").await;
    app.sms(EVE, "hello").await.expect(200);
    app.clock.advance(TimeDelta::minutes(3));
    app.sms(EVE, "anybody there?").await.expect(200);
    app.clock.advance(TimeDelta::minutes(4));
    app.run_jobs().await;
    app.clock.advance(TimeDelta::seconds(1));
    right(&app, "talk").await;
    assert_eq!(recount(&app).await, 0, "what triggers noted is what a scan finds");

    // Reports: in order, twice, late, out of order; tries that failed and came back.
    let sids: Vec<String> = app.twilio.taken_by(ANA).iter().map(|t| t.sid.clone()).collect();
    report(&app, ANA, &sids[0], "delivered", None).await;
    report(&app, ANA, &sids[0], "sent", None).await;
    report(&app, ANA, &sids[0], "delivered", None).await;
    report(&app, ANA, &sids[1], "undelivered", Some("30006")).await;
    let ben = app.twilio.taken_by(BEN)[0].sid.clone();
    report(&app, BEN, &ben, "undelivered", Some("30003")).await;
    right(&app, "a text waits for its second try").await;
    assert_eq!(recount(&app).await, 0);
    pass(&app, TimeDelta::hours(4)).await;
    let again = app.twilio.taken_by(BEN)[1].sid.clone();
    app.twilio.set_price(&again, "-0.00790");
    report(&app, BEN, &again, "delivered", None).await;
    pass(&app, TimeDelta::days(3)).await;
    report(&app, BEN, &ben, "sent", None).await;
    let answer = right(&app, "reports").await;
    assert_eq!(recount(&app).await, 0);
    let errors = &answer["breakdown"]["errors"];
    assert_eq!((&errors[0]["code"], &errors[0]["texts"]), (&json!("30006"), &json!(1)));
    assert!(errors[0]["sentence"].as_str().expect("words").starts_with("The number is a landline"));

    // Half of it is folded, the rest is not.
    assert!(analytics::fold(&app.core.db).await.expect("fold") > 0);
    assert_eq!(app.count("SELECT count(*) FROM analytics_notes").await, 0);
    right(&app, "folded").await;
    app.text(EVE, "STOP").await;
    app.text(EVE, "START").await;
    // Of one service and provider, so that none is in another's way.
    let mut slots = app.items("/api/slots?limit=100&from=2026-11-25T00:00:00Z").await;
    let (service, provider) = (slots[0]["service_id"].clone(), slots[0]["provider_id"].clone());
    slots.retain(|s| s["service_id"] == service && s["provider_id"] == provider);
    let contact = |q: &'static str| {
        let app = &app;
        async move { app.items(&format!("/api/contacts?q={q}")).await[0]["id"].as_str().expect("id").to_owned() }
    };
    let (ana, eve) = (contact("0101").await, contact("0103").await);
    let book = |contact: String, slot: &Value| {
        let body = json!({ "contact_id": contact, "slot_id": slot["id"] });
        app.api("POST", "/api/appointments", Some(body))
    };
    let first = book(ana.clone(), &slots[0]).await.expect(201).json();
    let second = book(eve.clone(), &slots[2]).await.expect(201).json();
    let third = book(eve.clone(), &slots[4]).await.expect(201).json();
    act(&app, &first, "reschedule", Some(json!({ "slot_id": slots[6]["id"] }))).await.expect(200);
    act(&app, &third, "cancel", None).await.expect(200);
    right(&app, "bookings").await;
    assert_eq!(recount(&app).await, 0);
    pass(&app, TimeDelta::days(4)).await;
    act(&app, &first, "no-show", None).await.expect(200);
    act(&app, &second, "no-show", None).await.expect(200);
    act(&app, &second, "reopen", None).await.expect(200);
    act(&app, &second, "complete", None).await.expect(200);
    let answer = right(&app, "what became of them").await;
    let totals = &answer["period"]["totals"];
    assert_eq!((&totals["no_show_rate"], &totals["opt_outs"], &totals["opt_ins"]), (&json!(0.5), &json!(1), &json!(1)));
    let by_staff = json!({ "source": "staff", "booked": 3, "moved": 1, "cancelled": 1 });
    let sources = answer["breakdown"]["booking_sources"].as_array().expect("sources");
    assert!(sources.contains(&by_staff), "{sources:?}");
    assert!(sources.contains(&json!({ "source": "contact", "booked": 1, "moved": 0, "cancelled": 0 })), "{sources:?}");
    assert_eq!(recount(&app).await, 0);

    // Whoever waited longest wrote twice: from the first of them.
    let waits = answer["breakdown"]["responses"].as_array().expect("steps");
    assert!(waits.iter().any(|w| w["within_seconds"] == 600 && w["count"] == 1), "{waits:?}");
    assert_eq!(totals["response_median_seconds"], 10);

    // What is erased stays counted.
    analytics::fold(&app.core.db).await.expect("fold");
    let before = figures(&app, SPAN).await["period"]["totals"].clone();
    app.api("POST", &format!("/api/contacts/{eve}/erase"), Some(json!({ "confirm": EVE }))).await.expect(200);
    app.run_jobs().await;
    assert_eq!(figures(&app, SPAN).await["period"]["totals"], before);
    assert!(recount(&app).await > 0, "a recount would forget the erased");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_found_and_corrected() {
    let app = App::start().await;
    app.ask(ANA, "hello").await;
    analytics::fold(&app.core.db).await.expect("fold");
    sqlx::query("UPDATE analytics_quarters SET n = n + 5 WHERE measure = 'text_in'")
        .execute(app.core.db.pool())
        .await
        .expect("spoil");
    app.ask(ANA, "what do you cost?").await;
    assert_eq!(figures(&app, "days=1").await["period"]["totals"]["texts_in"], 7);
    assert_eq!(recount(&app).await, 1);
    assert_eq!(recount(&app).await, 0);
    right(&app, "corrected").await;
    // Nothing of another organization is in them.
    let (other, key) = app.second_organization().await;
    let theirs = app.api_as(&key, "GET", "/api/analytics/dashboard?days=1", None).await.expect(200).json();
    assert_eq!((&theirs["period"]["totals"]["texts_in"], &theirs["period"]["timezone"]), (&json!(0), &json!("UTC")));
    assert_eq!(theirs["breakdown"]["senders"], json!([]));
    assert_eq!(recount_of(&app, other).await, 0);
}

async fn recount_of(app: &App, organization: OrganizationId) -> u64 {
    let (from, until) = (instant("2026-01-01T00:00:00Z"), instant("2027-12-01T00:00:00Z"));
    analytics::recount(&app.core.db, organization, from, until).await.expect("recount")
}

#[tokio::test(flavor = "multi_thread")]
async fn days_are_those_of_the_organizations_clock() {
    // The night in which New York's clocks go back: 2026-11-01 has twenty-five hours.
    let app = App::builder().at(instant("2026-11-01T03:59:00Z")).start().await;
    app.text(ANA, "hello").await; // 23:59 on Saturday
    app.clock.advance(TimeDelta::minutes(2));
    app.text(BEN, "hello").await; // 00:01 on Sunday
    app.clock.advance(TimeDelta::hours(24));
    app.text(EVE, "hello").await; // 23:01, still on Sunday
    app.clock.advance(TimeDelta::hours(1));
    app.text(ANA, "hello again").await; // Monday
    let days = figures(&app, "from=2026-10-31&to=2026-11-02").await;
    let series = |answer: &Value| -> Vec<(String, i64)> {
        let pieces = answer["period"]["series"].as_array().expect("series").clone();
        pieces
            .iter()
            .map(|p| {
                (p["starts_at"].as_str().expect("start").to_owned(), p["figures"]["texts_in"].as_i64().expect("n"))
            })
            .collect()
    };
    assert_eq!(
        series(&days),
        [("2026-10-31T04:00:00Z".into(), 1), ("2026-11-01T04:00:00Z".into(), 2), ("2026-11-02T05:00:00Z".into(), 1)]
    );
    let hours = series(&figures(&app, "from=2026-11-01&to=2026-11-01&by=hour").await);
    assert_eq!((hours.len(), hours[0].1, hours[24].1), (25, 1, 1));
    let weeks = series(&figures(&app, "from=2026-10-31&to=2026-11-02&by=week").await);
    assert_eq!(weeks.iter().map(|w| w.1).collect::<Vec<_>>(), [3, 1]);
    // Sunday beside Saturday; Monday, which is not over, beside as much of Sunday.
    let sunday = figures(&app, "from=2026-11-01&to=2026-11-01").await["period"].clone();
    assert_eq!((&sunday["totals"]["texts_in"], &sunday["before"]["totals"]["texts_in"]), (&json!(2), &json!(1)));
    let monday = figures(&app, "days=1").await["period"].clone();
    assert_eq!((&monday["from"], &monday["before"]["from"]), (&json!("2026-11-02"), &json!("2026-11-01")));
    assert_eq!((&monday["totals"]["texts_in"], &monday["before"]["totals"]["texts_in"]), (&json!(1), &json!(1)));

    for wrong in
        ["from=2026-11-03&to=2026-11-02", "from=2020-01-01", "by=hour&days=90", "days=91", "by=month", "from=today"]
    {
        app.api("GET", &format!("/api/analytics/dashboard?{wrong}"), None).await.expect(422);
        app.api("GET", &format!("/api/analytics/dashboard.csv?{wrong}"), None).await.expect(422);
    }
    let file = app.api("GET", "/api/analytics/dashboard.csv?from=2026-10-31&to=2026-11-02", None).await.expect(200);
    assert!(file.headers["content-disposition"].to_str().expect("text").contains("figures-2026-10-31-2026-11-02.csv"));
    let mut lines = csv::Reader::from_reader(file.text.as_bytes());
    let header = lines.headers().expect("header").clone();
    let rows: Vec<csv::StringRecord> = lines.records().map(|r| r.expect("row")).collect();
    let at = |name: &str| header.iter().position(|h| h == name).expect("column");
    assert_eq!(rows.len(), 3);
    assert_eq!((&rows[1][at("date")], &rows[1][at("texts_in")]), ("2026-11-01", "2"));
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_do_not_stand_in_each_others_way() {
    let app = App::start().await;
    let texts = (0..60).map(|n| {
        let (app, from) = (&app, format!("+1415555{:04}", 100 + n % 20));
        async move { app.sms(&from, "what are your hours?").await.expect(200) }
    });
    let folding = async {
        for _ in 0..20 {
            tokio::join!(async { analytics::fold(&app.core.db).await.expect("fold") }, async {
                analytics::fold(&app.core.db).await.expect("fold")
            });
        }
    };
    tokio::join!(futures::future::join_all(texts), folding);
    app.run_jobs().await;
    let totals = figures(&app, "days=1").await["period"]["totals"].clone();
    assert_eq!(totals["texts_in"], 60);
    analytics::fold(&app.core.db).await.expect("fold");
    assert_eq!(figures(&app, "days=1").await["period"]["totals"], totals);
    let sums: Vec<(i64, i64)> = sqlx::query_as("SELECT n, amount FROM analytics_quarters WHERE n < 0")
        .fetch_all(app.core.db.pool())
        .await
        .expect("sums");
    assert_eq!(sums, [], "what was taken away had been added");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_simulated_clock_and_what_models_cost() {
    let app = App::builder()
        .with("TWILIO_ACCOUNT_SID", "")
        .with("TWILIO_AUTH_TOKEN", "")
        .with("TWILIO_PHONE_NUMBER", "")
        .start()
        .await;
    app.api("PUT", "/api/simulator/mode", Some(json!({ "simulation": true }))).await.expect(200);
    let say =
        |body: &'static str| app.api("POST", "/api/simulator/messages", Some(json!({ "from": ANA, "body": body })));
    say("hello").await.expect(201);
    app.run_jobs().await;
    app.api("PUT", "/api/simulator/clock", Some(json!({ "advance_seconds": 3 * 86_400 }))).await.expect(200);
    say("what do you cost?").await.expect(201);
    app.run_jobs().await;
    let answer = right(&app, "days were skipped").await;
    let day = |date: &str| {
        let series = answer["period"]["series"].as_array().expect("series");
        series.iter().find(|p| p["date"] == date).expect("day")["figures"]["texts_in"].clone()
    };
    assert_eq!((day("2026-11-21"), day("2026-11-24")), (json!(1), json!(1)));
    assert_eq!(recount(&app).await, 0);

    for (day, failures, at) in [("2026-11-21", 1, "2026-11-21T15:10:00Z"), ("2026-11-21", 0, "2026-11-21T16:10:00Z")] {
        sqlx::query(
            "INSERT INTO ai_usage (organization_id, day, provider, model, calls, failures, input_tokens, output_tokens, cost_micros, last_at)
             VALUES ($1, $2::date, 'openai', 'm', 1, $3, 100, 20, 2500, $4::timestamptz)
             ON CONFLICT (organization_id, day, provider, model) DO UPDATE
               SET calls = ai_usage.calls + 1, failures = ai_usage.failures + $3, input_tokens = ai_usage.input_tokens + 100,
                   output_tokens = ai_usage.output_tokens + 20, cost_micros = ai_usage.cost_micros + 2500, last_at = $4::timestamptz",
        )
        .bind(app.organization.id.0)
        .bind(day.parse::<chrono::NaiveDate>().expect("day"))
        .bind(failures)
        .bind(instant(at))
        .execute(app.core.db.pool())
        .await
        .expect("usage");
    }
    let answer = figures(&app, "from=2026-11-21&to=2026-11-21&by=hour").await;
    let model = json!({ "model": "openai:m", "calls": 2, "failures": 1, "input_tokens": 200, "output_tokens": 40, "cost_usd": 0.005 });
    assert_eq!(answer["breakdown"]["models"], json!([model]));
    let ten = &answer["period"]["series"][10]["figures"];
    assert_eq!((&ten["ai_calls"], &ten["ai_failures"], &ten["ai_cost_usd"]), (&json!(1), &json!(1), &json!(0.0025)));
}
