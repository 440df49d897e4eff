//! The `frontdesk` command.

use std::process::ExitCode;

fn main() -> ExitCode {
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
