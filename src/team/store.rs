//! All SQL on messages of the team.

pub(super) mod personal;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::model::{Colleague, Party, Question, TeamEnd, TeamMessage, UnreadFrom};
use crate::platform::{
    db::Tx,
    http::{Order, Page, SortKey, SortKind},
    ids::{TeamMessageId, UserId},
    listing::List,
};

/// Messages of a thread shown with one of them.
const THREAD: i64 = 200;

/// The orders of lists of messages.
pub(super) const ORDERS: &[SortKey] =
    &[SortKey { name: "created_at", sql: "m.created_at", kind: SortKind::Time, descending: true }];

/// The orders of the list of colleagues.
pub(super) const PEOPLE_ORDERS: &[SortKey] =
    &[SortKey { name: "name", sql: "lower(u.display_name)", kind: SortKind::Text, descending: false }];

#[derive(sqlx::FromRow)]
struct Row {
    id: TeamMessageId,
    thread_id: TeamMessageId,
    parent_id: Option<TeamMessageId>,
    sender_id: Option<UserId>,
    sender_name: Option<String>,
    recipient_id: Option<UserId>,
    recipient_name: Option<String>,
    body: String,
    created_at: DateTime<Utc>,
    read_at: Option<DateTime<Utc>>,
    edited_at: Option<DateTime<Utc>>,
    deleted_at: Option<DateTime<Utc>>,
    version: i64,
}

impl From<Row> for TeamMessage {
    fn from(r: Row) -> Self {
        Self {
            id: r.id,
            thread_id: r.thread_id,
            parent_id: r.parent_id,
            sender: TeamEnd { id: r.sender_id.into(), display_name: r.sender_name },
            recipient: TeamEnd { id: r.recipient_id.into(), display_name: r.recipient_name },
            body: r.deleted_at.is_none().then_some(r.body),
            created_at: r.created_at,
            read_at: r.read_at,
            edited_at: r.edited_at,
            deleted_at: r.deleted_at,
            version: r.version,
        }
    }
}

/// Which of somebody's messages.
pub(super) enum Side {
    Received { unread: bool, from: Option<Party> },
    Sent { to: Option<Party> },
    Both { with: Party },
}

pub(super) async fn list(
    tx: &mut Tx,
    me: UserId,
    side: &Side,
    text: Option<&str>,
    order: &Order,
) -> Result<Page<TeamMessage>, sqlx::Error> {
    let mut list = List::new(tx, order, "m.id", COLUMNS, FROM, "m.organization_id");
    match side {
        Side::Received { unread, from } => {
            list.filter("m.recipient_id = ", Some(me.0));
            list.condition(*unread, "m.read_at IS NULL AND m.deleted_at IS NULL");
            if let Some(from) = from {
                list.filter("m.sender_id IS NOT DISTINCT FROM ", Some(from.user().map(|u| u.0)));
            }
        }
        Side::Sent { to } => {
            list.filter("m.sender_id = ", Some(me.0));
            if let Some(to) = to {
                list.filter("m.recipient_id IS NOT DISTINCT FROM ", Some(to.user().map(|u| u.0)));
            }
        }
        Side::Both { with } => {
            let (lower, upper) = ends(me, *with);
            list.filter("m.lower_end = ", Some(lower));
            list.filter("m.upper_end = ", Some(upper));
        }
    }
    list.search(&["m.body"], text);
    Ok(list.page::<Row>(tx).await?.map(TeamMessage::from))
}

/// The two ends in the order in which they are stored.
fn ends(me: UserId, other: Party) -> (Uuid, Uuid) {
    let other = other.user().map_or(Uuid::nil(), |u| u.0);
    (me.0.min(other), me.0.max(other))
}

const COLUMNS: &str = "m.id, m.thread_id, m.parent_id, m.sender_id, s.display_name AS sender_name, m.recipient_id,
    r.display_name AS recipient_name, m.body, m.created_at, m.read_at, m.edited_at, m.deleted_at, m.version";
