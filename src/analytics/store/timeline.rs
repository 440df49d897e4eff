//! SQL that puts what every slice knows of one contact into one list.

use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

use crate::platform::{
    db::Tx,
    http::{Order, Page, SortKey, SortKind},
    ids::{ContactId, ContactImportId, ConversationId},
    listing::List,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, sqlx::Type, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub(in crate::analytics) enum TimelineKind {
    Text,
    Booking,
    Consent,
    /// By staff or a program, as the audit log has it.
    Change,
    /// A file that a row of was about them.
    Import,
}

impl TimelineKind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Booking => "booking",
            Self::Consent => "consent",
            Self::Change => "change",
            Self::Import => "import",
        }
    }
}

/// One thing that happened with a contact.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub(in crate::analytics) struct TimelineEntry {
    /// Of the text, event, line, entry or file.
    pub id: Uuid,
    pub at: DateTime<Utc>,
    pub kind: TimelineKind,
    /// Of a text inbound or outbound; of a booking booked, rescheduled or cancelled; of consent granted or revoked; of a change its action,
    /// such as contact.updated; of a file created, updated, unchanged or skipped.
    pub what: String,
    /// The text; the service that is booked; the evidence of consent; the name of a file.
    pub words: Option<String>,
    /// Who did it: a display name, or contact, staff, system.
    pub by: Option<String>,
    /// Of a booking, when it is.
    pub booked_for: Option<DateTime<Utc>>,
    /// Of a text.
    pub conversation_id: Option<ConversationId>,
    /// Of a file.
    pub import_id: Option<ContactImportId>,
}

pub(in crate::analytics) const ORDERS: &[SortKey] =
    &[SortKey { name: "at", sql: "t.at", kind: SortKind::Time, descending: true }];

const COLUMNS: &str = "t.id, t.at, t.kind, t.what, t.words, t.by, t.booked_for, t.conversation_id, t.import_id";
// CASE, not COALESCE: beneath row-level security Postgres looks no index up by the latter.
const FROM: &str = "(
    SELECT organization_id, contact_id, id, created_at AS at, 'text' AS kind, direction AS what, body AS words, NULL::text AS by,
           NULL::timestamptz AS booked_for, conversation_id, NULL::uuid AS import_id
    FROM messages
    UNION ALL
    SELECT e.organization_id, b.contact_id, e.id, e.at, 'booking', e.kind, v.name, e.actor, s.start_time, NULL, NULL
    FROM booking_events e
    JOIN bookings b ON b.organization_id = e.organization_id AND b.id = e.booking_id
    LEFT JOIN slots s ON s.organization_id = e.organization_id AND s.id = CASE WHEN e.to_slot_id IS NULL THEN e.from_slot_id ELSE e.to_slot_id END
    LEFT JOIN services v ON v.organization_id = s.organization_id AND v.id = s.service_id
    UNION ALL
    SELECT e.organization_id, e.contact_id, e.id, e.at, 'consent', e.action, e.evidence, u.display_name, NULL, NULL, NULL
    FROM consent_events e LEFT JOIN users u ON u.id = e.user_id
    UNION ALL
    SELECT organization_id, target_id, id, at, 'change', action, NULL, actor_name, NULL, NULL, NULL
    FROM audit_log WHERE target_kind = 'contact'
    UNION ALL
    SELECT r.organization_id, r.contact_id, r.import_id, COALESCE(i.started_at, i.created_at), 'import', r.outcome, i.file_name,
           u.display_name, NULL, NULL, i.id
    FROM contact_import_rows r
    JOIN contact_imports i ON i.organization_id = r.organization_id AND i.id = r.import_id
    LEFT JOIN users u ON u.id = i.user_id) AS t";

pub(in crate::analytics) async fn list(
    tx: &mut Tx,
    contacts: &[ContactId],
    kinds: &[TimelineKind],
    order: &Order,
) -> Result<Page<TimelineEntry>, sqlx::Error> {
    let mut list = List::new(tx, order, "t.id", COLUMNS, FROM, "t.organization_id");
    list.any_of("t.contact_id", Some(contacts.iter().map(|contact| contact.0).collect()));
    list.filter("ARRAY[t.kind] <@ ", Some(kinds.iter().map(|k| k.as_str().to_owned()).collect::<Vec<_>>()));
    list.page(tx).await
}
