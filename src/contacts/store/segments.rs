//! All SQL on segments: they themselves, and filters asked of the contacts. A filter becomes fixed text and bound values.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{Connection, Postgres, QueryBuilder, Row};
use uuid::Uuid;

use crate::{
    contacts::segments::{Activity, Condition, Counted, Fields, Filter, Moment, Node, Segment, TextField, parse},
    platform::{
        db::Tx,
        http::{Order, Page, SortKey, SortKind},
        ids::{ContactId, OrganizationId, SegmentId},
        listing::List,
    },
};

/// The orders of the list of segments.
pub(in crate::contacts) const ORDERS: &[SortKey] = &[
    SortKey { name: "updated_at", sql: "updated_at", kind: SortKind::Time, descending: true },
    SortKey { name: "name", sql: "lower(name)", kind: SortKind::Text, descending: false },
    SortKey { name: "created_at", sql: "created_at", kind: SortKind::Time, descending: true },
];

pub(in crate::contacts) async fn list(
    tx: &mut Tx,
    text: Option<&str>,
    archived: bool,
    order: &Order,
) -> Result<Page<Segment>, sqlx::Error> {
    let columns = "id, name, filter, archived_at, created_at, updated_at, version";
    let mut list = List::new(tx, order, "id", columns, "segments", "organization_id");
    list.search(&["name"], text);
    list.condition(archived, "archived_at IS NOT NULL");
    list.condition(!archived, "archived_at IS NULL");
    list.page(tx).await
}

/// One segment, also one that was put away.
pub async fn segment(tx: &mut Tx, id: SegmentId) -> Result<Option<Segment>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        Segment,
        r#"SELECT id AS "id: _", name, filter AS "filter: _", archived_at, created_at, updated_at, version
           FROM segments WHERE organization_id = $1 AND id = $2"#,
        organization.0,
        id.0,
    )
    .fetch_optional(&mut **tx)
    .await
}

/// As [`segment`], locked for the rest of the transaction.
pub(in crate::contacts) async fn lock(tx: &mut Tx, id: SegmentId) -> Result<Option<Segment>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        Segment,
        r#"SELECT id AS "id: _", name, filter AS "filter: _", archived_at, created_at, updated_at, version
           FROM segments WHERE organization_id = $1 AND id = $2 FOR NO KEY UPDATE"#,
        organization.0,
        id.0,
    )
    .fetch_optional(&mut **tx)
    .await
}

