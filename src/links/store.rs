//! All SQL on links.

pub(super) mod personal;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use url::Url;
use uuid::Uuid;

use super::{
    model::{BatchClicks, ClickKind, Link, LinkSettings},
    rules::is_target,
};
use crate::platform::{
    crypto,
    db::Tx,
    http::{Order, Page, SortKey, SortKind},
    ids::{ContactId, LinkId, OrganizationId},
    listing::List,
};

/// 59 bits: who tries a thousand codes a second finds one of a million links in two centuries.
const CODE_LENGTH: usize = 10;

pub(super) async fn settings(tx: &mut Tx) -> Result<LinkSettings, sqlx::Error> {
    let organization = tx.organization_id();
    let row = sqlx::query_as!(
        LinkSettings,
        "SELECT enabled, base_url, version FROM link_settings WHERE organization_id = $1",
        organization.0
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.unwrap_or_default())
}

/// Saves the settings if nobody else saved them since the version in them. None: somebody did.
pub(super) async fn save_settings(tx: &mut Tx, wanted: &LinkSettings) -> Result<Option<LinkSettings>, sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.real_clock().now());
    sqlx::query_as!(
        LinkSettings,
        "INSERT INTO link_settings AS s (organization_id, enabled, base_url, updated_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (organization_id) DO UPDATE SET enabled = $2, base_url = $3, updated_at = $4, version = s.version + 1
           WHERE s.version = $5
         RETURNING enabled, base_url, version",
        organization.0,
        wanted.enabled,
        wanted.base_url,
        now,
        wanted.version,
    )
    .fetch_optional(&mut **tx)
    .await
}

/// What stands before a code in an address ("https://go.example.com/l/"). None: links are not shortened here.
pub async fn prefix(tx: &mut Tx, public_url: Option<&Url>) -> Result<Option<String>, sqlx::Error> {
    let settings = settings(tx).await?;
    let installation = || public_url.map(|url| url.origin().ascii_serialization());
    let base = settings.enabled.then(|| settings.base_url.or_else(installation)).flatten();
    Ok(base.map(|base| format!("{base}/l/")))
}

/// Makes links for hundreds at once: one per recipient and target, in their order; gives their codes. Every target must be one
/// ([`is_target`]).
pub async fn mint(tx: &mut Tx, links: &[(ContactId, String)], batch: Option<Uuid>) -> Result<Vec<String>, sqlx::Error> {
    let wanted: Vec<_> = links.iter().map(|(contact, target)| (Some(*contact), target.as_str())).collect();
    Ok(make(tx, &wanted, batch).await?.into_iter().map(|(_, code)| code).collect())
}

/// As [`mint`], also for nobody in particular; gives ids and codes.
pub(super) async fn make(
    tx: &mut Tx,
    links: &[(Option<ContactId>, &str)],
    batch: Option<Uuid>,
) -> Result<Vec<(LinkId, String)>, sqlx::Error> {
    if let Some((_, target)) = links.iter().find(|(_, target)| !is_target(target)) {
        return Err(sqlx::Error::Encode(format!("not the target of a link: {target:?}").into()));
    }
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    let mut made: Vec<(LinkId, String)> =
        links.iter().map(|_| (LinkId::new(tx.clock()), crypto::random_code(CODE_LENGTH))).collect();
    let mut missing: Vec<usize> = (0..links.len()).collect();
    // A code that is taken already, once in many lifetimes, is drawn anew.
    while !missing.is_empty() {
        let ids: Vec<Uuid> = missing.iter().map(|n| made[*n].0.0).collect();
        let codes: Vec<String> = missing.iter().map(|n| made[*n].1.clone()).collect();
        let targets: Vec<String> = missing.iter().map(|n| links[*n].1.to_owned()).collect();
        let contacts: Vec<Option<Uuid>> = missing.iter().map(|n| links[*n].0.map(|c| c.0)).collect();
        let kept = sqlx::query_scalar!(
            "INSERT INTO links (organization_id, id, code, target_url, batch_id, contact_id, created_at)
             SELECT $1, of.id, of.code, of.target, $6, of.contact, $7
             FROM unnest($2::uuid[], $3::text[], $4::text[], $5::uuid[]) AS of (id, code, target, contact)
             ON CONFLICT (code) DO NOTHING RETURNING id",
            organization.0,
            &ids,
            &codes,
            &targets,
            &contacts as &[Option<Uuid>],
            batch,
            now,
        )
        .fetch_all(&mut **tx)
        .await?;
        if kept.len() == missing.len() {
            break;
        }
        let kept: std::collections::HashSet<Uuid> = kept.into_iter().collect();
        missing.retain(|n| !kept.contains(&made[*n].0.0));
        for n in &missing {
            made[*n].1 = crypto::random_code(CODE_LENGTH);
        }
    }
    Ok(made)
}

/// Of these recipients, those who followed a link of the batch.
pub async fn clicked(tx: &mut Tx, batch: Uuid, contacts: &[ContactId]) -> Result<Vec<ContactId>, sqlx::Error> {
    let organization = tx.organization_id();
    let ids: Vec<Uuid> = contacts.iter().map(|c| c.0).collect();
    sqlx::query_scalar!(
        r#"SELECT DISTINCT contact_id AS "id!: ContactId" FROM links
           WHERE organization_id = $1 AND batch_id = $2 AND contact_id = ANY($3) AND first_clicked_at IS NOT NULL"#,
        organization.0,
        batch,
        &ids,
    )
    .fetch_all(&mut **tx)
    .await
}

