//! Use cases of reports: open one, work on it, comment on it. Who may see one is decided in the API, where the caller is known.

use super::{
    model::{
        ContactReport, LONGEST_SUBJECT, NewContactReport, News, Priority, Report, ReportComment, ReportEventKind,
        ReportSource, ReportStatus,
    },
    rules::Step,
    store::{self, Changes, Filter, NewEvent, NewReport, ORDERS},
};
use crate::{
    accounts, contacts,
    platform::{
        db::Tx,
        events::{self, Event},
        http::{IfMatch, Paging, Patch},
        ids::{ContactId, ReportCommentId, ReportId, UserId},
        live::Kind,
        problem::{Code, Problem},
    },
};

/// Reports of one contact that may be unresolved at once; beyond it a contact is answered, and nothing is opened.
const MOST_OF_CONTACT: usize = 10;

pub(super) async fn get(tx: &mut Tx, id: ReportId) -> Result<Report, Problem> {
    let order = Paging::default().order(ORDERS)?;
    let filter = Filter { id: Some(id), ..Filter::default() };
    store::list(tx, &filter, &order).await?.items.pop().ok_or_else(|| Problem::not_found("report"))
}

pub(super) struct Opening<'a> {
    pub subject: &'a str,
    pub body: &'a str,
    pub priority: Priority,
    pub contact_id: Option<ContactId>,
    /// None: a program with a key.
    pub opened_by: Option<UserId>,
}

pub(super) async fn open(tx: &mut Tx, opening: &Opening<'_>) -> Result<Report, Problem> {
    let contact_id = match opening.contact_id {
        Some(id) => Some(contacts::lock_person(tx, id).await?.ok_or_else(|| Problem::not_found("contact"))?.id),
        None => None,
    };
    let new = NewReport {
        number: store::next_number(tx).await?,
        source: if opening.opened_by.is_some() { ReportSource::Staff } else { ReportSource::Api },
        subject: opening.subject,
        body: opening.body,
        priority: opening.priority,
        contact_id,
        conversation_id: None,
        opened_by: opening.opened_by,
    };
    let id = store::insert(tx, &new).await?;
    store::append_event(tx, id, &NewEvent::by(ReportEventKind::Opened, opening.opened_by)).await?;
    get(tx, id).await
}

/// What a change sets.
pub(super) struct Change {
    pub subject: Option<String>,
    pub priority: Option<Priority>,
    pub assignee: Patch<UserId>,
}

/// The report before and after the change.
pub(super) async fn change(
    tx: &mut Tx,
    id: ReportId,
    if_match: IfMatch,
    change: Change,
    by: Option<UserId>,
) -> Result<(Report, Report), Problem> {
    store::lock(tx, id).await?;
    let before = get(tx, id).await?;
    if_match.check(before.version)?;
    if let Patch::Set(user) = change.assignee
        && !accounts::is_colleague(tx, user).await?
    {
        return Err(Problem::not_found("colleague"));
    }
    let had = before.assignee.as_ref().map(|a| a.id);
    let subject = change.subject.unwrap_or_else(|| before.subject.clone());
    let changes = Changes {
        subject: &subject,
        priority: change.priority.unwrap_or(before.priority),
        assignee: change.assignee.apply(had),
    };
    let mut told = Vec::new();
    if subject != before.subject {
        told.push("subject".to_owned());
    }
    if changes.priority != before.priority {
        told.push(format!("priority: {}", changes.priority.as_str()));
    }
    if changes.assignee != had {
        told.push(if changes.assignee.is_some() { "assignee" } else { "no assignee" }.to_owned());
    }
    if told.is_empty() {
        return Ok((before.clone(), before));
    }
    store::update(tx, id, &changes).await?;
    let detail = told.join(", ");
    let event = NewEvent { detail: Some(&detail), ..NewEvent::by(ReportEventKind::Changed, by) };
    store::append_event(tx, id, &event).await?;
    Ok((before, get(tx, id).await?))
}

