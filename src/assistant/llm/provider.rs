//! The wire formats. A provider turns a question into a request of its own kind and reads its own kind of answer; everything else
//! (time, tries, fallbacks, schemas) is the same for all.

mod anthropic;
mod openai;

use reqwest::{RequestBuilder, header::HeaderMap};
use secrecy::SecretString;
use serde_json::Value;
use url::Url;

use super::{Flaw, ProviderKind, Request, answer::Said, cost::Reported};

/// One wire format.
pub(super) trait Provider: Sync {
    /// Below the base URL.
    fn path(&self, base: &Url) -> &'static [&'static str];

    fn authorize(&self, request: RequestBuilder, key: Option<&SecretString>) -> RequestBuilder;

    fn body(&self, model: &str, request: &Request, dialect: &Dialect) -> Value;

    /// Reads an answer that came with a status of success.
    fn read(&self, body: &Value, headers: &HeaderMap) -> Reply;
}

/// What an answer holds.
#[derive(Debug, PartialEq)]
pub(super) struct Reply {
    pub said: Result<Said, Flaw>,
    pub reported: Option<Reported>,
}

impl Reply {
    fn unreadable() -> Self {
        Self { said: Err(Flaw::Unreadable), reported: None }
    }
}

pub(super) fn provider(kind: ProviderKind) -> &'static dyn Provider {
    use openai::ChatCompletions;
    match kind {
        ProviderKind::Anthropic => &anthropic::Messages,
        ProviderKind::Openrouter => &ChatCompletions(ProviderKind::Openrouter),
        ProviderKind::Vercel => &ChatCompletions(ProviderKind::Vercel),
        ProviderKind::Openai => &ChatCompletions(ProviderKind::Openai),
        ProviderKind::Litellm => &ChatCompletions(ProviderKind::Litellm),
        ProviderKind::OpenaiCompatible => &ChatCompletions(ProviderKind::OpenaiCompatible),
    }
}

/// The address of a request, keeping whatever query the base has.
pub(super) fn address(base: &Url, path: &[&str]) -> Url {
    let mut url = base.clone();
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(path);
    }
    url
}

/// How much a model may think before it answers. Thinking costs seconds and tokens that a text message has no use for, and some models
/// refuse tools while they think; others cannot be kept from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Thinking {
    Off,
    Low,
    /// Nothing is said about it.
    Unsaid,
}

/// What a model puts up with. Models differ in the parameters they refuse, and change; so the first request is a good guess, and what is
/// refused by name is left out from then on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Dialect {
    /// The first is in use; the others follow when it is refused.
    thinking: &'static [Thinking],
    /// `max_completion_tokens` where OpenAI's format has both names.
    new_limit: bool,
    limit_settled: bool,
    temperature: bool,
    /// A call is demanded, not only possible.
    forced: bool,
    /// Said that one call is enough.
    single: bool,
}

impl Dialect {
    pub(super) fn first_guess(kind: ProviderKind, model: &str) -> Self {
        use Thinking::{Low, Off, Unsaid};
        let before_thinking = ["gpt-3", "gpt-4", "chatgpt-4"].iter().any(|old| model.starts_with(old));
        Self {
            thinking: match kind {
                ProviderKind::Openai if before_thinking => &[Unsaid],
                ProviderKind::Openai | ProviderKind::Anthropic | ProviderKind::Openrouter | ProviderKind::Vercel => {
                    &[Off, Low, Unsaid]
                }
                ProviderKind::Litellm | ProviderKind::OpenaiCompatible => &[Unsaid, Off, Low],
            },
            new_limit: kind == ProviderKind::Openai,
            limit_settled: kind == ProviderKind::Anthropic,
            temperature: true,
            forced: true,
            single: !matches!(kind, ProviderKind::Litellm | ProviderKind::OpenaiCompatible),
        }
    }

