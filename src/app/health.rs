//! Whether this process and what it stands on are well.

use std::time::Duration;

use axum::{Json, Router, extract::State, http::StatusCode, response::IntoResponse, routing::get};
use serde::Serialize;

use crate::platform::{
    http::Core,
    jobs::{Transport, redis_ping},
};

/// The state of the installation, as shown to load balancers and the dashboard.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Health {
    /// green or red.
    status: &'static str,
    /// "ok", or what is wrong.
    db: String,
    /// "ok", or what is wrong.
    redis: String,
}

#[derive(Clone)]
struct Parts {
    core: Core,
    transport: Transport,
}

pub fn router(core: Core, transport: Transport) -> Router {
    let parts = Parts { core, transport };
    Router::new().route("/health", get(health)).route("/health/live", get(live)).with_state(parts)
}

/// This process answers; says nothing of its surroundings.
#[utoipa::path(get, path = "/api/health/live", tag = "health", security(()), responses((status = 200, description = "Alive")))]
pub(super) async fn live() -> impl IntoResponse {
    Json(serde_json::json!({ "status": "green" }))
}

/// Postgres and Redis answer. Without Redis texts are still taken in and answered, more slowly.
#[utoipa::path(get, path = "/api/health", tag = "health", security(()), responses(
    (status = 200, description = "All is well", body = Health),
    (status = 503, description = "Something is wrong; the body says what", body = Health),
))]
async fn health(State(parts): State<Parts>) -> impl IntoResponse {
    let db = async {
        match tokio::time::timeout(Duration::from_secs(3), parts.core.db.ping()).await {
            Ok(Ok(())) => "ok".to_owned(),
            Ok(Err(error)) => {
                tracing::warn!(%error, "health.db");
                "unreachable".to_owned()
            }
            Err(_) => "no answer within 3 seconds".to_owned(),
        }
    };
    let redis = async {
        match redis_ping(&parts.transport).await {
            Ok(()) => "ok".to_owned(),
            Err(error) => {
                tracing::warn!(%error, "health.redis");
                "unreachable".to_owned()
            }
        }
    };
    let (db, redis) = tokio::join!(db, redis);
    let well = db == "ok" && redis == "ok";
    let status = if well { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Health { status: if well { "green" } else { "red" }, db, redis }))
}
