//! What staff asks, read from their words. Pure. Days and times are read by the grammar that reads contacts' texts.

use chrono::{DateTime, Days, NaiveDate};
use chrono_tz::Tz;

use crate::{
    assistant::{
        understanding::{Context, Language, understand},
        words::folded,
    },
    booking::TimeWindow,
};

/// Days asked about, the last one exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub from: NaiveDate,
    pub until: NaiveDate,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Asked {
    /// Who is coming.
    Appointments(Span),
    /// What is free; `service` is an index into the names given.
    Open {
        span: Span,
        service: Option<usize>,
        window: TimeWindow,
    },
    /// How many contacts wait for a person.
    Waiting,
    ContactByName(String),
    /// A number, or the end of one.
    ContactByDigits(String),
    Help,
    /// Anything else: perhaps a knowledge entry answers it.
    Something,
}

/// Most days that are looked at together.
const MOST_DAYS: u64 = 31;

const COMING: &[&str] = &[
    "who is coming",
    "whos coming",
    "who comes",
    "who do we have",
    "who have we",
    "who is booked",
    "whos booked",
    "who is in",
    "appointments",
    "appointment",
    "bookings",
    "agenda",
    "on the books",
    "on the schedule",
    "our schedule",
    "the schedule",
    "quien viene",
    "quienes vienen",
    "quien tiene",
    "citas",
    "cita",
    "turnos",
    "reservas",
    "la agenda",
];
const FREE: &[&str] = &[
    "slot",
    "slots",
    "opening",
    "openings",
    "free",
    "available",
    "availability",
    "open times",
    "open time",
    "free times",
    "any room",
    "libre",
    "libres",
    "disponible",
    "disponibles",
    "disponibilidad",
    "hueco",
    "huecos",
    "espacio",
    "espacios",
];
const WAITS: &[&str] = &[
    "waiting",
    "waits",
    "unanswered",
    "how many conversations",
    "open conversations",
    "inbox",
    "esperando",
    "esperan",
    "espera",
    "sin responder",
    "cuantas conversaciones",
    "conversaciones",
];
const HELPS: &[&str] =
    &["help", "what can you do", "what can i ask", "ayuda", "que puedes hacer", "que sabe hacer", "que sabes hacer"];
/// What comes before a name.
const BEFORE_NAME: &[&str] = &[
    "who is",
    "whos",
    "look up",
    "lookup",
    "find contact",
    "find the contact",
    "find client",
    "find customer",
    "find",
    "search for",
    "search",
    "contact",
    "phone number of",
    "phone number for",
    "phone of",
    "number of",
    "number for",
    "details of",
    "details for",
    "quien es",
    "busca a",
    "busca",
    "buscar a",
    "buscar",
    "contacto",
    "telefono de",
    "numero de",
    "datos de",
];
/// What may stand before the name itself.
const SMALL: &[&str] = &[
    "a", "an", "the", "contact", "client", "customer", "called", "named", "mr", "mrs", "ms", "el", "la", "al",
    "cliente", "contacto", "llamado", "llamada", "sr", "sra", "of", "for", "de", "para", "please",
];
const AFTER_NAME: &[&str] = &["please", "pls", "number", "phone", "s", "por", "favor", "again", "contact"];