const FROM: &str = "team_messages m LEFT JOIN users s ON s.id = m.sender_id LEFT JOIN users r ON r.id = m.recipient_id";

/// A message that `me` sent or got.
pub(super) async fn one(tx: &mut Tx, me: UserId, id: TeamMessageId) -> Result<Option<TeamMessage>, sqlx::Error> {
    let organization = tx.organization_id();
    let row = sqlx::query_as!(
        Row,
        r#"SELECT m.id AS "id: _", m.thread_id AS "thread_id: _", m.parent_id AS "parent_id: _", m.sender_id AS "sender_id: _",
                  s.display_name AS "sender_name?", m.recipient_id AS "recipient_id: _", r.display_name AS "recipient_name?",
                  m.body, m.created_at, m.read_at, m.edited_at, m.deleted_at, m.version
           FROM team_messages m LEFT JOIN users s ON s.id = m.sender_id LEFT JOIN users r ON r.id = m.recipient_id
           WHERE m.organization_id = $1 AND m.id = $2 AND $3 IN (m.sender_id, m.recipient_id)"#,
        organization.0,
        id.0,
        me.0,
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(TeamMessage::from))
}

/// Everything said in a thread, oldest first; the last of a long one. All of a thread is between the same two.
pub(super) async fn thread(tx: &mut Tx, me: UserId, thread: TeamMessageId) -> Result<Vec<TeamMessage>, sqlx::Error> {
    let organization = tx.organization_id();
    let mut rows = sqlx::query_as!(
        Row,
        r#"SELECT m.id AS "id: _", m.thread_id AS "thread_id: _", m.parent_id AS "parent_id: _", m.sender_id AS "sender_id: _",
                  s.display_name AS "sender_name?", m.recipient_id AS "recipient_id: _", r.display_name AS "recipient_name?",
                  m.body, m.created_at, m.read_at, m.edited_at, m.deleted_at, m.version
           FROM team_messages m LEFT JOIN users s ON s.id = m.sender_id LEFT JOIN users r ON r.id = m.recipient_id
           WHERE m.organization_id = $1 AND m.thread_id = $2 AND $3 IN (m.sender_id, m.recipient_id)
           ORDER BY m.id DESC LIMIT $4"#,
        organization.0,
        thread.0,
        me.0,
        THREAD,
    )
    .fetch_all(&mut **tx)
    .await?;
    rows.reverse();
    Ok(rows.into_iter().map(TeamMessage::from).collect())
}

/// Locks a message for the rest of the transaction.
pub(super) async fn lock(tx: &mut Tx, id: TeamMessageId) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query!("SELECT FROM team_messages WHERE organization_id = $1 AND id = $2 FOR UPDATE", organization.0, id.0)
        .fetch_optional(&mut **tx)
        .await
        .map(drop)
}

pub(super) struct NewMessage<'a> {
    pub sender: Party,
    pub recipient: Party,
    /// The message answered and its thread.
    pub answers: Option<(TeamMessageId, TeamMessageId)>,
    pub body: &'a str,
}

