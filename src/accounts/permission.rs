//! What somebody may do: the closed list of permissions, and the roles that come with the program.

use serde::{Deserialize, Serialize};

macro_rules! permissions {
    ($($(#[doc = $doc:literal])* $name:ident = $text:literal),+ $(,)?) => {
        /// One thing that somebody may be allowed to do.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Permission {
            $($(#[doc = $doc])* #[serde(rename = $text)] $name,)+
        }

        impl Permission {
            pub const ALL: &[Self] = &[$(Self::$name),+];

            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            /// What it lets somebody do, for whoever grants it.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc),*).trim_ascii(),)+ }
            }
        }
    };
}

permissions! {
    /// See figures and the state of the inbox.
    AnalyticsRead = "analytics.read",
    /// See contacts and their consent.
    ContactsRead = "contacts.read",
    /// Add and change contacts, and record consent.
    ContactsWrite = "contacts.write",
    /// Take a contact's data out of the system.
    ContactsExport = "contacts.export",
    /// Erase a contact for good.
    ContactsErase = "contacts.erase",
    /// Read conversations and messages.
    ConversationsRead = "conversations.read",
    /// Take conversations over, assign and archive them.
    ConversationsWrite = "conversations.write",
    /// Send texts to contacts.
    MessagesSend = "messages.send",
    /// See services, providers, slots and appointments.
    BookingRead = "booking.read",
    /// Book, move and cancel appointments.
    BookingWrite = "booking.write",
    /// Change services, providers and slots.
    CatalogWrite = "catalog.write",
    /// See what the assistant knows and how it is set.
    AssistantRead = "assistant.read",
    /// Write what the assistant knows.
    KnowledgeWrite = "knowledge.write",
    /// Set the assistant and its language models.
    AssistantManage = "assistant.manage",
    /// See opt-out reviews and the block list.
    ComplianceRead = "compliance.read",
    /// Decide opt-out reviews and keep the block list.
    ComplianceWrite = "compliance.write",
    /// See campaigns and templates.
    CampaignsRead = "campaigns.read",
    /// Write campaigns and templates.
    CampaignsWrite = "campaigns.write",
    /// Start and stop campaigns.
    CampaignsSend = "campaigns.send",
    /// See everybody's reports.
    ReportsRead = "reports.read",
    /// Work on everybody's reports.
    ReportsWrite = "reports.write",
    /// Write to colleagues, and open reports of one's own.
    TeamWrite = "team.write",
    /// Text the front desk in the simulator.
    SimulatorUse = "simulator.use",
    /// See background work.
    JobsRead = "jobs.read",
    /// Run dead background work again.
    JobsWrite = "jobs.write",
    /// See who the staff are.
    UsersRead = "users.read",
    /// Invite, change, disable and remove staff, and make roles.
    UsersManage = "users.manage",
    /// Make and revoke API keys.
    ApiKeysManage = "api_keys.manage",
    /// See and change senders.
    SendersManage = "senders.manage",
    /// See and change out-going webhooks.
    WebhooksManage = "webhooks.manage",
    /// Change the organization's settings, retention included.
    SettingsManage = "settings.manage",
    /// Read the audit log.
    AuditRead = "audit.read",
}

// By hand: the derive does not see names that a macro passes on.
impl utoipa::PartialSchema for Permission {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        let names = Self::ALL.iter().map(|one| one.as_str());
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .enum_values(Some(names))
            .into()
    }
}

impl utoipa::ToSchema for Permission {
    fn name() -> std::borrow::Cow<'static, str> {
        "Permission".into()
    }
}

/// A set of permissions; cheap to copy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PermissionSet(u64);

impl PermissionSet {
    pub const ALL: Self = Self((1 << Permission::ALL.len()) - 1);

    pub const fn contains(self, permission: Permission) -> bool {
        self.0 & (1 << permission as u64) != 0
    }

    pub const fn includes(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }

