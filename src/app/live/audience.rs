//! Who hears of which kind of row: whoever may read it, by the permission that its list needs in `src/accounts/authorization.rs`.

use crate::{
    accounts::{Caller, Permission as P},
    platform::live::{Kind, Note},
};

/// Who hears that a row of a kind changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Audience {
    Anyone,
    Needs(P),
    Superusers,
    /// Nobody whom the note does not name.
    Named,
}

use Audience::{Anyone, Named, Needs, Superusers};

const fn audience(kind: Kind) -> Audience {
    match kind {
        Kind::Organization | Kind::Simulation => Anyone,
        Kind::Contact | Kind::ContactImport | Kind::Segment => Needs(P::ContactsRead),
        Kind::Conversation | Kind::Message | Kind::MessagePrices => Needs(P::ConversationsRead),
        Kind::Appointment | Kind::Availability | Kind::ClosedDays | Kind::Provider | Kind::Service | Kind::Slot => {
            Needs(P::BookingRead)
        }
        Kind::Disclosure
        | Kind::FrequencyCap
        | Kind::OptOutReview
        | Kind::QuietHoursOverride
        | Kind::Suppression
        | Kind::SuppressionBatch => Needs(P::ComplianceRead),
        Kind::AiProvider | Kind::AssistantSettings | Kind::KnowledgeEntry => Needs(P::AssistantRead),
        Kind::Report => Needs(P::ReportsRead),
        Kind::Sender | Kind::SenderCredentials => Needs(P::SendersManage),
        Kind::Campaign | Kind::Link | Kind::LinkSettings | Kind::Template | Kind::WhatsappTemplate => {
            Needs(P::CampaignsRead)
        }
        Kind::WebhookDelivery | Kind::WebhookEndpoint => Needs(P::WebhooksManage),
        Kind::Invitation => Needs(P::UsersManage),
        Kind::Role | Kind::User => Needs(P::UsersRead),
        Kind::ApiKey => Needs(P::ApiKeysManage),
        Kind::PrivacySettings => Needs(P::SettingsManage),
        Kind::SimulatorFault => Needs(P::SimulatorUse),
        Kind::Job => Needs(P::JobsRead),
        Kind::AuditEntry => Needs(P::AuditRead),
        Kind::InstallationSuppression | Kind::InstallationUser => Superusers,
        Kind::TeamMessage => Named,
    }
}

/// Whether the caller hears it.
pub(super) fn hears(caller: &Caller, note: &Note) -> bool {
    let user = caller.user.as_ref();
    if let Some(to) = note.to {
        return user.is_some_and(|user| user.id == to);
    }
    match audience(note.kind) {
        Anyone => true,
        Needs(permission) => caller.permissions.contains(permission),
        Superusers => user.is_some_and(|user| user.superuser),
        Named => false,
    }
}

/// After such a change somebody may be another, or nobody.
pub(super) fn is_about_staff(kind: Kind) -> bool {
    matches!(kind, Kind::ApiKey | Kind::InstallationUser | Kind::Organization | Kind::Role | Kind::User)
}
