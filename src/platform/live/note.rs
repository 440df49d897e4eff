//! Notes: which rows of an organization changed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::platform::{
    events::Event,
    ids::{OrganizationId, UserId},
};

/// Rows of one kind that a note names; where more changed it says only that some of the kind did.
const MOST_IDS: usize = 32;

macro_rules! kinds {
    ($($name:ident = $text:literal),+ $(,)?) => {
        /// What sort of row changed; named as in the audit log.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Kind {
            $(#[serde(rename = $text)] $name,)+
        }

        impl Kind {
            pub const ALL: &[Self] = &[$(Self::$name),+];

            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }
        }
    };
}

kinds! {
    AiProvider = "ai_provider",
    ApiKey = "api_key",
    Appointment = "appointment",
    AssistantSettings = "assistant_settings",
    AuditEntry = "audit_entry",
    Availability = "availability",
    Campaign = "campaign",
    ClosedDays = "closed_days",
    Contact = "contact",
    ContactImport = "contact_import",
    Conversation = "conversation",
    Disclosure = "disclosure",
    FrequencyCap = "frequency_cap",
    InstallationSuppression = "installation_suppression",
    InstallationUser = "installation_user",
    Invitation = "invitation",
    Job = "job",
    KnowledgeEntry = "knowledge_entry",
    Link = "link",
    LinkSettings = "link_settings",
    Message = "message",
    MessagePrices = "message_prices",
    OptOutReview = "opt_out_review",
    Organization = "organization",
    PrivacySettings = "privacy_settings",
    Provider = "provider",
    QuietHoursOverride = "quiet_hours_override",
    Report = "report",
    Role = "role",
    Segment = "segment",
    Sender = "sender",
    SenderCredentials = "sender_credentials",
    Service = "service",
    Simulation = "simulation",
    SimulatorFault = "simulator_fault",
    Slot = "slot",
    Suppression = "suppression",
    SuppressionBatch = "suppression_batch",
    TeamMessage = "team_message",
    Template = "template",
    User = "user",
    WebhookDelivery = "webhook_delivery",
    WebhookEndpoint = "webhook_endpoint",
    WhatsappTemplate = "whatsapp_template",
}

// By hand: the derive does not see names that a macro passes on.
impl utoipa::PartialSchema for Kind {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        let names = Self::ALL.iter().map(|one| one.as_str());
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .enum_values(Some(names))
            .into()
    }
}

impl utoipa::ToSchema for Kind {
    fn name() -> std::borrow::Cow<'static, str> {
        "LiveKind".into()
    }
}

impl Kind {
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == name)
    }
}

/// Rows of one kind that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    pub kind: Kind,
    /// The only member who is told; none: whoever may read such rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<UserId>,
    /// None: some, nobody knows which.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ids: Option<Vec<Uuid>>,
}

/// What one transaction changed, kept until it is committed.
#[derive(Debug, Default)]
pub(in crate::platform) struct Told(pub(super) Vec<(OrganizationId, Kind, Option<UserId>, Option<Uuid>)>);

impl Told {
    pub fn add(&mut self, organization: OrganizationId, kind: Kind, to: Option<UserId>, id: Option<Uuid>) {
        let one = (organization, kind, to, id);
        // Three statements about one row are one change of it.
        if !self.0.iter().rev().take(8).any(|known| *known == one) {
            self.0.push(one);
        }
    }
}

/// Which rows an event is about. What staff does is told from the audit log's entry of it.
pub(in crate::platform) fn of_event(event: &Event) -> Vec<(Kind, Option<Uuid>)> {
    match event {
        Event::MessageReceived { conversation_id, message_id } => {
            vec![(Kind::Conversation, Some(conversation_id.0)), (Kind::Message, Some(message_id.0))]
        }
        Event::MessageQueued { message_id, .. } | Event::DeliveryChanged { message_id } => {
            vec![(Kind::Message, Some(message_id.0))]
        }
        Event::BookingChanged { booking_id, .. } => vec![(Kind::Appointment, Some(booking_id.0))],
        Event::ContactOptedOut { contact_id }
        | Event::ConsentNarrowed { contact_id }
        | Event::LinkFollowed { contact_id }
        | Event::ContactOptedIn { contact_id }
        | Event::ContactKept { contact_id } => vec![(Kind::Contact, Some(contact_id.0))],
        Event::ClockMoved => vec![(Kind::Simulation, None)],
        Event::ReportAnswered { report_id, .. } | Event::ReportResolved { report_id } => {
            vec![(Kind::Report, Some(report_id.0))]
        }
        // For its two ends only: the slice tells them.
        Event::TeamMessageSent { .. } => Vec::new(),
        Event::OrganizationCreated => Vec::new(),
    }
}

