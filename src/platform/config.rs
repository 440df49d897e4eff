//! Configuration from the environment and `.env`, read once at the start. Every problem is reported, not only the first.

mod ai;
mod conduct;
mod jwt;
mod quiet_hours;
mod twilio_account;

use std::{path::PathBuf, time::Duration};

use chrono_tz::Tz;
use secrecy::SecretString;
use url::Url;

pub use ai::{Access, AiConfig, ModelChoice, Prices, ProviderKind, is_model};
pub use conduct::ConductConfig;
pub use jwt::{JwtConfig, JwtKeys, JwtMatch};
pub use quiet_hours::QuietHours;
pub use twilio_account::{TWILIO_API, TwilioConfig};

use super::{crypto::Vault, phone::PhoneNumber};

/// Everything that can be set from outside. Secrets are wrapped so that `Debug` does not print them.
#[derive(Clone, Debug)]
pub struct Config {
    pub host: std::net::IpAddr,
    /// 0 lets the system choose; the address is logged.
    pub port: u16,
    /// How the world reaches this installation, used for webhook signatures and callbacks.
    pub public_url: Option<Url>,
    /// Where the private Postgres and Redis live when no address is given for them.
    pub data_dir: PathBuf,
    pub database_url: Option<SecretString>,
    pub database_connections: u32,
    pub redis_url: Option<SecretString>,
    pub auto_migrate: bool,
    pub business_name: String,
    pub support_phone_number: Option<PhoneNumber>,
    pub default_timezone: Tz,
    /// Country (ISO 3166) of numbers typed without a country code.
    pub default_region: String,
    pub twilio: Option<TwilioConfig>,
    pub admin: AdminConfig,
    /// An outside issuer whose tokens staff may come with.
    pub jwt: Option<JwtConfig>,
    /// Whether anybody may make an organization of their own; whoever is invited may always join.
    pub allow_registration: bool,
    /// The language models; an empty chain leaves understanding to the built-in one.
    pub ai: AiConfig,
    /// How long staff must have been silent in a conversation before the assistant answers in it again.
    pub human_quiet: Duration,
    /// When the operator wants no marketing to go out; none leaves it to the rules that ship.
    pub quiet_hours: Option<QuietHours>,
    /// Whether out-going webhooks may go to private addresses and over plain http: for development, and for installations whose tenants
    /// are all trusted with the network the program stands in.
    pub webhooks_allow_private: bool,
    /// Seals what organizations entrust to the database, such as their own provider keys.
    pub encryption_key: Option<SecretString>,
    /// What earlier keys sealed still opens, until `frontdesk rotate-keys` has sealed everything with the current one.
    pub encryption_keys_previous: Vec<SecretString>,
    pub log_level: String,
    /// How long an incomplete text ("hi") waits for the rest of what the person is typing. Zero answers each text at once.
    pub reply_settle: Duration,
    /// Segments that the Twilio account, all its subaccounts and every process of this installation together may hand over in a second; 0:
    /// nothing is held back here, of no sender either.
    pub max_sends_per_second: u32,
    /// How often somebody may ask the API, and whose pages may.
    pub conduct: ConductConfig,
}

#[derive(Clone, Debug)]
pub struct AdminConfig {
    pub username: String,
    pub password: Option<SecretString>,
    pub api_key: Option<SecretString>,
    /// Keys the stored hashes of session tokens (which are 256 random bits): changing it signs everybody out.
    pub session_secret: SecretString,
}

/// All that is wrong with the configuration, one sentence each.
#[derive(Debug, thiserror::Error)]
#[error("the configuration has {} problem(s):\n  - {}", .0.len(), .0.join("\n  - "))]
pub struct ConfigProblems(pub Vec<String>);

/// Looks settings up, parses them and gathers what is wrong.
struct Reader<'a> {
    get: &'a dyn Fn(&str) -> Option<String>,
    problems: Vec<String>,
}