/// What came of a batch's links. Reads those only that were followed.
pub async fn batch_clicks(tx: &mut Tx, batch: Uuid) -> Result<BatchClicks, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        BatchClicks,
        r#"SELECT count(DISTINCT contact_id) AS "contacts!", COALESCE(sum(clicks), 0) AS "clicks!" FROM links
           WHERE organization_id = $1 AND batch_id = $2 AND first_clicked_at IS NOT NULL"#,
        organization.0,
        batch,
    )
    .fetch_one(&mut **tx)
    .await
}

/// The orders of the list of links.
pub(super) const ORDERS: &[SortKey] = &[
    SortKey { name: "id", sql: "id", kind: SortKind::Id, descending: true },
    SortKey { name: "last_clicked_at", sql: "last_clicked_at", kind: SortKind::Time, descending: true },
];

/// What a list of links is narrowed to.
pub(super) struct Filter {
    pub batch: Option<Uuid>,
    pub contact: Option<ContactId>,
    pub clicked: Option<bool>,
    /// In the order of the latest clicks.
    pub by_click: bool,
}

const COLUMNS: &str =
    "id, code, target_url, batch_id, contact_id, clicks, bot_clicks, first_clicked_at, last_clicked_at, created_at";

pub(super) async fn list(tx: &mut Tx, filter: &Filter, order: &Order) -> Result<Page<Link>, sqlx::Error> {
    let mut list = List::new(tx, order, "id", COLUMNS, "links", "organization_id");
    list.filter("batch_id = ", filter.batch);
    list.filter("contact_id = ", filter.contact.map(|c| c.0));
    // By the time of a click only those have a place that were followed.
    list.condition(filter.clicked == Some(true) || filter.by_click, "last_clicked_at IS NOT NULL");
    list.condition(filter.clicked == Some(false), "last_clicked_at IS NULL");
    list.page(tx).await
}

pub(super) async fn get(tx: &mut Tx, id: LinkId) -> Result<Option<Link>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        Link,
        r#"SELECT id AS "id: _", code, target_url, batch_id, contact_id AS "contact_id: _", clicks, bot_clicks, first_clicked_at,
                  last_clicked_at, created_at
           FROM links WHERE organization_id = $1 AND id = $2"#,
        organization.0,
        id.0,
    )
    .fetch_optional(&mut **tx)
    .await
}

/// Where a link leads, and what it says of who follows it.
pub(super) struct Known {
    pub organization_id: OrganizationId,
    pub id: LinkId,
    pub target_url: String,
}

/// Whose link it is. A code is all that a click says: this is asked outside every tenant.
pub(super) async fn by_code(system: &mut PgConnection, code: &str) -> Result<Option<Known>, sqlx::Error> {
    sqlx::query_as!(
        Known,
        r#"SELECT organization_id AS "organization_id: _", id AS "id: _", target_url FROM links WHERE code = $1"#,
        code
    )
    .fetch_optional(system)
    .await
}

/// When the link was made, or its recipient last texted, whichever is later.
pub(super) async fn sent_at(tx: &mut Tx, id: LinkId) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_scalar!(
        r#"SELECT GREATEST(l.created_at, a.last_texted_at) AS "at!" FROM links l
           LEFT JOIN contact_activity a ON a.organization_id = l.organization_id AND a.contact_id = l.contact_id
           WHERE l.organization_id = $1 AND l.id = $2"#,
        organization.0,
        id.0,
    )
    .fetch_optional(&mut **tx)
    .await
}

/// Counts a click, at most one of people and one of programs in a minute: a flood of one link is a row a minute. None: it was not
/// counted; else whose link it is.
pub(super) async fn record(tx: &mut Tx, id: LinkId, kind: ClickKind) -> Result<Option<Option<ContactId>>, sqlx::Error> {
    let (organization, row, now) = (tx.organization_id(), LinkId::new(tx.clock()), tx.clock().now());
    let person = kind == ClickKind::Person;
    let counted = sqlx::query_scalar!(
        r#"WITH link AS (
               UPDATE links SET clicks = clicks + $4::boolean::integer, bot_clicks = bot_clicks + (NOT $4)::integer,
                      first_clicked_at = CASE WHEN $4 THEN COALESCE(first_clicked_at, $5) ELSE first_clicked_at END,
                      last_clicked_at = CASE WHEN $4 THEN $5 ELSE last_clicked_at END,
                      last_bot_at = CASE WHEN $4 THEN last_bot_at ELSE $5 END
               WHERE organization_id = $1 AND id = $2
                 AND COALESCE(CASE WHEN $4 THEN last_clicked_at ELSE last_bot_at END NOT BETWEEN $5::timestamptz - interval '1 minute' AND $5, true)
               RETURNING contact_id),
             click AS (INSERT INTO link_clicks (organization_id, id, link_id, kind, at) SELECT $1, $3, $2, $6, $5 FROM link),
             activity AS (
               INSERT INTO contact_activity AS a (organization_id, contact_id, last_clicked_at, clicks)
               SELECT $1, contact_id, $5, 1 FROM link WHERE $4 AND contact_id IS NOT NULL
               ON CONFLICT (organization_id, contact_id) DO UPDATE SET
                   last_clicked_at = GREATEST(a.last_clicked_at, EXCLUDED.last_clicked_at), clicks = a.clicks + 1)
           SELECT contact_id AS "contact_id: ContactId" FROM link"#,
        organization.0,
        id.0,
        row.0,
        person,
        now,
        kind.as_str(),
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(counted)
}
