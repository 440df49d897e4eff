//! The SQL behind lists of messages and conversations.

use chrono::{DateTime, Utc};
use sqlx::{FromRow, Row, postgres::PgRow, types::Json};

use super::super::{
    model::{
        Assignee, Author, ChannelKind, ContactStatus, Conversation, Direction, LastMessage, Message, MessageStatus,
        Mode,
    },
    rules::effective_mode,
    whatsapp,
};
use crate::{
    compliance::Receipt,
    contacts::{self, ContactName},
    platform::{
        db::Tx,
        http::{Order, Page, Paging, SortKey, SortKind},
        ids::{ContactId, ConversationId, MessageId, UserId},
        listing::List,
        problem::Problem,
    },
};

/// Columns of a [`Message`], from messages `m` and users `u`.
macro_rules! message_columns {
    () => {
        "m.id, m.contact_id, m.conversation_id, m.direction, \
         CASE WHEN m.direction = 'inbound' THEN 'contact' WHEN m.by_program THEN 'program' WHEN m.by_staff THEN 'staff' \
              ELSE 'assistant' END AS author, \
         u.display_name AS author_name, m.channel, m.body, \
         COALESCE((SELECT jsonb_agg(jsonb_build_object('content_type', f.item -> 'content_type', 'url', \
                     CASE WHEN m.direction = 'inbound' THEN to_jsonb('/api/messages/' || m.id || '/media/' || (f.n - 1)) \
                          ELSE f.item -> 'url' END) ORDER BY f.n) \
                   FROM jsonb_array_elements(m.media) WITH ORDINALITY AS f (item, n)), '[]') AS media, \
         m.status, m.provider_sid, m.error_code, m.error_message, m.resent, m.unknown_outcomes, \
         CASE WHEN m.content ->> 'when' = 'always' THEN m.content ->> 'sid' END AS content_sid, m.segments, \
         m.price::float8 AS price, m.price_unit, m.purpose, m.held_until, m.receipt->-1->>'sentence' AS decision, \
         m.created_at, m.sent_at, m.delivered_at"
    };
}

const MESSAGES: &str = "messages m LEFT JOIN users u ON u.id = m.user_id";

/// What a list of messages is narrowed to.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::messaging) struct MessageFilter<'a> {
    pub contact: Option<ContactId>,
    pub conversation: Option<ConversationId>,
    pub direction: Option<Direction>,
    pub status: Option<MessageStatus>,
    pub channel: Option<ChannelKind>,
    /// Part of what was written.
    pub text: Option<&'a str>,
    pub from: Option<DateTime<Utc>>,
    /// Exclusive.
    pub to: Option<DateTime<Utc>>,
}

/// The contact and their other numbers.
async fn numbers_of(tx: &mut Tx, contact: Option<ContactId>) -> Result<Option<Vec<uuid::Uuid>>, sqlx::Error> {
    Ok(match contact {
        Some(contact) => Some(contacts::numbers_of(tx, contact).await?.into_iter().map(|id| id.0).collect()),
        None => None,
    })
}

/// The orders of lists of messages.
pub(in crate::messaging) const MESSAGE_ORDERS: &[SortKey] =
    &[SortKey { name: "created_at", sql: "m.created_at", kind: SortKind::Time, descending: true }];

pub(in crate::messaging) async fn messages(
    tx: &mut Tx,
    filter: &MessageFilter<'_>,
    order: &Order,
) -> Result<Page<Message>, sqlx::Error> {
    let theirs = numbers_of(tx, filter.contact).await?;
    let mut list = List::new(tx, order, "m.id", message_columns!(), MESSAGES, "m.organization_id");
    list.any_of("m.contact_id", theirs);
    list.filter("m.conversation_id = ", filter.conversation.map(|c| c.0));
    list.filter("m.direction = ", filter.direction.map(Direction::as_str));
    list.filter("m.status = ", filter.status.map(MessageStatus::as_str));
    list.filter("m.channel = ", filter.channel.map(ChannelKind::as_str));
    list.filter("m.created_at >= ", filter.from);
    list.filter("m.created_at < ", filter.to);
    list.search(&["m.body"], filter.text);
    list.page(tx).await
}

pub(in crate::messaging) async fn message(tx: &mut Tx, id: MessageId) -> Result<Option<Message>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as(concat!(
        "SELECT ",
        message_columns!(),
        " FROM messages m LEFT JOIN users u ON u.id = m.user_id WHERE m.organization_id = $1 AND m.id = $2"
    ))
    .bind(organization.0)
    .bind(id.0)
    .fetch_optional(&mut **tx)
    .await
}

/// The decisions on an outbound text, oldest first, and where it stands.
pub(in crate::messaging) struct ReceiptRow {
    pub status: MessageStatus,
    /// Nobody knows yet whether the provider took it.
    pub unknown: bool,
    pub error_message: Option<String>,
    pub held_until: Option<DateTime<Utc>>,
    pub deadline_at: Option<DateTime<Utc>>,
    pub receipt: Json<Vec<Receipt>>,
}

