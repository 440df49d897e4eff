//! Where a dialogue stands, as stored in the conversation row.

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::wanted::Wish;
use crate::{
    booking::{Appointment, OpenSlot},
    platform::ids::{BookingId, ProviderId, ServiceId, SlotId},
};

/// A state ends after this much silence.
const SILENCE: TimeDelta = TimeDelta::hours(2);

/// A time that was offered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    pub slot_id: SlotId,
    pub service_id: ServiceId,
    pub service_name: String,
    pub provider_id: ProviderId,
    pub provider_name: String,
    pub start_time: DateTime<Utc>,
    /// As the contact read it.
    #[serde(default)]
    pub label: String,
}

impl From<OpenSlot> for Offer {
    fn from(slot: OpenSlot) -> Self {
        Self {
            slot_id: slot.id,
            service_id: slot.service_id,
            service_name: slot.service_name,
            provider_id: slot.provider_id,
            provider_name: slot.provider_name,
            start_time: slot.start_time,
            label: String::new(),
        }
    }
}

/// An appointment the contact has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookingRef {
    pub booking_id: BookingId,
    pub slot_id: SlotId,
    /// Of an appointment that moves, the service it is to be for.
    pub service_id: ServiceId,
    pub service_name: String,
    /// Not known of those noted by earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_id: Option<ProviderId>,
    pub provider_name: String,
    pub start_time: DateTime<Utc>,
}

impl From<&Appointment> for BookingRef {
    fn from(a: &Appointment) -> Self {
        Self {
            booking_id: a.id,
            slot_id: a.slot_id,
            service_id: a.service_id,
            service_name: a.service_name.clone(),
            provider_id: Some(a.provider_id),
            provider_name: a.provider_name.clone(),
            start_time: a.start_time,
        }
    }
}

/// What was said beside the time of a new appointment, kept until its time is settled.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    /// Who it is to be with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_id: Option<ProviderId>,
    /// The window of the day it is to be in, from and to, on whatever day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<(Option<NaiveTime>, Option<NaiveTime>)>,
    /// One more appointment, to be seen to afterwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Next>,
}

/// One more appointment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Next {
    #[serde(flatten)]
    pub wish: Wish,
    /// The same service as the first, if none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_id: Option<ServiceId>,
}

/// What we asked for and wait to hear.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "need", rename_all = "snake_case")]
pub enum Need {
    /// A day or time for a new appointment.
    Day {
        service_id: ServiceId,
        #[serde(default)]
        details: Details,
    },
    /// A day or time to move an appointment to.
    NewTime { booking: BookingRef },
    /// Which of several appointments to cancel.
    WhichToCancel { bookings: Vec<BookingRef> },
    /// Which of several appointments to move, and to when, where that was said already.
    WhichToMove {
        bookings: Vec<BookingRef>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        wish: Option<Wish>,
    },
}

/// Where the dialogue stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    #[default]
    Idle,
    AwaitingInfo {
        #[serde(flatten)]
        need: Need,
    },
    /// What there is to report.
    AwaitingReport,
    ShowingSlots {
        service_id: ServiceId,
        offers: Vec<Offer>,
        #[serde(default)]
        details: Details,
    },
    ConfirmingBooking {
        offer: Offer,
        /// The times it was picked from.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        table: Vec<Offer>,
        #[serde(default)]
        details: Details,
    },
    ConfirmingCancel {
        booking: BookingRef,
    },
    /// Several at once, numbered as the contact read them.
    ConfirmingCancelAll {
        bookings: Vec<BookingRef>,
    },
    #[serde(rename = "reschedule_show_slots")]
    RescheduleShowingSlots {
        booking: BookingRef,
        offers: Vec<Offer>,
    },
    ConfirmingReschedule {
        booking: BookingRef,
        offer: Offer,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        table: Vec<Offer>,
    },
}

impl State {
    /// Reads a stored state. One that this version does not know is as good as silence.
    pub fn read(stored: &serde_json::Value) -> Self {
        serde_json::from_value(stored.clone()).unwrap_or_default()
    }

    pub fn write(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_else(|_| serde_json::json!({ "state": "idle" }))
    }

    pub const fn name(&self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::AwaitingInfo { .. } => "awaiting_info",
            Self::AwaitingReport => "awaiting_report",
            Self::ShowingSlots { .. } => "showing_slots",
            Self::ConfirmingBooking { .. } => "confirming_booking",
            Self::ConfirmingCancel { .. } => "confirming_cancel",
            Self::ConfirmingCancelAll { .. } => "confirming_cancel_all",
            Self::RescheduleShowingSlots { .. } => "reschedule_show_slots",
            Self::ConfirmingReschedule { .. } => "confirming_reschedule",
        }
    }

    /// Whether a yes or no would answer what was asked last.
    pub const fn asks_to_confirm(&self) -> bool {
        matches!(
            self,
            Self::ConfirmingBooking { .. }
                | Self::ConfirmingCancel { .. }
                | Self::ConfirmingCancelAll { .. }
                | Self::ConfirmingReschedule { .. }
        )
    }

    /// The times on the table, in the order they were numbered.
    pub fn offers(&self) -> &[Offer] {
        match self {
            Self::ShowingSlots { offers, .. } | Self::RescheduleShowingSlots { offers, .. } => offers,
            Self::ConfirmingBooking { offer, .. } | Self::ConfirmingReschedule { offer, .. } => {
                std::slice::from_ref(offer)
            }
            Self::Idle
            | Self::AwaitingInfo { .. }
            | Self::AwaitingReport
            | Self::ConfirmingCancel { .. }
            | Self::ConfirmingCancelAll { .. } => &[],
        }
    }

    /// The times that were numbered last, also when one of them is in question by now.
    pub fn table(&self) -> &[Offer] {
        match self {
            Self::ConfirmingBooking { table, .. } | Self::ConfirmingReschedule { table, .. } => table,
            _ => self.offers(),
        }
    }

    /// The appointments that were numbered for the contact to pick from.
    pub fn bookings(&self) -> &[BookingRef] {
        match self {
            Self::AwaitingInfo { need: Need::WhichToCancel { bookings } | Need::WhichToMove { bookings, .. } }
            | Self::ConfirmingCancelAll { bookings } => bookings,
            _ => &[],
        }
    }

    /// When silence ends this state; idle has nothing to end.
    pub fn expires_at(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        (*self != Self::Idle).then(|| now + SILENCE)
    }
}
