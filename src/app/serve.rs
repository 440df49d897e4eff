//! The long-running process: what it starts, in which order, and how it stops.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context;
use secrecy::{ExposeSecret, SecretString};
use sqlx::PgPool;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{bootstrap::bootstrap, jobs::registry, routes, seed::seed_demo, subscriptions::route};
use crate::{
    analytics,
    assistant::Models,
    booking,
    messaging::{self, Channels, Rates, SimulatorChannel, TwilioChannel},
    platform::{
        clock::Clock,
        config::Config,
        crypto::Vault,
        db::{self, Db},
        embedded::{Embedded, Wanted},
        http::Core,
        jobs::{self, Executor, Transport, Worker},
        listen,
        live::{self, Hub},
        telemetry,
    },
    privacy,
};

/// Which half of the work a process does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Role {
    /// Answers HTTP and runs jobs.
    All,
    /// Answers HTTP only.
    Web,
    /// Runs jobs only.
    Worker,
}

/// The servers in use: given, or started here.
pub(super) struct Backing {
    pub database_url: SecretString,
    pub redis_url: SecretString,
    pub embedded: Option<Embedded>,
}

impl Backing {
    pub(super) async fn find(config: &Config) -> anyhow::Result<Self> {
        let wanted = Wanted { postgres: config.database_url.is_none(), redis: config.redis_url.is_none() };
        let embedded = if wanted.postgres || wanted.redis {
            Some(Embedded::start(&config.data_dir, wanted).await.context("start the private Postgres and Redis")?)
        } else {
            None
        };
        let own = embedded.as_ref();
        let database_url = config.database_url.clone().or_else(|| own.and_then(|e| e.database_url.clone()));
        let redis_url = config.redis_url.clone().or_else(|| own.and_then(|e| e.redis_url.clone()));
        Ok(Self {
            database_url: database_url.context("no database")?,
            redis_url: redis_url.context("no Redis")?,
            embedded,
        })
    }

    /// The administrator's password: as configured, else one made and kept in the data folder of the private database.
    pub(super) fn admin_password(&self, config: &Config) -> anyhow::Result<Option<SecretString>> {
        match (&config.admin.password, &self.embedded) {
            (Some(password), _) => Ok(Some(password.clone())),
            (None, Some(embedded)) if embedded.database_url.is_some() => {
                embedded.kept_secret("admin-password").map(Some)
            }
            (None, _) => Ok(None),
        }
    }

    /// What seals organizations' own keys: by the configured key, else by one kept beside the private database.
    pub(super) fn vault(&self, config: &Config) -> anyhow::Result<Option<Vault>> {
        match (&config.encryption_key, &self.embedded) {
            (Some(key), Some(embedded)) if embedded.database_url.is_some() => {
                let mut previous = config.encryption_keys_previous.clone();
                previous.extend(embedded.earlier_key()?);
                Ok(Some(Vault::with_previous(key, &previous)))
            }
            (Some(_), _) => Ok(config.vault()),
            (None, Some(embedded)) if embedded.database_url.is_some() => embedded.vault().map(Some),
            (None, _) => Ok(None),
        }
    }

    pub(super) async fn stop(self) {
        if let Some(embedded) = self.embedded {
            embedded.stop().await;
        }
    }
}

/// A pool on a database whose schema is this binary's.
pub(super) async fn ready_pool(config: &Config, url: &SecretString) -> anyhow::Result<PgPool> {
    let pool = connect_patiently(config, url).await?;
    if config.auto_migrate {
        db::migrate(&pool).await.context("migrate the database")?;
    } else if db::needs_migration(&pool).await {
        anyhow::bail!(
            "the database lacks migrations of this version: run `frontdesk migrate`, or set AUTO_MIGRATE=true"
        );
    }
    Ok(pool)
}

