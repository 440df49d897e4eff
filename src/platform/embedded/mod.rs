//! A private Postgres and Redis for an installation that was given none: started as children, reached only through sockets in the
//! data folder, gone when this process is, however it ends.

mod child;
mod place;

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, bail};
use secrecy::SecretString;
use sqlx::{Connection, PgConnection};

use child::{Child, Identity};
use place::{Place, find_program};

use super::crypto::Vault;

/// The running servers. Dropping it stops them.
pub struct Embedded {
    pub database_url: Option<SecretString>,
    pub redis_url: Option<SecretString>,
    /// Where the data really lies (see `place.rs`).
    pub data_dir: PathBuf,
    // Stopped in this order: Redis holds nothing that matters.
    redis: Option<Child>,
    postgres: Option<Child>,
    _lock: fs::File,
}

/// Which of the two are wanted.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    pub postgres: bool,
    pub redis: bool,
}

impl Embedded {
    /// Starts what is wanted under `data_dir` and waits until it answers.
    pub async fn start(data_dir: &Path, wanted: Wanted) -> anyhow::Result<Self> {
        let identity = Identity::for_servers()?;
        let place = Place::prepare(data_dir, &identity)?;
        let lock = place.lock().await?;
        let mut embedded = Self {
            database_url: None,
            redis_url: None,
            data_dir: place.data.clone(),
            redis: None,
            postgres: None,
            _lock: lock,
        };
        if wanted.postgres {
            embedded.postgres = Some(start_postgres(&place, &identity).await?);
            embedded.database_url = Some(database_url(&place, "frontdesk").into());
        }
        if wanted.redis {
            embedded.redis = Some(start_redis(&place, &identity).await?);
            embedded.redis_url = Some(format!("unix://{}", place.redis_socket().display()).into());
        }
        Ok(embedded)
    }

    /// Asks both servers to end and waits for them.
    pub async fn stop(mut self) {
        let children = [self.redis.take(), self.postgres.take()];
        drop(tokio::task::spawn_blocking(move || drop(children)).await);
    }

    /// A secret kept in the data folder, made on first use: what `name` is, for people to read.
    pub fn kept_secret(&self, name: &str) -> anyhow::Result<SecretString> {
        kept(&self.data_dir.join(name), 12)
    }

    /// The vault of an installation that was given no ENCRYPTION_KEY: its key lies beside the private database, and is lost with it.
    pub fn vault(&self) -> anyhow::Result<Vault> {
        Ok(Vault::new(&kept(&self.data_dir.join("encryption-key"), 32)?))
    }

    /// The key kept here, if one was ever made: whoever sets ENCRYPTION_KEY later must not lose what it sealed.
    pub fn earlier_key(&self) -> anyhow::Result<Option<SecretString>> {
        let path = self.data_dir.join("encryption-key");
        if path.exists() { kept(&path, 32).map(Some) } else { Ok(None) }
    }
}

/// What the file holds; `bytes` of randomness are put there first where it holds nothing. A file that is there and cannot be read is an
/// error: to make another secret would lose what hangs on the first.
fn kept(path: &Path, bytes: usize) -> anyhow::Result<SecretString> {
    match fs::read_to_string(path) {
        Ok(text) if !text.trim().is_empty() => return Ok(SecretString::from(text.trim())),
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(error).with_context(|| path.display().to_string());
        }
        _ => {}
    }
    let secret = super::crypto::random_token(bytes);
    place::write_private(path, &secret).with_context(|| path.display().to_string())?;
    Ok(SecretString::from(secret))
}

fn database_url(place: &Place, database: &str) -> String {
    let host: String = form_urlencoded::byte_serialize(place.sockets.as_os_str().as_encoded_bytes()).collect();
    format!("postgres://frontdesk@localhost/{database}?host={host}")
}

