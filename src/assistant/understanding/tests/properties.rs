//! Properties over generated texts: nothing panics, and every way of writing a date or time reads back as itself.

use chrono::{Days, NaiveDate, NaiveTime, Timelike};
use proptest::prelude::*;

use super::super::{Asked, Choice, Context, When, understand};
use super::{context, tuesday};

/// Pieces that exercise the grammar harder than random letters do.
const PIECES: &[&str] = &[
    "mon", "next", "the", "3", "15th", ":", "30", "pm", "to", "-", "/", "between", "and", "half", "past", "in", "week",
    "of", "march", "may", "not", "after", "noon", "a", "quarter", "é", "🙏", "’", "2026", "second", "stop", "cancel",
    "las", "mañana",
];

/// Sentences to be spoilt: whatever is done to them, they must be read without a panic.
const SENTENCES: &[&str] = &[
    "can I come in the second week of october, tues or thurs after 3:30?",
    "from tomorrow 10am until the 17th at 4pm",
    "not this friday but the next, quarter to 5",
    "2-3 weeks from the 5th of nov, 1h 30 or so",
    "between 9/28 and 10/3, mornings, not before 9",
    "please stop texting me, wrong number!!",
    "necesito cambiar mi cita para el próximo martes a las 3 y media",
    "last two weeks of february 2028 @ noon, room 12, $40",
    "penultimate friday of december, half past seven in the evening",
    "an hour and a half before midnight on new year's eve",
];

fn dates() -> impl Strategy<Value = NaiveDate> {
    (0u64..360).prop_map(|ahead| tuesday().date_naive() + Days::new(ahead))
}

