//! Segments: kept, counted and listed; what each condition means, by people who did it; and what is kept up to date of what they do.

use chrono::TimeDelta;
use frontdesk::{
    accounts::Permission,
    contacts::{self, Filter},
    platform::ids::{ContactId, SegmentId},
};
use serde_json::{Value, json};

use crate::{
    contacts::{NOBODY, audited, patch},
    support::App,
};

fn one(field: &str, op: &str, value: impl Into<Value>) -> Value {
    json!({ "field": field, "op": op, "value": value.into() })
}

fn id(row: &Value) -> String {
    row["id"].as_str().expect("id").to_owned()
}

async fn person(app: &App, name: &str, n: usize, more: Value) -> String {
    let mut contact = json!({ "phone_number": format!("+1415555{n:04}"), "first_name": name });
    contact.as_object_mut().expect("object").extend(more.as_object().expect("object").clone());
    id(&app.api("POST", "/api/contacts", Some(contact)).await.expect(201).json())
}

async fn segment(app: &App, name: &str, filter: Value) -> Value {
    app.api("POST", "/api/segments", Some(json!({ "name": name, "filter": filter }))).await.expect(201).json()
}

async fn count(app: &App, filter: &Value) -> Value {
    app.api("POST", "/api/segments/count", Some(json!({ "filter": filter }))).await.expect(200).json()
}

