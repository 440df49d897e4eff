//! What a turn notes of itself for staff: who answered, how the text was read, and what a model had to do with it.

use std::time::Duration;

use serde_json::Value;

use crate::{
    assistant::{
        agents::AgentKind,
        llm::Outcome,
        store::{ModelNote, NewTurn},
        understanding::{Intent, Understanding},
    },
    platform::ids::{ConversationId, MessageId},
};

/// What a model answered about a text.
pub(in crate::assistant) struct Advised {
    /// Tool and arguments, or the closed code of why there is no answer.
    pub answer: Result<(String, Value), &'static str>,
    pub used: ModelUse,
}

/// What asking cost, all tries together.
#[derive(Clone, Debug)]
pub(in crate::assistant) struct ModelUse {
    /// provider:model, of the one that answered or was asked last.
    pub model: String,
    pub latency: Duration,
    pub input_tokens: u32,
    pub output_tokens: u32,
    pub cost_micros: i64,
    pub cost_estimated: bool,
}

impl Advised {
    pub fn from_outcome(outcome: Outcome) -> Self {
        let usage = outcome.usage();
        let last = outcome.attempts.last();
        let model = last.map_or_else(String::new, |a| format!("{}:{}", a.provider, a.model));
        let used = ModelUse {
            model,
            latency: outcome.attempts.iter().map(|a| a.latency).sum(),
            input_tokens: usage.input_tokens,
            output_tokens: usage.output_tokens,
            cost_micros: usage.cost_micros,
            cost_estimated: usage.cost_estimated,
        };
        Self { answer: outcome.answer.map(|a| (a.tool, a.arguments)).map_err(|e| e.code()), used }
    }
}

/// A turn's record as it grows; the last text's reading stands for the turn.
pub(super) struct Record {
    intent: &'static str,
    confidence: f32,
    agent: &'static str,
    action: &'static str,
    why: String,
    model_followed: bool,
    used: Option<ModelUse>,
    model_error: Option<&'static str>,
}

impl Default for Record {
    fn default() -> Self {
        Self {
            intent: Intent::Other.as_str(),
            confidence: 1.0,
            agent: AgentKind::Scheduling.as_str(),
            action: "none",
            why: String::new(),
            model_followed: false,
            used: None,
            model_error: None,
        }
    }
}

impl Record {
    /// A text that consent dealt with, before any agent saw it.
    pub fn consent(&mut self, intent: &'static str, action: &'static str, why: &str) {
        (self.intent, self.confidence) = (intent, 1.0);
        (self.agent, self.action, self.why) = ("consent", action, why.to_owned());
        self.model_followed = false;
    }

    pub fn note(&mut self, agent: &'static str, heard: &Understanding, action: &'static str, why: String) {
        self.intent(heard);
        (self.agent, self.action, self.why) = (agent, action, why);
    }

    pub fn intent(&mut self, heard: &Understanding) {
        (self.intent, self.confidence) = (heard.intent.as_str(), heard.confidence);
    }

    pub fn action(&mut self, action: &'static str) {
        self.action = action;
    }

    /// A model was asked; `error` says why its answer was not followed.
    pub fn asked(&mut self, used: &ModelUse, error: Option<&'static str>) {
        self.model_followed = error.is_none();
        self.model_error = error;
        self.used = Some(match self.used.take() {
            None => used.clone(),
            Some(before) => ModelUse {
                model: used.model.clone(),
                latency: before.latency + used.latency,
                input_tokens: before.input_tokens.saturating_add(used.input_tokens),
                output_tokens: before.output_tokens.saturating_add(used.output_tokens),
                cost_micros: before.cost_micros.saturating_add(used.cost_micros),
                cost_estimated: before.cost_estimated || used.cost_estimated,
            },
        });
    }

    /// A model should have been asked and was not.
    pub fn not_asked(&mut self, code: &'static str) {
        self.model_error = Some(code);
    }

    pub fn turn<'r>(
        &'r self,
        conversation_id: ConversationId,
        message_ids: &'r [MessageId],
        reply_id: Option<MessageId>,
        [state_before, state_after]: [&'static str; 2],
        duration: Duration,
    ) -> NewTurn<'r> {
        NewTurn {
            conversation_id,
            message_ids,
            reply_id,
            intent: self.intent,
            confidence: self.confidence,
            agent: self.agent,
            state_before,
            state_after,
            action: self.action,
            explanation: &self.why,
            duration,
            source: if self.model_followed { "model" } else { "local" },
            model: self.used.as_ref().map(|used| ModelNote {
                model: &used.model,
                latency: used.latency,
                input_tokens: used.input_tokens,
                output_tokens: used.output_tokens,
                cost_micros: used.cost_micros,
                cost_estimated: used.cost_estimated,
            }),
            model_error: self.model_error,
        }
    }
}
