//! The time of organizations in simulation mode: how far each one's clock is ahead of the machine's, how every process agrees on it, and
//! how it is moved. Who may, and what a simulated carrier does, is messaging's.
//!
//! The truth is a row of the table simulations. A process keeps what it last saw and says so in the first statement of each of the tenant's
//! transactions, in the round trip that begins it (the function clock_fence): if that is not the truth any more, the transaction does not
//! begin and the error carries the truth. So nobody works by an old clock, nobody is told of changes, and it costs no round trip. The
//! fence holds a lock to the end of the transaction, and whoever begins simulation mode or moves the clock waits for it: what is written with
//! a time of the old clock, jobs above all, is there when the clock moves, and moves with it.

use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock},
};

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    db::Tx,
    events::{self, Event},
    ids::OrganizationId,
    jobs,
};

/// The SQLSTATE with which the fence tells the truth.
const TOLD: &str = "FDCLK";

/// How far a clock may be moved either way. Slots, deadlines and sums are made for about a year.
pub const FARTHEST: TimeDelta = TimeDelta::days(400);

/// Microseconds by which organizations' clocks are ahead, as this process last saw them. Who is not simulated is not in it.
#[derive(Default)]
pub(super) struct Offsets(RwLock<HashMap<OrganizationId, i64>>);

impl Offsets {
    pub(super) fn of(&self, organization: OrganizationId) -> Option<i64> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(&organization).copied()
    }

    pub(super) fn learn(&self, organization: OrganizationId, truth: Option<i64>) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        match truth {
            Some(offset) => known.insert(organization, offset),
            None => known.remove(&organization),
        };
    }
}

/// The statement that fails unless `known` is the truth. A UUID and a number cannot carry SQL. Whoever moves the clock waits for the
/// transactions that run, but not for long.
pub(super) fn fence(organization: OrganizationId, known: Option<i64>, moving: bool) -> String {
    let known = known.map_or_else(|| "NULL".to_owned(), |offset| offset.to_string());
    let patience = if moving { "SET LOCAL lock_timeout = '5s'; " } else { "" };
    format!("{patience}SELECT clock_fence('{}', {known}, {moving})", organization.0.hyphenated())
}

/// The statement that reads the offset without holding it.
pub(super) fn look(organization: OrganizationId) -> String {
    format!("SELECT clock_offset_us FROM simulations WHERE organization_id = '{}'", organization.0.hyphenated())
}

/// The truth, if the error is the fence's: none outside simulation mode.
pub(super) fn told(error: &sqlx::Error) -> Option<Option<i64>> {
    let error = error.as_database_error().filter(|e| e.code().is_some_and(|code| code == TOLD))?;
    Some(error.message().parse().ok())
}

/// An organization in simulation mode.
#[derive(Clone, Debug)]
pub struct Simulation {
    /// How far its clock is ahead.
    pub ahead: TimeDelta,
    /// By the machine's clock.
    pub started_at: DateTime<Utc>,
    /// When the clock was last moved, by the machine's.
    pub moved_at: Option<DateTime<Utc>>,
}

/// The organization's simulation; none outside simulation mode.
pub async fn get(tx: &mut Tx) -> Result<Option<Simulation>, sqlx::Error> {
    let organization = tx.organization_id();
    let row = sqlx::query!(
        "SELECT clock_offset_us, started_at, moved_at FROM simulations WHERE organization_id = $1",
        organization.0
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|row| Simulation {
        ahead: TimeDelta::microseconds(row.clock_offset_us),
        started_at: row.started_at,
        moved_at: row.moved_at,
    }))
}

/// Waits for whoever adds a real sender at this moment, and shuts out who would.
pub async fn lock_out_senders(tx: &mut Tx) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended('simulation ' || $1, 0))")
        .bind(organization.0.to_string())
        .execute(&mut **tx)
        .await
        .map(drop)
}

/// Begins simulation mode, the clock not moved yet. The caller has made sure that there is no real sender.
pub async fn start(tx: &mut Tx) -> Result<(), sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.real_clock().now());
    sqlx::query!(
        "INSERT INTO simulations (organization_id, started_at) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        organization.0,
        now
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Ends simulation mode. The clock must be put right before.
pub async fn end(tx: &mut Tx) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query!("DELETE FROM simulations WHERE organization_id = $1", organization.0)
        .execute(&mut **tx)
        .await
        .map(drop)
}

/// Sets the clock of the transaction's organization `ahead` of the machine's, and its waiting jobs with it. `tx` comes from
/// [`Db::tenant_alone`](super::db::Db::tenant_alone) and goes on by the moved clock. Returns how many jobs moved.
pub async fn set_clock(tx: Tx, ahead: TimeDelta) -> Result<(Tx, u64), sqlx::Error> {
    let mut tx = tx;
    let (organization, now) = (tx.organization_id(), tx.real_clock().now());
    let offset = ahead.num_microseconds().unwrap_or(0);
    let before = sqlx::query_scalar!(
        "SELECT clock_offset_us FROM simulations WHERE organization_id = $1 FOR UPDATE",
        organization.0
    )
    .fetch_one(&mut *tx)
    .await?;
    sqlx::query!(
        "UPDATE simulations SET clock_offset_us = $2, moved_at = $3 WHERE organization_id = $1",
        organization.0,
        offset,
        now
    )
    .execute(&mut *tx)
    .await?;
    if offset == before {
        return Ok((tx, 0));
    }
    let moved = jobs::follow_clock(&mut tx, offset - before).await?;
    let mut tx = tx.at(Some(offset));
    events::emit(&mut tx, Event::ClockMoved).await?;
    Ok((tx, moved))
}