/// What changed in one organization in one or several transactions, each row once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Notes {
    changed: BTreeMap<(Kind, Option<UserId>), Option<Vec<Uuid>>>,
    /// Something was left out: only looking at everything anew is certain to show it.
    gap: bool,
}

impl Notes {
    /// Of what is told when nobody knows what changed.
    pub fn gap() -> Self {
        Self { changed: BTreeMap::new(), gap: true }
    }

    pub fn is_empty(&self) -> bool {
        self.changed.is_empty() && !self.gap
    }

    pub fn is_gap(&self) -> bool {
        self.gap
    }

    /// How much it holds, for bounding it.
    pub fn size(&self) -> usize {
        self.changed.values().map(|ids| 1 + ids.as_ref().map_or(0, Vec::len)).sum()
    }

    pub fn add(&mut self, kind: Kind, to: Option<UserId>, id: Option<Uuid>) {
        if self.gap {
            return;
        }
        let ids = self.changed.entry((kind, to)).or_insert_with(|| Some(Vec::new()));
        match (ids.as_mut(), id) {
            (None, _) => {}
            (Some(known), Some(id)) if known.contains(&id) => {}
            (Some(known), Some(id)) if known.len() < MOST_IDS => known.push(id),
            (Some(_), _) => *ids = None,
        }
    }

    pub fn merge(&mut self, other: Self) {
        if other.gap {
            *self = other;
            return;
        }
        for ((kind, to), ids) in other.changed {
            match ids {
                None => self.add(kind, to, None),
                Some(ids) => ids.into_iter().for_each(|id| self.add(kind, to, Some(id))),
            }
        }
    }

    /// As it is told: a list of notes, or null for a gap.
    pub fn write(&self) -> String {
        let notes: Vec<Note> =
            self.changed.iter().map(|((kind, to), ids)| Note { kind: *kind, to: *to, ids: ids.clone() }).collect();
        serde_json::to_string(&(!self.gap).then_some(notes)).unwrap_or_else(|_| "null".to_owned())
    }
}

/// What [`Notes::write`] wrote; none for a gap, and for what this version cannot read.
pub(super) fn read(text: &str) -> Option<Vec<Note>> {
    serde_json::from_str(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u128) -> Option<Uuid> {
        Some(Uuid::from_u128(n))
    }

    #[test]
    fn a_row_is_told_once_and_many_rows_by_their_kind() {
        let mut notes = Notes::default();
        for n in [1, 2, 1, 2] {
            notes.add(Kind::Message, None, id(n));
        }
        notes.add(Kind::Slot, None, None);
        notes.add(Kind::Slot, None, id(7));
        let read = read(&notes.write()).expect("notes");
        assert_eq!(read[0].ids.as_ref().map(Vec::len), Some(2));
        assert_eq!((read[1].kind, read[1].ids.clone()), (Kind::Slot, None), "some of the kind stays that");
        (0..100).for_each(|n| notes.add(Kind::Message, None, id(n)));
        assert_eq!(notes.size(), 2, "no ids are left");
    }

    #[test]
    fn what_is_for_one_member_is_not_merged_with_what_is_for_all() {
        let (one, other) = (UserId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)));
        let mut notes = Notes::default();
        notes.add(Kind::TeamMessage, Some(one), id(5));
        notes.add(Kind::TeamMessage, Some(other), id(5));
        assert_eq!(read(&notes.write()).expect("notes").len(), 2);
    }

    #[test]
    fn a_gap_swallows_the_rest() {
        let mut notes = Notes::default();
        notes.add(Kind::Contact, None, id(1));
        notes.merge(Notes::gap());
        notes.add(Kind::Contact, None, id(2));
        assert!(notes.is_gap() && notes.size() == 0 && read(&notes.write()).is_none());
        assert!(read("[{\"kind\":\"of a later version\"}]").is_none(), "what is not understood is a gap");
    }

    #[test]
    fn kinds_are_found_by_name() {
        assert!(Kind::ALL.iter().all(|kind| Kind::from_name(kind.as_str()) == Some(*kind)));
        assert_eq!(serde_json::to_value(Kind::OptOutReview).expect("name"), "opt_out_review");
        assert_eq!(Kind::from_name("nothing"), None);
    }
}