pub(super) async fn insert(tx: &mut Tx, m: &NewMessage<'_>) -> Result<TeamMessageId, sqlx::Error> {
    let (organization, id, now) = (tx.organization_id(), TeamMessageId::new(tx.clock()), tx.clock().now());
    sqlx::query!(
        "INSERT INTO team_messages (organization_id, id, thread_id, parent_id, sender_id, recipient_id, body, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        organization.0,
        id.0,
        m.answers.map_or(id.0, |(_, thread)| thread.0),
        m.answers.map(|(parent, _)| parent.0),
        m.sender.user().map(|u| u.0),
        m.recipient.user().map(|u| u.0),
        m.body,
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(id)
}

pub(super) async fn edit(tx: &mut Tx, id: TeamMessageId, body: &str) -> Result<(), sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query!(
        "UPDATE team_messages SET body = $3, edited_at = $4, version = version + 1 WHERE organization_id = $1 AND id = $2",
        organization.0,
        id.0,
        body,
        now,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

pub(super) async fn bury(tx: &mut Tx, id: TeamMessageId) -> Result<(), sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query!(
        "UPDATE team_messages SET body = '', deleted_at = $3, version = version + 1 WHERE organization_id = $1 AND id = $2",
        organization.0,
        id.0,
        now,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Marks messages that `me` got as read: one, all, or all of one sender. How many were not before.
pub(super) async fn mark_read(
    tx: &mut Tx,
    me: UserId,
    only: Option<TeamMessageId>,
    from: Option<Party>,
) -> Result<u64, sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    let marked = sqlx::query!(
        "UPDATE team_messages SET read_at = $3
         WHERE organization_id = $1 AND recipient_id = $2 AND read_at IS NULL AND deleted_at IS NULL
           AND ($4::uuid IS NULL OR id = $4) AND (NOT $5 OR sender_id IS NOT DISTINCT FROM $6)",
        organization.0,
        me.0,
        now,
        only.map(|m| m.0),
        from.is_some(),
        from.and_then(Party::user).map(|u| u.0),
    )
    .execute(&mut **tx)
    .await?;
    Ok(marked.rows_affected())
}

/// Messages that `me` has not read. Made to be asked for often.
pub async fn unread(tx: &mut Tx, me: UserId) -> Result<i64, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM team_messages
           WHERE organization_id = $1 AND recipient_id = $2 AND read_at IS NULL AND deleted_at IS NULL"#,
        organization.0,
        me.0,
    )
    .fetch_one(&mut **tx)
    .await
}

/// The same by sender.
pub(super) async fn unread_by_sender(tx: &mut Tx, me: UserId) -> Result<Vec<UnreadFrom>, sqlx::Error> {
    let organization = tx.organization_id();
    let rows = sqlx::query!(
        r#"SELECT m.sender_id AS "sender_id: UserId", u.display_name AS "display_name?", count(*) AS "unread!"
           FROM team_messages m LEFT JOIN users u ON u.id = m.sender_id
           WHERE m.organization_id = $1 AND m.recipient_id = $2 AND m.read_at IS NULL AND m.deleted_at IS NULL
           GROUP BY m.sender_id, u.display_name ORDER BY 3 DESC, 1"#,
        organization.0,
        me.0,
    )
    .fetch_all(&mut **tx)
    .await?;
    let shown = |(id, display_name, unread): (Option<UserId>, Option<String>, i64)| UnreadFrom {
        sender: TeamEnd { id: id.into(), display_name },
        unread,
    };
    Ok(rows.into_iter().map(|r| shown((r.sender_id, r.display_name, r.unread))).collect())
}

/// Whom `me` can write to.
pub(super) async fn people(
    tx: &mut Tx,
    me: UserId,
    text: Option<&str>,
    order: &Order,
) -> Result<Page<Colleague>, sqlx::Error> {
    let from = "memberships p JOIN users u ON u.id = p.user_id AND u.disabled_at IS NULL";
    let mut list = List::new(tx, order, "u.id", "u.id, u.username, u.display_name", from, "p.organization_id");
    list.condition(true, "p.disabled_at IS NULL AND p.removed_at IS NULL");
    list.filter("u.id <> ", Some(me.0));
    list.search(&["u.display_name", "u.username"], text);
    list.page(tx).await
}

/// What a member asked the assistant. None: it was taken back meanwhile.
pub(super) async fn question(tx: &mut Tx, id: TeamMessageId) -> Result<Option<Question>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        Question,
        r#"SELECT id AS "id: _", thread_id AS "thread_id: _", sender_id AS "asked_by!: _", body, created_at AS asked_at
           FROM team_messages
           WHERE organization_id = $1 AND id = $2 AND recipient_id IS NULL AND sender_id IS NOT NULL AND deleted_at IS NULL"#,
        organization.0,
        id.0,
    )
    .fetch_optional(&mut **tx)
    .await
}
