//! SQL on knowledge entries.

use crate::{
    assistant::knowledge::{KnowledgeEntry, Topic},
    platform::{
        db::Tx,
        http::{Order, Page, SortKey, SortKind},
        ids::KnowledgeEntryId,
        listing::List,
    },
};

/// Entries one organization may have; every question is compared with all of them.
pub(in crate::assistant) const MOST: i64 = 200;

/// What a write sets.
pub(in crate::assistant) struct EntryFields<'a> {
    pub topic: Topic,
    pub title: &'a str,
    pub keywords: &'a [String],
    pub answer_en: &'a str,
    pub answer_es: Option<&'a str>,
    pub active: bool,
}

/// What a list of entries is narrowed to.
pub(in crate::assistant) struct EntryFilter<'a> {
    /// Part of a title or an answer.
    pub text: Option<&'a str>,
    pub topic: Option<Topic>,
    pub active: Option<bool>,
}

/// The orders of the list of entries.
pub(in crate::assistant) const ORDERS: &[SortKey] = &[
    SortKey { name: "created_at", sql: "id", kind: SortKind::Id, descending: false },
    SortKey { name: "updated_at", sql: "updated_at", kind: SortKind::Time, descending: true },
    SortKey { name: "title", sql: "lower(title)", kind: SortKind::Text, descending: false },
];

pub(in crate::assistant) async fn list_entries(
    tx: &mut Tx,
    filter: &EntryFilter<'_>,
    order: &Order,
) -> Result<Page<KnowledgeEntry>, sqlx::Error> {
    let columns = "id, topic, title, keywords, answer_en, answer_es, active, created_at, updated_at";
    let mut list = List::new(tx, order, "id", columns, "knowledge_entries", "organization_id");
    list.search(&["title", "answer_en", "answer_es"], filter.text);
    list.filter("topic = ", filter.topic.map(Topic::as_str));
    list.filter("active = ", filter.active);
    list.page(tx).await
}

/// Every entry, in the order they were made.
pub(in crate::assistant) async fn entries(tx: &mut Tx) -> Result<Vec<KnowledgeEntry>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        KnowledgeEntry,
        r#"SELECT id AS "id: _", topic AS "topic: _", title, keywords, answer_en, answer_es, active, created_at, updated_at
           FROM knowledge_entries WHERE organization_id = $1 ORDER BY id LIMIT $2"#,
        organization.0,
        MOST,
    )
    .fetch_all(&mut **tx)
    .await
}

pub(in crate::assistant) async fn entry(
    tx: &mut Tx,
    id: KnowledgeEntryId,
) -> Result<Option<KnowledgeEntry>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        KnowledgeEntry,
        r#"SELECT id AS "id: _", topic AS "topic: _", title, keywords, answer_en, answer_es, active, created_at, updated_at
           FROM knowledge_entries WHERE organization_id = $1 AND id = $2"#,
        organization.0,
        id.0,
    )
    .fetch_optional(&mut **tx)
    .await
}

/// Reads the entry and keeps others from changing it until the end of the transaction.
pub(in crate::assistant) async fn lock_entry(
    tx: &mut Tx,
    id: KnowledgeEntryId,
) -> Result<Option<KnowledgeEntry>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        KnowledgeEntry,
        r#"SELECT id AS "id: _", topic AS "topic: _", title, keywords, answer_en, answer_es, active, created_at, updated_at
           FROM knowledge_entries WHERE organization_id = $1 AND id = $2 FOR UPDATE"#,
        organization.0,
        id.0,
    )
    .fetch_optional(&mut **tx)
    .await
}

/// Adds an entry. None: there are [`MOST`] already.
pub(in crate::assistant) async fn insert_entry(
    tx: &mut Tx,
    e: &EntryFields<'_>,
) -> Result<Option<KnowledgeEntry>, sqlx::Error> {
    let (organization, id, now) = (tx.organization_id(), KnowledgeEntryId::new(tx.clock()), tx.clock().now());
    sqlx::query_as!(
        KnowledgeEntry,
        r#"INSERT INTO knowledge_entries (organization_id, id, topic, title, keywords, answer_en, answer_es, active, created_at, updated_at)
           SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $9
           WHERE (SELECT count(*) FROM knowledge_entries WHERE organization_id = $1) < $10
           RETURNING id AS "id: _", topic AS "topic: _", title, keywords, answer_en, answer_es, active, created_at, updated_at"#,
        organization.0,
        id.0,
        e.topic.as_str(),
        e.title,
        e.keywords,
        e.answer_en,
        e.answer_es,
        e.active,
        now,
        MOST,
    )
    .fetch_optional(&mut **tx)
    .await
}

pub(in crate::assistant) async fn update_entry(
    tx: &mut Tx,
    id: KnowledgeEntryId,
    e: &EntryFields<'_>,
) -> Result<Option<KnowledgeEntry>, sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query_as!(
        KnowledgeEntry,
        r#"UPDATE knowledge_entries SET topic = $3, title = $4, keywords = $5, answer_en = $6, answer_es = $7, active = $8, updated_at = $9
           WHERE organization_id = $1 AND id = $2
           RETURNING id AS "id: _", topic AS "topic: _", title, keywords, answer_en, answer_es, active, created_at, updated_at"#,
        organization.0,
        id.0,
        e.topic.as_str(),
        e.title,
        e.keywords,
        e.answer_en,
        e.answer_es,
        e.active,
        now,
    )
    .fetch_optional(&mut **tx)
    .await
}

pub(in crate::assistant) async fn delete_entry(tx: &mut Tx, id: KnowledgeEntryId) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query!("DELETE FROM knowledge_entries WHERE organization_id = $1 AND id = $2", organization.0, id.0)
        .execute(&mut **tx)
        .await
        .map(drop)
}
