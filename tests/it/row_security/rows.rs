//! The rows that statements are tried on: of every kind and in every state that a statement asks for, for one organization and, mirrored,
//! for another.

use frontdesk::platform::ids::OrganizationId;
use serde_json::json;
use sqlx::{PgConnection, Row};

use super::run;
use crate::{
    coverage,
    support::{App, Receiver},
};

/// Fills every table.
pub async fn fill(app: &App) {
    let (one, two) = ("+14155550101", "+14155550102");
    app.ask(one, "book tuesday at 10 am").await;
    app.ask(one, "yes").await;
    app.text(two, "please stop whatever this is, maybe").await;
    app.text(two, "book wednesday at 11 am").await;
    app.text("+14155550103", "STOP").await;
    let entry = json!({ "topic": "hours", "title": "Opening hours", "answer_en": "We are open 9 to 5." });
    app.api("POST", "/api/knowledge", Some(entry)).await.expect(201);
    let settings =
        json!({ "ai_enabled": true, "daily_budget_usd": 1.0, "history_messages": 5, "human_quiet_minutes": 60 });
    app.api("PUT", "/api/assistant/settings", Some(settings)).await.expect(200);
    let receiver = Receiver::start().await;
    app.api("POST", "/api/webhook-endpoints", Some(json!({ "url": receiver.url }))).await.expect(201);
    let model = json!({ "provider": "openrouter", "model": "openai/gpt-5-mini", "key": "sk-or-v1-0123456789abcdef" });
    app.api("POST", "/api/assistant/providers", Some(model)).await.expect(201);
    // Kept for what comes of asking models and of inviting people.
    for sql in [
        "INSERT INTO ai_usage (organization_id, day, provider, model, calls, failures, input_tokens, output_tokens, cost_micros)
         VALUES ($1, '2026-11-21', 'openrouter', 'x', 1, 0, 0, 0, 0)",
        "INSERT INTO roles (organization_id, id, name, permissions, created_at, updated_at)
         VALUES ($1, gen_random_uuid(), 'Own', '{contacts.read}', now(), now())",
        "INSERT INTO invitations (organization_id, id, email, role, token_hash, created_at, expires_at)
         VALUES ($1, gen_random_uuid(), 'a@example.com', 'viewer', 'hash', now(), now())",
    ] {
        sqlx::query(sql).bind(app.organization.id.0).execute(app.core.db.pool()).await.expect(sql);
    }
    // Of the figures some are folded, and some are not yet.
    frontdesk::analytics::fold(&app.core.db).await.expect("fold");
    app.ask(one, "what times do you have on friday?").await;
    let sid = app.twilio.taken_by(one)[0].sid.clone();
    let fields = [("MessageSid", sid.as_str()), ("MessageStatus", "delivered"), ("To", one)];
    app.request(app.signed("/webhooks/sms/status", &fields)).await.expect(200);
    app.run_jobs().await;
    assert!(!receiver.received().is_empty());
    // What the tests of the operations need one of, and what they do not leave behind.
    coverage::fill_own(app).await;
    app.api("PUT", "/api/privacy/settings", Some(json!({ "messages_days": 400 }))).await.expect(200);
    app.api("PUT", "/api/compliance/frequency-cap", Some(json!({ "texts": 4, "days": 30 }))).await.expect(200);
    // Of somebody who opted out and was erased, a hash of the number stays.
    let gone = "+14155550104";
    app.text(gone, "STOP").await;
    let gone_id = app.items("/api/contacts?q=0104").await[0]["id"].as_str().expect("id").to_owned();
    app.api("POST", &format!("/api/contacts/{gone_id}/erase"), Some(json!({ "confirm": gone }))).await.expect(200);
    // An erasure throws waiting files away: one that came after.
    crate::imports::brought(app, "phone,email\n+14155550173,eve@example.com\n").await;
    // Nothing refers to these.
    for (path, body) in [
        ("/api/contacts", json!({ "phone_number": "+14155550172", "first_name": "Eve", "last_name": "Reed" })),
        ("/api/services", json!({ "name": "Evening", "duration_minutes": 30 })),
        ("/api/providers", json!({ "name": "Eve" })),
        ("/api/availability/exceptions", json!({ "from_date": "2028-02-03", "to_date": "2028-02-04" })),
    ] {
        app.api("POST", path, Some(body)).await.expect(201);
    }
    // In every state that a statement asks for.
    let kept = [
        "INSERT INTO jobs (organization_id, id, kind, queue, payload, state, run_at, attempts, max_attempts, lease_seconds, locked_until, created_at)
         SELECT $1, gen_random_uuid(), 'none', 'default', '{}', state, '2026-11-20', 1, most, 20, '2026-11-20', now()
         FROM (VALUES ('queued', 9), ('running', 9), ('running', 1), ('dead', 9)) AS of (state, most)",
        "INSERT INTO contact_imports (organization_id, id, file_name, status, options, created_at)
         SELECT $1, gen_random_uuid(), 'e.csv', of.status, '{}', '2026-11-20'
         FROM (VALUES ('receiving'), ('running'), ('failed'), ('undoing'), ('cancelled')) AS of (status)",
        "UPDATE contacts SET tags = '{regular}' WHERE organization_id = $1",
        "UPDATE links SET clicks = 1, first_clicked_at = created_at, last_clicked_at = created_at WHERE organization_id = $1",
        "INSERT INTO link_clicks (organization_id, id, link_id, kind, at)
         SELECT organization_id, gen_random_uuid(), id, 'person', created_at FROM links WHERE organization_id = $1",
        "UPDATE messages SET handled_at = NULL WHERE organization_id = $1 AND direction = 'inbound'",
        "INSERT INTO messages (organization_id, id, conversation_id, contact_id, sender_id, direction, channel, body, status, created_at)
         SELECT $1, gen_random_uuid(), conversation_id, contact_id, sender_id, 'outbound', channel, 'Yes.', of.status, created_at
         FROM (SELECT * FROM messages WHERE organization_id = $1 LIMIT 1) AS m, (VALUES ('queued'), ('sending'), ('failed')) AS of (status)",
        r#"UPDATE messages SET content = '{"sid": "HX1", "variables": {}, "text": "Hello", "when": "outside_window", "category": "utility",
                                           "words": {"body": "Hi", "segments": 1, "purpose": "conversational"}}'
           WHERE organization_id = $1 AND direction = 'outbound' AND status = 'queued' AND provider_sid IS NULL"#,
        r#"UPDATE messages SET media = '[{"url": "https://example.com/a", "content_type": "image/png"}]'
           WHERE organization_id = $1 AND direction = 'inbound'"#,
        "INSERT INTO delivery_attempts (organization_id, provider_sid, message_id, status, error_code, handed_at, ended_at)
         SELECT $1, 'SM' || id, id, 'undelivered', '30003', created_at, created_at FROM messages
         WHERE organization_id = $1 AND direction = 'outbound'",
        "INSERT INTO delivery_events (organization_id, provider_sid, status, params, received_at)
         SELECT $1, provider_sid, 'undelivered', '{}', ended_at FROM delivery_attempts WHERE organization_id = $1",
        "UPDATE messages SET purpose = 'marketing', handed_at = created_at, unknown_since = created_at
         WHERE organization_id = $1 AND status = 'failed' AND provider_sid IS NULL",
        "INSERT INTO suppressions (organization_id, id, phone_number, sender_id, channel, reason, created_at, expires_at)
         SELECT $1, gen_random_uuid(), c.phone_number, CASE WHEN of.reason = 'carrier_opted_out' THEN s.id END,
                CASE WHEN of.reason = 'bad_number' THEN 'sms' END, of.reason, '2026-11-01', CASE WHEN of.reason = 'do_not_call' THEN timestamptz '2026-11-02' END
         FROM (SELECT phone_number FROM contacts WHERE organization_id = $1 AND phone_number = '+14155550101') AS c,
              (SELECT id FROM senders WHERE organization_id = $1 AND channel = 'sms' LIMIT 1) AS s,
              (VALUES ('carrier_opted_out'), ('bad_number'), ('do_not_call')) AS of (reason)",
        "INSERT INTO jobs (organization_id, id, kind, queue, payload, state, run_at, max_attempts, lease_seconds, created_at, pace_id, line_id)
         SELECT $1, gen_random_uuid(), 'none', 'bulk', '{}', 'queued', of.run_at, 9, 20, now(), s.id, s.id
         FROM (SELECT id FROM senders WHERE organization_id = $1 AND channel = 'sms' LIMIT 1) AS s,
              (VALUES (timestamptz '2026-11-20'), (timestamptz '2099-01-01')) AS of (run_at)",
        "INSERT INTO sender_credentials (organization_id, sender_id, account_sid, sealed_auth_token, updated_at)
         SELECT $1, id, 'AC77777777777777777777777777777777', 'sealed', now() FROM senders WHERE organization_id = $1 AND channel = 'whatsapp'",
        "INSERT INTO sender_reconciliations (organization_id, sender_id, listed_until, checked_at)
         SELECT $1, id, '2026-11-20', '2026-11-20' FROM senders WHERE organization_id = $1",
        "INSERT INTO job_lines (organization_id, line_id, open_at, batch) SELECT $1, id, '2026-11-20', 10 FROM senders WHERE organization_id = $1",
        "INSERT INTO message_prices (organization_id, currency, sms_segment_micros, updated_at) VALUES ($1, 'USD', 7900, now())",
        "INSERT INTO simulations (organization_id, started_at) VALUES ($1, now())",
        "INSERT INTO idempotency_keys (organization_id, subject, key, request_hash, claim, state, locked_until, status, headers, body, created_at)
         SELECT $1, gen_random_uuid(), state, 'hash', gen_random_uuid(), state, '2026-10-01', status, '{\"a\": \"e\"}', 'e', '2026-10-01'
         FROM (VALUES ('running', NULL::smallint), ('committed', NULL), ('done', 201)) AS of (state, status)",
        "UPDATE webhook_endpoints SET failing_since = now() WHERE organization_id = $1",
        "UPDATE webhook_deliveries SET status = 'failed', finished_at = now()
         WHERE organization_id = $1 AND id = (SELECT min(id::text)::uuid FROM webhook_deliveries WHERE organization_id = $1)",
        "INSERT INTO team_messages (organization_id, id, thread_id, sender_id, body, created_at)
         SELECT $1, id, id, sender_id, 'When do we open?', created_at
         FROM (SELECT gen_random_uuid() AS id, sender_id, created_at FROM team_messages WHERE organization_id = $1 LIMIT 1) AS m",
        "UPDATE reports SET source = 'contact', status = 'resolved', resolved_at = now(), resolution = 'Mended.',
                conversation_id = (SELECT id FROM conversations WHERE organization_id = $1 AND contact_id = reports.contact_id LIMIT 1)
         WHERE organization_id = $1 AND contact_id IS NOT NULL",
        "UPDATE report_comments SET internal = false WHERE organization_id = $1",
        "INSERT INTO invitations (organization_id, id, email, role_id, token_hash, created_at, expires_at)
         SELECT $1, gen_random_uuid(), 'e@example.com', id, 'other hash', now(), '2028-01-01' FROM roles WHERE organization_id = $1 LIMIT 1",
        "UPDATE memberships SET role = NULL, role_id = (SELECT id FROM roles WHERE organization_id = $1 LIMIT 1)
         WHERE organization_id = $1 AND user_id IN (SELECT user_id FROM memberships WHERE organization_id = $1 ORDER BY 1 LIMIT 2)",
        "UPDATE memberships SET removed_at = now()
         WHERE organization_id = $1 AND user_id = (SELECT min(user_id::text)::uuid FROM memberships WHERE organization_id = $1)",
        "INSERT INTO message_prices (organization_id, currency, sms_segment_micros, updated_at) VALUES ($1, 'USD', 7900, now())
         ON CONFLICT DO NOTHING",
        "INSERT INTO simulations (organization_id, started_at) VALUES ($1, now()) ON CONFLICT DO NOTHING",
        r#"UPDATE contacts SET custom = '{"size": "10"}' WHERE organization_id = $1"#,
        "INSERT INTO contact_import_errors (organization_id, import_id, line, code, message, cells)
         SELECT $1, id, 999, 'z', 'No number.', 'Eve,+14155550172' FROM contact_imports WHERE organization_id = $1",
        "INSERT INTO suppressions (organization_id, id, number_hash, reason, created_at, erased_at)
         VALUES ($1, gen_random_uuid(), 'hash', 'opted_out', now(), now())",
        r#"INSERT INTO sender_hours (organization_id, sender_id, slot, shard, hour, tried, delivered, failed, errors)
           SELECT $1, id, 99, 0, '2099-01-01', 1, 0, 1, '{"30003": 1}' FROM senders WHERE organization_id = $1 ON CONFLICT DO NOTHING"#,
        "INSERT INTO whatsapp_templates (organization_id, id, content_sid, name, language, body, category, approval, created_at, updated_at)
         VALUES ($1, gen_random_uuid(), 'HX77777777777777777777777777777777', 'unused', 'en', 'Hello', 'utility', 'approved', now(), now())",
        "UPDATE contacts SET merged_into = (SELECT id FROM contacts WHERE organization_id = $1 AND phone_number = '+14155550101'),
                merged_at = now(), archived_at = now()
         WHERE organization_id = $1 AND phone_number = '+14155550172'",
        "INSERT INTO campaigns (organization_id, id, name, state, audience, created_at, updated_at, launched_at)
         SELECT $1, gen_random_uuid(), 'e', state, '{}', now(), now(), now() FROM (VALUES ('running'), ('paused')) AS of (state)",
        "INSERT INTO campaign_steps (organization_id, id, campaign_id, position, template_id)
         SELECT $1, gen_random_uuid(), c.id, 5, (SELECT id FROM templates WHERE organization_id = $1 LIMIT 1) FROM campaigns c
         WHERE c.organization_id = $1",
        "INSERT INTO campaign_targets (organization_id, campaign_id, contact_id, sender_id, lane, variant, state, due_at, first_sent_at, last_sent_at)
         SELECT $1, c.id, p.id, (SELECT id FROM senders WHERE organization_id = $1 AND channel = 'sms' LIMIT 1), 0, 'A', 'waiting', '2026-11-20',
                '2026-11-20', '2026-11-20'
         FROM campaigns c, contacts p WHERE c.organization_id = $1 AND p.organization_id = $1 ON CONFLICT DO NOTHING",
        "UPDATE campaign_targets SET replied_at = last_sent_at WHERE organization_id = $1",
        "INSERT INTO message_batches (organization_id, id, held, created_at)
         SELECT $1, id, true, now() FROM campaign_steps WHERE organization_id = $1 ON CONFLICT DO NOTHING",
        "INSERT INTO message_batch_counts (organization_id, batch_id, shard, status, error_code, texts, segments)
         SELECT $1, id, 0, 'delivered', '', 1, 1 FROM message_batches WHERE organization_id = $1",
        "UPDATE contacts SET tags = '{vip}' WHERE organization_id = $1",
        "INSERT INTO link_clicks (organization_id, id, link_id, kind, at)
         SELECT $1, gen_random_uuid(), id, 'person', now() FROM links WHERE organization_id = $1",
        "UPDATE messages SET batch_id = (SELECT id FROM message_batches WHERE organization_id = $1 LIMIT 1)
         WHERE organization_id = $1 AND direction = 'outbound'",
        "UPDATE slots SET withdrawn_at = now() WHERE organization_id = $1 AND id IN
         (SELECT id FROM slots WHERE organization_id = $1 AND taken = 0 ORDER BY start_time DESC LIMIT 3)",
    ];
    for sql in kept {
        sqlx::query(sql).bind(app.organization.id.0).execute(app.core.db.pool()).await.expect(sql);
    }
}

