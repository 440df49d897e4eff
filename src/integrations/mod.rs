//! Out-going webhooks: an organization's own systems are told what happens, signed as standardwebhooks.com lays down, with retries over
//! hours. Payloads hold what the event is about, the text of a message that came in included: it is the organization's own data on its
//! way to the organization's own system.

mod api;
mod delivery;
mod jobs;
mod model;
mod rules;
mod service;
mod store;

pub use api::router;
pub use delivery::Deliverer;
pub use jobs::{DeliverWebhook, PublishEvent, deliver_webhook, publish_event};
pub use model::EventType;
pub use store::personal::erase;
