//! The ways texts travel. A channel hands one text over, finds out what became of one, and says what went wrong in a closed set of
//! outcomes; what follows from an outcome is `delivery.rs`' business.

mod simulator;
pub mod twilio;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use url::Url;

pub use simulator::SimulatorChannel;

use super::model::{ChannelKind, MessageStatus};
use crate::{
    compliance::SendPermit,
    platform::ids::{MessageId, OrganizationId},
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
    pub body: String,
    /// Where the provider reports progress.
    pub status_callback: Option<Url>,
}

/// The provider took the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    pub provider_sid: String,
    pub status: MessageStatus,
    pub error_code: Option<String>,
}

/// Why a text was not taken, by what may be done about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendError {
    /// Certainly not taken: try again later.
    NotTaken { reason: String, retry_after: Option<Duration> },
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

    /// Texts like this one that the provider took for the permitted number since `since`, oldest first. An error means that it
    /// could not be found out.
    async fn find(&self, to: &SendPermit, text: &Outgoing, since: DateTime<Utc>) -> Result<Vec<Accepted>, SendError>;

    /// How far a text has come, for channels that do not report by themselves. `age` is the time since it was taken.
    async fn status(&self, provider_sid: &str, age: Duration) -> Result<Accepted, SendError>;

    /// When to ask for a text's status, on a channel that does not report by itself.
    fn poll_after(&self) -> Option<Duration> {
        None
    }
}

/// The channels of this installation.
#[derive(Clone)]
pub struct Channels {
    pub twilio: Option<Arc<dyn Channel>>,
    pub simulator: Arc<dyn Channel>,
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
