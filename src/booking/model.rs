//! The words of booking.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    contacts::ContactName,
    platform::ids::{BookingId, ContactId, ProviderId, ServiceId, SlotId},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum BookingStatus {
    Held,
    Confirmed,
    Cancelled,
    Completed,
    NoShow,
    Expired,
}

impl BookingStatus {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Confirmed => "confirmed",
            Self::Cancelled => "cancelled",
            Self::Completed => "completed",
            Self::NoShow => "no_show",
            Self::Expired => "expired",
        }
    }

    /// Whether the booking holds its place.
    pub const fn is_active(self) -> bool {
        matches!(self, Self::Held | Self::Confirmed)
    }
}

/// What can be booked.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Service {
    pub id: ServiceId,
    pub name: String,
    pub description: Option<String>,
    pub duration_minutes: i32,
    /// Minutes the provider stays busy afterwards.
    pub buffer_minutes: i32,
    pub capacity: i32,
    /// appointment or activity.
    pub kind: String,
    pub active: bool,
}

/// The person or room that offers a service.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Provider {
    pub id: ProviderId,
    pub name: String,
    /// IANA zone in which its hours are meant.
    pub timezone: String,
    pub active: bool,
}

/// One bookable time of a service.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Slot {
    pub id: SlotId,
    pub service_id: ServiceId,
    pub service_name: String,
    pub provider_id: ProviderId,
    pub provider_name: String,
    pub start_time: DateTime<Utc>,
    pub end_time: DateTime<Utc>,
    pub buffer_minutes: i32,
    pub capacity: i32,
    pub taken: i32,
    /// Whether it could be booked now: in the future, not full, and its provider free.
    pub available: bool,
}

/// A slot that can be booked, as an offer needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenSlot {
    pub id: SlotId,
    pub service_id: ServiceId,
    pub service_name: String,
    pub provider_id: ProviderId,
    pub provider_name: String,
    pub start_time: DateTime<Utc>,
}

/// A contact's claim on a slot, with what there is to say about it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Appointment {
    pub id: BookingId,
    pub contact_id: ContactId,
    pub contact: ContactName,
    pub slot_id: SlotId,
    pub service_id: ServiceId,
    pub service_name: String,
    pub provider_id: ProviderId,
    pub provider_name: String,
    pub status: BookingStatus,
    pub start_time: DateTime<Utc>,
    pub end_time: DateTime<Utc>,
    pub created_at: DateTime<Utc>,
}
