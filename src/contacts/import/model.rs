//! The words of imports.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::consent::ImportConsent;
use crate::{
    contacts::model::LifecycleStage,
    platform::{
        ids::{ContactId, ContactImportId},
        problem::FieldError,
    },
};

macro_rules! text_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, sqlx::Type, utoipa::ToSchema)]
        #[serde(rename_all = "snake_case")]
        #[sqlx(type_name = "text", rename_all = "snake_case")]
        $(#[$doc])*
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            #[allow(dead_code, reason = "not all of them are written by name")]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }
    };
}

/// How the characters of the file were written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, sqlx::Type, utoipa::ToSchema)]
#[schema(as = ImportEncoding)]
#[sqlx(type_name = "text")]
pub enum Encoding {
    #[serde(rename = "utf-8")]
    #[sqlx(rename = "utf-8")]
    Utf8,
    #[serde(rename = "utf-16le")]
    #[sqlx(rename = "utf-16le")]
    Utf16Le,
    #[serde(rename = "utf-16be")]
    #[sqlx(rename = "utf-16be")]
    Utf16Be,
    #[serde(rename = "windows-1252")]
    #[sqlx(rename = "windows-1252")]
    Windows1252,
}

impl Encoding {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Utf16Le => "utf-16le",
            Self::Utf16Be => "utf-16be",
            Self::Windows1252 => "windows-1252",
        }
    }
}

text_enum! {
    /// What stands between two cells.
    #[schema(as = ImportDelimiter)]
    Delimiter { Comma = "comma", Semicolon = "semicolon", Tab = "tab", Pipe = "pipe" }
}

impl Delimiter {
    pub const ALL: [Self; 4] = [Self::Comma, Self::Tab, Self::Semicolon, Self::Pipe];

    pub const fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
            Self::Pipe => b'|',
        }
    }
}

text_enum! {
    /// How far it is.
    ImportStatus {
        /// The file is on its way.
        Receiving = "receiving",
        /// It waits to be started, for a day.
        Ready = "ready",
        Running = "running",
        Done = "done",
        /// Staff stopped it. What was taken in until then stays, and can be undone.
        Cancelled = "cancelled",
        /// It went wrong; started again, it goes on where it was.
        Failed = "failed",
        /// The file is no longer kept, and nothing came of it.
        Expired = "expired",
        Undoing = "undoing",
        Undone = "undone",
    }
}

text_enum! {
    /// What a column holds.
    ImportField {
        Ignore = "ignore",
        PhoneNumber = "phone_number",
        FirstName = "first_name",
        LastName = "last_name",
        /// Taken apart: "Ana Ortiz", or "Ortiz, Ana".
        FullName = "full_name",
        Email = "email",
        Timezone = "timezone",
        PostalCode = "postal_code",
        Language = "language",
        Notes = "notes",
        LifecycleStage = "lifecycle_stage",
        /// Separated by commas or semicolons.
        Tags = "tags",
        /// An attribute of the organization's own, by name.
        Custom = "custom",
    }
}

text_enum! {
    /// What becomes of a contact that is there already.
    #[schema(as = ImportExisting)]
    Existing {
        /// It stays as it is.
        Skip = "skip",
        /// Only what is empty is filled; tags are added.
        Fill = "fill",
        /// What the file says replaces what is there; empty cells empty nothing; tags are added.
        Overwrite = "overwrite",
    }
}

text_enum! {
    /// What becomes, or would become, of a row.
    #[schema(as = ImportRowVerdict)]
    Verdict {
        New = "new",
        Updates = "updates",
        /// The contact is there, and the file says nothing new.
        Unchanged = "unchanged",
        /// The contact is there, and such are skipped.
        Skipped = "skipped",
        /// The number stands in this file further up.
        Duplicate = "duplicate",
        Invalid = "invalid",
    }
}

/// What one column is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportColumn {
    pub field: ImportField,
    /// Of a custom one, the attribute's name. 1 to 60 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 60)]
    pub name: Option<String>,
}