/// Takes a step, once: of two who take it at the same time one is told that it was taken.
pub(super) async fn step(
    tx: &mut Tx,
    id: ReportId,
    step: Step,
    note: Option<&str>,
    by: Option<UserId>,
) -> Result<(Report, Report), Problem> {
    store::lock(tx, id).await?;
    let before = get(tx, id).await?;
    let status = before.status.after(step).map_err(|_| {
        let detail = format!("The report is {} already.", before.status.as_str().replace('_', " "));
        Problem::new(Code::WrongState, detail)
    })?;
    store::set_status(tx, id, status, note, by).await?;
    let kind = match step {
        Step::Start => ReportEventKind::Started,
        Step::Resolve => ReportEventKind::Resolved,
        Step::Reopen => ReportEventKind::Reopened,
    };
    store::append_event(tx, id, &NewEvent::by(kind, by)).await?;
    if before.source == ReportSource::Contact && status == ReportStatus::Resolved {
        events::emit(tx, Event::ReportResolved { report_id: id }).await?;
    }
    Ok((before, get(tx, id).await?))
}

/// Comments on a report. The contact whose report it is gets it as a text, unless it is internal.
pub(super) async fn comment(
    tx: &mut Tx,
    report: &Report,
    author: Option<UserId>,
    body: &str,
    internal: bool,
) -> Result<ReportComment, Problem> {
    let id = store::insert_comment(tx, report.id, author, body, internal).await?;
    let event = NewEvent { internal, ..NewEvent::by(ReportEventKind::Commented, author) };
    store::append_event(tx, report.id, &event).await?;
    store::touch(tx, report.id).await?;
    if report.source == ReportSource::Contact && !internal {
        events::emit(tx, Event::ReportAnswered { report_id: report.id, comment_id: id }).await?;
    }
    Ok(store::comment(tx, id).await?)
}

/// Opens a report of a contact. None: too many of theirs wait already.
pub async fn open_for_contact(tx: &mut Tx, new: &NewContactReport<'_>) -> Result<Option<i64>, sqlx::Error> {
    let limit = i64::try_from(MOST_OF_CONTACT).unwrap_or(i64::MAX);
    let latest = store::of_contact(tx, new.contact_id, limit).await?;
    if latest.len() == MOST_OF_CONTACT && latest.iter().all(|r| r.status != ReportStatus::Resolved) {
        return Ok(None);
    }
    let subject: String = new.subject.chars().take(LONGEST_SUBJECT).collect();
    let body: String = new.body.chars().take(super::model::LONGEST_BODY).collect();
    let row = NewReport {
        number: store::next_number(tx).await?,
        source: ReportSource::Contact,
        subject: &subject,
        body: &body,
        priority: Priority::Normal,
        contact_id: Some(new.contact_id),
        conversation_id: Some(new.conversation_id),
        opened_by: None,
    };
    let id = store::insert(tx, &row).await?;
    let event = NewEvent { by_contact: true, ..NewEvent::by(ReportEventKind::Opened, None) };
    store::append_event(tx, id, &event).await?;
    tx.tell(Kind::Report, id.0);
    Ok(Some(row.number))
}

/// A contact's own reports, latest first.
pub async fn of_contact(tx: &mut Tx, contact: ContactId) -> Result<Vec<ContactReport>, sqlx::Error> {
    store::of_contact(tx, contact, 100).await
}

/// What a contact is to be told of their report: a comment, or that it is resolved.
pub async fn news(
    tx: &mut Tx,
    report: ReportId,
    comment: Option<ReportCommentId>,
) -> Result<Option<News>, sqlx::Error> {
    store::news(tx, report, comment).await
}

/// Notes whether the contact was told.
pub async fn note_telling(tx: &mut Tx, report: ReportId, refused: Option<&str>) -> Result<(), sqlx::Error> {
    let kind = if refused.is_none() { ReportEventKind::Told } else { ReportEventKind::NotTold };
    tx.tell(Kind::Report, report.0);
    store::append_event(tx, report, &NewEvent { detail: refused, ..NewEvent::by(kind, None) }).await
}
