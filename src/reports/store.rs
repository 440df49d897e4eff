//! All SQL on reports.

pub(super) mod personal;

use chrono::{DateTime, Utc};

use super::model::{
    ContactReport, News, Priority, Report, ReportComment, ReportContact, ReportEvent, ReportEventKind, ReportPerson,
    ReportSource, ReportStatus,
};
use crate::platform::{
    db::Tx,
    http::{Order, Page, SortKey, SortKind},
    ids::{ContactId, ConversationId, ReportCommentId, ReportEventId, ReportId, UserId},
    listing::List,
};

/// The orders of lists of reports.
pub(super) const ORDERS: &[SortKey] = &[
    SortKey { name: "created_at", sql: "r.created_at", kind: SortKind::Time, descending: true },
    SortKey { name: "updated_at", sql: "r.updated_at", kind: SortKind::Time, descending: true },
    SortKey { name: "number", sql: "r.number", kind: SortKind::Number, descending: true },
    SortKey {
        name: "priority",
        sql: "(CASE r.priority WHEN 'urgent' THEN 4 WHEN 'high' THEN 3 WHEN 'normal' THEN 2 ELSE 1 END)::bigint",
        kind: SortKind::Number,
        descending: true,
    },
];

/// The orders of what was said about a report.
pub(super) const COMMENT_ORDERS: &[SortKey] =
    &[SortKey { name: "created_at", sql: "k.created_at", kind: SortKind::Time, descending: false }];

/// The orders of a report's history.
pub(super) const EVENT_ORDERS: &[SortKey] =
    &[SortKey { name: "at", sql: "e.at", kind: SortKind::Time, descending: false }];

#[derive(sqlx::FromRow)]
struct Row {
    id: ReportId,
    number: i64,
    source: ReportSource,
    subject: String,
    body: String,
    priority: Priority,
    status: ReportStatus,
    contact_id: Option<ContactId>,
    phone_number: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    opened_by: Option<UserId>,
    opener_name: Option<String>,
    assignee_id: Option<UserId>,
    assignee_name: Option<String>,
    resolution: Option<String>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    started_at: Option<DateTime<Utc>>,
    resolved_at: Option<DateTime<Utc>>,
    version: i64,
}

fn person(id: Option<UserId>, display_name: Option<String>) -> Option<ReportPerson> {
    Some(ReportPerson { id: id?, display_name: display_name.unwrap_or_default() })
}

impl From<Row> for Report {
    fn from(r: Row) -> Self {
        let contact = match (r.contact_id, r.phone_number) {
            (Some(id), Some(phone_number)) => {
                Some(ReportContact { id, phone_number, first_name: r.first_name, last_name: r.last_name })
            }
            _ => None,
        };
        Self {
            id: r.id,
            number: r.number,
            source: r.source,
            subject: r.subject,
            body: r.body,
            priority: r.priority,
            status: r.status,
            contact,
            opened_by: person(r.opened_by, r.opener_name),
            assignee: person(r.assignee_id, r.assignee_name),
            resolution: r.resolution,
            created_at: r.created_at,
            updated_at: r.updated_at,
            started_at: r.started_at,
            resolved_at: r.resolved_at,
            version: r.version,
        }
    }
}

/// What a list of reports is narrowed to.
#[derive(Default)]
pub(super) struct Filter<'a> {
    pub id: Option<ReportId>,
    pub status: Option<ReportStatus>,
    pub priority: Option<Priority>,
    pub assignee: Option<UserId>,
    pub contact: Option<ContactId>,
    pub opened_by: Option<UserId>,
    /// Opened by them, or given to them.
    pub of: Option<UserId>,
    /// Only those not resolved.
    pub unresolved: bool,
    pub text: Option<&'a str>,
}

