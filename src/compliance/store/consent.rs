//! SQL that reads the consent ledger.

use super::super::{ledger::Line, model::ConsentEvent};
use crate::platform::{
    db::Tx,
    http::{Order, Page, SortKey, SortKind},
    ids::{ConsentEventId, ContactId},
    listing::List,
};

/// A contact's whole ledger, oldest first.
pub(in crate::compliance) async fn lines(tx: &mut Tx, contact: ContactId) -> Result<Vec<Line>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        Line,
        r#"SELECT id AS "event_id: _", at, action AS "action: _", tier AS "tier: _", channel AS "channel: _", method AS "method: _"
           FROM consent_events WHERE organization_id = $1 AND contact_id = $2 ORDER BY at, id"#,
        organization.0,
        contact.0,
    )
    .fetch_all(&mut **tx)
    .await
}

pub(in crate::compliance) async fn event(tx: &mut Tx, id: ConsentEventId) -> Result<ConsentEvent, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        ConsentEvent,
        r#"SELECT e.id AS "id: _", e.action AS "action: _", e.tier AS "tier: _", e.channel AS "channel: _", e.method AS "method: _",
                  e.purpose AS "purpose: _", e.evidence, e.message_id AS "message_id: _", u.display_name AS "recorded_by?", e.at
           FROM consent_events e LEFT JOIN users u ON u.id = e.user_id
           WHERE e.organization_id = $1 AND e.id = $2"#,
        organization.0,
        id.0,
    )
    .fetch_one(&mut **tx)
    .await
}

/// The orders of a contact's ledger.
pub(in crate::compliance) const ORDERS: &[SortKey] =
    &[SortKey { name: "at", sql: "e.at", kind: SortKind::Time, descending: true }];

pub(in crate::compliance) async fn list(
    tx: &mut Tx,
    contact: ContactId,
    order: &Order,
) -> Result<Page<ConsentEvent>, sqlx::Error> {
    let columns = "e.id, e.action, e.tier, e.channel, e.method, e.purpose, e.evidence, e.message_id, u.display_name AS recorded_by, e.at";
    let from = "consent_events e LEFT JOIN users u ON u.id = e.user_id";
    let mut list = List::new(tx, order, "e.id", columns, from, "e.organization_id");
    list.filter("e.contact_id = ", Some(contact.0));
    list.page(tx).await
}
