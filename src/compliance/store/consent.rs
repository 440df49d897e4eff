//! SQL that reads the consent ledger.

use std::collections::HashMap;

use super::super::{
    ledger::Line,
    model::{ConsentAction, ConsentChannel, ConsentEvent, ConsentMethod, ConsentPurpose, ConsentTier},
};
use crate::platform::{
    db::Tx,
    http::{Order, Page, SortKey, SortKind},
    ids::{ConsentEventId, ContactId, MessageId},
    listing::List,
};

/// A contact's whole ledger, in the order it was written.
pub(in crate::compliance) async fn lines(tx: &mut Tx, contact: ContactId) -> Result<Vec<Line>, sqlx::Error> {
    Ok(lines_of_all(tx, &[contact]).await?.remove(&contact).unwrap_or_default())
}

/// The whole ledger of each of these contacts, in the order it was written. Who has no line is not in it.
pub(in crate::compliance) async fn lines_of_all(
    tx: &mut Tx,
    contacts: &[ContactId],
) -> Result<HashMap<ContactId, Vec<Line>>, sqlx::Error> {
    let organization = tx.organization_id();
    let contacts: Vec<uuid::Uuid> = contacts.iter().map(|contact| contact.0).collect();
    let rows = sqlx::query!(
        r#"SELECT contact_id AS "contact_id: ContactId", id AS "id: ConsentEventId", action AS "action: ConsentAction",
                  tier AS "tier: ConsentTier", channel AS "channel: ConsentChannel", method AS "method: ConsentMethod",
                  purpose AS "purpose: ConsentPurpose", given_at
           FROM consent_events WHERE organization_id = $1 AND contact_id = ANY ($2) ORDER BY contact_id, seq"#,
        organization.0,
        &contacts,
    )
    .fetch_all(&mut **tx)
    .await?;
    let mut lines: HashMap<ContactId, Vec<Line>> = HashMap::with_capacity(contacts.len());
    for r in rows {
        lines.entry(r.contact_id).or_default().push(Line {
            id: r.id,
            action: r.action,
            tier: r.tier,
            channel: r.channel,
            method: r.method,
            purpose: r.purpose,
            given_at: r.given_at,
        });
    }
    Ok(lines)
}

const COLUMNS: &str = "e.id, e.action, e.tier, e.channel, e.method, e.purpose, e.evidence, e.message_id, e.double_opt_in_message_id, \
    e.disclosure_id, e.disclosure_sha256, d.program AS disclosure_program, d.version AS disclosure_version, e.source, e.page_url, e.ip, \
    e.user_agent, u.display_name AS recorded_by, e.given_at, e.zone, e.at, e.seq, e.hash";
const FROM: &str = "consent_events e LEFT JOIN users u ON u.id = e.user_id \
    LEFT JOIN disclosures d ON d.organization_id = e.organization_id AND d.id = e.disclosure_id";

/// The orders of a contact's ledger.
pub(in crate::compliance) const ORDERS: &[SortKey] =
    &[SortKey { name: "at", sql: "e.at", kind: SortKind::Time, descending: true }];

pub(in crate::compliance) async fn list(
    tx: &mut Tx,
    contact: ContactId,
    order: &Order,
) -> Result<Page<ConsentEvent>, sqlx::Error> {
    let mut list = List::new(tx, order, "e.id", COLUMNS, FROM, "e.organization_id");
    list.filter("e.contact_id = ", Some(contact.0));
    list.page(tx).await
}

pub(in crate::compliance) async fn event(tx: &mut Tx, id: ConsentEventId) -> Result<ConsentEvent, sqlx::Error> {
    let one = Order::first(ORDERS);
    let mut list = List::new(tx, &one, "e.id", COLUMNS, FROM, "e.organization_id");
    list.filter("e.id = ", Some(id.0));
    list.page(tx).await?.items.pop().ok_or(sqlx::Error::RowNotFound)
}

/// Of these texts, the ones by which the contact revoked something, and what.
pub(in crate::compliance) async fn revoked_by(
    tx: &mut Tx,
    contact: ContactId,
    messages: &[MessageId],
) -> Result<Vec<(MessageId, Option<ConsentPurpose>)>, sqlx::Error> {
    let organization = tx.organization_id();
    let messages: Vec<uuid::Uuid> = messages.iter().map(|m| m.0).collect();
    let rows = sqlx::query!(
        r#"SELECT message_id AS "id!: MessageId", purpose AS "purpose: ConsentPurpose" FROM consent_events
           WHERE organization_id = $1 AND contact_id = $2 AND action = 'revoked' AND message_id = ANY($3)"#,
        organization.0,
        contact.0,
        &messages,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.purpose)).collect())
}

/// Whether these texts are all of this contact. The one look at a higher slice's table: ids that somebody gives must not point at others'.
pub(in crate::compliance) async fn are_their_texts(
    tx: &mut Tx,
    contact: ContactId,
    messages: &[MessageId],
) -> Result<bool, sqlx::Error> {
    let organization = tx.organization_id();
    let messages: Vec<uuid::Uuid> = messages.iter().map(|m| m.0).collect();
    sqlx::query_scalar!(
        r#"SELECT NOT EXISTS (SELECT FROM unnest($3::uuid[]) AS given (id)
                              WHERE NOT EXISTS (SELECT FROM messages WHERE organization_id = $1 AND contact_id = $2
                                                  AND messages.id = given.id)) AS "all!""#,
        organization.0,
        contact.0,
        &messages,
    )
    .fetch_one(&mut **tx)
    .await
}
