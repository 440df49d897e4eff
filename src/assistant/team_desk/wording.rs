//! What the assistant says to staff, once per language. Messages of the team are no texts: every letter may be written.

use chrono::{Datelike, NaiveDate};

use crate::assistant::understanding::Language;

/// The words of one language.
pub(super) struct Words {
    pub day: fn(NaiveDate) -> String,
    pub on_day: fn(&str) -> String,
    pub between: fn(&str, &str) -> String,
    /// How many come, and when.
    pub coming: fn(usize, &str) -> String,
    pub nobody: fn(&str) -> String,
    pub open: fn(&str) -> String,
    pub nothing_open: fn(&str) -> String,
    pub more: fn(usize) -> String,
    /// How many wait for a person, and in how many conversations one answers.
    pub waiting: fn(i64, i64) -> String,
    pub no_contact: fn(&str) -> String,
    pub unnamed: &'static str,
    pub opted_out: &'static str,
    pub next_appointment: fn(&str) -> String,
    pub last_text: fn(&str) -> String,
    pub more_contacts: &'static str,
    pub not_allowed: &'static str,
    pub not_known: &'static str,
    pub help: &'static str,
}

pub(super) const fn of(language: Language) -> &'static Words {
    match language {
        Language::En => &ENGLISH,
        Language::Es => &SPANISH,
    }
}

const ENGLISH: Words = Words {
    day: |day| day.format("%a %b %-d").to_string(),
    on_day: |day| format!("on {day}"),
    between: |first, last| format!("from {first} to {last}"),
    coming: |count, when| match count {
        1 => format!("1 appointment {when}:"),
        _ => format!("{count} appointments {when}:"),
    },
    nobody: |when| format!("No appointments {when}."),
    open: |when| format!("Open {when}:"),
    nothing_open: |when| format!("Nothing is open {when}."),
    more: |count| format!("and {count} more"),
    waiting: |waiting, human| {
        let waiting = match waiting {
            0 => "Nobody waits for a person".to_owned(),
            1 => "1 conversation waits for a person".to_owned(),
            n => format!("{n} conversations wait for a person"),
        };
        format!("{waiting}; in {human} a person answers now.")
    },
    no_contact: |what| format!("I find no contact for \"{what}\"."),
    unnamed: "(no name)",
    opted_out: "opted out of texts",
    next_appointment: |at| format!("next appointment {at}"),
    last_text: |at| format!("last text {at}"),
    more_contacts: "There are more; say more of the name.",
    not_allowed: "Your role does not let you see that, so I may not tell you.",
    not_known: "I don't know. No knowledge entry answers that, and I can only look up appointments, open times, waiting conversations and contacts.",
    help: "Ask me who is coming tomorrow, what is open on Friday, how many conversations wait, who somebody is (by name or number), or anything the knowledge entries answer. I only look things up; I book and change nothing.",
};

const WEEKDAYS: [&str; 7] = ["lun", "mar", "mié", "jue", "vie", "sáb", "dom"];
const MONTHS: [&str; 12] = ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"];

const SPANISH: Words = Words {
    day: |day| {
        let weekday = WEEKDAYS[day.weekday().num_days_from_monday() as usize];
        format!("{weekday} {} {}", day.day(), MONTHS[day.month0() as usize])
    },
    on_day: |day| format!("el {day}"),
    between: |first, last| format!("del {first} al {last}"),
    coming: |count, when| match count {
        1 => format!("1 cita {when}:"),
        _ => format!("{count} citas {when}:"),
    },
    nobody: |when| format!("No hay citas {when}."),
    open: |when| format!("Libre {when}:"),
    nothing_open: |when| format!("No queda nada libre {when}."),
    more: |count| format!("y {count} más"),
    waiting: |waiting, human| {
        let waiting = match waiting {
            0 => "Nadie espera a una persona".to_owned(),
            1 => "1 conversación espera a una persona".to_owned(),
            n => format!("{n} conversaciones esperan a una persona"),
        };
        format!("{waiting}; en {human} responde ahora una persona.")
    },
    no_contact: |what| format!("No encuentro ningún contacto para «{what}»."),
    unnamed: "(sin nombre)",
    opted_out: "no recibe mensajes",
    next_appointment: |at| format!("próxima cita {at}"),
    last_text: |at| format!("último mensaje {at}"),
    more_contacts: "Hay más; diga más del nombre.",
    not_allowed: "Su rol no le permite ver eso, así que no se lo puedo decir.",
    not_known: "No lo sé. Ninguna entrada de conocimiento lo responde, y solo puedo consultar citas, horas libres, conversaciones en espera y contactos.",
    help: "Pregúnteme quién viene mañana, qué hay libre el viernes, cuántas conversaciones esperan, quién es alguien (por nombre o número), o lo que respondan las entradas de conocimiento. Solo consulto; no reservo ni cambio nada.",
};