async fn start_postgres(place: &Place, identity: &Identity) -> anyhow::Result<Child> {
    let data = place.data.join("postgres");
    if !data.join("PG_VERSION").exists() {
        init_postgres(place, identity, &data).await?;
    }
    let server = find_program("postgres").context("Postgres is not installed (Debian: apt-get install postgresql)")?;
    let mut last_error = String::new();
    // After a kill the old server may still be shutting down; it gives way within seconds.
    for _ in 0..60 {
        let mut child = Child::spawn(
            identity,
            &server,
            &[
                "-D".into(),
                data.clone().into_os_string(),
                "-c".into(),
                "listen_addresses=".into(),
                "-c".into(),
                format!("unix_socket_directories={}", place.sockets.display()).into(),
                "-c".into(),
                "max_connections=120".into(),
                "-c".into(),
                "shared_buffers=64MB".into(),
            ],
            &place.data.join("postgres.log"),
            libc::SIGINT,
        )?;
        match wait_for_postgres(place, &mut child).await {
            Ok(()) => return Ok(child),
            Err(error) => last_error = format!("{error:#}"),
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    bail!("the private Postgres does not start ({last_error}); see {}", place.data.join("postgres.log").display())
}

async fn init_postgres(place: &Place, identity: &Identity, data: &Path) -> anyhow::Result<()> {
    let initdb = find_program("initdb").context("Postgres is not installed (Debian: apt-get install postgresql)")?;
    // A first start that was killed leaves a part of a cluster, which nothing can use.
    if data.exists() {
        fs::remove_dir_all(data).with_context(|| format!("remove the unfinished {}", data.display()))?;
    }
    let arguments = ["-U", "frontdesk", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-instructions", "-D"];
    let mut arguments: Vec<_> = arguments.iter().map(Into::into).collect();
    arguments.push(data.to_owned().into_os_string());
    let log = place.data.join("initdb.log");
    let mut child = Child::spawn(identity, &initdb, &arguments, &log, libc::SIGKILL)?;
    while child.is_running() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    if !data.join("PG_VERSION").exists() {
        bail!("initdb failed; see {}", log.display());
    }
    Ok(())
}

/// Waits until the server answers and the database is there.
async fn wait_for_postgres(place: &Place, child: &mut Child) -> anyhow::Result<()> {
    for _ in 0..600 {
        if !child.is_running() {
            bail!("it ended at once");
        }
        if let Ok(mut connection) = PgConnection::connect(&database_url(place, "postgres")).await {
            let exists: bool =
                sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = 'frontdesk')")
                    .fetch_one(&mut connection)
                    .await?;
            if !exists {
                sqlx::query("CREATE DATABASE frontdesk").execute(&mut connection).await?;
            }
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    bail!("it did not answer within 12 seconds")
}

async fn start_redis(place: &Place, identity: &Identity) -> anyhow::Result<Child> {
    let server =
        find_program("redis-server").context("Redis is not installed (Debian: apt-get install redis-server)")?;
    let socket = place.redis_socket();
    // Nothing in Redis outlives the process: the ledger in Postgres is the truth.
    drop(fs::remove_file(&socket));
    let mut child = Child::spawn(
        identity,
        &server,
        &[
            "--port".into(),
            "0".into(),
            "--unixsocket".into(),
            socket.clone().into_os_string(),
            "--unixsocketperm".into(),
            "700".into(),
            "--save".into(),
            "".into(),
            "--appendonly".into(),
            "no".into(),
            "--dir".into(),
            place.sockets.clone().into_os_string(),
        ],
        &place.data.join("redis.log"),
        libc::SIGTERM,
    )?;
    for _ in 0..500 {
        if !child.is_running() {
            break;
        }
        if tokio::net::UnixStream::connect(&socket).await.is_ok() {
            return Ok(child);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    bail!("the private Redis does not start; see {}", place.data.join("redis.log").display())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn a_kept_secret_is_made_once_for_its_owner_only() {
        let folder = std::env::temp_dir().join(format!("frontdesk-kept-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("folder");
        let path = folder.join("encryption-key");
        fs::write(&path, "").expect("what a crash may leave");
        let made = kept(&path, 32).expect("made");
        assert_eq!(made.expose_secret().len(), 43);
        assert_eq!(kept(&path, 32).expect("kept").expose_secret(), made.expose_secret());
        assert_eq!(fs::metadata(&path).expect("file").permissions().mode() & 0o777, 0o600);
        fs::remove_file(&path).expect("remove");
        fs::create_dir(&path).expect("something else of that name");
        assert!(kept(&path, 32).is_err(), "never another key where one may be");
        fs::remove_dir_all(&folder).expect("clean up");
    }
}
