//! A channel inside this process: takes every text and plays its delivery, so that everything can be tried without a provider.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{Accepted, Channel, Outgoing, SendError};
use crate::{compliance::SendPermit, messaging::model::MessageStatus, platform::phone::PhoneNumber};

const SENT_AFTER: Duration = Duration::from_millis(300);
const DELIVERED_AFTER: Duration = Duration::from_millis(900);

/// Stateless: a text's id follows from the message's, its status from its age.
#[derive(Clone, Copy, Debug, Default)]
pub struct SimulatorChannel;

#[async_trait]
impl Channel for SimulatorChannel {
    async fn send(&self, permit: &SendPermit, _: &Outgoing) -> Result<Accepted, SendError> {
        Ok(Accepted {
            provider_sid: format!("SIM{}", permit.message_id().0.simple()),
            status: MessageStatus::Sending,
            error_code: None,
        })
    }

    /// Handing over has no effect outside the database, so a text of unknown outcome may simply be handed over again.
    async fn find(&self, _: &PhoneNumber, _: &Outgoing, _: DateTime<Utc>) -> Result<Vec<Accepted>, SendError> {
        Ok(Vec::new())
    }

    async fn status(&self, provider_sid: &str, age: Duration) -> Result<Accepted, SendError> {
        let status = match age {
            age if age >= DELIVERED_AFTER => MessageStatus::Delivered,
            age if age >= SENT_AFTER => MessageStatus::Sent,
            _ => MessageStatus::Sending,
        };
        Ok(Accepted { provider_sid: provider_sid.to_owned(), status, error_code: None })
    }

    fn poll_after(&self) -> Option<Duration> {
        Some(SENT_AFTER)
    }
}