/// How a file is to be read and taken in. What is left out is guessed, or nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportOptions {
    pub delimiter: Option<Delimiter>,
    /// Whether the first row names the columns.
    pub header: Option<bool>,
    /// One for each column of the file, in order.
    #[schema(max_items = 200)]
    pub columns: Option<Vec<ImportColumn>>,
    /// The country of numbers without a country code (ISO 3166).
    #[schema(max_length = 2, example = "US")]
    pub country: Option<String>,
    /// fill if left out.
    pub existing: Option<Existing>,
    /// Given to every contact of the file that is not skipped. Up to 20 of up to 40 characters.
    pub tags: Option<Vec<String>>,
    /// Of new contacts whose row says none.
    pub lifecycle_stage: Option<LifecycleStage>,
    /// Of new contacts whose row says none. IANA.
    #[schema(max_length = 60, example = "America/Chicago")]
    pub timezone: Option<String>,
    /// Of new contacts whose row says none.
    #[schema(max_length = 12, example = "33101")]
    pub postal_code: Option<String>,
    /// Attributes of new contacts whose row says none: up to 50 short texts (500 characters) by name (60).
    pub custom: Option<BTreeMap<String, String>>,
    /// What proves that everybody in the file agreed to texts. Left out, nothing is recorded: new contacts stay pending.
    pub consent: Option<ImportConsent>,
}

/// A file of contacts, and what became of it.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct ContactImport {
    pub id: ContactImportId,
    pub file_name: String,
    pub status: ImportStatus,
    pub bytes: i64,
    pub encoding: Encoding,
    pub delimiter: Delimiter,
    /// What staff decided; null until it is started.
    #[schema(value_type = Option<ImportOptions>)]
    pub options: Option<sqlx::types::Json<ImportOptions>>,
    /// In which something stands, the header among them.
    pub rows: i64,
    /// How many of them were worked on.
    pub rows_done: i64,
    /// New contacts.
    pub created: i64,
    /// Contacts that were there and changed.
    pub updated: i64,
    /// Contacts that were there, of which the file said nothing new.
    pub unchanged: i64,
    /// Contacts that were there and were left alone.
    pub skipped: i64,
    /// Rows whose number stood in the file before.
    pub duplicate: i64,
    /// Rows that could not be taken in; the file of errors says why.
    pub invalid: i64,
    /// Contacts of which consent was recorded.
    pub consent_given: i64,
    /// Contacts of which it was not, because they opted out, may have, or took it back later.
    pub consent_refused: i64,
    /// Contacts that undoing took away again.
    pub undone_deleted: i64,
    /// Contacts that are as they were before.
    pub undone_restored: i64,
    /// Contacts that could not be put back, wholly or partly, because something happened since; the file of errors says what.
    pub undone_kept: i64,
    /// Why it failed.
    pub problem: Option<String>,
    /// Display name; null for programs.
    pub created_by: Option<String>,
    pub created_at: DateTime<Utc>,
    pub started_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
    pub undone_at: Option<DateTime<Utc>>,
    /// Until when it can be undone, and errors can be had; null while it is not finished.
    pub undoable_until: Option<DateTime<Utc>>,
}

/// One column as it is guessed, or was decided.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct PreviewColumn {
    /// What stands in the header; null where there is none.
    pub header: Option<String>,
    /// Some of its cells.
    pub examples: Vec<String>,
    pub field: ImportField,
    /// Of a custom one, the attribute's name.
    pub name: Option<String>,
}

/// What would become of one row.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct PreviewRow {
    /// Counted from 1, header and blank lines included.
    pub line: i64,
    pub verdict: Verdict,
    /// E.164; null where none is to be seen.
    pub phone_number: Option<String>,
    /// The contact that is there already.
    pub contact_id: Option<ContactId>,
    /// They opted out, and stay so whatever the file says.
    pub opted_out: bool,
    pub cells: Vec<String>,
    /// Why it is invalid.
    pub errors: Vec<FieldError>,
}

/// How many rows of each verdict.
#[derive(Clone, Copy, Debug, Default, Serialize, utoipa::ToSchema)]
pub struct PreviewCounts {
    pub new: i64,
    pub updates: i64,
    pub unchanged: i64,
    pub skipped: i64,
    pub duplicate: i64,
    pub invalid: i64,
    /// Of all these, contacts that opted out.
    pub opted_out: i64,
}

impl PreviewCounts {
    pub(super) const fn add(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::New => self.new += 1,
            Verdict::Updates => self.updates += 1,
            Verdict::Unchanged => self.unchanged += 1,
            Verdict::Skipped => self.skipped += 1,
            Verdict::Duplicate => self.duplicate += 1,
            Verdict::Invalid => self.invalid += 1,
        }
    }
}

/// What would become of a file.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct ImportPreview {
    pub import: ContactImport,
    /// As guessed, or as asked for: what is started with these does what is shown here.
    pub options: ImportOptions,
    pub columns: Vec<PreviewColumn>,
    /// What keeps it from being started: no column for the number, for one.
    pub errors: Vec<FieldError>,
    /// How many rows were looked at: all of a file of up to 5000, the first of a longer one.
    pub judged: i64,
    pub counts: PreviewCounts,
    /// The first of them.
    pub rows: Vec<PreviewRow>,
}
