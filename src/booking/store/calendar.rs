//! Weekly hours and closed days.

use chrono::{DateTime, NaiveDate, Utc};

use crate::{
    booking::{
        model::{AvailabilityRule, ClosedDays, Weekdays},
        rules::{ClockTime, Times},
    },
    platform::{
        db::{Db, Tx},
        http::{Order, Page, SortKey, SortKind},
        ids::{AvailabilityRuleId, ClosedDaysId, OrganizationId, ProviderId, ServiceId},
        listing::List,
    },
};

/// One maker of slots at a time in an organization: nothing is made twice, and no slot slips past a day that is being closed. Bookers
/// do not wait for it. Taken before every other lock.
pub async fn lock_calendar(tx: &mut Tx) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query!(
        "SELECT pg_advisory_xact_lock(hashtextextended('calendar ' || $1::text, 0))",
        organization.0.to_string()
    )
    .fetch_one(&mut **tx)
    .await
    .map(drop)
}

// ---- weekly hours

/// What of a rule can be written.
#[derive(Clone, Debug)]
pub struct RuleFields {
    pub service: ServiceId,
    pub provider: ProviderId,
    pub weekdays: Weekdays,
    pub from: ClockTime,
    pub to: ClockTime,
    pub valid_from: NaiveDate,
    pub valid_to: Option<NaiveDate>,
    pub horizon_days: i32,
    pub active: bool,
}

/// The orders of the list of weekly hours.
pub const RULE_ORDERS: &[SortKey] = &[
    SortKey { name: "created_at", sql: "r.created_at", kind: SortKind::Time, descending: false },
    SortKey { name: "provider", sql: "lower(p.name)", kind: SortKind::Text, descending: false },
];

pub async fn list_rules(
    tx: &mut Tx,
    service: Option<ServiceId>,
    provider: Option<ProviderId>,
    active: Option<bool>,
    order: &Order,
) -> Result<Page<AvailabilityRule>, sqlx::Error> {
    let columns = "r.id, r.service_id, v.name AS service_name, r.provider_id, p.name AS provider_name, r.weekdays, r.from_minute, r.to_minute,
        r.valid_from, r.valid_to, r.horizon_days, r.active, r.made_through, r.version, r.created_at";
    let from = "availability_rules r JOIN services v ON v.organization_id = r.organization_id AND v.id = r.service_id
        JOIN providers p ON p.organization_id = r.organization_id AND p.id = r.provider_id";
    let mut list = List::new(tx, order, "r.id", columns, from, "r.organization_id");
    list.filter("r.service_id = ", service.map(|s| s.0));
    list.filter("r.provider_id = ", provider.map(|p| p.0));
    list.filter("r.active = ", active);
    list.page(tx).await
}

/// The rule; `lock` keeps it as it is for the rest of the transaction.
pub async fn rule(tx: &mut Tx, id: AvailabilityRuleId, lock: bool) -> Result<Option<AvailabilityRule>, sqlx::Error> {
    let organization = tx.organization_id();
    if lock {
        sqlx::query!(
            "SELECT id FROM availability_rules WHERE organization_id = $1 AND id = $2 FOR UPDATE",
            organization.0,
            id.0
        )
        .fetch_optional(&mut **tx)
        .await?;
    }
    rules(tx, Some(id), None).await.map(|mut found| found.pop())
}

/// One rule, or the active ones (of active services and providers) that have no slots through `horizon_days` after the given day.
async fn rules(
    tx: &mut Tx,
    id: Option<AvailabilityRuleId>,
    due: Option<NaiveDate>,
) -> Result<Vec<AvailabilityRule>, sqlx::Error> {
    let organization = tx.organization_id();
    let rows = sqlx::query!(
        r#"SELECT r.id AS "id: AvailabilityRuleId", r.service_id AS "service_id: ServiceId", v.name AS service_name,
                  r.provider_id AS "provider_id: ProviderId", p.name AS provider_name, r.weekdays, r.from_minute, r.to_minute,
                  r.valid_from, r.valid_to, r.horizon_days, r.active, r.made_through, r.version, r.created_at
           FROM availability_rules r
           JOIN services v ON v.organization_id = r.organization_id AND v.id = r.service_id
           JOIN providers p ON p.organization_id = r.organization_id AND p.id = r.provider_id
           WHERE r.organization_id = $1 AND ($2::uuid IS NULL OR r.id = $2)
             AND ($3::date IS NULL OR (r.active AND v.active AND p.active
                                       AND (r.made_through IS NULL OR r.made_through < $3 + r.horizon_days)))
           ORDER BY r.id"#,
        organization.0,
        id.map(|id| id.0),
        due
    )
    .fetch_all(&mut **tx)
    .await?;
    let decode = |e: String| sqlx::Error::Decode(e.into());
    rows.into_iter()
        .map(|r| {
            Ok(AvailabilityRule {
                id: r.id,
                service_id: r.service_id,
                service_name: r.service_name,
                provider_id: r.provider_id,
                provider_name: r.provider_name,
                weekdays: Weekdays::try_from(r.weekdays).map_err(decode)?,
                from: ClockTime::try_from(r.from_minute).map_err(decode)?,
                to: ClockTime::try_from(r.to_minute).map_err(decode)?,
                valid_from: r.valid_from,
                valid_to: r.valid_to,
                horizon_days: r.horizon_days,
                active: r.active,
                made_through: r.made_through,
                version: r.version,
                created_at: r.created_at,
            })
        })
        .collect()
}

