//! Campaigns: written, tried, sent once to everybody, paused, ended, and always accounted for.

use chrono::TimeDelta;
use frontdesk::{accounts::Permission, platform::ids::OrganizationId};
use serde_json::{Value, json};

use crate::{
    contacts::{NOBODY, audited, patch},
    duplicates::by_number,
    support::{Answer, App, eventually},
};

/// Adds contacts with numbers in New York, +1212555xxxx from `from` on, who agreed in writing to be sent advertising by SMS and WhatsApp.
pub(crate) async fn agreed(app: &App, organization: OrganizationId, from: i32, n: i32) {
    let mut tx = app.core.db.tenant(organization).await.expect("tenant");
    sqlx::query(
        "INSERT INTO contacts (organization_id, id, phone_number, first_name, opt_in_status, created_at, updated_at)
         SELECT $1, gen_random_uuid(), '+1212555' || lpad(n::text, 4, '0'), 'Reader' || n, 'opted_in', $4, $4
         FROM generate_series($2::int, $2::int + $3::int - 1) n",
    )
    .bind(organization.0)
    .bind(from)
    .bind(n)
    .bind(app.clock.now())
    .execute(&mut *tx)
    .await
    .expect("contacts");
    sqlx::query(
        "INSERT INTO consent_events (organization_id, id, contact_id, channel, action, tier, method, purpose, evidence, at, given_at, seq, hash)
         SELECT c.organization_id, gen_random_uuid(), c.id, 'sms', 'granted', 'express_written', 'paper', 'marketing', 'form', $2, $2, 1, ''
         FROM contacts c WHERE c.organization_id = $1 AND c.first_name LIKE 'Reader%'
           AND NOT EXISTS (SELECT FROM consent_events e WHERE e.organization_id = $1 AND e.contact_id = c.id)",
    )
    .bind(organization.0)
    .bind(app.clock.now())
    .execute(&mut *tx)
    .await
    .expect("consent");
    tx.commit().await.expect("commit");
}

fn id(row: &Value) -> String {
    row["id"].as_str().expect("id").to_owned()
}

pub(crate) async fn template(app: &App, more: Value) -> String {
    let mut draft = json!({
        "name": "Offer", "purpose": "marketing",
        "variants": [{ "body": "Hi {{ first_name | default(\"there\") }}, 20 percent off frames this week." }],
    });
    draft.as_object_mut().expect("object").extend(more.as_object().expect("object").clone());
    id(&app.api("POST", "/api/templates", Some(draft)).await.expect(201).json())
}

/// Everybody whose name begins with Reader, by one text.
pub(crate) async fn campaign(app: &App, more: Value) -> Value {
    let template = template(app, json!({})).await;
    let mut draft = json!({
        "name": "Autumn", "channel": "sms", "steps": [{ "template_id": template }],
        "audience": { "filter": { "all": [{ "field": "opt_in_status", "op": "is", "value": "opted_in" }] } },
    });
    draft.as_object_mut().expect("object").extend(more.as_object().expect("object").clone());
    app.api("POST", "/api/campaigns", Some(draft)).await.expect(201).json()
}

fn path(campaign: &Value) -> String {
    format!("/api/campaigns/{}", id(campaign))
}

async fn go(app: &App, campaign: &Value, step: &str) -> Value {
    app.api("POST", &format!("{}/{step}", path(campaign)), None).await.expect(200).json()
}

fn reasons(list: &Value) -> Vec<(String, i64)> {
    let one =
        |row: &Value| (row["reason"].as_str().expect("reason").to_owned(), row["targets"].as_i64().expect("targets"));
    list.as_array().expect("list").iter().map(one).collect()
}

fn n(value: &Value) -> i64 {
    value.as_i64().expect("a number")
}

