//! The database: one pool, and transactions that are either a tenant's or, rarely, the system's.
//!
//! `db.tenant(org)` runs under the role `frontdesk_app`, whose row-level policies let only that organization's rows through.
//! `db.system()` runs as the owner; its uses are listed in docs/ARCHITECTURE.md. Only `SET LOCAL` is used, so a pooler in
//! transaction mode may stand between.
//!
//! A tenant's transaction has two clocks: `tx.clock()`, which simulation mode may have moved, for everything that happens in the business,
//! and `tx.real_clock()` for what must not be fooled: jobs, staff and their keys, the audit log, money, other people's systems.

use std::{
    collections::HashMap,
    ops::{Deref, DerefMut},
    sync::{Arc, RwLock},
    time::Duration,
};

use chrono::TimeDelta;
use secrecy::SecretString;
use sqlx::{
    AssertSqlSafe, Connection, PgConnection, PgPool, Postgres, Row, Transaction,
    migrate::Migrator,
    pool::PoolConnection,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use uuid::Uuid;

use super::{
    clock::Clock,
    crypto::Vault,
    events::{Event, Router},
    idempotency,
    ids::{OrganizationId, UserId},
    jobs::{Dispatcher, NewJob, Wake},
    live::{Kind, Publisher, Told},
    simulation::{self, Offsets},
};

static MIGRATOR: Migrator = sqlx::migrate!();

/// A handle on the database, cheap to clone.
#[derive(Clone)]
pub struct Db {
    pool: PgPool,
    clock: Clock,
    router: Router,
    dispatcher: Dispatcher,
    secrets: Arc<Secrets>,
    offsets: Arc<Offsets>,
    live: Publisher,
}

/// What a process holds to read sealed rows with.
#[derive(Default)]
struct Secrets {
    vault: Option<Vault>,
    /// Each organization's key of numbers, once it was read.
    number_keys: RwLock<HashMap<OrganizationId, SecretString>>,
}

/// A transaction. Dropped without [`Tx::commit`] it rolls back, and the jobs enqueued in it never existed.
pub struct Tx {
    inner: Transaction<'static, Postgres>,
    /// Some where the policies hold.
    organization_id: Option<OrganizationId>,
    clock: Clock,
    real_clock: Clock,
    simulated: bool,
    router: Router,
    dispatcher: Dispatcher,
    secrets: Arc<Secrets>,
    wakes: Vec<Wake>,
    live: Publisher,
    told: Told,
}

impl Db {
    pub fn new(pool: PgPool, clock: Clock, router: Router, dispatcher: Dispatcher) -> Self {
        let live = Publisher::silent();
        Self { pool, clock, router, dispatcher, secrets: Arc::default(), offsets: Arc::default(), live }
    }

    /// With what opens and seals secrets in rows.
    pub fn with_vault(self, vault: Option<Vault>) -> Self {
        Self { secrets: Arc::new(Secrets { vault, ..Secrets::default() }), ..self }
    }

    /// With what tells browsers of commits.
    pub fn with_live(self, live: Publisher) -> Self {
        Self { live, ..self }
    }

    pub fn vault(&self) -> Option<&Vault> {
        self.secrets.vault.as_ref()
    }

    /// Opens a pool of at most `connections`; fails at once when the server cannot be reached.
    pub async fn connect(url: &str, connections: u32) -> Result<PgPool, sqlx::Error> {
        let options: PgConnectOptions = url.parse::<PgConnectOptions>()?.application_name("frontdesk");
        PgPoolOptions::new()
            .max_connections(connections)
            .min_connections(2)
            .acquire_timeout(Duration::from_secs(5))
            // A ping costs a round trip: only a connection that lay idle may have died unnoticed.
            .test_before_acquire(false)
            .before_acquire(|connection, meta| {
                Box::pin(async move {
                    if meta.idle_for > Duration::from_secs(2) {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .connect_with(options)
            .await
    }

    /// A transaction that sees and writes one organization's rows only. One round trip.
    pub async fn tenant(&self, organization_id: OrganizationId) -> Result<Tx, sqlx::Error> {
        self.begin_tenant(organization_id, false).await
    }

    /// A tenant's transaction beside which no other of the same simulated organization runs: for moving its clock. Waits for those that do.
    pub async fn tenant_alone(&self, organization_id: OrganizationId) -> Result<Tx, sqlx::Error> {
        self.begin_tenant(organization_id, true).await
    }

    async fn begin_tenant(&self, organization_id: OrganizationId, alone: bool) -> Result<Tx, sqlx::Error> {
        let mut tries = 0;
        loop {
            let known = self.offsets.of(organization_id);
            // A UUID cannot carry SQL; SET takes no parameters. What precedes BEGIN in one round trip becomes part of the transaction; an
            // error there means that none has begun.
            let begin = format!(
                "{}; BEGIN; SET LOCAL ROLE frontdesk_app; SET LOCAL app.organization_id = '{}'",
                simulation::fence(organization_id, known, alone),
                organization_id.0.hyphenated()
            );
            match self.begin(Some(begin)).await {
                Ok(inner) => return Ok(self.tx(inner, Some(organization_id)).at(known)),
                Err(error) => match simulation::told(&error) {
                    // Whoever moves the clock again and again stands before us each time.
                    Some(truth) if tries < 100 => self.offsets.learn(organization_id, truth),
                    _ => return Err(error),
                },
            }
            tries += 1;
        }
    }

    /// A transaction outside every tenant.
    pub async fn system(&self) -> Result<Tx, sqlx::Error> {
        let inner = self.begin(None).await?;
        Ok(self.tx(inner, None))
    }

    /// In a task of its own, which is not dropped with whoever waits for it: sqlx does not know of a BEGIN whose answer nobody awaited, and
    /// the connection would go back to the pool inside a transaction, with the role and the tenant of somebody who is gone.
    async fn begin(&self, statement: Option<String>) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
        let pool = self.pool.clone();
        let begun = tokio::spawn(async move {
            match statement {
                Some(statement) => pool.begin_with(AssertSqlSafe(statement)).await,
                None => pool.begin().await,
            }
        });
        // Neither cancelled nor panicking: it ends early only with the process.
        begun.await.unwrap_or(Err(sqlx::Error::PoolClosed))
    }

    /// A connection outside every tenant and every transaction, for one statement that finds out whose matter something is.
    pub async fn system_lookup(&self) -> Result<PoolConnection<Postgres>, sqlx::Error> {
        self.pool.acquire().await
    }

    fn tx(&self, inner: Transaction<'static, Postgres>, organization_id: Option<OrganizationId>) -> Tx {
        Tx {
            inner,
            organization_id,
            clock: self.clock.clone(),
            real_clock: self.clock.clone(),
            simulated: false,
            router: self.router,
            dispatcher: self.dispatcher.clone(),
            secrets: Arc::clone(&self.secrets),
            wakes: Vec::new(),
            live: self.live.clone(),
            told: Told::default(),
        }
    }

    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// The machine's clock. In what a tenant does, ask the transaction's.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Wakes the workers for a job whose row changed outside a transaction of ours.
    pub(super) fn wake(&self, wake: Wake) {
        self.dispatcher.wake(vec![wake]);
    }

    /// One round trip; tells whether the server answers.
    pub async fn ping(&self) -> Result<(), sqlx::Error> {
        sqlx::query("SELECT 1").execute(&self.pool).await.map(drop)
    }
}

impl Tx {
    /// Commits, then wakes the workers for what was enqueued and has browsers told of what changed. Where the request carries an Idempotency-Key, the mark that it was carried
    /// out commits with it.
    pub async fn commit(mut self) -> Result<(), sqlx::Error> {
        idempotency::mark(&mut self.inner, self.organization_id).await?;
        self.inner.commit().await?;
        self.dispatcher.wake(self.wakes);
        self.live.tell(self.told);
        Ok(())
    }

    /// The tenant of this transaction.
    ///
    /// # Panics
    /// In a system transaction: a tenant's statement there is a bug.
    pub fn organization_id(&self) -> OrganizationId {
        self.organization_id.expect("a tenant's transaction")
    }

    /// Goes on as a transaction of one organization: what was done outside every tenant commits with what follows, or not at all.
    pub async fn into_tenant(mut self, organization_id: OrganizationId) -> Result<Self, sqlx::Error> {
        // Not locked: whoever moves the clock may wait for a row that this transaction has.
        let narrow = format!(
            "SET LOCAL ROLE frontdesk_app; SET LOCAL app.organization_id = '{}'; {}",
            organization_id.0.hyphenated(),
            simulation::look(organization_id)
        );
        let row = sqlx::raw_sql(AssertSqlSafe(narrow)).fetch_optional(&mut *self.inner).await?;
        let offset = row.map(|row| row.try_get(0)).transpose()?;
        self.organization_id = Some(organization_id);
        Ok(self.at(offset))
    }

    /// The organization's clock: what time it is in the business. The machine's, unless simulation mode has moved it.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The machine's clock, whatever time it is in the business.
    pub fn real_clock(&self) -> &Clock {
        &self.real_clock
    }

    /// The organization is in simulation mode: nothing of it may reach a person.
    pub fn is_simulated(&self) -> bool {
        self.simulated
    }

    /// With the organization's clock ahead by so many microseconds; none outside simulation mode.
    pub(super) fn at(self, offset: Option<i64>) -> Self {
        let clock =
            offset.map_or_else(|| self.real_clock.clone(), |by| self.real_clock.shifted(TimeDelta::microseconds(by)));
        Self { clock, simulated: offset.is_some(), ..self }
    }

    pub fn vault(&self) -> Option<&Vault> {
        self.secrets.vault.as_ref()
    }

    /// The key under which this organization's erased numbers are hashed, if this process has read it before.
    pub fn number_key(&self) -> Option<SecretString> {
        self.secrets.number_keys.read().expect("number keys").get(&self.organization_id()).cloned()
    }

    /// Remembers the key. It must have been read from a committed row: it is never asked for again.
    pub fn remember_number_key(&self, key: SecretString) {
        self.secrets.number_keys.write().expect("number keys").insert(self.organization_id(), key);
    }

    /// Runs what follows as the owner, past the policies and the tenant's grants: for erasing what is append-only to everybody else. Each
    /// statement must name the organization itself; [`Tx::step_back`] ends it.
    pub async fn step_out(&mut self) -> Result<(), sqlx::Error> {
        sqlx::query("SET LOCAL ROLE NONE").execute(&mut **self).await.map(drop)
    }

    pub async fn step_back(&mut self) -> Result<(), sqlx::Error> {
        sqlx::query("SET LOCAL ROLE frontdesk_app").execute(&mut **self).await.map(drop)
    }

    /// A lock that is not had so soon fails the statement ([`is_lock_timeout`]). Shorter than Postgres waits before it looks for a deadlock,
    /// so that this transaction gives way and never the other.
    pub async fn give_way(&mut self) -> Result<(), sqlx::Error> {
        sqlx::query("SET LOCAL lock_timeout = '400ms'").execute(&mut **self).await.map(drop)
    }

    pub(super) fn route(&self, event: &Event) -> Vec<NewJob> {
        (self.router)(event)
    }

    /// Has the organization's browsers told of a changed row (none: of some row of the kind) once this is committed. Events and entries of
    /// the audit log do so by themselves. Outside every tenant nobody is told.
    pub fn tell(&mut self, kind: Kind, id: impl Into<Option<Uuid>>) {
        if let Some(organization) = self.organization_id {
            self.told.add(organization, kind, None, id.into());
        }
    }

    /// The same, of what only one member may hear of.
    pub fn tell_only(&mut self, to: UserId, kind: Kind, id: impl Into<Option<Uuid>>) {
        if let Some(organization) = self.organization_id {
            self.told.add(organization, kind, Some(to), id.into());
        }
    }

    pub(super) fn push_wake(&mut self, wake: Wake) {
        self.wakes.push(wake);
    }
}

/// The statement waited longer for a lock than [`Tx::give_way`] allows, or was chosen to end a deadlock.
pub fn is_lock_timeout(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(|e| e.code()).is_some_and(|code| code == "55P03" || code == "40P01")
}

impl Deref for Tx {
    type Target = PgConnection;
    fn deref(&self) -> &PgConnection {
        &self.inner
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.inner
    }
}

/// Makes the role and brings the schema up to date. Safe to run from many processes at once.
pub async fn migrate(pool: &PgPool) -> anyhow::Result<()> {
    let mut connection = pool.acquire().await?;
    ensure_app_role(&mut connection).await?;
    MIGRATOR.run(&mut *connection).await?;
    Ok(())
}

/// True when a migration of this binary has not been applied.
pub async fn needs_migration(pool: &PgPool) -> bool {
    let applied: Result<Vec<i64>, _> =
        sqlx::query_scalar("SELECT version FROM _sqlx_migrations WHERE success").fetch_all(pool).await;
    applied.map_or(true, |applied| MIGRATOR.iter().any(|m| !applied.contains(&m.version)))
}

/// The role belongs to the cluster, not to the database: another database, or a process starting at the same moment, may
/// have made it already.
async fn ensure_app_role(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let mut tx = connection.begin().await?;
    sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended('frontdesk_app', 0))").execute(&mut *tx).await?;
    sqlx::query(
        "DO $$ BEGIN
           IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'frontdesk_app') THEN
             CREATE ROLE frontdesk_app NOLOGIN NOBYPASSRLS;
           END IF;
         EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
         END $$",
    )
    .execute(&mut *tx)
    .await?;
    // Explicit membership even for superusers would be noise; SET ROLE works for them anyway.
    sqlx::query(
        "DO $$ BEGIN
           -- From Postgres 16 on, whoever makes a role is a member without being allowed to SET ROLE to it.
           IF NOT pg_has_role(current_user, 'frontdesk_app',
                              CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END) THEN
             EXECUTE format('GRANT frontdesk_app TO %I', current_user);
           END IF;
           EXECUTE format('GRANT USAGE ON SCHEMA %I TO frontdesk_app', current_schema());
         END $$",
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await
}
