//! Logs: human-readable on a terminal, JSON lines elsewhere. Fields are dotted; bodies and whole phone numbers never appear.

use std::io::IsTerminal;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// Starts logging to standard output at `level` (an `EnvFilter`). Calling it twice does nothing more.
pub fn init_logging(level: &str) {
    let filter = EnvFilter::try_new(level)
        .unwrap_or_else(|_| EnvFilter::new("info"))
        .add_directive("sqlx=warn".parse().expect("constant directive"))
        .add_directive("apalis_core=warn".parse().expect("constant directive"))
        .add_directive("apalis_redis=warn".parse().expect("constant directive"));
    let registry = tracing_subscriber::registry().with(filter);
    let result = if std::io::stdout().is_terminal() {
        registry.with(fmt::layer().compact().with_target(false)).try_init()
    } else {
        registry.with(fmt::layer().json().flatten_event(true).with_current_span(true).with_span_list(false)).try_init()
    };
    drop(result);
}

/// Starts gathering metrics; the handle renders them for `/metrics`.
pub fn init_metrics() -> PrometheusHandle {
    let recorder = PrometheusBuilder::new().build_recorder();
    let handle = recorder.handle();
    drop(metrics::set_global_recorder(recorder));
    handle
}