/// What is asked, and in which language to answer.
pub(super) fn read(body: &str, now: DateTime<Tz>, services: &[&str]) -> (Asked, Language) {
    let body = body.char_indices().nth(600).map_or(body, |(end, _)| &body[..end]);
    let context = Context { services, ..Context::at(now) };
    // A text that breaks the reading of it is one that is not understood.
    let heard = std::panic::catch_unwind(|| understand(body, &context)).ok();
    let language = heard.as_ref().and_then(|h| h.language).unwrap_or(Language::En);
    let words = folded(body);
    let text = format!(" {} ", words.join(" "));
    let has = |phrases: &[&str]| phrases.iter().any(|p| text.contains(&format!(" {p} ")));
    let when = heard.as_ref().and_then(|h| h.when.as_ref());
    let span = span(&text, when.and_then(|w| w.date_bounds()), now.date_naive());
    let asked = if let Some(digits) = digits(body, when.is_some()) {
        Asked::ContactByDigits(digits)
    } else if has(HELPS) && words.len() <= 6 {
        Asked::Help
    } else if has(WAITS) {
        Asked::Waiting
    } else if has(FREE) {
        let (from, to) = when.and_then(|w| w.time_bounds()).unwrap_or_default();
        // "At 3" is a moment: what begins from then on.
        let window = if from == to { TimeWindow { from, to: None } } else { TimeWindow { from, to } };
        Asked::Open { span, service: heard.as_ref().and_then(|h| h.service), window }
    } else if has(COMING) {
        Asked::Appointments(span)
    } else if let Some(name) = name(&words) {
        Asked::ContactByName(name)
    } else {
        Asked::Something
    };
    (asked, language)
}

/// The days asked about; today where none is named.
fn span(text: &str, bounds: Option<(Option<NaiveDate>, Option<NaiveDate>)>, today: NaiveDate) -> Span {
    let day = |from: NaiveDate| Span { from, until: from.checked_add_days(Days::new(1)).unwrap_or(from) };
    // The grammar looks ahead only.
    if text.contains(" yesterday ") || text.contains(" ayer ") {
        return day(today.pred_opt().unwrap_or(today));
    }
    match bounds {
        None | Some((None, None)) => day(today),
        Some((Some(from), None)) => day(from),
        Some((from, Some(until))) => {
            let from = from.unwrap_or(today);
            let most = from.checked_add_days(Days::new(MOST_DAYS)).unwrap_or(from);
            if until <= from { day(from) } else { Span { from, until: until.min(most) } }
        }
    }
}

/// The last ten digits of a phone number, where the text holds one. Fewer than ten may be a date, unless a plus stands before them or
/// nothing in the text was read as a time.
fn digits(body: &str, names_time: bool) -> Option<String> {
    let in_number = |c: char| c.is_ascii_digit() || matches!(c, '+' | '(' | ')' | '-' | ' ' | '.');
    let longest = body.split(|c| !in_number(c)).max_by_key(|run| run.bytes().filter(u8::is_ascii_digit).count())?;
    let digits: String = longest.chars().filter(char::is_ascii_digit).collect();
    let sure = longest.trim_start().starts_with('+') || !names_time;
    let least = if sure { 7 } else { 10 };
    (least..=15).contains(&digits.len()).then(|| digits[digits.len().saturating_sub(10)..].to_owned())
}

/// The name after "who is", "look up" and their like, as written.
fn name(words: &[String]) -> Option<String> {
    let text = format!("{} ", words.join(" "));
    let before = BEFORE_NAME
        .iter()
        .filter_map(|p| {
            let padded = format!("{p} ");
            let at =
                if text.starts_with(&padded) { Some(0) } else { text.find(&format!(" {padded}")).map(|at| at + 1) };
            at.map(|at| (at, at + p.len()))
        })
        .max_by_key(|(at, end)| (end - at, *at));
    let (_, end) = before?;
    let skipped = text[..end].split_whitespace().count();
    let mut rest: Vec<&str> = words[skipped.min(words.len())..].iter().map(String::as_str).collect();
    while rest.first().is_some_and(|w| SMALL.contains(w)) {
        rest.remove(0);
    }
    while rest.last().is_some_and(|w| AFTER_NAME.contains(w)) {
        rest.pop();
    }
    let name = rest.join(" ");
    ((1..=4).contains(&rest.len()) && name.chars().count() >= 2).then_some(name)
}

#[cfg(test)]
mod tests {
    use chrono::NaiveTime;
    use chrono_tz::America::New_York;
    use proptest::prelude::*;

    use super::*;

    /// Saturday 2026-11-21, 10:00 in New York.
    fn asked(text: &str) -> Asked {
        let now: DateTime<chrono::Utc> = "2026-11-21T15:00:00Z".parse().expect("time");
        read(text, now.with_timezone(&New_York), &["Consultation", "Haircut"]).0
    }

