//! SQL on senders as staff keeps them, and on which of them a text may go out from.

use std::collections::HashMap;

use super::super::model::{ChannelKind, PausedBy, Sender, SenderView};
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
    let columns =
        "id, channel, address, messaging_service_sid, display_name, archived_at, paused_at, paused_by, pause_reason,
                   max_per_second, max_per_day, created_at, version";
    let mut list = List::new(tx, order, "id", columns, "senders", "organization_id");
    list.filter("channel = ", channel.map(ChannelKind::as_str));
    list.condition(archived, "archived_at IS NOT NULL");
    list.condition(!archived, "archived_at IS NULL");
    list.page(tx).await
}

pub(in crate::messaging) async fn get(tx: &mut Tx, id: SenderId) -> Result<Option<SenderView>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        SenderView,
        r#"SELECT id AS "id: _", channel AS "channel: _", address, messaging_service_sid, display_name, archived_at,
                  paused_at, paused_by AS "paused_by: _", pause_reason, max_per_second, max_per_day, created_at, version
           FROM senders WHERE organization_id = $1 AND id = $2"#,
        organization.0,
        id.0,
    )
    .fetch_optional(&mut **tx)
    .await
}

/// Locks a sender against changes, and against conversations that begin with it.
pub(in crate::messaging) async fn lock(tx: &mut Tx, id: SenderId) -> Result<Option<SenderView>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        SenderView,
        r#"SELECT id AS "id: _", channel AS "channel: _", address, messaging_service_sid, display_name, archived_at,
                  paused_at, paused_by AS "paused_by: _", pause_reason, max_per_second, max_per_day, created_at, version
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

/// What staff may change of a sender.
#[derive(Debug)]
pub(in crate::messaging) struct Kept<'a> {
    pub messaging_service_sid: Option<&'a str>,
    pub display_name: &'a str,
    pub archived: bool,
    pub max_per_second: Option<f64>,
    pub max_per_day: Option<i32>,
}

pub(in crate::messaging) async fn update(tx: &mut Tx, id: SenderId, kept: &Kept<'_>) -> Result<(), sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query!(
        "UPDATE senders SET messaging_service_sid = $3, display_name = $4, version = version + 1,
                archived_at = CASE WHEN $5 THEN COALESCE(archived_at, $6) END, max_per_second = $7, max_per_day = $8
         WHERE organization_id = $1 AND id = $2",
        organization.0,
        id.0,
        kept.messaging_service_sid,
        kept.display_name,
        kept.archived,
        now,
        kept.max_per_second,
        kept.max_per_day,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// How fast a new sender may send.
pub(in crate::messaging) async fn set_pace(
    tx: &mut Tx,
    id: SenderId,
    max_per_second: Option<f64>,
    max_per_day: Option<i32>,
) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query!(
        "UPDATE senders SET max_per_second = $3, max_per_day = $4 WHERE organization_id = $1 AND id = $2",
        organization.0,
        id.0,
        max_per_second,
        max_per_day,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

pub(in crate::messaging) async fn archive(tx: &mut Tx, id: SenderId) -> Result<(), sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query!(
        "UPDATE senders SET archived_at = COALESCE(archived_at, $3), version = version + 1 WHERE organization_id = $1 AND id = $2",
        organization.0,
        id.0,
        now,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Pauses a sender, or says better why it is paused; none: lets it send again. False: nothing was to change.
pub(in crate::messaging) async fn pause(
    tx: &mut Tx,
    id: SenderId,
    pause: Option<(PausedBy, &str)>,
) -> Result<bool, sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    let changed = sqlx::query!(
        "UPDATE senders SET paused_at = CASE WHEN $3::text IS NOT NULL THEN COALESCE(paused_at, $5) END, paused_by = $3,
                pause_reason = left($4, 200), version = version + 1
         WHERE organization_id = $1 AND id = $2 AND (paused_by, pause_reason) IS DISTINCT FROM ($3, left($4, 200))",
        organization.0,
        id.0,
        pause.map(|(by, _)| by) as Option<PausedBy>,
        pause.map(|(_, why)| why),
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(changed.rows_affected() == 1)
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

/// The senders that a text could begin from, in the order they were added.
pub(in crate::messaging) async fn candidates(
    tx: &mut Tx,
    channel: Option<ChannelKind>,
) -> Result<Vec<CandidateRow>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        CandidateRow,
        r#"SELECT id AS "id: _", channel AS "channel: _", address, max_per_second,
                  (archived_at IS NULL AND paused_at IS NULL) AS "in_use!"
           FROM senders
           WHERE organization_id = $1 AND channel IN ('sms', 'whatsapp', 'simulator') AND ($2::text IS NULL OR channel = $2)
           ORDER BY created_at, id LIMIT 500"#,
        organization.0,
        channel.map(ChannelKind::as_str),
    )
    .fetch_all(&mut **tx)
    .await
}

#[derive(Debug)]
pub(in crate::messaging) struct CandidateRow {
    pub id: SenderId,
    pub channel: ChannelKind,
    pub address: String,
    pub max_per_second: Option<f64>,
    pub in_use: bool,
}

/// The senders of the contact's conversations, the latest first.
pub(in crate::messaging) async fn history(tx: &mut Tx, contact: ContactId) -> Result<Vec<SenderId>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_scalar!(
        r#"SELECT sender_id AS "id: SenderId" FROM conversations WHERE organization_id = $1 AND contact_id = $2
           ORDER BY updated_at DESC LIMIT 50"#,
        organization.0,
        contact.0,
    )
    .fetch_all(&mut **tx)
    .await
}

/// The same of each of these contacts.
pub(in crate::messaging) async fn histories(
    tx: &mut Tx,
    contacts: Vec<uuid::Uuid>,
) -> Result<HashMap<ContactId, Vec<SenderId>>, sqlx::Error> {
    let organization = tx.organization_id();
    let rows = sqlx::query!(
        r#"SELECT contact_id AS "contact_id: ContactId", sender_id AS "sender_id: SenderId" FROM conversations
           WHERE organization_id = $1 AND contact_id = ANY ($2) ORDER BY contact_id, updated_at DESC"#,
        organization.0,
        &contacts,
    )
    .fetch_all(&mut **tx)
    .await?;
    let mut histories: HashMap<ContactId, Vec<SenderId>> = HashMap::new();
    for row in rows {
        histories.entry(row.contact_id).or_default().push(row.sender_id);
    }
    Ok(histories)
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
