//! Language models in conversations: an organization's own keys, budget and settings, and what a model may and may not bring about.

use frontdesk::assistant::llm::Limits;
use serde_json::{Value, json};
use std::time::Duration;

use crate::support::{App, ModelAnswer, ModelServer};

const ANA: &str = "+14155550101";
/// Nothing that the built-in understanding could make sense of.
const UNCLEAR: &str = "whatcha got for a shaggy fella like me";
const KEY: &str = "sk-organizations-own-1234";

async fn app(model: &ModelServer) -> App {
    App::builder()
        .with("AI_PROVIDER", "openai_compatible")
        .with("AI_BASE_URL", &model.url)
        .with("AI_MODEL", "installation-model")
        .with("ENCRYPTION_KEY", "0123456789abcdef0123456789abcdef")
        .with_limits(Limits { attempt: Duration::from_millis(500), pause: Duration::ZERO, ..Limits::default() })
        .start()
        .await
}

fn wants(day: &str) -> ModelAnswer {
    ModelAnswer::call("schedule", json!({ "intent": "availability", "date": day }))
}

async fn last_turn(app: &App) -> Value {
    let id = app.items("/api/conversations").await[0]["id"].as_str().expect("id").to_owned();
    app.items(&format!("/api/conversations/{id}/turns")).await.swap_remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_reads_what_nobody_else_could_and_the_turn_says_so() {
    let model = ModelServer::start().await;
    let app = app(&model).await;
    model.script([wants("2026-11-24")]);
    let offers = app.ask(ANA, UNCLEAR).await;
    assert!(offers.contains("Tue Nov 24"), "{offers}");
    let turn = last_turn(&app).await;
    assert_eq!((&turn["source"], &turn["agent"]), (&json!("model"), &json!("scheduling")), "{turn}");
    assert_eq!(turn["model"], "openai_compatible:installation-model");
    assert_eq!((&turn["input_tokens"], &turn["output_tokens"]), (&json!(1000), &json!(50)));
    assert!(turn["cost_usd"].as_f64().expect("cost") > 0.0 && turn["model_error"].is_null());
    let usage = app.get("/api/assistant/usage").await;
    assert_eq!((&usage["today"]["calls"], &usage["today"]["failures"]), (&json!(1), &json!(0)));
    // A clear text costs nothing.
    assert!(app.ask(ANA, "1").await.contains("Reply C to confirm"));
    assert_eq!(model.asked().len(), 1);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_model_is_shown() {
    let model = ModelServer::start().await;
    let app = app(&model).await;
    app.ask(ANA, "hello").await;
    model.script([wants("2026-11-24")]);
    app.ask(ANA, UNCLEAR).await;
    let asked = &model.asked()[0].body;
    let messages = asked["messages"].as_array().expect("messages");
    let system = messages[0]["content"].as_str().expect("system");
    assert!(
        !system.contains("shaggy") && !system.contains("hello"),
        "contact text never stands among the instructions"
    );
    let data: Value = serde_json::from_str(messages[1]["content"].as_str().expect("user")).expect("one JSON document");
    assert_eq!((&data["text"], &data["now"]), (&json!(UNCLEAR), &json!("Saturday 2026-11-21 10:00")), "{data}");
    let history = data["history"].as_array().expect("history");
    assert_eq!(history[0], json!({ "from": "contact", "text": "hello" }));
    assert_eq!(history[1]["from"], "assistant");
    assert!(!asked.to_string().contains("415555"), "no phone number leaves the house");
    let tools: Vec<&str> =
        asked["tools"].as_array().expect("tools").iter().filter_map(|t| t["function"]["name"].as_str()).collect();
    assert_eq!(tools, ["hand_over", "answer", "schedule"]);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn history_is_as_long_as_the_organization_wants() {
    let model = ModelServer::answering(vec![ModelAnswer::fails(500)]).await;
    let app = app(&model).await;
    for n in 0..8 {
        app.text(ANA, &format!("am i booked? {n}")).await;
    }
    let shown = async |messages: i32| {
        let settings = json!({ "ai_enabled": true, "daily_budget_usd": 5, "history_messages": messages, "human_quiet_minutes": 60 });
        app.api("PUT", "/api/assistant/settings", Some(settings)).await.expect(200);
        model.script([wants("2026-11-24")]);
        app.text(ANA, UNCLEAR).await;
        app.text(ANA, "x").await;
        let body = model.asked().pop().expect("asked").body;
        let data: Value = serde_json::from_str(body["messages"][1]["content"].as_str().expect("user")).expect("JSON");
        data["history"].as_array().expect("history").len()
    };
    assert_eq!(shown(3).await, 3);
    assert_eq!(shown(0).await, 0);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organizations_own_models_come_first_and_its_keys_are_sealed() {
    let model = ModelServer::start().await;
    let app = app(&model).await;
    let new = json!({ "provider": "openai_compatible", "model": "own-model", "key": KEY,
                      "input_price_usd_per_mtok": 1.0, "output_price_usd_per_mtok": 2.0 });
    let made = app.api("POST", "/api/assistant/providers", Some(new)).await.expect(201).json();
    assert_eq!((&made["key_hint"], made.get("key")), (&json!("1234"), None));
    let sealed: Vec<u8> =
        sqlx::query_scalar("SELECT sealed_key FROM ai_providers").fetch_one(app.core.db.pool()).await.expect("key");
    assert!(!String::from_utf8_lossy(&sealed).contains("organizations"), "not in the clear");
    let second = json!({ "provider": "openai_compatible", "model": "second-model", "key": null });
    let second = app.api("POST", "/api/assistant/providers", Some(second)).await.expect(201).json();
    model.script([wants("2026-11-24")]);
    app.ask(ANA, UNCLEAR).await;
    let asked = &model.asked()[0];
    assert_eq!(
        (&asked.body["model"], asked.header("authorization")),
        (&json!("own-model"), "Bearer sk-organizations-own-1234")
    );
    // 1,000 tokens at a dollar a million and 50 at two.
    assert_eq!(last_turn(&app).await["cost_usd"], json!(0.0011));
    let order = json!({ "ids": [second["id"], made["id"]] });
    app.api("PUT", "/api/assistant/providers/order", Some(order)).await.expect(204);
    app.api("PUT", "/api/assistant/providers/order", Some(json!({ "ids": [made["id"]] }))).await.expect(422);
    let chain = app.items("/api/assistant/providers").await;
    assert_eq!(
        chain.iter().map(|p| p["model"].as_str().expect("model")).collect::<Vec<_>>(),
        ["second-model", "own-model"]
    );
    let path = format!("/api/assistant/providers/{}", made["id"].as_str().expect("id"));
    model.script([ModelAnswer::call("sort", json!({ "wish": "book" }))]);
    let tested = app.api("POST", &format!("{path}/test"), None).await.expect(200).json();
    assert_eq!((&tested["ok"], &tested["error"]), (&json!(true), &Value::Null), "{tested}");
    // A row whose key was swapped in from elsewhere opens nothing.
    sqlx::query("UPDATE ai_providers SET sealed_key = (SELECT sealed_key FROM ai_providers WHERE model = 'own-model')")
        .execute(app.core.db.pool())
        .await
        .expect("swap");
    let path = format!("/api/assistant/providers/{}/test", second["id"].as_str().expect("id"));
    assert_eq!(app.api("POST", &path, None).await.expect(200).json()["error"], "key_lost");
    for id in [&made["id"], &second["id"]] {
        app.api("DELETE", &format!("/api/assistant/providers/{}", id.as_str().expect("id")), None).await.expect(204);
    }
    assert_eq!(app.get("/api/assistant/settings").await["chain"], "installation");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_kept_or_reached_is_said() {
    let app = App::start().await;
    let add = async |provider: &str, model: &str, key: Value| {
        let body = json!({ "provider": provider, "model": model, "key": key });
        app.api("POST", "/api/assistant/providers", Some(body)).await
    };
    assert_eq!(add("openai", "m", json!(KEY)).await.expect(409).json()["code"], "no_encryption_key");
    assert_eq!(add("openai", "m", Value::Null).await.expect(422).json()["errors"][0]["field"], "key");
    assert_eq!(add("openai", "two words", json!(KEY)).await.expect(422).json()["errors"][0]["field"], "model");
    assert_eq!(add("litellm", "m", Value::Null).await.expect(422).json()["errors"][0]["field"], "provider");
    add("skynet", "m", json!(KEY)).await.expect(422);
    assert_eq!(app.get("/api/assistant/settings").await["chain"], "none");
    for (field, value) in
        [("daily_budget_usd", json!(-1)), ("history_messages", json!(51)), ("human_quiet_minutes", json!(4))]
    {
        let mut settings =
            json!({ "ai_enabled": true, "daily_budget_usd": 1, "history_messages": 5, "human_quiet_minutes": 60 });
        settings[field] = value;
        let problem = app.api("PUT", "/api/assistant/settings", Some(settings)).await.expect(422).json();
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spent_budget_or_a_switch_turns_models_off_and_the_desk_goes_on() {
    let model = ModelServer::answering(vec![wants("2026-11-24")]).await;
    let app = app(&model).await;
    let set = async |enabled: bool, budget: f64| {
        let settings = json!({ "ai_enabled": enabled, "daily_budget_usd": budget, "history_messages": 5, "human_quiet_minutes": 60 });
        app.api("PUT", "/api/assistant/settings", Some(settings)).await.expect(200);
    };
    set(true, 0.000_001).await;
    app.ask(ANA, UNCLEAR).await;
    assert_eq!(model.asked().len(), 1, "the first question is within the budget");
    app.text(ANA, "x").await;
    app.ask(ANA, UNCLEAR).await;
    assert_eq!(model.asked().len(), 1, "the second is not");
    assert_eq!(last_turn(&app).await["model_error"], "over_budget");
    assert!(app.get("/api/inbox").await["ai_alert"].as_str().expect("alert").contains("budget"));
    assert!(app.ask(ANA, "book tuesday at 10 am").await.contains("Reply C to confirm"));
    app.clock.advance(chrono::TimeDelta::days(1));
    app.ask(ANA, UNCLEAR).await;
    assert_eq!(model.asked().len(), 2, "a new day, a new budget");
    set(false, 5.0).await;
    app.clock.advance(chrono::TimeDelta::hours(3));
    app.ask(ANA, UNCLEAR).await;
    assert_eq!(model.asked().len(), 2);
    assert!(app.get("/api/inbox").await["ai_alert"].is_null(), "who switches them off wants no alarm");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_among_unclear_texts_asks_nobody() {
    let model = ModelServer::answering(vec![wants("2026-11-24")]).await;
    let app = app(&model).await;
    app.sms(ANA, UNCLEAR).await.expect(200);
    app.sms(ANA, "STOP").await.expect(200);
    app.run_jobs().await;
    assert!(model.asked().is_empty());
    assert_eq!(app.items("/api/contacts").await[0]["opt_in_status"], "opted_out");
    app.finish().await;
}

/// A model that is slow: the conversation goes on meanwhile, and what it said about the past is not used.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_about_a_conversation_that_went_on_is_stale() {
    let model = ModelServer::answering(vec![ModelAnswer::Hangs]).await;
    let app = app(&model).await;
    app.sms(ANA, UNCLEAR).await.expect(200);
    let running = tokio::spawn({
        let executor = app.executor.clone();
        async move { executor.run_due().await }
    });
    while model.asked().is_empty() {
        tokio::task::yield_now().await;
    }
    // While the model thinks, they say what they want.
    app.sms(ANA, "book tuesday at 10 am").await.expect(200);
    drop(running.await);
    app.run_jobs().await;
    let sent = app.twilio.taken_by(ANA);
    assert!(sent.last().expect("an answer").body.contains("Tue Nov 24 at 10:00 AM"), "{sent:?}");
    assert_eq!(app.count("SELECT count(*) FROM messages WHERE direction = 'inbound' AND handled_at IS NULL").await, 0);
    app.finish().await;
}
