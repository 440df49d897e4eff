//! The ways texts travel. A channel hands one text over, finds out what became of one, and says what went wrong in a closed set of
//! outcomes; what follows from an outcome is `delivery.rs`' business.

pub(super) mod media;
mod simulator;
pub mod twilio;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use url::Url;

pub use simulator::SimulatorChannel;

use super::{
    media::MediaItem,
    model::{ChannelKind, MessageStatus},
    outcomes::ErrorClass,
    rates::Rates,
};
use crate::{
    compliance::SendPermit,
    platform::{
        config::TwilioConfig,
        ids::{MessageId, OrganizationId},
        phone::PhoneNumber,
    },
};

/// A text ready to go, without its recipient: that comes with the permit.
#[derive(Clone, Debug)]
pub struct Outgoing {
    pub organization_id: OrganizationId,
    pub message_id: MessageId,
    pub channel: ChannelKind,
    /// The sender's address, E.164.
    pub from: String,
    pub messaging_service_sid: Option<String>,
    /// Empty where only media go, and unsaid where a template does: then it is what the contact reads.
    pub body: String,
    /// Addresses that the provider fetches files from.
    pub media: Vec<String>,
    /// The WhatsApp template that goes in the place of the body.
    pub content: Option<OutgoingContent>,
    /// Where the provider reports progress.
    pub status_callback: Option<Url>,
}

/// A template by the provider's id, filled in.
#[derive(Clone, Debug)]
pub struct OutgoingContent {
    pub sid: String,
    pub variables: BTreeMap<String, String>,
}

impl Outgoing {
    /// What is said, in the fields of Twilio's form. A template comes without a Body: with one it is refused (since 1 April 2025).
    pub(super) fn said(&self) -> Vec<(&'static str, String)> {
        if let Some(content) = &self.content {
            let mut said = vec![("ContentSid", content.sid.clone())];
            if !content.variables.is_empty() {
                said.push(("ContentVariables", serde_json::json!(content.variables).to_string()));
            }
            return said;
        }
        let body = Some(&self.body).filter(|body| !body.is_empty() || self.media.is_empty());
        let body = body.map(|body| ("Body", body.clone()));
        body.into_iter().chain(self.media.iter().map(|url| ("MediaUrl", url.clone()))).collect()
    }
}

/// The provider took the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    pub provider_sid: String,
    pub status: MessageStatus,
    pub error_code: Option<String>,
    /// What it costs, as far as the provider knows by now.
    pub charge: Option<Charge>,
}

/// A price as the provider writes it: "-0.00790" and "USD".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    pub price: String,
    pub unit: String,
}

/// A text that the provider lists, and that may be the one looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub accepted: Accepted,
    /// It has its words. A template is listed as the provider filled it in, a file perhaps without any.
    pub same_words: bool,
}

/// Several texts that are none of ours fit: which is it?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ambiguous;

/// The text that was looked for, among those found that are `taken` by no other of ours.
pub(super) fn pick(found: Vec<Found>, taken: &[String]) -> Result<Option<Accepted>, Ambiguous> {
    let free = found.into_iter().filter(|f| !taken.contains(&f.accepted.provider_sid));
    let (same, other): (Vec<_>, Vec<_>) = free.partition(|f| f.same_words);
    match (same.into_iter().next(), other.as_slice()) {
        (Some(first), _) => Ok(Some(first.accepted)),
        (None, []) => Ok(None),
        (None, [only]) => Ok(Some(only.accepted.clone())),
        (None, _) => Err(Ambiguous),
    }
}

/// A provider's account other than the installation's.
#[derive(Clone, Debug)]
pub struct Account {
    pub account_sid: String,
    /// The one in use first, then the other while they are exchanged.
    pub auth_tokens: Vec<SecretString>,
    /// Id and secret of what requests are made with in place of a token.
    pub api_key: Option<(String, SecretString)>,
}

/// The installation's own.
impl From<&TwilioConfig> for Account {
    fn from(config: &TwilioConfig) -> Self {
        let tokens = std::iter::once(&config.auth_token).chain(&config.auth_token_secondary).cloned();
        Self { account_sid: config.account_sid.clone(), auth_tokens: tokens.collect(), api_key: config.api_key.clone() }
    }
}

/// A text that the provider took for one of our addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    pub provider_sid: String,
    pub from: String,
    pub body: String,
    /// How many pictures and the like it has.
    pub media: u32,
    pub at: DateTime<Utc>,
    /// The provider's entry, as it came.
    pub raw: serde_json::Value,
}