proptest! {
    #[test]
    fn any_text_is_read_without_panic(text in "\\PC{0,80}") {
        let options = [Choice { label: &text, start: None }];
        let ctx = Context { asked: Asked::from_text(&text), prior: Some(&text), options: &options, services: &[&text], ..context() };
        let understood = understand(&text, &ctx);
        prop_assert!((0.0..=1.0).contains(&understood.confidence));
    }

    #[test]
    fn any_mix_of_the_vocabulary_is_read_without_panic(
        pieces in prop::collection::vec((prop::sample::select(PIECES), any::<bool>()), 0..14),
    ) {
        let text: String = pieces.iter().flat_map(|(piece, space)| [*piece, if *space { " " } else { "" }]).collect();
        if let Some(when) = understand(&text, &context()).when {
            let words = when.said().split(' ').all(|word| text.contains(word));
            prop_assert!(words && !when.said().is_empty(), "{text:?} said {:?}", when.said());
        }
    }

    #[test]
    fn a_spoilt_sentence_is_read_without_panic(
        sentence in prop::sample::select(SENTENCES),
        slips in prop::collection::vec((any::<prop::sample::Index>(), 0usize..5, any::<char>()), 0..12),
    ) {
        let mut letters: Vec<char> = sentence.chars().collect();
        for (place, kind, letter) in slips {
            if letters.is_empty() {
                break;
            }
            let at = place.index(letters.len());
            let middle = letters.len() / 2;
            match kind {
                0 => drop(letters.remove(at)),
                1 => letters.insert(at, letter),
                2 => letters[at] = letter,
                3 => letters.swap(at, middle),
                _ => letters.truncate(at),
            }
        }
        let text: String = letters.into_iter().collect();
        let understood = understand(&text, &context());
        prop_assert!((0.0..=1.0).contains(&understood.confidence));
        if let Some(opt_out) = understood.opt_out {
            prop_assert!(text.contains(&opt_out.evidence));
        }
    }

    #[test]
    fn ranges_of_days_read_back(first in 1u32..20, length in 1u32..9, month in 1u32..13, style in 0usize..6) {
        let from = NaiveDate::from_ymd_opt(2027, month, first).expect("a day of the month");
        let last = NaiveDate::from_ymd_opt(2027, month, first + length).expect("a day of the month");
        let (name, a, b) = (from.format("%B"), first, first + length);
        let text = match style {
            0 => format!("{name} {a}, 2027 - {name} {b}, 2027"),
            1 => format!("from {name} {a} 2027 to {name} {b} 2027"),
            2 => format!("{} through {}", from.format("%-m/%-d/%Y"), last.format("%-m/%-d/%Y")),
            3 => format!("{from} until {last}"),
            4 => format!("between {} and {}", from.format("%-d %b %Y"), last.format("%-d %b %Y")),
            _ => format!("{a} to {b} {name} 2027"),
        };
        let bounds = understand(&text, &context()).when.as_ref().and_then(When::date_bounds);
        prop_assert_eq!(bounds, Some((Some(from), Some(last + Days::new(1)))), "{}", text);
    }

    #[test]
    fn windows_read_back(from in 7u32..12, hours in 1u32..6, style in 0usize..5) {
        let until = from + hours;
        let twelve = |hour: u32| (hour + 11) % 12 + 1;
        let half = |hour: u32| if hour < 12 { "am" } else { "pm" };
        let (a, b) = (twelve(from), twelve(until));
        let text = match style {
            0 => format!("between {a} and {b}"),
            1 => format!("{a}{}-{b}{}", half(from), half(until)),
            2 => format!("from {a} until {b}"),
            3 => format!("after {a}{} and before {b}{}", half(from), half(until)),
            _ => format!("{from}:00 to {until}:00"),
        };
        let hour = |hour: u32| NaiveTime::from_hms_opt(hour, 0, 0);
        let bounds = understand(&text, &context()).when.as_ref().and_then(When::time_bounds);
        prop_assert_eq!(bounds, Some((hour(from), hour(until))), "{}", text);
    }

    #[test]
    fn amounts_read_back(count in 2u64..12, style in 0usize..5) {
        let (text, days) = match style {
            0 => (format!("in {count} days"), count),
            1 => (format!("{count} weeks from today"), 7 * count),
            2 => (format!("{count} days from tomorrow"), count + 1),
            3 => (format!("{count} weeks after tomorrow"), 7 * count + 1),
            _ => (format!("in {count} weeks time"), 7 * count),
        };
        let when = understand(&text, &context()).when;
        let wanted = tuesday().date_naive() + Days::new(days);
        prop_assert_eq!(when.as_ref().and_then(When::date), Some(wanted), "{}", text);
    }

    #[test]
    fn dates_read_back(date in dates(), style in 0usize..7) {
        let text = match style {
            0 => date.format("%B %-d, %Y").to_string(),
            1 => date.format("%-m/%-d/%Y").to_string(),
            2 => date.format("%Y-%m-%d").to_string(),
            3 => date.format("%b %-d").to_string(),
            4 => date.format("the %-d of %B").to_string(),
            5 => date.format("%A %B %-d").to_string(),
            _ => date.format("%-m/%-d").to_string(),
        };
        let when = understand(&text, &context()).when;
        prop_assert_eq!(when.as_ref().and_then(When::date), Some(date), "{}", text);
    }

    #[test]
    fn times_read_back(minutes in 0u32..1440, style in 0usize..5) {
        let time = NaiveTime::from_num_seconds_from_midnight_opt(minutes * 60, 0).expect("within a day");
        let text = match style {
            0 => time.format("%H:%M").to_string(),
            1 => time.format("at %-I:%M %p").to_string(),
            2 => time.format("%-I:%M%P").to_string(),
            3 => time.format("around %-I.%M%P").to_string(),
            _ => time.format("@ %-I%M%P").to_string(),
        };
        // "1:30" on the 24-hour clock is the small hours; as a text it means the afternoon.
        prop_assume!(style > 0 || (7..19).contains(&time.hour()) || time.hour() > 12);
        let when = understand(&text, &context()).when;
        prop_assert_eq!(when.as_ref().and_then(When::time), Some(time), "{}", text);
    }

    #[test]
    fn dates_with_times_read_back(date in dates(), hour in 1u32..24, swapped: bool) {
        let time = NaiveTime::from_hms_opt(hour, 15, 0).expect("a time");
        let (date_text, time_text) = (date.format("%a %b %-d"), time.format("%-I:%M%P"));
        let text = if swapped { format!("{time_text} on {date_text}") } else { format!("{date_text} at {time_text}") };
        let when = understand(&text, &context()).when;
        prop_assert_eq!(when.as_ref().and_then(When::date), Some(date), "{}", text);
        prop_assert_eq!(when.as_ref().and_then(When::time), Some(time), "{}", text);
    }

    #[test]
    fn weekdays_are_the_next_seven_days(ahead in 0u64..7) {
        let date = tuesday().date_naive() + Days::new(ahead);
        let when = understand(&date.format("%A").to_string(), &context()).when;
        prop_assert_eq!(when.as_ref().and_then(When::date), Some(date));
    }
}
