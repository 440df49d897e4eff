//! Reads a text in the light of the dialogue: what was asked, what is on the table, what the contact has booked.

use chrono::{DateTime, Utc};

use super::Turn;
use crate::assistant::{
    dialogue::{Need, People, State},
    understanding::{self, Asked, Choice, Context, Understanding},
};

/// Characters of a text that are read; carriers send no longer ones.
const LONGEST_READ: usize = 1_600;

impl Turn<'_> {
    pub(super) fn understand(&self, body: &str, at: DateTime<Utc>) -> Understanding {
        let offers = self.state.offers();
        let options: Vec<Choice<'_>> = match self.state.bookings() {
            [] if self.state.asks_to_confirm() => Vec::new(),
            [] => {
                offers.iter().map(|o| Choice { label: &o.label, start: Some(self.facts.local(o.start_time)) }).collect()
            }
            several => several
                .iter()
                .map(|b| Choice { label: &b.service_name, start: Some(self.facts.local(b.start_time)) })
                .collect(),
        };
        let settled = offers.first().map(|o| self.facts.local(o.start_time));
        let services: Vec<&str> = self.services.iter().map(|s| s.name.as_str()).collect();
        let context = Context {
            now: at.with_timezone(&self.facts.tz),
            asked: asked(&self.state),
            prior: None,
            prior_date: settled.map(|s| s.date()),
            prior_time: settled.filter(|_| self.state.asks_to_confirm()).map(|s| s.time()),
            options: &options,
            has_booking: !self.facts.upcoming.is_empty(),
            booking_start: self.facts.upcoming.first().map(|b| self.facts.local(b.start_time)),
            services: &services,
        };
        let body = body.char_indices().nth(LONGEST_READ).map_or(body, |(end, _)| &body[..end]);
        // A text that breaks the reading of it must not stand in the way of those behind it, STOP among them.
        std::panic::catch_unwind(|| understanding::understand(body, &context)).unwrap_or_else(|_| {
            tracing::error!("understanding.panicked");
            understanding::understand("", &context)
        })
    }

    /// Takes down whom the text names among the providers.
    pub(super) fn note_people(&mut self, body: &str) {
        let names: Vec<&str> = self.providers.iter().map(|p| p.name.as_str()).collect();
        let services: Vec<&str> = self.services.iter().map(|s| s.name.as_str()).collect();
        let people = People::read(body, &names, &services);
        let id = |n: usize| self.providers[n].id;
        self.facts.provider = people.named.map(id);
        self.facts.without = people.without.map(id);
        self.facts.nobody = people.nobody;
    }
}

/// What the understanding should expect.
fn asked(state: &State) -> Asked {
    match state {
        State::Idle => Asked::Nothing,
        // Nothing nearer to "what" than "when" is known there; CANCEL then leaves the question, and is no opt-out.
        State::AwaitingReport | State::AwaitingInfo { need: Need::Day { .. } | Need::NewTime { .. } } => Asked::When,
        State::AwaitingInfo { need: Need::WhichToCancel { .. } | Need::WhichToMove { .. } } => Asked::Choice,
        State::ShowingSlots { .. } | State::RescheduleShowingSlots { .. } => Asked::Choice,
        State::ConfirmingBooking { .. }
        | State::ConfirmingCancel { .. }
        | State::ConfirmingCancelAll { .. }
        | State::ConfirmingReschedule { .. } => Asked::Confirm,
    }
}
