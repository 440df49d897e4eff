//! Live updates for browsers and programs: a WebSocket that says which rows changed. Which kinds somebody hears of is in `audience.rs`, a
//! connection's life in `connection.rs`.

mod audience;
mod connection;

use axum::{
    extract::{
        Extension, FromRequestParts, Request, State,
        ws::{WebSocketUpgrade, rejection::WebSocketUpgradeRejection},
    },
    http::{HeaderMap, HeaderName, HeaderValue, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use connection::{Connection, Frame};

use crate::{
    accounts::{self, Badge, Staff},
    campaigns,
    platform::{
        http::{Core, Path, Query},
        ids::CampaignId,
        live::{Full, Hub, Kind},
        problem::{Code, Problem, ProblemDocument},
    },
};

/// Below `/ws`.
pub fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new().routes(routes!(events)).routes(routes!(campaign_events))
}

/// What a connection is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// Whatever the caller may read.
    Everything,
    /// All rows of one kind.
    Rows(Kind),
    /// One row.
    Row(Kind, Uuid),
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// The `at` heard last, by whoever was connected before: what was missed is told, or `reset`.
    #[param(max_length = 100)]
    after: Option<String>,
    /// Rows of this kind only.
    kind: Option<Kind>,
    /// This row of that kind only.
    id: Option<Uuid>,
}

impl Wanted {
    fn topic(&self) -> Result<Topic, Problem> {
        match (self.kind, self.id) {
            (None, None) => Ok(Topic::Everything),
            (Some(kind), None) => Ok(Topic::Rows(kind)),
            (Some(kind), Some(id)) => Ok(Topic::Row(kind, id)),
            (None, Some(_)) => Err(Problem::invalid_field("kind", "required", "An id is of a kind.")),
        }
    }
}

/// Hear which rows change.
///
/// A WebSocket of text frames, each a JSON object by its `type`: `live` (all that changes is told from here on), `notes` (rows that changed,
/// by kind; without `ids` any of the kind), `reset` (something may have been missed: look at everything anew), `paused` (nothing is heard
/// for a while; `live` or `reset` ends it), `beat` (every 25 seconds). Told are the kinds that the caller may read. Keep the last `at`, and
/// give it as `after` when you connect again. Nothing needs to be sent. A page of another origin, which cannot set headers, proves itself
/// by subprotocols: `frontdesk.live` and `frontdesk.bearer.<token>` or `frontdesk.key.<key>`, and `frontdesk.organization.<id>` for
/// `X-Organization-ID`. Closed with 4401 when the caller is nobody any more, 4403 when they may do something else than when they came, 1001
/// when the server wants to be asked again elsewhere, 1013 when it cannot find out who they are.
#[utoipa::path(get, path = "/events", tag = "live", params(Wanted), responses(
    (status = 101, description = "A WebSocket from here on; each text frame is one of these", body = Frame),
    (status = 401, description = "Not signed in", body = ProblemDocument),
    (status = 426, description = "The request does not ask for a WebSocket", body = ProblemDocument),
    (status = 429, description = "Too many requests, or too many connections", body = ProblemDocument),
    (status = 503, description = "No more connections here, or the database cannot be reached", body = ProblemDocument),
))]
async fn events(staff: Staff, Query(wanted): Query<Wanted>, request: Opening) -> Result<Response, Problem> {
    let topic = wanted.topic()?;
    open(staff, wanted.after, request, topic)
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Since {
    /// The `at` heard last, by whoever was connected before: what was missed is told, or `reset`.
    #[param(max_length = 100)]
    after: Option<String>,
}

/// Hear how a campaign goes on.
///
/// As `/ws/events`, of this campaign only: a note whenever its books or its state changed, once a second at most while it runs. The books
/// themselves are `GET /api/campaigns/{id}`.
#[utoipa::path(get, path = "/campaigns/{id}", tag = "live", params(("id" = CampaignId, Path), Since), responses(
    (status = 101, description = "A WebSocket from here on; each text frame is one of these", body = Frame),
    (status = 404, description = "No such campaign", body = ProblemDocument),
    (status = 426, description = "The request does not ask for a WebSocket", body = ProblemDocument),
    (status = 429, description = "Too many requests, or too many connections", body = ProblemDocument),
    (status = 503, description = "No more connections here, or the database cannot be reached", body = ProblemDocument),
))]
async fn campaign_events(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<CampaignId>,
    Query(since): Query<Since>,
    request: Opening,
) -> Result<Response, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    if !campaigns::exists(&mut tx, id).await? {
        return Err(Problem::not_found("campaign"));
    }
    drop(tx);
    open(staff, since.after, request, Topic::Row(Kind::Campaign, id.0))
}

