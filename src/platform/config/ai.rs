//! Which language models are asked, with which keys, and within which limits. Nothing set means that none is.

use std::{fmt, str::FromStr, time::Duration};

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use url::Url;

use super::Reader;

/// Who serves a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum ProviderKind {
    Openrouter,
    /// Vercel AI Gateway.
    Vercel,
    Openai,
    Anthropic,
    Litellm,
    /// Any other server that speaks OpenAI's chat completions.
    OpenaiCompatible,
}

impl ProviderKind {
    pub const ALL: &'static [Self] =
        &[Self::Openrouter, Self::Vercel, Self::Openai, Self::Anthropic, Self::Litellm, Self::OpenaiCompatible];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Openrouter => "openrouter",
            Self::Vercel => "vercel",
            Self::Openai => "openai",
            Self::Anthropic => "anthropic",
            Self::Litellm => "litellm",
            Self::OpenaiCompatible => "openai_compatible",
        }
    }

    /// The setting that holds the key.
    const fn key_setting(self) -> &'static str {
        match self {
            Self::Openrouter => "OPENROUTER_API_KEY",
            Self::Vercel => "VERCEL_AI_GATEWAY_API_KEY",
            Self::Openai | Self::OpenaiCompatible => "OPENAI_API_KEY",
            Self::Anthropic => "ANTHROPIC_API_KEY",
            Self::Litellm => "LITELLM_API_KEY",
        }
    }

    /// Servers of one's own may ask for no key; the public ones always do.
    pub const fn needs_key(self) -> bool {
        !matches!(self, Self::Litellm | Self::OpenaiCompatible)
    }

    /// Where the provider is reached when nothing else is said.
    fn public_url(self) -> Option<Url> {
        let text = match self {
            Self::Openrouter => "https://openrouter.ai/api/v1",
            Self::Vercel => "https://ai-gateway.vercel.sh/v1",
            Self::Openai => "https://api.openai.com/v1",
            Self::Anthropic => "https://api.anthropic.com/v1",
            Self::Litellm | Self::OpenaiCompatible => return None,
        };
        Some(Url::parse(text).expect("constant URL"))
    }

    /// Small, fast and cheap, as of November 2026. Servers of one's own have no common model.
    pub const fn default_model(self) -> Option<&'static str> {
        match self {
            Self::Openai => Some("gpt-6-luna"),
            Self::Openrouter | Self::Vercel => Some("openai/gpt-6-luna"),
            Self::Anthropic => Some("claude-haiku-5-5"),
            Self::Litellm | Self::OpenaiCompatible => None,
        }
    }
}

impl fmt::Display for ProviderKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The text names no provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not one of openrouter, vercel, openai, anthropic, litellm, openai_compatible")]
pub struct UnknownProvider;

impl FromStr for ProviderKind {
    type Err = UnknownProvider;

    /// Any letter case, and `-` for `_`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim().to_ascii_lowercase().replace('-', "_");
        Self::ALL.iter().copied().find(|kind| kind.as_str() == text).ok_or(UnknownProvider)
    }
}

/// What a model charges, in millionths of a US dollar per million tokens (so 100 000 is ten cents per million).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Prices {
    pub input: i64,
    pub output: i64,
}

/// A model by the provider that serves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelChoice {
    pub provider: ProviderKind,
    pub model: String,
}

/// How a provider is reached, and with what.
#[derive(Clone, Debug)]
pub struct Access {
    pub provider: ProviderKind,
    pub base_url: Url,
    pub key: Option<SecretString>,
}