    /// Names of permissions, as stored; unknown ones grant nothing.
    pub fn from_names<S: AsRef<str>>(names: &[S]) -> Self {
        Permission::ALL.iter().copied().filter(|p| names.iter().any(|n| n.as_ref() == p.as_str())).collect()
    }

    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.iter().copied().filter(move |p| self.contains(*p))
    }
}

impl FromIterator<Permission> for PermissionSet {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        Self(permissions.into_iter().fold(0, |set, p| set | 1 << p as u64))
    }
}

const _: () = assert!(Permission::ALL.len() < 64, "a set is one word");

/// A role that every organization has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BuiltInRole {
    Admin,
    CampaignManager,
    Operator,
    Viewer,
}

impl BuiltInRole {
    pub const ALL: [Self; 4] = [Self::Admin, Self::CampaignManager, Self::Operator, Self::Viewer];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::CampaignManager => "campaign_manager",
            Self::Operator => "operator",
            Self::Viewer => "viewer",
        }
    }

    pub const fn title(self) -> &'static str {
        match self {
            Self::Admin => "Admin",
            Self::CampaignManager => "Campaign Manager",
            Self::Operator => "Operator",
            Self::Viewer => "Viewer",
        }
    }

    pub const fn description(self) -> &'static str {
        match self {
            Self::Admin => "May do everything in the organization.",
            Self::CampaignManager => "Looks after contacts, templates and campaigns.",
            Self::Operator => "Runs the front desk: conversations, appointments, reports.",
            Self::Viewer => "Looks, and changes nothing.",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.as_str() == name)
    }

    pub fn permissions(self) -> PermissionSet {
        use Permission as P;
        const VIEWER: [P; 9] = [
            P::AnalyticsRead,
            P::ContactsRead,
            P::ConversationsRead,
            P::BookingRead,
            P::AssistantRead,
            P::ComplianceRead,
            P::CampaignsRead,
            P::JobsRead,
            P::UsersRead,
        ];
        let also: &[P] = match self {
            Self::Admin => return PermissionSet::ALL,
            Self::Viewer => &[],
            Self::CampaignManager => &[
                P::ContactsWrite,
                P::ContactsExport,
                P::ConversationsWrite,
                P::MessagesSend,
                P::CampaignsWrite,
                P::CampaignsSend,
                P::TeamWrite,
                P::SimulatorUse,
            ],
            Self::Operator => &[
                P::ContactsWrite,
                P::ConversationsWrite,
                P::MessagesSend,
                P::BookingWrite,
                P::CatalogWrite,
                P::KnowledgeWrite,
                P::ComplianceWrite,
                P::ReportsRead,
                P::ReportsWrite,
                P::TeamWrite,
                P::SimulatorUse,
                P::JobsWrite,
            ],
        };
        VIEWER.iter().chain(also).copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_permission_has_a_name_and_a_meaning_of_its_own() {
        for (n, p) in Permission::ALL.iter().enumerate() {
            assert_eq!(*p as usize, n);
            assert!(!p.meaning().is_empty() && p.as_str().contains('.'));
            assert_eq!(serde_json::to_value(p).expect("name"), p.as_str());
        }
        assert_eq!(PermissionSet::ALL.iter().count(), Permission::ALL.len());
    }

    #[test]
    fn roles_grow_from_viewer_to_admin() {
        let viewer = BuiltInRole::Viewer.permissions();
        assert!(viewer.iter().all(|p| p.as_str().ends_with(".read")), "a viewer only reads");
        for role in BuiltInRole::ALL {
            assert!(role.permissions().includes(viewer), "{role:?}");
            assert!(BuiltInRole::Admin.permissions().includes(role.permissions()));
            assert_eq!(BuiltInRole::from_name(role.as_str()), Some(role));
        }
        assert!(!BuiltInRole::Operator.permissions().contains(Permission::UsersManage));
    }

    #[test]
    fn what_is_not_known_grants_nothing() {
        let set = PermissionSet::from_names(&["contacts.read", "everything", "CONTACTS.WRITE"]);
        assert_eq!(set.iter().collect::<Vec<_>>(), [Permission::ContactsRead]);
    }
}
