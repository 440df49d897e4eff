//! Senders, conversations and messages: texts in by webhook or simulator, texts out through channels, and what became of them.

mod api;
mod batches;
mod channels;
mod credentials;
mod delivery;
mod faults;
mod health;
mod in_flight;
mod jobs;
mod lessons;
mod media;
mod model;
mod outcomes;
mod preview;
mod prices;
mod rates;
mod reconcile;
mod reports;
pub mod routing;
mod rules;
mod segments;
mod service;
mod signature;
mod store;
mod takeover;
mod time_machine;
mod webhooks;
mod whatsapp;
mod withdrawal;

pub use api::router;
pub use batches::{
    Batch, BatchCount, BatchSender, Draft, Fate, Handover, LandBatch, Landed, Reader, batch_counts, batch_segments,
    batch_sender, cancel_batch, hold_batch, land_batch, readers, try_batch, write_batch,
};
pub use channels::{Channels, SimulatorChannel, twilio::TwilioChannel};
pub use faults::{PlayReport, play_report};
pub use health::{first_sender, pause_sender, sender_for, senders_for};
pub use jobs::{
    EnsureSimulatorSender, PollDelivery, SendMessage, WithdrawTexts, ensure_simulator_sender, poll_delivery,
    send_message, send_message_died, withdraw_texts,
};
pub use media::{MOST as MOST_MEDIA, MediaItem, MediaView, checked_url as checked_media_url};
pub use model::{
    Author, ChannelKind, Conversation, Direction, Message, MessageStatus, Mode, TemplateApproval, TemplateCategory,
    WaitingReason, WhatsappTemplate,
};
pub use outcomes::meaning as error_meaning;
pub use preview::{Reckoner, TextPreview};
pub use prices::Cost;
pub use rates::{ACCOUNT_PER_SECOND, Rates, Several};
pub use reconcile::{ReconcileProvider, enqueue_due_reconciliations, looks_every, reconcile_provider};
pub use segments::parts as segments;
pub use service::{
    InboundText, LockedThread, ThreadUpdate, UnhandledText, ensure_sender, heard, history, lock_thread, queue_reply,
    save_thread, whatsapp_template,
};
pub use store::personal::{
    CONSENT_TEXTS, ErasedThreads, PERSONAL, erase, sweep_messages, sweep_receipts, sweep_reports,
};
pub use takeover::{Attention, attention};
pub use webhooks::router as webhook_router;
pub use whatsapp::{
    Content, FillFault, Handing, When, Window, fill as fill_content, handing, variables as content_variables, window,
};
