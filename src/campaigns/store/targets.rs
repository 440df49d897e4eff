//! SQL on the recipients of campaigns, always on many at once.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::{
    campaigns::plan::{CampaignTarget, TargetState},
    platform::{
        db::Tx,
        http::{Order, Page, SortKey, SortKind},
        ids::{CampaignId, ContactId, SenderId},
        listing::List,
    },
};

/// The orders of the list of targets.
pub(in crate::campaigns) const ORDERS: &[SortKey] =
    &[SortKey { name: "contact_id", sql: "t.contact_id::text", kind: SortKind::Text, descending: false }];

const COLUMNS: &str = "t.contact_id, p.phone_number, p.first_name, p.last_name, t.sender_id, t.step, t.variant, t.state, t.due_at, t.reason, \
    t.message_id, m.status AS message_status, m.error_message AS message_error, t.first_sent_at, t.last_sent_at, t.replied_at, t.clicked_at, \
    t.booked_at, t.opted_out_at";
const FROM: &str = "campaign_targets t \
    JOIN contacts p ON p.organization_id = t.organization_id AND p.id = t.contact_id \
    LEFT JOIN messages m ON m.organization_id = t.organization_id AND m.id = t.message_id";

pub(in crate::campaigns) async fn list(
    tx: &mut Tx,
    campaign: CampaignId,
    state: Option<TargetState>,
    reason: Option<&str>,
    order: &Order,
) -> Result<Page<CampaignTarget>, sqlx::Error> {
    let mut list = List::new(tx, order, "t.contact_id", COLUMNS, FROM, "t.organization_id");
    list.filter("t.campaign_id = ", Some(campaign.0));
    list.filter("t.state = ", state.map(TargetState::as_str));
    list.filter("t.reason = ", reason.map(str::to_owned));
    list.page(tx).await
}

/// Recipients as they are noted down, field by field.
#[derive(Default)]
pub(in crate::campaigns) struct New {
    pub contacts: Vec<Uuid>,
    pub senders: Vec<Option<Uuid>>,
    pub lanes: Vec<i16>,
    pub states: Vec<String>,
    pub due: Vec<DateTime<Utc>>,
    pub reasons: Vec<Option<String>>,
}

/// Notes recipients down; who is noted already stays as they are.
pub(in crate::campaigns) async fn insert(tx: &mut Tx, campaign: CampaignId, new: &New) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query!(
        "INSERT INTO campaign_targets (organization_id, campaign_id, contact_id, sender_id, lane, state, due_at, reason)
         SELECT $1, $2, n.contact_id, n.sender_id, n.lane, n.state, n.due_at, n.reason
         FROM unnest($3::uuid[], $4::uuid[], $5::int2[], $6::text[], $7::timestamptz[], $8::text[])
              AS n (contact_id, sender_id, lane, state, due_at, reason)
         ON CONFLICT (organization_id, campaign_id, contact_id) DO NOTHING",
        organization.0,
        campaign.0,
        &new.contacts,
        &new.senders as &[Option<Uuid>],
        &new.lanes,
        &new.states,
        &new.due,
        &new.reasons as &[Option<String>],
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Recipients of one sender that are worked off one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Lane {
    pub campaign_id: CampaignId,
    pub sender_id: SenderId,
    pub lane: i16,
}

/// The lanes in which somebody waits.
pub(in crate::campaigns) async fn lanes(tx: &mut Tx, campaign: CampaignId) -> Result<Vec<Lane>, sqlx::Error> {
    let organization = tx.organization_id();
    let rows = sqlx::query!(
        r#"SELECT DISTINCT sender_id AS "sender_id!: SenderId", lane FROM campaign_targets
           WHERE organization_id = $1 AND campaign_id = $2 AND state = 'waiting' AND sender_id IS NOT NULL ORDER BY 1, 2"#,
        organization.0,
        campaign.0,
    )
    .fetch_all(&mut **tx)
    .await?;
    let lane = |sender_id, lane| Lane { campaign_id: campaign, sender_id, lane };
    Ok(rows.into_iter().map(|row| lane(row.sender_id, row.lane)).collect())
}

/// Whose turn it is in a lane, the longest due first, up to `limit`. Nobody is locked.
pub(in crate::campaigns) async fn due(tx: &mut Tx, lane: Lane, limit: i64) -> Result<Vec<ContactId>, sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query_scalar!(
        r#"SELECT contact_id AS "contact_id: ContactId" FROM campaign_targets
           WHERE organization_id = $1 AND campaign_id = $2 AND sender_id = $3 AND lane = $4 AND state = 'waiting' AND due_at <= $5
           ORDER BY due_at, contact_id LIMIT $6"#,
        organization.0,
        lane.campaign_id.0,
        lane.sender_id.0,
        lane.lane,
        now,
        limit,
    )
    .fetch_all(&mut **tx)
    .await
}

