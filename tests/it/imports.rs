//! Files of contacts: what is seen in them, what becomes of each row, what a crash, a stop and a second thought leave behind, and that nobody's
//! opt-out is lifted.

mod consent;
mod undo;

use std::time::Duration;

use axum::{body::Body, http::Request};
use chrono::TimeDelta;
use frontdesk::{accounts::Permission, platform::ids::JobId};
use serde_json::{Value, json};

use crate::{
    contacts::{NOBODY, audited, contact},
    support::{API_KEY, ApiResponse, App},
};

/// Sends a file.
async fn send(app: &App, path: &str, kind: &str, file: impl Into<Vec<u8>>) -> ApiResponse {
    let request = Request::post(path).header("x-api-key", API_KEY).header("content-type", kind);
    app.request(request.body(Body::from(file.into())).expect("request")).await
}

/// What would become of a file.
pub(crate) async fn brought(app: &App, file: impl Into<Vec<u8>>) -> Value {
    send(app, "/api/contacts/import/preview?file_name=list.csv", "text/csv", file).await.expect(201).json()
}

fn id(preview: &Value) -> String {
    preview["import"]["id"].as_str().expect("id").to_owned()
}

async fn execute(app: &App, id: &str, options: Value) -> ApiResponse {
    app.api("POST", "/api/contacts/import/execute", Some(json!({ "import_id": id, "options": options }))).await
}

async fn standing(app: &App, id: &str) -> Value {
    app.get(&format!("/api/contacts/imports/{id}")).await
}

/// Brings a file, takes it in, and says what came of it.
async fn taken_in(app: &App, file: impl Into<Vec<u8>>, options: Value) -> Value {
    let id = id(&brought(app, file).await);
    execute(app, &id, options).await.expect(202);
    app.run_jobs().await;
    standing(app, &id).await
}

fn counts(import: &Value, names: &[&str]) -> Vec<i64> {
    names.iter().map(|name| import[*name].as_i64().unwrap_or_else(|| panic!("{name} in {import}"))).collect()
}

async fn by_number(app: &App, number: &str) -> Option<Value> {
    app.items(&format!("/api/contacts?phone_number={}", number.replace('+', "%2B"))).await.pop()
}

async fn errors(app: &App, id: &str) -> Vec<Vec<String>> {
    let file = app.api("GET", &format!("/api/contacts/imports/{id}/errors.csv"), None).await.expect(200);
    assert_eq!(file.headers["content-type"], "text/csv; charset=utf-8");
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(file.text.as_bytes());
    reader.records().map(|r| r.expect("a row").iter().map(str::to_owned).collect()).collect()
}

