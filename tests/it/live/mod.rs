//! Live updates over real connections: who hears what, and what becomes of them when something fails.

mod ear;
mod failures;
mod staying;

use std::time::{Duration, Instant};

use frontdesk::{accounts::Permission, platform::live::Kind};
use serde_json::json;
use uuid::Uuid;

use crate::support::{API_KEY, App};
use ear::{Ear, key};

/// Makes a contact and gives back their id: a change that whoever may read contacts hears of.
pub async fn make_contact(app: &App, key: &str, n: u32) -> String {
    let body = json!({ "phone_number": format!("+1415555{n:04}") });
    let row = app.api_as(key, "POST", "/api/contacts", Some(body)).await.expect(201).json();
    row["id"].as_str().expect("id").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_is_heard_of_and_by_nobody_else() {
    let app = App::start().await;
    let (_, other_key) = app.second_organization().await;
    let texts_only = app.key_with(app.organization.id, &[Permission::ConversationsRead]).await;
    let address = app.listen().await;
    let mut all = Ear::live(&address, &key(API_KEY)).await;
    let mut reader = Ear::live(&address, &key(&texts_only)).await;
    let mut elsewhere = Ear::live(&address, &key(&other_key)).await;

    let contact = make_contact(&app, API_KEY, 101).await;
    assert_eq!(all.note("contact").await["ids"], json!([contact]));
    app.sms("+14155550102", "what times do you have on tuesday?").await.expect(200);
    let heard = all.notes().await;
    let kinds: Vec<&str> = heard.iter().map(|n| n["kind"].as_str().expect("kind")).collect();
    assert_eq!(kinds, ["conversation", "message"]);
    let conversation = app.items("/api/conversations").await[0]["id"].clone();
    assert_eq!(heard[0]["ids"], json!([conversation]));

    // The contact's change came first, and is not for who only reads texts.
    let first = reader.notes().await;
    assert_eq!(first, heard, "nothing before it");
    // Answered, sent: the same thread again.
    app.run_jobs().await;
    let again = reader.note("conversation").await;
    assert_eq!(again["ids"], json!([conversation]));

    let theirs = make_contact(&app, &other_key, 201).await;
    let first = elsewhere.notes().await;
    let contacts = first.iter().find(|n| n["kind"] == "contact").expect("theirs");
    assert_eq!(contacts["ids"], json!([theirs]));
    assert!(!first.iter().any(|n| n["kind"] == "conversation" || n["kind"] == "message"), "{first:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_rolled_back_is_not_told() {
    let app = App::start().await;
    let address = app.listen().await;
    let mut ear = Ear::live(&address, &key(API_KEY)).await;
    let [never, once] = [1, 2].map(Uuid::from_u128);
    let mut tx = app.core.db.tenant(app.organization.id).await.expect("tenant");
    tx.tell(Kind::Contact, never);
    drop(tx);
    // Refused after the row was written: nothing of it stays.
    app.api("POST", "/api/contacts", Some(json!({ "phone_number": "no number" }))).await.expect(422);
    let mut tx = app.core.db.tenant(app.organization.id).await.expect("tenant");
    tx.tell(Kind::Contact, once);
    tx.tell(Kind::Contact, once);
    tx.tell(Kind::Service, None);
    tx.commit().await.expect("commit");
    assert_eq!(ear.notes().await, [json!({ "kind": "contact", "ids": [once] }), json!({ "kind": "service" })]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_in_one_process_is_heard_in_another() {
    let here = App::start().await;
    let there = App::builder().without_demo().beside(&here).start().await;
    let address = there.listen().await;
    let mut ear = Ear::live(&address, &key(API_KEY)).await;
    let mut took = Vec::new();
    for n in 0..40 {
        let began = Instant::now();
        here.sms(&format!("+1415555{n:04}"), "hello").await.expect(200);
        let answered = began.elapsed();
        ear.note("conversation").await;
        took.push(began.elapsed().saturating_sub(answered));
        // Beyond the moment in which notes are gathered: each is told by itself.
        tokio::time::sleep(Duration::from_millis(60)).await;
    }
    took.sort();
    println!("from the answer of the webhook to the other process's browser: p50 {:?}, p95 {:?}", took[20], took[38]);
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_of_the_team_are_told_to_their_two_ends() {
    let app = App::start().await;
    let address = app.listen().await;
    let mut people = Vec::new();
    for name in ["ann", "ben", "cleo"] {
        people.push(ear::member(&app, name).await);
    }
    let mut ears = Vec::new();
    for (_, cookie) in &people {
        ears.push(Ear::live(&address, &[("cookie", cookie)]).await);
    }
    let body = json!({ "recipient": people[1].0, "body": "Lunch?" });
    let sent = ear::by(&app, &people[0].1, "POST", "/api/team/messages", Some(body)).await.expect(201).json();
    for ear in &mut ears[..2] {
        assert_eq!(ear.note("team_message").await["ids"], json!([sent["id"]]));
    }
    make_contact(&app, API_KEY, 101).await;
    let heard = ears[2].until("contact").await;
    assert!(!heard.iter().any(|note| note["kind"] == "team_message"), "{heard:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_is_followed_while_it_goes_on() {
    let app = App::start().await;
    crate::campaigns::agreed(&app, app.organization.id, 1000, 3).await;
    let made = crate::campaigns::campaign(&app, json!({})).await;
    let id = made["id"].as_str().expect("id");
    let path = format!("/ws/campaigns/{id}");
    let address = app.listen().await;
    let mut ear = Ear::live_at(&address, &key(API_KEY), &path).await;
    make_contact(&app, API_KEY, 101).await;
    app.api("POST", &format!("/api/campaigns/{id}/start"), None).await.expect(200);
    assert_eq!(ear.notes().await, [json!({ "kind": "campaign", "ids": [id] })], "and of nothing else");
    app.run_jobs().await;
    assert_eq!(ear.note("campaign").await["ids"], json!([id]));
    let (_, other) = app.second_organization().await;
    let refused = Ear::connect(&address, &key(&other), &path).await.err().expect("another's");
    assert_eq!(refused.0, 404);
    let texts_only = app.key_with(app.organization.id, &[Permission::ConversationsRead]).await;
    let refused = Ear::connect(&address, &key(&texts_only), &path).await.err().expect("not theirs to see");
    assert_eq!(refused.0, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_row_can_be_followed() {
    let app = App::start().await;
    let address = app.listen().await;
    let (one, other) = (make_contact(&app, API_KEY, 101).await, make_contact(&app, API_KEY, 102).await);
    let mut row = Ear::live_at(&address, &key(API_KEY), &format!("?kind=contact&id={one}")).await;
    let mut rows = Ear::live_at(&address, &key(API_KEY), "?kind=contact").await;
    for (id, name) in [(&other, "Olga"), (&one, "Otto")] {
        app.api("PATCH", &format!("/api/contacts/{id}"), Some(json!({ "first_name": name }))).await.expect(200);
    }
    assert_eq!(row.notes().await, [json!({ "kind": "contact", "ids": [one] })]);
    assert!(rows.notes().await.iter().all(|note| note["kind"] == "contact"));
    let answer = app.api("GET", &format!("/ws/events?id={one}"), None).await.expect(422).json();
    assert_eq!(answer["errors"][0]["field"], "kind");
}
