//! Putting contacts back as they were before a file: those it made are deleted, those it changed are restored, as far as nothing happened
//! since. A batch and the note that it is done commit together.

use std::collections::HashMap;

use super::{
    consent::{Book, BroughtBy, Given},
    model::ImportStatus,
    rows::taken_back,
    run::Ended,
};
use crate::{
    contacts::store::{
        import_rows::{self, Known, ToUndo},
        imports::{self, RowError},
    },
    platform::{
        db::{Db, Tx},
        ids::{ContactId, ContactImportId, OrganizationId},
    },
};

/// Contacts of one transaction.
const BATCH: i64 = 500;

/// Puts the next contacts back.
pub(in crate::contacts) async fn undo_step(
    db: &Db,
    book: &Book,
    organization: OrganizationId,
    id: ContactImportId,
    by: BroughtBy,
) -> Result<Ended, sqlx::Error> {
    let mut tx = db.tenant(organization).await?;
    match imports::lock(&mut tx, id).await? {
        Some(standing) if standing.status == ImportStatus::Undoing => {}
        _ => return Ok(Ended::Yes),
    }
    let rows = import_rows::to_undo(&mut tx, id, BATCH).await?;
    if rows.is_empty() {
        imports::set_status(&mut tx, id, ImportStatus::Undone, None).await?;
        tx.commit().await?;
        return Ok(Ended::Yes);
    }
    let mut undoing = Undoing { id, book, by, tally: [0; 3], errors: Vec::new() };
    undoing.put_back(&mut tx, rows).await?;
    imports::note_undone(&mut tx, id, undoing.tally).await?;
    imports::add_errors(&mut tx, id, undoing.errors).await?;
    tx.commit().await?;
    Ok(Ended::No)
}

struct Undoing<'a> {
    id: ContactImportId,
    book: &'a Book,
    by: BroughtBy,
    /// Deleted, restored, kept.
    tally: [usize; 3],
    errors: Vec<RowError>,
}

fn given(rows: &[&ToUndo]) -> Vec<Given> {
    rows.iter().filter_map(|r| Some((r.contact_id, r.consent_event_id?))).collect()
}

impl Undoing<'_> {
    async fn put_back(&mut self, tx: &mut Tx, rows: Vec<ToUndo>) -> Result<(), sqlx::Error> {
        let numbers: Vec<String> = rows.iter().map(|r| r.phone_number.clone()).collect();
        let known = import_rows::known(tx, self.id, &numbers).await?;
        let known: HashMap<ContactId, Known> = known.into_iter().map(|k| (k.id, k)).collect();
        let is_deletable = |row: &ToUndo| {
            row.outcome == "created"
                && known.get(&row.contact_id).is_some_and(|k| k.version == row.version && k.untouched)
        };
        let (deletable, staying): (Vec<&ToUndo>, Vec<&ToUndo>) = rows.iter().partition(|row| is_deletable(row));
        let pointed_at = self.delete(tx, &deletable).await?;
        self.tally[0] += deletable.len() - pointed_at.len();
        let mut kept: HashMap<ContactId, (i64, Vec<&'static str>, String)> = HashMap::new();
        for row in &pointed_at {
            kept.insert(
                row.contact_id,
                (row.line, vec!["has_history"], "texts, appointments or consent came since".to_owned()),
            );
        }
        let mut restored = Vec::new();
        for row in &staying {
            let Some(known) = known.get(&row.contact_id) else { continue };
            if row.outcome == "created" {
                kept.insert(row.contact_id, (row.line, vec!["changed_since"], "was edited or texted since".to_owned()));
            }
            let Some(changed) = &row.changed else { continue };
            let (details, fields) = taken_back(&known.details, changed);
            if details != known.details {
                restored.push((row.contact_id, details));
            }
            if !fields.is_empty() {
                let message = format!("edited since: {}", fields.join(", "));
                kept.insert(row.contact_id, (row.line, vec!["changed_since"], message));
            }
        }
        import_rows::update(tx, &restored).await?;
        let lasting: Vec<&ToUndo> = staying.iter().copied().chain(pointed_at).collect();
        for contact in self.book.end(tx, &given(&lasting), self.by).await? {
            let line = lasting.iter().find(|r| r.contact_id == contact).map_or(0, |r| r.line);
            let one = kept.entry(contact).or_insert_with(|| (line, Vec::new(), String::new()));
            one.1.push("consent_stays");
            one.2 = [one.2.as_str(), "consent was given or taken back since, and stays"]
                .join("; ")
                .trim_start_matches("; ")
                .to_owned();
        }
        // Whose row changed, or who had consent recorded by it, was put back or not; the others it left as they were.
        let touched =
            lasting.iter().filter(|r| r.outcome == "created" || r.changed.is_some() || r.consent_event_id.is_some());
        self.tally[1] += touched.filter(|r| !kept.contains_key(&r.contact_id)).count();
        self.tally[2] += kept.len();
        self.errors.extend(kept.into_values().map(|(line, codes, message)| RowError {
            line,
            code: codes[0].to_owned(),
            message: format!("not undone: {message}"),
            cells: String::new(),
        }));
        let all: Vec<ContactId> = rows.iter().map(|r| r.contact_id).collect();
        import_rows::forget(tx, self.id, &all).await
    }

    /// Deletes those that nothing points at: all at once where that goes, one by one otherwise. Gives the others.
    async fn delete<'r>(&self, tx: &mut Tx, rows: &[&'r ToUndo]) -> Result<Vec<&'r ToUndo>, sqlx::Error> {
        if rows.is_empty() || self.try_delete(tx, rows).await? {
            return Ok(Vec::new());
        }
        let mut pointed_at = Vec::new();
        for row in rows {
            if !self.try_delete(tx, &[row]).await? {
                pointed_at.push(*row);
            }
        }
        Ok(pointed_at)
    }

    async fn try_delete(&self, tx: &mut Tx, rows: &[&ToUndo]) -> Result<bool, sqlx::Error> {
        let ids: Vec<ContactId> = rows.iter().map(|r| r.contact_id).collect();
        import_rows::savepoint(tx).await?;
        self.book.forget(tx, &given(rows)).await?;
        match import_rows::delete(tx, &ids).await {
            Ok(()) => import_rows::keep_attempt(tx).await.map(|()| true),
            Err(error) if import_rows::is_pointed_at(&error) => import_rows::give_attempt_up(tx).await.map(|()| false),
            Err(error) => Err(error),
        }
    }
}
