//! What is exported of a contact's texts, how they are erased, and how old ones are.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::platform::{
    db::Tx,
    ids::{ContactId, first_id_of},
    personal::{Erased, PersonalRows},
};

pub const PERSONAL: &[PersonalRows] = &[
    PersonalRows {
        name: "conversations",
        meaning: "the threads between you and each of our numbers, and where each stands",
        sql: "SELECT v.id::text AS key, to_jsonb(v) AS row FROM conversations v
              WHERE v.organization_id = $1 AND v.contact_id = $2 AND ($3::uuid IS NULL OR v.id > $3::uuid) ORDER BY v.id LIMIT $4",
    },
    PersonalRows {
        name: "messages",
        meaning: "every text you sent and got, with the addresses of pictures and other media",
        sql: "SELECT m.id::text AS key, to_jsonb(m) AS row FROM messages m
              WHERE m.organization_id = $1 AND m.contact_id = $2 AND ($3::uuid IS NULL OR m.id > $3::uuid) ORDER BY m.id LIMIT $4",
    },
    PersonalRows {
        name: "media",
        meaning: "the addresses of pictures and other media in your texts, which lie at the provider",
        sql: "SELECT m.id::text || ' ' || lpad(f.n::text, 3, '0') AS key,
                     jsonb_build_object('message_id', m.id, 'created_at', m.created_at, 'url', f.item -> 'url',
                                        'content_type', f.item -> 'content_type') AS row
              FROM messages m, jsonb_array_elements(m.media) WITH ORDINALITY AS f (item, n)
              WHERE m.organization_id = $1 AND m.contact_id = $2
                AND ($3::text IS NULL OR m.id >= split_part($3, ' ', 1)::uuid
                     AND (m.id, lpad(f.n::text, 3, '0')) > (split_part($3, ' ', 1)::uuid, split_part($3, ' ', 2)))
              ORDER BY m.id, f.n LIMIT $4",
    },
    PersonalRows {
        name: "webhook_receipts",
        meaning: "your texts as your carrier's provider handed them to us",
        sql: "SELECT m.id::text AS key, to_jsonb(w) AS row FROM messages m
              JOIN webhook_receipts w ON w.organization_id = m.organization_id AND w.provider_sid = m.provider_sid
              WHERE m.organization_id = $1 AND m.contact_id = $2 AND m.direction = 'inbound'
                AND ($3::uuid IS NULL OR m.id > $3::uuid) ORDER BY m.id LIMIT $4",
    },
    PersonalRows {
        name: "delivery_attempts",
        meaning: "tries of our texts to you that others followed",
        sql: "SELECT a.provider_sid AS key, to_jsonb(a) AS row FROM delivery_attempts a
              JOIN messages m ON m.organization_id = a.organization_id AND m.id = a.message_id
              WHERE a.organization_id = $1 AND m.contact_id = $2 AND ($3::text IS NULL OR a.provider_sid > $3)
              ORDER BY a.provider_sid LIMIT $4",
    },
    PersonalRows {
        name: "delivery_events",
        meaning: "what the provider reported on the way of our texts to you",
        sql: "SELECT m.id::text || ' ' || d.status AS key, to_jsonb(d) AS row FROM messages m
              JOIN delivery_events d ON d.organization_id = m.organization_id AND d.provider_sid = m.provider_sid
              WHERE m.organization_id = $1 AND m.contact_id = $2 AND m.direction = 'outbound'
                AND ($3::text IS NULL OR m.id >= split_part($3, ' ', 1)::uuid
                     AND (m.id, d.status) > (split_part($3, ' ', 1)::uuid, split_part($3, ' ', 2)))
              ORDER BY m.id, d.status LIMIT $4",
    },
];

