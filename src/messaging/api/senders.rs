//! Senders: the addresses an organization texts from.

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    accounts::{Change, Staff},
    messaging::{
        health::{self, SenderDetail, SenderInUse},
        model::{ChannelKind, SenderView},
        store::{
            health as figures,
            senders::{self, Kept},
        },
    },
    platform::{
        db::Tx,
        http::{Core, IfMatch, Json, Page, Paging, Patch, Path, Query, Versioned},
        ids::SenderId,
        phone::PhoneNumber,
        problem::{Code, FieldError, Problem, ProblemDocument},
    },
};

pub(super) fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new()
        .routes(routes!(list_senders, create_sender))
        .routes(routes!(get_sender, update_sender, delete_sender))
        .routes(routes!(pause_sender))
        .routes(routes!(resume_sender))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct SenderParams {
    #[param(inline)]
    channel: Option<ChannelKind>,
    /// true: archived ones, and only those.
    #[serde(default)]
    archived: bool,
}

/// Senders in the order they were added, with how they fare. Orders: created_at, name.
#[utoipa::path(get, path = "/senders", tag = "senders", params(SenderParams, Paging), responses(
    (status = 200, description = "One page", body = Page<SenderInUse>),
))]
async fn list_senders(
    State(core): State<Core>,
    staff: Staff,
    Query(params): Query<SenderParams>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<SenderInUse>>, Problem> {
    let order = paging.order(senders::ORDERS)?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let Page { items, next_cursor } = senders::list(&mut tx, params.channel, params.archived, &order).await?;
    Ok(Json(Page { items: health::in_use(&mut tx, items).await?, next_cursor }))
}

/// One sender, with its last day by the hour and what its texts failed with.
#[utoipa::path(get, path = "/senders/{id}", tag = "senders", params(("id" = SenderId, Path)), responses(
    (status = 200, description = "The sender", body = SenderDetail),
    (status = 404, description = "No such sender", body = ProblemDocument),
))]
async fn get_sender(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<SenderId>,
) -> Result<Versioned<SenderDetail>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let sender = senders::get(&mut tx, id).await?.ok_or_else(|| Problem::not_found("sender"))?;
    let Versioned { version, row: sender } = shown(&mut tx, sender).await?;
    let (hours, errors) = (figures::hours(&mut tx, id).await?, figures::errors(&mut tx, id).await?);
    Ok(Versioned { version, row: SenderDetail { sender, hours, errors } })
}

/// The channels that senders are added for; every organization has one simulator.
#[derive(Clone, Copy, Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum SenderChannel {
    Sms,
    Whatsapp,
}

/// An address to text from. It must be one of the installation's Twilio account.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct NewSender {
    #[schema(inline)]
    channel: SenderChannel,
    /// In any usual spelling.
    #[schema(example = "+14155550100", max_length = 40)]
    address: String,
    /// Sends through this Twilio messaging service: MG and 32 hexadecimal digits.
    #[schema(example = "MG0123456789abcdef0123456789abcdef")]
    messaging_service_sid: Option<String>,
    /// 1 to 80 characters.
    #[schema(min_length = 1, max_length = 80)]
    display_name: String,
    /// Segments it may send in a second, as agreed with Twilio; left out: what is usual for its kind.
    #[schema(minimum = 0.01, maximum = 2000)]
    max_per_second: Option<f64>,
    /// Segments from midnight to midnight Pacific time, as T-Mobile counts a brand's; left out: no cap.
    #[schema(minimum = 1)]
    max_per_day: Option<i32>,
}

fn checked_name(name: &str) -> Result<String, Problem> {
    let name = name.trim();
    if !(1..=80).contains(&name.chars().count()) || name.contains('\0') {
        return Err(Problem::invalid_field("display_name", "invalid_length", "must have 1 to 80 characters"));
    }
    Ok(name.to_owned())
}

fn checked_service(sid: String) -> Result<String, Problem> {
    let hex = sid.strip_prefix("MG").unwrap_or_default();
    if hex.len() != 32 || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
        let message = "must be MG and 32 hexadecimal digits";
        return Err(Problem::invalid_field("messaging_service_sid", "invalid", message));
    }
    Ok(sid)
}

fn checked_pace(per_second: f64) -> Result<f64, Problem> {
    if (0.01..=2000.0).contains(&per_second) {
        return Ok(per_second);
    }
    Err(Problem::invalid_field("max_per_second", "out_of_range", "must be from 0.01 to 2000"))
}

fn checked_cap(per_day: i32) -> Result<i32, Problem> {
    if per_day > 0 {
        return Ok(per_day);
    }
    Err(Problem::invalid_field("max_per_day", "out_of_range", "must be at least 1"))
}