/// The language models of the installation.
#[derive(Clone, Debug)]
pub struct AiConfig {
    /// Asked in this order: AI_PROVIDER with AI_MODEL, then AI_FALLBACKS. Empty: none is asked.
    pub chain: Vec<ModelChoice>,
    /// Every provider whose address is known, whether the installation has a key for it or not.
    pub access: Vec<Access>,
    /// Of the first model of the chain; the others have their own.
    pub prices: Option<Prices>,
    /// Most tokens of an answer.
    pub max_tokens: u32,
    /// None leaves it to the model: several refuse any other.
    pub temperature: Option<f32>,
    /// For one try, with its whole answer.
    pub timeout: Duration,
    /// Per organization and UTC day, in millionths of a US dollar. Zero asks no model.
    pub daily_budget_micros: i64,
    /// Most messages of a conversation that a model is shown.
    pub history_max: usize,
}

impl AiConfig {
    pub fn access(&self, provider: ProviderKind) -> Option<&Access> {
        self.access.iter().find(|access| access.provider == provider)
    }

    pub(super) fn read(r: &mut Reader<'_>) -> Self {
        let named = r.parsed("AI_PROVIDER", &UnknownProvider.to_string(), |t| t.parse().ok());
        let provider = if r.text("AI_PROVIDER").is_some() { named } else { only_one_set_up(r) };
        let access = read_access(r, provider);
        let mut chain = Vec::new();
        match provider {
            Some(provider) => chain.extend(first_choice(r, provider, &access)),
            None => say_what_is_idle(r),
        }
        chain.extend(fallbacks(r, &access));
        Self {
            chain,
            access,
            prices: prices(r),
            max_tokens: u32::try_from(r.number("AI_MAX_TOKENS", 16, 8_192, 500)).unwrap_or(500),
            temperature: r.parsed("AI_TEMPERATURE", "a number from 0 to 2", |t| {
                t.parse().ok().filter(|n| (0.0..=2.0).contains(n))
            }),
            timeout: Duration::from_secs(r.number("AI_TIMEOUT_SECONDS", 1, 20, 8)),
            daily_budget_micros: dollars(r, "AI_DAILY_BUDGET_USD", 100_000.0).unwrap_or(5_000_000),
            history_max: usize::try_from(r.number("CHAT_HISTORY_MAX", 0, 50, 10)).unwrap_or(10),
        }
    }
}

/// US dollars as millionths.
fn dollars(r: &mut Reader<'_>, name: &str, most: f64) -> Option<i64> {
    let expected = format!("an amount of US dollars from 0 to {most}");
    r.parsed(name, &expected, |t| {
        let amount: f64 = t.parse().ok().filter(|n| (0.0..=most).contains(n))?;
        #[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
        Some((amount * 1e6).round() as i64)
    })
}

fn prices(r: &mut Reader<'_>) -> Option<Prices> {
    let (input, output) = (dollars(r, "AI_PRICE_INPUT", 10_000.0), dollars(r, "AI_PRICE_OUTPUT", 10_000.0));
    let given = |r: &Reader<'_>, name| r.text(name).is_some();
    if given(r, "AI_PRICE_INPUT") != given(r, "AI_PRICE_OUTPUT") {
        r.problems.push("AI_PRICE_INPUT and AI_PRICE_OUTPUT belong together; only one is there".to_owned());
    }
    Some(Prices { input: input?, output: output? })
}

/// Keys travel in a header, which holds visible ASCII only.
fn key(r: &mut Reader<'_>, provider: ProviderKind) -> Option<SecretString> {
    let name = provider.key_setting();
    let text = r.text(name)?;
    if text.bytes().all(|b| b.is_ascii_graphic()) {
        return Some(SecretString::from(text));
    }
    let problem = format!("{name} holds characters that no key has");
    if !r.problems.contains(&problem) {
        r.problems.push(problem);
    }
    None
}

/// Addresses are shown to people and go into logs, so they may hold no password.
fn base_url(r: &mut Reader<'_>, name: &str) -> Option<Url> {
    let url = r.url(name)?;
    if url.username().is_empty() && url.password().is_none() {
        return Some(url);
    }
    r.problems.push(format!("{name} holds a user name or password; keys have settings of their own"));
    None
}