/// Gives the other organization the same rows, with ids, numbers and hashes of its own.
pub async fn mirror(connection: &mut PgConnection, tables: &[String], from: OrganizationId, to: OrganizationId) {
    run(connection, "SET session_replication_role = replica").await.expect("no triggers");
    for table in tables.iter().map(String::as_str).chain(["users"]) {
        let columns = sqlx::query(
            "SELECT column_name::text AS name, data_type::text AS kind FROM information_schema.columns
             WHERE table_schema = 'public' AND table_name = $1 AND is_generated = 'NEVER'",
        )
        .bind(table)
        .fetch_all(&mut *connection)
        .await
        .expect("columns");
        let (mut names, mut values) = (Vec::new(), Vec::new());
        for column in columns {
            let (name, kind): (String, String) = (column.get("name"), column.get("kind"));
            values.push(match (name.as_str(), kind.as_str()) {
                ("organization_id", _) => format!("'{}'::uuid", to.0),
                ("username", _) => "'other-' || username".to_owned(),
                ("code", _) if table == "links" => "reverse(code)".to_owned(),
                ("email" | "external_subject", _) if table == "users" => "NULL".to_owned(),
                (_, "uuid") => format!("md5({name}::text || 'other')::uuid"),
                (_, "bytea") => format!("sha256({name})"),
                (_, "text") => format!("replace(replace({name}, '+1415', '+1777'), '+1500', '+1600')"),
                _ => name.clone(),
            });
            names.push(name);
        }
        let own = if table == "users" { String::new() } else { format!("WHERE organization_id = '{}'", from.0) };
        if table != "users" {
            run(connection, &format!("DELETE FROM {table} WHERE organization_id = '{}'", to.0)).await.expect(table);
        }
        let (names, values) = (names.join(", "), values.join(", "));
        run(connection, &format!("INSERT INTO {table} ({names}) SELECT {values} FROM {table} {own}"))
            .await
            .unwrap_or_else(|e| panic!("{table}: {e}"));
    }
    run(connection, "SET session_replication_role = origin").await.expect("triggers");
}
