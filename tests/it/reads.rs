//! What a text costs does not grow with the business: nothing on its way reads a whole table. Beneath row-level security an expression that
//! Postgres does not trust keeps an index from being asked, which nobody sees in a small table.

use std::{collections::BTreeMap, time::Duration};

use serde_json::json;

use crate::{
    campaigns::{agreed, campaign},
    support::App,
};

const MANY: i32 = 5_000;
/// Tables that grow with the business.
const TABLES: [&str; 5] = ["contacts", "conversations", "messages", "campaign_targets", "consent_events"];

/// A thread with everybody, each with a text of a campaign.
async fn texted(app: &App) {
    campaign(app, json!({})).await;
    let mut tx = app.core.db.tenant(app.organization.id).await.expect("tenant");
    for statement in [
        "INSERT INTO conversations (organization_id, id, contact_id, sender_id, created_at, updated_at)
         SELECT $1, c.id, c.id, s.id, $2, $2 FROM contacts c, senders s WHERE s.channel = 'sms'",
        "INSERT INTO messages (organization_id, id, conversation_id, contact_id, sender_id, direction, channel, body, status, created_at, sent_at)
         SELECT organization_id, id, id, contact_id, sender_id, 'outbound', 'sms', 'An offer', 'delivered', $2, $2
         FROM conversations WHERE organization_id = $1",
        "INSERT INTO campaign_targets (organization_id, campaign_id, contact_id, sender_id, lane, step, state, due_at, first_sent_at, last_sent_at)
         SELECT organization_id, (SELECT id FROM campaigns), contact_id, sender_id, 0, 0, 'sent', $2, $2, $2 FROM conversations WHERE organization_id = $1",
    ] {
        let bound = sqlx::query(statement).bind(app.organization.id.0).bind(app.clock.now());
        bound.execute(&mut *tx).await.expect("rows");
    }
    tx.commit().await.expect("commit");
}

/// Rows read by whole scans, and index scans, by table.
async fn read(app: &App) -> BTreeMap<String, (i64, i64)> {
    let rows: Vec<(String, i64, i64)> = sqlx::query_as(
        "SELECT relname::text, seq_tup_read, COALESCE(idx_scan, 0) FROM pg_stat_user_tables WHERE relname = ANY ($1)",
    )
    .bind(TABLES.map(str::to_owned).to_vec())
    .fetch_all(app.core.db.pool())
    .await
    .expect("statistics");
    rows.into_iter().map(|(table, rows, scans)| (table, (rows, scans))).collect()
}

/// The same, once backends have told of what they did: they do within about ten seconds of rest.
async fn settled(app: &App) -> BTreeMap<String, (i64, i64)> {
    let mut last = read(app).await;
    let mut same = 0;
    while same < 12 {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let now = read(app).await;
        same = if now == last { same + 1 } else { 0 };
        last = now;
    }
    last
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_and_its_answer_read_no_table_as_a_whole() {
    let app = App::start().await;
    agreed(&app, app.organization.id, 0, MANY).await;
    texted(&app).await;
    sqlx::query("ANALYZE contacts, conversations, messages, campaign_targets, consent_events")
        .execute(app.core.db.pool())
        .await
        .expect("analyze");
    // Whoever wrote before, whoever never did, and both more than once.
    let talk = async || {
        for number in ["+12125550007", "+12125554321", "+14155550199"] {
            for words in ["hello", "what do you cost?", "book tuesday at 10 am"] {
                app.text(number, words).await;
            }
        }
    };
    talk().await;
    let before = settled(&app).await;
    talk().await;
    let after = settled(&app).await;
    let whole: Vec<String> = after
        .iter()
        .filter(|(table, (rows, _))| rows - before[*table].0 >= i64::from(MANY))
        .map(|(table, (rows, _))| format!("{table}: {} rows", rows - before[table].0))
        .collect();
    assert!(after["contacts"].1 > before["contacts"].1, "nothing was counted");
    assert!(whole.is_empty(), "read as a whole: {whole:?}");
    app.finish().await;
}
