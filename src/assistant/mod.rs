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
mod service;
mod store;
mod turn;
pub mod understanding;
mod words;

pub use api::router;
pub use jobs::{AnswerConversation, AnswerWithModel, answer_conversation, answer_with_model};
pub use models::{Models, alert};
