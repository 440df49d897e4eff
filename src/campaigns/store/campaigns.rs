//! SQL on campaigns and their steps.

use chrono::{DateTime, Utc};
use sqlx::types::Json;
use uuid::Uuid;

use crate::{
    campaigns::{
        model::Template,
        plan::{Campaign, CampaignState, Step, StepCondition},
        wishes::Wishes,
    },
    messaging::ChannelKind,
    platform::{
        db::Tx,
        http::{Order, Page, SortKey, SortKind},
        ids::{CampaignId, CampaignStepId, ContactId, TemplateId, UserId},
        listing::List,
    },
};

/// The orders of the list of campaigns.
pub(in crate::campaigns) const ORDERS: &[SortKey] = &[
    SortKey { name: "updated_at", sql: "c.updated_at", kind: SortKind::Time, descending: true },
    SortKey { name: "created_at", sql: "c.created_at", kind: SortKind::Time, descending: true },
    SortKey { name: "name", sql: "lower(c.name)", kind: SortKind::Text, descending: false },
];

const COLUMNS: &str = "c.id, c.name, c.state, c.audience, c.channel, c.sender_ids, c.starts_at, c.local_time, c.quiet_from, c.quiet_until, \
    c.max_per_minute, c.ends_at, c.stop_on_reply, c.pause_above, c.winner_by, c.winner_share, c.winner_after, c.winner_at, c.pause_reason, \
    c.launched_at, c.frozen_after, c.frozen_at, c.ended_at, c.free_at, c.run, c.known_before, c.failed_before, c.created_by, c.version, c.created_at, c.updated_at";

pub(in crate::campaigns) async fn list(
    tx: &mut Tx,
    text: Option<&str>,
    state: Option<CampaignState>,
    order: &Order,
) -> Result<Page<Campaign>, sqlx::Error> {
    let mut list = List::new(tx, order, "c.id", COLUMNS, "campaigns c", "c.organization_id");
    list.filter("c.state = ", state.map(CampaignState::as_str));
    list.search(&["c.name"], text);
    list.page(tx).await
}

/// How the row is held while it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::campaigns) enum Hold {
    /// Not at all.
    No,
    /// It stays as it is until the transaction ends, for others too.
    Shared,
    /// To be changed.
    Alone,
}

pub(in crate::campaigns) async fn get(
    tx: &mut Tx,
    id: CampaignId,
    hold: Hold,
) -> Result<Option<Campaign>, sqlx::Error> {
    let organization = tx.organization_id();
    match hold {
        Hold::No => {}
        Hold::Shared => {
            sqlx::query!(
                "SELECT FROM campaigns WHERE organization_id = $1 AND id = $2 FOR SHARE",
                organization.0,
                id.0
            )
            .execute(&mut **tx)
            .await?;
        }
        Hold::Alone => {
            sqlx::query!(
                "SELECT FROM campaigns WHERE organization_id = $1 AND id = $2 FOR NO KEY UPDATE",
                organization.0,
                id.0
            )
            .execute(&mut **tx)
            .await?;
        }
    }
    sqlx::query_as!(
        Campaign,
        r#"SELECT c.id AS "id: _", c.name, c.state AS "state: _", c.audience AS "audience: _", c.channel AS "channel: _",
                  c.sender_ids, c.starts_at, c.local_time, c.quiet_from, c.quiet_until, c.max_per_minute, c.ends_at, c.stop_on_reply,
                  c.pause_above, c.winner_by AS "winner_by: _", c.winner_share, c.winner_after, c.winner_at, c.pause_reason, c.launched_at,
                  c.frozen_after, c.frozen_at, c.ended_at, c.free_at, c.run, c.known_before, c.failed_before, c.created_by AS "created_by: _", c.version, c.created_at,
                  c.updated_at
           FROM campaigns c WHERE c.organization_id = $1 AND c.id = $2"#,
        organization.0,
        id.0,
    )
    .fetch_optional(&mut **tx)
    .await
}

pub(in crate::campaigns) async fn insert(
    tx: &mut Tx,
    w: &Wishes,
    by: Option<UserId>,
) -> Result<CampaignId, sqlx::Error> {
    let (organization, id, now) = (tx.organization_id(), CampaignId::new(tx.clock()), tx.clock().now());
    sqlx::query!(
        "INSERT INTO campaigns (organization_id, id, name, state, created_by, created_at, updated_at)
         VALUES ($1, $2, $3, 'draft', $4, $5, $5)",
        organization.0,
        id.0,
        w.name,
        by.map(|user| user.0),
        now,
    )
    .execute(&mut **tx)
    .await?;
    update(tx, id, w).await?;
    Ok(id)
}

