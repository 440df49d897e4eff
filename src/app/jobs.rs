//! The one table from kind of job to its handler.

use crate::{
    assistant::{AnswerConversation, answer_conversation},
    messaging::{Channels, PollDelivery, SendMessage, poll_delivery, send_message},
    platform::{http::Core, jobs::Registry},
};

/// Handlers of every kind of job.
pub fn registry(core: &Core, channels: &Channels) -> Registry {
    let (c1, c2, c3) = (core.clone(), core.clone(), core.clone());
    let (ch2, ch3) = (channels.clone(), channels.clone());
    Registry::default()
        .on::<AnswerConversation, _, _>(move |job, args| answer_conversation(c1.clone(), job, args))
        .on::<SendMessage, _, _>(move |job, args| send_message(c2.clone(), ch2.clone(), job, args))
        .on::<PollDelivery, _, _>(move |job, args| poll_delivery(c3.db.clone(), ch3.clone(), job, args))
}
