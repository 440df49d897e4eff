//! What a model's sentence must hold to before anybody reads it: no longer than a text may be, no links, numbers or times of its own,
//! nothing that sounds like a booking, and hardly a word that its sources do not have. Pure. What fails is replaced, not repaired.

use super::{agents::Scene, dialogue::LONGEST, words::folded};

/// Why a sentence is not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    Empty,
    TooLong,
    /// A link or an e-mail address that no source has.
    Link,
    /// A number, price, date or time that no source has.
    Figure,
    /// It speaks of a booking, which only the booking engine may.
    Booking,
    /// It denies what its sources do not, or says what they do not say.
    Unfounded,
}

impl Flaw {
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Empty => "was empty",
            Self::TooLong => "was too long",
            Self::Link => "had a link of its own",
            Self::Figure => "had a figure of its own",
            Self::Booking => "spoke of a booking",
            Self::Unfounded => "said what no entry says",
        }
    }
}

/// Words about time that are facts as much as figures are.
const TIMES: &[&str] = &[
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "mon",
    "tue",
    "tues",
    "wed",
    "thu",
    "thurs",
    "fri",
    "sat",
    "weekend",
    "weekends",
    "weekday",
    "weekdays",
    "today",
    "tomorrow",
    "tonight",
    "noon",
    "midnight",
    "morning",
    "afternoon",
    "evening",
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "lunes",
    "martes",
    "miercoles",
    "jueves",
    "viernes",
    "sabado",
    "domingo",
    "hoy",
    "manana",
    "mediodia",
    "tarde",
    "noche",
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
];

/// Words that claim something was arranged.
const BOOKING: &[&str] = &[
    "booked",
    "reserved",
    "scheduled",
    "confirmed",
    "rescheduled",
    "cancelled",
    "canceled",
    "moved",
    "reservado",
    "reservada",
    "agendado",
    "agendada",
    "confirmado",
    "confirmada",
    "cancelado",
    "cancelada",
    "agende",
    "reserve",
    "confirme",
];

const DENIALS: &[&str] = &[
    "no", "not", "never", "dont", "doesnt", "cant", "cannot", "wont", "isnt", "arent", "without", "closed", "nothing",
    "none", "nunca", "sin", "cerrado", "cerrados", "nada", "tampoco",
];

/// Words that any sentence may have.
const GLUE: &[&str] = &[
    "a", "an", "the", "and", "or", "but", "so", "if", "is", "are", "be", "was", "were", "we", "us", "our", "you",
    "your", "i", "it", "its", "this", "that", "these", "those", "there", "here", "to", "of", "in", "on", "at", "for",
    "with", "by", "from", "as", "about", "yes", "hi", "hello", "sure", "sorry", "thanks", "thank", "please", "great",
    "question", "let", "know", "me", "any", "all", "do", "does", "have", "has", "can", "will", "would", "also", "just",
    "feel", "free", "welcome", "happy", "help", "more", "el", "la", "los", "las", "un", "una", "y", "o", "pero", "si",
    "es", "son", "esta", "estan", "estamos", "somos", "nosotros", "nuestro", "nuestra", "su", "sus", "de", "del", "al",
    "en", "para", "por", "con", "a", "que", "hay", "tenemos", "tiene", "puede", "hola", "gracias", "favor", "claro",
    "le", "se", "lo",
];

/// The sentence, tidied, where it says nothing that `sources` do not.
pub fn checked(text: &str, sources: &[&str], scene: &Scene<'_>) -> Result<String, Flaw> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() {
        return Err(Flaw::Empty);
    }
    if text.chars().count() > LONGEST {
        return Err(Flaw::TooLong);
    }
    let source = sources.join("\n");
    if links(&text).any(|link| !source.to_lowercase().contains(&link)) {
        return Err(Flaw::Link);
    }
    if figures(&text).any(|figure| figures(&source).all(|known| known != figure)) {
        return Err(Flaw::Figure);
    }
    let (said, known) = (folded(&text), folded(&source));
    let lacks = |list: &[&str]| said.iter().any(|w| list.contains(&w.as_str()) && !known.contains(w));
    if lacks(TIMES) {
        return Err(Flaw::Figure);
    }
    if lacks(BOOKING) {
        return Err(Flaw::Booking);
    }
    let denials = |of: &[String]| of.iter().filter(|w| DENIALS.contains(&w.as_str())).count();
    if denials(&said) != denials(&known) {
        return Err(Flaw::Unfounded);
    }
    let asked = folded(scene.body);
    let business = folded(&scene.voice.business);
    let own: Vec<&String> = said.iter().filter(|w| !GLUE.contains(&w.as_str())).collect();
    let founded = own.iter().filter(|w| known.contains(w) || asked.contains(w) || business.contains(w)).count();
    // One word in ten may be a model's own turn of phrase.
    if founded * 10 < own.len() * 9 { Err(Flaw::Unfounded) } else { Ok(text) }
}

/// Things with a dot or an at-sign inside that people can tap.
fn links(text: &str) -> impl Iterator<Item = String> {
    text.split_whitespace()
        .map(|w| w.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase())
        .filter(|w| w.contains("://") || w.contains('@') || looks_like_a_host(w))
}

fn looks_like_a_host(word: &str) -> bool {
    let host = word.split('/').next().unwrap_or_default();
    let labels: Vec<&str> = host.split('.').collect();
    labels.len() > 1
        && labels.iter().all(|l| !l.is_empty() && l.chars().all(|c| c.is_alphanumeric() || c == '-'))
        && labels.last().is_some_and(|l| l.len() > 1 && l.chars().all(char::is_alphabetic))
}

/// Runs of digits, without leading zeros.
fn figures(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_ascii_digit()).filter(|n| !n.is_empty()).map(|n| n.trim_start_matches('0').to_owned())
}
