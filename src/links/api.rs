//! Links: whether texts hold short ones, which there are, and the way through them, which anybody may go.

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, HeaderValue, Method, header},
    response::{IntoResponse, Response},
    routing::get,
};
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    model::{ClickKind, Link, LinkSettings},
    rules::{self, Visit, base_url, is_target},
    store::{self, Filter, Known},
};
use crate::{
    accounts::{Change, Staff},
    contacts,
    platform::{
        events::{self, Event},
        http::{Core, IfMatch, Json, Page, Paging, Path, Query, Versioned},
        ids::{ContactId, LinkId},
        problem::{Code, Problem, ProblemDocument, StatusCode},
    },
};

pub fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new()
        .routes(routes!(get_link_settings, put_link_settings))
        .routes(routes!(list_links, create_link))
        .routes(routes!(get_link))
}

/// The way through links, outside the API.
pub fn redirect_router() -> Router<Core> {
    Router::new().route("/l/{code}", get(follow))
}

/// Whether links in texts are shortened.
#[utoipa::path(get, path = "/links/settings", tag = "links", responses(
    (status = 200, description = "The settings", body = LinkSettings),
))]
async fn get_link_settings(State(core): State<Core>, staff: Staff) -> Result<Versioned<LinkSettings>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let row = store::settings(&mut tx).await?;
    Ok(Versioned { version: row.version, row })
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct PutLinkSettings {
    enabled: bool,
    /// Scheme and host of the business's own domain; null: the installation's own address (PUBLIC_URL).
    #[schema(max_length = 200, example = "https://go.example.com")]
    base_url: Option<String>,
}

/// Set whether links in campaigns' texts are shortened, and to which domain. The domain must lead to this installation: it answers
/// `/l/…` on any. Links that were sent keep working whatever is set.
#[utoipa::path(put, path = "/links/settings", tag = "links",
    params(("If-Match" = Option<String>, Header, description = "The ETag of the settings this is a change of")),
    request_body = PutLinkSettings, responses(
    (status = 200, description = "The settings as saved", body = LinkSettings),
    (status = 412, description = "Somebody else changed them meanwhile", body = ProblemDocument),
))]
async fn put_link_settings(
    State(core): State<Core>,
    staff: Staff,
    if_match: IfMatch,
    Json(body): Json<PutLinkSettings>,
) -> Result<Versioned<LinkSettings>, Problem> {
    let given = body.base_url.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let base = match given {
        None => None,
        Some(text) => match base_url(text).filter(|base| base.len() <= 200) {
            Some(base) => Some(base),
            None => {
                let message = "must be https:// and a domain, with nothing behind it";
                return Err(Problem::invalid_field("base_url", "invalid_url", message));
            }
        },
    };
    if body.enabled && base.is_none() && core.config.public_url.is_none() {
        let message = "must be there: the installation has no public address of its own";
        return Err(Problem::invalid_field("base_url", "required", message));
    }
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let before = store::settings(&mut tx).await?;
    if_match.check(before.version)?;
    let wanted = LinkSettings { enabled: body.enabled, base_url: base, version: before.version };
    let Some(after) = store::save_settings(&mut tx, &wanted).await? else {
        return Err(Problem::new(Code::VersionConflict, "Somebody else saved them first. Load them again."));
    };
    staff.audit(&mut tx, Change::of("link_settings", "updated", None).before(&before).after(&after)).await?;
    tx.commit().await?;
    Ok(Versioned { version: after.version, row: after })
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct LinkParams {
    /// Those that were made together: of one campaign.
    batch_id: Option<Uuid>,
    /// Those that were made for this contact.
    contact_id: Option<ContactId>,
    /// true: those that a person followed; false: those that nobody did.
    clicked: Option<bool>,
}

/// Short links, the newest first. Orders: id, last_clicked_at (of those only that a person followed).
#[utoipa::path(get, path = "/links", tag = "links", params(LinkParams, Paging), responses(
    (status = 200, description = "One page", body = Page<Link>),
))]
async fn list_links(
    State(core): State<Core>,
    staff: Staff,
    Query(params): Query<LinkParams>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<Link>>, Problem> {
    let order = paging.order(store::ORDERS)?;
    let by_click = paging.sort.as_deref().is_some_and(|sort| sort.trim_start_matches('-') == "last_clicked_at");
    let filter = Filter { batch: params.batch_id, contact: params.contact_id, clicked: params.clicked, by_click };
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    Ok(Json(store::list(&mut tx, &filter, &order).await?))
}

/// One short link.
#[utoipa::path(get, path = "/links/{id}", tag = "links", params(("id" = LinkId, Path)), responses(
    (status = 200, description = "The link", body = Link),
    (status = 404, description = "No such link", body = ProblemDocument),
))]
async fn get_link(State(core): State<Core>, staff: Staff, Path(id): Path<LinkId>) -> Result<Json<Link>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    store::get(&mut tx, id).await?.map(Json).ok_or_else(|| Problem::not_found("link"))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct NewLink {
    /// Where it leads: http or https.
    #[schema(max_length = 2000, example = "https://example.com/summer")]
    target_url: String,
    /// Whom it is sent to; left out: anybody, and its clicks are nobody's.
    contact_id: Option<ContactId>,
}

