//! The second time in one text: another that will do as well ("monday 3 or 4"), or one more appointment ("tue at 10 and thu at 2").

use chrono::{DateTime, NaiveDate};
use chrono_tz::Tz;

use super::wanted::Wish;
use crate::assistant::understanding::{Asked, Context, Understanding, When, understand};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Second {
    /// Either will do.
    Or(Wish),
    /// One more appointment.
    And(Wish),
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

impl Second {
    /// Splits `body` where both sides name a clock time; `heard` is what the whole was understood as, `now` when it arrived.
    pub fn read(body: &str, heard: &Understanding, now: DateTime<Tz>) -> Option<Self> {
        let first = heard.when.as_ref()?;
        let time = first.time()?;
        let today = now.date_naive();
        // Byte for byte as long as `body`, so that places in one are places in the other.
        let text = body.to_ascii_lowercase();
        BETWEEN.iter().find_map(|(word, either)| {
            text.match_indices(word).find_map(|(at, _)| {
                let left = said(&body[..at], Asked::When, None, now)?;
                let right = said(&body[at + word.len()..], Asked::Time, first.date(), now)?;
                let (left_time, right_time) = (left.time()?, right.time()?);
                // Whichever of the two the whole was not understood as.
                let other = match (left_time == time, right_time == time) {
                    (true, true) if right.date().is_none() || right.date() == left.date() => return None,
                    (true, _) => right,
                    (false, true) => left,
                    (false, false) => return None,
                };
                let mut wish = Wish::read(&other, today);
                wish.days = wish.days.or(Wish::read(first, today).days);
                Some(if *either { Self::Or(wish) } else { Self::And(wish) })
            })
        })
    }
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
        Second::read(body, &understand(body, &Context::at(now)), now)
    }

    fn wish(day: &str, time: &str) -> Wish {
        let day: NaiveDate = day.parse().expect("day");
        Wish { days: Some((day, day.succ_opt().expect("next"))), from: None, to: None, exact: time.parse().ok() }
    }

    #[test]
    fn either_or_and_one_more_are_told_apart() {
        assert_eq!(read("monday 3 or 4"), Some(Second::Or(wish("2026-11-23", "16:00:00"))));
        assert_eq!(read("tue at 10 or wed at 2"), Some(Second::Or(wish("2026-11-25", "14:00:00"))));
        assert_eq!(read("book tue at 10 and thu at 2"), Some(Second::And(wish("2026-11-26", "14:00:00"))));
        assert_eq!(read("me and my daughter friday at 3 and 3:30"), Some(Second::And(wish("2026-11-27", "15:30:00"))));
        assert_eq!(
            read("una cita el martes a las 10 y otra el jueves a las 2"),
            Some(Second::And(wish("2026-11-24", "10:00:00")))
        );
        assert_eq!(read("el martes a las 3 o a las 4"), Some(Second::Or(wish("2026-11-24", "16:00:00"))));
        for one in ["tuesday at 3", "between 3 and 4", "me and my son at 3", "friday at 3 or so", "3 pm and thanks"] {
            assert_eq!(read(one), None, "{one}");
        }
    }
}
