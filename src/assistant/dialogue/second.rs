//! The second time in one text: another that will do as well ("monday 3 or 4"), or one more appointment ("tue at 10 and thu at 2"),
//! or the two ends of a move ("move my 3 pm to 4"), or of a change of service ("change my haircut to a massage").

use chrono::{DateTime, NaiveDate};
use chrono_tz::Tz;

use super::{cues::speaks_of_change, wanted::Wish};
use crate::assistant::understanding::{Asked, Context, Intent, Understanding, When, understand};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Second {
    /// Either will do.
    Or(Wish),
    /// Two appointments, in the order of the text.
    And { first: Part, next: Part },
    /// The time an appointment has, and the one it is to have.
    Moved { from: Wish, to: Wish },
    /// What an appointment is to be instead; index into the services.
    Service(usize),
}

/// One of two appointments wished for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub wish: Wish,
    /// Index into the services, where one is named.
    pub service: Option<usize>,
}

/// Words between two times, and whether either of them will do.
const BETWEEN: &[(&str, bool)] = &[
    (" or ", true),
    (" o ", true),
    (" u ", true),
    (" and ", false),
    (" & ", false),
    (" y ", false),
    (" then ", false),
];
/// Words between what an appointment is and what it is to be.
const INTO: &[&str] = &[" to ", " into ", " por ", " a un ", " a una "];
const ARTICLES: &[&str] = &["a", "an", "the", "un", "una"];
/// Words between the time an appointment has and the one it is to have.
const TOWARDS: &[&str] = &[" to ", " al ", " para el ", " para las ", " a las ", " a la "];

impl Second {
    /// Splits `body` where both sides speak of time; `heard` is what the whole was understood as, `now` when it arrived.
    pub fn read(body: &str, heard: &Understanding, services: &[&str], now: DateTime<Tz>) -> Option<Self> {
        // Byte for byte as long as `body`, so that places in one are places in the other.
        let text = body.to_ascii_lowercase();
        let moves = heard.intent == Intent::Reschedule || speaks_of_change(body);
        if moves && let Some(service) = INTO.iter().find_map(|word| become_of(splits(&text, body, word), services, now))
        {
            return Some(Self::Service(service));
        }
        heard.when.as_ref()?;
        let moved = || TOWARDS.iter().find_map(|word| splits(&text, body, word).find_map(|(l, r)| moved(l, r, now)));
        let listed = || {
            BETWEEN.iter().find_map(|(word, either)| {
                splits(&text, body, word).find_map(|(left, right)| {
                    let other = other(left, right, heard, now)?;
                    if *either { Some(Self::Or(other)) } else { both(left, right, heard, services, now) }
                })
            })
        };
        moves.then(moved).flatten().or_else(listed)
    }
}

/// The service named after the word, where no time is named between them.
fn become_of<'b>(
    parts: impl Iterator<Item = (&'b str, &'b str)>,
    services: &[&str],
    now: DateTime<Tz>,
) -> Option<usize> {
    let service = |part: &str| understand(part, &Context { services, ..Context::at(now) }).service;
    parts.into_iter().find_map(|(left, right)| {
        let article =
            right.split_once(' ').filter(|(first, _)| ARTICLES.contains(&first.to_ascii_lowercase().as_str()));
        let named = article.map_or(right, |(_, rest)| rest);
        // Its name comes first, so that "to friday for my massage" is no change of service.
        let words = named.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
        let to = service(&words).filter(|_| said(&words, Asked::When, None, now).is_none())?;
        (service(left) != Some(to)).then_some(to)
    })
}

/// Both sides of every place where `word` stands.
fn splits<'b>(text: &str, body: &'b str, word: &str) -> impl Iterator<Item = (&'b str, &'b str)> {
    text.match_indices(word).map(move |(at, _)| (&body[..at], &body[at + word.len()..]))
}

fn moved(left: &str, right: &str, now: DateTime<Tz>) -> Option<Second> {
    let today = now.date_naive();
    let from = said(left, Asked::When, None, now)?;
    let to = said(right, Asked::When, None, now).or_else(|| said(right, Asked::Time, None, now))?;
    Some(Second::Moved { from: Wish::read(&from, today), to: Wish::read(&to, today) })
}

/// Of two clock times the one that the whole was not understood as, on the same day unless it names its own.
fn other(left: &str, right: &str, heard: &Understanding, now: DateTime<Tz>) -> Option<Wish> {
    let first = heard.when.as_ref()?;
    let time = first.time()?;
    let left = said(left, Asked::When, None, now)?;
    let right = said(right, Asked::Time, first.date(), now)?;
    let other = match (left.time()? == time, right.time()? == time) {
        (true, true) if right.date().is_none() || right.date() == left.date() => return None,
        (true, _) => right,
        (false, true) => left,
        (false, false) => return None,
    };
    let today = now.date_naive();
    let wish = Wish::read(&other, today);
    Some(Wish { days: wish.days.or(Wish::read(first, today).days), ..wish })
}

