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
