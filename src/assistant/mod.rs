//! Answers texts: understands them, moves the dialogue, and lets the booking engine decide what is true.

mod api;
mod dialogue;
mod jobs;
pub mod llm;
mod service;
mod store;
pub mod understanding;

pub use api::router;
pub use jobs::{AnswerConversation, answer_conversation};
