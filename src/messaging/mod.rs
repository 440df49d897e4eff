//! Senders, conversations and messages: texts in by webhook or simulator, texts out through channels, and what became of them.

mod api;
mod channels;
mod delivery;
mod faults;
mod jobs;
mod model;
mod rules;
mod service;
mod signature;
mod store;
mod takeover;
mod time_machine;
mod webhooks;

pub use api::router;
pub use channels::{Channels, SimulatorChannel, twilio::TwilioChannel};
pub use faults::{PlayReport, play_report};
pub use jobs::{
    EnsureSimulatorSender, PollDelivery, SendMessage, ensure_simulator_sender, poll_delivery, send_message,
};
pub use model::{Author, ChannelKind, Conversation, Direction, Message, MessageStatus, Mode, WaitingReason};
pub use rules::segments;
pub use service::{
    InboundText, LockedThread, ThreadUpdate, UnhandledText, ensure_sender, history, lock_thread, queue_reply,
    save_thread,
};
pub use store::personal::{ErasedThreads, PERSONAL, erase, sweep_messages, sweep_receipts, sweep_reports};
pub use takeover::{Attention, attention};
pub use webhooks::router as webhook_router;
