//! What is said of reports: asked for, noted, and what became of them. Nothing of what the contact wrote is said back.

use super::{
    replies::{LONGEST, wording as one_of_three},
    voice::Voice,
    wording,
};
use crate::{
    assistant::understanding::Language,
    reports::{ContactReport, ReportStatus},
};

/// Reports told of in one reply.
const TOLD: usize = 3;

impl Voice {
    /// Asks what there is to report, never in the same words twice running.
    pub fn ask_for_report(&self, misses: u8) -> String {
        self.words().ask_report[one_of_three(misses)].to_owned()
    }

    /// The number under which the report was noted; none: too many of theirs are open.
    pub fn report_opened(&self, number: Option<i64>) -> String {
        number.map_or_else(|| self.words().too_many_reports.to_owned(), self.words().report_opened)
    }

    /// What became of the contact's reports, latest first, or of the one with the number: those that are open, else the latest.
    pub fn reports(&self, reports: &[ContactReport], number: Option<i64>) -> String {
        let words = self.words();
        let line = |report: &ContactReport| match report.status {
            ReportStatus::Open => (words.report_waits)(report.number),
            ReportStatus::InProgress => (words.report_started)(report.number),
            ReportStatus::Resolved => (words.report_resolved)(report.number),
        };
        match (reports, number) {
            ([], _) => words.no_report.to_owned(),
            (_, Some(number)) => match reports.iter().find(|r| r.number == number) {
                Some(report) => line(report),
                None => (words.no_such_report)(number),
            },
            ([latest, ..], None) => {
                let open = reports.iter().filter(|r| r.status != ReportStatus::Resolved).take(TOLD);
                let lines: Vec<String> = open.map(line).collect();
                if lines.is_empty() { line(latest) } else { lines.join("\n") }
            }
        }
    }
}

/// The text by which a contact learns what staff wrote about their report, or that it is resolved.
pub fn report_news(language: Language, number: i64, written: Option<&str>, resolved: bool) -> String {
    let words = wording::of(language);
    let said = written.map(str::trim).filter(|w| !w.is_empty());
    let text = match (said, resolved) {
        (Some(said), true) => format!("{} {said}", (words.report_resolved)(number)),
        (None, true) => (words.report_resolved)(number),
        (said, false) => (words.report_answered)(number, said.unwrap_or_default()),
    };
    if text.chars().count() <= LONGEST { text } else { text.chars().take(LONGEST - 3).chain("...".chars()).collect() }
}

#[cfg(test)]
mod tests {
    use chrono_tz::America::New_York;
    use uuid::Uuid;

    use super::*;
    use crate::{messaging::segments, platform::ids::ReportId};

    fn voice(language: Language) -> Voice {
        Voice {
            business: "Maple Street Studio".to_owned(),
            support_phone: None,
            tz: New_York,
            services: Vec::new(),
            providers: Vec::new(),
            language,
        }
    }

    fn report(number: i64, status: ReportStatus) -> ContactReport {
        let at = "2026-11-21T15:00:00Z".parse().expect("time");
        ContactReport {
            id: ReportId(Uuid::from_u128(number.unsigned_abs().into())),
            number,
            status,
            created_at: at,
            resolved_at: (status == ReportStatus::Resolved).then_some(at),
        }
    }

    #[test]
    fn every_sentence_is_short_and_in_the_basic_alphabet() {
        for language in [Language::En, Language::Es] {
            let voice = voice(language);
            let all: Vec<ContactReport> = ReportStatus::ALL.iter().map(|s| report(987_654, *s)).collect();
            let mut said: Vec<String> = (0..4).map(|n| voice.ask_for_report(n)).collect();
            said.extend([voice.report_opened(Some(987_654)), voice.report_opened(None), voice.reports(&[], None)]);
            said.extend(all.iter().map(|r| voice.reports(std::slice::from_ref(r), None)));
            said.push(voice.reports(&all, Some(1)));
            said.push(report_news(language, 987_654, None, true));
            said.push(report_news(language, 987_654, Some("Done."), false));
            for text in said {
                assert!(
                    segments(&text) == 1 && text.is_ascii() || text.chars().count() <= 160 && segments(&text) == 1,
                    "{text}"
                );
            }
        }
    }

    #[test]
    fn asked_again_it_says_it_otherwise() {
        let voice = voice(Language::En);
        assert!((0..6).all(|n| voice.ask_for_report(n) != voice.ask_for_report(n + 1)));
    }

    #[test]
    fn the_open_ones_are_told_of_or_the_one_that_is_named() {
        let voice = voice(Language::En);
        let (open, done) = (report(7, ReportStatus::Open), report(6, ReportStatus::Resolved));
        assert!(voice.reports(&[done.clone(), open.clone()], None).starts_with("Report #7"));
        assert_eq!(voice.reports(std::slice::from_ref(&done), None), "Report #6 is resolved.");
        assert_eq!(voice.reports(&[open.clone(), done.clone()], Some(6)), "Report #6 is resolved.");
        assert!(voice.reports(&[open, done], Some(5)).contains("#5"), "another's number tells nothing");
    }

    #[test]
    fn long_words_of_staff_are_cut() {
        assert_eq!(report_news(Language::En, 1, Some(&"x".repeat(4_000)), true).chars().count(), LONGEST);
    }
}
