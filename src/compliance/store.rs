//! All SQL on the consent ledger, the block list, quiet hours and caps.

pub(super) mod caps;
pub(super) mod consent;
pub(super) mod disclosures;
pub(super) mod imported;
pub(super) mod installation;
pub(super) mod numbers;
pub(super) mod personal;
pub(super) mod quiet_hours;
pub(super) mod reviews;
pub(super) mod suppressions;

use chrono::{DateTime, Utc};

use super::model::{ConsentChannel, SuppressionReason};
use crate::platform::{
    crypto,
    db::Tx,
    ids::{ApiKeyId, ConsentEventId, ContactId, DisclosureId, MessageId, SenderId, SuppressionId, UserId},
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
    pub proof: Proof<'a>,
}

/// What else proves a line of the ledger.
#[derive(Clone, Debug, Default)]
pub(super) struct Proof<'a> {
    /// None: now.
    pub given_at: Option<DateTime<Utc>>,
    /// None: as the contact's row says.
    pub zone: Option<&'a str>,
    /// With the hash of its text.
    pub disclosure: Option<(DisclosureId, String)>,
    pub source: Option<&'a str>,
    pub page_url: Option<&'a str>,
    pub ip: Option<String>,
    pub user_agent: Option<&'a str>,
    pub double_opt_in_message_id: Option<MessageId>,
    /// Who recorded it.
    pub user_id: Option<UserId>,
    pub api_key_id: Option<ApiKeyId>,
}

/// Adds a line; the database gives it its place in the chain. The caller holds the contact's lock.
pub(super) async fn append(tx: &mut Tx, e: &NewConsentEvent<'_>) -> Result<ConsentEventId, sqlx::Error> {
    let (organization, id, now) = (tx.organization_id(), ConsentEventId::new(tx.clock()), tx.clock().now());
    let (disclosure, sha256) = e.proof.disclosure.as_ref().map(|(id, sha256)| (id.0, sha256.as_str())).unzip();
    sqlx::query!(
        "INSERT INTO consent_events (organization_id, id, contact_id, channel, action, tier, method, evidence, message_id, at,
                                     purpose, user_id, given_at, zone, disclosure_id, disclosure_sha256, source, page_url, ip,
                                     user_agent, double_opt_in_message_id, api_key_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, left($8, 2000), $9, $10, $11, $12, $13,
                 COALESCE($14, (SELECT timezone FROM contacts WHERE organization_id = $1 AND id = $3)),
                 $15, $16, $17, $18, $19, $20, $21, $22)",
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
        e.proof.user_id.map(|u| u.0),
        e.proof.given_at,
        e.proof.zone,
        disclosure,
        sha256,
        e.proof.source,
        e.proof.page_url,
        e.proof.ip,
        e.proof.user_agent,
        e.proof.double_opt_in_message_id.map(|m| m.0),
        e.proof.api_key_id.map(|k| k.0),
    )
    .execute(&mut **tx)
    .await?;
    Ok(id)
}

/// The first text of a contact on a channel: they want an answer. Nothing where the ledger has one.
pub(super) async fn append_first_text(
    tx: &mut Tx,
    contact: ContactId,
    channel: &str,
    message: MessageId,
) -> Result<(), sqlx::Error> {
    let (organization, id, now) = (tx.organization_id(), ConsentEventId::new(tx.clock()), tx.clock().now());
    sqlx::query!(
        "INSERT INTO consent_events (organization_id, id, contact_id, channel, action, tier, method, message_id, at, purpose, zone)
         SELECT $1, $2, $3, $4, 'granted', 'implied', 'inbound_message', $5, $6, 'conversational',
                (SELECT timezone FROM contacts WHERE organization_id = $1 AND id = $3)
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

/// One thing that keeps texts from a number now.
#[derive(Clone, Debug)]
pub(super) struct Block {
    pub reason: SuppressionReason,
    pub since: DateTime<Utc>,
    pub scope: Scope,
    /// When it ends by itself.
    pub expires_at: Option<DateTime<Utc>>,
}

/// How far a block goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// This sender only.
    Sender,
    /// This channel only.
    Channel(ConsentChannel),
    /// All of the organization's texts.
    Organization,
    /// Every organization's.
    Installation,
}

impl Scope {
    pub(super) const fn in_words(self) -> &'static str {
        match self {
            Self::Sender => "for this sender",
            Self::Channel(_) => "for this channel",
            Self::Organization => "for the whole organization",
            Self::Installation => "for every organization here",
        }
    }
}

