//! Texts that speak of days and times without meaning them, and the wishes that read much the same.

use super::super::understand;
use super::{check, context, short};

#[test]
fn told_but_not_meant() {
    const TEXTS: &str = "\
        I was there tuesday | we ate out sunday | my cat died tuesday | she passed away on friday | someone called me at 3 | \
        the power went out sunday night | got my nails done saturday | I paid on the 5th | thanks for fitting me in monday | \
        my last visit was on may 4 | had surgery on friday | I hate mondays | mondays suck | sundays are for football | \
        can't stand mondays | noon is my dog's name | Dawn will bring it | her name is tuesday | lunch was great | \
        what's for lunch | I live at 204 E 9th St | we're at 430 oak ave | the wed site is down | our friday newsletter | \
        Friday's restaurant card | I would rate it 8/10 | service was 10/10 | back in march";
    let read: Vec<String> = TEXTS
        .split(" | ")
        .map(|text| (text, short(understand(text.trim(), &context()).when.as_ref())))
        .filter(|(_, when)| when != "nothing")
        .map(|(text, when)| format!("{text:?}: {when}"))
        .collect();
    assert!(read.is_empty(), "{}", read.join("\n"));
}

#[test]
fn told_and_meant() {
    check(
        &[
            ("I was hoping for friday", "2026-09-18"),
            ("I wanted friday", "2026-09-18"),
            ("we talked about thursday at 4", "2026-09-17T16:00"),
            ("I got the reminder for friday at 3", "2026-09-18T15:00"),
            ("my car broke down, can I come friday", "2026-09-18"),
            ("I saw friday was open", "2026-09-18"),
            ("I need it fixed friday", "2026-09-18"),
            ("are you closed friday", "2026-09-18"),
            ("fridays work best for me", "2026-09-18"),
            ("I'd love friday", "2026-09-18"),
            ("the friday appointment", "2026-09-18"),
            ("let's do lunch friday", "2026-09-18T11:30..2026-09-18T13:30"),
            ("meet u sat 7a", "2026-09-19T07:00"),
        ],
        &context(),
    );
}

#[test]
fn bounds_said_later_or_of_events() {
    check(
        &[
            ("school starts the 24th so anytime before that", "..2026-09-24"),
            ("we're back the 20th, any time after that", "2026-09-21.."),
            ("before camp starts on monday", "..2026-09-21"),
            ("after the term ends on the 26th", "2026-09-27.."),
            ("by tomorrow midday", "..2026-09-16T12:00"),
            ("after friday at 3", "2026-09-18T15:00.."),
            ("can't make it sunday, how's monday at 9:15", "2026-09-21T09:15"),
            ("change it from 3 to 5", "17:00"),
        ],
        &context(),
    );
}