pub(super) async fn list(tx: &mut Tx, filter: &Filter<'_>, order: &Order) -> Result<Page<Report>, sqlx::Error> {
    let columns = "r.id, r.number, r.source, r.subject, r.body, r.priority, r.status, r.contact_id, c.phone_number, c.first_name,
        c.last_name, r.opened_by, o.display_name AS opener_name, r.assignee_id, a.display_name AS assignee_name, r.resolution,
        r.created_at, r.updated_at, r.started_at, r.resolved_at, r.version";
    let from = "reports r LEFT JOIN contacts c ON c.organization_id = r.organization_id AND c.id = r.contact_id
        LEFT JOIN users o ON o.id = r.opened_by LEFT JOIN users a ON a.id = r.assignee_id";
    let mut list = List::new(tx, order, "r.id", columns, from, "r.organization_id");
    list.filter("r.id = ", filter.id.map(|id| id.0));
    list.filter("r.status = ", filter.status.map(ReportStatus::as_str));
    list.filter("r.priority = ", filter.priority.map(Priority::as_str));
    list.filter("r.assignee_id = ", filter.assignee.map(|u| u.0));
    list.filter("r.contact_id = ", filter.contact.map(|c| c.0));
    list.filter("r.opened_by = ", filter.opened_by.map(|u| u.0));
    list.filter("ARRAY[r.opened_by, r.assignee_id] @> ", filter.of.map(|u| vec![u.0]));
    list.condition(filter.unresolved, "r.status <> 'resolved'");
    list.search(&["r.subject", "r.body", "'#' || r.number"], filter.text);
    Ok(list.page::<Row>(tx).await?.map(Report::from))
}

/// Locks the report for the rest of the transaction.
pub(super) async fn lock(tx: &mut Tx, id: ReportId) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query!("SELECT FROM reports WHERE organization_id = $1 AND id = $2 FOR UPDATE", organization.0, id.0)
        .fetch_optional(&mut **tx)
        .await
        .map(drop)
}

/// The next number of the organization.
pub(super) async fn next_number(tx: &mut Tx) -> Result<i64, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_scalar!(
        "INSERT INTO report_numbers (organization_id, last) VALUES ($1, 1)
         ON CONFLICT (organization_id) DO UPDATE SET last = report_numbers.last + 1 RETURNING last",
        organization.0,
    )
    .fetch_one(&mut **tx)
    .await
}

pub(super) struct NewReport<'a> {
    pub number: i64,
    pub source: ReportSource,
    pub subject: &'a str,
    pub body: &'a str,
    pub priority: Priority,
    pub contact_id: Option<ContactId>,
    pub conversation_id: Option<ConversationId>,
    pub opened_by: Option<UserId>,
}

pub(super) async fn insert(tx: &mut Tx, r: &NewReport<'_>) -> Result<ReportId, sqlx::Error> {
    let (organization, id, now) = (tx.organization_id(), ReportId::new(tx.clock()), tx.clock().now());
    sqlx::query!(
        "INSERT INTO reports (organization_id, id, number, source, subject, body, priority, status, contact_id, conversation_id,
                              opened_by, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 'open', $8, $9, $10, $11, $11)",
        organization.0,
        id.0,
        r.number,
        r.source.as_str(),
        r.subject,
        r.body,
        r.priority.as_str(),
        r.contact_id.map(|c| c.0),
        r.conversation_id.map(|c| c.0),
        r.opened_by.map(|u| u.0),
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(id)
}

/// What staff may change of a report.
pub(super) struct Changes<'a> {
    pub subject: &'a str,
    pub priority: Priority,
    pub assignee: Option<UserId>,
}

