//! Every route of the binary, and the API description that follows from them.

use axum::{
    Extension, Router,
    extract::DefaultBodyLimit,
    http::{HeaderName, HeaderValue, header},
    middleware,
    response::{IntoResponse, Response},
    routing::get,
};
use metrics_exporter_prometheus::PrometheusHandle;
use tower_http::{catch_panic::CatchPanicLayer, compression::CompressionLayer, set_header::SetResponseHeaderLayer};
use utoipa::{
    Modify, OpenApi,
    openapi::security::{ApiKey, ApiKeyValue, SecurityScheme},
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_swagger_ui::SwaggerUi;

use super::{health, jobs_api, spa};
use crate::{
    accounts, analytics,
    assistant::{self, Models},
    booking, compliance, contacts, messaging,
    platform::{
        http::{Core, request_id},
        jobs::Transport,
        problem::{Code, Problem},
    },
};

/// Bodies beyond this are refused; a text is a few kilobytes.
const MAX_REQUEST_BYTES: usize = 256 * 1024;

#[derive(OpenApi)]
#[openapi(
    info(title = "Frontdesk", description = "A text-message front desk: contacts, conversations, slots, appointments."),
    paths(health::health, health::live),
    modifiers(&Security),
    security(("api_key" = []), ("session" = []))
)]
struct Description;

struct Security;

impl Modify for Security {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let components = openapi.components.get_or_insert_default();
        let key = SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new("X-API-Key")));
        let session = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(accounts::SESSION_COOKIE)));
        components.add_security_scheme("api_key", key);
        components.add_security_scheme("session", session);
    }
}

/// The API of all slices, below `/api`.
fn api() -> OpenApiRouter<Core> {
    OpenApiRouter::new()
        .merge(accounts::router())
        .merge(contacts::router())
        .merge(compliance::router())
        .merge(messaging::router())
        .merge(booking::router())
        .merge(assistant::router())
        .merge(analytics::router())
        .merge(jobs_api::router())
}

/// The API description, as served and as committed in `admin/openapi.json`.
pub fn open_api() -> utoipa::openapi::OpenApi {
    OpenApiRouter::with_openapi(Description::openapi()).nest("/api", api()).to_openapi()
}

/// Everything this binary answers.
pub fn router(core: Core, models: Models, transport: Transport, metrics: PrometheusHandle) -> Router {
    let (v1, _) = api().split_for_parts();
    let (api, _) = api().split_for_parts();
    let health = health::router(core.clone(), transport);
    Router::new()
        .nest("/api", api.merge_with(&health))
        .nest("/api/v1", v1.merge_with(&health))
        .merge(messaging::webhook_router())
        .merge(SwaggerUi::new("/docs").url("/api/openapi.json", open_api()))
        .route("/metrics", get(move || std::future::ready(metrics.render())))
        .route("/", get(spa::to_admin))
        .route("/admin", get(spa::to_admin))
        .route("/admin/", get(spa::file))
        .route("/admin/{*path}", get(spa::file))
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(Extension(models))
        .layer(DefaultBodyLimit::max(MAX_REQUEST_BYTES))
        .layer(CompressionLayer::new())
        .layer(SetResponseHeaderLayer::if_not_present(
            HeaderName::from_static("x-content-type-options"),
            HeaderValue::from_static("nosniff"),
        ))
        .layer(SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn(request_id))
        .with_state(core)
}

/// The slices' routers take the state later; the health routes have theirs already.
trait MergeWith {
    fn merge_with(self, other: &Router) -> Self;
}

impl MergeWith for Router<Core> {
    fn merge_with(self, other: &Router) -> Self {
        self.merge(other.clone().with_state(()))
    }
}

async fn not_found() -> Problem {
    Problem::not_found("page")
}

async fn method_not_allowed() -> Problem {
    Problem::new(Code::MethodNotAllowed, "The path exists, but not for this HTTP method.")
}

fn panicked(cause: Box<dyn std::any::Any + Send>) -> Response {
    let message = cause.downcast_ref::<&str>().copied().or_else(|| cause.downcast_ref::<String>().map(String::as_str));
    tracing::error!(panic = message.unwrap_or("unknown"), "request.panicked");
    Problem::internal().into_response()
}