pub async fn due_rules(tx: &mut Tx, today: NaiveDate) -> Result<Vec<AvailabilityRule>, sqlx::Error> {
    rules(tx, None, Some(today)).await
}

pub async fn insert_rule(tx: &mut Tx, f: &RuleFields) -> Result<AvailabilityRuleId, sqlx::Error> {
    let (organization, id, now) = (tx.organization_id(), AvailabilityRuleId::new(tx.clock()), tx.clock().now());
    let weekdays: Vec<i16> = f.weekdays.0.iter().map(|d| d.iso()).collect();
    sqlx::query!(
        "INSERT INTO availability_rules (organization_id, id, service_id, provider_id, weekdays, from_minute, to_minute, valid_from, valid_to,
                                         horizon_days, active, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        organization.0,
        id.0,
        f.service.0,
        f.provider.0,
        &weekdays,
        f.from.minutes(),
        f.to.minutes(),
        f.valid_from,
        f.valid_to,
        f.horizon_days,
        f.active,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(id)
}

pub async fn update_rule(tx: &mut Tx, id: AvailabilityRuleId, f: &RuleFields) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    let weekdays: Vec<i16> = f.weekdays.0.iter().map(|d| d.iso()).collect();
    sqlx::query!(
        "UPDATE availability_rules SET weekdays = $3, from_minute = $4, to_minute = $5, valid_from = $6, valid_to = $7,
                horizon_days = $8, active = $9, version = version + 1
         WHERE organization_id = $1 AND id = $2",
        organization.0,
        id.0,
        &weekdays,
        f.from.minutes(),
        f.to.minutes(),
        f.valid_from,
        f.valid_to,
        f.horizon_days,
        f.active,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

pub async fn set_made_through(
    tx: &mut Tx,
    id: AvailabilityRuleId,
    through: Option<NaiveDate>,
) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query!(
        "UPDATE availability_rules SET made_through = $3 WHERE organization_id = $1 AND id = $2",
        organization.0,
        id.0,
        through
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

pub async fn delete_rule(tx: &mut Tx, id: AvailabilityRuleId) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query!("DELETE FROM availability_rules WHERE organization_id = $1 AND id = $2", organization.0, id.0)
        .execute(&mut **tx)
        .await
        .map(drop)
}

/// Organizations whose weekly hours want more slots by `now`, or what their own clock makes of it, and that have no such job waiting.
pub async fn organizations_due(db: &Db, now: DateTime<Utc>, kind: &str) -> Result<Vec<OrganizationId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT DISTINCT r.organization_id AS "organization_id!: OrganizationId"
           FROM availability_rules r
           JOIN services v ON v.organization_id = r.organization_id AND v.id = r.service_id AND v.active
           JOIN providers p ON p.organization_id = r.organization_id AND p.id = r.provider_id AND p.active
           LEFT JOIN simulations s ON s.organization_id = r.organization_id
           WHERE r.active AND (r.made_through IS NULL
               OR r.made_through < (($1::timestamptz + COALESCE(s.clock_offset_us, 0) * interval '1 microsecond') AT TIME ZONE 'UTC')::date - 1
                                   + r.horizon_days)
             AND NOT EXISTS (SELECT FROM jobs j WHERE j.organization_id = r.organization_id AND j.kind = $2
                               AND j.state IN ('queued', 'running'))"#,
        now,
        kind
    )
    .fetch_all(&mut *db.system_lookup().await?)
    .await
}

// ---- closed days

/// The orders of the list of closed days.
pub const CLOSED_ORDERS: &[SortKey] = &[SortKey {
    name: "from_date",
    sql: "(c.from_date::timestamp AT TIME ZONE 'UTC')",
    kind: SortKind::Time,
    descending: false,
}];

pub async fn list_closed(
    tx: &mut Tx,
    provider: Option<ProviderId>,
    from: Option<NaiveDate>,
    order: &Order,
) -> Result<Page<ClosedDays>, sqlx::Error> {
    let columns = "c.id, c.provider_id, p.name AS provider_name, c.from_date, c.to_date, c.reason, c.created_at";
    let tables =
        "closed_days c LEFT JOIN providers p ON p.organization_id = c.organization_id AND p.id = c.provider_id";
    let mut list = List::new(tx, order, "c.id", columns, tables, "c.organization_id");
    list.filter("c.provider_id = ", provider.map(|p| p.0));
    list.filter("c.to_date >= ", from);
    list.page(tx).await
}