/// The address as carriers write it: E.164, or the bare digits of a short code.
fn checked_address(new: &NewSender, region: &str) -> Result<String, Problem> {
    let digits = new.address.trim();
    let short = (5..=6).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    if short && matches!(new.channel, SenderChannel::Sms) {
        return Ok(digits.to_owned());
    }
    PhoneNumber::parse_typed(&new.address, region)
        .map(String::from)
        .map_err(|e| Problem::invalid_field("address", "invalid_phone_number", e.to_string()))
}

async fn shown(tx: &mut Tx, sender: SenderView) -> Result<Versioned<SenderInUse>, Problem> {
    let version = sender.version;
    let row = health::in_use(tx, vec![sender]).await?.pop().ok_or_else(Problem::internal)?;
    Ok(Versioned { version, row })
}

/// Add a sender.
#[utoipa::path(post, path = "/senders", tag = "senders", request_body = NewSender, responses(
    (status = 201, description = "The sender", body = SenderInUse),
    (status = 409, description = "The address is there already, here or elsewhere in the installation; or simulation_mode", body = ProblemDocument),
))]
async fn create_sender(
    State(core): State<Core>,
    staff: Staff,
    Json(new): Json<NewSender>,
) -> Result<(StatusCode, Versioned<SenderInUse>), Problem> {
    let channel = match new.channel {
        SenderChannel::Sms => ChannelKind::Sms,
        SenderChannel::Whatsapp => ChannelKind::Whatsapp,
    };
    let address = checked_address(&new, &core.config.default_region)?;
    let max_per_second = new.max_per_second.map(checked_pace).transpose()?;
    let max_per_day = new.max_per_day.map(checked_cap).transpose()?;
    let name = checked_name(&new.display_name)?;
    let service = new.messaging_service_sid.map(checked_service).transpose()?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let made = senders::insert(&mut tx, channel, &address, service.as_deref(), &name).await.map_err(on_constraint)?;
    let Some(id) = made else {
        return Err(match senders::find(&mut tx, channel, &address).await? {
            Some(id) => {
                let error = FieldError { field: "address".to_owned(), code: "already_exists", message: id.to_string() };
                let detail = format!("The sender {id}, which may be archived, has this address.");
                Problem { errors: vec![error], ..Problem::new(Code::AlreadyExists, detail) }
            }
            None => Problem::new(Code::AddressTaken, "This address cannot be had here."),
        });
    };
    if max_per_second.is_some() || max_per_day.is_some() {
        senders::set_pace(&mut tx, id, max_per_second, max_per_day).await?;
    }
    let sender = senders::lock(&mut tx, id).await?.ok_or_else(Problem::internal)?;
    staff.audit(&mut tx, Change::created("sender", id.0, &sender)).await?;
    let sender = shown(&mut tx, sender).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, sender))
}

fn on_constraint(error: sqlx::Error) -> Problem {
    match error.as_database_error().and_then(|e| e.constraint()) {
        Some("senders_none_in_simulation") => Problem::new(
            Code::SimulationMode,
            "The organization is in simulation mode, in which nothing of it may reach a person. End that first.",
        ),
        _ => error.into(),
    }
}

/// What may change of a sender. Its address may not: conversations belong to it.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct SenderChange {
    /// 1 to 80 characters.
    #[schema(min_length = 1, max_length = 80)]
    display_name: Option<String>,
    /// MG and 32 hexadecimal digits; null: sends from the address itself.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    messaging_service_sid: Patch<String>,
    /// Segments it may send in a second; null: what is usual for its kind.
    #[serde(default)]
    #[schema(value_type = Option<f64>, minimum = 0.01, maximum = 2000)]
    max_per_second: Patch<f64>,
    /// Segments from midnight to midnight Pacific time; null: no cap.
    #[serde(default)]
    #[schema(value_type = Option<i32>, minimum = 1)]
    max_per_day: Patch<i32>,
    /// No text begins from an archived sender; texts to it are still taken in.
    archived: Option<bool>,
}