    fn thinking(&self) -> Thinking {
        self.thinking.first().copied().unwrap_or(Thinking::Unsaid)
    }

    /// Leaves out or renames what `complaint` (a provider's words on a refused request) names. False where it names nothing that could
    /// be changed; so the changes come to an end.
    pub(super) fn adapt(&mut self, complaint: &str) -> bool {
        let complaint = complaint.to_ascii_lowercase();
        let names = |word: &str| complaint.contains(word);
        let limit = if self.new_limit { "max_completion_tokens" } else { "max_tokens" };
        if names(limit) && !self.limit_settled {
            (self.new_limit, self.limit_settled) = (!self.new_limit, true);
        } else if names("temperature") && self.temperature {
            self.temperature = false;
        } else if names("parallel_tool") && self.single {
            self.single = false;
        } else if names("tool_choice") && self.forced {
            self.forced = false;
        } else if (names("reasoning") || names("thinking")) && self.thinking.len() > 1 {
            self.thinking = &self.thinking[1..];
        } else {
            return false;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_below_the_base_with_or_without_a_slash() {
        for (base, url) in [
            ("https://openrouter.ai/api/v1", "https://openrouter.ai/api/v1/chat/completions"),
            ("http://localhost:4000/", "http://localhost:4000/chat/completions"),
            ("http://localhost:4000", "http://localhost:4000/chat/completions"),
            ("https://x.example/openai?api-version=1", "https://x.example/openai/chat/completions?api-version=1"),
        ] {
            let base = Url::parse(base).expect("URL");
            assert_eq!(address(&base, &["chat", "completions"]).as_str(), url);
        }
    }

    /// Complaints as the providers word them, and what is different afterwards.
    #[test]
    fn what_is_refused_by_name_is_left_out() {
        let mut openai = Dialect::first_guess(ProviderKind::Openai, "gpt-6-luna");
        assert!(openai.adapt("Unsupported value: 'temperature' does not support 0.2 with this model."));
        assert!(!openai.temperature);
        assert!(!openai.adapt("Unsupported value: 'temperature'"), "once");
        assert_eq!(openai.thinking(), Thinking::Off);
        assert!(openai.adapt("Unrecognized request argument supplied: reasoning_effort"));
        assert_eq!(openai.thinking(), Thinking::Low);

        let mut local = Dialect::first_guess(ProviderKind::OpenaiCompatible, "whatever");
        assert!(!local.new_limit);
        assert!(local.adapt(
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
        ));
        assert!(local.new_limit);
        assert!(!local.adapt("'max_tokens' … 'max_completion_tokens' instead"), "never back and forth");
        assert!(local.adapt(
            "Function tools with reasoning_effort are not supported. To use function tools, set reasoning_effort to 'none'."
        ));
        assert_eq!(local.thinking(), Thinking::Off);

        let mut anthropic = Dialect::first_guess(ProviderKind::Anthropic, "claude-fable-5-1");
        assert!(anthropic.adapt("`temperature` is deprecated for this model."));
        assert!(anthropic.adapt("\"thinking.type.disabled\" is not supported for this model."));
        assert_eq!(anthropic.thinking(), Thinking::Low);
        assert!(anthropic.adapt("Thinking may not be enabled when tool_choice forces tool use."));
        assert!(!anthropic.forced);
        assert!(!anthropic.adapt("max_tokens: must be at least 1"), "there is no other name for it");
        assert!(!anthropic.adapt("messages: at least one message is required"));
    }

    #[test]
    fn changes_come_to_an_end_whatever_is_complained_about() {
        for kind in ProviderKind::ALL {
            let mut dialect = Dialect::first_guess(*kind, "model");
            let all = "temperature tool_choice parallel_tool_calls reasoning thinking max_tokens max_completion_tokens instead";
            let changes = (0..100).take_while(|_| dialect.adapt(all)).count();
            assert!((4..=7).contains(&changes), "{kind}: {changes}");
        }
    }
}