impl Reader<'_> {
    /// A setting that is unset or blank counts as absent.
    fn text(&self, name: &str) -> Option<String> {
        (self.get)(name).map(|v| v.trim().to_owned()).filter(|v| !v.is_empty())
    }

    fn secret(&self, name: &str) -> Option<SecretString> {
        self.text(name).map(SecretString::from)
    }

    fn parsed<T>(&mut self, name: &str, expected: &str, parse: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let text = self.text(name)?;
        let value = parse(&text);
        if value.is_none() {
            self.problems.push(format!("{name}={text:?} is not {expected}"));
        }
        value
    }

    /// A whole number from `least` to `most`; `default` where unset.
    fn number(&mut self, name: &str, least: u64, most: u64, default: u64) -> u64 {
        let expected = format!("a whole number from {least} to {most}");
        self.parsed(name, &expected, |t| t.parse().ok().filter(|n| (least..=most).contains(n))).unwrap_or(default)
    }

    fn url(&mut self, name: &str) -> Option<Url> {
        self.parsed(name, "a URL that begins with http:// or https://", |t| {
            Url::parse(t).ok().filter(|u| matches!(u.scheme(), "http" | "https") && u.has_host())
        })
    }

    fn phone(&mut self, name: &str) -> Option<PhoneNumber> {
        self.parsed(name, "a phone number such as +14155550101", |t| {
            PhoneNumber::parse_e164(t.strip_prefix("whatsapp:").unwrap_or(t)).ok()
        })
    }

    /// At least 32 characters, which 32 bytes in base64 are too. Not repeated where too short.
    fn encryption_key(&mut self) -> Option<SecretString> {
        let key = self.text("ENCRYPTION_KEY")?;
        if key.chars().count() < 32 {
            self.problems.push(
                "ENCRYPTION_KEY is shorter than 32 characters (make one with `openssl rand -base64 32`)".to_owned(),
            );
            return None;
        }
        Some(SecretString::from(key))
    }

    fn encryption_keys_previous(&mut self) -> Vec<SecretString> {
        let Some(text) = self.text("ENCRYPTION_KEYS_PREVIOUS") else { return Vec::new() };
        if self.text("ENCRYPTION_KEY").is_none() {
            self.problems.push("ENCRYPTION_KEYS_PREVIOUS is set, but ENCRYPTION_KEY is not".to_owned());
        }
        let keys: Vec<&str> = text.split(',').map(str::trim).filter(|k| !k.is_empty()).collect();
        if keys.iter().any(|key| key.chars().count() < 32) {
            self.problems.push("ENCRYPTION_KEYS_PREVIOUS holds a key shorter than 32 characters".to_owned());
        }
        keys.into_iter().map(SecretString::from).collect()
    }

    /// Connection strings hold passwords: a wrong one is not repeated.
    fn connection(&mut self, name: &str, schemes: &[&str]) -> Option<SecretString> {
        let text = self.text(name)?;
        if Url::parse(&text).is_ok_and(|u| schemes.contains(&u.scheme())) {
            return Some(SecretString::from(text));
        }
        self.problems.push(format!("{name} is not a URL that begins with {}://", schemes.join(":// or ")));
        None
    }
}

impl Config {
    /// Where Twilio's API is.
    pub fn twilio_api(&self) -> &Url {
        self.twilio.as_ref().map_or(&*TWILIO_API, |twilio| &twilio.api_url)
    }

    /// Reads the process environment after `.env`; variables of the environment win.
    pub fn from_env() -> Result<Self, ConfigProblems> {
        if let Err(error) = dotenvy::dotenv()
            && !error.not_found()
        {
            return Err(ConfigProblems(vec![format!(".env cannot be read: {error}")]));
        }
        #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
        Self::read(&|name| std::env::var(name).ok())
    }

    /// The vault of the configured keys; none where ENCRYPTION_KEY is not set.
    pub fn vault(&self) -> Option<Vault> {
        self.encryption_key.as_ref().map(|key| Vault::with_previous(key, &self.encryption_keys_previous))
    }

