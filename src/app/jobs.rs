//! The one table from kind of job to its handler.

use crate::{
    assistant::{AnswerConversation, AnswerWithModel, Models, answer_conversation, answer_with_model},
    booking::{ExpireHold, KeepSlotsAhead, expire_hold, keep_slots_ahead},
    compliance::{CloseOverdueReview, close_overdue_review},
    messaging::{
        Channels, EnsureSimulatorSender, PollDelivery, SendMessage, ensure_simulator_sender, poll_delivery,
        send_message,
    },
    platform::{http::Core, jobs::Registry},
};

/// Handlers of every kind of job.
pub fn registry(core: &Core, channels: &Channels, models: &Models) -> Registry {
    let (c1, c2, c3, c4, c5, c6) = (core.clone(), core.clone(), core.clone(), core.clone(), core.clone(), core.clone());
    let (c7, c8) = (core.clone(), core.clone());
    let (ch3, ch4) = (channels.clone(), channels.clone());
    let (m1, m2) = (models.clone(), models.clone());
    Registry::default()
        .on::<AnswerConversation, _, _>(move |job, args| answer_conversation(c1.clone(), m1.clone(), job, args))
        .on::<AnswerWithModel, _, _>(move |job, args| answer_with_model(c2.clone(), m2.clone(), job, args))
        .on::<SendMessage, _, _>(move |job, args| send_message(c3.clone(), ch3.clone(), job, args))
        .on::<PollDelivery, _, _>(move |job, args| poll_delivery(c4.db.clone(), ch4.clone(), job, args))
        .on::<CloseOverdueReview, _, _>(move |job, args| close_overdue_review(c5.db.clone(), job, args))
        .on::<EnsureSimulatorSender, _, _>(move |job, args| ensure_simulator_sender(c6.db.clone(), job, args))
        .on::<ExpireHold, _, _>(move |job, args| expire_hold(c7.db.clone(), job, args))
        .on::<KeepSlotsAhead, _, _>(move |job, args| keep_slots_ahead(c8.db.clone(), job, args))
}