pub(super) async fn update(tx: &mut Tx, id: ReportId, c: &Changes<'_>) -> Result<(), sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query!(
        "UPDATE reports SET subject = $3, priority = $4, assignee_id = $5, updated_at = $6, version = version + 1
         WHERE organization_id = $1 AND id = $2",
        organization.0,
        id.0,
        c.subject,
        c.priority.as_str(),
        c.assignee.map(|u| u.0),
        now,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Puts the report into a state. Who starts on one that nobody has, has it.
pub(super) async fn set_status(
    tx: &mut Tx,
    id: ReportId,
    status: ReportStatus,
    resolution: Option<&str>,
    by: Option<UserId>,
) -> Result<(), sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query!(
        "UPDATE reports SET status = $3, resolution = $4, updated_at = $6, version = version + 1,
                assignee_id = CASE WHEN $3 = 'in_progress' THEN COALESCE(assignee_id, $5) ELSE assignee_id END,
                started_at = CASE $3 WHEN 'open' THEN NULL WHEN 'in_progress' THEN $6 ELSE started_at END,
                resolved_at = CASE $3 WHEN 'resolved' THEN $6 END
         WHERE organization_id = $1 AND id = $2",
        organization.0,
        id.0,
        status.as_str(),
        resolution,
        by.map(|u| u.0),
        now,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Notes that something went on with the report.
pub(super) async fn touch(tx: &mut Tx, id: ReportId) -> Result<(), sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query!("UPDATE reports SET updated_at = $3 WHERE organization_id = $1 AND id = $2", organization.0, id.0, now)
        .execute(&mut **tx)
        .await
        .map(drop)
}

// ---- comments and history

#[derive(sqlx::FromRow)]
struct CommentRow {
    id: ReportCommentId,
    author_id: Option<UserId>,
    author_name: Option<String>,
    body: String,
    internal: bool,
    created_at: DateTime<Utc>,
}

impl From<CommentRow> for ReportComment {
    fn from(r: CommentRow) -> Self {
        Self {
            id: r.id,
            author: person(r.author_id, r.author_name),
            body: r.body,
            internal: r.internal,
            created_at: r.created_at,
        }
    }
}

pub(super) async fn comments(
    tx: &mut Tx,
    report: ReportId,
    with_internal: bool,
    text: Option<&str>,
    order: &Order,
) -> Result<Page<ReportComment>, sqlx::Error> {
    let columns = "k.id, k.author_id, u.display_name AS author_name, k.body, k.internal, k.created_at";
    let from = "report_comments k LEFT JOIN users u ON u.id = k.author_id";
    let mut list = List::new(tx, order, "k.id", columns, from, "k.organization_id");
    list.filter("k.report_id = ", Some(report.0));
    list.condition(!with_internal, "NOT k.internal");
    list.search(&["k.body"], text);
    Ok(list.page::<CommentRow>(tx).await?.map(ReportComment::from))
}

pub(super) async fn comment(tx: &mut Tx, id: ReportCommentId) -> Result<ReportComment, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        CommentRow,
        r#"SELECT k.id AS "id: _", k.author_id AS "author_id: _", u.display_name AS "author_name?", k.body, k.internal, k.created_at
           FROM report_comments k LEFT JOIN users u ON u.id = k.author_id WHERE k.organization_id = $1 AND k.id = $2"#,
        organization.0,
        id.0,
    )
    .fetch_one(&mut **tx)
    .await
    .map(ReportComment::from)
}

pub(super) async fn insert_comment(
    tx: &mut Tx,
    report: ReportId,
    author: Option<UserId>,
    body: &str,
    internal: bool,
) -> Result<ReportCommentId, sqlx::Error> {
    let (organization, id, now) = (tx.organization_id(), ReportCommentId::new(tx.clock()), tx.clock().now());
    sqlx::query!(
        "INSERT INTO report_comments (organization_id, id, report_id, author_id, body, internal, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        organization.0,
        id.0,
        report.0,
        author.map(|u| u.0),
        body,
        internal,
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(id)
}

/// One line of history to be written.
pub(super) struct NewEvent<'a> {
    pub kind: ReportEventKind,
    pub actor: Option<UserId>,
    pub by_contact: bool,
    pub internal: bool,
    pub detail: Option<&'a str>,
}