/// When somebody of the lane is due next. None: nobody waits in it.
pub(in crate::campaigns) async fn next_due(tx: &mut Tx, lane: Lane) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_scalar!(
        "SELECT due_at FROM campaign_targets
         WHERE organization_id = $1 AND campaign_id = $2 AND sender_id = $3 AND lane = $4 AND state = 'waiting' ORDER BY due_at LIMIT 1",
        organization.0,
        lane.campaign_id.0,
        lane.sender_id.0,
        lane.lane,
    )
    .fetch_optional(&mut **tx)
    .await
}

/// Whether anybody of the campaign waits still.
pub(in crate::campaigns) async fn anybody_waits(tx: &mut Tx, campaign: CampaignId) -> Result<bool, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM campaign_targets
                          WHERE organization_id = $1 AND campaign_id = $2 AND state = 'waiting') AS "waits!""#,
        organization.0,
        campaign.0,
    )
    .fetch_one(&mut **tx)
    .await
}

/// A recipient whose turn it is.
#[derive(Clone, Debug)]
pub(in crate::campaigns) struct Due {
    pub contact_id: ContactId,
    pub step: i16,
    pub first_sent_at: Option<DateTime<Utc>>,
    pub replied: bool,
    pub clicked: bool,
    pub booked: bool,
}

/// Locks those of these recipients whose turn it still is, in the order of their ids. Their contacts are locked before.
pub(in crate::campaigns) async fn lock_due(
    tx: &mut Tx,
    campaign: CampaignId,
    contacts: &[ContactId],
) -> Result<Vec<Due>, sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    let contacts: Vec<Uuid> = contacts.iter().map(|contact| contact.0).collect();
    sqlx::query_as!(
        Due,
        r#"SELECT contact_id AS "contact_id: _", step, first_sent_at, replied_at IS NOT NULL AS "replied!",
                  clicked_at IS NOT NULL AS "clicked!", booked_at IS NOT NULL AS "booked!"
           FROM campaign_targets
           WHERE organization_id = $1 AND campaign_id = $2 AND contact_id = ANY ($3) AND state = 'waiting' AND due_at <= $4
           ORDER BY contact_id FOR NO KEY UPDATE"#,
        organization.0,
        campaign.0,
        &contacts,
        now,
    )
    .fetch_all(&mut **tx)
    .await
}

/// What became of recipients, field by field.
#[derive(Default)]
pub(in crate::campaigns) struct Outcomes {
    pub contacts: Vec<Uuid>,
    pub states: Vec<String>,
    pub steps: Vec<i16>,
    pub due: Vec<DateTime<Utc>>,
    pub reasons: Vec<Option<String>>,
    pub variants: Vec<Option<String>>,
    /// Of those whose text leaves.
    pub messages: Vec<Option<Uuid>>,
}

pub(in crate::campaigns) async fn record(tx: &mut Tx, campaign: CampaignId, o: &Outcomes) -> Result<(), sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query!(
        "UPDATE campaign_targets t
         SET state = n.state, step = n.step, due_at = n.due_at, reason = n.reason, variant = COALESCE(n.variant, t.variant),
             message_id = COALESCE(n.message_id, t.message_id),
             first_sent_at = CASE WHEN n.message_id IS NULL THEN t.first_sent_at ELSE COALESCE(t.first_sent_at, $3) END,
             last_sent_at = CASE WHEN n.message_id IS NULL THEN t.last_sent_at ELSE $3 END
         FROM unnest($4::uuid[], $5::text[], $6::int2[], $7::timestamptz[], $8::text[], $9::text[], $10::uuid[])
              AS n (contact_id, state, step, due_at, reason, variant, message_id)
         WHERE t.organization_id = $1 AND t.campaign_id = $2 AND t.contact_id = n.contact_id",
        organization.0,
        campaign.0,
        now,
        &o.contacts,
        &o.states,
        &o.steps,
        &o.due,
        &o.reasons as &[Option<String>],
        &o.variants as &[Option<String>],
        &o.messages as &[Option<Uuid>],
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Ends the waiting of up to `limit` recipients. Gives how many.
pub(in crate::campaigns) async fn end_waiting(
    tx: &mut Tx,
    campaign: CampaignId,
    reason: &str,
    limit: i64,
) -> Result<u64, sqlx::Error> {
    let organization = tx.organization_id();
    let ended = sqlx::query!(
        "UPDATE campaign_targets SET state = CASE WHEN first_sent_at IS NULL THEN 'skipped' ELSE 'stopped' END, reason = $3
         WHERE organization_id = $1 AND campaign_id = $2 AND contact_id IN (
             SELECT contact_id FROM campaign_targets WHERE organization_id = $1 AND campaign_id = $2 AND state = 'waiting'
             ORDER BY contact_id LIMIT $4 FOR NO KEY UPDATE)",
        organization.0,
        campaign.0,
        reason,
        limit,
    )
    .execute(&mut **tx)
    .await?;
    Ok(ended.rows_affected())
}

/// Gives whoever waits for a sender that is not in use any more to another. Gives how many.
pub(in crate::campaigns) async fn change_sender(
    tx: &mut Tx,
    campaign: CampaignId,
    from: SenderId,
    to: SenderId,
) -> Result<u64, sqlx::Error> {
    let organization = tx.organization_id();
    let changed = sqlx::query!(
        "UPDATE campaign_targets SET sender_id = $4
         WHERE organization_id = $1 AND campaign_id = $2 AND sender_id = $3 AND state = 'waiting'",
        organization.0,
        campaign.0,
        from.0,
        to.0,
    )
    .execute(&mut **tx)
    .await?;
    Ok(changed.rows_affected())
}

// ---- what they did

/// For how long after a text what somebody does is counted as its doing.
pub(in crate::campaigns) const COUNTS_FOR: TimeDelta = TimeDelta::days(7);

/// What a recipient did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::campaigns) enum Did {
    Replied,
    Clicked,
    Booked,
    OptedOut,
}

