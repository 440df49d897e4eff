//! SQL on WhatsApp's templates, and on texts that go out as one.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::types::Json;

use super::{
    super::{
        media::MediaItem,
        model::{MessageStatus, TemplateApproval, TemplateCategory, WhatsappTemplate},
        service::Queued,
        whatsapp::{Content, Handing, handing},
    },
    OutboundRow,
};
use crate::{
    compliance::Purpose,
    platform::{
        db::Tx,
        http::{Order, Page, SortKey, SortKind},
        ids::{ConversationId, MessageId, SenderId, WhatsappTemplateId},
        listing::List,
    },
};

/// The orders of the list of templates.
pub(in crate::messaging) const ORDERS: &[SortKey] = &[
    SortKey { name: "name", sql: "lower(name)", kind: SortKind::Text, descending: false },
    SortKey { name: "created_at", sql: "created_at", kind: SortKind::Time, descending: true },
];

const COLUMNS: &str = "id, content_sid, name, language, body, category, approval, version, created_at, updated_at";

/// What staff notes of a template.
#[derive(Clone, Debug)]
pub(in crate::messaging) struct TemplateFields {
    pub content_sid: String,
    pub name: String,
    pub language: String,
    pub body: String,
    pub category: TemplateCategory,
    pub approval: TemplateApproval,
}

pub(in crate::messaging) async fn list(
    tx: &mut Tx,
    text: Option<&str>,
    approval: Option<TemplateApproval>,
    order: &Order,
) -> Result<Page<WhatsappTemplate>, sqlx::Error> {
    let mut list = List::new(tx, order, "id", COLUMNS, "whatsapp_templates", "organization_id");
    list.filter("approval = ", approval.map(TemplateApproval::as_str));
    list.search(&["name", "body"], text);
    list.page(tx).await
}

/// Reads a template; `lock`: for the rest of the transaction.
pub(in crate::messaging) async fn get(
    tx: &mut Tx,
    id: WhatsappTemplateId,
    lock: bool,
) -> Result<Option<WhatsappTemplate>, sqlx::Error> {
    let organization = tx.organization_id();
    if lock {
        sqlx::query!(
            "SELECT FROM whatsapp_templates WHERE organization_id = $1 AND id = $2 FOR NO KEY UPDATE",
            organization.0,
            id.0
        )
        .fetch_optional(&mut **tx)
        .await?;
    }
    sqlx::query_as!(
        WhatsappTemplate,
        r#"SELECT id AS "id: _", content_sid, name, language, body, category AS "category: _", approval AS "approval: _", version,
                  created_at, updated_at
           FROM whatsapp_templates WHERE organization_id = $1 AND id = $2"#,
        organization.0,
        id.0,
    )
    .fetch_optional(&mut **tx)
    .await
}

/// Adds a template. None: its content SID is there already.
pub(in crate::messaging) async fn insert(
    tx: &mut Tx,
    f: &TemplateFields,
) -> Result<Option<WhatsappTemplateId>, sqlx::Error> {
    let (organization, id, now) = (tx.organization_id(), WhatsappTemplateId::new(tx.clock()), tx.clock().now());
    sqlx::query_scalar!(
        r#"INSERT INTO whatsapp_templates (organization_id, id, content_sid, name, language, body, category, approval, created_at, updated_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)
           ON CONFLICT ON CONSTRAINT whatsapp_templates_content_sid_key DO NOTHING RETURNING id AS "id: WhatsappTemplateId""#,
        organization.0,
        id.0,
        f.content_sid,
        f.name,
        f.language,
        f.body,
        f.category.as_str(),
        f.approval.as_str(),
        now,
    )
    .fetch_optional(&mut **tx)
    .await
}

/// Writes a change. False: another template has the content SID.
pub(in crate::messaging) async fn update(
    tx: &mut Tx,
    id: WhatsappTemplateId,
    f: &TemplateFields,
) -> Result<bool, sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    let changed = sqlx::query!(
        "UPDATE whatsapp_templates t SET content_sid = $3, name = $4, language = $5, body = $6, category = $7, approval = $8,
                updated_at = $9, version = version + 1
         WHERE organization_id = $1 AND id = $2
           AND NOT EXISTS (SELECT FROM whatsapp_templates o WHERE o.organization_id = $1 AND o.content_sid = $3 AND o.id <> $2)",
        organization.0,
        id.0,
        f.content_sid,
        f.name,
        f.language,
        f.body,
        f.category.as_str(),
        f.approval.as_str(),
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(changed.rows_affected() == 1)
}

pub(in crate::messaging) async fn delete(tx: &mut Tx, id: WhatsappTemplateId) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query!("DELETE FROM whatsapp_templates WHERE organization_id = $1 AND id = $2", organization.0, id.0)
        .execute(&mut **tx)
        .await
        .map(drop)
}

/// When the contact last wrote in the conversation.
pub(in crate::messaging) async fn last_inbound_at(
    tx: &mut Tx,
    id: ConversationId,
) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_scalar!(
        "SELECT max(created_at) FROM messages WHERE organization_id = $1 AND conversation_id = $2 AND direction = 'inbound'",
        organization.0,
        id.0
    )
    .fetch_one(&mut **tx)
    .await
}