impl NewEvent<'_> {
    pub const fn by(kind: ReportEventKind, actor: Option<UserId>) -> Self {
        Self { kind, actor, by_contact: false, internal: false, detail: None }
    }
}

pub(super) async fn append_event(tx: &mut Tx, report: ReportId, e: &NewEvent<'_>) -> Result<(), sqlx::Error> {
    let (organization, id, now) = (tx.organization_id(), ReportEventId::new(tx.clock()), tx.clock().now());
    sqlx::query!(
        "INSERT INTO report_events (organization_id, id, report_id, at, kind, actor_id, by_contact, internal, detail)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        organization.0,
        id.0,
        report.0,
        now,
        e.kind.as_str(),
        e.actor.map(|u| u.0),
        e.by_contact,
        e.internal,
        e.detail,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

#[derive(sqlx::FromRow)]
struct EventRow {
    id: ReportEventId,
    at: DateTime<Utc>,
    kind: ReportEventKind,
    actor_id: Option<UserId>,
    actor_name: Option<String>,
    by_contact: bool,
    detail: Option<String>,
}

pub(super) async fn history(
    tx: &mut Tx,
    report: ReportId,
    with_internal: bool,
    order: &Order,
) -> Result<Page<ReportEvent>, sqlx::Error> {
    let columns = "e.id, e.at, e.kind, e.actor_id, u.display_name AS actor_name, e.by_contact, e.detail";
    let from = "report_events e LEFT JOIN users u ON u.id = e.actor_id";
    let mut list = List::new(tx, order, "e.id", columns, from, "e.organization_id");
    list.filter("e.report_id = ", Some(report.0));
    list.condition(!with_internal, "NOT e.internal");
    Ok(list.page::<EventRow>(tx).await?.map(|r| ReportEvent {
        id: r.id,
        at: r.at,
        kind: r.kind,
        actor: person(r.actor_id, r.actor_name),
        by_contact: r.by_contact,
        detail: r.detail,
    }))
}

// ---- for the assistant and the figures

/// The contact's own reports, latest first.
pub(super) async fn of_contact(tx: &mut Tx, contact: ContactId, limit: i64) -> Result<Vec<ContactReport>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        ContactReport,
        r#"SELECT id AS "id: _", number, status AS "status: _", created_at, resolved_at FROM reports
           WHERE organization_id = $1 AND contact_id = $2 AND source = 'contact' ORDER BY id DESC LIMIT $3"#,
        organization.0,
        contact.0,
        limit,
    )
    .fetch_all(&mut **tx)
    .await
}

/// What a contact is to be told; none where it is nothing (any more).
pub(super) async fn news(
    tx: &mut Tx,
    report: ReportId,
    comment: Option<ReportCommentId>,
) -> Result<Option<News>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        News,
        r#"SELECT r.number, r.contact_id AS "contact_id!: _", r.conversation_id AS "conversation_id!: _",
                  CASE WHEN $3::uuid IS NULL THEN r.resolution ELSE k.body END AS words, ($3::uuid IS NULL) AS "resolved!"
           FROM reports r LEFT JOIN report_comments k ON k.organization_id = r.organization_id AND k.report_id = r.id AND k.id = $3
           WHERE r.organization_id = $1 AND r.id = $2 AND r.source = 'contact' AND r.contact_id IS NOT NULL
             AND r.conversation_id IS NOT NULL
             AND CASE WHEN $3::uuid IS NULL THEN r.status = 'resolved' ELSE k.id IS NOT NULL AND NOT k.internal END"#,
        organization.0,
        report.0,
        comment.map(|c| c.0),
    )
    .fetch_optional(&mut **tx)
    .await
}

/// Urgent reports that are not resolved. Made to be asked for often.
pub async fn open_urgent(tx: &mut Tx) -> Result<i64, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM reports
           WHERE organization_id = $1 AND priority = 'urgent' AND status <> 'resolved'"#,
        organization.0,
    )
    .fetch_one(&mut **tx)
    .await
}
