//! The assistant as a colleague: answers what staff asks it in the team's messages. It reads, and never does anything; what the one who
//! asks may not see in the dashboard it does not tell them either.

mod asked;
mod wording;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;

use self::{
    asked::{Asked, Span},
    wording::Words,
};
use super::{
    knowledge::{KnowledgeEntry, answering},
    store::{knowledge, team_desk as store},
    understanding::Language,
};
use crate::{
    accounts::{self, Permission, PermissionSet},
    booking::{self, OpenSlot, SlotSearch, TimeWindow},
    messaging,
    platform::{clock::resolve_local, db::Tx, ids::TeamMessageId, jobs::JobError},
    team,
};

/// Lines of one answer; what is beyond them is counted.
const LINES: usize = 30;
/// Times of one service that are named.
const TIMES: usize = 16;
/// Contacts that are named.
const CONTACTS: usize = 5;

/// Writes the answer to a question of the staff, if it still stands.
pub(super) async fn answer(tx: &mut Tx, id: TeamMessageId) -> Result<(), JobError> {
    let Some(question) = team::question(tx, id).await? else { return Ok(()) };
    let organization = accounts::organization(tx).await?;
    let may = accounts::permissions_of(tx, question.asked_by).await?;
    let services: Vec<booking::Service> = booking::services(tx).await?.into_iter().filter(|s| s.active).collect();
    let names: Vec<&str> = services.iter().map(|s| s.name.as_str()).collect();
    let now = question.asked_at.with_timezone(&organization.timezone);
    let (asked, language) = asked::read(&question.body, now, &names);
    let mut desk = Desk { tx, tz: organization.timezone, may, services, words: wording::of(language), language };
    let text = desk.say(&asked, &question.body).await?;
    team::answer(tx, &question, &text).await?;
    Ok(())
}

struct Desk<'a> {
    tx: &'a mut Tx,
    tz: Tz,
    may: PermissionSet,
    services: Vec<booking::Service>,
    words: &'static Words,
    language: Language,
}