/// Each of two appointments with its own time and service; one that names no day is on that of the other.
fn both(left: &str, right: &str, heard: &Understanding, services: &[&str], now: DateTime<Tz>) -> Option<Second> {
    let today = now.date_naive();
    let day = heard.when.as_ref().and_then(When::date);
    let days = heard.when.as_ref().and_then(|when| Wish::read(when, today).days);
    let part = |text: &str, asked: Asked, prior_date: Option<NaiveDate>| {
        let understood = understand(text, &Context { asked, prior_date, services, ..Context::at(now) });
        let wish = Wish::read(&understood.when?, today);
        Some(Part { wish: Wish { days: wish.days.or(days), ..wish }, service: understood.service })
    };
    Some(Second::And { first: part(left, Asked::When, None)?, next: part(right, Asked::Time, day)? })
}

fn said(part: &str, asked: Asked, day: Option<NaiveDate>, now: DateTime<Tz>) -> Option<When> {
    understand(part, &Context { asked, prior_date: day, ..Context::at(now) }).when
}

#[cfg(test)]
mod tests {
    use chrono_tz::America::New_York;

    use super::*;

    fn read(body: &str) -> Option<Second> {
        let now: DateTime<chrono::Utc> = "2026-11-21T15:00:00Z".parse().expect("time");
        let now = now.with_timezone(&New_York);
        let services = ["Haircut", "Massage"];
        Second::read(body, &understand(body, &Context { services: &services, ..Context::at(now) }), &services, now)
    }

    fn wish(day: &str, time: &str) -> Wish {
        let day: NaiveDate = day.parse().expect("day");
        Wish { days: Some((day, day.succ_opt().expect("next"))), from: None, to: None, exact: time.parse().ok() }
    }

    #[test]
    fn either_or_and_one_more_are_told_apart() {
        assert_eq!(read("monday 3 or 4"), Some(Second::Or(wish("2026-11-23", "16:00:00"))));
        assert_eq!(read("tue at 10 or wed at 2"), Some(Second::Or(wish("2026-11-25", "14:00:00"))));
        let and = |first: (&str, &str), next: (&str, &str)| {
            let part = |(day, time)| Part { wish: wish(day, time), service: None };
            Some(Second::And { first: part(first), next: part(next) })
        };
        let (tuesday, thursday) = (("2026-11-24", "10:00:00"), ("2026-11-26", "14:00:00"));
        assert_eq!(read("book tue at 10 and thu at 2"), and(tuesday, thursday));
        assert_eq!(
            read("me and my daughter friday at 3 and 3:30"),
            and(("2026-11-27", "15:00:00"), ("2026-11-27", "15:30:00"))
        );
        assert_eq!(read("una cita el martes a las 10 y otra el jueves a las 2"), and(tuesday, thursday));
        let Some(Second::And { first, next }) = read("a haircut tuesday at 10 and a massage thursday at 2") else {
            panic!("two")
        };
        assert_eq!((first.service, next.service), (Some(0), Some(1)), "each its own service");
        assert_eq!((first.wish, next.wish), (wish("2026-11-24", "10:00:00"), wish("2026-11-26", "14:00:00")));
        assert_eq!(read("el martes a las 3 o a las 4"), Some(Second::Or(wish("2026-11-24", "16:00:00"))));
        for one in ["tuesday at 3", "between 3 and 4", "me and my son at 3", "friday at 3 or so", "3 pm and thanks"] {
            assert_eq!(read(one), None, "{one}");
        }
    }

    #[test]
    fn a_move_has_two_ends() {
        let day = |text: &str| Some(wish(text, "")).map(|w| w.days).expect("days");
        for (body, from, to) in [
            ("reschedule tuesday to wednesday", (day("2026-11-24"), None), (day("2026-11-25"), None)),
            ("move my 3pm to 4", (None, Some("15:00:00")), (None, Some("16:00:00"))),
            (
                "change the tuesday one to thursday at 10",
                (day("2026-11-24"), None),
                (day("2026-11-26"), Some("10:00:00")),
            ),
            (
                "cambie la del viernes para el jueves a las 3",
                (day("2026-11-27"), None),
                (day("2026-11-26"), Some("15:00:00")),
            ),
        ] {
            let Some(Second::Moved { from: old, to: new }) = read(body) else { panic!("{body}") };
            let time = |text: Option<&str>| text.map(|t| t.parse().expect("time"));
            assert_eq!((old.days, old.exact), (from.0, time(from.1)), "{body}");
            assert_eq!((new.days, new.exact), (to.0, time(to.1)), "{body}");
        }
        assert_eq!(read("move my appointment to friday at 2"), None);
        assert_eq!(read("can you change my haircut to a massage?"), Some(Second::Service(1)));
        assert_eq!(read("change it to massage please"), Some(Second::Service(1)));
        for time_alone in ["move my massage to friday", "change the time for my haircut"] {
            assert!(!matches!(read(time_alone), Some(Second::Service(_))), "{time_alone}");
        }
        assert_eq!(read("can i come tuesday from 3 to 4"), None);
    }
}
