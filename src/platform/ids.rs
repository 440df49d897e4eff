//! Typed ids. All are UUIDv7: they sort by the time they were made, also within one millisecond of one clock.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::clock::Clock;

/// Below every id made at `at` or later, above every earlier one: bounds a range of ids by time.
pub fn first_id_of(at: DateTime<Utc>) -> Uuid {
    Uuid::from_u128(u128::from(at.timestamp_millis().max(0).cast_unsigned()) << 80)
}

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, sqlx::Type, utoipa::ToSchema)]
        #[serde(transparent)]
        #[sqlx(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            pub fn new(clock: &Clock) -> Self {
                Self(clock.stamp())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(s: &str) -> Result<Self, Self::Err> {
                s.parse().map(Self)
            }
        }
    )+};
}

id! {
    /// The tenant.
    OrganizationId,
    UserId,
    SessionId,
    ApiKeyId,
    RoleId,
    InvitationId,
    AuditEntryId,
    JobId,
    ContactId,
    ContactImportId,
    SegmentId,
    LinkId,
    ConsentEventId,
    DisclosureId,
    SuppressionId,
    SuppressionBatchId,
    SenderId,
    ConversationId,
    MessageId,
    WhatsappTemplateId,
    TemplateId,
    CampaignId,
    CampaignStepId,
    ServiceId,
    ProviderId,
    SlotId,
    BookingId,
    BookingEventId,
    AvailabilityRuleId,
    ClosedDaysId,
    TurnId,
    OptOutReviewId,
    QuietHoursOverrideId,
    KnowledgeEntryId,
    AiProviderId,
    TeamMessageId,
    ReportId,
    ReportCommentId,
    ReportEventId,
    WebhookEndpointId,
    WebhookDeliveryId,
    WebhookAttemptId,
    /// A row no other row points at.
    RowId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_bounded_by_their_time() {
        let clock = Clock::manual("2026-11-21T05:00:00.123Z".parse().expect("time"));
        let (before, at) = (MessageId::new(&clock).0, clock.now());
        clock.advance(chrono::Duration::milliseconds(1));
        assert!(first_id_of(at) <= before && before < first_id_of(clock.now()));
        assert!(MessageId::new(&clock).0 > first_id_of(clock.now()));
    }

    #[test]
    fn ids_made_at_one_instant_are_ordered() {
        let clock = Clock::manual("2026-11-21T05:00:00Z".parse().expect("time"));
        let ids: Vec<MessageId> = (0..1000).map(|_| MessageId::new(&clock)).collect();
        assert!(ids.is_sorted());
        assert!(ids.windows(2).all(|w| w[0] != w[1]));
    }
}