/// What a number is asked for by on the installation's list.
pub(super) fn number_sha256(number: &PhoneNumber) -> String {
    crypto::sha256_hex(number.as_str().as_bytes())
}

/// What keeps each of these senders from texting the number beside it now, in their order: on the organization's own list, by number or by
/// the hash that is kept of an erased one, and on the installation's. One question.
pub(super) async fn active_suppressions(
    tx: &mut Tx,
    asked: &[(&PhoneNumber, SenderId)],
) -> Result<Vec<Vec<Block>>, sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    let known = tx.number_key();
    let numbers: Vec<String> = asked.iter().map(|(to, _)| to.as_str().to_owned()).collect();
    let senders: Vec<uuid::Uuid> = asked.iter().map(|(_, sender)| sender.0).collect();
    let hashes: Vec<Option<Vec<u8>>> =
        asked.iter().map(|(to, _)| known.as_ref().map(|key| numbers::hash_under(key, to))).collect();
    let digests: Vec<String> = asked.iter().map(|(to, _)| number_sha256(to)).collect();
    // Beside the blocks, where this process has not read it yet, the key of hashes.
    let rows = sqlx::query!(
        r#"WITH asked AS (
             SELECT a.*, s.channel
             FROM unnest($2::text[], $3::uuid[], $4::bytea[], $5::text[]) WITH ORDINALITY AS a (number, sender_id, hash, sha256, n)
             LEFT JOIN senders s ON s.organization_id = $1 AND s.id = a.sender_id)
           SELECT a.n AS "n?", b.reason AS "reason?: SuppressionReason", b.created_at AS "since?", b.sender_id IS NOT NULL AS "of_sender!",
                  b.channel AS "channel?: ConsentChannel", b.expires_at AS "expires_at?", false AS "of_installation!",
                  NULL::bytea AS "sealed_key?", NULL::text AS "plain_key?"
           FROM asked a JOIN suppressions b ON b.organization_id = $1 AND b.phone_number = a.number
           WHERE b.lifted_at IS NULL AND (b.expires_at IS NULL OR b.expires_at > $6)
             AND (b.sender_id IS NULL OR b.sender_id = a.sender_id) AND (b.channel IS NULL OR b.channel = a.channel)
           UNION ALL
           SELECT a.n, b.reason, b.created_at, b.sender_id IS NOT NULL, b.channel, b.expires_at, false, NULL, NULL
           FROM asked a JOIN suppressions b ON b.organization_id = $1 AND b.number_hash = a.hash
           WHERE b.lifted_at IS NULL AND (b.expires_at IS NULL OR b.expires_at > $6)
             AND (b.sender_id IS NULL OR b.sender_id = a.sender_id) AND (b.channel IS NULL OR b.channel = a.channel)
           UNION ALL
           SELECT a.n, 'do_not_call', b.created_at, false, NULL, b.expires_at, true, NULL, NULL
           FROM asked a JOIN installation_suppressions b ON b.number_sha256 = a.sha256
           WHERE b.lifted_at IS NULL AND (b.expires_at IS NULL OR b.expires_at > $6)
           UNION ALL
           SELECT NULL, NULL, NULL, false, NULL, NULL, false, sealed_key, plain_key FROM number_hash_keys
           WHERE organization_id = $1 AND $7"#,
        organization.0,
        &numbers,
        &senders,
        &hashes as &[Option<Vec<u8>>],
        &digests,
        now,
        known.is_none(),
    )
    .fetch_all(&mut **tx)
    .await?;
    if let Some(row) = rows.iter().find(|row| row.reason.is_none()) {
        // The first time since the organization erased somebody: with the key at hand, ask again.
        let stored = numbers::StoredKey { sealed_key: row.sealed_key.clone(), plain_key: row.plain_key.clone() };
        tx.remember_number_key(stored.open(tx)?);
        return Box::pin(active_suppressions(tx, asked)).await;
    }
    let scope = |of_sender, of_installation, channel| match (of_installation, of_sender, channel) {
        (true, ..) => Scope::Installation,
        (_, true, _) => Scope::Sender,
        (_, _, Some(channel)) => Scope::Channel(channel),
        _ => Scope::Organization,
    };
    let mut blocks: Vec<Vec<Block>> = asked.iter().map(|_| Vec::new()).collect();
    for r in rows {
        let of = r.n.and_then(|n| usize::try_from(n - 1).ok()).and_then(|n| blocks.get_mut(n));
        if let (Some(of), Some(reason), Some(since)) = (of, r.reason, r.since) {
            let scope = scope(r.of_sender, r.of_installation, r.channel);
            of.push(Block { reason, since, scope, expires_at: r.expires_at });
        }
    }
    Ok(blocks)
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

