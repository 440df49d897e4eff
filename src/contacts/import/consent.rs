//! What proves that the people in a file agreed to texts, and who keeps the book of it: the slice above, which this one cannot call.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::platform::{
    db::Tx,
    ids::{ApiKeyId, ConsentEventId, ContactId, DisclosureId, UserId},
    phone::PhoneNumber,
    problem::Problem,
};

/// How far it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportTier {
    /// They agreed to be texted.
    Express,
    /// They agreed in writing (47 CFR 64.1200(f)(9)).
    ExpressWritten,
}

/// How they gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportMethod {
    Import,
    WebForm,
    Paper,
    Verbal,
    Api,
    StaffRecorded,
}

/// What they may be texted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportChannel {
    Sms,
    Whatsapp,
    Web,
    Simulator,
}

/// What they may be texted about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportPurpose {
    Conversational,
    Transactional,
    Marketing,
}

/// Consent of everybody in a file, of one kind. Each contact gets a line of it in their ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportConsent {
    #[schema(inline)]
    pub tier: ImportTier,
    #[schema(inline)]
    pub method: ImportMethod,
    #[schema(inline)]
    pub channel: ImportChannel,
    #[schema(inline)]
    pub purpose: ImportPurpose,
    /// What they were told, what they said or signed, and where the proof is. 1 to 2000 characters.
    #[schema(min_length = 1, max_length = 2000, example = "Signed up at the spring fair, sheets 1 to 40, folder 12")]
    pub evidence: String,
    /// What they were told, word for word.
    pub disclosure_id: Option<DisclosureId>,
    /// Where it came from; the name of the file if left out. Up to 300 characters.
    #[schema(max_length = 300)]
    pub source: Option<String>,
    /// The page of a web form.
    #[schema(max_length = 2000)]
    pub page_url: Option<String>,
    /// When they gave it.
    pub given_at: DateTime<Utc>,
}

/// A contact of whom a row was taken in.
#[derive(Clone, Debug)]
pub struct TakenIn {
    pub id: ContactId,
    pub number: PhoneNumber,
    /// Made just now.
    pub is_new: bool,
}

/// Who brought the file.
#[derive(Clone, Copy, Debug)]
pub struct BroughtBy {
    pub user_id: Option<UserId>,
    pub api_key_id: Option<ApiKeyId>,
}

/// A line that was written into a contact's ledger.
pub type Given = (ContactId, ConsentEventId);

/// Keeps the ledgers of consent. What it does commits with the contacts, or not at all.
#[async_trait]
pub trait ConsentBook: Send + Sync {
    /// Whether what is said of the consent can be recorded at all.
    async fn check(&self, tx: &mut Tx, consent: &ImportConsent) -> Result<(), Problem>;

    /// Heeds what is known of new contacts' numbers, and records the consent of those who may have it recorded: never of somebody who opted
    /// out, may have, or took it back since. The contacts are locked. Gives the lines that were written.
    async fn take_in(
        &self,
        tx: &mut Tx,
        taken: &[TakenIn],
        consent: Option<&ImportConsent>,
        by: BroughtBy,
    ) -> Result<Vec<Given>, sqlx::Error>;

    /// Ends, line by line, what was recorded, for contacts that stay. Gives the contacts whose ledger went on since: theirs stands.
    async fn end(&self, tx: &mut Tx, given: &[Given], by: BroughtBy) -> Result<Vec<ContactId>, sqlx::Error>;

    /// Takes the ledgers of contacts out that are about to be deleted. A ledger with other lines than these stays, and the deletion fails.
    async fn forget(&self, tx: &mut Tx, given: &[Given]) -> Result<(), sqlx::Error>;
}

/// The book in use.
pub type Book = Arc<dyn ConsentBook>;
