//! What contacts report: noted for staff, asked for where nothing was said yet, and what became of it.

use super::{LOST, Turn};
use crate::{
    assistant::dialogue::{ReplyKind, State},
    messaging::{UnhandledText, WaitingReason},
    platform::{db::Tx, jobs::JobError},
    reports::{self, NewContactReport},
};

/// Characters of a report's subject; the report holds the whole text.
const SUBJECT: usize = 80;

impl Turn<'_> {
    pub(super) async fn open_report(
        &mut self,
        tx: &mut Tx,
        text: &UnhandledText,
        subject: &str,
    ) -> Result<(), JobError> {
        let subject = headline(subject);
        let new = NewContactReport {
            contact_id: self.thread.contact.person(),
            conversation_id: self.thread.id,
            subject: &subject,
            body: &text.body,
        };
        let number = reports::open_for_contact(tx, &new).await?;
        self.acted = true;
        self.record.action(if number.is_some() { "open_report" } else { "too_many_reports" });
        if number.is_none() {
            self.wait_for_staff(WaitingReason::Question);
        }
        self.facts.misses = 0;
        if self.state == State::AwaitingReport {
            self.state = State::Idle;
        }
        self.say(ReplyKind::Fact, self.voice.report_opened(number));
        self.nudge();
        Ok(())
    }

    pub(super) fn ask_for_report(&mut self) {
        self.record.action("ask_for_report");
        // Asked before, and nothing came of it.
        let again = self.state == State::AwaitingReport;
        self.state = State::AwaitingReport;
        self.facts.unread = true;
        self.facts.misses = if again { self.facts.misses.saturating_add(1) } else { 0 };
        if self.facts.misses >= LOST {
            self.wait_for_staff(WaitingReason::Question);
        }
        self.say(ReplyKind::Filler, self.voice.ask_for_report(self.facts.misses));
    }

    pub(super) async fn tell_of_reports(&mut self, tx: &mut Tx, number: Option<i64>) -> Result<(), JobError> {
        self.record.action("tell_of_reports");
        self.facts.misses = 0;
        let theirs = reports::of_contact(tx, self.thread.contact.person()).await?;
        self.say(ReplyKind::Fact, self.voice.reports(&theirs, number));
        self.nudge();
        Ok(())
    }

    /// Brings back what was asked before.
    fn nudge(&mut self) {
        if let Some(nudge) = self.voice.nudge(&self.state) {
            self.say(ReplyKind::Prompt, nudge);
        }
    }
}

/// The first line, cut at a word.
fn headline(text: &str) -> String {
    let line = text.lines().map(str::trim).find(|l| !l.is_empty()).unwrap_or("-");
    if line.chars().count() <= SUBJECT {
        return line.to_owned();
    }
    let cut: String = line.chars().take(SUBJECT).collect();
    let whole = cut.rsplit_once(' ').map_or(cut.as_str(), |(whole, _)| whole);
    format!("{whole} ...")
}

#[cfg(test)]
mod tests {
    use super::headline;

    #[test]
    fn a_headline_is_one_short_line() {
        assert_eq!(headline("\n the door is stuck\nreally"), "the door is stuck");
        assert_eq!(headline(" "), "-");
        let long = headline(&"word ".repeat(100));
        assert!(long.ends_with("word ...") && long.chars().count() <= 84, "{long}");
        assert_eq!(headline(&"x".repeat(300)).chars().count(), 84);
    }
}
