//! What slices say about the rows they keep of people: how an export reads them, and how many an erasure took away. Knows no slice.

use serde_json::Value;
use sqlx::Row;

use super::{db::Tx, ids::ContactId};

/// One kind of rows about a contact, as an export shows them. A slice lists its kinds in its store.
#[derive(Clone, Copy, Debug)]
pub struct PersonalRows {
    /// Name of the files, plural, such as `messages`.
    pub name: &'static str,
    /// What the rows are, for the person they are about.
    pub meaning: &'static str,
    /// Reads one page in the order of `key`: `$1` organization, `$2` contact, `$3` the last key before (text, may be null), `$4` most
    /// rows. Its columns are `key` (text) and `row` (jsonb).
    pub sql: &'static str,
}

/// One page of rows, and the key to ask for the next one with.
pub struct PersonalPage {
    pub rows: Vec<Value>,
    pub last: Option<String>,
}

/// The rows after `after`.
pub async fn page(
    tx: &mut Tx,
    kind: &PersonalRows,
    contact: ContactId,
    after: Option<&str>,
    limit: i64,
) -> Result<PersonalPage, sqlx::Error> {
    let organization = tx.organization_id();
    let found =
        sqlx::query(kind.sql).bind(organization.0).bind(contact.0).bind(after).bind(limit).fetch_all(&mut **tx).await?;
    let last = found.last().map(|row| row.try_get("key")).transpose()?;
    let rows = found.iter().map(|row| row.try_get("row")).collect::<Result<_, _>>()?;
    Ok(PersonalPage { rows, last })
}

/// How many rows of which kind an erasure took away.
pub type Erased = (&'static str, u64);