    fn span(from: &str, until: &str) -> Span {
        Span { from: from.parse().expect("day"), until: until.parse().expect("day") }
    }

    #[test]
    fn who_is_coming_and_when() {
        for (text, days) in [
            ("who is coming tomorrow?", span("2026-11-22", "2026-11-23")),
            ("Who's coming on Tuesday", span("2026-11-24", "2026-11-25")),
            ("appointments today", span("2026-11-21", "2026-11-22")),
            ("appointments", span("2026-11-21", "2026-11-22")),
            ("what appointments do we have on Dec 3", span("2026-12-03", "2026-12-04")),
            ("who was booked yesterday? appointments", span("2026-11-20", "2026-11-21")),
            ("¿quién viene mañana?", span("2026-11-22", "2026-11-23")),
            ("citas del martes", span("2026-11-24", "2026-11-25")),
        ] {
            assert_eq!(asked(text), Asked::Appointments(days), "{text}");
        }
    }

    #[test]
    fn what_is_open() {
        let any = TimeWindow::default();
        assert_eq!(
            asked("open slots on tuesday"),
            Asked::Open { span: span("2026-11-24", "2026-11-25"), service: None, window: any }
        );
        let from_three = TimeWindow { from: NaiveTime::from_hms_opt(15, 0, 0), to: None };
        let Asked::Open { service, window, .. } = asked("any haircut openings tuesday after 3 pm?") else {
            panic!("openings");
        };
        assert_eq!((service, window), (Some(1), from_three));
        assert!(matches!(asked("¿qué hay libre mañana?"), Asked::Open { .. }));
    }

    #[test]
    fn a_date_is_no_number() {
        assert_eq!(asked("appointments on 2026-11-24"), Asked::Appointments(span("2026-11-24", "2026-11-25")));
    }

    #[test]
    fn who_somebody_is() {
        let by_name = |name: &str| Asked::ContactByName(name.to_owned());
        for (text, name) in [
            ("who is Ana Lopez?", "ana lopez"),
            ("look up ben", "ben"),
            ("find contact Ana please", "ana"),
            ("phone number of Ana", "ana"),
            ("busca a José Pérez", "jose perez"),
            ("teléfono de Ana", "ana"),
        ] {
            assert_eq!(asked(text), by_name(name), "{text}");
        }
        assert_eq!(asked("who is +1 (415) 555-0101"), Asked::ContactByDigits("4155550101".to_owned()));
        assert_eq!(asked("4155550101"), Asked::ContactByDigits("4155550101".to_owned()));
    }

    #[test]
    fn the_rest() {
        assert_eq!(asked("how many conversations are waiting?"), Asked::Waiting);
        assert_eq!(asked("¿cuántas conversaciones esperan?"), Asked::Waiting);
        assert_eq!(asked("help"), Asked::Help);
        for text in ["when are we open on sundays?", "do we take walk-ins", "", "🔥", "book ana tomorrow at 3"] {
            assert_eq!(asked(text), Asked::Something, "{text}");
        }
    }

    #[test]
    fn a_wide_span_is_cut() {
        let today: NaiveDate = "2026-11-21".parse().expect("day");
        let far: NaiveDate = "2030-01-01".parse().expect("day");
        let cut = super::span(" ", Some((Some(today), Some(far))), today);
        assert_eq!(cut.until - cut.from, chrono::TimeDelta::days(31));
        let back = super::span(" ", Some((Some(far), Some(today))), today);
        assert_eq!(back.until - back.from, chrono::TimeDelta::days(1));
    }

    proptest! {
        #[test]
        fn every_text_is_read_as_something(text in "\\PC{0,80}") {
            let now: DateTime<chrono::Utc> = "2026-11-21T15:00:00Z".parse().expect("time");
            let (asked, _) = read(&text, now.with_timezone(&New_York), &["Haircut"]);
            if let Asked::Appointments(span) | Asked::Open { span, .. } = asked {
                prop_assert!(span.from < span.until);
            }
        }
    }
}