/// Keeps the template a text goes out as, now or where its own words may not.
pub(in crate::messaging) async fn set_content(
    tx: &mut Tx,
    id: MessageId,
    content: &Content,
) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query!(
        "UPDATE messages SET content = $3 WHERE organization_id = $1 AND id = $2",
        organization.0,
        id.0,
        serde_json::json!(content)
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Where the template of this text takes the place of its words (or may within the next second), it is decided on as what the template is.
pub(in crate::messaging) fn judge_as_template(row: &mut OutboundRow, now: DateTime<Utc>) {
    let fresh = row.provider_sid.is_none()
        && row.handed_at.is_none()
        && (row.status == MessageStatus::Queued || row.given_up());
    let (content, soon) = (row.content.as_deref(), now + TimeDelta::seconds(1));
    if fresh
        && content.is_some_and(Content::advertises)
        && handing(row.channel, content, row.last_inbound_at, soon) == Handing::Template
    {
        row.purpose = Purpose::Marketing;
    }
}

/// From here on the text is its template: what the thread shows is what the contact reads. Its own words are kept for when the contact
/// writes before it goes.
pub(in crate::messaging) async fn become_template(tx: &mut Tx, id: MessageId) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query!(
        r#"UPDATE messages
           SET body = content ->> 'text', segments = 1, purpose = CASE content ->> 'category' WHEN 'marketing' THEN 'marketing' ELSE purpose END,
               content = content || '{"when":"always"}'
                 || jsonb_build_object('words', jsonb_build_object('body', body, 'segments', segments, 'purpose', purpose))
           WHERE organization_id = $1 AND id = $2 AND content IS NOT NULL"#,
        organization.0,
        id.0
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// The contact wrote, which opens the window: texts that became templates, and wait, are their own words again. One that is decided on at
/// this moment goes as it is.
pub(in crate::messaging) async fn return_to_words(
    tx: &mut Tx,
    conversation: ConversationId,
) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query!(
        r#"UPDATE messages m
           SET body = m.content -> 'words' ->> 'body', segments = (m.content -> 'words' ->> 'segments')::smallint,
               purpose = m.content -> 'words' ->> 'purpose', content = (m.content - 'words') || '{"when":"outside_window"}'
           FROM (SELECT id FROM messages
                 WHERE organization_id = $1 AND conversation_id = $2 AND direction = 'outbound' AND status = 'queued'
                   AND handed_at IS NULL AND provider_sid IS NULL AND content -> 'words' IS NOT NULL
                 FOR NO KEY UPDATE SKIP LOCKED) waiting
           WHERE m.organization_id = $1 AND m.id = waiting.id"#,
        organization.0,
        conversation.0
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Writes the template of a text that WhatsApp refused, as a text of its own by the same hand. None: it had none, or was one itself.
pub(in crate::messaging) async fn repeat_as_template(
    tx: &mut Tx,
    refused: MessageId,
) -> Result<Option<Queued>, sqlx::Error> {
    let (organization, id, now) = (tx.organization_id(), MessageId::new(tx.clock()), tx.clock().now());
    sqlx::query_as!(
        Queued,
        r#"WITH old AS (
               UPDATE messages SET content = NULL
               WHERE organization_id = $1 AND id = $2 AND direction = 'outbound' AND content ->> 'when' = 'outside_window'
               RETURNING organization_id, conversation_id, contact_id, sender_id, channel, purpose, deadline_at, by_staff, user_id,
                         by_program
           ), template AS (SELECT content FROM messages WHERE organization_id = $1 AND id = $2)
           INSERT INTO messages (organization_id, id, conversation_id, contact_id, sender_id, direction, channel, body, content, segments,
                                 purpose, deadline_at, status, created_at, by_staff, user_id, by_program)
           SELECT old.organization_id, $3, conversation_id, contact_id, sender_id, 'outbound', channel, template.content ->> 'text',
                  template.content || '{"when":"always"}', 1,
                  CASE template.content ->> 'category' WHEN 'marketing' THEN 'marketing' ELSE purpose END, deadline_at, 'queued', $4, by_staff, user_id, by_program
           FROM old, template
           RETURNING id AS "id: _", sender_id AS "sender_id: _", segments, purpose AS "purpose: _""#,
        organization.0,
        refused.0,
        id.0,
        now,
    )
    .fetch_optional(&mut **tx)
    .await
}

/// One file of a text that came in.
pub(in crate::messaging) struct InboundFile {
    pub item: MediaItem,
    /// The provider's id of the text.
    pub message_sid: String,
    /// The sender that it came to.
    pub sender_id: SenderId,
}

/// A file by its place in the text.
pub(in crate::messaging) async fn inbound_media(
    tx: &mut Tx,
    id: MessageId,
    n: i32,
) -> Result<Option<InboundFile>, sqlx::Error> {
    let organization = tx.organization_id();
    let found = sqlx::query!(
        r#"SELECT media -> $3::int4 AS "item!: Json<MediaItem>", provider_sid AS "message_sid!", sender_id AS "sender_id: SenderId"
           FROM messages
           WHERE organization_id = $1 AND id = $2 AND direction = 'inbound' AND $3::int4 >= 0 AND media -> $3::int4 IS NOT NULL"#,
        organization.0,
        id.0,
        n,
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(found.map(|r| InboundFile { item: r.item.0, message_sid: r.message_sid, sender_id: r.sender_id }))
}
