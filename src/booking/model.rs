//! The words of booking.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use sqlx::FromRow;

use super::rules::{ClockTime, Weekday};
use crate::{
    contacts::ContactName,
    platform::ids::{
        AvailabilityRuleId, BookingEventId, BookingId, ClosedDaysId, ContactId, ProviderId, ServiceId, SlotId,
    },
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

    /// Whether the booking is still to come about.
    pub const fn is_active(self) -> bool {
        matches!(self, Self::Held | Self::Confirmed)
    }
}

/// One engine for both; the difference is in the service's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum ServiceKind {
    /// For one contact, confirmed at once.
    Appointment,
    /// For several contacts; may be held until it is confirmed.
    Activity,
}

impl ServiceKind {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Appointment => "appointment",
            Self::Activity => "activity",
        }
    }
}

/// What can be booked.
#[derive(Clone, Debug, Serialize, FromRow, utoipa::ToSchema)]
pub struct Service {
    pub id: ServiceId,
    pub name: String,
    pub description: Option<String>,
    /// Of slots made from now on.
    pub duration_minutes: i32,
    /// Minutes the provider stays busy afterwards; of slots made from now on.
    pub buffer_minutes: i32,
    /// Places in a slot made from now on. 1 for an appointment.
    pub capacity: i32,
    pub kind: ServiceKind,
    /// How long a place booked by staff waits for its confirmation; null: confirmed at once, as every appointment is.
    pub hold_minutes: Option<i32>,
    /// Order; the first active service is offered when a contact names none.
    pub position: i32,
    /// False: archived. It is not offered and cannot be booked; what was booked stays.
    pub active: bool,
    pub version: i64,
    pub created_at: DateTime<Utc>,
}

/// The person or room that offers a service.
#[derive(Clone, Debug, Serialize, FromRow, utoipa::ToSchema)]
pub struct Provider {
    pub id: ProviderId,
    pub name: String,
    /// IANA zone in which its hours are meant.
    pub timezone: String,
    /// False: its slots are not offered and cannot be booked; what was booked stays.
    pub active: bool,
    pub version: i64,
    pub created_at: DateTime<Utc>,
}

/// One bookable time of a service.
#[derive(Clone, Debug, Serialize, FromRow, utoipa::ToSchema)]
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
    /// Places that are held or booked.
    pub taken: i32,
    /// Whether it could be booked now: in the future, not full, not closed, and its provider free.
    pub available: bool,
    /// Lies on a closed day.
    pub closed: bool,
    /// The weekly hours that made it, if any did.
    pub rule_id: Option<AvailabilityRuleId>,
    pub version: i64,
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
#[derive(Clone, Debug, Serialize, FromRow, utoipa::ToSchema)]
pub struct Appointment {
    pub id: BookingId,
    pub contact_id: ContactId,
    #[sqlx(flatten)]
    pub contact: ContactName,
    pub slot_id: SlotId,
    pub service_id: ServiceId,
    pub service_name: String,
    pub provider_id: ProviderId,
    pub provider_name: String,
    pub status: BookingStatus,
    pub start_time: DateTime<Utc>,
    pub end_time: DateTime<Utc>,
    /// Until when a held place waits for its confirmation.
    pub held_until: Option<DateTime<Utc>>,
    /// Of staff, for staff.
    pub note: Option<String>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: i64,
}

/// An appointment with everything that happened to it, oldest first.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct AppointmentDetail {
    #[serde(flatten)]
    pub appointment: Appointment,
    pub history: Vec<BookingEvent>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum BookingEventKind {
    Booked,
    Held,
    Confirmed,
    Rescheduled,
    Cancelled,
    Completed,
    NoShow,
    Reopened,
    Expired,
}

impl BookingEventKind {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Booked => "booked",
            Self::Held => "held",
            Self::Confirmed => "confirmed",
            Self::Rescheduled => "rescheduled",
            Self::Cancelled => "cancelled",
            Self::Completed => "completed",
            Self::NoShow => "no_show",
            Self::Reopened => "reopened",
            Self::Expired => "expired",
        }
    }
}

/// Something that happened to a booking.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct BookingEvent {
    pub id: BookingEventId,
    pub kind: BookingEventKind,
    /// contact, staff or system.
    pub actor: String,
    /// Who of the staff, as they were called then.
    pub actor_name: Option<String>,
    pub at: DateTime<Utc>,
    /// The slot that was left.
    pub from: Option<EventSlot>,
    /// The slot that was taken.
    pub to: Option<EventSlot>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct EventSlot {
    pub slot_id: SlotId,
    pub service_name: String,
    pub provider_name: String,
    pub start_time: DateTime<Utc>,
}

/// Weekly hours of a provider for a service. A job keeps slots made ahead.
#[derive(Clone, Debug, Serialize, FromRow, utoipa::ToSchema)]
pub struct AvailabilityRule {
    pub id: AvailabilityRuleId,
    pub service_id: ServiceId,
    pub service_name: String,
    pub provider_id: ProviderId,
    pub provider_name: String,
    #[sqlx(try_from = "Vec<i16>")]
    pub weekdays: Weekdays,
    /// On the wall clock of the provider's zone.
    #[sqlx(try_from = "i32", rename = "from_minute")]
    #[schema(value_type = String, example = "09:00")]
    pub from: ClockTime,
    /// The last slot ends at or before this; 24:00 is midnight.
    #[sqlx(try_from = "i32", rename = "to_minute")]
    #[schema(value_type = String, example = "17:00")]
    pub to: ClockTime,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day; null: until further notice.
    pub valid_to: Option<NaiveDate>,
    /// So many days ahead have slots.
    pub horizon_days: i32,
    pub active: bool,
    /// Last day for which slots were made.
    pub made_through: Option<NaiveDate>,
    pub version: i64,
    pub created_at: DateTime<Utc>,
}

/// Days of the week, each once, Monday first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(transparent)]
pub struct Weekdays(pub Vec<Weekday>);

impl TryFrom<Vec<i16>> for Weekdays {
    type Error = String;

    fn try_from(days: Vec<i16>) -> Result<Self, String> {
        let known = days.iter().map(|n| Weekday::from_iso(*n).ok_or_else(|| format!("no day of the week: {n}")));
        known.collect::<Result<_, _>>().map(Self)
    }
}

/// Days on which a provider, or the whole organization, offers nothing.
#[derive(Clone, Debug, Serialize, FromRow, utoipa::ToSchema)]
pub struct ClosedDays {
    pub id: ClosedDaysId,
    /// Null: everybody's.
    pub provider_id: Option<ProviderId>,
    pub provider_name: Option<String>,
    /// First day, in the provider's zone.
    pub from_date: NaiveDate,
    /// Last day.
    pub to_date: NaiveDate,
    pub reason: Option<String>,
    pub created_at: DateTime<Utc>,
}
