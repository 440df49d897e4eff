//! All SQL on the consent ledger, the block list and quiet hours.

pub(super) mod consent;
pub(super) mod numbers;
pub(super) mod personal;
pub(super) mod quiet_hours;
pub(super) mod reviews;
pub(super) mod suppressions;

use crate::platform::{
    db::Tx,
    ids::{ConsentEventId, ContactId, MessageId, SenderId, SuppressionId, UserId},
    phone::PhoneNumber,
};

pub(super) struct NewConsentEvent<'a> {
    pub contact_id: ContactId,
    pub channel: &'a str,
    pub action: &'static str,
    pub tier: &'static str,
    pub method: &'static str,
    pub evidence: Option<&'a str>,
    pub message_id: Option<MessageId>,
    pub purpose: Option<&'static str>,
    /// Who recorded it.
    pub user_id: Option<UserId>,
}

pub(super) async fn append(tx: &mut Tx, e: &NewConsentEvent<'_>) -> Result<ConsentEventId, sqlx::Error> {
    let (organization, id, now) = (tx.organization_id(), ConsentEventId::new(tx.clock()), tx.clock().now());
    sqlx::query!(
        "INSERT INTO consent_events (organization_id, id, contact_id, channel, action, tier, method, evidence, message_id, at,
                                     purpose, user_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, left($8, 2000), $9, $10, $11, $12)",
        organization.0,
        id.0,
        e.contact_id.0,
        e.channel,
        e.action,
        e.tier,
        e.method,
        e.evidence,
        e.message_id.map(|m| m.0),
        now,
        e.purpose,
        e.user_id.map(|u| u.0),
    )
    .execute(&mut **tx)
    .await?;
    Ok(id)
}

/// The first text of a contact on a channel. Nothing where the ledger has one.
pub(super) async fn append_first_text(
    tx: &mut Tx,
    contact: ContactId,
    channel: &str,
    message: MessageId,
) -> Result<(), sqlx::Error> {
    let (organization, id, now) = (tx.organization_id(), ConsentEventId::new(tx.clock()), tx.clock().now());
    sqlx::query!(
        "INSERT INTO consent_events (organization_id, id, contact_id, channel, action, tier, method, message_id, at)
         SELECT $1, $2, $3, $4, 'granted', 'implied', 'inbound_message', $5, $6
         WHERE NOT EXISTS (SELECT FROM consent_events
                           WHERE organization_id = $1 AND contact_id = $3 AND channel = $4 AND method = 'inbound_message')",
        organization.0,
        id.0,
        contact.0,
        channel,
        message.0,
        now,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

pub(super) struct Block {
    pub reason: String,
}

/// Blocks on the number in the whole organization or for this sender.
pub(super) async fn active_suppressions(
    tx: &mut Tx,
    to: &PhoneNumber,
    sender: SenderId,
) -> Result<Vec<Block>, sqlx::Error> {
    let organization = tx.organization_id();
    let known = tx.number_key();
    let hash = known.as_ref().map(|key| numbers::hash_under(key, to));
    // One question answers it all: blocks by number, by hash, and, where this process has not read it yet, the key of hashes.
    let rows = sqlx::query!(
        r#"SELECT reason AS "reason?", NULL::bytea AS "sealed_key?", NULL::text AS "plain_key?" FROM suppressions
           WHERE organization_id = $1 AND phone_number = $2 AND lifted_at IS NULL AND (sender_id IS NULL OR sender_id = $3)
           UNION ALL
           SELECT reason, NULL, NULL FROM suppressions
           WHERE organization_id = $1 AND number_hash = $4 AND lifted_at IS NULL AND (sender_id IS NULL OR sender_id = $3)
           UNION ALL
           SELECT NULL, sealed_key, plain_key FROM number_hash_keys WHERE organization_id = $1 AND $4::bytea IS NULL"#,
        organization.0,
        to.as_str(),
        sender.0,
        hash,
    )
    .fetch_all(&mut **tx)
    .await?;
    if let Some(row) = rows.iter().find(|row| row.reason.is_none()) {
        // The first time since the organization erased somebody: with the key at hand, ask again.
        let stored = numbers::StoredKey { sealed_key: row.sealed_key.clone(), plain_key: row.plain_key.clone() };
        tx.remember_number_key(stored.open(tx)?);
        return Box::pin(active_suppressions(tx, to, sender)).await;
    }
    Ok(rows.into_iter().filter_map(|row| row.reason).map(|reason| Block { reason }).collect())
}

/// Whether the number belonged to somebody who opted out and was erased.
pub(super) async fn erased_after_opt_out(tx: &mut Tx, number: &PhoneNumber) -> Result<bool, sqlx::Error> {
    let Some(hash) = numbers::hash(tx, number).await? else { return Ok(false) };
    let organization = tx.organization_id();
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM suppressions
                          WHERE organization_id = $1 AND number_hash = $2 AND lifted_at IS NULL AND reason = 'opted_out') AS "out!""#,
        organization.0,
        hash,
    )
    .fetch_one(&mut **tx)
    .await
}

/// Puts the number on the block list; once is enough.
pub(super) async fn suppress(
    tx: &mut Tx,
    to: &PhoneNumber,
    sender: Option<SenderId>,
    reason: &str,
) -> Result<(), sqlx::Error> {
    let (organization, id, now) = (tx.organization_id(), SuppressionId::new(tx.clock()), tx.clock().now());
    sqlx::query!(
        "INSERT INTO suppressions (organization_id, id, phone_number, sender_id, reason, created_at)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
        organization.0,
        id.0,
        to.as_str(),
        sender.map(|s| s.0),
        reason,
        now,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Ends one kind of block in the whole organization.
pub(super) async fn lift_reason(tx: &mut Tx, to: &PhoneNumber, reason: &str) -> Result<(), sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query!(
        "UPDATE suppressions SET lifted_at = $4
         WHERE organization_id = $1 AND phone_number = $2 AND reason = $3 AND lifted_at IS NULL",
        organization.0,
        to.as_str(),
        reason,
        now,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Ends every block that the contact can end, for all senders and also where only the number's hash was kept: not what staff put on
/// the list.
pub(super) async fn lift(tx: &mut Tx, to: &PhoneNumber) -> Result<(), sqlx::Error> {
    let hash = numbers::hash(tx, to).await?;
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query!(
        "UPDATE suppressions SET lifted_at = $3
         WHERE organization_id = $1 AND (phone_number = $2 OR number_hash = $4) AND lifted_at IS NULL AND reason <> 'blocked'",
        organization.0,
        to.as_str(),
        now,
        hash,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}
