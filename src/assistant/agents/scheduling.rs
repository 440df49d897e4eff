//! Appointments: book, move, cancel, look up, and the small talk around it. Whatever the reading, the dialogue machine decides what
//! follows from it, and only the contact's own plain yes confirms.

use chrono::{Days, NaiveDate, NaiveTime};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Agent, Claim, Proposal, Rejection, Scene};
use crate::assistant::{
    dialogue::Action,
    llm::Tool,
    understanding::{Intent, Note, Understanding, When},
};

const TOOL: &str = "schedule";
/// Below this the built-in reading is a guess.
const SURE: f32 = 0.55;
/// More words than a bare wish to book has.
const LONG: usize = 8;
/// A model's reading, where stored.
const MODEL_CONFIDENCE: f32 = 0.8;

pub(super) struct Scheduling;

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Wish {
    Book,
    Availability,
    Reschedule,
    Cancel,
    Lookup,
    ChooseOption,
    Decline,
    Greeting,
    Thanks,
    Goodbye,
    Help,
    Unclear,
}

#[derive(Deserialize)]
struct Arguments {
    intent: Wish,
    date: Option<NaiveDate>,
    date_end: Option<NaiveDate>,
    time: Option<String>,
    time_end: Option<String>,
    option: Option<usize>,
    service: Option<String>,
}

impl Agent for Scheduling {
    fn brief(&self) -> &'static str {
        "schedule: anything about appointments (book, ask what is open, move, cancel, look up, pick one of the offered options, decline), \
         and greetings, thanks, goodbyes. Give dates and times only if the contact's words say them; resolve them against `now`. A single \
         moment has `time` and no `time_end`; a window has both, or only its end; `after 3` is a window until 23:59. Use `unclear` when the text is about none of this. You \
         cannot confirm anything: a yes is read without you."
    }

    fn tools(&self, scene: &Scene<'_>) -> Vec<Tool> {
        let mut properties = json!({
            "intent": { "type": "string", "enum": [
                "book", "availability", "reschedule", "cancel", "lookup", "choose_option", "decline", "greeting", "thanks", "goodbye",
                "help", "unclear"] },
            "date": { "type": ["string", "null"], "pattern": "^\\d{4}-\\d{2}-\\d{2}$", "description": "First day wished for" },
            "date_end": { "type": ["string", "null"], "pattern": "^\\d{4}-\\d{2}-\\d{2}$", "description": "Last day, of several" },
            "time": { "type": ["string", "null"], "pattern": "^\\d{2}:\\d{2}$", "description": "24-hour clock" },
            "time_end": { "type": ["string", "null"], "pattern": "^\\d{2}:\\d{2}$", "description": "24-hour clock" }
        });
        let offers = options(scene);
        if offers > 0 {
            properties["option"] = json!({ "type": ["integer", "null"], "minimum": 1, "maximum": offers });
        }
        if !scene.voice.services.is_empty() {
            let mut names: Vec<Value> = scene.voice.services.iter().map(|s| json!(s)).collect();
            names.push(Value::Null);
            properties["service"] = json!({ "enum": names });
        }
        vec![Tool {
            name: TOOL,
            description: "Say what the text means for appointments.".to_owned(),
            parameters: json!({
                "type": "object",
                "additionalProperties": false,
                "required": ["intent"],
                "properties": properties
            }),
        }]
    }

    fn claim(&self, scene: &Scene<'_>) -> Option<Claim> {
        let why = explain(scene.heard);
        Some(Claim { proposals: vec![Proposal::Read(Box::new(scene.heard.clone()))], sure: sure(scene), why })
    }

    fn accept(&self, tool: &str, arguments: &Value, scene: &Scene<'_>) -> Option<Result<Claim, Rejection>> {
        (tool == TOOL).then(|| {
            let read = understanding(Arguments::deserialize(arguments).map_err(|_| "bad_answer")?, scene)?;
            let why = explain(&read);
            Ok(Claim { proposals: vec![Proposal::Read(Box::new(read))], sure: true, why })
        })
    }
}

/// Whether a second opinion on the text would be a waste of time.
fn sure(scene: &Scene<'_>) -> bool {
    let words = scene.body.split_whitespace().count();
    let answers = scene.cues.plain_yes || scene.cues.key.is_some() || scene.cues.command.is_some();
    // "Yes" to a list and "7" of four are clear, if of no use.
    let short_answer =
        words <= 2 && matches!(scene.heard.intent, Intent::Confirm | Intent::Deny | Intent::ChooseOption);
    if words == 0 || answers || short_answer {
        return true;
    }
    let action = scene.action();
    // A long text that ends in a question back may well have held the answer.
    let said_more = matches!(action, Action::Ask { .. }) && words > LONG;
    !action.missed() && !said_more && scene.heard.confidence >= SURE
}