/// Change a sender.
#[utoipa::path(patch, path = "/senders/{id}", tag = "senders", params(("id" = SenderId, Path)), request_body = SenderChange, responses(
    (status = 200, description = "The sender", body = SenderInUse),
    (status = 404, description = "No such sender", body = ProblemDocument),
    (status = 409, description = "The simulator stays", body = ProblemDocument),
    (status = 412, description = "Somebody else changed it meanwhile", body = ProblemDocument),
))]
async fn update_sender(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<SenderId>,
    if_match: IfMatch,
    Json(change): Json<SenderChange>,
) -> Result<Versioned<SenderInUse>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let before = senders::lock(&mut tx, id).await?.ok_or_else(|| Problem::not_found("sender"))?;
    if_match.check(before.version)?;
    let name = match change.display_name {
        Some(name) => checked_name(&name)?,
        None => before.display_name.clone(),
    };
    let service = change.messaging_service_sid.try_map(checked_service)?.apply(before.messaging_service_sid.clone());
    let kept = Kept {
        messaging_service_sid: service.as_deref(),
        display_name: &name,
        archived: change.archived.unwrap_or(before.archived_at.is_some()),
        max_per_second: change.max_per_second.try_map(checked_pace)?.apply(before.max_per_second),
        max_per_day: change.max_per_day.try_map(checked_cap)?.apply(before.max_per_day),
    };
    if before.channel == ChannelKind::Simulator && (kept.archived || service.is_some()) {
        return Err(simulator_stays());
    }
    senders::update(&mut tx, id, &kept).await?;
    let after = senders::lock(&mut tx, id).await?.ok_or_else(Problem::internal)?;
    staff.audit(&mut tx, Change::updated("sender", id.0, &before, &after)).await?;
    let after = shown(&mut tx, after).await?;
    tx.commit().await?;
    Ok(after)
}

/// Why a sender is paused.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Pause {
    /// 1 to 200 characters, for the staff.
    #[schema(min_length = 1, max_length = 200, example = "The carrier asks us to wait for our registration.")]
    reason: String,
}

/// Pause a sender: nothing leaves from it and nothing new begins with it. What is queued waits, and so do replies; texts to it are still taken
/// in. A paused one is given another reason.
#[utoipa::path(post, path = "/senders/{id}/pause", tag = "senders", params(("id" = SenderId, Path)), request_body = Pause, responses(
    (status = 200, description = "The sender", body = SenderInUse),
    (status = 404, description = "No such sender", body = ProblemDocument),
))]
async fn pause_sender(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<SenderId>,
    Json(pause): Json<Pause>,
) -> Result<Versioned<SenderInUse>, Problem> {
    let reason = pause.reason.trim();
    if !(1..=200).contains(&reason.chars().count()) || reason.contains('\0') {
        return Err(Problem::invalid_field("reason", "invalid_length", "must have 1 to 200 characters"));
    }
    set_paused(&core, &staff, id, Some(reason)).await
}

/// Let a paused sender send again. What waited leaves at its pace.
#[utoipa::path(post, path = "/senders/{id}/resume", tag = "senders", params(("id" = SenderId, Path)), responses(
    (status = 200, description = "The sender", body = SenderInUse),
    (status = 404, description = "No such sender", body = ProblemDocument),
))]
async fn resume_sender(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<SenderId>,
) -> Result<Versioned<SenderInUse>, Problem> {
    set_paused(&core, &staff, id, None).await
}

async fn set_paused(
    core: &Core,
    staff: &Staff,
    id: SenderId,
    why: Option<&str>,
) -> Result<Versioned<SenderInUse>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let before = senders::lock(&mut tx, id).await?.ok_or_else(|| Problem::not_found("sender"))?;
    health::set_paused(&mut tx, id, why).await?;
    let after = senders::lock(&mut tx, id).await?.ok_or_else(Problem::internal)?;
    let verb = if why.is_some() { "paused" } else { "resumed" };
    staff.audit(&mut tx, Change::of("sender", verb, id.0).before(&before).after(&after)).await?;
    let after = shown(&mut tx, after).await?;
    tx.commit().await?;
    Ok(after)
}

fn simulator_stays() -> Problem {
    Problem::new(Code::InUse, "The simulator cannot be removed, and sends through nothing.")
}

/// Remove a sender. One that conversations name is archived instead, and keeps its address. A sender from the installation's own settings
/// comes back at the next start.
#[utoipa::path(delete, path = "/senders/{id}", tag = "senders", params(("id" = SenderId, Path)), responses(
    (status = 204, description = "Removed or archived"),
    (status = 404, description = "No such sender", body = ProblemDocument),
    (status = 409, description = "The simulator stays", body = ProblemDocument),
))]
async fn delete_sender(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<SenderId>,
) -> Result<StatusCode, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let before = senders::lock(&mut tx, id).await?.ok_or_else(|| Problem::not_found("sender"))?;
    if before.channel == ChannelKind::Simulator {
        return Err(simulator_stays());
    }
    if senders::delete(&mut tx, id).await? {
        staff.audit(&mut tx, Change::deleted("sender", id.0, &before)).await?;
    } else {
        senders::archive(&mut tx, id).await?;
        staff.audit(&mut tx, Change::of("sender", "archived", id.0)).await?;
    }
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