/// Notes it with the campaign that texted them last, at this number or the one they are kept under, within the time in which it counts. Gives
/// that campaign.
pub(in crate::campaigns) async fn note(
    tx: &mut Tx,
    contact: ContactId,
    did: Did,
    at: DateTime<Utc>,
) -> Result<Option<CampaignId>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_scalar!(
        r#"UPDATE campaign_targets t
           SET replied_at = CASE WHEN $5 = 'replied' THEN COALESCE(t.replied_at, $3) ELSE t.replied_at END,
               clicked_at = CASE WHEN $5 = 'clicked' THEN COALESCE(t.clicked_at, $3) ELSE t.clicked_at END,
               booked_at = CASE WHEN $5 = 'booked' THEN COALESCE(t.booked_at, $3) ELSE t.booked_at END,
               opted_out_at = CASE WHEN $5 = 'opted_out' THEN COALESCE(t.opted_out_at, $3) ELSE t.opted_out_at END,
               reason = CASE WHEN t.state = 'waiting' AND p.stops THEN $5 ELSE t.reason END,
               state = CASE WHEN t.state = 'waiting' AND p.stops THEN 'stopped' ELSE t.state END
           FROM (SELECT l.campaign_id, l.contact_id, $5 = 'opted_out' OR (c.stop_on_reply AND $5 = 'replied') AS stops
                 FROM contacts k
                 JOIN campaign_targets l ON l.organization_id = $1 AND l.contact_id = ANY (ARRAY[k.id, k.merged_into])
                   AND l.last_sent_at BETWEEN $4 AND $3
                 JOIN campaigns c ON c.organization_id = $1 AND c.id = l.campaign_id
                 WHERE k.organization_id = $1 AND k.id = $2
                 ORDER BY l.last_sent_at DESC LIMIT 1) p
           WHERE t.organization_id = $1 AND t.campaign_id = p.campaign_id AND t.contact_id = p.contact_id
           RETURNING t.campaign_id AS "campaign_id: CampaignId""#,
        organization.0,
        contact.0,
        at,
        at - COUNTS_FOR,
        match did {
            Did::Replied => "replied",
            Did::Clicked => "clicked",
            Did::Booked => "booked",
            Did::OptedOut => "opted_out",
        },
    )
    .fetch_optional(&mut **tx)
    .await
}

// ---- figures

/// How many recipients stand where.
#[derive(Clone, Debug)]
pub(in crate::campaigns) struct Count {
    /// Empty where none was sent.
    pub variant: String,
    pub state: TargetState,
    pub reason: String,
    pub targets: i64,
    pub texted: i64,
    pub replied: i64,
    pub clicked: i64,
    pub booked: i64,
    pub opted_out: i64,
}

pub(in crate::campaigns) async fn counts(tx: &mut Tx, campaign: CampaignId) -> Result<Vec<Count>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        Count,
        r#"SELECT variant, state AS "state: _", reason, sum(targets)::bigint AS "targets!", sum(texted)::bigint AS "texted!",
                  sum(replied)::bigint AS "replied!", sum(clicked)::bigint AS "clicked!", sum(booked)::bigint AS "booked!",
                  sum(opted_out)::bigint AS "opted_out!"
           FROM campaign_counts WHERE organization_id = $1 AND campaign_id = $2
           GROUP BY variant, state, reason HAVING sum(targets) <> 0 ORDER BY variant, state, reason"#,
        organization.0,
        campaign.0,
    )
    .fetch_all(&mut **tx)
    .await
}

/// What happened in a quarter of an hour.
#[derive(Clone, Debug)]
pub(in crate::campaigns) struct Quarter {
    pub quarter: DateTime<Utc>,
    pub texted: i64,
    pub replied: i64,
    pub clicked: i64,
    pub booked: i64,
    pub opted_out: i64,
}

pub(in crate::campaigns) async fn quarters(tx: &mut Tx, campaign: CampaignId) -> Result<Vec<Quarter>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        Quarter,
        r#"SELECT quarter, sum(texted)::bigint AS "texted!", sum(replied)::bigint AS "replied!", sum(clicked)::bigint AS "clicked!",
                  sum(booked)::bigint AS "booked!", sum(opted_out)::bigint AS "opted_out!"
           FROM campaign_quarters WHERE organization_id = $1 AND campaign_id = $2 GROUP BY quarter ORDER BY quarter LIMIT 40000"#,
        organization.0,
        campaign.0,
    )
    .fetch_all(&mut **tx)
    .await
}