/// Why a text was not taken, by what may be done about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendError {
    /// Certainly not taken: try again later. `retry_after`: it was refused for haste; zero where the provider names no time.
    NotTaken { reason: String, retry_after: Option<Duration> },
    /// Certainly not taken, for a reason that others than this text share: it waits so long, and may then be tried again.
    PutOff { class: ErrorClass, code: String, message: String, after: Duration },
    /// Refused for good.
    Refused { code: String, message: String },
    /// The request was written but no clear answer came: look before trying again.
    Unknown { reason: String },
}

/// One provider.
#[async_trait]
pub trait Channel: Send + Sync {
    /// Hands the text to the provider. Only a permit names the recipient.
    async fn send(&self, permit: &SendPermit, text: &Outgoing) -> Result<Accepted, SendError>;

    /// Texts that the provider took for the number since `since` and that may be this one, oldest first. An error means that it could not
    /// be found out. Looking asks for no permit.
    async fn find(&self, to: &PhoneNumber, text: &Outgoing, since: DateTime<Utc>) -> Result<Vec<Found>, SendError>;

    /// How far a text has come, for channels that do not report by themselves. `age` is the time since it was taken.
    async fn status(&self, provider_sid: &str, age: Duration) -> Result<Accepted, SendError>;

    /// When to ask for a text's status, on a channel that does not report by itself.
    fn poll_after(&self) -> Option<Duration> {
        None
    }

    /// When to ask again where the channel was given no address to report to; `age` is the time since the text was taken.
    fn poll_unreported(&self, _age: Duration) -> Option<Duration> {
        self.poll_after()
    }

    /// How long to wait before each look-up of a text of unknown outcome; providers list a text a moment after taking it.
    fn lookup_waits(&self) -> [Duration; 3] {
        [Duration::from_secs(2), Duration::from_secs(5), Duration::from_secs(15)]
    }

    /// The same provider, through another account of it. None where it has no accounts.
    fn through(&self, _account: &Account) -> Option<Arc<dyn Channel>> {
        None
    }

    /// Texts that came for `address` since then, oldest first; where their media lie is asked apart.
    async fn received(
        &self,
        _kind: ChannelKind,
        _address: &str,
        _since: DateTime<Utc>,
    ) -> Result<Vec<Received>, SendError> {
        Ok(Vec::new())
    }

    /// The media of a received text.
    async fn media_of(&self, _provider_sid: &str) -> Result<Vec<MediaItem>, SendError> {
        Ok(Vec::new())
    }
}

/// The channels of this installation.
#[derive(Clone)]
pub struct Channels {
    pub twilio: Option<Arc<dyn Channel>>,
    pub simulator: Arc<dyn Channel>,
    /// How fast they may be used.
    pub rates: Rates,
}

impl Channels {
    /// The provider for a kind of channel; None when it is not configured.
    pub fn of(&self, kind: ChannelKind) -> Option<&Arc<dyn Channel>> {
        match kind {
            ChannelKind::Sms | ChannelKind::Whatsapp => self.twilio.as_ref(),
            ChannelKind::Simulator | ChannelKind::Web => Some(&self.simulator),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_that_fit_none_is_guessed() {
        let found = |sid: &str, same_words: bool| Found {
            accepted: Accepted {
                provider_sid: sid.to_owned(),
                status: MessageStatus::Sent,
                error_code: None,
                charge: None,
            },
            same_words,
        };
        let picked = |found: Vec<Found>, taken: &[&str]| {
            let taken: Vec<String> = taken.iter().map(|sid| (*sid).to_owned()).collect();
            pick(found, &taken).map(|a| a.map(|a| a.provider_sid))
        };
        let sid = |sid: &str| Ok(Some(sid.to_owned()));
        assert_eq!(picked(vec![], &[]), Ok(None));
        assert_eq!(picked(vec![found("a", true), found("b", true)], &["a"]), sid("b"));
        assert_eq!(picked(vec![found("a", false), found("b", true)], &[]), sid("b"), "the words decide");
        assert_eq!(picked(vec![found("a", false), found("b", false)], &["a"]), sid("b"), "the only one left");
        assert_eq!(picked(vec![found("a", false), found("b", false)], &[]), Err(Ambiguous));
        assert_eq!(picked(vec![found("a", false)], &["a"]), Ok(None));
    }
}