/// The texts that a contact's consent rests on: those that its ledger names, those that the carrier took for a keyword, and the confirmations
/// that followed; each with what the provider handed over and reported. A line may name a text from their other number.
pub const CONSENT_TEXTS: PersonalRows = PersonalRows {
    name: "messages",
    meaning: "the texts that the lines name, and the confirmations of opt-outs",
    sql: "SELECT m.id::text AS key,
                 to_jsonb(m) || jsonb_build_object(
                     'sender_address', s.address,
                     'receipt', (SELECT to_jsonb(w) - 'organization_id' FROM webhook_receipts w
                                 WHERE m.direction = 'inbound' AND w.organization_id = m.organization_id AND w.provider_sid = m.provider_sid),
                     'reports', (SELECT jsonb_agg(to_jsonb(d) - 'organization_id' ORDER BY d.received_at) FROM delivery_events d
                                 WHERE m.direction = 'outbound' AND d.organization_id = m.organization_id AND d.provider_sid = m.provider_sid)) AS row
          FROM messages m JOIN senders s ON s.organization_id = m.organization_id AND s.id = m.sender_id
          WHERE m.organization_id = $1
            AND m.contact_id = ANY (ARRAY(SELECT $2::uuid UNION ALL
                                          SELECT o.id FROM contacts o WHERE o.organization_id = $1 AND o.merged_into = $2))
            AND (m.contact_id = $2 AND (m.purpose = 'opt_out_confirmation' OR m.opt_out_type IS NOT NULL)
                 OR m.id IN (SELECT unnest(ARRAY[e.message_id, e.double_opt_in_message_id]) FROM consent_events e
                             WHERE e.organization_id = $1 AND e.contact_id = $2))
            AND ($3::uuid IS NULL OR m.id > $3::uuid) ORDER BY m.id LIMIT $4",
};

/// What is left of a contact's rows for others to forget.
#[derive(Debug, Default)]
pub struct ErasedThreads {
    pub counts: Vec<Erased>,
    pub conversations: Vec<Uuid>,
    pub messages: Vec<Uuid>,
}

/// Deletes the contact's conversations and messages. Receipts stay, emptied: they are the guard against a text delivered again. For the
/// same reason a mark stays for each text of ours whose delivery may still be reported.
pub async fn erase(tx: &mut Tx, contact: ContactId) -> Result<ErasedThreads, sqlx::Error> {
    let organization = tx.organization_id();
    let tries = tries_of(tx, contact).await?;
    let gone = sqlx::query!(
        "DELETE FROM messages WHERE organization_id = $1 AND contact_id = $2 RETURNING id, direction, provider_sid",
        organization.0,
        contact.0
    )
    .fetch_all(&mut **tx)
    .await?;
    let conversations = sqlx::query_scalar!(
        "DELETE FROM conversations WHERE organization_id = $1 AND contact_id = $2 RETURNING id",
        organization.0,
        contact.0
    )
    .fetch_all(&mut **tx)
    .await?;
    super::simulator::forget_faults_of(tx, contact).await?;
    let sids = |direction: &str| -> Vec<String> {
        gone.iter().filter(|m| m.direction == direction).filter_map(|m| m.provider_sid.clone()).collect()
    };
    let receipts = empty_receipts(tx, &sids("inbound")).await?;
    let reports = forget_reports(tx, &[sids("outbound"), tries.clone()].concat()).await?;
    Ok(ErasedThreads {
        counts: vec![
            ("messages", gone.len() as u64),
            ("conversations", conversations.len() as u64),
            ("webhook_receipts", receipts),
            ("delivery_events", reports),
            ("delivery_attempts", tries.len() as u64),
        ],
        messages: gone.into_iter().map(|m| m.id).collect(),
        conversations,
    })
}

/// Provider ids of tries of the contact's texts that others followed; they go with the texts.
async fn tries_of(tx: &mut Tx, contact: ContactId) -> Result<Vec<String>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_scalar!(
        "SELECT a.provider_sid FROM delivery_attempts a JOIN messages m ON m.organization_id = a.organization_id AND m.id = a.message_id
         WHERE a.organization_id = $1 AND m.contact_id = $2",
        organization.0,
        contact.0
    )
    .fetch_all(&mut **tx)
    .await
}

async fn empty_receipts(tx: &mut Tx, sids: &[String]) -> Result<u64, sqlx::Error> {
    let organization = tx.organization_id();
    let emptied = sqlx::query!(
        r#"UPDATE webhook_receipts SET params = '{"erased":true}' WHERE organization_id = $1 AND provider_sid = ANY($2)"#,
        organization.0,
        sids
    )
    .execute(&mut **tx)
    .await?;
    Ok(emptied.rows_affected())
}

