//! Everything the desk can say, once per language. A language is one file with one constant: what it leaves out does not compile.
//!
//! Texts stay within the GSM-7 alphabet, since one letter outside it more than doubles the price of a text: é, ñ, ü, ¿ and ¡ are in it,
//! á, í, ó and ú are not. YES and CANCEL are never asked for: the carrier swallows them from some people, so C, R and X are.

mod english;
mod spanish;

use chrono::NaiveDateTime;

use crate::assistant::understanding::Language;

/// Introduces times of a service.
pub(super) type Lead = fn(&str) -> String;

/// The words of one language. Texts that follow one another are whole sentences; a `lead` is followed by a colon and a list.
/// Of three wordings the second and third are for when the first was not understood.
pub(super) struct Wording {
    /// "Tue Nov 24 at 2:00 PM", of a time on the wall clock.
    pub time: fn(NaiveDateTime) -> String,
    /// A time with a provider.
    pub offer: fn(&str, &str) -> String,
    /// An appointment: service, time, provider.
    pub booking: fn(&str, &str, &str) -> String,

    /// The business, and how else it is reached.
    pub help: fn(&str, Option<&str>) -> String,
    pub opted_out: fn(&str) -> String,
    /// No more promotions: what still comes, and how to end that too.
    pub opted_out_of_marketing: fn(&str) -> String,
    pub opted_in: fn(&str) -> String,
    pub greeting: fn(&str) -> String,
    pub introduction: fn(&str) -> String,
    /// Asked whether a machine or a person answers.
    pub machine: fn(&str) -> String,
    pub services: fn(&str) -> String,
    pub nothing_offered: &'static str,
    pub welcome: &'static str,
    pub acknowledged: &'static str,
    pub nothing_asked: &'static str,
    /// Asked how it is.
    pub how_are_you: &'static str,
    /// The contact will answer another time.
    pub take_time: &'static str,
    pub take_time_with_offers: &'static str,
    pub goodbye: &'static str,
    pub goodbye_with_offers: &'static str,

    /// A person will answer; nobody is promised when.
    pub handed_over: &'static str,
    pub staff_told: &'static str,
    /// The number to call instead.
    pub call: fn(&str) -> String,
    pub dont_know: fn(Option<&str>) -> String,
    pub reach_a_person: &'static str,
    pub not_understood: [&'static str; 3],

    pub lead_open: Lead,
    pub lead_near: Lead,
    pub lead_next: Lead,
    pub lead_latest: Lead,
    pub lead_earliest: Lead,
    pub lead_earlier_days: Lead,
    pub lead_pick: [&'static str; 3],
    /// The time that was lost, and the service.
    pub lead_lost: fn(&str, &str) -> String,
    pub pick_a_number: &'static str,
    pub pick_one_above: &'static str,
    /// One time where several were hoped for, before the question whether it is wanted.
    pub only_near: &'static str,
    pub only_next: &'static str,
    pub only_latest: &'static str,
    pub only_earliest: &'static str,
    pub only_earlier_days: &'static str,
    pub only_lost: fn(&str) -> String,
    pub nothing_earlier: &'static str,
    pub nothing_soon: &'static str,
    pub lost_and_nothing_soon: fn(&str) -> String,
    pub one_per_person: &'static str,
    pub one_at_a_time: &'static str,
    /// Those who do work here.
    pub nobody: fn(&str) -> String,
    /// Of the one who has the appointment so far.
    pub not_free: fn(&str) -> String,
    pub day_passed: &'static str,
    pub no_such_day: &'static str,

    /// Service and offer.
    pub confirm_booking: fn(&str, &str) -> String,
    /// Service, the old time, the offer.
    pub confirm_move: fn(&str, &str, &str) -> String,
    /// The appointment, the new service, the offer.
    pub confirm_other_service: fn(&str, &str, &str) -> String,
    pub confirm_cancel: fn(&str) -> String,
    /// How many, and the list of them.
    pub confirm_cancel_all: fn(usize, &str) -> String,
    pub not_booked: [&'static str; 3],
    pub not_moved: [&'static str; 3],
    pub not_cancelled: [&'static str; 3],

    pub ask_day: &'static str,
    pub ask_day_again: [&'static str; 3],
    pub ask_other_day: &'static str,
    pub ask_new_time: fn(&str) -> String,
    pub ask_new_time_again: [&'static str; 3],
    pub which_to_cancel: fn(&str) -> String,
    /// The list, and the new time where it is known.
    pub which_to_move: fn(&str, Option<&str>) -> String,
    pub which_again: [&'static str; 3],

    pub booked: fn(&str) -> String,
    pub moved: fn(&str) -> String,
    pub cancelled: fn(&str) -> String,
    pub all_cancelled: fn(&str) -> String,
    pub gone_already: fn(&str) -> String,
    pub already_theirs: fn(&str) -> String,
    pub no_longer: &'static str,
    pub nothing_booked: &'static str,
    pub no_appointment: &'static str,
    pub appointment: fn(&str) -> String,
    pub appointments: fn(&str) -> String,
    pub ask_report: [&'static str; 3],
    /// The same in few words, after something else was answered.
    pub report_nudge: &'static str,
    /// The report's number.
    pub report_opened: fn(i64) -> String,
    pub report_waits: fn(i64) -> String,
    pub report_started: fn(i64) -> String,
    pub report_resolved: fn(i64) -> String,
    /// Its number, and what the team wrote about it.
    pub report_answered: fn(i64, &str) -> String,
    pub no_report: &'static str,
    pub no_such_report: fn(i64) -> String,
    pub too_many_reports: &'static str,
    pub report_dropped: &'static str,

    pub kept: fn(&str) -> String,
    pub nothing_changed: &'static str,
    pub let_be: &'static str,
}

pub(super) const fn of(language: Language) -> &'static Wording {
    match language {
        Language::En => &english::ENGLISH,
        Language::Es => &spanish::SPANISH,
    }
}