pub(in crate::campaigns) async fn update(tx: &mut Tx, id: CampaignId, w: &Wishes) -> Result<(), sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    let winner = w.winner.as_ref();
    sqlx::query!(
        "UPDATE campaigns SET name = $3, audience = $4, channel = $5, sender_ids = $6, starts_at = $7, local_time = $8, quiet_from = $9,
                quiet_until = $10, max_per_minute = $11, ends_at = $12, stop_on_reply = $13, pause_above = $14, winner_by = $15,
                winner_share = $16, winner_after = $17, updated_at = $18, version = version + 1
         WHERE organization_id = $1 AND id = $2",
        organization.0,
        id.0,
        w.name,
        w.audience.as_ref().map(|audience| serde_json::json!(audience)),
        w.channel.map(ChannelKind::as_str),
        &w.sender_ids.iter().map(|id| id.0).collect::<Vec<_>>(),
        w.starts_at,
        w.local_time,
        w.quiet_hours.map(|quiet| quiet.from),
        w.quiet_hours.map(|quiet| quiet.until),
        w.max_per_minute,
        w.ends_at,
        w.stop_on_reply,
        w.pause_above,
        winner.map(|winner| winner.by.as_str()),
        winner.map(|winner| winner.share),
        winner.map(|winner| winner.after_minutes),
        now,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Puts other steps in the place of those it has. False: one names a template that is not there.
pub(in crate::campaigns) async fn set_steps(tx: &mut Tx, id: CampaignId, w: &Wishes) -> Result<bool, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query!("DELETE FROM campaign_steps WHERE organization_id = $1 AND campaign_id = $2", organization.0, id.0)
        .execute(&mut **tx)
        .await?;
    let positions: Vec<i16> = (0..).take(w.steps.len()).collect();
    let ids: Vec<Uuid> = w.steps.iter().map(|_| CampaignStepId::new(tx.clock()).0).collect();
    let templates: Vec<Uuid> = w.steps.iter().map(|step| step.template_id.0).collect();
    let waits: Vec<i32> = w.steps.iter().map(|step| step.wait_minutes).collect();
    let conditions: Vec<String> = w.steps.iter().map(|step| step.condition.as_str().to_owned()).collect();
    let done = sqlx::query!(
        "INSERT INTO campaign_steps (organization_id, id, campaign_id, position, template_id, wait_minutes, condition)
         SELECT $1, s.id, $2, s.position, s.template_id, s.wait_minutes, s.condition
         FROM unnest($3::uuid[], $4::int2[], $5::uuid[], $6::int[], $7::text[]) AS s (id, position, template_id, wait_minutes, condition)",
        organization.0,
        id.0,
        &ids,
        &positions,
        &templates,
        &waits,
        &conditions,
    )
    .execute(&mut **tx)
    .await;
    match done {
        Ok(_) => Ok(true),
        Err(sqlx::Error::Database(e)) if e.is_foreign_key_violation() => Ok(false),
        Err(error) => Err(error),
    }
}

pub(in crate::campaigns) async fn steps(tx: &mut Tx, id: CampaignId) -> Result<Vec<Step>, sqlx::Error> {
    let organization = tx.organization_id();
    let rows = sqlx::query!(
        r#"SELECT id AS "id: CampaignStepId", position, template_id AS "template_id: TemplateId", template AS "template: Json<Template>",
                  wait_minutes, condition AS "condition: StepCondition", winner
           FROM campaign_steps WHERE organization_id = $1 AND campaign_id = $2 ORDER BY position"#,
        organization.0,
        id.0,
    )
    .fetch_all(&mut **tx)
    .await?;
    let step = rows.into_iter().map(|r| Step {
        id: r.id,
        position: r.position,
        template_id: r.template_id,
        template: r.template.map(|template| template.0),
        wait_minutes: r.wait_minutes,
        condition: r.condition,
        winner: r.winner,
    });
    Ok(step.collect())
}

