//! Server processes that die with this one, and run as an ordinary user even where this one is root.
#![expect(unsafe_code, reason = "prctl between fork and exec, getpwnam and kill have no safe form in std")]

use std::{
    ffi::{CStr, CString, OsString},
    fs, io,
    os::unix::process::CommandExt,
    path::Path,
    process::{Command, Stdio},
    sync::{Arc, Mutex, mpsc},
    time::{Duration, Instant},
};

use anyhow::Context;

/// Who the servers run as. Postgres refuses root.
#[derive(Clone, Debug)]
pub(super) enum Identity {
    Same,
    User { uid: u32, gid: u32 },
}

impl Identity {
    pub(super) fn for_servers() -> anyhow::Result<Self> {
        // SAFETY: geteuid has no preconditions.
        if unsafe { libc::geteuid() } != 0 {
            return Ok(Self::Same);
        }
        ["postgres", "nobody"]
            .into_iter()
            .find_map(user)
            .context("running as root needs a user called postgres for the private database (Debian: apt-get install postgresql)")
    }
}

fn user(name: &str) -> Option<Identity> {
    let name = CString::new(name).ok()?;
    // SAFETY: the name is NUL-terminated; the result is read at once, and only during the single-threaded start.
    let entry = unsafe { libc::getpwnam(CStr::as_ptr(&name)).as_ref() }?;
    Some(Identity::User { uid: entry.pw_uid, gid: entry.pw_gid })
}

/// A child server. Dropping it sends its stop signal and waits.
pub(super) struct Child {
    pid: i32,
    stop_signal: i32,
    ended: Arc<Mutex<bool>>,
}

impl Child {
    /// Starts `program`, its output going to `log`, to be stopped by `stop_signal`, which it also gets when this process dies.
    pub(super) fn spawn(
        identity: &Identity,
        program: &Path,
        arguments: &[OsString],
        log: &Path,
        stop_signal: i32,
    ) -> anyhow::Result<Self> {
        let output =
            fs::OpenOptions::new().create(true).append(true).open(log).with_context(|| log.display().to_string())?;
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output).current_dir("/");
        // A terminal's Ctrl-C must reach this process only, which stops its children in order.
        command.process_group(0);
        if let Identity::User { uid, gid } = identity {
            command.uid(*uid).gid(*gid);
        }
        let parent = std::process::id().cast_signed();
        // SAFETY: only async-signal-safe calls (prctl, getppid) are made between fork and exec.
        unsafe {
            command.pre_exec(move || {
                if libc::prctl(libc::PR_SET_PDEATHSIG, stop_signal) != 0 {
                    return Err(io::Error::last_os_error());
                }
                // The parent may have died before the signal was arranged.
                if libc::getppid() != parent { Err(io::Error::other("the parent is gone")) } else { Ok(()) }
            });
        }
        let ended = Arc::new(Mutex::new(false));
        let pid =
            spawn_on_own_thread(command, Arc::clone(&ended)).with_context(|| format!("start {}", program.display()))?;
        Ok(Self { pid, stop_signal, ended })
    }

    pub(super) fn is_running(&mut self) -> bool {
        !*self.ended.lock().expect("child state")
    }

    fn signal(&self, signal: i32) {
        let ended = self.ended.lock().expect("child state");
        if !*ended {
            // SAFETY: the child has not been reaped (the flag is set under this lock before the pid can be reused).
            unsafe { libc::kill(self.pid, signal) };
        }
    }
}

/// The death signal follows the *thread* that started the child, so a thread is kept for as long as the child lives.
fn spawn_on_own_thread(mut command: Command, ended: Arc<Mutex<bool>>) -> io::Result<i32> {
    let (sender, receiver) = mpsc::channel();
    std::thread::Builder::new().name("embedded-server".to_owned()).spawn(move || match command.spawn() {
        Ok(mut child) => {
            drop(sender.send(Ok(child.id().cast_signed())));
            loop {
                {
                    let mut ended = ended.lock().expect("child state");
                    if !matches!(child.try_wait(), Ok(None)) {
                        *ended = true;
                        return;
                    }
                }
                std::thread::sleep(Duration::from_millis(10));
            }
        }
        Err(error) => drop(sender.send(Err(error))),
    })?;
    receiver.recv().map_err(io::Error::other)?
}

impl Drop for Child {
    fn drop(&mut self) {
        self.signal(self.stop_signal);
        let patience = Instant::now() + Duration::from_secs(10);
        while self.is_running() && Instant::now() < patience {
            std::thread::sleep(Duration::from_millis(10));
        }
        self.signal(libc::SIGKILL);
    }
}
