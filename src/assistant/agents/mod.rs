//! Agents: each answers one kind of text. An agent says what it would do with a text by itself, which tools a language model may
//! call on its behalf, and what such a call comes to. All of it is pure; nothing an agent says is done or sent before code has checked it.
//!
//! A new agent is one file here and one variant of [`AgentKind`]; the compiler points at the rest.

mod general;
mod handoff;
mod reports;
mod scheduling;
#[cfg(test)]
mod tests;

pub use general::shown;
pub use reports::asks_after_report;

use serde_json::Value;

use super::{
    dialogue::{self, Action, Cues, Facts, State, Voice},
    knowledge::KnowledgeEntry,
    llm::Tool,
    understanding::Understanding,
};

/// Which agent answers. Stored in the turn by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgentKind {
    /// People who want a person.
    Handoff,
    /// What contacts report, and what became of it.
    Reports,
    /// Questions about the business.
    General,
    /// Appointments, and everything nobody else claims.
    Scheduling,
}

impl AgentKind {
    /// In the order in which they are asked whether a text is theirs; the last claims everything.
    pub const ALL: [Self; 4] = [Self::Reports, Self::Handoff, Self::General, Self::Scheduling];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Handoff => "handoff",
            Self::Reports => "reports",
            Self::General => "general",
            Self::Scheduling => "scheduling",
        }
    }

    pub fn agent(self) -> &'static dyn Agent {
        match self {
            Self::Handoff => &handoff::Handoff,
            Self::Reports => &reports::Reports,
            Self::General => &general::General,
            Self::Scheduling => &scheduling::Scheduling,
        }
    }
}

/// The moment a text is read in.
pub struct Scene<'a> {
    pub body: &'a str,
    /// The built-in reading of the text.
    pub heard: &'a Understanding,
    pub cues: &'a Cues,
    pub state: &'a State,
    pub facts: &'a Facts,
    pub voice: &'a Voice,
    /// Empty unless the text may be a question.
    pub knowledge: &'a [KnowledgeEntry],
}

impl Scene<'_> {
    /// What the dialogue makes of the built-in reading.
    fn action(&self) -> Action {
        dialogue::decide(self.state, self.heard, self.facts)
    }
}

/// What an agent would do. A proposal is carried out by `turn`, which asks the dialogue machine and the booking engine.
#[derive(Clone, Debug, PartialEq)]
pub enum Proposal {
    /// The text means this; the dialogue decides what follows.
    Read(Box<Understanding>),
    /// Say this, which comes from these entries.
    Answer { text: String },
    /// A question about the business that no entry answers.
    NotKnown,
    /// Ask staff to take over.
    HandOver,
    /// Note what the contact reports for staff. The subject is in their words; the report holds the whole text.
    OpenReport { subject: String },
    /// Ask what there is to report.
    AskForReport,
    /// Say what became of the contact's reports, or of the one with the number.
    TellOfReports { number: Option<i64> },
    /// It may be an opt-out: a person must read it.
    ReviewOptOut { evidence: String },
}

/// An agent's claim on a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    /// In the order in which they are carried out.
    pub proposals: Vec<Proposal>,
    /// Where it is not, a language model is asked first, if one can be.
    pub sure: bool,
    /// For staff. Says how the text was read, not what it said.
    pub why: String,
}

/// Why a model's call is not followed. Stored as a turn's `model_error`.
pub type Rejection = &'static str;

pub trait Agent: Sync {
    /// What a model is told of this agent's part; nothing where it has none.
    fn brief(&self) -> &'static str;

    /// The tools a model may call on this agent's behalf now.
    fn tools(&self, scene: &Scene<'_>) -> Vec<Tool>;

    /// What the agent does with the text without a model; none where it is not this agent's.
    fn claim(&self, scene: &Scene<'_>) -> Option<Claim>;

    /// What a call of one of its tools comes to; none where the tool is another agent's. The arguments fit the tool's schema and are
    /// otherwise not to be trusted.
    fn accept(&self, tool: &str, arguments: &Value, scene: &Scene<'_>) -> Option<Result<Claim, Rejection>>;
}
