//! Where the private servers keep their files, reachable by the user they run as, and by one process at a time.

use std::{
    fs, io,
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, chown},
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, bail};

use super::child::Identity;

pub(super) struct Place {
    pub data: PathBuf,
    /// Unix sockets; apart from `data` when its path is too long for a socket (107 bytes).
    pub sockets: PathBuf,
}

impl Place {
    /// Makes the folders. When the servers' user cannot reach `wanted` (it lies below a private home, say), another place is taken.
    pub(super) fn prepare(wanted: &Path, identity: &Identity) -> anyhow::Result<Self> {
        let wanted = std::path::absolute(wanted)?;
        let data = match identity {
            Identity::User { .. } if !everybody_may_enter(&wanted) => fallback(&wanted),
            _ => wanted.clone(),
        };
        if data != wanted {
            tracing::info!(wanted = %wanted.display(), used = %data.display(), "embedded.data_elsewhere");
        }
        make_private(&data, identity)?;
        let mut sockets = data.join("run");
        if sockets.as_os_str().len() > 85 {
            sockets = std::env::temp_dir().join(format!("frontdesk-{}", short_hash(&data)));
        }
        make_private(&sockets, identity)?;
        Ok(Self { data, sockets })
    }

    pub(super) fn redis_socket(&self) -> PathBuf {
        self.sockets.join("redis.sock")
    }

    /// One process per data folder. Waits a little for one that is just ending.
    pub(super) async fn lock(&self) -> anyhow::Result<fs::File> {
        let path = self.data.join("lock");
        let file = fs::OpenOptions::new().create(true).truncate(false).write(true).open(&path)?;
        for _ in 0..100 {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(fs::TryLockError::WouldBlock) => tokio::time::sleep(Duration::from_millis(100)).await,
                Err(fs::TryLockError::Error(error)) => return Err(error).context(path.display().to_string()),
            }
        }
        bail!("another frontdesk is running on {}; stop it, or set DATA_DIR or DATABASE_URL", self.data.display())
    }
}

/// Whether every existing folder on the way can be entered by any user.
fn everybody_may_enter(path: &Path) -> bool {
    path.ancestors().skip(1).filter_map(|p| fs::metadata(p).ok()).all(|m| m.mode() & 0o001 != 0)
}

fn fallback(wanted: &Path) -> PathBuf {
    let base = if Path::new("/var/lib").is_dir() { "/var/lib" } else { "/var/tmp" };
    Path::new(base).join(format!("frontdesk-{}", short_hash(wanted)))
}

fn short_hash(path: &Path) -> String {
    crate::platform::crypto::sha256_hex(path.as_os_str().as_encoded_bytes())[..10].to_owned()
}

fn make_private(path: &Path, identity: &Identity) -> anyhow::Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o755)
        .create(path)
        .with_context(|| format!("make {}", path.display()))?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o700))?;
    if let Identity::User { uid, gid } = identity {
        chown(path, Some(*uid), Some(*gid)).with_context(|| format!("hand {} to the servers' user", path.display()))?;
    }
    Ok(())
}

/// Writes a file only its owner may read: whole, or not at all.
pub(super) fn write_private(path: &Path, text: &str) -> io::Result<()> {
    use std::io::Write;
    let unfinished = path.with_extension("new");
    // What a crash left may have been made with other permissions.
    drop(fs::remove_file(&unfinished));
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&unfinished)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&unfinished, path)
}

/// A program on PATH, or where Debian keeps Postgres' own (the newest version).
#[expect(clippy::disallowed_methods, reason = "PATH is the system's, not configuration")]
pub(super) fn find_program(name: &str) -> Option<PathBuf> {
    let on_path = std::env::var("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&on_path).collect();
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            Some((path.file_name()?.to_str()?.parse().ok()?, path.join("bin")))
        })
        .collect();
    versions.sort();
    folders.extend(versions.into_iter().rev().map(|(_, path)| path));
    folders.push("/usr/sbin".into());
    folders.into_iter().map(|folder| folder.join(name)).find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_private_parent_is_seen() {
        let base = std::env::temp_dir().join(format!("frontdesk-place-{}", std::process::id()));
        let inner = base.join("closed/data");
        fs::create_dir_all(&inner).expect("folders");
        fs::set_permissions(base.join("closed"), fs::Permissions::from_mode(0o700)).expect("permissions");
        assert!(!everybody_may_enter(&inner));
        fs::set_permissions(base.join("closed"), fs::Permissions::from_mode(0o755)).expect("permissions");
        assert_eq!(everybody_may_enter(&inner), everybody_may_enter(&base));
        fs::remove_dir_all(&base).expect("clean up");
    }
}
