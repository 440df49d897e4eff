//! One tenant never sees another's rows: not by the API, not by SQL under the app's role.

use frontdesk::{app, platform::config::Config};
use sqlx::{AssertSqlSafe, Executor};

use crate::support::App;

#[tokio::test(flavor = "multi_thread")]
async fn the_api_shows_only_ones_own() {
    let app = App::start().await;
    let (_, key) = app.second_organization().await;
    app.ask("+14155550101", "book tuesday at 10 am").await;
    app.ask("+14155550101", "yes").await;
    let (app, key) = (&app, &key);
    let as_other = |method: &'static str, path: String| async move { app.api_as(key, method, &path, None).await };
    for list in
        ["contacts", "messages", "conversations", "services", "providers", "slots", "appointments", "jobs?state=done"]
    {
        let page = as_other("GET", format!("/api/{list}")).await.expect(200).json();
        assert_eq!(page["items"], serde_json::json!([]), "{list}");
        assert!(!app.items(&format!("/api/{list}")).await.is_empty(), "{list} has rows to be hidden");
    }
    let contact = app.items("/api/contacts").await[0]["id"].as_str().expect("id").to_owned();
    let conversation = app.items("/api/conversations").await[0]["id"].as_str().expect("id").to_owned();
    let appointment = app.items("/api/appointments").await[0]["id"].as_str().expect("id").to_owned();
    as_other("GET", format!("/api/contacts/{contact}")).await.expect(404);
    as_other("GET", format!("/api/conversations/{conversation}")).await.expect(404);
    as_other("POST", format!("/api/appointments/{appointment}/cancel")).await.expect(404);
    for list in ["messages", "appointments"] {
        let page = as_other("GET", format!("/api/{list}?contact_id={contact}")).await.expect(200).json();
        assert_eq!(page["items"], serde_json::json!([]), "{list} by a foreign contact");
    }
    as_other("GET", format!("/api/conversations/{conversation}/turns")).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_tenant_table_is_under_row_level_security() {
    let app = App::start().await;
    let unprotected: Vec<String> = sqlx::query_scalar(
        "SELECT c.relname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'organization_id'
         WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
           AND NOT (c.relrowsecurity AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid))",
    )
    .fetch_all(app.core.db.pool())
    .await
    .expect("catalog");
    assert!(unprotected.is_empty(), "{unprotected:?}");
    let keys_that_reach_across: Vec<String> = sqlx::query_scalar(
        "SELECT conname::text FROM pg_constraint k
         WHERE contype = 'f' AND connamespace = 'public'::regnamespace
           -- Tables of the installation (users) and those the app's role cannot read (sessions) belong to nobody.
           AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = k.confrelid AND a.attname = 'organization_id')
           AND has_table_privilege('frontdesk_app', k.confrelid, 'SELECT')
           AND NOT EXISTS (SELECT FROM unnest(k.conkey) n JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = n WHERE a.attname = 'organization_id')",
    )
    .fetch_all(app.core.db.pool())
    .await
    .expect("catalog");
    assert!(keys_that_reach_across.is_empty(), "{keys_that_reach_across:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_apps_role_cannot_reach_another_tenant_nor_step_out() {
    let app = App::start().await;
    let (other, _) = app.second_organization().await;
    app.ask("+14155550101", "book tuesday at 10 am").await;
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT c.relname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'organization_id'
         WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace ORDER BY 1",
    )
    .fetch_all(app.core.db.pool())
    .await
    .expect("tables");
    assert!(tables.len() >= 17, "{tables:?}");
    let mut tx = app.core.db.tenant(other).await.expect("tenant");
    // Tables that are none of the app's business at all: read before it is known whose a token is.
    assert!(tables.iter().any(|t| t == "sessions"));
    for table in tables.iter().filter(|t| *t != "sessions") {
        let seen: i64 = sqlx::query_scalar(AssertSqlSafe(format!(
            "SELECT count(*) FROM {table} WHERE organization_id <> '{}'",
            other.0
        )))
        .fetch_one(&mut *tx)
        .await
        .expect("select");
        assert_eq!(seen, 0, "{table}");
    }
    drop(tx);
    let ours = app.organization.id;
    for attempt in [
        format!("UPDATE contacts SET first_name = 'x' WHERE organization_id = '{}'", ours.0),
        format!("UPDATE slots SET taken = 0 WHERE organization_id = '{}'", ours.0),
        format!("DELETE FROM jobs WHERE organization_id = '{}'", ours.0),
    ] {
        let mut tx = app.core.db.tenant(other).await.expect("tenant");
        let touched = tx.execute(AssertSqlSafe(attempt.clone())).await.expect("runs").rows_affected();
        assert_eq!(touched, 0, "{attempt}");
    }
    for attempt in [
        // Another tenant's row, a policy, a table, the ledger of consent: none is the app's to change.
        format!(
            "INSERT INTO contacts (organization_id, id, phone_number, created_at, updated_at) VALUES ('{}', gen_random_uuid(), '+14155550199', now(), now())",
            ours.0
        ),
        "ALTER TABLE contacts DISABLE ROW LEVEL SECURITY".to_owned(),
        "DROP POLICY tenant ON contacts".to_owned(),
        "SET LOCAL row_security = off; SELECT * FROM contacts".to_owned(),
        "DELETE FROM consent_events".to_owned(),
        "UPDATE consent_events SET action = 'granted'".to_owned(),
        "DELETE FROM quiet_hours_overrides".to_owned(),
        "UPDATE quiet_hours_overrides SET reason = 'none'".to_owned(),
        "SELECT * FROM login_failures".to_owned(),
        "SELECT * FROM stray_reports".to_owned(),
        "SELECT * FROM sessions".to_owned(),
        "SELECT * FROM refresh_tokens".to_owned(),
        "SELECT * FROM recovery_codes".to_owned(),
        "SELECT password_hash FROM users".to_owned(),
        "UPDATE users SET superuser = true".to_owned(),
        "DELETE FROM audit_log".to_owned(),
        "UPDATE audit_log SET actor_name = 'nobody'".to_owned(),
        "DELETE FROM memberships".to_owned(),
    ] {
        let mut tx = app.core.db.tenant(other).await.expect("tenant");
        assert!(tx.execute(AssertSqlSafe(attempt.clone())).await.is_err(), "{attempt}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_the_tenant_outlives_its_transaction() {
    let app = App::start().await;
    for _ in 0..30 {
        let tx = app.core.db.tenant(app.organization.id).await.expect("tenant");
        tx.commit().await.expect("commit");
        drop(app.core.db.tenant(app.organization.id).await.expect("tenant"));
        let (role, setting): (String, Option<String>) =
            sqlx::query_as("SELECT current_user::text, nullif(current_setting('app.organization_id', true), '')")
                .fetch_one(app.core.db.pool())
                .await
                .expect("state");
        assert_ne!(role, "frontdesk_app");
        assert_eq!(setting, None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_reach_the_organization_whose_number_it_is() {
    let app = App::start().await;
    let (other, _) = app.second_organization().await;
    let fields = [("MessageSid", "SM1"), ("From", "+14155550101"), ("To", "+15005550077"), ("Body", "hi")];
    app.request(app.signed("/webhooks/sms/inbound", &fields)).await.expect(200);
    assert!(app.items("/api/messages").await.is_empty());
    let theirs: i64 = sqlx::query_scalar("SELECT count(*) FROM messages WHERE organization_id = $1")
        .bind(other.0)
        .fetch_one(app.core.db.pool())
        .await
        .expect("count");
    assert_eq!(theirs, 1);
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn starting_twice_changes_nothing() {
    let app = App::start().await;
    let config: &Config = &app.core.config;
    let before = app.count("SELECT count(*) FROM senders").await;
    let again = app::bootstrap(&app.core.db, config, config.admin.password.as_ref()).await.expect("bootstrap");
    assert_eq!(again.id, app.organization.id);
    assert_eq!(app::seed_demo(&app.core.db, &again).await.expect("seed"), 0);
    assert_eq!(app.count("SELECT count(*) FROM senders").await, before);
    assert_eq!(app.count("SELECT count(*) FROM users").await, 1);
    assert_eq!(app.count("SELECT count(*) FROM organizations").await, 1);
}

/// Clients go away at any moment, and with them whoever waits for a transaction.
#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_nobody_waited_for_is_not_left_open() {
    let app = App::start().await;
    let pool = app.core.db.pool();
    for n in 0..400 {
        let begin = app.core.db.tenant(app.organization.id);
        drop(tokio::time::timeout(std::time::Duration::from_micros(n * 5), begin).await);
    }
    let mut connections = Vec::new();
    for _ in 0..pool.options().get_max_connections() {
        connections.push(pool.acquire().await.expect("connection"));
    }
    for connection in &mut connections {
        let user: String = sqlx::query_scalar("SELECT current_user::text")
            .fetch_one(&mut **connection)
            .await
            .expect("a clean connection");
        assert_ne!(user, "frontdesk_app");
    }
}
