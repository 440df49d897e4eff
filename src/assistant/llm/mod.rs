//! Language models behind one face: a request with tools goes in, one call of one of them that fits its schema comes out, or the
//! reason why none did. What a call means, and whether it is true, is not decided here.

mod answer;
mod breaker;
mod cost;
mod error;
mod exchange;
mod provider;

use std::{
    borrow::Cow,
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use tokio::time::Instant;
use url::Url;

use answer::{Call, Schemas};
use exchange::{Line, LineId, Question};

pub use breaker::Circuit;
pub use cost::{CAUTIOUS_PRICES, Usage};
pub use error::{EndpointProblem, Flaw, LlmError, Refusal};

use crate::platform::config::{Access, AiConfig, is_model};
pub use crate::platform::config::{Prices, ProviderKind};

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

impl Request {
    /// A question that finds out whether a model is of use here: it needs a forced call with an argument from a list.
    pub fn small_question(ai: &AiConfig) -> Self {
        let parameters = serde_json::json!({
            "type": "object", "additionalProperties": false, "required": ["wish"],
            "properties": { "wish": { "type": "string", "enum": ["book", "move", "cancel", "something_else"] } },
        });
        Self {
            system: "You sort text messages to a business. Call the tool.".to_owned(),
            user: "Can I come in on Tuesday at three?".to_owned(),
            tools: vec![Tool { name: "sort", description: "Says what the text asks for.".to_owned(), parameters }],
            max_tokens: ai.max_tokens,
            temperature: ai.temperature,
        }
    }
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
    pub circuit: Circuit,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            attempt: Duration::from_secs(8),
            chain: Duration::from_secs(20),
            pause: Duration::from_millis(200),
            longest_wait: Duration::from_secs(2),
            body: 256 * 1024,
            circuit: Circuit::default(),
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
    lines: Mutex<HashMap<LineId, Arc<Line>>>,
}

/// Lines remembered before idle ones are forgotten.
const MOST_LINES: usize = 4_096;

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
            http: exchange::client(),
            chain: chain.collect(),
            access: config.access.clone(),
            limits,
            lines: Mutex::default(),
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
        let mut attempts = Vec::new();
        let answer = self.ask_each(chain, request, &mut attempts).await;
        Outcome { answer, attempts }
    }

    async fn ask_each(
        &self,
        chain: &[Endpoint],
        request: &Request,
        attempts: &mut Vec<Attempt>,
    ) -> Result<Answer, LlmError> {
        let schemas = Schemas::of(&request.tools)?;
        let deadline = Instant::now() + self.0.limits.chain;
        let mut last = LlmError::NotConfigured;
        for endpoint in chain {
            if Instant::now() >= deadline {
                break;
            }
            match self.ask_one(endpoint, request, &schemas, deadline, attempts).await {
                Ok(answer) => return Ok(answer),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// At most two tries at one endpoint. The second is told what was wrong with the first answer.
    async fn ask_one(
        &self,
        endpoint: &Endpoint,
        request: &Request,
        schemas: &Schemas,
        deadline: Instant,
        attempts: &mut Vec<Attempt>,
    ) -> Result<Answer, LlmError> {
        let line = self.line(endpoint);
        let question = Question { http: &self.0.http, limits: &self.0.limits, line: &line, endpoint, schemas };
        let (error, pause) = match question.attempt(request, deadline, attempts).await {
            Ok(answer) => return Ok(answer),
            Err(failed) => failed,
        };
        match pause {
            Some(pause) if Instant::now() + pause < deadline => tokio::time::sleep(pause).await,
            _ => return Err(error),
        }
        let again = match &error {
            LlmError::BadAnswer(flaw) => Cow::Owned(request.told(flaw)),
            _ => Cow::Borrowed(request),
        };
        match question.attempt(&again, deadline, attempts).await {
            Err((LlmError::CircuitOpen, _)) => Err(error),
            other => other.map_err(|(error, _)| error),
        }
    }

    fn line(&self, endpoint: &Endpoint) -> Arc<Line> {
        let mut lines = self.0.lines.lock().expect("lines");
        if lines.len() >= MOST_LINES {
            lines.retain(|_, line| Arc::strong_count(line) > 1 || !line.breaker.is_idle());
        }
        let line = lines.entry(LineId::of(endpoint)).or_insert_with(|| Arc::new(Line::new(endpoint, &self.0.limits)));
        Arc::clone(line)
    }
}

impl Request {
    /// The same question with a remark on what was wrong with the answer to it.
    fn told(&self, flaw: &Flaw) -> Self {
        let remark = format!(
            "\n\nAn earlier answer could not be used: {flaw}. Call exactly one of the tools, with arguments that fit its schema."
        );
        Self { system: format!("{}{remark}", self.system), ..self.clone() }
    }
}

impl Question<'_> {
    /// One try, written down. With an error comes how long to wait before another try is worth while.
    async fn attempt(
        &self,
        request: &Request,
        deadline: Instant,
        attempts: &mut Vec<Attempt>,
    ) -> Result<Answer, (LlmError, Option<Duration>)> {
        let Some(pass) = self.line.breaker.admit() else {
            let result = Err(LlmError::CircuitOpen);
            attempts.push(Attempt::of(self.endpoint, &result, Usage::default(), Duration::ZERO));
            return Err((LlmError::CircuitOpen, None));
        };
        let started = Instant::now();
        let tried = self.ask(request, deadline).await;
        pass.settle(tried.verdict(self.limits));
        let latency = started.elapsed();
        attempts.push(Attempt::of(self.endpoint, &tried.result, tried.usage, latency));
        let pause = tried.pause(self.limits);
        let Call { tool, arguments } = tried.result.map_err(|error| (error, pause))?;
        let Endpoint { provider, model, .. } = self.endpoint.clone();
        Ok(Answer { tool, arguments, provider, model, usage: tried.usage, latency })
    }
}

impl Attempt {
    /// Writes it to the log and the metrics too: neither the key nor anything that people wrote.
    fn of(endpoint: &Endpoint, result: &Result<Call, LlmError>, usage: Usage, latency: Duration) -> Self {
        let Endpoint { provider, model, .. } = endpoint;
        let latency_ms = u64::try_from(latency.as_millis()).unwrap_or(u64::MAX);
        let outcome = match result {
            Ok(call) => {
                tracing::info!(
                    llm.provider = %provider, llm.model = %model, llm.tool = %call.tool, llm.latency_ms = latency_ms,
                    llm.input_tokens = usage.input_tokens, llm.output_tokens = usage.output_tokens,
                    llm.cost_micros = usage.cost_micros, "llm.answered"
                );
                Ok(())
            }
            Err(error) => {
                tracing::warn!(
                    llm.provider = %provider, llm.model = %model, llm.code = error.code(), llm.latency_ms = latency_ms,
                    %error, "llm.failed"
                );
                Err(error.code())
            }
        };
        let labels = [("provider", provider.as_str()), ("outcome", outcome.err().unwrap_or("answered"))];
        metrics::counter!("frontdesk_llm_attempts_total", &labels).increment(1);
        metrics::histogram!("frontdesk_llm_seconds", "provider" => provider.as_str()).record(latency.as_secs_f64());
        Self { provider: *provider, model: model.clone(), outcome, usage, latency }
    }
}