/// AI_BASE_URL is the address of the `first` provider and of no other.
fn read_access(r: &mut Reader<'_>, first: Option<ProviderKind>) -> Vec<Access> {
    let mut given = base_url(r, "AI_BASE_URL");
    let mut litellm = base_url(r, "LITELLM_BASEURL");
    ProviderKind::ALL
        .iter()
        .filter_map(|&provider| {
            let own = if provider == ProviderKind::Litellm { litellm.take() } else { provider.public_url() };
            let base_url = if first == Some(provider) { given.take().or(own) } else { own }?;
            Some(Access { provider, base_url, key: key(r, provider) })
        })
        .collect()
}

/// Without AI_PROVIDER the only provider that is set up is meant.
fn only_one_set_up(r: &mut Reader<'_>) -> Option<ProviderKind> {
    let set_up: Vec<ProviderKind> = ProviderKind::ALL
        .iter()
        .copied()
        .filter(|provider| match provider {
            ProviderKind::OpenaiCompatible => false,
            ProviderKind::Litellm => r.text("LITELLM_BASEURL").is_some(),
            other => r.text(other.key_setting()).is_some(),
        })
        .collect();
    if set_up.len() > 1 {
        let names: Vec<&str> = set_up.iter().map(|p| p.as_str()).collect();
        r.problems.push(format!("AI_PROVIDER is not set, but {} are set up: say which to ask first", names.join(", ")));
    }
    set_up.first().copied()
}

/// Settings that can only be meant for a provider, where there is none.
fn say_what_is_idle(r: &mut Reader<'_>) {
    // A wrong one has its own sentence.
    if r.text("AI_PROVIDER").is_some() {
        return;
    }
    for name in ["AI_MODEL", "AI_BASE_URL", "AI_FALLBACKS", "LITELLM_API_KEY"] {
        if r.text(name).is_some() {
            r.problems.push(format!("{name} is set, but no AI provider is: set AI_PROVIDER and its key"));
        }
    }
}

fn first_choice(r: &mut Reader<'_>, provider: ProviderKind, access: &[Access]) -> Option<ModelChoice> {
    let asked_for = format!("AI_PROVIDER={provider}");
    let usable = usable(r, &asked_for, provider, access);
    let model = match r.parsed("AI_MODEL", "the name of a model", |t| is_model(t).then(|| t.to_owned())) {
        Some(model) => Some(model),
        None if r.text("AI_MODEL").is_some() => None,
        None => {
            let model = provider.default_model();
            if model.is_none() {
                r.problems.push(format!("{asked_for} needs AI_MODEL: such a server has no common model"));
            }
            model.map(str::to_owned)
        }
    };
    Some(ModelChoice { provider, model: model.filter(|_| usable)? })
}

fn fallbacks(r: &mut Reader<'_>, access: &[Access]) -> Vec<ModelChoice> {
    let text = r.text("AI_FALLBACKS").unwrap_or_default();
    let mut choices = Vec::new();
    for entry in text.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
        let parsed = entry.split_once(':').and_then(|(provider, model)| {
            Some((provider.parse::<ProviderKind>().ok()?, Some(model.trim()).filter(|m| is_model(m))?))
        });
        match parsed {
            Some((provider, model)) if usable(r, &format!("AI_FALLBACKS {entry:?}"), provider, access) => {
                choices.push(ModelChoice { provider, model: model.to_owned() });
            }
            Some(_) => {}
            None => r.problems.push(format!("AI_FALLBACKS: {entry:?} is not of the form provider:model")),
        }
    }
    choices
}

