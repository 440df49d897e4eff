//! One private Postgres and Redis for the whole test run (or those of TEST_DATABASE_URL and TEST_REDIS_URL), and databases cloned from
//! a migrated template.

use std::sync::{
    OnceLock,
    atomic::{AtomicU32, Ordering},
};

use frontdesk::platform::{
    db,
    embedded::{Embedded, Wanted},
};
use secrecy::ExposeSecret;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, PgPool};

const TEMPLATE: &str = "frontdesk_test_template";

pub struct Servers {
    admin_url: String,
    pub redis_url: String,
    _embedded: Option<Embedded>,
}

static SERVERS: OnceLock<Servers> = OnceLock::new();
static COUNTER: AtomicU32 = AtomicU32::new(0);

/// The servers, started by whichever test asks first.
pub async fn servers() -> &'static Servers {
    static STARTING: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    let _one_at_a_time = STARTING.lock().await;
    if let Some(servers) = SERVERS.get() {
        return servers;
    }
    let servers = start().await;
    SERVERS.get_or_init(|| servers)
}

#[expect(clippy::disallowed_methods, reason = "tests are told their servers by the environment")]
async fn start() -> Servers {
    let (database, redis) = (std::env::var("TEST_DATABASE_URL").ok(), std::env::var("TEST_REDIS_URL").ok());
    let servers = if let (Some(admin_url), Some(redis_url)) = (database, redis) {
        Servers { admin_url, redis_url, _embedded: None }
    } else {
        // A folder per checkout, so that two of them can be tested at once.
        let checkout = frontdesk::platform::crypto::sha256_hex(env!("CARGO_MANIFEST_DIR").as_bytes());
        let folder = std::env::temp_dir().join(format!("frontdesk-test-servers-{}", &checkout[..8]));
        let embedded = Embedded::start(&folder, Wanted { postgres: true, redis: true }).await.expect("private servers");
        let servers = Servers {
            admin_url: embedded.database_url.as_ref().expect("started").expose_secret().to_owned(),
            redis_url: embedded.redis_url.as_ref().expect("started").expose_secret().to_owned(),
            _embedded: Some(embedded),
        };
        // Its databases do not outlive the run, and a clone of one is a thousand files: none need reach the disk. Killed processes,
        // Postgres among them, lose nothing by that; only a power cut would.
        for setting in ["ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()"] {
            servers.run_as_admin(setting).await;
        }
        servers
    };
    make_template(&servers).await;
    servers
}

async fn make_template(servers: &Servers) {
    let mut admin = servers.admin().await;
    let leftovers: Vec<String> =
        sqlx::query_scalar("SELECT datname::text FROM pg_database WHERE datname LIKE 'frontdesk_test%'")
            .fetch_all(&mut admin)
            .await
            .expect("list");
    for name in leftovers {
        admin.execute(AssertSqlSafe(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))).await.expect("drop");
    }
    admin.execute(AssertSqlSafe(format!("CREATE DATABASE {TEMPLATE}"))).await.expect("create template");
    let pool = PgPool::connect(&servers.url_of(TEMPLATE)).await.expect("template");
    db::migrate(&pool).await.expect("migrate template");
    pool.close().await;
}

/// A database of one test. Dropping it leaves the database behind; the next run removes it.
pub struct TestDatabase {
    pub url: String,
}

impl Servers {
    async fn admin(&self) -> PgConnection {
        PgConnection::connect(&self.admin_url).await.expect("admin connection")
    }

    fn url_of(&self, database: &str) -> String {
        let mut url = url::Url::parse(&self.admin_url).expect("admin URL");
        url.set_path(database);
        url.to_string()
    }

    /// A fresh, migrated database.
    pub async fn database(&self) -> TestDatabase {
        let name = format!("frontdesk_test_{}_{}", std::process::id(), COUNTER.fetch_add(1, Ordering::Relaxed));
        self.run_as_admin(&format!("CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY")).await;
        TestDatabase { url: self.url_of(&name) }
    }

    /// Removes the database before the next run does: some tests make hundreds.
    pub async fn remove(&self, pool: &PgPool) {
        let name: String = sqlx::query_scalar("SELECT current_database()::text").fetch_one(pool).await.expect("name");
        pool.close().await;
        self.run_as_admin(&format!("DROP DATABASE {name} WITH (FORCE)")).await;
    }

    /// A fresh database without a schema, owned by an ordinary role that may make roles but is no superuser.
    pub async fn bare_database_of_ordinary_owner(&self) -> TestDatabase {
        let n = COUNTER.fetch_add(1, Ordering::Relaxed);
        let (name, owner) =
            (format!("frontdesk_test_bare_{}_{n}", std::process::id()), format!("owner_{}_{n}", std::process::id()));
        self.run_as_admin(&format!("CREATE ROLE {owner} LOGIN CREATEROLE NOSUPERUSER")).await;
        self.run_as_admin(&format!("CREATE DATABASE {name} OWNER {owner}")).await;
        let mut url = url::Url::parse(&self.url_of(&name)).expect("URL");
        url.set_username(&owner).expect("user name");
        TestDatabase { url: url.to_string() }
    }

    async fn run_as_admin(&self, sql: &str) {
        // One at a time: a template cannot be cloned while somebody looks at it.
        static ONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
        let _one = ONE.lock().await;
        self.admin().await.execute(AssertSqlSafe(sql.to_owned())).await.expect(sql);
    }

    /// A Redis database of its own for a process that flushes it.
    pub fn redis_database(&self) -> String {
        // Databases 0 to 15 exist; 0 is for tests that flush nothing.
        let n = 1 + COUNTER.fetch_add(1, Ordering::Relaxed) % 15;
        if self.redis_url.starts_with("unix:") {
            format!("{}?db={n}", self.redis_url)
        } else {
            format!("{}/{n}", self.redis_url.trim_end_matches('/'))
        }
    }
}
