//! Every route of the binary, and the conduct that goes for all of the API.

use std::{sync::LazyLock, time::Duration};

use axum::{
    Extension, Router,
    body::Bytes,
    extract::DefaultBodyLimit,
    http::{HeaderName, HeaderValue, Method, header},
    middleware,
    response::{IntoResponse, Response},
    routing::get,
};
use metrics_exporter_prometheus::PrometheusHandle;
use tower::util::{MapRequest, option_layer};
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::CompressionLayer,
    cors::{AllowOrigin, CorsLayer},
    set_header::SetResponseHeaderLayer,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_swagger_ui::SwaggerUi;

use super::{aliases::by_own_name, description::open_api, health, jobs_api, live, spa};
use crate::{
    accounts::{self, Limits},
    analytics,
    assistant::{self, Models},
    booking, campaigns, compliance, contacts, integrations, links,
    messaging::{self, Channels},
    platform::{
        http::{Core, MAX_REQUEST_BYTES, request_id},
        jobs::Transport,
        limits::Limiter,
        live::Hub,
        problem::{Code, Problem},
    },
    privacy, reports, team,
};

/// The API of all slices, below `/api`.
pub(super) fn api() -> OpenApiRouter<Core> {
    OpenApiRouter::new()
        .merge(accounts::router())
        .merge(contacts::router())
        .merge(links::router())
        .merge(compliance::router())
        .merge(messaging::router())
        .merge(booking::router())
        .merge(campaigns::router())
        .merge(team::router())
        .merge(reports::router())
        .merge(assistant::router())
        .merge(integrations::router())
        .merge(analytics::router())
        .merge(privacy::router())
        .merge(jobs_api::router())
}

/// Everything this binary answers. `hub` has to be run for browsers to hear anything.
pub fn router(
    core: Core,
    models: Models,
    channels: Channels,
    transport: Transport,
    hub: Hub,
    metrics: PrometheusHandle,
) -> Router {
    // Made once for both names: what it says of itself, and nobody needs here, is most of what making it takes.
    let (api, _) = api().split_for_parts();
    let limits = Limits::new(core.clone(), Limiter::new(transport.connection()));
    let conduct = |api: Router<Core>| conduct(api, &core, &limits);
    let (v1, api) = (conduct(api.clone()), conduct(api));
    let (live, _) = live::router().split_for_parts();
    let live = live
        .layer(middleware::from_fn_with_state(limits.clone(), accounts::limit))
        .layer(middleware::from_fn(live::headers_from_subprotocols))
        .layer(Extension(hub));
    let links = links::redirect_router().layer(middleware::from_fn_with_state(limits.clone(), accounts::limit));
    let health = health::router(core.clone(), transport);
    let cross_origin = (!core.config.conduct.cors_origins.is_empty()).then(|| cors(&core));
    let routes = Router::new()
        .nest("/api", api.merge_with(&health))
        .nest("/api/v1", v1.merge_with(&health))
        .nest("/ws", live)
        .merge(links)
        .merge(messaging::webhook_router())
        .merge(swagger())
        .route("/redoc", get(spa::redoc))
        .route("/metrics", get(move || std::future::ready(metrics.render())))
        .route("/", get(spa::to_admin))
        .route("/admin", get(spa::to_admin))
        .route("/admin/", get(spa::file))
        .route("/admin/{*path}", get(spa::file))
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(Extension(models))
        .layer(Extension(channels))
        .layer(Extension(compliance::consent_book()))
        .layer(option_layer(cross_origin))
        .layer(DefaultBodyLimit::max(MAX_REQUEST_BYTES))
        .layer(CompressionLayer::new())
        .layer(SetResponseHeaderLayer::if_not_present(
            HeaderName::from_static("x-content-type-options"),
            HeaderValue::from_static("nosniff"),
        ))
        .layer(SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn(request_id))
        .with_state(core);
    // Before the routes are looked at, so that handlers, permissions and limits are the same by either name.
    Router::new().fallback_service(MapRequest::new(routes, by_own_name))
}

/// What goes for every operation of the API, from the outside in: how often it may be called, and that a repetition does nothing.
fn conduct(api: Router<Core>, core: &Core, limits: &Limits) -> Router<Core> {
    api.layer(middleware::from_fn_with_state(core.clone(), accounts::idempotent))
        .layer(middleware::from_fn_with_state(limits.clone(), accounts::limit))
}

/// Which other pages may call the API: those of listed origins. Without credentials: the cookie is for our own pages, others bring a token
/// or a key.
fn cors(core: &Core) -> CorsLayer {
    let listed = core.config.conduct.cors_origins.clone();
    let allowed = AllowOrigin::predicate(move |origin, request| {
        request.uri.path().starts_with("/api/") && listed.iter().any(|o| o.as_bytes() == origin.as_bytes())
    });
    CorsLayer::new()
        .allow_origin(allowed)
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allow_headers(CORS_ALLOWED.map(HeaderName::from_static))
        .expose_headers(CORS_EXPOSED.map(HeaderName::from_static))
        .max_age(Duration::from_secs(600))
}

/// Request headers that pages of listed origins may send.
const CORS_ALLOWED: [&str; 7] =
    ["authorization", "content-type", "idempotency-key", "if-match", "x-api-key", "x-organization-id", "x-request-id"];
/// Answer headers that they may read.
const CORS_EXPOSED: [&str; 6] =
    ["etag", "ratelimit", "ratelimit-policy", "x-request-id", "retry-after", "idempotency-replayed"];

/// Where the API description is.
const DESCRIPTION: &str = "/api/openapi.json";

/// Made when somebody first asks: what it is made of takes more memory than all else that an idle process holds.
async fn description() -> impl IntoResponse {
    static TEXT: LazyLock<Bytes> = LazyLock::new(|| Bytes::from(open_api().to_json().expect("a description is JSON")));
    ([(header::CONTENT_TYPE, "application/json")], TEXT.clone())
}

/// The API description for trying out, by Swagger UI. Nobody outside is asked whether the description is valid.
fn swagger() -> Router<Core> {
    let ui = SwaggerUi::new("/docs").config(utoipa_swagger_ui::Config::new([DESCRIPTION]).validator_url("none"));
    Router::from(ui).route(DESCRIPTION, get(description)).layer(SetResponseHeaderLayer::if_not_present(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(spa::DOCS_POLICY),
    ))
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