/// Whether the provider has an address and, where it needs one, a key. Says so where not.
fn usable(r: &mut Reader<'_>, asked_for: &str, provider: ProviderKind, access: &[Access]) -> bool {
    let missing = match access.iter().find(|a| a.provider == provider) {
        None if provider == ProviderKind::Litellm => "LITELLM_BASEURL",
        None => "AI_BASE_URL (with AI_PROVIDER=openai_compatible)",
        Some(access) if access.key.is_none() && provider.needs_key() => provider.key_setting(),
        Some(_) => return true,
    };
    // A setting that is there but wrong has its own sentence.
    if r.text(missing).is_none() {
        r.problems.push(format!("{asked_for} needs {missing}"));
    }
    false
}

/// Names of models are short and hold no blanks or control characters.
pub fn is_model(name: &str) -> bool {
    (1..=200).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::super::{Config, ConfigProblems};
    use super::*;

    fn read(settings: &[(&str, &str)]) -> Result<AiConfig, ConfigProblems> {
        Config::read(&|name| settings.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned()))
            .map(|config| config.ai)
    }

    fn chain(settings: &[(&str, &str)]) -> Vec<String> {
        let ai = read(settings).unwrap_or_else(|e| panic!("{settings:?}: {e}"));
        ai.chain.iter().map(|choice| format!("{}:{}", choice.provider, choice.model)).collect()
    }

    #[test]
    fn nothing_set_asks_nobody() {
        let ai = read(&[]).expect("defaults");
        assert!(ai.chain.is_empty());
        assert_eq!((ai.max_tokens, ai.temperature, ai.timeout), (500, None, Duration::from_secs(8)));
        assert_eq!((ai.daily_budget_micros, ai.history_max, ai.prices), (5_000_000, 10, None));
        let config = Config::read(&|_| None).expect("defaults");
        assert_eq!(config.human_quiet, Duration::from_secs(7_200));
        assert!(config.encryption_key.is_none());
    }

    #[test]
    fn one_key_is_enough() {
        for (setting, expected) in [
            ("OPENROUTER_API_KEY", "openrouter:openai/gpt-6-luna"),
            ("VERCEL_AI_GATEWAY_API_KEY", "vercel:openai/gpt-6-luna"),
            ("OPENAI_API_KEY", "openai:gpt-6-luna"),
            ("ANTHROPIC_API_KEY", "anthropic:claude-haiku-5-5"),
        ] {
            assert_eq!(chain(&[(setting, "sk-1")]), [expected]);
        }
        assert_eq!(chain(&[("LITELLM_BASEURL", "http://l:4000"), ("AI_MODEL", "m")]), ["litellm:m"]);
        let renamed = [("OPENAI_API_KEY", "sk-1"), ("AI_BASE_URL", "https://proxy.example/v1")];
        let ai = read(&renamed).expect("valid");
        assert_eq!(ai.access(ProviderKind::Openai).expect("known").base_url.as_str(), "https://proxy.example/v1");
    }

    #[test]
    fn a_chain_is_the_first_choice_and_its_fallbacks() {
        let settings = [
            ("AI_PROVIDER", "OpenAI-Compatible"),
            ("AI_MODEL", "qwen3:8b"),
            ("AI_BASE_URL", "http://127.0.0.1:11434/v1"),
            ("OPENROUTER_API_KEY", "sk-or"),
            ("ANTHROPIC_API_KEY", "sk-ant"),
            ("AI_FALLBACKS", " openrouter:meta/llama:free, anthropic:claude-haiku-5-5 ,"),
            ("AI_PRICE_INPUT", "0.1"),
            ("AI_PRICE_OUTPUT", "0.5"),
        ];
        let expected = ["openai_compatible:qwen3:8b", "openrouter:meta/llama:free", "anthropic:claude-haiku-5-5"];
        assert_eq!(chain(&settings), expected);
        let ai = read(&settings).expect("valid");
        assert_eq!(ai.prices, Some(Prices { input: 100_000, output: 500_000 }));
        let anthropic = ai.access(ProviderKind::Anthropic).expect("known");
        assert_eq!(anthropic.base_url.as_str(), "https://api.anthropic.com/v1", "AI_BASE_URL is the first one's");
        assert_eq!(anthropic.key.as_ref().expect("key").expose_secret(), "sk-ant");
        assert!(ai.access(ProviderKind::Litellm).is_none());
    }

    #[test]
    fn every_mistake_has_a_sentence_that_names_the_setting() {
        for (settings, names) in [
            (&[("AI_PROVIDER", "skynet")][..], &["AI_PROVIDER", "openrouter"][..]),
            (&[("AI_PROVIDER", "openai")], &["OPENAI_API_KEY"]),
            (&[("AI_PROVIDER", "litellm"), ("AI_MODEL", "m")], &["LITELLM_BASEURL"]),
            (&[("AI_PROVIDER", "openai_compatible"), ("AI_MODEL", "m")], &["AI_BASE_URL"]),
            (&[("LITELLM_BASEURL", "http://l:4000")], &["AI_MODEL"]),
            (&[("OPENAI_API_KEY", "a"), ("ANTHROPIC_API_KEY", "b")], &["AI_PROVIDER", "openai, anthropic"]),
            (&[("AI_MODEL", "gpt-6-luna")], &["AI_MODEL"]),
            (&[("AI_FALLBACKS", "anthropic:claude")], &["AI_FALLBACKS is set", "ANTHROPIC_API_KEY"]),
            (&[("OPENAI_API_KEY", "a"), ("AI_FALLBACKS", "claude")], &["provider:model"]),
            (&[("OPENAI_API_KEY", "a"), ("AI_FALLBACKS", "anthropic:x")], &["ANTHROPIC_API_KEY"]),
            (&[("OPENAI_API_KEY", "a"), ("AI_MODEL", "gpt 6")], &["AI_MODEL"]),
            (&[("OPENAI_API_KEY", "sk secret\n")], &["OPENAI_API_KEY"]),
            (&[("OPENAI_API_KEY", "a"), ("AI_BASE_URL", "ftp://x")], &["AI_BASE_URL"]),
            (&[("OPENAI_API_KEY", "a"), ("AI_BASE_URL", "https://u:hunter2@x.example")], &["AI_BASE_URL"]),
            (&[("AI_MAX_TOKENS", "9")], &["AI_MAX_TOKENS"]),
            (&[("AI_TEMPERATURE", "NaN")], &["AI_TEMPERATURE"]),
            (&[("AI_TIMEOUT_SECONDS", "0")], &["AI_TIMEOUT_SECONDS"]),
            (&[("AI_DAILY_BUDGET_USD", "-1")], &["AI_DAILY_BUDGET_USD"]),
            (&[("AI_PRICE_INPUT", "1")], &["AI_PRICE_OUTPUT"]),
            (&[("CHAT_HISTORY_MAX", "51")], &["CHAT_HISTORY_MAX"]),
            (&[("HUMAN_QUIET_MINUTES", "4")], &["HUMAN_QUIET_MINUTES"]),
            (&[("ENCRYPTION_KEY", "hunter2")], &["ENCRYPTION_KEY"]),
        ] {
            let problems = read(settings).map(|_| ()).expect_err(&format!("{settings:?}"));
            let text = problems.to_string();
            for name in names {
                assert!(text.contains(name), "{settings:?}: {text}");
            }
            assert!(!text.contains("hunter2") && !text.contains("sk secret"), "{text}");
            assert!(problems.0.len() <= 2, "{settings:?}: {text}");
        }
    }

    #[test]
    fn keys_do_not_print() {
        let ai = read(&[("OPENAI_API_KEY", "sk-swordfish")]).expect("valid");
        assert!(!format!("{ai:?}").contains("swordfish"));
    }

    #[test]
    fn providers_are_named_the_same_everywhere() {
        for kind in ProviderKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(*kind));
            assert_eq!(serde_json::to_value(kind).expect("text"), kind.as_str());
        }
        assert_eq!("".parse::<ProviderKind>(), Err(UnknownProvider));
    }
}
