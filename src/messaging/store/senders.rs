//! SQL on senders as staff keeps them, and on which of them a text goes out from.

use super::super::model::{ChannelKind, Sender, SenderView};
use crate::platform::{
    db::Tx,
    http::{Order, Page, SortKey, SortKind},
    ids::{ContactId, SenderId},
    listing::List,
};

/// The orders of the list of senders.
pub(in crate::messaging) const ORDERS: &[SortKey] = &[
    SortKey { name: "created_at", sql: "created_at", kind: SortKind::Time, descending: false },
    SortKey { name: "name", sql: "lower(display_name)", kind: SortKind::Text, descending: false },
];

pub(in crate::messaging) async fn list(
    tx: &mut Tx,
    channel: Option<ChannelKind>,
    archived: bool,
    order: &Order,
) -> Result<Page<SenderView>, sqlx::Error> {
    let columns = "id, channel, address, messaging_service_sid, display_name, archived_at, created_at, version";
    let mut list = List::new(tx, order, "id", columns, "senders", "organization_id");
    list.filter("channel = ", channel.map(ChannelKind::as_str));
    list.condition(archived, "archived_at IS NOT NULL");
    list.condition(!archived, "archived_at IS NULL");
    list.page(tx).await
}

/// Locks a sender against changes, and against conversations that begin with it.
pub(in crate::messaging) async fn lock(tx: &mut Tx, id: SenderId) -> Result<Option<SenderView>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        SenderView,
        r#"SELECT id AS "id: _", channel AS "channel: _", address, messaging_service_sid, display_name, archived_at, created_at, version
           FROM senders WHERE organization_id = $1 AND id = $2 FOR UPDATE"#,
        organization.0,
        id.0,
    )
    .fetch_optional(&mut **tx)
    .await
}

/// The organization's own sender with this address.
pub(in crate::messaging) async fn find(
    tx: &mut Tx,
    channel: ChannelKind,
    address: &str,
) -> Result<Option<SenderId>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_scalar!(
        r#"SELECT id AS "id: SenderId" FROM senders WHERE organization_id = $1 AND channel = $2 AND address = $3"#,
        organization.0,
        channel.as_str(),
        address,
    )
    .fetch_optional(&mut **tx)
    .await
}

/// Adds a sender. None: somebody, perhaps in another organization, has the address.
pub(in crate::messaging) async fn insert(
    tx: &mut Tx,
    channel: ChannelKind,
    address: &str,
    messaging_service_sid: Option<&str>,
    display_name: &str,
) -> Result<Option<SenderId>, sqlx::Error> {
    let (organization, id, now) = (tx.organization_id(), SenderId::new(tx.clock()), tx.clock().now());
    sqlx::query_scalar!(
        r#"INSERT INTO senders (organization_id, id, channel, address, messaging_service_sid, display_name, created_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING id AS "id: SenderId""#,
        organization.0,
        id.0,
        channel.as_str(),
        address,
        messaging_service_sid,
        display_name,
        now,
    )
    .fetch_optional(&mut **tx)
    .await
}

pub(in crate::messaging) async fn update(
    tx: &mut Tx,
    id: SenderId,
    messaging_service_sid: Option<&str>,
    display_name: &str,
    archived: bool,
) -> Result<(), sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query!(
        "UPDATE senders SET messaging_service_sid = $3, display_name = $4, version = version + 1,
                archived_at = CASE WHEN $5 THEN COALESCE(archived_at, $6) END
         WHERE organization_id = $1 AND id = $2",
        organization.0,
        id.0,
        messaging_service_sid,
        display_name,
        archived,
        now,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Deletes a locked sender. False: conversations name it.
pub(in crate::messaging) async fn delete(tx: &mut Tx, id: SenderId) -> Result<bool, sqlx::Error> {
    let organization = tx.organization_id();
    let gone = sqlx::query!(
        "DELETE FROM senders s WHERE organization_id = $1 AND id = $2
           AND NOT EXISTS (SELECT FROM conversations WHERE organization_id = $1 AND sender_id = $2)",
        organization.0,
        id.0,
    )
    .execute(&mut **tx)
    .await?;
    Ok(gone.rows_affected() == 1)
}

/// A sender that a text may begin from, and whether it is archived.
pub(in crate::messaging) async fn given(tx: &mut Tx, id: SenderId) -> Result<Option<(Sender, bool)>, sqlx::Error> {
    let organization = tx.organization_id();
    let row = sqlx::query!(
        r#"SELECT id AS "id: SenderId", channel AS "channel: ChannelKind", (archived_at IS NOT NULL) AS "archived!"
           FROM senders WHERE organization_id = $1 AND id = $2"#,
        organization.0,
        id.0,
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|r| (Sender { id: r.id, channel: r.channel }, r.archived)))
}

/// Where a text to the contact begins: the sender of their latest conversation, else the organization's first one by SMS, WhatsApp, the
/// simulator. Archived ones are passed over.
pub(in crate::messaging) async fn choose(
    tx: &mut Tx,
    contact: ContactId,
    channel: Option<ChannelKind>,
) -> Result<Option<Sender>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        Sender,
        r#"SELECT s.id AS "id: _", s.channel AS "channel: _"
           FROM senders s LEFT JOIN conversations v
             ON v.organization_id = s.organization_id AND v.sender_id = s.id AND v.contact_id = $2
           WHERE s.organization_id = $1 AND s.archived_at IS NULL AND s.channel IN ('sms', 'whatsapp', 'simulator')
             AND ($3::text IS NULL OR s.channel = $3)
           ORDER BY v.updated_at DESC NULLS LAST, array_position(ARRAY['sms', 'whatsapp', 'simulator'], s.channel), s.created_at, s.id
           LIMIT 1"#,
        organization.0,
        contact.0,
        channel.map(ChannelKind::as_str),
    )
    .fetch_optional(&mut **tx)
    .await
}

/// Senders that reach people, archived ones too.
pub async fn count_real(tx: &mut Tx) -> Result<i64, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM senders WHERE organization_id = $1 AND channel <> 'simulator'"#,
        organization.0
    )
    .fetch_one(&mut **tx)
    .await
}