pub async fn closed(tx: &mut Tx, id: ClosedDaysId) -> Result<Option<ClosedDays>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        ClosedDays,
        r#"SELECT c.id AS "id: _", c.provider_id AS "provider_id: _", p.name AS "provider_name?", c.from_date, c.to_date, c.reason,
                  c.created_at
           FROM closed_days c LEFT JOIN providers p ON p.organization_id = c.organization_id AND p.id = c.provider_id
           WHERE c.organization_id = $1 AND c.id = $2"#,
        organization.0,
        id.0
    )
    .fetch_optional(&mut **tx)
    .await
}

pub async fn insert_closed(
    tx: &mut Tx,
    provider: Option<ProviderId>,
    from: NaiveDate,
    to: NaiveDate,
    reason: Option<&str>,
) -> Result<ClosedDaysId, sqlx::Error> {
    let (organization, id, now) = (tx.organization_id(), ClosedDaysId::new(tx.clock()), tx.clock().now());
    sqlx::query!(
        "INSERT INTO closed_days (organization_id, id, provider_id, from_date, to_date, reason, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        organization.0,
        id.0,
        provider.map(|p| p.0),
        from,
        to,
        reason,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(id)
}

pub async fn delete_closed(tx: &mut Tx, id: ClosedDaysId) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query!("DELETE FROM closed_days WHERE organization_id = $1 AND id = $2", organization.0, id.0)
        .execute(&mut **tx)
        .await
        .map(drop)
}

/// First and last days on which the provider is closed, of those that touch the span.
pub async fn closed_dates(
    tx: &mut Tx,
    provider: ProviderId,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Vec<(NaiveDate, NaiveDate)>, sqlx::Error> {
    let organization = tx.organization_id();
    let rows = sqlx::query!(
        "SELECT from_date, to_date FROM closed_days
         WHERE organization_id = $1 AND (provider_id IS NULL OR provider_id = $2) AND from_date <= $4 AND to_date >= $3",
        organization.0,
        provider.0,
        from,
        to
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|r| (r.from_date, r.to_date)).collect())
}

/// A stretch of a provider's time in which slots are closed, or open again.
pub struct Stretch {
    pub provider: ProviderId,
    pub span: Times,
    pub closed: bool,
}

/// Marks the slots of the stretches, later ones last. Locks them in the order of their ids, as bookers do. Returns how many of them are
/// free, and how many somebody has.
pub async fn mark_closed(tx: &mut Tx, stretches: &[Stretch]) -> Result<(i64, i64), sqlx::Error> {
    let organization = tx.organization_id();
    let providers: Vec<uuid::Uuid> = stretches.iter().map(|s| s.provider.0).collect();
    let from: Vec<DateTime<Utc>> = stretches.iter().map(|s| s.span.0).collect();
    let to: Vec<DateTime<Utc>> = stretches.iter().map(|s| s.span.1).collect();
    let closed: Vec<bool> = stretches.iter().map(|s| s.closed).collect();
    let found = sqlx::query!(
        r#"SELECT s.id, s.taken,
                  (SELECT t.closed FROM unnest($2::uuid[], $3::timestamptz[], $4::timestamptz[], $5::bool[])
                     WITH ORDINALITY AS t(provider_id, f, t, closed, n)
                   WHERE t.provider_id = s.provider_id AND s.start_time >= t.f AND s.start_time < t.t ORDER BY t.n DESC LIMIT 1) AS closed
           FROM slots s
           WHERE s.organization_id = $1 AND s.withdrawn_at IS NULL
             AND EXISTS (SELECT FROM unnest($2::uuid[], $3::timestamptz[], $4::timestamptz[]) AS t(provider_id, f, t)
                         WHERE t.provider_id = s.provider_id AND s.start_time >= t.f AND s.start_time < t.t)
           ORDER BY s.id FOR UPDATE OF s"#,
        organization.0,
        &providers,
        &from,
        &to,
        &closed
    )
    .fetch_all(&mut **tx)
    .await?;
    let ids: Vec<uuid::Uuid> = found.iter().map(|s| s.id).collect();
    let flags: Vec<bool> = found.iter().map(|s| s.closed.unwrap_or(false)).collect();
    sqlx::query!(
        "UPDATE slots s SET closed = t.closed, version = s.version + 1
         FROM unnest($2::uuid[], $3::bool[]) AS t(id, closed)
         WHERE s.organization_id = $1 AND s.id = t.id AND s.closed <> t.closed",
        organization.0,
        &ids,
        &flags
    )
    .execute(&mut **tx)
    .await?;
    let taken = found.iter().filter(|s| s.taken > 0).count();
    Ok(((found.len() - taken) as i64, taken as i64))
}
