//! The one table from kind of job to its handler.

use crate::{
    assistant::{
        AnswerConversation, AnswerTeamMessage, AnswerWithModel, Models, TellOfReport, answer_conversation,
        answer_team_message, answer_with_model, tell_of_report,
    },
    booking::{ExpireHold, KeepSlotsAhead, expire_hold, keep_slots_ahead},
    campaigns::{
        ChooseWinner, EndCampaign, LaunchCampaign, NoteCampaignDeed, RunCampaignLane, choose_winner, end_campaign,
        launch_campaign, launch_campaign_died, note_campaign_deed, run_campaign_lane, run_campaign_lane_died,
    },
    compliance::{CloseOverdueReview, HeedErasedOptOut, close_overdue_review, consent_book, heed_erased_opt_out},
    contacts::{
        RunContactImport, SweepContactImport, UndoContactImport, run_contact_import, run_contact_import_died,
        sweep_contact_import, undo_contact_import,
    },
    integrations::{DeliverWebhook, Deliverer, PublishEvent, deliver_webhook, publish_event},
    messaging::{
        Channels, EnsureSimulatorSender, LandBatch, PlayReport, PollDelivery, ReconcileProvider, SendMessage,
        WithdrawTexts, ensure_simulator_sender, land_batch, play_report, poll_delivery, reconcile_provider,
        send_message, send_message_died, withdraw_texts,
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
    let book = consent_book();
    Registry::default()
        .on::<RunContactImport, _, _>(with!(run_contact_import; core, book))
        .on_death::<RunContactImport, _, _>(with!(run_contact_import_died; db))
        .on::<UndoContactImport, _, _>(with!(undo_contact_import; db, book))
        .on::<SweepContactImport, _, _>(with!(sweep_contact_import; db))
        .on::<AnswerConversation, _, _>(with!(answer_conversation; core, models))
        .on::<AnswerWithModel, _, _>(with!(answer_with_model; core, models))
        .on::<SendMessage, _, _>(with!(send_message; core, channels))
        .on_death::<SendMessage, _, _>(with!(send_message_died; core))
        .on::<LandBatch, _, _>(with!(land_batch; core))
        .on::<LaunchCampaign, _, _>(with!(launch_campaign; db))
        .on_death::<LaunchCampaign, _, _>(with!(launch_campaign_died; db))
        .on::<RunCampaignLane, _, _>(with!(run_campaign_lane; core, channels))
        .on_death::<RunCampaignLane, _, _>(with!(run_campaign_lane_died; core))
        .on::<ChooseWinner, _, _>(with!(choose_winner; db))
        .on::<EndCampaign, _, _>(with!(end_campaign; db))
        .on::<NoteCampaignDeed, _, _>(with!(note_campaign_deed; db))
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
