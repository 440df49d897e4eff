//! SQL on the ledgers of many contacts at once.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::super::{
    ledger::Line,
    model::{ConsentChannel, ConsentMethod, ConsentPurpose, ConsentTier},
};
use crate::{
    contacts::{BroughtBy, Given},
    platform::{
        db::Tx,
        ids::{ConsentEventId, ContactId, DisclosureId},
    },
};

/// Whole ledgers, each in the order it was written.
pub(in crate::compliance) async fn lines_of(
    tx: &mut Tx,
    contacts: &[ContactId],
) -> Result<HashMap<ContactId, Vec<Line>>, sqlx::Error> {
    let organization = tx.organization_id();
    let contacts: Vec<Uuid> = contacts.iter().map(|c| c.0).collect();
    let rows = sqlx::query!(
        r#"SELECT contact_id AS "contact_id: ContactId", id AS "id: ConsentEventId", action AS "action: super::super::model::ConsentAction",
                  tier AS "tier: ConsentTier", channel AS "channel: ConsentChannel", method AS "method: ConsentMethod",
                  purpose AS "purpose: ConsentPurpose", given_at
           FROM consent_events WHERE organization_id = $1 AND contact_id = ANY($2) ORDER BY contact_id, seq"#,
        organization.0,
        &contacts,
    )
    .fetch_all(&mut **tx)
    .await?;
    let mut lines: HashMap<ContactId, Vec<Line>> = HashMap::new();
    for r in rows {
        let line = Line {
            id: r.id,
            action: r.action,
            tier: r.tier,
            channel: r.channel,
            method: r.method,
            purpose: r.purpose,
            given_at: r.given_at,
        };
        lines.entry(r.contact_id).or_default().push(line);
    }
    Ok(lines)
}

/// What is the same in all lines of a file.
pub(in crate::compliance) struct Grant<'a> {
    pub tier: ConsentTier,
    pub channel: ConsentChannel,
    pub method: ConsentMethod,
    pub purpose: ConsentPurpose,
    pub evidence: &'a str,
    pub disclosure: Option<(DisclosureId, String)>,
    pub source: Option<&'a str>,
    pub page_url: Option<&'a str>,
    pub given_at: DateTime<Utc>,
    pub by: BroughtBy,
}

/// Adds a line to each ledger; the database gives each its place in its chain. The caller holds the contacts' locks.
pub(in crate::compliance) async fn grant(tx: &mut Tx, given: &[Given], g: &Grant<'_>) -> Result<(), sqlx::Error> {
    if given.is_empty() {
        return Ok(());
    }
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    let contacts: Vec<Uuid> = given.iter().map(|(contact, _)| contact.0).collect();
    let events: Vec<Uuid> = given.iter().map(|(_, event)| event.0).collect();
    let (disclosure, sha256) = g.disclosure.as_ref().map(|(id, sha256)| (id.0, sha256.as_str())).unzip();
    sqlx::query!(
        "INSERT INTO consent_events (organization_id, id, contact_id, channel, action, tier, method, evidence, at, purpose, user_id,
                                     given_at, zone, disclosure_id, disclosure_sha256, source, page_url, api_key_id)
         SELECT $1, n.id, n.contact_id, $4, 'granted', $5, $6, $7, $8, $9, $10, $11, c.timezone, $12, $13, $14, $15, $16
         FROM unnest($2::uuid[], $3::uuid[]) AS n (id, contact_id)
         JOIN contacts c ON c.organization_id = $1 AND c.id = n.contact_id",
        organization.0,
        &events,
        &contacts,
        g.channel.as_str(),
        g.tier.as_str(),
        g.method.as_str(),
        g.evidence,
        now,
        g.purpose.as_str(),
        g.by.user_id.map(|u| u.0),
        g.given_at,
        disclosure,
        sha256,
        g.source,
        g.page_url,
        g.by.api_key_id.map(|k| k.0),
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Ends lines that came with a file: each gets another that revokes what it granted, as of the time it was said to be given.
pub(in crate::compliance) async fn withdraw(
    tx: &mut Tx,
    lines: &[(ConsentEventId, ConsentEventId)],
    by: BroughtBy,
) -> Result<(), sqlx::Error> {
    if lines.is_empty() {
        return Ok(());
    }
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    let granted: Vec<Uuid> = lines.iter().map(|(granted, _)| granted.0).collect();
    let new: Vec<Uuid> = lines.iter().map(|(_, new)| new.0).collect();
    sqlx::query!(
        "INSERT INTO consent_events (organization_id, id, contact_id, channel, action, tier, method, evidence, at, purpose, user_id,
                                     given_at, zone, source, api_key_id)
         SELECT $1, n.id, e.contact_id, e.channel, 'revoked', 'express', 'import', 'The list that said so was taken back.', $4, e.purpose,
                $5, e.given_at, e.zone, e.source, $6
         FROM unnest($2::uuid[], $3::uuid[]) AS n (granted, id)
         JOIN consent_events e ON e.organization_id = $1 AND e.id = n.granted",
        organization.0,
        &granted,
        &new,
        now,
        by.user_id.map(|u| u.0),
        by.api_key_id.map(|k| k.0),
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Of these numbers, those that opted out.
pub(in crate::compliance) async fn opted_out_numbers(
    tx: &mut Tx,
    numbers: &[String],
) -> Result<Vec<String>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_scalar!(
        r#"SELECT phone_number AS "number!" FROM suppressions
           WHERE organization_id = $1 AND phone_number = ANY($2) AND lifted_at IS NULL AND reason = 'opted_out'"#,
        organization.0,
        numbers,
    )
    .fetch_all(&mut **tx)
    .await
}

/// Of the hashes of numbers, those of somebody who opted out and was erased.
pub(in crate::compliance) async fn opted_out_hashes(
    tx: &mut Tx,
    hashes: &[Vec<u8>],
) -> Result<Vec<Vec<u8>>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_scalar!(
        r#"SELECT number_hash AS "hash!" FROM suppressions
           WHERE organization_id = $1 AND number_hash = ANY($2) AND lifted_at IS NULL AND reason = 'opted_out'"#,
        organization.0,
        hashes,
    )
    .fetch_all(&mut **tx)
    .await
}
