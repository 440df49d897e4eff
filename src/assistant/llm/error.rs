//! Why a model gave no answer. Sentences and codes hold no key and nothing that people wrote, whatever a provider echoes.

use std::fmt;

use super::ProviderKind;

/// Why a question has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LlmError {
    #[error("no language model is configured")]
    NotConfigured,
    #[error("the tool {0} has a schema that cannot be used")]
    BadTool(&'static str),
    #[error("no answer came in time")]
    Timeout,
    #[error("it failed several times of late and is left alone for a while")]
    CircuitOpen,
    #[error("{refusal} (HTTP {status})")]
    Refused { status: u16, refusal: Refusal },
    #[error("it has too many requests at the moment (HTTP 429)")]
    RateLimited,
    #[error("the answer is of no use: {0}")]
    BadAnswer(Flaw),
    /// With the cause as the system words it.
    #[error("it cannot be reached: {0}")]
    Unreachable(String),
}

impl LlmError {
    /// A closed list, for storage and the screen.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotConfigured => "not_configured",
            Self::BadTool(_) => "bad_tool",
            Self::Timeout => "timeout",
            Self::CircuitOpen => "circuit_open",
            Self::Refused { refusal, .. } => refusal.code(),
            Self::RateLimited => "rate_limited",
            Self::BadAnswer(_) => "bad_answer",
            Self::Unreachable(_) => "unreachable",
        }
    }
}

/// What a provider that answered with an error means by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    Key,
    Credit,
    Model,
    Request,
    Redirect,
    Server,
}

impl Refusal {
    pub const fn code(self) -> &'static str {
        match self {
            Self::Key => "key_refused",
            Self::Credit => "no_credit",
            Self::Model => "unknown_model",
            Self::Request => "request_refused",
            Self::Redirect => "redirected",
            Self::Server => "server_error",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Key => "it does not accept the key",
            Self::Credit => "the account has no credit left",
            Self::Model => "it does not know the model, or the address is wrong",
            Self::Request => "it does not accept the request",
            Self::Redirect => "it points elsewhere, which is not followed",
            Self::Server => "it has a fault",
        })
    }
}

/// What is wrong with an answer that came.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    #[error("it is not what the provider's interface promises")]
    Unreadable,
    #[error("it is too long")]
    TooLong,
    #[error("it was cut off")]
    CutShort,
    #[error("the model declined")]
    Declined,
    #[error("no tool was called")]
    NoCall,
    #[error("more than one tool was called")]
    SeveralCalls,
    #[error("a tool was called that was not offered")]
    UnknownTool,
    #[error("the arguments are not a JSON object")]
    NoObject,
    /// With the place in the tool's schema.
    #[error("the arguments break the tool's schema at {0}")]
    AgainstSchema(String),
}

impl Flaw {
    /// Whether the server, rather than the model's wording, is at fault.
    pub(super) const fn is_the_servers(&self) -> bool {
        matches!(self, Self::Unreadable | Self::TooLong)
    }
}

/// Why an organization's own choice cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndpointProblem {
    #[error("this installation has no address for {0}")]
    NoAddress(ProviderKind),
    #[error("{0} needs a key")]
    NoKey(ProviderKind),
    #[error("the key holds characters that no key has")]
    BadKey,
    #[error("the name of a model has 1 to 200 characters and no blanks")]
    BadModel,
}

impl EndpointProblem {
    /// A closed list, for the screen.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoAddress(_) => "provider_not_available",
            Self::NoKey(_) => "key_missing",
            Self::BadKey => "key_not_valid",
            Self::BadModel => "model_not_valid",
        }
    }
}
