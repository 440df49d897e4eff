//! The `frontdesk` command.

use std::process::ExitCode;

/// A password's hash needs 19 MiB for a moment. Left alone, glibc takes the first such piece as a sign that many will follow, and keeps
/// what the next ones need for ever; with a fixed threshold large pieces always go back.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "mallopt has no safe form; it is called before there are threads")]
fn give_memory_back() {
    unsafe { libc::mallopt(libc::M_MMAP_THRESHOLD, 1 << 20) };
}

fn main() -> ExitCode {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    give_memory_back();
    // sqlx, redis and reqwest all speak TLS through rustls, which wants to be told its provider once, first.
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("frontdesk: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(frontdesk::app::cli::run()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("frontdesk: {error:#}");
            ExitCode::FAILURE
        }
    }
}
