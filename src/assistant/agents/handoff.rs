//! People who want a person, and texts that only a person should answer.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Agent, Claim, Proposal, Rejection, Scene};
use crate::assistant::{dialogue::Action, llm::Tool};

const TOOL: &str = "hand_over";

pub(super) struct Handoff;

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Reason {
    AskedForPerson,
    Complaint,
    Emergency,
    WantsNoTexts,
}

#[derive(Deserialize)]
struct Arguments {
    reason: Reason,
}

impl Agent for Handoff {
    fn brief(&self) -> &'static str {
        "hand_over: the contact asks for a human being, complains, is in danger, or wants no more texts of any kind (not: wants to \
         cancel an appointment)."
    }

    fn tools(&self, _: &Scene<'_>) -> Vec<Tool> {
        vec![Tool {
            name: TOOL,
            description: "Bring in a person of the business.".to_owned(),
            parameters: json!({
                "type": "object",
                "additionalProperties": false,
                "required": ["reason"],
                "properties": {
                    "reason": { "type": "string", "enum": ["asked_for_person", "complaint", "emergency", "wants_no_texts"] }
                }
            }),
        }]
    }

    fn claim(&self, scene: &Scene<'_>) -> Option<Claim> {
        matches!(scene.action(), Action::HandOver).then(|| Claim {
            proposals: vec![Proposal::HandOver],
            sure: true,
            why: "asks for a person".to_owned(),
        })
    }

    fn accept(&self, tool: &str, arguments: &Value, scene: &Scene<'_>) -> Option<Result<Claim, Rejection>> {
        (tool == TOOL).then(|| {
            let Arguments { reason } = Arguments::deserialize(arguments).map_err(|_| "bad_answer")?;
            let (proposal, why) = match reason {
                Reason::AskedForPerson => (Proposal::HandOver, "asks for a person"),
                Reason::Complaint => (Proposal::HandOver, "complains"),
                Reason::Emergency => (Proposal::HandOver, "may be in danger"),
                Reason::WantsNoTexts => {
                    let evidence = scene.body.chars().take(300).collect();
                    (Proposal::ReviewOptOut { evidence }, "may want no more texts")
                }
            };
            Ok(Claim { proposals: vec![proposal], sure: true, why: why.to_owned() })
        })
    }
}