const LIST: &str = "Nombre;Apellidos;Teléfono móvil;Correo electrónico;Etiquetas\r\n\
    Ana;Ortiz;(415) 555-0101;ana@example.com;VIP, perro\r\n\
    Ben;Peña;415-555-0102;;\r\n\
    Ana;Otra;+1 415 555 0101;;\r\n\
    Eva;;nobody;eva@;\r\n\
    \"Doe\r\nthe second\";Jane;4155550103;n/a;\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_says_what_would_become_of_each_row() {
    let app = App::start().await;
    let ben = json!({ "phone_number": "+14155550102", "first_name": "Ben", "last_name": "Peña" });
    app.api("POST", "/api/contacts", Some(ben)).await.expect(201);
    let preview = brought(&app, LIST).await;
    let import = &preview["import"];
    assert_eq!(
        (&import["status"], &import["encoding"], &import["delimiter"], &import["rows"], &import["file_name"]),
        (&json!("ready"), &json!("utf-8"), &json!("semicolon"), &json!(6), &json!("list.csv"))
    );
    let fields: Vec<&str> =
        preview["columns"].as_array().expect("columns").iter().map(|c| c["field"].as_str().expect("field")).collect();
    assert_eq!(fields, ["first_name", "last_name", "phone_number", "email", "tags"]);
    assert_eq!(preview["columns"][2]["header"], "Teléfono móvil");
    assert_eq!((&preview["options"]["header"], &preview["errors"]), (&json!(true), &json!([])));
    let rows = preview["rows"].as_array().expect("rows");
    let verdicts: Vec<_> =
        rows.iter().map(|r| (r["line"].as_i64().expect("line"), r["verdict"].as_str().expect("text"))).collect();
    assert_eq!(verdicts, [(2, "new"), (3, "unchanged"), (4, "duplicate"), (5, "invalid"), (6, "new")]);
    let wrong: Vec<&str> =
        rows[3]["errors"].as_array().expect("errors").iter().map(|e| e["field"].as_str().expect("field")).collect();
    assert_eq!(wrong, ["phone_number", "email"]);
    assert_eq!(rows[0]["phone_number"], "+14155550101");
    assert_eq!(counts(&preview["counts"], &["new", "updates", "unchanged", "duplicate", "invalid"]), [2, 0, 1, 1, 1]);
    // With other decisions, before anything is done.
    let path = format!("/api/contacts/imports/{}/preview", id(&preview));
    let columns = json!([
        { "field": "custom", "name": "Nick" }, { "field": "ignore" }, { "field": "phone_number" }, { "field": "ignore" }, { "field": "ignore" },
    ]);
    let again =
        app.api("POST", &path, Some(json!({ "columns": columns, "existing": "skip" }))).await.expect(200).json();
    assert_eq!(counts(&again["counts"], &["new", "skipped", "duplicate", "invalid"]), [2, 1, 1, 1]);
    let none = json!({ "columns": [{ "field": "ignore" }] });
    let none = app.api("POST", &path, Some(none)).await.expect(200).json();
    let codes: Vec<&str> =
        none["errors"].as_array().expect("errors").iter().map(|e| e["code"].as_str().expect("code")).collect();
    assert_eq!(codes, ["wrong_number", "no_number"]);
    execute(&app, &id(&preview), json!({ "columns": [{ "field": "ignore" }] })).await.expect(422);
    assert_eq!(app.items("/api/contacts").await.len(), 1, "only looked at");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_taken_in_and_its_errors_come_back_to_be_mended() {
    let app = App::start().await;
    let options = json!({
        "tags": ["Spring"], "lifecycle_stage": "prospect", "timezone": "America/Chicago", "custom": { "from": "fair" },
    });
    let import = taken_in(&app, LIST, options).await;
    assert_eq!(
        counts(&import, &["rows", "rows_done", "created", "updated", "duplicate", "invalid", "consent_given"]),
        [6, 6, 3, 0, 1, 1, 0]
    );
    assert_eq!((&import["status"], &import["problem"]), (&json!("done"), &Value::Null));
    let ana = by_number(&app, "+14155550101").await.expect("Ana");
    assert_eq!(
        (&ana["first_name"], &ana["last_name"], &ana["email"], &ana["tags"]),
        (&json!("Ana"), &json!("Ortiz"), &json!("ana@example.com"), &json!(["spring", "vip", "perro"]))
    );
    assert_eq!(
        (&ana["lifecycle_stage"], &ana["timezone"], &ana["custom"], &ana["opt_in_status"]),
        (&json!("prospect"), &json!("America/Chicago"), &json!({ "from": "fair" }), &json!("pending"))
    );
    assert_eq!(app.count("SELECT count(*) FROM consent_events").await, 0, "without evidence nobody agreed");
    let id = import["id"].as_str().expect("id");
    let told = errors(&app, id).await;
    assert_eq!(told[0], ["line", "code", "message", "first_name", "last_name", "phone_number", "email", "tags"]);
    assert_eq!(told[1][..3], ["4", "duplicate", "phone_number: stands in this file further up"]);
    assert_eq!(
        (told[2][0].as_str(), told[2][1].as_str(), &told[2][3..6]),
        ("5", "invalid_phone_number", &["Eva", "", "nobody"].map(str::to_owned)[..])
    );
    // The file of errors, mended, is a file of contacts.
    let mended = app.api("GET", &format!("/api/contacts/imports/{id}/errors.csv"), None).await.text;
    let mended = mended.replace("nobody", "4155550104").replace("eva@", "eva@example.com");
    let again = taken_in(&app, mended, json!({})).await;
    assert_eq!(counts(&again, &["created", "unchanged", "updated", "invalid"]), [1, 1, 0, 0]);
    assert_eq!(
        app.count("SELECT count(*) FROM contact_import_chunks").await,
        0,
        "files are not kept longer than they are worked on"
    );
    let log = audited(&app).await;
    assert_eq!(
        log,
        ["contact_import.created", "contact_import.started", "contact_import.created", "contact_import.started"]
    );
    assert_eq!(app.items("/api/contacts/imports?limit=1").await[0]["id"], again["id"]);
    execute(&app, id, json!({})).await.expect(409);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_every_kind_say_the_same() {
    let app = App::start().await;
    let utf16 = |text: &str, big: bool| -> Vec<u8> {
        text.encode_utf16().flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() }).collect()
    };
    let list = |n: u32, delimiter: &str| {
        format!("name,mobile,city\nJosé Peña,41555501{n:02},\"León\"\n").replace(',', delimiter)
    };
    let files: Vec<(Vec<u8>, &str, &str)> = vec![
        (list(11, ",").into_bytes(), "utf-8", "comma"),
        (format!("\u{feff}{}", list(12, "\t")).into_bytes(), "utf-8", "tab"),
        (utf16(&format!("\u{feff}{}", list(13, ";")), false), "utf-16le", "semicolon"),
        (utf16(&format!("\u{feff}{}", list(14, "|")), true), "utf-16be", "pipe"),
        (
            list(15, ";").chars().map(|c| u8::try_from(u32::from(c)).expect("Latin")).collect(),
            "windows-1252",
            "semicolon",
        ),
        (list(16, ",").replace('\n', "\r").into_bytes(), "utf-8", "comma"),
    ];
    for (n, (file, encoding, delimiter)) in files.into_iter().enumerate() {
        let import = taken_in(&app, file, json!({})).await;
        assert_eq!((&import["encoding"], &import["delimiter"]), (&json!(encoding), &json!(delimiter)), "{n}");
        let jose = by_number(&app, &format!("+141555501{}", 11 + n)).await.unwrap_or_else(|| panic!("{n}: {import}"));
        assert_eq!((&jose["first_name"], &jose["last_name"]), (&json!("José"), &json!("Peña")), "{n}");
    }
    // Of another country; and under the other name.
    let preview = send(&app, "/api/leads/import/preview", "text/tab-separated-values", "tel\n020 7183 8750\n")
        .await
        .expect(201)
        .json();
    let body = json!({ "import_id": id(&preview), "options": { "country": "gb" } });
    app.api("POST", "/api/leads/import/execute", Some(body)).await.expect(202);
    app.run_jobs().await;
    assert!(by_number(&app, "+442071838750").await.is_some());
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_is_refused_or_told_row_by_row() {
    let app = App::start().await;
    let noise: Vec<u8> = (0..5000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 11) as u8).collect();
    for (file, why) in [
        (Vec::new(), "is empty"),
        (b"\n\r\n , ,\n".to_vec(), "is empty"),
        (b"PK\x03\x04 an xlsx".to_vec(), "is a spreadsheet"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0".to_vec(), "is not text"),
        (noise, "is not text"),
        (vec![0; 10_000], "is not text"),
    ] {
        let problem = send(&app, "/api/contacts/import/preview", "text/csv", file).await.expect(422).json();
        let told = problem["errors"][0]["message"].as_str().expect("message");
        assert!(problem["errors"][0]["field"] == "file" && told.starts_with(why), "{problem}");
    }
    assert_eq!(app.count("SELECT count(*) FROM contact_imports").await, 0, "nothing of them stays");
    for kind in ["application/json", "multipart/form-data; boundary=x", "image/png"] {
        send(&app, "/api/contacts/import/preview", kind, "phone\n4155550101").await.expect(415);
    }
    // What cannot be started says so, and nothing breaks.
    let wide = format!("phone{}\n4155550101", ",x".repeat(10_000));
    let giant = "x".repeat(300_000);
    for file in [wide, giant, "a,b\n1,2\n".to_owned()] {
        let preview = brought(&app, file).await;
        assert!(!preview["errors"].as_array().expect("errors").is_empty(), "{}", preview["columns"]);
        execute(&app, &id(&preview), json!({})).await.expect(422);
    }
    let mut rows = "phone,name\n4155550101,Ana\n".to_owned();
    rows += &format!("4155550102,{}\n", "x".repeat(200_000));
    rows += "4155550103,\"never closed\n4155550104,Eve\0\n4155550105,=cmd|' /C calc'!A0\n";
    rows += &format!("4155550106{}\n", ",x".repeat(500));
    rows += &(0..9000).map(|n| format!("+1212{:07},n\n", 5_550_000 + n)).collect::<String>();
    let import = taken_in(&app, rows, json!({})).await;
    assert_eq!(counts(&import, &["rows_done", "created", "invalid"]), [9007, 9002, 4], "{import}");
    assert_eq!(import["rows"], import["rows_done"]);
    let told = errors(&app, import["id"].as_str().expect("id")).await;
    let told: Vec<(&str, &str)> = told[1..].iter().map(|row| (row[0].as_str(), row[1].as_str())).collect();
    assert_eq!(told, [("3", "too_long"), ("4", "too_long"), ("5", "invalid_value"), ("7", "too_many_cells")]);
    for odd in ["x".repeat(201), "a%00b".to_owned()] {
        send(&app, &format!("/api/contacts/import/preview?file_name={odd}"), "text/csv", "phone\n1").await.expect(422);
    }
    let with = |options: Value| {
        let app = &app;
        async move {
            let id = id(&brought(app, "phone\n4155550199").await);
            execute(app, &id, options).await.expect(422).json()["errors"][0]["field"]
                .as_str()
                .expect("field")
                .to_owned()
        }
    };
    assert_eq!(with(json!({ "country": "Atlantis" })).await, "country");
    assert_eq!(with(json!({ "timezone": "Mars/Olympus" })).await, "timezone");
    assert_eq!(with(json!({ "tags": (0..21).map(|n| n.to_string()).collect::<Vec<_>>() })).await, "tags");
    assert_eq!(with(json!({ "custom": { "a\u{0}": "b" } })).await, "custom");
    app.api("GET", &format!("/api/contacts/imports/{NOBODY}"), None).await.expect(404);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn policies_for_contacts_that_are_there() {
    let app = App::start().await;
    let known = |number: &str| {
        json!({
            "phone_number": number, "first_name": "Ana", "notes": "ours", "tags": ["old"], "custom": { "dog": "Rex" },
            "lifecycle_stage": "customer",
        })
    };
    for (n, policy) in ["skip", "fill", "overwrite"].into_iter().enumerate() {
        let number = format!("+1415555012{n}");
        app.api("POST", "/api/contacts", Some(known(&number))).await.expect(201);
        let list = format!("phone,first name,last name,notes,dog,stage\n{number},Anna,Ortiz,,Max,lead\n");
        let columns = ["phone_number", "first_name", "last_name", "notes", "custom", "lifecycle_stage"];
        let columns: Vec<Value> = columns
            .iter()
            .map(|f| if *f == "custom" { json!({ "field": f, "name": "dog" }) } else { json!({ "field": f }) })
            .collect();
        let import = taken_in(&app, list, json!({ "columns": columns, "existing": policy, "tags": ["new"] })).await;
        let after = by_number(&app, &number).await.expect("contact");
        let seen = (
            after["first_name"].as_str(),
            after["last_name"].as_str(),
            after["notes"].as_str(),
            after["custom"]["dog"].as_str(),
            after["lifecycle_stage"].as_str(),
            after["version"].as_i64(),
        );
        let tags = after["tags"].as_array().expect("tags").len();
        match policy {
            "skip" => {
                assert_eq!(seen, (Some("Ana"), None, Some("ours"), Some("Rex"), Some("customer"), Some(1)));
                assert_eq!((counts(&import, &["skipped", "updated"]), tags), (vec![1, 0], 1));
            }
            "fill" => {
                assert_eq!(seen, (Some("Ana"), Some("Ortiz"), Some("ours"), Some("Rex"), Some("customer"), Some(2)));
                assert_eq!((counts(&import, &["skipped", "updated"]), tags), (vec![0, 1], 2));
            }
            _ => {
                assert_eq!(seen, (Some("Anna"), Some("Ortiz"), Some("ours"), Some("Max"), Some("lead"), Some(2)));
                assert_eq!((counts(&import, &["skipped", "updated"]), tags), (vec![0, 1], 2));
            }
        }
    }
    app.finish().await;
}

fn numbers(range: std::ops::Range<u32>) -> String {
    let rows: String = range.map(|n| format!("+1212{:07},Contact {n}\n", 5_550_000 + n)).collect();
    format!("phone,name\n{rows}")
}

async fn job(app: &App, kind: &str) -> JobId {
    sqlx::query_scalar("SELECT id FROM jobs WHERE kind = $1 ORDER BY created_at DESC, id DESC LIMIT 1")
        .bind(kind)
        .fetch_one(app.core.db.pool())
        .await
        .expect("job")
}

/// Starts the import and kills its worker in the middle, as kill -9 would: whatever it had not committed is gone.
async fn killed_midway(app: &App, import: &str) -> i64 {
    execute(app, import, json!({})).await.expect(202);
    let (executor, id) = (app.executor.clone(), job(app, "run_contact_import").await);
    let worker = tokio::spawn(async move { executor.run(id).await });
    loop {
        let done = standing(app, import).await["rows_done"].as_i64().expect("count");
        if done > 0 {
            worker.abort();
            drop(worker.await);
            // A commit that was on its way is through by now.
            tokio::time::sleep(Duration::from_millis(200)).await;
            return standing(app, import).await["rows_done"].as_i64().expect("count");
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_worker_leaves_nothing_half_and_another_goes_on() {
    let app = App::start().await;
    let import = id(&brought(&app, numbers(0..8000)).await);
    let done = killed_midway(&app, &import).await;
    assert!((1..8001).contains(&done) && done % 1000 == 0, "{done} of 8001 rows: not in the middle");
    let there = app.count("SELECT count(*) FROM contacts").await;
    assert_eq!(there, done - 1, "rows and their place commit together");
    app.run_jobs().await;
    assert_eq!(standing(&app, &import).await["rows_done"], done, "its lease still runs");
    // Two workers find the lease over at the same moment.
    app.clock.advance(TimeDelta::seconds(100));
    let other = app.executor.clone();
    tokio::join!(app.run_jobs(), async move { other.run_due().await });
    let after = standing(&app, &import).await;
    assert_eq!(counts(&after, &["rows", "rows_done", "created", "duplicate", "invalid"]), [8001, 8001, 8000, 0, 0]);
    assert_eq!(after["status"], "done");
    assert_eq!(app.count("SELECT count(*) FROM contacts").await, 8000);
    assert_eq!(app.count("SELECT count(*) FROM contact_import_rows").await, 8000);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_wrong_for_good_is_told_and_goes_on_later() {
    let app = App::start().await;
    let import = id(&brought(&app, numbers(0..2500)).await);
    let refuse = "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the disk is full'; END $$";
    sqlx::raw_sql(refuse).execute(app.core.db.pool()).await.expect("function");
    let on = "CREATE TRIGGER refuse BEFORE INSERT ON contacts FOR EACH ROW WHEN (NEW.phone_number = '+12125551500') EXECUTE FUNCTION refuse()";
    sqlx::raw_sql(on).execute(app.core.db.pool()).await.expect("trigger");
    execute(&app, &import, json!({})).await.expect(202);
    for _ in 0..15 {
        app.run_jobs().await;
        app.clock.advance(TimeDelta::minutes(10));
    }
    let failed = standing(&app, &import).await;
    assert_eq!(
        (&failed["status"], &failed["rows_done"], &failed["created"]),
        (&json!("failed"), &json!(1000), &json!(999))
    );
    assert!(failed["problem"].as_str().is_some_and(|p| p.contains("the disk is full")), "{failed}");
    sqlx::raw_sql("DROP TRIGGER refuse ON contacts").execute(app.core.db.pool()).await.expect("dropped");
    execute(&app, &import, json!({ "existing": "skip" })).await.expect(202);
    app.run_jobs().await;
    let done = standing(&app, &import).await;
    assert_eq!((&done["status"], &done["problem"]), (&json!("done"), &Value::Null));
    assert_eq!(counts(&done, &["rows_done", "created"]), [2501, 2500]);
    assert_eq!(done["options"]["existing"], "fill", "as it was decided first");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stopped_in_the_middle_and_taken_back() {
    let app = App::start().await;
    let import = id(&brought(&app, numbers(0..8000)).await);
    let done = killed_midway(&app, &import).await;
    let path = format!("/api/contacts/imports/{import}");
    app.api("POST", &format!("{path}/undo"), None).await.expect(409);
    let cancelled = app.api("POST", &format!("{path}/cancel"), None).await.expect(200).json();
    assert_eq!((&cancelled["status"], &cancelled["rows_done"]), (&json!("cancelled"), &json!(done)));
    app.clock.advance(TimeDelta::seconds(100));
    app.run_jobs().await;
    assert_eq!(standing(&app, &import).await["rows_done"], done, "no row after that");
    assert_eq!(app.count("SELECT count(*) FROM contact_import_chunks").await, 0);
    app.api("POST", &format!("{path}/cancel"), None).await.expect(409);
    app.api("POST", &format!("{path}/undo"), None).await.expect(202);
    app.run_jobs().await;
    let undone = standing(&app, &import).await;
    assert_eq!((&undone["status"], &undone["undone_deleted"]), (&json!("undone"), &json!(done - 1)));
    assert_eq!(app.count("SELECT count(*) FROM contacts").await, 0);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_repeats_an_upload_of_any_length() {
    let app = App::start().await;
    let upload = |file: String| {
        let request = Request::post("/api/contacts/import/preview").header("x-api-key", API_KEY);
        let request = request.header("content-type", "text/csv").header("idempotency-key", "the list");
        app.request(request.header("content-length", file.len()).body(Body::from(file)).expect("request"))
    };
    let file = numbers(0..20_000);
    assert!(file.len() > 300_000);
    let first = upload(file.clone()).await.expect(201);
    let again = upload(file).await.expect(201);
    assert_eq!((again.headers["idempotency-replayed"].as_bytes(), again.text), (&b"true"[..], first.text));
    let other = upload("phone\n4155550101".to_owned()).await.expect(422).json();
    assert_eq!(other["code"], "idempotency_key_reused");
    assert_eq!(app.items("/api/contacts/imports").await.len(), 1);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn contacts_go_out_as_they_are_listed_and_come_in_again() {
    let app = App::start().await;
    taken_in(&app, numbers(0..450), json!({ "tags": ["vip"] })).await;
    let evil = json!({
        "phone_number": "+14155550101", "first_name": "=HYPERLINK(\"http://x\")", "last_name": "-1", "notes": "a \"b\"\nc", "tags": ["@sum"],
        "custom": { "dog": "Rex" },
    });
    app.api("POST", "/api/contacts", Some(evil)).await.expect(201);
    let export = |query: &str| {
        let (app, path) = (&app, format!("/api/contacts/export{query}"));
        async move { app.api("GET", &path, None).await.expect(200) }
    };
    let all = export("").await;
    assert_eq!(all.headers["content-disposition"], "attachment; filename=\"contacts.csv\"");
    let mut reader = csv::Reader::from_reader(all.text.as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().map(|r| r.expect("row")).collect();
    assert_eq!(rows.len(), 451);
    assert_eq!(&rows[0][0], "+14155550101", "latest first");
    assert_eq!(
        (&rows[0][1], &rows[0][2], &rows[0][7], &rows[0][11]),
        ("'=HYPERLINK(\"http://x\")", "'-1", "'@sum", "a \"b\"\nc")
    );
    let lines = |answer: &ApiResponse| csv::Reader::from_reader(answer.text.as_bytes()).records().count();
    for (query, expected) in [
        ("?tag=vip", 450),
        ("?tag=none", 0),
        ("?q=Contact%2044", 11),
        ("?lifecycle_stage=lead&opt_in_status=pending", 451),
        ("?archived=true", 0),
        ("?phone_number=%2B14155550101", 1),
    ] {
        let answer = export(query).await;
        assert_eq!(lines(&answer), expected, "{query}");
    }
    app.api("GET", "/api/contacts/export?opt_in_status=x", None).await.expect(422);
    assert_eq!(audited(&app).await.iter().filter(|a| *a == "contact.list_exported").count(), 7);
    let reads = app.key_with(app.organization.id, &[Permission::ContactsRead]).await;
    app.api_as(&reads, "GET", "/api/leads/export", None).await.expect(403);
    // As it went out it comes in: nothing is new.
    let import = taken_in(&app, export("?tag=vip").await.text, json!({ "existing": "overwrite" })).await;
    assert_eq!(counts(&import, &["created", "updated", "unchanged", "invalid"]), [0, 0, 450, 0], "{import}");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_do_not_outlive_their_use() {
    let app = App::start().await;
    let waiting = id(&brought(&app, "phone\n4155550101\n").await);
    let done = taken_in(&app, "phone\n4155550102\nnobody\n", json!({})).await;
    let done = done["id"].as_str().expect("id");
    // A client that went away in the middle.
    sqlx::query("UPDATE contact_imports SET status = 'receiving' WHERE id = $1::uuid")
        .bind(id(&brought(&app, "phone\n4155550103\n").await))
        .execute(app.core.db.pool())
        .await
        .expect("receiving");
    assert_eq!(app.items("/api/contacts/imports").await.len(), 2);
    app.clock.advance(TimeDelta::hours(25));
    app.run_jobs().await;
    assert_eq!(standing(&app, &waiting).await["status"], "expired");
    assert_eq!(app.count("SELECT count(*) FROM contact_import_chunks").await, 0);
    assert_eq!(app.count("SELECT count(*) FROM contact_imports").await, 2);
    execute(&app, &waiting, json!({})).await.expect(409);
    app.api("POST", &format!("/api/contacts/imports/{waiting}/preview"), Some(json!({}))).await.expect(409);
    app.api("POST", &format!("/api/contacts/imports/{waiting}/undo"), None).await.expect(409);
    assert_eq!(errors(&app, done).await.len(), 2);
    app.clock.advance(TimeDelta::days(31));
    app.run_jobs().await;
    assert_eq!(app.count("SELECT count(*) FROM contact_import_rows").await, 0);
    assert_eq!(errors(&app, done).await.len(), 1);
    assert_eq!(standing(&app, done).await["created"], 1, "that it was stays");
    app.api("POST", &format!("/api/contacts/imports/{done}/undo"), None).await.expect(409);
    assert_eq!(app.count("SELECT count(*) FROM jobs WHERE state <> 'done'").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_person_is_in_no_file() {
    let app = App::start().await;
    let list = "phone,email,name\n4155550101,ana@example.com,Ana\n(415) 555-0101,,again\nnobody,ANA@example.com,x\n4155550102,,Ben\n";
    taken_in(&app, list, json!({})).await;
    let waiting = id(&brought(&app, "phone,name\n4155550101,Ana\n").await);
    let running = id(&brought(&app, "phone,name\n4155550101,Ana\n4155550104,Eve\n").await);
    execute(&app, &running, json!({})).await.expect(202);
    let ana = by_number(&app, "+14155550101").await.expect("Ana");
    let path = format!("/api/contacts/{}/erase", ana["id"].as_str().expect("id"));
    app.api("POST", &path, Some(json!({ "confirm": "+14155550101" }))).await.expect(200);
    assert_eq!(standing(&app, &waiting).await["status"], "expired");
    assert_eq!(app.count("SELECT count(*) FROM contact_import_errors").await, 0);
    assert_eq!(app.count("SELECT count(*) FROM contact_import_rows").await, 1);
    app.run_jobs().await;
    let after = standing(&app, &running).await;
    assert_eq!((&after["status"], &after["created"], &after["rows_done"]), (&json!("done"), &json!(1), &json!(3)));
    assert!(by_number(&app, "+14155550101").await.is_none());
    assert!(by_number(&app, "+14155550104").await.is_some());
    // A file that comes later is another matter: it says anew who they are.
    assert_eq!(taken_in(&app, list, json!({})).await["created"], 1);
    assert!(!contact(&app, "+14155550109").await.is_empty());
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timeline_tells_everything_in_order_to_whoever_may_see_it() {
    let app = App::start().await;
    let list = "phone,name\n+14155550101,Ana\n";
    let consent = json!({
        "tier": "express", "method": "paper", "channel": "sms", "purpose": "transactional", "evidence": "Sheet 3",
        "given_at": "2026-11-01T12:00:00Z",
    });
    taken_in(&app, list, json!({ "consent": consent })).await;
    app.clock.advance(TimeDelta::seconds(1));
    let path =
        format!("/api/contacts/{}", by_number(&app, "+14155550101").await.expect("Ana")["id"].as_str().expect("id"));
    app.api("PATCH", &path, Some(json!({ "notes": "called" }))).await.expect(200);
    app.clock.advance(TimeDelta::seconds(1));
    app.ask("+14155550101", "book tuesday at 10 am").await;
    app.ask("+14155550101", "yes").await;
    let told = app.items(&format!("{path}/timeline")).await;
    let kinds: Vec<(&str, &str)> =
        told.iter().map(|t| (t["kind"].as_str().expect("kind"), t["what"].as_str().expect("what"))).collect();
    let expected = [
        ("import", "created"),
        ("consent", "granted"),
        ("change", "contact.updated"),
        ("text", "inbound"),
        ("booking", "booked"),
    ];
    for one in expected {
        assert!(kinds.contains(&one), "{one:?} in {kinds:?}");
    }
    let times: Vec<&str> = told.iter().map(|t| t["at"].as_str().expect("time")).collect();
    assert!(times.is_sorted_by(|a, b| a >= b), "{times:?}");
    // Page by page it is the same.
    let mut paged = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = app.get(&format!("{path}/timeline?limit=2{cursor}")).await;
        paged.extend(page["items"].as_array().expect("items").clone());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(paged, told);
    let little = app.key_with(app.organization.id, &[Permission::ContactsRead]).await;
    let seen = app.api_as(&little, "GET", &format!("{path}/timeline"), None).await.expect(200).json();
    let seen: Vec<&str> =
        seen["items"].as_array().expect("items").iter().map(|t| t["kind"].as_str().expect("kind")).collect();
    assert!(seen.iter().all(|kind| ["consent", "import"].contains(kind)) && !seen.is_empty(), "{seen:?}");
    app.finish().await;
}
