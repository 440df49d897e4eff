//! Answers texts: understands them, moves the dialogue, and lets the booking engine decide what is true.

mod agents;
mod api;
mod dialogue;
mod grounding;
mod jobs;
mod knowledge;
pub mod llm;
mod models;
mod orchestrator;
mod report_news;
mod service;
mod store;
mod team_desk;
mod turn;
pub mod understanding;
mod words;

pub use api::router;
pub use jobs::{
    AnswerConversation, AnswerTeamMessage, AnswerWithModel, TellOfReport, answer_conversation, answer_team_message,
    answer_with_model, tell_of_report,
};
pub use models::{Models, alert};
pub use store::personal::{PERSONAL, erase, sweep};