impl Desk<'_> {
    async fn say(&mut self, asked: &Asked, body: &str) -> Result<String, sqlx::Error> {
        let needed = match asked {
            Asked::Appointments(_) | Asked::Open { .. } => Permission::BookingRead,
            Asked::Waiting => Permission::ConversationsRead,
            Asked::ContactByName(_) | Asked::ContactByDigits(_) => Permission::ContactsRead,
            Asked::Help => return Ok(self.words.help.to_owned()),
            Asked::Something => return self.knowledge_answer(body).await,
        };
        if !self.may.contains(needed) {
            return Ok(self.words.not_allowed.to_owned());
        }
        match asked {
            Asked::Appointments(span) => self.appointments(*span).await,
            Asked::Open { span, service, window } => self.open(*span, *service, *window).await,
            Asked::Waiting => {
                let attention = messaging::attention(self.tx).await?;
                Ok((self.words.waiting)(attention.waiting, attention.human))
            }
            Asked::ContactByName(name) => self.contacts(Some(name), None).await,
            Asked::ContactByDigits(digits) => self.contacts(None, Some(digits)).await,
            Asked::Help | Asked::Something => Ok(self.words.help.to_owned()),
        }
    }

    async fn knowledge_answer(&mut self, body: &str) -> Result<String, sqlx::Error> {
        let entries = knowledge::entries(self.tx).await?;
        let found: Vec<&KnowledgeEntry> = answering(body, &entries).into_iter().map(|n| &entries[n]).collect();
        if found.is_empty() {
            return Ok(self.words.not_known.to_owned());
        }
        let answers = found.iter().map(|e| format!("{}: {}", e.title, e.answer(self.language)));
        Ok(answers.collect::<Vec<_>>().join("\n"))
    }

    async fn appointments(&mut self, span: Span) -> Result<String, sqlx::Error> {
        let (from, to) = self.instants(span);
        // One more than the lines, and enough to count the rest honestly.
        let coming = store::appointments(self.tx, from, to, 1_000).await?;
        let when = self.span(span);
        if coming.is_empty() {
            return Ok((self.words.nobody)(&when));
        }
        let several_days = span.until > span.from + Days::new(1);
        let mut lines = vec![(self.words.coming)(coming.len(), &when)];
        for one in coming.iter().take(LINES) {
            let at = one.start_time.with_timezone(&self.tz).naive_local();
            let day = if several_days { format!("{} ", (self.words.day)(at.date())) } else { String::new() };
            let who = named(one.first_name.as_deref(), one.last_name.as_deref(), &one.phone_number);
            lines.push(format!("- {day}{}: {who}, {} ({})", at.format("%-I:%M %p"), one.service, one.provider));
        }
        self.count_rest(&mut lines, coming.len());
        Ok(lines.join("\n"))
    }

    async fn open(&mut self, span: Span, service: Option<usize>, window: TimeWindow) -> Result<String, sqlx::Error> {
        let (from, to) = self.instants(span);
        let when = self.span(span);
        let chosen: Vec<booking::Service> = match service.and_then(|n| self.services.get(n)) {
            Some(one) => vec![one.clone()],
            None => self.services.clone(),
        };
        let mut lines = Vec::new();
        for service in chosen.iter().take(LINES) {
            let search = SlotSearch {
                service_id: service.id,
                provider_id: None,
                from,
                to,
                window,
                tz: self.tz,
                except: None,
                limit: 1_000,
            };
            let open = booking::open_slots(self.tx, &search).await?;
            if !open.is_empty() {
                lines.push(format!("- {}: {}", service.name, self.times(&open, span)));
            }
        }
        if lines.is_empty() {
            return Ok((self.words.nothing_open)(&when));
        }
        lines.insert(0, (self.words.open)(&when));
        Ok(lines.join("\n"))
    }

    /// Times of one day one by one, of several days by the day.
    fn times(&self, open: &[OpenSlot], span: Span) -> String {
        let starts = open.iter().map(|o| o.start_time.with_timezone(&self.tz).naive_local());
        if span.until <= span.from + Days::new(1) {
            let named: Vec<String> = starts.clone().take(TIMES).map(|s| s.format("%-I:%M %p").to_string()).collect();
            let rest = open.len().saturating_sub(TIMES);
            let more = if rest > 0 { format!(" {}", (self.words.more)(rest)) } else { String::new() };
            return format!("{}{more}", named.join(", "));
        }
        let mut days: Vec<(NaiveDate, usize)> = Vec::new();
        for start in starts {
            match days.last_mut() {
                Some((day, count)) if *day == start.date() => *count += 1,
                _ => days.push((start.date(), 1)),
            }
        }
        days.iter().map(|(day, count)| format!("{} ({count})", (self.words.day)(*day))).collect::<Vec<_>>().join(", ")
    }

    async fn contacts(&mut self, name: Option<&str>, digits: Option<&str>) -> Result<String, sqlx::Error> {
        let most = i64::try_from(CONTACTS).unwrap_or(5);
        let found = store::contacts(self.tx, name, digits, most + 1).await?;
        if found.is_empty() {
            return Ok((self.words.no_contact)(name.or(digits).unwrap_or_default()));
        }
        let mut lines: Vec<String> = Vec::new();
        for one in found.iter().take(CONTACTS) {
            let mut line = format!("- {}", named(one.first_name.as_deref(), one.last_name.as_deref(), ""));
            if line == "- " {
                line.push_str(self.words.unnamed);
            }
            line.push_str(&format!(", {}", one.phone_number));
            if one.opt_in_status == "opted_out" {
                line.push_str(&format!(", {}", self.words.opted_out));
            }
            if let Some(at) = one.next_appointment {
                line.push_str(&format!(", {}", (self.words.next_appointment)(&self.moment(at))));
            }
            if let Some(at) = one.last_message_at {
                line.push_str(&format!(", {}", (self.words.last_text)(&self.moment(at))));
            }
            lines.push(line);
        }
        if found.len() > CONTACTS {
            lines.push(self.words.more_contacts.to_owned());
        }
        Ok(lines.join("\n"))
    }

    fn count_rest(&self, lines: &mut Vec<String>, all: usize) {
        if all > LINES {
            lines.push((self.words.more)(all - LINES));
        }
    }

    fn instants(&self, span: Span) -> (DateTime<Utc>, DateTime<Utc>) {
        let midnight = |day: NaiveDate| resolve_local(self.tz, day.and_time(NaiveTime::MIN));
        (midnight(span.from), midnight(span.until))
    }

    fn span(&self, span: Span) -> String {
        let last = span.until.pred_opt().unwrap_or(span.until);
        if last <= span.from {
            (self.words.on_day)(&(self.words.day)(span.from))
        } else {
            (self.words.between)(&(self.words.day)(span.from), &(self.words.day)(last))
        }
    }

    fn moment(&self, at: DateTime<Utc>) -> String {
        let at = at.with_timezone(&self.tz).naive_local();
        format!("{} {}", (self.words.day)(at.date()), at.format("%-I:%M %p"))
    }
}

/// A contact by name; by number where none is known.
fn named(first: Option<&str>, last: Option<&str>, number: &str) -> String {
    let name: Vec<&str> = [first, last].into_iter().flatten().filter(|n| !n.trim().is_empty()).collect();
    if name.is_empty() { number.to_owned() } else { name.join(" ") }
}
