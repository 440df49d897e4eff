//! Questions about the business, answered from its own knowledge entries and from nothing else. A model may choose entries and put
//! them into a sentence; what it adds of its own is dropped (`grounding`), and the entries' own words are sent instead.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Agent, Claim, Proposal, Rejection, Scene};
use crate::assistant::{
    dialogue::LONGEST,
    grounding,
    knowledge::{KnowledgeEntry, answering, asks_about_business, rank},
    llm::Tool,
    understanding::{Intent, Understanding},
};

const TOOL: &str = "answer";
/// Entries a model is shown.
const SHOWN: usize = 12;

pub(super) struct General;

#[derive(Deserialize)]
struct Arguments {
    entries: Vec<usize>,
    text: String,
}

impl Agent for General {
    fn brief(&self) -> &'static str {
        "answer: a question about the business itself (hours, place, prices, parking, payment, policies ...). Name the entries of \
         `knowledge` that answer it by their `n`, and put the answer in one or two short sentences in the contact's language, using only \
         what those entries say. If no entry answers, call it with an empty list and an empty text. Never state a free time or a booking."
    }

    fn tools(&self, _: &Scene<'_>) -> Vec<Tool> {
        vec![Tool {
            name: TOOL,
            description: "Answer a question about the business from its knowledge entries.".to_owned(),
            parameters: json!({
                "type": "object",
                "additionalProperties": false,
                "required": ["entries", "text"],
                "properties": {
                    "entries": { "type": "array", "maxItems": 3, "items": { "type": "integer", "minimum": 1 } },
                    "text": { "type": "string", "maxLength": LONGEST }
                }
            }),
        }]
    }

    fn claim(&self, scene: &Scene<'_>) -> Option<Claim> {
        if answers_what_was_asked(scene) {
            return None;
        }
        let found = answering(scene.body, scene.knowledge);
        if found.is_empty() {
            let asks = scene.heard.question && scene.action().missed() && asks_about_business(scene.body);
            return asks.then(|| Claim {
                proposals: vec![Proposal::NotKnown],
                sure: false,
                why: "asks about the business; no entry answers".to_owned(),
            });
        }
        if wants_more_than_facts(scene.heard) && !scene.heard.question {
            return None;
        }
        let entries: Vec<&KnowledgeEntry> = found.iter().map(|n| &scene.knowledge[*n]).collect();
        let mut proposals = vec![Proposal::Answer { text: verbatim(&entries, scene) }];
        // "Do you do massages, and can I come at 3 tomorrow?" asks two things.
        if scene.heard.when.as_ref().is_some_and(|w| w.time_bounds().is_some()) && wants_more_than_facts(scene.heard) {
            proposals.push(Proposal::Read(Box::new(scene.heard.clone())));
        }
        Some(Claim { proposals, sure: true, why: answered_from(&entries) })
    }

    fn accept(&self, tool: &str, arguments: &Value, scene: &Scene<'_>) -> Option<Result<Claim, Rejection>> {
        (tool == TOOL).then(|| {
            let a = Arguments::deserialize(arguments).map_err(|_| "bad_answer")?;
            let shown = shown(scene);
            let entries: Option<Vec<&KnowledgeEntry>> =
                a.entries.iter().map(|n| n.checked_sub(1).and_then(|n| shown.get(n)).copied()).collect();
            let entries = entries.ok_or("no_such_entry")?;
            if entries.is_empty() {
                let why = "asks what no entry answers".to_owned();
                return Ok(Claim { proposals: vec![Proposal::NotKnown], sure: true, why });
            }
            let said: Vec<&str> =
                entries.iter().flat_map(|e| [e.title.as_str(), e.answer(scene.voice.language)]).collect();
            let (text, why) = match grounding::checked(&a.text, &said, scene) {
                Ok(text) => (text, answered_from(&entries)),
                Err(flaw) => (
                    verbatim(&entries, scene),
                    format!("{}; in its own words, because the model's {}", answered_from(&entries), flaw.sentence()),
                ),
            };
            Ok(Claim { proposals: vec![Proposal::Answer { text }], sure: true, why })
        })
    }
}

/// The entries a model is shown, in the order of its numbers: those nearest the question first.
pub fn shown<'a>(scene: &Scene<'a>) -> Vec<&'a KnowledgeEntry> {
    let ranked = rank(scene.body, scene.knowledge);
    let near = ranked.iter().map(|m| m.entry);
    let rest = (0..scene.knowledge.len()).filter(|n| ranked.iter().all(|m| m.entry != *n));
    near.chain(rest).map(|n| &scene.knowledge[n]).filter(|e| e.active).take(SHOWN).collect()
}

/// A pick, a yes, a key: the open question is what the text is about.
fn answers_what_was_asked(scene: &Scene<'_>) -> bool {
    scene.cues.plain_yes
        || scene.cues.reaction
        || scene.cues.key.is_some()
        || scene.cues.command.is_some()
        || scene.heard.choice.is_some()
}

/// Wishes that no fact fulfils.
fn wants_more_than_facts(heard: &Understanding) -> bool {
    matches!(
        heard.intent,
        Intent::Book
            | Intent::Availability
            | Intent::Reschedule
            | Intent::Cancel
            | Intent::Lookup
            | Intent::ChooseOption
    )
}

/// The entries' own words; as many as fit into one text.
fn verbatim(entries: &[&KnowledgeEntry], scene: &Scene<'_>) -> String {
    let mut text = String::new();
    for entry in entries {
        let answer = entry.answer(scene.voice.language);
        if text.is_empty() {
            text.push_str(answer);
        } else if text.chars().count() + 1 + answer.chars().count() <= LONGEST {
            text.push('\n');
            text.push_str(answer);
        }
    }
    text
}

fn answered_from(entries: &[&KnowledgeEntry]) -> String {
    let titles: Vec<&str> = entries.iter().map(|e| e.title.as_str()).collect();
    format!("answered from {}", titles.join(", "))
}
