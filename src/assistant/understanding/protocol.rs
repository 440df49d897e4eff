//! The JSON-lines protocol of the evaluation: one request line in, one answer line out.

use chrono::{DateTime, NaiveDate, NaiveTime};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::{Asked, Choice, Context, Intent, When, understand};

#[derive(Deserialize)]
struct Request {
    id: String,
    text: String,
    /// RFC 3339: when the text arrived.
    reference: String,
    /// IANA zone of the business.
    tz: String,
    #[serde(default)]
    context: Conversation,
}

#[derive(Deserialize, Default)]
struct Conversation {
    prior_system: Option<String>,
    state: Option<Settled>,
    options: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Settled {
    date: Option<String>,
    time: Option<String>,
}

#[derive(Serialize)]
struct Answer<'a> {
    id: &'a str,
    when: Option<Span>,
    intent: &'static str,
    /// From 1.
    choice: Option<usize>,
    confidence: f32,
    why: &'static str,
}

#[derive(Serialize)]
struct Span {
    kind: &'static str,
    start: Option<String>,
    end: Option<String>,
}

/// The answer to one request line.
///
/// # Errors
/// Says what is wrong with the line when it is not a request.
pub fn answer_line(line: &str) -> Result<String, String> {
    let request: Request = serde_json::from_str(line).map_err(|error| format!("not a request: {error}"))?;
    let zone: Tz = request.tz.parse().map_err(|_| format!("{}: unknown zone {:?}", request.id, request.tz))?;
    let arrived = DateTime::parse_from_rfc3339(&request.reference)
        .map_err(|error| format!("{}: reference: {error}", request.id))?;
    let conversation = &request.context;
    let labels = conversation.options.as_deref().unwrap_or_default();
    let options: Vec<Choice<'_>> = labels.iter().map(|label| Choice { label, start: None }).collect();
    let prior = conversation.prior_system.as_deref();
    let settled = conversation.state.as_ref();
    let asked = match prior {
        _ if !options.is_empty() => Asked::Choice,
        Some(prior) => Asked::from_text(prior),
        None => Asked::Nothing,
    };
    let context = Context {
        asked,
        prior,
        prior_date: settled.and_then(|settled| settled.date.as_deref()?.parse::<NaiveDate>().ok()),
        prior_time: settled.and_then(|settled| NaiveTime::parse_from_str(settled.time.as_deref()?, "%H:%M").ok()),
        options: &options,
        ..Context::at(arrived.with_timezone(&zone))
    };
    let understood = understand(&request.text, &context);
    let answer = Answer {
        id: &request.id,
        when: understood.when.as_ref().map(span),
        intent: match understood.intent {
            // The evaluation has no label of its own for "when is my appointment".
            Intent::Lookup => Intent::Other.as_str(),
            intent => intent.as_str(),
        },
        choice: understood.choice.map(|index| index + 1),
        confidence: understood.confidence,
        why: understood.why,
    };
    serde_json::to_string(&answer).map_err(|error| error.to_string())
}

fn span(when: &When) -> Span {
    const TIME: &str = "%H:%M";
    const DATE_TIME: &str = "%Y-%m-%dT%H:%M";
    let (kind, start, end) = match when {
        When::Date { date, .. } => ("date", Some(date.to_string()), None),
        When::Time { time, .. } => ("time", Some(time.format(TIME).to_string()), None),
        When::DateTime { at, .. } => ("datetime", Some(at.format(DATE_TIME).to_string()), None),
        When::DateRange { from, until, .. } => {
            ("date_range", from.map(|date| date.to_string()), until.map(|date| date.to_string()))
        }
        When::TimeRange { from, until, .. } => {
            let text = |time: &NaiveTime| time.format(TIME).to_string();
            ("time_range", from.as_ref().map(text), until.as_ref().map(text))
        }
        When::DateTimeRange { from, until, .. } => {
            let text = |at: &chrono::NaiveDateTime| at.format(DATE_TIME).to_string();
            ("datetime_range", from.as_ref().map(text), until.as_ref().map(text))
        }
    };
    Span { kind, start, end }
}
