//! Local understanding of a text message: what the sender wants (`Intent`), and when (`When`).
//!
//! Pure and deterministic: a text and the state of the conversation go in, an `Understanding` comes out.  No clock, no
//! I/O, no language model.  The steps, each in its own file:
//!
//! 1. `text` cuts the message into tokens; `words` knows what single words mean, with the vocabularies of `cues`,
//!    `spellings` and `spanish`.
//! 2. `moments` collects date and time phrases (`day_phrases`, `holiday_phrases` with the names in `holidays`,
//!    `periods`, `offsets`, `clock_phrases`, `part_phrases`) and what only looks like them (`lookalikes`,
//!    `namesakes`); `sifting`, `telling`, `bounds` and `compose` decide which count, and `joining` makes one `When` of them.
//! 3. `opt_out`, `choice`, `questions` and `details` look for their own subjects, the first and third with patterns
//!    written in the language of `pattern`.  `intent` decides what is structural by rule and leaves the rest to
//!    `classifier`, a linear model over the `features` of the text.  What it knows it was taught by the texts in
//!    `examples/`; `training` says how to add to them.
//!
//! Readings chosen: the earliest one not before the message ("Monday" on a Monday is today); a clock time without am
//! or pm lies between 07:00 and 18:59; "next friday" is the Friday of the following Monday-to-Sunday week; a date
//! without a year is its next occurrence; month before day.

mod asked;
mod bounds;
mod calendar;
mod choice;
mod classifier;
mod clock_phrases;
mod compose;
mod cues;
mod day_phrases;
mod details;
mod features;
mod holiday_phrases;
mod holidays;
mod intent;
mod joining;
mod lookalikes;
mod moments;
mod namesakes;
mod offsets;
mod opt_out;
mod part_phrases;
mod pattern;
mod periods;
pub mod protocol;
mod questions;
mod sifting;
mod spanish;
mod spellings;
mod telling;
mod text;
#[cfg(test)]
mod training;
mod when;
mod words;

#[cfg(test)]
mod tests;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime};
use chrono_tz::Tz;

pub use asked::Asked;
pub use when::{Inferred, Note, PartOfDay, When};

/// The state of the conversation a text arrives in.
#[derive(Debug, Clone)]
pub struct Context<'a> {
    /// When the text arrived, in the business's zone.
    pub now: DateTime<Tz>,
    /// What our last message asked.
    pub asked: Asked,
    /// Our last message, when known.
    pub prior: Option<&'a str>,
    /// The date already settled in the conversation.
    pub prior_date: Option<NaiveDate>,
    /// The time already settled in the conversation.
    pub prior_time: Option<NaiveTime>,
    /// The options on the table, in the order they were offered.
    pub options: &'a [Choice<'a>],
    /// The contact has an upcoming appointment.
    pub has_booking: bool,
    /// When that appointment starts.
    pub booking_start: Option<NaiveDateTime>,
    /// Names of the services that can be booked.
    pub services: &'a [&'a str],
}

impl Context<'_> {
    /// A conversation in which nothing was said yet.
    pub fn at(now: DateTime<Tz>) -> Self {
        Self {
            now,
            asked: Asked::Nothing,
            prior: None,
            prior_date: None,
            prior_time: None,
            options: &[],
            has_booking: false,
            booking_start: None,
            services: &[],
        }
    }
}

/// One of the options we offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice<'a> {
    pub label: &'a str,
    /// Its start, for a time slot; otherwise read from the label.
    pub start: Option<NaiveDateTime>,
}

/// What a text means.
#[derive(Debug, Clone, PartialEq)]
pub struct Understanding {
    pub intent: Intent,
    /// How sure the intent is, from 0 to 1.  Below 0.5 nothing better was found.
    pub confidence: f32,
    pub when: Option<When>,
    /// Index into `Context::options`, from 0.
    pub choice: Option<usize>,
    /// Index into `Context::services`, from 0.
    pub service: Option<usize>,
    pub party_size: Option<u32>,
    pub name: Option<String>,
    pub urgent: bool,
    /// Set whenever the text may revoke consent, also where `intent` follows another reading.
    pub opt_out: Option<OptOut>,
    /// The language the words show; `None` for "ok", "3pm", a lone name.
    pub language: Option<Language>,
    /// The text asks something, with or without a question mark.
    pub question: bool,
    /// The rule that decided the intent, or that examples did.
    pub why: &'static str,
}

/// What the sender wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Intent {
    Book,
    Availability,
    Reschedule,
    Cancel,
    /// "when is my appointment"
    Lookup,
    Confirm,
    Deny,
    ChooseOption,
    Greeting,
    Thanks,
    Goodbye,
    Help,
    Human,
    OptOut,
    OptIn,
    Other,
}

impl Intent {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Book => "book",
            Self::Availability => "availability",
            Self::Reschedule => "reschedule",
            Self::Cancel => "cancel",
            Self::Lookup => "lookup",
            Self::Confirm => "confirm",
            Self::Deny => "deny",
            Self::ChooseOption => "choose_option",
            Self::Greeting => "greeting",
            Self::Thanks => "thanks",
            Self::Goodbye => "goodbye",
            Self::Help => "help",
            Self::Human => "human",
            Self::OptOut => "opt_out",
            Self::OptIn => "opt_in",
            Self::Other => "other",
        }
    }
}

/// A wish to receive no more texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptOut {
    pub certainty: Certainty,
    /// The words that say so, as written.
    pub evidence: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Certainty {
    Certain,
    /// Could also mean something else ("cancel", "stop it"): ask, or err on the side of the sender.
    Doubtful,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    En,
    Es,
}

impl Language {
    /// ISO 639-1.
    pub const fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Es => "es",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        [Self::En, Self::Es].into_iter().find(|language| language.code() == code)
    }
}

/// What `text` means in `ctx`.
pub fn understand(text: &str, ctx: &Context<'_>) -> Understanding {
    let tokens = text::Text::new(text);
    let when = compose::read(&tokens, ctx);
    let decision = intent::decide(&tokens, when.as_ref(), ctx);
    Understanding {
        intent: decision.intent,
        confidence: decision.confidence,
        when,
        choice: decision.choice,
        service: details::service(&tokens, ctx),
        party_size: details::party_size(&tokens),
        name: details::name(&tokens, ctx.asked),
        urgent: details::urgent(&tokens),
        opt_out: decision.opt_out,
        language: tokens.language(),
        question: questions::asks(&tokens),
        why: decision.why,
    }
}