/// The books add up, and to what the rows say.
async fn balanced(app: &App, campaign: &Value) -> Value {
    let now = app.get(&path(campaign)).await;
    let books = &now["books"];
    assert_eq!(books["balanced"], json!(true), "{books:#}");
    let sum = |list: &Value| reasons(list).iter().map(|(_, n)| n).sum::<i64>();
    let texts: i64 = books["texts"].as_object().expect("texts").values().map(n).sum();
    assert_eq!(n(&books["audience"]), sum(&books["waiting"]) + sum(&books["skipped"]) + texts, "{books:#}");
    let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM campaign_targets WHERE campaign_id = $1::uuid")
        .bind(id(campaign))
        .fetch_one(app.core.db.pool())
        .await
        .expect("rows");
    assert_eq!(n(&books["audience"]), rows);
    now
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_reaches_everybody_once_and_its_books_balance() {
    let app = App::start().await;
    let org = app.organization.id;
    agreed(&app, org, 1000, 120).await;
    // Not everybody may be texted.
    app.text("+12125551001", "STOP").await;
    let made = campaign(&app, json!({})).await;
    assert_eq!((&made["state"], &made["books"]), (&json!("draft"), &Value::Null));
    // Somebody who never agreed: in the audience by a filter of their own.
    let stranger = crate::contacts::contact(&app, "+12125552000").await;
    let everybody = json!({ "audience": { "filter": { "all": [{ "field": "phone_number", "op": "is",
        "value": ["+12125552000"] }] } } });
    let other = campaign(&app, everybody).await;
    let started = go(&app, &made, "start").await;
    assert_eq!(started["state"], "running");
    app.api("POST", &format!("{}/start", path(&made)), None).await.expect(409);
    go(&app, &other, "start").await;
    app.run_jobs().await;
    let done = balanced(&app, &made).await;
    assert_eq!(done["state"], "completed", "{done:#}");
    assert_eq!(n(&done["books"]["audience"]), 119, "who opted out is not opted in");
    assert_eq!(n(&done["books"]["texted"]), 119);
    for k in 1000..1120 {
        let taken = app.twilio.taken_by(&format!("+1212555{k}")).into_iter().filter(|t| t.body.contains("20 percent"));
        assert_eq!(taken.count(), usize::from(k != 1001), "{k}");
    }
    assert!(app.twilio.taken_by("+12125551007").iter().any(|t| t.body.starts_with("Hi Reader1007, ")));
    let done = balanced(&app, &other).await;
    assert_eq!(reasons(&done["books"]["skipped"]), [("no_consent".to_owned(), 1)]);
    assert_eq!(done["state"], "completed");
    let target = &app.items(&format!("{}/targets?state=skipped&reason=no_consent", path(&other))).await[0];
    assert_eq!((&target["contact_id"], &target["state"]), (&json!(stranger), &json!("skipped")));
    // What the carrier says later is in the books too.
    let sid = app.twilio.taken_by("+12125551005")[0].sid.clone();
    let fields = [("MessageSid", sid.as_str()), ("MessageStatus", "undelivered"), ("ErrorCode", "30005")];
    app.request(app.signed("/webhooks/sms/status", &fields)).await.expect(200);
    app.run_jobs().await;
    let books = balanced(&app, &made).await["books"].clone();
    assert_eq!((n(&books["texts"]["undelivered"]), &books["errors"][0]["code"]), (1, &json!("30005")));
    assert!(audited(&app).await.contains(&"campaign.started".to_owned()), "{:?}", audited(&app).await);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_holds_and_resuming_goes_on_where_it_was() {
    let app = App::start().await;
    agreed(&app, app.organization.id, 1000, 60).await;
    let made = campaign(&app, json!({ "max_per_minute": 60 })).await;
    go(&app, &made, "start").await;
    app.run_jobs().await;
    // Five seconds' worth, and not more for now.
    let first = n(&balanced(&app, &made).await["books"]["texted"]);
    assert!((1..=6).contains(&first), "{first}");
    assert_eq!(go(&app, &made, "pause").await["state"], "paused");
    app.api("POST", &format!("{}/pause", path(&made)), None).await.expect(409);
    app.clock.advance(TimeDelta::minutes(30));
    app.run_jobs().await;
    assert_eq!(n(&balanced(&app, &made).await["books"]["texted"]), first, "nothing leaves while it is paused");
    assert_eq!(app.get(&path(&made)).await["state"], "paused");
    go(&app, &made, "resume").await;
    for _ in 0..200 {
        app.run_jobs().await;
        app.clock.advance(TimeDelta::seconds(2));
        if app.get(&path(&made)).await["state"] == "completed" {
            break;
        }
    }
    let done = balanced(&app, &made).await;
    assert_eq!((&done["state"], n(&done["books"]["texted"])), (&json!("completed"), 60));
    for k in 1000..1060 {
        assert_eq!(app.twilio.taken_by(&format!("+1212555{k}")).len(), 1, "{k}");
    }
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_cancelled_is_over_and_every_recipient_accounted_for() {
    let app = App::start().await;
    agreed(&app, app.organization.id, 1000, 40).await;
    let made = campaign(&app, json!({ "max_per_minute": 12 })).await;
    go(&app, &made, "start").await;
    app.run_jobs().await;
    let texted = n(&balanced(&app, &made).await["books"]["texted"]);
    assert!(texted > 0 && texted < 40);
    go(&app, &made, "cancel").await;
    app.api("POST", &format!("{}/resume", path(&made)), None).await.expect(409);
    app.run_jobs().await;
    app.clock.advance(TimeDelta::hours(1));
    app.run_jobs().await;
    let done = balanced(&app, &made).await;
    assert_eq!(done["state"], "cancelled");
    assert_eq!(reasons(&done["books"]["skipped"]), [("campaign_cancelled".to_owned(), 40 - texted)]);
    let copy = app.api("POST", &format!("{}/duplicate", path(&made)), None).await.expect(201).json();
    assert_eq!(
        (&copy["state"], &copy["name"], &copy["max_per_minute"]),
        (&json!("draft"), &json!("Autumn (copy)"), &json!(12))
    );
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hours_and_clocks_of_recipients() {
    // 4 am in Los Angeles, 7 am in New York.
    let app = App::builder().at("2026-11-21T12:00:00Z".parse().expect("time")).start().await;
    agreed(&app, app.organization.id, 1000, 3).await;
    let pacific = crate::contacts::contact(&app, "+12135550101").await;
    let consent = json!({ "action": "granted", "tier": "express_written", "channel": "sms", "method": "paper",
        "purpose": "marketing", "evidence": "A form" });
    app.api("POST", &format!("/api/contacts/{pacific}/consent"), Some(consent)).await.expect(201);
    let made = campaign(&app, json!({})).await;
    let dry = go(&app, &made, "dry-run").await;
    assert_eq!((n(&dry["audience"]), n(&dry["now"])), (4, 0), "{dry:#}");
    let later: Vec<_> =
        dry["later"].as_array().expect("later").iter().map(|l| (n(&l["targets"]), l["local"].clone())).collect();
    assert_eq!(later.len(), 2, "{dry:#}");
    assert!(later.iter().all(|(_, local)| local == "2026-11-21 09:00"), "{dry:#}");
    assert_eq!(app.twilio.requests(), 0, "a dry run sends nothing");
    go(&app, &made, "start").await;
    app.run_jobs().await;
    let books = balanced(&app, &made).await["books"].clone();
    assert_eq!(reasons(&books["waiting"]), [("quiet_hours".to_owned(), 4)]);
    app.clock.advance(TimeDelta::minutes(140));
    app.run_jobs().await;
    assert_eq!(app.twilio.taken_by("+12125551000").len(), 1, "9:20 am");
    assert!(app.twilio.taken_by("+12135550101").is_empty(), "6:20 am");
    app.clock.advance(TimeDelta::hours(3));
    app.run_jobs().await;
    assert_eq!(app.twilio.taken_by("+12135550101").len(), 1);
    assert_eq!(balanced(&app, &made).await["state"], "completed");

    // One o'clock on each one's own clock, and hours of the campaign's own.
    let noon =
        campaign(&app, json!({ "local_time": "13:00", "quiet_hours": { "from": "14:00", "until": "09:00" } })).await;
    go(&app, &noon, "start").await;
    app.run_jobs().await;
    let texted = async |number: &str| app.twilio.taken_by(number).len();
    // 12:20 pm in New York.
    assert_eq!((texted("+12125551000").await, texted("+12135550101").await), (1, 1));
    app.clock.advance(TimeDelta::minutes(50));
    app.run_jobs().await;
    assert_eq!((texted("+12125551000").await, texted("+12135550101").await), (2, 1));
    app.clock.advance(TimeDelta::hours(3));
    app.run_jobs().await;
    assert_eq!(texted("+12135550101").await, 2);
    assert_eq!(balanced(&app, &noon).await["state"], "completed");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_pauses_itself_where_too_many_fail_and_says_why() {
    let app = App::start().await;
    agreed(&app, app.organization.id, 1000, 400).await;
    app.twilio.plan(|fields, _| match fields["To"].as_bytes().last() {
        Some(digit) if digit % 2 == 0 => Answer::Refuse(400, 21610),
        _ => Answer::Accept,
    });
    let made = campaign(&app, json!({ "pause_above": 0.2 })).await;
    go(&app, &made, "start").await;
    app.run_jobs().await;
    let paused = balanced(&app, &made).await;
    assert_eq!(paused["state"], "paused", "{paused:#}");
    let why = paused["pause_reason"].as_str().expect("why");
    assert!(why.contains("21610") && why.contains("texts failed"), "{why}");
    let texted = n(&paused["books"]["texted"]);
    assert!(texted < 400, "{texted}");
    // What failed before does not pause it once more.
    app.twilio.plan(|_, _| Answer::Accept);
    go(&app, &made, "resume").await;
    app.run_jobs().await;
    let done = balanced(&app, &made).await;
    assert_eq!((&done["state"], n(&done["books"]["texted"])), (&json!("completed"), 400), "{done:#}");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn steps_follow_each_other_and_stop_on_a_reply() {
    let app = App::start().await;
    agreed(&app, app.organization.id, 1000, 3).await;
    let first = template(&app, json!({ "name": "First" })).await;
    let second =
        template(&app, json!({ "name": "Second", "variants": [{ "body": "Still 20 percent off, until Friday." }] }))
            .await;
    let third =
        template(&app, json!({ "name": "Third", "variants": [{ "body": "Last day of 20 percent off." }] })).await;
    let steps = json!([{ "template_id": first }, { "template_id": second, "wait_minutes": 60 },
                       { "template_id": third, "wait_minutes": 60, "condition": "not_booked" }]);
    let made = campaign(&app, json!({ "steps": steps })).await;
    go(&app, &made, "start").await;
    app.run_jobs().await;
    app.text("+12125551000", "tell me more").await;
    app.text("+12125551001", "STOP").await;
    let books = balanced(&app, &made).await["books"].clone();
    assert_eq!((n(&books["replied"]), n(&books["opted_out"])), (1, 1), "{books:#}");
    assert_eq!(reasons(&books["stopped"]).len(), 2, "{books:#}");
    app.clock.advance(TimeDelta::minutes(61));
    app.run_jobs().await;
    let heard = |number: &str| app.twilio.taken_by(number).iter().filter(|t| t.body.contains("20 percent")).count();
    assert_eq!((heard("+12125551000"), heard("+12125551001"), heard("+12125551002")), (1, 1, 2));
    app.clock.advance(TimeDelta::minutes(61));
    app.run_jobs().await;
    assert_eq!(heard("+12125551002"), 3);
    let done = balanced(&app, &made).await;
    assert_eq!(done["state"], "completed", "{done:#}");
    let per_step: Vec<i64> =
        done["books"]["steps"].as_array().expect("steps").iter().map(|s| n(&s["segments"])).collect();
    assert_eq!(per_step, [3, 1, 1]);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_from_somebodys_other_number_stops_it_too() {
    let app = App::start().await;
    agreed(&app, app.organization.id, 1000, 1).await;
    app.text("+12125552000", "hello").await;
    let (kept, other) = (by_number(&app, "+12125551000").await, by_number(&app, "+12125552000").await);
    let merge = format!("/api/contacts/{}/merge", id(&kept));
    app.api("POST", &merge, Some(json!({ "contact_id": other["id"] }))).await.expect(200);
    let (first, second) =
        (template(&app, json!({ "name": "First" })).await, template(&app, json!({ "name": "Second" })).await);
    let steps = json!([{ "template_id": first }, { "template_id": second, "wait_minutes": 60 }]);
    let made = campaign(&app, json!({ "steps": steps })).await;
    go(&app, &made, "start").await;
    app.run_jobs().await;
    app.text("+12125552000", "tell me more").await;
    let books = balanced(&app, &made).await["books"].clone();
    assert_eq!((n(&books["audience"]), n(&books["replied"])), (1, 1), "{books:#}");
    app.clock.advance(TimeDelta::minutes(61));
    app.run_jobs().await;
    assert_eq!(app.twilio.taken_by("+12125551000").len(), 1);
    assert_eq!(balanced(&app, &made).await["state"], "completed");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_appointment_is_counted_for_the_campaign_that_brought_it() {
    let app = App::start().await;
    agreed(&app, app.organization.id, 1000, 2).await;
    let made = campaign(&app, json!({})).await;
    go(&app, &made, "start").await;
    app.run_jobs().await;
    let reader = by_number(&app, "+12125551000").await["id"].clone();
    let slot = app.items("/api/slots?limit=1&from=2026-11-25T00:00:00Z").await[0]["id"].clone();
    app.api("POST", "/api/appointments", Some(json!({ "contact_id": reader, "slot_id": slot }))).await.expect(201);
    app.run_jobs().await;
    assert_eq!(n(&balanced(&app, &made).await["books"]["booked"]), 1);
    let line = json!({ "id": made["id"], "name": made["name"], "texted": 2, "replied": 0, "clicked": 0, "booked": 1, "opted_out": 0 });
    let period = |days: &'static str| {
        let app = &app;
        async move { app.get(&format!("/api/analytics/dashboard?{days}")).await["breakdown"]["campaigns"].clone() }
    };
    assert_eq!(period("days=1").await, json!([line]));
    assert_eq!(period("from=2026-01-01&to=2026-02-01").await, json!([]));
    let (_, key) = app.second_organization().await;
    let theirs = app.api_as(&key, "GET", "/api/analytics/dashboard?days=1", None).await.expect(200).json();
    assert_eq!(theirs["breakdown"]["campaigns"], json!([]));
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_better_variant_goes_to_the_rest() {
    let app = App::start().await;
    agreed(&app, app.organization.id, 1000, 200).await;
    let two = template(
        &app,
        json!({ "variants": [{ "body": "Wording A, 20 percent off." }, { "body": "Wording B, 20 percent off." }] }),
    )
    .await;
    let winner = json!({ "by": "replies", "share": 20, "after_minutes": 30 });
    let made = campaign(&app, json!({ "steps": [{ "template_id": two }], "winner": winner })).await;
    go(&app, &made, "start").await;
    app.run_jobs().await;
    let tried = balanced(&app, &made).await["books"].clone();
    let texted = n(&tried["texted"]);
    assert!((15..=70).contains(&texted), "about a fifth: {texted}");
    assert_eq!(reasons(&tried["waiting"]), [("waits_for_winner".to_owned(), 200 - texted)]);
    let reader = app.twilio.taken().into_iter().find(|t| t.body.starts_with("Wording B")).expect("somebody reads B");
    app.text(&reader.to, "yes please").await;
    app.clock.advance(TimeDelta::minutes(31));
    app.run_jobs().await;
    let done = balanced(&app, &made).await;
    assert_eq!((&done["state"], &done["steps"][0]["winner"]), (&json!("completed"), &json!("B")), "{done:#}");
    let b = app.twilio.taken().iter().filter(|t| t.body.starts_with("Wording B")).count() as i64;
    assert!(b >= 200 - texted, "{b} of 200 were sent B");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_variant_is_better_the_rest_is_sent_each_by_its_weight() {
    let app = App::start().await;
    agreed(&app, app.organization.id, 1000, 60).await;
    let two = template(
        &app,
        json!({ "variants": [{ "body": "Wording A, two for one." }, { "body": "Wording B, two for one." }] }),
    )
    .await;
    let winner = json!({ "by": "clicks", "share": 30, "after_minutes": 30 });
    let made = campaign(&app, json!({ "steps": [{ "template_id": two }], "winner": winner })).await;
    go(&app, &made, "start").await;
    app.run_jobs().await;
    let tried = app.twilio.taken().len();
    app.clock.advance(TimeDelta::minutes(31));
    app.run_jobs().await;
    let done = balanced(&app, &made).await;
    assert_eq!((&done["state"], &done["steps"][0]["winner"]), (&json!("completed"), &Value::Null), "{done:#}");
    assert!(done["winner_at"].is_string(), "it was decided all the same");
    let rest = app.twilio.taken().split_off(tried);
    for wording in ["Wording A", "Wording B"] {
        assert!(rest.iter().any(|t| t.body.starts_with(wording)), "{wording} to some of {}", rest.len());
    }
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rest_does_not_wait_for_a_trial_of_nobody() {
    let app = App::start().await;
    // They never agreed: whoever it is tried on is left out.
    for n in 0..30 {
        let new = json!({ "phone_number": format!("+1212555{:04}", 3000 + n) });
        app.api("POST", "/api/contacts", Some(new)).await.expect(201);
    }
    let two = template(&app, json!({ "variants": [{ "body": "Wording A." }, { "body": "Wording B." }] })).await;
    let winner = json!({ "by": "replies", "share": 50, "after_minutes": 30 });
    let everybody = json!({ "filter": { "all": [] } });
    let made =
        campaign(&app, json!({ "audience": everybody, "steps": [{ "template_id": two }], "winner": winner })).await;
    go(&app, &made, "start").await;
    app.run_jobs().await;
    assert_eq!(balanced(&app, &made).await["state"], "running");
    app.clock.advance(TimeDelta::minutes(31));
    app.run_jobs().await;
    let done = balanced(&app, &made).await;
    assert_eq!((&done["state"], n(&done["books"]["texted"])), (&json!("completed"), 0), "{done:#}");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_dies_in_the_middle_texts_nobody_twice() {
    let app = App::start().await;
    agreed(&app, app.organization.id, 1000, 30).await;
    let made = campaign(&app, json!({})).await;
    go(&app, &made, "start").await;
    // As if it had died right after writing them as leaving: half had reached the provider.
    app.twilio.plan(|fields, _| match fields["To"].as_bytes().last() {
        Some(digit) if digit % 3 == 0 => Answer::AcceptThenReset,
        Some(digit) if digit % 3 == 1 => Answer::Reset,
        _ => Answer::Accept,
    });
    app.run_jobs().await;
    let books = balanced(&app, &made).await["books"].clone();
    assert!(n(&books["texts"]["ambiguous"]) > 0, "{books:#}");
    app.twilio.plan(|_, _| Answer::Accept);
    for _ in 0..12 {
        app.clock.advance(TimeDelta::minutes(1));
        app.run_jobs().await;
    }
    let books = balanced(&app, &made).await["books"].clone();
    assert_eq!(n(&books["texts"]["ambiguous"]), 0, "{books:#}");
    for k in 1000..1030 {
        assert_eq!(app.twilio.taken_by(&format!("+1212555{k}")).len(), 1, "{k}");
    }
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_is_one_text_and_counts_for_nothing() {
    let app = App::start().await;
    agreed(&app, app.organization.id, 1000, 2).await;
    let made = campaign(&app, json!({})).await;
    let path = format!("{}/test", path(&made));
    let sent = app.api("POST", &path, Some(json!({ "phone_number": "+12125551000" }))).await.expect(200).json();
    assert_eq!((&sent["sent"], &sent["variant"]), (&json!(true), &json!("A")), "{sent:#}");
    assert_eq!(app.twilio.taken_by("+12125551000").len(), 1);
    let stranger = crate::contacts::contact(&app, "+12125552000").await;
    let not = app.api("POST", &path, Some(json!({ "contact_id": stranger }))).await.expect(200).json();
    assert_eq!((&not["sent"], &not["reason"]), (&json!(false), &json!("no_consent")), "{not:#}");
    app.api("POST", &path, Some(json!({ "contact_id": NOBODY }))).await.expect(404);
    app.api("POST", &path, Some(json!({}))).await.expect(422);
    app.api("POST", &path, Some(json!({ "contact_id": stranger, "step": 4 }))).await.expect(422);
    assert_eq!(app.get(&format!("/api/campaigns/{}", id(&made))).await["books"], Value::Null);
    app.clock.advance(TimeDelta::minutes(2));
    app.run_jobs().await;
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_said_and_others_campaigns_are_nobodys() {
    let app = App::start().await;
    let made = campaign(&app, json!({})).await;
    let path = path(&made);
    for (field, value) in [
        ("max_per_minute", json!(0)),
        ("pause_above", json!(1.5)),
        ("local_time", json!("25:00")),
        ("quiet_hours", json!({ "from": "09:00", "until": "09:00" })),
        ("channel", json!("web")),
        ("winner", json!({ "by": "replies", "share": 95, "after_minutes": 30 })),
        ("audience", json!({ "filter": { "field": "nonsense", "op": "is", "value": "x" } })),
        ("name", json!("")),
    ] {
        let edit = json!({ field: value });
        assert_eq!(patch(&app, &path, "*", edit).await.status, 422, "{field}");
    }
    assert_eq!(patch(&app, &path, "*", json!({ "steps": [{ "template_id": NOBODY }] })).await.status, 404);
    assert_eq!(patch(&app, &path, "*", json!({ "audience": { "segment_id": NOBODY } })).await.status, 404);
    assert_eq!(patch(&app, &path, "\"77\"", json!({ "name": "Other" })).await.status, 412);
    let changed = patch(&app, &path, "*", json!({ "name": "Winter", "max_per_minute": 10 })).await.expect(200).json();
    assert_eq!((&changed["name"], &changed["max_per_minute"]), (&json!("Winter"), &json!(10)));
    let empty = app.api("POST", "/api/campaigns", Some(json!({ "name": "Empty" }))).await.expect(201).json();
    app.api("POST", &format!("/api/campaigns/{}/start", id(&empty)), None).await.expect(422);
    let (_, other) = app.second_organization().await;
    for (method, more) in [("GET", ""), ("DELETE", ""), ("POST", "/start"), ("POST", "/dry-run"), ("GET", "/targets")] {
        let answer = app.api_as(&other, method, &format!("{path}{more}"), None).await;
        assert_eq!(answer.status, 404, "{method} {more}");
    }
    let reads = app.key_with(app.organization.id, &[Permission::CampaignsRead]).await;
    app.api_as(&reads, "GET", &path, None).await.expect(200);
    for step in ["start", "pause", "resume", "cancel", "duplicate", "test"] {
        let body = (step == "test").then(|| json!({ "contact_id": NOBODY }));
        let answer = app.api_as(&reads, "POST", &format!("{path}/{step}"), body).await;
        assert_eq!(answer.status, 403, "{step}");
    }
    app.api("DELETE", &path, None).await.expect(204);
    app.api("GET", &path, None).await.expect(404);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_waits_for_its_time() {
    let app = App::start().await;
    agreed(&app, app.organization.id, 1000, 2).await;
    let at = app.clock.now() + TimeDelta::hours(2);
    let made = campaign(&app, json!({ "starts_at": at })).await;
    assert_eq!(go(&app, &made, "start").await["state"], "scheduled");
    app.run_jobs().await;
    assert_eq!(app.twilio.requests(), 0);
    // Who comes before it begins is of its audience.
    agreed(&app, app.organization.id, 1002, 1).await;
    app.clock.advance(TimeDelta::minutes(121));
    app.run_jobs().await;
    let done = balanced(&app, &made).await;
    assert_eq!((&done["state"], n(&done["books"]["texted"])), (&json!("completed"), 3));
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_comes_while_it_runs_is_heard_first() {
    let app = App::start().await;
    agreed(&app, app.organization.id, 1000, 50).await;
    let made = campaign(&app, json!({ "max_per_minute": 60 })).await;
    go(&app, &made, "start").await;
    app.run_jobs().await;
    let waiting = app.items(&format!("{}/targets?state=waiting&limit=100", path(&made))).await;
    let number = waiting[0]["phone_number"].as_str().expect("number").to_owned();
    app.text(&number, "STOP").await;
    eventually("it is through", async || {
        app.clock.advance(TimeDelta::seconds(20));
        app.run_jobs().await;
        app.get(&path(&made)).await["state"] == "completed"
    })
    .await;
    assert!(!app.twilio.taken_by(&number).iter().any(|t| t.body.contains("20 percent")), "after their STOP");
    let done = balanced(&app, &made).await;
    assert_eq!(reasons(&done["books"]["skipped"]), [("opted_out".to_owned(), 1)]);
    app.finish().await;
}
