//! The one table from event to jobs: every consequence that crosses slices can be read here.

use crate::{
    assistant::{AnswerConversation, AnswerTeamMessage, TellOfReport},
    messaging::{EnsureSimulatorSender, SendMessage},
    platform::{events::Event, jobs::NewJob},
};

/// The jobs that follow from an event, written in its transaction.
pub fn route(event: &Event) -> Vec<NewJob> {
    match event {
        Event::MessageReceived { conversation_id, .. } => {
            vec![NewJob::now(&AnswerConversation { conversation_id: *conversation_id })]
        }
        Event::MessageQueued { message_id } => vec![NewJob::now(&SendMessage { message_id: *message_id })],
        Event::OrganizationCreated => vec![NewJob::now(&EnsureSimulatorSender {})],
        Event::TeamMessageSent { message_id, to_assistant: true } => {
            vec![NewJob::now(&AnswerTeamMessage { message_id: *message_id })]
        }
        Event::ReportAnswered { report_id, comment_id } => {
            vec![NewJob::now(&TellOfReport { report_id: *report_id, comment_id: Some(*comment_id) })]
        }
        Event::ReportResolved { report_id } => {
            vec![NewJob::now(&TellOfReport { report_id: *report_id, comment_id: None })]
        }
        Event::TeamMessageSent { .. }
        | Event::DeliveryChanged { .. }
        | Event::BookingChanged { .. }
        | Event::ContactOptedOut { .. } => Vec::new(),
    }
}