pub(in crate::messaging) async fn receipt(tx: &mut Tx, id: MessageId) -> Result<Option<ReceiptRow>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        ReceiptRow,
        r#"SELECT status AS "status: _", unknown_since IS NOT NULL AND provider_sid IS NULL AS "unknown!", error_message, held_until, deadline_at, receipt AS "receipt: _"
           FROM messages WHERE organization_id = $1 AND id = $2 AND direction = 'outbound'"#,
        organization.0,
        id.0,
    )
    .fetch_optional(&mut **tx)
    .await
}

/// The last texts of a conversation, newest first.
pub(in crate::messaging) async fn latest(
    tx: &mut Tx,
    conversation: ConversationId,
    limit: i64,
) -> Result<Vec<Message>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as(concat!(
        "SELECT ",
        message_columns!(),
        " FROM messages m LEFT JOIN users u ON u.id = m.user_id WHERE m.organization_id = $1 AND m.conversation_id = $2
          ORDER BY m.created_at DESC, m.id DESC LIMIT $3"
    ))
    .bind(organization.0)
    .bind(conversation.0)
    .bind(limit)
    .fetch_all(&mut **tx)
    .await
}

/// What a list of conversations is narrowed to.
#[derive(Default)]
pub(in crate::messaging) struct ConversationFilter<'a> {
    pub id: Option<ConversationId>,
    pub contact: Option<ContactId>,
    pub mode: Option<Mode>,
    /// Only those whose contact waits for staff.
    pub waiting: bool,
    pub assignee: Option<UserId>,
    pub unassigned: bool,
    /// true: put away; false: not; none: both.
    pub archived: Option<bool>,
    /// Part of the contact's name or number.
    pub text: Option<&'a str>,
}

/// The orders of the list of conversations.
pub(in crate::messaging) const CONVERSATION_ORDERS: &[SortKey] = &[
    SortKey { name: "last_activity", sql: "v.updated_at", kind: SortKind::Time, descending: true },
    SortKey { name: "created_at", sql: "v.created_at", kind: SortKind::Time, descending: true },
];

const CONVERSATION_COLUMNS: &str = "v.id, v.contact_id, c.phone_number, c.first_name, c.last_name, v.sender_id, s.channel, \
    s.address AS sender_address, v.dialogue, v.mode, v.human_until, v.waiting_since, v.waiting_reason, v.assignee_id, \
    u.display_name AS assignee_name, b.reasons, b.reasons_end, v.state_expires_at, v.archived_at, v.edit_version, v.updated_at, v.created_at, \
    m.body AS last_body, m.direction AS last_direction, m.author AS last_author, m.created_at AS last_at, \
    CASE WHEN s.channel = 'whatsapp' THEN (SELECT max(i.created_at) FROM messages i WHERE i.organization_id = v.organization_id \
         AND i.conversation_id = v.id AND i.direction = 'inbound') END AS last_inbound_at";

const CONVERSATIONS: &str = "conversations v \
    JOIN contacts c ON c.organization_id = v.organization_id AND c.id = v.contact_id \
    JOIN senders s ON s.organization_id = v.organization_id AND s.id = v.sender_id \
    LEFT JOIN users u ON u.id = v.assignee_id \
    LEFT JOIN LATERAL (SELECT array_agg(reason) AS reasons, array_agg(expires_at) AS reasons_end FROM ( \
                         SELECT reason, expires_at FROM suppressions \
                         WHERE organization_id = v.organization_id AND phone_number = c.phone_number AND lifted_at IS NULL \
                           AND (sender_id IS NULL OR sender_id = v.sender_id) AND (channel IS NULL OR channel = s.channel) \
                         UNION ALL \
                         SELECT 'do_not_call', expires_at FROM installation_suppressions \
                         WHERE number_sha256 = encode(sha256(convert_to(c.phone_number, 'UTF8')), 'hex') AND lifted_at IS NULL) x) b ON true \
    LEFT JOIN LATERAL (SELECT body, direction, created_at, \
                              CASE WHEN direction = 'inbound' THEN 'contact' WHEN by_program THEN 'program' \
                                   WHEN by_staff THEN 'staff' ELSE 'assistant' END AS author \
                       FROM messages WHERE organization_id = v.organization_id AND conversation_id = v.id \
                       ORDER BY created_at DESC, id DESC LIMIT 1) m ON true";