/// Make a short link by hand, for a text of one's own. Campaigns make theirs by themselves, one per recipient.
#[utoipa::path(post, path = "/links", tag = "links", request_body = NewLink, responses(
    (status = 201, description = "The link", body = Link),
    (status = 404, description = "No such contact", body = ProblemDocument),
    (status = 409, description = "Links are not turned on", body = ProblemDocument),
))]
async fn create_link(
    State(core): State<Core>,
    staff: Staff,
    Json(new): Json<NewLink>,
) -> Result<(StatusCode, Json<Link>), Problem> {
    let target = new.target_url.trim();
    if !is_target(target) {
        return Err(Problem::invalid_field("target_url", "invalid_url", "must be an http or https address"));
    }
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    if !store::settings(&mut tx).await?.enabled {
        return Err(Problem::new(Code::LinksOff, "Turn short links on first."));
    }
    if let Some(id) = new.contact_id {
        contacts::get(&mut tx, id).await?.ok_or_else(|| Problem::not_found("contact"))?;
    }
    let made = store::make(&mut tx, &[(new.contact_id, target)], None).await?;
    let id = made.first().map(|(id, _)| *id).ok_or_else(Problem::internal)?;
    let link = store::get(&mut tx, id).await?.ok_or_else(Problem::internal)?;
    staff.audit(&mut tx, Change::created("link", id.0, &link)).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(link)))
}

/// Leads whoever asks to where the link does, and nowhere else: only what was stored is followed. No cookie is set, and neither address nor
/// program of whoever asked is kept.
async fn follow(
    State(core): State<Core>,
    Path(code): Path<String>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let unknown = || Problem::not_found("link");
    if !(8..=32).contains(&code.len()) || !code.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err(unknown());
    }
    let known = {
        let mut system = core.db.system_lookup().await?;
        store::by_code(&mut system, &code).await?.filter(|known| is_target(&known.target_url)).ok_or_else(unknown)?
    };
    // As browsers write it: what is beyond ASCII is encoded.
    let plain = url::Url::parse(&known.target_url).map(String::from).map_err(|_| unknown())?;
    let location = HeaderValue::from_str(&plain).map_err(|_| unknown())?;
    // Who follows a link gets there, also when it cannot be counted.
    if let Err(error) = count(&core, &known, &method, &headers).await {
        tracing::warn!(link.id = %known.id, %error, "links.not_counted");
    }
    let headers = [
        (header::LOCATION, location),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (header::HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex, nofollow")),
    ];
    Ok((StatusCode::FOUND, headers).into_response())
}

async fn count(core: &Core, known: &Known, method: &Method, headers: &HeaderMap) -> Result<(), sqlx::Error> {
    let says = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_ascii_lowercase);
    let prefetch = ["purpose", "sec-purpose", "x-purpose", "x-moz"]
        .into_iter()
        .any(|name| says(name).is_some_and(|text| text.contains("prefetch") || text.contains("preview")));
    let user_agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    let visit = Visit { head: *method == Method::HEAD, prefetch, user_agent };
    let mut tx = core.db.tenant(known.organization_id).await?;
    let Some(sent) = store::sent_at(&mut tx, known.id).await? else { return Ok(()) };
    let kind = rules::kind(visit, sent, tx.clock().now());
    let Some(contact) = store::record(&mut tx, known.id, kind).await? else { return Ok(()) };
    if let Some(contact_id) = contact.filter(|_| kind == ClickKind::Person) {
        events::emit(&mut tx, Event::LinkFollowed { contact_id }).await?;
    }
    tx.commit().await
}