/// What else it takes to open a connection.
pub struct Opening {
    core: Core,
    hub: Hub,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
}

impl FromRequestParts<Core> for Opening {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut axum::http::request::Parts, core: &Core) -> Result<Self, Problem> {
        let Ok(Extension(hub)) = Extension::<Hub>::from_request_parts(parts, core).await else {
            return Err(Problem::internal());
        };
        let upgrade = WebSocketUpgrade::from_request_parts(parts, core).await;
        Ok(Self { core: core.clone(), hub, headers: parts.headers.clone(), upgrade })
    }
}

/// Makes the request a connection about the topic, which the caller may read.
pub fn open(staff: Staff, after: Option<String>, request: Opening, topic: Topic) -> Result<Response, Problem> {
    let Opening { core, hub, headers, upgrade } = request;
    accounts::connecting_origin(&core, &headers, staff.via)?;
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        Err(_) => {
            let problem = Problem::new(Code::UpgradeRequired, "This address speaks WebSocket only.");
            return Ok(([(header::UPGRADE, "websocket"), (header::CONNECTION, "upgrade")], problem).into_response());
        }
    };
    let seat = hub.seat(staff.subject()).map_err(|full| match full {
        Full::Subject => {
            Problem::new(Code::TooManyConnections, "Close some of your connections first.").retry_after(60)
        }
        Full::Process => Problem::new(Code::NoRoom, "Try again later.").retry_after(60),
    })?;
    let badge = Badge::of(&headers).ok_or_else(Problem::unauthenticated)?;
    let connection = Connection { core, hub: hub.clone(), seat, badge, caller: staff.caller(), topic };
    // Nobody needs to say more than that they hear.
    let upgrade = upgrade.protocols([PROTOCOL]).max_message_size(4096).max_write_buffer_size(1 << 20);
    Ok(upgrade.on_upgrade(async move |socket| {
        let organization = connection.caller.organization.id;
        tracing::debug!(organization.id = %organization, "live.connected");
        let ended = connection.serve(socket, after);
        hub.follow(ended).await;
    }))
}

const PROTOCOL: &str = "frontdesk.live";
/// Subprotocols that stand for a header, which pages cannot set on a WebSocket: how they begin, the header, and what goes before the rest.
const AS_HEADERS: [(&str, HeaderName, &str); 3] = [
    ("frontdesk.bearer.", header::AUTHORIZATION, "Bearer "),
    ("frontdesk.key.", HeaderName::from_static("x-api-key"), ""),
    ("frontdesk.organization.", HeaderName::from_static("x-organization-id"), ""),
];

/// Before anybody asks who it is: what a page could say by a subprotocol only is said by its header.
pub async fn headers_from_subprotocols(mut request: Request, next: Next) -> Response {
    let offered: Vec<String> = request
        .headers()
        .get_all(header::SEC_WEBSOCKET_PROTOCOL)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(','))
        .map(|v| v.trim().to_owned())
        .collect();
    for (begins, header, before) in AS_HEADERS {
        let value = offered.iter().find_map(|one| one.strip_prefix(begins));
        let value = value.and_then(|value| HeaderValue::from_str(&format!("{before}{value}")).ok());
        if let Some(value) = value
            && !request.headers().contains_key(&header)
        {
            request.headers_mut().insert(header, value);
        }
    }
    next.run(request).await
}