pub(in crate::contacts) async fn insert(tx: &mut Tx, f: &Fields) -> Result<SegmentId, sqlx::Error> {
    let (organization, id, now) = (tx.organization_id(), SegmentId::new(tx.clock()), tx.clock().now());
    sqlx::query!(
        "INSERT INTO segments (organization_id, id, name, filter, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $5)",
        organization.0,
        id.0,
        f.name,
        serde_json::json!(f.filter),
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(id)
}

pub(in crate::contacts) async fn update(tx: &mut Tx, id: SegmentId, f: &Fields) -> Result<(), sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query!(
        "UPDATE segments SET name = $3, filter = $4, updated_at = $5, version = version + 1 WHERE organization_id = $1 AND id = $2",
        organization.0,
        id.0,
        f.name,
        serde_json::json!(f.filter),
        now,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Puts the segment away, or takes it out again.
pub(in crate::contacts) async fn set_archived(tx: &mut Tx, id: SegmentId, archived: bool) -> Result<(), sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query!(
        "UPDATE segments SET archived_at = CASE WHEN $3 THEN $4::timestamptz END, updated_at = $4, version = version + 1
         WHERE organization_id = $1 AND id = $2 AND (archived_at IS NOT NULL) <> $3",
        organization.0,
        id.0,
        archived,
        now,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Deletes the segment. False: something was made of it.
pub(in crate::contacts) async fn delete(tx: &mut Tx, id: SegmentId) -> Result<bool, sqlx::Error> {
    let organization = tx.organization_id();
    let done = sqlx::query!("DELETE FROM segments WHERE organization_id = $1 AND id = $2", organization.0, id.0)
        .execute(&mut **tx)
        .await;
    match done {
        Ok(_) => Ok(true),
        Err(sqlx::Error::Database(e)) if e.is_foreign_key_violation() => Ok(false),
        Err(error) => Err(error),
    }
}

/// Takes somebody who is erased out of every list of ids and numbers. How many segments named them.
pub(in crate::contacts) async fn forget(tx: &mut Tx, id: ContactId, number: &str) -> Result<u64, sqlx::Error> {
    let organization = tx.organization_id();
    let naming = sqlx::query!(
        r#"SELECT id, filter AS "filter: sqlx::types::Json<Filter>" FROM segments
           WHERE organization_id = $1 AND (position($2 IN lower(filter::text)) > 0 OR position($3 IN filter::text) > 0)
           ORDER BY id FOR NO KEY UPDATE"#,
        organization.0,
        id.to_string(),
        number,
    )
    .fetch_all(&mut **tx)
    .await?;
    let mut found = 0;
    for mut segment in naming {
        if !segment.filter.0.forget(&id.to_string(), number) {
            continue;
        }
        found += 1;
        sqlx::query!(
            "UPDATE segments SET filter = $3, version = version + 1 WHERE organization_id = $1 AND id = $2",
            organization.0,
            segment.id,
            serde_json::json!(segment.filter.0),
        )
        .execute(&mut **tx)
        .await?;
    }
    Ok(found)
}

// ---- filters asked of the contacts

/// What stays the same in all conditions of one filter.
struct Asked {
    organization: OrganizationId,
    /// By the organization's clock.
    now: DateTime<Utc>,
}

/// Narrows a query whose FROM holds `contacts` (without another name) to whom the filter means.
pub(super) fn narrow(query: &mut QueryBuilder<Postgres>, tx: &Tx, filter: &Filter) -> Result<(), sqlx::Error> {
    // Only what was checked is kept; a later version may have kept what this one cannot read.
    let node = parse(filter).map_err(|errors| {
        let first = errors.first().map(|e| format!("{}: {}", e.field, e.message)).unwrap_or_default();
        sqlx::Error::Decode(format!("unreadable filter: {first}").into())
    })?;
    let asked = Asked { organization: tx.organization_id(), now: tx.clock().now() };
    query.push(" AND ");
    asked.node(query, &node);
    Ok(())
}

impl Asked {
    fn node(&self, query: &mut QueryBuilder<Postgres>, node: &Node) {
        match node {
            Node::All(parts) if parts.is_empty() => drop(query.push("true")),
            Node::All(parts) => self.parts(query, parts, " AND "),
            Node::Any(parts) => self.parts(query, parts, " OR "),
            // EXISTS is never null, and without what stands behind it Postgres may join.
            Node::Not(part) if matches!(**part, Node::Condition(ref c) if c.is_look_up()) => {
                query.push("NOT ");
                self.node(query, part);
            }
            // Not to be English is also to have no language.
            Node::Not(part) => {
                query.push("(");
                self.node(query, part);
                query.push(") IS NOT TRUE");
            }
            Node::Condition(condition) => self.condition(query, condition),
        }
    }

    fn parts(&self, query: &mut QueryBuilder<Postgres>, parts: &[Node], between: &'static str) {
        for (n, part) in parts.iter().enumerate() {
            query.push(if n == 0 { "(" } else { between });
            self.node(query, part);
        }
        query.push(")");
    }

    fn condition(&self, query: &mut QueryBuilder<Postgres>, condition: &Condition) {
        match condition {
            Condition::Text(field, texts) => {
                // Of the postal code so that its index is used, which is in bytes.
                let collation = if *field == TextField::PostalCode { " COLLATE \"C\"" } else { "" };
                query.push("contacts.").push(field.column()).push(collation).push(" = ANY(");
                query.push_bind(texts.clone()).push(")");
            }
            Condition::Set(field) => drop(query.push("contacts.").push(field.column()).push(" IS NOT NULL")),
            // Ranges, because LIKE is not leakproof. No code holds a letter behind Z.
            Condition::PostalPrefix(prefixes) => {
                for (n, prefix) in prefixes.iter().enumerate() {
                    query.push(if n == 0 { "(" } else { " OR " }).push("contacts.postal_code COLLATE \"C\" >= ");
                    query.push_bind(prefix.clone()).push(" AND contacts.postal_code COLLATE \"C\" < ");
                    query.push_bind(format!("{prefix}~"));
                }
                query.push(")");
            }
            Condition::Tags(tags) => {
                self.look_up(query, "contact_tags t", "t").push("t.tag = ANY(").push_bind(tags.clone()).push("))");
            }
            Condition::Custom(name, texts) => {
                query.push("(contacts.custom ->> ").push_bind(name.clone()).push(") = ANY(");
                query.push_bind(texts.clone()).push(")");
            }
            Condition::CustomSet(name) => {
                query.push("COALESCE(contacts.custom ->> ").push_bind(name.clone()).push(", '') <> ''");
            }
            Condition::CustomContains(name, text) => {
                query.push("strpos(lower(contacts.custom ->> ").push_bind(name.clone()).push("), lower(");
                query.push_bind(text.clone()).push(")) > 0");
            }
            Condition::CustomLess(name, number) => compare(query, name, " < ", *number),
            Condition::CustomGreater(name, number) => compare(query, name, " > ", *number),
            Condition::Created(moment) => {
                query.push("contacts.created_at >= ");
                match moment {
                    Moment::DaysAgo(days) => drop(query.push_bind(self.ago(*days))),
                    Moment::Since(date) => {
                        query
                            .push("(")
                            .push_bind(*date)
                            .push("::timestamp AT TIME ZONE (SELECT timezone FROM organizations WHERE id = ");
                        query.push_bind(self.organization.0).push("))");
                    }
                }
            }
            Condition::Did(Activity::Heard, None) => drop(query.push("contacts.last_message_at IS NOT NULL")),
            Condition::Did(Activity::Heard, Some(days)) => {
                query.push("(contacts.last_message_at >= ").push_bind(self.ago(*days));
                // Says nothing new, but has an index.
                query.push(" AND COALESCE(contacts.last_message_at, contacts.created_at) >= ");
                query.push_bind(self.ago(*days)).push(")");
            }
            Condition::Did(activity, days) => {
                let query = self.look_up(query, "contact_activity a", "a").push(activity.last());
                match days {
                    Some(days) => drop(query.push(" >= ").push_bind(self.ago(*days)).push(")")),
                    None => drop(query.push(" IS NOT NULL)")),
                }
            }
            Condition::Times(activity, times) => {
                let query = self.look_up(query, "contact_activity a", "a");
                // Whoever did it so often did it at all: the index is on that.
                query.push(activity.last()).push(" IS NOT NULL AND ").push(activity.times()).push(" >= ");
                query.push_bind(*times).push(")");
            }
            Condition::Import(id) => {
                self.look_up(query, "contact_import_rows r", "r").push("r.import_id = ").push_bind(*id).push(")");
            }
            Condition::Ids(ids) => drop(query.push("contacts.id = ANY(").push_bind(ids.clone()).push(")")),
            Condition::Numbers(numbers) => {
                query.push("contacts.phone_number = ANY(").push_bind(numbers.clone()).push(")");
            }
        }
    }

    /// By the contact's id in another table; the caller adds what else must hold and the closing bracket.
    fn look_up<'q>(
        &self,
        query: &'q mut QueryBuilder<Postgres>,
        from: &'static str,
        alias: &'static str,
    ) -> &'q mut QueryBuilder<Postgres> {
        query.push("EXISTS (SELECT FROM ").push(from).push(" WHERE ").push(alias).push(".organization_id = ");
        query.push_bind(self.organization.0).push(" AND ").push(alias).push(".contact_id = contacts.id AND ")
    }

    fn ago(&self, days: i32) -> DateTime<Utc> {
        self.now - TimeDelta::days(days.into())
    }
}

/// An attribute is a text: whatever is no number is neither less nor greater. The text is not cast before it was looked at.
fn compare(query: &mut QueryBuilder<Postgres>, name: &str, operator: &'static str, number: f64) {
    query.push("CASE WHEN (contacts.custom ->> ").push_bind(name.to_owned());
    query.push(r") ~ '^\s*[+-]?[0-9]{1,15}(\.[0-9]{0,15})?\s*$' THEN (contacts.custom ->> ").push_bind(name.to_owned());
    query.push(")::float8").push(operator).push_bind(number).push(" ELSE false END");
}

impl Condition {
    /// Asked of another table.
    fn is_look_up(&self) -> bool {
        match self {
            Self::Did(activity, _) => *activity != Activity::Heard,
            Self::Tags(_) | Self::Times(..) | Self::Import(_) => true,
            _ => false,
        }
    }
}

impl Activity {
    /// Its column of contact_activity. When somebody was heard is in their own row.
    const fn last(self) -> &'static str {
        match self {
            Self::Texted | Self::Heard => "a.last_texted_at",
            Self::Booked => "a.last_booked_at",
            Self::Visited => "a.last_visit_at",
            Self::NoShow => "a.last_no_show_at",
            Self::Cancelled => "a.last_cancelled_at",
            Self::Clicked => "a.last_clicked_at",
        }
    }

    const fn times(self) -> &'static str {
        match self {
            Self::Visited => "a.visits",
            Self::NoShow => "a.no_shows",
            Self::Cancelled => "a.cancellations",
            Self::Clicked => "a.clicks",
            Self::Texted | Self::Heard | Self::Booked => "a.bookings",
        }
    }
}