/// How many options the contact can choose from.
fn options(scene: &Scene<'_>) -> usize {
    scene.state.offers().len().max(scene.state.bookings().len())
}

/// A model's call in the types of the built-in understanding, or why it cannot be meant.
fn understanding(a: Arguments, scene: &Scene<'_>) -> Result<Understanding, Rejection> {
    let intent = match a.intent {
        Wish::Book => Intent::Book,
        Wish::Availability => Intent::Availability,
        Wish::Reschedule => Intent::Reschedule,
        Wish::Cancel => Intent::Cancel,
        Wish::Lookup => Intent::Lookup,
        Wish::ChooseOption => Intent::ChooseOption,
        Wish::Decline => Intent::Deny,
        Wish::Greeting => Intent::Greeting,
        Wish::Thanks => Intent::Thanks,
        Wish::Goodbye => Intent::Goodbye,
        Wish::Help => Intent::Help,
        Wish::Unclear => Intent::Other,
    };
    let choice = match a.option {
        None => None,
        Some(n) if (1..=options(scene)).contains(&n) => Some(n - 1),
        Some(_) => return Err("no_such_option"),
    };
    if matches!(a.intent, Wish::ChooseOption) && choice.is_none() {
        return Err("no_such_option");
    }
    let service = match &a.service {
        None => None,
        Some(name) => Some(scene.voice.services.iter().position(|s| s == name).ok_or("no_such_service")?),
    };
    Ok(Understanding {
        intent,
        confidence: if intent == Intent::Other { 0.0 } else { MODEL_CONFIDENCE },
        when: when(&a, scene)?,
        choice,
        service,
        party_size: scene.heard.party_size,
        name: scene.heard.name.clone(),
        urgent: scene.heard.urgent,
        opt_out: None,
        language: scene.heard.language,
        question: scene.heard.question,
        why: "a language model's reading",
    })
}

/// The wish in time. Days that passed, or lie more than a year ahead, are not believed.
fn when(a: &Arguments, scene: &Scene<'_>) -> Result<Option<When>, Rejection> {
    let clock = |text: &Option<String>| match text {
        None => Ok(None),
        Some(text) => NaiveTime::parse_from_str(text, "%H:%M").map(Some).map_err(|_| "no_such_time"),
    };
    let (from, until) = (clock(&a.time)?, clock(&a.time_end)?);
    let today = scene.facts.local_now().date();
    let believable = |day: NaiveDate| day >= today && day <= today.checked_add_days(Days::new(366)).unwrap_or(day);
    if [a.date, a.date_end].into_iter().flatten().any(|day| !believable(day)) {
        return Err("no_such_time");
    }
    let after_last = match (a.date, a.date_end) {
        (Some(first), Some(last)) if last > first => last.checked_add_days(Days::new(1)),
        _ => None,
    };
    let note = Note::default();
    let whole_window = from.is_some() && until.is_some_and(|until| Some(until) > from);
    Ok(Some(match (a.date, after_last, from, until) {
        (None, _, None, None) => return Ok(None),
        (None, _, Some(time), None) => When::Time { time, note },
        (None, ..) if whole_window || from.is_none() => When::TimeRange { from, until, note },
        (Some(date), None, None, None) => When::Date { date, note },
        (Some(from), Some(until), None, None) => When::DateRange { from: Some(from), until: Some(until), note },
        (Some(date), None, Some(time), None) => When::DateTime { at: date.and_time(time), note },
        (Some(date), None, ..) if whole_window || from.is_none() => {
            let at = |time: Option<NaiveTime>| time.map(|t| date.and_time(t));
            let from = Some(date.and_time(from.unwrap_or(NaiveTime::MIN)));
            When::DateTimeRange { from, until: at(until), note }
        }
        (Some(first), Some(after_last), from, until) => When::DateTimeRange {
            from: Some(first.and_time(from.unwrap_or(NaiveTime::MIN))),
            until: after_last.pred_opt().map(|last| last.and_time(until.unwrap_or(NaiveTime::MIN))),
            note,
        },
        _ => return Err("no_such_time"),
    }))
}

/// One sentence for staff. Says how the text was read, not what it said.
fn explain(heard: &Understanding) -> String {
    let mut parts =
        vec![format!("read as {} ({:.0} %)", heard.intent.as_str().replace('_', " "), heard.confidence * 100.0)];
    if let Some(choice) = heard.choice {
        parts.push(format!("option {}", choice + 1));
    }
    if let Some(when) = &heard.when {
        match (when.date_bounds(), when.time_bounds()) {
            (Some((Some(from), _)), Some((Some(time), _))) => parts.push(format!("{from} {}", time.format("%H:%M"))),
            (Some((Some(from), _)), _) => parts.push(from.to_string()),
            (_, Some((Some(time), _))) => parts.push(time.format("%H:%M").to_string()),
            _ => parts.push("an open range of time".to_owned()),
        }
    }
    parts.join(", ")
}
