//! The one table from event to jobs: every consequence that crosses slices can be read here.

use crate::{
    assistant::AnswerConversation,
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
        Event::DeliveryChanged { .. } | Event::BookingChanged { .. } | Event::ContactOptedOut { .. } => Vec::new(),
    }
}