pub(in crate::messaging) async fn conversations(
    tx: &mut Tx,
    filter: &ConversationFilter<'_>,
    order: &Order,
) -> Result<Page<Conversation>, sqlx::Error> {
    let now = tx.clock().now();
    let theirs = numbers_of(tx, filter.contact).await?;
    let mut list = List::new(tx, order, "v.id", CONVERSATION_COLUMNS, CONVERSATIONS, "v.organization_id");
    list.filter("v.id = ", filter.id.map(|id| id.0));
    list.any_of("v.contact_id", theirs);
    match filter.mode {
        Some(Mode::Human) => {
            list.condition(true, "v.mode = 'human'");
            list.filter("v.human_until > ", Some(now));
        }
        // Bot mode has no end.
        Some(Mode::Bot) => list.filter("COALESCE(v.human_until, '-infinity') <= ", Some(now)),
        None => {}
    }
    list.condition(filter.waiting, "v.waiting_since IS NOT NULL");
    list.filter("v.assignee_id = ", filter.assignee.map(|u| u.0));
    list.condition(filter.unassigned, "v.assignee_id IS NULL");
    list.condition(filter.archived == Some(true), "v.archived_at IS NOT NULL");
    list.condition(filter.archived == Some(false), "v.archived_at IS NULL");
    list.search(&["c.phone_number", "concat_ws(' ', c.first_name, c.last_name)"], filter.text);
    let page: Page<ConversationRow> = list.page(tx).await?;
    Ok(page.map(|row| row.shown(now)))
}

/// One conversation.
pub(in crate::messaging) async fn conversation(
    tx: &mut Tx,
    id: ConversationId,
) -> Result<Option<Conversation>, sqlx::Error> {
    let order = Paging::default().order(CONVERSATION_ORDERS).map_err(|p: Problem| sqlx::Error::Protocol(p.detail))?;
    let filter = ConversationFilter { id: Some(id), ..Default::default() };
    Ok(conversations(tx, &filter, &order).await?.items.pop())
}

/// A conversation as stored: what time has ended is still in it.
struct ConversationRow {
    conversation: Conversation,
    mode: Mode,
    /// What keeps texts from the contact, and when it ends by itself.
    blocks: Vec<(String, Option<DateTime<Utc>>)>,
}

impl FromRow<'_, PgRow> for ConversationRow {
    fn from_row(r: &PgRow) -> Result<Self, sqlx::Error> {
        let last_message = match (r.try_get("last_body")?, r.try_get("last_direction")?) {
            (Some(body), Some(direction)) => Some(LastMessage {
                body,
                direction,
                author: r.try_get::<Author, _>("last_author")?,
                created_at: r.try_get("last_at")?,
            }),
            _ => None,
        };
        let assignee = match (r.try_get("assignee_id")?, r.try_get("assignee_name")?) {
            (Some(id), Some(display_name)) => Some(Assignee { id, display_name }),
            _ => None,
        };
        let reasons: Option<Vec<String>> = r.try_get("reasons")?;
        let ends: Option<Vec<Option<DateTime<Utc>>>> = r.try_get("reasons_end")?;
        let blocks = reasons.into_iter().flatten().zip(ends.into_iter().flatten()).collect();
        let mode = r.try_get("mode")?;
        let conversation = Conversation {
            id: r.try_get("id")?,
            contact_id: r.try_get("contact_id")?,
            contact: ContactName {
                phone_number: r.try_get("phone_number")?,
                first_name: r.try_get("first_name")?,
                last_name: r.try_get("last_name")?,
            },
            sender_id: r.try_get("sender_id")?,
            channel: r.try_get("channel")?,
            sender_address: r.try_get("sender_address")?,
            state: String::new(),
            dialogue: r.try_get("dialogue")?,
            mode,
            human_until: r.try_get("human_until")?,
            waiting_since: r.try_get("waiting_since")?,
            waiting_reason: r.try_get("waiting_reason")?,
            assignee,
            contact_status: ContactStatus::Ok,
            window_until: r.try_get::<Option<DateTime<Utc>>, _>("last_inbound_at")?.map(whatsapp::closes_at),
            last_message,
            state_expires_at: r.try_get("state_expires_at")?,
            archived_at: r.try_get("archived_at")?,
            version: r.try_get("edit_version")?,
            updated_at: r.try_get("updated_at")?,
            created_at: r.try_get("created_at")?,
        };
        Ok(Self { conversation, mode, blocks })
    }
}

impl ConversationRow {
    /// The conversation at `now`: a state that silence has ended is shown as what the next text will meet.
    fn shown(self, now: DateTime<Utc>) -> Conversation {
        let mut c = self.conversation;
        let blocks: Vec<String> = self
            .blocks
            .into_iter()
            .filter(|(_, ends)| ends.is_none_or(|at| at > now))
            .map(|(reason, _)| reason)
            .collect();
        c.contact_status = contact_status(&blocks);
        c.mode = effective_mode(self.mode, c.human_until, now);
        c.human_until = c.human_until.filter(|until| *until > now);
        if c.state_expires_at.is_some_and(|at| at <= now) {
            c.dialogue = serde_json::json!({ "state": "idle" });
            c.state_expires_at = None;
        }
        c.state = c.dialogue.get("state").and_then(|s| s.as_str()).unwrap_or("idle").to_owned();
        c
    }
}

fn contact_status(blocks: &[String]) -> ContactStatus {
    let any = |wanted: &[&str]| blocks.iter().any(|reason| wanted.contains(&reason.as_str()));
    if any(&["opted_out", "carrier_opted_out"]) {
        ContactStatus::OptedOut
    } else if any(&["under_review"]) {
        ContactStatus::UnderReview
    } else if blocks.is_empty() {
        ContactStatus::Ok
    } else {
        ContactStatus::Blocked
    }
}