    /// Reads settings through `get`.
    pub fn read(get: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigProblems> {
        let mut r = Reader { get, problems: Vec::new() };
        let config = Self {
            host: r.parsed("APP_HOST", "an IP address", |t| t.parse().ok()).unwrap_or([127, 0, 0, 1].into()),
            port: r.parsed("APP_PORT", "a port number (0 to 65535)", |t| t.parse().ok()).unwrap_or(8000),
            public_url: r.url("PUBLIC_URL"),
            data_dir: r.text("DATA_DIR").unwrap_or_else(|| ".data".to_owned()).into(),
            database_url: r.connection("DATABASE_URL", &["postgres", "postgresql"]),
            database_connections: r
                .parsed("DATABASE_CONNECTIONS", "a number from 4 to 500", |t| {
                    t.parse().ok().filter(|n| (4..=500).contains(n))
                })
                .unwrap_or(24),
            redis_url: r.connection("REDIS_URL", &["redis", "rediss", "unix", "redis+unix"]),
            auto_migrate: r.parsed("AUTO_MIGRATE", "true or false", |t| t.parse().ok()).unwrap_or(true),
            business_name: r.text("BUSINESS_NAME").unwrap_or_else(|| "Maple Street Studio".to_owned()),
            support_phone_number: r.phone("SUPPORT_PHONE_NUMBER"),
            default_timezone: r
                .parsed("DEFAULT_TIMEZONE", "an IANA time zone such as America/New_York", |t| t.parse().ok())
                .unwrap_or(Tz::America__New_York),
            default_region: r
                .parsed("DEFAULT_REGION", "a two-letter country such as US", |t| {
                    (t.len() == 2 && t.bytes().all(|b| b.is_ascii_uppercase())).then(|| t.to_owned())
                })
                .unwrap_or_else(|| "US".to_owned()),
            twilio: TwilioConfig::read(&mut r),
            admin: AdminConfig {
                username: r.text("ADMIN_USERNAME").unwrap_or_else(|| "admin".to_owned()),
                password: r.secret("ADMIN_PASSWORD"),
                api_key: r.secret("ADMIN_API_KEY"),
                session_secret: r.secret("ADMIN_SESSION_SECRET").unwrap_or_default(),
            },
            jwt: JwtConfig::read(&mut r),
            allow_registration: r.parsed("ALLOW_REGISTRATION", "true or false", |t| t.parse().ok()).unwrap_or(false),
            ai: AiConfig::read(&mut r),
            human_quiet: Duration::from_secs(60 * r.number("HUMAN_QUIET_MINUTES", 5, 10_080, 120)),
            quiet_hours: QuietHours::read(&mut r),
            webhooks_allow_private: r
                .parsed("WEBHOOKS_ALLOW_PRIVATE", "true or false", |t| t.parse().ok())
                .unwrap_or(false),
            encryption_key: r.encryption_key(),
            encryption_keys_previous: r.encryption_keys_previous(),
            log_level: r
                .parsed("LOG_LEVEL", "a log filter such as info or frontdesk=debug", |t| {
                    t.parse::<tracing_subscriber::EnvFilter>().ok().map(|_| t.to_owned())
                })
                .unwrap_or_else(|| "info".to_owned()),
            reply_settle: Duration::from_millis(
                r.parsed("REPLY_SETTLE_MS", "a number of milliseconds from 0 to 10000", |t| {
                    t.parse().ok().filter(|ms| *ms <= 10_000)
                })
                .unwrap_or(1_200),
            ),
            max_sends_per_second: u32::try_from(r.number("TWILIO_MAX_SENDS_PER_SECOND", 0, 100_000, 2_000))
                .unwrap_or(2_000),
            conduct: ConductConfig::read(&mut r),
        };
        if r.problems.is_empty() { Ok(config) } else { Err(ConfigProblems(r.problems)) }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn read(vars: &[(&str, &str)]) -> Result<Config, ConfigProblems> {
        let vars: HashMap<String, String> = vars.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Config::read(&|name| vars.get(name).cloned())
    }

    #[test]
    fn nothing_set_is_a_working_default() {
        let config = read(&[]).expect("defaults");
        assert_eq!(config.port, 8000);
        assert!(config.twilio.is_none() && config.database_url.is_none() && config.redis_url.is_none());
    }

    #[test]
    fn every_problem_is_listed_and_no_secret_repeated() {
        let error = read(&[
            ("APP_PORT", "eighty"),
            ("DEFAULT_TIMEZONE", "Mars/Phobos"),
            ("DATABASE_URL", "mysql://root:hunter2@db/x"),
            ("TWILIO_PHONE_NUMBER", "555"),
            ("TWILIO_ACCOUNT_SID", "AC0123456789abcdef0123456789abcdef"),
            ("PUBLIC_URL", "example.com"),
        ])
        .expect_err("six problems");
        let text = error.to_string();
        for name in
            ["APP_PORT", "DEFAULT_TIMEZONE", "DATABASE_URL", "TWILIO_PHONE_NUMBER", "TWILIO_AUTH_TOKEN", "PUBLIC_URL"]
        {
            assert!(text.contains(name), "{name} in {text}");
        }
        assert_eq!(error.0.len(), 6, "{text}");
        assert!(!text.contains("hunter2"));
    }

    #[test]
    fn previous_keys_need_a_current_one_and_length() {
        let long = "0123456789abcdef0123456789abcdef";
        let two = format!(" {long}, x{long},");
        let config = read(&[("ENCRYPTION_KEY", long), ("ENCRYPTION_KEYS_PREVIOUS", &two)]).expect("valid");
        assert_eq!(config.encryption_keys_previous.len(), 2);
        assert!(!format!("{config:?}").contains(long));
        let error = read(&[("ENCRYPTION_KEYS_PREVIOUS", "swordfish")]).expect_err("two problems");
        assert_eq!(error.0.len(), 2, "{error}");
        assert!(!error.to_string().contains("swordfish"));
    }

    #[test]
    fn half_of_twilio_is_named() {
        let error =
            read(&[("TWILIO_API_KEY_SID", "SK0123456789abcdef0123456789abcdef"), ("TWILIO_TIMEOUT_MS", "99999")])
                .expect_err("five problems");
        for name in [
            "TWILIO_ACCOUNT_SID",
            "TWILIO_AUTH_TOKEN ",
            "TWILIO_PHONE_NUMBER",
            "TWILIO_API_KEY_SECRET",
            "TWILIO_TIMEOUT_MS",
        ] {
            assert!(error.to_string().contains(name), "{name} in {error}");
        }
    }

    #[test]
    fn secrets_do_not_print() {
        let config =
            read(&[("ADMIN_PASSWORD", "swordfish"), ("DATABASE_URL", "postgres://u:tunafish@h/d")]).expect("valid");
        let printed = format!("{config:?}");
        assert!(!printed.contains("swordfish") && !printed.contains("tunafish"));
    }
}