/// What the templates of the steps are called now.
pub(in crate::campaigns) async fn template_names(
    tx: &mut Tx,
    id: CampaignId,
) -> Result<Vec<(CampaignStepId, String)>, sqlx::Error> {
    let organization = tx.organization_id();
    let rows = sqlx::query!(
        r#"SELECT s.id AS "id: CampaignStepId", t.name FROM campaign_steps s
           JOIN templates t ON t.organization_id = s.organization_id AND t.id = s.template_id
           WHERE s.organization_id = $1 AND s.campaign_id = $2"#,
        organization.0,
        id.0,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}

/// Keeps the template of a step as it is now.
pub(in crate::campaigns) async fn keep_template(
    tx: &mut Tx,
    step: CampaignStepId,
    template: &Template,
) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query!(
        "UPDATE campaign_steps SET template = $3 WHERE organization_id = $1 AND id = $2",
        organization.0,
        step.0,
        Json(template) as _,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Which variant whoever is still to be sent the step is sent; none: each by its weight. It is decided by that.
pub(in crate::campaigns) async fn set_winner(
    tx: &mut Tx,
    campaign: CampaignId,
    step: CampaignStepId,
    variant: Option<&str>,
) -> Result<(), sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query!(
        "UPDATE campaign_steps SET winner = $3 WHERE organization_id = $1 AND id = $2",
        organization.0,
        step.0,
        variant,
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "UPDATE campaigns SET winner_at = $3, updated_at = $3, version = version + 1 WHERE organization_id = $1 AND id = $2",
        organization.0,
        campaign.0,
        now,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// What changes when a campaign goes from one state to another.
#[derive(Clone, Copy, Debug)]
pub(in crate::campaigns) struct Turn<'a> {
    pub state: CampaignState,
    pub pause_reason: Option<&'a str>,
    /// Work that was begun before ends.
    pub anew: bool,
}

pub(in crate::campaigns) async fn set_state(tx: &mut Tx, id: CampaignId, turn: Turn<'_>) -> Result<(), sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query!(
        "UPDATE campaigns SET state = $3, pause_reason = $4, run = run + $5::int, updated_at = $6, version = version + 1,
                launched_at = CASE WHEN $3 = 'running' THEN COALESCE(launched_at, $6) ELSE launched_at END,
                ended_at = CASE WHEN $3 IN ('completed', 'cancelled') THEN $6 END
         WHERE organization_id = $1 AND id = $2",
        organization.0,
        id.0,
        turn.state.as_str(),
        turn.pause_reason,
        i32::from(turn.anew),
        now,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// What failed so far does not pause it once more.
pub(in crate::campaigns) async fn set_failed_before(
    tx: &mut Tx,
    id: CampaignId,
    known: i64,
    failed: i64,
) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query!(
        "UPDATE campaigns SET known_before = $3, failed_before = $4 WHERE organization_id = $1 AND id = $2",
        organization.0,
        id.0,
        known,
        failed,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// How far the audience is noted down. None: all of it.
pub(in crate::campaigns) async fn set_frozen(
    tx: &mut Tx,
    id: CampaignId,
    after: Option<ContactId>,
) -> Result<(), sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query!(
        "UPDATE campaigns SET frozen_after = $3, frozen_at = CASE WHEN $3::uuid IS NULL THEN $4::timestamptz END
         WHERE organization_id = $1 AND id = $2",
        organization.0,
        id.0,
        after.map(|contact| contact.0),
        now,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Where a pace holds: what has left is paid for until then.
pub(in crate::campaigns) async fn set_free_at(
    tx: &mut Tx,
    id: CampaignId,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query!("UPDATE campaigns SET free_at = $3 WHERE organization_id = $1 AND id = $2", organization.0, id.0, at)
        .execute(&mut **tx)
        .await
        .map(drop)
}

/// Deletes a draft. False: it has begun, or there is none.
pub(in crate::campaigns) async fn delete_draft(tx: &mut Tx, id: CampaignId) -> Result<bool, sqlx::Error> {
    let organization = tx.organization_id();
    let deleted = sqlx::query!(
        "DELETE FROM campaigns WHERE organization_id = $1 AND id = $2 AND state IN ('draft', 'scheduled') AND launched_at IS NULL",
        organization.0,
        id.0
    )
    .execute(&mut **tx)
    .await?;
    Ok(deleted.rows_affected() == 1)
}