/// Deletes what was reported on these texts of ours, and lets later reports on them be dropped.
pub(in crate::messaging) async fn forget_reports(tx: &mut Tx, sids: &[String]) -> Result<u64, sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    // The mark first: a report that comes at this moment waits for it, or is deleted below.
    sqlx::query!(
        "INSERT INTO delivery_events (organization_id, provider_sid, status, params, received_at)
         SELECT $1, sid, 'erased', '{}', $3 FROM unnest($2::text[]) AS sid ON CONFLICT DO NOTHING",
        organization.0,
        sids,
        now
    )
    .execute(&mut **tx)
    .await?;
    let gone = sqlx::query!(
        "DELETE FROM delivery_events WHERE organization_id = $1 AND provider_sid = ANY($2) AND status <> 'erased'",
        organization.0,
        sids
    )
    .execute(&mut **tx)
    .await?;
    Ok(gone.rows_affected())
}

/// Deletes up to `limit` messages from before `before`, with what came and was reported about them. Texts that wait to be sent or
/// answered stay, and so does one that somebody is at work on now. Returns how many went.
pub async fn sweep_messages(tx: &mut Tx, before: DateTime<Utc>, limit: i64) -> Result<u64, sqlx::Error> {
    let organization = tx.organization_id();
    // Two statements: where a subquery that locks stands in the condition of a DELETE, the planner may run it more than once.
    let ids = sqlx::query_scalar!(
        "SELECT id FROM messages
         WHERE organization_id = $1 AND id < $2 AND created_at < $3 AND status NOT IN ('queued', 'sending')
           AND NOT (direction = 'inbound' AND handled_at IS NULL)
         ORDER BY id LIMIT $4 FOR UPDATE SKIP LOCKED",
        organization.0,
        first_id_of(before),
        before,
        limit,
    )
    .fetch_all(&mut **tx)
    .await?;
    sqlx::query!(
        "DELETE FROM delivery_events WHERE organization_id = $1 AND provider_sid IN (
           SELECT provider_sid FROM delivery_attempts WHERE organization_id = $1 AND message_id = ANY($2))",
        organization.0,
        &ids,
    )
    .execute(&mut **tx)
    .await?;
    let gone = sqlx::query!(
        "DELETE FROM messages WHERE organization_id = $1 AND id = ANY($2) RETURNING direction, provider_sid",
        organization.0,
        &ids,
    )
    .fetch_all(&mut **tx)
    .await?;
    let sids = |direction: &str| -> Vec<String> {
        gone.iter().filter(|m| m.direction == direction).filter_map(|m| m.provider_sid.clone()).collect()
    };
    empty_receipts(tx, &sids("inbound")).await?;
    let (sids, organization) = (sids("outbound"), tx.organization_id());
    sqlx::query!(
        "DELETE FROM delivery_events WHERE organization_id = $1 AND provider_sid = ANY($2)",
        organization.0,
        &sids
    )
    .execute(&mut **tx)
    .await?;
    Ok(gone.len() as u64)
}

/// Deletes up to `limit` receipts from before `before`.
pub async fn sweep_receipts(tx: &mut Tx, before: DateTime<Utc>, limit: i64) -> Result<u64, sqlx::Error> {
    let organization = tx.organization_id();
    let sids = sqlx::query_scalar!(
        "SELECT provider_sid FROM webhook_receipts WHERE organization_id = $1 AND received_at < $2 LIMIT $3 FOR UPDATE SKIP LOCKED",
        organization.0,
        before,
        limit,
    )
    .fetch_all(&mut **tx)
    .await?;
    let gone = sqlx::query!(
        "DELETE FROM webhook_receipts WHERE organization_id = $1 AND provider_sid = ANY($2)",
        organization.0,
        &sids,
    )
    .execute(&mut **tx)
    .await?;
    Ok(gone.rows_affected())
}

/// Deletes up to `limit` delivery reports from before `before`.
pub async fn sweep_reports(tx: &mut Tx, before: DateTime<Utc>, limit: i64) -> Result<u64, sqlx::Error> {
    let organization = tx.organization_id();
    let old = sqlx::query!(
        "SELECT provider_sid, status FROM delivery_events WHERE organization_id = $1 AND received_at < $2 LIMIT $3
         FOR UPDATE SKIP LOCKED",
        organization.0,
        before,
        limit,
    )
    .fetch_all(&mut **tx)
    .await?;
    let (sids, statuses): (Vec<String>, Vec<String>) = old.into_iter().map(|r| (r.provider_sid, r.status)).unzip();
    let gone = sqlx::query!(
        "DELETE FROM delivery_events WHERE organization_id = $1
           AND (provider_sid, status) IN (SELECT * FROM unnest($2::text[], $3::text[]))",
        organization.0,
        &sids,
        &statuses,
    )
    .execute(&mut **tx)
    .await?;
    Ok(gone.rows_affected())
}