/// Learns that no text arrives at the number on this channel. Once is enough.
pub(super) async fn note_bad_number(
    tx: &mut Tx,
    number: &PhoneNumber,
    channel: ConsentChannel,
    code: &str,
) -> Result<(), sqlx::Error> {
    let (organization, id, now) = (tx.organization_id(), SuppressionId::new(tx.clock()), tx.clock().now());
    sqlx::query!(
        "INSERT INTO suppressions (organization_id, id, phone_number, channel, reason, error_code, created_at)
         VALUES ($1, $2, $3, $4, 'bad_number', left($5, 20), $6) ON CONFLICT DO NOTHING",
        organization.0,
        id.0,
        number.as_str(),
        channel.as_str(),
        code,
        now,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// A text came from the number on this channel: whatever said that none arrives there was wrong, or is over.
pub(super) async fn lift_bad_number(tx: &mut Tx, number: &PhoneNumber, channel: &str) -> Result<(), sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query!(
        "UPDATE suppressions SET lifted_at = $4
         WHERE organization_id = $1 AND phone_number = $2 AND reason = 'bad_number' AND channel = $3 AND lifted_at IS NULL",
        organization.0,
        number.as_str(),
        channel,
        now,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Ends what was learned of the carrier's own blocks on this channel, also where only the number's hash was kept. Where another sender is
/// still blocked there, its next text learns that again.
pub(super) async fn lift_carrier(
    tx: &mut Tx,
    number: &PhoneNumber,
    channel: &str,
    said_at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let hash = match numbers::hash(tx, number).await {
        // A text is taken in all the same; sending holds back what it cannot be sure of.
        Err(error) if numbers::is_key_lost(&error) => None,
        hash => hash?,
    };
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query!(
        "UPDATE suppressions SET lifted_at = $4
         WHERE organization_id = $1 AND (phone_number = $2 OR number_hash = $5) AND reason = 'carrier_opted_out' AND lifted_at IS NULL
           AND created_at <= $6 AND sender_id IN (SELECT id FROM senders WHERE organization_id = $1 AND channel = $3)",
        organization.0,
        number.as_str(),
        channel,
        now,
        hash,
        said_at,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Whether the carrier is known to block the sender for the number.
pub(super) async fn carrier_blocks(tx: &mut Tx, number: &PhoneNumber, sender: SenderId) -> Result<bool, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM suppressions WHERE organization_id = $1 AND phone_number = $2 AND sender_id = $3
                            AND reason = 'carrier_opted_out' AND lifted_at IS NULL) AS "blocks!""#,
        organization.0,
        number.as_str(),
        sender.0,
    )
    .fetch_one(&mut **tx)
    .await
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

/// Ends what the contact can end by asking for texts, also where only the number's hash was kept. Not what staff put on the list, and not
/// the carrier's own block, which only words that the carrier hears too can end.
pub(super) async fn lift(tx: &mut Tx, to: &PhoneNumber) -> Result<(), sqlx::Error> {
    let hash = numbers::hash(tx, to).await?;
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query!(
        "UPDATE suppressions SET lifted_at = $3
         WHERE organization_id = $1 AND (phone_number = $2 OR number_hash = $4) AND lifted_at IS NULL
           AND reason IN ('opted_out', 'under_review')",
        organization.0,
        to.as_str(),
        now,
        hash,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}