/// Containers start in any order: a database that is not there yet is waited for, half a minute.
async fn connect_patiently(config: &Config, url: &SecretString) -> anyhow::Result<PgPool> {
    let mut last = None;
    for _ in 0..30 {
        match Db::connect(url.expose_secret(), config.database_connections).await {
            Ok(pool) => return Ok(pool),
            Err(error @ (sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut)) => last = Some(error),
            Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("57P03") => {
                last = Some(sqlx::Error::Database(error))
            }
            Err(error) => return Err(error).context("connect to the database"),
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    Err(last.map_or_else(|| anyhow::anyhow!("no connection"), Into::into)).context("the database cannot be reached")
}

/// Runs until SIGINT or SIGTERM.
pub async fn serve(config: Config, role: Role) -> anyhow::Result<()> {
    let metrics = telemetry::init_metrics();
    let backing = Backing::find(&config).await?;
    let pool = ready_pool(&config, &backing.database_url).await?;
    let clock = Clock::system();
    let stop = CancellationToken::new();
    let transport = Transport::lazy(backing.redis_url.expose_secret()).context("REDIS_URL")?;
    let (dispatcher, wakes) = jobs::dispatcher();
    jobs::spawn_dispatch(wakes, transport.clone(), stop.clone());
    let vault = backing.vault(&config)?;
    let publisher = live::publisher();
    live::spawn_publisher(&publisher, transport.connection(), stop.clone());
    let db = Db::new(pool, clock.clone(), route, dispatcher).with_vault(vault.clone()).with_live(publisher);
    let password = backing.admin_password(&config)?;
    let organization = bootstrap(&db, &config, password.as_ref()).await?;
    let embedded_database = backing.embedded.as_ref().is_some_and(|e| e.database_url.is_some());
    if embedded_database {
        let slots = seed_demo(&db, &organization).await?;
        tracing::info!(slots, "demo.seeded");
    }
    let twilio = match &config.twilio {
        Some(twilio) => TwilioChannel::new(twilio)?,
        None => TwilioChannel::without_account()?,
    };
    let rates = Rates::new(transport.connection(), clock.clone(), &config);
    let simulator = Arc::new(SimulatorChannel::new(db.clone()));
    let channels = Channels { twilio: Some(Arc::new(twilio)), simulator, rates };
    let models = Models::new(&config, vault.clone());
    let core = Core { db: db.clone(), clock, config: Arc::new(config), vault };
    let tracker = TaskTracker::new();
    if role != Role::Web {
        tracker.spawn(privacy::order_sweeps(db.clone(), stop.clone()));
        let executor = Executor::new(db, registry(&core, &channels, &models));
        tracker.spawn(Worker { executor, transport: transport.clone() }.run(stop.clone()));
        tracker.spawn(keep_slots_ahead(core.db.clone(), stop.clone()));
        tracker.spawn(keep_compared(core.clone(), stop.clone()));
        tracker.spawn(analytics::keep_folded(core.db.clone(), stop.clone()));
    }
    if role != Role::Worker {
        let address = SocketAddr::new(core.config.host, core.config.port);
        let listener = tokio::net::TcpListener::bind(address).await.with_context(|| format!("listen on {address}"))?;
        let address = listener.local_addr()?;
        let hub = Hub::new(&transport, live::Limits::default());
        tracker.spawn(hub.clone().run(stop.clone()));
        let router = routes::router(core.clone(), models, channels, transport, hub, metrics);
        let signal = stop.clone();
        tracker.spawn(listen::serve(listener, router, listen::HEAD_WITHIN, signal));
        tracing::info!(%address, url = %format!("http://{address}"), "listening");
        if embedded_database {
            welcome(address, &core.config.admin.username, password.as_ref());
        }
    }
    tracker.close();
    wait_for_signal().await?;
    tracing::info!("stopping");
    stop.cancel();
    // Running work is finished; what cannot be finished in time stays in the ledger.
    drop(tokio::time::timeout(Duration::from_secs(35), tracker.wait()).await);
    core.db.pool().close().await;
    backing.stop().await;
    tracing::info!("stopped");
    Ok(())
}

/// Asks every hour whose weekly hours want more slots. The work itself is in the ledger.
async fn keep_slots_ahead(db: Db, stop: CancellationToken) {
    loop {
        if let Err(error) = booking::enqueue_due_slots(&db).await {
            tracing::error!(%error, "booking.slots_not_enqueued");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(Duration::from_secs(3600)) => {}
        }
    }
}

/// Asks now and then whose texts want to be compared with the provider. The work itself is in the ledger.
async fn keep_compared(core: Core, stop: CancellationToken) {
    loop {
        if let Err(error) = messaging::enqueue_due_reconciliations(&core).await {
            tracing::error!(%error, "messaging.reconciliation_not_enqueued");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(messaging::looks_every(&core.config)) => {}
        }
    }
}

/// Where to go, for a person at a terminal. Only for the private database, whose password is kept in its folder anyway.
fn welcome(address: SocketAddr, username: &str, password: Option<&SecretString>) {
    let password = password.map_or("(as configured)", |p| p.expose_secret());
    eprintln!(
        "\n  Frontdesk is open:  http://{address}/admin\n  sign in as          {username}\n  with the password   {password}\n  API description     http://{address}/docs\n"
    );
}

async fn wait_for_signal() -> anyhow::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        result = tokio::signal::ctrl_c() => result.context("wait for Ctrl-C"),
        _ = terminate.recv() => Ok(()),
    }
}
