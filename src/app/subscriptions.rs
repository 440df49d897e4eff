//! The one table from event to jobs: every consequence that crosses slices can be read here.

use crate::{
    assistant::{AnswerConversation, AnswerTeamMessage, TellOfReport},
    booking::KeepSlotsAhead,
    campaigns::{Deed, NoteCampaignDeed},
    compliance::HeedErasedOptOut,
    integrations::{EventType, PublishEvent},
    messaging::{EnsureSimulatorSender, SendMessage, WithdrawTexts},
    platform::{
        events::{BookingChange, Event},
        jobs::NewJob,
    },
};

/// The jobs that follow from an event, written in its transaction.
pub fn route(event: &Event) -> Vec<NewJob> {
    match event {
        Event::MessageReceived { conversation_id, message_id } => vec![
            NewJob::now(&AnswerConversation { conversation_id: *conversation_id }),
            PublishEvent::wanted(EventType::MessageReceived, message_id.0),
            NoteCampaignDeed::wrote(*conversation_id, *message_id),
        ],
        Event::MessageQueued { message_id, sender_id, segments, line } => {
            vec![SendMessage::of(*message_id, *sender_id, *segments, *line)]
        }
        Event::ContactKept { contact_id } => vec![HeedErasedOptOut::wanted(*contact_id)],
        Event::OrganizationCreated => vec![NewJob::now(&EnsureSimulatorSender {})],
        // Weekly hours want slots from another today on.
        Event::ClockMoved => vec![NewJob::now(&KeepSlotsAhead {})],
        Event::TeamMessageSent { message_id, to_assistant: true } => {
            vec![NewJob::now(&AnswerTeamMessage { message_id: *message_id })]
        }
        Event::ReportAnswered { report_id, comment_id } => {
            vec![NewJob::now(&TellOfReport { report_id: *report_id, comment_id: Some(*comment_id) })]
        }
        Event::ReportResolved { report_id } => {
            vec![NewJob::now(&TellOfReport { report_id: *report_id, comment_id: None })]
        }
        Event::TeamMessageSent { .. } => Vec::new(),
        Event::DeliveryChanged { message_id } => vec![PublishEvent::wanted(EventType::MessageStatus, message_id.0)],
        Event::BookingChanged { booking_id, contact_id, change } => {
            let mut jobs = vec![PublishEvent::wanted(EventType::of_booking(*change), booking_id.0)];
            if *change == BookingChange::Created {
                jobs.push(NoteCampaignDeed::wanted(*contact_id, Deed::Booked));
            }
            jobs
        }
        Event::ContactOptedOut { contact_id } => {
            vec![
                WithdrawTexts::wanted(*contact_id),
                PublishEvent::wanted(EventType::ContactOptedOut, contact_id.0),
                NoteCampaignDeed::wanted(*contact_id, Deed::OptedOut),
            ]
        }
        Event::LinkFollowed { contact_id } => vec![NoteCampaignDeed::wanted(*contact_id, Deed::Clicked)],
        Event::ConsentNarrowed { contact_id } => vec![WithdrawTexts::wanted(*contact_id)],
        Event::ContactOptedIn { contact_id } => vec![PublishEvent::wanted(EventType::ContactOptedIn, contact_id.0)],
    }
}