fn of_tenant(tx: &Tx, select: &'static str) -> QueryBuilder<Postgres> {
    let mut query = QueryBuilder::new(select);
    query.push(" WHERE contacts.organization_id = ").push_bind(tx.organization_id().0);
    query.push(" AND contacts.archived_at IS NULL");
    query
}

/// Whom a filter means, `limit` of them at most, in the order of their ids, behind `after`.
pub async fn select(
    tx: &mut Tx,
    filter: &Filter,
    after: Option<ContactId>,
    limit: i64,
) -> Result<Vec<ContactId>, sqlx::Error> {
    let mut query = of_tenant(tx, "SELECT contacts.id FROM contacts");
    narrow(&mut query, tx, filter)?;
    if let Some(after) = after {
        query.push(" AND contacts.id > ").push_bind(after.0);
    }
    query.push(" ORDER BY contacts.id LIMIT ").push_bind(limit);
    query.build_query_scalar().persistent(false).fetch_all(&mut **tx).await
}

/// How many contacts a filter means, counted to the end, however long that takes.
pub async fn count(tx: &mut Tx, filter: &Filter) -> Result<i64, sqlx::Error> {
    let mut query = of_tenant(tx, "SELECT count(*) FROM contacts");
    narrow(&mut query, tx, filter)?;
    query.build_query_scalar().persistent(false).fetch_one(&mut **tx).await
}