/// Whom a filter means, by first name; found in each of the ways, which must agree.
async fn who(app: &App, filter: Value) -> String {
    let parsed: Filter = serde_json::from_value(filter.clone()).expect("a filter");
    let mut tx = app.core.db.tenant(app.organization.id).await.expect("tenant");
    let ids = contacts::select(&mut tx, &parsed, None, 1000).await.expect("select");
    assert!(ids.is_sorted(), "{filter}");
    let mut by_page = Vec::new();
    while let next = contacts::select(&mut tx, &parsed, by_page.last().copied(), 2).await.expect("select")
        && !next.is_empty()
    {
        by_page.extend(next);
    }
    assert_eq!(by_page, ids, "{filter}");
    assert_eq!(contacts::count(&mut tx, &parsed).await.expect("count"), ids.len() as i64);
    let mut names = Vec::new();
    for id in &ids {
        let contact = contacts::get(&mut tx, *id).await.expect("read").expect("contact");
        names.push(contact.first_name.unwrap_or_default());
    }
    drop(tx);
    let counted = count(app, &filter).await;
    assert_eq!((&counted["contacts"], &counted["exact"]), (&json!(ids.len()), &json!(true)), "{filter}");
    assert_eq!(counted["sample"].as_array().expect("sample").len(), ids.len().min(5));
    names.sort();
    names.join(" ")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_segment_is_kept_found_changed_and_put_away() {
    let app = App::start().await;
    let filter = json!({ "all": [one("tags", "has_any", json!(["vip"])), { "not": one("language", "is", "es") }] });
    let made = segment(&app, " Regulars ", filter.clone()).await;
    assert_eq!((&made["name"], &made["filter"], &made["version"]), (&json!("Regulars"), &filter, &json!(1)));
    let path = format!("/api/segments/{}", id(&made));
    assert_eq!(app.get(&path).await, made);
    segment(&app, "Everybody", json!({ "all": [] })).await;
    let names = async |query: &str| {
        let items = app.items(&format!("/api/segments{query}")).await;
        items.iter().map(|s| s["name"].as_str().expect("name").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names("?sort=name").await, ["Everybody", "Regulars"]);
    assert_eq!(names("?q=REGUL").await, ["Regulars"]);
    let first = app.get("/api/segments?limit=1&sort=created_at").await;
    let cursor = first["next_cursor"].as_str().expect("more");
    assert_eq!(names(&format!("?limit=1&sort=created_at&cursor={cursor}")).await, ["Everybody"]);

    let changed = patch(&app, &path, "\"1\"", json!({ "name": "Friends" })).await.expect(200).json();
    assert_eq!((&changed["name"], &changed["filter"], &changed["version"]), (&json!("Friends"), &filter, &json!(2)));
    patch(&app, &path, "\"1\"", json!({ "name": "x" })).await.expect(412);
    app.api("POST", &format!("{path}/archive"), None).await.expect(200);
    app.api("POST", &format!("{path}/archive"), None).await.expect(200);
    assert_eq!(names("?archived=true").await, ["Friends"]);
    assert_eq!(names("").await, ["Everybody"]);
    app.api("POST", &format!("{path}/restore"), None).await.expect(200);
    app.api("DELETE", &path, None).await.expect(204);
    app.api("GET", &path, None).await.expect(404);
    assert_eq!(
        audited(&app).await,
        [
            "segment.created",
            "segment.created",
            "segment.updated",
            "segment.archived",
            "segment.restored",
            "segment.deleted"
        ]
    );

    for wrong in [
        json!({ "name": "", "filter": { "all": [] } }),
        json!({ "name": "a\0b", "filter": { "all": [] } }),
        json!({ "name": "x", "filter": {} }),
        json!({ "name": "x", "filter": { "all": [], "none": [] } }),
        json!({ "name": "x", "filter": one("tags", "is", "vip") }),
        json!({ "name": "x", "filter": one("organization_id", "is", NOBODY) }),
        json!({ "name": "x" }),
    ] {
        app.api("POST", "/api/segments", Some(wrong)).await.expect(422);
    }
    let refused = app.api("POST", "/api/segments/count", Some(json!({ "filter": { "any": [{}] } }))).await.expect(422);
    assert_eq!(refused.json()["errors"][0]["field"], "filter.any[0]");
    for (method, of) in [("GET", ""), ("DELETE", ""), ("POST", "/archive"), ("POST", "/restore"), ("GET", "/contacts")]
    {
        app.api(method, &format!("/api/segments/{NOBODY}{of}"), None).await.expect(404);
    }
    let reader = app.key_with(app.organization.id, &[Permission::ContactsRead]).await;
    app.api_as(&reader, "GET", "/api/segments", None).await.expect(200);
    app.api_as(&reader, "POST", "/api/segments", Some(json!({ "name": "x", "filter": { "all": [] } })))
        .await
        .expect(403);
    let mut tx = app.core.db.tenant(app.organization.id).await.expect("tenant");
    let nobody: SegmentId = NOBODY.parse().expect("id");
    assert!(contacts::segment(&mut tx, nobody).await.expect("read").is_none());
    drop(tx);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_condition_means_what_it_says() {
    let app = App::start().await;
    let ana = person(
        &app,
        "Ana",
        1,
        json!({ "language": "es", "tags": ["VIP", "dog's"], "lifecycle_stage": "customer", "postal_code": "33101",
                "timezone": "America/New_York", "custom": { "plan": "Gold", "age": "41" } }),
    )
    .await;
    app.clock.advance(TimeDelta::days(10));
    person(
        &app,
        "Ben",
        2,
        json!({ "language": "en", "tags": ["new"], "postal_code": "331", "custom": { "age": " 7.5 " } }),
    )
    .await;
    person(&app, "Cy", 3, json!({ "postal_code": "K1A 0B1", "custom": { "age": "seven", "plan": "golden" } })).await;
    let gone = person(&app, "Gone", 4, json!({ "tags": ["vip"], "language": "es" })).await;
    app.api("POST", &format!("/api/contacts/{gone}/archive"), None).await.expect(200);
    let (_, other) = app.second_organization().await;
    let theirs = json!({ "phone_number": "+14155550009", "first_name": "Theirs", "tags": ["vip"] });
    app.api_as(&other, "POST", "/api/contacts", Some(theirs)).await.expect(201);

    let set = |field: &str, op: &str| json!({ "field": field, "op": op });
    for (filter, names) in [
        (json!({ "all": [] }), "Ana Ben Cy"),
        (one("language", "is", "es"), "Ana"),
        (one("language", "is_not", "es"), "Ben Cy"),
        (set("language", "is_not_set"), "Cy"),
        (set("timezone", "is_set"), "Ana"),
        (one("timezone", "is", json!(["America/New_York", "Europe/Berlin"])), "Ana"),
        (one("lifecycle_stage", "is", "customer"), "Ana"),
        (one("lifecycle_stage", "is_not", "customer"), "Ben Cy"),
        (one("opt_in_status", "is", "pending"), "Ana Ben Cy"),
        (one("postal_code", "begins_with", "331"), "Ana Ben"),
        (one("postal_code", "begins_with", json!(["3310", "k1a"])), "Ana Cy"),
        (one("postal_code", "is", "331"), "Ben"),
        (one("postal_code", "is_not", "331"), "Ana Cy"),
        (one("tags", "has_any", json!(["vip", "new"])), "Ana Ben"),
        (one("tags", "has_any", "DOG'S"), "Ana"),
        (one("tags", "has_none", json!(["vip", "new"])), "Cy"),
        (one("custom.plan", "is", "Gold"), "Ana"),
        (one("custom.plan", "is_not", "Gold"), "Ben Cy"),
        (one("custom.plan", "contains", "GOLD"), "Ana Cy"),
        (one("custom.age", "less", 8), "Ben"),
        (one("custom.age", "greater", 8), "Ana"),
        (json!({ "not": one("custom.age", "greater", 8) }), "Ben Cy"),
        (set("custom.age", "is_set"), "Ana Ben Cy"),
        (set("custom.x'; DROP TABLE contacts; --", "is_set"), ""),
        (set("custom.plan", "is_not_set"), "Ben"),
        (one("created", "within_days", 5), "Ben Cy"),
        (one("created", "not_within_days", 5), "Ana"),
        // Ten at night on the first day in New York is the second in Greenwich: the days are the organization's.
        (one("created", "since", "2026-12-01"), "Ben Cy"),
        (one("created", "before", "2026-11-21"), ""),
        (one("created", "before", "2026-11-22"), "Ana"),
        (one("phone_number", "is", json!(["+14155550001", "+14155550004", "+14155550009"])), "Ana"),
        (one("id", "is", json!([ana, gone, NOBODY])), "Ana"),
        (one("id", "is", json!([])), ""),
        (one("import", "is", NOBODY), ""),
        (set("booked", "ever"), ""),
        (set("texted", "never"), "Ana Ben Cy"),
        (one("clicked", "not_within_days", 30), "Ana Ben Cy"),
        (
            json!({ "all": [one("custom.plan", "contains", "gold"), { "any": [one("language", "is", "es"), one("tags", "has_any", "new")] }] }),
            "Ana",
        ),
        (json!({ "not": { "any": [one("language", "is", "es"), one("tags", "has_any", "new")] } }), "Cy"),
        (
            json!({ "any": [{ "not": { "not": one("language", "is", "en") } }, set("language", "is_not_set")] }),
            "Ben Cy",
        ),
    ] {
        assert_eq!(who(&app, filter.clone()).await, names, "{filter}");
    }
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_and_exports_are_narrowed_to_a_segment() {
    let app = App::start().await;
    person(&app, "Ana", 1, json!({ "tags": ["vip"], "language": "es" })).await;
    let ben = person(&app, "Ben", 2, json!({ "tags": ["vip"], "language": "en" })).await;
    person(&app, "Cy", 3, json!({ "language": "en" })).await;
    let vip = id(&segment(&app, "VIP", one("tags", "has_any", "vip")).await);
    let names = async |path: String| {
        let items = app.items(&path).await;
        items.iter().map(|c| c["first_name"].as_str().expect("name").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(format!("/api/segments/{vip}/contacts?sort=name")).await, ["Ana", "Ben"]);
    assert_eq!(names(format!("/api/contacts?segment={vip}&sort=-name")).await, ["Ben", "Ana"]);
    assert_eq!(names(format!("/api/contacts?segment={vip}&q=ben")).await, ["Ben"]);
    assert_eq!(names("/api/contacts?tag=VIP&sort=name".to_owned()).await, ["Ana", "Ben"]);
    assert_eq!(names(format!("/api/contacts?segment={vip}&archived=true")).await, Vec::<String>::new());
    let first = app.get(&format!("/api/segments/{vip}/contacts?sort=name&limit=1")).await;
    let cursor = first["next_cursor"].as_str().expect("more");
    assert_eq!(names(format!("/api/segments/{vip}/contacts?sort=name&limit=1&cursor={cursor}")).await, ["Ben"]);
    let file = app.api("GET", &format!("/api/contacts/export?segment={vip}"), None).await.expect(200).text;
    assert_eq!(file.lines().count(), 3);
    assert!(file.contains("Ana") && file.contains("Ben") && !file.contains("Cy"), "{file}");
    for path in ["/api/contacts", "/api/contacts/export"] {
        app.api("GET", &format!("{path}?segment={NOBODY}"), None).await.expect(404);
        let (_, other) = app.second_organization().await;
        app.api_as(&other, "GET", &format!("{path}?segment={vip}"), None).await.expect(404);
    }

    // Tags that change are found by, at once; and whose are taken off are not.
    app.api("PATCH", &format!("/api/contacts/{ben}"), Some(json!({ "tags": ["old"] }))).await.expect(200);
    assert_eq!(names(format!("/api/contacts?segment={vip}")).await, ["Ana"]);
    assert_eq!(names("/api/contacts?tag=old".to_owned()).await, ["Ben"]);

    // Who is erased is in no list of a filter any more.
    let listed = one("phone_number", "is", json!(["+14155550002", "+14155550003"]));
    let listed = id(&segment(&app, "Listed", json!({ "any": [listed, one("id", "is", json!([ben]))] })).await);
    let erased =
        app.api("POST", &format!("/api/contacts/{ben}/erase"), Some(json!({ "confirm": "+14155550002" }))).await;
    erased.expect(200);
    let kept = app.get(&format!("/api/segments/{listed}")).await;
    assert_eq!(
        kept["filter"],
        json!({ "any": [one("phone_number", "is", json!(["+14155550003"])), one("id", "is", json!([]))] })
    );
    assert_eq!(names(format!("/api/contacts?segment={listed}")).await, ["Cy"]);
    assert_eq!(app.count("SELECT count(*) FROM contact_tags WHERE tag = 'old'").await, 0);
    app.finish().await;
}

/// Contacts of whom what is kept is not what their messages and bookings say.
const UNTRUE: &str = "
    SELECT count(*) FROM contacts c LEFT JOIN contact_activity a ON a.organization_id = c.organization_id AND a.contact_id = c.id,
         LATERAL (SELECT max(m.sent_at) AS texted FROM messages m
                  WHERE m.organization_id = c.organization_id AND m.contact_id = c.id AND m.direction = 'outbound') AS m,
         LATERAL (SELECT count(*) AS bookings, max(b.created_at) AS booked, count(*) FILTER (WHERE b.status = 'completed') AS visits,
                         max(s.start_time) FILTER (WHERE b.status = 'completed') AS visit,
                         count(*) FILTER (WHERE b.status = 'no_show') AS no_shows,
                         max(s.start_time) FILTER (WHERE b.status = 'no_show') AS no_show,
                         count(*) FILTER (WHERE b.status = 'cancelled') AS cancellations,
                         max(b.cancelled_at) FILTER (WHERE b.status = 'cancelled') AS cancelled
                  FROM bookings b JOIN slots s ON s.organization_id = b.organization_id AND s.id = b.slot_id
                  WHERE b.organization_id = c.organization_id AND b.contact_id = c.id AND b.status NOT IN ('held', 'expired')) AS b
    WHERE (a.last_texted_at, a.last_booked_at, a.last_visit_at, a.last_no_show_at, a.last_cancelled_at)
             IS DISTINCT FROM (m.texted, b.booked, b.visit, b.no_show, b.cancelled)
       OR (COALESCE(a.bookings, 0), COALESCE(a.visits, 0), COALESCE(a.no_shows, 0), COALESCE(a.cancellations, 0))
             <> (b.bookings, b.visits, b.no_shows, b.cancellations)";

#[tokio::test(flavor = "multi_thread")]
async fn what_people_did_is_known_at_once_and_taken_back() {
    let app = App::start().await;
    let (ana, ben, cy) = ("+14155550001", "+14155550002", "+14155550003");
    for (number, name) in [(ana, "Ana"), (ben, "Ben"), (cy, "Cy")] {
        app.text(number, "what are your hours").await;
        let found = app.items(&format!("/api/contacts?phone_number=%2B{}", &number[1..])).await;
        app.api("PATCH", &format!("/api/contacts/{}", id(&found[0])), Some(json!({ "first_name": name })))
            .await
            .expect(200);
    }
    app.ask(ana, "book monday at 10 am").await;
    app.ask(ana, "yes").await;
    app.ask(ben, "book monday at 11 am").await;
    app.ask(ben, "yes").await;
    let did = |field: &str, op: &str| json!({ "field": field, "op": op });
    assert_eq!(who(&app, did("booked", "ever")).await, "Ana Ben");
    assert_eq!(who(&app, did("texted", "ever")).await, "Ana Ben Cy");
    assert_eq!(who(&app, one("heard", "within_days", 1)).await, "Ana Ben Cy");
    assert_eq!(who(&app, did("visited", "ever")).await, "");
    assert_eq!(app.count(UNTRUE).await, 0);

    app.clock.advance(TimeDelta::days(3));
    let appointments = app.items("/api/appointments?sort=created_at").await;
    let act = async |n: usize, verb: &str| {
        app.api("POST", &format!("/api/appointments/{}/{verb}", id(&appointments[n])), None).await.expect(200);
        assert_eq!(app.count(UNTRUE).await, 0, "{verb}");
    };
    act(0, "complete").await;
    act(1, "no-show").await;
    assert_eq!(who(&app, did("visited", "ever")).await, "Ana");
    assert_eq!(who(&app, one("no_show", "at_least", 1)).await, "Ben");
    assert_eq!(who(&app, one("no_show", "at_least", 2)).await, "");
    act(1, "reopen").await;
    act(1, "complete").await;
    assert_eq!(who(&app, did("no_show", "never")).await, "Ana Ben Cy", "staff took it back");
    assert_eq!(who(&app, did("visited", "ever")).await, "Ana Ben");
    app.text(cy, "book friday at 10 am").await;
    app.text(cy, "yes").await;
    app.text(cy, "cancel").await;
    app.text(cy, "yes").await;
    assert_eq!(who(&app, one("cancelled", "within_days", 1)).await, "Cy");
    assert_eq!(who(&app, one("heard", "within_days", 1)).await, "Cy");
    assert_eq!(who(&app, one("texted", "not_within_days", 2)).await, "Ana Ben");
    assert_eq!(who(&app, one("booked", "within_days", 2)).await, "Cy");
    assert_eq!(app.count(UNTRUE).await, 0);
    app.clock.advance(TimeDelta::days(30));
    assert_eq!(who(&app, one("heard", "within_days", 30)).await, "");
    assert_eq!(
        who(&app, json!({ "all": [one("visited", "at_least", 1), one("texted", "not_within_days", 30)] })).await,
        "Ana Ben"
    );
    app.run_jobs().await;
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_that_text_the_same_people_never_wait_in_a_circle() {
    let app = App::start().await;
    app.text("+14155550001", "hello").await;
    sqlx::raw_sql(
        "INSERT INTO contacts (organization_id, id, phone_number, created_at, updated_at)
         SELECT o.id, gen_random_uuid(), '+1415777' || lpad(n::text, 4, '0'), now(), now() FROM organizations o, generate_series(1, 300) AS n;
         INSERT INTO conversations (organization_id, id, contact_id, sender_id, created_at, updated_at)
         SELECT c.organization_id, gen_random_uuid(), c.id, (SELECT sender_id FROM conversations LIMIT 1), now(), now()
         FROM contacts c WHERE c.phone_number LIKE '+1415777%';
         INSERT INTO messages (organization_id, id, conversation_id, contact_id, sender_id, direction, channel, body, status, created_at)
         SELECT v.organization_id, gen_random_uuid(), v.id, v.contact_id, v.sender_id, 'outbound', 'sms', 'lane ' || lane, 'sending', now()
         FROM conversations v JOIN contacts c ON c.id = v.contact_id, generate_series(1, 4) AS lane
         WHERE c.phone_number LIKE '+1415777%' ORDER BY random()",
    )
    .execute(app.core.db.pool())
    .await
    .expect("texts");
    let lanes = (1..=4).map(|lane| {
        let db = app.core.db.clone();
        let organization = app.organization.id;
        tokio::spawn(async move {
            for _ in 0..10 {
                let mut tx = db.tenant(organization).await?;
                // As a batch's outcomes are recorded: in whatever order the rows lie.
                sqlx::query(
                    "UPDATE messages SET sent_at = clock_timestamp(), status = 'sent'
                     WHERE id IN (SELECT id FROM messages WHERE body = $1 AND sent_at IS NULL ORDER BY md5(id::text) LIMIT 30)",
                )
                .bind(format!("lane {lane}"))
                .execute(&mut *tx)
                .await?;
                tx.commit().await?;
            }
            Ok::<(), sqlx::Error>(())
        })
    });
    for lane in futures::future::join_all(lanes).await {
        lane.expect("lane").expect("no deadlock");
    }
    assert_eq!(app.count("SELECT count(*) FROM messages WHERE body LIKE 'lane %' AND sent_at IS NULL").await, 0);
    assert_eq!(app.count(UNTRUE).await, 0);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_are_reckoned_and_few_among_them_counted() {
    let app = App::start().await;
    sqlx::query(
        "INSERT INTO contacts (organization_id, id, phone_number, tags, opt_in_status, created_at, updated_at)
         SELECT $1, gen_random_uuid(), '+1' || (4150000000 + n), CASE WHEN n % 1000 = 0 THEN '{rare}' ELSE '{}' END::text[],
                CASE WHEN n % 4 = 0 THEN 'opted_in' WHEN n % 4 = 1 THEN 'opted_out' ELSE 'pending' END, now(), now()
         FROM generate_series(1, 60000) AS n",
    )
    .bind(app.organization.id.0)
    .execute(app.core.db.pool())
    .await
    .expect("contacts");
    let all = count(&app, &json!({ "all": [] })).await;
    let number = |name: &str| all[name].as_i64().expect("number");
    assert_eq!(all["exact"], false);
    // A sample of the table; of one this small, the whole.
    assert!((40_000..=80_000).contains(&number("contacts")), "{all}");
    assert!((10_000..=20_000).contains(&number("opted_in")), "{all}");
    assert_eq!(all["sample"].as_array().expect("sample").len(), 5);
    let rare = count(&app, &one("tags", "has_any", "rare")).await;
    assert_eq!((&rare["contacts"], &rare["exact"], &rare["opted_in"]), (&json!(60), &json!(true), &json!(60)));
    let mut tx = app.core.db.tenant(app.organization.id).await.expect("tenant");
    assert_eq!(contacts::count(&mut tx, &Filter::everybody()).await.expect("count"), 60_000);
    let mut seen: Vec<ContactId> = Vec::new();
    while let next = contacts::select(&mut tx, &Filter::everybody(), seen.last().copied(), 9_000).await.expect("page")
        && !next.is_empty()
    {
        seen.extend(next);
    }
    assert!(seen.len() == 60_000 && seen.is_sorted(), "{}", seen.len());
    drop(tx);
    app.finish().await;
}
