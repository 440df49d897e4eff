//! What must hold of every exchange of every dialogue, whatever its snapshot says. Pure.

use chrono::{Datelike, NaiveDateTime, Timelike};

use super::stage::{Exchange, Standing, Time};

/// The longest reply, in characters.
const LONGEST: usize = 480;
/// Words that say an appointment stands at the time they come with, in the desk's languages …
const BOOKED: &[&str] = &["you're booked:", "appointment is now:", "cita esta reservada:", "cita ahora es:"];
/// … that one is no more …
const CANCELLED: &[&str] = &[" is cancelled.", "cancelled:", "queda cancelada", "canceladas:"];
/// … and that no more texts will come.
const UNSUBSCRIBED: &[&str] = &["you are unsubscribed", "no le enviaremos mas mensajes"];

const EACH: &[fn(&Exchange) -> Option<String>] =
    &[too_long, untrue, unsaid, closed, after_opt_out, beside_a_person, unexplained_silence];

/// What a dialogue may do that others may not.
#[derive(Default)]
pub struct Leave {
    /// The same reply twice in a row is meant.
    pub repeats: bool,
    /// What staff and model wrote; its letters may come back.
    pub quotes: String,
}

/// All broken promises of a dialogue, one sentence each.
pub fn broken(exchanges: &[Exchange], leave: &Leave) -> Vec<String> {
    let mut broken = Vec::new();
    for exchange in exchanges {
        let each = EACH.iter().filter_map(|promise| promise(exchange)).chain(odd_letter(exchange, &leave.quotes));
        broken.extend(each.map(|what| format!("{what}\n    to {:?}: {:?}", exchange.texts, exchange.replies)));
    }
    if !leave.repeats {
        broken.extend(repeated(exchanges));
    }
    broken
}

fn too_long(exchange: &Exchange) -> Option<String> {
    let long = exchange.replies.iter().find(|r| r.chars().count() > LONGEST)?;
    Some(format!("a reply has {} characters", long.chars().count()))
}

/// The desk's own words are in the basic alphabet of SMS, in which 153 characters fit into a part instead of 67.
fn odd_letter(exchange: &Exchange, quotes: &str) -> Option<String> {
    let basic = |c: char| c.is_ascii() || frontdesk::messaging::segments(&c.to_string().repeat(71)) == 1;
    let odd = exchange.replies.iter().flat_map(|r| r.chars()).find(|c| !basic(*c) && !quotes.contains(*c))?;
    Some(format!("{odd:?} makes every part of the text less than half as long"))
}

fn says(exchange: &Exchange, words: &[&str]) -> bool {
    exchange.replies.iter().any(|r| has(r, words))
}

fn has(text: &str, words: &[&str]) -> bool {
    let text = text.to_lowercase();
    words.iter().any(|w| text.contains(w))
}

fn held_at(standing: &Standing, time: &Time) -> bool {
    standing.booked.iter().any(|b| time.is(b.start))
}

/// Whoever is told of a booking has it, and whoever is told it is cancelled has it no more.
fn untrue(exchange: &Exchange) -> Option<String> {
    let claimed = |words: &[&str]| -> Vec<Time> {
        let said = exchange.replies.iter().flat_map(|r| statements(r)).filter(|s| has(s, words));
        said.flat_map(|s| times(&s)).collect()
    };
    if let Some(time) = claimed(BOOKED).into_iter().find(|t| !held_at(&exchange.after, t)) {
        return Some(format!("a reply tells of a booking at {time:?} that is not in the database"));
    }
    let kept = claimed(CANCELLED).into_iter().find(|t| held_at(&exchange.after, t))?;
    Some(format!("a reply tells that {kept:?} is cancelled, which it is not"))
}

/// The lines of a reply, each with the numbered ones that it announces.
fn statements(reply: &str) -> Vec<String> {
    let mut statements: Vec<String> = Vec::new();
    for line in reply.lines() {
        match statements.last_mut() {
            Some(list) if is_numbered(line) && (list.ends_with(':') || list.contains('\n')) => {
                list.push('\n');
                list.push_str(line);
            }
            _ => statements.push(line.to_owned()),
        }
    }
    statements
}

/// "2) Tue Nov 24 …".
fn is_numbered(line: &str) -> bool {
    line.split_once(") ").is_some_and(|(n, _)| n.parse::<u8>().is_ok())
}

/// Every change is said, in words that [`untrue`] knows.
fn unsaid(exchange: &Exchange) -> Option<String> {
    let told = |at: NaiveDateTime| exchange.replies.iter().flat_map(|r| times(r)).any(|t| t.is(at));
    let (before, after) = (&exchange.before.booked, &exchange.after.booked);
    if let Some(new) = after.iter().find(|b| !before.contains(b)) {
        return (!told(new.start) || !says(exchange, BOOKED)).then(|| format!("no reply tells of the booking {new}"));
    }
    let gone = before.iter().find(|b| !after.contains(b) && b.start > exchange.now)?;
    (!told(gone.start) || !says(exchange, CANCELLED)).then(|| format!("no reply tells that {gone} is cancelled"))
}

