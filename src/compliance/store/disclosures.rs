//! SQL on what people are told when they agree to texts.

use super::super::model::{ConsentPurpose, Disclosure};
use crate::platform::{
    crypto,
    db::Tx,
    http::{Order, Page, SortKey, SortKind},
    ids::{DisclosureId, UserId},
    listing::List,
};

pub(in crate::compliance) struct NewDisclosure<'a> {
    pub program: &'a str,
    pub seller: &'a str,
    pub purpose: ConsentPurpose,
    /// To the last space.
    pub text: &'a str,
    pub user: Option<UserId>,
}

/// Adds the next version of the program's disclosure. None: its newest version says exactly this.
pub(in crate::compliance) async fn insert(
    tx: &mut Tx,
    d: &NewDisclosure<'_>,
) -> Result<Option<DisclosureId>, sqlx::Error> {
    let (organization, id, now) = (tx.organization_id(), DisclosureId::new(tx.clock()), tx.clock().now());
    // Two at once count one after the other.
    sqlx::query!(
        "SELECT pg_advisory_xact_lock(hashtextextended('disclosures ' || $1::text, 0))",
        organization.0.to_string()
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query_scalar!(
        r#"INSERT INTO disclosures (organization_id, id, program, version, seller, purpose, wording, sha256, user_id, created_at)
           SELECT $1, $2, $3, COALESCE(max(version), 0) + 1, $4, $5, $6, $7, $8, $9 FROM disclosures
           WHERE organization_id = $1 AND program = $3
           HAVING NOT EXISTS (SELECT FROM disclosures n WHERE n.organization_id = $1 AND n.program = $3 AND n.sha256 = $7
                                AND n.seller = $4 AND n.purpose = $5
                                AND n.version = (SELECT max(version) FROM disclosures WHERE organization_id = $1 AND program = $3))
           RETURNING id AS "id: DisclosureId""#,
        organization.0,
        id.0,
        d.program,
        d.seller,
        d.purpose.as_str(),
        d.text,
        crypto::sha256_hex(d.text.as_bytes()),
        d.user.map(|u| u.0),
        now,
    )
    .fetch_optional(&mut **tx)
    .await
}

/// The hash of the disclosure's text. None: there is no such disclosure.
pub(in crate::compliance) async fn sha256(tx: &mut Tx, id: DisclosureId) -> Result<Option<String>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_scalar!("SELECT sha256 FROM disclosures WHERE organization_id = $1 AND id = $2", organization.0, id.0)
        .fetch_optional(&mut **tx)
        .await
}

/// The orders of the list.
pub(in crate::compliance) const ORDERS: &[SortKey] =
    &[SortKey { name: "created_at", sql: "d.created_at", kind: SortKind::Time, descending: true }];

const COLUMNS: &str = "d.id, d.program, d.version, d.seller, d.purpose, d.wording AS text, d.sha256, u.display_name AS created_by, \
    d.created_at, (SELECT count(*) FROM consent_events e WHERE e.organization_id = d.organization_id AND e.disclosure_id = d.id) AS used";
const FROM: &str = "disclosures d LEFT JOIN users u ON u.id = d.user_id";

/// What the list is narrowed to.
#[derive(Default)]
pub(in crate::compliance) struct Filter<'a> {
    pub id: Option<DisclosureId>,
    /// Part of the program, the seller or the text.
    pub text: Option<&'a str>,
    pub program: Option<&'a str>,
    /// Only the newest version of each program.
    pub newest: bool,
}

pub(in crate::compliance) async fn list(
    tx: &mut Tx,
    filter: &Filter<'_>,
    order: &Order,
) -> Result<Page<Disclosure>, sqlx::Error> {
    let mut list = List::new(tx, order, "d.id", COLUMNS, FROM, "d.organization_id");
    list.search(&["d.program", "d.seller", "d.wording"], filter.text);
    list.filter("d.id = ", filter.id.map(|id| id.0));
    list.filter("d.program = ", filter.program.map(str::to_owned));
    list.condition(
        filter.newest,
        "d.version = (SELECT max(n.version) FROM disclosures n WHERE n.organization_id = d.organization_id AND n.program = d.program)",
    );
    list.page(tx).await
}

pub(in crate::compliance) async fn one(tx: &mut Tx, id: DisclosureId) -> Result<Option<Disclosure>, sqlx::Error> {
    let first = Order::first(ORDERS);
    Ok(list(tx, &Filter { id: Some(id), ..Filter::default() }, &first).await?.items.pop())
}