/// As far as contacts are counted one by one.
const EXACTLY: i64 = 10_000;
/// So many pages of the table are looked at where that would take too long; fewer where even they do.
const SAMPLES: [i64; 3] = [1_500, 150, 15];

/// How many contacts a filter means, said in about a second, and some of them.
pub async fn estimate(tx: &mut Tx, filter: &Filter) -> Result<(Counted, Vec<ContactId>), sqlx::Error> {
    let found = "SELECT f.opt_in_status, count(*), (array_agg(f.id))[1:5] \
                 FROM (SELECT contacts.id, contacts.opt_in_status FROM contacts";
    let mut query = of_tenant(tx, found);
    narrow(&mut query, tx, filter)?;
    query.push(" LIMIT ").push_bind(EXACTLY + 1).push(") AS f GROUP BY 1 ORDER BY 1");
    let counted = within(tx, "800ms", query).await?.map(|rows| gathered(&rows, 1.0)).transpose()?;
    let at_least = match counted {
        Some((counted, some)) if counted.contacts <= EXACTLY => return Ok((Counted { exact: true, ..counted }, some)),
        counted => counted,
    };
    let mut reckoned = None;
    let pages: i64 =
        sqlx::query_scalar!(r#"SELECT pg_relation_size('contacts') / 8192 AS "pages!""#).fetch_one(&mut **tx).await?;
    for sample in SAMPLES {
        let share = (sample as f64 / pages.max(1) as f64).min(1.0);
        let mut query = QueryBuilder::new(
            "SELECT f.opt_in_status, count(*), (array_agg(f.id))[1:5] \
             FROM (SELECT contacts.id, contacts.opt_in_status FROM contacts TABLESAMPLE SYSTEM (",
        );
        // Always the same pages: a figure that is looked at while the filter is written does not flicker.
        query.push_bind(share * 100.0).push(") REPEATABLE (0) WHERE contacts.organization_id = ");
        query.push_bind(tx.organization_id().0).push(" AND contacts.archived_at IS NULL");
        narrow(&mut query, tx, filter)?;
        query.push(") AS f GROUP BY 1 ORDER BY 1");
        if let Some(rows) = within(tx, "1s", query).await? {
            reckoned = Some(gathered(&rows, share)?);
            break;
        }
    }
    Ok(match (reckoned, at_least) {
        // More than were counted are there, whatever the sample holds.
        (Some((reckoned, _)), Some((counted, some))) if reckoned.contacts < counted.contacts => (counted, some),
        (Some((reckoned, _)), Some((_, some))) => (reckoned, some),
        (Some(reckoned), None) => reckoned,
        (None, Some(counted)) => counted,
        (None, None) => (Counted { contacts: 0, exact: false, opted_in: 0, pending: 0, opted_out: 0 }, Vec::new()),
    })
}

type Rows = Vec<sqlx::postgres::PgRow>;

/// The rows, unless they take longer. The time limit ends with this statement.
async fn within(
    tx: &mut Tx,
    time: &'static str,
    mut query: QueryBuilder<Postgres>,
) -> Result<Option<Rows>, sqlx::Error> {
    let mut inner = Connection::begin(&mut **tx).await?;
    sqlx::query("SELECT set_config('statement_timeout', $1, true)").bind(time).execute(&mut *inner).await?;
    let rows = query.build().persistent(false).fetch_all(&mut *inner).await;
    inner.rollback().await?;
    match rows {
        Ok(rows) => Ok(Some(rows)),
        Err(sqlx::Error::Database(e)) if e.code().as_deref() == Some("57014") => Ok(None),
        Err(error) => Err(error),
    }
}

/// What rows of a status, how many and some of them come to, where they are such a share of all.
fn gathered(rows: &[sqlx::postgres::PgRow], share: f64) -> Result<(Counted, Vec<ContactId>), sqlx::Error> {
    let (mut by_status, mut all, mut some) = ([0_i64; 3], 0, Vec::new());
    for row in rows {
        let n: i64 = row.try_get(1)?;
        let place = match row.try_get::<&str, _>(0)? {
            "opted_in" => 0,
            "pending" => 1,
            _ => 2,
        };
        by_status[place] += n;
        all += n;
        some.extend(row.try_get::<Vec<Uuid>, _>(2)?.into_iter().map(ContactId));
    }
    some.truncate(5);
    let [opted_in, pending, opted_out] = by_status.map(|n| reckon(n, share));
    Ok((Counted { contacts: reckon(all, share), exact: false, opted_in, pending, opted_out }, some))
}

/// From a share to the whole, with as many digits as it can be trusted in.
fn reckon(n: i64, share: f64) -> i64 {
    if share >= 1.0 {
        return n;
    }
    let whole = n as f64 / share;
    let digit = 10_f64.powf((whole.max(1.0).log10().floor() - 1.0).max(0.0));
    ((whole / digit).round() * digit) as i64
}

#[cfg(test)]
mod tests {
    use super::reckon;

    #[test]
    fn a_sample_is_not_trusted_to_the_last_digit() {
        assert_eq!(reckon(1234, 1.0), 1234);
        assert_eq!(reckon(1234, 0.1), 12_000);
        assert_eq!(reckon(1254, 0.01), 130_000);
        assert_eq!(reckon(0, 0.1), 0);
        assert_eq!(reckon(1, 0.3), 3);
    }
}