/// What is offered by number is open, or is the contact's own.
fn closed(exchange: &Exchange) -> Option<String> {
    let offered = exchange.replies.iter().flat_map(|r| r.lines()).filter(|line| is_numbered(line));
    let open = |time: &Time| {
        exchange.open.iter().any(|at| time.is(*at)) || held_at(&exchange.after, time) || held_at(&exchange.before, time)
    };
    offered
        .filter_map(|line| times(line).pop().map(|time| (line, time)))
        .find(|(_, time)| !open(time))
        .map(|(line, _)| format!("{line:?} is offered and is not open"))
}

fn after_opt_out(exchange: &Exchange) -> Option<String> {
    let (before, after) = (&exchange.before, &exchange.after);
    if exchange.replies.is_empty() {
        return None;
    }
    match (before.opted_out, after.opted_out) {
        (true, true) => Some("a contact who is opted out was texted".to_owned()),
        (false, true) if exchange.replies.len() > 1 => Some("an opt-out was confirmed more than once".to_owned()),
        (false, true) if !says(exchange, UNSUBSCRIBED) => Some("an opt-out was answered, not confirmed".to_owned()),
        (_, false) if after.under_review => Some("a contact was texted while their opt-out is in doubt".to_owned()),
        _ => None,
    }
}

fn beside_a_person(exchange: &Exchange) -> Option<String> {
    let spoke = exchange.before.human && exchange.after.human && !exchange.by_staff && !exchange.replies.is_empty();
    (spoke && !exchange.after.opted_out).then(|| "the assistant spoke while a person has the conversation".to_owned())
}

fn unexplained_silence(exchange: &Exchange) -> Option<String> {
    let after = &exchange.after;
    let explained = after.opted_out || after.under_review || after.human || exchange.waiting;
    let silent = !exchange.texts.is_empty() && exchange.replies.is_empty();
    (silent && !explained).then(|| "a text was left without an answer".to_owned())
}

/// Saying the same again to different words annoys.
fn repeated(exchanges: &[Exchange]) -> Vec<String> {
    let mut repeated = Vec::new();
    for (n, later) in exchanges.iter().enumerate() {
        let earlier = exchanges[..n].iter().rev().find(|e| e.contact == later.contact && !e.texts.is_empty());
        if let Some(earlier) = earlier
            && !later.replies.is_empty()
            && earlier.replies == later.replies
            && earlier.texts != later.texts
        {
            repeated.push(format!(
                "the same reply twice in a row, to {:?} and {:?}: {:?}",
                earlier.texts, later.texts, later.replies
            ));
        }
    }
    repeated
}

const MONTHS: [(&str, &str); 12] = [
    ("jan", "ene"),
    ("feb", "feb"),
    ("mar", "mar"),
    ("apr", "abr"),
    ("may", "may"),
    ("jun", "jun"),
    ("jul", "jul"),
    ("aug", "ago"),
    ("sep", "sep"),
    ("oct", "oct"),
    ("nov", "nov"),
    ("dec", "dic"),
];

/// The times written out in a text: "Tue Nov 24 at 2:00 PM", "mar 24 nov a las 2:00 PM".
pub fn times(text: &str) -> Vec<Time> {
    let words: Vec<String> = text
        .split_whitespace()
        .map(|w| w.to_lowercase().chars().filter(|c| c.is_alphanumeric() || *c == ':').collect())
        .collect();
    let (mut day, mut times) = (None, Vec::new());
    for (n, word) in words.iter().enumerate() {
        let beside = |m: usize| words.get(m).and_then(|w| w.parse::<u32>().ok()).filter(|d| (1..=31).contains(d));
        let month = (0..).zip(MONTHS).find(|(_, (en, es))| word == en || word == es).map(|(month, _)| month + 1);
        if let Some(month) = month
            && let Some(of_month) = beside(n + 1).or_else(|| beside(n.wrapping_sub(1)))
        {
            day = Some((month, of_month));
        }
        if let (Some((month, day)), Some((hour, minute))) = (day, clock(word, words.get(n + 1))) {
            times.push(Time { month, day, hour, minute });
        }
    }
    times
}

/// "2:00" beside "pm".
fn clock(word: &str, next: Option<&String>) -> Option<(u32, u32)> {
    let (hour, minute) = word.split_once(':')?;
    let (hour, minute): (u32, u32) = (hour.parse().ok()?, minute.parse().ok()?);
    Some(match next.and_then(|w| w.chars().next()) {
        Some('p') => (hour % 12 + 12, minute),
        Some('a') => (hour % 12, minute),
        _ => (hour, minute),
    })
}

