//! The one table from kind of job to its handler.

use crate::{
    assistant::{
        AnswerConversation, AnswerTeamMessage, AnswerWithModel, Models, TellOfReport, answer_conversation,
        answer_team_message, answer_with_model, tell_of_report,
    },
    booking::{ExpireHold, KeepSlotsAhead, expire_hold, keep_slots_ahead},
    compliance::{CloseOverdueReview, HeedErasedOptOut, close_overdue_review, heed_erased_opt_out},
    integrations::{DeliverWebhook, Deliverer, PublishEvent, deliver_webhook, publish_event},
    messaging::{
        Channels, EnsureSimulatorSender, PlayReport, PollDelivery, ReconcileProvider, SendMessage, WithdrawTexts,
        ensure_simulator_sender, play_report, poll_delivery, reconcile_provider, send_message, send_message_died,
        withdraw_texts,
    },
    platform::{http::Core, jobs::Registry},
    privacy::{SweepOldRows, sweep_old_rows},
};

/// A handler that owns what it needs and hands it on with each job.
macro_rules! with {
    ($handle:path; $($needs:ident),+) => {{
        $(let $needs = $needs.clone();)+
        move |job, args| $handle($($needs.clone(),)+ job, args)
    }};
}

/// Handlers of every kind of job.
pub fn registry(core: &Core, channels: &Channels, models: &Models) -> Registry {
    let (db, deliverer) = (&core.db, Deliverer::new(core.config.webhooks_allow_private));
    Registry::default()
        .on::<AnswerConversation, _, _>(with!(answer_conversation; core, models))
        .on::<AnswerWithModel, _, _>(with!(answer_with_model; core, models))
        .on::<SendMessage, _, _>(with!(send_message; core, channels))
        .on_death::<SendMessage, _, _>(with!(send_message_died; core))
        .on::<ReconcileProvider, _, _>(with!(reconcile_provider; core, channels))
        .on::<PlayReport, _, _>(with!(play_report; db))
        .on::<PollDelivery, _, _>(with!(poll_delivery; core, channels))
        .on::<CloseOverdueReview, _, _>(with!(close_overdue_review; db))
        .on::<HeedErasedOptOut, _, _>(with!(heed_erased_opt_out; db))
        .on::<SweepOldRows, _, _>(with!(sweep_old_rows; db))
        .on::<WithdrawTexts, _, _>(with!(withdraw_texts; db))
        .on::<EnsureSimulatorSender, _, _>(with!(ensure_simulator_sender; db))
        .on::<ExpireHold, _, _>(with!(expire_hold; db))
        .on::<KeepSlotsAhead, _, _>(with!(keep_slots_ahead; db))
        .on::<AnswerTeamMessage, _, _>(with!(answer_team_message; db))
        .on::<TellOfReport, _, _>(with!(tell_of_report; db))
        .on::<PublishEvent, _, _>(with!(publish_event; core))
        .on::<DeliverWebhook, _, _>(with!(deliver_webhook; core, deliverer))
}