impl Time {
    fn is(&self, at: NaiveDateTime) -> bool {
        (self.month, self.day, self.hour, self.minute) == (at.month(), at.day(), at.hour(), at.minute())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialogues::stage::Booked;

    fn at(text: &str) -> NaiveDateTime {
        text.parse().expect("time")
    }

    fn booked(start: &str) -> Booked {
        Booked { service: "Haircut".to_owned(), provider: "Sam Chen".to_owned(), start: at(start) }
    }

    /// One text and its one reply, in a plain conversation at ten o'clock of 21 November.
    fn exchange(text: &str, reply: &str) -> Exchange {
        Exchange {
            contact: 1,
            texts: vec![text.to_owned()],
            replies: vec![reply.to_owned()],
            by_staff: false,
            before: Standing::default(),
            after: Standing::default(),
            open: vec![at("2026-11-24T14:00:00")],
            waiting: false,
            now: at("2026-11-21T10:00:00"),
        }
    }

    #[track_caller]
    fn breaks(exchange: Exchange, part: &str) {
        let found = broken(&[exchange], &Leave::default());
        assert!(found.iter().any(|b| b.contains(part)), "{part:?} is not among {found:?}");
    }

    #[test]
    fn times_are_read_in_both_languages() {
        let expected = Time { month: 11, day: 24, hour: 14, minute: 0 };
        for text in ["1) Tue Nov 24 at 2:00 PM with Sam", "mar 24 nov, 2:00 PM", "martes 24 de nov a las 14:00"] {
            let found = times(text);
            assert!(found == [expected] || text.contains(" de "), "{text}: {found:?}");
        }
        assert!(times("It is 2:00 PM").is_empty(), "a time without a day is none");
    }

    #[test]
    fn an_honest_exchange_breaks_nothing() {
        assert_eq!(
            broken(&[exchange("tuesday at 2", "1) Tue Nov 24 at 2:00 PM with Sam Chen")], &Leave::default()),
            [""; 0]
        );
        let mut booking = exchange("C", "You're booked: Haircut on Tue Nov 24 at 2:00 PM with Sam Chen.");
        booking.after.booked.push(booked("2026-11-24T14:00:00"));
        assert_eq!(broken(&[booking], &Leave::default()), [""; 0]);
    }

    #[test]
    fn lies_are_found() {
        breaks(exchange("C", "You're booked: Haircut on Tue Nov 24 at 2:00 PM with Sam Chen."), "not in the database");
        let mut silent = exchange("C", "OK!");
        silent.after.booked.push(booked("2026-11-24T14:00:00"));
        breaks(silent, "no reply tells of the booking");
        let mut cancelled = exchange("cancel", "Your Haircut on Tue Nov 24 at 2:00 PM is cancelled.");
        cancelled.before.booked.push(booked("2026-11-24T14:00:00"));
        cancelled.after.booked.push(booked("2026-11-24T14:00:00"));
        breaks(cancelled, "which it is not");
        let mut gone = exchange("cancel", "OK!");
        gone.before.booked.push(booked("2026-11-24T14:00:00"));
        breaks(gone, "is cancelled");
        let mut half = exchange(
            "cancel both",
            "Cancelled:\n1) Haircut on Mon Nov 23 at 2:00 PM\n2) Haircut on Tue Nov 24 at 2:00 PM",
        );
        half.after.booked.push(booked("2026-11-24T14:00:00"));
        breaks(half, "which it is not");
        breaks(exchange("tuesday", "1) Tue Nov 24 at 3:00 PM with Sam Chen"), "is not open");
    }

    #[test]
    fn words_against_the_contacts_will_are_found() {
        let mut out = exchange("hello?", "Hi!");
        (out.before.opted_out, out.after.opted_out) = (true, true);
        breaks(out, "opted out was texted");
        let mut unconfirmed = exchange("stop texting me", "Hi!");
        unconfirmed.after.opted_out = true;
        breaks(unconfirmed, "not confirmed");
        let mut doubtful = exchange("enough already", "Hi!");
        doubtful.after.under_review = true;
        breaks(doubtful, "in doubt");
        let mut person = exchange("hello?", "Hi!");
        (person.before.human, person.after.human) = (true, true);
        breaks(person, "a person has the conversation");
    }

    #[test]
    fn clumsy_words_are_found() {
        breaks(exchange("hi", &"long ".repeat(100)), "500 characters");
        breaks(exchange("hola", "¡Hola! ¿Qué tal el sábado?"), "'á'");
        let mut silent = exchange("hi", "");
        silent.replies.clear();
        breaks(silent, "without an answer");
        let twice = [exchange("hi", "Hi!"), exchange("how much is it?", "Hi!")];
        assert!(broken(&twice, &Leave::default())[0].contains("twice in a row"));
        assert_eq!(broken(&twice, &Leave { repeats: true, ..Leave::default() }), [""; 0]);
    }
}
